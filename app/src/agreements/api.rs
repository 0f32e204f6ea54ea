//! What the forms of the letter send to.

use leptos::prelude::*;

use super::Signer;
use super::store::{self, OnPaper, Outcome, Signing};
use crate::clock;
use crate::enrollments::ready;
use crate::error::AppError;
use crate::form::{Client, Fields, answer, back, to};
use crate::id::{EnrollmentId, LetterId};
use crate::people::viewer;
use crate::state;

/// The longest name a person can sign with.
const LONGEST_NAME: usize = 200;

/// One of the pair signs the text they saw.
#[server(endpoint = "sign-letter")]
pub async fn sign_letter(enrollment: EnrollmentId, letter: LetterId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?;
        let mut tx = state().write(&who).await?;
        let who = who.pair(&mut tx, enrollment).await?;
        let mut fields = Fields::typed();
        if !fields.ticked("consent") {
            fields.wrong("consent", "Tick this to sign on the page, or sign on paper.");
        }
        let name = fields.text("name", LONGEST_NAME, "Type your full name.");
        let text_sha256 = fields.raw("text_sha256");
        let (typed_name,) = fields.take((name,))?;
        let client = use_context::<Client>().unwrap_or_default();
        let signing = Signing { letter, text_sha256, typed_name, client };
        let word = match store::sign(&mut tx, &who, &signing).await? {
            Outcome::First | Outcome::Already => "letter-signed",
            Outcome::Complete => "letter-complete",
        };
        tx.commit().await?;
        Ok(to(store::pair_page(enrollment)).done(word))
    })
    .await
}

/// The coordinator receives a letter that both have signed.
#[server(endpoint = "receive-letter")]
pub async fn receive_letter(enrollment: EnrollmentId, letter: LetterId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut tx = state().write(&who).await?;
        store::receive(&mut tx, &who, enrollment, letter).await?;
        ready::tell(&mut tx, &state(), enrollment).await?;
        tx.commit().await?;
        Ok(back().done("letter-received"))
    })
    .await
}

/// The coordinator enters a signature that was made on paper.
#[server(endpoint = "enter-paper-signature")]
pub async fn enter_paper_signature(enrollment: EnrollmentId, letter: LetterId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut fields = Fields::typed();
        let role = fields.one::<Signer>("role", "Choose whose signature it is.");
        let name = fields.text("name", LONGEST_NAME, "Enter the name as it stands on the paper.");
        let signed_on = fields.date("signed_on");
        if signed_on.is_some_and(|date| date > clock::today(state().clock.now())) {
            fields.wrong("signed_on", "This day is still to come. Enter the day on the paper.");
        }
        if !fields.ticked("same_text") {
            fields.wrong("same_text", "Compare the paper with the text above, then tick this.");
        }
        let text_sha256 = fields.raw("text_sha256");
        let (role, name, signed_on) = fields.take((role, name, signed_on))?;
        let mut tx = state().write(&who).await?;
        let entry = OnPaper { letter, text_sha256, role, name, signed_on };
        store::enter_paper(&mut tx, &who, enrollment, &entry).await?;
        tx.commit().await?;
        Ok(to(store::desk_page(enrollment)).done("paper-signature-entered"))
    })
    .await
}

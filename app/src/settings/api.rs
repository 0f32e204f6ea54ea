//! What the forms of the settings send to.

use leptos::prelude::*;

use super::{Settings, store};
use crate::error::{AppError, Refusal};
use crate::form::{Fields, answer, back};
use crate::mail::{self, Mail};
use crate::people::viewer;
use crate::state::state;

#[server(endpoint = "change-settings")]
pub async fn change_settings() -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut fields = Fields::typed();
        let seen = fields.raw("version").parse::<i64>().ok();
        let settings = read(&mut fields);
        let (settings,) = fields.take((settings,))?;
        let mut tx = state().write(&who).await?;
        let latest = store::latest_change(&mut tx).await?.map_or(0, |change| change.version);
        if seen.is_some_and(|seen| seen != latest) {
            return Err(changed_meanwhile().into());
        }
        if store::current(&mut tx).await? == settings {
            return Ok(back().done("settings-same"));
        }
        match store::change(&mut tx, &settings).await {
            Err(error) if crate::db::is_duplicate(&error) => return Err(changed_meanwhile().into()),
            changed => changed?,
        }
        tx.commit().await?;
        Ok(back().done("settings-saved"))
    })
    .await
}

fn changed_meanwhile() -> Refusal {
    Refusal::new("Somebody else changed the settings meanwhile. Yours are still in the form: look them over and save again.")
}

/// A message to oneself, which shows that mail leaves and arrives.
#[server(endpoint = "send-test-mail")]
pub async fn send_test_mail() -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut tx = state().write(&who).await?;
        let to = mail::store::recipient(&mut tx, who.account()).await?;
        mail::store::enqueue(&mut tx, Mail::new(mail::Kind::TestMail, to)).await?;
        tx.commit().await?;
        Ok(back().done("test-mail-sent"))
    })
    .await
}

/// Reads every setting. `None` when one of them cannot be so; then the reasons are noted in `fields`.
pub fn read(fields: &mut Fields) -> Option<Settings> {
    let face = read_face(fields);
    let limits = read_limits(fields);
    let (face, limits) = (face?, limits?);
    Some(Settings {
        program: face.program,
        coordinator_name: face.coordinator_name,
        coordinator_email: face.coordinator_email,
        coordinator_phone: face.coordinator_phone,
        coordinator_address: face.coordinator_address,
        certificate_wording: face.certificate_wording,
        ..limits
    })
}

/// What the public reads.
fn read_face(fields: &mut Fields) -> Option<Settings> {
    let program = fields.text("program", 120, "Enter the program's name.");
    let name = fields.text("coordinator_name", 120, "Enter the name that people should ask for.");
    let email =
        if fields.raw("coordinator_email").is_empty() { Some(String::new()) } else { fields.email("coordinator_email") };
    let phone = fields.optional_text("coordinator_phone", 40);
    let address = fields.optional_text("coordinator_address", 500);
    let wording = fields.text("certificate_wording", 300, "Enter the sentence that stands after the name.");
    if let Some(wording) = &wording
        && let Some(word) = forbidden_word(wording)
    {
        fields
            .wrong("certificate_wording", format!("Leave out “{word}”: the certificate is one of achievement, nothing more."));
        return None;
    }
    Some(Settings {
        program: program?,
        coordinator_name: name?,
        coordinator_email: email?,
        coordinator_phone: phone?,
        coordinator_address: address?,
        certificate_wording: wording?,
        ..Settings::default()
    })
}

/// A word that the certificate never carries, because it would claim what the program cannot give.
pub fn forbidden_word(wording: &str) -> Option<&'static str> {
    let lower = wording.to_lowercase();
    ["certified", "certification", "contact hour", "ceu", "continuing education", "continuing-education"].into_iter().find(
        |word| {
            if *word == "ceu" {
                lower.split(|sign: char| !sign.is_alphabetic()).any(|part| part == "ceu" || part == "ceus")
            } else {
                lower.contains(word)
            }
        },
    )
}

fn read_limits(fields: &mut Fields) -> Option<Settings> {
    let mut whole = |field: &str, range| fields.whole(field, range);
    let application_days = whole("application_days", 1..=60);
    let first_contact_days = whole("first_contact_days", 1..=90);
    let answer_days = whole("answer_days", 1..=60);
    let capacity = whole("capacity", 0..=30);
    let loan_grace_days = whole("loan_grace_days", 0..=180);
    let loan_max_days = whole("loan_max_days", 7..=730);
    let pass_mark = whole("pass_mark", 1..=100);
    let attempts_a_day = whole("attempts_a_day", 1..=20);
    let questions_a_test = whole("questions_a_test", 1..=50);
    let stalled_days = whole("stalled_days", 7..=365);
    let listed_days = whole("listed_days", 7..=365);
    let decide_days = whole("decide_days", 7..=730);
    let option_months = whole("option_months", 1..=60);
    let invitation_days = whole("invitation_days", 1..=60);
    let reset_minutes = whole("reset_minutes", 10..=1440);
    let (stalled, listed, decide) = (stalled_days?, listed_days?, decide_days?);
    if listed <= stalled {
        fields.wrong("listed_days", "This comes after the nudge: choose more days than there.");
    }
    if decide <= listed {
        fields.wrong("decide_days", "This comes after your list: choose more days than there.");
    }
    Some(Settings {
        application_days: application_days?.into(),
        first_contact_days: first_contact_days?.into(),
        answer_days: answer_days?.into(),
        capacity: capacity?,
        loan_grace_days: loan_grace_days?.into(),
        loan_max_days: loan_max_days?.into(),
        pass_mark: pass_mark?,
        attempts_a_day: attempts_a_day?.into(),
        questions_a_test: questions_a_test?.into(),
        stalled_days: stalled.into(),
        listed_days: listed.into(),
        decide_days: decide.into(),
        option_months: option_months?.unsigned_abs(),
        invitation_days: invitation_days?.into(),
        reset_minutes: reset_minutes?.into(),
        ..Settings::default()
    })
}

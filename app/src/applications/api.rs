//! What the forms of applications send to.

use leptos::prelude::*;

use crate::applications::store::Outline;
use crate::applications::{Action, Answers, Arrival, CameBy, Open, State, Study, is_name, store};
use crate::counties::{self, County};
use crate::db::WriteTx;
use crate::error::{AppError, FieldError, Refusal};
use crate::form::{Fields, answer, to};
use crate::id::ApplicationId;
use crate::people::{limit, viewer};
use crate::state::{Stranger, state};

/// Anyone applies. The answer is the same whether the address is known or not; the mail says how it is.
#[server(endpoint = "apply")]
pub async fn apply() -> Result<(), AppError> {
    answer(async {
        let mut fields = Fields::typed();
        let key = fields.submission_key();
        let answers = read(&mut fields);
        let (answers,) = fields.take((answers,))?;
        limit::count(&format!("apply {}", answers.email))?;
        let mut tx = state().write(&Stranger).await?;
        check_study(&mut tx, answers.study).await?;
        store::receive(&mut tx, &state(), &answers, key, CameBy::Form).await?;
        tx.commit().await?;
        Ok(to("/apply/thanks"))
    })
    .await
}

/// The coordinator enters what came by phone, on paper or by e-mail.
#[server(endpoint = "enter-application")]
pub async fn enter_application() -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut fields = Fields::typed();
        let key = fields.submission_key();
        let came_by = fields.one::<CameBy>("came-by", "Choose how it reached you.").filter(|way| *way != CameBy::Form);
        let answers = read(&mut fields);
        let (came_by, answers) = fields.take((came_by, answers))?;
        let mut tx = state().write(&who).await?;
        check_study(&mut tx, answers.study).await?;
        match store::receive(&mut tx, &state(), &answers, key, came_by).await? {
            Arrival::New(_) | Arrival::SentBefore => {}
            Arrival::Repeated(_, Open::Application) => {
                return Err(Refusal::new("There is an open application with this e-mail address. Decide on that one.").into());
            }
            Arrival::Repeated(_, Open::Enrollment) => {
                return Err(Refusal::new("The person with this e-mail address has an enrollment that is still open.").into());
            }
        }
        tx.commit().await?;
        Ok(to("/coordinator/applications").done("application-entered"))
    })
    .await
}

/// Accepts an application. Without an answer for `option`, for the option and book that were asked for.
#[server(endpoint = "accept-application")]
pub async fn accept_application(application: ApplicationId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut fields = Fields::typed();
        let study = fields.optional::<Study>("option");
        let (study,) = fields.take((study,))?;
        let mut tx = state().write(&who).await?;
        let found = store::find(&mut tx, &who, application).await?.ok_or(AppError::NotFound)?;
        let page = to(format!("/coordinator/applications/{application}"));
        // Pressed twice: the first press did it.
        if found.state == State::Accepted && found.decided_by == Some(who.account()) {
            return Ok(page.done("application-accepted"));
        }
        found.state.after(Action::Accept)?;
        let study = study.unwrap_or(found.study());
        check_study(&mut tx, study).await?;
        store::accept(&mut tx, &state(), &who, &found, study).await?;
        tx.commit().await?;
        Ok(page.done("application-accepted"))
    })
    .await
}

#[server(endpoint = "decline-application")]
pub async fn decline_application(application: ApplicationId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut fields = Fields::typed();
        let reason = fields.text("reason", 1000, "Enter the reason. The applicant reads it in the mail.");
        let (reason,) = fields.take((reason,))?;
        let mut tx = state().write(&who).await?;
        let found = store::find(&mut tx, &who, application).await?.ok_or(AppError::NotFound)?;
        let page = to(format!("/coordinator/applications/{application}"));
        if found.state == State::Declined && found.decided_by == Some(who.account()) {
            return Ok(page.done("application-declined"));
        }
        store::decline(&mut tx, &who, &found, &reason).await?;
        tx.commit().await?;
        Ok(page.done("application-declined"))
    })
    .await
}

/// Reads the applicant's answers, which both forms ask for in the same fields.
pub fn read(fields: &mut Fields) -> Option<Answers> {
    let name = read_name(fields);
    let email = fields.email("email");
    let phone = fields.optional_text("phone", 40);
    let discipline = fields.one("discipline", "Choose your discipline.");
    let workplace = fields.text("workplace", 200, "Enter where you work.");
    let county = fields.one::<&County>("county", "Choose the county where you live or work.");
    let serves = read_counties(fields);
    let study = fields.one("option", "Choose one of the options.");
    let ways = fields.several("ways", "Choose at least one way to talk.");
    let interests = fields.several("interests", "");
    let reason = fields.optional_text("reason", 2000);
    let (county, serves) = (county?, serves?);
    Some(Answers {
        name: name?,
        email: email?,
        phone: phone?,
        discipline: discipline?,
        workplace: workplace?,
        county,
        serves: if serves.is_empty() { vec![county] } else { serves },
        study: study?,
        ways: ways?,
        interests: interests?,
        reason: reason?,
    })
}

fn read_name(fields: &mut Fields) -> Option<String> {
    let name = fields.text("name", 120, "Enter the name, as it should stand on a certificate.")?;
    if !is_name(&name) {
        fields.wrong("name", "Enter a name alone, without signs such as / or @ and without an address.");
        return None;
    }
    Some(name)
}

fn read_counties(fields: &mut Fields) -> Option<Vec<&'static County>> {
    let text = fields.optional_text("serves", 1000)?;
    match counties::read_names(&text) {
        Ok(found) => Some(found),
        Err(unread) => {
            fields.wrong("serves", unread.to_string());
            None
        }
    }
}

/// Only what is offered now can be studied: a book may have been taken from an option since the page was made.
pub async fn check_study(tx: &mut WriteTx, study: Study) -> Result<(), AppError> {
    if store::list_outlines(tx).await?.iter().flat_map(Outline::studies).any(|offered| offered == study) {
        return Ok(());
    }
    let message = "This book is not offered for the option any more. Choose another.".to_owned();
    Err(AppError::Invalid(vec![FieldError { field: "option".into(), message }]))
}

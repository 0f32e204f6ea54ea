//! What the forms on the desk send to: one act in place each, which can be taken back for some minutes.

use leptos::prelude::*;

use super::acts::{self, Call, Letter};
use super::{LETTER, Opened, Place, SUBJECT};
use crate::applications;
use crate::clock::today;
use crate::contacts::{self, Medium};
use crate::db::WriteTx;
use crate::enrollments::{self, Owner, Story, standing};
use crate::error::AppError;
use crate::form::{Fields, To, answer, to};
use crate::id::{AccountId, ApplicationId, EnrollmentId, MatchId};
use crate::life;
use crate::people::{Coordinator, viewer};
use crate::settings::{self, Settings};
use crate::state;
use crate::undo::{self, Step};

/// What an act needs before it begins.
async fn begin(who: &Coordinator, enrollment: EnrollmentId) -> Result<(WriteTx, Settings, Story), AppError> {
    let mut tx = state().write(who).await?;
    let settings = settings::store::current(&mut tx).await?;
    let story = enrollments::store::find(&mut tx, enrollment).await?.ok_or(AppError::NotFound)?;
    Ok((tx, settings, story))
}

/// Keeps the way back and ends the change. A form that was taken before has nothing to keep.
async fn end(mut tx: WriteTx, who: &Coordinator, settings: &Settings, step: Option<Step>) -> Result<To, AppError> {
    if let Some(step) = step {
        undo::store::keep(&mut tx, who, settings, &[step]).await?;
        tx.commit().await?;
    }
    Ok(back_closed())
}

/// Back to the page the form was on, with the row closed; in the list of all pairs back to its row.
pub fn back_closed() -> To {
    let from = use_context::<crate::form::Call>().map(|call| call.from).unwrap_or_default();
    let (path, query) = from.split_once('?').unwrap_or((&from, ""));
    let mut row = String::new();
    let mut kept = form_urlencoded::Serializer::new(String::new());
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match (&*name, value.parse::<Opened>()) {
            ("open", Ok(open)) if open.place == Place::Pairs => row = format!("#pair-{}", open.enrollment),
            ("open" | "done", _) => {}
            _ => {
                kept.append_pair(&name, &value);
            }
        }
    }
    let query = kept.finish();
    let mark = if query.is_empty() { "" } else { "?" };
    to(format!("{path}{mark}{query}{row}"))
}

/// Enters that somebody was heard or could not be reached.
#[server(endpoint = "enter-contact")]
pub async fn enter_contact(enrollment: EnrollmentId, person: Owner) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut fields = Fields::typed();
        let key = fields.submission_key();
        let heard = fields.one::<Heard>("heard", "Say whether you heard from them.");
        let medium = fields.one::<Medium>("medium", "Choose how.");
        let mut held_on = fields.date("held_on");
        if held_on.is_some_and(|day| day > today(state().clock.now())) {
            held_on = None;
            fields.wrong("held_on", "Choose today or a day before.");
        }
        let note = fields.optional_text("note", contacts::NOTE);
        let (heard, medium, held_on, note) = fields.take((heard, medium, held_on, note))?;
        let (mut tx, settings, story) = begin(&who, enrollment).await?;
        let call = Call { key, owner: person, medium, heard: heard == Heard::Yes, held_on, note };
        let step = acts::call(&mut tx, &who, &story, call).await?;
        end(tx, &who, &settings, step).await
    })
    .await
}

crate::words! {
    /// Whether a call reached somebody.
    pub enum Heard {
        Yes = "yes",
        No = "no",
    }
}

impl Heard {
    pub fn name(self) -> &'static str {
        match self {
            Self::Yes => "Heard from them",
            Self::No => "Not reached",
        }
    }
}

/// Writes to the mentee or the mentor by mail.
#[server(endpoint = "write-to-person")]
pub async fn write_to_person(enrollment: EnrollmentId, person: Owner) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut fields = Fields::typed();
        let key = fields.submission_key();
        let subject = fields.text("subject", SUBJECT, "Write what it is about.");
        let text = fields.text("text", LETTER, "Write the message.");
        let (subject, text) = fields.take((subject, text))?;
        let (mut tx, settings, story) = begin(&who, enrollment).await?;
        let step = acts::write(&mut tx, &who, &settings, &story, Letter { key, owner: person, subject, text }).await?;
        end(tx, &who, &settings, step).await
    })
    .await
}

/// Reminds somebody of what waits on them, with their next daily summary.
#[server(endpoint = "remind-person")]
pub async fn remind_person(enrollment: EnrollmentId, person: Owner) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let key = Fields::typed().submission_key();
        let mut tx = state().write(&who).await?;
        standing::catch_up_within(&mut tx).await?;
        let settings = settings::store::current(&mut tx).await?;
        let story = enrollments::store::find(&mut tx, enrollment).await?.ok_or(AppError::NotFound)?;
        let step = acts::remind(&mut tx, &state(), &who, &settings, &story, person, key).await?;
        end(tx, &who, &settings, step).await
    })
    .await
}

/// Withdraws a proposal that is not answered and proposes the mentor who suits next best.
#[server(endpoint = "propose-next")]
pub async fn propose_next(enrollment: EnrollmentId, proposal: MatchId, mentor: AccountId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let (mut tx, settings, story) = begin(&who, enrollment).await?;
        let step = acts::propose_next(&mut tx, &who, &settings, &story, proposal, mentor).await?;
        end(tx, &who, &settings, Some(step)).await
    })
    .await
}

/// Pauses an enrolment from its row.
#[server(endpoint = "pause-in-place")]
pub async fn pause_in_place(enrollment: EnrollmentId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut fields = Fields::typed();
        let until = fields.date_to_come("until", today(state().clock.now()));
        let (until,) = fields.take((until,))?;
        let (mut tx, settings, story) = begin(&who, enrollment).await?;
        let step = acts::pause(&mut tx, &who, &story, until).await?;
        end(tx, &who, &settings, Some(step)).await
    })
    .await
}

/// Gives an enrolment more time from its row.
#[server(endpoint = "extend-in-place")]
pub async fn extend_in_place(enrollment: EnrollmentId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut fields = Fields::typed();
        let (mut tx, settings, story) = begin(&who, enrollment).await?;
        let until = life::api::limit(&mut fields, "until", story.due_on);
        let reason = fields.text("reason", 500, "Say why, so that it can be learned from.");
        let (until, reason) = fields.take((until, reason))?;
        let step = acts::extend(&mut tx, &state(), &who, &settings, &story, until, &reason).await?;
        end(tx, &who, &settings, Some(step)).await
    })
    .await
}

/// Accepts an application for what it asks for, from its row.
#[server(endpoint = "accept-in-place")]
pub async fn accept_in_place(application: ApplicationId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut tx = state().write(&who).await?;
        let settings = settings::store::current(&mut tx).await?;
        let found = applications::store::find(&mut tx, &who, application).await?.ok_or(AppError::NotFound)?;
        found.state.after(applications::Action::Accept)?;
        applications::api::check_study(&mut tx, found.study()).await?;
        let step = acts::accept(&mut tx, &state(), &who, &settings, &found, found.study()).await?;
        end(tx, &who, &settings, Some(step)).await
    })
    .await
}

/// Keeps a note of the coordinator's about an enrolment.
#[server(endpoint = "write-note")]
pub async fn write_note(enrollment: EnrollmentId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut fields = Fields::typed();
        let key = fields.submission_key();
        let body = fields.text("body", contacts::NOTE, "Write the note.");
        let (body,) = fields.take((body,))?;
        let (mut tx, ..) = begin(&who, enrollment).await?;
        contacts::store::insert_note(&mut tx, &who, key, enrollment, &body).await?;
        tx.commit().await?;
        Ok(back_closed().done("note-written"))
    })
    .await
}

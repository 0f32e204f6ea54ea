//! What the forms of the self-evaluation send to.

use leptos::prelude::*;

use super::store::{self, Answers};
use super::{Instrument, Moment, Ratings, State, open};
use crate::enrollments;
use crate::error::AppError;
use crate::form::{Fields, answer, to};
use crate::id::{EnrollmentId, InstrumentId};
use crate::people::viewer;
use crate::state;

/// Where the evaluations of an enrolment are made and read.
pub fn page(enrollment: EnrollmentId) -> String {
    format!("/enrollments/{enrollment}/self-evaluation")
}

/// Keeps the mentee's answers; every statement may be left out, but not all.
#[server(endpoint = "save-self-evaluation")]
pub async fn save_self_evaluation(enrollment: EnrollmentId, instrument: InstrumentId, moment: Moment) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?;
        let mut tx = state().write(&who).await?;
        let who = who.own(&mut tx, enrollment).await?;
        let published = store::find(&mut tx, instrument).await?.ok_or(AppError::NotFound)?;
        let mut fields = Fields::typed();
        let ratings = ratings(&mut fields, &published.instrument);
        let shared = fields.ticked("shared");
        fields.check()?;
        let story = enrollments::store::find(&mut tx, enrollment).await?.ok_or(AppError::NotFound)?;
        let made = store::list(&mut tx, enrollment).await?;
        open(moment, &story, made.iter().any(|one| one.moment == moment && one.state == State::Done))?;
        store::save(&mut tx, &who, &Answers { instrument, moment, ratings, shared }).await?;
        tx.commit().await?;
        Ok(to(page(enrollment)).done("self-evaluation-saved"))
    })
    .await
}

/// The field in which a statement is rated.
pub fn field(code: &str) -> String {
    format!("rate[{code}]")
}

/// Reads the ratings; what is left out is left out, what is not on the scale is a complaint.
pub fn ratings(fields: &mut Fields, instrument: &Instrument) -> Ratings {
    let mut ratings = Ratings::new();
    let mut wrong = Vec::new();
    for statement in instrument.statements() {
        let name = field(&statement.code);
        let typed = fields.raw(&name);
        match typed.parse::<i32>() {
            _ if typed.is_empty() => {}
            Ok(value) if instrument.has_value(value) => {
                ratings.insert(statement.code.clone(), value);
            }
            _ => wrong.push(name),
        }
    }
    if wrong.is_empty()
        && ratings.is_empty()
        && let Some(first) = instrument.statements().next()
    {
        fields.wrong(&field(&first.code), "Rate at least one statement.");
    }
    for name in wrong {
        fields.wrong(&name, "Choose one of the numbers on the scale, or leave it out.");
    }
    ratings
}

/// Passes the evaluation over; it can still be made later.
#[server(endpoint = "skip-self-evaluation")]
pub async fn skip_self_evaluation(enrollment: EnrollmentId, moment: Moment) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?;
        let mut tx = state().write(&who).await?;
        let who = who.own(&mut tx, enrollment).await?;
        let story = enrollments::store::find(&mut tx, enrollment).await?.ok_or(AppError::NotFound)?;
        open(moment, &story, false)?;
        store::skip(&mut tx, &who, moment).await?;
        tx.commit().await?;
        Ok(to("/mentee").done("self-evaluation-skipped"))
    })
    .await
}

/// Opens an evaluation to the mentor or closes it again.
#[server(endpoint = "share-self-evaluation")]
pub async fn share_self_evaluation(enrollment: EnrollmentId, moment: Moment) -> Result<(), AppError> {
    answer(async {
        let shared = Fields::typed().raw("shared") == "yes";
        let who = viewer().await?;
        let mut tx = state().write(&who).await?;
        let who = who.own(&mut tx, enrollment).await?;
        if !store::share(&mut tx, &who, moment, shared).await? {
            return Err(AppError::NotFound);
        }
        tx.commit().await?;
        let word = if shared { "self-evaluation-shared" } else { "self-evaluation-unshared" };
        Ok(to(page(enrollment)).done(word))
    })
    .await
}

//! What the coordinator's forms about an enrolment's life send to.

use leptos::prelude::*;

use super::{Action, EndKind, store};
use crate::clock::today;
use crate::desk;
use crate::error::AppError;
use crate::form::{Fields, answer, to};
use crate::id::EnrollmentId;
use crate::people::viewer;
use crate::settings;
use crate::state;
use crate::undo;

#[server(endpoint = "pause-enrollment")]
pub async fn pause_enrollment(enrollment: EnrollmentId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut fields = Fields::typed();
        let until = fields.date_to_come("until", today(state().clock.now()));
        let (until,) = fields.take((until,))?;
        let mut tx = state().write(&who).await?;
        let story = store::find(&mut tx, enrollment).await?.ok_or(AppError::NotFound)?;
        store::change(&mut tx, &story, Action::Pause, Some(until), "").await?;
        tx.commit().await?;
        Ok(to(format!("/coordinator/enrollments/{enrollment}")).done("enrollment-paused"))
    })
    .await
}

#[server(endpoint = "resume-enrollment")]
pub async fn resume_enrollment(enrollment: EnrollmentId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut tx = state().write(&who).await?;
        let story = store::find(&mut tx, enrollment).await?.ok_or(AppError::NotFound)?;
        store::change(&mut tx, &story, Action::Resume, None, "").await?;
        tx.commit().await?;
        Ok(to(format!("/coordinator/enrollments/{enrollment}")).done("enrollment-resumed"))
    })
    .await
}

#[server(endpoint = "withdraw-enrollment")]
pub async fn withdraw_enrollment(enrollment: EnrollmentId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut fields = Fields::typed();
        let reason = fields.text("reason", 500, "Say why, so that it can be learned from.");
        let (reason,) = fields.take((reason,))?;
        let mut tx = state().write(&who).await?;
        store::hold(&mut tx, enrollment).await?;
        let story = store::find(&mut tx, enrollment).await?.ok_or(AppError::NotFound)?;
        let settings = settings::store::current(&mut tx).await?;
        let step = desk::acts::end(&mut tx, &state(), &who, &settings, &story, EndKind::Withdrawn, &reason).await?;
        undo::store::keep(&mut tx, &who, &settings, &[step]).await?;
        tx.commit().await?;
        Ok(to(format!("/coordinator/enrollments/{enrollment}")))
    })
    .await
}

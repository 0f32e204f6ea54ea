//! What the exam plan's form sends to.

use leptos::prelude::*;

use super::{objection_to_check, objection_to_target, store};
use crate::clock;
use crate::enrollments::{self, OptionNumber, ready};
use crate::error::{AppError, Refusal};
use crate::form::{Fields, answer, to};
use crate::id::EnrollmentId;
use crate::people::viewer;
use crate::state;

#[server(endpoint = "save-exam-plan")]
pub async fn save_exam_plan(enrollment: EnrollmentId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?;
        let mut tx = state().write(&who).await?;
        let own = who.own(&mut tx, enrollment).await?;
        let story = enrollments::store::find(&mut tx, enrollment).await?.ok_or(AppError::NotFound)?;
        if story.option_number != OptionNumber::Three {
            return Err(AppError::NotFound);
        }
        if !story.state.is_live() {
            return Err(Refusal::new("This enrollment has ended; its exam plan stays as it was.").into());
        }
        let today = clock::today(tx.now());
        let mut fields = Fields::typed();
        let checked_on = fields.date("checked-on");
        let target_on = fields.date("target-on");
        let note = fields.optional_text("note", 2000);
        for (field, objection) in [
            ("checked-on", checked_on.and_then(|day| objection_to_check(day, today))),
            ("target-on", target_on.and_then(|day| objection_to_target(day, today))),
        ] {
            if let Some(objection) = objection {
                fields.wrong(field, objection);
            }
        }
        let (checked_on, target_on, note) = fields.take((checked_on, target_on, note))?;
        store::save(&mut tx, &own, checked_on, target_on, &note).await?;
        ready::tell(&mut tx, &state(), enrollment).await?;
        tx.commit().await?;
        Ok(to("/mentee/exam").done("exam-planned"))
    })
    .await
}

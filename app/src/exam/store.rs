//! Exam plans in the database: one for each enrolment of Option 3.

use chrono::{DateTime, NaiveDate, Utc};

use crate::audit::{Event, Kind};
use crate::db::{Queryable, WriteTx, execute, fetch_optional};
use crate::id::EnrollmentId;
use crate::people::OwnEnrollment;

#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ExamPlan {
    pub eligibility_checked_on: NaiveDate,
    pub target_on: NaiveDate,
    pub note: String,
    pub updated_at: DateTime<Utc>,
}

pub async fn find(tx: &mut impl Queryable, enrollment: EnrollmentId) -> Result<Option<ExamPlan>, sqlx::Error> {
    fetch_optional!(
        tx,
        ExamPlan,
        "SELECT eligibility_checked_on, target_on, note, updated_at FROM exam_plan WHERE enrollment_id = $1",
        enrollment
    )
}

/// Keeps the plan, in place of an earlier one.
pub async fn save(
    tx: &mut WriteTx,
    own: &OwnEnrollment,
    checked_on: NaiveDate,
    target_on: NaiveDate,
    note: &str,
) -> Result<(), sqlx::Error> {
    let now = tx.now();
    execute!(
        tx,
        "INSERT INTO exam_plan (enrollment_id, eligibility_checked_on, target_on, note, updated_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (enrollment_id) DO UPDATE SET eligibility_checked_on = $2, target_on = $3, note = $4, updated_at = $5",
        own.enrollment(),
        checked_on,
        target_on,
        note,
        now
    )?;
    tx.note(Event::new(Kind::ExamPlanned).of(own.enrollment()));
    Ok(())
}

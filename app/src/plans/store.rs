//! Plans and target dates in the database.

use chrono::{DateTime, NaiveDate, Utc};

use super::Rhythm;
use crate::audit::{Event, Kind};
use crate::db::{Queryable, WriteTx, execute, fetch_all, fetch_optional};
use crate::id::{AccountId, ChapterId, EnrollmentId};
use crate::people::{PairMember, Way};

/// What a pair agreed on.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Plan {
    pub rhythm: Rhythm,
    pub way: Way,
    pub note: String,
    pub updated_at: DateTime<Utc>,
    pub updated_by: AccountId,
}

pub async fn find(tx: &mut impl Queryable, enrollment: EnrollmentId) -> Result<Option<Plan>, sqlx::Error> {
    fetch_optional!(tx, Plan, "SELECT rhythm, way, note, updated_at, updated_by FROM plan WHERE enrollment_id = $1", enrollment)
}

/// A chapter of the enrolment's outline with its target date, and the day it was first read.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Target {
    pub chapter_id: ChapterId,
    pub number: i32,
    pub title: String,
    pub required: bool,
    pub minutes: i32,
    pub target_on: Option<NaiveDate>,
    pub read_on: Option<NaiveDate>,
}

/// Every chapter of the enrolment's outline, in order.
pub async fn list_targets(tx: &mut impl Queryable, enrollment: EnrollmentId) -> Result<Vec<Target>, sqlx::Error> {
    fetch_all!(
        tx,
        Target,
        "SELECT c.id AS chapter_id, c.number, c.title, c.required, c.minutes, t.target_on,
            (SELECT min(s.studied_on) FROM study_entry s WHERE s.enrollment_id = e.id AND s.chapter_id = c.id) AS read_on
         FROM enrollment e
         JOIN chapter c ON c.outline_id = e.outline_id
         LEFT JOIN plan_target t ON t.enrollment_id = e.id AND t.chapter_id = c.id
         WHERE e.id = $1 ORDER BY c.number",
        enrollment
    )
}

/// What one of the pair writes into the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPlan {
    pub rhythm: Rhythm,
    pub way: Way,
    pub note: String,
    /// The chapters whose date was in the form; `None` takes a date away. Others keep theirs.
    pub targets: Vec<(ChapterId, Option<NaiveDate>)>,
}

/// Writes the plan of the pair.
pub async fn save(tx: &mut WriteTx, who: PairMember, new: &NewPlan) -> Result<(), sqlx::Error> {
    let (enrollment, now) = (who.enrollment(), tx.now());
    execute!(
        tx,
        "INSERT INTO plan (enrollment_id, rhythm, way, note, updated_at, updated_by) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (enrollment_id) DO UPDATE SET rhythm = excluded.rhythm, way = excluded.way, note = excluded.note,
            updated_at = excluded.updated_at, updated_by = excluded.updated_by",
        enrollment,
        new.rhythm,
        new.way,
        &new.note,
        now,
        who.account()
    )?;
    for (chapter, target) in &new.targets {
        save_target(tx, enrollment, *chapter, *target).await?;
    }
    tx.note(Event::new(Kind::PlanChanged).of(enrollment));
    Ok(())
}

async fn save_target(
    tx: &mut WriteTx,
    enrollment: EnrollmentId,
    chapter: ChapterId,
    target: Option<NaiveDate>,
) -> Result<(), sqlx::Error> {
    match target {
        Some(date) => execute!(
            tx,
            "INSERT INTO plan_target (enrollment_id, chapter_id, target_on) VALUES ($1, $2, $3)
             ON CONFLICT (enrollment_id, chapter_id) DO UPDATE SET target_on = excluded.target_on",
            enrollment,
            chapter,
            date
        )?,
        None => execute!(tx, "DELETE FROM plan_target WHERE enrollment_id = $1 AND chapter_id = $2", enrollment, chapter)?,
    };
    Ok(())
}

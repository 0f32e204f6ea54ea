//! What was chosen, in the database, with what the preview says of each.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use sqlx::types::Json;
use uuid::Uuid;

use super::{Act, MOST};
use crate::applications;
use crate::db::{Queryable, WriteTx, execute, fetch_all, fetch_optional};
use crate::enrollments::{OptionNumber, Owner, State, What};
use crate::id::{ApplicationId, BulkId, EnrollmentId, UndoId};
use crate::people::Coordinator;

/// A choice of the asking coordinator's.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Bulk {
    pub id: BulkId,
    pub act: Act,
    pub done_at: Option<DateTime<Utc>>,
    pub done: Option<i32>,
    pub undo_id: Option<UndoId>,
}

pub async fn find(tx: &mut impl Queryable, who: &Coordinator, id: BulkId) -> Result<Option<Bulk>, sqlx::Error> {
    fetch_optional!(
        tx,
        Bulk,
        "SELECT id, act, done_at, done, undo_id FROM bulk WHERE id = $1 AND account_id = $2",
        id,
        who.account()
    )
}

/// Begins a choice. What the same coordinator chose more than a week ago is forgotten.
pub async fn insert(tx: &mut WriteTx, who: &Coordinator, act: Act) -> Result<BulkId, sqlx::Error> {
    let (id, now) = (BulkId::new(), tx.now());
    let old = now - Duration::days(7);
    execute!(
        tx,
        "DELETE FROM bulk_item WHERE bulk_id IN (SELECT id FROM bulk WHERE account_id = $1 AND made_at < $2)",
        who.account(),
        old
    )?;
    execute!(tx, "DELETE FROM bulk WHERE account_id = $1 AND made_at < $2", who.account(), old)?;
    execute!(tx, "INSERT INTO bulk (id, account_id, act, made_at) VALUES ($1, $2, $3, $4)", id, who.account(), act, now)?;
    Ok(id)
}

/// Adds what was ticked, each once.
pub async fn add(tx: &mut WriteTx, bulk: BulkId, subjects: &[Uuid]) -> Result<(), sqlx::Error> {
    for subject in subjects {
        execute!(tx, "INSERT INTO bulk_item (bulk_id, subject_id) VALUES ($1, $2) ON CONFLICT DO NOTHING", bulk, *subject)?;
    }
    Ok(())
}

/// Adds every open application, the longest waiting first.
pub async fn add_applications(tx: &mut WriteTx, bulk: BulkId) -> Result<u64, sqlx::Error> {
    execute!(
        tx,
        "INSERT INTO bulk_item (bulk_id, subject_id)
         SELECT $1, id FROM application WHERE state = 'received' ORDER BY created_at, id LIMIT $2",
        bulk,
        MOST
    )
}

/// Begins to do it; `false` when it was done already: a form sent twice.
pub async fn begin(tx: &mut WriteTx, bulk: &Bulk) -> Result<bool, sqlx::Error> {
    let now = tx.now();
    Ok(execute!(tx, "UPDATE bulk SET done_at = $2 WHERE id = $1 AND done_at IS NULL", bulk.id, now)? == 1)
}

/// Keeps what came of it.
pub async fn end(tx: &mut WriteTx, bulk: &Bulk, done: usize, undo: Option<UndoId>) -> Result<(), sqlx::Error> {
    let done = i32::try_from(done).unwrap_or(i32::MAX);
    execute!(tx, "UPDATE bulk SET done = $2, undo_id = $3 WHERE id = $1", bulk.id, done, undo).map(|_| ())
}

/// A chosen application, with what decides whether it can be accepted.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Application {
    pub id: ApplicationId,
    pub name: String,
    pub email: String,
    pub option_number: OptionNumber,
    pub book: String,
    pub state: applications::State,
    /// Whether the book can still be studied under the option.
    #[sqlx(skip)]
    pub offered: bool,
    pub retired: bool,
    pub options: Json<Vec<i32>>,
    /// Whether the person has an account with a password; others get an invitation.
    pub known: bool,
    pub closed: bool,
    pub enrolled: bool,
}

pub async fn list_applications(
    tx: &mut impl Queryable,
    _who: &Coordinator,
    bulk: BulkId,
) -> Result<Vec<Application>, sqlx::Error> {
    let mut rows = fetch_all!(
        tx,
        Application,
        "SELECT a.id, a.name, a.email, a.option_number, t.name AS book, a.state, (o.retired_at IS NOT NULL) AS retired, o.options,
                (p.password_hash IS NOT NULL) AS known, (p.closed_at IS NOT NULL) AS closed,
                EXISTS (SELECT 1 FROM enrollment x WHERE x.mentee_id = p.id AND x.state IN ('active', 'paused')) AS enrolled
         FROM bulk_item b JOIN application a ON a.id = b.subject_id
         JOIN outline o ON o.id = a.outline_id JOIN edition e ON e.id = o.edition_id JOIN title t ON t.id = e.title_id
         LEFT JOIN account p ON p.email = a.email
         WHERE b.bulk_id = $1 ORDER BY a.created_at, a.id",
        bulk
    )?;
    for row in &mut rows {
        row.offered = !row.retired && row.options.contains(&row.option_number.into());
    }
    Ok(rows)
}

/// A chosen enrolment, with the most urgent move of the pair.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Enrollment {
    pub id: EnrollmentId,
    pub mentee: String,
    pub mentor: Option<String>,
    pub option_number: OptionNumber,
    pub state: State,
    pub due_on: NaiveDate,
    pub what: Option<What>,
    pub owner: Option<Owner>,
    /// Whether a reminder of it waits in the outbox.
    pub reminded: bool,
}

/// What was chosen. The copy of what waits must be up to date.
pub async fn list_enrollments(
    tx: &mut impl Queryable,
    _who: &Coordinator,
    bulk: BulkId,
) -> Result<Vec<Enrollment>, sqlx::Error> {
    fetch_all!(
        tx,
        Enrollment,
        "SELECT e.id, p.name AS mentee, q.name AS mentor, e.option_number, e.state, e.due_on, o.what, o.owner,
                (o.id IS NOT NULL AND EXISTS (SELECT 1 FROM mail m WHERE m.about_id = o.id AND m.kind = 'nudge'
                    AND m.state = 'waiting')) AS reminded
         FROM bulk_item b JOIN enrollment e ON e.id = b.subject_id
         JOIN account p ON p.id = e.mentee_id
         LEFT JOIN mentor_match k ON k.enrollment_id = e.id AND k.state IN ('proposed', 'accepted')
         LEFT JOIN account q ON q.id = k.mentor_id
         LEFT JOIN open_move o ON o.id = (SELECT x.id FROM open_move x WHERE x.enrollment_id = e.id AND x.owner <> 'coordinator'
            AND x.optional = FALSE ORDER BY x.list_at, x.due, x.id LIMIT 1)
         WHERE b.bulk_id = $1 ORDER BY p.name, e.id",
        bulk
    )
}

/// A chosen enrolment as a line of the file.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Exported {
    pub mentee: String,
    pub email: String,
    pub phone: String,
    pub option_number: OptionNumber,
    pub book: String,
    pub county: String,
    pub mentor: Option<String>,
    pub state: State,
    pub started_at: DateTime<Utc>,
    pub due_on: NaiveDate,
    pub ended_at: Option<DateTime<Utc>>,
    pub chapters: i32,
    pub chapters_read: i32,
    pub discussed: i32,
    pub mentee_heard_at: DateTime<Utc>,
    pub mentor_heard_at: Option<DateTime<Utc>>,
    pub turn_what: Option<What>,
    pub turn_owner: Option<Owner>,
    pub turn_since: Option<DateTime<Utc>>,
}

pub async fn list_exported(tx: &mut impl Queryable, _who: &Coordinator, bulk: BulkId) -> Result<Vec<Exported>, sqlx::Error> {
    fetch_all!(
        tx,
        Exported,
        "SELECT p.name AS mentee, p.email, p.phone, e.option_number, t.name AS book, a.county, q.name AS mentor, e.state, e.started_at,
                e.due_on, e.ended_at, s.chapters, s.chapters_read, s.discussed, s.mentee_heard_at, s.mentor_heard_at,
                s.turn_what, s.turn_owner, s.turn_since
         FROM bulk_item b JOIN enrollment e ON e.id = b.subject_id JOIN standing s ON s.enrollment_id = e.id
         JOIN application a ON a.id = e.application_id JOIN account p ON p.id = e.mentee_id
         JOIN outline o ON o.id = e.outline_id JOIN edition d ON d.id = o.edition_id JOIN title t ON t.id = d.title_id
         LEFT JOIN account q ON q.id = s.mentor_id
         WHERE b.bulk_id = $1 ORDER BY p.name, e.id",
        bulk
    )
}

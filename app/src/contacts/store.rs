//! Signs of life and notes in the database.

use chrono::{DateTime, NaiveDate, Utc};

use super::{Medium, NewContact, heard_at};
use crate::audit::{Event, Kind};
use crate::db::{Queryable, WriteTx, execute, fetch_all};
use crate::id::{AccountId, ContactId, EnrollmentId, NoteId, SubmissionKey};
use crate::people::Coordinator;

/// Enters a contact; `None` when this form was taken before.
pub async fn insert(tx: &mut WriteTx, who: &Coordinator, contact: &NewContact) -> Result<Option<ContactId>, sqlx::Error> {
    let (id, now) = (ContactId::new(), tx.now());
    let made = execute!(
        tx,
        "INSERT INTO contact (id, submission_key, enrollment_id, person_id, medium, heard, held_on, heard_at, note, entered_by, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (submission_key) DO NOTHING",
        id,
        contact.key,
        contact.enrollment,
        contact.person,
        contact.medium,
        contact.heard,
        contact.held_on,
        heard_at(contact.held_on, now),
        &contact.note,
        who.account(),
        now
    )?;
    if made == 0 {
        return Ok(None);
    }
    tx.note(Event::new(Kind::ContactEntered).of(contact.enrollment).about(id.0));
    Ok(Some(id))
}

/// Takes a contact back; it stays in the table, marked. `false` when that had happened already.
pub async fn take_back(tx: &mut WriteTx, _who: &Coordinator, id: ContactId) -> Result<bool, sqlx::Error> {
    let now = tx.now();
    Ok(execute!(tx, "UPDATE contact SET undone_at = $2 WHERE id = $1 AND undone_at IS NULL", id, now)? == 1)
}

/// A contact as the coordinator reads it.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Contact {
    pub id: ContactId,
    pub person_id: AccountId,
    pub person: String,
    pub medium: Medium,
    pub heard: bool,
    pub held_on: NaiveDate,
    pub note: String,
    pub entered_by: String,
    pub created_at: DateTime<Utc>,
}

/// The contacts of an enrolment that were not taken back, the latest first.
pub async fn list(tx: &mut impl Queryable, _who: &Coordinator, enrollment: EnrollmentId) -> Result<Vec<Contact>, sqlx::Error> {
    fetch_all!(
        tx,
        Contact,
        "SELECT c.id, c.person_id, p.name AS person, c.medium, c.heard, c.held_on, c.note, e.name AS entered_by, c.created_at
         FROM contact c JOIN account p ON p.id = c.person_id JOIN account e ON e.id = c.entered_by
         WHERE c.enrollment_id = $1 AND c.undone_at IS NULL ORDER BY c.heard_at DESC, c.created_at DESC LIMIT 200",
        enrollment
    )
}

/// Writes a note; `false` when this form was taken before.
pub async fn insert_note(
    tx: &mut WriteTx,
    who: &Coordinator,
    key: SubmissionKey,
    enrollment: EnrollmentId,
    body: &str,
) -> Result<bool, sqlx::Error> {
    let (id, now) = (NoteId::new(), tx.now());
    let made = execute!(
        tx,
        "INSERT INTO note (id, submission_key, enrollment_id, body, written_by, created_at)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (submission_key) DO NOTHING",
        id,
        key,
        enrollment,
        body,
        who.account(),
        now
    )?;
    if made == 1 {
        tx.note(Event::new(Kind::NoteWritten).of(enrollment).about(id.0));
    }
    Ok(made == 1)
}

/// A note as coordinators read it.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Note {
    pub id: NoteId,
    pub body: String,
    pub written_by: String,
    pub created_at: DateTime<Utc>,
}

/// The notes of an enrolment, the latest first.
pub async fn list_notes(
    tx: &mut impl Queryable,
    _who: &Coordinator,
    enrollment: EnrollmentId,
) -> Result<Vec<Note>, sqlx::Error> {
    fetch_all!(
        tx,
        Note,
        "SELECT n.id, n.body, a.name AS written_by, n.created_at FROM note n JOIN account a ON a.id = n.written_by
         WHERE n.enrollment_id = $1 ORDER BY n.created_at DESC, n.id DESC LIMIT 200",
        enrollment
    )
}

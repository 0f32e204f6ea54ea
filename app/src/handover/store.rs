//! Coordinators in the database, and what a hand-over lists beside the enrolments.

use chrono::{DateTime, NaiveDate, Utc};

use super::last_one;
use crate::audit::{self, Event, Kind};
use crate::db::{Queryable, WriteTx, execute, fetch_all, fetch_one, fetch_optional};
use crate::error::{AppError, Refusal};
use crate::id::{AccountId, EnrollmentId};
use crate::mail;
use crate::people::{Coordinator, session};

/// Somebody who holds the coordinator's role.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct CoordinatorRow {
    pub id: AccountId,
    pub name: String,
    pub email: String,
    pub since: DateTime<Utc>,
    /// Whether they have set a password: until then the invitation is not used.
    pub has_password: bool,
    pub mentee: bool,
    pub mentor: bool,
    session_at: Option<DateTime<Utc>>,
    acted_at: Option<DateTime<Utc>>,
}

impl CoordinatorRow {
    /// When they last used the program.
    pub fn seen_at(&self) -> Option<DateTime<Utc>> {
        self.session_at.max(self.acted_at)
    }
}

macro_rules! coordinators {
    ($rest:literal) => {
        concat!(
            "SELECT a.id, a.name, a.email, r.granted_at AS since, a.password_hash IS NOT NULL AS has_password,
                EXISTS (SELECT 1 FROM account_role x WHERE x.account_id = a.id AND x.role = 'mentee') AS mentee,
                EXISTS (SELECT 1 FROM account_role x WHERE x.account_id = a.id AND x.role = 'mentor') AS mentor,
                (SELECT max(s.last_seen_at) FROM session s WHERE s.account_id = a.id) AS session_at,
                (SELECT x.at FROM audit x WHERE x.actor_id = a.id ORDER BY x.seq DESC LIMIT 1) AS acted_at
             FROM account a JOIN account_role r ON r.account_id = a.id AND r.role = 'coordinator'
             WHERE a.closed_at IS NULL ",
            $rest
        )
    };
}

/// Every coordinator, the longest there first.
pub async fn list(tx: &mut impl Queryable, _who: &Coordinator) -> Result<Vec<CoordinatorRow>, sqlx::Error> {
    fetch_all!(tx, CoordinatorRow, coordinators!("ORDER BY r.granted_at, a.name"))
}

pub async fn find(tx: &mut impl Queryable, _who: &Coordinator, id: AccountId) -> Result<Option<CoordinatorRow>, sqlx::Error> {
    fetch_optional!(tx, CoordinatorRow, coordinators!("AND a.id = $1"), id)
}

/// Takes the coordinator's role from an account; other roles stay. Every session of it ends.
///
/// # Errors
/// A [`Refusal`] when nobody would be left who can sign in, or when they are no coordinator.
pub async fn leave(tx: &mut WriteTx, _who: &Coordinator, account: AccountId) -> Result<(), AppError> {
    // Two who leave at once stand in line here; the second sees that the first has gone.
    audit::store::queue(tx).await?;
    let left = execute!(
        tx,
        "DELETE FROM account_role WHERE account_id = $1 AND role = 'coordinator' AND EXISTS
         (SELECT 1 FROM account_role r JOIN account a ON a.id = r.account_id WHERE r.role = 'coordinator'
            AND r.account_id <> $1 AND a.closed_at IS NULL AND a.password_hash IS NOT NULL)",
        account
    )?;
    if left == 0 {
        let there =
            fetch_optional!(tx, (i32,), "SELECT 1 FROM account_role WHERE account_id = $1 AND role = 'coordinator'", account)?;
        return Err(match there {
            Some(_) => last_one(),
            None => Refusal::new("This person is no coordinator any more."),
        }
        .into());
    }
    session::end_all(tx, account).await?;
    tx.note(Event::new(Kind::RoleRevoked).about(account.0).words("coordinator"));
    Ok(())
}

/// A book that is out, also one whose study has ended.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct BookOut {
    pub enrollment_id: EnrollmentId,
    pub title: String,
    pub label: String,
    pub borrower: String,
    pub due_on: NaiveDate,
    pub sent_back_at: Option<DateTime<Utc>>,
}

/// Every book that is out, the one due first first.
pub async fn list_books_out(tx: &mut impl Queryable, _who: &Coordinator) -> Result<Vec<BookOut>, sqlx::Error> {
    fetch_all!(
        tx,
        BookOut,
        "SELECT lo.enrollment_id, ti.name AS title, c.label, p.name AS borrower, lo.due_on, lo.sent_back_at
         FROM loan lo JOIN copy c ON c.id = lo.copy_id JOIN edition ed ON ed.id = c.edition_id JOIN title ti ON ti.id = ed.title_id
         JOIN enrollment e ON e.id = lo.enrollment_id JOIN account p ON p.id = e.mentee_id
         WHERE lo.returned_at IS NULL ORDER BY lo.due_on, c.label"
    )
}

/// A message that did not reach its reader.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct FailedMail {
    pub name: String,
    pub address: String,
    pub kind: mail::Kind,
    pub ended_at: Option<DateTime<Utc>>,
}

/// How many messages that failed are shown.
pub const MOST_FAILED: i64 = 20;

/// The messages that failed since a moment: how many, and the latest of them.
pub async fn list_failed_mail(
    tx: &mut impl Queryable,
    _who: &Coordinator,
    since: DateTime<Utc>,
) -> Result<(i64, Vec<FailedMail>), sqlx::Error> {
    let (count,) = fetch_one!(tx, (i64,), "SELECT COUNT(*) FROM mail WHERE state = 'failed' AND ended_at >= $1", since)?;
    let latest = fetch_all!(
        tx,
        FailedMail,
        "SELECT name, address, kind, ended_at FROM mail WHERE state = 'failed' AND ended_at >= $1 ORDER BY ended_at DESC LIMIT $2",
        since,
        MOST_FAILED
    )?;
    Ok((count, latest))
}

//! The secret link by which a person's calendar reads what stands in it. Separate because a link stands for a right, and
//! what it proves is decided here alone.
//!
//! The secret follows from the link's id by a key that serves nothing else, so that its page can show it again; of the
//! secret only a hash is stored, so that nobody who sees the table can read a calendar.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use crate::audit::{Event, Key, Kind};
use crate::db::{Queryable, WriteTx, execute, fetch_optional};
use crate::id::{AccountId, CalendarLinkId};
use crate::people::Viewer;

/// A person's link.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct CalendarLink {
    pub id: CalendarLinkId,
    pub made_at: DateTime<Utc>,
}

impl CalendarLink {
    /// Where the calendar is read.
    pub fn path(&self, key: &Key) -> String {
        format!("/calendar/{}/{}/qdei.ics", self.id, secret(self.id, key))
    }
}

fn secret(id: CalendarLinkId, key: &Key) -> String {
    crate::hex(&key.seal_calendar(id.0.as_bytes()))
}

fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

/// A person's link, if they have one.
pub async fn find(tx: &mut impl Queryable, viewer: &Viewer) -> Result<Option<CalendarLink>, sqlx::Error> {
    fetch_optional!(tx, CalendarLink, "SELECT id, made_at FROM calendar_link WHERE account_id = $1", viewer.id)
}

/// Makes a person's link; one they had before no longer opens anything.
pub async fn make(tx: &mut WriteTx, key: &Key, viewer: &Viewer) -> Result<(), sqlx::Error> {
    let (id, now) = (CalendarLinkId::new(), tx.now());
    execute!(
        tx,
        "INSERT INTO calendar_link (account_id, id, secret_hash, made_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (account_id) DO UPDATE SET id = excluded.id, secret_hash = excluded.secret_hash, made_at = excluded.made_at",
        viewer.id,
        id,
        hash(&secret(id, key)),
        now
    )?;
    tx.note(Event::new(Kind::CalendarLinkMade).about(viewer.id.0));
    Ok(())
}

/// Takes a person's link away.
pub async fn revoke(tx: &mut WriteTx, viewer: &Viewer) -> Result<(), sqlx::Error> {
    let gone = execute!(tx, "DELETE FROM calendar_link WHERE account_id = $1", viewer.id)?;
    if gone == 1 {
        tx.note(Event::new(Kind::CalendarLinkRevoked).about(viewer.id.0));
    }
    Ok(())
}

/// Whose calendar a link opens; `None` for whatever was not made here, was made anew, or is taken away.
pub async fn open(tx: &mut impl Queryable, id: CalendarLinkId, given: &str) -> Result<Option<AccountId>, sqlx::Error> {
    let found = fetch_optional!(
        tx,
        (AccountId, Vec<u8>),
        "SELECT l.account_id, l.secret_hash FROM calendar_link l JOIN account a ON a.id = l.account_id
         WHERE l.id = $1 AND a.closed_at IS NULL",
        id
    )?;
    let Some((account, right)) = found else { return Ok(None) };
    let tried = hash(given);
    // Every byte is looked at, so that the time taken says nothing.
    let differs = tried.iter().zip(&right).fold(0, |differs, (one, other)| differs | (one ^ other));
    Ok((differs == 0 && tried.len() == right.len()).then_some(account))
}

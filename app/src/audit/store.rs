//! Writing the chain and verifying it; the only SQL that touches the audit tables.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Event, GENESIS, Key, hash_words, link};
use crate::db::{Queryable, WriteTx, execute, fetch_all, fetch_optional, insert_all};
use crate::id::EnrollmentId;
use crate::people::Coordinator;

/// One row of the chain as it is stored.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Row {
    pub seq: i64,
    pub at: DateTime<Utc>,
    /// A text, not [`super::Kind`]: a row with an unknown kind must be found, not fail to load.
    pub kind: String,
    pub actor_id: Option<Uuid>,
    pub enrollment_id: Option<Uuid>,
    pub subject_id: Option<Uuid>,
    pub words_hash: Option<Vec<u8>>,
    pub mac: Vec<u8>,
}

/// Appends the events of one change. Writers queue on the head's row until they commit.
pub(crate) async fn append(tx: &mut WriteTx, key: &Key, events: Vec<Event>) -> Result<(), sqlx::Error> {
    if events.is_empty() {
        return Ok(());
    }
    let count = i64::try_from(events.len()).unwrap_or(i64::MAX);
    let (last, mut head) = lengthen(tx, count).await?;
    let (at, actor) = (tx.now(), tx.actor());
    let (mut rows, mut words) = (Vec::new(), Vec::new());
    for (seq, event) in (last - count + 1..).zip(events) {
        let salt = crate::random_bytes::<16>()?;
        let mut row = Row {
            seq,
            at,
            kind: event.kind.as_str().to_owned(),
            actor_id: actor.map(|id| id.0),
            enrollment_id: event.enrollment.map(|id| id.0),
            subject_id: event.subject,
            words_hash: event.words.as_deref().map(|words| hash_words(&salt, words)),
            mac: Vec::new(),
        };
        row.mac = link(key, &head, &row);
        head.clone_from(&row.mac);
        rows.push(row);
        words.extend(event.words.map(|words| (seq, salt, words)));
    }
    insert(tx, &rows, &words).await?;
    execute!(tx, "UPDATE audit_head SET mac = $1 WHERE id = 1", head)?;
    Ok(())
}

/// Takes the next places of the chain: gives the last of them and the hash it goes on from. The head's row is there but
/// for the very first event.
async fn lengthen(tx: &mut WriteTx, count: i64) -> Result<(i64, Vec<u8>), sqlx::Error> {
    match next_places(tx, count).await? {
        Some(places) => Ok(places),
        None => {
            execute!(tx, "INSERT INTO audit_head (id, seq, mac) VALUES (1, 0, $1) ON CONFLICT (id) DO NOTHING", &GENESIS[..])?;
            next_places(tx, count).await?.ok_or(sqlx::Error::RowNotFound)
        }
    }
}

async fn next_places(tx: &mut WriteTx, count: i64) -> Result<Option<(i64, Vec<u8>)>, sqlx::Error> {
    fetch_optional!(tx, (i64, Vec<u8>), "UPDATE audit_head SET seq = seq + $1 WHERE id = 1 RETURNING seq, mac", count)
}

/// Waits for the other writers now rather than at the commit, where a change must see what they wrote: the numbers of
/// certificates have no gap and no twin.
pub(crate) async fn queue(tx: &mut WriteTx) -> Result<(), sqlx::Error> {
    execute!(tx, "UPDATE audit_head SET seq = seq WHERE id = 1").map(|_| ())
}

/// A change has a few events; an import has thousands.
async fn insert(tx: &mut WriteTx, rows: &[Row], words: &[(i64, [u8; 16], String)]) -> Result<(), sqlx::Error> {
    insert_all!(
        tx,
        "INSERT INTO audit (seq, at, kind, actor_id, enrollment_id, subject_id, words_hash, mac)",
        rows,
        row => [row.seq, row.at, &row.kind, row.actor_id, row.enrollment_id, row.subject_id, row.words_hash.as_deref(), &row.mac]
    )?;
    insert_all!(tx, "INSERT INTO audit_words (seq, salt, words)", words, one => [one.0, &one.1[..], &one.2])
}

/// Where the chain stands: how many events, and the hash over all of them, as hex.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    pub seq: i64,
    pub mac: String,
}

pub async fn head(tx: &mut impl Queryable) -> Result<Head, sqlx::Error> {
    let row = fetch_optional!(tx, (i64, Vec<u8>), "SELECT seq, mac FROM audit_head WHERE id = 1")?;
    let (seq, mac) = row.unwrap_or((0, GENESIS.to_vec()));
    Ok(Head { seq, mac: crate::hex(&mac) })
}

/// Walks the whole chain and names the first row that does not hold, or gives the number of events.
pub async fn verify(tx: &mut impl Queryable, key: &Key) -> Result<Result<i64, Broken>, sqlx::Error> {
    let (mut previous, mut last) = (GENESIS.to_vec(), 0_i64);
    loop {
        let rows = fetch_all!(
            tx,
            Row,
            "SELECT seq, at, kind, actor_id, enrollment_id, subject_id, words_hash, mac
             FROM audit WHERE seq > $1 ORDER BY seq LIMIT 5000",
            last
        )?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            if row.seq != last + 1 {
                return Ok(Err(Broken { seq: last + 1, why: "is missing" }));
            }
            if link(key, &previous, &row) != row.mac {
                return Ok(Err(Broken { seq: row.seq, why: "was changed" }));
            }
            (previous, last) = (row.mac, row.seq);
        }
    }
    if head(tx).await? != (Head { seq: last, mac: crate::hex(&previous) }) {
        return Ok(Err(Broken { seq: last + 1, why: "is missing at the end" }));
    }
    Ok(verify_words(tx).await?.map_or(Ok(last), Err))
}

async fn verify_words(tx: &mut impl Queryable) -> Result<Option<Broken>, sqlx::Error> {
    let mut last = 0_i64;
    loop {
        let rows = fetch_all!(
            tx,
            (i64, Vec<u8>, String, Option<Vec<u8>>),
            "SELECT w.seq, w.salt, w.words, a.words_hash FROM audit_words w JOIN audit a ON a.seq = w.seq
             WHERE w.seq > $1 ORDER BY w.seq LIMIT 5000",
            last
        )?;
        if rows.is_empty() {
            return Ok(None);
        }
        for (seq, salt, words, hash) in rows {
            if hash.as_deref() != Some(hash_words(&salt, &words).as_slice()) {
                return Ok(Some(Broken { seq, why: "carries other words than were written" }));
            }
            last = seq;
        }
    }
}

/// The first row of the chain that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("event {seq} {why}")]
pub struct Broken {
    pub seq: i64,
    pub why: &'static str,
}

/// One event as a person reads it: when, what, who, and the words kept with it.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Told {
    pub at: DateTime<Utc>,
    pub kind: String,
    pub actor: Option<String>,
    pub words: Option<String>,
}

/// The events of one enrolment, newest first, at most 200.
pub async fn list_of_enrollment(
    tx: &mut impl Queryable,
    _who: &Coordinator,
    id: EnrollmentId,
) -> Result<Vec<Told>, sqlx::Error> {
    fetch_all!(
        tx,
        Told,
        "SELECT a.at, a.kind, p.name AS actor, w.words FROM audit a
         LEFT JOIN account p ON p.id = a.actor_id LEFT JOIN audit_words w ON w.seq = a.seq
         WHERE a.enrollment_id = $1 ORDER BY a.seq DESC LIMIT 200",
        id
    )
}

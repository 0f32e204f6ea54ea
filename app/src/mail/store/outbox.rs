//! The outbox as the coordinator sees it: what waits, what was sent, what failed, and trying again. Never what a message
//! says: some hold a link that opens an account.

use chrono::{DateTime, Duration, Utc};
use sqlx::types::Json;
use uuid::Uuid;

use super::{Bounce, clear_bounce};
use crate::audit;
use crate::db::{Queryable, WriteTx, execute, fetch_all, fetch_one, fetch_optional};
use crate::error::{AppError, Refusal};
use crate::id::MailId;
use crate::mail::{Kind, State, Timing};
use crate::people::Coordinator;

/// A message as a line of the list.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Line {
    pub id: MailId,
    pub address: String,
    pub name: String,
    pub kind: Kind,
    pub timing: Timing,
    pub next_attempt_at: DateTime<Utc>,
    pub attempts: i32,
    pub ended_at: Option<DateTime<Utc>>,
    pub problem: Option<String>,
    pub claimed_until: Option<DateTime<Utc>>,
    pub bounces: bool,
}

/// How many messages stand on a page.
pub const PAGE: i64 = 50;

/// Where a list begins: at the newest.
pub const NEWEST: Uuid = Uuid::max();

/// Messages in one state, the newest first, those before `before`; `search` finds in names and addresses. One more than
/// a page comes back when there is a next page.
pub async fn list_outbox(
    tx: &mut impl Queryable,
    _who: &Coordinator,
    state: State,
    search: &str,
    before: Uuid,
) -> Result<Vec<Line>, sqlx::Error> {
    fetch_all!(
        tx,
        Line,
        "SELECT m.id, m.address, m.name, m.kind, m.timing, m.next_attempt_at, m.attempts, m.ended_at, m.problem,
                m.claimed_until, b.address IS NOT NULL AS bounces
         FROM mail m LEFT JOIN bounce b ON b.address = m.address
         WHERE m.state = $1 AND m.id < $2 AND (lower(m.name) LIKE $3 ESCAPE '!' OR lower(m.address) LIKE $3 ESCAPE '!')
         ORDER BY m.id DESC LIMIT $4",
        state,
        before,
        containing(search),
        PAGE + 1
    )
}

/// A pattern that finds the words anywhere, whatever signs they hold.
fn containing(words: &str) -> String {
    let words = words.trim().to_lowercase().replace('!', "!!").replace('%', "!%").replace('_', "!_");
    format!("%{words}%")
}

/// Counting stops here, so that the page takes as long after ten years as in the first.
pub const MOST_COUNTED: i64 = 1000;

/// How many messages are in one state, at most [`MOST_COUNTED`].
pub async fn count_outbox(tx: &mut impl Queryable, _who: &Coordinator, state: State) -> Result<i64, sqlx::Error> {
    let (count,) = fetch_one!(
        tx,
        (i64,),
        "SELECT COUNT(*) FROM (SELECT 1 AS one FROM mail WHERE state = $1 LIMIT $2) counted",
        state,
        MOST_COUNTED
    )?;
    Ok(count)
}

/// Addresses from which mail comes back, with whose they are, the latest first, at most 100.
pub async fn list_bounces(tx: &mut impl Queryable, _who: &Coordinator) -> Result<Vec<(Bounce, Option<String>)>, sqlx::Error> {
    let rows = fetch_all!(
        tx,
        (String, DateTime<Utc>, String, Option<String>),
        "SELECT b.address, b.since, b.why, a.name FROM bounce b LEFT JOIN account a ON a.email = b.address
         ORDER BY b.since DESC LIMIT 100"
    )?;
    Ok(rows.into_iter().map(|(address, since, why, name)| (Bounce { address, since, why }, name)).collect())
}

/// Has a message tried at once that failed, or that waits after a failed try. Its address counts as good until then.
pub async fn try_again(tx: &mut WriteTx, _who: &Coordinator, id: MailId) -> Result<(), AppError> {
    let now = tx.now();
    let address = fetch_optional!(
        tx,
        (String,),
        "UPDATE mail SET state = 'waiting', ended_at = NULL, attempts = 0, next_attempt_at = $2
         WHERE id = $1 AND (state = 'failed' OR state = 'waiting' AND problem IS NOT NULL)
           AND (claimed_until IS NULL OR claimed_until <= $2)
         RETURNING address",
        id,
        now
    )?;
    let Some((address,)) = address else {
        return Err(Refusal::new("This message is on its way or was settled just now. Look at the list again.").into());
    };
    clear_bounce(tx, &address).await?;
    tx.note(audit::Event::new(audit::Kind::MailTriedAgain).about(id.0));
    Ok(())
}

/// How far back trying all again goes: nobody wants an old link for a password.
pub const RECENT_DAYS: i64 = 7;

/// Has everything tried at once that failed of late, but for addresses that take no mail. For when a mail server was away.
/// Gives how many.
pub async fn try_all_again(tx: &mut WriteTx, _who: &Coordinator) -> Result<u64, sqlx::Error> {
    let now = tx.now();
    let again = execute!(
        tx,
        "UPDATE mail SET state = 'waiting', ended_at = NULL, attempts = 0, next_attempt_at = $1
         WHERE state = 'failed' AND ended_at > $2 AND NOT EXISTS (SELECT 1 FROM bounce b WHERE b.address = mail.address)",
        now,
        now - Duration::days(RECENT_DAYS)
    )?;
    if again > 0 {
        tx.note(audit::Event::new(audit::Kind::MailTriedAgain));
    }
    Ok(again)
}

/// Keeps a message that waits from being sent.
pub async fn drop_mail(tx: &mut WriteTx, _who: &Coordinator, id: MailId) -> Result<(), AppError> {
    let now = tx.now();
    let dropped = execute!(
        tx,
        "UPDATE mail SET state = 'dropped', ended_at = $2, problem = 'stopped by the coordinator', fields = $3
         WHERE id = $1 AND state = 'waiting' AND (claimed_until IS NULL OR claimed_until <= $2)",
        id,
        now,
        Json(std::collections::BTreeMap::<String, String>::new())
    )?;
    if dropped == 0 {
        return Err(Refusal::new("This message has left, or is leaving just now. It cannot be stopped any more.").into());
    }
    tx.note(audit::Event::new(audit::Kind::MailDropped).about(id.0));
    Ok(())
}

//! The outbox's SQL: enqueue within a change, claim one to send, settle it.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, NaiveTime, Utc};
use sqlx::types::Json;
use uuid::Uuid;

use super::{Kind, Mail, Recipient, State, Timing};
use crate::clock;
use crate::db::{ReadTx, WriteTx, execute, fetch_all, fetch_optional};
use crate::id::{AccountId, MailId};

/// A message as the worker takes it.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Waiting {
    pub id: MailId,
    pub account_id: Option<AccountId>,
    pub address: String,
    pub name: String,
    pub kind: Kind,
    pub timing: Timing,
    pub fields: Json<BTreeMap<String, String>>,
    pub about_id: Option<Uuid>,
    pub created_at: DateTime<Utc>,
    pub attempts: i32,
}

/// Digests leave once a day at this hour of the reader's day, outside the quiet hours of 20:00 to 07:00.
const DIGEST_HOUR: u32 = 7;

/// How long a claimed message is the worker's own; after a crash it is taken up again.
const LEASE: Duration = Duration::minutes(5);

/// Puts a message into the outbox, as part of the change that causes it.
pub async fn enqueue(tx: &mut WriteTx, mail: Mail) -> Result<(), sqlx::Error> {
    let timing = mail.kind.timing();
    let from = tx.mail_held_until().map_or(tx.now(), |held| held.max(tx.now()));
    let due = match timing {
        Timing::Now => from,
        Timing::Digest => next_digest(from),
    };
    let id = MailId::new();
    execute!(
        tx,
        "INSERT INTO mail (id, account_id, address, name, kind, timing, fields, about_id, created_at, next_attempt_at, state)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'waiting')",
        id,
        mail.to.account,
        &mail.to.address,
        &mail.to.name,
        mail.kind,
        timing,
        Json(&mail.fields),
        mail.about,
        tx.now(),
        due,
    )?;
    tx.mailed(id);
    Ok(())
}

/// Drops a message that nobody has begun to send; `false` when it has left, or may be leaving just now.
pub async fn drop_unsent(tx: &mut WriteTx, id: MailId) -> Result<bool, sqlx::Error> {
    let now = tx.now();
    let dropped = execute!(
        tx,
        "UPDATE mail SET state = 'dropped', ended_at = $2, fields = $3 WHERE id = $1 AND state = 'waiting' AND attempts = 0",
        id,
        now,
        Json(BTreeMap::<String, String>::new()),
    )?;
    Ok(dropped == 1)
}

/// The next morning at which a digest may leave.
pub fn next_digest(now: DateTime<Utc>) -> DateTime<Utc> {
    let hour = NaiveTime::from_hms_opt(DIGEST_HOUR, 30, 0).unwrap_or_default();
    let today = clock::at_local(clock::MONTANA, clock::today(now), hour);
    if now < today { today } else { clock::at_local(clock::MONTANA, clock::today(now) + Duration::days(1), hour) }
}

/// Takes the message that is due first and holds it under a lease. Two workers never get the same one.
pub async fn claim(tx: &mut WriteTx) -> Result<Option<Waiting>, sqlx::Error> {
    let now = tx.now();
    fetch_optional!(
        tx,
        Waiting,
        "UPDATE mail SET next_attempt_at = $2, attempts = attempts + 1
         WHERE id = (SELECT id FROM mail WHERE state = 'waiting' AND next_attempt_at <= $1 ORDER BY next_attempt_at LIMIT 1)
           AND state = 'waiting' AND next_attempt_at <= $1
         RETURNING id, account_id, address, name, kind, timing, fields, about_id, created_at, attempts",
        now,
        now + LEASE,
    )
}

/// Takes everything else that waits for the same person's digest, under the same lease.
pub async fn claim_rest_of_digest(tx: &mut WriteTx, first: &Waiting) -> Result<Vec<Waiting>, sqlx::Error> {
    let lease = tx.now() + LEASE;
    fetch_all!(
        tx,
        Waiting,
        "UPDATE mail SET next_attempt_at = $3, attempts = attempts + 1
         WHERE state = 'waiting' AND timing = 'digest' AND address = $1 AND id <> $2
         RETURNING id, account_id, address, name, kind, timing, fields, about_id, created_at, attempts",
        &first.address,
        first.id,
        lease,
    )
}

/// Ends a message. Its fields are emptied, because they may hold a link that opens an account.
pub async fn settle(tx: &mut WriteTx, id: MailId, state: State, problem: Option<&str>) -> Result<(), sqlx::Error> {
    let now = tx.now();
    execute!(
        tx,
        "UPDATE mail SET state = $2, ended_at = $3, problem = $4, fields = $5 WHERE id = $1",
        id,
        state,
        now,
        problem,
        Json(BTreeMap::<String, String>::new()),
    )?;
    Ok(())
}

/// Puts a message back for a later try.
pub async fn postpone(tx: &mut WriteTx, id: MailId, until: DateTime<Utc>, problem: &str) -> Result<(), sqlx::Error> {
    execute!(tx, "UPDATE mail SET next_attempt_at = $2, problem = $3 WHERE id = $1", id, until, problem)?;
    Ok(())
}

/// Whether what the message says is still so; what is done is not announced.
pub async fn still_true(tx: &mut WriteTx, mail: &Waiting) -> Result<bool, sqlx::Error> {
    let Some(about) = mail.about_id else { return Ok(true) };
    let now = tx.now();
    let found = match mail.kind {
        Kind::MentorProposed => {
            fetch_optional!(tx, (i32,), "SELECT 1 FROM mentor_match WHERE id = $1 AND state = 'proposed'", about)?
        }
        Kind::ApplicationNew => {
            fetch_optional!(tx, (i32,), "SELECT 1 FROM application WHERE id = $1 AND state = 'received'", about)?
        }
        Kind::LetterReady => fetch_optional!(
            tx,
            (i32,),
            "SELECT 1 FROM letter l WHERE l.id = $1 AND l.state = 'open'
             AND NOT EXISTS (SELECT 1 FROM signature s WHERE s.letter_id = l.id AND s.account_id = $2)",
            about,
            mail.account_id,
        )?,
        Kind::LetterComplete => fetch_optional!(tx, (i32,), "SELECT 1 FROM letter WHERE id = $1 AND state = 'signed'", about)?,
        Kind::ReadyForCertificate => {
            fetch_optional!(tx, (i32,), "SELECT 1 FROM enrollment WHERE id = $1 AND state = 'active'", about)?
        }
        Kind::MessageNew => fetch_optional!(
            tx,
            (i32,),
            "SELECT 1 FROM message m WHERE m.enrollment_id = $1 AND m.author_id <> $2 AND NOT EXISTS
             (SELECT 1 FROM seen s WHERE s.account_id = $2 AND s.enrollment_id = m.enrollment_id
                AND s.thread_id = coalesce(m.chapter_id, m.enrollment_id) AND s.seen_at >= m.created_at) LIMIT 1",
            about,
            mail.account_id,
        )?,
        // What is done, or has got more time meanwhile, is not said.
        Kind::Nudge | Kind::Listed => fetch_optional!(
            tx,
            (i32,),
            "SELECT 1 FROM open_move m WHERE m.id = $1 AND (m.due <= $2 OR m.silent_at <= $2 OR m.list_at <= $2)",
            about,
            now,
        )?,
        _ => Some((1,)),
    };
    Ok(found.is_some())
}

/// Everyone who holds the coordinator's role: who is told of what needs the program.
pub async fn coordinators(tx: &mut WriteTx) -> Result<Vec<Recipient>, sqlx::Error> {
    let rows = fetch_all!(
        tx,
        (AccountId, String, String),
        "SELECT a.id, a.email, a.name FROM account a JOIN account_role r ON r.account_id = a.id
         WHERE r.role = 'coordinator' AND a.closed_at IS NULL ORDER BY a.created_at"
    )?;
    Ok(rows.into_iter().map(|(id, address, name)| Recipient { account: Some(id), address, name }).collect())
}

/// One account as a recipient.
pub async fn recipient(tx: &mut WriteTx, id: AccountId) -> Result<Recipient, sqlx::Error> {
    let (address, name) = crate::fetch_one!(tx, (String, String), "SELECT email, name FROM account WHERE id = $1", id)?;
    Ok(Recipient { account: Some(id), address, name })
}

/// How many messages wait, were sent, and failed.
pub async fn counts(tx: &mut ReadTx) -> Result<Vec<(State, i64)>, sqlx::Error> {
    fetch_all!(tx, (State, i64), "SELECT state, COUNT(*) FROM mail GROUP BY state")
}

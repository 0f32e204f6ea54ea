//! The outbox's SQL: enqueue within a change, claim what is due, settle it, take back what has not left.

mod announcements;
mod outbox;
mod readers;
mod templates;

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use sqlx::types::Json;
use uuid::Uuid;

pub use announcements::*;
pub use outbox::*;
pub use readers::*;
pub use templates::*;

use super::{Kind, Mail, Recipient, State, Timing};
use crate::db::{Queryable, ReadTx, WriteTx, execute, fetch_all, fetch_one, fetch_optional};
use crate::id::{AccountId, MailId};
use crate::settings::{self, Settings};

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

/// How long a claimed message is the worker's own; after a crash it is taken up again.
const LEASE: Duration = Duration::minutes(5);

/// Puts a message into the outbox, as part of the change that causes it.
pub async fn enqueue(tx: &mut WriteTx, mail: Mail) -> Result<(), sqlx::Error> {
    let timing = mail.kind.timing();
    let held = mail.held_until.max(tx.mail_held_until());
    let from = held.map_or(tx.now(), |held| held.max(tx.now()));
    let due = match timing {
        Timing::Now => from,
        Timing::Digest => {
            let settings = settings::store::current(tx).await?;
            find_reader(tx, mail.to.account, &settings).await?.schedule.next(from, mail.kind.required())
        }
    };
    let id = MailId::new();
    execute!(
        tx,
        "INSERT INTO mail (id, account_id, address, name, kind, timing, fields, about_id, created_at, next_attempt_at, state,
            held_until)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'waiting', $11)",
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
        held,
    )?;
    tx.mailed(id);
    Ok(())
}

/// What a worker holds under a lease: an answer, or all that is due of one reader's digest.
#[derive(Debug)]
pub struct Claim {
    pub address: String,
    pub mails: Vec<Waiting>,
    pub reader: Reader,
    pub settings: Settings,
    /// The reader's date whose one digest this is.
    pub day: Option<NaiveDate>,
}

/// Takes what is due first. Two workers never get the same message, and no reader two digests on one day.
pub async fn claim(tx: &mut WriteTx) -> Result<Option<Claim>, sqlx::Error> {
    let settings = settings::store::current(tx).await?;
    while let Some(first) = find_due(tx).await? {
        let reader = find_reader(tx, first.account_id, &settings).await?;
        let (mails, day) = match first.timing {
            Timing::Now => (claim_one(tx, first.id).await?, None),
            Timing::Digest => match claim_digest(tx, &first.address, &reader).await? {
                Some((mails, day)) => (mails, Some(day)),
                None => continue,
            },
        };
        // Another worker may have been quicker with what this one saw.
        if !mails.is_empty() {
            return Ok(Some(Claim { address: first.address, mails, reader, settings, day }));
        }
    }
    Ok(None)
}

#[derive(sqlx::FromRow)]
struct Due {
    id: MailId,
    account_id: Option<AccountId>,
    address: String,
    timing: Timing,
}

async fn find_due(tx: &mut WriteTx) -> Result<Option<Due>, sqlx::Error> {
    let now = tx.now();
    fetch_optional!(
        tx,
        Due,
        "SELECT id, account_id, address, timing FROM mail WHERE state = 'waiting' AND next_attempt_at <= $1
         ORDER BY next_attempt_at, id LIMIT 1",
        now
    )
}

async fn claim_one(tx: &mut WriteTx, id: MailId) -> Result<Vec<Waiting>, sqlx::Error> {
    let now = tx.now();
    fetch_all!(
        tx,
        Waiting,
        "UPDATE mail SET next_attempt_at = $3, claimed_until = $3, attempts = attempts + 1
         WHERE id = $1 AND state = 'waiting' AND next_attempt_at <= $2
         RETURNING id, account_id, address, name, kind, timing, fields, about_id, created_at, attempts",
        id,
        now,
        now + LEASE,
    )
}

/// Takes all that is due of one reader's digest, if it may leave now. The day is written first: of two workers one finds
/// it there, and so does a try after a crash, whose message may have left already.
async fn claim_digest(
    tx: &mut WriteTx,
    address: &str,
    reader: &Reader,
) -> Result<Option<(Vec<Waiting>, NaiveDate)>, sqlx::Error> {
    let now = tx.now();
    let day = reader.schedule.day(now);
    if !reader.schedule.allows(now) || !begin_day(tx, address, day).await? {
        put_off(tx, address, reader).await?;
        return Ok(None);
    }
    let mut mails = fetch_all!(
        tx,
        Waiting,
        "UPDATE mail SET next_attempt_at = $3, claimed_until = $3, attempts = attempts + 1
         WHERE state = 'waiting' AND timing = 'digest' AND address = $1 AND next_attempt_at <= $2
         RETURNING id, account_id, address, name, kind, timing, fields, about_id, created_at, attempts",
        address,
        now,
        now + LEASE,
    )?;
    mails.sort_by_key(|mail| mail.id);
    Ok(Some((mails, day)))
}

/// What is due of a digest that may not leave now waits for the next morning at which it may.
async fn put_off(tx: &mut WriteTx, address: &str, reader: &Reader) -> Result<(), sqlx::Error> {
    let (now, next) = (tx.now(), reader.schedule.next(tx.now(), true));
    execute!(
        tx,
        "UPDATE mail SET next_attempt_at = $3
         WHERE state = 'waiting' AND timing = 'digest' AND address = $1 AND next_attempt_at <= $2",
        address,
        now,
        next
    )
    .map(|_| ())
}

/// Writes down that a day's digest is on its way; `false` when the day had one.
async fn begin_day(tx: &mut WriteTx, address: &str, day: NaiveDate) -> Result<bool, sqlx::Error> {
    let now = tx.now();
    let begun = execute!(
        tx,
        "INSERT INTO digest (address, day, begun_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        address,
        day,
        now
    )?;
    Ok(begun == 1)
}

/// Writes down that a day's digest has left.
pub async fn end_day(tx: &mut WriteTx, address: &str, day: NaiveDate) -> Result<(), sqlx::Error> {
    let now = tx.now();
    execute!(tx, "UPDATE digest SET sent_at = $3 WHERE address = $1 AND day = $2", address, day, now).map(|_| ())
}

/// Gives a day back whose digest has certainly not left.
pub async fn give_day_back(tx: &mut WriteTx, address: &str, day: NaiveDate) -> Result<(), sqlx::Error> {
    execute!(tx, "DELETE FROM digest WHERE address = $1 AND day = $2 AND sent_at IS NULL", address, day).map(|_| ())
}

/// Ends a message. Its fields may hold a link that opens an account: they are kept only while it may be tried again.
pub async fn settle(tx: &mut WriteTx, id: MailId, state: State, problem: Option<&str>) -> Result<(), sqlx::Error> {
    let now = tx.now();
    execute!(
        tx,
        "UPDATE mail SET state = $2, ended_at = $3, problem = $4, claimed_until = NULL WHERE id = $1",
        id,
        state,
        now,
        problem,
    )?;
    if state != State::Failed {
        let none = Json(BTreeMap::<String, String>::new());
        execute!(tx, "UPDATE mail SET fields = $2 WHERE id = $1", id, none)?;
    }
    Ok(())
}

/// Puts a message back for a later try.
pub async fn postpone(tx: &mut WriteTx, id: MailId, until: DateTime<Utc>, problem: &str) -> Result<(), sqlx::Error> {
    execute!(tx, "UPDATE mail SET next_attempt_at = $2, problem = $3, claimed_until = NULL WHERE id = $1", id, until, problem)?;
    Ok(())
}

/// What came of taking messages back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TakenBack {
    /// They had not left, and will not.
    pub dropped: u64,
    /// They had left, or are leaving just now.
    pub left: u64,
}

/// Drops the messages of one kind about one thing that have not left. For undoing what caused them.
pub async fn take_back(tx: &mut WriteTx, about: Uuid, kind: Kind) -> Result<TakenBack, sqlx::Error> {
    let now = tx.now();
    let dropped = execute!(
        tx,
        "UPDATE mail SET state = 'dropped', ended_at = $3, fields = $4, problem = 'taken back'
         WHERE about_id = $1 AND kind = $2 AND state IN ('waiting', 'failed') AND (claimed_until IS NULL OR claimed_until <= $3)",
        about,
        kind,
        now,
        Json(BTreeMap::<String, String>::new()),
    )?;
    let (left,) = fetch_one!(
        tx,
        (i64,),
        "SELECT COUNT(*) FROM mail WHERE about_id = $1 AND kind = $2 AND state IN ('sent', 'waiting')",
        about,
        kind
    )?;
    Ok(TakenBack { dropped, left: left.unsigned_abs() })
}

/// Drops one message that has not left; `false` when it has, or is leaving just now. For undoing what caused it.
pub async fn drop_unsent(tx: &mut WriteTx, id: MailId) -> Result<bool, sqlx::Error> {
    let now = tx.now();
    let dropped = execute!(
        tx,
        "UPDATE mail SET state = 'dropped', ended_at = $2, fields = $3, problem = 'taken back'
         WHERE id = $1 AND state IN ('waiting', 'failed') AND (claimed_until IS NULL OR claimed_until <= $2)",
        id,
        now,
        Json(BTreeMap::<String, String>::new()),
    )?;
    Ok(dropped == 1)
}

/// When the outbox has something to do next.
pub async fn next_due(tx: &mut impl Queryable) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    let due = fetch_optional!(
        tx,
        (DateTime<Utc>,),
        "SELECT next_attempt_at FROM mail WHERE state = 'waiting' ORDER BY next_attempt_at LIMIT 1"
    )?;
    Ok(due.map(|(at,)| at))
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
                AND s.thread_id = coalesce(m.chapter_id, m.enrollment_id) AND s.seen_at >= m.created_at)
             AND m.taken_back_at IS NULL LIMIT 1",
            about,
            mail.account_id,
        )?,
        // Confirmed meanwhile, or put right by the reader.
        Kind::TalkLogged | Kind::TalkCorrected => fetch_optional!(
            tx,
            (i32,),
            "SELECT 1 FROM talk WHERE id = $1 AND confirmed_at IS NULL AND coalesce(stated_by, logged_by) <> $2",
            about,
            mail.account_id,
        )?,
        Kind::TalkProposed => {
            fetch_optional!(tx, (i32,), "SELECT 1 FROM time_proposal WHERE id = $1 AND state = 'open'", about)?
        }
        // Moved or cancelled before it left: the newer message says so.
        Kind::TalkAgreed => fetch_optional!(tx, (i32,), "SELECT 1 FROM appointment WHERE id = $1 AND state = 'agreed'", about)?,
        // Reopened or taken back meanwhile, it has not ended.
        Kind::EnrollmentEnded => fetch_optional!(
            tx,
            (i32,),
            "SELECT 1 FROM enrollment WHERE id = $1 AND state IN ('withdrawn', 'completed')",
            about
        )?,
        Kind::TimeAsked => {
            fetch_optional!(tx, (i32,), "SELECT 1 FROM time_request WHERE id = $1 AND answered_at IS NULL", about)?
        }
        Kind::FollowUp => fetch_optional!(tx, (i32,), "SELECT 1 FROM follow_up WHERE id = $1 AND answered_at IS NULL", about)?,
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
    let (address, name) = fetch_one!(tx, (String, String), "SELECT email, name FROM account WHERE id = $1", id)?;
    Ok(Recipient { account: Some(id), address, name })
}

/// How many messages wait, were sent, and failed.
pub async fn counts(tx: &mut ReadTx) -> Result<Vec<(State, i64)>, sqlx::Error> {
    fetch_all!(tx, (State, i64), "SELECT state, COUNT(*) FROM mail GROUP BY state")
}

//! What can be taken back, in the database, and the way back of each change.

use chrono::{DateTime, Duration, Utc};
use sqlx::types::Json;

use super::{Change, Step, words};
use crate::audit::{Event, Kind};
use crate::contacts;
use crate::db::{Queryable, WriteTx, execute, fetch_all, fetch_optional, is_duplicate};
use crate::enrollments::State;
use crate::error::{AppError, Refusal};
use crate::id::{ApplicationId, ContactId, EnrollmentId, MatchId, StallId, UndoId};
use crate::mail;
use crate::matching;
use crate::people::Coordinator;
use crate::settings::Settings;

/// Until when something done now can be taken back.
pub fn until(now: DateTime<Utc>, settings: &Settings) -> DateTime<Utc> {
    now + Duration::minutes(settings.undo_minutes)
}

/// Keeps how to take back what this change does. What is long over is forgotten, with the names in it.
pub async fn keep(tx: &mut WriteTx, who: &Coordinator, settings: &Settings, steps: &[Step]) -> Result<UndoId, sqlx::Error> {
    let (id, now) = (UndoId::new(), tx.now());
    let only = match steps {
        [one] => Some(one.enrollment),
        _ => None,
    };
    execute!(tx, "DELETE FROM undo WHERE account_id = $1 AND until_at < $2", who.account(), now - Duration::days(1))?;
    execute!(
        tx,
        "INSERT INTO undo (id, account_id, enrollment_id, body, made_at, until_at) VALUES ($1, $2, $3, $4, $5, $6)",
        id,
        who.account(),
        only,
        Json(steps),
        now,
        until(now, settings)
    )?;
    Ok(id)
}

/// Something that can still be taken back.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Recent {
    pub id: UndoId,
    pub enrollment_id: Option<EnrollmentId>,
    pub body: Json<Vec<Step>>,
    pub until_at: DateTime<Utc>,
}

/// What this coordinator can still take back, the latest first, at most ten.
pub async fn list(tx: &mut impl Queryable, who: &Coordinator, now: DateTime<Utc>) -> Result<Vec<Recent>, sqlx::Error> {
    fetch_all!(
        tx,
        Recent,
        "SELECT id, enrollment_id, body, until_at FROM undo WHERE account_id = $1 AND used_at IS NULL AND until_at > $2
         ORDER BY made_at DESC, id DESC LIMIT 10",
        who.account(),
        now
    )
}

/// What came of taking back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakenBack {
    Whole,
    /// All but a request for a book by post, whose address is erased.
    ButBook,
    /// That was so already.
    Before,
}

#[derive(sqlx::FromRow)]
struct Kept {
    body: Json<Vec<Step>>,
    made_at: DateTime<Utc>,
}

/// Takes back what this coordinator did, whole or not at all.
///
/// # Errors
/// A [`Refusal`] when its time is over, a message about it has left, or somebody has built on it since.
pub async fn take_back(tx: &mut WriteTx, who: &Coordinator, id: UndoId) -> Result<TakenBack, AppError> {
    let now = tx.now();
    let kept = fetch_optional!(
        tx,
        Kept,
        "UPDATE undo SET used_at = $3 WHERE id = $1 AND account_id = $2 AND used_at IS NULL AND until_at > $3 RETURNING body, made_at",
        id,
        who.account(),
        now
    )?;
    let Some(kept) = kept else { return why_not(tx, who, id).await };
    let mut whole = true;
    for step in kept.body.iter().rev() {
        for mail in &step.mails {
            if !mail::store::drop_unsent(tx, *mail).await? {
                return Err(refused(step, "the mail about it has left"));
            }
        }
        whole &= back(tx, who, step, kept.made_at).await?;
        tx.note(Event::new(Kind::ChangeUndone).of(step.enrollment).words(words(std::slice::from_ref(step))));
    }
    Ok(if whole { TakenBack::Whole } else { TakenBack::ButBook })
}

async fn why_not(tx: &mut WriteTx, who: &Coordinator, id: UndoId) -> Result<TakenBack, AppError> {
    let used = fetch_optional!(
        tx,
        (Option<DateTime<Utc>>,),
        "SELECT used_at FROM undo WHERE id = $1 AND account_id = $2",
        id,
        who.account()
    )?;
    match used {
        Some((Some(_),)) => Ok(TakenBack::Before),
        _ => Err(Refusal::new("The time in which this could be undone is over.").into()),
    }
}

fn refused(step: &Step, why: &str) -> AppError {
    Refusal::new(format!("This cannot be undone any more: {why} ({}).", step.name)).into()
}

fn built_on(step: &Step) -> AppError {
    refused(step, "something happened to it since")
}

/// The way back of one step; `false` when something of it is gone for good.
async fn back(tx: &mut WriteTx, who: &Coordinator, step: &Step, made_at: DateTime<Utc>) -> Result<bool, AppError> {
    match &step.change {
        Change::Contact { contact, .. } | Change::Wrote { contact, .. } => contact_back(tx, who, step, *contact).await?,
        Change::Reminded { contact, stall, began, nudged_before, .. } => {
            contact_back(tx, who, step, *contact).await?;
            stall_back(tx, *stall, *began, *nudged_before).await?;
        }
        Change::Paused { until } => {
            let done = execute!(
                tx,
                "UPDATE enrollment SET state = 'active', paused_until = NULL WHERE id = $1 AND state = 'paused' AND paused_until = $2",
                step.enrollment,
                *until
            )?;
            once(done, step)?;
            // The leave has not been: it ends as it began.
            execute!(
                tx,
                "UPDATE pause SET ended_at = began_at WHERE enrollment_id = $1 AND ended_at IS NULL",
                step.enrollment
            )?;
        }
        Change::Extended { from, to } => {
            let done = execute!(
                tx,
                "UPDATE enrollment SET due_on = $2 WHERE id = $1 AND due_on = $3 AND state IN ('active', 'paused')",
                step.enrollment,
                *from,
                *to
            )?;
            once(done, step)?;
        }
        Change::Withdrawn { before, .. } => return reopen(tx, step, *before, made_at).await,
        Change::Proposed { proposal, instead_of, .. } => {
            proposal_back(tx, who, step, *proposal).await?;
            if let Some(earlier) = instead_of {
                proposal_again(tx, step, *earlier, made_at).await?;
            }
        }
        Change::Accepted { application } => acceptance_back(tx, step, *application, made_at).await?,
    }
    Ok(true)
}

fn once(done: u64, step: &Step) -> Result<(), AppError> {
    if done == 1 { Ok(()) } else { Err(built_on(step)) }
}

async fn contact_back(tx: &mut WriteTx, who: &Coordinator, step: &Step, contact: ContactId) -> Result<(), AppError> {
    if contacts::store::take_back(tx, who, contact).await? { Ok(()) } else { Err(built_on(step)) }
}

/// The stall stands as before the reminder.
async fn stall_back(tx: &mut WriteTx, stall: StallId, began: bool, before: Option<DateTime<Utc>>) -> Result<(), AppError> {
    execute!(tx, "UPDATE stall SET nudged_at = $2 WHERE id = $1 AND ended_at IS NULL", stall, before)?;
    if began {
        execute!(tx, "DELETE FROM stall WHERE id = $1 AND ended_at IS NULL AND listed_at IS NULL", stall)?;
    }
    Ok(())
}

/// The enrolment goes on where it was; so does its leave, and a request for the book that needs no address.
async fn reopen(tx: &mut WriteTx, step: &Step, before: State, made_at: DateTime<Utc>) -> Result<bool, AppError> {
    let Change::Withdrawn { paused_until, .. } = step.change else { return Ok(true) };
    let id = step.enrollment;
    let done = execute!(
        tx,
        "UPDATE enrollment SET state = $2, paused_until = $3, ended_at = NULL, end_reason = NULL, end_kind = NULL,
            ended_by = NULL
         WHERE id = $1 AND state = 'withdrawn' AND ended_at = $4",
        id,
        before,
        paused_until,
        made_at
    );
    match done {
        Ok(done) => once(done, step)?,
        Err(error) if is_duplicate(&error) => return Err(refused(step, "there is a new enrollment of the same person")),
        Err(error) => return Err(error.into()),
    }
    pair_again(tx, step, made_at).await?;
    if before == State::Paused {
        execute!(tx, "UPDATE pause SET ended_at = NULL WHERE enrollment_id = $1 AND ended_at = $2", id, made_at)?;
    }
    execute!(
        tx,
        "UPDATE hold SET ended_at = NULL WHERE enrollment_id = $1 AND ended_at = $2 AND way = 'in_person'",
        id,
        made_at
    )?;
    let erased =
        fetch_optional!(tx, (i32,), "SELECT 1 FROM hold WHERE enrollment_id = $1 AND ended_at = $2 LIMIT 1", id, made_at)?;
    Ok(erased.is_none())
}

/// What ended with the enrolment goes on with it: the pair, or the proposal; nobody is asked the closing questions.
async fn pair_again(tx: &mut WriteTx, step: &Step, made_at: DateTime<Utc>) -> Result<(), AppError> {
    let id = step.enrollment;
    execute!(tx, "DELETE FROM closing_answer WHERE enrollment_id = $1 AND asked_at = $2 AND answered_at IS NULL", id, made_at)?;
    execute!(
        tx,
        "UPDATE mentor_match SET state = CASE state WHEN 'ended' THEN 'accepted' ELSE 'proposed' END, ended_at = NULL, end_reason = NULL
         WHERE enrollment_id = $1 AND state IN ('ended', 'withdrawn') AND ended_at = $2",
        id,
        made_at
    )?;
    Ok(())
}

async fn proposal_back(tx: &mut WriteTx, who: &Coordinator, step: &Step, proposal: MatchId) -> Result<(), AppError> {
    let found = matching::store::find(tx, who, proposal).await?.ok_or(AppError::NotFound)?;
    if found.state != matching::State::Proposed {
        return Err(refused(step, "the mentor has answered, or the proposal was withdrawn"));
    }
    matching::store::withdraw(tx, who, &found).await?;
    Ok(())
}

/// The proposal that was withdrawn for the other one stands again.
async fn proposal_again(tx: &mut WriteTx, step: &Step, earlier: MatchId, made_at: DateTime<Utc>) -> Result<(), AppError> {
    let done = execute!(
        tx,
        "UPDATE mentor_match SET state = 'proposed', ended_at = NULL WHERE id = $1 AND state = 'withdrawn' AND ended_at = $2",
        earlier,
        made_at
    )?;
    once(done, step)
}

/// The application waits again. What the acceptance made is removed, unless somebody has touched it since; an account that
/// was there before stays.
async fn acceptance_back(
    tx: &mut WriteTx,
    step: &Step,
    application: ApplicationId,
    made_at: DateTime<Utc>,
) -> Result<(), AppError> {
    let id = step.enrollment;
    let touched = fetch_optional!(tx, (i32,), "SELECT 1 FROM audit WHERE enrollment_id = $1 AND at > $2 LIMIT 1", id, made_at)?;
    if touched.is_some() {
        return Err(built_on(step));
    }
    let mentee = fetch_optional!(
        tx,
        (crate::id::AccountId,),
        "SELECT mentee_id FROM enrollment WHERE id = $1 AND state = 'active' AND started_at = $2",
        id,
        made_at
    )?;
    let Some((account,)) = mentee else { return Err(built_on(step)) };
    execute!(tx, "UPDATE undo SET enrollment_id = NULL WHERE enrollment_id = $1", id)?;
    // Its copy at hand goes with it.
    execute!(tx, "DELETE FROM open_move WHERE enrollment_id = $1", id)?;
    execute!(tx, "DELETE FROM standing WHERE enrollment_id = $1", id)?;
    execute!(tx, "DELETE FROM enrollment WHERE id = $1", id)?;
    let back = execute!(
        tx,
        "UPDATE application SET state = 'received', decided_at = NULL, decided_by = NULL
         WHERE id = $1 AND state = 'accepted' AND decided_at = $2",
        application,
        made_at
    )?;
    once(back, step)?;
    execute!(tx, "DELETE FROM account_role WHERE account_id = $1 AND role = 'mentee' AND granted_at = $2", account, made_at)?;
    execute!(tx, "DELETE FROM invitation WHERE account_id = $1 AND created_at = $2 AND used_at IS NULL", account, made_at)?;
    for mail in &step.mails {
        execute!(tx, "UPDATE mail SET account_id = NULL WHERE id = $1", *mail)?;
    }
    execute!(tx, "DELETE FROM account WHERE id = $1 AND created_at = $2 AND password_hash IS NULL", account, made_at)?;
    Ok(())
}

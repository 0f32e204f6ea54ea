//! What the clock does by itself: leaves that are over end, whoever lets a move wait is nudged, what waits too long is
//! listed, and what came of it is kept ([`stall`](self) rows, for the report). Separate, because nobody asks for it: the
//! server runs it at intervals, and running it twice changes nothing.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Action, EndKind, Owner, State, What, standing, store};
use crate::Stranger;
use crate::audit::{Event, Kind};
use crate::clock;
use crate::db::{Queryable, WriteTx, execute, fetch_all, fetch_optional};
use crate::error::{AppError, Refusal};
use crate::id::{AccountId, EnrollmentId, StallId};
use crate::mail::{self, Mail};
use crate::words;

words! {
    /// What ended a stall.
    pub enum Ending {
        /// The move was made.
        Done = "done",
        /// Its owner was heard again, and has more time.
        Heard = "heard",
        Paused = "paused",
        Withdrawn = "withdrawn",
        Closed = "closed",
        /// The mentor who let it wait is no longer the mentor.
        Reassigned = "reassigned",
        /// The enrolment got more time.
        Extended = "extended",
        Completed = "completed",
    }
}

impl Ending {
    pub fn name(self) -> &'static str {
        match self {
            Self::Done => "Done after all",
            Self::Heard => "Heard from again",
            Self::Paused => "Paused",
            Self::Withdrawn => "Withdrawn",
            Self::Closed => "Closed",
            Self::Reassigned => "Another mentor",
            Self::Extended => "More time given",
            Self::Completed => "Completed",
        }
    }
}

/// An open move as it is kept at hand.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct OpenMove {
    pub id: Uuid,
    pub enrollment_id: EnrollmentId,
    pub what: What,
    pub owner: Owner,
    pub owner_id: Option<AccountId>,
    pub since: DateTime<Utc>,
    pub due: DateTime<Utc>,
    pub clock_at: DateTime<Utc>,
    pub silent_at: DateTime<Utc>,
    pub list_at: DateTime<Utc>,
}

/// Open moves, up to their WHERE.
macro_rules! open_moves {
    ($rest:literal) => {
        concat!(
            "SELECT m.id, m.enrollment_id, m.what, m.owner, m.owner_id, m.since, m.due, m.clock_at, m.silent_at, m.list_at
             FROM open_move m ",
            $rest
        )
    };
}

/// Everything the clock does, once.
pub async fn run(program: &crate::State) -> Result<(), AppError> {
    resume(program).await?;
    let mut tx = program.write(&Stranger).await?;
    standing::catch_up_within(&mut tx).await?;
    settle(&mut tx).await?;
    nudge(&mut tx, program).await?;
    list(&mut tx, program).await?;
    Ok(tx.commit().await?)
}

/// Leaves whose last day is over: the enrolment goes on.
async fn resume(program: &crate::State) -> Result<(), AppError> {
    let today = clock::today(program.clock.now());
    let over = store::list_pause_over(&mut program.db.read().await?, today).await?;
    for id in over {
        let mut tx = program.write(&Stranger).await?;
        if let Some(story) = store::find(&mut tx, id).await?.filter(|story| story.state == State::Paused) {
            store::change(&mut tx, &story, Action::Resume, None, "").await?;
            tx.commit().await?;
        }
    }
    Ok(())
}

#[derive(sqlx::FromRow)]
struct Over {
    id: StallId,
    what: What,
    owner: Owner,
    owner_id: Option<AccountId>,
    state: State,
    end_kind: Option<EndKind>,
    mentor_id: Option<AccountId>,
    is_open: bool,
}

/// Ends the stalls whose move is no longer open, or whose owner was heard since.
async fn settle(tx: &mut WriteTx) -> Result<(), AppError> {
    let now = tx.now();
    let over = fetch_all!(
        tx,
        Over,
        "SELECT s.id, s.what, s.owner, s.owner_id, e.state, e.end_kind, t.mentor_id, (m.id IS NOT NULL) AS is_open
         FROM stall s JOIN enrollment e ON e.id = s.enrollment_id
         LEFT JOIN standing t ON t.enrollment_id = s.enrollment_id
         LEFT JOIN open_move m ON m.id = s.move_id
         WHERE s.ended_at IS NULL AND (m.id IS NULL OR m.clock_at > s.clock_at)"
    )?;
    for one in over {
        execute!(tx, "UPDATE stall SET ended_at = $2, ending = $3 WHERE id = $1", one.id, now, ending(&one))?;
    }
    Ok(())
}

fn ending(over: &Over) -> Ending {
    match over.state {
        _ if over.is_open => Ending::Heard,
        State::Paused => Ending::Paused,
        State::Withdrawn if over.end_kind == Some(EndKind::Closed) => Ending::Closed,
        State::Withdrawn => Ending::Withdrawn,
        State::Completed => Ending::Completed,
        State::Active if over.what == What::DecideLimit => Ending::Extended,
        State::Active if over.owner == Owner::Mentor && over.mentor_id != over.owner_id => Ending::Reassigned,
        State::Active => Ending::Done,
    }
}

/// Nudges the owner of every move that is past its limit, once; and again whoever was heard since and fell silent again.
async fn nudge(tx: &mut WriteTx, program: &crate::State) -> Result<(), AppError> {
    let now = tx.now();
    let late = fetch_all!(
        tx,
        OpenMove,
        open_moves!(
            "WHERE m.owner <> 'coordinator' AND m.optional = FALSE AND (m.due <= $1 OR m.silent_at <= $1)
            AND NOT EXISTS (SELECT 1 FROM stall s WHERE s.move_id = m.id AND s.nudged_at IS NOT NULL
                AND (s.clock_at = m.clock_at OR m.silent_at > $1))
         ORDER BY m.due, m.id"
        ),
        now
    )?;
    for one in late {
        remind(tx, program, &one).await?;
    }
    Ok(())
}

/// Tells the coordinators what stands on their list since the last time: what others let wait, and what waits on them
/// past its limit.
async fn list(tx: &mut WriteTx, program: &crate::State) -> Result<(), AppError> {
    let now = tx.now();
    let late = fetch_all!(
        tx,
        OpenMove,
        open_moves!(
            "WHERE m.optional = FALSE AND m.list_at <= $1 AND (m.owner <> 'coordinator' OR m.due <= $1)
            AND NOT EXISTS (SELECT 1 FROM stall s WHERE s.move_id = m.id AND s.listed_at IS NOT NULL AND s.ended_at IS NULL)
         ORDER BY m.list_at, m.id"
        ),
        now
    )?;
    if late.is_empty() {
        return Ok(());
    }
    let coordinators = mail::store::coordinators(tx).await?;
    for one in late {
        let stall = open_stall(tx, &one).await?;
        execute!(tx, "UPDATE stall SET listed_at = $2 WHERE id = $1", stall, now)?;
        let (mentee,) = crate::fetch_one!(
            tx,
            (String,),
            "SELECT a.name FROM enrollment e JOIN account a ON a.id = e.mentee_id WHERE e.id = $1",
            one.enrollment_id
        )?;
        for to in &coordinators {
            let mail = Mail::new(mail::Kind::Listed, to.clone())
                .with("what", one.what.lacking())
                .with("mentee", &mentee)
                .with("link", program.link(&format!("/coordinator/enrollments/{}", one.enrollment_id)))
                .about(one.id);
            mail::store::enqueue(tx, mail).await?;
        }
    }
    Ok(())
}

/// Puts a line about one open move into its owner's next digest, and keeps that it was done.
pub async fn remind(tx: &mut WriteTx, program: &crate::State, one: &OpenMove) -> Result<StallId, AppError> {
    let Some(owner) = one.owner_id else {
        return Err(Refusal::new("This waits on the coordinator, who needs no reminder by mail.").into());
    };
    let now = tx.now();
    let stall = open_stall(tx, one).await?;
    execute!(tx, "UPDATE stall SET nudged_at = $2 WHERE id = $1", stall, now)?;
    let story = store::find(tx, one.enrollment_id).await?.ok_or(AppError::NotFound)?;
    let to = mail::store::recipient(tx, owner).await?;
    let with = match one.owner {
        Owner::Mentee => String::new(),
        Owner::Mentor | Owner::Coordinator => story.mentee.clone(),
    };
    let mail = Mail::new(mail::Kind::Nudge, to)
        .with("what", one.what.told())
        .with("with", with)
        .with("since", clock::say_date(clock::today(one.since), clock::today(now)))
        .with("link", program.link(&super::way(one.what, &story)))
        .about(one.id);
    mail::store::enqueue(tx, mail).await?;
    tx.note(Event::new(Kind::Nudged).of(one.enrollment_id).about(one.id).words(one.what.told()));
    Ok(stall)
}

/// What of somebody's open moves stands highest on the list, or will first.
pub async fn most_urgent(
    tx: &mut impl Queryable,
    enrollment: EnrollmentId,
    owner: Owner,
) -> Result<Option<OpenMove>, sqlx::Error> {
    fetch_optional!(
        tx,
        OpenMove,
        open_moves!(
            "WHERE m.enrollment_id = $1 AND m.owner = $2 AND m.optional = FALSE ORDER BY m.list_at, m.due, m.id LIMIT 1"
        ),
        enrollment,
        owner
    )
}

/// The stall of a move that is going on, begun if there is none.
async fn open_stall(tx: &mut WriteTx, one: &OpenMove) -> Result<StallId, sqlx::Error> {
    execute!(
        tx,
        "INSERT INTO stall (id, enrollment_id, move_id, what, owner, owner_id, opened_at, limit_at, clock_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (move_id) WHERE ended_at IS NULL DO NOTHING",
        StallId::new(),
        one.enrollment_id,
        one.id,
        one.what,
        one.owner,
        one.owner_id,
        one.since,
        one.due,
        one.clock_at
    )?;
    Ok(crate::fetch_one!(tx, (StallId,), "SELECT id FROM stall WHERE move_id = $1 AND ended_at IS NULL", one.id)?.0)
}

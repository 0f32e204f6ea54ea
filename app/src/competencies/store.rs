//! Instruments and self-evaluations in the database.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::types::Json;

use super::{Instrument, MOST_GOALS, Moment, Ratings, State, Statement};
use crate::audit::{Event, Kind};
use crate::db::{Queryable, WriteTx, execute, fetch_all, fetch_optional};
use crate::error::{AppError, Refusal};
use crate::id::{EnrollmentId, GoalId, InstrumentId, SelfEvaluationId};
use crate::people::{Coordinator, OwnEnrollment};

/// An instrument that was published.
#[derive(Debug, Clone)]
pub struct Published {
    pub id: InstrumentId,
    pub version: i32,
    pub instrument: Instrument,
}

#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Evaluation {
    pub id: SelfEvaluationId,
    pub instrument_id: InstrumentId,
    pub moment: Moment,
    pub state: State,
    pub ratings: Json<Ratings>,
    pub shared: bool,
    pub made_at: DateTime<Utc>,
}

type Row = (InstrumentId, i32, Json<Instrument>);

fn published(row: Row) -> Published {
    Published { id: row.0, version: row.1, instrument: row.2.0 }
}

/// The newest instrument.
pub async fn newest(tx: &mut impl Queryable) -> Result<Option<Published>, sqlx::Error> {
    let row = fetch_optional!(tx, Row, "SELECT id, version, body FROM instrument ORDER BY version DESC LIMIT 1")?;
    Ok(row.map(published))
}

pub async fn find(tx: &mut impl Queryable, id: InstrumentId) -> Result<Option<Published>, sqlx::Error> {
    Ok(fetch_optional!(tx, Row, "SELECT id, version, body FROM instrument WHERE id = $1", id)?.map(published))
}

/// The instruments a page of one enrolment needs: those it was evaluated with, and the newest first of all.
pub async fn list_for(tx: &mut impl Queryable, enrollment: EnrollmentId) -> Result<Vec<Published>, sqlx::Error> {
    let rows = fetch_all!(
        tx,
        Row,
        "SELECT i.id, i.version, i.body FROM instrument i
         WHERE i.version = (SELECT max(x.version) FROM instrument x)
            OR EXISTS (SELECT 1 FROM self_evaluation s WHERE s.instrument_id = i.id AND s.enrollment_id = $1)
         ORDER BY i.version DESC",
        enrollment
    )?;
    Ok(rows.into_iter().map(published).collect())
}

/// What the mentee made of an enrolment: at most one of each moment, the start first.
pub async fn list(tx: &mut impl Queryable, enrollment: EnrollmentId) -> Result<Vec<Evaluation>, sqlx::Error> {
    fetch_all!(
        tx,
        Evaluation,
        "SELECT id, instrument_id, moment, state, ratings, shared, made_at FROM self_evaluation
         WHERE enrollment_id = $1 ORDER BY moment DESC",
        enrollment
    )
}

/// What a mentee saves.
#[derive(Debug, Clone)]
pub struct Answers {
    pub instrument: InstrumentId,
    pub moment: Moment,
    pub ratings: Ratings,
    pub shared: bool,
}

/// Keeps an evaluation; a later one of the same moment takes its place.
pub async fn save(tx: &mut WriteTx, who: &OwnEnrollment, answers: &Answers) -> Result<(), sqlx::Error> {
    let (id, now) = (SelfEvaluationId::new(), tx.now());
    execute!(
        tx,
        "INSERT INTO self_evaluation (id, enrollment_id, instrument_id, moment, state, ratings, shared, made_at)
         VALUES ($1, $2, $3, $4, 'done', $5, $6, $7)
         ON CONFLICT (enrollment_id, moment) DO UPDATE SET instrument_id = excluded.instrument_id, state = excluded.state,
            ratings = excluded.ratings, shared = excluded.shared, made_at = excluded.made_at",
        id,
        who.enrollment(),
        answers.instrument,
        answers.moment,
        Json(&answers.ratings),
        answers.shared,
        now
    )?;
    tx.note(Event::new(Kind::SelfEvaluationMade).of(who.enrollment()).words(answers.moment.as_str()));
    Ok(())
}

/// Passes an evaluation over. One that was filled in stays; doing it twice changes nothing.
pub async fn skip(tx: &mut WriteTx, who: &OwnEnrollment, moment: Moment) -> Result<(), sqlx::Error> {
    let (id, now) = (SelfEvaluationId::new(), tx.now());
    let skipped = execute!(
        tx,
        "INSERT INTO self_evaluation (id, enrollment_id, instrument_id, moment, state, ratings, shared, made_at)
         SELECT $1, $2, i.id, $3, 'skipped', $4, FALSE, $5 FROM instrument i
         WHERE i.version = (SELECT max(x.version) FROM instrument x)
         ON CONFLICT (enrollment_id, moment) DO NOTHING",
        id,
        who.enrollment(),
        moment,
        Json(Ratings::new()),
        now
    )?;
    if skipped == 1 {
        tx.note(Event::new(Kind::SelfEvaluationSkipped).of(who.enrollment()).words(moment.as_str()));
    }
    Ok(())
}

/// Opens an evaluation to the mentor, or closes it again; `false` when there is none to share.
pub async fn share(tx: &mut WriteTx, who: &OwnEnrollment, moment: Moment, shared: bool) -> Result<bool, sqlx::Error> {
    let changed = execute!(
        tx,
        "UPDATE self_evaluation SET shared = $3 WHERE enrollment_id = $1 AND moment = $2 AND state = 'done' AND shared <> $3",
        who.enrollment(),
        moment,
        shared
    )?;
    if changed == 1 {
        let kind = if shared { Kind::SelfEvaluationShared } else { Kind::SelfEvaluationUnshared };
        tx.note(Event::new(kind).of(who.enrollment()).words(moment.as_str()));
        return Ok(true);
    }
    let there = fetch_optional!(
        tx,
        (i32,),
        "SELECT 1 FROM self_evaluation WHERE enrollment_id = $1 AND moment = $2 AND state = 'done'",
        who.enrollment(),
        moment
    )?;
    Ok(there.is_some())
}

/// A version as the coordinator's list shows it.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Version {
    pub id: InstrumentId,
    pub version: i32,
    pub published_at: DateTime<Utc>,
    pub published_by: Option<String>,
    /// Evaluations that were made with it.
    pub used: i64,
}

/// Every version, the newest first.
pub async fn list_versions(tx: &mut impl Queryable, _who: &Coordinator) -> Result<Vec<Version>, sqlx::Error> {
    fetch_all!(
        tx,
        Version,
        "SELECT i.id, i.version, i.published_at, a.name AS published_by,
            (SELECT COUNT(*) FROM self_evaluation s WHERE s.instrument_id = i.id AND s.state = 'done') AS used
         FROM instrument i LEFT JOIN account a ON a.id = i.published_by ORDER BY i.version DESC"
    )
}

/// The instrument as it is being edited.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Draft {
    pub body: Json<Instrument>,
    pub revision: i64,
    pub changed_at: DateTime<Utc>,
    pub changed_by: String,
}

pub async fn find_draft(tx: &mut impl Queryable, _who: &Coordinator) -> Result<Option<Draft>, sqlx::Error> {
    fetch_optional!(
        tx,
        Draft,
        "SELECT d.body, d.revision, d.changed_at, a.name AS changed_by
         FROM instrument_draft d JOIN account a ON a.id = d.changed_by"
    )
}

/// Begins a draft from a published instrument; one that is there already stays.
pub async fn begin_draft(tx: &mut WriteTx, who: &Coordinator, from: &Instrument) -> Result<(), sqlx::Error> {
    let now = tx.now();
    execute!(
        tx,
        "INSERT INTO instrument_draft (slot, body, revision, changed_at, changed_by) VALUES (1, $1, 1, $2, $3)
         ON CONFLICT (slot) DO NOTHING",
        Json(from),
        now,
        who.account()
    )
    .map(|_| ())
}

/// Changes the draft by a rule. Of two coordinators at once the second is told, and looks again.
pub async fn edit_draft(
    tx: &mut WriteTx,
    who: &Coordinator,
    edit: impl FnOnce(&mut Instrument) -> Result<(), Refusal>,
) -> Result<(), AppError> {
    let mut draft = find_draft(tx, who).await?.ok_or_else(no_draft)?;
    edit(&mut draft.body.0)?;
    let now = tx.now();
    let changed = execute!(
        tx,
        "UPDATE instrument_draft SET body = $1, revision = $2 + 1, changed_at = $3, changed_by = $4 WHERE revision = $2",
        &draft.body,
        draft.revision,
        now,
        who.account()
    )?;
    if changed == 0 { Err(overtaken().into()) } else { Ok(()) }
}

fn no_draft() -> Refusal {
    Refusal::new("There is no draft any more. Somebody may have published or discarded it.")
}

fn overtaken() -> Refusal {
    Refusal::new("Another coordinator changed the draft at the same moment. Look at it and try again.")
}

/// Publishes a draft as it was read, as the next version; it is no draft any more.
pub async fn publish(tx: &mut WriteTx, who: &Coordinator, draft: &Draft) -> Result<(), AppError> {
    if execute!(tx, "DELETE FROM instrument_draft WHERE revision = $1", draft.revision)? == 0 {
        return Err(overtaken().into());
    }
    let (id, now) = (InstrumentId::new(), tx.now());
    execute!(
        tx,
        "INSERT INTO instrument (id, version, body, published_at, published_by)
         SELECT $1, coalesce(max(version), 0) + 1, $2, $3, $4 FROM instrument",
        id,
        &draft.body,
        now,
        who.account()
    )?;
    tx.note(Event::new(Kind::InstrumentPublished).about(id.0));
    Ok(())
}

pub async fn discard_draft(tx: &mut WriteTx, _who: &Coordinator) -> Result<(), sqlx::Error> {
    execute!(tx, "DELETE FROM instrument_draft").map(|_| ())
}

/// A statement that the mentee made a goal of. The mentor sees it, in the plan and on the agenda.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Goal {
    pub id: GoalId,
    pub statement: String,
    pub text: String,
    /// The mentee's own word; may be empty.
    pub word: String,
    pub chosen_at: DateTime<Utc>,
    pub reached_on: Option<NaiveDate>,
}

/// The goals of an enrolment, those still ahead first, each in the order it was chosen.
pub async fn list_goals(tx: &mut impl Queryable, enrollment: EnrollmentId) -> Result<Vec<Goal>, sqlx::Error> {
    fetch_all!(
        tx,
        Goal,
        "SELECT id, statement, text, word, chosen_at, reached_on FROM goal
         WHERE enrollment_id = $1 AND dropped_at IS NULL
         ORDER BY CASE WHEN reached_on IS NULL THEN 0 ELSE 1 END, chosen_at, id",
        enrollment
    )
}

/// Makes a goal of a statement. A goal that is there already stays; there is no room for more than [`MOST_GOALS`].
pub async fn choose_goal(tx: &mut WriteTx, own: &OwnEnrollment, statement: &Statement, word: &str) -> Result<(), AppError> {
    crate::enrollments::store::hold(tx, own.enrollment()).await?;
    let taken = fetch_all!(
        tx,
        (i32, String),
        "SELECT place, statement FROM goal WHERE enrollment_id = $1 AND dropped_at IS NULL",
        own.enrollment()
    )?;
    if taken.iter().any(|(_, code)| *code == statement.code) {
        return Err(Refusal::new("This is a goal of yours already.").into());
    }
    let free = (1..=MOST_GOALS).find(|place| taken.iter().all(|(other, _)| other != place));
    let place = free.ok_or_else(|| Refusal::new("You have five goals. Take one off before you choose another."))?;
    let (id, now) = (GoalId::new(), tx.now());
    execute!(
        tx,
        "INSERT INTO goal (id, enrollment_id, place, statement, text, word, chosen_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        id,
        own.enrollment(),
        place,
        &statement.code,
        &statement.text,
        word,
        now
    )?;
    tx.note(Event::new(Kind::GoalChosen).of(own.enrollment()).about(id.0));
    Ok(())
}

/// Changes the mentee's word, and the day it was reached; `false` when the goal is not theirs or is gone.
pub async fn change_goal(
    tx: &mut WriteTx,
    own: &OwnEnrollment,
    goal: GoalId,
    word: &str,
    reached_on: Option<NaiveDate>,
) -> Result<bool, sqlx::Error> {
    let changed = execute!(
        tx,
        "UPDATE goal SET word = $3, reached_on = $4 WHERE id = $1 AND enrollment_id = $2 AND dropped_at IS NULL",
        goal,
        own.enrollment(),
        word,
        reached_on
    )?;
    if changed == 1 {
        tx.note(Event::new(Kind::GoalChanged).of(own.enrollment()).about(goal.0));
    }
    Ok(changed == 1)
}

/// Takes a goal off; `false` when there is none.
pub async fn drop_goal(tx: &mut WriteTx, own: &OwnEnrollment, goal: GoalId) -> Result<bool, sqlx::Error> {
    let now = tx.now();
    let dropped = execute!(
        tx,
        "UPDATE goal SET dropped_at = $3 WHERE id = $1 AND enrollment_id = $2 AND dropped_at IS NULL",
        goal,
        own.enrollment(),
        now
    )?;
    if dropped == 1 {
        tx.note(Event::new(Kind::GoalDropped).of(own.enrollment()).about(goal.0));
    }
    Ok(dropped == 1)
}

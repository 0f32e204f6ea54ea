//! Instruments and self-evaluations in the database.

use chrono::{DateTime, Utc};
use sqlx::types::Json;

use super::{Instrument, Moment, Ratings, State};
use crate::audit::{Event, Kind};
use crate::db::{Queryable, WriteTx, execute, fetch_all, fetch_optional};
use crate::id::{EnrollmentId, InstrumentId, SelfEvaluationId};
use crate::people::OwnEnrollment;

/// An instrument that was published, with its id.
#[derive(Debug, Clone)]
pub struct Published {
    pub id: InstrumentId,
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

type Row = (InstrumentId, Json<Instrument>);

fn published(row: Row) -> Published {
    Published { id: row.0, instrument: row.1.0 }
}

/// The newest instrument.
pub async fn newest(tx: &mut impl Queryable) -> Result<Option<Published>, sqlx::Error> {
    let row = fetch_optional!(tx, Row, "SELECT id, body FROM instrument ORDER BY version DESC LIMIT 1")?;
    Ok(row.map(published))
}

pub async fn find(tx: &mut impl Queryable, id: InstrumentId) -> Result<Option<Published>, sqlx::Error> {
    Ok(fetch_optional!(tx, Row, "SELECT id, body FROM instrument WHERE id = $1", id)?.map(published))
}

/// The instruments a page of one enrolment needs: those it was evaluated with, and the newest first of all.
pub async fn list_for(tx: &mut impl Queryable, enrollment: EnrollmentId) -> Result<Vec<Published>, sqlx::Error> {
    let rows = fetch_all!(
        tx,
        Row,
        "SELECT i.id, i.body FROM instrument i
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

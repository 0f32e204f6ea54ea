//! What every enrolment waits for, kept at hand: the coordinator's pages and the clock read it instead of telling a
//! thousand stories again. Separate, because it is a copy: [`super::moves`] and [`super::ladder`] are the truth, and
//! [`catch_up`] makes the copy follow them.
//!
//! Every change to an enrolment leaves an event in the audit. So the copy knows up to which event it was told, and tells
//! again those enrolments that have newer ones. A change that touches many at once (settings, questions, a mentor's
//! leave, a name) tells all live ones again.

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::ladder::{Rungs, rungs};
use super::{Move, Owner, State, Story, moves, signs, store, turn};
use crate::Stranger;
use crate::audit;
use crate::db::{Queryable, WriteTx, execute, fetch_all, fetch_optional};
use crate::error::AppError;
use crate::id::EnrollmentId;
use crate::settings::{self, Settings};
use crate::ui::Sign;

/// Events that change what many enrolments wait for.
const TOUCHING_ALL: [audit::Kind; 10] = [
    audit::Kind::AccountChanged,
    audit::Kind::MentorProfileChanged,
    audit::Kind::OutlineConfirmed,
    audit::Kind::OutlinePublished,
    audit::Kind::QuestionApproved,
    audit::Kind::QuestionRetired,
    audit::Kind::QuestionWritten,
    audit::Kind::QuestionsImported,
    audit::Kind::SettingsChanged,
    audit::Kind::TestRulesChanged,
];

/// The id of a move: the same however often it is told, and another once it was made and is open again.
pub fn move_id(enrollment: EnrollmentId, one: &Move) -> Uuid {
    let hash = Sha256::new()
        .chain_update(enrollment.0.as_bytes())
        .chain_update(one.what.as_str())
        .chain_update(one.owner.as_str())
        .chain_update(one.since.timestamp_micros().to_be_bytes())
        .finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// Tells again every enrolment that something happened to since the last time. To be called before reading the copy.
pub async fn catch_up(program: &crate::State) -> Result<(), AppError> {
    let mut tx = program.db.read().await?;
    let behind = is_behind(&mut tx).await?;
    drop(tx);
    if !behind {
        return Ok(());
    }
    let mut tx = program.write(&Stranger).await?;
    catch_up_within(&mut tx).await?;
    Ok(tx.commit().await?)
}

async fn is_behind(tx: &mut impl Queryable) -> Result<bool, sqlx::Error> {
    let found = fetch_optional!(
        tx,
        (i32,),
        "SELECT 1 FROM audit_head a WHERE a.seq > coalesce((SELECT s.seq FROM standing_head s WHERE s.id = 1), 0)"
    )?;
    Ok(found.is_some())
}

/// The same within a change, for what reads the copy and writes: of several at once, one tells and the others wait.
pub async fn catch_up_within(tx: &mut WriteTx) -> Result<(), AppError> {
    execute!(tx, "INSERT INTO standing_head (id, seq) VALUES (1, 0) ON CONFLICT (id) DO NOTHING")?;
    let (told,): (i64,) = crate::fetch_one!(tx, (i64,), "UPDATE standing_head SET seq = seq WHERE id = 1 RETURNING seq")?;
    let head = audit::store::head(tx).await?.seq;
    if head <= told {
        return Ok(());
    }
    let settings = settings::store::current(tx).await?;
    for id in changed(tx, told).await? {
        tell(tx, id, &settings).await?;
    }
    execute!(tx, "UPDATE standing_head SET seq = $1 WHERE id = 1", head)?;
    Ok(())
}

/// Which enrolments have newer events. What an import brought as ended waits for nothing, and may be ten thousand.
async fn changed(tx: &mut WriteTx, told: i64) -> Result<Vec<EnrollmentId>, sqlx::Error> {
    let mut ids = fetch_all!(
        tx,
        (EnrollmentId,),
        "SELECT DISTINCT a.enrollment_id FROM audit a JOIN enrollment e ON e.id = a.enrollment_id
         WHERE a.seq > $1 AND (a.kind <> 'enrollment.imported' OR e.state IN ('active', 'paused'))",
        told
    )?;
    let kinds = fetch_all!(tx, (String,), "SELECT DISTINCT kind FROM audit WHERE seq > $1", told)?;
    if kinds.iter().any(|(kind,)| TOUCHING_ALL.iter().any(|known| known.as_str() == kind)) {
        ids.extend(fetch_all!(tx, (EnrollmentId,), "SELECT id FROM enrollment WHERE state IN ('active', 'paused')")?);
    }
    ids.sort_unstable();
    ids.dedup();
    Ok(ids.into_iter().map(|(id,)| id).collect())
}

/// Tells one enrolment again, in the change that is going on.
pub async fn tell(tx: &mut WriteTx, id: EnrollmentId, settings: &Settings) -> Result<(), AppError> {
    let Some(story) = store::find(tx, id).await? else { return Ok(()) };
    let open = moves(&story, settings);
    execute!(tx, "DELETE FROM open_move WHERE enrollment_id = $1", id)?;
    for one in &open {
        insert_move(tx, &story, one, &rungs(one, &story, settings)).await?;
    }
    write(tx, &story, &open).await?;
    Ok(())
}

async fn insert_move(tx: &mut WriteTx, story: &Story, one: &Move, rungs: &Rungs) -> Result<(), sqlx::Error> {
    execute!(
        tx,
        "INSERT INTO open_move (id, enrollment_id, what, owner, owner_id, optional, since, limit_days, due, clock_at, silent_at, list_at, decide_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        move_id(story.id, one),
        story.id,
        one.what,
        one.owner,
        story.account_of(one.owner),
        one.optional,
        one.since,
        one.limit_days(),
        one.due,
        rungs.clock,
        rungs.silent,
        rungs.list,
        rungs.decide
    )
    .map(|_| ())
}

/// The place of the present sign on the trail, from 0; 8 when all are done.
fn step(story: &Story) -> i32 {
    let place = signs(story).iter().position(|sign| *sign == Sign::Present).unwrap_or(8);
    i32::try_from(place).unwrap_or(8)
}

async fn write(tx: &mut WriteTx, story: &Story, open: &[Move]) -> Result<(), sqlx::Error> {
    let mentee_heard = story.heard_at(Owner::Mentee).unwrap_or(story.started_at);
    let matched = story.matched_at.is_some();
    let mentor_heard = story.heard_at(Owner::Mentor).filter(|_| matched);
    let turn = turn(open).filter(|one| !one.optional && one.since <= tx.now());
    execute!(tx, "DELETE FROM standing WHERE enrollment_id = $1", story.id)?;
    execute!(
        tx,
        "INSERT INTO standing (enrollment_id, state, step, mentee_id, mentor_id, matched, chapters, chapters_read, discussed,
            mentee_heard_at, mentor_heard_at, unheard_since, next_talk_at, turn_what, turn_owner, turn_since, turn_due)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
        story.id,
        story.state,
        step(story),
        story.mentee_id,
        story.mentor_id,
        matched,
        small(story.chapters),
        small(story.read),
        small(story.discussed),
        mentee_heard,
        mentor_heard,
        mentor_heard.map_or(mentee_heard, |mentor| mentor.min(mentee_heard)),
        story.next_talk_at,
        turn.map(|one| one.what),
        turn.map(|one| one.owner),
        turn.map(|one| one.since),
        turn.map(|one| one.due)
    )
    .map(|_| ())
}

fn small(count: i64) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// How many active enrolments stand at each sign of the trail, counted from the copy.
pub async fn count_steps(tx: &mut impl Queryable) -> Result<[i64; 8], sqlx::Error> {
    let rows = fetch_all!(tx, (i32, i64), "SELECT step, COUNT(*) FROM standing WHERE state = $1 GROUP BY step", State::Active)?;
    let mut counts = [0; 8];
    for (step, count) in rows {
        if let Some(place) = usize::try_from(step).ok().and_then(|step| counts.get_mut(step)) {
            *place = count;
        }
    }
    Ok(counts)
}

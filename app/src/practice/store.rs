//! Practices in the database. What an answer comes to is kept with it, and read once the time is over.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sqlx::types::Json;
use uuid::Uuid;

use super::Practice;
use crate::assessments::attempt::{Drawable, Item};
use crate::assessments::store::ItemRow;
use crate::assessments::{Answer, credit};
use crate::audit::{Event, Kind};
use crate::db::{Queryable, WriteTx, execute, fetch_all, fetch_optional};
use crate::id::{EnrollmentId, OutlineId, PracticeId, QuestionId};
use crate::people::OwnEnrollment;

macro_rules! practices {
    ($rest:literal) => {
        concat!(
            "SELECT p.id, p.enrollment_id, p.started_at, p.ends_at, p.ended_at, p.item_count, p.seed,
                CAST((SELECT coalesce(sum(i.credit), 0) FROM practice_item i WHERE i.practice_id = p.id) AS INTEGER) AS credit
             FROM practice p ",
            $rest
        )
    };
}

/// The practices of an enrolment, the latest first.
pub async fn list(tx: &mut impl Queryable, own: &OwnEnrollment) -> Result<Vec<Practice>, sqlx::Error> {
    fetch_all!(
        tx,
        Practice,
        practices!("WHERE p.enrollment_id = $1 ORDER BY p.started_at DESC, p.id DESC LIMIT 100"),
        own.enrollment()
    )
}

pub async fn find(tx: &mut impl Queryable, id: PracticeId) -> Result<Option<Practice>, sqlx::Error> {
    fetch_optional!(tx, Practice, practices!("WHERE p.id = $1"), id)
}

/// A book whose questions can be practiced with, and how many there are.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Bank {
    pub outline_id: OutlineId,
    pub book: String,
    pub edition: String,
    pub questions: i64,
}

/// Questions that can be practiced: approved, marked without a person, and not of a chapter whose post-test this enrolment
/// has still before it, nor the same question elsewhere, as in a newer version of its outline.
macro_rules! practicable {
    ($select:literal, $rest:literal) => {
        concat!(
            "SELECT ", $select, " FROM question q JOIN chapter c ON c.id = q.chapter_id JOIN outline o ON o.id = c.outline_id
             WHERE q.approved_at IS NOT NULL AND q.retired_at IS NULL AND q.kind <> 'essay' AND NOT EXISTS
                (SELECT 1 FROM enrollment e WHERE e.id = $1 AND e.outline_id = o.id
                 AND coalesce(e.post_tests, CASE WHEN e.option_number = 1 THEN 'required' ELSE 'off' END) <> 'off'
                 AND NOT EXISTS (SELECT 1 FROM attempt a WHERE a.enrollment_id = e.id AND a.chapter_id = c.id AND a.passed = TRUE))
             AND NOT EXISTS (SELECT 1 FROM enrollment e JOIN chapter d ON d.outline_id = e.outline_id
                JOIN question x ON x.chapter_id = d.id AND x.text = q.text AND x.approved_at IS NOT NULL AND x.retired_at IS NULL
                WHERE e.id = $1 AND coalesce(e.post_tests, CASE WHEN e.option_number = 1 THEN 'required' ELSE 'off' END) <> 'off'
                 AND NOT EXISTS (SELECT 1 FROM attempt a WHERE a.enrollment_id = e.id AND a.chapter_id = d.id AND a.passed = TRUE)) ",
            $rest
        )
    };
}

/// The books whose questions can be practiced with.
pub async fn list_banks(tx: &mut impl Queryable, enrollment: EnrollmentId) -> Result<Vec<Bank>, sqlx::Error> {
    fetch_all!(
        tx,
        Bank,
        concat!(
            "SELECT o.id AS outline_id, t.name AS book, ed.label AS edition, x.questions FROM (",
            practicable!("o.id AS outline_id, COUNT(*) AS questions", "GROUP BY o.id"),
            ") x JOIN outline o ON o.id = x.outline_id JOIN edition ed ON ed.id = o.edition_id JOIN title t ON t.id = ed.title_id
             ORDER BY t.name, ed.label, o.id"
        ),
        enrollment
    )
}

/// The questions to draw from, of one book or of all, each text once. The topic is the question's, else its chapter.
pub async fn list_practicable(
    tx: &mut impl Queryable,
    enrollment: EnrollmentId,
    outline: Option<OutlineId>,
) -> Result<Vec<Drawable>, sqlx::Error> {
    let rows = fetch_all!(
        tx,
        (QuestionId, String, String),
        practicable!(
            "q.id, CASE WHEN q.topic = '' THEN c.title ELSE q.topic END, q.text",
            "AND (CAST($2 AS UUID) IS NULL OR o.id = $2) ORDER BY q.id"
        ),
        enrollment,
        outline
    )?;
    let mut seen = HashSet::new();
    Ok(rows.into_iter().filter(|(_, _, text)| seen.insert(text.clone())).map(|(id, topic, _)| Drawable { id, topic }).collect())
}

/// A practice to begin.
#[derive(Debug, Clone)]
pub struct Beginning<'a> {
    pub questions: &'a [QuestionId],
    pub ends_at: DateTime<Utc>,
    pub seed: &'a [u8],
}

/// Begins a practice and gives its id; while one is open, that one's.
pub async fn start(tx: &mut WriteTx, own: &OwnEnrollment, new: &Beginning<'_>) -> Result<Option<PracticeId>, sqlx::Error> {
    let (id, now) = (PracticeId::new(), tx.now());
    execute!(
        tx,
        "UPDATE practice SET ended_at = ends_at WHERE enrollment_id = $1 AND ended_at IS NULL AND ends_at <= $2",
        own.enrollment(),
        now
    )?;
    let count = i32::try_from(new.questions.len()).unwrap_or(i32::MAX);
    let started = execute!(
        tx,
        "INSERT INTO practice (id, enrollment_id, started_at, ends_at, item_count, seed) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT DO NOTHING",
        id,
        own.enrollment(),
        now,
        new.ends_at,
        count,
        new.seed
    )?;
    if started == 0 {
        return find_open(tx, own).await;
    }
    let rows: Vec<(i32, QuestionId)> = (1..).zip(new.questions.iter().copied()).collect();
    crate::db::insert_all!(
        tx,
        "INSERT INTO practice_item (practice_id, question_id, position, answer, credit)",
        rows,
        row => [id, row.1, row.0, Json(Answer::None), 0_i32]
    )?;
    tx.note(Event::new(Kind::PracticeStarted).of(own.enrollment()).about(id.0));
    Ok(Some(id))
}

async fn find_open(tx: &mut impl Queryable, own: &OwnEnrollment) -> Result<Option<PracticeId>, sqlx::Error> {
    let found = fetch_optional!(
        tx,
        (PracticeId,),
        "SELECT id FROM practice WHERE enrollment_id = $1 AND ended_at IS NULL",
        own.enrollment()
    )?;
    Ok(found.map(|(id,)| id))
}

#[derive(sqlx::FromRow)]
struct Row {
    topic: String,
    #[sqlx(flatten)]
    item: ItemRow,
}

/// The questions of a practice in its order, each with its topic.
pub async fn list_items(tx: &mut impl Queryable, id: PracticeId) -> Result<Vec<(String, Item)>, sqlx::Error> {
    let rows = fetch_all!(
        tx,
        Row,
        "SELECT CASE WHEN q.topic = '' THEN c.title ELSE q.topic END AS topic, q.id, q.kind, q.text, q.explanation, q.body,
            q.picture_hash, q.picture_alt, i.answer, i.credit, i.saved_at, i.saved_from, CAST(NULL AS TEXT) AS marked_by, '' AS word
         FROM practice_item i JOIN question q ON q.id = i.question_id JOIN chapter c ON c.id = q.chapter_id
         WHERE i.practice_id = $1 ORDER BY i.position",
        id
    )?;
    rows.into_iter().map(|row| Ok((row.topic, row.item.try_into()?))).collect()
}

/// Keeps answers of an open practice with what they come to; gives whether it is open.
pub async fn keep(
    tx: &mut WriteTx,
    own: &OwnEnrollment,
    id: PracticeId,
    answers: &[(&Item, Answer)],
    page: Option<Uuid>,
) -> Result<bool, sqlx::Error> {
    let now = tx.now();
    let open = execute!(
        tx,
        "UPDATE practice SET item_count = item_count WHERE id = $1 AND enrollment_id = $2 AND ended_at IS NULL",
        id,
        own.enrollment()
    )?;
    if open == 0 {
        return Ok(false);
    }
    for (item, answer) in answers {
        execute!(
            tx,
            "UPDATE practice_item SET answer = $3, credit = $4, saved_at = $5, saved_from = $6
             WHERE practice_id = $1 AND question_id = $2",
            id,
            item.question,
            Json(answer),
            credit(&item.body, answer).unwrap_or_default(),
            now,
            page
        )?;
    }
    Ok(true)
}

/// Ends a practice, at the latest when its time was over; `false` when it was ended before.
pub async fn end(tx: &mut WriteTx, own: &OwnEnrollment, id: PracticeId) -> Result<bool, sqlx::Error> {
    let now = tx.now();
    let ended = execute!(
        tx,
        "UPDATE practice SET ended_at = CASE WHEN ends_at < $3 THEN ends_at ELSE $3 END
         WHERE id = $1 AND enrollment_id = $2 AND ended_at IS NULL",
        id,
        own.enrollment(),
        now
    )?;
    if ended == 1 {
        tx.note(Event::new(Kind::PracticeEnded).of(own.enrollment()).about(id.0));
    }
    Ok(ended == 1)
}

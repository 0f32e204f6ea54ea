//! Post-tests in the database: attempts, what they asked, and what was answered.

use chrono::{DateTime, Utc};
use sqlx::types::Json;

use super::questions::body_of;
use crate::assessments::{Answer, Attempt, Credit, Item, Marked, Missed, Picture, QuestionKind, Score};
use crate::audit::{Event, Kind};
use crate::contacts::Medium;
use crate::db::{Queryable, WriteTx, execute, fetch_all, fetch_optional};
use crate::id::{AttemptId, ChapterId, EnrollmentId, QuestionId};
use crate::people::{Coordinator, OwnEnrollment};

/// A chapter of an enrolment's outline; another outline's is not found.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct TestChapter {
    pub id: ChapterId,
    pub number: i32,
    pub title: String,
}

pub async fn find_chapter_of(
    tx: &mut impl Queryable,
    enrollment: EnrollmentId,
    chapter: ChapterId,
) -> Result<Option<TestChapter>, sqlx::Error> {
    fetch_optional!(
        tx,
        TestChapter,
        "SELECT c.id, c.number, c.title FROM chapter c JOIN enrollment e ON e.outline_id = c.outline_id WHERE e.id = $1 AND c.id = $2",
        enrollment,
        chapter
    )
}

macro_rules! attempts {
    ($rest:literal) => {
        concat!(
            "SELECT t.id, t.enrollment_id, t.chapter_id, t.started_at, t.handed_in_at, t.right_count, t.item_count, t.passed,
                a.name AS entered_by, t.came_by, (t.carried_from IS NOT NULL) AS carried
             FROM attempt t LEFT JOIN account a ON a.id = t.entered_by ",
            $rest
        )
    };
}

/// The same, or a chapter of an outline before a change of option, whose tests can still be handed in and looked at.
pub async fn find_chapter_ever(
    tx: &mut impl Queryable,
    enrollment: EnrollmentId,
    chapter: ChapterId,
) -> Result<Option<TestChapter>, sqlx::Error> {
    fetch_optional!(
        tx,
        TestChapter,
        "SELECT c.id, c.number, c.title FROM chapter c WHERE c.id = $2 AND (
            EXISTS (SELECT 1 FROM enrollment e WHERE e.id = $1 AND e.outline_id = c.outline_id)
            OR EXISTS (SELECT 1 FROM option_change x WHERE x.enrollment_id = $1 AND x.outline_before = c.outline_id))",
        enrollment,
        chapter
    )
}

/// The attempts of an enrolment at one chapter, the latest first.
pub async fn list_attempts(
    tx: &mut impl Queryable,
    enrollment: EnrollmentId,
    chapter: ChapterId,
) -> Result<Vec<Attempt>, sqlx::Error> {
    fetch_all!(
        tx,
        Attempt,
        attempts!("WHERE t.enrollment_id = $1 AND t.chapter_id = $2 ORDER BY t.started_at DESC, t.id DESC"),
        enrollment,
        chapter
    )
}

pub async fn find_attempt(tx: &mut impl Queryable, id: AttemptId) -> Result<Option<Attempt>, sqlx::Error> {
    fetch_optional!(tx, Attempt, attempts!("WHERE t.id = $1"), id)
}

/// The questions a test of this chapter is drawn from: approved, and not retired.
pub async fn list_approved(tx: &mut impl Queryable, chapter: ChapterId) -> Result<Vec<QuestionId>, sqlx::Error> {
    let rows = fetch_all!(
        tx,
        (QuestionId,),
        "SELECT id FROM question WHERE chapter_id = $1 AND approved_at IS NOT NULL AND retired_at IS NULL ORDER BY id",
        chapter
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Starts an attempt with these questions. `seen`: how many attempts the rule looked at; when another began meanwhile,
/// nothing is started and `None` comes back.
pub async fn start(
    tx: &mut WriteTx,
    own: &OwnEnrollment,
    chapter: ChapterId,
    questions: &[QuestionId],
    seen: usize,
) -> Result<Option<AttemptId>, sqlx::Error> {
    let (id, now) = (AttemptId::new(), tx.now());
    let started = execute!(
        tx,
        "INSERT INTO attempt (id, enrollment_id, chapter_id, started_at, item_count)
         SELECT $1, $2, $3, $4, $5 WHERE (SELECT COUNT(*) FROM attempt a WHERE a.enrollment_id = $2 AND a.chapter_id = $3) = $6
         ON CONFLICT DO NOTHING",
        id,
        own.enrollment(),
        chapter,
        now,
        position(questions.len()),
        i64::try_from(seen).unwrap_or(i64::MAX)
    )?;
    if started == 0 {
        return Ok(None);
    }
    for (index, question) in questions.iter().enumerate() {
        execute!(
            tx,
            "INSERT INTO attempt_item (attempt_id, question_id, position, answer) VALUES ($1, $2, $3, $4)",
            id,
            question,
            position(index + 1),
            Json(Answer::None)
        )?;
    }
    tx.note(Event::new(Kind::AttemptStarted).of(own.enrollment()).about(id.0));
    Ok(Some(id))
}

fn position(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

#[derive(sqlx::FromRow)]
struct ItemRow {
    id: QuestionId,
    kind: QuestionKind,
    text: String,
    explanation: String,
    picture_hash: Option<String>,
    picture_alt: String,
    body: Json<serde_json::Value>,
    answer: Json<Answer>,
    credit: Option<Credit>,
    is_right: Option<bool>,
}

impl TryFrom<ItemRow> for Item {
    type Error = sqlx::Error;

    fn try_from(row: ItemRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            question: row.id,
            text: row.text,
            explanation: row.explanation,
            picture: row.picture_hash.map(|hash| Picture { hash, alt: row.picture_alt }),
            body: body_of(row.kind, row.body.0)?,
            answer: row.answer.0,
            credit: row.credit,
            is_right: row.is_right,
        })
    }
}

/// The questions of one attempt, in its order.
pub async fn list_items(tx: &mut impl Queryable, attempt: AttemptId) -> Result<Vec<Item>, sqlx::Error> {
    let rows = fetch_all!(
        tx,
        ItemRow,
        "SELECT q.id, q.kind, q.text, q.explanation, q.picture_hash, q.picture_alt, q.body,
            i.answer, i.credit, i.is_right
         FROM attempt_item i JOIN question q ON q.id = i.question_id WHERE i.attempt_id = $1 ORDER BY i.position",
        attempt
    )?;
    rows.into_iter().map(Item::try_from).collect()
}

/// Keeps what was handed in and how it was marked; `false` when it was handed in before, which changes nothing.
pub async fn hand_in(
    tx: &mut WriteTx,
    own: &OwnEnrollment,
    attempt: AttemptId,
    items: &[Item],
    answers: &[Answer],
    marked: &Marked,
) -> Result<bool, sqlx::Error> {
    let now = tx.now();
    let handed_in = execute!(
        tx,
        "UPDATE attempt SET handed_in_at = $3, right_count = $4, item_count = $5, passed = $6
         WHERE id = $1 AND enrollment_id = $2 AND handed_in_at IS NULL",
        attempt,
        own.enrollment(),
        now,
        marked.score.right,
        marked.score.of,
        marked.score.passed
    )?;
    if handed_in == 0 {
        return Ok(false);
    }
    for ((item, answer), credit) in items.iter().zip(answers).zip(&marked.items) {
        execute!(
            tx,
            "UPDATE attempt_item SET answer = $3, credit = $4, is_right = $5 WHERE attempt_id = $1 AND question_id = $2",
            attempt,
            item.question,
            Json(answer),
            *credit,
            credit.map(Credit::is_whole)
        )?;
    }
    tx.note(Event::new(Kind::AttemptHandedIn).of(own.enrollment()).about(attempt.0));
    Ok(true)
}

/// A test that was taken on paper: what it came to, without its answers.
#[derive(Debug, Clone, Copy)]
pub struct Paper {
    pub chapter: ChapterId,
    pub taken_at: DateTime<Utc>,
    pub score: Score,
    pub came_by: Medium,
}

/// Enters a test that was taken on paper. `seen`: how many attempts the rule looked at. `false` when another came meanwhile.
pub async fn enter_paper(
    tx: &mut WriteTx,
    who: &Coordinator,
    enrollment: EnrollmentId,
    paper: &Paper,
    seen: usize,
) -> Result<bool, sqlx::Error> {
    let id = AttemptId::new();
    let entered = execute!(
        tx,
        "INSERT INTO attempt (id, enrollment_id, chapter_id, started_at, handed_in_at, right_count, item_count, passed,
            entered_by, came_by)
         SELECT $1, $2, $3, $4, $4, $5, $6, $7, $8, $9
         WHERE (SELECT COUNT(*) FROM attempt a WHERE a.enrollment_id = $2 AND a.chapter_id = $3) = $10",
        id,
        enrollment,
        paper.chapter,
        paper.taken_at,
        paper.score.right,
        paper.score.of,
        paper.score.passed,
        who.account(),
        paper.came_by,
        i64::try_from(seen).unwrap_or(i64::MAX)
    )?;
    if entered == 1 {
        tx.note(Event::new(Kind::AttemptHandedIn).of(enrollment).about(id.0));
    }
    Ok(entered == 1)
}

/// What the pair talks about next: the questions of a chapter whose latest answer was wrong, as they were asked.
pub async fn list_missed(
    tx: &mut impl Queryable,
    enrollment: EnrollmentId,
    chapter: ChapterId,
) -> Result<Vec<Item>, sqlx::Error> {
    let rows = fetch_all!(
        tx,
        ItemRow,
        "SELECT q.id, q.kind, q.text, q.explanation, q.picture_hash, q.picture_alt, q.body,
            i.answer, i.credit, i.is_right
         FROM attempt a JOIN attempt_item i ON i.attempt_id = a.id JOIN question q ON q.id = i.question_id
         WHERE a.enrollment_id = $1 AND a.chapter_id = $2 AND i.is_right = FALSE AND NOT EXISTS
            (SELECT 1 FROM attempt b JOIN attempt_item j ON j.attempt_id = b.id WHERE b.enrollment_id = a.enrollment_id
             AND j.question_id = i.question_id AND b.handed_in_at > a.handed_in_at)
         ORDER BY a.handed_in_at, i.position",
        enrollment,
        chapter
    )?;
    rows.into_iter().map(Item::try_from).collect()
}

#[derive(sqlx::FromRow)]
struct MissedRow {
    chapter_id: ChapterId,
    number: i32,
    handed_in_at: DateTime<Utc>,
    #[sqlx(flatten)]
    item: ItemRow,
}

/// The same over all chapters, in their order, with when each was missed: what a talk is prepared from.
pub async fn list_all_missed(tx: &mut impl Queryable, enrollment: EnrollmentId) -> Result<Vec<Missed>, sqlx::Error> {
    let rows = fetch_all!(
        tx,
        MissedRow,
        "SELECT a.chapter_id, c.number, a.handed_in_at, q.id, q.kind, q.text, q.explanation, q.picture_hash, q.picture_alt, q.body,
            i.answer, i.credit, i.is_right
         FROM attempt a JOIN chapter c ON c.id = a.chapter_id JOIN attempt_item i ON i.attempt_id = a.id
         JOIN question q ON q.id = i.question_id
         WHERE a.enrollment_id = $1 AND a.handed_in_at IS NOT NULL AND i.is_right = FALSE AND NOT EXISTS
            (SELECT 1 FROM attempt b JOIN attempt_item j ON j.attempt_id = b.id WHERE b.enrollment_id = a.enrollment_id
             AND j.question_id = i.question_id AND b.handed_in_at > a.handed_in_at)
         ORDER BY c.number, a.handed_in_at, i.position",
        enrollment
    )?;
    let missed = |row: MissedRow| {
        Ok(Missed { chapter: row.chapter_id, number: row.number, handed_in_at: row.handed_in_at, item: row.item.try_into()? })
    };
    rows.into_iter().map(missed).collect()
}

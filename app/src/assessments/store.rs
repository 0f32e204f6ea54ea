//! Post-tests and the question bank in the database.

use chrono::{DateTime, Utc};
use sqlx::types::Json;

use super::{Attempt, Choice, Draft, Item, Marked, Missed, QuestionKind, Score};
use crate::audit::{Event, Kind};
use crate::contacts::Medium;
use crate::db::{Queryable, WriteTx, execute, fetch_all, fetch_optional};
use crate::enrollments::OptionNumber;
use crate::id::{AttemptId, ChapterId, EnrollmentId, OutlineId, QuestionId};
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
            "INSERT INTO attempt_item (attempt_id, question_id, position, chosen) VALUES ($1, $2, $3, $4)",
            id,
            question,
            position(index + 1),
            Json(Vec::<usize>::new())
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
    choices: Json<Vec<Choice>>,
    chosen: Json<Vec<usize>>,
    is_right: Option<bool>,
}

impl From<ItemRow> for Item {
    fn from(row: ItemRow) -> Self {
        Self {
            question: row.id,
            kind: row.kind,
            text: row.text,
            explanation: row.explanation,
            choices: row.choices.0,
            chosen: row.chosen.0,
            is_right: row.is_right,
        }
    }
}

/// The questions of one attempt, in its order.
pub async fn list_items(tx: &mut impl Queryable, attempt: AttemptId) -> Result<Vec<Item>, sqlx::Error> {
    let rows = fetch_all!(
        tx,
        ItemRow,
        "SELECT q.id, q.kind, q.text, q.explanation, q.choices, i.chosen, i.is_right
         FROM attempt_item i JOIN question q ON q.id = i.question_id WHERE i.attempt_id = $1 ORDER BY i.position",
        attempt
    )?;
    Ok(rows.into_iter().map(Item::from).collect())
}

/// Keeps what was handed in and how it was marked; `false` when it was handed in before, which changes nothing.
pub async fn hand_in(
    tx: &mut WriteTx,
    own: &OwnEnrollment,
    attempt: AttemptId,
    items: &[Item],
    answers: &[Vec<usize>],
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
    for ((item, chosen), right) in items.iter().zip(answers).zip(&marked.items) {
        execute!(
            tx,
            "UPDATE attempt_item SET chosen = $3, is_right = $4 WHERE attempt_id = $1 AND question_id = $2",
            attempt,
            item.question,
            Json(chosen),
            *right
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
        "SELECT q.id, q.kind, q.text, q.explanation, q.choices, i.chosen, i.is_right
         FROM attempt a JOIN attempt_item i ON i.attempt_id = a.id JOIN question q ON q.id = i.question_id
         WHERE a.enrollment_id = $1 AND a.chapter_id = $2 AND i.is_right = FALSE AND NOT EXISTS
            (SELECT 1 FROM attempt b JOIN attempt_item j ON j.attempt_id = b.id WHERE b.enrollment_id = a.enrollment_id
             AND j.question_id = i.question_id AND b.handed_in_at > a.handed_in_at)
         ORDER BY a.handed_in_at, i.position",
        enrollment,
        chapter
    )?;
    Ok(rows.into_iter().map(Item::from).collect())
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
        "SELECT a.chapter_id, c.number, a.handed_in_at, q.id, q.kind, q.text, q.explanation, q.choices, i.chosen, i.is_right
         FROM attempt a JOIN chapter c ON c.id = a.chapter_id JOIN attempt_item i ON i.attempt_id = a.id
         JOIN question q ON q.id = i.question_id
         WHERE a.enrollment_id = $1 AND a.handed_in_at IS NOT NULL AND i.is_right = FALSE AND NOT EXISTS
            (SELECT 1 FROM attempt b JOIN attempt_item j ON j.attempt_id = b.id WHERE b.enrollment_id = a.enrollment_id
             AND j.question_id = i.question_id AND b.handed_in_at > a.handed_in_at)
         ORDER BY c.number, a.handed_in_at, i.position",
        enrollment
    )?;
    let missed = |row: MissedRow| Missed {
        chapter: row.chapter_id,
        number: row.number,
        handed_in_at: row.handed_in_at,
        item: row.item.into(),
    };
    Ok(rows.into_iter().map(missed).collect())
}

/// One chapter of the bank, with how many of its questions count and how many wait for review.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct BankChapter {
    pub outline_id: OutlineId,
    pub book: String,
    pub edition: String,
    pub version: i32,
    pub options: Json<Vec<OptionNumber>>,
    pub retired_at: Option<DateTime<Utc>>,
    pub id: ChapterId,
    pub number: i32,
    pub title: String,
    pub approved: i64,
    pub unreviewed: i64,
}

macro_rules! bank {
    ($rest:literal) => {
        concat!(
            "SELECT o.id AS outline_id, t.name AS book, ed.label AS edition, o.version, o.options, o.retired_at, c.id, c.number, c.title,
                (SELECT COUNT(*) FROM question q WHERE q.chapter_id = c.id AND q.retired_at IS NULL AND q.approved_at IS NOT NULL) AS approved,
                (SELECT COUNT(*) FROM question q WHERE q.chapter_id = c.id AND q.retired_at IS NULL AND q.approved_at IS NULL) AS unreviewed
             FROM chapter c JOIN outline o ON o.id = c.outline_id JOIN edition ed ON ed.id = o.edition_id JOIN title t ON t.id = ed.title_id ",
            $rest
        )
    };
}

/// Every chapter of the outlines in use: those for new enrolments, and those that somebody still studies by.
pub async fn list_bank(tx: &mut impl Queryable, _who: &Coordinator) -> Result<Vec<BankChapter>, sqlx::Error> {
    fetch_all!(
        tx,
        BankChapter,
        bank!(
            "WHERE o.retired_at IS NULL
                OR EXISTS (SELECT 1 FROM enrollment e WHERE e.outline_id = o.id AND e.state IN ('active', 'paused'))
             ORDER BY t.name, ed.label, o.version DESC, o.id, c.number"
        )
    )
}

pub async fn find_bank_chapter(
    tx: &mut impl Queryable,
    _who: &Coordinator,
    id: ChapterId,
) -> Result<Option<BankChapter>, sqlx::Error> {
    fetch_optional!(tx, BankChapter, bank!("WHERE c.id = $1"), id)
}

/// A question as the coordinator reads it: with its key.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Question {
    pub id: QuestionId,
    pub chapter_id: ChapterId,
    pub kind: QuestionKind,
    pub text: String,
    pub explanation: String,
    pub source: String,
    pub choices: Json<Vec<Choice>>,
    pub created_at: DateTime<Utc>,
    pub approved_at: Option<DateTime<Utc>>,
    pub approved_by: Option<String>,
    pub retired_at: Option<DateTime<Utc>>,
}

macro_rules! question {
    ($rest:literal) => {
        concat!(
            "SELECT q.id, q.chapter_id, q.kind, q.text, q.explanation, q.source, q.choices, q.created_at, q.approved_at,
                a.name AS approved_by, q.retired_at FROM question q LEFT JOIN account a ON a.id = q.approved_by ",
            $rest
        )
    };
}

pub async fn list_questions(
    tx: &mut impl Queryable,
    _who: &Coordinator,
    chapter: ChapterId,
) -> Result<Vec<Question>, sqlx::Error> {
    fetch_all!(tx, Question, question!("WHERE q.chapter_id = $1 ORDER BY q.created_at, q.id"), chapter)
}

pub async fn find_question(
    tx: &mut impl Queryable,
    _who: &Coordinator,
    id: QuestionId,
) -> Result<Option<Question>, sqlx::Error> {
    fetch_optional!(tx, Question, question!("WHERE q.id = $1"), id)
}

/// Adds a question, unreviewed. Its id is the form's submission key, so that the same form adds one; `false` when it
/// did before.
pub async fn insert_question(
    tx: &mut WriteTx,
    _who: &Coordinator,
    id: QuestionId,
    chapter: ChapterId,
    draft: &Draft,
) -> Result<bool, sqlx::Error> {
    let now = tx.now();
    let added = execute!(
        tx,
        "INSERT INTO question (id, chapter_id, kind, text, explanation, source, choices, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
        id,
        chapter,
        draft.kind,
        &draft.text,
        &draft.explanation,
        &draft.source,
        Json(&draft.choices),
        now
    )?;
    if added == 1 {
        tx.note(Event::new(Kind::QuestionWritten).about(id.0));
    }
    Ok(added == 1)
}

/// Approves a question, so that it counts; approving it twice changes nothing.
pub async fn approve(tx: &mut WriteTx, who: &Coordinator, chapter: ChapterId, id: QuestionId) -> Result<bool, sqlx::Error> {
    let now = tx.now();
    let approved = execute!(
        tx,
        "UPDATE question SET approved_at = $3, approved_by = $4
         WHERE id = $1 AND chapter_id = $2 AND approved_at IS NULL AND retired_at IS NULL",
        id,
        chapter,
        now,
        who.account()
    )?;
    if approved == 1 {
        tx.note(Event::new(Kind::QuestionApproved).about(id.0));
    }
    Ok(approved == 1)
}

/// Takes a question out of tests to come; what was handed in stays. `false` when it was retired before.
pub async fn retire(tx: &mut WriteTx, _who: &Coordinator, id: QuestionId) -> Result<bool, sqlx::Error> {
    let now = tx.now();
    let retired = execute!(tx, "UPDATE question SET retired_at = $2 WHERE id = $1 AND retired_at IS NULL", id, now)?;
    if retired == 1 {
        tx.note(Event::new(Kind::QuestionRetired).about(id.0));
    }
    Ok(retired == 1)
}

/// Copies the live questions of a chapter to another, except those that are there already; gives how many.
/// `approved`: whether an approval goes along, because the chapter is the same under a newer outline.
pub async fn copy_questions(
    tx: &mut WriteTx,
    _who: &Coordinator,
    from: ChapterId,
    to: ChapterId,
    approved: bool,
) -> Result<u64, sqlx::Error> {
    let questions = fetch_all!(
        tx,
        Question,
        question!(
            "WHERE q.chapter_id = $1 AND q.retired_at IS NULL AND NOT EXISTS
                (SELECT 1 FROM question x WHERE x.chapter_id = $2 AND x.text = q.text AND x.retired_at IS NULL)
             ORDER BY q.created_at, q.id"
        ),
        from,
        to
    )?;
    let (now, mut copied) = (tx.now(), 0);
    for question in questions {
        let id = QuestionId::new();
        copied += execute!(
            tx,
            "INSERT INTO question (id, chapter_id, kind, text, explanation, source, choices, created_at, approved_at, approved_by)
             SELECT $1, $2, q.kind, q.text, q.explanation, q.source, q.choices, $4,
                CASE WHEN $5 THEN q.approved_at END, CASE WHEN $5 THEN q.approved_by END FROM question q WHERE q.id = $3",
            id,
            to,
            question.id,
            now,
            approved
        )?;
        tx.note(Event::new(Kind::QuestionWritten).about(id.0));
    }
    Ok(copied)
}

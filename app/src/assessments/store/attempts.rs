//! Attempts and their answers in the database: begun, kept while they are taken, handed in, marked, talked over.

use chrono::{DateTime, Utc};
use sqlx::types::Json;
use uuid::Uuid;

use super::questions::body_of;
use crate::assessments::attempt::{Attempt, Drawable, Item, Marked, Missed, Reading, Score, reading};
use crate::assessments::rules::Rules;
use crate::assessments::{Answer, Credit, Picture, QuestionKind};
use crate::audit::{Event, Kind};
use crate::contacts::Medium;
use crate::db::{Queryable, WriteTx, execute, fetch_all, fetch_one, fetch_optional};
use crate::error::{AppError, Refusal};
use crate::id::{AttemptId, ChapterId, EnrollmentId, QuestionId};
use crate::people::{Coordinator, OwnEnrollment, PairMember};

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

#[derive(sqlx::FromRow)]
struct AttemptRow {
    id: AttemptId,
    enrollment_id: EnrollmentId,
    chapter_id: ChapterId,
    started_at: DateTime<Utc>,
    handed_in_at: Option<DateTime<Utc>>,
    credit: Option<Credit>,
    item_count: i32,
    passed: Option<bool>,
    rules: Option<Json<Rules>>,
    seed: Option<Vec<u8>>,
    entered_by: Option<String>,
    came_by: Option<Medium>,
    carried: bool,
}

impl From<AttemptRow> for Attempt {
    fn from(row: AttemptRow) -> Self {
        Self {
            id: row.id,
            enrollment_id: row.enrollment_id,
            chapter_id: row.chapter_id,
            started_at: row.started_at,
            handed_in_at: row.handed_in_at,
            credit: row.credit,
            item_count: row.item_count,
            passed: row.passed,
            rules: row.rules.map(|Json(rules)| rules),
            // Attempts from before there were seeds were ordered by their id.
            seed: row.seed.unwrap_or_else(|| row.id.0.as_bytes().to_vec()),
            entered_by: row.entered_by,
            came_by: row.came_by,
            carried: row.carried,
        }
    }
}

macro_rules! attempts {
    ($rest:literal) => {
        concat!(
            "SELECT t.id, t.enrollment_id, t.chapter_id, t.started_at, t.handed_in_at, coalesce(t.credit, t.right_count * 1000) AS credit,
                t.item_count, t.passed, t.rules, t.seed, a.name AS entered_by, t.came_by, (t.carried_from IS NOT NULL) AS carried
             FROM attempt t LEFT JOIN account a ON a.id = t.entered_by ",
            $rest
        )
    };
}

/// The attempts of an enrolment at one chapter, the latest first.
pub async fn list_attempts(
    tx: &mut impl Queryable,
    enrollment: EnrollmentId,
    chapter: ChapterId,
) -> Result<Vec<Attempt>, sqlx::Error> {
    let rows = fetch_all!(
        tx,
        AttemptRow,
        attempts!("WHERE t.enrollment_id = $1 AND t.chapter_id = $2 ORDER BY t.started_at DESC, t.id DESC"),
        enrollment,
        chapter
    )?;
    Ok(rows.into_iter().map(Attempt::from).collect())
}

/// Every attempt of an enrolment, the latest first: what the coordinator sees of them is the score.
pub async fn list_scores(
    tx: &mut impl Queryable,
    _who: &Coordinator,
    enrollment: EnrollmentId,
) -> Result<Vec<Attempt>, sqlx::Error> {
    let rows =
        fetch_all!(tx, AttemptRow, attempts!("WHERE t.enrollment_id = $1 ORDER BY t.started_at DESC, t.id DESC"), enrollment)?;
    Ok(rows.into_iter().map(Attempt::from).collect())
}

pub async fn find_attempt(tx: &mut impl Queryable, id: AttemptId) -> Result<Option<Attempt>, sqlx::Error> {
    Ok(fetch_optional!(tx, AttemptRow, attempts!("WHERE t.id = $1"), id)?.map(Attempt::from))
}

/// How many attempts the coordinator allowed besides those of the rules.
pub async fn count_allowed(tx: &mut impl Queryable, enrollment: EnrollmentId, chapter: ChapterId) -> Result<i32, sqlx::Error> {
    let (count,) = fetch_one!(
        tx,
        (i64,),
        "SELECT COUNT(*) FROM attempt_allowance WHERE enrollment_id = $1 AND chapter_id = $2",
        enrollment,
        chapter
    )?;
    Ok(i32::try_from(count).unwrap_or(i32::MAX))
}

/// The same for every chapter of an enrolment that has any.
pub async fn list_allowed(
    tx: &mut impl Queryable,
    _who: &Coordinator,
    enrollment: EnrollmentId,
) -> Result<Vec<(ChapterId, i64)>, sqlx::Error> {
    fetch_all!(
        tx,
        (ChapterId, i64),
        "SELECT chapter_id, COUNT(*) FROM attempt_allowance WHERE enrollment_id = $1 GROUP BY chapter_id",
        enrollment
    )
}

/// Allows one more attempt.
pub async fn allow_attempt(
    tx: &mut WriteTx,
    who: &Coordinator,
    enrollment: EnrollmentId,
    chapter: ChapterId,
) -> Result<(), sqlx::Error> {
    let (id, now) = (Uuid::now_v7(), tx.now());
    execute!(
        tx,
        "INSERT INTO attempt_allowance (id, enrollment_id, chapter_id, allowed_at, allowed_by) VALUES ($1, $2, $3, $4, $5)",
        id,
        enrollment,
        chapter,
        now,
        who.account()
    )?;
    tx.note(Event::new(Kind::AttemptAllowed).of(enrollment).about(chapter.0));
    Ok(())
}

/// The questions a test of this chapter is drawn from: approved, and not retired.
pub async fn list_approved(tx: &mut impl Queryable, chapter: ChapterId) -> Result<Vec<Drawable>, sqlx::Error> {
    fetch_all!(
        tx,
        Drawable,
        "SELECT id, topic FROM question WHERE chapter_id = $1 AND approved_at IS NOT NULL AND retired_at IS NULL ORDER BY id",
        chapter
    )
}

/// An attempt to begin.
#[derive(Debug, Clone)]
pub struct Beginning<'a> {
    pub chapter: ChapterId,
    pub questions: &'a [QuestionId],
    pub rules: &'a Rules,
    pub seed: &'a [u8],
    /// How many attempts the rule looked at.
    pub seen: usize,
}

/// Begins an attempt; when another began meanwhile, nothing is begun and `None` comes back.
pub async fn start(tx: &mut WriteTx, own: &OwnEnrollment, new: &Beginning<'_>) -> Result<Option<AttemptId>, sqlx::Error> {
    let (id, now) = (AttemptId::new(), tx.now());
    let started = execute!(
        tx,
        "INSERT INTO attempt (id, enrollment_id, chapter_id, started_at, item_count, ordinal, rules, seed)
         SELECT $1, $2, $3, $4, $5, $7, $8, $9
         WHERE (SELECT COUNT(*) FROM attempt a WHERE a.enrollment_id = $2 AND a.chapter_id = $3) = $6
         ON CONFLICT DO NOTHING",
        id,
        own.enrollment(),
        new.chapter,
        now,
        small(new.questions.len()),
        i64::try_from(new.seen).unwrap_or(i64::MAX),
        small(new.seen + 1),
        Json(new.rules),
        new.seed
    )?;
    if started == 0 {
        return Ok(None);
    }
    let rows: Vec<(i32, QuestionId)> = new.questions.iter().enumerate().map(|(at, id)| (small(at + 1), *id)).collect();
    crate::db::insert_all!(
        tx,
        "INSERT INTO attempt_item (attempt_id, question_id, position, answer)",
        rows,
        row => [id, row.1, row.0, Json(Answer::None)]
    )?;
    tx.note(Event::new(Kind::AttemptStarted).of(own.enrollment()).about(id.0));
    Ok(Some(id))
}

fn small(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// A question of a test as its row has it.
#[derive(sqlx::FromRow)]
pub struct ItemRow {
    id: QuestionId,
    text: String,
    explanation: String,
    kind: QuestionKind,
    body: Json<serde_json::Value>,
    picture_hash: Option<String>,
    picture_alt: String,
    answer: Json<Answer>,
    credit: Option<Credit>,
    saved_at: Option<DateTime<Utc>>,
    saved_from: Option<Uuid>,
    marked_by: Option<String>,
    word: String,
}

impl TryFrom<ItemRow> for Item {
    type Error = sqlx::Error;

    fn try_from(row: ItemRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            question: row.id,
            text: row.text,
            explanation: row.explanation,
            body: body_of(row.kind, row.body.0)?,
            picture: row.picture_hash.map(|hash| Picture { hash, alt: row.picture_alt }),
            answer: row.answer.0,
            credit: row.credit,
            saved_at: row.saved_at,
            saved_from: row.saved_from,
            marked_by: row.marked_by,
            word: row.word,
        })
    }
}

/// The columns of an item, for its row.
macro_rules! item {
    ($before:literal, $rest:literal) => {
        concat!(
            "SELECT ", $before, "q.id, q.kind, q.text, q.explanation, q.body, q.picture_hash, q.picture_alt, i.answer, i.credit, i.saved_at, i.saved_from,
                m.name AS marked_by, i.word
             FROM attempt_item i JOIN question q ON q.id = i.question_id LEFT JOIN account m ON m.id = i.marked_by ",
            $rest
        )
    };
}

/// The questions of one attempt, in its order.
pub async fn list_items(tx: &mut impl Queryable, attempt: AttemptId) -> Result<Vec<Item>, sqlx::Error> {
    let rows = fetch_all!(tx, ItemRow, item!("", "WHERE i.attempt_id = $1 ORDER BY i.position"), attempt)?;
    rows.into_iter().map(Item::try_from).collect()
}

/// Keeps answers of an open attempt as they were given, from which page; gives whether it is open.
pub async fn keep_answers(
    tx: &mut WriteTx,
    own: &OwnEnrollment,
    attempt: AttemptId,
    answers: &[(QuestionId, Answer)],
    page: Option<Uuid>,
) -> Result<bool, sqlx::Error> {
    let now = tx.now();
    // Of several at once, and of keeping and handing in, one waits for the other here.
    let open = execute!(
        tx,
        "UPDATE attempt SET item_count = item_count WHERE id = $1 AND enrollment_id = $2 AND handed_in_at IS NULL",
        attempt,
        own.enrollment()
    )?;
    if open == 0 {
        return Ok(false);
    }
    for (question, answer) in answers {
        execute!(
            tx,
            "UPDATE attempt_item SET answer = $3, saved_at = $4, saved_from = $5 WHERE attempt_id = $1 AND question_id = $2",
            attempt,
            question,
            Json(answer),
            now,
            page
        )?;
    }
    Ok(true)
}

/// Hands an attempt in, marked; `false` when it was handed in before, which changes nothing. Without a score it waits for
/// the mentor.
pub async fn hand_in(
    tx: &mut WriteTx,
    own: &OwnEnrollment,
    attempt: AttemptId,
    items: &[Item],
    marked: &Marked,
) -> Result<bool, sqlx::Error> {
    let now = tx.now();
    let handed_in = execute!(
        tx,
        "UPDATE attempt SET handed_in_at = $3, right_count = $4, item_count = $5, credit = $6, passed = $7
         WHERE id = $1 AND enrollment_id = $2 AND handed_in_at IS NULL",
        attempt,
        own.enrollment(),
        now,
        marked.score.map(|_| right(&marked.items)),
        small(items.len()),
        marked.score.map(|score| score.credit.0),
        marked.score.map(|score| score.passed)
    )?;
    if handed_in == 0 {
        return Ok(false);
    }
    for (item, credit) in items.iter().zip(&marked.items) {
        execute!(
            tx,
            "UPDATE attempt_item SET answer = $3, credit = $4, is_right = $5 WHERE attempt_id = $1 AND question_id = $2",
            attempt,
            item.question,
            Json(&item.answer),
            *credit,
            credit.map(Credit::is_whole)
        )?;
    }
    tx.note(Event::new(Kind::AttemptHandedIn).of(own.enrollment()).about(attempt.0));
    Ok(true)
}

fn right(items: &[Option<Credit>]) -> i32 {
    small(items.iter().flatten().filter(|credit| credit.is_whole()).count())
}

/// A mentor's mark of one answer.
#[derive(Debug, Clone)]
pub struct Mark {
    pub attempt: AttemptId,
    pub question: QuestionId,
    pub credit: Credit,
    pub word: String,
}

/// Marks one answer that waits for the mentor; `false` when it was marked before.
///
/// # Errors
/// [`AppError::NotFound`] when it is not the mentor who asks.
pub async fn mark_answer(tx: &mut WriteTx, who: PairMember, mark: &Mark) -> Result<bool, AppError> {
    let mentor = who.mentor()?;
    let (credit, is_right) = (mark.credit, mark.credit.is_whole());
    let marked = execute!(
        tx,
        "UPDATE attempt_item SET credit = $3, is_right = $4, word = $5, marked_by = $6
         WHERE attempt_id = $1 AND question_id = $2 AND credit IS NULL AND EXISTS
            (SELECT 1 FROM attempt a WHERE a.id = $1 AND a.enrollment_id = $7 AND a.handed_in_at IS NOT NULL)",
        mark.attempt,
        mark.question,
        credit,
        is_right,
        &mark.word,
        mentor.account(),
        who.enrollment()
    )?;
    if marked == 1 {
        tx.note(Event::new(Kind::AnswerMarked).of(who.enrollment()).about(mark.attempt.0));
    }
    Ok(marked == 1)
}

/// Settles an attempt whose last answer is marked.
pub async fn settle(tx: &mut WriteTx, attempt: AttemptId, marked: &Marked, score: Score) -> Result<(), AppError> {
    let now = tx.now();
    let settled = execute!(
        tx,
        "UPDATE attempt SET right_count = $2, credit = $3, passed = $4, marked_at = $5
         WHERE id = $1 AND handed_in_at IS NOT NULL AND passed IS NULL",
        attempt,
        right(&marked.items),
        score.credit.0,
        score.passed,
        now
    )?;
    if settled == 0 { Err(Refusal::new("This post-test is marked already.").into()) } else { Ok(()) }
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
            entered_by, came_by, ordinal)
         SELECT $1, $2, $3, $4, $4, $5, $6, $7, $8, $9, $11
         WHERE (SELECT COUNT(*) FROM attempt a WHERE a.enrollment_id = $2 AND a.chapter_id = $3) = $10",
        id,
        enrollment,
        paper.chapter,
        paper.taken_at,
        paper.score.credit.0 / 1000,
        paper.score.of,
        paper.score.passed,
        who.account(),
        paper.came_by,
        i64::try_from(seen).unwrap_or(i64::MAX),
        small(seen + 1)
    )?;
    if entered == 1 {
        tx.note(Event::new(Kind::AttemptHandedIn).of(enrollment).about(id.0));
    }
    Ok(entered == 1)
}

#[derive(sqlx::FromRow)]
struct MissedRow {
    chapter_id: ChapterId,
    number: i32,
    attempt_id: AttemptId,
    handed_in_at: DateTime<Utc>,
    rules: Option<Json<Rules>>,
    passed: bool,
    #[sqlx(flatten)]
    item: ItemRow,
}

/// What the pair has still to talk over, in the order of the chapters: the questions whose latest answer was not wholly
/// right, as they were asked. A question leaves the list when it is answered rightly, when the chapter's post-test is
/// passed in a later attempt, when a talk that covers the chapter is logged, and when the chapter is signed off: each of
/// them after it was missed.
pub async fn list_all_missed(tx: &mut impl Queryable, enrollment: EnrollmentId) -> Result<Vec<Missed>, sqlx::Error> {
    let rows = fetch_all!(
        tx,
        MissedRow,
        item!(
            "a.chapter_id, c.number, a.id AS attempt_id, a.handed_in_at, a.rules, EXISTS (SELECT 1 FROM attempt p
                WHERE p.enrollment_id = a.enrollment_id AND p.chapter_id = a.chapter_id AND p.passed = TRUE) AS passed, ",
            "JOIN attempt a ON a.id = i.attempt_id JOIN chapter c ON c.id = a.chapter_id
             WHERE a.enrollment_id = $1 AND a.handed_in_at IS NOT NULL AND i.is_right = FALSE
                AND NOT EXISTS (SELECT 1 FROM attempt b JOIN attempt_item j ON j.attempt_id = b.id
                    WHERE b.enrollment_id = a.enrollment_id AND j.question_id = i.question_id AND b.handed_in_at > a.handed_in_at)
                AND NOT EXISTS (SELECT 1 FROM attempt b WHERE b.enrollment_id = a.enrollment_id
                    AND b.chapter_id = a.chapter_id AND b.passed = TRUE AND b.handed_in_at > a.handed_in_at)
                AND NOT EXISTS (SELECT 1 FROM talk t JOIN talk_chapter x ON x.talk_id = t.id WHERE t.enrollment_id = a.enrollment_id
                    AND x.chapter_id = a.chapter_id AND t.created_at > a.handed_in_at)
                AND NOT EXISTS (SELECT 1 FROM sign_off o WHERE o.enrollment_id = a.enrollment_id
                    AND o.chapter_id = a.chapter_id AND o.signed_off_at > a.handed_in_at)
             ORDER BY c.number, a.handed_in_at, i.position"
        ),
        enrollment
    )?;
    rows.into_iter().map(missed).collect()
}

/// Every question of a chapter whose latest answer was not wholly right, whether it was talked over or not.
pub async fn list_missed(
    tx: &mut impl Queryable,
    enrollment: EnrollmentId,
    chapter: ChapterId,
) -> Result<Vec<Missed>, sqlx::Error> {
    let rows = fetch_all!(
        tx,
        MissedRow,
        item!(
            "a.chapter_id, c.number, a.id AS attempt_id, a.handed_in_at, a.rules, EXISTS (SELECT 1 FROM attempt p
                WHERE p.enrollment_id = a.enrollment_id AND p.chapter_id = a.chapter_id AND p.passed = TRUE) AS passed, ",
            "JOIN attempt a ON a.id = i.attempt_id JOIN chapter c ON c.id = a.chapter_id
             WHERE a.enrollment_id = $1 AND a.chapter_id = $2 AND a.handed_in_at IS NOT NULL AND i.is_right = FALSE
                AND NOT EXISTS (SELECT 1 FROM attempt b JOIN attempt_item j ON j.attempt_id = b.id
                    WHERE b.enrollment_id = a.enrollment_id AND j.question_id = i.question_id AND b.handed_in_at > a.handed_in_at)
             ORDER BY a.handed_in_at, i.position"
        ),
        enrollment,
        chapter
    )?;
    rows.into_iter().map(missed).collect()
}

fn missed(row: MissedRow) -> Result<Missed, sqlx::Error> {
    Ok(Missed {
        chapter: row.chapter_id,
        number: row.number,
        attempt: row.attempt_id,
        handed_in_at: row.handed_in_at,
        reading: row.rules.map_or(Reading::ALL, |Json(rules)| reading(&rules, row.passed)),
        item: row.item.try_into()?,
    })
}

/// Answers of a chapter that wait for the mentor, with the attempt they are of, the oldest first.
pub async fn list_unmarked(tx: &mut impl Queryable, who: PairMember, chapter: ChapterId) -> Result<Vec<Missed>, sqlx::Error> {
    let rows = fetch_all!(
        tx,
        MissedRow,
        item!(
            "a.chapter_id, c.number, a.id AS attempt_id, a.handed_in_at, a.rules, EXISTS (SELECT 1 FROM attempt p
                WHERE p.enrollment_id = a.enrollment_id AND p.chapter_id = a.chapter_id AND p.passed = TRUE) AS passed, ",
            "JOIN attempt a ON a.id = i.attempt_id JOIN chapter c ON c.id = a.chapter_id
             WHERE a.enrollment_id = $1 AND a.chapter_id = $2 AND a.handed_in_at IS NOT NULL AND a.passed IS NULL AND i.credit IS NULL
             ORDER BY a.handed_in_at, i.position"
        ),
        who.enrollment(),
        chapter
    )?;
    rows.into_iter().map(missed).collect()
}

/// The chapter of the attempt that has waited longest to be marked: where the mentor goes.
pub async fn find_chapter_to_mark(tx: &mut impl Queryable, enrollment: EnrollmentId) -> Result<Option<ChapterId>, sqlx::Error> {
    let found = fetch_optional!(
        tx,
        (ChapterId,),
        "SELECT chapter_id FROM attempt WHERE enrollment_id = $1 AND handed_in_at IS NOT NULL AND passed IS NULL
         ORDER BY handed_in_at LIMIT 1",
        enrollment
    )?;
    Ok(found.map(|(chapter,)| chapter))
}

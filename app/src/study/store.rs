//! Chapters, entries and sign-offs in the database.

use chrono::{DateTime, NaiveDate, Utc};

use super::{Chapter, ChapterProgress, Desk, Entry, Frame, Leave, NewEntry, Pair, SignOff, chapter_path};
use crate::State;
use crate::audit::{Event, Kind};
use crate::clock;
use crate::contacts::{Entered, Medium};
use crate::db::{Queryable, WriteTx, execute, fetch_all, fetch_one, fetch_optional};
use crate::enrollments::ladder::Stop;
use crate::error::{AppError, Refusal};
use crate::id::{AccountId, ChapterId, EnrollmentId, OutlineId, StudyEntryId};
use crate::mail::{self, Mail};
use crate::people::{Coordinator, OwnEnrollment, PairMember, Side};

/// The chapters of an outline, in order.
pub async fn list_chapters(tx: &mut impl Queryable, outline: OutlineId) -> Result<Vec<Chapter>, sqlx::Error> {
    fetch_all!(
        tx,
        Chapter,
        "SELECT id, number, title, required, minutes, coalesce(root_id, id) AS root FROM chapter WHERE outline_id = $1 ORDER BY number",
        outline
    )
}

/// Every chapter of an enrolment's outline with what has happened, in order: one query, whatever the number.
///
/// It knows no reader: for a mentor who came later, put each through [`ChapterProgress::seen_from`].
pub async fn list_progress(tx: &mut impl Queryable, enrollment: EnrollmentId) -> Result<Vec<ChapterProgress>, sqlx::Error> {
    fetch_all!(
        tx,
        ChapterProgress,
        "SELECT c.id, c.number, c.title, c.required, c.minutes, coalesce(c.root_id, c.id) AS root, c.part, c.first_page,
            c.last_page, s.read_on, s.logged_at, coalesce(s.spent, 0) AS spent,
            o.signed_off_at, t.target_on,
            (coalesce(e.post_tests, CASE WHEN e.option_number = 1 THEN 'required' ELSE 'off' END) <> 'off' AND EXISTS (SELECT 1 FROM question q WHERE q.chapter_id = c.id
                AND q.retired_at IS NULL AND q.approved_at IS NOT NULL)) AS test_open,
            (coalesce(a.passed, 0) = 1) AS test_passed, a.best, coalesce(m.messages, 0) AS messages
         FROM enrollment e
         JOIN chapter c ON c.outline_id = e.outline_id
         LEFT JOIN (SELECT x.chapter_id, min(x.studied_on) AS read_on, min(x.created_at) AS logged_at,
                CAST(sum(x.minutes) AS BIGINT) AS spent
            FROM study_entry x WHERE x.enrollment_id = $1
                AND NOT EXISTS (SELECT 1 FROM study_entry n WHERE n.replaces_id = x.id)
            GROUP BY x.chapter_id) s ON s.chapter_id = c.id
         LEFT JOIN sign_off o ON o.enrollment_id = e.id AND o.chapter_id = c.id
         LEFT JOIN plan_target t ON t.enrollment_id = e.id AND t.chapter_id = c.id
         LEFT JOIN (SELECT x.chapter_id, max(CASE WHEN x.passed = TRUE THEN 1 ELSE 0 END) AS passed,
                CAST(max(coalesce(x.credit, x.right_count * 1000) / (10 * NULLIF(x.item_count, 0))) AS BIGINT) AS best
            FROM attempt x WHERE x.enrollment_id = $1 AND x.handed_in_at IS NOT NULL
            GROUP BY x.chapter_id) a ON a.chapter_id = c.id
         LEFT JOIN (SELECT x.chapter_id, COUNT(*) AS messages FROM message x WHERE x.enrollment_id = $1
            AND x.taken_back_at IS NULL GROUP BY x.chapter_id) m ON m.chapter_id = c.id
         WHERE e.id = $1 ORDER BY c.number",
        enrollment
    )
}

#[derive(sqlx::FromRow)]
struct FrameRow {
    due_on: NaiveDate,
    planned_at: Option<DateTime<Utc>>,
    letter_received: bool,
    exam_planned: bool,
    tests_required: bool,
    stopped: bool,
}

#[derive(sqlx::FromRow)]
struct LeaveRow {
    began_at: DateTime<Utc>,
    until_on: NaiveDate,
    ended_at: Option<DateTime<Utc>>,
}

/// What the reckoning of progress needs beside the chapters.
pub async fn find_frame(tx: &mut impl Queryable, pair: &Pair) -> Result<Frame, sqlx::Error> {
    let row = fetch_one!(
        tx,
        FrameRow,
        "SELECT e.due_on, pl.updated_at AS planned_at,
            EXISTS (SELECT 1 FROM letter l WHERE l.enrollment_id = e.id AND l.state = 'received') AS letter_received,
            EXISTS (SELECT 1 FROM exam_plan x WHERE x.enrollment_id = e.id) AS exam_planned,
            (coalesce(e.post_tests, CASE WHEN e.option_number = 1 THEN 'required' ELSE 'off' END) = 'required') AS tests_required,
            EXISTS (SELECT 1 FROM pause x WHERE x.enrollment_id = e.id) AS stopped
         FROM enrollment e LEFT JOIN plan pl ON pl.enrollment_id = e.id WHERE e.id = $1",
        pair.id
    )?;
    let leaves = if row.stopped { list_leaves(tx, pair.id).await? } else { Vec::new() };
    Ok(Frame {
        option: pair.option_number,
        tests_required: row.tests_required,
        due_on: row.due_on,
        planned_on: row.planned_at.map(clock::today),
        letter_received: row.letter_received,
        exam_planned: row.exam_planned,
        leaves,
    })
}

async fn list_leaves(tx: &mut impl Queryable, enrollment: EnrollmentId) -> Result<Vec<Leave>, sqlx::Error> {
    let rows = fetch_all!(
        tx,
        LeaveRow,
        "SELECT began_at, until_on, ended_at FROM pause WHERE enrollment_id = $1 ORDER BY began_at",
        enrollment
    )?;
    let stops: Vec<Stop> = rows.into_iter().map(|row| Stop::new(row.began_at, row.until_on, row.ended_at, None)).collect();
    Ok(Leave::among(&stops))
}

/// What the pages of a pair share.
pub async fn find_pair(tx: &mut impl Queryable, who: PairMember) -> Result<Pair, AppError> {
    pair(tx, who.enrollment()).await
}

/// The same for the coordinator, who enters what came past the site.
pub async fn find_pair_for(tx: &mut impl Queryable, _who: &Coordinator, enrollment: EnrollmentId) -> Result<Pair, AppError> {
    pair(tx, enrollment).await
}

async fn pair(tx: &mut impl Queryable, enrollment: EnrollmentId) -> Result<Pair, AppError> {
    fetch_optional!(
        tx,
        Pair,
        "SELECT e.id, e.state, e.started_at, e.option_number, e.outline_id, ti.name AS book, e.mentee_id, p.name AS mentee,
            m.mentor_id, mp.name AS mentor, pl.way,
            (SELECT x.starts_at FROM appointment x WHERE x.match_id = m.id AND x.state = 'agreed') AS next_talk_at,
            (SELECT min(x.answered_at) FROM mentor_match x WHERE x.enrollment_id = e.id AND x.mentor_id = m.mentor_id
                AND x.state IN ('accepted', 'ended') AND NOT EXISTS (SELECT 1 FROM mentor_match y
                    WHERE y.enrollment_id = e.id AND y.mentor_id <> m.mentor_id AND y.state = 'ended'
                    AND y.answered_at > x.answered_at)) AS matched_at
         FROM enrollment e
         JOIN account p ON p.id = e.mentee_id
         JOIN outline ou ON ou.id = e.outline_id
         JOIN edition ed ON ed.id = ou.edition_id
         JOIN title ti ON ti.id = ed.title_id
         LEFT JOIN mentor_match m ON m.enrollment_id = e.id AND m.state = 'accepted'
         LEFT JOIN account mp ON mp.id = m.mentor_id
         LEFT JOIN plan pl ON pl.enrollment_id = e.id
         WHERE e.id = $1",
        enrollment
    )?
    .ok_or(AppError::NotFound)
}

/// A chapter of the pair's outline; of another outline there is none.
pub async fn find_chapter(tx: &mut impl Queryable, pair: &Pair, chapter: ChapterId) -> Result<Chapter, AppError> {
    fetch_optional!(
        tx,
        Chapter,
        "SELECT id, number, title, required, minutes, coalesce(root_id, id) AS root FROM chapter WHERE id = $1 AND outline_id = $2",
        chapter,
        pair.outline_id
    )?
    .ok_or(AppError::NotFound)
}

/// A chapter of an outline that the pair studied by before a change of option.
pub async fn find_earlier_chapter(tx: &mut impl Queryable, pair: &Pair, chapter: ChapterId) -> Result<Chapter, AppError> {
    fetch_optional!(
        tx,
        Chapter,
        "SELECT c.id, c.number, c.title, c.required, c.minutes, coalesce(c.root_id, c.id) AS root FROM chapter c WHERE c.id = $1 AND c.outline_id <> $3 AND EXISTS
            (SELECT 1 FROM option_change x WHERE x.enrollment_id = $2 AND x.outline_before = c.outline_id)",
        chapter,
        pair.id,
        pair.outline_id
    )?
    .ok_or(AppError::NotFound)
}

/// A chapter that something is written to: of the outline now, or of an earlier one, because the page may have been opened
/// before a change of option. What is written there is carried over as the rest was.
pub async fn find_chapter_to_write(tx: &mut impl Queryable, pair: &Pair, chapter: ChapterId) -> Result<Chapter, AppError> {
    match find_chapter(tx, pair, chapter).await {
        Err(AppError::NotFound) => find_earlier_chapter(tx, pair, chapter).await,
        found => found,
    }
}

/// What a mentee's entry is written into, by one question.
///
/// # Errors
/// [`AppError::NotFound`] for a chapter that the enrolment never had.
pub async fn find_desk(tx: &mut impl Queryable, who: OwnEnrollment, chapter: ChapterId) -> Result<Desk, AppError> {
    fetch_optional!(
        tx,
        Desk,
        "SELECT e.state, e.started_at,
            (SELECT m.mentor_id FROM mentor_match m WHERE m.enrollment_id = e.id AND m.state = 'accepted') AS mentor_id,
            EXISTS (SELECT 1 FROM sign_off o WHERE o.enrollment_id = e.id AND o.chapter_id = c.id) AS discussed,
            EXISTS (SELECT 1 FROM option_change x WHERE x.enrollment_id = e.id AND x.outline_before <> e.outline_id) AS earlier
         FROM enrollment e JOIN chapter c ON c.id = $2 AND (c.outline_id = e.outline_id
            OR EXISTS (SELECT 1 FROM option_change x WHERE x.enrollment_id = e.id AND x.outline_before = c.outline_id))
         WHERE e.id = $1",
        who.enrollment(),
        chapter
    )?
    .ok_or(AppError::NotFound)
}

/// The entries of one chapter that this reader may see, newest first. A mentor sees those of their own time that count,
/// with the reflection only where it was shared.
pub async fn list_entries(
    tx: &mut impl Queryable,
    who: PairMember,
    pair: &Pair,
    chapter: ChapterId,
) -> Result<Vec<Entry>, sqlx::Error> {
    let own = who.side() == Side::Mentee;
    fetch_all!(
        tx,
        Entry,
        "SELECT s.id, s.studied_on, s.minutes, CASE WHEN s.shared = TRUE OR $4 = TRUE THEN s.reflection ELSE '' END AS reflection,
            s.shared, s.created_at, n.created_at AS replaced_at, CASE WHEN s.came_by IS NOT NULL THEN a.name END AS entered_by,
            s.came_by, (s.carried_from IS NOT NULL) AS carried
         FROM study_entry s JOIN account a ON a.id = s.entered_by LEFT JOIN study_entry n ON n.replaces_id = s.id
         WHERE s.enrollment_id = $1 AND s.chapter_id = $2 AND s.created_at >= $3 AND ($4 = TRUE OR n.id IS NULL)
         ORDER BY s.created_at DESC",
        pair.id,
        chapter,
        pair.visible_from(who.side()),
        own
    )
}

/// Logs a chapter; `false` when this form was taken before.
///
/// # Errors
/// A [`Refusal`] when the entry it corrects was corrected before; [`AppError::NotFound`] when it is not one of this
/// mentee and chapter.
pub async fn insert_entry(tx: &mut WriteTx, who: OwnEnrollment, entry: &NewEntry) -> Result<bool, AppError> {
    if let Some(replaced) = entry.replaces {
        check_replaced(tx, who, entry.chapter, replaced).await?;
    }
    write_entry(tx, who.enrollment(), entry, who.account(), None).await
}

/// The same by the coordinator, for a mentee who called, wrote or sent paper.
pub async fn enter_entry(
    tx: &mut WriteTx,
    who: &Coordinator,
    enrollment: EnrollmentId,
    entry: &NewEntry,
    came_by: Medium,
) -> Result<bool, AppError> {
    write_entry(tx, enrollment, entry, who.account(), Some(came_by)).await
}

async fn write_entry(
    tx: &mut WriteTx,
    enrollment: EnrollmentId,
    entry: &NewEntry,
    entered_by: AccountId,
    came_by: Option<Medium>,
) -> Result<bool, AppError> {
    let (id, now) = (StudyEntryId::new(), tx.now());
    let done = execute!(
        tx,
        "INSERT INTO study_entry (id, submission_key, enrollment_id, chapter_id, studied_on, minutes, reflection, shared,
            replaces_id, entered_by, created_at, came_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (submission_key) DO NOTHING",
        id,
        entry.key,
        enrollment,
        entry.chapter,
        entry.studied_on,
        entry.minutes,
        &entry.reflection,
        entry.shared,
        entry.replaces,
        entered_by,
        now,
        came_by
    );
    match done {
        Ok(0) => return Ok(false),
        Ok(_) => {}
        Err(error) if crate::db::is_duplicate(&error) => {
            return Err(
                Refusal::new("This entry was corrected already. Look at the list below and correct the newest one.").into()
            );
        }
        Err(error) => return Err(error.into()),
    }
    tx.note(Event::new(Kind::StudyEntryLogged).of(enrollment).about(id.0));
    Ok(true)
}

async fn check_replaced(tx: &mut WriteTx, who: OwnEnrollment, chapter: ChapterId, entry: StudyEntryId) -> Result<(), AppError> {
    let found = fetch_optional!(
        tx,
        (i32,),
        "SELECT 1 FROM study_entry WHERE id = $1 AND enrollment_id = $2 AND chapter_id = $3",
        entry,
        who.enrollment(),
        chapter
    )?;
    found.map(|_| ()).ok_or(AppError::NotFound)
}

/// The sign-off of one chapter, if there is one, with the word back for those it was written to.
pub async fn find_sign_off(
    tx: &mut impl Queryable,
    who: PairMember,
    pair: &Pair,
    chapter: ChapterId,
) -> Result<Option<SignOff>, sqlx::Error> {
    fetch_optional!(
        tx,
        SignOff,
        "SELECT a.name AS mentor, o.signed_off_at, CASE WHEN o.signed_off_at >= $3 THEN o.word ELSE '' END AS word,
            b.name AS entered_by, o.came_by, (o.carried_from IS NOT NULL) AS carried
         FROM sign_off o JOIN account a ON a.id = o.mentor_id LEFT JOIN account b ON b.id = o.entered_by AND o.came_by IS NOT NULL
         WHERE o.enrollment_id = $1 AND o.chapter_id = $2",
        pair.id,
        chapter,
        pair.visible_from(who.side())
    )
}

/// Signs a chapter off as discussed and tells the mentee; nothing happens when it was signed off already.
///
/// # Errors
/// [`AppError::NotFound`] when it is not the mentor who asks.
pub async fn sign_off(
    tx: &mut WriteTx,
    program: &State,
    who: PairMember,
    pair: &Pair,
    chapter: &Chapter,
    word: &str,
) -> Result<(), AppError> {
    write_sign_off(tx, program, pair, chapter, who.mentor()?.account(), word, None).await
}

/// The same by the coordinator, for a mentor who called, wrote or sent paper.
pub async fn enter_sign_off(
    tx: &mut WriteTx,
    program: &State,
    who: &Coordinator,
    pair: &Pair,
    chapter: &Chapter,
    came_by: Medium,
) -> Result<(), AppError> {
    pair.allow_talking()?;
    let mentor = pair.mentor_id.ok_or(AppError::NotFound)?;
    let entered = Entered { by: who.account(), came_by };
    write_sign_off(tx, program, pair, chapter, mentor, "", Some(entered)).await
}

async fn write_sign_off(
    tx: &mut WriteTx,
    program: &State,
    pair: &Pair,
    chapter: &Chapter,
    mentor: AccountId,
    word: &str,
    entered: Option<Entered>,
) -> Result<(), AppError> {
    let now = tx.now();
    let done = execute!(
        tx,
        "INSERT INTO sign_off (enrollment_id, chapter_id, mentor_id, signed_off_at, word, entered_by, came_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (enrollment_id, chapter_id) DO NOTHING",
        pair.id,
        chapter.id,
        mentor,
        now,
        word,
        entered.map(|entered| entered.by),
        entered.map(|entered| entered.came_by)
    )?;
    if done == 0 {
        return Ok(());
    }
    tx.note(Event::new(Kind::ChapterSignedOff).of(pair.id).about(chapter.id.0));
    let to = mail::store::recipient(tx, pair.mentee_id).await?;
    let link = program.link(&chapter_path(pair.id, chapter.id));
    let mail = Mail::new(mail::Kind::ChapterSignedOff, to).with("chapter", chapter.name()).with("link", link);
    Ok(mail::store::enqueue(tx, mail.about(chapter.id.0)).await?)
}

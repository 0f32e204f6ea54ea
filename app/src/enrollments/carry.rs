//! What counts after a change of option: chapters that both outlines have keep what was read, discussed and passed.
//! Separate because several steps write to a chapter, and each may find that the option was changed just before.
//!
//! Nothing is moved: what was logged stays under its own chapter, and the chapter of the same title in the new outline
//! gets a copy that is marked ([`over`]). Going back to an earlier option finds everything still there.

use chrono::{DateTime, NaiveDate, Utc};

use crate::db::{Queryable, WriteTx, execute, fetch_all};
use crate::error::AppError;
use crate::id::{AccountId, AttemptId, ChapterId, EnrollmentId, OutlineId, StudyEntryId, SubmissionKey};
use crate::study::{self, Chapter};

/// A title as chapters are compared by: its letters and digits, in lower case, words one space apart.
pub fn normal(title: &str) -> String {
    title
        .to_lowercase()
        .split(|sign: char| !sign.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// For each chapter of a later outline, the place in an earlier one of the chapter that it is; each place at most once.
/// What is said by key comes first, the same title decides the rest.
pub fn pairs<K: PartialEq>(before: &[(K, &str)], after: &[(Option<K>, &str)]) -> Vec<Option<usize>> {
    let mut free: Vec<(usize, String)> = before.iter().enumerate().map(|(at, (_, title))| (at, normal(title))).collect();
    let mut pairs: Vec<Option<usize>> = after
        .iter()
        .map(|(key, _)| {
            let key = key.as_ref()?;
            let place = free.iter().position(|(at, _)| before.get(*at).is_some_and(|(known, _)| known == key))?;
            Some(free.remove(place).0)
        })
        .collect();
    for (pair, (_, title)) in pairs.iter_mut().zip(after).filter(|(pair, _)| pair.is_none()) {
        let title = normal(title);
        let place = free.iter().position(|(_, known)| !title.is_empty() && *known == title);
        *pair = place.map(|place| free.remove(place).0);
    }
    pairs
}

/// The chapters of two outlines that are the same, each at most once, in the order of the later outline: those of one line
/// of versions, whatever their titles, and those of the same title.
pub fn same<'a>(before: &'a [Chapter], after: &'a [Chapter]) -> Vec<(&'a Chapter, &'a Chapter)> {
    let keys: Vec<(ChapterId, &str)> = before.iter().map(|chapter| (chapter.root, chapter.title.as_str())).collect();
    let follows: Vec<(Option<ChapterId>, &str)> =
        after.iter().map(|chapter| (Some(chapter.root), chapter.title.as_str())).collect();
    let pairs = pairs(&keys, &follows);
    after.iter().zip(pairs).filter_map(|(to, pair)| Some((before.get(pair?)?, to))).collect()
}

/// Carries into the present outline what was done in earlier ones and is not carried yet. To be called at a change of
/// option, and after whatever may have been written to a chapter of an earlier outline.
pub async fn over(tx: &mut WriteTx, enrollment: EnrollmentId) -> Result<(), AppError> {
    let earlier = fetch_all!(
        tx,
        (OutlineId, OutlineId),
        "SELECT DISTINCT x.outline_before, e.outline_id FROM option_change x JOIN enrollment e ON e.id = x.enrollment_id
         WHERE x.enrollment_id = $1 AND x.outline_before <> e.outline_id",
        enrollment
    )?;
    for (before, after) in earlier {
        let before = study::store::list_chapters(tx, before).await?;
        let after = study::store::list_chapters(tx, after).await?;
        for (from, to) in same(&before, &after) {
            carry_chapter(tx, enrollment, from.id, to.id).await?;
        }
    }
    Ok(())
}

async fn carry_chapter(tx: &mut WriteTx, enrollment: EnrollmentId, from: ChapterId, to: ChapterId) -> Result<(), AppError> {
    for entry in list_entries(tx, enrollment, from, to).await? {
        insert_entry(tx, enrollment, to, entry).await?;
    }
    execute!(
        tx,
        "INSERT INTO sign_off (enrollment_id, chapter_id, mentor_id, signed_off_at, word, entered_by, came_by, carried_from)
         SELECT o.enrollment_id, $3, o.mentor_id, o.signed_off_at, '', o.entered_by, o.came_by, o.chapter_id FROM sign_off o
         WHERE o.enrollment_id = $1 AND o.chapter_id = $2 AND o.carried_from IS NULL ON CONFLICT DO NOTHING",
        enrollment,
        from,
        to
    )?;
    execute!(
        tx,
        "INSERT INTO plan_target (enrollment_id, chapter_id, target_on)
         SELECT t.enrollment_id, $3, t.target_on FROM plan_target t WHERE t.enrollment_id = $1 AND t.chapter_id = $2
         ON CONFLICT DO NOTHING",
        enrollment,
        from,
        to
    )?;
    for attempt in list_passed(tx, enrollment, from, to).await? {
        insert_attempt(tx, to, attempt).await?;
    }
    Ok(())
}

/// An entry to be carried, and which carried one it takes the place of.
#[derive(sqlx::FromRow)]
struct EntryRow {
    id: StudyEntryId,
    studied_on: NaiveDate,
    minutes: i32,
    entered_by: AccountId,
    came_by: Option<crate::contacts::Medium>,
    created_at: DateTime<Utc>,
    replaces: Option<StudyEntryId>,
}

/// Entries that count and have no copy yet; one whose copy was corrected has done its part.
async fn list_entries(
    tx: &mut impl Queryable,
    enrollment: EnrollmentId,
    from: ChapterId,
    to: ChapterId,
) -> Result<Vec<EntryRow>, sqlx::Error> {
    fetch_all!(
        tx,
        EntryRow,
        "SELECT s.id, s.studied_on, s.minutes, s.entered_by, s.came_by, s.created_at,
            (SELECT c.id FROM study_entry c WHERE c.carried_from = s.replaces_id AND c.chapter_id = $3
                AND NOT EXISTS (SELECT 1 FROM study_entry n WHERE n.replaces_id = c.id)) AS replaces
         FROM study_entry s WHERE s.enrollment_id = $1 AND s.chapter_id = $2 AND s.carried_from IS NULL
            AND NOT EXISTS (SELECT 1 FROM study_entry n WHERE n.replaces_id = s.id)
            AND NOT EXISTS (SELECT 1 FROM study_entry c WHERE c.carried_from = s.id AND (c.chapter_id = $3
                OR EXISTS (SELECT 1 FROM study_entry n WHERE n.replaces_id = c.id)))
         ORDER BY s.created_at, s.id",
        enrollment,
        from,
        to
    )
}

/// The reflection stays with the entry it was written in.
async fn insert_entry(tx: &mut WriteTx, enrollment: EnrollmentId, to: ChapterId, entry: EntryRow) -> Result<(), sqlx::Error> {
    execute!(
        tx,
        "INSERT INTO study_entry (id, submission_key, enrollment_id, chapter_id, studied_on, minutes, reflection, shared,
            replaces_id, entered_by, created_at, came_by, carried_from)
         VALUES ($1, $2, $3, $4, $5, $6, '', FALSE, $7, $8, $9, $10, $11)",
        StudyEntryId::new(),
        SubmissionKey::new(),
        enrollment,
        to,
        entry.studied_on,
        entry.minutes,
        entry.replaces,
        entry.entered_by,
        entry.created_at,
        entry.came_by,
        entry.id
    )
    .map(|_| ())
}

/// Post-tests of a chapter that were passed and have no copy yet.
async fn list_passed(
    tx: &mut impl Queryable,
    enrollment: EnrollmentId,
    from: ChapterId,
    to: ChapterId,
) -> Result<Vec<AttemptId>, sqlx::Error> {
    let rows = fetch_all!(
        tx,
        (AttemptId,),
        "SELECT a.id FROM attempt a WHERE a.enrollment_id = $1 AND a.chapter_id = $2 AND a.passed = TRUE AND a.carried_from IS NULL
            AND NOT EXISTS (SELECT 1 FROM attempt c WHERE c.carried_from = a.id AND c.chapter_id = $3)
         ORDER BY a.handed_in_at, a.id",
        enrollment,
        from,
        to
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

async fn insert_attempt(tx: &mut WriteTx, to: ChapterId, passed: AttemptId) -> Result<(), sqlx::Error> {
    execute!(
        tx,
        "INSERT INTO attempt (id, enrollment_id, chapter_id, started_at, handed_in_at, right_count, item_count, passed,
            entered_by, came_by, carried_from, credit, marked_at)
         SELECT $1, a.enrollment_id, $2, a.started_at, a.handed_in_at, a.right_count, a.item_count, a.passed,
            a.entered_by, a.came_by, a.id, a.credit, a.marked_at FROM attempt a WHERE a.id = $3",
        AttemptId::new(),
        to,
        passed
    )
    .map(|_| ())
}

//! Who studies by another version of an outline, and what a move to this one would keep. Separate because it reads
//! enrolments; the move itself is a change like any other of the option and the book ([`crate::life::store`]).

use std::collections::HashMap;

use super::{Chapter, Outline, list_chapters_of_edition};
use crate::db::{Queryable, fetch_all};
use crate::enrollments::{OptionNumber, State, carry};
use crate::id::{ChapterId, EnrollmentId, OutlineId};
use crate::people::Coordinator;

#[derive(sqlx::FromRow)]
struct Row {
    id: EnrollmentId,
    mentee: String,
    mentor: Option<String>,
    option_number: OptionNumber,
    state: State,
    outline_id: OutlineId,
    version: i32,
    chapter_id: ChapterId,
    is_read: bool,
    is_discussed: bool,
    is_passed: bool,
}

/// How many chapters are read, discussed, and passed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Done {
    pub read: usize,
    pub discussed: usize,
    pub passed: usize,
}

impl Done {
    /// "4 read, 3 discussed, 2 post-tests passed"; empty for nothing.
    pub fn words(self) -> String {
        let one = |count: usize, words: &str| (count > 0).then(|| format!("{count} {words}"));
        let all = [one(self.read, "read"), one(self.discussed, "discussed"), one(self.passed, "post-tests passed")];
        all.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

/// A live enrolment on another version of an outline, and what a move would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Behind {
    pub id: EnrollmentId,
    pub mentee: String,
    pub mentor: Option<String>,
    pub option: OptionNumber,
    pub state: State,
    pub outline_id: OutlineId,
    pub version: i32,
    pub kept: Done,
    /// Chapters in which something was done that the other version does not have, by name.
    pub not_kept: Vec<String>,
    /// Required chapters that are read now, and how many there are.
    pub required_read: usize,
    pub required: usize,
    /// The same after the move.
    pub read_after: usize,
    pub required_after: usize,
}

/// Every live enrolment on another version of `outline`, by version and name: two queries, however many there are.
pub async fn list(tx: &mut impl Queryable, _who: &Coordinator, outline: &Outline) -> Result<Vec<Behind>, sqlx::Error> {
    let chapters = list_chapters_of_edition(tx, outline.edition_id).await?;
    let rows = fetch_all!(
        tx,
        Row,
        "SELECT e.id, p.name AS mentee, mp.name AS mentor, e.option_number, e.state, e.outline_id, o.version, c.id AS chapter_id,
            EXISTS (SELECT 1 FROM study_entry s WHERE s.enrollment_id = e.id AND s.chapter_id = c.id) AS is_read,
            EXISTS (SELECT 1 FROM sign_off f WHERE f.enrollment_id = e.id AND f.chapter_id = c.id) AS is_discussed,
            EXISTS (SELECT 1 FROM attempt a WHERE a.enrollment_id = e.id AND a.chapter_id = c.id AND a.passed = TRUE) AS is_passed
         FROM outline o
         JOIN enrollment e ON e.outline_id = o.id AND e.state IN ('active', 'paused')
         JOIN account p ON p.id = e.mentee_id
         JOIN chapter c ON c.outline_id = o.id
         LEFT JOIN mentor_match m ON m.enrollment_id = e.id AND m.state = 'accepted'
         LEFT JOIN account mp ON mp.id = m.mentor_id
         WHERE o.edition_id = $1 AND o.id <> $2 ORDER BY o.version, p.name, e.id, c.number",
        outline.edition_id,
        outline.id
    )?;
    let of = |id: OutlineId| -> Vec<&Chapter> { chapters.iter().filter(|chapter| chapter.outline_id == id).collect() };
    let after = of(outline.id);
    let mut becomes: HashMap<OutlineId, HashMap<ChapterId, &Chapter>> = HashMap::new();
    let found = rows
        .chunk_by(|one, other| one.id == other.id)
        .filter(|rows| rows.first().is_some_and(|row| outline.options.contains(&row.option_number)))
        .filter_map(|rows| {
            let first = rows.first()?;
            let before = of(first.outline_id);
            let becomes = becomes.entry(first.outline_id).or_insert_with(|| same(&before, &after));
            Some(told(first, rows, &before, &after, becomes))
        })
        .collect();
    Ok(found)
}

/// What each chapter of the one version is in the other.
fn same<'a>(before: &[&Chapter], after: &[&'a Chapter]) -> HashMap<ChapterId, &'a Chapter> {
    let keys: Vec<(ChapterId, &str)> = before.iter().map(|chapter| (chapter.root, chapter.title.as_str())).collect();
    let follows: Vec<(Option<ChapterId>, &str)> =
        after.iter().map(|chapter| (Some(chapter.root), chapter.title.as_str())).collect();
    let pairs = carry::pairs(&keys, &follows);
    after.iter().zip(pairs).filter_map(|(to, pair)| Some((before.get(pair?)?.id, *to))).collect()
}

fn told(first: &Row, rows: &[Row], before: &[&Chapter], after: &[&Chapter], becomes: &HashMap<ChapterId, &Chapter>) -> Behind {
    let chapter = |id: ChapterId| before.iter().find(|chapter| chapter.id == id);
    let begun = |row: &&Row| row.is_read || row.is_discussed || row.is_passed;
    let kept: Vec<&Row> = rows.iter().filter(|row| becomes.contains_key(&row.chapter_id)).collect();
    let count = |fits: fn(&Row) -> bool| kept.iter().filter(|row| fits(row)).count();
    let lost = rows.iter().filter(begun).filter(|row| !becomes.contains_key(&row.chapter_id));
    let required = |chapters: &[&Chapter]| chapters.iter().filter(|chapter| chapter.required).count();
    let read = rows.iter().filter(|row| row.is_read);
    let read_after = kept.iter().filter(|row| row.is_read && becomes.get(&row.chapter_id).is_some_and(|to| to.required));
    Behind {
        id: first.id,
        mentee: first.mentee.clone(),
        mentor: first.mentor.clone(),
        option: first.option_number,
        state: first.state,
        outline_id: first.outline_id,
        version: first.version,
        kept: Done {
            read: count(|row| row.is_read),
            discussed: count(|row| row.is_discussed),
            passed: count(|row| row.is_passed),
        },
        not_kept: lost
            .filter_map(|row| chapter(row.chapter_id))
            .map(|chapter| format!("Chapter {}, {}", chapter.number, chapter.title))
            .collect(),
        required_read: read.filter(|row| chapter(row.chapter_id).is_some_and(|chapter| chapter.required)).count(),
        required: required(before),
        read_after: read_after.count(),
        required_after: required(after),
    }
}

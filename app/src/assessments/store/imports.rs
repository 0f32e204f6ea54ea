//! Files of questions in the database: what was read, which of it is in the bank already, and bringing it in.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use sqlx::types::Json;

use super::questions::{New, QuestionRow, insert_new, insert_picture, question};
use crate::assessments::formats::{Entry, Format, Read, Refused, examine};
use crate::assessments::store::Question;
use crate::assessments::{Body, Draft, Picture, QuestionKind};
use crate::audit::{Event, Kind};
use crate::db::{Queryable, WriteTx, execute, fetch_all, fetch_optional};
use crate::error::{AppError, Refusal};
use crate::id::{ChapterId, OutlineId, QuestionId, QuestionImportId};
use crate::imports::progress::Progress;
use crate::people::Coordinator;
use crate::words;

/// How long a file that was read and not brought in is kept.
const KEPT: Duration = Duration::days(7);

words! {
    /// Where a file of questions stands.
    pub enum FileState {
        Read = "read",
        Done = "done",
    }
}

/// A file of questions, without what is in it.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct File {
    pub id: QuestionImportId,
    /// For whose chapters it was read.
    pub outline_id: OutlineId,
    /// The chapter it was read for, if for one.
    pub chapter_id: Option<ChapterId>,
    pub state: FileState,
    pub format: Format,
    pub file_name: String,
    pub taken_count: i32,
    pub refused_count: i32,
    pub added_count: i32,
    pub read_at: DateTime<Utc>,
    pub started_at: Option<DateTime<Utc>>,
    /// Why it came to nothing the last time.
    pub problem: Option<String>,
    pub done_at: Option<DateTime<Utc>>,
    pub done_by: Option<String>,
}

macro_rules! files {
    ($rest:literal) => {
        concat!(
            "SELECT i.id, i.outline_id, i.chapter_id, i.state, i.format, i.file_name, i.taken_count, i.refused_count, i.added_count,
                i.read_at, i.started_at, i.problem, i.done_at, d.name AS done_by
             FROM question_import i LEFT JOIN account d ON d.id = i.done_by ",
            $rest
        )
    };
}

pub async fn find_file(tx: &mut impl Queryable, _who: &Coordinator, id: QuestionImportId) -> Result<Option<File>, sqlx::Error> {
    fetch_optional!(tx, File, files!("WHERE i.id = $1"), id)
}

/// The files of the program, the latest first.
pub async fn list_files(tx: &mut impl Queryable, _who: &Coordinator) -> Result<Vec<File>, sqlx::Error> {
    fetch_all!(tx, File, files!("ORDER BY i.read_at DESC, i.id DESC LIMIT 20"))
}

/// A question of a file as it is kept. Its picture lies in the table of pictures.
#[derive(Serialize, Deserialize)]
struct Kept {
    line: usize,
    category: String,
    kind: QuestionKind,
    name: String,
    text: String,
    explanation: String,
    source: String,
    topic: String,
    picture: Option<Picture>,
    body: serde_json::Value,
}

#[derive(Serialize, Deserialize)]
struct KeptFile {
    taken: Vec<Kept>,
    refused: Vec<Refused>,
}

impl Kept {
    fn of(entry: Entry) -> Result<Self, AppError> {
        let Draft { name, text, explanation, source, topic, picture, body } = entry.draft;
        let stored = body.stored().map_err(crate::people::session::internal)?;
        let (line, category, kind) = (entry.line, entry.category, body.kind());
        Ok(Self { line, category, kind, name, text, explanation, source, topic, picture, body: stored })
    }

    fn asked(self) -> Result<Asked, AppError> {
        let body = Body::of_stored(self.kind, self.body).map_err(crate::people::session::internal)?;
        let (name, text, explanation, source) = (self.name, self.text, self.explanation, self.source);
        let draft = Draft { name, text, explanation, source, topic: self.topic, picture: self.picture, body };
        Ok(Asked { line: self.line, category: self.category, fingerprint: draft.fingerprint(), draft })
    }
}

/// A question of a file that was read.
#[derive(Debug, Clone)]
pub struct Asked {
    pub line: usize,
    pub category: String,
    pub draft: Draft,
    pub fingerprint: String,
}

/// Keeps a file that was read, and forgets those that nobody brought in.
pub async fn insert_file(
    tx: &mut WriteTx,
    who: &Coordinator,
    outline: OutlineId,
    chapter: Option<ChapterId>,
    file_name: &str,
    read: Read,
) -> Result<QuestionImportId, AppError> {
    forget_files(tx).await?;
    let (id, now) = (QuestionImportId::new(), tx.now());
    let count = |number: usize| i32::try_from(number).unwrap_or(i32::MAX);
    execute!(
        tx,
        "INSERT INTO question_import (id, outline_id, chapter_id, state, format, file_name, taken_count, refused_count, read_at, read_by)
         VALUES ($1, $2, $3, 'read', $4, $5, $6, $7, $8, $9)",
        id,
        outline,
        chapter,
        read.format,
        file_name,
        count(read.taken.len()),
        count(read.refused.len()),
        now,
        who.account()
    )?;
    let mut taken = Vec::with_capacity(read.taken.len());
    for entry in read.taken {
        if let (Some(bytes), Some(picture)) = (&entry.picture, &entry.draft.picture) {
            let (_, kind) = examine(bytes, &picture.alt).map_err(|_| AppError::Internal)?;
            insert_picture(tx, &picture.hash, kind, bytes).await?;
        }
        taken.push(Kept::of(entry)?);
    }
    let body = KeptFile { taken, refused: read.refused };
    execute!(tx, "INSERT INTO question_import_body (import_id, body) VALUES ($1, $2)", id, Json(&body))?;
    Ok(id)
}

/// Lets go of files that were not brought in for a week, and of pictures that are in no question and in no such file.
async fn forget_files(tx: &mut WriteTx) -> Result<(), sqlx::Error> {
    let before = tx.now() - KEPT;
    execute!(
        tx,
        "DELETE FROM question_import_body WHERE import_id IN (SELECT id FROM question_import WHERE state = 'read' AND read_at < $1)",
        before
    )?;
    execute!(tx, "DELETE FROM question_import WHERE state = 'read' AND read_at < $1", before)?;
    execute!(
        tx,
        "DELETE FROM question_picture WHERE uploaded_at < $1
            AND NOT EXISTS (SELECT 1 FROM question q WHERE q.picture_hash = question_picture.hash)",
        before
    )?;
    Ok(())
}

/// What is in a file that is not brought in yet.
pub async fn read_file(
    tx: &mut impl Queryable,
    _who: &Coordinator,
    id: QuestionImportId,
) -> Result<(Vec<Asked>, Vec<Refused>), AppError> {
    let found = fetch_optional!(tx, (Json<KeptFile>,), "SELECT body FROM question_import_body WHERE import_id = $1", id)?;
    let body = found.ok_or(AppError::NotFound)?.0.0;
    let asked = body.taken.into_iter().map(Kept::asked).collect::<Result<_, _>>()?;
    Ok((asked, body.refused))
}

/// The questions of an outline that are asked or wait for review, by what they ask: in which chapters.
pub type Known = HashMap<String, Vec<ChapterId>>;

pub async fn list_known(tx: &mut impl Queryable, _who: &Coordinator, outline: OutlineId) -> Result<Known, sqlx::Error> {
    let rows = fetch_all!(
        tx,
        QuestionRow,
        question!("JOIN chapter c ON c.id = q.chapter_id WHERE c.outline_id = $1 AND q.retired_at IS NULL"),
        outline
    )?;
    let mut known = Known::new();
    for row in rows {
        let question = Question::try_from(row)?;
        known.entry(question.draft.fingerprint()).or_default().push(question.chapter_id);
    }
    Ok(known)
}

/// Where the questions of a file go: all into one chapter, or by their category; a category that is not named stays out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Placing {
    All(ChapterId),
    ByCategory(BTreeMap<String, ChapterId>),
}

impl Placing {
    pub fn of(&self, category: &str) -> Option<ChapterId> {
        match self {
            Self::All(chapter) => Some(*chapter),
            Self::ByCategory(chapters) => chapters.get(category).copied(),
        }
    }
}

/// What of a file is new in its chapter: not there already, and not twice in the file.
pub fn place(asked: Vec<Asked>, placing: &Placing, mut known: Known) -> Vec<(ChapterId, Draft)> {
    let mut new = Vec::new();
    for one in asked {
        let Some(chapter) = placing.of(&one.category) else { continue };
        let there = known.entry(one.fingerprint).or_default();
        if !there.contains(&chapter) {
            there.push(chapter);
            new.push((chapter, one.draft));
        }
    }
    new
}

/// Notes that a file is being brought in.
pub async fn prepare_file(tx: &mut WriteTx, _who: &Coordinator, id: QuestionImportId) -> Result<(), sqlx::Error> {
    let now = tx.now();
    execute!(tx, "UPDATE question_import SET started_at = $2, problem = NULL WHERE id = $1 AND state = 'read'", id, now)
        .map(|_| ())
}

/// Says why bringing a file in came to nothing.
pub async fn note_file_problem(
    tx: &mut WriteTx,
    _who: &Coordinator,
    id: QuestionImportId,
    problem: &str,
) -> Result<(), sqlx::Error> {
    execute!(tx, "UPDATE question_import SET started_at = NULL, problem = $2 WHERE id = $1 AND state = 'read'", id, problem)
        .map(|_| ())
}

/// How many questions are written in one go.
const AT_ONCE: usize = 500;

/// Brings a file's questions in, unreviewed, all or none. Of two who do it at once, the second finds it done: `false`.
pub async fn bring_file_in(
    tx: &mut WriteTx,
    who: &Coordinator,
    id: QuestionImportId,
    placing: &Placing,
    progress: &Arc<Progress>,
) -> Result<bool, AppError> {
    let now = tx.now();
    let first = execute!(
        tx,
        "UPDATE question_import SET state = 'done', done_at = $2, done_by = $3, problem = NULL WHERE id = $1 AND state = 'read'",
        id,
        now,
        who.account()
    )?;
    if first == 0 {
        return Ok(false);
    }
    let file = find_file(tx, who, id).await?.ok_or(AppError::NotFound)?;
    let (asked, _) = read_file(tx, who, id).await?;
    let new = place(asked, placing, list_known(tx, who, file.outline_id).await?);
    if new.is_empty() {
        return Err(Refusal::new("Every question of this file is in its chapter already, or its category goes nowhere.").into());
    }
    progress.expect(new.len());
    let new: Vec<New> = new
        .into_iter()
        .map(|(chapter, draft)| New {
            import: Some(id),
            created_by: Some(who.account()),
            ..New::first(QuestionId::new(), chapter, draft)
        })
        .collect();
    for part in new.chunks(AT_ONCE) {
        insert_new(tx, part).await?;
        progress.add(part.len());
    }
    execute!(
        tx,
        "UPDATE question_import SET added_count = $2 WHERE id = $1",
        id,
        i32::try_from(new.len()).unwrap_or(i32::MAX)
    )?;
    execute!(tx, "DELETE FROM question_import_body WHERE import_id = $1", id)?;
    tx.note(Event::new(Kind::QuestionsImported).about(id.0).words(&file.file_name));
    Ok(true)
}

/// Gives up a file that was read.
pub async fn discard_file(tx: &mut WriteTx, _who: &Coordinator, id: QuestionImportId) -> Result<(), AppError> {
    execute!(
        tx,
        "DELETE FROM question_import_body WHERE import_id = $1 AND EXISTS (SELECT 1 FROM question_import WHERE id = $1 AND state = 'read')",
        id
    )?;
    match execute!(tx, "DELETE FROM question_import WHERE id = $1 AND state = 'read'", id)? {
        0 => Err(Refusal::new("This file was imported already.").into()),
        _ => Ok(()),
    }
}

/// A question to be written to a file, with the bytes of its picture.
#[derive(sqlx::FromRow)]
struct WrittenRow {
    number: i32,
    title: String,
    bytes: Option<Vec<u8>>,
    #[sqlx(flatten)]
    question: QuestionRow,
}

macro_rules! written {
    ($rest:literal) => {
        concat!(
            "SELECT c.number, c.title, p.bytes, q.id, q.chapter_id, q.lineage_id, q.version, q.kind, q.name, q.text, q.explanation,
                q.source, q.topic, q.picture_hash, q.picture_alt, q.body, q.created_at, w.name AS created_by,
                (q.import_id IS NOT NULL) AS imported, q.approved_at, a.name AS approved_by, q.retired_at
             FROM question q JOIN chapter c ON c.id = q.chapter_id LEFT JOIN question_picture p ON p.hash = q.picture_hash
             LEFT JOIN account w ON w.id = q.created_by LEFT JOIN account a ON a.id = q.approved_by
             WHERE q.retired_at IS NULL AND ",
            $rest,
            " ORDER BY c.number, q.created_at, q.id"
        )
    };
}

/// The questions of a chapter that are not retired, as a file holds them.
pub async fn list_written_of_chapter(
    tx: &mut impl Queryable,
    _who: &Coordinator,
    chapter: ChapterId,
) -> Result<Vec<Entry>, sqlx::Error> {
    fetch_all!(tx, WrittenRow, written!("c.id = $1"), chapter)?.into_iter().map(entry).collect()
}

/// The same for all chapters of an outline.
pub async fn list_written_of_outline(
    tx: &mut impl Queryable,
    _who: &Coordinator,
    outline: OutlineId,
) -> Result<Vec<Entry>, sqlx::Error> {
    fetch_all!(tx, WrittenRow, written!("c.outline_id = $1"), outline)?.into_iter().map(entry).collect()
}

/// Its category is its chapter: "3. Blood glucose monitoring".
fn entry(row: WrittenRow) -> Result<Entry, sqlx::Error> {
    // A slash would make two categories of one.
    let category = format!("{}. {}", row.number, row.title.replace('/', "-"));
    let question = Question::try_from(row.question)?;
    Ok(Entry { line: 0, category, draft: question.draft, picture: row.bytes })
}

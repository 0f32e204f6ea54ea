//! The question bank in the database: versions of questions, their standing, and their pictures.

use chrono::{DateTime, Utc};
use sqlx::types::Json;

use crate::assessments::{Body, Draft, Picture, QuestionKind, Status};
use crate::audit::{Event, Kind};
use crate::db::{Queryable, WriteTx, execute, fetch_all, fetch_optional, insert_all};
use crate::enrollments::OptionNumber;
use crate::id::{AccountId, ChapterId, OutlineId, QuestionId, QuestionImportId};
use crate::people::Coordinator;
use crate::settings::logo::PictureKind;

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

/// The chapters of one outline, whether it is in use or not.
pub async fn list_outline_chapters(
    tx: &mut impl Queryable,
    _who: &Coordinator,
    outline: OutlineId,
) -> Result<Vec<BankChapter>, sqlx::Error> {
    fetch_all!(tx, BankChapter, bank!("WHERE o.id = $1 ORDER BY c.number"), outline)
}

pub async fn find_bank_chapter(
    tx: &mut impl Queryable,
    _who: &Coordinator,
    id: ChapterId,
) -> Result<Option<BankChapter>, sqlx::Error> {
    fetch_optional!(tx, BankChapter, bank!("WHERE c.id = $1"), id)
}

/// A version of a question as the coordinator reads it: with its key.
#[derive(Debug, Clone)]
pub struct Question {
    pub id: QuestionId,
    pub chapter_id: ChapterId,
    /// The id of its first version.
    pub lineage_id: QuestionId,
    pub version: i32,
    pub draft: Draft,
    pub created_at: DateTime<Utc>,
    /// `None`: the program's own, written before it began.
    pub created_by: Option<String>,
    pub imported: bool,
    pub approved_at: Option<DateTime<Utc>>,
    pub approved_by: Option<String>,
    pub retired_at: Option<DateTime<Utc>>,
}

impl Question {
    pub fn status(&self) -> Status {
        match (self.retired_at, self.approved_at) {
            (Some(_), _) => Status::Retired,
            (None, Some(_)) => Status::Approved,
            (None, None) => Status::Written,
        }
    }

    pub fn kind(&self) -> QuestionKind {
        self.draft.body.kind()
    }
}

#[derive(sqlx::FromRow)]
pub(super) struct QuestionRow {
    id: QuestionId,
    chapter_id: ChapterId,
    lineage_id: QuestionId,
    version: i32,
    kind: QuestionKind,
    name: String,
    text: String,
    explanation: String,
    source: String,
    topic: String,
    picture_hash: Option<String>,
    picture_alt: String,
    body: Json<serde_json::Value>,
    created_at: DateTime<Utc>,
    created_by: Option<String>,
    imported: bool,
    approved_at: Option<DateTime<Utc>>,
    approved_by: Option<String>,
    retired_at: Option<DateTime<Utc>>,
}

impl TryFrom<QuestionRow> for Question {
    type Error = sqlx::Error;

    fn try_from(row: QuestionRow) -> Result<Self, sqlx::Error> {
        let draft = Draft {
            name: row.name,
            text: row.text,
            explanation: row.explanation,
            source: row.source,
            topic: row.topic,
            picture: row.picture_hash.map(|hash| Picture { hash, alt: row.picture_alt }),
            body: body_of(row.kind, row.body.0)?,
        };
        Ok(Self {
            id: row.id,
            chapter_id: row.chapter_id,
            lineage_id: row.lineage_id,
            version: row.version,
            draft,
            created_at: row.created_at,
            created_by: row.created_by,
            imported: row.imported,
            approved_at: row.approved_at,
            approved_by: row.approved_by,
            retired_at: row.retired_at,
        })
    }
}

/// What a question asks for, from its columns.
pub fn body_of(kind: QuestionKind, stored: serde_json::Value) -> Result<Body, sqlx::Error> {
    Body::of_stored(kind, stored).map_err(|error| sqlx::Error::Decode(error.into()))
}

macro_rules! question {
    ($rest:literal) => {
        concat!(
            "SELECT q.id, q.chapter_id, q.lineage_id, q.version, q.kind, q.name, q.text, q.explanation, q.source, q.topic,
                q.picture_hash, q.picture_alt, q.body, q.created_at, w.name AS created_by, (q.import_id IS NOT NULL) AS imported,
                q.approved_at, a.name AS approved_by, q.retired_at
             FROM question q LEFT JOIN account w ON w.id = q.created_by LEFT JOIN account a ON a.id = q.approved_by ",
            $rest
        )
    };
}

pub(super) use question;

/// Every version of every question of a chapter, in the order they were written.
pub async fn list_questions(
    tx: &mut impl Queryable,
    _who: &Coordinator,
    chapter: ChapterId,
) -> Result<Vec<Question>, sqlx::Error> {
    let rows = fetch_all!(tx, QuestionRow, question!("WHERE q.chapter_id = $1 ORDER BY q.created_at, q.id"), chapter)?;
    rows.into_iter().map(Question::try_from).collect()
}

pub async fn find_question(
    tx: &mut impl Queryable,
    _who: &Coordinator,
    id: QuestionId,
) -> Result<Option<Question>, sqlx::Error> {
    fetch_optional!(tx, QuestionRow, question!("WHERE q.id = $1"), id)?.map(Question::try_from).transpose()
}

/// The versions of a question, the latest first.
pub async fn list_versions(
    tx: &mut impl Queryable,
    _who: &Coordinator,
    lineage: QuestionId,
) -> Result<Vec<Question>, sqlx::Error> {
    let rows = fetch_all!(tx, QuestionRow, question!("WHERE q.lineage_id = $1 ORDER BY q.version DESC"), lineage)?;
    rows.into_iter().map(Question::try_from).collect()
}

/// A question to be written down, and what it comes from.
#[derive(Debug, Clone)]
pub struct New {
    pub id: QuestionId,
    pub chapter: ChapterId,
    pub lineage: QuestionId,
    pub version: i32,
    pub replaces: Option<QuestionId>,
    pub import: Option<QuestionImportId>,
    pub created_by: Option<AccountId>,
    pub draft: Draft,
}

impl New {
    /// A question that was not there before.
    pub fn first(id: QuestionId, chapter: ChapterId, draft: Draft) -> Self {
        Self { id, chapter, lineage: id, version: 1, replaces: None, import: None, created_by: None, draft }
    }
}

/// Writes questions down, unreviewed, some hundreds at a time.
pub(crate) async fn insert_new(tx: &mut WriteTx, questions: &[New]) -> Result<(), sqlx::Error> {
    let now = tx.now();
    let mut rows = Vec::with_capacity(questions.len());
    for new in questions {
        let stored = new.draft.body.stored().map_err(|error| sqlx::Error::Encode(error.into()))?;
        rows.push((new, Json(stored)));
    }
    insert_all!(
        tx,
        "INSERT INTO question (id, chapter_id, lineage_id, version, replaces_id, import_id, kind, name, text, explanation, source,
            topic, picture_hash, picture_alt, body, created_at, created_by)",
        rows,
        row => [
            row.0.id, row.0.chapter, row.0.lineage, row.0.version, row.0.replaces, row.0.import, row.0.draft.body.kind(),
            &row.0.draft.name, &row.0.draft.text, &row.0.draft.explanation, &row.0.draft.source, &row.0.draft.topic,
            row.0.draft.picture.as_ref().map(|picture| picture.hash.as_str()),
            row.0.draft.picture.as_ref().map(|picture| picture.alt.as_str()).unwrap_or_default(),
            &row.1, now, row.0.created_by
        ]
    )
}

/// Adds a question, unreviewed. Its id is the form's submission key, so that the same form adds one; `false` when it
/// did before.
pub async fn insert_question(
    tx: &mut WriteTx,
    who: &Coordinator,
    id: QuestionId,
    chapter: ChapterId,
    draft: &Draft,
) -> Result<bool, sqlx::Error> {
    if is_known(tx, id).await? {
        return Ok(false);
    }
    let new = New { created_by: Some(who.account()), ..New::first(id, chapter, draft.clone()) };
    insert_new(tx, &[new]).await?;
    tx.note(Event::new(Kind::QuestionWritten).about(id.0));
    Ok(true)
}

async fn is_known(tx: &mut impl Queryable, id: QuestionId) -> Result<bool, sqlx::Error> {
    Ok(fetch_optional!(tx, (QuestionId,), "SELECT id FROM question WHERE id = $1", id)?.is_some())
}

/// What became of an edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replaced {
    Now,
    /// The same form was sent before.
    Before,
    /// Somebody else changed or retired it meanwhile: nothing was done.
    TooLate,
}

/// Writes a new version in place of an old one, unreviewed.
pub async fn replace_question(
    tx: &mut WriteTx,
    who: &Coordinator,
    id: QuestionId,
    old: &Question,
    draft: &Draft,
) -> Result<Replaced, sqlx::Error> {
    if is_known(tx, id).await? {
        return Ok(Replaced::Before);
    }
    if !retire(tx, who, old.id).await? {
        return Ok(Replaced::TooLate);
    }
    let new = New {
        lineage: old.lineage_id,
        version: old.version.saturating_add(1),
        replaces: Some(old.id),
        created_by: Some(who.account()),
        ..New::first(id, old.chapter_id, draft.clone())
    };
    insert_new(tx, &[new]).await?;
    tx.note(Event::new(Kind::QuestionWritten).about(id.0));
    Ok(Replaced::Now)
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
        (QuestionId,),
        "SELECT q.id FROM question q WHERE q.chapter_id = $1 AND q.retired_at IS NULL AND NOT EXISTS
            (SELECT 1 FROM question x WHERE x.chapter_id = $2 AND x.text = q.text AND x.retired_at IS NULL)
         ORDER BY q.created_at, q.id",
        from,
        to
    )?;
    let (now, mut copied) = (tx.now(), 0);
    for (question,) in questions {
        let id = QuestionId::new();
        copied += execute!(
            tx,
            "INSERT INTO question (id, chapter_id, lineage_id, version, kind, name, text, explanation, source, topic, picture_hash,
                picture_alt, body, created_at, created_by, approved_at, approved_by)
             SELECT $1, $2, $1, 1, q.kind, q.name, q.text, q.explanation, q.source, q.topic, q.picture_hash, q.picture_alt, q.body,
                $4, q.created_by, CASE WHEN $5 THEN q.approved_at END, CASE WHEN $5 THEN q.approved_by END
             FROM question q WHERE q.id = $3",
            id,
            to,
            question,
            now,
            approved
        )?;
        tx.note(Event::new(Kind::QuestionWritten).about(id.0));
    }
    Ok(copied)
}

/// Keeps a picture; the same one is kept once.
pub async fn insert_picture(tx: &mut WriteTx, hash: &str, kind: PictureKind, bytes: &[u8]) -> Result<(), sqlx::Error> {
    let now = tx.now();
    execute!(
        tx,
        "INSERT INTO question_picture (hash, kind, bytes, uploaded_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (hash) DO UPDATE SET uploaded_at = excluded.uploaded_at",
        hash,
        kind,
        bytes,
        now
    )
    .map(|_| ())
}

/// A picture's kind and bytes. Who knows its hash was shown it.
pub async fn find_picture(tx: &mut impl Queryable, hash: &str) -> Result<Option<(PictureKind, Vec<u8>)>, sqlx::Error> {
    fetch_optional!(tx, (PictureKind, Vec<u8>), "SELECT kind, bytes FROM question_picture WHERE hash = $1", hash)
}

//! Published outlines and their chapters in the database; what is prepared is in [`draft`], who studies by an earlier
//! version in [`behind`].

pub mod behind;
pub mod draft;

use chrono::{DateTime, Utc};
use sqlx::types::Json;

use super::{Line, Pages};
use crate::audit::{Event, Kind};
use crate::db::{Queryable, WriteTx, execute, fetch_all, fetch_optional};
use crate::enrollments::OptionNumber;
use crate::id::{ChapterId, CopyId, EditionId, OutlineId};
use crate::people::Coordinator;

/// One version of an edition's outline.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Outline {
    pub id: OutlineId,
    pub edition_id: EditionId,
    pub book: String,
    pub edition: String,
    pub version: i32,
    pub options: Json<Vec<OptionNumber>>,
    pub note: String,
    pub confirmed_at: Option<DateTime<Utc>>,
    pub confirmed_by: Option<String>,
    /// The label of the copy it was compared with, and what was said of it.
    pub confirmed_copy: Option<String>,
    pub confirmed_note: String,
    pub published_at: DateTime<Utc>,
    /// `None` for those the program began with.
    pub published_by: Option<String>,
    pub retired_at: Option<DateTime<Utc>>,
    /// Live enrolments that study by it.
    pub studied: i64,
    pub chapters: i64,
}

impl Outline {
    /// Whether it is a version of the same outline: of the same edition, for the same options.
    pub fn is_version_of(&self, other: &Self) -> bool {
        self.edition_id == other.edition_id && self.options.0 == other.options.0
    }

    /// "Option 1, Option 3".
    pub fn for_options(&self) -> String {
        options(&self.options.0)
    }
}

/// "Option 1, Option 3".
pub fn options(options: &[OptionNumber]) -> String {
    options.iter().copied().map(OptionNumber::name).collect::<Vec<_>>().join(", ")
}

macro_rules! outline {
    ($rest:literal) => {
        concat!(
            "SELECT o.id, o.edition_id, t.name AS book, ed.label AS edition, o.version, o.options, o.note, o.confirmed_at,
                a.name AS confirmed_by, co.label AS confirmed_copy, o.confirmed_note, o.published_at, p.name AS published_by,
                o.retired_at,
                (SELECT COUNT(*) FROM enrollment e WHERE e.outline_id = o.id AND e.state IN ('active', 'paused')) AS studied,
                (SELECT COUNT(*) FROM chapter c WHERE c.outline_id = o.id) AS chapters
             FROM outline o JOIN edition ed ON ed.id = o.edition_id JOIN title t ON t.id = ed.title_id
             LEFT JOIN account a ON a.id = o.confirmed_by LEFT JOIN account p ON p.id = o.published_by
             LEFT JOIN copy co ON co.id = o.confirmed_copy ",
            $rest
        )
    };
}

pub async fn find(tx: &mut impl Queryable, _who: &Coordinator, id: OutlineId) -> Result<Option<Outline>, sqlx::Error> {
    fetch_optional!(tx, Outline, outline!("WHERE o.id = $1"), id)
}

/// Every outline of an edition, the newest first.
pub async fn list_of_edition(
    tx: &mut impl Queryable,
    _who: &Coordinator,
    edition: EditionId,
) -> Result<Vec<Outline>, sqlx::Error> {
    fetch_all!(tx, Outline, outline!("WHERE o.edition_id = $1 ORDER BY o.version DESC"), edition)
}

/// An edition by its book.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Edition {
    pub id: EditionId,
    pub book: String,
    pub label: String,
}

pub async fn find_edition(tx: &mut impl Queryable, _who: &Coordinator, id: EditionId) -> Result<Option<Edition>, sqlx::Error> {
    fetch_optional!(
        tx,
        Edition,
        "SELECT e.id, t.name AS book, e.label FROM edition e JOIN title t ON t.id = e.title_id WHERE e.id = $1",
        id
    )
}

/// Copies of an edition that an outline can be compared with, by their labels.
pub async fn list_copies(
    tx: &mut impl Queryable,
    _who: &Coordinator,
    edition: EditionId,
) -> Result<Vec<(CopyId, String)>, sqlx::Error> {
    fetch_all!(
        tx,
        (CopyId, String),
        "SELECT id, label FROM copy WHERE edition_id = $1 AND state <> 'lost' ORDER BY length(label), label",
        edition
    )
}

#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Chapter {
    pub id: ChapterId,
    pub outline_id: OutlineId,
    pub number: i32,
    pub title: String,
    pub part: String,
    pub first_page: Option<i32>,
    pub last_page: Option<i32>,
    pub required: bool,
    pub minutes: i32,
    /// The first chapter of its line.
    pub root: ChapterId,
}

impl From<&Chapter> for Line {
    fn from(chapter: &Chapter) -> Self {
        Self {
            number: chapter.number,
            title: chapter.title.clone(),
            part: chapter.part.clone(),
            pages: Pages::of(chapter.first_page, chapter.last_page),
            required: chapter.required,
            minutes: Some(chapter.minutes),
            follows: None,
        }
    }
}

macro_rules! chapter {
    ($rest:literal) => {
        concat!(
            "SELECT c.id, c.outline_id, c.number, c.title, c.part, c.first_page, c.last_page, c.required, c.minutes,
                coalesce(c.root_id, c.id) AS root FROM chapter c ",
            $rest
        )
    };
}

pub async fn list_chapters(tx: &mut impl Queryable, id: OutlineId) -> Result<Vec<Chapter>, sqlx::Error> {
    fetch_all!(tx, Chapter, chapter!("WHERE c.outline_id = $1 ORDER BY c.number"), id)
}

/// The chapters of every outline of an edition.
pub async fn list_chapters_of_edition(tx: &mut impl Queryable, edition: EditionId) -> Result<Vec<Chapter>, sqlx::Error> {
    fetch_all!(
        tx,
        Chapter,
        chapter!("JOIN outline o ON o.id = c.outline_id WHERE o.edition_id = $1 ORDER BY c.outline_id, c.number"),
        edition
    )
}

/// How many questions a chapter has that count, and that wait for review.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Questions {
    pub approved: i64,
    pub unreviewed: i64,
}

/// The questions of each chapter of an outline, in order of the chapters.
pub async fn list_questions(tx: &mut impl Queryable, id: OutlineId) -> Result<Vec<Questions>, sqlx::Error> {
    fetch_all!(
        tx,
        Questions,
        "SELECT (SELECT COUNT(*) FROM question q WHERE q.chapter_id = c.id AND q.retired_at IS NULL AND q.approved_at IS NOT NULL) AS approved,
            (SELECT COUNT(*) FROM question q WHERE q.chapter_id = c.id AND q.retired_at IS NULL AND q.approved_at IS NULL) AS unreviewed
         FROM chapter c WHERE c.outline_id = $1 ORDER BY c.number",
        id
    )
}

/// What an outline was compared with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Compared {
    pub copy: Option<CopyId>,
    /// The printing, or whose copy it was when it is not the library's.
    pub note: String,
}

/// Notes that the outline was compared with a copy of the book; a second time changes nothing.
pub async fn confirm(tx: &mut WriteTx, who: &Coordinator, id: OutlineId, with: &Compared) -> Result<(), sqlx::Error> {
    let now = tx.now();
    let confirmed = execute!(
        tx,
        "UPDATE outline SET confirmed_at = $2, confirmed_by = $3, confirmed_copy = $4, confirmed_note = $5
         WHERE id = $1 AND confirmed_at IS NULL",
        id,
        now,
        who.account(),
        with.copy,
        &with.note
    )?;
    if confirmed == 1 {
        tx.note(Event::new(Kind::OutlineConfirmed).about(id.0));
    }
    Ok(())
}

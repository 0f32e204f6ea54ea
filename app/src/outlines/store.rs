//! Outlines and their chapters in the database.

use chrono::{DateTime, Utc};
use sqlx::types::Json;

use super::Line;
use crate::assessments;
use crate::audit::{Event, Kind};
use crate::db::{Queryable, WriteTx, execute, fetch_all, fetch_optional};
use crate::enrollments::OptionNumber;
use crate::id::{ChapterId, EditionId, OutlineId};
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
    pub published_at: DateTime<Utc>,
    pub retired_at: Option<DateTime<Utc>>,
    /// Live enrolments that study by it.
    pub studied: i64,
}

macro_rules! outline {
    ($rest:literal) => {
        concat!(
            "SELECT o.id, o.edition_id, t.name AS book, ed.label AS edition, o.version, o.options, o.note, o.confirmed_at,
                a.name AS confirmed_by, o.published_at, o.retired_at,
                (SELECT COUNT(*) FROM enrollment e WHERE e.outline_id = o.id AND e.state IN ('active', 'paused')) AS studied
             FROM outline o JOIN edition ed ON ed.id = o.edition_id JOIN title t ON t.id = ed.title_id
             LEFT JOIN account a ON a.id = o.confirmed_by ",
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

#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Chapter {
    pub id: ChapterId,
    pub number: i32,
    pub title: String,
    pub required: bool,
    pub minutes: i32,
}

impl From<&Chapter> for Line {
    fn from(chapter: &Chapter) -> Self {
        Self {
            number: chapter.number,
            title: chapter.title.clone(),
            required: chapter.required,
            minutes: Some(chapter.minutes),
        }
    }
}

pub async fn list_chapters(tx: &mut impl Queryable, id: OutlineId) -> Result<Vec<Chapter>, sqlx::Error> {
    fetch_all!(
        tx,
        Chapter,
        "SELECT id, number, title, required, minutes FROM chapter WHERE outline_id = $1 ORDER BY number",
        id
    )
}

/// Notes that the outline was compared with the copy on the shelf; a second time changes nothing.
pub async fn confirm(tx: &mut WriteTx, who: &Coordinator, id: OutlineId) -> Result<(), sqlx::Error> {
    let now = tx.now();
    let confirmed = execute!(
        tx,
        "UPDATE outline SET confirmed_at = $2, confirmed_by = $3 WHERE id = $1 AND confirmed_at IS NULL",
        id,
        now,
        who.account()
    )?;
    if confirmed == 1 {
        tx.note(Event::new(Kind::OutlineConfirmed).about(id.0));
    }
    Ok(())
}

/// What came of publishing a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Published {
    Now,
    /// The same form published it before.
    Before,
    /// Another version took the old one's place meanwhile.
    Overtaken,
}

/// Publishes a new version in place of `old`, for enrolments to come. Its id is the form's submission key, so that the
/// same form publishes one. Chapters that keep their title keep their minutes, where none are named, and their questions.
pub async fn publish(
    tx: &mut WriteTx,
    who: &Coordinator,
    old: &Outline,
    id: OutlineId,
    lines: &[Line],
    usual_minutes: i32,
    note: &str,
) -> Result<Published, sqlx::Error> {
    let now = tx.now();
    let added = execute!(
        tx,
        "INSERT INTO outline (id, edition_id, version, options, note, published_at)
         SELECT $1, $2, coalesce(max(version), 0) + 1, $3, $4, $5 FROM outline WHERE edition_id = $2
         ON CONFLICT DO NOTHING",
        id,
        old.edition_id,
        &old.options,
        note,
        now
    )?;
    if added == 0 {
        return Ok(Published::Before);
    }
    let retired = execute!(tx, "UPDATE outline SET retired_at = $2 WHERE id = $1 AND retired_at IS NULL", old.id, now)?;
    if retired == 0 {
        return Ok(Published::Overtaken);
    }
    let before = list_chapters(tx, old.id).await?;
    for line in lines {
        let same = before.iter().find(|chapter| same_title(&chapter.title, &line.title));
        let minutes = line.minutes.or(same.map(|chapter| chapter.minutes)).unwrap_or(usual_minutes);
        let chapter = insert_chapter(tx, id, line, minutes).await?;
        if let Some(same) = same {
            assessments::store::copy_questions(tx, who, same.id, chapter, true).await?;
        }
    }
    // An applicant who is still waiting has started nothing yet: the new version is theirs.
    execute!(tx, "UPDATE application SET outline_id = $2 WHERE outline_id = $1 AND state = 'received'", old.id, id)?;
    tx.note(Event::new(Kind::OutlinePublished).about(id.0));
    Ok(Published::Now)
}

fn same_title(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

async fn insert_chapter(tx: &mut WriteTx, outline: OutlineId, line: &Line, minutes: i32) -> Result<ChapterId, sqlx::Error> {
    let id = ChapterId::new();
    execute!(
        tx,
        "INSERT INTO chapter (id, outline_id, number, title, required, minutes) VALUES ($1, $2, $3, $4, $5, $6)",
        id,
        outline,
        line.number,
        &line.title,
        line.required,
        minutes
    )?;
    Ok(id)
}

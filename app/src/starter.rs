//! What every program starts with: the books with their starter outlines, questions, the competency instrument and the
//! letter's template. Separate because it is filled in once, into an empty database, from the files in `content/`.
//!
//! Outlines are marked unconfirmed and questions unreviewed until the coordinator has looked at them.

use serde::{Deserialize, Serialize};
use sqlx::types::Json;

use crate::audit::{Event, Kind};
use crate::db::{Queryable, WriteTx, execute, fetch_optional};
use crate::error::AppError;
use crate::id::{ChapterId, EditionId, InstrumentId, LetterTemplateId, OutlineId, QuestionId, TitleId};

const OUTLINES: [&str; 4] = [
    include_str!("../content/outlines/complete-guide.toml"),
    include_str!("../content/outlines/pink-panther.toml"),
    include_str!("../content/outlines/art-and-science.toml"),
    include_str!("../content/outlines/art-and-science-exam.toml"),
];
const QUESTIONS: &str = include_str!("../content/questions/complete-guide.toml");
/// The title whose starter outline the questions belong to.
const QUESTIONS_FOR: &str = "Complete Guide to Diabetes";
const COMPETENCIES: &str = include_str!("../content/competencies.toml");
const LETTER: &str = include_str!("../content/letter.md");

#[derive(Deserialize)]
struct Outline {
    title: String,
    publisher: String,
    edition: String,
    options: Vec<i32>,
    note: String,
    chapter: Vec<Chapter>,
}

#[derive(Deserialize)]
struct Chapter {
    number: i32,
    title: String,
    required: bool,
    minutes: i32,
}

#[derive(Deserialize)]
struct Questions {
    question: Vec<Question>,
}

#[derive(Deserialize)]
struct Question {
    chapter: i32,
    kind: String,
    text: String,
    explanation: String,
    source: String,
    choice: Vec<Choice>,
}

#[derive(Deserialize, Serialize)]
struct Choice {
    text: String,
    correct: bool,
    explanation: String,
}

/// Fills an empty program; does nothing to one that has a title already. Gives whether it filled anything.
pub async fn fill(tx: &mut WriteTx) -> Result<bool, AppError> {
    if is_filled(tx).await? {
        return Ok(false);
    }
    for text in OUTLINES {
        let outline: Outline = read(text)?;
        let chapters = insert_outline(tx, &outline).await?;
        if outline.title == QUESTIONS_FOR {
            insert_questions(tx, &chapters).await?;
        }
    }
    insert_instrument(tx).await?;
    insert_template(tx).await?;
    tx.note(Event::new(Kind::ProgramFilled));
    Ok(true)
}

fn read<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, AppError> {
    toml::from_str(text).map_err(crate::people::session::internal)
}

async fn insert_outline(tx: &mut WriteTx, outline: &Outline) -> Result<Vec<(i32, ChapterId)>, sqlx::Error> {
    let edition = find_or_insert_edition(tx, outline).await?;
    let (id, now) = (OutlineId::new(), tx.now());
    execute!(
        tx,
        "INSERT INTO outline (id, edition_id, version, options, note, published_at)
         SELECT $1, $2, coalesce(max(version), 0) + 1, $3, $4, $5 FROM outline WHERE edition_id = $2",
        id,
        edition,
        Json(&outline.options),
        &outline.note,
        now
    )?;
    let mut chapters = Vec::new();
    for chapter in &outline.chapter {
        let chapter_id = ChapterId::new();
        execute!(
            tx,
            "INSERT INTO chapter (id, outline_id, number, title, required, minutes) VALUES ($1, $2, $3, $4, $5, $6)",
            chapter_id,
            id,
            chapter.number,
            &chapter.title,
            chapter.required,
            chapter.minutes
        )?;
        chapters.push((chapter.number, chapter_id));
    }
    tx.note(Event::new(Kind::OutlinePublished).about(id.0));
    Ok(chapters)
}

async fn find_or_insert_edition(tx: &mut WriteTx, outline: &Outline) -> Result<EditionId, sqlx::Error> {
    let now = tx.now();
    execute!(
        tx,
        "INSERT INTO title (id, name, publisher, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT (name) DO NOTHING",
        TitleId::new(),
        &outline.title,
        &outline.publisher,
        now
    )?;
    execute!(
        tx,
        "INSERT INTO edition (id, title_id, label, created_at)
         SELECT $1, t.id, $3, $4 FROM title t WHERE t.name = $2 ON CONFLICT (title_id, label) DO NOTHING",
        EditionId::new(),
        &outline.title,
        &outline.edition,
        now
    )?;
    let (id,) = crate::db::fetch_one!(
        tx,
        (EditionId,),
        "SELECT e.id FROM edition e JOIN title t ON t.id = e.title_id WHERE t.name = $1 AND e.label = $2",
        &outline.title,
        &outline.edition
    )?;
    Ok(id)
}

async fn insert_questions(tx: &mut WriteTx, chapters: &[(i32, ChapterId)]) -> Result<(), AppError> {
    let now = tx.now();
    for question in read::<Questions>(QUESTIONS)?.question {
        let chapter = chapters.iter().find(|(number, _)| *number == question.chapter).map(|(_, id)| *id);
        execute!(
            tx,
            "INSERT INTO question (id, chapter_id, kind, text, explanation, source, choices, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            QuestionId::new(),
            chapter.ok_or(AppError::Internal)?,
            &question.kind,
            &question.text,
            &question.explanation,
            &question.source,
            Json(&question.choice),
            now
        )?;
    }
    Ok(())
}

async fn insert_instrument(tx: &mut WriteTx) -> Result<(), AppError> {
    let body: serde_json::Value = read(COMPETENCIES)?;
    let now = tx.now();
    let id = InstrumentId::new();
    execute!(tx, "INSERT INTO instrument (id, version, body, published_at) VALUES ($1, 1, $2, $3)", id, Json(&body), now)?;
    tx.note(Event::new(Kind::InstrumentPublished).about(id.0));
    Ok(())
}

async fn insert_template(tx: &mut WriteTx) -> Result<(), sqlx::Error> {
    let (id, now) = (LetterTemplateId::new(), tx.now());
    execute!(tx, "INSERT INTO letter_template (id, version, markdown, created_at) VALUES ($1, 1, $2, $3)", id, LETTER, now)?;
    tx.note(Event::new(Kind::TemplateChanged).about(id.0));
    Ok(())
}

/// Whether the program has its starting material.
async fn is_filled(tx: &mut impl Queryable) -> Result<bool, sqlx::Error> {
    Ok(fetch_optional!(tx, (TitleId,), "SELECT id FROM title LIMIT 1")?.is_some())
}

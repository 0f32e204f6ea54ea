//! What every program starts with: the books with their starter outlines, questions, the competency instrument and the
//! letter's template. Separate because it is filled in once, into an empty database, from the files in `content/`.
//!
//! Outlines are marked unconfirmed and questions unreviewed until the coordinator has looked at them.

use serde::Deserialize;
use sqlx::types::Json;

use crate::assessments::store::{self as assessments, New};
use crate::assessments::{Body, Draft, QuestionKind};
use crate::audit::{Event, Kind};
use crate::db::{Queryable, WriteTx, execute, fetch_all, fetch_optional};
use crate::enrollments::carry::normal;
use crate::error::AppError;
use crate::id::{ChapterId, EditionId, InstrumentId, LetterTemplateId, OutlineId, QuestionId, TitleId};

const OUTLINES: [&str; 4] = [
    include_str!("../content/outlines/complete-guide.toml"),
    include_str!("../content/outlines/pink-panther.toml"),
    include_str!("../content/outlines/art-and-science.toml"),
    include_str!("../content/outlines/art-and-science-exam.toml"),
];
/// Questions, by the title whose starter outline they belong to.
const QUESTIONS: [(&str, &str); 2] = [
    ("Complete Guide to Diabetes", include_str!("../content/questions/complete-guide.toml")),
    ("Understanding Diabetes", include_str!("../content/questions/pink-panther.toml")),
];
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

#[derive(Deserialize, Clone)]
struct Question {
    chapter: i32,
    kind: QuestionKind,
    text: String,
    explanation: String,
    source: String,
    #[serde(default)]
    topic: String,
    /// The text of each choice, whether it is correct, and why: as questions with choices are stored too.
    choice: serde_json::Value,
}

impl Question {
    fn draft(self) -> Result<Draft, AppError> {
        let body = Body::of_stored(self.kind, self.choice).map_err(crate::people::session::internal)?;
        let (text, explanation, source, topic) = (self.text, self.explanation, self.source, self.topic);
        Ok(Draft { name: String::new(), text, explanation, source, topic, picture: None, body })
    }
}

/// Fills an empty program; one that has a title already only gets the questions that came to the starting material since.
/// Gives whether it filled the program.
pub async fn fill(tx: &mut WriteTx) -> Result<bool, AppError> {
    if is_filled(tx).await? {
        add_questions(tx).await?;
        return Ok(false);
    }
    for text in OUTLINES {
        insert_outline(tx, &read(text)?).await?;
    }
    add_questions(tx).await?;
    insert_instrument(tx).await?;
    insert_template(tx).await?;
    tx.note(Event::new(Kind::ProgramFilled));
    Ok(true)
}

fn read<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, AppError> {
    toml::from_str(text).map_err(crate::people::session::internal)
}

async fn insert_outline(tx: &mut WriteTx, outline: &Outline) -> Result<(), sqlx::Error> {
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
    for chapter in &outline.chapter {
        execute!(
            tx,
            "INSERT INTO chapter (id, outline_id, number, title, required, minutes) VALUES ($1, $2, $3, $4, $5, $6)",
            ChapterId::new(),
            id,
            chapter.number,
            &chapter.title,
            chapter.required,
            chapter.minutes
        )?;
    }
    tx.note(Event::new(Kind::OutlinePublished).about(id.0));
    Ok(())
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

/// Adds the questions of each title that has none and never had any: those of a new program, and those that were written
/// after this one was filled.
async fn add_questions(tx: &mut WriteTx) -> Result<(), AppError> {
    for (title, text) in QUESTIONS {
        if !has_questions(tx, title).await? {
            insert_questions(tx, title, text).await?;
        }
    }
    Ok(())
}

async fn has_questions(tx: &mut impl Queryable, title: &str) -> Result<bool, sqlx::Error> {
    let found = fetch_optional!(
        tx,
        (QuestionId,),
        "SELECT q.id FROM question q JOIN chapter c ON c.id = q.chapter_id JOIN outline o ON o.id = c.outline_id
         JOIN edition e ON e.id = o.edition_id JOIN title t ON t.id = e.title_id WHERE t.name = $1 LIMIT 1",
        title
    )?;
    Ok(found.is_some())
}

/// The questions go to the chapters of the starter outline, wherever outlines in use have a chapter of the same title.
async fn insert_questions(tx: &mut WriteTx, title: &str, text: &str) -> Result<(), AppError> {
    let outlines = OUTLINES.into_iter().map(read::<Outline>).collect::<Result<Vec<_>, _>>()?;
    let starter = outlines.into_iter().find(|outline| outline.title == title).ok_or(AppError::Internal)?;
    let chapters = fetch_all!(
        tx,
        (ChapterId, String),
        "SELECT c.id, c.title FROM chapter c JOIN outline o ON o.id = c.outline_id JOIN edition e ON e.id = o.edition_id
         JOIN title t ON t.id = e.title_id WHERE t.name = $1 AND o.retired_at IS NULL ORDER BY o.version, c.number",
        title
    )?;
    let questions = read::<Questions>(text)?.question;
    for (chapter, name) in chapters {
        let Some(known) = starter.chapter.iter().find(|one| normal(&one.title) == normal(&name)) else { continue };
        let mut new = Vec::new();
        for question in questions.iter().filter(|question| question.chapter == known.number) {
            new.push(New::first(QuestionId::new(), chapter, question.clone().draft()?));
        }
        assessments::insert_new(tx, &new).await?;
        for question in new {
            tx.note(Event::new(Kind::QuestionWritten).about(question.id.0));
        }
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

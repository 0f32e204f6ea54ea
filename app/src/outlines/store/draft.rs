//! Drafts of outlines in the database, and how one becomes the next version. Separate because a draft changes and a
//! published outline never does.

use chrono::{DateTime, Utc};
use sqlx::types::Json;

use super::{Chapter, list_chapters};
use crate::assessments;
use crate::audit::{Event, Kind};
use crate::db::{Queryable, WriteTx, execute, fetch_all, fetch_one, fetch_optional};
use crate::enrollments::OptionNumber;
use crate::error::{AppError, Refusal};
use crate::id::{AccountId, ChapterId, EditionId, OutlineDraftId, OutlineId};
use crate::outlines::{Line, USUAL_MINUTES, compare, contents};
use crate::people::Coordinator;

/// What will be the next version of an outline, or the first one of an edition.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Draft {
    pub id: OutlineDraftId,
    pub edition_id: EditionId,
    pub book: String,
    pub edition: String,
    /// The version it will follow.
    pub outline_id: Option<OutlineId>,
    pub follows: Option<i32>,
    pub options: Json<Vec<OptionNumber>>,
    pub contents: String,
    pub lines: Json<Vec<Line>>,
    /// Of a chapter whose line names none.
    pub minutes: i32,
    pub revision: i32,
    pub changed_at: DateTime<Utc>,
    pub changed_by: String,
    pub ended_at: Option<DateTime<Utc>>,
    pub ended_by: Option<String>,
    pub ended_by_id: Option<AccountId>,
    pub published_id: Option<OutlineId>,
}

impl Draft {
    /// Why nothing can be changed in it any more, if so.
    pub fn allow_changes(&self) -> Result<(), Refusal> {
        let who = self.ended_by.as_deref().unwrap_or("Somebody");
        match (self.ended_at, self.published_id) {
            (None, _) => Ok(()),
            (Some(_), Some(_)) => Err(Refusal::new(format!("{who} has published this draft. Look at the newest version."))),
            (Some(_), None) => Err(Refusal::new(format!("{who} has thrown this draft away. Begin a new one."))),
        }
    }

    /// Minutes of a chapter as it will be published.
    pub fn minutes_of(&self, line: &Line) -> i32 {
        line.minutes.unwrap_or(self.minutes)
    }
}

macro_rules! draft {
    ($rest:literal) => {
        concat!(
            "SELECT d.id, d.edition_id, t.name AS book, ed.label AS edition, d.outline_id, o.version AS follows, d.options,
                d.contents, d.lines, d.minutes, d.revision, d.changed_at, c.name AS changed_by, d.ended_at, e.name AS ended_by,
                d.ended_by AS ended_by_id, d.published_id
             FROM outline_draft d JOIN edition ed ON ed.id = d.edition_id JOIN title t ON t.id = ed.title_id
             JOIN account c ON c.id = d.changed_by LEFT JOIN account e ON e.id = d.ended_by
             LEFT JOIN outline o ON o.id = d.outline_id ",
            $rest
        )
    };
}

pub async fn find(tx: &mut impl Queryable, _who: &Coordinator, id: OutlineDraftId) -> Result<Option<Draft>, sqlx::Error> {
    fetch_optional!(tx, Draft, draft!("WHERE d.id = $1"), id)
}

/// The drafts of an edition that are neither published nor thrown away.
pub async fn list_open(tx: &mut impl Queryable, _who: &Coordinator, edition: EditionId) -> Result<Vec<Draft>, sqlx::Error> {
    fetch_all!(tx, Draft, draft!("WHERE d.edition_id = $1 AND d.ended_at IS NULL ORDER BY d.id"), edition)
}

/// Begins a draft that follows a published version, or finds the one that is open: coordinators work on one together.
///
/// # Errors
/// A [`Refusal`] when another version took this one's place.
pub async fn start(tx: &mut WriteTx, who: &Coordinator, outline: &super::Outline) -> Result<OutlineDraftId, AppError> {
    if outline.retired_at.is_some() {
        return Err(Refusal::new("Another version took this one's place. Begin the draft from the newest one.").into());
    }
    let lines: Vec<Line> = list_chapters(tx, outline.id).await?.iter().map(Line::from).collect();
    let text = contents(&lines);
    insert(tx, who, outline.edition_id, Some(outline.id), &outline.options.0, &text, lines).await
}

/// Begins the first outline of an edition for some options, or finds the draft that is open.
///
/// # Errors
/// A [`Refusal`] when one of the options has an outline of this edition already.
pub async fn start_first(
    tx: &mut WriteTx,
    who: &Coordinator,
    edition: EditionId,
    options: &[OptionNumber],
) -> Result<OutlineDraftId, AppError> {
    refuse_taken(tx, edition, options).await?;
    insert(tx, who, edition, None, options, "", Vec::new()).await
}

/// One outline of an edition serves each option.
async fn refuse_taken(tx: &mut WriteTx, edition: EditionId, options: &[OptionNumber]) -> Result<(), AppError> {
    let known = fetch_all!(
        tx,
        (Json<Vec<OptionNumber>>,),
        "SELECT options FROM outline WHERE edition_id = $1 AND retired_at IS NULL",
        edition
    )?;
    match known.iter().flat_map(|(known,)| known.iter()).find(|known| options.contains(known)) {
        Some(taken) => {
            let words = format!("{} has an outline of this edition already. Edit that one as a draft.", taken.name());
            Err(Refusal::new(words).into())
        }
        None => Ok(()),
    }
}

async fn insert(
    tx: &mut WriteTx,
    who: &Coordinator,
    edition: EditionId,
    outline: Option<OutlineId>,
    options: &[OptionNumber],
    text: &str,
    lines: Vec<Line>,
) -> Result<OutlineDraftId, AppError> {
    let (id, now) = (OutlineDraftId::new(), tx.now());
    let added = execute!(
        tx,
        "INSERT INTO outline_draft (id, edition_id, outline_id, options, contents, lines, minutes, revision, made_at, changed_at,
            changed_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, $8, $9) ON CONFLICT DO NOTHING",
        id,
        edition,
        outline,
        Json(options),
        text,
        Json(&lines),
        USUAL_MINUTES,
        now,
        who.account()
    )?;
    if added == 1 {
        return Ok(id);
    }
    let (open,) = fetch_one!(
        tx,
        (OutlineDraftId,),
        "SELECT id FROM outline_draft WHERE edition_id = $1 AND ended_at IS NULL
            AND (outline_id = $2 OR outline_id IS NULL AND CAST($2 AS UUID) IS NULL)",
        edition,
        outline
    )?;
    Ok(open)
}

/// What a draft becomes.
#[derive(Debug, Clone)]
pub struct NewLines<'a> {
    /// The table of contents, when it was pasted anew.
    pub contents: Option<&'a str>,
    pub lines: &'a [Line],
    pub minutes: i32,
}

/// Saves the chapters of a draft.
///
/// # Errors
/// A [`Refusal`] when it ended, or was changed since `revision` was shown.
pub async fn save(
    tx: &mut WriteTx,
    who: &Coordinator,
    draft: &Draft,
    revision: i32,
    new: &NewLines<'_>,
) -> Result<(), AppError> {
    draft.allow_changes()?;
    let now = tx.now();
    let saved = execute!(
        tx,
        "UPDATE outline_draft SET contents = $3, lines = $4, minutes = $5, revision = revision + 1, changed_at = $6, changed_by = $7
         WHERE id = $1 AND revision = $2 AND ended_at IS NULL",
        draft.id,
        revision,
        new.contents.unwrap_or(&draft.contents),
        Json(new.lines),
        new.minutes,
        now,
        who.account()
    )?;
    match saved {
        0 => Err(overtaken(tx, who, draft).await?.into()),
        _ => Ok(()),
    }
}

/// Throws a draft away; what was published before stays as it is. A second time changes nothing.
pub async fn discard(tx: &mut WriteTx, who: &Coordinator, draft: &Draft) -> Result<(), AppError> {
    let now = tx.now();
    execute!(
        tx,
        "UPDATE outline_draft SET ended_at = $2, ended_by = $3 WHERE id = $1 AND ended_at IS NULL",
        draft.id,
        now,
        who.account()
    )?;
    Ok(())
}

/// Why a change came too late: the draft ended meanwhile, or somebody changed it.
async fn overtaken(tx: &mut impl Queryable, who: &Coordinator, draft: &Draft) -> Result<Refusal, AppError> {
    let now = find(tx, who, draft.id).await?.ok_or(AppError::NotFound)?;
    Ok(now.allow_changes().err().unwrap_or_else(|| {
        let at = crate::clock::say_time(now.changed_at, now.changed_at);
        Refusal::new(format!(
            "{} changed this draft, {at}, after you opened it. Yours was not saved; compare the two and send it again.",
            now.changed_by
        ))
    }))
}

/// What came of publishing a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Published {
    Now(OutlineId),
    /// The same coordinator published it before, by the same form.
    Before(OutlineId),
}

/// Publishes a draft as the next version, for enrolments to come. The version before is retired with it; a chapter that is
/// the same keeps its questions, those that were approved approved.
///
/// # Errors
/// A [`Refusal`] when somebody else published first, or the draft was changed since `revision` was shown.
pub async fn publish(
    tx: &mut WriteTx,
    who: &Coordinator,
    draft: &Draft,
    revision: i32,
    note: &str,
) -> Result<Published, AppError> {
    if let (Some(id), Some(by)) = (draft.published_id, draft.ended_by_id)
        && by == who.account()
    {
        return Ok(Published::Before(id));
    }
    draft.allow_changes()?;
    let (id, now) = (OutlineId::new(), tx.now());
    // The edition's row is held, so that two of its outlines never get the same number.
    execute!(tx, "UPDATE edition SET label = label WHERE id = $1", draft.edition_id)?;
    insert_outline(tx, who, draft, id, note).await?;
    let ended = execute!(
        tx,
        "UPDATE outline_draft SET ended_at = $3, ended_by = $4, published_id = $5
         WHERE id = $1 AND revision = $2 AND ended_at IS NULL",
        draft.id,
        revision,
        now,
        who.account(),
        id
    )?;
    if ended == 0 {
        return Err(overtaken(tx, who, draft).await?.into());
    }
    match draft.outline_id {
        Some(before) => replace(tx, who, draft, before, id).await?,
        None => {
            for line in draft.lines.iter() {
                insert_chapter(tx, id, line, draft.minutes_of(line), None).await?;
            }
        }
    }
    tx.note(Event::new(Kind::OutlinePublished).about(id.0));
    Ok(Published::Now(id))
}

async fn insert_outline(tx: &mut WriteTx, who: &Coordinator, draft: &Draft, id: OutlineId, note: &str) -> Result<(), AppError> {
    if draft.outline_id.is_none() {
        refuse_taken(tx, draft.edition_id, &draft.options.0).await?;
    }
    let now = tx.now();
    execute!(
        tx,
        "INSERT INTO outline (id, edition_id, version, options, note, published_at, published_by, follows_id)
         SELECT $1, $2, coalesce(max(version), 0) + 1, $3, $4, $5, $6, $7 FROM outline WHERE edition_id = $2",
        id,
        draft.edition_id,
        &draft.options,
        note,
        now,
        who.account(),
        draft.outline_id
    )?;
    Ok(())
}

/// Puts a version in the place of the one before.
async fn replace(tx: &mut WriteTx, who: &Coordinator, draft: &Draft, before: OutlineId, id: OutlineId) -> Result<(), AppError> {
    let now = tx.now();
    let retired = execute!(tx, "UPDATE outline SET retired_at = $2 WHERE id = $1 AND retired_at IS NULL", before, now)?;
    if retired == 0 {
        return Err(Refusal::new("Another version took this one's place meanwhile. Begin a draft from the newest one.").into());
    }
    let chapters = list_chapters(tx, before).await?;
    for (line, pair) in draft.lines.iter().zip(pairs(&chapters, &draft.lines)) {
        let same = pair.and_then(|at| chapters.get(at));
        let chapter = insert_chapter(tx, id, line, draft.minutes_of(line), same.map(|same| same.root)).await?;
        if let Some(same) = same {
            assessments::store::copy_questions(tx, who, same.id, chapter, true).await?;
        }
    }
    // An applicant who is still waiting has started nothing yet: the new version is theirs.
    execute!(tx, "UPDATE application SET outline_id = $2 WHERE outline_id = $1 AND state = 'received'", before, id)?;
    Ok(())
}

/// For each chapter of a draft, the place of the published chapter that it continues.
pub fn pairs(before: &[Chapter], lines: &[Line]) -> Vec<Option<usize>> {
    let keys: Vec<ChapterId> = before.iter().map(|chapter| chapter.id).collect();
    let published: Vec<Line> = before.iter().map(Line::from).collect();
    let follows: Vec<Option<ChapterId>> = lines.iter().map(|line| line.follows).collect();
    compare::pairs(&published, &keys, lines, &follows)
}

async fn insert_chapter(
    tx: &mut WriteTx,
    outline: OutlineId,
    line: &Line,
    minutes: i32,
    root: Option<ChapterId>,
) -> Result<ChapterId, sqlx::Error> {
    let id = ChapterId::new();
    execute!(
        tx,
        "INSERT INTO chapter (id, outline_id, number, title, part, first_page, last_page, required, minutes, root_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        id,
        outline,
        line.number,
        &line.title,
        &line.part,
        line.pages.map(|pages| pages.first),
        line.pages.and_then(|pages| pages.last),
        line.required,
        minutes,
        root
    )?;
    Ok(id)
}

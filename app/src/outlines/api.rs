//! What the forms of outlines send to.

use leptos::prelude::*;

use super::store::draft::{self, Draft, NewLines, Published};
use super::store::{self, Compared};
use super::{
    HIGHEST_NUMBER, LONGEST_CONTENTS, LONGEST_TITLE, Line, MOST_CHAPTERS, MOST_MINUTES, Pages, clean, complaints, contents,
    draft_path, edition_path, outline_path, read,
};
use crate::applications::Study;
use crate::db::WriteTx;
use crate::enrollments;
use crate::error::{AppError, FieldError, Refusal};
use crate::form::{Fields, To, answer, to};
use crate::id::{CopyId, EditionId, EnrollmentId, OutlineDraftId, OutlineId};
use crate::life::{self, REASON};
use crate::people::{Coordinator, viewer};
use crate::state;

/// The most complaints a form shows at once: who pasted the wrong thing reads no thousand of them.
const MOST_COMPLAINTS: usize = 20;
/// The longest note of a version, and of the copy it was compared with.
const NOTE: usize = 500;

/// Confirms an outline against a copy of the book.
#[server(endpoint = "confirm-outline")]
pub async fn confirm_outline(outline: OutlineId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut fields = Fields::typed();
        let with = compared(&mut fields);
        let (with,) = fields.take((with,))?;
        let mut tx = state().write(&who).await?;
        let found = store::find(&mut tx, &who, outline).await?.ok_or(AppError::NotFound)?;
        check_copy(&mut tx, &who, found.edition_id, &with).await?;
        store::confirm(&mut tx, &who, outline, &with).await?;
        tx.commit().await?;
        Ok(to(outline_path(outline)).done("outline-confirmed"))
    })
    .await
}

/// With which copy it was compared.
fn compared(fields: &mut Fields) -> Option<Compared> {
    let copy = fields.optional::<CopyId>("copy");
    let note = fields.optional_text("compared_note", NOTE);
    Some(Compared { copy: copy?, note: note? })
}

/// A copy of another edition says nothing about this one.
async fn check_copy(tx: &mut WriteTx, who: &Coordinator, edition: EditionId, with: &Compared) -> Result<(), AppError> {
    let Some(copy) = with.copy else { return Ok(()) };
    let known = store::list_copies(tx, who, edition).await?;
    match known.iter().any(|(id, _)| *id == copy) {
        true => Ok(()),
        false => Err(AppError::Invalid(vec![FieldError {
            field: "copy".into(),
            message: "This copy is of another edition. Choose one of the list.".into(),
        }])),
    }
}

/// Begins a draft of the version after a published one, or opens the one that was begun.
#[server(endpoint = "start-outline-draft")]
pub async fn start_outline_draft(outline: OutlineId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut tx = state().write(&who).await?;
        let found = store::find(&mut tx, &who, outline).await?.ok_or(AppError::NotFound)?;
        let id = draft::start(&mut tx, &who, &found).await?;
        tx.commit().await?;
        Ok(to(draft_path(id)))
    })
    .await
}

/// Begins the first outline of an edition.
#[server(endpoint = "start-outline")]
pub async fn start_outline(edition: EditionId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut fields = Fields::typed();
        let options = fields.several("options", "Choose for which option it is studied.");
        let (options,) = fields.take((options,))?;
        let mut tx = state().write(&who).await?;
        store::find_edition(&mut tx, &who, edition).await?.ok_or(AppError::NotFound)?;
        let id = draft::start_first(&mut tx, &who, edition, &options).await?;
        tx.commit().await?;
        Ok(to(draft_path(id)))
    })
    .await
}

/// The draft a form is about, and the revision that its page showed.
async fn found(tx: &mut WriteTx, who: &Coordinator, id: OutlineDraftId) -> Result<Draft, AppError> {
    draft::find(tx, who, id).await?.ok_or(AppError::NotFound)
}

fn revision(fields: &Fields) -> i32 {
    fields.raw("revision").parse().unwrap_or_default()
}

/// Makes the chapters of a draft from a pasted table of contents.
#[server(endpoint = "read-contents")]
pub async fn read_contents(outline_draft: OutlineDraftId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut fields = Fields::typed();
        let minutes = fields.whole("minutes", 1..=MOST_MINUTES);
        let text = fields.optional_text("contents", LONGEST_CONTENTS);
        let lines = text.as_ref().and_then(|text| match read(text).result() {
            Ok(lines) => Some(lines),
            Err(problems) => {
                complain(&mut fields, problems);
                None
            }
        });
        let revision = revision(&fields);
        let (minutes, text, mut lines) = fields.take((minutes, text, lines))?;
        let mut tx = state().write(&who).await?;
        let draft = found(&mut tx, &who, outline_draft).await?;
        keep_follows(&draft, &mut lines);
        let new = NewLines { contents: Some(&text), lines: &lines, minutes };
        draft::save(&mut tx, &who, &draft, revision, &new).await?;
        tx.commit().await?;
        Ok(to(draft_path(outline_draft)).done("contents-read"))
    })
    .await
}

/// The first problems, and how many more there are.
fn complain(fields: &mut Fields, problems: Vec<String>) {
    let more = problems.len().saturating_sub(MOST_COMPLAINTS);
    for problem in problems.into_iter().take(MOST_COMPLAINTS) {
        fields.wrong("contents", problem);
    }
    if more > 0 {
        fields.wrong("contents", format!("And {more} more lines. Mend these first."));
    }
}

/// What the coordinator said a chapter was before stays said while its title stays.
fn keep_follows(draft: &Draft, lines: &mut [Line]) {
    for line in lines {
        line.follows = draft.lines.iter().find(|known| known.title == line.title).and_then(|known| known.follows);
    }
}

/// What a button of the chapters' form does beside saving them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Save,
    Up(usize),
    Down(usize),
    Drop(usize),
    Add,
}

impl Step {
    fn typed(fields: &Fields) -> Self {
        let text = fields.raw("step");
        let (word, at) = text.split_once('.').unwrap_or((&text, ""));
        match (word, at.parse()) {
            ("up", Ok(at)) => Self::Up(at),
            ("down", Ok(at)) => Self::Down(at),
            ("drop", Ok(at)) => Self::Drop(at),
            ("add", _) => Self::Add,
            _ => Self::Save,
        }
    }

    /// Puts the chapter of a row one place up or down. Numbers belong to places: it takes the number of its new one.
    fn apply(self, rows: &[usize], lines: &mut [Line]) {
        let place = |row: usize| rows.iter().position(|at| *at == row);
        let (one, other) = match self {
            Self::Up(row) => (place(row), place(row).and_then(|at| at.checked_sub(1))),
            Self::Down(row) => (place(row), place(row).map(|at| at + 1)),
            Self::Save | Self::Drop(_) | Self::Add => return,
        };
        if let (Some(one), Some(other)) = (one, other)
            && let Ok([one, other]) = lines.get_disjoint_mut([one, other])
        {
            std::mem::swap(one, other);
            std::mem::swap(&mut one.number, &mut other.number);
        }
    }
}

/// Saves the chapters of a draft as they were edited, in a new order if a button says so.
#[server(endpoint = "save-outline-draft")]
pub async fn save_outline_draft(outline_draft: OutlineDraftId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut fields = Fields::typed();
        let (step, revision) = (Step::typed(&fields), revision(&fields));
        let lines = typed_lines(&mut fields, step);
        let (lines,) = fields.take((lines,))?;
        let mut tx = state().write(&who).await?;
        let draft = found(&mut tx, &who, outline_draft).await?;
        let text = contents(&lines);
        let new = NewLines { contents: Some(&text), lines: &lines, minutes: draft.minutes };
        draft::save(&mut tx, &who, &draft, revision, &new).await?;
        tx.commit().await?;
        Ok(after(step, outline_draft, lines.len()))
    })
    .await
}

/// Back to the chapter that was moved, or to the empty row that was asked for.
fn after(step: Step, id: OutlineDraftId, count: usize) -> To {
    let path = draft_path(id);
    match step {
        Step::Save => to(path).done("outline-draft-saved"),
        Step::Up(at) => to(format!("{path}#row-{}", at.saturating_sub(1))),
        Step::Down(at) => to(format!("{path}#row-{}", (at + 1).min(count.saturating_sub(1)))),
        Step::Drop(at) => to(format!("{path}#row-{}", at.min(count.saturating_sub(1)))),
        Step::Add => to(format!("{path}?add=yes#row-{count}")),
    }
}

/// The rows of the form in the order they shall have. One that is dropped, or has neither number nor title, is left out.
fn typed_lines(fields: &mut Fields, step: Step) -> Option<Vec<Line>> {
    let count = fields.indexed("title").count().min(MOST_CHAPTERS + 1);
    let (before, mut typed) = (fields.count(), Vec::new());
    for at in (0..count).filter(|at| step != Step::Drop(*at)) {
        let blank = ["number", "title"].iter().all(|field| fields.raw(&name(field, at)).is_empty());
        if !blank {
            typed.extend(typed_line(fields, at).map(|line| (at, line)));
        }
    }
    let (rows, mut lines): (Vec<usize>, Vec<Line>) = typed.into_iter().unzip();
    if fields.count() == before {
        for (at, complaint) in complaints(&lines) {
            fields.wrong(&name("number", rows.get(at).copied().unwrap_or(at)), complaint);
        }
    }
    step.apply(&rows, &mut lines);
    (fields.count() == before).then_some(lines)
}

/// What a field of a row is called.
pub(super) fn name(field: &str, at: usize) -> String {
    format!("{field}[{at}]")
}

fn typed_line(fields: &mut Fields, at: usize) -> Option<Line> {
    let number = fields.raw(&name("number", at)).parse().ok().filter(|number| (1..=HIGHEST_NUMBER).contains(number));
    if number.is_none() {
        fields.wrong(&name("number", at), format!("Enter a chapter number from 1 to {HIGHEST_NUMBER}."));
    }
    let title = clean(&fields.raw(&name("title", at)));
    if !title.chars().any(char::is_alphabetic) {
        fields.wrong(&name("title", at), "Write a title.");
    }
    let part = clean(&fields.raw(&name("part", at)));
    for (field, text) in [("title", &title), ("part", &part)] {
        let length = text.chars().count();
        if length > LONGEST_TITLE {
            fields
                .wrong(&name(field, at), format!("This is {length} characters long. Shorten it to {LONGEST_TITLE} or fewer."));
        }
    }
    let pages = fields.raw(&name("pages", at));
    let read = Pages::parse(&pages);
    if read.is_none() && !pages.is_empty() {
        fields.wrong(&name("pages", at), "Write pages as 45 or 45-78.");
    }
    let minutes = fields.raw(&name("minutes", at));
    let whole = minutes.parse().ok().filter(|minutes| (1..=MOST_MINUTES).contains(minutes));
    if whole.is_none() && !minutes.is_empty() {
        fields.wrong(&name("minutes", at), format!("Enter minutes from 1 to {MOST_MINUTES}, or leave it empty."));
    }
    let required = fields.raw(&name("optional", at)).is_empty();
    let follows = fields.raw(&name("follows", at)).parse().ok();
    Some(Line { number: number?, title, part, pages: read, required, minutes: whole, follows })
}

/// Throws a draft away.
#[server(endpoint = "discard-outline-draft")]
pub async fn discard_outline_draft(outline_draft: OutlineDraftId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut tx = state().write(&who).await?;
        let draft = found(&mut tx, &who, outline_draft).await?;
        if draft.published_id.is_some() {
            draft.allow_changes()?;
        }
        draft::discard(&mut tx, &who, &draft).await?;
        tx.commit().await?;
        Ok(to(edition_path(draft.edition_id)).done("outline-draft-discarded"))
    })
    .await
}

/// Publishes a draft as the next version.
#[server(endpoint = "publish-outline")]
pub async fn publish_outline(outline_draft: OutlineDraftId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut fields = Fields::typed();
        let confirmed = fields.ticked("confirmed");
        let note = fields.optional_text("note", NOTE);
        let with = compared(&mut fields);
        let revision = revision(&fields);
        let (note, with) = fields.take((note, with))?;
        let mut tx = state().write(&who).await?;
        let draft = found(&mut tx, &who, outline_draft).await?;
        check_copy(&mut tx, &who, draft.edition_id, &with).await?;
        if draft.lines.is_empty() {
            return Err(Refusal::new("There is no chapter yet. Paste the table of contents first.").into());
        }
        let id = match draft::publish(&mut tx, &who, &draft, revision, &note).await? {
            Published::Before(id) => return Ok(to(outline_path(id)).done("outline-published")),
            Published::Now(id) => id,
        };
        if confirmed {
            store::confirm(&mut tx, &who, id, &with).await?;
        }
        tx.commit().await?;
        Ok(to(outline_path(id)).done("outline-published"))
    })
    .await
}

/// Moves enrolments to another version of their outline, each only if it is where the page showed it.
#[server(endpoint = "move-to-outline")]
pub async fn move_to_outline(outline: OutlineId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut fields = Fields::typed();
        let chosen = fields.several::<EnrollmentId>("enrollment", "Tick whom to move.");
        let reason = fields.text("reason", REASON, "Say why, so that it can be learned from.");
        let shown: Vec<(String, String)> =
            fields.indexed("from").map(|(id, outline)| (id.to_owned(), outline.to_owned())).collect();
        let (chosen, reason) = fields.take((chosen, reason))?;
        let mut tx = state().write(&who).await?;
        let target = store::find(&mut tx, &who, outline).await?.ok_or(AppError::NotFound)?;
        for id in chosen {
            enrollments::store::hold(&mut tx, id).await?;
            let story = enrollments::store::find(&mut tx, id).await?.ok_or(AppError::NotFound)?;
            if story.outline_id == outline {
                continue;
            }
            let here = store::find(&mut tx, &who, story.outline_id).await?.ok_or(AppError::NotFound)?;
            let as_shown = shown.iter().any(|(key, from)| *key == id.to_string() && *from == story.outline_id.to_string());
            if !as_shown || !here.is_version_of(&target) {
                let words =
                    format!("{} was moved or changed meanwhile. Look at the page again; nobody was moved.", story.mentee);
                return Err(Refusal::new(words).into());
            }
            let study = Study { option: story.option_number, outline };
            life::store::change_option(&mut tx, &state(), &who, &story, study, &reason).await?;
        }
        tx.commit().await?;
        Ok(to(format!("{}/move", outline_path(outline))).done("enrollments-moved"))
    })
    .await
}

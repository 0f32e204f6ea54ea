//! Outlines as the coordinator sees them: every version of an edition, one of them, its next version as a draft, two
//! compared, and who studies by another one.

mod behind;
mod compared;
mod draft;
mod edition;
mod outline;

use leptos::prelude::*;

use super::Line;
use super::store::{self, Outline};
use crate::db::ReadTx;
use crate::error::AppError;
use crate::form::Form;
use crate::id::EditionId;
use crate::people::Coordinator;
use crate::ui::{Choice, SelectField, TextField};

pub use behind::behind;
pub use compared::compare;
pub use draft::draft;
pub use edition::edition;
pub use outline::outline;

/// Where these pages are, below "Questions and outlines". `trail`: more steps, each with its address.
fn crumbs(book: &str, edition: EditionId, trail: Vec<(String, String)>, here: &str) -> impl IntoView + use<> {
    let steps = trail.into_iter().map(|(path, words)| view! { <li><a href=path>{words}</a></li> }).collect_view();
    view! {
        <nav aria-label="Where you are">
            <ol class="crumbs" role="list">
                <li><a href="/coordinator/questions">"Questions and outlines"</a></li>
                <li><a href=super::edition_path(edition)>{book.to_owned()}</a></li>
                {steps}
                <li aria-current="page">{here.to_owned()}</li>
            </ol>
        </nav>
    }
}

/// The fields that say which copy an outline was compared with.
fn compared_fields(form: Form, copies: Vec<Choice>) -> impl IntoView {
    let choose = (!copies.is_empty())
        .then(|| view! { <SelectField form name="copy" label="Which copy" choices=copies optional=true /> });
    view! {
        {choose}
        <TextField form name="compared_note" label="Which printing, or whose copy" optional=true hint="For example: third printing, 2023." />
    }
}

async fn copies(tx: &mut ReadTx, who: &Coordinator, edition: EditionId) -> Result<Vec<Choice>, AppError> {
    let copies = store::list_copies(tx, who, edition).await?;
    Ok(copies.into_iter().map(|(id, label)| (id.to_string(), label)).collect())
}

/// "12 chapters, about 9 hours".
fn sum(count: usize, minutes: i32) -> String {
    let chapters = if count == 1 { "1 chapter".to_owned() } else { format!("{count} chapters") };
    match (minutes + 30) / 60 {
        0 => chapters,
        1 => format!("{chapters}, about 1 hour"),
        hours => format!("{chapters}, about {hours} hours"),
    }
}

/// A heading row wherever another part of the book begins.
fn part_row(line: &Line, part: &mut String, columns: usize) -> Option<impl IntoView + use<>> {
    if line.part == *part {
        return None;
    }
    part.clone_from(&line.part);
    let words = if line.part.is_empty() { "Outside the parts".to_owned() } else { line.part.clone() };
    Some(view! { <tr class="group"><th scope="rowgroup" colspan=columns.to_string() dir="auto">{words}</th></tr> })
}

/// Whether a version is the one that new enrolments get.
fn state_tag(outline: &Outline) -> impl IntoView + use<> {
    let (tone, words) = if outline.retired_at.is_some() { ("quiet", "retired") } else { ("done", "in use") };
    view! { <span class="tag" data-tone=tone>{words}</span> }
}

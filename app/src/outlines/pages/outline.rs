//! One published version: its chapters, whether it was compared with the book, and the ways on from it.

use leptos::prelude::*;

use super::super::store::{self, Chapter, Outline, behind};
use super::super::{Line, edition_path, outline_path};
use super::{compared_fields, copies, crumbs, part_row, sum};
use crate::app::param;
use crate::error::AppError;
use crate::form::Form;
use crate::id::OutlineId;
use crate::people::viewer;
use crate::state;
use crate::ui::{Choice, DayOf, FormFor, Hidden, Page};

pub async fn outline() -> Result<Page, AppError> {
    let who = viewer().await?.coordinator()?;
    let id: OutlineId = param("outline")?;
    let target = [("outline", id.to_string())];
    let confirm = Form::open_for("confirm-outline", &target).await?;
    let start = Form::open_for("start-outline-draft", &target).await?;
    let mut tx = state().db.read().await?;
    let outline = store::find(&mut tx, &who, id).await?.ok_or(AppError::NotFound)?;
    let chapters = store::list_chapters(&mut tx, id).await?;
    let versions: Vec<Outline> = store::list_of_edition(&mut tx, &who, outline.edition_id)
        .await?
        .into_iter()
        .filter(|other| other.is_version_of(&outline))
        .collect();
    let copies = copies(&mut tx, &who, outline.edition_id).await?;
    let elsewhere = behind::list(&mut tx, &who, &outline).await?.len();
    let here = format!("Version {}", outline.version);
    let title = format!("Outline of {}, version {}", outline.book, outline.version);
    let body = view! {
        {crumbs(&outline.book, outline.edition_id, Vec::new(), &here)}
        <p class="eyebrow">{format!("{}, version {}", outline.edition, outline.version)}</p>
        <h1>{outline.book.clone()}</h1>
        {facts(&outline)}
        {confirmation(confirm, &outline, copies)}
        {newest(&versions, &outline)}
        {ways(start, &outline, &versions, elsewhere)}
        {chapter_ledger(&outline, &chapters)}
    };
    Ok(Page::usual(title, body))
}

fn facts(outline: &Outline) -> impl IntoView + use<> {
    let studied = match outline.studied {
        0 => "nobody just now".to_owned(),
        1 => "1 mentee".to_owned(),
        count => format!("{count} mentees"),
    };
    let by = outline.published_by.clone().map(|name| format!(", by {name}"));
    view! {
        <dl class="facts">
            <div><dt>"For"</dt><dd>{outline.for_options()}</dd></div>
            <div><dt>"Published"</dt><dd><DayOf at=outline.published_at />{by}</dd></div>
            {outline.retired_at.map(|at| view! { <div><dt>"Retired"</dt><dd><DayOf at=at />", for new enrollments"</dd></div> })}
            <div><dt>"Studied by"</dt><dd>{studied}</dd></div>
            {(!outline.note.is_empty()).then(|| view! { <div><dt>"Note"</dt><dd dir="auto">{outline.note.clone()}</dd></div> })}
        </dl>
    }
}

fn confirmation(form: Form, outline: &Outline, copies: Vec<Choice>) -> AnyView {
    let id = outline.id.to_string();
    let Some(at) = outline.confirmed_at else {
        return view! {
            <p><span class="tag" data-tone="turn">"Unconfirmed"</span></p>
            <details open=!form.is_fresh()>
                <summary>"Confirm it against the copy on the shelf"</summary>
                <p class="hint">"Take the copy from the shelf and compare its table of contents with the chapters below. If they differ, edit them as a draft instead."</p>
                <FormFor form>
                    <Hidden name="outline" value=id />
                    {compared_fields(form, copies)}
                    <div class="actions"><button class="button">"Confirm: the chapters are those of the book"</button></div>
                </FormFor>
            </details>
        }
        .into_any();
    };
    let by = outline.confirmed_by.clone().map(|name| format!(" by {name}"));
    let copy = outline.confirmed_copy.clone().map(|label| format!(", copy {label}"));
    let note = (!outline.confirmed_note.is_empty()).then(|| format!(" ({})", outline.confirmed_note));
    view! { <p><span class="tag" data-tone="done">"Confirmed"</span>" against the book "<DayOf at=at />{by}{copy}{note}</p> }
        .into_any()
}

/// A retired version leads to the one in use.
fn newest(versions: &[Outline], outline: &Outline) -> Option<impl IntoView + use<>> {
    outline.retired_at?;
    let newest = versions.iter().find(|version| version.retired_at.is_none())?;
    let words = format!("Version {} is in use for new enrollments", newest.version);
    Some(view! { <p><a href=outline_path(newest.id)>{words}</a></p> })
}

/// What can be done from here.
fn ways(start: Form, outline: &Outline, versions: &[Outline], elsewhere: usize) -> impl IntoView + use<> {
    let path = outline_path(outline.id);
    let id = outline.id.to_string();
    let edit = outline.retired_at.is_none().then(|| {
        view! {
            <FormFor form=start>
                <Hidden name="outline" value=id />
                <button class="button">"Edit as a draft"</button>
            </FormFor>
        }
    });
    let moving = (elsewhere > 0).then(|| {
        let words = match elsewhere {
            1 => "1 mentee studies by another version".to_owned(),
            count => format!("{count} mentees study by another version"),
        };
        view! { <a href=format!("{path}/move")>{words}</a> }
    });
    view! {
        <div class="actions">
            {edit}
            {(versions.len() > 1).then(|| view! { <a href=format!("{path}/compare")>"Compare with another version"</a> })}
            {moving}
            <a href=edition_path(outline.edition_id)>"All versions"</a>
        </div>
    }
}

fn chapter_ledger(outline: &Outline, chapters: &[Chapter]) -> impl IntoView + use<> {
    let tested = outline.options.iter().any(|option| option.has_post_tests());
    let minutes: i32 = chapters.iter().map(|chapter| chapter.minutes).sum();
    let paged = chapters.iter().any(|chapter| chapter.first_page.is_some());
    let mut part = String::new();
    let rows = chapters
        .iter()
        .map(|chapter| {
            let line = Line::from(chapter);
            let heading = part_row(&line, &mut part, if paged { 5 } else { 4 });
            view! { {heading}{chapter_row(chapter, &line, tested, paged)} }
        })
        .collect_view();
    view! {
        <div class="table-wrap">
            <table class="ledger">
                <caption>"Chapters" <small>{sum(chapters.len(), minutes)}</small></caption>
                <thead>
                    <tr>
                        <th scope="col" class="num">"Chapter"</th>
                        <th scope="col" class="grow">"Title"</th>
                        {paged.then(|| view! { <th scope="col">"Pages"</th> })}
                        <th scope="col">"Needed"</th>
                        <th scope="col" class="num">"Minutes"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

fn chapter_row(chapter: &Chapter, line: &Line, tested: bool, paged: bool) -> impl IntoView + use<> {
    let title = line.title.clone();
    let title = if tested {
        view! { <a href=format!("/coordinator/questions/{}", chapter.id)>{title}</a> }.into_any()
    } else {
        title.into_any()
    };
    let pages = line.pages.map(|pages| pages.to_string());
    view! {
        <tr>
            <td class="num" data-label="Chapter">{line.number}</td>
            <th scope="row" dir="auto">{title}</th>
            {paged.then(|| view! { <td data-label="Pages">{pages}</td> })}
            <td data-label="Needed">{if line.required { "required" } else { "optional" }}</td>
            <td class="num" data-label="Minutes">{chapter.minutes}</td>
        </tr>
    }
}

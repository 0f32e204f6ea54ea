//! An outline as the coordinator sees it: its chapters, whether it was confirmed, and the next version.

use leptos::prelude::*;

use super::store::{self, Chapter, Outline};
use super::{Line, MOST_CHAPTERS};
use crate::app::param;
use crate::enrollments::OptionNumber;
use crate::error::AppError;
use crate::form::Form;
use crate::id::OutlineId;
use crate::people::viewer;
use crate::state;
use crate::ui::{DayOf, FormFor, Hidden, Page, SubmissionKeyField, TextArea, TextField, TickField};

pub async fn outline() -> Result<Page, AppError> {
    let who = viewer().await?.coordinator()?;
    let id: OutlineId = param("outline")?;
    let form = Form::open_for("publish-outline", &[("outline", id.to_string())]).await?;
    let mut tx = state().db.read().await?;
    let outline = store::find(&mut tx, &who, id).await?.ok_or(AppError::NotFound)?;
    let chapters = store::list_chapters(&mut tx, id).await?;
    let versions: Vec<Outline> = store::list_of_edition(&mut tx, &who, outline.edition_id)
        .await?
        .into_iter()
        .filter(|other| other.options.0 == outline.options.0)
        .collect();
    let title = format!("Outline of {}", outline.book);
    let body = view! {
        <nav aria-label="Where you are">
            <ol class="crumbs" role="list">
                <li><a href="/coordinator/questions">"Questions and outlines"</a></li>
                <li>{outline.book.clone()}</li>
            </ol>
        </nav>
        <p class="eyebrow">{format!("{}, version {}", outline.edition, outline.version)}</p>
        <h1>{outline.book.clone()}</h1>
        {facts(&outline)}
        {confirmation(&outline)}
        {chapter_ledger(&outline, &chapters)}
        {outline.retired_at.map(|_| newest(&versions))}
        // A retired one keeps its form only to give back what was typed when somebody else was quicker.
        {(outline.retired_at.is_none() || !form.is_fresh()).then(|| publish_form(form, &outline, &chapters))}
        {(versions.len() > 1).then(|| version_list(&versions, id))}
    };
    Ok(Page::usual(title, body))
}

fn facts(outline: &Outline) -> impl IntoView + use<> {
    let options = outline.options.iter().copied().map(OptionNumber::name).collect::<Vec<_>>().join(", ");
    let studied = match outline.studied {
        0 => "nobody just now".to_owned(),
        1 => "1 mentee".to_owned(),
        count => format!("{count} mentees"),
    };
    view! {
        <dl class="facts">
            <div><dt>"For"</dt><dd>{options}</dd></div>
            <div><dt>"Published"</dt><dd><DayOf at=outline.published_at /></dd></div>
            {outline.retired_at.map(|at| view! { <div><dt>"Retired"</dt><dd><DayOf at=at />", for new enrollments"</dd></div> })}
            <div><dt>"Studied by"</dt><dd>{studied}</dd></div>
            {(!outline.note.is_empty()).then(|| view! { <div><dt>"Note"</dt><dd>{outline.note.clone()}</dd></div> })}
        </dl>
    }
}

fn confirmation(outline: &Outline) -> AnyView {
    match outline.confirmed_at {
        Some(at) => {
            let by = outline.confirmed_by.clone().unwrap_or_default();
            view! { <p><span class="tag" data-tone="done">"Confirmed against the copy on the shelf, "<DayOf at=at />{format!(", by {by}")}</span></p> }
                .into_any()
        }
        None => view! {
            <form method="post" action="/api/confirm-outline">
                <input type="hidden" name="outline" value=outline.id.to_string() />
                <p><span class="tag" data-tone="turn">"Unconfirmed"</span></p>
                <p class="hint">"Take the copy from the shelf and compare its table of contents with the chapters below. If they differ, publish a new version instead."</p>
                <div class="actions"><button class="button quiet">"Confirm: the chapters are those of the book"</button></div>
            </form>
        }
        .into_any(),
    }
}

fn chapter_ledger(outline: &Outline, chapters: &[Chapter]) -> impl IntoView + use<> {
    let tested = outline.options.iter().any(|option| option.has_post_tests());
    let minutes: i32 = chapters.iter().map(|chapter| chapter.minutes).sum();
    let rows = chapters
        .iter()
        .map(|chapter| {
            let title = chapter.title.clone();
            let title = if tested {
                view! { <a href=format!("/coordinator/questions/{}", chapter.id)>{title}</a> }.into_any()
            } else {
                title.into_any()
            };
            view! {
                <tr>
                    <td class="num" data-label="Chapter">{chapter.number}</td>
                    <th scope="row">{title}</th>
                    <td data-label="Needed">{if chapter.required { "required" } else { "optional" }}</td>
                    <td class="num" data-label="Minutes">{chapter.minutes}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="table-wrap">
            <table class="ledger">
                <caption>"Chapters" <small>{format!("{}, about {} hours", chapters.len(), (minutes + 30) / 60)}</small></caption>
                <thead>
                    <tr>
                        <th scope="col" class="num">"Chapter"</th>
                        <th scope="col" class="grow">"Title"</th>
                        <th scope="col">"Needed"</th>
                        <th scope="col" class="num">"Minutes"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

fn publish_form(form: Form, outline: &Outline, chapters: &[Chapter]) -> impl IntoView + use<> {
    let contents = chapters.iter().map(|chapter| Line::from(chapter).to_string()).collect::<Vec<_>>().join("\n");
    let id = outline.id.to_string();
    let rows = u32::try_from(chapters.len().min(MOST_CHAPTERS)).unwrap_or(20).max(8) + 2;
    view! {
        <section>
            <h2>"Publish a new version"</h2>
            <p class="measure">"New enrollments begin with it. Whoever studies by this version stays with it, and nothing they did is taken back. Chapters that keep their title keep their questions."</p>
            <FormFor form>
                <Hidden name="outline" value=id />
                <SubmissionKeyField form />
                <TextArea form name="contents" label="Table of contents" value=contents rows=rows
                    hint="One line a chapter: number, title, minutes, such as \"3. Glucose goals, 45 min\". Number and minutes may be left out; write (optional) at the end of a chapter that is not required." />
                <TextField form name="minutes" label="Minutes of a chapter whose line names none" kind="number" value="40" size="short" />
                <TextField form name="note" label="Note" optional=true hint="For example which printing it follows." />
                <TickField form name="confirmed" label="I have compared it with the copy on the shelf" />
                <div class="actions"><button class="button">"Publish"</button></div>
            </FormFor>
        </section>
    }
}

/// A retired version leads to the one in use.
fn newest(versions: &[Outline]) -> Option<impl IntoView + use<>> {
    let newest = versions.iter().find(|version| version.retired_at.is_none())?;
    let path = format!("/coordinator/outlines/{}", newest.id);
    Some(view! { <p><a href=path>{format!("Version {} is in use for new enrollments", newest.version)}</a></p> })
}

fn version_list(versions: &[Outline], here: OutlineId) -> impl IntoView + use<> {
    let lines = versions
        .iter()
        .map(|version| {
            let path = format!("/coordinator/outlines/{}", version.id);
            let (tone, words) = if version.retired_at.is_some() { ("quiet", "retired") } else { ("done", "in use") };
            view! {
                <li>
                    <span class="line-main">
                        <a href=path aria-current=(version.id == here).then_some("page")>{format!("Version {}", version.version)}</a>
                    </span>
                    <span class="line-meta">"Published "<DayOf at=version.published_at /></span>
                    <span class="line-action"><span class="tag" data-tone=tone>{words}</span></span>
                </li>
            }
        })
        .collect_view();
    view! { <section><h2>"Versions"</h2><ul class="lines" role="list">{lines}</ul></section> }
}

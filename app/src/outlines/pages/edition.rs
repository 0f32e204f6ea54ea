//! Every version of an edition's outlines, who published which, what is prepared, and how a first one begins.

use leptos::prelude::*;

use super::super::store::draft::{self, Draft};
use super::super::store::{self, Outline, options};
use super::super::{draft_path, outline_path};
use super::{state_tag, sum};
use crate::app::param;
use crate::enrollments::OptionNumber;
use crate::error::AppError;
use crate::form::Form;
use crate::id::EditionId;
use crate::people::viewer;
use crate::state;
use crate::ui::{Choice, ChoiceField, DayOf, FormFor, Hidden, Page};

pub async fn edition() -> Result<Page, AppError> {
    let who = viewer().await?.coordinator()?;
    let id: EditionId = param("edition")?;
    let form = Form::open_for("start-outline", &[("edition", id.to_string())]).await?;
    let mut tx = state().db.read().await?;
    let edition = store::find_edition(&mut tx, &who, id).await?.ok_or(AppError::NotFound)?;
    let outlines = store::list_of_edition(&mut tx, &who, id).await?;
    let drafts = draft::list_open(&mut tx, &who, id).await?;
    drop(tx);
    let title = format!("Outlines of {}", edition.book);
    let lede = match outlines.is_empty() {
        true => "No outline yet. Paste the table of contents, and mentees can study this edition.",
        false => "New enrollments begin with the version in use; everyone else stays on theirs.",
    };
    let body = view! {
        <nav aria-label="Where you are">
            <ol class="crumbs" role="list">
                <li><a href="/coordinator/questions">"Questions and outlines"</a></li>
                <li aria-current="page">{edition.book.clone()}</li>
            </ol>
        </nav>
        <p class="eyebrow">{edition.label.clone()}</p>
        <h1>{title.clone()}</h1>
        <p class="lede">{lede}</p>
        {drafts.iter().map(draft_notice).collect_view()}
        {(!outlines.is_empty()).then(|| version_table(&outlines))}
        {first(form, id, &outlines)}
    };
    Ok(Page::usual(title, body))
}

fn draft_notice(draft: &Draft) -> impl IntoView + use<> {
    let what = match draft.follows {
        Some(version) => format!("after version {version}"),
        None => "of the first version".to_owned(),
    };
    let minutes = draft.lines.iter().map(|line| draft.minutes_of(line)).sum();
    let words = format!("Draft {what}, for {}", options(&draft.options.0));
    view! {
        <div class="notice">
            <p><a href=draft_path(draft.id)>{words}</a>{format!(": {}. Last changed ", sum(draft.lines.len(), minutes))}<DayOf at=draft.changed_at />{format!(" by {}.", draft.changed_by)}</p>
        </div>
    }
}

fn version_table(outlines: &[Outline]) -> impl IntoView + use<> {
    let rows = outlines
        .iter()
        .map(|outline| {
            let by = outline.published_by.clone().unwrap_or_else(|| "with the program".to_owned());
            let confirmed = match outline.confirmed_at {
                Some(at) => {
                    let copy = outline.confirmed_copy.clone().map(|label| format!(", copy {label}"));
                    view! { <DayOf at />{copy} }.into_any()
                }
                None => view! { <span class="muted">"not yet"</span> }.into_any(),
            };
            view! {
                <tr>
                    <th scope="row"><a href=outline_path(outline.id)>{format!("Version {}", outline.version)}</a></th>
                    <td data-label="For">{outline.for_options()}</td>
                    <td class="num" data-label="Chapters">{outline.chapters}</td>
                    <td data-label="Published"><span><DayOf at=outline.published_at />", "{by}</span></td>
                    <td data-label="Confirmed"><span>{confirmed}</span></td>
                    <td class="num" data-label="Studied by">{outline.studied}</td>
                    <td data-label="Now">{state_tag(outline)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="table-wrap">
            <table class="ledger">
                <caption>"Versions"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Version"</th>
                        <th scope="col">"For"</th>
                        <th scope="col" class="num">"Chapters"</th>
                        <th scope="col">"Published"</th>
                        <th scope="col">"Confirmed"</th>
                        <th scope="col" class="num">"Studied by"</th>
                        <th scope="col">"Now"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

/// A first outline for the options that have none of this edition.
fn first(form: Form, id: EditionId, outlines: &[Outline]) -> Option<impl IntoView + use<>> {
    let taken = |option| outlines.iter().any(|outline| outline.retired_at.is_none() && outline.options.contains(&option));
    let free: Vec<Choice> = OptionNumber::ALL
        .into_iter()
        .filter(|option| !taken(*option))
        .map(|option| (option.to_string(), format!("{}, {}", option.name(), option.aim())))
        .collect();
    let heading = if outlines.is_empty() { "Begin the outline" } else { "An outline for another option" };
    (!free.is_empty()).then(|| {
        view! {
            <section>
                <h2>{heading}</h2>
                <FormFor form>
                    <Hidden name="edition" value=id.to_string() />
                    <ChoiceField form name="options" legend="Studied for" many=true choices=free />
                    <div class="actions"><button class="button">"Begin a draft"</button></div>
                </FormFor>
            </section>
        }
    })
}

//! Who studies by another version, what a move to this one would keep of each, and the move itself.

use leptos::prelude::*;

use super::super::store::behind::{self, Behind};
use super::super::store::{self, Outline};
use super::super::{edition_path, outline_path};
use super::crumbs;
use crate::app::param;
use crate::enrollments::State;
use crate::error::AppError;
use crate::form::Form;
use crate::id::OutlineId;
use crate::people::viewer;
use crate::state;
use crate::ui::{FormFor, Hidden, Page, TextField};

/// `/coordinator/outlines/{outline}/move`
pub async fn behind() -> Result<Page, AppError> {
    let who = viewer().await?.coordinator()?;
    let id: OutlineId = param("outline")?;
    let form = Form::open_for("move-to-outline", &[("outline", id.to_string())]).await?;
    let mut tx = state().db.read().await?;
    let outline = store::find(&mut tx, &who, id).await?.ok_or(AppError::NotFound)?;
    let versions = store::list_of_edition(&mut tx, &who, outline.edition_id).await?;
    let known: Vec<OutlineId> = versions.iter().filter(|other| other.is_version_of(&outline)).map(|other| other.id).collect();
    let mut elsewhere = behind::list(&mut tx, &who, &outline).await?;
    drop(tx);
    elsewhere.retain(|one| known.contains(&one.outline_id));
    let title = format!("Move to version {} of {}", outline.version, outline.book);
    let here = vec![(outline_path(id), format!("Version {}", outline.version))];
    let inner = match elsewhere.is_empty() {
        true => view! { <p class="lede">"Nobody studies by another version."</p> }.into_any(),
        false => choose(form, &outline, &elsewhere).into_any(),
    };
    let body = view! {
        {crumbs(&outline.book, outline.edition_id, here, "Move")}
        <p class="eyebrow">{format!("{}, {}", outline.edition, outline.for_options())}</p>
        <h1>{title.clone()}</h1>
        {inner}
    };
    Ok(Page::usual(title, body))
}

fn choose(form: Form, outline: &Outline, elsewhere: &[Behind]) -> impl IntoView + use<> {
    let id = outline.id.to_string();
    let rows = elsewhere.iter().enumerate().map(|(at, one)| row(form, one, at == 0)).collect_view();
    let older = outline.retired_at.map(|_| {
        let path = edition_path(outline.edition_id);
        view! { <p><strong>"This version is retired."</strong>" A move to it takes an earlier move back. "<a href=path>"All versions"</a></p> }
    });
    view! {
        <p class="lede">"Nobody is moved unless you say so. What was read, discussed and passed in a chapter that both versions have is kept; everything else stays on record, where the two can still read it."</p>
        {older}
        <FormFor form>
            <Hidden name="outline" value=id />
            <div class="table-wrap">
                <table class="ledger">
                    <caption class="visually-hidden">"What a move would keep of each mentee"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Move"</th>
                            <th scope="col" class="grow">"Mentee"</th>
                            <th scope="col">"Now"</th>
                            <th scope="col">"Kept"</th>
                            <th scope="col">"Not kept"</th>
                            <th scope="col">"Afterwards"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            <TextField form name="reason" label="Why" hint="Kept with each enrollment. The pairs are told of the move, not why." />
            <div class="actions"><button class="button">"Move those that are ticked"</button></div>
        </FormFor>
    }
}

fn row(form: Form, one: &Behind, first: bool) -> impl IntoView + use<> {
    let id = one.id.to_string();
    // The first box carries the field's id, so that the error summary leads to it.
    let box_id = first.then(|| form.id("enrollment"));
    let ticked = form.chosen("enrollment", &id, false);
    let kept = match one.kept.words() {
        words if words.is_empty() => "nothing done yet".to_owned(),
        words => words,
    };
    let ahead = one.required_after.saturating_sub(one.read_after);
    let afterwards = format!("{} of {} read, {ahead} to read", one.read_after, one.required_after);
    let now = format!("version {}, {} of {} read", one.version, one.required_read, one.required);
    let about = [
        one.mentor.clone().map(|mentor| format!("with {mentor}")),
        (one.state == State::Paused).then(|| "on a break".to_owned()),
    ];
    let about = about.into_iter().flatten().collect::<Vec<_>>().join(", ");
    let not_kept = match one.not_kept.is_empty() {
        true => view! { <span class="muted">"nothing is lost"</span> }.into_any(),
        false => view! { <span dir="auto">{one.not_kept.join("; ")}</span> }.into_any(),
    };
    view! {
        <tr>
            <td data-label="Move">
                <label class="choice"><input type="checkbox" id=box_id name="enrollment" value=id.clone() checked=ticked /><span class="visually-hidden">{one.mentee.clone()}</span></label>
                <input type="hidden" name=format!("from[{id}]") value=one.outline_id.to_string() />
            </td>
            <th scope="row"><a href=format!("/coordinator/enrollments/{id}")>{one.mentee.clone()}</a>" "<small>{about}</small></th>
            <td data-label="Now">{now}</td>
            <td data-label="Kept">{kept}</td>
            <td data-label="Not kept">{not_kept}</td>
            <td data-label="Afterwards">{afterwards}</td>
        </tr>
    }
}

//! Two versions side by side: what stays, was renamed, moved, added and dropped.

use leptos::prelude::*;

use super::super::compare::{self, Change, Row};
use super::super::store::{self, Chapter, Outline};
use super::super::{Line, outline_path};
use super::crumbs;
use crate::app::{param, query};
use crate::error::AppError;
use crate::id::{ChapterId, OutlineId};
use crate::people::viewer;
use crate::state;
use crate::ui::Page;

/// `/coordinator/outlines/{outline}/compare`: with the version before it, or with the one that `?with=` names.
pub async fn compare() -> Result<Page, AppError> {
    let who = viewer().await?.coordinator()?;
    let id: OutlineId = param("outline")?;
    let mut tx = state().db.read().await?;
    let outline = store::find(&mut tx, &who, id).await?.ok_or(AppError::NotFound)?;
    let others: Vec<Outline> = store::list_of_edition(&mut tx, &who, outline.edition_id)
        .await?
        .into_iter()
        .filter(|other| other.is_version_of(&outline) && other.id != id)
        .collect();
    let with: Option<OutlineId> = query("with").and_then(|id| id.parse().ok());
    let other = match with {
        Some(with) => Some(others.iter().find(|other| other.id == with).ok_or(AppError::NotFound)?),
        None => others.iter().find(|other| other.version < outline.version).or(others.last()),
    };
    let chapters = store::list_chapters(&mut tx, id).await?;
    let compared = match other {
        Some(other) => Some((other, store::list_chapters(&mut tx, other.id).await?)),
        None => None,
    };
    drop(tx);
    let title = format!("Compare version {} of {}", outline.version, outline.book);
    let here = vec![(outline_path(id), format!("Version {}", outline.version))];
    let inner = match compared {
        None => view! { <p>"There is no other version to compare it with."</p> }.into_any(),
        Some((other, before)) if other.version < outline.version => {
            side_by_side(other, &before, &outline, &chapters).into_any()
        }
        Some((other, after)) => side_by_side(&outline, &chapters, other, &after).into_any(),
    };
    let body = view! {
        {crumbs(&outline.book, outline.edition_id, here, "Compare")}
        <p class="eyebrow">{format!("{}, {}", outline.edition, outline.for_options())}</p>
        <h1>{title.clone()}</h1>
        {choose(&others, other)}
        {inner}
    };
    Ok(Page::usual(title, body))
}

/// A plain GET form: looking changes nothing.
fn choose(others: &[Outline], chosen: Option<&Outline>) -> Option<impl IntoView + use<>> {
    let options = others
        .iter()
        .map(|other| {
            let selected = chosen.is_some_and(|chosen| chosen.id == other.id);
            view! { <option value=other.id.to_string() selected=selected>{format!("Version {}", other.version)}</option> }
        })
        .collect_view();
    (others.len() > 1).then(|| {
        view! {
            <form class="form" method="get">
                <div class="field"><label for="with">"With"</label><select id="with" name="with">{options}</select></div>
                <div class="actions"><button class="button quiet">"Compare"</button></div>
            </form>
        }
    })
}

fn side_by_side(before: &Outline, old: &[Chapter], after: &Outline, new: &[Chapter]) -> impl IntoView + use<> {
    let (old_lines, new_lines): (Vec<Line>, Vec<Line>) = (lines(old), lines(new));
    let keys: Vec<ChapterId> = old.iter().map(|chapter| chapter.root).collect();
    let follows: Vec<Option<ChapterId>> = new.iter().map(|chapter| Some(chapter.root)).collect();
    let rows = compare::compare(&old_lines, &keys, &new_lines, &follows);
    let words = format!("From version {} to version {}: {}", before.version, after.version, compare::summary(&rows));
    let move_path = format!("{}/move", outline_path(after.id));
    view! {
        <p class="lede">{words}</p>
        {table(&rows, &format!("Version {}", after.version))}
        <p><a href=move_path>{format!("What a move to version {} would keep, for each mentee", after.version)}</a></p>
    }
}

fn lines(chapters: &[Chapter]) -> Vec<Line> {
    chapters.iter().map(Line::from).collect()
}

/// What became of each chapter; `after` names the later version.
pub(super) fn table(rows: &[Row], after: &str) -> impl IntoView + use<> {
    let lines = rows.iter().map(line).collect_view();
    let caption = format!("Chapters of {after}, and those that are gone");
    view! {
        <div class="table-wrap">
            <table class="ledger">
                <caption class="visually-hidden">{caption}</caption>
                <thead>
                    <tr>
                        <th scope="col" class="num">"Chapter"</th>
                        <th scope="col" class="grow">"Title"</th>
                        <th scope="col">"What became of it"</th>
                        <th scope="col">"Also"</th>
                    </tr>
                </thead>
                <tbody>{lines}</tbody>
            </table>
        </div>
    }
}

fn line(row: &Row) -> Option<impl IntoView + use<>> {
    let shown = row.after.or(row.before)?;
    let tone = match row.change {
        Change::Stays => "quiet",
        Change::Renamed | Change::Moved | Change::RenamedAndMoved => "done",
        Change::Added => "turn",
        Change::Dropped => "late",
    };
    let details = row.details().join(", ");
    Some(view! {
        <tr>
            <td class="num" data-label="Chapter">{shown.number}</td>
            <th scope="row" dir="auto">{shown.title.clone()}</th>
            <td data-label="What became of it"><span class="tag" data-tone=tone>{row.change.name()}</span></td>
            <td data-label=(!details.is_empty()).then_some("Also") dir="auto">{details.clone()}</td>
        </tr>
    })
}

//! The exam's content areas as a map over the chapters: what of each is read and discussed.

use leptos::prelude::*;

use super::{Begun, begin, crumbs, links, source};
use crate::error::AppError;
use crate::exam::coverage::{self as map, Covered};
use crate::exam::facts::Area;
use crate::id::EnrollmentId;
use crate::study::{self, ChapterProgress};
use crate::ui::{BarRow, BarTable, Page};

/// `/mentee/exam/coverage`.
pub async fn coverage() -> Result<Page, AppError> {
    let Begun { mut tx, story, in_force, .. } = begin().await?;
    let progress = study::store::list_progress(&mut tx, story.id).await?;
    drop(tx);
    let areas = &in_force.facts.areas;
    let (covered, rest) = map::coverage(areas, &progress);
    let rows = areas.iter().zip(&covered).map(|(area, covered)| row(area, covered)).collect();
    let sections = areas.iter().zip(&covered).map(|(area, covered)| section(area, covered, &progress, story.id)).collect_view();
    let unconfirmed = areas.iter().any(|area| !area.confirmed);
    let rest_lines = rest.iter().filter_map(|at| progress.get(*at)).map(|one| chapter(one, story.id)).collect_view();
    let body = view! {
        {crumbs("What the exam covers")}
        <h1>"What the exam covers"</h1>
        <p class="lede">{lede(areas, &covered)}</p>
        {unconfirmed.then(|| view! {
            <div class="notice"><p>"Areas marked unconfirmed are in the program's own words and were not compared with CBDCE's content outline yet. The outline in its Exam Handbook decides."</p></div>
        })}
        <BarTable caption="Chapters read, by area" heads=vec!["Area", "Read", "Discussed", "Chapters"] rows />
        {sections}
        {(!rest.is_empty()).then(|| view! {
            <section class="hang"><h2>"Chapters outside of these areas"</h2><ol class="chapters" role="list">{rest_lines}</ol></section>
        })}
        {links(&in_force.facts)}
    };
    Ok(Page::narrow("What the exam covers", body))
}

/// The area that is least read, so that it comes first.
fn lede(areas: &[Area], covered: &[Covered]) -> String {
    let open = |covered: &&Covered| covered.read < covered.chapters.len();
    let least = areas
        .iter()
        .zip(covered)
        .filter(|(_, covered)| open(covered))
        // The smallest share read, compared without dividing; of equal ones the one with more to read.
        .min_by(|(_, one), (_, other)| {
            let shares = (one.read * other.chapters.len()).cmp(&(other.read * one.chapters.len()));
            shares.then(other.chapters.len().cmp(&one.chapters.len()))
        });
    match least {
        Some((area, covered)) => {
            format!("Least read so far: {}, {} of {} chapters.", area.name, covered.read, covered.chapters.len())
        }
        None if covered.iter().all(|one| one.chapters.is_empty()) => {
            "No chapter of your book is placed in an area yet. The coordinator can do that.".to_owned()
        }
        None => "Every chapter of every area is read.".to_owned(),
    }
}

fn row(area: &Area, covered: &Covered) -> BarRow {
    let of = covered.chapters.len();
    let share = u32::try_from(covered.read).ok().zip(u32::try_from(of).ok()).filter(|(_, of)| *of > 0);
    BarRow {
        label: area.name.clone(),
        cells: vec![covered.read.to_string(), covered.discussed.to_string(), of.to_string()],
        length: share.map(|(read, of)| f64::from(read) / f64::from(of)),
        ..BarRow::default()
    }
}

fn section(area: &Area, covered: &Covered, progress: &[ChapterProgress], enrollment: EnrollmentId) -> impl IntoView + use<> {
    let chapters =
        covered.chapters.iter().filter_map(|at| progress.get(*at)).map(|one| chapter(one, enrollment)).collect_view();
    let empty = covered.chapters.is_empty();
    let (tone, words) = if area.confirmed { ("done", "Confirmed") } else { ("turn", "Unconfirmed") };
    view! {
        <section class="hang">
            <h2>{area.name.clone()}" "<span class="tag" data-tone=tone>{words}</span></h2>
            <p>{area.about.clone()}</p>
            <p class="muted small">{source(&area.source, &area.link, area.checked_on)}</p>
            {if empty {
                view! { <p>"No chapter of your book belongs here. Look for it in CBDCE's list of references."</p> }.into_any()
            } else {
                view! { <ol class="chapters" role="list">{chapters}</ol> }.into_any()
            }}
        </section>
    }
}

fn chapter(one: &ChapterProgress, enrollment: EnrollmentId) -> impl IntoView + use<> {
    let (state, words) = match (one.is_discussed(), one.is_read()) {
        (true, _) => ("discussed", "discussed"),
        (false, true) => ("read", "read"),
        (false, false) => ("open", "not read"),
    };
    let path = study::chapter_path(enrollment, one.chapter.id);
    view! {
        <li data-state=state>
            <span class="chapter-number">{one.chapter.number}</span>
            <span class="chapter-title"><a href=path>{one.chapter.title.clone()}</a></span>
            <span class="chapter-minutes">{one.chapter.minutes}" minutes"</span>
            <span class="chapter-date">{words}</span>
        </li>
    }
}

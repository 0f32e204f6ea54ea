//! The outline with how far each chapter is.

use chrono::{Datelike, NaiveDate};
use leptos::prelude::*;

use super::{ChapterProgress, Pace, Pair, TestState, chapter_path, progress, store};
use crate::app::param;
use crate::clock;
use crate::discussion;
use crate::error::AppError;
use crate::id::EnrollmentId;
use crate::outlines::Pages;
use crate::people::{Side, viewer};
use crate::state::state;
use crate::ui::Page;

/// The whole outline, for either of the two.
pub async fn chapters() -> Result<Page, AppError> {
    let viewer = viewer().await?;
    let enrollment: EnrollmentId = param("enrollment")?;
    let mut tx = state().db.read().await?;
    let who = viewer.pair(&mut tx, enrollment).await?;
    let pair = store::find_pair(&mut tx, who).await?;
    let chapters = store::list_progress(&mut tx, enrollment).await?;
    let frame = store::find_frame(&mut tx, &pair).await?;
    drop(tx);
    let today = clock::today(state().clock.now());
    let pace = Pace::of(&chapters, &frame, today);
    let next = chapters.iter().find(|one| one.chapter.required && !one.is_read()).map(|one| one.chapter.id);
    let from = pair.visible_from(who.side());
    let mut part = String::new();
    let rows = chapters
        .into_iter()
        .map(|one| {
            let present = next == Some(one.chapter.id);
            let heading = (one.part != part).then(|| part_row(one.part.clone()));
            part.clone_from(&one.part);
            let row = chapter_row(one.seen_from(from), &pair, who.side(), present, today);
            view! { {heading}{row} }
        })
        .collect_view();
    let title = match who.side() {
        Side::Mentee => "Chapters".to_owned(),
        Side::Mentor => format!("Chapters of {}", pair.mentee),
    };
    let body = view! {
        {discussion::pages::crumbs(&pair, who.side(), "Chapters")}
        <p class="eyebrow">{pair.option_number.name()}", "{pair.book}</p>
        <h1>{title.clone()}</h1>
        {progress::whole(&pace, enrollment, who.side(), today)}
        <ol class="chapters" role="list">{rows}</ol>
        <p class="small muted">"Half filled: read. Filled: talked over and signed off by the mentor."</p>
        <div class="actions">
            <a href=format!("/enrollments/{enrollment}/talk")>"Talk"</a>
            <a href=format!("/enrollments/{enrollment}/messages")>"Messages"</a>
            <a href=format!("/enrollments/{enrollment}/plan")>"Plan"</a>
        </div>
    };
    Ok(Page::narrow(title, body))
}

/// The part of the book that the chapters below stand in.
fn part_row(part: String) -> impl IntoView {
    (!part.is_empty()).then(|| view! { <li class="chapter-part" dir="auto">{part}</li> })
}

/// A date where a column is narrow: "Nov 27".
fn short_day(date: NaiveDate, today: NaiveDate) -> impl IntoView {
    let form = if date.year() == today.year() { "%b %-d" } else { "%b %-d, %Y" };
    view! { <time datetime=date.to_string() title=date.format("%A, %B %-d, %Y").to_string()>{date.format(form).to_string()}</time> }
}

/// One chapter of the list; also for a person's own page.
pub fn chapter_row(one: ChapterProgress, pair: &Pair, side: Side, present: bool, today: NaiveDate) -> impl IntoView + use<> {
    let path = chapter_path(pair.id, one.chapter.id);
    let late = one.is_behind(today);
    let date = match (one.signed_off_at, one.read_on, one.target_on) {
        (Some(at), _, _) => view! { "discussed "{short_day(clock::today(at), today)} }.into_any(),
        (None, Some(date), _) => view! { "read "{short_day(date, today)} }.into_any(),
        (None, None, Some(date)) if !one.is_read() => {
            view! { <span class=late.then_some("late")>"by "{short_day(date, today)}</span> }.into_any()
        }
        (None, None, _) => ().into_any(),
    };
    let action = match side {
        _ if pair.allow_writing().is_err() => None,
        Side::Mentee if !one.is_read() && present => Some(("Log", path.clone())),
        Side::Mentee if one.is_read() && one.test() == TestState::Open => Some(("Test", format!("{path}/test"))),
        Side::Mentor if one.is_ready() => Some(("Sign off", path.clone())),
        Side::Mentee | Side::Mentor => None,
    };
    let pages = Pages::of(one.first_page, one.last_page).map(|pages| pages.to_string());
    let about = [
        pages,
        (!one.chapter.required).then(|| "if you like".to_owned()),
        one.best.map(|best| format!("post-test {best}%")),
        match one.messages {
            0 => None,
            1 => Some("1 message".to_owned()),
            count => Some(format!("{count} messages")),
        },
    ];
    let about: Vec<String> = about.into_iter().flatten().collect();
    let standing = one.standing().as_str();
    let spoken = format!("{standing}, ");
    view! {
        <li data-state=standing aria-current=present.then_some("step")>
            <span class="chapter-number">{one.chapter.number}</span>
            <span class="chapter-title">
                <a href=path dir="auto">{one.chapter.title}</a>
                {(!about.is_empty()).then(|| view! { " "<small>{about.join(", ")}</small> })}
            </span>
            <span class="chapter-minutes">{format!("{} minutes", one.chapter.minutes)}</span>
            <span class="chapter-date"><span class="visually-hidden">{spoken}</span>{date}</span>
            <span class="chapter-action">{action.map(|(words, path)| view! { <a href=path>{words}</a> })}</span>
        </li>
    }
}

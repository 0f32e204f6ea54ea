//! Drawings and small pieces of text that every step shares: the trail, dates, bars. Separate because pages speak in
//! them and they hold no rule.

use chrono::{DateTime, NaiveDate, Utc};
use leptos::prelude::*;

use crate::clock;
use crate::state;

/// Where a sign of the trail stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    Done,
    Present,
    Ahead,
}

/// The eight steps by their short names, in order.
pub const STEPS: [&str; 8] = ["Apply", "Mentor", "Book", "Plan", "Self-evaluation", "Letter", "Study", "Certificate"];

/// The trail of eight signs; `compact` for heads of pages and rows of tables.
#[component]
pub fn Trail(signs: [Sign; 8], #[prop(optional)] compact: bool) -> impl IntoView {
    let class = if compact { "trail compact" } else { "trail" };
    let steps = STEPS
        .into_iter()
        .zip(signs)
        .map(|(name, sign)| {
            let (state, words) = match sign {
                Sign::Done => ("done", " (done)"),
                Sign::Present => ("present", " (now)"),
                Sign::Ahead => ("ahead", " (ahead)"),
            };
            view! {
                <li data-state=state aria-current=(sign == Sign::Present).then_some("step")>
                    <span class="trail-name">{name} <span class="visually-hidden">{words}</span></span>
                </li>
            }
        })
        .collect_view();
    view! { <ol class=class aria-label="The eight steps">{steps}</ol> }
}

/// A date as people say it, with its year on hover.
#[component]
pub fn Day(date: NaiveDate) -> impl IntoView {
    let words = clock::say_date(date, clock::today(state().clock.now()));
    view! { <time datetime=date.to_string() title=date.format("%A, %B %-d, %Y").to_string()>{words}</time> }
}

/// The day of a moment, in the program's zone.
#[component]
pub fn DayOf(at: DateTime<Utc>) -> impl IntoView {
    view! { <Day date=clock::today(at) /> }
}

/// A moment as people say it, in the program's zone.
#[component]
pub fn Moment(at: DateTime<Utc>) -> impl IntoView {
    let exact = at.with_timezone(&clock::zone()).format("%A, %B %-d, %Y, %-I:%M %P").to_string();
    view! { <time datetime=at.to_rfc3339() title=exact>{clock::say_time(at, state().clock.now())}</time> }
}

/// How many days something has waited; late ones in red.
#[component]
pub fn Age(since: DateTime<Utc>, #[prop(optional)] late: bool) -> impl IntoView {
    let days = clock::days_between(since, state().clock.now());
    view! { <span class="age" data-tone=late.then_some("late")>{format!("{days} d")}</span> }
}

/// Text with the line breaks its writer made, as paragraphs.
pub fn paragraphs(text: &str) -> impl IntoView + use<> {
    text.split("\n\n")
        .filter(|part| !part.trim().is_empty())
        .map(|part| {
            let lines: Vec<_> = part.trim().lines().map(str::to_owned).collect();
            let count = lines.len();
            let lines = lines
                .into_iter()
                .enumerate()
                .map(|(index, line)| (line, (index + 1 < count).then(|| view! { <br /> })))
                .collect_view();
            view! { <p>{lines}</p> }
        })
        .collect_view()
}

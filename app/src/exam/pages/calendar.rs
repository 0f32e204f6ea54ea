//! The study calendar: the weeks from now to the exam, with the chapters of each, and whether it all fits.

use leptos::prelude::*;

use super::{Begun, begin, crumbs};
use crate::clock;
use crate::error::AppError;
use crate::exam::calendar::{self as plan, Calendar, Frame, Week};
use crate::exam::{A_WEEK, REVIEW_WEEKS, store};
use crate::state;
use crate::study::{self, ChapterProgress};
use crate::ui::{Day, Page};

/// Chapters that are left, in the order of the book.
fn open(progress: &[ChapterProgress]) -> impl Iterator<Item = &ChapterProgress> {
    progress.iter().filter(|one| one.chapter.required && !one.is_read())
}

/// The minutes of those.
pub fn left(progress: &[ChapterProgress]) -> Vec<i64> {
    open(progress).map(|one| one.chapter.minutes.into()).collect()
}

/// `/mentee/exam/calendar`.
pub async fn calendar() -> Result<Page, AppError> {
    let Begun { mut tx, story, .. } = begin().await?;
    let found = store::find(&mut tx, story.id).await?;
    let breaks = store::list_breaks(&mut tx, story.id).await?;
    let progress = study::store::list_progress(&mut tx, story.id).await?;
    drop(tx);
    let today = clock::today(state().clock.now());
    let body = match found {
        None => view! {
            <p class="lede">"The calendar counts back from the day of the exam. Choose that day first."</p>
            <p><a class="button" href="/mentee/exam">"Choose the day"</a></p>
        }
        .into_any(),
        Some(found) if found.target_on <= today => view! {
            <p class="lede">"The day you aimed for, "<Day date=found.target_on />", is here or over."</p>
            <p><a class="button" href="/mentee/exam">"Choose another day, or record how it went"</a></p>
        }
        .into_any(),
        Some(found) => {
            let frame = Frame {
                today,
                exam_on: found.target_on,
                a_week: found.minutes_a_week.unwrap_or(A_WEEK).into(),
                review_weeks: found.review_weeks.unwrap_or(REVIEW_WEEKS).into(),
                breaks,
            };
            sheet(&plan::calendar(&left(&progress), &frame), &frame, &progress).into_any()
        }
    };
    let body = view! {
        {crumbs("Study calendar")}
        <h1>"Study calendar"</h1>
        {body}
    };
    Ok(Page::narrow("Study calendar", body))
}

fn sheet(calendar: &Calendar, frame: &Frame, progress: &[ChapterProgress]) -> impl IntoView + use<> {
    let names: Vec<String> = open(progress).map(|one| format!("{}. {}", one.chapter.number, one.chapter.title)).collect();
    let rows = calendar.weeks.iter().map(|week| row(week, frame, &names)).collect_view();
    view! {
        <p class="lede">{told(calendar, frame)}</p>
        <p class="muted">
            {format!("Reckoned with {} minutes a week and {}, from what you ", frame.a_week, review_words(frame.review_weeks))}
            <a href="/mentee/exam">"said in your plan"</a>". A break is left out. Chapters you have read are done; the rest are spread evenly."
        </p>
        <div class="table-wrap">
            <table class="ledger">
                <caption>"Week by week"</caption>
                <thead><tr>
                    <th scope="col">"Week from"</th>
                    <th scope="col" class="grow">"What"</th>
                    <th scope="col" class="num">"Minutes"</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

fn review_words(weeks: i64) -> String {
    match weeks {
        0 => "no week to go over everything".to_owned(),
        1 => "the last week to go over everything".to_owned(),
        weeks => format!("the last {weeks} weeks to go over everything"),
    }
}

/// Whether it fits, and what would make it fit.
fn told(calendar: &Calendar, frame: &Frame) -> String {
    let exam = clock::say_full_date(frame.exam_on);
    if calendar.total == 0 {
        return format!("Every required chapter is read. The time to {exam} is yours to go over everything.");
    }
    if calendar.fits {
        let needed = calendar.needed_a_week.unwrap_or(0);
        return format!("It fits: about {needed} minutes a week until {exam}.");
    }
    let later = calendar.fits_from.map(|day| {
        let day = clock::say_full_date(day);
        format!(" With {} minutes a week it fits an exam on {day} or later.", frame.a_week)
    });
    let now = match calendar.needed_a_week {
        Some(needed) => format!("It does not fit: until {exam} it would take about {needed} minutes a week."),
        None => format!("It does not fit: no day of study is left before {exam}."),
    };
    now + &later.unwrap_or_default()
}

fn row(week: &Week, frame: &Frame, names: &[String]) -> impl IntoView + use<> {
    let minutes: i64 = week.parts.iter().map(|part| part.minutes).sum();
    let parts = week
        .parts
        .iter()
        .map(|part| {
            let name = names.get(part.chapter).cloned().unwrap_or_default();
            view! { <li>{name}{(!part.last).then_some(", begun")}</li> }
        })
        .collect_view();
    let notes: Vec<String> = [
        week.has_break.then(|| "a break".to_owned()),
        week.review.then(|| "go over everything".to_owned()),
        week.exam.then(|| format!("the exam, {}", frame.exam_on.format("%A, %B %-d"))),
    ]
    .into_iter()
    .flatten()
    .collect();
    view! {
        <tr>
            <th scope="row"><Day date=week.begins_on.max(frame.today) /></th>
            <td data-label="What">
                {(!week.parts.is_empty()).then(|| view! { <ul>{parts}</ul> })}
                {(!notes.is_empty()).then(|| view! { <span class="muted">{capital(&notes.join("; "))}</span> })}
            </td>
            <td class="num" data-label="Minutes">{(minutes > 0).then(|| minutes.to_string())}</td>
        </tr>
    }
}

fn capital(words: &str) -> String {
    let mut signs = words.chars();
    signs.next().map(|first| first.to_uppercase().chain(signs).collect()).unwrap_or_default()
}

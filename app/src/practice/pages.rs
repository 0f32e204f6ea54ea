//! Practice as the mentee sees it: begin one, take it against the clock, read the result by topic, look back.

use chrono::{DateTime, Utc};
use leptos::prelude::*;

use super::store::{self, Bank};
use super::{MINUTES, OfTopic, Practice, QUESTIONS, by_topic};
use crate::answers::islands::KeepAnswers;
use crate::app::param;
use crate::assessments::attempt::{Item, Order, Reading, points};
use crate::assessments::pages::{Whose, answered, asked, page_marks};
use crate::clock;
use crate::enrollments::{self, OptionNumber, Story};
use crate::error::AppError;
use crate::form::Form;
use crate::id::PracticeId;
use crate::people::viewer;
use crate::state;
use crate::ui::{BarRow, BarTable, FormFor, Hidden, Moment, Page, SelectField, TextField};

/// Said on every page of it.
const COUNTS_FOR_NOTHING: &str = "Practice counts toward nothing: not your certificate, not your progress, and not the hours that the exam asks for. Nobody else sees it.";

/// What a practice begins with, unless somebody chooses otherwise.
const USUAL_QUESTIONS: i32 = 20;
const USUAL_MINUTES: i32 = 30;

fn crumbs(here: Option<&'static str>) -> impl IntoView {
    view! {
        <nav aria-label="Where you are">
            <ol class="crumbs" role="list">
                <li><a href="/mentee">"My study"</a></li>
                <li><a href="/mentee/exam">"Exam"</a></li>
                {match here {
                    None => view! { <li>"Practice"</li> }.into_any(),
                    Some(here) => view! { <li><a href="/mentee/practice">"Practice"</a></li><li>{here}</li> }.into_any(),
                }}
            </ol>
        </nav>
    }
}

pub async fn practices() -> Result<Page, AppError> {
    let who = viewer().await?;
    let mentee = who.mentee()?;
    let form = Form::open("start-practice").await?;
    let now = state().clock.now();
    let mut tx = state().db.read().await?;
    let story = enrollments::store::find_of_mentee(&mut tx, mentee.account()).await?.ok_or(AppError::NotFound)?;
    if story.option_number != OptionNumber::Three {
        return Err(AppError::NotFound);
    }
    let own = who.own(&mut tx, story.id).await?;
    let all = store::list(&mut tx, &own).await?;
    let banks = store::list_banks(&mut tx, story.id).await?;
    drop(tx);
    let open = all.iter().find(|one| one.is_open(now));
    let begin = match open {
        Some(open) => go_on(open).into_any(),
        None => begin(form, &story, &banks),
    };
    let past: Vec<&Practice> = all.iter().filter(|one| !one.is_open(now)).collect();
    let rows = past.iter().map(|one| past_line(one)).collect_view();
    let body = view! {
        {crumbs(None)}
        <h1>"Practice for the exam"</h1>
        <p class="lede">"Questions of the program’s own, against the clock, with the explanations afterwards. They are not questions of the exam."</p>
        <div class="notice"><p>{COUNTS_FOR_NOTHING}</p></div>
        {begin}
        {(!past.is_empty()).then(|| view! {
            <section class="hang"><h2>"Earlier practice"</h2><ul class="lines" role="list">{rows}</ul></section>
        })}
    };
    Ok(Page::narrow("Practice", body))
}

fn go_on(open: &Practice) -> impl IntoView + use<> {
    let path = super::api::practice_path(open.id);
    let ends = clock_time(open.ends_at);
    view! {
        <section class="turn" aria-labelledby="turn">
            <p class="turn-label">"Running"</p>
            <h2 class="turn-title" id="turn">{format!("A practice runs until {ends}")}</h2>
            <div class="turn-actions"><a class="button" href=path>"Go on"</a></div>
        </section>
    }
}

fn clock_time(at: DateTime<Utc>) -> String {
    at.with_timezone(&clock::zone()).format("%-I:%M %P").to_string()
}

fn begin(form: Form, story: &Story, banks: &[Bank]) -> AnyView {
    let total: i64 = banks.iter().map(|bank| bank.questions).sum();
    if !story.state.is_live() {
        return view! { <p>"Your enrollment has ended, so no new practice can be started."</p> }.into_any();
    }
    if total == 0 {
        return view! { <div class="notice"><p>"There are no approved questions to practice with yet. The coordinator approves each one first."</p></div> }
            .into_any();
    }
    let words = |bank: &Bank| format!("{}, {} ({} questions)", bank.book, bank.edition, bank.questions);
    let choices = banks.iter().map(|bank| (bank.outline_id.to_string(), words(bank))).collect::<Vec<_>>();
    let several = banks.len() > 1;
    let enrollment = story.id.to_string();
    view! {
        <FormFor form>
            <Hidden name="enrollment" value=enrollment />
            <div class="field-row">
                <TextField form name="questions" label="Questions" kind="number" size="short"
                    value=USUAL_QUESTIONS.to_string() hint=format!("{} to {}.", QUESTIONS.start(), QUESTIONS.end()) />
                <TextField form name="minutes" label="Minutes" kind="number" size="short"
                    value=USUAL_MINUTES.to_string() hint=format!("{} to {}.", MINUTES.start(), MINUTES.end()) />
            </div>
            {several.then(|| view! {
                <SelectField form name="outline" label="From one book only" choices=choices.clone() optional=true
                    hint="Leave it to draw from all of them." />
            })}
            <p class="hint">"The time runs from when you press the button, also while the page is closed."</p>
            <div class="actions"><button class="button">"Start the clock"</button></div>
        </FormFor>
    }
    .into_any()
}

fn past_line(one: &Practice) -> impl IntoView + use<> {
    let path = super::api::practice_path(one.id);
    view! {
        <li>
            <span class="line-main"><a href=path><Moment at=one.started_at /></a></span>
            <span class="line-meta">{format!("{} of {}, in {} minutes", points(one.credit), one.item_count, one.minutes())}</span>
            <span class="line-action"><span class="tag" data-tone="quiet">{format!("{} percent", one.percent())}</span></span>
        </li>
    }
}

pub async fn practice() -> Result<Page, AppError> {
    let who = viewer().await?;
    let id: PracticeId = param("practice")?;
    let now = state().clock.now();
    let mut tx = state().db.read().await?;
    let practice = store::find(&mut tx, id).await?.ok_or(AppError::NotFound)?;
    who.own(&mut tx, practice.enrollment_id).await?;
    let items = store::list_items(&mut tx, id).await?;
    drop(tx);
    if practice.is_open(now) { open(&practice, &items, now).await } else { Ok(result(&practice, &items)) }
}

async fn open(practice: &Practice, items: &[(String, Item)], now: DateTime<Utc>) -> Result<Page, AppError> {
    let form = Form::open_for("hand-in-practice", &[("practice", practice.id.to_string())]).await?;
    let questions = items
        .iter()
        .enumerate()
        .map(|(index, (_, item))| asked(form, index + 1, item, &Order::of(&practice.seed, item, true)))
        .collect_view();
    let minutes = (practice.ends_at - practice.started_at).num_minutes();
    let (id, seconds, ends) = (practice.id.to_string(), practice.seconds_left(now).to_string(), clock_time(practice.ends_at));
    let until = format!("Until {ends}");
    let body = view! {
        {crumbs(Some("Now"))}
        <h1>{format!("Practice, {} questions", practice.item_count)}</h1>
        <p class="lede">"Ends at "<strong>{ends}</strong>{format!(" ({minutes} minutes). What has arrived by then counts.")}</p>
        <FormFor form>
            <Hidden name="practice" value=id />
            {page_marks(now)}
            <p class="countdown" role="timer" data-seconds=seconds>{until}</p>
            <KeepAnswers><div class="kept">{questions}</div></KeepAnswers>
            <p data-said="" role="status"></p>
            <p class="hint">{COUNTS_FOR_NOTHING}</p>
            <div class="actions">
                <button class="button quiet" name="later" value="yes">"Save and go on"</button>
                <button class="button">"Finish"</button>
            </div>
        </FormFor>
    };
    Ok(Page::narrow("Practice", body))
}

fn result(practice: &Practice, items: &[(String, Item)]) -> Page {
    let topics = by_topic(items).iter().map(bar).collect::<Vec<_>>();
    let marked: Vec<(usize, &Item)> = items.iter().enumerate().map(|(index, (_, item))| (index, item)).collect();
    let (knew, missed): (Vec<_>, Vec<_>) = marked.into_iter().partition(|(_, item)| item.is_right());
    let view_all = |some: Vec<(usize, &Item)>| {
        some.into_iter()
            .map(|(index, item)| {
                answered(item, Some(index + 1), &Order::of(&practice.seed, item, true), Whose::Own, Reading::ALL)
            })
            .collect_view()
    };
    let body = view! {
        {crumbs(Some("Result"))}
        <h1>"Practice of "<Moment at=practice.started_at /></h1>
        <p class="score">{points(practice.credit)}" "<small>{format!("of {}", practice.item_count)}</small></p>
        <p class="lede">{format!("{} percent, in {} minutes.", practice.percent(), practice.minutes())}</p>
        <p class="muted">{COUNTS_FOR_NOTHING}</p>
        <section class="hang">
            <h2>"By topic"</h2>
            <BarTable caption="The weakest first" heads=vec!["Topic", "Right", "Of"] rows=topics />
        </section>
        {(!missed.is_empty()).then(|| view! { <section class="hang"><h2>"Missed"</h2>{view_all(missed)}</section> })}
        {(!knew.is_empty()).then(|| view! {
            <section class="hang"><h2>"Known"</h2><details><summary>"Show with explanations"</summary>{view_all(knew)}</details></section>
        })}
        <p><a class="button" href="/mentee/practice">"Practice again"</a></p>
    };
    Page::narrow("Practice", body)
}

fn bar(one: &OfTopic) -> BarRow {
    BarRow {
        label: one.topic.clone(),
        cells: vec![points(one.credit), one.of.to_string()],
        length: Some(f64::from(one.credit.0) / (f64::from(one.of.max(1)) * 1000.0)),
        ..BarRow::default()
    }
}

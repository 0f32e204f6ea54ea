//! A chapter's post-test: the mentee starts it, answers, and reads the result; the mentor reads score and missed
//! questions. Keys and explanations are written only into what follows the handing in.

use chrono::{DateTime, Utc};
use leptos::prelude::*;

use super::answered;
use crate::app::param;
use crate::assessments::store::{self, TestChapter};
use crate::assessments::{Attempt, Item, Next, Score, field, needed, next, order_of_choices};
use crate::clock;
use crate::enrollments::{self, State as Enrolled, Story};
use crate::error::AppError;
use crate::form::Form;
use crate::id::{AttemptId, ChapterId, EnrollmentId};
use crate::people::{Side, viewer};
use crate::settings::{self, Settings};
use crate::state;
use crate::ui::{DayOf, FormFor, Hidden, Page, TickField};

/// Everything the page shows, however it stands.
struct Shown {
    story: Story,
    chapter: TestChapter,
    settings: Settings,
    attempts: Vec<Attempt>,
    /// How many questions the next test would have.
    ready: usize,
    next: Next,
    now: DateTime<Utc>,
}

pub async fn test() -> Result<Page, AppError> {
    let who = viewer().await?;
    let (enrollment, chapter): (EnrollmentId, ChapterId) = (param("enrollment")?, param("chapter")?);
    let mut tx = state().db.read().await?;
    let pair = who.pair(&mut tx, enrollment).await?;
    let story = enrollments::store::find(&mut tx, enrollment).await?.ok_or(AppError::NotFound)?;
    let chapter = store::find_chapter_ever(&mut tx, enrollment, chapter).await?.ok_or(AppError::NotFound)?;
    if !story.option_number.has_post_tests() {
        return Err(AppError::NotFound);
    }
    let settings = settings::store::current(&mut tx).await?;
    let attempts = store::list_attempts(&mut tx, enrollment, chapter.id).await?;
    let approved = store::list_approved(&mut tx, chapter.id).await?.len();
    let now = state().clock.now();
    let shown = Shown {
        ready: approved.min(usize::try_from(settings.questions_a_test.max(1)).unwrap_or(usize::MAX)),
        next: next(&attempts, &settings, now),
        story,
        chapter,
        settings,
        attempts,
        now,
    };
    match (pair.side(), shown.attempts.first().map(|latest| latest.id)) {
        (Side::Mentor, _) => {
            let missed = store::list_missed(&mut tx, enrollment, shown.chapter.id).await?;
            Ok(for_mentor(&shown, &missed))
        }
        (Side::Mentee, None) => {
            drop(tx);
            before(&shown).await
        }
        (Side::Mentee, Some(latest)) => {
            let items = store::list_items(&mut tx, latest).await?;
            drop(tx);
            match shown.next {
                Next::GoOn(_) => open(&shown, latest, &items).await,
                Next::Passed | Next::Start | Next::From(_) => result(&shown, latest, &items).await,
            }
        }
    }
}

fn title(shown: &Shown) -> String {
    format!("Post-test, chapter {}", shown.chapter.number)
}

fn head(shown: &Shown, home: &'static str, home_name: &'static str) -> impl IntoView + use<> {
    let (number, id) = (shown.chapter.number, shown.chapter.id);
    let chapter = format!("/enrollments/{}/chapters/{id}", shown.story.id);
    view! {
        <nav aria-label="Where you are">
            <ol class="crumbs" role="list">
                <li><a href=home>{home_name}</a></li>
                <li><a href=chapter>{format!("Chapter {number}")}</a></li>
                <li>"Post-test"</li>
            </ol>
        </nav>
        <p class="eyebrow">{title(shown)}</p>
        <h1>{shown.chapter.title.clone()}</h1>
    }
}

/// "5 questions, as much time as you like. 4 right is a pass; one attempt a day."
fn terms(settings: &Settings, of: usize) -> String {
    let questions = if of == 1 { "1 question".to_owned() } else { format!("{of} questions") };
    let attempts = match settings.attempts_a_day.max(1) {
        1 => "one attempt a day".to_owned(),
        most => format!("{most} attempts a day"),
    };
    format!("{questions}, as much time as you like. {} right is a pass; {attempts}.", needed(of, settings.pass_mark))
}

const WHO_SEES: &str =
    "Your mentor sees your score and the questions you missed, to talk them over with you. The coordinator sees the score.";

async fn before(shown: &Shown) -> Result<Page, AppError> {
    let start = start(shown).await?;
    let body = view! {
        {head(shown, "/mentee", "My study")}
        {(shown.ready > 0).then(|| view! { <p class="lede">{terms(&shown.settings, shown.ready)}</p> })}
        {start}
    };
    Ok(Page::narrow(title(shown), body))
}

/// The button that starts an attempt, or why there is none now; nothing while none is needed or allowed.
async fn start(shown: &Shown) -> Result<AnyView, AppError> {
    let (enrollment, chapter) = (shown.story.id.to_string(), shown.chapter.id.to_string());
    let form = Form::open_for("start-test", &[("chapter", chapter.clone())]).await?;
    if shown.next != Next::Start {
        return Ok(().into_any());
    }
    if shown.ready == 0 {
        return Ok(view! {
            <div class="notice">
                <p>"This chapter has no approved questions yet. The coordinator approves each one before it counts. Go on with your study; the post-test opens here once it is ready."</p>
            </div>
        }
        .into_any());
    }
    if shown.story.state != Enrolled::Active {
        return Ok(view! { <p>"Your enrollment is not active, so no new attempt can be started."</p> }.into_any());
    }
    let label = if shown.attempts.is_empty() { "Start the post-test" } else { "Start a new attempt" };
    Ok(view! {
        <FormFor form>
            <Hidden name="enrollment" value=enrollment />
            <Hidden name="chapter" value=chapter />
            <p class="hint">{WHO_SEES}</p>
            <div class="actions"><button class="button">{label}</button></div>
        </FormFor>
    }
    .into_any())
}

async fn open(shown: &Shown, attempt: AttemptId, items: &[Item]) -> Result<Page, AppError> {
    let form = Form::open_for("hand-in-test", &[("attempt", attempt.to_string())]).await?;
    let questions = items.iter().enumerate().map(|(index, item)| asked(form, attempt, index + 1, item)).collect_view();
    // Offered only once the gaps have been named, so that nobody ticks it in passing.
    let gaps = !form.errors().is_empty();
    let body = view! {
        {head(shown, "/mentee", "My study")}
        <p class="lede">{terms(&shown.settings, items.len())}</p>
        <FormFor form>
            <Hidden name="attempt" value=attempt.to_string() />
            {questions}
            {gaps.then(|| view! {
                <TickField form name="gaps" label="Hand in with gaps: a question without an answer counts as missed" />
            })}
            <p class="hint">{WHO_SEES}</p>
            <div class="actions"><button class="button">"Hand in"</button></div>
        </FormFor>
    };
    Ok(Page::narrow(title(shown), body))
}

/// A question before handing in: the choices' texts and nothing else of them.
fn asked(form: Form, attempt: AttemptId, number: usize, item: &Item) -> impl IntoView + use<> {
    let name = field(item.question);
    let kind = if item.kind().takes_many() { "checkbox" } else { "radio" };
    let (id, error) = (form.id(&name), form.error(&name));
    let (invalid, described) = (error.as_ref().map(|_| ""), error.as_ref().map(|_| format!("{id}-error")));
    let error = error.map(|message| view! { <p class="field-error" id=described.clone()>{message}</p> });
    let offered = item.body.offered();
    let rows = order_of_choices(attempt, item)
        .into_iter()
        .enumerate()
        .filter_map(|(place, index)| offered.get(index).map(|text| (place, index, (*text).to_owned())))
        .map(|(place, index, text)| {
            let checked = form.chosen(&name, &index.to_string(), false);
            // The first choice carries the field's id, so that the error summary leads to it.
            let id = if place == 0 { id.clone() } else { format!("{id}-{place}") };
            view! {
                <label class="choice">
                    <input type=kind id=id name=name.clone() value=index.to_string() checked=checked />
                    <span>{text}</span>
                </label>
            }
        })
        .collect_view();
    view! {
        <fieldset class="question" data-invalid=invalid aria-describedby=described>
            <legend>{format!("{number}. {}", item.text)}</legend>
            {item.kind().takes_many().then(|| view! { <p class="hint">"More than one answer may be right."</p> })}
            {error}
            {rows}
        </fieldset>
    }
}

async fn result(shown: &Shown, attempt: AttemptId, items: &[Item]) -> Result<Page, AppError> {
    let score = shown.attempts.first().and_then(Attempt::score).ok_or(AppError::NotFound)?;
    let again = start(shown).await?;
    let (knew, missed): (Vec<_>, Vec<_>) = items.iter().enumerate().partition(|(_, item)| item.is_right == Some(true));
    let view_all = |some: Vec<(usize, &Item)>| {
        some.into_iter()
            .map(|(index, item)| answered(item, Some(index + 1), &order_of_choices(attempt, item), "Your answer"))
            .collect_view()
    };
    let heading =
        |count: usize, what: &str| if count == 1 { format!("The one you {what}") } else { format!("The {count} you {what}") };
    let body = view! {
        {head(shown, "/mentee", "My study")}
        <p class="score">{score.right}" "<small>{format!("of {}", score.of)}</small></p>
        <p class="lede">{verdict(shown, score)}</p>
        {shown.attempts.first().and_then(Attempt::mark).map(|mark| view! { <p class="muted">"The answers are not kept here: "{mark}"."</p> })}
        {again}
        {(!missed.is_empty()).then(|| view! {
            <section class="hang"><h2>{heading(missed.len(), "missed")}</h2>{view_all(missed)}</section>
        })}
        {(!knew.is_empty()).then(|| view! {
            <section class="hang">
                <h2>{heading(knew.len(), "knew")}</h2>
                <details><summary>"Show with explanations"</summary>{view_all(knew)}</details>
            </section>
        })}
        {(shown.attempts.len() > 1).then(|| view! {
            <section class="hang"><h2>"Your attempts"</h2>{scores(&shown.attempts)}</section>
        })}
    };
    Ok(Page::narrow(title(shown), body))
}

/// What the score means and what comes next.
fn verdict(shown: &Shown, score: Score) -> String {
    let talk = if score.right < score.of { " What you missed is for your next talk with your mentor." } else { "" };
    if score.passed {
        return format!("Passed, with {} percent.{talk}", score.percent());
    }
    let when = match shown.next {
        Next::Passed => return format!("You passed this post-test before; nothing more is needed.{talk}"),
        Next::From(at) => {
            format!("The next attempt is possible on {}.", clock::say_date(clock::today(at), clock::today(shown.now)))
        }
        Next::Start | Next::GoOn(_) => "You can try again now.".to_owned(),
    };
    let of = usize::try_from(score.of).unwrap_or(0);
    format!("Not passed yet: {} right answers are needed. {when}{talk}", needed(of, shown.settings.pass_mark))
}

fn scores(attempts: &[Attempt]) -> impl IntoView + use<> {
    let lines = attempts
        .iter()
        .map(|attempt| {
            let at = attempt.handed_in_at.unwrap_or(attempt.started_at);
            let (words, tone) = match attempt.score() {
                Some(score) if score.passed => ("passed", "done"),
                Some(_) => ("not passed", "quiet"),
                None => ("open", "turn"),
            };
            let sum = attempt.score().map(|score| format!("{} of {} right", score.right, score.of));
            view! {
                <li>
                    <span class="line-main"><DayOf at=at /></span>
                    <span class="line-meta">{sum}{attempt.mark().map(|mark| format!(", {mark}"))}</span>
                    <span class="line-action"><span class="tag" data-tone=tone>{words}</span></span>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="lines" role="list">{lines}</ul> }
}

fn for_mentor(shown: &Shown, missed: &[Item]) -> Page {
    let questions = missed
        .iter()
        .map(|item| {
            let order: Vec<usize> = (0..item.body.offered().len()).collect();
            answered(item, None, &order, "Their answer")
        })
        .collect_view();
    let handed_in = shown.attempts.iter().any(|attempt| attempt.handed_in_at.is_some());
    let mentee = &shown.story.mentee;
    let lede = match (handed_in, missed.is_empty()) {
        (false, _) => format!("{mentee} has not handed in this post-test yet."),
        (true, true) => format!("{mentee} has nothing left here that was missed."),
        (true, false) => format!("What {mentee} missed, for your next talk. The other answers are not shown."),
    };
    let body = view! {
        {head(shown, "/mentor", "My mentees")}
        <p class="lede">{lede}</p>
        {(!missed.is_empty()).then(|| view! { <section class="hang"><h2>"To talk over"</h2>{questions}</section> })}
        {(!shown.attempts.is_empty()).then(|| view! {
            <section class="hang"><h2>"Attempts"</h2>{scores(&shown.attempts)}</section>
        })}
    };
    Page::narrow(title(shown), body)
}

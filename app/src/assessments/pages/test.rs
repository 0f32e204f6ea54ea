//! A chapter's post-test: the mentee starts it, answers, and reads the result; the mentor reads score and missed
//! questions, and marks what only a person can. Keys and explanations are written only into what follows the handing in.

use chrono::{DateTime, Utc};
use leptos::prelude::*;

use super::question::{Whose, answered, asked};
use crate::answers::islands::KeepAnswers;
use crate::app::param;
use crate::assessments::Body;
use crate::assessments::attempt::{Attempt, Item, Missed, Next, Order, Reading, Score, Share, needed, next, points, reading};
use crate::assessments::rules::{PostTests, Rules};
use crate::assessments::store::{self, TestChapter};
use crate::clock;
use crate::db::ReadTx;
use crate::enrollments::{self, State as Enrolled, Story};
use crate::error::AppError;
use crate::form::Form;
use crate::id::{ChapterId, EnrollmentId, SubmissionKey};
use crate::people::{PairMember, Side, viewer};
use crate::settings;
use crate::state;
use crate::ui::{ChoiceField, DayOf, FormFor, Hidden, Page, TextArea, choices, paragraphs};

/// Everything the page shows, however it stands.
struct Shown {
    story: Story,
    chapter: TestChapter,
    /// Those of the next attempt.
    rules: Rules,
    attempts: Vec<Attempt>,
    /// How many questions the next test would have.
    ready: usize,
    next: Next,
    now: DateTime<Utc>,
}

impl Shown {
    fn is_passed(&self) -> bool {
        self.attempts.iter().any(|attempt| attempt.passed == Some(true))
    }

    fn latest(&self) -> Option<&Attempt> {
        self.attempts.first()
    }
}

pub async fn test() -> Result<Page, AppError> {
    let who = viewer().await?;
    let (enrollment, chapter): (EnrollmentId, ChapterId) = (param("enrollment")?, param("chapter")?);
    let now = state().clock.now();
    let mut tx = state().db.read().await?;
    let pair = who.pair(&mut tx, enrollment).await?;
    let shown = load(&mut tx, enrollment, chapter, now).await?;
    if shown.story.post_tests == PostTests::Off && shown.attempts.is_empty() {
        return Err(AppError::NotFound);
    }
    match (pair.side(), shown.latest().map(|latest| latest.id)) {
        (Side::Mentor, _) => for_mentor(tx, &shown, pair).await,
        (Side::Mentee, None) => {
            drop(tx);
            before(&shown).await
        }
        (Side::Mentee, Some(latest)) => {
            let items = store::list_items(&mut tx, latest).await?;
            drop(tx);
            match shown.next {
                Next::GoOn(_) => open(&shown, &items).await,
                Next::Passed | Next::Marking | Next::Start | Next::From(_) | Next::UsedUp(_) => result(&shown, &items).await,
            }
        }
    }
}

async fn load(tx: &mut ReadTx, enrollment: EnrollmentId, chapter: ChapterId, now: DateTime<Utc>) -> Result<Shown, AppError> {
    let story = enrollments::store::find(tx, enrollment).await?.ok_or(AppError::NotFound)?;
    let chapter = store::find_chapter_ever(tx, enrollment, chapter).await?.ok_or(AppError::NotFound)?;
    let settings = settings::store::current(tx).await?;
    let rules = store::rules_of(tx, &story, &settings).await?;
    let attempts = store::list_attempts(tx, enrollment, chapter.id).await?;
    let allowed = store::count_allowed(tx, enrollment, chapter.id).await?;
    let approved = store::list_approved(tx, chapter.id).await?.len();
    Ok(Shown {
        ready: approved.min(usize::try_from(rules.questions.max(1)).unwrap_or(usize::MAX)),
        next: next(&attempts, &rules, allowed, now),
        story,
        chapter,
        rules,
        attempts,
        now,
    })
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
fn terms(rules: &Rules, of: usize) -> String {
    let questions = if of == 1 { "1 question".to_owned() } else { format!("{of} questions") };
    let a_day = match rules.a_day.max(1) {
        1 => "one attempt a day".to_owned(),
        most => format!("{most} attempts a day"),
    };
    let in_all = rules.attempts.map(|most| format!(", {most} in all")).unwrap_or_default();
    format!("{questions}, as much time as you like. {} right is a pass; {a_day}{in_all}.", needed(of, rules.pass_mark))
}

const WHO_SEES: &str =
    "Your mentor sees your score and the questions you missed, to talk them over with you. The coordinator sees the score.";

async fn before(shown: &Shown) -> Result<Page, AppError> {
    let start = start(shown).await?;
    let offered = shown.story.post_tests == PostTests::Offered;
    let body = view! {
        {head(shown, "/mentee", "My study")}
        {(shown.ready > 0).then(|| view! { <p class="lede">{terms(&shown.rules, shown.ready)}</p> })}
        {offered.then(|| view! { <p>"It is an offer: your certificate does not ask for it."</p> })}
        {start}
    };
    Ok(Page::narrow(title(shown), body))
}

/// The button that starts an attempt, or why there is none now; nothing while none is needed or allowed.
async fn start(shown: &Shown) -> Result<AnyView, AppError> {
    let (enrollment, chapter) = (shown.story.id.to_string(), shown.chapter.id.to_string());
    let form = Form::open_for("start-test", &[("chapter", chapter.clone())]).await?;
    if shown.next != Next::Start || shown.story.post_tests == PostTests::Off {
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

async fn open(shown: &Shown, items: &[Item]) -> Result<Page, AppError> {
    let attempt = shown.latest().ok_or(AppError::NotFound)?;
    let rules = attempt.rules(&shown.rules);
    let form = Form::open_for("hand-in-test", &[("attempt", attempt.id.to_string())]).await?;
    let orders = attempt.orders(items, &rules);
    let questions =
        items.iter().zip(&orders).enumerate().map(|(index, (item, order))| asked(form, index + 1, item, order)).collect_view();
    // Offered only once the gaps have been named, so that nobody presses it in passing.
    let gaps = !form.errors().is_empty();
    let (id, now) = (attempt.id.to_string(), shown.now);
    let body = view! {
        {head(shown, "/mentee", "My study")}
        <p class="lede">{terms(&rules, items.len())}</p>
        <FormFor form>
            <Hidden name="attempt" value=id />
            {page_marks(now)}
            <KeepAnswers><div class="kept">{questions}</div></KeepAnswers>
            <p data-said="" role="status"></p>
            <p class="hint">{WHO_SEES}</p>
            // The first button is the one that the return key presses.
            <div class="actions">
                <button class="button quiet" name="later" value="yes">"Save for later"</button>
                <button class="button">"Hand in"</button>
                {gaps.then(|| view! { <button class="button quiet" name="gaps" value="yes">"Hand in with gaps"</button> })}
            </div>
            {gaps.then(|| view! { <p class="hint">"A question without an answer counts as missed."</p> })}
        </FormFor>
    };
    Ok(Page::narrow(title(shown), body))
}

/// What a page of a test sends with its answers: which page it is, and when it was read. So two tabs find out about each
/// other.
pub fn page_marks(read_at: DateTime<Utc>) -> impl IntoView {
    view! {
        <Hidden name="page" value=SubmissionKey::new().to_string() />
        <Hidden name="as_of" value=read_at.timestamp_micros().to_string() />
    }
}

async fn result(shown: &Shown, items: &[Item]) -> Result<Page, AppError> {
    let attempt = shown.latest().ok_or(AppError::NotFound)?;
    let again = start(shown).await?;
    let rules = attempt.rules(&shown.rules);
    let (orders, reading) = (attempt.orders(items, &rules), reading(&rules, shown.is_passed()));
    let marked: Vec<_> = items.iter().zip(&orders).enumerate().collect();
    let (knew, others): (Vec<_>, Vec<_>) = marked.into_iter().partition(|(_, (item, _))| item.is_right());
    let (waiting, missed): (Vec<_>, Vec<_>) = others.into_iter().partition(|(_, (item, _))| item.credit.is_none());
    let view_all = |some: Vec<(usize, (&Item, &Order))>| {
        some.into_iter()
            .map(|(index, (item, order))| answered(item, Some(index + 1), order, Whose::Own, reading))
            .collect_view()
    };
    let heading =
        |count: usize, what: &str| if count == 1 { format!("The one you {what}") } else { format!("The {count} you {what}") };
    let explained = if reading.key { "Show with explanations" } else { "Show" };
    let body = view! {
        {head(shown, "/mentee", "My study")}
        {attempt.score().map(|score| view! {
            <p class="score">{score.points()}" "<small>{format!("of {}", score.of)}</small></p>
        })}
        <p class="lede">{verdict(shown, attempt, &rules, waiting.len())}</p>
        {(!reading.key && !missed.is_empty()).then(|| view! {
            <p>"What is right, and why, stands here once you have passed."</p>
        })}
        {(items.is_empty()).then(|| attempt.mark()).flatten().map(|mark| view! { <p class="muted">"The answers are not kept here: "{mark}"."</p> })}
        {again}
        {(!waiting.is_empty()).then(|| view! {
            <section class="hang"><h2>"Your mentor marks these"</h2>{view_all(waiting)}</section>
        })}
        {(!missed.is_empty()).then(|| view! {
            <section class="hang"><h2>{heading(missed.len(), "missed")}</h2>{view_all(missed)}</section>
        })}
        {(!knew.is_empty()).then(|| view! {
            <section class="hang">
                <h2>{heading(knew.len(), "knew")}</h2>
                <details><summary>{explained}</summary>{view_all(knew)}</details>
            </section>
        })}
        {(shown.attempts.len() > 1).then(|| view! {
            <section class="hang"><h2>"Your attempts"</h2>{scores(&shown.attempts)}</section>
        })}
    };
    Ok(Page::narrow(title(shown), body))
}

/// What the score means and what comes next.
fn verdict(shown: &Shown, attempt: &Attempt, rules: &Rules, waiting: usize) -> String {
    let Some(score) = attempt.score() else {
        let answers = if waiting == 1 { "1 answer".to_owned() } else { format!("{waiting} answers") };
        return match shown.story.mentor.as_deref().filter(|_| shown.story.matched_at.is_some()) {
            Some(mentor) => format!("Handed in. {mentor} has {answers} to mark; then your score stands here."),
            None => format!("Handed in. Your next mentor has {answers} to mark; then your score stands here."),
        };
    };
    let talk = if score.is_whole() { "" } else { " What you missed is for your next talk with your mentor." };
    if score.passed {
        return format!("Passed, with {} percent.{talk}", score.percent());
    }
    let when = match shown.next {
        Next::Passed => return format!("You passed this post-test before; nothing more is needed.{talk}"),
        Next::From(at) => {
            format!("The next attempt is possible on {}.", clock::say_date(clock::today(at), clock::today(shown.now)))
        }
        Next::UsedUp(used) => format!("All {used} attempts are used. The coordinator can allow one more."),
        Next::Start | Next::Marking | Next::GoOn(_) => "You can try again now.".to_owned(),
    };
    let of = usize::try_from(score.of).unwrap_or(0);
    format!("Not passed yet: {} right answers are needed. {when}{talk}", needed(of, rules.pass_mark))
}

/// Attempts with their scores, the latest first.
pub fn scores(attempts: &[Attempt]) -> impl IntoView + use<> {
    let lines = attempts
        .iter()
        .map(|attempt| {
            let at = attempt.handed_in_at.unwrap_or(attempt.started_at);
            let (words, tone) = match attempt.score() {
                Some(score) if score.passed => ("passed", "done"),
                Some(_) => ("not passed", "quiet"),
                None if attempt.waits() => ("being marked", "turn"),
                None => ("open", "turn"),
            };
            let sum = attempt.score().map(|score: Score| format!("{} of {}", points(score.credit), score.of));
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

async fn for_mentor(mut tx: ReadTx, shown: &Shown, pair: PairMember) -> Result<Page, AppError> {
    let missed = store::list_missed(&mut tx, shown.story.id, shown.chapter.id).await?;
    let unmarked = store::list_unmarked(&mut tx, pair, shown.chapter.id).await?;
    drop(tx);
    let mut forms = Vec::new();
    for one in &unmarked {
        let names = [("attempt", one.attempt.to_string()), ("question", one.item.question.to_string())];
        forms.push(Form::open_for("mark-answer", &names).await?);
    }
    let to_mark = unmarked.iter().zip(forms).map(|(one, form)| mark_form(form, one)).collect_view();
    let questions = missed
        .iter()
        .map(|one| answered(&one.item, None, &Order::as_written(&one.item), Whose::Theirs, Reading::ALL))
        .collect_view();
    let handed_in = shown.attempts.iter().any(|attempt| !attempt.is_open());
    let mentee = &shown.story.mentee;
    let lede = match (handed_in, unmarked.len(), missed.is_empty()) {
        (false, _, _) => format!("{mentee} has not handed in this post-test yet."),
        (true, 1, _) => format!("{mentee} waits for you to mark 1 answer."),
        (true, 2.., _) => format!("{mentee} waits for you to mark {} answers.", unmarked.len()),
        (true, 0, true) => format!("{mentee} has nothing left here that was missed."),
        (true, 0, false) => format!("What {mentee} missed, for your next talk. The other answers are not shown."),
    };
    let body = view! {
        {head(shown, "/mentor", "My mentees")}
        <p class="lede">{lede}</p>
        {(!unmarked.is_empty()).then(|| view! { <section class="hang"><h2>"To mark"</h2>{to_mark}</section> })}
        {(!missed.is_empty()).then(|| view! { <section class="hang"><h2>"To talk over"</h2>{questions}</section> })}
        {(!shown.attempts.is_empty()).then(|| view! {
            <section class="hang"><h2>"Attempts"</h2>{scores(&shown.attempts)}</section>
        })}
    };
    Ok(Page::narrow(title(shown), body))
}

fn mark_form(form: Form, one: &Missed) -> impl IntoView + use<> {
    let note = match &one.item.body {
        Body::Essay { marker_note } if !marker_note.is_empty() => Some(marker_note.clone()),
        _ => None,
    };
    let question = answered(&one.item, None, &Order::as_written(&one.item), Whose::Theirs, Reading::ALL);
    let (attempt, id) = (one.attempt.to_string(), one.item.question.to_string());
    view! {
        {question}
        {note.map(|note| view! { <div class="notice"><p class="label">"What to look for"</p>{paragraphs(&note)}</div> })}
        <FormFor form>
            <Hidden name="attempt" value=attempt />
            <Hidden name="question" value=id />
            <ChoiceField form name="credit" legend="How much of it counts?" choices=choices(Share::ALL, Share::name) />
            <TextArea form name="word" label="A word back" optional=true rows=3 />
            <div class="actions"><button class="button">"Mark this answer"</button></div>
            <p class="hint">"A mark stays as it is given: what somebody has passed is not taken back."</p>
        </FormFor>
    }
}

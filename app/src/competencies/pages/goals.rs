//! The goals: statements a mentee chose to work on, each with a word of their own. Both of the pair see them.

use leptos::prelude::*;

use crate::app::param;
use crate::clock;
use crate::competencies::store::{self, Evaluation, Goal, Published};
use crate::competencies::{Instrument, MOST_GOALS, Moment, Ratings, State, api};
use crate::enrollments;
use crate::error::AppError;
use crate::form::Form;
use crate::id::EnrollmentId;
use crate::people::{Side, viewer};
use crate::state;
use crate::ui::{Choice, Day, DayOf, FormFor, Hidden, Page, SelectField, TextArea, TextField, paragraphs};

/// `/enrollments/{enrollment}/goals`.
pub async fn goals() -> Result<Page, AppError> {
    let enrollment: EnrollmentId = param("enrollment")?;
    let viewer = viewer().await?;
    let add = Form::open("choose-goal").await?;
    let mut tx = state().db.read().await?;
    let who = viewer.pair(&mut tx, enrollment).await?;
    let story = enrollments::store::find(&mut tx, enrollment).await?.ok_or(AppError::NotFound)?;
    let goals = store::list_goals(&mut tx, enrollment).await?;
    let instruments = store::list_for(&mut tx, enrollment).await?;
    let evaluations = store::list(&mut tx, enrollment).await?;
    drop(tx);
    let own = who.side() == Side::Mentee && story.state.is_live();
    let mut forms = Vec::new();
    if own {
        for goal in &goals {
            forms.push(Form::open_for("change-goal", &[("goal", goal.id.to_string())]).await?);
        }
    }
    let lines = if own {
        goals.iter().zip(forms).map(|(goal, form)| own_line(enrollment, goal, form).into_any()).collect_view().into_any()
    } else {
        goals.iter().map(line).collect_view().into_any()
    };
    let room = i32::try_from(goals.len()).is_ok_and(|count| count < MOST_GOALS);
    let (home, home_name, title) = match who.side() {
        Side::Mentee => ("/mentee", "My study", "Your goals"),
        Side::Mentor => ("/mentor", "My mentees", "Goals"),
    };
    let (none, name) = (goals.is_empty(), story.mentee.clone());
    let body = view! {
        <nav aria-label="Where you are">
            <ol class="crumbs" role="list">
                <li><a href=home>{home_name}</a></li>
                <li><a href=api::page(enrollment)>"Self-evaluation"</a></li>
                <li>"Goals"</li>
            </ol>
        </nav>
        <h1>{title}</h1>
        {match who.side() {
            Side::Mentee => view! { <p class="lede">"Up to five statements to work on. Your mentor sees them, in the plan and on the agenda of your talks, whether or not you share your answers."</p> }.into_any(),
            Side::Mentor => view! { <p class="lede">{format!("What {name} chose to work on.")}</p> }.into_any(),
        }}
        {none.then(|| view! { <p>"No goal is chosen yet."</p> })}
        {(!none).then(|| view! { <ol class="lines" role="list">{lines}</ol> })}
        {(own && room || own && !add.is_fresh()).then(|| choose(add, enrollment, &instruments, &evaluations, &goals))}
        {(own && !room && add.is_fresh()).then(|| view! { <p class="muted">"You have five goals. Take one off to choose another."</p> })}
    };
    Ok(Page::narrow(title, body))
}

/// A goal to read.
pub fn line(goal: &Goal) -> impl IntoView + use<> {
    let standing = match goal.reached_on {
        Some(date) => view! { <span class="tag" data-tone="done">"Reached "<Day date /></span> }.into_any(),
        None => view! { "Chosen "<DayOf at=goal.chosen_at /> }.into_any(),
    };
    view! {
        <li>
            <span class="line-main">{goal.text.clone()}</span>
            {(!goal.word.is_empty()).then(|| view! { <div class="line-meta">{paragraphs(&goal.word)}</div> })}
            <span class="line-meta">{standing}</span>
        </li>
    }
}

/// The goals within a plan or an agenda; nothing while there are none.
pub fn goals_in_plan(goals: &[Goal]) -> impl IntoView + use<> {
    let lines = goals.iter().map(line).collect_view();
    (!goals.is_empty()).then(|| {
        view! { <section><h2>"Goals"</h2><ul class="lines" role="list">{lines}</ul></section> }
    })
}

/// The goals that are still ahead, below what else there is to talk about; nothing while there are none.
pub fn goals_on_agenda(goals: &[Goal]) -> impl IntoView + use<> {
    let ahead: Vec<_> = goals.iter().filter(|goal| goal.reached_on.is_none()).map(line).collect();
    (!ahead.is_empty()).then(|| view! { <h3>"Goals"</h3><ul class="lines" role="list">{ahead}</ul> })
}

/// A goal of one's own, to change in its place.
fn own_line(enrollment: EnrollmentId, goal: &Goal, form: Form) -> impl IntoView + use<> {
    let today = clock::today(state().clock.now());
    let (id, dropped, text) = (goal.id.to_string(), goal.id.to_string(), goal.text.clone());
    let standing = match goal.reached_on {
        Some(date) => view! { <span class="tag" data-tone="done">"Reached "<Day date /></span> }.into_any(),
        None => view! { "Chosen "<DayOf at=goal.chosen_at /> }.into_any(),
    };
    let (word, reached) = (goal.word.clone(), goal.reached_on.map(|day| day.to_string()).unwrap_or_default());
    let quick = goal.reached_on.is_none().then(|| {
        let (id, word, text) = (goal.id.to_string(), goal.word.clone(), goal.text.clone());
        view! {
            <form method="post" action="/api/change-goal">
                <Hidden name="enrollment" value=enrollment.to_string() />
                <Hidden name="goal" value=id />
                <Hidden name="word" value=word />
                <Hidden name="reached-on" value=today.to_string() />
                <button class="button quiet small">"Reached today"<span class="visually-hidden">{format!(": {text}")}</span></button>
            </form>
        }
    });
    view! {
        <li>
            <span class="line-main">{goal.text.clone()}</span>
            {(!goal.word.is_empty()).then(|| view! { <div class="line-meta">{paragraphs(&goal.word)}</div> })}
            <span class="line-meta">{standing}</span>
            <span class="line-action no-print">{quick}</span>
            <details class="line-main no-print" open=!form.is_fresh()>
                <summary>"Change"<span class="visually-hidden">{format!(": {text}")}</span></summary>
                <FormFor form>
                    <Hidden name="enrollment" value=enrollment.to_string() />
                    <Hidden name="goal" value=id />
                    <TextArea form name="word" label="In your own words" value=word rows=3 optional=true />
                    <TextField form name="reached-on" label="Reached on" kind="date" value=reached size="medium" optional=true
                        hint="Leave it empty while you are on the way." />
                    <div class="actions"><button class="button quiet">"Save"</button></div>
                </FormFor>
                <form method="post" action="/api/drop-goal">
                    <Hidden name="enrollment" value=enrollment.to_string() />
                    <Hidden name="goal" value=dropped />
                    <div class="actions"><button class="link-button">"Take this goal off"</button></div>
                </form>
            </details>
        </li>
    }
}

fn choose(
    form: Form,
    enrollment: EnrollmentId,
    instruments: &[Published],
    evaluations: &[Evaluation],
    goals: &[Goal],
) -> impl IntoView + use<> {
    // What was rated last is what shows where there is most room.
    let done = |moment| evaluations.iter().find(|one| one.moment == moment && one.state == State::Done);
    let latest = done(Moment::End).or_else(|| done(Moment::Start));
    let instrument = latest
        .and_then(|latest| instruments.iter().find(|one| one.id == latest.instrument_id))
        .or_else(|| instruments.first())
        .map(|one| &one.instrument);
    let none = Ratings::new();
    let ratings = latest.map_or(&none, |latest| &latest.ratings.0);
    let offered = instrument.map(|instrument| offered(instrument, ratings, goals)).unwrap_or_default();
    let hint = if ratings.is_empty() { "" } else { "Those you rated lowest come first, with your rating." };
    view! {
        <section class="hang no-print">
            <h2>"Choose a goal"</h2>
            <FormFor form>
                <Hidden name="enrollment" value=enrollment.to_string() />
                <SelectField form name="statement" label="Statement" choices=offered hint=hint />
                <TextArea form name="word" label="In your own words" rows=3 optional=true
                    hint="What it would look like in your work, or what you want to do first." />
                <div class="actions"><button class="button">"Choose it"</button></div>
            </FormFor>
        </section>
    }
}

/// Every statement that is no goal yet, those rated lowest first and those not rated last.
fn offered(instrument: &Instrument, ratings: &Ratings, goals: &[Goal]) -> Vec<Choice> {
    let free = instrument.statements().filter(|statement| goals.iter().all(|goal| goal.statement != statement.code));
    let mut all: Vec<(i32, Choice)> = free
        .map(|statement| match ratings.get(&statement.code) {
            Some(rating) => (*rating, (statement.code.clone(), format!("{rating}: {}", statement.text))),
            None => (i32::MAX, (statement.code.clone(), statement.text.clone())),
        })
        .collect();
    all.sort_by_key(|(rating, _)| *rating);
    all.into_iter().map(|(_, choice)| choice).collect()
}

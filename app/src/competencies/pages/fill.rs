//! The form: every statement on its scale, saved while it is filled in.

use leptos::prelude::*;

use super::{Shown, head};
use crate::competencies::api::field;
use crate::competencies::{Domain, Moment, Ratings, Statement, Step};
use crate::error::AppError;
use crate::form::Form;
use crate::ui::{Drafted, FormFor, Hidden, Page, TickField};

pub fn fill_in(shown: &Shown, moment: Moment, form: Form) -> Result<Page, AppError> {
    let published = shown.instrument_for(moment).ok_or(AppError::NotFound)?;
    let before = shown.done(moment);
    let ratings = before.map(|one| one.ratings.0.clone()).unwrap_or_default();
    let title = match moment {
        Moment::Start => "Look at where you stand",
        Moment::End => "Look at where you stand now",
    };
    let mentor = shown.story.mentor.clone().filter(|_| shown.story.matched_at.is_some());
    let share = mentor.map_or_else(|| "Share it with my mentor".to_owned(), |name| format!("Share it with my mentor, {name}"));
    let parts = published
        .instrument
        .domains
        .iter()
        .map(|domain| part(domain, &published.instrument.scale, &ratings, form))
        .collect_view();
    let (enrollment, instrument) = (shown.story.id.to_string(), published.id.to_string());
    let shared = before.is_some_and(|one| one.shared);
    let skip = shown.of(moment).is_none().then(|| not_now(enrollment.clone(), moment));
    let body = view! {
        {head(&shown.story, title)}
        <p class="lede">"About ten minutes. There is no passing score: it shows you what to bring to your mentor first. Leave out what does not fit."</p>
        {scale_key(&published.instrument.scale)}
        <p class="muted small">{published.instrument.note.clone()}</p>
        <FormFor form>
            <Hidden name="enrollment" value=enrollment />
            <Hidden name="instrument" value=instrument />
            <Hidden name="moment" value=moment.as_str() />
            <Drafted form>
            {parts}
            <fieldset>
                <legend>"Who sees it"</legend>
                <p class="hint">"Only you see your answers, unless you share them. The coordinator sees whether you did it, and totals by area in reports. The server's operator or the law could reach what is kept here."</p>
                <TickField form name="shared" label=share checked=shared />
            </fieldset>
            </Drafted>
            <div class="actions"><button class="button">"Save"</button></div>
        </FormFor>
        {skip}
    };
    Ok(Page::narrow(title, body))
}

fn scale_key(scale: &[Step]) -> impl IntoView + use<> {
    let steps =
        scale.iter().map(|step| view! { <div><dt>{step.value}</dt><dd>{step.anchor.clone()}</dd></div> }).collect_view();
    view! { <dl class="facts plain">{steps}</dl> }
}

/// One domain of the form.
fn part(domain: &Domain, scale: &[Step], ratings: &Ratings, form: Form) -> impl IntoView + use<> {
    let questions = domain
        .statements
        .iter()
        .map(|statement| question(statement, scale, ratings.get(&statement.code).copied(), form))
        .collect_view();
    view! {
        <fieldset>
            <legend>{domain.name.clone()}</legend>
            <p class="hint">{domain.summary.clone()}</p>
            {questions}
        </fieldset>
    }
}

fn question(statement: &Statement, scale: &[Step], before: Option<i32>, form: Form) -> impl IntoView + use<> {
    let name = field(&statement.code);
    let error = form.error(&name);
    let id = form.id(&name);
    let invalid = error.is_some();
    let answers = scale
        .iter()
        .enumerate()
        .map(|(index, step)| {
            let value = step.value.to_string();
            let checked = form.chosen(&name, &value, before == Some(step.value));
            // The first answer carries the field's id, so that the error summary leads to it.
            let id = if index == 0 { id.clone() } else { format!("{id}-{index}") };
            choice(id, name.clone(), value.clone(), checked, value, step.anchor.clone())
        })
        .collect_view();
    // Without scripts a radio button cannot be let go again; this one takes an answer back.
    let none = choice(format!("{id}-none"), name.clone(), String::new(), false, "–".to_owned(), "Leave it out".to_owned());
    view! {
        <fieldset class="choices scale" data-invalid=invalid.then_some("")>
            <legend>{statement.text.clone()}</legend>
            {error.map(|message| view! { <p class="field-error" id=format!("{id}-error")>{message}</p> })}
            <div>{answers}{none}</div>
        </fieldset>
    }
}

fn choice(id: String, name: String, value: String, checked: bool, sign: String, words: String) -> impl IntoView {
    let title = words.clone();
    view! {
        <label class="choice" title=title>
            <input type="radio" id=id name=name value=value checked=checked />
            <span>{sign}<span class="visually-hidden">": "{words}</span></span>
        </label>
    }
}

fn not_now(enrollment: String, moment: Moment) -> impl IntoView {
    view! {
        <form method="post" action="/api/skip-self-evaluation">
            <Hidden name="enrollment" value=enrollment />
            <Hidden name="moment" value=moment.as_str() />
            <div class="actions"><button class="button quiet">"Not now"</button><span class="muted">"Nothing waits for it."</span></div>
        </form>
    }
}

//! The checklist: each rule of CBDCE with its source, and what the mentee says of it.

use leptos::prelude::*;

use super::{Begun, apart, begin, crumbs, links, source_of};
use crate::clock;
use crate::error::AppError;
use crate::exam::Answer;
use crate::exam::api::field;
use crate::exam::facts::Rule;
use crate::exam::hours::{Log, say};
use crate::exam::store::{self, Answered};
use crate::form::Form;
use crate::state;
use crate::ui::{DayOf, FormFor, Hidden, Page};

/// `/mentee/exam/eligibility`.
pub async fn eligibility() -> Result<Page, AppError> {
    let form = Form::open("save-eligibility").await?;
    let Begun { mut tx, mentee, story, in_force } = begin().await?;
    let answers = store::list_answers(&mut tx, story.id).await?;
    let log = store::log(&store::list_hours(&mut tx, mentee.account()).await?);
    drop(tx);
    let facts = &in_force.facts;
    let rules = facts
        .asked()
        .map(|rule| question(rule, answers.iter().find(|said| said.rule == rule.code), in_force.version, &log, form))
        .collect_view();
    let body = view! {
        {crumbs("Eligibility")}
        <h1>"Are you eligible?"</h1>
        <p class="lede">{lede(facts.asked(), &answers)}</p>
        {apart(facts)}
        <p class="muted">{facts.note.clone()}</p>
        <FormFor form>
            <Hidden name="enrollment" value=story.id.to_string() />
            {rules}
            <p class="hint">"Only you see your answers."</p>
            <div class="actions"><button class="button">"Save my answers"</button></div>
        </FormFor>
        {links(facts)}
    };
    Ok(Page::narrow("Are you eligible?", body))
}

fn lede<'a>(rules: impl Iterator<Item = &'a Rule>, answers: &[Answered]) -> String {
    let rules: Vec<&Rule> = rules.collect();
    let said =
        |answer| rules.iter().filter(|rule| answers.iter().any(|one| one.rule == rule.code && one.answer == answer)).count();
    let (yes, of) = (said(Answer::Yes), rules.len());
    match (yes, said(Answer::NotYet)) {
        (yes, _) if yes == of && of > 0 => "By your answers you meet every rule here. CBDCE decides when you apply.".to_owned(),
        (0, 0) => "Go through CBDCE's rules one by one. This page keeps what you find; CBDCE decides.".to_owned(),
        (yes, 0) => format!("By your answers you meet {yes} of {of} rules. CBDCE decides when you apply."),
        (yes, not) => format!("By your answers you meet {yes} of {of} rules, and {not} not yet. CBDCE decides when you apply."),
    }
}

fn question(rule: &Rule, before: Option<&Answered>, version: i32, log: &Log, form: Form) -> impl IntoView + use<> {
    let name = field(&rule.code);
    let (id, error) = (form.id(&name), form.error(&name));
    let invalid = error.is_some();
    let said = before.map(|said| said.answer);
    let radio = |place: usize, value: &'static str, words: &'static str, checked: bool| {
        let id = if place == 0 { id.clone() } else { format!("{id}-{place}") };
        let checked = form.chosen(&name, value, checked);
        view! {
            <label class="choice">
                <input type="radio" id=id name=name.clone() value=value checked=checked />
                <span>{words}</span>
            </label>
        }
    };
    let choices = Answer::ALL
        .iter()
        .enumerate()
        .map(|(place, answer)| radio(place, answer.as_str(), answer.name(), said == Some(*answer)))
        .collect_view();
    let none = radio(Answer::ALL.len(), "", "No answer", false);
    let counted = rule.need().map(|need| {
        let (have, today) = (log.within(clock::today(state().clock.now()), need.years), need.minutes);
        let words = match today - have {
            missing if missing > 0 => format!("Your log has {} of them; {} are missing.", say(have), say(missing)),
            _ => format!("Your log has {} of them.", say(have)),
        };
        view! { <p>{words}" "<a href="/mentee/exam/hours">"The log"</a></p> }
    });
    let older = before.filter(|said| said.facts_version != version).map(|said| {
        view! { <p class="hint">"You answered this "<DayOf at=said.answered_at />". The rules were changed since: read it again."</p> }
    });
    view! {
        <fieldset class="choices" data-invalid=invalid.then_some("")>
            <legend>{rule.text.clone()}</legend>
            <p class="hint">{source_of(rule)}</p>
            {counted}
            {older}
            {error.map(|message| view! { <p class="field-error" id=format!("{id}-error")>{message}</p> })}
            {choices}
            {none}
        </fieldset>
    }
}

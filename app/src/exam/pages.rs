//! The mentee's exam plan, beside the rules it is checked against.

use leptos::prelude::*;

use super::store::ExamPlan;
use super::{CONDITIONS, Facts, KEPT_APART, Requirement, facts, store};
use crate::clock;
use crate::enrollments::{self, OptionNumber, Story};
use crate::error::AppError;
use crate::form::Form;
use crate::people::viewer;
use crate::state;
use crate::ui::{Day, FormFor, Hidden, Page, TextArea, TextField};

pub async fn exam() -> Result<Page, AppError> {
    let who = viewer().await?;
    let mentee = who.mentee()?;
    let form = Form::open("save-exam-plan").await?;
    let mut tx = state().db.read().await?;
    let story = enrollments::store::find_of_mentee(&mut tx, mentee.account()).await?.ok_or(AppError::NotFound)?;
    if story.option_number != OptionNumber::Three {
        return Err(AppError::NotFound);
    }
    let plan = store::find(&mut tx, story.id).await?;
    let facts = facts()?;
    let apart = facts.requirements.iter().find(|one| one.code == KEPT_APART).map(|one| one.text.clone());
    let (conditions, others): (Vec<&Requirement>, Vec<&Requirement>) =
        facts.requirements.iter().filter(|one| one.code != KEPT_APART).partition(|one| CONDITIONS.contains(&one.code.as_str()));
    let body = view! {
        <nav aria-label="Where you are">
            <ol class="crumbs" role="list"><li><a href="/mentee">"My study"</a></li><li>"Exam plan"</li></ol>
        </nav>
        <h1>"Your exam plan"</h1>
        {standing(plan.as_ref())}
        <p><a href="/mentee/practice">"Practice with questions, against the clock"</a></p>
        {apart.map(|words| view! { <div class="notice warn"><p>{words}</p></div> })}
        {rules(facts, &conditions, &others)}
        {if story.state.is_live() { plan_form(form, &story, plan).into_any() } else { kept(plan).into_any() }}
    };
    Ok(Page::narrow("Your exam plan", body))
}

fn standing(plan: Option<&ExamPlan>) -> AnyView {
    match plan.map(|plan| (plan.target_on, (plan.target_on - clock::today(state().clock.now())).num_days())) {
        None => view! { <p class="lede">"Check whether you are eligible, then choose the day you aim for. Your certificate of achievement needs both."</p> }
            .into_any(),
        Some((day, days)) if days > 1 => {
            view! { <p class="lede">"You aim for "<Day date=day />{format!(": {days} days from now.")}</p> }.into_any()
        }
        Some((day, _)) => view! { <p class="lede">"You aimed for "<Day date=day />"."</p> }.into_any(),
    }
}

fn rules(facts: &Facts, conditions: &[&Requirement], others: &[&Requirement]) -> impl IntoView + use<> {
    view! {
        <section class="hang">
            <h2>"Are you eligible?"</h2>
            <p class="muted">{facts.note.clone()}</p>
            <ul class="lines" role="list">{conditions.iter().map(|one| line(one)).collect_view()}</ul>
        </section>
        <section class="hang">
            <h2>"About the exam"</h2>
            <ul class="lines" role="list">{others.iter().map(|one| line(one)).collect_view()}</ul>
        </section>
    }
}

fn line(one: &Requirement) -> impl IntoView + use<> {
    let source = format!("Source: {}. Checked on {}.", one.source, clock::say_full_date(one.checked_on));
    view! {
        <li>
            <span>{one.text.clone()}</span>
            <span class="line-meta">{source}</span>
        </li>
    }
}

fn plan_form(form: Form, story: &Story, plan: Option<ExamPlan>) -> impl IntoView + use<> {
    let enrollment = story.id.to_string();
    let (checked_on, target_on, note) =
        plan.map(|plan| (plan.eligibility_checked_on.to_string(), plan.target_on.to_string(), plan.note)).unwrap_or_default();
    view! {
        <section class="hang">
            <h2>"Your plan"</h2>
            <FormFor form>
                <Hidden name="enrollment" value=enrollment />
                <TextField form name="checked-on" label="I checked my eligibility with CBDCE's own rules on" kind="date" value=checked_on size="medium"
                    hint="CBDCE is the Certification Board for Diabetes Care and Education." />
                <TextField form name="target-on" label="I aim to take the exam on" kind="date" value=target_on size="medium" />
                <TextArea form name="note" label="Notes" value=note rows=4 optional=true
                    hint="What is still missing, and what you want to do first." />
                <div class="actions"><button class="button">"Save the plan"</button></div>
            </FormFor>
        </section>
    }
}

/// The plan of an enrolment that has ended.
fn kept(plan: Option<ExamPlan>) -> Option<impl IntoView> {
    plan.map(|plan| {
        view! {
            <section class="hang">
                <h2>"Your plan"</h2>
                <dl class="facts">
                    <div><dt>"Eligibility checked"</dt><dd><Day date=plan.eligibility_checked_on /></dd></div>
                    <div><dt>"Exam"</dt><dd><Day date=plan.target_on /></dd></div>
                </dl>
                {crate::ui::paragraphs(&plan.note)}
            </section>
        }
    })
}

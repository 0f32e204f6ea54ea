//! The overview: where the mentee stands on the way to the exam, the plan, and what came of it.

use leptos::prelude::*;

use super::{Begun, apart, begin, links, result, source_of};
use crate::clock;
use crate::enrollments::Story;
use crate::error::AppError;
use crate::exam::calendar::{Frame, calendar};
use crate::exam::facts::Facts;
use crate::exam::hours::{Log, say};
use crate::exam::store::{self, Answered, ExamPlan};
use crate::exam::{A_WEEK, Answer, REVIEW_WEEKS};
use crate::form::Form;
use crate::state;
use crate::study::{self, ChapterProgress};
use crate::ui::{Day, FormFor, Hidden, Page, TextArea, TextField};

/// `/mentee/exam`.
pub async fn exam() -> Result<Page, AppError> {
    let form = Form::open("save-exam-plan").await?;
    let recorded = Form::open("record-exam-result").await?;
    let Begun { mut tx, mentee, story, in_force } = begin().await?;
    let plan = store::find(&mut tx, story.id).await?;
    let answers = store::list_answers(&mut tx, story.id).await?;
    let hours = store::list_hours(&mut tx, mentee.account()).await?;
    let results = store::list_results(&mut tx, story.id).await?;
    let breaks = store::list_breaks(&mut tx, story.id).await?;
    let progress = study::store::list_progress(&mut tx, story.id).await?;
    drop(tx);
    let facts = &in_force.facts;
    let rules = facts
        .told()
        .map(|rule| view! { <li><span>{rule.text.clone()}</span><span class="line-meta">{source_of(rule)}</span></li> })
        .collect_view();
    let body = view! {
        <nav aria-label="Where you are">
            <ol class="crumbs" role="list"><li><a href="/mentee">"My study"</a></li><li>"Exam plan"</li></ol>
        </nav>
        <h1>"Your exam plan"</h1>
        {standing(plan.as_ref())}
        {apart(facts)}
        {parts(facts, plan.as_ref(), &answers, &store::log(&hours), &progress, breaks)}
        {if story.state.is_live() { plan_form(form, &story, plan).into_any() } else { kept(plan).into_any() }}
        {result::own(recorded, story.id, &results)}
        <section class="hang">
            <h2>"About the exam"</h2>
            <p class="muted">{facts.note.clone()}</p>
            <ul class="lines" role="list">{rules}</ul>
            {links(facts)}
        </section>
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

/// The ways to look at it, each with where it stands.
fn parts(
    facts: &Facts,
    plan: Option<&ExamPlan>,
    answers: &[Answered],
    log: &Log,
    progress: &[ChapterProgress],
    breaks: Vec<(chrono::NaiveDate, chrono::NaiveDate)>,
) -> impl IntoView + use<> {
    let today = clock::today(state().clock.now());
    let asked = facts.asked().count();
    let met =
        facts.asked().filter(|rule| answers.iter().any(|said| said.rule == rule.code && said.answer == Answer::Yes)).count();
    let hours: Vec<String> = facts
        .needs()
        .iter()
        .map(|need| {
            let years = if need.years == 1 { "the last year".to_owned() } else { format!("the last {} years", need.years) };
            format!("{} of {} hours in {years}", say(log.within(today, need.years)), say(need.minutes))
        })
        .collect();
    let read = progress.iter().filter(|one| one.is_read()).count();
    let ahead = plan.map(|plan| {
        let frame = Frame {
            today,
            exam_on: plan.target_on,
            a_week: plan.minutes_a_week.unwrap_or(A_WEEK).into(),
            review_weeks: plan.review_weeks.unwrap_or(REVIEW_WEEKS).into(),
            breaks,
        };
        calendar(&super::calendar::left(progress), &frame)
    });
    let weeks = match ahead {
        None => "Needs the day of the exam".to_owned(),
        Some(ahead) if ahead.total == 0 => "Every chapter is read".to_owned(),
        Some(ahead) if ahead.fits => format!("{} minutes of chapters are left, and they fit", ahead.total),
        Some(ahead) => format!("{} minutes of chapters are left, and they do not fit", ahead.total),
    };
    view! {
        <dl class="facts">
            <div><dt><a href="/mentee/exam/eligibility">"Are you eligible?"</a></dt><dd>{format!("{met} of {asked} rules met, by your own word")}</dd></div>
            <div><dt><a href="/mentee/exam/hours">"Your hours"</a></dt><dd>{hours.join("; ")}</dd></div>
            <div><dt><a href="/mentee/exam/coverage">"What the exam covers"</a></dt><dd>{format!("{read} of {} chapters read", progress.len())}</dd></div>
            <div><dt><a href="/mentee/exam/calendar">"Study calendar"</a></dt><dd>{weeks}</dd></div>
            <div><dt><a href="/mentee/practice">"Practice with questions"</a></dt><dd>"Against the clock, with the reasons afterwards"</dd></div>
        </dl>
    }
}

fn plan_form(form: Form, story: &Story, plan: Option<ExamPlan>) -> impl IntoView + use<> {
    let enrollment = story.id.to_string();
    let number = |given: Option<i32>| given.map(|number| number.to_string()).unwrap_or_default();
    let (checked_on, target_on, note, minutes, weeks) = plan
        .map(|plan| {
            let (minutes, weeks) = (number(plan.minutes_a_week), number(plan.review_weeks));
            (plan.eligibility_checked_on.to_string(), plan.target_on.to_string(), plan.note, minutes, weeks)
        })
        .unwrap_or_default();
    view! {
        <section class="hang">
            <h2>"Your plan"</h2>
            <FormFor form>
                <Hidden name="enrollment" value=enrollment />
                <TextField form name="checked-on" label="I checked my eligibility with CBDCE's own rules on" kind="date" value=checked_on size="medium"
                    hint="CBDCE is the Certification Board for Diabetes Care and Education." />
                <TextField form name="target-on" label="I aim to take the exam on" kind="date" value=target_on size="medium" />
                <TextField form name="minutes-a-week" label="Minutes of study a week" kind="number" value=minutes size="short" optional=true
                    hint=format!("For the study calendar; {A_WEEK} while you say nothing else.") />
                <TextField form name="review-weeks" label="Weeks before the exam to go over everything" kind="number" value=weeks size="short" optional=true
                    hint=format!("{REVIEW_WEEKS} while you say nothing else.") />
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

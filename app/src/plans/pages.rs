//! The plan of a pair: one form that prints as a sheet, and the same read-only once the study has ended.

use chrono::NaiveDate;
use leptos::prelude::*;

use super::api::{field, version};
use super::store::{self, Plan, Target};
use super::{Rhythm, suggest};
use crate::app::{param, query};
use crate::appointments::time_path;
use crate::clock;
use crate::competencies;
use crate::enrollments::{self, Story};
use crate::error::AppError;
use crate::form::Form;
use crate::id::EnrollmentId;
use crate::people::{Side, Way, viewer};
use crate::settings;
use crate::state::state;
use crate::ui::{ChoiceField, Day, FormFor, Hidden, Moment, Page, SelectField, TextArea, choices, paragraphs};

pub async fn plan() -> Result<Page, AppError> {
    let enrollment: EnrollmentId = param("enrollment")?;
    let mut tx = state().db.read().await?;
    let who = viewer().await?.pair(&mut tx, enrollment).await?;
    let form = Form::open("save-plan").await?;
    let story = enrollments::store::find(&mut tx, enrollment).await?.ok_or(AppError::NotFound)?;
    let plan = store::find(&mut tx, enrollment).await?;
    let chapters = store::list_targets(&mut tx, enrollment).await?;
    let goals = competencies::store::list_goals(&mut tx, enrollment).await?;
    let usual = settings::store::current(&mut tx).await?.rhythm;
    let (home, home_name) = match who.side() {
        Side::Mentee => ("/mentee", "My study"),
        Side::Mentor => ("/mentor", "My mentees"),
    };
    let live = story.state.is_live();
    let sheet_class = if live { "print-only" } else { "" };
    let body = view! {
        <ol class="crumbs" role="list"><li><a href=home>{home_name}</a></li></ol>
        <div class="page-head">
            <div>
                <p class="eyebrow">{story.option_number.name()}", "{story.book.clone()}</p>
                <h1>"The plan"</h1>
            </div>
        </div>
        <p class="lede">{lede(&story, who.side(), plan.is_some())}</p>
        <div class=sheet_class>{sheet(&story, plan.as_ref(), &chapters)}</div>
        {competencies::pages::goals_in_plan(&goals)}
        {live.then(|| view! { <div class="no-print">{plan_form(form, &story, plan.as_ref(), &chapters, usual)}</div> })}
    };
    Ok(Page::narrow("The plan", body))
}

fn lede(story: &Story, side: Side, planned: bool) -> String {
    let other = match side {
        Side::Mentee => story.mentor.as_deref().filter(|_| story.matched_at.is_some()).unwrap_or("your mentor"),
        Side::Mentor => story.mentee.as_str(),
    };
    match (story.state.is_live(), planned) {
        (true, true) => format!("You and {other} can both change it at any time."),
        (true, false) => {
            format!(
                "Agree with {other} on a first version. The dates below are a suggestion; you can both change them at any time."
            )
        }
        (false, _) => "This study has ended. The plan stays here as it was.".to_owned(),
    }
}

/// The plan to read and to print; for every page that shows one.
pub fn sheet(story: &Story, plan: Option<&Plan>, chapters: &[Target]) -> impl IntoView + use<> {
    let Some(plan) = plan.cloned() else {
        return view! { <p>"There is no plan yet."</p> }.into_any();
    };
    let people = format!("{} and {}", story.mentee, story.mentor.as_deref().unwrap_or("a mentor to come"));
    view! {
        <dl class="facts">
            <div><dt>"Who"</dt><dd>{people}</dd></div>
            <div><dt>"We talk"</dt><dd>{plan.rhythm.name()}", "{way_words(plan.way)}</dd></div>
            {story.next_talk_at.map(|at| view! { <div><dt>"Next talk"</dt><dd><Moment at /></dd></div> })}
            <div><dt>"Time limit"</dt><dd>{clock::say_full_date(story.due_on)}</dd></div>
        </dl>
        {(!plan.note.is_empty()).then(|| view! { <div class="measure">{paragraphs(&plan.note)}</div> })}
        <ol class="chapters" role="list">{chapters.iter().map(chapter_line).collect_view()}</ol>
    }
    .into_any()
}

fn way_words(way: Way) -> &'static str {
    match way {
        Way::Phone => "by phone",
        Way::Video => "by video",
        Way::InPerson => "in person",
        Way::Email => "by e-mail",
    }
}

fn chapter_line(chapter: &Target) -> impl IntoView + use<> {
    let state = if chapter.read_on.is_some() { "read" } else { "open" };
    let date = match (chapter.read_on, chapter.target_on) {
        (Some(date), _) => view! { "read "<Day date /> }.into_any(),
        (None, Some(date)) => view! { "by "<Day date /> }.into_any(),
        (None, None) => ().into_any(),
    };
    view! {
        <li data-state=state>
            <span class="chapter-number">{chapter.number}</span>
            <span class="chapter-title">{chapter.title.clone()}{(!chapter.required).then(|| view! { " "<small>"if you like"</small> })}</span>
            <span class="chapter-minutes">{chapter.minutes}" min"</span>
            <span class="chapter-date">{date}</span>
        </li>
    }
}

fn plan_form(form: Form, story: &Story, plan: Option<&Plan>, chapters: &[Target], usual: Rhythm) -> impl IntoView + use<> {
    let spread: Option<Rhythm> = query("spread").and_then(|word| word.parse().ok());
    let rhythm = plan.map(|plan| plan.rhythm).or(spread).unwrap_or(usual);
    let way = plan.map(|plan| plan.way.to_string()).unwrap_or_default();
    let note = plan.map(|plan| plan.note.clone()).unwrap_or_default();
    let (enrollment, seen) = (story.id.to_string(), version(plan));
    let targets = targets(form, story, plan, chapters, spread, usual);
    let next_talk = story.matched_at.map(|_| {
        let path = time_path(story.id);
        view! { <p class="hint">"The time of your next talk is agreed by both of you: "<a href=path>"propose one"</a>"."</p> }
    });
    view! {
        <FormFor form>
            <Hidden name="enrollment" value=enrollment />
            <Hidden name="seen" value=seen />
            <fieldset>
                <legend>"How you meet"</legend>
                <SelectField form name="rhythm" label="How often you talk" choices=choices(Rhythm::ALL, Rhythm::name) value=rhythm.as_str()
                    hint="Most pairs talk once a month." />
                <ChoiceField form name="way" legend="How you usually talk" choices=choices(Way::ALL, Way::name) value=vec![way] />
                {next_talk}
                <TextArea form name="note" label="Anything else you agreed on" value=note rows=3 optional=true />
            </fieldset>
            {targets}
            <div class="actions"><button class="button">"Save the plan"</button></div>
        </FormFor>
    }
}

fn targets(
    form: Form,
    story: &Story,
    plan: Option<&Plan>,
    chapters: &[Target],
    spread: Option<Rhythm>,
    usual: Rhythm,
) -> impl IntoView + use<> {
    let today = clock::today(state().clock.now());
    let fresh = match (spread, plan) {
        (Some(rhythm), _) => suggestions(chapters, today, story.due_on, rhythm),
        (None, None) => suggestions(chapters, today, story.due_on, usual),
        (None, Some(_)) => Vec::new(),
    };
    let past_limit = chapters.iter().filter_map(|chapter| chapter.target_on).max().is_some_and(|last| last > story.due_on);
    let fields = chapters
        .iter()
        .map(|chapter| {
            let suggested = fresh.iter().find(|(id, _)| *id == chapter.chapter_id).map(|(_, date)| *date);
            target_field(form, chapter, suggested.or(chapter.target_on))
        })
        .collect_view();
    let again = Rhythm::ALL
        .iter()
        .map(|rhythm| {
            let path = format!("/enrollments/{}/plan?spread={rhythm}#targets", story.id);
            view! { <a class="button quiet small" href=path>{rhythm.name()}</a> " " }
        })
        .collect_view();
    view! {
        <fieldset id="targets">
            <legend>"By when you read each chapter"</legend>
            <p class="hint">
                "Need more time? Change any date, or spread the chapters that are left again from today to the time limit, "
                {clock::say_full_date(story.due_on)}". Save first what you wrote above."
            </p>
            <div class="actions">{again}</div>
            {spread.is_some().then(|| view! {
                <div class="notice" role="status"><p>"These dates are spread anew. Save the plan to keep them."</p></div>
            })}
            {past_limit.then(|| view! {
                <div class="notice warn">
                    <p>"The plan runs past the time limit of the option. That is no drama: tell the coordinator, who can extend it."</p>
                </div>
            })}
            {fields}
        </fieldset>
    }
}

/// A date for each required chapter that is not read yet.
fn suggestions(
    chapters: &[Target],
    today: NaiveDate,
    limit: NaiveDate,
    rhythm: Rhythm,
) -> Vec<(crate::id::ChapterId, NaiveDate)> {
    let left: Vec<_> = chapters.iter().filter(|chapter| chapter.required && chapter.read_on.is_none()).collect();
    let dates = suggest(left.len(), today, limit, rhythm);
    left.into_iter().map(|chapter| chapter.chapter_id).zip(dates).collect()
}

/// One chapter's date. Its name is made from the chapter, so it is written here and not as a `TextField`.
fn target_field(form: Form, chapter: &Target, date: Option<NaiveDate>) -> impl IntoView + use<> {
    let name = field(chapter.chapter_id);
    let (id, error) = (form.id(&name), form.error(&name));
    let error_id = format!("{id}-error");
    let value = form.value(&name, date.map(|date| date.to_string()).unwrap_or_default());
    let beside = match (chapter.read_on, chapter.required) {
        (Some(on), _) => view! { <small>"read "<Day date=on /></small> }.into_any(),
        (None, false) => view! { <span class="optional">"(if you like)"</span> }.into_any(),
        (None, true) => view! { <small>{chapter.minutes}" min"</small> }.into_any(),
    };
    view! {
        <div class="field" data-invalid=error.is_some().then_some("")>
            <label for=id.clone()>{chapter.number}". "{chapter.title.clone()}" "{beside}</label>
            {error.clone().map(|message| view! { <p class="field-error" id=error_id.clone()>{message}</p> })}
            <input
                id=id
                name=name
                type="date"
                value=value
                class="medium"
                aria-describedby=error.is_some().then_some(error_id)
                aria-invalid=error.is_some().then_some("true")
            />
        </div>
    }
}

//! One enrolment with everything that belongs to it: what it waits for, its steps, the coordinator's notes, what can be
//! done, and what happened.

use leptos::prelude::*;

use super::{due, life, owner_name, verb, way};
use crate::app::{param, query};
use crate::assessments::rules::PostTests;
use crate::contacts;
use crate::contacts::store::Note;
use crate::counties::County;
use crate::desk::Doing;
use crate::desk::pages::panel::{self, About, Forms};
use crate::enrollments::thread::{self, Other};
use crate::enrollments::{Move, Owner, State, Story, missing, moves, signs, store};
use crate::error::AppError;
use crate::form::Form;
use crate::id::EnrollmentId;
use crate::people::viewer;
use crate::settings;
use crate::state;
use crate::ui::{Day, DayOf, Drafted, FormFor, Hidden, Moment, Page, SubmissionKeyField, TextArea, Trail, paragraphs};
use crate::undo;

fn county(fips: &str) -> String {
    County::by_fips(fips).map(|county| format!("{} County", county.name)).unwrap_or_default()
}

/// `/coordinator/enrollments/{enrollment}`.
pub async fn one() -> Result<Page, AppError> {
    let who = viewer().await?.coordinator()?;
    let id: EnrollmentId = param("enrollment")?;
    let group = query("kind").and_then(|kind| kind.parse().ok());
    let page = query("page").and_then(|page| page.parse::<i64>().ok()).unwrap_or(1).clamp(1, 1_000_000) - 1;
    let note = Form::open_drafted("write-note", &[("enrollment", id.to_string())]).await?;
    let (forms, undo) = (Forms::open(id).await?, undo::pages::form().await?);
    let now = state().clock.now();
    let mut tx = state().db.read().await?;
    let story = store::find(&mut tx, id).await?.ok_or(AppError::NotFound)?;
    let settings = settings::store::current(&mut tx).await?;
    let account = crate::people::store::find(&mut tx, story.mentee_id).await?.ok_or(AppError::NotFound)?;
    let entries = thread::list(&mut tx, &who, id, group, page).await?;
    let notes = contacts::store::list_notes(&mut tx, &who, id).await?;
    let others = thread::list_others(&mut tx, &who, story.mentee_id, id).await?;
    let recent = undo::store::list(&mut tx, &who, now).await?;
    drop(tx);
    let life = life::life(&who, &story, &settings).await?;
    let open = moves(&story, &settings);
    let recent: Vec<_> = recent.into_iter().filter(|one| one.enrollment_id == Some(id)).collect();
    let body = view! {
        <div class="page-head">
            <div>
                <p class="eyebrow">{story.option_number.name()}", "{county(&story.county)}", since "<DayOf at=story.started_at />{story.imported.then_some(", imported")}</p>
                <h1>{story.mentee.clone()}</h1>
            </div>
            <Trail signs=signs(&story) compact=true />
        </div>
        {undo::pages::just_done(&recent, undo)}
        <div class="columns">
            <div>
                {notes_of(id, note, notes)}
                {open_moves(&story, &open)}
                {steps(&story)}
                {super::thread::timeline(id, entries, group, page)}
            </div>
            <aside>
                <h2>"Reach"</h2>
                <dl class="facts plain">
                    <div><dt>"E-mail"</dt><dd><a href=format!("mailto:{}", account.email)>{account.email.clone()}</a></dd></div>
                    {(!account.phone.is_empty()).then(|| view! { <div><dt>"Phone"</dt><dd>{account.phone}</dd></div> })}
                    <div><dt>"Heard from mentee"</dt><dd>{story.heard_at(Owner::Mentee).map(|at| view! { <DayOf at /> })}</dd></div>
                    {story.mentor_id.map(|mentor| view! {
                        <div><dt>"Mentor"</dt><dd><a href=format!("/coordinator/mentors/{mentor}")>{story.mentor.clone()}</a></dd></div>
                        <div><dt>"Heard from mentor"</dt><dd>{story.heard_at(Owner::Mentor).map(|at| view! { <DayOf at /> })}</dd></div>
                    })}
                    <div><dt>"Time limit"</dt><dd><Day date=story.due_on /></dd></div>
                </dl>
                {turn_to(&story, &open, forms)}
                {life}
                {others_of(others)}
            </aside>
        </div>
    };
    Ok(Page::wide(story.mentee.clone(), body))
}

/// The coordinator's notes, the latest first, with a place for another.
fn notes_of(id: EnrollmentId, form: Form, notes: Vec<Note>) -> impl IntoView {
    let count = notes.len();
    let rows = notes
        .into_iter()
        .take(3)
        .map(|note| view! { <li><small class="muted">{note.written_by}", "<Moment at=note.created_at /></small>{paragraphs(&note.body)}</li> })
        .collect_view();
    let more = (count > 3).then(|| {
        let href = format!("/coordinator/enrollments/{id}?kind=notes#thread");
        view! { <p><a href=href>{format!("All {count} notes")}</a></p> }
    });
    view! {
        <section aria-labelledby="notes">
            <h2 id="notes">"Notes"</h2>
            {(count > 0).then(|| view! { <ul class="notes" role="list">{rows}</ul> })}
            {more}
            <details open=!form.is_fresh()>
                <summary>"Write a note"</summary>
                <FormFor form>
                    <Hidden name="enrollment" value=id.to_string() />
                    <SubmissionKeyField form />
                    <Drafted form>
                        <TextArea form name="body" label="Note" rows=3 privacy=false hint="Only coordinators read it. No patient details." />
                    </Drafted>
                    <div class="actions"><button class="button quiet">"Keep the note"</button></div>
                </FormFor>
            </details>
        </section>
    }
}

/// Turning to one of the pair, from here.
fn turn_to(story: &Story, open: &[Move], forms: Forms) -> impl IntoView + use<> {
    let whose = open.iter().find(|one| one.owner != Owner::Coordinator).map_or(Owner::Mentee, |one| one.owner);
    let about = About::of(story, whose, Doing::More);
    let waits = open.iter().any(|one| one.owner != Owner::Coordinator && !one.optional);
    let remind = waits.then(|| {
        view! { <details open=!forms.remind.is_fresh()><summary>"Remind"</summary>{panel::remind(forms.remind, &about)}</details> }
    });
    view! {
        <h2>"Turn to them"</h2>
        <details open=!forms.called.is_fresh()><summary>"Called"</summary>{panel::called(forms.called, &about)}</details>
        <details open=!forms.write.is_fresh()><summary>"Write"</summary>{panel::write(forms.write, &about)}</details>
        {remind}
    }
}

fn others_of(others: Vec<Other>) -> impl IntoView {
    (!others.is_empty()).then(|| {
        let rows = others
            .into_iter()
            .map(|one| {
                let href = format!("/coordinator/enrollments/{}", one.id);
                view! { <li><a href=href>{one.option_number.name()}", "{one.state.name().to_lowercase()}</a>", since "<DayOf at=one.started_at /></li> }
            })
            .collect_view();
        view! { <h2>"Other enrollments"</h2><ul role="list">{rows}</ul> }
    })
}

fn open_moves(story: &Story, open: &[Move]) -> impl IntoView + use<> {
    let now = state().clock.now();
    let rows: Vec<_> = open
        .iter()
        .copied()
        // What begins with a day to come, as the time limit does, waits on nobody yet.
        .filter(|one| one.since <= now)
        .map(|one| {
            let action = (one.owner == Owner::Coordinator)
                .then(|| view! { <a class="button quiet small" href=way(one.what, story)>{verb(one.what)}</a> });
            let bounds = if one.optional { ", if they like".into_any() } else { view! { ", "{due(one)} }.into_any() };
            view! {
                <li>
                    <span class="line-main">{owner_name(one.owner, story)}" "{one.what.awaited()}</span>
                    <span class="line-meta">"Since "<DayOf at=one.since />{bounds}</span>
                    <span class="line-action">{action}</span>
                </li>
            }
        })
        .collect();
    let lines = match (rows.is_empty(), story.state) {
        (false, _) => view! { <ul class="lines">{rows}</ul> }.into_any(),
        (true, State::Paused) => {
            view! { <p>"Paused"{story.paused_until.map(|date| view! { " until "<Day date /> })}"."</p> }.into_any()
        }
        (true, state) => view! { <p>{state.name()}"."</p> }.into_any(),
    };
    view! { <section><h2>"Waiting for"</h2>{lines}</section> }
}

fn steps(story: &Story) -> impl IntoView + use<> {
    let id = story.id;
    let desk = |step: &str| format!("/coordinator/enrollments/{id}/{step}");
    let still: Vec<String> = missing(story).into_iter().map(|one| one.words()).collect();
    let mentor = match (&story.mentor, story.matched_at) {
        (Some(mentor), Some(_)) => mentor.clone(),
        (Some(mentor), None) => format!("proposed to {mentor}"),
        (None, _) => "none yet".to_owned(),
    };
    let book = match (story.own_book_at, story.book_lent_at, story.book_requested_at) {
        (Some(_), ..) => "own copy",
        (_, Some(_), _) => "lent",
        (_, _, Some(_)) => "asked for",
        _ if story.book_returned_at.is_some() => "returned",
        _ => "not chosen yet",
    };
    let letter = match (story.letter_received_at, story.mentee_signed_at, story.mentor_signed_at, story.letter_made_at) {
        (Some(_), ..) => "received",
        (_, Some(_), Some(_), _) => "signed by both",
        (_, None, None, Some(_)) => "ready to sign",
        (_, _, _, Some(_)) => "signed by one",
        _ => "follows from the plan",
    };
    let certificate = match (&story.certificate, still.is_empty()) {
        (Some(number), _) => number.clone(),
        (None, _) if story.completed_before => "Completed before this program, certificate on paper".to_owned(),
        (None, true) => "ready to issue".to_owned(),
        (None, false) => still.join("; "),
    };
    view! {
        <section>
            <h2>"Steps"</h2>
            <dl class="facts">
                <div><dt>"Application"</dt><dd><a href=format!("/coordinator/applications/{}", story.application_id)>"Accepted "<DayOf at=story.started_at /></a></dd></div>
                <div><dt>"Mentor"</dt><dd><a href=desk("match")>{mentor}</a></dd></div>
                <div><dt>"Book"</dt><dd><a href=desk("book")>{story.book.clone()}", "{book}</a></dd></div>
                <div><dt>"Plan"</dt><dd>{match story.planned_at {
                    Some(at) => view! { "made "<DayOf at /> }.into_any(),
                    None => "not made yet".into_any(),
                }}</dd></div>
                <div><dt>"Self-evaluation"</dt><dd>{if story.self_evaluated_at.is_some() { "done or skipped" } else { "not done; never required" }}</dd></div>
                <div><dt>"Letter"</dt><dd><a href=desk("letter")>{letter}</a></dd></div>
                <div><dt>"Study"</dt><dd>{format!("{} of {} read, {} discussed", story.read, story.chapters, story.discussed)}
                    {(story.post_tests != PostTests::Off).then(|| view! { ", "<a href=desk("tests")>{format!("{} of {} post-tests passed", story.tests_passed, story.tests)}</a> })}</dd></div>
                <div><dt>"Certificate"</dt><dd><a href=desk("certificate")>{certificate}</a></dd></div>
            </dl>
        </section>
    }
}

//! The coordinator's list of enrolments, and one enrolment with everything that belongs to it.

use leptos::prelude::*;

use super::{due, life, owner_name, verb, way};
use crate::app::{param, query};
use crate::audit;
use crate::counties::County;
use crate::enrollments::ladder::is_stalled;
use crate::enrollments::{Owner, State, Story, missing, moves, signs, store, turn};
use crate::error::AppError;
use crate::id::EnrollmentId;
use crate::people::viewer;
use crate::settings::{self, Settings};
use crate::state;
use crate::ui::{Age, Day, DayOf, Moment, Page, Trail};

/// Live enrolments, or with `?ended` those that have ended.
pub async fn list() -> Result<Page, AppError> {
    let who = viewer().await?.coordinator()?;
    let ended = query("ended").is_some();
    let page: i64 = query("page").and_then(|page| page.parse().ok()).unwrap_or(0);
    let mut tx = state().db.read().await?;
    let settings = settings::store::current(&mut tx).await?;
    let stories = if ended { store::list_ended(&mut tx, &who, page).await? } else { store::list_live(&mut tx, &who).await? };
    let full = ended && stories.len() == 50;
    let rows = stories.iter().map(|story| row(story, &settings)).collect_view();
    let body = view! {
        <div class="page-head"><h1>"Enrollments"</h1></div>
        <ul class="tabs">
            <li><a href="/coordinator/enrollments" aria-current=(!ended).then_some("page")>"Live"</a></li>
            <li><a href="/coordinator/enrollments?ended=1" aria-current=ended.then_some("page")>"Ended"</a></li>
        </ul>
        <div class="table-wrap">
            <table class="ledger">
                <caption>{if ended { "Ended" } else { "Live" }}" "<small>{if ended { "newest first" } else { "oldest first" }}</small></caption>
                <thead><tr>
                    <th scope="col" class="grow">"Mentee"</th><th scope="col">"Option"</th><th scope="col">"Mentor"</th>
                    <th scope="col" class="num">"Read"</th><th scope="col" class="num">"Discussed"</th>
                    <th scope="col">"Waiting for"</th><th scope="col">"Since"</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {(full || page > 0).then(|| view! {
            <div class="pager">
                {(page > 0).then(|| view! { <a rel="prev" href=format!("/coordinator/enrollments?ended=1&page={}", page - 1)>"Newer"</a> })}
                {full.then(|| view! { <a rel="next" href=format!("/coordinator/enrollments?ended=1&page={}", page + 1)>"Older"</a> })}
            </div>
        })}
    };
    Ok(Page::wide("Enrollments", body))
}

fn row(story: &Story, settings: &Settings) -> impl IntoView + use<> {
    let now = state().clock.now();
    let open = moves(story, settings);
    let stalled = is_stalled(story, &open, settings, now);
    let (waits, since) = match (turn(&open), story.state) {
        (Some(one), _) => (
            format!("{} {}", owner_name(one.owner, story), one.what.awaited()),
            view! { <Age since=one.since late=one.is_late(now) /> }.into_any(),
        ),
        (None, State::Paused) => {
            ("paused".to_owned(), view! { {story.paused_until.map(|date| view! { "until "<Day date /> })} }.into_any())
        }
        (None, state) => (state.name().to_lowercase(), view! { {story.ended_at.map(|at| view! { <DayOf at /> })} }.into_any()),
    };
    view! {
        <tr>
            <th scope="row" data-label="Mentee"><span>
                <a href=format!("/coordinator/enrollments/{}", story.id)>{story.mentee.clone()}</a>
                {stalled.then(|| view! { " "<span class="tag" data-tone="late">"stalled"</span> })}
                <small>{county(&story.county)}</small>
            </span></th>
            <td data-label="Option">{story.option_number.name()}</td>
            <td data-label="Mentor">{story.mentor.clone().unwrap_or_default()}</td>
            <td data-label="Read" class="num">{format!("{} of {}", story.read, story.chapters)}</td>
            <td data-label="Discussed" class="num">{story.discussed}</td>
            <td data-label="Waiting for">{waits}</td>
            <td data-label="Since"><span>{since}</span></td>
        </tr>
    }
}

fn county(fips: &str) -> String {
    County::by_fips(fips).map(|county| format!("{} County", county.name)).unwrap_or_default()
}

/// One enrolment: what it waits for, every step with its page, pause and withdraw, and what happened.
pub async fn one() -> Result<Page, AppError> {
    let who = viewer().await?.coordinator()?;
    let id: EnrollmentId = param("enrollment")?;
    let mut tx = state().db.read().await?;
    let story = store::find(&mut tx, id).await?.ok_or(AppError::NotFound)?;
    let settings = settings::store::current(&mut tx).await?;
    let account = crate::people::store::find(&mut tx, story.mentee_id).await?.ok_or(AppError::NotFound)?;
    let events = audit::store::list_of_enrollment(&mut tx, &who, id).await?;
    drop(tx);
    let life = life::life(&who, &story, &settings).await?;
    let body = view! {
        <div class="page-head">
            <div>
                <p class="eyebrow">{story.option_number.name()}", "{county(&story.county)}", since "<DayOf at=story.started_at />{story.imported.then_some(", imported")}</p>
                <h1>{story.mentee.clone()}</h1>
            </div>
            <Trail signs=signs(&story) compact=true />
        </div>
        <div class="columns">
            <div>
                {open_moves(&story, &settings)}
                {steps(&story)}
                {happened(events)}
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
                {life}
            </aside>
        </div>
    };
    Ok(Page::wide(story.mentee.clone(), body))
}

fn open_moves(story: &Story, settings: &Settings) -> impl IntoView + use<> {
    let rows: Vec<_> = moves(story, settings)
        .into_iter()
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
                    {story.option_number.has_post_tests().then(|| format!(", {} of {} post-tests passed", story.tests_passed, story.tests))}</dd></div>
                <div><dt>"Certificate"</dt><dd><a href=desk("certificate")>{certificate}</a></dd></div>
            </dl>
        </section>
    }
}

fn happened(events: Vec<audit::store::Told>) -> impl IntoView {
    let rows = events
        .into_iter()
        .map(|event| {
            view! {
                <li data-state="done">
                    <Moment at=event.at />" "{audit::told(&event.kind)}
                    {event.actor.map(|actor| view! { ", "{actor} })}
                    {event.words.map(|words| view! { <br /><span class="muted">{words}</span> })}
                </li>
            }
        })
        .collect_view();
    view! { <section><h2>"What happened"</h2><ol class="timeline" role="list">{rows}</ol></section> }
}

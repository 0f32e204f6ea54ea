//! The Monday page: who needs the coordinator, with what can be done in place; below it every active pair.

mod needs;
mod pairs;
pub mod panel;

use chrono::{DateTime, NaiveDate, Utc};
use leptos::prelude::*;

use super::store::{self, Overdue};
use super::{Doing, Opened, Place};
use crate::app::query;
use crate::applications;
use crate::clock;
use crate::counties::County;
use crate::enrollments::{self, Owner, standing};
use crate::error::AppError;
use crate::form::Form;
use crate::id::EnrollmentId;
use crate::people::viewer;
use crate::state;
use crate::ui::{Day, DayOf, ErrorSummary, Page, STEPS};
use crate::undo;
use panel::{About, Forms, Next};

/// What the whole page is made with.
struct Desk {
    now: DateTime<Utc>,
    /// The page of all pairs, from 0.
    page: i64,
    open: Option<(Opened, Panel)>,
    undo: Form,
    recent: Vec<undo::store::Recent>,
}

/// The forms of the row that is open.
struct Panel {
    forms: Forms,
    about: About,
}

impl Desk {
    /// The address of this page, with a row open for doing something.
    fn address(&self, open: Option<Opened>) -> String {
        let page = (self.page > 0).then(|| format!("page={}", self.page + 1));
        let row = open.map(|open| format!("open={open}"));
        let query: Vec<String> = page.into_iter().chain(row).collect();
        let mark = if query.is_empty() { "" } else { "?" };
        let place = if open.is_some() { "#open" } else { "" };
        format!("/coordinator{mark}{}{place}", query.join("&"))
    }

    /// A button that opens a row for doing something.
    fn opener(&self, open: Opened, words: &str, whose: &str, quiet: bool) -> impl IntoView + use<> {
        let class = if quiet { "link-button" } else { "button quiet small" };
        let label = format!("{words}, {whose}");
        view! { <a class=class href=self.address(Some(open)) aria-label=label>{words.to_owned()}</a> }
    }

    /// The forms of a row, if it is the one that is open.
    fn panel(&self, place: Place, enrollment: EnrollmentId, owner: Owner) -> Option<AnyView> {
        let (_, panel) = self.open.as_ref().filter(|(open, _)| open.is_row(place, enrollment, owner))?;
        let about = &panel.about;
        let whom = match &about.mentor {
            Some(mentor) => format!("{} and {mentor}", about.mentee),
            None => about.mentee.clone(),
        };
        let close = self.address(None);
        let body = view! {
            <section class="panel" id="open" aria-labelledby="open-title">
                <div class="panel-head">
                    <h3 id="open-title">{whom}</h3>
                    <a href=format!("/coordinator/enrollments/{enrollment}")>"Whole thread"</a>
                    <a href=close>"Put away"</a>
                </div>
                {panel::all(panel.forms, about)}
            </section>
        };
        Some(body.into_any())
    }
}

/// `/coordinator`.
pub async fn home() -> Result<Page, AppError> {
    let who = viewer().await?.coordinator()?;
    let now = state().clock.now();
    let today = clock::today(now);
    let page = query("page").and_then(|page| page.parse::<i64>().ok()).unwrap_or(1).clamp(1, 1_000_000) - 1;
    let (undo, accept) = (undo::pages::form().await?, Form::open("accept-in-place").await?);
    standing::catch_up(&state()).await?;
    let mut tx = state().db.read().await?;
    let needs = store::list_needs(&mut tx, &who, now).await?;
    let count = store::count_needs(&mut tx, &who, now).await?;
    let next = store::next_mentors(&mut tx, &who, now, today).await?;
    let pairs = store::list_pairs(&mut tx, &who, now, page).await?;
    let steps = standing::count_steps(&mut tx).await?;
    let overdue = store::list_overdue(&mut tx, &who, today).await?;
    let applications = applications::store::list_open(&mut tx, &who).await?;
    let waiting = applications::store::count_open(&mut tx, &who).await?;
    let year = clock::program_year_start(today);
    let issued = store::count_issued(&mut tx, &who, year).await?;
    let recent = undo::store::list(&mut tx, &who, now).await?;
    let open = match query("open").and_then(|open| open.parse::<Opened>().ok()) {
        Some(open) => enrollments::store::find(&mut tx, open.enrollment).await?.map(|story| (open, story)),
        None => None,
    };
    drop(tx);
    let open = match open {
        Some((open, story)) => {
            let forms = Forms::open(story.id).await?;
            let mut about = About::of(&story, open.owner, open.doing);
            let unanswered = story.match_id.filter(|_| story.matched_at.is_none());
            about.next = unanswered.zip(next.get(&story.id)).map(|(proposal, (mentor, name))| Next {
                proposal,
                mentor: *mentor,
                name: name.clone(),
            });
            Some((open, Panel { forms, about }))
        }
        None => None,
    };
    let desk = Desk { now, page, open, undo, recent };
    let active = steps.iter().sum();
    let body = view! {
        <div class="page-head"><h1>{today.format("%A, %B %-d").to_string()}</h1></div>
        {undo::pages::just_done(&desk.recent, desk.undo)}
        {gone(&desk, &needs)}
        {needs::table(&desk, &needs, count, &next)}
        <div class="columns even">
            <div>{new_applications(&applications, waiting, accept)}</div>
            <div>{overdue_books(&desk, overdue)}</div>
        </div>
        {thread(steps, waiting, issued, year)}
        {pairs::table(&desk, &pairs, active)}
    };
    Ok(Page::wide("Desk", body))
}

/// The forms of a row that is no longer on the list: somebody else acted on it meanwhile.
fn gone(desk: &Desk, needs: &[store::Row]) -> Option<AnyView> {
    let (open, _) = desk.open.as_ref()?;
    let there = needs.iter().any(|row| open.is_row(Place::Needs, row.enrollment_id, row.owner));
    if open.place != Place::Needs || there {
        return None;
    }
    desk.panel(open.place, open.enrollment, open.owner)
}

fn county(fips: &str) -> String {
    County::by_fips(fips).map(County::full_name).unwrap_or_default()
}

fn new_applications(lines: &[applications::store::Line], waiting: i64, accept: Form) -> impl IntoView + use<> {
    let rows: Vec<_> = lines.iter().take(20).map(|line| application(line, accept)).collect();
    let rest = waiting - i64::try_from(rows.len()).unwrap_or(0);
    let empty = rows.is_empty();
    view! {
        <h2>{format!("New applications ({waiting})")}</h2>
        <ErrorSummary form=accept />
        {if empty { view! { <p class="muted">"None."</p> }.into_any() } else { view! { <ul class="lines" role="list">{rows}</ul> }.into_any() }}
        {(rest > 0).then(|| view! { <p><a href="/coordinator/applications">{format!("{rest} more")}</a></p> })}
        <p><a href="/coordinator/applications/new">"Enter one that came by phone or paper"</a></p>
    }
}

fn application(line: &applications::store::Line, accept: Form) -> impl IntoView + use<> {
    let page = format!("/coordinator/applications/{}", line.id);
    let about = format!("{}, {}, {}", line.discipline.name(), county(&line.county), line.option_number.name());
    let (name, id) = (line.name.clone(), line.id.to_string());
    view! {
        <li>
            <span class="line-main"><a href=page.clone()>{name.clone()}</a></span>
            <span class="line-meta">{about}", "<DayOf at=line.created_at /></span>
            <span class="line-action">
                <form method="post" action=accept.action()>
                    <input type="hidden" name="_for" value=accept.whose() />
                    <input type="hidden" name="_from" value="/coordinator" />
                    <input type="hidden" name="application" value=id />
                    <button class="button quiet small" aria-label=format!("Accept, {name}")>"Accept"</button>
                </form>
                <a class="button quiet small" href=page aria-label=format!("Decide, {name}")>"Decide"</a>
            </span>
        </li>
    }
}

fn overdue_books(desk: &Desk, mut books: Vec<Overdue>) -> impl IntoView + use<> {
    let most = usize::try_from(store::MOST_BOOKS).unwrap_or(usize::MAX);
    let more = books.len() > most;
    books.truncate(most);
    let count = if more { format!("more than {most}") } else { books.len().to_string() };
    let rows: Vec<_> = books.into_iter().map(|book| overdue(desk, book)).collect();
    let empty = rows.is_empty();
    view! {
        <h2>{format!("Overdue books ({count})")}</h2>
        {if empty { view! { <p class="muted">"None."</p> }.into_any() } else { view! { <ul class="lines" role="list">{rows}</ul> }.into_any() }}
    }
}

fn overdue(desk: &Desk, book: Overdue) -> impl IntoView + use<> {
    let id = book.enrollment_id;
    let open = Opened { place: Place::Books, enrollment: id, owner: Owner::Mentee, doing: Doing::Write };
    view! {
        <li>
            <span class="line-main"><a href=format!("/coordinator/enrollments/{id}/book")>{book.mentee.clone()}</a></span>
            <span class="line-meta">{book.book}", due "<Day date=book.due_on /></span>
            <span class="line-action">{desk.opener(open, "Write", &book.mentee, false)}</span>
            {desk.panel(Place::Books, id, Owner::Mentee)}
        </li>
    }
}

/// How many stand at each step, each leading to the list of them.
fn thread(mut counts: [i64; 8], applications: i64, issued: i64, year: NaiveDate) -> impl IntoView {
    counts[0] = applications;
    let signs = STEPS
        .into_iter()
        .zip(counts)
        .enumerate()
        .map(|(index, (name, count))| {
            let path = match index {
                0 => "/coordinator/applications".to_owned(),
                index => format!("/coordinator/enrollments?step={}", index + 1),
            };
            view! { <li><a class="trail-name" href=path><span class="count">{count}</span>" "{name.to_lowercase()}</a></li> }
        })
        .collect_view();
    view! {
        <section aria-labelledby="thread">
            <h2 id="thread">"The thread"</h2>
            <ol class="trail counts" aria-label="How many stand at each step">{signs}</ol>
            <p class="muted small">{format!("Done this year: {issued} certificates since {}.", clock::say_full_date(year))}</p>
        </section>
    }
}

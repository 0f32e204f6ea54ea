//! The Monday page: what waits on the desk, and what has waited elsewhere for too long.

use chrono::Datelike;
use leptos::prelude::*;

use crate::applications;
use crate::clock;
use crate::counties::County;
use crate::db::fetch_one;
use crate::enrollments::ladder::is_stalled;
use crate::enrollments::pages::{owner_name, verb, way};
use crate::enrollments::{Move, Owner, Story, moves, signs, store};
use crate::error::AppError;
use crate::people::viewer;
use crate::settings;
use crate::state;
use crate::ui::{Age, Day, DayOf, Page, STEPS, Sign};

/// One line of the desk: a move and whose thread it belongs to.
struct Line<'a> {
    story: &'a Story,
    one: Move,
    late: bool,
}

pub async fn home() -> Result<Page, AppError> {
    let who = viewer().await?.coordinator()?;
    let now = state().clock.now();
    let today = clock::today(now);
    let mut tx = state().db.read().await?;
    let settings = settings::store::current(&mut tx).await?;
    let stories = store::list_live(&mut tx, &who).await?;
    let applications = applications::store::list_open(&mut tx, &who).await?;
    let year = clock::program_year_start(today);
    let (issued,) =
        fetch_one!(&mut tx, (i64,), "SELECT COUNT(*) FROM certificate WHERE issued_on >= $1 AND state = 'valid'", year)?;
    drop(tx);

    let mut lines: Vec<Line> = Vec::new();
    for story in &stories {
        let open = moves(story, &settings);
        let stalled = is_stalled(story, &open, &settings, now);
        let first_late =
            open.iter().find(|one| one.owner != Owner::Coordinator && (one.is_late(now) || stalled && !one.optional));
        lines.extend(first_late.map(|one| Line { story, one: *one, late: true }));
        let desk = open.iter().filter(|one| one.owner == Owner::Coordinator && one.since <= now);
        lines.extend(desk.map(|one| Line { story, one: *one, late: one.is_late(now) }));
    }
    lines.sort_by_key(|line| line.one.since);
    let count = lines.len();
    let rows = lines.iter().map(line_row).collect_view();
    let body = view! {
        <div class="page-head"><h1>{today.format("%A, %B %-d").to_string()}</h1></div>
        {if count == 0 {
            view! { <p class="lede">"Nothing needs you today."</p> }.into_any()
        } else {
            view! {
                <div class="table-wrap"><table class="ledger desk">
                    <caption>{format!("Needs you ({count}) ")}<small>"oldest first"</small></caption>
                    <thead><tr>
                        <th scope="col">"Waiting"</th><th scope="col" class="grow">"What"</th><th scope="col">"Who"</th>
                        <th scope="col"><span class="visually-hidden">"Action"</span></th>
                    </tr></thead>
                    <tbody>{rows}</tbody>
                </table></div>
            }
            .into_any()
        }}
        <div class="columns">
            <div>{new_applications(&applications)}</div>
            <aside>{overdue_books(&stories, today)}</aside>
        </div>
        {thread(&stories, applications.len())}
        <p class="muted small">{format!("{issued} certificates since July 1, {}.", year.year())}</p>
    };
    Ok(Page::wide("Desk", body))
}

fn line_row(line: &Line) -> impl IntoView + use<> {
    let Line { story, one, late } = line;
    let own = one.owner == Owner::Coordinator;
    let what = if own { one.what.told() } else { one.what.lacking() };
    let page = format!("/coordinator/enrollments/{}", story.id);
    let detail =
        if own { format!("{}, {}", story.option_number.name(), county(&story.county)) } else { waits_for(one.owner, story) };
    let (label, href) = if own { (verb(one.what), way(one.what, story)) } else { ("Open", page.clone()) };
    let with = story.mentor.as_ref().map(|mentor| format!("with {mentor}"));
    view! {
        <tr>
            <td data-label="Waiting"><Age since=one.since late=*late /></td>
            <td data-label="What"><span>{what}<small>{detail}</small></span></td>
            <td data-label="Who"><span><a href=page>{story.mentee.clone()}</a><small>{with}</small></span></td>
            <td><div class="actions"><a class="button quiet small" href=href>{label}</a></div></td>
        </tr>
    }
}

fn waits_for(owner: Owner, story: &Story) -> String {
    match owner {
        Owner::Mentee => "waiting for the mentee".to_owned(),
        Owner::Mentor | Owner::Coordinator => format!("waiting for {}", owner_name(owner, story)),
    }
}

fn county(fips: &str) -> String {
    County::by_fips(fips).map(|county| format!("{} County", county.name)).unwrap_or_default()
}

fn new_applications(lines: &[applications::store::Line]) -> impl IntoView + use<> {
    let rows: Vec<_> = lines
        .iter()
        .map(|line| {
            let page = format!("/coordinator/applications/{}", line.id);
            let about = format!("{}, {}, {}", line.discipline.name(), county(&line.county), line.option_number.name());
            view! {
                <li>
                    <span class="line-main"><a href=page.clone()>{line.name.clone()}</a></span>
                    <span class="line-meta">{about}", "<DayOf at=line.created_at /></span>
                    <span class="line-action"><a class="button quiet small" href=page>"Decide"</a></span>
                </li>
            }
        })
        .collect();
    let empty = rows.is_empty();
    view! {
        <h2>{format!("New applications ({})", lines.len())}</h2>
        {if empty { view! { <p class="muted">"None."</p> }.into_any() } else { view! { <ul class="lines">{rows}</ul> }.into_any() }}
        <p><a href="/coordinator/applications/new">"Enter one that came by phone or paper"</a></p>
    }
}

fn overdue_books(stories: &[Story], today: chrono::NaiveDate) -> impl IntoView + use<> {
    let rows: Vec<_> = stories
        .iter()
        .filter_map(|story| Some((story.book_due_on.filter(|due| *due < today)?, story)))
        .map(|(date, story)| {
            let page = format!("/coordinator/enrollments/{}/book", story.id);
            view! {
                <li>
                    <span class="line-main"><a href=page>{story.mentee.clone()}</a></span>
                    <span class="line-meta">{story.book.clone()}", due "<Day date /></span>
                </li>
            }
        })
        .collect();
    let count = rows.len();
    view! {
        <h2>{format!("Overdue books ({count})")}</h2>
        {if count == 0 { view! { <p class="muted">"None."</p> }.into_any() } else { view! { <ul class="lines">{rows}</ul> }.into_any() }}
    }
}

/// How many stand at each step.
fn thread(stories: &[Story], applications: usize) -> impl IntoView + use<> {
    let mut counts = [0_usize; 8];
    counts[0] = applications;
    for story in stories {
        if let Some(at) = signs(story).iter().position(|sign| *sign == Sign::Present) {
            counts[at] += 1;
        }
    }
    let signs = STEPS
        .into_iter()
        .zip(counts)
        .enumerate()
        .map(|(index, (name, count))| {
            let path = if index == 0 { "/coordinator/applications" } else { "/coordinator/enrollments" };
            view! { <li><a class="trail-name" href=path><span class="count">{count}</span>" "{name.to_lowercase()}</a></li> }
        })
        .collect_view();
    view! {
        <h2>"The thread"</h2>
        <ol class="trail counts" aria-label="How many stand at each step">{signs}</ol>
    }
}

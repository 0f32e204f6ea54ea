//! The coordinator's list of enrolments: narrowed as wanted, a page at a time, and what can be done with the chosen.

use chrono::{DateTime, Utc};
use leptos::prelude::*;

use crate::app::query;
use crate::bulk::{self, Act};
use crate::counties;
use crate::enrollments::list::{self, Counties, Filter, Line, PAGE};
use crate::enrollments::{OptionNumber, Owner, State, standing};
use crate::error::AppError;
use crate::people::viewer;
use crate::state;
use crate::ui::{Age, Day, DayOf, Page, STEPS};
use crate::undo;

/// `/coordinator/enrollments`.
pub async fn list() -> Result<Page, AppError> {
    let who = viewer().await?.coordinator()?;
    let (choose, undo) = (bulk::pages::form().await?, undo::pages::form().await?);
    let filter = Filter::read(query);
    let page = query("page").and_then(|page| page.parse::<i64>().ok()).unwrap_or(1).clamp(1, 1_000_000) - 1;
    let now = state().clock.now();
    standing::catch_up(&state()).await?;
    let mut tx = state().db.read().await?;
    let lines = list::list(&mut tx, &who, &filter, now, page).await?;
    let count = list::count(&mut tx, &who, &filter, now).await?;
    let recent = undo::store::list(&mut tx, &who, now).await?;
    drop(tx);
    let acts: &[Act] = if filter.ended { &[Act::Export] } else { &[Act::Remind, Act::Extend, Act::Export] };
    let all = if count == 1 { "The one that matches".to_owned() } else { format!("All {count} that match") };
    let empty = lines.is_empty();
    let table = table(&filter, lines, count, now);
    let listed = if empty {
        view! { <p class="lede">"No enrollment matches."</p> }.into_any()
    } else {
        bulk::pages::around(choose, filter.fields(), acts, all, table).into_any()
    };
    let (live, ended) = ((!filter.ended).then_some("page"), filter.ended.then_some("page"));
    let body = view! {
        <div class="page-head"><h1>"Enrollments"</h1></div>
        {undo::pages::just_done(&recent, undo)}
        <ul class="tabs">
            <li><a href="/coordinator/enrollments" aria-current=live>"Live"</a></li>
            <li><a href="/coordinator/enrollments?ended=1" aria-current=ended>"Ended"</a></li>
        </ul>
        {narrow(&filter)}
        {listed}
        {pager(&filter, page, count)}
    };
    Ok(Page::wide("Enrollments", body))
}

/// The fields that narrow the list.
fn narrow(filter: &Filter) -> impl IntoView + use<> {
    let steps = STEPS.iter().enumerate().skip(1).map(|(index, name)| ((index + 1).to_string(), (*name).to_owned()));
    let options = OptionNumber::ALL.iter().map(|option| (option.to_string(), option.name().to_owned()));
    let turns = [(Owner::Mentee, "The mentee"), (Owner::Mentor, "The mentor"), (Owner::Coordinator, "You")];
    let turns = turns.into_iter().map(|(owner, words)| (owner.to_string(), words.to_owned()));
    let counties = Counties::ALL.iter().map(|one| (one.to_string(), one.name().to_owned()));
    let chosen = |value: Option<String>| value.unwrap_or_default();
    let live = !filter.ended;
    let stalled = filter.stalled;
    let (step, turn) = (chosen(filter.step.map(|step| step.to_string())), chosen(filter.turn.map(|owner| owner.to_string())));
    view! {
        <form method="get" action="/coordinator/enrollments" class="narrow-by" role="search" aria-label="Narrow the list">
            {filter.ended.then(|| view! { <input type="hidden" name="ended" value="1" /> })}
            {live.then(|| select("step", "Step", steps.collect(), step))}
            {select("option", "Option", options.collect(), chosen(filter.option.map(|option| option.to_string())))}
            {live.then(|| select("turn", "Turn", turns.collect(), turn))}
            {select("counties", "Counties", counties.collect(), chosen(filter.counties.map(|one| one.to_string())))}
            {live.then(|| view! { <label><input type="checkbox" name="stalled" value="1" checked=stalled />" Stalled only"</label> })}
            <button class="button quiet small">"Show"</button>
        </form>
    }
}

fn select(name: &'static str, label: &'static str, choices: Vec<(String, String)>, chosen: String) -> impl IntoView {
    let options = choices
        .into_iter()
        .map(|(value, words)| {
            let selected = value == chosen;
            view! { <option value=value selected=selected>{words}</option> }
        })
        .collect_view();
    view! { <label>{label}" "<select name=name><option value="">"Any"</option>{options}</select></label> }
}

fn table(filter: &Filter, lines: Vec<Line>, count: i64, now: DateTime<Utc>) -> AnyView {
    let rows = lines.iter().map(|line| row(line, now)).collect_view();
    let (title, order) = if filter.ended { ("Ended", "latest first") } else { ("Live", "longest unheard first") };
    view! {
        <div class="table-wrap"><table class="ledger">
            <caption>{format!("{title} ({count}) ")}<small>{order}</small></caption>
            <thead><tr>
                <th scope="col"><span class="visually-hidden">"Choose"</span></th>
                <th scope="col" class="grow">"Mentee"</th><th scope="col">"Option"</th><th scope="col">"Mentor"</th>
                <th scope="col" class="num">"Read"</th><th scope="col" class="num">"Discussed"</th>
                <th scope="col">"Waiting for"</th><th scope="col">"Since"</th>
            </tr></thead>
            <tbody>{rows}</tbody>
        </table></div>
    }
    .into_any()
}

fn row(line: &Line, now: DateTime<Utc>) -> impl IntoView + use<> {
    let (waits, since) = waiting(line, now);
    let mentor = match (&line.mentor, line.matched) {
        (Some(mentor), false) if line.state.is_live() => format!("{mentor}, proposed"),
        (mentor, _) => mentor.clone().unwrap_or_default(),
    };
    view! {
        <tr>
            <td>{bulk::pages::tick(line.enrollment_id.0, &line.mentee)}</td>
            <th scope="row"><span>
                <a href=format!("/coordinator/enrollments/{}", line.enrollment_id)>{line.mentee.clone()}</a>
                {line.stalled.then(|| view! { " "<span class="tag" data-tone="late">"stalled"</span> })}
                <small>{counties::name(&line.county).to_owned()}</small>
            </span></th>
            <td data-label="Option"><span class="nowrap">{line.option_number.name()}</span></td>
            <td data-label="Mentor"><span>{mentor}</span></td>
            <td data-label="Read" class="num"><span>{format!("{} of {}", line.chapters_read, line.chapters)}</span></td>
            <td data-label="Discussed" class="num"><span>{line.discussed}</span></td>
            <td data-label="Waiting for"><span>{waits}</span></td>
            <td data-label="Since"><span>{since}</span></td>
        </tr>
    }
}

/// What it waits for, and since when.
fn waiting(line: &Line, now: DateTime<Utc>) -> (String, AnyView) {
    if let (Some(what), Some(owner), Some(since)) = (line.turn_what, line.turn_owner, line.turn_since) {
        let whose = match owner {
            Owner::Mentee => "mentee",
            Owner::Mentor => "mentor",
            Owner::Coordinator => "you",
        };
        let late = line.turn_due.is_some_and(|due| due < now);
        return (format!("{whose} {}", what.awaited()), view! { <Age since late /> }.into_any());
    }
    let since = match line.state {
        State::Paused => line.paused_until.map(|date| view! { "until "<Day date /> }).into_any(),
        _ => line.ended_at.map(|at| view! { <DayOf at /> }).into_any(),
    };
    let words = if line.state == State::Active { "nothing now".to_owned() } else { line.state.name().to_lowercase() };
    (words, since)
}

fn pager(filter: &Filter, page: i64, count: i64) -> impl IntoView + use<> {
    let last = count.max(1).saturating_sub(1) / PAGE;
    let fields = filter.fields();
    let address = move |page: i64| {
        let page = [("page", (page + 1).to_string())];
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields.iter().chain(&page)).finish();
        format!("/coordinator/enrollments?{query}")
    };
    (last > 0).then(|| {
        view! {
            <div class="pager">
                {(page > 0).then(|| view! { <a rel="prev" href=address(page - 1)>"The page before"</a> })}
                <span>{format!("Page {} of {}", page + 1, last + 1)}</span>
                {(page < last).then(|| view! { <a rel="next" href=address(page + 1)>"The next page"</a> })}
            </div>
        }
    })
}

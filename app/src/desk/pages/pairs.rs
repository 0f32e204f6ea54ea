//! "All active pairs": every active enrolment, the longest unheard first, to be looked over without leaving the page.

use leptos::prelude::*;

use super::Desk;
use crate::desk::store::{PAGE, Pair};
use crate::desk::{Doing, Opened, Place};
use crate::enrollments::Owner;
use crate::ui::{Age, DayOf};
use crate::undo;

pub fn table(desk: &Desk, pairs: &[Pair], active: i64) -> impl IntoView + use<> {
    let rows = pairs.iter().map(|pair| row(desk, pair)).collect_view();
    let last = active.max(1).saturating_sub(1) / PAGE;
    let pages = (last > 0).then(|| pager(desk, last));
    (!pairs.is_empty() || desk.page > 0).then(|| {
        view! {
            <div class="table-wrap"><table class="ledger pairs" id="pairs">
                <caption>{format!("All active pairs ({active}) ")}<small>"longest unheard first"</small></caption>
                <thead><tr>
                    <th scope="col">"Mentee"</th><th scope="col">"Mentor"</th>
                    <th scope="col" class="num">"Mentee heard"</th><th scope="col" class="num">"Mentor heard"</th>
                <th scope="col" class="num">"Read, discussed"</th>
                    <th scope="col">"Next talk"</th><th scope="col">"Turn"</th>
                    <th scope="col"><span class="visually-hidden">"Action"</span></th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table></div>
            {pages}
        }
    })
}

fn row(desk: &Desk, pair: &Pair) -> impl IntoView + use<> {
    let id = pair.enrollment_id;
    let open = Opened { place: Place::Pairs, enrollment: id, owner: turn_of(pair), doing: Doing::More };
    let mentor = match (&pair.mentor, pair.matched) {
        (Some(mentor), true) => mentor.clone(),
        (Some(mentor), false) => format!("{mentor}, proposed"),
        (None, _) => "none yet".to_owned(),
    };
    let talk = pair.next_talk_at.filter(|at| *at > desk.now);
    let panel = desk.panel(Place::Pairs, id, open.owner);
    view! {
        <tr id=format!("pair-{id}") data-open=panel.is_some().then_some("")>
            <th scope="row"><span>
                <a href=format!("/coordinator/enrollments/{id}")>{pair.mentee.clone()}</a>
                {pair.listed.then(|| view! { " "<span class="tag" data-tone="turn">"on the list"</span> })}
                <small>{pair.option_number.name()}</small>
                {done_just_now(desk, pair)}
            </span></th>
            <td data-label="Mentor"><span>{mentor}</span></td>
            <td data-label="Mentee heard" class="num"><Age since=pair.mentee_heard_at /></td>
            <td data-label="Mentor heard" class="num"><span>{pair.mentor_heard_at.map(|since| view! { <Age since /> })}</span></td>
            <td data-label="Read" class="num"><span>{format!("{}, {} of {}", pair.chapters_read, pair.discussed, pair.chapters)}</span></td>
            <td data-label="Next talk"><span class="nowrap">{talk.map(|at| view! { <DayOf at /> })}</span></td>
            <td data-label="Turn"><span>{turn(desk, pair)}</span></td>
            <td><div class="actions">{desk.opener(open, "More", &pair.mentee, true)}</div></td>
        </tr>
        {panel.map(|panel| view! { <tr class="opened"><td colspan="8">{panel}</td></tr> })}
    }
}

fn turn_of(pair: &Pair) -> Owner {
    match pair.turn_owner {
        Some(Owner::Mentor) => Owner::Mentor,
        _ => Owner::Mentee,
    }
}

/// Whose turn it is, to do what, and for how long.
fn turn(desk: &Desk, pair: &Pair) -> impl IntoView + use<> {
    let (what, owner, since) = (pair.turn_what?, pair.turn_owner?, pair.turn_since?);
    let late = pair.turn_due.is_some_and(|due| due < desk.now);
    let whose = match owner {
        Owner::Mentee => "mentee",
        Owner::Mentor => "mentor",
        Owner::Coordinator => "you",
    };
    Some(view! { <Age since late />" "{whose}" "<small>{what.awaited()}</small> })
}

/// What was done for this pair a moment ago, with the way back, so that one need not look for it above.
fn done_just_now(desk: &Desk, pair: &Pair) -> impl IntoView + use<> {
    let one = desk.recent.iter().find(|one| one.enrollment_id == Some(pair.enrollment_id))?;
    let said = undo::words(&one.body);
    Some(view! { <span class="done-here">{said.clone()}" "{undo::pages::button(one, &said, desk.undo)}</span> })
}

fn pager(desk: &Desk, last: i64) -> impl IntoView + use<> {
    let page = desk.page;
    let address = |page: i64| format!("/coordinator?page={}#pairs", page + 1);
    view! {
        <div class="pager">
            {(page > 0).then(|| view! { <a rel="prev" href=address(page - 1)>"Longer unheard"</a> })}
            <span>{format!("Page {} of {}", page + 1, last + 1)}</span>
            {(page < last).then(|| view! { <a rel="next" href=address(page + 1)>"Heard more lately"</a> })}
        </div>
    }
}

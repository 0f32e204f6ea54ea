//! The thread of one person as the coordinator reads it: a line for each thing that happened.

use leptos::prelude::*;

use crate::audit;
use crate::contacts::Medium;
use crate::enrollments::thread::{Entry, Group, PAGE};
use crate::id::EnrollmentId;
use crate::ui::{Day, Moment, paragraphs};

/// The thread, narrowed to a kind, a page of it.
pub fn timeline(id: EnrollmentId, mut entries: Vec<Entry>, group: Option<Group>, page: i64) -> impl IntoView {
    let size = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let more = entries.len() > size;
    entries.truncate(size);
    let address = move |group: Option<Group>, page: i64| {
        let kind = group.map(|group| format!("kind={group}"));
        let page = (page > 0).then(|| format!("page={}", page + 1));
        let query: Vec<String> = kind.into_iter().chain(page).collect();
        let mark = if query.is_empty() { "" } else { "?" };
        format!("/coordinator/enrollments/{id}{mark}{}#thread", query.join("&"))
    };
    let tabs = [None]
        .into_iter()
        .chain(Group::ALL.iter().copied().map(Some))
        .map(|one| {
            let name = one.map_or("All", Group::name);
            view! { <li><a href=address(one, 0) aria-current=(one == group).then_some("true")>{name}</a></li> }
        })
        .collect_view();
    let empty = entries.is_empty();
    let rows = entries.into_iter().map(line).collect_view();
    view! {
        <section aria-labelledby="thread">
            <h2 id="thread">"What happened"</h2>
            <ul class="tabs">{tabs}</ul>
            {if empty { view! { <p class="muted">"Nothing of this kind yet."</p> }.into_any() } else { view! { <ol class="timeline" role="list">{rows}</ol> }.into_any() }}
            {(page > 0 || more).then(|| view! { <div class="pager">
                {(page > 0).then(|| view! { <a rel="prev" href=address(group, page - 1)>"Later"</a> })}
                <span>{format!("Page {}", page + 1)}</span>
                {more.then(|| view! { <a rel="next" href=address(group, page + 1)>"Earlier"</a> })}
            </div> })}
        </section>
    }
}

fn line(entry: Entry) -> impl IntoView {
    let behalf = behalf(&entry);
    let day = entry.day.filter(|day| *day != crate::clock::today(entry.at)).map(|date| view! { ", on "<Day date /> });
    let words = entry.words.clone().filter(|words| !words.trim().is_empty());
    view! {
        <li data-state="done">
            <Moment at=entry.at />" "{told(&entry)}{day}
            {behalf.map(|words| view! { <small class="muted">" ("{words}")"</small> })}
            {words.map(|words| view! { <div class="muted">{paragraphs(&words)}</div> })}
        </li>
    }
}

/// Who entered it for somebody else, and how it had come.
fn behalf(entry: &Entry) -> Option<String> {
    let way = entry.medium.as_deref().and_then(|medium| medium.parse::<Medium>().ok()).map(Medium::told);
    match (&entry.entered_by, way) {
        (Some(name), Some(way)) => Some(format!("entered by {name}, {way}")),
        (Some(name), None) => Some(format!("entered by {name}")),
        (None, _) => None,
    }
}

/// What happened, as a sentence without its end.
fn told(entry: &Entry) -> String {
    let who = entry.who.clone().unwrap_or_else(|| "The program".to_owned());
    let about = entry.about.clone().unwrap_or_default();
    let (number, of) = (entry.number.unwrap_or(0), entry.number_of.unwrap_or(0));
    match entry.kind.as_str() {
        "application.received" => format!("{who} applied"),
        "application.accepted" => format!("{who} accepted the application"),
        "study_entry.logged" => format!("{who} read chapter {of}, “{about}”, {number} minutes"),
        "test.passed" => format!("{who} passed the post-test of “{about}”, {number} of {of} right"),
        "test.missed" => format!("{who} did not pass the post-test of “{about}”, {number} of {of} right"),
        "test.handed_in" => format!("{who} handed in the post-test of “{about}”, for the mentor to mark"),
        "chapter.signed_off" => format!("{who} signed off chapter {of}, “{about}”"),
        "talk.logged" => format!("{who} logged a talk of {number} minutes"),
        "message.written" => format!("{who} wrote a message"),
        "contact.heard" => format!("Heard from {who}"),
        "contact.tried" => format!("Turned to {who}"),
        "note.written" => format!("Note by {who}"),
        "move.nudged" => "A reminder went into the next daily summary".to_owned(),
        "mail.sent" => format!("Mail to {who}: {}", about.replace('_', " ")),
        kind => {
            let told = audit::told(kind);
            let mut signs = told.chars();
            let first = signs.next().map(|sign| sign.to_uppercase().to_string()).unwrap_or_default();
            match &entry.who {
                Some(who) => format!("{first}{}, {who}", signs.as_str()),
                None => format!("{first}{}", signs.as_str()),
            }
        }
    }
}

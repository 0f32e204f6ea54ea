//! What was found, by groups, each line with its state and where it leads.

use leptos::prelude::*;

use super::store::{self, Applicant, Book, Certified, Enrolled, Found, Letter, Person, Results};
use super::{MOST, Query};
use crate::agreements;
use crate::app::query;
use crate::applications;
use crate::clock;
use crate::error::AppError;
use crate::library::CopyState;
use crate::people::{Coordinator, viewer};
use crate::state;
use crate::ui::{Day, Page};

pub async fn results() -> Result<Page, AppError> {
    let who = viewer().await?.coordinator()?;
    let typed = query("q").unwrap_or_default();
    let Some(query) = Query::parse(&typed) else { return Ok(too_short(&typed)) };
    let mut tx = state().db.read().await?;
    if let Some(path) = straight(&mut tx, &who, &query).await? {
        return Ok(Page::lead_to(path));
    }
    let found = store::search(&mut tx, &who, &query).await?;
    drop(tx);
    let groups = groups(&found);
    let nothing = groups.is_empty();
    let text = query.text;
    let body = view! {
        <h1>"Search"</h1>
        {if nothing {
            view! {
                <p class="lede">{format!("Nothing was found for “{text}”.")}</p>
                {how_to()}
            }
            .into_any()
        } else {
            view! { <p class="lede">{format!("Found for “{text}”:")}</p>{groups} }.into_any()
        }}
    };
    Ok(Page::usual(format!("Search: {text}"), body))
}

fn too_short(typed: &str) -> Page {
    let words = match typed.trim() {
        "" => "Type in the field above what you look for.".to_owned(),
        letter => format!("“{letter}” alone is in nearly everything. Type at least two letters."),
    };
    Page::usual("Search", view! { <h1>"Search"</h1><p class="lede">{words}</p>{how_to()} })
}

fn how_to() -> impl IntoView {
    view! {
        <ul class="measure">
            <li>"People: a part of the name, e-mail address, telephone number or workplace."</li>
            <li>"Books: a part of the title, the label of a copy, the ISBN, or who has it."</li>
            <li>"Certificates: the number, also in short, such as 2026-1."</li>
            <li>"Several words find what holds all of them, in any order. What people write to each other is never searched."</li>
        </ul>
    }
}

/// Where a certificate's number or an e-mail address leads at once, when there is one place only.
async fn straight(tx: &mut impl crate::db::Queryable, who: &Coordinator, query: &Query) -> Result<Option<String>, AppError> {
    if let Some(number) = query.number() {
        let found = store::find_certificate(tx, who, number).await?;
        return Ok(found.map(|id| format!("/coordinator/enrollments/{id}/certificate")));
    }
    let Some(address) = query.address() else { return Ok(None) };
    match store::find_person(tx, who, &address).await? {
        Some(person) => match &ways(&person)[..] {
            [(_, path)] => Ok(Some(path.clone())),
            _ => Ok(None),
        },
        None => {
            let found = store::find_applicant(tx, who, &address).await?;
            Ok(found.map(|id| format!("/coordinator/applications/{id}")))
        }
    }
}

/// What a person is, each with its page.
fn ways(person: &Person) -> Vec<(String, String)> {
    let mentee = match (person.enrollment_id, person.option_number, person.state) {
        (Some(id), Some(option), Some(state)) => Some((
            format!("mentee, {}, {}", option.name(), state.name().to_lowercase()),
            format!("/coordinator/enrollments/{id}"),
        )),
        _ => None,
    };
    let mentor = person.mentor.then(|| ("mentor".to_owned(), format!("/coordinator/mentors/{}", person.id)));
    let coordinator = person.coordinator.then(|| ("coordinator".to_owned(), "/coordinator/settings/people".to_owned()));
    [mentee, mentor, coordinator].into_iter().flatten().collect()
}

fn groups(found: &Results) -> Vec<AnyView> {
    [
        group("People", &found.people, person),
        group("Applications", &found.applications, applicant),
        group("Enrollments", &found.enrollments, enrolled),
        group("Certificates", &found.certificates, certified),
        group("Letters of agreement", &found.letters, letter),
        group("Books", &found.books, book),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A group with its lines; `None` when it is empty.
fn group<T>(title: &'static str, found: &Found<T>, line: fn(&T) -> AnyView) -> Option<AnyView> {
    if found.rows.is_empty() {
        return None;
    }
    let lines: Vec<AnyView> = found.rows.iter().map(line).collect();
    let more = found.more.then(|| {
        view! { <p class="muted">{format!("These are the first {MOST}. Add a word to find fewer.")}</p> }
    });
    Some(view! { <section><h2>{title}</h2><ul class="lines" role="list">{lines}</ul>{more}</section> }.into_any())
}

fn line(name: String, href: String, about: AnyView) -> AnyView {
    view! {
        <li>
            <span class="line-main"><a href=href>{name}</a></span>
            <span class="line-meta">{about}</span>
        </li>
    }
    .into_any()
}

fn person(row: &Person) -> AnyView {
    let reached: Vec<&str> =
        [&row.email, &row.phone, &row.workplace].into_iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
    let reached = reached.join(", ");
    let ways = ways(row);
    let Some((what, first)) = ways.first().cloned() else {
        return view! {
            <li>
                <span class="line-main">{row.name.clone()}</span>
                <span class="line-meta">"without a role; "{reached}</span>
            </li>
        }
        .into_any();
    };
    let others: Vec<AnyView> =
        ways.into_iter().skip(1).map(|(what, href)| view! { ", "<a href=href>{what}</a> }.into_any()).collect();
    line(row.name.clone(), first, view! { {what}{others}"; "{reached} }.into_any())
}

fn applicant(row: &Applicant) -> AnyView {
    let state = match row.state {
        applications::State::Received => "waits for your answer".to_owned(),
        state => state.name().to_lowercase(),
    };
    let about = format!("{}, {state}; {}, {}", row.option_number.name(), row.email, row.workplace);
    line(row.name.clone(), format!("/coordinator/applications/{}", row.id), about.into_any())
}

fn enrolled(row: &Enrolled) -> AnyView {
    let with = if row.mentor.is_empty() { "no mentor".to_owned() } else { format!("with {}", row.mentor) };
    let about = format!("{}, {with}, {}", row.option_number.name(), row.state.name().to_lowercase());
    let until = row.state.is_live().then(|| view! { ", until "<Day date=row.due_on /> });
    line(row.mentee.clone(), format!("/coordinator/enrollments/{}", row.id), view! { {about}{until} }.into_any())
}

fn certified(row: &Certified) -> AnyView {
    let about = format!("{}, issued {}, {}", row.mentee, clock::say_full_date(row.issued_on), row.state.name().to_lowercase());
    line(row.number.clone(), format!("/coordinator/enrollments/{}/certificate", row.enrollment_id), about.into_any())
}

fn letter(row: &Letter) -> AnyView {
    let state = match row.state {
        agreements::State::Open => "waits for signatures",
        agreements::State::Signed => "signed by both, to be received",
        agreements::State::Received => "received",
        agreements::State::Replaced => "replaced",
    };
    let name = format!("{} and {}", row.mentee, row.mentor);
    line(name, format!("/coordinator/enrollments/{}/letter", row.enrollment_id), state.into_any())
}

fn book(row: &Book) -> AnyView {
    let name = match row.label.as_str() {
        "" => row.title.clone(),
        label => format!("{label}: {}", row.title),
    };
    let about: Vec<&str> = [row.edition.as_str(), row.isbn.as_str()].into_iter().filter(|part| !part.is_empty()).collect();
    let about = about.join(", ISBN ");
    let (state, href) = match (row.enrollment_id, row.state) {
        (Some(id), _) => {
            let due = row.due_on.map(|date| view! { ", due "<Day date /> });
            let page = format!("/coordinator/enrollments/{id}/book");
            (view! { "with "{row.borrower.clone()}{due} }.into_any(), page)
        }
        (None, state) => {
            let words = match state {
                Some(CopyState::InUse) => "on the shelf",
                Some(CopyState::Lost) => "lost",
                Some(CopyState::Withdrawn) => "withdrawn",
                None => "no copy",
            };
            (words.into_any(), "/coordinator/library".to_owned())
        }
    };
    let about = (!about.is_empty()).then(|| format!("; {about}"));
    line(name, href, view! { {state}{about} }.into_any())
}

//! What is open, on one page that prints well: for somebody who takes over tomorrow.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use leptos::prelude::*;

use crate::applications;
use crate::clock;
use crate::enrollments::pages::owner_name;
use crate::enrollments::{self, Move, Owner, Story, moves, turn};
use crate::error::AppError;
use crate::handover::store::{self, BookOut, CoordinatorRow, FailedMail, MOST_FAILED};
use crate::matching::store::{MentorRow, list_mentors};
use crate::people::viewer;
use crate::settings::fields::differences;
use crate::settings::pages::tabs;
use crate::settings::{self, Settings};
use crate::state;
use crate::ui::{Age, Day, DayOf, Page};

/// A credential that ends within so many days is renewed or checked now.
const SOON: Duration = Duration::days(90);
/// Mail that failed longer ago is of no use to a successor.
const LATELY: Duration = Duration::days(30);
/// How many enrolments are listed; a longer list is read in its own page.
const MOST_STORIES: usize = 200;

pub async fn handover() -> Result<Page, AppError> {
    let who = viewer().await?.coordinator()?;
    let now = state().clock.now();
    let today = clock::today(now);
    let mut tx = state().db.read().await?;
    let settings = settings::store::current(&mut tx).await?;
    let stories = enrollments::store::list_live(&mut tx, &who).await?;
    let applications = applications::store::list_open(&mut tx, &who).await?;
    let waiting = applications::store::count_open(&mut tx, &who).await?;
    let books = store::list_books_out(&mut tx, &who).await?;
    let mentors = list_mentors(&mut tx, &who).await?;
    let (failed, latest) = store::list_failed_mail(&mut tx, &who, now - LATELY).await?;
    let coordinators = store::list(&mut tx, &who).await?;
    drop(tx);
    let open: Vec<(&Story, Vec<Move>)> = stories.iter().map(|story| (story, moves(story, &settings))).collect();
    let body = view! {
        {tabs("/coordinator/handover")}
        <h1>"Hand-over"</h1>
        <p class="lede">"Everything that is open on "{clock::say_full_date(today)}", for somebody who takes over tomorrow. It prints on paper."</p>
        {desk(&open, now)}
        {new_applications(&applications, waiting)}
        {books_out(&books, today)}
        {credentials(&mentors, today)}
        {mail_failed(&latest, failed)}
        {under_way(&open, now)}
        {who_mentors(&mentors, today)}
        {decided(&settings, &coordinators)}
        {explained()}
    };
    Ok(Page::wide("Hand-over", body))
}

/// A section with its count, and its table or what to say when there is nothing.
fn section(title: &'static str, count: usize, nothing: &'static str, table: AnyView) -> impl IntoView {
    view! {
        <section>
            <h2>{title}" ("{count}")"</h2>
            {if count == 0 { view! { <p class="muted">{nothing}</p> }.into_any() } else { table }}
        </section>
    }
}

fn table(columns: &'static [&'static str], rows: Vec<AnyView>) -> AnyView {
    let heads = columns.iter().map(|name| view! { <th scope="col">{*name}</th> }).collect_view();
    view! { <div class="table-wrap"><table class="ledger"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div> }
        .into_any()
}

/// What waits on the coordinator's own desk, the longest first; letters to receive are among it.
fn desk(open: &[(&Story, Vec<Move>)], now: DateTime<Utc>) -> impl IntoView + use<> {
    let mut lines: Vec<(&Story, Move)> = open
        .iter()
        .flat_map(|(story, moves)| moves.iter().map(move |one| (*story, *one)))
        .filter(|(_, one)| one.owner == Owner::Coordinator && one.since <= now)
        .collect();
    lines.sort_by_key(|(_, one)| one.since);
    let rows: Vec<AnyView> = lines
        .iter()
        .map(|(story, one)| {
            let href = enrollments::way(one.what, story);
            view! {
                <tr>
                    <td data-label="Waiting"><Age since=one.since late=one.is_late(now) /></td>
                    <td data-label="What"><a href=href>{one.what.told()}</a></td>
                    <td data-label="Who">{thread(story)}</td>
                </tr>
            }
            .into_any()
        })
        .collect();
    section(
        "Waits for the coordinator",
        rows.len(),
        "Nothing: no mentor to propose, no book to lend, no letter to receive, no certificate to issue.",
        table(&["Waiting", "What", "Who"], rows),
    )
}

fn thread(story: &Story) -> impl IntoView + use<> {
    let with = story.mentor.as_ref().map(|mentor| format!(" with {mentor}"));
    view! { <span><a href=format!("/coordinator/enrollments/{}", story.id)>{story.mentee.clone()}</a>{with}</span> }
}

fn new_applications(lines: &[applications::store::Line], count: i64) -> impl IntoView + use<> {
    let rows: Vec<AnyView> = lines
        .iter()
        .map(|line| {
            view! {
                <tr>
                    <th scope="row" data-label="Who"><a href=format!("/coordinator/applications/{}", line.id)>{line.name.clone()}</a></th>
                    <td data-label="For">{line.option_number.name()}</td>
                    <td data-label="Since"><DayOf at=line.created_at /></td>
                </tr>
            }
            .into_any()
        })
        .collect();
    let count = usize::try_from(count).unwrap_or(rows.len());
    section("Applications to answer", count, "None.", table(&["Who", "For", "Since"], rows))
}

fn books_out(books: &[BookOut], today: NaiveDate) -> impl IntoView + use<> {
    let rows: Vec<AnyView> = books
        .iter()
        .map(|book| {
            let late = book.sent_back_at.is_none() && book.due_on < today;
            let page = format!("/coordinator/enrollments/{}/book", book.enrollment_id);
            let due = match book.sent_back_at {
                Some(at) => view! { "sent back "<DayOf at /> }.into_any(),
                None => view! { <Day date=book.due_on />{late.then(|| view! { " "<span class="tag" data-tone="late">"overdue"</span> })} }.into_any(),
            };
            view! {
                <tr>
                    <th scope="row" data-label="Book"><span>{book.label.clone()}<small>{book.title.clone()}</small></span></th>
                    <td data-label="With"><a href=page>{book.borrower.clone()}</a></td>
                    <td data-label="Due"><span>{due}</span></td>
                </tr>
            }
            .into_any()
        })
        .collect();
    section("Books that are out", rows.len(), "Every book is on the shelf.", table(&["Book", "With", "Due"], rows))
}

fn credentials(mentors: &[MentorRow], today: NaiveDate) -> impl IntoView + use<> {
    let mut ending: Vec<&MentorRow> =
        mentors.iter().filter(|mentor| mentor.valid_to.is_none_or(|until| until < today + SOON)).collect();
    ending.sort_by_key(|mentor| mentor.valid_to);
    let rows: Vec<AnyView> = ending
        .into_iter()
        .map(|mentor| {
            let until = match mentor.valid_to {
                Some(date) if date < today => view! { <span class="tag" data-tone="late">"ended"</span>" "<Day date /> }.into_any(),
                Some(date) => view! { <Day date /> }.into_any(),
                None => view! { <span class="tag" data-tone="turn">"not checked yet"</span> }.into_any(),
            };
            view! {
                <tr>
                    <th scope="row" data-label="Mentor"><a href=format!("/coordinator/mentors/{}", mentor.id)>{mentor.name.clone()}</a></th>
                    <td data-label="Valid to"><span>{until}</span></td>
                </tr>
            }
            .into_any()
        })
        .collect();
    let nothing = "Every mentor’s credential is valid for at least 90 days.";
    section("Credentials ending soon", rows.len(), nothing, table(&["Mentor", "Valid to"], rows))
}

fn mail_failed(latest: &[FailedMail], count: i64) -> impl IntoView + use<> {
    let rows: Vec<AnyView> = latest
        .iter()
        .map(|mail| {
            view! {
                <tr>
                    <th scope="row" data-label="To"><span>{mail.name.clone()}<small>{mail.address.clone()}</small></span></th>
                    <td data-label="What">{mail.kind.name()}</td>
                    <td data-label="When">{mail.ended_at.map(|at| view! { <DayOf at /> })}</td>
                </tr>
            }
            .into_any()
        })
        .collect();
    let more = (count > MOST_FAILED).then(|| {
        view! { <p class="muted">{format!("These are the latest {MOST_FAILED}. ")}<a href="/coordinator/mail">"All mail"</a></p> }
    });
    let count = usize::try_from(count).unwrap_or(rows.len());
    view! {
        {section("Mail that failed in the last 30 days", count, "None.", table(&["To", "What", "When"], rows))}
        {more}
    }
}

fn under_way(open: &[(&Story, Vec<Move>)], now: DateTime<Utc>) -> impl IntoView + use<> {
    let count = open.len();
    let rows: Vec<AnyView> = open
        .iter()
        .take(MOST_STORIES)
        .map(|(story, moves)| {
            let waits = match (turn(moves), story.paused_until) {
                (Some(one), _) => {
                    let words = format!("{} {}", owner_name(one.owner, story), one.what.awaited());
                    let late = one.is_late(now).then(|| view! { " "<span class="tag" data-tone="late">"late"</span> });
                    view! { {words}{late} }.into_any()
                }
                (None, Some(date)) => view! { "paused until "<Day date /> }.into_any(),
                (None, None) => ().into_any(),
            };
            view! {
                <tr>
                    <th scope="row" data-label="Mentee"><a href=format!("/coordinator/enrollments/{}", story.id)>{story.mentee.clone()}</a></th>
                    <td data-label="Option">{story.option_number.name()}</td>
                    <td data-label="Mentor">{story.mentor.clone().unwrap_or_else(|| "none yet".to_owned())}</td>
                    <td data-label="Waiting for"><span>{waits}</span></td>
                    <td data-label="Until"><Day date=story.due_on /></td>
                </tr>
            }
            .into_any()
        })
        .collect();
    let more = (count > MOST_STORIES).then(|| {
        view! { <p>{format!("These are the {MOST_STORIES} longest there. ")}<a href="/coordinator/enrollments">"All of them"</a></p> }
    });
    view! {
        {section("Under way", count, "Nobody is enrolled.", table(&["Mentee", "Option", "Mentor", "Waiting for", "Until"], rows))}
        {more}
    }
}

fn who_mentors(mentors: &[MentorRow], today: NaiveDate) -> impl IntoView + use<> {
    let rows: Vec<AnyView> = mentors
        .iter()
        .map(|mentor| {
            let away = mentor.away_until.filter(|until| *until > today);
            view! {
                <tr>
                    <th scope="row" data-label="Mentor"><a href=format!("/coordinator/mentors/{}", mentor.id)>{mentor.name.clone()}</a></th>
                    <td data-label="Reached by"><span>{mentor.email.clone()}<small>{mentor.phone.clone()}</small></span></td>
                    <td data-label="Mentees"><span>
                        {format!("{} of {}", mentor.current, mentor.capacity)}
                        {away.map(|date| view! { <small>"away until "<Day date /></small> })}
                    </span></td>
                </tr>
            }
            .into_any()
        })
        .collect();
    section("Mentors", rows.len(), "None yet.", table(&["Mentor", "Reached by", "Mentees"], rows))
}

/// Who coordinates, and what was decided otherwise than the program came with.
fn decided(settings: &Settings, coordinators: &[CoordinatorRow]) -> impl IntoView + use<> {
    let people = coordinators
        .iter()
        .map(|row| view! { <div><dt>"Coordinates"</dt><dd>{row.name.clone()}", "{row.email.clone()}{(!row.has_password).then_some(", invited")}</dd></div> })
        .collect_view();
    let changed = differences(&Settings::default(), settings)
        .into_iter()
        .map(|change| view! { <div><dt>{change.label}</dt><dd>{change.after}" "<span class="muted">"(usually "{change.before}")"</span></dd></div> })
        .collect_view();
    view! {
        <section>
            <h2>"Settings in force"</h2>
            <p>"Where nothing stands here, the program’s own defaults hold: "<a href="/coordinator/settings">"all settings"</a>", "
                <a href="/coordinator/settings/versions">"who changed what"</a>"."</p>
            <dl class="facts">{people}{changed}</dl>
        </section>
    }
}

fn explained() -> impl IntoView {
    view! {
        <section>
            <h2>"Where things are explained"</h2>
            <ul class="measure">
                <li>"The program in short, its three options and eight steps: "<a href="/">"start page"</a></li>
                <li>"Who sees what, and what nobody sees: "<a href="/who-sees-what">"who sees what"</a></li>
                <li>"How long each step may take, and what happens when nothing is heard: "<a href="/coordinator/settings#waiting">"settings"</a></li>
                <li>"Books, editions and their chapters: "<a href="/coordinator/library">"library"</a>"; post-test questions: "<a href="/coordinator/questions">"questions"</a></li>
                <li>"One person’s whole way, with everything that happened: "<a href="/coordinator/enrollments">"enrollments"</a>", then the name"</li>
                <li>"Backup, mail server and updates are with whoever operates the server; the program’s README tells them how."</li>
            </ul>
        </section>
    }
}

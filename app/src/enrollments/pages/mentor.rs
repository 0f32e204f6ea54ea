//! The mentor's home: what is theirs to do, what came since the last visit, then each mentee in one line with one action.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use leptos::prelude::*;

use super::{due, verb, waiting, way};
use crate::appointments::{self, Standing, pages::moment_in, time_path};
use crate::clock;
use crate::db::{Queryable, fetch_one};
use crate::discussion::former::{self, Former};
use crate::discussion::news::{self, News};
use crate::discussion::{self, talk_path};
use crate::enrollments::{Move, Owner, Story, What, moves, moves_of, signs, store, turn};
use crate::error::AppError;
use crate::id::EnrollmentId;
use crate::mail;
use crate::people::{Mentor, viewer};
use crate::settings::{self, Settings};
use crate::state;
use crate::ui::{DayOf, Moment, Page, Trail};

pub async fn home() -> Result<Page, AppError> {
    let viewer = viewer().await?;
    let who = viewer.mentor()?;
    let now = state().clock.now();
    let mut tx = state().db.read().await?;
    let settings = settings::store::current(&mut tx).await?;
    let stories = store::list_of_mentor(&mut tx, who).await?;
    let unseen = discussion::store::count_unseen(&mut tx, &viewer).await?;
    let standings = appointments::store::list_standing(&mut tx, &viewer, now).await?;
    let visit = news::find_before(&mut tx, who, now).await?;
    // On the first visit everything is new.
    let news = news::list(&mut tx, who, visit.since.unwrap_or(DateTime::UNIX_EPOCH)).await?;
    let formers = former::list(&mut tx, who).await?;
    let minutes = minutes_since(&mut tx, who).await?;
    let zone = mail::store::find_reader(&mut tx, Some(viewer.id), &settings).await?.schedule.zone;
    drop(tx);
    if visit.note {
        note_visit(who, visit.since).await;
    }

    let mut own: Vec<(Move, &Story)> = Vec::new();
    for story in &stories {
        own.extend(moves_of(&moves(story, &settings), Owner::Mentor).into_iter().map(|one| (one, story)));
    }
    own.sort_by_key(|(one, _)| one.due);
    let turn =
        own.first().map(|(one, story)| turn_block(*one, story).into_any()).unwrap_or_else(|| quiet_block(&stories, &settings));
    let mentees: Vec<&Story> = stories.iter().filter(|story| story.matched_at.is_some()).collect();
    let rows = mentees
        .iter()
        .map(|story| {
            let standing = standings.iter().find(|one| one.enrollment_id == story.id);
            mentee_row(story, &settings, standing, unseen_of(&unseen, story.id), zone, now)
        })
        .collect_view();
    let body = view! {
        <h1>"Hello, "{viewer.name.split_whitespace().next().unwrap_or_default().to_owned()}"."</h1>
        <p class="lede">{thanks(minutes, mentees.len())}</p>
        {turn}
        {also_open(&own)}
        {visit.since.map(|since| news_section(since, news))}
        <section class="hang">
            <h2>"Your mentees"</h2>
            {if mentees.is_empty() {
                view! { <p>"None at present. The coordinator asks you when somebody fits."</p> }.into_any()
            } else {
                view! { <ul class="lines">{rows}</ul> }.into_any()
            }}
        </section>
        {next_talks(&mentees, zone, now)}
        {former_list(formers)}
    };
    Ok(Page::narrow("My mentees", body))
}

/// Notes that a visit begins. A page that cannot keep the mark is still a page.
async fn note_visit(who: Mentor, since: Option<DateTime<Utc>>) {
    let noted = async {
        let mut tx = state().write(&who).await?;
        news::note_visit(&mut tx, who, since).await?;
        tx.commit().await?;
        Ok::<(), AppError>(())
    };
    // The cause is logged where it became an error of the site.
    noted.await.ok();
}

fn unseen_of(unseen: &[(EnrollmentId, i64)], id: EnrollmentId) -> i64 {
    unseen.iter().find(|(one, _)| *one == id).map_or(0, |(_, count)| *count)
}

/// Minutes of talks since the program year began.
async fn minutes_since(tx: &mut impl Queryable, who: Mentor) -> Result<i64, sqlx::Error> {
    let since = clock::program_year_start(clock::today(state().clock.now()));
    let (minutes,) = fetch_one!(
        tx,
        (i64,),
        "SELECT CAST(coalesce(sum(t.minutes), 0) AS BIGINT) FROM talk t
         JOIN mentor_match m ON m.enrollment_id = t.enrollment_id AND m.mentor_id = $1 AND m.state IN ('accepted', 'ended')
         WHERE t.held_on >= $2 AND t.created_at >= m.answered_at AND (m.ended_at IS NULL OR t.created_at <= m.ended_at)",
        who.account(),
        since
    )?;
    Ok(minutes)
}

fn thanks(minutes: i64, mentees: usize) -> String {
    let with = match mentees {
        0 => "You have no mentee just now.".to_owned(),
        1 => "You have one mentee.".to_owned(),
        count => format!("You have {count} mentees."),
    };
    let since = clock::program_year_start(clock::today(state().clock.now())).format("%B");
    match minutes {
        0 => with,
        1..90 => format!("{with} You have given {minutes} minutes of talks since {since}; thank you."),
        _ => format!("{with} You have given {} hours of talks since {since}; thank you.", (minutes + 30) / 60),
    }
}

fn turn_block(one: Move, story: &Story) -> impl IntoView + use<> {
    view! {
        <section class="turn" aria-labelledby="turn">
            <p class="turn-label">"Your turn"</p>
            <h2 class="turn-title" id="turn">{told(one, story)}</h2>
            <p class="turn-meta">"Since "<DayOf at=one.since />", "{due(one)}</p>
            <div class="turn-actions"><a class="button" href=way(one.what, story)>{verb(one.what)}</a></div>
        </section>
    }
}

fn told(one: Move, story: &Story) -> String {
    match one.what {
        What::AnswerProposal => format!("Say whether you can mentor {}", story.mentee),
        What::SignLetter => format!("Sign the letter with {}", story.mentee),
        What::SignOff => format!("Talk over chapters with {} and sign them off", story.mentee),
        What::MarkAnswers if story.unmarked == 1 => format!("Mark 1 answer of {}", story.mentee),
        What::MarkAnswers => format!("Mark {} answers of {}", story.unmarked, story.mentee),
        what => format!("{} ({})", what.told(), story.mentee),
    }
}

fn quiet_block(stories: &[Story], settings: &Settings) -> AnyView {
    let next =
        stories.iter().filter_map(|story| turn(&moves(story, settings)).map(|one| (one, story))).min_by_key(|(one, _)| one.due);
    view! {
        <section class="turn waiting" aria-labelledby="turn">
            <p class="turn-label">"Waiting"</p>
            <h2 class="turn-title" id="turn">"Nothing to do for you now"</h2>
            <p class="turn-meta">{next.map(|(one, story)| waiting(one, story))}</p>
        </section>
    }
    .into_any()
}

fn also_open(own: &[(Move, &Story)]) -> impl IntoView + use<> {
    let rows: Vec<_> = own
        .iter()
        .skip(1)
        .map(|(one, story)| {
            view! {
                <li>
                    <span class="line-main"><a href=way(one.what, story)>{told(*one, story)}</a></span>
                    <span class="line-meta">"Since "<DayOf at=one.since />", "{due(*one)}</span>
                    <span class="line-action"><a class="button quiet small" href=way(one.what, story)>{verb(one.what)}</a></span>
                </li>
            }
        })
        .collect();
    (!rows.is_empty()).then(|| view! { <section class="hang"><h2>"Also yours"</h2><ul class="lines">{rows}</ul></section> })
}

/// What each mentee did since the last visit, in one line each, the newest first.
fn news_section(since: DateTime<Utc>, news: Vec<News>) -> impl IntoView {
    let mut lines: Vec<(EnrollmentId, String, DateTime<Utc>, Vec<String>)> = Vec::new();
    for one in &news {
        let Some(words) = one.words() else { continue };
        match lines.iter_mut().find(|(id, ..)| *id == one.enrollment_id) {
            Some((.., all)) => all.push(words),
            None => lines.push((one.enrollment_id, one.mentee.clone(), one.last_at, vec![words])),
        }
    }
    let rows: Vec<_> = lines
        .into_iter()
        .map(|(id, mentee, last_at, words)| {
            view! {
                <li>
                    <span class="line-main">{mentee}</span>
                    <span class="line-meta">{format!("{}. ", words.join(", "))}<Moment at=last_at /></span>
                    <span class="line-action"><a href=talk_path(id)>"Look"</a></span>
                </li>
            }
        })
        .collect();
    let empty = rows.is_empty();
    view! {
        <section class="hang">
            <h2>"Since your last visit"</h2>
            {if empty {
                view! { <p class="muted">"Nothing new since "<Moment at=since />"."</p> }.into_any()
            } else {
                view! { <ul class="lines" role="list">{rows}</ul> }.into_any()
            }}
        </section>
    }
}

/// The one thing a mentor does next with a mentee: what waits for them first, in the order in which somebody else waits.
fn action(story: &Story, standing: Option<&Standing>, unseen: i64, now: DateTime<Utc>) -> (&'static str, String) {
    let (id, talk) = (story.id, talk_path(story.id));
    let unsigned = story.letter_made_at.is_some() && story.letter_received_at.is_none() && story.mentor_signed_at.is_none();
    if unsigned {
        return ("Sign", format!("/enrollments/{id}/letter"));
    }
    if unseen > 0 {
        return ("Answer", format!("/enrollments/{id}/messages"));
    }
    if let Some(standing) = standing {
        if standing.asked_at.is_some() {
            return ("Choose a time", time_path(id));
        }
        if standing.unconfirmed > 0 {
            return ("Confirm", talk);
        }
        if standing.unlogged(now).is_some() {
            return ("Log the talk", format!("{talk}#log"));
        }
    }
    match (story.undiscussed_since, standing.and_then(|one| one.next(now))) {
        (Some(_), _) => ("Sign off", talk),
        (None, Some(_)) => ("Prepare", talk),
        (None, None) => ("Propose a time", time_path(id)),
    }
}

fn mentee_row(
    story: &Story,
    settings: &Settings,
    standing: Option<&Standing>,
    unseen: i64,
    zone: Tz,
    now: DateTime<Utc>,
) -> impl IntoView + use<> {
    let id = story.id;
    let (label, path) = action(story, standing, unseen, now);
    let news = match unseen {
        0 => String::new(),
        1 => " One new message.".to_owned(),
        count => format!(" {count} new messages."),
    };
    let waits = turn(&moves(story, settings)).filter(|one| one.owner != Owner::Mentor).map(|one| waiting(one, story));
    let next = standing.and_then(|one| one.next(now)).map(|at| view! { " Next talk "{moment_in(zone, at)}"." });
    view! {
        <li>
            <span class="line-main"><a href=format!("/enrollments/{id}/chapters")>{story.mentee.clone()}</a></span>
            <span class="line-meta">{format!("{}, {} of {} chapters read, {} discussed.{news}", story.option_number.name(), story.read, story.chapters, story.discussed)}{next}</span>
            <span class="line-meta">{waits}</span>
            <span class="line-meta"><Trail signs=signs(story) compact=true /></span>
            <span class="line-action"><a class="button quiet small" href=path>{label}</a></span>
        </li>
    }
}

fn next_talks(stories: &[&Story], zone: Tz, now: DateTime<Utc>) -> impl IntoView + use<> {
    let mut talks: Vec<_> =
        stories.iter().filter_map(|story| Some((story.next_talk_at.filter(|at| *at > now)?, *story))).collect();
    talks.sort_by_key(|(at, _)| *at);
    let rows: Vec<_> = talks
        .into_iter()
        .map(|(at, story)| {
            let path = talk_path(story.id);
            view! {
                <li>
                    <span class="line-main"><a href=path.clone()>{story.mentee.clone()}", "{moment_in(zone, at)}</a></span>
                    <span class="line-action"><a class="button quiet small" href=path>"Prepare"</a></span>
                </li>
            }
        })
        .collect();
    (!rows.is_empty()).then(|| view! { <section class="hang"><h2>"Next talks"</h2><ul class="lines">{rows}</ul></section> })
}

/// Those they went with before, to look back on.
fn former_list(formers: Vec<Former>) -> impl IntoView {
    let rows: Vec<_> = formers
        .into_iter()
        .map(|one| {
            view! {
                <li>
                    <span class="line-main"><a href=format!("/mentor/former/{}", one.match_id)>{one.mentee}</a></span>
                    <span class="line-meta">{one.option_number.name()}", from "<DayOf at=one.since />" to "<DayOf at=one.until /></span>
                </li>
            }
        })
        .collect();
    (!rows.is_empty()).then(|| {
        view! { <section class="hang"><h2>"You went with"</h2><ul class="lines" role="list">{rows}</ul></section> }
    })
}

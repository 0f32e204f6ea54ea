//! Calendars as other programs read them: the invitation to one talk, and a person's whole calendar behind a secret
//! address. Separate because the format belongs to others (RFC 5545, RFC 5546), and because the address is opened by
//! programs without a session.
//!
//! Times are written in UTC, which every calendar shows in its owner's zone: no table of zones travels along, and none
//! can be out of date.

use app::State;
use app::appointments::{AppointmentState, Entry, EntryKind, EntryTime, Invitation, link, store, time_path};
use app::error::AppError;
use app::id::CalendarLinkId;
use app::people::Way;
use app::study::chapter_path;
use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::routing::{MethodRouter, get};
use chrono::{DateTime, Duration, Utc};
use icalendar::{Calendar, CalendarDateTime, Component, Event, EventLike, EventStatus, Parameter, Property};

/// Where a calendar program reads a person's calendar.
pub const FEED: &str = "/calendar/{link}/{secret}/qdei.ics";

/// How both are served.
pub const CONTENT_TYPE: &str = "text/calendar; charset=utf-8";

/// What makes the ids of entries unlike those of all other programs.
const DOMAIN: &str = "qdei";

/// What a calendar program is to do with an invitation.
pub fn method(invitation: &Invitation) -> &'static str {
    match invitation.state {
        AppointmentState::Agreed | AppointmentState::Held => "REQUEST",
        AppointmentState::Cancelled => "CANCEL",
    }
}

/// The invitation to a talk for one of the two, or what takes it out of their calendar.
pub fn invitation(state: &State, invitation: &Invitation) -> String {
    let other = if invitation.for_mentee { &invitation.mentor } else { &invitation.mentee };
    let mut event = talk(invitation.starts_at, invitation.minutes, other, invitation.way);
    event
        .uid(&format!("{}@{DOMAIN}", invitation.id))
        .sequence(u32::try_from(invitation.sequence).unwrap_or_default())
        .timestamp(invitation.changed_at)
        .url(&state.link(&time_path(invitation.enrollment_id)));
    if !invitation.place.is_empty() {
        event.location(&invitation.place);
    }
    if invitation.state == AppointmentState::Cancelled {
        event.status(EventStatus::Cancelled);
    }
    let (mentee, mentor) = ((&invitation.mentee, &invitation.mentee_email), (&invitation.mentor, &invitation.mentor_email));
    event.append_property(person("ORGANIZER", if invitation.by_mentee { mentee } else { mentor }));
    for one in [mentee, mentor] {
        let mut attendee = person("ATTENDEE", one);
        // Both have agreed on the page: no calendar needs to ask again.
        attendee.append_parameter(Parameter::new("PARTSTAT", "ACCEPTED")).append_parameter(Parameter::new("RSVP", "FALSE"));
        event.append_multi_property(attendee);
    }
    let mut calendar = empty();
    calendar.append_property(Property::new("METHOD", method(invitation)));
    calendar.push(event.done());
    calendar.to_string()
}

/// A whole calendar, as it is followed by an address.
pub fn feed(state: &State, entries: &[Entry]) -> String {
    let mut calendar = empty();
    // How often a calendar asks again: once an hour is plenty.
    calendar.name("QDEI").ttl(&Duration::hours(1)).append_property(Property::new("METHOD", "PUBLISH"));
    for entry in entries {
        calendar.push(entry_event(state, entry));
    }
    calendar.to_string()
}

fn empty() -> Calendar {
    let mut calendar = Calendar::empty();
    calendar
        .append_property(Property::new("VERSION", "2.0"))
        .append_property(Property::new("PRODID", "-//QDEI//Quality Diabetes Education Initiative//EN"))
        .append_property(Property::new("CALSCALE", "GREGORIAN"));
    calendar
}

fn entry_event(state: &State, entry: &Entry) -> Event {
    let mut event = match (&entry.kind, &entry.at) {
        (EntryKind::Talk { other, way }, EntryTime::From { starts_at, minutes }) => talk(*starts_at, *minutes, other, *way),
        (kind, at) => day(kind, at),
    };
    let path = match &entry.kind {
        EntryKind::Talk { .. } => time_path(entry.enrollment),
        EntryKind::Chapter { .. } => chapter_path(entry.enrollment, app::id::ChapterId(entry.uid)),
        EntryKind::BookDue { .. } => "/mentee/book".to_owned(),
    };
    event
        .uid(&format!("{}@{DOMAIN}", entry.uid))
        .sequence(u32::try_from(entry.sequence).unwrap_or_default())
        .timestamp(entry.changed_at)
        .url(&state.link(&path));
    event.done()
}

fn talk(starts_at: DateTime<Utc>, minutes: i32, other: &str, way: Way) -> Event {
    let mut event = Event::new();
    event
        .summary(&format!("Talk with {other} ({})", way.name().to_lowercase()))
        .starts(CalendarDateTime::Utc(starts_at))
        .ends(CalendarDateTime::Utc(starts_at + Duration::minutes(minutes.into())))
        .status(EventStatus::Confirmed);
    event
}

/// Something for a whole day, which takes no time of it.
fn day(kind: &EntryKind, at: &EntryTime) -> Event {
    let mut event = Event::new();
    let words = match kind {
        EntryKind::Talk { other, .. } => format!("Talk with {other}"),
        EntryKind::Chapter { number, title } => format!("Read chapter {number}, {title}"),
        EntryKind::BookDue { book } => format!("Book due: {book}"),
    };
    let on = match at {
        EntryTime::Day(on) => *on,
        EntryTime::From { starts_at, .. } => app::clock::today(*starts_at),
    };
    event.summary(&words).all_day(on).append_property(Property::new("TRANSP", "TRANSPARENT"));
    event
}

/// One of the two, as calendars write people. A name can hold no quotation mark there.
fn person(role: &str, (name, email): (&String, &String)) -> Property {
    let mut property = Property::new(role, format!("mailto:{email}"));
    property.append_parameter(Parameter::new("CN", &format!("\"{}\"", name.replace('"', "'"))));
    property
}

/// Answers a calendar program. What is no link, or none any more, is an unknown address.
pub fn followed(state: State) -> MethodRouter {
    get(move |Path((link, secret)): Path<(String, String)>| async move {
        match read(&state, &link, &secret).await {
            Ok(Some(text)) => answer(StatusCode::OK, text),
            Ok(None) => answer(StatusCode::NOT_FOUND, String::new()),
            Err(_) => answer(StatusCode::SERVICE_UNAVAILABLE, String::new()),
        }
    })
}

async fn read(state: &State, link: &str, secret: &str) -> Result<Option<String>, AppError> {
    let Ok(id) = link.parse::<CalendarLinkId>() else { return Ok(None) };
    let mut tx = state.db.read().await?;
    let Some(account) = link::open(&mut tx, id, secret).await? else { return Ok(None) };
    let entries = store::list_entries(&mut tx, account, state.clock.now()).await?;
    Ok(Some(feed(state, &entries)))
}

/// The address is a secret: nothing that is opened from the calendar is told of it.
fn answer(status: StatusCode, text: String) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

//! Calendars as other programs read them, parsed by a library that did not write them.

use std::sync::{Arc, Mutex};

use app::appointments::{NewProposal, link, store};
use app::db::fetch_one;
use app::id::{AccountId, SubmissionKey};
use app::people::{Way, viewer::of_account};
use axum::http::StatusCode;
use ical::parser::ical::component::{IcalCalendar, IcalEvent};
use server::demo;
use server::mail::{Post, Transport};

use crate::support::Site;

fn parse(text: &str) -> IcalCalendar {
    // RFC 5545: lines end with CRLF and hold no more than 75 bytes.
    assert!(text.ends_with("END:VCALENDAR\r\n") && text.split("\r\n").all(|line| line.len() <= 75), "{text}");
    let mut found: Vec<_> = ical::IcalParser::new(text.as_bytes()).collect::<Result<_, _>>().unwrap();
    assert_eq!(found.len(), 1);
    found.remove(0)
}

fn value(properties: &[ical::property::Property], name: &str) -> String {
    let found: Vec<_> = properties.iter().filter(|one| one.name == name).collect();
    assert_eq!(found.len(), 1, "{name}");
    found[0].value.clone().unwrap_or_default()
}

fn of(event: &IcalEvent, name: &str) -> String {
    value(&event.properties, name)
}

async fn account(site: &Site, email: &'static str) -> AccountId {
    let mut tx = site.state.db.read().await.unwrap();
    fetch_one!(&mut tx, (AccountId,), "SELECT id FROM account WHERE email = $1", email).unwrap().0
}

async fn demo_site() -> Site {
    let site = Site::new().await;
    assert!(demo::fill(&site.state).await.unwrap());
    site
}

#[tokio::test]
async fn an_invitation_keeps_its_name_through_every_change() {
    let site = demo_site().await;
    let mut mentee = site.signed_in("mentee1@demo.qdei.example", demo::PASSWORD).await;
    let (mentee_id, mentor_id) =
        (account(&site, "mentee1@demo.qdei.example").await, account(&site, "mentor@demo.qdei.example").await);
    let mut tx = site.state.db.read().await.unwrap();
    let (mentee_viewer, mentor_viewer) =
        (of_account(&mut tx, mentee_id).await.unwrap().unwrap(), of_account(&mut tx, mentor_id).await.unwrap().unwrap());
    let enrollment = fetch_one!(
        &mut tx,
        (app::id::EnrollmentId,),
        "SELECT id FROM enrollment WHERE mentee_id = $1 AND state = 'active'",
        mentee_id
    )
    .unwrap()
    .0;
    drop(tx);
    let starts = site.state.clock.now() + chrono::Duration::days(4);
    let mut seen = Vec::new();
    for change in 0..2 {
        let mut tx = site.state.write(&mentor_viewer).await.unwrap();
        let who = mentor_viewer.pair(&mut tx, enrollment).await.unwrap();
        let new = NewProposal {
            key: SubmissionKey::new(),
            minutes: 50,
            way: Way::Video,
            place: "Room 5; the one, with the \\ sign: https://video.qdei.example/a-long-address-that-does-not-fit-on-one-line-of-a-calendar".into(),
            times: vec![starts + chrono::Duration::days(change)],
        };
        store::propose(&mut tx, &site.state, who, &new).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = site.state.write(&mentee_viewer).await.unwrap();
        let who = mentee_viewer.pair(&mut tx, enrollment).await.unwrap();
        let open = store::find_open(&mut tx, who).await.unwrap().unwrap();
        let id = store::accept(&mut tx, &site.state, who, open.id, open.times[0]).await.unwrap();
        tx.commit().await.unwrap();
        let answer = mentee.open(&format!("/appointments/{id}/talk.ics")).await;
        assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, "text/calendar; charset=utf-8"));
        let calendar = parse(&answer.html());
        assert_eq!(value(&calendar.properties, "METHOD"), "REQUEST");
        let event = &calendar.events[0];
        assert_eq!(of(event, "DTSTART"), open.times[0].format("%Y%m%dT%H%M%SZ").to_string());
        assert_eq!(of(event, "DTEND"), (open.times[0] + chrono::Duration::minutes(50)).format("%Y%m%dT%H%M%SZ").to_string());
        assert!(of(event, "LOCATION").starts_with("Room 5\\; the one\\, with the \\\\ sign"), "{}", of(event, "LOCATION"));
        assert_eq!(of(event, "ORGANIZER"), "mailto:mentor@demo.qdei.example");
        assert_eq!(event.properties.iter().filter(|one| one.name == "ATTENDEE").count(), 2);
        seen.push((of(event, "UID"), of(event, "SEQUENCE").parse::<i32>().unwrap(), id));
    }
    assert!(seen[0].0 == seen[1].0 && seen[0].1 < seen[1].1, "{seen:?}");

    // Both get it by mail, as what it is.
    let kept = Arc::new(Mutex::new(Vec::new()));
    let post = Post {
        state: site.state.clone(),
        transport: Transport::Memory(kept.clone()),
        from: "QDEI <qdei@qdei.test>".parse().unwrap(),
    };
    post.drain().await.unwrap();
    let sent = kept.lock().unwrap().clone();
    let invited: Vec<_> = sent.iter().filter(|one| one.contains("method=REQUEST")).collect();
    for address in ["mentee1@demo.qdei.example", "mentor@demo.qdei.example"] {
        assert!(invited.iter().any(|one| one.contains(&format!("<{address}>"))), "{address}");
    }
    assert!(invited.iter().all(|one| one.contains("text/calendar; charset=utf-8") && one.contains("talk.ics")));

    let mut tx = site.state.write(&mentor_viewer).await.unwrap();
    let who = mentor_viewer.pair(&mut tx, enrollment).await.unwrap();
    store::cancel(&mut tx, &site.state, who).await.unwrap();
    tx.commit().await.unwrap();
    let calendar = parse(&mentee.open(&format!("/appointments/{}/talk.ics", seen[1].2)).await.html());
    assert_eq!(value(&calendar.properties, "METHOD"), "CANCEL");
    let event = &calendar.events[0];
    assert_eq!((of(event, "UID"), of(event, "STATUS")), (seen[0].0.clone(), "CANCELLED".to_owned()));
    assert!(of(event, "SEQUENCE").parse::<i32>().unwrap() > seen[1].1);
}

#[tokio::test]
async fn a_calendar_program_follows_the_secret_address_and_no_other() {
    let site = demo_site().await;
    let id = account(&site, "mentee1@demo.qdei.example").await;
    let viewer = of_account(&mut site.state.db.read().await.unwrap(), id).await.unwrap().unwrap();
    let mut tx = site.state.write(&viewer).await.unwrap();
    link::make(&mut tx, &site.state.audit_key, &viewer).await.unwrap();
    let path = link::find(&mut tx, &viewer).await.unwrap().unwrap().path(&site.state.audit_key);
    tx.commit().await.unwrap();
    let answer = site.stranger().open(&path).await;
    assert_eq!((answer.status, answer.header("referrer-policy")), (StatusCode::OK, "no-referrer"));
    assert!(answer.header("set-cookie").is_empty());
    let calendar = parse(&answer.html());
    assert!(calendar.events.len() > 1);
    let mut names: Vec<_> = calendar.events.iter().map(|event| of(event, "UID")).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), calendar.events.len(), "each has a name of its own");
    for event in &calendar.events {
        of(event, "DTSTAMP");
        of(event, "DTSTART");
        let summary = of(event, "SUMMARY");
        assert!(["Talk with ", "Read chapter ", "Book due"].iter().any(|start| summary.starts_with(start)), "{summary}");
        assert!(event.properties.iter().all(|one| !matches!(one.name.as_str(), "DESCRIPTION" | "LOCATION")));
    }
    let wrong = path.replace("/qdei.ics", "0/qdei.ics");
    for path in [wrong.as_str(), "/calendar/x/y/qdei.ics"] {
        let answer = site.stranger().open(path).await;
        assert_eq!((answer.status, answer.body.len()), (StatusCode::NOT_FOUND, 0), "{path}");
    }
    // Strangers cannot try one secret after another.
    let site = site.limited(3);
    let mut last = StatusCode::OK;
    for _ in 0..6 {
        last = site.stranger().open(&wrong).await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
}

//! The coordinator's week: what stands on the list, what can be done in place, and taking it back.

use std::collections::BTreeMap;

use app::Stranger;
use app::applications::store::Outline;
use app::applications::{self, Answers, Arrival, CameBy};
use app::audit;
use app::bulk;
use app::counties::County;
use app::db::{execute, fetch_all, fetch_one, fetch_optional};
use app::desk::api as desk;
use app::desk::{Opened, Place, leaves_at, store, week};
use app::enrollments::list::{self, Filter};
use app::enrollments::{self, OptionNumber, Owner, State, What, standing, thread};
use app::error::AppError;
use app::id::{AccountId, ApplicationId, BulkId, EnrollmentId, MatchId, SubmissionKey, UndoId};
use app::life;
use app::mail::digest::Quiet;
use app::people::{Coordinator, Discipline, Role, Viewer, Way};
use app::settings::Settings;
use app::undo;
use chrono::{Duration, TimeZone, Timelike, Utc};
use proptest::prelude::*;
use sqlx::types::Json;

use crate::support::{Program, each_db};
use crate::visit::Browser;

const DESK: &str = "/coordinator";

fn who(program: &Program) -> Coordinator {
    program.coordinator.coordinator().unwrap()
}

/// The lines of "Needs you": whose enrollment, and whose move.
async fn needs(program: &Program) -> Vec<(EnrollmentId, Owner)> {
    standing::catch_up(&program.state).await.unwrap();
    let mut tx = program.state.db.read().await.unwrap();
    let rows = store::list_needs(&mut tx, &who(program), program.state.clock.now()).await.unwrap();
    let count = store::count_needs(&mut tx, &who(program), program.state.clock.now()).await.unwrap();
    assert_eq!(i64::try_from(rows.len()).unwrap(), count);
    rows.into_iter().map(|row| (row.enrollment_id, row.owner)).collect()
}

/// What can be taken back, the latest first.
async fn recent(program: &Program) -> Vec<UndoId> {
    let mut tx = program.state.db.read().await.unwrap();
    let now = program.state.clock.now();
    undo::store::list(&mut tx, &who(program), now).await.unwrap().into_iter().map(|one| one.id).collect()
}

async fn undo(program: &Program, browser: &Browser<'_>, id: UndoId) -> Result<String, AppError> {
    let text = id.to_string();
    assert!(!text.is_empty() && program.coordinator.coordinator().is_ok());
    browser.send(DESK, "undo-change", &[("undo", &text)], undo::api::undo_change(id)).await
}

async fn called(browser: &Browser<'_>, id: EnrollmentId, person: Owner, heard: &str) -> String {
    let (enrollment, day) = (id.to_string(), "2020-01-02");
    let fields = [
        ("enrollment", enrollment.as_str()),
        ("person", person.as_str()),
        ("heard", heard),
        ("medium", "phone"),
        ("held_on", day),
        ("note", "Back in May, she says"),
    ];
    browser.send(DESK, "enter-contact", &fields, desk::enter_contact(id, person)).await.unwrap()
}

#[tokio::test]
async fn a_call_takes_the_row_off_the_list_and_undo_brings_it_back() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::Two).await;
        let boss = Browser::of(&program, &program.coordinator).await;
        program.state.clock.advance(Duration::days(60));
        let before = needs(&program).await;
        assert_eq!(before, [(pair.enrollment, Owner::Mentee)]);
        let page = boss.open(DESK).await.html;
        assert!(page.contains("Needs you (1)") && page.contains("All active pairs (1)") && page.contains("on the list"));

        assert_eq!(called(&boss, pair.enrollment, Owner::Mentee, "no").await, DESK);
        assert_eq!(needs(&program).await, []);
        let page = boss.open(DESK).await.html;
        assert!(page.contains("Tried to reach") && page.contains("Nothing needs you today."));
        let [id] = recent(&program).await[..] else { panic!("one thing was done") };
        assert_eq!(undo(&program, &boss, id).await.unwrap(), format!("{DESK}?done=change-undone"));
        assert_eq!(needs(&program).await, before);
        // Pressed twice.
        assert_eq!(undo(&program, &boss, id).await.unwrap(), format!("{DESK}?done=change-undone"));
        assert_eq!(needs(&program).await, before);

        // Another coordinator's are not mine to take back.
        called(&boss, pair.enrollment, Owner::Mentee, "yes").await;
        let [id] = recent(&program).await[..] else { panic!("one thing was done") };
        let other = program.person("Other Boss", Role::Coordinator).await;
        let other = Browser::of(&program, &other).await;
        assert_eq!(undo(&program, &other, id).await.unwrap(), DESK);
        assert!(other.open(DESK).await.html.contains("The time in which this could be undone is over."));
        assert_eq!(needs(&program).await, []);
        program.state.clock.advance(Duration::minutes(10));
        assert_eq!(undo(&program, &boss, id).await.unwrap(), DESK);
        assert!(boss.open(DESK).await.html.contains("The time in which this could be undone is over."));
        assert_eq!(needs(&program).await, []);
    })
    .await;
}

#[tokio::test]
async fn a_refused_call_stays_in_its_row_with_what_was_typed() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::Two).await;
        let boss = Browser::of(&program, &program.coordinator).await;
        program.state.clock.advance(Duration::days(60));
        let open =
            Opened { place: Place::Needs, enrollment: pair.enrollment, owner: Owner::Mentee, doing: app::desk::Doing::Called };
        assert_eq!(open.to_string().parse(), Ok(open));
        let from = format!("{DESK}?open={open}");
        let enrollment = pair.enrollment.to_string();
        let fields =
            [("enrollment", enrollment.as_str()), ("act", "called"), ("person", "mentee"), ("note", "Kept <b>words</b>")];
        let led = boss.send(&from, "enter-contact", &fields, desk::enter_contact(pair.enrollment, Owner::Mentee)).await;
        assert_eq!(led.unwrap(), from);
        let page = boss.open(&from).await.html;
        assert!(page.contains("Say whether you heard from them.") && page.contains("Kept &lt;b&gt;words"));
        assert!(!page.contains("<b>words") && page.contains("Choose a date."));
        // A row that is gone meanwhile still shows what was typed.
        called(&boss, pair.enrollment, Owner::Mentee, "yes").await;
        let page = boss.open(&from).await.html;
        assert!(page.contains("Nothing needs you today.") && page.contains("Save the call"));
    })
    .await;
}

/// The mails of a kind with their states.
async fn mails(program: &Program, kind: &str) -> Vec<(String, String)> {
    let mut tx = program.state.db.read().await.unwrap();
    fetch_all!(&mut tx, (String, String), "SELECT address, state FROM mail WHERE kind = $1 ORDER BY created_at, id", kind)
        .unwrap()
}

async fn write(program: &Program, browser: &Browser<'_>, id: EnrollmentId, key: &str) -> String {
    let enrollment = id.to_string();
    let fields = [
        ("enrollment", enrollment.as_str()),
        ("person", "mentor"),
        ("key", key),
        ("subject", "Your next talk\nBcc: all@example.org"),
        ("text", "When do you two talk again?"),
    ];
    assert!(program.coordinator.coordinator().is_ok());
    browser.send(DESK, "write-to-person", &fields, desk::write_to_person(id, Owner::Mentor)).await.unwrap()
}

#[tokio::test]
async fn a_letter_waits_and_is_taken_back_until_it_has_left() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::Two).await;
        let boss = Browser::of(&program, &program.coordinator).await;
        let key = SubmissionKey::new().to_string();
        for _ in 0..2 {
            assert_eq!(write(&program, &boss, pair.enrollment, &key).await, DESK);
        }
        let address = pair.mentor.email.clone();
        assert_eq!(mails(&program, "coordinator_wrote").await, [(address.clone(), "waiting".to_owned())]);
        let mut tx = program.state.db.read().await.unwrap();
        let (due, subject) = fetch_one!(
            &mut tx,
            (chrono::DateTime<Utc>, sqlx::types::Json<std::collections::BTreeMap<String, String>>),
            "SELECT next_attempt_at, fields FROM mail WHERE kind = 'coordinator_wrote'"
        )
        .unwrap();
        drop(tx);
        assert!(due >= program.state.clock.now() + Duration::minutes(9));
        assert_eq!(subject.0["subject"], "Your next talk Bcc: all@example.org");
        let [id] = recent(&program).await[..] else { panic!("one thing was done") };
        undo(&program, &boss, id).await.unwrap();
        assert_eq!(mails(&program, "coordinator_wrote").await, [(address.clone(), "dropped".to_owned())]);

        write(&program, &boss, pair.enrollment, &SubmissionKey::new().to_string()).await;
        let mut tx = program.state.write(&Stranger).await.unwrap();
        execute!(
            &mut tx,
            "UPDATE mail SET claimed_until = next_attempt_at WHERE state = 'waiting' AND kind = 'coordinator_wrote'"
        )
        .unwrap();
        tx.commit().await.unwrap();
        let [id] = recent(&program).await[..] else { panic!("one thing was done") };
        assert_eq!(undo(&program, &boss, id).await.unwrap(), DESK);
        assert!(boss.open(DESK).await.html.contains("the mail about it has left"));
        let mut tx = program.state.db.read().await.unwrap();
        let (kept,): (i64,) = fetch_one!(&mut tx, (i64,), "SELECT COUNT(*) FROM contact WHERE undone_at IS NULL").unwrap();
        assert_eq!(kept, 1, "what is refused changes nothing");
    })
    .await;
}

#[tokio::test]
async fn a_reminder_is_one_line_of_the_next_summary() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::Two).await;
        let boss = Browser::of(&program, &program.coordinator).await;
        program.state.clock.advance(Duration::days(60));
        let (id, before) = (pair.enrollment, needs(&program).await);
        let enrollment = id.to_string();
        for person in [Owner::Mentor, Owner::Mentee] {
            let fields = [("enrollment", enrollment.as_str()), ("person", person.as_str()), ("act", "remind")];
            boss.send(DESK, "remind-person", &fields, desk::remind_person(id, person)).await.unwrap();
        }
        assert!(boss.open(&format!("{DESK}?open=needs.{id}.mentor.remind")).await.html.contains("Nothing waits on"));
        assert_eq!(mails(&program, "nudge").await, [(pair.mentee.email.clone(), "waiting".to_owned())]);
        assert_eq!(needs(&program).await, []);
        let [done] = recent(&program).await[..] else { panic!("one thing was done") };
        undo(&program, &boss, done).await.unwrap();
        assert_eq!(mails(&program, "nudge").await, [(pair.mentee.email.clone(), "dropped".to_owned())]);
        assert_eq!(needs(&program).await, before);
        let mut tx = program.state.db.read().await.unwrap();
        let (stalls,): (i64,) = fetch_one!(&mut tx, (i64,), "SELECT COUNT(*) FROM stall").unwrap();
        assert_eq!(stalls, 0, "the stall began with the reminder");
    })
    .await;
}

async fn live_match(program: &Program, id: EnrollmentId) -> (MatchId, AccountId) {
    let mut tx = program.state.db.read().await.unwrap();
    let sql = "SELECT id, mentor_id FROM mentor_match WHERE enrollment_id = $1 AND state IN ('proposed', 'accepted')";
    fetch_one!(&mut tx, (MatchId, AccountId), sql, id).unwrap()
}

#[tokio::test]
async fn the_next_mentor_is_named_proposed_and_taken_back() {
    each_db(async |program| {
        let near = program.mentor("Near Mentor", "30049").await;
        let far = program.mentor("Far Mentor", "30011").await;
        let (_, id) = program.enrollment("Dana Whitcomb", OptionNumber::One).await;
        let mut tx = program.state.write(&program.coordinator).await.unwrap();
        let settings = Settings::default();
        app::matching::store::propose(&mut tx, &who(&program), id, near.id, &settings).await.unwrap();
        tx.commit().await.unwrap();
        program.state.clock.advance(Duration::days(8));
        assert!(needs(&program).await.contains(&(id, Owner::Mentor)));
        let boss = Browser::of(&program, &program.coordinator).await;
        assert!(boss.open(DESK).await.html.contains("Propose next: Far Mentor"));

        let (first, _) = live_match(&program, id).await;
        let led = boss.send(DESK, "propose-next", &[], desk::propose_next(id, first, far.id)).await.unwrap();
        assert_eq!(led, DESK);
        let (second, mentor) = live_match(&program, id).await;
        assert_eq!(mentor, far.id);
        assert!(!needs(&program).await.contains(&(id, Owner::Mentor)));
        // A second coordinator who saw the same button comes too late, and changes nothing.
        let other = program.person("Other Boss", Role::Coordinator).await;
        let late = Browser::of(&program, &other).await;
        let fields = [("enrollment", id.to_string()), ("act", "next".to_owned())];
        let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
        late.send(DESK, "propose-next", &fields, desk::propose_next(id, first, far.id)).await.unwrap();
        assert!(late.open(&format!("{DESK}?open=needs.{id}.mentor.next")).await.html.contains("Look at the list again."));
        assert_eq!(live_match(&program, id).await.0, second);

        let [done] = recent(&program).await[..] else { panic!("one thing was done") };
        undo(&program, &boss, done).await.unwrap();
        assert_eq!(live_match(&program, id).await, (first, near.id));
        assert!(needs(&program).await.contains(&(id, Owner::Mentor)));
        let dropped: Vec<_> = mails(&program, "mentor_proposed").await.into_iter().map(|(_, state)| state).collect();
        assert!(dropped.contains(&"dropped".to_owned()));

        // Once the mentor has answered, the way back is closed.
        boss.send(DESK, "propose-next", &[], desk::propose_next(id, first, far.id)).await.unwrap();
        let (second, _) = live_match(&program, id).await;
        let mut tx = program.state.write(&far).await.unwrap();
        let found = app::matching::store::find(&mut tx, &who(&program), second).await.unwrap().unwrap();
        app::matching::store::accept(&mut tx, far.mentor().unwrap(), &found).await.unwrap();
        tx.commit().await.unwrap();
        let [done] = recent(&program).await[..] else { panic!("one thing was done") };
        undo(&program, &boss, done).await.unwrap();
        assert!(boss.open(DESK).await.html.contains("the mentor has answered"));
        assert_eq!(live_match(&program, id).await, (second, far.id));
    })
    .await;
}

async fn story(program: &Program, id: EnrollmentId) -> app::enrollments::Story {
    app::enrollments::store::find(&mut program.state.db.read().await.unwrap(), id).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_leave_more_time_and_a_withdrawal_are_taken_back_whole() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::Two).await;
        let boss = Browser::of(&program, &program.coordinator).await;
        let id = pair.enrollment;
        let before = story(&program, id).await;
        let later = (before.due_on + Duration::days(40)).to_string();

        let fields = [("until", later.as_str()), ("reason", "A new child")];
        boss.send(DESK, "extend-in-place", &fields, desk::extend_in_place(id)).await.unwrap();
        assert_eq!(story(&program, id).await.due_on, before.due_on + Duration::days(40));
        boss.send(DESK, "pause-in-place", &fields, desk::pause_in_place(id)).await.unwrap();
        assert_eq!(story(&program, id).await.state, State::Paused);
        let [pause, extension] = recent(&program).await[..] else { panic!("two things were done") };
        for one in [pause, extension] {
            undo(&program, &boss, one).await.unwrap();
        }
        let now = story(&program, id).await;
        assert_eq!((now.state, now.due_on, now.paused_until), (before.state, before.due_on, None));
        assert!(now.stops.iter().all(|stop| stop.from == stop.to), "no clock stood still");

        boss.send(DESK, "pause-in-place", &fields, desk::pause_in_place(id)).await.unwrap();
        let reason = [("reason", "Moved away")];
        let change = app::enrollments::api::withdraw_enrollment(id);
        boss.send(DESK, "withdraw-enrollment", &reason, change).await.unwrap();
        assert_eq!(story(&program, id).await.state, State::Withdrawn);
        let [withdrawal, pause] = recent(&program).await[..] else { panic!("two things were done") };
        undo(&program, &boss, pause).await.unwrap();
        assert!(boss.open(DESK).await.html.contains("something happened to it since"), "the withdrawal stands on the leave");
        undo(&program, &boss, withdrawal).await.unwrap();
        let now = story(&program, id).await;
        assert_eq!((now.state, now.paused_until), (State::Paused, Some(before.due_on + Duration::days(40))));
        undo(&program, &boss, pause).await.unwrap();
        assert_eq!(story(&program, id).await.state, State::Active);
    })
    .await;
}

/// Somebody applies.
async fn application(program: &Program, name: &str) -> ApplicationId {
    let outlines =
        applications::store::list_outlines_for(&mut program.state.db.read().await.unwrap(), OptionNumber::Two).await.unwrap();
    let study = outlines.iter().flat_map(Outline::studies).find(|study| study.option == OptionNumber::Two).unwrap();
    let county = County::by_fips("30011").unwrap();
    let answers = Answers {
        name: name.into(),
        email: format!("{}@qdei.test", name.to_lowercase().replace(' ', ".")),
        phone: String::new(),
        discipline: Discipline::Dietitian,
        workplace: "Ekalaka clinic".into(),
        county,
        serves: vec![county],
        study,
        ways: vec![Way::Video],
        interests: Vec::new(),
        reason: String::new(),
    };
    let mut tx = program.state.write(&Stranger).await.unwrap();
    let key = SubmissionKey::new();
    let Arrival::New(id) = applications::store::receive(&mut tx, &program.state, &answers, key, CameBy::Form).await.unwrap()
    else {
        panic!("the application is new")
    };
    tx.commit().await.unwrap();
    id
}

async fn accepted(program: &Program, id: ApplicationId) -> Option<EnrollmentId> {
    let mut tx = program.state.db.read().await.unwrap();
    let found = fetch_optional!(&mut tx, (EnrollmentId,), "SELECT id FROM enrollment WHERE application_id = $1", id).unwrap();
    let found = found.map(|(id,)| id);
    let state = applications::store::find(&mut tx, &who(program), id).await.unwrap().unwrap().state;
    assert_eq!(found.is_some(), state == applications::State::Accepted);
    found
}

#[tokio::test]
async fn an_acceptance_in_place_is_taken_back_with_all_it_made() {
    each_db(async |program| {
        let id = application(&program, "Dana Whitcomb").await;
        let boss = Browser::of(&program, &program.coordinator).await;
        let page = boss.open(DESK).await.html;
        assert!(page.contains("New applications (1)") && page.contains("Accept, Dana Whitcomb"));
        assert_eq!(boss.send(DESK, "accept-in-place", &[], desk::accept_in_place(id)).await.unwrap(), DESK);
        assert!(accepted(&program, id).await.is_some());
        assert_eq!(needs(&program).await.len(), 1, "she needs a mentor now");
        assert_eq!(mails(&program, "invitation").await, [("dana.whitcomb@qdei.test".to_owned(), "waiting".to_owned())]);
        // Two at once: the second is told, and what the first did stands.
        let other = program.person("Other Boss", Role::Coordinator).await;
        let other = Browser::of(&program, &other).await;
        other.send(DESK, "accept-in-place", &[("application", "x")], desk::accept_in_place(id)).await.unwrap();
        assert!(other.open(DESK).await.html.contains("This application was accepted already."));

        let [done] = recent(&program).await[..] else { panic!("one thing was done") };
        undo(&program, &boss, done).await.unwrap();
        assert_eq!(accepted(&program, id).await, None);
        assert_eq!(needs(&program).await, []);
        assert_eq!(mails(&program, "invitation").await, [("dana.whitcomb@qdei.test".to_owned(), "dropped".to_owned())]);
        let count = async |sql| {
            let mut tx = program.state.db.read().await.unwrap();
            let (count,): (i64,) = fetch_one!(&mut tx, (i64,), sql).unwrap();
            count
        };
        assert_eq!(count("SELECT COUNT(*) FROM account WHERE email = 'dana.whitcomb@qdei.test'").await, 0);
        assert_eq!(count("SELECT COUNT(*) FROM invitation").await, 0);

        // Accepted again; then something is built on it.
        boss.send(DESK, "accept-in-place", &[], desk::accept_in_place(id)).await.unwrap();
        let enrollment = accepted(&program, id).await.unwrap();
        let mentor = program.mentor("Near Mentor", "30011").await;
        let mut tx = program.state.write(&program.coordinator).await.unwrap();
        app::matching::store::propose(&mut tx, &who(&program), enrollment, mentor.id, &Settings::default()).await.unwrap();
        tx.commit().await.unwrap();
        let [done] = recent(&program).await[..] else { panic!("one thing was done") };
        undo(&program, &boss, done).await.unwrap();
        assert!(boss.open(DESK).await.html.contains("something happened to it since"));
        assert_eq!(accepted(&program, id).await, Some(enrollment));
    })
    .await;
}

#[tokio::test]
async fn an_account_that_was_there_before_stays() {
    each_db(async |program| {
        let id = application(&program, "Dana Whitcomb").await;
        let person = program.person("Dana Whitcomb", Role::Mentor).await;
        let boss = Browser::of(&program, &program.coordinator).await;
        boss.send(DESK, "accept-in-place", &[], desk::accept_in_place(id)).await.unwrap();
        let [done] = recent(&program).await[..] else { panic!("one thing was done") };
        undo(&program, &boss, done).await.unwrap();
        let mut tx = program.state.db.read().await.unwrap();
        let viewer: Viewer = app::people::viewer::of_account(&mut tx, person.id).await.unwrap().unwrap();
        assert!(viewer.holds(Role::Mentor) && !viewer.holds(Role::Mentee));
    })
    .await;
}

/// Chooses from a list; gives the choice.
async fn choose(browser: &Browser<'_>, from: &str, fields: &[(&str, &str)]) -> Option<BulkId> {
    let led = browser.send(from, "choose-many", fields, bulk::api::choose_many()).await.unwrap();
    led.strip_prefix("/coordinator/bulk/").map(|id| id.parse().unwrap())
}

#[tokio::test]
async fn many_are_accepted_as_the_preview_says_and_taken_back() {
    each_db(async |program| {
        let (mut ids, list) = (Vec::new(), "/coordinator/applications");
        for name in ["Ann One", "Bea Two", "Cay Three"] {
            ids.push(application(&program, name).await);
        }
        let boss = Browser::of(&program, &program.coordinator).await;
        assert!(boss.open(list).await.html.contains("All 3 that are open"));
        assert_eq!(choose(&boss, list, &[("act", "accept")]).await, None);
        assert!(boss.open(list).await.html.contains("Choose at least one from the list."));
        let chosen: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let fields: Vec<(&str, &str)> =
            [("act", "accept")].into_iter().chain(chosen.iter().map(|id| ("chosen", id.as_str()))).collect();
        let bulk = choose(&boss, list, &fields).await.unwrap();
        // One of them is decided meanwhile.
        boss.send(list, "accept-in-place", &[], desk::accept_in_place(ids[1])).await.unwrap();
        let here = format!("/coordinator/bulk/{bulk}");
        let page = boss.open(&here).await.html;
        assert!(page.contains("Accept 2 applications") && page.contains("was accepted already"));
        assert!(page.contains("an invitation to ann.one@qdei.test"));

        let one = bulk.to_string();
        for _ in 0..2 {
            let led = boss.send(&here, "do-many", &[("bulk", &one)], bulk::api::do_many(bulk)).await.unwrap();
            assert_eq!(led, here);
        }
        assert_eq!(mails(&program, "invitation").await.len(), 3);
        let page = boss.open(&here).await.html;
        assert!(page.contains("2 applications accepted.") && page.contains("2 applications are accepted."));
        let done = recent(&program).await[0];
        undo(&program, &boss, done).await.unwrap();
        assert_eq!(accepted(&program, ids[0]).await, None);
        assert!(accepted(&program, ids[1]).await.is_some());
        assert_eq!(accepted(&program, ids[2]).await, None);
        // Nobody else's choice is open to another coordinator.
        let other = program.person("Other Boss", Role::Coordinator).await;
        assert_eq!(Browser::of(&program, &other).await.open(&here).await.status, axum::http::StatusCode::NOT_FOUND);
        let bulk = choose(&boss, list, &[("act", "accept"), ("all", "yes")]).await.unwrap();
        assert!(boss.open(&format!("/coordinator/bulk/{bulk}")).await.html.contains("Accept 2 applications"));
    })
    .await;
}

#[tokio::test]
async fn many_are_reminded_and_extended_and_those_left_out_are_named() {
    each_db(async |program| {
        let (late, paused) = (program.pair(OptionNumber::Two).await, program.pair(OptionNumber::Two).await);
        let boss = Browser::of(&program, &program.coordinator).await;
        program.state.clock.advance(Duration::days(60));
        let until = (story(&program, paused.enrollment).await.due_on).to_string();
        boss.send(DESK, "pause-in-place", &[("until", &until)], desk::pause_in_place(paused.enrollment)).await.unwrap();
        let list = "/coordinator/enrollments";
        assert!(boss.open(list).await.html.contains("All 2 that match"));

        let bulk = choose(&boss, list, &[("act", "remind"), ("all", "yes")]).await.unwrap();
        let here = format!("/coordinator/bulk/{bulk}");
        let page = boss.open(&here).await.html;
        assert!(page.contains("Remind 1 enrollment") && page.contains("is paused"));
        boss.send(&here, "do-many", &[], bulk::api::do_many(bulk)).await.unwrap();
        assert_eq!(mails(&program, "nudge").await, [(late.mentee.email.clone(), "waiting".to_owned())]);
        let again = choose(&boss, list, &[("act", "remind"), ("all", "yes")]).await.unwrap();
        let page = boss.open(&format!("/coordinator/bulk/{again}")).await.html;
        assert!(page.contains("a reminder is on its way already") && page.contains("There is nobody among the chosen"));

        let bulk = choose(&boss, list, &[("act", "extend"), ("all", "yes")]).await.unwrap();
        let here = format!("/coordinator/bulk/{bulk}");
        assert_eq!(boss.send(&here, "do-many", &[("bulk", &bulk.to_string())], bulk::api::do_many(bulk)).await.unwrap(), here);
        assert!(boss.open(&here).await.html.contains("Say why, so that it can be learned from."));
        let before = story(&program, late.enrollment).await.due_on;
        let fields = [("months", "6"), ("reason", "A hard winter")];
        boss.send(&here, "do-many", &fields, bulk::api::do_many(bulk)).await.unwrap();
        let after = story(&program, late.enrollment).await.due_on;
        assert_eq!(Some(after), before.checked_add_months(chrono::Months::new(6)));
        let done = recent(&program).await[0];
        undo(&program, &boss, done).await.unwrap();
        assert_eq!(story(&program, late.enrollment).await.due_on, before);

        let bulk = choose(&boss, list, &[("act", "export"), ("all", "yes")]).await.unwrap();
        assert!(boss.open(&format!("/coordinator/bulk/{bulk}")).await.html.contains("Download 2 enrollments"));
        let lines =
            bulk::store::list_exported(&mut program.state.db.read().await.unwrap(), &who(&program), bulk).await.unwrap();
        let file = String::from_utf8(bulk::file::csv(&lines).unwrap()).unwrap();
        assert_eq!(file.lines().count(), 3);
        assert!(file.contains(&late.mentee.email) && file.contains("mentee to "));
    })
    .await;
}

#[tokio::test]
async fn the_list_is_narrowed_to_what_is_asked_for() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::Two).await;
        let (_, alone) = program.enrollment("Alone Mentee", OptionNumber::Three).await;
        let mut tx = program.state.write(&Stranger).await.unwrap();
        execute!(
            &mut tx,
            "UPDATE application SET county = '30011' WHERE id = (SELECT application_id FROM enrollment WHERE id = $1)",
            alone
        )
        .unwrap();
        tx.commit().await.unwrap();
        program.state.clock.advance(Duration::days(60));
        standing::catch_up(&program.state).await.unwrap();
        let found = async |filter: &[(&str, &str)]| {
            let filter =
                Filter::read(|name| filter.iter().find(|(field, _)| *field == name).map(|(_, value)| (*value).to_owned()));
            let mut tx = program.state.db.read().await.unwrap();
            let now = program.state.clock.now();
            let lines = list::list(&mut tx, &who(&program), &filter, now, 0).await.unwrap();
            let count = list::count(&mut tx, &who(&program), &filter, now).await.unwrap();
            assert_eq!(i64::try_from(lines.len()).unwrap(), count);
            lines.into_iter().map(|line| line.enrollment_id).collect::<Vec<_>>()
        };
        assert_eq!(found(&[]).await.len(), 2);
        assert_eq!(found(&[("option", "2")]).await, [pair.enrollment]);
        assert_eq!(found(&[("step", "2")]).await, [alone]);
        assert_eq!(found(&[("turn", "coordinator")]).await, [alone]);
        assert_eq!(found(&[("counties", "frontier")]).await, [alone]);
        assert_eq!(found(&[("counties", "others")]).await, [pair.enrollment]);
        assert_eq!(found(&[("stalled", "1"), ("option", "2")]).await, [pair.enrollment]);
        assert_eq!(found(&[("ended", "1")]).await, []);
        let boss = Browser::of(&program, &program.coordinator).await;
        boss.send(DESK, "withdraw-enrollment", &[("reason", "Left")], app::enrollments::api::withdraw_enrollment(alone))
            .await
            .unwrap();
        standing::catch_up(&program.state).await.unwrap();
        assert_eq!(found(&[("ended", "1")]).await, [alone]);
        assert_eq!(found(&[("step", "2")]).await, []);
        for filter in [&[("ended", "")][..], &[("step", "9"), ("option", "7"), ("turn", "nobody")]] {
            assert_eq!(found(filter).await, [pair.enrollment], "what is unknown narrows nothing");
        }
    })
    .await;
}

#[tokio::test]
async fn the_thread_tells_everything_but_what_is_private() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::Two).await;
        let id = pair.enrollment;
        for (shared, words) in [(false, "A private thought"), (true, "A shared thought")] {
            let mut tx = program.state.write(&pair.mentee).await.unwrap();
            let own = pair.mentee.own(&mut tx, id).await.unwrap();
            let outline = program.outline(OptionNumber::Two).await;
            let chapter = app::study::store::list_chapters(&mut tx, outline).await.unwrap()[0].id;
            let entry = app::study::NewEntry {
                key: SubmissionKey::new(),
                chapter,
                studied_on: app::clock::today(tx.now()),
                minutes: 30,
                reflection: words.into(),
                shared,
                replaces: None,
            };
            app::study::store::insert_entry(&mut tx, own, &entry).await.unwrap();
            let thought = app::id::MessageId::new();
            let now = tx.now();
            execute!(
                &mut tx,
                "INSERT INTO message (id, submission_key, enrollment_id, author_id, body, for_talk, created_at)
                 VALUES ($1, $1, $2, $3, 'A private message', FALSE, $4)",
                thought,
                id,
                pair.mentee.id,
                now
            )
            .unwrap();
            tx.commit().await.unwrap();
        }
        let boss = Browser::of(&program, &program.coordinator).await;
        called(&boss, id, Owner::Mentor, "yes").await;
        let (here, enrollment) = (format!("/coordinator/enrollments/{id}"), id.to_string());
        let note = [("enrollment", enrollment.as_str()), ("body", "Ask about May")];
        boss.send(&here, "write-note", &note, desk::write_note(id)).await.unwrap();
        let page = boss.open(&here).await.html;
        for words in [
            "A shared thought",
            "wrote a message",
            "Heard from",
            "entered by Cora Dinator, by phone",
            "Ask about May",
            "applied",
        ] {
            assert!(page.contains(words), "{words}");
        }
        assert!(!page.contains("A private"), "neither a reflection that is not shared nor a message");
        for (kind, words, not) in [
            ("study", "30 minutes", "Ask about May</p></div>"),
            ("contact", "Heard from", "30 minutes"),
            ("papers", "applied", "wrote a message"),
            ("notes", "Note by Cora Dinator", "30 minutes"),
        ] {
            let page = boss.open(&format!("{here}?kind={kind}")).await.html;
            assert!(page.contains(words) && !page.contains(not), "{kind}");
        }
        // A page of the thread, and the one after it.
        let mut tx = program.state.db.read().await.unwrap();
        let all = thread::list(&mut tx, &who(&program), id, None, 0).await.unwrap();
        assert!(all.windows(2).all(|two| two[0].at >= two[1].at), "the latest first");
        assert_eq!(thread::list(&mut tx, &who(&program), id, None, 1).await.unwrap(), []);
    })
    .await;
}

proptest! {
    #[test]
    fn a_letter_leaves_neither_too_early_nor_in_quiet_hours(hour in 0_i64..20_000, from in 0_u32..24, to in 0_u32..24) {
        let quiet = Quiet { from, to };
        let at = Utc.with_ymd_and_hms(2026, 1, 1, 0, 0, 0).unwrap() + Duration::minutes(hour * 7);
        for zone in [chrono_tz::America::Denver, chrono_tz::Asia::Kolkata, chrono_tz::UTC] {
            let leaves = leaves_at(at, zone, quiet);
            prop_assert!(leaves >= at && leaves <= at + Duration::hours(25));
            let local = leaves.with_timezone(&zone).hour();
            prop_assert!(!quiet.covers(local), "{local} lies within the hours from {from} to {to}");
            prop_assert!(quiet.covers(at.with_timezone(&zone).hour()) || leaves == at);
        }
    }
}

#[tokio::test]
async fn a_week_is_told_once_with_where_the_record_stands() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::Two).await;
        let told = async || {
            week::tell(&program.state).await.unwrap();
            let mut tx = program.state.db.read().await.unwrap();
            let sql = "SELECT fields FROM mail WHERE kind = 'week' ORDER BY created_at, id";
            fetch_all!(&mut tx, (Json<BTreeMap<String, String>>,), sql).unwrap()
        };
        let head = audit::store::head(&mut program.state.db.read().await.unwrap()).await.unwrap();
        let first = told().await;
        assert_eq!(first.len(), 1, "one coordinator");
        assert_eq!(first[0].0["head"], format!("{}:{}", head.seq, head.mac));
        assert_eq!(told().await.len(), 1, "the same week");
        program.state.clock.advance(Duration::days(7));
        assert_eq!(told().await.len(), 2);
        drop(pair);
    })
    .await;
}

#[tokio::test]
async fn a_wish_for_more_time_stands_on_the_list_until_it_is_answered() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::Two).await;
        let until = story(&program, pair.enrollment).await.due_on + Duration::days(60);
        let mut tx = program.state.write(&pair.mentee).await.unwrap();
        let own = pair.mentee.own(&mut tx, pair.enrollment).await.unwrap();
        let asking = enrollments::store::find(&mut tx, pair.enrollment).await.unwrap().unwrap();
        let key = SubmissionKey::new();
        life::store::ask_for_time(&mut tx, &program.state, own, &asking, key, until, "A new baby").await.unwrap();
        tx.commit().await.unwrap();
        let listed = async || {
            standing::catch_up(&program.state).await.unwrap();
            let mut tx = program.state.db.read().await.unwrap();
            let rows = store::list_needs(&mut tx, &who(&program), program.state.clock.now()).await.unwrap();
            rows.iter().any(|row| row.what == What::AnswerTime && row.enrollment_id == pair.enrollment)
        };
        assert!(listed().await);
        let mut tx = program.state.write(&who(&program)).await.unwrap();
        life::store::refuse_time(&mut tx, &who(&program), pair.enrollment).await.unwrap();
        tx.commit().await.unwrap();
        assert!(!listed().await);
    })
    .await;
}

//! What an enrollment waits for, and what is done when it waits too long.

use app::Stranger;
use app::contacts::{self, Medium, NewContact};
use app::db::{execute, fetch_all, fetch_one};
use app::enrollments::ladder::{Stop, rungs, stretch};
use app::enrollments::watch::{self, Ending};
use app::enrollments::{Action, Move, OptionNumber, Owner, What, moves, standing, store};
use app::error::AppError;
use app::id::{EnrollmentId, MessageId, SubmissionKey};
use app::mail;
use app::settings::Settings;
use chrono::{DateTime, Duration, TimeZone, Utc};
use proptest::prelude::*;

use crate::support::{Pair, Program, each_db};

fn at(day: i64) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 1, 1, 12, 0, 0).unwrap() + Duration::days(day)
}

fn stop(from: i64, to: i64, owner: Option<Owner>) -> Stop {
    Stop { from: at(from), to: at(to), owner }
}

#[test]
fn a_leave_gives_back_the_time_it_takes() {
    let limit = Duration::days(30);
    assert_eq!(stretch(at(0), limit, Owner::Mentee, &[]), at(30));
    assert_eq!(stretch(at(0), limit, Owner::Mentee, &[stop(10, 20, None)]), at(40));
    // One that began before counts from the move on; one after the end does not count.
    assert_eq!(stretch(at(0), limit, Owner::Mentee, &[stop(-10, 5, None), stop(36, 60, None)]), at(35));
    // The end moves into the next leave.
    assert_eq!(stretch(at(0), limit, Owner::Mentee, &[stop(20, 30, None), stop(35, 45, None)]), at(50));
    // A mentor who is away stops no clock but the mentor's.
    assert_eq!(stretch(at(0), limit, Owner::Mentee, &[stop(10, 20, Some(Owner::Mentor))]), at(30));
    assert_eq!(stretch(at(0), limit, Owner::Mentor, &[stop(10, 20, Some(Owner::Mentor))]), at(40));
}

/// The same, counted hour by hour.
fn by_hours(since: DateTime<Utc>, hours: i64, stops: &[Stop]) -> DateTime<Utc> {
    let (mut now, mut left) = (since, hours);
    while left > 0 {
        let stands = stops.iter().any(|stop| stop.from <= now && now < stop.to);
        now += Duration::hours(1);
        left -= i64::from(!stands);
    }
    now
}

proptest! {
    #[test]
    fn time_stands_still_in_every_leave(limit in 1_i64..400, leaves in prop::collection::vec((-200_i64..600, 0_i64..200), 0..6)) {
        let stops: Vec<Stop> = leaves
            .iter()
            .map(|(from, length)| Stop { from: at(0) + Duration::hours(*from), to: at(0) + Duration::hours(from + length), owner: None })
            .collect();
        let end = stretch(at(0), Duration::hours(limit), Owner::Mentee, &stops);
        prop_assert_eq!(end, by_hours(at(0), limit, &stops));
    }
}

async fn open(program: &Program, id: EnrollmentId) -> (app::enrollments::Story, Vec<Move>) {
    let mut tx = program.state.db.read().await.unwrap();
    let story = store::find(&mut tx, id).await.unwrap().unwrap();
    let moves = moves(&story, &Settings::default());
    (story, moves)
}

fn only(moves: &[Move], what: What) -> Move {
    *moves.iter().find(|one| one.what == what).unwrap_or_else(|| panic!("{what} is not open"))
}

/// The mentee reads a chapter, so that the mentor's move is open.
async fn read_a_chapter(program: &Program, pair: &Pair) {
    let mut tx = program.state.write(&pair.mentee).await.unwrap();
    let own = pair.mentee.own(&mut tx, pair.enrollment).await.unwrap();
    let (outline,) =
        fetch_one!(&mut tx, (app::id::OutlineId,), "SELECT outline_id FROM enrollment WHERE id = $1", pair.enrollment).unwrap();
    let chapter = app::study::store::list_chapters(&mut tx, outline).await.unwrap()[0].id;
    let entry = app::study::NewEntry {
        key: SubmissionKey::new(),
        chapter,
        studied_on: app::clock::today(tx.now()),
        minutes: 30,
        reflection: String::new(),
        shared: false,
        replaces: None,
    };
    app::study::store::insert_entry(&mut tx, own, &entry).await.unwrap();
    tx.commit().await.unwrap();
}

async fn after_days(program: &Program, days: i64) {
    program.state.clock.advance(Duration::days(days));
    watch::run(&program.state).await.unwrap();
}

/// The nudges in the outbox: to whom, and whether they would still be sent.
async fn nudges(program: &Program, kind: mail::Kind) -> Vec<String> {
    let mut tx = program.state.db.read().await.unwrap();
    let rows = fetch_all!(
        &mut tx,
        (String,),
        "SELECT name FROM mail WHERE kind = $1 AND state = 'waiting' ORDER BY created_at, name",
        kind
    )
    .unwrap();
    rows.into_iter().map(|(name,)| name).collect()
}

async fn endings(program: &Program) -> Vec<(What, Option<Ending>)> {
    let mut tx = program.state.db.read().await.unwrap();
    fetch_all!(&mut tx, (What, Option<Ending>), "SELECT what, ending FROM stall ORDER BY opened_at, id").unwrap()
}

#[tokio::test]
async fn a_diligent_mentee_does_not_hide_a_vanished_mentor() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::Two).await;
        read_a_chapter(&program, &pair).await;
        for _ in 0..2 {
            program.state.clock.advance(Duration::days(16));
            read_a_chapter(&program, &pair).await;
        }
        watch::run(&program.state).await.unwrap();
        let (story, moves) = open(&program, pair.enrollment).await;
        let sign_off = only(&moves, What::SignOff);
        assert_eq!(sign_off.owner, Owner::Mentor);
        assert!(sign_off.is_late(program.state.clock.now()));
        assert!(nudges(&program, mail::Kind::Nudge).await.contains(&pair.mentor.name));
        after_days(&program, 14).await;
        read_a_chapter(&program, &pair).await;
        assert!(rungs(&sign_off, &story, &Settings::default()).list <= program.state.clock.now());
        watch::run(&program.state).await.unwrap();
        assert!(nudges(&program, mail::Kind::Listed).await.contains(&program.coordinator.name));
    })
    .await;
}

#[tokio::test]
async fn nobody_is_nudged_twice_for_one_silence() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::Two).await;
        after_days(&program, 31).await;
        let first = nudges(&program, mail::Kind::Nudge).await.len();
        assert!(first > 0);
        watch::run(&program.state).await.unwrap();
        after_days(&program, 1).await;
        assert_eq!(nudges(&program, mail::Kind::Nudge).await.len(), first);
        // A sign of life by phone starts the silence again, and takes it off the list.
        let who = program.coordinator.coordinator().unwrap();
        let mut tx = program.state.write(&who).await.unwrap();
        let contact = NewContact {
            key: SubmissionKey::new(),
            enrollment: pair.enrollment,
            person: pair.mentee.id,
            medium: Medium::Phone,
            heard: true,
            held_on: app::clock::today(tx.now()),
            note: String::new(),
        };
        assert!(contacts::store::insert(&mut tx, &who, &contact).await.unwrap().is_some());
        assert!(contacts::store::insert(&mut tx, &who, &contact).await.unwrap().is_none());
        tx.commit().await.unwrap();
        after_days(&program, 20).await;
        assert_eq!(nudges(&program, mail::Kind::Nudge).await.len(), first);
        assert!(endings(&program).await.iter().any(|(_, ending)| *ending == Some(Ending::Heard)));
        after_days(&program, 11).await;
        assert!(nudges(&program, mail::Kind::Nudge).await.len() > first);
    })
    .await;
}

#[tokio::test]
async fn a_proposal_that_is_not_answered_goes_back_to_the_coordinator() {
    each_db(async |program| {
        let (_, enrollment) = program.enrollment("Mena Tee", OptionNumber::Two).await;
        let mentor = program.mentor("Slow Answer", "30049").await;
        let who = program.coordinator.coordinator().unwrap();
        let mut tx = program.state.write(&who).await.unwrap();
        app::matching::store::propose(&mut tx, &who, enrollment, mentor.id, &Settings::default()).await.unwrap();
        tx.commit().await.unwrap();
        after_days(&program, 6).await;
        assert_eq!(nudges(&program, mail::Kind::Listed).await.len(), 0);
        after_days(&program, 2).await;
        assert_eq!(nudges(&program, mail::Kind::Listed).await.len(), 1);
        assert!(nudges(&program, mail::Kind::Nudge).await.contains(&mentor.name));
    })
    .await;
}

#[tokio::test]
async fn a_leave_stops_the_clock_and_ends_by_itself() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::Two).await;
        let (story, before) = open(&program, pair.enrollment).await;
        let now = program.state.clock.now();
        let mut tx = program.state.write(&program.coordinator).await.unwrap();
        let until = app::clock::today(now) + Duration::days(60);
        store::change(&mut tx, &story, Action::Pause, Some(until), "").await.unwrap();
        tx.commit().await.unwrap();
        after_days(&program, 59).await;
        assert!(open(&program, pair.enrollment).await.1.is_empty());
        assert_eq!(nudges(&program, mail::Kind::Nudge).await.len(), 0);
        after_days(&program, 1).await;
        let (story, after) = open(&program, pair.enrollment).await;
        assert_eq!(story.state, app::enrollments::State::Active);
        let (before, after) = (only(&before, What::ReadChapter), only(&after, What::ReadChapter));
        assert_eq!(before.since, after.since);
        let given_back = after.due - before.due;
        assert!(given_back > Duration::days(59) && given_back <= Duration::days(60), "{given_back}");
        assert_eq!(nudges(&program, mail::Kind::Nudge).await.len(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_mentor_who_is_away_is_left_alone() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::Two).await;
        read_a_chapter(&program, &pair).await;
        let mentor = pair.mentor.mentor().unwrap();
        let mut tx = program.state.write(&pair.mentor).await.unwrap();
        let row = app::matching::store::find_own(&mut tx, mentor).await.unwrap().unwrap();
        let until = app::clock::today(tx.now()) + Duration::days(50);
        let profile = app::matching::Profile {
            discipline: row.discipline,
            county: app::counties::County::by_fips(&row.county).unwrap(),
            options: row.options.0,
            ways: row.ways.0,
            interests: row.interests.0,
            capacity: row.capacity,
            about: row.about,
            away_until: Some(until),
        };
        // Saying it twice is one time away.
        for _ in 0..2 {
            app::matching::store::update_own(&mut tx, mentor, &profile).await.unwrap();
        }
        tx.commit().await.unwrap();
        after_days(&program, 40).await;
        assert!(!nudges(&program, mail::Kind::Nudge).await.contains(&pair.mentor.name));
        after_days(&program, 41).await;
        assert!(nudges(&program, mail::Kind::Nudge).await.contains(&pair.mentor.name));
    })
    .await;
}

#[tokio::test]
async fn an_unread_message_is_a_move_until_it_is_read() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::Two).await;
        let mut tx = program.state.write(&pair.mentee).await.unwrap();
        let now = tx.now();
        execute!(
            &mut tx,
            "INSERT INTO message (id, submission_key, enrollment_id, author_id, body, for_talk, created_at)
             VALUES ($1, $2, $3, $4, 'A question', FALSE, $5)",
            MessageId::new(),
            SubmissionKey::new(),
            pair.enrollment,
            pair.mentee.id,
            now
        )
        .unwrap();
        tx.commit().await.unwrap();
        let (_, moves) = open(&program, pair.enrollment).await;
        assert_eq!(only(&moves, What::ReadMessage).owner, Owner::Mentor);
        program.state.clock.advance(Duration::hours(1));
        let mut tx = program.state.write(&pair.mentor).await.unwrap();
        let who = pair.mentor.pair(&mut tx, pair.enrollment).await.unwrap();
        app::discussion::store::mark_seen(&mut tx, who, app::discussion::Thread::Rest, now).await.unwrap();
        tx.commit().await.unwrap();
        let (story, moves) = open(&program, pair.enrollment).await;
        assert!(!moves.iter().any(|one| one.what == What::ReadMessage));
        assert!(story.heard_at(Owner::Mentor).unwrap() > now);
    })
    .await;
}

#[tokio::test]
async fn a_time_limit_that_is_over_is_the_coordinators_to_decide() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::Two).await;
        let (story, moves) = open(&program, pair.enrollment).await;
        assert!(only(&moves, What::DecideLimit).since > program.state.clock.now());
        let who = program.coordinator.coordinator().unwrap();
        let mut tx = program.state.write(&who).await.unwrap();
        let refused = store::extend(&mut tx, &who, &story, story.due_on, "no later").await;
        assert!(matches!(refused, Err(AppError::Refused(_))));
        store::extend(&mut tx, &who, &story, story.due_on + Duration::days(90), "New job").await.unwrap();
        tx.commit().await.unwrap();
        let (later, _) = open(&program, pair.enrollment).await;
        assert_eq!(later.due_on, story.due_on + Duration::days(90));
        // Who looked at the enrollment before the other extended it is told so.
        let mut tx = program.state.write(&who).await.unwrap();
        let refused = store::extend(&mut tx, &who, &story, story.due_on + Duration::days(200), "too late").await;
        assert!(matches!(refused, Err(AppError::Refused(_))));
    })
    .await;
}

#[tokio::test]
async fn the_copy_says_what_the_story_says() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::One).await;
        let other = program.pair(OptionNumber::Three).await;
        let settings = Settings::default();
        for step in 0..4 {
            if step > 0 {
                read_a_chapter(&program, &pair).await;
            }
            standing::catch_up(&program.state).await.unwrap();
            for enrollment in [pair.enrollment, other.enrollment] {
                let (story, moves) = open(&program, enrollment).await;
                let mut told: Vec<_> = moves
                    .iter()
                    .map(|one| (standing::move_id(enrollment, one), one.what, one.due, rungs(one, &story, &settings).list))
                    .collect();
                told.sort();
                let mut tx = program.state.db.read().await.unwrap();
                let kept = fetch_all!(
                    &mut tx,
                    (uuid::Uuid, What, DateTime<Utc>, DateTime<Utc>),
                    "SELECT id, what, due, list_at FROM open_move WHERE enrollment_id = $1",
                    enrollment
                )
                .unwrap();
                let mut kept = kept;
                kept.sort();
                assert_eq!(kept, told);
            }
            program.state.clock.advance(Duration::days(3));
        }
        // A changed limit reaches every enrollment.
        let mut tx = program.state.write(&Stranger).await.unwrap();
        app::settings::store::change(&mut tx, &Settings { book_days: 3, ..settings }).await.unwrap();
        tx.commit().await.unwrap();
        standing::catch_up(&program.state).await.unwrap();
        let mut tx = program.state.db.read().await.unwrap();
        let rows =
            fetch_all!(&mut tx, (DateTime<Utc>, DateTime<Utc>), "SELECT since, due FROM open_move WHERE what = 'choose_book'")
                .unwrap();
        assert_eq!(rows.len(), 2);
        assert!(rows.iter().all(|(since, due)| *due - *since == Duration::days(3)));
        assert_eq!(standing::count_steps(&mut tx).await.unwrap().iter().sum::<i64>(), 2);
    })
    .await;
}

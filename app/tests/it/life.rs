//! Life events: who may do what in which state, what each leaves behind, and what happens when two come at once.

use app::State as Site;
use app::applications::Study;
use app::closings;
use app::db::{execute, fetch_all, fetch_one};
use app::enrollments::{Action, EndKind, OptionNumber, State, Story, carry, store as enrollments};
use app::error::AppError;
use app::id::{AttemptId, ChapterId, EditionId, EnrollmentId, OutlineId, SubmissionKey};
use app::life::{api, break_objection, limit_objection, store};
use app::people::{Role, Viewer};
use app::study::{self, Chapter, ChapterProgress, NewEntry};
use chrono::{Days, Duration, NaiveDate};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use sqlx::types::Json;

use crate::study::{member, progress};
use crate::support::{Pair, Program, each_db};
use crate::visit::Browser;

#[test]
fn every_state_says_what_can_be_done() {
    let mut table = String::new();
    for state in State::ALL {
        let row: Vec<String> = Action::ALL
            .iter()
            .map(|action| state.after(*action).map_or_else(|_| format!("{action}: no"), |next| format!("{action}: {next}")))
            .collect();
        table.push_str(&format!("{state} | {}\n", row.join(", ")));
    }
    let expected = "\
active | pause: paused, resume: no, extend: active, change_option: active, withdraw: withdrawn, close: withdrawn, reopen: no, complete: completed
paused | pause: no, resume: active, extend: paused, change_option: paused, withdraw: withdrawn, close: withdrawn, reopen: no, complete: no
withdrawn | pause: no, resume: no, extend: no, change_option: no, withdraw: no, close: no, reopen: active, complete: no
completed | pause: no, resume: no, extend: no, change_option: no, withdraw: no, close: no, reopen: no, complete: no
";
    assert_eq!(table, expected);
}

#[test]
fn a_break_is_short_and_a_limit_later() {
    let today = NaiveDate::from_ymd_opt(2026, 11, 24).unwrap();
    let after = |days| today + Days::new(days);
    for (until, fine) in [(today, false), (after(1), true), (after(90), true), (after(91), false)] {
        assert_eq!(break_objection(until, today).is_none(), fine, "{until}");
    }
    for (until, before, fine) in [
        (after(10), after(5), true),
        (after(5), after(5), false),
        (today, today - Days::new(9), false),
        (after(1), today - Days::new(9), true),
        (after(366 * 3 + 1), today, false),
    ] {
        assert_eq!(limit_objection(until, before, today).is_none(), fine, "{until}");
    }
}

fn chapter(number: i32, title: &str) -> Chapter {
    let id = ChapterId::new();
    Chapter { id, number, title: title.to_owned(), required: true, minutes: 30, root: id }
}

/// Titles as two books might have them, some of them written in another way.
fn titles() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(prop::sample::select(vec!["Food", "food!", "Low  blood sugar", "Low blood-sugar", "Feet", "—"]), 0..8)
        .prop_map(|all| all.into_iter().map(str::to_owned).collect())
}

proptest! {
    /// Each chapter is taken once, only by one of the same title, and as many as there can be.
    #[test]
    fn the_same_chapters_are_found_in_both((before, after) in (titles(), titles())) {
        let make = |titles: &[String]| -> Vec<Chapter> {
            titles.iter().zip(1..).map(|(title, number)| chapter(number, title)).collect()
        };
        let (before, after) = (make(&before), make(&after));
        let same = carry::same(&before, &after);
        for (from, to) in &same {
            prop_assert_eq!(carry::normal(&from.title), carry::normal(&to.title));
        }
        let mut froms: Vec<_> = same.iter().map(|(from, _)| from.id).collect();
        let mut tos: Vec<_> = same.iter().map(|(_, to)| to.id).collect();
        froms.sort();
        froms.dedup();
        tos.sort();
        tos.dedup();
        prop_assert_eq!((froms.len(), tos.len()), (same.len(), same.len()));
        for title in ["food", "low blood sugar", "feet", ""] {
            let count = |all: &[Chapter]| all.iter().filter(|one| carry::normal(&one.title) == title).count();
            let expected = if title.is_empty() { 0 } else { count(&before).min(count(&after)) };
            prop_assert_eq!(same.iter().filter(|(from, _)| carry::normal(&from.title) == title).count(), expected);
        }
    }
}

async fn story(program: &Program, id: EnrollmentId) -> Story {
    enrollments::find(&mut program.state.db.read().await.unwrap(), id).await.unwrap().unwrap()
}

async fn mails(program: &Program, kind: &str) -> Vec<String> {
    let mut tx = program.state.db.read().await.unwrap();
    let rows = fetch_all!(&mut tx, (String,), "SELECT address FROM mail WHERE kind = $1 ORDER BY address", kind).unwrap();
    rows.into_iter().map(|(address,)| address).collect()
}

async fn count(program: &Program, sql: &'static str, id: EnrollmentId) -> i64 {
    fetch_one!(&mut program.state.db.read().await.unwrap(), (i64,), sql, id).unwrap().0
}

/// What `qdei check` looks for after every event.
async fn check(program: &Program) {
    let mut tx = program.state.db.read().await.unwrap();
    for sql in [
        "SELECT COUNT(*) FROM mentor_match m JOIN enrollment e ON e.id = m.enrollment_id
         WHERE e.state = 'withdrawn' AND m.state IN ('proposed', 'accepted')",
        "SELECT COUNT(*) FROM enrollment e WHERE (e.state = 'paused') <>
            EXISTS (SELECT 1 FROM pause p WHERE p.enrollment_id = e.id AND p.ended_at IS NULL)",
        "SELECT COUNT(*) FROM enrollment e WHERE (e.state = 'withdrawn') <> (e.end_kind IS NOT NULL)",
    ] {
        assert_eq!(fetch_one!(&mut tx, (i64,), sql).unwrap().0, 0, "{sql}");
    }
    app::audit::store::verify(&mut tx, &program.state.audit_key).await.unwrap().unwrap();
}

fn in_days(program: &Program, days: u64) -> String {
    (app::clock::today(program.state.clock.now()) + Days::new(days)).to_string()
}

#[tokio::test]
async fn a_mentee_takes_a_break_and_ends_it() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::One).await;
        let browser = Browser::of(&program, &pair.mentee).await;
        let page = browser.open("/mentee/time").await;
        assert!(page.html.contains("/api/take-break") && page.html.contains("/api/ask-for-time"), "{}", page.html);
        let take = |until: String| {
            let browser = &browser;
            async move {
                browser.send("/mentee/time", "take-break", &[("until", until.as_str())], api::take_break(pair.enrollment)).await
            }
        };
        assert_eq!(take(in_days(&program, 91)).await.unwrap(), "/mentee/time", "that is longer than without asking");
        assert!(browser.open("/mentee/time").await.html.contains("If you need longer, ask below."));
        assert_eq!(story(&program, pair.enrollment).await.state, State::Active);
        assert_eq!(take(in_days(&program, 60)).await.unwrap(), "/mentee?done=break-taken");
        let paused = story(&program, pair.enrollment).await;
        assert_eq!((paused.state, paused.paused_until.unwrap().to_string()), (State::Paused, in_days(&program, 60)));
        assert_eq!(mails(&program, "break_taken").await, ["coordinator@qdei.test"]);
        check(&program).await;
        assert!(browser.open("/mentee").await.html.contains("Go on earlier"));
        assert!(browser.open("/mentee/time").await.html.contains("/api/end-break"));
        let back = browser.send("/mentee/time", "end-break", &[], api::end_break(pair.enrollment)).await;
        assert_eq!(back.unwrap(), "/mentee?done=break-ended");
        assert_eq!(story(&program, pair.enrollment).await.state, State::Active);
        check(&program).await;
        // The mentor is one of the pair, and still not the one whose break it is.
        let mentor = Browser::of(&program, &pair.mentor).await;
        let until = in_days(&program, 5);
        let tried = mentor.send("/mentor", "take-break", &[("until", until.as_str())], api::take_break(pair.enrollment)).await;
        assert_eq!(tried, Err(AppError::NotFound));
    })
    .await;
}

#[tokio::test]
async fn a_wish_for_more_time_waits_for_the_coordinator() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::One).await;
        let before = story(&program, pair.enrollment).await.due_on;
        let (mentee, boss) = (Browser::of(&program, &pair.mentee).await, Browser::of(&program, &program.coordinator).await);
        let (key, until) = (SubmissionKey::new().to_string(), (before + Days::new(60)).to_string());
        let asked = [("key", key.as_str()), ("limit", until.as_str()), ("reason", "Night shifts\nuntil March")];
        for _ in 0..2 {
            let sent = mentee.send("/mentee/time", "ask-for-time", &asked, api::ask_for_time(pair.enrollment)).await;
            assert_eq!(sent.unwrap(), "/mentee/time?done=time-asked");
        }
        assert_eq!(mails(&program, "time_asked").await, ["coordinator@qdei.test"], "sent twice, asked once");
        assert_eq!(story(&program, pair.enrollment).await.due_on, before);
        // A second wish takes the place of the first.
        let again = [("limit", until.as_str()), ("reason", "Until April, in truth")];
        mentee.send("/mentee/time", "ask-for-time", &again, api::ask_for_time(pair.enrollment)).await.unwrap();
        let page = boss.open(&store::desk_path(pair.enrollment)).await;
        let wish = page.html.split("id=\"change\"").nth(1).unwrap();
        assert!(wish.contains("Until April, in truth") && !wish.contains("Night shifts"), "{wish}");

        let desk = store::desk_path(pair.enrollment);
        let (limit, early) = (until.as_str(), before.to_string());
        let refused = [("limit", early.as_str()), ("why", "")];
        let sent = boss.send(&desk, "extend-enrollment", &refused, api::extend_enrollment(pair.enrollment)).await;
        assert_eq!(sent.unwrap(), desk);
        assert!(boss.open(&desk).await.html.contains("2 things to mend"));
        let fine = [("limit", limit), ("why", "Asked for")];
        let sent = boss.send(&desk, "extend-enrollment", &fine, api::extend_enrollment(pair.enrollment)).await;
        assert_eq!(sent.unwrap(), desk);
        assert!(boss.open(&desk).await.html.contains("Undo"));
        assert_eq!(story(&program, pair.enrollment).await.due_on.to_string(), limit);
        let told = mails(&program, "time_extended").await;
        assert_eq!(told.len(), 2);
        assert!(told.contains(&pair.mentee.email) && told.contains(&pair.mentor.email));
        assert_eq!(store::find_request(&mut program.state.db.read().await.unwrap(), pair.enrollment).await.unwrap(), None);
        check(&program).await;
    })
    .await;
}

#[tokio::test]
async fn whoever_leaves_is_asked_and_the_mentors_place_is_free() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::One).await;
        let boss = Browser::of(&program, &program.coordinator).await;
        let desk = store::desk_path(pair.enrollment);
        let sent = boss
            .send(
                &desk,
                "withdraw-enrollment",
                &[("reason", "Moved away")],
                app::enrollments::api::withdraw_enrollment(pair.enrollment),
            )
            .await;
        assert_eq!(sent.unwrap(), desk);
        assert!(boss.open(&desk).await.html.contains("Undo"));
        check(&program).await;
        let told = mails(&program, "enrollment_ended").await;
        assert!(told.len() == 2 && told.contains(&pair.mentee.email) && told.contains(&pair.mentor.email));
        let page = boss.open(&desk).await.html.replace("<!>", "");
        for words in ["Withdrawn ", "by Cora Dinator: Moved away", "Asked at the end", "no answer yet", "as mentor again"] {
            assert!(page.contains(words), "{words}: {page}");
        }

        // The former mentor answers without being one of the pair any more; the mentee does not see it, the coordinator does.
        let here = closings::store::closing_path(pair.enrollment);
        let mentor = Browser::of(&program, &pair.mentor).await;
        let mut tx = program.state.db.read().await.unwrap();
        let own = closings::store::list_own(&mut tx, &pair.mentor, pair.enrollment).await.unwrap();
        let other = closings::store::list_own(&mut tx, &pair.mentee, pair.enrollment).await.unwrap();
        drop(tx);
        assert_eq!((own.len(), other.len()), (1, 1));
        assert!(mentor.open(&here).await.html.contains("/api/answer-closing"));
        let typed = [("helped", "The monthly\ntalks"), ("better", "")];
        let sent = mentor.send(&here, "answer-closing", &typed, closings::api::answer_closing(own[0].id)).await;
        assert_eq!(sent.unwrap(), here, "the first question is not answered");
        let id = own[0].id.to_string();
        let typed = [("closing", id.as_str()), ("worked", "partly"), ("helped", "The monthly\ntalks"), ("better", "")];
        for _ in 0..2 {
            let sent = mentor.send(&here, "answer-closing", &typed, closings::api::answer_closing(own[0].id)).await;
            assert_eq!(sent.unwrap(), format!("{here}?done=closing-answered"));
        }
        let stranger = mentor.send(&here, "answer-closing", &typed, closings::api::answer_closing(other[0].id)).await;
        assert_eq!(stranger, Err(AppError::NotFound));
        assert!(mentor.open(&here).await.html.contains("You answered"));
        let mentee = Browser::of(&program, &pair.mentee).await;
        assert!(!mentee.open(&here).await.html.contains("talks"));
        assert!(boss.open(&desk).await.html.contains("In part"));
        let nobody = program.person("Nobody Here", Role::Mentor).await;
        assert_eq!(Browser::of(&program, &nobody).await.open(&here).await.status, 404);
    })
    .await;
}

/// Several changes of one enrolment at once; gives how many were done.
async fn at_once<F, W>(program: &Program, change: F) -> usize
where
    F: Fn(Site, Viewer) -> W,
    W: Future<Output = Result<(), AppError>> + Send + 'static,
{
    let tries: Vec<_> = (0..4).map(|_| tokio::spawn(change(program.state.clone(), program.coordinator.clone()))).collect();
    let mut done = 0;
    for one in tries {
        match one.await.unwrap() {
            Ok(()) => done += 1,
            Err(AppError::Refused(_)) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
    done
}

#[tokio::test]
async fn of_several_endings_and_reopenings_at_once_one_is_done() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::One).await;
        let first = member(&program, &pair.mentor, &pair).await.1.matched_at;
        for kind in [EndKind::Withdrawn, EndKind::Closed] {
            let known = story(&program, pair.enrollment).await;
            let done = at_once(&program, |site, who| {
                let known = known.clone();
                async move {
                    let who = who.coordinator()?;
                    let mut tx = site.write(&who).await?;
                    store::end(&mut tx, &site, &who, &known, kind, "Silence").await?;
                    Ok(tx.commit().await?)
                }
            })
            .await;
            assert_eq!(done, 1);
            check(&program).await;
            let ended = story(&program, pair.enrollment).await;
            let due_on = ended.due_on + Days::new(90);
            let done = at_once(&program, |site, who| {
                let ended = ended.clone();
                async move {
                    let who = who.coordinator()?;
                    let mut tx = site.write(&who).await?;
                    let today = app::clock::today(tx.now());
                    let former = store::find_former(&mut tx, &who, ended.id, today).await?;
                    store::reopen(&mut tx, &site, &who, &ended, due_on, former.as_ref()).await?;
                    Ok(tx.commit().await?)
                }
            })
            .await;
            assert_eq!(done, 1);
            let open = story(&program, pair.enrollment).await;
            assert_eq!((open.state, open.due_on, open.mentor_id), (State::Active, due_on, Some(pair.mentor.id)));
            assert!(open.matched_at.is_some() && open.ended_at.is_none());
            let (_, two) = member(&program, &pair.mentor, &pair).await;
            assert_eq!(two.matched_at, first, "a mentor who came back sees what they saw before");
            check(&program).await;
        }
        let told = mails(&program, "enrollment_reopened").await;
        assert_eq!(told.len(), 4, "both, twice");
    })
    .await;
}

#[tokio::test]
async fn reopening_needs_a_place_and_no_other_enrollment() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::Two).await;
        let boss = Browser::of(&program, &program.coordinator).await;
        let desk = store::desk_path(pair.enrollment);
        let limit = in_days(&program, 300);
        let close =
            boss.send(&desk, "close-enrollment", &[("silence", "Since May")], api::close_enrollment(pair.enrollment)).await;
        assert_eq!(close.unwrap(), desk);
        assert!(boss.open(&desk).await.html.contains("Undo"));
        // The mentor takes nobody any more: there is no box to tick, and an old page's box is refused.
        let mut tx = program.state.write(&program.coordinator).await.unwrap();
        execute!(&mut tx, "UPDATE mentor SET capacity = 0 WHERE account_id = $1", pair.mentor.id).unwrap();
        tx.commit().await.unwrap();
        assert!(!boss.open(&desk).await.html.contains("as mentor again"));
        let with = [("limit", limit.as_str()), ("same_mentor", "yes")];
        assert_eq!(boss.send(&desk, "reopen-enrollment", &with, api::reopen_enrollment(pair.enrollment)).await.unwrap(), desk);
        assert!(boss.open(&desk).await.html.contains("no free place any more"));
        let without = [("limit", limit.as_str())];
        let sent = boss.send(&desk, "reopen-enrollment", &without, api::reopen_enrollment(pair.enrollment)).await;
        assert_eq!(sent.unwrap(), format!("{desk}/match?done=enrollment-reopened"));
        assert_eq!(story(&program, pair.enrollment).await.mentor_id, None);

        // Closed again; meanwhile the mentee began anew.
        boss.send(&desk, "close-enrollment", &[("silence", "Since May")], api::close_enrollment(pair.enrollment))
            .await
            .unwrap();
        let mut tx = program.state.write(&program.coordinator).await.unwrap();
        let now = tx.now();
        let new = app::id::ApplicationId::new();
        execute!(
            &mut tx,
            "INSERT INTO application (id, submission_key, name, email, phone, discipline, workplace, county, counties_served,
                option_number, outline_id, ways, interests, reason, came_by, created_at, state)
             SELECT $1, $2, a.name, a.email, a.phone, a.discipline, a.workplace, a.county, a.counties_served, a.option_number,
                a.outline_id, a.ways, a.interests, '', 'form', $3, 'accepted' FROM application a
             JOIN enrollment e ON e.application_id = a.id WHERE e.id = $4",
            new,
            SubmissionKey::new(),
            now,
            pair.enrollment
        )
        .unwrap();
        let outline = program.outline(OptionNumber::Two).await;
        let settings = app::settings::Settings::default();
        enrollments::insert(&mut tx, new, pair.mentee.id, OptionNumber::Two, outline, &settings).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(
            boss.send(&desk, "reopen-enrollment", &without, api::reopen_enrollment(pair.enrollment)).await.unwrap(),
            desk
        );
        assert!(boss.open(&desk).await.html.contains("another enrollment that is open"));
        check(&program).await;
    })
    .await;
}

/// An outline of its own, with these chapters, for Option 1 and 2.
async fn outline(program: &Program, label: &str, titles: &[&str]) -> OutlineId {
    let mut tx = program.state.write(&program.coordinator).await.unwrap();
    let (edition, id, now) = (EditionId::new(), OutlineId::new(), tx.now());
    execute!(
        &mut tx,
        "INSERT INTO edition (id, title_id, label, created_at) SELECT $1, t.id, $2, $3 FROM title t ORDER BY t.name LIMIT 1",
        edition,
        label,
        now
    )
    .unwrap();
    execute!(
        &mut tx,
        "INSERT INTO outline (id, edition_id, version, options, published_at) VALUES ($1, $2, 1, $3, $4)",
        id,
        edition,
        Json(vec![1, 2]),
        now
    )
    .unwrap();
    for (title, number) in titles.iter().zip(1..) {
        execute!(
            &mut tx,
            "INSERT INTO chapter (id, outline_id, number, title, required, minutes) VALUES ($1, $2, $3, $4, TRUE, 30)",
            ChapterId::new(),
            id,
            number,
            *title
        )
        .unwrap();
    }
    tx.commit().await.unwrap();
    id
}

/// Puts an enrolment on an outline before anything is done in it.
async fn pin(program: &Program, id: EnrollmentId, outline: OutlineId) {
    let mut tx = program.state.write(&program.coordinator).await.unwrap();
    execute!(&mut tx, "UPDATE enrollment SET outline_id = $2 WHERE id = $1", id, outline).unwrap();
    tx.commit().await.unwrap();
}

async fn change(program: &Program, id: EnrollmentId, option: OptionNumber, outline: OutlineId) -> Result<(), AppError> {
    let who = program.coordinator.coordinator()?;
    let mut tx = program.state.write(&who).await?;
    enrollments::hold(&mut tx, id).await?;
    let known = enrollments::find(&mut tx, id).await?.unwrap();
    store::change_option(&mut tx, &program.state, &who, &known, Study { option, outline }, "Asked for").await?;
    Ok(tx.commit().await?)
}

async fn read(program: &Program, pair: &Pair, chapter: ChapterId, minutes: i32) {
    let (who, _) = member(program, &pair.mentee, pair).await;
    let entry = NewEntry {
        key: SubmissionKey::new(),
        chapter,
        studied_on: app::clock::today(program.state.clock.now()),
        minutes,
        reflection: "What stayed with me".into(),
        shared: false,
        replaces: None,
    };
    let mut tx = program.state.write(&who).await.unwrap();
    study::store::insert_entry(&mut tx, who.mentee().unwrap(), &entry).await.unwrap();
    tx.commit().await.unwrap();
}

async fn sign_off(program: &Program, pair: &Pair, chapter: &Chapter) {
    let (who, two) = member(program, &pair.mentor, pair).await;
    let mut tx = program.state.write(&who).await.unwrap();
    study::store::sign_off(&mut tx, &program.state, who, &two, chapter, "Well done").await.unwrap();
    tx.commit().await.unwrap();
}

async fn pass(program: &Program, pair: &Pair, chapter: ChapterId) {
    let mut tx = program.state.write(&pair.mentee).await.unwrap();
    let now = tx.now();
    execute!(
        &mut tx,
        "INSERT INTO attempt (id, enrollment_id, chapter_id, started_at, handed_in_at, right_count, item_count, passed)
         VALUES ($1, $2, $3, $4, $4, 5, 5, TRUE)",
        AttemptId::new(),
        pair.enrollment,
        chapter,
        now
    )
    .unwrap();
    tx.commit().await.unwrap();
}

fn of<'a>(all: &'a [ChapterProgress], title: &str) -> &'a ChapterProgress {
    all.iter().find(|one| carry::normal(&one.chapter.title) == carry::normal(title)).unwrap()
}

#[tokio::test]
async fn another_option_keeps_what_both_have() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::One).await;
        let small = outline(&program, "small", &["Food", "Low blood sugar", "Feet", "Sleep"]).await;
        let large = outline(&program, "large", &["Beginning", "low blood-sugar", "FOOD", "Teaching"]).await;
        pin(&program, pair.enrollment, small).await;
        let chapters = progress(&program, &pair).await;
        for title in ["Food", "Low blood sugar", "Feet"] {
            read(&program, &pair, of(&chapters, title).chapter.id, 40).await;
        }
        sign_off(&program, &pair, &of(&chapters, "Food").chapter).await;
        sign_off(&program, &pair, &of(&chapters, "Feet").chapter).await;
        pass(&program, &pair, of(&chapters, "Food").chapter.id).await;
        let before = story(&program, pair.enrollment).await;
        assert_eq!((before.chapters, before.read, before.discussed, before.tests_passed), (4, 3, 2, 1));

        // The preview says it, and changes nothing.
        let boss = Browser::of(&program, &program.coordinator).await;
        let here = format!("/coordinator/enrollments/{}/option", pair.enrollment);
        assert!(boss.open(&here).await.html.contains("See what stays"));
        let page = boss.open(&format!("{here}?study=2/{large}")).await.html;
        assert_eq!((page.matches(">kept<").count(), page.matches(">does not count<").count()), (2, 1), "{page}");
        assert!(page.contains("4 required chapters, 2 of them still ahead."));
        assert_eq!(story(&program, pair.enrollment).await, before);

        let (to, was) = (format!("2/{large}"), format!("1/{small}"));
        let typed = [("study", to.as_str()), ("was", was.as_str()), ("reason", "More depth")];
        for _ in 0..2 {
            let sent = boss.send(&here, "change-option", &typed, api::change_option(pair.enrollment)).await;
            assert_eq!(sent.unwrap(), format!("{}?done=option-changed", store::desk_path(pair.enrollment)));
        }
        let after = story(&program, pair.enrollment).await;
        assert_eq!((after.option_number, after.outline_id), (OptionNumber::Two, large));
        assert_eq!((after.chapters, after.read, after.discussed, after.tests_passed), (4, 2, 1, 1));
        assert_eq!(after.due_on, before.due_on);
        assert_eq!(mails(&program, "option_changed").await.len(), 2, "sent twice, changed once");
        let now = progress(&program, &pair).await;
        assert_eq!((of(&now, "food").spent, of(&now, "low blood sugar").spent), (40, 40));
        assert!(of(&now, "food").is_discussed() && of(&now, "food").test_passed);

        // The old chapter is still there to be read, and says so; the new one is marked.
        let mentee = Browser::of(&program, &pair.mentee).await;
        let old = mentee.open(&study::chapter_path(pair.enrollment, of(&chapters, "Feet").chapter.id)).await;
        assert!(old.html.contains("Of an earlier outline") && old.html.contains("What stayed with me"));
        let new = mentee.open(&study::chapter_path(pair.enrollment, of(&now, "food").chapter.id)).await;
        assert!(new.html.contains("kept from an earlier outline") && !new.html.contains("What stayed with me"));

        // Back again, after more was read there: nothing is lost and nothing counts twice.
        read(&program, &pair, of(&now, "food").chapter.id, 20).await;
        change(&program, pair.enrollment, OptionNumber::One, small).await.unwrap();
        let back = story(&program, pair.enrollment).await;
        assert_eq!((back.chapters, back.read, back.discussed, back.tests_passed), (4, 3, 2, 1));
        let again = progress(&program, &pair).await;
        assert_eq!((of(&again, "Food").spent, of(&again, "Feet").spent), (60, 40));
        change(&program, pair.enrollment, OptionNumber::Two, large).await.unwrap();
        let once_more = progress(&program, &pair).await;
        assert_eq!((of(&once_more, "Food").spent, of(&once_more, "low blood sugar").spent), (60, 40));
        assert!(change(&program, pair.enrollment, OptionNumber::Two, large).await.is_err(), "it is that already");
        check(&program).await;
    })
    .await;
}

#[tokio::test]
async fn what_counts_in_both_never_becomes_less() {
    each_db(async |program| {
        let mut runner = TestRunner::deterministic();
        let title = || prop::sample::select(vec!["Food", "Feet", "Sleep", "Low sugar", "Insulin", "Teaching", "Talking"]);
        let story_of = (
            prop::collection::vec((title(), any::<(bool, bool, bool)>()), 1..6),
            prop::collection::vec(title(), 1..6),
            prop::collection::vec(title(), 1..6),
        );
        for round in 0..8 {
            let (first, second, third) = story_of.new_tree(&mut runner).unwrap().current();
            let pair = program.pair(OptionNumber::One).await;
            let titles: Vec<&str> = first.iter().map(|(title, _)| *title).collect();
            let outlines = [
                outline(&program, &format!("a{round}"), &titles).await,
                outline(&program, &format!("b{round}"), &second).await,
                outline(&program, &format!("c{round}"), &third).await,
            ];
            pin(&program, pair.enrollment, outlines[0]).await;
            for (one, (_, (is_read, discussed, passed))) in progress(&program, &pair).await.iter().zip(&first) {
                if *is_read {
                    read(&program, &pair, one.chapter.id, 30).await;
                }
                if *discussed {
                    sign_off(&program, &pair, &one.chapter).await;
                }
                if *passed {
                    pass(&program, &pair, one.chapter.id).await;
                }
            }
            for next in [outlines[1], outlines[2], outlines[0]] {
                let before = progress(&program, &pair).await;
                change(&program, pair.enrollment, OptionNumber::One, next).await.unwrap();
                let after = progress(&program, &pair).await;
                let (old, new): (Vec<Chapter>, Vec<Chapter>) = (
                    before.iter().map(|one| one.chapter.clone()).collect(),
                    after.iter().map(|one| one.chapter.clone()).collect(),
                );
                for (from, to) in carry::same(&old, &new) {
                    let was = before.iter().find(|one| one.chapter.id == from.id).unwrap();
                    let is = after.iter().find(|one| one.chapter.id == to.id).unwrap();
                    assert!(is.spent >= was.spent, "{}: {} minutes were {}", to.title, is.spent, was.spent);
                    assert!(is.standing() >= was.standing() && is.test_passed >= was.test_passed, "{}", to.title);
                }
            }
        }
        check(&program).await;
    })
    .await;
}

#[tokio::test]
async fn a_study_entry_that_comes_in_meanwhile_is_kept() {
    each_db(async |program| {
        for round in 0..4 {
            let pair = program.pair(OptionNumber::One).await;
            let before = outline(&program, &format!("before{round}"), &["Food", "Feet"]).await;
            let after = outline(&program, &format!("after{round}"), &["Feet", "Food"]).await;
            pin(&program, pair.enrollment, before).await;
            let food = of(&progress(&program, &pair).await, "Food").chapter.id;
            let path = study::chapter_path(pair.enrollment, food);
            let today = app::clock::today(program.state.clock.now()).to_string();
            let typed = [("minutes", "25"), ("studied_on", today.as_str()), ("reflection", "Kept")];
            let browser = Browser::of(&program, &pair.mentee).await;
            let logging = browser.send(&path, "log-chapter", &typed, study::api::log_chapter(pair.enrollment, food));
            let changing = change(&program, pair.enrollment, OptionNumber::One, after);
            let (logged, changed) = if round % 2 == 0 {
                tokio::join!(logging, changing)
            } else {
                let (changed, logged) = tokio::join!(changing, logging);
                (logged, changed)
            };
            assert_eq!(logged.unwrap(), format!("{path}?done=chapter-logged"));
            changed.unwrap();
            let now = progress(&program, &pair).await;
            assert_eq!((of(&now, "Food").spent, of(&now, "Food").is_read()), (25, true), "round {round}");
            assert!(browser.open(&path).await.html.contains("Kept"));
        }
    })
    .await;
}

#[tokio::test]
async fn a_mentor_who_does_not_offer_the_option_goes_on_only_by_the_coordinators_word() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::One).await;
        let mut tx = program.state.write(&program.coordinator).await.unwrap();
        execute!(&mut tx, "UPDATE mentor SET options = $2 WHERE account_id = $1", pair.mentor.id, Json(vec![1])).unwrap();
        tx.commit().await.unwrap();
        let known = story(&program, pair.enrollment).await;
        let boss = Browser::of(&program, &program.coordinator).await;
        let here = format!("/coordinator/enrollments/{}/option", pair.enrollment);
        let (to, was) = (format!("2/{}", program.outline(OptionNumber::Two).await), format!("1/{}", known.outline_id));
        let mut typed = vec![("study", to.as_str()), ("was", was.as_str()), ("reason", "More depth")];
        assert_eq!(boss.send(&here, "change-option", &typed, api::change_option(pair.enrollment)).await.unwrap(), here);
        let page = boss.open(&here).await.html;
        assert!(page.contains("does not offer Option 2") && page.contains("value=\"More depth\""), "{page}");
        typed.push(("go_on", "yes"));
        boss.send(&here, "change-option", &typed, api::change_option(pair.enrollment)).await.unwrap();
        let changed = story(&program, pair.enrollment).await;
        assert_eq!((changed.option_number, changed.mentor_id), (OptionNumber::Two, Some(pair.mentor.id)));
        // A book that is not offered for the option, and one that is not there at all.
        for wrong in [format!("3/{}", known.outline_id), format!("3/{}", OutlineId::new())] {
            let typed = [("study", wrong.as_str()), ("reason", "x"), ("go_on", "yes")];
            assert_eq!(boss.send(&here, "change-option", &typed, api::change_option(pair.enrollment)).await.unwrap(), here);
        }
        assert_eq!(story(&program, pair.enrollment).await.option_number, OptionNumber::Two);
    })
    .await;
}

#[tokio::test]
async fn a_mentor_who_is_gone_leaves_nobody_behind() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::One).await;
        let who = program.coordinator.coordinator().unwrap();
        let (_, second) = program.enrollment("Second Mentee", OptionNumber::Two).await;
        let mut tx = program.state.write(&who).await.unwrap();
        let settings = app::settings::Settings::default();
        let (proposed, _) = app::matching::store::propose(&mut tx, &who, second, pair.mentor.id, &settings).await.unwrap();
        tx.commit().await.unwrap();
        let boss = Browser::of(&program, &program.coordinator).await;
        let here = format!("/coordinator/mentors/{}", pair.mentor.id);
        assert!(boss.open(&here).await.html.contains("This mentor is gone"));
        let (one, two) = (pair.current.to_string(), proposed.id.to_string());
        let gone = || api::mentor_gone(pair.mentor.id);
        let wrong = [("reason", "Moved"), ("afterwards", "away"), ("gone_until", "2020-01-01")];
        assert_eq!(boss.send(&here, "mentor-gone", &wrong, gone()).await.unwrap(), here);
        let id = pair.mentor.id.to_string();
        let typed = [
            ("mentor", id.as_str()),
            ("reason", "Moved"),
            ("pairs", one.as_str()),
            ("pairs", two.as_str()),
            ("afterwards", "no_more"),
        ];
        for _ in 0..2 {
            assert_eq!(boss.send(&here, "mentor-gone", &typed, gone()).await.unwrap(), format!("{here}?done=mentor-gone"));
        }
        for enrollment in [pair.enrollment, second] {
            let known = story(&program, enrollment).await;
            assert_eq!((known.state, known.mentor_id), (State::Active, None));
        }
        let mut tx = program.state.db.read().await.unwrap();
        let mentor = app::matching::store::find_mentor(&mut tx, &who, pair.mentor.id).await.unwrap().unwrap();
        assert_eq!((mentor.capacity, mentor.current), (0, 0));
        drop(tx);
        let mut told = mails(&program, "match_ended").await;
        told.sort();
        let mut both = vec![pair.mentee.email.clone(), pair.mentor.email.clone()];
        both.sort();
        assert_eq!(told, both, "each once");
        let asked = count(&program, "SELECT COUNT(*) FROM closing_answer WHERE enrollment_id = $1", pair.enrollment).await;
        assert_eq!(asked, 2);
        // Another mentor's pair is not this one's.
        let other = program.pair(OptionNumber::One).await;
        let theirs = other.current.to_string();
        let typed = [("reason", "Moved"), ("pairs", theirs.as_str()), ("afterwards", "nothing")];
        assert_eq!(boss.send(&here, "mentor-gone", &typed, gone()).await, Err(AppError::NotFound));
        check(&program).await;
    })
    .await;
}

#[tokio::test]
async fn completing_asks_both_and_thanks_the_mentor_with_what_they_gave() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::Two).await;
        program.state.clock.advance(Duration::hours(1));
        let chapters = progress(&program, &pair).await;
        for one in &chapters {
            read(&program, &pair, one.chapter.id, 30).await;
            sign_off(&program, &pair, &one.chapter).await;
        }
        let (who, _) = member(&program, &pair.mentor, &pair).await;
        let talk = app::discussion::NewTalk {
            key: SubmissionKey::new(),
            held_on: app::clock::today(program.state.clock.now()),
            minutes: 150,
            way: app::people::Way::Phone,
            notes: String::new(),
            follow_ups: String::new(),
            chapters: Vec::new(),
        };
        let mut tx = program.state.write(&who).await.unwrap();
        app::discussion::store::insert_talk(&mut tx, &program.state, who, &talk).await.unwrap();
        let known = enrollments::find(&mut tx, pair.enrollment).await.unwrap().unwrap();
        enrollments::change(&mut tx, &known, Action::Complete, None, "").await.unwrap();
        let end = closings::store::End::of_enrollment(&known, closings::Occasion::Completed);
        closings::store::ask(&mut tx, &program.state, &end).await.unwrap();
        closings::store::ask(&mut tx, &program.state, &end).await.unwrap();
        let given = closings::store::given(&mut tx, pair.current).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(given.words(), format!("1 talk, 3 hours, {} chapters signed off", chapters.len()));
        let asked = count(&program, "SELECT COUNT(*) FROM closing_answer WHERE enrollment_id = $1", pair.enrollment).await;
        assert_eq!(asked, 2, "each once");
        // The pair that reached the certificate together stays one.
        assert_eq!(story(&program, pair.enrollment).await.mentor_id, Some(pair.mentor.id));
        let page = Browser::of(&program, &pair.mentor).await.open(&closings::store::closing_path(pair.enrollment)).await;
        assert!(page.html.contains("is completed") && page.html.contains("What helped most?"));
    })
    .await;
}

#[test]
fn what_was_given_is_said_in_words() {
    let said = |talks, minutes, chapters| closings::Given { talks, minutes, chapters }.words();
    assert_eq!(said(0, 0, 0), "");
    assert_eq!(said(1, 60, 1), "1 talk, 60 minutes, 1 chapter signed off");
    assert_eq!(said(7, 400, 12), "7 talks, 7 hours, 12 chapters signed off");
}

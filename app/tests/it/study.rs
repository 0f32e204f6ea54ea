//! Chapters, entries, sign-offs: who sees which of them, and what sending a form twice does.

use app::db::{execute, fetch_one};
use app::enrollments::{OptionNumber, State};
use app::error::AppError;
use app::id::{ChapterId, SubmissionKey};
use app::people::{PairMember, Side, Viewer};
use app::study::{
    self, Against, ChapterProgress, Finish, Leave, Pace, Pair as Two, Requirement, Standing, TestState, Unknown, against_days,
    chapter_path, day_objection, days_of_leave, finish, say_month, store,
};
use chrono::{Days, Duration, NaiveDate};
use proptest::prelude::*;
use sqlx::types::Json;

use crate::support::{Pair, Program, each_db};
use crate::visit::Browser;

type Answer = Result<String, AppError>;

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

#[test]
fn a_day_lies_between_the_beginning_and_today() {
    let (began, today) = (day(2026, 8, 4), day(2026, 11, 23));
    for (tried, fine) in [(began, true), (today, true), (began.pred_opt().unwrap(), false), (today.succ_opt().unwrap(), false)]
    {
        assert_eq!(day_objection(tried, began, today).is_none(), fine, "{tried}");
    }
    assert_eq!(
        day_objection(day(2026, 8, 3), began, today).unwrap(),
        "This is before you began on Tuesday, Aug 4. Choose that day or a later one."
    );
}

#[test]
fn months_are_named_from_here() {
    let today = day(2026, 11, 23);
    for (on, words) in [
        (day(2026, 11, 30), "this month"),
        (day(2026, 12, 1), "in December"),
        (day(2027, 3, 9), "in March"),
        (day(2027, 9, 9), "in September"),
        (day(2027, 10, 9), "in October 2027"),
        (day(2028, 11, 9), "in November 2028"),
    ] {
        assert_eq!(say_month(on, today), words, "{on}");
    }
}

/// The day of finishing without any leave.
fn finish_on(read: &[NaiveDate], of: usize, today: NaiveDate) -> Option<NaiveDate> {
    finish(read, of, today, &[]).day()
}

#[test]
fn a_pace_needs_two_chapters_and_a_week() {
    let first = day(2026, 9, 1);
    let weekly = [first, first + Days::new(7), first + Days::new(14)];
    assert_eq!(finish_on(&weekly, 14, first + Days::new(14)), Some(first + Days::new(7 * 13)));
    // Two weeks overdue: from then on each day without reading counts.
    assert_eq!(finish_on(&weekly, 14, first + Days::new(30)), Some(first + Days::new(130)));
    for (read, of, after, expected) in [
        (&weekly[..1], 14, 60, Finish::Unknown(Unknown::OneRead)),
        (&[first, first], 14, 6, Finish::Unknown(Unknown::TooShort)),
        (&weekly, 3, 14, Finish::AllRead),
        (&[], 14, 0, Finish::Unknown(Unknown::NothingRead)),
        (&[], 0, 0, Finish::AllRead),
        (&weekly, 3000, 14, Finish::Unknown(Unknown::TooFar)),
    ] {
        assert_eq!(finish(read, of, first + Days::new(after), &[]), expected, "{read:?} of {of}");
    }
}

#[test]
fn a_leave_is_no_time_of_study() {
    let first = day(2026, 9, 1);
    let after = |days| first + Days::new(days);
    let leave = |from, to| Leave { from: after(from), to: after(to) };
    assert_eq!(days_of_leave(first, after(30), &[leave(5, 10), leave(8, 12), leave(28, 90)]), 9);
    // A chapter a week, with ten days of leave between: as if those days were not.
    let read = [first, after(7), after(24)];
    assert_eq!(finish(&read, 5, after(24), &[leave(10, 20)]), Finish::On(after(38)));
    // A leave that is not over is stepped over.
    assert_eq!(finish(&[first, after(7), after(14)], 4, after(15), &[leave(15, 30)]), Finish::On(after(36)));
}

#[test]
fn the_plan_is_held_against_the_number_read() {
    let today = day(2026, 11, 24);
    let plan: Vec<NaiveDate> = [-10, -3, 0, 4, 9].iter().map(|days| today + Duration::days(*days)).collect();
    for (read, expected) in [
        (0, Against::Behind { chapters: 2, days: 10 }),
        (1, Against::Behind { chapters: 1, days: 3 }),
        (2, Against::OnPlan),
        (3, Against::OnPlan),
        (4, Against::Ahead { chapters: 1, days: 4 }),
        (5, Against::Ahead { chapters: 2, days: 9 }),
    ] {
        assert_eq!(against_days(&plan, read, today), expected, "{read} read");
    }
    assert_eq!(against_days(&[], 0, today), Against::NoPlan);
}

/// The further ahead the better; one number for what the plan says.
fn rank(against: Against) -> i64 {
    match against {
        Against::NoPlan | Against::OnPlan => 0,
        Against::Ahead { days, .. } => days,
        Against::Behind { days, .. } => -days,
    }
}

proptest! {
    #[test]
    fn reading_never_falls_behind_and_waiting_never_gets_ahead(
        days in prop::collection::vec(0_u64..400, 1..20), read in 0_usize..20, now in 0_u64..500,
    ) {
        let mut plan: Vec<NaiveDate> = days.iter().map(|days| day(2026, 1, 1) + Days::new(*days)).collect();
        plan.sort();
        let (read, today) = (read.min(plan.len()), day(2026, 1, 1) + Days::new(now));
        let here = against_days(&plan, read, today);
        if read < plan.len() {
            prop_assert!(rank(against_days(&plan, read + 1, today)) >= rank(here));
        }
        prop_assert!(rank(against_days(&plan, read, today + Days::new(1))) <= rank(here));
        if let Against::Ahead { chapters, days } | Against::Behind { chapters, days } = here {
            prop_assert!(chapters > 0 && days > 0 && chapters <= plan.len());
        }
    }

    /// A leave before the first chapter changes nothing; any other puts the day off by no more than its own days since the
    /// last chapter, because in those nothing was to be read.
    #[test]
    fn a_leave_puts_it_off_by_no_more_than_itself((read, of, today) in readings(), from in 0_u64..730, long in 1_u64..120) {
        let from = day(2026, 1, 1) + Days::new(from);
        let leave = Leave { from, to: (from + Days::new(long)).min(today) };
        let (without, with) = (finish(&read, of, today, &[]), finish(&read, of, today, &[leave]));
        if leave.to <= *read.iter().min().unwrap() {
            prop_assert_eq!(without, with);
        }
        if let (Finish::On(without), Finish::On(with)) = (without, with) {
            let since = days_of_leave(*read.iter().max().unwrap(), today, &[leave]);
            prop_assert!(with <= without + Duration::days(since + 1), "{with} > {without} and {since} days");
            prop_assert!(with >= today);
        }
        prop_assert_eq!(finish(&read, of, today, &[leave, leave]), with, "the same leave twice is one");
    }
}

prop_compose! {
    /// Some days within two years on which chapters were read, how many there are, and a day not before them.
    fn readings()(days in prop::collection::vec(0_u64..730, 1..12), more in 1_usize..12, after in 0_u64..200)
        -> (Vec<NaiveDate>, usize, NaiveDate) {
        let read: Vec<NaiveDate> = days.iter().map(|days| day(2026, 1, 1) + Days::new(*days)).collect();
        let today = *read.iter().max().unwrap() + Days::new(after);
        let of = read.len() + more;
        (read, of, today)
    }
}

proptest! {
    #[test]
    fn finishing_is_never_in_the_past((read, of, today) in readings()) {
        prop_assert!(finish_on(&read, of, today).is_none_or(|day| day >= *read.iter().max().unwrap() && day >= today));
    }

    #[test]
    fn a_day_without_reading_never_brings_it_nearer((read, of, today) in readings()) {
        if let (Some(now), Some(tomorrow)) = (finish_on(&read, of, today), finish_on(&read, of, today + Days::new(1))) {
            prop_assert!(tomorrow >= now);
        }
    }

    #[test]
    fn reading_never_puts_it_off((read, of, today) in readings()) {
        let more: Vec<NaiveDate> = read.iter().copied().chain([today]).collect();
        if let (Some(before), Some(after)) = (finish_on(&read, of, today), finish_on(&more, of, today)) {
            prop_assert!(after <= before, "{after} > {before}");
        }
    }

    #[test]
    fn the_order_of_entries_and_the_calendar_do_not_matter((read, of, today) in readings(), by in 0_u64..5000) {
        let mut moved: Vec<NaiveDate> = read.iter().map(|day| *day + Days::new(by)).collect();
        moved.reverse();
        let finish = finish_on(&read, of, today);
        prop_assert_eq!(finish_on(&moved, of, today + Days::new(by)), finish.map(|finish| finish + Days::new(by)));
    }
}

/// The witness of one of the two, and what they share.
pub async fn member(program: &Program, who: &Viewer, pair: &Pair) -> (PairMember, Two) {
    let mut tx = program.state.db.read().await.unwrap();
    let member = who.pair(&mut tx, pair.enrollment).await.unwrap();
    (member, store::find_pair(&mut tx, member).await.unwrap())
}

pub async fn progress(program: &Program, pair: &Pair) -> Vec<ChapterProgress> {
    store::list_progress(&mut program.state.db.read().await.unwrap(), pair.enrollment).await.unwrap()
}

/// Logs a chapter as its form does.
async fn log(program: &Program, pair: &Pair, chapter: ChapterId, more: &[(&str, &str)]) -> Answer {
    let today = app::clock::today(program.state.clock.now()).to_string();
    let id = chapter.to_string();
    let mut typed = more.to_vec();
    for (name, value) in [("minutes", "40"), ("studied_on", today.as_str()), ("chapter", id.as_str())] {
        if !typed.iter().any(|(known, _)| *known == name) {
            typed.push((name, value));
        }
    }
    let acting = Browser::of(program, &pair.mentee).await;
    let from = chapter_path(pair.enrollment, chapter);
    acting.send(&from, "log-chapter", &typed, study::api::log_chapter(pair.enrollment, chapter)).await
}

async fn sign_off(program: &Program, who: &Viewer, pair: &Pair, chapter: ChapterId, word: &str) -> Answer {
    let acting = Browser::of(program, who).await;
    let from = chapter_path(pair.enrollment, chapter);
    acting.send(&from, "sign-off-chapter", &[("word", word)], study::api::sign_off_chapter(pair.enrollment, chapter)).await
}

pub async fn count(program: &Program, what: &str) -> i64 {
    let mut tx = program.state.db.read().await.unwrap();
    match what {
        "entries" => fetch_one!(&mut tx, (i64,), "SELECT COUNT(*) FROM study_entry"),
        "signed_off" => fetch_one!(&mut tx, (i64,), "SELECT COUNT(*) FROM mail WHERE kind = 'chapter_signed_off'"),
        "messages" => fetch_one!(&mut tx, (i64,), "SELECT COUNT(*) FROM message"),
        "message_mails" => fetch_one!(&mut tx, (i64,), "SELECT COUNT(*) FROM mail WHERE kind = 'message_new'"),
        "talks" => fetch_one!(&mut tx, (i64,), "SELECT COUNT(*) FROM talk"),
        _ => fetch_one!(&mut tx, (i64,), "SELECT COUNT(*) FROM mail WHERE kind = 'talk_logged'"),
    }
    .unwrap()
    .0
}

/// Ends the pair's match and gives the mentee another mentor, an hour later.
pub async fn change_mentor(program: &Program, pair: &Pair) -> Viewer {
    program.state.clock.advance(Duration::hours(1));
    let next = program.mentor("Nova Mentor", "30049").await;
    let mut tx = program.state.write(&program.coordinator).await.unwrap();
    let now = tx.now();
    execute!(&mut tx, "UPDATE mentor_match SET state = 'ended', ended_at = $2 WHERE id = $1", pair.current, now).unwrap();
    execute!(
        &mut tx,
        "INSERT INTO mentor_match (id, enrollment_id, mentor_id, state, points, reasons, proposed_by, proposed_at, answer_by, answered_at)
         VALUES ($1, $2, $3, 'accepted', 0, $4, $5, $6, $6, $6)",
        app::id::MatchId::new(),
        pair.enrollment,
        next.id,
        Json(Vec::<String>::new()),
        program.coordinator.id,
        now
    )
    .unwrap();
    tx.commit().await.unwrap();
    program.state.clock.advance(Duration::hours(1));
    next
}

pub async fn end(program: &Program, pair: &Pair, state: State) {
    let mut tx = program.state.write(&program.coordinator).await.unwrap();
    execute!(&mut tx, "UPDATE enrollment SET state = $2 WHERE id = $1", pair.enrollment, state).unwrap();
    tx.commit().await.unwrap();
}

/// A post-test of the chapter that was handed in with its first question missed.
pub async fn miss_a_question(program: &Program, pair: &Pair, chapter: ChapterId) {
    let mut tx = program.state.write(&pair.mentee).await.unwrap();
    let (id, now) = (app::id::AttemptId::new(), tx.now());
    execute!(&mut tx, "UPDATE question SET approved_at = $2 WHERE chapter_id = $1", chapter, now).unwrap();
    execute!(
        &mut tx,
        "INSERT INTO attempt (id, enrollment_id, chapter_id, started_at, handed_in_at, right_count, item_count, passed)
         VALUES ($1, $2, $3, $4, $4, 4, 5, TRUE)",
        id,
        pair.enrollment,
        chapter,
        now
    )
    .unwrap();
    let questions = app::db::fetch_all!(
        &mut tx,
        (app::id::QuestionId,),
        "SELECT id FROM question WHERE chapter_id = $1 ORDER BY id LIMIT 5",
        chapter
    )
    .unwrap();
    for (position, (question,)) in (1_i32..).zip(questions) {
        execute!(
            &mut tx,
            "INSERT INTO attempt_item (attempt_id, question_id, position, answer, is_right) VALUES ($1, $2, $3, $4, $5)",
            id,
            question,
            position,
            Json(vec![1]),
            position > 1
        )
        .unwrap();
    }
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_chapter_goes_from_open_to_read_to_discussed() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::One).await;
        let before = progress(&program, &pair).await;
        let chapter = before[0].chapter.id;
        assert!(
            before.iter().all(|one| one.standing() == Standing::Open && one.test() == TestState::None && one.best.is_none())
        );
        assert_eq!(
            before.len(),
            store::list_chapters(&mut program.state.db.read().await.unwrap(), program.outline(OptionNumber::One).await)
                .await
                .unwrap()
                .len()
        );

        let answer = log(&program, &pair, chapter, &[("reflection", "A thought"), ("shared", "yes")]).await;
        assert_eq!(answer.unwrap(), format!("{}?done=chapter-logged", chapter_path(pair.enrollment, chapter)));
        let one = progress(&program, &pair).await.remove(0);
        assert_eq!((one.standing(), one.spent, one.is_ready()), (Standing::Read, 40, true));

        sign_off(&program, &pair.mentor, &pair, chapter, "Well thought through").await.unwrap();
        miss_a_question(&program, &pair, chapter).await;
        let one = progress(&program, &pair).await.remove(0);
        assert_eq!(
            (one.standing(), one.test(), one.best, one.is_ready()),
            (Standing::Discussed, TestState::Passed, Some(80), false)
        );
        let (who, two) = member(&program, &pair.mentee, &pair).await;
        let word =
            store::find_sign_off(&mut program.state.db.read().await.unwrap(), who, &two, chapter).await.unwrap().unwrap().word;
        assert_eq!(word, "Well thought through");
        let today = app::clock::today(program.state.clock.now());
        let frame = store::find_frame(&mut program.state.db.read().await.unwrap(), &two).await.unwrap();
        let pace = Pace::of(&progress(&program, &pair).await, &frame, today);
        assert_eq!((pace.read, pace.discussed, pace.finish), (1, 1, Finish::Unknown(Unknown::OneRead)));
        // The bar is the sum of what a certificate requires: of the only test that is open one, and no letter yet.
        let kinds: Vec<(Requirement, usize)> = pace.required.iter().map(|one| (one.what, one.done)).collect();
        let expected = [Requirement::Read, Requirement::Test, Requirement::Discussed].map(|what| (what, 1));
        assert_eq!((&kinds[..3], kinds[3]), (&expected[..], (Requirement::Letter, 0)));
        assert_eq!((pace.done(), pace.in_all()), (3, pace.of * 2 + pace.required[1].of + 1));
    })
    .await;
}

#[tokio::test]
async fn sending_twice_logs_and_signs_off_once() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::Two).await;
        let chapter = progress(&program, &pair).await[0].chapter.id;
        let key = SubmissionKey::new().to_string();
        for _ in 0..2 {
            let answer = log(&program, &pair, chapter, &[("key", &key)]).await;
            assert!(answer.unwrap().ends_with("?done=chapter-logged"));
            let answer = sign_off(&program, &pair.mentor, &pair, chapter, "Good").await;
            assert!(answer.unwrap().ends_with("?done=chapter-signed-off"));
        }
        assert_eq!((count(&program, "entries").await, count(&program, "signed_off").await), (1, 1));
        // Two at the same moment, as a tapped button sends them.
        let key = SubmissionKey::new().to_string();
        let typed = [("key", key.as_str())];
        let (one, two) = tokio::join!(log(&program, &pair, chapter, &typed), log(&program, &pair, chapter, &typed));
        assert!(one.unwrap().ends_with("?done=chapter-logged") && two.unwrap().ends_with("?done=chapter-logged"));
        assert_eq!(count(&program, "entries").await, 2);
    })
    .await;
}

#[tokio::test]
async fn a_correction_takes_the_place_of_one_entry_once() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::Two).await;
        let chapter = progress(&program, &pair).await[0].chapter.id;
        log(&program, &pair, chapter, &[("minutes", "400"), ("reflection", "Not for others"), ("shared", "yes")])
            .await
            .unwrap();
        let (who, two) = member(&program, &pair.mentee, &pair).await;
        let mut tx = program.state.db.read().await.unwrap();
        let first = store::list_entries(&mut tx, who, &two, chapter).await.unwrap().remove(0);
        drop(tx);
        let replaces = first.id.to_string();
        let form = format!("{}?correct={replaces}", chapter_path(pair.enrollment, chapter));
        let form = Browser::of(&program, &pair.mentee).await.open(&form).await.html;
        assert!(
            form.contains("Correct your entry of")
                && form.contains("value=\"400\"")
                && form.contains("Not for others</textarea>")
        );
        program.state.clock.advance(Duration::minutes(1));
        log(&program, &pair, chapter, &[("minutes", "40"), ("reflection", "Not for others"), ("replaces", &replaces)])
            .await
            .unwrap();
        assert_eq!(progress(&program, &pair).await[0].spent, 40);

        let again = log(&program, &pair, chapter, &[("minutes", "50"), ("replaces", &replaces)]).await;
        assert_eq!(again.unwrap(), chapter_path(pair.enrollment, chapter));
        assert_eq!((progress(&program, &pair).await[0].spent, count(&program, "entries").await), (40, 2));

        let mut tx = program.state.db.read().await.unwrap();
        let own = store::list_entries(&mut tx, who, &two, chapter).await.unwrap();
        assert_eq!(
            own.iter().map(|entry| (entry.minutes, entry.replaced_at.is_some())).collect::<Vec<_>>(),
            [(40, false), (400, true)]
        );
        drop(tx);
        // Taking back a share by a correction takes it from the mentor's sight.
        let (who, two) = member(&program, &pair.mentor, &pair).await;
        let mut tx = program.state.db.read().await.unwrap();
        let seen = store::list_entries(&mut tx, who, &two, chapter).await.unwrap();
        assert_eq!(seen.iter().map(|entry| (entry.minutes, entry.reflection.as_str())).collect::<Vec<_>>(), [(40, "")]);

        let other = progress(&program, &pair).await[1].chapter.id;
        drop(tx);
        let elsewhere = log(&program, &pair, other, &[("replaces", &replaces)]).await;
        assert_eq!(elsewhere, Err(AppError::NotFound));
    })
    .await;
}

#[tokio::test]
async fn what_is_typed_wrong_is_named_and_nothing_is_logged() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::Two).await;
        let chapter = progress(&program, &pair).await[0].chapter.id;
        let acting = Browser::of(&program, &pair.mentee).await;
        let path = chapter_path(pair.enrollment, chapter);
        let (id, enrollment) = (chapter.to_string(), pair.enrollment.to_string());
        let who = pair.mentee.id.to_string();
        let long = "x".repeat(4001);
        for (minutes, studied_on, reflection, said) in [
            ("-5", "2020-01-01", "kept <b>words</b>", "before you began"),
            ("10000", "2099-01-01", "kept <b>words</b>", "still to come"),
            ("forty", "", "kept <b>words</b>", "Choose a date"),
            ("", "31.12.2026", &long, "Shorten it to 4000"),
        ] {
            let typed = [
                ("minutes", minutes),
                ("studied_on", studied_on),
                ("reflection", reflection),
                ("chapter", &id),
                ("enrollment", &enrollment),
                ("_for", &who),
            ];
            let answer = acting.send(&path, "log-chapter", &typed, study::api::log_chapter(pair.enrollment, chapter)).await;
            assert_eq!(answer.as_ref(), Ok(&path));
            let page = acting.open(&path).await.html;
            assert!(page.contains("Enter a whole number from 1 to 600."), "{page}");
            assert!(page.contains(said), "{said}");
            assert!(page.contains(reflection) || page.contains("kept &lt;b&gt;words&lt;/b&gt;"));
        }
        assert_eq!(count(&program, "entries").await, 0);
    })
    .await;
}

#[tokio::test]
async fn only_the_two_of_the_pair_come_in_and_each_does_their_own_part() {
    each_db(async |program| {
        let (pair, others) = (program.pair(OptionNumber::One).await, program.pair(OptionNumber::One).await);
        let chapter = progress(&program, &pair).await[0].chapter.id;
        let foreign = program.outline(OptionNumber::Two).await;
        let foreign = store::list_chapters(&mut program.state.db.read().await.unwrap(), foreign).await.unwrap()[0].id;
        let path = chapter_path(pair.enrollment, chapter);
        for stranger in [&others.mentee, &others.mentor] {
            let acting = Browser::of(&program, stranger).await;
            for path in [path.clone(), format!("/enrollments/{}/chapters", pair.enrollment)] {
                assert_eq!(acting.open(&path).await.status, 404, "{path}");
            }
            for answer in [
                acting.send(&path, "log-chapter", &[], study::api::log_chapter(pair.enrollment, chapter)).await,
                acting.send(&path, "sign-off-chapter", &[], study::api::sign_off_chapter(pair.enrollment, chapter)).await,
            ] {
                assert_eq!(answer, Err(AppError::NotFound));
            }
        }
        assert_eq!(Browser::of(&program, &program.coordinator).await.open(&path).await.status, 403);
        let mentor = Browser::of(&program, &pair.mentor).await;
        assert_eq!(
            mentor.send(&path, "log-chapter", &[], study::api::log_chapter(pair.enrollment, chapter)).await,
            Err(AppError::NotFound)
        );
        assert_eq!(sign_off(&program, &pair.mentee, &pair, chapter, "").await, Err(AppError::NotFound));
        assert_eq!(log(&program, &pair, foreign, &[]).await, Err(AppError::NotFound));
        assert_eq!(mentor.open(&chapter_path(pair.enrollment, foreign)).await.status, 404);
        assert_eq!((count(&program, "entries").await, count(&program, "signed_off").await), (0, 0));
    })
    .await;
}

#[tokio::test]
async fn a_reflection_is_the_mentees_own_unless_it_is_shared() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::One).await;
        let chapter = progress(&program, &pair).await[0].chapter.id;
        let path = chapter_path(pair.enrollment, chapter);
        log(&program, &pair, chapter, &[("reflection", "kept-to-myself")]).await.unwrap();
        log(&program, &pair, chapter, &[("reflection", "told-to-my-mentor"), ("shared", "yes")]).await.unwrap();
        miss_a_question(&program, &pair, chapter).await;
        let mentee = Browser::of(&program, &pair.mentee).await.open(&path).await.html;
        assert!(mentee.contains("kept-to-myself") && mentee.contains("told-to-my-mentor"));
        let mentor = Browser::of(&program, &pair.mentor).await.open(&path).await.html;
        assert!(!mentor.contains("kept-to-myself") && mentor.contains("told-to-my-mentor"));
        assert_eq!(mentor.matches("class=\"question\"").count(), 1);
        assert!(mentor.contains("80%") && mentor.contains("Sign off as discussed"));

        // A new mentor sees that it is read and what was missed, but not when, for how long, or what was written.
        sign_off(&program, &pair.mentor, &pair, chapter, "between-us-two").await.unwrap();
        let next = change_mentor(&program, &pair).await;
        assert_eq!(Browser::of(&program, &pair.mentor).await.open(&path).await.status, 404);
        let page = Browser::of(&program, &next).await.open(&path).await.html;
        assert!(page.contains("Before your time as mentor") && page.contains("class=\"question\""));
        for hidden in ["kept-to-myself", "told-to-my-mentor", "between-us-two", "40 minutes"] {
            assert!(!page.contains(hidden), "{hidden}");
        }
        log(&program, &pair, chapter, &[("reflection", "shared-again"), ("shared", "yes")]).await.unwrap();
        assert!(Browser::of(&program, &next).await.open(&path).await.html.contains("shared-again"));
    })
    .await;
}

#[tokio::test]
async fn what_has_ended_is_read_and_not_written() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::Two).await;
        let chapter = progress(&program, &pair).await[0].chapter.id;
        let path = chapter_path(pair.enrollment, chapter);
        for (number, (state, open)) in
            (0..).zip([(State::Active, true), (State::Paused, true), (State::Withdrawn, false), (State::Completed, false)])
        {
            end(&program, &pair, state).await;
            let before = count(&program, "entries").await;
            log(&program, &pair, chapter, &[]).await.unwrap();
            assert_eq!(count(&program, "entries").await > before, open, "{state}");
            let page = Browser::of(&program, &pair.mentee).await.open(&path).await;
            assert_eq!((page.status.as_u16(), page.html.contains("name=\"minutes\"")), (200, open), "{state} {number}");
        }
        let (_, two) = member(&program, &pair.mentor, &pair).await;
        assert!(two.allow_writing().is_err() && two.visible_from(Side::Mentee) < two.started_at);
    })
    .await;
}

#[tokio::test]
async fn the_outline_tells_each_what_is_next() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::One).await;
        let all = progress(&program, &pair).await;
        log(&program, &pair, all[0].chapter.id, &[]).await.unwrap();
        let path = format!("/enrollments/{}/chapters", pair.enrollment);
        let mentee = Browser::of(&program, &pair.mentee).await.open(&path).await;
        assert_eq!(mentee.status, 200);
        assert_eq!(mentee.html.matches("data-state=\"read\"").count(), 1);
        assert_eq!(mentee.html.matches("aria-current=\"step\"").count(), 1);
        assert!(mentee.html.contains("1 of ") && mentee.html.contains(">Log<"));
        let mentor = Browser::of(&program, &pair.mentor).await.open(&path).await;
        assert_eq!(mentor.html.matches(">Sign off<").count(), 1);
    })
    .await;
}

#[tokio::test]
async fn the_last_sign_off_tells_the_coordinator_once() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::Two).await;
        let mut tx = program.state.write(&program.coordinator).await.unwrap();
        let (now, template) =
            (tx.now(), fetch_one!(&mut tx, (app::id::LetterTemplateId,), "SELECT id FROM letter_template").unwrap().0);
        execute!(
            &mut tx,
            "INSERT INTO letter (id, enrollment_id, match_id, template_id, text, text_sha256, state, made_at, received_at)
             VALUES ($1, $2, $3, $4, '', '', 'received', $5, $5)",
            app::id::LetterId::new(),
            pair.enrollment,
            pair.current,
            template,
            now
        )
        .unwrap();
        tx.commit().await.unwrap();
        for one in progress(&program, &pair).await {
            log(&program, &pair, one.chapter.id, &[]).await.unwrap();
            sign_off(&program, &pair.mentor, &pair, one.chapter.id, "").await.unwrap();
        }
        let mut tx = program.state.db.read().await.unwrap();
        let told = fetch_one!(&mut tx, (i64,), "SELECT COUNT(*) FROM mail WHERE kind = 'ready_for_certificate'").unwrap().0;
        assert_eq!(told, 1);
    })
    .await;
}

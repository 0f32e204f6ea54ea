//! Attempts at post-tests: what is drawn and shown, how answers are read, when one can be taken, what a test keeps, what
//! the mentor marks, and what is left to talk over.

use std::collections::BTreeSet;

use app::assessments::Objection;
use app::assessments::attempt::{
    Drawable, Order, Reading, Sent, Share, changes, field, gaps, needed, points, reading, row_field,
};
use app::assessments::rules::{PostTests, Rules, Scope, Shows, differences};
use app::assessments::store::{self, Beginning, Mark};
use app::assessments::{
    Answer, Attempt, Body, Credit, Draft, Item, Next, Pair as Match, draw, key, mark, next, paper_objection, score,
};
use app::clock;
use app::db::execute;
use app::enrollments::{self, OptionNumber, Owner, What, moves};
use app::error::AppError;
use app::id::{AttemptId, ChapterId, EnrollmentId, QuestionId, SubmissionKey, TalkId};
use app::settings::Settings;
use chrono::{DateTime, Duration, TimeZone, Utc};
use proptest::prelude::*;

use crate::assessments::{an_item, chapters, item, key_of};
use crate::support::{Pair, Program, each_db};

fn rules() -> Rules {
    Rules::usual(OptionNumber::One, &Settings::default())
}

fn with_body(body: Body) -> Item {
    Item { body, ..item(&[true, false]) }
}

fn matching() -> Item {
    let pair = |left: &str, right: &str| Match { left: left.into(), right: right.into() };
    let pairs = vec![pair("Insulin", "lowers"), pair("Glucagon", "raises"), pair("Cortisol", "raises")];
    with_body(Body::Matching { pairs, distractors: vec!["neither".into()] })
}

fn essay() -> Item {
    with_body(Body::Essay { marker_note: "Names two signs.".into() })
}

prop_compose! {
    fn a_test()(items in prop::collection::vec(prop_oneof![8 => an_item(), 1 => Just(()).prop_map(|()| matching())], 1..12))
        (answers in items.iter().map(|item| prop::collection::vec(0..item.body.offered().len(), 0..4)).collect::<Vec<_>>(), items in Just(items))
        -> Vec<Item> {
        items.into_iter().zip(answers).map(|(item, chosen)| {
            let answer = match item.body {
                Body::Matching { .. } => Answer::Matched(chosen.into_iter().map(Some).collect()),
                _ => Answer::Chosen(chosen),
            };
            Item { answer, ..item }
        }).collect()
    }
}

proptest! {
    #[test]
    fn credit_stays_within_bounds(items in a_test(), pass_mark in 1..=100) {
        let marked = mark(&items, pass_mark);
        let score = marked.score.unwrap();
        prop_assert_eq!(marked.items.len(), items.len());
        prop_assert!(marked.items.iter().all(|credit| (0..=1000).contains(&credit.unwrap().0)));
        prop_assert_eq!(score.credit.0, marked.items.iter().map(|credit| credit.unwrap().0).sum::<i32>());
        prop_assert!((0..=100).contains(&score.percent()));
        prop_assert_eq!(score.passed, score.credit.0 * 100 >= pass_mark * score.of * 1000);
    }

    #[test]
    fn the_order_and_repetition_of_what_was_chosen_do_not_matter(items in a_test()) {
        let turned: Vec<Item> = items.iter().cloned().map(|item| match &item.answer {
            Answer::Chosen(chosen) => {
                let answer = Answer::Chosen(chosen.iter().rev().chain(chosen).copied().collect());
                Item { answer, ..item }
            }
            _ => item,
        }).collect();
        prop_assert_eq!(mark(&items, 80), mark(&turned, 80));
    }

    /// Whatever is shown in whatever order: choosing on the page where the key stands gives the whole credit.
    #[test]
    fn what_is_chosen_on_the_page_is_what_was_written(seed in any::<[u8; 32]>(), shuffled in any::<bool>(), one in an_item()) {
        let order = Order::of(&seed, &one, shuffled);
        let mut written = order.written().to_vec();
        written.sort_unstable();
        prop_assert_eq!(written, (0..one.body.offered().len()).collect::<Vec<_>>());
        let given = key_of(&one).iter().map(|index| {
            (field(one.question), order.place_of(*index).unwrap().to_string())
        }).collect::<Vec<_>>();
        let found = take(&one, &order, &given).unwrap().unwrap();
        let passed = mark(&[Item { answer: found, ..one }], 100).score.unwrap().passed;
        prop_assert!(passed);
    }

    #[test]
    fn what_was_not_offered_is_never_taken(one in an_item(), sent in "[0-9a-z\\-]{1,4}") {
        let order = Order::of(&[7; 32], &one, true);
        let found = take(&one, &order, &[(field(one.question), sent.clone())]);
        match sent.parse::<usize>() {
            Ok(place) if place < one.body.offered().len() => {
                prop_assert_eq!(found.unwrap(), Some(Answer::Chosen(vec![order.written()[place]])));
            }
            _ => prop_assert!(found.is_err()),
        }
    }

    #[test]
    fn as_many_are_drawn_as_the_rules_say_each_once_and_from_every_topic(
        topics in prop::collection::vec(0_usize..4, 0..30), questions in 1..20, per_topic in 0..4, shuffle in any::<bool>(), seed in any::<[u8; 32]>(),
    ) {
        let all: Vec<Drawable> =
            topics.iter().map(|topic| Drawable { id: QuestionId::new(), topic: topic.to_string() }).collect();
        let rules = Rules { questions, per_topic, shuffle_questions: shuffle, ..rules() };
        let drawn = draw(&all, &rules, &seed);
        prop_assert_eq!(&drawn, &draw(&all, &rules, &seed));
        let room = usize::try_from(questions).unwrap();
        prop_assert_eq!(drawn.len(), all.len().min(room));
        let once: BTreeSet<QuestionId> = drawn.iter().copied().collect();
        prop_assert_eq!(once.len(), drawn.len());
        let each = usize::try_from(per_topic).unwrap();
        for topic in all.iter().map(|one| &one.topic).collect::<BTreeSet<_>>() {
            let of = |ids: &[QuestionId]| all.iter().filter(|one| one.topic == *topic && ids.contains(&one.id)).count();
            let there = of(&all.iter().map(|one| one.id).collect::<Vec<_>>());
            let wanted: usize = all.iter().map(|one| &one.topic).collect::<BTreeSet<_>>().len() * each;
            if wanted <= room {
                prop_assert!(of(&drawn) >= there.min(each), "topic {topic}");
            }
        }
        if !shuffle {
            let places: Vec<usize> = drawn.iter().map(|id| all.iter().position(|one| one.id == *id).unwrap()).collect();
            prop_assert!(places.is_sorted());
        }
    }

    #[test]
    fn nobody_on_their_way_is_asked_more_than_before(before in any::<prop::sample::Index>(), after in any::<prop::sample::Index>()) {
        let (before, after) = (before.get(PostTests::ALL), after.get(PostTests::ALL));
        let then = after.for_those_on_their_way(*before);
        prop_assert!(then != PostTests::Required || *before == PostTests::Required);
        prop_assert_eq!(then == PostTests::Off, *after == PostTests::Off);
    }
}

/// What a page with one question on it changes.
fn take(one: &Item, order: &Order, given: &[(String, String)]) -> Result<Option<Answer>, Vec<app::error::FieldError>> {
    let mut fields = vec![("asked".to_owned(), one.question.to_string())];
    fields.extend(given.iter().cloned());
    only(changes(std::slice::from_ref(one), std::slice::from_ref(order), &Sent::of(&fields)))
}

/// What becomes of the one question; with an objection it stays as it is.
fn only(
    (mut changes, objections): (Vec<Option<Answer>>, Vec<Objection>),
) -> Result<Option<Answer>, Vec<app::error::FieldError>> {
    let change = changes.remove(0);
    assert!(objections.is_empty() || change.is_none());
    if objections.is_empty() { Ok(change) } else { Err(objections.into_iter().map(|one| one.error).collect()) }
}

#[test]
fn every_choice_is_first_in_some_attempt_but_true_stays_before_false() {
    let asked = item(&[true, false, false, false]);
    let seed = |number: u8| [number; 32];
    let first: BTreeSet<usize> = (0..200).map(|number| Order::of(&seed(number), &asked, true).written()[0]).collect();
    assert_eq!(first.len(), 4);
    assert!((0..50).all(|number| Order::of(&seed(number), &asked, false).written() == [0, 1, 2, 3]));
    let statement = with_body(Body::TrueFalse { is_true: true, when_true: String::new(), when_false: String::new() });
    assert!((0..50).all(|number| Order::of(&seed(number), &statement, true).written() == [0, 1]));
    // The answers of a matching never stand as written by rule, because that is their key.
    let first: BTreeSet<usize> = (0..200).map(|number| Order::of(&seed(number), &matching(), false).written()[0]).collect();
    assert!(first.len() > 1);
}

#[test]
fn a_test_without_questions_or_answers_is_not_passed() {
    assert!(!mark(&[], 0).score.unwrap().passed);
    assert_eq!(mark(&[], 80).score.unwrap().percent(), 0);
    assert!(!mark(&[item(&[true, false])], 80).score.unwrap().passed);
}

#[test]
fn parts_add_up_to_the_thousandth() {
    for (thousandths, words) in
        [(0, "0"), (500, "0.5"), (1000, "1"), (2333, "2.33"), (3990, "3.99"), (4005, "4"), (10_000, "10")]
    {
        assert_eq!(points(Credit(thousandths)), words);
    }
    // Three thirds of three questions, and one thousandth less than the mark.
    assert!(score(Credit(2400), 3, 80).passed);
    assert!(!score(Credit(2399), 3, 80).passed);
    assert_eq!(score(Credit(2399), 3, 80).percent(), 79);
    assert_eq!((needed(5, 80), needed(3, 80), needed(0, 80)), (4, 3, 0));
}

#[test]
fn an_essay_waits_for_a_person_unless_it_is_empty() {
    let answered = Item { answer: Answer::Text("Thirst and tiredness".into()), ..essay() };
    assert_eq!(mark(&[answered.clone(), item(&[true, false])], 80).score, None);
    assert_eq!(mark(&[essay()], 80).items, [Some(Credit::NONE)], "nothing to read, nobody to wait for");
    let marked = Item { credit: Some(Share::ThreeQuarters.credit()), ..answered };
    let score = mark(&[marked], 75).score.unwrap();
    assert!(score.passed && score.percent() == 75);
}

#[test]
fn every_kind_is_read_and_complaints_name_the_question() {
    let number = with_body(Body::Numerical(Vec::new()));
    let order = Order::of(&[], &number, false);
    let of = |text: &str| take(&number, &order, &[(field(number.question), text.to_owned())]);
    assert_eq!(of(" 7.5 "), Ok(Some(Answer::Text("7.5".into()))));
    assert_eq!(of("much").unwrap_err()[0].message, "Question 1 takes a number, such as 7.5.");
    assert_eq!(of("  "), Ok(None));
    let long = essay();
    let given = [(field(long.question), "x".repeat(4001))];
    assert!(take(&long, &Order::of(&[], &long, false), &given).unwrap_err()[0].message.contains("too long"));

    let rows = matching();
    let order = Order::of(&[9; 32], &rows, true);
    let place = |index: usize| order.place_of(index).unwrap().to_string();
    let given = [(row_field(rows.question, 0), place(0)), (row_field(rows.question, 2), place(1))];
    let found = take(&rows, &order, &given).unwrap().unwrap();
    assert_eq!(found, Answer::Matched(vec![Some(0), None, Some(1)]));
    let part = Item { answer: found, ..rows.clone() };
    assert_eq!(gaps(std::slice::from_ref(&part))[0].message, "Question 1 has 1 without an answer.");
    assert_eq!(mark(&[part], 80).items, [Some(Credit(666))]);
    for (name, value) in
        [(row_field(rows.question, 3), place(0)), (row_field(rows.question, 0), "9".into()), (field(rows.question), "0".into())]
    {
        assert!(take(&rows, &order, &[(name, value)]).is_err(), "not offered");
    }
    let one = item(&[true, false]);
    let order = Order::of(&[], &one, false);
    let both = [(field(one.question), "0".to_owned()), (field(one.question), "1".to_owned())];
    assert_eq!(take(&one, &order, &both).unwrap_err()[0].message, "Question 1 takes one answer only. Choose again.");
    assert!(take(&one, &order, &[(field(QuestionId::new()), "0".into())]).is_err(), "of another test");
    assert_eq!(gaps(&[one.clone()])[0].field, field(one.question));
}

/// Two pages of one test: what each sends, and what stands then.
#[test]
fn two_tabs_find_out_about_each_other() {
    let read_at = Utc.with_ymd_and_hms(2026, 11, 23, 19, 0, 0).unwrap();
    let (mine, other) = (uuid::Uuid::from_u128(1), uuid::Uuid::from_u128(2));
    let kept = |answer: Answer, from: uuid::Uuid| Item {
        answer,
        saved_at: Some(read_at + Duration::minutes(1)),
        saved_from: Some(from),
        ..item(&[true, false, false])
    };
    let send = |item: &Item, place: Option<&str>| {
        let order = Order::of(&[], item, false);
        let given = place.map(|place| (item.question.to_string(), place.to_owned())).into_iter().collect();
        let sent = Sent { asked: vec![item.question.to_string()], given, page: Some(mine), as_of: Some(read_at) };
        only(changes(std::slice::from_ref(item), &[order], &sent))
    };
    let elsewhere = kept(Answer::Chosen(vec![1]), other);
    assert_eq!(send(&elsewhere, None), Ok(None), "left empty here, it stays as it was given there");
    assert_eq!(send(&elsewhere, Some("1")), Ok(None), "the same in both");
    let conflict = send(&elsewhere, Some("2")).unwrap_err();
    assert!(conflict[0].message.contains("another tab"), "{conflict:?}");
    let here = kept(Answer::Chosen(vec![1]), mine);
    assert_eq!(send(&here, Some("2")), Ok(Some(Answer::Chosen(vec![2]))), "a page changes its own mind");
    assert_eq!(send(&here, None), Ok(Some(Answer::None)), "and takes an answer back");
    let before = Item { saved_at: Some(read_at - Duration::minutes(1)), ..elsewhere };
    assert_eq!(send(&before, Some("2")), Ok(Some(Answer::Chosen(vec![2]))), "the page had read it");
}

fn attempt(started_at: DateTime<Utc>, passed: Option<bool>) -> Attempt {
    Attempt {
        entered_by: None,
        came_by: None,
        carried: false,
        id: AttemptId::new(),
        enrollment_id: EnrollmentId::new(),
        chapter_id: ChapterId::new(),
        started_at,
        handed_in_at: passed.map(|_| started_at + Duration::minutes(10)),
        credit: passed.map(|_| Credit(3000)),
        item_count: 5,
        passed,
        rules: None,
        seed: Vec::new(),
    }
}

#[test]
fn one_attempt_a_day_by_the_day_in_montana() {
    let now = Utc.with_ymd_and_hms(2026, 11, 23, 19, 0, 0).unwrap();
    let midnight = Utc.with_ymd_and_hms(2026, 11, 24, 7, 0, 0).unwrap();
    let open = attempt(now, None);
    let missed = [attempt(now, Some(false))];
    // What was tried before -> what comes next.
    assert_eq!(next(&[], &rules(), 0, now), Next::Start);
    assert_eq!(next(std::slice::from_ref(&open), &rules(), 0, now), Next::GoOn(open.id));
    assert_eq!(next(&missed, &rules(), 0, now), Next::From(midnight));
    assert_eq!(next(&missed, &rules(), 0, midnight - Duration::seconds(1)), Next::From(midnight));
    assert_eq!(next(&missed, &rules(), 0, midnight), Next::Start);
    assert_eq!(next(&[attempt(now, Some(true))], &rules(), 0, now + Duration::days(9)), Next::Passed);
    let waiting = Attempt { handed_in_at: Some(now), ..attempt(now, None) };
    assert_eq!(next(&[waiting], &rules(), 0, now + Duration::days(9)), Next::Marking);
    // Half past eleven at night in Montana is the next day elsewhere.
    let late = midnight - Duration::minutes(30);
    assert_eq!(next(&[attempt(late, Some(false))], &rules(), 0, midnight + Duration::hours(1)), Next::Start);
    let twice = Rules { a_day: 2, ..rules() };
    assert_eq!(next(&missed, &twice, 0, now), Next::Start);
    let week = Rules { wait_days: 7, ..rules() };
    assert_eq!(next(&missed, &week, 0, midnight), Next::From(midnight + Duration::days(6)));
    assert_eq!(next(&missed, &week, 0, midnight + Duration::days(6)), Next::Start);
    assert_eq!(next(&missed, &Rules { wait_days: 0, ..rules() }, 0, now), Next::Start);

    let refusal = Next::From(midnight).may_start(now).unwrap_err().to_string();
    assert!(refusal.ends_with("possible on Tuesday, Nov 24."), "{refusal}");
}

#[test]
fn attempts_that_are_used_up_end_unless_one_more_is_allowed() {
    let now = Utc.with_ymd_and_hms(2026, 11, 23, 19, 0, 0).unwrap();
    let days = |count: i64| (1..=count).map(|day| attempt(now - Duration::days(day), Some(false))).collect::<Vec<_>>();
    let two = Rules { attempts: Some(2), ..rules() };
    assert_eq!(next(&days(1), &two, 0, now), Next::Start);
    assert_eq!(next(&days(2), &two, 0, now), Next::UsedUp(2));
    assert_eq!(next(&days(2), &two, 1, now), Next::Start);
    assert_eq!(next(&days(3), &two, 1, now), Next::UsedUp(3));
    assert!(Next::UsedUp(2).may_start(now).unwrap_err().to_string().contains("all 2 attempts"));
    assert_eq!(paper_objection(&days(2), &two, clock::today(now)), None, "the coordinator decides on paper");
}

#[test]
fn the_day_of_a_clock_change_ends_at_local_midnight() {
    let now = Utc.with_ymd_and_hms(2026, 11, 1, 18, 0, 0).unwrap();
    let Next::From(at) = next(&[attempt(now, Some(false))], &rules(), 0, now) else { panic!("used up") };
    assert_eq!(clock::today(at).to_string(), "2026-11-02");
    assert_eq!(clock::today(at - Duration::seconds(1)).to_string(), "2026-11-01");
}

#[test]
fn the_key_shows_by_the_rules() {
    for (shows, key, own) in
        [(Shows::Everything, true, true), (Shows::OwnChoices, false, true), (Shows::AfterPassing, false, false)]
    {
        let rules = Rules { shows, ..rules() };
        assert_eq!(reading(&rules, false), Reading { key, own });
        assert_eq!(reading(&rules, true), Reading::ALL);
    }
}

#[test]
fn versions_of_rules_say_what_changed() {
    let after = Rules { pass_mark: 70, attempts: Some(3), ..rules() };
    let found = differences(Some(&rules()), Some(&after));
    assert_eq!(
        found,
        [
            ("Pass mark", "80 percent".to_owned(), "70 percent".to_owned()),
            ("Attempts at a chapter", "no end to them".to_owned(), "3".to_owned())
        ]
    );
    assert!(differences(Some(&after), Some(&after)).is_empty());
    for scope in [Scope::Option(OptionNumber::Two), Scope::Outline(app::id::OutlineId::new())] {
        assert_eq!(scope.path().parse(), Ok(scope));
    }
    assert!("option-9".parse::<Scope>().is_err() && "x".parse::<Scope>().is_err());
}

pub async fn approve_all(program: &Program, chapter: ChapterId) {
    let who = program.coordinator.coordinator().unwrap();
    let mut tx = program.state.write(&who).await.unwrap();
    for question in store::list_questions(&mut tx, &who, chapter).await.unwrap() {
        assert!(store::approve(&mut tx, &who, chapter, question.id).await.unwrap());
    }
    tx.commit().await.unwrap();
}

/// Starts an attempt with every approved question; `None` when the store refuses.
pub async fn start(program: &Program, pair: &Pair, chapter: ChapterId, seen: usize) -> Option<AttemptId> {
    let mut tx = program.state.write(&pair.mentee).await.unwrap();
    let own = pair.mentee.own(&mut tx, pair.enrollment).await.unwrap();
    let approved = store::list_approved(&mut tx, chapter).await.unwrap();
    let rules = Rules { questions: 100, ..rules() };
    let questions = draw(&approved, &rules, &[1; 32]);
    let new = Beginning { chapter, questions: &questions, rules: &rules, seed: &[1; 32], seen };
    let started = store::start(&mut tx, &own, &new).await.unwrap();
    tx.commit().await.unwrap();
    started
}

/// Hands an attempt in with the first `right` questions answered right, the others wrong.
pub async fn hand_in(program: &Program, pair: &Pair, attempt: AttemptId, right: usize) -> bool {
    let mut tx = program.state.write(&pair.mentee).await.unwrap();
    let own = pair.mentee.own(&mut tx, pair.enrollment).await.unwrap();
    let mut items = store::list_items(&mut tx, attempt).await.unwrap();
    items.sort_by_key(|item| item.question);
    for (index, item) in items.iter_mut().enumerate() {
        item.answer = match key(&item.body) {
            None => Answer::Text("In my own words.".into()),
            Some(key) if index < right => key,
            Some(key) => {
                let wrong = (0..item.body.offered().len()).find(|place| !key.chosen().contains(place));
                wrong.map_or(Answer::Text("wrong".into()), |wrong| Answer::Chosen(vec![wrong]))
            }
        };
    }
    let marked = mark(&items, 80);
    let done = store::hand_in(&mut tx, &own, attempt, &items, &marked).await.unwrap();
    tx.commit().await.unwrap();
    done
}

/// A question of a chapter, approved.
async fn write(program: &Program, chapter: ChapterId, text: &str, body: Body) -> QuestionId {
    let who = program.coordinator.coordinator().unwrap();
    let mut tx = program.state.write(&who).await.unwrap();
    let (id, draft) = (
        QuestionId::new(),
        Draft {
            name: String::new(),
            text: text.into(),
            explanation: "So it is.".into(),
            source: "ADA Standards of Care".into(),
            topic: String::new(),
            picture: None,
            body,
        },
    );
    assert!(store::insert_question(&mut tx, &who, id, chapter, &draft).await.unwrap());
    assert!(store::approve(&mut tx, &who, chapter, id).await.unwrap());
    tx.commit().await.unwrap();
    id
}

#[tokio::test]
async fn a_test_is_taken_missed_and_passed_another_day() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::One).await;
        let chapter = chapters(&program).await[0];
        let mut tx = program.state.db.read().await.unwrap();
        assert!(store::list_approved(&mut tx, chapter).await.unwrap().is_empty(), "nothing counts before a CDCES approved it");
        assert!(store::find_chapter_of(&mut tx, pair.enrollment, chapter).await.unwrap().is_some());
        drop(tx);
        approve_all(&program, chapter).await;

        let first = start(&program, &pair, chapter, 0).await.unwrap();
        assert_eq!(start(&program, &pair, chapter, 0).await, None, "sent twice");
        assert_eq!(start(&program, &pair, chapter, 1).await, None, "one open attempt a chapter");
        assert!(hand_in(&program, &pair, first, 2).await);
        assert!(!hand_in(&program, &pair, first, 99).await, "handing in twice changes nothing");

        let mut tx = program.state.db.read().await.unwrap();
        let attempts = store::list_attempts(&mut tx, pair.enrollment, chapter).await.unwrap();
        let items = store::list_items(&mut tx, first).await.unwrap();
        assert_eq!((attempts.len(), attempts[0].credit, attempts[0].passed), (1, Some(Credit(2000)), Some(false)));
        assert_eq!(attempts[0].rules.unwrap().pass_mark, 80, "it keeps the rules it began under");
        assert_eq!(items.iter().filter(|item| item.is_right()).count(), 2);
        let missed = store::list_missed(&mut tx, pair.enrollment, chapter).await.unwrap();
        assert_eq!(missed.len(), items.len() - 2);
        assert!(missed.iter().all(|one| one.item.credit == Some(Credit::NONE) && one.attempt == first));
        assert_eq!(store::list_all_missed(&mut tx, pair.enrollment).await.unwrap().len(), items.len() - 2);
        drop(tx);

        program.state.clock.advance(Duration::days(1));
        let second = start(&program, &pair, chapter, 1).await.unwrap();
        let one_missed = items.len() - 1;
        assert!(hand_in(&program, &pair, second, one_missed).await);
        let mut tx = program.state.db.read().await.unwrap();
        let missed = store::list_missed(&mut tx, pair.enrollment, chapter).await.unwrap();
        assert_eq!(missed.len(), 1, "what was answered right since is no longer missed");
        let attempts = store::list_attempts(&mut tx, pair.enrollment, chapter).await.unwrap();
        assert_eq!(next(&attempts, &rules(), 0, program.state.clock.now()), Next::Passed);
        let story = enrollments::store::find(&mut tx, pair.enrollment).await.unwrap().unwrap();
        assert_eq!((story.tests_open, story.tests_passed), (1, 1));
    })
    .await;
}

/// Missed questions leave the agenda when they were talked over, when the chapter is signed off, and when it is passed.
#[tokio::test]
async fn what_was_missed_is_on_the_agenda_until_it_is_talked_over() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::One).await;
        let all = chapters(&program).await;
        for (index, chapter) in all.iter().take(3).enumerate() {
            approve_all(&program, *chapter).await;
            let attempt = start(&program, &pair, *chapter, 0).await.unwrap();
            assert!(hand_in(&program, &pair, attempt, index).await);
        }
        let on_it = async || -> BTreeSet<ChapterId> {
            let mut tx = program.state.db.read().await.unwrap();
            let missed = store::list_all_missed(&mut tx, pair.enrollment).await.unwrap();
            assert!(missed.windows(2).all(|two| two[0].number <= two[1].number), "in the order of the chapters");
            missed.into_iter().map(|one| one.chapter).collect()
        };
        assert_eq!(on_it().await, all.iter().take(3).copied().collect());

        program.state.clock.advance(Duration::days(1));
        let mut tx = program.state.write(&pair.mentor).await.unwrap();
        let (now, talk) = (tx.now(), TalkId::new());
        execute!(
            &mut tx,
            "INSERT INTO talk (id, submission_key, enrollment_id, held_on, minutes, way, notes, follow_ups, logged_by, created_at)
             VALUES ($1, $2, $3, $4, 30, 'phone', '', '', $5, $6)",
            talk,
            SubmissionKey::new(),
            pair.enrollment,
            clock::today(now),
            pair.mentor.id,
            now
        )
        .unwrap();
        execute!(&mut tx, "INSERT INTO talk_chapter (talk_id, chapter_id) VALUES ($1, $2)", talk, all[0]).unwrap();
        execute!(
            &mut tx,
            "INSERT INTO sign_off (enrollment_id, chapter_id, mentor_id, signed_off_at, word) VALUES ($1, $2, $3, $4, '')",
            pair.enrollment,
            all[1],
            pair.mentor.id,
            now
        )
        .unwrap();
        tx.commit().await.unwrap();
        assert_eq!(on_it().await, [all[2]].into());

        let again = start(&program, &pair, all[2], 1).await.unwrap();
        assert!(hand_in(&program, &pair, again, 99).await);
        assert!(on_it().await.is_empty(), "passed");
    })
    .await;
}

#[tokio::test]
async fn answers_are_kept_while_a_test_is_open_and_only_then() {
    each_db(async |program| {
        let (pair, other) = (program.pair(OptionNumber::One).await, program.pair(OptionNumber::One).await);
        let chapter = chapters(&program).await[0];
        approve_all(&program, chapter).await;
        let attempt = start(&program, &pair, chapter, 0).await.unwrap();
        let question = store::list_items(&mut program.state.db.read().await.unwrap(), attempt).await.unwrap()[0].question;
        let (page, answer) = (Some(uuid::Uuid::from_u128(7)), Answer::Chosen(vec![1]));
        let keep = async |who: &Pair| {
            let mut tx = program.state.write(&who.mentee).await.unwrap();
            let own = who.mentee.own(&mut tx, who.enrollment).await.unwrap();
            let open = store::keep_answers(&mut tx, &own, attempt, &[(question, answer.clone())], page).await.unwrap();
            tx.commit().await.unwrap();
            open
        };
        assert!(!keep(&other).await, "another's attempt");
        assert!(keep(&pair).await);
        let first = store::list_items(&mut program.state.db.read().await.unwrap(), attempt).await.unwrap().remove(0);
        assert_eq!((first.answer, first.saved_from, first.credit), (answer.clone(), page, None));
        assert!(hand_in(&program, &pair, attempt, 0).await);
        assert!(!keep(&pair).await, "handed in");
    })
    .await;
}

#[tokio::test]
async fn many_starts_at_once_begin_one_attempt() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::One).await;
        let chapter = chapters(&program).await[0];
        approve_all(&program, chapter).await;
        let starts = (0..8).map(|_| {
            let (state, mentee, enrollment) = (program.state.clone(), pair.mentee.clone(), pair.enrollment);
            tokio::spawn(async move {
                let mut tx = state.write(&mentee).await.unwrap();
                let own = mentee.own(&mut tx, enrollment).await.unwrap();
                let questions = draw(&store::list_approved(&mut tx, chapter).await.unwrap(), &rules(), &[0; 32]);
                let new = Beginning { chapter, questions: &questions, rules: &rules(), seed: &[0; 32], seen: 0 };
                let started = store::start(&mut tx, &own, &new).await.unwrap();
                tx.commit().await.unwrap();
                started.is_some()
            })
        });
        let mut begun = 0;
        for start in starts.collect::<Vec<_>>() {
            begun += usize::from(start.await.unwrap());
        }
        let mut tx = program.state.db.read().await.unwrap();
        assert_eq!((begun, store::list_attempts(&mut tx, pair.enrollment, chapter).await.unwrap().len()), (1, 1));
    })
    .await;
}

#[tokio::test]
async fn anothers_attempt_is_not_found_and_cannot_be_handed_in() {
    each_db(async |program| {
        let (pair, other) = (program.pair(OptionNumber::One).await, program.pair(OptionNumber::One).await);
        let chapter = chapters(&program).await[0];
        approve_all(&program, chapter).await;
        let attempt = start(&program, &pair, chapter, 0).await.unwrap();
        let mut tx = program.state.write(&other.mentee).await.unwrap();
        for stranger in [&other.mentee, &other.mentor, &pair.mentor, &program.coordinator] {
            assert_eq!(stranger.own(&mut tx, pair.enrollment).await.unwrap_err(), AppError::NotFound);
        }
        let own = other.mentee.own(&mut tx, other.enrollment).await.unwrap();
        let items = store::list_items(&mut tx, attempt).await.unwrap();
        assert!(!store::hand_in(&mut tx, &own, attempt, &items, &mark(&items, 80)).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn an_essay_waits_for_the_mentor_and_is_settled_by_the_mark() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::One).await;
        let chapter = chapters(&program).await[0];
        let question = write(&program, chapter, "Which signs?", Body::Essay { marker_note: "Two signs".into() }).await;
        let attempt = start(&program, &pair, chapter, 0).await.unwrap();
        assert!(hand_in(&program, &pair, attempt, 0).await);

        let mut tx = program.state.write(&pair.mentor).await.unwrap();
        let story = enrollments::store::find(&mut tx, pair.enrollment).await.unwrap().unwrap();
        assert_eq!((story.unmarked, story.unmarked_chapter, story.tests_passed), (1, Some(chapter), 0));
        let open = moves(&story, &Settings::default());
        let waits = open.iter().find(|one| one.what == What::MarkAnswers).unwrap();
        assert_eq!((waits.owner, waits.limit), (Owner::Mentor, Duration::days(7)));
        assert!(!open.iter().any(|one| one.what == What::TakeTest), "nothing is the mentee's to do meanwhile");
        let mentor = pair.mentor.pair(&mut tx, pair.enrollment).await.unwrap();
        let waiting = store::list_unmarked(&mut tx, mentor, chapter).await.unwrap();
        assert_eq!((waiting.len(), waiting[0].item.question), (1, question));
        assert!(store::list_all_missed(&mut tx, pair.enrollment).await.unwrap().is_empty());
        let mentee = pair.mentee.pair(&mut tx, pair.enrollment).await.unwrap();
        let new = Mark { attempt, question, credit: Share::Half.credit(), word: "Half of it.".into() };
        assert_eq!(store::mark_answer(&mut tx, mentee, &new).await.unwrap_err(), AppError::NotFound, "not by the mentee");
        assert!(store::mark_answer(&mut tx, mentor, &new).await.unwrap());
        assert!(!store::mark_answer(&mut tx, mentor, &new).await.unwrap(), "once");
        let marked = mark(&store::list_items(&mut tx, attempt).await.unwrap(), 50);
        store::settle(&mut tx, attempt, &marked, marked.score.unwrap()).await.unwrap();
        assert!(store::settle(&mut tx, attempt, &marked, marked.score.unwrap()).await.is_err());
        tx.commit().await.unwrap();

        let mut tx = program.state.db.read().await.unwrap();
        let story = enrollments::store::find(&mut tx, pair.enrollment).await.unwrap().unwrap();
        assert_eq!((story.unmarked, story.unmarked_since, story.tests_passed), (0, None, 1));
        let item = store::list_items(&mut tx, attempt).await.unwrap().remove(0);
        assert_eq!((item.credit, item.word.as_str(), item.marked_by.is_some()), (Some(Credit(500)), "Half of it.", true));
        assert_eq!(store::list_missed(&mut tx, pair.enrollment, chapter).await.unwrap().len(), 1, "half is worth a talk");
    })
    .await;
}

#[tokio::test]
async fn rules_hold_for_their_option_or_outline_and_ask_no_more_of_those_on_their_way() {
    each_db(async |program| {
        let who = program.coordinator.coordinator().unwrap();
        let (one, two) = (program.pair(OptionNumber::One).await, program.pair(OptionNumber::Two).await);
        let outline = program.outline(OptionNumber::Two).await;
        let settings = Settings::default();
        let of = async |enrollment: EnrollmentId| {
            let mut tx = program.state.db.read().await.unwrap();
            let story = enrollments::store::find(&mut tx, enrollment).await.unwrap().unwrap();
            store::rules_of(&mut tx, &story, &settings).await.unwrap()
        };
        let change = async |scope: Scope, seen: i32, rules: Option<Rules>| {
            let mut tx = program.state.write(&who).await.unwrap();
            store::change_rules(&mut tx, &who, scope, seen, rules.as_ref()).await?;
            tx.commit().await.unwrap();
            Ok::<_, AppError>(())
        };
        assert_eq!(of(one.enrollment).await, rules());
        assert_eq!(of(two.enrollment).await.post_tests, PostTests::Off);

        let required = Rules { post_tests: PostTests::Required, pass_mark: 60, ..rules() };
        change(Scope::Option(OptionNumber::Two), 0, Some(required)).await.unwrap();
        assert!(change(Scope::Option(OptionNumber::Two), 0, Some(required)).await.is_err(), "somebody was quicker");
        let now = of(two.enrollment).await;
        assert_eq!((now.post_tests, now.pass_mark), (PostTests::Offered, 60), "on the way: offered, not required");
        let later = program.pair(OptionNumber::Two).await;
        assert_eq!(of(later.enrollment).await.post_tests, PostTests::Required);
        assert_eq!(of(one.enrollment).await.post_tests, PostTests::Required);

        // The book's word goes before the option's, and can be given back.
        change(Scope::Outline(outline), 0, Some(Rules { pass_mark: 90, ..required })).await.unwrap();
        assert_eq!(of(later.enrollment).await.pass_mark, 90);
        change(Scope::Outline(outline), 1, None).await.unwrap();
        assert_eq!(of(later.enrollment).await.pass_mark, 60);
        change(Scope::Option(OptionNumber::Two), 1, Some(Rules { post_tests: PostTests::Off, ..required })).await.unwrap();
        assert_eq!(of(later.enrollment).await.post_tests, PostTests::Off);
        change(Scope::Option(OptionNumber::Two), 2, Some(required)).await.unwrap();
        assert_eq!(of(later.enrollment).await.post_tests, PostTests::Offered, "taken away, it is not asked again");

        let mut tx = program.state.db.read().await.unwrap();
        let versions = store::list_rules(&mut tx, &who, Scope::Option(OptionNumber::Two)).await.unwrap();
        assert_eq!(versions.iter().map(|one| one.version).collect::<Vec<_>>(), [3, 2, 1]);
        assert!(versions.iter().all(|one| one.changed_by == "Cora Dinator"));
        assert!(store::list_ruled_outlines(&mut tx, &who).await.unwrap().iter().any(|one| one.id == outline && !one.own));
    })
    .await;
}

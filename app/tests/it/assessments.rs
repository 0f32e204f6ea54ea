//! Post-tests: how they are marked, when one can be taken, and what a question bank and a test keep.

use app::assessments::{
    Answer, Attempt, Body, Choice, Credit, Draft, Item, Next, QuestionKind, credit, draw, field, key, mark, needed, next,
    order_of_choices, read_answers, store,
};
use app::clock;
use app::enrollments::OptionNumber;
use app::error::AppError;
use app::id::{AttemptId, ChapterId, EnrollmentId, QuestionId};
use app::settings::Settings;
use chrono::{DateTime, Duration, TimeZone, Utc};
use proptest::prelude::*;

use crate::support::{Pair, Program, each_db};

fn item(key: &[bool]) -> Item {
    let single = key.iter().filter(|right| **right).count() == 1;
    let wrong = if single { Credit::NONE } else { Credit::LOST };
    let choices = key
        .iter()
        .enumerate()
        .map(|(index, right)| Choice {
            text: format!("choice {index}"),
            credit: if *right { Credit::WHOLE } else { wrong },
            explanation: String::new(),
        })
        .collect();
    Item {
        question: QuestionId::new(),
        text: "Which?".into(),
        explanation: String::new(),
        picture: None,
        body: if single { Body::Single(choices) } else { Body::Multiple(choices) },
        answer: Answer::None,
        credit: None,
        is_right: None,
    }
}

fn key_of(item: &Item) -> Vec<usize> {
    key(&item.body).unwrap().chosen().to_vec()
}

fn chosen(places: &[usize]) -> Answer {
    Answer::Chosen(places.to_vec())
}

prop_compose! {
    fn an_item()(mut key in prop::collection::vec(any::<bool>(), 2..6), sure in any::<prop::sample::Index>()) -> Item {
        let sure = sure.index(key.len());
        key[sure] = true;
        item(&key)
    }
}

prop_compose! {
    fn a_test()(items in prop::collection::vec(an_item(), 1..12))
        (answers in items.iter().map(|item| prop::collection::vec(0..item.body.offered().len(), 0..5)).collect::<Vec<_>>(), items in Just(items))
        -> (Vec<Item>, Vec<Answer>) {
        (items, answers.into_iter().map(Answer::Chosen).collect())
    }
}

proptest! {
    #[test]
    fn credit_stays_within_bounds((items, answers) in a_test(), pass_mark in 0..=100) {
        let marked = mark(&items, &answers, pass_mark);
        prop_assert_eq!(marked.items.len(), items.len());
        prop_assert!((0..=marked.score.of).contains(&marked.score.right));
        prop_assert!((0..=100).contains(&marked.score.percent()));
        prop_assert_eq!(marked.score.passed, usize::try_from(marked.score.right).unwrap() >= needed(items.len(), pass_mark));
    }

    #[test]
    fn the_order_and_repetition_of_answers_do_not_matter((items, answers) in a_test(), pass_mark in 1..=100) {
        let turn = |answer: &Answer| Answer::Chosen(answer.chosen().iter().rev().chain(answer.chosen()).copied().collect());
        let turned: Vec<Answer> = answers.iter().map(turn).collect();
        prop_assert_eq!(mark(&items, &answers, pass_mark), mark(&items, &turned, pass_mark));
    }

    #[test]
    fn the_whole_key_passes_and_one_choice_more_or_less_is_wrong(items in prop::collection::vec(an_item(), 1..12), pass_mark in 1..=100) {
        let keys: Vec<Answer> = items.iter().map(|item| key(&item.body).unwrap()).collect();
        let marked = mark(&items, &keys, pass_mark);
        prop_assert!(marked.score.passed && marked.score.percent() == 100);
        for (item, key) in items.iter().zip(&keys) {
            let key = key.chosen();
            for index in 0..item.body.offered().len() {
                let other: Vec<usize> = if key.contains(&index) {
                    key.iter().copied().filter(|one| *one != index).collect()
                } else {
                    key.iter().copied().chain([index]).collect()
                };
                prop_assert_eq!(credit(&item.body, &Answer::Chosen(other)), Some(Credit::NONE));
            }
        }
    }

    #[test]
    fn choices_are_shown_in_one_order_for_one_attempt(item in an_item()) {
        let attempt = AttemptId::new();
        let order = order_of_choices(attempt, &item);
        prop_assert_eq!(&order, &order_of_choices(attempt, &item));
        let mut sorted = order;
        sorted.sort_unstable();
        prop_assert_eq!(sorted, (0..item.body.offered().len()).collect::<Vec<_>>());
    }

    #[test]
    fn questions_are_drawn_once_each(count in 0usize..20, most in 1usize..10, seed in any::<[u8; 32]>()) {
        let all: Vec<QuestionId> = (0..count).map(|_| QuestionId::new()).collect();
        let mut drawn = draw(all.clone(), most, &seed);
        prop_assert_eq!(drawn.len(), count.min(most));
        prop_assert!(drawn.iter().all(|one| all.contains(one)));
        drawn.sort();
        drawn.dedup();
        prop_assert_eq!(drawn.len(), count.min(most));
    }

    #[test]
    fn what_was_not_offered_is_never_taken(item in an_item(), sent in "[0-9a-z\\-]{0,4}") {
        let answers = read_answers(std::slice::from_ref(&item), &[(item.question.to_string(), sent.clone())], true);
        match sent.parse::<usize>() {
            Ok(index) if index < item.body.offered().len() => prop_assert_eq!(answers.unwrap(), vec![chosen(&[index])]),
            _ => prop_assert!(answers.is_err()),
        }
    }
}

#[test]
fn every_choice_is_first_in_some_attempt_but_true_stays_before_false() {
    let mut asked = item(&[true, false, false, false]);
    let first: std::collections::BTreeSet<usize> = (0..200).map(|_| order_of_choices(AttemptId::new(), &asked)[0]).collect();
    assert_eq!(first.len(), 4);
    asked.body = Body::TrueFalse { is_true: true, when_true: String::new(), when_false: String::new() };
    assert!((0..50).all(|_| order_of_choices(AttemptId::new(), &asked) == [0, 1]));
}

#[test]
fn a_test_without_questions_or_answers_is_not_passed() {
    assert!(!mark(&[], &[], 0).score.passed);
    assert_eq!(mark(&[], &[], 80).score.percent(), 0);
    let items = [item(&[false, false])];
    assert!(!mark(&items, &[chosen(&[])], 80).score.passed, "a question without a key is right for nobody");
}

#[test]
fn answers_are_read_in_the_order_of_the_items_and_complaints_name_them() {
    let items = [item(&[true, false]), item(&[true, true, false]), item(&[false, true])];
    let [one, two, three] = [0, 1, 2].map(|index: usize| items[index].question.to_string());
    let say =
        |some: &[(&String, &str)]| some.iter().map(|(id, choice)| ((*id).clone(), (*choice).to_owned())).collect::<Vec<_>>();
    let sent = say(&[(&three, "1"), (&two, "1"), (&two, "0"), (&one, "0")]);
    assert_eq!(read_answers(&items, &sent, false), Ok(vec![chosen(&[0]), chosen(&[0, 1]), chosen(&[1])]));

    let gaps = read_answers(&items, &say(&[(&one, "0")]), false).unwrap_err();
    assert_eq!(
        gaps.iter().map(|error| error.field.clone()).collect::<Vec<_>>(),
        [field(items[1].question), field(items[2].question)]
    );
    assert_eq!(gaps[0].message, "Question 2 is not answered yet.");
    assert_eq!(read_answers(&items, &say(&[(&one, "0")]), true), Ok(vec![chosen(&[0]), chosen(&[]), chosen(&[])]));

    let both = read_answers(&items, &say(&[(&one, "0"), (&one, "1")]), true).unwrap_err();
    assert_eq!(both[0].message, "Question 1: choose one answer.");
    let stranger = QuestionId::new().to_string();
    assert!(read_answers(&items, &say(&[(&stranger, "0")]), true).is_err());
}

#[test]
fn choices_must_make_a_question() {
    use QuestionKind::{Multiple, Single};
    let choices = |some: &[(&str, i32)]| -> Vec<Choice> {
        some.iter()
            .map(|(text, credit)| Choice { text: (*text).into(), credit: Credit(*credit), explanation: String::new() })
            .collect()
    };
    for (kind, some, fits) in [
        (Single, choices(&[("a", 1000), ("b", 0)]), true),
        (Single, choices(&[("a", 1000), ("b", 500), ("c", -1000)]), true),
        (Single, choices(&[("a", 1000), ("b", 1000)]), false),
        (Single, choices(&[("a", 0), ("b", 0)]), false),
        (Single, choices(&[("a", 1000)]), false),
        (Single, choices(&[("a", 1000), ("A", 0)]), false),
        (Single, choices(&[("a", 1000), ("", 0)]), false),
        (Multiple, choices(&[("a", 1000), ("b", 1000)]), true),
        (Multiple, choices(&[("a", 333), ("b", 333), ("c", 333), ("d", -1000)]), true),
        (Multiple, choices(&[("a", 1000), ("b", 1000), ("c", 500)]), false),
        (Multiple, choices(&[("a", 500), ("b", 400)]), false),
        (Multiple, choices(&[("a", 0), ("b", 0)]), false),
    ] {
        let body = if kind == Single { Body::Single(some) } else { Body::Multiple(some) };
        assert_eq!(body.objection().is_none(), fits, "{body:?}");
    }
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
        right_count: passed.map(|_| 3),
        item_count: 5,
        passed,
    }
}

#[test]
fn one_attempt_a_day_by_the_day_in_montana() {
    let settings = Settings::default();
    let now = Utc.with_ymd_and_hms(2026, 11, 23, 19, 0, 0).unwrap();
    let midnight = Utc.with_ymd_and_hms(2026, 11, 24, 7, 0, 0).unwrap();
    let open = attempt(now, None);
    // What was tried before -> what comes next.
    assert_eq!(next(&[], &settings, now), Next::Start);
    assert_eq!(next(std::slice::from_ref(&open), &settings, now), Next::GoOn(open.id));
    assert_eq!(next(&[attempt(now, Some(false))], &settings, now), Next::From(midnight));
    assert_eq!(next(&[attempt(now, Some(false))], &settings, midnight - Duration::seconds(1)), Next::From(midnight));
    assert_eq!(next(&[attempt(now, Some(false))], &settings, midnight), Next::Start);
    assert_eq!(next(&[attempt(now, Some(true))], &settings, now), Next::Passed);
    assert_eq!(next(&[attempt(now, Some(true))], &settings, now + Duration::days(9)), Next::Passed);
    // Half past eleven at night in Montana is the next day elsewhere.
    let late = midnight - Duration::minutes(30);
    assert_eq!(next(&[attempt(late, Some(false))], &settings, midnight + Duration::hours(1)), Next::Start);
    let twice = Settings { attempts_a_day: 2, ..Settings::default() };
    assert_eq!(next(&[attempt(now, Some(false))], &twice, now), Next::Start);

    let refusal = Next::From(midnight).may_start(now).unwrap_err().to_string();
    assert!(refusal.ends_with("possible on Tuesday, Nov 24."), "{refusal}");
}

#[test]
fn the_day_of_a_clock_change_ends_at_local_midnight() {
    let settings = Settings::default();
    let now = Utc.with_ymd_and_hms(2026, 11, 1, 18, 0, 0).unwrap();
    let Next::From(at) = next(&[attempt(now, Some(false))], &settings, now) else { panic!("used up") };
    assert_eq!(clock::today(at).to_string(), "2026-11-02");
    assert_eq!(clock::today(at - Duration::seconds(1)).to_string(), "2026-11-01");
}

/// The chapters of a pair's outline that have questions.
async fn chapters(program: &Program) -> Vec<ChapterId> {
    let who = program.coordinator.coordinator().unwrap();
    let bank = store::list_bank(&mut program.state.db.read().await.unwrap(), &who).await.unwrap();
    bank.into_iter().filter(|chapter| chapter.approved + chapter.unreviewed > 0).map(|chapter| chapter.id).collect()
}

async fn approve_all(program: &Program, chapter: ChapterId) {
    let who = program.coordinator.coordinator().unwrap();
    let mut tx = program.state.write(&who).await.unwrap();
    for question in store::list_questions(&mut tx, &who, chapter).await.unwrap() {
        assert!(store::approve(&mut tx, &who, chapter, question.id).await.unwrap());
    }
    tx.commit().await.unwrap();
}

/// Starts an attempt with every approved question; `None` when the store refuses.
async fn start(program: &Program, pair: &Pair, chapter: ChapterId, seen: usize) -> Option<AttemptId> {
    let mut tx = program.state.write(&pair.mentee).await.unwrap();
    let own = pair.mentee.own(&mut tx, pair.enrollment).await.unwrap();
    let questions = store::list_approved(&mut tx, chapter).await.unwrap();
    let started = store::start(&mut tx, &own, chapter, &questions, seen).await.unwrap();
    tx.commit().await.unwrap();
    started
}

/// Hands an attempt in with the first `right` questions answered right, the others wrong.
async fn hand_in(program: &Program, pair: &Pair, attempt: AttemptId, right: usize) -> bool {
    let mut tx = program.state.write(&pair.mentee).await.unwrap();
    let own = pair.mentee.own(&mut tx, pair.enrollment).await.unwrap();
    let mut items = store::list_items(&mut tx, attempt).await.unwrap();
    items.sort_by_key(|item| item.question);
    let answers: Vec<Answer> = items
        .iter()
        .enumerate()
        .map(|(index, item)| {
            let key = key_of(item);
            let wrong = (0..item.body.offered().len()).find(|place| !key.contains(place));
            Answer::Chosen(if index < right { key } else { wrong.into_iter().collect() })
        })
        .collect();
    let marked = mark(&items, &answers, 80);
    let done = store::hand_in(&mut tx, &own, attempt, &items, &answers, &marked).await.unwrap();
    tx.commit().await.unwrap();
    done
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
        assert_eq!((attempts.len(), attempts[0].right_count, attempts[0].passed), (1, Some(2), Some(false)));
        assert_eq!(items.iter().filter(|item| item.is_right == Some(true)).count(), 2);
        let missed = store::list_missed(&mut tx, pair.enrollment, chapter).await.unwrap();
        assert_eq!(missed.len(), items.len() - 2);
        assert!(missed.iter().all(|item| item.answer.chosen().len() == 1 && item.credit == Some(Credit::NONE)));
        drop(tx);

        program.state.clock.advance(Duration::days(1));
        let second = start(&program, &pair, chapter, 1).await.unwrap();
        let one_missed = items.len() - 1;
        assert!(hand_in(&program, &pair, second, one_missed).await);
        let mut tx = program.state.db.read().await.unwrap();
        let missed = store::list_missed(&mut tx, pair.enrollment, chapter).await.unwrap();
        assert_eq!(missed.len(), 1, "what was answered right since is no longer missed");
        let attempts = store::list_attempts(&mut tx, pair.enrollment, chapter).await.unwrap();
        assert_eq!(next(&attempts, &Settings::default(), program.state.clock.now()), Next::Passed);
        let story = app::enrollments::store::find(&mut tx, pair.enrollment).await.unwrap().unwrap();
        assert_eq!((story.tests_open, story.tests_passed), (1, 1));
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
                let questions = store::list_approved(&mut tx, chapter).await.unwrap();
                let started = store::start(&mut tx, &own, chapter, &questions, 0).await.unwrap();
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
        let keys: Vec<Answer> = items.iter().map(|item| key(&item.body).unwrap()).collect();
        assert!(!store::hand_in(&mut tx, &own, attempt, &items, &keys, &mark(&items, &keys, 80)).await.unwrap());
    })
    .await;
}

fn a_draft(text: &str) -> Draft {
    Draft {
        name: String::new(),
        text: text.into(),
        explanation: "Because.".into(),
        source: "ADA Standards of Care".into(),
        topic: "Insulin".into(),
        picture: None,
        body: Body::Single(vec![
            Choice { text: "Yes".into(), credit: Credit::WHOLE, explanation: String::new() },
            Choice { text: "No <b>&</b>".into(), credit: Credit::NONE, explanation: "\u{1F331} 'quoted'".into() },
        ]),
    }
}

#[tokio::test]
async fn a_question_counts_once_approved_and_its_tests_outlive_it() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::One).await;
        let who = program.coordinator.coordinator().unwrap();
        let all = chapters(&program).await;
        let (chapter, other) = (all[0], all[1]);
        let mut tx = program.state.write(&who).await.unwrap();
        let id = QuestionId::new();
        assert!(store::insert_question(&mut tx, &who, id, chapter, &a_draft("Is it?")).await.unwrap());
        assert!(!store::insert_question(&mut tx, &who, id, chapter, &a_draft("Is it?")).await.unwrap(), "sent twice");
        assert!(!store::approve(&mut tx, &who, other, id).await.unwrap(), "it is not that chapter's");
        assert!(store::list_approved(&mut tx, chapter).await.unwrap().is_empty());
        assert!(store::approve(&mut tx, &who, chapter, id).await.unwrap());
        assert!(!store::approve(&mut tx, &who, chapter, id).await.unwrap());
        assert_eq!(store::list_approved(&mut tx, chapter).await.unwrap(), [id]);
        let found = store::find_question(&mut tx, &who, id).await.unwrap().unwrap();
        assert_eq!((found.draft, found.approved_by.as_deref()), (a_draft("Is it?"), Some("Cora Dinator")));
        tx.commit().await.unwrap();

        let attempt = start(&program, &pair, chapter, 0).await.unwrap();
        let mut tx = program.state.write(&who).await.unwrap();
        assert!(store::retire(&mut tx, &who, id).await.unwrap());
        assert!(!store::retire(&mut tx, &who, id).await.unwrap());
        assert!(!store::approve(&mut tx, &who, chapter, id).await.unwrap());
        tx.commit().await.unwrap();
        assert!(hand_in(&program, &pair, attempt, 1).await, "a test that began goes on with the questions it has");
        let mut tx = program.state.db.read().await.unwrap();
        assert!(store::list_approved(&mut tx, chapter).await.unwrap().is_empty());
        assert_eq!(store::list_items(&mut tx, attempt).await.unwrap()[0].text, "Is it?");
    })
    .await;
}

#[tokio::test]
async fn questions_are_copied_once_and_unreviewed() {
    each_db(async |program| {
        let who = program.coordinator.coordinator().unwrap();
        let all = chapters(&program).await;
        approve_all(&program, all[0]).await;
        let mut tx = program.state.write(&who).await.unwrap();
        let before = store::list_questions(&mut tx, &who, all[1]).await.unwrap().len();
        let count = store::copy_questions(&mut tx, &who, all[0], all[1], false).await.unwrap();
        assert!(count >= 5);
        assert_eq!(store::copy_questions(&mut tx, &who, all[0], all[1], false).await.unwrap(), 0);
        let after = store::list_questions(&mut tx, &who, all[1]).await.unwrap();
        assert_eq!(u64::try_from(after.len() - before).unwrap(), count);
        assert!(after.iter().all(|question| question.approved_at.is_none()));
    })
    .await;
}

#[tokio::test]
async fn a_chapter_of_another_book_is_not_the_enrolments() {
    each_db(async |program| {
        let (_, enrollment) = program.enrollment("Ann Other", OptionNumber::Two).await;
        let chapter = chapters(&program).await[0];
        let mut tx = program.state.db.read().await.unwrap();
        assert!(store::find_chapter_of(&mut tx, enrollment, chapter).await.unwrap().is_none());
    })
    .await;
}

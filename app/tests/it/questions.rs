//! Questions of every kind: how answers are marked, how questions are stored, and what becomes of those of before.

use std::borrow::Cow;
use std::collections::BTreeSet;

use app::assessments::question::{Action, one_line, tidy};
use app::assessments::{
    Accepted, Answer, Body, Choice, Credit, Number, NumericalAnswer, Pair, QuestionKind, Status, credit, key, marking, store,
};
use app::audit::Key;
use app::db::{Db, execute, fetch_one};
use app::id::{
    AccountId, ApplicationId, AttemptId, ChapterId, EditionId, EnrollmentId, OutlineId, QuestionId, SubmissionKey, TitleId,
};
use chrono::{NaiveDate, Utc};
use proptest::prelude::*;
use sqlx::types::Json;

use crate::support::each_empty_db;

/// A text as a form or a file gives it, with whatever could mean something to a format.
pub fn a_text(most: usize) -> impl Strategy<Value = String> {
    let sign = prop_oneof![
        4 => prop::char::range('a', 'z'),
        3 => prop::sample::select("~=#{}:\\%*->[]<>&;\"'/|$^_()!,. \n\t".chars().collect::<Vec<_>>()),
        1 => any::<char>(),
    ];
    let piece = prop_oneof![
        6 => sign.prop_map(String::from),
        1 => prop::sample::select(vec![
            "//", "####", "->", "::", "%50%", "[html]", "[plain]", "\\n", "\\", "]]>", "<![CDATA[", "&nbsp;", "&lt;", "<b>", "</text>", "<!--",
            "$CATEGORY: x", "\n\n", "{}", "=", "TRUE", "1..2", "*", "\\*", "\\>", "-\\>", "Source: x", "  ", "_____", "<img src=x>", "[qdei x]",
        ]).prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 1..most)
        .prop_map(|pieces| tidy(&pieces.concat()))
        .prop_filter("a text says something", |text| !text.is_empty())
}

/// The same, or nothing.
pub fn maybe_text(most: usize) -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), a_text(most)]
}

/// The same on one line.
pub fn a_line(most: usize) -> impl Strategy<Value = String> {
    a_text(most).prop_map(|text| one_line(&text))
}

pub fn maybe_line(most: usize) -> impl Strategy<Value = String> {
    maybe_text(most).prop_map(|text| one_line(&text))
}

fn texts(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<String>> {
    let same = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    prop::collection::vec(a_line(12), count)
        .prop_filter("texts differ", move |all| all.iter().map(|text| same(text)).collect::<BTreeSet<_>>().len() == all.len())
}

prop_compose! {
    fn single()(texts in texts(2..6), explanations in prop::collection::vec(maybe_line(8), 6),
        credits in prop::collection::vec(-1000..1000i32, 6), right in any::<prop::sample::Index>()) -> Body {
        let right = right.index(texts.len());
        let choice = |(place, text): (usize, String)| Choice {
            text,
            credit: Credit(if place == right { 1000 } else { credits[place] }),
            explanation: explanations[place].clone(),
        };
        Body::Single(texts.into_iter().enumerate().map(choice).collect())
    }
}

prop_compose! {
    fn multiple()(texts in texts(2..7), explanations in prop::collection::vec(maybe_line(8), 7), right in prop::collection::vec(any::<bool>(), 7),
        wrong in prop::collection::vec(prop::sample::select(vec![-1000, -500, -333, 0]), 7), all in any::<bool>()) -> Body {
        let is_right = |place: usize| right[place] || !right[..texts.len()].contains(&true);
        let count = (0..texts.len()).filter(|place| is_right(*place)).count();
        let credits: Vec<Credit> = (0..texts.len())
            .map(|place| match (is_right(place), all) {
                (true, true) => Credit::WHOLE,
                (false, true) => Credit::LOST,
                (true, false) => Credit::share(count),
                (false, false) => Credit(wrong[place]),
            })
            .collect();
        let choice = |(place, text): (usize, String)| Choice { text, credit: credits[place], explanation: explanations[place].clone() };
        Body::Multiple(texts.into_iter().enumerate().map(choice).collect())
    }
}

prop_compose! {
    fn true_false()(is_true in any::<bool>(), when_true in maybe_line(10), when_false in maybe_line(10)) -> Body {
        Body::TrueFalse { is_true, when_true, when_false }
    }
}

prop_compose! {
    fn matching()(left in texts(2..6), right in texts(6..7), same in any::<bool>(), extra in 0..2usize) -> Body {
        let count = left.len();
        let mut pairs: Vec<Pair> = left.into_iter().zip(right.clone()).map(|(left, right)| Pair { left, right }).collect();
        if same && count > 2 {
            pairs[2].right = pairs[0].right.clone();
        }
        Body::Matching { pairs, distractors: right[count..count + extra.min(6 - count)].to_vec() }
    }
}

/// A number with up to six decimals.
fn a_number() -> impl Strategy<Value = Number> {
    prop_oneof![
        (-1_000_000_000_000i64..1_000_000_000_000).prop_map(Number),
        (-50i64..50).prop_map(|whole| Number(whole * 1_000_000))
    ]
}

prop_compose! {
    fn numerical()(values in prop::collection::vec(a_number(), 1..4), tolerances in prop::collection::vec(a_number(), 4),
        credits in prop::collection::vec(0..1000i32, 4), explanations in prop::collection::vec(maybe_line(8), 5), other in any::<bool>()) -> Body {
        let mut answers: Vec<NumericalAnswer> = values
            .into_iter()
            .enumerate()
            .map(|(place, value)| NumericalAnswer {
                value: Some(value),
                tolerance: Number(tolerances[place].0.abs()),
                credit: Credit(if place == 0 { 1000 } else { credits[place] }),
                explanation: explanations[place].clone(),
            })
            .collect();
        if other {
            answers.push(NumericalAnswer { value: None, tolerance: Number(0), credit: Credit::NONE, explanation: format!("not {}", explanations[4]).trim().to_owned() });
        }
        Body::Numerical(answers)
    }
}

prop_compose! {
    fn short_answer()(texts in prop::collection::vec(a_line(10), 1..4), credits in prop::collection::vec(0..1000i32, 4),
        explanations in prop::collection::vec(maybe_line(8), 4), match_case in any::<bool>()) -> Body {
        let answer = |(place, text): (usize, String)| Accepted {
            text,
            credit: Credit(if place == 0 { 1000 } else { credits[place] }),
            explanation: explanations[place].clone(),
        };
        Body::ShortAnswer { answers: texts.into_iter().enumerate().map(answer).collect(), match_case }
    }
}

/// A question of any kind, as the rules allow it.
pub fn a_body() -> impl Strategy<Value = Body> {
    let essay = maybe_text(10).prop_map(|marker_note| Body::Essay { marker_note });
    prop_oneof![single(), multiple(), true_false(), matching(), numerical(), short_answer(), essay]
        .prop_filter("it is a question", |body| body.objection().is_none())
}

fn an_answer() -> impl Strategy<Value = Answer> {
    prop_oneof![
        Just(Answer::None),
        prop::collection::vec(0usize..9, 0..6).prop_map(Answer::Chosen),
        prop::collection::vec(prop::option::of(0usize..9), 0..6).prop_map(Answer::Matched),
        a_text(6).prop_map(Answer::Text),
        a_number().prop_map(|number| Answer::Text(number.to_string())),
    ]
}

/// The same answer in another order, where the order says nothing.
fn turned(answer: &Answer) -> Answer {
    match answer {
        Answer::Chosen(chosen) => Answer::Chosen(chosen.iter().rev().chain(chosen).copied().collect()),
        answer => answer.clone(),
    }
}

proptest! {
    #[test]
    fn credit_is_from_nothing_to_the_whole(body in a_body(), answer in an_answer()) {
        match credit(&body, &answer) {
            Some(credit) => prop_assert!((0..=1000).contains(&credit.0)),
            None => prop_assert!(body.kind() == QuestionKind::Essay && answer.is_given()),
        }
    }

    #[test]
    fn the_order_of_what_is_chosen_does_not_matter(body in a_body(), answer in an_answer()) {
        prop_assert_eq!(credit(&body, &answer), credit(&body, &turned(&answer)));
    }

    #[test]
    fn the_order_of_choices_does_not_matter(body in multiple(), chosen in prop::collection::vec(0usize..7, 0..7)) {
        let Body::Multiple(choices) = &body else { unreachable!() };
        let last = choices.len() - 1;
        let chosen: Vec<usize> = chosen.into_iter().filter(|place| *place <= last).collect();
        let mirrored = Body::Multiple(choices.iter().rev().cloned().collect());
        let there = chosen.iter().map(|place| last - place).collect();
        prop_assert_eq!(credit(&body, &Answer::Chosen(chosen)), credit(&mirrored, &Answer::Chosen(there)));
    }

    #[test]
    fn the_key_gets_the_whole(body in a_body()) {
        // A short answer of nothing but stars is answered by anything, also by its own text.
        match key(&body) {
            Some(answer) if answer.is_given() => prop_assert_eq!(credit(&body, &answer), Some(Credit::WHOLE), "{:?} {:?}", body, answer),
            Some(answer) => prop_assert!(false, "no answer to {:?}: {:?}", body, answer),
            None => prop_assert_eq!(body.kind(), QuestionKind::Essay),
        }
    }

    #[test]
    fn what_is_stored_is_what_is_read(body in a_body(), answer in an_answer()) {
        let stored = body.stored().unwrap().to_string();
        prop_assert_eq!(&Body::of_stored(body.kind(), serde_json::from_str(&stored).unwrap()).unwrap(), &body);
        let stored = serde_json::to_string(&answer).unwrap();
        prop_assert_eq!(serde_json::from_str::<Answer>(&stored).unwrap(), answer);
    }

    #[test]
    fn numbers_are_written_as_they_are_read(number in a_number()) {
        prop_assert_eq!(number.to_string().parse::<Number>().unwrap(), number);
        prop_assert_eq!(marking::number(&number.to_string()), Some(number));
    }

    #[test]
    fn percent_is_written_as_it_is_read(thousandths in -1000..=1000i32) {
        prop_assert_eq!(Credit::of_percent(&Credit(thousandths).percent()), Some(Credit(thousandths)));
    }

    #[test]
    fn shares_of_the_right_ones_add_up_to_the_whole(count in 1usize..20) {
        let choice = |place: usize| Choice { text: place.to_string(), credit: Credit::share(count), explanation: String::new() };
        let mut choices: Vec<Choice> = (0..count).map(choice).collect();
        choices.push(Choice { text: "wrong".into(), credit: Credit::NONE, explanation: String::new() });
        let body = Body::Multiple(choices);
        prop_assert_eq!(body.objection(), None);
        prop_assert_eq!(credit(&body, &Answer::Chosen((0..count).collect())), Some(Credit::WHOLE));
        prop_assert!(credit(&body, &Answer::Chosen((1..count).collect())).unwrap() < Credit::WHOLE);
    }
}

#[test]
fn shares_are_added_and_wrong_choices_take_away() {
    let choice = |text: &str, credit| Choice { text: text.into(), credit: Credit(credit), explanation: String::new() };
    let body = Body::Multiple(vec![choice("a", 333), choice("b", 333), choice("c", 333), choice("d", -500)]);
    // What was chosen -> its credit.
    for (chosen, worth) in [
        (vec![0, 1, 2], 1000),
        (vec![0, 1], 666),
        (vec![2], 333),
        (vec![0, 1, 2, 3], 500),
        (vec![3], 0),
        (vec![0, 3], 0),
        (vec![0, 9], 0),
    ] {
        assert_eq!(credit(&body, &Answer::Chosen(chosen.clone())), Some(Credit(worth)), "{chosen:?}");
    }
    let exactly = Body::Multiple(vec![choice("a", 1000), choice("b", 1000), choice("c", -1000)]);
    for (chosen, worth) in [(vec![0, 1], 1000), (vec![1, 0, 1], 1000), (vec![0], 0), (vec![0, 1, 2], 0), (vec![0, 1, 7], 0)] {
        assert_eq!(credit(&exactly, &Answer::Chosen(chosen.clone())), Some(Credit(worth)), "{chosen:?}");
    }
    let one = Body::Single(vec![choice("a", 1000), choice("b", 500), choice("c", -1000)]);
    for (chosen, worth) in [(vec![0], 1000), (vec![1], 500), (vec![2], 0), (vec![0, 1], 0), (vec![8], 0)] {
        assert_eq!(credit(&one, &Answer::Chosen(chosen.clone())), Some(Credit(worth)), "{chosen:?}");
    }
}

#[test]
fn pairs_share_the_credit() {
    let pair = |left: &str, right: &str| Pair { left: left.into(), right: right.into() };
    let pairs = vec![pair("Lispro", "rapid"), pair("Glargine", "long"), pair("Aspart", "rapid")];
    let body = Body::Matching { pairs, distractors: vec!["none".into()] };
    assert_eq!(body.offered(), ["rapid", "long", "none"]);
    for (matched, worth) in [
        (vec![Some(0), Some(1), Some(0)], 1000),
        (vec![Some(0), Some(0), Some(0)], 666),
        (vec![Some(2), None, Some(0)], 333),
        (vec![Some(0)], 333),
        (vec![None, None, Some(9)], 0),
    ] {
        assert_eq!(credit(&body, &Answer::Matched(matched.clone())), Some(Credit(worth)), "{matched:?}");
    }
}

#[test]
fn numbers_are_understood_as_people_type_them() {
    for (typed, meant) in [
        ("70", Some(70_000_000)),
        (" 5.4 ", Some(5_400_000)),
        ("5,4", Some(5_400_000)),
        ("1,000", Some(1_000_000_000)),
        ("1,234.5", Some(1_234_500_000)),
        ("12,345,678", Some(12_345_678_000_000)),
        ("−3", Some(-3_000_000)),
        ("70 mg/dL", Some(70_000_000)),
        ("7%", Some(7_000_000)),
        ("1.2e3", Some(1_200_000_000)),
        ("70 or 80", None),
        ("70-80", None),
        ("1,2,3", None),
        ("about 70", None),
        ("", None),
        ("0.0000001", None),
        ("99999999999", None),
        ("1e999999999", None),
    ] {
        assert_eq!(marking::number(typed), meant.map(Number), "{typed}");
    }
}

#[test]
fn accepted_answers_take_stars_and_small_letters() {
    let one = |text: &str, credit| Accepted { text: text.into(), credit: Credit(credit), explanation: String::new() };
    let body = |match_case| Body::ShortAnswer {
        answers: vec![one("HbA1c", 1000), one("*glucose*monitor*", 500), one("5\\*", 1000), one("*", 100)],
        match_case,
    };
    for (typed, small, exact) in [
        ("HbA1c", 1000, 1000),
        (" hba1c  ", 1000, 100),
        ("continuous  glucose\nmonitoring", 500, 500),
        ("Glucose", 100, 100),
        ("5*", 1000, 1000),
        ("5x", 100, 100),
    ] {
        let answer = Answer::Text(typed.into());
        assert_eq!(
            (credit(&body(false), &answer), credit(&body(true), &answer)),
            (Some(Credit(small)), Some(Credit(exact))),
            "{typed}"
        );
    }
    // What makes a simple matcher take ages.
    let body = Body::ShortAnswer { answers: vec![one(&"*a".repeat(400), 1000)], match_case: true };
    assert_eq!(credit(&body, &Answer::Text("a".repeat(399) + "b")), Some(Credit::NONE));
}

#[test]
fn where_a_version_stands() {
    // status × action -> status, or a refusal.
    let table: Vec<String> = Status::ALL
        .iter()
        .flat_map(|status| Action::ALL.iter().map(move |action| (status, action)))
        .map(|(status, action)| {
            let after = status.after(*action).map_or("refused", Status::as_str);
            format!("{status} {action} {after}")
        })
        .collect();
    assert_eq!(
        table,
        [
            "written approve approved",
            "written retire retired",
            "approved approve refused",
            "approved retire retired",
            "retired approve refused",
            "retired retire refused",
        ]
    );
}

/// Brings the schema to where it stood before questions had versions.
async fn migrate_before(db: &Db) {
    let mut all = sqlx::migrate::Migrator::new(std::path::Path::new("../migrations")).await.unwrap();
    all.migrations = Cow::Owned(all.migrations.iter().filter(|one| one.version < 11).cloned().collect());
    match db {
        Db::Sqlite { write, .. } => all.run(write).await.unwrap(),
        Db::Postgres(pool) => all.run(pool).await.unwrap(),
    }
}

/// An attempt of before, with the questions it asked.
async fn fill_before(db: &Db) -> (AttemptId, [QuestionId; 3]) {
    let now = Utc::now();
    let mut tx = db.write(None, now, &Key::derive(b"a key for tests")).await.unwrap();
    let (account, title, edition, outline, chapter) =
        (AccountId::new(), TitleId::new(), EditionId::new(), OutlineId::new(), ChapterId::new());
    let (application, enrollment, attempt) = (ApplicationId::new(), EnrollmentId::new(), AttemptId::new());
    let none = || Json(Vec::<String>::new());
    execute!(
        &mut tx,
        "INSERT INTO account (id, email, name, created_at) VALUES ($1, 'm@qdei.test', 'Mena Tee', $2)",
        account,
        now
    )
    .unwrap();
    execute!(
        &mut tx,
        "INSERT INTO title (id, name, publisher, created_at) VALUES ($1, 'A book', 'A publisher', $2)",
        title,
        now
    )
    .unwrap();
    execute!(
        &mut tx,
        "INSERT INTO edition (id, title_id, label, created_at) VALUES ($1, $2, 'first', $3)",
        edition,
        title,
        now
    )
    .unwrap();
    execute!(
        &mut tx,
        "INSERT INTO outline (id, edition_id, version, options, published_at) VALUES ($1, $2, 1, $3, $4)",
        outline,
        edition,
        Json(vec![1]),
        now
    )
    .unwrap();
    execute!(
        &mut tx,
        "INSERT INTO chapter (id, outline_id, number, title, required, minutes) VALUES ($1, $2, 1, 'One', TRUE, 30)",
        chapter,
        outline
    )
    .unwrap();
    execute!(
        &mut tx,
        "INSERT INTO application (id, submission_key, name, email, phone, discipline, workplace, county, counties_served, option_number,
            outline_id, ways, interests, reason, came_by, created_at, state)
         VALUES ($1, $2, 'Mena Tee', 'm@qdei.test', '', 'nurse', '', '30049', $3, 1, $4, $3, $3, '', 'form', $5, 'accepted')",
        application,
        SubmissionKey::new(),
        none(),
        outline,
        now
    )
    .unwrap();
    execute!(
        &mut tx,
        "INSERT INTO enrollment (id, application_id, mentee_id, option_number, outline_id, state, started_at, due_on)
         VALUES ($1, $2, $3, 1, $4, 'active', $5, $6)",
        enrollment,
        application,
        account,
        outline,
        now,
        NaiveDate::from_ymd_opt(2027, 1, 1).unwrap()
    )
    .unwrap();
    execute!(
        &mut tx,
        "INSERT INTO attempt (id, enrollment_id, chapter_id, started_at, handed_in_at, right_count, item_count, passed)
         VALUES ($1, $2, $3, $4, $4, 2, 3, FALSE)",
        attempt,
        enrollment,
        chapter,
        now
    )
    .unwrap();
    let choices = |key: [bool; 2]| {
        serde_json::json!([
            {"text": "True", "correct": key[0], "explanation": "So it is."},
            {"text": "False", "correct": key[1], "explanation": ""},
        ])
    };
    let asked = [
        ("single", [true, false], vec![0], true),
        ("multiple", [true, true], vec![1], false),
        ("true_false", [false, true], vec![1], true),
    ];
    let ids = [QuestionId::new(), QuestionId::new(), QuestionId::new()];
    for ((kind, key, chosen, right), id) in asked.into_iter().zip(ids) {
        execute!(
            &mut tx,
            "INSERT INTO question (id, chapter_id, kind, text, explanation, source, choices, created_at, approved_at, approved_by)
             VALUES ($1, $2, $3, 'Is it?', 'Because.', 'A source', $4, $5, $5, $6)",
            id,
            chapter,
            kind,
            Json(choices(key)),
            now,
            account
        )
        .unwrap();
        execute!(
            &mut tx,
            "INSERT INTO attempt_item (attempt_id, question_id, position, chosen, is_right) VALUES ($1, $2, $3, $4, $5)",
            attempt,
            id,
            i32::try_from(chosen[0]).unwrap() + 1,
            Json(&chosen),
            right
        )
        .unwrap();
    }
    tx.commit().await.unwrap();
    (attempt, ids)
}

#[tokio::test]
async fn questions_and_tests_of_before_stay_as_they_were() {
    each_empty_db(async |db| {
        migrate_before(&db).await;
        let (attempt, ids) = fill_before(&db).await;
        db.migrate().await.unwrap();
        let mut tx = db.read().await.unwrap();
        let items = store::list_items(&mut tx, attempt).await.unwrap();
        let found = |id: QuestionId| items.iter().find(|item| item.question == id).unwrap();
        let [single, multiple, statement] = ids.map(found);
        assert_eq!((single.text.as_str(), single.explanation.as_str()), ("Is it?", "Because."));
        assert!(matches!(&statement.body, Body::TrueFalse { is_true: false, when_true, .. } if when_true == "So it is."));
        assert_eq!(
            [single, multiple, statement].map(|item| (item.answer.chosen().to_vec(), item.is_right(), item.credit)),
            [(vec![0], true, Some(Credit::WHOLE)), (vec![1], false, Some(Credit::NONE)), (vec![1], true, Some(Credit::WHOLE)),]
        );
        // Marked again, it comes to the same: of several right ones, exactly all count.
        for item in &items {
            assert_eq!(credit(&item.body, &item.answer), item.credit);
        }
        let (approved,): (i64,) =
            fetch_one!(&mut tx, (i64,), "SELECT COUNT(*) FROM question WHERE approved_at IS NOT NULL AND version = 1").unwrap();
        assert_eq!(approved, 3);
    })
    .await;
}

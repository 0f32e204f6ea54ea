//! Post-tests as people meet them: on pages, by forms without scripts.

use app::answers::api::{Told, keep_answers};
use app::assessments::api::{allow_attempt, change_test_rules, hand_in_test, mark_answer, start_test};
use app::assessments::attempt::{Order, field, row_field};
use app::assessments::{Answer, Attempt, Body, Choice, Credit, Draft, Item, NumericalAnswer, Pair as Match, key, store};
use app::db::fetch_one;
use app::enrollments::OptionNumber;
use app::error::AppError;
use app::id::{AttemptId, ChapterId, QuestionId};
use app::people::Viewer;

use crate::assessments::chapters;
use crate::attempts::approve_all;
use crate::support::{Pair, Program, each_db};
use crate::visit::Browser;

async fn start(browser: &Browser<'_>, path: &str, pair: &Pair, chapter: ChapterId) -> String {
    let id = chapter.to_string();
    browser.send(path, "start-test", &[("chapter", id.as_str())], start_test(pair.enrollment, chapter)).await.unwrap()
}

async fn open_attempt(program: &Program, pair: &Pair, chapter: ChapterId) -> (Attempt, Vec<Item>) {
    let mut tx = program.state.db.read().await.unwrap();
    let latest = store::list_attempts(&mut tx, pair.enrollment, chapter).await.unwrap().remove(0);
    let items = store::list_items(&mut tx, latest.id).await.unwrap();
    (latest, items)
}

async fn waiting_mails(program: &Program, who: &Viewer, kind: &str) -> i64 {
    let mut tx = program.state.db.read().await.unwrap();
    fetch_one!(&mut tx, (i64,), "SELECT COUNT(*) FROM mail WHERE account_id = $1 AND kind = $2", who.id, kind).unwrap().0
}

/// Text as it stands in HTML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// What a page of this test sends for these answers, by the places at which they stand on it.
fn fields(attempt: &Attempt, items: &[Item], answers: &[Answer]) -> Vec<(String, String)> {
    let read_at = chrono::Utc::now() + chrono::Duration::days(9);
    let mut sent = vec![
        ("attempt".to_owned(), attempt.id.to_string()),
        // A page that was read after everything that is kept.
        ("as_of".to_owned(), read_at.timestamp_micros().to_string()),
    ];
    for (item, answer) in items.iter().zip(answers) {
        let order = Order::of(&attempt.seed, item, true);
        let place = |index: usize| order.place_of(index).unwrap().to_string();
        sent.push(("asked".into(), item.question.to_string()));
        match answer {
            Answer::None => {}
            Answer::Chosen(chosen) => sent.extend(chosen.iter().map(|index| (field(item.question), place(*index)))),
            Answer::Matched(matched) => sent.extend(
                matched
                    .iter()
                    .enumerate()
                    .map(|(row, index)| (row_field(item.question, row), index.map(place).unwrap_or_default())),
            ),
            Answer::Text(text) => sent.push((field(item.question), text.clone())),
        }
    }
    sent
}

fn borrowed(fields: &[(String, String)]) -> Vec<(&str, &str)> {
    fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

async fn hand_in(browser: &Browser<'_>, path: &str, attempt: AttemptId, fields: &[(String, String)]) -> String {
    browser.send(path, "hand-in-test", &borrowed(fields), hand_in_test(attempt)).await.unwrap()
}

fn keys(items: &[Item]) -> Vec<Answer> {
    items.iter().map(|item| key(&item.body).unwrap_or(Answer::Text("In my own words.".into()))).collect()
}

#[tokio::test]
async fn a_post_test_from_the_first_view_to_the_talk() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::One).await;
        let chapter = chapters(&program).await[0];
        let path = format!("/enrollments/{}/chapters/{chapter}/test", pair.enrollment);
        let mentee = Browser::of(&program, &pair.mentee).await;
        assert!(mentee.open(&path).await.html.contains("no approved questions yet"));
        assert_eq!(start(&mentee, &path, &pair, chapter).await, path);

        approve_all(&program, chapter).await;
        let html = mentee.open(&path).await.html;
        assert!(html.contains("Start the post-test") && html.contains("4 right is a pass; one attempt a day."), "{html}");
        for _ in 0..2 {
            assert_eq!(start(&mentee, &path, &pair, chapter).await, path, "sent twice, it stays one");
        }
        let (attempt, items) = open_attempt(&program, &pair, chapter).await;
        let html = mentee.open(&path).await.html;
        nothing_of_the_key(&html, &items);
        assert!(!html.contains("data-answer") && !html.contains("Hand in with gaps"));
        gaps_and_what_was_not_offered(&mentee, &path, &attempt, &items).await;

        let mut answers = keys(&items);
        let wrong = (0..items[0].body.offered().len()).find(|place| !answers[0].chosen().contains(place)).unwrap();
        answers[0] = Answer::Chosen(vec![wrong]);
        for _ in 0..2 {
            assert_eq!(hand_in(&mentee, &path, attempt.id, &fields(&attempt, &items, &answers)).await, path);
        }
        assert_eq!(waiting_mails(&program, &pair.mentor, "test_missed").await, 1, "the mentor hears of it once");
        let html = mentee.open(&path).await.html;
        assert!(
            html.contains("Passed, with 80 percent.") && html.contains("The one you missed") && html.contains("The 4 you knew")
        );
        assert!(items.iter().all(|item| html.contains(&escaped(item.explanation.lines().next().unwrap()))));
        assert!(!html.contains("Start a new attempt"));
        start(&mentee, &path, &pair, chapter).await;
        assert_eq!(open_attempt(&program, &pair, chapter).await.0.id, attempt.id, "passed: no other attempt begins");

        let html = Browser::of(&program, &pair.mentor).await.open(&path).await.html;
        assert!(html.contains(&escaped(&items[0].text)) && html.contains("4 of 5"));
        assert!(!html.contains(&escaped(&items[1].text)), "the mentor sees what was missed only");
        let scores = format!("/coordinator/enrollments/{}/tests", pair.enrollment);
        let html = Browser::of(&program, &program.coordinator).await.open(&scores).await.html;
        assert!(html.contains("4 of 5") && html.contains("passed"));
        assert!(items.iter().all(|item| !html.contains(&escaped(&item.text))), "the coordinator sees the score");
    })
    .await;
}

/// The texts of the questions and of what is offered, and nothing that says what is right.
fn nothing_of_the_key(html: &str, items: &[Item]) {
    for item in items {
        assert!(html.contains(&escaped(&item.text)), "{}", item.text);
        assert!(item.body.offered().iter().all(|text| html.contains(&escaped(text))));
        let mut secret: Vec<String> = vec![item.explanation.clone()];
        secret.extend(item.body.choices().into_iter().map(|choice| choice.explanation));
        match &item.body {
            Body::Essay { marker_note } => secret.push(marker_note.clone()),
            Body::Numerical(answers) => secret.extend(answers.iter().filter_map(|one| one.value).map(|one| one.to_string())),
            Body::ShortAnswer { answers, .. } => secret.extend(answers.iter().map(|one| one.text.clone())),
            Body::Single(_) | Body::Multiple(_) | Body::TrueFalse { .. } | Body::Matching { .. } => {}
        }
        for words in secret.iter().filter(|words| !words.is_empty()) {
            assert!(!html.contains(&escaped(words)), "before handing in: {words}");
        }
    }
}

async fn gaps_and_what_was_not_offered(mentee: &Browser<'_>, path: &str, attempt: &Attempt, items: &[Item]) {
    let mut answers = vec![Answer::None; items.len()];
    answers[0] = Answer::Chosen(vec![0]);
    assert_eq!(hand_in(mentee, path, attempt.id, &fields(attempt, items, &answers)).await, path);
    let html = mentee.open(path).await.html;
    assert!(html.contains("Question 2 is not answered yet.") && !html.contains("Question 1 is not answered yet."));
    assert!(html.contains("Hand in with gaps"));
    assert_eq!(html.matches(" checked").count(), 1, "the answer given stands in the form");
    assert_eq!(mentee.open(path).await.html.matches(" checked").count(), 1, "and is kept, also on another day");

    let mut sent = fields(attempt, items, &answers);
    sent.retain(|(name, _)| !name.starts_with("given"));
    sent.extend([(field(items[0].question), "7".into()), ("gaps".into(), "yes".into())]);
    assert_eq!(hand_in(mentee, path, attempt.id, &sent).await, path);
    assert!(mentee.open(path).await.html.contains("Question 1 takes one of the answers given."));
}

#[tokio::test]
async fn a_test_is_saved_for_later_and_the_island_keeps_each_answer() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::One).await;
        let chapter = chapters(&program).await[0];
        approve_all(&program, chapter).await;
        let path = format!("/enrollments/{}/chapters/{chapter}/test", pair.enrollment);
        let mentee = Browser::of(&program, &pair.mentee).await;
        start(&mentee, &path, &pair, chapter).await;
        let (attempt, items) = open_attempt(&program, &pair, chapter).await;
        let mut answers = vec![Answer::None; items.len()];
        answers[1] = key(&items[1].body).unwrap();
        let mut sent = fields(&attempt, &items, &answers);
        sent.push(("later".into(), "yes".into()));
        assert_eq!(hand_in(&mentee, &path, attempt.id, &sent).await, format!("{path}?done=answers-saved"));
        assert_eq!(open_attempt(&program, &pair, chapter).await.1[1].answer, answers[1]);

        // The island sends one question at a time, from its own page.
        let one = fields(&attempt, &items[2..3], &keys(&items[2..3]));
        let kept = async |browser: &Browser<'_>, sent: &[(String, String)]| {
            let mut told = None;
            let change = async {
                told = Some(keep_answers().await?);
                app::form::see_other("/");
                Ok(())
            };
            browser.send(&path, "keep-answers", &borrowed(sent), change).await?;
            Ok::<Told, AppError>(told.unwrap())
        };
        let told = kept(&mentee, &one).await.unwrap();
        assert!(told.refused.is_empty() && told.at.starts_with("at "), "{told:?}");
        assert_eq!(open_attempt(&program, &pair, chapter).await.1[2].answer, keys(&items[2..3])[0]);
        let stranger = program.pair(OptionNumber::One).await;
        let other = Browser::of(&program, &stranger.mentee).await;
        assert_eq!(kept(&other, &one).await, Err(AppError::NotFound), "another's attempt");
        assert_eq!(kept(&Browser::stranger(&program), &one).await, Err(AppError::NotSignedIn));

        hand_in(&mentee, &path, attempt.id, &[("gaps".into(), "yes".into())]).await;
        let (attempt, items) = open_attempt(&program, &pair, chapter).await;
        assert_eq!(attempt.score().unwrap().credit, Credit(2000), "what was kept counts");
        assert!(items[2].is_right());
        assert!(kept(&mentee, &one).await.unwrap().refused.starts_with("This post-test was handed in"));
    })
    .await;
}

/// A chapter with one question of each kind, and nothing else.
async fn every_kind(program: &Program, chapter: ChapterId) {
    let choice =
        |text: &str, credit: i32| Choice { text: text.into(), credit: Credit(credit), explanation: format!("Why {text}") };
    let pair = |left: &str, right: &str| Match { left: left.into(), right: right.into() };
    let bodies = [
        Body::Single(vec![choice("Glucose tablets", 1000), choice("Cheese", 0)]),
        Body::Multiple(vec![choice("Thirst", 500), choice("Tiredness", 500), choice("Freckles", -500)]),
        Body::TrueFalse { is_true: false, when_true: "No, it is not".into(), when_false: "Indeed not".into() },
        Body::Matching {
            pairs: vec![pair("Insulin", "lowers it"), pair("Glucagon", "raises it")],
            distractors: vec!["does nothing".into()],
        },
        Body::Numerical(vec![NumericalAnswer {
            value: Some("6.25".parse().unwrap()),
            tolerance: "0.05".parse().unwrap(),
            credit: Credit::WHOLE,
            explanation: "As reckoned".into(),
        }]),
        Body::Essay { marker_note: "Two signs, in their own words".into() },
    ];
    let who = program.coordinator.coordinator().unwrap();
    let mut tx = program.state.write(&who).await.unwrap();
    for question in store::list_questions(&mut tx, &who, chapter).await.unwrap() {
        store::retire(&mut tx, &who, question.id).await.unwrap();
    }
    for (number, body) in bodies.into_iter().enumerate() {
        let (id, draft) = (
            QuestionId::new(),
            Draft {
                name: String::new(),
                text: format!("Question of kind {number} <i>"),
                explanation: format!("Explanation {number}"),
                source: "ADA".into(),
                topic: String::new(),
                picture: None,
                body,
            },
        );
        assert!(store::insert_question(&mut tx, &who, id, chapter, &draft).await.unwrap());
        assert!(store::approve(&mut tx, &who, chapter, id).await.unwrap());
    }
    tx.commit().await.unwrap();
}

async fn six_questions(program: &Program) {
    let browser = Browser::of(program, &program.coordinator).await;
    let page = "/coordinator/questions/rules/option-1";
    assert!(browser.open(page).await.html.contains("Nothing of its own is said yet"));
    let bad = [("post_tests", "required"), ("questions", "0"), ("pass_mark", "101"), ("a_day", "x"), ("shows", "all")];
    browser.send(page, "change-test-rules", &bad, change_test_rules("option-1".into())).await.unwrap();
    let html = browser.open(page).await.html;
    assert!(html.contains("6 things to mend"), "{html}");
    let good = [
        ("version", "0"),
        ("post_tests", "required"),
        ("questions", "6"),
        ("per_topic", "0"),
        ("shuffle_choices", "yes"),
        ("pass_mark", "75"),
        ("attempts", "1"),
        ("a_day", "1"),
        ("wait_days", "1"),
        ("shows", "after_passing"),
    ];
    let sent = browser.send(page, "change-test-rules", &good, change_test_rules("option-1".into())).await.unwrap();
    assert_eq!(sent, format!("{page}?done=test-rules-changed"));
    let html = browser.open(page).await.html;
    assert!(html.contains("Version 1") && html.contains("Pass mark: 80 percent → 75 percent"), "{html}");
    assert!(browser.open("/coordinator/questions/rules").await.html.contains("required, 6 questions, 75 percent"));
    assert_eq!(browser.open("/coordinator/questions/rules/nothing").await.status, 404);
}

#[tokio::test]
async fn every_kind_is_taken_the_mentor_marks_the_essay_and_the_key_waits_for_passing() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::One).await;
        let chapter = chapters(&program).await[0];
        every_kind(&program, chapter).await;
        six_questions(&program).await;
        let path = format!("/enrollments/{}/chapters/{chapter}/test", pair.enrollment);
        let mentee = Browser::of(&program, &pair.mentee).await;
        start(&mentee, &path, &pair, chapter).await;
        let (attempt, items) = open_attempt(&program, &pair, chapter).await;
        assert_eq!(items.len(), 6);
        let html = mentee.open(&path).await.html;
        nothing_of_the_key(&html, &items);
        assert!(html.contains("Question of kind 0 &lt;i&gt;"));

        let mut answers = keys(&items);
        answers[0] = Answer::Chosen(vec![1]);
        answers[5] = Answer::Text("Thirst & <b>tired</b>".into());
        hand_in(&mentee, &path, attempt.id, &fields(&attempt, &items, &answers)).await;
        let html = mentee.open(&path).await.html;
        assert!(html.contains("has 1 answer to mark") && html.contains("Thirst &amp; &lt;b&gt;tired&lt;/b&gt;"), "{html}");
        assert!(!html.contains("Explanation 0") && !html.contains("Why Glucose") && !html.contains("data-answer=\"right\""));
        assert_eq!(waiting_mails(&program, &pair.mentor, "test_to_mark").await, 1);

        let mentor = Browser::of(&program, &pair.mentor).await;
        assert!(mentor.open("/mentor").await.html.contains("Mark 1 answer of"));
        let html = mentor.open(&path).await.html;
        assert!(html.contains("Two signs, in their own words") && html.contains("Mark this answer"));
        let (id, question) = (attempt.id.to_string(), items[5].question);
        let (named, send) = (question.to_string(), |credit: &'static str| {
            vec![
                ("attempt", id.clone()),
                ("question", question.to_string()),
                ("credit", credit.to_owned()),
                ("word", "Well said.".to_owned()),
            ]
        });
        let mark = async |browser: &Browser<'_>, credit: &'static str| {
            let fields = send(credit);
            let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            browser.send(&path, "mark-answer", &fields, mark_answer(attempt.id, question)).await
        };
        assert!(!named.is_empty());
        mark(&mentor, "60").await.unwrap();
        assert!(mentor.open(&path).await.html.contains("Choose how much of it counts."), "not offered");
        assert_eq!(mark(&mentee, "100").await, Err(AppError::NotFound), "not by the mentee");
        assert!(mark(&mentor, "75").await.unwrap().ends_with("answer-marked"));
        mark(&mentor, "0").await.unwrap();
        assert_eq!(waiting_mails(&program, &pair.mentee, "test_marked").await, 1);

        // 4.75 of 6 is 79 percent; the mark is 75. Now the key shows.
        let html = mentee.open(&path).await.html;
        assert!(html.contains("4.75") && html.contains("Passed, with 79 percent."), "{html}");
        assert!(html.contains("Well said.") && html.contains("Explanation 0") && html.contains("Why Cheese"));
    })
    .await;
}

#[tokio::test]
async fn attempts_are_used_up_and_the_coordinator_allows_one_more() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::One).await;
        let chapter = chapters(&program).await[0];
        every_kind(&program, chapter).await;
        six_questions(&program).await;
        let path = format!("/enrollments/{}/chapters/{chapter}/test", pair.enrollment);
        let mentee = Browser::of(&program, &pair.mentee).await;
        start(&mentee, &path, &pair, chapter).await;
        let (attempt, items) = open_attempt(&program, &pair, chapter).await;
        hand_in(&mentee, &path, attempt.id, &[("gaps".into(), "yes".into())]).await;
        let html = mentee.open(&path).await.html;
        assert!(html.contains("All 1 attempts are used."), "{html}");
        assert!(items.iter().all(|item| !html.contains(&escaped(&item.explanation))), "not passed, no key");
        program.state.clock.advance(chrono::Duration::days(2));
        start(&mentee, &path, &pair, chapter).await;
        assert_eq!(open_attempt(&program, &pair, chapter).await.0.id, attempt.id);

        let browser = Browser::of(&program, &program.coordinator).await;
        let scores = format!("/coordinator/enrollments/{}/tests", pair.enrollment);
        assert!(browser.open(&scores).await.html.contains("Allow one more"));
        for word in ["?done=attempt-allowed", ""] {
            let sent = browser.send(&scores, "allow-attempt", &[], allow_attempt(pair.enrollment, chapter)).await.unwrap();
            assert_eq!(sent, format!("{scores}{word}"), "one is allowed, not two");
        }
        start(&mentee, &path, &pair, chapter).await;
        assert_ne!(open_attempt(&program, &pair, chapter).await.0.id, attempt.id);
    })
    .await;
}

#[tokio::test]
async fn a_test_that_is_not_passed_can_be_taken_again_tomorrow() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::One).await;
        let chapter = chapters(&program).await[0];
        approve_all(&program, chapter).await;
        let path = format!("/enrollments/{}/chapters/{chapter}/test", pair.enrollment);
        let mentee = Browser::of(&program, &pair.mentee).await;
        start(&mentee, &path, &pair, chapter).await;
        let (attempt, _) = open_attempt(&program, &pair, chapter).await;
        hand_in(&mentee, &path, attempt.id, &[("gaps".into(), "yes".into())]).await;
        let html = mentee.open(&path).await.html;
        assert!(html.contains("Not passed yet: 4 right answers are needed. The next attempt is possible on"), "{html}");
        start(&mentee, &path, &pair, chapter).await;
        assert_eq!(open_attempt(&program, &pair, chapter).await.0.id, attempt.id, "one attempt a day");

        program.state.clock.advance(chrono::Duration::days(1));
        assert!(mentee.open(&path).await.html.contains("Start a new attempt"));
        start(&mentee, &path, &pair, chapter).await;
        assert_ne!(open_attempt(&program, &pair, chapter).await.0.id, attempt.id);
    })
    .await;
}

#[tokio::test]
async fn anothers_test_is_not_there() {
    each_db(async |program| {
        let (pair, other) = (program.pair(OptionNumber::One).await, program.pair(OptionNumber::Two).await);
        let chapter = chapters(&program).await[0];
        approve_all(&program, chapter).await;
        let path = format!("/enrollments/{}/chapters/{chapter}/test", pair.enrollment);
        let mentee = Browser::of(&program, &pair.mentee).await;
        start(&mentee, &path, &pair, chapter).await;
        let (attempt, _) = open_attempt(&program, &pair, chapter).await;
        for (who, status) in [(&other.mentee, 404), (&other.mentor, 404), (&program.coordinator, 403)] {
            let browser = Browser::of(&program, who).await;
            assert_eq!(browser.open(&path).await.status, status);
            let sent = browser.send(&path, "hand-in-test", &[("gaps", "yes")], hand_in_test(attempt.id)).await;
            assert_eq!(sent, Err(AppError::NotFound));
            let sent = browser.send(&path, "start-test", &[], start_test(pair.enrollment, chapter)).await;
            assert_eq!(sent, Err(AppError::NotFound));
        }
        let mentor = Browser::of(&program, &pair.mentor).await;
        let sent = mentor.send(&path, "hand-in-test", &[("gaps", "yes")], hand_in_test(attempt.id)).await;
        assert_eq!(sent, Err(AppError::NotFound), "nobody hands in for the mentee");
        assert!(mentor.open(&path).await.html.contains("has not handed in this post-test yet"));
        // Option 2 has no post-tests, whatever the address says.
        let none = format!("/enrollments/{}/chapters/{chapter}/test", other.enrollment);
        assert_eq!(Browser::of(&program, &other.mentee).await.open(&none).await.status, 404);
    })
    .await;
}

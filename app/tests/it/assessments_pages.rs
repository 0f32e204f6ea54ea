//! Post-tests, the question bank and the exam plan as people meet them: on pages, by forms without scripts.

use app::assessments::api::{
    approve_questions, copy_questions, edit_question, hand_in_test, retire_question, start_test, write_question,
};
use app::assessments::{Item, field, store};
use app::db::fetch_one;
use app::enrollments::OptionNumber;
use app::error::AppError;
use app::exam::api::save_exam_plan;
use app::id::{AttemptId, ChapterId, QuestionId, SubmissionKey};
use app::people::Role;
use app::people::Viewer;

use crate::support::{Pair, Program, each_db};
use crate::visit::Browser;

/// The first chapter with questions, and what the coordinator reads of them.
async fn bank(program: &Program) -> (ChapterId, Vec<store::Question>) {
    let who = program.coordinator.coordinator().unwrap();
    let mut tx = program.state.db.read().await.unwrap();
    let chapters = store::list_bank(&mut tx, &who).await.unwrap();
    let chapter = chapters.iter().find(|chapter| chapter.approved + chapter.unreviewed > 0).unwrap().id;
    (chapter, store::list_questions(&mut tx, &who, chapter).await.unwrap())
}

async fn approve(program: &Program) -> ChapterId {
    let (chapter, questions) = bank(program).await;
    let browser = Browser::of(program, &program.coordinator).await;
    let ids: Vec<String> = questions.iter().map(|question| question.id.to_string()).collect();
    let fields: Vec<(&str, &str)> = ids.iter().map(|id| ("question", id.as_str())).collect();
    let page = format!("/coordinator/questions/{chapter}");
    let done = browser.send(&page, "approve-questions", &fields, approve_questions(chapter)).await.unwrap();
    assert_eq!(done, format!("{page}?done=questions-approved"));
    chapter
}

async fn start(browser: &Browser<'_>, path: &str, pair: &Pair, chapter: ChapterId) -> String {
    let id = chapter.to_string();
    browser.send(path, "start-test", &[("chapter", id.as_str())], start_test(pair.enrollment, chapter)).await.unwrap()
}

async fn open_attempt(program: &Program, pair: &Pair, chapter: ChapterId) -> (AttemptId, Vec<Item>) {
    let mut tx = program.state.db.read().await.unwrap();
    let latest = store::list_attempts(&mut tx, pair.enrollment, chapter).await.unwrap().remove(0);
    (latest.id, store::list_items(&mut tx, latest.id).await.unwrap())
}

async fn waiting_mails(program: &Program, who: &Viewer) -> i64 {
    let mut tx = program.state.db.read().await.unwrap();
    fetch_one!(&mut tx, (i64,), "SELECT COUNT(*) FROM mail WHERE account_id = $1 AND kind = 'test_missed'", who.id).unwrap().0
}

/// Text as it stands in HTML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[tokio::test]
async fn a_post_test_from_the_first_view_to_the_talk() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::One).await;
        let (chapter, _) = bank(&program).await;
        let path = format!("/enrollments/{}/chapters/{chapter}/test", pair.enrollment);
        let mentee = Browser::of(&program, &pair.mentee).await;
        assert!(mentee.open(&path).await.html.contains("no approved questions yet"));
        assert_eq!(start(&mentee, &path, &pair, chapter).await, path);

        approve(&program).await;
        let html = mentee.open(&path).await.html;
        assert!(html.contains("Start the post-test") && html.contains("4 right is a pass; one attempt a day."), "{html}");
        for _ in 0..2 {
            assert_eq!(start(&mentee, &path, &pair, chapter).await, path, "sent twice, it stays one");
        }
        let (attempt, items) = open_attempt(&program, &pair, chapter).await;
        let html = mentee.open(&path).await.html;
        for item in &items {
            assert!(html.contains(&escaped(&item.text)), "{}", item.text);
            assert!(!html.contains(&escaped(&item.explanation)), "no explanation before handing in");
            for choice in &item.body.choices() {
                assert!(html.contains(&escaped(&choice.text)), "{}", choice.text);
                assert!(
                    choice.explanation.is_empty() || !html.contains(&escaped(&choice.explanation)),
                    "no explanation before handing in"
                );
            }
        }
        assert!(!html.contains("data-answer") && !html.contains("Hand in with gaps"));
        gaps_and_what_was_not_offered(&mentee, &path, attempt, &items).await;

        // The first wrong, the others right.
        let answers: Vec<(String, String)> = items
            .iter()
            .enumerate()
            .flat_map(|(index, item)| {
                let wanted = index > 0;
                let choices = item.body.choices();
                let mut chosen: Vec<usize> = (0..choices.len()).filter(|one| (choices[*one].credit.0 > 0) == wanted).collect();
                chosen.truncate(if item.kind().takes_many() { 9 } else { 1 });
                chosen.into_iter().map(|one| (field(item.question), one.to_string())).collect::<Vec<_>>()
            })
            .collect();
        let fields: Vec<(&str, &str)> = answers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        for _ in 0..2 {
            assert_eq!(mentee.send(&path, "hand-in-test", &fields, hand_in_test(attempt)).await.unwrap(), path);
        }
        assert_eq!(waiting_mails(&program, &pair.mentor).await, 1, "the mentor hears of it once");
        let html = mentee.open(&path).await.html;
        assert!(
            html.contains("Passed, with 80 percent.") && html.contains("The one you missed") && html.contains("The 4 you knew")
        );
        assert!(items.iter().all(|item| html.contains(&escaped(&item.explanation))));
        assert!(!html.contains("Start a new attempt"));
        start(&mentee, &path, &pair, chapter).await;
        assert_eq!(open_attempt(&program, &pair, chapter).await.0, attempt, "passed: no other attempt begins");

        let html = Browser::of(&program, &pair.mentor).await.open(&path).await.html;
        assert!(html.contains(&escaped(&items[0].text)) && html.contains("4 of 5 right"));
        assert!(!html.contains(&escaped(&items[1].text)), "the mentor sees what was missed only");
    })
    .await;
}

async fn gaps_and_what_was_not_offered(mentee: &Browser<'_>, path: &str, attempt: AttemptId, items: &[Item]) {
    let (id, name) = (attempt.to_string(), field(items[0].question));
    let sent = [("attempt", id.as_str()), (name.as_str(), "1")];
    assert_eq!(mentee.send(path, "hand-in-test", &sent, hand_in_test(attempt)).await.unwrap(), path);
    let html = mentee.open(path).await.html;
    assert!(html.contains("Question 2 is not answered yet.") && !html.contains("Question 1 is not answered yet."));
    assert!(html.contains("Hand in with gaps"));
    assert_eq!(html.matches(" checked").count(), 1, "the answer given is kept");

    let sent = [("attempt", id.as_str()), (name.as_str(), "7"), ("gaps", "yes")];
    assert_eq!(mentee.send(path, "hand-in-test", &sent, hand_in_test(attempt)).await.unwrap(), path);
    assert!(mentee.open(path).await.html.contains("Question 1: choose from the answers given."));
}

#[tokio::test]
async fn a_test_that_is_not_passed_can_be_taken_again_tomorrow() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::One).await;
        let chapter = approve(&program).await;
        let path = format!("/enrollments/{}/chapters/{chapter}/test", pair.enrollment);
        let mentee = Browser::of(&program, &pair.mentee).await;
        start(&mentee, &path, &pair, chapter).await;
        let (attempt, _) = open_attempt(&program, &pair, chapter).await;
        mentee.send(&path, "hand-in-test", &[("gaps", "yes")], hand_in_test(attempt)).await.unwrap();
        let html = mentee.open(&path).await.html;
        assert!(html.contains("Not passed yet: 4 right answers are needed. The next attempt is possible on"), "{html}");
        start(&mentee, &path, &pair, chapter).await;
        assert_eq!(open_attempt(&program, &pair, chapter).await.0, attempt, "one attempt a day");

        program.state.clock.advance(chrono::Duration::days(1));
        assert!(mentee.open(&path).await.html.contains("Start a new attempt"));
        start(&mentee, &path, &pair, chapter).await;
        assert_ne!(open_attempt(&program, &pair, chapter).await.0, attempt);
    })
    .await;
}

#[tokio::test]
async fn anothers_test_is_not_there() {
    each_db(async |program| {
        let (pair, other) = (program.pair(OptionNumber::One).await, program.pair(OptionNumber::Two).await);
        let chapter = approve(&program).await;
        let path = format!("/enrollments/{}/chapters/{chapter}/test", pair.enrollment);
        let mentee = Browser::of(&program, &pair.mentee).await;
        mentee.send(&path, "start-test", &[], start_test(pair.enrollment, chapter)).await.unwrap();
        let (attempt, _) = open_attempt(&program, &pair, chapter).await;
        for (who, status) in [(&other.mentee, 404), (&other.mentor, 404), (&program.coordinator, 403)] {
            let browser = Browser::of(&program, who).await;
            assert_eq!(browser.open(&path).await.status, status, "{}", who.name);
            let sent = browser.send(&path, "start-test", &[], start_test(pair.enrollment, chapter)).await;
            assert_eq!(sent, Err(AppError::NotFound), "{}", who.name);
            let sent = browser.send(&path, "hand-in-test", &[("gaps", "yes")], hand_in_test(attempt)).await;
            assert_eq!(sent, Err(AppError::NotFound), "{}", who.name);
        }
        let mentor = Browser::of(&program, &pair.mentor).await;
        assert_eq!(
            mentor.send(&path, "hand-in-test", &[("gaps", "yes")], hand_in_test(attempt)).await,
            Err(AppError::NotFound)
        );
        // Option 2 has no post-tests, whatever the address says.
        let none = format!("/enrollments/{}/chapters/{chapter}/test", other.enrollment);
        assert_eq!(Browser::of(&program, &other.mentee).await.open(&none).await.status, 404);
    })
    .await;
}

fn a_question<'a>(key: &'a str, right: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("key", key),
        ("kind", "single"),
        ("text", "Is <b>this</b> right?"),
        ("choice-1", "Yes"),
        ("choice-2", "No"),
        ("why-2", "It is not."),
        ("right", right),
        ("explanation", "So it is."),
        ("source", "ADA Standards of Care"),
    ]
}

#[tokio::test]
async fn the_coordinator_writes_changes_and_retires_questions() {
    each_db(async |program| {
        let browser = Browser::of(&program, &program.coordinator).await;
        let (chapter, before) = bank(&program).await;
        let html = browser.open("/coordinator/questions").await.html;
        assert!(html.contains("closed until reviewed") && html.contains(&format!("/coordinator/questions/{chapter}")));
        let page = format!("/coordinator/questions/{chapter}");
        let html = browser.open(&page).await.html;
        assert!(html.contains(&format!("Approve all {}", before.len())) && html.contains("unreviewed"));

        let (form, id, key) = (format!("{page}/write/single"), chapter.to_string(), SubmissionKey::new().to_string());
        for kind in ["single", "multiple", "true_false"] {
            assert_eq!(browser.open(&format!("{page}/write/{kind}")).await.status, 200);
        }
        assert_eq!(browser.open(&format!("{page}/write/none")).await.status, 404);
        let mut bad = a_question(&key, "3");
        bad.push(("chapter", &id));
        assert_eq!(browser.send(&form, "write-question", &bad, write_question(chapter)).await.unwrap(), form);
        let html = browser.open(&form).await.html;
        assert!(
            html.contains("Write the text of choice 3.")
                && html.contains("&lt;b&gt;this&lt;/b&gt;")
                && html.contains("It is not.")
        );

        for _ in 0..2 {
            let sent = browser.send(&form, "write-question", &a_question(&key, "1"), write_question(chapter)).await.unwrap();
            assert_eq!(sent, format!("{page}?done=question-written"));
        }
        let (_, after) = bank(&program).await;
        assert_eq!(after.len(), before.len() + 1, "the same form writes one question");
        let written =
            after.into_iter().find(|question| question.id == QuestionId(key.parse::<SubmissionKey>().unwrap().0)).unwrap();
        assert!(written.approved_at.is_none());

        let old = written.id.to_string();
        let (edit, anew) = (format!("{page}/edit/{}", written.id), SubmissionKey::new().to_string());
        assert!(browser.open(&edit).await.html.contains("It is not."));
        let mut changed = a_question(&anew, "2");
        changed.push(("approved", "yes"));
        for _ in 0..2 {
            let sent = browser.send(&edit, "edit-question", &changed, edit_question(written.id)).await.unwrap();
            assert_eq!(sent, format!("{page}?done=question-changed"));
        }
        let other = SubmissionKey::new().to_string();
        let mut late = a_question(&other, "1");
        late.push(("question", &old));
        browser.send(&edit, "edit-question", &late, edit_question(written.id)).await.unwrap();
        let html = browser.open(&edit).await.html;
        assert!(html.contains("changed or retired meanwhile") && html.contains("It is not."), "what was typed is given back");
        assert_eq!(browser.open(&edit).await.status, 404, "what is retired is not edited");
        let (_, after) = bank(&program).await;
        let (retired, live): (Vec<_>, Vec<_>) = after.into_iter().partition(|question| question.retired_at.is_some());
        assert_eq!((retired.len(), live.len()), (1, before.len() + 1));
        let anew = live.iter().find(|question| question.approved_at.is_some()).unwrap();
        assert!(app::assessments::key(&anew.draft.body) == Some(app::assessments::Answer::Chosen(vec![1])));

        let sent = browser.send(&page, "retire-question", &[], retire_question(anew.id)).await.unwrap();
        assert_eq!(sent, format!("{page}?done=question-retired"));
        assert!(browser.open(&page).await.html.contains("Retired questions (2)"));
        let unknown = browser.send(&page, "retire-question", &[], retire_question(QuestionId::new())).await;
        assert_eq!(unknown, Err(AppError::NotFound));
    })
    .await;
}

#[tokio::test]
async fn the_bank_is_the_coordinators() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::One).await;
        let (chapter, questions) = bank(&program).await;
        for who in [&pair.mentee, &pair.mentor] {
            let browser = Browser::of(&program, who).await;
            for page in [format!("/coordinator/questions/{chapter}"), "/coordinator/questions".into()] {
                assert_eq!(browser.open(&page).await.status, 403);
            }
            let id = questions[0].id.to_string();
            let sent = browser.send("/", "approve-questions", &[("question", &id)], approve_questions(chapter)).await;
            assert_eq!(sent, Err(AppError::NotAllowed));
            let sent = browser.send("/", "write-question", &a_question("", "1"), write_question(chapter)).await;
            assert_eq!(sent, Err(AppError::NotAllowed));
            let sent = browser.send("/", "copy-questions", &[("from", &id)], copy_questions(chapter)).await;
            assert_eq!(sent, Err(AppError::NotAllowed));
        }
        assert!(Browser::stranger(&program).open("/coordinator/questions").await.location.unwrap().starts_with("/sign-in"));
    })
    .await;
}

#[tokio::test]
async fn the_exam_plan_belongs_to_option_three() {
    each_db(async |program| {
        let (pair, other) = (program.pair(OptionNumber::Three).await, program.pair(OptionNumber::One).await);
        let mentee = Browser::of(&program, &pair.mentee).await;
        let page = "/mentee/exam";
        let html = mentee.open(page).await.html;
        assert!(html.contains("is not practice hours") && html.contains("Checked on November 22, 2026"));
        let today = app::clock::today(program.state.clock.now());
        let (today, later) = (today.to_string(), (today + chrono::Duration::days(120)).to_string());
        let bad = [("checked-on", later.as_str()), ("target-on", today.as_str()), ("note", "hours </textarea>")];
        assert_eq!(mentee.send(page, "save-exam-plan", &bad, save_exam_plan(pair.enrollment)).await.unwrap(), page);
        let html = mentee.open(page).await.html;
        assert!(
            html.contains("This day is still to come.")
                && html.contains("Choose a day to come.")
                && html.contains("hours &lt;/textarea&gt;")
        );
        let good = [("checked-on", today.as_str()), ("target-on", later.as_str()), ("note", "first the hours")];
        let sent = mentee.send(page, "save-exam-plan", &good, save_exam_plan(pair.enrollment)).await.unwrap();
        assert_eq!(sent, "/mentee/exam?done=exam-planned");
        assert!(mentee.open(page).await.html.contains("120 days from now"));

        let stranger = Browser::of(&program, &other.mentee).await;
        assert_eq!(stranger.open(page).await.status, 404);
        for enrollment in [pair.enrollment, other.enrollment] {
            assert_eq!(stranger.send(page, "save-exam-plan", &good, save_exam_plan(enrollment)).await, Err(AppError::NotFound));
        }
        let nobody = program.person("No Body", Role::Mentee).await;
        assert_eq!(Browser::of(&program, &nobody).await.open(page).await.status, 404);
    })
    .await;
}

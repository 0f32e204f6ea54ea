//! Post-tests, the question bank and the exam plan as people meet them: on pages, by forms without scripts.

use app::assessments::api::{approve_questions, copy_questions, edit_question, retire_question, write_question};
use app::assessments::store;
use app::enrollments::OptionNumber;
use app::error::AppError;
use app::exam::api::save_exam_plan;
use app::id::{ChapterId, QuestionId, SubmissionKey};
use app::people::Role;

use crate::support::{Program, each_db};
use crate::visit::Browser;

/// The first chapter with questions, and what the coordinator reads of them.
async fn bank(program: &Program) -> (ChapterId, Vec<store::Question>) {
    let who = program.coordinator.coordinator().unwrap();
    let mut tx = program.state.db.read().await.unwrap();
    let chapters = store::list_bank(&mut tx, &who).await.unwrap();
    let chapter = chapters.iter().find(|chapter| chapter.approved + chapter.unreviewed > 0).unwrap().id;
    (chapter, store::list_questions(&mut tx, &who, chapter).await.unwrap())
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
        let written = after.into_iter().find(|one| before.iter().all(|known| known.id != one.id)).unwrap();
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

//! What the forms of post-tests and of the question bank send to.

use leptos::prelude::*;

use super::{Attempt, Choice, Draft, MOST_CHOICES, QuestionKind, draw, mark, next, objection, read_answers, store};
use crate::db::WriteTx;
use crate::enrollments::{self, Story, carry, ready};
use crate::error::{AppError, Refusal};
use crate::form::{Fields, answer, to};
use crate::id::{AttemptId, ChapterId, EnrollmentId, QuestionId};
use crate::mail::{self, Mail};
use crate::people::{PairMember, viewer};
use crate::{random_bytes, settings, state};

/// Where a chapter's post-test stands.
pub fn test_path(enrollment: EnrollmentId, chapter: ChapterId) -> String {
    format!("/enrollments/{enrollment}/chapters/{chapter}/test")
}

/// Where a chapter's questions stand.
pub fn bank_path(chapter: ChapterId) -> String {
    format!("/coordinator/questions/{chapter}")
}

/// Begins an attempt with questions drawn now.
#[server(endpoint = "start-test")]
pub async fn start_test(enrollment: EnrollmentId, chapter: ChapterId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?;
        let mut tx = state().write(&who).await?;
        let own = who.own(&mut tx, enrollment).await?;
        let story = open_story(&mut tx, enrollment).await?;
        store::find_chapter_of(&mut tx, enrollment, chapter).await?.ok_or(AppError::NotFound)?;
        if story.state != enrollments::State::Active {
            return Err(Refusal::new("This enrollment is not active. A post-test can be started once it is.").into());
        }
        let (settings, attempts) =
            (settings::store::current(&mut tx).await?, store::list_attempts(&mut tx, enrollment, chapter).await?);
        let page = to(test_path(enrollment, chapter));
        match next(&attempts, &settings, tx.now()) {
            // Sent twice: the attempt it began is there.
            super::Next::GoOn(_) => return Ok(page),
            next => next.may_start(tx.now())?,
        }
        let approved = store::list_approved(&mut tx, chapter).await?;
        let most = usize::try_from(settings.questions_a_test.max(1)).unwrap_or(usize::MAX);
        let drawn = draw(approved, most, &random_bytes()?);
        if drawn.is_empty() {
            return Err(Refusal::new(
                "This chapter has no approved questions yet. The coordinator sees that they are awaited.",
            )
            .into());
        }
        store::start(&mut tx, &own, chapter, &drawn, attempts.len()).await?;
        tx.commit().await?;
        Ok(page)
    })
    .await
}

/// The story of an enrolment that has post-tests; another option's page does not exist.
async fn open_story(tx: &mut WriteTx, enrollment: EnrollmentId) -> Result<Story, AppError> {
    let story = enrollments::store::find(tx, enrollment).await?.ok_or(AppError::NotFound)?;
    if story.option_number.has_post_tests() { Ok(story) } else { Err(AppError::NotFound) }
}

/// Hands an attempt in and marks it. Handing in twice changes nothing.
#[server(endpoint = "hand-in-test")]
pub async fn hand_in_test(attempt: AttemptId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?;
        let mut tx = state().write(&who).await?;
        let attempt = store::find_attempt(&mut tx, attempt).await?.ok_or(AppError::NotFound)?;
        let pair = who.pair(&mut tx, attempt.enrollment_id).await?;
        let own = pair.mentee()?;
        enrollments::store::hold(&mut tx, attempt.enrollment_id).await?;
        let page = to(test_path(attempt.enrollment_id, attempt.chapter_id));
        if attempt.handed_in_at.is_some() {
            return Ok(page);
        }
        let story = open_story(&mut tx, attempt.enrollment_id).await?;
        if !story.state.is_live() {
            return Err(Refusal::new("This enrollment has ended. Its post-tests are closed.").into());
        }
        let items = store::list_items(&mut tx, attempt.id).await?;
        let fields = Fields::typed();
        let sent: Vec<(String, String)> =
            fields.indexed("answer").map(|(question, choice)| (question.to_owned(), choice.to_owned())).collect();
        let answers = read_answers(&items, &sent, fields.ticked("gaps")).map_err(AppError::Invalid)?;
        let settings = settings::store::current(&mut tx).await?;
        let marked = mark(&items, &answers, settings.pass_mark);
        if !store::hand_in(&mut tx, &own, attempt.id, &items, &answers, &marked).await? {
            return Ok(page);
        }
        carry::over(&mut tx, attempt.enrollment_id).await?;
        if marked.score.right < marked.score.of {
            tell_mentor(&mut tx, &pair, &story, &attempt).await?;
        }
        ready::tell(&mut tx, &state(), attempt.enrollment_id).await?;
        tx.commit().await?;
        Ok(page)
    })
    .await
}

/// The missed questions are for the next talk, so the mentor hears of them.
async fn tell_mentor(tx: &mut WriteTx, pair: &PairMember, story: &Story, attempt: &Attempt) -> Result<(), AppError> {
    let Some(mentor) = pair.other() else { return Ok(()) };
    let chapter = store::find_chapter_ever(tx, attempt.enrollment_id, attempt.chapter_id).await?.ok_or(AppError::NotFound)?;
    let to = mail::store::recipient(tx, mentor).await?;
    let mail = Mail::new(mail::Kind::TestMissed, to)
        .with("mentee", &story.mentee)
        .with("chapter", chapter.title)
        .with("link", state().link(&test_path(attempt.enrollment_id, attempt.chapter_id)));
    Ok(mail::store::enqueue(tx, mail).await?)
}

/// Approves the questions named in the form: one, or all that stood on the page.
#[server(endpoint = "approve-questions")]
pub async fn approve_questions(chapter: ChapterId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut fields = Fields::typed();
        let named = fields.several::<QuestionId>("question", "No question waits for review here.");
        let (named,) = fields.take((named,))?;
        let mut tx = state().write(&who).await?;
        store::find_bank_chapter(&mut tx, &who, chapter).await?.ok_or(AppError::NotFound)?;
        for question in named {
            store::approve(&mut tx, &who, chapter, question).await?;
        }
        tx.commit().await?;
        Ok(to(bank_path(chapter)).done("questions-approved"))
    })
    .await
}

#[server(endpoint = "retire-question")]
pub async fn retire_question(question: QuestionId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut tx = state().write(&who).await?;
        let found = store::find_question(&mut tx, &who, question).await?.ok_or(AppError::NotFound)?;
        store::retire(&mut tx, &who, question).await?;
        tx.commit().await?;
        Ok(to(bank_path(found.chapter_id)).done("question-retired"))
    })
    .await
}

#[server(endpoint = "write-question")]
pub async fn write_question(chapter: ChapterId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let (id, draft, approved) = read_draft()?;
        let mut tx = state().write(&who).await?;
        store::find_bank_chapter(&mut tx, &who, chapter).await?.ok_or(AppError::NotFound)?;
        if store::insert_question(&mut tx, &who, id, chapter, &draft).await? && approved {
            store::approve(&mut tx, &who, chapter, id).await?;
        }
        tx.commit().await?;
        Ok(to(bank_path(chapter)).done("question-written"))
    })
    .await
}

/// An edit is a new question in place of the old one, which stays in the tests that asked it.
#[server(endpoint = "edit-question")]
pub async fn edit_question(question: QuestionId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let (id, draft, approved) = read_draft()?;
        let mut tx = state().write(&who).await?;
        let old = store::find_question(&mut tx, &who, question).await?.ok_or(AppError::NotFound)?;
        let page = to(bank_path(old.chapter_id)).done("question-changed");
        if !store::insert_question(&mut tx, &who, id, old.chapter_id, &draft).await? {
            return Ok(page);
        }
        if !store::retire(&mut tx, &who, question).await? {
            return Err(
                Refusal::new("This question was changed or retired meanwhile. Look at the chapter's questions again.").into()
            );
        }
        if approved {
            store::approve(&mut tx, &who, old.chapter_id, id).await?;
        }
        tx.commit().await?;
        Ok(page)
    })
    .await
}

/// Copies another chapter's questions to this one, unreviewed: whether they fit here is for the coordinator to say.
#[server(endpoint = "copy-questions")]
pub async fn copy_questions(chapter: ChapterId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut fields = Fields::typed();
        let from = fields.one::<ChapterId>("from", "Choose the chapter to copy from.");
        let (from,) = fields.take((from,))?;
        let mut tx = state().write(&who).await?;
        for id in [chapter, from] {
            store::find_bank_chapter(&mut tx, &who, id).await?.ok_or(AppError::NotFound)?;
        }
        store::copy_questions(&mut tx, &who, from, chapter, false).await?;
        tx.commit().await?;
        Ok(to(bank_path(chapter)).done("questions-copied"))
    })
    .await
}

/// The question a form holds, its id, and whether it is approved at once.
fn read_draft() -> Result<(QuestionId, Draft, bool), AppError> {
    let mut fields = Fields::typed();
    let id = QuestionId(fields.submission_key().0);
    let approved = fields.ticked("approved");
    let kind = fields.one::<QuestionKind>("kind", "Choose the kind of question.");
    let text = fields.text("text", 1000, "Write the question.");
    let explanation = fields.text("explanation", 1000, "Write why the answer is right; the mentee reads it afterwards.");
    let source = fields.text("source", 300, "Name the source, such as a section of the ADA Standards of Care.");
    let choices = kind.and_then(|kind| read_choices(&mut fields, kind));
    let (kind, text, explanation, source, choices) = fields.take((kind, text, explanation, source, choices))?;
    Ok((id, Draft { kind, text, explanation, source, choices }, approved))
}

fn read_choices(fields: &mut Fields, kind: QuestionKind) -> Option<Vec<Choice>> {
    let right: Vec<String> = fields.all("right").map(str::to_owned).collect();
    let (mut choices, mut whole) = (Vec::new(), true);
    for number in 1..=MOST_CHOICES {
        let text = fields.optional_text(&format!("choice-{number}"), 300);
        let explanation = fields.optional_text(&format!("why-{number}"), 500);
        let (Some(text), Some(explanation)) = (text, explanation) else {
            whole = false;
            continue;
        };
        let correct = right.contains(&number.to_string());
        if !text.is_empty() {
            choices.push(Choice { text, correct, explanation });
        } else if correct || !explanation.is_empty() {
            fields.wrong(&format!("choice-{number}"), format!("Write the text of choice {number}."));
            whole = false;
        }
    }
    if whole && let Some(objection) = objection(kind, &choices) {
        fields.wrong("right", objection);
        return None;
    }
    whole.then_some(choices)
}

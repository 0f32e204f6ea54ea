//! What the forms of a post-test send to.

use leptos::prelude::*;

use super::test_path;
use crate::assessments::{Attempt, Next, draw, mark, next, read_answers, store};
use crate::db::WriteTx;
use crate::enrollments::{self, Story, carry, ready};
use crate::error::{AppError, Refusal};
use crate::form::{Fields, answer, to};
use crate::id::{AttemptId, ChapterId, EnrollmentId};
use crate::mail::{self, Mail};
use crate::people::{PairMember, viewer};
use crate::{random_bytes, settings, state};

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
            Next::GoOn(_) => return Ok(page),
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

//! What the forms of a post-test send to: begin, keep, hand in, mark, and one attempt more.

use chrono::{DateTime, Utc};
use leptos::prelude::*;

use super::test_path;
use crate::assessments::Answer;
use crate::assessments::attempt::{Attempt, Item, Next, Objection, Sent, Share, changes, draw, gaps, mark, next};
use crate::assessments::rules::{PostTests, Rules};
use crate::assessments::store::{self, Beginning, Mark};
use crate::db::WriteTx;
use crate::enrollments::{self, Story, carry, ready};
use crate::error::{AppError, Refusal};
use crate::form::{Fields, Typed, answer, to};
use crate::id::{AttemptId, ChapterId, EnrollmentId, QuestionId};
use crate::mail::{self, Mail};
use crate::people::{OwnEnrollment, PairMember, Viewer, viewer};
use crate::{State, random_bytes, settings, state};

/// Begins an attempt with questions drawn now.
#[server(endpoint = "start-test")]
pub async fn start_test(enrollment: EnrollmentId, chapter: ChapterId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?;
        let mut tx = state().write(&who).await?;
        let own = who.own(&mut tx, enrollment).await?;
        // Attempts are counted, also those a coordinator enters: one at a time.
        enrollments::store::hold(&mut tx, enrollment).await?;
        let story = enrollments::store::find(&mut tx, enrollment).await?.ok_or(AppError::NotFound)?;
        if story.post_tests == PostTests::Off {
            return Err(AppError::NotFound);
        }
        store::find_chapter_of(&mut tx, enrollment, chapter).await?.ok_or(AppError::NotFound)?;
        if story.state != enrollments::State::Active {
            return Err(Refusal::new("This enrollment is not active. A post-test can be started once it is.").into());
        }
        let settings = settings::store::current(&mut tx).await?;
        let rules = store::rules_of(&mut tx, &story, &settings).await?;
        let attempts = store::list_attempts(&mut tx, enrollment, chapter).await?;
        let allowed = store::count_allowed(&mut tx, enrollment, chapter).await?;
        let page = to(test_path(enrollment, chapter));
        match next(&attempts, &rules, allowed, tx.now()) {
            // Sent twice: the attempt it began is there.
            Next::GoOn(_) => return Ok(page),
            next => next.may_start(tx.now())?,
        }
        let seed: [u8; 32] = random_bytes()?;
        let drawn = draw(&store::list_approved(&mut tx, chapter).await?, &rules, &seed);
        if drawn.is_empty() {
            return Err(Refusal::new(
                "This chapter has no approved questions yet. The coordinator sees that they are awaited.",
            )
            .into());
        }
        let new = Beginning { chapter, questions: &drawn, rules: &rules, seed: &seed, seen: attempts.len() };
        store::start(&mut tx, &own, &new).await?;
        tx.commit().await?;
        Ok(page)
    })
    .await
}

/// An attempt that a page is about, with everything that decides on it.
struct Loaded {
    attempt: Attempt,
    pair: PairMember,
    own: OwnEnrollment,
    story: Story,
    /// Those of the attempt, else those of now.
    rules: Rules,
}

/// Another's attempt is not found, and says nothing of itself.
async fn load(tx: &mut WriteTx, who: &Viewer, attempt: AttemptId) -> Result<Loaded, AppError> {
    let attempt = store::find_attempt(tx, attempt).await?.ok_or(AppError::NotFound)?;
    let pair = who.pair(tx, attempt.enrollment_id).await?;
    let own = pair.mentee()?;
    enrollments::store::hold(tx, attempt.enrollment_id).await?;
    let story = enrollments::store::find(tx, attempt.enrollment_id).await?.ok_or(AppError::NotFound)?;
    let settings = settings::store::current(tx).await?;
    let rules = attempt.rules(&store::rules_of(tx, &story, &settings).await?);
    Ok(Loaded { attempt, pair, own, story, rules })
}

/// Keeps what a page sent as far as it can be kept, and gives the items as they are answered then, with what cannot.
async fn keep_sent(
    tx: &mut WriteTx,
    loaded: &Loaded,
    fields: &[(String, String)],
) -> Result<(Vec<Item>, Vec<Objection>), AppError> {
    if !loaded.story.state.is_live() {
        return Err(Refusal::new("This enrollment has ended. Its post-tests are closed.").into());
    }
    let mut items = store::list_items(tx, loaded.attempt.id).await?;
    let (orders, sent) = (loaded.attempt.orders(&items, &loaded.rules), Sent::of(fields));
    let (changes, objections) = changes(&items, &orders, &sent);
    let mut kept: Vec<(QuestionId, Answer)> = Vec::new();
    for (item, change) in items.iter_mut().zip(changes) {
        if let Some(answer) = change {
            kept.push((item.question, answer.clone()));
            item.answer = answer;
        }
    }
    if !kept.is_empty() && !store::keep_answers(tx, &loaded.own, loaded.attempt.id, &kept, sent.page).await? {
        return Err(handed_in().into());
    }
    Ok((items, objections))
}

fn handed_in() -> Refusal {
    Refusal::new("This post-test was handed in, maybe in another tab. Load the page to see the result.")
}

/// Keeps answers while they are given, all that can be kept; called by the island.
pub async fn keep(attempt: &str, fields: &[(String, String)]) -> Result<(DateTime<Utc>, Vec<Objection>), AppError> {
    let attempt: AttemptId = attempt.parse().map_err(|_| AppError::NotFound)?;
    let who = viewer().await?;
    let mut tx = state().write(&who).await?;
    let loaded = load(&mut tx, &who, attempt).await?;
    if !loaded.attempt.is_open() {
        return Err(handed_in().into());
    }
    let (_, objections) = keep_sent(&mut tx, &loaded, fields).await?;
    let at = tx.now();
    tx.commit().await?;
    Ok((at, objections))
}

/// Keeps what stands in the form, and hands the attempt in unless it is for later. Handing in twice changes nothing. Gaps
/// are named first.
#[server(endpoint = "hand-in-test")]
pub async fn hand_in_test(attempt: AttemptId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?;
        let mut tx = state().write(&who).await?;
        let loaded = load(&mut tx, &who, attempt).await?;
        let page = to(test_path(loaded.attempt.enrollment_id, loaded.attempt.chapter_id));
        if !loaded.attempt.is_open() {
            return Ok(page);
        }
        let (items, objections) = keep_sent(&mut tx, &loaded, &use_context::<Typed>().unwrap_or_default().0).await?;
        if !objections.is_empty() {
            // What could be kept is; the rest stands on the page that shows these.
            tx.commit().await?;
            return Err(AppError::Invalid(objections.into_iter().map(|one| one.error).collect()));
        }
        let fields = Fields::typed();
        if fields.ticked("later") {
            tx.commit().await?;
            return Ok(page.done("answers-saved"));
        }
        let gaps = gaps(&items);
        if !gaps.is_empty() && !fields.ticked("gaps") {
            tx.commit().await?;
            return Err(AppError::Invalid(gaps));
        }
        let marked = mark(&items, loaded.rules.pass_mark);
        if !store::hand_in(&mut tx, &loaded.own, attempt, &items, &marked).await? {
            return Ok(page);
        }
        carry::over(&mut tx, loaded.attempt.enrollment_id).await?;
        match marked.score {
            None => tell_mentor(&mut tx, &loaded, mail::Kind::TestToMark).await?,
            Some(score) if !score.is_whole() => tell_mentor(&mut tx, &loaded, mail::Kind::TestMissed).await?,
            Some(_) => {}
        }
        ready::tell(&mut tx, &state(), loaded.attempt.enrollment_id).await?;
        tx.commit().await?;
        Ok(page)
    })
    .await
}

/// What was missed is for the next talk, and some answers only the mentor can mark: so the mentor hears of it.
async fn tell_mentor(tx: &mut WriteTx, loaded: &Loaded, kind: mail::Kind) -> Result<(), AppError> {
    let Some(mentor) = loaded.pair.other() else { return Ok(()) };
    let (enrollment, chapter) = (loaded.attempt.enrollment_id, loaded.attempt.chapter_id);
    let title = store::find_chapter_ever(tx, enrollment, chapter).await?.ok_or(AppError::NotFound)?.title;
    let to = mail::store::recipient(tx, mentor).await?;
    let mail = Mail::new(kind, to)
        .with("mentee", &loaded.story.mentee)
        .with("chapter", title)
        .with("link", state().link(&test_path(enrollment, chapter)))
        .about(loaded.attempt.id.0);
    Ok(mail::store::enqueue(tx, mail).await?)
}

/// The longest word with a mark.
const WORD: usize = 1000;

/// The mentor marks one answer. With the last one the attempt is settled, and the mentee told.
#[server(endpoint = "mark-answer")]
pub async fn mark_answer(attempt: AttemptId, question: QuestionId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?;
        let mut tx = state().write(&who).await?;
        let found = store::find_attempt(&mut tx, attempt).await?.ok_or(AppError::NotFound)?;
        let pair = who.pair(&mut tx, found.enrollment_id).await?;
        pair.mentor()?;
        enrollments::store::hold(&mut tx, found.enrollment_id).await?;
        let mut fields = Fields::typed();
        let share = fields.one::<Share>("credit", "Choose how much of it counts.");
        let word = fields.optional_text("word", WORD);
        let (share, word) = fields.take((share, word))?;
        let page = to(test_path(found.enrollment_id, found.chapter_id)).done("answer-marked");
        let mark = Mark { attempt, question, credit: share.credit(), word };
        if !store::mark_answer(&mut tx, pair, &mark).await? {
            return Err(Refusal::new("This answer is marked already.").into());
        }
        settle(&mut tx, &state(), pair, &found).await?;
        tx.commit().await?;
        Ok(page)
    })
    .await
}

/// Brings an attempt to its end when nothing of it waits any more.
pub async fn settle(tx: &mut WriteTx, program: &State, pair: PairMember, attempt: &Attempt) -> Result<(), AppError> {
    let story = enrollments::store::find(tx, attempt.enrollment_id).await?.ok_or(AppError::NotFound)?;
    let settings = settings::store::current(tx).await?;
    let rules = attempt.rules(&store::rules_of(tx, &story, &settings).await?);
    let marked = mark(&store::list_items(tx, attempt.id).await?, rules.pass_mark);
    let Some(score) = marked.score else { return Ok(()) };
    store::settle(tx, attempt.id, &marked, score).await?;
    carry::over(tx, attempt.enrollment_id).await?;
    let Some(mentee) = pair.other() else { return Ok(()) };
    let chapter = store::find_chapter_ever(tx, attempt.enrollment_id, attempt.chapter_id).await?.ok_or(AppError::NotFound)?;
    let to = mail::store::recipient(tx, mentee).await?;
    let mail = Mail::new(mail::Kind::TestMarked, to)
        .with("chapter", chapter.title)
        .with("link", program.link(&test_path(attempt.enrollment_id, attempt.chapter_id)))
        .about(attempt.id.0);
    mail::store::enqueue(tx, mail).await?;
    ready::tell(tx, program, attempt.enrollment_id).await
}

/// The coordinator allows one more attempt where all are used up.
#[server(endpoint = "allow-attempt")]
pub async fn allow_attempt(enrollment: EnrollmentId, chapter: ChapterId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut tx = state().write(&who).await?;
        let story = enrollments::store::find(&mut tx, enrollment).await?.ok_or(AppError::NotFound)?;
        store::find_chapter_of(&mut tx, enrollment, chapter).await?.ok_or(AppError::NotFound)?;
        enrollments::store::hold(&mut tx, enrollment).await?;
        let settings = settings::store::current(&mut tx).await?;
        let rules = store::rules_of(&mut tx, &story, &settings).await?;
        let attempts = store::list_attempts(&mut tx, enrollment, chapter).await?;
        let allowed = store::count_allowed(&mut tx, enrollment, chapter).await?;
        let page = to(format!("/coordinator/enrollments/{enrollment}/tests"));
        if !matches!(next(&attempts, &rules, allowed, tx.now()), Next::UsedUp(_)) {
            return Ok(page);
        }
        store::allow_attempt(&mut tx, &who, enrollment, chapter).await?;
        tx.commit().await?;
        Ok(page.done("attempt-allowed"))
    })
    .await
}

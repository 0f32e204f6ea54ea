//! What the forms for entering on behalf send to.

use chrono::NaiveDate;
use leptos::prelude::*;

use super::{Came, MOST_QUESTIONS, Said, chapters};
use crate::assessments::rules::PostTests;
use crate::assessments::{self, Credit, paper_objection, score};
use crate::clock::today;
use crate::contacts::{self, Medium, NewContact, heard_at};
use crate::db::WriteTx;
use crate::discussion::{self, NewTalk, pick};
use crate::enrollments::{self, ready};
use crate::error::{AppError, FieldError, Refusal};
use crate::form::{Fields, To, answer, to};
use crate::id::{AccountId, ChapterId, EnrollmentId, MatchId, SubmissionKey};
use crate::matching;
use crate::people::{Coordinator, Way, viewer};
use crate::study::{self, ChapterProgress, MINUTES, NewEntry, Pair, day_objection};
use crate::{settings, state};

fn page(enrollment: EnrollmentId) -> String {
    format!("/coordinator/enrollments/{enrollment}/enter")
}

fn entered(enrollment: EnrollmentId) -> To {
    to(page(enrollment)).done("entered-on-behalf")
}

/// A day since the enrolment began, up to today.
fn day(fields: &mut Fields, field: &str, pair: &Pair) -> Option<NaiveDate> {
    let day = fields.date(field)?;
    if let Some(objection) = day_objection(day, pair.began_on(), today(state().clock.now())) {
        fields.wrong(field, objection);
        return None;
    }
    Some(day)
}

/// How it came, as every form asks.
fn came(fields: &mut Fields, pair: &Pair) -> Option<Came> {
    let key = fields.submission_key();
    let by = fields.one::<Medium>("came_by", "Choose how it came.");
    let on = day(fields, "came_on", pair);
    Some(Came { key, by: by?, on: on? })
}

/// The enrolment's row held, and the two it is about.
async fn held(tx: &mut WriteTx, who: &Coordinator, enrollment: EnrollmentId) -> Result<Pair, AppError> {
    enrollments::store::hold(tx, enrollment).await?;
    study::store::find_pair_for(tx, who, enrollment).await
}

/// The sign of life that comes with what was entered. `false`: this form was taken before, and there is nothing to do.
async fn heard(
    tx: &mut WriteTx,
    who: &Coordinator,
    enrollment: EnrollmentId,
    person: AccountId,
    came: Came,
    note: &str,
) -> Result<bool, AppError> {
    let contact =
        NewContact { key: came.key, enrollment, person, medium: came.by, heard: true, held_on: came.on, note: note.to_owned() };
    Ok(contacts::store::insert(tx, who, &contact).await?.is_some())
}

fn numbers(picked: &[&ChapterProgress]) -> String {
    chapters(&picked.iter().map(|one| one.chapter.number).collect::<Vec<_>>())
}

/// Study entries for a mentee, several chapters at once: paper comes in stacks.
#[server(endpoint = "enter-study")]
pub async fn enter_study(enrollment: EnrollmentId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut tx = state().write(&who).await?;
        let pair = held(&mut tx, &who, enrollment).await?;
        pair.allow_writing()?;
        let mut fields = Fields::typed();
        let again = fields.several::<ChapterId>("again", "");
        let missing = if again.as_ref().is_some_and(Vec::is_empty) { "Tick the chapters that were read." } else { "" };
        let named = fields.several::<ChapterId>("chapters", missing);
        let studied_on = day(&mut fields, "studied_on", &pair);
        let minutes = fields.whole("minutes", MINUTES);
        let came = came(&mut fields, &pair);
        let (named, again, studied_on, minutes, came) = fields.take((named, again, studied_on, minutes, came))?;
        let named = [named, again].concat();
        let progress = study::store::list_progress(&mut tx, enrollment).await?;
        let picked = pick(&progress, &named).ok_or(AppError::NotFound)?;
        let note = format!("Study entry of {}", numbers(&picked));
        if heard(&mut tx, &who, enrollment, pair.mentee_id, came, &note).await? {
            for one in picked {
                let entry = NewEntry {
                    key: SubmissionKey::new(),
                    chapter: one.chapter.id,
                    studied_on,
                    minutes,
                    reflection: String::new(),
                    shared: false,
                    replaces: None,
                };
                study::store::enter_entry(&mut tx, &who, enrollment, &entry, came.by).await?;
            }
            ready::tell(&mut tx, &state(), enrollment).await?;
            tx.commit().await?;
        }
        Ok(entered(enrollment))
    })
    .await
}

/// A talk of the two, without what was said.
#[server(endpoint = "enter-talk")]
pub async fn enter_talk(enrollment: EnrollmentId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut tx = state().write(&who).await?;
        let pair = held(&mut tx, &who, enrollment).await?;
        pair.allow_talking()?;
        let mentor = pair.mentor_id.ok_or(AppError::NotFound)?;
        let mut fields = Fields::typed();
        let held_on = day(&mut fields, "held_on", &pair);
        let minutes = fields.whole("minutes", MINUTES);
        let way = fields.one::<Way>("way", "Choose how they talked.");
        let named = fields.several::<ChapterId>("chapters", "");
        let came = came(&mut fields, &pair);
        let (held_on, minutes, way, named, came) = fields.take((held_on, minutes, way, named, came))?;
        let progress = study::store::list_progress(&mut tx, enrollment).await?;
        let chapters = pick(&progress, &named).ok_or(AppError::NotFound)?.iter().map(|one| one.chapter.id).collect();
        let note = "A talk of the two";
        if heard(&mut tx, &who, enrollment, pair.mentee_id, came, note).await? {
            let second = Came { key: SubmissionKey::new(), ..came };
            heard(&mut tx, &who, enrollment, mentor, second, note).await?;
            let (notes, follow_ups) = (String::new(), String::new());
            let talk = NewTalk { key: SubmissionKey::new(), held_on, minutes, way, notes, follow_ups, chapters };
            discussion::store::enter_talk(&mut tx, &state(), &who, &pair, &talk, came.by).await?;
            tx.commit().await?;
        }
        Ok(entered(enrollment))
    })
    .await
}

/// The mentor's sign-off of several chapters.
#[server(endpoint = "enter-sign-off")]
pub async fn enter_sign_off(enrollment: EnrollmentId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut tx = state().write(&who).await?;
        let pair = held(&mut tx, &who, enrollment).await?;
        pair.allow_talking()?;
        let mentor = pair.mentor_id.ok_or(AppError::NotFound)?;
        let mut fields = Fields::typed();
        let named = fields.several::<ChapterId>("chapters", "Tick the chapters that the mentor signed off.");
        let came = came(&mut fields, &pair);
        let (named, came) = fields.take((named, came))?;
        let progress = study::store::list_progress(&mut tx, enrollment).await?;
        let picked = pick(&progress, &named).ok_or(AppError::NotFound)?;
        let note = format!("Sign-off of {}", numbers(&picked));
        if heard(&mut tx, &who, enrollment, mentor, came, &note).await? {
            for one in picked {
                study::store::enter_sign_off(&mut tx, &state(), &who, &pair, &one.chapter, came.by).await?;
            }
            ready::tell(&mut tx, &state(), enrollment).await?;
            tx.commit().await?;
        }
        Ok(entered(enrollment))
    })
    .await
}

/// A post-test that was taken on paper: what it came to.
#[server(endpoint = "enter-test")]
pub async fn enter_test(enrollment: EnrollmentId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut tx = state().write(&who).await?;
        let pair = held(&mut tx, &who, enrollment).await?;
        pair.allow_writing()?;
        let story = enrollments::store::find(&mut tx, enrollment).await?.ok_or(AppError::NotFound)?;
        if story.post_tests == PostTests::Off {
            return Err(Refusal::new("This enrollment has no post-tests.").into());
        }
        let mut fields = Fields::typed();
        let chapter = fields.one::<ChapterId>("chapter", "Choose a chapter.");
        let taken_on = day(&mut fields, "taken_on", &pair);
        let of = fields.whole("of", 1..=MOST_QUESTIONS);
        let right = fields.whole("right", 0..=of.unwrap_or(MOST_QUESTIONS));
        let came = came(&mut fields, &pair);
        let (chapter, taken_on, of, right, came) = fields.take((chapter, taken_on, of, right, came))?;
        let chapter = study::store::find_chapter(&mut tx, &pair, chapter).await?;
        let note = format!("Post-test of {}, {right} of {of} right", chapters(&[chapter.number]));
        if heard(&mut tx, &who, enrollment, pair.mentee_id, came, &note).await? {
            let settings = settings::store::current(&mut tx).await?;
            let rules = assessments::store::rules_of(&mut tx, &story, &settings).await?;
            let attempts = assessments::store::list_attempts(&mut tx, enrollment, chapter.id).await?;
            if let Some(objection) = paper_objection(&attempts, &rules, taken_on) {
                return Err(wrong("taken_on", objection));
            }
            let paper = assessments::store::Paper {
                chapter: chapter.id,
                taken_at: heard_at(taken_on, tx.now()),
                score: score(Credit(right * Credit::WHOLE.0), of, rules.pass_mark),
                came_by: came.by,
            };
            if !assessments::store::enter_paper(&mut tx, &who, enrollment, &paper, attempts.len()).await? {
                return Err(AppError::Busy);
            }
            ready::tell(&mut tx, &state(), enrollment).await?;
            tx.commit().await?;
        }
        Ok(entered(enrollment))
    })
    .await
}

fn wrong(field: &str, message: impl Into<String>) -> AppError {
    AppError::Invalid(vec![FieldError { field: field.into(), message: message.into() }])
}

/// A mentor's answer to a proposal.
#[server(endpoint = "enter-answer")]
pub async fn enter_answer(proposal: MatchId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut tx = state().write(&who).await?;
        let found = matching::store::find(&mut tx, &who, proposal).await?.ok_or(AppError::NotFound)?;
        let enrollment = found.enrollment_id;
        let pair = held(&mut tx, &who, enrollment).await?;
        let mut fields = Fields::typed();
        let said = fields.one::<Said>("said", "Choose what the mentor answered.");
        let reason = fields.optional_text("reason", 1000);
        let came = came(&mut fields, &pair);
        if said == Some(Said::No) && reason.as_deref() == Some("") {
            fields.wrong("reason", "Enter the mentor's reason in a few words.");
        }
        let (said, reason, came) = fields.take((said, reason, came))?;
        let refusal = match said {
            Said::Yes => None,
            Said::No => Some(reason.as_str()),
        };
        if matching::store::enter_answer(&mut tx, &who, &found, refusal, came.by).await? {
            let note = if said == Said::Yes { "Yes to the proposal" } else { "No to the proposal" };
            heard(&mut tx, &who, enrollment, found.mentor_id, came, note).await?;
            if said == Said::Yes {
                let settings = settings::store::current(&mut tx).await?;
                matching::api::mail_introduction(&mut tx, &found, &settings).await?;
            }
            tx.commit().await?;
        }
        Ok(entered(enrollment))
    })
    .await
}

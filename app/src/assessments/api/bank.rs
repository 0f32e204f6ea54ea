//! What the forms of the question bank send to.

use leptos::prelude::*;

use super::{bank_path, question_path};
use crate::assessments::formats::examine;
use crate::assessments::store::{self, Question, Replaced};
use crate::assessments::{Draft, written};
use crate::db::WriteTx;
use crate::error::{AppError, Refusal};
use crate::form::{Fields, Upload, answer, to};
use crate::id::{ChapterId, QuestionId};
use crate::people::{Coordinator, viewer};
use crate::state;

/// Approves the questions named in the form: one, several that were chosen, or all that stood on the page.
#[server(endpoint = "approve-questions")]
pub async fn approve_questions(chapter: ChapterId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let named = named_questions()?;
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

fn named_questions() -> Result<Vec<QuestionId>, AppError> {
    let mut fields = Fields::typed();
    let named = fields.several::<QuestionId>("question", "Choose the questions first.");
    let (named,) = fields.take((named,))?;
    Ok(named)
}

/// Takes the questions that were chosen out of tests to come.
#[server(endpoint = "retire-questions")]
pub async fn retire_questions(chapter: ChapterId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let named = named_questions()?;
        let mut tx = state().write(&who).await?;
        store::find_bank_chapter(&mut tx, &who, chapter).await?.ok_or(AppError::NotFound)?;
        for question in named {
            let of_chapter =
                store::find_question(&mut tx, &who, question).await?.is_some_and(|found| found.chapter_id == chapter);
            if of_chapter {
                store::retire(&mut tx, &who, question).await?;
            }
        }
        tx.commit().await?;
        Ok(to(bank_path(chapter)).done("questions-retired"))
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
        let typed = read_draft()?;
        let mut tx = state().write(&who).await?;
        store::find_bank_chapter(&mut tx, &who, chapter).await?.ok_or(AppError::NotFound)?;
        if store::insert_question(&mut tx, &who, typed.id, chapter, &typed.draft).await? && typed.approved {
            store::approve(&mut tx, &who, chapter, typed.id).await?;
        }
        tx.commit().await?;
        Ok(to(bank_path(chapter)).done("question-written"))
    })
    .await
}

/// An edit is a new version in place of the old one, which stays in the tests that asked it.
#[server(endpoint = "edit-question")]
pub async fn edit_question(question: QuestionId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let typed = read_draft()?;
        let mut tx = state().write(&who).await?;
        let old = store::find_question(&mut tx, &who, question).await?.ok_or(AppError::NotFound)?;
        let picture = old.draft.picture.clone().filter(|_| typed.keeps_picture);
        replace(&mut tx, &who, typed.id, &old, &Draft { picture, ..typed.draft }, typed.approved).await?;
        tx.commit().await?;
        Ok(to(bank_path(old.chapter_id)).done("question-changed"))
    })
    .await
}

async fn replace(
    tx: &mut WriteTx,
    who: &Coordinator,
    id: QuestionId,
    old: &Question,
    draft: &Draft,
    approved: bool,
) -> Result<(), AppError> {
    match store::replace_question(tx, who, id, old, draft).await? {
        Replaced::Now if approved => {
            store::approve(tx, who, old.chapter_id, id).await?;
            Ok(())
        }
        Replaced::Now | Replaced::Before => Ok(()),
        Replaced::TooLate => {
            let words = "This question was changed or retired meanwhile. Look at the chapter's questions again.";
            Err(Refusal::new(words).into())
        }
    }
}

/// The name of the form that sends a picture.
pub const PICTURE_FORM: &str = "question-picture";

/// Puts a picture above a question's choices: a new version. Called with the file by the route that takes uploads.
pub async fn take_picture(upload: Upload) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut fields = Fields::typed();
        let id = QuestionId(fields.submission_key().0);
        let question = fields.one::<QuestionId>("question", "Choose the question again.");
        let alt = fields.raw("alt");
        let examined = match examine(&upload.bytes, &alt) {
            _ if alt.is_empty() => Err(("alt", "Say in words what the picture shows, for those who cannot see it.".to_owned())),
            Err(why) if upload.bytes.is_empty() => Err(("file", format!("Choose a file. {why}"))),
            Err(why) => Err(("file", why)),
            Ok(examined) => Ok(examined),
        };
        let examined = examined.map_err(|(field, why)| fields.wrong(field, why)).ok();
        let (question, (picture, kind)) = fields.take((question, examined))?;
        let mut tx = state().write(&who).await?;
        let old = store::find_question(&mut tx, &who, question).await?.ok_or(AppError::NotFound)?;
        store::insert_picture(&mut tx, &picture.hash, kind, &upload.bytes).await?;
        let draft = Draft { picture: Some(picture), ..old.draft.clone() };
        replace(&mut tx, &who, id, &old, &draft, false).await?;
        tx.commit().await?;
        Ok(to(question_path(old.chapter_id, id)).done("question-pictured"))
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

/// What the form of a question holds.
struct TypedQuestion {
    id: QuestionId,
    draft: Draft,
    /// Approved at once.
    approved: bool,
    keeps_picture: bool,
}

fn read_draft() -> Result<TypedQuestion, AppError> {
    let mut fields = Fields::typed();
    let id = QuestionId(fields.submission_key().0);
    let (approved, keeps_picture) = (fields.ticked("approved"), !fields.ticked("without-picture"));
    let draft = written::read(&mut fields);
    let (draft,) = fields.take((draft,))?;
    Ok(TypedQuestion { id, draft, approved, keeps_picture })
}

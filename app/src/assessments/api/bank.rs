//! What the forms of the question bank send to.

use leptos::prelude::*;

use super::bank_path;
use crate::assessments::store::{self, Replaced};
use crate::assessments::{Body, Choice, Credit, Draft, QuestionKind};
use crate::error::{AppError, Refusal};
use crate::form::{Fields, answer, to};
use crate::id::{ChapterId, QuestionId};
use crate::people::viewer;
use crate::state;

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
        match store::replace_question(&mut tx, &who, id, &old, &draft).await? {
            Replaced::Now => {}
            Replaced::Before => return Ok(page),
            Replaced::TooLate => {
                let words = "This question was changed or retired meanwhile. Look at the chapter's questions again.";
                return Err(Refusal::new(words).into());
            }
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
    let body = kind.and_then(|kind| read_body(&mut fields, kind));
    let (text, explanation, source, body) = fields.take((text, explanation, source, body))?;
    let draft = Draft { name: String::new(), text, explanation, source, topic: String::new(), picture: None, body };
    Ok((id, draft, approved))
}

fn read_body(fields: &mut Fields, kind: QuestionKind) -> Option<Body> {
    let right: Vec<String> = fields.all("right").map(str::to_owned).collect();
    let wrong = if kind.takes_many() { Credit::LOST } else { Credit::NONE };
    let (mut choices, mut whole) = (Vec::new(), true);
    for number in 1..=6 {
        let text = fields.optional_text(&format!("choice-{number}"), 300);
        let explanation = fields.optional_text(&format!("why-{number}"), 500);
        let (Some(text), Some(explanation)) = (text, explanation) else {
            whole = false;
            continue;
        };
        let correct = right.contains(&number.to_string());
        if !text.is_empty() {
            choices.push(Choice { text, credit: if correct { Credit::WHOLE } else { wrong }, explanation });
        } else if correct || !explanation.is_empty() {
            fields.wrong(&format!("choice-{number}"), format!("Write the text of choice {number}."));
            whole = false;
        }
    }
    let body = match kind {
        QuestionKind::Multiple => Body::Multiple(choices),
        QuestionKind::TrueFalse => {
            let mut why = choices.iter().map(|choice| choice.explanation.clone());
            let is_true = right.iter().any(|number| number == "1");
            if right.is_empty() {
                fields.wrong("right", "Say whether the statement is true or false.");
                return None;
            }
            Body::TrueFalse { is_true, when_true: why.next().unwrap_or_default(), when_false: why.next().unwrap_or_default() }
        }
        _ => Body::Single(choices),
    };
    if whole && let Some(objection) = body.objection() {
        fields.wrong("right", objection.message);
        return None;
    }
    whole.then_some(body)
}

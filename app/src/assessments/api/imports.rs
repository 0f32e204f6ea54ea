//! What the forms of files of questions send to. The file itself comes by a route of its own ([`take_questions`]).

use std::collections::BTreeMap;
use std::sync::Arc;

use leptos::prelude::*;

use crate::assessments::formats::{self, Unreadable};
use crate::assessments::store::{self, Asked, FileState, Placing};
use crate::error::{AppError, FieldError, Refusal};
use crate::form::{Fields, Upload, answer, to};
use crate::id::{ChapterId, OutlineId, QuestionImportId};
use crate::imports::progress::{self, Progress, told};
use crate::people::{Coordinator, viewer};
use crate::state::State;
use crate::{state, study};

/// The name of the form that sends a file of questions.
pub const QUESTIONS_FORM: &str = "questions-file";

fn page(id: QuestionImportId) -> String {
    format!("/coordinator/questions/import/{id}")
}

/// Reads a file of questions that a coordinator sent, and keeps what can be taken of it.
pub async fn take_questions(upload: Upload) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut fields = Fields::typed();
        let outline = fields.one::<OutlineId>("outline", "Choose the outline whose chapters the questions are for.");
        let chapter = fields.optional::<ChapterId>("chapter");
        let (outline, chapter) = fields.take((outline, chapter))?;
        let name: String = upload.file_name.chars().filter(|sign| !sign.is_control()).take(200).collect();
        let wrong = |why: Unreadable| AppError::Invalid(vec![FieldError { field: "file".into(), message: why.to_string() }]);
        let read = tokio::task::spawn_blocking(move || formats::read(&upload.bytes));
        let read = read.await.map_err(|_| AppError::Internal)?.map_err(wrong)?;
        let mut tx = state().write(&who).await?;
        let chapters = study::store::list_chapters(&mut tx, outline).await?;
        if chapters.is_empty() {
            return Err(AppError::NotFound);
        }
        let chapter = chapter.filter(|id| chapters.iter().any(|chapter| chapter.id == *id));
        let id = store::insert_file(&mut tx, &who, outline, chapter, &name, read).await?;
        tx.commit().await?;
        Ok(to(page(id)))
    })
    .await
}

/// Sets bringing a file in going. It works beside the pages, and its own page says how far it is.
#[server(endpoint = "import-questions")]
pub async fn import_questions(questions: QuestionImportId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let program = state();
        let mut tx = program.write(&who).await?;
        let file = store::find_file(&mut tx, &who, questions).await?.ok_or(AppError::NotFound)?;
        // Pressed twice: the first press did it, or is doing it.
        if file.state != FileState::Read || progress::of(questions.0).is_some() {
            return Ok(to(page(questions)));
        }
        let (asked, refused) = store::read_file(&mut tx, &who, questions).await?;
        let chapters = study::store::list_chapters(&mut tx, file.outline_id).await?;
        let chapters: Vec<ChapterId> = chapters.into_iter().map(|chapter| chapter.id).collect();
        let placing = placing(&asked, &chapters, !refused.is_empty())?;
        let known = store::list_known(&mut tx, &who, file.outline_id).await?;
        if store::place(asked, &placing, known).is_empty() {
            return Err(
                Refusal::new("Every question of this file is in its chapter already, so there is nothing to import.").into()
            );
        }
        store::prepare_file(&mut tx, &who, questions).await?;
        tx.commit().await?;
        progress::begin(questions.0, move |progress| bring_in(program, who, questions, placing, progress));
        Ok(to(page(questions)))
    })
    .await
}

/// Where the form says that the questions go.
fn placing(asked: &[Asked], chapters: &[ChapterId], has_refused: bool) -> Result<Placing, AppError> {
    let mut fields = Fields::typed();
    let known = |fields: &mut Fields, name: &str| -> Option<Option<ChapterId>> {
        let chosen = fields.optional::<ChapterId>(name)?;
        if chosen.is_some_and(|id| !chapters.contains(&id)) {
            fields.wrong(name, "Choose a chapter from the list.");
            return None;
        }
        Some(chosen)
    };
    let mut placed = BTreeMap::new();
    for (place, category) in categories(asked).into_iter().enumerate() {
        if let Some(Some(chapter)) = known(&mut fields, &format!("into[{place}]")) {
            placed.insert(category.to_owned(), chapter);
        }
    }
    let all = known(&mut fields, "all");
    if all == Some(None) && placed.is_empty() {
        fields.wrong("all", "Choose the chapter that the questions go to.");
    }
    if has_refused && !fields.ticked("leave-out") {
        fields.wrong("leave-out", "Some parts cannot be taken. Mend the file, or tick that they are left out.");
    }
    let (all,) = fields.take((all,))?;
    Ok(all.map_or(Placing::ByCategory(placed), Placing::All))
}

/// The categories of a file, in its order.
pub fn categories(asked: &[Asked]) -> Vec<&str> {
    let mut found: Vec<&str> = Vec::new();
    for one in asked {
        if found.last() != Some(&one.category.as_str()) && !found.contains(&one.category.as_str()) {
            found.push(&one.category);
        }
    }
    found
}

async fn bring_in(program: State, who: Coordinator, id: QuestionImportId, placing: Placing, progress: Arc<Progress>) {
    let work = async {
        let mut tx = program.write(&who).await?;
        if store::bring_file_in(&mut tx, &who, id, &placing, &progress).await? {
            tx.commit().await?;
        }
        Ok::<_, AppError>(())
    };
    let Err(error) = work.await else { return };
    tracing::warn!(%error, import = %id, "a file of questions came to nothing");
    let noted = async {
        let mut tx = program.write(&who).await?;
        store::note_file_problem(&mut tx, &who, id, &told(&error)).await?;
        Ok::<_, AppError>(tx.commit().await?)
    };
    if let Err(error) = noted.await {
        tracing::error!(%error, import = %id, "why a file of questions came to nothing could not be noted");
    }
}

/// Gives up a file that was read.
#[server(endpoint = "discard-questions")]
pub async fn discard_questions(questions: QuestionImportId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        if progress::of(questions.0).is_some() {
            return Err(Refusal::new("This file is being imported just now.").into());
        }
        let mut tx = state().write(&who).await?;
        store::find_file(&mut tx, &who, questions).await?.ok_or(AppError::NotFound)?;
        store::discard_file(&mut tx, &who, questions).await?;
        tx.commit().await?;
        Ok(to("/coordinator/questions/import"))
    })
    .await
}

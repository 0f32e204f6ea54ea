//! What the forms of a chapter send to.

use chrono::NaiveDate;
use leptos::prelude::*;

use super::{Desk, MINUTES, NewEntry, REFLECTION, WORD, allow_writing, chapter_path, day_objection, store};
use crate::clock;
use crate::enrollments::{self, carry, ready};
use crate::error::AppError;
use crate::form::{self, Fields, answer, to};
use crate::id::{ChapterId, EnrollmentId};
use crate::people::viewer;
use crate::state::state;

/// The mentee logs a chapter, or corrects an entry by one that takes its place.
///
/// It is what is done most often here, on the slowest lines: few questions, one commit.
#[server(endpoint = "log-chapter")]
pub async fn log_chapter(enrollment: EnrollmentId, chapter: ChapterId) -> Result<(), AppError> {
    answer(async {
        let viewer = viewer().await?;
        let mut tx = state().write(&viewer).await?;
        let own = viewer.own(&mut tx, enrollment).await?;
        enrollments::store::hold(&mut tx, enrollment).await?;
        let desk = store::find_desk(&mut tx, own, chapter).await?;
        allow_writing(desk.state)?;
        let entry = read_entry(&desk, chapter, clock::today(tx.now()))?;
        if store::insert_entry(&mut tx, own, &entry).await? {
            if desk.earlier {
                carry::over(&mut tx, enrollment).await?;
            }
            // Discussed before it was logged: this may have been the last thing missing.
            if desk.discussed {
                ready::tell(&mut tx, &state(), enrollment).await?;
            }
        }
        form::forget_draft(&mut tx, own.account()).await?;
        tx.commit().await?;
        let word = if entry.replaces.is_some() { "entry-corrected" } else { "chapter-logged" };
        Ok(to(chapter_path(enrollment, chapter)).done(word).draft_forgotten())
    })
    .await
}

fn read_entry(desk: &Desk, chapter: ChapterId, today: NaiveDate) -> Result<NewEntry, AppError> {
    let mut fields = Fields::typed();
    let minutes = fields.whole("minutes", MINUTES);
    let day = fields.date("studied_on");
    if let Some(objection) = day.and_then(|day| day_objection(day, clock::today(desk.started_at), today)) {
        fields.wrong("studied_on", objection);
    }
    let reflection = fields.optional_text("reflection", REFLECTION);
    let replaces = fields.optional("replaces");
    let (key, shared) = (fields.submission_key(), fields.ticked("shared"));
    let (minutes, studied_on, reflection, replaces) = fields.take((minutes, day, reflection, replaces))?;
    // Without words or without a mentor there is nothing to share.
    let shared = shared && !reflection.is_empty() && desk.mentor_id.is_some();
    Ok(NewEntry { key, chapter, studied_on, minutes, reflection, shared, replaces })
}

/// The mentor signs a chapter off as discussed.
#[server(endpoint = "sign-off-chapter")]
pub async fn sign_off_chapter(enrollment: EnrollmentId, chapter: ChapterId) -> Result<(), AppError> {
    answer(async {
        let viewer = viewer().await?;
        let mut tx = state().write(&viewer).await?;
        let who = viewer.pair(&mut tx, enrollment).await?;
        who.mentor()?;
        enrollments::store::hold(&mut tx, enrollment).await?;
        let pair = store::find_pair(&mut tx, who).await?;
        let chapter = store::find_chapter_to_write(&mut tx, &pair, chapter).await?;
        pair.allow_writing()?;
        let mut fields = Fields::typed();
        let word = fields.optional_text("word", WORD);
        let (word,) = fields.take((word,))?;
        store::sign_off(&mut tx, &state(), who, &pair, &chapter, &word).await?;
        carry::over(&mut tx, enrollment).await?;
        ready::tell(&mut tx, &state(), enrollment).await?;
        tx.commit().await?;
        Ok(to(chapter_path(enrollment, chapter.id)).done("chapter-signed-off"))
    })
    .await
}

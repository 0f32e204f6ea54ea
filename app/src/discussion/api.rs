//! What the forms of threads and talks send to.

use chrono::NaiveDate;
use leptos::prelude::*;

use super::{FOLLOW_UPS, MESSAGE, NOTES, NewMessage, NewTalk, Thread, pick, store, talk_path};
use crate::clock;
use crate::enrollments::{self, ready};
use crate::error::AppError;
use crate::form::{Fields, answer, to};
use crate::id::{ChapterId, EnrollmentId};
use crate::people::viewer;
use crate::state::state;
use crate::study::{self, ChapterProgress, MINUTES, Pair, day_objection};

/// Writes a message in the thread of a chapter, or, with an empty `chapter`, in the one about the rest.
#[server(endpoint = "write-message")]
pub async fn write_message(enrollment: EnrollmentId) -> Result<(), AppError> {
    answer(async {
        let viewer = viewer().await?;
        let mut tx = state().write(&viewer).await?;
        let who = viewer.pair(&mut tx, enrollment).await?;
        let pair = study::store::find_pair(&mut tx, who).await?;
        let mut fields = Fields::typed();
        let thread = match fields.raw("chapter") {
            chapter if chapter.is_empty() => Thread::Rest,
            chapter => {
                let chapter = chapter.parse().map_err(|_| AppError::NotFound)?;
                Thread::Chapter(study::store::find_chapter(&mut tx, &pair, chapter).await?.id)
            }
        };
        pair.allow_talking()?;
        let (key, for_talk) = (fields.submission_key(), fields.ticked("for_talk"));
        let body = fields.text("body", MESSAGE, "Write your message first.");
        let (body,) = fields.take((body,))?;
        if store::insert_message(&mut tx, &state(), who, &NewMessage { key, thread, body, for_talk }).await? {
            tx.commit().await?;
        }
        Ok(to(thread.path(enrollment)).done("message-sent"))
    })
    .await
}

/// Logs a talk; the mentor signs chapters off with it.
#[server(endpoint = "log-talk")]
pub async fn log_talk(enrollment: EnrollmentId) -> Result<(), AppError> {
    answer(async {
        let viewer = viewer().await?;
        let mut tx = state().write(&viewer).await?;
        let who = viewer.pair(&mut tx, enrollment).await?;
        enrollments::store::hold(&mut tx, enrollment).await?;
        let pair = study::store::find_pair(&mut tx, who).await?;
        let progress = study::store::list_progress(&mut tx, enrollment).await?;
        pair.allow_talking()?;
        let (talk, signed_off) = read_talk(&pair, &progress, clock::today(tx.now()))?;
        if !signed_off.is_empty() {
            who.mentor()?;
        }
        if store::insert_talk(&mut tx, &state(), who, &talk).await? {
            for chapter in pick(&progress, &signed_off).ok_or(AppError::NotFound)? {
                study::store::sign_off(&mut tx, &state(), who, &pair, &chapter.chapter, "").await?;
            }
            if !signed_off.is_empty() {
                ready::tell(&mut tx, &state(), enrollment).await?;
            }
            tx.commit().await?;
        }
        Ok(to(talk_path(enrollment)).done("talk-logged"))
    })
    .await
}

fn read_talk(pair: &Pair, progress: &[ChapterProgress], today: NaiveDate) -> Result<(NewTalk, Vec<ChapterId>), AppError> {
    let mut fields = Fields::typed();
    let day = fields.date("held_on");
    let began_on = pair.matched_at.map_or(pair.began_on(), clock::today);
    if let Some(objection) = day.and_then(|day| day_objection(day, began_on, today)) {
        fields.wrong("held_on", objection);
    }
    let minutes = fields.whole("minutes", MINUTES);
    let way = fields.one("way", "Choose how you talked.");
    let (near, others) = (fields.several("chapters", ""), fields.several("others", ""));
    let signed_off = fields.several("sign_off", "");
    let (notes, follow_ups) = (fields.optional_text("notes", NOTES), fields.optional_text("follow_ups", FOLLOW_UPS));
    let key = fields.submission_key();
    let (held_on, minutes, way, near, others, signed_off, notes, follow_ups) =
        fields.take((day, minutes, way, near, others, signed_off, notes, follow_ups))?;
    // What is signed off was talked about.
    let named: Vec<ChapterId> = [near, others, signed_off.clone()].concat();
    let chapters = pick(progress, &named).ok_or(AppError::NotFound)?.into_iter().map(|one| one.chapter.id).collect();
    Ok((NewTalk { key, held_on, minutes, way, notes, follow_ups, chapters }, signed_off))
}

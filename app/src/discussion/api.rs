//! What the forms of threads and talks send to.

use chrono::NaiveDate;
use leptos::prelude::*;

use super::{
    FOLLOW_UPS, FollowUpItem, MESSAGE, Message, NOTES, NewCorrection, NewMessage, NewTalk, OBJECTION, Thread, pick, store,
    talk_path,
};
use crate::clock;
use crate::db::WriteTx;
use crate::enrollments::{self, ready};
use crate::error::{AppError, Refusal};
use crate::form::{Fields, To, answer, to};
use crate::id::{ChapterId, EnrollmentId, MessageId, TalkId};
use crate::people::{PairMember, Viewer, Way, viewer};
use crate::settings;
use crate::state::state;
use crate::study::{self, ChapterProgress, MINUTES, Pair, WORD, day_objection};

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

/// A message of the pair, to be changed.
async fn held_message(
    tx: &mut WriteTx,
    viewer: &Viewer,
    enrollment: EnrollmentId,
    message: MessageId,
) -> Result<(PairMember, Message), AppError> {
    let who = viewer.pair(tx, enrollment).await?;
    let pair = study::store::find_pair(tx, who).await?;
    pair.allow_writing()?;
    Ok((who, store::find_message(tx, who, &pair, message).await?))
}

/// Back to the thread a message stands in.
fn to_thread(message: &Message, enrollment: EnrollmentId, word: &'static str) -> To {
    to(Thread::of(message.chapter_id).path(enrollment)).done(word)
}

/// The author puts the words of a message right, within the minutes of the settings.
#[server(endpoint = "correct-message")]
pub async fn correct_message(enrollment: EnrollmentId, message: MessageId) -> Result<(), AppError> {
    answer(async {
        let viewer = viewer().await?;
        let mut tx = state().write(&viewer).await?;
        let (who, message) = held_message(&mut tx, &viewer, enrollment, message).await?;
        let mut fields = Fields::typed();
        let body = fields.text("body", MESSAGE, "Write what it should say, or take the message back.");
        let (body,) = fields.take((body,))?;
        let minutes = settings::store::current(&mut tx).await?.correct_minutes;
        store::correct_message(&mut tx, who, &message, &body, minutes).await?;
        tx.commit().await?;
        Ok(to_thread(&message, enrollment, "message-corrected"))
    })
    .await
}

/// The author takes a message back, within the minutes of the settings.
#[server(endpoint = "take-message-back")]
pub async fn take_message_back(enrollment: EnrollmentId, message: MessageId) -> Result<(), AppError> {
    answer(async {
        let viewer = viewer().await?;
        let mut tx = state().write(&viewer).await?;
        let (who, message) = held_message(&mut tx, &viewer, enrollment, message).await?;
        let minutes = settings::store::current(&mut tx).await?.correct_minutes;
        store::take_message_back(&mut tx, who, &message, minutes).await?;
        tx.commit().await?;
        Ok(to_thread(&message, enrollment, "message-taken-back"))
    })
    .await
}

/// Either puts a message on the agenda of the next talk, or takes it off.
#[server(endpoint = "flag-message")]
pub async fn flag_message(enrollment: EnrollmentId, message: MessageId) -> Result<(), AppError> {
    answer(async {
        let viewer = viewer().await?;
        let mut tx = state().write(&viewer).await?;
        let (who, message) = held_message(&mut tx, &viewer, enrollment, message).await?;
        let on = Fields::typed().ticked("on");
        store::flag_message(&mut tx, who, &message, on).await?;
        tx.commit().await?;
        Ok(to_thread(&message, enrollment, if on { "message-flagged" } else { "message-unflagged" }))
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
        let typed = read_talk(&pair, &progress, clock::today(tx.now()))?;
        if !typed.signed_off.is_empty() {
            who.mentor()?;
        }
        if store::insert_talk(&mut tx, &state(), who, &typed.talk).await? {
            for item in typed.done {
                store::finish_follow_up(&mut tx, who, &pair, item).await?;
            }
            sign_off(&mut tx, who, &pair, &progress, &typed.signed_off).await?;
            tx.commit().await?;
        }
        Ok(to(talk_path(enrollment)).done("talk-logged"))
    })
    .await
}

/// What was typed of a talk.
struct TypedTalk {
    talk: NewTalk,
    /// Follow-ups of earlier talks that are done by now.
    done: Vec<FollowUpItem>,
    signed_off: Vec<(ChapterId, String)>,
}

fn read_talk(pair: &Pair, progress: &[ChapterProgress], today: NaiveDate) -> Result<TypedTalk, AppError> {
    let mut fields = Fields::typed();
    let (day, minutes, way) = read_facts(&mut fields, pair, today);
    let (near, others) = (fields.several("chapters", ""), fields.several("others", ""));
    let done = fields.several("done", "");
    let signed_off = read_signed_off(&mut fields, "");
    let (notes, follow_ups) = (fields.optional_text("notes", NOTES), fields.optional_text("follow_ups", FOLLOW_UPS));
    let key = fields.submission_key();
    let (held_on, minutes, way, near, others, done, signed_off, notes, follow_ups) =
        fields.take((day, minutes, way, near, others, done, signed_off, notes, follow_ups))?;
    // What is signed off was talked about.
    let named: Vec<ChapterId> = [near, others, signed_off.iter().map(|(chapter, _)| *chapter).collect()].concat();
    let chapters = pick(progress, &named).ok_or_else(moved)?.into_iter().map(|one| one.chapter.id).collect();
    Ok(TypedTalk { talk: NewTalk { key, held_on, minutes, way, notes, follow_ups, chapters }, done, signed_off })
}

/// A page that was open while the enrolment moved names chapters that are not its own any more.
fn moved() -> AppError {
    Refusal::new(
        "The enrollment has another outline since this page was loaded. What you typed is kept: choose the chapters again.",
    )
    .into()
}

/// When, how long and how they talked.
fn read_facts(fields: &mut Fields, pair: &Pair, today: NaiveDate) -> (Option<NaiveDate>, Option<i32>, Option<Way>) {
    let day = fields.date("held_on");
    let began_on = pair.matched_at.map_or(pair.began_on(), clock::today);
    if let Some(objection) = day.and_then(|day| day_objection(day, began_on, today)) {
        fields.wrong("held_on", objection);
    }
    (day, fields.whole("minutes", MINUTES), fields.one("way", "Choose how you talked."))
}

/// The chapters ticked to be signed off, each with its own word or else the one for all.
fn read_signed_off(fields: &mut Fields, missing: &str) -> Option<Vec<(ChapterId, String)>> {
    let chapters: Vec<ChapterId> = fields.several("sign_off", missing)?;
    let for_all = fields.optional_text("word", WORD);
    let words: Vec<Option<(ChapterId, String)>> = chapters
        .into_iter()
        .map(|chapter| fields.optional_text(&format!("word[{chapter}]"), WORD).map(|word| (chapter, word)))
        .collect();
    let for_all = for_all?;
    let own = |(chapter, word): (ChapterId, String)| (chapter, if word.is_empty() { for_all.clone() } else { word });
    words.into_iter().map(|one| one.map(own)).collect()
}

/// Signs several chapters off, and tells the coordinators if nothing is missing any more.
async fn sign_off(
    tx: &mut WriteTx,
    who: PairMember,
    pair: &Pair,
    progress: &[ChapterProgress],
    signed_off: &[(ChapterId, String)],
) -> Result<(), AppError> {
    if signed_off.is_empty() {
        return Ok(());
    }
    let ids: Vec<ChapterId> = signed_off.iter().map(|(chapter, _)| *chapter).collect();
    for one in pick(progress, &ids).ok_or_else(moved)? {
        let word = signed_off.iter().find(|(chapter, _)| *chapter == one.chapter.id).map_or("", |(_, word)| word.as_str());
        study::store::sign_off(tx, &state(), who, pair, &one.chapter, word).await?;
    }
    ready::tell(tx, &state(), pair.id).await
}

/// The mentor signs several chapters off at once, without a talk.
#[server(endpoint = "sign-off-chapters")]
pub async fn sign_off_chapters(enrollment: EnrollmentId) -> Result<(), AppError> {
    answer(async {
        let viewer = viewer().await?;
        let mut tx = state().write(&viewer).await?;
        let who = viewer.pair(&mut tx, enrollment).await?;
        who.mentor()?;
        enrollments::store::hold(&mut tx, enrollment).await?;
        let pair = study::store::find_pair(&mut tx, who).await?;
        let progress = study::store::list_progress(&mut tx, enrollment).await?;
        pair.allow_writing()?;
        let mut fields = Fields::typed();
        let signed_off = read_signed_off(&mut fields, "Tick the chapters that you sign off.");
        let (signed_off,) = fields.take((signed_off,))?;
        sign_off(&mut tx, who, &pair, &progress, &signed_off).await?;
        tx.commit().await?;
        Ok(to(talk_path(enrollment)).done("chapters-signed-off"))
    })
    .await
}

/// Says that talks were as the other logged them.
#[server(endpoint = "confirm-talk")]
pub async fn confirm_talk(enrollment: EnrollmentId) -> Result<(), AppError> {
    answer(async {
        let viewer = viewer().await?;
        let mut tx = state().write(&viewer).await?;
        let who = viewer.pair(&mut tx, enrollment).await?;
        // A correction of the other comes before or after this, and never in between.
        enrollments::store::hold(&mut tx, enrollment).await?;
        let pair = study::store::find_pair(&mut tx, who).await?;
        let mut fields = Fields::typed();
        let said = fields.raw("said");
        let talks = fields.several::<TalkId>("talk", "Choose the talk.");
        let (talks,) = fields.take((talks,))?;
        for talk in talks {
            store::confirm_talk(&mut tx, who, &pair, talk, (!said.is_empty()).then_some(said.as_str())).await?;
        }
        tx.commit().await?;
        Ok(to(talk_path(enrollment)).done("talk-confirmed"))
    })
    .await
}

/// Says how a talk was instead: what is said counts, and waits for the other's yes.
#[server(endpoint = "correct-talk")]
pub async fn correct_talk(enrollment: EnrollmentId, talk: TalkId) -> Result<(), AppError> {
    answer(async {
        let viewer = viewer().await?;
        let mut tx = state().write(&viewer).await?;
        let who = viewer.pair(&mut tx, enrollment).await?;
        enrollments::store::hold(&mut tx, enrollment).await?;
        let pair = study::store::find_pair(&mut tx, who).await?;
        let mut fields = Fields::typed();
        let (day, minutes, way) = read_facts(&mut fields, &pair, clock::today(tx.now()));
        let word = fields.text("word", OBJECTION, "Say in a word what was different, such as “it was 40 minutes”.");
        let key = fields.submission_key();
        let (held_on, minutes, way, word) = fields.take((day, minutes, way, word))?;
        let correction = NewCorrection { key, held_on, minutes, way, word };
        if store::correct_talk(&mut tx, &state(), who, &pair, talk, &correction).await? {
            tx.commit().await?;
        }
        Ok(to(talk_path(enrollment)).done("talk-corrected"))
    })
    .await
}

/// Either says that a follow-up is done.
#[server(endpoint = "finish-follow-up")]
pub async fn finish_follow_up(enrollment: EnrollmentId, item: String) -> Result<(), AppError> {
    answer(async {
        let viewer = viewer().await?;
        let mut tx = state().write(&viewer).await?;
        let who = viewer.pair(&mut tx, enrollment).await?;
        let pair = study::store::find_pair(&mut tx, who).await?;
        let item = item.parse().map_err(|_| AppError::NotFound)?;
        store::finish_follow_up(&mut tx, who, &pair, item).await?;
        tx.commit().await?;
        Ok(to(talk_path(enrollment)).done("follow-up-done"))
    })
    .await
}

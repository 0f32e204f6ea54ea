//! What the forms of practice send to.

use chrono::{DateTime, Duration, Utc};
use leptos::prelude::*;

use super::store::Beginning;
use super::{MINUTES, Practice, QUESTIONS, store};
use crate::assessments::attempt::{Objection, Order, Sent, changes, draw};
use crate::assessments::rules::Rules;
use crate::assessments::{Answer, Item};
use crate::db::WriteTx;
use crate::enrollments::{self, OptionNumber};
use crate::error::{AppError, Refusal};
use crate::form::{Fields, Typed, answer, to};
use crate::id::{EnrollmentId, OutlineId, PracticeId};
use crate::people::{OwnEnrollment, Viewer, viewer};
use crate::{random_bytes, settings, state};

/// Where a practice stands.
pub fn practice_path(id: PracticeId) -> String {
    format!("/mentee/practice/{id}")
}

#[server(endpoint = "start-practice")]
pub async fn start_practice(enrollment: EnrollmentId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?;
        let mut tx = state().write(&who).await?;
        let own = who.own(&mut tx, enrollment).await?;
        let story = enrollments::store::find(&mut tx, enrollment).await?.ok_or(AppError::NotFound)?;
        if story.option_number != OptionNumber::Three {
            return Err(AppError::NotFound);
        }
        if !story.state.is_live() {
            return Err(Refusal::new("This enrollment has ended, and its practice with it.").into());
        }
        let mut fields = Fields::typed();
        let questions = fields.whole("questions", QUESTIONS);
        let minutes = fields.whole("minutes", MINUTES);
        let outline = fields.optional::<OutlineId>("outline");
        let (questions, minutes, outline) = fields.take((questions, minutes, outline))?;
        let settings = settings::store::current(&mut tx).await?;
        let rules = Rules { questions, ..Rules::usual(OptionNumber::Three, &settings) };
        let seed: [u8; 32] = random_bytes()?;
        let drawn = draw(&store::list_practicable(&mut tx, enrollment, outline).await?, &rules, &seed);
        if drawn.is_empty() {
            return Err(
                Refusal::new("There are no approved questions to practice with yet. The coordinator approves them.").into()
            );
        }
        let ends_at = tx.now() + Duration::minutes(i64::from(minutes));
        let new = Beginning { questions: &drawn, ends_at, seed: &seed };
        let id = store::start(&mut tx, &own, &new).await?.ok_or(AppError::Busy)?;
        tx.commit().await?;
        Ok(to(practice_path(id)))
    })
    .await
}

/// Another's practice is not found.
async fn load(tx: &mut WriteTx, who: &Viewer, id: PracticeId) -> Result<(Practice, OwnEnrollment), AppError> {
    let practice = store::find(tx, id).await?.ok_or(AppError::NotFound)?;
    let own = who.own(tx, practice.enrollment_id).await?;
    Ok((practice, own))
}

async fn keep_sent(
    tx: &mut WriteTx,
    practice: &Practice,
    own: &OwnEnrollment,
    fields: &[(String, String)],
) -> Result<Vec<Objection>, AppError> {
    practice.allow_answering(tx.now())?;
    let items: Vec<Item> = store::list_items(tx, practice.id).await?.into_iter().map(|(_, item)| item).collect();
    let orders: Vec<Order> = items.iter().map(|item| Order::of(&practice.seed, item, true)).collect();
    let sent = Sent::of(fields);
    let (changes, objections) = changes(&items, &orders, &sent);
    let kept: Vec<(&Item, Answer)> = items.iter().zip(changes).filter_map(|(item, change)| Some((item, change?))).collect();
    if !kept.is_empty() && !store::keep(tx, own, practice.id, &kept, sent.page).await? {
        return Err(Refusal::new("This practice is over. Load the page to see the result.").into());
    }
    Ok(objections)
}

/// Keeps answers while they are given; called by the island.
pub async fn keep(practice: &str, fields: &[(String, String)]) -> Result<(DateTime<Utc>, Vec<Objection>), AppError> {
    let id: PracticeId = practice.parse().map_err(|_| AppError::NotFound)?;
    let who = viewer().await?;
    let mut tx = state().write(&who).await?;
    let (practice, own) = load(&mut tx, &who, id).await?;
    let objections = keep_sent(&mut tx, &practice, &own, fields).await?;
    let at = tx.now();
    tx.commit().await?;
    Ok((at, objections))
}

/// Keeps what stands in the form, and ends the practice unless it is for later. What comes too late is not counted.
#[server(endpoint = "hand-in-practice")]
pub async fn hand_in_practice(practice: PracticeId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?;
        let mut tx = state().write(&who).await?;
        let (practice, own) = load(&mut tx, &who, practice).await?;
        let page = to(practice_path(practice.id));
        if practice.ended_at.is_some() {
            return Ok(page);
        }
        if practice.allow_answering(tx.now()).is_err() {
            store::end(&mut tx, &own, practice.id).await?;
            tx.commit().await?;
            return Ok(page.done("practice-late"));
        }
        let objections = keep_sent(&mut tx, &practice, &own, &use_context::<Typed>().unwrap_or_default().0).await?;
        if !objections.is_empty() {
            tx.commit().await?;
            return Err(AppError::Invalid(objections.into_iter().map(|one| one.error).collect()));
        }
        if Fields::typed().ticked("later") {
            tx.commit().await?;
            return Ok(page.done("answers-saved"));
        }
        store::end(&mut tx, &own, practice.id).await?;
        tx.commit().await?;
        Ok(page)
    })
    .await
}

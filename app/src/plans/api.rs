//! What the plan's form sends to.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use leptos::prelude::*;

use super::Rhythm;
use super::store::{self, NewPlan, Plan, Target};
use crate::clock;
use crate::enrollments::{self, Story};
use crate::error::{AppError, Refusal};
use crate::form::{Fields, answer, to};
use crate::id::{ChapterId, EnrollmentId};
use crate::people::{PairMember, Way, viewer};
use crate::state::state;

/// Saves the plan. The first plan, and a change of what the letter says, make the letter of agreement anew while it is
/// not signed by both.
#[server(endpoint = "save-plan")]
pub async fn save_plan(enrollment: EnrollmentId) -> Result<(), AppError> {
    answer(async {
        let mut read = state().db.read().await?;
        let who = viewer().await?.pair(&mut read, enrollment).await?;
        let chapters = store::list_targets(&mut read, enrollment).await?;
        drop(read);
        let mut fields = Fields::typed();
        let new = typed_plan(&mut fields, &chapters, state().clock.now());
        let seen = fields.raw("seen");
        let (new,) = fields.take((new,))?;
        let mut tx = state().write(&who).await?;
        let story = enrollments::store::find(&mut tx, enrollment).await?.ok_or(AppError::NotFound)?;
        let before = store::find(&mut tx, enrollment).await?;
        may_write(who, &story, before.as_ref(), &seen)?;
        store::save(&mut tx, who, &new).await?;
        if asks_for_letter(&story, before.as_ref(), &new) {
            crate::agreements::store::make_letter(&mut tx, enrollment).await?;
        }
        tx.commit().await?;
        Ok(to(format!("/enrollments/{enrollment}/plan")).done("plan-saved"))
    })
    .await
}

/// A plan of a study that has ended stays; a change that the other made meanwhile is not written over unseen.
fn may_write(who: PairMember, story: &Story, before: Option<&Plan>, seen: &str) -> Result<(), Refusal> {
    if !story.state.is_live() {
        return Err(Refusal::new("This study has ended, so its plan stays as it is."));
    }
    match before {
        Some(plan) if plan.updated_by != who.account() && version(Some(plan)) != seen => Err(Refusal::new(
            "The other of you changed the plan while you wrote. What you typed is still here: talk it over, or save again to keep yours.",
        )),
        _ => Ok(()),
    }
}

/// Marks the plan that a form was made from.
pub(super) fn version(plan: Option<&Plan>) -> String {
    plan.map(|plan| plan.updated_at.timestamp_micros().to_string()).unwrap_or_default()
}

/// Whether the letter of agreement has to be made, or made anew, after this change.
pub fn asks_for_letter(story: &Story, before: Option<&Plan>, new: &NewPlan) -> bool {
    let changed = before.is_none_or(|plan| plan.rhythm != new.rhythm || plan.way != new.way);
    let signed = story.mentee_signed_at.is_some() && story.mentor_signed_at.is_some();
    changed && !signed
}

/// What was typed, as a plan. Public so that the rules of the form are tested without a browser.
pub fn typed_plan(fields: &mut Fields, chapters: &[Target], now: DateTime<Utc>) -> Option<NewPlan> {
    let rhythm = fields.one::<Rhythm>("rhythm", "Choose how often you talk.");
    let way = fields.one::<Way>("way", "Choose how you usually talk.");
    let note = fields.optional_text("note", 2000);
    let targets = typed_targets(fields, chapters, clock::today(now));
    Some(NewPlan { rhythm: rhythm?, way: way?, note: note?, targets: targets? })
}

/// The longest way ahead that a target date can lie.
const AHEAD: Duration = Duration::days(5 * 366);

fn typed_targets(fields: &mut Fields, chapters: &[Target], today: NaiveDate) -> Option<Vec<(ChapterId, Option<NaiveDate>)>> {
    let mut targets = Vec::new();
    let mut fine = true;
    for chapter in chapters {
        let name = field(chapter.chapter_id);
        if fields.all(&name).next().is_none() {
            continue;
        }
        match fields.optional_date(&name) {
            Some(Some(date)) if date > today + AHEAD => {
                fields.wrong(
                    &name,
                    format!("Chapter {}: this is more than five years away. Choose an earlier day.", chapter.number),
                );
                fine = false;
            }
            Some(date) => targets.push((chapter.chapter_id, date)),
            None => fine = false,
        }
    }
    fine.then_some(targets)
}

/// The name of a chapter's date field.
pub(super) fn field(chapter: ChapterId) -> String {
    format!("target[{chapter}]")
}

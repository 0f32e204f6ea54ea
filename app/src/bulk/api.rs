//! What the forms for many at once send to.

use chrono::{Months, NaiveDate};
use leptos::prelude::*;
use uuid::Uuid;

use super::store::{self, Bulk};
use super::{Act, MONTHS, MOST, why_not_accept, why_not_extend, why_not_remind};
use crate::applications;
use crate::clock::today;
use crate::db::WriteTx;
use crate::desk::acts;
use crate::enrollments::list::{self, Filter};
use crate::enrollments::{self, standing};
use crate::error::{AppError, Refusal};
use crate::form::{Fields, answer, to};
use crate::id::{BulkId, SubmissionKey};
use crate::people::{Coordinator, viewer};
use crate::settings::{self, Settings};
use crate::state;
use crate::undo::{self, Step};

/// Chooses from a list what is ticked, or all that it finds, and leads to the preview.
#[server(endpoint = "choose-many")]
pub async fn choose_many() -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut fields = Fields::typed();
        let act = fields.one::<Act>("act", "Choose what to do.");
        let chosen = fields.several::<Uuid>("chosen", "");
        let all = fields.ticked("all");
        if !all && chosen.as_ref().is_some_and(Vec::is_empty) {
            fields.wrong("all", "Choose at least one from the list.");
        }
        let filter = Filter::read(|name| Some(fields.raw(name)));
        let (act, chosen) = fields.take((act, chosen))?;
        if chosen.len() > usize::try_from(MOST).unwrap_or(usize::MAX) {
            return Err(Refusal::new(format!("Choose at most {MOST} at once.")).into());
        }
        let mut tx = state().write(&who).await?;
        let id = store::insert(&mut tx, &who, act).await?;
        match (all, act) {
            (false, _) => store::add(&mut tx, id, &chosen).await?,
            (true, Act::Accept) => store::add_applications(&mut tx, id).await.map(|_| ())?,
            (true, Act::Remind | Act::Extend | Act::Export) => {
                standing::catch_up_within(&mut tx).await?;
                list::choose(&mut tx, &who, &filter, id, MOST).await.map(|_| ())?;
            }
        }
        tx.commit().await?;
        Ok(to(format!("/coordinator/bulk/{id}")))
    })
    .await
}

/// Does what the preview showed, for all of them or for none.
#[server(endpoint = "do-many")]
pub async fn do_many(bulk: BulkId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut fields = Fields::typed();
        let months = fields.raw("months").parse::<u32>().ok().filter(|months| MONTHS.contains(months)).unwrap_or(3);
        let mut tx = state().write(&who).await?;
        let found = store::find(&mut tx, &who, bulk).await?.ok_or(AppError::NotFound)?;
        let reason = match found.act {
            Act::Extend => fields.text("reason", 500, "Say why, so that it can be learned from."),
            Act::Accept | Act::Remind | Act::Export => Some(String::new()),
        };
        let (reason,) = fields.take((reason,))?;
        let page = to(format!("/coordinator/bulk/{bulk}"));
        if !store::begin(&mut tx, &found).await? {
            return Ok(page);
        }
        let settings = settings::store::current(&mut tx).await?;
        let steps = match found.act {
            Act::Accept => accept(&mut tx, &who, &settings, &found).await?,
            Act::Remind => remind(&mut tx, &who, &settings, &found).await?,
            Act::Extend => extend(&mut tx, &who, &settings, &found, months, &reason).await?,
            Act::Export => Vec::new(),
        };
        if steps.is_empty() {
            return Err(Refusal::new("There is nobody left for whom this can be done.").into());
        }
        let undo = undo::store::keep(&mut tx, &who, &settings, &steps).await?;
        store::end(&mut tx, &found, steps.len(), Some(undo)).await?;
        tx.commit().await?;
        Ok(page)
    })
    .await
}

/// Says whose turn it was when a rule refused.
fn of(name: &str, error: AppError) -> AppError {
    match error {
        AppError::Refused(refusal) => Refusal::new(format!("{name}: {refusal} Nothing was done for the others.")).into(),
        error => error,
    }
}

async fn accept(tx: &mut WriteTx, who: &Coordinator, settings: &Settings, bulk: &Bulk) -> Result<Vec<Step>, AppError> {
    let mut steps = Vec::new();
    for one in store::list_applications(tx, who, bulk.id).await?.iter().filter(|one| why_not_accept(one).is_none()) {
        let found = applications::store::find(tx, who, one.id).await?.ok_or(AppError::NotFound)?;
        let study = found.study();
        let step = acts::accept(tx, &state(), who, settings, &found, study).await;
        steps.push(step.map_err(|error| of(&one.name, error))?);
    }
    Ok(steps)
}

async fn remind(tx: &mut WriteTx, who: &Coordinator, settings: &Settings, bulk: &Bulk) -> Result<Vec<Step>, AppError> {
    standing::catch_up_within(tx).await?;
    let mut steps = Vec::new();
    for one in store::list_enrollments(tx, who, bulk.id).await?.iter().filter(|one| why_not_remind(one).is_none()) {
        let (Some(owner), Some(story)) = (one.owner, enrollments::store::find(tx, one.id).await?) else { continue };
        let step = acts::remind(tx, &state(), who, settings, &story, owner, SubmissionKey::new()).await;
        steps.extend(step.map_err(|error| of(&one.mentee, error))?);
    }
    Ok(steps)
}

async fn extend(
    tx: &mut WriteTx,
    who: &Coordinator,
    settings: &Settings,
    bulk: &Bulk,
    months: u32,
    reason: &str,
) -> Result<Vec<Step>, AppError> {
    let day = today(tx.now());
    let mut steps = Vec::new();
    for one in store::list_enrollments(tx, who, bulk.id).await?.iter().filter(|one| why_not_extend(one).is_none()) {
        let Some(story) = enrollments::store::find(tx, one.id).await? else { continue };
        let step = acts::extend(tx, &state(), who, settings, &story, later(story.due_on, day, months), reason).await;
        steps.push(step.map_err(|error| of(&one.mentee, error))?);
    }
    Ok(steps)
}

/// So many months after the time limit, or after today where it has passed.
pub fn later(due_on: NaiveDate, today: NaiveDate, months: u32) -> NaiveDate {
    let from = due_on.max(today);
    from.checked_add_months(Months::new(months)).unwrap_or(from)
}

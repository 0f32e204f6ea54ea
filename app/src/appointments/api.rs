//! What the forms about the next talk send to, and those of the link for calendars.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use leptos::prelude::*;

use super::{LENGTH, NewProposal, PLACE, WORD, link, starts_at, store, time_objection, time_of_day, time_path};
use crate::enrollments;
use crate::error::AppError;
use crate::form::{Fields, answer, to};
use crate::id::{EnrollmentId, ProposalId};
use crate::people::{Way, viewer};
use crate::state::state;
use crate::study;

/// The fields of up to three times: the day and the time of day of each.
pub(super) const TIME_FIELDS: [(&str, &str); super::TIMES] = [("date-1", "time-1"), ("date-2", "time-2"), ("date-3", "time-3")];

/// Proposes up to three times in place of what was proposed before.
#[server(endpoint = "propose-times")]
pub async fn propose_times(enrollment: EnrollmentId) -> Result<(), AppError> {
    answer(async {
        let viewer = viewer().await?;
        let mut tx = state().write(&viewer).await?;
        let who = viewer.pair(&mut tx, enrollment).await?;
        enrollments::store::hold(&mut tx, enrollment).await?;
        let pair = study::store::find_pair(&mut tx, who).await?;
        pair.allow_talking()?;
        let zone = store::find_zone(&mut tx, viewer.id).await?;
        let mut fields = Fields::typed();
        let times = typed_times(&mut fields, zone, tx.now());
        let minutes = fields.whole("minutes", LENGTH);
        let way = fields.one::<Way>("way", "Choose how you talk.");
        let place = fields.optional_text("place", PLACE);
        let key = fields.submission_key();
        let (times, minutes, way, place) = fields.take((times, minutes, way, place))?;
        let place = place.split_whitespace().collect::<Vec<_>>().join(" ");
        if store::propose(&mut tx, &state(), who, &NewProposal { key, minutes, way, place, times }).await? {
            tx.commit().await?;
        }
        Ok(to(time_path(enrollment)).done("times-proposed"))
    })
    .await
}

/// The times that were typed, the earliest first. Public so that the rules of the form are tested without a browser.
pub fn typed_times(fields: &mut Fields, zone: Tz, now: DateTime<Utc>) -> Option<Vec<DateTime<Utc>>> {
    let mut times: Vec<DateTime<Utc>> = Vec::new();
    let mut fine = true;
    for (place, (day, time)) in TIME_FIELDS.into_iter().enumerate() {
        match typed_time(fields, (day, time), zone, now) {
            Some(Some(at)) if times.contains(&at) => {
                fields.wrong(day, "This time stands above already. Choose another, or leave it empty.");
                fine = false;
            }
            Some(Some(at)) => times.push(at),
            Some(None) if place == 0 => {
                fields.wrong(day, "Choose a day for the talk.");
                fine = false;
            }
            Some(None) => {}
            None => fine = false,
        }
    }
    times.sort_unstable();
    fine.then_some(times)
}

/// One time; `Some(None)` where both fields are empty.
fn typed_time(fields: &mut Fields, (day, time): (&str, &str), zone: Tz, now: DateTime<Utc>) -> Option<Option<DateTime<Utc>>> {
    let date = fields.optional_date(day)?;
    let typed = fields.raw(time);
    let (date, clock) = match (date, typed.as_str()) {
        (None, "") => return Some(None),
        (None, _) => {
            fields.wrong(day, "Choose the day of the talk too, or leave the time empty.");
            return None;
        }
        (Some(_), "") => {
            fields.wrong(time, "Choose the time of the talk too, such as 5:30 pm.");
            return None;
        }
        (Some(date), typed) => match time_of_day(typed) {
            Some(clock) => (date, clock),
            None => {
                fields.wrong(time, "Write the time as 5:30 pm or 17:30.");
                return None;
            }
        },
    };
    let at = match starts_at(zone, date, clock) {
        Ok(at) => at,
        Err(objection) => {
            fields.wrong(time, objection);
            return None;
        }
    };
    if let Some(objection) = time_objection(at, now) {
        fields.wrong(day, objection);
        return None;
    }
    Some(Some(at))
}

/// Takes one of the times that the other proposed.
#[server(endpoint = "accept-time")]
pub async fn accept_time(enrollment: EnrollmentId, times: ProposalId) -> Result<(), AppError> {
    answer(async {
        let viewer = viewer().await?;
        let mut tx = state().write(&viewer).await?;
        let who = viewer.pair(&mut tx, enrollment).await?;
        enrollments::store::hold(&mut tx, enrollment).await?;
        study::store::find_pair(&mut tx, who).await?.allow_talking()?;
        let mut fields = Fields::typed();
        let at = fields.one::<i64>("at", "Choose one of the times.");
        let (at,) = fields.take((at,))?;
        let at = DateTime::from_timestamp_micros(at).ok_or(AppError::NotFound)?;
        store::accept(&mut tx, &state(), who, times, at).await?;
        tx.commit().await?;
        Ok(to(time_path(enrollment)).done("time-agreed"))
    })
    .await
}

/// Says that none of the times will do.
#[server(endpoint = "decline-times")]
pub async fn decline_times(enrollment: EnrollmentId, times: ProposalId) -> Result<(), AppError> {
    answer(async {
        let viewer = viewer().await?;
        let mut tx = state().write(&viewer).await?;
        let who = viewer.pair(&mut tx, enrollment).await?;
        enrollments::store::hold(&mut tx, enrollment).await?;
        let mut fields = Fields::typed();
        let word = fields.optional_text("word", WORD);
        let (word,) = fields.take((word,))?;
        store::decline(&mut tx, &state(), who, times, &word).await?;
        tx.commit().await?;
        Ok(to(time_path(enrollment)).done("times-declined"))
    })
    .await
}

/// Takes one's own proposal back.
#[server(endpoint = "withdraw-times")]
pub async fn withdraw_times(enrollment: EnrollmentId, times: ProposalId) -> Result<(), AppError> {
    answer(async {
        let viewer = viewer().await?;
        let mut tx = state().write(&viewer).await?;
        let who = viewer.pair(&mut tx, enrollment).await?;
        enrollments::store::hold(&mut tx, enrollment).await?;
        store::withdraw(&mut tx, who, times).await?;
        tx.commit().await?;
        Ok(to(time_path(enrollment)).done("times-withdrawn"))
    })
    .await
}

/// Cancels the agreed talk.
#[server(endpoint = "cancel-talk")]
pub async fn cancel_talk(enrollment: EnrollmentId) -> Result<(), AppError> {
    answer(async {
        let viewer = viewer().await?;
        let mut tx = state().write(&viewer).await?;
        let who = viewer.pair(&mut tx, enrollment).await?;
        enrollments::store::hold(&mut tx, enrollment).await?;
        store::cancel(&mut tx, &state(), who).await?;
        tx.commit().await?;
        Ok(to(time_path(enrollment)).done("talk-cancelled"))
    })
    .await
}

/// Makes the link for calendars, in place of the one before.
#[server(endpoint = "make-calendar-link")]
pub async fn make_calendar_link() -> Result<(), AppError> {
    answer(async {
        let viewer = viewer().await?;
        let mut tx = state().write(&viewer).await?;
        link::make(&mut tx, &state().audit_key, &viewer).await?;
        tx.commit().await?;
        Ok(to("/account").done("calendar-link-made"))
    })
    .await
}

/// Takes the link for calendars away.
#[server(endpoint = "revoke-calendar-link")]
pub async fn revoke_calendar_link() -> Result<(), AppError> {
    answer(async {
        let viewer = viewer().await?;
        let mut tx = state().write(&viewer).await?;
        link::revoke(&mut tx, &viewer).await?;
        tx.commit().await?;
        Ok(to("/account").done("calendar-link-revoked"))
    })
    .await
}

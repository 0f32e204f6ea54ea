//! What the forms of life events send to.

use chrono::NaiveDate;
use leptos::prelude::*;

use super::store::{self, desk_path};
use super::{Afterwards, FARTHEST, REASON, break_objection, limit_objection};
use crate::applications::{self, Study};
use crate::clock::today;
use crate::counties::County;
use crate::db::WriteTx;
use crate::desk;
use crate::enrollments::{self, Action, EndKind, Story};
use crate::error::{AppError, FieldError};
use crate::form::{Fields, answer, to};
use crate::id::{AccountId, EnrollmentId, MatchId};
use crate::matching::{self, Profile};
use crate::people::{Coordinator, viewer};
use crate::settings;
use crate::state;
use crate::undo;

/// The story of an enrolment whose row is held, so that what is decided on it still holds when it is written.
async fn held(tx: &mut WriteTx, id: EnrollmentId) -> Result<Story, AppError> {
    enrollments::store::hold(tx, id).await?;
    enrollments::store::find(tx, id).await?.ok_or(AppError::NotFound)
}

/// A day by which an option should be finished, later than `before`.
pub(crate) fn limit(fields: &mut Fields, field: &str, before: NaiveDate) -> Option<NaiveDate> {
    let until = fields.date(field)?;
    if let Some(objection) = limit_objection(until, before, today(state().clock.now())) {
        fields.wrong(field, objection);
        return None;
    }
    Some(until)
}

/// The mentee takes a break, at once.
#[server(endpoint = "take-break")]
pub async fn take_break(enrollment: EnrollmentId) -> Result<(), AppError> {
    answer(async {
        let viewer = viewer().await?;
        let mut tx = state().write(&viewer).await?;
        let who = viewer.own(&mut tx, enrollment).await?;
        let mut fields = Fields::typed();
        let until = fields.date("until");
        if let Some(objection) = until.and_then(|until| break_objection(until, today(tx.now()))) {
            fields.wrong("until", objection);
        }
        let (until,) = fields.take((until,))?;
        let story = held(&mut tx, enrollment).await?;
        store::take_break(&mut tx, &state(), who, &story, until).await?;
        tx.commit().await?;
        Ok(to("/mentee").done("break-taken"))
    })
    .await
}

/// The mentee goes on before the break is over.
#[server(endpoint = "end-break")]
pub async fn end_break(enrollment: EnrollmentId) -> Result<(), AppError> {
    answer(async {
        let viewer = viewer().await?;
        let mut tx = state().write(&viewer).await?;
        viewer.own(&mut tx, enrollment).await?;
        let story = held(&mut tx, enrollment).await?;
        enrollments::store::change(&mut tx, &story, Action::Resume, None, "").await?;
        tx.commit().await?;
        Ok(to("/mentee").done("break-ended"))
    })
    .await
}

/// The mentee asks for a later time limit.
#[server(endpoint = "ask-for-time")]
pub async fn ask_for_time(enrollment: EnrollmentId) -> Result<(), AppError> {
    answer(async {
        let viewer = viewer().await?;
        let mut tx = state().write(&viewer).await?;
        let who = viewer.own(&mut tx, enrollment).await?;
        let story = held(&mut tx, enrollment).await?;
        let mut fields = Fields::typed();
        let key = fields.submission_key();
        let until = limit(&mut fields, "limit", story.due_on);
        let reason = fields.text("reason", REASON, "Say in a few words why, so that the coordinator can decide.");
        let (until, reason) = fields.take((until, reason))?;
        store::ask_for_time(&mut tx, &state(), who, &story, key, until, &reason).await?;
        tx.commit().await?;
        Ok(to("/mentee/time").done("time-asked"))
    })
    .await
}

/// The coordinator says that the wish for more time is answered without giving it.
#[server(endpoint = "answer-time-request")]
pub async fn answer_time_request(enrollment: EnrollmentId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut tx = state().write(&who).await?;
        store::refuse_time(&mut tx, &who, enrollment).await?;
        tx.commit().await?;
        Ok(to(desk_path(enrollment)).done("time-request-answered"))
    })
    .await
}

/// The coordinator gives more time, with a reason.
#[server(endpoint = "extend-enrollment")]
pub async fn extend_enrollment(enrollment: EnrollmentId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut tx = state().write(&who).await?;
        let story = held(&mut tx, enrollment).await?;
        let mut fields = Fields::typed();
        let until = limit(&mut fields, "limit", story.due_on);
        let reason = fields.text("why", REASON, "Say why, so that it can be learned from.");
        let (until, reason) = fields.take((until, reason))?;
        let settings = settings::store::current(&mut tx).await?;
        let step = desk::acts::extend(&mut tx, &state(), &who, &settings, &story, until, &reason).await?;
        undo::store::keep(&mut tx, &who, &settings, &[step]).await?;
        tx.commit().await?;
        Ok(to(desk_path(enrollment)))
    })
    .await
}

/// The coordinator closes an enrolment after silence.
#[server(endpoint = "close-enrollment")]
pub async fn close_enrollment(enrollment: EnrollmentId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut fields = Fields::typed();
        let reason = fields.text("silence", REASON, "Say why, so that it can be learned from.");
        let (reason,) = fields.take((reason,))?;
        let mut tx = state().write(&who).await?;
        let story = held(&mut tx, enrollment).await?;
        let settings = settings::store::current(&mut tx).await?;
        let step = desk::acts::end(&mut tx, &state(), &who, &settings, &story, EndKind::Closed, &reason).await?;
        undo::store::keep(&mut tx, &who, &settings, &[step]).await?;
        tx.commit().await?;
        Ok(to(desk_path(enrollment)))
    })
    .await
}

/// The coordinator opens an ended enrolment again, with a new time limit.
#[server(endpoint = "reopen-enrollment")]
pub async fn reopen_enrollment(enrollment: EnrollmentId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut fields = Fields::typed();
        let due_on = limit(&mut fields, "limit", NaiveDate::MIN);
        let same_mentor = fields.ticked("same_mentor");
        let (due_on,) = fields.take((due_on,))?;
        let mut tx = state().write(&who).await?;
        let story = held(&mut tx, enrollment).await?;
        let today = today(tx.now());
        let former = if same_mentor { store::find_former(&mut tx, &who, enrollment, today).await? } else { None };
        if same_mentor && former.is_none() {
            return Err(wrong("same_mentor", "The mentor is away, or has no free place any more. Leave the box empty."));
        }
        store::reopen(&mut tx, &state(), &who, &story, due_on, former.as_ref()).await?;
        tx.commit().await?;
        Ok(match same_mentor {
            true => to(desk_path(enrollment)).done("enrollment-reopened"),
            false => to(format!("/coordinator/enrollments/{enrollment}/match")).done("enrollment-reopened"),
        })
    })
    .await
}

fn wrong(field: &str, message: impl Into<String>) -> AppError {
    AppError::Invalid(vec![FieldError { field: field.into(), message: message.into() }])
}

/// The coordinator changes the option and the book, after the preview said what stays.
#[server(endpoint = "change-option")]
pub async fn change_option(enrollment: EnrollmentId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut tx = state().write(&who).await?;
        let story = held(&mut tx, enrollment).await?;
        let mut fields = Fields::typed();
        let study = fields.one::<Study>("study", "Choose an option and a book.");
        let reason = fields.text("reason", REASON, "Say why, so that it can be learned from.");
        let go_on = fields.ticked("go_on");
        let was = fields.raw("was");
        let (study, reason) = fields.take((study, reason))?;
        // Sent twice: the first one did it.
        if (study.option, study.outline) == (story.option_number, story.outline_id) && was != study.to_string() {
            return Ok(to(desk_path(enrollment)).done("option-changed"));
        }
        check_study(&mut tx, study).await?;
        if !go_on && !store::offers(&mut tx, &who, &story, study.option).await? {
            let mentor = story.mentor.clone().unwrap_or_default();
            let message =
                format!("{mentor} does not offer {}. Tick this box if the two go on all the same.", study.option.name());
            return Err(wrong("go_on", message));
        }
        store::change_option(&mut tx, &state(), &who, &story, study, &reason).await?;
        tx.commit().await?;
        Ok(to(desk_path(enrollment)).done("option-changed"))
    })
    .await
}

async fn check_study(tx: &mut WriteTx, study: Study) -> Result<(), AppError> {
    let offered = applications::store::list_outlines_for(tx, study.option).await?;
    match offered.iter().any(|outline| outline.id == study.outline) {
        true => Ok(()),
        false => Err(wrong("study", "This book is not offered for this option any more. Choose another.")),
    }
}

/// A mentor is gone: the pairs that are ticked end, and the profile says what comes next.
#[server(endpoint = "mentor-gone")]
pub async fn mentor_gone(mentor: AccountId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut fields = Fields::typed();
        let reason = fields.text("reason", REASON, "Say in a few words why. Only coordinators read it.");
        let pairs = fields.several::<MatchId>("pairs", "");
        let afterwards = fields.one::<Afterwards>("afterwards", "Choose what comes next.");
        let away_until = fields.optional_date("gone_until");
        let now = today(state().clock.now());
        let day_wrong = |day: Option<NaiveDate>| day.is_none_or(|day| day <= now || day > now + FARTHEST);
        if afterwards == Some(Afterwards::Away) && away_until.is_some_and(day_wrong) {
            fields.wrong("gone_until", "Choose the first day back, within three years.");
        }
        let (reason, pairs, afterwards, away_until) = fields.take((reason, pairs, afterwards, away_until))?;
        let mut tx = state().write(&who).await?;
        for pair in pairs {
            let found = matching::store::find(&mut tx, &who, pair).await?;
            let found = found.filter(|found| found.mentor_id == mentor).ok_or(AppError::NotFound)?;
            // Ended or taken back meanwhile: nothing is left to do.
            if found.state.is_live() {
                store::let_go(&mut tx, &state(), &who, &found, &reason).await?;
            }
        }
        change_profile(&mut tx, &who, mentor, afterwards, away_until).await?;
        tx.commit().await?;
        Ok(to(format!("/coordinator/mentors/{mentor}")).done("mentor-gone"))
    })
    .await
}

async fn change_profile(
    tx: &mut WriteTx,
    who: &Coordinator,
    mentor: AccountId,
    afterwards: Afterwards,
    away_until: Option<NaiveDate>,
) -> Result<(), AppError> {
    let found = matching::store::find_mentor(tx, who, mentor).await?.ok_or(AppError::NotFound)?;
    let (capacity, away_until) = match afterwards {
        Afterwards::Nothing => return Ok(()),
        Afterwards::Away => (found.capacity, away_until),
        Afterwards::NoMore => (0, found.away_until),
    };
    let profile = Profile {
        discipline: found.discipline,
        county: County::by_fips(&found.county).ok_or(AppError::NotFound)?,
        options: found.options.0,
        ways: found.ways.0,
        interests: found.interests.0,
        capacity,
        about: found.about,
        away_until,
    };
    matching::store::update_mentor(tx, who, mentor, &profile).await
}

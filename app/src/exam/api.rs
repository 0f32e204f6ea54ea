//! What the forms of Option 3 send to, the mentee's and the coordinator's.

use chrono::NaiveDate;
use leptos::prelude::*;

use super::facts::{Area, KEPT_APART, Kind, Rule, is_link};
use super::hours::{self, When};
use super::sheet::{self, New};
use super::{Answer, Outcome, objection_to_check, objection_to_result, objection_to_target, store};
use crate::clock;
use crate::contacts::Medium;
use crate::db::Queryable;
use crate::enrollments::{self, OptionNumber, Story, ready};
use crate::error::{AppError, FieldError, Refusal};
use crate::form::{Fields, Upload, answer, to};
use crate::id::{EnrollmentId, ExamResultId, PracticeHoursId};
use crate::imports::read::read;
use crate::people::{OwnEnrollment, Viewer, viewer};
use crate::{random_code, state};

const EXAM: &str = "/mentee/exam";
const ELIGIBILITY: &str = "/mentee/exam/eligibility";
const HOURS: &str = "/mentee/exam/hours";
const FACTS: &str = "/coordinator/exam";

/// The name of the form that sends a list of hours.
pub const FORM: &str = "exam-hours";

/// Proves that the enrolment is the viewer's own and of Option 3. Of another option there is no exam to speak of.
async fn own(tx: &mut impl Queryable, who: &Viewer, enrollment: EnrollmentId) -> Result<(OwnEnrollment, Story), AppError> {
    let own = who.own(tx, enrollment).await?;
    let story = enrollments::store::find(tx, enrollment).await?.ok_or(AppError::NotFound)?;
    match story.option_number {
        OptionNumber::Three => Ok((own, story)),
        OptionNumber::One | OptionNumber::Two => Err(AppError::NotFound),
    }
}

#[server(endpoint = "save-exam-plan")]
pub async fn save_exam_plan(enrollment: EnrollmentId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?;
        let mut tx = state().write(&who).await?;
        let (own, story) = own(&mut tx, &who, enrollment).await?;
        if !story.state.is_live() {
            return Err(Refusal::new("This enrollment has ended; its exam plan stays as it was.").into());
        }
        let plan = typed_plan(Fields::typed(), clock::today(tx.now()))?;
        store::save(&mut tx, &own, &plan).await?;
        ready::tell(&mut tx, &state(), enrollment).await?;
        tx.commit().await?;
        Ok(to(EXAM).done("exam-planned"))
    })
    .await
}

/// Reads the plan's form.
pub fn typed_plan(mut fields: Fields, today: NaiveDate) -> Result<store::NewPlan, AppError> {
    let checked_on = fields.date("checked-on");
    let target_on = fields.date("target-on");
    let note = fields.optional_text("note", 2000);
    let minutes_a_week = optional_whole(&mut fields, "minutes-a-week", 5..=3000);
    let review_weeks = optional_whole(&mut fields, "review-weeks", 0..=26);
    for (field, objection) in [
        ("checked-on", checked_on.and_then(|day| objection_to_check(day, today))),
        ("target-on", target_on.and_then(|day| objection_to_target(day, today))),
    ] {
        if let Some(objection) = objection {
            fields.wrong(field, objection);
        }
    }
    let (checked_on, target_on, note, minutes_a_week, review_weeks) =
        fields.take((checked_on, target_on, note, minutes_a_week, review_weeks))?;
    Ok(store::NewPlan { checked_on, target_on, note, minutes_a_week, review_weeks })
}

fn optional_whole(fields: &mut Fields, field: &str, range: std::ops::RangeInclusive<i32>) -> Option<Option<i32>> {
    if fields.raw(field).is_empty() { Some(None) } else { fields.whole(field, range).map(Some) }
}

/// The field in which a rule is answered.
pub fn field(code: &str) -> String {
    format!("rule[{code}]")
}

/// Keeps what the mentee says of each rule.
#[server(endpoint = "save-eligibility")]
pub async fn save_eligibility(enrollment: EnrollmentId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?;
        let mut tx = state().write(&who).await?;
        let (own, _) = own(&mut tx, &who, enrollment).await?;
        let in_force = store::facts(&mut tx).await?;
        let mut fields = Fields::typed();
        let mut answers = Vec::new();
        for rule in in_force.facts.asked() {
            if let Some(said) = fields.optional::<Answer>(&field(&rule.code)) {
                answers.push((rule.code.clone(), said));
            }
        }
        fields.check()?;
        store::save_answers(&mut tx, &own, in_force.version, &answers).await?;
        tx.commit().await?;
        Ok(to(ELIGIBILITY).done("eligibility-saved"))
    })
    .await
}

/// Logs hours of practice, or corrects an entry (`entry`).
#[server(endpoint = "log-hours")]
pub async fn log_hours(enrollment: EnrollmentId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?;
        let mut tx = state().write(&who).await?;
        let (own, _) = own(&mut tx, &who, enrollment).await?;
        let mut fields = Fields::typed();
        let entry = fields.optional::<PracticeHoursId>("entry");
        let key = fields.submission_key();
        let new = typed_hours(&mut fields);
        let (entry, new) = fields.take((entry, new))?;
        let today = clock::today(tx.now());
        store::log_hours(&mut tx, &own, key, entry, &new, today).await?;
        tx.commit().await?;
        Ok(to(HOURS).done(if entry.is_some() { "hours-corrected" } else { "hours-logged" }))
    })
    .await
}

/// Reads one entry: a day, or a month in its place.
pub fn typed_hours(fields: &mut Fields) -> Option<New> {
    let (day, month) = (fields.raw("day"), fields.raw("month"));
    let when = match (day.as_str(), month.as_str()) {
        ("", "") => {
            fields.wrong("day", "Choose a day, or a whole month.");
            None
        }
        (_, "") => fields.date("day").map(When::day),
        ("", month) => {
            let found = hours::month(month).map(When::month);
            if found.is_none() {
                fields.wrong("month", "Write the month as year and month, such as 2026-03.");
            }
            found
        }
        _ => {
            fields.wrong("month", "Choose a day or a month, not both.");
            None
        }
    };
    let minutes = hours::minutes(&fields.raw("hours"));
    if minutes.is_none() {
        fields.wrong("hours", "Write the hours as a number greater than 0, such as 7.5.");
    }
    let activity = fields.text("activity", sheet::ACTIVITY, "Say in plain words what you did.");
    Some(New { when: when?, minutes: minutes?, activity: activity?.replace('\n', " ") })
}

/// Removes an entry of the log.
#[server(endpoint = "remove-hours")]
pub async fn remove_hours(enrollment: EnrollmentId, entry: PracticeHoursId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?;
        let mut tx = state().write(&who).await?;
        let (own, _) = own(&mut tx, &who, enrollment).await?;
        if !store::remove_hours(&mut tx, &own, entry).await? {
            return Err(AppError::NotFound);
        }
        tx.commit().await?;
        Ok(to(HOURS).done("hours-removed"))
    })
    .await
}

/// Reads a list of hours that a mentee sent and keeps its rows to look at.
pub async fn take_file(upload: Upload) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?;
        let mentee = who.mentee()?;
        let wrong = |message: String| AppError::Invalid(vec![FieldError { field: "file".into(), message }]);
        let name: String = upload.file_name.chars().filter(|sign| !sign.is_control()).take(200).collect();
        let rows = tokio::task::spawn_blocking(move || {
            let sheets = read(&upload.bytes).map_err(|why| why.to_string())?;
            sheet::rows(sheets)
        });
        let rows = rows.await.map_err(|_| AppError::Internal)?.map_err(wrong)?;
        let mut tx = state().write(&who).await?;
        let story = enrollments::store::find_of_mentee(&mut tx, mentee.account()).await?.ok_or(AppError::NotFound)?;
        let (own, _) = own(&mut tx, &who, story.id).await?;
        store::keep_sheet(&mut tx, own.account(), &name, &rows).await?;
        tx.commit().await?;
        Ok(to(format!("{HOURS}?list=1")))
    })
    .await
}

/// Takes the list that was looked at into the log.
#[server(endpoint = "take-hours-list")]
pub async fn take_hours_list(enrollment: EnrollmentId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?;
        let mut tx = state().write(&who).await?;
        let (own, _) = own(&mut tx, &who, enrollment).await?;
        let today = clock::today(tx.now());
        store::take_sheet(&mut tx, &own, today).await?;
        tx.commit().await?;
        Ok(to(HOURS).done("hours-list-taken"))
    })
    .await
}

/// Puts the list away; the log stays as it is.
#[server(endpoint = "drop-hours-list")]
pub async fn drop_hours_list(enrollment: EnrollmentId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?;
        let mut tx = state().write(&who).await?;
        let (own, _) = own(&mut tx, &who, enrollment).await?;
        store::forget_sheet(&mut tx, own.account()).await?;
        tx.commit().await?;
        Ok(to(HOURS).done("hours-list-dropped"))
    })
    .await
}

/// Records what came of the exam, by the mentee's own word.
#[server(endpoint = "record-exam-result")]
pub async fn record_exam_result(enrollment: EnrollmentId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?;
        let mut tx = state().write(&who).await?;
        let (own, _) = own(&mut tx, &who, enrollment).await?;
        let mut fields = Fields::typed();
        let (taken_on, outcome) = typed_result(&mut fields, clock::today(tx.now()));
        let (taken_on, outcome) = fields.take((taken_on, outcome))?;
        store::record_result(&mut tx, &own, taken_on, outcome).await?;
        tx.commit().await?;
        Ok(to(EXAM).done("exam-result-recorded"))
    })
    .await
}

fn typed_result(fields: &mut Fields, today: NaiveDate) -> (Option<NaiveDate>, Option<Outcome>) {
    let taken_on = fields.date("taken-on");
    if let Some(objection) = taken_on.and_then(|day| objection_to_result(day, today)) {
        fields.wrong("taken-on", objection);
    }
    (taken_on, fields.one::<Outcome>("outcome", "Choose what came of it."))
}

/// Removes a result that the mentee recorded by mistake.
#[server(endpoint = "remove-exam-result")]
pub async fn remove_exam_result(enrollment: EnrollmentId, result: ExamResultId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?;
        let mut tx = state().write(&who).await?;
        let (own, _) = own(&mut tx, &who, enrollment).await?;
        if !store::remove_own_result(&mut tx, &own, result).await? {
            return Err(AppError::NotFound);
        }
        tx.commit().await?;
        Ok(to(EXAM).done("exam-result-removed"))
    })
    .await
}

fn page_of(enrollment: EnrollmentId) -> String {
    format!("/coordinator/enrollments/{enrollment}")
}

/// Enters what came of the exam, as a coordinator heard it.
#[server(endpoint = "enter-exam-result")]
pub async fn enter_exam_result(enrollment: EnrollmentId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut tx = state().write(&who).await?;
        enrollments::store::find(&mut tx, enrollment).await?.ok_or(AppError::NotFound)?;
        let mut fields = Fields::typed();
        let (taken_on, outcome) = typed_result(&mut fields, clock::today(tx.now()));
        let came_by = fields.one::<Medium>("came-by", "Choose how it came.");
        let (taken_on, outcome, came_by) = fields.take((taken_on, outcome, came_by))?;
        store::enter_result(&mut tx, &who, enrollment, taken_on, outcome, came_by).await?;
        tx.commit().await?;
        Ok(to(page_of(enrollment)).done("exam-result-entered"))
    })
    .await
}

/// Removes a result that a coordinator entered by mistake.
#[server(endpoint = "drop-exam-result")]
pub async fn drop_exam_result(enrollment: EnrollmentId, result: ExamResultId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut tx = state().write(&who).await?;
        store::remove_result(&mut tx, &who, enrollment, result).await?;
        tx.commit().await?;
        Ok(to(page_of(enrollment)).done("exam-result-removed"))
    })
    .await
}

/// What stands under a rule and an area alike.
struct Dated {
    source: String,
    link: String,
    checked_on: NaiveDate,
}

fn typed_dated(fields: &mut Fields, today: NaiveDate) -> Option<Dated> {
    let source = fields.text("source", 200, "Name the source.");
    let link = fields.optional_text("link", 500);
    if link.as_ref().is_some_and(|link| !link.is_empty() && !is_link(link)) {
        fields.wrong("link", "Write the whole address, beginning with https://, or leave it empty.");
    }
    let checked_on = fields.date("checked-on");
    if checked_on.is_some_and(|day| day > today) {
        fields.wrong("checked-on", "This day is still to come. Enter the day on which you checked.");
    }
    Some(Dated { source: source?, link: link?, checked_on: checked_on? })
}

/// A rule about the exam: a new one, or in the place of the one of its `code`. Makes a new version of the facts.
#[server(endpoint = "save-exam-rule")]
pub async fn save_exam_rule() -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut tx = state().write(&who).await?;
        let mut fields = Fields::typed();
        let code = fields.raw("code");
        let kind = match code.as_str() {
            KEPT_APART => Some(Kind::Told),
            _ => fields.one::<Kind>("rule-kind", "Choose what is done with it."),
        };
        let text = fields.text("text", 1000, "Write the rule.");
        let dated = typed_dated(&mut fields, clock::today(tx.now()));
        let (hours, years) = match kind {
            Some(Kind::Hours) => (fields.whole("hours", 1..=10_000).map(Some), fields.whole("years", 1..=10).map(Some)),
            _ => (Some(None), Some(None)),
        };
        let (kind, text, dated, hours, years) = fields.take((kind, text, dated, hours, years))?;
        let code = if code.is_empty() { random_code::<8>()? } else { code };
        let Dated { source, link, checked_on } = dated;
        let rule = Rule { code, kind, text, source, link, checked_on, hours, years };
        store::change_facts(&mut tx, &who, |facts| facts.put_rule(rule)).await?;
        tx.commit().await?;
        Ok(to(FACTS).done("exam-facts-saved"))
    })
    .await
}

/// Takes a rule out, as a new version.
#[server(endpoint = "drop-exam-rule")]
pub async fn drop_exam_rule(item: String) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut tx = state().write(&who).await?;
        store::change_facts(&mut tx, &who, |facts| facts.drop_rule(&item)).await?;
        tx.commit().await?;
        Ok(to(FACTS).done("exam-facts-saved"))
    })
    .await
}

/// Every rule was compared with its source today and still holds.
#[server(endpoint = "check-exam-rules")]
pub async fn check_exam_rules() -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut tx = state().write(&who).await?;
        let today = clock::today(tx.now());
        store::change_facts(&mut tx, &who, |facts| {
            facts.check(today);
            Ok(())
        })
        .await?;
        tx.commit().await?;
        Ok(to(FACTS).done("exam-rules-checked"))
    })
    .await
}

/// A content area: a new one, or in the place of the one of its `code`.
#[server(endpoint = "save-exam-area")]
pub async fn save_exam_area() -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut tx = state().write(&who).await?;
        let mut fields = Fields::typed();
        let code = fields.raw("code");
        let name = fields.text("name", 200, "Give the area a name.");
        let about = fields.optional_text("about", 1000);
        let dated = typed_dated(&mut fields, clock::today(tx.now()));
        let chapters = fields.optional_text("chapters", 5000);
        let confirmed = fields.ticked("confirmed");
        let (name, about, dated, chapters) = fields.take((name, about, dated, chapters))?;
        let code = if code.is_empty() { random_code::<8>()? } else { code };
        let chapters = chapters.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
        let Dated { source, link, checked_on } = dated;
        let area = Area { code, name, about, source, link, checked_on, confirmed, chapters };
        store::change_facts(&mut tx, &who, |facts| facts.put_area(area)).await?;
        tx.commit().await?;
        Ok(to(FACTS).done("exam-facts-saved"))
    })
    .await
}

/// Takes an area out, as a new version.
#[server(endpoint = "drop-exam-area")]
pub async fn drop_exam_area(item: String) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut tx = state().write(&who).await?;
        store::change_facts(&mut tx, &who, |facts| facts.drop_area(&item)).await?;
        tx.commit().await?;
        Ok(to(FACTS).done("exam-facts-saved"))
    })
    .await
}

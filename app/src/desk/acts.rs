//! What the coordinator does in place. Each act is one change with its way back: it gives the [`Step`] that takes it
//! back. Separate from the forms, because many at once do the same.

use chrono::NaiveDate;

use super::leaves_at;
use crate::applications::{self, Study};
use crate::clock;
use crate::contacts::{self, Medium, NewContact};
use crate::db::{WriteTx, fetch_optional};
use crate::enrollments::watch;
use crate::enrollments::{self, Action, EndKind, Owner, Story};
use crate::error::{AppError, Refusal};
use crate::id::{AccountId, MatchId, StallId, SubmissionKey};
use crate::life;
use crate::mail::{self, Mail};
use crate::matching;
use crate::people::Coordinator;
use crate::settings::Settings;
use crate::state::State as Program;
use crate::undo::{self, Change, Step};

/// The mentee or the mentor of an enrolment, with the name.
pub fn person(story: &Story, owner: Owner) -> Result<(AccountId, String), AppError> {
    match owner {
        Owner::Mentee => Ok((story.mentee_id, story.mentee.clone())),
        Owner::Mentor => story.mentor_id.zip(story.mentor.clone()).ok_or_else(no_mentor),
        Owner::Coordinator => Err(AppError::NotFound),
    }
}

fn no_mentor() -> AppError {
    Refusal::new("This enrollment has no mentor now.").into()
}

/// What was done to the enrolment of a story, with the mail it caused.
fn step(tx: &mut WriteTx, story: &Story, change: Change) -> Step {
    Step { enrollment: story.id, name: story.mentee.clone(), change, mails: tx.take_mails() }
}

/// What came by phone or otherwise past the site, or a try to reach somebody.
#[derive(Debug, Clone)]
pub struct Call {
    pub key: SubmissionKey,
    pub owner: Owner,
    pub medium: Medium,
    pub heard: bool,
    pub held_on: NaiveDate,
    pub note: String,
}

/// Enters a call; `None` when this form was taken before.
pub async fn call(tx: &mut WriteTx, who: &Coordinator, story: &Story, call: Call) -> Result<Option<Step>, AppError> {
    let (account, person) = person(story, call.owner)?;
    let contact = NewContact {
        key: call.key,
        enrollment: story.id,
        person: account,
        medium: call.medium,
        heard: call.heard,
        held_on: call.held_on,
        note: call.note,
    };
    let Some(contact) = contacts::store::insert(tx, who, &contact).await? else { return Ok(None) };
    Ok(Some(step(tx, story, Change::Contact { contact, person, heard: call.heard })))
}

/// Notes that the coordinator turned to somebody by mail.
async fn turned_to(
    tx: &mut WriteTx,
    who: &Coordinator,
    story: &Story,
    key: SubmissionKey,
    account: AccountId,
    note: String,
) -> Result<Option<crate::id::ContactId>, sqlx::Error> {
    let held_on = clock::today(tx.now());
    let (enrollment, medium) = (story.id, Medium::Email);
    let contact = NewContact { key, enrollment, person: account, medium, heard: false, held_on, note };
    contacts::store::insert(tx, who, &contact).await
}

/// A letter by mail. It leaves when it can no longer be taken back, outside of its reader's quiet hours.
#[derive(Debug, Clone)]
pub struct Letter {
    pub key: SubmissionKey,
    pub owner: Owner,
    pub subject: String,
    pub text: String,
}

/// Writes to somebody; `None` when this form was taken before.
pub async fn write(
    tx: &mut WriteTx,
    who: &Coordinator,
    settings: &Settings,
    story: &Story,
    letter: Letter,
) -> Result<Option<Step>, AppError> {
    let (account, person) = person(story, letter.owner)?;
    // A line end in the subject would end the head of the mail.
    let subject = letter.subject.split_whitespace().collect::<Vec<_>>().join(" ");
    let note = format!("{subject}\n\n{}", letter.text);
    let Some(contact) = turned_to(tx, who, story, letter.key, account, note).await? else { return Ok(None) };
    let schedule = mail::store::find_reader(tx, Some(account), settings).await?.schedule;
    let leaves = leaves_at(undo::store::until(tx.now(), settings), schedule.zone, schedule.quiet);
    tx.hold_mail(leaves);
    let to = mail::store::recipient(tx, account).await?;
    let mail = Mail::new(mail::Kind::CoordinatorWrote, to).with("subject", subject).with("text", letter.text).about(contact.0);
    mail::store::enqueue(tx, mail).await?;
    Ok(Some(step(tx, story, Change::Wrote { contact, person })))
}

/// Puts the most urgent move of somebody into their next daily summary; `None` when this form was taken before. The copy
/// of what waits must be up to date.
pub async fn remind(
    tx: &mut WriteTx,
    program: &Program,
    who: &Coordinator,
    settings: &Settings,
    story: &Story,
    owner: Owner,
    key: SubmissionKey,
) -> Result<Option<Step>, AppError> {
    let (account, person) = person(story, owner)?;
    let urgent = watch::most_urgent(tx, story.id, owner).await?;
    let one = urgent.ok_or_else(|| Refusal::new(format!("Nothing waits on {person} now.")))?;
    let Some(contact) = turned_to(tx, who, story, key, account, format!("Reminder: {}", one.what.told())).await? else {
        return Ok(None);
    };
    let before = fetch_optional!(
        tx,
        (StallId, Option<chrono::DateTime<chrono::Utc>>),
        "SELECT id, nudged_at FROM stall WHERE move_id = $1 AND ended_at IS NULL",
        one.id
    )?;
    let until = undo::store::until(tx.now(), settings);
    tx.hold_mail(until);
    let stall = watch::remind(tx, program, &one).await?;
    let (began, nudged_before) = (before.is_none(), before.and_then(|(_, at)| at));
    Ok(Some(step(tx, story, Change::Reminded { contact, person, stall, began, nudged_before })))
}

/// Proposes another mentor instead of the one who has not answered.
pub async fn propose_next(
    tx: &mut WriteTx,
    who: &Coordinator,
    settings: &Settings,
    story: &Story,
    unanswered: MatchId,
    mentor: AccountId,
) -> Result<Step, AppError> {
    let earlier = matching::store::find(tx, who, unanswered).await?.ok_or(AppError::NotFound)?;
    if earlier.enrollment_id != story.id || earlier.state != matching::State::Proposed {
        return Err(Refusal::new("This proposal was answered or withdrawn meanwhile. Look at the list again.").into());
    }
    matching::store::withdraw(tx, who, &earlier).await?;
    let until = undo::store::until(tx.now(), settings);
    tx.hold_mail(until);
    let (found, _) = matching::store::propose(tx, who, story.id, mentor, settings).await?;
    matching::api::mail_proposal(tx, &found).await?;
    let change = Change::Proposed { proposal: found.id, mentor: found.mentor, instead_of: Some(unanswered) };
    Ok(step(tx, story, change))
}

/// A leave until a day.
pub async fn pause(tx: &mut WriteTx, _who: &Coordinator, story: &Story, until: NaiveDate) -> Result<Step, AppError> {
    enrollments::store::change(tx, story, Action::Pause, Some(until), "").await?;
    Ok(step(tx, story, Change::Paused { until }))
}

/// More time, with a reason. That both are told waits for the minutes in which this can be taken back.
pub async fn extend(
    tx: &mut WriteTx,
    program: &Program,
    who: &Coordinator,
    settings: &Settings,
    story: &Story,
    until: NaiveDate,
    reason: &str,
) -> Result<Step, AppError> {
    let held = undo::store::until(tx.now(), settings);
    tx.hold_mail(held);
    life::store::extend(tx, program, who, story, until, reason).await?;
    Ok(step(tx, story, Change::Extended { from: story.due_on, to: until }))
}

/// Withdraws or closes an enrolment, with the reason. The thanks and the closing questions wait for the minutes in which
/// this can be taken back.
pub async fn end(
    tx: &mut WriteTx,
    program: &Program,
    who: &Coordinator,
    settings: &Settings,
    story: &Story,
    kind: EndKind,
    reason: &str,
) -> Result<Step, AppError> {
    let held = undo::store::until(tx.now(), settings);
    tx.hold_mail(held);
    life::store::end(tx, program, who, story, kind, reason).await?;
    Ok(step(tx, story, Change::Withdrawn { before: story.state, paused_until: story.paused_until }))
}

/// Accepts an application; the invitation waits for the minutes in which this can be taken back.
pub async fn accept(
    tx: &mut WriteTx,
    program: &Program,
    who: &Coordinator,
    settings: &Settings,
    application: &applications::store::Application,
    study: Study,
) -> Result<Step, AppError> {
    let until = undo::store::until(tx.now(), settings);
    tx.hold_mail(until);
    let enrollment = applications::store::accept(tx, program, who, application, study).await?;
    let change = Change::Accepted { application: application.id };
    Ok(Step { enrollment, name: application.name.clone(), change, mails: tx.take_mails() })
}

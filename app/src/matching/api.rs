//! What the forms of mentors and matches send to.

use chrono::{Days, Duration, NaiveDate};
use leptos::prelude::*;

use super::store::{self, Match};
use super::{MOST_MENTEES, Profile};
use crate::clock::{say_date, today};
use crate::closings;
use crate::counties::County;
use crate::db::WriteTx;
use crate::enrollments::OptionNumber;
use crate::error::{AppError, Refusal};
use crate::form::{Fields, answer, to};
use crate::id::{AccountId, CredentialCheckId, EnrollmentId, MatchId};
use crate::mail::{self, Mail};
use crate::people::{Discipline, Interest, Role, Way, session, viewer};
use crate::settings::{self, Settings};
use crate::state;

/// The longest text a mentor writes about themselves, and the longest reason.
const LONGEST: usize = 1000;
/// No credential is checked for longer than this ahead; a later year is a slip of the finger.
const FARTHEST: Days = Days::new(366 * 10);

/// Makes somebody a mentor: the account if there is none, the role, the profile, and the mail that says so. A coordinator
/// may do it for themselves.
#[server(endpoint = "invite-mentor")]
pub async fn invite_mentor() -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut fields = Fields::typed();
        let name = fields.text("name", 200, "Enter the mentor's name.");
        let email = fields.email("email");
        let phone = fields.optional_text("phone", 40);
        let profile = profile(&mut fields, today(state().clock.now()));
        let (name, email, phone, profile) = fields.take((name, email, phone, profile))?;
        let mut tx = state().write(&who).await?;
        let account = crate::people::store::find_or_insert(&mut tx, &email, &name, &phone).await?;
        if !store::insert_mentor(&mut tx, &who, account, &profile).await? {
            let known = store::find_mentor(&mut tx, &who, account).await?.ok_or(AppError::NotFound)?;
            return if same(&known, &profile) {
                Ok(to(page(account)).done("mentor-invited"))
            } else {
                Err(known_already(&known))
            };
        }
        crate::people::store::grant(&mut tx, account, Role::Mentor).await?;
        if account != who.account() {
            welcome(&mut tx, account).await?;
        }
        tx.commit().await?;
        if account == who.account() {
            // A session gets a new id when its roles grow.
            session::begin(account).await?;
            return Ok(to(page(account)).done("mentor-self"));
        }
        Ok(to(page(account)).done("mentor-invited"))
    })
    .await
}

/// Sends the invitation again to a mentor who has not used it.
#[server(endpoint = "invite-mentor-again")]
pub async fn invite_mentor_again(mentor: AccountId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut tx = state().write(&who).await?;
        let found = store::find_mentor(&mut tx, &who, mentor).await?.ok_or(AppError::NotFound)?;
        if found.has_password {
            return Err(Refusal::new("This mentor has signed in before and needs no invitation.").into());
        }
        welcome(&mut tx, mentor).await?;
        tx.commit().await?;
        Ok(to(page(mentor)).done("mentor-invited"))
    })
    .await
}

/// The coordinator changes a mentor's profile.
#[server(endpoint = "change-mentor")]
pub async fn change_mentor(mentor: AccountId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut fields = Fields::typed();
        let profile = profile(&mut fields, today(state().clock.now()));
        let (profile,) = fields.take((profile,))?;
        let mut tx = state().write(&who).await?;
        store::update_mentor(&mut tx, &who, mentor, &profile).await?;
        tx.commit().await?;
        Ok(to(page(mentor)).done("profile-saved"))
    })
    .await
}

/// A mentor changes their own profile.
#[server(endpoint = "save-mentor-profile")]
pub async fn save_mentor_profile() -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.mentor()?;
        let mut fields = Fields::typed();
        let profile = profile(&mut fields, today(state().clock.now()));
        let (profile,) = fields.take((profile,))?;
        let mut tx = state().write(&who).await?;
        store::update_own(&mut tx, who, &profile).await?;
        tx.commit().await?;
        Ok(to("/mentor/profile").done("profile-saved"))
    })
    .await
}

/// Records that the coordinator looked at a mentor's credential.
#[server(endpoint = "check-credential")]
pub async fn check_credential(mentor: AccountId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let today = today(state().clock.now());
        let mut fields = Fields::typed();
        let id = CredentialCheckId(fields.submission_key().0);
        let mut valid_to = fields.date("valid_to");
        if valid_to.is_some_and(|date| date < today) {
            valid_to = None;
            fields.wrong("valid_to", "This day has passed. Record the check once the credential is renewed.");
        } else if valid_to.is_some_and(|date| date > today + FARTHEST) {
            valid_to = None;
            fields.wrong("valid_to", "This is more than ten years ahead. Look at the year again.");
        }
        let note = fields.optional_text("note", LONGEST);
        let (valid_to, note) = fields.take((valid_to, note))?;
        let mut tx = state().write(&who).await?;
        store::insert_check(&mut tx, &who, id, mentor, valid_to, &note).await?;
        tx.commit().await?;
        Ok(to(page(mentor)).done("credential-checked"))
    })
    .await
}

/// Proposes a mentor for a mentee.
#[server(endpoint = "propose-mentor")]
pub async fn propose_mentor(enrollment: EnrollmentId, mentor: AccountId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut tx = state().write(&who).await?;
        let settings = settings::store::current(&mut tx).await?;
        let (found, new) = store::propose(&mut tx, &who, enrollment, mentor, &settings).await?;
        if new {
            mail_proposal(&mut tx, &found).await?;
            tx.commit().await?;
        }
        Ok(to(format!("/coordinator/enrollments/{enrollment}/match")).done("mentor-proposed"))
    })
    .await
}

/// Takes a proposal back that is not answered.
#[server(endpoint = "withdraw-proposal")]
pub async fn withdraw_proposal(proposal: MatchId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut tx = state().write(&who).await?;
        let found = store::find(&mut tx, &who, proposal).await?.ok_or(AppError::NotFound)?;
        store::withdraw(&mut tx, &who, &found).await?;
        tx.commit().await?;
        Ok(to(format!("/coordinator/enrollments/{}/match", found.enrollment_id)).done("proposal-withdrawn"))
    })
    .await
}

/// The mentor says yes: both are introduced at once.
#[server(endpoint = "accept-proposal")]
pub async fn accept_proposal(proposal: MatchId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.mentor()?;
        let mut tx = state().write(&who).await?;
        let found = store::find_of_mentor(&mut tx, who, proposal).await?.ok_or(AppError::NotFound)?;
        if store::accept(&mut tx, who, &found).await? {
            let settings = settings::store::current(&mut tx).await?;
            mail_introduction(&mut tx, &found, &settings).await?;
            mail_answer(&mut tx, &found, "accepted", "").await?;
        }
        tx.commit().await?;
        Ok(to(format!("/mentor/proposals/{proposal}")).done("proposal-accepted"))
    })
    .await
}

/// The mentor says no, with a reason for the coordinator.
#[server(endpoint = "decline-proposal")]
pub async fn decline_proposal(proposal: MatchId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.mentor()?;
        let mut fields = Fields::typed();
        let reason =
            fields.text("reason", LONGEST, "Say in a few words why not, so that the coordinator can find someone else.");
        let (reason,) = fields.take((reason,))?;
        let mut tx = state().write(&who).await?;
        let found = store::find_of_mentor(&mut tx, who, proposal).await?.ok_or(AppError::NotFound)?;
        if store::decline(&mut tx, who, &found, &reason).await? {
            mail_answer(&mut tx, &found, "declined", &reason).await?;
        }
        tx.commit().await?;
        Ok(to(format!("/mentor/proposals/{proposal}")).done("proposal-declined"))
    })
    .await
}

/// Ends a pair whose mentor cannot go on; the mentee keeps everything and waits for another mentor.
#[server(endpoint = "end-match")]
pub async fn end_match(pair: MatchId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut fields = Fields::typed();
        let reason = fields.text("reason", LONGEST, "Say in a few words why this pair ends. Only coordinators read it.");
        let (reason,) = fields.take((reason,))?;
        let mut tx = state().write(&who).await?;
        let found = store::find(&mut tx, &who, pair).await?.ok_or(AppError::NotFound)?;
        if store::end(&mut tx, &who, &found, &reason).await? {
            closings::store::ask(&mut tx, &state(), &closings::store::End::of_pair(&found)).await?;
        }
        tx.commit().await?;
        Ok(to(format!("/coordinator/enrollments/{}/match", found.enrollment_id)).done("match-ended"))
    })
    .await
}

fn page(mentor: AccountId) -> String {
    format!("/coordinator/mentors/{mentor}")
}

/// The fields of a profile, as both the coordinator's and the mentor's form have them.
fn profile(fields: &mut Fields, today: NaiveDate) -> Option<Profile> {
    let discipline = fields.one::<Discipline>("discipline", "Choose a discipline.");
    let county = fields.one::<&County>("county", "Choose a county.");
    let options = fields.several::<OptionNumber>("options", "Choose at least one option.");
    let ways = fields.several::<Way>("ways", "Choose at least one way to talk.");
    let interests = fields.several::<Interest>("interests", "");
    let capacity = fields.whole("capacity", 0..=MOST_MENTEES);
    let about = fields.optional_text("about", LONGEST);
    let away_until = fields.optional_date("away_until");
    let sensible = today..=today + Days::new(366 * 2);
    if away_until.flatten().is_some_and(|back| !sensible.contains(&back)) {
        fields.wrong("away_until", "Choose a day within the next two years, or leave it empty.");
    }
    Some(Profile {
        discipline: discipline?,
        county: county?,
        options: options?,
        ways: ways?,
        interests: interests?,
        capacity: capacity?,
        about: about?,
        away_until: away_until?,
    })
}

/// Whether a mentor has exactly this profile: then the form that made it was sent twice.
fn same(known: &store::MentorRow, profile: &Profile) -> bool {
    known.discipline == profile.discipline
        && known.county == profile.county.fips
        && known.options.0 == profile.options
        && known.ways.0 == profile.ways
        && known.interests.0 == profile.interests
        && known.capacity == profile.capacity
        && known.about == profile.about
        && known.away_until == profile.away_until
}

fn known_already(known: &store::MentorRow) -> AppError {
    let message = format!("{} is a mentor already under this address. Change the profile on their own page.", known.name);
    AppError::Invalid(vec![crate::error::FieldError { field: "email".into(), message }])
}

/// Tells a new mentor.
async fn welcome(tx: &mut WriteTx, account: AccountId) -> Result<(), AppError> {
    let page = "/mentor/profile";
    crate::people::store::welcome(tx, &state(), account, Role::Mentor, mail::Kind::MentorWelcome, page).await
}

/// Tells the mentor of a proposal.
pub async fn mail_proposal(tx: &mut WriteTx, found: &Match) -> Result<(), AppError> {
    let to = mail::store::recipient(tx, found.mentor_id).await?;
    let mail = Mail::new(mail::Kind::MentorProposed, to)
        .with("mentee", &found.mentee)
        .with("option_name", found.option_number.name())
        .with("answer_by", say_date(today(found.answer_by), today(tx.now())))
        .with("link", state().link(&format!("/mentor/proposals/{}", found.id)))
        .about(found.id.0);
    Ok(mail::store::enqueue(tx, mail).await?)
}

/// Each learns how to reach the other, and by when they should have spoken.
pub(crate) async fn mail_introduction(tx: &mut WriteTx, found: &Match, settings: &Settings) -> Result<(), AppError> {
    let mentee = mail::store::recipient(tx, found.mentee_id).await?;
    let mentor = mail::store::recipient(tx, found.mentor_id).await?;
    let by = say_date(today(tx.now() + Duration::days(settings.first_contact_days)), today(tx.now()));
    let way = store::shared_ways(tx, found).await?;
    let link = state().link(&format!("/enrollments/{}/plan", found.enrollment_id));
    for (to, other) in [(mentee.clone(), &mentor), (mentor.clone(), &mentee)] {
        let mail = Mail::new(mail::Kind::Introduction, to)
            .with("other", &other.name)
            .with("other_email", &other.address)
            .with("option_name", found.option_number.name())
            .with("way", &way)
            .with("first_contact_by", &by)
            .with("link", &link)
            .about(found.enrollment_id.0);
        mail::store::enqueue(tx, mail).await?;
    }
    Ok(())
}

/// Tells the coordinators, except one who answered as the mentor.
async fn mail_answer(tx: &mut WriteTx, found: &Match, answer: &str, reason: &str) -> Result<(), AppError> {
    for to in mail::store::coordinators(tx).await? {
        if to.account == Some(found.mentor_id) {
            continue;
        }
        let mail = Mail::new(mail::Kind::MentorAnswered, to)
            .with("mentor", &found.mentor)
            .with("mentee", &found.mentee)
            .with("answer", answer)
            .with("reason", reason)
            .with("link", state().link(&format!("/coordinator/enrollments/{}/match", found.enrollment_id)))
            .about(found.id.0);
        mail::store::enqueue(tx, mail).await?;
    }
    Ok(())
}

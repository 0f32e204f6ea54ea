//! Follow-ups in the database: who is asked, by which link, and what they answered.

use chrono::{DateTime, NaiveDate, Utc};
use sha2::{Digest, Sha256};

use super::{Answers, is_due, path};
use crate::audit::{Event, Kind};
use crate::clock;
use crate::db::{Queryable, WriteTx, execute, fetch_all, fetch_optional};
use crate::enrollments::OptionNumber;
use crate::error::AppError;
use crate::id::{AccountId, EnrollmentId, FollowUpId};
use crate::mail::{self, Mail};
use crate::people::Coordinator;
use crate::{State, Stranger, random_code, settings};

/// Somebody with a certificate who was not asked yet after so many months.
#[derive(Debug, Clone, sqlx::FromRow)]
struct Completed {
    id: EnrollmentId,
    mentee_id: AccountId,
    option_number: OptionNumber,
    issued_on: NaiveDate,
}

/// Asks everyone whose day has come, each once for each number of months; gives how many. Several copies of the program may
/// run it at once.
pub async fn ask_all(program: &State) -> Result<usize, AppError> {
    let mut tx = program.db.read().await?;
    let settings = settings::store::current(&mut tx).await?;
    let today = clock::today(program.clock.now());
    let mut due = Vec::new();
    for months in settings.follow_up_months {
        let found = list_due(&mut tx, months, today).await?;
        due.extend(found.into_iter().map(|one| (one, months)));
    }
    drop(tx);
    let mut asked = 0;
    for (one, months) in due {
        let mut tx = program.write(&Stranger).await?;
        if ask(&mut tx, program, &one, months).await? {
            tx.commit().await?;
            asked += 1;
        }
    }
    Ok(asked)
}

async fn list_due(tx: &mut impl Queryable, months: u32, today: NaiveDate) -> Result<Vec<Completed>, sqlx::Error> {
    let span = chrono::Months::new(months);
    // Months differ in length: a few days more are looked at, and the rule decides.
    let around = chrono::Days::new(40);
    let day = today.checked_sub_months(span).unwrap_or(today);
    let rows = fetch_all!(
        tx,
        Completed,
        "SELECT e.id, e.mentee_id, e.option_number, c.issued_on FROM certificate c
         JOIN enrollment e ON e.id = c.enrollment_id
         JOIN account a ON a.id = e.mentee_id
         WHERE c.state = 'valid' AND c.issued_on >= $1 AND c.issued_on <= $2 AND a.closed_at IS NULL
            AND NOT EXISTS (SELECT 1 FROM follow_up f WHERE f.enrollment_id = e.id AND f.months = $3)
         ORDER BY c.issued_on, e.id",
        day - around,
        day + around,
        number(months)
    )?;
    Ok(rows.into_iter().filter(|one| is_due(one.issued_on, months, today)).collect())
}

fn number(months: u32) -> i32 {
    i32::try_from(months).unwrap_or(i32::MAX)
}

/// `false` when another copy of the program was quicker.
async fn ask(tx: &mut WriteTx, program: &State, one: &Completed, months: u32) -> Result<bool, AppError> {
    let (id, token, now) = (FollowUpId::new(), random_code::<32>()?, tx.now());
    let asked = execute!(
        tx,
        "INSERT INTO follow_up (id, enrollment_id, months, token_hash, asked_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (enrollment_id, months) DO NOTHING",
        id,
        one.id,
        number(months),
        hash(&token),
        now
    )?;
    if asked == 0 {
        return Ok(false);
    }
    tx.note(Event::new(Kind::FollowUpAsked).of(one.id).about(id.0));
    let link = program.link(&path(&token));
    let to = mail::store::recipient(tx, one.mentee_id).await?;
    let mail = Mail::new(mail::Kind::FollowUp, to)
        .with("months", months.to_string())
        .with("option_name", one.option_number.name())
        .with("yes_link", format!("{link}?became=yes"))
        .with("no_link", format!("{link}?became=no"))
        .with("link", link)
        .about(id.0);
    mail::store::enqueue(tx, mail).await?;
    Ok(true)
}

fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

/// A follow-up as the one who holds its link sees it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct FollowUp {
    pub id: FollowUpId,
    pub enrollment_id: EnrollmentId,
    pub mentee_id: AccountId,
    pub mentee: String,
    pub option_number: OptionNumber,
    pub months: i32,
    pub asked_at: DateTime<Utc>,
    pub answered_at: Option<DateTime<Utc>>,
    #[sqlx(flatten)]
    pub answers: Answers,
}

macro_rules! follow_ups {
    ($rest:literal) => {
        concat!(
            "SELECT f.id, f.enrollment_id, e.mentee_id, a.name AS mentee, e.option_number, f.months, f.asked_at, f.answered_at,
                f.became_cdces, f.teaching_dsmes, f.willing_to_mentor
             FROM follow_up f JOIN enrollment e ON e.id = f.enrollment_id JOIN account a ON a.id = e.mentee_id ",
            $rest
        )
    };
}

/// The follow-up behind a link.
pub async fn find(tx: &mut impl Queryable, token: &str) -> Result<Option<FollowUp>, sqlx::Error> {
    fetch_optional!(tx, FollowUp, follow_ups!("WHERE f.token_hash = $1 AND a.closed_at IS NULL"), hash(token))
}

/// Keeps what was answered; a later answer takes the place of an earlier one. The coordinator hears once of somebody who
/// would like to mentor and does not yet.
pub async fn answer(tx: &mut WriteTx, program: &State, found: &FollowUp, answers: Answers) -> Result<(), AppError> {
    if found.answered_at.is_some() && answers == found.answers {
        return Ok(());
    }
    let now = tx.now();
    execute!(
        tx,
        "UPDATE follow_up SET answered_at = $2, became_cdces = $3, teaching_dsmes = $4, willing_to_mentor = $5 WHERE id = $1",
        found.id,
        now,
        answers.became_cdces,
        answers.teaching_dsmes,
        answers.willing_to_mentor
    )?;
    tx.note(Event::new(Kind::FollowUpAnswered).of(found.enrollment_id).about(found.id.0));
    let newly_willing = answers.willing_to_mentor == Some(true) && found.answers.willing_to_mentor != Some(true);
    if newly_willing && !is_mentor(tx, found.mentee_id).await? && !is_told(tx, found).await? {
        tell(tx, program, found).await?;
    }
    Ok(())
}

async fn is_mentor(tx: &mut impl Queryable, account: AccountId) -> Result<bool, sqlx::Error> {
    Ok(fetch_optional!(tx, (i32,), "SELECT 1 FROM mentor WHERE account_id = $1", account)?.is_some())
}

async fn is_told(tx: &mut impl Queryable, found: &FollowUp) -> Result<bool, sqlx::Error> {
    let kind = mail::Kind::WillingToMentor;
    let told = fetch_optional!(
        tx,
        (i32,),
        "SELECT 1 FROM mail WHERE kind = $1 AND about_id = $2 LIMIT 1",
        kind,
        found.enrollment_id.0
    )?;
    Ok(told.is_some())
}

async fn tell(tx: &mut WriteTx, program: &State, found: &FollowUp) -> Result<(), AppError> {
    for to in mail::store::coordinators(tx).await? {
        let mail = Mail::new(mail::Kind::WillingToMentor, to)
            .with("mentee", &found.mentee)
            .with("option_name", found.option_number.name())
            .with("link", program.link(&format!("/coordinator/mentors/new?from={}", found.enrollment_id)))
            .about(found.enrollment_id.0);
        mail::store::enqueue(tx, mail).await?;
    }
    Ok(())
}

/// Somebody who completed, said yes to mentoring, and is no mentor yet.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Willing {
    pub enrollment_id: EnrollmentId,
    pub name: String,
    pub option_number: OptionNumber,
    pub answered_at: DateTime<Utc>,
}

/// Who would like to mentor by their latest answer, and was not invited yet; the latest first, each once.
pub async fn list_willing(tx: &mut impl Queryable, _who: &Coordinator) -> Result<Vec<Willing>, sqlx::Error> {
    fetch_all!(
        tx,
        Willing,
        "SELECT f.enrollment_id, a.name, e.option_number, f.answered_at
         FROM follow_up f JOIN enrollment e ON e.id = f.enrollment_id JOIN account a ON a.id = e.mentee_id
         WHERE f.willing_to_mentor = TRUE AND f.answered_at IS NOT NULL AND a.closed_at IS NULL
            AND NOT EXISTS (SELECT 1 FROM mentor m WHERE m.account_id = a.id)
            AND NOT EXISTS (SELECT 1 FROM follow_up g JOIN enrollment h ON h.id = g.enrollment_id
                WHERE h.mentee_id = a.id AND g.willing_to_mentor IS NOT NULL AND (g.answered_at > f.answered_at
                    OR (g.answered_at = f.answered_at AND g.months > f.months)))
         ORDER BY f.answered_at DESC, f.enrollment_id LIMIT 50"
    )
}

/// Every follow-up of an enrolment, for the coordinator's page.
pub async fn list_of_enrollment(
    tx: &mut impl Queryable,
    _who: &Coordinator,
    id: EnrollmentId,
) -> Result<Vec<FollowUp>, sqlx::Error> {
    fetch_all!(tx, FollowUp, follow_ups!("WHERE f.enrollment_id = $1 ORDER BY f.months"), id)
}

//! Mentors: who they are, what they offer, and the checks of their credentials.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::types::Json;

use crate::audit::{Event, Kind};
use crate::clock;
use crate::counties::County;
use crate::db::{Queryable, WriteTx, execute, fetch_all, fetch_optional};
use crate::enrollments::OptionNumber;
use crate::error::AppError;
use crate::id::{AccountId, AwayId, CredentialCheckId, EnrollmentId};
use crate::matching::Profile;
use crate::matching::score::Offer;
use crate::people::{Coordinator, Discipline, Interest, Mentor, Way};

/// A mentor with the load they carry now and the day to which their credential was last found valid.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct MentorRow {
    pub id: AccountId,
    pub name: String,
    pub email: String,
    pub phone: String,
    pub discipline: Discipline,
    pub county: String,
    pub options: Json<Vec<OptionNumber>>,
    pub ways: Json<Vec<Way>>,
    pub interests: Json<Vec<Interest>>,
    pub capacity: i32,
    pub about: String,
    pub away_until: Option<NaiveDate>,
    /// Live enrolments that are proposed to them or go with them.
    pub current: i64,
    pub valid_to: Option<NaiveDate>,
    /// Whether they have set a password: until then the invitation is not used.
    pub has_password: bool,
}

impl MentorRow {
    pub fn offer(&self) -> Offer<AccountId> {
        Offer {
            id: self.id,
            options: self.options.0.clone(),
            capacity: i64::from(self.capacity),
            current: self.current,
            county: County::by_fips(&self.county),
            ways: self.ways.0.clone(),
            discipline: self.discipline,
            interests: self.interests.0.clone(),
            credential_expires: self.valid_to,
            away_until: self.away_until,
        }
    }
}

/// Mentors who can still be mentors, up to the rest of the WHERE. The load counts live enrolments only: one that is
/// completed or withdrawn takes no place.
macro_rules! mentors {
    ($rest:literal) => {
        concat!(
            "SELECT m.account_id AS id, a.name, a.email, a.phone, m.discipline, m.county, m.options, m.ways, m.interests,
                m.capacity, m.about, m.away_until, a.password_hash IS NOT NULL AS has_password,
                (SELECT COUNT(*) FROM mentor_match x JOIN enrollment e ON e.id = x.enrollment_id
                    WHERE x.mentor_id = m.account_id AND x.state IN ('proposed', 'accepted')
                    AND e.state IN ('active', 'paused')) AS current,
                (SELECT c.valid_to FROM credential_check c WHERE c.mentor_id = m.account_id
                    ORDER BY c.checked_at DESC, c.id DESC LIMIT 1) AS valid_to
             FROM mentor m JOIN account a ON a.id = m.account_id WHERE a.closed_at IS NULL ",
            $rest
        )
    };
}

/// Every mentor, by name.
pub async fn list_mentors(tx: &mut impl Queryable, _who: &Coordinator) -> Result<Vec<MentorRow>, sqlx::Error> {
    fetch_all!(tx, MentorRow, mentors!("ORDER BY a.name, m.account_id"))
}

pub async fn find_mentor(tx: &mut impl Queryable, _who: &Coordinator, id: AccountId) -> Result<Option<MentorRow>, sqlx::Error> {
    fetch_optional!(tx, MentorRow, mentors!("AND m.account_id = $1"), id)
}

/// The asking mentor's own row.
pub async fn find_own(tx: &mut impl Queryable, who: Mentor) -> Result<Option<MentorRow>, sqlx::Error> {
    fetch_optional!(tx, MentorRow, mentors!("AND m.account_id = $1"), who.account())
}

/// Somebody who completed an option, as an invitation to mentor needs them.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Former {
    pub name: String,
    pub email: String,
    pub phone: String,
    pub option_number: OptionNumber,
    pub discipline: Discipline,
    pub county: String,
    pub ways: Json<Vec<Way>>,
    pub interests: Json<Vec<Interest>>,
}

/// The mentee of a completed enrolment who is no mentor yet.
pub async fn find_former_mentee(
    tx: &mut impl Queryable,
    _who: &Coordinator,
    id: EnrollmentId,
) -> Result<Option<Former>, sqlx::Error> {
    fetch_optional!(
        tx,
        Former,
        "SELECT a.name, a.email, a.phone, e.option_number, ap.discipline, ap.county, ap.ways, ap.interests
         FROM enrollment e JOIN account a ON a.id = e.mentee_id JOIN application ap ON ap.id = e.application_id
         WHERE e.id = $1 AND e.state = 'completed' AND a.closed_at IS NULL
            AND NOT EXISTS (SELECT 1 FROM mentor m WHERE m.account_id = a.id)",
        id
    )
}

/// Makes an account a mentor; `false` when it is one already.
pub async fn insert_mentor(
    tx: &mut WriteTx,
    _who: &Coordinator,
    account: AccountId,
    profile: &Profile,
) -> Result<bool, sqlx::Error> {
    let now = tx.now();
    let made = execute!(
        tx,
        "INSERT INTO mentor (account_id, discipline, county, options, ways, interests, capacity, about, away_until, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (account_id) DO NOTHING",
        account,
        profile.discipline,
        profile.county.fips,
        Json(&profile.options),
        Json(&profile.ways),
        Json(&profile.interests),
        profile.capacity,
        &profile.about,
        profile.away_until,
        now
    )?;
    if made == 1 {
        keep_away(tx, account, profile.away_until).await?;
        tx.note(Event::new(Kind::MentorInvited).about(account.0));
    }
    Ok(made == 1)
}

/// A mentor changes what they offer.
pub async fn update_own(tx: &mut WriteTx, who: Mentor, profile: &Profile) -> Result<(), AppError> {
    update(tx, who.account(), profile).await
}

/// The coordinator changes what a mentor offers, told by phone.
pub async fn update_mentor(tx: &mut WriteTx, _who: &Coordinator, mentor: AccountId, profile: &Profile) -> Result<(), AppError> {
    update(tx, mentor, profile).await
}

async fn update(tx: &mut WriteTx, mentor: AccountId, profile: &Profile) -> Result<(), AppError> {
    let now = tx.now();
    let changed = execute!(
        tx,
        "UPDATE mentor SET discipline = $2, county = $3, options = $4, ways = $5, interests = $6, capacity = $7, about = $8,
            away_until = $9, updated_at = $10 WHERE account_id = $1",
        mentor,
        profile.discipline,
        profile.county.fips,
        Json(&profile.options),
        Json(&profile.ways),
        Json(&profile.interests),
        profile.capacity,
        &profile.about,
        profile.away_until,
        now
    )?;
    if changed == 0 {
        return Err(AppError::NotFound);
    }
    keep_away(tx, mentor, profile.away_until).await?;
    tx.note(Event::new(Kind::MentorProfileChanged).about(mentor.0));
    Ok(())
}

/// Keeps the mentor's times away, which stop the clocks of what waits on them: the present one ends, unless it is the
/// same, and a new one begins.
async fn keep_away(tx: &mut WriteTx, mentor: AccountId, until: Option<NaiveDate>) -> Result<(), sqlx::Error> {
    let now = tx.now();
    let same = execute!(
        tx,
        "UPDATE away SET ended_at = ended_at WHERE mentor_id = $1 AND ended_at IS NULL AND until_on = $2",
        mentor,
        until
    )?;
    if same == 1 {
        return Ok(());
    }
    execute!(tx, "UPDATE away SET ended_at = $2 WHERE mentor_id = $1 AND ended_at IS NULL", mentor, now)?;
    if let Some(until) = until.filter(|until| *until > clock::today(now)) {
        execute!(
            tx,
            "INSERT INTO away (id, mentor_id, began_at, until_on) VALUES ($1, $2, $3, $4)",
            AwayId::new(),
            mentor,
            now,
            until
        )?;
    }
    Ok(())
}

/// One look at a mentor's credential: by whom, when, and to which day it is valid.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Check {
    pub checked_by: String,
    pub checked_at: DateTime<Utc>,
    pub valid_to: NaiveDate,
    pub note: String,
}

/// Every check of a mentor's credential, newest first.
pub async fn list_checks(tx: &mut impl Queryable, _who: &Coordinator, mentor: AccountId) -> Result<Vec<Check>, sqlx::Error> {
    fetch_all!(
        tx,
        Check,
        "SELECT a.name AS checked_by, c.checked_at, c.valid_to, c.note
         FROM credential_check c JOIN account a ON a.id = c.checked_by
         WHERE c.mentor_id = $1 ORDER BY c.checked_at DESC, c.id DESC",
        mentor
    )
}

/// Records that a credential was checked. The form's key is the row's id, so that sending it twice records it once.
pub async fn insert_check(
    tx: &mut WriteTx,
    who: &Coordinator,
    id: CredentialCheckId,
    mentor: AccountId,
    valid_to: NaiveDate,
    note: &str,
) -> Result<(), AppError> {
    find_mentor(tx, who, mentor).await?.ok_or(AppError::NotFound)?;
    let now = tx.now();
    let made = execute!(
        tx,
        "INSERT INTO credential_check (id, mentor_id, checked_by, checked_at, valid_to, note)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING",
        id,
        mentor,
        who.account(),
        now,
        valid_to,
        note
    )?;
    if made == 1 {
        tx.note(Event::new(Kind::CredentialChecked).about(mentor.0).words(valid_to.to_string()));
    }
    Ok(())
}

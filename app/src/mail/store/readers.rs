//! What is known of readers: their zone, when they want their digest, what they leave out, and whether mail to them comes
//! back.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use sqlx::types::Json;

use super::Waiting;
use crate::audit;
use crate::clock;
use crate::db::{Queryable, WriteTx, execute, fetch_all, fetch_optional};
use crate::id::{AccountId, MailId};
use crate::mail::digest::{Quiet, Rhythm, Schedule, Weekday};
use crate::mail::{Group, Kind};
use crate::settings::{self, Settings};

/// What a person chose; who never chose has the defaults.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preference {
    pub rhythm: Rhythm,
    pub weekday: Weekday,
    /// `None`: as the program's settings say.
    pub hour: Option<u32>,
    pub left_out: Vec<Group>,
}

impl Default for Preference {
    fn default() -> Self {
        Self { rhythm: Rhythm::Daily, weekday: Weekday::Monday, hour: None, left_out: Vec::new() }
    }
}

/// Whoever reads a message: an account, or an applicant with the program's zone and hours.
#[derive(Debug, Clone)]
pub struct Reader {
    pub schedule: Schedule,
    pub preference: Preference,
    /// The zone as the account names it.
    pub time_zone: Option<String>,
}

#[derive(Default, sqlx::FromRow)]
struct Row {
    time_zone: Option<String>,
    rhythm: Option<Rhythm>,
    weekday: Option<Weekday>,
    hour: Option<i32>,
    left_out: Option<Json<Vec<Group>>>,
}

/// The reader behind a message.
pub async fn find_reader(
    tx: &mut impl Queryable,
    account: Option<AccountId>,
    settings: &Settings,
) -> Result<Reader, sqlx::Error> {
    let row = fetch_optional!(
        tx,
        Row,
        "SELECT a.time_zone, p.rhythm, p.weekday, p.hour, p.left_out FROM account a
         LEFT JOIN mail_preference p ON p.account_id = a.id WHERE a.id = $1",
        account
    )?;
    let row = row.unwrap_or_default();
    let preference = Preference {
        rhythm: row.rhythm.unwrap_or(Rhythm::Daily),
        weekday: row.weekday.unwrap_or(Weekday::Monday),
        hour: row.hour.map(i32::unsigned_abs),
        left_out: row.left_out.map(|Json(groups)| groups).unwrap_or_default(),
    };
    let zone = |name: &str| name.parse::<Tz>().ok();
    let schedule = Schedule {
        zone: row.time_zone.as_deref().and_then(zone).or_else(|| zone(&settings.time_zone)).unwrap_or(clock::zone()),
        rhythm: preference.rhythm,
        weekday: preference.weekday,
        hour: preference.hour.unwrap_or(settings.digest_hour),
        quiet: Quiet { from: settings.quiet_from, to: settings.quiet_to },
    };
    Ok(Reader { schedule, preference, time_zone: row.time_zone })
}

/// Keeps what a person chose, and gives what waits for them its new morning.
pub async fn change_preference(
    tx: &mut WriteTx,
    account: AccountId,
    preference: &Preference,
    time_zone: Option<&str>,
) -> Result<(), sqlx::Error> {
    let now = tx.now();
    let hour = preference.hour.and_then(|hour| i32::try_from(hour).ok());
    execute!(
        tx,
        "INSERT INTO mail_preference (account_id, rhythm, weekday, hour, left_out, updated_at) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (account_id) DO UPDATE SET rhythm = excluded.rhythm, weekday = excluded.weekday, hour = excluded.hour,
            left_out = excluded.left_out, updated_at = excluded.updated_at",
        account,
        preference.rhythm,
        preference.weekday,
        hour,
        Json(&preference.left_out),
        now
    )?;
    if let Some(zone) = time_zone {
        execute!(tx, "UPDATE account SET time_zone = $2 WHERE id = $1", account, zone)?;
    }
    tx.note(audit::Event::new(audit::Kind::MailPreferenceChanged).about(account.0));
    reschedule(tx, account).await
}

/// What waits and is in nobody's hands gets the morning that the reader's choice gives it.
async fn reschedule(tx: &mut WriteTx, account: AccountId) -> Result<(), sqlx::Error> {
    let now = tx.now();
    let settings = settings::store::current(tx).await?;
    let schedule = find_reader(tx, Some(account), &settings).await?.schedule;
    let waiting = fetch_all!(
        tx,
        (MailId, Kind, Option<DateTime<Utc>>),
        "SELECT id, kind, held_until FROM mail WHERE account_id = $1 AND state = 'waiting' AND timing = 'digest'
         AND next_attempt_at > $2 AND claimed_until IS NULL AND problem IS NULL",
        account,
        now
    )?;
    for (id, kind, held) in waiting {
        let due = schedule.next(held.map_or(now, |held| held.max(now)), kind.required());
        execute!(tx, "UPDATE mail SET next_attempt_at = $2 WHERE id = $1 AND claimed_until IS NULL", id, due)?;
    }
    Ok(())
}

/// Leaves out some news, or takes it in again; everything else that was chosen stays.
pub async fn change_groups(tx: &mut WriteTx, account: AccountId, groups: &[Group], leave_out: bool) -> Result<(), sqlx::Error> {
    let settings = settings::store::current(tx).await?;
    let mut preference = find_reader(tx, Some(account), &settings).await?.preference;
    let before = preference.left_out.clone();
    preference.left_out.retain(|group| !groups.contains(group));
    if leave_out {
        preference.left_out.extend_from_slice(groups);
    }
    preference.left_out.sort();
    if preference.left_out == before {
        return Ok(());
    }
    change_preference(tx, account, &preference, None).await
}

/// An address that a mail server refused.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Bounce {
    pub address: String,
    pub since: DateTime<Utc>,
    pub why: String,
}

pub async fn find_bounce(tx: &mut impl Queryable, address: &str) -> Result<Option<Bounce>, sqlx::Error> {
    fetch_optional!(tx, Bounce, "SELECT address, since, why FROM bounce WHERE address = $1", address)
}

/// Marks an address; the day it began stays.
pub async fn mark_bounce(tx: &mut WriteTx, address: &str, why: &str) -> Result<(), sqlx::Error> {
    let now = tx.now();
    execute!(
        tx,
        "INSERT INTO bounce (address, since, why) VALUES ($1, $2, $3) ON CONFLICT (address) DO UPDATE SET why = excluded.why",
        address,
        now,
        why
    )
    .map(|_| ())
}

/// Mail gets through again, or is about to be tried.
pub async fn clear_bounce(tx: &mut WriteTx, address: &str) -> Result<(), sqlx::Error> {
    execute!(tx, "DELETE FROM bounce WHERE address = $1", address).map(|_| ())
}

/// Why a message is not sent though it is still true: the reader leaves its news out, or it is no answer and mail comes
/// back anyway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unwanted {
    LeftOut(Group),
    Bounces(Bounce),
}

pub fn unwanted(mail: &Waiting, reader: &Reader, bounce: Option<&Bounce>) -> Option<Unwanted> {
    let group = mail.kind.group()?;
    if reader.preference.left_out.contains(&group) {
        return Some(Unwanted::LeftOut(group));
    }
    bounce.cloned().map(Unwanted::Bounces)
}

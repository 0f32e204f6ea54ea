//! Announcements in the database: who would get one, sending it once, and what came of those before.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;
use sha2::{Digest, Sha256};
use sqlx::types::Json;

use super::{TakenBack, enqueue, take_back};
use crate::audit;
use crate::clock;
use crate::db::{Queryable, WriteTx, execute, fetch_all, fetch_optional};
use crate::id::{AccountId, AnnouncementId, SubmissionKey};
use crate::mail::announcements::Audience;
use crate::mail::{Group, Kind, Mail, Recipient};
use crate::people::Coordinator;
use crate::settings::Settings;

/// Somebody in the group, and what keeps the announcement from them.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Listener {
    pub id: AccountId,
    pub email: String,
    pub name: String,
    pub bounces: bool,
    left_out: Option<Json<Vec<Group>>>,
}

impl Listener {
    pub fn left_out(&self) -> bool {
        self.left_out.as_ref().is_some_and(|groups| groups.contains(&Group::Announcements))
    }

    /// Whether it is sent to them.
    pub fn gets_it(&self) -> bool {
        !self.bounces && !self.left_out()
    }
}

/// The people of a group, by name.
pub async fn list_listeners(
    tx: &mut impl Queryable,
    _who: &Coordinator,
    audience: Audience,
    settings: &Settings,
) -> Result<Vec<Listener>, sqlx::Error> {
    let (mentees, mentors, paired, completed) = match audience {
        Audience::Everyone => (Some(0), true, false, None),
        Audience::Mentees(option) => (Some(i32::from(option)), false, false, None),
        Audience::Mentors => (None, true, false, None),
        Audience::PairMentors => (None, true, true, None),
        Audience::Completed(year) => (None, false, false, Some(year)),
    };
    let (begin, end) = completed.map_or((DateTime::UNIX_EPOCH, DateTime::UNIX_EPOCH), |year| span(year, settings));
    fetch_all!(
        tx,
        Listener,
        "SELECT a.id, a.email, a.name, b.address IS NOT NULL AS bounces, p.left_out FROM account a
         LEFT JOIN bounce b ON b.address = a.email LEFT JOIN mail_preference p ON p.account_id = a.id
         WHERE a.closed_at IS NULL AND (
            EXISTS (SELECT 1 FROM enrollment e WHERE e.mentee_id = a.id AND e.state IN ('active', 'paused')
                AND (e.option_number = $1 OR $1 = 0))
            OR ($2 AND EXISTS (SELECT 1 FROM account_role r WHERE r.account_id = a.id AND r.role = 'mentor')
                AND (NOT $3 OR EXISTS (SELECT 1 FROM mentor_match m JOIN enrollment e ON e.id = m.enrollment_id
                    WHERE m.mentor_id = a.id AND m.state = 'accepted' AND e.state IN ('active', 'paused'))))
            OR EXISTS (SELECT 1 FROM enrollment e WHERE e.mentee_id = a.id AND e.state = 'completed'
                AND e.ended_at >= $4 AND e.ended_at < $5))
         ORDER BY a.name, a.id",
        mentees.unwrap_or(-1),
        mentors,
        paired,
        begin,
        end
    )
}

/// From when to when a program year runs, named by the year in which it ends.
fn span(year: i32, settings: &Settings) -> (DateTime<Utc>, DateTime<Utc>) {
    let zone: Tz = settings.time_zone.parse().unwrap_or(clock::zone());
    let start = |year: i32| {
        let day = NaiveDate::from_ymd_opt(year, settings.year_month, settings.year_day).unwrap_or_default();
        clock::at_local(zone, day, NaiveTime::MIN)
    };
    (start(year - 1), start(year))
}

/// When the first enrolment was completed: the years of the groups begin there.
pub async fn first_completion(tx: &mut impl Queryable, _who: &Coordinator) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    let first = fetch_optional!(
        tx,
        (Option<DateTime<Utc>>,),
        "SELECT ended_at FROM enrollment WHERE state = 'completed' AND ended_at IS NOT NULL ORDER BY ended_at LIMIT 1"
    )?;
    Ok(first.and_then(|(at,)| at))
}

/// An announcement as it was typed.
#[derive(Debug, Clone)]
pub struct NewAnnouncement {
    pub key: SubmissionKey,
    pub audience: Audience,
    pub title: String,
    pub body: String,
}

impl NewAnnouncement {
    /// Stands in the page that shows how it will look: what was changed since is looked at again.
    pub fn seal(&self) -> String {
        let whole = format!("{}\n{}\n{}", self.audience, self.title, self.body);
        crate::hex(&Sha256::digest(whole.as_bytes())[..16])
    }
}

/// Sends it to everyone of its group who gets it, held for as long as it can be undone. Sent a second time, it does
/// nothing. Gives how many get it.
pub async fn announce(
    tx: &mut WriteTx,
    who: &Coordinator,
    new: &NewAnnouncement,
    settings: &Settings,
) -> Result<usize, sqlx::Error> {
    let (id, now) = (AnnouncementId::new(), tx.now());
    let made = execute!(
        tx,
        "INSERT INTO announcement (id, submission_key, audience, title, body, made_at, made_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (submission_key) DO NOTHING",
        id,
        new.key,
        new.audience.to_string(),
        &new.title,
        &new.body,
        now,
        who.account()
    )?;
    if made == 0 {
        return Ok(0);
    }
    let listeners = list_listeners(tx, who, new.audience, settings).await?;
    let mut count = 0;
    for listener in listeners.into_iter().filter(Listener::gets_it) {
        let to = Recipient { account: Some(listener.id), address: listener.email, name: listener.name };
        let mail = Mail::new(Kind::Announcement, to)
            .with("title", &new.title)
            .with("text", &new.body)
            .about(id.0)
            .not_before(now + chrono::Duration::minutes(settings.undo_minutes));
        enqueue(tx, mail).await?;
        count += 1;
    }
    tx.note(audit::Event::new(audit::Kind::AnnouncementSent).about(id.0).words(&new.title));
    Ok(count)
}

/// An announcement sent before, and what came of it.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Announced {
    pub id: AnnouncementId,
    pub audience: String,
    pub title: String,
    pub body: String,
    pub made_at: DateTime<Utc>,
    pub made_by: String,
    pub taken_back_at: Option<DateTime<Utc>>,
    pub sent: i64,
    pub waiting: i64,
    pub failed: i64,
}

/// The announcements so far, the newest first, at most 30.
pub async fn list_announced(tx: &mut impl Queryable, _who: &Coordinator) -> Result<Vec<Announced>, sqlx::Error> {
    fetch_all!(
        tx,
        Announced,
        "SELECT n.id, n.audience, n.title, n.body, n.made_at, a.name AS made_by, n.taken_back_at,
                (SELECT COUNT(*) FROM mail m WHERE m.about_id = n.id AND m.state = 'sent') AS sent,
                (SELECT COUNT(*) FROM mail m WHERE m.about_id = n.id AND m.state = 'waiting') AS waiting,
                (SELECT COUNT(*) FROM mail m WHERE m.about_id = n.id AND m.state = 'failed') AS failed
         FROM announcement n JOIN account a ON a.id = n.made_by ORDER BY n.made_at DESC, n.id DESC LIMIT 30"
    )
}

/// Takes back what has not left of an announcement.
pub async fn take_announcement_back(
    tx: &mut WriteTx,
    _who: &Coordinator,
    id: AnnouncementId,
) -> Result<TakenBack, sqlx::Error> {
    let now = tx.now();
    let back = take_back(tx, id.0, Kind::Announcement).await?;
    if back.dropped > 0 {
        execute!(tx, "UPDATE announcement SET taken_back_at = $2 WHERE id = $1", id, now)?;
        tx.note(audit::Event::new(audit::Kind::AnnouncementTakenBack).about(id.0));
    }
    Ok(back)
}

//! When the two talk next: times that one proposes and the other answers, the talk they agreed on, and the calendars that
//! read of it. Separate from the talks themselves, because a time is agreed before there is anything to say.
//!
//! One of the pair proposes up to three times, the other takes one, declines, or proposes others. An agreed talk keeps
//! its id through every change, and its `sequence` rises: by these two, calendars outside know it again.

pub mod api;
pub mod link;
pub mod pages;
pub mod store;

use std::ops::RangeInclusive;

use chrono::{DateTime, Duration, MappedLocalTime, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;
use uuid::Uuid;

use crate::clock;
use crate::error::Refusal;
use crate::id::{AccountId, AppointmentId, EnrollmentId, ProposalId, SubmissionKey};
use crate::people::Way;
use crate::words;

/// Times that one proposal may hold.
pub const TIMES: usize = 3;
/// Minutes that a talk may be planned for, and what it is planned for when nobody says.
pub const LENGTH: RangeInclusive<i32> = 5..=240;
pub const USUAL_LENGTH: i32 = 45;
/// The longest word on where: a place, a link, a phone number; and the longest with an answer.
pub const PLACE: usize = 200;
pub const WORD: usize = 500;
/// The furthest that a time may lie ahead.
const AHEAD: Duration = Duration::days(366);
/// How long after its beginning an agreed talk still asks to be logged.
pub const LOG_WITHIN: Duration = Duration::days(30);

words! {
    /// What became of a proposal.
    pub enum ProposalState {
        Open = "open",
        Accepted = "accepted",
        Declined = "declined",
        Replaced = "replaced",
        Withdrawn = "withdrawn",
    }

    /// What became of an agreed talk. It is held once a talk is logged after it began, or another is agreed after that.
    pub enum AppointmentState {
        Agreed = "agreed",
        Held = "held",
        Cancelled = "cancelled",
    }
}

/// What one of the pair does with a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProposalAction {
    Accept,
    Decline,
    /// Proposes other times instead: either may.
    Replace,
    /// Takes their own proposal back.
    Withdraw,
}

impl ProposalState {
    /// The state after an action; `own`: whether it is the proposer who acts.
    pub fn after(self, action: ProposalAction, own: bool) -> Result<Self, Refusal> {
        match (self, action, own) {
            (Self::Open, ProposalAction::Accept, false) => Ok(Self::Accepted),
            (Self::Open, ProposalAction::Decline, false) => Ok(Self::Declined),
            (Self::Open, ProposalAction::Withdraw, true) => Ok(Self::Withdrawn),
            (Self::Open, ProposalAction::Replace, _) => Ok(Self::Replaced),
            (Self::Open, ProposalAction::Accept | ProposalAction::Decline, true) => {
                Err(Refusal::new("You proposed these times yourself. The other of you answers them."))
            }
            (Self::Open, ProposalAction::Withdraw, false) => {
                Err(Refusal::new("The other of you proposed these times. You can decline them."))
            }
            (Self::Accepted | Self::Declined | Self::Replaced | Self::Withdrawn, _, _) => {
                Err(Refusal::new("These times were answered, changed or taken back meanwhile. Look at what stands here now."))
            }
        }
    }
}

/// A proposal that waits for an answer.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Proposal {
    pub id: ProposalId,
    pub proposed_by: AccountId,
    pub proposed_at: DateTime<Utc>,
    pub minutes: i32,
    pub way: Way,
    pub place: String,
    pub state: ProposalState,
    /// The earliest first.
    #[sqlx(skip)]
    pub times: Vec<DateTime<Utc>>,
}

/// A proposal to be made.
#[derive(Debug, Clone)]
pub struct NewProposal {
    pub key: SubmissionKey,
    pub minutes: i32,
    pub way: Way,
    pub place: String,
    pub times: Vec<DateTime<Utc>>,
}

/// An agreed talk of the present pair.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Appointment {
    pub id: AppointmentId,
    pub starts_at: DateTime<Utc>,
    pub minutes: i32,
    pub way: Way,
    pub place: String,
    pub sequence: i32,
    pub state: AppointmentState,
    pub agreed_at: DateTime<Utc>,
    pub changed_at: DateTime<Utc>,
}

impl Appointment {
    /// Whether it is still to come, or going on.
    pub fn is_ahead(&self, now: DateTime<Utc>) -> bool {
        self.state == AppointmentState::Agreed && self.starts_at + Duration::minutes(self.minutes.into()) > now
    }
}

/// What stands between the two about their next talk, as their homes need it: one row for each pair.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Standing {
    pub enrollment_id: EnrollmentId,
    /// When the other proposed times that wait for this reader.
    pub asked_at: Option<DateTime<Utc>>,
    /// When this reader proposed times that wait for the other.
    pub proposed_at: Option<DateTime<Utc>>,
    /// The agreed talk.
    pub starts_at: Option<DateTime<Utc>>,
    pub minutes: Option<i32>,
    pub way: Option<Way>,
    /// Talks that wait for this reader's yes.
    pub unconfirmed: i64,
}

impl Standing {
    /// When the next talk is, if one is agreed and not over.
    pub fn next(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.starts_at.filter(|at| *at + self.length() > now)
    }

    /// Since when an agreed talk is over and nobody logged it.
    pub fn unlogged(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.starts_at.filter(|at| *at + self.length() <= now && *at + LOG_WITHIN > now)
    }

    fn length(&self) -> Duration {
        Duration::minutes(self.minutes.unwrap_or_default().into())
    }
}

/// An invitation as a mail program and a calendar read it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Invitation {
    pub id: AppointmentId,
    pub enrollment_id: EnrollmentId,
    pub starts_at: DateTime<Utc>,
    pub minutes: i32,
    pub way: Way,
    pub place: String,
    pub sequence: i32,
    pub state: AppointmentState,
    pub changed_at: DateTime<Utc>,
    pub mentee: String,
    pub mentee_email: String,
    pub mentor: String,
    pub mentor_email: String,
    /// Whether the mentee proposed it: the proposer is who invites.
    pub by_mentee: bool,
    /// Whether the mentee reads this; else the mentor does.
    pub for_mentee: bool,
}

/// One entry of a person's calendar. It holds no word that one of the two wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The same for as long as it means the same thing.
    pub uid: Uuid,
    pub kind: EntryKind,
    pub enrollment: EnrollmentId,
    pub at: EntryTime,
    pub changed_at: DateTime<Utc>,
    pub sequence: i32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryKind {
    /// With whom, and how.
    Talk {
        other: String,
        way: Way,
    },
    /// The plan's day for a chapter of the reader's own.
    Chapter {
        number: i32,
        title: String,
    },
    BookDue {
        book: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryTime {
    From { starts_at: DateTime<Utc>, minutes: i32 },
    Day(NaiveDate),
}

/// The moment that a person in `zone` means by a date and a time on their wall. An hour that comes twice, when clocks go
/// back, is its first; the page says the zone's name with it.
///
/// # Errors
/// What to do instead, where clocks go forward and the time does not exist.
pub fn starts_at(zone: Tz, date: NaiveDate, time: NaiveTime) -> Result<DateTime<Utc>, String> {
    match zone.from_local_datetime(&date.and_time(time)) {
        MappedLocalTime::Single(at) | MappedLocalTime::Ambiguous(at, _) => Ok(at.with_timezone(&Utc)),
        MappedLocalTime::None => {
            let after = clock::at_local(zone, date, time).with_timezone(&zone);
            Err(format!(
                "Clocks go forward that night, and {} does not exist. Choose {} or another time.",
                time.format("%-I:%M %P"),
                after.format("%-I:%M %P")
            ))
        }
    }
}

/// What is wrong with a time for a talk, if anything is.
pub fn time_objection(at: DateTime<Utc>, now: DateTime<Utc>) -> Option<&'static str> {
    if at <= now {
        Some("This is past. Choose a time that is still to come.")
    } else if at > now + AHEAD {
        Some("This is more than a year away. Choose an earlier day.")
    } else {
        None
    }
}

/// A time of day as time fields send it (`17:30`), or as people write it (`5:30 pm`).
pub fn time_of_day(text: &str) -> Option<NaiveTime> {
    let text = text.to_lowercase().replace('.', "");
    ["%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M%p"].into_iter().find_map(|form| NaiveTime::parse_from_str(&text, form).ok())
}

/// A moment as a person in `zone` says it, with the zone's name: "Tuesday, Dec 1, 5:30 pm MST".
pub fn say_in(zone: Tz, at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let local = at.with_timezone(&zone);
    let day = clock::say_date(local.date_naive(), clock::date_in(zone, now));
    format!("{day}, {}", local.format("%-I:%M %P %Z"))
}

/// Where the two agree on a time.
pub fn time_path(enrollment: EnrollmentId) -> String {
    format!("/enrollments/{enrollment}/talk/time")
}

//! Taking back what the coordinator just did, for some minutes and as long as nothing of it has left the house. Separate,
//! because many steps act in place and none of them owns the way back.
//!
//! Each act keeps a [`Step`]: what was done, to whom, and which messages it put into the outbox, where they are held for
//! these minutes. Nothing is unmade that somebody has built on since, and the record of what happened keeps both.

pub mod api;
pub mod pages;
pub mod store;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::clock::say_full_date;
use crate::enrollments::State;
use crate::id::{ApplicationId, ContactId, EnrollmentId, MailId, MatchId, StallId};

/// What was done, with what its way back needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Change {
    /// The coordinator heard from somebody, or tried to.
    Contact {
        contact: ContactId,
        person: String,
        heard: bool,
    },
    Wrote {
        contact: ContactId,
        person: String,
    },
    Reminded {
        contact: ContactId,
        person: String,
        stall: StallId,
        /// Whether the stall began with this reminder, and if not, when its owner was nudged before.
        began: bool,
        nudged_before: Option<DateTime<Utc>>,
    },
    Paused {
        until: NaiveDate,
    },
    Extended {
        from: NaiveDate,
        to: NaiveDate,
    },
    Withdrawn {
        before: State,
        paused_until: Option<NaiveDate>,
    },
    Proposed {
        proposal: MatchId,
        mentor: String,
        instead_of: Option<MatchId>,
    },
    Accepted {
        application: ApplicationId,
    },
}

/// One thing that was done to one person's enrolment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    pub enrollment: EnrollmentId,
    /// The mentee.
    pub name: String,
    #[serde(flatten)]
    pub change: Change,
    /// What it put into the outbox.
    pub mails: Vec<MailId>,
}

impl Step {
    /// What was done, as a sentence.
    pub fn words(&self) -> String {
        let name = &self.name;
        match &self.change {
            Change::Contact { person, heard: true, .. } => format!("Heard from {person}."),
            Change::Contact { person, heard: false, .. } => format!("Tried to reach {person}."),
            Change::Wrote { person, .. } => format!("Written to {person}."),
            Change::Reminded { person, .. } => format!("{person} is reminded with the next daily summary."),
            Change::Paused { until } => format!("{name} is paused until {}.", say_full_date(*until)),
            Change::Extended { to, .. } => format!("{name} has time until {}.", say_full_date(*to)),
            Change::Withdrawn { .. } => format!("The enrollment of {name} is closed."),
            Change::Proposed { mentor, .. } => format!("{mentor} is proposed for {name}."),
            Change::Accepted { .. } => format!("{name} is accepted."),
        }
    }
}

/// What was done in one go, as a sentence.
pub fn words(steps: &[Step]) -> String {
    let [first, _, ..] = steps else { return steps.first().map(Step::words).unwrap_or_default() };
    let count = steps.len();
    match first.change {
        Change::Accepted { .. } => format!("{count} applications are accepted."),
        Change::Reminded { .. } => format!("{count} people are reminded with their next daily summary."),
        Change::Extended { .. } => format!("{count} enrollments have more time."),
        _ => format!("{count} changes are made."),
    }
}

//! What reaches the program past the site (a call, a fax, a letter), and the coordinator's own notes. Separate, because a
//! sign of life counts whatever way it came, and belongs to no step.

pub mod store;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use crate::clock;
use crate::id::{AccountId, EnrollmentId, SubmissionKey};
use crate::words;

words! {
    /// How something came that was not done on the site.
    pub enum Medium {
        Phone = "phone",
        Fax = "fax",
        Paper = "paper",
        Email = "email",
        InPerson = "in_person",
    }
}

impl Medium {
    pub fn name(self) -> &'static str {
        match self {
            Self::Phone => "Phone",
            Self::Fax => "Fax",
            Self::Paper => "Paper",
            Self::Email => "E-mail",
            Self::InPerson => "In person",
        }
    }

    /// As it stands after who entered it: "entered by Ruth Ellingson, by phone".
    pub fn told(self) -> &'static str {
        match self {
            Self::Phone => "by phone",
            Self::Fax => "by fax",
            Self::Paper => "on paper",
            Self::Email => "by e-mail",
            Self::InPerson => "in person",
        }
    }
}

/// Who entered something for somebody else, and how it had come: what is marked wherever it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entered {
    pub by: AccountId,
    pub came_by: Medium,
}

/// The mark of what somebody entered for another: "entered by Ruth Ellingson, by phone".
pub fn mark(entered_by: Option<&str>, came_by: Option<Medium>) -> Option<String> {
    Some(format!("entered by {}, {}", entered_by?, came_by?.told()))
}

/// A sign of life, or a try to get one, as the coordinator enters it.
#[derive(Debug, Clone)]
pub struct NewContact {
    pub key: SubmissionKey,
    pub enrollment: EnrollmentId,
    /// The mentee or the mentor.
    pub person: AccountId,
    pub medium: Medium,
    /// Whether the person was heard, or only tried to be reached.
    pub heard: bool,
    pub held_on: NaiveDate,
    pub note: String,
}

/// The moment of a day's contact that counts: its noon, or when it is entered if that is earlier.
pub fn heard_at(held_on: NaiveDate, now: DateTime<Utc>) -> DateTime<Utc> {
    clock::at_local(clock::zone(), held_on, NaiveTime::from_hms_opt(12, 0, 0).unwrap_or_default()).min(now)
}

/// The longest note.
pub const NOTE: usize = 2000;

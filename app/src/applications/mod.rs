//! Step 1: somebody asks to join, and the coordinator accepts or declines. Separate because here there is a person but
//! no account yet.
//!
//! An application that arrives while another from the same address is open, or while that person is enrolled, is kept
//! but set aside ([`State::Repeated`]). The page answers a stranger the same either way; the mail says how it is.

pub mod api;
pub mod pages;
pub mod store;

use chrono::{DateTime, Duration, NaiveDate, Utc};

use crate::clock;
use crate::counties::County;
use crate::enrollments::OptionNumber;
use crate::error::Refusal;
use crate::id::{ApplicationId, OutlineId};
use crate::people::{Discipline, Interest, Way};
use crate::settings::Settings;
use crate::word::UnknownWord;
use crate::words;

words! {
    /// Where an application stands.
    pub enum State {
        Received = "received",
        Accepted = "accepted",
        Declined = "declined",
        /// Set aside when it came: another one, or an enrollment, of the same address was open.
        Repeated = "repeated",
    }

    /// What the coordinator can do with an application.
    pub enum Action {
        Accept = "accept",
        Decline = "decline",
    }

    /// How an application reached the program.
    pub enum CameBy {
        Form = "form",
        Phone = "phone",
        Paper = "paper",
        Email = "email",
    }
}

impl State {
    /// The state after an action, or why it cannot be done.
    pub fn after(self, action: Action) -> Result<Self, Refusal> {
        use {Action as A, State as S};
        match (self, action) {
            (S::Received, A::Accept) => Ok(S::Accepted),
            (S::Received, A::Decline) => Ok(S::Declined),
            (S::Accepted, A::Accept | A::Decline) => Err(Refusal::new("This application was accepted already.")),
            (S::Declined, A::Accept | A::Decline) => Err(Refusal::new("This application was declined already.")),
            (S::Repeated, A::Accept | A::Decline) => {
                Err(Refusal::new("This application was set aside, because the person had another one or an enrollment open."))
            }
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Received => "Open",
            Self::Accepted => "Accepted",
            Self::Declined => "Declined",
            Self::Repeated => "Set aside",
        }
    }
}

impl CameBy {
    /// The ways in which a coordinator enters one for somebody.
    pub const ENTERED: &'static [Self] = &[Self::Phone, Self::Paper, Self::Email];

    pub fn name(self) -> &'static str {
        match self {
            Self::Form => "Form on this site",
            Self::Phone => "Phone call",
            Self::Paper => "Paper or fax",
            Self::Email => "E-mail",
        }
    }
}

/// What somebody wants to study: an option with the outline of one of its books.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Study {
    pub option: OptionNumber,
    pub outline: OutlineId,
}

impl std::fmt::Display for Study {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.option, self.outline)
    }
}

impl std::str::FromStr for Study {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (option, outline) = text.split_once('/').ok_or(UnknownWord)?;
        Ok(Self { option: option.parse()?, outline: outline.parse().map_err(|_| UnknownWord)? })
    }
}

/// What an applicant answers, read and checked.
#[derive(Debug, Clone)]
pub struct Answers {
    pub name: String,
    pub email: String,
    pub phone: String,
    pub discipline: Discipline,
    pub workplace: String,
    pub county: &'static County,
    pub serves: Vec<&'static County>,
    pub study: Study,
    pub ways: Vec<Way>,
    pub interests: Vec<Interest>,
    pub reason: String,
}

/// What became of an application on arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// It waits for the coordinator.
    New(ApplicationId),
    /// It was set aside, because the person has this open.
    Repeated(ApplicationId, Open),
    /// The same form came before; nothing changed.
    SentBefore,
}

words! {
    /// What keeps a person from applying again.
    pub enum Open {
        Application = "application",
        Enrollment = "enrollment",
    }
}

/// The day by which the coordinator answers an application.
pub fn answer_by(created_at: DateTime<Utc>, settings: &Settings) -> NaiveDate {
    clock::today(created_at) + Duration::days(settings.application_days)
}

/// Whether a text can be a person's name. The name stands in a mail to an address that nobody has confirmed, so it must
/// not carry a stranger's link there.
pub fn is_name(text: &str) -> bool {
    let lower = text.to_lowercase();
    text.chars().any(char::is_alphabetic)
        && !text.contains(|sign: char| "/\\@:<>{}|\n\t".contains(sign))
        && !lower.contains("www.")
        && ![".com", ".net", ".org", ".info", ".ru"].iter().any(|end| lower.contains(end))
}

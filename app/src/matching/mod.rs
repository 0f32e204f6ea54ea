//! Step 2: mentors, what they offer, and how a mentee comes to one of them. Separate because both sides decide here,
//! one after the other, and what each decided stays on record.

pub mod api;
pub mod pages;
pub mod score;
pub mod store;

use chrono::NaiveDate;

use crate::counties::County;
use crate::enrollments::OptionNumber;
use crate::error::Refusal;
use crate::people::{Discipline, Interest, Way};
use crate::words;

words! {
    /// Where a match stands in its life. Proposed and accepted ones are live; an enrolment has at most one of them.
    pub enum State {
        Proposed = "proposed",
        Accepted = "accepted",
        Declined = "declined",
        Withdrawn = "withdrawn",
        Ended = "ended",
    }

    /// What can be done to a match: the mentor answers, the coordinator takes a proposal back or ends a pair.
    pub enum Action {
        Accept = "accept",
        Decline = "decline",
        Withdraw = "withdraw",
        End = "end",
    }
}

impl State {
    pub fn is_live(self) -> bool {
        matches!(self, Self::Proposed | Self::Accepted)
    }

    /// The state after an action, or why it cannot be done. A proposal that is past its day can still be answered,
    /// as long as the coordinator has not taken it back.
    pub fn after(self, action: Action) -> Result<Self, Refusal> {
        use {Action as A, State as S};
        match (self, action) {
            (S::Proposed, A::Accept) => Ok(S::Accepted),
            (S::Proposed, A::Decline) => Ok(S::Declined),
            (S::Proposed, A::Withdraw) => Ok(S::Withdrawn),
            (S::Proposed, A::End) => Err(Refusal::new("This proposal is not answered yet. Withdraw it instead.")),
            (S::Accepted, A::End) => Ok(S::Ended),
            (S::Accepted, A::Accept | A::Decline) => Err(Refusal::new("This proposal was accepted already.")),
            (S::Accepted, A::Withdraw) => {
                Err(Refusal::new("The mentor has accepted meanwhile. The pair can be ended, with a reason."))
            }
            (S::Declined, A::Accept | A::Decline | A::Withdraw | A::End) => Err(Refusal::new("This proposal was declined.")),
            (S::Withdrawn, A::Accept | A::Decline | A::Withdraw | A::End) => {
                Err(Refusal::new("The coordinator has withdrawn this proposal. There is nothing for you to do."))
            }
            (S::Ended, A::Accept | A::Decline | A::Withdraw | A::End) => Err(Refusal::new("This pair has ended.")),
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Proposed => "Proposed",
            Self::Accepted => "Accepted",
            Self::Declined => "Declined",
            Self::Withdrawn => "Withdrawn",
            Self::Ended => "Ended",
        }
    }
}

impl Action {
    /// The state this action leads to. An action sent twice finds it there and changes nothing.
    pub fn aim(self) -> State {
        match self {
            Self::Accept => State::Accepted,
            Self::Decline => State::Declined,
            Self::Withdraw => State::Withdrawn,
            Self::End => State::Ended,
        }
    }
}

/// What a mentor offers, as the mentor or the coordinator writes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    pub discipline: Discipline,
    pub county: &'static County,
    pub options: Vec<OptionNumber>,
    pub ways: Vec<Way>,
    pub interests: Vec<Interest>,
    pub capacity: i32,
    pub about: String,
    /// The first day back; `None` when not away.
    pub away_until: Option<NaiveDate>,
}

/// The most mentees anyone can offer to take at a time.
pub const MOST_MENTEES: i32 = 20;

/// A mentor is away until the first day back.
pub fn is_away(away_until: Option<NaiveDate>, today: NaiveDate) -> bool {
    away_until.is_some_and(|back| back > today)
}

/// How a mentor's credential stands by the last check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    Unchecked,
    Expired(NaiveDate),
    /// Ends within the days of [`WARN_DAYS`].
    Ending {
        on: NaiveDate,
        days: i64,
    },
    Valid(NaiveDate),
}

/// How long before its end a credential is worth a word: renewing one takes months.
pub const WARN_DAYS: i64 = 120;
/// From here on the word is urgent.
pub const URGENT_DAYS: i64 = 30;

/// How a credential stands that was last found valid to this day. The day itself still counts.
pub fn credential(valid_to: Option<NaiveDate>, today: NaiveDate) -> Credential {
    match valid_to {
        None => Credential::Unchecked,
        Some(on) if on < today => Credential::Expired(on),
        Some(on) if (on - today).num_days() <= WARN_DAYS => Credential::Ending { on, days: (on - today).num_days() },
        Some(on) => Credential::Valid(on),
    }
}

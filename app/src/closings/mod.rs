//! The end of a pair or of an enrolment: what it means is said, both are thanked, and three questions are asked. Separate
//! because every way of ending leads here, and what is answered is read by few (PROGRAM section 11, "fit answers").

pub mod api;
pub mod pages;
pub mod store;

use crate::people::Side;
use crate::words;

words! {
    /// What ended.
    pub enum Occasion {
        /// The certificate was issued.
        Completed = "completed",
        /// The mentee left.
        Withdrawn = "withdrawn",
        /// The coordinator closed the enrolment.
        Closed = "closed",
        /// The pair ended, and the mentee goes on with another mentor.
        Ended = "ended",
    }

    /// Whether the pairing worked.
    pub enum Worked {
        Yes = "yes",
        Partly = "partly",
        No = "no",
    }
}

impl Occasion {
    pub fn name(self) -> &'static str {
        match self {
            Self::Completed => "Completed",
            Self::Withdrawn => "Withdrawn",
            Self::Closed => "Closed",
            Self::Ended => "Pair ended",
        }
    }
}

impl Worked {
    pub fn name(self) -> &'static str {
        match self {
            Self::Yes => "Yes",
            Self::Partly => "In part",
            Self::No => "No",
        }
    }
}

/// The first question; one who had no mentor is asked about the program.
pub fn first_question(other: Option<&str>, side: Side) -> String {
    match (other, side) {
        (Some(other), _) => format!("Did working with {other} go well?"),
        (None, Side::Mentee) => "Was the program what you had hoped for?".to_owned(),
        (None, Side::Mentor) => "Did it go well?".to_owned(),
    }
}

/// The second and the third question.
pub const HELPED: &str = "What helped most?";
pub const BETTER: &str = "What should we do differently?";

/// The longest answer.
pub const ANSWER: usize = 2000;

/// What a mentor gave to one mentee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, sqlx::FromRow)]
pub struct Given {
    pub talks: i64,
    pub minutes: i64,
    pub chapters: i64,
}

impl Given {
    /// "6 talks, 5 hours, 9 chapters signed off"; empty when there was nothing yet.
    pub fn words(self) -> String {
        let of = |count: i64, one: &str, many: &str| match count {
            0 => None,
            1 => Some(format!("1 {one}")),
            count => Some(format!("{count} {many}")),
        };
        let time = match self.minutes {
            0..90 => of(self.minutes, "minute", "minutes"),
            minutes => of((minutes + 30) / 60, "hour", "hours"),
        };
        let chapters = of(self.chapters, "chapter signed off", "chapters signed off");
        [of(self.talks, "talk", "talks"), time, chapters].into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

//! What happens to an enrolment beside study: a break, more time, another option, an end, a new beginning, a mentor who is
//! gone. Separate because it is decided by people and not by progress; the states and what leads from one to another are in
//! [`crate::enrollments::State`].

pub mod api;
pub mod pages;
pub mod store;

use chrono::{Days, NaiveDate};

use crate::words;

/// The longest break a mentee takes without asking.
pub const BREAK_DAYS: u64 = 90;
/// The longest break the coordinator gives, and the latest time limit from today.
pub const FARTHEST: Days = Days::new(366 * 3);
/// The longest reason.
pub const REASON: usize = 500;

/// Why a mentee cannot be away until this day by their own word, if so.
pub fn break_objection(until: NaiveDate, today: NaiveDate) -> Option<String> {
    let last = today + Days::new(BREAK_DAYS);
    if until <= today {
        return Some("Choose a day that is still to come.".into());
    }
    if until > last {
        let last = crate::clock::say_date(last, today);
        return Some(format!("A break can last until {last} without asking. If you need longer, ask below."));
    }
    None
}

/// Why a time limit cannot be this day, if so. `before`: the one that holds, which a later one must exceed.
pub fn limit_objection(until: NaiveDate, before: NaiveDate, today: NaiveDate) -> Option<&'static str> {
    if until <= today {
        return Some("Choose a day that is still to come.");
    }
    if until <= before {
        return Some("Choose a day after the present time limit.");
    }
    if until > today + FARTHEST {
        return Some("This is more than three years ahead. Look at the year again.");
    }
    None
}

words! {
    /// What becomes of the profile of a mentor who is gone.
    pub enum Afterwards {
        Nothing = "nothing",
        /// Away until a day.
        Away = "away",
        /// Nobody new is proposed any more.
        NoMore = "no_more",
    }
}

impl Afterwards {
    pub fn name(self) -> &'static str {
        match self {
            Self::Nothing => "They can still be proposed for others",
            Self::Away => "They are away until a day (below)",
            Self::NoMore => "Nobody is proposed to them any more",
        }
    }
}

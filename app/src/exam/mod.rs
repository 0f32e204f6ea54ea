//! Option 3: the mentee's way to the certification exam. Separate because its rules are another body's: they are dated, name
//! their source, and are never the program's own.
//!
//! [`facts`] holds those rules, [`hours`] reckons the mentee's own log against them, [`sheet`] reads a list of hours,
//! [`coverage`] holds the exam's areas against the chapters, and [`calendar`] counts back from the day of the exam.

pub mod api;
pub mod calendar;
pub mod coverage;
pub mod facts;
pub mod hours;
pub mod pages;
pub mod sheet;
pub mod store;

use chrono::{Months, NaiveDate};

use crate::words;

words! {
    /// What a mentee says of a rule.
    pub enum Answer {
        Yes = "yes",
        NotYet = "not_yet",
        Unsure = "unsure",
    }

    /// What came of a try at the exam.
    pub enum Outcome {
        Passed = "passed",
        NotPassed = "not_passed",
        NotSaid = "not_said",
    }
}

impl Answer {
    pub fn name(self) -> &'static str {
        match self {
            Self::Yes => "Yes",
            Self::NotYet => "Not yet",
            Self::Unsure => "Not sure",
        }
    }
}

impl Outcome {
    pub fn name(self) -> &'static str {
        match self {
            Self::Passed => "Passed",
            Self::NotPassed => "Not passed",
            Self::NotSaid => "I would rather not say",
        }
    }

    /// As others read it.
    pub fn told(self) -> &'static str {
        match self {
            Self::NotSaid => "Taken; the result is not said",
            other => other.name(),
        }
    }
}

/// Minutes of study a week while the plan names none.
pub const A_WEEK: i32 = 120;
/// Weeks kept for going over everything while the plan names none.
pub const REVIEW_WEEKS: i32 = 2;

/// Why the day of the eligibility check cannot be kept, if it cannot: rules change, so an old check is none.
pub fn objection_to_check(checked_on: NaiveDate, today: NaiveDate) -> Option<&'static str> {
    if checked_on > today {
        Some("This day is still to come. Enter the day on which you checked.")
    } else if checked_on + Months::new(12) < today {
        Some("This is more than a year ago, and the rules may have changed. Check again and enter that day.")
    } else {
        None
    }
}

/// Why the target date cannot be kept, if it cannot.
pub fn objection_to_target(target_on: NaiveDate, today: NaiveDate) -> Option<&'static str> {
    if target_on <= today {
        Some("Choose a day to come.")
    } else if target_on > today + Months::new(60) {
        Some("This is more than five years away. Choose an earlier day.")
    } else {
        None
    }
}

/// Why the day of an exam that was taken cannot be kept, if it cannot.
pub fn objection_to_result(taken_on: NaiveDate, today: NaiveDate) -> Option<&'static str> {
    if taken_on > today {
        Some("This day is still to come. Record the result once you have taken the exam.")
    } else if taken_on + Months::new(120) < today {
        Some("This is more than ten years ago. Check the year.")
    } else {
        None
    }
}

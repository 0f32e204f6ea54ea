//! Option 3: the mentee's plan for the certification exam, and the facts it is checked against. Separate because those
//! rules are another body's: they are dated, name their source, and are never the program's own.

pub mod api;
pub mod pages;
pub mod store;

use std::sync::LazyLock;

use chrono::{Months, NaiveDate};
use serde::Deserialize;

use crate::error::AppError;

/// Whose rules apply, and each with the day it was last checked.
#[derive(Debug, Clone, Deserialize)]
pub struct Facts {
    pub name: String,
    pub note: String,
    #[serde(rename = "requirement")]
    pub requirements: Vec<Requirement>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Requirement {
    pub code: String,
    pub text: String,
    pub source: String,
    pub checked_on: NaiveDate,
}

static FACTS: LazyLock<Result<Facts, toml::de::Error>> =
    LazyLock::new(|| toml::from_str(include_str!("../../content/exam-facts.toml")));

/// The facts the program ships with.
pub fn facts() -> Result<&'static Facts, AppError> {
    FACTS.as_ref().map_err(crate::people::session::internal)
}

/// The conditions a person must meet, as opposed to facts about the exam itself.
pub const CONDITIONS: [&str; 5] = ["discipline", "practice_years", "practice_hours", "recent_hours", "continuing_education"];

/// What keeps study and practice apart, said on top of the page.
pub const KEPT_APART: &str = "not_practice_hours";

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

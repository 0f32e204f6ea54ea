//! Step 4: how a pair goes about it, in rhythm, way, and a target date per chapter. Separate because either of the two may
//! change it at any time and nothing else changes with it; when they talk next is agreed by both (`appointments`).

pub mod api;
pub mod pages;
pub mod store;

use chrono::{Duration, NaiveDate};

use crate::words;

words! {
    /// How often a pair talks.
    pub enum Rhythm {
        Weekly = "weekly",
        EveryTwoWeeks = "every_two_weeks",
        Monthly = "monthly",
    }
}

impl Rhythm {
    pub fn name(self) -> &'static str {
        match self {
            Self::Weekly => "Every week",
            Self::EveryTwoWeeks => "Every two weeks",
            Self::Monthly => "Every month",
        }
    }

    /// Days between two talks.
    pub fn days(self) -> i64 {
        match self {
            Self::Weekly => 7,
            Self::EveryTwoWeeks => 14,
            Self::Monthly => 30,
        }
    }
}

/// Target dates for `count` chapters in their order: each before a talk, spread evenly over the talks that the rhythm
/// gives between today and the time limit. When no talk fits in, one chapter a talk from today on.
pub fn suggest(count: usize, today: NaiveDate, limit: NaiveDate, rhythm: Rhythm) -> Vec<NaiveDate> {
    let step = rhythm.days();
    let talks = (limit - today).num_days() / step;
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    (1..=count)
        .map(|place| {
            // The talk by which this share of the chapters is done, counted from 1.
            let talk = if talks > 0 { (place * talks + count - 1) / count } else { place };
            today + Duration::days(talk * step)
        })
        .collect()
}

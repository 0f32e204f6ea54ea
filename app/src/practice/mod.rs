//! Timed practice for the exam of Option 3: questions of the program's own banks, against the clock. Separate because it
//! counts toward nothing: no certificate, no statistics, no progress.
//!
//! The server's clock decides. What has arrived by the end counts; a page without scripts says when that is.

pub mod api;
pub mod pages;
pub mod store;

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use chrono::{DateTime, Duration, Utc};

use crate::assessments::{Credit, Item};
use crate::error::Refusal;
use crate::id::{EnrollmentId, PracticeId};

/// Questions and minutes of one practice. The exam itself has more questions than that in one sitting.
pub const QUESTIONS: RangeInclusive<i32> = 1..=175;
pub const MINUTES: RangeInclusive<i32> = 1..=240;

/// What was sent in time may be this long on its way.
const GRACE: Duration = Duration::seconds(15);

/// One practice.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Practice {
    pub id: PracticeId,
    pub enrollment_id: EnrollmentId,
    pub started_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
    pub item_count: i32,
    pub seed: Vec<u8>,
    /// What its answers have come to so far.
    pub credit: Credit,
}

impl Practice {
    pub fn is_open(&self, now: DateTime<Utc>) -> bool {
        self.ended_at.is_none() && now < self.ends_at
    }

    /// Whether an answer that arrives now still counts.
    pub fn allow_answering(&self, now: DateTime<Utc>) -> Result<(), Refusal> {
        if self.ended_at.is_some() {
            Err(Refusal::new("This practice is over. Load the page to see the result."))
        } else if now > self.ends_at + GRACE {
            Err(Refusal::new("The time is over. What had arrived by then counts."))
        } else {
            Ok(())
        }
    }

    /// Whole seconds until it ends.
    pub fn seconds_left(&self, now: DateTime<Utc>) -> i64 {
        (self.ends_at - now).num_seconds().max(0)
    }

    /// How long it took, in whole minutes, at least one.
    pub fn minutes(&self) -> i64 {
        ((self.ended_at.unwrap_or(self.ends_at).min(self.ends_at) - self.started_at).num_seconds() + 59).max(60) / 60
    }

    /// Whole percent, rounded down.
    pub fn percent(&self) -> i32 {
        if self.item_count > 0 { self.credit.0 / self.item_count.saturating_mul(10) } else { 0 }
    }
}

/// What the questions of one topic came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfTopic {
    pub topic: String,
    pub credit: Credit,
    pub of: i32,
}

/// What each topic came to, the weakest first.
pub fn by_topic<'a>(items: impl IntoIterator<Item = &'a (String, Item)>) -> Vec<OfTopic> {
    let mut topics: BTreeMap<&str, (i32, i32)> = BTreeMap::new();
    for (topic, item) in items {
        let sum = topics.entry(topic).or_default();
        sum.0 += item.credit.unwrap_or_default().0;
        sum.1 += 1;
    }
    let mut found: Vec<OfTopic> = topics
        .into_iter()
        .map(|(topic, (credit, of))| OfTopic { topic: topic.to_owned(), credit: Credit(credit), of })
        .collect();
    found.sort_by_key(|one| (one.credit.0 / one.of.max(1), one.topic.clone()));
    found
}

//! A post-test question that was missed, as the mentor talks it over. Separate because it only reads what the post-tests
//! left behind.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use sqlx::types::Json;

use crate::id::ChapterId;

/// One answer offered.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Choice {
    pub text: String,
    pub correct: bool,
}

/// A question with what was chosen, by the places of the choices.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Missed {
    pub chapter_id: ChapterId,
    pub number: i32,
    pub handed_in_at: DateTime<Utc>,
    pub text: String,
    pub explanation: String,
    choices: Json<Vec<Choice>>,
    chosen: Json<Vec<usize>>,
}

impl Missed {
    /// What was chosen; nothing when the question was left open.
    pub fn chosen(&self) -> impl Iterator<Item = &Choice> {
        self.chosen.iter().filter_map(|place| self.choices.get(*place))
    }

    /// The right answers that were not chosen.
    pub fn overlooked(&self) -> impl Iterator<Item = &Choice> {
        let taken = |place: &usize| self.chosen.contains(place);
        self.choices.iter().enumerate().filter(move |(place, choice)| choice.correct && !taken(place)).map(|(_, choice)| choice)
    }
}

//! What the browser calls while a test is taken.

use chrono::{DateTime, Utc};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::{ATTEMPT, PRACTICE};
use crate::clock;
use crate::error::AppError;
use crate::form::Typed;

/// What the page is told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// When the answers were kept: "at 2:02 pm".
    pub at: String,
    /// Why they were not, in words for the person; empty when they were.
    pub refused: String,
    /// From when on the page is taken to know what is kept elsewhere, once it was told of it.
    pub as_of: String,
}

/// Keeps the answers to some questions of a test. That another page has answered meanwhile, or that the test is handed in,
/// is told and is no error: sending the same again would change nothing.
#[server(endpoint = "keep-answers")]
pub async fn keep_answers() -> Result<Told, AppError> {
    let typed = use_context::<Typed>().unwrap_or_default();
    let id = |name: &str| typed.0.iter().find(|(field, _)| field == name).map(|(_, id)| id.as_str());
    let kept = match (id(ATTEMPT), id(PRACTICE)) {
        (Some(attempt), _) => crate::assessments::api::keep(attempt, &typed.0).await,
        (None, Some(practice)) => crate::practice::api::keep(practice, &typed.0).await,
        (None, None) => Err(AppError::NotFound),
    };
    told(kept)
}

fn told(kept: Result<DateTime<Utc>, AppError>) -> Result<Told, AppError> {
    let as_of = crate::state().clock.now().timestamp_micros().to_string();
    let refused = |words: String| Told { at: String::new(), refused: words, as_of };
    match kept {
        Ok(now) => Ok(Told { at: clock::say_at(now, now), ..Told::default() }),
        Err(AppError::Refused(refusal)) => Ok(refused(refusal.to_string())),
        Err(AppError::Invalid(errors)) => Ok(refused(errors.into_iter().map(|error| error.message).next().unwrap_or_default())),
        Err(error) => Err(error),
    }
}

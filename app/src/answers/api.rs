//! What the browser calls while a test is taken.

use chrono::{DateTime, Utc};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::{ATTEMPT, PRACTICE};
use crate::assessments::Objection;
use crate::clock;
use crate::error::AppError;
use crate::form::Typed;

/// What the page is told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// When the answers were kept: "at 2:02 pm".
    pub at: String,
    /// Why not all of them were, in words for the person; empty when they were.
    pub refused: String,
    /// The questions whose answers stay in the tab, because they cannot be read as they stand; with spaces between.
    pub unreadable: String,
    /// From when on the page is taken to know what is kept elsewhere, once it was told of it.
    pub as_of: String,
}

/// Keeps the answers to some questions of a test, as many as can be kept. That another page has answered meanwhile, or that
/// the test is handed in, is told and is no error: sending the same again would change nothing.
#[server(endpoint = "keep-answers")]
pub async fn keep_answers() -> Result<Told, AppError> {
    let typed = use_context::<Typed>().unwrap_or_default();
    let id = |name: &str| typed.0.iter().find(|(field, _)| field == name).map(|(_, id)| id.as_str());
    let kept = match (id(ATTEMPT), id(PRACTICE)) {
        (Some(attempt), _) => crate::assessments::api::keep(attempt, &typed.0).await,
        (None, Some(practice)) => crate::practice::api::keep(practice, &typed.0).await,
        (None, None) => Err(AppError::NotFound),
    };
    match kept {
        Ok((now, objections)) => Ok(told(now, objections)),
        Err(AppError::Refused(refusal)) => Ok(Told { refused: refusal.to_string(), ..Told::default() }),
        Err(error) => Err(error),
    }
}

fn told(now: DateTime<Utc>, objections: Vec<Objection>) -> Told {
    let unreadable: Vec<String> = objections.iter().filter_map(|one| Some(one.unreadable?.to_string())).collect();
    let elsewhere = objections.iter().any(|one| one.unreadable.is_none());
    Told {
        at: clock::say_at(now, now),
        refused: objections.into_iter().next().map(|one| one.error.message).unwrap_or_default(),
        unreadable: unreadable.join(" "),
        as_of: if elsewhere { now.timestamp_micros().to_string() } else { String::new() },
    }
}

//! What the browser calls while a person types.

use chrono::{DateTime, Utc};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Kept, Mark, store};
use crate::clock;
use crate::error::AppError;
use crate::form::{self, Fields};

/// What the page is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// When what stands now was kept: "at 2:02 pm".
    pub at: String,
    /// As the page's hidden field holds it.
    pub version: String,
    /// What was typed elsewhere meanwhile. Then nothing was kept: the person chooses.
    pub other: Option<Vec<(String, String)>>,
}

/// Keeps what stands in a form. A stranger is told to sign in, which the browser takes as "keep it yourself"; so is the
/// page of a person who is not the one signed in now.
#[server(endpoint = "keep-draft")]
pub async fn keep_draft() -> Result<Told, AppError> {
    let who = form::viewer_of_page().await?;
    let mark = form::draft_mark().ok_or(AppError::NotFound)?;
    let mut tx = crate::state().write(&who).await?;
    let kept = store::keep(&mut tx, who.id, &mark, &Fields::typed().visible()).await?;
    let now = tx.now();
    tx.commit().await?;
    Ok(told(kept, now))
}

fn told(kept: Kept, now: DateTime<Utc>) -> Told {
    match kept {
        Kept::Saved(version) => Told { at: clock::say_at(now, now), version: version.to_string(), other: None },
        Kept::Changed(draft) => {
            Told { at: clock::say_at(draft.saved_at, now), version: draft.version.to_string(), other: Some(draft.fields) }
        }
    }
}

impl Mark {
    /// As the hidden fields of a form say it; `None` for a form without a draft.
    pub fn read(typed: &[(String, String)]) -> Option<Self> {
        let field = |name: &str| typed.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        let version = field(super::VERSION).and_then(|version| version.parse().ok()).unwrap_or_default();
        Some(Self { form: field(super::DRAFT)?, version, page: field(super::PAGE).unwrap_or_default() })
    }
}

//! What the forms of an outline's page send to.

use leptos::prelude::*;

use super::store::Published;
use super::{MOST_MINUTES, read, store};
use crate::error::{AppError, Refusal};
use crate::form::{Fields, answer, to};
use crate::id::OutlineId;
use crate::people::viewer;
use crate::state;

fn path(id: OutlineId) -> String {
    format!("/coordinator/outlines/{id}")
}

/// Confirms an outline against the copy on the shelf.
#[server(endpoint = "confirm-outline")]
pub async fn confirm_outline(outline: OutlineId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut tx = state().write(&who).await?;
        store::find(&mut tx, &who, outline).await?.ok_or(AppError::NotFound)?;
        store::confirm(&mut tx, &who, outline).await?;
        tx.commit().await?;
        Ok(to(path(outline)).done("outline-confirmed"))
    })
    .await
}

/// Publishes a pasted table of contents as the next version.
#[server(endpoint = "publish-outline")]
pub async fn publish_outline(outline: OutlineId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut fields = Fields::typed();
        let id = OutlineId(fields.submission_key().0);
        let confirmed = fields.ticked("confirmed");
        let minutes = fields.whole("minutes", 1..=MOST_MINUTES);
        let note = fields.optional_text("note", 500);
        let lines = fields.optional_text("contents", 20_000).and_then(|contents| match read(&contents) {
            Ok(lines) => Some(lines),
            Err(reasons) => {
                for reason in reasons {
                    fields.wrong("contents", reason);
                }
                None
            }
        });
        let (minutes, note, lines) = fields.take((minutes, note, lines))?;
        let mut tx = state().write(&who).await?;
        let old = store::find(&mut tx, &who, outline).await?.ok_or(AppError::NotFound)?;
        match store::publish(&mut tx, &who, &old, id, &lines, minutes, &note).await? {
            Published::Now => {}
            Published::Before => return Ok(to(path(id)).done("outline-published")),
            Published::Overtaken => {
                let words = "Another version took this one's place meanwhile. Open the newest version and publish from there.";
                return Err(Refusal::new(words).into());
            }
        }
        if confirmed {
            store::confirm(&mut tx, &who, id).await?;
        }
        tx.commit().await?;
        Ok(to(path(id)).done("outline-published"))
    })
    .await
}

//! What the button "Undo" sends to.

use leptos::prelude::*;

use super::store::{self, TakenBack};
use crate::desk::api::back_closed;
use crate::error::AppError;
use crate::form::answer;
use crate::id::UndoId;
use crate::people::viewer;
use crate::state;

/// Takes back something the asking coordinator did a few minutes ago.
#[server(endpoint = "undo-change")]
pub async fn undo_change(undo: UndoId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut tx = state().write(&who).await?;
        let done = store::take_back(&mut tx, &who, undo).await?;
        tx.commit().await?;
        Ok(back_closed().done(match done {
            TakenBack::Whole | TakenBack::Before => "change-undone",
            TakenBack::ButBook => "change-undone-but-book",
        }))
    })
    .await
}

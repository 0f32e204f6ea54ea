//! What the form of the three questions sends to.

use leptos::prelude::*;

use super::store::{self, closing_path};
use super::{ANSWER, Worked};
use crate::error::AppError;
use crate::form::{Fields, answer, to};
use crate::id::ClosingId;
use crate::people::viewer;
use crate::state;

/// Whoever was asked answers; the coordinator reads it, the other does not.
#[server(endpoint = "answer-closing")]
pub async fn answer_closing(closing: ClosingId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?;
        let mut tx = state().write(&who).await?;
        let found = store::find_own(&mut tx, &who, closing).await?.ok_or(AppError::NotFound)?;
        let mut fields = Fields::typed();
        let worked = fields.one::<Worked>("worked", "Choose one of the answers.");
        let helped = fields.optional_text("helped", ANSWER);
        let better = fields.optional_text("better", ANSWER);
        let (worked, helped, better) = fields.take((worked, helped, better))?;
        store::answer(&mut tx, &who, &found, worked, &helped, &better).await?;
        tx.commit().await?;
        Ok(to(closing_path(found.enrollment_id)).done("closing-answered"))
    })
    .await
}

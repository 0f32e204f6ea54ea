//! What the browser calls while a person types.

use leptos::prelude::*;
use server_fn::codec::Postcard;

use crate::error::AppError;

/// Keeps a draft and gives the time of day at which it was kept. A stranger is told to sign in, which the browser takes
/// as "keep it yourself".
#[server(endpoint = "keep-draft", input = Postcard, output = Postcard)]
pub async fn keep_draft(form: String, fields: Vec<(String, String)>) -> Result<String, AppError> {
    let who = crate::people::viewer().await?;
    let mut tx = crate::state().write(&who).await?;
    super::store::keep(&mut tx, who.id, &form, &fields).await?;
    let at = tx.now();
    tx.commit().await?;
    Ok(at.with_timezone(&crate::clock::zone()).format("%-I:%M %P").to_string())
}

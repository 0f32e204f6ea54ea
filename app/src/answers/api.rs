//! What the browser calls while a test is taken.

use leptos::prelude::*;
use server_fn::codec::Postcard;

use super::Taken;
use crate::error::AppError;

/// Keeps the answers to some questions of a test and gives the time of day at which they were kept.
///
/// # Errors
/// A refusal when the test is handed in, or when another page has answered meanwhile.
#[server(endpoint = "keep-answers", input = Postcard, output = Postcard)]
pub async fn keep_answers(taken: Taken, id: String, fields: Vec<(String, String)>) -> Result<String, AppError> {
    let at = match taken {
        Taken::PostTest => crate::assessments::api::keep(&id, &fields).await?,
        Taken::Practice => crate::practice::api::keep(&id, &fields).await?,
    };
    Ok(at.with_timezone(&crate::clock::zone()).format("%-I:%M %P").to_string())
}

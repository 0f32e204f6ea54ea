//! What the coordinator's certificate form sends to.

use leptos::prelude::*;

use super::store;
use crate::error::AppError;
use crate::form::{Fields, answer, to};
use crate::id::EnrollmentId;
use crate::people::viewer;
use crate::state;

#[server(endpoint = "issue-certificate")]
pub async fn issue_certificate(enrollment: EnrollmentId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut fields = Fields::typed();
        let name = fields.text("name", 200, "Enter the name as it is to be printed.");
        let (name,) = fields.take((name,))?;
        let page = format!("/coordinator/enrollments/{enrollment}/certificate");
        let mut tx = state().write(&who).await?;
        if store::find_of_enrollment(&mut tx, enrollment).await?.is_some() {
            return Ok(to(page).done("certificate-there"));
        }
        store::issue(&mut tx, &who, &state(), enrollment, &name).await?;
        tx.commit().await?;
        Ok(to(page).done("certificate-issued"))
    })
    .await
}

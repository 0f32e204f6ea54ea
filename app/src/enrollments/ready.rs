//! Telling the coordinator that an enrolment has all its option requires. Separate because several steps can be the
//! last one: a sign-off, a post-test, an exam plan, a letter received.

use super::{State, missing, store};
use crate::db::{Queryable, WriteTx, fetch_optional};
use crate::error::AppError;
use crate::id::EnrollmentId;
use crate::mail::{self, Mail};

/// Puts one message to every coordinator into the outbox if nothing is missing any more. To be called at the end of any
/// change that may be the last one required; it says so once in an enrolment's life.
pub async fn tell(tx: &mut WriteTx, site: &crate::State, id: EnrollmentId) -> Result<(), AppError> {
    let Some(story) = store::find(tx, id).await? else { return Ok(()) };
    if story.state != State::Active || !missing(&story).is_empty() || is_told(tx, id).await? {
        return Ok(());
    }
    for to in mail::store::coordinators(tx).await? {
        let mail = Mail::new(mail::Kind::ReadyForCertificate, to)
            .with("mentee", &story.mentee)
            .with("link", site.link(&format!("/coordinator/enrollments/{id}/certificate")))
            .about(id.0);
        mail::store::enqueue(tx, mail).await?;
    }
    Ok(())
}

async fn is_told(tx: &mut impl Queryable, id: EnrollmentId) -> Result<bool, sqlx::Error> {
    let kind = mail::Kind::ReadyForCertificate;
    Ok(fetch_optional!(tx, (i32,), "SELECT 1 FROM mail WHERE kind = $1 AND about_id = $2 LIMIT 1", kind, id.0)?.is_some())
}

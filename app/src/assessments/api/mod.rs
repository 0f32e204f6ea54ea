//! What the forms of post-tests and of the question bank send to.

mod attempts;
mod bank;
mod rules;

use crate::id::{ChapterId, EnrollmentId};

pub use attempts::*;
pub use bank::*;
pub use rules::*;

/// Where a chapter's post-test stands.
pub fn test_path(enrollment: EnrollmentId, chapter: ChapterId) -> String {
    format!("/enrollments/{enrollment}/chapters/{chapter}/test")
}

/// Where a chapter's questions stand.
pub fn bank_path(chapter: ChapterId) -> String {
    format!("/coordinator/questions/{chapter}")
}

//! What the forms of post-tests and of the question bank send to.

mod attempts;
mod bank;
mod imports;
mod rules;

use crate::id::{ChapterId, EnrollmentId, QuestionId};

pub use attempts::*;
pub use bank::*;
pub use imports::*;
pub use rules::*;

/// Where a chapter's post-test stands.
pub fn test_path(enrollment: EnrollmentId, chapter: ChapterId) -> String {
    format!("/enrollments/{enrollment}/chapters/{chapter}/test")
}

/// Where a chapter's questions stand.
pub fn bank_path(chapter: ChapterId) -> String {
    format!("/coordinator/questions/{chapter}")
}

/// Where one version of a question stands.
pub fn question_path(chapter: ChapterId, question: QuestionId) -> String {
    format!("/coordinator/questions/{chapter}/question/{question}")
}

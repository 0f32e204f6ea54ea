//! The pages of post-tests, for the pair, and of the question bank, for the coordinator.

mod bank;
mod import;
mod question;
mod rules;
mod scores;
mod statistics;
mod test;
mod version;
mod write;

pub use bank::{chapter, index};
pub use import::{file, files};
pub use question::{Whose, answered, asked};
pub use rules::{all_rules, rules};
pub use scores::of_enrollment;
pub use statistics::{figures, statistics};
pub use test::{page_marks, test};
pub use version::version;
pub use write::{edit, write};

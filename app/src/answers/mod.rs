//! Answers as they are given: kept on the server while somebody takes a test, one question at a time, and in the tab when
//! there is no line. Separate because post-tests and practice both need it, and because it is one of the few parts that
//! also run in the browser.

pub mod api;
pub mod islands;

use crate::words;

words! {
    /// What is being taken.
    pub enum Taken {
        PostTest = "attempt",
        Practice = "practice",
    }
}

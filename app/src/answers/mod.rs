//! Answers as they are given: kept on the server while somebody takes a test, one question at a time, and in the tab when
//! there is no line. Separate because post-tests and practice both need it, and because it is one of the few parts that
//! also run in the browser.

#[cfg(feature = "ssr")]
pub mod api;
#[cfg(feature = "hydrate")]
mod browser;
pub mod islands;

/// The hidden fields that name what is being taken.
pub const ATTEMPT: &str = "attempt";
pub const PRACTICE: &str = "practice";

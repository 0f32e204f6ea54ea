//! Drafts: what somebody is typing, kept before it is sent. Separate because it belongs to every form with longer texts,
//! and because it is one of the few parts that also run in the browser.
//!
//! A signed-in person's draft is kept on the server; a stranger's only in the browser's own tab.

pub mod api;
pub mod islands;
#[cfg(feature = "ssr")]
pub mod store;

/// The most a draft may hold, in characters over all fields.
pub const LARGEST: usize = 60_000;

//! Drafts: what somebody is typing, kept before it is sent. Separate because it belongs to every form with longer texts,
//! and because it is one of the few parts that also run in the browser.
//!
//! A signed-in person's draft is kept on the server and on the device; a stranger's only in the browser's own tab. Each
//! page says which version of the draft it was built on. A version that somebody wrote elsewhere meanwhile is never
//! overwritten: the page gets it back, and the person chooses.

#[cfg(feature = "ssr")]
pub mod api;
#[cfg(feature = "hydrate")]
pub(crate) mod browser;
#[cfg(feature = "hydrate")]
mod device;
pub mod islands;
#[cfg(feature = "ssr")]
pub mod store;

/// The most a draft may hold, in characters over all fields.
#[cfg(feature = "ssr")]
pub const LARGEST: usize = 60_000;

/// The hidden field that names a form's draft.
pub const DRAFT: &str = "_draft";
/// The hidden field for the version that the page was built on, 0 when there was none.
pub const VERSION: &str = "_version";
/// The hidden field that tells one open page from another; the browser fills it.
pub const PAGE: &str = "_page";

/// What a page says of its draft when it keeps it or sends the form.
#[cfg(feature = "ssr")]
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mark {
    pub form: String,
    pub version: i64,
    pub page: String,
}

/// A draft as it stands.
#[cfg(feature = "ssr")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    pub version: i64,
    /// Empty once the form was sent.
    pub fields: Vec<(String, String)>,
    pub saved_at: chrono::DateTime<chrono::Utc>,
}

/// What became of what a page typed.
#[cfg(feature = "ssr")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// It stands, as this version.
    Saved(i64),
    /// Somebody typed something else meanwhile; nothing was overwritten.
    Changed(Draft),
}

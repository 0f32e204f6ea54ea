//! Step 6: the letter of agreement that mentee and mentor sign. Separate because what was signed never changes.

use serde::{Deserialize, Serialize};

/// A letter as it is printed: the exact text that was signed, and the signatures under it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paper {
    pub title: String,
    /// Markdown: headings, paragraphs, lists, bold.
    pub text: String,
    /// SHA-256 of `text`, hex.
    pub text_sha256: String,
    pub signatures: Vec<PaperSignature>,
    /// When and by whom it was received, in words.
    pub received: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaperSignature {
    /// "Mentee" or "Mentor".
    pub role: String,
    /// The name as typed.
    pub name: String,
    /// When, in words, in UTC.
    pub signed_at: String,
    /// SHA-256 of the text this person saw, hex.
    pub text_sha256: String,
}

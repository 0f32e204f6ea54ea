//! Step 6: the letter of agreement that mentee and mentor sign. Separate because what was signed never changes.
//!
//! A letter is made from the newest template once a pair has a plan. While it is open, a change of plan replaces it and
//! both sign the new text; once both have signed, its text stays for good.

pub mod api;
mod evidence;
pub mod pages;
pub mod store;
pub mod text;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::error::Refusal;
use crate::people::Side;
use crate::words;

words! {
    /// Where a letter stands.
    pub enum State {
        /// Neither or one has signed.
        Open = "open",
        /// Both have signed; the coordinator has not received it yet.
        Signed = "signed",
        Received = "received",
        /// Another text took its place before both had signed.
        Replaced = "replaced",
    }

    /// What can be done to a letter.
    pub enum Action {
        /// One of the two signs, the other has not yet.
        SignFirst = "sign_first",
        /// The second of the two signs.
        SignLast = "sign_last",
        Receive = "receive",
        Replace = "replace",
    }

    /// The two who sign.
    pub enum Signer {
        Mentee = "mentee",
        Mentor = "mentor",
    }

    /// How a signature came about.
    pub enum Way {
        Electronic = "electronic",
        /// By hand on paper; the coordinator entered who and when.
        Paper = "paper",
    }
}

impl State {
    /// The state after an action, or why it cannot be done.
    pub fn after(self, action: Action) -> Result<Self, Refusal> {
        use {Action as A, State as S};
        match (self, action) {
            (S::Open, A::SignFirst) => Ok(S::Open),
            (S::Open, A::SignLast) => Ok(S::Signed),
            (S::Open, A::Replace) => Ok(S::Replaced),
            (S::Open, A::Receive) => Err(Refusal::new("This letter is not signed by both yet.")),
            (S::Signed, A::Receive) => Ok(S::Received),
            (S::Signed, A::SignFirst | A::SignLast) => Err(Refusal::new("This letter is signed by both already.")),
            (S::Signed | S::Received, A::Replace) => Err(Refusal::new("Both have signed this letter, so its text stays.")),
            (S::Received, A::Receive) => Err(Refusal::new("This letter was received already.")),
            (S::Received, A::SignFirst | A::SignLast) => Err(Refusal::new("This letter is signed and received already.")),
            (S::Replaced, A::SignFirst | A::SignLast) => Err(Refusal::new(MOVED)),
            (S::Replaced, A::Receive) => Err(Refusal::new("Another text has taken this letter's place. Look at it again.")),
            (S::Replaced, A::Replace) => Err(Refusal::new("This letter was replaced already.")),
        }
    }
}

/// What a signer is told whose text is no longer the one to sign.
pub const MOVED: &str = "The letter changed since you opened it. Your signature was not taken. Read the new text, then sign.";

/// What a person agrees to when signing on the page; kept word for word in the signature.
pub const CONSENT: &str =
    "I have read this letter and agree to it. I agree to sign it electronically: my typed name is my signature.";

/// What stands in place of the consent when a signature was made by hand.
pub const ON_PAPER: &str = "Signed by hand on paper; entered by the coordinator.";

impl Signer {
    pub fn name(self) -> &'static str {
        match self {
            Self::Mentee => "Mentee",
            Self::Mentor => "Mentor",
        }
    }

    /// Within a sentence.
    pub fn word(self) -> &'static str {
        match self {
            Self::Mentee => "mentee",
            Self::Mentor => "mentor",
        }
    }
}

impl From<Side> for Signer {
    fn from(side: Side) -> Self {
        match side {
            Side::Mentee => Self::Mentee,
            Side::Mentor => Self::Mentor,
        }
    }
}

/// A letter as it is printed: the exact text that was signed, and the signatures under it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paper {
    pub title: String,
    /// Markdown: headings, paragraphs, lists, bold.
    pub text: String,
    /// SHA-256 of `text`, hex.
    pub text_sha256: String,
    /// The day in the program's zone on which this text was made.
    pub made_on: NaiveDate,
    /// The mentee's and the mentor's, in this order. One that is still missing has an empty `signed_at`, which leaves a
    /// line to sign by hand.
    pub signatures: Vec<PaperSignature>,
    /// When and by whom it was received, in words.
    pub received: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaperSignature {
    /// "Mentee" or "Mentor".
    pub role: String,
    /// The name as typed; before signing, the person's name.
    pub name: String,
    /// When, in words, in UTC; empty before signing.
    pub signed_at: String,
    /// SHA-256 of the text this person saw, hex; empty before signing.
    pub text_sha256: String,
}

//! Step 8: the certificate of achievement. Separate because it is sealed once, in the transaction that issues it, and
//! never changes afterwards: its facts, its date and its PDF are kept as they were.

pub mod api;
pub mod pages;
pub mod store;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::words;

words! {
    /// What a certificate is worth now.
    pub enum Standing {
        Valid = "valid",
        Replaced = "replaced",
        Revoked = "revoked",
    }
}

impl Standing {
    pub fn name(self) -> &'static str {
        match self {
            Self::Valid => "Valid",
            Self::Replaced => "Replaced",
            Self::Revoked => "Revoked",
        }
    }
}

/// Everything that is printed on a certificate, fixed when it is issued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// `QDEI-(year issued)-(sequence)`.
    pub number: String,
    pub name: String,
    /// "Option 1: …".
    pub option: String,
    pub book: String,
    pub mentor: String,
    pub issuer: String,
    pub program: String,
    /// The coordinator's sentence.
    pub wording: String,
    /// The date in the program's zone when it was issued.
    pub issued_on: NaiveDate,
    /// Where the QR code leads.
    pub verify_url: String,
}

/// The number of the certificate that is the `sequence`th of its year: `QDEI-2026-0001`.
pub fn number(issued_on: NaiveDate, sequence: i32) -> String {
    format!("QDEI-{}-{sequence:04}", issued_on.year())
}

/// A number as somebody typed it, in the form it is stored: spaces and lower case forgiven. `None` if it cannot be one.
pub fn parse_number(typed: &str) -> Option<String> {
    let number: String = typed.chars().filter(|sign| !sign.is_whitespace()).collect::<String>().to_uppercase();
    let mut parts = number.split('-');
    let digits =
        |part: &str, least: usize| part.len() >= least && part.len() <= 9 && part.bytes().all(|byte| byte.is_ascii_digit());
    let fits = parts.next() == Some("QDEI")
        && parts.next().is_some_and(|year| digits(year, 4))
        && parts.next().is_some_and(|sequence| digits(sequence, 4))
        && parts.next().is_none();
    fits.then_some(number)
}

//! Step 8: the certificate of achievement. Separate because it is sealed once and never changes afterwards.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

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
    /// The date in Montana when it was issued.
    pub issued_on: NaiveDate,
    /// Where the QR code leads.
    pub verify_url: String,
}

//! The printing press of the running program: the site's facts handed to Typst. Separate from the layouts, which know
//! nothing of the site.

use std::sync::LazyLock;

use app::agreements::Paper;
use app::certificates::Facts;
use app::error::AppError;

use crate::pdf::{Certificate, Letter, Press, Signature};

/// The one press of the process: its fonts are loaded when the first paper is printed.
pub fn press() -> &'static Press {
    static PRESS: LazyLock<Press> = LazyLock::new(Press::new);
    &PRESS
}

/// Prints with Typst.
#[derive(Default)]
pub struct TypstPress(());

impl app::Press for TypstPress {
    fn certificate(&self, facts: &Facts) -> Result<Vec<u8>, AppError> {
        let printed = Certificate {
            number: &facts.number,
            name: &facts.name,
            option: &facts.option,
            book: &facts.book,
            mentor: &facts.mentor,
            issuer: &facts.issuer,
            issuer_title: "Coordinator",
            program: &facts.program,
            issued_on: facts.issued_on,
            verify_url: &facts.verify_url,
            wording: &facts.wording,
        };
        press().certificate(&printed).map_err(log)
    }

    fn letter(&self, paper: &Paper) -> Result<Vec<u8>, AppError> {
        let signatures: Vec<Signature> = paper
            .signatures
            .iter()
            .map(|signature| Signature {
                role: &signature.role,
                name: &signature.name,
                signed_at: &signature.signed_at,
                hash: &signature.text_sha256,
            })
            .collect();
        let printed = Letter {
            title: &paper.title,
            markdown: &paper.text,
            version_hash: &paper.text_sha256,
            signatures: &signatures,
            made_on: paper.made_on,
            received: paper.received.as_deref(),
        };
        press().letter(&printed).map_err(log)
    }
}

fn log(error: crate::pdf::PressError) -> AppError {
    tracing::error!(%error, "printing");
    AppError::Internal
}

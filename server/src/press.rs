//! The printing press of the running program: the site's facts handed to Typst. Separate from the layouts, which know
//! nothing of the site.

use app::agreements::Paper;
use app::certificates::Facts;
use app::error::AppError;

use crate::pdf::{Certificate, Letter, Press, Signature};

/// Prints with Typst; the fonts are loaded once.
#[derive(Default)]
pub struct TypstPress(std::sync::OnceLock<Press>);

impl TypstPress {
    fn press(&self) -> &Press {
        self.0.get_or_init(Press::new)
    }
}

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
        self.press().certificate(&printed).map_err(log)
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
        self.press().letter(&printed).map_err(log)
    }
}

fn log(error: crate::pdf::PressError) -> AppError {
    tracing::error!(%error, "printing");
    AppError::Internal
}

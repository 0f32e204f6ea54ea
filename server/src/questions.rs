//! `qdei questions --check`: what of a file of questions could be taken, without a database. Separate because it prints what
//! the page shows; the file is read by the same functions.

use std::path::Path;
use std::process::ExitCode;

use app::assessments::formats::{self, Read, Refused, Unreadable};
use serde::Serialize;

use crate::import::REFUSED;

/// What is printed.
#[derive(Serialize)]
struct Found {
    taken: usize,
    refused: Vec<Refused>,
}

/// Prints what is in a file, or says why it is no file of questions.
pub fn check(path: &Path) -> ExitCode {
    let told = read(path).and_then(|read| {
        let found = Found { taken: read.taken.len(), refused: read.refused };
        serde_json::to_string(&found).map_err(|error| error.to_string())
    });
    match told {
        Ok(json) => {
            println!("{json}");
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("qdei: {}: {why}", path.display());
            ExitCode::from(REFUSED)
        }
    }
}

fn read(path: &Path) -> Result<Read, String> {
    let unreachable = |error: std::io::Error| format!("it cannot be read: {error}");
    let about = std::fs::metadata(path).map_err(unreachable)?;
    if !about.is_file() {
        return Err("it is not a file".to_owned());
    }
    if usize::try_from(about.len()).map_or(true, |length| length > formats::LARGEST) {
        return Err(Unreadable::TooLarge.to_string());
    }
    formats::read(&std::fs::read(path).map_err(unreachable)?).map_err(|why| why.to_string())
}

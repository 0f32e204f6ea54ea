//! Post-tests and the question bank in the database.

mod attempts;
mod imports;
mod questions;
mod rules;
mod statistics;

pub use attempts::*;
pub use imports::*;
pub use questions::*;
pub use rules::*;
pub use statistics::*;

//! Post-tests and the question bank in the database.

mod attempts;
mod questions;
mod rules;
mod statistics;

pub use attempts::*;
pub use questions::*;
pub use rules::*;
pub use statistics::*;

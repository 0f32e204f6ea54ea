//! Post-tests and the question bank in the database.

mod attempts;
mod questions;

pub use attempts::*;
pub use questions::*;

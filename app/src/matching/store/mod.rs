//! Mentors and matches in the database.

mod matches;
mod mentors;

pub use matches::*;
pub use mentors::*;

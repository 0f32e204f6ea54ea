//! The pages of a hand-over: the coordinators, leaving, and what is open.

mod open;
mod people;

pub use open::handover;
pub use people::{leave, people};

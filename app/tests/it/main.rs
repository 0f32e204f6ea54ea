//! Rules and stores of every step. One program, because linking one is quicker than linking twenty.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop with what it found")]

mod applications;
mod ground;
mod options;
mod settings;
mod support;
mod visit;

//! Rules and stores of every step. One program, because linking one is quicker than linking twenty.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop with what it found")]

mod applications;
mod assessments;
mod discussion;
mod exam;
mod agreements;
mod competencies;
mod ground;
mod matching;
mod matching_pages;
mod matching_score;
mod options;
mod outlines;
mod settings;
mod study;
mod support;
mod visit;

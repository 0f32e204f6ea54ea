//! Rules and stores of every step. One program, because linking one is quicker than linking twenty.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop with what it found")]

mod agreements;
mod applications;
mod assessments;
mod assessments_pages;
mod behalf;
mod competencies;
mod counties;
mod desk;
mod discussion;
mod exam;
mod follow_ups;
mod ground;
mod handover;
mod imports;
mod imports_store;
mod library;
mod library_pages;
mod library_store;
mod life;
mod mail;
mod matching;
mod matching_pages;
mod matching_score;
mod options;
mod outlines;
mod plans;
mod questions;
mod reports;
mod reports_store;
mod search;
mod settings;
mod study;
mod support;
mod visit;
mod week;

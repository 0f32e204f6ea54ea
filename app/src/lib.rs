//! The site of the Quality Diabetes Education Initiative: every step of the program, its pages and its rules.
//!
//! One folder per step, always with the same files: `mod.rs` (words and rules, no I/O), `api.rs` (what forms send to),
//! `store.rs` (SQL), `pages.rs` (views). Compiled into the server (`ssr`) whole, and to WebAssembly (`hydrate`) for
//! the few islands alone: pages never reach the browser.

pub mod answers;
pub mod drafts;
pub mod error;
pub mod id;
pub mod people;
pub mod word;

#[cfg(feature = "ssr")]
pub mod agreements;
#[cfg(feature = "ssr")]
pub mod app;
#[cfg(feature = "ssr")]
pub mod applications;
#[cfg(feature = "ssr")]
pub mod appointments;
#[cfg(feature = "ssr")]
pub mod assessments;
#[cfg(feature = "ssr")]
pub mod audit;
#[cfg(feature = "ssr")]
pub mod behalf;
#[cfg(feature = "ssr")]
pub mod bulk;
#[cfg(feature = "ssr")]
pub mod certificates;
#[cfg(feature = "ssr")]
pub mod clock;
#[cfg(feature = "ssr")]
pub mod closings;
#[cfg(feature = "ssr")]
pub mod competencies;
#[cfg(feature = "ssr")]
pub mod contacts;
#[cfg(feature = "ssr")]
pub mod counties;
#[cfg(feature = "ssr")]
pub mod db;
#[cfg(feature = "ssr")]
pub mod desk;
#[cfg(feature = "ssr")]
pub mod discussion;
#[cfg(feature = "ssr")]
pub mod enrollments;
#[cfg(feature = "ssr")]
pub mod exam;
#[cfg(feature = "ssr")]
pub mod exports;
#[cfg(feature = "ssr")]
pub mod follow_ups;
#[cfg(feature = "ssr")]
pub mod form;
#[cfg(feature = "ssr")]
pub mod handover;
#[cfg(feature = "ssr")]
pub mod imports;
#[cfg(feature = "ssr")]
pub mod library;
#[cfg(feature = "ssr")]
pub mod life;
#[cfg(feature = "ssr")]
pub mod mail;
#[cfg(feature = "ssr")]
pub mod matching;
#[cfg(feature = "ssr")]
pub mod options;
#[cfg(feature = "ssr")]
pub mod outlines;
#[cfg(feature = "ssr")]
pub mod plans;
#[cfg(feature = "ssr")]
pub mod practice;
#[cfg(feature = "ssr")]
pub mod reports;
#[cfg(feature = "ssr")]
pub mod search;
#[cfg(feature = "ssr")]
pub mod settings;
#[cfg(feature = "ssr")]
pub mod spreadsheet;
#[cfg(feature = "ssr")]
pub mod starter;
#[cfg(feature = "ssr")]
mod state;
#[cfg(feature = "ssr")]
pub mod study;
#[cfg(feature = "ssr")]
pub mod ui;
#[cfg(feature = "ssr")]
pub mod undo;

#[cfg(feature = "ssr")]
pub use state::{Actor, Press, State, Stranger, hex, random_bytes, random_code, state};

/// Wakes the islands of a page: the browser's entry point.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_islands();
}

//! The program around the site: settings, router, security, downloads, PDF, mail worker and command line.
//!
//! A library beside the `qdei` binary, so that its tests run the real router in process.

/// Gives memory back that is no longer used: each sign-in takes 19 MB for a moment, which the usual allocator keeps.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

pub mod calendar;
pub mod check;
pub mod command;
pub mod configuration;
pub mod demo;
pub mod downloads;
pub mod export;
pub mod forms;
pub mod import;
pub mod jobs;
pub mod log;
pub mod mail;
pub mod metrics;
pub mod pdf;
pub mod press;
pub mod questions;
pub mod reports;
pub mod router;
pub mod security;
pub mod simulate;
pub mod site;
pub mod unsubscribe;
pub mod uploads;

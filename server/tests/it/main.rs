//! The whole server in process: pages and forms over HTTP, who may do what, mail, papers, crashes. One program, because
//! linking one is quicker than linking ten.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop with what it found")]

mod access;
mod calendar;
mod crash;
mod demo;
mod desk;
mod exchange;
mod http;
mod life;
mod mail;
mod monday;
mod pdf;
mod questions;
mod reports;
mod simulate;
mod smtp;
mod support;
mod uploads;

//! What a coordinator brings along: spreadsheets of mentors, of mentees with their history, and of books. Separate because
//! it writes what the steps of the program would have written, had the program had this software then.
//!
//! A file becomes rows ([`read`]), its headings become fields ([`columns`]), cells become values ([`values`]), rows become
//! records or problems ([`rows`]). All that is pure. Only when the coordinator says so does [`store`] write the records, all
//! or none, and keeps what it made, so that it can be taken back.
//!
//! ## What becomes what
//!
//! - A **mentor** becomes an account, a mentor's profile and, with a day in *Credential valid to*, a check of the credential
//!   with the note "imported". Someone who is a mentor already keeps their profile; a new phone or a later credential is
//!   taken over.
//! - A **mentee** becomes an account, an accepted application that came on paper, and an enrolment from *Started on*, marked
//!   as imported. *Mentor's e-mail* becomes an accepted match from that day. *Letter received on* becomes a letter that says
//!   it was signed on paper, with both signatures entered by the coordinator. *Chapters read* become study entries of zero
//!   minutes (nobody knows how long they took), *Chapters discussed* sign-offs by the mentor, and count as read too. A chapter
//!   without a day takes the day the enrolment ended, or today while it is going on. *Completed on* completes the enrolment
//!   as completed before the program had this software: its certificate is on paper, and none is made here.
//!   While it goes on, its clocks stood still up to the import: nobody is reminded of what lies before it.
//! - A **book** becomes a title, an edition and its copies, as far as they are not there.

pub mod api;
pub mod columns;
pub mod pages;
pub mod progress;
pub mod read;
pub mod rows;
pub mod store;
pub mod template;
mod told;
pub mod values;

use crate::words;

pub use columns::{Column, Field, Found};
pub use read::{Row, Unreadable};
pub use rows::{Judgement, Known, Problem, judge};

words! {
    /// What a list is of.
    pub enum Kind {
        Mentors = "mentors",
        Mentees = "mentees",
        Books = "books",
    }

    /// Where an import stands.
    pub enum State {
        Read = "read",
        Done = "done",
        Undone = "undone",
    }
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Mentors => "Mentors",
            Self::Mentees => "Mentees with their history",
            Self::Books => "Books",
        }
    }
}

impl State {
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "Read, not imported",
            Self::Done => "Imported",
            Self::Undone => "Taken back",
        }
    }
}

/// Reads a file and finds the table in it, as `kind` or as what it seems to be.
pub fn open(file_name: &str, bytes: &[u8], kind: Option<Kind>) -> Result<Found, Unreadable> {
    columns::find(read::read(bytes)?, file_name, kind)
}

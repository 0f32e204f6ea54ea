//! Outlines: the ordered chapters of an edition, as the coordinator pastes, checks, confirms and renews them. Separate
//! because an outline never changes once it is published: a new table of contents is a new version, for new enrolments.
//!
//! A version begins as a draft. [`read`] makes chapters of a pasted table of contents and says of every line what it took
//! it for; [`compare`] says what stays of an earlier version; publishing settles who was first.

pub mod api;
pub mod compare;
pub mod pages;
mod reading;
pub mod store;

use serde::{Deserialize, Serialize};

use crate::id::{ChapterId, EditionId, OutlineDraftId, OutlineId};

pub use reading::{ReadLine, Reading, Understood, clean, read};

/// The longest title of a chapter, in characters, and the longest name of a part.
pub const LONGEST_TITLE: usize = 200;
/// The longest table of contents, in characters.
pub const LONGEST_CONTENTS: usize = 120_000;
/// The most chapters an outline has.
pub const MOST_CHAPTERS: usize = 100;
/// The highest number of a chapter.
pub const HIGHEST_NUMBER: i32 = 999;
/// The most minutes a chapter is expected to take.
pub const MOST_MINUTES: i32 = 600;
/// The last page a book may have.
pub const LAST_PAGE: i32 = 9_999;
/// What a chapter is expected to take while nobody has said.
pub const USUAL_MINUTES: i32 = 40;

/// The pages of a chapter in its book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pages {
    pub first: i32,
    /// `None`: only where it begins is known.
    pub last: Option<i32>,
}

impl Pages {
    /// As two columns hold them.
    pub fn of(first: Option<i32>, last: Option<i32>) -> Option<Self> {
        first.map(|first| Self { first, last })
    }

    /// Reads "45", "45-78" or "pp. 45–78"; `None` when it is something else.
    pub fn parse(text: &str) -> Option<Self> {
        reading::pages(text)
    }
}

impl std::fmt::Display for Pages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.last {
            Some(last) if last > self.first => write!(f, "pp. {}–{last}", self.first),
            _ => write!(f, "p. {}", self.first),
        }
    }
}

/// A chapter as it is written in a table of contents, or in a draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub number: i32,
    pub title: String,
    /// The part of the book it stands in; empty where there are none.
    pub part: String,
    pub pages: Option<Pages>,
    pub required: bool,
    /// `None`: nobody has said.
    pub minutes: Option<i32>,
    /// The chapter of the version before that it is under another title, when the coordinator said so.
    pub follows: Option<ChapterId>,
}

impl std::fmt::Display for Line {
    /// As [`read`] reads it again.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}. {}", self.number, self.title)?;
        if let Some(pages) = self.pages {
            write!(f, ", {pages}")?;
        }
        if let Some(minutes) = self.minutes {
            write!(f, ", {minutes} min")?;
        }
        if !self.required {
            f.write_str(" (optional)")?;
        }
        Ok(())
    }
}

/// Chapters as a table of contents that [`read`] reads again; a part stands before its chapters, behind a "#".
pub fn contents(lines: &[Line]) -> String {
    let mut text = String::new();
    let mut part = "";
    for line in lines {
        if line.part != part {
            part = &line.part;
            text.push_str(format!("# {part}").trim_end());
            text.push('\n');
        }
        text.push_str(&format!("{line}\n"));
    }
    text.trim_end().to_owned()
}

/// What is wrong with the chapters of a draft as a whole; each complaint with the place of its chapter, counted from 0.
pub fn complaints(lines: &[Line]) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    if lines.len() > MOST_CHAPTERS {
        let words = format!("These are {} chapters. An outline has at most {MOST_CHAPTERS}.", lines.len());
        found.push((MOST_CHAPTERS, words));
    }
    for (at, two) in lines.windows(2).enumerate() {
        if let [one, next] = two
            && next.number <= one.number
        {
            let words = format!("Chapter {} comes after chapter {}. Numbers go up.", next.number, one.number);
            found.push((at + 1, words));
        }
    }
    found
}

/// The page of a published outline.
pub fn outline_path(id: OutlineId) -> String {
    format!("/coordinator/outlines/{id}")
}

/// The page of a draft.
pub fn draft_path(id: OutlineDraftId) -> String {
    format!("/coordinator/outline-drafts/{id}")
}

/// Every version of an edition's outlines.
pub fn edition_path(id: EditionId) -> String {
    format!("/coordinator/editions/{id}/outlines")
}

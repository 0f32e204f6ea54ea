//! Step 7, the reading: chapters, what a mentee logs of them, and the mentor's sign-off. Separate because progress
//! follows from it and nothing else may move it.
//!
//! A chapter is *read* by a study entry and *discussed* by the mentor's sign-off, with or without a talk. Neither waits
//! for the other, and neither is ever taken back: a correction is a new entry in the place of an earlier one.

pub mod api;
pub mod chapter;
mod pace;
pub mod pages;
pub mod progress;
pub mod store;

use std::ops::RangeInclusive;

use chrono::{DateTime, Duration, NaiveDate, Utc};

use crate::clock;
use crate::contacts::{Medium, mark};
use crate::enrollments::{OptionNumber, State};
use crate::error::Refusal;
use crate::id::{AccountId, ChapterId, EnrollmentId, OutlineId, StudyEntryId, SubmissionKey};
use crate::people::{Side, Way};

pub use pace::{
    Against, Finish, Frame, Leave, Pace, Required, Requirement, Unknown, against_days, days_of_leave, finish, say_month,
};

/// Minutes of one entry or talk: more is a slip of the hand.
pub const MINUTES: RangeInclusive<i32> = 1..=600;
/// The longest reflection.
pub const REFLECTION: usize = 4000;
/// The longest word back with a sign-off.
pub const WORD: usize = 1000;

/// One unit of study in the order of the outline.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Chapter {
    pub id: ChapterId,
    pub number: i32,
    pub title: String,
    pub required: bool,
    /// How long most take.
    pub minutes: i32,
    /// The first chapter of its line: in every version of the outline the same one.
    pub root: ChapterId,
}

impl Chapter {
    /// "Chapter 7, Low blood sugar".
    pub fn name(&self) -> String {
        format!("Chapter {}, {}", self.number, self.title)
    }
}

/// Where a chapter of an enrolment has its page.
pub fn chapter_path(enrollment: EnrollmentId, chapter: ChapterId) -> String {
    format!("/enrollments/{enrollment}/chapters/{chapter}")
}

/// Where a chapter's post-test stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TestState {
    /// There is none, or none whose questions are approved.
    None,
    Open,
    Passed,
}

/// How far a chapter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    Open,
    Read,
    Discussed,
}

impl Standing {
    /// As the list of chapters draws it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Read => "read",
            Self::Discussed => "discussed",
        }
    }
}

/// A chapter and what has happened with it in one enrolment.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ChapterProgress {
    #[sqlx(flatten)]
    pub chapter: Chapter,
    /// The part of the book it stands in, and its pages there, where the outline says.
    pub part: String,
    pub first_page: Option<i32>,
    pub last_page: Option<i32>,
    /// The first day it was read.
    pub read_on: Option<NaiveDate>,
    /// When that was first logged.
    pub logged_at: Option<DateTime<Utc>>,
    /// Minutes of all entries that count.
    pub spent: i64,
    pub signed_off_at: Option<DateTime<Utc>>,
    /// The plan's day for it.
    pub target_on: Option<NaiveDate>,
    pub test_open: bool,
    pub test_passed: bool,
    /// The best post-test so far, percent.
    pub best: Option<i64>,
    /// Messages in its thread.
    pub messages: i64,
}

impl ChapterProgress {
    pub fn is_read(&self) -> bool {
        self.logged_at.is_some()
    }

    pub fn is_discussed(&self) -> bool {
        self.signed_off_at.is_some()
    }

    /// Whether the mentor can sign it off now.
    pub fn is_ready(&self) -> bool {
        self.is_read() && !self.is_discussed()
    }

    pub fn standing(&self) -> Standing {
        match (self.is_read(), self.is_discussed()) {
            (true, true) => Standing::Discussed,
            (true, false) => Standing::Read,
            (false, _) => Standing::Open,
        }
    }

    pub fn test(&self) -> TestState {
        match (self.test_passed, self.test_open) {
            (true, _) => TestState::Passed,
            (false, true) => TestState::Open,
            (false, false) => TestState::None,
        }
    }

    /// Whether the planned day has gone by without it being read.
    pub fn is_behind(&self, today: NaiveDate) -> bool {
        !self.is_read() && self.target_on.is_some_and(|target| target < today)
    }

    /// As a reader sees it who was not there before `from`: that it is read, but not when or for how long.
    pub fn seen_from(self, from: DateTime<Utc>) -> Self {
        if self.logged_at.is_some_and(|at| at < from) { Self { read_on: None, spent: 0, ..self } } else { self }
    }
}

/// What every page of a pair needs to know of it.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Pair {
    pub id: EnrollmentId,
    pub state: State,
    pub started_at: DateTime<Utc>,
    pub option_number: OptionNumber,
    pub outline_id: OutlineId,
    pub book: String,
    pub mentee_id: AccountId,
    pub mentee: String,
    pub mentor_id: Option<AccountId>,
    pub mentor: Option<String>,
    /// Since when the mentor is the mentor; one who came back after a reopening has their first time back as well,
    /// but not the time of another mentor in between.
    pub matched_at: Option<DateTime<Utc>>,
    pub next_talk_at: Option<DateTime<Utc>>,
    /// How the plan says they talk.
    pub way: Option<Way>,
}

impl Pair {
    /// From when on this side sees what was written and logged: a mentor only what is of their own time.
    pub fn visible_from(&self, side: Side) -> DateTime<Utc> {
        match side {
            Side::Mentee => DateTime::UNIX_EPOCH,
            // Whoever is the mentor was matched; a row that says otherwise shows nothing.
            Side::Mentor => self.matched_at.unwrap_or(self.started_at + Duration::days(36_500)),
        }
    }

    /// What the other of the two is called.
    pub fn other(&self, side: Side) -> Option<&str> {
        match side {
            Side::Mentee => self.mentor.as_deref(),
            Side::Mentor => Some(&self.mentee),
        }
    }

    /// Why nothing can be written here any more, if so. A leave ends nothing: who reads on a leave may log it.
    pub fn allow_writing(&self) -> Result<(), Refusal> {
        allow_writing(self.state)
    }

    /// The same for what needs both.
    pub fn allow_talking(&self) -> Result<(), Refusal> {
        self.allow_writing()?;
        if self.mentor_id.is_none() {
            return Err(Refusal::new("There is no mentor yet. The coordinator is looking for one; then you can write here."));
        }
        Ok(())
    }

    /// The day the enrolment began.
    pub fn began_on(&self) -> NaiveDate {
        clock::today(self.started_at)
    }
}

/// Why nothing can be written to an enrolment in this state, if so.
pub fn allow_writing(state: State) -> Result<(), Refusal> {
    match state {
        State::Active | State::Paused => Ok(()),
        State::Completed => {
            Err(Refusal::new("This enrollment is completed. What stands here can be read, and nothing is added to it."))
        }
        State::Withdrawn => {
            Err(Refusal::new("This enrollment has ended. What stands here can be read, and nothing is added to it."))
        }
    }
}

/// What the entry of a mentee is written into: a chapter of the outline now, or of an earlier one, because the page may
/// have been opened before a change of option.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Desk {
    pub state: State,
    pub started_at: DateTime<Utc>,
    pub mentor_id: Option<AccountId>,
    /// Whether the mentor has signed the chapter off.
    pub discussed: bool,
    /// Whether there was another outline before, to which an entry may have been carried over.
    pub earlier: bool,
}

/// What is wrong with a day on which something should have happened, if anything is.
pub fn day_objection(day: NaiveDate, began_on: NaiveDate, today: NaiveDate) -> Option<String> {
    if day > today {
        return Some("This day is still to come. Choose today or an earlier day.".into());
    }
    if day < began_on {
        let began_on = clock::say_date(began_on, today);
        return Some(format!("This is before you began on {began_on}. Choose that day or a later one."));
    }
    None
}

/// One study entry as its page shows it. For the mentor the reflection is there only when it was shared.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Entry {
    pub id: StudyEntryId,
    pub studied_on: NaiveDate,
    pub minutes: i32,
    pub reflection: String,
    pub shared: bool,
    pub created_at: DateTime<Utc>,
    /// When a later entry took its place.
    pub replaced_at: Option<DateTime<Utc>>,
    /// Who entered it for the mentee, and how it had come.
    pub entered_by: Option<String>,
    pub came_by: Option<Medium>,
    /// Kept from the outline before a change of option.
    pub carried: bool,
}

impl Entry {
    /// Where it comes from, when the mentee did not log it here: "entered by Ruth Ellingson, on paper".
    pub fn mark(&self) -> Option<String> {
        origin(self.entered_by.as_deref(), self.came_by, self.carried)
    }
}

/// Where something of a chapter comes from, when it was not done on its page.
pub fn origin(entered_by: Option<&str>, came_by: Option<Medium>, carried: bool) -> Option<String> {
    let carried = carried.then(|| "kept from an earlier outline".to_owned());
    let marks: Vec<String> = [mark(entered_by, came_by), carried].into_iter().flatten().collect();
    (!marks.is_empty()).then(|| marks.join(", "))
}

/// The mentor's sign-off of one chapter.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct SignOff {
    pub mentor: String,
    pub signed_off_at: DateTime<Utc>,
    /// The word back; empty for a mentor who came later.
    pub word: String,
    pub entered_by: Option<String>,
    pub came_by: Option<Medium>,
    pub carried: bool,
}

impl SignOff {
    /// The same as [`Entry::mark`].
    pub fn mark(&self) -> Option<String> {
        origin(self.entered_by.as_deref(), self.came_by, self.carried)
    }
}

/// What a mentee logs.
#[derive(Debug, Clone)]
pub struct NewEntry {
    /// One for each entry, see [`Fields::submission_key`](crate::form::Fields::submission_key).
    pub key: SubmissionKey,
    pub chapter: ChapterId,
    pub studied_on: NaiveDate,
    pub minutes: i32,
    pub reflection: String,
    pub shared: bool,
    /// The entry it corrects.
    pub replaces: Option<StudyEntryId>,
}

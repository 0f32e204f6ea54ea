//! The thread: one mentee's way through one option, what it still requires, and whose turn it is. Separate because
//! every step adds to it and none owns it.
//!
//! [`moves`] derives what an enrolment waits for from what has happened ([`Story`]), [`ladder`] what is done when it
//! waits too long. [`standing`] keeps what they say at hand for the coordinator's pages; the story stays the truth.

pub mod api;
pub mod carry;
pub mod ladder;
pub mod list;
mod moves;
pub mod pages;
pub mod ready;
pub mod standing;
pub mod store;
pub mod thread;
pub mod watch;

use chrono::{DateTime, NaiveDate, Utc};

use crate::assessments::rules::PostTests;
use crate::error::Refusal;
use crate::id::{AccountId, ApplicationId, ChapterId, EnrollmentId, LetterId, MatchId, OutlineId};
use crate::ui::Sign;
use crate::words;

pub use moves::{Move, Owner, What, moves, moves_of, turn, way};

/// The program's three options (PROGRAM section 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize, sqlx::Type)]
#[serde(into = "i32", try_from = "i32")]
#[repr(i32)]
pub enum OptionNumber {
    One = 1,
    Two = 2,
    Three = 3,
}

impl OptionNumber {
    pub const ALL: [Self; 3] = [Self::One, Self::Two, Self::Three];

    /// "Option 1".
    pub fn name(self) -> &'static str {
        match self {
            Self::One => "Option 1",
            Self::Two => "Option 2",
            Self::Three => "Option 3",
        }
    }

    /// What it is for, as it stands on a certificate.
    pub fn aim(self) -> &'static str {
        match self {
            Self::One => "an overview of diabetes care and education",
            Self::Two => "intensive study of diabetes self-management education and support",
            Self::Three => "study toward the certification examination",
        }
    }

    /// Whether it has post-tests, unless the coordinator says something else.
    pub fn has_post_tests(self) -> bool {
        self == Self::One
    }
}

impl From<OptionNumber> for i32 {
    fn from(option: OptionNumber) -> Self {
        match option {
            OptionNumber::One => 1,
            OptionNumber::Two => 2,
            OptionNumber::Three => 3,
        }
    }
}

impl TryFrom<i32> for OptionNumber {
    type Error = crate::word::UnknownWord;

    fn try_from(number: i32) -> Result<Self, Self::Error> {
        Self::ALL.into_iter().find(|option| i32::from(*option) == number).ok_or(crate::word::UnknownWord)
    }
}

impl std::str::FromStr for OptionNumber {
    type Err = crate::word::UnknownWord;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse::<i32>().map_err(|_| crate::word::UnknownWord)?.try_into()
    }
}

impl std::fmt::Display for OptionNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        i32::from(*self).fmt(f)
    }
}

words! {
    /// Where an enrolment stands in its life; "stalled" is derived, not stored.
    pub enum State {
        Active = "active",
        Paused = "paused",
        Withdrawn = "withdrawn",
        Completed = "completed",
    }

    /// What can be done to an enrolment.
    pub enum Action {
        Pause = "pause",
        Resume = "resume",
        Extend = "extend",
        ChangeOption = "change_option",
        /// The mentee leaves.
        Withdraw = "withdraw",
        /// The coordinator ends it, after silence.
        Close = "close",
        Reopen = "reopen",
        Complete = "complete",
    }

    /// How a withdrawn enrolment ended.
    pub enum EndKind {
        Withdrawn = "withdrawn",
        Closed = "closed",
    }
}

impl EndKind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Withdrawn => "Withdrawn",
            Self::Closed => "Closed",
        }
    }

    pub fn action(self) -> Action {
        match self {
            Self::Withdrawn => Action::Withdraw,
            Self::Closed => Action::Close,
        }
    }
}

impl State {
    pub fn is_live(self) -> bool {
        matches!(self, Self::Active | Self::Paused)
    }

    /// The state after an action, or why it cannot be done.
    pub fn after(self, action: Action) -> Result<Self, Refusal> {
        use {Action as A, State as S};
        match (self, action) {
            (S::Active, A::Pause) => Ok(S::Paused),
            (S::Active, A::Resume) => Err(Refusal::new("This enrollment is not paused.")),
            (S::Active, A::Extend | A::ChangeOption) => Ok(S::Active),
            (S::Active | S::Paused, A::Withdraw | A::Close) => Ok(S::Withdrawn),
            (S::Active | S::Paused, A::Reopen) => Err(Refusal::new("This enrollment is open already.")),
            (S::Active, A::Complete) => Ok(S::Completed),
            (S::Paused, A::Pause) => Err(Refusal::new("This enrollment is paused already.")),
            (S::Paused, A::Resume) => Ok(S::Active),
            (S::Paused, A::Extend | A::ChangeOption) => Ok(S::Paused),
            (S::Paused, A::Complete) => Err(Refusal::new("This enrollment is paused. Resume it first.")),
            (S::Withdrawn, A::Reopen) => Ok(S::Active),
            (S::Withdrawn, A::Pause | A::Resume | A::Extend | A::ChangeOption | A::Complete) => {
                Err(Refusal::new("This enrollment has ended. Reopen it first."))
            }
            (S::Withdrawn, A::Withdraw | A::Close) => Err(Refusal::new("This enrollment has ended already.")),
            (
                S::Completed,
                A::Pause | A::Resume | A::Extend | A::ChangeOption | A::Withdraw | A::Close | A::Reopen | A::Complete,
            ) => Err(Refusal::new("This enrollment is completed.")),
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Paused => "Paused",
            Self::Withdrawn => "Withdrawn",
            Self::Completed => "Completed",
        }
    }
}

/// Everything of an enrolment that its moves follow from, as one query brings it.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Story {
    pub id: EnrollmentId,
    pub application_id: ApplicationId,
    pub mentee_id: AccountId,
    pub mentee: String,
    pub option_number: OptionNumber,
    pub outline_id: OutlineId,
    pub book: String,
    pub county: String,
    pub state: State,
    pub started_at: DateTime<Utc>,
    pub due_on: NaiveDate,
    /// Since when the mentee's wish for more time waits for an answer.
    pub time_asked_at: Option<DateTime<Utc>>,
    pub paused_until: Option<NaiveDate>,
    pub ended_at: Option<DateTime<Utc>>,
    /// Completed before the program had this software: the certificate is on paper.
    pub completed_before: bool,
    /// Whether it came with an import, and with it what happened before.
    pub imported: bool,

    pub match_id: Option<MatchId>,
    pub mentor_id: Option<AccountId>,
    pub mentor: Option<String>,
    pub proposed_at: Option<DateTime<Utc>>,
    pub answer_by: Option<DateTime<Utc>>,
    /// Set once the mentor accepted.
    pub matched_at: Option<DateTime<Utc>>,
    /// When the last earlier match came to nothing.
    pub unmatched_at: Option<DateTime<Utc>>,

    pub own_book_at: Option<DateTime<Utc>>,
    pub book_requested_at: Option<DateTime<Utc>>,
    /// When a request for the book last ended.
    pub book_unrequested_at: Option<DateTime<Utc>>,
    pub book_lent_at: Option<DateTime<Utc>>,
    pub book_arrived_at: Option<DateTime<Utc>>,
    pub book_due_on: Option<NaiveDate>,
    /// When the mentee said that the book is on its way back.
    pub book_sent_back_at: Option<DateTime<Utc>>,
    /// A loan that ended: the book was here once.
    pub book_returned_at: Option<DateTime<Utc>>,

    pub planned_at: Option<DateTime<Utc>>,
    pub next_talk_at: Option<DateTime<Utc>>,
    pub self_evaluated_at: Option<DateTime<Utc>>,

    pub letter_id: Option<LetterId>,
    pub letter_made_at: Option<DateTime<Utc>>,
    pub mentee_signed_at: Option<DateTime<Utc>>,
    pub mentor_signed_at: Option<DateTime<Utc>>,
    pub letter_received_at: Option<DateTime<Utc>>,

    /// Required chapters; of them read, and discussed.
    pub chapters: i64,
    pub read: i64,
    pub discussed: i64,
    pub last_read_at: Option<DateTime<Utc>>,
    /// When the oldest chapter that is read but not discussed was read.
    pub undiscussed_since: Option<DateTime<Utc>>,
    /// When the mentor last signed a chapter off, and the mentee last handed a post-test in.
    pub last_signed_off_at: Option<DateTime<Utc>>,
    pub last_tested_at: Option<DateTime<Utc>>,
    /// The next required chapter to read, and the plan's date for it.
    pub next_number: Option<i32>,
    pub next_title: Option<String>,
    pub next_minutes: Option<i32>,
    pub next_target: Option<NaiveDate>,

    /// Whether there are post-tests.
    pub post_tests: PostTests,
    /// Required chapters with a post-test; of them with approved questions, and passed. Zero where none is required.
    pub tests: i64,
    pub tests_open: i64,
    pub tests_passed: i64,
    /// When the oldest chapter whose open post-test is not passed was read.
    pub untested_since: Option<DateTime<Utc>>,
    /// When the oldest post-test was handed in whose answers the mentor has still to mark, its chapter, and how many
    /// answers wait in all.
    pub unmarked_since: Option<DateTime<Utc>>,
    pub unmarked_chapter: Option<ChapterId>,
    pub unmarked: i64,

    pub exam_planned_at: Option<DateTime<Utc>>,
    pub certificate: Option<String>,

    /// What each last did here, by the record of what happened.
    pub mentee_acted_at: Option<DateTime<Utc>>,
    pub mentor_acted_at: Option<DateTime<Utc>>,
    /// When each was last heard past the site: by phone, fax, paper.
    pub mentee_spoke_at: Option<DateTime<Utc>>,
    pub mentor_spoke_at: Option<DateTime<Utc>>,
    /// When the coordinator last got in touch with each, or tried to.
    pub mentee_tried_at: Option<DateTime<Utc>>,
    pub mentor_tried_at: Option<DateTime<Utc>>,
    /// The oldest message of the other that each has not read.
    pub mentee_unread_since: Option<DateTime<Utc>>,
    pub mentor_unread_since: Option<DateTime<Utc>>,
    /// When each last read messages.
    pub mentee_saw_at: Option<DateTime<Utc>>,
    pub mentor_saw_at: Option<DateTime<Utc>>,

    /// Whether there was any leave that stops a clock; then [`Story::stops`] holds them.
    pub stopped: bool,
    #[sqlx(skip)]
    pub stops: Vec<ladder::Stop>,
}

impl Story {
    /// When one of the pair was last heard, by any way. Before any sign of life: when they came to this enrolment.
    pub fn heard_at(&self, who: Owner) -> Option<DateTime<Utc>> {
        match who {
            Owner::Mentee => Some(self.mentee_acted_at.max(self.mentee_spoke_at).unwrap_or(self.started_at)),
            Owner::Mentor => self
                .mentor_acted_at
                .max(self.mentor_spoke_at)
                .max(self.matched_at)
                .or(self.proposed_at)
                .filter(|_| self.mentor_id.is_some()),
            Owner::Coordinator => None,
        }
    }

    /// When the coordinator last got in touch with one of the pair, or tried to.
    pub fn tried_at(&self, who: Owner) -> Option<DateTime<Utc>> {
        match who {
            Owner::Mentee => self.mentee_tried_at,
            Owner::Mentor => self.mentor_tried_at,
            Owner::Coordinator => None,
        }
    }

    /// The account behind an owner; several may be the coordinator.
    pub fn account_of(&self, who: Owner) -> Option<AccountId> {
        match who {
            Owner::Mentee => Some(self.mentee_id),
            Owner::Mentor => self.mentor_id,
            Owner::Coordinator => None,
        }
    }
}

/// Something a certificate still requires (PROGRAM section 6, "complete when").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    Letter,
    Read { done: i64, of: i64 },
    Discussed { done: i64, of: i64 },
    Tests { done: i64, of: i64 },
    ExamPlan,
}

impl Missing {
    pub fn words(self) -> String {
        match self {
            Self::Letter => "The letter of agreement is not received yet".into(),
            Self::Read { done, of } => format!("{done} of {of} chapters read"),
            Self::Discussed { done, of } => format!("{done} of {of} chapters discussed"),
            Self::Tests { done, of } => format!("{done} of {of} post-tests passed"),
            Self::ExamPlan => "The exam plan is not filled in yet".into(),
        }
    }
}

/// What is missing for the certificate; empty when the enrolment is ready.
pub fn missing(story: &Story) -> Vec<Missing> {
    let mut missing = Vec::new();
    if story.letter_received_at.is_none() {
        missing.push(Missing::Letter);
    }
    if story.read < story.chapters || story.chapters == 0 {
        missing.push(Missing::Read { done: story.read, of: story.chapters });
    }
    if story.discussed < story.chapters || story.chapters == 0 {
        missing.push(Missing::Discussed { done: story.discussed, of: story.chapters });
    }
    if story.post_tests == PostTests::Required && story.tests_passed < story.tests {
        missing.push(Missing::Tests { done: story.tests_passed, of: story.tests });
    }
    if story.option_number == OptionNumber::Three && story.exam_planned_at.is_none() {
        missing.push(Missing::ExamPlan);
    }
    missing
}

/// The eight signs of the trail for an enrolment.
pub fn signs(story: &Story) -> [Sign; 8] {
    let book = story.own_book_at.or(story.book_arrived_at).or(story.book_returned_at).is_some();
    let done = [
        true,
        story.matched_at.is_some(),
        book,
        story.planned_at.is_some(),
        story.self_evaluated_at.is_some(),
        story.letter_received_at.is_some(),
        story.chapters > 0 && story.discussed >= story.chapters && story.tests_passed >= story.tests,
        story.certificate.is_some(),
    ];
    if story.certificate.is_some() || story.completed_before {
        return [Sign::Done; 8];
    }
    // The present sign is the first required one that is not done; self-evaluation is never a gate.
    let present = done.iter().enumerate().position(|(index, done)| !done && index != 4);
    std::array::from_fn(|index| match (done.get(index), present) {
        (_, Some(present)) if present == index => Sign::Present,
        (Some(true), _) => Sign::Done,
        _ => Sign::Ahead,
    })
}

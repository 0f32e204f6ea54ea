//! The thread: one mentee's way through one option, what it still requires, and whose turn it is. Separate because
//! every step adds to it and none owns it.
//!
//! [`moves`] derives what an enrolment waits for from what has happened ([`Story`]); nothing of it is stored.

pub mod api;
pub mod pages;
pub mod ready;
pub mod store;

use chrono::{DateTime, Duration, NaiveDate, Utc};

use crate::clock;
use crate::error::Refusal;
use crate::id::{AccountId, ApplicationId, EnrollmentId, LetterId, MatchId, OutlineId};
use crate::settings::Settings;
use crate::ui::Sign;
use crate::words;

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

    /// Post-tests belong to Option 1 only.
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
        Withdraw = "withdraw",
        Complete = "complete",
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
            (S::Active, A::Withdraw) | (S::Paused, A::Withdraw) => Ok(S::Withdrawn),
            (S::Active, A::Complete) => Ok(S::Completed),
            (S::Paused, A::Resume) => Ok(S::Active),
            (S::Active, A::Resume) => Err(Refusal::new("This enrollment is not paused.")),
            (S::Paused, A::Pause) => Err(Refusal::new("This enrollment is paused already.")),
            (S::Paused, A::Complete) => Err(Refusal::new("This enrollment is paused. Resume it first.")),
            (S::Withdrawn, _) => Err(Refusal::new("This enrollment was withdrawn.")),
            (S::Completed, _) => Err(Refusal::new("This enrollment is completed.")),
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
    pub book_lent_at: Option<DateTime<Utc>>,
    pub book_arrived_at: Option<DateTime<Utc>>,
    pub book_due_on: Option<NaiveDate>,
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
    /// The next required chapter to read, and the plan's date for it.
    pub next_number: Option<i32>,
    pub next_title: Option<String>,
    pub next_minutes: Option<i32>,
    pub next_target: Option<NaiveDate>,

    /// Required chapters with a post-test; of them with approved questions, and passed. Zero outside Option 1.
    pub tests: i64,
    pub tests_open: i64,
    pub tests_passed: i64,
    /// When the oldest chapter whose open post-test is not passed was read.
    pub untested_since: Option<DateTime<Utc>>,

    pub exam_planned_at: Option<DateTime<Utc>>,
    pub certificate: Option<String>,

    pub mentee_heard_at: Option<DateTime<Utc>>,
    pub mentor_heard_at: Option<DateTime<Utc>>,
}

/// Who a move waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Owner {
    Mentee,
    Mentor,
    Coordinator,
}

/// What an enrolment waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum What {
    ProposeMentor,
    AnswerProposal,
    ChooseBook,
    LendBook,
    ConfirmBook,
    MakePlan,
    EvaluateSelf,
    SignLetter,
    ReceiveLetter,
    ReadChapter,
    TakeTest,
    ApproveQuestions,
    SignOff,
    PlanExam,
    IssueCertificate,
    ReturnBook,
}

/// One open move: what, whose, since when, and by when it should be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Move {
    pub what: What,
    pub owner: Owner,
    pub since: DateTime<Utc>,
    pub due: DateTime<Utc>,
    /// Encouraged, never a gate: does not make an enrolment stall.
    pub optional: bool,
}

impl Move {
    pub fn is_late(&self, now: DateTime<Utc>) -> bool {
        !self.optional && self.due < now
    }
}

/// Days the coordinator has for what waits on the desk.
const DESK_DAYS: i64 = 7;
/// Days a book is on its way before somebody asks.
const POST_DAYS: i64 = 14;
/// Days either of the pair has to sign a letter that is ready, and the mentee to choose a book.
const SIGN_DAYS: i64 = 14;

/// Every open move of an enrolment, the one due first first. Empty while it is paused and once it has ended, except for
/// a book that is still out.
pub fn moves(story: &Story, settings: &Settings) -> Vec<Move> {
    let mut open = Vec::new();
    if story.state == State::Active {
        pair_moves(story, settings, &mut open);
        paper_moves(story, settings, &mut open);
        study_moves(story, settings, &mut open);
    }
    if !story.state.is_live() {
        return_move(story, &mut open);
    }
    open.sort_by_key(|one| (one.optional, one.due, one.what));
    open
}

/// The open move that is due first.
pub fn turn(moves: &[Move]) -> Option<Move> {
    moves.first().copied()
}

/// The moves of one person, the one due first first.
pub fn moves_of(moves: &[Move], owner: Owner) -> Vec<Move> {
    moves.iter().copied().filter(|one| one.owner == owner).collect()
}

fn add(open: &mut Vec<Move>, what: What, owner: Owner, since: DateTime<Utc>, days: i64) {
    open.push(Move { what, owner, since, due: since + Duration::days(days), optional: false });
}

fn pair_moves(story: &Story, settings: &Settings, open: &mut Vec<Move>) {
    match (story.proposed_at, story.matched_at) {
        (_, Some(_)) => {}
        (Some(since), None) => {
            let due = story.answer_by.unwrap_or(since + Duration::days(settings.answer_days));
            open.push(Move { what: What::AnswerProposal, owner: Owner::Mentor, since, due, optional: false });
        }
        (None, None) => {
            let since = story.unmatched_at.unwrap_or(story.started_at);
            add(open, What::ProposeMentor, Owner::Coordinator, since, DESK_DAYS);
        }
    }
    match (story.own_book_at.or(story.book_arrived_at), story.book_lent_at, story.book_requested_at) {
        (Some(_), _, _) => {}
        (None, Some(since), _) => add(open, What::ConfirmBook, Owner::Mentee, since, POST_DAYS),
        (None, None, Some(since)) => add(open, What::LendBook, Owner::Coordinator, since, DESK_DAYS),
        (None, None, None) if story.book_returned_at.is_some() => {}
        (None, None, None) => add(open, What::ChooseBook, Owner::Mentee, story.started_at, SIGN_DAYS),
    }
}

fn paper_moves(story: &Story, settings: &Settings, open: &mut Vec<Move>) {
    let Some(matched_at) = story.matched_at else { return };
    if story.self_evaluated_at.is_none() {
        let due = matched_at + Duration::days(SIGN_DAYS);
        open.push(Move { what: What::EvaluateSelf, owner: Owner::Mentee, since: matched_at, due, optional: true });
    }
    if story.planned_at.is_none() {
        add(open, What::MakePlan, Owner::Mentee, matched_at, settings.first_contact_days);
    }
    let Some(made_at) = story.letter_made_at else { return };
    if story.letter_received_at.is_some() {
        return;
    }
    match (story.mentee_signed_at, story.mentor_signed_at) {
        (Some(mentee), Some(mentor)) => add(open, What::ReceiveLetter, Owner::Coordinator, mentee.max(mentor), DESK_DAYS),
        (mentee, mentor) => {
            if mentee.is_none() {
                add(open, What::SignLetter, Owner::Mentee, mentor.unwrap_or(made_at), SIGN_DAYS);
            }
            if mentor.is_none() {
                add(open, What::SignLetter, Owner::Mentor, mentee.unwrap_or(made_at), SIGN_DAYS);
            }
        }
    }
}

fn study_moves(story: &Story, settings: &Settings, open: &mut Vec<Move>) {
    let Some(matched_at) = story.matched_at else { return };
    let ready = missing(story).is_empty();
    let latest = story.last_read_at.unwrap_or(matched_at).max(matched_at);
    if story.read < story.chapters {
        let target =
            story.next_target.map(|date| clock::at_local(clock::MONTANA, date + Duration::days(1), chrono::NaiveTime::MIN));
        let due = target.filter(|target| *target > latest).unwrap_or(latest + Duration::days(settings.stalled_days));
        open.push(Move { what: What::ReadChapter, owner: Owner::Mentee, since: latest, due, optional: false });
    }
    if let Some(since) = story.undiscussed_since {
        add(open, What::SignOff, Owner::Mentor, since, settings.stalled_days);
    }
    if let Some(since) = story.untested_since {
        add(open, What::TakeTest, Owner::Mentee, since, settings.stalled_days);
    }
    if story.tests_open < story.tests && story.read > story.tests_open {
        add(open, What::ApproveQuestions, Owner::Coordinator, latest, DESK_DAYS);
    }
    if story.option_number == OptionNumber::Three && story.exam_planned_at.is_none() && story.read == story.chapters {
        add(open, What::PlanExam, Owner::Mentee, latest, settings.stalled_days);
    }
    if ready {
        let since = story.mentor_heard_at.unwrap_or(latest).max(latest);
        add(open, What::IssueCertificate, Owner::Coordinator, since, DESK_DAYS);
    }
}

fn return_move(story: &Story, open: &mut Vec<Move>) {
    if let (Some(_), Some(due_on)) = (story.book_lent_at, story.book_due_on) {
        let since = story.ended_at.unwrap_or(story.started_at);
        let due = clock::at_local(clock::MONTANA, due_on + Duration::days(1), chrono::NaiveTime::MIN);
        open.push(Move { what: What::ReturnBook, owner: Owner::Mentee, since, due, optional: false });
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
    if story.option_number.has_post_tests() && story.tests_passed < story.tests {
        missing.push(Missing::Tests { done: story.tests_passed, of: story.tests });
    }
    if story.option_number == OptionNumber::Three && story.exam_planned_at.is_none() {
        missing.push(Missing::ExamPlan);
    }
    missing
}

/// Whether nobody was heard from for so long that the program must ask: a required move past its limit, or the owner of
/// one silent for the days of the setting.
pub fn is_stalled(story: &Story, moves: &[Move], settings: &Settings, now: DateTime<Utc>) -> bool {
    let silent = |owner| match owner {
        Owner::Mentee => now - story.mentee_heard_at.unwrap_or(story.started_at) > Duration::days(settings.stalled_days),
        Owner::Mentor => {
            now - story.mentor_heard_at.or(story.matched_at).unwrap_or(story.started_at) > Duration::days(settings.stalled_days)
        }
        Owner::Coordinator => false,
    };
    story.state == State::Active
        && moves.iter().any(|one| !one.optional && one.owner != Owner::Coordinator && (one.is_late(now) || silent(one.owner)))
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

impl What {
    /// As the owner reads it: "Sign the letter of agreement".
    pub fn told(self) -> &'static str {
        match self {
            Self::ProposeMentor => "Propose a mentor",
            Self::AnswerProposal => "Say whether you can mentor",
            Self::ChooseBook => "Say how you get the book",
            Self::LendBook => "Lend the book",
            Self::ConfirmBook => "Tell us when the book is there",
            Self::MakePlan => "Make a plan with your mentor",
            Self::EvaluateSelf => "Look at where you stand",
            Self::SignLetter => "Sign the letter of agreement",
            Self::ReceiveLetter => "Receive the letter of agreement",
            Self::ReadChapter => "Read the next chapter",
            Self::TakeTest => "Take a post-test",
            Self::ApproveQuestions => "Approve post-test questions",
            Self::SignOff => "Talk over and sign off chapters",
            Self::PlanExam => "Fill in the exam plan",
            Self::IssueCertificate => "Issue the certificate",
            Self::ReturnBook => "Send the book back",
        }
    }

    /// As the coordinator reads it when it has waited too long: "Letter not signed".
    pub fn lacking(self) -> &'static str {
        match self {
            Self::ProposeMentor => "No mentor proposed",
            Self::AnswerProposal => "Proposal not answered",
            Self::ChooseBook => "Book not chosen",
            Self::LendBook => "Book not lent",
            Self::ConfirmBook => "Book not arrived, as far as we know",
            Self::MakePlan => "No plan yet",
            Self::EvaluateSelf => "No self-evaluation",
            Self::SignLetter => "Letter not signed",
            Self::ReceiveLetter => "Letter not received",
            Self::ReadChapter => "Next chapter not read",
            Self::TakeTest => "Post-test not passed",
            Self::ApproveQuestions => "Questions not approved",
            Self::SignOff => "Chapters not signed off",
            Self::PlanExam => "Exam plan not filled in",
            Self::IssueCertificate => "Certificate not issued",
            Self::ReturnBook => "Book not sent back",
        }
    }

    /// As others read it: "to sign the letter".
    pub fn awaited(self) -> &'static str {
        match self {
            Self::ProposeMentor => "to propose a mentor",
            Self::AnswerProposal => "to answer the proposal",
            Self::ChooseBook => "to say how to get the book",
            Self::LendBook => "to lend the book",
            Self::ConfirmBook => "to say that the book is there",
            Self::MakePlan => "to make the plan",
            Self::EvaluateSelf => "to look at where they stand",
            Self::SignLetter => "to sign the letter",
            Self::ReceiveLetter => "to receive the letter",
            Self::ReadChapter => "to read the next chapter",
            Self::TakeTest => "to take a post-test",
            Self::ApproveQuestions => "to approve questions",
            Self::SignOff => "to talk over chapters and sign them off",
            Self::PlanExam => "to fill in the exam plan",
            Self::IssueCertificate => "to issue the certificate",
            Self::ReturnBook => "to send the book back",
        }
    }
}

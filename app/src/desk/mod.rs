//! The coordinator's week: who needs the program, most urgent first, and what can be done about it in place. Separate
//! because it gathers from every step and adds nothing of its own.

pub mod acts;
pub mod api;
pub mod pages;
pub mod store;
pub mod week;

use chrono::{DateTime, Duration, NaiveTime, Timelike, Utc};
use chrono_tz::Tz;

use crate::clock;
use crate::enrollments::{Owner, What};
use crate::id::EnrollmentId;
use crate::mail::digest::Quiet;
use crate::word::UnknownWord;
use crate::words;

words! {
    /// What can be done about a row without leaving the page.
    pub enum Doing {
        Write = "write",
        Called = "called",
        Remind = "remind",
        /// Proposes the next best mentor instead of the one who does not answer.
        Next = "next",
        Extend = "extend",
        Pause = "pause",
        /// Nothing yet: shows all there is.
        More = "more",
    }

    /// Where on the page a row stands.
    pub enum Place {
        Needs = "needs",
        Pairs = "pairs",
        Books = "books",
    }
}

impl Doing {
    pub fn verb(self) -> &'static str {
        match self {
            Self::Write => "Write",
            Self::Called => "Called",
            Self::Remind => "Remind",
            Self::Next => "Propose next",
            Self::Extend => "Extend",
            Self::Pause => "Pause",
            Self::More => "More",
        }
    }
}

/// The one useful action for a move that waits on somebody else.
pub fn useful(what: What) -> Doing {
    match what {
        What::AnswerProposal => Doing::Next,
        What::DecideLimit | What::AnswerTime => Doing::Extend,
        What::ReadChapter | What::TakeTest | What::SignOff | What::MarkAnswers | What::PlanExam | What::ReturnBook => {
            Doing::Write
        }
        What::ChooseBook | What::ConfirmBook | What::MakePlan | What::EvaluateSelf | What::SignLetter | What::ReadMessage => {
            Doing::Remind
        }
        What::ProposeMentor
        | What::LendBook
        | What::ShelveBook
        | What::ReceiveLetter
        | What::ApproveQuestions
        | What::IssueCertificate => Doing::More,
    }
}

/// What a row says of a move that waits: of study, that its owner is silent says more than the chapter.
pub fn told(what: What, owner: Owner, silent: bool) -> &'static str {
    match (owner, what) {
        (Owner::Coordinator, what) => what.told(),
        (_, What::ReadChapter | What::TakeTest | What::SignOff | What::MarkAnswers | What::PlanExam) if silent => {
            "No sign of life"
        }
        (_, what) => what.lacking(),
    }
}

/// A row that is open for doing something: `needs.(enrollment).mentee.write`, as the address has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opened {
    pub place: Place,
    pub enrollment: EnrollmentId,
    pub owner: Owner,
    pub doing: Doing,
}

impl std::fmt::Display for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}.{}", self.place, self.enrollment, self.owner, self.doing)
    }
}

impl std::str::FromStr for Opened {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let [place, enrollment, owner, doing] = text.split('.').collect::<Vec<_>>()[..] else { return Err(UnknownWord) };
        Ok(Self {
            place: place.parse()?,
            enrollment: enrollment.parse().map_err(|_| UnknownWord)?,
            owner: owner.parse()?,
            doing: doing.parse()?,
        })
    }
}

impl Opened {
    /// Whether it is this row, whatever is done with it.
    pub fn is_row(&self, place: Place, enrollment: EnrollmentId, owner: Owner) -> bool {
        self.place == place && self.enrollment == enrollment && self.owner == owner
    }
}

/// When a letter of the coordinator leaves that may leave from `at` on: not in the hours in which its reader wants quiet.
pub fn leaves_at(at: DateTime<Utc>, zone: Tz, quiet: Quiet) -> DateTime<Utc> {
    let local = at.with_timezone(&zone);
    if !quiet.covers(local.hour()) {
        return at;
    }
    let morning = NaiveTime::from_hms_opt(quiet.to % 24, 0, 0).unwrap_or_default();
    let day = if local.hour() < quiet.to { local.date_naive() } else { local.date_naive() + Duration::days(1) };
    clock::at_local(zone, day, morning)
}

/// The longest subject, and the longest letter; with both a contact's note is full.
pub const SUBJECT: usize = 150;
pub const LETTER: usize = 1800;

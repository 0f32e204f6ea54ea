//! What the store brings: plain rows, before anything is counted. Separate so that every figure can be reckoned from
//! rows written by hand.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::types::Json;

use crate::competencies::{Instrument, Moment, Ratings};
use crate::enrollments::{OptionNumber, Owner, State};
use crate::id::{AccountId, EnrollmentId, InstrumentId};
use crate::people::{Discipline, Way};

/// Everything a report is reckoned from.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    /// Enrollments that started in the span, or whose application came in it.
    pub enrollments: Vec<EnrollmentRow>,
    /// Applications that came in the span and are open or declined.
    pub not_accepted: i64,
    pub certificates: Vec<CertificateRow>,
    pub follow_ups: Vec<FollowUpRow>,
    /// Self-evaluations of the enrollments that started in the span.
    pub evaluations: Vec<EvaluationRow>,
    /// Every version of the statements, the newest first.
    pub instruments: Vec<(InstrumentId, Instrument)>,
    pub educators: EducatorsRow,
    pub talks: Vec<TalkRow>,
    pub stalls: Vec<StallRow>,
    pub loans: Vec<LoanRow>,
    pub holds: Vec<HoldRow>,
    /// The same days a year earlier; absent when the program was not there yet.
    pub before: Option<BeforeRow>,
}

/// One mentee's way through one option: when what happened first.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct EnrollmentRow {
    pub applied_at: DateTime<Utc>,
    pub started_at: DateTime<Utc>,
    pub option_number: OptionNumber,
    pub discipline: Discipline,
    pub county: String,
    pub counties_served: Json<Vec<String>>,
    pub state: State,
    pub ended_at: Option<DateTime<Utc>>,
    pub matched_at: Option<DateTime<Utc>>,
    pub own_book_at: Option<DateTime<Utc>>,
    pub book_arrived_at: Option<DateTime<Utc>>,
    pub letter_at: Option<DateTime<Utc>>,
    /// Required chapters.
    pub chapters: i64,
    /// The day each required chapter was first read, with commas between, in any order.
    pub read_on: Option<String>,
    /// When the last required chapter was discussed, once all are.
    pub discussed_at: Option<DateTime<Utc>>,
}

/// A certificate whose enrollment got none before.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct CertificateRow {
    pub option_number: OptionNumber,
    pub started_at: DateTime<Utc>,
    pub issued_on: NaiveDate,
}

/// How somebody rated themselves.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct EvaluationRow {
    pub enrollment_id: EnrollmentId,
    pub instrument_id: InstrumentId,
    pub moment: Moment,
    pub ratings: Json<Ratings>,
}

/// A question after completion, asked in the span, and what was answered up to now; or a result of the exam that was told
/// of a day in the span, which says the first of the answers.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct FollowUpRow {
    pub mentee_id: AccountId,
    /// How long after the certificate it was asked; `None` of a result of the exam.
    pub months: Option<i32>,
    pub answered_at: Option<DateTime<Utc>>,
    pub became_cdces: Option<bool>,
    pub teaching_dsmes: Option<bool>,
    pub willing_to_mentor: Option<bool>,
}

/// Educators and mentors, counted.
#[derive(Debug, Clone, Default, sqlx::FromRow)]
pub struct EducatorsRow {
    /// Mentors of the program at the end of the span whose latest check was valid that day.
    pub mentors: i64,
    /// Mentees who said in a follow-up that they became certified, or told that they passed the exam, and are not among them.
    pub became: i64,
    /// Mentors who went with a mentee on at least one day of the span.
    pub mentoring: i64,
}

/// The talks of a mentor in one way. A talk that was logged while the enrollment had no mentor has none.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct TalkRow {
    pub mentor_id: Option<AccountId>,
    pub mentor: Option<String>,
    pub way: Way,
    pub talks: i64,
    pub minutes: i64,
    /// How many of them both of the pair have said were so, and their minutes.
    pub confirmed: i64,
    pub confirmed_minutes: i64,
}

/// A move that waited too long, and began in the span.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct StallRow {
    pub what: String,
    pub owner: Owner,
    pub opened_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
    pub ending: Option<String>,
}

/// A loan of which at least one day lies in the span.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct LoanRow {
    pub lent_at: DateTime<Utc>,
    pub due_on: NaiveDate,
    pub sent_back_at: Option<DateTime<Utc>>,
    pub returned_at: Option<DateTime<Utc>>,
    /// The loan ended without the book.
    pub lost: bool,
}

/// A request for a book of which at least one day lies in the span.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct HoldRow {
    pub placed_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
    /// Whether a book was lent when it ended.
    pub lent: bool,
}

/// What can be compared with a year earlier: things that happened in the days, not what became of them later.
#[derive(Debug, Clone, Default, sqlx::FromRow)]
pub struct BeforeRow {
    pub participants: i64,
    pub certificates: i64,
    pub talks: i64,
    pub minutes: i64,
}

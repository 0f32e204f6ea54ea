//! What the coordinator decides: the program's limits and its public face, with the defaults of the program.
//! Separate because every step reads them and none owns them.

pub mod api;
pub mod pages;
pub mod store;

use serde::{Deserialize, Serialize};

/// All settings, stored whole and versioned. A field that an older version lacks takes its default.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The program's name as people read it.
    pub program: String,
    pub coordinator_name: String,
    pub coordinator_email: String,
    pub coordinator_phone: String,
    pub coordinator_address: String,
    /// The coordinator's sentence on the certificate.
    pub certificate_wording: String,
    /// The IANA name of the time zone of the program and of everyone who named no other.
    pub time_zone: String,
    /// The month and day on which a program year begins.
    pub year_month: u32,
    pub year_day: u32,
    /// Days in which the coordinator answers an application.
    pub application_days: i64,
    /// Days in which the coordinator does what waits on the desk.
    pub desk_days: i64,
    /// Days a mentee has to say how the book comes.
    pub book_days: i64,
    /// Days a book is on its way before somebody asks.
    pub post_days: i64,
    /// Days either of the pair has to sign a letter that is ready.
    pub sign_days: i64,
    /// Days a message of the other may stay unread.
    pub message_days: i64,
    /// Days from the introduction to the first contact.
    pub first_contact_days: i64,
    /// Days a mentor has to answer a proposal.
    pub answer_days: i64,
    /// Days after the planned end of study at which a book is due.
    pub loan_grace_days: i64,
    /// The longest a loan runs at a time, in days.
    pub loan_max_days: i64,
    /// Post-test pass mark, percent.
    pub pass_mark: i32,
    /// Post-test attempts per chapter and local day.
    pub attempts_a_day: i64,
    /// Questions in one post-test.
    pub questions_a_test: i64,
    /// Days without a sign of life: nudge, coordinator's list, decision.
    pub stalled_days: i64,
    pub listed_days: i64,
    pub decide_days: i64,
    /// Months an option may take.
    pub option_months: u32,
    /// Mentees a mentor takes unless they say otherwise.
    pub capacity: i32,
    /// Days an invitation link is good.
    pub invitation_days: i64,
    /// Minutes a link for a new password is good.
    pub reset_minutes: i64,
    /// The rhythm of talks that a new plan begins with.
    pub rhythm: crate::plans::Rhythm,
    /// Minutes in which the coordinator can undo what has not left the house.
    pub undo_minutes: i64,
    /// The hour of the reader's day at which a digest leaves, unless they chose another.
    pub digest_hour: u32,
    /// From this hour of the reader's day to the next no digest and no nudge leaves.
    pub quiet_from: u32,
    pub quiet_to: u32,
    /// Months after completion at which a mentee is asked what came of it.
    pub follow_up_months: Vec<u32>,
    /// Groups smaller than this are not told in files that leave the house; 0 or 1 tells all.
    pub suppress_under: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            program: "Quality Diabetes Education Initiative".into(),
            coordinator_name: "The QDEI coordinator".into(),
            coordinator_email: String::new(),
            coordinator_phone: String::new(),
            coordinator_address: String::new(),
            certificate_wording: "has completed this program of self-study with a mentor".into(),
            time_zone: "America/Denver".into(),
            year_month: 7,
            year_day: 1,
            application_days: 7,
            desk_days: 7,
            book_days: 14,
            post_days: 14,
            sign_days: 14,
            message_days: 14,
            first_contact_days: 14,
            answer_days: 7,
            loan_grace_days: 14,
            loan_max_days: 180,
            pass_mark: 80,
            attempts_a_day: 1,
            questions_a_test: 5,
            stalled_days: 30,
            listed_days: 45,
            decide_days: 90,
            option_months: 12,
            capacity: 3,
            invitation_days: 14,
            reset_minutes: 60,
            rhythm: crate::plans::Rhythm::Monthly,
            undo_minutes: 10,
            digest_hour: 7,
            quiet_from: 20,
            quiet_to: 7,
            follow_up_months: vec![6, 12],
            suppress_under: 5,
        }
    }
}

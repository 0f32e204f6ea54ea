//! What the coordinator decides: the program's limits and its public face, with the defaults of the program.
//! Separate because every step reads them and none owns them.
//!
//! [`Settings`] is what is stored; [`fields`] says of each setting how it is asked for, read and told, and the page, the
//! reading of the form and the list of versions all follow that table. Time zone and program year are used in places that
//! read no settings: [`known`] keeps what was last read.

pub mod api;
pub mod fields;
pub mod known;
pub mod logo;
pub mod pages;
pub mod store;

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use logo::Logo;

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
    /// Days a mentor has to mark answers of a post-test.
    pub mark_days: i64,
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
    /// How long after writing a message its author can put it right or take it back.
    pub correct_minutes: i64,
    /// The hour of the reader's day at which a digest leaves, unless they chose another.
    pub digest_hour: u32,
    /// From this hour of the reader's day to the next no digest and no nudge leaves.
    pub quiet_from: u32,
    pub quiet_to: u32,
    /// Months after completion at which a mentee is asked what came of it.
    pub follow_up_months: Vec<u32>,
    /// Groups smaller than this are not told in files that leave the house; 0 or 1 tells all.
    pub suppress_under: i64,
    /// The start page's heading, and the sentences under it.
    pub home_heading: String,
    pub home_opening: String,
    /// What an applicant reads once the application is sent.
    pub application_thanks: String,
    /// What a mentor reads when a pair has come to its end.
    pub mentor_thanks: String,
    /// The picture beside the program's name, if there is one.
    pub logo: Option<Logo>,
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
            mark_days: 7,
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
            correct_minutes: 15,
            digest_hour: 7,
            quiet_from: 20,
            quiet_to: 7,
            follow_up_months: vec![6, 12],
            suppress_under: 5,
            home_heading: "Learn diabetes education where you work, with a mentor beside you.".into(),
            home_opening: "A free program of self-study and peer mentoring: one book, one experienced specialist, your own \
                pace. It ends with a certificate of achievement, and can prepare you for the CDCES exam."
                .into(),
            application_thanks: "Thank you. A message at your address says the same in a moment; if it does not come, look \
                among the unwanted mail."
                .into(),
            mentor_thanks: "Thank you for the time you gave.".into(),
            logo: None,
        }
    }
}

/// What was typed into the form of the settings, by the names of the fields.
pub type Typed = Map<String, Value>;

impl Settings {
    /// These settings as they are stored: each under its name.
    pub fn by_name(&self) -> Typed {
        match serde_json::to_value(self) {
            Ok(Value::Object(all)) => all,
            _ => Typed::new(),
        }
    }

    /// These settings with what was typed in their place. What the form does not ask for stays.
    pub fn with(&self, typed: &Typed) -> Result<Self, serde_json::Error> {
        let mut all = self.by_name();
        all.extend(typed.clone());
        serde_json::from_value(Value::Object(all))
    }

    /// The time zone of the program; `None` when there is none of that name.
    pub fn zone(&self) -> Option<Tz> {
        self.time_zone.parse().ok()
    }

    /// What cannot be so, as (field, words): the rules between fields, and those of one that are more than a range.
    pub fn objections(&self) -> Vec<(&'static str, String)> {
        let mut found = Vec::new();
        let mut refuse = |when: bool, field, words: &str| {
            if when {
                found.push((field, words.to_owned()));
            }
        };
        refuse(
            self.listed_days <= self.stalled_days,
            "listed_days",
            "Your list comes after the nudge: choose more days than there.",
        );
        refuse(
            self.decide_days <= self.listed_days,
            "decide_days",
            "The decision comes after your list: choose more days than there.",
        );
        refuse(
            !is_yearly_day(self.year_month, self.year_day),
            "year_day",
            "There is no such day in every year. Choose another day for that month.",
        );
        refuse(
            is_quiet(self.digest_hour, self.quiet_from, self.quiet_to),
            "digest_hour",
            "This lies within the quiet hours below. Choose an hour outside of them, or change them.",
        );
        refuse(self.zone().is_none(), "time_zone", "Choose one of the time zones.");
        if let Some(word) = forbidden_word(&self.certificate_wording) {
            let words = format!("Leave out “{word}”: the certificate is one of achievement, nothing more.");
            refuse(true, "certificate_wording", &words);
        }
        found
    }
}

/// Whether a day comes in every year, as the first day of a program year must.
fn is_yearly_day(month: u32, day: u32) -> bool {
    const NO_LEAP_YEAR: i32 = 2025;
    NaiveDate::from_ymd_opt(NO_LEAP_YEAR, month, day).is_some()
}

/// Whether an hour lies within the quiet hours, which may span midnight. The same hour twice means none.
pub fn is_quiet(hour: u32, from: u32, to: u32) -> bool {
    if from <= to { (from..to).contains(&hour) } else { hour >= from || hour < to }
}

/// A word that the certificate never carries, because it would claim what the program cannot give.
pub fn forbidden_word(wording: &str) -> Option<&'static str> {
    let lower = wording.to_lowercase();
    ["certified", "certification", "contact hour", "ceu", "continuing education", "continuing-education"].into_iter().find(
        |word| {
            if *word == "ceu" {
                lower.split(|sign: char| !sign.is_alphabetic()).any(|part| part == "ceu" || part == "ceus")
            } else {
                lower.contains(word)
            }
        },
    )
}

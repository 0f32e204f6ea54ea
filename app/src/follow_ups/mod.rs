//! What became of those who completed: asked by mail some months after the certificate, answered by a link without signing
//! in. Separate because by then the enrolment is over, and because the answers feed the report and bring new mentors.

pub mod api;
pub mod pages;
pub mod store;

use chrono::{Days, Months, NaiveDate};

/// How long after its day somebody is still asked. Who completed longer ago, before the program asked, is left in peace.
const GRACE: Days = Days::new(31);

/// The day on which somebody is asked who completed on `issued_on`.
pub fn due_on(issued_on: NaiveDate, months: u32) -> Option<NaiveDate> {
    issued_on.checked_add_months(Months::new(months))
}

/// Whether to ask today.
pub fn is_due(issued_on: NaiveDate, months: u32, today: NaiveDate) -> bool {
    due_on(issued_on, months).is_some_and(|due| due <= today && today < due + GRACE)
}

/// What somebody answers; each stays open until it is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, sqlx::FromRow)]
pub struct Answers {
    pub became_cdces: Option<bool>,
    pub teaching_dsmes: Option<bool>,
    pub willing_to_mentor: Option<bool>,
}

impl Answers {
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }
}

/// Where the questions are answered.
pub fn path(token: &str) -> String {
    format!("/follow-up/{token}")
}

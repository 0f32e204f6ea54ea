//! Announcements: whom the coordinator can tell something at once. Separate because a group is a word in a form, in a
//! table and in a sentence.

use std::fmt;
use std::str::FromStr;

use crate::enrollments::OptionNumber;
use crate::word::UnknownWord;

/// The most that a title and a text may hold, in characters.
pub const TITLE: usize = 120;
pub const TEXT: usize = 5000;

/// A group of people, as it is when the announcement is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Mentees whose enrolment is live, and mentors.
    Everyone,
    /// Mentees of one option whose enrolment is live.
    Mentees(OptionNumber),
    Mentors,
    /// Mentors who have a mentee.
    PairMentors,
    /// Who completed in the program year that ended, or ends, in this year.
    Completed(i32),
}

impl Audience {
    /// All but the years.
    pub const FIXED: [Self; 6] = [
        Self::Everyone,
        Self::Mentees(OptionNumber::One),
        Self::Mentees(OptionNumber::Two),
        Self::Mentees(OptionNumber::Three),
        Self::Mentors,
        Self::PairMentors,
    ];

    pub fn name(self) -> String {
        match self {
            Self::Everyone => "Everyone: mentees with a live enrollment, and mentors".to_owned(),
            Self::Mentees(option) => format!("Mentees of {} with a live enrollment", option.name()),
            Self::Mentors => "All mentors".to_owned(),
            Self::PairMentors => "Mentors who have a mentee now".to_owned(),
            Self::Completed(year) => format!("Those who completed in the program year {}–{}", year - 1, year),
        }
    }
}

impl fmt::Display for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everyone => f.write_str("everyone"),
            Self::Mentees(option) => write!(f, "mentees-{}", i32::from(*option)),
            Self::Mentors => f.write_str("mentors"),
            Self::PairMentors => f.write_str("pair-mentors"),
            Self::Completed(year) => write!(f, "completed-{year}"),
        }
    }
}

impl FromStr for Audience {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let number = |rest: &str| rest.parse::<i32>().map_err(|_| UnknownWord);
        match text.split_once('-') {
            Some(("mentees", option)) => OptionNumber::try_from(number(option)?).map(Self::Mentees).map_err(|_| UnknownWord),
            Some(("completed", year)) => number(year)
                .and_then(|year| if (2000..2200).contains(&year) { Ok(Self::Completed(year)) } else { Err(UnknownWord) }),
            _ => Self::FIXED.into_iter().find(|one| one.to_string() == text).ok_or(UnknownWord),
        }
    }
}

//! What came by phone, fax or paper, entered by the coordinator for the one it came from. Separate because it reaches into
//! several steps, and because the same three things hold for all of it: it is marked with who entered it and how it came, it
//! counts like what was done on the site, and it is a sign of life of the one it came from.

pub mod api;
pub mod pages;

use chrono::NaiveDate;

use crate::contacts::Medium;
use crate::id::SubmissionKey;
use crate::words;

words! {
    /// What can be entered for one of a pair.
    pub enum What {
        Study = "study",
        Talk = "talk",
        SignOff = "sign_off",
        Test = "test",
        Answer = "answer",
    }

    /// A mentor's answer to a proposal.
    pub enum Said {
        Yes = "yes",
        No = "no",
    }
}

impl Said {
    pub fn name(self) -> &'static str {
        match self {
            Self::Yes => "Yes, the mentor takes the mentee",
            Self::No => "No",
        }
    }
}

/// The most questions of a test on paper.
pub const MOST_QUESTIONS: i32 = 200;

/// How something came, and when; with the key that makes sending the form twice harmless.
#[derive(Debug, Clone, Copy)]
pub struct Came {
    pub key: SubmissionKey,
    pub by: Medium,
    pub on: NaiveDate,
}

/// Numbers of chapters as a note says them: "chapter 3", "chapters 3, 4".
pub fn chapters(numbers: &[i32]) -> String {
    let all = numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    if numbers.len() == 1 { format!("chapter {all}") } else { format!("chapters {all}") }
}

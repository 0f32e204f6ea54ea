//! What an option or an outline asks of its post-tests: how many questions, how they are shown, what passes, how often
//! one can be taken, and when answers are explained. Separate because the coordinator edits it, and because an attempt
//! keeps the rules it began under.

use serde::{Deserialize, Serialize};

use crate::enrollments::OptionNumber;
use crate::id::OutlineId;
use crate::settings::Settings;
use crate::words;

words! {
    /// Whether an enrollment has post-tests.
    pub enum PostTests {
        Off = "off",
        /// They can be taken; the certificate does not ask for them.
        Offered = "offered",
        Required = "required",
    }

    /// What a mentee reads after handing in.
    pub enum Shows {
        /// What is right, and why, at once.
        Everything = "everything",
        /// Why the own choice was not right at once; what is right once the post-test is passed.
        OwnChoices = "own_choices",
        /// Only which were missed; what is right, and why, once the post-test is passed.
        AfterPassing = "after_passing",
    }
}

impl PostTests {
    pub fn name(self) -> &'static str {
        match self {
            Self::Off => "No post-tests",
            Self::Offered => "Offered: who likes takes them, the certificate does not ask for them",
            Self::Required => "Required: the certificate asks for every one of them",
        }
    }

    /// What those have who are on their way already, when the rules change to this: never more than before is asked of
    /// them.
    pub fn for_those_on_their_way(self, before: Self) -> Self {
        match (before, self) {
            (_, Self::Off) => Self::Off,
            (Self::Required, Self::Required) => Self::Required,
            (_, Self::Offered | Self::Required) => Self::Offered,
        }
    }
}

impl Shows {
    pub fn name(self) -> &'static str {
        match self {
            Self::Everything => "After handing in: what is right, and why",
            Self::OwnChoices => "After handing in why their own choice was not right; what is right once they have passed",
            Self::AfterPassing => "After handing in only which were missed; what is right, and why, once they have passed",
        }
    }
}

/// The rules of post-tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    pub post_tests: PostTests,
    /// Questions in one post-test.
    pub questions: i32,
    /// As many come from each topic at least, as far as there are that many; 0 when topics do not matter.
    pub per_topic: i32,
    pub shuffle_questions: bool,
    pub shuffle_choices: bool,
    /// Percent.
    pub pass_mark: i32,
    /// Attempts at one chapter in all; `None` when there is no end to them.
    pub attempts: Option<i32>,
    /// Attempts at one chapter on one local day.
    pub a_day: i32,
    /// Days until the next attempt once those of a day are used up.
    pub wait_days: i32,
    pub shows: Shows,
}

impl Rules {
    /// What holds as long as nobody has said anything else: the program's settings, and post-tests on Option 1.
    pub fn usual(option: OptionNumber, settings: &Settings) -> Self {
        let small = |number: i64| i32::try_from(number).unwrap_or(i32::MAX).max(1);
        Self {
            post_tests: if option == OptionNumber::One { PostTests::Required } else { PostTests::Off },
            questions: small(settings.questions_a_test),
            per_topic: 0,
            shuffle_questions: true,
            shuffle_choices: true,
            pass_mark: settings.pass_mark,
            attempts: None,
            a_day: small(settings.attempts_a_day),
            wait_days: 1,
            shows: Shows::Everything,
        }
    }

    /// Each rule in words, as the coordinator reads it.
    pub fn lines(&self) -> [(&'static str, String); 10] {
        let yes = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
        [
            ("Post-tests", self.post_tests.name().to_owned()),
            ("Questions in one", self.questions.to_string()),
            ("At least from each topic", self.per_topic.to_string()),
            ("Questions shuffled", yes(self.shuffle_questions)),
            ("Choices shuffled", yes(self.shuffle_choices)),
            ("Pass mark", format!("{} percent", self.pass_mark)),
            ("Attempts at a chapter", self.attempts.map_or("no end to them".to_owned(), |attempts| attempts.to_string())),
            ("Attempts on one day", self.a_day.to_string()),
            ("Days until the next", self.wait_days.to_string()),
            ("What the mentee reads", self.shows.name().to_owned()),
        ]
    }
}

/// What differs between two versions, as (rule, before, after). `None` says nothing of its own.
pub fn differences(before: Option<&Rules>, after: Option<&Rules>) -> Vec<(&'static str, String, String)> {
    let said = |rules: Option<&Rules>, at: usize| {
        rules.and_then(|rules| rules.lines().into_iter().nth(at)).map_or("as usual".to_owned(), |(_, words)| words)
    };
    let Some(any) = before.or(after) else { return Vec::new() };
    any.lines()
        .into_iter()
        .enumerate()
        .map(|(at, (rule, _))| (rule, said(before, at), said(after, at)))
        .filter(|(_, before, after)| before != after)
        .collect()
}

/// What rules are said for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    Option(OptionNumber),
    Outline(OutlineId),
}

impl Scope {
    /// As it stands in an address: `option-1`, or the outline's id.
    pub fn path(self) -> String {
        match self {
            Self::Option(option) => format!("option-{option}"),
            Self::Outline(outline) => outline.to_string(),
        }
    }
}

impl std::str::FromStr for Scope {
    type Err = crate::word::UnknownWord;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.strip_prefix("option-") {
            Some(number) => number.parse().map(Self::Option),
            None => text.parse().map(Self::Outline).map_err(|_| crate::word::UnknownWord),
        }
    }
}

//! The year report: what the program did in some days, counted with definitions, for the coordinator and for those who pay
//! for it. Separate because it gathers from every step and changes nothing.
//!
//! A report is one list of tables ([`Section`], [`Table`], [`Row`]), and every form of it (page, CSV, XLSX, PDF) shows
//! that list, so that a chart and its table cannot say different things. [`sections()`] reckons it from plain rows. What
//! leaves the house goes through [`outside()`] first, which takes out the small groups and the names.

mod columns;
pub mod lines;
mod outside;
pub mod pages;
mod rows;
mod sections;
pub mod share;
mod span;
pub mod store;

use chrono::{DateTime, Utc};

pub use columns::{Columns, length};
pub use outside::{outside, small, threshold};
pub use rows::{
    BeforeRow, CertificateRow, EducatorsRow, EnrollmentRow, EvaluationRow, FollowUpRow, HoldRow, LoanRow, Rows, StallRow,
    TalkRow,
};
pub use sections::{sections, short};
pub use share::{Interval, median, share, wilson};
pub use span::Span;

/// A whole report.
#[derive(Debug, Clone)]
pub struct Report {
    /// The program's name.
    pub program: String,
    pub span: Span,
    pub made_at: DateTime<Utc>,
    /// Whether the span was not over when it was made.
    pub running: bool,
    /// In a file that leaves the house: groups smaller than this are not told. `None` inside.
    pub under: Option<u32>,
    /// The first section is the short one, taken from the others.
    pub sections: Vec<Section>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    pub title: &'static str,
    /// What the section is about, in a sentence.
    pub about: &'static str,
    pub tables: Vec<Table>,
}

/// One figure: groups, and a value for each.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    pub title: String,
    pub definition: &'static str,
    pub kind: Kind,
    /// What the groups are: "Option".
    pub group: &'static str,
    /// What is counted: "Participants".
    pub counted: &'static str,
    /// What its medians are the days of: "Median days to certificate".
    pub days: &'static str,
    pub rows: Vec<Row>,
    pub total: Option<Row>,
    /// Names of persons stand in it: never leaves the house.
    pub inside: bool,
}

/// How the rows of a table hang together, which decides what may be told when one of them may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Groups that share nobody and add up to the total.
    Parts,
    /// As parts, and of each group so many did something; those add up too.
    Rates,
    /// Each counts those of the row before who came further.
    Steps,
    /// First how many of those asked answered, then what the answers were.
    Answers,
    /// Rows that do not add up.
    Each,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub group: String,
    /// What is counted, where the rows of a table count different things.
    pub definition: &'static str,
    pub value: Value,
    pub days: Option<Median>,
    /// The same in the days a year earlier.
    pub before: Option<Value>,
}

/// A count of people, as it may be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Number {
    Told(u32),
    /// At least one, and fewer than this.
    Fewer(u32),
    /// Not told, because another number could be worked out from it.
    Withheld,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value {
    Count(Number),
    /// One group of all: a share that leaves nothing open, since everybody is counted.
    Part {
        count: Number,
        of: Number,
    },
    /// How many of a group did something: a share with an interval.
    Rate {
        part: Number,
        of: Number,
    },
    /// Things, not people: told whatever the number.
    Things(u32),
    /// Time given in talks, in minutes.
    Talked {
        minutes: u32,
        talks: u32,
    },
    /// A median alone.
    Days(Median),
    /// A mean of ratings on a scale, or of their change.
    Rating(Rating),
}

/// A mean of what people said on a scale, and how many they are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rating {
    pub mean: Option<f64>,
    pub on: Number,
    /// Whether it is a difference of two.
    pub change: bool,
}

/// The middle of some days, and how many it rests on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Median {
    pub days: Option<f64>,
    pub on: Number,
}

impl Report {
    /// "so far" while the span runs.
    pub fn title(&self) -> String {
        format!("{}{}", self.span.title(), if self.running { ", so far" } else { "" })
    }

    /// What a file says about the groups it does not tell.
    pub fn about_small_groups(&self) -> Option<String> {
        let under = self.under.filter(|under| *under > 1)?;
        Some(format!(
            "Groups of fewer than {under} people are not told, so that nobody can be recognized. Where one of them could be \
             worked out from a total, another group of the same table is not told either. Counts of 0 are told. Names of \
             persons are never in this file."
        ))
    }
}

impl Number {
    pub fn told(self) -> Option<u32> {
        match self {
            Self::Told(number) => Some(number),
            Self::Fewer(_) | Self::Withheld => None,
        }
    }
}

impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Told(number) => f.write_str(&thousands(*number)),
            Self::Fewer(under) => write!(f, "fewer than {under}"),
            Self::Withheld => f.write_str("not told"),
        }
    }
}

/// A number with a comma before every third digit.
fn thousands(number: u32) -> String {
    let digits = number.to_string();
    let first = digits.len() % 3;
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && at % 3 == first {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A share in whole percent; one that is small and not zero does not read as none.
pub fn percent(share: f64) -> String {
    match share * 100.0 {
        small if small > 0.0 && small < 0.5 => "under 1%".to_owned(),
        great if great < 100.0 && great >= 99.5 => "over 99%".to_owned(),
        usual => format!("{usual:.0}%"),
    }
}

impl Value {
    /// The count that the value is about.
    pub fn number(&self) -> Option<Number> {
        match self {
            Self::Count(number) | Self::Part { count: number, .. } | Self::Rate { part: number, .. } => Some(*number),
            Self::Things(_) | Self::Talked { .. } | Self::Days(_) | Self::Rating(_) => None,
        }
    }

    /// As a person reads it: "12", "12 of 40", "51.5 hours".
    pub fn words(&self) -> String {
        match self {
            Self::Count(number) | Self::Part { count: number, .. } => number.to_string(),
            Self::Rate { part, of: Number::Withheld } => part.to_string(),
            Self::Rate { part, of } => format!("{part} of {of}"),
            Self::Things(number) => thousands(*number),
            Self::Talked { minutes, .. } => format!("{} hours", hours(*minutes)),
            Self::Days(median) => median.words(),
            Self::Rating(rating) => rating.words(),
        }
    }

    /// The share, where both its numbers are told; of nobody there is none.
    pub fn share(&self) -> Option<f64> {
        match self {
            Self::Part { count: part, of } | Self::Rate { part, of } => share(part.told()?, of.told()?),
            _ => None,
        }
    }

    /// "30%", or why there is none; empty where a share says nothing.
    pub fn share_words(&self) -> String {
        match (self.share(), self) {
            (Some(share), _) => percent(share),
            (None, Self::Part { of: Number::Told(0), .. } | Self::Rate { of: Number::Told(0), .. }) => "no figure".to_owned(),
            (None, Self::Part { .. } | Self::Rate { .. }) => "not told".to_owned(),
            _ => String::new(),
        }
    }

    pub fn interval(&self) -> Option<Interval> {
        match self {
            Self::Rate { part, of } => wilson(part.told()?, of.told()?),
            _ => None,
        }
    }

    /// "16% to 47%".
    pub fn interval_words(&self) -> String {
        self.interval().map(|within| format!("{} to {}", percent(within.low), percent(within.high))).unwrap_or_default()
    }
}

impl Rating {
    pub fn of(values: &[f64], change: bool) -> Self {
        let sum: f64 = values.iter().sum();
        let mean = (!values.is_empty()).then(|| sum / f64::from(count(values.len())));
        Self { mean, on: Number::Told(count(values.len())), change }
    }

    /// "3.4, of 12" or "+0.8, of 9"; how many is left out where it is not told.
    pub fn words(&self) -> String {
        match (self.mean, self.on) {
            (Some(mean), Number::Told(on)) => format!("{}, of {on}", self.mean_words(mean)),
            (Some(mean), _) => self.mean_words(mean),
            (None, Number::Told(0)) => "no figure".to_owned(),
            (None, _) => "not told".to_owned(),
        }
    }

    fn mean_words(&self, mean: f64) -> String {
        match (self.change, format!("{:.1}", mean.abs())) {
            (true, words) if words != "0.0" => format!("{}{words}", if mean > 0.0 { "+" } else { "−" }),
            (_, words) => words,
        }
    }
}

impl Median {
    pub fn of(days: Vec<i64>) -> Self {
        Self { on: Number::Told(count(days.len())), days: median(days) }
    }

    /// "23 days, of 12", or why there is none.
    pub fn words(&self) -> String {
        match (self.days, self.on) {
            (Some(days), on) => format!("{}, of {on}", say_days(days)),
            (None, Number::Told(0)) => "no figure".to_owned(),
            (None, _) => "not told".to_owned(),
        }
    }
}

fn say_days(days: f64) -> String {
    match format!("{days:.1}") {
        one if one == "1.0" => "1 day".to_owned(),
        words => format!("{} days", words.trim_end_matches(".0")),
    }
}

/// Minutes as hours with one decimal.
pub fn hours(minutes: u32) -> String {
    format!("{:.1}", f64::from(minutes) / 60.0)
}

/// How many, within what a report can hold.
fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

//! What a question is: its kinds, its choices and accepted answers, and why one is not a question yet. Separate because the
//! forms, both file formats and the tests speak of it, and none of them of a database.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::Refusal;
use crate::words;

words! {
    /// How a question is answered.
    pub enum QuestionKind {
        /// One choice.
        Single = "single",
        /// Any number of choices.
        Multiple = "multiple",
        /// A statement.
        TrueFalse = "true_false",
        /// Each of several things gets one of a list.
        Matching = "matching",
        /// A number.
        Numerical = "numerical",
        /// A word or a few.
        ShortAnswer = "short_answer",
        /// A text, which the mentor marks.
        Essay = "essay",
    }

    /// Where a version of a question stands.
    pub enum Status {
        /// Nobody has reviewed it: it does not count.
        Written = "written",
        /// A CDCES has approved it.
        Approved = "approved",
        /// It is asked in no new test.
        Retired = "retired",
    }

    /// What a CDCES does with a version.
    pub enum Action {
        Approve = "approve",
        Retire = "retire",
    }
}

impl QuestionKind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Single => "One right answer",
            Self::Multiple => "Several right answers",
            Self::TrueFalse => "True or false",
            Self::Matching => "Matching",
            Self::Numerical => "A number",
            Self::ShortAnswer => "A short answer",
            Self::Essay => "A text, marked by the mentor",
        }
    }

    /// Whether more than one choice can be ticked.
    pub fn takes_many(self) -> bool {
        self == Self::Multiple
    }
}

impl Status {
    pub fn name(self) -> &'static str {
        match self {
            Self::Written => "unreviewed",
            Self::Approved => "approved",
            Self::Retired => "retired",
        }
    }

    pub fn after(self, action: Action) -> Result<Self, Refusal> {
        match (self, action) {
            (Self::Written, Action::Approve) => Ok(Self::Approved),
            (Self::Written | Self::Approved, Action::Retire) => Ok(Self::Retired),
            (Self::Approved, Action::Approve) => Err(Refusal::new("This question is approved already.")),
            (Self::Retired, Action::Approve) => Err(Refusal::new("This question is retired. Write it anew to ask it again.")),
            (Self::Retired, Action::Retire) => Err(Refusal::new("This question is retired already.")),
        }
    }
}

/// A share of the whole in thousandths, from −1000 to 1000, so that sums are exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize, sqlx::Type)]
#[serde(transparent)]
#[sqlx(transparent)]
pub struct Credit(pub i32);

impl Credit {
    pub const NONE: Self = Self(0);
    pub const WHOLE: Self = Self(1000);
    /// What a wrong choice takes away where only exactly the right ones count.
    pub const LOST: Self = Self(-1000);

    pub fn is_whole(self) -> bool {
        self == Self::WHOLE
    }

    /// From nothing to the whole.
    pub fn within(self) -> Self {
        Self(self.0.clamp(0, Self::WHOLE.0))
    }

    /// The share of one of `count` equal parts.
    pub fn share(count: usize) -> Self {
        let count = i32::try_from(count).unwrap_or(i32::MAX).max(1);
        Self((Self::WHOLE.0 * 2 + count) / (count * 2))
    }

    /// As Moodle writes it: percent with up to five decimals, thirds and the like in full.
    pub fn percent(self) -> String {
        let (sign, size) = (if self.0 < 0 { "-" } else { "" }, self.0.unsigned_abs());
        if let Some((_, text)) = FRACTIONS.iter().find(|(thousandths, _)| *thousandths == size) {
            return format!("{sign}{text}");
        }
        match size % 10 {
            0 => format!("{sign}{}", size / 10),
            tenth => format!("{sign}{}.{tenth}", size / 10),
        }
    }

    /// Reads percent from −100 to 100, rounded to a thousandth of the whole.
    pub fn of_percent(text: &str) -> Option<Self> {
        let text = text.trim().trim_end_matches('%').trim_end();
        // Moodle writes seven decimals; a thousandth of the whole has one.
        let number: Number = match text.split_once('.') {
            Some((whole, part)) => format!("{whole}.{}", part.get(..6).unwrap_or(part)).parse().ok()?,
            None => text.parse().ok()?,
        };
        // Ten thousand millionths of a percent's number are a hundredth; a thousandth of the whole is a tenth of a percent.
        let thousandths = (number.0.abs() + 50_000) / 100_000;
        let thousandths = i32::try_from(thousandths).ok().filter(|size| *size <= Self::WHOLE.0)?;
        Some(Self(if number.0 < 0 { -thousandths } else { thousandths }))
    }
}

/// Shares that have no end in decimals, as Moodle writes them.
const FRACTIONS: [(u32, &str); 7] = [
    (833, "83.33333"),
    (667, "66.66667"),
    (333, "33.33333"),
    (167, "16.66667"),
    (143, "14.28571"),
    (111, "11.11111"),
    (125, "12.5"),
];

/// A number in millionths, so that what is written is what is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Number(pub i64);

const MILLION: i64 = 1_000_000;
/// The largest number a question asks for.
const LARGEST: i64 = 1_000_000_000 * MILLION;

/// A text that is not a number of up to six decimals within a thousand million.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a number with up to six decimals, of at most 1,000,000,000")]
pub struct NotANumber;

impl FromStr for Number {
    type Err = NotANumber;

    /// `-5.25`, `.5` or `1.2e3`.
    fn from_str(text: &str) -> Result<Self, NotANumber> {
        let text = text.trim();
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().map_err(|_| NotANumber)?),
            None => (text, 0),
        };
        let (negative, digits) = match mantissa.as_bytes() {
            [b'-', ..] => (true, &mantissa[1..]),
            [b'+', ..] => (false, &mantissa[1..]),
            _ => (false, mantissa),
        };
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.len() + part.len() == 0 || whole.len() + part.len() > 40 || !all_digits(whole) || !all_digits(part) {
            return Err(NotANumber);
        }
        let joined = format!("{whole}{part}");
        let mut value: i128 = joined.parse().map_err(|_| NotANumber)?;
        let places = i32::try_from(part.len()).map_err(|_| NotANumber)?;
        let mut shift = exponent.checked_add(6 - places).ok_or(NotANumber)?;
        while shift < 0 && value % 10 == 0 && value != 0 {
            (value, shift) = (value / 10, shift + 1);
        }
        if value != 0 {
            let power = u32::try_from(shift).ok().filter(|power| *power < 40).ok_or(NotANumber)?;
            value = 10_i128.checked_pow(power).and_then(|power| value.checked_mul(power)).ok_or(NotANumber)?;
        }
        let value = i64::try_from(value).ok().filter(|value| *value <= LARGEST).ok_or(NotANumber)?;
        Ok(Self(if negative { -value } else { value }))
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, size) = (if self.0 < 0 { "-" } else { "" }, self.0.unsigned_abs());
        let (whole, part) = (size / MILLION.unsigned_abs(), size % MILLION.unsigned_abs());
        if part == 0 {
            return write!(f, "{sign}{whole}");
        }
        let part = format!("{part:06}");
        write!(f, "{sign}{whole}.{}", part.trim_end_matches('0'))
    }
}

impl Serialize for Number {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// One choice of a question, in the order it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    pub text: String,
    /// What choosing it gives. Of several right ones, each carries its share; where each carries the whole, only exactly
    /// the right ones count.
    pub credit: Credit,
    pub explanation: String,
}

/// A thing, and what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pair {
    pub left: String,
    pub right: String,
}

/// A number that gets credit. The first that fits counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumericalAnswer {
    /// `None`: any other number.
    pub value: Option<Number>,
    /// How far from it a number may be.
    pub tolerance: Number,
    pub credit: Credit,
    pub explanation: String,
}

/// A text that gets credit; `*` stands for anything, `\*` for the sign. The first that fits counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    pub text: String,
    pub credit: Credit,
    pub explanation: String,
}

/// What a question asks for, by its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    Single(Vec<Choice>),
    Multiple(Vec<Choice>),
    TrueFalse {
        is_true: bool,
        when_true: String,
        when_false: String,
    },
    /// `distractors` are offered and belong to nothing.
    Matching {
        pairs: Vec<Pair>,
        distractors: Vec<String>,
    },
    Numerical(Vec<NumericalAnswer>),
    ShortAnswer {
        answers: Vec<Accepted>,
        match_case: bool,
    },
    Essay {
        marker_note: String,
    },
}

/// An answer as given. Places are those of the body as written, whatever order they were shown in.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "StoredAnswer", into = "StoredAnswer")]
pub enum Answer {
    #[default]
    None,
    /// Of a statement, 0 is true and 1 is false.
    Chosen(Vec<usize>),
    /// For each pair, in order, a place in [`Body::offered`].
    Matched(Vec<Option<usize>>),
    /// A number, a short answer or an essay.
    Text(String),
}

/// How an answer is written into the database: a list of places is the form of before, too.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum StoredAnswer {
    Chosen(Vec<usize>),
    Matched { matched: Vec<Option<usize>> },
    Text(String),
    None,
}

impl From<StoredAnswer> for Answer {
    fn from(stored: StoredAnswer) -> Self {
        match stored {
            StoredAnswer::Chosen(chosen) => Self::Chosen(chosen),
            StoredAnswer::Matched { matched } => Self::Matched(matched),
            StoredAnswer::Text(text) => Self::Text(text),
            StoredAnswer::None => Self::None,
        }
    }
}

impl From<Answer> for StoredAnswer {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Chosen(chosen) => Self::Chosen(chosen),
            Answer::Matched(matched) => Self::Matched { matched },
            Answer::Text(text) => Self::Text(text),
            Answer::None => Self::None,
        }
    }
}

impl Answer {
    /// Whether anything was answered.
    pub fn is_given(&self) -> bool {
        match self {
            Self::None => false,
            Self::Chosen(chosen) => !chosen.is_empty(),
            Self::Matched(matched) => matched.iter().any(Option::is_some),
            Self::Text(text) => !text.trim().is_empty(),
        }
    }

    /// The places chosen, of a question with choices.
    pub fn chosen(&self) -> &[usize] {
        match self {
            Self::Chosen(chosen) => chosen,
            Self::None | Self::Matched(_) | Self::Text(_) => &[],
        }
    }
}

/// A choice as it is stored: with its credit, or as it was before, right or wrong.
#[derive(Deserialize)]
struct StoredChoice {
    text: String,
    credit: Option<Credit>,
    #[serde(default)]
    correct: bool,
    #[serde(default)]
    explanation: String,
}

impl StoredChoice {
    fn choice(self, wrong: Credit) -> Choice {
        let credit = self.credit.unwrap_or(if self.correct { Credit::WHOLE } else { wrong });
        Choice { text: self.text, credit, explanation: self.explanation }
    }
}

#[derive(Serialize, Deserialize)]
struct StoredStatement {
    is_true: bool,
    when_true: String,
    when_false: String,
}

/// A statement as it is stored: today, or as two choices, as before.
#[derive(Deserialize)]
#[serde(untagged)]
enum AnyStatement {
    Today(StoredStatement),
    Before(Vec<StoredChoice>),
}

#[derive(Serialize, Deserialize)]
struct StoredMatching {
    pairs: Vec<Pair>,
    distractors: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct StoredShortAnswer {
    answers: Vec<Accepted>,
    match_case: bool,
}

#[derive(Serialize, Deserialize)]
struct StoredEssay {
    marker_note: String,
}

impl Body {
    pub fn kind(&self) -> QuestionKind {
        match self {
            Self::Single(_) => QuestionKind::Single,
            Self::Multiple(_) => QuestionKind::Multiple,
            Self::TrueFalse { .. } => QuestionKind::TrueFalse,
            Self::Matching { .. } => QuestionKind::Matching,
            Self::Numerical(_) => QuestionKind::Numerical,
            Self::ShortAnswer { .. } => QuestionKind::ShortAnswer,
            Self::Essay { .. } => QuestionKind::Essay,
        }
    }

    /// As it is stored beside its kind.
    pub fn stored(&self) -> Result<serde_json::Value, serde_json::Error> {
        match self.clone() {
            Self::Single(choices) | Self::Multiple(choices) => serde_json::to_value(choices),
            Self::TrueFalse { is_true, when_true, when_false } => {
                serde_json::to_value(StoredStatement { is_true, when_true, when_false })
            }
            Self::Matching { pairs, distractors } => serde_json::to_value(StoredMatching { pairs, distractors }),
            Self::Numerical(answers) => serde_json::to_value(answers),
            Self::ShortAnswer { answers, match_case } => serde_json::to_value(StoredShortAnswer { answers, match_case }),
            Self::Essay { marker_note } => serde_json::to_value(StoredEssay { marker_note }),
        }
    }

    /// What was stored, today or before.
    pub fn of_stored(kind: QuestionKind, stored: serde_json::Value) -> Result<Self, serde_json::Error> {
        use serde_json::from_value;
        let choices = |stored, wrong| {
            let choices: Vec<StoredChoice> = from_value(stored)?;
            Ok(choices.into_iter().map(|choice| choice.choice(wrong)).collect::<Vec<_>>())
        };
        Ok(match kind {
            QuestionKind::Single => Self::Single(choices(stored, Credit::NONE)?),
            QuestionKind::Multiple => Self::Multiple(choices(stored, Credit::LOST)?),
            QuestionKind::TrueFalse => match from_value(stored)? {
                AnyStatement::Today(StoredStatement { is_true, when_true, when_false }) => {
                    Self::TrueFalse { is_true, when_true, when_false }
                }
                AnyStatement::Before(choices) => statement(choices),
            },
            QuestionKind::Matching => {
                let StoredMatching { pairs, distractors } = from_value(stored)?;
                Self::Matching { pairs, distractors }
            }
            QuestionKind::Numerical => Self::Numerical(from_value(stored)?),
            QuestionKind::ShortAnswer => {
                let StoredShortAnswer { answers, match_case } = from_value(stored)?;
                Self::ShortAnswer { answers, match_case }
            }
            QuestionKind::Essay => {
                let StoredEssay { marker_note } = from_value(stored)?;
                Self::Essay { marker_note }
            }
        })
    }

    /// The texts that are offered to choose from, in the order of their places: of a statement, true and false; of a
    /// matching, each right side once. Empty where an answer is written.
    pub fn offered(&self) -> Vec<&str> {
        match self {
            Self::Single(choices) | Self::Multiple(choices) => choices.iter().map(|choice| choice.text.as_str()).collect(),
            Self::TrueFalse { .. } => vec!["True", "False"],
            Self::Matching { pairs, distractors } => {
                let mut seen = BTreeSet::new();
                let all = pairs.iter().map(|pair| &pair.right).chain(distractors);
                all.map(String::as_str).filter(|text| seen.insert(*text)).collect()
            }
            Self::Numerical(_) | Self::ShortAnswer { .. } | Self::Essay { .. } => Vec::new(),
        }
    }

    /// Each text that is offered to choose from, with its credit and its explanation; none where nothing is chosen.
    pub fn choices(&self) -> Vec<Choice> {
        match self {
            Self::Single(choices) | Self::Multiple(choices) => choices.clone(),
            Self::TrueFalse { is_true, when_true, when_false } => {
                let choice = |text: &str, right: bool, explanation: &String| Choice {
                    text: text.to_owned(),
                    credit: if right { Credit::WHOLE } else { Credit::NONE },
                    explanation: explanation.clone(),
                };
                vec![choice("True", *is_true, when_true), choice("False", !*is_true, when_false)]
            }
            Self::Matching { .. } | Self::Numerical(_) | Self::ShortAnswer { .. } | Self::Essay { .. } => Vec::new(),
        }
    }
}

/// A statement of before: two choices, of which the first said "True" and one was right.
fn statement(choices: Vec<StoredChoice>) -> Body {
    let is_true = choices.first().is_some_and(|choice| choice.correct);
    let mut why = choices.into_iter().map(|choice| choice.explanation);
    let (when_true, when_false) = (why.next().unwrap_or_default(), why.next().unwrap_or_default());
    Body::TrueFalse { is_true, when_true, when_false }
}

/// Whether several right choices count only all together: each carries the whole.
pub fn is_all_or_nothing(choices: &[Choice]) -> bool {
    choices.iter().filter(|choice| choice.credit.is_whole()).count() > 1
}

/// A picture above the choices, by the hash of its bytes, and what it shows in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    pub hash: String,
    pub alt: String,
}

/// A question as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// What the coordinator calls it; mentees do not see it. May be empty.
    pub name: String,
    pub text: String,
    /// Why the answer is right, for the mentee after handing in.
    pub explanation: String,
    pub source: String,
    /// A short word by which tests draw. May be empty.
    pub topic: String,
    pub picture: Option<Picture>,
    pub body: Body,
}

/// The most choices, pairs or accepted answers of a question.
pub const MOST: usize = 20;
/// The most signs of each text.
pub const LONGEST_NAME: usize = 200;
pub const LONGEST_TEXT: usize = 4000;
pub const LONGEST_CHOICE: usize = 1000;
pub const LONGEST_SOURCE: usize = 300;
pub const LONGEST_TOPIC: usize = 60;
pub const LONGEST_ALT: usize = 500;

/// What is wrong with one part of a question, in words; the part is empty where it is the whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objection {
    pub part: &'static str,
    pub message: String,
}

fn object(part: &'static str, message: impl Into<String>) -> Objection {
    Objection { part, message: message.into() }
}

impl Draft {
    /// Everything that keeps it from being a question. Explanation and source may be missing: files have none.
    pub fn objections(&self) -> Vec<Objection> {
        let mut found = Vec::new();
        if self.text.is_empty() {
            found.push(object("text", "Write the question."));
        }
        let lengths = [
            ("name", "name", &self.name, LONGEST_NAME),
            ("text", "text", &self.text, LONGEST_TEXT),
            ("explanation", "explanation", &self.explanation, LONGEST_TEXT),
            ("source", "source", &self.source, LONGEST_SOURCE),
            ("topic", "topic", &self.topic, LONGEST_TOPIC),
        ];
        for (part, name, text, most) in lengths {
            found.extend(
                too_long(text, most).map(|length| {
                    object(part, format!("The {name} is {length} characters long. Shorten it to {most} or fewer."))
                }),
            );
        }
        if let Some(picture) = &self.picture {
            found.extend(alt_objection(&picture.alt));
        }
        found.extend(self.body.objection());
        found
    }

    /// The same for two questions that ask the same, however they are spelled and spaced, and give credit for the same.
    pub fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(normal(&self.text));
        hash.update(self.picture.as_ref().map(|picture| picture.hash.as_str()).unwrap_or_default());
        let stored = self.body.stored().map(|stored| stored.to_string()).unwrap_or_default();
        hash.update(self.body.kind().as_str());
        hash.update(normal(&stored));
        crate::hex(&hash.finalize())
    }
}

fn normal(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase() + "\n"
}

fn too_long(text: &str, most: usize) -> Option<usize> {
    // A character is at least a byte: most texts need not be counted.
    if text.len() <= most { None } else { Some(text.chars().count()).filter(|length| *length > most) }
}

/// Why words for a picture do not do, if so.
pub fn alt_objection(alt: &str) -> Option<Objection> {
    if alt.is_empty() {
        return Some(object("alt", "Say in words what the picture shows, for those who cannot see it."));
    }
    too_long(alt, LONGEST_ALT).map(|length| {
        object("alt", format!("These words are {length} characters long. Shorten them to {LONGEST_ALT} or fewer."))
    })
}

impl Body {
    /// Why it does not make a question, if so.
    pub fn objection(&self) -> Option<Objection> {
        match self {
            Self::Single(choices) => texts(&texts_of(choices)).or_else(|| single(choices)),
            Self::Multiple(choices) => texts(&texts_of(choices)).or_else(|| multiple(choices)),
            Self::TrueFalse { when_true, when_false, .. } => {
                [when_true, when_false].into_iter().find_map(|text| length(text, "explanation"))
            }
            Self::Matching { pairs, distractors } => matching(pairs, distractors),
            Self::Numerical(answers) => numerical(answers),
            Self::ShortAnswer { answers, .. } => short_answer(answers),
            Self::Essay { marker_note } => too_long(marker_note, LONGEST_TEXT)
                .map(|_| object("marker_note", format!("Shorten the note for the mentor to {LONGEST_TEXT} characters."))),
        }
    }
}

fn length(text: &str, what: &str) -> Option<Objection> {
    too_long(text, LONGEST_CHOICE).map(|length| {
        object("choices", format!("One {what} is {length} characters long. Shorten it to {LONGEST_CHOICE} or fewer."))
    })
}

fn texts_of(choices: &[Choice]) -> Vec<(&str, &str)> {
    choices.iter().map(|choice| (choice.text.as_str(), choice.explanation.as_str())).collect()
}

/// What is wrong with the texts of choices, each with its explanation.
fn texts(choices: &[(&str, &str)]) -> Option<Objection> {
    if choices.len() < 2 {
        return Some(object("choices", "Write at least two choices."));
    }
    if choices.len() > MOST {
        return Some(object("choices", format!("A question has at most {MOST} choices.")));
    }
    if choices.iter().any(|(text, _)| text.is_empty()) {
        return Some(object("choices", "A choice has no text."));
    }
    let long = choices.iter().find_map(|(text, why)| length(text, "choice").or_else(|| length(why, "explanation")));
    if long.is_some() {
        return long;
    }
    let different: BTreeSet<String> = choices.iter().map(|(text, _)| normal(text)).collect();
    (different.len() < choices.len()).then(|| object("choices", "Two choices say the same. Change one of them."))
}

fn single(choices: &[Choice]) -> Option<Objection> {
    let whole = choices.iter().filter(|choice| choice.credit.is_whole()).count();
    if whole == 0 {
        Some(object("right", "Mark the right choice: one gives 100 percent."))
    } else if whole == choices.len() {
        Some(object("right", "Every choice is right. Leave at least one that is not."))
    } else {
        None
    }
}

fn multiple(choices: &[Choice]) -> Option<Objection> {
    let right: Vec<i32> = choices.iter().map(|choice| choice.credit.0).filter(|credit| *credit > 0).collect();
    if right.is_empty() {
        return Some(object("right", "Mark at least one choice as right."));
    }
    if is_all_or_nothing(choices) {
        let partly = choices.iter().any(|choice| choice.credit.0 > 0 && !choice.credit.is_whole());
        return partly.then(|| object("right", "Where only exactly the right ones count, each is right or wrong."));
    }
    let (sum, count) = (right.iter().sum::<i32>(), i32::try_from(right.len()).unwrap_or(i32::MAX));
    ((sum - Credit::WHOLE.0).abs() > count)
        .then(|| object("right", format!("The right choices give {} percent together; it must be 100.", Credit(sum).percent())))
}

fn matching(pairs: &[Pair], distractors: &[String]) -> Option<Objection> {
    if pairs.len() < 2 {
        return Some(object("pairs", "Write at least two pairs."));
    }
    if pairs.len() > MOST || distractors.len() > MOST {
        return Some(object("pairs", format!("A question has at most {MOST} pairs and {MOST} answers that belong to none.")));
    }
    if pairs.iter().any(|pair| pair.left.is_empty() || pair.right.is_empty()) || distractors.iter().any(String::is_empty) {
        return Some(object("pairs", "A pair has one side only."));
    }
    let all = pairs.iter().flat_map(|pair| [&pair.left, &pair.right]).chain(distractors);
    if let Some(long) = all.into_iter().find_map(|text| length(text, "side")) {
        return Some(long);
    }
    let left: BTreeSet<String> = pairs.iter().map(|pair| normal(&pair.left)).collect();
    if left.len() < pairs.len() {
        return Some(object("pairs", "Two pairs ask for the same. Change one of them."));
    }
    let right: BTreeSet<&str> = pairs.iter().map(|pair| &pair.right).chain(distractors).map(String::as_str).collect();
    (right.len() < 2).then(|| object("pairs", "All pairs have the same answer. Add another answer."))
}

fn numerical(answers: &[NumericalAnswer]) -> Option<Objection> {
    if answers.len() > MOST {
        return Some(object("answers", format!("A question accepts at most {MOST} numbers.")));
    }
    if answers.iter().any(|answer| answer.tolerance.0 < 0) {
        return Some(object("answers", "A tolerance is not below zero."));
    }
    if let Some(long) = answers.iter().find_map(|answer| length(&answer.explanation, "explanation")) {
        return Some(long);
    }
    let other = answers.iter().position(|answer| answer.value.is_none());
    if other.is_some_and(|place| place + 1 < answers.len() || answers[place].credit != Credit::NONE) {
        return Some(object("answers", "Any other number stands last and gives no credit."));
    }
    let whole = answers.iter().any(|answer| answer.value.is_some() && answer.credit.is_whole());
    (!whole).then(|| object("answers", "Write the right number: one gives 100 percent."))
}

fn short_answer(answers: &[Accepted]) -> Option<Objection> {
    if answers.len() > MOST {
        return Some(object("answers", format!("A question accepts at most {MOST} answers.")));
    }
    if answers.iter().any(|answer| answer.text.is_empty()) {
        return Some(object("answers", "An accepted answer has no text."));
    }
    let long = answers.iter().find_map(|one| length(&one.text, "answer").or_else(|| length(&one.explanation, "explanation")));
    if long.is_some() {
        return long;
    }
    let whole = answers.iter().any(|answer| answer.credit.is_whole());
    (!whole).then(|| object("answers", "Write the right answer: one gives 100 percent."))
}

/// The same for what stands on one line: choices, names, words for a picture.
pub fn one_line(text: &str) -> String {
    let text = tidy(text);
    if text.contains(['\n', '\t']) {
        text.split(['\n', '\t']).map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    } else {
        text
    }
}

/// Whether a sign has a place in a text: no control signs but tabs and line ends, and nothing that is no character.
fn is_kept(sign: char) -> bool {
    matches!(sign, '\n' | '\t')
        || !(sign.is_control() || matches!(sign, '\u{feff}' | '\u{fdd0}'..='\u{fdef}') || u32::from(sign) & 0xfffe == 0xfffe)
}

/// A text as it is kept: one kind of line end, no control signs, no spaces around it.
pub fn tidy(text: &str) -> String {
    if text.chars().all(is_kept) {
        return text.trim().to_owned();
    }
    let text: String = text.replace("\r\n", "\n").replace('\r', "\n").chars().filter(|sign| is_kept(*sign)).collect();
    text.trim().to_owned()
}

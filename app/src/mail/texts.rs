//! The texts of the messages: the program's own, the coordinator's versions of them, the fields each may use, and filling
//! them in. Separate from the outbox, because a text is looked at and mended without anything being sent.
//!
//! A text can reach its fields and nothing else: the environment it is filled in by has no functions, no filters and no
//! other texts, and a text that runs for too long is stopped.

use std::collections::BTreeMap;
use std::str::FromStr;

use minijinja::{Environment, Error, UndefinedBehavior, Value, context};

use super::Kind;
use crate::error::FieldError;
use crate::settings::Settings;

/// A text that can be edited: of a kind of message, or the one around a digest of several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Name {
    Of(Kind),
    Digest,
}

impl Name {
    /// Every text, the digest's first.
    pub fn all() -> impl Iterator<Item = Self> {
        std::iter::once(Self::Digest).chain(Kind::ALL.iter().copied().map(Self::Of))
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Of(kind) => kind.as_str(),
            Self::Digest => "digest",
        }
    }

    /// In words: "Letter ready".
    pub fn name(self) -> String {
        let words = match self {
            Self::Of(kind) => kind.name(),
            Self::Digest => "daily summary".to_owned(),
        };
        let mut letters = words.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
    }

    /// The program's own text.
    pub fn own(self) -> Text {
        Text::parse(match self {
            Self::Of(kind) => kind.own_text(),
            Self::Digest => include_str!("../../content/mail/digest.txt"),
        })
    }

    /// Without these the message would not serve.
    fn needed(self) -> &'static [&'static str] {
        match self {
            Self::Of(Kind::Invitation | Kind::PasswordReset | Kind::Nudge | Kind::FollowUp) => &["link"],
            Self::Of(Kind::Announcement) => &["text"],
            Self::Of(_) => &[],
            Self::Digest => &["items", "announcements"],
        }
    }

    /// The fields it may use: those of the program's own text, and those of every message.
    pub fn fields(self) -> Vec<Field> {
        let own = self.own();
        let mut names: Vec<String> = [&own.subject, &own.body].into_iter().flat_map(|source| used(source)).collect();
        names.extend(EVERYWHERE.map(str::to_owned));
        names.sort();
        names.dedup();
        let mut fields: Vec<Field> = names.into_iter().map(Field::of).collect();
        // What is the message's own stands before what every message has.
        fields.sort_by_key(|field| EVERYWHERE.contains(&field.name.as_str()));
        fields
    }
}

impl FromStr for Name {
    type Err = crate::word::UnknownWord;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "digest" { Ok(Self::Digest) } else { text.parse().map(Self::Of) }
    }
}

/// A text before its fields are filled in, or after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    pub subject: String,
    pub body: String,
}

impl Text {
    /// From "Subject: …", an empty line, and the rest.
    pub fn parse(whole: &str) -> Self {
        let (subject, body) = whole.split_once("\n\n").unwrap_or((whole, ""));
        let subject = subject.strip_prefix("Subject:").unwrap_or(subject).trim().to_owned();
        Self { subject, body: body.trim_end().to_owned() }
    }

    pub fn whole(&self) -> String {
        format!("Subject: {}\n\n{}\n", self.subject, self.body)
    }

    /// Fills in the fields.
    pub fn fill(&self, fields: &BTreeMap<String, Value>) -> Result<Self, Error> {
        let environment = environment();
        let fill = |name: &str, source: &str| environment.template_from_named_str(name, source)?.render(fields);
        // Neither a field nor an edited text can begin a new header line.
        let subject = one_line(&fill("subject", &self.subject)?);
        Ok(Self { subject, body: tidy(&fill("text", &without_empty(&self.body, fields))?) })
    }
}

/// Leaves out the line of a contact that the settings do not name.
fn without_empty(source: &str, fields: &BTreeMap<String, Value>) -> String {
    let empty: Vec<String> = ["coordinator_email", "coordinator_phone"]
        .into_iter()
        .filter(|field| fields.get(*field).is_some_and(|value| value.as_str() == Some("")))
        .map(|field| format!(": {{{{ {field} }}}}"))
        .collect();
    let kept: Vec<&str> = source.lines().filter(|line| !empty.iter().any(|end| line.ends_with(end.as_str()))).collect();
    kept.join("\n")
}

/// The most that a subject and a text may hold, in characters.
pub const SUBJECT: usize = 200;
pub const BODY: usize = 8000;

/// The most steps that filling in a text may take.
const FUEL: u64 = 100_000;

fn environment() -> Environment<'static> {
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    environment
}

/// The names that a source uses without saying what they are.
fn used(source: &str) -> Vec<String> {
    let environment = environment();
    let used = environment.template_from_str(source).map(|template| template.undeclared_variables(false));
    used.map(|names| names.into_iter().collect()).unwrap_or_default()
}

/// Text on one line.
pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Leaves out spaces at the ends of lines, and more than one empty line.
fn tidy(text: &str) -> String {
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines().map(str::trim_end) {
        if !(line.is_empty() && lines.last().is_none_or(|last| last.is_empty())) {
            lines.push(line);
        }
    }
    lines.join("\n").trim_end().to_owned()
}

/// A field as the coordinator reads of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    pub name: String,
    pub meaning: String,
    /// What it reads like; more than one where a text may branch on it.
    samples: &'static [&'static str],
}

/// What every message knows.
const EVERYWHERE: [&str; 6] =
    ["name", "program", "coordinator_name", "coordinator_email", "coordinator_phone", "mentor_thanks"];

/// What each field stands for, and what it reads like.
const FIELDS: &[(&str, &str, &[&str])] = &[
    ("answer", "how the mentor answered: accept, decline, or nothing in time", &["accept", "decline", "expired"]),
    ("answer_by", "the day by which there is an answer", &["Tuesday, Dec 1"]),
    ("announcements", "the announcements in the summary, each with title and text", &[]),
    ("applications", "how many applications wait for an answer", &["2"]),
    ("applicant", "who applied", &["Dana Whitehorse"]),
    ("book", "the book’s title", &["Complete Guide to Diabetes"]),
    ("by", "who did it", &["Ruth Halvorsen"]),
    ("chapter", "the chapter", &["Chapter 7, Low blood sugar"]),
    ("coordinator_email", "the coordinator’s e-mail, from the settings", &[]),
    ("coordinator_name", "the coordinator’s name, from the settings", &[]),
    ("coordinator_phone", "the coordinator’s phone, from the settings", &[]),
    ("count", "how many things are in the summary", &[]),
    ("date", "the day it happened", &["Tuesday, Dec 1"]),
    ("due", "the day the book is due", &["June 15, 2027"]),
    ("expires", "until when the link is good", &["Tuesday, Dec 1, 5:30 pm"]),
    ("first_contact_by", "the day by which the two should have spoken", &["Tuesday, Dec 1"]),
    ("from", "who wrote", &["Ruth Halvorsen"]),
    ("given", "what the mentor gave, in numbers; it may be empty", &["6 talks, 5 hours, 9 chapters signed off", ""]),
    ("head", "where the record of events stands", &["4521:8d2f0c"]),
    ("items", "the things in the summary, each with text and link", &[]),
    ("kept", "how many chapters keep what was done", &["6 chapters"]),
    ("link", "the page that the message leads to", &["https://qdei.example/a-page"]),
    ("listed", "how many stand on the coordinator’s list", &["7"]),
    ("mentee", "the mentee’s name", &["Dana Whitehorse"]),
    ("mentor", "the mentor’s name", &["Ruth Halvorsen"]),
    ("mentor_thanks", "the closing thanks to a mentor, from the settings", &[]),
    ("months", "months since the certificate", &["6"]),
    ("name", "the reader’s name", &["Dana Whitehorse"]),
    ("new_book", "yes when it is another book, else empty", &["yes", ""]),
    ("no_link", "the page with the first answer chosen: no", &["https://qdei.example/follow-up/a1b2?became=no"]),
    ("number", "the number of the certificate", &["QDEI-2026-0001"]),
    ("occasion", "what ended: completed, withdrawn, closed", &["completed", "withdrawn", "closed"]),
    ("open", "what is open already: application or enrollment", &["application", "enrollment"]),
    ("option_name", "the option", &["Option 1"]),
    ("other", "the other one of the pair", &["Ruth Halvorsen"]),
    ("other_email", "the other one’s e-mail", &["ruth@qdei.example"]),
    ("overdue", "how many books are overdue", &["1"]),
    ("own", "whether it is the reader who left: yes or no", &["yes", "no"]),
    ("program", "the program’s name, from the settings", &[]),
    ("reason", "the reason that was given; it may be empty", &["There is no place free until spring.", ""]),
    ("role", "what the reader joins as; it may be empty", &["mentee"]),
    ("sent", "the day the first application came", &["Tuesday, Nov 3"]),
    ("side", "which of the pair the reader is: mentee or mentor", &["mentee", "mentor"]),
    ("since", "since when", &["Tuesday, Nov 3"]),
    ("subject", "the subject, as the coordinator wrote it", &["A question about your plan"]),
    ("text", "the text, as the coordinator wrote it", &["We meet online on Friday, Dec 11, at noon.\n\nEverybody is welcome."]),
    ("title", "the title", &["Meeting on December 11"]),
    ("until", "until when", &["December 1, 2027"]),
    ("verify_link", "the page on which anyone can check the certificate", &["https://qdei.example/verify/QDEI-2026-0001/a1b2"]),
    ("version", "the version of the outline, when only that is another; else empty", &["2", ""]),
    ("way", "how they prefer to talk", &["Phone"]),
    ("what", "what waits", &["Sign the letter of agreement"]),
    ("when", "when the talk is, in the reader’s own time zone", &["Tuesday, Dec 1, 5:30 pm MST"]),
    ("who", "who left", &["Ruth Halvorsen"]),
    ("with", "whose thread it is about; it may be empty", &["Dana Whitehorse", ""]),
    ("yes_link", "the page with the first answer chosen: yes", &["https://qdei.example/follow-up/a1b2?became=yes"]),
];

impl Field {
    fn of(name: String) -> Self {
        match FIELDS.iter().find(|(known, ..)| *known == name) {
            Some((_, meaning, samples)) => Self { name, meaning: (*meaning).to_owned(), samples },
            None => Self { meaning: name.replace('_', " "), name, samples: &[] },
        }
    }

    fn sample(&self, turn: usize) -> String {
        let samples = self.samples;
        samples.get(turn % samples.len().max(1)).map_or_else(|| self.meaning.clone(), |sample| (*sample).to_owned())
    }
}

/// What every message knows of the program and its reader.
pub fn everywhere(name: &str, settings: &Settings) -> BTreeMap<String, Value> {
    EVERYWHERE
        .into_iter()
        .zip([
            one_line(name),
            settings.program.clone(),
            settings.coordinator_name.clone(),
            settings.coordinator_email.clone(),
            settings.coordinator_phone.clone(),
            settings.mentor_thanks.clone(),
        ])
        .map(|(field, value)| (field.to_owned(), Value::from(value)))
        .collect()
}

/// Sample values for a text; each `turn` shows other branches of it.
pub fn samples(name: Name, settings: &Settings, turn: usize) -> BTreeMap<String, Value> {
    let fields = name.fields();
    let mut values: BTreeMap<String, Value> =
        fields.into_iter().map(|field| (field.name.clone(), Value::from(field.sample(turn)))).collect();
    let reader = Field::of("name".to_owned()).sample(0);
    values.extend(everywhere(&reader, settings));
    if name == Name::Digest {
        let item = |text: &str| context! { text => text, link => "https://qdei.example/a-page" };
        let items = [item("A message from Ruth Halvorsen"), item("Signed off: Chapter 7, Low blood sugar")];
        let note = context! { title => "Meeting on December 11", text => "We meet online at noon. Everybody is welcome." };
        let notes = if turn.is_multiple_of(2) { vec![note] } else { Vec::new() };
        let items: Vec<Value> = items.into_iter().take(2 - turn % 2).collect();
        values.insert("count".to_owned(), Value::from(items.len() + notes.len()));
        values.insert("items".to_owned(), Value::from(items));
        values.insert("announcements".to_owned(), Value::from(notes));
    }
    values
}

/// How many samples show every branch.
const TURNS: usize = 6;

/// What is wrong with a text: at most one complaint for each of its two parts, with the line and the reason.
pub fn check(name: Name, text: &Text, settings: &Settings) -> Vec<FieldError> {
    let parts = [("subject", &text.subject), ("text", &text.body)];
    let mut errors: Vec<FieldError> = parts.into_iter().filter_map(|(field, source)| check_part(name, field, source)).collect();
    if !errors.is_empty() {
        return errors;
    }
    for turn in 0..TURNS {
        if let Err(error) = text.fill(&samples(name, settings, turn)) {
            let field = if error.name() == Some("subject") { "subject" } else { "text" };
            return vec![complaint(field, &error)];
        }
    }
    let used: Vec<String> = [&text.subject, &text.body].into_iter().flat_map(|source| used(source)).collect();
    errors.extend(name.needed().iter().filter(|field| !used.iter().any(|name| name == *field)).map(|field| FieldError {
        field: "text".to_owned(),
        message: format!("Put {{{{ {field} }}}} into the text: without it the message does not serve."),
    }));
    errors
}

fn check_part(name: Name, field: &'static str, source: &str) -> Option<FieldError> {
    let environment = environment();
    match environment.template_from_named_str(field, source) {
        Err(error) => Some(complaint(field, &error)),
        Ok(template) => {
            let known = name.fields();
            let mut unknown: Vec<String> = template
                .undeclared_variables(false)
                .into_iter()
                .filter(|used| known.iter().all(|field| field.name != *used))
                .collect();
            unknown.sort();
            let unknown = unknown.into_iter().next()?;
            let line = source.lines().position(|line| line.contains(&unknown)).unwrap_or(0) + 1;
            let message = format!("Line {line}: there is no field “{unknown}” here. Use one of the fields listed.");
            Some(FieldError { field: field.to_owned(), message })
        }
    }
}

fn complaint(field: &str, error: &Error) -> FieldError {
    let line = error.line().map(|line| format!("Line {line}: ")).unwrap_or_default();
    let reason = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    FieldError { field: field.to_owned(), message: format!("{line}{reason}.") }
}

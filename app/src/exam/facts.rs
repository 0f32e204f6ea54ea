//! The dated facts about the exam: its rules, its content areas, where the official word stands. Separate because they are
//! another body's, are data that the coordinators keep up in versions, and name their source and the day they were checked.

use std::sync::LazyLock;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::error::{AppError, Refusal};
use crate::words;

words! {
    /// What is done with a rule.
    pub enum Kind {
        /// The mentee says whether it is met.
        Asked = "asked",
        /// The same, with the log of hours beside it.
        Hours = "hours",
        /// It is only told.
        Told = "told",
    }
}

/// One version of everything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    pub name: String,
    pub note: String,
    #[serde(default, rename = "link")]
    pub links: Vec<Link>,
    #[serde(rename = "rule")]
    pub rules: Vec<Rule>,
    #[serde(default, rename = "area")]
    pub areas: Vec<Area>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    pub name: String,
    pub url: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    pub code: String,
    pub kind: Kind,
    pub text: String,
    pub source: String,
    /// The official page, or nothing.
    #[serde(default)]
    pub link: String,
    pub checked_on: NaiveDate,
    /// Of a rule about hours: how many, within how many years.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<i32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub years: Option<i32>,
}

/// A part of what the exam asks about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Area {
    pub code: String,
    pub name: String,
    pub about: String,
    pub source: String,
    #[serde(default)]
    pub link: String,
    pub checked_on: NaiveDate,
    /// Whether it was compared with the official outline.
    #[serde(default)]
    pub confirmed: bool,
    /// The titles of the chapters that belong to it, in whatever outline they stand.
    #[serde(default)]
    pub chapters: Vec<String>,
}

static SHIPPED: LazyLock<Result<Facts, toml::de::Error>> =
    LazyLock::new(|| toml::from_str(include_str!("../../content/exam-facts.toml")));

/// The facts the program ships with: version 1.
pub fn shipped() -> Result<&'static Facts, AppError> {
    SHIPPED.as_ref().map_err(crate::people::session::internal)
}

/// The rule that keeps study and practice apart. It is the program's own, stands on top of every page, and stays.
pub const KEPT_APART: &str = "not_practice_hours";

/// Rules, and areas, at most.
const MOST: usize = 60;

impl Facts {
    /// The rules that a mentee answers.
    pub fn asked(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(|rule| rule.kind != Kind::Told)
    }

    /// What is only told, but for what stands on top.
    pub fn told(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(|rule| rule.kind == Kind::Told && rule.code != KEPT_APART)
    }

    pub fn apart(&self) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.code == KEPT_APART)
    }

    /// The hours that the rules ask for, each with its years.
    pub fn needs(&self) -> Vec<super::hours::Need> {
        self.rules.iter().filter_map(Rule::need).collect()
    }

    /// Puts a rule in the place of the one of its code, or at the end.
    pub fn put_rule(&mut self, rule: Rule) -> Result<(), Refusal> {
        put(&mut self.rules, rule, |rule| &rule.code)
    }

    pub fn drop_rule(&mut self, code: &str) -> Result<(), Refusal> {
        if code == KEPT_APART {
            return Err(Refusal::new("This one stays: study must not be taken for practice hours."));
        }
        take(&mut self.rules, code, |rule| &rule.code)
    }

    /// Puts an area in the place of the one of its code, or at the end.
    pub fn put_area(&mut self, area: Area) -> Result<(), Refusal> {
        put(&mut self.areas, area, |area| &area.code)
    }

    pub fn drop_area(&mut self, code: &str) -> Result<(), Refusal> {
        take(&mut self.areas, code, |area| &area.code)
    }

    /// Everything was compared with its source and still holds.
    pub fn check(&mut self, on: NaiveDate) {
        self.rules.iter_mut().for_each(|rule| rule.checked_on = on);
    }
}

impl Rule {
    pub fn need(&self) -> Option<super::hours::Need> {
        let (hours, years) = (self.hours?, self.years?);
        let years = u32::try_from(years).ok()?;
        (self.kind == Kind::Hours).then(|| super::hours::Need { minutes: i64::from(hours) * 60, years })
    }
}

fn put<T>(list: &mut Vec<T>, one: T, code: fn(&T) -> &String) -> Result<(), Refusal> {
    match list.iter().position(|other| code(other) == code(&one)) {
        Some(at) => list[at] = one,
        None if list.len() >= MOST => return Err(Refusal::new(format!("There are {MOST} already. Drop one first."))),
        None => list.push(one),
    }
    Ok(())
}

fn take<T>(list: &mut Vec<T>, code: &str, of: fn(&T) -> &String) -> Result<(), Refusal> {
    let before = list.len();
    list.retain(|one| of(one) != code);
    match list.len() == before {
        true => Err(Refusal::new("This is no longer there. Another coordinator may have dropped it.")),
        false => Ok(()),
    }
}

/// An address that a page may lead to: of the web, and encrypted.
pub fn is_link(text: &str) -> bool {
    text.strip_prefix("https://").is_some_and(|rest| {
        rest.split('/').next().is_some_and(|host| host.contains('.'))
            && !rest.contains(|sign: char| sign.is_whitespace() || "\"'<>\\".contains(sign))
    })
}

//! What the program offers, told to the public: its three options, its eight steps and who sees what. Separate because
//! strangers read it, and nothing here needs to know who asks.
//!
//! The words are `content/options.toml` and `content/who-sees-what.toml`; limits come from the settings.

pub mod pages;

use std::sync::LazyLock;

use leptos::prelude::*;
use serde::Deserialize;

use crate::enrollments::OptionNumber;
use crate::settings::Settings;

/// One of the three options, as the public reads it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct StudyOption {
    pub number: i32,
    /// "Overview".
    pub name: String,
    pub for_whom: String,
    pub aim: String,
    pub books: Vec<String>,
    pub post_tests: bool,
    pub sentence: String,
}

/// One of the eight steps.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Step {
    pub number: i32,
    pub name: String,
    pub sentence: String,
}

#[derive(Debug, Deserialize)]
struct Content {
    option: Vec<StudyOption>,
    step: Vec<Step>,
}

#[expect(clippy::expect_used, reason = "the file is part of the program, and a test reads it")]
static CONTENT: LazyLock<Content> =
    LazyLock::new(|| toml::from_str(include_str!("../../content/options.toml")).expect("the options can be read"));

impl StudyOption {
    /// All three, in order.
    pub fn all() -> &'static [Self] {
        &CONTENT.option
    }

    pub fn of(number: OptionNumber) -> &'static Self {
        // The first stands for one that is missing, which a test rules out.
        Self::all().iter().find(|option| option.number == i32::from(number)).unwrap_or(&CONTENT.option[0])
    }

    /// What one of its books is for, where it says: "for a focus on type 1".
    pub fn focus(&self, title: &str) -> Option<&str> {
        let book = self.books.iter().find(|book| book.starts_with(title))?;
        book.split_once("), ").map(|(_, focus)| focus)
    }

    /// The name within a sentence: "overview".
    pub fn short(&self) -> String {
        self.name.to_lowercase()
    }
}

/// The eight steps, in order.
pub fn steps() -> &'static [Step] {
    &CONTENT.step
}

/// How long an option may take, in words.
pub fn how_long(settings: &Settings) -> String {
    let months = match settings.option_months {
        1 => "a month".to_owned(),
        months => format!("{months} months"),
    };
    format!("At your own pace, within {months}. You can ask for more time.")
}

/// The table of who sees what: a heading row and its rows, each with as many cells.
#[derive(Debug, Deserialize)]
pub struct Sight {
    pub columns: Vec<String>,
    pub row: Vec<SightRow>,
}

#[derive(Debug, Deserialize)]
pub struct SightRow {
    pub what: String,
    pub cells: Vec<String>,
}

#[expect(clippy::expect_used, reason = "the file is part of the program, and a test reads it")]
pub static SIGHT: LazyLock<Sight> =
    LazyLock::new(|| toml::from_str(include_str!("../../content/who-sees-what.toml")).expect("the table can be read"));

/// The link of a telephone number; ten digits are a number of this country.
pub fn phone_link(phone: &str) -> String {
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    if digits.len() == 10 { format!("tel:+1{digits}") } else { format!("tel:+{digits}") }
}

/// Whom to call or write to, as far as the settings say.
pub fn who_to_call(settings: &Settings) -> impl IntoView + use<> {
    let (name, phone, email) =
        (settings.coordinator_name.clone(), settings.coordinator_phone.clone(), settings.coordinator_email.clone());
    (!phone.is_empty() || !email.is_empty()).then(|| {
        let both = !phone.is_empty() && !email.is_empty();
        let call = (!phone.is_empty()).then(|| view! { "Call "<a href=phone_link(&phone)>{phone.clone()}</a> });
        let label = if both { ", or write to " } else { "Write to " };
        let write = (!email.is_empty()).then(|| view! { {label}<a href=format!("mailto:{email}")>{email.clone()}</a> });
        view! {
            <section class="hang" id="call">
                <h2>"Rather talk first?"</h2>
                <p>{name}" coordinates the program and can fill in the application with you on the phone. "{call}{write}"."</p>
            </section>
        }
    })
}

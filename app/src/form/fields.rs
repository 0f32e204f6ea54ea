//! From what was typed to what is meant, collecting every complaint on the way; separate because it is pure.

use std::ops::RangeInclusive;
use std::str::FromStr;

use chrono::NaiveDate;
use leptos::prelude::use_context;
use sha2::{Digest, Sha256};

use super::Typed;
use crate::error::{AppError, FieldError};
use crate::id::SubmissionKey;

/// Reads the fields of one form. Each reader gives the value, or `None` after noting what is wrong;
/// [`Fields::take`] turns the lot into values or into all complaints at once.
#[derive(Debug, Default)]
pub struct Fields {
    typed: Typed,
    errors: Vec<FieldError>,
}

impl Fields {
    /// The fields of the form this server function was called with.
    pub fn typed() -> Self {
        Self::of(use_context::<Typed>().unwrap_or_default())
    }

    pub fn of(typed: Typed) -> Self {
        Self { typed, errors: Vec::new() }
    }

    /// The field as typed, without the spaces around it and with one kind of line end; empty when missing.
    pub fn raw(&self, field: &str) -> String {
        self.typed.0.iter().find(|(name, _)| name == field).map(|(_, value)| clean(value)).unwrap_or_default()
    }

    /// Every value of a field that may come several times.
    pub fn all(&self, field: &str) -> impl Iterator<Item = &str> {
        self.typed.0.iter().filter(move |(name, _)| name == field).map(|(_, value)| value.as_str())
    }

    /// Fields named `prefix[something]`, as (something, value).
    pub fn indexed<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.typed.0.iter().filter_map(move |(name, value)| {
            let index = name.strip_prefix(prefix)?.strip_prefix('[')?.strip_suffix(']')?;
            Some((index, value.as_str()))
        })
    }

    /// Notes a complaint about a field.
    pub fn wrong(&mut self, field: &str, message: impl Into<String>) {
        self.errors.push(FieldError { field: field.to_owned(), message: message.into() });
    }

    /// A text that must be there, of at most `most` characters.
    pub fn text(&mut self, field: &str, most: usize, missing: &str) -> Option<String> {
        let text = self.optional_text(field, most)?;
        if text.is_empty() {
            self.wrong(field, missing);
            return None;
        }
        Some(text)
    }

    /// A text that may be empty, of at most `most` characters.
    pub fn optional_text(&mut self, field: &str, most: usize) -> Option<String> {
        let text = self.raw(field);
        let length = text.chars().count();
        if length > most {
            self.wrong(field, format!("This is {length} characters long. Shorten it to {most} or fewer."));
            return None;
        }
        Some(text)
    }

    /// An e-mail address: one @ with something around it. The invitation shows whether it reaches anyone.
    pub fn email(&mut self, field: &str) -> Option<String> {
        let text = self.text(field, 254, "Enter an e-mail address, such as name@example.org.")?;
        if !is_email(&text) {
            self.wrong(
                field,
                "This does not look like an e-mail address. It has one @ and a dot after it, as in name@example.org.",
            );
            return None;
        }
        Some(text.to_lowercase())
    }

    /// A whole number within `range`.
    pub fn whole(&mut self, field: &str, range: RangeInclusive<i32>) -> Option<i32> {
        let number = self.raw(field).parse().ok().filter(|number| range.contains(number));
        if number.is_none() {
            self.wrong(field, format!("Enter a whole number from {} to {}.", range.start(), range.end()));
        }
        number
    }

    /// A calendar date that must be there.
    pub fn date(&mut self, field: &str) -> Option<NaiveDate> {
        self.optional_date(field).and_then(|date| {
            if date.is_none() {
                self.wrong(field, "Choose a date.");
            }
            date
        })
    }

    /// A calendar date after `today` that must be there.
    pub fn date_to_come(&mut self, field: &str, today: NaiveDate) -> Option<NaiveDate> {
        let date = self.date(field)?;
        if date <= today {
            self.wrong(field, "Choose a day that is still to come.");
            return None;
        }
        Some(date)
    }

    /// A calendar date as `2026-12-01` (what date fields send) or `12/1/2026`; empty is `Some(None)`.
    pub fn optional_date(&mut self, field: &str) -> Option<Option<NaiveDate>> {
        let text = self.raw(field);
        if text.is_empty() {
            return Some(None);
        }
        let date = NaiveDate::parse_from_str(&text, "%Y-%m-%d").or_else(|_| NaiveDate::parse_from_str(&text, "%m/%d/%Y"));
        let sensible = NaiveDate::from_ymd_opt(1950, 1, 1)..NaiveDate::from_ymd_opt(2150, 1, 1);
        match date {
            Ok(date) if sensible.contains(&Some(date)) => Some(Some(date)),
            _ => {
                self.wrong(field, "Write the date as month/day/year, such as 12/1/2026.");
                None
            }
        }
    }

    /// One of a closed list, or an id.
    pub fn one<T: FromStr>(&mut self, field: &str, missing: &str) -> Option<T> {
        let found = self.raw(field).parse().ok();
        if found.is_none() {
            self.wrong(field, missing);
        }
        found
    }

    /// One of a closed list, or none.
    pub fn optional<T: FromStr>(&mut self, field: &str) -> Option<Option<T>> {
        let text = self.raw(field);
        if text.is_empty() {
            return Some(None);
        }
        self.one(field, "Choose one of the answers.").map(Some)
    }

    /// Any number of a closed list, each once, in the order of the form. `missing`: what to say when there is none;
    /// empty when none is fine.
    pub fn several<T: FromStr + PartialEq>(&mut self, field: &str, missing: &str) -> Option<Vec<T>> {
        let Ok(all) = self.all(field).map(str::parse::<T>).collect::<Result<Vec<T>, _>>() else {
            self.wrong(field, "Choose from the answers given.");
            return None;
        };
        let mut found: Vec<T> = Vec::new();
        for value in all {
            if !found.contains(&value) {
                found.push(value);
            }
        }
        if found.is_empty() && !missing.is_empty() {
            self.wrong(field, missing);
            return None;
        }
        Some(found)
    }

    /// Everything that stands in the form for a person to see, as drafts keep it. What the page itself wrote into the form
    /// is named with a line in front, or is its key.
    pub fn visible(&self) -> Vec<(String, String)> {
        self.typed.0.iter().filter(|(name, _)| !name.starts_with('_') && name != "key").cloned().collect()
    }

    /// Whether a box is ticked.
    pub fn ticked(&self, field: &str) -> bool {
        self.all(field).next().is_some()
    }

    /// The key of what was sent: the form's own key with everything typed into it. The same form sent twice is one; sent
    /// again with other words, from a page that the browser had kept, it is another: nothing that was typed may pass for
    /// something that was taken before. A form without a key counts as new.
    pub fn submission_key(&self) -> SubmissionKey {
        let Ok(form) = self.raw("key").parse::<SubmissionKey>() else { return SubmissionKey::new() };
        let mut hash = Sha256::new().chain_update(form.0.as_bytes());
        for (name, value) in self.visible() {
            // A sign that no cleaned text holds keeps one field from running into the next.
            hash.update(format!("{name}\0{}\0", clean(&value)));
        }
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash.finalize()[..16]);
        SubmissionKey(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }

    /// How many complaints there are so far.
    pub fn count(&self) -> usize {
        self.errors.len()
    }

    /// All values, or all complaints.
    pub fn take<T: Taken>(self, values: T) -> Result<T::Values, AppError> {
        match values.values() {
            Some(values) if self.errors.is_empty() => Ok(values),
            _ => Err(AppError::Invalid(self.errors)),
        }
    }

    /// All complaints, when there are any and no values are wanted.
    pub fn check(self) -> Result<(), AppError> {
        if self.errors.is_empty() { Ok(()) } else { Err(AppError::Invalid(self.errors)) }
    }
}

/// Whether a text can be an e-mail address: one @ with something around it.
pub fn is_email(text: &str) -> bool {
    let parts: Vec<&str> = text.split('@').collect();
    matches!(parts[..], [local, host] if !local.is_empty() && host.contains('.') && !host.starts_with('.') && !host.ends_with('.'))
        && !text.contains(|sign: char| sign.is_whitespace() || sign.is_control() || "<>,;\"()".contains(sign))
}

/// Control signs have no place in what a person types; tabs and line ends stay.
fn clean(value: &str) -> String {
    let value: String =
        value.replace("\r\n", "\n").chars().filter(|sign| !sign.is_control() || matches!(sign, '\n' | '\t')).collect();
    value.trim().to_owned()
}

/// A tuple of values of which some may be missing.
pub trait Taken {
    type Values;
    fn values(self) -> Option<Self::Values>;
}

macro_rules! taken {
    ($($name:ident)+) => {
        impl<$($name),+> Taken for ($(Option<$name>,)+) {
            type Values = ($($name,)+);
            #[expect(non_snake_case, reason = "one name serves the type and its value")]
            fn values(self) -> Option<Self::Values> {
                let ($($name,)+) = self;
                Some(($($name?,)+))
            }
        }
    };
}

taken!(A);
taken!(A B);
taken!(A B C);
taken!(A B C D);
taken!(A B C D E);
taken!(A B C D E F);
taken!(A B C D E F G);
taken!(A B C D E F G H);
taken!(A B C D E F G H I);
taken!(A B C D E F G H I J);
taken!(A B C D E F G H I J K);
taken!(A B C D E F G H I J K L);
taken!(A B C D E F G H I J K L M);
taken!(A B C D E F G H I J K L M N);

//! Records in words, as the preview shows them and the command line prints them.

use super::rows::{BookRecord, MenteeRecord, MentorRecord, Place, Record, Standing};
use crate::clock::say_full_date;
use crate::enrollments::State;

impl Record {
    /// Who or what it is.
    pub fn title(&self) -> String {
        match self {
            Self::Mentor(record) => record.person.name.clone(),
            Self::Mentee(record) => record.person.name.clone(),
            Self::Book(record) => record.name.clone(),
        }
    }

    /// What will be written of it.
    pub fn told(&self) -> String {
        let parts = match self {
            Self::Mentor(record) => mentor(record),
            Self::Mentee(record) => mentee(record),
            Self::Book(record) => book(record),
        };
        parts.join("; ")
    }
}

impl Standing {
    pub fn told(&self) -> String {
        match self {
            Self::New => "new".to_owned(),
            Self::Same => "already here: unchanged".to_owned(),
            Self::Changed(what) => format!("already here: {}", what.join(", ")),
        }
    }
}

fn mentor(record: &MentorRecord) -> Vec<String> {
    let mut parts = vec![record.person.email.clone()];
    if !record.person.phone.is_empty() {
        parts.push(record.person.phone.clone());
    }
    if let Some(profile) = &record.profile {
        let options: Vec<String> = profile.options.iter().map(ToString::to_string).collect();
        parts.push(format!("{}, {}", profile.discipline.name().to_lowercase(), profile.county.full_name()));
        parts.push(format!("options {}, up to {} mentees", options.join(", "), profile.capacity));
    }
    parts.extend(record.valid_to.map(|day| format!("credential valid to {}", say_full_date(day))));
    parts
}

fn mentee(record: &MenteeRecord) -> Vec<String> {
    let mut parts = vec![
        record.person.email.clone(),
        format!("{}, {}", record.discipline.name().to_lowercase(), record.county.full_name()),
        format!("{} since {}", record.option.name(), say_full_date(record.started_on)),
    ];
    if record.mentor.is_some() {
        parts.push(format!("with {}", record.mentor_name));
    }
    parts.extend(record.letter_on.map(|day| format!("letter received {}", say_full_date(day))));
    if !record.read.is_empty() {
        parts.push(format!("{} chapters read, {} discussed", record.read.len(), record.discussed.len()));
    }
    let day = record.ended_on.map(say_full_date).unwrap_or_default();
    parts.push(match (record.state, record.paused_until) {
        (State::Active, _) => "active".to_owned(),
        (State::Paused, Some(until)) => format!("paused until {}", say_full_date(until)),
        (State::Paused, None) => "paused".to_owned(),
        (State::Withdrawn, _) if record.reason.is_empty() => format!("withdrawn {day}"),
        (State::Withdrawn, _) => format!("withdrawn {day}: {}", record.reason),
        (State::Completed, _) => format!("completed {day}, certificate on paper"),
    });
    parts
}

fn book(record: &BookRecord) -> Vec<String> {
    let mut parts = Vec::new();
    match &record.edition {
        Place::New(label) => parts.push(format!("new edition “{label}”")),
        Place::There(_) => {}
    }
    parts.push(match record.labels.as_slice() {
        [] => "no new copy".to_owned(),
        [one] => format!("copy {one}, {}", record.condition.name().to_lowercase()),
        many => format!("copies {}, {}", many.join(", "), record.condition.name().to_lowercase()),
    });
    parts
}

//! Lists that a coordinator takes along: people, enrolments, loans, mentors, certificates. Separate because they cross the
//! steps of the program and hold none of the words that people wrote in private.
//!
//! A list is headings and rows of cells; how it becomes CSV or JSON is here too. Everything in the database, with the
//! private words, is exported by the server's operator alone (`qdei export`).

pub mod pages;
pub mod store;

use serde_json::{Map, Value};

use crate::spreadsheet::neutral;
use crate::words;

words! {
    /// What a coordinator can take along.
    pub enum List {
        People = "people",
        Mentors = "mentors",
        Enrollments = "enrollments",
        Loans = "loans",
        Certificates = "certificates",
    }

    /// How a file is written.
    pub enum Form {
        Csv = "csv",
        Json = "json",
    }
}

impl List {
    pub fn name(self) -> &'static str {
        match self {
            Self::People => "People",
            Self::Mentors => "Mentors",
            Self::Enrollments => "Enrollments",
            Self::Loans => "Loans",
            Self::Certificates => "Certificates",
        }
    }

    /// What stands in it, for the person who takes it.
    pub fn about(self) -> &'static str {
        match self {
            Self::People => "everyone with an account: name, e-mail, phone, roles",
            Self::Mentors => "what each offers, how many mentees they have, and until when the credential was found valid",
            Self::Enrollments => {
                "one row for each: mentee, option, book, mentor, where it stands, chapters read and discussed, the days of each step"
            }
            Self::Loans => "which copy went to whom, when it was due and when it came back, without the address",
            Self::Certificates => "number, name, option, day and standing, without the code that shows the name to others",
        }
    }
}

/// A list as it is taken along.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    pub columns: Vec<&'static str>,
    pub rows: Vec<Vec<Value>>,
}

/// A value as a cell: nothing for null, yes and no, lists with commas.
pub fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(cell).collect::<Vec<_>>().join(", "),
        Value::Object(_) => value.to_string(),
    }
}

impl Table {
    /// CSV in UTF-8 with the mark by which Excel knows it; no cell is a formula.
    pub fn csv(&self) -> Vec<u8> {
        let mut writer =
            csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer("\u{feff}".as_bytes().to_vec());
        let mut written = writer.write_record(&self.columns);
        for row in &self.rows {
            let cells: Vec<String> = row
                .iter()
                .map(|value| match value {
                    Value::Number(_) => cell(value),
                    other => neutral(&cell(other)).into_owned(),
                })
                .collect();
            written = written.and_then(|()| writer.write_record(&cells));
        }
        // Writing to memory does not fail.
        written.ok().and_then(|()| writer.into_inner().ok()).unwrap_or_default()
    }

    /// JSON: a list of objects, each value in its own type.
    pub fn json(&self) -> Vec<u8> {
        let object = |row: &Vec<Value>| -> Value {
            let pairs = self.columns.iter().map(|column| (*column).to_owned()).zip(row.iter().cloned());
            Value::Object(pairs.collect::<Map<_, _>>())
        };
        let all: Vec<Value> = self.rows.iter().map(object).collect();
        serde_json::to_vec_pretty(&all).unwrap_or_default()
    }

    pub fn write(&self, form: Form) -> Vec<u8> {
        match form {
            Form::Csv => self.csv(),
            Form::Json => self.json(),
        }
    }
}

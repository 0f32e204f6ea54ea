//! A report as one long table, a line for each value: what the CSV and the XLSX hold. Separate so that both hold the same.

use super::{Report, Row, Table, Value};
use crate::clock;

/// One value with what it is of.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub section: &'static str,
    pub figure: String,
    pub group: String,
    pub value: Cell,
    /// The size of the group that the value is a part of, or how many a median rests on.
    pub of: Cell,
    /// The share of the value in that, and its 95% interval, from 0 to 1.
    pub share: Option<f64>,
    pub low: Option<f64>,
    pub high: Option<f64>,
    pub note: String,
}

/// What stands in one place of a spreadsheet.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Empty,
    Number(f64),
    /// Why there is no number.
    Words(String),
}

/// Every value of the report, in its order.
pub fn lines(report: &Report) -> Vec<Line> {
    let sections = report.sections.iter();
    sections.flat_map(|section| section.tables.iter().flat_map(|table| of_table(section.title, table))).collect()
}

fn of_table(section: &'static str, table: &Table) -> Vec<Line> {
    table.rows.iter().chain(&table.total).flat_map(|row| of_row(section, table, row)).collect()
}

fn of_row(section: &'static str, table: &Table, row: &Row) -> Vec<Line> {
    let line = |value, figure: String, note: &str| value_line(section, figure, row.group.clone(), value, note.to_owned());
    let counted = match row.value {
        Value::Talked { talks, .. } => format!("{} in {talks} talks", table.counted.to_lowercase()),
        _ => table.counted.to_lowercase(),
    };
    let mut lines = vec![line(row.value, table.title.clone(), &counted)];
    if let Some(median) = row.days {
        lines.push(line(Value::Days(median), table.title.clone(), &table.days.to_lowercase()));
    }
    if let Some(before) = row.before {
        lines.push(line(before, table.title.clone(), "a year earlier"));
    }
    lines
}

fn value_line(section: &'static str, figure: String, group: String, value: Value, note: String) -> Line {
    let (number, of) = match value {
        Value::Count(number) => (number_cell(number), Cell::Empty),
        Value::Part { count, of } | Value::Rate { part: count, of } => (number_cell(count), number_cell(of)),
        Value::Things(number) => (Cell::Number(f64::from(number)), Cell::Empty),
        Value::Talked { minutes, .. } => (Cell::Number((f64::from(minutes) / 6.0).round() / 10.0), Cell::Empty),
        Value::Rating(rating) => match rating.mean {
            // One decimal is what ratings of so few bear; the sign of a change stays.
            Some(mean) => (Cell::Number((mean * 10.0).round() / 10.0), number_cell(rating.on)),
            None => (Cell::Words(rating.words()), number_cell(rating.on)),
        },
        Value::Days(median) => match median.days {
            Some(days) => (Cell::Number(days), number_cell(median.on)),
            None => (Cell::Words(median.words()), number_cell(median.on)),
        },
    };
    let interval = value.interval();
    let (low, high) = (interval.map(|within| within.low), interval.map(|within| within.high));
    Line { section, figure, group, value: number, of, share: value.share(), low, high, note }
}

fn number_cell(number: super::Number) -> Cell {
    match number.told() {
        Some(told) => Cell::Number(f64::from(told)),
        None => Cell::Words(number.to_string()),
    }
}

/// What every file says about itself, as (what, words).
pub fn about(report: &Report) -> Vec<(&'static str, String)> {
    let made = report.made_at.with_timezone(&clock::MONTANA).format("%B %-d, %Y, %-I:%M %P, Montana time").to_string();
    let mut about = vec![
        ("Report", format!("{}, {}", report.program, report.title())),
        ("Span", report.span.dates()),
        ("Made", made),
        (
            "Shares",
            "Where a share has a low and a high, they are its 95% interval by Wilson: where the share may lie if these people \
             are taken as a sample of all the program could have. Where nobody is counted, there is no figure."
                .to_owned(),
        ),
    ];
    if report.running {
        about.insert(2, ("So far", "These days are not over yet: the figures are those up to the day it was made.".to_owned()));
    }
    about.extend(report.about_small_groups().map(|words| ("Small groups", words)));
    about
}

/// The definitions of every figure, as (section, figure, definition).
pub fn definitions(report: &Report) -> Vec<(&'static str, String, String)> {
    let mut all = Vec::new();
    for section in &report.sections {
        all.push((section.title, String::new(), section.about.to_owned()));
        for table in &section.tables {
            all.push((section.title, table.title.clone(), table.definition.to_owned()));
            let rows = table.rows.iter().filter(|row| !row.definition.is_empty());
            all.extend(rows.map(|row| (section.title, format!("{}: {}", table.title, row.group), row.definition.to_owned())));
        }
    }
    all
}

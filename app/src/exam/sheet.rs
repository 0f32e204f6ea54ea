//! A list of hours from a spreadsheet: its heading, and what of each row fits. Separate because it is pure: the same rows are
//! judged when they are shown and again when they are taken, against the log as it stands then.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::hours::{self, When};
use crate::imports::read::{Row, Sheet, TITLE_ROWS, Unreadable};
use crate::imports::values;
use crate::spreadsheet::neutral;

/// Rows of one list, at most.
pub const MOST_ROWS: usize = 5000;
/// The largest file, in bytes: far more than that many rows take.
pub const LARGEST: usize = 5 * 1024 * 1024;
/// The longest description of what was done.
pub const ACTIVITY: usize = 200;

/// The headings of the file that is written, which are those that are read.
pub const HEADINGS: [&str; 3] = ["Date", "Hours", "Activity"];

/// Other names of the columns, in lower case.
const WHEN: [&str; 5] = ["date", "day", "month", "when", "date or month"];
const HOURS: [&str; 5] = ["hours", "hrs", "time", "duration", "hours of practice"];
const ACTIVITIES: [&str; 6] = ["activity", "activities", "kind", "what", "kind of activity", "description"];

/// One entry that fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct New {
    pub when: When,
    pub minutes: i32,
    pub activity: String,
}

/// What is wrong in a row, and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub row: u32,
    pub column: &'static str,
    pub value: String,
    pub what: String,
}

/// What would come of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Judged {
    pub new: Vec<New>,
    /// Rows that say what the log says already; they are left out.
    pub known: usize,
    pub problems: Vec<Problem>,
}

/// Finds the columns of a file and gives its rows as date, hours, activity.
pub fn rows(sheets: Vec<Sheet>) -> Result<Vec<Row>, String> {
    let no_heading = || {
        format!("No row has the headings {}, {} and {}. Write them above the columns.", HEADINGS[0], HEADINGS[1], HEADINGS[2])
    };
    let sheet = sheets.into_iter().find(|sheet| !sheet.rows.is_empty()).ok_or_else(|| Unreadable::Empty.to_string())?;
    let found = sheet.rows.iter().take(TITLE_ROWS).enumerate().find_map(|(at, row)| Some((at, columns(row)?)));
    let (at, columns) = found.ok_or_else(no_heading)?;
    let rows: Vec<Row> = sheet.rows.into_iter().skip(at + 1).map(|row| picked(&row, columns)).collect();
    let rows: Vec<Row> = rows.into_iter().filter(|row| row.cells.iter().any(|cell| !cell.is_empty())).collect();
    if sheet.cut || rows.len() > MOST_ROWS {
        return Err(format!("The list has more than {MOST_ROWS} rows. Split it and send one part after the other."));
    }
    if rows.is_empty() { Err("There is no row under the headings.".to_owned()) } else { Ok(rows) }
}

fn columns(row: &Row) -> Option<[usize; 3]> {
    let place = |names: &[&str]| row.cells.iter().position(|cell| names.contains(&cell.trim().to_lowercase().as_str()));
    Some([place(&WHEN)?, place(&HOURS)?, place(&ACTIVITIES)?])
}

/// The three cells of a row. What is far too long for its place is cut, and told as too long all the same.
fn picked(row: &Row, columns: [usize; 3]) -> Row {
    let cells = columns.map(|column| row.cell(column).trim().chars().take(ACTIVITY + 1).collect());
    Row { number: row.number, cells: cells.into() }
}

/// Holds every row against the rules and against the log.
pub fn judge(rows: &[Row], log: &[New], today: NaiveDate) -> Judged {
    let mut judged = Judged::default();
    let mut beside: Vec<(When, i64)> = log.iter().map(|one| (one.when, i64::from(one.minutes))).collect();
    let known: BTreeSet<(When, i32, &str)> = log.iter().map(|one| (one.when, one.minutes, one.activity.as_str())).collect();
    for row in rows {
        match entry(row) {
            Ok(new) if known.contains(&(new.when, new.minutes, new.activity.as_str())) => judged.known += 1,
            Ok(new) => match hours::objection(new.when, i64::from(new.minutes), &near(&beside, new.when), today) {
                Some(what) => {
                    judged.problems.push(Problem { row: row.number, column: HEADINGS[1], value: row.cell(1).to_owned(), what });
                }
                None => {
                    beside.push((new.when, i64::from(new.minutes)));
                    judged.new.push(new);
                }
            },
            Err(problems) => judged.problems.extend(problems),
        }
    }
    judged
}

/// The entries of the same month: no other can be in the way.
fn near(all: &[(When, i64)], when: When) -> Vec<(When, i64)> {
    let month = When::month(when.day).day;
    all.iter().filter(|(other, _)| When::month(other.day).day == month).copied().collect()
}

fn entry(row: &Row) -> Result<New, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut wrong = |at: usize, what: &str| {
        problems.push(Problem { row: row.number, column: HEADINGS[at], value: row.cell(at).to_owned(), what: what.to_owned() });
    };
    let when = when(row.cell(0));
    if when.is_none() {
        wrong(0, "Write a date as month/day/year, such as 3/5/2026, or a month, such as 2026-03.");
    }
    let minutes = hours::minutes(row.cell(1));
    if minutes.is_none() {
        wrong(1, "Write the hours as a number greater than 0, such as 7.5.");
    }
    let activity = row.cell(2).replace('\n', " ");
    let activity = activity.strip_prefix('\'').filter(|_| is_formula(&activity)).unwrap_or(&activity);
    if activity.is_empty() {
        wrong(2, "Say in plain words what you did.");
    } else if activity.chars().count() > ACTIVITY {
        wrong(2, "Shorten it to 200 characters or fewer.");
    }
    match (when, minutes) {
        (Some(when), Some(minutes)) if problems.is_empty() => Ok(New { when, minutes, activity: activity.to_owned() }),
        _ => Err(problems),
    }
}

/// Whether a spreadsheet would run a text, but for the apostrophes before it. The first of those is the file's, not the text's.
fn is_formula(text: &str) -> bool {
    let bare = text.trim_start_matches('\'');
    neutral(bare) != bare
}

/// A day or a month as a cell holds it.
fn when(cell: &str) -> Option<When> {
    hours::month(cell).map(When::month).or_else(|| values::date(cell, false).ok().map(When::day))
}

/// A log as a file that is read again as it is.
pub fn csv(log: impl Iterator<Item = New>) -> Vec<u8> {
    let rows = log.map(|one| {
        // A spreadsheet must not take a month for the day it begins with, so hours are numbers and dates are words.
        let hours = serde_json::Value::from(f64::from(one.minutes) / 60.0);
        let own = one.activity.starts_with('\'') && is_formula(&one.activity);
        let activity = if own { format!("'{}", one.activity) } else { one.activity };
        vec![one.when.code().into(), hours, activity.into()]
    });
    crate::exports::Table { columns: HEADINGS.into(), rows: rows.collect() }.csv()
}

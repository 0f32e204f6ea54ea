//! From rows to sections: what is counted, and the definition that stands beside it. Separate from the store, so that
//! every figure is reckoned without a database, and from the page, so that files say the same.

mod afterwards;
mod evaluations;
mod funnel;
mod library;
mod mentors;
mod participants;
mod short;
mod silence;

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};

use super::{BeforeRow, EnrollmentRow, Kind, Number, Row, Rows, Section, Span, Table, Value, count};
use crate::clock;

pub use short::short;

/// All sections but the short one, in the order in which a funder reads them. `today` is the day the report is made.
pub fn sections(rows: &Rows, span: Span, today: NaiveDate) -> Vec<Section> {
    let participants: Vec<&EnrollmentRow> =
        rows.enrollments.iter().filter(|row| span.contains(clock::today(row.started_at))).collect();
    vec![
        participants::section(&participants, span),
        funnel::section(rows, span),
        participants::completion(&participants, &rows.certificates),
        evaluations::section(rows, participants.len()),
        afterwards::section(&rows.follow_ups),
        mentors::section(rows),
        silence::section(&rows.stalls),
        library::section(rows, span, span.so_far(today).to),
    ]
}

/// A count that came from the database.
fn counted(number: i64) -> u32 {
    u32::try_from(number.max(0)).unwrap_or(u32::MAX)
}

fn told(number: usize) -> Number {
    Number::Told(count(number))
}

fn row(group: impl Into<String>, value: Value) -> Row {
    Row { group: group.into(), definition: "", value, days: None, before: None }
}

/// A row of a table whose rows count different things.
fn defined(group: impl Into<String>, definition: &'static str, value: Value) -> Row {
    Row { definition, ..row(group, value) }
}

/// The words of a table.
struct Words {
    title: &'static str,
    definition: &'static str,
    group: &'static str,
    counted: &'static str,
}

impl Words {
    fn table(self, kind: Kind, rows: Vec<Row>, total: Option<Row>) -> Table {
        let Self { title, definition, group, counted } = self;
        Table { title: title.into(), definition, kind, group, counted, days: "", rows, total, inside: false }
    }
}

/// The groups of a whole and how many are in each.
fn parts(words: Words, groups: Vec<(String, usize)>, whole: usize) -> Table {
    let total = Value::Count(told(groups.iter().map(|(_, number)| number).sum()));
    let part = |number| Value::Part { count: told(number), of: told(whole) };
    let rows = groups.into_iter().map(|(group, number)| row(group, part(number))).collect();
    words.table(Kind::Parts, rows, Some(row("All", total)))
}

/// How many of each group did something.
fn rates(words: Words, groups: Vec<(String, usize, usize)>) -> Table {
    let rate = |part, of| Value::Rate { part: told(part), of: told(of) };
    let (part, of) = groups.iter().fold((0, 0), |(part, of), group| (part + group.1, of + group.2));
    let rows = groups.into_iter().map(|(group, part, of)| row(group, rate(part, of))).collect();
    words.table(Kind::Rates, rows, Some(row("All", rate(part, of))))
}

/// How many rows have each key, in the keys' order.
fn tally<T, K: Ord>(rows: impl IntoIterator<Item = T>, key: impl Fn(&T) -> K) -> BTreeMap<K, Vec<T>> {
    let mut groups: BTreeMap<K, Vec<T>> = BTreeMap::new();
    for row in rows {
        groups.entry(key(&row)).or_default().push(row);
    }
    groups
}

/// Whole days between two moments, by the calendar; `None` when the second comes first.
fn days(from: DateTime<Utc>, to: DateTime<Utc>) -> Option<i64> {
    Some(clock::days_between(from, to)).filter(|days| *days >= 0)
}

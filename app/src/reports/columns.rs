//! A table as columns of words, and its bars: what the page and the paper show alike.

use super::{Number, Row, Table, Value};

/// Which columns a table needs, and what stands in them.
pub struct Columns {
    pub heads: Vec<&'static str>,
    share: bool,
    range: bool,
    days: bool,
    before: bool,
}

impl Columns {
    pub fn of(table: &Table) -> Self {
        let rows = || table.rows.iter().chain(&table.total);
        let share = rows().any(|row| matches!(row.value, Value::Part { .. } | Value::Rate { .. }));
        let range = rows().any(|row| row.value.interval().is_some());
        let days = rows().any(|row| row.days.is_some());
        let before = rows().any(|row| row.before.is_some());
        let heads = [
            Some(table.group),
            Some(table.counted),
            share.then_some("Share"),
            range.then_some("Range"),
            days.then_some(table.days),
            before.then_some("A year earlier"),
        ];
        Self { heads: heads.into_iter().flatten().collect(), share, range, days, before }
    }

    pub fn cells(&self, row: &Row) -> Vec<String> {
        let talks = match row.value {
            Value::Talked { talks, .. } => format!(", {talks} talks"),
            _ => String::new(),
        };
        let cells = [
            Some(format!("{}{talks}", row.value.words())),
            self.share.then(|| row.value.share_words()),
            self.range.then(|| row.value.interval_words()),
            self.days.then(|| row.days.map(|days| days.words()).unwrap_or_default()),
            self.before.then(|| row.before.map(|before| before.words()).unwrap_or_default()),
        ];
        cells.into_iter().flatten().collect()
    }
}

/// How long the bar of a row is: a share as itself, hours against the most in the table.
pub fn length(table: &Table, row: &Row) -> Option<f64> {
    let most = table.rows.iter().map(minutes).try_fold(0.0, |most, minutes| minutes.map(|minutes| f64::max(most, minutes)));
    match (minutes(row), most) {
        (Some(minutes), Some(most)) => (most > 0.0).then(|| minutes / most),
        _ => row.value.share(),
    }
}

fn minutes(row: &Row) -> Option<f64> {
    match row.value {
        Value::Talked { minutes, .. } => Some(f64::from(minutes)),
        _ => None,
    }
}

impl Table {
    /// Whether there is nobody to count.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty() || self.total.as_ref().is_some_and(|row| row.value.number() == Some(Number::Told(0)))
    }
}

//! The table that is printed. Separate because how a number is said has nothing to do with how it is found.

use std::time::Duration;

/// Something measured, or a limit for it.
#[derive(Clone, Copy, Debug)]
pub enum Amount {
    Time(Duration),
    Bytes(u64),
    Count(u64),
    /// Times another measurement.
    Times(f64),
}

impl Amount {
    fn value(self) -> f64 {
        match self {
            Self::Time(time) => time.as_secs_f64(),
            Self::Bytes(count) | Self::Count(count) => count as f64,
            Self::Times(times) => times,
        }
    }

    pub fn words(self) -> String {
        match self {
            Self::Time(time) if time.as_secs_f64() >= 1.0 => format!("{:.2} s", time.as_secs_f64()),
            Self::Time(time) if time.as_secs_f64() >= 0.1 => format!("{:.0} ms", time.as_secs_f64() * 1e3),
            Self::Time(time) if time.as_secs_f64() >= 0.01 => format!("{:.1} ms", time.as_secs_f64() * 1e3),
            Self::Time(time) => format!("{:.3} ms", time.as_secs_f64() * 1e3),
            Self::Bytes(count) if count >= 10_000_000 => format!("{:.1} MB", count as f64 / 1e6),
            Self::Bytes(count) => format!("{:.1} kB", count as f64 / 1e3),
            Self::Count(count) => count.to_string(),
            Self::Times(times) => format!("{times:.1}×"),
        }
    }
}

/// One line: what was measured, against the bare answer and the budget.
pub struct Row {
    pub what: String,
    pub measured: Amount,
    /// What a bare server takes for its answer, measured the same way in the same run.
    pub bare: Option<Amount>,
    pub budget: Option<Amount>,
    /// More is better: the budget is the least there must be.
    pub at_least: bool,
}

impl Row {
    pub fn new(what: impl Into<String>, measured: Amount) -> Self {
        Self { what: what.into(), measured, bare: None, budget: None, at_least: false }
    }

    pub fn against(self, bare: Amount) -> Self {
        Self { bare: Some(bare), ..self }
    }

    pub fn within(self, budget: Amount) -> Self {
        Self { budget: Some(budget), ..self }
    }

    pub fn at_least(self, budget: Amount) -> Self {
        Self { budget: Some(budget), at_least: true, ..self }
    }

    fn cells(&self) -> [String; 5] {
        let ratio = self.bare.filter(|bare| bare.value() > 0.0).map(|bare| self.measured.value() / bare.value());
        let verdict = match self.budget {
            None => "",
            Some(budget) if self.at_least && self.measured.value() < budget.value() => "UNDER",
            Some(budget) if !self.at_least && self.measured.value() > budget.value() => "OVER",
            Some(_) => "within",
        };
        [
            self.what.clone(),
            self.measured.words(),
            ratio.map_or_else(String::new, |ratio| if ratio < 10.0 { format!("{ratio:.1}×") } else { format!("{ratio:.0}×") }),
            self.budget.map_or_else(String::new, |budget| {
                if self.at_least { format!("≥ {}", budget.words()) } else { budget.words() }
            }),
            verdict.to_owned(),
        ]
    }
}

/// Prints rows under their headings, with everything below the first column at the right.
pub fn print(headings: [&str; 5], rows: &[Row]) {
    let lines: Vec<[String; 5]> = std::iter::once(headings.map(str::to_owned)).chain(rows.iter().map(Row::cells)).collect();
    let widths: Vec<usize> =
        (0..5).map(|column| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0)).collect();
    println!();
    for (index, line) in lines.iter().enumerate() {
        let cells: Vec<String> = line.iter().zip(&widths).skip(1).map(|(cell, width)| format!("{cell:>width$}")).collect();
        println!("{:<width$}  {}", line[0], cells.join("  "), width = widths[0]);
        if index == 0 {
            println!("{}", "-".repeat(widths.iter().sum::<usize>() + 8));
        }
    }
    println!();
}

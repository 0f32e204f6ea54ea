//! The report as CSV: one long table, for whoever reckons on with it. UTF-8 with a byte order mark and CRLF, which is how
//! Excel opens it without asking.

use app::error::AppError;
use app::reports::Report;
use app::reports::lines::{Cell, Line, about, definitions, lines};
use app::spreadsheet::neutral;

const HEADINGS: [&str; 8] = ["section", "figure", "group", "value", "of", "low", "high", "note"];

pub fn write(report: &Report) -> Result<Vec<u8>, AppError> {
    written(report).map_err(|error| {
        tracing::error!(%error, "writing CSV");
        AppError::Internal
    })
}

fn written(report: &Report) -> Result<Vec<u8>, csv::Error> {
    let mut file = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer("\u{feff}".as_bytes().to_vec());
    file.write_record(HEADINGS)?;
    for (what, words) in about(report) {
        file.write_record(["About", what, "", "", "", "", "", &neutral(&words)])?;
    }
    for line in lines(report) {
        file.write_record(record(&line))?;
    }
    for (section, figure, words) in definitions(report) {
        file.write_record(["Definitions", &neutral(&figure), section, "", "", "", "", &neutral(&words)])?;
    }
    file.into_inner().map_err(|error| error.into_error().into())
}

fn record(line: &Line) -> [String; 8] {
    let words = |text: &str| neutral(text).into_owned();
    let share = |share: Option<f64>| share.map(|share| format!("{share:.4}")).unwrap_or_default();
    let cell = |cell: &Cell| match cell {
        Cell::Empty => String::new(),
        Cell::Number(number) => number.to_string(),
        Cell::Words(text) => words(text),
    };
    [
        words(line.section),
        words(&line.figure),
        words(&line.group),
        cell(&line.value),
        cell(&line.of),
        share(line.low),
        share(line.high),
        words(&line.note),
    ]
}

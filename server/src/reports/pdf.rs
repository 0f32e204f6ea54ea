//! The report as paper: its tables laid out for the press, with the columns of the page.

use app::clock;
use app::error::AppError;
use app::reports::lines::about;
use app::reports::{Columns, Report, Row, Section, Table, length};

use crate::pdf;
use crate::press::press;

pub fn write(report: &Report) -> Result<Vec<u8>, AppError> {
    press().report(&paper(report)).map_err(|error| {
        tracing::error!(%error, "printing");
        AppError::Internal
    })
}

fn paper(report: &Report) -> pdf::Report {
    let made_on = clock::today(report.made_at);
    // The title says what it is a report of.
    let about = about(report).into_iter().filter(|(what, _)| *what != "Report");
    pdf::Report {
        title: report.title(),
        program: report.program.clone(),
        made_on,
        made: clock::say_full_date(made_on),
        about: about.map(|(what, words)| (what.to_owned(), words)).collect(),
        sections: report.sections.iter().map(section).collect(),
        ident: format!("report {} {}", report.span.slug(), report.made_at),
    }
}

fn section(section: &Section) -> pdf::Section {
    pdf::Section {
        title: section.title.to_owned(),
        about: section.about.to_owned(),
        tables: section.tables.iter().map(table).collect(),
    }
}

fn table(table: &Table) -> pdf::Table {
    let columns = Columns::of(table);
    let total = table.total.as_ref().map(|total| pdf::Row { length: None, within: None, ..row(table, total, &columns) });
    pdf::Table {
        title: table.title.clone(),
        definition: table.definition.to_owned(),
        heads: columns.heads.iter().map(|head| (*head).to_owned()).collect(),
        rows: if table.is_empty() { Vec::new() } else { table.rows.iter().map(|one| row(table, one, &columns)).collect() },
        total,
    }
}

fn row(table: &Table, row: &Row, columns: &Columns) -> pdf::Row {
    pdf::Row {
        label: row.group.clone(),
        small: row.definition.to_owned(),
        cells: columns.cells(row),
        length: length(table, row),
        within: row.value.interval().map(|within| (within.low, within.high)),
    }
}

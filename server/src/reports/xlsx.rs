//! The report as a spreadsheet: a sheet for each section, numbers as numbers and days as days.

use app::clock;
use app::error::AppError;
use app::reports::Report;
use app::reports::lines::{Cell, Line, about, definitions, lines};
use app::spreadsheet::neutral;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError};

const HEADINGS: [&str; 8] = ["Figure", "Group", "Value", "Of", "Share", "Low", "High", "What is counted"];

/// How wide each column reads best.
const WIDTHS: [f64; 8] = [34.0, 38.0, 12.0, 12.0, 9.0, 9.0, 9.0, 32.0];

pub fn write(report: &Report) -> Result<Vec<u8>, AppError> {
    written(report).map_err(|error| {
        tracing::error!(%error, "writing XLSX");
        AppError::Internal
    })
}

struct Formats {
    heading: Format,
    share: Format,
    day: Format,
    words: Format,
    missing: Format,
}

fn written(report: &Report) -> Result<Vec<u8>, XlsxError> {
    let formats = Formats {
        heading: Format::new().set_bold().set_border_bottom(rust_xlsxwriter::FormatBorder::Thin),
        share: Format::new().set_num_format("0%"),
        day: Format::new().set_num_format("mmmm d, yyyy").set_align(FormatAlign::Left),
        words: Format::new().set_text_wrap().set_align(FormatAlign::Top),
        missing: Format::new().set_italic().set_align(FormatAlign::Right),
    };
    let mut book = Workbook::new();
    let title = format!("QDEI report, {}", report.title());
    let made = day(clock::today(report.made_at))?;
    book.set_properties(&DocProperties::new().set_title(&title).set_author(&report.program).set_creation_datetime(&made));
    cover(book.add_worksheet(), report, &formats)?;
    let lines = lines(report);
    for section in &report.sections {
        let of_section: Vec<&Line> = lines.iter().filter(|line| line.section == section.title).collect();
        sheet(book.add_worksheet(), section.title, &of_section, &formats)?;
    }
    meanings(book.add_worksheet(), report, &formats)?;
    book.save_to_buffer()
}

fn day(day: chrono::NaiveDate) -> Result<ExcelDateTime, XlsxError> {
    ExcelDateTime::parse_from_str(&day.to_string())
}

fn headings(sheet: &mut Worksheet, names: &[&str], widths: &[f64], formats: &Formats) -> Result<(), XlsxError> {
    for ((column, name), width) in (0u16..).zip(names).zip(widths) {
        sheet.write_string_with_format(0, column, *name, &formats.heading)?;
        sheet.set_column_width(column, *width)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    Ok(())
}

/// What the file is: the span, when it was made, what is not told.
fn cover(sheet: &mut Worksheet, report: &Report, formats: &Formats) -> Result<(), XlsxError> {
    sheet.set_name("About")?;
    headings(sheet, &["What", "Told"], &[18.0, 90.0], formats)?;
    let days = [("First day", report.span.from), ("Last day", report.span.to), ("Made on", clock::today(report.made_at))];
    for (row, (what, date)) in (1u32..).zip(days) {
        sheet.write_string(row, 0, what)?;
        sheet.write_datetime_with_format(row, 1, &day(date)?, &formats.day)?;
    }
    for (row, (what, words)) in (4u32..).zip(about(report)) {
        sheet.write_string(row, 0, what)?;
        sheet.write_string_with_format(row, 1, neutral(&words), &formats.words)?;
    }
    Ok(())
}

fn sheet(sheet: &mut Worksheet, title: &str, lines: &[&Line], formats: &Formats) -> Result<(), XlsxError> {
    sheet.set_name(title)?;
    headings(sheet, &HEADINGS, &WIDTHS, formats)?;
    for (row, line) in (1u32..).zip(lines) {
        sheet.write_string(row, 0, neutral(&line.figure))?;
        sheet.write_string(row, 1, neutral(&line.group))?;
        number(sheet, row, 2, &line.value, formats)?;
        number(sheet, row, 3, &line.of, formats)?;
        for (column, share) in (4u16..).zip([line.share, line.low, line.high]) {
            if let Some(share) = share {
                sheet.write_number_with_format(row, column, share, &formats.share)?;
            }
        }
        sheet.write_string(row, 7, neutral(&line.note))?;
    }
    Ok(())
}

fn number(sheet: &mut Worksheet, row: u32, column: u16, cell: &Cell, formats: &Formats) -> Result<(), XlsxError> {
    match cell {
        Cell::Empty => {}
        Cell::Number(number) => {
            sheet.write_number(row, column, *number)?;
        }
        Cell::Words(words) => {
            sheet.write_string_with_format(row, column, neutral(words), &formats.missing)?;
        }
    }
    Ok(())
}

fn meanings(sheet: &mut Worksheet, report: &Report, formats: &Formats) -> Result<(), XlsxError> {
    sheet.set_name("Definitions")?;
    headings(sheet, &["Section", "Figure", "Definition"], &[24.0, 48.0, 90.0], formats)?;
    for (row, (section, figure, words)) in (1u32..).zip(definitions(report)) {
        sheet.write_string(row, 0, section)?;
        sheet.write_string(row, 1, neutral(&figure))?;
        sheet.write_string_with_format(row, 2, neutral(&words), &formats.words)?;
    }
    Ok(())
}

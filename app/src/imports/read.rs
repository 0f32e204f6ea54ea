//! A file as rows of text: CSV in the encodings that spreadsheet programs write, or XLSX. Separate because it is the only
//! place that meets bytes from outside: whatever they are, it gives rows or says plainly why not.
//!
//! The older XLS and the ODS of LibreOffice are refused with a word on how to save them: reading them means to make room
//! for every cell up to the last one that is named, and a small file can name one so far away that no machine has the room.

use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::{DataRef, Reader, SheetType, SheetVisible, Xlsx, XlsxError};
use serde::{Deserialize, Serialize};

/// The largest file, in bytes.
pub const LARGEST: usize = 50 * 1024 * 1024;
/// The most rows of one import, without the heading and what stands above it.
pub const MOST_ROWS: usize = 20_000;
/// Rows above a heading that may hold a title.
pub const TITLE_ROWS: usize = 30;
/// Columns after these are not looked at.
const MOST_COLUMNS: usize = 100;
/// Sheets after these are not looked at.
const MOST_SHEETS: usize = 20;
/// The most text of all cells together, in bytes.
const MOST_TEXT: usize = 32 * 1024 * 1024;
/// The most that a packed file may unpack to, in bytes.
const MOST_UNPACKED: u64 = 400 * 1024 * 1024;
/// The most cells that merged ones are copied to.
const MOST_FILLED: usize = 1_000_000;

/// One row with its number as the spreadsheet program shows it. Rows without any text are left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    pub number: u32,
    pub cells: Vec<String>,
}

impl Row {
    /// A cell, empty where the row is shorter.
    pub fn cell(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", String::as_str)
    }
}

/// One sheet of a file; a CSV file has one without a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    pub name: String,
    pub rows: Vec<Row>,
    /// Whether it has more rows than were read.
    pub cut: bool,
}

/// Why a file gave no rows, in words for the person who chose it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("The file is empty. Choose the one with the rows in it.")]
    Empty,
    #[error("The file is larger than 50 MB. Save only the sheet with the rows as CSV and choose that file.")]
    TooLarge,
    #[error("The sheet has more than 20,000 rows. Split it and import one part after the other.")]
    TooManyRows,
    #[error("The cells hold more text than a list does. Keep only the columns that are needed and choose the file again.")]
    TooMuchText,
    #[error("The file unpacks to more than any list needs, so it was not opened. Save the rows as CSV and choose that file.")]
    Bomb,
    #[error(
        "This is an older Excel file (XLS), or one with a password. Open it, save it as XLSX or CSV without a password, and choose that file."
    )]
    OldExcel,
    #[error("This is an OpenDocument file (ODS). Open it, save it as XLSX or CSV, and choose that file.")]
    OpenDocument,
    #[error("This is not a spreadsheet. Choose a CSV or an XLSX file.")]
    NotATable,
    #[error(
        "The file is damaged: it could not be read to its end. Open it, save it again as XLSX or CSV, and choose that file."
    )]
    Damaged,
    #[error("No row has headings that say what the columns hold. Give the columns headings as in one of the templates.")]
    NoHeading,
}

/// Reads a file of any kind.
pub fn read(bytes: &[u8]) -> Result<Vec<Sheet>, Unreadable> {
    if bytes.len() > LARGEST {
        return Err(Unreadable::TooLarge);
    }
    // The libraries below are careful, but a file made to break them must not end more than its own request.
    let sheets = std::panic::catch_unwind(|| read_any(bytes)).unwrap_or(Err(Unreadable::Damaged))?;
    if sheets.iter().all(|sheet| sheet.rows.is_empty()) { Err(Unreadable::Empty) } else { Ok(sheets) }
}

fn read_any(bytes: &[u8]) -> Result<Vec<Sheet>, Unreadable> {
    if bytes.is_empty() {
        Err(Unreadable::Empty)
    } else if bytes.starts_with(b"PK") {
        read_packed(bytes)
    } else if bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        Err(Unreadable::OldExcel)
    } else {
        read_text(bytes)
    }
}

/// A ZIP file: XLSX, if it has a workbook in it and unpacks to a sensible size.
fn read_packed(bytes: &[u8]) -> Result<Vec<Sheet>, Unreadable> {
    let entries = entries(bytes).ok_or(Unreadable::Damaged)?;
    let has = |name: &str| entries.iter().any(|(found, _)| found == name);
    if entries.iter().map(|(_, size)| *size).fold(0, u64::saturating_add) > MOST_UNPACKED {
        return Err(Unreadable::Bomb);
    }
    if has("content.xml") {
        return Err(Unreadable::OpenDocument);
    }
    if !entries.iter().any(|(name, _)| name.eq_ignore_ascii_case("[Content_Types].xml") || name.starts_with("xl/")) {
        return Err(Unreadable::NotATable);
    }
    read_xlsx(bytes)
}

/// The names in a ZIP file with the sizes they unpack to, as its directory at the end says.
fn entries(bytes: &[u8]) -> Option<Vec<(String, u64)>> {
    const END: &[u8] = b"PK\x05\x06";
    const ENTRY: &[u8] = b"PK\x01\x02";
    let number = |at: usize, width: usize| -> Option<u64> {
        let part = bytes.get(at..at.checked_add(width)?)?;
        Some(part.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
    };
    let from = bytes.len().saturating_sub(66_000);
    let end = from + bytes.get(from..)?.windows(4).rposition(|window| window == END)?;
    let count = number(end + 10, 2)?;
    let mut at = usize::try_from(number(end + 16, 4)?).ok()?;
    let mut found = Vec::new();
    for _ in 0..count {
        if bytes.get(at..at + 4)? != ENTRY {
            return None;
        }
        let size = number(at + 24, 4)?;
        let lengths = [28, 30, 32].map(|place| number(at + place, 2));
        let [name, extra, comment] = lengths.map(|length| length.and_then(|length| usize::try_from(length).ok()));
        let name_bytes = bytes.get(at + 46..at + 46 + name?)?;
        found.push((String::from_utf8_lossy(name_bytes).into_owned(), size));
        at += 46 + name? + extra? + comment?;
    }
    Some(found)
}

fn read_xlsx(bytes: &[u8]) -> Result<Vec<Sheet>, Unreadable> {
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(|error| match error {
        XlsxError::Password => Unreadable::OldExcel,
        _ => Unreadable::Damaged,
    })?;
    let visible = |sheet: &&calamine::Sheet| sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible;
    let names: Vec<String> =
        book.sheets_metadata().iter().filter(visible).take(MOST_SHEETS).map(|sheet| sheet.name.clone()).collect();
    let mut room = MOST_TEXT;
    names.into_iter().map(|name| read_sheet(&mut book, name, &mut room)).collect()
}

/// Reads the cells of one sheet as they come. What a formula last came to is its value.
fn read_sheet(book: &mut Xlsx<Cursor<&[u8]>>, name: String, room: &mut usize) -> Result<Sheet, Unreadable> {
    let merged = book.merge_cells_by_sheet_name(&name).map_err(|_| Unreadable::Damaged)?;
    let mut cells = book.worksheet_cells_reader(&name).map_err(|_| Unreadable::Damaged)?;
    let mut rows: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    let mut cut = false;
    while let Some(cell) = cells.next_cell().map_err(|_| Unreadable::Damaged)? {
        let (row, column) = cell.get_position();
        let Some(column) = usize::try_from(column).ok().filter(|column| *column < MOST_COLUMNS) else { continue };
        let text = text_of(cell.get_value());
        if text.is_empty() {
            continue;
        }
        *room = room.checked_sub(text.len()).ok_or(Unreadable::TooMuchText)?;
        if rows.len() > MOST_ROWS + TITLE_ROWS && !rows.contains_key(&row) {
            cut = true;
            break;
        }
        put(rows.entry(row).or_default(), column, text);
    }
    fill_merged(&mut rows, &merged, room)?;
    let rows = rows.into_iter().map(|(row, cells)| Row { number: row.saturating_add(1), cells }).collect();
    Ok(Sheet { name, rows, cut })
}

fn put(cells: &mut Vec<String>, column: usize, text: String) {
    if cells.len() <= column {
        cells.resize(column + 1, String::new());
    }
    cells[column] = text;
}

/// A cell that was merged over several rows counts for each of them that has something of its own. Over several columns
/// it stays in the first: a title above a table is no value of every column.
fn fill_merged(
    rows: &mut BTreeMap<u32, Vec<String>>,
    merged: &[calamine::Dimensions],
    room: &mut usize,
) -> Result<(), Unreadable> {
    let mut filled = 0;
    for region in merged.iter().filter(|region| region.end.0 > region.start.0) {
        let Ok(column) = usize::try_from(region.start.1) else { continue };
        let value = rows.get(&region.start.0).and_then(|cells| cells.get(column)).cloned().unwrap_or_default();
        if value.is_empty() {
            continue;
        }
        for (_, cells) in rows.range_mut(region.start.0 + 1..=region.end.0) {
            filled += 1;
            *room = room.checked_sub(value.len()).ok_or(Unreadable::TooMuchText)?;
            if filled > MOST_FILLED {
                return Err(Unreadable::TooMuchText);
            }
            put(cells, column, value.clone());
        }
    }
    Ok(())
}

fn text_of(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Empty => String::new(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => clean(text),
        DataRef::SharedString(text) => clean(text),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        DataRef::Error(error) => error.to_string(),
        DataRef::DateTime(at) => match at.as_datetime() {
            Some(at) if at.time() == chrono::NaiveTime::MIN => at.date().to_string(),
            Some(at) => at.format("%Y-%m-%d %H:%M").to_string(),
            None => at.as_f64().to_string(),
        },
    }
}

/// Control signs have no place in a cell, and spaces that do not break are spaces.
fn clean(text: &str) -> String {
    let text: String = text
        .chars()
        .map(|sign| if matches!(sign, '\u{a0}' | '\u{202f}' | '\t') { ' ' } else { sign })
        .filter(|sign| !sign.is_control() && !matches!(sign, '\u{feff}' | '\u{200b}') || *sign == '\n')
        .collect();
    text.trim().to_owned()
}

fn read_text(bytes: &[u8]) -> Result<Vec<Sheet>, Unreadable> {
    let text = decode(bytes)?;
    // A lone carriage return ended lines on old Macs.
    let text = if text.contains('\n') { text } else { text.replace('\r', "\n") };
    let mut best: Option<(usize, u8)> = None;
    for delimiter in [b',', b';', b'\t', b'|'] {
        let columns = sniff(&text, delimiter);
        if best.is_none_or(|(most, _)| columns > most) {
            best = Some((columns, delimiter));
        }
    }
    let (_, delimiter) = best.ok_or(Unreadable::NotATable)?;
    Ok(vec![read_delimited(&text, delimiter)?])
}

/// The text of a file by its mark, or by what it can be. `NotATable`: it is no text.
pub fn decode(bytes: &[u8]) -> Result<String, Unreadable> {
    let (text, _) = match encoding_rs::Encoding::for_bom(bytes) {
        Some((encoding, mark)) => encoding.decode_without_bom_handling(&bytes[mark..]),
        None => (guess(bytes).decode_without_bom_handling(bytes).0, false),
    };
    // Text holds no zeros, and hardly any other sign that prints nothing.
    let strange = text.chars().filter(|sign| sign.is_control() && !matches!(sign, '\n' | '\r' | '\t' | '\u{c}')).count();
    if text.contains('\0') || strange * 50 > text.len() { Err(Unreadable::NotATable) } else { Ok(text.into_owned()) }
}

fn guess(bytes: &[u8]) -> &'static encoding_rs::Encoding {
    let zeros = |from: usize| bytes.iter().skip(from).step_by(2).take(200).filter(|byte| **byte == 0).count();
    let half = bytes.len().min(400) / 2;
    if half > 4 && zeros(1) * 2 > half {
        encoding_rs::UTF_16LE
    } else if half > 4 && zeros(0) * 2 > half {
        encoding_rs::UTF_16BE
    } else if std::str::from_utf8(bytes).is_ok() {
        encoding_rs::UTF_8
    } else {
        encoding_rs::WINDOWS_1252
    }
}

fn reader(text: &str, delimiter: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes())
}

/// How many columns the first rows have under a delimiter: the number that most of them share, times how many do.
fn sniff(text: &str, delimiter: u8) -> usize {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    for record in reader(text, delimiter).records().take(50).filter_map(Result::ok).filter(|record| record.len() > 1) {
        *counts.entry(record.len()).or_default() += 1;
    }
    counts.into_iter().map(|(columns, rows)| columns * rows).max().unwrap_or(0)
}

fn read_delimited(text: &str, delimiter: u8) -> Result<Sheet, Unreadable> {
    let mut reader = reader(text, delimiter);
    let (mut rows, mut record) = (Vec::new(), csv::StringRecord::new());
    let (mut number, mut line, mut room) = (0_u64, 1_u64, MOST_TEXT);
    while reader.read_record(&mut record).map_err(|_| Unreadable::Damaged)? {
        // The reader passes over empty lines; a spreadsheet program counts them.
        let now = reader.position().line();
        let inner: usize = record.iter().map(|cell| cell.matches('\n').count()).sum();
        let lines = 1 + u64::try_from(inner).unwrap_or(0);
        number += 1 + (now - line).saturating_sub(lines);
        line = now;
        let mut cells: Vec<String> = record.iter().take(MOST_COLUMNS).map(clean).collect();
        while cells.last().is_some_and(String::is_empty) {
            cells.pop();
        }
        if cells.is_empty() {
            continue;
        }
        let size = cells.iter().map(String::len).sum();
        room = room.checked_sub(size).ok_or(Unreadable::TooMuchText)?;
        if rows.len() > MOST_ROWS + TITLE_ROWS {
            return Ok(Sheet { name: String::new(), rows, cut: true });
        }
        rows.push(Row { number: u32::try_from(number).unwrap_or(u32::MAX), cells });
    }
    Ok(Sheet { name: String::new(), rows, cut: false })
}

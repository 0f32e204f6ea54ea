//! Words for the cells of a spreadsheet. Separate because every file that people open in one must hold to the same rule.

use std::borrow::Cow;

/// Signs with which a spreadsheet takes a text for a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A text as it may stand in a cell of a CSV or XLSX file: one that a spreadsheet would run as a formula gets an
/// apostrophe before it, which spreadsheets take as "this is text" (OWASP, CSV injection). Numbers are no texts: write
/// them as numbers.
pub fn neutral(text: &str) -> Cow<'_, str> {
    // Spaces before the sign do not keep every spreadsheet from running it.
    match text.starts_with(FORMULA) || text.trim_start().starts_with(FORMULA) {
        true => Cow::Owned(format!("'{text}")),
        false => Cow::Borrowed(text),
    }
}

//! Cells for spreadsheet programs; separate because every file of columns that leaves the program needs it.

use std::borrow::Cow;

/// A cell that no spreadsheet program takes for a formula: a text that begins with `=`, `+`, `-`, `@`, a tab or a carriage
/// return gets an apostrophe before it, which those programs show as text.
pub fn neutral(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

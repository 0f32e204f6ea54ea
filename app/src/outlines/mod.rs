//! Outlines: the ordered chapters of an edition, as the coordinator reads, confirms and renews them. Separate because an
//! outline never changes once somebody studies by it: a new table of contents is a new version, for new enrolments.

pub mod api;
pub mod pages;
pub mod store;

/// The longest title of a chapter, in characters.
pub const LONGEST_TITLE: usize = 200;
/// The most chapters an outline has.
pub const MOST_CHAPTERS: usize = 100;
/// The most minutes a chapter is expected to take.
pub const MOST_MINUTES: i32 = 600;

/// A chapter as it is written in a table of contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub number: i32,
    pub title: String,
    pub required: bool,
    /// `None`: the line names none.
    pub minutes: Option<i32>,
}

impl std::fmt::Display for Line {
    /// As [`read`] reads it again.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}. {}", self.number, self.title)?;
        if let Some(minutes) = self.minutes {
            write!(f, ", {minutes} min")?;
        }
        if !self.required {
            f.write_str(" (optional)")?;
        }
        Ok(())
    }
}

/// Reads a pasted table of contents: one line a chapter, as `3. Title, 45 min (optional)`, where only the title must be
/// there. A line without a number follows the one before. Gives the chapters, or every complaint with its line.
pub fn read(text: &str) -> Result<Vec<Line>, Vec<String>> {
    let (mut lines, mut errors): (Vec<Line>, Vec<String>) = (Vec::new(), Vec::new());
    let mut last = 0;
    for (index, text) in text.lines().enumerate().filter(|(_, text)| !text.trim().is_empty()) {
        match read_line(text, last) {
            Ok(line) => {
                last = line.number;
                lines.push(line);
            }
            Err(reason) => errors.push(format!("Line {}: {reason}", index + 1)),
        }
    }
    if lines.is_empty() && errors.is_empty() {
        errors.push("Paste the table of contents, one line a chapter.".into());
    } else if lines.len() > MOST_CHAPTERS {
        errors.push(format!("These are {} chapters. An outline has at most {MOST_CHAPTERS}.", lines.len()));
    }
    if errors.is_empty() { Ok(lines) } else { Err(errors) }
}

fn read_line(text: &str, last: i32) -> Result<Line, String> {
    let (text, required) = take_optional(text.trim());
    let (text, minutes) = take_minutes(text)?;
    let (number, title) = take_number(text)?;
    let number = number.unwrap_or(last + 1);
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    if number <= last {
        return Err(format!("chapter {number} comes after chapter {last}. Numbers go up."));
    }
    if !title.chars().any(char::is_alphabetic) {
        return Err("there is no title. Write one after the number.".into());
    }
    let length = title.chars().count();
    if length > LONGEST_TITLE {
        return Err(format!("the title is {length} characters long. Shorten it to {LONGEST_TITLE} or fewer."));
    }
    Ok(Line { number, title, required, minutes })
}

/// "(optional)" at the end.
fn take_optional(text: &str) -> (&str, bool) {
    const MARK: &str = "(optional)";
    let start = text.len().saturating_sub(MARK.len());
    match (text.get(..start), text.get(start..)) {
        (Some(rest), Some(end)) if end.eq_ignore_ascii_case(MARK) => (rest.trim_end(), false),
        _ => (text, true),
    }
}

/// "45 min", "(45 minutes)" or a bare number behind a tab or bar, at the end.
fn take_minutes(text: &str) -> Result<(&str, Option<i32>), String> {
    let bare = text.trim_end_matches([')', '.']).trim_end();
    let lower = bare.to_ascii_lowercase();
    let unit = ["minutes", "minute", "mins", "min"].into_iter().find(|unit| lower.ends_with(unit));
    let before = match unit {
        Some(unit) => bare.get(..bare.len() - unit.len()).unwrap_or(bare).trim_end(),
        None => bare,
    };
    let rest = before.trim_end_matches(|sign: char| sign.is_ascii_digit());
    let digits = before.get(rest.len()..).unwrap_or_default();
    let marked = unit.is_some() || rest.ends_with(['\t', '|']) || rest.trim_end_matches(' ').ends_with(['\t', '|']);
    if digits.is_empty() || !marked {
        return Ok((text, None));
    }
    let minutes = digits.parse().ok().filter(|minutes| (1..=MOST_MINUTES).contains(minutes));
    let minutes = minutes.ok_or_else(|| format!("minutes go from 1 to {MOST_MINUTES}."))?;
    Ok((rest.trim_end_matches(|sign: char| sign.is_whitespace() || ",;|(–-".contains(sign)), Some(minutes)))
}

/// "3.", "3)", "3:", "3 " or "Chapter 3:" in front.
fn take_number(text: &str) -> Result<(Option<i32>, &str), String> {
    const WORD: &str = "chapter ";
    let worded = text.get(..WORD.len()).is_some_and(|start| start.eq_ignore_ascii_case(WORD));
    let from = if worded { text.get(WORD.len()..).unwrap_or(text).trim_start() } else { text };
    let rest = from.trim_start_matches(|sign: char| sign.is_ascii_digit());
    let digits = from.get(..from.len() - rest.len()).unwrap_or_default();
    let title = rest.trim_start_matches(|sign: char| sign.is_whitespace() || ".):–-".contains(sign));
    // "1st steps" or "5-a-day" begins with a number that belongs to the title.
    let numbered = !digits.is_empty() && rest.len() != title.len() && !rest.starts_with('-');
    match numbered {
        false => Ok((None, text)),
        true => match digits.parse() {
            Ok(number) if (1..=999).contains(&number) => Ok((Some(number), title)),
            _ => Err("chapter numbers go from 1 to 999.".into()),
        },
    }
}

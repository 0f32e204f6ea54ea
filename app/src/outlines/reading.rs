//! What a pasted table of contents says, line by line. Separate because it is a reader of text and nothing else.
//!
//! Tables of contents come from web pages, from PDF files and from typing: with bullets, tabs and leader dots, with page
//! numbers, in parts, between a preface and an index. Nothing is guessed in silence: every line says what it was taken for.

use std::ops::RangeInclusive;

use super::{HIGHEST_NUMBER, LAST_PAGE, LONGEST_TITLE, Line, MOST_CHAPTERS, MOST_MINUTES, Pages};

/// What a line was taken for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Understood {
    Chapter(Line),
    /// The chapters below stand in this part of the book.
    Part(String),
    /// It is no chapter, and why.
    LeftOut(&'static str),
    /// What is wrong with it, as a whole sentence.
    Problem(String),
}

/// One line that is not blank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadLine {
    /// Counted from 1, blank lines too.
    pub at: usize,
    pub text: String,
    pub understood: Understood,
    /// What was decided about it that its writer may not expect; empty for most.
    pub remark: String,
}

/// A whole table of contents, as it was understood.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    pub lines: Vec<ReadLine>,
}

impl Reading {
    /// The chapters, in order.
    pub fn chapters(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter_map(|line| match &line.understood {
            Understood::Chapter(chapter) => Some(chapter),
            Understood::Part(_) | Understood::LeftOut(_) | Understood::Problem(_) => None,
        })
    }

    /// The chapters, or every problem with its line, one of the whole first.
    pub fn result(&self) -> Result<Vec<Line>, Vec<String>> {
        let mut problems: Vec<String> = self
            .lines
            .iter()
            .filter_map(|line| match &line.understood {
                Understood::Problem(words) => Some(format!("Line {}: {words}", line.at)),
                Understood::Chapter(_) | Understood::Part(_) | Understood::LeftOut(_) => None,
            })
            .collect();
        let count = self.chapters().count();
        if count > MOST_CHAPTERS {
            problems.insert(0, format!("These are {count} chapters. An outline has at most {MOST_CHAPTERS}."));
        } else if self.lines.is_empty() {
            problems.push("Paste the table of contents, one line a chapter.".into());
        } else if count == 0 && problems.is_empty() {
            problems.push("There is no chapter in it. Write one line a chapter.".into());
        }
        if problems.is_empty() { Ok(self.chapters().cloned().collect()) } else { Err(problems) }
    }
}

/// Reads a pasted table of contents: one line a chapter, as `3. Title, pp. 45–78, 45 min (optional)`, where only the title
/// must be there. A line without a number follows the one before; numbers that begin again in a new part are counted on.
pub fn read(text: &str) -> Reading {
    let texts: Vec<(usize, String)> =
        text.lines().enumerate().map(|(at, line)| (at + 1, clean_line(line))).filter(|(_, line)| !line.is_empty()).collect();
    let trailing = trailing_numbers(&texts);
    let mut book = Book::default();
    let lines = texts
        .into_iter()
        .map(|(at, text)| {
            let mut remark = String::new();
            let understood = book.take(at, &text, trailing, &mut remark);
            ReadLine { at, text, understood, remark }
        })
        .collect();
    Reading { lines }
}

/// A text without control signs and without the signs that turn its direction around; everything else stays.
pub fn clean(text: &str) -> String {
    let turns = ['\u{200e}', '\u{200f}', '\u{061c}', '\u{feff}'];
    let unseen = |sign: char| {
        sign.is_control() || turns.contains(&sign) || matches!(sign, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().filter(|sign| !unseen(*sign)).collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// One line with its columns set apart by bars: tabs become "|", leader dots one sign, and a bullet in front is gone.
fn clean_line(text: &str) -> String {
    let columns = clean(&leaders(&text.replace('\t', " | ").replace('…', "...")));
    let spaced = columns.split(' ').filter(|word| is_dot(word)).count() >= 3;
    let mut line: Vec<&str> = Vec::new();
    for word in columns.split(' ') {
        let word = if spaced && is_dot(word) { LEADER } else { word };
        match (line.last().copied(), word) {
            (Some("|" | LEADER), "|") => {}
            (Some("|" | LEADER), LEADER) => {
                line.pop();
                line.push(LEADER);
            }
            _ => line.push(word),
        }
    }
    let line = line.join(" ");
    let line = line.trim_matches(|sign| matches!(sign, '|' | ' ')).trim_end_matches(LEADER).trim();
    let bare = line.trim_start_matches(['•', '▪', '◦', '‣', '●', '○', '*', '·', '-', '–', '—']);
    if bare.starts_with(' ') { bare.trim_start().to_owned() } else { line.to_owned() }
}

/// What leader dots become: whatever stands behind is a page.
const LEADER: &str = "....";

/// A dot that stands alone, as in leader dots with spaces between.
fn is_dot(word: &str) -> bool {
    matches!(word, "." | "_" | "·")
}

/// Rows of three dots or more as [`LEADER`], set apart from the words around.
fn leaders(text: &str) -> String {
    let (mut line, mut row) = (String::with_capacity(text.len()), String::new());
    for sign in text.chars().map(Some).chain([None]) {
        if let Some(dot @ ('.' | '_' | '·')) = sign {
            row.push(dot);
            continue;
        }
        match row.chars().count() {
            0..3 => line.push_str(&row),
            _ => line.push_str(&format!(" {LEADER} ")),
        }
        row.clear();
        line.extend(sign);
    }
    line
}

/// Whether the bare numbers at the ends of lines are pages: at least three that go up from line to line, on at least half
/// of the lines. Minutes do not go up so, and a title that ends in a number is rarely one of three.
fn trailing_numbers(lines: &[(usize, String)]) -> bool {
    let numbers: Vec<i32> =
        lines.iter().filter_map(|(_, line)| last_word(line).and_then(pages)).map(|pages| pages.first).collect();
    numbers.len() >= 3 && numbers.len() * 2 >= lines.len() && numbers.windows(2).all(|two| two[0] < two[1])
}

fn last_word(line: &str) -> Option<&str> {
    line.rsplit_once(' ').map(|(_, word)| word)
}

/// "45", "45-78", "45 to 78", with "p." or "pages" in front or not.
pub(super) fn pages(text: &str) -> Option<Pages> {
    let text = text.trim().trim_start_matches('(').trim_end_matches([')', '.', ' ']);
    let lower = text.to_ascii_lowercase();
    let mark =
        ["pages", "page", "pgs.", "pgs", "pg.", "pg", "pp.", "pp", "p.", "p"].into_iter().find(|mark| lower.starts_with(mark));
    let text = mark.and_then(|mark| text.get(mark.len()..)).unwrap_or(text).trim();
    let mut ends = text.splitn(2, ['-', '–', '—', '‑']).map(|end| page(end.trim()));
    let (first, last) = match text.split_once(" to ") {
        Some((first, last)) => (page(first.trim())?, Some(page(last.trim())?)),
        None => (ends.next()??, ends.next().map_or(Some(None), |last| last.map(Some))?),
    };
    // "145–52" is 145 to 152, as printers write it.
    let last = last.map(|last| if last < first { completed(first, last) } else { last });
    last.is_none_or(|last| last >= first).then_some(Pages { first, last: last.filter(|last| *last > first) })
}

fn page(text: &str) -> Option<i32> {
    let fine = !text.is_empty() && text.len() <= 5 && text.bytes().all(|sign| sign.is_ascii_digit());
    text.parse().ok().filter(|page| fine && (1..=LAST_PAGE).contains(page))
}

/// The last page where only its end was written.
fn completed(first: i32, last: i32) -> i32 {
    let step = [10, 100, 1_000].into_iter().find(|step| last < *step).unwrap_or(10_000);
    first - first % step + last
}

/// What is known while going down the lines.
#[derive(Default)]
struct Book {
    part: String,
    /// The last chapter's number and the line it stood on.
    last: Option<(i32, usize)>,
    /// What is added to the book's own numbers, because they begin again in each part.
    offset: i32,
    /// Whether a part began after the last chapter.
    fresh_part: bool,
}

impl Book {
    fn take(&mut self, at: usize, text: &str, trailing: bool, remark: &mut String) -> Understood {
        if let Some(part) = part(text) {
            if part.chars().count() > LONGEST_TITLE {
                return Understood::Problem(too_long("name of the part", part.chars().count()));
            }
            self.fresh_part = self.last.is_some();
            self.part.clone_from(&part);
            return Understood::Part(part);
        }
        match self.chapter(at, text, trailing, remark) {
            Ok(understood) => understood,
            Err(problem) => Understood::Problem(problem),
        }
    }

    fn chapter(&mut self, at: usize, text: &str, trailing: bool, remark: &mut String) -> Result<Understood, String> {
        let ends = take_ends(text, trailing)?;
        let (number, title) = take_number(ends.text)?;
        if let Some(why) = not_a_chapter(ends.text, title, number.is_some(), ends.roman) {
            return Ok(Understood::LeftOut(why));
        }
        let title = title.replace(" | ", " ").replace(LEADER, "…");
        if !title.chars().any(char::is_alphabetic) {
            return Err("there is no title. Write one after the number.".into());
        }
        let length = title.chars().count();
        if length > LONGEST_TITLE {
            return Err(too_long("title", length));
        }
        let number = self.number(number, at, remark)?;
        let part = self.part.clone();
        let (pages, required, minutes) = (ends.pages, ends.required, ends.minutes);
        Ok(Understood::Chapter(Line { number, title, part, pages, required, minutes, follows: None }))
    }

    /// The chapter's number in the outline, from the one it has in the book.
    fn number(&mut self, typed: Option<i32>, at: usize, remark: &mut String) -> Result<i32, String> {
        let (last, line) = self.last.unwrap_or_default();
        let began_again = typed == Some(1) && self.fresh_part && last >= 1;
        if began_again {
            self.offset = last;
        }
        let number = typed.map_or(last + 1, |typed| typed + self.offset);
        match typed {
            Some(typed) if number == last => return Err(format!("chapter {typed} is there already, on line {line}.")),
            Some(_) if number < last => return Err(format!("chapter {number} comes after chapter {last}. Numbers go up.")),
            Some(_) if number > HIGHEST_NUMBER => return Err(format!("chapter numbers go from 1 to {HIGHEST_NUMBER}.")),
            Some(typed) if self.offset > 0 => {
                *remark = format!("The numbers begin again in this part; {typed} is counted on as {number}.");
            }
            Some(_) | None => {}
        }
        (self.last, self.fresh_part) = (Some((number, at)), false);
        Ok(number)
    }
}

fn too_long(what: &str, length: usize) -> String {
    format!("the {what} is {length} characters long. Shorten it to {LONGEST_TITLE} or fewer.")
}

/// "Part II: Living with it", or whatever stands behind a "#".
fn part(text: &str) -> Option<String> {
    if let Some(name) = text.strip_prefix('#') {
        return Some(name.trim_start_matches('#').trim().to_owned());
    }
    let word = ["part ", "section ", "unit "].into_iter().find(|word| starts_with(text, word))?;
    let rest = text.get(word.len()..)?;
    let numeral = rest.split([' ', ':', '.', '-', '–', '—', ')']).next()?;
    let counted = !numeral.is_empty() && numeral.bytes().all(|sign| sign.is_ascii_digit());
    if !counted && roman(numeral).is_none() && word_number(numeral).is_none() {
        return None;
    }
    let behind = rest.get(numeral.len()..)?;
    // "Part I am playing" goes on in small letters without a sign between: that is a title.
    let first = behind.trim_start().chars().next();
    let named = first.is_none_or(|sign| !sign.is_lowercase());
    let name = without_page(text);
    named.then(|| name.trim_end_matches([':', '.', ' ']).to_owned())
}

fn starts_with(text: &str, word: &str) -> bool {
    text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}

/// The name of a part without the page it begins on.
fn without_page(text: &str) -> String {
    let before = match text.rsplit_once(LEADER).or_else(|| text.rsplit_once(" | ")) {
        Some((before, behind)) if pages(behind).is_some() || roman(behind.trim()).is_some() => before,
        _ => text,
    };
    before.replace(LEADER, " ").replace(" | ", " ").trim().to_owned()
}

/// What stood at the end of a line, and the text before it.
struct Ends<'a> {
    text: &'a str,
    pages: Option<Pages>,
    required: bool,
    minutes: Option<i32>,
    /// The page is numbered as front matter is.
    roman: bool,
}

/// Takes "(optional)", the minutes and the pages off the end, in any order, each once.
fn take_ends(text: &str, trailing: bool) -> Result<Ends<'_>, String> {
    let mut ends = Ends { text: text.trim(), pages: None, required: true, minutes: None, roman: false };
    let bare = trailing.then(|| bare_page(ends.text)).flatten();
    if let Some((rest, pages)) = bare {
        (ends.text, ends.pages) = (rest, Some(pages));
    }
    loop {
        let before = ends.text.len();
        if let (true, Some(rest)) = (ends.required, take_optional(ends.text)) {
            (ends.text, ends.required) = (rest, false);
        }
        if let (None, Some((rest, minutes))) = (ends.minutes, take_minutes(ends.text)?) {
            (ends.text, ends.minutes) = (rest, Some(minutes));
        }
        if let (None, false, Some((rest, pages))) = (ends.pages, ends.roman, take_pages(ends.text)) {
            (ends.text, ends.pages, ends.roman) = (rest, pages, pages.is_none());
        }
        if ends.text.len() == before {
            return Ok(ends);
        }
    }
}

/// What separates the end of a line from its title.
fn trim_end(text: &str) -> &str {
    text.trim_end_matches(|sign: char| sign.is_whitespace() || ",;|(–-".contains(sign)).trim_end_matches(LEADER).trim_end()
}

fn bare_page(text: &str) -> Option<(&str, Pages)> {
    let (before, word) = text.rsplit_once(' ')?;
    Some((trim_end(before), pages(word)?))
}

fn take_optional(text: &str) -> Option<&str> {
    ["(optional)", ", optional", "[optional]", "| optional"].into_iter().find_map(|mark| {
        let start = text.len().checked_sub(mark.len())?;
        text.get(start..)?.eq_ignore_ascii_case(mark).then(|| trim_end(text.get(..start).unwrap_or_default()))
    })
}

/// "45 min", "(45 minutes)" or a bare number behind a bar.
fn take_minutes(text: &str) -> Result<Option<(&str, i32)>, String> {
    const RANGE: RangeInclusive<i32> = 1..=MOST_MINUTES;
    let bare = text.trim_end_matches([')', '.']).trim_end();
    let lower = bare.to_ascii_lowercase();
    let unit = ["minutes", "minute", "mins", "min"].into_iter().find(|unit| lower.ends_with(unit));
    let before = unit.and_then(|unit| bare.get(..bare.len() - unit.len())).map_or(bare, str::trim_end);
    let rest = before.trim_end_matches(|sign: char| sign.is_ascii_digit());
    let digits = before.get(rest.len()..).unwrap_or_default();
    let column = rest.trim_end().ends_with('|');
    if digits.is_empty() || unit.is_none() && !column {
        return Ok(None);
    }
    let minutes = digits.parse().ok().filter(|minutes| RANGE.contains(minutes));
    let minutes = minutes.ok_or_else(|| format!("minutes go from {} to {}.", RANGE.start(), RANGE.end()))?;
    Ok(Some((trim_end(rest), minutes)))
}

/// Pages behind leader dots, behind "p." or "pages", or as a range in a column of their own. `None` inside: a page in roman
/// numerals, of which nothing is kept.
fn take_pages(text: &str) -> Option<(&str, Option<Pages>)> {
    if let Some((before, behind)) = text.rsplit_once(LEADER) {
        if let Some(pages) = pages(behind) {
            return Some((trim_end(before), Some(pages)));
        }
        return roman(behind.trim()).map(|_| (trim_end(before), None));
    }
    if let Some((before, behind)) = text.rsplit_once('|')
        && let Some(pages) = pages(behind).filter(|pages| pages.last.is_some())
    {
        return Some((trim_end(before), Some(pages)));
    }
    let lower = text.to_ascii_lowercase();
    [
        " pages ", " page ", " pgs. ", " pg. ", " pp. ", " pp ", " p. ", "(pages ", "(page ", "(pp. ", "(pp ", "(p. ", " pp.",
        " p.", "(pp.", "(p.",
    ]
    .into_iter()
    .find_map(|mark| {
        let start = lower.rfind(mark)?;
        let pages = pages(text.get(start + mark.len()..)?)?;
        Some((trim_end(text.get(..start)?), Some(pages)))
    })
}

/// "3.", "3)", "3:", "3 ", "III." or "Chapter three:" in front.
fn take_number(text: &str) -> Result<(Option<i32>, &str), String> {
    let word = ["chapter ", "chap. ", "ch. "].into_iter().find(|word| starts_with(text, word));
    let from = word.and_then(|word| text.get(word.len()..)).map_or(text, str::trim_start);
    let rest = from.trim_start_matches(|sign: char| sign.is_ascii_digit());
    let digits = from.get(..from.len() - rest.len()).unwrap_or_default();
    if digits.is_empty() {
        return Ok(other_number(text, from, word.is_some()));
    }
    let title = title_behind(rest);
    // "1st steps" or "5-a-day" begins with a number that belongs to the title.
    if rest.len() == title.len() && !(rest.is_empty() && word.is_some()) || rest.starts_with('-') {
        return Ok((None, text));
    }
    match digits.parse() {
        Ok(number) if (1..=HIGHEST_NUMBER).contains(&number) => Ok((Some(number), title)),
        _ => Err(format!("chapter numbers go from 1 to {HIGHEST_NUMBER}.")),
    }
}

fn title_behind(rest: &str) -> &str {
    rest.trim_start_matches(|sign: char| sign.is_whitespace() || ".):–-|".contains(sign))
}

/// A number in roman numerals, which needs a sign behind it or the word "chapter" before it, or in words, which needs both.
fn other_number<'a>(text: &'a str, from: &'a str, worded: bool) -> (Option<i32>, &'a str) {
    let numeral = from.split([' ', '.', ')', ':', '–', '—', '|']).next().unwrap_or_default();
    let rest = from.get(numeral.len()..).unwrap_or_default();
    let parted = rest.trim_start().starts_with(['.', ')', ':', '–', '—', '|']);
    match roman(numeral).or_else(|| word_number(numeral).filter(|_| worded)) {
        Some(number) if worded || parted => (Some(number), title_behind(rest.trim_start_matches('—'))),
        _ => (None, text),
    }
}

/// A numeral of I, V, X and L, all large or all small, as printers number chapters and front matter.
fn roman(text: &str) -> Option<i32> {
    let same_case = text.chars().all(char::is_uppercase) || text.chars().all(char::is_lowercase);
    if text.is_empty() || text.len() > 8 || !same_case {
        return None;
    }
    let digits: Vec<i32> = text
        .chars()
        .map(|sign| match sign.to_ascii_uppercase() {
            'I' => Some(1),
            'V' => Some(5),
            'X' => Some(10),
            'L' => Some(50),
            _ => None,
        })
        .collect::<Option<_>>()?;
    let value =
        digits.iter().zip(digits.iter().skip(1).chain([&0])).map(|(one, next)| if one < next { -one } else { *one }).sum();
    (in_roman(value) == text.to_ascii_uppercase()).then_some(value)
}

fn in_roman(number: i32) -> String {
    let mut left = number;
    let mut text = String::new();
    for (value, sign) in [(50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")] {
        while left >= value {
            text.push_str(sign);
            left -= value;
        }
    }
    text
}

fn word_number(text: &str) -> Option<i32> {
    const WORDS: [&str; 20] = [
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
        "twenty",
    ];
    (1..).zip(WORDS).find(|(_, word)| text.eq_ignore_ascii_case(word)).map(|(number, _)| number)
}

/// Why a line is no chapter, if it is none: what stands before, after and within the chapters of a book.
fn not_a_chapter(text: &str, title: &str, numbered: bool, roman_page: bool) -> Option<&'static str> {
    const AROUND: [&str; 27] = [
        "contents",
        "table of contents",
        "brief contents",
        "foreword",
        "forward",
        "preface",
        "acknowledgments",
        "acknowledgements",
        "acknowledgment",
        "dedication",
        "about the author",
        "about the authors",
        "about the editors",
        "contributors",
        "reviewers",
        "index",
        "subject index",
        "glossary",
        "references",
        "bibliography",
        "copyright",
        "title page",
        "list of figures",
        "list of tables",
        "resources",
        "abbreviations",
        "how to use this book",
    ];
    const HEADS: [&str; 4] = ["chapter", "page", "title", "chapter | page"];
    let lower = title.to_lowercase();
    let name = lower.trim_matches(|sign: char| !sign.is_alphanumeric());
    if is_section(text) {
        return Some("a section within a chapter");
    }
    match () {
        () if numbered => None,
        () if roman_page => Some("before the first chapter, by its page number"),
        () if AROUND.contains(&name) => Some("not a chapter"),
        () if name == "appendix" || name.starts_with("appendix ") || name.starts_with("appendices") => Some("an appendix"),
        () if HEADS.contains(&name) => Some("a heading of the list"),
        () if !text.is_empty() && text.chars().all(|sign| sign.is_ascii_digit()) => Some("a page number"),
        () => None,
    }
}

/// "3.1 Something", which belongs to chapter 3.
fn is_section(text: &str) -> bool {
    let number = text.split(' ').next().unwrap_or_default().trim_end_matches('.');
    let mut digits = number.split('.');
    number.contains('.') && digits.all(|part| !part.is_empty() && part.bytes().all(|sign| sign.is_ascii_digit()))
}

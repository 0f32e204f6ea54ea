//! GIFT: questions as people type them. Separate because its signs and their escapes are a small language of its own.
//!
//! Blocks of lines, an empty line between them, each a question or a category. What GIFT has no sign for stands in comments
//! `// [qdei …]`, which Moodle passes over: the source, a note for the marker, whether letters' case matters, and whether
//! several right choices count only together. A topic is a tag, which Moodle reads.

use std::fmt::Write;

use super::{
    Entry, Format, Markup, Read, Refused, checked, html, load_inline, pack, picture_name, reduce, reduce_line, reduce_part,
    take_picture,
};
use crate::assessments::question::{
    Accepted, Body, Choice, Credit, Draft, Number, NumericalAnswer, Pair, is_all_or_nothing, one_line, tidy,
};

/// The longest block, in bytes: a question with a picture in it.
const LONGEST: usize = 1024 * 1024;

/// Reads a whole file.
pub fn read(text: &str) -> Read {
    let mut read = Read { format: Format::Gift, taken: Vec::new(), refused: Vec::new() };
    let mut category = String::new();
    // A lone carriage return ended lines on old Macs.
    let text = if text.contains('\n') { text.to_owned() } else { text.replace('\r', "\n") };
    for mut block in blocks(&text) {
        if let Some(named) = block.take_category() {
            category = named;
        }
        if block.text.trim().is_empty() {
            continue;
        }
        match block.entry(&category) {
            Ok(entry) => read.taken.push(entry),
            Err(reason) => read.refused.push(Refused { line: block.line, reason }),
        }
        if read.taken.len() > super::MOST_QUESTIONS || read.refused.len() > super::MOST_QUESTIONS {
            break;
        }
    }
    read
}

/// Lines that belong together, without their comments.
#[derive(Default)]
struct Block {
    /// Where its first line that is no comment stands.
    line: usize,
    text: String,
    topic: String,
    /// What stands in comments for this program, as (key, value).
    notes: Vec<(String, String)>,
}

fn blocks(text: &str) -> impl Iterator<Item = Block> {
    let mut lines = text.lines().enumerate();
    std::iter::from_fn(move || {
        let mut block = Block::default();
        let mut begun = false;
        for (number, line) in lines.by_ref() {
            let line = line.trim_end_matches('\r');
            if line.trim().is_empty() {
                if begun {
                    return Some(block);
                }
                continue;
            }
            begun = true;
            block.add(number + 1, line);
        }
        begun.then_some(block)
    })
}

impl Block {
    fn add(&mut self, number: usize, line: &str) {
        if let Some(comment) = line.trim_start().strip_prefix("//") {
            return self.comment(comment.trim());
        }
        if self.line == 0 {
            self.line = number;
        }
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn comment(&mut self, comment: &str) {
        if let Some(inner) = comment.strip_prefix("[qdei ").and_then(|rest| rest.strip_suffix(']')) {
            let (key, value) = inner.split_once(':').unwrap_or((inner, ""));
            self.notes.push((key.trim().to_owned(), unescape(value)));
        } else if let Some((_, rest)) = comment.split_once("[tag:")
            && let Some((tag, _)) = rest.split_once(']')
            && self.topic.is_empty()
        {
            self.topic = one_line(tag);
        }
    }

    fn note(&self, key: &str) -> Option<&str> {
        self.notes.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str())
    }

    /// The category that the block names in its first line; what follows is a question.
    fn take_category(&mut self) -> Option<String> {
        let (line, rest) = self.text.split_once('\n')?;
        let named = line.trim().strip_prefix("$CATEGORY:")?;
        let category = category_of(&unescape(named));
        self.line += 1;
        self.text = rest.to_owned();
        Some(category)
    }

    fn entry(&self, category: &str) -> Result<Entry, String> {
        if self.text.len() > LONGEST {
            return Err("This is longer than any question: an empty line stands between two questions.".to_owned());
        }
        let (name, text) = name(self.text.trim());
        let asked = Asked::read(text)?;
        let (markup, words) = markup(&asked.text, Markup::Auto);
        let question = reduce(&unescape(words), markup)?;
        let part = Part { markup };
        let picture = take_picture(&question.pictures, load_inline)?;
        let Some(answers) = asked.answers else {
            return Err("This is a description: it has no braces with answers, so there is nothing to answer.".to_owned());
        };
        let (answers, explanation) = match answers.rmatch_indices("####").find(|(at, _)| !is_escaped(answers, *at)) {
            Some((at, _)) => (answers[..at].trim(), &answers[at + 4..]),
            None => (answers.trim(), ""),
        };
        let body = self.body(answers, part)?;
        let draft = checked(Draft {
            name: one_line(&unescape(name)),
            text: question.text,
            explanation: part.text(explanation)?,
            source: one_line(self.note("source").unwrap_or_default()),
            topic: self.note("topic").map_or_else(|| self.topic.clone(), one_line),
            picture: picture.as_ref().map(|(picture, _)| picture.clone()),
            body,
        })?;
        Ok(Entry { line: self.line, category: category.to_owned(), draft, picture: picture.map(|(_, bytes)| bytes) })
    }

    /// What is between the braces, by the rules that tell the kinds apart.
    fn body(&self, answers: &str, part: Part) -> Result<Body, String> {
        if answers.is_empty() {
            return Ok(Body::Essay { marker_note: tidy(self.note("marker").unwrap_or_default()) });
        }
        if let Some(numbers) = answers.strip_prefix('#') {
            return numerical(numbers, part);
        }
        if find(answers, "~").is_some() {
            return choices(answers, self.note("all-or-nothing").is_some(), part);
        }
        if find(answers, "=").is_some() && find(answers, "->").is_some() {
            return matching(answers, part);
        }
        let (word, feedback) = split_once(answers, "#").unwrap_or((answers, ""));
        match word.trim() {
            "T" | "TRUE" => statement(true, feedback, part),
            "F" | "FALSE" => statement(false, feedback, part),
            _ => short_answer(answers, self.note("match-case").is_some(), part),
        }
    }
}

/// Moodle's place for everything and the course's own name say nothing here.
pub(super) fn category_of(path: &str) -> String {
    let path = one_line(path);
    let path = path
        .strip_prefix("$course$")
        .or_else(|| path.strip_prefix("$module$"))
        .or_else(|| path.strip_prefix("$system$"))
        .unwrap_or(&path);
    let path = path.trim_matches('/');
    path.strip_prefix("top/").unwrap_or(if path == "top" { "" } else { path }).trim().to_owned()
}

/// A question's name between double colons, and what follows.
fn name(text: &str) -> (&str, &str) {
    match text.strip_prefix("::").and_then(|rest| split_once(rest, "::")) {
        Some((name, rest)) => (name, rest.trim()),
        None => ("", text),
    }
}

/// A question and what is between its braces.
struct Asked<'a> {
    text: String,
    answers: Option<&'a str>,
}

impl<'a> Asked<'a> {
    fn read(text: &'a str) -> Result<Self, String> {
        let (open, close) = (find(text, "{"), find(text, "}"));
        let (open, close) = match (open, close) {
            (None, None) => return Ok(Self { text: text.to_owned(), answers: None }),
            (Some(open), Some(close)) if open < close => (open, close),
            (Some(_), Some(_)) => return Err("A brace closes before one opens.".to_owned()),
            (Some(_), None) => {
                return Err("The braces are opened and not closed before the empty line that ends the question.".to_owned());
            }
            (None, Some(_)) => return Err("A brace closes that was not opened.".to_owned()),
        };
        let (before, answers, after) = (&text[..open], &text[open + 1..close], &text[close + 1..]);
        if find(answers, "{").is_some() {
            return Err("A brace opens within the braces. Write \\{ for the sign itself.".to_owned());
        }
        if find(after, "{").is_some() || find(after, "}").is_some() {
            return Err("There are braces twice: an empty line stands between two questions.".to_owned());
        }
        // In the middle of a sentence, a line stands where the word is missing.
        let text = if after.trim().is_empty() { before.to_owned() } else { format!("{before}_____{after}") };
        Ok(Self { text, answers: Some(answers) })
    }
}

/// How the parts of a question are to be understood, unless they say otherwise.
#[derive(Clone, Copy)]
struct Part {
    markup: Markup,
}

impl Part {
    fn text(self, raw: &str) -> Result<String, String> {
        let (markup, words) = markup(raw, self.markup);
        reduce_part(&unescape(words), markup)
    }

    fn line(self, raw: &str) -> Result<String, String> {
        let (markup, words) = markup(raw, self.markup);
        reduce_line(&unescape(words), markup)
    }

    /// A choice's text and what is said to who chose it.
    fn with_feedback(self, raw: &str) -> Result<(String, String), String> {
        let (text, feedback) = split_once(raw, "#").unwrap_or((raw, ""));
        Ok((self.line(text)?, self.line(feedback)?))
    }
}

/// The format that a text names before it.
fn markup(raw: &str, otherwise: Markup) -> (Markup, &str) {
    let raw = raw.trim();
    let named = raw.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    match named {
        Some(("html", rest)) => (Markup::Html, rest),
        Some(("moodle", rest)) => (Markup::Auto, rest),
        Some(("plain" | "markdown", rest)) => (Markup::Plain, rest),
        _ => (otherwise, raw),
    }
}

/// A weight between percent signs, and what follows.
fn weight(raw: &str) -> Result<(Option<Credit>, &str), String> {
    let raw = raw.trim();
    let Some((number, rest)) = raw.strip_prefix('%').and_then(|rest| rest.split_once('%')) else { return Ok((None, raw)) };
    let is_number = !number.is_empty() && number.chars().all(|sign| sign.is_ascii_digit() || matches!(sign, '-' | '.'));
    if !is_number {
        return Ok((None, raw));
    }
    let credit = Credit::of_percent(number).ok_or_else(|| format!("A weight of {number} percent is not from -100 to 100."))?;
    Ok((Some(credit), rest))
}

/// Choices: each behind a tilde, right ones behind an equals sign.
fn choices(answers: &str, all: bool, part: Part) -> Result<Body, String> {
    let single = find(answers, "=").is_some();
    let mut choices = Vec::new();
    for (sign, raw) in marked(answers, &['~', '=']) {
        let (credit, raw) = match sign {
            // Before the first sign there is nothing but space.
            None if raw.trim().is_empty() => continue,
            Some('=') => (Credit::WHOLE, raw),
            _ => {
                let (credit, raw) = weight(raw)?;
                (credit.unwrap_or_default(), raw)
            }
        };
        let (text, explanation) = part.with_feedback(raw)?;
        choices.push(Choice { text, credit, explanation });
    }
    if single { Ok(Body::Single(choices)) } else { several(choices, all) }
}

/// Several right choices, whose shares make the whole; `all`: they count only together.
pub(super) fn several(mut choices: Vec<Choice>, all: bool) -> Result<Body, String> {
    if all {
        for choice in &mut choices {
            choice.credit = if choice.credit.0 > 0 { Credit::WHOLE } else { Credit::LOST };
        }
    } else if is_all_or_nothing(&choices) {
        return Err("The right choices give more than 100 percent together.".to_owned());
    }
    Ok(Body::Multiple(choices))
}

fn matching(answers: &str, part: Part) -> Result<Body, String> {
    let (mut pairs, mut distractors) = (Vec::new(), Vec::new());
    for (_, raw) in marked(answers, &['=']) {
        if raw.trim().is_empty() {
            continue;
        }
        let (left, right) = split_once(raw, "->").ok_or("A pair has no arrow “->” between its sides.")?;
        let (left, right) = (part.line(left)?, one_line(&unescape(right)));
        if left.is_empty() {
            distractors.push(right);
        } else {
            pairs.push(Pair { left, right });
        }
    }
    Ok(Body::Matching { pairs, distractors })
}

/// True or false, with what is said to who was wrong, then to who was right.
fn statement(is_true: bool, feedback: &str, part: Part) -> Result<Body, String> {
    let (wrong, right) = split_once(feedback, "#").unwrap_or((feedback, ""));
    let (wrong, right) = (part.line(wrong)?, part.line(right)?);
    let (when_true, when_false) = if is_true { (right, wrong) } else { (wrong, right) };
    Ok(Body::TrueFalse { is_true, when_true, when_false })
}

fn short_answer(answers: &str, match_case: bool, part: Part) -> Result<Body, String> {
    let mut accepted = Vec::new();
    for (_, raw) in marked(answers, &['=']) {
        if raw.trim().is_empty() {
            continue;
        }
        let (credit, raw) = weight(raw)?;
        let (text, feedback) = split_once(raw, "#").unwrap_or((raw, ""));
        let (_, text) = markup(text, part.markup);
        let text = one_line(&unescape(text));
        accepted.push(Accepted { text, credit: credit.unwrap_or(Credit::WHOLE), explanation: part.line(feedback)? });
    }
    Ok(Body::ShortAnswer { answers: accepted, match_case })
}

fn numerical(numbers: &str, part: Part) -> Result<Body, String> {
    let (numbers, other) = match find(numbers, "~") {
        Some(at) => (&numbers[..at], Some(&numbers[at + 1..])),
        None => (numbers, None),
    };
    let mut answers = Vec::new();
    for (_, raw) in marked(numbers, &['=']) {
        if raw.trim().is_empty() {
            continue;
        }
        let (credit, raw) = weight(raw)?;
        let (number, feedback) = split_once(raw, "#").unwrap_or((raw, ""));
        let (value, tolerance) = range(&unescape(number.trim()))?;
        let credit = credit.unwrap_or(Credit::WHOLE);
        answers.push(NumericalAnswer { value: Some(value), tolerance, credit, explanation: part.line(feedback)? });
    }
    if let Some(other) = other {
        let explanation = part.line(split_once(other, "#").map_or("", |(_, feedback)| feedback))?;
        if !explanation.is_empty() {
            answers.push(NumericalAnswer { value: None, tolerance: Number::default(), credit: Credit::NONE, explanation });
        }
    }
    Ok(Body::Numerical(answers))
}

/// `5`, `5:0.5` or `4.5..5.5`, as a number and how far from it another may be.
fn range(text: &str) -> Result<(Number, Number), String> {
    let number = |text: &str| -> Result<Number, String> {
        text.parse().map_err(|error| format!("“{}” is {error}.", shortened(text)))
    };
    if let Some((from, to)) = text.split_once("..") {
        let (from, to) = (number(from)?, number(to)?);
        if from > to {
            return Err("A range ends before it begins.".to_owned());
        }
        let middle = Number(from.0 + (to.0 - from.0) / 2);
        return Ok((middle, Number(to.0 - middle.0)));
    }
    match text.split_once(':') {
        Some((value, tolerance)) => Ok((number(value)?, number(tolerance)?)),
        None => Ok((number(text)?, Number::default())),
    }
}

fn shortened(text: &str) -> String {
    text.trim().chars().take(40).collect()
}

/// Whether the sign at a place is written as the sign itself: behind an odd number of backslashes.
fn is_escaped(text: &str, at: usize) -> bool {
    text.as_bytes()[..at].iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}

/// Where a mark stands that is not escaped. One sign of an escaped mark may be the first of another.
fn find(text: &str, mark: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(at) = text[from..].find(mark).map(|at| from + at) {
        if !is_escaped(text, at) {
            return Some(at);
        }
        from = at + 1;
    }
    None
}

fn split_once<'a>(text: &'a str, mark: &str) -> Option<(&'a str, &'a str)> {
    find(text, mark).map(|at| (&text[..at], &text[at + mark.len()..]))
}

/// The parts between marks that are not escaped, each with the mark before it.
fn marked<'a>(text: &'a str, marks: &'a [char]) -> Vec<(Option<char>, &'a str)> {
    let mut parts = Vec::new();
    let (mut before, mut from) = (None, 0);
    for (at, mark) in text.match_indices(marks).filter(|(at, _)| !is_escaped(text, *at)) {
        parts.push((before, &text[from..at]));
        (before, from) = (mark.chars().next(), at + mark.len());
    }
    parts.push((before, &text[from..]));
    parts
}

/// A text with its escapes resolved. An arrow's escape is this program's own: Moodle has none.
fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut signs = text.chars().peekable();
    while let Some(sign) = signs.next() {
        if sign != '\\' {
            out.push(sign);
            continue;
        }
        match signs.peek() {
            Some('n') => out.push('\n'),
            Some(':' | '#' | '=' | '{' | '}' | '~' | '\\') => out.extend(signs.peek()),
            Some('>') if out.ends_with('-') => out.push('>'),
            _ => {
                out.push('\\');
                continue;
            }
        }
        signs.next();
    }
    out
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for sign in text.chars() {
        match sign {
            '\n' => out.push_str("\\n"),
            ':' | '#' | '=' | '{' | '}' | '~' | '\\' => out.extend(['\\', sign]),
            '>' if out.ends_with('-') => out.push_str("\\>"),
            sign => out.push(sign),
        }
    }
    out
}

/// A part of a question that is plain as all of it is; one that begins like a format says so.
fn plain(text: &str) -> String {
    let mark = if text.starts_with('[') { "[plain]" } else { "" };
    format!("{mark}{}", escape(text))
}

fn feedback(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("#{}", plain(text)) }
}

/// Writes questions, those of one category after another.
pub fn write(entries: &[Entry]) -> String {
    let mut out = String::new();
    let mut category: Option<&str> = None;
    for entry in entries {
        if category != Some(&entry.category) && !(category.is_none() && entry.category.is_empty()) {
            let path = if entry.category.is_empty() { "top" } else { &entry.category };
            out.push_str(&format!("$CATEGORY: {}\n\n", escape(path)));
        }
        category = Some(&entry.category);
        // Writing into a text does not fail.
        let _ = question(&mut out, entry);
    }
    out
}

fn question(out: &mut String, entry: &Entry) -> std::fmt::Result {
    let draft = &entry.draft;
    if draft.topic.contains([']', '\\']) {
        writeln!(out, "// [qdei topic: {}]", escape(&draft.topic))?;
    } else if !draft.topic.is_empty() {
        writeln!(out, "// [tag:{}]", draft.topic)?;
    }
    note(out, "source", &draft.source)?;
    match &draft.body {
        Body::Multiple(choices) if is_all_or_nothing(choices) => writeln!(out, "// [qdei all-or-nothing]")?,
        Body::ShortAnswer { match_case: true, .. } => writeln!(out, "// [qdei match-case]")?,
        Body::Essay { marker_note } => note(out, "marker", marker_note)?,
        _ => {}
    }
    if !draft.name.is_empty() {
        write!(out, "::{}::", escape(&draft.name))?;
    }
    match (&entry.picture, &draft.picture) {
        (Some(bytes), Some(picture)) => {
            let kind = if picture_name(bytes).ends_with("jpg") { "jpeg" } else { "png" };
            let image =
                format!("<p><img src=\"data:image/{kind};base64,{}\" alt=\"{}\"></p>", pack(bytes), html::write(&picture.alt));
            write!(out, "[html]{}", escape(&(html::write(&draft.text) + &image)))?;
        }
        _ => write!(out, "[plain]{}", escape(&draft.text))?,
    }
    out.push_str(" {");
    body(out, &draft.body, entry.picture.is_some())?;
    if !draft.explanation.is_empty() {
        write!(out, "####{}", explained(&draft.explanation, entry.picture.is_some()))?;
    }
    out.push_str("}\n\n");
    Ok(())
}

/// A part's text where the question is HTML for the sake of its picture.
fn explained(text: &str, html: bool) -> String {
    if html { format!("[plain]{}", escape(text)) } else { plain(text) }
}

fn note(out: &mut String, key: &str, value: &str) -> std::fmt::Result {
    if value.is_empty() { Ok(()) } else { writeln!(out, "// [qdei {key}: {}]", escape(value)) }
}

fn body(out: &mut String, body: &Body, html: bool) -> std::fmt::Result {
    let part = |text: &str| explained(text, html);
    let after = |text: &str| if html && !text.is_empty() { format!("#{}", part(text)) } else { feedback(text) };
    match body {
        Body::Single(choices) => {
            for choice in choices {
                let mark = if choice.credit.is_whole() {
                    "=".to_owned()
                } else {
                    format!("~{}", weighted(choice.credit, &choice.text))
                };
                write!(out, "\n\t{mark}{}{}", part(&choice.text), after(&choice.explanation))?;
            }
            out.push('\n');
        }
        Body::Multiple(choices) => {
            let right = choices.iter().filter(|choice| choice.credit.0 > 0).count();
            let all = is_all_or_nothing(choices);
            for choice in choices {
                let credit = if all && choice.credit.0 > 0 { Credit::share(right) } else { choice.credit };
                write!(out, "\n\t~%{}%{}{}", credit.percent(), part(&choice.text), after(&choice.explanation))?;
            }
            out.push('\n');
        }
        Body::TrueFalse { is_true, when_true, when_false } => {
            let (wrong, right) = if *is_true { (when_false, when_true) } else { (when_true, when_false) };
            out.push_str(if *is_true { "TRUE" } else { "FALSE" });
            if !right.is_empty() {
                let wrong = if wrong.is_empty() { String::new() } else { part(wrong) };
                write!(out, "#{wrong}#{}", part(right))?;
            } else {
                out.push_str(&after(wrong));
            }
        }
        Body::Matching { pairs, distractors } => {
            for pair in pairs {
                write!(out, "\n\t={} -> {}", part(&pair.left), escape(&pair.right))?;
            }
            for distractor in distractors {
                write!(out, "\n\t= -> {}", escape(distractor))?;
            }
            out.push('\n');
        }
        Body::Numerical(answers) => {
            out.push('#');
            for answer in answers {
                match answer.value {
                    Some(value) => {
                        let tolerance = answer.tolerance;
                        write!(out, "\n\t=%{}%{value}:{tolerance}{}", answer.credit.percent(), after(&answer.explanation))?;
                    }
                    None => write!(out, "\n\t~{}", after(&answer.explanation))?,
                }
            }
            out.push('\n');
        }
        Body::ShortAnswer { answers, .. } => {
            for answer in answers {
                write!(out, "\n\t=%{}%{}{}", answer.credit.percent(), plain(&answer.text), after(&answer.explanation))?;
            }
            out.push('\n');
        }
        Body::Essay { .. } => {}
    }
    Ok(())
}

/// The weight of a choice, where it has one.
fn weighted(credit: Credit, text: &str) -> String {
    if credit == Credit::NONE && !text.starts_with('%') { String::new() } else { format!("%{}%", credit.percent()) }
}

//! A letter's text: filled in from its template, fingerprinted, shown as HTML. Separate because it is pure: the same
//! template and the same facts give the same text, byte for byte.
//!
//! What people typed (names, book, program) goes into the Markdown with its signs escaped: a name is never markup.

use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value};
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};
use sha2::{Digest, Sha256};

/// What a template can say, by the names of its fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    pub mentee: String,
    pub mentor: String,
    pub coordinator: String,
    pub program: String,
    pub option_name: String,
    pub book: String,
    /// The day the letter is made; the days on which the study starts and should end.
    pub date: String,
    pub start_date: String,
    pub end_date: String,
    pub rhythm: String,
    pub way: String,
}

impl Facts {
    fn named(&self) -> [(&'static str, &str); 11] {
        [
            ("mentee", &self.mentee),
            ("mentor", &self.mentor),
            ("coordinator", &self.coordinator),
            ("program", &self.program),
            ("option_name", &self.option_name),
            ("book", &self.book),
            ("date", &self.date),
            ("start_date", &self.start_date),
            ("end_date", &self.end_date),
            ("rhythm", &self.rhythm),
            ("way", &self.way),
        ]
    }
}

/// Fills the template in. An unknown field is an error rather than a gap in what people sign.
pub fn fill(template: &str, facts: &Facts) -> Result<String, minijinja::Error> {
    let mut environment = Environment::new();
    // The result is Markdown, not HTML: escaping happens once, when it is shown.
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.render_str(template, Value::from_pairs(facts.named().map(|(name, value)| (name, escape(value)))))
}

/// Text on one line in which no sign means anything to Markdown.
pub fn escape(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut escaped = String::with_capacity(line.len());
    let mut after_letter = false;
    for sign in line.chars().filter(|sign| !reorders(*sign) && !sign.is_control()) {
        // Quiet anywhere, or quiet after a letter: "O'Neil, R.N.", "Mary-Ann". A "1." or "-" in front would begin a list.
        let quiet = matches!(sign, ',' | '\'' | '"' | ':' | ';' | '/' | '@' | '?' | '%' | '(')
            || (after_letter && matches!(sign, '.' | '-' | ')'));
        if sign.is_ascii_punctuation() && !quiet {
            escaped.push('\\');
        }
        escaped.push(sign);
        after_letter = sign.is_alphabetic() || (after_letter && matches!(sign, '.' | ')'));
    }
    escaped
}

/// Invisible signs that make what follows them read in another order: they could turn the words of a letter around.
/// The plain marks that names from right to left need stay.
fn reorders(sign: char) -> bool {
    matches!(sign, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// SHA-256 over the exact text, as hex.
pub fn fingerprint(text: &str) -> String {
    crate::hex(&Sha256::digest(text.as_bytes()))
}

/// The text as HTML: headings, paragraphs, lists, emphasis. HTML within the text is shown as words, links and pictures
/// lose their address, and headings go down one level, because the page has its own.
pub fn to_html(markdown: &str) -> String {
    let events = Parser::new_ext(markdown, Options::empty()).filter_map(|event| match event {
        Event::Html(words) | Event::InlineHtml(words) => Some(Event::Text(words)),
        Event::Start(Tag::HtmlBlock) => Some(Event::Start(Tag::Paragraph)),
        Event::End(TagEnd::HtmlBlock) => Some(Event::End(TagEnd::Paragraph)),
        Event::Start(Tag::Link { .. } | Tag::Image { .. }) | Event::End(TagEnd::Link | TagEnd::Image) => None,
        Event::Start(Tag::Heading { level, .. }) => {
            Some(Event::Start(Tag::Heading { level: lower(level), id: None, classes: Vec::new(), attrs: Vec::new() }))
        }
        Event::End(TagEnd::Heading(level)) => Some(Event::End(TagEnd::Heading(lower(level)))),
        event => Some(event),
    });
    let mut page = String::new();
    html::push_html(&mut page, events);
    page
}

fn lower(level: HeadingLevel) -> HeadingLevel {
    match level {
        HeadingLevel::H1 => HeadingLevel::H2,
        HeadingLevel::H2 => HeadingLevel::H3,
        HeadingLevel::H3 => HeadingLevel::H4,
        HeadingLevel::H4 => HeadingLevel::H5,
        HeadingLevel::H5 | HeadingLevel::H6 => HeadingLevel::H6,
    }
}

/// The title of a letter: the words of its first heading.
pub fn title(markdown: &str) -> String {
    let mut title = String::new();
    let mut inside = false;
    for event in Parser::new_ext(markdown, Options::empty()) {
        match event {
            Event::Start(Tag::Heading { .. }) => inside = true,
            Event::End(TagEnd::Heading(_)) => break,
            Event::Text(words) | Event::Code(words) if inside => title.push_str(&words),
            _ => {}
        }
    }
    if title.trim().is_empty() { "Letter of agreement".to_owned() } else { title }
}

//! The letter of agreement: the signed Markdown as blocks of data, and the signatures under it.
//!
//! It is separate because the text was signed: every word of it must be on the paper, and none of it may become
//! markup of the template.

use chrono::{Datelike, NaiveDate};
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use typst::foundations::{Array, Dict, IntoValue, Value};

use super::{PressError, Setter, pieces, right_to_left, values};

/// Everything that is printed on a letter of agreement.
#[derive(Debug, Clone, Copy)]
pub struct Letter<'a> {
    pub title: &'a str,
    /// The exact text that was signed: headings, paragraphs, lists, bold and italic.
    pub markdown: &'a str,
    /// SHA-256 of that text, as shown.
    pub version_hash: &'a str,
    pub signatures: &'a [Signature<'a>],
    /// The day this version of the text was made, for the paper's own properties.
    pub made_on: NaiveDate,
    /// Who received the letter and when, as shown.
    pub received: Option<&'a str>,
}

/// One signature under a letter. An empty `signed_at` leaves a line to sign by hand.
#[derive(Debug, Clone, Copy)]
pub struct Signature<'a> {
    pub role: &'a str,
    pub name: &'a str,
    /// The time as shown.
    pub signed_at: &'a str,
    pub hash: &'a str,
}

impl Letter<'_> {
    pub(super) fn inputs(&self, setter: &Setter) -> Result<Dict, PressError> {
        let title = match setter.text(self.title) {
            title if title.is_empty() => "Letter of agreement".to_owned(),
            title => title,
        };
        let signatures = self.signatures.iter().map(|signature| {
            let mut one = Dict::new();
            one.insert("role".into(), setter.line(signature.role));
            one.insert("name".into(), setter.line(signature.name));
            one.insert("signed_at".into(), setter.line_or_none(signature.signed_at));
            one.insert("hash".into(), setter.ascii(signature.hash));
            one.into_value()
        });

        let mut inputs = Dict::new();
        let mut put = |key: &str, value| inputs.insert(key.into(), value);
        put("heading", setter.line(&title));
        put("title", title.into_value());
        put("blocks", blocks(self.markdown, setter));
        put("version_hash", setter.ascii(self.version_hash));
        put("year", self.made_on.year().into_value());
        put("month", self.made_on.month().into_value());
        put("day", self.made_on.day().into_value());
        put("signatures", values(signatures));
        put("received", self.received.map_or(Value::None, |received| setter.line_or_none(received)));
        Ok(inputs)
    }
}

/// Lists within lists go no deeper on paper; what lies deeper is set at this depth.
const DEEPEST_LIST: usize = 3;

/// A list that is being read: its first number if it counts, and its items so far.
struct List {
    start: Option<u64>,
    items: Vec<Array>,
}

/// Collects blocks from the parser's events.
struct Builder<'a> {
    setter: &'a Setter<'a>,
    blocks: Array,
    lists: Vec<List>,
    /// Lists opened below the deepest one, to be closed without effect.
    too_deep: usize,
    spans: Vec<Span>,
    bold: usize,
    italic: usize,
    links: Vec<Link>,
    /// The level of the last heading: PDF/UA lets none be skipped on the way down.
    level: usize,
    heading: Option<usize>,
}

/// A link or picture that is being read.
struct Link {
    address: String,
    words: String,
}

enum Span {
    Text { text: String, bold: bool, italic: bool },
    Break,
}

fn blocks(markdown: &str, setter: &Setter) -> Value {
    let mut builder = Builder {
        setter,
        blocks: Array::new(),
        lists: Vec::new(),
        too_deep: 0,
        spans: Vec::new(),
        bold: 0,
        italic: 0,
        links: Vec::new(),
        level: 1,
        heading: None,
    };
    for event in Parser::new_ext(markdown, Options::empty()) {
        builder.take(event);
    }
    builder.finish_text();
    builder.blocks.into_value()
}

impl Builder<'_> {
    fn take(&mut self, event: Event) {
        match event {
            Event::Start(Tag::Heading { level, .. }) => {
                self.finish_text();
                let level = match level {
                    HeadingLevel::H1 | HeadingLevel::H2 => 2,
                    HeadingLevel::H3 => 3,
                    _ => 4,
                };
                self.heading = Some(level.min(self.level + 1));
            }
            Event::Start(Tag::List(start)) => {
                self.finish_text();
                if self.lists.len() < DEEPEST_LIST {
                    self.lists.push(List { start, items: Vec::new() });
                } else {
                    self.too_deep += 1;
                }
            }
            Event::Start(Tag::Item) => {
                self.finish_text();
                if let Some(list) = self.lists.last_mut() {
                    list.items.push(Array::new());
                }
            }
            Event::End(TagEnd::List(_)) => {
                self.finish_text();
                if self.too_deep > 0 {
                    self.too_deep -= 1;
                } else if let Some(list) = self.lists.pop() {
                    self.finish_list(list);
                }
            }
            Event::Start(Tag::Strong) => self.bold += 1,
            Event::End(TagEnd::Strong) => self.bold = self.bold.saturating_sub(1),
            Event::Start(Tag::Emphasis) => self.italic += 1,
            Event::End(TagEnd::Emphasis) => self.italic = self.italic.saturating_sub(1),
            // HTML is not obeyed but shown: it is part of what was signed.
            Event::Text(text) | Event::Code(text) | Event::Html(text) | Event::InlineHtml(text) => {
                if let Some(link) = self.links.last_mut() {
                    link.words.push_str(&text);
                }
                self.text(&text);
            }
            Event::SoftBreak => self.text(" "),
            Event::HardBreak => self.spans.push(Span::Break),
            Event::Rule => {
                self.finish_text();
                let mut rule = Dict::new();
                rule.insert("kind".into(), "rule".into_value());
                self.push(rule);
            }
            // A link or picture is set as its words, followed by the address that was signed with them.
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                self.links.push(Link { address: dest_url.to_string(), words: String::new() });
            }
            Event::End(TagEnd::Link | TagEnd::Image) => {
                if let Some(link) = self.links.pop().filter(|link| link.words != link.address) {
                    self.text(&format!(" ({})", link.address));
                }
            }
            Event::Start(_) | Event::End(_) => self.finish_text(),
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        let (bold, italic) = (self.bold > 0, self.italic > 0);
        match self.spans.last_mut() {
            Some(Span::Text { text: last, bold: b, italic: i }) if (*b, *i) == (bold, italic) => last.push_str(text),
            _ => self.spans.push(Span::Text { text: text.to_owned(), bold, italic }),
        }
    }

    /// Ends the paragraph or heading that is being read, if there is one.
    fn finish_text(&mut self) {
        let heading = self.heading.take();
        let mut plain = String::new();
        let mut spans = Array::new();
        for span in self.spans.drain(..) {
            let mut one = Dict::new();
            match span {
                Span::Break => {
                    one.insert("break".into(), true.into_value());
                }
                Span::Text { text, bold, italic } => {
                    let text = self.setter.spaced(&text);
                    plain.push_str(&text);
                    one.insert("pieces".into(), values(pieces(&text)));
                    one.insert("bold".into(), bold.into_value());
                    one.insert("italic".into(), italic.into_value());
                }
            }
            spans.push(one.into_value());
        }
        if plain.trim().is_empty() {
            return;
        }
        let mut block = Dict::new();
        block.insert("spans".into(), spans.into_value());
        block.insert("rtl".into(), right_to_left(&plain).into_value());
        match heading {
            // Inside a list a heading would tear the outline of the paper; it is a bold paragraph there.
            Some(level) if self.lists.is_empty() => {
                self.level = level;
                block.insert("kind".into(), "heading".into_value());
                block.insert("level".into(), (level as i64).into_value());
            }
            _ => {
                block.insert("kind".into(), "paragraph".into_value());
            }
        }
        self.push(block);
    }

    fn finish_list(&mut self, list: List) {
        let mut block = Dict::new();
        match list.start {
            None => {
                block.insert("kind".into(), "bullets".into_value());
            }
            Some(start) => {
                block.insert("kind".into(), "numbers".into_value());
                block.insert("start".into(), (start as i64).into_value());
            }
        }
        block.insert("items".into(), values(list.items));
        self.push(block);
    }

    fn push(&mut self, block: Dict) {
        let open = self.lists.last_mut().and_then(|list| list.items.last_mut());
        open.unwrap_or(&mut self.blocks).push(block.into_value());
    }
}

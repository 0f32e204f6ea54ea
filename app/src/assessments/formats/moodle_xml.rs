//! Moodle XML: what Moodle exports whole. Separate because XML has its own ways of doing harm: entities of the file's own are
//! refused, nothing is nested deeper than a quiz is, and only the five entities of XML and numbers are resolved.
//!
//! What Moodle has no place for (the source, and that several right choices count only together) stands in an element `qdei`,
//! which Moodle passes over.

use std::fmt::Write;

use quick_xml::Reader;
use quick_xml::escape::escape;
use quick_xml::events::{BytesStart, Event};

use super::{
    Entry, Format, Markup, Read, Refused, Text, Unreadable, checked, default_name, html, load_inline, pack, picture_name,
    reduce, reduce_line, reduce_part, take_picture, unpack,
};
use crate::assessments::question::{
    Accepted, Body, Choice, Credit, Draft, Number, NumericalAnswer, Pair, QuestionKind, is_all_or_nothing, one_line, tidy,
};

/// The deepest that elements are nested in each other.
const DEEPEST: usize = 24;

/// An element with everything in it.
#[derive(Default)]
struct Node {
    name: String,
    line: usize,
    attributes: Vec<(String, String)>,
    /// The text directly in it.
    text: String,
    children: Vec<Node>,
}

impl Node {
    fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Node> {
        self.children.iter().filter(move |child| child.name == name)
    }

    fn child(&self, name: &str) -> Option<&Node> {
        self.children.iter().find(|child| child.name == name)
    }

    fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// What an element says itself.
    fn value(&self, name: &str) -> &str {
        self.child(name).map(|child| child.text.trim()).unwrap_or_default()
    }

    fn yes(&self, name: &str) -> bool {
        matches!(self.value(name), "1" | "true")
    }

    /// The text in the element `text` of this one.
    ///
    /// # Errors
    /// Markup that stands there as elements of the file.
    fn raw(&self) -> Result<&str, String> {
        let Some(text) = self.child("text") else { return Ok("") };
        if text.children.is_empty() {
            Ok(&text.text)
        } else {
            Err("A text holds elements. Its markup must stand in CDATA or be escaped.".to_owned())
        }
    }

    fn markup(&self, otherwise: Markup) -> Markup {
        match self.attribute("format") {
            Some("html") => Markup::Html,
            Some("moodle_auto_format") => Markup::Auto,
            Some("plain_text" | "markdown") => Markup::Plain,
            _ => otherwise,
        }
    }

    /// The text of a child that may be missing, reduced.
    fn part(&self, name: &str, otherwise: Markup) -> Result<String, String> {
        self.child(name).map_or(Ok(String::new()), |child| reduce_part(child.raw()?, child.markup(otherwise)))
    }

    fn line_of(&self, name: &str, otherwise: Markup) -> Result<String, String> {
        self.part(name, otherwise).map(|text| one_line(&text))
    }
}

/// Reads a whole file.
pub fn read(text: &str) -> Result<Read, Unreadable> {
    let mut read = Read { format: Format::MoodleXml, taken: Vec::new(), refused: Vec::new() };
    let mut category = String::new();
    let mut file = File::new(text);
    while let Some(question) = file.next_question()? {
        if question.attribute("type") == Some("category") {
            let named = question.child("category").map_or(Ok(""), Node::raw).unwrap_or_default();
            category = super::gift::category_of(named);
            continue;
        }
        match entry(&question, &category) {
            Ok(entry) => read.taken.push(entry),
            Err(reason) => read.refused.push(Refused { line: question.line, reason }),
        }
        if read.taken.len() > super::MOST_QUESTIONS || read.refused.len() > super::MOST_QUESTIONS {
            break;
        }
    }
    Ok(read)
}

/// The file as it is read, question by question.
struct File<'a> {
    text: &'a str,
    reader: Reader<&'a [u8]>,
    /// How far lines are counted, and how many there are up to there.
    counted: usize,
    line: usize,
    is_open: bool,
    is_closed: bool,
}

impl<'a> File<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, reader: Reader::from_str(text), counted: 0, line: 1, is_open: false, is_closed: false }
    }

    /// The line of the place up to which was read.
    fn line(&mut self) -> usize {
        let at = usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX).min(self.text.len());
        let bytes = self.text.as_bytes();
        self.line += bytes.get(self.counted..at).unwrap_or_default().iter().filter(|byte| **byte == b'\n').count();
        self.counted = self.counted.max(at);
        self.line
    }

    fn damaged(&mut self, why: impl ToString) -> Unreadable {
        Unreadable::Damaged { line: self.line(), why: why.to_string() }
    }

    fn next_event(&mut self) -> Result<Event<'a>, Unreadable> {
        match self.reader.read_event() {
            Ok(Event::DocType(kind)) if kind.contains("<!ENTITY") || kind.contains('[') => {
                Err(Unreadable::Entities { line: self.line() })
            }
            Ok(event) => Ok(event),
            Err(error) => Err(self.damaged(error)),
        }
    }

    /// The next element `question` within the quiz, whole; `None` at the end.
    fn next_question(&mut self) -> Result<Option<Node>, Unreadable> {
        loop {
            let line = self.line();
            match self.next_event()? {
                Event::Start(start) | Event::Empty(start) if !self.is_open && start.name().as_ref() != "quiz" => {
                    return Err(Unreadable::NotAQuiz);
                }
                Event::Start(_) if !self.is_open && !self.is_closed => self.is_open = true,
                Event::Empty(_) if !self.is_open && !self.is_closed => self.is_closed = true,
                Event::Start(start) if self.is_open => {
                    let node = self.element(&start, line)?;
                    if node.name == "question" {
                        return Ok(Some(node));
                    }
                }
                Event::End(_) if self.is_open => (self.is_open, self.is_closed) = (false, true),
                Event::Eof if self.is_closed => return Ok(None),
                Event::Eof if self.is_open => return Err(self.damaged("it ends in the middle")),
                Event::Eof => return Err(Unreadable::NotAQuiz),
                Event::Text(text) if !self.is_open && !text.trim().is_empty() => return Err(Unreadable::NotAQuiz),
                _ => {}
            }
        }
    }

    /// An element that was opened, read to its end.
    fn element(&mut self, start: &BytesStart<'_>, line: usize) -> Result<Node, Unreadable> {
        let mut open = vec![self.node(start, line)?];
        loop {
            let line = self.line();
            match self.next_event()? {
                Event::Start(start) => {
                    if open.len() >= DEEPEST {
                        return Err(Unreadable::TooDeep { line });
                    }
                    open.push(self.node(&start, line)?);
                }
                Event::Empty(start) => {
                    let node = self.node(&start, line)?;
                    if let Some(last) = open.last_mut() {
                        last.children.push(node);
                    }
                }
                Event::End(_) => {
                    let Some(node) = open.pop() else { return Err(self.damaged("an element ends that did not begin")) };
                    match open.last_mut() {
                        Some(last) => last.children.push(node),
                        None => return Ok(node),
                    }
                }
                Event::Text(text) => append(&mut open, &text),
                Event::CData(text) => append(&mut open, &text),
                Event::GeneralRef(name) => match resolve(&name) {
                    Some(sign) => append(&mut open, sign.encode_utf8(&mut [0; 4])),
                    None => {
                        let name: String = name.chars().take(30).collect();
                        return Err(self.damaged(format!("&{name}; is no entity of XML")));
                    }
                },
                Event::Eof => return Err(self.damaged("it ends in the middle")),
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
            }
        }
    }

    fn node(&mut self, start: &BytesStart<'_>, line: usize) -> Result<Node, Unreadable> {
        let mut attributes = Vec::new();
        for attribute in start.attributes().with_checks(false).take(20) {
            let attribute = attribute.map_err(|error| self.damaged(error))?;
            let value = quick_xml::escape::unescape(&attribute.value).map_err(|error| self.damaged(error))?.into_owned();
            attributes.push((attribute.key.as_ref().to_owned(), value));
        }
        Ok(Node { name: start.name().as_ref().to_owned(), line, attributes, ..Node::default() })
    }
}

fn append(open: &mut [Node], text: &str) {
    if let Some(last) = open.last_mut() {
        last.text.push_str(text);
    }
}

/// The sign that an entity of XML, or a number, stands for.
fn resolve(name: &str) -> Option<char> {
    match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        name => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?).filter(|sign| *sign != '\0')
        }
    }
}

fn entry(question: &Node, category: &str) -> Result<Entry, String> {
    let kind = question.attribute("type").unwrap_or_default();
    let name = one_line(question.child("name").map_or(Ok(""), Node::raw)?);
    let named = |reason: String| if name.is_empty() { reason } else { format!("“{}”: {reason}", shortened(&name)) };
    read_question(question, kind, &name, category).map_err(named)
}

fn shortened(name: &str) -> String {
    name.chars().take(60).collect()
}

fn read_question(question: &Node, kind: &str, name: &str, category: &str) -> Result<Entry, String> {
    if question.yes("hidden") {
        return Err("It is hidden in Moodle: taken out of use there.".to_owned());
    }
    let asked = question.child("questiontext").ok_or("It has no question text.")?;
    let markup = asked.markup(Markup::Auto);
    let Text { text, pictures } = reduce(asked.raw()?, markup)?;
    let extra = question.child("qdei");
    let all = extra.is_some_and(|extra| extra.value("rule") == "all-or-nothing");
    let is_named = extra.is_some_and(|extra| extra.yes("named"));
    let body = match kind {
        "multichoice" => choices(question, markup, all)?,
        "truefalse" => statement(question, markup)?,
        "matching" => matching(question, markup)?,
        "numerical" => numerical(question, markup)?,
        "shortanswer" => short_answer(question, markup)?,
        "essay" => Body::Essay { marker_note: question.part("graderinfo", markup)? },
        "description" => return Err("This is a description, not a question: there is nothing to answer.".to_owned()),
        "" => return Err("The question does not say of which type it is.".to_owned()),
        other => return Err(format!("Questions of the type “{}” cannot be taken.", shortened(other))),
    };
    let picture = take_picture(&pictures, |source| load(asked, source))?;
    let topic = question.child("tags").and_then(|tags| tags.child("tag")).map_or(Ok(""), Node::raw)?;
    let draft = checked(Draft {
        name: if *name == default_name(&text) && !is_named { String::new() } else { name.to_owned() },
        text,
        explanation: question.part("generalfeedback", markup)?,
        source: one_line(extra.map(|extra| extra.value("source")).unwrap_or_default()),
        topic: one_line(topic),
        picture: picture.as_ref().map(|(picture, _)| picture.clone()),
        body,
    })?;
    Ok(Entry { line: question.line, category: category.to_owned(), draft, picture: picture.map(|(_, bytes)| bytes) })
}

/// The bytes of a picture that lies in the file beside the text.
fn load(asked: &Node, source: &str) -> Result<Vec<u8>, String> {
    let Some(path) = source.strip_prefix("@@PLUGINFILE@@") else { return load_inline(source) };
    let wanted = decoded(path.trim_start_matches('/'));
    let file = asked.all("file").find(|file| {
        let path = file.attribute("path").unwrap_or_default().trim_matches('/');
        let name = file.attribute("name").unwrap_or_default();
        wanted == name || wanted == format!("{path}/{name}")
    });
    let file = file.ok_or("The picture is not in the file.")?;
    unpack(&file.text).ok_or_else(|| "The picture is damaged.".to_owned())
}

/// A name as it stands in an address: `my%20picture.png`.
fn decoded(path: &str) -> String {
    let path = path.split('?').next().unwrap_or_default().replace('+', "%2B");
    form_urlencoded::parse(path.replace('&', "%26").replace('=', "%3D").as_bytes()).map(|(name, _)| name.into_owned()).collect()
}

/// What an answer gives, and what is said to who gave it.
fn worth(answer: &Node, markup: Markup) -> Result<(Credit, String), String> {
    let fraction = answer.attribute("fraction").unwrap_or("0");
    let credit = Credit::of_percent(fraction)
        .ok_or_else(|| format!("A fraction of “{}” is not from -100 to 100.", shortened(fraction)))?;
    Ok((credit, answer.line_of("feedback", markup)?))
}

fn choices(question: &Node, markup: Markup, all: bool) -> Result<Body, String> {
    let mut choices = Vec::new();
    for answer in question.all("answer") {
        let (credit, explanation) = worth(answer, markup)?;
        choices.push(Choice { text: reduce_line(answer.raw()?, answer.markup(markup))?, credit, explanation });
    }
    // Missing, one is right.
    let single = question.child("single").is_none() || question.yes("single");
    if single { Ok(Body::Single(choices)) } else { super::gift::several(choices, all) }
}

fn statement(question: &Node, markup: Markup) -> Result<Body, String> {
    let (mut right, mut when_true, mut when_false) = (None, String::new(), String::new());
    for answer in question.all("answer") {
        let (credit, explanation) = worth(answer, markup)?;
        let is_true = match answer.raw()?.trim().to_lowercase().as_str() {
            "true" => true,
            "false" => false,
            _ => return Err("An answer is neither “true” nor “false”.".to_owned()),
        };
        if credit.0 > 0 {
            right = Some(is_true);
        }
        *(if is_true { &mut when_true } else { &mut when_false }) = explanation;
    }
    let is_true = right.ok_or("Neither true nor false is right.")?;
    Ok(Body::TrueFalse { is_true, when_true, when_false })
}

fn matching(question: &Node, markup: Markup) -> Result<Body, String> {
    let (mut pairs, mut distractors) = (Vec::new(), Vec::new());
    for sub in question.all("subquestion") {
        let left = reduce_line(sub.raw()?, sub.markup(markup))?;
        let right = one_line(sub.child("answer").map_or(Ok(""), Node::raw)?);
        if left.is_empty() {
            distractors.push(right);
        } else {
            pairs.push(Pair { left, right });
        }
    }
    Ok(Body::Matching { pairs, distractors })
}

fn numerical(question: &Node, markup: Markup) -> Result<Body, String> {
    if !matches!(question.value("unitgradingtype"), "" | "0") {
        return Err("It marks the unit beside the number, which is not done here.".to_owned());
    }
    let (mut answers, mut other) = (Vec::new(), None);
    for answer in question.all("answer") {
        let (credit, explanation) = worth(answer, markup)?;
        let value = answer.raw()?.trim();
        if value == "*" {
            let tolerance = Number::default();
            other = (!explanation.is_empty()).then_some(NumericalAnswer { value: None, tolerance, credit, explanation });
            continue;
        }
        let number = |text: &str| {
            text.parse::<Number>().map_err(|error| format!("“{}” is {error}.", text.chars().take(40).collect::<String>()))
        };
        let tolerance = match answer.value("tolerance") {
            "" => Number::default(),
            text => number(text)?,
        };
        answers.push(NumericalAnswer { value: Some(number(value)?), tolerance, credit, explanation });
    }
    answers.extend(other);
    Ok(Body::Numerical(answers))
}

fn short_answer(question: &Node, markup: Markup) -> Result<Body, String> {
    let mut answers = Vec::new();
    for answer in question.all("answer") {
        let (credit, explanation) = worth(answer, markup)?;
        answers.push(Accepted { text: one_line(answer.raw()?), credit, explanation });
    }
    Ok(Body::ShortAnswer { answers, match_case: question.yes("usecase") })
}

/// Writes questions, those of one category after another.
pub fn write(entries: &[Entry]) -> String {
    let mut out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<quiz>\n".to_owned();
    let mut category: Option<&str> = None;
    for entry in entries {
        if category != Some(&entry.category) && !(category.is_none() && entry.category.is_empty()) {
            let path =
                if entry.category.is_empty() { "$course$/top".to_owned() } else { format!("$course$/top/{}", entry.category) };
            out.push_str(&format!(
                "  <question type=\"category\">\n    <category><text>{}</text></category>\n  </question>\n",
                escape(&path)
            ));
        }
        category = Some(&entry.category);
        // Writing into a text does not fail.
        let _ = question(&mut out, entry);
    }
    out.push_str("</quiz>\n");
    out
}

/// What Moodle calls a kind.
fn kind_name(kind: QuestionKind) -> &'static str {
    match kind {
        QuestionKind::Single | QuestionKind::Multiple => "multichoice",
        QuestionKind::TrueFalse => "truefalse",
        QuestionKind::Matching => "matching",
        QuestionKind::Numerical => "numerical",
        QuestionKind::ShortAnswer => "shortanswer",
        QuestionKind::Essay => "essay",
    }
}

fn question(out: &mut String, entry: &Entry) -> std::fmt::Result {
    let draft = &entry.draft;
    let usual = default_name(&draft.text);
    // A name of its own that is also the usual one says so, or it would be taken for none when it is read again.
    let is_named = draft.name == usual;
    let name = if draft.name.is_empty() { usual } else { draft.name.clone() };
    writeln!(out, "  <question type=\"{}\">", kind_name(draft.body.kind()))?;
    writeln!(out, "    <name><text>{}</text></name>", escape(&name))?;
    match (&entry.picture, &draft.picture) {
        (Some(bytes), Some(picture)) => {
            let file = picture_name(bytes);
            let image = format!("<p><img src=\"@@PLUGINFILE@@/{file}\" alt=\"{}\"></p>", html::write(&picture.alt));
            let html = html::write(&draft.text) + &image;
            writeln!(out, "    <questiontext format=\"html\"><text>{}</text>", escape(&html))?;
            writeln!(out, "      <file name=\"{file}\" path=\"/\" encoding=\"base64\">{}</file>", pack(bytes))?;
            writeln!(out, "    </questiontext>")?;
        }
        _ => writeln!(out, "    <questiontext format=\"plain_text\"><text>{}</text></questiontext>", escape(&draft.text))?,
    }
    plain(out, "generalfeedback", &draft.explanation)?;
    let marked = if matches!(draft.body, Body::Essay { .. }) { "0" } else { "0.3333333" };
    writeln!(out, "    <defaultgrade>1</defaultgrade>\n    <penalty>{marked}</penalty>\n    <hidden>0</hidden>")?;
    body(out, &draft.body)?;
    let all = matches!(&draft.body, Body::Multiple(choices) if is_all_or_nothing(choices));
    if all || is_named || !draft.source.is_empty() {
        let rule = if all { "<rule>all-or-nothing</rule>" } else { "" };
        let named = if is_named { "<named>true</named>" } else { "" };
        writeln!(out, "    <qdei>{rule}{named}<source>{}</source></qdei>", escape(&draft.source))?;
    }
    if !draft.topic.is_empty() {
        writeln!(out, "    <tags><tag><text>{}</text></tag></tags>", escape(&draft.topic))?;
    }
    writeln!(out, "  </question>")
}

fn plain(out: &mut String, name: &str, text: &str) -> std::fmt::Result {
    writeln!(out, "    <{name} format=\"plain_text\"><text>{}</text></{name}>", escape(text))
}

/// An answer with what it gives, what stands between (its tolerance), and what is said to who gave it.
fn answer(out: &mut String, text: &str, credit: Credit, between: &str, explanation: &str) -> std::fmt::Result {
    writeln!(
        out,
        "    <answer fraction=\"{}\" format=\"plain_text\"><text>{}</text>{between}<feedback format=\"plain_text\"><text>{}</text></feedback></answer>",
        credit.percent(),
        escape(text),
        escape(explanation)
    )
}

fn body(out: &mut String, body: &Body) -> std::fmt::Result {
    match body {
        Body::Single(choices) | Body::Multiple(choices) => {
            let single = matches!(body, Body::Single(_));
            let all = !single && is_all_or_nothing(choices);
            let right = choices.iter().filter(|choice| choice.credit.0 > 0).count();
            writeln!(out, "    <single>{single}</single>\n    <shuffleanswers>true</shuffleanswers>")?;
            writeln!(out, "    <answernumbering>abc</answernumbering>")?;
            for choice in choices {
                let credit = if all && choice.credit.0 > 0 { Credit::share(right) } else { choice.credit };
                answer(out, &choice.text, credit, "", &choice.explanation)?;
            }
        }
        Body::TrueFalse { is_true, when_true, when_false } => {
            let worth = |right: bool| if right { Credit::WHOLE } else { Credit::NONE };
            answer(out, "true", worth(*is_true), "", when_true)?;
            answer(out, "false", worth(!*is_true), "", when_false)?;
        }
        Body::Matching { pairs, distractors } => {
            writeln!(out, "    <shuffleanswers>true</shuffleanswers>")?;
            let offered =
                pairs.iter().map(|pair| (pair.left.as_str(), &pair.right)).chain(distractors.iter().map(|right| ("", right)));
            for (left, right) in offered {
                writeln!(
                    out,
                    "    <subquestion format=\"plain_text\"><text>{}</text><answer><text>{}</text></answer></subquestion>",
                    escape(left),
                    escape(right)
                )?;
            }
        }
        Body::Numerical(answers) => {
            for one in answers {
                let value = one.value.map_or_else(|| "*".to_owned(), |value| value.to_string());
                answer(out, &value, one.credit, &format!("<tolerance>{}</tolerance>", one.tolerance), &one.explanation)?;
            }
            writeln!(out, "    <unitgradingtype>0</unitgradingtype>\n    <showunits>3</showunits>")?;
        }
        Body::ShortAnswer { answers, match_case } => {
            writeln!(out, "    <usecase>{}</usecase>", u8::from(*match_case))?;
            for one in answers {
                answer(out, &one.text, one.credit, "", &one.explanation)?;
            }
        }
        Body::Essay { marker_note } => {
            writeln!(out, "    <responseformat>editor</responseformat>\n    <responserequired>1</responserequired>")?;
            writeln!(out, "    <responsefieldlines>15</responsefieldlines>\n    <attachments>0</attachments>")?;
            plain(out, "graderinfo", &tidy(marker_note))?;
        }
    }
    Ok(())
}

//! Files of questions: GIFT and Moodle XML, read and written. Separate because other programs decide how they look; the rules
//! are those of Moodle's own documentation.
//!
//! Reading is pure and never trusts the file: what can be taken is taken, what cannot is named with its line and the reason,
//! and a file that is no such file at all is [`Unreadable`]. What these formats have no place for stands where Moodle passes
//! over it: in comments of a GIFT file, in an element of its own in XML.

pub mod gift;
mod html;
pub mod moodle_xml;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::question::{Draft, LONGEST_ALT, Picture, one_line, tidy};
use crate::imports;
use crate::settings::logo::{PictureKind, measure};
use crate::words;

words! {
    /// The formats of files of questions.
    pub enum Format {
        Gift = "gift",
        MoodleXml = "moodle_xml",
    }
}

impl Format {
    pub fn name(self) -> &'static str {
        match self {
            Self::Gift => "GIFT",
            Self::MoodleXml => "Moodle XML",
        }
    }

    /// Questions as a file of this format.
    pub fn write(self, entries: &[Entry]) -> String {
        match self {
            Self::Gift => gift::write(entries),
            Self::MoodleXml => moodle_xml::write(entries),
        }
    }

    /// How its files end.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Gift => "gift.txt",
            Self::MoodleXml => "xml",
        }
    }
}

/// The largest file that is read, in bytes.
pub const LARGEST: usize = 20 * 1024 * 1024;
/// The most questions, and the most parts that are named as not taken.
pub const MOST_QUESTIONS: usize = 20_000;
/// The largest picture of a question, in bytes.
pub const LARGEST_PICTURE: usize = 512 * 1024;

/// A question in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where it begins, from 1.
    pub line: usize,
    /// The path of its category: `Chapter 3/Basics`. May be empty.
    pub category: String,
    pub draft: Draft,
    /// The bytes of its picture.
    pub picture: Option<Vec<u8>>,
}

/// A part of a file that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Refused {
    pub line: usize,
    pub reason: String,
}

/// What is in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    pub format: Format,
    pub taken: Vec<Entry>,
    pub refused: Vec<Refused>,
}

/// Why a file gave nothing, in words for the person who chose it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("The file is empty. Choose one with questions in it.")]
    Empty,
    #[error("The file is larger than 20 MB. Export fewer categories at a time and choose that file.")]
    TooLarge,
    #[error("The file holds more than 20,000 questions. Split it and import one part after the other.")]
    TooMany,
    #[error("This is not a text file. Choose a GIFT or a Moodle XML file.")]
    NotText,
    #[error("The file says that it is written in {0}, which it is not. Save it as UTF-8 and choose it again.")]
    WrongEncoding(String),
    #[error("This XML is not a Moodle quiz: its first element is not “quiz”. Export it from Moodle as Moodle XML.")]
    NotAQuiz,
    #[error("Line {line}: the file defines entities of its own, as files made to do harm do. It was not opened.")]
    Entities { line: usize },
    #[error("Line {line}: the elements are nested deeper than in any quiz. The file was not opened.")]
    TooDeep { line: usize },
    #[error("Line {line}: the XML is damaged: {why}. Export the file again.")]
    Damaged { line: usize, why: String },
}

/// Reads a file of either format.
pub fn read(bytes: &[u8]) -> Result<Read, Unreadable> {
    if bytes.len() > LARGEST {
        return Err(Unreadable::TooLarge);
    }
    let text = decode(bytes)?;
    if text.trim().is_empty() {
        return Err(Unreadable::Empty);
    }
    let read = if is_xml(&text) { moodle_xml::read(&text)? } else { gift::read(&text) };
    if read.taken.len() > MOST_QUESTIONS || read.refused.len() > MOST_QUESTIONS {
        return Err(Unreadable::TooMany);
    }
    Ok(read)
}

/// Markup begins with an element or a declaration; a GIFT file does not, but for a text that begins with one.
fn is_xml(text: &str) -> bool {
    let begin = text.trim_start();
    ["<?xml", "<!--", "<!DOCTYPE", "<!doctype", "<quiz", "<html"].iter().any(|mark| begin.starts_with(mark))
}

/// The text of a file: as its mark or its declaration says, else as what it can be.
fn decode(bytes: &[u8]) -> Result<String, Unreadable> {
    let marked = encoding_rs::Encoding::for_bom(bytes).is_some();
    if let Some(label) = (!marked).then(|| declared(bytes)).flatten() {
        let wrong = || Unreadable::WrongEncoding(label.chars().take(30).collect());
        let encoding = encoding_rs::Encoding::for_label(label.as_bytes()).ok_or_else(wrong)?;
        let (text, broken) = encoding.decode_without_bom_handling(bytes);
        // A file in two bytes a sign cannot say so in one byte a sign.
        return if broken || text.contains('\0') { Err(wrong()) } else { Ok(text.into_owned()) };
    }
    imports::read::decode(bytes).map_err(|_| Unreadable::NotText)
}

/// The encoding that an XML declaration names.
fn declared(bytes: &[u8]) -> Option<String> {
    let begin = bytes.get(..bytes.len().min(200))?;
    let begin = String::from_utf8_lossy(begin.strip_prefix(b"<?xml")?).into_owned();
    let (declaration, _) = begin.split_once("?>")?;
    let (_, rest) = declaration.split_once("encoding")?;
    let rest = rest.trim_start().strip_prefix('=')?.trim_start();
    let quote = rest.chars().next().filter(|sign| matches!(sign, '"' | '\''))?;
    rest[1..].split(quote).next().map(str::to_owned)
}

/// Looks a picture over that is in a file.
///
/// # Errors
/// Why it cannot be a question's picture.
pub fn examine(bytes: &[u8], alt: &str) -> Result<(Picture, PictureKind), String> {
    if bytes.len() > LARGEST_PICTURE {
        return Err("The picture is larger than 512 kB.".to_owned());
    }
    let found = measure(bytes).ok_or("The picture is neither a PNG nor a JPEG.")?;
    if found.width == 0 || found.height == 0 || found.width > 4000 || found.height > 4000 {
        return Err("The picture must be at most 4,000 dots wide and high.".to_owned());
    }
    let alt = one_line(alt);
    if alt.is_empty() {
        return Err("The picture has no alternative text that says what it shows.".to_owned());
    }
    if alt.chars().count() > LONGEST_ALT {
        return Err(format!("The picture's alternative text is longer than {LONGEST_ALT} characters."));
    }
    Ok((Picture { hash: crate::hex(&Sha256::digest(bytes)), alt }, found.kind))
}

/// The bytes behind base64, whatever lines it is broken into.
fn unpack(text: &str) -> Option<Vec<u8>> {
    let text: String = text.chars().filter(|sign| !sign.is_ascii_whitespace()).collect();
    STANDARD.decode(text).ok()
}

fn pack(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// The name of the file that holds a picture.
fn picture_name(bytes: &[u8]) -> &'static str {
    match measure(bytes).map(|picture| picture.kind) {
        Some(PictureKind::Jpeg) => "picture.jpg",
        Some(PictureKind::Png) | None => "picture.png",
    }
}

/// A question's text with the pictures in it, as it came.
struct Text {
    text: String,
    pictures: Vec<html::Image>,
}

/// How a text in a file is to be understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Markup {
    Html,
    /// What people type, with line ends that count and perhaps some HTML.
    Auto,
    /// As it stands: plain, or Markdown, which reads well as it stands.
    Plain,
}

/// The text alone, and the pictures it shows.
///
/// # Errors
/// Why it cannot be taken: sound and film.
fn reduce(text: &str, markup: Markup) -> Result<Text, String> {
    if markup == Markup::Plain {
        return Ok(Text { text: tidy(text), pictures: Vec::new() });
    }
    let reduced = html::reduce(text, markup == Markup::Auto);
    if reduced.has_media {
        return Err("It holds sound, film or another page, which a question here cannot.".to_owned());
    }
    Ok(Text { text: tidy(&reduced.text), pictures: reduced.images })
}

/// A part that cannot show a picture.
fn reduce_part(text: &str, markup: Markup) -> Result<String, String> {
    let Text { text, pictures } = reduce(text, markup)?;
    if pictures.is_empty() {
        Ok(text)
    } else {
        Err("A choice or an explanation holds a picture; only the question itself can.".to_owned())
    }
}

fn reduce_line(text: &str, markup: Markup) -> Result<String, String> {
    reduce_part(text, markup).map(|text| one_line(&text))
}

/// The one picture of a question, its bytes found by `load` from where the text says it lies.
fn take_picture(
    pictures: &[html::Image],
    load: impl Fn(&str) -> Result<Vec<u8>, String>,
) -> Result<Option<(Picture, Vec<u8>)>, String> {
    match pictures {
        [] => Ok(None),
        [image] => {
            let bytes = load(&image.source)?;
            let (picture, _) = examine(&bytes, &image.alt)?;
            Ok(Some((picture, bytes)))
        }
        several => Err(format!("It holds {} pictures; a question has one.", several.len())),
    }
}

/// The bytes of a picture that stands in the address itself.
fn load_inline(source: &str) -> Result<Vec<u8>, String> {
    let data = source.strip_prefix("data:").and_then(|rest| rest.split_once(";base64,"));
    match data {
        Some((_, data)) => unpack(data).ok_or_else(|| "The picture is damaged.".to_owned()),
        None => Err("The picture is not in the file, so it cannot be taken along.".to_owned()),
    }
}

/// Whether it is a question, or why not.
fn checked(draft: Draft) -> Result<Draft, String> {
    match draft.objections().into_iter().next() {
        None => Ok(draft),
        Some(objection) => Err(objection.message),
    }
}

/// How a question without a name is called where a format needs one.
fn default_name(text: &str) -> String {
    let text = one_line(text);
    let mut name: String = text.chars().take(60).collect();
    if name.len() < text.len() {
        name.push('…');
    }
    one_line(&name)
}

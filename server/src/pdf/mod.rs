//! The press: certificates and letters as PDF, made by Typst from templates and data.
//!
//! It is separate because it knows nothing of the database or the web: words go in, bytes come out, the same bytes
//! for the same words, on any machine.

mod certificate;
mod letter;
mod report;

pub use certificate::Certificate;
pub use letter::{Letter, Signature};
pub use report::{Report, Row, Section, Table};

use std::collections::BTreeSet;

use typst::foundations::{Array, Bytes, Dict, IntoValue, Smart, Value};
use typst::layout::Abs;
use typst::text::{Font, FontInstance, FontVariations};
use typst_as_lib::{TypstEngine, TypstTemplateCollection};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};
use unicode_segmentation::UnicodeSegmentation;

/// Faces of the text, which must all hold a letter for it to be printed in any of them.
const TEXT: &[&[u8]] = &[
    include_bytes!("../../fonts/libertinus/LibertinusSerif-Regular.otf"),
    include_bytes!("../../fonts/libertinus/LibertinusSerif-Italic.otf"),
    include_bytes!("../../fonts/libertinus/LibertinusSerif-Semibold.otf"),
];

/// Faces asked, in this order, for what the text's face does not hold.
const OTHERS: &[&[u8]] = &[
    include_bytes!("../../fonts/noto/NotoNaskhArabic-Regular.ttf"),
    include_bytes!("../../fonts/noto/NotoSansCanadianAboriginal-Regular.ttf"),
    include_bytes!("../../fonts/noto/NotoSansCherokee-Regular.ttf"),
    include_bytes!("../../fonts/noto/NotoSerifArmenian-Regular.ttf"),
    include_bytes!("../../fonts/noto/NotoSerifGeorgian-Regular.ttf"),
    include_bytes!("../../fonts/noto/NotoSerifDevanagari-Regular.ttf"),
    include_bytes!("../../fonts/noto/NotoSerifBengali-Regular.ttf"),
    include_bytes!("../../fonts/noto/NotoSerifGurmukhi-Regular.ttf"),
    include_bytes!("../../fonts/noto/NotoSerifGujarati-Regular.ttf"),
    include_bytes!("../../fonts/noto/NotoSerifTamil-Regular.ttf"),
    include_bytes!("../../fonts/noto/NotoSerifTelugu-Regular.ttf"),
    include_bytes!("../../fonts/noto/NotoSerifKannada-Regular.ttf"),
    include_bytes!("../../fonts/noto/NotoSerifMalayalam-Regular.ttf"),
    include_bytes!("../../fonts/noto/NotoSerifSinhala-Regular.ttf"),
    include_bytes!("../../fonts/noto/NotoSerifThai-Regular.ttf"),
    include_bytes!("../../fonts/noto/NotoSerifLao-Regular.ttf"),
    include_bytes!("../../fonts/noto/NotoSerifKhmer-Regular.ttf"),
    include_bytes!("../../fonts/noto/NotoSerifMyanmar-Regular.ttf"),
    include_bytes!("../../fonts/noto/NotoSerifEthiopic-Regular.ttf"),
    include_bytes!("../../fonts/noto/NotoSerifNyiakengPuachueHmong-Regular.ttf"),
    MONO,
];

/// The even-width face: hashes, and the last resort for signs.
const MONO: &[u8] = include_bytes!("../../fonts/dejavu/DejaVuSansMono.ttf");

const TEMPLATES: [(&str, &str); 4] = [
    ("parts.typ", include_str!("../../templates/pdf/parts.typ")),
    ("certificate.typ", include_str!("../../templates/pdf/certificate.typ")),
    ("letter.typ", include_str!("../../templates/pdf/letter.typ")),
    ("report.typ", include_str!("../../templates/pdf/report.typ")),
];

const DRAWINGS: [(&str, &[u8]); 1] = [("certificate.svg", include_bytes!("../../templates/pdf/certificate.svg"))];

/// How many papers a memoised part of the layout outlives its last use; what all papers share stays warm, the rest
/// goes, so that a thousand papers take no more memory than ten.
const MEMORY: usize = 2;

/// Longest run of letters without a space that is kept whole.
const LONGEST_WORD: usize = 40;

/// What stands for a letter that no face holds.
const UNKNOWN: char = '\u{fffd}';

/// Why a paper could not be made. Typst may quote the letters it stumbled on, so these are not for a public log.
#[derive(Debug, thiserror::Error)]
pub enum PressError {
    #[error("the address for the QR code is too long: {0}")]
    Code(#[from] qrcode::types::QrError),
    #[error("the template was refused: {0}")]
    Layout(String),
    #[error("the PDF was refused: {0}")]
    Export(String),
}

/// The engine with its fonts and templates loaded; build it once and share it.
pub struct Press {
    engine: TypstEngine<TypstTemplateCollection>,
    faces: Faces,
    standards: PdfStandards,
}

impl Default for Press {
    fn default() -> Self {
        Self::new()
    }
}

impl Press {
    /// Loads fonts and templates from the program itself.
    pub fn new() -> Self {
        let load = |data: &&'static [u8]| Font::new(Bytes::new(*data), 0).expect("the program's own font");
        let measured = |font: Font| {
            let variant = font.info().variant;
            font.instantiate(variant, Abs::pt(10.0), &FontVariations::default())
        };
        let faces = Faces { text: TEXT.iter().map(load).map(measured).collect(), others: OTHERS.iter().map(load).collect() };
        let engine = TypstEngine::builder()
            .fonts(faces.all().cloned().collect::<Vec<_>>())
            .with_static_source_file_resolver(TEMPLATES)
            .with_static_file_resolver(DRAWINGS)
            .comemo_evict_max_age(Some(MEMORY))
            .build();
        let standards = PdfStandards::new(&[PdfStandard::A_2a, PdfStandard::Ua_1]).expect("two standards that agree");
        Self { engine, faces, standards }
    }

    /// The certificate of achievement, one page.
    pub fn certificate(&self, certificate: &Certificate) -> Result<Vec<u8>, PressError> {
        let ident = format!("certificate {}", certificate.number);
        self.print("certificate.typ", ident, |setter| certificate.inputs(setter))
    }

    /// The letter of agreement with its signatures, as many pages as it needs.
    pub fn letter(&self, letter: &Letter) -> Result<Vec<u8>, PressError> {
        let ident = format!("letter {}", letter.version_hash);
        self.print("letter.typ", ident, |setter| letter.inputs(setter))
    }

    /// The year report, as many pages as it needs.
    pub fn report(&self, report: &Report) -> Result<Vec<u8>, PressError> {
        self.print("report.typ", report.ident.clone(), |setter| Ok(report.inputs(setter)))
    }

    /// What of a text no face of ours can print (Chinese, Japanese, Korean, pictures), each once, in order of code:
    /// to be shown before anything is printed, so that a person can say how the name is written otherwise.
    pub fn unprintable(&self, text: &str) -> Vec<String> {
        let missing: BTreeSet<&str> =
            text.graphemes(true).filter(|cluster| !blank(cluster) && !self.faces.hold(cluster)).collect();
        missing.into_iter().map(str::to_owned).collect()
    }

    fn print(
        &self,
        template: &'static str,
        ident: String,
        inputs: impl Fn(&Setter) -> Result<Dict, PressError>,
    ) -> Result<Vec<u8>, PressError> {
        // The standards refuse a letter without a glyph. What the fonts' tables promise is checked beforehand; should
        // a face break its promise in some combination, the paper is made with plain letters rather than not at all.
        match self.once(template, &ident, inputs(&Setter { faces: &self.faces, plain: false })?) {
            Err(PressError::Export(_)) => self.once(template, &ident, inputs(&Setter { faces: &self.faces, plain: true })?),
            done => done,
        }
    }

    fn once(&self, template: &'static str, ident: &str, mut inputs: Dict) -> Result<Vec<u8>, PressError> {
        let name = |font: &Font| font.info().family.to_lowercase().into_value();
        let families = self.faces.text.iter().map(FontInstance::font).take(1).chain(&self.faces.others);
        inputs.insert("fonts".into(), values(families.map(name)));
        inputs.insert("mono".into(), values(self.faces.others.last().map(name)));
        let document: PagedDocument =
            self.engine.compile_with_input(template, inputs).output.map_err(|error| PressError::Layout(error.to_string()))?;
        let options = PdfOptions {
            ident: Smart::Custom(ident.to_owned()),
            creator: Smart::Custom(Some("QDEI".to_owned())),
            standards: self.standards.clone(),
            ..PdfOptions::default()
        };
        typst_pdf::pdf(&document, &options).map_err(|errors| {
            let messages: Vec<_> = errors.iter().map(|error| error.message.as_str()).collect();
            PressError::Export(messages.join("; "))
        })
    }
}

struct Faces {
    text: Vec<FontInstance>,
    others: Vec<Font>,
}

impl Faces {
    fn all(&self) -> impl Iterator<Item = &Font> {
        self.text.iter().map(FontInstance::font).chain(&self.others)
    }

    /// How wide a line is at most, in its own size, in any of the text's faces; infinite where another face helps out.
    /// It spares the template most of its measuring, which is a fifth of the work.
    fn width(&self, text: &str) -> f64 {
        let widest = |c: char| {
            let of = |face: &FontInstance| face.x_advance(face.ttf().glyph_index(c)?.0).map(|width| width.get());
            self.text.iter().map(of).try_fold(0.0, |widest, width| width.map(|width| f64::max(widest, width)))
        };
        text.chars().map(|c| widest(c).unwrap_or(f64::INFINITY)).sum()
    }

    /// Whether one face (or all of the text's faces) holds every character of a cluster: a mark is set on its letter
    /// only if both come from the same face.
    fn hold(&self, cluster: &str) -> bool {
        if cluster.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
            return true;
        }
        let holds = |font: &Font| {
            cluster.chars().all(|c| matches!(c, '\u{200c}' | '\u{200d}') || font.info().coverage.contains(c.into()))
        };
        // PDF/A-2a wants a meaning for every character, which one from a private area has not.
        !cluster.chars().any(private) && (self.text.iter().map(FontInstance::font).all(holds) || self.others.iter().any(holds))
    }
}

/// Makes a person's words fit for print: what it returns can be set by the faces at hand.
struct Setter<'a> {
    faces: &'a Faces,
    plain: bool,
}

impl Setter<'_> {
    /// Every white space a single space, nothing that steers the page unseen, `U+FFFD` for what no face holds.
    /// The ends keep their space: a span's neighbours need it.
    fn spaced(&self, text: &str) -> String {
        let seen: String = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|c| !unseen(*c)).collect();
        let mut set = String::with_capacity(seen.len());
        for cluster in seen.graphemes(true) {
            match cluster {
                " " if set.ends_with(' ') => {}
                cluster if self.plain && !cluster.is_ascii() => set.push(UNKNOWN),
                cluster if self.faces.hold(cluster) => set.push_str(cluster),
                _ => set.push(UNKNOWN),
            }
        }
        set
    }

    /// As [`Self::spaced`], without spaces at the ends.
    fn text(&self, text: &str) -> String {
        self.spaced(text).trim().to_owned()
    }

    /// A line for the template's `words`.
    fn line(&self, text: &str) -> Value {
        let text = self.text(text);
        let mut line = Dict::new();
        let pieces = pieces(&text);
        let words = pieces.iter().flat_map(|piece| piece.split(' '));
        let longest = words.max_by_key(|word| word.chars().count()).unwrap_or_default();
        line.insert("width".into(), self.faces.width(&text).into_value());
        line.insert("rtl".into(), right_to_left(&text).into_value());
        line.insert("longest".into(), longest.into_value());
        line.insert("pieces".into(), values(pieces));
        line.into_value()
    }

    /// A hash or number in the even-width face, which needs no more than this.
    fn ascii(&self, text: &str) -> Value {
        text.chars().filter(char::is_ascii_graphic).collect::<String>().into_value()
    }

    /// A line, or `none` when there is nothing to say.
    fn line_or_none(&self, text: &str) -> Value {
        if self.text(text).is_empty() { Value::None } else { self.line(text) }
    }
}

/// Parts words longer than any real one, so that they can be broken at the margin.
fn pieces(text: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut word = 0;
    for cluster in text.graphemes(true) {
        word = if cluster == " " { 0 } else { word + 1 };
        if word > LONGEST_WORD {
            all.push(String::new());
            word = 1;
        }
        if let Some(last) = all.last_mut() {
            last.push_str(cluster);
        }
    }
    all
}

fn values<T: IntoValue>(all: impl IntoIterator<Item = T>) -> Value {
    all.into_iter().map(IntoValue::into_value).collect::<Array>().into_value()
}

fn blank(cluster: &str) -> bool {
    cluster.chars().all(|c| c.is_whitespace() || unseen(c))
}

/// Controls, direction overrides, tags and the like: they show nothing, and can make a line read other than it is.
/// The two joiners stay, since Persian and Indic names are written with them.
fn unseen(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180f}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
            | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

fn private(c: char) -> bool {
    matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}')
}

/// The direction of the first letter that has one.
fn right_to_left(text: &str) -> bool {
    let hebrew_to_arabic = |c| matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}');
    text.chars().find(|c| c.is_alphabetic()).is_some_and(hebrew_to_arabic)
}

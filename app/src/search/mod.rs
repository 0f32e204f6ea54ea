//! Search for the coordinator: people, books, letters and certificates by what is known of them. Separate because it reads
//! across every step and belongs to none. It never reads what people write to each other, reflections, notes or talks.
//!
//! The database narrows down with `LIKE`, in one text for both engines. They differ in letters beyond ASCII: rows with
//! such letters always come along, and whether a row really fits is decided here, by [`Query::fits`].

pub mod pages;
pub mod store;

/// At most so many results stand in one group.
pub const MOST: usize = 20;

/// A query longer than this is cut off; no name, title or number is as long.
const LONGEST: usize = 100;

/// More words than this make a search no narrower.
const MOST_WORDS: usize = 4;

/// Fewer digits than this are no part of a telephone number worth looking for.
const FEWEST_DIGITS: usize = 4;

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// As typed, without the spaces around it.
    pub text: String,
    /// Its words, folded; all of them must be found, in any order.
    words: Vec<String>,
    /// Its digits, where it may be a telephone number or an ISBN.
    digits: String,
    number: Option<CertificateNumber>,
}

/// The year and the place in it, of a certificate's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CertificateNumber {
    pub year: i32,
    pub sequence: i32,
}

impl Query {
    /// Reads what was typed. `None` when it is too short to look for: one letter is in nearly everything.
    pub fn parse(typed: &str) -> Option<Self> {
        let text: String = typed.trim().chars().filter(|sign| !sign.is_control()).take(LONGEST).collect();
        let words: Vec<String> = text.split_whitespace().take(MOST_WORDS).map(fold).collect();
        let letters: usize = words.iter().map(|word| word.chars().count()).sum();
        let number_alone = text.chars().all(|sign| sign.is_ascii_digit() || " -+().".contains(sign));
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let digits = if number_alone && digits.len() >= FEWEST_DIGITS { digits } else { String::new() };
        (letters >= 2).then(|| Self { number: certificate_number(&text), text, words, digits })
    }

    /// The certificate's number that was typed, if it was one.
    pub fn number(&self) -> Option<CertificateNumber> {
        self.number
    }

    /// The e-mail address that was typed, if it was one.
    pub fn address(&self) -> Option<String> {
        (self.text.contains('@') && !self.text.contains(char::is_whitespace)).then(|| self.text.to_lowercase())
    }

    /// Whether all the words are in a text, whatever the case and the accents of both.
    pub fn fits(&self, text: &str) -> bool {
        let text = fold(text);
        self.words.iter().all(|word| text.contains(word.as_str()))
    }

    /// Whether the digits are in a number as people write it.
    pub fn fits_number(&self, text: &str) -> bool {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        !self.digits.is_empty() && digits.contains(&self.digits)
    }

    /// The patterns for `LIKE … ESCAPE '\'`, one a word, always four: a place without a word fits anything.
    pub(crate) fn patterns(&self) -> [String; MOST_WORDS] {
        std::array::from_fn(|place| self.words.get(place).map_or_else(|| "%".to_owned(), |word| pattern(word)))
    }

    /// The pattern for digits; empty where none were typed.
    pub(crate) fn digits_pattern(&self) -> String {
        if self.digits.is_empty() { String::new() } else { pattern(&self.digits) }
    }
}

fn pattern(word: &str) -> String {
    let mut pattern = String::from("%");
    for sign in word.chars() {
        if matches!(sign, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(sign);
    }
    pattern.push('%');
    pattern
}

/// `QDEI-2026-0001`, also as people shorten it: `2026-1`.
fn certificate_number(text: &str) -> Option<CertificateNumber> {
    let upper = text.to_uppercase();
    let short = upper.strip_prefix("QDEI").map_or(upper.as_str(), |rest| rest.trim_start_matches(['-', ' ']));
    let (year, sequence) = short.split_once('-')?;
    let digits = |part: &str| part.chars().all(|sign| sign.is_ascii_digit());
    if year.len() != 4 || !(1..=6).contains(&sequence.len()) || !digits(year) || !digits(sequence) {
        return None;
    }
    Some(CertificateNumber { year: year.parse().ok()?, sequence: sequence.parse().ok()? })
}

/// A text in lower case and without accents.
pub fn fold(text: &str) -> String {
    text.to_lowercase().chars().filter(|sign| !('\u{300}'..='\u{36f}').contains(sign)).map(plain).collect()
}

/// A small letter without its accent.
fn plain(letter: char) -> char {
    match letter {
        'à'..='å' | 'ā' | 'ă' | 'ą' => 'a',
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => 'c',
        'ď' | 'đ' => 'd',
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => 'e',
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => 'g',
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => 'i',
        'ĺ' | 'ļ' | 'ľ' | 'ł' => 'l',
        'ñ' | 'ń' | 'ņ' | 'ň' => 'n',
        'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' => 'o',
        'ŕ' | 'ŗ' | 'ř' => 'r',
        'ś' | 'ŝ' | 'ş' | 'š' => 's',
        'ţ' | 'ť' => 't',
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => 'u',
        'ý' | 'ÿ' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        '’' => '\'',
        other => other,
    }
}

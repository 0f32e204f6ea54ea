//! HTML in a question reduced to the text it shows, and text written as HTML where a picture goes along. Separate because a
//! browser's rules for spaces and line ends are a thing of their own. Nothing of the markup is kept, so nothing of it can
//! do anything.

/// A picture in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    pub source: String,
    pub alt: String,
}

/// What a text shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reduced {
    pub text: String,
    pub images: Vec<Image>,
    /// Whether it plays or frames something.
    pub has_media: bool,
}

/// What an element does to the text around it.
enum Effect {
    Inline,
    Break,
    /// A block, with so many line ends around it.
    Block(usize),
    Item,
    Cell,
    Raised,
    Link,
    Image,
    Media,
    /// Its content is no text.
    Hidden,
}

/// Elements that texts are made of; whatever else stands between angle brackets is text.
fn effect(name: &str) -> Option<Effect> {
    Some(match name {
        "b" | "strong" | "i" | "em" | "u" | "s" | "strike" | "del" | "ins" | "small" | "big" | "span" | "font" | "sub"
        | "code" | "tt" | "kbd" | "var" | "q" | "cite" | "abbr" | "acronym" | "mark" | "label" | "bdi" | "bdo" | "time"
        | "nobr" | "wbr" | "html" | "body" | "thead" | "tbody" | "tfoot" | "colgroup" | "col" => Effect::Inline,
        "br" => Effect::Break,
        "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "blockquote" | "pre" | "table" | "ul" | "ol" | "dl" | "hr"
        | "figure" => Effect::Block(2),
        "div" | "section" | "article" | "header" | "footer" | "tr" | "dt" | "dd" | "caption" | "figcaption" | "center"
        | "address" => Effect::Block(1),
        "li" => Effect::Item,
        "td" | "th" => Effect::Cell,
        "sup" => Effect::Raised,
        "a" => Effect::Link,
        "img" => Effect::Image,
        "audio" | "video" | "object" | "embed" | "iframe" | "applet" | "canvas" => Effect::Media,
        "script" | "style" | "head" | "title" | "template" | "noscript" => Effect::Hidden,
        _ => return None,
    })
}

/// Reduces a text to what it shows. `line_ends`: whether a line end in the text is one.
pub fn reduce(html: &str, line_ends: bool) -> Reduced {
    let mut out = Out { line_ends, ..Out::default() };
    let mut rest = html;
    // Behind the last of them, no element ends: what looks like one is text.
    let last = html.rfind('>').unwrap_or(0);
    while let Some(at) = rest.find(['<', '&']) {
        out.text(&rest[..at]);
        let here = html.len() - rest.len() + at;
        rest = &rest[at..];
        if rest.starts_with('&') {
            rest = out.reference(rest);
        } else if let Some(after) = comment(rest) {
            rest = after;
        } else if here < last
            && let Some(tag) = Tag::read(rest, line_ends)
        {
            rest = &rest[tag.length..];
            if let (Some(Effect::Hidden), false) = (effect(&tag.name), tag.closes) {
                rest = behind(rest, &tag.name);
            } else {
                out.element(&tag);
            }
        } else {
            out.sign('<');
            rest = &rest[1..];
        }
    }
    out.text(rest);
    Reduced { text: out.text, images: out.images, has_media: out.has_media }
}

/// What follows a comment or another declaration that shows nothing.
fn comment(rest: &str) -> Option<&str> {
    let inner = rest.strip_prefix("<!--")?;
    Some(inner.find("-->").map_or("", |end| &inner[end + 3..]))
}

/// What follows the end of an element whose content is no text.
fn behind<'a>(rest: &'a str, name: &str) -> &'a str {
    let mut from = 0;
    while let Some(at) = rest[from..].find("</") {
        let inner = &rest[from + at + 2..];
        if inner.get(..name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name)) {
            return inner.find('>').map_or("", |end| &inner[end + 1..]);
        }
        from += at + 2;
    }
    ""
}

struct Tag<'a> {
    name: String,
    closes: bool,
    attributes: &'a str,
    /// In bytes, with its brackets.
    length: usize,
}

impl<'a> Tag<'a> {
    /// The element that a text begins with, if it is one that texts are made of. `typed`: in what people type, "a<b and c>d"
    /// compares; an element with more than its name has an attribute with a value.
    fn read(text: &'a str, typed: bool) -> Option<Self> {
        let inner = text.strip_prefix('<')?;
        let (closes, inner) = inner.strip_prefix('/').map_or((false, inner), |inner| (true, inner));
        let name: String =
            inner.chars().take_while(char::is_ascii_alphanumeric).take(12).collect::<String>().to_ascii_lowercase();
        effect(&name)?;
        let begin = text.len() - inner.len() + name.len();
        if !matches!(text[begin..].chars().next(), Some('>' | '/' | ' ' | '\t' | '\n' | '\r')) {
            return None;
        }
        let end = begin + end_of_tag(&text[begin..]).or_else(|| text[begin..].find('>'))?;
        let attributes = text[begin..end].trim_end_matches('/').trim();
        if typed
            && !attributes.is_empty()
            && !attributes.contains('=')
            && !matches!(effect(&name)?, Effect::Hidden | Effect::Media)
        {
            return None;
        }
        Some(Self { name, closes, attributes, length: end + 1 })
    }

    fn attribute(&self, wanted: &str) -> Option<String> {
        let mut rest = self.attributes;
        loop {
            rest = rest.trim_start_matches(|sign: char| sign.is_ascii_whitespace() || sign == '/');
            let end = rest.find(|sign: char| sign == '=' || sign.is_ascii_whitespace()).unwrap_or(rest.len());
            let name = &rest[..end];
            if name.is_empty() && !rest.starts_with('=') {
                return None;
            }
            rest = rest[end..].trim_start();
            let mut value = "";
            if let Some(after) = rest.strip_prefix('=') {
                (value, rest) = attribute_value(after.trim_start());
            }
            if name.eq_ignore_ascii_case(wanted) {
                return Some(html_escape::decode_html_entities(value).into_owned());
            }
        }
    }
}

/// Where an element ends: at the first bracket outside quotes. `None`: a quote is not closed.
fn end_of_tag(text: &str) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Some(at),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    None
}

fn attribute_value(text: &str) -> (&str, &str) {
    match text.chars().next() {
        Some(quote @ ('"' | '\'')) => text[1..].split_once(quote).unwrap_or((&text[1..], "")),
        _ => text.split_at(text.find(|sign: char| sign.is_ascii_whitespace()).unwrap_or(text.len())),
    }
}

/// The text that comes about, as a browser would space it.
#[derive(Default)]
struct Out {
    line_ends: bool,
    text: String,
    images: Vec<Image>,
    has_media: bool,
    /// A space that counts once something follows on the same line.
    space: bool,
    /// Line ends that count once something follows.
    breaks: usize,
    raised: bool,
    /// Where the link leads that is open, and where its words begin.
    link: Option<(String, usize)>,
}

impl Out {
    fn text(&mut self, text: &str) {
        for sign in text.chars() {
            match sign {
                '\n' if self.line_ends => self.breaks += 1,
                sign if sign.is_ascii_whitespace() => self.space = true,
                sign => self.sign(sign),
            }
        }
    }

    /// A sign that shows, also a space that was meant to.
    fn sign(&mut self, sign: char) {
        if !self.text.is_empty() {
            for _ in 0..self.breaks {
                self.text.push('\n');
            }
            if self.space && self.breaks == 0 {
                self.text.push(' ');
            }
        }
        (self.space, self.breaks) = (false, 0);
        self.text.push(if self.raised { raised(sign) } else { sign });
    }

    /// A sign written as a reference: `&lt;`, `&#60;`. Gives what follows.
    fn reference<'a>(&mut self, text: &'a str) -> &'a str {
        let end = text.bytes().take(34).position(|byte| byte == b';');
        let decoded = end.map(|end| (html_escape::decode_html_entities(&text[..=end]), end));
        match decoded {
            Some((decoded, end)) if decoded != text[..=end] => {
                decoded.chars().for_each(|sign| self.sign(sign));
                &text[end + 1..]
            }
            _ => {
                self.sign('&');
                &text[1..]
            }
        }
    }

    fn element(&mut self, tag: &Tag<'_>) {
        match effect(&tag.name) {
            Some(Effect::Break) => self.breaks += 1,
            Some(Effect::Block(count)) => self.block(count),
            Some(Effect::Item) => {
                self.block(1);
                if !tag.closes {
                    "- ".chars().for_each(|sign| self.sign(sign));
                }
            }
            Some(Effect::Cell) if !tag.closes && self.breaks == 0 && !self.text.is_empty() => {
                " | ".chars().for_each(|sign| self.sign(sign));
            }
            Some(Effect::Raised) => self.raised = !tag.closes,
            Some(Effect::Link) => self.link(tag),
            Some(Effect::Image) => {
                let value = |name| tag.attribute(name).unwrap_or_default();
                self.images.push(Image { source: value("src"), alt: value("alt") });
            }
            Some(Effect::Media) => self.has_media = true,
            Some(Effect::Inline | Effect::Cell | Effect::Hidden) | None => {}
        }
    }

    fn block(&mut self, count: usize) {
        self.breaks = self.breaks.max(count);
        self.space = false;
    }

    /// Where a link leads stands behind its words.
    fn link(&mut self, tag: &Tag<'_>) {
        if !tag.closes {
            self.link = Some((tag.attribute("href").unwrap_or_default(), self.text.len()));
        } else if let Some((target, from)) = self.link.take() {
            let leads = target.starts_with("http://") || target.starts_with("https://");
            if leads && target.len() < 300 && !self.text.get(from..).is_some_and(|words| words.contains(&target)) {
                format!(" ({target})").chars().for_each(|sign| self.sign(sign));
            }
        }
    }
}

/// Digits and signs of a power, as they have signs of their own.
fn raised(sign: char) -> char {
    match sign {
        '0' => '⁰',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        '4' => '⁴',
        '5' => '⁵',
        '6' => '⁶',
        '7' => '⁷',
        '8' => '⁸',
        '9' => '⁹',
        '+' => '⁺',
        '-' | '−' => '⁻',
        'n' => 'ⁿ',
        sign => sign,
    }
}

/// A text as HTML that [`reduce`] gives back as it was, and that a browser shows as it is meant.
pub fn write(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut before = '\n';
    let mut signs = text.chars().peekable();
    while let Some(sign) = signs.next() {
        match sign {
            '\n' => out.push_str("<br>"),
            '\t' => out.push_str("&#9;"),
            ' ' if before.is_ascii_whitespace() || signs.peek().is_none_or(char::is_ascii_whitespace) => out.push_str("&#32;"),
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            sign => out.push(sign),
        }
        before = sign;
    }
    out
}

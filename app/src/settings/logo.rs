//! The picture beside the program's name: what is known of it, and what may be one. Separate because a file that comes
//! from outside is judged by its bytes, not by its name.

use serde::{Deserialize, Serialize};

use crate::error::Refusal;
use crate::words;

/// The largest file, in bytes.
pub const LARGEST: usize = 200 * 1024;

/// The narrowest and the widest a picture may be, in dots.
const DOTS: std::ops::RangeInclusive<u32> = 16..=4000;

words! {
    /// Kinds of pictures that every browser shows and that carry no script.
    pub enum PictureKind {
        Png = "png",
        Jpeg = "jpeg",
    }
}

impl PictureKind {
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
        }
    }
}

/// The logo in force, as the settings name it; its bytes lie in a table of their own, under their hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Logo {
    pub hash: String,
    /// What it shows, for those who do not see it.
    pub alt: String,
    pub width: u32,
    pub height: u32,
}

impl Logo {
    /// Where it is served, under its hash, so that a browser keeps it for good.
    pub fn address(&self) -> String {
        format!("/logo?v={}", self.hash)
    }
}

/// What the bytes of a file say they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Picture {
    pub kind: PictureKind,
    pub width: u32,
    pub height: u32,
}

/// Looks a file over.
///
/// # Errors
/// A [`Refusal`] that says what is wrong with it.
pub fn examine(bytes: &[u8]) -> Result<Picture, Refusal> {
    if bytes.is_empty() {
        return Err(Refusal::new("Choose a file."));
    }
    if bytes.len() > LARGEST {
        return Err(Refusal::new("This file is larger than 200 kB. Save the picture smaller and choose it again."));
    }
    let picture = measure(bytes);
    let picture = picture.ok_or(Refusal::new("This is neither a PNG nor a JPEG picture. Save it as one of them."))?;
    if DOTS.contains(&picture.width) && DOTS.contains(&picture.height) {
        Ok(picture)
    } else {
        Err(Refusal::new("The picture must be from 16 to 4,000 dots wide and high."))
    }
}

/// What the bytes are, if they are a PNG or a JPEG.
pub fn measure(bytes: &[u8]) -> Option<Picture> {
    png(bytes).or_else(|| jpeg(bytes))
}

fn number(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |number, byte| number << 8 | u32::from(*byte))
}

/// A PNG begins with eight fixed bytes, and its first part is the header with width and height.
fn png(bytes: &[u8]) -> Option<Picture> {
    let header = bytes.strip_prefix(b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR")?.get(..8)?;
    Some(Picture { kind: PictureKind::Png, width: number(&header[..4]), height: number(&header[4..]) })
}

/// A JPEG is a row of parts, each with a mark and its length; the part that begins the picture holds height and width.
fn jpeg(bytes: &[u8]) -> Option<Picture> {
    let mut rest = bytes.strip_prefix(b"\xff\xd8")?;
    loop {
        let [0xff, mark, ..] = rest else { return None };
        let length = usize::try_from(number(rest.get(2..4)?)).ok()?;
        let part = rest.get(4..2 + length)?;
        match mark {
            // Start of frame; C4, C8 and CC in this row of numbers are something else.
            0xc0..=0xcf if !matches!(mark, 0xc4 | 0xc8 | 0xcc) => {
                let size = part.get(1..5)?;
                return Some(Picture { kind: PictureKind::Jpeg, height: number(&size[..2]), width: number(&size[2..]) });
            }
            // The picture's data begins, and no frame came before.
            0xd9 | 0xda => return None,
            _ => rest = rest.get(2 + length..)?,
        }
    }
}

//! The 56 counties of Montana, where people live, work and serve, and how far apart they lie. Separate because the
//! application, the matching and the reports all ask about counties, and none of them owns the list.
//!
//! The list is `content/counties.csv`, carried in the program and read once. Its cells hold no quotation marks and no
//! commas, which a test holds it to; so splitting at commas reads it.

use std::str::FromStr;
use std::sync::LazyLock;

use crate::word::UnknownWord;

const LIST: &str = include_str!("../content/counties.csv");

/// One county. Stored by its [`fips`](Self::fips) code.
#[derive(Debug, Clone, PartialEq)]
pub struct County {
    /// The federal code: `30049`.
    pub fips: &'static str,
    /// Without the word "County": `Lewis and Clark`.
    pub name: &'static str,
    pub seat: &'static str,
    /// Fewer than 7 persons per square mile.
    pub frontier: bool,
    pub latitude: f64,
    pub longitude: f64,
}

/// Every county, by name.
pub static ALL: LazyLock<Vec<County>> = LazyLock::new(|| LIST.lines().skip(1).filter_map(read).collect());

/// Reads one line of the list.
fn read(line: &'static str) -> Option<County> {
    let [fips, name, seat, _people, _area, _density, frontier, latitude, longitude] = line.split(',').collect::<Vec<_>>()[..]
    else {
        return None;
    };
    Some(County {
        fips,
        name,
        seat,
        frontier: frontier.parse().ok()?,
        latitude: latitude.parse().ok()?,
        longitude: longitude.parse().ok()?,
    })
}

impl County {
    /// The county of a federal code.
    pub fn by_fips(fips: &str) -> Option<&'static Self> {
        ALL.iter().find(|county| county.fips == fips)
    }

    /// As it is said: "Carter County".
    pub fn full_name(&self) -> String {
        format!("{} County", self.name)
    }
}

/// What a form sends, as a county: `fields.one::<&County>("county", …)`.
impl FromStr for &'static County {
    type Err = UnknownWord;

    fn from_str(fips: &str) -> Result<Self, Self::Err> {
        County::by_fips(fips).ok_or(UnknownWord)
    }
}

/// The counties as the answers of a form: (code, name and seat), because people know the town.
pub fn choices() -> Vec<(String, String)> {
    ALL.iter().map(|county| (county.fips.to_owned(), format!("{} ({})", county.name, county.seat))).collect()
}

/// The name of a stored code; a code that is not in the list reads as itself.
pub fn name(fips: &str) -> &str {
    County::by_fips(fips).map_or(fips, |county| county.name)
}

/// The names of stored codes in a row: "Carter, Fallon".
pub fn names(codes: &[String]) -> String {
    codes.iter().map(|fips| name(fips)).collect::<Vec<_>>().join(", ")
}

/// Mean radius of the earth in miles.
const EARTH: f64 = 3958.8;

/// How far two counties lie apart, from middle to middle as the crow flies, in miles.
pub fn distance_miles(a: &County, b: &County) -> f64 {
    let (lat_a, lat_b) = (a.latitude.to_radians(), b.latitude.to_radians());
    let half_lat = ((lat_b - lat_a) / 2.0).sin();
    let half_lon = ((b.longitude - a.longitude).to_radians() / 2.0).sin();
    let chord = half_lat * half_lat + lat_a.cos() * lat_b.cos() * half_lon * half_lon;
    2.0 * EARTH * chord.sqrt().min(1.0).asin()
}

/// Why a list of counties could not be read; the words hold nothing that was typed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    #[error("Name {0} is not a county of Montana. Write the names as in: Powder River, Carter.")]
    Unknown(usize),
    #[error("{seat} is a town. Write the county it lies in: {county}.")]
    Seat { seat: &'static str, county: &'static str },
}

/// Reads counties as people write them, "Powder River, Carter County", each once. "All" stands for every county.
pub fn read_names(text: &str) -> Result<Vec<&'static County>, Unread> {
    let mut found: Vec<&'static County> = Vec::new();
    let names = text.split([',', ';', '\n']).map(str::trim).filter(|name| !name.is_empty());
    for (index, name) in names.enumerate() {
        if matches!(plain(name).as_str(), "all" | "statewide") {
            return Ok(ALL.iter().collect());
        }
        let county = read_name(name, index + 1)?;
        if !found.contains(&county) {
            found.push(county);
        }
    }
    Ok(found)
}

/// One name, the `number`th of its list.
fn read_name(name: &str, number: usize) -> Result<&'static County, Unread> {
    let (whole, short) = (plain(name), plain(name).replace("county", ""));
    if let Some(county) = ALL.iter().find(|county| plain(county.name) == short) {
        return Ok(county);
    }
    match ALL.iter().find(|county| plain(county.seat) == whole) {
        Some(county) => Err(Unread::Seat { seat: county.seat, county: county.name }),
        None => Err(Unread::Unknown(number)),
    }
}

/// Letters alone, in lower case, so that "Mc Cone" and "Lewis & Clark" are understood.
fn plain(name: &str) -> String {
    name.replace('&', "and").chars().filter(|sign| sign.is_alphabetic()).flat_map(char::to_lowercase).collect()
}

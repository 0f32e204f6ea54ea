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
    let [fips, name, seat, _people, _area, _density, frontier, latitude, longitude] = line.split(',').collect::<Vec<_>>()[..] else {
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

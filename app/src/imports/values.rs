//! From what stands in one cell to what is meant: dates in the styles people write, phones, counties, disciplines, options.
//! Separate because it is pure and knows nothing of rows and columns.
//!
//! Each reader gives the value or a [`Wrong`]: what is wrong with the cell and how to mend it.

use chrono::{Days, NaiveDate};

use super::columns::plain;
use crate::counties::{self, County};
use crate::enrollments::{OptionNumber, State};
use crate::library::Condition;
use crate::people::{Discipline, Interest, Way};

/// What is wrong with a cell, and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    pub what: String,
    pub mend: String,
}

impl Wrong {
    pub fn new(what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { what: what.into(), mend: mend.into() }
    }
}

type Read<T> = Result<T, Wrong>;

/// A text of at most so many characters.
pub fn text(cell: &str, most: usize) -> Read<String> {
    let length = cell.chars().count();
    if length > most {
        return Err(Wrong::new(format!("This is {length} characters long."), format!("Shorten it to {most} or fewer.")));
    }
    if cell.starts_with('#')
        && matches!(cell.trim_end_matches(['!', '?']), "#REF" | "#N/A" | "#NAME" | "#VALUE" | "#DIV/0" | "#NUM" | "#NULL")
    {
        return Err(Wrong::new("The formula in this cell ends in an error.", "Write the value itself."));
    }
    Ok(cell.to_owned())
}

/// A person's name, as it can stand in a mail.
pub fn name(cell: &str) -> Read<String> {
    let name = text(&cell.split_whitespace().collect::<Vec<_>>().join(" "), 120)?;
    // "Smith, Ann" is how lists sort; letters and certificates need "Ann Smith".
    let name = match name.split_once(", ") {
        Some((last, first)) if !is_title(first) && !first.contains(',') => format!("{first} {last}"),
        _ => name,
    };
    if crate::applications::is_name(&name) {
        Ok(name)
    } else {
        Err(Wrong::new("This is not a name.", "Write the name alone, as it should stand on a certificate."))
    }
}

/// Whether what follows a comma is a title ("Ann Smith, RN") rather than a first name.
fn is_title(text: &str) -> bool {
    text.split([',', ' '])
        .all(|part| part.chars().filter(|sign| sign.is_alphabetic()).all(char::is_uppercase) && part.len() > 1)
        || discipline(text).is_ok()
}

/// An e-mail address in lower case, also out of "Ann <ann@example.org>".
pub fn email(cell: &str) -> Read<String> {
    let inner = cell.rsplit_once('<').and_then(|(_, rest)| rest.split_once('>')).map_or(cell, |(address, _)| address);
    let inner = inner.trim().trim_start_matches("mailto:").trim_end_matches([';', ',']);
    if crate::form::is_email(inner) && inner.chars().count() <= 254 {
        return Ok(crate::people::store::canonical_email(inner));
    }
    Err(Wrong::new(
        "This does not look like an e-mail address.",
        "Write one address with one @ and a dot after it, as in name@example.org.",
    ))
}

/// A phone number in one style; with an extension as it is written.
pub fn phone(cell: &str) -> Read<String> {
    let digits: String = cell.chars().filter(char::is_ascii_digit).collect();
    let plainly = cell.chars().all(|sign| sign.is_ascii_digit() || " +-.()/".contains(sign));
    let ten = match digits.len() {
        10 => Some(digits.as_str()),
        11 => digits.strip_prefix('1'),
        _ => None,
    };
    match ten.filter(|_| plainly) {
        Some(ten) => Ok(format!("{}-{}-{}", &ten[..3], &ten[3..6], &ten[6..])),
        None if digits.len() >= 7 && cell.chars().count() <= 40 => Ok(cell.to_owned()),
        None => Err(Wrong::new(
            "This is not a phone number.",
            "Write it with its area code, as in 406-555-0100, or leave it empty.",
        )),
    }
}

/// A whole number within a range; a spreadsheet may write 3 as 3.0.
pub fn whole(cell: &str, from: i32, to: i32) -> Read<i32> {
    let number = cell.trim_end_matches(".0").parse().ok().filter(|number| (from..=to).contains(number));
    number.ok_or_else(|| Wrong::new("This number does not fit.", format!("Write a whole number from {from} to {to}.")))
}

const DATE: &str = "Write the date as month/day/year, such as 7/1/2026, or as 2026-07-01.";

/// Whether a date can only be read with the day first: then others like it in the same column may be too.
pub fn is_day_first(cell: &str) -> bool {
    matches!(numbers(cell.split_whitespace().next().unwrap_or_default()), Some([first, second, _]) if first > 12 && first <= 31 && second <= 12)
}

/// The three numbers of `1/7/2026`, where none of them is a year in front.
fn numbers(text: &str) -> Option<[u32; 3]> {
    let parts: Vec<&str> = text.split(['/', '.', '-']).collect();
    let [first, second, year] = parts[..] else { return None };
    let short = |part: &str| (1..=2).contains(&part.len());
    if !short(first) || !short(second) || !(short(year) || year.len() == 4) {
        return None;
    }
    Some([first.parse().ok()?, second.parse().ok()?, year.parse().ok()?])
}

/// A calendar date: `2026-07-01`, `7/1/2026`, `7/1/26`, `July 1, 2026`, `1-Jul-2026`, a spreadsheet's day number, each also
/// with a time. `unsure`: other dates of the column have the day first, so that `7/1` could be either.
pub fn date(cell: &str, unsure: bool) -> Read<NaiveDate> {
    let lower = cell.to_lowercase();
    let found = iso(&lower).or_else(|| serial(&lower)).or_else(|| in_words(&lower));
    let found = match found {
        Some(date) => Some(date),
        None => by_numbers(lower.split_whitespace().next().unwrap_or_default(), unsure)?,
    };
    match found.filter(|date| (1950..2150).contains(&chrono::Datelike::year(date))) {
        Some(date) => Ok(date),
        None if cell.len() == 4 && cell.bytes().all(|sign| sign.is_ascii_digit()) => {
            Err(Wrong::new("This is a year without month and day.", DATE))
        }
        None => Err(Wrong::new("This is not a date.", DATE)),
    }
}

fn iso(text: &str) -> Option<NaiveDate> {
    let day = text.split(['t', ' ']).next()?;
    let parts: Vec<&str> = day.split(['-', '/', '.']).collect();
    match parts[..] {
        [year, month, day] if year.len() == 4 => {
            NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
        }
        [whole] if whole.len() == 8 && whole.starts_with("20") => NaiveDate::parse_from_str(whole, "%Y%m%d").ok(),
        _ => None,
    }
}

/// The number of days since the end of 1899, which a spreadsheet shows where a cell is not formatted as a date.
fn serial(text: &str) -> Option<NaiveDate> {
    let whole = text.split('.').next()?;
    let days: u64 = whole.parse().ok().filter(|days| (18_264..73_051).contains(days))?;
    let rest = text.strip_prefix(whole)?.trim_start_matches('.');
    let only_digits = rest.bytes().all(|sign| sign.is_ascii_digit());
    only_digits.then(|| NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_days(Days::new(days))).flatten()
}

/// A date with the month in letters, in any order: "july 1st, 2026", "1-jul-26", "wed, 1 july 2026 10:00".
fn in_words(text: &str) -> Option<NaiveDate> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let month_of = |word: &str| {
        let found = |name: &&str| word.len() >= 3 && (name.starts_with(word) || word == "sept" && **name == *"september");
        MONTHS.iter().position(|name| found(&name)).and_then(|place| u32::try_from(place + 1).ok())
    };
    let mut month = None;
    let mut numbers: Vec<&str> = Vec::new();
    for part in text.split([' ', ',', '-', '/', '.']).filter(|part| !part.is_empty()) {
        if part.contains(':') {
            continue;
        }
        let bare = ["st", "nd", "rd", "th"].iter().find_map(|end| part.strip_suffix(end)).unwrap_or(part);
        if bare.bytes().all(|sign| sign.is_ascii_digit()) {
            numbers.push(bare);
        } else if let Some(found) = month_of(part) {
            // "mon" begins no month, "mar" no day of the week.
            month = month.or(Some(found));
        }
    }
    let [day, year] = numbers.get(..2)? else { return None };
    let (day, year) = if day.len() == 4 { (year, day) } else { (day, year) };
    NaiveDate::from_ymd_opt(full_year(year)?, month?, day.parse().ok()?)
}

/// A year of two digits lies between 1969 and 2068.
fn full_year(text: &str) -> Option<i32> {
    let year: i32 = text.parse().ok()?;
    match text.len() {
        4 => Some(year),
        2 if year < 69 => Some(2000 + year),
        2 => Some(1900 + year),
        _ => None,
    }
}

fn by_numbers(text: &str, unsure: bool) -> Read<Option<NaiveDate>> {
    let Some([first, second, year]) = numbers(text) else { return Ok(None) };
    if first > 12 && first <= 31 && (1..=12).contains(&second) {
        return Err(Wrong::new(format!("{first} is no month: this seems to have the day first."), DATE));
    }
    if (unsure || text.contains('.')) && first <= 12 && second <= 12 && first != second {
        return Err(Wrong::new("Month and day could be either way round here.", "Write the date as 2026-07-01."));
    }
    let year = if year < 100 { full_year(&format!("{year:02}")) } else { i32::try_from(year).ok() };
    Ok(year.and_then(|year| NaiveDate::from_ymd_opt(year, first, second)))
}

/// One county, by name or federal code.
pub fn county(cell: &str) -> Read<&'static County> {
    let found = several_counties(cell)?;
    match found[..] {
        [one] => Ok(one),
        _ => Err(Wrong::new("This names more than one county.", "Write the one where the person lives or works.")),
    }
}

/// Several counties, with commas between them.
pub fn several_counties(cell: &str) -> Read<Vec<&'static County>> {
    let mut found: Vec<&'static County> = Vec::new();
    for part in cell.split([',', ';', '\n', '/']).map(str::trim).filter(|part| !part.is_empty()) {
        if matches!(plain(part).as_str(), "mt" | "montana") && !found.is_empty() {
            continue;
        }
        let one = match County::by_fips(part) {
            Some(county) => vec![county],
            None => counties::read_names(part).map_err(|unread| match unread {
                counties::Unread::Unknown(_) => {
                    Wrong::new("This is not a county of Montana.", "Write its name, as in Powder River, or its FIPS code.")
                }
                seat => Wrong::new("This is not a county.", seat.to_string()),
            })?,
        };
        found.extend(one.into_iter().filter(|county| !found.contains(county)).collect::<Vec<_>>());
    }
    if found.is_empty() {
        Err(Wrong::new("There is no county here.", "Write its name, as in Powder River."))
    } else {
        Ok(found)
    }
}

/// A discipline by its name or a licence's letters: "RN", "R.D.", "Dietician", "Nurse practitioner, CDCES".
pub fn discipline(cell: &str) -> Read<Discipline> {
    let known = |text: &str| {
        let text = plain(text);
        DISCIPLINES.iter().find(|(_, words)| words.contains(&text.as_str())).map(|(discipline, _)| *discipline)
    };
    known(cell)
        .or_else(|| cell.split([',', ';', '/', '&', '+', '\n']).find_map(known))
        .or_else(|| cell.split([',', ';', '/', '&', '+', ' ', '-', '(']).find_map(known))
        .ok_or_else(|| {
            let names: Vec<&str> = Discipline::ALL.iter().map(|one| one.name()).collect();
            Wrong::new("This discipline is not known.", format!("Write one of: {}.", names.join(", ")))
        })
}

const DISCIPLINES: &[(Discipline, &[&str])] = &[
    (
        Discipline::Nurse,
        &[
            "nurse",
            "rn",
            "lpn",
            "registerednurse",
            "nursing",
            "np",
            "fnp",
            "aprn",
            "arnp",
            "nursepractitioner",
            "bsn",
            "msn",
            "dnp",
            "cns",
            "licensedpracticalnurse",
            "publichealthnurse",
            "phn",
            "nurseeducator",
            "fnpbc",
            "fnpc",
        ],
    ),
    (
        Discipline::Dietitian,
        &[
            "dietitian",
            "dietician",
            "rd",
            "rdn",
            "ldn",
            "ln",
            "registereddietitian",
            "registereddietician",
            "registereddietitiannutritionist",
            "nutritionist",
            "rdldn",
            "nutrition",
            "dietetics",
        ],
    ),
    (Discipline::Pharmacist, &["pharmacist", "pharmd", "rph", "pharmacy", "bcps", "bcacp"]),
    (Discipline::Physician, &["physician", "md", "do", "doctor", "mddo"]),
    (Discipline::PhysicianAssistant, &["physicianassistant", "physicianassociate", "pa", "pac", "physiciansassistant"]),
    (Discipline::SocialWorker, &["socialworker", "sw", "msw", "lcsw", "lmsw", "bsw", "socialwork"]),
    (Discipline::Psychologist, &["psychologist", "psyd", "psychology", "clinicalpsychologist"]),
    (Discipline::PhysicalTherapist, &["physicaltherapist", "pt", "dpt", "physicaltherapy", "mpt"]),
    (Discipline::OccupationalTherapist, &["occupationaltherapist", "ot", "otr", "otrl", "occupationaltherapy", "otd"]),
    (
        Discipline::ExercisePhysiologist,
        &["exercisephysiologist", "ep", "cep", "epc", "exercisephysiology", "clinicalexercisephysiologist"],
    ),
    (
        Discipline::HealthEducator,
        &["healtheducator", "ches", "mches", "educator", "healtheducation", "diabeteseducator", "healthcoach"],
    ),
    (
        Discipline::CommunityHealthWorker,
        &["communityhealthworker", "chw", "chr", "communityhealthrepresentative", "communityhealthaide"],
    ),
    (Discipline::Other, &["other", "none", "otherprofession"]),
];

/// Several options: "1, 3", "Option 1 and 2", "1-3", "all".
pub fn options(cell: &str) -> Read<Vec<OptionNumber>> {
    let lower = cell.to_lowercase();
    if matches!(plain(&lower).as_str(), "all" | "any" | "alloptions" | "yes") {
        return Ok(OptionNumber::ALL.to_vec());
    }
    let spread = lower.replace(" to ", "-").replace(['–', '—'], "-").replace("options", "").replace("option", "");
    if let Some((from, to)) = spread.split_once('-') {
        if let (Ok(from), Ok(to)) = (option(from), option(to)) {
            return Ok(OptionNumber::ALL.into_iter().filter(|one| (from..=to).contains(one)).collect());
        }
    }
    let mut found = Vec::new();
    for part in spread.replace(" and ", ",").split([',', ';', '/', '&', '+', '\n']).filter(|part| !part.trim().is_empty()) {
        let one = option(part)?;
        if !found.contains(&one) {
            found.push(one);
        }
    }
    if found.is_empty() { option(cell).map(|one| vec![one]) } else { Ok(found) }
}

/// One option: "1", "Option 1", "Opt. I", "1.0".
pub fn option(cell: &str) -> Read<OptionNumber> {
    let text = plain(cell.trim().trim_end_matches(".0"));
    let text = ["qdeioption", "option", "opt", "level"].iter().find_map(|word| text.strip_prefix(word)).unwrap_or(&text);
    match text {
        "1" | "i" | "one" => Ok(OptionNumber::One),
        "2" | "ii" | "two" => Ok(OptionNumber::Two),
        "3" | "iii" | "three" => Ok(OptionNumber::Three),
        _ => Err(Wrong::new("This is none of the three options.", "Write 1, 2 or 3.")),
    }
}

/// Ways to talk, with commas between them.
pub fn ways(cell: &str) -> Read<Vec<Way>> {
    listed(cell, "Write any of: phone, video, in person, e-mail.", |word| match word {
        "phone" | "telephone" | "call" | "calls" | "cell" | "tel" => Some(Way::Phone),
        "video" | "zoom" | "teams" | "online" | "webex" | "facetime" | "videocall" | "virtual" => Some(Way::Video),
        "inperson" | "facetoface" | "person" | "visit" | "onsite" => Some(Way::InPerson),
        "email" | "mail" => Some(Way::Email),
        _ => None,
    })
}

/// Interests, with commas between them.
pub fn interests(cell: &str) -> Read<Vec<Interest>> {
    const KNOWN: [(Interest, &[&str]); 8] = [
        (Interest::Type1, &["type1", "typei", "t1d"]),
        (Interest::Technology, &["tech", "pump", "cgm", "device"]),
        (Interest::Pregnancy, &["pregnan", "gestational", "gdm"]),
        (Interest::Pediatrics, &["pediatric", "child", "teen", "kids", "youth"]),
        (Interest::OlderAdults, &["older", "geriatric", "elder", "senior", "aging"]),
        (Interest::TribalHealth, &["tribal", "native", "ihs", "indian"]),
        (Interest::RuralPractice, &["rural", "frontier"]),
        (Interest::ExamPreparation, &["exam", "cdces", "certification"]),
    ];
    listed(
        cell,
        "Write any of: type 1, technology, pregnancy, children, older adults, tribal health, rural practice, exam.",
        |word| KNOWN.iter().find(|(_, parts)| parts.iter().any(|part| word.contains(part))).map(|(interest, _)| *interest),
    )
}

fn listed<T: PartialEq>(cell: &str, mend: &str, known: impl Fn(&str) -> Option<T>) -> Read<Vec<T>> {
    let mut found = Vec::new();
    for part in cell.replace(" and ", ",").replace(" or ", ",").split([',', ';', '/', '&', '\n']) {
        let word = plain(part);
        if word.is_empty() {
            continue;
        }
        let one = known(&word).ok_or_else(|| Wrong::new(format!("“{}” is not known here.", part.trim()), mend))?;
        if !found.contains(&one) {
            found.push(one);
        }
    }
    Ok(found)
}

/// Where an enrolment stands, in the words of coordinators' lists.
pub fn state(cell: &str) -> Read<State> {
    match plain(cell).as_str() {
        "active" | "current" | "enrolled" | "inprogress" | "ongoing" | "studying" | "open" | "started" => Ok(State::Active),
        "paused" | "onhold" | "hold" | "leave" | "onleave" | "pause" => Ok(State::Paused),
        "withdrawn" | "withdrew" | "dropped" | "droppedout" | "dropout" | "quit" | "inactive" | "left" | "discontinued"
        | "stopped" | "closed" | "incomplete" => Ok(State::Withdrawn),
        "completed" | "complete" | "finished" | "done" | "graduated" | "certificate" | "certified" | "yes" => {
            Ok(State::Completed)
        }
        _ => Err(Wrong::new("This status is not known.", "Write active, paused, withdrawn or completed.")),
    }
}

/// How a copy looks.
pub fn condition(cell: &str) -> Read<Condition> {
    match plain(cell).as_str() {
        "new" | "likenew" | "excellent" => Ok(Condition::New),
        "good" | "fine" | "ok" | "okay" | "used" | "verygood" => Ok(Condition::Good),
        "worn" | "poor" | "fair" | "old" | "damaged" => Ok(Condition::Worn),
        _ => Err(Wrong::new("This condition is not known.", "Write new, good or worn.")),
    }
}

/// Chapters by number, each with its day where one is given: "5" (the first five), "1-3, 7", "all",
/// "1: 7/1/2026; 2: 7/15/2026".
pub fn chapters(cell: &str, all: &[i32]) -> Read<Vec<(i32, Option<NaiveDate>)>> {
    let lower =
        cell.to_lowercase().replace(['–', '—'], "-").replace("chapters", "").replace("chapter", "#").replace("ch.", "#");
    let lower = lower.trim().trim_end_matches(".0");
    if matches!(lower, "all" | "yes" | "all of them") {
        return Ok(all.iter().map(|number| (*number, None)).collect());
    }
    if matches!(lower, "0" | "none" | "no") {
        return Ok(Vec::new());
    }
    if let Ok(count) = lower.parse::<usize>() {
        return match all.get(..count) {
            Some(first) => Ok(first.iter().map(|number| (*number, None)).collect()),
            None => Err(beyond(all)),
        };
    }
    let dated = lower.contains([':', '(', '=']);
    let ends: &[char] = if dated && lower.contains([';', '\n']) { &[';', '\n'] } else { &[',', ';', '\n'] };
    let mut found: Vec<(i32, Option<NaiveDate>)> = Vec::new();
    for part in lower.split(ends).map(str::trim).filter(|part| !part.is_empty()) {
        let (numbers, day) = match part.split_once([':', '(', '=']) {
            Some((numbers, day)) => (numbers, Some(date(day.trim().trim_end_matches(')'), false)?)),
            None => (part, None),
        };
        for number in range(numbers).ok_or_else(|| {
            Wrong::new("These are not chapter numbers.", "Write how many were read, or their numbers, as in 1-4, 7.")
        })? {
            if !all.contains(&number) {
                return Err(beyond(all));
            }
            if !found.iter().any(|(known, _)| *known == number) {
                found.push((number, day));
            }
        }
    }
    Ok(found)
}

fn beyond(all: &[i32]) -> Wrong {
    Wrong::new(
        "The outline of this book has no such chapter.",
        format!("Its chapters are {} to {}.", all.first().unwrap_or(&1), all.last().unwrap_or(&1)),
    )
}

fn range(text: &str) -> Option<std::ops::RangeInclusive<i32>> {
    let number =
        |text: &str| text.trim().trim_start_matches('#').trim().parse::<i32>().ok().filter(|one| (0..1000).contains(one));
    match text.split_once('-') {
        Some((from, to)) => Some(number(from)?..=number(to)?).filter(|range| range.start() <= range.end()),
        None => number(text).map(|one| one..=one),
    }
}

//! How well a mentor suits a mentee: hard rules that exclude, and points that are the sum of reasons in words. Pure, and
//! separate because the coordinator must be able to trust it: it is tested by its properties, without a database.
//!
//! The most a pair can reach is 100. Different disciplines and long distances take nothing away: pairs across them work
//! well, if they have a way to talk.

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::is_away;
use crate::clock::say_full_date;
use crate::counties::{County, distance_miles};
use crate::enrollments::OptionNumber;
use crate::people::{Discipline, Interest, Way};
use crate::words;

words! {
    /// Why a mentor cannot be proposed at all.
    pub enum Exclusion {
        Option = "option",
        Place = "place",
        Credential = "credential",
        Away = "away",
        NotAgain = "not_again",
        Oneself = "oneself",
    }

    /// What a reason is about.
    pub enum Rule {
        County = "county",
        Ways = "ways",
        Interests = "interests",
        Discipline = "discipline",
        Places = "places",
        Credential = "credential",
    }
}

impl Exclusion {
    pub fn words(self) -> &'static str {
        match self {
            Self::Option => "does not take this option",
            Self::Place => "has no free place",
            Self::Credential => "has no valid credential on record",
            Self::Away => "is away",
            Self::NotAgain => "was this mentee's mentor before, or declined",
            Self::Oneself => "is the mentee",
        }
    }
}

/// What a mentor offers. `M` is whatever tells mentors apart.
#[derive(Debug, Clone)]
pub struct Offer<M> {
    pub id: M,
    pub options: Vec<OptionNumber>,
    pub capacity: i64,
    /// Mentees proposed to or accepted by this mentor now.
    pub current: i64,
    pub county: Option<&'static County>,
    pub ways: Vec<Way>,
    pub discipline: Discipline,
    pub interests: Vec<Interest>,
    /// The day to which the credential was found valid; `None` when nobody checked it.
    pub credential_expires: Option<NaiveDate>,
    pub away_until: Option<NaiveDate>,
}

impl<M> Offer<M> {
    /// Places that are free; never below zero.
    pub fn free(&self) -> i64 {
        self.capacity.saturating_sub(self.current).max(0)
    }
}

/// What a mentee looks for.
#[derive(Debug, Clone)]
pub struct Request<M> {
    pub option: OptionNumber,
    pub county: Option<&'static County>,
    pub ways: Vec<Way>,
    pub discipline: Discipline,
    pub interests: Vec<Interest>,
    /// Mentors who declined this mentee or whose pair with them ended.
    pub not_mentors: Vec<M>,
    /// The mentee, where mentors and mentees are told apart by the same ids: nobody mentors themselves.
    pub oneself: Option<M>,
}

/// One reason and what it counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    pub rule: Rule,
    pub points: i32,
    pub text: String,
}

/// How well a pair suits: the sum of its reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Points {
    pub points: i32,
    pub reasons: Vec<Reason>,
}

/// A mentor seen from one mentee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fit {
    Fits(Points),
    /// By which hard rules, in their order; never empty.
    Excluded(Vec<Exclusion>),
}

/// Looks at one pair on a day.
pub fn score<M: PartialEq>(request: &Request<M>, offer: &Offer<M>, today: NaiveDate) -> Fit {
    let excluded = exclusions(request, offer, today);
    if !excluded.is_empty() {
        return Fit::Excluded(excluded);
    }
    let reasons: Vec<Reason> = [
        county(request.county, offer.county),
        ways(&request.ways, &offer.ways),
        interests(&request.interests, &offer.interests),
        discipline(request.discipline, offer.discipline),
        places(offer),
        offer.credential_expires.map(|on| credential(on, today)),
    ]
    .into_iter()
    .flatten()
    .collect();
    Fit::Fits(Points { points: reasons.iter().map(|reason| reason.points).sum(), reasons })
}

/// Every hard rule that stands between the two.
pub fn exclusions<M: PartialEq>(request: &Request<M>, offer: &Offer<M>, today: NaiveDate) -> Vec<Exclusion> {
    let stands = |rule| match rule {
        Exclusion::Option => !offer.options.contains(&request.option),
        Exclusion::Place => offer.free() == 0,
        Exclusion::Credential => offer.credential_expires.is_none_or(|on| on < today),
        Exclusion::Away => is_away(offer.away_until, today),
        Exclusion::NotAgain => request.not_mentors.contains(&offer.id),
        Exclusion::Oneself => request.oneself.as_ref() == Some(&offer.id),
    };
    Exclusion::ALL.iter().copied().filter(|rule| stands(*rule)).collect()
}

/// Mentors for one mentee, best first.
#[derive(Debug)]
pub struct Ranking<M> {
    pub fits: Vec<(M, Points)>,
    pub excluded: Vec<(M, Vec<Exclusion>)>,
}

/// Ranks by points, then by id, whatever order the offers come in.
pub fn rank<M: Ord + Clone>(request: &Request<M>, offers: &[Offer<M>], today: NaiveDate) -> Ranking<M> {
    let mut ranking = Ranking { fits: Vec::new(), excluded: Vec::new() };
    for offer in offers {
        match score(request, offer, today) {
            Fit::Fits(points) => ranking.fits.push((offer.id.clone(), points)),
            Fit::Excluded(rules) => ranking.excluded.push((offer.id.clone(), rules)),
        }
    }
    ranking.fits.sort_by(|(a, x), (b, y)| y.points.cmp(&x.points).then_with(|| a.cmp(b)));
    ranking.excluded.sort_by(|(a, _), (b, _)| a.cmp(b));
    ranking
}

/// Miles between two counties, whole; `None` where one of them is unknown.
pub fn miles(a: Option<&County>, b: Option<&County>) -> Option<i32> {
    let (a, b) = (a?, b?);
    // Montana is under 600 miles wide, so the value always fits.
    Some(distance_miles(a, b).round() as i32)
}

fn county(mentee: Option<&County>, mentor: Option<&County>) -> Option<Reason> {
    let (mentee, mentor) = (mentee?, mentor?);
    if mentee.fips == mentor.fips {
        return reason(Rule::County, 30, format!("Both in {}", mentee.full_name()));
    }
    let miles = miles(Some(mentee), Some(mentor))?;
    reason(Rule::County, (24 - miles / 20).max(0), format!("{miles} miles apart ({})", mentor.full_name()))
}

fn ways(mentee: &[Way], mentor: &[Way]) -> Option<Reason> {
    let shared = shared(Way::ALL, mentee, mentor);
    let more = i32::try_from(shared.len()).ok()?.checked_sub(1).filter(|more| *more >= 0)?;
    let said: Vec<&str> = shared.into_iter().map(said).collect();
    reason(Rule::Ways, 20 + 3 * more, format!("Both can talk {}", in_a_row(&said)))
}

fn interests(mentee: &[Interest], mentor: &[Interest]) -> Option<Reason> {
    let shared = shared(Interest::ALL, mentee, mentor);
    let points = match shared.len() {
        0 => return None,
        1 => 6,
        2 => 12,
        _ => 18,
    };
    let names: Vec<String> = shared.iter().map(|interest| interest.name().to_lowercase()).collect();
    let word = if names.len() == 1 { "interest" } else { "interests" };
    reason(Rule::Interests, points, format!("Shared {word}: {}", names.join(", ")))
}

fn discipline(mentee: Discipline, mentor: Discipline) -> Option<Reason> {
    // "Other" is no common ground: it may be anything.
    let same = mentee == mentor && mentee != Discipline::Other;
    if same { reason(Rule::Discipline, 8, format!("Same discipline: {}", mentee.name().to_lowercase())) } else { None }
}

/// Spreads mentees over mentors: who has more room gets more.
fn places<M>(offer: &Offer<M>) -> Option<Reason> {
    let free = offer.free();
    let points = free.saturating_mul(10).checked_div(offer.capacity)?.clamp(0, 10);
    reason(Rule::Places, i32::try_from(points).ok()?, format!("{free} of {} places free", offer.capacity))
}

fn credential(expires: NaiveDate, today: NaiveDate) -> Reason {
    let date = say_full_date(expires);
    let lasts = today.checked_add_days(Days::new(365)).is_some_and(|year| expires >= year);
    let (points, text) =
        if lasts { (5, format!("Credential valid to {date}")) } else { (0, format!("Credential ends {date}, within a year")) };
    Reason { rule: Rule::Credential, points, text }
}

fn reason(rule: Rule, points: i32, text: String) -> Option<Reason> {
    Some(Reason { rule, points, text })
}

/// What stands in both lists, in the order of `all`, each once.
fn shared<T: Copy + PartialEq>(all: &[T], a: &[T], b: &[T]) -> Vec<T> {
    all.iter().copied().filter(|one| a.contains(one) && b.contains(one)).collect()
}

fn said(way: Way) -> &'static str {
    match way {
        Way::Phone => "by phone",
        Way::Video => "by video",
        Way::InPerson => "in person",
        Way::Email => "by e-mail",
    }
}

/// "a", "a and b", "a, b, and c".
fn in_a_row(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [one, two] => format!("{one} and {two}"),
        [rest @ .., last] => format!("{}, and {last}", rest.join(", ")),
    }
}

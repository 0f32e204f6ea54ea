//! The people of a simulated year: how often they look, what they forget, when they go away or vanish. Separate, because
//! nothing here knows a rule of the program: they live as they like, and the rules have to cope.

use chrono::NaiveDate;
use fastrand::Rng;

/// The time zones people live in. Most are in Montana.
const ZONES: [&str; 4] = ["America/Denver", "America/Los_Angeles", "America/Chicago", "America/New_York"];

/// How somebody goes about what waits on them.
#[derive(Debug, Clone)]
pub struct Temper {
    pub zone: &'static str,
    /// The chance of looking at it on a day.
    pub keen: f64,
    /// The chance that a mail makes them look the day after.
    pub stirred: f64,
    /// The chance, while looking, that one thing is put off.
    pub puts_off: f64,
    /// The day from which on they do nothing any more.
    pub gone_from: Option<i64>,
    /// Days they are away, first and last, and whether they say so beforehand.
    pub aways: Vec<Away>,
}

#[derive(Debug, Clone, Copy)]
pub struct Away {
    pub from: i64,
    pub to: i64,
    pub says_so: bool,
}

impl Temper {
    /// Somebody of whatever kind there is: the quick, the slow, those who forget everything, those who vanish.
    pub fn of_chance(rng: &mut Rng) -> Self {
        let zone = if rng.f64() < 0.7 { ZONES[0] } else { ZONES[rng.usize(0..ZONES.len())] };
        // Most look once or twice a week, some daily, some once in two months.
        let keen = 0.015 + rng.f64().powi(3) * 0.6;
        let gone_from = (rng.f64() < 0.25).then(|| rng.i64(5..365));
        let mut aways = Vec::new();
        for _ in 0..rng.usize(0..3) {
            let from = rng.i64(0..350);
            aways.push(Away { from, to: from + rng.i64(4..60), says_so: rng.bool() });
        }
        Self { zone, keen, stirred: rng.f64() * 0.6, puts_off: rng.f64() * 0.5, gone_from, aways }
    }

    pub fn is_gone(&self, day: i64) -> bool {
        self.gone_from.is_some_and(|from| day >= from)
    }

    pub fn is_away(&self, day: i64) -> bool {
        self.aways.iter().any(|away| (away.from..=away.to).contains(&day))
    }

    /// The time away that begins today and is said beforehand.
    pub fn says_today(&self, day: i64) -> Option<Away> {
        self.aways.iter().copied().find(|away| away.says_so && away.from == day)
    }

    /// Whether they look on this day; `stirred` when a mail came yesterday.
    pub fn looks(&self, day: i64, stirred: bool, rng: &mut Rng) -> bool {
        if self.is_gone(day) || self.is_away(day) {
            return false;
        }
        rng.f64() < self.keen || stirred && rng.f64() < self.stirred
    }
}

/// A name that nobody else in the year has.
pub fn name(role: &str, number: usize) -> String {
    const GIVEN: [&str; 8] = ["Ada", "Ben", "Cleo", "Dov", "Esme", "Finn", "Gwen", "Hal"];
    format!("{} {role} {number}", GIVEN[number % GIVEN.len()])
}

/// The day of the year that is simulated, from 0.
pub fn date(first: NaiveDate, day: i64) -> NaiveDate {
    first + chrono::Duration::days(day)
}

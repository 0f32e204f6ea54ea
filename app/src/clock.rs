//! Time as the program sees it; separate so that tests move it by hand and nothing reads the machine's clock aside.
//!
//! In which zone a day begins and when a program year does are settings. They are kept here for the whole process and
//! brought up to date whenever the settings are read; `settings::known` says why.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveTime, SubsecRound, TimeZone, Utc};
use chrono_tz::Tz;

/// The time zone until the settings are read; the one in force is [`zone`].
pub const MONTANA: Tz = chrono_tz::America::Denver;

/// What a day and a year are to the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calendar {
    pub zone: Tz,
    /// The month and day on which a program year begins.
    pub year_month: u32,
    pub year_day: u32,
}

static CALENDAR: RwLock<Calendar> = RwLock::new(Calendar { zone: MONTANA, year_month: 7, year_day: 1 });

/// The calendar of the settings that were read last.
pub fn calendar() -> Calendar {
    *CALENDAR.read().unwrap_or_else(PoisonError::into_inner)
}

/// Takes the calendar of the settings in force; nothing is written while it stays the same.
pub(crate) fn keep(read: Calendar) {
    if calendar() != read {
        *CALENDAR.write().unwrap_or_else(PoisonError::into_inner) = read;
    }
}

/// The time zone of the program and of everyone who named no other.
pub fn zone() -> Tz {
    calendar().zone
}

/// Gives the time in microseconds, as both engines keep it. A test shifts it with [`Clock::advance`].
#[derive(Clone, Debug, Default)]
pub struct Clock {
    /// Stands still unless it is moved.
    by_hand: bool,
    /// Microseconds ahead of the machine's clock; of one moved by hand, since 1970.
    micros: Arc<AtomicI64>,
}

impl Clock {
    /// A clock that shows `at` until it is moved, for a simulated year.
    pub fn by_hand(at: DateTime<Utc>) -> Self {
        Self { by_hand: true, micros: Arc::new(AtomicI64::new(at.timestamp_micros())) }
    }

    pub fn now(&self) -> DateTime<Utc> {
        let micros = Duration::microseconds(self.micros.load(Ordering::Relaxed));
        let from = if self.by_hand { DateTime::UNIX_EPOCH } else { Utc::now() };
        (from + micros).trunc_subsecs(6)
    }

    pub fn advance(&self, by: Duration) {
        self.micros.fetch_add(by.num_microseconds().unwrap_or(0), Ordering::Relaxed);
    }
}

/// The calendar date a person in `zone` reads on the wall at `at`.
pub fn date_in(zone: Tz, at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&zone).date_naive()
}

/// The date in the program's zone.
pub fn today(at: DateTime<Utc>) -> NaiveDate {
    date_in(zone(), at)
}

/// The moment a local wall-clock time stands for; in the hour that a clock change skips, the hour after it.
pub fn at_local(zone: Tz, date: NaiveDate, time: NaiveTime) -> DateTime<Utc> {
    let local = date.and_time(time);
    zone.from_local_datetime(&local)
        .earliest()
        .or_else(|| zone.from_local_datetime(&(local + Duration::hours(1))).earliest())
        .map_or_else(|| Utc.from_utc_datetime(&local), |at| at.with_timezone(&Utc))
}

/// A date as people say it: "Tuesday, Dec 1", with the year when it is not this one.
pub fn say_date(date: NaiveDate, today: NaiveDate) -> String {
    let form = if date.year() == today.year() { "%A, %b %-d" } else { "%b %-d, %Y" };
    date.format(form).to_string()
}

/// A date with its year, for letters, certificates and print: "December 1, 2026".
pub fn say_full_date(date: NaiveDate) -> String {
    date.format("%B %-d, %Y").to_string()
}

/// A moment as people say it, in the program's zone: "Tuesday, Dec 1, 5:30 pm".
pub fn say_time(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let local = at.with_timezone(&zone());
    format!("{}, {}", say_date(local.date_naive(), today(now)), local.format("%-I:%M %P"))
}

/// When something was kept: "at 5:30 pm", with the day when it was another: "on Tuesday, Dec 1, 5:30 pm".
pub fn say_at(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    if today(at) == today(now) {
        return format!("at {}", at.with_timezone(&zone()).format("%-I:%M %P"));
    }
    format!("on {}", say_time(at, now))
}

/// How long ago, in the coarsest words that still help: "today", "yesterday", "12 days ago".
pub fn say_ago(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    match days_between(at, now) {
        ..=0 => "today".to_owned(),
        1 => "yesterday".to_owned(),
        days => format!("{days} days ago"),
    }
}

/// Whole calendar days in the program's zone from `from` to `to`; negative when `to` lies before.
pub fn days_between(from: DateTime<Utc>, to: DateTime<Utc>) -> i64 {
    (today(to) - today(from)).num_days()
}

/// The first day of the program year that `day` lies in.
pub fn program_year_start(day: NaiveDate) -> NaiveDate {
    let Calendar { year_month, year_day, .. } = calendar();
    let begins = |year| NaiveDate::from_ymd_opt(year, year_month, year_day);
    // A day that not every year has is no setting; the year would then begin with the day itself.
    match begins(day.year()) {
        Some(start) if start <= day => start,
        _ => begins(day.year() - 1).unwrap_or(day),
    }
}

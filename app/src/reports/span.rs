//! The days a report is about: a program year or any span. Separate because the page, the files and the queries must all
//! mean the same days.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveTime, Utc};

use crate::clock;
use crate::error::Refusal;
use crate::settings::Settings;

/// Both days belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub from: NaiveDate,
    pub to: NaiveDate,
    /// The year in which it begins, when it is a program year.
    pub year: Option<i32>,
}

/// Years that an address may ask for.
const YEARS: std::ops::RangeInclusive<i32> = 1990..=2199;

impl Span {
    /// The program year that begins in `year`.
    pub fn of_year(year: i32, settings: &Settings) -> Self {
        let from = first_day(year, settings);
        let to = first_day(year + 1, settings).pred_opt().unwrap_or(from);
        Self { from, to, year: Some(year) }
    }

    /// The program year that a day lies in.
    pub fn around(day: NaiveDate, settings: &Settings) -> Self {
        let year = day.year();
        Self::of_year(if day < first_day(year, settings) { year - 1 } else { year }, settings)
    }

    /// What an address asks for: `year=2025`, or `from=…&to=…`; without either the present program year.
    pub fn asked(
        year: Option<&str>,
        from: Option<&str>,
        to: Option<&str>,
        today: NaiveDate,
        settings: &Settings,
    ) -> Result<Self, Refusal> {
        match (year, from, to) {
            (None, None, None) => Ok(Self::around(today, settings)),
            (Some(year), _, _) => match year.trim().parse() {
                Ok(year) if YEARS.contains(&year) => Ok(Self::of_year(year, settings)),
                _ => Err(Refusal::new("There is no such year. Choose one from the list.")),
            },
            (None, from, to) => {
                let day = |text: Option<&str>| text.and_then(|text| text.trim().parse::<NaiveDate>().ok());
                match (day(from), day(to)) {
                    (Some(from), Some(to)) if from > to => {
                        Err(Refusal::new("The first day lies after the last. Change one of them."))
                    }
                    (Some(from), Some(to)) if YEARS.contains(&from.year()) && YEARS.contains(&to.year()) => {
                        Ok(Self::between(from, to, settings))
                    }
                    _ => Err(Refusal::new("Choose the first and the last day of the report.")),
                }
            }
        }
    }

    /// Any days; a whole program year is known as one.
    pub fn between(from: NaiveDate, to: NaiveDate, settings: &Settings) -> Self {
        let year = Self::of_year(from.year(), settings);
        if (year.from, year.to) == (from, to) { year } else { Self { from, to, year: None } }
    }

    /// The same days a year earlier.
    pub fn year_before(self) -> Self {
        let earlier = |day: NaiveDate| day.checked_sub_months(Months::new(12)).unwrap_or(day);
        Self { from: earlier(self.from), to: earlier(self.to), year: self.year.map(|year| year - 1) }
    }

    /// As much of it as is over or has begun today; the whole when all of it lies ahead.
    pub fn so_far(self, today: NaiveDate) -> Self {
        if self.is_running(today) { Self { to: today, ..self } } else { self }
    }

    pub fn is_running(self, today: NaiveDate) -> bool {
        (self.from..self.to).contains(&today)
    }

    pub fn begins_at(self) -> DateTime<Utc> {
        clock::at_local(clock::MONTANA, self.from, NaiveTime::MIN)
    }

    /// The first moment that is not in it.
    pub fn ends_at(self) -> DateTime<Utc> {
        clock::at_local(clock::MONTANA, self.to.checked_add_days(Days::new(1)).unwrap_or(self.to), NaiveTime::MIN)
    }

    pub fn contains(self, day: NaiveDate) -> bool {
        (self.from..=self.to).contains(&day)
    }

    /// As a heading: "Program year 2025–2026".
    pub fn title(self) -> String {
        match self.year {
            Some(year) if self.to.year() > year => format!("Program year {year}–{}", year + 1),
            Some(year) => format!("Program year {year}"),
            None => self.dates(),
        }
    }

    /// "July 1, 2025 to June 30, 2026".
    pub fn dates(self) -> String {
        format!("{} to {}", clock::say_full_date(self.from), clock::say_full_date(self.to))
    }

    /// As it stands in an address.
    pub fn query(self) -> String {
        match self.year {
            Some(year) => format!("year={year}"),
            None => format!("from={}&to={}", self.from, self.to),
        }
    }

    /// For a file's name.
    pub fn slug(self) -> String {
        format!("{}-to-{}", self.from, self.to)
    }

    /// The first day of each month that it touches.
    pub fn months(self) -> Vec<NaiveDate> {
        let first = self.from.with_day(1).unwrap_or(self.from);
        let month = |number| first.checked_add_months(Months::new(number));
        (0..).map_while(month).take_while(|month| *month <= self.to).collect()
    }
}

fn first_day(year: i32, settings: &Settings) -> NaiveDate {
    let day = |day| NaiveDate::from_ymd_opt(year, settings.year_month, day);
    // A year that begins on the 31st of a shorter month begins on its last day.
    (1..=settings.year_day).rev().take(4).find_map(day).unwrap_or_default()
}

//! When a person's digest leaves: once a day at their hour in their zone, never in the quiet hours. Separate because it
//! is pure, and because clocks that change twice a year deserve tests of their own.

use chrono::{DateTime, Datelike, Days, Duration, LocalResult, NaiveDate, NaiveTime, TimeZone, Timelike, Utc};
use chrono_tz::Tz;

use crate::words;

words! {
    /// How often news comes together.
    pub enum Rhythm {
        Daily = "daily",
        Weekly = "weekly",
    }

    pub enum Weekday {
        Monday = "monday",
        Tuesday = "tuesday",
        Wednesday = "wednesday",
        Thursday = "thursday",
        Friday = "friday",
        Saturday = "saturday",
        Sunday = "sunday",
    }
}

impl Rhythm {
    pub fn name(self) -> &'static str {
        match self {
            Self::Daily => "Every day",
            Self::Weekly => "Once a week",
        }
    }
}

impl Weekday {
    pub fn name(self) -> &'static str {
        match self {
            Self::Monday => "Monday",
            Self::Tuesday => "Tuesday",
            Self::Wednesday => "Wednesday",
            Self::Thursday => "Thursday",
            Self::Friday => "Friday",
            Self::Saturday => "Saturday",
            Self::Sunday => "Sunday",
        }
    }

    fn is(self, day: NaiveDate) -> bool {
        usize::try_from(day.weekday().num_days_from_monday()).ok().and_then(|index| Self::ALL.get(index)) == Some(&self)
    }
}

/// The hours in which nothing leaves: from the first up to the last, over midnight if they wrap. The same hour twice
/// means that there are none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quiet {
    pub from: u32,
    pub to: u32,
}

impl Quiet {
    pub fn covers(self, hour: u32) -> bool {
        if self.from <= self.to { (self.from..self.to).contains(&hour) } else { hour >= self.from || hour < self.to }
    }

    /// The hours in which something may leave, in order.
    pub fn allowed(self) -> impl Iterator<Item = u32> {
        (0..24).filter(move |hour| !self.covers(*hour))
    }
}

/// When one reader's digests leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    pub zone: Tz,
    pub rhythm: Rhythm,
    /// Of a weekly digest.
    pub weekday: Weekday,
    /// As it was chosen; the quiet hours may have been widened over it since.
    pub hour: u32,
    pub quiet: Quiet,
}

/// Days within which a digest is sure to come: a zone may skip a day, and with it a week.
const WITHIN: u64 = 22;

impl Schedule {
    /// The hour of the day at which a digest leaves: as chosen, or the end of the quiet hours that cover it.
    pub fn leaves_at(&self) -> u32 {
        if self.quiet.covers(self.hour) { self.quiet.to % 24 } else { self.hour % 24 }
    }

    /// The first moment after `after` at which a digest may leave. What is required does not wait for a weekly one.
    pub fn next(&self, after: DateTime<Utc>, required: bool) -> DateTime<Utc> {
        let today = self.day(after);
        (0..WITHIN)
            .filter_map(|days| today.checked_add_days(Days::new(days)))
            .filter(|day| required || self.rhythm == Rhythm::Daily || self.weekday.is(*day))
            .filter_map(|day| self.moment_on(day))
            .find(|moment| *moment > after)
            .unwrap_or(after + Duration::days(1))
    }

    /// Whether something may leave at this moment.
    pub fn allows(&self, at: DateTime<Utc>) -> bool {
        !self.quiet.covers(at.with_timezone(&self.zone).hour())
    }

    /// The reader's date, which has one digest.
    pub fn day(&self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.zone).date_naive()
    }

    /// When the digest of a day leaves. Where the clock skips that hour, as soon after it as the quiet hours allow; a day
    /// without such a moment has no digest.
    fn moment_on(&self, day: NaiveDate) -> Option<DateTime<Utc>> {
        let start = day.and_time(NaiveTime::from_hms_opt(self.leaves_at(), 0, 0)?);
        (0..12)
            .map(|quarter| start + Duration::minutes(15 * quarter))
            .find_map(|local| match self.zone.from_local_datetime(&local) {
                LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => Some(at.with_timezone(&Utc)),
                LocalResult::None => None,
            })
            .filter(|at| self.day(*at) == day && self.allows(*at))
    }
}

//! How far, and when it will be finished at this pace. Separate because it is arithmetic over dates and nothing else.

use chrono::{Datelike, Days, NaiveDate};

use super::ChapterProgress;
use crate::people::Side;

/// Fewer days than this say nothing about a pace.
const SHORTEST: i64 = 7;
/// Further off than this is not a date to plan by.
const LONGEST: i64 = 3650;

/// How far the required chapters are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    pub of: usize,
    pub read: usize,
    pub discussed: usize,
    /// Chapters whose planned day has gone by.
    pub behind: usize,
    /// The day of finishing at this pace, once there is one.
    pub finish_on: Option<NaiveDate>,
}

impl Pace {
    pub fn of(progress: &[ChapterProgress], today: NaiveDate) -> Self {
        let required = || progress.iter().filter(|one| one.chapter.required);
        let days: Vec<NaiveDate> = required().filter_map(|one| one.read_on).collect();
        let of = required().count();
        Self {
            of,
            read: required().filter(|one| one.is_read()).count(),
            discussed: required().filter(|one| one.is_discussed()).count(),
            behind: required().filter(|one| one.is_behind(today)).count(),
            finish_on: finish_on(&days, of, today),
        }
    }

    /// "6 of 14 read, 5 discussed. At this pace you finish in March."
    pub fn words(&self, reader: Side, today: NaiveDate) -> String {
        let Self { of, read, discussed, behind, .. } = self;
        let mut words = format!("{read} of {of} read, {discussed} discussed.");
        if let Some(day) = self.finish_on {
            let who = match reader {
                Side::Mentee => "you finish",
                Side::Mentor => "it is finished",
            };
            words.push_str(&format!(" At this pace {who} {}.", say_month(day, today)));
        }
        match behind {
            0 => {}
            1 => words.push_str(" One chapter is past its planned day."),
            count => words.push_str(&format!(" {count} chapters are past their planned days.")),
        }
        words
    }
}

/// The day on which the last of `of` chapters is read at the pace so far, from the days on which the others were.
///
/// The pace is the time between one chapter and the next. Once the next one is overdue by that measure, the days since
/// count too, so that the date moves away while nothing happens and never jumps.
pub fn finish_on(read_on: &[NaiveDate], of: usize, today: NaiveDate) -> Option<NaiveDate> {
    let (first, last) = (*read_on.iter().min()?, *read_on.iter().max()?);
    let (read, left) = (i64::try_from(read_on.len()).ok()?, i64::try_from(of.checked_sub(read_on.len())?).ok()?);
    let (span, elapsed, idle) = ((last - first).num_days(), (today - first).num_days(), (today - last).num_days());
    if left == 0 || read < 2 || elapsed < SHORTEST || idle < 0 {
        return None;
    }
    let (from, days) = if idle * (read - 1) <= span {
        (last, divided(span * left, read - 1))
    } else {
        (today, divided(elapsed * (left - 1), read))
    };
    let finish = from.checked_add_days(Days::new(u64::try_from(days).ok()?))?;
    ((finish - today).num_days() <= LONGEST).then_some(finish)
}

/// Rounded up: half a day more is a day more.
fn divided(days: i64, by: i64) -> i64 {
    (days + by - 1) / by
}

/// A month as people name it from here: "this month", "in March", "in March 2028".
pub fn say_month(day: NaiveDate, today: NaiveDate) -> String {
    let months = (day.year() - today.year()) * 12 + day.month0().cast_signed() - today.month0().cast_signed();
    match months {
        ..=0 => "this month".into(),
        1..=10 => format!("in {}", day.format("%B")),
        _ => format!("in {}", day.format("%B %Y")),
    }
}

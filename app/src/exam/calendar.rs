//! The study calendar, counted back from the exam: which chapters in which week, with breaks left out and some weeks kept for
//! going over everything. Separate because it is arithmetic over dates and nothing else.

use chrono::{Datelike, Days, NaiveDate};

/// What is planned around.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    pub today: NaiveDate,
    pub exam_on: NaiveDate,
    /// Minutes a mentee can give in a week.
    pub a_week: i64,
    /// Weeks before the exam that are kept free of new chapters.
    pub review_weeks: i64,
    /// Breaks: the first day, and the day on which study goes on.
    pub breaks: Vec<(NaiveDate, NaiveDate)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    pub weeks: Vec<Week>,
    /// Minutes of all chapters that are left.
    pub total: i64,
    /// Days on which there is study.
    pub days: i64,
    /// Whether the minutes a week are enough.
    pub fits: bool,
    /// Minutes a week that it takes to be ready in time; `None` when there is no day left.
    pub needed_a_week: Option<i64>,
    /// The first day for the exam that fits the minutes a week; `None` when that is more than ten years off.
    pub fits_from: Option<NaiveDate>,
}

/// A week from Monday on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Week {
    pub begins_on: NaiveDate,
    /// Days of study in it.
    pub days: i64,
    /// Whether some of it is a break, and some of it is for going over everything.
    pub has_break: bool,
    pub review: bool,
    pub exam: bool,
    pub parts: Vec<Part>,
}

/// Minutes of one chapter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// Its place among the chapters that are left.
    pub chapter: usize,
    pub minutes: i64,
    /// Whether the chapter is done with it.
    pub last: bool,
}

const FURTHEST: u64 = 3660;

impl Frame {
    /// The first day that is kept for going over everything.
    fn review_from(&self) -> NaiveDate {
        let weeks = u64::try_from(self.review_weeks).unwrap_or(0);
        self.exam_on.checked_sub_days(Days::new(weeks * 7)).unwrap_or(self.exam_on).max(self.today)
    }

    fn is_break(&self, day: NaiveDate) -> bool {
        self.breaks.iter().any(|(from, until)| *from <= day && day < *until)
    }

    fn is_study(&self, day: NaiveDate) -> bool {
        self.today <= day && day < self.review_from() && !self.is_break(day)
    }
}

/// Spreads chapters, of so many minutes each, in their order and evenly over the days of study.
pub fn calendar(chapters: &[i64], frame: &Frame) -> Calendar {
    let total: i64 = chapters.iter().sum();
    let mut weeks = weeks(frame);
    let days: i64 = weeks.iter().map(|week| week.days).sum();
    let mut left: Vec<(usize, i64)> = chapters.iter().copied().enumerate().filter(|(_, minutes)| *minutes > 0).rev().collect();
    let (mut gone, mut given) = (0, 0);
    for week in weeks.iter_mut().filter(|week| week.days > 0) {
        gone += week.days;
        // What must be done by the end of this week; rounding never adds up.
        let mut room = total * gone / days - given;
        given += room;
        while let Some((chapter, minutes)) = left.pop_if(|_| room > 0) {
            let now = minutes.min(room);
            room -= now;
            week.parts.push(Part { chapter, minutes: now, last: now == minutes });
            if now < minutes {
                left.push((chapter, minutes - now));
            }
        }
    }
    Calendar {
        total,
        days,
        fits: total == 0 || total * 7 <= frame.a_week * days,
        needed_a_week: (days > 0).then(|| (total * 7 + days - 1) / days),
        fits_from: fits_from(total, frame),
        weeks,
    }
}

fn weeks(frame: &Frame) -> Vec<Week> {
    let monday = |day: NaiveDate| day - Days::new(u64::from(day.weekday().num_days_from_monday()));
    let (first, review) = (monday(frame.today), frame.review_from());
    let begins = (0..=FURTHEST / 7).map_while(|week| first.checked_add_days(Days::new(week * 7)));
    begins
        .take_while(|begins| *begins <= frame.exam_on)
        .map(|begins_on| {
            let days = || (0..7).filter_map(|day| begins_on.checked_add_days(Days::new(day)));
            let coming = || days().filter(|day| frame.today <= *day && *day < frame.exam_on);
            Week {
                begins_on,
                days: coming().filter(|day| frame.is_study(*day)).map(|_| 1).sum(),
                has_break: coming().any(|day| frame.is_break(day)),
                review: coming().any(|day| day >= review),
                exam: days().any(|day| day == frame.exam_on),
                parts: Vec::new(),
            }
        })
        .collect()
}

/// The first day for the exam on which the minutes a week are enough.
fn fits_from(total: i64, frame: &Frame) -> Option<NaiveDate> {
    if frame.a_week <= 0 {
        return None;
    }
    let needed = (total * 7 + frame.a_week - 1) / frame.a_week;
    let free = (0..FURTHEST).filter_map(|day| frame.today.checked_add_days(Days::new(day))).filter(|day| !frame.is_break(*day));
    let last = match usize::try_from(needed).ok()?.checked_sub(1) {
        None => return Some(frame.today),
        Some(place) => free.into_iter().nth(place)?,
    };
    last.checked_add_days(Days::new(1 + 7 * u64::try_from(frame.review_weeks).ok()?))
}

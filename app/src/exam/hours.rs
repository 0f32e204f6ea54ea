//! Hours of practice: what counts on which day, what is missing, and by when it is there at this pace. Separate because it is
//! arithmetic over dates and nothing else.
//!
//! A window of five years that ends on a day holds that day and goes back to the day after the same date five years before.
//! Hours of a whole month stand under its first day, so that no hour counts longer than its day would let it.

use chrono::{Datelike, Days, Months, NaiveDate};

use crate::clock;

/// So many minutes within so many years.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    pub minutes: i64,
    pub years: u32,
}

/// Minutes of practice on each day, by day. Several entries of one day are fine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Log {
    days: Vec<NaiveDate>,
    /// The minutes of all days before the one of the same place, and at the end of all.
    sums: Vec<i64>,
}

/// Days over which a pace is measured, at the most and at the least.
const LONG: i64 = 91;
const SHORT: i64 = 28;

/// Further off than this is not a date to plan by.
const HORIZON: u64 = 5 * 366;

/// Minutes practiced in some days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    pub minutes: i64,
    pub days: i64,
}

impl Pace {
    pub fn a_week(self) -> i64 {
        self.minutes * 7 / self.days.max(1)
    }
}

/// The first day of the window of so many years that ends on a day.
pub fn window_start(on: NaiveDate, years: u32) -> NaiveDate {
    let before = on.checked_sub_months(Months::new(years.saturating_mul(12))).unwrap_or(NaiveDate::MIN);
    before.succ_opt().unwrap_or(before)
}

impl Log {
    pub fn of(entries: impl IntoIterator<Item = (NaiveDate, i64)>) -> Self {
        let mut entries: Vec<(NaiveDate, i64)> = entries.into_iter().collect();
        entries.sort_unstable_by_key(|(day, _)| *day);
        let mut sums = vec![0];
        for (_, minutes) in &entries {
            sums.push(sums.last().copied().unwrap_or(0) + minutes);
        }
        Self { days: entries.into_iter().map(|(day, _)| day).collect(), sums }
    }

    /// Minutes from one day to another, both counted.
    pub fn between(&self, from: NaiveDate, to: NaiveDate) -> i64 {
        let before = |place: usize| self.sums.get(place).copied().unwrap_or(0);
        let (first, after) = (self.days.partition_point(|day| *day < from), self.days.partition_point(|day| *day <= to));
        if after > first { before(after) - before(first) } else { 0 }
    }

    /// Minutes that count on a day for a window of so many years.
    pub fn within(&self, on: NaiveDate, years: u32) -> i64 {
        self.between(window_start(on, years), on)
    }

    /// Minutes that still count today and no longer do after so many days.
    pub fn falling_out(&self, today: NaiveDate, years: u32, days: u64) -> i64 {
        let later = today.checked_add_days(Days::new(days)).unwrap_or(today);
        let last = window_start(later, years).pred_opt().unwrap_or(today);
        self.between(window_start(today, years), last.min(today))
    }

    /// The pace of the last three months; of the time since the first entry, if that is shorter. None without any entry.
    pub fn pace(&self, today: NaiveDate) -> Option<Pace> {
        let first = *self.days.first()?;
        let days = ((today - first).num_days() + 1).clamp(SHORT, LONG);
        let from = today.checked_sub_days(Days::new(u64::try_from(days - 1).unwrap_or(0))).unwrap_or(today);
        Some(Pace { minutes: self.between(from, today), days })
    }

    fn meets(&self, needs: &[Need], on: NaiveDate, today: NaiveDate, pace: Pace) -> bool {
        needs.iter().all(|need| {
            let from = window_start(on, need.years);
            // Practice to come counts from tomorrow on, and falls out of its window like any other.
            let to_come = (on - today.max(from.pred_opt().unwrap_or(from))).num_days().max(0);
            self.between(from, on.min(today)) + pace.minutes * to_come / pace.days.max(1) >= need.minutes
        })
    }

    /// The first day, from today on, on which every need is met at a pace; `None` when that is not within five years.
    pub fn met_on(&self, needs: &[Need], today: NaiveDate, pace: Pace) -> Option<NaiveDate> {
        ahead(today).find(|on| self.meets(needs, *on, today, pace))
    }

    /// The last day on which everything is still met with no more practice; `None` when it is not met today.
    pub fn met_until(&self, needs: &[Need], today: NaiveDate) -> Option<NaiveDate> {
        let none = Pace { minutes: 0, days: 1 };
        ahead(today).take_while(|on| self.meets(needs, *on, today, none)).last()
    }
}

fn ahead(today: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    (0..=HORIZON).map_while(move |days| today.checked_add_days(Days::new(days)))
}

/// Minutes of "7", "7.5", "7,5" or "7:30" hours; `None` when it is none of them, or not more than nothing.
pub fn minutes(text: &str) -> Option<i32> {
    let text = text.trim().trim_end_matches(['h', 'H']).trim_end();
    let digits = |part: &str| !part.is_empty() && part.len() <= 6 && part.bytes().all(|byte| byte.is_ascii_digit());
    let minutes = match text.split_once(':') {
        Some((hours, minutes)) => {
            let rest: i64 = minutes.parse().ok().filter(|rest| digits(minutes) && minutes.len() == 2 && *rest < 60)?;
            hours.parse::<i64>().ok().filter(|_| digits(hours))? * 60 + rest
        }
        None => {
            let (hours, part) = text.split_once(['.', ',']).unwrap_or((text, "0"));
            // "1,012" may be a thousand hours or one: nobody can tell.
            let unclear = text.contains(',') && part.len() == 3;
            if !digits(hours) || part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit()) || unclear {
                return None;
            }
            let part: String = part.chars().chain("00".chars()).take(2).collect();
            // Hundredths of an hour, to the nearest minute.
            hours.parse::<i64>().ok()? * 60 + (part.parse::<i64>().ok()? * 60 + 50) / 100
        }
    };
    i32::try_from(minutes).ok().filter(|minutes| *minutes > 0)
}

/// Minutes as hours: "7", "7.5", "1,012.25".
pub fn say(minutes: i64) -> String {
    let (sign, minutes) = if minutes < 0 { ("−", -minutes) } else { ("", minutes) };
    let (hours, hundredths) = (minutes / 60, (minutes % 60 * 100 + 30) / 60);
    let (hours, hundredths) = if hundredths == 100 { (hours + 1, 0) } else { (hours, hundredths) };
    let mut whole = hours.to_string();
    let mut at = whole.len();
    while at > 3 {
        at -= 3;
        whole.insert(at, ',');
    }
    match hundredths {
        0 => format!("{sign}{whole}"),
        part if part % 10 == 0 => format!("{sign}{whole}.{}", part / 10),
        part => format!("{sign}{whole}.{part:02}"),
    }
}

/// A month as people and spreadsheets write it: "2026-03", "3/2026", "March 2026", "Mar 2026"; as its first day.
pub fn month(text: &str) -> Option<NaiveDate> {
    let text = text.trim();
    let first = |year: &str, month: &str| -> Option<NaiveDate> {
        let known = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let year = year.parse().ok().filter(|found| (1950..2150).contains(found) && known(year))?;
        NaiveDate::from_ymd_opt(year, month.parse().ok().filter(|_| known(month) && month.len() <= 2)?, 1)
    };
    if text.starts_with(|sign: char| sign.is_ascii_digit()) {
        let (one, other) = text.split_once(['-', '/', '.'])?;
        return if one.len() == 4 { first(one, other) } else { first(other, one) };
    }
    // "Mar-26" is what spreadsheets make of a month.
    let short = text.split_once('-').filter(|(_, year)| year.len() == 2).map(|(name, year)| (name, format!("20{year}")));
    let (name, year) =
        short.or_else(|| text.split_once(char::is_whitespace).map(|(name, year)| (name, year.trim().to_owned())))?;
    let name: chrono::Month = name.trim_end_matches('.').parse().ok()?;
    first(&year, &name.number_from_month().to_string())
}

/// When something was practiced: on a day, or through a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct When {
    pub day: NaiveDate,
    pub whole_month: bool,
}

impl When {
    pub fn day(day: NaiveDate) -> Self {
        Self { day, whole_month: false }
    }

    pub fn month(day: NaiveDate) -> Self {
        Self { day: day.with_day(1).unwrap_or(day), whole_month: true }
    }

    /// "2026-03-05", or "2026-03" of a month: as a file says it, and reads it again.
    pub fn code(self) -> String {
        self.day.format(if self.whole_month { "%Y-%m" } else { "%Y-%m-%d" }).to_string()
    }

    /// "March 2026", or the full date.
    pub fn words(self) -> String {
        if self.whole_month { self.day.format("%B %Y").to_string() } else { clock::say_full_date(self.day) }
    }

    /// The most minutes it can hold.
    fn room(self) -> i64 {
        let days = if self.whole_month { i64::from(self.day.num_days_in_month()) } else { 1 };
        days * 24 * 60
    }

    fn overlaps(self, other: Self) -> bool {
        let same_month = (self.day.year(), self.day.month()) == (other.day.year(), other.day.month());
        if self.whole_month || other.whole_month { same_month } else { self.day == other.day }
    }
}

/// Why an entry cannot be kept, if it cannot; `others` are the entries that stand beside it.
pub fn objection(when: When, minutes: i64, others: &[(When, i64)], today: NaiveDate) -> Option<String> {
    if when.day > today {
        let what = if when.whole_month { "month" } else { "day" };
        return Some(format!("This {what} is still to come. Log hours once they are done."));
    }
    if minutes > when.room() {
        let what = if when.whole_month { "month" } else { "day" };
        return Some(format!("A {what} has no {} hours. Check the number.", say(minutes)));
    }
    let at = |span: When, room: i64| {
        let there: i64 = others.iter().filter(|(other, _)| span.overlaps(*other)).map(|(_, minutes)| minutes).sum();
        (there + minutes > room).then_some(there)
    };
    // A day must fit into itself and its month into its own.
    let day = (!when.whole_month).then(|| at_day(when, minutes, others)).flatten();
    if let Some(there) = day {
        return Some(format!("That is more than the day has: {} hours are logged for it already.", say(there)));
    }
    let month = When::month(when.day);
    at(month, month.room())
        .map(|there| format!("That is more than the month has: {} hours are logged for it already.", say(there)))
}

fn at_day(when: When, minutes: i64, others: &[(When, i64)]) -> Option<i64> {
    let there: i64 = others.iter().filter(|(other, _)| *other == when).map(|(_, minutes)| minutes).sum();
    (there + minutes > when.room()).then_some(there)
}

/// Months in which single days stand beside the whole month: something may be counted twice.
pub fn counted_twice(log: &[When]) -> Vec<NaiveDate> {
    let of = |whole: bool| log.iter().filter(move |when| when.whole_month == whole).map(|when| When::month(when.day).day);
    let days: std::collections::BTreeSet<NaiveDate> = of(false).collect();
    let months: std::collections::BTreeSet<NaiveDate> = of(true).collect();
    days.intersection(&months).copied().collect()
}

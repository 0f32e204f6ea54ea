//! How far, how it stands against the plan, and when it will be finished at this pace. Separate because it is arithmetic
//! over dates and nothing else.
//!
//! A leave is no time of study: its days count neither for the pace nor against the plan.

use chrono::{Datelike, Days, NaiveDate};

use super::{ChapterProgress, TestState};
use crate::assessments::rules::PostTests;
use crate::clock;
use crate::enrollments::ladder::Stop;
use crate::enrollments::{OptionNumber, Story};
use crate::people::Side;

/// Fewer days of study than this say nothing about a pace.
const SHORTEST: i64 = 7;
/// Further off than this is not a date to plan by.
const LONGEST: i64 = 3650;

/// Days on which nothing was to be studied: from the first to before the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leave {
    pub from: NaiveDate,
    pub to: NaiveDate,
}

impl Leave {
    /// The leaves among the times in which clocks stand still; a mentor's time away is none.
    pub fn among(stops: &[Stop]) -> Vec<Self> {
        let of = |stop: &Stop| Self { from: clock::today(stop.from), to: clock::today(stop.to) };
        stops.iter().filter(|stop| stop.owner.is_none()).map(of).collect()
    }
}

/// How many days between the two were leave; leaves may overlap.
pub fn days_of_leave(from: NaiveDate, to: NaiveDate, leaves: &[Leave]) -> i64 {
    let mut within: Vec<(NaiveDate, NaiveDate)> =
        leaves.iter().map(|leave| (leave.from.max(from), leave.to.min(to))).filter(|(from, to)| from < to).collect();
    within.sort();
    let (mut days, mut counted_to) = (0, from);
    for (from, to) in within {
        days += (to - from.max(counted_to)).num_days().max(0);
        counted_to = counted_to.max(to);
    }
    days
}

/// What the reckoning needs of an enrolment beside its chapters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    pub option: OptionNumber,
    /// Whether a certificate requires the post-tests.
    pub tests_required: bool,
    pub due_on: NaiveDate,
    /// When the two last agreed on the days of the plan.
    pub planned_on: Option<NaiveDate>,
    pub letter_received: bool,
    pub exam_planned: bool,
    pub leaves: Vec<Leave>,
}

impl From<&Story> for Frame {
    fn from(story: &Story) -> Self {
        Self {
            option: story.option_number,
            tests_required: story.post_tests == PostTests::Required,
            due_on: story.due_on,
            planned_on: story.planned_at.map(clock::today),
            letter_received: story.letter_received_at.is_some(),
            exam_planned: story.exam_planned_at.is_some(),
            leaves: Leave::among(&story.stops),
        }
    }
}

/// One kind of thing that a certificate requires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Required {
    pub what: Requirement,
    pub done: usize,
    pub of: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requirement {
    Read,
    Test,
    Discussed,
    Letter,
    ExamPlan,
}

impl Required {
    /// "6 of 14 chapters read".
    pub fn words(self) -> String {
        let Self { what, done, of } = self;
        match what {
            Requirement::Read => format!("{done} of {of} chapters read"),
            Requirement::Test => format!("{done} of {of} post-tests passed"),
            Requirement::Discussed => format!("{done} of {of} chapters discussed and signed off"),
            Requirement::Letter if done == of => "the letter of agreement received".to_owned(),
            Requirement::Letter => "the letter of agreement not received yet".to_owned(),
            Requirement::ExamPlan if done == of => "the exam plan filled in".to_owned(),
            Requirement::ExamPlan => "the exam plan not filled in yet".to_owned(),
        }
    }
}

/// How the chapters read stand against the days of the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Against {
    /// The plan names no days for chapters.
    NoPlan,
    OnPlan,
    /// So many chapters are read whose days are still to come, the last of them so many days ahead.
    Ahead {
        chapters: usize,
        days: i64,
    },
    /// So many chapters are not read whose days have gone by, the first of them so many days ago.
    Behind {
        chapters: usize,
        days: i64,
    },
}

/// Why there is no day of finishing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unknown {
    NothingRead,
    OneRead,
    /// Less than a week of study lies behind it.
    TooShort,
    /// So far off that the day would say nothing.
    TooFar,
}

/// When the last chapter is read at this pace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finish {
    AllRead,
    On(NaiveDate),
    Unknown(Unknown),
}

impl Finish {
    pub fn day(self) -> Option<NaiveDate> {
        match self {
            Self::On(day) => Some(day),
            Self::AllRead | Self::Unknown(_) => None,
        }
    }
}

/// How far the required chapters are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pace {
    pub of: usize,
    pub read: usize,
    pub discussed: usize,
    pub against: Against,
    pub finish: Finish,
    /// Days of study for one chapter so far, once two are read; and the days of leave that are left out.
    pub days_each: Option<i64>,
    pub leave_days: i64,
    pub due_on: NaiveDate,
    /// Everything a certificate requires. The bar is the sum of it.
    pub required: Vec<Required>,
}

impl Pace {
    pub fn of(progress: &[ChapterProgress], frame: &Frame, today: NaiveDate) -> Self {
        let needed: Vec<&ChapterProgress> = progress.iter().filter(|one| one.chapter.required).collect();
        let days: Vec<NaiveDate> = needed.iter().filter_map(|one| one.read_on).collect();
        let count = |fits: fn(&ChapterProgress) -> bool| needed.iter().filter(|one| fits(one)).count();
        let (of, read, discussed) = (needed.len(), count(ChapterProgress::is_read), count(ChapterProgress::is_discussed));
        let first = days.iter().min().copied().unwrap_or(today);
        Self {
            of,
            read,
            discussed,
            against: against(&needed, frame, today),
            finish: finish(&days, of, today, &frame.leaves),
            days_each: days_each(&days, today, &frame.leaves),
            leave_days: days_of_leave(first, today, &frame.leaves),
            due_on: frame.due_on,
            required: required(&needed, frame),
        }
    }

    /// Of everything a certificate requires, how much is done.
    pub fn done(&self) -> usize {
        self.required.iter().map(|one| one.done).sum()
    }

    pub fn in_all(&self) -> usize {
        self.required.iter().map(|one| one.of).sum()
    }

    /// "6 of 14 read, 5 discussed. On plan. At this pace you finish in March."
    pub fn words(&self, reader: Side, today: NaiveDate) -> String {
        let Self { of, read, discussed, .. } = self;
        let mut words = format!("{read} of {of} read, {discussed} discussed.");
        if let Some(plan) = self.plan_words() {
            words.push_str(&format!(" {plan}"));
        }
        if let Finish::On(day) = self.finish {
            let who = match reader {
                Side::Mentee => "you finish",
                Side::Mentor => "it is finished",
            };
            words.push_str(&format!(" At this pace {who} {}.", say_month(day, today)));
        }
        words
    }

    /// "2 chapters ahead of the plan, by 9 days."; nothing where the plan names no days, or all is read.
    pub fn plan_words(&self) -> Option<String> {
        let days = |days: i64| if days == 1 { "1 day".to_owned() } else { format!("{days} days") };
        let chapters = |count: usize| if count == 1 { "1 chapter".to_owned() } else { format!("{count} chapters") };
        match self.against {
            _ if self.finish == Finish::AllRead => None,
            Against::NoPlan => None,
            Against::OnPlan => Some("On plan.".to_owned()),
            Against::Ahead { chapters: count, days: ahead } => {
                Some(format!("{} ahead of the plan, by {}.", chapters(count), days(ahead)))
            }
            Against::Behind { chapters: count, days: behind } => {
                Some(format!("{} behind the plan, by {}.", chapters(count), days(behind)))
            }
        }
    }

    /// The day of finishing in a sentence, or why there is none.
    pub fn finish_words(&self, reader: Side, today: NaiveDate) -> String {
        let (you, have) = match reader {
            Side::Mentee => ("you read", "you have"),
            Side::Mentor => ("they read", "they have"),
        };
        match self.finish {
            Finish::AllRead => "Every required chapter is read.".to_owned(),
            Finish::On(day) => {
                let late = if day > self.due_on {
                    format!(", after the time limit of {}", clock::say_full_date(self.due_on))
                } else {
                    String::new()
                };
                format!(
                    "At this pace {you} the last chapter {}, about {}{late}.",
                    say_month(day, today),
                    clock::say_date(day, today)
                )
            }
            Finish::Unknown(Unknown::NothingRead | Unknown::OneRead) => {
                format!("When {you} the last chapter can be said once {have} logged two.")
            }
            Finish::Unknown(Unknown::TooShort) => {
                format!("When {you} the last chapter can be said once {have} studied for a week.")
            }
            Finish::Unknown(Unknown::TooFar) => {
                "At this pace the last chapter is more than ten years off, which says only that it has rested.".to_owned()
            }
        }
    }

    /// How the day of finishing was reckoned.
    pub fn reckoned(&self) -> Option<String> {
        let (Finish::On(_), Some(each)) = (self.finish, self.days_each) else { return None };
        let each = match each {
            ..=1 => "a chapter a day or faster".to_owned(),
            days => format!("a chapter about every {days} days"),
        };
        let leave = match self.leave_days {
            0 => String::new(),
            1 => ", without one day of leave".to_owned(),
            days => format!(", without {days} days of leave"),
        };
        let left = self.of.saturating_sub(self.read);
        Some(format!("Reckoned from the {} chapters read so far: {each}{leave}, and {left} still to read.", self.read))
    }
}

/// What a certificate requires of these chapters, and beside them.
fn required(needed: &[&ChapterProgress], frame: &Frame) -> Vec<Required> {
    let of = needed.len();
    let count = |fits: fn(&ChapterProgress) -> bool| needed.iter().filter(|one| fits(one)).count();
    let mut all = vec![Required { what: Requirement::Read, done: count(ChapterProgress::is_read), of }];
    if frame.tests_required {
        let (done, of) = (count(|one| one.test() == TestState::Passed), count(|one| one.test() != TestState::None));
        all.push(Required { what: Requirement::Test, done, of });
    }
    all.push(Required { what: Requirement::Discussed, done: count(ChapterProgress::is_discussed), of });
    all.push(Required { what: Requirement::Letter, done: usize::from(frame.letter_received), of: 1 });
    if frame.option == OptionNumber::Three {
        all.push(Required { what: Requirement::ExamPlan, done: usize::from(frame.exam_planned), of: 1 });
    }
    all.retain(|one| one.of > 0);
    all
}

/// The number of chapters read is held against the number that should be: it does not matter which came first. Leave since
/// the plan was made moves its days on.
fn against(needed: &[&ChapterProgress], frame: &Frame, today: NaiveDate) -> Against {
    let planned: Vec<(NaiveDate, bool)> = needed.iter().filter_map(|one| Some((one.target_on?, one.is_read()))).collect();
    let mut days: Vec<NaiveDate> = planned.iter().map(|(day, _)| *day).collect();
    days.sort();
    let read = planned.iter().filter(|(_, read)| *read).count();
    let leave = frame.planned_on.map_or(0, |planned| days_of_leave(planned, today, &frame.leaves));
    let today = today.checked_sub_days(Days::new(leave.unsigned_abs())).unwrap_or(today);
    against_days(&days, read, today)
}

/// `days`: of the plan, in order, of which `read` have their chapter read.
pub fn against_days(days: &[NaiveDate], read: usize, today: NaiveDate) -> Against {
    if days.is_empty() {
        return Against::NoPlan;
    }
    let due = days.iter().filter(|day| **day < today).count();
    if let Some(next) = days.get(read).filter(|next| **next < today) {
        return Against::Behind { chapters: due - read, days: (today - *next).num_days() };
    }
    let asked = days.iter().filter(|day| **day <= today).count();
    match read.checked_sub(1).and_then(|last| days.get(last)).filter(|last| **last > today) {
        Some(last) => Against::Ahead { chapters: read - asked, days: (*last - today).num_days() },
        None => Against::OnPlan,
    }
}

/// The day on which the last of `of` chapters is read at the pace so far, from the days on which the others were.
///
/// The pace is the time of study between one chapter and the next. Once the next one is overdue by that measure, the days
/// since count too, so that the date moves away while nothing happens and never jumps.
pub fn finish(read_on: &[NaiveDate], of: usize, today: NaiveDate, leaves: &[Leave]) -> Finish {
    let (Some(first), Some(last)) = (read_on.iter().min(), read_on.iter().max()) else {
        return if of == 0 { Finish::AllRead } else { Finish::Unknown(Unknown::NothingRead) };
    };
    let studied = |from: NaiveDate, to: NaiveDate| (to - from).num_days() - days_of_leave(from, to, leaves);
    let left = of.saturating_sub(read_on.len());
    let (Ok(read), Ok(left)) = (i64::try_from(read_on.len()), i64::try_from(left)) else {
        return Finish::Unknown(Unknown::TooFar);
    };
    let (span, elapsed, idle) = (studied(*first, *last), studied(*first, today), studied(*last, today));
    match (left, read) {
        (0, _) => return Finish::AllRead,
        (_, ..=1) => return Finish::Unknown(Unknown::OneRead),
        _ if elapsed < SHORTEST || *last > today => return Finish::Unknown(Unknown::TooShort),
        _ => {}
    }
    let more =
        if idle * (read - 1) <= span { divided(span * left, read - 1) - idle } else { divided(elapsed * (left - 1), read) };
    if more > LONGEST {
        return Finish::Unknown(Unknown::TooFar);
    }
    day_after(today, more, leaves).map_or(Finish::Unknown(Unknown::TooFar), Finish::On)
}

/// The day so many days of study after `today`: a leave that is still to come is stepped over.
fn day_after(today: NaiveDate, more: i64, leaves: &[Leave]) -> Option<NaiveDate> {
    let mut day = today;
    let mut missing = more;
    while missing > 0 {
        day = day.checked_add_days(Days::new(missing.unsigned_abs()))?;
        missing = more - ((day - today).num_days() - days_of_leave(today, day, leaves));
    }
    Some(day)
}

/// Days of study for each chapter read, rounded to the nearest.
fn days_each(read_on: &[NaiveDate], today: NaiveDate, leaves: &[Leave]) -> Option<i64> {
    let (first, last) = (*read_on.iter().min()?, *read_on.iter().max()?);
    let read = i64::try_from(read_on.len()).ok().filter(|read| *read > 1)?;
    let studied = |to: NaiveDate| (to - first).num_days() - days_of_leave(first, to, leaves);
    let (span, elapsed) = (studied(last), studied(today));
    // The same two measures as for the day of finishing.
    let (days, chapters) = if (elapsed - span) * (read - 1) <= span { (span, read - 1) } else { (elapsed, read) };
    Some((days + chapters / 2) / chapters)
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

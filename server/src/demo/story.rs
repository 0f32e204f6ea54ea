//! When what happens: every case as scenes with a time. Separate because it is pure: the same day gives the same history,
//! and no database is asked.

use app::clock::{MONTANA, at_local, today};
use app::competencies::Moment;
use app::people::{Side, Way};
use app::plans::Rhythm;
use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveTime, Utc};

use super::people::{AWAY, Book, CASES, Case, Copy, INVITED, KNOWN, MENTORS, RECENT, Stage, Study};
use super::words::Texts;

/// One thing that happens: to a mentor, or in a case.
#[derive(Debug, Clone)]
pub enum Act {
    InviteMentor(usize),
    WelcomeMentor(usize),
    CheckCredential(usize, NaiveDate),
    GoAway(usize, NaiveDate),
    ApproveQuestions,
    Apply,
    DeclineApplication(&'static str),
    Accept,
    Welcome,
    Propose,
    TakeOn,
    TurnDown(&'static str),
    OwnBook,
    AskForBook,
    LendBook,
    BookArrives,
    RenewBook,
    SendBook,
    ShelveBook,
    Plan {
        rhythm: Rhythm,
        way: Way,
        note: &'static str,
    },
    /// The mentor proposes a time, and the mentee takes it.
    NextTalk(DateTime<Utc>),
    /// The mentor proposes times, which wait for the mentee.
    ProposeTimes(Vec<DateTime<Utc>>),
    /// The mentee confirms what was logged.
    Confirm,
    Evaluate(Moment),
    SkipEvaluation,
    Sign(Side),
    Receive,
    Read {
        chapter: i32,
        minutes: i32,
        words: &'static str,
        shared: bool,
    },
    Test {
        chapter: i32,
        missed: usize,
    },
    Write {
        side: Side,
        chapter: Option<i32>,
        words: &'static str,
        for_talk: bool,
    },
    See {
        side: Side,
        chapter: Option<i32>,
    },
    Talk {
        chapters: Vec<i32>,
        minutes: i32,
        way: Way,
        notes: &'static str,
        follow_ups: &'static str,
    },
    SignOff {
        chapter: i32,
        word: &'static str,
    },
    PlanExam,
    /// Timed practice: so many questions, of which so many are missed, in so many minutes.
    Practice {
        questions: i32,
        missed: usize,
        minutes: i64,
    },
    Pause(NaiveDate),
    Withdraw(&'static str),
    Issue,
}

#[derive(Debug, Clone)]
pub struct Scene {
    pub at: DateTime<Utc>,
    pub case: usize,
    pub act: Act,
}

/// A small generator of our own: the demo is the same on every machine.
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from `least` to `most`.
    pub fn between(&mut self, least: i64, most: i64) -> i64 {
        let span = u64::try_from(most - least + 1).unwrap_or(1).max(1);
        least + i64::try_from(self.next() % span).unwrap_or(0)
    }

    /// True about so many times in a hundred.
    pub fn percent(&mut self, part: i64) -> bool {
        self.between(1, 100) <= part
    }

    pub fn seed(&mut self) -> [u8; 32] {
        let mut seed = [0; 32];
        seed.chunks_mut(8).for_each(|chunk| chunk.copy_from_slice(&self.next().to_be_bytes()));
        seed
    }
}

/// The days of the demo, counted back from today.
#[derive(Debug, Clone, Copy)]
pub struct Days {
    now: DateTime<Utc>,
    /// By how many days a case is moved as a whole.
    shift: i64,
}

impl Days {
    pub fn new(now: DateTime<Utc>) -> Self {
        Self { now, shift: 0 }
    }

    pub fn date(&self, ago: i64) -> NaiveDate {
        today(self.now) - Duration::days(ago - self.shift)
    }

    /// So many days ago at a time of day in Montana.
    pub fn at(&self, ago: i64, hour: u32, minute: u32) -> DateTime<Utc> {
        at_local(MONTANA, self.date(ago), NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default())
    }

    pub fn hours_ago(&self, hours: i64) -> DateTime<Utc> {
        self.now - Duration::hours(hours)
    }
}

/// The year whose first certificate is the one that everybody knows.
const YEAR: i32 = 2026;

/// By how many days the oldest completed case must move so that some certificate is the first of [`YEAR`]; zero while one
/// of them was issued in that year anyway.
fn shift(days: Days) -> (usize, i64) {
    let issued = CASES.iter().enumerate().filter_map(|(index, case)| match case.stage {
        Stage::Completed(ago) => Some((index, days.date(ago))),
        _ => None,
    });
    let mut issued: Vec<(usize, NaiveDate)> = issued.collect();
    issued.sort_by_key(|(_, on)| *on);
    let Some((oldest, on)) = issued.first().copied() else { return (0, 0) };
    if issued.iter().any(|(_, on)| on.year() == YEAR) {
        return (oldest, 0);
    }
    let first = NaiveDate::from_ymd_opt(YEAR, 1, 1).unwrap_or(on);
    let last = NaiveDate::from_ymd_opt(YEAR, 12, 31).unwrap_or(on);
    // Early in the year itself, the newest day that is over.
    let aim = if days.date(0).year() == YEAR { days.date(1).max(first) } else { on.clamp(first, last) };
    (oldest, (aim - on).num_days())
}

/// Everything that happens, in order, and when the program began. `chapters`: how many a book's outline has.
pub fn scenes(now: DateTime<Utc>, texts: &mut Texts, chapters: impl Fn(Book) -> i32) -> (Vec<Scene>, DateTime<Utc>) {
    let days = Days::new(now);
    let (moved, by) = shift(days);
    let mut all = Vec::new();
    for (index, case) in CASES.iter().enumerate() {
        let days = Days { shift: if index == moved { by } else { 0 }, ..days };
        let chance = Chance::new(7 + index as u64 * 1009);
        let all_chapters = chapters(case.book);
        let mut telling = Telling { index, case, days, chance, all_chapters, texts, scenes: Vec::new() };
        telling.tell();
        all.append(&mut telling.scenes);
    }
    let began = all.iter().map(|scene| scene.at).min().unwrap_or(now) - Duration::days(45);
    all.extend(mentors(days, began));
    all.push(Scene { at: began + Duration::days(20), case: 0, act: Act::ApproveQuestions });
    // A case that was moved may reach beyond today.
    all.retain(|scene| scene.at <= now);
    all.sort_by_key(|scene| scene.at);
    (all, began)
}

/// How the mentors came, and when their credentials were looked at.
fn mentors(days: Days, began: DateTime<Utc>) -> Vec<Scene> {
    let mut scenes = Vec::new();
    let mut add = |at, act| scenes.push(Scene { at, case: 0, act });
    for (index, mentor) in (0i64..).zip(MENTORS) {
        let number = usize::try_from(index).unwrap_or_default();
        let came = match number {
            RECENT => days.at(60, 9, 20),
            INVITED => days.at(5, 9, 40),
            _ => began + Duration::days(1 + index) + Duration::minutes(13 * index),
        };
        add(came, Act::InviteMentor(number));
        if number == INVITED {
            continue;
        }
        add(came + Duration::days(2) + Duration::hours(3), Act::WelcomeMentor(number));
        let year = (today(came).year() + 2).max(days.date(0).year());
        let until = if number == RECENT { valid_to(days, mentor.years) } else { end_of(year) };
        add(came + Duration::days(3), Act::CheckCredential(number, until));
        if number != RECENT {
            let minute = u32::try_from(index).unwrap_or(0) * 3;
            add(days.at(280 - index, 14, minute), Act::CheckCredential(number, valid_to(days, mentor.years)));
        }
    }
    add(days.at(12, 20, 15), Act::GoAway(AWAY, days.date(-20)));
    scenes
}

fn end_of(year: i32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, 12, 31).unwrap_or_default()
}

/// Credentials run to the end of a year; one that ends soon ends in weeks, whatever the season.
fn valid_to(days: Days, years: i32) -> NaiveDate {
    let (today, soon) = (days.date(0), end_of(days.date(0).year()));
    match (years, (soon - today).num_days()) {
        (0, 20..=100) => soon,
        (0, _) => today + Duration::days(40),
        _ => end_of(today.year() + years),
    }
}

struct Telling<'a> {
    index: usize,
    case: &'static Case,
    days: Days,
    chance: Chance,
    all_chapters: i32,
    texts: &'a mut Texts,
    scenes: Vec<Scene>,
}

impl Telling<'_> {
    fn add(&mut self, at: DateTime<Utc>, act: Act) {
        self.scenes.push(Scene { at, case: self.index, act });
    }

    /// So many days after the application.
    fn after(&mut self, days: i64, hour: u32, act: Act) {
        let minute = u32::try_from(self.chance.between(2, 57)).unwrap_or(0);
        self.add(self.days.at(self.case.applied - days, hour, minute), act);
    }

    /// So many days ago.
    fn ago(&mut self, days: i64, hour: u32, act: Act) {
        self.after(self.case.applied - days, hour, act);
    }

    fn rhythm(&self) -> Rhythm {
        if self.index % 3 == 2 { Rhythm::Monthly } else { Rhythm::EveryTwoWeeks }
    }

    fn way(&self) -> Way {
        if self.index % 5 < 3 { Way::Phone } else { Way::Video }
    }

    fn tell(&mut self) {
        self.after(0, 9, Act::Apply);
        match self.case.stage {
            Stage::Applied(_) => return,
            Stage::Declined(reason) => return self.after(3, 11, Act::DeclineApplication(reason)),
            _ => self.after(2, 10, Act::Accept),
        }
        if self.case.stage == Stage::Accepted(false) {
            return;
        }
        self.after(3, 18, Act::Welcome);
        self.book();
        if matches!(self.case.stage, Stage::Accepted(_)) {
            return;
        }
        self.after(4, 9, Act::Propose);
        match self.case.stage {
            Stage::Proposed => return,
            Stage::TurnedDown(reason) => return self.after(7, 20, Act::TurnDown(reason)),
            _ => self.after(6, 12, Act::TakeOn),
        }
        if self.index.is_multiple_of(2) && self.case.applied > 12 {
            let (welcome, answer) = self.texts.welcome();
            self.exchange((None, Side::Mentor), 7, welcome, answer);
        }
        if self.case.stage != Stage::Matched {
            self.papers();
        }
    }

    fn book(&mut self) {
        match self.case.copy {
            Copy::Undecided => {}
            Copy::Own => self.after(3, 19, Act::OwnBook),
            Copy::Asked => self.after(3, 19, Act::AskForBook),
            Copy::Hand => self.after(5, 15, Act::LendBook),
            Copy::Underway | Copy::Post => {
                self.after(3, 19, Act::AskForBook);
                self.after(5, 14, Act::LendBook);
            }
        }
        if self.case.copy == Copy::Post {
            self.after(9, 7, Act::BookArrives);
        }
    }

    /// A message and its answer a day later; each has been seen by the other.
    fn exchange(&mut self, (chapter, side): (Option<i32>, Side), day: i64, words: &'static str, answer: &'static str) {
        let other = if side == Side::Mentee { Side::Mentor } else { Side::Mentee };
        let for_talk = side == Side::Mentee && self.chance.percent(40);
        self.after(day, 20, Act::Write { side, chapter, words, for_talk });
        self.after(day + 1, 7, Act::See { side: other, chapter });
        self.after(day + 1, 8, Act::Write { side: other, chapter, words: answer, for_talk: false });
        self.after(day + 1, 21, Act::See { side, chapter });
    }

    fn papers(&mut self) {
        let note = self.texts.plan_note();
        self.after(9, 17, Act::Plan { rhythm: self.rhythm(), way: self.way(), note });
        self.after(10, 19, if self.index % 7 == 6 { Act::SkipEvaluation } else { Act::Evaluate(Moment::Start) });
        match self.case.stage {
            Stage::Planned => return,
            Stage::Signed(side) => return self.after(11, 19, Act::Sign(side)),
            _ => {}
        }
        self.after(11, 19, Act::Sign(Side::Mentee));
        self.after(13, 8, Act::Sign(Side::Mentor));
        if self.case.stage == Stage::SignedByBoth {
            return;
        }
        self.after(15, 10, Act::Receive);
        let all = self.all_chapters;
        match self.case.stage {
            Stage::Ready(last) => self.finish(all, last),
            Stage::Completed(last) => {
                self.finish(all, last + 3);
                self.complete(last);
            }
            Stage::Studying(study) => self.going_on(study),
            Stage::Paused(study, days) => {
                self.read(study);
                self.ago(study.last - 5, 11, Act::Pause(self.days.date(-days)));
            }
            Stage::Withdrawn(study, reason) => {
                self.read(Study { last: study.last + 15, ..study });
                self.ago(study.last, 11, Act::Withdraw(reason));
                // The newest one is still to send the book back.
                if study.last > 120 {
                    self.give_back(study.last);
                }
            }
            _ => {}
        }
    }

    /// All read and discussed, the last thing so many days ago.
    fn finish(&mut self, all: i32, last: i64) {
        if self.case.book.option() == 3 {
            self.ago(last + 12, 20, Act::PlanExam);
        }
        self.read(Study { read: all, discussed: all, last: last + 3 });
        self.ago(last, 21, Act::Evaluate(Moment::End));
    }

    fn complete(&mut self, last: i64) {
        self.ago(last, 10, Act::Issue);
        self.give_back(last);
    }

    fn give_back(&mut self, last: i64) {
        if matches!(self.case.copy, Copy::Post | Copy::Hand) {
            self.ago(last - 3, 16, Act::SendBook);
            self.ago(last - 8, 13, Act::ShelveBook);
        }
    }

    fn going_on(&mut self, study: Study) {
        self.read(study);
        if study.last < 25 && study.read - study.discussed <= 2 {
            let talk = self.days.at(-(3 + self.index as i64 % 9), 17, 30);
            let act = match self.index {
                1 => Act::ProposeTimes(vec![talk, self.days.at(-7, 12, 0), self.days.at(-8, 18, 15)]),
                _ => Act::NextTalk(talk),
            };
            self.ago(study.last.min(2), 8, act);
        }
        if self.case.book.option() == 3 && study.last < 25 {
            self.ago(study.last + 2, 19, Act::Practice { questions: 10, missed: 4, minutes: 13 });
            self.ago(study.last, 19, Act::Practice { questions: 10, missed: 2, minutes: 11 });
        }
        let chapter = Some(study.read);
        match self.index {
            0 => {
                let words = "I saw that the medicines chapter was a tough one. Two of those questions catch everyone; shall we take them first on our next talk?";
                self.add(self.days.hours_ago(3), Act::Write { side: Side::Mentor, chapter, words, for_talk: true });
            }
            1 => {
                let words = "I tried the short version on my colleagues, and they asked for a second class. What would you put into it?";
                self.add(self.days.hours_ago(5), Act::Write { side: Side::Mentee, chapter, words, for_talk: false });
            }
            _ => {}
        }
    }

    /// The reading with all that goes with it, evenly from the letter's arrival to the last day.
    fn read(&mut self, study: Study) {
        let first = self.case.applied - 17;
        let day = |chapter: i32| {
            let steps = i64::from((study.read - 1).max(1));
            first - (first - study.last) * i64::from(chapter - 1) / steps
        };
        for chapter in 1..=study.read {
            self.read_one(study, chapter, day(chapter));
        }
        self.talks(study, &day);
        // A loan runs for half a year at a time; who has gone quiet does not think of it.
        let renewed = self.case.applied - 5 - 170;
        if renewed > study.last && matches!(self.case.copy, Copy::Post | Copy::Hand) {
            self.ago(renewed, 20, Act::RenewBook);
        }
    }

    fn read_one(&mut self, study: Study, chapter: i32, ago: i64) {
        let evening = if self.chance.percent(70) { 19 } else { 6 };
        let words =
            if self.index < KNOWN || self.chance.percent(65) { self.texts.reflection(self.case.book, chapter) } else { None };
        let minutes = i32::try_from(self.chance.between(5, 14) * 5).unwrap_or(45);
        let shared = words.is_some() && self.chance.percent(75);
        self.ago(ago, evening, Act::Read { chapter, minutes, words: words.unwrap_or_default(), shared });
        let answered = chapter <= study.discussed && ago > 6;
        if answered && let Some((question, answer)) = self.texts.question(self.case.book, chapter) {
            self.exchange((Some(chapter), Side::Mentee), self.case.applied - ago + 1, question, answer);
        }
        if self.case.book == Book::Guide {
            self.test(chapter, ago, chapter == study.read);
        }
    }

    /// The post-test follows the reading; about one in five needs a second try on another day.
    fn test(&mut self, chapter: i32, ago: i64, newest: bool) {
        let stuck = self.index == 0 && newest;
        if stuck || (ago > 3 && self.chance.percent(20)) {
            self.ago(ago, 21, Act::Test { chapter, missed: 2 });
        }
        if !stuck {
            let missed = usize::from(self.chance.percent(35));
            self.ago(ago - i64::from(ago > 3), 22, Act::Test { chapter, missed });
        }
    }

    /// Talks in the pair's rhythm until all that is to be discussed has been.
    fn talks(&mut self, study: Study, day: &impl Fn(i32) -> i64) {
        let last = (day(study.discussed.max(1)) - 2).max(1);
        let step = self.rhythm().days();
        let mut next = 1;
        let mut ago = self.case.applied - 16 - step;
        loop {
            let ago_now = ago.max(last);
            let covered: Vec<i32> = (next..=study.discussed).take_while(|chapter| day(*chapter) > ago_now).collect();
            let word = covered.first().copied().filter(|_| ago_now > last + 3 && self.chance.percent(25));
            if let Some(chapter) = word {
                let word = self.texts.sign_off();
                self.ago(ago_now, 7, Act::SignOff { chapter, word });
            }
            next += i32::try_from(covered.len()).unwrap_or(0);
            let (notes, follow_ups) = self.texts.talk();
            let minutes = i32::try_from(self.chance.between(4, 11) * 5).unwrap_or(30);
            self.ago(ago_now, 17, Act::Talk { chapters: covered, minutes, way: self.way(), notes, follow_ups });
            // The latest of some is not confirmed yet.
            if ago_now > 2 && (ago_now > last || self.index % 3 > 0) {
                self.ago(ago_now - 1, 12, Act::Confirm);
            }
            if ago_now == last || next > study.discussed {
                return;
            }
            ago -= step;
        }
    }
}

//! Step 7, the talking: threads of messages, one per chapter and one for the rest, and talks with what they were about.
//! Separate from the reading because it belongs to both of a pair alike.
//!
//! What is written here is the pair's own: the coordinator learns that and when they talked, never what
//! (PROGRAM section 11), a mentor who came later sees it from their own time on, and one who left keeps their own words
//! and what was answered to them (`former`).
//!
//! A talk is logged by one of the two and confirmed by the other. Until then it counts, with a mark; whoever remembers it
//! differently puts it right, and then it waits for the yes of the one who had logged it.

pub mod api;
pub mod former;
pub mod news;
pub mod pages;
pub mod store;
mod talk;

use chrono::{DateTime, Duration, NaiveDate, NaiveTime, Utc};
use uuid::Uuid;

use crate::assessments::Missed;
use crate::clock;
use crate::contacts::Medium;
use crate::error::Refusal;
use crate::id::{AccountId, ChapterId, EnrollmentId, MessageId, SubmissionKey, TalkId};
use crate::people::Way;
use crate::study::{ChapterProgress, chapter_path};

/// The longest message.
pub const MESSAGE: usize = 4000;
/// The longest notes of a talk, and the longest list of follow-ups.
pub const NOTES: usize = 4000;
pub const FOLLOW_UPS: usize = 2000;
/// The longest word with which one of the two says that a talk was different.
pub const OBJECTION: usize = 500;
/// As much of a message as stands on the agenda.
const OPENING: usize = 160;

/// A thread of an enrolment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thread {
    Chapter(ChapterId),
    /// Everything that belongs to no chapter.
    Rest,
}

impl Thread {
    pub fn of(chapter: Option<ChapterId>) -> Self {
        chapter.map_or(Self::Rest, Self::Chapter)
    }

    pub fn chapter(self) -> Option<ChapterId> {
        match self {
            Self::Chapter(chapter) => Some(chapter),
            Self::Rest => None,
        }
    }

    /// What its marks of having been seen are kept under.
    pub fn id(self, enrollment: EnrollmentId) -> Uuid {
        match self {
            Self::Chapter(chapter) => chapter.0,
            Self::Rest => enrollment.0,
        }
    }

    /// Where it is read.
    pub fn path(self, enrollment: EnrollmentId) -> String {
        match self {
            Self::Chapter(chapter) => chapter_path(enrollment, chapter),
            Self::Rest => format!("/enrollments/{enrollment}/messages"),
        }
    }
}

/// A message as a reader sees it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Message {
    pub id: MessageId,
    pub chapter_id: Option<ChapterId>,
    pub number: Option<i32>,
    pub author_id: AccountId,
    pub author: String,
    pub body: String,
    pub for_talk: bool,
    pub created_at: DateTime<Utc>,
    /// When its author put it right, or took it back: then it has no words any more.
    pub corrected_at: Option<DateTime<Utc>>,
    pub taken_back_at: Option<DateTime<Utc>>,
    /// The other's, and not seen before by this reader.
    pub unseen: bool,
}

impl Message {
    /// Whether `who` can put it right or take it back now. Only its author can, and only for a short time: what was read
    /// and answered stays.
    pub fn may_change(&self, who: AccountId, now: DateTime<Utc>, minutes: i64) -> Result<(), Refusal> {
        if self.author_id != who {
            Err(Refusal::new("Only who wrote a message can change it."))
        } else if self.taken_back_at.is_some() {
            Err(Refusal::new("This message was taken back already."))
        } else if now >= self.created_at + Duration::minutes(minutes) {
            Err(Refusal::new("The time in which a message can be changed is over. Write another that puts it right."))
        } else {
            Ok(())
        }
    }
}

/// A thread in the index of threads.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ThreadLine {
    pub chapter_id: Option<ChapterId>,
    pub number: Option<i32>,
    pub title: Option<String>,
    pub messages: i64,
    pub unseen: i64,
    pub last_at: DateTime<Utc>,
}

/// A message to be written.
#[derive(Debug, Clone)]
pub struct NewMessage {
    pub key: SubmissionKey,
    pub thread: Thread,
    pub body: String,
    pub for_talk: bool,
}

/// A talk to be logged.
#[derive(Debug, Clone)]
pub struct NewTalk {
    pub key: SubmissionKey,
    pub held_on: NaiveDate,
    pub minutes: i32,
    pub way: Way,
    pub notes: String,
    pub follow_ups: String,
    pub chapters: Vec<ChapterId>,
}

/// A talk as it was logged. Notes and follow-ups are empty for a mentor who came later.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Talk {
    pub id: TalkId,
    pub held_on: NaiveDate,
    pub minutes: i32,
    pub way: Way,
    pub notes: String,
    pub follow_ups: String,
    pub logged_by: String,
    pub created_at: DateTime<Utc>,
    /// When the other of the two said that it was so.
    pub confirmed_at: Option<DateTime<Utc>>,
    pub confirmed_by: Option<String>,
    /// Whether it waits for this reader's yes.
    pub asks_me: bool,
    /// Whether it is of this reader's own time.
    pub visible: bool,
    /// How it had come, when the coordinator entered it.
    pub came_by: Option<Medium>,
}

impl Talk {
    /// Up to when what had come up was talked over: when it was logged, or the end of its day if it was logged later, so
    /// that what comes up between the talk and its log is not lost.
    pub fn covered_until(&self) -> DateTime<Utc> {
        let next_day = self.held_on.succ_opt().unwrap_or(self.held_on);
        self.created_at.min(clock::at_local(clock::zone(), next_day, NaiveTime::MIN))
    }
}

/// How a talk was put right: what it had been said to be, and the word with it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Correction {
    pub talk_id: TalkId,
    pub by: String,
    pub held_on_before: NaiveDate,
    pub minutes_before: i32,
    pub way_before: Way,
    pub word: String,
}

/// A talk to be put right.
#[derive(Debug, Clone)]
pub struct NewCorrection {
    pub key: SubmissionKey,
    pub held_on: NaiveDate,
    pub minutes: i32,
    pub way: Way,
    pub word: String,
}

/// What the two wanted to do after a talk: one line of its follow-ups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowUp {
    pub item: FollowUpItem,
    pub words: String,
    /// The day of its talk.
    pub from: NaiveDate,
    /// Who said that it is done.
    pub done_by: Option<String>,
}

/// Names a follow-up: the talk, and the place of its line. Written and read as `talk.line`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FollowUpItem {
    pub talk: TalkId,
    pub line: i32,
}

impl std::fmt::Display for FollowUpItem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.talk, self.line)
    }
}

impl std::str::FromStr for FollowUpItem {
    type Err = crate::word::UnknownWord;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (talk, line) = text.split_once('.').ok_or(crate::word::UnknownWord)?;
        let (talk, line) = (talk.parse().ok(), line.parse().ok());
        talk.zip(line).map(|(talk, line)| Self { talk, line }).ok_or(crate::word::UnknownWord)
    }
}

/// A follow-up that is done: the talk, the line, and who said so.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct FollowUpDone {
    pub talk_id: TalkId,
    pub line: i32,
    pub by: String,
}

/// The follow-ups of these talks, in the order of the talks.
pub fn follow_ups(talks: &[Talk], done: &[FollowUpDone]) -> Vec<FollowUp> {
    let of_talk = |talk: &Talk| {
        let (id, from) = (talk.id, talk.held_on);
        (0_i32..)
            .zip(lines(&talk.follow_ups))
            .map(move |(line, words)| (FollowUpItem { talk: id, line }, words, from))
            .collect()
    };
    let all: Vec<(FollowUpItem, String, NaiveDate)> = talks.iter().flat_map(|talk| -> Vec<_> { of_talk(talk) }).collect();
    all.into_iter()
        .map(|(item, words, from)| {
            let done = done.iter().find(|done| done.talk_id == item.talk && done.line == item.line);
            FollowUp { item, words, from, done_by: done.map(|done| done.by.clone()) }
        })
        .collect()
}

/// A reflection the mentee shared.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Reflection {
    pub chapter_id: ChapterId,
    pub number: i32,
    pub title: String,
    pub reflection: String,
    pub studied_on: NaiveDate,
}

/// What there is to talk about since the last talk.
#[derive(Debug, Default)]
pub struct Agenda {
    /// What was to be done and is not yet, the latest talk's first: it is carried along until it is done.
    pub follow_ups: Vec<FollowUp>,
    pub flagged: Vec<Message>,
    pub missed: Vec<Missed>,
    pub reflections: Vec<Reflection>,
    /// Chapters the mentor can sign off.
    pub ready: Vec<ChapterProgress>,
}

impl Agenda {
    pub fn is_empty(&self) -> bool {
        self.count() == 0
    }

    /// Things on it, without the chapters to sign off.
    pub fn count(&self) -> usize {
        self.follow_ups.len() + self.flagged.len() + self.missed.len() + self.reflections.len()
    }
}

/// The lines of follow-ups that say something.
pub fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// The beginning of a message, as a line of the agenda: its thread holds the rest.
pub fn opening(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.chars().count() <= OPENING {
        return words;
    }
    let start: String = words.chars().take(OPENING).collect();
    // Between words where there are some, so that none is cut.
    let end = start.rfind(' ').filter(|end| *end > 0).unwrap_or(start.len());
    format!("{}…", start.get(..end).unwrap_or(&start))
}

/// Since when a talk must have been logged for the other to be asked about it now: of what is long ago nobody knows
/// better any more.
pub fn asked_since(now: DateTime<Utc>) -> DateTime<Utc> {
    now - Duration::days(60)
}

/// The facts of a talk as a form carries them, so that nobody confirms what they did not see.
pub fn facts(held_on: NaiveDate, minutes: i32, way: Way) -> String {
    format!("{held_on} {minutes} {way}")
}

/// Where talks are prepared and logged.
pub fn talk_path(enrollment: EnrollmentId) -> String {
    format!("/enrollments/{enrollment}/talk")
}

/// The chapters these ids name, each once; `None` when one is of another outline.
pub fn pick<'a>(progress: &'a [ChapterProgress], ids: &[ChapterId]) -> Option<Vec<&'a ChapterProgress>> {
    let known = |id: &ChapterId| progress.iter().any(|one| one.chapter.id == *id);
    ids.iter().all(known).then(|| progress.iter().filter(|one| ids.contains(&one.chapter.id)).collect())
}

/// That and when the two were in touch, as the coordinator sees it: there is no field for what was said.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Contact {
    pub at: DateTime<Utc>,
    pub author: String,
    /// Set for a talk; a message has none.
    pub held_on: Option<NaiveDate>,
    pub minutes: Option<i32>,
    pub way: Option<Way>,
    pub came_by: Option<Medium>,
}

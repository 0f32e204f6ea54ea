//! An attempt at a post-test: what was asked and answered, what it came to, and when the next one can begin. Separate
//! because it is about one person's test, while a question is everybody's.

use std::collections::BTreeSet;

use chrono::{DateTime, Duration, NaiveDate, NaiveTime, Utc};
use sha2::{Digest, Sha256};

use super::marking::credit;
use super::question::{Answer, Body, Credit, Picture, QuestionKind};
use crate::clock;
use crate::contacts::Medium;
use crate::error::{FieldError, Refusal};
use crate::id::{AttemptId, ChapterId, EnrollmentId, QuestionId};
use crate::settings::Settings;
use crate::study::origin;

/// One question of a test as it was asked, and what was answered once it is handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub question: QuestionId,
    pub text: String,
    pub explanation: String,
    pub picture: Option<Picture>,
    pub body: Body,
    pub answer: Answer,
    /// Once it is marked.
    pub credit: Option<Credit>,
    pub is_right: Option<bool>,
}

impl Item {
    pub fn kind(&self) -> QuestionKind {
        self.body.kind()
    }
}

/// A question that was missed, with the chapter and the test it was missed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missed {
    pub chapter: ChapterId,
    pub number: i32,
    pub handed_in_at: DateTime<Utc>,
    pub item: Item,
}

/// What a test came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Score {
    pub right: i32,
    pub of: i32,
    pub passed: bool,
}

impl Score {
    /// Whole percent, rounded down: 79.9 is not 80.
    pub fn percent(self) -> i32 {
        if self.of > 0 { self.right * 100 / self.of } else { 0 }
    }
}

/// What so many right answers of a test come to. A test without questions is not passed.
pub fn score(right: i32, of: i32, pass_mark: i32) -> Score {
    let passed = of > 0 && i64::from(right) * 100 >= i64::from(pass_mark) * i64::from(of);
    Score { right, of, passed }
}

/// A test marked: the credit of each item in its order, and the sum of those that got the whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marked {
    pub items: Vec<Option<Credit>>,
    pub score: Score,
}

/// Marks the answers to the items of a test, in the items' order.
pub fn mark(items: &[Item], answers: &[Answer], pass_mark: i32) -> Marked {
    let none = Answer::None;
    let marked: Vec<Option<Credit>> =
        items.iter().enumerate().map(|(index, item)| credit(&item.body, answers.get(index).unwrap_or(&none))).collect();
    let count = |number: usize| i32::try_from(number).unwrap_or(i32::MAX);
    let right = marked.iter().filter(|credit| credit.is_some_and(Credit::is_whole)).count();
    let (right, of) = (count(right), count(marked.len()));
    Marked { items: marked, score: score(right, of, pass_mark) }
}

/// How many right answers a test of so many questions takes.
pub fn needed(of: usize, pass_mark: i32) -> usize {
    let mark = usize::try_from(pass_mark).unwrap_or(0);
    (of * mark).div_ceil(100)
}

/// The name of a question's field in the test.
pub fn field(question: QuestionId) -> String {
    format!("answer[{question}]")
}

/// Reads what a form sent as (question, choice), in the order of the items. What was not offered is a complaint; so is
/// a gap, unless gaps are allowed.
pub fn read_answers(items: &[Item], sent: &[(String, String)], gaps: bool) -> Result<Vec<Answer>, Vec<FieldError>> {
    let wrong = |field: String, message: String| FieldError { field, message };
    let mut errors = Vec::new();
    if sent.iter().any(|(question, _)| !items.iter().any(|item| item.question.to_string() == *question)) {
        errors.push(wrong(String::new(), "One answer belongs to another post-test. Load the page again.".into()));
    }
    let mut answers = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let number = index + 1;
        let id = item.question.to_string();
        let values: Vec<&str> =
            sent.iter().filter(|(question, _)| *question == id).map(|(_, choice)| choice.as_str()).collect();
        let offered = item.body.offered().len();
        let chosen: Option<BTreeSet<usize>> =
            values.iter().map(|value| value.parse().ok().filter(|index| *index < offered)).collect();
        match chosen {
            None => errors.push(wrong(field(item.question), format!("Question {number}: choose from the answers given."))),
            Some(chosen) if chosen.len() > 1 && !item.kind().takes_many() => {
                errors.push(wrong(field(item.question), format!("Question {number}: choose one answer.")));
            }
            Some(chosen) if chosen.is_empty() && !gaps => {
                errors.push(wrong(field(item.question), format!("Question {number} is not answered yet.")));
            }
            Some(chosen) => answers.push(Answer::Chosen(chosen.into_iter().collect())),
        }
    }
    if errors.is_empty() { Ok(answers) } else { Err(errors) }
}

/// Draws up to `most` of the questions: an order by hash under a seed from the operating system.
pub fn draw(mut questions: Vec<QuestionId>, most: usize, seed: &[u8; 32]) -> Vec<QuestionId> {
    questions.sort_by_cached_key(|question| place(seed, question.0.as_bytes(), 0));
    questions.truncate(most);
    questions
}

/// The order in which a test shows the choices of a question: another in every attempt, the same on every view of one.
/// True and false stay as they are.
pub fn order_of_choices(attempt: AttemptId, item: &Item) -> Vec<usize> {
    let mut order: Vec<usize> = (0..item.body.offered().len()).collect();
    if item.kind() != QuestionKind::TrueFalse {
        order.sort_by_cached_key(|index| place(attempt.0.as_bytes(), item.question.0.as_bytes(), *index));
    }
    order
}

fn place(seed: &[u8], id: &[u8], index: usize) -> [u8; 32] {
    Sha256::new().chain_update(seed).chain_update(id).chain_update(index.to_be_bytes()).finalize().into()
}

/// One attempt at a chapter's post-test.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Attempt {
    pub id: AttemptId,
    pub enrollment_id: EnrollmentId,
    pub chapter_id: ChapterId,
    pub started_at: DateTime<Utc>,
    pub handed_in_at: Option<DateTime<Utc>>,
    pub right_count: Option<i32>,
    pub item_count: i32,
    pub passed: Option<bool>,
    /// Who entered a test on paper, and how it had come.
    pub entered_by: Option<String>,
    pub came_by: Option<Medium>,
    /// Kept from the outline before a change of option.
    pub carried: bool,
}

impl Attempt {
    /// Where it comes from, when it was not taken on its page.
    pub fn mark(&self) -> Option<String> {
        origin(self.entered_by.as_deref(), self.came_by, self.carried)
    }

    /// Once it is handed in.
    pub fn score(&self) -> Option<Score> {
        Some(Score { right: self.right_count?, of: self.item_count, passed: self.passed? })
    }
}

/// Why a test that was taken on paper on this day cannot be entered, if so. The rule of attempts holds for that day.
pub fn paper_objection(attempts: &[Attempt], settings: &Settings, day: NaiveDate) -> Option<&'static str> {
    if attempts.iter().any(|attempt| attempt.handed_in_at.is_none()) {
        return Some("A post-test of this chapter is open on the site. It is handed in there first.");
    }
    if attempts.iter().any(|attempt| attempt.passed == Some(true)) {
        return Some("This post-test is passed already. No other attempt is needed.");
    }
    let used = attempts.iter().filter(|attempt| clock::today(attempt.started_at) == day).count();
    (i64::try_from(used).unwrap_or(i64::MAX) >= settings.attempts_a_day.max(1))
        .then_some("On that day the attempts of this chapter are used up already. Look at the day again.")
}

/// What can be done next with a chapter's post-test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Go on with the one that is open.
    GoOn(AttemptId),
    /// Passed; no other is needed.
    Passed,
    /// Start one now.
    Start,
    /// The attempts of today are used up.
    From(DateTime<Utc>),
}

/// What comes next, from the attempts so far. The day of an attempt is the day it was started, in the program's zone.
pub fn next(attempts: &[Attempt], settings: &Settings, now: DateTime<Utc>) -> Next {
    if let Some(open) = attempts.iter().find(|attempt| attempt.handed_in_at.is_none()) {
        return Next::GoOn(open.id);
    }
    if attempts.iter().any(|attempt| attempt.passed == Some(true)) {
        return Next::Passed;
    }
    let today = clock::today(now);
    let used = attempts.iter().filter(|attempt| clock::today(attempt.started_at) == today).count();
    if i64::try_from(used).unwrap_or(i64::MAX) < settings.attempts_a_day.max(1) {
        Next::Start
    } else {
        Next::From(clock::at_local(clock::zone(), today + Duration::days(1), NaiveTime::MIN))
    }
}

impl Next {
    /// Whether a new attempt can begin, or why not.
    pub fn may_start(self, now: DateTime<Utc>) -> Result<(), Refusal> {
        match self {
            Self::Start => Ok(()),
            Self::GoOn(_) => Err(Refusal::new("This post-test is open already. Hand it in first.")),
            Self::Passed => Err(Refusal::new("You have passed this post-test. No other attempt is needed.")),
            Self::From(at) => {
                let day = clock::say_date(clock::today(at), clock::today(now));
                Err(Refusal::new(format!("You have taken this post-test today. The next attempt is possible on {day}.")))
            }
        }
    }
}

//! One attempt at a post-test: what is drawn, in which order it is shown, how answers are read and kept, and what they
//! come to. Separate because it decides what counts, and because nothing of the key may leave through it.
//!
//! A page and what it sends speak of *places*: the first thing shown, the second. Which choice as written stands at a
//! place follows from the attempt's seed, which never leaves the server: the order as written can give the key away, and
//! in a matching it is the key.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, NaiveDate, NaiveTime, Utc};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::marking::{credit, number};
use super::question::{Answer, Body, Credit, Picture, QuestionKind, tidy};
use super::rules::{Rules, Shows};
use crate::clock;
use crate::contacts::Medium;
use crate::error::{FieldError, Refusal};
use crate::id::{AttemptId, ChapterId, EnrollmentId, QuestionId};
use crate::study::origin;
use crate::words;

/// The longest answer in words: of an essay, and of everything else.
pub const ESSAY: usize = 4000;
pub const LINE: usize = 300;

/// One question of a test as it was asked, with what was answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    pub question: QuestionId,
    pub text: String,
    pub explanation: String,
    pub body: Body,
    pub picture: Option<Picture>,
    pub answer: Answer,
    /// Once it is marked.
    pub credit: Option<Credit>,
    pub saved_at: Option<DateTime<Utc>>,
    /// The page the answer came from.
    pub saved_from: Option<Uuid>,
    /// Who marked it, and the word with it; for an essay.
    pub marked_by: Option<String>,
    pub word: String,
}

impl Item {
    pub fn kind(&self) -> QuestionKind {
        self.body.kind()
    }

    /// What was answered, in one line: "Chosen: Milk; Juice".
    pub fn answer_in_words(&self) -> String {
        let offered = self.body.offered();
        let text = |place: usize| offered.get(place).copied().unwrap_or_default();
        match (&self.body, &self.answer) {
            (_, answer) if !answer.is_given() => "Left open.".to_owned(),
            (Body::Matching { pairs, .. }, Answer::Matched(matched)) => {
                let pairs = pairs
                    .iter()
                    .zip(matched)
                    .map(|(pair, place)| format!("{}: {}", pair.left, place.map_or("left open", text)));
                pairs.collect::<Vec<_>>().join("; ")
            }
            (_, Answer::Chosen(chosen)) => {
                format!("Chosen: {}", chosen.iter().map(|place| text(*place)).collect::<Vec<_>>().join("; "))
            }
            (_, Answer::Text(text)) => format!("Answered: {text}"),
            (_, Answer::None | Answer::Matched(_)) => String::new(),
        }
    }

    pub fn is_right(&self) -> bool {
        self.credit.is_some_and(Credit::is_whole)
    }
}

words! {
    /// How much of an answer a mentor lets count.
    pub enum Share {
        Nothing = "0",
        Quarter = "25",
        Half = "50",
        ThreeQuarters = "75",
        Everything = "100",
    }
}

impl Share {
    pub fn name(self) -> &'static str {
        match self {
            Self::Nothing => "Nothing of it",
            Self::Quarter => "A quarter",
            Self::Half => "Half",
            Self::ThreeQuarters => "Three quarters",
            Self::Everything => "All of it",
        }
    }

    pub fn credit(self) -> Credit {
        Credit(match self {
            Self::Nothing => 0,
            Self::Quarter => 250,
            Self::Half => 500,
            Self::ThreeQuarters => 750,
            Self::Everything => 1000,
        })
    }
}

/// A question that was missed, with the chapter and the test it was missed in.
#[derive(Debug, Clone, PartialEq)]
pub struct Missed {
    pub chapter: ChapterId,
    pub number: i32,
    pub attempt: AttemptId,
    pub handed_in_at: DateTime<Utc>,
    /// What the mentee may read of it now; the mentor reads all.
    pub reading: Reading,
    pub item: Item,
}

/// What a test came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Score {
    pub credit: Credit,
    /// Questions, of which each gives at most one.
    pub of: i32,
    pub passed: bool,
}

impl Score {
    /// Whole percent, rounded down: 79.9 is not 80.
    pub fn percent(self) -> i32 {
        if self.of > 0 { self.credit.0 / self.of.saturating_mul(10) } else { 0 }
    }

    /// Whether every question was answered wholly right.
    pub fn is_whole(self) -> bool {
        self.credit.0 >= self.of.saturating_mul(Credit::WHOLE.0)
    }

    /// "4", or "3.5" where some answers got a part.
    pub fn points(self) -> String {
        points(self.credit)
    }
}

/// A sum of credits as points: one for each question.
pub fn points(credit: Credit) -> String {
    let (whole, part) = (credit.0 / Credit::WHOLE.0, credit.0.abs() % Credit::WHOLE.0);
    // To a hundredth, down: so no sum looks like more than it is.
    let part = format!("{:02}", part / 10);
    match part.trim_end_matches('0') {
        "" => whole.to_string(),
        part => format!("{whole}.{part}"),
    }
}

/// What so much credit of so many questions comes to. A test without questions is not passed.
pub fn score(credit: Credit, of: i32, pass_mark: i32) -> Score {
    let passed = of > 0 && i64::from(credit.0) * 100 >= i64::from(pass_mark) * i64::from(of) * i64::from(Credit::WHOLE.0);
    Score { credit, of, passed }
}

/// A test marked: each item in its order, and the sum once nothing waits for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marked {
    pub items: Vec<Option<Credit>>,
    pub score: Option<Score>,
}

/// Marks the items of a test by their answers; what a person has marked keeps that.
pub fn mark(items: &[Item], pass_mark: i32) -> Marked {
    let marked: Vec<Option<Credit>> =
        items.iter().map(|item| item.credit.or_else(|| credit(&item.body, &item.answer))).collect();
    let sum: Option<i32> = marked.iter().map(|credit| credit.map(|credit| credit.0)).sum();
    let of = i32::try_from(items.len()).unwrap_or(i32::MAX);
    Marked { score: sum.map(|sum| score(Credit(sum), of, pass_mark)), items: marked }
}

/// How many right answers a test of so many questions takes.
pub fn needed(of: usize, pass_mark: i32) -> usize {
    let mark = usize::try_from(pass_mark).unwrap_or(0);
    (of * mark).div_ceil(100)
}

/// A question that can be drawn.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Drawable {
    pub id: QuestionId,
    pub topic: String,
}

/// Draws questions by the rules: first from each topic as many as it must give, in turns where that is more than there is
/// room for, then at random from the rest. Shuffled, or in the order they came.
pub fn draw(questions: &[Drawable], rules: &Rules, seed: &[u8]) -> Vec<QuestionId> {
    let room = usize::try_from(rules.questions.max(1)).unwrap_or(usize::MAX);
    let each = usize::try_from(rules.per_topic).unwrap_or(0);
    let mut by_chance: Vec<&Drawable> = questions.iter().collect();
    by_chance.sort_by_cached_key(|one| place(seed, one.id, 0));
    let mut given: BTreeMap<&str, usize> = BTreeMap::new();
    // The turn in which a question comes: those its topic must give first, all others after them.
    let mut turns: Vec<(usize, QuestionId)> = by_chance
        .into_iter()
        .map(|one| {
            let before = given.entry(&one.topic).or_default();
            *before += 1;
            ((*before).min(each + 1), one.id)
        })
        .collect();
    turns.sort_by_key(|(turn, _)| *turn);
    let mut drawn: Vec<QuestionId> = turns.into_iter().take(room).map(|(_, id)| id).collect();
    if rules.shuffle_questions {
        drawn.sort_by_cached_key(|id| place(seed, *id, 1));
    } else {
        drawn.sort_by_key(|id| questions.iter().position(|one| one.id == *id));
    }
    drawn
}

fn place(seed: &[u8], question: QuestionId, index: usize) -> [u8; 32] {
    Sha256::new().chain_update(seed).chain_update(question.0.as_bytes()).chain_update(index.to_be_bytes()).finalize().into()
}

/// What stands at each place of a question: the index of a choice, or of a matching's answer, as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order(Vec<usize>);

impl Order {
    /// The same on every view of one attempt. True stays before false; the answers of a matching never stand as written.
    pub fn of(seed: &[u8], item: &Item, shuffled: bool) -> Self {
        let (count, shuffled) = match &item.body {
            Body::Single(_) | Body::Multiple(_) => (item.body.offered().len(), shuffled),
            Body::Matching { .. } => (item.body.offered().len(), true),
            Body::TrueFalse { .. } => (2, false),
            Body::Numerical(_) | Body::ShortAnswer { .. } | Body::Essay { .. } => (0, false),
        };
        let mut order: Vec<usize> = (0..count).collect();
        if shuffled {
            order.sort_by_cached_key(|index| place(seed, item.question, *index));
        }
        Self(order)
    }

    /// As written, for those who may know the key.
    pub fn as_written(item: &Item) -> Self {
        let mut order = Self::of(&[], item, false);
        order.0.sort_unstable();
        order
    }

    /// What stands at the places, the first first.
    pub fn written(&self) -> &[usize] {
        &self.0
    }

    /// At which place an index stands.
    pub fn place_of(&self, written: usize) -> Option<usize> {
        self.0.iter().position(|index| *index == written)
    }

    fn at(&self, place: &str) -> Option<usize> {
        self.0.get(place.parse::<usize>().ok()?).copied()
    }
}

/// The name of a question's field in a test.
pub fn field(question: QuestionId) -> String {
    format!("given[{question}]")
}

/// The same for a row of a matching.
pub fn row_field(question: QuestionId, row: usize) -> String {
    format!("given[{question}.{row}]")
}

/// What a page of a test sent: which questions stood on it, what was given, and which page it was, as it was read when.
#[derive(Debug, Clone, Default)]
pub struct Sent {
    pub asked: Vec<String>,
    /// (question, or question.row; what was given).
    pub given: Vec<(String, String)>,
    pub page: Option<Uuid>,
    pub as_of: Option<DateTime<Utc>>,
}

impl Sent {
    /// From the fields of a form.
    pub fn of(fields: &[(String, String)]) -> Self {
        let value = |name: &str| fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str());
        let given = fields.iter().filter_map(|(name, value)| {
            let question = name.strip_prefix("given[")?.strip_suffix(']')?;
            Some((question.to_owned(), value.clone()))
        });
        Self {
            asked: fields.iter().filter(|(name, _)| name == "asked").map(|(_, question)| question.clone()).collect(),
            given: given.collect(),
            page: value("page").and_then(|page| page.parse().ok()),
            as_of: value("as_of").and_then(|micros| micros.parse().ok()).and_then(DateTime::from_timestamp_micros),
        }
    }

    fn of_question(&self, question: QuestionId) -> Vec<(Option<&str>, &str)> {
        let id = question.to_string();
        self.given
            .iter()
            .filter_map(|(name, value)| {
                let row = name.strip_prefix(id.as_str())?;
                Some((row.strip_prefix('.'), value.as_str()))
            })
            .collect()
    }

    fn is_about(&self, items: &[Item]) -> bool {
        let known = |name: &str| {
            let question = name.split_once('.').map_or(name, |(question, _)| question);
            items.iter().any(|item| item.question.to_string() == question)
        };
        self.asked.iter().all(|name| known(name)) && self.given.iter().all(|(name, _)| known(name))
    }
}

/// Why an answer of a page is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objection {
    pub error: FieldError,
    /// The question whose answer cannot be read as it stands. Where another page has answered, that answer holds.
    pub unreadable: Option<QuestionId>,
}

/// Which answers a page changes: for each item what is to be kept, or `None` where it stays as it is.
///
/// Beside them stands why an answer cannot be kept: it was not offered; or another page has given one meanwhile, and this
/// one says something else. A question left empty here never takes back what was answered there.
pub fn changes(items: &[Item], orders: &[Order], sent: &Sent) -> (Vec<Option<Answer>>, Vec<Objection>) {
    let mut objections = Vec::new();
    let mut object = |error, unreadable| objections.push(Objection { error, unreadable });
    if !sent.is_about(items) {
        let message = "One answer belongs to other questions. Load the page again.".into();
        object(FieldError { field: String::new(), message }, None);
    }
    let mut changes = Vec::new();
    for (index, (item, order)) in items.iter().zip(orders).enumerate() {
        if !sent.asked.contains(&item.question.to_string()) {
            changes.push(None);
            continue;
        }
        match read(&item.body, order, &sent.of_question(item.question)) {
            Ok(answer) if answer == item.answer => changes.push(None),
            Ok(answer) if is_elsewhere(item, sent) && !answer.is_given() => changes.push(None),
            Ok(_) if is_elsewhere(item, sent) => {
                changes.push(None);
                let words = "was answered in another tab or on another device meanwhile. Choose here which answer you mean.";
                object(wrong(item, index, words), None);
            }
            Ok(answer) => changes.push(Some(answer)),
            Err(complaint) => {
                changes.push(None);
                object(wrong(item, index, complaint), Some(item.question));
            }
        }
    }
    (changes, objections)
}

/// Whether another page has kept an answer since this one was read.
fn is_elsewhere(item: &Item, sent: &Sent) -> bool {
    let later = match (item.saved_at, sent.as_of) {
        (Some(saved), Some(read)) => saved > read,
        (saved, None) => saved.is_some(),
        (None, _) => false,
    };
    later && (sent.page.is_none() || item.saved_from != sent.page)
}

fn wrong(item: &Item, index: usize, complaint: &str) -> FieldError {
    FieldError { field: first_field(item), message: format!("Question {} {complaint}", index + 1) }
}

/// Where a complaint about a question leads to.
pub fn first_field(item: &Item) -> String {
    match &item.body {
        Body::Matching { .. } => row_field(item.question, 0),
        _ => field(item.question),
    }
}

/// Every question that is not answered, or not wholly.
pub fn gaps(items: &[Item]) -> Vec<FieldError> {
    let complaint = |item: &Item| match &item.answer {
        answer if !answer.is_given() => Some("is not answered yet.".to_owned()),
        Answer::Matched(matched) => match matched.iter().filter(|one| one.is_none()).count() {
            0 => None,
            open => Some(format!("has {open} without an answer.")),
        },
        Answer::None | Answer::Chosen(_) | Answer::Text(_) => None,
    };
    items
        .iter()
        .enumerate()
        .filter_map(|(index, item)| complaint(item).map(|complaint| wrong(item, index, &complaint)))
        .collect()
}

/// Reads what was given to one question, as (row, value). The message says what is wrong with it.
fn read(body: &Body, order: &Order, given: &[(Option<&str>, &str)]) -> Result<Answer, &'static str> {
    match body {
        Body::Single(_) | Body::TrueFalse { .. } => chosen(order, given, false),
        Body::Multiple(_) => chosen(order, given, true),
        Body::Matching { pairs, .. } => matched(pairs.len(), order, given),
        Body::ShortAnswer { .. } => text(given, LINE),
        Body::Numerical(_) => match text(given, LINE)? {
            Answer::Text(text) if number(&text).is_none() => Err("takes a number, such as 7.5."),
            answer => Ok(answer),
        },
        Body::Essay { .. } => text(given, ESSAY),
    }
}

const NOT_OFFERED: &str = "takes one of the answers given. Choose again.";

fn chosen(order: &Order, given: &[(Option<&str>, &str)], many: bool) -> Result<Answer, &'static str> {
    let chosen: Option<BTreeSet<usize>> =
        given.iter().map(|(row, place)| if row.is_some() { None } else { order.at(place) }).collect();
    match chosen {
        None => Err(NOT_OFFERED),
        Some(chosen) if chosen.is_empty() => Ok(Answer::None),
        Some(chosen) if chosen.len() > 1 && !many => Err("takes one answer only. Choose again."),
        Some(chosen) => Ok(Answer::Chosen(chosen.into_iter().collect())),
    }
}

fn matched(rows: usize, order: &Order, given: &[(Option<&str>, &str)]) -> Result<Answer, &'static str> {
    let mut matched = vec![None; rows];
    for (row, place) in given {
        let slot = row.and_then(|row| row.parse::<usize>().ok()).and_then(|row| matched.get_mut(row));
        let slot: &mut Option<usize> = slot.ok_or(NOT_OFFERED)?;
        if !place.is_empty() {
            *slot = Some(order.at(place).ok_or(NOT_OFFERED)?);
        }
    }
    Ok(if matched.iter().all(Option::is_none) { Answer::None } else { Answer::Matched(matched) })
}

fn text(given: &[(Option<&str>, &str)], most: usize) -> Result<Answer, &'static str> {
    let [(None, typed)] = given else { return if given.is_empty() { Ok(Answer::None) } else { Err(NOT_OFFERED) } };
    let text = tidy(typed);
    if text.chars().count() > most {
        return Err("has an answer that is too long. Shorten it.");
    }
    Ok(if text.is_empty() { Answer::None } else { Answer::Text(text) })
}

/// One attempt at a chapter's post-test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    pub id: AttemptId,
    pub enrollment_id: EnrollmentId,
    pub chapter_id: ChapterId,
    pub started_at: DateTime<Utc>,
    pub handed_in_at: Option<DateTime<Utc>>,
    /// Once nothing waits to be marked.
    pub credit: Option<Credit>,
    pub item_count: i32,
    pub passed: Option<bool>,
    /// Those it began under; earlier attempts and those on paper have none.
    pub rules: Option<Rules>,
    pub seed: Vec<u8>,
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

    /// Once it is handed in and marked.
    pub fn score(&self) -> Option<Score> {
        Some(Score { credit: self.credit?, of: self.item_count, passed: self.passed? })
    }

    pub fn is_open(&self) -> bool {
        self.handed_in_at.is_none()
    }

    /// Handed in, with answers that the mentor has still to mark.
    pub fn waits(&self) -> bool {
        self.handed_in_at.is_some() && self.passed.is_none()
    }

    /// The rules it goes by: its own, else those of now.
    pub fn rules(&self, now: &Rules) -> Rules {
        self.rules.unwrap_or(*now)
    }

    /// The order in which its items are shown.
    pub fn orders(&self, items: &[Item], now: &Rules) -> Vec<Order> {
        let shuffled = self.rules(now).shuffle_choices;
        items.iter().map(|item| Order::of(&self.seed, item, shuffled)).collect()
    }
}

/// What a mentee may read about a question after handing in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// Which answer is right, and the question's explanation.
    pub key: bool,
    /// Why what they chose themselves was right or not.
    pub own: bool,
}

impl Reading {
    pub const ALL: Self = Self { key: true, own: true };
}

/// By the rules an attempt began under, and whether the chapter's post-test is passed by now.
pub fn reading(rules: &Rules, passed: bool) -> Reading {
    match rules.shows {
        _ if passed => Reading::ALL,
        Shows::Everything => Reading::ALL,
        Shows::OwnChoices => Reading { key: false, own: true },
        Shows::AfterPassing => Reading { key: false, own: false },
    }
}

/// Why a test that was taken on paper on this day cannot be entered, if so. The rule of attempts holds for that day; how
/// many there may be in all does not, because the coordinator decides.
pub fn paper_objection(attempts: &[Attempt], rules: &Rules, day: NaiveDate) -> Option<&'static str> {
    if attempts.iter().any(Attempt::is_open) {
        return Some("A post-test of this chapter is open on the site. It is handed in there first.");
    }
    if attempts.iter().any(|attempt| attempt.passed == Some(true)) {
        return Some("This post-test is passed already. No other attempt is needed.");
    }
    (used_on(attempts, day) >= rules.a_day.max(1))
        .then_some("On that day the attempts of this chapter are used up already. Look at the day again.")
}

fn used_on(attempts: &[Attempt], day: NaiveDate) -> i32 {
    let used = attempts.iter().filter(|attempt| clock::today(attempt.started_at) == day).count();
    i32::try_from(used).unwrap_or(i32::MAX)
}

/// What can be done next with a chapter's post-test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Go on with the one that is open.
    GoOn(AttemptId),
    /// Passed; no other is needed.
    Passed,
    /// Handed in; the mentor marks what only a person can.
    Marking,
    /// Start one now.
    Start,
    /// The attempts of a day are used up.
    From(DateTime<Utc>),
    /// All attempts are used up; the coordinator can allow one more.
    UsedUp(i32),
}

/// What comes next, from the attempts so far and those allowed besides. The day of an attempt is the day it was started,
/// in the program's zone.
pub fn next(attempts: &[Attempt], rules: &Rules, allowed: i32, now: DateTime<Utc>) -> Next {
    if let Some(open) = attempts.iter().find(|attempt| attempt.is_open()) {
        return Next::GoOn(open.id);
    }
    if attempts.iter().any(|attempt| attempt.passed == Some(true)) {
        return Next::Passed;
    }
    if attempts.iter().any(Attempt::waits) {
        return Next::Marking;
    }
    let used = i32::try_from(attempts.len()).unwrap_or(i32::MAX);
    if let Some(most) = rules.attempts.map(|most| most.saturating_add(allowed))
        && used >= most
    {
        return Next::UsedUp(used);
    }
    match attempts.iter().map(|attempt| clock::today(attempt.started_at)).max() {
        Some(latest) if used_on(attempts, latest) >= rules.a_day.max(1) => {
            let day = latest + Duration::days(i64::from(rules.wait_days.max(0)));
            if day <= clock::today(now) { Next::Start } else { Next::From(clock::at_local(clock::zone(), day, NaiveTime::MIN)) }
        }
        _ => Next::Start,
    }
}

impl Next {
    /// Whether a new attempt can begin, or why not.
    pub fn may_start(self, now: DateTime<Utc>) -> Result<(), Refusal> {
        match self {
            Self::Start => Ok(()),
            Self::GoOn(_) => Err(Refusal::new("This post-test is open already. Hand it in first.")),
            Self::Passed => Err(Refusal::new("You have passed this post-test. No other attempt is needed.")),
            Self::Marking => Err(Refusal::new("Your mentor still marks your last attempt. Wait for that first.")),
            Self::From(at) => {
                let day = clock::say_date(clock::today(at), clock::today(now));
                Err(Refusal::new(format!("You have taken this post-test just now. The next attempt is possible on {day}.")))
            }
            Self::UsedUp(used) => Err(Refusal::new(format!(
                "You have used all {used} attempts. Talk it over with your mentor; the coordinator can allow one more."
            ))),
        }
    }
}

//! Step 3: the lending library, from titles on the shelf to a book that is back. Separate because a book has a life of
//! its own beside the study it is lent for.
//!
//! A loan's stage is not stored: it follows from the dates on which something happened to the book ([`Dates`]).

pub mod api;
pub mod pages;
pub mod store;

use chrono::{DateTime, Duration, NaiveDate, Utc};

use crate::error::Refusal;
use crate::settings::Settings;
use crate::words;

words! {
    /// How a book changes hands.
    pub enum LoanWay {
        Post = "post",
        InPerson = "in_person",
    }

    /// How a copy looks.
    pub enum Condition {
        New = "new",
        Good = "good",
        Worn = "worn",
    }

    /// Whether a copy can be lent at all.
    pub enum CopyState {
        InUse = "in_use",
        Lost = "lost",
        Withdrawn = "withdrawn",
    }

    /// What the coordinator can do to a copy.
    pub enum CopyAction {
        Lose = "lose",
        Withdraw = "withdraw",
        Restore = "restore",
    }

    /// Where a lent book is.
    pub enum Stage {
        OnTheWay = "on_the_way",
        Here = "here",
        ComingBack = "coming_back",
        Ended = "ended",
    }

    /// What can happen to a lent book. `Lose` ends the loan without the book.
    pub enum LoanAction {
        Arrive = "arrive",
        Renew = "renew",
        SendBack = "send_back",
        Receive = "receive",
        Lose = "lose",
    }

    /// How a mentee stands to the book of the option.
    pub enum Standing {
        Open = "open",
        Waiting = "waiting",
        Lent = "lent",
        Own = "own",
    }

    /// What a mentee, or the coordinator for them, can do about the book.
    pub enum Step {
        Request = "request",
        Cancel = "cancel",
        Own = "own",
        Lend = "lend",
    }
}

impl LoanWay {
    pub fn name(self) -> &'static str {
        match self {
            Self::Post => "By post",
            Self::InPerson => "In person",
        }
    }
}

impl Condition {
    pub fn name(self) -> &'static str {
        match self {
            Self::New => "New",
            Self::Good => "Good",
            Self::Worn => "Worn",
        }
    }
}

impl CopyState {
    /// The state after an action; `lent` says whether somebody has the copy.
    pub fn after(self, action: CopyAction, lent: bool) -> Result<Self, Refusal> {
        use {CopyAction as A, CopyState as S};
        match (self, action, lent) {
            (S::InUse, A::Lose, _) => Ok(S::Lost),
            (S::InUse, A::Withdraw, false) => Ok(S::Withdrawn),
            (S::InUse, A::Withdraw, true) => {
                Err(Refusal::new("This copy is lent. Record first that it is back, or that it is lost."))
            }
            (S::InUse, A::Restore, _) => Err(Refusal::new("This copy is in use already.")),
            (S::Lost, A::Restore, _) | (S::Withdrawn, A::Restore, _) => Ok(S::InUse),
            (S::Lost, A::Withdraw, _) => Ok(S::Withdrawn),
            (S::Lost, A::Lose, _) => Err(Refusal::new("This copy is marked lost already.")),
            (S::Withdrawn, A::Lose, _) => Err(Refusal::new("This copy is withdrawn, so nobody looks for it.")),
            (S::Withdrawn, A::Withdraw, _) => Err(Refusal::new("This copy is withdrawn already.")),
        }
    }
}

/// When what happened to a lent book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Dates {
    pub arrived_at: Option<DateTime<Utc>>,
    pub sent_back_at: Option<DateTime<Utc>>,
    pub returned_at: Option<DateTime<Utc>>,
}

impl Dates {
    pub fn stage(&self) -> Stage {
        match (self.arrived_at, self.sent_back_at, self.returned_at) {
            (_, _, Some(_)) => Stage::Ended,
            (_, Some(_), None) => Stage::ComingBack,
            (Some(_), None, None) => Stage::Here,
            (None, None, None) => Stage::OnTheWay,
        }
    }

    /// The dates after an action at `now`, or why it cannot be done.
    pub fn after(self, action: LoanAction, now: DateTime<Utc>) -> Result<Self, Refusal> {
        self.stage().after(action)?;
        Ok(match action {
            LoanAction::Arrive => Self { arrived_at: Some(now), ..self },
            LoanAction::Renew => self,
            // Who sends a book back has had it, whether they said so or not.
            LoanAction::SendBack => Self { arrived_at: self.arrived_at.or(Some(now)), sent_back_at: Some(now), ..self },
            LoanAction::Receive | LoanAction::Lose => Self { returned_at: Some(now), ..self },
        })
    }
}

impl Stage {
    /// The stage after an action, or why it cannot be done.
    pub fn after(self, action: LoanAction) -> Result<Self, Refusal> {
        use {LoanAction as A, Stage as S};
        match (self, action) {
            (S::OnTheWay, A::Arrive) => Ok(S::Here),
            (S::OnTheWay, A::Renew) => Err(Refusal::new("The book is on its way to you. Say first that it is there.")),
            (S::Here, A::Arrive) => Err(Refusal::new("The book is there already.")),
            (S::Here, A::Renew) => Ok(S::Here),
            (S::OnTheWay | S::Here, A::SendBack) => Ok(S::ComingBack),
            (S::ComingBack, A::Arrive | A::Renew | A::SendBack) => Err(Refusal::new("The book is on its way back already.")),
            (S::OnTheWay | S::Here | S::ComingBack, A::Receive | A::Lose) => Ok(S::Ended),
            (S::Ended, A::Arrive | A::Renew | A::SendBack | A::Receive | A::Lose) => {
                Err(Refusal::new("This loan has ended already."))
            }
        }
    }

    /// As a tag beside a copy.
    pub fn name(self) -> &'static str {
        match self {
            Self::OnTheWay => "on the way",
            Self::Here => "on loan",
            Self::ComingBack => "on its way back",
            Self::Ended => "back",
        }
    }
}

impl Standing {
    /// The standing after a step, or why it cannot be taken. Asking again while waiting changes the address.
    pub fn after(self, step: Step) -> Result<Self, Refusal> {
        use {Standing as S, Step as T};
        match (self, step) {
            (S::Open | S::Waiting | S::Own, T::Request) => Ok(S::Waiting),
            (S::Open | S::Waiting | S::Own, T::Own) => Ok(S::Own),
            (S::Open | S::Waiting | S::Own, T::Lend) => Ok(S::Lent),
            (S::Waiting, T::Cancel) => Ok(S::Open),
            (S::Open | S::Own | S::Lent, T::Cancel) => Err(Refusal::new("There is no open request for a book.")),
            (S::Lent, T::Request | T::Lend) => Err(Refusal::new("A book is on loan for this enrollment already.")),
            (S::Lent, T::Own) => {
                Err(Refusal::new("A book is on loan to you. Send it back first, then say that you have your own."))
            }
        }
    }
}

/// When a loan that starts or is renewed today is due: some days after the planned end of study, and never longer than
/// a loan may run at a time.
pub fn due_on(today: NaiveDate, planned_end: NaiveDate, settings: &Settings) -> NaiveDate {
    let by_plan = planned_end.max(today) + Duration::days(settings.loan_grace_days);
    by_plan.min(today + Duration::days(settings.loan_max_days))
}

/// Why a loan is due when it is, in a sentence.
pub fn due_reason(due_on: NaiveDate, planned_end: NaiveDate, settings: &Settings) -> String {
    let (grace, end) = (settings.loan_grace_days, crate::clock::say_full_date(planned_end));
    let by_plan = planned_end + Duration::days(grace);
    match due_on.cmp(&by_plan) {
        std::cmp::Ordering::Equal => format!("That is {grace} days after the planned end of study, {end}."),
        std::cmp::Ordering::Less => format!(
            "Study is planned until {end}, and a loan runs {} days at most at a time: renew it when the day comes near.",
            settings.loan_max_days
        ),
        std::cmp::Ordering::Greater => format!("Study is planned until {end}. The date promised at first stays."),
    }
}

/// Whether a book should be back by now. It is due at the end of its day, and one on its way back is not hunted.
pub fn is_overdue(stage: Stage, due_on: NaiveDate, today: NaiveDate) -> bool {
    matches!(stage, Stage::OnTheWay | Stage::Here) && due_on < today
}

/// What decides whether a loan can run on.
#[derive(Debug, Clone, Copy)]
pub struct Renewal {
    pub stage: Stage,
    pub due_on: NaiveDate,
    pub planned_end: NaiveDate,
    /// Whether the study goes on.
    pub live: bool,
    /// Others who wait for a copy of the edition, and copies free for them.
    pub waiting: i64,
    pub free: i64,
}

impl Renewal {
    /// The new due date, or why there is none.
    pub fn after(&self, today: NaiveDate, settings: &Settings) -> Result<NaiveDate, Refusal> {
        self.stage.after(LoanAction::Renew)?;
        if !self.live {
            return Err(Refusal::new("The study has ended, so the book goes back to the library."));
        }
        if self.waiting > self.free {
            return Err(Refusal::new("Somebody waits for this book, so it cannot be renewed. Return it by the day it is due."));
        }
        let next = due_on(today, self.planned_end, settings);
        if next <= self.due_on {
            return Err(Refusal::new(format!(
                "The loan already runs as long as it can for now: until {}.",
                crate::clock::say_full_date(self.due_on)
            )));
        }
        Ok(next)
    }
}

/// The longest label of a copy, and the most copies of one form.
pub const LABEL: usize = 40;
pub const COPIES: usize = 100;

/// The labels in a text, one a line or with commas between them, in capitals; or what is wrong with them.
pub fn labels(text: &str) -> Result<Vec<String>, String> {
    let mut found: Vec<String> = Vec::new();
    for label in text.split(['\n', ',', ';']) {
        let label = label.split_whitespace().collect::<Vec<_>>().join(" ").to_uppercase();
        if label.is_empty() {
            continue;
        }
        if label.chars().count() > LABEL {
            return Err(format!("A label has at most {LABEL} characters. Shorten this one: {label}"));
        }
        if found.contains(&label) {
            return Err(format!("{label} is written twice. Each copy needs a label of its own."));
        }
        found.push(label);
    }
    match found.len() {
        0 => Err("Write at least one label, such as CG-1.".into()),
        1..=COPIES => Ok(found),
        many => Err(format!("These are {many} labels. Add {COPIES} at a time.")),
    }
}

/// An ISBN without its dashes, if its check digit is right.
pub fn isbn(text: &str) -> Option<String> {
    let signs: String = text.chars().filter(|sign| !matches!(sign, '-' | ' ' | '\u{2013}')).collect::<String>().to_uppercase();
    let digits: Vec<u32> = signs
        .char_indices()
        .map(|(place, sign)| if sign == 'X' && place == 9 && signs.len() == 10 { Some(10) } else { sign.to_digit(10) })
        .collect::<Option<_>>()?;
    let sum = |weight: fn(u32) -> u32| (0u32..).zip(&digits).map(|(place, digit)| weight(place) * digit).sum::<u32>();
    let right = match digits.len() {
        10 => sum(|place| 10 - place).is_multiple_of(11),
        13 => sum(|place| if place % 2 == 0 { 1 } else { 3 }).is_multiple_of(10),
        _ => false,
    };
    right.then_some(signs)
}

/// Whether a text can be a ZIP code: five digits, or nine with a dash.
pub fn is_zip(text: &str) -> bool {
    let digits = |part: &str, count: usize| part.len() == count && part.bytes().all(|byte| byte.is_ascii_digit());
    match text.split_once('-') {
        None => digits(text, 5),
        Some((five, four)) => digits(five, 5) && digits(four, 4),
    }
}

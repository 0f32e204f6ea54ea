//! Step 5: the self-evaluation against the domains of practice. Separate because it is encouraged, never a gate: no
//! other step waits for it.
//!
//! The instrument (domains, statements, scale) is data that the coordinators edit ([`draft`]) and publish in versions;
//! [`score`], [`outlook`] and [`compare`] are pure functions of it and of what a mentee answered. A statement keeps its code
//! through all versions, which is how a look at the start is held against one at the end.

pub mod api;
pub mod draft;
pub mod pages;
pub mod store;

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::enrollments::{self, Story};
use crate::error::Refusal;
use crate::words;

words! {
    /// When in an enrolment an evaluation is made; there is at most one of each.
    pub enum Moment {
        Start = "start",
        End = "end",
    }

    /// Whether it was filled in or passed over.
    pub enum State {
        Done = "done",
        Skipped = "skipped",
    }
}

/// The statements a mentee rates, with their scale: one version of it, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instrument {
    pub name: String,
    pub note: String,
    /// From the least to the most.
    pub scale: Vec<Step>,
    #[serde(rename = "domain")]
    pub domains: Vec<Domain>,
}

/// One step of the scale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    pub value: i32,
    pub anchor: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Domain {
    pub code: String,
    pub name: String,
    pub summary: String,
    /// Whether the name was seen in the source it follows.
    #[serde(default)]
    pub confirmed: bool,
    #[serde(default, rename = "statement")]
    pub statements: Vec<Statement>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    pub code: String,
    pub text: String,
}

impl Instrument {
    pub fn statements(&self) -> impl Iterator<Item = &Statement> {
        self.domains.iter().flat_map(|domain| &domain.statements)
    }

    pub fn statement(&self, code: &str) -> Option<&Statement> {
        self.statements().find(|statement| statement.code == code)
    }

    /// The highest value of the scale.
    pub fn top(&self) -> i32 {
        self.scale.iter().map(|step| step.value).max().unwrap_or(1)
    }

    pub fn has_value(&self, value: i32) -> bool {
        self.scale.iter().any(|step| step.value == value)
    }
}

/// What a mentee answered: statement code to value. A statement that is not in it was left out.
pub type Ratings = BTreeMap<String, i32>;

/// How a mentee sees one domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DomainScore {
    pub code: String,
    pub name: String,
    /// Statements rated, of all there are.
    pub rated: usize,
    pub of: usize,
    /// The sum of the ratings.
    pub sum: i64,
    /// The statements rated lowest, at most two; none when nothing lies below the top of the scale.
    pub lowest: Vec<String>,
}

/// The most statements named as a domain's lowest.
const MOST_LOWEST: usize = 2;

impl DomainScore {
    /// The mean rating; `None` when nothing was rated.
    pub fn mean(&self) -> Option<f64> {
        let rated = u32::try_from(self.rated).ok().filter(|rated| *rated > 0)?;
        let sum = i32::try_from(self.sum).ok()?;
        Some(f64::from(sum) / f64::from(rated))
    }

    /// Compares means exactly; a domain without ratings equals anything.
    fn by_mean(&self, other: &Self) -> Ordering {
        let count = |score: &Self| i64::try_from(score.rated).unwrap_or(i64::MAX);
        (self.sum * count(other)).cmp(&(other.sum * count(self)))
    }
}

/// Scores every domain, in the instrument's order. Ratings of statements that the instrument does not have count for
/// nothing.
pub fn score(instrument: &Instrument, ratings: &Ratings) -> Vec<DomainScore> {
    instrument.domains.iter().map(|domain| score_domain(domain, ratings, instrument.top())).collect()
}

fn score_domain(domain: &Domain, ratings: &Ratings, top: i32) -> DomainScore {
    let rated: Vec<(&Statement, i32)> =
        domain.statements.iter().filter_map(|statement| Some((statement, *ratings.get(&statement.code)?))).collect();
    let least = rated.iter().map(|(_, value)| *value).min().filter(|least| *least < top);
    DomainScore {
        code: domain.code.clone(),
        name: domain.name.clone(),
        rated: rated.len(),
        of: domain.statements.len(),
        sum: rated.iter().map(|(_, value)| i64::from(*value)).sum(),
        lowest: rated
            .iter()
            .filter(|(_, value)| Some(*value) == least)
            .take(MOST_LOWEST)
            .map(|(statement, _)| statement.text.clone())
            .collect(),
    }
}

/// How many statements were left out.
pub fn missing(instrument: &Instrument, ratings: &Ratings) -> usize {
    instrument.statements().filter(|statement| !ratings.contains_key(&statement.code)).count()
}

/// The domains a mentee rates highest and lowest.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outlook {
    pub strengths: Vec<String>,
    pub gaps: Vec<String>,
}

/// Strengths and gaps by domain. Both are empty while fewer than two domains are rated, or all are rated the same.
pub fn outlook(scores: &[DomainScore]) -> Outlook {
    let rated: Vec<&DomainScore> = scores.iter().filter(|score| score.rated > 0).collect();
    let (Some(most), Some(least)) =
        (rated.iter().max_by(|one, other| one.by_mean(other)), rated.iter().min_by(|one, other| one.by_mean(other)))
    else {
        return Outlook::default();
    };
    if most.by_mean(least) == Ordering::Equal {
        return Outlook::default();
    }
    let same = |as_this: &DomainScore| {
        rated.iter().filter(|score| score.by_mean(as_this) == Ordering::Equal).map(|score| score.name.clone()).collect()
    };
    Outlook { strengths: same(most), gaps: same(least) }
}

/// Two looks side by side, over the statements that were rated both times.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// In the order of the later look.
    pub domains: Vec<Change>,
    /// Statements that only one of the two versions has.
    pub asked_once: usize,
    /// Statements whose words differ between the two.
    pub reworded: usize,
}

/// One domain at both looks.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    pub code: String,
    pub name: String,
    /// Statements rated both times.
    pub both: usize,
    /// The mean ratings of those; absent when there are none.
    pub means: Option<(f64, f64)>,
}

impl Change {
    pub fn grown(&self) -> Option<f64> {
        self.means.map(|(before, after)| after - before)
    }
}

/// Holds two looks against each other; `None` when their scales differ, because then a number means something else.
pub fn compare(before: (&Instrument, &Ratings), after: (&Instrument, &Ratings)) -> Option<Comparison> {
    let ((old, said), (new, says)) = (before, after);
    let values = |instrument: &Instrument| instrument.scale.iter().map(|step| step.value).collect::<Vec<_>>();
    if values(old) != values(new) {
        return None;
    }
    let shared: Vec<(&Statement, &Statement)> =
        new.statements().filter_map(|statement| Some((old.statement(&statement.code)?, statement))).collect();
    let all = old.statements().count() + new.statements().count();
    let domains = new.domains.iter().map(|domain| {
        let asked_before = |code: &str| shared.iter().any(|(old, _)| old.code == code);
        let pairs: Vec<(i32, i32)> = domain
            .statements
            .iter()
            .filter(|statement| asked_before(&statement.code))
            .filter_map(|statement| said.get(&statement.code).copied().zip(says.get(&statement.code).copied()))
            .collect();
        let mean = |values: i32| u32::try_from(pairs.len()).ok().map(|count| f64::from(values) / f64::from(count));
        let sums = pairs.iter().fold((0, 0), |(one, other), pair| (one + pair.0, other + pair.1));
        let means = mean(sums.0).zip(mean(sums.1)).filter(|_| !pairs.is_empty());
        Change { code: domain.code.clone(), name: domain.name.clone(), both: pairs.len(), means }
    });
    Some(Comparison {
        domains: domains.collect(),
        asked_once: all - 2 * shared.len(),
        reworded: shared.iter().filter(|(old, new)| old.text != new.text).count(),
    })
}

impl Comparison {
    /// The domain that grew most; the first of several. `None` if none grew.
    pub fn most_grown(&self) -> Option<&Change> {
        let mut most: Option<(&Change, f64)> = None;
        for change in &self.domains {
            let growth = change.grown().unwrap_or(0.0);
            if growth > most.map_or(0.0, |(_, growth)| growth) {
                most = Some((change, growth));
            }
        }
        most.map(|(change, _)| change)
    }
}

/// Goals a mentee has at one time, at most.
pub const MOST_GOALS: i32 = 5;

/// Whether an evaluation can be made or made again now, or why not. `made`: one was filled in before. The second look is
/// offered when all chapters are discussed, and open whenever the mentee wants it.
pub fn open(moment: Moment, story: &Story, made: bool) -> Result<(), Refusal> {
    if story.state == enrollments::State::Withdrawn {
        return Err(Refusal::new("This enrollment has ended."));
    }
    match moment {
        Moment::Start if made && story.letter_received_at.is_some() => {
            Err(Refusal::new("The letter of agreement is received, so this evaluation stays as it was at the start."))
        }
        Moment::Start if !made && !story.state.is_live() => Err(Refusal::new("This enrollment has ended.")),
        Moment::End if made && !story.state.is_live() => {
            Err(Refusal::new("This enrollment is completed, so this evaluation stays."))
        }
        Moment::Start | Moment::End => Ok(()),
    }
}

/// Whether the second look is offered of itself: everything is discussed.
pub fn offers_end(story: &Story) -> bool {
    story.chapters > 0 && story.discussed >= story.chapters
}

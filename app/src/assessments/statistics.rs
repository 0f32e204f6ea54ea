//! What the answers of many say about a question: how many know it, whether it tells those apart who know the chapter,
//! and which choices draw. Separate because it is reckoning alone, and must say when there is too little to say.
//!
//! Only first attempts count, as they were handed in and marked: whoever tries again has read the explanations. Attempts on
//! paper and practice are not among them.

use std::collections::BTreeMap;

use super::question::{Answer, Body, Credit};
use crate::reports::share::{Interval, share, wilson};

/// Under so many takers nothing is told of a question but their number: answers would point at persons.
pub const FEWEST: u32 = 5;
/// Under so many takers a correlation says nothing yet.
pub const FEWEST_TO_TELL_APART: u32 = 30;
/// Under so many takers a choice that nobody took says nothing yet.
const FEWEST_FOR_CHOICES: u32 = 20;

/// What the first answers to one question add up to. `x` is the credit of this question, `y` the mean credit of the others
/// of the same test, both in thousandths; the last five only of tests that had others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, sqlx::FromRow)]
pub struct Sums {
    pub takers: i64,
    pub right: i64,
    pub credit: i64,
    pub n: i64,
    pub x: i64,
    pub y: i64,
    pub xx: i64,
    pub yy: i64,
    pub xy: i64,
}

/// How the question goes with the rest of its tests, and within which limits that is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Correlation {
    pub r: f64,
    pub within: Interval,
}

impl Sums {
    pub fn takers(&self) -> u32 {
        u32::try_from(self.takers).unwrap_or(0)
    }

    pub fn right(&self) -> u32 {
        u32::try_from(self.right).unwrap_or(0)
    }

    /// Whether anything may be told.
    pub fn is_told(&self) -> bool {
        self.takers() >= FEWEST
    }

    /// The share who answered wholly right.
    pub fn facility(&self) -> Option<(f64, Interval)> {
        let (right, takers) = (self.right(), self.takers());
        self.is_told().then(|| Some((share(right, takers)?, wilson(right, takers)?))).flatten()
    }

    /// The mean credit, from 0 to 1.
    pub fn mean(&self) -> Option<f64> {
        self.is_told().then(|| real(self.credit) / real(self.takers) / 1000.0)
    }

    /// The correlation of this question's credit with that of the others in the same test (item-rest, Pearson), with its
    /// 95% interval by Fisher's z. `None` with too few takers, or where one of both never differs.
    pub fn discrimination(&self) -> Option<Correlation> {
        let n = u32::try_from(self.n).ok().filter(|n| *n >= FEWEST_TO_TELL_APART)?;
        let count = f64::from(n);
        let (x, y) = (real(self.x) / count, real(self.y) / count);
        let (of_x, of_y) = (real(self.xx) / count - x * x, real(self.yy) / count - y * y);
        // Of whole numbers: below a millionth there is no difference.
        if of_x < 1e-6 || of_y < 1e-6 {
            return None;
        }
        let r = ((real(self.xy) / count - x * y) / (of_x * of_y).sqrt()).clamp(-1.0, 1.0);
        let (z, step) = (r.clamp(-0.999_999, 0.999_999).atanh(), 1.959_963_984_540_054 / (count - 3.0).sqrt());
        Some(Correlation { r, within: Interval { low: (z - step).tanh().min(r), high: (z + step).tanh().max(r) } })
    }
}

/// A sum as a real number: in two parts, because only those of 32 bits go over without a doubt.
fn real(number: i64) -> f64 {
    const MILLION: i64 = 1_000_000;
    let part = |number: i64| f64::from(i32::try_from(number).unwrap_or(i32::MAX));
    part(number / MILLION).mul_add(1e6, part(number % MILLION))
}

/// How often a choice was taken.
#[derive(Debug, Clone, PartialEq)]
pub struct Taken {
    pub text: String,
    pub right: bool,
    pub count: u32,
    pub share: f64,
    pub within: Interval,
}

/// How often each choice was taken, of so many takers; nothing while they are too few.
pub fn distribution(choices: &[(String, bool)], counts: &[u32], takers: u32) -> Vec<Taken> {
    if takers < FEWEST {
        return Vec::new();
    }
    choices
        .iter()
        .enumerate()
        .filter_map(|(at, (text, right))| {
            let count = counts.get(at).copied().unwrap_or(0).min(takers);
            let (share, within) = (share(count, takers)?, wilson(count, takers)?);
            Some(Taken { text: text.clone(), right: *right, count, share, within })
        })
        .collect()
}

/// Why a question is worth a second look, the gravest reason first; how grave, to sort by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Concern {
    /// From 0, the gravest.
    pub rank: u8,
    pub words: String,
}

/// Every reason to look at a question again that its answers carry. What could as well be chance is none.
pub fn concerns(sums: &Sums, taken: &[Taken]) -> Vec<Concern> {
    let mut found = Vec::new();
    let mut add = |rank: u8, words: String| found.push(Concern { rank, words });
    if let Some(correlation) = sums.discrimination() {
        if correlation.within.high < 0.0 {
            add(0, "Those who do well in the rest miss it more often than others. Look at the key first.".into());
        } else if correlation.within.high < 0.2 {
            add(
                2,
                "Those who do well in the rest miss it as often as others. It may be unclear, or about something else.".into(),
            );
        }
    }
    if let Some((_, within)) = sums.facility() {
        if within.high < 0.4 {
            add(1, "Few know it, and that is no chance. Is it in the chapter, and does every word mean one thing?".into());
        } else if within.low > 0.9 {
            add(4, "Nearly everyone knows it: it says little about who has read the chapter.".into());
        }
    }
    let best = taken.iter().filter(|one| one.right).map(|one| one.within.high).fold(0.0, f64::max);
    for one in taken.iter().filter(|one| !one.right) {
        if one.within.low > best {
            add(1, format!("More chose “{}” than what is right.", one.text));
        } else if one.count == 0 && sums.takers() >= FEWEST_FOR_CHOICES {
            add(5, format!("Nobody chose “{}”: it does not draw.", one.text));
        }
    }
    found.sort();
    found
}

/// What cannot be said yet, if anything.
pub fn too_early(sums: &Sums) -> Option<String> {
    match sums.takers() {
        0 => Some("Nobody has answered it yet.".into()),
        takers if takers < FEWEST => Some(format!(
            "{takers} so far. From {FEWEST} on it is told how many knew it; with fewer, answers would point at persons."
        )),
        takers if takers < FEWEST_TO_TELL_APART => Some(format!(
            "{takers} so far: the limits are wide. Whether it tells those apart who know the chapter can be said from {FEWEST_TO_TELL_APART} on."
        )),
        _ => None,
    }
}

/// How often each choice of a question was taken, from its answers counted alike; and of how many takers.
pub fn taken(body: &Body, answers: &[(Answer, i64)]) -> (u32, Vec<Taken>) {
    let choices: Vec<(String, bool)> =
        body.choices().into_iter().map(|choice| (choice.text, choice.credit > Credit::NONE)).collect();
    let mut counts = vec![0_u32; choices.len()];
    let mut takers = 0;
    for (answer, count) in answers {
        let count = u32::try_from(*count).unwrap_or(0);
        takers += count;
        for place in answer.chosen() {
            if let Some(sum) = counts.get_mut(*place) {
                *sum += count;
            }
        }
    }
    (takers, distribution(&choices, &counts, takers))
}

/// The texts that were written, the commonest first, alike but for case and spaces; those of fewer than three are told
/// together, as `None`, because a rare one may point at a person.
pub fn written(answers: &[(Answer, i64)]) -> Vec<(Option<String>, u32)> {
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for (answer, count) in answers {
        if let Answer::Text(text) = answer {
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
            *counts.entry(text).or_default() += u32::try_from(*count).unwrap_or(0);
        }
    }
    if counts.values().sum::<u32>() < FEWEST {
        return Vec::new();
    }
    let (common, rare): (Vec<_>, Vec<_>) = counts.into_iter().partition(|(_, count)| *count >= 3);
    let rare: u32 = rare.into_iter().map(|(_, count)| count).sum();
    let mut found: Vec<(Option<String>, u32)> = common.into_iter().map(|(text, count)| (Some(text), count)).collect();
    found.sort_by(|(one, first), (other, second)| second.cmp(first).then_with(|| one.cmp(other)));
    found.extend((rare > 0).then_some((None, rare)));
    found
}

//! What became of each chapter from one version of an outline to the next. Separate because it is a comparison of two lists
//! and nothing else; which chapters are the same is said by [`carry`], as for a change of option.

use std::collections::BTreeMap;

use super::Line;
use crate::enrollments::carry;

/// What became of a chapter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// The same chapter in the same place.
    Stays,
    /// The same chapter under another title.
    Renamed,
    /// The same chapter, before or after others than it was.
    Moved,
    RenamedAndMoved,
    Added,
    Dropped,
}

impl Change {
    pub const ALL: [Self; 6] = [Self::Stays, Self::Renamed, Self::Moved, Self::RenamedAndMoved, Self::Added, Self::Dropped];

    pub fn name(self) -> &'static str {
        match self {
            Self::Stays => "stays",
            Self::Renamed => "renamed",
            Self::Moved => "moved",
            Self::RenamedAndMoved => "renamed and moved",
            Self::Added => "added",
            Self::Dropped => "dropped",
        }
    }

    /// Whether what was done in it counts on.
    pub fn carries(self) -> bool {
        !matches!(self, Self::Added | Self::Dropped)
    }
}

/// A chapter in the one version, in the other, or in both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row<'a> {
    pub before: Option<&'a Line>,
    pub after: Option<&'a Line>,
    pub change: Change,
}

impl Row<'_> {
    /// What else is different: "now optional", "40 min, was 30".
    pub fn details(&self) -> Vec<String> {
        let (Some(before), Some(after)) = (self.before, self.after) else { return Vec::new() };
        let mut details = Vec::new();
        if before.number != after.number {
            details.push(format!("was chapter {}", before.number));
        }
        if before.title != after.title {
            details.push(format!("was “{}”", before.title));
        }
        if before.required != after.required {
            details.push(if after.required { "now required" } else { "now optional" }.to_owned());
        }
        if let (Some(was), Some(now)) = (before.minutes, after.minutes)
            && was != now
        {
            details.push(format!("{now} min, was {was}"));
        }
        details
    }
}

/// Compares two versions: the chapters of the later one in their order, those that are gone where they stood.
///
/// `keys` name each chapter of the earlier version; `follows` says which of them each chapter of the later one continues.
/// Where it says nothing, the same title decides.
pub fn compare<'a, K: PartialEq>(before: &'a [Line], keys: &[K], after: &'a [Line], follows: &[Option<K>]) -> Vec<Row<'a>> {
    let pairs = pairs(before, keys, after, follows);
    let still = unmoved(&pairs);
    let mut rows: Vec<Row> = after
        .iter()
        .zip(&pairs)
        .zip(&still)
        .map(|((after, pair), still)| {
            let before = pair.and_then(|at| before.get(at));
            Row { before, after: Some(after), change: change(before, after, *still) }
        })
        .collect();
    for (at, gone) in before.iter().enumerate().filter(|(at, _)| !pairs.contains(&Some(*at))) {
        // After the nearest chapter that stood before it and is still there.
        let near = (0..at).rev().find_map(|earlier| before.get(earlier));
        let place = near.and_then(|near| rows.iter().position(|row| row.before == Some(near))).map_or(0, |place| place + 1);
        rows.insert(place, Row { before: Some(gone), after: None, change: Change::Dropped });
    }
    rows
}

/// For each chapter of the later version, the place in the earlier one of the chapter that it is.
pub fn pairs<K: PartialEq>(before: &[Line], keys: &[K], after: &[Line], follows: &[Option<K>]) -> Vec<Option<usize>> {
    let before: Vec<(&K, &str)> = keys.iter().zip(before.iter().map(|line| line.title.as_str())).collect();
    let after: Vec<(Option<&K>, &str)> =
        follows.iter().map(Option::as_ref).zip(after.iter().map(|line| line.title.as_str())).collect();
    carry::pairs(&before, &after)
}

fn change(before: Option<&Line>, after: &Line, still: bool) -> Change {
    let Some(before) = before else { return Change::Added };
    let renamed = carry::normal(&before.title) != carry::normal(&after.title);
    match (renamed, still) {
        (false, true) => Change::Stays,
        (true, true) => Change::Renamed,
        (false, false) => Change::Moved,
        (true, false) => Change::RenamedAndMoved,
    }
}

/// Which of the chapters in both kept their order: the longest row of them that does, so that one chapter put in front
/// moves none of the others.
fn unmoved(pairs: &[Option<usize>]) -> Vec<bool> {
    let mut longest: Vec<(usize, Option<usize>)> = Vec::with_capacity(pairs.len());
    for (at, pair) in pairs.iter().enumerate() {
        let before = (0..at).filter(|one| pair.is_some() && pairs[*one].is_some() && pairs[*one] < *pair);
        let best = before.max_by_key(|one| (longest[*one].0, std::cmp::Reverse(*one)));
        longest.push((usize::from(pair.is_some()) + best.map_or(0, |best| longest[best].0), best));
    }
    let mut still = vec![false; pairs.len()];
    let mut at = (0..pairs.len()).filter(|at| pairs[*at].is_some()).max_by_key(|at| longest[*at].0);
    while let Some(place) = at {
        still[place] = true;
        at = longest[place].1;
    }
    still
}

/// "9 stay, 1 renamed, 2 added, 1 dropped."
pub fn summary(rows: &[Row]) -> String {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    for row in rows {
        let kind = Change::ALL.iter().position(|change| *change == row.change).unwrap_or_default();
        *counts.entry(kind).or_default() += 1;
    }
    let words: Vec<String> = Change::ALL
        .iter()
        .enumerate()
        .filter_map(|(at, change)| {
            let count = counts.get(&at)?;
            let name = if *change == Change::Stays && *count > 1 { "stay" } else { change.name() };
            Some(format!("{count} {name}"))
        })
        .collect();
    match words.is_empty() {
        true => "No chapter in either.".to_owned(),
        false => format!("{}.", words.join(", ")),
    }
}

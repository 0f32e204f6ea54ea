//! When nothing was heard: the moves that waited too long, and what ended the wait.

use super::{Section, Table, Words, days, parts, tally};
use crate::enrollments::{Owner, What};
use crate::reports::{Median, StallRow};

/// How a wait can end, in the words of the table, in the order of good news.
const ENDINGS: [(&str, &str); 8] = [
    ("done", "What was waited for was done"),
    ("heard", "The person was heard from"),
    ("completed", "The enrollment was completed"),
    ("extended", "More time was given"),
    ("reassigned", "Another mentor took over"),
    ("paused", "The enrollment was paused"),
    ("withdrawn", "The person withdrew"),
    ("closed", "The coordinator closed the enrollment"),
];

const OPEN: &str = "Still waiting";

pub fn section(stalls: &[StallRow]) -> Section {
    Section {
        title: "When nothing was heard",
        about: "Moves that began in these days and waited past their limit, or whose owner was silent too long. One \
                enrollment can wait more than once.",
        tables: vec![by_move(stalls), by_owner(stalls), by_ending(stalls)],
    }
}

fn by_move(stalls: &[StallRow]) -> Table {
    let words = Words {
        title: "What was waited for",
        definition: "Each wait counts at the move it was about. The days run from the day the move began to the day the wait \
                     ended; waits that are not over yet are not in the median.",
        group: "Move",
        counted: "Waits",
    };
    let name = |row: &&StallRow| row.what.parse().map_or_else(|_| row.what.clone(), |what: What| what.lacking().to_owned());
    with_days(words, tally(stalls, name).into_iter().collect(), stalls)
}

fn by_owner(stalls: &[StallRow]) -> Table {
    let words = Words { title: "Who was waited for", definition: "Whose move it was.", group: "Whose", counted: "Waits" };
    let of = |owner| stalls.iter().filter(move |row| row.owner == owner).collect();
    let groups = [("Mentee", Owner::Mentee), ("Mentor", Owner::Mentor), ("Coordinator", Owner::Coordinator)];
    with_days(words, groups.map(|(name, owner)| (name.to_owned(), of(owner))).into(), stalls)
}

fn by_ending(stalls: &[StallRow]) -> Table {
    let words = Words {
        title: "What ended it",
        definition: "The first thing that happened to end the wait, up to the day this report was made.",
        group: "Ending",
        counted: "Waits",
    };
    let of = |ending: Option<&str>| stalls.iter().filter(|row| row.ending.as_deref() == ending).collect::<Vec<_>>();
    let mut groups: Vec<_> = ENDINGS.iter().map(|(word, name)| ((*name).to_owned(), of(Some(word)))).collect();
    groups.push((OPEN.to_owned(), of(None)));
    groups.retain(|(_, rows)| !rows.is_empty());
    with_days(words, groups, stalls)
}

fn with_days(words: Words, groups: Vec<(String, Vec<&StallRow>)>, all: &[StallRow]) -> Table {
    let lasted = |row: &StallRow| days(row.opened_at, row.ended_at?);
    let medians: Vec<Median> =
        groups.iter().map(|(_, rows)| Median::of(rows.iter().filter_map(|row| lasted(row)).collect())).collect();
    let counts = groups.into_iter().map(|(name, rows)| (name, rows.len())).collect();
    let mut table = parts(words, counts, all.len());
    table.days = "Median days";
    for (row, median) in table.rows.iter_mut().zip(medians) {
        row.days = Some(median);
    }
    if let Some(total) = &mut table.total {
        total.days = Some(Median::of(all.iter().filter_map(lasted).collect()));
    }
    table
}

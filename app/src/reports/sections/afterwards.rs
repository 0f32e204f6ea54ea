//! What became of those who completed, as they told when they were asked.

use std::collections::BTreeSet;

use super::{Kind, Row, Section, Table, Value, Words, defined, told};
use crate::reports::FollowUpRow;

pub fn section(asked: &[FollowUpRow]) -> Section {
    let months: BTreeSet<i32> = asked.iter().filter_map(|row| row.months).collect();
    let by_months = months.into_iter().map(|months| {
        let rows: Vec<&FollowUpRow> = asked.iter().filter(|row| row.months == Some(months)).collect();
        let table = answers(&rows);
        Table { title: format!("Asked {months} months after completion"), definition: BY_MONTHS, ..table }
    });
    let mut tables = vec![whoever(asked)];
    tables.extend(by_months);
    Section {
        title: "Afterwards",
        about: "People who were asked in these days what came of their study, or who told the result of the exam of one of \
                these days, and what they said up to now. Silence is not a no: shares are of those who answered the question.",
        tables,
    }
}

const WORDS: Words = Words {
    title: "All who were asked",
    definition: "A person who was asked twice in these days, or who also told a result of the exam, is counted once, and a yes \
                 to either counts. Having passed the exam counts as a yes to the first question, not having passed as a no.",
    group: "Answer",
    counted: "People",
};

const BY_MONTHS: &str = "Those who were asked in these days, so many months after their certificate.";

/// Each person once.
fn whoever(asked: &[FollowUpRow]) -> Table {
    let mut people: std::collections::BTreeMap<_, FollowUpRow> = std::collections::BTreeMap::new();
    for row in asked {
        people.entry(row.mentee_id).and_modify(|known| *known = either(known, row)).or_insert_with(|| row.clone());
    }
    answers(&people.values().collect::<Vec<_>>())
}

fn either(one: &FollowUpRow, other: &FollowUpRow) -> FollowUpRow {
    let yes = |one: Option<bool>, other: Option<bool>| match (one, other) {
        (Some(one), Some(other)) => Some(one || other),
        (one, other) => one.or(other),
    };
    FollowUpRow {
        answered_at: one.answered_at.or(other.answered_at),
        became_cdces: yes(one.became_cdces, other.became_cdces),
        teaching_dsmes: yes(one.teaching_dsmes, other.teaching_dsmes),
        willing_to_mentor: yes(one.willing_to_mentor, other.willing_to_mentor),
        ..one.clone()
    }
}

fn answers(asked: &[&FollowUpRow]) -> Table {
    let answered: Vec<&FollowUpRow> = asked.iter().copied().filter(|row| row.answered_at.is_some()).collect();
    let said = |group, definition, answer: fn(&FollowUpRow) -> Option<bool>| {
        let answers: Vec<bool> = answered.iter().filter_map(|row| answer(row)).collect();
        let yes = answers.iter().filter(|yes| **yes).count();
        defined(group, definition, Value::Rate { part: told(yes), of: told(answers.len()) })
    };
    let rows: Vec<Row> = vec![
        defined(
            "Answered",
            "Of those who were asked or told a result.",
            Value::Rate { part: told(answered.len()), of: told(asked.len()) },
        ),
        said("Became certified (CDCES)", "By their own word, of those who answered this.", |row| row.became_cdces),
        said("Teach diabetes self-management", "By their own word, of those who answered this.", |row| row.teaching_dsmes),
        said("Would mentor", "By their own word, of those who answered this.", |row| row.willing_to_mentor),
    ];
    WORDS.table(Kind::Answers, rows, None)
}

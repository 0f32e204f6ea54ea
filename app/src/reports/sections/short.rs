//! The report in short: the few figures that are asked for first, taken from the sections below it, so that the two can
//! never differ, whatever is told and whatever not.

use crate::reports::outside::alone;

use super::{BeforeRow, Kind, Number, Row, Section, Table, Value, Words, counted};

/// One of the few: its name, and where it stands.
struct Pick {
    name: &'static str,
    /// The title of the table that it stands in.
    table: &'static str,
    /// The row, or the total.
    row: Option<usize>,
    definition: &'static str,
    before: fn(&BeforeRow) -> Option<Value>,
}

const PICKS: [Pick; 8] = [
    Pick {
        name: "Participants",
        table: "Where they stand",
        row: None,
        definition: "Enrollments that started in these days.",
        before: |before| Some(Value::Count(Number::Told(counted(before.participants)))),
    },
    Pick {
        name: "Completed by now",
        table: "Completed, by option",
        row: None,
        definition: "Of these participants, those whose certificate is issued.",
        before: |_| None,
    },
    Pick {
        name: "Certificates issued",
        table: "Certificates issued in these days",
        row: None,
        definition: "In these days, whenever the enrollment started.",
        before: |before| Some(Value::Count(Number::Told(counted(before.certificates)))),
    },
    Pick {
        name: "Live or work in a frontier county",
        table: "Share in frontier counties",
        row: Some(0),
        definition: "Of the participants, by the county of home or work.",
        before: |_| None,
    },
    Pick {
        name: "Serve a frontier county",
        table: "Share in frontier counties",
        row: Some(1),
        definition: "Of the participants, by the counties they serve.",
        before: |_| None,
    },
    Pick {
        name: "Became certified afterwards",
        table: "All who were asked",
        row: Some(1),
        definition: "By their own word, of those who answered when asked in these days.",
        before: |_| None,
    },
    Pick {
        name: "Certified educators at the end",
        table: "Certified educators",
        row: None,
        definition: "Mentors with a valid credential, and former mentees who became certified.",
        before: |_| None,
    },
    Pick {
        name: "Mentors’ hours",
        table: "What they gave",
        row: Some(3),
        definition: "Logged talks in these days.",
        before: |before| Some(Value::Talked { minutes: counted(before.minutes), talks: counted(before.talks) }),
    },
];

/// The short section, of sections that may be the whole or what may leave the house.
/// Figures of a year earlier of which fewer than `under` are counted are not told.
pub fn short(sections: &[Section], before: Option<&BeforeRow>, under: Option<u32>) -> Section {
    let words = Words {
        title: "In short",
        definition: "Each figure stands again below, with its groups.",
        group: "Figure",
        counted: "Number",
    };
    let mut rows: Vec<Row> = PICKS.iter().filter_map(|pick| picked(pick, sections, before, under)).collect();
    if let Some(row) = most_common(sections) {
        rows.insert(1.min(rows.len()), row);
    }
    Section {
        title: "In short",
        about: "The figures that are asked for first.",
        tables: vec![words.table(Kind::Each, rows, None)],
    }
}

fn picked(pick: &Pick, sections: &[Section], before: Option<&BeforeRow>, under: Option<u32>) -> Option<Row> {
    let table = find(sections, pick.table)?;
    let row = match pick.row {
        None => table.total.as_ref()?,
        Some(at) => table.rows.get(at)?,
    };
    // All of all is no share.
    let value = match row.value {
        Value::Part { count, .. } => Value::Count(count),
        value => value,
    };
    let before = before.and_then(pick.before).map(|value| alone(value, under.unwrap_or(0)));
    Some(Row { group: pick.name.to_owned(), definition: pick.definition, value, days: None, before })
}

fn find<'a>(sections: &'a [Section], title: &str) -> Option<&'a Table> {
    sections.iter().flat_map(|section| &section.tables).find(|table| table.title == title)
}

/// The discipline that most participants have, of those told; a group that is not told is none of the largest.
fn most_common(sections: &[Section]) -> Option<Row> {
    let rows = find(sections, "By discipline")?.rows.iter();
    let told = rows.filter_map(|row| Some((row.value.number()?.told()?, row)));
    let (_, row) = told.max_by_key(|(number, _)| *number)?;
    Some(Row {
        group: format!("Most common discipline: {}", row.group.to_lowercase()),
        definition: "Of the participants, by the application.",
        days: None,
        ..row.clone()
    })
}

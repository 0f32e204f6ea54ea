//! Mentors, certified educators, and the hours that the match of a grant rests on.

use super::{Kind, Number, Row, Rows, Section, Table, Value, Words, counted, defined, row, tally};
use crate::people::Way;
use crate::reports::TalkRow;

pub fn section(rows: &Rows) -> Section {
    Section {
        title: "Mentors",
        about: "Only talks that were logged count: nothing is estimated, and time for reading, writing and preparing is not in \
                the hours.",
        tables: vec![educators(rows), work(rows), by_way(&rows.talks), by_mentor(&rows.talks)],
    }
}

fn educators(rows: &Rows) -> Table {
    let words = Words {
        title: "Certified educators",
        definition: "At the end of these days, or today while they run. Mentors whose credential was valid by the latest check, \
                     and mentees who said after completion that they became certified and are not mentors with a valid check.",
        group: "Known from",
        counted: "Certified educators",
    };
    let count = |number| Value::Count(Number::Told(number));
    let (mentors, became) = (counted(rows.educators.mentors), counted(rows.educators.became));
    let groups = vec![row("Checked credential of a mentor", count(mentors)), row("Own word of a former mentee", count(became))];
    words.table(Kind::Parts, groups, Some(row("All", count(mentors + became))))
}

/// Minutes and talks of some rows.
fn talked<'a>(rows: impl IntoIterator<Item = &'a TalkRow>) -> Value {
    let (minutes, talks) = rows.into_iter().fold((0, 0), |(minutes, talks), row| (minutes + row.minutes, talks + row.talks));
    Value::Talked { minutes: counted(minutes), talks: counted(talks) }
}

/// The same of those that both have said were so.
fn confirmed(rows: &[TalkRow]) -> Value {
    let (minutes, talks) =
        rows.iter().fold((0, 0), |(minutes, talks), row| (minutes + row.confirmed_minutes, talks + row.confirmed));
    Value::Talked { minutes: counted(minutes), talks: counted(talks) }
}

fn work(rows: &Rows) -> Table {
    let words = Words {
        title: "What they gave",
        definition: "Talks by the day they were held, logged by the mentee, the mentor, or the coordinator for them. Hours and \
                     talks are work, not a group of people, and are told whatever the number of mentors.",
        group: "What",
        counted: "Number",
    };
    let talkers = tally(rows.talks.iter().filter_map(|row| row.mentor_id), |mentor| *mentor).len();
    let Value::Talked { talks, .. } = talked(&rows.talks) else { unreachable!("talks make a value of talks") };
    let table = vec![
        defined(
            "Mentors with a mentee",
            "They went with a mentee on at least one of these days.",
            Value::Count(Number::Told(counted(rows.educators.mentoring))),
        ),
        defined(
            "Mentors who talked",
            "At least one talk of theirs is logged in these days.",
            Value::Count(super::told(talkers)),
        ),
        defined("Talks", "Logged talks.", Value::Things(talks)),
        defined(
            "Hours",
            "The minutes of the logged talks, of the mentor alone: the mentee’s time is not added.",
            talked(&rows.talks),
        ),
        defined(
            "Of these, confirmed by both",
            "One of the two logged the talk, and the other said that it was so.",
            confirmed(&rows.talks),
        ),
    ];
    words.table(Kind::Each, table, None)
}

fn by_way(talks: &[TalkRow]) -> Table {
    let words =
        Words { title: "Hours by way", definition: "The same hours, by how the two talked.", group: "Way", counted: "Hours" };
    let of = |way: Way| talks.iter().filter(move |row| row.way == way);
    let rows = Way::ALL.iter().map(|way| row(way.name(), talked(of(*way)))).collect();
    words.table(Kind::Each, rows, Some(row("All", talked(talks))))
}

/// Inside only: names of persons.
fn by_mentor(talks: &[TalkRow]) -> Table {
    let words = Words {
        title: "Hours by mentor",
        definition: "A talk belongs to the mentor of the pair when it was logged. This table is never in a file.",
        group: "Mentor",
        counted: "Hours",
    };
    let groups = tally(talks, |row| (row.mentor.is_none(), row.mentor.clone(), row.mentor_id));
    let rows: Vec<Row> = groups
        .into_iter()
        .map(|((_, name, _), rows)| row(name.unwrap_or_else(|| "No mentor at the time".to_owned()), talked(rows)))
        .collect();
    let total = row("All", talked(talks));
    Table { inside: true, ..words.table(Kind::Each, rows, Some(total)) }
}

//! How far people came, from the application to the certificate, and how long each step took.

use chrono::{DateTime, NaiveDate, Utc};

use super::{EnrollmentRow, Kind, Row, Rows, Section, Span, Value, Words, counted, days, row, told};
use crate::clock;
use crate::reports::Median;

const STEPS: [(&str, &str); 9] = [
    ("Applied", "The application came in these days. Ones set aside because the person had another open are left out."),
    ("Accepted", "The coordinator accepted: the enrollment started."),
    ("Matched", "A mentor accepted the proposal."),
    ("Book there", "The lent book arrived, or they study with a copy of their own."),
    ("Letter received", "The coordinator received the letter of agreement, signed by both."),
    ("First chapter read", "The first required chapter was read, by the day of study."),
    ("Half read", "Half of the required chapters were read, by the day of study."),
    ("All discussed", "The mentor signed off the last required chapter."),
    ("Certificate", "The certificate was issued."),
];

/// The moment of each step, as far as it is known.
type Steps = [Option<DateTime<Utc>>; STEPS.len()];

pub fn section(rows: &Rows, span: Span) -> Section {
    let applied = rows.enrollments.iter().filter(|row| span.contains(clock::today(row.applied_at)));
    let ways: Vec<Steps> = applied.map(steps).collect();
    let all = ways.len() + usize::try_from(counted(rows.not_accepted)).unwrap_or_default();
    let rows = (0..STEPS.len()).zip(STEPS).map(|(at, words)| step(at, words, &ways, all)).collect();
    let words = Words {
        title: "Steps",
        definition: "Of the applications that came in these days, those that came at least this far by now: a step counts as \
                     reached when it or a later one is, because no step locks another. The days are between the step before \
                     and this one, for those who took both in this order.",
        group: "Step",
        counted: "Came this far",
    };
    let mut table = words.table(Kind::Steps, rows, None);
    table.days = "Median days since the last step";
    Section {
        title: "How far they came",
        about: "From the application to the certificate. These are the applications of these days, and so not quite the same \
                people as the participants, who are counted by the day they were accepted.",
        tables: vec![table],
    }
}

fn steps(row: &EnrollmentRow) -> Steps {
    let mut read: Vec<NaiveDate> =
        row.read_on.iter().flat_map(|days| days.split(',')).filter_map(|day| day.parse().ok()).collect();
    read.sort_unstable();
    let half = usize::try_from(row.chapters.max(0)).unwrap_or_default().div_ceil(2);
    let start_of = |day: &NaiveDate| clock::at_local(clock::MONTANA, *day, chrono::NaiveTime::MIN);
    [
        Some(row.applied_at),
        Some(row.started_at),
        row.matched_at,
        [row.own_book_at, row.book_arrived_at].into_iter().flatten().min(),
        row.letter_at,
        read.first().map(start_of),
        half.checked_sub(1).and_then(|at| read.get(at)).map(start_of),
        row.discussed_at,
        row.ended_at.filter(|_| row.state == crate::enrollments::State::Completed),
    ]
}

fn step(at: usize, (name, definition): (&str, &'static str), ways: &[Steps], all: usize) -> Row {
    let reached = ways.iter().filter(|steps| steps.iter().skip(at).any(Option::is_some)).count();
    let took = ways.iter().filter_map(|steps| days((*steps.get(at.checked_sub(1)?)?)?, (*steps.get(at)?)?)).collect();
    let median = (at > 0).then(|| Median::of(took));
    let value = if at == 0 { Value::Count(told(all)) } else { Value::Rate { part: told(reached), of: told(all) } };
    Row { definition, days: median, ..row(name, value) }
}

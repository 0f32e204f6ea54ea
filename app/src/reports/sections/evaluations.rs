//! How participants rate themselves, at the start, at the end, and what changed: by area, never by person.

use std::collections::BTreeMap;

use super::{Kind, Row, Section, Table, Value, Words, defined, row, told};
use crate::competencies::{Instrument, Moment, compare, score};
use crate::id::{EnrollmentId, InstrumentId};
use crate::reports::{EvaluationRow, Rating, Rows};

pub fn section(rows: &Rows, participants: usize) -> Section {
    let looks = looks(rows);
    let mut tables = vec![made(&looks, participants)];
    if let Some((_, newest)) = rows.instruments.first() {
        tables.extend([Moment::Start, Moment::End].map(|moment| at(moment, &looks, newest)));
        tables.push(change(&looks, newest));
    }
    Section {
        title: "Self-evaluation",
        about: "How the participants who started in these days rated themselves up to now, by area. It is encouraged, never \
                required, and statements can be left out.",
        tables,
    }
}

/// What one participant said, at each moment, with the statements that were asked.
type Look<'a> = BTreeMap<Moment, (&'a Instrument, &'a EvaluationRow)>;

fn looks(rows: &Rows) -> Vec<Look<'_>> {
    let known: BTreeMap<InstrumentId, &Instrument> = rows.instruments.iter().map(|(id, one)| (*id, one)).collect();
    let mut by_enrollment: BTreeMap<EnrollmentId, Look<'_>> = BTreeMap::new();
    for row in &rows.evaluations {
        if let Some(instrument) = known.get(&row.instrument_id) {
            by_enrollment.entry(row.enrollment_id).or_default().insert(row.moment, (instrument, row));
        }
    }
    by_enrollment.into_values().collect()
}

fn made(looks: &[Look<'_>], participants: usize) -> Table {
    let words = Words {
        title: "Self-evaluations made",
        definition: "Of the participants. Each row counts those of the row before who came further.",
        group: "Which",
        counted: "Participants",
    };
    let start = looks.iter().filter(|look| look.contains_key(&Moment::Start)).count();
    let both = looks.iter().filter(|look| look.len() == 2).count();
    let rate = |part| Value::Rate { part: told(part), of: told(participants) };
    let rows = vec![
        defined("Participants", "Enrollments that started in these days.", Value::Count(told(participants))),
        defined("Made one at the start", "With at least one statement rated.", rate(start)),
        defined("Made one at the end as well", "The two can be compared.", rate(both)),
    ];
    words.table(Kind::Steps, rows, None)
}

/// The mean of each area at one moment: of each participant the mean of what they rated, and of those the mean.
fn at(moment: Moment, looks: &[Look<'_>], newest: &Instrument) -> Table {
    let words = match moment {
        Moment::Start => Words {
            title: "At the start, by area",
            definition: "The mean of the participants' means over the statements they rated, on the scale now in use. Evaluations \
                         made on another scale are left out.",
            group: "Area",
            counted: "Mean rating",
        },
        Moment::End => Words {
            title: "At the end, by area",
            definition: "The same, as they rated themselves at the end.",
            group: "Area",
            counted: "Mean rating",
        },
    };
    let mut means: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for (instrument, row) in looks.iter().filter_map(|look| look.get(&moment)) {
        if instrument.scale.len() != newest.scale.len() {
            continue;
        }
        for score in score(instrument, &row.ratings.0) {
            means.entry(score.code.clone()).or_default().extend(score.mean());
        }
    }
    words.table(Kind::Each, by_area(newest, &means, false), None)
}

fn change(looks: &[Look<'_>], newest: &Instrument) -> Table {
    let words = Words {
        title: "Change from start to end, by area",
        definition: "Of the participants who made both: the mean over the statements rated both times, end minus start.",
        group: "Area",
        counted: "Mean change",
    };
    let mut grown: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for look in looks {
        let (Some((old, before)), Some((new, after))) = (look.get(&Moment::Start), look.get(&Moment::End)) else { continue };
        let Some(compared) = compare((old, &before.ratings.0), (new, &after.ratings.0)) else { continue };
        for change in compared.domains {
            let growth = change.grown();
            grown.entry(change.code).or_default().extend(growth);
        }
    }
    words.table(Kind::Each, by_area(newest, &grown, true), None)
}

/// A row for each area of the newest version. Areas that only earlier versions had are left out.
fn by_area(newest: &Instrument, values: &BTreeMap<String, Vec<f64>>, change: bool) -> Vec<Row> {
    let of = |code: &str| values.get(code).map(Vec::as_slice).unwrap_or_default();
    newest.domains.iter().map(|domain| row(domain.name.clone(), Value::Rating(Rating::of(of(&domain.code), change)))).collect()
}

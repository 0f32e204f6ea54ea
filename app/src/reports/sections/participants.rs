//! Who took part, and how many of them completed.

use chrono::{Datelike, NaiveDate};

use super::{EnrollmentRow, Kind, Row, Section, Span, Table, Value, Words, parts, rates, row, tally, told};
use crate::clock;
use crate::counties::{self, County};
use crate::enrollments::{OptionNumber, State};
use crate::reports::{CertificateRow, Median};

type People<'a> = [&'a EnrollmentRow];

/// Spans longer than this are told by year instead of by month.
const MONTHS: usize = 24;

pub fn section(people: &People, span: Span) -> Section {
    let (frontier, other): (Vec<_>, Vec<_>) = people.iter().copied().partition(|row| lives_in_frontier(row));
    Section {
        title: "Participants",
        about: "Enrollments that started in these days. A person who starts a second option is counted again.",
        tables: vec![
            standing(people),
            options(people),
            disciplines(people),
            months(people, span),
            in_frontier(people),
            by_county("In frontier counties", &frontier, people.len()),
            by_county("In other counties", &other, people.len()),
        ],
    }
}

/// Where each stands on the day the report is made. The first row is those who completed.
fn standing(people: &People) -> Table {
    let words = Words {
        title: "Where they stand",
        definition: "On the day this report was made. Completed: the certificate is issued. Withdrawn: they left, or the \
                     coordinator closed the enrollment, with a reason. Active and paused ones may still complete.",
        group: "State",
        counted: "Participants",
    };
    let groups = [State::Completed, State::Active, State::Paused, State::Withdrawn].map(|state| {
        let number = people.iter().filter(|row| row.state == state).count();
        (state.name().to_owned(), number)
    });
    parts(words, groups.into(), people.len())
}

fn options(people: &People) -> Table {
    let words = Words {
        title: "By option",
        definition: "The option they are enrolled in now.",
        group: "Option",
        counted: "Participants",
    };
    parts(words, by_option(people, People::len), people.len())
}

fn by_option<'a, T>(people: &People<'a>, value: impl Fn(&People<'a>) -> T) -> Vec<(String, T)> {
    let of = |option| people.iter().copied().filter(|row| row.option_number == option).collect::<Vec<_>>();
    OptionNumber::ALL.into_iter().map(|option| (option.name().to_owned(), value(&of(option)))).collect()
}

/// The disciplines that are there, in the order of the application. By size they would tell of the small ones which is
/// the smaller.
fn by_discipline<'a>(people: &People<'a>) -> Vec<(&'static str, Vec<&'a EnrollmentRow>)> {
    let groups = tally(people.iter().copied(), |row| row.discipline);
    groups.into_iter().map(|(discipline, rows)| (discipline.name(), rows)).collect()
}

fn disciplines(people: &People) -> Table {
    let words = Words {
        title: "By discipline",
        definition: "The profession they gave in the application.",
        group: "Discipline",
        counted: "Participants",
    };
    let groups = by_discipline(people).into_iter().map(|(name, rows)| (name.to_owned(), rows.len())).collect();
    parts(words, groups, people.len())
}

fn lives_in_frontier(row: &EnrollmentRow) -> bool {
    is_frontier(&row.county)
}

fn is_frontier(fips: &str) -> bool {
    County::by_fips(fips).is_some_and(|county| county.frontier)
}

fn in_frontier(people: &People) -> Table {
    let words = Words {
        title: "Share in frontier counties",
        definition: "Counties with fewer than 7 persons per square mile.",
        group: "In which sense",
        counted: "Participants",
    };
    let part = |number| Value::Rate { part: told(number), of: told(people.len()) };
    let serves = |row: &&&EnrollmentRow| row.counties_served.0.iter().any(|fips| is_frontier(fips));
    let rows = vec![
        Row {
            definition: "The county of home or work in the application is a frontier county.",
            ..row("Live or work in one", part(people.iter().filter(|row| lives_in_frontier(row)).count()))
        },
        Row {
            definition: "At least one county they serve, by the application, is a frontier county.",
            ..row("Serve one", part(people.iter().filter(serves).count()))
        },
    ];
    words.table(Kind::Each, rows, None)
}

fn by_county(title: &'static str, people: &People, whole: usize) -> Table {
    let words = Words {
        title,
        definition: "The county of home or work in the application. Counties without a participant are left out.",
        group: "County",
        counted: "Participants",
    };
    let groups = tally(people.iter(), |row| counties::name(&row.county).to_owned());
    let groups = groups.into_iter().map(|(county, rows)| (county, rows.len())).collect();
    // The total is itself a part of all participants.
    let total = row("All", Value::Part { count: told(people.len()), of: told(whole) });
    Table { total: Some(total), ..parts(words, groups, whole) }
}

fn months(people: &People, span: Span) -> Table {
    let months = span.months();
    let long = months.len() > MONTHS;
    let started = |row: &&&EnrollmentRow| clock::today(row.started_at);
    let groups = if long {
        let years = tally(people, |row| started(row).year());
        years.into_iter().map(|(year, rows)| (year.to_string(), rows.len())).collect()
    } else {
        let of = |month: NaiveDate| {
            people.iter().map(|row| started(&row)).filter(move |day| (day.year(), day.month()) == (month.year(), month.month()))
        };
        months.into_iter().map(|month| (month.format("%B %Y").to_string(), of(month).count())).collect()
    };
    let words = Words {
        title: if long { "By year" } else { "By month" },
        definition: "When the enrollment started: the day the application was accepted.",
        group: if long { "Year" } else { "Month" },
        counted: "Participants",
    };
    parts(words, groups, people.len())
}

/// How many of the participants completed, by group; and the certificates of these days, whoever they belong to.
pub fn completion(people: &People, certificates: &[CertificateRow]) -> Section {
    Section {
        title: "Completion",
        about: "Of the participants who started in these days, those whose certificate is issued by now. Those who are still \
                at it count as not completed yet, so the share of a recent year is still growing.",
        tables: vec![
            completion_by_option(people),
            completion_by_discipline(people),
            completion_by_frontier(people),
            completion_by_county(people),
            issued(certificates),
        ],
    }
}

fn completed(people: &People) -> usize {
    people.iter().filter(|row| row.state == State::Completed).count()
}

const COMPLETED: &str = "Completed, of the participants of the group. The range is the 95% interval by Wilson: where the share \
                         may lie if these participants are taken as a sample of all the program could have.";

fn completion_by_option(people: &People) -> Table {
    let words = Words { title: "Completed, by option", definition: COMPLETED, group: "Option", counted: "Completed" };
    let groups = by_option(people, |rows| (completed(rows), rows.len()));
    rates(words, groups.into_iter().map(|(group, (part, of))| (group, part, of)).collect())
}

fn completion_by_discipline(people: &People) -> Table {
    let words = Words { title: "Completed, by discipline", definition: COMPLETED, group: "Discipline", counted: "Completed" };
    let groups = by_discipline(people).into_iter().map(|(name, rows)| (name.to_owned(), completed(&rows), rows.len()));
    rates(words, groups.collect())
}

fn completion_by_frontier(people: &People) -> Table {
    let words = Words {
        title: "Completed, by kind of county",
        definition: COMPLETED,
        group: "County of home or work",
        counted: "Completed",
    };
    let (frontier, other): (Vec<_>, Vec<_>) = people.iter().copied().partition(|row| lives_in_frontier(row));
    let group = |name: &str, rows: &People| (name.to_owned(), completed(rows), rows.len());
    rates(words, vec![group("Frontier", &frontier), group("Not frontier", &other)])
}

/// Inside only: by single counties nearly every group of a real year is too small to leave the house.
fn completion_by_county(people: &People) -> Table {
    let words = Words { title: "Completed, by county", definition: COMPLETED, group: "County", counted: "Completed" };
    let groups = tally(people.iter().copied(), |row| counties::name(&row.county).to_owned());
    let groups = groups.into_iter().map(|(county, rows)| (county, completed(&rows), rows.len())).collect();
    Table { inside: true, ..rates(words, groups) }
}

fn issued(certificates: &[CertificateRow]) -> Table {
    let words = Words {
        title: "Certificates issued in these days",
        definition: "First certificates of an enrollment, by the day of issue, whenever the enrollment started. Revoked ones are \
                     left out. The days count from the start of the enrollment.",
        group: "Option",
        counted: "Certificates",
    };
    let of = |option: OptionNumber| certificates.iter().filter(move |row| row.option_number == option);
    let groups = OptionNumber::ALL.map(|option| (option.name().to_owned(), of(option).count()));
    let mut table = parts(words, groups.into(), certificates.len());
    table.days = "Median days from the start";
    let took = |row: &CertificateRow| Some((row.issued_on - clock::today(row.started_at)).num_days()).filter(|days| *days >= 0);
    for (row, option) in table.rows.iter_mut().zip(OptionNumber::ALL) {
        row.days = Some(Median::of(of(option).filter_map(took).collect()));
    }
    if let Some(total) = &mut table.total {
        total.days = Some(Median::of(certificates.iter().filter_map(took).collect()));
    }
    table
}

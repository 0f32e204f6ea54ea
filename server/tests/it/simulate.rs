//! A simulated year, counted again from its events alone: the rules of the program are not asked.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Duration, FixedOffset, NaiveDate, Timelike, Utc};
use serde_json::Value;

/// A digest leaves once a day: what becomes due just after it waits for the next, and for the clock to look.
const A_DAY: Duration = Duration::hours(26);
/// The program's limits for silence, from a nudge to the list and to a decision.
const LIST_AFTER: Duration = Duration::days(15);
const DECIDE_AFTER: Duration = Duration::days(60);

struct Move {
    enrollment: String,
    owner: String,
    opened: DateTime<Utc>,
    limit: Duration,
    closed: Option<DateTime<Utc>>,
}

struct Mail {
    person: String,
    digest: bool,
    at: DateTime<Utc>,
    local: DateTime<FixedOffset>,
    about: Vec<String>,
}

#[derive(Default)]
struct Year {
    moves: HashMap<String, Move>,
    mails: Vec<Mail>,
    listed: HashMap<String, Vec<DateTime<Utc>>>,
    pauses: HashMap<String, Vec<(DateTime<Utc>, DateTime<Utc>)>>,
    end: DateTime<Utc>,
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_else(|| panic!("no {name} in {value}")).to_owned()
}

fn time(value: &Value, name: &str) -> DateTime<Utc> {
    text(value, name).parse().unwrap()
}

impl Year {
    /// Reads the events as anybody would: lines of JSON.
    fn read(lines: &str) -> Self {
        let mut year = Self::default();
        for line in lines.lines() {
            let value: Value = serde_json::from_str(line).unwrap();
            match value["t"].as_str().unwrap() {
                "move" => {
                    let one = Move {
                        enrollment: text(&value, "enrollment"),
                        owner: text(&value, "owner"),
                        opened: time(&value, "opened"),
                        limit: Duration::days(value["limit_days"].as_i64().unwrap()),
                        closed: value["closed"].as_str().map(|at| at.parse().unwrap()),
                    };
                    assert!(year.moves.insert(text(&value, "id"), one).is_none(), "told twice: {line}");
                }
                "mail" => year.mails.push(Mail {
                    person: text(&value, "person"),
                    digest: value["kind"] == "digest",
                    at: time(&value, "at"),
                    local: text(&value, "local").parse().unwrap(),
                    about: value["about"].as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect(),
                }),
                "listed" => year.listed.entry(text(&value, "move")).or_default().push(time(&value, "at")),
                "paused" => {
                    year.pauses.entry(text(&value, "enrollment")).or_default().push((time(&value, "from"), time(&value, "to")));
                }
                other => panic!("{other} is no event"),
            }
        }
        year.end = year.mails.iter().map(|mail| mail.at).max().unwrap();
        year
    }

    /// When a move is past its limit; the time of every leave in between is given back.
    fn due(&self, one: &Move) -> DateTime<Utc> {
        let mut due = one.opened + one.limit;
        let mut pauses = self.pauses.get(&one.enrollment).cloned().unwrap_or_default();
        pauses.sort();
        let mut until = one.opened;
        for (from, to) in pauses {
            let from = from.max(until);
            if from < due && to > from {
                due += to - from;
                until = to;
            }
        }
        due
    }

    fn is_paused(&self, one: &Move, at: DateTime<Utc>) -> bool {
        self.pauses.get(&one.enrollment).is_some_and(|all| all.iter().any(|(from, to)| *from <= at && at < *to))
    }
}

async fn simulate(mentees: usize, seed: u64) -> Year {
    let lines = server::simulate::year(mentees, seed).await.unwrap();
    let text: Vec<String> = lines.iter().map(|line| serde_json::to_string(line).unwrap()).collect();
    Year::read(&text.join("\n"))
}

/// Everybody is reached who lets something wait, by a mail or by the coordinator's list, within a day.
fn everyone_is_reached(year: &Year) {
    let mut late = 0;
    for (id, one) in &year.moves {
        let due = year.due(one);
        let until = one.closed.unwrap_or(year.end);
        if until <= due + A_DAY || year.is_paused(one, due) {
            continue;
        }
        late += 1;
        let mails = year.mails.iter().filter(|mail| mail.person == one.owner && mail.about.contains(id)).map(|mail| mail.at);
        let lists = year.listed.get(id).into_iter().flatten().copied();
        let reached = mails.chain(lists).min();
        assert!(reached.is_some_and(|at| at <= due + A_DAY), "{id} was due {due}, reached {reached:?}");
    }
    assert!(late > 20, "only {late} moves were late: that is no year of people who forget");
}

/// What stays undone is listed when a decision is due, however lively its owner is. Gives how many did.
fn nothing_is_hidden(year: &Year) -> usize {
    let mut old = 0;
    for (id, one) in &year.moves {
        let latest = year.due(one) + DECIDE_AFTER + LIST_AFTER + A_DAY;
        let paused = year.pauses.contains_key(&one.enrollment);
        if one.closed.unwrap_or(year.end) > latest && !paused {
            old += 1;
            assert!(year.listed.contains_key(id), "{id} never stood on the list");
        }
    }
    old
}

fn one_digest_a_day(year: &Year) {
    let mut days: HashSet<(&str, NaiveDate)> = HashSet::new();
    for mail in year.mails.iter().filter(|mail| mail.digest) {
        assert!(days.insert((&mail.person, mail.local.date_naive())), "two digests for {} on {}", mail.person, mail.local);
    }
    assert!(days.len() > 100);
}

fn nobody_is_reminded_of_what_is_done(year: &Year) {
    let mut reminders = 0;
    for mail in &year.mails {
        for id in &mail.about {
            reminders += 1;
            let one = &year.moves[id];
            assert!(
                one.opened <= mail.at && one.closed.is_none_or(|closed| mail.at <= closed),
                "{id} was not open at {}",
                mail.at
            );
        }
    }
    assert!(reminders > 20);
}

fn nothing_in_quiet_hours(year: &Year) {
    for mail in year.mails.iter().filter(|mail| mail.digest) {
        assert!((7..20).contains(&mail.local.hour()), "{} for {}", mail.local, mail.person);
        assert_eq!(mail.local.with_timezone(&Utc), mail.at.with_timezone(&Utc));
    }
    let zones: HashSet<i32> = year.mails.iter().map(|mail| mail.local.offset().local_minus_utc()).collect();
    assert!(zones.len() > 2, "readers live in several zones");
}

/// Everything that must hold of a year; gives how many moves stayed undone past every limit.
fn holds(year: &Year) -> usize {
    everyone_is_reached(year);
    one_digest_a_day(year);
    nobody_is_reminded_of_what_is_done(year);
    nothing_in_quiet_hours(year);
    nothing_is_hidden(year)
}

#[tokio::test]
async fn nobody_is_forgotten_in_a_year() {
    holds(&simulate(24, 4).await);
}

#[tokio::test]
#[ignore = "many years take minutes"]
async fn nobody_is_forgotten_in_many_years() {
    let mut old = 0;
    for seed in 100..110 {
        old += holds(&simulate(80, seed).await);
    }
    assert!(old > 0, "nothing stayed undone for long: these are no years of people who vanish");
}

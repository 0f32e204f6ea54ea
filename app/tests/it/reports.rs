//! The year report's figures from rows written by hand, and what can be worked out of a report that left the house.

use std::borrow::Cow;

use app::clock::{MONTANA, at_local};
use app::competencies::{Instrument, Moment};
use app::enrollments::{OptionNumber, Owner, State};
use app::id::{AccountId, EnrollmentId, InstrumentId};
use app::people::{Discipline, Way};
use app::reports::{
    BeforeRow, EducatorsRow, EnrollmentRow, EvaluationRow, FollowUpRow, HoldRow, Kind, LoanRow, Median, Number, Row, Rows,
    Section, Span, StallRow, Table, TalkRow, Value, median, outside, percent, sections, share, short, small, threshold, wilson,
};
use app::settings::Settings;
use app::spreadsheet::neutral;
use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use proptest::prelude::*;
use sqlx::types::Json;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn noon(text: &str) -> DateTime<Utc> {
    at_local(MONTANA, day(text), NaiveTime::from_hms_opt(12, 0, 0).unwrap())
}

fn year_2025() -> Span {
    Span::of_year(2025, &Settings::default())
}

/// Carter is a frontier county, Yellowstone is none.
const CARTER: &str = "30011";
const YELLOWSTONE: &str = "30111";

fn enrollment(started: &str, option: OptionNumber, county: &str) -> EnrollmentRow {
    EnrollmentRow {
        applied_at: noon(started) - Days::new(3),
        started_at: noon(started),
        option_number: option,
        discipline: Discipline::Nurse,
        county: county.into(),
        counties_served: Json(vec![county.into()]),
        state: State::Active,
        ended_at: None,
        matched_at: None,
        own_book_at: None,
        book_arrived_at: None,
        letter_at: None,
        chapters: 4,
        read_on: None,
        discussed_at: None,
    }
}

fn find<'a>(sections: &'a [Section], title: &str) -> &'a Table {
    sections.iter().flat_map(|section| &section.tables).find(|table| table.title == title).unwrap()
}

/// A table as a reader sees it: "Option 1 3 of 4 (75%)".
fn read(table: &Table) -> Vec<String> {
    table
        .rows
        .iter()
        .chain(&table.total)
        .map(|row| {
            let days = row.days.map(|days| format!(", {}", days.words())).unwrap_or_default();
            let share = row.value.share_words();
            let share = if share.is_empty() { share } else { format!(" {share}") };
            format!("{}: {}{share}{days}", row.group, row.value.words())
        })
        .collect()
}

#[test]
fn a_program_year_begins_where_the_settings_say() {
    let settings = Settings::default();
    let span = Span::around(day("2026-06-30"), &settings);
    assert_eq!((span.from, span.to, span.year), (day("2025-07-01"), day("2026-06-30"), Some(2025)));
    assert_eq!(span.title(), "Program year 2025–2026");
    assert_eq!(Span::around(day("2026-07-01"), &settings).year, Some(2026));
    assert_eq!(Span::between(span.from, span.to, &settings), span);
    let calendar = Settings { year_month: 1, year_day: 1, ..settings.clone() };
    assert_eq!(Span::around(day("2026-06-30"), &calendar).title(), "Program year 2026");
    let leap = Settings { year_month: 2, year_day: 29, ..settings.clone() };
    assert_eq!(Span::of_year(2025, &leap).from, day("2025-02-28"));
    // The days of a span begin and end in Montana.
    assert_eq!(span.begins_at().to_rfc3339(), "2025-07-01T06:00:00+00:00");
    assert_eq!(span.so_far(day("2025-12-24")).year_before().to, day("2024-12-24"));
}

#[test]
fn an_address_asks_for_days_or_is_told_why_not() {
    let settings = Settings::default();
    let asked = |year, from, to| Span::asked(year, from, to, day("2026-11-24"), &settings);
    assert_eq!(asked(None, None, None).unwrap().year, Some(2026));
    assert_eq!(asked(Some("2024"), None, None).unwrap().from, day("2024-07-01"));
    assert_eq!(asked(None, Some("2026-01-01"), Some("2026-01-01")).unwrap().dates(), "January 1, 2026 to January 1, 2026");
    for (year, from, to) in [
        (Some("soon"), None, None),
        (Some("999999999"), None, None),
        (None, Some("2026-02-02"), Some("2026-02-01")),
        (None, Some("2026-02-02"), None),
        (None, Some("+262142-12-31"), Some("+262142-12-31")),
        (None, Some("02/02/2026"), Some("2026-02-03")),
    ] {
        assert!(asked(year, from, to).is_err(), "{year:?} {from:?} {to:?}");
    }
}

#[test]
fn participants_are_those_who_started_in_the_span() {
    let mut last = enrollment("2026-06-30", OptionNumber::Two, YELLOWSTONE);
    last.counties_served = Json(vec![YELLOWSTONE.into(), CARTER.into()]);
    last.state = State::Completed;
    last.ended_at = Some(noon("2026-09-01"));
    let mut dietitian = enrollment("2025-07-01", OptionNumber::One, CARTER);
    dietitian.discipline = Discipline::Dietitian;
    let rows = Rows {
        enrollments: vec![
            dietitian,
            enrollment("2025-08-02", OptionNumber::One, CARTER),
            last,
            // Applied within, accepted after.
            enrollment("2026-07-01", OptionNumber::One, CARTER),
        ],
        ..Rows::default()
    };
    let sections = sections(&rows, year_2025(), day("2026-11-24"));
    assert_eq!(
        read(find(&sections, "Where they stand")),
        ["Completed: 1 33%", "Active: 2 67%", "Paused: 0 0%", "Withdrawn: 0 0%", "All: 3"]
    );
    assert_eq!(read(find(&sections, "By option")), ["Option 1: 2 67%", "Option 2: 1 33%", "Option 3: 0 0%", "All: 3"]);
    assert_eq!(read(find(&sections, "By discipline")), ["Nurse: 2 67%", "Dietitian: 1 33%", "All: 3"]);
    assert_eq!(
        read(find(&sections, "Share in frontier counties")),
        ["Live or work in one: 2 of 3 67%", "Serve one: 3 of 3 100%"]
    );
    assert_eq!(read(find(&sections, "In frontier counties")), ["Carter: 2 67%", "All: 2 67%"]);
    assert_eq!(read(find(&sections, "In other counties")), ["Yellowstone: 1 33%", "All: 1 33%"]);
    let months = read(find(&sections, "By month"));
    assert_eq!((months.len(), months[0].as_str(), months[11].as_str()), (13, "July 2025: 1 33%", "June 2026: 1 33%"));
    assert_eq!(
        read(find(&sections, "Completed, by option")),
        ["Option 1: 0 of 2 0%", "Option 2: 1 of 1 100%", "Option 3: 0 of 0 no figure", "All: 1 of 3 33%"]
    );
    assert_eq!(
        read(find(&sections, "Completed, by kind of county")),
        ["Frontier: 0 of 2 0%", "Not frontier: 1 of 1 100%", "All: 1 of 3 33%"]
    );
}

#[test]
fn how_far_they_came_counts_a_step_when_a_later_one_is_reached() {
    let mut far = enrollment("2025-09-04", OptionNumber::One, CARTER);
    far.matched_at = Some(noon("2025-09-10"));
    far.own_book_at = Some(noon("2025-09-12"));
    // The letter came after the first chapter was read: no step locks another.
    far.read_on = Some("2025-10-09,2025-09-20,2025-10-01".into());
    far.letter_at = Some(noon("2025-10-05"));
    let near = enrollment("2025-09-04", OptionNumber::One, CARTER);
    let mut through = enrollment("2025-09-04", OptionNumber::One, CARTER);
    through.state = State::Completed;
    through.ended_at = Some(noon("2026-01-04"));
    let rows = Rows { enrollments: vec![far, near, through], not_accepted: 2, ..Rows::default() };
    let sections = sections(&rows, year_2025(), day("2026-11-24"));
    assert_eq!(
        read(find(&sections, "Steps")),
        [
            "Applied: 5",
            "Accepted: 3 of 5 60%, 3 days, of 3",
            "Matched: 2 of 5 40%, 6 days, of 1",
            "Book there: 2 of 5 40%, 2 days, of 1",
            "Letter received: 2 of 5 40%, 23 days, of 1",
            "First chapter read: 2 of 5 40%, no figure",
            "Half read: 2 of 5 40%, 11 days, of 1",
            "All discussed: 1 of 5 20%, no figure",
            "Certificate: 1 of 5 20%, no figure",
        ]
    );
}

fn follow_up(mentee: AccountId, months: i32, answer: Option<(Option<bool>, Option<bool>)>) -> FollowUpRow {
    FollowUpRow {
        mentee_id: mentee,
        months: Some(months),
        answered_at: answer.map(|_| noon("2026-01-02")),
        became_cdces: answer.and_then(|(became, _)| became),
        teaching_dsmes: answer.and_then(|(_, teaching)| teaching),
        willing_to_mentor: None,
    }
}

#[test]
fn silence_is_not_a_no() {
    let (one, two) = (AccountId::new(), AccountId::new());
    let rows = Rows {
        follow_ups: vec![
            follow_up(one, 6, Some((Some(false), Some(true)))),
            follow_up(one, 12, Some((Some(true), None))),
            follow_up(two, 6, None),
        ],
        ..Rows::default()
    };
    let sections = sections(&rows, year_2025(), day("2026-11-24"));
    assert_eq!(
        read(find(&sections, "All who were asked")),
        [
            "Answered: 1 of 2 50%",
            "Became certified (CDCES): 1 of 1 100%",
            "Teach diabetes self-management: 1 of 1 100%",
            "Would mentor: 0 of 0 no figure"
        ]
    );
    assert_eq!(read(find(&sections, "Asked 6 months after completion"))[1], "Became certified (CDCES): 0 of 1 0%");
    assert_eq!(read(find(&sections, "Asked 12 months after completion"))[0], "Answered: 1 of 1 100%");
}

#[test]
fn a_result_of_the_exam_counts_with_what_was_answered_and_nobody_twice() {
    let (one, two, three) = (AccountId::new(), AccountId::new(), AccountId::new());
    let result = |mentee, passed| FollowUpRow { months: None, ..follow_up(mentee, 0, Some((Some(passed), None))) };
    let rows = Rows {
        follow_ups: vec![
            follow_up(one, 6, Some((Some(true), None))),
            result(one, true),
            follow_up(two, 6, None),
            result(two, false),
            result(two, true),
            result(three, false),
        ],
        ..Rows::default()
    };
    let sections = sections(&rows, year_2025(), day("2026-11-24"));
    let told = read(find(&sections, "All who were asked"));
    assert_eq!(told[..2], ["Answered: 3 of 3 100%", "Became certified (CDCES): 2 of 3 67%"]);
    assert_eq!(read(find(&sections, "Asked 6 months after completion"))[0], "Answered: 1 of 2 50%");
}

/// An evaluation in which every statement of the first area is rated alike.
fn evaluation(of: EnrollmentId, with: InstrumentId, moment: Moment, value: i32) -> EvaluationRow {
    let ratings = (1..=6).map(|number| (format!("clinical_management_{number}"), value)).collect();
    EvaluationRow { enrollment_id: of, instrument_id: with, moment, ratings: Json(ratings) }
}

#[test]
fn self_evaluations_are_told_by_area_and_never_of_few() {
    let instrument: Instrument = toml::from_str(include_str!("../../content/competencies.toml")).unwrap();
    let (with, people) = (InstrumentId::new(), [(); 6].map(|()| EnrollmentId::new()));
    let mut evaluations: Vec<EvaluationRow> = people.iter().map(|of| evaluation(*of, with, Moment::Start, 2)).collect();
    evaluations.extend(people.iter().take(4).map(|of| evaluation(*of, with, Moment::End, 4)));
    evaluations.push(evaluation(people[0], InstrumentId::new(), Moment::End, 5));
    let rows = Rows {
        enrollments: (0..12).map(|_| enrollment("2025-09-01", OptionNumber::One, CARTER)).collect(),
        evaluations,
        instruments: vec![(with, instrument)],
        ..Rows::default()
    };
    let inside = sections(&rows, year_2025(), day("2026-11-24"));
    assert_eq!(
        read(find(&inside, "Self-evaluations made"))[1..],
        ["Made one at the start: 6 of 12 50%", "Made one at the end as well: 4 of 12 33%"]
    );
    let first = |sections: &[Section], title: &str| {
        let table = find(sections, title);
        (table.rows[0].value.words(), table.rows[1].value.words())
    };
    assert_eq!(first(&inside, "At the start, by area"), ("2.0, of 6".to_owned(), "no figure".to_owned()));
    assert_eq!(first(&inside, "Change from start to end, by area").0, "+2.0, of 4");
    // Six may be told of, but not how many they are; four may not.
    let told = outside(inside, threshold(5));
    assert_eq!(first(&told, "At the start, by area").0, "2.0");
    assert_eq!(first(&told, "At the end, by area").0, "not told");
    assert_eq!(first(&told, "Change from start to end, by area").0, "not told");
    assert!(find(&told, "At the end, by area").rows.iter().all(|row| !format!("{:?}", row.value).contains("Told(4)")));
}

fn stall(what: &str, owner: Owner, opened: &str, ended: Option<(&str, &str)>) -> StallRow {
    StallRow {
        what: what.into(),
        owner,
        opened_at: noon(opened),
        ended_at: ended.map(|(at, _)| noon(at)),
        ending: ended.map(|(_, how)| how.into()),
    }
}

#[test]
fn waits_by_move_owner_and_ending() {
    let rows = Rows {
        stalls: vec![
            stall("sign_letter", Owner::Mentor, "2026-01-01", Some(("2026-01-11", "done"))),
            stall("sign_letter", Owner::Mentee, "2026-01-01", Some(("2026-01-14", "done"))),
            stall("read_chapter", Owner::Mentee, "2026-01-01", None),
        ],
        ..Rows::default()
    };
    let sections = sections(&rows, year_2025(), day("2026-11-24"));
    assert_eq!(
        read(find(&sections, "What was waited for")),
        ["Letter not signed: 2 67%, 11.5 days, of 2", "Next chapter not read: 1 33%, no figure", "All: 3, 11.5 days, of 2"]
    );
    assert_eq!(
        read(find(&sections, "Who was waited for")),
        [
            "Mentee: 2 67%, 13 days, of 1",
            "Mentor: 1 33%, 10 days, of 1",
            "Coordinator: 0 0%, no figure",
            "All: 3, 11.5 days, of 2"
        ]
    );
    assert_eq!(
        read(find(&sections, "What ended it")),
        ["What was waited for was done: 2 67%, 11.5 days, of 2", "Still waiting: 1 33%, no figure", "All: 3, 11.5 days, of 2"]
    );
}

#[test]
fn loans_and_requests_of_the_span() {
    let loan = |lent: &str, due: &str, returned: Option<&str>, lost| LoanRow {
        lent_at: noon(lent),
        due_on: day(due),
        sent_back_at: None,
        returned_at: returned.map(noon),
        lost,
    };
    let hold = |placed: &str, ended: Option<&str>, lent| HoldRow { placed_at: noon(placed), ended_at: ended.map(noon), lent };
    let rows = Rows {
        loans: vec![
            loan("2025-06-01", "2025-12-01", Some("2025-07-01"), false),
            loan("2025-08-01", "2026-01-01", None, false),
            loan("2026-06-01", "2026-12-01", Some("2026-08-01"), false),
            loan("2025-08-01", "2026-01-01", Some("2026-05-01"), true),
        ],
        holds: vec![
            hold("2025-07-01", Some("2025-07-05"), true),
            hold("2025-07-01", Some("2025-07-02"), false),
            hold("2026-06-01", None, false),
        ],
        ..Rows::default()
    };
    let sections = sections(&rows, year_2025(), day("2026-11-24"));
    assert_eq!(
        read(find(&sections, "Loans")),
        ["Lent: 3", "Came back: 1, 30 days, of 1", "Lost: 1", "Out at the end: 2", "Overdue at the end: 1 50%"]
    );
    assert_eq!(
        read(find(&sections, "Requests for a book")),
        ["Asked: 3", "Lent: 1, 4 days, of 1", "Taken back: 1", "Waiting at the end: 1"]
    );
}

#[test]
fn hours_are_those_of_logged_talks() {
    let talk = |mentor: Option<(AccountId, &str)>, way, talks, minutes| TalkRow {
        mentor_id: mentor.map(|(id, _)| id),
        mentor: mentor.map(|(_, name)| name.into()),
        way,
        talks,
        minutes,
        confirmed: talks / 2,
        confirmed_minutes: minutes / 2,
    };
    let ada = Some((AccountId::new(), "Ada"));
    let rows = Rows {
        talks: vec![talk(ada, Way::Phone, 2, 75), talk(ada, Way::Video, 1, 30), talk(None, Way::Phone, 1, 15)],
        educators: EducatorsRow { mentors: 7, became: 2, mentoring: 1 },
        before: Some(BeforeRow { participants: 3, certificates: 0, talks: 1, minutes: 90 }),
        ..Rows::default()
    };
    let sections = sections(&rows, year_2025(), day("2026-11-24"));
    assert_eq!(
        read(find(&sections, "What they gave")),
        [
            "Mentors with a mentee: 1",
            "Mentors who talked: 1",
            "Talks: 4",
            "Hours: 2.0 hours",
            "Of these, confirmed by both: 1.0 hours"
        ]
    );
    assert_eq!(
        read(find(&sections, "Hours by mentor")),
        ["Ada: 1.8 hours", "No mentor at the time: 0.2 hours", "All: 2.0 hours"]
    );
    assert_eq!(read(find(&sections, "Certified educators"))[2], "All: 9");
    let short = short(&sections, rows.before.as_ref(), None);
    let hours = short.tables[0].rows.last().unwrap();
    assert_eq!((hours.value.words(), hours.before.unwrap().words()), ("2.0 hours".into(), "1.5 hours".into()));
    assert_eq!(short.tables[0].rows[0].before.unwrap().words(), "3");
}

#[test]
fn what_is_asked_for_first_stands_in_the_report_in_short() {
    let rows = Rows { enrollments: vec![enrollment("2025-09-04", OptionNumber::One, CARTER)], ..Rows::default() };
    let body = sections(&rows, year_2025(), day("2026-11-24"));
    let names = |section: &Section| section.tables[0].rows.iter().map(|row| row.group.clone()).collect::<Vec<_>>();
    let all = [
        "Participants",
        "Most common discipline: nurse",
        "Completed by now",
        "Certificates issued",
        "Live or work in a frontier county",
        "Serve a frontier county",
        "Became certified afterwards",
        "Certified educators at the end",
        "Mentors’ hours",
    ];
    assert_eq!(names(&short(&body, None, None)), all);
    // Outside, too: but of one participant nothing is told.
    let told = short(&outside(body, 5), Some(&BeforeRow { participants: 2, ..BeforeRow::default() }), Some(5));
    assert_eq!(told.tables[0].rows[0].value, Value::Count(Number::Fewer(5)));
    assert_eq!(told.tables[0].rows[0].before, Some(Value::Count(Number::Fewer(5))));
    assert!(!names(&told).iter().any(|name| name.starts_with("Most common")));
}

#[test]
fn shares_and_medians() {
    // The paper's own: 27 of 90 completed.
    let within = wilson(27, 90).unwrap();
    assert_eq!(format!("{:.3} {:.3}", within.low, within.high), "0.215 0.401");
    assert_eq!((share(0, 0), wilson(0, 0), median(Vec::new())), (None, None, None));
    assert_eq!((wilson(0, 5).unwrap().low, wilson(5, 5).unwrap().high), (0.0, 1.0));
    assert_eq!((median(vec![9, 1, 4]), median(vec![4, 1])), (Some(4.0), Some(2.5)));
    assert_eq!(
        ["0.301", "0.001", "0.999", "0", "1"].map(|share| percent(share.parse().unwrap())),
        ["30%", "under 1%", "over 99%", "0%", "100%"]
    );
    assert_eq!(Number::Told(1_234_567).to_string(), "1,234,567");
    assert_eq!((threshold(-1), threshold(1), threshold(2), threshold(5)), (0, 0, 3, 5));
}

#[test]
fn no_cell_begins_like_a_formula() {
    for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1"] {
        assert_eq!(neutral(text), format!("'{text}"), "{text:?}");
    }
    for text in ["", "Ada O'Rourke", "a=b", "5 - 3"] {
        assert!(matches!(neutral(text), Cow::Borrowed(same) if same == text));
    }
}

proptest! {
    #[test]
    fn an_interval_holds_its_share_and_shrinks_with_more(of in 1u32..400, part in 0u32..400, more in 2u32..6) {
        let part = part.min(of);
        let within = wilson(part, of).unwrap();
        let share = share(part, of).unwrap();
        prop_assert!(0.0 <= within.low && within.low <= share && share <= within.high && within.high <= 1.0);
        let more = wilson(part * more, of * more).unwrap();
        prop_assert!(more.high - more.low < within.high - within.low);
    }

    #[test]
    fn a_median_lies_in_the_middle(days in proptest::collection::vec(0i64..500, 1..40)) {
        let middle = median(days.clone()).unwrap();
        let real = |day: &i64| f64::from(i32::try_from(*day).unwrap());
        prop_assert!(days.iter().filter(|day| real(day) < middle).count() * 2 <= days.len());
        prop_assert!(days.iter().filter(|day| real(day) > middle).count() * 2 <= days.len());
    }

    #[test]
    fn nobody_comes_further_than_the_step_before(
        ways in proptest::collection::vec((proptest::collection::vec(any::<bool>(), 6), 0usize..6), 0..40),
        open in 0i64..10,
    ) {
        let enrollments = ways.iter().map(|(did, read)| {
            let mut row = enrollment("2025-09-04", OptionNumber::One, CARTER);
            let at = |index: usize| did[index].then(|| noon("2025-10-01"));
            (row.matched_at, row.book_arrived_at, row.letter_at, row.discussed_at) = (at(0), at(1), at(2), at(3));
            row.read_on = Some(vec!["2025-10-02"; *read].join(","));
            if did[4] {
                (row.state, row.ended_at) = (State::Completed, Some(noon("2026-02-01")));
            }
            row
        });
        let rows = Rows { enrollments: enrollments.collect(), not_accepted: open, ..Rows::default() };
        let sections = sections(&rows, year_2025(), day("2026-11-24"));
        let counts: Vec<u32> = find(&sections, "Steps").rows.iter().filter_map(|row| row.value.number()?.told()).collect();
        prop_assert_eq!(counts.len(), 9);
        prop_assert!(counts.is_sorted_by(|before, after| before >= after));
    }
}

/// What somebody knows of one hidden number: all that it can be.
fn can_be(number: Number, under: u32, most: u32) -> Vec<u32> {
    match number {
        Number::Told(told) => vec![told],
        Number::Fewer(_) => (1..under).collect(),
        // The rule is no secret: what is held back beside small groups is none itself.
        Number::Withheld => (under..=most).collect(),
    }
}

/// Which values each number can have when they add up to `sum`: by trying every way.
fn possible(cells: &[Vec<u32>], sum: u32) -> Vec<Vec<u32>> {
    let top = usize::try_from(sum).unwrap();
    let reach = |cells: &[Vec<u32>]| {
        cells.iter().fold(vec![true].into_iter().chain(vec![false; top]).collect::<Vec<_>>(), |sums, cell| {
            let fits = |sum: usize| {
                cell.iter().any(|value| sum.checked_sub(usize::try_from(*value).unwrap()).is_some_and(|rest| sums[rest]))
            };
            (0..=top).map(fits).collect()
        })
    };
    (0..cells.len())
        .map(|at| {
            let others: Vec<Vec<u32>> =
                cells.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, cell)| cell.clone()).collect();
            let sums = reach(&others);
            cells[at].iter().copied().filter(|value| *value <= sum && sums[usize::try_from(sum - value).unwrap()]).collect()
        })
        .collect()
}

fn part(count: u32, of: u32) -> Value {
    Value::Part { count: Number::Told(count), of: Number::Told(of) }
}

fn rate(part: u32, of: u32) -> Value {
    Value::Rate { part: Number::Told(part), of: Number::Told(of) }
}

fn table(kind: Kind, values: Vec<Value>, total: Option<Value>) -> Table {
    let row = |value| Row { group: "A group".into(), definition: "", value, days: Some(Median::of(vec![1; 3])), before: None };
    Table {
        title: "A table".into(),
        definition: "",
        kind,
        group: "Group",
        counted: "People",
        days: "Days",
        rows: values.into_iter().map(row).collect(),
        total: total.map(row),
        inside: false,
    }
}

fn told_outside(tables: Vec<Table>, under: u32) -> Vec<Table> {
    let section = Section { title: "A section", about: "", tables };
    outside(vec![section], under).remove(0).tables
}

fn numbers(table: &Table) -> Vec<Number> {
    table.rows.iter().filter_map(|row| row.value.number()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn no_group_can_be_worked_out_from_its_total(counts in proptest::collection::vec(0u32..14, 1..9), under in 3u32..8) {
        let all: u32 = counts.iter().sum();
        let parts = || table(Kind::Parts, counts.iter().map(|count| part(*count, all)).collect(), Some(Value::Count(Number::Told(all))));
        // The first table of a report keeps its first group as long as it can; the second does not.
        for told in told_outside(vec![parts(), parts()], under) {
            let shown = numbers(&told);
            for (count, number) in counts.iter().zip(&shown) {
                prop_assert!(!small(*count, under) || number.told().is_none(), "{count} is told: {shown:?}");
            }
            let sum = told.total.unwrap().value.number().and_then(Number::told);
            prop_assert_eq!(sum.is_none(), small(all, under));
            let (Some(sum), false) = (sum, told.rows[0].group == "Every group") else {
                // Of groups of which none may be told it is not even told how many there are.
                prop_assert_eq!(shown, [Number::Withheld]);
                continue;
            };
            let cells: Vec<Vec<u32>> = shown.iter().map(|number| can_be(*number, under, sum)).collect();
            for ((number, possible), count) in shown.iter().zip(possible(&cells, sum)).zip(&counts) {
                prop_assert!(possible.contains(count));
                prop_assert!(number.told().is_some() || possible.len() > 1, "{count} of {counts:?} is {possible:?}: {shown:?}");
            }
            let hidden: u32 = counts.iter().zip(&shown).filter(|(_, number)| number.told().is_none()).map(|(count, _)| count).sum();
            prop_assert!(!small(hidden, under), "together {hidden}: {shown:?}");
        }
    }

    #[test]
    fn no_rate_can_be_worked_out_from_its_total(
        pairs in proptest::collection::vec((0u32..16, 0u32..16), 1..7),
        under in 3u32..8,
    ) {
        let pairs: Vec<(u32, u32)> = pairs.into_iter().map(|(part, of)| (part.min(of), of)).collect();
        let (did, all) = pairs.iter().fold((0, 0), |(did, all), (part, of)| (did + part, all + of));
        let standing = table(Kind::Parts, vec![part(did, all), part(all - did, all)], Some(Value::Count(Number::Told(all))));
        let rates = table(Kind::Rates, pairs.iter().map(|(part, of)| rate(*part, *of)).collect(), Some(rate(did, all)));
        let told = told_outside(vec![standing, rates], under);
        let sizes = |table: &Table| table.rows.iter().filter_map(|row| match row.value {
            Value::Rate { of, .. } => Some(of),
            _ => None,
        }).collect::<Vec<_>>();
        let (sizes, parts) = (sizes(&told[1]), numbers(&told[1]));
        let sum = told[1].total.as_ref().unwrap().value.number().unwrap();
        // How many completed is told in both tables or in none.
        prop_assert_eq!(sum.told(), numbers(&told[0])[0].told());
        if told[1].rows[0].group == "Every group" {
            prop_assert_eq!((parts, sizes), (vec![Number::Withheld], vec![Number::Withheld]));
            return Ok(());
        }
        for (((did, of), size), number) in pairs.iter().zip(&sizes).zip(&parts) {
            prop_assert!(!small(*of, under) || size.told().is_none());
            let may = !small(*did, under) && !small(of - did, under) && size.told().is_some();
            // That nobody at all did is told of everyone.
            prop_assert!(number.told().is_none() || may || sum.told() == Some(0));
        }
        let Some(sum) = sum.told() else {
            prop_assert!(parts.iter().all(|number| number.told().is_none()));
            return Ok(());
        };
        let cells: Vec<Vec<u32>> = parts.iter().zip(&sizes).map(|(number, size)| match (number, size) {
            (Number::Told(told), _) => vec![*told],
            (_, Number::Told(size)) => (0..=*size).collect(),
            (_, Number::Fewer(_)) => (0..under).collect(),
            (_, Number::Withheld) => (0..=sum).collect(),
        }).collect();
        for ((number, possible), (did, _)) in parts.iter().zip(possible(&cells, sum)).zip(&pairs) {
            prop_assert!(number.told().is_some() || possible.len() > 1, "{did} of {pairs:?} is {possible:?}: {parts:?} {sizes:?}");
        }
    }

    #[test]
    fn no_step_can_be_worked_out_from_its_neighbors(mut counts in proptest::collection::vec(0u32..40, 1..9), under in 3u32..8) {
        counts.sort_unstable_by(|a, b| b.cmp(a));
        let all = counts[0];
        let values = counts.iter().skip(1).map(|count| rate(*count, all));
        let first = Value::Count(Number::Told(all));
        let steps = table(Kind::Steps, std::iter::once(first).chain(values).collect(), None);
        let told = told_outside(vec![steps], under).remove(0);
        let shown: Vec<Option<u32>> = numbers(&told).into_iter().map(Number::told).collect();
        for (at, (count, number)) in counts.iter().zip(&shown).enumerate() {
            prop_assert!(!small(*count, under) || number.is_none());
            if number.is_none() && !small(all, under) {
                let before = shown[..at].iter().flatten().last().copied().unwrap_or(all);
                let after = shown[at..].iter().flatten().next().copied().unwrap_or(0);
                prop_assert!(before - after > 1, "{count} between {after} and {before}: {counts:?} {shown:?}");
            }
        }
        let told: Vec<u32> = shown.into_iter().flatten().collect();
        prop_assert!(told.windows(2).all(|two| !small(two[0] - two[1], under)), "{told:?}");
    }

    #[test]
    fn a_median_of_few_is_not_told(on in 0usize..9, under in 3u32..8) {
        let mut one = table(Kind::Parts, vec![part(20, 20)], Some(part(20, 20)));
        one.rows[0].days = Some(Median::of(vec![4; on]));
        let told = told_outside(vec![one], under).remove(0).rows[0].days.unwrap();
        let few = small(u32::try_from(on).unwrap(), under);
        prop_assert_eq!(told.days.is_some(), on > 0 && !few);
        prop_assert_eq!(told.on.told().is_some(), !few);
    }
}

#[test]
fn names_and_what_is_for_the_inside_stay_there() {
    let named = Table { inside: true, ..table(Kind::Each, vec![Value::Talked { minutes: 60, talks: 1 }], None) };
    assert!(told_outside(vec![named], 0).is_empty());
    let all = table(Kind::Parts, vec![part(1, 3), part(2, 3)], Some(part(3, 3)));
    assert_eq!(told_outside(vec![all.clone()], 0), [all], "no threshold tells all");
}

#[test]
fn answers_of_few_are_not_told() {
    let answers = |asked, answered, yes| table(Kind::Answers, vec![rate(answered, asked), rate(yes, answered)], None);
    let words = |told: Table| told.rows.iter().map(|row| row.value.words()).collect::<Vec<_>>();
    let told = |asked, answered, yes| words(told_outside(vec![answers(asked, answered, yes)], 5).remove(0));
    assert_eq!(told(20, 18, 9), ["18 of 20", "9 of 18"], "who is silent says nothing");
    assert_eq!(told(20, 18, 2), ["18 of 20", "fewer than 5 of 18"]);
    assert_eq!(told(20, 18, 16), ["18 of 20", "not told of 18"]);
    assert_eq!(told(20, 3, 3), ["fewer than 5 of 20", "not told"]);
    assert_eq!(told(4, 3, 3), ["not told of fewer than 5", "not told"]);
    assert_eq!(told(0, 0, 0), ["0 of 0", "0 of 0"]);
}

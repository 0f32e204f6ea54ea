//! Option 3: the dated facts, the windows and the pace of hours, the calendar, lists in and out, and what is kept.

use std::sync::Arc;

use app::clock::today;
use app::enrollments::{Missing, OptionNumber, missing};
use app::error::AppError;
use app::exam::calendar::{Frame, calendar};
use app::exam::facts::{KEPT_APART, Kind, is_link, shipped};
use app::exam::hours::{Log, Need, Pace, When, minutes, month, objection, say, window_start};
use app::exam::sheet::{self, New};
use app::exam::{Answer, Outcome, api, coverage, objection_to_check, objection_to_target, store};
use app::form::{Fields, Typed};
use app::id::{PracticeHoursId, SubmissionKey};
use app::imports::read::{Row, read};
use app::people::OwnEnrollment;
use axum::http::StatusCode;
use chrono::{Days, Months, NaiveDate};
use proptest::prelude::*;

use crate::support::{Pair, Program, each_db};
use crate::visit::Browser;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[test]
fn every_fact_has_a_source_and_a_day() {
    let facts = shipped().unwrap();
    assert!(facts.note.contains("not rules of this program") && facts.note.contains("CBDCE alone decides"), "{}", facts.note);
    assert_eq!(facts.asked().count(), 5);
    let needs = [Need { minutes: 60_000, years: 5 }, Need { minutes: 12_000, years: 1 }];
    assert_eq!(facts.needs(), needs);
    assert!(facts.apart().is_some_and(|rule| rule.text.contains("not practice hours") && rule.kind == Kind::Told));
    for one in &facts.rules {
        assert!(!one.source.is_empty() && !one.text.is_empty() && (one.link.is_empty() || is_link(&one.link)), "{}", one.code);
    }
    assert!(facts.links.iter().all(|link| is_link(&link.url)) && !facts.areas.is_empty());
    assert!(facts.areas.iter().all(|area| !area.confirmed), "nothing is confirmed that nobody compared");
    for no in ["http://cbdce.org", "javascript:alert(1)", "https://", "https://a b.org", "https://x\"y.org", "https://host"] {
        assert!(!is_link(no), "{no}");
    }
}

#[test]
fn dates_of_a_plan_make_sense() {
    let today = day("2026-11-22");
    for (checked_on, fits) in [("2026-11-22", true), ("2025-11-22", true), ("2025-11-21", false), ("2026-11-23", false)] {
        assert_eq!(objection_to_check(day(checked_on), today).is_none(), fits, "checked {checked_on}");
    }
    for (target_on, fits) in [("2026-11-22", false), ("2026-11-23", true), ("2031-11-22", true), ("2031-11-23", false)] {
        assert_eq!(objection_to_target(day(target_on), today).is_none(), fits, "target {target_on}");
    }
}

#[test]
fn a_window_is_right_at_its_edges() {
    let log = Log::of([(day("2021-11-24"), 60), (day("2021-11-25"), 600), (day("2026-11-24"), 6000)]);
    // The day five years before is out; the day after it is in, and today is.
    assert_eq!(log.within(day("2026-11-24"), 5), 6600);
    assert_eq!(log.within(day("2026-11-25"), 5), 6000);
    assert_eq!(log.within(day("2026-11-23"), 5), 660);
    assert_eq!(log.falling_out(day("2026-11-24"), 5, 1), 600);
    assert_eq!(log.falling_out(day("2026-11-24"), 5, 0), 0);
    // A leap day has no same date in other years: the window begins on March 1.
    assert_eq!(window_start(day("2024-02-29"), 1), day("2023-03-01"));
    assert_eq!(window_start(day("2025-02-28"), 1), day("2024-02-29"));
}

#[test]
fn what_is_met_lasts_until_the_older_hours_fall_out() {
    let needs = [Need { minutes: 600, years: 1 }];
    let log = Log::of([(day("2026-01-10"), 300), (day("2026-06-01"), 300)]);
    assert_eq!(log.met_until(&needs, day("2026-07-01")), Some(day("2027-01-09")));
    assert_eq!(log.met_until(&needs, day("2027-01-10")), None);
    let none = Pace { minutes: 0, days: 91 };
    assert_eq!(log.met_on(&needs, day("2027-01-10"), none), None, "no pace, no date");
    assert_eq!(log.met_on(&needs, day("2026-07-01"), none), Some(day("2026-07-01")));
    // 300 are there, 300 are missing, 60 a day come from tomorrow on.
    let daily = Pace { minutes: 60, days: 1 };
    assert_eq!(log.met_on(&needs, day("2027-01-10"), daily), Some(day("2027-01-15")));
    assert_eq!(Log::default().pace(day("2026-07-01")), None);
}

/// Days around a day, with minutes.
fn any_log() -> impl Strategy<Value = Vec<(NaiveDate, i64)>> {
    let first = day("2019-01-01");
    let entry = (0u64..2900, 1i64..1440).prop_map(move |(days, minutes)| (first + Days::new(days), minutes));
    proptest::collection::vec(entry, 0..60)
}

fn any_needs() -> impl Strategy<Value = Vec<Need>> {
    let need = (1i64..40_000, 1u32..6).prop_map(|(minutes, years)| Need { minutes, years });
    proptest::collection::vec(need, 1..3)
}

/// What counts on a day, reckoned day by day and by nothing that the log uses.
fn plainly(entries: &[(NaiveDate, i64)], on: NaiveDate, years: u32) -> i64 {
    let before = on.checked_sub_months(Months::new(12 * years)).unwrap();
    entries.iter().filter(|(day, _)| before < *day && *day <= on).map(|(_, minutes)| minutes).sum()
}

/// The same with practice to come at a pace.
fn met_plainly(entries: &[(NaiveDate, i64)], needs: &[Need], on: NaiveDate, today: NaiveDate, pace: Pace) -> bool {
    needs.iter().all(|need| {
        let before = on.checked_sub_months(Months::new(12 * need.years)).unwrap();
        let logged: i64 =
            entries.iter().filter(|(day, _)| before < *day && *day <= on && *day <= today).map(|(_, minutes)| minutes).sum();
        let mut to_come = 0;
        let mut day = today;
        while day < on {
            day = day.succ_opt().unwrap();
            to_come += i64::from(day > before);
        }
        logged + pace.minutes * to_come / pace.days >= need.minutes
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn windows_count_what_lies_in_them(entries in any_log(), offset in 0u64..3500, years in 1u32..6) {
        let on = day("2019-01-01") + Days::new(offset);
        let log = Log::of(entries.clone());
        prop_assert_eq!(log.within(on, years), plainly(&entries, on, years));
        // A longer window never holds less, and what falls out later is what is gone then.
        prop_assert!(log.within(on, years) <= log.within(on, years + 1));
        let past: Vec<_> = entries.iter().copied().filter(|(day, _)| *day <= on).collect();
        let log = Log::of(past.clone());
        let later = on + Days::new(91);
        prop_assert_eq!(log.within(on, years) - log.falling_out(on, years, 91), plainly(&past, later, years));
    }

    #[test]
    fn the_day_it_is_met_is_the_first_one(entries in any_log(), needs in any_needs(), a_day in 0i64..400, wait in 0u64..300) {
        let today = day("2026-11-24");
        let entries: Vec<_> = entries.into_iter().filter(|(day, _)| *day <= today).collect();
        let (log, pace) = (Log::of(entries.clone()), Pace { minutes: a_day, days: 7 });
        let met = log.met_on(&needs, today, pace);
        match met {
            Some(on) => {
                prop_assert!(met_plainly(&entries, &needs, on, today, pace));
                let days = u64::try_from((on - today).num_days()).unwrap();
                for before in [0, days / 2, days.saturating_sub(1)].into_iter().filter(|before| *before < days) {
                    prop_assert!(!met_plainly(&entries, &needs, today + Days::new(before), today, pace), "day {}", before);
                }
            }
            None => prop_assert!(!met_plainly(&entries, &needs, today + Days::new(wait), today, pace)),
        }
        // More practice never makes it later.
        let faster = log.met_on(&needs, today, Pace { minutes: a_day + 100, days: 7 });
        prop_assert!(met.is_none() || faster.is_some_and(|day| Some(day) <= met));
        // How long it holds agrees with what holds.
        let none = Pace { minutes: 0, days: 1 };
        match log.met_until(&needs, today) {
            Some(until) => {
                prop_assert!(met_plainly(&entries, &needs, until, today, none));
                prop_assert!(met == Some(today));
            }
            None => prop_assert!(!met_plainly(&entries, &needs, today, today, none)),
        }
    }

    #[test]
    fn hours_are_read_as_they_are_said(count in 1i32..44_640) {
        prop_assert_eq!(minutes(&say(count.into()).replace(',', "")), Some(count));
        prop_assert_eq!(minutes(&format!("{}:{:02}", count / 60, count % 60)), Some(count));
        prop_assert_eq!(minutes(&(f64::from(count) / 60.0).to_string()), Some(count));
    }

    #[test]
    fn a_log_that_goes_out_comes_in_the_same(entries in proptest::collection::btree_map(0u64..2000, (1i32..600, "[ -~]{1,40}"), 1..30)) {
        let first = day("2020-01-01");
        let log: Vec<New> = entries.into_iter().filter(|(_, (_, activity))| !activity.trim().is_empty()).map(|(days, (minutes, activity))| {
            let when = if minutes % 3 == 0 { When::month(first + Days::new(days)) } else { When::day(first + Days::new(days)) };
            New { when, minutes, activity: activity.trim().to_owned() }
        }).collect();
        prop_assume!(!log.is_empty());
        let file = sheet::csv(log.iter().cloned());
        let rows = sheet::rows(read(&file).unwrap()).unwrap();
        let judged = sheet::judge(&rows, &[], day("2026-11-24"));
        prop_assert_eq!(&judged.problems, &[]);
        prop_assert_eq!(&judged.new, &log);
        let again = sheet::judge(&rows, &log, day("2026-11-24"));
        prop_assert_eq!((again.new.len(), again.known, again.problems.len()), (0, log.len(), 0), "nothing twice");
    }

    #[test]
    fn a_calendar_gives_every_chapter_its_minutes_in_order(
        chapters in proptest::collection::vec(1i64..120, 0..25),
        span in 1u64..400,
        a_week in 5i64..600,
        review_weeks in 0i64..6,
        away in (0u64..200, 0u64..60),
    ) {
        let today = day("2026-11-24");
        let breaks = vec![(today + Days::new(away.0), today + Days::new(away.0 + away.1))];
        let frame = Frame { today, exam_on: today + Days::new(span), a_week, review_weeks, breaks: breaks.clone() };
        let plan = calendar(&chapters, &frame);
        prop_assert_eq!(plan.total, chapters.iter().sum::<i64>());
        let parts: Vec<_> = plan.weeks.iter().flat_map(|week| &week.parts).collect();
        prop_assert!(parts.windows(2).all(|pair| pair[0].chapter <= pair[1].chapter));
        for (at, minutes) in chapters.iter().enumerate() {
            let given: i64 = parts.iter().filter(|part| part.chapter == at).map(|part| part.minutes).sum();
            prop_assert_eq!(given, if plan.days > 0 { *minutes } else { 0 });
            prop_assert_eq!(parts.iter().filter(|part| part.chapter == at && part.last).count(), usize::from(plan.days > 0));
        }
        // Nothing is planned into a break, into the weeks kept free, or after the exam.
        let review_from = (frame.exam_on - Days::new(7 * u64::try_from(review_weeks).unwrap())).max(today);
        let free = |day: NaiveDate| today <= day && day < review_from && !(breaks[0].0 <= day && day < breaks[0].1);
        let mut all = 0;
        for week in &plan.weeks {
            let days = (0..7).filter(|day| free(week.begins_on + Days::new(*day))).count();
            prop_assert_eq!(usize::try_from(week.days).unwrap(), days);
            all += days;
            let minutes: i64 = week.parts.iter().map(|part| part.minutes).sum();
            prop_assert!(minutes == 0 || week.days > 0);
            if plan.fits {
                prop_assert!(minutes * 7 <= a_week * week.days + 7, "{} minutes in {} days", minutes, week.days);
            }
        }
        prop_assert_eq!(usize::try_from(plan.days).unwrap(), all);
        prop_assert_eq!(plan.fits, plan.total == 0 || plan.total * 7 <= a_week * plan.days);
        // The day it is said to fit from does fit, and the day before does not.
        if let Some(day) = plan.fits_from.filter(|_| plan.total > 0) {
            let on = |exam_on| calendar(&chapters, &Frame { exam_on, ..frame.clone() }).fits;
            prop_assert!(on(day) && !on(day - Days::new(1)));
        }
    }
}

#[test]
fn hours_that_cannot_be_are_told_so() {
    for text in ["", "0", "-5", "−5", "x", "1.", "1,012", "7.5h5", "1e3", "NaN", "99999999999", "7:60", "7:5"] {
        assert_eq!(minutes(text), None, "{text}");
    }
    for (text, count) in [("7", 420), ("7.5", 450), ("7,5", 450), ("0.25", 15), ("7:30", 450), ("8 h", 480)] {
        assert_eq!(minutes(text), Some(count), "{text}");
    }
    for text in ["2026-03", "3/2026", "03/2026", "March 2026", "Mar 2026", "mar. 2026", "Mar-26"] {
        assert_eq!(month(text), Some(day("2026-03-01")), "{text}");
    }
    for text in ["2026-13", "2026-03-05", "March", "1/1", "Marchember 2026", "3/26"] {
        assert_eq!(month(text), None, "{text}");
    }
    let today = day("2026-11-24");
    let on = |text| When::day(day(text));
    let says = |when, minutes, others: &[(When, i64)]| objection(when, minutes, others, today).unwrap_or_default();
    assert!(says(on("2026-11-25"), 60, &[]).contains("still to come"));
    assert_eq!(says(on("2026-11-24"), 24 * 60, &[]), "");
    assert!(says(on("2026-11-24"), 24 * 60 + 1, &[]).contains("no 24.02 hours"));
    assert!(says(on("2026-11-24"), 10_000 * 60, &[]).contains("10,000"));
    assert!(says(on("2026-11-20"), 15 * 60, &[(on("2026-11-20"), 600)]).contains("10 hours are logged for it already"));
    assert_eq!(says(on("2026-11-20"), 14 * 60, &[(on("2026-11-20"), 600), (on("2026-11-21"), 1440)]), "");
    let march = When::month(day("2026-03-17"));
    assert_eq!((march.day, march.words().as_str()), (day("2026-03-01"), "March 2026"));
    assert_eq!(says(march, 31 * 24 * 60, &[]), "");
    assert!(says(march, 31 * 24 * 60, &[(on("2026-03-31"), 60)]).contains("more than the month has"));
    assert!(says(on("2026-03-31"), 60, &[(march, 31 * 24 * 60)]).contains("more than the month has"));
    assert!(says(When::month(day("2026-12-01")), 60, &[]).contains("still to come"));
}

fn rows(text: &str) -> Vec<Row> {
    sheet::rows(read(text.as_bytes()).unwrap()).unwrap()
}

#[test]
fn a_list_with_errors_says_what_is_wrong_row_by_row() {
    let today = day("2026-11-24");
    let list = rows(
        "Hours of the clinic\n\nDay;Kind of activity;Hrs\n3/5/2026;Class;7,5\n12/1/2026;Later;2\n3/6/2026;=1+1;-5\nsoon;;10000\n2026-04;Visits;30\n",
    );
    let judged = sheet::judge(&list, &[], today);
    let told: Vec<_> = judged.problems.iter().map(|one| (one.row, one.column, one.value.as_str())).collect();
    assert_eq!(told, [(5, "Hours", "2"), (6, "Hours", "-5"), (7, "Date", "soon"), (7, "Activity", "")], "{judged:?}");
    assert_eq!(judged.new.len(), 2);
    assert!(judged.problems[0].what.contains("still to come"));
    assert!(sheet::rows(read(b"a,b\n1,2\n").unwrap()).unwrap_err().contains("Date, Hours and Activity"));
    assert!(sheet::rows(read(b"date,hours,activity\n").unwrap()).unwrap_err().contains("no row"));
    let many = "2026-01-05,1,x\n".repeat(sheet::MOST_ROWS + 1);
    assert!(sheet::rows(read(format!("date,hours,activity\n{many}").as_bytes()).unwrap()).unwrap_err().contains("5000"));
    // A row that fits alone and not beside another of the same list.
    let twice = sheet::judge(&rows("date,hours,activity\n2026-01-05,20,a\n2026-01-05,20,b\n"), &[], today);
    assert_eq!((twice.new.len(), twice.problems.len()), (1, 1));
}

#[test]
fn a_formula_stays_a_text_in_the_file() {
    let new = New { when: When::day(day("2026-01-05")), minutes: 90, activity: "=HYPERLINK(\"https://x\")".into() };
    let file = String::from_utf8(sheet::csv([new.clone()].into_iter())).unwrap();
    assert!(file.contains("\"'=HYPERLINK"), "{file}");
    assert_eq!(sheet::judge(&rows(&file), &[], day("2026-11-24")).new, [new]);
}

fn typed(fields: &[(&str, &str)]) -> Fields {
    Fields::of(Typed(Arc::new(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())))
}

#[test]
fn the_forms_say_all_that_is_wrong_at_once() {
    let mut fields = typed(&[("day", "2026-01-05"), ("month", "2026-01"), ("hours", "-5"), ("activity", "")]);
    assert!(api::typed_hours(&mut fields).is_none());
    let Err(AppError::Invalid(errors)) = fields.check() else { panic!("nothing wrong?") };
    assert_eq!(errors.iter().map(|error| error.field.as_str()).collect::<Vec<_>>(), ["month", "hours", "activity"]);
    let plan =
        typed(&[("checked-on", "2026-11-24"), ("target-on", "2020-01-01"), ("minutes-a-week", "x"), ("review-weeks", "99")]);
    let Err(AppError::Invalid(errors)) = api::typed_plan(plan, day("2026-11-24")) else { panic!("nothing wrong?") };
    assert_eq!(
        errors.iter().map(|error| error.field.as_str()).collect::<Vec<_>>(),
        ["minutes-a-week", "review-weeks", "target-on"]
    );
}

async fn own(program: &Program, pair: &Pair) -> (app::db::WriteTx, OwnEnrollment) {
    let mut tx = program.state.write(&pair.mentee).await.unwrap();
    let own = pair.mentee.own(&mut tx, pair.enrollment).await.unwrap();
    (tx, own)
}

#[tokio::test]
async fn the_plan_is_kept_and_replaced_and_then_nothing_more_is_missing_of_it() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::Three).await;
        let now = today(program.state.clock.now());
        let (mut tx, own) = own(&program, &pair).await;
        let story = app::enrollments::store::find(&mut tx, pair.enrollment).await.unwrap().unwrap();
        assert!(missing(&story).contains(&Missing::ExamPlan));
        for (days, note, minutes_a_week) in [(100, "first", None), (150, "second", Some(90))] {
            let target_on = now + Days::new(days);
            let plan = store::NewPlan { checked_on: now, target_on, note: note.into(), minutes_a_week, review_weeks: None };
            store::save(&mut tx, &own, &plan).await.unwrap();
        }
        tx.commit().await.unwrap();
        let mut tx = program.state.db.read().await.unwrap();
        let plan = store::find(&mut tx, pair.enrollment).await.unwrap().unwrap();
        assert_eq!((plan.target_on, plan.note.as_str()), (now + Days::new(150), "second"));
        assert_eq!((plan.minutes_a_week, plan.review_weeks), (Some(90), None));
        let story = app::enrollments::store::find(&mut tx, pair.enrollment).await.unwrap().unwrap();
        assert!(!missing(&story).contains(&Missing::ExamPlan));
    })
    .await;
}

#[tokio::test]
async fn hours_are_logged_once_corrected_removed_and_taken_from_a_list_whole_or_not_at_all() {
    each_db(async |program| {
        let (pair, other) = (program.pair(OptionNumber::Three).await, program.pair(OptionNumber::Three).await);
        let now = today(program.state.clock.now());
        let (key, new) = (SubmissionKey::new(), New { when: When::day(now), minutes: 900, activity: "Class".into() });
        let (mut tx, mine) = own(&program, &pair).await;
        for _ in 0..2 {
            store::log_hours(&mut tx, &mine, key, None, &new, now).await.unwrap();
        }
        let log = store::list_hours(&mut tx, mine.account()).await.unwrap();
        assert_eq!(log.iter().map(|one| one.new()).collect::<Vec<_>>(), [new.clone()], "sent twice, kept once");
        let more = store::log_hours(&mut tx, &mine, SubmissionKey::new(), None, &new, now).await;
        assert!(matches!(more, Err(AppError::Invalid(_))), "a day has no 30 hours");
        let less = New { minutes: 60, activity: "Visit".into(), ..new.clone() };
        store::log_hours(&mut tx, &mine, SubmissionKey::new(), Some(log[0].id), &less, now).await.unwrap();
        tx.commit().await.unwrap();

        // Another mentee finds nothing to correct or to remove.
        let (mut tx, theirs) = own(&program, &other).await;
        let taken = store::log_hours(&mut tx, &theirs, SubmissionKey::new(), Some(log[0].id), &new, now).await;
        assert_eq!(taken, Err(AppError::NotFound));
        assert!(!store::remove_hours(&mut tx, &theirs, log[0].id).await.unwrap());
        assert!(store::list_hours(&mut tx, theirs.account()).await.unwrap().is_empty());
        drop(tx);

        let (mut tx, mine) = own(&program, &pair).await;
        let wrong = rows("date,hours,activity\n2026-01,20,Visits\n2026-02,900,Visits\n");
        store::keep_sheet(&mut tx, mine.account(), "wrong.csv", &wrong).await.unwrap();
        assert!(matches!(store::take_sheet(&mut tx, &mine, now).await, Err(AppError::Refused(_))));
        let fine = rows("date,hours,activity\n2026-01,20,Visits\n2026-02,90,<script>alert(1)</script>\n");
        store::keep_sheet(&mut tx, mine.account(), "fine.csv", &fine).await.unwrap();
        assert_eq!(store::find_sheet(&mut tx, mine.account()).await.unwrap().unwrap().file_name, "fine.csv");
        assert_eq!(store::take_sheet(&mut tx, &mine, now).await.unwrap(), 2);
        assert!(matches!(store::take_sheet(&mut tx, &mine, now).await, Err(AppError::Refused(_))), "taken once");
        let log = store::list_hours(&mut tx, mine.account()).await.unwrap();
        assert_eq!(log.iter().map(|one| one.minutes).collect::<Vec<_>>(), [60, 5400, 1200]);
        assert!(store::remove_hours(&mut tx, &mine, log[1].id).await.unwrap());
        assert!(!store::remove_hours(&mut tx, &mine, PracticeHoursId::new()).await.unwrap());
        tx.commit().await.unwrap();

        let mentee = Browser::of(&program, &pair.mentee).await;
        let page = mentee.open("/mentee/exam/hours").await.html;
        assert!(
            page.contains("January 2026") && !page.contains("February 2026") && page.contains("not practice hours"),
            "{page}"
        );
    })
    .await;
}

#[tokio::test]
async fn facts_change_in_versions_and_an_answer_knows_which_it_read() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::Three).await;
        let (mut tx, mine) = own(&program, &pair).await;
        let answers = [("discipline".to_owned(), Some(Answer::Yes)), ("practice_years".to_owned(), Some(Answer::Unsure))];
        store::save_answers(&mut tx, &mine, 1, &answers).await.unwrap();
        store::save_answers(&mut tx, &mine, 1, &[("practice_years".to_owned(), None)]).await.unwrap();
        let said = store::list_answers(&mut tx, pair.enrollment).await.unwrap();
        assert_eq!(said.iter().map(|one| (one.rule.as_str(), one.answer)).collect::<Vec<_>>(), [("discipline", Answer::Yes)]);
        tx.commit().await.unwrap();

        let coordinator = program.coordinator.coordinator().unwrap();
        let mut tx = program.state.write(&program.coordinator).await.unwrap();
        let dropped = store::change_facts(&mut tx, &coordinator, |facts| facts.drop_rule(KEPT_APART)).await;
        assert!(matches!(dropped, Err(AppError::Refused(_))), "study is never taken for practice");
        store::change_facts(&mut tx, &coordinator, |facts| facts.drop_rule("practice_years")).await.unwrap();
        store::change_facts(&mut tx, &coordinator, |facts| {
            facts.check(day("2026-12-01"));
            Ok(())
        })
        .await
        .unwrap();
        store::change_facts(&mut tx, &coordinator, |_| Ok(())).await.unwrap();
        let now = store::facts(&mut tx).await.unwrap();
        assert_eq!((now.version, now.facts.asked().count()), (3, 4), "nothing changed makes no version");
        assert!(now.facts.rules.iter().all(|rule| rule.checked_on == day("2026-12-01")));
        assert_eq!(store::find_version(&mut tx, &coordinator, 1).await.unwrap().unwrap(), *shipped().unwrap());
        let second = store::find_version(&mut tx, &coordinator, 2).await.unwrap().unwrap();
        assert!(second.rules.iter().all(|rule| rule.checked_on != day("2026-12-01")), "an earlier version stays");
        assert_eq!(store::list_versions(&mut tx, &coordinator).await.unwrap().len(), 2);
        tx.commit().await.unwrap();

        let mentee = Browser::of(&program, &pair.mentee).await;
        let page = mentee.open("/mentee/exam/eligibility").await.html;
        assert!(page.contains("The rules were changed since") && page.contains("CBDCE decides"), "{page}");
        for path in ["/mentee/exam", "/mentee/exam/coverage", "/mentee/exam/calendar"] {
            assert_eq!(mentee.open(path).await.status, StatusCode::OK, "{path}");
        }
        let boss = Browser::of(&program, &program.coordinator).await;
        assert!(boss.open("/coordinator/exam").await.html.contains("Version 3 is in force"));
        assert!(boss.open("/coordinator/exam?version=1").await.html.contains("at least 2 years"));
        assert!(boss.open("/coordinator/exam?edit=practice_hours").await.html.contains("value=\"1000\""));
    })
    .await;
}

#[tokio::test]
async fn a_result_is_recorded_by_the_mentee_or_entered_and_what_is_entered_stays() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::Three).await;
        let now = today(program.state.clock.now());
        let (mut tx, mine) = own(&program, &pair).await;
        store::record_result(&mut tx, &mine, now, Outcome::NotPassed).await.unwrap();
        tx.commit().await.unwrap();
        let boss = Browser::of(&program, &program.coordinator).await;
        let page = format!("/coordinator/enrollments/{}", pair.enrollment);
        let entered = [("taken-on", now.to_string()), ("outcome", "passed".to_owned()), ("came-by", "phone".to_owned())];
        let fields: Vec<(&str, &str)> = entered.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let led = boss.send(&page, "enter-exam-result", &fields, api::enter_exam_result(pair.enrollment)).await.unwrap();
        assert_eq!(led, format!("{page}?done=exam-result-entered"));
        let results = store::list_results(&mut program.state.db.read().await.unwrap(), pair.enrollment).await.unwrap();
        assert_eq!(results.len(), 1, "one day, one result");
        assert_eq!((results[0].outcome, results[0].entered_by.as_deref()), (Outcome::Passed, Some("Cora Dinator")));
        assert!(boss.open(&page).await.html.contains("entered by Cora Dinator, by phone"));
        let mentee = Browser::of(&program, &pair.mentee).await;
        let result = results[0].id;
        // What a coordinator entered is neither removed nor overwritten by the mentee.
        let removal = || api::remove_exam_result(pair.enrollment, result);
        assert_eq!(mentee.send("/mentee/exam", "remove-exam-result", &[], removal()).await, Err(AppError::NotFound));
        let (mut tx, mine) = own(&program, &pair).await;
        assert!(store::record_result(&mut tx, &mine, now, Outcome::NotPassed).await.is_err());
        drop(tx);
        boss.send(&page, "drop-exam-result", &[], api::drop_exam_result(pair.enrollment, result)).await.unwrap();
        let (mut tx, mine) = own(&program, &pair).await;
        store::record_result(&mut tx, &mine, now, Outcome::Passed).await.unwrap();
        tx.commit().await.unwrap();
        let results = store::list_results(&mut program.state.db.read().await.unwrap(), pair.enrollment).await.unwrap();
        let result = results[0].id;
        let removal = || api::remove_exam_result(pair.enrollment, result);
        mentee.send("/mentee/exam", "remove-exam-result", &[], removal()).await.unwrap();
        assert_eq!(mentee.send("/mentee/exam", "remove-exam-result", &[], removal()).await, Err(AppError::NotFound));
        let future = (now + Days::new(1)).to_string();
        let led = mentee
            .send(
                "/mentee/exam",
                "record-exam-result",
                &[("taken-on", &future), ("outcome", "passed")],
                api::record_exam_result(pair.enrollment),
            )
            .await;
        assert_eq!(led.unwrap(), "/mentee/exam", "back with what is wrong");
        assert!(mentee.open("/mentee/exam").await.html.contains("still to come"));
    })
    .await;
}

#[tokio::test]
async fn the_map_places_every_chapter_of_the_starter_outline_but_the_guidance() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::Three).await;
        let mut tx = program.state.db.read().await.unwrap();
        let progress = app::study::store::list_progress(&mut tx, pair.enrollment).await.unwrap();
        let (covered, rest) = coverage::coverage(&shipped().unwrap().areas, &progress);
        assert!(covered.iter().all(|area| !area.chapters.is_empty() && area.read == 0));
        assert_eq!(covered.iter().map(|area| area.chapters.len()).sum::<usize>() + rest.len(), progress.len());
        assert!(rest.iter().all(|at| progress[*at].chapter.title.starts_with("Exam guidance")), "{rest:?}");
    })
    .await;
}

#[tokio::test]
async fn another_option_has_no_exam() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::Two).await;
        let mentee = Browser::of(&program, &pair.mentee).await;
        for path in
            ["/mentee/exam", "/mentee/exam/hours", "/mentee/exam/eligibility", "/mentee/exam/coverage", "/mentee/exam/calendar"]
        {
            assert_eq!(mentee.open(path).await.status, StatusCode::NOT_FOUND, "{path}");
        }
        let sent =
            mentee.send("/mentee/exam/hours", "log-hours", &[("day", "2026-01-05")], api::log_hours(pair.enrollment)).await;
        assert_eq!(sent, Err(AppError::NotFound));
    })
    .await;
}

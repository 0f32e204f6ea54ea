//! The lending library's rules: each life as a table, due dates, labels, and what holds for any input.

use app::library::{
    CopyAction, CopyState, Dates, LoanAction, Renewal, Stage, Standing, Step, due_on, due_reason, is_overdue, is_zip, isbn,
    labels,
};
use app::settings::Settings;
use chrono::{Duration, NaiveDate, TimeZone, Utc};
use proptest::prelude::*;

fn table<S: Copy + ToString, A: Copy + ToString>(
    states: &[S],
    actions: &[A],
    after: impl Fn(S, A) -> Result<String, app::error::Refusal>,
) -> String {
    let mut text = String::new();
    for state in states {
        let cells: Vec<String> = actions
            .iter()
            .map(|action| format!("{} {}", action.to_string(), after(*state, *action).unwrap_or_else(|_| "-".into())))
            .collect();
        text.push_str(&format!("{}: {}\n", state.to_string(), cells.join(", ")));
    }
    text
}

#[test]
fn the_life_of_a_loan() {
    let table = table(Stage::ALL, LoanAction::ALL, |stage, action| Ok(stage.after(action)?.to_string()));
    assert_eq!(
        table,
        "on_the_way: arrive here, renew -, send_back coming_back, receive ended, lose ended\n\
         here: arrive -, renew here, send_back coming_back, receive ended, lose ended\n\
         coming_back: arrive -, renew -, send_back -, receive ended, lose ended\n\
         ended: arrive -, renew -, send_back -, receive -, lose -\n"
    );
}

#[test]
fn the_life_of_a_copy() {
    for (lent, in_use) in [(false, "lose lost, withdraw withdrawn, restore -"), (true, "lose lost, withdraw -, restore -")] {
        let table = table(CopyState::ALL, CopyAction::ALL, |state, action| Ok(state.after(action, lent)?.to_string()));
        assert_eq!(
            table,
            format!(
                "in_use: {in_use}\nlost: lose -, withdraw withdrawn, restore in_use\n\
                 withdrawn: lose -, withdraw -, restore in_use\n"
            )
        );
    }
}

#[test]
fn how_a_mentee_comes_to_the_book() {
    let table = table(Standing::ALL, Step::ALL, |standing, step| Ok(standing.after(step)?.to_string()));
    assert_eq!(
        table,
        "open: request waiting, cancel -, own own, lend lent\n\
         waiting: request waiting, cancel open, own own, lend lent\n\
         lent: request -, cancel -, own -, lend -\n\
         own: request waiting, cancel -, own own, lend lent\n"
    );
}

fn day(offset: i64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 22).unwrap() + Duration::days(offset)
}

#[test]
fn a_loan_is_due_by_the_plan_and_says_why() {
    let settings = Settings::default();
    assert_eq!(due_on(day(0), day(100), &settings), day(114));
    assert!(due_reason(day(114), day(100), &settings).starts_with("That is 14 days after"));
    assert_eq!(due_on(day(0), day(365), &settings), day(180));
    assert!(due_reason(day(180), day(365), &settings).contains("180 days at most"));
    // A study that is late already still leaves the days of grace.
    assert_eq!(due_on(day(0), day(-30), &settings), day(14));
    assert!(due_reason(day(114), day(50), &settings).contains("promised"));
    assert!(!is_overdue(Stage::Here, day(0), day(0)), "due at the end of its day");
    assert!(is_overdue(Stage::Here, day(0), day(1)));
    assert!(!is_overdue(Stage::ComingBack, day(0), day(1)));
}

#[test]
fn a_loan_runs_on_while_nobody_waits() {
    let settings = Settings::default();
    let good = Renewal { stage: Stage::Here, due_on: day(10), planned_end: day(90), live: true, waiting: 0, free: 0 };
    assert_eq!(good.after(day(0), &settings), Ok(day(104)));
    assert_eq!(Renewal { waiting: 2, free: 2, ..good }.after(day(0), &settings), Ok(day(104)));
    for refused in [
        Renewal { waiting: 1, ..good },
        Renewal { live: false, ..good },
        Renewal { stage: Stage::OnTheWay, ..good },
        Renewal { stage: Stage::ComingBack, ..good },
        Renewal { due_on: day(104), ..good },
    ] {
        assert!(refused.after(day(0), &settings).is_err(), "{refused:?}");
    }
}

#[test]
fn labels_are_read_one_by_one() {
    assert_eq!(labels("cg-1, CG-2\n  cg   3 ;\n").unwrap(), ["CG-1", "CG-2", "CG 3"]);
    assert!(labels(" \n,").unwrap_err().contains("at least one"));
    assert!(labels("a1\nA1").unwrap_err().contains("A1 is written twice"));
    assert!(labels(&"x".repeat(41)).is_err());
    assert!(labels(&(0..101).map(|n| n.to_string()).collect::<Vec<_>>().join(",")).is_err());
}

#[test]
fn an_isbn_is_known_by_its_last_digit() {
    assert_eq!(isbn("978-0-306-40615-7").as_deref(), Some("9780306406157"));
    assert_eq!(isbn("0-306-40615-2").as_deref(), Some("0306406152"));
    assert_eq!(isbn("0-8044-2957-x").as_deref(), Some("080442957X"));
    for wrong in ["9780306406158", "0306406153", "X306406152", "12345", "", "97803064061é7"] {
        assert_eq!(isbn(wrong), None, "{wrong}");
    }
    assert!(is_zip("59501") && is_zip("59501-1234"));
    assert!(!is_zip("5950") && !is_zip("59501-12") && !is_zip("abcde"));
}

proptest! {
    #[test]
    fn dates_and_stage_tell_the_same(actions in prop::collection::vec(prop::sample::select(LoanAction::ALL), 0..12)) {
        let start = Utc.with_ymd_and_hms(2026, 11, 22, 12, 0, 0).unwrap();
        let mut dates = Dates::default();
        for (hours, action) in (0i64..).zip(actions) {
            let (before, now) = (dates, start + Duration::hours(hours));
            match (before.stage().after(action), before.after(action, now)) {
                (Ok(stage), Ok(next)) => {
                    prop_assert_eq!(next.stage(), stage);
                    // What happened is never taken back.
                    prop_assert!(before.arrived_at.is_none() || next.arrived_at == before.arrived_at);
                    prop_assert!(next.sent_back_at.is_none() || next.arrived_at.is_some());
                    dates = next;
                }
                (Err(one), Err(other)) => prop_assert_eq!(one, other),
                (rule, dates) => prop_assert!(false, "{:?} but {:?}", rule, dates),
            }
        }
    }

    #[test]
    fn a_due_date_lies_within_its_bounds(end in -400i64..800, grace in 0i64..60, most in 1i64..400) {
        let settings = Settings { loan_grace_days: grace, loan_max_days: most, ..Settings::default() };
        let due = due_on(day(0), day(end), &settings);
        prop_assert!(due >= day(0) && due <= day(most));
        prop_assert!(due <= day(end.max(0) + grace));
    }

    #[test]
    fn labels_never_panic_and_are_unique(text in ".{0,200}") {
        if let Ok(found) = labels(&text) {
            let mut once = found.clone();
            once.sort();
            once.dedup();
            prop_assert_eq!(once.len(), found.len());
        }
        let _ = isbn(&text);
    }
}

//! The exam plan of Option 3 and the dated facts beside it.

use app::enrollments::{Missing, OptionNumber, missing};
use app::exam::{CONDITIONS, KEPT_APART, facts, objection_to_check, objection_to_target, store};
use chrono::NaiveDate;

use crate::support::each_db;

#[test]
fn every_fact_has_a_source_and_a_day() {
    let facts = facts().unwrap();
    assert!(facts.note.contains("not rules of this program"), "{}", facts.note);
    for code in CONDITIONS.into_iter().chain([KEPT_APART]) {
        assert!(facts.requirements.iter().any(|one| one.code == code), "{code}");
    }
    for one in &facts.requirements {
        assert!(!one.source.is_empty() && !one.text.is_empty(), "{}", one.code);
    }
}

#[test]
fn dates_of_a_plan_make_sense() {
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let today = day("2026-11-22");
    for (checked_on, fits) in [("2026-11-22", true), ("2025-11-22", true), ("2025-11-21", false), ("2026-11-23", false)] {
        assert_eq!(objection_to_check(day(checked_on), today).is_none(), fits, "checked {checked_on}");
    }
    for (target_on, fits) in [("2026-11-22", false), ("2026-11-23", true), ("2031-11-22", true), ("2031-11-23", false)] {
        assert_eq!(objection_to_target(day(target_on), today).is_none(), fits, "target {target_on}");
    }
}

#[tokio::test]
async fn the_plan_is_kept_and_replaced_and_then_nothing_more_is_missing_of_it() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::Three).await;
        let today = app::clock::today(program.state.clock.now());
        let mut tx = program.state.write(&pair.mentee).await.unwrap();
        let own = pair.mentee.own(&mut tx, pair.enrollment).await.unwrap();
        let story = app::enrollments::store::find(&mut tx, pair.enrollment).await.unwrap().unwrap();
        assert!(missing(&story).contains(&Missing::ExamPlan));
        for (days, note) in [(100, "first"), (150, "second")] {
            store::save(&mut tx, &own, today, today + chrono::Duration::days(days), note).await.unwrap();
        }
        tx.commit().await.unwrap();
        let mut tx = program.state.db.read().await.unwrap();
        let plan = store::find(&mut tx, pair.enrollment).await.unwrap().unwrap();
        assert_eq!((plan.target_on, plan.note.as_str()), (today + chrono::Duration::days(150), "second"));
        let story = app::enrollments::store::find(&mut tx, pair.enrollment).await.unwrap().unwrap();
        assert!(!missing(&story).contains(&Missing::ExamPlan));
    })
    .await;
}

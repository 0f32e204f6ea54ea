//! The plan of a pair: the suggestion, the form, the letter that follows, the page.

use std::sync::Arc;

use app::clock::{MONTANA, today};
use app::db::fetch_all;
use app::enrollments::OptionNumber;
use app::error::AppError;
use app::form::{Fields, Typed};
use app::id::EnrollmentId;
use app::people::Role;
use app::plans::store::{self, Target};
use app::plans::{Rhythm, api, suggest};
use axum::http::StatusCode;
use chrono::{DateTime, Duration, NaiveDate, TimeZone, Utc};
use proptest::prelude::*;

use crate::support::{Program, each_db};
use crate::visit::Browser;

fn day(offset: i64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 22).unwrap() + Duration::days(offset)
}

#[test]
fn chapters_are_spread_over_the_talks() {
    assert_eq!(suggest(4, day(0), day(125), Rhythm::Monthly), [day(30), day(60), day(90), day(120)]);
    // More talks than chapters: the talks between are for what was not finished.
    assert_eq!(suggest(2, day(0), day(60), Rhythm::Weekly), [day(28), day(56)]);
    // More chapters than talks: several before one.
    assert_eq!(suggest(4, day(0), day(60), Rhythm::Monthly), [day(30), day(30), day(60), day(60)]);
    // Past the limit, one chapter a talk.
    assert_eq!(suggest(2, day(0), day(-5), Rhythm::EveryTwoWeeks), [day(14), day(28)]);
    assert!(suggest(0, day(0), day(60), Rhythm::Weekly).is_empty());
}

proptest! {
    #[test]
    fn a_suggestion_goes_forward_and_stays_in_time(count in 0usize..40, limit in -100i64..800, rhythm in prop::sample::select(Rhythm::ALL)) {
        let dates = suggest(count, day(0), day(limit), rhythm);
        prop_assert_eq!(dates.len(), count);
        prop_assert!(dates.windows(2).all(|pair| pair[0] <= pair[1]));
        prop_assert!(dates.iter().all(|date| *date > day(0)));
        if limit >= rhythm.days() {
            prop_assert!(dates.iter().all(|date| *date <= day(limit)));
            prop_assert!(dates.last().is_none_or(|last| day(limit) - *last < Duration::days(rhythm.days())));
        }
    }
}

fn typed(fields: &[(&str, &str)]) -> Fields {
    Fields::of(Typed(Arc::new(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())))
}

fn noon() -> DateTime<Utc> {
    MONTANA.with_ymd_and_hms(2026, 11, 22, 12, 0, 0).unwrap().with_timezone(&Utc)
}

#[test]
fn the_form_says_all_that_is_wrong_at_once() {
    let chapter = Target {
        chapter_id: app::id::ChapterId::new(),
        number: 3,
        title: "Three".into(),
        required: true,
        minutes: 30,
        target_on: None,
        read_on: None,
    };
    let name = format!("target[{}]", chapter.chapter_id);
    let chapters = std::slice::from_ref(&chapter);
    let mut fields = typed(&[("rhythm", "daily"), (&name, "someday")]);
    assert!(api::typed_plan(&mut fields, chapters, noon()).is_none());
    let Err(AppError::Invalid(errors)) = fields.check() else { panic!("nothing wrong?") };
    let named: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(named, ["rhythm", "way", name.as_str()]);

    let good = [("rhythm", "monthly"), ("way", "video"), (name.as_str(), "")];
    let plan = api::typed_plan(&mut typed(&good), chapters, noon()).unwrap();
    assert_eq!(plan.targets, [(chapter.chapter_id, None)]);
    // A date field that is not in the form leaves the date as it is.
    assert!(api::typed_plan(&mut typed(&good[..2]), chapters, noon()).unwrap().targets.is_empty());
}

async fn letters(program: &Program, enrollment: EnrollmentId) -> Vec<(String,)> {
    fetch_all!(
        &mut program.state.db.read().await.unwrap(),
        (String,),
        "SELECT state FROM letter WHERE enrollment_id = $1 ORDER BY made_at, id",
        enrollment
    )
    .unwrap()
}

#[tokio::test]
async fn the_first_plan_makes_the_letter_and_a_new_rhythm_makes_it_anew() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::Two).await;
        let (id, path) = (pair.enrollment, format!("/enrollments/{}/plan", pair.enrollment));
        let (mentee, mentor) = (Browser::of(&program, &pair.mentee).await, Browser::of(&program, &pair.mentor).await);
        let page = mentee.open(&path).await.html;
        assert!(page.contains("Men Tor") && page.contains("Save the plan"), "{page}");
        assert_eq!(page.matches("type=\"date\"").count(), chapters(&program, id).await.len());

        let first = chapters(&program, id).await[0].chapter_id;
        let name = format!("target[{first}]");
        let date = (today(program.state.clock.now()) + Duration::days(30)).to_string();
        let plan = [("rhythm", "monthly"), ("way", "video"), ("note", "Bring\n<questions>"), (name.as_str(), date.as_str())];
        let led = mentee.send(&path, "save-plan", &plan, api::save_plan(id)).await.unwrap();
        assert_eq!(led, format!("{path}?done=plan-saved"));
        assert_eq!(letters(&program, id).await, [("open".to_owned(),)]);
        assert_eq!(chapters(&program, id).await[0].target_on.unwrap().to_string(), date);

        // The mentor changes the note with the plan in view: the letter does not speak of it.
        let page = mentor.open(&path).await.html;
        assert!(page.contains("&lt;questions&gt;") && !page.contains("<questions>"));
        let seen = page.split("name=\"seen\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        let plan = [("rhythm", "monthly"), ("way", "video"), ("note", "Bring books"), ("seen", seen)];
        mentor.send(&path, "save-plan", &plan, api::save_plan(id)).await.unwrap();
        assert_eq!(letters(&program, id).await, [("open".to_owned(),)]);

        // The mentee's page is older than the mentor's change: told once, then kept.
        let plan = [("rhythm", "weekly"), ("way", "video"), ("note", "Bring questions"), ("seen", seen)];
        assert_eq!(mentee.send(&path, "save-plan", &plan, api::save_plan(id)).await.unwrap(), path);
        let page = mentee.open(&path).await.html;
        assert!(page.contains("changed the plan while you wrote") && page.contains("Bring questions"), "{page}");
        let seen = page.split("name=\"seen\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        let plan = [("rhythm", "weekly"), ("way", "video"), ("note", "Bring questions"), ("seen", seen)];
        mentee.send(&path, "save-plan", &plan, api::save_plan(id)).await.unwrap();
        assert_eq!(letters(&program, id).await, [("replaced".to_owned(),), ("open".to_owned(),)]);
        let kept = store::find(&mut program.state.db.read().await.unwrap(), id).await.unwrap().unwrap();
        assert_eq!((kept.rhythm, kept.note.as_str(), kept.updated_by), (Rhythm::Weekly, "Bring questions", pair.mentee.id));
        assert_eq!(chapters(&program, id).await[0].target_on.unwrap().to_string(), date, "kept by a form without it");
    })
    .await;
}

async fn chapters(program: &Program, enrollment: EnrollmentId) -> Vec<Target> {
    store::list_targets(&mut program.state.db.read().await.unwrap(), enrollment).await.unwrap()
}

#[tokio::test]
async fn a_plan_belongs_to_its_pair() {
    each_db(async |program| {
        let (pair, other) = (program.pair(OptionNumber::Two).await, program.pair(OptionNumber::Two).await);
        let path = format!("/enrollments/{}/plan", pair.enrollment);
        for who in [&other.mentee, &other.mentor] {
            let visitor = Browser::of(&program, who).await;
            assert_eq!(visitor.open(&path).await.status, StatusCode::NOT_FOUND);
            let plan = [("rhythm", "monthly"), ("way", "video")];
            assert_eq!(visitor.send(&path, "save-plan", &plan, api::save_plan(pair.enrollment)).await, Err(AppError::NotFound));
        }
        let nobody = program.person("No Body", Role::Mentor).await;
        assert_eq!(Browser::of(&program, &nobody).await.open(&path).await.status, StatusCode::NOT_FOUND);
        assert!(store::find(&mut program.state.db.read().await.unwrap(), pair.enrollment).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn more_time_spreads_what_is_left_and_an_ended_study_only_shows_its_plan() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::Two).await;
        let path = format!("/enrollments/{}/plan", pair.enrollment);
        let mentee = Browser::of(&program, &pair.mentee).await;
        let plan = [("rhythm", "monthly"), ("way", "phone")];
        mentee.send(&path, "save-plan", &plan, api::save_plan(pair.enrollment)).await.unwrap();
        assert!(chapters(&program, pair.enrollment).await.iter().all(|chapter| chapter.target_on.is_none()));
        let week = (today(program.state.clock.now()) + Duration::days(365)).to_string();
        let page = mentee.open(&format!("{path}?spread=weekly")).await.html;
        assert!(page.contains("spread anew") && !page.contains(&week), "{page}");

        let mut tx = program.state.write(&program.coordinator).await.unwrap();
        let story = app::enrollments::store::find(&mut tx, pair.enrollment).await.unwrap().unwrap();
        app::enrollments::store::change(&mut tx, &story, app::enrollments::Action::Withdraw, None, "moved").await.unwrap();
        tx.commit().await.unwrap();
        let page = mentee.open(&path).await.html;
        assert!(
            page.contains("This study has ended") && !page.contains("Save the plan") && page.contains("by phone"),
            "{page}"
        );
        mentee.send(&path, "save-plan", &plan, api::save_plan(pair.enrollment)).await.unwrap();
        let kept = store::find(&mut program.state.db.read().await.unwrap(), pair.enrollment).await.unwrap().unwrap();
        assert_eq!(kept.updated_at, story.planned_at.unwrap());
    })
    .await;
}

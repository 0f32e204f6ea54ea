//! Outlines: what a pasted table of contents is read as, and that a new version takes nothing from anyone.

use app::assessments;
use app::db::{execute, fetch_one};
use app::enrollments::OptionNumber;
use app::id::OutlineId;
use app::outlines::store::{self, Published};
use app::outlines::{Line, read};
use proptest::prelude::*;

use crate::support::each_db;

fn line(number: i32, title: &str, minutes: Option<i32>, required: bool) -> Line {
    Line { number, title: title.into(), required, minutes }
}

#[test]
fn lines_are_read_as_people_write_them() {
    for (text, expected) in [
        ("3. Glucose goals, 45 min", line(3, "Glucose goals", Some(45), true)),
        ("Glucose goals", line(1, "Glucose goals", None, true)),
        ("Chapter 12: Being active (40 minutes)", line(12, "Being active", Some(40), true)),
        ("7) Eating   well\t50", line(7, "Eating well", Some(50), true)),
        ("8 Insulin | 55", line(8, "Insulin", Some(55), true)),
        ("9. Care in 2025", line(9, "Care in 2025", None, true)),
        ("10. History, 20 min (optional)", line(10, "History", Some(20), false)),
        ("5-a-day and other rules", line(1, "5-a-day and other rules", None, true)),
        ("1st steps", line(1, "1st steps", None, true)),
        ("2. Ojos, riñones y pies – 30 min.", line(2, "Ojos, riñones y pies", Some(30), true)),
        ("4. ıİſ", line(4, "ıİſ", None, true)),
    ] {
        assert_eq!(read(text), Ok(vec![expected]), "{text}");
    }
}

#[test]
fn lines_without_a_number_follow_the_one_before() {
    let lines = read("Beginnings\n\n5. Middles\r\n  Ends\n").unwrap();
    assert_eq!(lines.iter().map(|line| line.number).collect::<Vec<_>>(), [1, 5, 6]);
}

#[test]
fn what_cannot_be_read_is_named_by_its_line() {
    for (text, complaint) in [
        ("", "Paste the table of contents"),
        ("1. One\n1. Two", "Line 2: chapter 1 comes after chapter 1"),
        ("3. One\n\n2. Two", "Line 3: chapter 2 comes after chapter 3"),
        ("4.", "Line 1: there is no title"),
        ("1. One, 0 min", "Line 1: minutes go from 1"),
        ("1. One, 99999999999 min", "Line 1: minutes go from 1"),
        ("99999999999. One", "Line 1: chapter numbers go"),
        ("0. One", "Line 1: chapter numbers go"),
    ] {
        let errors = read(text).unwrap_err();
        assert!(errors[0].starts_with(complaint), "{text}: {errors:?}");
    }
    assert!(read(&format!("1. {}", "a".repeat(201))).unwrap_err()[0].contains("201 characters"));
    assert!(read(&"A title\n".repeat(101)).unwrap_err()[0].contains("101 chapters"));
    assert_eq!(read("1. One, 0 min\n2.\n1. Three").unwrap_err().len(), 2);
}

proptest! {
    #[test]
    fn whatever_is_pasted_is_read_or_complained_about(text in "(?s).{0,400}") {
        match read(&text) {
            Ok(lines) => prop_assert!(lines.windows(2).all(|two| two[0].number < two[1].number)),
            Err(errors) => prop_assert!(!errors.is_empty()),
        }
    }

    #[test]
    fn what_the_page_offers_is_read_as_the_same(
        titles in prop::collection::vec("[A-Za-zé][A-Za-zé,:' 0-9]{0,40}[a-zé]", 1..20),
        minutes in 1..=600,
        required in any::<bool>(),
    ) {
        let lines: Vec<Line> = (1..)
            .zip(&titles)
            .map(|(number, title)| line(number, &title.split_whitespace().collect::<Vec<_>>().join(" "), Some(minutes), required))
            .collect();
        let text = lines.iter().map(Line::to_string).collect::<Vec<_>>().join("\n");
        prop_assert_eq!(read(&text), Ok(lines));
    }
}

#[tokio::test]
async fn a_new_version_is_for_new_enrolments_only() {
    each_db(async |program| {
        let who = program.coordinator.coordinator().unwrap();
        let (_, pinned) = program.enrollment("Ann Pinned", OptionNumber::One).await;
        let (_, waiting) = program.enrollment("Bea Waiting", OptionNumber::One).await;
        let mut tx = program.state.write(&who).await.unwrap();
        // One of the two is an application that is not decided yet.
        execute!(
            &mut tx,
            "UPDATE application SET state = 'received', decided_at = NULL, decided_by = NULL
             WHERE id = (SELECT application_id FROM enrollment WHERE id = $1)",
            waiting
        )
        .unwrap();
        let old = store::find(&mut tx, &who, program.outline(OptionNumber::One).await).await.unwrap().unwrap();
        let chapters = store::list_chapters(&mut tx, old.id).await.unwrap();
        let question = assessments::store::list_questions(&mut tx, &who, chapters[0].id).await.unwrap()[0].id;
        assert!(assessments::store::approve(&mut tx, &who, chapters[0].id, question).await.unwrap());
        let lines = [
            Line { number: 1, minutes: None, ..Line::from(&chapters[0]) },
            line(2, "A chapter of its own", None, true),
            line(3, "Another", Some(25), false),
        ];
        let id = OutlineId::new();
        assert_eq!(store::publish(&mut tx, &who, &old, id, &lines, 35, "Second printing").await.unwrap(), Published::Now);
        tx.commit().await.unwrap();

        let mut tx = program.state.write(&who).await.unwrap();
        assert_eq!(store::publish(&mut tx, &who, &old, id, &lines, 35, "").await.unwrap(), Published::Before);
        let new = store::find(&mut tx, &who, id).await.unwrap().unwrap();
        assert_eq!((new.version, new.options.0.clone(), new.confirmed_at), (old.version + 1, old.options.0.clone(), None));
        assert!(store::find(&mut tx, &who, old.id).await.unwrap().unwrap().retired_at.is_some());
        let renewed = store::list_chapters(&mut tx, id).await.unwrap();
        let told: Vec<(i32, i32, bool)> =
            renewed.iter().map(|chapter| (chapter.number, chapter.minutes, chapter.required)).collect();
        assert_eq!(told, [(1, chapters[0].minutes, true), (2, 35, true), (3, 25, false)]);

        // Questions go along with a chapter that keeps its title, the approved one approved.
        let there = assessments::store::list_questions(&mut tx, &who, renewed[0].id).await.unwrap();
        let here = assessments::store::list_questions(&mut tx, &who, chapters[0].id).await.unwrap();
        assert_eq!(there.len(), here.len());
        assert_eq!(there.iter().filter(|question| question.approved_at.is_some()).count(), 1);
        assert!(assessments::store::list_questions(&mut tx, &who, renewed[1].id).await.unwrap().is_empty());

        // Who has started stays; who still waits moves on.
        let (kept,) = fetch_one!(&mut tx, (OutlineId,), "SELECT outline_id FROM enrollment WHERE id = $1", pinned).unwrap();
        let (moved,) = fetch_one!(
            &mut tx,
            (OutlineId,),
            "SELECT a.outline_id FROM application a JOIN enrollment e ON e.application_id = a.id WHERE e.id = $1",
            waiting
        )
        .unwrap();
        assert_eq!((kept, moved), (old.id, id));

        let overtaken = store::publish(&mut tx, &who, &old, OutlineId::new(), &lines, 35, "").await.unwrap();
        assert_eq!(overtaken, Published::Overtaken);
    })
    .await;
}

#[tokio::test]
async fn an_outline_is_confirmed_once() {
    each_db(async |program| {
        let who = program.coordinator.coordinator().unwrap();
        let id = program.outline(OptionNumber::Two).await;
        let mut tx = program.state.write(&who).await.unwrap();
        store::confirm(&mut tx, &who, id).await.unwrap();
        tx.commit().await.unwrap();
        let first = store::find(&mut program.state.db.read().await.unwrap(), &who, id).await.unwrap().unwrap();
        program.state.clock.advance(chrono::Duration::days(1));
        let mut tx = program.state.write(&who).await.unwrap();
        store::confirm(&mut tx, &who, id).await.unwrap();
        tx.commit().await.unwrap();
        let second = store::find(&mut program.state.db.read().await.unwrap(), &who, id).await.unwrap().unwrap();
        assert_eq!((first.confirmed_at, first.confirmed_by.as_deref()), (second.confirmed_at, Some("Cora Dinator")));
        assert!(first.confirmed_at.is_some());
    })
    .await;
}

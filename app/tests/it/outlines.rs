//! Outlines: what a pasted table of contents is read as, what two versions have in common, and that a new version takes
//! nothing from anyone.

use app::applications::Study;
use app::assessments;
use app::db::{execute, fetch_all, fetch_one};
use app::enrollments::{OptionNumber, carry};
use app::error::AppError;
use app::id::{ChapterId, EditionId, EnrollmentId, OutlineDraftId, OutlineId, SubmissionKey};
use app::life;
use app::outlines::compare::{Change, compare, summary};
use app::outlines::store::draft::{self, Draft, NewLines, Published};
use app::outlines::store::{self, Compared, behind};
use app::outlines::{Line, Pages, Understood, api, clean, contents, draft_path, read};
use app::people::{Coordinator, Role};
use app::study::{self, NewEntry};
use proptest::prelude::*;

use crate::support::{Program, each_db};
use crate::visit::Browser;

fn line(number: i32, title: &str, minutes: Option<i32>, required: bool) -> Line {
    Line { number, title: title.into(), part: String::new(), pages: None, required, minutes, follows: None }
}

fn chapters(text: &str) -> Vec<Line> {
    read(text).result().unwrap_or_else(|problems| panic!("{text}: {problems:?}"))
}

fn paged(number: i32, title: &str, first: i32, last: Option<i32>) -> Line {
    Line { pages: Some(Pages { first, last }), ..line(number, title, None, true) }
}

#[test]
fn lines_are_read_as_people_write_them() {
    for (text, expected) in [
        ("3. Glucose goals, 45 min", line(3, "Glucose goals", Some(45), true)),
        ("Glucose goals", line(1, "Glucose goals", None, true)),
        ("Chapter 12: Being active (40 minutes)", line(12, "Being active", Some(40), true)),
        ("CHAPTER THREE: Food", line(3, "Food", None, true)),
        ("7) Eating   well\t50", line(7, "Eating well", Some(50), true)),
        ("8 Insulin | 55", line(8, "Insulin", Some(55), true)),
        ("9. Care in 2025", line(9, "Care in 2025", None, true)),
        ("10. History, 20 min (optional)", line(10, "History", Some(20), false)),
        ("10. History (optional), 20 min", line(10, "History", Some(20), false)),
        ("5-a-day and other rules", line(1, "5-a-day and other rules", None, true)),
        ("1st steps", line(1, "1st steps", None, true)),
        ("2. Ojos, riñones y pies – 30 min.", line(2, "Ojos, riñones y pies", Some(30), true)),
        ("4. ıİſ", line(4, "ıİſ", None, true)),
        ("IV. Low blood sugar", line(4, "Low blood sugar", None, true)),
        ("Chapter XII Feet", line(12, "Feet", None, true)),
        ("I can do this", line(1, "I can do this", None, true)),
        ("• 3. Food", line(3, "Food", None, true)),
        ("\u{202e}3. Food\u{202c}\u{0}", line(3, "Food", None, true)),
        ("2. داء السكري من النوع الأول", line(2, "داء السكري من النوع الأول", None, true)),
        ("6. <script>alert(1)</script>", line(6, "<script>alert(1)</script>", None, true)),
        ("Ages 6–12", line(1, "Ages 6–12", None, true)),
    ] {
        assert_eq!(chapters(text), [expected], "{text}");
    }
}

#[test]
fn pages_are_told_from_minutes() {
    for (text, expected) in [
        ("3. Food . . . . . . . 45", paged(3, "Food", 45, None)),
        ("3. Food.............45–78", paged(3, "Food", 45, Some(78))),
        ("3. Food …… 45-78", paged(3, "Food", 45, Some(78))),
        ("3. Food, pp. 45-78", paged(3, "Food", 45, Some(78))),
        ("3. Food (pages 145–52)", paged(3, "Food", 145, Some(152))),
        ("3. Food p.45", paged(3, "Food", 45, None)),
        ("3\tFood\t45–78", paged(3, "Food", 45, Some(78))),
        (
            "3. Food, pp. 45–78, 40 min (optional)",
            Line { required: false, minutes: Some(40), ..paged(3, "Food", 45, Some(78)) },
        ),
    ] {
        assert_eq!(chapters(text), [expected], "{text}");
    }
    // Numbers in a column that go up from line to line are pages; others are minutes.
    let rising = chapters("1. Food\t12\n2. Feet\t30\n3. Eyes\t55");
    assert_eq!(
        rising.iter().map(|line| (line.pages.map(|pages| pages.first), line.minutes)).collect::<Vec<_>>(),
        [(Some(12), None), (Some(30), None), (Some(55), None)]
    );
    let level = chapters("1. Food\t40\n2. Feet\t30\n3. Eyes\t40");
    assert_eq!(
        level.iter().map(|line| (line.pages, line.minutes)).collect::<Vec<_>>(),
        [(None, Some(40)), (None, Some(30)), (None, Some(40))]
    );
    assert_eq!(chapters("Food 12\nFeet 30\nEyes 55")[2], paged(3, "Eyes", 55, None));
}

#[test]
fn a_whole_table_of_contents_is_understood_line_by_line() {
    let text = "Contents\nForeword ........ vii\n\nPart I: Beginnings ...... 1\n1. Food ....... 3\n2. Feet ....... 21\n   2.1 Shoes .... 25\n\
                Part II: Going on\n1. Eyes .... 40\nTalking .... 66\nGlossary .... 90\nAppendix A: Tables .... 92\nIndex .... 99\n";
    let reading = read(text);
    let told: Vec<(usize, &str)> = reading
        .lines
        .iter()
        .map(|line| {
            let kind = match &line.understood {
                Understood::Chapter(_) => "chapter",
                Understood::Part(_) => "part",
                Understood::LeftOut(_) => "left out",
                Understood::Problem(_) => "problem",
            };
            (line.at, kind)
        })
        .collect();
    assert_eq!(
        told,
        [
            (1, "left out"),
            (2, "left out"),
            (4, "part"),
            (5, "chapter"),
            (6, "chapter"),
            (7, "left out"),
            (8, "part"),
            (9, "chapter"),
            (10, "chapter"),
            (11, "left out"),
            (12, "left out"),
            (13, "left out")
        ]
    );
    let lines = reading.result().unwrap();
    let told: Vec<(i32, &str, &str)> =
        lines.iter().map(|line| (line.number, line.title.as_str(), line.part.as_str())).collect();
    assert_eq!(
        told,
        [
            (1, "Food", "Part I: Beginnings"),
            (2, "Feet", "Part I: Beginnings"),
            (3, "Eyes", "Part II: Going on"),
            (4, "Talking", "Part II: Going on")
        ]
    );
    assert!(reading.lines[7].remark.contains("counted on as 3"), "{:?}", reading.lines[7]);
}

#[test]
fn lines_without_a_number_follow_the_one_before() {
    let lines = chapters("Beginnings\n\n5. Middles\r\n  Ends\n");
    assert_eq!(lines.iter().map(|line| line.number).collect::<Vec<_>>(), [1, 5, 6]);
}

#[test]
fn what_cannot_be_read_is_named_by_its_line() {
    for (text, complaint) in [
        ("", "Paste the table of contents"),
        ("\n \t\n", "Paste the table of contents"),
        ("Contents\nIndex", "There is no chapter in it"),
        ("1. One\n1. Two", "Line 2: chapter 1 is there already, on line 1"),
        ("3. One\n\n2. Two", "Line 3: chapter 2 comes after chapter 3"),
        ("4.", "Line 1: there is no title"),
        ("1. One, 0 min", "Line 1: minutes go from 1"),
        ("1. One, 99999999999 min", "Line 1: minutes go from 1"),
        ("99999999999. One", "Line 1: chapter numbers go"),
        ("0. One", "Line 1: chapter numbers go"),
    ] {
        let errors = read(text).result().unwrap_err();
        assert!(errors[0].starts_with(complaint), "{text}: {errors:?}");
    }
    let problems = |text: &str| read(text).result().unwrap_err();
    assert!(problems(&format!("1. {}", "a".repeat(201)))[0].contains("201 characters"));
    assert!(problems(&"A title\n".repeat(101))[0].contains("101 chapters"));
    assert_eq!(problems(&"A title\n".repeat(2_000)), ["These are 2000 chapters. An outline has at most 100."]);
    assert_eq!(problems("1. One, 0 min\n2.\n1. Three").len(), 2);
}

fn titles() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec("[A-Za-zé][A-Za-zé,:' 0-9]{0,40}[a-zé]", 1..20)
        .prop_map(|all| all.iter().map(|title| title.split_whitespace().collect::<Vec<_>>().join(" ")).collect())
}

proptest! {
    #[test]
    fn whatever_is_pasted_is_read_or_complained_about(text in "(?s).{0,400}") {
        match read(&text).result() {
            Ok(lines) => prop_assert!(lines.windows(2).all(|two| two[0].number < two[1].number)),
            Err(errors) => prop_assert!(!errors.is_empty()),
        }
    }

    /// The signs that tables of contents are made of, in any order.
    #[test]
    fn no_line_of_dots_tabs_and_numerals_is_too_much(
        parts in prop::collection::vec(prop::sample::select(vec![
            "Part", "IV", "iv", "3", ".", "...", "…", "\t", "|", "-", "–", "pp.", "45", "45-78", "min", "(optional)", "Food", "é", " ", "\n", "#", "•", "145–52",
        ]), 0..60),
    ) {
        let text = parts.concat();
        for one in read(&text).chapters() {
            prop_assert_eq!(&clean(&one.title), &one.title);
            prop_assert!(one.pages.is_none_or(|pages| pages.last.is_none_or(|last| last > pages.first)));
        }
    }

    #[test]
    fn what_the_page_offers_is_read_as_the_same(
        titles in titles(),
        minutes in 1..=600,
        required in any::<bool>(),
        first in prop::option::of(1..500),
        parts in 0_usize..4,
    ) {
        let lines: Vec<Line> = (1..)
            .zip(&titles)
            .map(|(number, title)| Line {
                part: if parts == 0 { String::new() } else { format!("Part {}", usize::try_from(number).unwrap() % 7 / (parts + 1)) },
                pages: first.map(|first| Pages { first: first + number, last: Some(first + number + 7) }),
                ..line(number, title, Some(minutes), required)
            })
            .collect();
        prop_assert_eq!(read(&contents(&lines)).result(), Ok(lines));
    }

    /// Every chapter of either version stands in one row, and as many carry over as there can be.
    #[test]
    fn a_comparison_loses_nobody(
        before in prop::collection::vec(0_usize..12, 0..12), after in prop::collection::vec(0_usize..12, 0..12),
    ) {
        let make = |all: &[usize]| -> Vec<Line> {
            all.iter().zip(1..).map(|(title, number)| line(number, &format!("Title {title}"), Some(40), true)).collect()
        };
        let (old, new) = (make(&before), make(&after));
        let keys: Vec<usize> = (0..old.len()).collect();
        let rows = compare(&old, &keys, &new, &vec![None; new.len()]);
        prop_assert_eq!(rows.iter().filter_map(|row| row.after).cloned().collect::<Vec<_>>(), new.clone());
        let mut there: Vec<i32> = rows.iter().filter_map(|row| Some(row.before?.number)).collect();
        there.sort();
        prop_assert_eq!(there, old.iter().map(|line| line.number).collect::<Vec<_>>());
        for row in &rows {
            prop_assert_eq!(row.change.carries(), row.before.is_some() && row.after.is_some());
        }
        // The same list is the same, chapter for chapter.
        let same = compare(&old, &keys, &old, &vec![None; old.len()]);
        prop_assert!(same.iter().all(|row| row.change == Change::Stays));
    }
}

#[test]
fn two_versions_are_compared_by_title_and_by_word() {
    let before = chapters("1. Food\n2. Feet\n3. Eyes\n4. Old words\n5. Gone");
    let after = chapters("1. A start\n2. FOOD!\n3. Eyes\n4. Feet\n5. New words");
    let keys = [1, 2, 3, 4, 5];
    let rows = compare(&before, &keys, &after, &[None, None, None, None, Some(4)]);
    let told: Vec<(i32, Change)> = rows.iter().map(|row| (row.after.or(row.before).unwrap().number, row.change)).collect();
    assert_eq!(
        told,
        [
            (1, Change::Added),
            (2, Change::Stays),
            (3, Change::Stays),
            (4, Change::Moved),
            (5, Change::Renamed),
            (5, Change::Dropped)
        ]
    );
    assert_eq!(summary(&rows), "2 stay, 1 renamed, 1 moved, 1 added, 1 dropped.");
    assert!(rows[4].details().contains(&"was “Old words”".to_owned()));
    assert_eq!(carry::pairs(&[(1, "A"), (2, "B")], &[(Some(2), "A"), (None, "A")]), [Some(1), Some(0)]);
}

/// A draft after the newest outline of an option, with these chapters.
async fn prepared(program: &Program, who: &Coordinator, outline: OutlineId, lines: &[Line]) -> Draft {
    let mut tx = program.state.write(who).await.unwrap();
    let published = store::find(&mut tx, who, outline).await.unwrap().unwrap();
    let id = draft::start(&mut tx, who, &published).await.unwrap();
    let found = draft::find(&mut tx, who, id).await.unwrap().unwrap();
    let new = NewLines { contents: None, lines, minutes: 35 };
    draft::save(&mut tx, who, &found, found.revision, &new).await.unwrap();
    let saved = draft::find(&mut tx, who, id).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    saved
}

async fn publish(program: &Program, who: &Coordinator, draft: &Draft) -> Result<Published, AppError> {
    let mut tx = program.state.write(who).await.unwrap();
    let published = draft::publish(&mut tx, who, draft, draft.revision, "Second printing").await?;
    tx.commit().await.unwrap();
    Ok(published)
}

fn id_of(published: Published) -> OutlineId {
    match published {
        Published::Now(id) | Published::Before(id) => id,
    }
}

async fn published_chapters(program: &Program, outline: OutlineId) -> Vec<store::Chapter> {
    store::list_chapters(&mut program.state.db.read().await.unwrap(), outline).await.unwrap()
}

#[tokio::test]
async fn a_new_version_is_for_new_enrolments_only() {
    each_db(async |program| {
        let who = program.coordinator.coordinator().unwrap();
        let (_, pinned) = program.enrollment("Ann Pinned", OptionNumber::One).await;
        let (_, waiting) = program.enrollment("Bea Waiting", OptionNumber::One).await;
        let old = program.outline(OptionNumber::One).await;
        let chapters = published_chapters(&program, old).await;
        let mut tx = program.state.write(&who).await.unwrap();
        // One of the two is an application that is not decided yet.
        execute!(
            &mut tx,
            "UPDATE application SET state = 'received', decided_at = NULL, decided_by = NULL
             WHERE id = (SELECT application_id FROM enrollment WHERE id = $1)",
            waiting
        )
        .unwrap();
        for chapter in &chapters[..2] {
            let question = assessments::store::list_questions(&mut tx, &who, chapter.id).await.unwrap()[0].id;
            assert!(assessments::store::approve(&mut tx, &who, chapter.id, question).await.unwrap());
        }
        tx.commit().await.unwrap();
        // The first keeps its title, the second is said to be the same, the third is new.
        let lines = [
            Line { number: 1, minutes: None, ..Line::from(&chapters[0]) },
            Line { part: "Part II".into(), follows: Some(chapters[1].id), ..paged(2, "Another title", 20, Some(31)) },
            line(3, "A chapter of its own", Some(25), false),
        ];
        let prepared = prepared(&program, &who, old, &lines).await;
        let id = id_of(publish(&program, &who, &prepared).await.unwrap());

        let mut tx = program.state.write(&who).await.unwrap();
        let ended = draft::find(&mut tx, &who, prepared.id).await.unwrap().unwrap();
        assert_eq!(draft::publish(&mut tx, &who, &ended, ended.revision, "").await.unwrap(), Published::Before(id));
        let before = store::find(&mut tx, &who, old).await.unwrap().unwrap();
        let new = store::find(&mut tx, &who, id).await.unwrap().unwrap();
        assert!(new.is_version_of(&before) && before.retired_at.is_some() && new.retired_at.is_none());
        assert_eq!((new.version, new.confirmed_at, new.chapters), (before.version + 1, None, 3));
        assert_eq!((new.published_by.as_deref(), new.note.as_str()), (Some("Cora Dinator"), "Second printing"));
        let renewed = store::list_chapters(&mut tx, id).await.unwrap();
        let told: Vec<(i32, i32, bool, ChapterId)> =
            renewed.iter().map(|chapter| (chapter.number, chapter.minutes, chapter.required, chapter.root)).collect();
        assert_eq!(told, [(1, 35, true, chapters[0].id), (2, 35, true, chapters[1].id), (3, 25, false, renewed[2].id)]);
        assert_eq!((Line::from(&renewed[1]).pages, renewed[1].part.as_str()), (lines[1].pages, "Part II"));

        // Questions go along with a chapter that is the same, the approved one approved.
        for at in 0..2 {
            let there = assessments::store::list_questions(&mut tx, &who, renewed[at].id).await.unwrap();
            let here = assessments::store::list_questions(&mut tx, &who, chapters[at].id).await.unwrap();
            assert_eq!(there.len(), here.len());
            assert_eq!(there.iter().filter(|question| question.approved_at.is_some()).count(), 1);
        }
        assert!(assessments::store::list_questions(&mut tx, &who, renewed[2].id).await.unwrap().is_empty());
        let questions = store::list_questions(&mut tx, id).await.unwrap();
        assert_eq!(questions.iter().map(|one| one.approved).collect::<Vec<_>>(), [1, 1, 0]);

        // Who has started stays; who still waits moves on.
        let (kept,) = fetch_one!(&mut tx, (OutlineId,), "SELECT outline_id FROM enrollment WHERE id = $1", pinned).unwrap();
        let (moved,) = fetch_one!(
            &mut tx,
            (OutlineId,),
            "SELECT a.outline_id FROM application a JOIN enrollment e ON e.application_id = a.id WHERE e.id = $1",
            waiting
        )
        .unwrap();
        assert_eq!((kept, moved), (old, id));
        assert!(draft::start(&mut tx, &who, &before).await.is_err(), "a retired one has no next version");
    })
    .await;
}

#[tokio::test]
async fn of_two_coordinators_one_wins_and_the_other_is_told() {
    each_db(async |program| {
        let (one, other) = (program.coordinator.clone(), program.person("Otto Other", Role::Coordinator).await);
        let (who, also) = (one.coordinator().unwrap(), other.coordinator().unwrap());
        let old = program.outline(OptionNumber::Two).await;
        let lines = [line(1, "Only one", None, true)];
        let first = prepared(&program, &who, old, &lines).await;
        // Both work on the same draft, and what comes from an older look at it is refused with who was quicker.
        let second = prepared(&program, &also, old, &lines).await;
        assert_eq!((first.id, second.revision), (second.id, first.revision + 1));
        let late = publish(&program, &who, &first).await.unwrap_err();
        assert!(late.to_string().contains("Otto Other changed this draft"), "{late}");
        // Both publish the same, at once.
        let (mine, theirs) = tokio::join!(publish(&program, &who, &second), publish(&program, &also, &second));
        let (won, lost) = match (mine, theirs) {
            (Ok(won), Err(lost)) | (Err(lost), Ok(won)) => (won, lost),
            both => panic!("{both:?}"),
        };
        assert!(lost.to_string().contains("has published this draft"), "{lost}");
        let mut tx = program.state.db.read().await.unwrap();
        let edition = store::find(&mut tx, &who, old).await.unwrap().unwrap();
        let live: Vec<OutlineId> = store::list_of_edition(&mut tx, &who, edition.edition_id)
            .await
            .unwrap()
            .into_iter()
            .filter(|outline| outline.is_version_of(&edition) && outline.retired_at.is_none())
            .map(|outline| outline.id)
            .collect();
        assert_eq!(live, [id_of(won)]);
        assert!(draft::list_open(&mut tx, &who, edition.edition_id).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_draft_that_is_thrown_away_leaves_everything_as_it_was() {
    each_db(async |program| {
        let who = program.coordinator.coordinator().unwrap();
        let old = program.outline(OptionNumber::Two).await;
        let draft = prepared(&program, &who, old, &[line(1, "Only one", None, true)]).await;
        let mut tx = program.state.write(&who).await.unwrap();
        for _ in 0..2 {
            draft::discard(&mut tx, &who, &draft).await.unwrap();
        }
        let ended = draft::find(&mut tx, &who, draft.id).await.unwrap().unwrap();
        assert!(ended.allow_changes().unwrap_err().to_string().contains("thrown this draft away"));
        let new = NewLines { contents: None, lines: &[], minutes: 40 };
        assert!(draft::save(&mut tx, &who, &draft, draft.revision, &new).await.is_err());
        assert!(draft::publish(&mut tx, &who, &ended, ended.revision, "").await.is_err());
        assert!(store::find(&mut tx, &who, old).await.unwrap().unwrap().retired_at.is_none());
        let again = store::find(&mut tx, &who, old).await.unwrap().unwrap();
        assert_ne!(draft::start(&mut tx, &who, &again).await.unwrap(), draft.id);
    })
    .await;
}

/// Logs a chapter as read.
async fn log(program: &Program, who: &app::people::Viewer, enrollment: EnrollmentId, chapter: ChapterId) {
    let mut tx = program.state.write(who).await.unwrap();
    let own = who.own(&mut tx, enrollment).await.unwrap();
    let studied_on = app::clock::today(tx.now());
    let entry = NewEntry {
        key: SubmissionKey::new(),
        chapter,
        studied_on,
        minutes: 30,
        reflection: "My own words".into(),
        shared: false,
        replaces: None,
    };
    study::store::insert_entry(&mut tx, own, &entry).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_move_keeps_what_both_versions_have_and_is_told_before() {
    each_db(async |program| {
        let who = program.coordinator.coordinator().unwrap();
        let pair = program.pair(OptionNumber::Two).await;
        let old = program.outline(OptionNumber::Two).await;
        let chapters = published_chapters(&program, old).await;
        for at in [0, 1, 2] {
            log(&program, &pair.mentee, pair.enrollment, chapters[at].id).await;
        }
        // The first stays, the second is renamed and stands later, the third is gone.
        let lines = [
            Line { number: 1, ..Line::from(&chapters[0]) },
            line(2, "Quite new", None, true),
            Line { follows: Some(chapters[1].id), ..line(3, "Renamed", None, true) },
        ];
        let prepared = prepared(&program, &who, old, &lines).await;
        let new = id_of(publish(&program, &who, &prepared).await.unwrap());

        let mut tx = program.state.db.read().await.unwrap();
        let target = store::find(&mut tx, &who, new).await.unwrap().unwrap();
        let here = store::find(&mut tx, &who, old).await.unwrap().unwrap();
        let listed = behind::list(&mut tx, &who, &target).await.unwrap();
        assert_eq!(listed.len(), 1);
        let one = &listed[0];
        assert_eq!(
            (one.id, one.outline_id, one.version, one.kept.words().as_str()),
            (pair.enrollment, old, here.version, "2 read")
        );
        assert_eq!(one.not_kept, [format!("Chapter {}, {}", chapters[2].number, chapters[2].title)]);
        assert_eq!((one.required_read, one.read_after, one.required_after), (3, 2, 3));
        drop(tx);

        let boss = Browser::of(&program, &program.coordinator).await;
        let path = format!("/coordinator/outlines/{new}/move");
        let page = look(&boss, &path).await;
        assert!(page.contains("2 read") && page.contains("2 of 3 read, 1 to read"), "{page}");
        let (enrollment, from) = (pair.enrollment.to_string(), format!("from[{}]", pair.enrollment));
        let was = old.to_string();
        // Without a reason, and from where they are not: nothing happens, and the page says why.
        let sent = send(&boss, &path, "move-to-outline", new, &[("enrollment", &enrollment)], api::move_to_outline(new)).await;
        assert_eq!(sent.unwrap(), path);
        assert!(look(&boss, &path).await.contains("Say why"));
        let typed = [("enrollment", enrollment.as_str()), (from.as_str(), enrollment.as_str()), ("reason", "New printing")];
        send(&boss, &path, "move-to-outline", new, &typed, api::move_to_outline(new)).await.unwrap();
        assert!(look(&boss, &path).await.contains("nobody was moved"));
        let typed = [("enrollment", enrollment.as_str()), (from.as_str(), was.as_str()), ("reason", "New printing")];
        let sent = send(&boss, &path, "move-to-outline", new, &typed, api::move_to_outline(new)).await;
        assert_eq!(sent.unwrap(), format!("{path}?done=enrollments-moved"));
        let sent = send(&boss, &path, "move-to-outline", new, &typed, api::move_to_outline(new)).await;
        assert_eq!(sent.unwrap(), format!("{path}?done=enrollments-moved"), "sent twice, moved once");

        let mut tx = program.state.db.read().await.unwrap();
        let story = app::enrollments::store::find(&mut tx, pair.enrollment).await.unwrap().unwrap();
        assert_eq!((story.outline_id, story.read, story.chapters), (new, 2, 3));
        let progress = study::store::list_progress(&mut tx, pair.enrollment).await.unwrap();
        assert_eq!(
            progress.iter().map(|one| (one.is_read(), one.spent)).collect::<Vec<_>>(),
            [(true, 30), (false, 0), (true, 30)]
        );
        let changes = life::store::list_changes(&mut tx, pair.enrollment).await.unwrap();
        assert_eq!(
            changes.iter().map(|one| (one.only_version, one.version_after)).collect::<Vec<_>>(),
            [(true, target.version)]
        );
        let told = fetch_all!(&mut tx, (String,), "SELECT kind FROM mail WHERE kind = 'option_changed'").unwrap();
        assert_eq!(told.len(), 2, "each of the pair, once");
        drop(tx);
        // What was logged stays readable under the chapter that is gone.
        let mentee = Browser::of(&program, &pair.mentee).await;
        let gone = mentee.open(&study::chapter_path(pair.enrollment, chapters[2].id)).await.html;
        assert!(gone.contains("My own words"));

        // And back: the earlier version finds everything.
        let mut tx = program.state.write(&who).await.unwrap();
        let study = Study { option: OptionNumber::Two, outline: old };
        life::store::change_option(&mut tx, &program.state, &who, &story, study, "A mistake").await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = program.state.db.read().await.unwrap();
        let back = app::enrollments::store::find(&mut tx, pair.enrollment).await.unwrap().unwrap();
        assert_eq!((back.outline_id, back.read), (old, 3));
    })
    .await;
}

/// Sends a form with the hidden field that says what it is about.
async fn send(
    boss: &Browser<'_>,
    from: &str,
    form: &str,
    about: impl ToString,
    typed: &[(&str, &str)],
    change: impl Future<Output = Result<(), AppError>>,
) -> Result<String, AppError> {
    let name = match form {
        "start-outline" => "edition",
        "confirm-outline" | "move-to-outline" | "start-outline-draft" => "outline",
        _ => "outline_draft",
    };
    let about = about.to_string();
    let fields = [&[(name, about.as_str())], typed].concat();
    Box::pin(boss.send(from, form, &fields, change)).await
}

/// A page as it is sent. In a box: a story opens many, and a test's stack is small.
async fn look(boss: &Browser<'_>, path: &str) -> String {
    Box::pin(boss.open(path)).await.html
}

async fn edition_without_outline(program: &Program) -> EditionId {
    let mut tx = program.state.write(&program.coordinator).await.unwrap();
    let (id, now) = (EditionId::new(), tx.now());
    execute!(
        &mut tx,
        "INSERT INTO edition (id, title_id, label, created_at) SELECT $1, id, 'Sixth edition', $2 FROM title ORDER BY name LIMIT 1",
        id,
        now
    )
    .unwrap();
    tx.commit().await.unwrap();
    id
}

fn draft_of(location: &str) -> OutlineDraftId {
    let id = location.rsplit('/').next().unwrap().split(['?', '#']).next().unwrap();
    id.parse().unwrap()
}

#[tokio::test]
async fn a_first_outline_is_pasted_mended_edited_and_published() {
    each_db(async |program| {
        let boss = Browser::of(&program, &program.coordinator).await;
        let edition = edition_without_outline(&program).await;
        let path = format!("/coordinator/editions/{edition}/outlines");
        assert!(look(&boss, &path).await.contains("No outline yet"));
        send(&boss, &path, "start-outline", edition, &[], api::start_outline(edition)).await.unwrap();
        assert!(look(&boss, &path).await.contains("Choose for which option"));
        let typed = [("options", "2"), ("options", "3")];
        let draft = draft_of(&send(&boss, &path, "start-outline", edition, &typed, api::start_outline(edition)).await.unwrap());
        let again = draft_of(&send(&boss, &path, "start-outline", edition, &typed, api::start_outline(edition)).await.unwrap());
        assert_eq!(draft, again, "one draft, however often it is begun");
        let here = draft_path(draft);

        // A problem is named with its line, what was pasted stands there again, and nothing has changed.
        let pasted = "Part I: <b>Begin</b>\n1. Food & drink .... 12\n1. Feet .... 30\n\u{202e}3. داء السكري .... 41";
        let typed = [("revision", "1"), ("minutes", "45"), ("contents", pasted)];
        assert_eq!(send(&boss, &here, "read-contents", draft, &typed, api::read_contents(draft)).await.unwrap(), here);
        let page = look(&boss, &here).await;
        assert!(page.contains("Line 3: chapter 1 is there already, on line 2.") && page.contains("1 problem"), "{page}");
        assert!(page.contains("1. Food &amp; drink .... 12") && !page.contains("><b>Begin</b>"));
        let mended = pasted.replace("1. Feet", "2. Feet");
        let typed = [("revision", "1"), ("minutes", "45"), ("contents", mended.as_str())];
        let sent = send(&boss, &here, "read-contents", draft, &typed, api::read_contents(draft)).await.unwrap();
        assert!(sent.contains("done=contents-read"), "{sent}");
        let page = look(&boss, &here).await;
        assert!(page.contains("3 chapters, about 2 hours") && page.contains("داء السكري") && page.contains("p. 41"));
        // Within a value it is only text.
        assert_eq!(page.matches("<b>Begin</b>").count(), page.matches("value=\"Part I: <b>Begin</b>\"").count());

        // An earlier look at the draft does not overwrite it.
        send(&boss, &here, "read-contents", draft, &typed, api::read_contents(draft)).await.unwrap();
        assert!(look(&boss, &here).await.contains("Cora Dinator changed this draft"));

        // The second goes up, the third is left out, one more is added, with a mistake first.
        let rows = |step: &'static str, number: &'static str, revision: &'static str| {
            vec![
                ("revision", revision),
                ("step", step),
                ("number[0]", "1"),
                ("title[0]", "Food & drink"),
                ("number[1]", "2"),
                ("title[1]", "Feet"),
                ("pages[1]", "30-39"),
                ("optional[1]", "yes"),
                ("number[2]", number),
                ("title[2]", "Eyes"),
                ("minutes[2]", "20"),
            ]
        };
        let save = async |typed: Vec<(&str, &str)>| {
            send(&boss, &here, "save-outline-draft", draft, &typed, api::save_outline_draft(draft)).await
        };
        save(rows("", "2", "2")).await.unwrap();
        let page = look(&boss, &here).await;
        assert!(page.contains("Chapter 2 comes after chapter 2.") && page.contains("value=\"Eyes\""), "{page}");
        assert!(save(rows("up.1", "3", "2")).await.unwrap().ends_with("#row-0"));
        let found = async || {
            let who = program.coordinator.coordinator().unwrap();
            draft::find(&mut program.state.db.read().await.unwrap(), &who, draft).await.unwrap().unwrap()
        };
        let now = found().await;
        let told: Vec<(i32, &str, bool)> =
            now.lines.iter().map(|line| (line.number, line.title.as_str(), line.required)).collect();
        assert_eq!(told, [(1, "Feet", false), (2, "Food & drink", true), (3, "Eyes", true)]);
        assert!(now.lines.iter().all(|line| !line.title.contains('\u{202e}')));
        assert_eq!((now.revision, now.lines[0].pages), (3, Some(Pages { first: 30, last: Some(39) })));
        assert!(save(rows("drop.0", "3", "3")).await.unwrap().ends_with("#row-0"));
        assert_eq!(found().await.lines.iter().map(|line| line.title.clone()).collect::<Vec<_>>(), ["Feet", "Eyes"]);
        assert!(save(rows("add", "3", "4")).await.unwrap().ends_with("?add=yes#row-3"));
        assert!(look(&boss, &format!("{here}?add=yes")).await.contains("id=\"row-3\""));

        // Nobody publishes what they have not seen; then it is there for both options.
        let publish = async |revision: &str| {
            let typed =
                [("revision", revision), ("note", "From the copy"), ("confirmed", "yes"), ("compared_note", "My own copy")];
            send(&boss, &here, "publish-outline", draft, &typed, api::publish_outline(draft)).await.unwrap()
        };
        assert_eq!(publish("4").await, here);
        assert!(look(&boss, &here).await.contains("changed this draft"));
        let there = publish("5").await;
        assert!(there.starts_with("/coordinator/outlines/") && there.ends_with("?done=outline-published"), "{there}");
        assert_eq!(publish("5").await, there, "sent twice, published once");
        let page = look(&boss, &there).await;
        assert!(page.contains("My own copy") && page.contains("by Cora Dinator") && page.contains("pp. 30–39"), "{page}");
        let list = look(&boss, &path).await;
        assert!(
            list.contains("Version 1") && list.contains("Option 2, Option 3") && list.contains("An outline for another option")
        );
        let mut tx = program.state.db.read().await.unwrap();
        let offered = app::applications::store::list_outlines_for(&mut tx, OptionNumber::Three).await.unwrap();
        assert!(offered.iter().any(|outline| there.contains(&outline.id.to_string())));
        drop(tx);
        let taken =
            send(&boss, &path, "start-outline", edition, &[("options", "2")], api::start_outline(edition)).await.unwrap();
        assert_eq!(taken, path);
        assert!(look(&boss, &path).await.contains("Option 2 has an outline of this edition already"));
    })
    .await;
}

#[tokio::test]
async fn far_too_much_is_refused_in_few_words() {
    each_db(async |program| {
        let boss = Browser::of(&program, &program.coordinator).await;
        let edition = edition_without_outline(&program).await;
        let path = format!("/coordinator/editions/{edition}/outlines");
        let draft = draft_of(
            &send(&boss, &path, "start-outline", edition, &[("options", "1")], api::start_outline(edition)).await.unwrap(),
        );
        let here = draft_path(draft);
        let (chapters, long) = ("A title\n".repeat(2_000), "x".repeat(10_000_000));
        for (pasted, complaint) in [(&chapters, "These are 2000 chapters."), (&long, "This is 10000000 characters long.")] {
            let typed = [("revision", "1"), ("minutes", "40"), ("contents", pasted.as_str())];
            send(&boss, &here, "read-contents", draft, &typed, api::read_contents(draft)).await.unwrap();
            let page = look(&boss, &here).await;
            assert!(page.contains(complaint), "{complaint}");
            assert!(page.matches("Line ").count() < 60, "{}", page.matches("Line ").count());
        }
    })
    .await;
}

#[tokio::test]
async fn two_versions_stand_side_by_side() {
    each_db(async |program| {
        let who = program.coordinator.coordinator().unwrap();
        let old = program.outline(OptionNumber::Two).await;
        let chapters = published_chapters(&program, old).await;
        let mut lines: Vec<Line> = chapters.iter().map(Line::from).collect();
        lines[0] = Line { title: "Under another title".into(), follows: Some(chapters[0].id), ..lines[0].clone() };
        lines.pop();
        let prepared = prepared(&program, &who, old, &lines).await;
        let boss = Browser::of(&program, &program.coordinator).await;
        let page = look(&boss, &draft_path(prepared.id)).await;
        assert!(page.contains("1 renamed, 1 dropped."), "{page}");
        let new = id_of(publish(&program, &who, &prepared).await.unwrap());
        let page = look(&boss, &format!("/coordinator/outlines/{new}/compare")).await;
        assert!(page.contains("1 renamed, 1 dropped.") && page.contains("Under another title"), "{page}");
        let other_way = look(&boss, &format!("/coordinator/outlines/{old}/compare?with={new}")).await;
        assert!(other_way.contains("1 renamed, 1 dropped."));
        let retired = look(&boss, &format!("/coordinator/outlines/{old}")).await;
        assert!(retired.contains("is in use for new enrollments") && !retired.contains("Edit as a draft"));
        let ended = look(&boss, &draft_path(prepared.id)).await;
        assert!(ended.contains("has published this draft"));
    })
    .await;
}

#[tokio::test]
async fn an_outline_is_confirmed_once() {
    each_db(async |program| {
        let who = program.coordinator.coordinator().unwrap();
        let id = program.outline(OptionNumber::Two).await;
        let with = Compared { copy: None, note: "Third printing".into() };
        let mut tx = program.state.write(&who).await.unwrap();
        store::confirm(&mut tx, &who, id, &with).await.unwrap();
        tx.commit().await.unwrap();
        let first = store::find(&mut program.state.db.read().await.unwrap(), &who, id).await.unwrap().unwrap();
        program.state.clock.advance(chrono::Duration::days(1));
        let mut tx = program.state.write(&who).await.unwrap();
        store::confirm(&mut tx, &who, id, &Compared::default()).await.unwrap();
        tx.commit().await.unwrap();
        let second = store::find(&mut program.state.db.read().await.unwrap(), &who, id).await.unwrap().unwrap();
        assert_eq!((first.confirmed_at, first.confirmed_by.as_deref()), (second.confirmed_at, Some("Cora Dinator")));
        assert_eq!(second.confirmed_note, "Third printing");
        assert!(first.confirmed_at.is_some());
    })
    .await;
}

#[tokio::test]
async fn an_outline_is_confirmed_and_edited_from_its_page() {
    each_db(async |program| {
        let boss = Browser::of(&program, &program.coordinator).await;
        let old = program.outline(OptionNumber::One).await;
        let page = format!("/coordinator/outlines/{old}");
        let html = look(&boss, &page).await;
        assert!(html.contains(">Unconfirmed<") && html.contains("Edit as a draft"));
        send(&boss, &page, "confirm-outline", old, &[("compared_note", "Own copy")], api::confirm_outline(old)).await.unwrap();
        let html = look(&boss, &page).await;
        assert!(html.contains("Confirmed") && !html.contains(">Unconfirmed<") && html.contains("Own copy"));
        let there = send(&boss, &page, "start-outline-draft", old, &[], api::start_outline_draft(old)).await.unwrap();
        let html = look(&boss, &there).await;
        assert!(html.contains("1. What diabetes is, and its types, 40 min") && html.contains("What becomes of the questions"));
        // Who comes from a page that was open before is led to the draft that is open.
        assert_eq!(send(&boss, &page, "start-outline-draft", old, &[], api::start_outline_draft(old)).await.unwrap(), there);
        let draft = draft_of(&there);
        let gone = send(&boss, &there, "discard-outline-draft", draft, &[], api::discard_outline_draft(draft)).await.unwrap();
        assert!(gone.ends_with("?done=outline-draft-discarded"));
        assert!(look(&boss, &there).await.contains("has thrown this draft away"));
    })
    .await;
}

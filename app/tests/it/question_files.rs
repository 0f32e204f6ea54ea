//! The question bank over time: every kind is written by its form, edits leave versions, files come in once and go out whole,
//! and what came to the starting material later is added once.

use std::collections::BTreeMap;

use app::assessments::api::{approve_questions, edit_question, import_questions, retire_questions, write_question};
use app::assessments::formats::{self, Format};
use app::assessments::store::{self, FileState, Placing};
use app::assessments::{Accepted, Body, Choice, Credit, Number, NumericalAnswer, Pair, Status};
use app::db::{execute, fetch_one};
use app::error::AppError;
use app::id::{ChapterId, OutlineId, QuestionId, QuestionImportId, SubmissionKey};
use app::imports::progress::Progress;
use app::people::Coordinator;

use crate::support::{Program, each_db};
use crate::visit::Browser;

fn who(program: &Program) -> Coordinator {
    program.coordinator.coordinator().unwrap()
}

/// The outline of a book and its chapters.
async fn book(program: &Program, name: &str) -> (OutlineId, Vec<ChapterId>) {
    let bank = store::list_bank(&mut program.state.db.read().await.unwrap(), &who(program)).await.unwrap();
    let chapters: Vec<_> = bank.iter().filter(|chapter| chapter.book == name).collect();
    (chapters[0].outline_id, chapters.iter().map(|chapter| chapter.id).collect())
}

async fn live(program: &Program, chapter: ChapterId) -> Vec<store::Question> {
    let mut tx = program.state.db.read().await.unwrap();
    let all = store::list_questions(&mut tx, &who(program), chapter).await.unwrap();
    all.into_iter().filter(|question| question.status() != Status::Retired).collect()
}

fn choice(text: &str, credit: i32, explanation: &str) -> Choice {
    Choice { text: text.into(), credit: Credit(credit), explanation: explanation.into() }
}

fn pair(left: &str, right: &str) -> Pair {
    Pair { left: left.into(), right: right.into() }
}

fn number(value: Option<i64>, tolerance: i64, credit: i32, explanation: &str) -> NumericalAnswer {
    let (value, tolerance) = (value.map(Number), Number(tolerance));
    NumericalAnswer { value, tolerance, credit: Credit(credit), explanation: explanation.into() }
}

fn accepted(text: &str, credit: i32) -> Accepted {
    Accepted { text: text.into(), credit: Credit(credit), explanation: String::new() }
}

/// What is typed into each form, and the question it makes.
fn forms() -> Vec<(Vec<(&'static str, &'static str)>, Body)> {
    let choices = [("choice-1", "Milk"), ("choice-2", "Juice"), ("choice-3", "Water"), ("why-3", "It has none.")];
    let with = |kind: &'static str, more: &[(&'static str, &'static str)]| {
        [vec![("kind", kind)], choices.to_vec(), more.to_vec()].concat()
    };
    vec![
        (
            with("single", &[("right", "2"), ("percent-1", "50")]),
            Body::Single(vec![choice("Milk", 500, ""), choice("Juice", 1000, ""), choice("Water", 0, "It has none.")]),
        ),
        (
            with("multiple", &[("right", "1"), ("right", "2"), ("scoring", "all")]),
            Body::Multiple(vec![choice("Milk", 1000, ""), choice("Juice", 1000, ""), choice("Water", -1000, "It has none.")]),
        ),
        (
            with("multiple", &[("right", "1"), ("right", "2"), ("scoring", "shares")]),
            Body::Multiple(vec![choice("Milk", 500, ""), choice("Juice", 500, ""), choice("Water", -500, "It has none.")]),
        ),
        (
            with("multiple", &[("scoring", "percents"), ("percent-1", "70"), ("percent-2", "30"), ("percent-3", "-100")]),
            Body::Multiple(vec![choice("Milk", 700, ""), choice("Juice", 300, ""), choice("Water", -1000, "It has none.")]),
        ),
        (
            vec![("kind", "true_false"), ("right", "2"), ("why-1", "No."), ("why-2", "Yes.")],
            Body::TrueFalse { is_true: false, when_true: "No.".into(), when_false: "Yes.".into() },
        ),
        (
            vec![
                ("kind", "matching"),
                ("left-1", "Lispro"),
                ("right-1", "rapid"),
                ("left-3", "Glargine"),
                ("right-3", "long"),
                ("none-1", "inhaled"),
            ],
            Body::Matching {
                pairs: vec![pair("Lispro", "rapid"), pair("Glargine", "long")],
                distractors: vec!["inhaled".into()],
            },
        ),
        (
            vec![
                ("kind", "numerical"),
                ("value-1", "70"),
                ("tolerance-1", "0.5"),
                ("value-2", "1,000"),
                ("percent-2", "33.33333"),
                ("other", "Look again."),
            ],
            Body::Numerical(vec![
                number(Some(70_000_000), 500_000, 1000, ""),
                number(Some(1_000_000_000), 0, 333, ""),
                number(None, 0, 0, "Look again."),
            ]),
        ),
        (
            vec![
                ("kind", "short_answer"),
                ("choice-1", "HbA1c"),
                ("choice-2", "*A1C"),
                ("percent-2", "50"),
                ("match-case", "yes"),
            ],
            Body::ShortAnswer { answers: vec![accepted("HbA1c", 1000), accepted("*A1C", 500)], match_case: true },
        ),
        (vec![("kind", "essay"), ("marker", "Names two signs.")], Body::Essay { marker_note: "Names two signs.".into() }),
    ]
}

const COMMON: [(&str, &str); 5] = [
    ("text", "Which of <b>these</b>?"),
    ("explanation", "So it is."),
    ("source", "ADA Standards of Care"),
    ("topic", "insulin"),
    ("name", "My question"),
];

#[tokio::test]
async fn every_kind_is_written_shown_and_edited() {
    each_db(async |program| {
        let browser = Browser::of(&program, &program.coordinator).await;
        let (_, chapters) = book(&program, "Complete Guide to Diabetes").await;
        let page = format!("/coordinator/questions/{}", chapters[0]);
        for (typed, body) in forms() {
            let (kind, key) = (body.kind(), SubmissionKey::new().to_string());
            let form = format!("{page}/write/{kind}");
            let before: Vec<QuestionId> = live(&program, chapters[0]).await.iter().map(|question| question.id).collect();
            assert_eq!(browser.open(&format!("{form}?rows=20")).await.status, 200);
            let fields = [vec![("key", key.as_str())], COMMON.to_vec(), typed].concat();
            let done = browser.send(&form, "write-question", &fields, write_question(chapters[0])).await.unwrap();
            assert_eq!(done, format!("{page}?done=question-written"), "{kind}: {}", browser.open(&form).await.html);
            let written = live(&program, chapters[0]).await.into_iter().find(|one| !before.contains(&one.id)).unwrap();
            let id = written.id;
            assert_eq!(written.draft.body, body);
            assert_eq!(
                (written.draft.topic.as_str(), written.draft.name.as_str(), written.version),
                ("insulin", "My question", 1)
            );
            assert_eq!(browser.open(&page).await.status, 200);
            let html = browser.open(&format!("{page}/question/{id}")).await.html;
            assert!(html.contains("As the mentee sees it") && html.contains("Which of &lt;b&gt;these&lt;/b&gt;?"), "{html}");
            edit(&program, &browser, &page, id, fields).await;
        }
    })
    .await;
}

/// Changes the text of a question; the first version stays as it was.
async fn edit(program: &Program, browser: &Browser<'_>, page: &str, id: QuestionId, mut fields: Vec<(&str, &str)>) {
    let (form, key) = (format!("{page}/edit/{id}"), SubmissionKey::new().to_string());
    let html = browser.open(&form).await.html;
    assert!(html.contains("Which of &lt;b&gt;these&lt;/b&gt;?") && html.contains("My question"), "{html}");
    fields.retain(|(name, _)| !matches!(*name, "key" | "text"));
    fields.extend([("key", key.as_str()), ("text", "Which now?"), ("approved", "yes")]);
    browser.send(&form, "edit-question", &fields, edit_question(id)).await.unwrap();
    let mut tx = program.state.db.read().await.unwrap();
    let versions = store::list_versions(&mut tx, &who(program), id).await.unwrap();
    let seen: Vec<(i32, Status, &str)> =
        versions.iter().map(|one| (one.version, one.status(), one.draft.text.as_str())).collect();
    assert_eq!(seen, [(2, Status::Approved, "Which now?"), (1, Status::Retired, "Which of <b>these</b>?")]);
    assert_eq!(versions[0].draft.body, versions[1].draft.body);
    drop(tx);
    let html = browser.open(&format!("{page}/question/{}", versions[0].id)).await.html;
    assert!(html.contains("Version 1") && html.contains("Version 2") && html.contains("written by Cora Dinator"));
}

#[tokio::test]
async fn what_is_typed_wrong_is_said_beside_its_field() {
    each_db(async |program| {
        let browser = Browser::of(&program, &program.coordinator).await;
        let (_, chapters) = book(&program, "Complete Guide to Diabetes").await;
        let chapter = chapters[0].to_string();
        for (typed, message) in [
            (
                vec![("kind", "single"), ("choice-1", "a"), ("choice-2", "b"), ("right", "1"), ("percent-2", "150")],
                "percent from -100 to 100",
            ),
            (vec![("kind", "single"), ("choice-1", "a"), ("choice-2", "a"), ("right", "1")], "say the same"),
            (
                vec![("kind", "multiple"), ("choice-1", "a"), ("choice-2", "b"), ("scoring", "percents"), ("percent-1", "40")],
                "it must be 100",
            ),
            (vec![("kind", "true_false")], "Say whether the statement is true or false."),
            (vec![("kind", "matching"), ("left-1", "a"), ("right-1", "b"), ("left-2", "c")], "Write both sides of pair 2."),
            (vec![("kind", "numerical"), ("value-1", "many")], "Write a number"),
            (vec![("kind", "numerical"), ("value-1", "5"), ("tolerance-1", "-1")], "not below zero"),
            (vec![("kind", "short_answer")], "Write the right answer"),
        ] {
            let form = format!("/coordinator/questions/{chapter}/write/{}", typed[0].1);
            let fields = [vec![("chapter", chapter.as_str())], COMMON.to_vec(), typed].concat();
            assert_eq!(browser.send(&form, "write-question", &fields, write_question(chapters[0])).await.unwrap(), form);
            let html = browser.open(&form).await.html;
            assert!(html.contains(message) && html.contains("Which of &lt;b&gt;these&lt;/b&gt;?"), "{message}: {html}");
        }
    })
    .await;
}

#[tokio::test]
async fn several_are_approved_and_retired_at_once() {
    each_db(async |program| {
        let browser = Browser::of(&program, &program.coordinator).await;
        let (_, chapters) = book(&program, "Complete Guide to Diabetes").await;
        let page = format!("/coordinator/questions/{}", chapters[0]);
        let ids: Vec<String> = live(&program, chapters[0]).await.iter().map(|question| question.id.to_string()).collect();
        let some = |count: usize| ids.iter().take(count).map(|id| ("question", id.as_str())).collect::<Vec<_>>();
        browser.send(&page, "approve-questions", &some(2), approve_questions(chapters[0])).await.unwrap();
        let approved = live(&program, chapters[0]).await.iter().filter(|one| one.status() == Status::Approved).count();
        assert_eq!(approved, 2);
        // Named for another chapter, nothing happens.
        browser.send(&page, "retire-questions", &some(3), retire_questions(chapters[1])).await.unwrap();
        assert_eq!(live(&program, chapters[0]).await.len(), ids.len());
        let done = browser.send(&page, "retire-questions", &some(3), retire_questions(chapters[0])).await.unwrap();
        assert_eq!(done, format!("{page}?done=questions-retired"));
        assert_eq!(live(&program, chapters[0]).await.len(), ids.len() - 3);
    })
    .await;
}

const FILE: &str = "$CATEGORY: Chapter 2\n\n::One::First? {=a ~b}\n\n::Two::Second? {T}\n\n$CATEGORY: Elsewhere\n\nThird? {#5}\n\nNot a question.\n";

async fn insert(program: &Program, outline: OutlineId, text: &str) -> QuestionImportId {
    let who = who(program);
    let mut tx = program.state.write(&who).await.unwrap();
    let read = formats::read(text.as_bytes()).unwrap();
    let id = store::insert_file(&mut tx, &who, outline, None, "questions.txt", read).await.unwrap();
    tx.commit().await.unwrap();
    id
}

async fn bring_in(program: &Program, id: QuestionImportId, placing: &Placing) -> Result<bool, AppError> {
    let who = who(program);
    let mut tx = program.state.write(&who).await.unwrap();
    let done = store::bring_file_in(&mut tx, &who, id, placing, &Progress::default()).await?;
    tx.commit().await.unwrap();
    Ok(done)
}

#[tokio::test]
async fn a_file_comes_in_once_by_category_and_unreviewed() {
    each_db(async |program| {
        let browser = Browser::of(&program, &program.coordinator).await;
        let (outline, chapters) = book(&program, "Complete Guide to Diabetes").await;
        let before = live(&program, chapters[1]).await.len();
        let id = insert(&program, outline, FILE).await;
        let page = format!("/coordinator/questions/import/{id}");
        let html = browser.open(&page).await.html;
        assert!(html.contains("Line 11") && html.contains("This is a description") && html.contains("Elsewhere (1)"), "{html}");

        // What cannot be taken is not passed over in silence.
        let (key, into) = (id.to_string(), chapters[1].to_string());
        let fields = [("questions", key.as_str()), ("into[0]", into.as_str())];
        assert_eq!(browser.send(&page, "import-questions", &fields, import_questions(id)).await.unwrap(), page);
        assert!(browser.open(&page).await.html.contains("tick that they are left out"));

        let placing = Placing::ByCategory(BTreeMap::from([("Chapter 2".to_owned(), chapters[1])]));
        assert_eq!(bring_in(&program, id, &placing).await, Ok(true));
        assert_eq!(bring_in(&program, id, &placing).await, Ok(false), "done twice, it is done once");
        let after = live(&program, chapters[1]).await;
        assert_eq!(after.len(), before + 2);
        assert!(after.iter().filter(|question| question.imported).all(|question| question.status() == Status::Written));
        let html = browser.open(&page).await.html;
        assert!(html.contains("2 questions are imported."), "{html}");
        assert!(browser.open("/coordinator/questions/import").await.html.contains("2 questions imported"));

        // The same file again: what is there stays out, the rest comes.
        let again = insert(&program, outline, FILE).await;
        assert!(browser.open(&format!("/coordinator/questions/import/{again}")).await.html.contains("in chapter 2 already"));
        assert!(matches!(bring_in(&program, again, &placing).await, Err(AppError::Refused(_))), "nothing is new");
        assert_eq!(bring_in(&program, again, &Placing::All(chapters[1])).await, Ok(true));
        assert_eq!(live(&program, chapters[1]).await.len(), before + 3);
        let file = store::find_file(&mut program.state.db.read().await.unwrap(), &who(&program), again).await.unwrap().unwrap();
        assert_eq!((file.state, file.added_count, file.refused_count), (FileState::Done, 1, 1));
    })
    .await;
}

#[tokio::test]
async fn a_file_that_is_given_up_or_forgotten_leaves_nothing() {
    each_db(async |program| {
        let (outline, _) = book(&program, "Complete Guide to Diabetes").await;
        let who = who(&program);
        let id = insert(&program, outline, FILE).await;
        let mut tx = program.state.write(&who).await.unwrap();
        store::discard_file(&mut tx, &who, id).await.unwrap();
        assert!(store::discard_file(&mut tx, &who, id).await.is_err());
        tx.commit().await.unwrap();
        let old = insert(&program, outline, FILE).await;
        program.state.clock.advance(chrono::Duration::days(8));
        insert(&program, outline, FILE).await;
        let mut tx = program.state.db.read().await.unwrap();
        assert!(store::find_file(&mut tx, &who, old).await.unwrap().is_none());
        assert_eq!(store::list_files(&mut tx, &who).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_chapter_goes_out_and_comes_in_the_same() {
    each_db(async |program| {
        let (outline, chapters) = book(&program, "Complete Guide to Diabetes").await;
        let who = who(&program);
        let mut tx = program.state.db.read().await.unwrap();
        let of_chapter = store::list_written_of_chapter(&mut tx, &who, chapters[0]).await.unwrap();
        let of_outline = store::list_written_of_outline(&mut tx, &who, outline).await.unwrap();
        assert!(of_chapter.len() > 4 && of_outline.len() > of_chapter.len());
        for format in Format::ALL {
            for entries in [&of_chapter, &of_outline] {
                let read = formats::read(format.write(entries).as_bytes()).unwrap();
                let read: Vec<_> = read.taken.into_iter().map(|entry| formats::Entry { line: 0, ..entry }).collect();
                assert_eq!(&read, entries, "{format}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn five_thousand_questions_come_in_while_progress_is_told() {
    let text: String = (0..5000).map(|number| format!("Question {number}? {{=right ~wrong}}\n\n")).collect();
    each_db(async |program| {
        let (outline, chapters) = book(&program, "Complete Guide to Diabetes").await;
        let id = insert(&program, outline, &text).await;
        let (who, progress) = (who(&program), Progress::default());
        let mut tx = program.state.write(&who).await.unwrap();
        let placing = Placing::All(chapters[0]);
        assert!(store::bring_file_in(&mut tx, &who, id, &placing, &progress).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(progress.now(), (5000, 5000));
        let (count,) = fetch_one!(
            &mut program.state.db.read().await.unwrap(),
            (i64,),
            "SELECT COUNT(*) FROM question WHERE import_id = $1",
            id
        )
        .unwrap();
        assert_eq!(count, 5000);
    })
    .await;
}

#[tokio::test]
async fn every_starter_outline_of_option_one_has_its_questions() {
    each_db(async |program| {
        for name in ["Complete Guide to Diabetes", "Understanding Diabetes"] {
            let (_, chapters) = book(&program, name).await;
            for chapter in chapters {
                assert!(live(&program, chapter).await.len() >= 5, "{name}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn questions_that_came_later_are_added_once() {
    each_db(async |program| {
        let (_, chapters) = book(&program, "Understanding Diabetes").await;
        let mut tx = program.state.write(&app::Stranger).await.unwrap();
        // As a program was filled before these questions were written.
        for chapter in &chapters {
            execute!(&mut tx, "DELETE FROM question WHERE chapter_id = $1", *chapter).unwrap();
        }
        assert!(!app::starter::fill(&mut tx).await.unwrap());
        tx.commit().await.unwrap();
        let first = live(&program, chapters[0]).await;
        assert!(first.len() >= 5 && first.iter().all(|question| question.status() == Status::Written));
        assert!(first.iter().any(|question| !question.draft.topic.is_empty()));
        let who = who(&program);
        let mut tx = program.state.write(&who).await.unwrap();
        for chapter in &chapters {
            for question in store::list_questions(&mut tx, &who, *chapter).await.unwrap() {
                store::retire(&mut tx, &who, question.id).await.unwrap();
            }
        }
        app::starter::fill(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        assert!(live(&program, chapters[0]).await.is_empty(), "what was retired does not come again");
    })
    .await;
}

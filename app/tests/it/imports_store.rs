//! Bringing lists in and taking them back, on both engines; and the lists that a coordinator takes along.

use app::db::{execute, fetch_all, fetch_one};
use app::enrollments::{self, State};
use app::error::AppError;
use app::exports::{self, List};
use app::id::{AccountId, EnrollmentId, ImportId};
use app::imports::progress::Progress;
use app::imports::rows::Standing;
use app::imports::{Kind, State as ImportState, open, store};
use app::people::{Coordinator, Role};
use app::{agreements, audit};

use crate::imports::day;
use crate::support::{Program, each_db};

fn desk(program: &Program) -> Coordinator {
    program.coordinator.coordinator().unwrap()
}

/// Reads a list and keeps it, as the page does.
async fn read(program: &Program, kind: Kind, csv: &str) -> ImportId {
    let found = open("list.csv", csv.as_bytes(), Some(kind)).unwrap();
    let mut tx = program.state.write(&program.coordinator).await.unwrap();
    let id = store::insert(&mut tx, &desk(program), "list.csv", &found).await.unwrap();
    tx.commit().await.unwrap();
    id
}

async fn bring_in(program: &Program, id: ImportId) -> Result<bool, AppError> {
    let mut tx = program.state.write(&program.coordinator).await?;
    let done = store::bring_in(&mut tx, &program.state, &desk(program), id, &Progress::default()).await?;
    tx.commit().await?;
    Ok(done)
}

async fn import(program: &Program, kind: Kind, csv: &str) -> ImportId {
    let id = read(program, kind, csv).await;
    assert!(bring_in(program, id).await.unwrap());
    id
}

async fn prepare(program: &Program, id: ImportId, invite: bool, leave_out: bool) {
    let mut tx = program.state.write(&program.coordinator).await.unwrap();
    store::prepare(&mut tx, &desk(program), id, invite, leave_out).await.unwrap();
    tx.commit().await.unwrap();
}

async fn undo(program: &Program, id: ImportId) -> Result<(), AppError> {
    let mut tx = program.state.write(&program.coordinator).await?;
    store::undo(&mut tx, &desk(program), id).await?;
    Ok(tx.commit().await?)
}

async fn found(program: &Program, id: ImportId) -> store::Import {
    store::find(&mut program.state.db.read().await.unwrap(), &desk(program), id).await.unwrap().unwrap()
}

/// How many rows each table has that an import writes to.
async fn counts(program: &Program) -> Vec<i64> {
    let mut tx = program.state.db.read().await.unwrap();
    let mut counts = Vec::new();
    macro_rules! count {
        ($($table:literal),*) => {$(
            counts.push(fetch_one!(&mut tx, (i64,), concat!("SELECT COUNT(*) FROM ", $table)).unwrap().0);
        )*};
    }
    count!(
        "account",
        "account_role",
        "mentor",
        "credential_check",
        "application",
        "enrollment",
        "mentor_match",
        "letter",
        "signature",
        "study_entry",
        "sign_off",
        "title",
        "edition",
        "copy",
        "invitation",
        "mail",
        "import_made",
        "import_sheet"
    );
    counts
}

async fn holds(program: &Program) {
    let mut tx = program.state.db.read().await.unwrap();
    audit::store::verify(&mut tx, &program.state.audit_key).await.unwrap().unwrap();
    assert_eq!(agreements::store::verify_hashes(&mut tx).await.unwrap(), Vec::<String>::new());
}

fn refusal<T: std::fmt::Debug>(result: Result<T, AppError>) -> String {
    match result {
        Err(AppError::Refused(refusal)) => refusal.to_string(),
        other => panic!("{other:?}"),
    }
}

const MENTORS: &str = "Name,Email,Phone,Discipline,County,Credential valid to\n\
    Ann Able,ann@qdei.test,406-555-0101,RN,Hill,2028-12-31\nBen Best,ben@qdei.test,,RD,Carter,\n";

const MENTEES: &str = "Name,Email,Discipline,Workplace,County,Counties served,Option,Book,Started on,Mentor,Status,Ended on,Completed on,Letter,Chapters read,Chapters discussed,Reason\n";

#[tokio::test]
async fn mentors_come_in_and_can_be_taken_back() {
    each_db(async |program| {
        let old = program.mentor("Old Hand", "30041").await;
        let before = counts(&program).await;
        let csv =
            format!("{MENTORS}Old Hand,{},406-555-0199,RN,Hill,\nCora Dinator,coordinator@qdei.test,,RN,Hill,\n", old.email);
        let id = import(&program, Kind::Mentors, &csv).await;
        let import = found(&program, id).await;
        assert_eq!((import.state, import.new_count, import.changed_count, import.same_count), (ImportState::Done, 2, 2, 0));
        let all =
            app::matching::store::list_mentors(&mut program.state.db.read().await.unwrap(), &desk(&program)).await.unwrap();
        let names: Vec<&str> = all.iter().map(|mentor| mentor.name.as_str()).collect();
        assert_eq!(names, ["Ann Able", "Ben Best", "Cora Dinator", "Old Hand"]);
        assert_eq!((all[0].valid_to, all[0].has_password), (Some(day("2028-12-31")), false));
        assert_eq!(all[3].phone, "406-555-0199");
        let after = counts(&program).await;
        assert_eq!((after[0] - before[0], after[14..16].to_vec()), (2, before[14..16].to_vec()), "two accounts, no mail");
        // The same file again changes nothing.
        let again = read(&program, Kind::Mentors, &csv).await;
        assert!(refusal(bring_in(&program, again).await).contains("here already"));
        undo(&program, id).await.unwrap();
        assert_eq!(counts(&program).await[..16], before[..16]);
        let phone = app::people::store::find(&mut program.state.db.read().await.unwrap(), old.id).await.unwrap().unwrap().phone;
        assert_eq!(phone, "");
        assert_eq!(found(&program, id).await.state, ImportState::Undone);
        undo(&program, id).await.unwrap();
        holds(&program).await;
    })
    .await;
}

#[tokio::test]
async fn a_history_reads_as_it_was() {
    each_db(async |program| {
        import(&program, Kind::Mentors, MENTORS).await;
        let before = counts(&program).await;
        let csv = format!(
            "{MENTEES}\
             Act Ive,active@qdei.test,RN,Clinic,Hill,\"Hill, Carter\",2,,2026-02-01,ann@qdei.test,,,,2026-02-20,\"1: 3/1/2026; 2: 4/1/2026; 3: 5/1/2026\",1-2,\n\
             Com Plete,complete@qdei.test,RD,,Carter,,2,,2015-02-01,ann@qdei.test,,,2016-01-31,2015-03-01,all,all,\n\
             With Drawn,withdrawn@qdei.test,PharmD,,Hill,,1,Complete Guide,2019-02-01,,,2019-06-01,,,2,,No time\n\
             Pau Sed,paused@qdei.test,RN,,Hill,,1,Pink Panther,2026-02-01,,paused,,,,,,\n\
             Com Plete,complete@qdei.test,RD,,Carter,,1,Complete Guide,2020-02-01,,,2020-03-01,,,,,Moved\n"
        );
        let id = import(&program, Kind::Mentees, &csv).await;
        let mut tx = program.state.db.read().await.unwrap();
        let rows = fetch_all!(&mut tx, (EnrollmentId, String, State), "SELECT e.id, a.name, e.state FROM enrollment e JOIN account a ON a.id = e.mentee_id ORDER BY e.started_at, a.name").unwrap();
        let states: Vec<(&str, State)> = rows.iter().map(|(_, name, state)| (name.as_str(), *state)).collect();
        assert_eq!(
            states,
            [
                ("Com Plete", State::Completed),
                ("With Drawn", State::Withdrawn),
                ("Com Plete", State::Withdrawn),
                ("Act Ive", State::Active),
                ("Pau Sed", State::Paused),
            ]
        );
        let story = enrollments::store::find(&mut tx, rows[3].0).await.unwrap().unwrap();
        assert_eq!((story.read, story.discussed, story.mentor.as_deref(), story.imported), (3, 2, Some("Ann Able"), true));
        let days = [Some(story.started_at), story.matched_at, story.letter_received_at, story.last_read_at]
            .map(|at| app::clock::today(at.unwrap()));
        assert_eq!(days, ["2026-02-01", "2026-02-01", "2026-02-20", "2026-05-01"].map(day));
        assert_eq!(story.due_on, day("2027-02-01"));
        let settings = app::settings::Settings::default();
        let (open, now) = (enrollments::moves(&story, &settings), program.state.clock.now());
        assert!(!open.is_empty() && open.iter().all(|one| !one.is_late(now)), "everything has its full time from the import: {open:?}");
        assert!(!enrollments::ladder::is_stalled(&story, &open, &settings, now));
        assert!(story.mentee_acted_at.is_none(), "nobody was heard from here yet");
        let done = enrollments::store::find(&mut tx, rows[0].0).await.unwrap().unwrap();
        assert!(done.completed_before && done.certificate.is_none() && done.discussed == done.chapters);
        assert_eq!(enrollments::signs(&done), [app::ui::Sign::Done; 8]);
        let letters = agreements::store::list(&mut tx, rows[3].0).await.unwrap();
        let signed = agreements::store::list_signatures(&mut tx, rows[3].0).await.unwrap();
        assert!(letters[0].text.contains("signed this letter on paper") && letters[0].text.contains("February 20, 2026"));
        assert_eq!(signed.iter().map(|one| one.entered_by.as_deref().unwrap()).collect::<Vec<_>>(), ["Cora Dinator"; 2]);
        let events = audit::store::list_of_enrollment(&mut tx, &desk(&program), rows[3].0).await.unwrap();
        assert_eq!(events.iter().map(|event| event.kind.as_str()).collect::<Vec<_>>(), ["enrollment.imported"]);
        drop(tx);
        holds(&program).await;
        // The clock runs over it as over everything else, and has nothing to say to anybody.
        enrollments::watch::run(&program.state).await.unwrap();
        assert_eq!(counts(&program).await[15], before[15]);
        undo(&program, id).await.unwrap();
        assert_eq!(counts(&program).await[..16], before[..16]);
        holds(&program).await;
    })
    .await;
}

#[tokio::test]
async fn books_come_in_once() {
    each_db(async |program| {
        let before = counts(&program).await;
        let csv = "Title,Publisher,Edition,Labels,Copies,Condition\n\
            Complete Guide to Diabetes,,5,\"CG-1, CG-2\",,good\nA New Book,A Press,1st edition,,3,new\nA New Book,,2nd edition,NB-X,,worn\n";
        let id = import(&program, Kind::Books, &csv.replace("A New Book,,2nd", "A New Book,A Press,2nd")).await;
        let after = counts(&program).await;
        assert_eq!((after[11] - before[11], after[13] - before[13]), (1, 6));
        let again = read(&program, Kind::Books, "Title,Labels\nComplete Guide,\"CG-1, CG-2\"\n").await;
        let (_, judgement) = store::look(
            &mut program.state.db.read().await.unwrap(),
            &desk(&program),
            &found(&program, again).await,
            program.state.clock.now(),
        )
        .await
        .unwrap();
        assert_eq!(judgement.problems.len() + judgement.count(|standing| *standing == Standing::Same), 1, "{judgement:?}");
        undo(&program, id).await.unwrap();
        assert_eq!(counts(&program).await[..16], before[..16]);
        holds(&program).await;
    })
    .await;
}

#[tokio::test]
async fn all_rows_come_in_or_none() {
    each_db(async |program| {
        let csv = format!("{MENTORS}Bad Row,nobody,,RN,Hill,\n");
        let id = read(&program, Kind::Mentors, &csv).await;
        let before = counts(&program).await;
        assert!(refusal(bring_in(&program, id).await).starts_with("1 row has a problem"));
        assert_eq!(counts(&program).await, before);
        assert_eq!(found(&program, id).await.state, ImportState::Read, "it can be set going again");
        prepare(&program, id, false, true).await;
        assert!(bring_in(&program, id).await.unwrap());
        let import = found(&program, id).await;
        assert_eq!((import.new_count, import.left_count), (2, 1));
        assert!(!bring_in(&program, id).await.unwrap(), "done once");
        assert_eq!(counts(&program).await[17], 0, "the rows that were read are let go");
        holds(&program).await;
    })
    .await;
}

#[tokio::test]
async fn two_who_import_the_same_at_once_import_it_once() {
    each_db(async |program| {
        let id = read(&program, Kind::Mentors, MENTORS).await;
        let (one, other) = tokio::join!(bring_in(&program, id), bring_in(&program, id));
        let done: Vec<bool> = [one, other].into_iter().map(Result::unwrap).collect();
        assert_eq!(done.iter().filter(|done| **done).count(), 1);
        assert_eq!(counts(&program).await[2], 2);
    })
    .await;
}

#[tokio::test]
async fn invitations_go_out_only_when_they_are_wanted() {
    each_db(async |program| {
        let id = read(&program, Kind::Mentors, MENTORS).await;
        prepare(&program, id, true, false).await;
        let before = counts(&program).await;
        assert!(bring_in(&program, id).await.unwrap());
        let after = counts(&program).await;
        assert_eq!((after[14] - before[14], after[15] - before[15]), (2, 2));
        // One has left the house already: it stays on record without the account, and its link is dead.
        let mut tx = program.state.write(&program.coordinator).await.unwrap();
        execute!(&mut tx, "UPDATE mail SET state = 'sent' WHERE name = 'Ann Able'").unwrap();
        tx.commit().await.unwrap();
        undo(&program, id).await.unwrap();
        let after = counts(&program).await;
        assert_eq!((after[0], after[14], after[15]), (before[0], before[14], before[15] + 1));
    })
    .await;
}

#[tokio::test]
async fn what_was_done_with_an_import_stands_in_the_way_of_taking_it_back() {
    each_db(async |program| {
        let mentors = import(&program, Kind::Mentors, MENTORS).await;
        let csv = format!("{MENTEES}Act Ive,active@qdei.test,RN,,Hill,,2,,2026-02-01,ann@qdei.test,,,,,1,,\n");
        let mentees = import(&program, Kind::Mentees, &csv).await;
        let said = refusal(undo(&program, mentors).await);
        assert!(said.contains("One mentee goes with a mentor"), "{said}");

        let books = import(&program, Kind::Books, "Title,Labels\nComplete Guide to Diabetes,CG-1\n").await;
        let mut tx = program.state.write(&program.coordinator).await.unwrap();
        let (copy,) = fetch_one!(&mut tx, (app::id::CopyId,), "SELECT id FROM copy WHERE label = 'CG-1'").unwrap();
        app::library::store::shelf::change_copy(&mut tx, desk(&program), copy, app::library::CopyAction::Lose).await.unwrap();
        tx.commit().await.unwrap();
        assert!(refusal(undo(&program, books).await).contains("CG-1: copy changed"));

        let mut tx = program.state.write(&program.coordinator).await.unwrap();
        let (mentee,) = fetch_one!(&mut tx, (AccountId,), "SELECT id FROM account WHERE email = 'active@qdei.test'").unwrap();
        app::people::store::update_password(&mut tx, mentee, "a hash").await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = program.state.db.read().await.unwrap();
        let way = store::in_the_way(&mut tx, &desk(&program), &found(&program, mentees).await).await.unwrap();
        assert_eq!(way.len(), 2, "{way:?}");
        assert!(way[0] == "Act Ive has set a password." && way[1].starts_with("Act Ive: password set on"), "{way:?}");
        drop(tx);
        assert!(undo(&program, mentees).await.is_err());
        assert_eq!(found(&program, mentees).await.state, ImportState::Done);
        holds(&program).await;
    })
    .await;
}

#[tokio::test]
async fn a_file_that_nobody_imports_is_forgotten_after_a_week() {
    each_db(async |program| {
        let old = read(&program, Kind::Mentors, MENTORS).await;
        program.state.clock.advance(chrono::Duration::days(8));
        let new = read(&program, Kind::Mentors, MENTORS).await;
        let all = store::list(&mut program.state.db.read().await.unwrap(), &desk(&program)).await.unwrap();
        assert_eq!(all.iter().map(|import| import.id).collect::<Vec<_>>(), [new]);
        let mut tx = program.state.write(&program.coordinator).await.unwrap();
        store::discard(&mut tx, &desk(&program), new).await.unwrap();
        assert!(store::discard(&mut tx, &desk(&program), old).await.is_err());
        tx.commit().await.unwrap();
        assert_eq!(counts(&program).await[17], 0);
    })
    .await;
}

#[tokio::test]
async fn lists_are_taken_along_without_private_words_and_without_formulas() {
    each_db(async |program| {
        let pair = program.pair(enrollments::OptionNumber::Two).await;
        program.person("=cmd|' /C calc'!A0", Role::Mentee).await;
        let mut tx = program.state.write(&pair.mentee).await.unwrap();
        let chapter = fetch_one!(
            &mut tx,
            (app::id::ChapterId,),
            "SELECT c.id FROM chapter c JOIN enrollment e ON e.outline_id = c.outline_id WHERE e.id = $1 AND c.number = 1",
            pair.enrollment
        )
        .unwrap()
        .0;
        let own = pair.mentee.own(&mut tx, pair.enrollment).await.unwrap();
        let entry = app::study::NewEntry {
            key: app::id::SubmissionKey::new(),
            chapter,
            studied_on: day("2026-01-01"),
            minutes: 30,
            reflection: "for my own eyes".into(),
            shared: false,
            replaces: None,
        };
        app::study::store::insert_entry(&mut tx, own, &entry).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = program.state.db.read().await.unwrap();
        for list in List::ALL {
            let table = exports::store::load(&mut tx, &desk(&program), *list).await.unwrap();
            assert!(table.rows.iter().all(|row| row.len() == table.columns.len()), "{list}");
            let (csv, json) = (String::from_utf8(table.csv()).unwrap(), String::from_utf8(table.json()).unwrap());
            assert!(!csv.contains("for my own eyes") && !json.contains("for my own eyes"));
            let read: Vec<serde_json::Value> = serde_json::from_str(&json).unwrap();
            assert_eq!(read.len(), table.rows.len());
            assert_eq!(csv.lines().count(), table.rows.len() + 1, "{csv}");
            if *list == List::People {
                assert!(csv.contains("'=cmd|"), "{csv}");
                assert_eq!(read.iter().filter(|one| one["name"] == "=cmd|' /C calc'!A0").count(), 1, "JSON keeps the name");
            }
            if *list == List::Enrollments {
                assert_eq!(read[0]["chapters_read"], 1);
                assert_eq!(read[0]["mentor"], pair.mentor.name);
            }
        }
    })
    .await;
}

/// Ten thousand mentees with five chapters each. Long; the measure of release builds is the row in the budget table.
#[tokio::test]
#[ignore = "takes a minute without optimisation"]
async fn ten_thousand_rows() {
    each_db(async |program| {
        import(&program, Kind::Mentors, MENTORS).await;
        let mut csv = MENTEES.to_owned();
        for number in 0..10_000 {
            csv.push_str(&format!("Mentee Number{number},m{number}@qdei.test,RN,Clinic,Hill,,2,,2024-02-01,ann@qdei.test,,,2025-02-01,2024-03-01,5,3,\n"));
        }
        let started = std::time::Instant::now();
        let id = read(&program, Kind::Mentees, &csv).await;
        let was_read = started.elapsed();
        assert!(bring_in(&program, id).await.unwrap());
        println!("read {was_read:?}, imported {:?}", started.elapsed() - was_read);
        assert_eq!(found(&program, id).await.new_count, 10_000);
        let started = std::time::Instant::now();
        undo(&program, id).await.unwrap();
        println!("taken back {:?}", started.elapsed());
    })
    .await;
}

//! The demo program: filled once, whole, and such that everything that can be verified holds.

use std::sync::Arc;

use app::State;
use app::clock::{Clock, today};
use app::db::{Db, fetch_all, fetch_one};
use app::enrollments::ladder::is_stalled;
use app::enrollments::{Story, moves};
use app::people::viewer::of_account;
use app::people::{Role, password, store as people};
use app::settings::Settings;
use chrono::{Datelike, Duration, NaiveDate};
use server::{check, demo};

async fn program(url: &str, clock: Clock) -> State {
    let db = Db::open(url).await.unwrap();
    db.migrate().await.unwrap();
    let state = State {
        db,
        clock,
        audit_key: app::audit::Key::derive(b"a key for tests"),
        base_url: "http://qdei.test".into(),
        demo: false,
        press: Arc::new(server::press::TypstPress::default()),
    };
    let mut tx = state.write(&app::Stranger).await.unwrap();
    app::starter::fill(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    state
}

async fn sqlite(clock: Clock) -> (State, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("program.db").display());
    (program(&url, clock).await, folder)
}

#[tokio::test]
async fn fills_an_empty_program_once() {
    let (state, _folder) = sqlite(Clock::default()).await;
    let started = std::time::Instant::now();
    assert!(demo::fill(&state).await.unwrap());
    println!("filled in {:?}", started.elapsed());
    assert!(!demo::fill(&state).await.unwrap());
    holds(&state).await;
    contract(&state).await;
    stages(&state).await;
    papers(&state).await;
}

#[tokio::test]
async fn fills_postgres() {
    let Ok(server) = std::env::var("QDEI_TEST_POSTGRES_URL") else {
        assert!(std::env::var("CI").is_err(), "CI must name a PostgreSQL server in QDEI_TEST_POSTGRES_URL");
        return;
    };
    let name = format!("demo_{}", std::process::id());
    let pool = sqlx::PgPool::connect(&server).await.unwrap();
    sqlx::query(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&pool).await.unwrap();
    pool.close().await;
    let (base, _) = server.rsplit_once('/').unwrap();
    let state = program(&format!("{base}/{name}"), Clock::default()).await;
    assert!(demo::fill(&state).await.unwrap());
    holds(&state).await;
    contract(&state).await;
    stages(&state).await;
}

/// Whatever the season and the year, the demo tells the same story, and its first certificate of 2026 is the known one.
#[tokio::test]
async fn fills_on_any_day() {
    for day in ["2026-01-02", "2026-02-27", "2026-07-01", "2027-03-14", "2028-12-31", "2031-11-02"] {
        let clock = Clock::default();
        let day: NaiveDate = day.parse().unwrap();
        clock.advance(Duration::days((day - today(clock.now())).num_days()));
        let (state, _folder) = sqlite(clock).await;
        demo::fill(&state).await.unwrap_or_else(|error| panic!("{day}: {error:#}"));
        holds(&state).await;
        contract(&state).await;
    }
}

/// `qdei check` passes, and nothing lies ahead of its time.
async fn holds(state: &State) {
    check::run(state, None).await.unwrap();
    let mut tx = state.db.read().await.unwrap();
    let last = fetch_one!(&mut tx, (chrono::DateTime<chrono::Utc>,), "SELECT max(at) FROM audit").unwrap().0;
    assert!(last <= state.clock.now(), "{last}");
    let rows = fetch_all!(&mut tx, (i64,), "SELECT COUNT(*) FROM account WHERE demo = FALSE").unwrap();
    assert_eq!(rows[0].0, 0, "every account is marked as the demo's");
    let due = fetch_all!(
        &mut tx,
        (i64,),
        "SELECT COUNT(*) FROM mail WHERE state = 'waiting' AND next_attempt_at <= $1",
        state.clock.now()
    )
    .unwrap();
    assert_eq!(due[0].0, 0, "no mail of the past is left to send");
}

/// The accounts and the certificate that outsiders rely on.
async fn contract(state: &State) {
    let mut tx = state.db.read().await.unwrap();
    for (email, role) in [
        ("coordinator", Role::Coordinator),
        ("mentor", Role::Mentor),
        ("mentee1", Role::Mentee),
        ("mentee2", Role::Mentee),
        ("mentee3", Role::Mentee),
    ] {
        let found = people::find_credentials(&mut tx, &format!("{email}@demo.qdei.example")).await.unwrap().unwrap();
        let viewer = of_account(&mut tx, found.id).await.unwrap().unwrap();
        assert!(viewer.holds(role), "{email}");
        if role == Role::Mentee {
            let story = app::enrollments::store::find_of_mentee(&mut tx, found.id).await.unwrap().unwrap();
            assert_eq!(format!("mentee{}", story.option_number), email);
            assert!(story.read > 0 && story.read < story.chapters && story.letter_received_at.is_some(), "{email} is mid-way");
        }
        if role == Role::Coordinator {
            assert!(password::verify(demo::PASSWORD.into(), found.password_hash).await.unwrap());
        }
    }
    let certificate = app::certificates::store::find_by_number(&mut tx, "QDEI-2026-0001").await.unwrap().unwrap();
    assert_eq!(certificate.issued_on.year(), 2026);
    assert_eq!(certificate.state, app::certificates::Standing::Valid);
}

/// Somebody stands at every stage.
async fn stages(state: &State) {
    let now = state.clock.now();
    let mut tx = state.db.read().await.unwrap();
    let email = "coordinator@demo.qdei.example";
    let id = people::find_credentials(&mut tx, email).await.unwrap().unwrap().id;
    let desk = of_account(&mut tx, id).await.unwrap().unwrap().coordinator().unwrap();
    let live = app::enrollments::store::list_live(&mut tx, &desk).await.unwrap();
    let ended = app::enrollments::store::list_ended(&mut tx, &desk, 0).await.unwrap();
    let settings = Settings::default();
    let waits = |story: &Story| {
        let open = moves(story, &settings);
        let stalled = if is_stalled(story, &open, &settings, now) { " (stalled)" } else { "" };
        let words: Vec<String> = open.iter().map(|one| format!("{:?} of {:?}", one.what, one.owner)).collect();
        format!("{:<22} {}{stalled}: {}", story.mentee, story.state.name(), words.join(", "))
    };
    for story in live.iter().chain(&ended) {
        println!("{}", waits(story));
    }
    for what in [
        "ProposeMentor",
        "AnswerProposal",
        "ChooseBook",
        "LendBook",
        "ConfirmBook",
        "MakePlan",
        "EvaluateSelf",
        "SignLetter",
        "ReceiveLetter",
        "ReadChapter",
        "TakeTest",
        "SignOff",
        "PlanExam",
        "IssueCertificate",
        "ReturnBook",
    ] {
        let found = live.iter().chain(&ended).any(|story| waits(story).contains(what));
        assert!(found || what == "PlanExam", "nobody waits for {what}");
    }
    let stalled = live.iter().filter(|story| waits(story).contains("stalled")).count();
    assert!((3..=12).contains(&stalled), "{stalled} stalled");
    assert!(live.iter().any(|story| story.state.name() == "Paused"));
    assert!(ended.iter().any(|story| story.state.name() == "Withdrawn"));
    let ready = live.iter().filter(|story| waits(story).contains("IssueCertificate")).count();
    assert!(ready >= 2, "{ready} ready for the certificate");
    let overdue = live.iter().chain(&ended).filter(|story| story.book_due_on.is_some_and(|due| due < today(now))).count();
    assert!((1..=3).contains(&overdue), "{overdue} books overdue");
}

/// Letters and certificates are those that the stores make: they can be printed and read.
async fn papers(state: &State) {
    let mut tx = state.db.read().await.unwrap();
    let letters = fetch_all!(&mut tx, (app::id::LetterId,), "SELECT id FROM letter WHERE state = 'received' LIMIT 1").unwrap();
    let paper = app::agreements::store::paper(&mut tx, letters[0].0).await.unwrap().unwrap();
    assert!(state.press.letter(&paper).unwrap().starts_with(b"%PDF"));
    let sealed = fetch_all!(&mut tx, (Vec<u8>,), "SELECT pdf FROM certificate").unwrap();
    assert!(sealed.len() >= 8 && sealed.iter().all(|(pdf,)| pdf.starts_with(b"%PDF")));
}

//! A program in a fresh database, on both engines, with the people a story needs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use app::agreements::Paper;
use app::certificates::Facts;
use app::clock::Clock;
use app::db::{Db, execute};
use app::enrollments::OptionNumber;
use app::error::AppError;
use app::id::{AccountId, ApplicationId, EnrollmentId, MatchId, OutlineId, SubmissionKey};
use app::people::viewer::of_account;
use app::people::{Role, Viewer};
use app::settings::Settings;
use app::{Press, State, Stranger};
use sqlx::types::Json;

/// Prints the facts as they are: what the papers look like is tested where they are printed.
struct PlainPress;

impl Press for PlainPress {
    fn certificate(&self, facts: &Facts) -> Result<Vec<u8>, AppError> {
        serde_json::to_vec(facts).map_err(|_| AppError::Internal)
    }

    fn letter(&self, paper: &Paper) -> Result<Vec<u8>, AppError> {
        serde_json::to_vec(paper).map_err(|_| AppError::Internal)
    }
}

/// A running program of its own, with the starter content and one coordinator.
pub struct Program {
    pub state: State,
    pub coordinator: Viewer,
    // Removed with the database in it when the test ends.
    _folder: Option<tempfile::TempDir>,
}

static COUNT: AtomicU32 = AtomicU32::new(0);

/// Runs a story on SQLite, and on PostgreSQL where `QDEI_TEST_POSTGRES_URL` names a server. CI names one.
pub async fn each_db(story: impl AsyncFn(Program)) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("program.db").display());
    story(Program::open(&url, Some(folder)).await).await;
    match std::env::var("QDEI_TEST_POSTGRES_URL") {
        Ok(server) => story(Program::open(&postgres(&server).await, None).await).await,
        Err(_) => assert!(std::env::var("CI").is_err(), "CI must name a PostgreSQL server in QDEI_TEST_POSTGRES_URL"),
    }
}

/// Runs a story on an empty database of either engine, not yet brought up to date.
pub async fn each_empty_db(story: impl AsyncFn(Db)) {
    let folder = tempfile::tempdir().unwrap();
    story(Db::open(&format!("sqlite:{}", folder.path().join("program.db").display())).await.unwrap()).await;
    if let Ok(server) = std::env::var("QDEI_TEST_POSTGRES_URL") {
        story(Db::open(&postgres(&server).await).await.unwrap()).await;
    }
}

/// Makes an empty database on the server and gives its address.
async fn postgres(server: &str) -> String {
    let name = format!("test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let pool = sqlx::PgPool::connect(server).await.unwrap();
    sqlx::query(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&pool).await.unwrap();
    pool.close().await;
    let (base, _) = server.rsplit_once('/').unwrap();
    format!("{base}/{name}")
}

impl Program {
    async fn open(url: &str, folder: Option<tempfile::TempDir>) -> Self {
        let db = Db::open(url).await.unwrap();
        db.migrate().await.unwrap();
        let state = State {
            db,
            clock: Clock::default(),
            audit_key: app::audit::Key::derive(b"a key for tests"),
            base_url: "http://qdei.test".into(),
            demo: false,
            press: Arc::new(PlainPress),
        };
        let mut tx = state.write(&Stranger).await.unwrap();
        assert!(app::starter::fill(&mut tx).await.unwrap());
        tx.commit().await.unwrap();
        let coordinator = person(&state, "coordinator@qdei.test", "Cora Dinator", Role::Coordinator).await;
        Self { state, coordinator, _folder: folder }
    }

    /// A person with a role.
    pub async fn person(&self, name: &str, role: Role) -> Viewer {
        let email = format!("{}@qdei.test", name.to_lowercase().replace(' ', "."));
        person(&self.state, &email, name, role).await
    }

    /// A mentor for all options, with room for three, in a county (FIPS).
    pub async fn mentor(&self, name: &str, county: &str) -> Viewer {
        let who = self.person(name, Role::Mentor).await;
        let mut tx = self.state.write(&self.coordinator).await.unwrap();
        let now = tx.now();
        execute!(
            &mut tx,
            "INSERT INTO mentor (account_id, discipline, county, options, ways, interests, capacity, updated_at)
             VALUES ($1, 'nurse', $2, $3, $4, $5, 3, $6)",
            who.id,
            county,
            Json(vec![1, 2, 3]),
            Json(vec!["phone", "video"]),
            Json(Vec::<String>::new()),
            now
        )
        .unwrap();
        execute!(
            &mut tx,
            "INSERT INTO credential_check (id, mentor_id, checked_by, checked_at, valid_to) VALUES ($1, $2, $3, $4, $5)",
            app::id::CredentialCheckId::new(),
            who.id,
            self.coordinator.id,
            now,
            app::clock::today(now) + chrono::Duration::days(700)
        )
        .unwrap();
        tx.commit().await.unwrap();
        who
    }

    /// The newest outline of an option; for Option 1 that of the Complete Guide.
    pub async fn outline(&self, option: OptionNumber) -> OutlineId {
        let mut tx = self.state.db.read().await.unwrap();
        let rows = app::db::fetch_all!(
            &mut tx,
            (OutlineId, Json<Vec<i32>>),
            "SELECT o.id, o.options FROM outline o JOIN edition e ON e.id = o.edition_id JOIN title t ON t.id = e.title_id
             ORDER BY t.name, o.version DESC"
        )
        .unwrap();
        rows.into_iter().find(|(_, options)| options.contains(&i32::from(option))).unwrap().0
    }

    /// A mentee who was accepted into an option, without a mentor yet.
    pub async fn enrollment(&self, name: &str, option: OptionNumber) -> (Viewer, EnrollmentId) {
        let who = self.person(name, Role::Mentee).await;
        let outline = self.outline(option).await;
        let mut tx = self.state.write(&self.coordinator).await.unwrap();
        let now = tx.now();
        let application = ApplicationId::new();
        execute!(
            &mut tx,
            "INSERT INTO application (id, submission_key, name, email, phone, discipline, workplace, county, counties_served,
                option_number, outline_id, ways, interests, reason, came_by, created_at, state, decided_at, decided_by)
             VALUES ($1, $2, $3, $4, '406-555-0100', 'nurse', 'Clinic', '30049', $5, $6, $7, $8, $9, '', 'form', $10,
                'accepted', $10, $11)",
            application,
            SubmissionKey::new(),
            name,
            &who.email,
            Json(vec!["30049"]),
            option,
            outline,
            Json(vec!["phone"]),
            Json(Vec::<String>::new()),
            now,
            self.coordinator.id
        )
        .unwrap();
        let settings = Settings::default();
        let id = app::enrollments::store::insert(&mut tx, application, who.id, option, outline, &settings).await.unwrap();
        tx.commit().await.unwrap();
        (who, id)
    }

    /// A mentee and a mentor whose match was accepted.
    pub async fn pair(&self, option: OptionNumber) -> Pair {
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let (mentee, enrollment) = self.enrollment(&format!("Mena Tee {number}"), option).await;
        let mentor = self.mentor(&format!("Men Tor {number}"), "30049").await;
        let mut tx = self.state.write(&mentor).await.unwrap();
        let now = tx.now();
        let current = MatchId::new();
        execute!(
            &mut tx,
            "INSERT INTO mentor_match (id, enrollment_id, mentor_id, state, points, reasons, proposed_by, proposed_at, answer_by, answered_at)
             VALUES ($1, $2, $3, 'accepted', 0, $4, $5, $6, $6, $6)",
            current,
            enrollment,
            mentor.id,
            Json(Vec::<String>::new()),
            self.coordinator.id,
            now
        )
        .unwrap();
        tx.commit().await.unwrap();
        Pair { mentee, mentor, enrollment, current }
    }
}

/// Two people who go an option together.
pub struct Pair {
    pub mentee: Viewer,
    pub mentor: Viewer,
    pub enrollment: EnrollmentId,
    pub current: MatchId,
}

async fn person(state: &State, email: &str, name: &str, role: Role) -> Viewer {
    let mut tx = state.write(&Stranger).await.unwrap();
    let id: AccountId = app::people::store::find_or_insert(&mut tx, email, name, "").await.unwrap();
    app::people::store::grant(&mut tx, id, role).await.unwrap();
    tx.commit().await.unwrap();
    of_account(&mut state.db.read().await.unwrap(), id).await.unwrap().unwrap()
}

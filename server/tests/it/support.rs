//! The real router over a fresh database, and visitors who click and send forms as a browser without scripts does.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use app::clock::Clock;
use app::db::{Db, fetch_optional};
use app::people::{Role, password, store as people};
use app::{State, Stranger};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use server::press::TypstPress;
use server::router::{Guards, router};
use tower::ServiceExt;

pub const BASE: &str = "http://qdei.test";
pub const PASSWORD: &str = "a long enough password";

/// A running site of its own.
pub struct Site {
    pub state: State,
    router: Router,
    // Removed with the database in it when the test ends.
    _folder: Option<tempfile::TempDir>,
}

static COUNT: AtomicU32 = AtomicU32::new(0);

/// Runs a story on SQLite, and on PostgreSQL where `QDEI_TEST_POSTGRES_URL` names a server. CI names one.
pub async fn each_db(story: impl AsyncFn(Site)) {
    story(Site::new().await).await;
    match std::env::var("QDEI_TEST_POSTGRES_URL") {
        Ok(server) => story(Site::open(&postgres(&server).await, None).await).await,
        Err(_) => assert!(std::env::var("CI").is_err(), "CI must name a PostgreSQL server in QDEI_TEST_POSTGRES_URL"),
    }
}

/// Makes an empty database on the server and gives its address.
pub async fn postgres(server: &str) -> String {
    let name = format!("http_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let pool = sqlx::PgPool::connect(server).await.unwrap();
    sqlx::query(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&pool).await.unwrap();
    pool.close().await;
    let (base, _) = server.rsplit_once('/').unwrap();
    format!("{base}/{name}")
}

impl Site {
    /// A fresh site on SQLite.
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("site.db").display());
        Self::open(&url, Some(folder)).await
    }

    async fn open(url: &str, folder: Option<tempfile::TempDir>) -> Self {
        let db = Db::open(url).await.unwrap();
        db.migrate().await.unwrap();
        let state = State {
            db,
            clock: Clock::default(),
            audit_key: app::audit::Key::derive(b"a key for tests"),
            base_url: BASE.into(),
            demo: false,
            press: Arc::new(TypstPress::default()),
        };
        let mut tx = state.write(&Stranger).await.unwrap();
        app::starter::fill(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        let guards =
            Guards { trusted_proxies: Arc::new([]), metrics_token: Some("token".to_owned().into()), rate_limit: 10_000 };
        Self { router: router(state.clone(), &guards), state, _folder: folder }
    }

    /// The same site with another limit for strangers.
    pub fn limited(self, rate_limit: u32) -> Self {
        let guards = Guards { trusted_proxies: Arc::new([]), metrics_token: None, rate_limit };
        Self { router: router(self.state.clone(), &guards), ..self }
    }

    /// An account with a role and the password of these tests.
    pub async fn person(&self, email: &str, role: Role) {
        let hash = password::hash(PASSWORD.to_owned()).await.unwrap();
        let mut tx = self.state.write(&Stranger).await.unwrap();
        let id = people::find_or_insert(&mut tx, email, "A Person", "").await.unwrap();
        people::grant(&mut tx, id, role).await.unwrap();
        people::update_password(&mut tx, id, &hash).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub fn stranger(&self) -> Visitor<'_> {
        Visitor { site: self, cookie: None }
    }

    /// Somebody who has signed in.
    pub async fn signed_in(&self, email: &str, password: &str) -> Visitor<'_> {
        let mut visitor = self.stranger();
        let answer = visitor.send("sign-in", &[("email", email), ("password", password)]).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/home"), "{email}");
        visitor
    }

    pub async fn answer(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 16 << 20).await.unwrap().to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// The first column of the first row of a query, as text.
    pub async fn look_up(&self, sql: &'static str) -> String {
        let mut tx = self.state.db.read().await.unwrap();
        let row = fetch_optional!(&mut tx, (uuid::Uuid,), sql).unwrap();
        row.unwrap_or_else(|| panic!("nothing found by {sql}")).0.to_string()
    }
}

/// Somebody with a browser without scripts: keeps cookies, follows nothing by itself.
#[derive(Clone)]
pub struct Visitor<'a> {
    site: &'a Site,
    pub cookie: Option<String>,
}

/// What came back.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn html(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub fn location(&self) -> &str {
        self.headers.get(header::LOCATION).map_or("", |value| value.to_str().unwrap())
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl Visitor<'_> {
    pub async fn open(&mut self, path: &str) -> Answer {
        self.ask(Request::get(path).header(header::ACCEPT, "text/html"), Body::empty()).await
    }

    /// Sends a form to a server function, from the page `/from`.
    pub async fn send(&mut self, function: &str, fields: &[(&str, &str)]) -> Answer {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = Request::post(format!("/api/{function}"))
            .header(header::ACCEPT, "text/html")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            .header(header::REFERER, format!("{BASE}/from"));
        self.ask(request, Body::from(body)).await
    }

    pub async fn ask(&mut self, mut request: axum::http::request::Builder, body: Body) -> Answer {
        request = request.header(header::HOST, "qdei.test");
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, cookie);
        }
        let answer = self.site.answer(request.body(body).unwrap()).await;
        if let Some(set) = answer.headers.get(header::SET_COOKIE) {
            let cookie = set.to_str().unwrap().split(';').next().unwrap();
            self.cookie = (!cookie.ends_with('=')).then(|| cookie.to_owned());
        }
        answer
    }
}

/// Opens the page of an import until it has come to something.
pub async fn wait(cora: &mut Visitor<'_>, page: &str) -> String {
    for _ in 0..200 {
        let answer = cora.open(page).await;
        if answer.header("refresh").is_empty() {
            return answer.html();
        }
        assert!(answer.html().contains("<meter"));
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("{page} does not come to an end");
}

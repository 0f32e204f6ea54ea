//! The whole router in process over a database in a file, and visitors to it. Separate because most rows are measured
//! without a network between.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, ensure};
use app::State;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::routing::get;
use server::configuration::Data;
use server::router::{Guards, router};
use tower::ServiceExt;
use uuid::Uuid;

use crate::people::PASSWORD;

/// What a browser sends with every request.
const BROWSER: [(&str, &str); 3] = [("accept", "text/html"), ("accept-encoding", "gzip, deflate, br"), ("host", "budget.test")];

/// A site in this process.
pub struct Site {
    pub state: State,
    router: Router,
}

/// What came back.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// How the operator would set up a program whose data is in this folder.
pub fn data(folder: &Path) -> Data {
    Data {
        database_url: format!("sqlite:{}", folder.join("site.db").display()).into(),
        secret_key: None,
        data: folder.to_owned(),
        base_url: Some("http://budget.test".to_owned()),
    }
}

impl Site {
    pub async fn open(folder: &Path) -> anyhow::Result<Self> {
        let state = server::command::open(&data(folder), None).await?;
        let guards = Guards { trusted_proxies: Arc::new([]), metrics_token: None, rate_limit: 100_000 };
        Ok(Self { router: router(state.clone(), &guards), state })
    }

    pub fn stranger(&self) -> Visitor {
        Visitor { router: self.router.clone(), cookie: String::new() }
    }

    /// Somebody who has signed in: "mentee3".
    pub async fn signed_in(&self, name: &str) -> anyhow::Result<Visitor> {
        let email = format!("{name}@budget.test");
        let answer = self.stranger().send("sign-in", &[("email", &email), ("password", PASSWORD)]).await?;
        let cookie = answer.headers.get(header::SET_COOKIE).and_then(|set| set.to_str().ok()?.split(';').next());
        let cookie = cookie.with_context(|| format!("{email} could not sign in: {}", answer.status))?.to_owned();
        Ok(Visitor { router: self.router.clone(), cookie })
    }
}

/// A server that does nothing but answer: what every measurement is compared with.
pub fn bare() -> Router {
    Router::new().route("/", get(|| async { "hello" }))
}

/// Somebody with a browser.
#[derive(Clone)]
pub struct Visitor {
    router: Router,
    cookie: String,
}

impl Visitor {
    /// Somebody at the bare server.
    pub fn of_bare() -> Self {
        Self { router: bare(), cookie: String::new() }
    }

    pub async fn open(&self, path: &str) -> anyhow::Result<Answer> {
        self.ask(Request::get(path), Body::empty(), &BROWSER).await
    }

    /// The page before it is compressed.
    pub async fn open_plain(&self, path: &str) -> anyhow::Result<Answer> {
        self.ask(Request::get(path), Body::empty(), &[("accept", "text/html"), ("host", "budget.test")]).await
    }

    pub async fn send(&self, function: &str, fields: &[(&str, &str)]) -> anyhow::Result<Answer> {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = Request::post(format!("/api/{function}"))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin");
        self.ask(request, Body::from(body), &BROWSER).await
    }

    async fn ask(
        &self,
        mut request: axum::http::request::Builder,
        body: Body,
        sent: &[(&str, &str)],
    ) -> anyhow::Result<Answer> {
        for (name, value) in sent {
            request = request.header(*name, *value);
        }
        if !self.cookie.is_empty() {
            request = request.header(header::COOKIE, &self.cookie);
        }
        let (parts, body) = self.router.clone().oneshot(request.body(body)?).await?.into_parts();
        let body = to_bytes(body, 64 << 20).await?.to_vec();
        Ok(Answer { status: parts.status, headers: parts.headers, body })
    }
}

/// The fields of the form that logs a chapter, never the same twice.
pub fn entry(enrollment: Uuid, chapter: Uuid) -> [(&'static str, String); 7] {
    let today = app::clock::today(app::clock::Clock::default().now());
    [
        ("enrollment", enrollment.to_string()),
        ("chapter", chapter.to_string()),
        ("key", Uuid::now_v7().to_string()),
        ("studied_on", today.to_string()),
        ("minutes", "45".to_owned()),
        ("reflection", "What I read helps me to explain insulin in plain words.".to_owned()),
        ("shared", "on".to_owned()),
    ]
}

/// Logs a chapter and makes sure that it was taken.
pub async fn log_chapter(visitor: &Visitor, enrollment: Uuid, chapter: Uuid) -> anyhow::Result<()> {
    let fields = entry(enrollment, chapter);
    let answer = visitor.send("log-chapter", &fields.each_ref().map(|(name, value)| (*name, value.as_str()))).await?;
    let to = answer.headers.get(header::LOCATION).and_then(|to| to.to_str().ok()).unwrap_or_default();
    ensure!(to.contains("done=chapter-logged"), "the chapter was not logged: {} {to}", answer.status);
    Ok(())
}

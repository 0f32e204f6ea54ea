//! Every address of the server and what guards it; separate because tests run it in process, without a network.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use app::State;
use app::app::{Params, ROUTES, Rendered, Route};
use app::people::session::Store;
use app::ui::Assets;
use axum::Router;
use axum::body::Body;
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{MatchedPath, RawPathParams, Request};
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use axum::middleware;
use axum::routing::{MethodRouter, get, post};
use secrecy::{ExposeSecret, SecretString};
use tower_governor::GovernorLayer;
use tower_governor::governor::GovernorConfigBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::{CompressionLayer, CompressionLevel};
use tower_http::csrf::CsrfLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, RequestId, SetRequestIdLayer};
use tower_http::trace::TraceLayer;
use tower_sessions::cookie::SameSite;
use tower_sessions::{Expiry, SessionManagerLayer};

use crate::security::{self, ByAddress, Nonce};
use crate::{calendar, downloads, forms, metrics, site, unsubscribe, uploads};

/// What the router needs to know of the operator's settings.
#[derive(Clone, Debug)]
pub struct Guards {
    pub trusted_proxies: Arc<[IpAddr]>,
    pub metrics_token: Option<SecretString>,
    /// Requests one address may send at once to the addresses that strangers reach.
    pub rate_limit: u32,
}

/// Server functions that a stranger may call: limited by address.
const LIMITED: [&str; 5] = ["/api/sign-in", "/api/forgotten-password", "/api/welcome", "/api/apply", "/api/answer-follow-up"];

/// Pages that somebody might count through: limited by address too.
fn is_limited(route: &Route) -> bool {
    ["/verify/", "/welcome/", "/follow-up/"].iter().any(|start| route.path.starts_with(start))
        || route.path == unsubscribe::PATH
}

/// The whole server.
pub fn router(state: State, guards: &Guards) -> Router {
    let https = state.base_url.starts_with("https:");
    let proxies = guards.trusted_proxies.clone();
    // From the innermost layer outward.
    Router::new()
        .merge(pages_and_forms(&state, guards))
        .merge(within_limit(Router::new().route(unsubscribe::PATH, unsubscribe::followed(state.clone())), guards))
        .merge(within_limit(Router::new().route(calendar::FEED, calendar::followed(state.clone())), guards))
        .merge(site_files())
        .merge(uploads::logo_route(state.clone()))
        .merge(probes(&state, guards))
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .layer(middleware::from_fn(move |request, next| security::guard(https, proxies.clone(), request, next)))
        .layer(middleware::from_fn(metrics::count))
        .layer(CatchPanicLayer::custom(|_| {
            security::plain_page(
                StatusCode::INTERNAL_SERVER_ERROR,
                "Something went wrong on our side",
                "It has been noted. Go back and try again; if it stays, tell the coordinator what you were doing.",
            )
        }))
        .layer(TraceLayer::new_for_http().make_span_with(span))
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
}

/// Addresses hold tokens and ids: the log gets the route, not the address.
fn span(request: &Request) -> tracing::Span {
    let id = request.extensions().get::<RequestId>().and_then(|id| id.header_value().to_str().ok()).unwrap_or_default();
    let route = request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str);
    tracing::info_span!("request", id, method = %request.method(), route)
}

fn pages_and_forms(state: &State, guards: &Guards) -> Router {
    let secure = state.base_url.starts_with("https:");
    let sessions = SessionManagerLayer::new(Store(state.clone()))
        .with_name(if secure { "__Host-qdei" } else { "qdei" })
        .with_secure(secure)
        .with_same_site(SameSite::Lax)
        .with_expiry(Expiry::OnSessionEnd);
    let csrf = CsrfLayer::new().with_rejection_response(|_| security::cross_site());
    let csrf = match csrf.clone().add_trusted_origin(&*state.base_url) {
        Ok(layer) => layer,
        Err(_) => csrf,
    };
    let mut router = Router::new();
    for route in ROUTES.iter().filter(|route| !is_limited(route)) {
        router = router.route(route.path, page_of(route, state.clone()));
    }
    router
        .merge(limited(state, guards))
        .route("/api/{*function}", form_of(state.clone()))
        .merge(downloads::routes(state.clone()))
        .merge(uploads::routes(state.clone()))
        .fallback_service(get_page(None, state.clone()))
        .layer(sessions)
        .layer(csrf)
}

fn limited(state: &State, guards: &Guards) -> Router {
    let mut router = Router::new();
    for path in LIMITED {
        router = router.route(path, form_of(state.clone()));
    }
    for route in ROUTES.iter().filter(|route| is_limited(route)) {
        router = router.route(route.path, page_of(route, state.clone()));
    }
    within_limit(router, guards)
}

/// Limits by the client's address what strangers reach.
fn within_limit(router: Router, guards: &Guards) -> Router {
    let config = GovernorConfigBuilder::default()
        .key_extractor(ByAddress)
        .period(Duration::from_secs(2))
        .burst_size(guards.rate_limit.max(1))
        .finish();
    match config {
        Some(config) => router.layer(GovernorLayer::new(config).error_handler(security::too_often)),
        None => router,
    }
}

fn form_of(state: State) -> MethodRouter {
    post(move |request: Request| forms::handle(state, request))
}

fn page_of(route: &'static Route, state: State) -> MethodRouter {
    get_page(Some(route), state)
}

fn get_page(route: Option<&'static Route>, state: State) -> MethodRouter {
    get(move |params: Result<RawPathParams, RawPathParamsRejection>, request: Request| async move {
        let params = params.iter().flat_map(|params| params.iter()).map(|(key, value)| (key.to_owned(), value.to_owned()));
        let params = Params(params.collect());
        let (parts, _) = request.into_parts();
        let nonce = parts.extensions.get::<Nonce>().map(|nonce| nonce.0.clone()).unwrap_or_default();
        page(app::app::render(route, state, parts, params, &nonce, Assets(site::address)).await)
    })
}

/// A rendered page as an answer.
pub fn page(rendered: Rendered) -> Response<Body> {
    let mut response = Response::new(Body::from(rendered.html));
    *response.status_mut() = rendered.status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    if let Some(location) = rendered.location.and_then(|location| HeaderValue::from_str(&location).ok()) {
        headers.insert(header::LOCATION, location);
    }
    if let Some(whose) = rendered.whose.and_then(|whose| HeaderValue::from_str(&whose).ok()) {
        headers.insert(HeaderName::from_static("x-qdei-whose"), whose);
    }
    if rendered.again {
        headers.insert(header::REFRESH, HeaderValue::from_static("1"));
    }
    if rendered.status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    }
    response
}

fn site_files() -> Router {
    let router = Router::new().route(site::OFFLINE, get(site::offline));
    site::paths().fold(router, |router, path| router.route(path, get(site::serve)))
}

fn probes(state: &State, guards: &Guards) -> Router {
    let (ready, counted, token) = (state.clone(), state.clone(), guards.metrics_token.clone());
    Router::new()
        .route("/healthz", get(|| async { "alive\n" }))
        .route(
            "/readyz",
            get(move || async move {
                match ready.db.ping().await {
                    Ok(()) => (StatusCode::OK, "ready\n"),
                    Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the database cannot be reached\n"),
                }
            }),
        )
        .route(
            "/metrics",
            get(move |request: Request| async move {
                let given = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
                match token {
                    Some(token) if given.is_some_and(|given| is_bearer(given, &token)) => (
                        StatusCode::OK,
                        [(HeaderName::from_static("content-type"), "text/plain; version=0.0.4")],
                        metrics::text(&counted).await,
                    ),
                    _ => (StatusCode::NOT_FOUND, [(HeaderName::from_static("content-type"), "text/plain")], String::new()),
                }
            }),
        )
}

/// Compares hashes, so that the time taken says nothing about the token.
fn is_bearer(given: &str, token: &SecretString) -> bool {
    let expected = format!("Bearer {}", token.expose_secret());
    app::audit::Key::derive(given.as_bytes()) == app::audit::Key::derive(expected.as_bytes())
}

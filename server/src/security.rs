//! What stands between the network and the pages: headers, who is calling, and how often they may.
//! Separate because it is the same for every page and is read as one piece.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use app::form::Client;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use axum::middleware::Next;
use tower_governor::GovernorError;
use tower_governor::key_extractor::KeyExtractor;

/// The nonce of this request's one script.
#[derive(Clone, Debug)]
pub struct Nonce(pub Arc<str>);

/// Puts the nonce and the client into the request, and the security headers onto the answer.
pub async fn guard(https: bool, proxies: Arc<[IpAddr]>, mut request: Request, next: Next) -> Response<Body> {
    let nonce: Arc<str> = app::random_code::<16>().unwrap_or_default().into();
    let client = client(&request, &proxies);
    request.extensions_mut().insert(Nonce(nonce.clone()));
    request.extensions_mut().insert(client);
    let mut response = next.run(request).await;
    let policy = format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; \
         font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'"
    );
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    for (name, value) in HEADERS {
        // An answer may be stricter of itself: a secret address is told to nobody.
        headers.entry(HeaderName::from_static(name)).or_insert(HeaderValue::from_static(value));
    }
    if https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=63072000; includeSubDomains"));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

const HEADERS: [(&str, &str); 6] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
];

/// Whose request it is: the peer, or what a named proxy says of it.
fn client(request: &Request, proxies: &[IpAddr]) -> Client {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let text = |name| request.headers().get(name).and_then(|value: &HeaderValue| value.to_str().ok()).unwrap_or_default();
    let address = match peer {
        // The last address that is not one of ours is the one the outermost proxy saw.
        Some(peer) if proxies.contains(&peer) => text("x-forwarded-for")
            .rsplit(',')
            .filter_map(|part| part.trim().parse::<IpAddr>().ok())
            .find(|address| !proxies.contains(address))
            .unwrap_or(peer)
            .to_string(),
        Some(peer) => peer.to_string(),
        None => "unknown".to_owned(),
    };
    Client { address, browser: text("user-agent").chars().take(300).collect() }
}

/// Limits by the client's address.
#[derive(Clone, Copy, Debug)]
pub struct ByAddress;

impl KeyExtractor for ByAddress {
    type Key = String;

    fn extract<T>(&self, request: &axum::http::Request<T>) -> Result<Self::Key, GovernorError> {
        request.extensions().get::<Client>().map(|client| client.address.clone()).ok_or(GovernorError::UnableToExtractKey)
    }
}

/// The answer to a request that another site sent in a person's name.
pub fn cross_site() -> Response<Body> {
    plain_page(
        StatusCode::FORBIDDEN,
        "This came from another site",
        "For your safety it was not carried out. Open the page here and send it again.",
    )
}

/// The answer to an address that tries too often.
pub fn too_often(error: GovernorError) -> Response<Body> {
    let mut response = plain_page(
        StatusCode::TOO_MANY_REQUESTS,
        "That was a little too often",
        "Wait a minute, then go back and send it again. What you typed is still in the form.",
    );
    if let GovernorError::TooManyRequests { wait_time, .. } = error {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait_time.max(1)));
    }
    response
}

/// The answer to a body over the limit.
pub fn too_large() -> Response<Body> {
    plain_page(
        StatusCode::PAYLOAD_TOO_LARGE,
        "That is more than fits",
        "A form may hold about half a million characters in all. Go back and shorten it.",
    )
}

/// A page for answers that are given before anybody is looked up.
pub fn plain_page(status: StatusCode, title: &str, words: &str) -> Response<Body> {
    let body = format!(
        "<main id=\"main\" class=\"page page-narrow\"><h1>{}</h1><p class=\"lede\">{}</p>\
         <p><a class=\"button\" href=\"/home\">Go to my page</a></p></main>",
        app::ui::escape(title),
        app::ui::escape(words)
    );
    let mut response = Response::new(Body::from(app::ui::document(title, "", &body)));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    response
}

//! The files of the site, carried in the binary; separate so that one file, copied anywhere, serves everything.

use std::collections::HashMap;
use std::sync::LazyLock;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, Response, StatusCode, header};
use rust_embed::Embed;

#[derive(Embed)]
#[folder = "../target/site"]
struct Site;

/// File names with their content's hash, for addresses that a browser keeps for good.
static HASHES: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    Site::iter()
        .filter(|name| !name.ends_with(".br"))
        .filter_map(|name| {
            let hash = app::hex(&Site::get(&name)?.metadata.sha256_hash()[..8]);
            Some((format!("/{name}"), hash))
        })
        .collect()
});

/// The address of a file with the hash of its content.
pub fn address(path: &str) -> String {
    match HASHES.get(path) {
        Some(hash) => format!("{path}?v={hash}"),
        None => path.to_owned(),
    }
}

/// The addresses of all files, for the router.
pub fn paths() -> impl Iterator<Item = &'static str> {
    HASHES.keys().map(String::as_str)
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// Gives a file: compressed for who takes it, kept for good under its hash, else asked about by ETag.
pub async fn serve(request: Request) -> Response<Body> {
    let path = request.uri().path();
    let name = path.trim_start_matches('/');
    let Some(hash) = HASHES.get(path) else { return status(StatusCode::NOT_FOUND) };
    let etag = format!("\"{hash}\"");
    let sends =
        |name, value: &str| request.headers().get(name).and_then(|v| v.to_str().ok()).is_some_and(|v| v.contains(value));
    if sends(header::IF_NONE_MATCH, &etag) {
        return status(StatusCode::NOT_MODIFIED);
    }
    let brotli = sends(header::ACCEPT_ENCODING, "br").then(|| Site::get(&format!("{name}.br"))).flatten();
    let compressed = brotli.is_some();
    let Some(file) = brotli.or_else(|| Site::get(name)) else { return status(StatusCode::NOT_FOUND) };
    let for_good = request.uri().query() == Some(&format!("v={hash}"));
    let mut response = Response::new(match file.data {
        std::borrow::Cow::Borrowed(bytes) => Body::from(bytes),
        std::borrow::Cow::Owned(bytes) => Body::from(bytes),
    });
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(name)));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        headers.insert(header::ETAG, etag);
    }
    if compressed {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    let keep = if for_good { "public, max-age=31536000, immutable" } else { "public, no-cache" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    response
}

fn status(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

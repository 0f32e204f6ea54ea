//! The files of the site, carried in the binary; separate so that one file, copied anywhere, serves everything.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use rust_embed::Embed;
use sha2::{Digest, Sha256};

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

/// The page for when there is no line and nothing better is kept.
pub const OFFLINE: &str = "/offline";

/// Keeps the site open without a line. What it keeps stands in front of it, so that it changes with each of these files.
const WORKER: &str = "/service-worker.js";

/// What pages are made of, beside themselves.
const SHELL: [&str; 6] = ["/favicon.svg", "/kept.js", "/offline.js", "/pkg/qdei.css", "/pkg/qdei.js", "/pkg/qdei_bg.wasm"];

/// The service worker as the browser gets it, with its hash.
static WORKER_FILE: LazyLock<(String, Vec<u8>)> = LazyLock::new(|| {
    let shell: Vec<String> = SHELL.iter().filter(|path| HASHES.contains_key(**path)).map(|path| address(path)).collect();
    let page = offline_html();
    let code = Site::get(WORKER.trim_start_matches('/')).map(|file| file.data.into_owned()).unwrap_or_default();
    let version = hash_of(&[shell.join(" ").as_bytes(), page.as_bytes(), &code]);
    let head = format!("const VERSION = \"{version}\", OFFLINE = \"{OFFLINE}\", SHELL = {shell:?}\n");
    (version, [head.as_bytes(), &code].concat())
});

fn hash_of(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    parts.iter().for_each(|part| hash.update(part));
    app::hex(&hash.finalize()[..8])
}

fn offline_html() -> String {
    let style = address("/pkg/qdei.css");
    app::ui::offline_page().replace("\"/pkg/qdei.css\"", &format!("\"{style}\""))
}

/// Gives the page for when there is no line; the service worker asks for it beforehand.
pub async fn offline(request: Request) -> Response<Body> {
    let html = offline_html();
    content(&request, "text/html; charset=utf-8", &hash_of(&[html.as_bytes()]), html.into_bytes().into())
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

/// Gives a file of the site, compressed for who takes it.
pub async fn serve(request: Request) -> Response<Body> {
    let path = request.uri().path();
    let name = path.trim_start_matches('/');
    if path == WORKER {
        let (hash, file) = &*WORKER_FILE;
        return content(&request, content_type(WORKER), hash, file.as_slice().into());
    }
    let Some(hash) = HASHES.get(path) else { return status(StatusCode::NOT_FOUND) };
    let brotli = sends(&request, header::ACCEPT_ENCODING, "br").then(|| Site::get(&format!("{name}.br"))).flatten();
    let compressed = brotli.is_some();
    let Some(file) = brotli.or_else(|| Site::get(name)) else { return status(StatusCode::NOT_FOUND) };
    let mut response = content(&request, content_type(name), hash, file.data);
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if compressed && response.status() == StatusCode::OK {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    response
}

/// Bytes under their hash: kept for good by who asked with `?v=` and the hash, else asked about by ETag.
pub fn content(request: &Request, kind: &'static str, hash: &str, bytes: Cow<'static, [u8]>) -> Response<Body> {
    let etag = format!("\"{hash}\"");
    if sends(request, header::IF_NONE_MATCH, &etag) {
        return status(StatusCode::NOT_MODIFIED);
    }
    let for_good = request.uri().query() == Some(&format!("v={hash}"));
    let mut response = Response::new(match bytes {
        Cow::Borrowed(bytes) => Body::from(bytes),
        Cow::Owned(bytes) => Body::from(bytes),
    });
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        headers.insert(header::ETAG, etag);
    }
    let keep = if for_good { "public, max-age=31536000, immutable" } else { "public, no-cache" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    response
}

fn sends(request: &Request, name: HeaderName, value: &str) -> bool {
    request.headers().get(name).and_then(|sent| sent.to_str().ok()).is_some_and(|sent| sent.contains(value))
}

/// An answer without a body.
pub fn status(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

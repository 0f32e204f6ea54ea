//! Server functions over HTTP: reads what a form sent before its function runs, and answers plain forms with redirects
//! and pages. Separate because it is where forms without scripts and islands part.

use std::collections::HashSet;
use std::sync::Arc;

use app::State;
use app::error::AppError;
use app::form::{Call, Client, Typed};
use app::people::viewer::ViewerOfRequest;
use app::ui::Assets;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;
use leptos::prelude::provide_context;
use leptos::server_fn::error::FromServerFnError;

/// The largest form, in bytes.
pub const LARGEST: usize = 512 * 1024;

const FORM: &str = "application/x-www-form-urlencoded";

/// Runs the server function that the request names.
pub async fn handle(state: State, request: Request) -> Response<Body> {
    let (mut parts, body) = request.into_parts();
    let Ok(bytes) = to_bytes(body, LARGEST).await else { return crate::security::too_large() };
    let typed = typed(&parts.headers, &bytes);
    let call = Call {
        html: wants_html(&parts.headers),
        from: came_from(&parts.headers, &typed),
        form: parts.uri.path().rsplit('/').next().unwrap_or_default().to_owned(),
        failed: Arc::default(),
    };
    let as_json = accepts(&parts.headers, "application/json");
    // Leptos has an answer of its own for plain forms, which loses what was typed: it is not asked for it.
    parts.headers.insert(header::ACCEPT, HeaderValue::from_static("application/x-postcard"));
    if call.html && !parts.headers.contains_key(header::CONTENT_TYPE) {
        parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(FORM));
    }
    let aside = parts.clone();
    let client = parts.extensions.get::<Client>().cloned().unwrap_or_default();
    let context = {
        let (state, call, typed) = (state.clone(), call.clone(), typed.clone());
        let viewer = ViewerOfRequest::default();
        move || {
            provide_context(state.clone());
            provide_context(call.clone());
            provide_context(typed.clone());
            provide_context(client.clone());
            provide_context(viewer.clone());
            provide_context(Assets(crate::site::address));
        }
    };
    let arguments = if typed.0.is_empty() { Body::from(bytes) } else { Body::from(arguments(&typed)) };
    parts.headers.remove(header::CONTENT_LENGTH);
    let request = Request::from_parts(parts, arguments);
    let response = leptos_axum::handle_server_fns_with_context(context, request).await.into_response();
    if !call.html {
        return with_status(response, as_json).await;
    }
    let failed = call.failed.lock().ok().and_then(|mut failed| failed.take());
    if response.status() == StatusCode::SEE_OTHER {
        let mut answer = Response::new(Body::empty());
        *answer.status_mut() = StatusCode::SEE_OTHER;
        for name in [header::LOCATION, HeaderName::from_static(app::form::CLEAR)] {
            if let Some(value) = response.headers().get(&name) {
                answer.headers_mut().insert(name, value.clone());
            }
        }
        return answer;
    }
    // What the page wrote into the form itself (ids) did not fit: there is no such thing.
    let error = failed.unwrap_or(AppError::NotFound);
    crate::router::page(app::app::render_error(error, state, aside, Assets(crate::site::address)).await)
}

/// Gives a script's error the status that says the same, as Leptos sends 500 for all; and its reasons in words, if the
/// script asked for JSON.
async fn with_status(response: Response<Body>, as_json: bool) -> Response<Body> {
    if response.status() != StatusCode::INTERNAL_SERVER_ERROR {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, LARGEST).await else { return Response::from_parts(parts, Body::empty()) };
    let error = AppError::de(bytes.clone());
    parts.status = match error {
        AppError::NotSignedIn => StatusCode::UNAUTHORIZED,
        AppError::NotAllowed => StatusCode::FORBIDDEN,
        AppError::NotFound => StatusCode::NOT_FOUND,
        AppError::Invalid(_) | AppError::Refused(_) => StatusCode::UNPROCESSABLE_ENTITY,
        AppError::Busy => StatusCode::SERVICE_UNAVAILABLE,
        AppError::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    };
    if !as_json {
        return Response::from_parts(parts, Body::from(bytes));
    }
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Response::from_parts(parts, Body::from(serde_json::json!({ "reasons": reasons(error) }).to_string()))
}

/// What stood in the way, in words for the person who sent it.
fn reasons(error: AppError) -> Vec<String> {
    match error {
        AppError::Invalid(errors) => errors.into_iter().map(|error| error.message).collect(),
        AppError::Refused(refusal) => vec![refusal.to_string()],
        _ => Vec::new(),
    }
}

fn typed(headers: &HeaderMap, bytes: &[u8]) -> Typed {
    let is_form =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).is_none_or(|kind| kind.starts_with(FORM));
    if is_form { Typed(Arc::new(form_urlencoded::parse(bytes).into_owned().collect())) } else { Typed::default() }
}

/// What the server function's own arguments are read from: each plain field once. Boxes of one name and names with
/// brackets would be refused there; the function reads those from [`Typed`].
fn arguments(typed: &Typed) -> String {
    let mut seen = HashSet::new();
    let once = typed.0.iter().filter(|(name, _)| !name.contains('[') && seen.insert(name.as_str()));
    form_urlencoded::Serializer::new(String::new()).extend_pairs(once).finish()
}

/// Browsers and plain tools want a page; scripts name their own format.
fn wants_html(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_none_or(|accept| accept.contains("text/html") || accept.contains("*/*") && !accept.contains("postcard"))
}

fn accepts(headers: &HeaderMap, kind: &str) -> bool {
    headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(|accept| accept.contains(kind))
}

/// The page the form was on: as the form says, else as the browser says, without the word for what was done before.
pub(crate) fn came_from(headers: &HeaderMap, typed: &Typed) -> String {
    let said = typed.0.iter().find(|(name, _)| name == "_from").map(|(_, path)| path.clone());
    let referer = || {
        let text = headers.get(header::REFERER)?.to_str().ok()?;
        let uri: axum::http::Uri = text.parse().ok()?;
        Some(uri.path_and_query()?.to_string())
    };
    let from = said.or_else(referer).unwrap_or_default();
    let from = app::form::local_path(&from).unwrap_or("/home");
    match from.split_once('?') {
        Some((path, query)) => {
            let kept: Vec<&str> = query.split('&').filter(|pair| !pair.starts_with("done=")).collect();
            if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) }
        }
        None => from.to_owned(),
    }
}

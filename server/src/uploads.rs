//! Files that people send: the spreadsheet of an import. Separate because a file does not travel as a form of words does,
//! and may be a hundred times as large.

use std::sync::{Arc, Mutex};

use app::State;
use app::app::{render_error, within};
use app::error::AppError;
use app::form::{Call, FOR, Typed};
use app::imports::read::{LARGEST, Unreadable};
use app::imports::{self, api};
use app::people::viewer;
use app::ui::Assets;
use axum::Router;
use axum::body::Body;
use axum::extract::multipart::{Field, Multipart};
use axum::extract::{DefaultBodyLimit, FromRequest, Request};
use axum::http::request::Parts;
use axum::http::{Response, StatusCode, header};
use axum::routing::post;
use leptos::prelude::provide_context;
use leptos_axum::ResponseOptions;

use crate::{router, site};

/// How much of a file that is too large is read to its end, so that the browser listens to the answer.
const PATIENCE: usize = 4 * LARGEST;

/// The page with the form, which is also where it is sent to.
const IMPORT: &str = "/coordinator/import";

/// The uploads' routes.
pub fn routes(state: State) -> Router {
    let take = post(move |request: Request| import(state, request));
    Router::new().route(IMPORT, take).layer(DefaultBodyLimit::max(PATIENCE))
}

async fn import(state: State, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let assets = Assets(site::address);
    // Who may not send a file does not get to send one.
    let may = within(state.clone(), parts.clone(), assets, async { viewer().await?.coordinator() }).await;
    let who = match may {
        Ok(who) => who,
        Err(error) => return router::page(render_error(error, state, parts, assets).await),
    };
    let (mut typed, file) = match Multipart::from_request(Request::from_parts(parts.clone(), body), &()).await {
        Ok(form) => read(form).await,
        Err(_) => (Vec::new(), Err(Unreadable::NotATable)),
    };
    // A form so large that its beginning was not read either is answered to whoever sent it.
    if !typed.iter().any(|(name, _)| name == FOR) {
        typed.push((FOR.to_owned(), who.account().to_string()));
    }
    answer(state, parts, typed, file).await
}

/// Runs what a form would run, and answers as a form is answered.
async fn answer(state: State, parts: Parts, typed: Vec<(String, String)>, file: api::File) -> Response<Body> {
    let failed: Arc<Mutex<Option<AppError>>> = Arc::default();
    let call = Call { html: true, from: IMPORT.to_owned(), form: api::FORM.to_owned(), failed: failed.clone() };
    let options = ResponseOptions::default();
    let assets = Assets(site::address);
    let given = options.clone();
    let done = within(state.clone(), parts.clone(), assets, async move {
        provide_context(call);
        provide_context(Typed(Arc::new(typed)));
        provide_context(given);
        imports::api::take_file(file).await
    })
    .await;
    if let Err(error) = done {
        return router::page(render_error(error, state, parts, assets).await);
    }
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    let location = options.0.read().ok().and_then(|parts| parts.headers.get(header::LOCATION).cloned());
    if let Some(location) = location {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// The small fields of the form, and its file.
async fn read(mut form: Multipart) -> (Vec<(String, String)>, api::File) {
    let (mut typed, mut file) = (Vec::new(), Err(Unreadable::Empty));
    loop {
        match form.next_field().await {
            Ok(Some(field)) if field.file_name().is_some() => file = read_file(field).await,
            Ok(Some(field)) => {
                let name = field.name().unwrap_or_default().to_owned();
                // Only the hidden fields of the form come this way; each is short.
                typed.extend(field.text().await.ok().filter(|text| text.len() < 200).map(|text| (name, text)));
            }
            Ok(None) => return (typed, file),
            Err(error) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => return (typed, Err(Unreadable::TooLarge)),
            Err(_) => return (typed, Err(Unreadable::Damaged)),
        }
    }
}

/// A file in memory, up to the largest that is taken. What is larger is read on and thrown away.
async fn read_file(mut field: Field<'_>) -> api::File {
    let name = file_name(field.file_name().unwrap_or_default());
    let (mut bytes, mut length) = (Vec::new(), 0_usize);
    loop {
        match field.chunk().await {
            Ok(Some(chunk)) => {
                length += chunk.len();
                if length <= LARGEST {
                    bytes.extend_from_slice(&chunk);
                } else {
                    bytes = Vec::new();
                }
            }
            Ok(None) if length > LARGEST => return Err(Unreadable::TooLarge),
            Ok(None) => return Ok((name, bytes)),
            Err(error) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => return Err(Unreadable::TooLarge),
            Err(_) => return Err(Unreadable::Damaged),
        }
    }
}

/// The name of a file without the folders it lay in, which some browsers send along.
fn file_name(sent: &str) -> String {
    let name = sent.rsplit(['/', '\\']).next().unwrap_or_default();
    name.chars().filter(|sign| !sign.is_control()).take(200).collect()
}

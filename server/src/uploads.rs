//! Files that people send: the logo, lists to import, and a mentee's list of hours. Separate because server functions read plain forms
//! only; who may, what is wrong and where to go next are answered in the same way.

use std::sync::Arc;

use app::app::within;
use app::assessments::{self, formats};
use app::error::{AppError, FieldError};
use app::form::{self, Call, Typed, Upload, answer};
use app::id::AccountId;
use app::people::{Viewer, viewer};
use app::settings::logo;
use app::ui::Assets;
use app::{State, exam, imports, settings};
use axum::Router;
use axum::body::Body;
use axum::extract::multipart::{Field, Multipart};
use axum::extract::{DefaultBodyLimit, FromRequest, Request};
use axum::http::{Response, StatusCode, header};
use axum::routing::{get, post};
use leptos::prelude::provide_context;
use leptos_axum::ResponseOptions;

use crate::{forms, router, site};

/// Every address that takes a file. The access test reads it.
pub const PATHS: [&str; 5] =
    ["/uploads/logo", "/uploads/import-file", "/uploads/exam-hours", "/uploads/questions-file", "/uploads/question-picture"];

/// What a form may hold beside its file, in bytes.
const FIELDS: usize = 64 * 1024;

/// How much more of a file that is too large is still read, so that the browser hears the answer instead of a broken line.
const PATIENCE: usize = 16 * 1024 * 1024;

/// The routes that take files.
pub fn routes(state: State) -> Router {
    let [logo_path, import_path, hours_path, questions_path, picture_path] = PATHS;
    let (program, other) = (state.clone(), state.clone());
    let (bank, pictures) = (state.clone(), state.clone());
    let logo = post(move |request| take(program, request, coordinator, logo::LARGEST, settings::api::change_logo));
    let list = post(move |request| take(other, request, coordinator, imports::read::LARGEST, imports::api::take_file));
    let hours = post(move |request| take(state, request, mentee, exam::sheet::LARGEST, exam::api::take_file));
    let questions = post(move |request| take(bank, request, coordinator, formats::LARGEST, assessments::api::take_questions));
    let picture =
        post(move |request| take(pictures, request, coordinator, formats::LARGEST_PICTURE, assessments::api::take_picture));
    let with_patience = |limit: usize| DefaultBodyLimit::max(limit.saturating_mul(4) + PATIENCE);
    Router::new()
        .route(logo_path, logo.layer(with_patience(logo::LARGEST)))
        .route(import_path, list.layer(with_patience(imports::read::LARGEST)))
        .route(questions_path, questions.layer(with_patience(formats::LARGEST)))
        .route(picture_path, picture.layer(with_patience(formats::LARGEST_PICTURE)))
        .route(hours_path, hours.layer(with_patience(exam::sheet::LARGEST)))
}

fn coordinator(viewer: &Viewer) -> Result<AccountId, AppError> {
    viewer.coordinator().map(|who| who.account())
}

fn mentee(viewer: &Viewer) -> Result<AccountId, AppError> {
    viewer.mentee().map(|who| who.account())
}

/// Reads the form of somebody who `may` send it, with a file of at most `limit` bytes, and hands the file to `change`, a
/// function written as server functions are.
pub async fn take<Fut>(
    state: State,
    request: Request,
    may: fn(&Viewer) -> Result<AccountId, AppError>,
    limit: usize,
    change: fn(Upload) -> Fut,
) -> Response<Body>
where
    Fut: Future<Output = Result<(), AppError>> + Send + 'static,
{
    let (parts, body) = request.into_parts();
    let aside = parts.clone();
    let assets = Assets(site::address);
    let work = async move {
        let response = ResponseOptions::default();
        provide_context(response.clone());
        // Who may not send a file is not listened to.
        let may = viewer().await.and_then(|who| may(&who));
        let (mut typed, read) = match &may {
            Ok(_) => read_upload(Request::from_parts(parts.clone(), body), limit).await,
            Err(error) => (Vec::new(), Err(error.clone())),
        };
        // A form that broke off before it said for whom it was made: what is wrong is told to who sent it.
        if let (Ok(who), false) = (&may, typed.iter().any(|(name, _)| name == form::FOR)) {
            typed.push((form::FOR.to_owned(), who.to_string()));
        }
        let typed = Typed(Arc::new(typed));
        let name = parts.uri.path().rsplit('/').next().unwrap_or_default().to_owned();
        let from = forms::came_from(&parts.headers, &typed);
        provide_context(Call { html: true, from, form: name, failed: Arc::default() });
        provide_context(typed);
        match read {
            Ok(upload) => change(upload).await?,
            Err(error) => answer(async { Err(error) }).await?,
        }
        Ok::<_, AppError>(response)
    };
    match within(state.clone(), aside.clone(), assets, work).await {
        Ok(response) => see_other(&response),
        Err(error) => router::page(app::app::render_error(error, state, aside, assets).await),
    }
}

fn see_other(response: &ResponseOptions) -> Response<Body> {
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = StatusCode::SEE_OTHER;
    let location = response.0.read().ok().and_then(|parts| parts.headers.get(header::LOCATION).cloned());
    answer.headers_mut().extend(location.map(|location| (header::LOCATION, location)));
    answer
}

/// The fields of a form, and its file or what is wrong with it: the fields are there in any case, so that the form can
/// show them again. A form without a file gives an empty one; the change says that it is missing.
pub async fn read_upload(request: Request, limit: usize) -> (Vec<(String, String)>, Result<Upload, AppError>) {
    let (mut typed, mut upload) = (Vec::new(), Upload::default());
    let read = read_parts(request, limit, &mut typed, &mut upload).await;
    (typed, read.map(|()| upload))
}

async fn read_parts(
    request: Request,
    limit: usize,
    typed: &mut Vec<(String, String)>,
    upload: &mut Upload,
) -> Result<(), AppError> {
    let mut parts = Multipart::from_request(request, &()).await.map_err(|_| broken())?;
    let mut too_large = None;
    let mut fields = 0;
    while let Some(part) = parts.next_field().await.map_err(|_| broken())? {
        let name = part.name().unwrap_or_default().to_owned();
        if let Some(file_name) = part.file_name() {
            let file_name = file_name.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
            match read_part(part, limit).await? {
                Some(bytes) => *upload = Upload { file_name, bytes },
                None => too_large = Some(name),
            }
        } else {
            let bytes = read_part(part, FIELDS - fields).await?.ok_or_else(broken)?;
            fields += bytes.len();
            typed.push((name, String::from_utf8_lossy(&bytes).into_owned()));
        }
    }
    match too_large {
        Some(field) => {
            let message = format!("The file is larger than {}. Choose a smaller one.", size(limit));
            Err(AppError::Invalid(vec![FieldError { field, message }]))
        }
        None => Ok(()),
    }
}

/// A part's bytes; `None` when there are more than `limit`, which are read and dropped.
async fn read_part(mut part: Field<'_>, limit: usize) -> Result<Option<Vec<u8>>, AppError> {
    let (mut bytes, mut fits) = (Vec::new(), true);
    while let Some(chunk) = part.chunk().await.map_err(|_| broken())? {
        fits &= bytes.len() + chunk.len() <= limit;
        if fits {
            bytes.extend_from_slice(&chunk);
        }
    }
    Ok(fits.then_some(bytes))
}

/// A form that ends in the middle, holds too much, or is none.
fn broken() -> AppError {
    let message = "The file did not arrive whole, or is far too large. Choose it again.".to_owned();
    AppError::Invalid(vec![FieldError { field: String::new(), message }])
}

fn size(bytes: usize) -> String {
    match bytes / 1024 {
        kilo @ ..1024 => format!("{kilo} kB"),
        kilo => format!("{} MB", kilo / 1024),
    }
}

/// The logo in force, for everyone.
pub fn logo_route(state: State) -> Router {
    Router::new().route("/logo", get(move |request| logo(state, request)))
}

async fn logo(state: State, request: Request) -> Response<Body> {
    match find_logo(&state).await {
        Ok(Some((hash, kind, bytes))) => site::content(&request, kind, &hash, bytes.into()),
        Ok(None) => site::status(StatusCode::NOT_FOUND),
        Err(error) => {
            tracing::error!(?error, "logo");
            site::status(StatusCode::SERVICE_UNAVAILABLE)
        }
    }
}

async fn find_logo(state: &State) -> Result<Option<(String, &'static str, Vec<u8>)>, AppError> {
    let mut tx = state.db.read().await?;
    let Some(logo) = settings::store::current(&mut tx).await?.logo else { return Ok(None) };
    let found = settings::store::find_logo(&mut tx, &logo.hash).await?;
    Ok(found.map(|(kind, bytes)| (logo.hash, kind.content_type(), bytes)))
}

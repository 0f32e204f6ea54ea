//! Files that people take with them: the letter and the certificate as PDF, chosen enrolments as CSV. Separate because they are no pages; the
//! witnesses and the stores are the same.

use app::app::{render_error, within};
use app::error::AppError;
use app::id::{BulkId, CertificateId, LetterId};
use app::people::{Role, viewer};
use app::ui::Assets;
use app::{State, agreements, bulk, certificates};
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request};
use axum::http::{HeaderValue, Response, header};
use axum::routing::{MethodRouter, get};

use crate::{router, site};

/// Every download's address. The access test reads it.
pub const PATHS: [&str; 3] =
    ["/letters/{letter}/letter.pdf", "/certificates/{certificate}/certificate.pdf", "/coordinator/bulk/{bulk}/enrollments.csv"];

/// The downloads' routes.
pub fn routes(state: State) -> Router {
    let [letter_path, certificate_path, chosen_path] = PATHS;
    Router::new()
        .route(letter_path, pdf(state.clone(), "letter-of-agreement.pdf", letter))
        .route(certificate_path, pdf(state.clone(), "certificate.pdf", certificate))
        .route(chosen_path, csv(state, "enrollments.csv", chosen))
}

fn pdf<Fut>(state: State, name: &'static str, load: fn(State, String) -> Fut) -> MethodRouter
where
    Fut: Future<Output = Result<Vec<u8>, AppError>> + Send + 'static,
{
    of_one(state, "inline", name, "application/pdf", load)
}

fn csv<Fut>(state: State, name: &'static str, load: fn(State, String) -> Fut) -> MethodRouter
where
    Fut: Future<Output = Result<Vec<u8>, AppError>> + Send + 'static,
{
    of_one(state, "attachment", name, "text/csv; charset=utf-8", load)
}

/// The file that `load` makes of the id in the address, or the page of its error.
fn of_one<Fut>(
    state: State,
    how: &'static str,
    name: &'static str,
    kind: &'static str,
    load: fn(State, String) -> Fut,
) -> MethodRouter
where
    Fut: Future<Output = Result<Vec<u8>, AppError>> + Send + 'static,
{
    get(move |Path(id): Path<String>, request: Request| async move {
        let (parts, _) = request.into_parts();
        let assets = Assets(site::address);
        match within(state.clone(), parts.clone(), assets, load(state.clone(), id)).await {
            Ok(bytes) => file(how, name, kind, bytes),
            Err(error) => router::page(render_error(error, state, parts, assets).await),
        }
    })
}

fn file(how: &str, name: &str, kind: &'static str, bytes: Vec<u8>) -> Response<Body> {
    let mut response = Response::new(Body::from(bytes));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(value) = HeaderValue::from_str(&format!("{how}; filename=\"{name}\"")) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

async fn letter(state: State, id: String) -> Result<Vec<u8>, AppError> {
    let id: LetterId = id.parse().map_err(|_| AppError::NotFound)?;
    let viewer = viewer().await?;
    let mut tx = state.db.read().await?;
    agreements::store::who_may_read(&mut tx, &viewer, id).await?;
    let paper = agreements::store::paper(&mut tx, id).await?.ok_or(AppError::NotFound)?;
    drop(tx);
    state.press.letter(&paper)
}

async fn certificate(state: State, id: String) -> Result<Vec<u8>, AppError> {
    let id: CertificateId = id.parse().map_err(|_| AppError::NotFound)?;
    let viewer = viewer().await?;
    let mut tx = state.db.read().await?;
    let found = certificates::store::find(&mut tx, id).await?.ok_or(AppError::NotFound)?;
    if found.mentee_id != viewer.id && !viewer.holds(Role::Coordinator) {
        return Err(AppError::NotFound);
    }
    certificates::store::pdf(&mut tx, id).await?.ok_or(AppError::NotFound)
}

async fn chosen(state: State, id: String) -> Result<Vec<u8>, AppError> {
    let who = viewer().await?.coordinator().map_err(|_| AppError::NotFound)?;
    let id: BulkId = id.parse().map_err(|_| AppError::NotFound)?;
    app::enrollments::standing::catch_up(&state).await?;
    let mut tx = state.db.read().await?;
    bulk::store::find(&mut tx, &who, id).await?.ok_or(AppError::NotFound)?;
    bulk::file::csv(&bulk::store::list_exported(&mut tx, &who, id).await?)
}

//! The year report as files: CSV, XLSX and PDF, of what may leave the house. Separate from the other downloads because
//! they print what is kept, and these are reckoned when asked.

mod csv;
mod pdf;
mod xlsx;

use app::app::within;
use app::error::AppError;
use app::people::viewer;
use app::reports::{Report, pages, store};
use app::ui::Assets;
use app::{State, clock, settings};
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, Response, header};
use axum::routing::{MethodRouter, get};

use crate::{router, site};

/// A way to write a report.
struct Kind {
    ending: &'static str,
    content_type: &'static str,
    write: fn(&Report) -> Result<Vec<u8>, AppError>,
}

/// The report as CSV.
pub fn csv(state: State) -> MethodRouter {
    download(state, Kind { ending: "csv", content_type: "text/csv; charset=utf-8", write: csv::write })
}

/// The report as a spreadsheet.
pub fn xlsx(state: State) -> MethodRouter {
    let content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    download(state, Kind { ending: "xlsx", content_type, write: xlsx::write })
}

/// The report as paper.
pub fn pdf(state: State) -> MethodRouter {
    download(state, Kind { ending: "pdf", content_type: "application/pdf", write: pdf::write })
}

fn download(state: State, kind: Kind) -> MethodRouter {
    let kind = std::sync::Arc::new(kind);
    get(move |request: Request| async move {
        let (parts, _) = request.into_parts();
        let assets = Assets(site::address);
        match within(state.clone(), parts.clone(), assets, file(state.clone(), &kind)).await {
            Ok(response) => response,
            Err(error) => router::page(app::app::render_error(error, state, parts, assets).await),
        }
    })
}

async fn file(state: State, kind: &Kind) -> Result<Response<Body>, AppError> {
    let who = viewer().await?.coordinator()?;
    let now = state.clock.now();
    let mut tx = state.db.read().await?;
    let settings = settings::store::current(&mut tx).await?;
    let span = pages::asked(&settings, clock::today(now)).map_err(|_| AppError::NotFound)?;
    let report = store::for_outside(&mut tx, &who, span, now).await?;
    drop(tx);
    // Printing takes a while, and others are to be answered meanwhile.
    let write = kind.write;
    let name = format!("qdei-report-{}.{}", span.slug(), kind.ending);
    let bytes = tokio::task::spawn_blocking(move || write(&report)).await.map_err(|_| AppError::Internal)??;
    let mut response = Response::new(Body::from(bytes));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind.content_type));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

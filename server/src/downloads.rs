//! Files that people take with them: the letter and the certificate as PDF, the year report, the lists of the program or of
//! what was chosen, and what imports need. Separate because they are no pages; the witnesses and the stores are the same.

use app::app::{render_error, within};
use app::assessments::formats::Format;
use app::enrollments::{self, OptionNumber};
use app::error::AppError;
use app::exports::{self, List};
use app::id::{AppointmentId, BulkId, CertificateId, ChapterId, ImportId, LetterId, OutlineId};
use app::imports::{self, Kind};
use app::people::{Role, viewer};
use app::ui::Assets;
use app::{State, agreements, appointments, assessments, bulk, certificates, exam};
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, RawPathParams, Request};
use axum::http::{HeaderValue, Response, header};
use axum::routing::{MethodRouter, get};

use crate::{calendar, reports, router, site};

/// Every download's address. The access test reads it.
pub const PATHS: &[&str] = &[
    "/letters/{letter}/letter.pdf",
    "/certificates/{certificate}/certificate.pdf",
    "/appointments/{appointment}/talk.ics",
    "/coordinator/bulk/{bulk}/enrollments.csv",
    "/coordinator/export/{file}",
    "/coordinator/import/mentors.csv",
    "/coordinator/import/mentees.csv",
    "/coordinator/import/books.csv",
    "/coordinator/import/{import}/problems.csv",
    "/coordinator/questions/statistics.csv",
    "/coordinator/questions/{chapter}/questions.gift.txt",
    "/coordinator/questions/{chapter}/questions.xml",
    "/coordinator/questions/outline/{outline}/questions.gift.txt",
    "/coordinator/questions/outline/{outline}/questions.xml",
    "/questions/pictures/{picture}",
    "/mentee/exam/hours.csv",
    "/coordinator/reports/report.csv",
    "/coordinator/reports/report.xlsx",
    "/coordinator/reports/report.pdf",
];

/// The downloads' routes.
pub fn routes(state: State) -> Router {
    let mut router = Router::new()
        .route("/letters/{letter}/letter.pdf", pdf(state.clone(), "letter-of-agreement.pdf", letter))
        .route("/certificates/{certificate}/certificate.pdf", pdf(state.clone(), "certificate.pdf", certificate))
        .route("/appointments/{appointment}/talk.ics", saved(state.clone(), talk))
        .route("/coordinator/bulk/{bulk}/enrollments.csv", saved(state.clone(), chosen))
        .route("/coordinator/export/{file}", saved(state.clone(), list))
        .route("/coordinator/import/{import}/problems.csv", saved(state.clone(), problems))
        .route("/coordinator/questions/statistics.csv", saved(state.clone(), what_answers_say))
        .route("/questions/pictures/{picture}", picture(state.clone()))
        .route("/mentee/exam/hours.csv", saved(state.clone(), hours))
        .route("/coordinator/reports/report.csv", reports::csv(state.clone()))
        .route("/coordinator/reports/report.xlsx", reports::xlsx(state.clone()))
        .route("/coordinator/reports/report.pdf", reports::pdf(state.clone()));
    for format in Format::ALL {
        let ending = format.ending();
        let of_chapter = move |state, id| questions_of_chapter(state, id, *format);
        let of_outline = move |state, id| questions_of_outline(state, id, *format);
        router = router
            .route(&format!("/coordinator/questions/{{chapter}}/questions.{ending}"), saved(state.clone(), of_chapter))
            .route(&format!("/coordinator/questions/outline/{{outline}}/questions.{ending}"), saved(state.clone(), of_outline));
    }
    for kind in Kind::ALL {
        let path = format!("/coordinator/import/{}", kind.file_name());
        let name = move |state, _| template(state, *kind);
        router = router.route(&path, saved(state.clone(), name));
    }
    router
}

/// A file that is saved rather than shown, and what it is called.
type Saved = (String, Vec<u8>);

/// The answer with what `load` gives for the parameter of the address, or the page of its error.
fn saved<Fut>(state: State, load: impl Fn(State, String) -> Fut + Clone + Send + Sync + 'static) -> MethodRouter
where
    Fut: Future<Output = Result<Saved, AppError>> + Send + 'static,
{
    get(move |params: RawPathParams, request: Request| async move {
        let (parts, _) = request.into_parts();
        let assets = Assets(site::address);
        let param = params.iter().next().map(|(_, value)| value.to_owned()).unwrap_or_default();
        match within(state.clone(), parts.clone(), assets, load(state.clone(), param)).await {
            Ok((name, bytes)) => {
                let kind = match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
                    "json" => "application/json",
                    "ics" => calendar::CONTENT_TYPE,
                    "txt" => "text/plain; charset=utf-8",
                    "xml" => "application/xml",
                    _ => "text/csv; charset=utf-8",
                };
                file("attachment", &name, kind, bytes)
            }
            Err(error) => router::page(render_error(error, state, parts, assets).await),
        }
    })
}

/// A list of the program: `people.csv`, `loans.json`.
async fn list(state: State, file: String) -> Result<Saved, AppError> {
    let who = viewer().await?.coordinator()?;
    let (list, form) = file.split_once('.').ok_or(AppError::NotFound)?;
    let list: List = list.parse().map_err(|_| AppError::NotFound)?;
    let form: exports::Form = form.parse().map_err(|_| AppError::NotFound)?;
    let table = exports::store::load(&mut state.db.read().await?, &who, list).await?;
    let today = app::clock::today(state.clock.now());
    Ok((format!("qdei-{list}-{today}.{form}"), table.write(form)))
}

/// The invitation to an agreed talk, for the two it is between.
async fn talk(state: State, id: String) -> Result<Saved, AppError> {
    let viewer = viewer().await?;
    let id: AppointmentId = id.parse().map_err(|_| AppError::NotFound)?;
    let mut tx = state.db.read().await?;
    let found = appointments::store::find_invitation(&mut tx, viewer.id, id).await?.ok_or(AppError::NotFound)?;
    Ok(("talk.ics".to_owned(), calendar::invitation(&state, &found).into_bytes()))
}

/// A mentee's own log of hours, in the form in which it is read again.
async fn hours(state: State, _param: String) -> Result<Saved, AppError> {
    let mentee = viewer().await?.mentee()?;
    let mut tx = state.db.read().await?;
    let story = enrollments::store::find_of_mentee(&mut tx, mentee.account()).await?.ok_or(AppError::NotFound)?;
    if story.option_number != OptionNumber::Three {
        return Err(AppError::NotFound);
    }
    let entries = exam::store::list_hours(&mut tx, mentee.account()).await?;
    Ok(("hours-of-practice.csv".to_owned(), exam::sheet::csv(entries.iter().map(|one| one.new()))))
}

/// A chapter's questions as a file that Moodle reads.
async fn questions_of_chapter(state: State, id: String, format: Format) -> Result<Saved, AppError> {
    let who = viewer().await?.coordinator()?;
    let id: ChapterId = id.parse().map_err(|_| AppError::NotFound)?;
    let mut tx = state.db.read().await?;
    let chapter = assessments::store::find_bank_chapter(&mut tx, &who, id).await?.ok_or(AppError::NotFound)?;
    let entries = assessments::store::list_written_of_chapter(&mut tx, &who, id).await?;
    Ok((format!("questions-chapter-{}.{}", chapter.number, format.ending()), format.write(&entries).into_bytes()))
}

/// The same for every chapter of an outline.
async fn questions_of_outline(state: State, id: String, format: Format) -> Result<Saved, AppError> {
    let who = viewer().await?.coordinator()?;
    let id: OutlineId = id.parse().map_err(|_| AppError::NotFound)?;
    let mut tx = state.db.read().await?;
    if assessments::store::list_outline_chapters(&mut tx, &who, id).await?.is_empty() {
        return Err(AppError::NotFound);
    }
    let entries = assessments::store::list_written_of_outline(&mut tx, &who, id).await?;
    Ok((format!("questions.{}", format.ending()), format.write(&entries).into_bytes()))
}

/// A question's picture, for whoever is signed in: its address is its hash, which only those who were shown it know.
fn picture(state: State) -> MethodRouter {
    get(move |Path(hash): Path<String>, request: Request| async move {
        let (parts, _) = request.into_parts();
        let assets = Assets(site::address);
        let program = state.clone();
        let load = async move {
            viewer().await?;
            assessments::store::find_picture(&mut program.db.read().await?, &hash).await?.ok_or(AppError::NotFound)
        };
        match within(state.clone(), parts.clone(), assets, load).await {
            Ok((kind, bytes)) => {
                let mut response = file("inline", "picture", kind.content_type(), bytes);
                response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=86400"));
                response
            }
            Err(error) => router::page(render_error(error, state, parts, assets).await),
        }
    })
}

/// The enrolments that were chosen on a list.
async fn chosen(state: State, id: String) -> Result<Saved, AppError> {
    let who = viewer().await?.coordinator()?;
    let id: BulkId = id.parse().map_err(|_| AppError::NotFound)?;
    app::enrollments::standing::catch_up(&state).await?;
    let mut tx = state.db.read().await?;
    bulk::store::find(&mut tx, &who, id).await?.ok_or(AppError::NotFound)?;
    let bytes = bulk::file::csv(&bulk::store::list_exported(&mut tx, &who, id).await?)?;
    Ok(("enrollments.csv".to_owned(), bytes))
}

/// What answers say about the questions of one outline: the one that is asked for, else the first.
async fn what_answers_say(state: State, _param: String) -> Result<Saved, AppError> {
    let who = viewer().await?.coordinator()?;
    let asked = app::app::query("outline").and_then(|id| id.parse::<OutlineId>().ok());
    let mut tx = state.db.read().await?;
    let outlines = assessments::store::list_ruled_outlines(&mut tx, &who).await?;
    let outline = outlines.iter().find(|one| Some(one.id) == asked).or(outlines.first()).ok_or(AppError::NotFound)?;
    let figures = assessments::store::list_figures(&mut tx, &who, outline.id).await?;
    Ok(("what-answers-say.csv".to_owned(), assessments::figures_file::table(&figures).csv()))
}

async fn template(_state: State, kind: Kind) -> Result<Saved, AppError> {
    viewer().await?.coordinator()?;
    Ok((kind.file_name().to_owned(), imports::template::csv(kind)))
}

/// Every problem of a file that was read.
async fn problems(state: State, id: String) -> Result<Saved, AppError> {
    let who = viewer().await?.coordinator()?;
    let id: ImportId = id.parse().map_err(|_| AppError::NotFound)?;
    let mut tx = state.db.read().await?;
    let import = imports::store::find(&mut tx, &who, id).await?.ok_or(AppError::NotFound)?;
    let (_, judgement) = imports::store::look(&mut tx, &who, &import, state.clock.now()).await?;
    let rows = judgement.problems.into_iter().map(|problem| {
        let row = if problem.row == 0 { serde_json::Value::Null } else { problem.row.into() };
        vec![row, problem.column.into(), problem.value.into(), problem.what.into(), problem.mend.into()]
    });
    let table = exports::Table { columns: vec!["row", "column", "value", "problem", "how to mend it"], rows: rows.collect() };
    Ok(("problems.csv".to_owned(), table.csv()))
}

fn pdf<Fut>(state: State, name: &'static str, load: fn(State, String) -> Fut) -> MethodRouter
where
    Fut: Future<Output = Result<Vec<u8>, AppError>> + Send + 'static,
{
    get(move |Path(id): Path<String>, request: Request| async move {
        let (parts, _) = request.into_parts();
        let assets = Assets(site::address);
        match within(state.clone(), parts.clone(), assets, load(state.clone(), id)).await {
            Ok(bytes) => file("inline", name, "application/pdf", bytes),
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

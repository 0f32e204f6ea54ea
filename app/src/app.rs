//! The whole site map: every page, its address, and who may open it; and the document that goes around each page.
//! Separate because a newcomer starts reading here.
//!
//! Pages are asynchronous functions that give a [`Page`] or an [`AppError`]; [`render`] runs one, within the context
//! that server functions have too, and makes the complete document.

use std::pin::Pin;
use std::sync::Arc;

use axum::http::request::Parts;
use hydration_context::SsrSharedContext;
use leptos::prelude::{Owner, RenderHtml, provide_context};
use leptos::reactive::computed::ScopedFuture;

use crate::error::AppError;
use crate::people::viewer::ViewerOfRequest;
use crate::people::{Role, Viewer, viewer};
use crate::state::State;
use crate::ui::{self, Page};

/// Who may open a page. What belongs to one enrolment is checked again, by a witness, in the page itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    Anyone,
    SignedIn,
    Only(Role),
    /// The two of a pair: mentees and mentors.
    Pair,
}

impl Access {
    pub fn allows(self, viewer: &Viewer) -> bool {
        match self {
            Self::Anyone | Self::SignedIn => true,
            Self::Only(role) => viewer.holds(role),
            Self::Pair => viewer.holds(Role::Mentee) || viewer.holds(Role::Mentor),
        }
    }
}

type PageFuture = Pin<Box<dyn Future<Output = Result<Page, AppError>> + Send>>;

/// One page of the site.
#[derive(Clone, Copy)]
pub struct Route {
    /// As axum writes paths: `/mentee/chapters/{chapter}`.
    pub path: &'static str,
    pub access: Access,
    pub page: fn() -> PageFuture,
}

macro_rules! routes {
    ($($access:expr => { $($path:literal $page:path),* $(,)? })*) => {
        &[$($(Route { path: $path, access: $access, page: || Box::pin($page()) }),*),*]
    };
}

use Access::{Anyone, Only, Pair, SignedIn};
use Role::{Coordinator, Mentee, Mentor};

/// Every page, by who opens it.
pub const ROUTES: &[Route] = routes! {
    Anyone => {
        "/" crate::options::pages::home,
        "/options/{number}" crate::options::pages::option,
        "/who-sees-what" crate::options::pages::who_sees_what,
        "/apply" crate::applications::pages::apply,
        "/apply/thanks" crate::applications::pages::thanks,
        "/home" crate::people::pages::home,
        "/sign-in" crate::people::pages::sign_in,
        "/forgotten-password" crate::people::pages::forgotten_password,
        "/welcome/{token}" crate::people::pages::welcome,
        "/follow-up/{token}" crate::follow_ups::pages::follow_up,
        "/unsubscribe/{token}" crate::mail::pages::unsubscribe,
        "/verify" crate::certificates::pages::verify,
        "/verify/{number}" crate::certificates::pages::verify_number,
        "/verify/{number}/{code}" crate::certificates::pages::verify_code,
    }
    SignedIn => {
        "/account" crate::people::pages::account,
    }
    Pair => {
        "/enrollments/{enrollment}/chapters" crate::study::pages::chapters,
        "/enrollments/{enrollment}/chapters/{chapter}" crate::study::chapter::chapter,
        "/enrollments/{enrollment}/chapters/{chapter}/test" crate::assessments::pages::test,
        "/enrollments/{enrollment}/messages" crate::discussion::pages::messages,
        "/enrollments/{enrollment}/talk" crate::discussion::pages::talk,
        "/enrollments/{enrollment}/talk/time" crate::appointments::pages::time,
        "/enrollments/{enrollment}/letter" crate::agreements::pages::letter,
        "/enrollments/{enrollment}/plan" crate::plans::pages::plan,
        "/enrollments/{enrollment}/self-evaluation" crate::competencies::pages::self_evaluation,
        "/enrollments/{enrollment}/goals" crate::competencies::pages::goals,
        "/enrollments/{enrollment}/closing" crate::closings::pages::closing,
    }
    Only(Mentee) => {
        "/mentee" crate::enrollments::pages::mentee::home,
        "/mentee/book" crate::library::pages::my_book,
        "/mentee/exam" crate::exam::pages::exam,
        "/mentee/practice" crate::practice::pages::practices,
        "/mentee/practice/{practice}" crate::practice::pages::practice,
        "/mentee/exam/calendar" crate::exam::pages::calendar,
        "/mentee/exam/coverage" crate::exam::pages::coverage,
        "/mentee/exam/eligibility" crate::exam::pages::eligibility,
        "/mentee/exam/hours" crate::exam::pages::hours,
        "/mentee/time" crate::life::pages::time,
    }
    Only(Mentor) => {
        "/mentor" crate::enrollments::pages::mentor::home,
        "/mentor/former/{match}" crate::discussion::former::former,
        "/mentor/profile" crate::matching::pages::own_profile,
        "/mentor/proposals/{match}" crate::matching::pages::proposal,
    }
    Only(Coordinator) => {
        "/coordinator" crate::desk::pages::home,
        "/coordinator/enrollments" crate::enrollments::pages::list::list,
        "/coordinator/enrollments/{enrollment}" crate::enrollments::pages::coordinator::one,
        "/coordinator/enrollments/{enrollment}/certificate" crate::certificates::pages::of_enrollment,
        "/coordinator/enrollments/{enrollment}/enter" crate::behalf::pages::enter,
        "/coordinator/enrollments/{enrollment}/letter" crate::agreements::pages::coordinator_letter,
        "/coordinator/enrollments/{enrollment}/match" crate::matching::pages::match_mentor,
        "/coordinator/enrollments/{enrollment}/option" crate::life::pages::option,
        "/coordinator/enrollments/{enrollment}/tests" crate::assessments::pages::of_enrollment,
        "/coordinator/exam" crate::exam::pages::facts,
        "/coordinator/export" crate::exports::pages::export,
        "/coordinator/import" crate::imports::pages::imports,
        "/coordinator/import/{import}" crate::imports::pages::import,
        "/coordinator/bulk/{bulk}" crate::bulk::pages::preview,
        "/coordinator/mentors" crate::matching::pages::mentors,
        "/coordinator/mentors/new" crate::matching::pages::new_mentor,
        "/coordinator/mentors/{account}" crate::matching::pages::mentor,
        "/coordinator/enrollments/{enrollment}/book" crate::library::pages::lend,
        "/coordinator/library" crate::library::pages::library,
        "/coordinator/applications" crate::applications::pages::list,
        "/coordinator/applications/new" crate::applications::pages::enter,
        "/coordinator/applications/{application}" crate::applications::pages::one,
        "/coordinator/mail" crate::mail::pages::outbox,
        "/coordinator/mail/announce" crate::mail::pages::announce,
        "/coordinator/mail/templates" crate::mail::pages::texts,
        "/coordinator/mail/templates/{template}" crate::mail::pages::text,
        "/coordinator/editions/{edition}/outlines" crate::outlines::pages::edition,
        "/coordinator/outline-drafts/{outline_draft}" crate::outlines::pages::draft,
        "/coordinator/outlines/{outline}" crate::outlines::pages::outline,
        "/coordinator/outlines/{outline}/compare" crate::outlines::pages::compare,
        "/coordinator/outlines/{outline}/move" crate::outlines::pages::behind,
        "/coordinator/reports" crate::reports::pages::year,
        "/coordinator/questions" crate::assessments::pages::index,
        "/coordinator/questions/import" crate::assessments::pages::files,
        "/coordinator/questions/import/{questions}" crate::assessments::pages::file,
        "/coordinator/questions/rules" crate::assessments::pages::all_rules,
        "/coordinator/questions/rules/{scope}" crate::assessments::pages::rules,
        "/coordinator/questions/statistics" crate::assessments::pages::statistics,
        "/coordinator/questions/statistics/{question}" crate::assessments::pages::figures,
        "/coordinator/questions/{chapter}" crate::assessments::pages::chapter,
        "/coordinator/questions/{chapter}/edit/{question}" crate::assessments::pages::edit,
        "/coordinator/questions/{chapter}/question/{question}" crate::assessments::pages::version,
        "/coordinator/questions/{chapter}/write/{kind}" crate::assessments::pages::write,
        "/coordinator/self-evaluation" crate::competencies::pages::instrument,
        "/coordinator/self-evaluation/draft" crate::competencies::pages::draft,
        "/coordinator/settings" crate::settings::pages::settings,
        "/coordinator/settings/versions" crate::settings::pages::versions,
        "/coordinator/settings/people" crate::handover::pages::people,
        "/coordinator/settings/leave" crate::handover::pages::leave,
        "/coordinator/handover" crate::handover::pages::handover,
        "/coordinator/search" crate::search::pages::results,
    }
};

/// The parameters of a page's address.
#[derive(Clone, Debug, Default)]
pub struct Params(pub Vec<(String, String)>);

/// A parameter of the page's address, as an id or word. What does not parse is an unknown address.
pub fn param<T: std::str::FromStr>(name: &str) -> Result<T, AppError> {
    leptos::prelude::use_context::<Params>()
        .and_then(|params| params.0.iter().find(|(key, _)| key == name).and_then(|(_, value)| value.parse().ok()))
        .ok_or(AppError::NotFound)
}

/// A parameter after the question mark.
pub fn query(name: &str) -> Option<String> {
    let parts = leptos::prelude::use_context::<Parts>()?;
    let query = parts.uri.query()?;
    form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// The header of a page that is loaded ahead of its reader, to be there without a line: nobody has read it.
pub const AHEAD: &str = "x-qdei-ahead";

/// Whether the page is loaded for later.
pub fn is_ahead() -> bool {
    leptos::prelude::use_context::<Parts>().is_some_and(|parts| parts.headers.contains_key(AHEAD))
}

/// A finished page.
pub struct Rendered {
    pub status: axum::http::StatusCode,
    /// Where to go instead, for a page that only leads on.
    pub location: Option<String>,
    /// Whether the browser loads it again after a moment.
    pub again: bool,
    /// Whom it was made for: an account, empty for a stranger; `None` when nobody could be looked up.
    pub whose: Option<String>,
    pub html: String,
}

/// Runs `work` within the context that pages and server functions have.
pub async fn within<T>(state: State, parts: Parts, assets: ui::Assets, work: impl Future<Output = T>) -> T {
    let owner = Owner::new_root(Some(Arc::new(SsrSharedContext::new_islands())));
    let done = owner
        .with(|| {
            provide_context(state);
            provide_context(parts);
            provide_context(assets);
            provide_context(ViewerOfRequest::default());
            ScopedFuture::new(work)
        })
        .await;
    owner.unset();
    done
}

/// Runs a page and makes the complete document. `nonce` is for the one script of a page with islands.
pub async fn render(
    route: Option<&'static Route>,
    state: State,
    parts: Parts,
    params: Params,
    nonce: &str,
    assets: ui::Assets,
) -> Rendered {
    within(state, parts, assets, async move {
        provide_context(params);
        let page = match route {
            Some(route) => open(route).await,
            None => Err(AppError::NotFound),
        };
        document(page, nonce).await
    })
    .await
}

async fn open(route: &'static Route) -> Result<Page, AppError> {
    if route.access != Access::Anyone && !route.access.allows(&viewer().await?) {
        return Err(AppError::NotAllowed);
    }
    (route.page)().await
}

/// Makes the document of an error that a server function's plain form ended in.
pub async fn render_error(error: AppError, state: State, parts: Parts, assets: ui::Assets) -> Rendered {
    within(state, parts, assets, document(Err(error), "")).await
}

async fn document(page: Result<Page, AppError>, nonce: &str) -> Rendered {
    let page = page.unwrap_or_else(ui::error_page);
    if let Some(location) = page.location {
        return Rendered {
            status: axum::http::StatusCode::SEE_OTHER,
            location: Some(location),
            again: false,
            whose: None,
            html: String::new(),
        };
    }
    // A page must appear even when nobody can be looked up: the error page itself comes through here.
    let found = crate::people::viewer::maybe_viewer().await;
    let whose = found.as_ref().ok().map(|viewer| viewer.as_ref().map(|viewer| viewer.id.to_string()).unwrap_or_default());
    let viewer = found.ok().flatten();
    let status = page.status;
    let searches = viewer.as_ref().is_some_and(|viewer| viewer.holds(Role::Coordinator));
    let kept = viewer.as_ref().filter(|viewer| viewer.holds(Role::Mentee)).map(|viewer| ui::offline_scripts(viewer.id));
    let (title, again) = (page.title.clone(), page.again);
    let body = ui::layout(page, viewer).to_html();
    // The renderer marks where views begin and end, for islands to find them. Where there is none, nobody looks.
    let (body, mut scripts) = match body.contains("<leptos-island") {
        true => (body, ui::island_script(nonce)),
        false => (body.replace("<!>", ""), String::new()),
    };
    if searches {
        scripts.push_str(&ui::search_script());
    }
    scripts.push_str(&kept.unwrap_or_default());
    Rendered { status, location: None, again, whose, html: ui::document(&title, &scripts, &body) }
}

//! The look of the site: the frame of a page, its fields, tables and drawings. Knows nothing of the program's steps.

pub mod chart;
pub mod draw;
pub mod fields;

use axum::http::StatusCode;
use leptos::prelude::*;

use crate::app::query;
use crate::error::AppError;
use crate::form;
use crate::id::AccountId;
use crate::people::{Role, Viewer};
use crate::state;

pub use chart::*;
pub use draw::*;
pub use fields::*;

/// How wide a page reads best: a mentee's one column, the default, a coordinator's ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    Narrow,
    Usual,
    Wide,
}

/// A page before the frame is put around it.
pub struct Page {
    pub title: String,
    pub status: StatusCode,
    pub location: Option<String>,
    /// Whether it is loaded again after a moment, because something is under way.
    pub again: bool,
    width: Width,
    body: AnyView,
}

impl Page {
    pub fn narrow(title: impl Into<String>, body: impl IntoAny) -> Self {
        Self::new(title, Width::Narrow, body)
    }

    pub fn usual(title: impl Into<String>, body: impl IntoAny) -> Self {
        Self::new(title, Width::Usual, body)
    }

    pub fn wide(title: impl Into<String>, body: impl IntoAny) -> Self {
        Self::new(title, Width::Wide, body)
    }

    /// A page that leads on to another.
    pub fn lead_to(path: impl Into<String>) -> Self {
        Self { location: Some(path.into()), ..Self::usual("", ()) }
    }

    pub fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// A page that says how far something is: it comes again by itself until it is done.
    pub fn coming_again(self) -> Self {
        Self { again: true, ..self }
    }

    fn new(title: impl Into<String>, width: Width, body: impl IntoAny) -> Self {
        Self { title: title.into(), status: StatusCode::OK, location: None, again: false, width, body: body.into_any() }
    }
}

/// The page for an error, which always offers a way on.
pub fn error_page(error: AppError) -> Page {
    let (status, title, words, way, label) = match error {
        AppError::NotSignedIn => {
            let from = use_context::<axum::http::request::Parts>()
                .and_then(|parts| parts.uri.path_and_query().map(ToString::to_string))
                .unwrap_or_default();
            return Page::lead_to(form::sign_in_address(&from));
        }
        AppError::NotAllowed => (
            StatusCode::FORBIDDEN,
            "This page is not open to you",
            "It belongs to another role. If you think it should be open to you, tell the coordinator.",
            "/",
            "Go to the start page",
        ),
        AppError::NotFound => (
            StatusCode::NOT_FOUND,
            "There is nothing at this address",
            "The link may be old or mistyped. Everything that is yours can be reached from your own page.",
            "/home",
            "Go to my page",
        ),
        AppError::Refused(_) | AppError::Invalid(_) => (
            StatusCode::UNPROCESSABLE_ENTITY,
            "This could not be done",
            "Something in the form did not fit. Go back and look at it again.",
            "/home",
            "Go to my page",
        ),
        AppError::Busy => (
            StatusCode::SERVICE_UNAVAILABLE,
            "The program is busy just now",
            "Nothing is lost. Load this page again in a moment.",
            "/home",
            "Try again",
        ),
        AppError::Internal => (
            StatusCode::INTERNAL_SERVER_ERROR,
            "Something went wrong on our side",
            "It has been noted. Try again; if it stays, tell the coordinator what you were doing.",
            "/home",
            "Go to my page",
        ),
    };
    let body = view! {
        <h1>{title}</h1>
        <p class="lede">{words}</p>
        <p><a class="button" href=way>{label}</a></p>
    };
    Page::narrow(title, body).with_status(status)
}

/// The frame around a page: header with the ways of the viewer's roles, notice, body, footer.
pub fn layout(page: Page, viewer: Option<Viewer>) -> AnyView {
    let main_class = match page.width {
        Width::Narrow => "page page-narrow",
        Width::Usual => "page",
        Width::Wide => "page page-wide",
    };
    let done = query("done").and_then(|word| notice(&word));
    view! {
        <a class="skip-link" href="#main">"Skip to the page"</a>
        {state().demo.then(|| view! {
            <div class="demo-banner" role="note">
                <p>"Demo program: every person here is invented. Nothing you do reaches anyone."</p>
            </div>
        })}
        <header class="site-header">
            <a class="brand" href="/">
                {crate::settings::known::logo().map(|logo| view! {
                    <img class="logo" src=logo.address() alt=logo.alt width=logo.width height=logo.height />
                })}
                <svg viewBox="0 0 40 48" aria-hidden="true">
                    <path class="mark-post" d="M11 0h5v48h-5z"></path>
                    <path class="mark-arm" d="M2 6h29l8 8-8 8H2z"></path>
                </svg>
                <span>"QDEI " <small>"Quality Diabetes Education Initiative"</small></span>
            </a>
            {viewer.as_ref().filter(|viewer| viewer.holds(Role::Coordinator)).map(|_| search_field())}
            {nav(viewer.as_ref())}
            {who(viewer)}
        </header>
        <main id="main" class=main_class tabindex="-1">
            {done.map(|words| view! { <div class="notice good" role="status"><p>{words}</p></div> })}
            {page.body}
        </main>
        <footer class="site-footer">
            <p>"A program for health professionals. It holds no patient data."</p>
            <nav aria-label="Footer">
                <a href="/">"About the program"</a>
                <a href="/verify">"Check a certificate"</a>
                <a href="/who-sees-what">"Who sees what"</a>
            </nav>
        </footer>
    }
    .into_any()
}

fn nav(viewer: Option<&Viewer>) -> impl IntoView + use<> {
    let mut ways: Vec<(&'static str, &'static str)> = Vec::new();
    match viewer {
        None => ways.extend([("/apply", "Apply"), ("/verify", "Check a certificate")]),
        Some(viewer) => {
            for role in viewer.roles() {
                ways.extend(ways_of(role));
            }
        }
    }
    let here = use_context::<axum::http::request::Parts>().map(|parts| parts.uri.path().to_owned()).unwrap_or_default();
    // The longest way that the address lies under is where the person is.
    let current = ways.iter().map(|(path, _)| *path).filter(|path| under(&here, path)).max_by_key(|path| path.len());
    let links = ways
        .into_iter()
        .map(|(path, label)| view! { <a href=path aria-current=(current == Some(path)).then_some("page")>{label}</a> })
        .collect_view();
    view! { <nav class="site-nav" aria-label="Main">{links}</nav> }
}

fn under(here: &str, path: &str) -> bool {
    // Every page of the coordinator lies under the desk's address; only the desk itself is the desk.
    if path == Role::Coordinator.home() {
        return here == path;
    }
    here.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn ways_of(role: Role) -> &'static [(&'static str, &'static str)] {
    match role {
        Role::Mentee => &[("/mentee", "My study")],
        Role::Mentor => &[("/mentor", "My mentees"), ("/mentor/profile", "My profile")],
        Role::Coordinator => &[
            ("/coordinator", "Desk"),
            ("/coordinator/applications", "Applications"),
            ("/coordinator/enrollments", "Enrollments"),
            ("/coordinator/mentors", "Mentors"),
            ("/coordinator/library", "Library"),
            ("/coordinator/questions", "Questions"),
            ("/coordinator/reports", "Reports"),
            ("/coordinator/mail", "Mail"),
            ("/coordinator/settings", "Settings"),
        ],
    }
}

fn who(viewer: Option<Viewer>) -> impl IntoView {
    match viewer {
        None => view! { <div class="who"><a href="/sign-in">"Sign in"</a></div> }.into_any(),
        Some(viewer) => view! {
            <div class="who">
                <a href="/account">{viewer.name}</a>
                <form method="post" action="/api/sign-out"><button class="link-button">"Sign out"</button></form>
            </div>
        }
        .into_any(),
    }
}

/// Where the coordinator looks for anything, on every page.
fn search_field() -> impl IntoView {
    let typed = use_context::<axum::http::request::Parts>()
        .filter(|parts| parts.uri.path() == SEARCH)
        .and_then(|_| query("q"))
        .unwrap_or_default();
    view! {
        <form class="search" role="search" action=SEARCH>
            <label class="visually-hidden" for="search">"Search people, books, letters and numbers"</label>
            <input id="search" name="q" type="search" value=typed placeholder="Search" accesskey="/" aria-keyshortcuts="/" autocomplete="off" />
            <kbd aria-hidden="true">"/"</kbd>
        </form>
    }
}

const SEARCH: &str = "/coordinator/search";

/// The sentence for a `?done=` word: what happened, in the words of the page it stands on. An unknown word says nothing,
/// so that a forged link cannot put words into the program's mouth.
pub fn notice(word: &str) -> Option<&'static str> {
    NOTICES.iter().find(|(known, _)| *known == word).map(|(_, words)| *words)
}

const NOTICES: &[(&str, &str)] = &[
    ("letter-signed", "Your signature is kept, with the exact text you saw."),
    ("letter-complete", "Your signature is kept. Both of you have signed, and the letter is with the coordinator."),
    ("letter-received", "The letter is received. Both are told."),
    ("paper-signature-entered", "The signature on paper is entered."),
    ("book-arrived", "Good. Enjoy the reading."),
    ("book-back", "The book is back on the shelf, and the address it was sent to is erased."),
    ("book-lent", "The book is lent. The mentee reads of it in the next daily summary."),
    ("book-own", "Noted: you study with your own copy."),
    ("book-renewed", "You can keep the book longer. The new date stands below."),
    ("book-request-cancelled", "Your request for the book is taken back, and the address with it."),
    ("book-requested", "You asked for the book. The coordinator sees it now; you hear as soon as it is lent."),
    ("book-sent-back", "Thank you. The loan ends when the book is back on the shelf."),
    ("copies-added", "The copies are on the shelf."),
    ("copy-changed", "The copy is changed."),
    ("edition-added", "The edition is added."),
    ("plan-saved", "The plan is saved. You both see it."),
    ("title-added", "The title is added."),
    ("chapter-logged", "Logged. Your progress counts this chapter now."),
    ("chapter-signed-off", "Signed off. Your mentee hears of it with the next summary."),
    ("entry-corrected", "Corrected. The earlier entry stays in the list, and only the new one counts."),
    ("message-sent", "Sent. The other reads it here; the mail says only that there is a message."),
    ("talk-logged", "The talk is logged. Both of you see it here."),
    ("talk-confirmed", "Confirmed. It counts as both of you have it."),
    ("talk-corrected", "Put right. What you said counts, and the other is asked to confirm it."),
    ("follow-up-done", "Done, and off the agenda."),
    ("chapters-signed-off", "Signed off. Your mentee hears of it with the next summary."),
    ("message-corrected", "Corrected. The message says so."),
    ("message-taken-back", "Taken back. Its words are gone, and its place says so."),
    ("message-flagged", "It stands on the agenda of your next talk."),
    ("message-unflagged", "It is off the agenda."),
    ("times-proposed", "Proposed. The other reads of it in the next daily summary, and answers here."),
    ("time-agreed", "Agreed. The invitation is on its way to both of you by e-mail."),
    ("times-declined", "Declined. The other is told. You can propose times yourself below."),
    ("times-withdrawn", "Taken back. Nobody is asked any more."),
    ("talk-cancelled", "Cancelled. Both of you are told, with what takes it out of a calendar."),
    ("calendar-link-made", "The address is made. Any earlier one no longer works."),
    ("calendar-link-revoked", "The address is taken away. Calendars that used it get nothing any more."),
    ("application-accepted", "Accepted. The mail to the applicant is on its way."),
    ("application-declined", "Declined. The mail with your reason is on its way."),
    ("application-entered", "The application is saved and waits for your answer."),
    ("settings-same", "Nothing was different, so nothing was changed."),
    ("settings-saved", "The settings are saved and hold from now on."),
    ("settings-restored", "That version is in force again, as a version of its own."),
    ("logo-saved", "The picture stands beside the program’s name from now on."),
    ("logo-removed", "The logo is removed."),
    ("coordinator-invited", "The invitation is on its way by mail."),
    ("coordinator-removed", "The role is taken back, and everyone concerned is told."),
    ("coordinator-stepped-down", "You are no longer a coordinator. Thank you for what you gave the program."),
    ("certificate-issued", "The certificate is issued and on its way by e-mail."),
    ("enrollment-paused", "The enrollment is paused. Its clock stands still until then."),
    ("enrollment-resumed", "The enrollment goes on."),
    ("break-ended", "Welcome back. Your page shows what comes first."),
    ("break-taken", "You are on a break. Nobody reminds you of anything until it is over."),
    ("closing-answered", "Thank you. Your answers are kept; you and the coordinator can read them."),
    ("enrollment-reopened", "The enrollment is open again, with everything that was done. The mentee is told."),
    ("entered-on-behalf", "Entered, and marked with your name and how it came. It counts from now on."),
    ("follow-up-answered", "Thank you. Your answers are kept, and you can change them by the same link."),
    ("mentor-gone", "Done. Those who waited for this mentor are told, and stand under “Propose a mentor” again."),
    ("option-changed", "The option is changed. What both have is kept, and both are told."),
    ("time-asked", "The coordinator is asked, and answers you."),
    ("time-request-answered", "The wish for more time is off the list."),
    ("change-undone", "Taken back. Everything is as it was before."),
    (
        "change-undone-but-book",
        "Taken back, all but the request for the book: its address is erased, so the mentee asks for it again.",
    ),
    ("note-written", "The note is kept. Only coordinators read it."),
    ("certificate-there", "The certificate was issued already; nothing was changed."),
    ("self-evaluation-saved", "Your self-evaluation is saved."),
    ("self-evaluation-skipped", "Passed over for now. You can still make the self-evaluation whenever you like."),
    ("self-evaluation-shared", "Your mentor can see it now."),
    ("self-evaluation-unshared", "Your mentor no longer sees it."),
    ("signed-out", "You are signed out."),
    ("password-set", "Your password is set. You are signed in."),
    (
        "link-sent",
        "If there is an account with this address, a link to set a new password is on its way. It is good for one hour.",
    ),
    ("credential-checked", "The check is recorded."),
    ("import-mapped", "The columns are read as you said."),
    ("import-undone", "The import is taken back. What it made is gone, and what it changed is as it was."),
    ("match-ended", "The pair has ended, and both are told. Everything the mentee did stays. Propose another mentor below."),
    ("mentor-invited", "The mentor is in the program, and a mail is on its way."),
    ("mentor-proposed", "The proposal is made. The mentor is told by mail and answers on their own page."),
    ("mentor-self", "You are a mentor now. Record the check of your credential before you take a mentee."),
    ("profile-saved", "The profile is saved."),
    ("proposal-accepted", "You have accepted. Both of you get an introduction by mail now."),
    ("proposal-declined", "You have declined, and the coordinator is told. Nothing more is needed."),
    ("proposal-withdrawn", "The proposal is withdrawn."),
    ("test-mail-sent", "A test message to your address is on its way."),
    ("mail-again", "It is tried again now."),
    ("mail-all-again", "All of them are tried again now."),
    ("mail-none-again", "There was nothing to try again."),
    ("mail-dropped", "It is not sent. It stands under “Not sent” now."),
    ("mail-preferences-saved", "Your choice is saved. What waits for you already goes by it."),
    ("mail-text-restored", "The text is in force again, as a new version."),
    ("mail-text-same", "Nothing was different, so nothing was changed."),
    ("mail-text-saved", "The text is saved. Messages that leave from now on carry it."),
    ("announcement-back", "It is taken back. Nobody gets it."),
    ("announcement-partly-back", "It is taken back where it had not left. To some it had left already."),
    (
        "announcement-sent",
        "It is on its way: each gets it with the next daily summary. Until it leaves you can take it back below.",
    ),
    ("name-saved", "Your name and phone are saved."),
    ("exam-planned", "Your exam plan is saved."),
    ("eligibility-saved", "Your answers are kept. Only you see them."),
    ("exam-facts-saved", "Saved as a new version. Mentees of Option 3 read it from now on."),
    ("exam-rules-checked", "Every rule is marked as checked today, in a new version."),
    ("exam-result-recorded", "The result is recorded."),
    ("exam-result-entered", "The result is entered, and marked with your name and how it came."),
    ("exam-result-removed", "The result is removed."),
    ("hours-logged", "Logged. What counts today stands above."),
    ("hours-corrected", "The entry is corrected."),
    ("hours-removed", "The entry is removed."),
    ("hours-list-taken", "The list is in your log now."),
    ("hours-list-dropped", "The list is put away. Your log is as it was."),
    ("goal-chosen", "It is a goal of yours now. It stands in the plan and on the agenda of your talks."),
    ("goal-changed", "The goal is changed."),
    ("goal-reached", "Well done. The goal is marked as reached."),
    ("goal-dropped", "The goal is taken off."),
    ("instrument-changed", "The draft is changed. Nobody else sees it before you publish."),
    ("instrument-item-dropped", "It is out of the draft. The published version still has it."),
    ("instrument-published", "The new version is published. New evaluations begin with it."),
    ("instrument-draft-discarded", "The draft is gone. The published version is as it was."),
    ("outline-confirmed", "The outline is confirmed against the copy on the shelf."),
    ("outline-published", "The new version is published. New enrollments begin with it."),
    ("contents-read", "The table of contents is read. Look through the chapters below, and change what is not right."),
    ("outline-draft-saved", "The draft is saved."),
    ("outline-draft-discarded", "The draft is thrown away. What is published stays as it is."),
    ("enrollments-moved", "They are moved. What both versions have is kept, and each pair is told."),
    ("answers-saved", "Saved. You can go on here whenever you like."),
    ("answer-marked", "Marked. When nothing waits any more, the mentee hears of it."),
    ("attempt-allowed", "One more attempt is possible."),
    ("practice-late", "The time was over before this arrived. What had arrived by then counts."),
    ("test-rules-changed", "The rules are in force for attempts that begin from now on."),
    ("question-changed", "The question is changed. Tests that asked the old one keep it."),
    ("question-pictured", "The picture is saved, as a new version of the question. It waits for your review."),
    ("question-retired", "The question is retired. It is asked in no new test."),
    ("question-written", "The question is saved."),
    ("questions-approved", "Approved. They count from now on."),
    ("questions-retired", "Retired. They are asked in no new test."),
    ("questions-copied", "The questions are copied. They are unreviewed here."),
];

/// The complete document around a rendered body.
pub fn document(title: &str, scripts: &str, body: &str) -> String {
    let title = escape(title);
    format!(
        "<!DOCTYPE html><html lang=\"en-US\"><head><meta charset=\"utf-8\"><title>{title} · QDEI</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\">\
         <link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\">\
         <link rel=\"stylesheet\" href=\"{}\">{scripts}</head><body>{body}</body></html>",
        asset("/pkg/qdei.css")
    )
}

/// Loads the islands when the page is idle, and wakes each with the function of its name.
pub fn island_script(nonce: &str) -> String {
    format!(
        "<script type=\"module\" nonce=\"{nonce}\">\
         import init, * as islands from \"{}\";\
         await init({{ module_or_path: \"{}\" }});\
         islands.hydrate();\
         for (const island of document.querySelectorAll(\"leptos-island\")) islands[island.dataset.component]?.(island);\
         </script>",
        asset("/pkg/qdei.js"),
        asset("/pkg/qdei_bg.wasm"),
    )
}

/// The few lines by which "/" leads to the search field.
pub fn search_script() -> String {
    format!("<script src=\"{}\" defer></script>", asset("/search.js"))
}

/// For a signed-in mentee: the page's part of working without a line.
pub fn offline_scripts(whose: AccountId) -> String {
    let (kept, offline, zone) = (asset("/kept.js"), asset("/offline.js"), crate::clock::zone());
    format!(
        "<script src=\"{kept}\" defer></script><script src=\"{offline}\" data-whose=\"{whose}\" data-zone=\"{zone}\" defer></script>"
    )
}

/// What is shown in the place of a page that cannot be loaded and is not kept on the device.
pub fn offline_page() -> String {
    let body = "<main id=\"main\" class=\"page page-narrow\"><h1>There is no line just now</h1>\
         <p class=\"lede\">This page is not kept on this device. Load it again when you are back online.</p>\
         <p><a class=\"button\" href=\"/mentee\">Go to my page</a></p></main>";
    document("No line", "", body)
}

/// The address of a file of the site, with the hash of its content, so that a browser keeps it for good.
pub fn asset(path: &'static str) -> String {
    use_context::<Assets>().map_or_else(|| path.to_owned(), |assets| (assets.0)(path))
}

/// How the server names its embedded files.
#[derive(Clone, Copy)]
pub struct Assets(pub fn(&str) -> String);

/// Text for HTML, where no view writes it.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

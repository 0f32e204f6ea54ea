//! Forms: what was typed, what was wrong with it, and how both find their way back to the page. Separate because every
//! step has forms and none may lose what a person typed.
//!
//! A server function that a plain form sends to is written as [`answer`]: on success it redirects; when a rule or a
//! field says no, what was typed is put into the session and the page that sent it shows it again, with the reasons.

mod fields;
mod flash;

use std::sync::{Arc, Mutex};

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use leptos::prelude::{expect_context, use_context};
use leptos_axum::ResponseOptions;

use crate::db::WriteTx;
use crate::drafts::{self, Mark};
use crate::error::AppError;
use crate::id::AccountId;
use crate::people::viewer::maybe_viewer;
use crate::people::{Viewer, viewer};

pub use fields::{Fields, Taken, is_email};
pub use flash::{FOR, Form};

/// What a form sent, field by field, as the router read it before the server function ran.
#[derive(Clone, Debug, Default)]
pub struct Typed(pub Arc<Vec<(String, String)>>);

/// A file that a form sent; its other fields are in [`Typed`].
#[derive(Clone, Debug, Default)]
pub struct Upload {
    /// As the sender's machine calls it, without folders. Never used as a path.
    pub file_name: String,
    pub bytes: Vec<u8>,
}

/// How the caller of a server function is answered; the router puts it into the context.
#[derive(Clone, Debug, Default)]
pub struct Call {
    /// A plain form, to be answered by a redirect, rather than an island.
    pub html: bool,
    /// The page the form was on: path and query of the same site.
    pub from: String,
    /// The form's name: the last part of the server function's address.
    pub form: String,
    /// Where an error lands that no form can show; the router makes the page of it.
    pub failed: Arc<Mutex<Option<AppError>>>,
}

/// Where a request comes from, kept as evidence beside a signature; the router puts it into the context.
#[derive(Clone, Debug, Default)]
pub struct Client {
    /// The network address.
    pub address: String,
    /// The browser's own description of itself.
    pub browser: String,
}

/// Where a person goes after a change.
#[derive(Debug, Clone)]
pub struct To {
    path: String,
    draft: DraftOf,
}

/// What becomes of the draft of a form that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DraftOf {
    /// It has served.
    Sent,
    /// The same, and the change has seen to it itself.
    Forgotten,
    /// What was typed was looked at, not sent: it stays in the form.
    LookedAt,
}

/// A path of this site.
pub fn to(path: impl Into<String>) -> To {
    To { path: path.into(), draft: DraftOf::Sent }
}

/// Back to the page the form was on.
pub fn back() -> To {
    let from = use_context::<Call>().map(|call| call.from).unwrap_or_default();
    let path = from.split(['?', '#']).next().unwrap_or_default();
    to(if path.is_empty() { "/" } else { path })
}

impl To {
    /// Adds a word for what was done; the page says it in a sentence ([`crate::ui::notice`]).
    pub fn done(self, word: &'static str) -> Self {
        let (page, place) = self.path.split_at(self.path.find('#').unwrap_or(self.path.len()));
        let mark = if page.contains('?') { '&' } else { '?' };
        Self { path: format!("{page}{mark}done={word}{place}"), ..self }
    }

    /// Keeps what was typed as the form's draft: it is only looked at. The form stands in [`crate::ui::Drafted`].
    pub fn kept(self) -> Self {
        Self { draft: DraftOf::LookedAt, ..self }
    }

    /// The change has forgotten the form's draft in its own transaction, by [`forget_draft`].
    pub fn draft_forgotten(self) -> Self {
        Self { draft: DraftOf::Forgotten, ..self }
    }
}

/// Runs a change for a form and answers it: 303 to where it leads, or back with everything typed and the reasons.
///
/// # Errors
/// Only what no form can show (not found, not allowed), and everything when the caller is an island.
pub async fn answer(change: impl Future<Output = Result<To, AppError>>) -> Result<(), AppError> {
    let result = match made_for_another().await {
        Ok(false) => change.await,
        // On a shared computer a page may be older than who is signed in now: nothing is done in another's name.
        Ok(true) => Err(AppError::NotSignedIn),
        Err(error) => Err(error),
    };
    let result = match result {
        Ok(to) => see_to_draft(to.draft).await.map(|()| to),
        result => result,
    };
    let call = use_context::<Call>().unwrap_or_default();
    if !call.html {
        return result.map(|_| ());
    }
    match result {
        Ok(to) => see_other(&to.path),
        Err(AppError::NotSignedIn) => {
            flash::keep(&call, Vec::new()).await?;
            see_other(&sign_in_address(&call.from));
        }
        Err(error @ (AppError::NotFound | AppError::NotAllowed)) => {
            if let Ok(mut failed) = call.failed.lock() {
                *failed = Some(error.clone());
            }
            return Err(error);
        }
        Err(error) => {
            flash::keep(&call, flash::reasons(&error)).await?;
            see_other(&call.from);
        }
    }
    Ok(())
}

/// Whether the form stood on a page that was made for somebody else than who is signed in now.
async fn made_for_another() -> Result<bool, AppError> {
    let typed = use_context::<Typed>().unwrap_or_default();
    let Some((_, whose)) = typed.0.iter().find(|(name, whose)| name == FOR && !whose.is_empty()) else { return Ok(false) };
    Ok(maybe_viewer().await?.is_some_and(|viewer| viewer.id.to_string() != *whose))
}

/// Who is signed in, if the form stood on a page of theirs; [`AppError::NotSignedIn`] otherwise.
pub async fn viewer_of_page() -> Result<Viewer, AppError> {
    if made_for_another().await? { Err(AppError::NotSignedIn) } else { viewer().await }
}

/// What the form says of its draft; `None` for one without.
pub fn draft_mark() -> Option<Mark> {
    Mark::read(&use_context::<Typed>().unwrap_or_default().0)
}

/// Forgets the draft of the form that is being taken, within the change that takes it.
pub async fn forget_draft(tx: &mut WriteTx, who: AccountId) -> Result<(), AppError> {
    match draft_mark() {
        Some(mark) => Ok(drafts::store::forget(tx, who, &mark).await?),
        None => Ok(()),
    }
}

async fn see_to_draft(what: DraftOf) -> Result<(), AppError> {
    let Some(mark) = draft_mark() else { return Ok(()) };
    match what {
        DraftOf::Forgotten => Ok(()),
        DraftOf::LookedAt => keep_draft(&mark).await,
        DraftOf::Sent => {
            // The change is made: that a draft stays is no reason to call it failed.
            if let Err(error) = forget_afterwards(&mark).await {
                tracing::warn!(%error, "a draft stayed");
            }
            Ok(())
        }
    }
}

/// What was typed stays for the page that is looked at next, without scripts too.
async fn keep_draft(mark: &Mark) -> Result<(), AppError> {
    let who = viewer().await?;
    let mut tx = crate::state().write(&who).await?;
    drafts::store::put(&mut tx, who.id, mark, &Fields::typed().visible()).await?;
    Ok(tx.commit().await?)
}

async fn forget_afterwards(mark: &Mark) -> Result<(), AppError> {
    let Some(who) = maybe_viewer().await? else { return Ok(()) };
    let mut tx = crate::state().write(&who).await?;
    drafts::store::forget(&mut tx, who.id, mark).await?;
    Ok(tx.commit().await?)
}

/// The sign-in page, which leads back to `next` afterwards.
pub fn sign_in_address(next: &str) -> String {
    let next: String = next
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect();
    format!("/sign-in?next={next}")
}

/// Only a path of this site is followed: not another host, not a scheme.
pub fn local_path(path: &str) -> Option<&str> {
    let safe = path.starts_with('/') && !path.starts_with("//") && !path.contains(['\\', '\r', '\n']) && path.len() < 2000;
    safe.then_some(path)
}

/// The header by which a browser drops what the site kept on the device.
pub const CLEAR: &str = "clear-site-data";

/// Has the browser drop everything that was kept on the device: computers are shared.
pub fn clear_device() {
    expect_context::<ResponseOptions>().insert_header(HeaderName::from_static(CLEAR), HeaderValue::from_static("\"storage\""));
}

/// Sends the browser on with 303, which turns the POST into a GET.
pub fn see_other(path: &str) {
    let response = expect_context::<ResponseOptions>();
    response.set_status(StatusCode::SEE_OTHER);
    if let Ok(location) = HeaderValue::from_str(path) {
        response.insert_header(header::LOCATION, location);
    }
}

//! What was typed into a refused form, kept in the session until its page shows it again; separate from the parsing
//! because it reads and writes the session.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use leptos::prelude::{GetValue, StoredValue, UpdateValue, WithValue, use_context};
use serde::{Deserialize, Serialize};

use super::{Call, Typed};
use crate::drafts::{self, Draft};
use crate::error::{AppError, FieldError};
use crate::people::session::{self, internal};
use crate::people::viewer::maybe_viewer;
use crate::state;

const KEY: &str = "flash";

/// The hidden field that says for whom a page was made: on a shared computer nobody sees another's words.
pub const FOR: &str = "_for";

/// How long a stranger's words are kept; those of an account stay as long as its session.
const STRANGERS: Duration = Duration::minutes(15);

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Flash {
    form: String,
    whose: String,
    at: DateTime<Utc>,
    typed: Vec<(String, String)>,
    errors: Vec<FieldError>,
}

/// Keeps what was typed for the next view of the form. Passwords are never kept.
pub(super) async fn keep(call: &Call, errors: Vec<FieldError>) -> Result<(), AppError> {
    let typed: Vec<(String, String)> =
        use_context::<Typed>().unwrap_or_default().0.iter().filter(|(name, _)| !name.contains("password")).cloned().collect();
    let whose = typed.iter().find(|(name, _)| name == FOR).map(|(_, whose)| whose.clone()).unwrap_or_default();
    let flash = Flash { form: call.form.clone(), whose, at: state().clock.now(), typed, errors };
    session::session()?.insert(KEY, flash).await.map_err(internal)
}

/// What a page says of an error that a form can show.
pub(super) fn reasons(error: &AppError) -> Vec<FieldError> {
    let general = |message: String| vec![FieldError { field: String::new(), message }];
    match error {
        AppError::Invalid(errors) if !errors.is_empty() => errors.clone(),
        AppError::Refused(refusal) => general(refusal.to_string()),
        AppError::Busy => {
            general("The program is busy just now. What you typed is still here: send it again in a moment.".into())
        }
        _ => general("Something went wrong on our side. What you typed is still here: send it again.".into()),
    }
}

/// One form on a page: what was typed before and what was wrong with it, or nothing yet. Copied freely.
#[derive(Clone, Copy)]
pub struct Form(StoredValue<Inner>);

#[derive(Clone, Default)]
struct Inner {
    name: &'static str,
    prefix: Arc<str>,
    whose: String,
    typed: Vec<(String, String)>,
    errors: Vec<FieldError>,
    draft: Option<Draft>,
}

impl Form {
    /// The form that sends to the server function `name`, with what a refused one left behind.
    pub async fn open(name: &'static str) -> Result<Self, AppError> {
        Self::open_for(name, &[]).await
    }

    /// The same where a page has several forms of one name: the one whose hidden `fields` hold these values.
    pub async fn open_for(name: &'static str, fields: &[(&str, String)]) -> Result<Self, AppError> {
        let whose = maybe_viewer().await?.map(|viewer| viewer.id.to_string()).unwrap_or_default();
        let session = session::session()?;
        let flash: Option<Flash> = session.get(KEY).await.map_err(internal)?;
        let now = state().clock.now();
        let fits = |flash: &Flash| {
            let fresh = !flash.whose.is_empty() || now - flash.at < STRANGERS;
            let same = fields.iter().all(|(name, value)| flash.typed.iter().any(|(n, v)| n == name && v == value));
            flash.form == name && flash.whose == whose && fresh && same
        };
        let (typed, errors) = match flash.filter(fits) {
            Some(flash) => {
                session.remove::<Flash>(KEY).await.map_err(internal)?;
                (flash.typed, flash.errors)
            }
            None => Default::default(),
        };
        // Ids must differ where one form stands several times on a page.
        let prefix = fields.iter().map(|(_, value)| format!("{value}-")).collect::<String>().into();
        Ok(Self(StoredValue::new(Inner { name, prefix, whose, typed, errors, draft: None })))
    }

    /// The same for a form inside [`crate::ui::Drafted`]: what was kept while typing comes back too.
    pub async fn open_drafted(name: &'static str, fields: &[(&str, String)]) -> Result<Self, AppError> {
        let form = Self::open_for(name, fields).await?;
        if let Some(viewer) = maybe_viewer().await? {
            let draft = drafts::store::find(&mut state().db.read_once().await?, viewer.id, &form.draft_key()).await?;
            form.0.update_value(|inner| {
                if inner.typed.is_empty() {
                    inner.typed = draft.as_ref().map(|draft| draft.fields.clone()).unwrap_or_default();
                }
                inner.draft = draft;
            });
        }
        Ok(form)
    }

    /// Which version of its draft the form shows: a refused one still shows the one it was built on.
    pub fn draft_version(self) -> i64 {
        let sent = self.typed(drafts::VERSION).and_then(|version| version.parse().ok());
        sent.or_else(|| self.0.with_value(|inner| inner.draft.as_ref().map(|draft| draft.version))).unwrap_or_default()
    }

    /// When the words that stand in the form were kept, if they come from a draft.
    pub fn draft_saved_at(self) -> Option<DateTime<Utc>> {
        let of_draft = |inner: &Inner| {
            let draft = inner.draft.as_ref().filter(|draft| !draft.fields.is_empty() && inner.typed == draft.fields)?;
            Some(draft.saved_at)
        };
        self.0.with_value(of_draft)
    }

    /// What names the form's draft: the form, and what of several it is for.
    pub fn draft_key(self) -> String {
        self.0.with_value(|inner| format!("{}:{}", inner.name, inner.prefix))
    }

    /// What was typed into a field before, or `None` if the form is fresh.
    pub fn typed(self, field: &str) -> Option<String> {
        self.0.with_value(|inner| inner.typed.iter().find(|(name, _)| name == field).map(|(_, value)| value.clone()))
    }

    /// What was typed before, else `value`.
    pub fn value(self, field: &str, value: impl Into<String>) -> String {
        if self.is_fresh() { value.into() } else { self.typed(field).unwrap_or_default() }
    }

    /// Whether a choice stands: as typed before, else as `before` says.
    pub fn chosen(self, field: &str, choice: &str, before: bool) -> bool {
        if self.is_fresh() {
            return before;
        }
        self.0.with_value(|inner| inner.typed.iter().any(|(name, value)| name == field && value == choice))
    }

    /// What is wrong with a field.
    pub fn error(self, field: &str) -> Option<String> {
        self.0.with_value(|inner| inner.errors.iter().find(|error| error.field == field).map(|error| error.message.clone()))
    }

    pub fn errors(self) -> Vec<FieldError> {
        self.0.with_value(|inner| inner.errors.clone())
    }

    /// Whether nothing was typed into it before.
    pub fn is_fresh(self) -> bool {
        self.0.with_value(|inner| inner.typed.is_empty())
    }

    /// Where it sends to.
    pub fn action(self) -> String {
        format!("/api/{}", self.0.with_value(|inner| inner.name))
    }

    /// Where it sends to when a file goes with it.
    pub fn upload_action(self) -> String {
        format!("/uploads/{}", self.0.with_value(|inner| inner.name))
    }

    /// The id of a field's element.
    pub fn id(self, field: &str) -> String {
        self.0.with_value(|inner| format!("{}{field}", inner.prefix))
    }

    /// Whom the page was made for.
    pub fn whose(self) -> String {
        self.0.get_value().whose
    }
}

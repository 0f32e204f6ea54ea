//! What can go wrong, as the person or the browser is told it; separate because it crosses to the browser.
//!
//! [`AppError`] holds no database type and nothing that was typed. Causes are logged on the server, with the
//! request's id, before they become [`AppError::Internal`]. A rule's own "no" is a [`Refusal`].

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum AppError {
    #[error("sign in first")]
    NotSignedIn,
    #[error("this is not yours to do")]
    NotAllowed,
    #[error("there is nothing here")]
    NotFound,
    #[error("some answers need another look")]
    Invalid(Vec<FieldError>),
    #[error(transparent)]
    Refused(Refusal),
    #[error("the program is busy; try again in a moment")]
    Busy,
    #[error("something went wrong on our side")]
    Internal,
}

/// What is wrong with one field of a form and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// The input's `name`, which is also its `id`.
    pub field: String,
    pub message: String,
}

/// A rule's "no": what stands in the way, in words a person can act on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{0}")]
pub struct Refusal(pub std::borrow::Cow<'static, str>);

impl Refusal {
    pub fn new(words: impl Into<std::borrow::Cow<'static, str>>) -> Self {
        Self(words.into())
    }
}

impl From<Refusal> for AppError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl server_fn::error::FromServerFnError for AppError {
    type Encoder = server_fn::codec::PostcardEncoding;

    fn from_server_fn_error(error: server_fn::error::ServerFnErrorErr) -> Self {
        use server_fn::error::ServerFnErrorErr as E;
        match error {
            E::Args(_) | E::MissingArg(_) | E::Deserialization(_) => Self::Invalid(Vec::new()),
            E::Request(_) => Self::Busy,
            _ => Self::Internal,
        }
    }
}

#[cfg(feature = "ssr")]
impl From<sqlx::Error> for AppError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) => {
                tracing::error!(?error, "database out of reach");
                Self::Busy
            }
            sqlx::Error::Database(ref cause) if crate::db::is_contention(cause.as_ref()) => {
                tracing::warn!(?error, "database contention");
                Self::Busy
            }
            error => {
                tracing::error!(?error, "database");
                Self::Internal
            }
        }
    }
}

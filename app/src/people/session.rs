//! Sessions in the database, and what this request's session holds. Separate because the cookie layer, sign-in and the
//! flash of a refused form all meet here.

use chrono::{DateTime, Duration, Utc};
use leptos::prelude::use_context;
use sha2::{Digest, Sha256};
use tower_sessions::cookie::time::OffsetDateTime;
use tower_sessions::session::{Id, Record};
use tower_sessions::{Session, SessionStore, session_store};

use crate::State;
use crate::db::{WriteTx, execute, fetch_optional, is_duplicate};
use crate::error::AppError;
use crate::id::AccountId;

/// The key under which a session keeps whose it is. The store copies it into a column of its own.
pub const ACCOUNT: &str = "account";

/// A session nobody used for this long is over: hospital computers are shared.
const IDLE: Duration = Duration::hours(12);

/// How often use is noted, so that reading a page does not write.
const NOTE_EVERY: Duration = Duration::minutes(10);

/// Sessions over the program's own tables. Holds only the hash of a session's id.
#[derive(Clone, Debug)]
pub struct Store(pub State);

fn hash(id: &Id) -> Vec<u8> {
    Sha256::digest(id.0.to_be_bytes()).to_vec()
}

fn account_of(record: &Record) -> Option<AccountId> {
    record.data.get(ACCOUNT).and_then(|value| serde_json::from_value(value.clone()).ok())
}

fn backend(error: impl std::fmt::Display) -> session_store::Error {
    session_store::Error::Backend(error.to_string())
}

fn expiry(record: &Record) -> Result<DateTime<Utc>, session_store::Error> {
    DateTime::from_timestamp(record.expiry_date.unix_timestamp(), 0).ok_or_else(|| backend("expiry out of range"))
}

impl Store {
    async fn insert(&self, record: &Record) -> Result<(), sqlx::Error> {
        let now = self.0.clock.now();
        let expires = expiry(record).map_err(|error| sqlx::Error::Protocol(error.to_string()))?;
        let data = serde_json::to_vec(&record.data).map_err(|error| sqlx::Error::Encode(Box::new(error)))?;
        let mut tx = self.0.db.write(None, now, &self.0.audit_key).await?;
        execute!(
            &mut tx,
            "INSERT INTO session (id_hash, account_id, data, expires_at, last_seen_at) VALUES ($1, $2, $3, $4, $5)",
            hash(&record.id),
            account_of(record),
            data,
            expires,
            now
        )?;
        tx.commit().await
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    data: Vec<u8>,
    expires_at: DateTime<Utc>,
    last_seen_at: DateTime<Utc>,
}

#[async_trait::async_trait]
impl SessionStore for Store {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        loop {
            match self.insert(record).await {
                Ok(()) => return Ok(()),
                Err(error) if is_duplicate(&error) => record.id = Id::default(),
                Err(error) => return Err(backend(error)),
            }
        }
    }

    /// Updates only: a session that was ended elsewhere is not revived.
    async fn save(&self, record: &Record) -> session_store::Result<()> {
        let now = self.0.clock.now();
        let (expires, data) = (expiry(record)?, serde_json::to_vec(&record.data).map_err(backend)?);
        let mut tx = self.0.db.write(None, now, &self.0.audit_key).await.map_err(backend)?;
        execute!(
            &mut tx,
            "UPDATE session SET account_id = $2, data = $3, expires_at = $4, last_seen_at = $5 WHERE id_hash = $1",
            hash(&record.id),
            account_of(record),
            data,
            expires,
            now
        )
        .map_err(backend)?;
        tx.commit().await.map_err(backend)
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        let now = self.0.clock.now();
        let mut tx = self.0.db.read_once().await.map_err(backend)?;
        let row = fetch_optional!(
            &mut tx,
            Row,
            "SELECT data, expires_at, last_seen_at FROM session WHERE id_hash = $1 AND expires_at > $2 AND last_seen_at > $3",
            hash(id),
            now,
            now - IDLE
        )
        .map_err(backend)?;
        drop(tx);
        let Some(row) = row else { return Ok(None) };
        if now - row.last_seen_at > NOTE_EVERY {
            self.note_use(id, now).await.map_err(backend)?;
        }
        Ok(Some(Record {
            id: *id,
            data: serde_json::from_slice(&row.data).map_err(backend)?,
            expiry_date: OffsetDateTime::from_unix_timestamp(row.expires_at.timestamp()).map_err(backend)?,
        }))
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        let mut tx = self.0.db.write(None, self.0.clock.now(), &self.0.audit_key).await.map_err(backend)?;
        execute!(&mut tx, "DELETE FROM session WHERE id_hash = $1", hash(id)).map_err(backend)?;
        tx.commit().await.map_err(backend)
    }
}

impl Store {
    async fn note_use(&self, id: &Id, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
        let mut tx = self.0.db.write(None, now, &self.0.audit_key).await?;
        execute!(&mut tx, "UPDATE session SET last_seen_at = $2 WHERE id_hash = $1", hash(id), now)?;
        tx.commit().await
    }

    /// Removes the sessions that are over.
    pub async fn sweep(&self) -> Result<u64, sqlx::Error> {
        let now = self.0.clock.now();
        let mut tx = self.0.db.write(None, now, &self.0.audit_key).await?;
        let gone = execute!(&mut tx, "DELETE FROM session WHERE expires_at <= $1 OR last_seen_at <= $2", now, now - IDLE)?;
        tx.commit().await?;
        Ok(gone)
    }
}

/// Ends every session of an account: after a new password, or when the account is closed.
pub async fn end_all(tx: &mut WriteTx, account: AccountId) -> Result<(), sqlx::Error> {
    execute!(tx, "DELETE FROM session WHERE account_id = $1", account).map(|_| ())
}

/// This request's session.
pub fn session() -> Result<Session, AppError> {
    use_context::<axum::http::request::Parts>()
        .and_then(|parts| parts.extensions.get::<Session>().cloned())
        .ok_or(AppError::Internal)
}

/// Whose session this is.
pub async fn account() -> Result<Option<AccountId>, AppError> {
    session()?.get(ACCOUNT).await.map_err(internal)
}

/// Makes the session this account's, under a new id.
pub async fn begin(account: AccountId) -> Result<(), AppError> {
    let session = session()?;
    session.cycle_id().await.map_err(internal)?;
    session.insert(ACCOUNT, account).await.map_err(internal)
}

/// Ends this session and everything it held.
pub async fn end() -> Result<(), AppError> {
    session()?.flush().await.map_err(internal)
}

/// A session that cannot be read or kept: logged here, told as [`AppError::Internal`].
pub(crate) fn internal(error: impl std::fmt::Display) -> AppError {
    tracing::error!(%error, "session");
    AppError::Internal
}

//! Opening the database and bringing it up to the program's schema; separate because it happens once, at start.

use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use super::Db;

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("../migrations");

/// Why a database could not be opened, in one line for the person who starts the program.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("the database address must begin with sqlite: or postgres:")]
    UnknownEngine,
    #[error("the database cannot be reached")]
    Unreachable(#[source] sqlx::Error),
    #[error("the database could not be brought up to date")]
    Migration(#[source] sqlx::migrate::MigrateError),
}

impl Db {
    /// Opens `sqlite:path` (made if missing), `sqlite::memory:` (for one thing at a time) or `postgres://…`.
    pub async fn open(url: &str) -> Result<Self, OpenError> {
        if url.starts_with("sqlite:") {
            Self::open_sqlite(url).await
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            Self::open_postgres(url).await
        } else {
            Err(OpenError::UnknownEngine)
        }
    }

    async fn open_sqlite(url: &str) -> Result<Self, OpenError> {
        // FULL, because an acknowledged signature must survive a power cut.
        let options = SqliteConnectOptions::from_str(url)
            .map_err(OpenError::Unreachable)?
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(5))
            .statement_cache_capacity(300)
            // The rows of a page cross to its thread in one go, instead of both threads waiting for each other.
            .row_buffer_size(4096)
            .pragma("cache_size", "-8000")
            .pragma("temp_store", "memory");
        // SQLite writes one at a time: one connection queues the writers in order instead of letting them collide.
        let pool = |most| {
            SqlitePoolOptions::new().max_connections(most).acquire_timeout(Duration::from_secs(5)).test_before_acquire(false)
        };
        let write = pool(1).connect_with(options.clone()).await.map_err(OpenError::Unreachable)?;
        if url.contains(":memory:") {
            // Another connection would open another, empty database.
            return Ok(Self::Sqlite { read: write.clone(), write });
        }
        let read = pool(4).connect_lazy_with(options);
        Ok(Self::Sqlite { read, write })
    }

    async fn open_postgres(url: &str) -> Result<Self, OpenError> {
        let options = PgConnectOptions::from_str(url).map_err(OpenError::Unreachable)?.statement_cache_capacity(300);
        let pool = PgPoolOptions::new()
            .max_connections(16)
            .acquire_timeout(Duration::from_secs(5))
            .connect_with(options)
            .await
            .map_err(OpenError::Unreachable)?;
        Ok(Self::Postgres(pool))
    }

    /// Brings the schema up to date; safe to run at every start, and by several copies at once.
    pub async fn migrate(&self) -> Result<(), OpenError> {
        match self {
            Self::Sqlite { write, .. } => MIGRATIONS.run(write).await,
            Self::Postgres(pool) => MIGRATIONS.run(pool).await,
        }
        .map_err(OpenError::Migration)
    }

    /// Whether a question is answered now, for `/readyz`.
    pub async fn ping(&self) -> Result<(), sqlx::Error> {
        let mut tx = self.read().await?;
        crate::fetch_one!(&mut tx, (i64,), "SELECT CAST(1 AS BIGINT)").map(|_| ())
    }
}

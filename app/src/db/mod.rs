//! The database: SQLite inside the program, or PostgreSQL by one setting, with one SQL text for both.
//! Separate because no step needs to know which engine answers.
//!
//! Reading and writing are different types. A [`WriteTx`] carries the time and the person who acts; it collects the
//! audit events of the change and writes them, chained, when it commits: the change, its events and its mail stand
//! together or not at all.

mod macros;
mod open;

use chrono::{DateTime, Utc};
use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, PgPool, Postgres, Sqlite, SqliteConnection, SqlitePool, Transaction};

pub use crate::{execute, fetch_all, fetch_one, fetch_optional, insert_all};
pub use open::OpenError;

use crate::audit::{self, Event};
use crate::id::{AccountId, MailId};

/// A pool of connections to one of the two engines. Cheap to clone.
#[derive(Clone, Debug)]
pub enum Db {
    Sqlite { read: SqlitePool, write: SqlitePool },
    Postgres(PgPool),
}

/// A transaction of either engine, or a connection for one statement, which is a transaction by itself.
pub enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    SqliteOnce(PoolConnection<Sqlite>),
    Postgres(Transaction<'static, Postgres>),
    PostgresOnce(PoolConnection<Postgres>),
}

/// Reads one consistent state. Dropping it ends it.
pub struct ReadTx(Tx);

/// Changes state. Nothing is kept unless [`WriteTx::commit`] returns `Ok`.
pub struct WriteTx {
    tx: Tx,
    now: DateTime<Utc>,
    actor: Option<AccountId>,
    key: audit::Key,
    events: Vec<Event>,
    mail_held_until: Option<DateTime<Utc>>,
    mails: Vec<MailId>,
}

/// What the query macros run on: a reading or a writing transaction.
pub trait Queryable: Send {
    fn tx(&mut self) -> &mut Tx;

    #[doc(hidden)]
    fn is_sqlite(&mut self) -> bool {
        matches!(self.tx(), Tx::Sqlite(_) | Tx::SqliteOnce(_))
    }

    #[doc(hidden)]
    fn sqlite(&mut self) -> &mut SqliteConnection {
        match self.tx() {
            Tx::Sqlite(tx) => tx,
            Tx::SqliteOnce(connection) => connection,
            Tx::Postgres(_) | Tx::PostgresOnce(_) => unreachable!("asked is_sqlite before"),
        }
    }

    #[doc(hidden)]
    fn postgres(&mut self) -> &mut PgConnection {
        match self.tx() {
            Tx::Postgres(tx) => tx,
            Tx::PostgresOnce(connection) => connection,
            Tx::Sqlite(_) | Tx::SqliteOnce(_) => unreachable!("asked is_sqlite before"),
        }
    }
}

impl Queryable for ReadTx {
    fn tx(&mut self) -> &mut Tx {
        &mut self.0
    }
}

impl Queryable for WriteTx {
    fn tx(&mut self) -> &mut Tx {
        &mut self.tx
    }
}

impl Db {
    pub async fn read(&self) -> Result<ReadTx, sqlx::Error> {
        Ok(ReadTx(match self {
            Self::Sqlite { read, .. } => Tx::Sqlite(read.begin().await?),
            Self::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        }))
    }

    /// Reads with one statement. Without BEGIN and ROLLBACK around it, it costs a third: for what every request asks.
    /// Of several statements each would see a state of its own; they take [`Db::read`].
    pub async fn read_once(&self) -> Result<ReadTx, sqlx::Error> {
        Ok(ReadTx(match self {
            Self::Sqlite { read, .. } => Tx::SqliteOnce(read.acquire().await?),
            Self::Postgres(pool) => Tx::PostgresOnce(pool.acquire().await?),
        }))
    }

    /// Opens a change at `now`, made by `actor` (`None`: the program itself, or someone without an account).
    ///
    /// On SQLite it takes the write lock at once, so that two changes never both read first and then collide.
    pub async fn write(&self, actor: Option<AccountId>, now: DateTime<Utc>, key: &audit::Key) -> Result<WriteTx, sqlx::Error> {
        let tx = match self {
            Self::Sqlite { write, .. } => Tx::Sqlite(write.begin_with("BEGIN IMMEDIATE").await?),
            Self::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        };
        Ok(WriteTx { tx, now, actor, key: key.clone(), events: Vec::new(), mail_held_until: None, mails: Vec::new() })
    }

    pub async fn close(&self) {
        match self {
            Self::Sqlite { read, write } => {
                read.close().await;
                write.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

impl WriteTx {
    /// When this change happens, in microseconds: the one time all its rows carry.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    pub fn actor(&self) -> Option<AccountId> {
        self.actor
    }

    /// Notes an event of this change; it is written, chained, when the change commits.
    pub fn note(&mut self, event: Event) {
        self.events.push(event);
    }

    /// Mail of this change waits until then, so that the change can be undone before anything of it leaves.
    pub fn hold_mail(&mut self, until: DateTime<Utc>) {
        self.mail_held_until = Some(until);
    }

    /// Until when mail of this change waits, if it does.
    pub fn mail_held_until(&self) -> Option<DateTime<Utc>> {
        self.mail_held_until
    }

    /// Notes a message that this change put into the outbox.
    pub fn mailed(&mut self, mail: MailId) {
        self.mails.push(mail);
    }

    /// The messages noted since the last time.
    pub fn take_mails(&mut self) -> Vec<MailId> {
        std::mem::take(&mut self.mails)
    }

    /// Ends the change so far and begins another in the same transaction, by `actor` at `now`: its events are chained as
    /// they would be by a commit. For filling a program with a history, of which all is kept or nothing.
    pub async fn go_on(&mut self, actor: Option<AccountId>, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
        self.chain().await?;
        (self.actor, self.now) = (actor, now);
        Ok(())
    }

    async fn chain(&mut self) -> Result<(), sqlx::Error> {
        let events = std::mem::take(&mut self.events);
        let key = self.key.clone();
        audit::store::append(self, &key, events).await
    }

    pub async fn commit(mut self) -> Result<(), sqlx::Error> {
        self.chain().await?;
        match self.tx {
            Tx::Sqlite(tx) => tx.commit().await,
            Tx::Postgres(tx) => tx.commit().await,
            Tx::SqliteOnce(_) | Tx::PostgresOnce(_) => Ok(()),
        }
    }
}

/// Whether a statement failed because a row like it is already there.
pub fn is_duplicate(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|cause| cause.is_unique_violation())
}

/// Whether the engine gave up because others were writing: SQLite's busy codes, PostgreSQL's serialization classes.
pub fn is_contention(cause: &dyn sqlx::error::DatabaseError) -> bool {
    cause.code().is_some_and(|code| matches!(&*code, "5" | "517" | "40001" | "40P01" | "55P03"))
}

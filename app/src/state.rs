//! What every request is answered from: the database, the clock, the keys and the printing press. Separate because the
//! server makes it once and every page and server function finds it in its context.

use std::sync::Arc;

use crate::agreements::Paper;
use crate::audit;
use crate::certificates::Facts;
use crate::clock::Clock;
use crate::db::{Db, WriteTx};
use crate::error::AppError;
use crate::people::{Coordinator, Mentee, Mentor, OwnEnrollment, PairMember, Viewer};

/// Prints the program's papers. The server does it with Typst; the site only knows that it can be done.
pub trait Press: Send + Sync {
    /// The certificate as PDF/UA-1 and PDF/A-2a; the same bytes for the same facts.
    fn certificate(&self, facts: &Facts) -> Result<Vec<u8>, AppError>;
    /// The letter of agreement with its signatures.
    fn letter(&self, paper: &Paper) -> Result<Vec<u8>, AppError>;
}

/// Cheap to clone; holds nothing that another copy of the program would miss.
#[derive(Clone)]
pub struct State {
    pub db: Db,
    pub clock: Clock,
    pub audit_key: audit::Key,
    /// Where the site is reached, without a slash at the end.
    pub base_url: Arc<str>,
    /// Whether this is the demo program, which every page says.
    pub demo: bool,
    pub press: Arc<dyn Press>,
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State").field("base_url", &self.base_url).field("demo", &self.demo).finish_non_exhaustive()
    }
}

/// The state of the running program, from the context of the page or server function.
///
/// # Panics
/// When called outside of one; the router provides it to all.
pub fn state() -> State {
    leptos::prelude::expect_context()
}

/// Who makes a change: any witness, or nobody yet.
pub trait Actor {
    fn actor(&self) -> Option<crate::id::AccountId>;
}

/// Someone without an account: an applicant, or a person opening a link.
pub struct Stranger;

impl Actor for Stranger {
    fn actor(&self) -> Option<crate::id::AccountId> {
        None
    }
}

impl Actor for Viewer {
    fn actor(&self) -> Option<crate::id::AccountId> {
        Some(self.id)
    }
}

macro_rules! actors {
    ($($witness:ty),*) => {$(
        impl Actor for $witness {
            fn actor(&self) -> Option<crate::id::AccountId> {
                Some(self.account())
            }
        }
    )*};
}

actors!(Coordinator, Mentor, Mentee, OwnEnrollment, PairMember);

impl State {
    /// Opens a change made by `who`, now.
    pub async fn write(&self, who: &impl Actor) -> Result<WriteTx, AppError> {
        Ok(self.db.write(who.actor(), self.clock.now(), &self.audit_key).await?)
    }

    /// An address of the site, for mail and print.
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.base_url)
    }
}

/// Random bytes from the operating system.
pub fn random_bytes<const N: usize>() -> Result<[u8; N], sqlx::Error> {
    let mut buffer = [0; N];
    getrandom::fill(&mut buffer).map_err(|error| sqlx::Error::Io(std::io::Error::other(error)))?;
    Ok(buffer)
}

/// A random code of so many bytes as lower-case hex, from the operating system.
pub fn random_code<const BYTES: usize>() -> Result<String, AppError> {
    Ok(hex(&random_bytes::<BYTES>()?))
}

/// Bytes as lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

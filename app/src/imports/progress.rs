//! How far an import is that is being brought in; separate because it is told from memory. The import is one transaction,
//! so nothing of it can be read in the database before it is done, and SQLite lets nobody else write meanwhile.
//!
//! A copy of the program that is stopped in the middle leaves nothing behind: the transaction was never there, and the
//! import can be set going again. Another copy of the program shows no progress; setting it going there too waits and
//! finds it done.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

use uuid::Uuid;

use super::store;
use crate::error::AppError;
use crate::id::ImportId;
use crate::people::Coordinator;
use crate::state::State;

/// Rows that are written, of all.
#[derive(Debug, Default)]
pub struct Progress {
    done: AtomicUsize,
    of: AtomicUsize,
}

impl Progress {
    pub fn expect(&self, rows: usize) {
        self.of.store(rows, Ordering::Relaxed);
    }

    pub fn add(&self, rows: usize) {
        self.done.fetch_add(rows, Ordering::Relaxed);
    }

    /// Rows that are written, and of how many.
    pub fn now(&self) -> (usize, usize) {
        (self.done.load(Ordering::Relaxed), self.of.load(Ordering::Relaxed))
    }
}

static RUNNING: LazyLock<Mutex<HashMap<Uuid, Arc<Progress>>>> = LazyLock::new(Mutex::default);

/// Stands in the list as long as it is there, however its work ends.
struct Running(Uuid);

impl Drop for Running {
    fn drop(&mut self) {
        if let Ok(mut running) = RUNNING.lock() {
            running.remove(&self.0);
        }
    }
}

/// How far an import is; `None` when this copy of the program is not at it.
pub fn of(id: Uuid) -> Option<(usize, usize)> {
    RUNNING.lock().ok()?.get(&id).map(|progress| progress.now())
}

/// Works on an import beside whatever else is asked for. One that is worked on is left alone.
pub fn begin<Fut>(id: Uuid, work: impl FnOnce(Arc<Progress>) -> Fut)
where
    Fut: Future<Output = ()> + Send + 'static,
{
    let progress = Arc::new(Progress::default());
    {
        let Ok(mut running) = RUNNING.lock() else { return };
        if running.contains_key(&id) {
            return;
        }
        running.insert(id, progress.clone());
    }
    let (running, work) = (Running(id), work(progress));
    tokio::spawn(async move {
        work.await;
        drop(running);
    });
}

/// Brings an import in.
pub fn start(program: State, who: Coordinator, id: ImportId) {
    begin(id.0, move |progress| async move {
        if let Err(error) = work(&program, &who, id, &progress).await {
            tracing::warn!(%error, import = %id, "an import came to nothing");
            note(&program, &who, id, &error).await;
        }
    });
}

async fn work(program: &State, who: &Coordinator, id: ImportId, progress: &Progress) -> Result<(), AppError> {
    let mut tx = program.write(who).await?;
    if store::bring_in(&mut tx, program, who, id, progress).await? {
        tx.commit().await?;
    }
    Ok(())
}

/// Why an import came to nothing, in words for who set it going.
pub fn told(error: &AppError) -> String {
    match error {
        AppError::Refused(refusal) => refusal.to_string(),
        AppError::Busy => "The program was busy, so nothing was imported. Press the button again.".to_owned(),
        _ => "Something went wrong on our side, so nothing was imported. It has been noted.".to_owned(),
    }
}

async fn note(program: &State, who: &Coordinator, id: ImportId, error: &AppError) {
    let words = told(error);
    let noted = async {
        let mut tx = program.write(who).await?;
        store::note_problem(&mut tx, who, id, &words).await?;
        Ok::<_, AppError>(tx.commit().await?)
    };
    if let Err(error) = noted.await {
        tracing::error!(%error, import = %id, "why an import came to nothing could not be noted");
    }
}

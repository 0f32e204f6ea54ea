//! What the program does by itself at intervals; separate from the mail worker, which never waits for a clock.

use std::time::Duration;

use app::State;
use app::people::session::Store;
use tokio::sync::watch;

/// Removes sessions that are over, once an hour, until told to stop.
pub async fn sweep_sessions(state: State, mut stop: watch::Receiver<bool>) {
    let store = Store(state);
    loop {
        if let Err(error) = store.sweep().await {
            tracing::warn!(%error, "sessions could not be swept");
        }
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(3600)) => {}
            _ = stop.changed() => return,
        }
    }
}

/// How often the clock looks at what waits.
const WATCH_EVERY: Duration = Duration::from_secs(600);

/// Ends leaves that are over, nudges and lists what waits too long, every ten minutes, until told to stop.
pub async fn watch(state: State, mut stop: watch::Receiver<bool>) {
    loop {
        if let Err(error) = app::enrollments::watch::run(&state).await {
            tracing::warn!(%error, "what waits could not be looked at");
        }
        tokio::select! {
            () = tokio::time::sleep(WATCH_EVERY) => {}
            _ = stop.changed() => return,
        }
    }
}

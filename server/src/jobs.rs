//! What the program does by itself at intervals; separate from the mail worker, which never waits for a clock.

use std::time::Duration;

use app::State;
use app::people::session::Store;
use tokio::sync::watch;

/// Asks those whose day has come what became of them, once an hour, until told to stop; each is asked once.
pub async fn ask_follow_ups(state: State, mut stop: watch::Receiver<bool>) {
    loop {
        match app::follow_ups::store::ask_all(&state).await {
            Ok(0) => {}
            Ok(asked) => tracing::info!(asked, "follow-ups"),
            Err(error) => tracing::warn!(%error, "follow-ups could not be asked"),
        }
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(3600)) => {}
            _ = stop.changed() => return,
        }
    }
}

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

/// Ends leaves that are over, nudges and lists what waits too long, and tells each week once, every ten minutes, until
/// told to stop.
pub async fn watch(state: State, mut stop: watch::Receiver<bool>) {
    loop {
        if let Err(error) = app::enrollments::watch::run(&state).await {
            tracing::warn!(%error, "what waits could not be looked at");
        }
        if let Err(error) = app::desk::week::tell(&state).await {
            tracing::warn!(%error, "the week could not be told");
        }
        tokio::select! {
            () = tokio::time::sleep(WATCH_EVERY) => {}
            _ = stop.changed() => return,
        }
    }
}

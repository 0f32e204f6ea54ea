//! Stories that change the time zone or the program year, which the whole process knows: separate from the others, so
//! that none of those finds itself in another zone, and one after the other here.

#[path = "../it/support.rs"]
#[expect(dead_code, reason = "the other stories use more of it")]
mod support;
#[path = "../it/visit.rs"]
#[expect(dead_code, reason = "the other stories use more of it")]
mod visit;

mod calendar;
mod every_setting;

use tokio::sync::{Mutex, MutexGuard};

/// Held by each story from its first read of the settings to its end.
async fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::const_new(());
    ONE.lock().await
}

//! How often one account may be tried, whatever address the tries come from; separate because it is the only state
//! the program keeps in memory. Each copy of the program counts for itself.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};
use std::time::{Duration, Instant};

use crate::error::{AppError, Refusal};

const MOST: u32 = 10;
const WINDOW: Duration = Duration::from_secs(15 * 60);

static TRIES: LazyLock<Mutex<HashMap<String, (u32, Instant)>>> = LazyLock::new(Mutex::default);

/// Counts one try of an account and refuses it past ten in a quarter of an hour.
pub fn count(account: &str) -> Result<(), AppError> {
    let Ok(mut tries) = TRIES.lock() else { return Err(AppError::Internal) };
    let now = Instant::now();
    if tries.len() > 10_000 {
        tries.retain(|_, (_, since)| now.duration_since(*since) < WINDOW);
    }
    let (count, since) = tries.entry(account.to_owned()).or_insert((0, now));
    if now.duration_since(*since) >= WINDOW {
        (*count, *since) = (0, now);
    }
    *count += 1;
    if *count > MOST {
        return Err(
            Refusal::new("There were too many tries for this address. Wait a quarter of an hour, then try again.").into()
        );
    }
    Ok(())
}

/// Forgets the tries of an account once one was right.
pub fn forget(account: &str) {
    if let Ok(mut tries) = TRIES.lock() {
        tries.remove(account);
    }
}

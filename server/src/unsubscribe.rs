//! Following a link that stops news. Separate from the forms, because mail programs send it by themselves: without a
//! session, a cookie or an origin, and they follow no redirect (RFC 8058).

use app::State;
use app::app::{Params, ROUTES};
use app::mail::unsubscribe::follow;
use app::ui::Assets;
use axum::body::to_bytes;
use axum::extract::{Path, Request};
use axum::routing::{MethodRouter, post};

use crate::{router, site};

/// The address that is in the mails; its page is among the site's pages.
pub const PATH: &str = "/unsubscribe/{token}";

/// The most that is read of what was sent, in bytes.
const LARGEST: usize = 4096;

/// Follows the link at once, or undoes it when the form says so, and answers with its page as it is then.
pub fn followed(state: State) -> MethodRouter {
    post(move |Path(token): Path<String>, request: Request| async move {
        let (parts, body) = request.into_parts();
        let Ok(sent) = to_bytes(body, LARGEST).await else { return crate::security::too_large() };
        let undo = form_urlencoded::parse(&sent).any(|(name, _)| name == "undo");
        let assets = Assets(site::address);
        if let Err(error) = follow(&state, &token, undo).await {
            return router::page(app::app::render_error(error, state, parts, assets).await);
        }
        let route = ROUTES.iter().find(|route| route.path == PATH);
        let params = Params(vec![("token".to_owned(), token)]);
        router::page(app::app::render(route, state, parts, params, "", assets).await)
    })
}

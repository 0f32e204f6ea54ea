//! A browser without scripts: opens pages and sends forms as one person, with the session that carries refused forms.

use std::sync::Arc;

use app::app::{Params, ROUTES, Rendered, Route, render};
use app::error::AppError;
use app::form::{Call, Typed};
use app::people::Viewer;
use app::people::session::{ACCOUNT, Store};
use app::people::viewer::ViewerOfRequest;
use axum::http::Request;
use axum::http::request::Parts;
use leptos::prelude::{Owner, provide_context};
use leptos::reactive::computed::ScopedFuture;
use leptos_axum::ResponseOptions;
use tower_sessions::Session;

use crate::support::Program;

pub struct Browser<'a> {
    program: &'a Program,
    session: Session,
    /// Whom its pages are made for: the hidden field of every form.
    whose: String,
}

impl<'a> Browser<'a> {
    /// Somebody who is not signed in.
    pub fn stranger(program: &'a Program) -> Self {
        let session = Session::new(None, Arc::new(Store(program.state.clone())), None);
        Self { program, session, whose: String::new() }
    }

    /// Somebody who is.
    pub async fn of(program: &'a Program, who: &Viewer) -> Self {
        let browser = Self { whose: who.id.to_string(), ..Self::stranger(program) };
        browser.session.insert(ACCOUNT, who.id).await.unwrap();
        browser
    }

    /// Somebody else signs in; the pages that are open stay those of before.
    pub async fn sign_in_only(&mut self, who: &Viewer) {
        self.session.insert(ACCOUNT, who.id).await.unwrap();
    }

    /// Opens a page of the site.
    pub async fn open(&self, path: &str) -> Rendered {
        let (route, params) = find(path.split('?').next().unwrap());
        render(route, self.program.state.clone(), self.parts("GET", path), params, "", app::ui::Assets(|path| path.to_owned()))
            .await
    }

    /// Sends a form from a page; gives where it leads.
    pub async fn send(
        &self,
        from: &str,
        form: &str,
        fields: &[(&str, &str)],
        change: impl Future<Output = Result<(), AppError>>,
    ) -> Result<String, AppError> {
        let fields =
            fields.iter().copied().chain([("_for", self.whose.as_str())].into_iter().filter(|(_, whose)| !whose.is_empty()));
        let typed = fields.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let (parts, response) = (self.parts("POST", from), ResponseOptions::default());
        let call = Call { html: true, from: from.to_owned(), form: form.to_owned(), ..Call::default() };
        let owner = Owner::new();
        let done = owner
            .with(|| {
                provide_context(self.program.state.clone());
                provide_context(parts);
                provide_context(ViewerOfRequest::default());
                provide_context(Typed(Arc::new(typed)));
                provide_context(call);
                provide_context(response.clone());
                ScopedFuture::new(change)
            })
            .await;
        owner.unset();
        done?;
        let location = response.0.read().unwrap().headers.get("location").cloned();
        Ok(location.unwrap().to_str().unwrap().to_owned())
    }

    fn parts(&self, method: &str, path: &str) -> Parts {
        let mut request = Request::builder().method(method).uri(path).body(()).unwrap();
        request.extensions_mut().insert(self.session.clone());
        request.into_parts().0
    }
}

/// The page at an address, as the router finds it: written-out parts go before parameters.
fn find(path: &str) -> (Option<&'static Route>, Params) {
    let mut found: Vec<(usize, &'static Route, Params)> =
        ROUTES.iter().filter_map(|route| fit(route.path, path).map(|params| (params.0.len(), route, params))).collect();
    found.sort_by_key(|(params, ..)| *params);
    match found.into_iter().next() {
        Some((_, route, params)) => (Some(route), params),
        None => (None, Params::default()),
    }
}

fn fit(pattern: &str, path: &str) -> Option<Params> {
    let (parts, given): (Vec<&str>, Vec<&str>) = (pattern.split('/').collect(), path.split('/').collect());
    if parts.len() != given.len() {
        return None;
    }
    let mut params = Params::default();
    for (part, given) in parts.into_iter().zip(given) {
        match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            Some(name) => params.0.push((name.to_owned(), given.to_owned())),
            None if part == given => {}
            None => return None,
        }
    }
    Some(params)
}

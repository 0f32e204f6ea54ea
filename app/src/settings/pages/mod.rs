//! The pages of the settings: the form, and the versions it leaves behind.

mod form;
mod versions;

use leptos::prelude::*;

pub use form::settings;
pub use versions::versions;

/// The pages that belong together here, the one that is open marked.
pub fn tabs(open: &'static str) -> impl IntoView {
    let tabs = [
        ("/coordinator/settings", "Settings"),
        ("/coordinator/settings/versions", "Versions"),
        ("/coordinator/settings/people", "Coordinators"),
        ("/coordinator/handover", "Hand-over"),
    ]
    .into_iter()
    .map(|(path, label)| view! { <li><a href=path aria-current=(path == open).then_some("page")>{label}</a></li> })
    .collect_view();
    view! { <ul class="tabs">{tabs}</ul> }
}

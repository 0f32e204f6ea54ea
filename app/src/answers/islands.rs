//! The browser's part of a test: sends each answer as it is given, keeps it in the tab as long as it has not arrived, and
//! counts the minutes of a practice down. It writes no HTML of its own.

use leptos::prelude::*;

/// Around the questions of one form. They stay the server's own HTML, and so does the line that says what was kept.
#[island]
pub fn KeepAnswers(children: Children) -> impl IntoView {
    let root = NodeRef::<leptos::html::Div>::new();
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| {
        if let Some(root) = root.get() {
            super::browser::start(&root);
        }
    });
    view! { <div node_ref=root>{children()}</div> }
}

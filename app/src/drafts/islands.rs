//! The browser's part of a draft: notices typing, keeps what stands in the form, and says so. It writes no HTML of its
//! own: what it fills in stands in `ui::Drafted`.

use leptos::prelude::*;

/// Around the fields of one form: keeps them while a person types. The fields stay the server's own HTML.
#[island]
pub fn KeepTyped(children: Children) -> impl IntoView {
    let root = NodeRef::<leptos::html::Div>::new();
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| {
        if let Some(root) = root.get() {
            super::browser::start(&root);
        }
    });
    view! { <div node_ref=root>{children()}</div> }
}

/// On the page that follows a stranger's form: forgets what the tab kept of it.
#[island]
pub fn ForgetTyped() -> impl IntoView {
    #[cfg(feature = "hydrate")]
    super::device::forget_tab();
}

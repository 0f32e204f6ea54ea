//! The pages of mail: the coordinator's outbox, texts and announcements, a person's own choice, and the page behind a
//! link that stops news.

mod announce;
mod outbox;
mod preferences;
mod texts;
mod unsubscribe;

use leptos::prelude::*;

pub use announce::announce;
pub use outbox::outbox;
pub use preferences::preferences;
pub use texts::{text, text_page, texts};
pub use unsubscribe::unsubscribe;

const OUTBOX: &str = "/coordinator/mail";
const TEXTS: &str = "/coordinator/mail/templates";
pub const ANNOUNCE: &str = "/coordinator/mail/announce";

/// The way back to the outbox, over one page between if there is one.
fn crumbs(between: Option<(&'static str, &'static str)>, here: String) -> impl IntoView {
    let between = between.map(|(path, name)| view! { <li><a href=path>{name}</a></li> });
    view! {
        <nav aria-label="Where you are">
            <ol class="crumbs" role="list"><li><a href=OUTBOX>"Mail"</a></li>{between}<li aria-current="page">{here}</li></ol>
        </nav>
    }
}

/// An address that does not take mail, wherever an address is shown.
fn bounce_tag() -> impl IntoView {
    view! { <span class="tag" data-tone="late">"mail comes back"</span> }
}

//! Pages of the lending library: the mentee's book, lending one, and the shelf.

mod lend;
mod mentee;
mod shelf;

use leptos::prelude::*;

pub use lend::lend;
pub use mentee::my_book;
pub use shelf::library;

use crate::form::Form;

/// A form that is one button: what it says, and the hidden values it sends.
fn press(form: Form, class: &'static str, words: &'static str, hidden: Vec<(&'static str, String)>) -> impl IntoView {
    let fields = hidden.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value /> }).collect_view();
    view! {
        <form method="post" action=form.action()>
            <input type="hidden" name="_for" value=form.whose() />
            {fields}
            <button class=class>{words}</button>
        </form>
    }
}

/// An address as it stands on a parcel.
fn address_lines(address: &str) -> impl IntoView + use<> {
    let lines: Vec<String> = address.lines().map(str::to_owned).collect();
    view! { <address>{lines.into_iter().map(|line| view! { {line}<br /> }).collect_view()}</address> }
}

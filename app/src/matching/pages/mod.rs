//! The pages of mentors and matches.

mod matching;
mod mentors;
mod profile;
mod proposal;

use leptos::prelude::*;

pub use matching::match_mentor;
pub use mentors::{mentor, mentors, new_mentor};
pub use profile::own_profile;
pub use proposal::proposal;

use crate::form::Form;
use crate::matching::{Credential, URGENT_DAYS};
use crate::ui::Day;

/// A form of one button. `fields` say what it acts on, `about` is read out after the label, so that ten buttons of one
/// name can be told apart.
fn button(
    form: Form,
    fields: &[(&'static str, String)],
    class: &'static str,
    label: &'static str,
    about: String,
) -> impl IntoView + use<> {
    let whose = form.whose();
    let fields =
        fields.iter().map(|(name, value)| view! { <input type="hidden" name=*name value=value.clone() /> }).collect_view();
    view! {
        <form method="post" action=form.action()>
            <input type="hidden" name="_for" value=whose />
            {fields}
            <button class=class>{label}<span class="visually-hidden">{format!(" {about}")}</span></button>
        </form>
    }
}

/// The names of a closed list's words in a row.
fn names<T: Copy>(all: &[T], name: fn(T) -> &'static str) -> String {
    if all.is_empty() {
        return "None named".to_owned();
    }
    all.iter().map(|one| name(*one)).collect::<Vec<_>>().join(", ")
}

/// How a credential stands, late ones marked.
fn standing(credential: Credential) -> impl IntoView {
    match credential {
        Credential::Unchecked => view! { <span class="late">"Not checked yet"</span> }.into_any(),
        Credential::Expired(on) => view! { <span class="late">"Ended "<Day date=on /></span> }.into_any(),
        Credential::Ending { on, days } if days <= URGENT_DAYS => {
            view! { <span class="late"><Day date=on />{format!(", in {days} days")}</span> }.into_any()
        }
        Credential::Ending { on, days } => view! { <span><Day date=on />{format!(", in {days} days")}</span> }.into_any(),
        Credential::Valid(on) => view! { <span><Day date=on /></span> }.into_any(),
    }
}

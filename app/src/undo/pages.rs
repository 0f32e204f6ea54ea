//! What was done just now, with the way back; it stands on top of the pages on which the coordinator acts.

use leptos::prelude::*;

use super::store::Recent;
use super::words;
use crate::clock::{today, zone};
use crate::form::Form;
use crate::state;
use crate::ui::{ErrorSummary, Hidden};

/// Opens the form of the button, with what a refused one left behind.
pub async fn form() -> Result<Form, crate::error::AppError> {
    Form::open("undo-change").await
}

/// "Done just now", the latest first; nothing where nothing can be taken back.
pub fn just_done(recent: &[Recent], form: Form) -> impl IntoView + use<> {
    let refused = !form.errors().is_empty();
    let lines = recent.iter().map(|one| line(one, form)).collect_view();
    (refused || !recent.is_empty()).then(|| {
        view! {
            <section class="just-done" role="status" aria-labelledby="just-done">
                <h2 id="just-done" class="visually-hidden">"Done just now"</h2>
                {refused.then(|| view! { <ErrorSummary form /> })}
                <ul role="list">{lines}</ul>
            </section>
        }
    })
}

fn line(one: &Recent, form: Form) -> impl IntoView + use<> {
    let said = words(&one.body);
    view! { <li><span>{said.clone()}</span>{button(one, &said, form)}</li> }
}

/// The button alone, for a row of its own.
pub fn button(one: &Recent, said: &str, form: Form) -> impl IntoView + use<> {
    let (action, whose, id) = (form.action(), form.whose(), one.id.to_string());
    let label = format!("Undo: {said}");
    let local = one.until_at.with_timezone(&zone());
    let on_another_day = local.date_naive() != today(state().clock.now());
    let until = local.format(if on_another_day { "%b %-d, %-I:%M %P" } else { "%-I:%M %P" }).to_string();
    let from =
        use_context::<axum::http::request::Parts>().and_then(|parts| parts.uri.path_and_query().map(ToString::to_string));
    view! {
        <form method="post" action=action>
            <input type="hidden" name="_for" value=whose />
            <input type="hidden" name="_from" value=from />
            <Hidden name="undo" value=id />
            <button class="button quiet small" aria-label=label>"Undo"</button>
            <small class="muted">" until "{until}</small>
        </form>
    }
}

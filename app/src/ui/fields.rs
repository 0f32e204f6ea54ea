//! The fields of a form: each owns its label, hint, error and what was typed before. Separate because every form of the
//! site is made of them, and because the one `<textarea>` lives here.

use std::borrow::Cow;

use leptos::prelude::*;

use crate::drafts;
use crate::drafts::islands::KeepTyped;
use crate::form::Form;

/// A form around its fields: the error summary on top, whom the page was made for, and where it sends to.
#[component]
pub fn FormFor(form: Form, #[prop(optional, into)] class: Option<&'static str>, children: Children) -> impl IntoView {
    let whose = form.whose();
    // Some browsers and proxies leave the Referer out: the form says itself where it stood.
    let from =
        use_context::<axum::http::request::Parts>().and_then(|parts| parts.uri.path_and_query().map(ToString::to_string));
    view! {
        // The server checks everything and says it beside the field, in the same words for everyone: no bubbles of the browser.
        <form class=class.unwrap_or("form") method="post" action=form.action() novalidate=true>
            <ErrorSummary form />
            {(!whose.is_empty()).then(|| view! { <input type="hidden" name="_for" value=whose /> })}
            <input type="hidden" name="_from" value=from />
            {children()}
        </form>
    }
}

/// The same for a form with a file in it.
#[component]
pub fn UploadFormFor(form: Form, children: Children) -> impl IntoView {
    let from =
        use_context::<axum::http::request::Parts>().and_then(|parts| parts.uri.path_and_query().map(ToString::to_string));
    view! {
        <form class="form" method="post" enctype="multipart/form-data" action=form.upload_action() novalidate=true>
            <ErrorSummary form />
            <input type="hidden" name="_for" value=form.whose() />
            <input type="hidden" name="_from" value=from />
            {children()}
        </form>
    }
}

/// What is wrong, on top, each with a link to its field.
#[component]
pub fn ErrorSummary(form: Form) -> impl IntoView {
    let errors = form.errors();
    (!errors.is_empty()).then(|| {
        let title = match errors.len() {
            1 => "One thing to mend".to_owned(),
            count => format!("{count} things to mend"),
        };
        let lines = errors
            .into_iter()
            .map(|error| {
                let target = (!error.field.is_empty()).then(|| format!("#{}", form.id(&error.field)));
                view! { <li>{match target {
                    Some(target) => view! { <a href=target>{error.message}</a> }.into_any(),
                    None => error.message.into_any(),
                }}</li> }
            })
            .collect_view();
        view! {
            <div class="error-summary" role="alert" tabindex="-1">
                <h2>{title}</h2>
                <ul>{lines}</ul>
            </div>
        }
    })
}

struct Parts {
    id: String,
    error: Option<String>,
    described: Option<String>,
}

fn parts(form: Form, name: &str, hint: bool) -> Parts {
    let (id, error) = (form.id(name), form.error(name));
    let ids: Vec<String> =
        [hint.then(|| format!("{id}-hint")), error.as_ref().map(|_| format!("{id}-error"))].into_iter().flatten().collect();
    Parts { described: (!ids.is_empty()).then(|| ids.join(" ")), id, error }
}

fn label_and_errors(parts: &Parts, label: String, optional: bool, hint: Cow<'static, str>) -> impl IntoView + use<> {
    let (id, error) = (parts.id.clone(), parts.error.clone());
    view! {
        <label for=id.clone()>{label}{optional.then(|| view! { <span class="optional">" (if you like)"</span> })}</label>
        {(!hint.is_empty()).then(|| view! { <p class="hint" id=format!("{id}-hint")>{hint}</p> })}
        {error.map(|message| view! { <p class="field-error" id=format!("{id}-error")>{message}</p> })}
    }
}

/// A line of text; `kind` is the input's type.
#[component]
pub fn TextField(
    form: Form,
    name: &'static str,
    #[prop(into)] label: String,
    #[prop(optional, into)] value: String,
    #[prop(default = "text")] kind: &'static str,
    #[prop(optional, into)] hint: Cow<'static, str>,
    #[prop(optional)] optional: bool,
    #[prop(optional)] autocomplete: &'static str,
    /// How wide the answer usually is: "short", "medium", or empty.
    #[prop(optional)]
    size: &'static str,
    #[prop(optional)] autofocus: bool,
) -> impl IntoView {
    let parts = parts(form, name, !hint.is_empty());
    let value = if kind == "password" { String::new() } else { form.value(name, value) };
    let inputmode = (kind == "number").then_some("numeric");
    // A number field swallows what is not a number; the server says what is wrong with it instead.
    let kind = if kind == "number" { "text" } else { kind };
    view! {
        <div class="field" data-invalid=parts.error.is_some().then_some("")>
            {label_and_errors(&parts, label, optional, hint)}
            <input
                id=parts.id
                name=name
                type=kind
                value=value
                class=size
                inputmode=inputmode
                required=!optional && kind == "password"
                autocomplete=(!autocomplete.is_empty()).then_some(autocomplete)
                autofocus=autofocus
                aria-describedby=parts.described
                aria-invalid=parts.error.is_some().then_some("true")
            />
        </div>
    }
}

/// A file; `accept` names the kinds that the browser offers.
#[component]
pub fn FileField(
    form: Form,
    name: &'static str,
    #[prop(into)] label: String,
    accept: &'static str,
    #[prop(optional, into)] hint: Cow<'static, str>,
) -> impl IntoView {
    let parts = parts(form, name, !hint.is_empty());
    view! {
        <div class="field" data-invalid=parts.error.is_some().then_some("")>
            {label_and_errors(&parts, label, false, hint)}
            <input
                id=parts.id
                name=name
                type="file"
                accept=accept
                aria-describedby=parts.described
                aria-invalid=parts.error.is_some().then_some("true")
            />
        </div>
    }
}

/// A longer text. The only `<textarea>` of the site: its content is escaped here, because the renderer does not do it.
#[component]
pub fn TextArea(
    form: Form,
    #[prop(into)] name: Cow<'static, str>,
    #[prop(into)] label: String,
    #[prop(optional, into)] value: String,
    #[prop(optional, into)] hint: Cow<'static, str>,
    #[prop(optional)] optional: bool,
    #[prop(default = 5)] rows: u32,
    /// False only where nothing about learning is asked, as in the program's own address.
    #[prop(default = true)]
    privacy: bool,
) -> impl IntoView {
    let parts = parts(form, &name, !hint.is_empty());
    // A newline right after the tag is dropped by the browser; one more keeps a text that begins with one.
    let inner = format!("\n{}", super::escape(&form.value(&name, value)));
    view! {
        <div class="field" data-invalid=parts.error.is_some().then_some("")>
            {label_and_errors(&parts, label, optional, hint)}
            <textarea
                id=parts.id
                name=name.into_owned()
                rows=rows
                aria-describedby=parts.described
                aria-invalid=parts.error.is_some().then_some("true")
                inner_html=inner
            ></textarea>
            {privacy.then(|| view! { <p class="privacy-note">"No patient details, please keep it about your learning."</p> })}
        </div>
    }
}

/// One answer of a list, as (value, words).
pub type Choice = (String, String);

/// The choices of a closed list.
pub fn choices<T: Copy + ToString>(all: &[T], name: fn(T) -> &'static str) -> Vec<Choice> {
    all.iter().map(|one| (one.to_string(), name(*one).to_owned())).collect()
}

/// One answer from a list that folds away.
#[component]
pub fn SelectField(
    form: Form,
    name: &'static str,
    #[prop(into)] label: String,
    choices: Vec<Choice>,
    #[prop(optional, into)] value: String,
    #[prop(optional, into)] hint: Cow<'static, str>,
    #[prop(optional)] optional: bool,
) -> impl IntoView {
    let parts = parts(form, name, !hint.is_empty());
    let chosen = form.value(name, value);
    let options = choices
        .into_iter()
        .map(|(value, words)| {
            let selected = value == chosen;
            view! { <option value=value selected=selected>{words}</option> }
        })
        .collect_view();
    view! {
        <div class="field" data-invalid=parts.error.is_some().then_some("")>
            {label_and_errors(&parts, label, optional, hint)}
            <select
                id=parts.id
                name=name
                aria-describedby=parts.described
                aria-invalid=parts.error.is_some().then_some("true")
            >
                <option value="">"Choose…"</option>
                {options}
            </select>
        </div>
    }
}

/// Answers that all stand in view: one of them (`many` false) or any number.
#[component]
pub fn ChoiceField(
    form: Form,
    name: &'static str,
    #[prop(into)] legend: String,
    choices: Vec<Choice>,
    #[prop(optional)] many: bool,
    #[prop(optional)] value: Vec<String>,
    #[prop(optional)] hint: &'static str,
) -> impl IntoView {
    let parts = parts(form, name, !hint.is_empty());
    let kind = if many { "checkbox" } else { "radio" };
    let (id, invalid) = (parts.id, parts.error.is_some());
    let rows = choices
        .into_iter()
        .enumerate()
        .map(|(index, (choice, words))| {
            let checked = form.chosen(name, &choice, value.contains(&choice));
            // The first answer carries the field's id, so that the error summary leads to it.
            let id = if index == 0 { id.clone() } else { format!("{id}-{index}") };
            view! {
                <label class="choice">
                    <input type=kind id=id name=name value=choice checked=checked />
                    <span>{words}</span>
                </label>
            }
        })
        .collect_view();
    view! {
        <fieldset class="choices" data-invalid=invalid.then_some("") aria-describedby=parts.described>
            <legend>{legend}</legend>
            {(!hint.is_empty()).then(|| view! { <p class="hint" id=format!("{id}-hint")>{hint}</p> })}
            {parts.error.map(|message| view! { <p class="field-error" id=format!("{id}-error")>{message}</p> })}
            {rows}
        </fieldset>
    }
}

/// One box to tick.
#[component]
pub fn TickField(
    form: Form,
    name: &'static str,
    #[prop(into)] label: String,
    #[prop(optional)] checked: bool,
) -> impl IntoView {
    let parts = parts(form, name, false);
    let ticked = form.chosen(name, "yes", checked);
    view! {
        <div class="field" data-invalid=parts.error.is_some().then_some("")>
            {parts.error.clone().map(|message| view! { <p class="field-error" id=format!("{}-error", parts.id)>{message}</p> })}
            <label class="choice">
                <input type="checkbox" id=parts.id name=name value="yes" checked=ticked aria-describedby=parts.described />
                <span>{label}</span>
            </label>
        </div>
    }
}

/// A hidden value.
#[component]
pub fn Hidden(name: &'static str, #[prop(into)] value: String) -> impl IntoView {
    view! { <input type="hidden" name=name value=value /> }
}

/// What makes sending a form twice harmless; a refused form keeps its key.
#[component]
pub fn SubmissionKeyField(form: Form) -> impl IntoView {
    let key = form.typed("key").unwrap_or_else(|| crate::id::SubmissionKey::new().to_string());
    view! { <input type="hidden" name="key" value=key /> }
}

/// Around the fields of a form with longer texts: what is typed is kept until it is sent. Open the form with
/// [`Form::open_drafted`].
///
/// The line that says so and the choice between two texts stand here, and the browser's part only fills them in: a page
/// should load as little of it as can be.
#[component]
pub fn Drafted(form: Form, children: Children) -> impl IntoView {
    let now = crate::state().clock.now();
    let said = form.draft_saved_at().map(|at| format!("Saved {}", crate::clock::say_at(at, now)));
    view! {
        <input type="hidden" name=drafts::DRAFT value=form.draft_key() />
        <input type="hidden" name=drafts::VERSION value=form.draft_version().to_string() />
        <input type="hidden" name=drafts::PAGE />
        <KeepTyped>
            <div class="kept">{children()}</div>
            <p class="saved-at" role="status" data-part="said">{said}</p>
            <div class="conflict" role="alert" data-part="conflict" hidden=true>
                <p><strong>"This text was changed elsewhere "<span data-part="when"></span>"."</strong>
                    " What you typed here stands in the form. This is what was typed there:"</p>
                <dl class="facts plain" data-part="other"></dl>
                <div class="actions">
                    <button class="button" type="button" data-choice="mine">"Keep what is here"</button>
                    <button class="button quiet" type="button" data-choice="other">"Take the other"</button>
                    <button class="button quiet" type="button" data-choice="both">"Put both together"</button>
                </div>
            </div>
        </KeepTyped>
    }
}

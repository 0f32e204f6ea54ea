//! The page where the coordinator changes what the program's limits and public words are.

use leptos::prelude::*;
use serde_json::Value;

use super::tabs;
use crate::error::AppError;
use crate::form::Form;
use crate::people::viewer;
use crate::settings::fields::{Field, GROUPS, Group, Kind};
use crate::settings::store::{self, Change};
use crate::settings::{Logo, Settings, Typed};
use crate::state::state;
use crate::ui::{DayOf, FileField, FormFor, Hidden, Page, SelectField, TextArea, TextField, UploadFormFor, paragraphs};

pub async fn settings() -> Result<Page, AppError> {
    let who = viewer().await?;
    who.coordinator()?;
    let form = Form::open("change-settings").await?;
    let logo_form = Form::open("logo").await?;
    let mut tx = state().db.read().await?;
    let now = store::current(&mut tx).await?;
    let change = store::latest_change(&mut tx).await?;
    drop(tx);
    let version = change.as_ref().map_or(0, |change| change.version).to_string();
    let (values, usual) = (now.by_name(), Settings::default().by_name());
    let groups = GROUPS.iter().map(|one| group(form, one, &values, &usual)).collect_view();
    let ways = GROUPS.iter().map(|group| view! { <li><a href=format!("#{}", group.id)>{group.title}</a></li> }).collect_view();
    let body = view! {
        {tabs("/coordinator/settings")}
        <h1>"Settings"</h1>
        <p class="lede">"What you decide here holds from now on. Nobody who has started loses anything by it."</p>
        {last_change(change)}
        <nav aria-label="On this page"><ul class="ways" role="list">
            {ways}<li><a href="#logo-picture">"Logo"</a></li><li><a href="#test">"Test message"</a></li>
        </ul></nav>
        <FormFor form>
            <Hidden name="version" value=version />
            {groups}
            <div class="actions"><button class="button">"Save the settings"</button></div>
        </FormFor>
        {logo(logo_form, now.logo.as_ref())}
        <section class="hang" id="test">
            <h2>"Test message"</h2>
            <p>"A message to "<strong>{who.email.clone()}</strong>" shows whether mail leaves and arrives."</p>
            <form method="post" action="/api/send-test-mail"><button class="button quiet">"Send me a test message"</button></form>
        </section>
    };
    Ok(Page::narrow("Settings", body))
}

fn last_change(change: Option<Change>) -> impl IntoView {
    let words = match change {
        Some(Change { version, changed_at, changed_by }) => {
            let by = changed_by.map(|name| format!(" by {name}")).unwrap_or_default();
            view! {
                <a href="/coordinator/settings/versions">"Version "{version}</a>", saved "<DayOf at=changed_at />{by}"."
            }
            .into_any()
        }
        None => "These are the defaults; nobody has changed them yet.".into_any(),
    };
    view! { <p class="muted">{words}</p> }
}

fn group(form: Form, group: &Group, values: &Typed, usual: &Typed) -> impl IntoView + use<> {
    let null = Value::Null;
    let rows = group
        .fields
        .iter()
        .filter(|field| field.is_typed())
        .map(|field| {
            let (now, usual) = (values.get(field.name).unwrap_or(&null), usual.get(field.name).unwrap_or(&null));
            one(form, field, now, usual)
        })
        .collect_view();
    view! {
        <fieldset id=group.id class="settings">
            <legend>{group.title}</legend>
            <p class="muted">{group.words}</p>
            {rows}
        </fieldset>
    }
}

/// One setting: its field, what is usual, and a mark when it is another.
fn one(form: Form, field: &'static Field, now: &Value, usual: &Value) -> impl IntoView + use<> {
    let (name, value, hint) = (field.name, field.typed(now), hint(field, now != usual, usual));
    let input = match field.kind {
        Kind::Zone | Kind::Month | Kind::Hour | Kind::Rhythm => {
            let choices = field.choices(&value);
            view! { <SelectField form name label=field.label choices value hint /> }.into_any()
        }
        Kind::Text { missing, .. } => {
            let optional = missing.is_empty();
            view! { <TextArea form name label=field.label value rows=4 optional privacy=false hint /> }.into_any()
        }
        Kind::Line { missing, .. } => {
            let optional = missing.is_empty();
            view! { <TextField form name label=field.label value optional hint /> }.into_any()
        }
        Kind::Email => view! { <TextField form name label=field.label value kind="email" optional=true hint /> }.into_any(),
        Kind::Count { .. } => {
            view! { <TextField form name label=asked(field) value kind="number" size="short" hint /> }.into_any()
        }
        Kind::Months | Kind::Logo => view! { <TextField form name label=field.label value size="medium" hint /> }.into_any(),
    };
    let before = (now != usual && matches!(field.kind, Kind::Text { missing, .. } if !missing.is_empty())).then(|| {
        let words = paragraphs(usual.as_str().unwrap_or_default());
        view! { <details><summary>"The words it came with"</summary>{words}</details> }
    });
    view! { <div data-changed=(now != usual).then_some("") data-kind=shape(field)>{input}{before}</div> }
}

/// The label with what is counted, where a number alone would not say it.
fn asked(field: &Field) -> String {
    match field.kind {
        Kind::Count { unit, .. } if !unit.is_empty() && !field.label.to_lowercase().contains(unit) => {
            format!("{}, {unit}", field.label)
        }
        _ => field.label.to_owned(),
    }
}

/// Answers of a word or a number stand beside their question.
fn shape(field: &Field) -> Option<&'static str> {
    let short = matches!(field.kind, Kind::Count { .. } | Kind::Hour | Kind::Month | Kind::Months | Kind::Rhythm);
    short.then_some("short")
}

/// What is usual, and between what it may be chosen.
fn hint(field: &Field, changed: bool, usual: &Value) -> String {
    let usual = match field.kind {
        Kind::Text { .. } | Kind::Line { .. } | Kind::Email if !changed => String::new(),
        Kind::Text { .. } => "Changed.".to_owned(),
        Kind::Line { .. } | Kind::Email if usual.as_str() == Some("") => String::new(),
        Kind::Count { .. } => told(changed, &usual.to_string()),
        _ => told(changed, &field.told(usual)),
    };
    let range = match field.kind {
        Kind::Count { from, to, .. } => format!("From {from} to {to}."),
        _ => String::new(),
    };
    [field.hint.to_owned(), range, usual].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

fn told(changed: bool, usual: &str) -> String {
    if changed { format!("Changed; usually {usual}.") } else { format!("Usually {usual}.") }
}

/// The picture beside the program's name: what it is now, another, or none.
fn logo(form: Form, now: Option<&Logo>) -> impl IntoView + use<> {
    let (alt, there) = (now.map(|logo| logo.alt.clone()).unwrap_or_default(), now.cloned());
    let action = if there.is_some() { "Show this one instead" } else { "Show this picture" };
    view! {
        <section class="hang" id="logo-picture">
            <h2>"Logo"</h2>
            {match there {
                Some(logo) => view! {
                    <p class="logo-now"><img src=logo.address() alt=logo.alt.clone() width=logo.width height=logo.height /></p>
                    <p>"It stands beside the program’s name on every page, as “"{logo.alt.clone()}"” for those who do not see it."</p>
                    <form method="post" action="/api/remove-logo"><button class="link-button">"Remove the logo"</button></form>
                }
                .into_any(),
                None => view! { <p>"A picture beside the program’s name on every page. There is none now."</p> }.into_any(),
            }}
            <UploadFormFor form>
                <FileField form name="file" label="Picture" accept="image/png,image/jpeg" hint="PNG or JPEG, at most 200 kB." />
                <TextField form name="alt" label="What it shows" value=alt hint="Read aloud to those who do not see it, such as State of Montana." />
                <div class="actions"><button class="button quiet">{action}</button></div>
            </UploadFormFor>
        </section>
    }
}

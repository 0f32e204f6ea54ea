//! The texts of the messages: which there are, and one of them to edit, look at and take back.

use leptos::prelude::*;

use super::super::Timing;
use super::super::compose::Writer;
use super::super::look;
use super::super::store::{self, Version};
use super::super::texts::{Name, Text, samples};
use super::{TEXTS, crumbs};
use crate::app::{param, query};
use crate::error::AppError;
use crate::form::Form;
use crate::people::viewer;
use crate::settings::{self, Settings};
use crate::state::state;
use crate::ui::{DayOf, Drafted, ErrorSummary, FormFor, Hidden, Moment, Page, TextArea, TextField};

/// The page of one text.
pub fn text_page(name: Name) -> String {
    format!("{TEXTS}/{}", name.as_str())
}

fn leaves(name: Name) -> &'static str {
    match name {
        Name::Digest => "once a day, when several things are new",
        Name::Of(kind) => match (kind.timing(), kind.required()) {
            (Timing::Now, _) => "at once",
            (Timing::Digest, true) => "with the daily summary",
            (Timing::Digest, false) => "with the daily summary, unless the reader leaves it out",
        },
    }
}

pub async fn texts() -> Result<Page, AppError> {
    let who = viewer().await?.coordinator()?;
    let mut tx = state().db.read().await?;
    let edited = store::edited(&mut tx).await?;
    let changes = store::list_changes(&mut tx, &who).await?;
    let settings = settings::store::current(&mut tx).await?;
    drop(tx);
    let rows = Name::all()
        .map(|name| {
            let text = edited.get(name.as_str());
            let sample = text.cloned().unwrap_or_else(|| name.own()).fill(&samples(name, &settings, 0));
            let subject = sample.map(|sample| sample.subject).unwrap_or_default();
            let changed = changes.get(name.as_str()).filter(|_| text.is_some()).map(|at| view! { "changed "<DayOf at=*at /> });
            view! {
                <tr>
                    <th scope="row" data-label="Text"><span><a href=text_page(name)>{name.name()}</a><small>{subject}</small></span></th>
                    <td data-label="Leaves"><span>{leaves(name)}</span></td>
                    <td data-label="Changed"><span>{match changed {
                        Some(words) => words.into_any(),
                        None => view! { <span class="muted">"the program’s own"</span> }.into_any(),
                    }}</span></td>
                </tr>
            }
        })
        .collect_view();
    let body = view! {
        {crumbs(None, "Texts".to_owned())}
        <h1>"Texts of the messages"</h1>
        <p class="lede">"Every message the program sends, in plain words. Change a text and look at it before it holds; the program’s own is always kept."</p>
        <div class="table-wrap">
            <table class="ledger">
                <caption class="visually-hidden">"Texts"</caption>
                <thead><tr><th scope="col" class="grow">"Text"</th><th scope="col">"Leaves"</th><th scope="col">"Changed"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    };
    Ok(Page::wide("Texts of the messages", body))
}

pub async fn text() -> Result<Page, AppError> {
    let who = viewer().await?.coordinator()?;
    let name: Name = param("template")?;
    let form = Form::open_drafted("save-mail-text", &[("template", name.as_str().to_owned())]).await?;
    let restore = Form::open("restore-mail-text").await?;
    let mut tx = state().db.read().await?;
    let settings = settings::store::current(&mut tx).await?;
    let edited = store::edited(&mut tx).await?;
    let versions = store::list_versions(&mut tx, &who, name).await?;
    drop(tx);
    let current = edited.get(name.as_str()).cloned().unwrap_or_else(|| name.own());
    let newest = versions.first().map_or(0, |version| version.version);
    let typed = Text { subject: form.value("subject", &current.subject), body: form.value("text", &current.body) };
    let old = query("version").and_then(|number| number.parse::<i64>().ok());
    let old = old.and_then(|number| versions.iter().find(|version| version.version == number));
    let body = view! {
        {crumbs(Some((TEXTS, "Texts")), name.name())}
        <h1>{name.name()}</h1>
        <p class="lede">"It leaves "{leaves(name)}"."{alone(name)}</p>
        <ErrorSummary form=restore />
        <div class="columns">
            <div>
                {edit_form(form, name, &current, newest)}
                {look_at(name, &typed, typed == current, &settings)}
            </div>
            <aside>{fields(name)}</aside>
        </div>
        {old.map(|old| old_version(name, old, &settings))}
        {version_list(name, &versions, newest)}
    };
    Ok(Page::wide(name.name(), body))
}

fn alone(name: Name) -> Option<&'static str> {
    let in_summary = matches!(name, Name::Of(kind) if kind.timing() == Timing::Digest);
    in_summary.then_some(" When it is the only news it is sent whole; among several, its subject stands with its link.")
}

fn edit_form(form: Form, name: Name, current: &Text, newest: i64) -> impl IntoView + use<> {
    let (subject, body) = (current.subject.clone(), current.body.clone());
    // A refused form keeps the version it began with, so that nobody's change is overwritten unseen.
    let version = form.typed("version").unwrap_or_else(|| newest.to_string());
    let version = if form.errors().is_empty() { version } else { newest.to_string() };
    view! {
        <FormFor form>
            <Hidden name="template" value=name.as_str() />
            <Hidden name="version" value=version />
            <Drafted form>
                <TextField form name="subject" label="Subject" value=subject.clone() />
                <TextArea form name="text" label="Text" value=body.clone() rows=16 privacy=false
                    hint="An empty line begins a new paragraph. An address alone on its line becomes a button." />
            </Drafted>
            <div class="actions">
                <button class="button quiet" name="do" value="look">"Preview"</button>
                <button class="button" name="do" value="save">"Save this text"</button>
            </div>
        </FormFor>
    }
}

/// How it looks with sample values. A text with a mistake has its complaint in the form instead.
fn look_at(name: Name, text: &Text, in_force: bool, settings: &Settings) -> impl IntoView + use<> {
    let (edited, program) = (Default::default(), state());
    let writer = Writer { settings, edited: &edited, base_url: &program.base_url, key: &program.audit_key };
    writer.sample(name, text).ok().map(|sample| {
        view! {
            <section id="look" class="hang">
                <h2>{if in_force { "How it looks" } else { "How it looks, not saved yet" }}</h2>
                <p class="hint">"With sample values. Mail programs choose their own type and colors."</p>
                {look::preview(&sample.subject, &sample.blocks)}
                <details>
                    <summary>"The same as plain text"</summary>
                    <pre class="plain-mail">{sample.text.clone()}</pre>
                </details>
            </section>
        }
    })
}

fn fields(name: Name) -> impl IntoView {
    let lines = name
        .fields()
        .into_iter()
        .map(|field| view! { <div><dt><code>{format!("{{{{ {} }}}}", field.name)}</code></dt><dd>{field.meaning}</dd></div> })
        .collect_view();
    view! {
        <h2>"Fields"</h2>
        <p class="small">"Each stands for something of the message and is filled in when it is sent."</p>
        <dl class="facts mail-fields">{lines}</dl>
    }
}

fn version_list(name: Name, versions: &[Version], newest: i64) -> impl IntoView + use<> {
    let own_in_force = versions.first().is_none_or(|version| version.body.is_none());
    let lines = versions
        .iter()
        .map(|version| {
            let by = version.changed_by.clone().map(|by| format!(", by {by}")).unwrap_or_default();
            let in_force = version.version == newest;
            let words = if version.body.is_some() { "" } else { ", back to the program’s own text" };
            let path = format!("{}?version={}#version", text_page(name), version.version);
            view! {
                <li>
                    <span class="line-main">{match version.body {
                        Some(_) => view! { <a href=path>{format!("Version {}", version.version)}</a> }.into_any(),
                        None => format!("Version {}", version.version).into_any(),
                    }}</span>
                    <span class="line-meta"><Moment at=version.changed_at />{by}{words}</span>
                    <span class="line-action">{if in_force {
                        view! { <span class="tag" data-tone="done">"in force"</span> }.into_any()
                    } else {
                        version.body.as_ref().map(|_| restore(name, version.version, newest, "Take this one again")).into_any()
                    }}</span>
                </li>
            }
        })
        .collect_view();
    view! {
        <section class="hang">
            <h2>"Versions"</h2>
            {if versions.is_empty() {
                view! { <p class="muted">"The program’s own text is in force; it was never changed."</p> }.into_any()
            } else {
                view! { <ul class="lines" role="list">{lines}</ul> }.into_any()
            }}
            {(!own_in_force).then(|| view! { <div class="actions">{restore(name, 0, newest, "Back to the program’s own text")}</div> })}
        </section>
    }
}

fn restore(name: Name, version: i64, newest: i64, words: &'static str) -> impl IntoView {
    view! {
        <form method="post" action="/api/restore-mail-text">
            <input type="hidden" name="template" value=name.as_str() />
            <input type="hidden" name="version" value=version.to_string() />
            <input type="hidden" name="newest" value=newest.to_string() />
            <button class="button quiet small">{words}</button>
        </form>
    }
}

fn old_version(name: Name, version: &Version, settings: &Settings) -> Option<impl IntoView + use<>> {
    let text = Text::parse(version.body.as_deref()?);
    let (edited, program) = (Default::default(), state());
    let writer = Writer { settings, edited: &edited, base_url: &program.base_url, key: &program.audit_key };
    let look = writer.sample(name, &text).ok().map(|sample| look::preview(&sample.subject, &sample.blocks));
    Some(view! {
        <section id="version" class="hang">
            <h2>{format!("Version {}", version.version)}</h2>
            {look}
            <details><summary>"Its text as it was written"</summary><pre class="plain-mail">{text.whole()}</pre></details>
        </section>
    })
}

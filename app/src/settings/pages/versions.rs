//! The versions of the settings: who changed what, when, and the way back.

use leptos::prelude::*;

use super::tabs;
use crate::app::query;
use crate::error::AppError;
use crate::form::Form;
use crate::people::viewer;
use crate::settings::Settings;
use crate::settings::fields::{Changed, differences};
use crate::settings::store::{self, Version};
use crate::state::state;
use crate::ui::{ErrorSummary, Hidden, Moment, Page};

/// How many versions stand on a page.
const PAGE: usize = 20;

pub async fn versions() -> Result<Page, AppError> {
    viewer().await?.coordinator()?;
    let form = Form::open("restore-settings").await?;
    let newest = query("from").and_then(|number| number.parse().ok()).unwrap_or(i64::MAX);
    let mut tx = state().db.read().await?;
    let latest = store::latest_change(&mut tx).await?.map_or(0, |change| change.version);
    // One more, because what changed shows against the version before.
    let found = store::list_versions(&mut tx, newest, i64::try_from(PAGE).unwrap_or(i64::MAX) + 1).await?;
    drop(tx);
    let defaults = Settings::default();
    let rows = found
        .iter()
        .take(PAGE)
        .enumerate()
        .map(|(place, version)| {
            let before = found.get(place + 1).map_or(&defaults, |earlier| &earlier.body.0);
            entry(form, version, &differences(before, &version.body.0), latest)
        })
        .collect_view();
    let older = found.get(PAGE).map(|version| format!("/coordinator/settings/versions?from={}", version.version));
    let whole = older.is_none();
    let body = view! {
        {tabs("/coordinator/settings/versions")}
        <h1>"Versions of the settings"</h1>
        <p class="lede">"Every change is kept. Going back to a version makes a new one, so that nothing is lost by it."</p>
        <ErrorSummary form />
        {(latest == 0).then(|| view! { <p>"Nobody has changed the settings yet: the defaults are in force."</p> })}
        <ol class="timeline" role="list">
            {rows}
            {(whole && latest > 0).then(|| view! {
                <li>
                    <h2>"Version 0"</h2>
                    <p>"The defaults that the program came with."</p>
                    {go_back(form, 0, latest)}
                </li>
            })}
        </ol>
        <div class="pager">
            {(newest < latest).then(|| view! { <a rel="prev" href="/coordinator/settings/versions">"Newest"</a> })}
            {older.map(|href| view! { <a rel="next" href=href>"Older"</a> })}
        </div>
    };
    Ok(Page::narrow("Versions of the settings", body))
}

fn entry(form: Form, version: &Version, changes: &[Changed], latest: i64) -> impl IntoView + use<> {
    let number = version.version;
    let lines = changes
        .iter()
        .map(|change| {
            let Changed { label, before, after } = change.clone();
            view! { <div><dt>{label}</dt><dd>
                <span class="muted">{before}</span>" "<span aria-hidden="true">"→"</span>
                <span class="visually-hidden">"changed to"</span>" "{after}
            </dd></div> }
        })
        .collect_view();
    let by = version.changed_by.as_ref().map(|name| format!("by {name}"));
    view! {
        <li data-state=(number == latest).then_some("present")>
            <h2>"Version "{number}{(number == latest).then_some(", in force")}</h2>
            <p class="muted"><Moment at=version.changed_at />" "{by}</p>
            {if changes.is_empty() {
                view! { <p>"Nothing that can be told differs from the version before."</p> }.into_any()
            } else {
                view! { <dl class="facts changes">{lines}</dl> }.into_any()
            }}
            {(number != latest).then(|| go_back(form, number, latest))}
        </li>
    }
}

fn go_back(form: Form, version: i64, latest: i64) -> impl IntoView {
    view! {
        <form method="post" action=form.action()>
            <input type="hidden" name="_for" value=form.whose() />
            <Hidden name="version" value=version.to_string() />
            <Hidden name="seen" value=latest.to_string() />
            <button class="link-button">{format!("Go back to version {version}")}</button>
        </form>
    }
}

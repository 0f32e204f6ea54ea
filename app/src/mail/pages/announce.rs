//! Announcing something to many: whom, what, a look at both, and what was announced before.

use chrono::Datelike;
use leptos::prelude::*;
use sqlx::types::Json;

use super::super::announcements::{Audience, TEXT};
use super::super::compose::Writer;
use super::super::store::{self, Announced, Listener, NewAnnouncement, Waiting};
use super::super::{Kind, Timing, look};
use super::{ANNOUNCE, bounce_tag, crumbs};
use crate::app::query;
use crate::clock;
use crate::error::AppError;
use crate::form::Form;
use crate::id::{AccountId, MailId, SubmissionKey};
use crate::people::viewer;
use crate::settings::{self, Settings};
use crate::state::state;
use crate::ui::{
    Choice, Drafted, ErrorSummary, FormFor, Hidden, Moment, Page, SelectField, SubmissionKeyField, TextArea, TextField,
};

pub async fn announce() -> Result<Page, AppError> {
    let who = viewer().await?;
    let coordinator = who.coordinator()?;
    let form = Form::open_drafted("announce", &[]).await?;
    let back = Form::open("take-announcement-back").await?;
    let typed = typed(form).filter(|_| query("look").is_some() && form.errors().is_empty());
    let mut tx = state().db.read().await?;
    let settings = settings::store::current(&mut tx).await?;
    let first = store::first_completion(&mut tx, &coordinator).await?;
    let edited = store::edited(&mut tx).await?;
    let listeners = match &typed {
        Some(new) => Some(store::list_listeners(&mut tx, &coordinator, new.audience, &settings).await?),
        None => None,
    };
    let before = store::list_announced(&mut tx, &coordinator).await?;
    drop(tx);
    let looked = typed.as_ref().map(NewAnnouncement::seal);
    let count = listeners.as_ref().map_or(0, |listeners| listeners.iter().filter(|listener| listener.gets_it()).count());
    let send = looked.is_some() && count > 0;
    let preview = typed.as_ref().zip(listeners).map(|(new, listeners)| {
        let sample = sample(new, &who.name, &who.email, who.id, state().clock.now());
        let program = state();
        let writer = Writer { settings: &settings, edited: &edited, base_url: &program.base_url, key: &program.audit_key };
        let look = writer.write(&[sample]).ok().map(|composed| look::preview(&composed.subject, &composed.blocks));
        view! {
            <section id="look">
                <h2>"Before it is sent"</h2>
                {who_gets_it(&listeners)}
                <p class="hint">"How it looks when it is the only news; otherwise it stands whole in the summary."</p>
                {look}
            </section>
        }
    });
    let body = view! {
        {crumbs(None, "Announce".to_owned())}
        <h1>"Announce something"</h1>
        <p class="lede">{format!("It comes to each with their next daily summary, title and text in full. For {} minutes, and until it leaves, you can take it back.", settings.undo_minutes)}</p>
        <FormFor form>
            <SubmissionKeyField form />
            <Hidden name="looked" value=looked.unwrap_or_default() />
            <Drafted form>
                <SelectField form name="audience" label="Whom" choices=audiences(first.map(|at| program_year(at, &settings)), &settings) />
                <TextField form name="title" label="Title" hint="It is the subject of the message." />
                <TextArea form name="text" label="Text" rows=8 privacy=false hint="Plain text, at most 5,000 characters. An empty line begins a new paragraph." />
            </Drafted>
            {preview}
            <div class="actions">
                <button class=if send { "button quiet" } else { "button" } name="do" value="look">"Preview"</button>
                {send.then(|| view! {
                    <button class="button" name="do" value="send">{if count == 1 { "Send to 1 person".to_owned() } else { format!("Send to {count} people") }}</button>
                })}
            </div>
        </FormFor>
        <ErrorSummary form=back />
        {announced(before)}
    };
    Ok(Page::usual("Announce something", body))
}

/// What was typed, as far as it can be looked at.
fn typed(form: Form) -> Option<NewAnnouncement> {
    let part = |field: &str| {
        form.typed(field).map(|text| text.replace("\r\n", "\n").trim().to_owned()).filter(|text| !text.is_empty())
    };
    let body = part("text").filter(|body| body.chars().count() <= TEXT)?;
    let title = crate::mail::texts::one_line(&part("title")?);
    Some(NewAnnouncement { key: SubmissionKey::new(), audience: part("audience")?.parse().ok()?, title, body })
}

/// The message as the coordinator would get it.
fn sample(new: &NewAnnouncement, name: &str, address: &str, account: AccountId, at: chrono::DateTime<chrono::Utc>) -> Waiting {
    let fields = [("title", &new.title), ("text", &new.body)].map(|(name, value)| (name.to_owned(), value.clone()));
    Waiting {
        id: MailId::new(),
        account_id: Some(account),
        address: address.to_owned(),
        name: name.to_owned(),
        kind: Kind::Announcement,
        timing: Timing::Digest,
        fields: Json(fields.into_iter().collect()),
        about_id: None,
        created_at: at,
        attempts: 0,
    }
}

/// The year in which the program year of a moment ends.
fn program_year(at: chrono::DateTime<chrono::Utc>, settings: &Settings) -> i32 {
    let day = clock::today(at);
    let begun = (day.month(), day.day()) >= (settings.year_month, settings.year_day);
    day.year() + i32::from(begun)
}

fn audiences(first: Option<i32>, settings: &Settings) -> Vec<Choice> {
    let this = program_year(state().clock.now(), settings);
    let years = first.map_or(this + 1..=this, |first| first..=this).rev().map(Audience::Completed);
    Audience::FIXED.into_iter().chain(years).map(|audience| (audience.to_string(), audience.name())).collect()
}

fn who_gets_it(listeners: &[Listener]) -> impl IntoView + use<> {
    let (gets, others): (Vec<&Listener>, Vec<&Listener>) = listeners.iter().partition(|listener| listener.gets_it());
    let count = match gets.len() {
        0 => "Nobody gets it.".to_owned(),
        1 => "1 person gets it: ".to_owned(),
        count => format!("{count} people get it: "),
    };
    let names = gets.iter().map(|listener| listener.name.clone()).collect::<Vec<_>>().join(", ");
    let names = if names.is_empty() { names } else { format!("{names}.") };
    let others = others
        .into_iter()
        .map(|listener| {
            let why = if listener.left_out() { "leaves announcements out".into_any() } else { bounce_tag().into_any() };
            view! { <li>{listener.name.clone()}": "{why}</li> }
        })
        .collect::<Vec<_>>();
    view! {
        <p><strong>{count}</strong>{names}</p>
        {(!others.is_empty()).then(|| view! { <p>"Not sent to:"</p><ul>{others}</ul> })}
    }
}

fn announced(before: Vec<Announced>) -> impl IntoView {
    let empty = before.is_empty();
    let lines = before.into_iter().map(announced_line).collect_view();
    view! {
        <section class="hang">
            <h2>"Announced before"</h2>
            {if empty {
                view! { <p class="muted">"Nothing yet."</p> }.into_any()
            } else {
                view! { <ul class="lines" role="list">{lines}</ul> }.into_any()
            }}
        </section>
    }
}

fn announced_line(one: Announced) -> impl IntoView {
    let audience = one.audience.parse::<Audience>().map(Audience::name).unwrap_or_default();
    let counts: Vec<String> = [(one.sent, "sent"), (one.waiting, "waiting"), (one.failed, "failed")]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    let counts = match (one.taken_back_at, counts.is_empty()) {
        (Some(_), true) => "taken back".to_owned(),
        (Some(_), false) => format!("{}; the rest taken back", counts.join(", ")),
        (None, _) => counts.join(", "),
    };
    let id = one.id.to_string();
    view! {
        <li>
            <span class="line-main">{one.title}</span>
            <span class="line-meta"><Moment at=one.made_at />{format!(", by {}. {audience}. ", one.made_by)}<strong>{counts}</strong></span>
            <div class="line-meta"><details><summary>"Read it"</summary>{crate::ui::paragraphs(&one.body)}</details></div>
            <span class="line-action">{(one.waiting > 0).then(|| view! {
                <form method="post" action="/api/take-announcement-back">
                    <input type="hidden" name="announcement" value=id />
                    <input type="hidden" name="_from" value=ANNOUNCE />
                    <button class="button quiet small">"Take it back"</button>
                </form>
            })}</span>
        </li>
    }
}

//! The outbox: what waits, what was sent, what failed and why. What a message says is not shown: some hold a link that
//! opens an account.

use leptos::prelude::*;
use uuid::Uuid;

use super::super::State as MailState;
use super::super::store::{self, Bounce, Line, MOST_COUNTED, PAGE, RECENT_DAYS};
use super::{ANNOUNCE, OUTBOX, TEXTS, bounce_tag};
use crate::app::query;
use crate::error::AppError;
use crate::form::Form;
use crate::people::viewer;
use crate::state::state;
use crate::ui::{DayOf, ErrorSummary, Moment, Page};

pub async fn outbox() -> Result<Page, AppError> {
    let who = viewer().await?;
    let coordinator = who.coordinator()?;
    let shown = query("state").and_then(|word| word.parse().ok()).unwrap_or(MailState::Waiting);
    let search = query("search").unwrap_or_default();
    let before = query("before").and_then(|id| id.parse().ok()).unwrap_or(store::NEWEST);
    let (again, stop) = (Form::open("try-mail-again").await?, Form::open("drop-mail").await?);
    let mut tx = state().db.read().await?;
    let mut counts = Vec::new();
    for each in [MailState::Waiting, MailState::Sent, MailState::Failed, MailState::Dropped] {
        counts.push((each, store::count_outbox(&mut tx, &coordinator, each).await?));
    }
    let lines = store::list_outbox(&mut tx, &coordinator, shown, &search, before).await?;
    let bounces = store::list_bounces(&mut tx, &coordinator).await?;
    drop(tx);
    let body = view! {
        <div class="page-head">
            <h1>"Mail"</h1>
            <div class="actions">
                <a class="button quiet" href=ANNOUNCE>"Announce something"</a>
                <a class="button quiet" href=TEXTS>"Edit the texts"</a>
                <form method="post" action="/api/send-test-mail"><button class="button quiet">"Send me a test message"</button></form>
            </div>
        </div>
        <ErrorSummary form=again />
        <ErrorSummary form=stop />
        {bounce_list(bounces)}
        {tabs(&counts, shown, &search)}
        <form class="search outbox-search" method="get" action=OUTBOX role="search">
            <input type="hidden" name="state" value=shown.as_str() />
            <label for="search" class="visually-hidden">"Name or address"</label>
            <input type="search" id="search" name="search" value=search.clone() placeholder="Name or address" />
            <button class="button quiet small">"Find"</button>
        </form>
        {list(lines, shown, &search, before)}
    };
    Ok(Page::wide("Mail", body))
}

fn bounce_list(bounces: Vec<(Bounce, Option<String>)>) -> Option<impl IntoView> {
    (!bounces.is_empty()).then(|| {
        let lines = bounces
            .into_iter()
            .map(|(bounce, name)| view! {
                <li>
                    <span class="line-main">{name.unwrap_or_else(|| "Nobody with an account".to_owned())}" "{bounce_tag()}</span>
                    <span class="line-meta">{bounce.address.clone()}</span>
                    <span class="line-meta">"Since "<DayOf at=bounce.since />": "{bounce.why}</span>
                    <span class="line-action"><a href=address(MailState::Failed, &bounce.address, store::NEWEST)>"See the messages"</a></span>
                </li>
            })
            .collect_view();
        view! {
            <section>
                <h2>"Addresses that take no mail"</h2>
                <p class="measure">"Call and ask for the right address, or whether the mailbox is full. Try one of the failed messages again once it is mended: the mark goes as soon as one gets through. Until then news to these addresses is not sent."</p>
                <ul class="lines" role="list">{lines}</ul>
            </section>
        }
    })
}

fn address(state: MailState, search: &str, before: Uuid) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("state", state.as_str());
    if !search.is_empty() {
        query.append_pair("search", search);
    }
    if before != store::NEWEST {
        query.append_pair("before", &before.to_string());
    }
    format!("{OUTBOX}?{}", query.finish())
}

fn tabs(counts: &[(MailState, i64)], shown: MailState, search: &str) -> impl IntoView + use<> {
    let tabs = counts
        .iter()
        .map(|(state, count)| {
            let count = if *count >= MOST_COUNTED { format!("{MOST_COUNTED}+") } else { count.to_string() };
            view! {
                <li><a href=address(*state, search, store::NEWEST) aria-current=(*state == shown).then_some("page")>
                    {format!("{} ({count})", state.name())}
                </a></li>
            }
        })
        .collect_view();
    view! { <ul class="tabs">{tabs}</ul> }
}

fn list(mut lines: Vec<Line>, shown: MailState, search: &str, before: Uuid) -> AnyView {
    let page = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let more = lines.len() > page;
    lines.truncate(page);
    let older = lines.last().filter(|_| more).map(|last| address(shown, search, last.id.0));
    let newest = (before != store::NEWEST).then(|| address(shown, search, store::NEWEST));
    if lines.is_empty() {
        let words = match (search.is_empty(), shown) {
            (false, _) => "No message here fits the name or address.",
            (true, MailState::Waiting) => "Nothing waits to be sent.",
            (true, MailState::Sent) => "Nothing was sent yet.",
            (true, MailState::Dropped) => "Every message so far was sent.",
            (true, MailState::Failed) => "Nothing failed.",
        };
        return view! { <p class="lede">{words}</p> }.into_any();
    }
    let when = match shown {
        MailState::Waiting => "Leaves",
        MailState::Sent => "Left",
        MailState::Dropped | MailState::Failed => "Ended",
    };
    let rows = lines.into_iter().map(|line| row(line, shown, when)).collect_view();
    view! {
        {(shown == MailState::Failed).then(|| view! {
            <form method="post" action="/api/try-all-mail-again">
                <button class="button quiet small">{format!("Try all of the last {RECENT_DAYS} days again")}</button>
                <span class="hint">" Not those to addresses that take no mail."</span>
            </form>
        })}
        <div class="table-wrap">
            <table class="ledger">
                <caption>{shown.name()}" "<small>"newest first"</small></caption>
                <thead><tr>
                    <th scope="col" class="grow">"To"</th><th scope="col">"What"</th><th scope="col">{when}</th>
                    <th scope="col" class="num">"Tries"</th><th scope="col"><span class="visually-hidden">"Action"</span></th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {(older.is_some() || newest.is_some()).then(|| view! {
            <div class="pager">
                {newest.map(|path| view! { <a href=path>"Newest"</a> })}
                {older.map(|path| view! { <a rel="next" href=path>"Older"</a> })}
            </div>
        })}
    }
    .into_any()
}

fn row(line: Line, shown: MailState, when: &'static str) -> impl IntoView {
    let leaving = line.claimed_until.is_some_and(|until| until > state().clock.now());
    let moment = if leaving {
        view! { "just now" }.into_any()
    } else {
        let at = if shown == MailState::Waiting { line.next_attempt_at } else { line.ended_at.unwrap_or(line.next_attempt_at) };
        view! { <Moment at /> }.into_any()
    };
    let again = shown == MailState::Failed || shown == MailState::Waiting && line.problem.is_some();
    let id = line.id.to_string();
    let button = |action: &'static str, words: &'static str| {
        let id = id.clone();
        view! {
            <form method="post" action=action>
                <input type="hidden" name="mail" value=id />
                <button class="button quiet small nowrap">{words}<span class="visually-hidden">{format!(": {} to {}", line.kind.name(), line.name)}</span></button>
            </form>
        }
    };
    view! {
        <tr>
            <th scope="row" data-label="To"><span>
                {line.name.clone()}" "{line.bounces.then(bounce_tag)}<small>{line.address.clone()}</small>
            </span></th>
            <td data-label="What"><span>{line.kind.name()}{line.problem.clone().map(|why| view! { <small>{why}</small> })}</span></td>
            <td data-label=when><span>{moment}</span></td>
            <td data-label="Tries" class="num">{line.attempts}</td>
            <td><div class="actions">
                {(again && !leaving).then(|| button("/api/try-mail-again", "Try again"))}
                {(shown == MailState::Waiting && !leaving).then(|| button("/api/drop-mail", "Do not send"))}
            </div></td>
        </tr>
    }
}

//! The bar under a list, and the page that shows who and what before anything is done, and afterwards the way back.

use chrono::NaiveDate;
use leptos::prelude::*;
use uuid::Uuid;

use super::api::later;
use super::store::{self, Application, Bulk, Enrollment};
use super::{Act, MONTHS, MOST, why_not_accept, why_not_extend, why_not_remind};
use crate::app::{param, query};
use crate::clock::today;
use crate::db::Queryable;
use crate::enrollments::{Owner, standing};
use crate::error::AppError;
use crate::form::Form;
use crate::id::BulkId;
use crate::people::{Coordinator, viewer};
use crate::state;
use crate::ui::{Day, ErrorSummary, FormFor, Hidden, Page, TextField};
use crate::undo;

/// Opens the form around a list.
pub async fn form() -> Result<Form, AppError> {
    Form::open("choose-many").await
}

/// The box of one line.
pub fn tick(id: Uuid, name: &str) -> impl IntoView + use<> {
    let id = id.to_string();
    view! { <input type="checkbox" name="chosen" value=id aria-label=format!("Choose {name}") /> }
}

/// A list with boxes, and what can be done with the chosen. `all` says in words what "all" means here.
pub fn around(
    form: Form,
    fields: Vec<(&'static str, String)>,
    acts: &[Act],
    all: String,
    list: AnyView,
) -> impl IntoView + use<> {
    let hidden = fields.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value /> }).collect_view();
    let buttons = acts
        .iter()
        .map(|act| view! { <button class="button quiet small" name="act" value=act.as_str()>{act.verb()}</button> })
        .collect_view();
    let (id, error) = (form.id("all"), form.error("all"));
    view! {
        <FormFor form class="chooser">
            {hidden}
            {list}
            <div class="chosen" role="group" aria-label="With the chosen">
                {error.map(|error| view! { <p class="field-error">{error}</p> })}
                <label><input type="checkbox" id=id name="all" value="yes" />" "{all}</label>
                <span>"With the chosen:"</span>
                {buttons}
            </div>
        </FormFor>
    }
}

/// One line of a preview.
struct Line {
    name: String,
    href: String,
    what: AnyView,
    /// Why it is left out.
    not: Option<&'static str>,
}

/// `/coordinator/bulk/{bulk}`: before, exactly who and what; afterwards, what was done.
pub async fn preview() -> Result<Page, AppError> {
    let who = viewer().await?.coordinator()?;
    let id: BulkId = param("bulk")?;
    let form = Form::open_for("do-many", &[("bulk", id.to_string())]).await?;
    let undo = undo::pages::form().await?;
    standing::catch_up(&state()).await?;
    let now = state().clock.now();
    let months = query("months").and_then(|months| months.parse().ok()).filter(|months| MONTHS.contains(months)).unwrap_or(3);
    let mut tx = state().db.read().await?;
    let bulk = store::find(&mut tx, &who, id).await?.ok_or(AppError::NotFound)?;
    let lines = lines(&mut tx, &who, &bulk, today(now), months).await?;
    let recent = undo::store::list(&mut tx, &who, now).await?;
    drop(tx);
    let (left_out, going): (Vec<Line>, Vec<Line>) = lines.into_iter().partition(|line| line.not.is_some());
    let own: Vec<_> = recent.into_iter().filter(|one| Some(one.id) == bulk.undo_id).collect();
    let title = match bulk.done_at {
        Some(_) => format!("{}: done", bulk.act.verb()),
        None => format!("{} {}", bulk.act.verb(), counted(bulk.act, going.len())),
    };
    let body = view! {
        <ol class="crumbs" role="list">
            <li><a href="/coordinator">"Desk"</a></li>
            <li><a href=bulk.act.list()>{if bulk.act == Act::Accept { "Applications" } else { "Enrollments" }}</a></li>
            <li>{bulk.act.verb()}</li>
        </ol>
        <h1>{title.clone()}</h1>
        {undo::pages::just_done(&own, undo)}
        {match bulk.done_at {
            Some(_) => after(&bulk).into_any(),
            None => before(&bulk, form, going, left_out, months).into_any(),
        }}
    };
    Ok(Page::wide(title, body))
}

fn counted(act: Act, count: usize) -> String {
    match (act, count) {
        (Act::Accept, 1) => "1 application".to_owned(),
        (Act::Accept, count) => format!("{count} applications"),
        (_, 1) => "1 enrollment".to_owned(),
        (_, count) => format!("{count} enrollments"),
    }
}

async fn lines(
    tx: &mut impl Queryable,
    who: &Coordinator,
    bulk: &Bulk,
    day: NaiveDate,
    months: u32,
) -> Result<Vec<Line>, AppError> {
    if bulk.act == Act::Accept {
        return Ok(store::list_applications(tx, who, bulk.id).await?.iter().map(application).collect());
    }
    let rows = store::list_enrollments(tx, who, bulk.id).await?;
    Ok(rows.iter().map(|one| enrollment(one, bulk.act, day, months)).collect())
}

fn application(one: &Application) -> Line {
    let mail = if one.known { "a mail that they are accepted" } else { "an invitation" };
    let what = format!("{}, “{}”; {mail} to {}", one.option_number.name(), one.book, one.email);
    let href = format!("/coordinator/applications/{}", one.id);
    Line { name: one.name.clone(), href, what: what.into_any(), not: why_not_accept(one) }
}

fn enrollment(one: &Enrollment, act: Act, day: NaiveDate, months: u32) -> Line {
    let option = one.option_number.name();
    let (what, not) = match act {
        Act::Extend => {
            let to = later(one.due_on, day, months);
            (view! { {option}", from "<Day date=one.due_on />" to "<Day date=to /> }.into_any(), why_not_extend(one))
        }
        Act::Remind => (reminder(one).into_any(), why_not_remind(one)),
        Act::Accept | Act::Export => (option.into_any(), None),
    };
    Line { name: one.mentee.clone(), href: format!("/coordinator/enrollments/{}", one.id), what, not }
}

fn reminder(one: &Enrollment) -> String {
    let (Some(what), Some(owner)) = (one.what, one.owner) else { return String::new() };
    let whom = match owner {
        Owner::Mentor => one.mentor.clone().unwrap_or_else(|| "the mentor".to_owned()),
        Owner::Mentee | Owner::Coordinator => one.mentee.clone(),
    };
    format!("{whom} reads in the next daily summary: {}", what.told())
}

fn before(bulk: &Bulk, form: Form, going: Vec<Line>, left_out: Vec<Line>, months: u32) -> impl IntoView + use<> {
    let count = going.len();
    let full = i64::try_from(count + left_out.len()).unwrap_or(0) >= MOST;
    let act = bulk.act;
    let choose_months = (act == Act::Extend).then(|| by_months(bulk.id, months));
    let button = (count > 0).then(|| go(bulk, form, count, months));
    view! {
        <p class="lede">{lede(act, count)}</p>
        {full.then(|| view! { <p class="notice warn">{format!("At most {MOST} at once: do these, then choose the rest.")}</p> })}
        {choose_months}
        {table("These", going)}
        {(!left_out.is_empty()).then(|| table("Left out", left_out))}
        {button.unwrap_or_else(|| view! { <ErrorSummary form /><p><a class="button" href=act.list()>"Back to the list"</a></p> }.into_any())}
    }
}

fn lede(act: Act, count: usize) -> &'static str {
    match (act, count) {
        (_, 0) => "There is nobody among the chosen for whom this can be done.",
        (Act::Accept, _) => "Nothing is sent yet. The mails leave some minutes after you accept; until then you can undo it.",
        (Act::Remind, _) => {
            "Nothing is sent yet. Each reads one line in the next daily summary; until it leaves you can undo it."
        }
        (Act::Extend, _) => "Nothing is changed yet. Afterwards you can undo it for some minutes.",
        (Act::Export, _) => {
            "A file with one line for each, for a spreadsheet. It holds names, addresses and dates, no private words."
        }
    }
}

fn by_months(bulk: BulkId, months: u32) -> impl IntoView {
    let options = MONTHS
        .into_iter()
        .map(|one| {
            let words = if one == 1 { "1 month".to_owned() } else { format!("{one} months") };
            view! { <option value=one.to_string() selected=one == months>{words}</option> }
        })
        .collect_view();
    view! {
        <form method="get" action=format!("/coordinator/bulk/{bulk}") class="narrow-by">
            <label for="months">"By"</label>
            <select id="months" name="months">{options}</select>
            <button class="button quiet small">"Show"</button>
        </form>
    }
}

fn table(caption: &'static str, lines: Vec<Line>) -> AnyView {
    if lines.is_empty() {
        return ().into_any();
    }
    let count = lines.len();
    let out = lines.first().is_some_and(|line| line.not.is_some());
    let rows = lines
        .into_iter()
        .map(|line| {
            let what = match line.not {
                Some(why) => why.into_any(),
                None => line.what,
            };
            view! {
                <tr>
                    <th scope="row" data-label="Who"><a href=line.href>{line.name}</a></th>
                    <td data-label=if out { "Why" } else { "What" }><span>{what}</span></td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="table-wrap"><table class="ledger">
            <caption>{format!("{caption} ({count})")}</caption>
            <thead><tr><th scope="col">"Who"</th><th scope="col" class="grow">{if out { "Why" } else { "What" }}</th></tr></thead>
            <tbody>{rows}</tbody>
        </table></div>
    }
    .into_any()
}

/// The one button that does it.
fn go(bulk: &Bulk, form: Form, count: usize, months: u32) -> AnyView {
    let id = bulk.id.to_string();
    if bulk.act == Act::Export {
        let href = format!("/coordinator/bulk/{id}/enrollments.csv");
        return view! { <p><a class="button" href=href>{format!("Download {}", counted(Act::Export, count))}</a></p> }
            .into_any();
    }
    let words = format!("{} {}", bulk.act.verb(), counted(bulk.act, count));
    let (reason, list) = (bulk.act == Act::Extend, bulk.act.list());
    view! {
        <FormFor form>
            <Hidden name="bulk" value=id />
            <Hidden name="months" value=months.to_string() />
            {reason.then(|| view! { <TextField form name="reason" label="Why" hint="Kept with each enrollment." /> })}
            <div class="actions"><button class="button">{words}</button><a href=list>"Back to the list"</a></div>
        </FormFor>
    }
    .into_any()
}

fn after(bulk: &Bulk) -> impl IntoView + use<> {
    let count = usize::try_from(bulk.done.unwrap_or(0)).unwrap_or(0);
    let words = match bulk.act {
        Act::Accept => format!("{} accepted. Each needs a mentor now.", counted(bulk.act, count)),
        Act::Remind => format!("{} reminded.", counted(bulk.act, count)),
        Act::Extend => format!("{} extended.", counted(bulk.act, count)),
        Act::Export => String::new(),
    };
    view! {
        <p class="lede">{words}</p>
        <p><a class="button" href="/coordinator">"Back to the desk"</a>" "<a class="button quiet" href=bulk.act.list()>"Back to the list"</a></p>
    }
}

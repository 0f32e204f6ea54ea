//! The report as a page: calm, in the order in which a funder reads, and fit to be printed as it is.

use leptos::prelude::*;

use super::{Columns, Report, Row, Section, Span, Table, Value, length, store};
use crate::app::query;
use crate::clock;
use crate::error::{AppError, Refusal};
use crate::people::viewer;
use crate::settings::{self, Settings};
use crate::state::state;
use crate::ui::{BarRow, BarTable, Page};

/// What the address asks for.
pub fn asked(settings: &Settings, today: chrono::NaiveDate) -> Result<Span, Refusal> {
    let [year, from, to] = ["year", "from", "to"].map(query);
    Span::asked(year.as_deref(), from.as_deref(), to.as_deref(), today, settings)
}

pub async fn year() -> Result<Page, AppError> {
    let who = viewer().await?.coordinator()?;
    let now = state().clock.now();
    let mut tx = state().db.read().await?;
    let settings = settings::store::current(&mut tx).await?;
    let asked = asked(&settings, clock::today(now));
    let (span, wrong) = match asked {
        Ok(span) => (span, None),
        Err(refusal) => (Span::around(clock::today(now), &settings), Some(refusal)),
    };
    let report = store::inside(&mut tx, &who, span, now).await?;
    let years = store::years(&mut tx, &who, &settings, now).await?;
    drop(tx);
    let title = report.title();
    let sections = report.sections.iter().skip(1).map(section).collect_view();
    let body = view! {
        <div class="page-head">
            <div>
                <p class="eyebrow">{report.program.clone()}</p>
                <h1>{title.clone()}</h1>
                <p class="muted">{made(&report)}</p>
            </div>
            {downloads(span)}
        </div>
        {choose(span, &years, wrong)}
        {report.sections.first().map(in_short)}
        {sections}
    };
    Ok(Page::usual(title, body))
}

fn made(report: &Report) -> String {
    let made = clock::say_full_date(clock::today(report.made_at));
    let so_far = if report.running { "They are not over yet: the figures are those up to today. " } else { "" };
    format!("{}. {so_far}Made on {made}.", report.span.dates())
}

/// The files stand for what leaves the house, and the page says so before somebody sends one.
fn downloads(span: Span) -> impl IntoView {
    let file = |kind: &str| format!("/coordinator/reports/report.{kind}?{}", span.query());
    view! {
        <div class="no-print">
            <p class="actions">
                <a class="button" href=file("pdf")>"PDF"</a>
                <a class="button quiet" href=file("xlsx")>"XLSX"</a>
                <a class="button quiet" href=file("csv")>"CSV"</a>
            </p>
            <p class="muted small">"The files hold no names, and small groups are left out. This page holds both."</p>
        </div>
    }
}

fn choose(span: Span, years: &[Span], wrong: Option<Refusal>) -> impl IntoView + use<> {
    let links = years
        .iter()
        .map(|year| {
            let current = (year.year == span.year).then_some("page");
            let words = year.title().replace("Program year ", "");
            view! { <li><a href=format!("/coordinator/reports?{}", year.query()) aria-current=current>{words}</a></li> }
        })
        .collect_view();
    let day = |name: &'static str, label: &'static str, value: chrono::NaiveDate| {
        view! {
            <div class="field">
                <label for=name>{label}</label>
                <input type="date" id=name name=name value=value.to_string() required=true />
            </div>
        }
    };
    view! {
        <div class="no-print">
            {wrong.map(|refusal| view! {
                <div class="error-summary" role="alert"><p>{refusal.to_string()}" This is the present program year."</p></div>
            })}
            <nav aria-label="Program years"><ul class="tabs" role="list">{links}</ul></nav>
            <details open=span.year.is_none()>
                <summary>"Any other days"</summary>
                <form class="form" method="get" action="/coordinator/reports">
                    <div class="field-row">
                        {day("from", "First day", span.from)}
                        {day("to", "Last day", span.to)}
                    </div>
                    <div class="actions"><button class="button quiet">"Show these days"</button></div>
                </form>
            </details>
        </div>
    }
}

fn in_short(section: &Section) -> impl IntoView + use<> {
    let facts = section.tables.iter().flat_map(|table| &table.rows).map(fact).collect_view();
    view! {
        <section>
            <h2>{section.title}</h2>
            <dl class="facts report-short">{facts}</dl>
        </section>
    }
}

/// One figure of the short section, in a sentence with what it means.
fn fact(row: &Row) -> impl IntoView + use<> {
    let share = match (row.value.share_words(), row.value.interval_words()) {
        (share, range) if !range.is_empty() => format!(" ({share}; range {range})"),
        (share, _) if !share.is_empty() => format!(" ({share})"),
        _ => String::new(),
    };
    let talks = match row.value {
        Value::Talked { talks, .. } => format!(" in {talks} talks"),
        _ => String::new(),
    };
    let before = row.before.map(|before| format!(" A year earlier: {}.", before.words())).unwrap_or_default();
    let rest = format!("{share}{talks}.{before}");
    view! {
        <div>
            <dt>{row.group.clone()}</dt>
            <dd><strong class="num">{row.value.words()}</strong>{rest}<small class="muted">{row.definition}</small></dd>
        </div>
    }
}

fn section(section: &Section) -> impl IntoView + use<> {
    let tables = section.tables.iter().map(table).collect_view();
    view! {
        <section>
            <h2>{section.title}</h2>
            <p>{section.about}</p>
            <div class="report-tables">{tables}</div>
        </section>
    }
}

fn table(table: &Table) -> impl IntoView + use<> {
    let columns = Columns::of(table);
    let bar = |row: &Row| BarRow {
        label: row.group.clone(),
        small: row.definition.to_owned(),
        cells: columns.cells(row),
        length: length(table, row),
        before: None,
        within: row.value.interval().map(|within| (within.low, within.high)),
    };
    let rows: Vec<BarRow> = table.rows.iter().map(bar).collect();
    let total = table.total.as_ref().map(|row| BarRow { length: None, within: None, ..bar(row) });
    let empty = table.is_empty();
    // Beside each other stand only tables that are narrow enough for it.
    let narrow = columns.heads.len() <= 3 && rows.iter().all(|row| row.small.is_empty());
    let class = if narrow { "report-table" } else { "report-table wide" };
    view! {
        <div class=class>
            {if empty {
                view! { <h3>{table.title.clone()}</h3><p>"No figure: there is nobody to count in these days."</p> }.into_any()
            } else {
                view! { <BarTable caption=table.title.clone() heads=columns.heads rows total /> }.into_any()
            }}
            <p class="definition">{table.definition}</p>
        </div>
    }
}

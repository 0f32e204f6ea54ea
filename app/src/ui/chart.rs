//! A table that draws its own bars. Separate because the drawing says nothing that the cells do not: who cannot see it
//! misses nothing, and a chart cannot differ from its table.

use leptos::prelude::*;

/// One line: what it is about, a cell under each heading, and how long its bar is.
#[derive(Debug, Clone, Default)]
pub struct BarRow {
    pub label: String,
    /// More about the label, in small.
    pub small: String,
    pub cells: Vec<String>,
    /// From 0 to 1; no bar where there is nothing to draw.
    pub length: Option<f64>,
    /// How long it was before, drawn above it.
    pub before: Option<f64>,
    /// From where to where it may truly reach.
    pub within: Option<(f64, f64)>,
}

/// The table with its bars; `total` stands under a double rule.
#[component]
pub fn BarTable(
    #[prop(into)] caption: String,
    /// The heading of the labels, then those of the cells.
    heads: Vec<&'static str>,
    rows: Vec<BarRow>,
    #[prop(optional_no_strip)] total: Option<BarRow>,
) -> impl IntoView {
    // Three columns fit on a phone as they are; there the bars give way.
    let class = if heads.len() > 3 { "ledger" } else { "ledger scroll" };
    let drawn = rows.iter().any(|row| row.length.is_some());
    let headings = heads
        .iter()
        .enumerate()
        .map(|(at, head)| view! { <th scope="col" class={if at > 0 { "num" } else { "grow" }}>{*head}</th> })
        .collect_view();
    let body = rows.iter().map(|row| line(row, &heads, drawn)).collect_view();
    let foot = total.map(|row| view! { <tbody class="total">{line(&row, &heads, drawn)}</tbody> });
    view! {
        <div class="table-wrap bar-chart">
            <table class=class>
                <caption>{caption}</caption>
                <thead><tr>
                    {headings}
                    {drawn.then(|| view! { <th scope="col"><span class="visually-hidden">"Drawn"</span></th> })}
                </tr></thead>
                <tbody>{body}</tbody>
                {foot}
            </table>
        </div>
    }
}

fn line(row: &BarRow, heads: &[&'static str], drawn: bool) -> impl IntoView + use<> {
    let (label, small) = (row.label.clone(), row.small.clone());
    let cells = row
        .cells
        .iter()
        .zip(heads.iter().skip(1))
        .map(|(cell, head)| {
            let label = (!cell.is_empty()).then_some(*head);
            view! { <td class="num" data-label=label>{cell.clone()}</td> }
        })
        .collect_view();
    let bar = row.length.map(|length| bar(length, row.before, row.within));
    view! {
        <tr>
            <th scope="row">{label}{(!small.is_empty()).then(|| view! { <small>{small}</small> })}</th>
            {cells}
            {drawn.then(|| view! { <td class="bar">{bar}</td> })}
        </tr>
    }
}

/// A bar on its track, under the one before if there is one; the range it may reach is a thin line across its end.
fn bar(length: f64, before: Option<f64>, within: Option<(f64, f64)>) -> impl IntoView {
    let place = |share: f64| format!("{:.1}", share.clamp(0.0, 1.0) * 100.0);
    let range = within.map(|(low, high)| {
        view! { <rect class="bar-range" x=place(low) y="4" width=place(high - low) height="2"></rect> }
    });
    let bars = match before {
        None => view! { <rect y="1" width=place(length) height="8"></rect> }.into_any(),
        Some(before) => view! {
            <rect class="bar-before" width=place(before) height="4"></rect>
            <rect class="bar-after" y="5" width=place(length) height="5"></rect>
        }
        .into_any(),
    };
    view! {
        <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
            <rect class="bar-track" width="100" height="10"></rect>
            {bars}
            {range}
        </svg>
    }
}

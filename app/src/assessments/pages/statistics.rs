//! What answers say about questions, for the coordinator: those worth a second look first, then all by chapter.

use leptos::prelude::*;

use crate::app::{param, query};
use crate::assessments::statistics::{Concern, FEWEST, FEWEST_TO_TELL_APART, Taken, concerns, taken, too_early, written};
use crate::assessments::store::{self, Figures, RuledOutline};
use crate::assessments::{Body, QuestionKind};
use crate::error::AppError;
use crate::id::{OutlineId, QuestionId};
use crate::people::viewer;
use crate::reports::percent;
use crate::reports::share::Interval;
use crate::state;
use crate::ui::{BarRow, BarTable, Page};

/// What counts, said wherever figures stand.
const WHAT_COUNTS: &str = "Only first attempts that were handed in and marked count, over all versions of a question; \
    attempts on paper and practice do not.";

pub async fn statistics() -> Result<Page, AppError> {
    let who = viewer().await?.coordinator()?;
    let mut tx = state().db.read().await?;
    let outlines = store::list_ruled_outlines(&mut tx, &who).await?;
    let asked = query("outline").and_then(|id| id.parse::<OutlineId>().ok());
    let chosen = outlines.iter().find(|one| Some(one.id) == asked).or(outlines.first()).cloned();
    let figures = match &chosen {
        Some(outline) => store::list_figures(&mut tx, &who, outline.id).await?,
        None => Vec::new(),
    };
    drop(tx);
    let mut worth: Vec<(Concern, &Figures)> =
        figures.iter().filter_map(|one| Some((concerns_of(one).into_iter().next()?, one))).collect();
    worth.sort_by(|(one, a), (other, b)| one.rank.cmp(&other.rank).then(a.number.cmp(&b.number)));
    let second = worth.iter().map(|(concern, one)| second_look(concern, one)).collect_view();
    let csv = chosen.as_ref().map(|outline| format!("/coordinator/questions/statistics.csv?outline={}", outline.id));
    let body = view! {
        <nav aria-label="Where you are">
            <ol class="crumbs" role="list"><li><a href="/coordinator/questions">"Questions"</a></li><li>"What answers say"</li></ol>
        </nav>
        <div class="page-head">
            <div>
                <h1>"What answers say about the questions"</h1>
                <p class="muted">{WHAT_COUNTS}</p>
            </div>
            {csv.map(|href| view! { <p><a class="button quiet" href=href>"Download as CSV"</a></p> })}
        </div>
        {choose(&outlines, chosen.as_ref())}
        <section class="hang">
            <h2>"Worth a second look"</h2>
            {if worth.is_empty() {
                view! { <p>{format!("Nothing stands out beyond chance. That takes {FEWEST} takers of a question at least, and {FEWEST_TO_TELL_APART} to say whether it tells those apart who know the chapter.")}</p> }.into_any()
            } else {
                view! { <ul class="lines" role="list">{second}</ul> }.into_any()
            }}
        </section>
        {by_chapter(&figures)}
        <section class="hang">
            <h2>"How to read this"</h2>
            <p>"“Knew it” is the share who answered wholly right, with the limits within which it would lie 95 times in 100 (Wilson). “Tells apart” is how the question goes with the rest of the same test, from −1 to 1 (item-rest correlation): well above 0, those who know the chapter know it too."</p>
        </section>
    };
    Ok(Page::usual("What answers say", body))
}

fn concerns_of(one: &Figures) -> Vec<Concern> {
    let (_, taken) = taken(&one.body, &one.answers);
    concerns(&one.sums, &taken)
}

fn path(one: &Figures) -> String {
    format!("/coordinator/questions/statistics/{}", one.newest)
}

fn choose(outlines: &[RuledOutline], chosen: Option<&RuledOutline>) -> impl IntoView + use<> {
    let options = outlines
        .iter()
        .map(|one| {
            let selected = chosen.is_some_and(|chosen| chosen.id == one.id);
            let words = format!("{}, {}, version {}", one.book, one.edition, one.version);
            view! { <option value=one.id.to_string() selected=selected>{words}</option> }
        })
        .collect_view();
    (outlines.len() > 1).then(|| {
        view! {
            <form class="form-inline" method="get" action="/coordinator/questions/statistics">
                <div class="field"><label for="outline">"Book"</label><select id="outline" name="outline">{options}</select></div>
                <button class="button quiet">"Show"</button>
            </form>
        }
    })
}

fn second_look(concern: &Concern, one: &Figures) -> impl IntoView + use<> {
    view! {
        <li>
            <span class="line-main"><a href=path(one)>{one.text.clone()}</a></span>
            <span class="line-meta">{format!("Chapter {}. {}", one.number, concern.words)}</span>
        </li>
    }
}

fn by_chapter(figures: &[Figures]) -> impl IntoView + use<> {
    let mut chapters: Vec<(i32, &str, Vec<&Figures>)> = Vec::new();
    for one in figures {
        match chapters.last_mut() {
            Some((number, _, all)) if *number == one.number => all.push(one),
            _ => chapters.push((one.number, &one.chapter_title, vec![one])),
        }
    }
    chapters
        .into_iter()
        .map(|(number, title, all)| {
            let rows = all.into_iter().map(row).collect_view();
            view! {
                <section class="hang">
                    <h2>{format!("Chapter {number}, {title}")}</h2>
                    <div class="table-wrap">
                        <table class="ledger">
                            <thead><tr>
                                <th scope="col" class="grow">"Question"</th>
                                <th scope="col" class="num">"Takers"</th>
                                <th scope="col" class="num">"Knew it"</th>
                                <th scope="col" class="num">"Tells apart"</th>
                            </tr></thead>
                            <tbody>{rows}</tbody>
                        </table>
                    </div>
                </section>
            }
        })
        .collect_view()
}

/// "62% (41 to 79)".
fn share_words((share, within): (f64, Interval)) -> String {
    let whole = |share: f64| percent(share).trim_end_matches('%').to_owned();
    format!("{} ({} to {})", percent(share), whole(within.low), whole(within.high))
}

fn facility(one: &Figures) -> String {
    one.sums.facility().map_or_else(|| "too few yet".to_owned(), share_words)
}

fn discrimination(one: &Figures) -> String {
    match one.sums.discrimination() {
        Some(found) => format!("{:.2} ({:.2} to {:.2})", found.r, found.within.low, found.within.high).replace('-', "−"),
        None => "not yet".to_owned(),
    }
}

fn row(one: &Figures) -> impl IntoView + use<> {
    let retired = one.retired.then(|| view! { " "<span class="tag" data-tone="quiet">"retired"</span> });
    view! {
        <tr>
            <th scope="row"><a href=path(one)>{one.text.clone()}</a>{retired}</th>
            <td class="num" data-label="Takers">{one.sums.takers}</td>
            <td class="num" data-label="Knew it">{facility(one)}</td>
            <td class="num" data-label="Tells apart">{discrimination(one)}</td>
        </tr>
    }
}

/// One question: its figures, and what was answered.
pub async fn figures() -> Result<Page, AppError> {
    let who = viewer().await?.coordinator()?;
    let id: QuestionId = param("question")?;
    let mut tx = state().db.read().await?;
    let outline = store::find_outline_of_question(&mut tx, &who, id).await?.ok_or(AppError::NotFound)?;
    let all = store::list_figures(&mut tx, &who, outline).await?;
    drop(tx);
    let one = all.into_iter().find(|one| one.newest == id).ok_or(AppError::NotFound)?;
    let (takers, taken) = taken(&one.body, &one.answers);
    let concerns = concerns(&one.sums, &taken).into_iter().map(|concern| view! { <li>{concern.words}</li> }).collect_view();
    let bank = format!("/coordinator/questions/{}", one.chapter);
    let mean = one.sums.mean().map_or_else(|| "too few yet".to_owned(), percent);
    let body = view! {
        <nav aria-label="Where you are">
            <ol class="crumbs" role="list">
                <li><a href="/coordinator/questions">"Questions"</a></li>
                <li><a href=format!("/coordinator/questions/statistics?outline={outline}")>"What answers say"</a></li>
                <li>{format!("Chapter {}", one.number)}</li>
            </ol>
        </nav>
        <p class="eyebrow">{format!("Chapter {}, {}", one.number, one.chapter_title)}</p>
        <h1>{one.text.clone()}</h1>
        <p class="muted">{WHAT_COUNTS}</p>
        {too_early(&one.sums).map(|words| view! { <div class="notice"><p>{words}</p></div> })}
        <dl class="facts">
            <div><dt>"Takers"</dt><dd>{one.sums.takers}</dd></div>
            <div><dt>"Knew it"</dt><dd>{facility(&one)}</dd></div>
            <div><dt>"Mean credit"</dt><dd>{mean}</dd></div>
            <div><dt>"Tells apart"</dt><dd>{discrimination(&one)}</dd></div>
        </dl>
        <ul>{concerns}</ul>
        {answers(&one, takers, &taken)}
        <p><a href=bank>"The questions of this chapter"</a></p>
    };
    Ok(Page::usual("What answers say", body))
}

fn answers(one: &Figures, takers: u32, taken: &[Taken]) -> AnyView {
    if takers < FEWEST {
        let words = format!("What was answered to version {} is told from {FEWEST} takers on.", one.version);
        return view! { <section class="hang"><h2>"What was answered"</h2><p>{words}</p></section> }.into_any();
    }
    let rows: Vec<BarRow> = match &one.body {
        Body::Numerical(_) | Body::ShortAnswer { .. } => written(&one.answers)
            .into_iter()
            .map(|(text, count)| BarRow {
                label: text.unwrap_or_else(|| "Others, each given by one or two".to_owned()),
                cells: vec![count.to_string()],
                length: Some(f64::from(count) / f64::from(takers)),
                ..BarRow::default()
            })
            .collect(),
        _ => taken.iter().map(bar).collect(),
    };
    let heads = if one.body.kind() == QuestionKind::Numerical || one.body.kind() == QuestionKind::ShortAnswer {
        vec!["Answer", "Given"]
    } else {
        vec!["Choice", "Taken", "Share"]
    };
    if rows.is_empty() {
        return ().into_any();
    }
    let caption = format!("What {takers} answered to version {}", one.version);
    view! {
        <section class="hang"><h2>"What was answered"</h2><BarTable caption=caption heads=heads rows=rows /></section>
    }
    .into_any()
}

fn bar(one: &Taken) -> BarRow {
    BarRow {
        label: one.text.clone(),
        small: if one.right { "right".to_owned() } else { String::new() },
        cells: vec![one.count.to_string(), share_words((one.share, one.within))],
        length: Some(one.share),
        within: Some((one.within.low, one.within.high)),
        ..BarRow::default()
    }
}

//! The log of hours: what counts now, what is missing and by when, the entries, and lists in and out.

use chrono::NaiveDate;
use leptos::prelude::*;

use super::{Begun, apart, begin, crumbs};
use crate::app::query;
use crate::clock;
use crate::error::AppError;
use crate::exam::api::FORM;
use crate::exam::facts::Facts;
use crate::exam::hours::{Log, Need, counted_twice, say};
use crate::exam::sheet::{self, HEADINGS, Judged};
use crate::exam::store::{self, Hours, Sheet};
use crate::form::Form;
use crate::id::{EnrollmentId, PracticeHoursId};
use crate::state;
use crate::ui::{
    BarRow, BarTable, Day, ErrorSummary, FileField, FormFor, Hidden, Page, SubmissionKeyField, TextField, UploadFormFor,
};

/// Entries on one page.
const A_PAGE: usize = 50;
/// Problems of a list that are shown.
const PROBLEMS: usize = 100;

/// `/mentee/exam/hours`: `?entry=ID` opens an entry, `?list=1` the list that was read, `?page=2` older entries.
pub async fn hours() -> Result<Page, AppError> {
    let asked: Option<PracticeHoursId> = query("entry").and_then(|id| id.parse().ok());
    let (form, file) = (Form::open("log-hours").await?, Form::open(FORM).await?);
    let take = Form::open("take-hours-list").await?;
    let Begun { mut tx, mentee, story, in_force } = begin().await?;
    let entries = store::list_hours(&mut tx, mentee.account()).await?;
    let read = store::find_sheet(&mut tx, mentee.account()).await?;
    drop(tx);
    let today = clock::today(state().clock.now());
    let open = asked.and_then(|id| entries.iter().find(|one| one.id == id)).cloned();
    let log = store::log(&entries);
    let body = view! {
        {crumbs("Hours")}
        <h1>"Your hours of practice"</h1>
        <p class="lede">{lede(&in_force.facts, &log, today)}</p>
        {apart(&in_force.facts)}
        {windows(&in_force.facts.needs(), &log, today)}
        {match read {
            Some(sheet) => list(take, story.id, &sheet, &entries, today).into_any(),
            None => view! { <ErrorSummary form=take /> }.into_any(),
        }}
        {entry_form(form, story.id, open.as_ref())}
        {log_of(story.id, &entries)}
        {files(file, entries.is_empty())}
    };
    Ok(Page::narrow("Your hours of practice", body))
}

/// What is missing, and by when it is there at this pace.
fn lede(facts: &Facts, log: &Log, today: NaiveDate) -> String {
    let needs = facts.needs();
    let Some(pace) = log.pace(today) else {
        return "Log your own hours of diabetes care and education, by the day or by the month. This page reckons what CBDCE's rules still ask for.".to_owned();
    };
    if let Some(until) = log.met_until(&needs, today) {
        return format!(
            "By your own log the hours are there today. With no more of them they are there until {}, because older ones fall out. CBDCE decides.",
            clock::say_full_date(until)
        );
    }
    let week = say(pace.a_week());
    match log.met_on(&needs, today, pace).filter(|_| pace.minutes > 0) {
        Some(on) => format!(
            "At your pace of the last weeks, about {week} hours a week, the hours are there around {}. CBDCE decides what counts.",
            clock::say_full_date(on)
        ),
        None if pace.minutes == 0 => {
            "Nothing is logged for the last three months, so there is no pace to reckon with.".to_owned()
        }
        None => {
            format!("At your pace of the last weeks, about {week} hours a week, the hours are not there within five years.")
        }
    }
}

fn years_words(years: u32) -> String {
    if years == 1 { "The last year".to_owned() } else { format!("The last {years} years") }
}

/// Each window that the rules speak of.
fn windows(needs: &[Need], log: &Log, today: NaiveDate) -> impl IntoView + use<> {
    let rows: Vec<BarRow> = needs
        .iter()
        .map(|need| {
            let have = log.within(today, need.years);
            let share = i32::try_from(have).ok().zip(i32::try_from(need.minutes).ok());
            BarRow {
                label: years_words(need.years),
                small: format!("from {}", clock::say_full_date(crate::exam::hours::window_start(today, need.years))),
                cells: vec![say(have), say(need.minutes), say((need.minutes - have).max(0))],
                length: share.map(|(have, need)| (f64::from(have) / f64::from(need.max(1))).min(1.0)),
                ..BarRow::default()
            }
        })
        .collect();
    let falling: Vec<String> = needs
        .iter()
        .filter_map(|need| {
            let minutes = log.falling_out(today, need.years, 91);
            (minutes > 0).then(|| {
                let window = years_words(need.years).to_lowercase();
                format!("{} hours leave the window of {window} within three months.", say(minutes))
            })
        })
        .collect();
    view! {
        <BarTable caption="What counts today" heads=vec!["Window", "Logged", "Asked for", "Missing"] rows />
        {(!falling.is_empty()).then(|| view! { <p>{falling.join(" ")}</p> })}
        <p class="muted small">"Hours of a whole month count from its first day on, and fall out with it."</p>
    }
}

fn entry_form(form: Form, enrollment: EnrollmentId, open: Option<&Hours>) -> impl IntoView + use<> {
    let (title, button) = if open.is_some() { ("Correct an entry", "Save the correction") } else { ("Log hours", "Log them") };
    let id = open.map(|one| one.id.to_string()).unwrap_or_default();
    let of = |whole: bool| open.filter(|one| one.whole_month == whole).map(|one| one.when().code()).unwrap_or_default();
    let (day, month) = (of(false), of(true));
    let hours = open.map(|one| say(i64::from(one.minutes)).replace(',', "")).unwrap_or_default();
    let activity = open.map(|one| one.activity.clone()).unwrap_or_default();
    let correcting = open.is_some();
    view! {
        <section class="hang no-print" id="entry">
            <h2>{title}</h2>
            <FormFor form>
                <Hidden name="enrollment" value=enrollment.to_string() />
                <Hidden name="entry" value=id />
                <SubmissionKeyField form />
                <div class="field-row">
                    <TextField form name="day" label="Day" kind="date" value=day optional=true />
                    <TextField form name="month" label="Or a whole month" kind="month" value=month optional=true />
                </div>
                <TextField form name="hours" label="Hours" kind="number" value=hours size="short" hint="Such as 7.5 or 7:30." />
                <TextField form name="activity" label="What you did" value=activity
                    hint="In plain words, such as “Taught a class on healthy eating”. No patient details, please keep it about your learning." />
                <div class="actions">
                    <button class="button">{button}</button>
                    {correcting.then(|| view! { <a href="/mentee/exam/hours">"Leave it as it is"</a> })}
                </div>
            </FormFor>
        </section>
    }
}

fn log_of(enrollment: EnrollmentId, entries: &[Hours]) -> impl IntoView + use<> {
    let pages = entries.len().div_ceil(A_PAGE).max(1);
    let page = query("page").and_then(|page| page.parse::<usize>().ok()).unwrap_or(1).clamp(1, pages);
    let rows = entries.iter().skip((page - 1) * A_PAGE).take(A_PAGE).map(|one| entry_row(enrollment, one)).collect_view();
    let twice: Vec<String> = counted_twice(&entries.iter().map(Hours::when).collect::<Vec<_>>())
        .into_iter()
        .rev()
        .take(6)
        .map(|month| month.format("%B %Y").to_string())
        .collect();
    let more = (pages > 1).then(|| {
        let links = (1..=pages)
            .map(|number| {
                let current = (number == page).then_some("page");
                view! { <li><a href=format!("?page={number}#log") aria-current=current>{number}</a></li> }
            })
            .collect_view();
        view! { <nav aria-label="Pages of the log"><ul class="tabs" role="list">{links}</ul></nav> }
    });
    view! {
        <section class="hang" id="log">
            <h2>"Your log"</h2>
            {(!twice.is_empty()).then(|| view! {
                <div class="notice warn"><p>{format!("Single days stand beside the whole month in {}. Check that nothing is counted twice.", twice.join(", "))}</p></div>
            })}
            {if entries.is_empty() {
                view! { <p>"Nothing is logged yet. Only you see this log."</p> }.into_any()
            } else {
                view! {
                    <p class="muted">"Only you see this log."</p>
                    <div class="table-wrap">
                        <table class="ledger">
                            <thead><tr>
                                <th scope="col">"When"</th>
                                <th scope="col" class="num">"Hours"</th>
                                <th scope="col" class="grow">"What you did"</th>
                                <th scope="col"><span class="visually-hidden">"Change"</span></th>
                            </tr></thead>
                            <tbody>{rows}</tbody>
                        </table>
                    </div>
                    {more}
                }
                .into_any()
            }}
        </section>
    }
}

fn entry_row(enrollment: EnrollmentId, one: &Hours) -> impl IntoView + use<> {
    let when = match one.whole_month {
        true => one.when().words().into_any(),
        false => view! { <Day date=one.day /> }.into_any(),
    };
    let of = format!(": {}", one.when().words());
    view! {
        <tr>
            <th scope="row">{when}</th>
            <td class="num" data-label="Hours">{say(i64::from(one.minutes))}</td>
            <td data-label="What you did">{one.activity.clone()}</td>
            <td class="no-print">
                <div class="actions">
                    <a class="button quiet small" href=format!("?entry={}#entry", one.id)>"Correct"<span class="visually-hidden">{of.clone()}</span></a>
                    <form method="post" action="/api/remove-hours">
                        <Hidden name="enrollment" value=enrollment.to_string() />
                        <Hidden name="entry" value=one.id.to_string() />
                        <button class="link-button">"Remove"<span class="visually-hidden">{of}</span></button>
                    </form>
                </div>
            </td>
        </tr>
    }
}

/// Lists in and out.
fn files(form: Form, empty: bool) -> impl IntoView {
    view! {
        <section class="hang no-print">
            <h2>"As a file"</h2>
            {(!empty).then(|| view! { <p><a class="button quiet" href="/mentee/exam/hours.csv">"Download the log as CSV"</a></p> })}
            <p>{format!("A list with the columns {}, {} and {} can be taken into the log. You see first what becomes of it.", HEADINGS[0], HEADINGS[1], HEADINGS[2])}</p>
            <UploadFormFor form>
                <FileField form name="file" label="List of hours" accept=".csv,.xlsx"
                    hint="CSV or XLSX. A date, or a month such as 2026-03. No patient details, please keep it about your learning." />
                <div class="actions"><button class="button quiet">"Look at the list"</button></div>
            </UploadFormFor>
        </section>
    }
}

/// The list that was read: what is wrong with it, or what would become of it.
fn list(form: Form, enrollment: EnrollmentId, read: &Sheet, entries: &[Hours], today: NaiveDate) -> impl IntoView + use<> {
    let log: Vec<sheet::New> = entries.iter().map(Hours::new).collect();
    let judged = sheet::judge(&read.rows, &log, today);
    let fine = judged.problems.is_empty() && !judged.new.is_empty();
    let name = read.file_name.clone();
    view! {
        <section class="hang" id="list">
            <h2>"The list you chose"</h2>
            <p class="muted">{name}</p>
            {said(&judged)}
            {(!judged.problems.is_empty()).then(|| problems(&judged))}
            {fine.then(|| first_rows(&judged))}
            <FormFor form>
                <Hidden name="enrollment" value=enrollment.to_string() />
                {fine.then(|| view! { <div class="actions"><button class="button">"Take it into the log"</button></div> })}
            </FormFor>
            <form method="post" action="/api/drop-hours-list">
                <Hidden name="enrollment" value=enrollment.to_string() />
                <div class="actions"><button class="link-button">"Put the list away"</button></div>
            </form>
        </section>
    }
}

fn said(judged: &Judged) -> impl IntoView + use<> {
    let minutes: i64 = judged.new.iter().map(|one| i64::from(one.minutes)).sum();
    let rows = |count: usize| if count == 1 { "1 row".to_owned() } else { format!("{count} rows") };
    let known = match judged.known {
        0 => String::new(),
        count => format!(
            " {} in your log already and left out.",
            if count == 1 { "1 row is".to_owned() } else { format!("{count} rows are") }
        ),
    };
    let words = match (judged.problems.len(), judged.new.len()) {
        (0, 0) => format!("There is nothing new in it.{known}"),
        (0, new) => format!("{} with {} hours would be added.{known}", rows(new), say(minutes)),
        (wrong, _) => {
            let things = if wrong == 1 { "One thing does".to_owned() } else { format!("{wrong} things do") };
            format!("{things} not fit, so nothing is taken. Mend it in the file and choose it again.")
        }
    };
    view! { <p>{words}</p> }
}

fn problems(judged: &Judged) -> impl IntoView + use<> {
    let more = judged.problems.len().saturating_sub(PROBLEMS);
    let rows = judged
        .problems
        .iter()
        .take(PROBLEMS)
        .map(|problem| {
            view! {
                <tr>
                    <th scope="row" class="num">{problem.row}</th>
                    <td data-label="Column">{problem.column}</td>
                    <td data-label="Value">{problem.value.clone()}</td>
                    <td data-label="What to mend">{problem.what.clone()}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="table-wrap">
            <table class="ledger">
                <caption>"What does not fit"</caption>
                <thead><tr>
                    <th scope="col" class="num">"Row"</th><th scope="col">"Column"</th><th scope="col">"Value"</th>
                    <th scope="col" class="grow">"What to mend"</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {(more > 0).then(|| view! { <p>{format!("And {more} more.")}</p> })}
    }
}

fn first_rows(judged: &Judged) -> impl IntoView + use<> {
    let rows = judged
        .new
        .iter()
        .take(5)
        .map(
            |one| view! { <li>{format!("{}: {} hours, {}", one.when.words(), say(i64::from(one.minutes)), one.activity)}</li> },
        )
        .collect_view();
    let more = judged.new.len().saturating_sub(5);
    view! { <ul>{rows}{(more > 0).then(|| view! { <li>{format!("and {more} more")}</li> })}</ul> }
}

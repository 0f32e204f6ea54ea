//! Progress as the two read it: a bar, what it is the sum of, how it stands against the plan, and when it will be finished.
//! Separate because the mentee's home and the page of all chapters show the same.

use chrono::NaiveDate;
use leptos::prelude::*;

use super::{Pace, pace::Requirement};
use crate::id::EnrollmentId;
use crate::people::Side;

/// The bar and its sentences in short; how it is reckoned stands with the chapters.
pub fn in_short(pace: &Pace, enrollment: EnrollmentId, reader: Side, today: NaiveDate) -> impl IntoView + use<> {
    let path = format!("/enrollments/{enrollment}/chapters#progress");
    view! {
        <div class="progress">
            {bar(pace)}
            <p>{sentences(pace, reader, today)}" "<a href=path>"How this is reckoned"</a></p>
        </div>
    }
}

/// The same with all that stands behind it.
pub fn whole(pace: &Pace, enrollment: EnrollmentId, reader: Side, today: NaiveDate) -> impl IntoView + use<> {
    let moves = pace.required.iter().map(|one| view! { <li>{capital(one.words())}</li> }).collect_view();
    let plan = format!("/enrollments/{enrollment}/plan#targets");
    let no_plan = (pace.plan_words().is_none() && pace.read < pace.of)
        .then(|| view! { <p>"The plan names no days for the chapters. "<a href=plan>"Set them in the plan"</a>" to see how it stands against it."</p> });
    view! {
        <section class="progress" id="progress" aria-labelledby="progress-heading">
            <h2 class="visually-hidden" id="progress-heading">"Progress"</h2>
            {bar(pace)}
            <p>{sentences(pace, reader, today)}</p>
            <details>
                <summary>"How this is reckoned"</summary>
                <p>{what_moves_it(pace)}</p>
                <ul>{moves}</ul>
                {pace.reckoned().map(|words| view! { <p>{words}</p> })}
                {no_plan}
                <p>"Optional chapters and days of leave do not count. A chapter that was read once stays read."</p>
            </details>
        </section>
    }
}

fn bar(pace: &Pace) -> impl IntoView + use<> {
    let (done, of) = (pace.done(), pace.in_all());
    let label = format!("{done} of {of} steps toward the certificate");
    view! {
        <p class="progress-label"><strong>{label.clone()}</strong></p>
        <progress max=of.to_string() value=done.to_string() aria-label=label>{format!("{done} of {of}")}</progress>
    }
}

/// Where it stands against the plan, and when it will be finished.
fn sentences(pace: &Pace, reader: Side, today: NaiveDate) -> String {
    let chapters = format!("{} of {} chapters read, {} discussed.", pace.read, pace.of, pace.discussed);
    let finish = pace.finish_words(reader, today);
    [Some(chapters), pace.plan_words(), Some(finish)].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// "Each chapter moves the bar three times: …"
fn what_moves_it(pace: &Pace) -> String {
    let has = |what| pace.required.iter().any(|one| one.what == what);
    let chapter = match has(Requirement::Test) {
        true => {
            "Each required chapter moves the bar three times: when it is read and logged, when its post-test is passed, and when the mentor signs it off as discussed."
        }
        false => {
            "Each required chapter moves the bar twice: when it is read and logged, and when the mentor signs it off as discussed."
        }
    };
    let once = match has(Requirement::ExamPlan) {
        true => {
            "The letter of agreement moves it once when the coordinator has received it, and the exam plan once when it is filled in."
        }
        false => "The letter of agreement moves it once, when the coordinator has received it.",
    };
    format!("{chapter} {once} When the bar is full, the coordinator can issue the certificate.")
}

fn capital(words: String) -> String {
    let mut signs = words.chars();
    signs.next().map_or_else(String::new, |first| first.to_uppercase().chain(signs).collect())
}

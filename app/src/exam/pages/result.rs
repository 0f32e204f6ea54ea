//! What came of the exam: recorded by the mentee, or entered by a coordinator who heard of it.

use leptos::prelude::*;

use crate::contacts::{Medium, mark};
use crate::exam::Outcome;
use crate::exam::store::ExamResult;
use crate::form::Form;
use crate::id::EnrollmentId;
use crate::ui::{ChoiceField, Day, DayOf, FormFor, Hidden, SelectField, TextField, choices};

/// On the mentee's own page.
pub fn own(form: Form, enrollment: EnrollmentId, results: &[ExamResult]) -> impl IntoView + use<> {
    view! {
        <section class="hang">
            <h2>"How it went"</h2>
            {list("remove-exam-result", enrollment, results, |one| one.entered_by.is_none())}
            <details open=!form.is_fresh()>
                <summary>"Record a result"</summary>
                <FormFor form>
                    <Hidden name="enrollment" value=enrollment.to_string() />
                    <TextField form name="taken-on" label="I took the exam on" kind="date" size="medium" />
                    <ChoiceField form name="outcome" legend="The result" choices=choices(Outcome::ALL, Outcome::name)
                        hint="The coordinator sees it, and counts it in reports without your name. Saying nothing is fine." />
                    <div class="actions"><button class="button quiet">"Record it"</button></div>
                </FormFor>
            </details>
        </section>
    }
}

/// On the coordinator's page of an enrolment.
pub fn of_enrollment(form: Form, enrollment: EnrollmentId, results: &[ExamResult]) -> impl IntoView + use<> {
    view! {
        <section id="exam-result">
            <h2>"Exam"</h2>
            {list("drop-exam-result", enrollment, results, |_| true)}
            <details open=!form.is_fresh()>
                <summary>"Enter a result"</summary>
                <FormFor form>
                    <Hidden name="enrollment" value=enrollment.to_string() />
                    <TextField form name="taken-on" label="Exam taken on" kind="date" size="medium" />
                    <SelectField form name="outcome" label="Result" choices=choices(Outcome::ALL, Outcome::told) />
                    <SelectField form name="came-by" label="How it came" choices=choices(Medium::ALL, Medium::name) />
                    <div class="actions"><button class="button quiet">"Enter it"</button></div>
                </FormFor>
            </details>
        </section>
    }
}

/// `may`: whether the reader may remove it. What a coordinator entered, a coordinator takes back.
fn list(
    remove: &'static str,
    enrollment: EnrollmentId,
    results: &[ExamResult],
    may: fn(&ExamResult) -> bool,
) -> impl IntoView + use<> {
    let lines = results
        .iter()
        .map(|one| {
            let by = mark(one.entered_by.as_deref(), one.came_by).map(|mark| format!(", {mark}"));
            view! {
                <li>
                    <span class="line-main">{one.outcome.told()}", "<Day date=one.taken_on /></span>
                    <span class="line-meta">"Recorded "<DayOf at=one.recorded_at />{by}</span>
                    {may(one).then(|| view! {
                        <span class="line-action no-print">
                            <form method="post" action=format!("/api/{remove}")>
                                <Hidden name="enrollment" value=enrollment.to_string() />
                                <Hidden name="result" value=one.id.to_string() />
                                <button class="link-button">"Remove"<span class="visually-hidden">{format!(" the result of {}", one.taken_on)}</span></button>
                            </form>
                        </span>
                    })}
                </li>
            }
        })
        .collect_view();
    match results.is_empty() {
        true => view! { <p class="muted">"No result is recorded."</p> }.into_any(),
        false => view! { <ul class="lines" role="list">{lines}</ul> }.into_any(),
    }
}

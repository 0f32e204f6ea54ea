//! The three questions at the end, as those who were asked see them, and their answers for the coordinator.

use leptos::prelude::*;

use super::store::{self, Closing};
use super::{BETTER, HELPED, Occasion, Worked, first_question};
use crate::app::param;
use crate::error::AppError;
use crate::form::Form;
use crate::id::EnrollmentId;
use crate::people::{Role, Side, viewer};
use crate::state;
use crate::ui::{ChoiceField, DayOf, FormFor, Hidden, Page, TextArea, choices, paragraphs};

/// `/enrollments/{enrollment}/closing`: for the mentee, the mentor, and former mentors.
pub async fn closing() -> Result<Page, AppError> {
    let viewer = viewer().await?;
    let enrollment: EnrollmentId = param("enrollment")?;
    let mut tx = state().db.read().await?;
    let asked = store::list_own(&mut tx, &viewer, enrollment).await?;
    if asked.is_empty() {
        // Only the two of a pair that goes on learn that there is such a page.
        viewer.pair(&mut tx, enrollment).await?;
    }
    drop(tx);
    let home = if viewer.holds(Role::Mentee) { Role::Mentee.home() } else { Role::Mentor.home() };
    if asked.is_empty() {
        let body = view! {
            <h1>"No questions for now"</h1>
            <p class="lede">"At the end of a pair's time together, three short questions stand here."</p>
            <p><a class="button quiet" href=home>"Go to my page"</a></p>
        };
        return Ok(Page::narrow("Three questions", body));
    }
    let mut sections = Vec::new();
    for one in asked {
        let form = Form::open_for("answer-closing", &[("closing", one.id.to_string())]).await?;
        sections.push(section(form, one));
    }
    let body = view! {
        <h1>"Three short questions"</h1>
        <p class="lede">"Your answers help the next pair. Only you and the coordinator read them."</p>
        {sections}
    };
    Ok(Page::narrow("Three questions", body))
}

/// What ended, in one line.
fn ended(one: &Closing) -> String {
    let with = one.other.as_deref().map(|other| format!(" with {other}")).unwrap_or_default();
    match (one.occasion, one.side) {
        (Occasion::Completed, Side::Mentee) => format!("Your study{with} is completed"),
        (Occasion::Completed, Side::Mentor) => format!("The study{with} is completed"),
        (Occasion::Withdrawn | Occasion::Closed, Side::Mentee) => format!("Your enrollment{with} has ended"),
        (Occasion::Withdrawn | Occasion::Closed, Side::Mentor) => format!("The enrollment{with} has ended"),
        (Occasion::Ended, _) => format!("Your time{with} has ended"),
    }
}

fn section(form: Form, one: Closing) -> AnyView {
    let heading = view! { <h2>{ended(&one)}</h2> };
    let (at, said, inner) = (one.answered_at, answers(&one), fields(form, &one));
    let fields = view! { <FormFor form>{inner}</FormFor> };
    match at {
        None => view! { <section class="hang">{heading}{fields}</section> }.into_any(),
        Some(at) => view! {
            <section class="hang">
                {heading}
                <p>"Thank you. You answered "<DayOf at />"."</p>
                {said}
                <details open=!form.is_fresh()><summary>"Change your answers"</summary>{fields}</details>
            </section>
        }
        .into_any(),
    }
}

fn fields(form: Form, one: &Closing) -> impl IntoView + use<> {
    let worked = one.worked.map(|worked| worked.to_string()).into_iter().collect();
    let question = first_question(one.other.as_deref(), one.side);
    view! {
        <Hidden name="closing" value=one.id.to_string() />
        <ChoiceField form name="worked" legend=question choices=choices(Worked::ALL, Worked::name) value=worked />
        <TextArea form name="helped" label=HELPED value=one.helped.clone() optional=true rows=3 />
        <TextArea form name="better" label=BETTER value=one.better.clone() optional=true rows=3 />
        <div class="actions"><button class="button">"Send the answers"</button></div>
    }
}

/// Answers as they were given.
fn answers(one: &Closing) -> impl IntoView + use<> {
    let text = |question: &'static str, words: &str| {
        (!words.is_empty()).then(|| view! { <div><dt>{question}</dt><dd>{paragraphs(words)}</dd></div> })
    };
    view! {
        <dl class="facts">
            {one.worked.map(|worked| view! { <div><dt>{first_question(one.other.as_deref(), one.side)}</dt><dd>{worked.name()}</dd></div> })}
            {text(HELPED, &one.helped)}
            {text(BETTER, &one.better)}
        </dl>
    }
}

/// Everyone who was asked, as the coordinator's page of the enrolment shows it; nothing while nobody was.
pub fn of_enrollment(asked: &[Closing]) -> impl IntoView + use<> {
    let rows: Vec<_> = asked
        .iter()
        .map(|one| {
            let about = format!("{}, {}", one.side, one.occasion.name().to_lowercase());
            let said = match one.answered_at {
                Some(at) => view! { "answered "<DayOf at /> }.into_any(),
                None => view! { "asked "<DayOf at=one.asked_at />", no answer yet" }.into_any(),
            };
            view! {
                <h3>{one.person.clone()}</h3>
                <p class="small muted">{about}": "{said}</p>
                {one.answered_at.map(|_| answers(one))}
            }
        })
        .collect();
    (!rows.is_empty()).then(|| view! { <section id="closing"><h2>"Asked at the end"</h2>{rows}</section> })
}

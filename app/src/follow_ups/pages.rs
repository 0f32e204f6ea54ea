//! The three questions after completion, behind a link; who would like to mentor, and what was answered, for the coordinator.

use leptos::prelude::*;

use super::store::{self, FollowUp, Willing};
use crate::app::{param, query};
use crate::error::AppError;
use crate::form::Form;
use crate::state;
use crate::ui::{Choice, ChoiceField, DayOf, FormFor, Hidden, Page};

/// `/follow-up/{token}`: the first question is answered by the link that was clicked, and kept with the button.
pub async fn follow_up() -> Result<Page, AppError> {
    let token: String = param("token")?;
    let form = Form::open("answer-follow-up").await?;
    let found = store::find(&mut state().db.read().await?, &token).await?.ok_or(AppError::NotFound)?;
    let clicked = query("became").filter(|word| word == "yes" || word == "no");
    let became = clicked.map(|word| word == "yes").or(found.answers.became_cdces);
    let first = found.mentee.split_whitespace().next().unwrap_or(&found.mentee).to_owned();
    let lede = match found.answered_at {
        Some(at) => view! { "You answered "<DayOf at />". If something has changed, change it here and send it again." }.into_any(),
        None => "Three questions, one click each. Your answers show the state and the funder what the program is worth, and only the coordinator sees them with your name.".into_any(),
    };
    let body = view! {
        <p class="eyebrow">{format!("{} months after your certificate", found.months)}</p>
        <h1>{format!("What has come of it, {first}?")}</h1>
        <p class="lede">{lede}</p>
        <FormFor form>
            <Hidden name="token" value=token />
            {question(form, "became", "Are you a Certified Diabetes Care and Education Specialist (CDCES) now?", became, ["Yes", "No, or not yet"])}
            {question(form, "teaching", "Do you teach diabetes self-management (DSMES)?", found.answers.teaching_dsmes, ["Yes", "No"])}
            {question(form, "willing", "Would you like to mentor somebody?", found.answers.willing_to_mentor, ["Yes, ask me", "Not now"])}
            <div class="actions"><button class="button">"Send my answers"</button></div>
        </FormFor>
        <p class="small muted">"A mentor is a CDCES who gives a few hours a month. Saying yes binds you to nothing: the coordinator writes to you first."</p>
    };
    Ok(Page::narrow("What has come of it", body))
}

fn question(form: Form, name: &'static str, legend: &'static str, said: Option<bool>, [yes, no]: [&str; 2]) -> impl IntoView {
    let offered: Vec<Choice> = vec![("yes".to_owned(), yes.to_owned()), ("no".to_owned(), no.to_owned())];
    let value = said.map(|yes| if yes { "yes" } else { "no" }.to_owned()).into_iter().collect();
    view! { <ChoiceField form name legend choices=offered value /> }
}

/// Who would like to mentor, each with the way to invite them; nothing while there is nobody.
pub fn willing(all: Vec<Willing>) -> impl IntoView {
    let rows: Vec<_> = all
        .into_iter()
        .map(|one| {
            let name = one.name.clone();
            view! {
                <li>
                    <span class="line-main"><a href=format!("/coordinator/enrollments/{}", one.enrollment_id)>{one.name}</a></span>
                    <span class="line-meta">"Completed "{one.option_number.name()}", said so "<DayOf at=one.answered_at /></span>
                    <span class="line-action">
                        <a class="button quiet small" href=format!("/coordinator/mentors/new?from={}", one.enrollment_id)>
                            "Invite as mentor"<span class="visually-hidden">{format!(": {name}")}</span>
                        </a>
                    </span>
                </li>
            }
        })
        .collect();
    (!rows.is_empty()).then(
        || view! { <section id="willing"><h2>"Would like to mentor"</h2><ul class="lines" role="list">{rows}</ul></section> },
    )
}

/// What was asked and answered after completion, on the coordinator's page of an enrolment; nothing before the first.
pub fn of_enrollment(all: &[FollowUp]) -> impl IntoView + use<> {
    let say = |answer: Option<bool>| match answer {
        Some(true) => "yes",
        Some(false) => "no",
        None => "not answered",
    };
    let rows: Vec<_> = all
        .iter()
        .map(|one| {
            let answers = one.answers;
            let when = match one.answered_at {
                Some(at) => view! { "answered "<DayOf at /> }.into_any(),
                None => view! { "asked "<DayOf at=one.asked_at />", no answer yet" }.into_any(),
            };
            let said = one.answered_at.map(|_| {
                view! {
                    <dl class="facts plain">
                        <div><dt>"Became CDCES"</dt><dd>{say(answers.became_cdces)}</dd></div>
                        <div><dt>"Teaches DSMES"</dt><dd>{say(answers.teaching_dsmes)}</dd></div>
                        <div><dt>"Would mentor"</dt><dd>{say(answers.willing_to_mentor)}</dd></div>
                    </dl>
                }
            });
            view! { <h3>{format!("After {} months", one.months)}</h3><p class="small muted">{when}</p>{said} }
        })
        .collect();
    (!rows.is_empty()).then(|| view! { <section id="follow-up"><h2>"Afterwards"</h2>{rows}</section> })
}

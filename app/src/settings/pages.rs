//! The page where the coordinator changes what the program's limits and public words are.

use leptos::prelude::*;

use super::store::{self, Change};
use crate::error::AppError;
use crate::form::Form;
use crate::people::viewer;
use crate::state::state;
use crate::ui::{DayOf, FormFor, Hidden, Page, TextArea, TextField};

pub async fn settings() -> Result<Page, AppError> {
    let who = viewer().await?;
    who.coordinator()?;
    let form = Form::open("change-settings").await?;
    let mut tx = state().db.read().await?;
    let now = store::current(&mut tx).await?;
    let change = store::latest_change(&mut tx).await?;
    let version = change.as_ref().map_or(0, |change| change.version).to_string();
    let body = view! {
        <h1>"Settings"</h1>
        <p class="lede">"What you decide here holds from now on. Nobody who has started loses anything by it."</p>
        {last_change(change)}
        <FormFor form>
            <Hidden name="version" value=version />
            {face(form, &now)}
            {beginning(form, &now)}
            {library(form, &now)}
            {study(form, &now)}
            {silence(form, &now)}
            {links(form, &now)}
            <div class="actions"><button class="button">"Save the settings"</button></div>
        </FormFor>
        <section class="hang">
            <h2>"Mail"</h2>
            <p>"A test message to "<strong>{who.email.clone()}</strong>" shows whether mail leaves and arrives."</p>
            <form method="post" action="/api/send-test-mail"><button class="button quiet">"Send me a test message"</button></form>
        </section>
    };
    Ok(Page::narrow("Settings", body))
}

fn last_change(change: Option<Change>) -> impl IntoView {
    let words = match change {
        Some(Change { version, changed_at, changed_by }) => {
            let by = changed_by.map(|name| format!(" by {name}")).unwrap_or_default();
            view! { "Version "{version}", saved "<DayOf at=changed_at />{by}". Earlier versions are kept." }.into_any()
        }
        None => "These are the defaults; nobody has changed them yet.".into_any(),
    };
    view! { <p class="muted">{words}</p> }
}

fn words(form: Form, name: &'static str, label: &'static str, value: &str, hint: &'static str, optional: bool) -> AnyView {
    view! { <TextField form name label value=value.to_owned() hint optional /> }.into_any()
}

fn number(form: Form, name: &'static str, label: &'static str, value: impl ToString, hint: &'static str) -> AnyView {
    view! { <TextField form name label value=value.to_string() kind="number" size="short" hint /> }.into_any()
}

fn face(form: Form, now: &super::Settings) -> impl IntoView + use<> {
    view! {
        <fieldset>
            <legend>"Name and contact"</legend>
            {words(form, "program", "Name of the program", &now.program, "It stands in mail, letters and certificates.", false)}
            {words(form, "coordinator_name", "Coordinator", &now.coordinator_name, "Whom people ask for.", false)}
            {words(form, "coordinator_email", "Coordinator’s e-mail", &now.coordinator_email, "Shown on public pages and in mail.", true)}
            {words(form, "coordinator_phone", "Coordinator’s phone", &now.coordinator_phone, "Shown on public pages and in mail.", true)}
            <TextArea form name="coordinator_address" label="Postal address" value=now.coordinator_address.clone() rows=4 optional=true
                privacy=false hint="Where books and letters on paper are sent to." />
            {words(form, "certificate_wording", "Sentence on the certificate", &now.certificate_wording, "It stands after the person’s name.", false)}
        </fieldset>
    }
}

fn beginning(form: Form, now: &super::Settings) -> impl IntoView + use<> {
    view! {
        <fieldset>
            <legend>"Beginning"</legend>
            {number(form, "application_days", "Days to answer an application", now.application_days, "Applicants are told this. From 1 to 60.")}
            {number(form, "answer_days", "Days a mentor has to answer a proposal", now.answer_days, "After that it goes back to you. From 1 to 60.")}
            {number(form, "first_contact_days", "Days to the first contact", now.first_contact_days, "Counted from the introduction. From 1 to 90.")}
            {number(form, "capacity", "Mentees a mentor takes", now.capacity, "Unless the mentor says otherwise. From 0 to 30.")}
        </fieldset>
    }
}

fn library(form: Form, now: &super::Settings) -> impl IntoView + use<> {
    view! {
        <fieldset>
            <legend>"Lending library"</legend>
            {number(form, "loan_grace_days", "Days after the planned end of study at which a book is due", now.loan_grace_days, "From 0 to 180.")}
            {number(form, "loan_max_days", "Longest loan at a time, in days", now.loan_max_days, "From 7 to 730.")}
        </fieldset>
    }
}

fn study(form: Form, now: &super::Settings) -> impl IntoView + use<> {
    view! {
        <fieldset>
            <legend>"Study and post-tests"</legend>
            {number(form, "option_months", "Months an option may take", now.option_months, "You can give a person more, with a reason. From 1 to 60.")}
            {number(form, "pass_mark", "Pass mark of a post-test, in percent", now.pass_mark, "From 1 to 100.")}
            {number(form, "attempts_a_day", "Attempts at a chapter’s post-test in one day", now.attempts_a_day, "From 1 to 20.")}
            {number(form, "questions_a_test", "Questions in a post-test", now.questions_a_test, "From 1 to 50.")}
        </fieldset>
    }
}

fn silence(form: Form, now: &super::Settings) -> impl IntoView + use<> {
    view! {
        <fieldset>
            <legend>"When nothing is heard"</legend>
            {number(form, "stalled_days", "Days until a gentle nudge", now.stalled_days, "From 7 to 365.")}
            {number(form, "listed_days", "Days until it stands on your list", now.listed_days, "More than the days above, up to 365.")}
            {number(form, "decide_days", "Days until you decide how it goes on", now.decide_days, "More than the days above, up to 730.")}
        </fieldset>
    }
}

fn links(form: Form, now: &super::Settings) -> impl IntoView + use<> {
    view! {
        <fieldset>
            <legend>"Links by mail"</legend>
            {number(form, "invitation_days", "Days an invitation is good", now.invitation_days, "From 1 to 60.")}
            {number(form, "reset_minutes", "Minutes a link for a new password is good", now.reset_minutes, "From 10 to 1440.")}
        </fieldset>
    }
}

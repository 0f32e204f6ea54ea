//! The coordinator's certificate page, and the public page that says whether a certificate is genuine.

use leptos::prelude::*;

use super::{Facts, Standing, parse_number, store};
use crate::app::{param, query};
use crate::clock::{say_full_date, today};
use crate::enrollments::{self, Story, missing};
use crate::error::AppError;
use crate::form::Form;
use crate::id::EnrollmentId;
use crate::people::viewer;
use crate::settings;
use crate::state;
use crate::ui::{FormFor, Hidden, Page, TextField};

/// The coordinator's page: what is missing, the preview, or what was issued.
pub async fn of_enrollment() -> Result<Page, AppError> {
    viewer().await?.coordinator()?;
    let id: EnrollmentId = param("enrollment")?;
    let form = Form::open("issue-certificate").await?;
    let mut tx = state().db.read().await?;
    let story = enrollments::store::find(&mut tx, id).await?.ok_or(AppError::NotFound)?;
    let issued = store::find_of_enrollment(&mut tx, id).await?;
    let settings = settings::store::current(&mut tx).await?;
    let title = format!("Certificate of {}", story.mentee);
    let mentee = story.mentee.clone();
    let body = match issued {
        Some(certificate) => issued_view(&certificate).into_any(),
        None if story.completed_before => completed_before(&story).into_any(),
        None if missing(&story).is_empty() => {
            let on = today(state().clock.now());
            let facts = store::facts(&story, &settings, &story.mentee, "given when issued".into(), String::new(), on);
            let name = story.mentee.clone();
            view! {
                <p class="lede">"Everything "{story.option_number.name()}" requires is there."</p>
                {preview(&facts)}
                <FormFor form>
                    <Hidden name="enrollment" value=id.to_string() />
                    <TextField form name="name" label="Name as it is printed" value=name
                        hint="It cannot be changed on a certificate once issued." />
                    <div class="actions"><button class="button">"Issue the certificate"</button></div>
                </FormFor>
            }
            .into_any()
        }
        None => not_ready(&story).into_any(),
    };
    let page = view! {
        <p class="eyebrow"><a href=format!("/coordinator/enrollments/{id}")>{mentee}</a>", "{story.option_number.name()}</p>
        <h1>"Certificate of achievement"</h1>
        {body}
    };
    Ok(Page::usual(title, page))
}

/// What an import brought along: there is a certificate, and it is not one of these.
fn completed_before(story: &Story) -> impl IntoView + use<> {
    view! {
        <p class="lede">"Completed before this program, certificate on paper."</p>
        <p>{story.ended_at.map(|at| format!("Completed {}. ", say_full_date(today(at))))}
            "The enrollment was imported. Its certificate has no number here and cannot be checked on this site."</p>
    }
}

fn not_ready(story: &Story) -> impl IntoView + use<> {
    let lines = missing(story).into_iter().map(|one| view! { <li>{one.words()}</li> }).collect_view();
    view! {
        <p class="lede">"Not everything is there yet."</p>
        <ul>{lines}</ul>
    }
}

fn preview(facts: &Facts) -> impl IntoView + use<> {
    let facts = facts.clone();
    view! {
        <section class="certificate-preview" aria-label="Preview">
            <div>
                <p>{facts.program}</p>
                <h2>"Certificate of achievement"</h2>
                <p class="certificate-name">{facts.name}</p>
                <p>{facts.wording}</p>
                <p>{facts.option}</p>
                <p>{facts.book}", with "{facts.mentor}", mentor"</p>
                <p class="certificate-small">{say_full_date(facts.issued_on)}", "{facts.issuer}</p>
            </div>
        </section>
    }
}

fn issued_view(certificate: &store::Certificate) -> impl IntoView + use<> {
    let facts = certificate.facts.0.clone();
    let verify = format!("/verify/{}/{}", certificate.number, certificate.code);
    view! {
        <p class="lede">"Issued "{say_full_date(facts.issued_on)}" to "{facts.name}"."</p>
        <dl class="facts">
            <div><dt>"Number"</dt><dd class="num">{certificate.number.clone()}</dd></div>
            <div><dt>"Option"</dt><dd>{facts.option}</dd></div>
            <div><dt>"Book"</dt><dd>{facts.book}</dd></div>
            <div><dt>"Mentor"</dt><dd>{facts.mentor}</dd></div>
            <div><dt>"Standing"</dt><dd>{certificate.state.name()}</dd></div>
        </dl>
        <div class="actions">
            <a class="button" href=format!("/certificates/{}/certificate.pdf", certificate.id)>"Open the PDF"</a>
            <a href=verify>"How others check it"</a>
        </div>
    }
}

/// One field: the number.
pub async fn verify() -> Result<Page, AppError> {
    let typed = query("number").unwrap_or_default();
    if let Some(number) = parse_number(&typed) {
        return Ok(Page::lead_to(format!("/verify/{number}")));
    }
    let body = view! {
        <h1>"Check a certificate"</h1>
        <p class="lede">"The number stands on the certificate, as in QDEI-2026-0001."</p>
        {number_form(&typed, !typed.is_empty())}
    };
    Ok(Page::narrow("Check a certificate", body))
}

fn number_form(typed: &str, wrong: bool) -> impl IntoView + use<> {
    view! {
        <form class="form" method="get" action="/verify">
            <div class="field" data-invalid=wrong.then_some("")>
                <label for="number">"Certificate number"</label>
                {wrong.then(|| view! {
                    <p class="field-error" id="number-error">"A number reads QDEI, the year and four digits: QDEI-2026-0001."</p>
                })}
                <input id="number" name="number" class="medium" value=typed.to_owned() maxlength="40" autocomplete="off" autocapitalize="characters"
                    aria-invalid=wrong.then_some("true") aria-describedby=wrong.then_some("number-error") />
            </div>
            <div class="actions"><button class="button">"Check"</button></div>
        </form>
    }
}

/// What the number alone tells: standing, option and date, never a name.
pub async fn verify_number() -> Result<Page, AppError> {
    verified(None).await
}

/// With the code of the QR link the printed name shows too.
pub async fn verify_code() -> Result<Page, AppError> {
    verified(Some(param("code")?)).await
}

async fn verified(code: Option<String>) -> Result<Page, AppError> {
    let typed: String = param("number")?;
    let number = parse_number(&typed).unwrap_or_default();
    let found = store::find_by_number(&mut state().db.read().await?, &number).await?;
    let Some(certificate) = found else {
        let body = view! {
            <h1>"No certificate has this number"</h1>
            <p class="lede">"Look at it again: it reads QDEI, the year and four digits. If it stays unknown, ask the program."</p>
            {number_form(&typed, false)}
        };
        return Ok(Page::narrow("Unknown number", body).with_status(axum::http::StatusCode::NOT_FOUND));
    };
    let facts = certificate.facts.0;
    let named = code.is_some_and(|code| code == certificate.code);
    let (words, standing) = match certificate.state {
        Standing::Valid => ("This certificate is genuine and valid.", "Valid"),
        Standing::Replaced => ("This certificate was replaced by a newer one.", "Replaced"),
        Standing::Revoked => ("This certificate was revoked.", "Revoked"),
    };
    let title = format!("{} is {}", certificate.number, standing.to_lowercase());
    let body = view! {
        <section class="badge-verify" data-state=certificate.state.as_str()>
            <h1>{standing}</h1>
            <p class="lede">{words}</p>
            <dl class="facts">
                <div><dt>"Number"</dt><dd class="num">{certificate.number}</dd></div>
                {named.then(|| view! { <div><dt>"Name"</dt><dd>{facts.name.clone()}</dd></div> })}
                <div><dt>"For"</dt><dd>{facts.option}</dd></div>
                <div><dt>"Issued"</dt><dd>{say_full_date(certificate.issued_on)}</dd></div>
                <div><dt>"By"</dt><dd>{facts.program}</dd></div>
            </dl>
        </section>
        {(!named).then(|| view! {
            <p class="muted">"The number alone shows no name. The QR code on the certificate leads to a page that does."</p>
        })}
        <p class="small muted">
            "It is a certificate of achievement for self-study with a mentor. It is not a certification and carries no continuing-education credit."
        </p>
    };
    Ok(Page::narrow(title, body))
}

//! Sign-in, forgotten password, the page behind a link that is good once, and a person's own account.

use leptos::prelude::*;

use crate::app::{param, query};
use crate::error::AppError;
use crate::form::{Form, local_path};
use crate::people::viewer::maybe_viewer;
use crate::people::{LinkKind, store, viewer};
use crate::state;
use crate::ui::{FormFor, Hidden, Page, TextField};

/// Leads each person to where they begin.
pub async fn home() -> Result<Page, AppError> {
    Ok(Page::lead_to(match maybe_viewer().await? {
        Some(viewer) => match query("done") {
            Some(word) if crate::ui::notice(&word).is_some() => format!("{}?done={word}", viewer.home()),
            _ => viewer.home().to_owned(),
        },
        None => "/".to_owned(),
    }))
}

pub async fn sign_in() -> Result<Page, AppError> {
    let form = Form::open("sign-in").await?;
    let next = query("next").filter(|next| local_path(next).is_some()).unwrap_or_default();
    let returning = !next.is_empty();
    let body = view! {
        <h1>"Sign in"</h1>
        {returning.then(|| view! { <p class="lede">"Sign in and you are back where you were. What you typed is kept."</p> })}
        <FormFor form>
            <Hidden name="next" value=next />
            <TextField form name="email" label="Email" kind="email" autocomplete="username" autofocus=true />
            <TextField form name="password" label="Password" kind="password" autocomplete="current-password" />
            <div class="actions">
                <button class="button">"Sign in"</button>
                <a href="/forgotten-password">"Set a new password"</a>
            </div>
        </FormFor>
        <p class="muted">"No account yet? The coordinator invites you once your "<a href="/apply">"application"</a>" is accepted."</p>
    };
    Ok(Page::narrow("Sign in", body))
}

pub async fn forgotten_password() -> Result<Page, AppError> {
    let form = Form::open("forgotten-password").await?;
    let body = view! {
        <h1>"Set a new password"</h1>
        <p class="lede">"We send a link to your address. It is good once, for one hour."</p>
        <FormFor form>
            <TextField form name="email" label="Email" kind="email" autocomplete="username" autofocus=true />
            <div class="actions"><button class="button">"Send the link"</button></div>
        </FormFor>
    };
    Ok(Page::narrow("Set a new password", body))
}

pub async fn welcome() -> Result<Page, AppError> {
    let token: String = param("token")?;
    let form = Form::open("welcome").await?;
    let link = store::find_link(&mut state().db.read().await?, &token).await?.ok_or(AppError::NotFound)?;
    if let Err(refusal) = link.usable(state().clock.now()) {
        let body = view! {
            <h1>{refusal.to_string()}</h1>
            <p class="lede">"A new one is quickly made."</p>
            <div class="actions">
                <a class="button" href="/forgotten-password">"Send me a new link"</a>
                <a href="/sign-in">"Sign in"</a>
            </div>
        };
        return Ok(Page::narrow("This link no longer works", body).with_status(axum::http::StatusCode::GONE));
    }
    let title = match link.kind {
        LinkKind::Invitation => format!("Welcome, {}", link.name),
        LinkKind::PasswordReset => "Set a new password".to_owned(),
    };
    let body = view! {
        <h1>{title.clone()}</h1>
        <p class="lede">"Choose the password you will sign in with, together with "<strong>{link.email.clone()}</strong>"."</p>
        <FormFor form>
            <Hidden name="token" value=token />
            // Password keepers store the new password under this name.
            <input type="email" name="email" value=link.email autocomplete="username" class="visually-hidden" tabindex="-1" aria-hidden="true" readonly />
            <TextField form name="password" label="Password" kind="password" autocomplete="new-password"
                hint="At least 12 characters. A short sentence is easy to keep." />
            <TextField form name="password-again" label="The same password again" kind="password" autocomplete="new-password" />
            <div class="actions"><button class="button">"Set the password"</button></div>
        </FormFor>
    };
    Ok(Page::narrow(title, body))
}

pub async fn account() -> Result<Page, AppError> {
    let who = viewer().await?;
    let form = Form::open("account").await?;
    let account = store::find(&mut state().db.read().await?, who.id).await?.ok_or(AppError::NotFound)?;
    let body = view! {
        <h1>"Your account"</h1>
        <p>"You sign in with "<strong>{account.email}</strong>"."</p>
        <FormFor form>
            <TextField form name="name" label="Name" value=account.name autocomplete="name" hint="As others read it, and as it is printed on a certificate." />
            <TextField form name="phone" label="Phone" value=account.phone kind="tel" autocomplete="tel" optional=true />
            <div class="actions"><button class="button">"Save"</button></div>
        </FormFor>
        <section class="hang">
            <h2>"Password"</h2>
            <p><a href="/forgotten-password">"Set a new password"</a>" by a link sent to your address."</p>
        </section>
        {crate::mail::pages::preferences(&who).await?}
        {crate::appointments::pages::calendar(&who).await?}
    };
    Ok(Page::narrow("Your account", body))
}

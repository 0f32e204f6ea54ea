//! What the forms of sign-in, invitation and password send to.

use leptos::prelude::*;

use crate::audit::{Event, Kind};
use crate::error::{AppError, Refusal};
use crate::form::{Fields, answer, back, clear_device, local_path, to};
use crate::mail::{self, Mail};
use crate::people::viewer::maybe_viewer;
use crate::people::{LinkKind, limit, password, session, store, viewer};
use crate::settings;
use crate::{Stranger, state};

#[server(endpoint = "sign-in")]
pub async fn sign_in(#[server(default)] next: String) -> Result<(), AppError> {
    answer(async {
        let mut fields = Fields::typed();
        let email = fields.text("email", 254, "Enter your e-mail address.");
        let typed = fields.text("password", password::LONGEST, "Enter your password.");
        let (email, typed) = fields.take((email, typed))?;
        let address = store::canonical_email(&email);
        limit::count(&address)?;
        let found = store::find_credentials(&mut state().db.read().await?, &email).await?;
        let (id, hash) = found.map_or((None, None), |found| (Some(found.id), found.password_hash));
        let right = password::verify(typed, hash).await?;
        let Some(id) = id.filter(|_| right) else { return Err(password::wrong().into()) };
        limit::forget(&address);
        let mut tx = state().db.write(Some(id), state().clock.now(), &state().audit_key).await?;
        tx.note(Event::new(Kind::SignedIn).about(id.0));
        tx.commit().await?;
        session::begin(id).await?;
        Ok(to(local_path(&next).unwrap_or("/home").to_owned()))
    })
    .await
}

#[server(endpoint = "sign-out")]
pub async fn sign_out() -> Result<(), AppError> {
    answer(async {
        if let Some(who) = maybe_viewer().await? {
            let mut tx = state().write(&who).await?;
            tx.note(Event::new(Kind::SignedOut).about(who.id.0));
            tx.commit().await?;
        }
        session::end().await?;
        clear_device();
        Ok(to("/sign-in").done("signed-out"))
    })
    .await
}

/// The answer is the same whether there is such an account or not.
#[server(endpoint = "forgotten-password")]
pub async fn forgotten_password() -> Result<(), AppError> {
    answer(async {
        let mut fields = Fields::typed();
        let email = fields.email("email");
        let (email,) = fields.take((email,))?;
        limit::count(&email)?;
        let mut tx = state().write(&Stranger).await?;
        if let Some(found) = store::find_credentials(&mut tx, &email).await? {
            let settings = settings::store::current(&mut tx).await?;
            let kind = if found.password_hash.is_some() { LinkKind::PasswordReset } else { LinkKind::Invitation };
            store::send_link(&mut tx, &state(), found.id, kind, "", &settings).await?;
        }
        tx.commit().await?;
        Ok(to("/sign-in").done("link-sent"))
    })
    .await
}

/// Sets the password through a link that is good once, and signs in.
#[server(endpoint = "welcome")]
pub async fn welcome(token: String) -> Result<(), AppError> {
    answer(async {
        let mut fields = Fields::typed();
        let chosen = fields.raw("password");
        if let Some(objection) = password::objection(&chosen) {
            fields.wrong("password", objection);
        } else if fields.raw("password-again") != chosen {
            fields.wrong("password-again", "The two passwords differ. Type the same one twice.");
        }
        fields.check()?;
        let hash = password::hash(chosen).await?;
        let mut tx = state().write(&Stranger).await?;
        let link = store::find_link(&mut tx, &token).await?.ok_or(AppError::NotFound)?;
        link.usable(tx.now())?;
        if !store::use_link(&mut tx, &link).await? {
            return Err(Refusal::new("This link was used already.").into());
        }
        store::update_password(&mut tx, link.account_id, &hash).await?;
        session::end_all(&mut tx, link.account_id).await?;
        if link.kind == LinkKind::PasswordReset {
            let to = mail::store::recipient(&mut tx, link.account_id).await?;
            mail::store::enqueue(&mut tx, Mail::new(mail::Kind::PasswordChanged, to)).await?;
        }
        tx.commit().await?;
        session::begin(link.account_id).await?;
        Ok(to("/home").done("password-set"))
    })
    .await
}

/// Name and phone, as others in the program see them.
#[server(endpoint = "account")]
pub async fn account() -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?;
        let mut fields = Fields::typed();
        let name = fields.text("name", 200, "Enter your name as others should read it.");
        let phone = fields.optional_text("phone", 40);
        let (name, phone) = fields.take((name, phone))?;
        let mut tx = state().write(&who).await?;
        store::update_name(&mut tx, who.id, &name, &phone).await?;
        tx.commit().await?;
        Ok(back().done("name-saved"))
    })
    .await
}

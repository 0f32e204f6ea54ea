//! What the forms of the coordinators' page send to.

use leptos::prelude::*;

use super::store;
use crate::error::{AppError, FieldError};
use crate::form::{Fields, answer, to};
use crate::id::AccountId;
use crate::mail::{self, Mail};
use crate::people::{Role, session, store as people, viewer};
use crate::state;

const PAGE: &str = "/coordinator/settings/people";

/// Makes somebody a coordinator: the account if there is none, the role, and the mail that says so. For somebody who has
/// not used an earlier invitation it sends another.
#[server(endpoint = "invite-coordinator")]
pub async fn invite_coordinator() -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut fields = Fields::typed();
        let name = fields.text("name", 200, "Enter the name of the new coordinator.");
        let email = fields.email("email");
        let (name, email) = fields.take((name, email))?;
        let mut tx = state().write(&who).await?;
        let account = people::find_or_insert(&mut tx, &email, &name, "").await?;
        let known = store::find(&mut tx, &who, account).await?;
        if let Some(known) = known.filter(|known| known.has_password) {
            let message = format!("{} is a coordinator already.", known.name);
            return Err(AppError::Invalid(vec![FieldError { field: "email".to_owned(), message }]));
        }
        people::grant(&mut tx, account, Role::Coordinator).await?;
        people::welcome(
            &mut tx,
            &state(),
            account,
            Role::Coordinator,
            mail::Kind::CoordinatorWelcome,
            Role::Coordinator.home(),
        )
        .await?;
        tx.commit().await?;
        Ok(to(PAGE).done("coordinator-invited"))
    })
    .await
}

/// Ends somebody's time as coordinator: one's own, or another's.
#[server(endpoint = "remove-coordinator")]
pub async fn remove_coordinator(account: AccountId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut tx = state().write(&who).await?;
        // They are told as well, but no longer among the coordinators.
        let gone = mail::store::recipient(&mut tx, account).await?;
        store::leave(&mut tx, &who, account).await?;
        let mut told = mail::store::coordinators(&mut tx).await?;
        told.retain(|one| one.account != Some(who.account()));
        if account != who.account() {
            told.push(gone.clone());
        }
        for one in told {
            let own = if one.account == gone.account { "yes" } else { "no" };
            let mail = Mail::new(mail::Kind::CoordinatorLeft, one).with("who", &gone.name).with("own", own);
            mail::store::enqueue(&mut tx, mail.with("link", state().link("/home"))).await?;
        }
        tx.commit().await?;
        if account == who.account() {
            // Every session of the account has ended; this one goes on under a new id, for the roles that stay.
            session::begin(account).await?;
            return Ok(to("/home").done("coordinator-stepped-down"));
        }
        Ok(to(PAGE).done("coordinator-removed"))
    })
    .await
}

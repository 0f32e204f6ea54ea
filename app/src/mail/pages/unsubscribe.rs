//! The page behind a link that stops news. Opening it changes nothing, because mail filters open links; one button does.

use leptos::prelude::*;

use super::super::store;
use super::super::unsubscribe::Ticket;
use crate::app::param;
use crate::error::AppError;
use crate::settings;
use crate::state::state;
use crate::ui::Page;

pub async fn unsubscribe() -> Result<Page, AppError> {
    let token: String = param("token")?;
    let ticket = Ticket::read(&token, &state().audit_key).ok_or(AppError::NotFound)?;
    let mut tx = state().db.read().await?;
    let settings = settings::store::current(&mut tx).await?;
    let left_out = store::find_reader(&mut tx, Some(ticket.account), &settings).await?.preference.left_out;
    drop(tx);
    let stopped = ticket.groups.iter().all(|group| left_out.contains(group));
    let (title, words, button) = if stopped {
        ("It has stopped", format!("You no longer get {} by mail.", ticket.names()), "Undo")
    } else {
        ("Stop this mail", format!("With one click you get no more {} by mail.", ticket.names()), "Stop it")
    };
    let body = view! {
        <h1>{title}</h1>
        <p class="lede">{words}</p>
        <form method="post" action=format!("/unsubscribe/{token}")>
            {stopped.then(|| view! { <input type="hidden" name="undo" value="yes" /> })}
            <div class="actions"><button class=if stopped { "button quiet" } else { "button" }>{button}</button></div>
        </form>
        <p class="muted">"What waits for you, such as a letter to sign, still comes. "<a href="/account#mail">"Choose what you get, and when"</a>"."</p>
    };
    Ok(Page::narrow(title, body))
}

//! Who coordinates the program; inviting another, and leaving.

use leptos::prelude::*;

use crate::app::query;
use crate::error::AppError;
use crate::form::Form;
use crate::handover::last_one;
use crate::handover::store::{self, CoordinatorRow};
use crate::id::AccountId;
use crate::people::{Role, viewer};
use crate::settings;
use crate::settings::pages::tabs;
use crate::state;
use crate::ui::{DayOf, FormFor, Hidden, Moment, Page, TextField};

pub async fn people() -> Result<Page, AppError> {
    let viewer = viewer().await?;
    let who = viewer.coordinator()?;
    let form = Form::open("invite-coordinator").await?;
    let mut tx = state().db.read().await?;
    let rows = store::list(&mut tx, &who).await?;
    let contact = settings::store::current(&mut tx).await?.coordinator_name;
    drop(tx);
    let rows = rows.into_iter().map(|row| line(form, row, who.account())).collect_view();
    let body = view! {
        {tabs("/coordinator/settings/people")}
        <h1>"Coordinators"</h1>
        <p class="lede">"All of them see and do the same. To hand the program over, invite your successor here, go through the "
            <a href="/coordinator/handover">"hand-over"</a>" together, then step down."</p>
        <div class="table-wrap">
            <table class="ledger">
                <thead><tr>
                    <th scope="col" class="grow">"Coordinator"</th><th scope="col">"Since"</th><th scope="col">"Last seen"</th>
                    <th scope="col"><span class="visually-hidden">"Action"</span></th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <p class="muted">"People outside are told to ask for "{contact}". "<a href="/coordinator/settings#contact">"Change who they ask for"</a></p>
        <section class="hang" id="invite">
            <h2>"Invite another"</h2>
            <p>"They get a mail with a link to set a password; who has an account already signs in as before."</p>
            <FormFor form>
                <TextField form name="name" label="Name" autocomplete="off" />
                <TextField form name="email" label="E-mail" kind="email" autocomplete="off" />
                <div class="actions"><button class="button">"Invite as coordinator"</button></div>
            </FormFor>
        </section>
    };
    Ok(Page::usual("Coordinators", body))
}

fn line(form: Form, row: CoordinatorRow, own: AccountId) -> impl IntoView {
    let seen = match row.seen_at() {
        _ if !row.has_password => view! { <span class="tag" data-tone="turn">"invited, not yet here"</span> }.into_any(),
        Some(at) => view! { <Moment at /> }.into_any(),
        None => view! { <span class="muted">"never"</span> }.into_any(),
    };
    let again = (!row.has_password).then(|| {
        view! {
            <form method="post" action=form.action()>
                <Hidden name="name" value=row.name.clone() />
                <Hidden name="email" value=row.email.clone() />
                <button class="button quiet small">"Invite again"</button>
            </form>
        }
    });
    let leave = format!("/coordinator/settings/leave?who={}", row.id);
    let (mine, words) = (row.id == own, if row.id == own { "Step down" } else { "Remove" });
    view! {
        <tr>
            <th scope="row" data-label="Coordinator"><span>
                {row.name.clone()}{mine.then_some(" (you)")}
                <small>{row.email}</small>
                {other_roles(row.mentee, row.mentor).map(|roles| view! { <small>"also "{roles}</small> })}
            </span></th>
            <td data-label="Since"><DayOf at=row.since /></td>
            <td data-label="Last seen">{seen}</td>
            <td><div class="actions">
                {again}
                <a class="link-button" href=leave>{words}<span class="visually-hidden">{(!mine).then(|| format!(" {}", row.name))}</span></a>
            </div></td>
        </tr>
    }
}

fn other_roles(mentee: bool, mentor: bool) -> Option<String> {
    let roles: Vec<String> = [(mentor, Role::Mentor), (mentee, Role::Mentee)]
        .into_iter()
        .filter(|(holds, _)| *holds)
        .map(|(_, role)| role.name().to_lowercase())
        .collect();
    (!roles.is_empty()).then(|| roles.join(" and "))
}

/// Asks once more before a coordinator goes; without `?who` it is about oneself.
pub async fn leave() -> Result<Page, AppError> {
    let viewer = viewer().await?;
    let who = viewer.coordinator()?;
    let id = match query("who") {
        Some(text) => text.parse().map_err(|_| AppError::NotFound)?,
        None => who.account(),
    };
    let form = Form::open_for("remove-coordinator", &[("account", id.to_string())]).await?;
    let mut tx = state().db.read().await?;
    let all = store::list(&mut tx, &who).await?;
    drop(tx);
    let row = all.iter().find(|row| row.id == id).ok_or(AppError::NotFound)?;
    let others: Vec<&str> =
        all.iter().filter(|other| other.id != id && other.has_password).map(|other| other.name.as_str()).collect();
    let (mine, name) = (id == who.account(), row.name.clone());
    let title = if mine { "Step down as coordinator".to_owned() } else { format!("Remove {name} as coordinator") };
    let body = view! {
        <ul class="crumbs"><li><a href="/coordinator/settings/people">"Coordinators"</a></li></ul>
        <h1>{title.clone()}</h1>
        {if others.is_empty() {
            view! {
                <p class="lede">{last_one().to_string()}</p>
                <div class="actions"><a class="button" href="/coordinator/settings/people#invite">"Invite another"</a></div>
            }
            .into_any()
        } else {
            view! {
                <ul class="measure">
                    <li>{if mine { "The coordinator’s pages close for you at once.".to_owned() } else { format!("The coordinator’s pages close for {name} at once, on every device.") }}</li>
                    <li>{kept(row)}</li>
                    <li>{format!("What was done stays on record, with the name. {} goes on with the program and is told.", list_names(&others))}</li>
                    {mine.then(|| view! { <li>"Only another coordinator can invite you back. Is the "<a href="/coordinator/handover">"hand-over"</a>" done?"</li> })}
                </ul>
                <FormFor form>
                    <Hidden name="account" value=id.to_string() />
                    <div class="actions">
                        <button class="button">{if mine { "Step down" } else { "Remove as coordinator" }}</button>
                        <a href="/coordinator/settings/people">"Go back"</a>
                    </div>
                </FormFor>
            }
            .into_any()
        }}
    };
    Ok(Page::narrow(title, body))
}

fn kept(row: &CoordinatorRow) -> String {
    match other_roles(row.mentee, row.mentor) {
        Some(roles) => format!("The account stays, as {roles}."),
        None => "The account stays, without a role.".to_owned(),
    }
}

/// "Ann", "Ann and Bo", "Ann, Bo and Cy".
fn list_names(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}

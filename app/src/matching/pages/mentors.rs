//! The coordinator's view of mentors: all in one ledger, one in full, and the form that invites one.

use chrono::NaiveDate;
use leptos::prelude::*;

use super::{button, names, profile, standing};
use crate::app::{param, query};
use crate::clock::today;
use crate::counties;
use crate::enrollments::OptionNumber;
use crate::error::AppError;
use crate::follow_ups;
use crate::form::Form;
use crate::id::{AccountId, EnrollmentId};
use crate::life;
use crate::matching::store::{self, Check, Match, MentorRow};
use crate::matching::{State, credential, is_away};
use crate::people::{Interest, Way, viewer};
use crate::settings;
use crate::state;
use crate::ui::{Day, DayOf, FormFor, Hidden, Page, SubmissionKeyField, TextArea, TextField, paragraphs};

/// `/coordinator/mentors`: every mentor, with room, credential and absence.
pub async fn mentors() -> Result<Page, AppError> {
    let who = viewer().await?.coordinator()?;
    let mut tx = state().db.read().await?;
    let all = store::list_mentors(&mut tx, &who).await?;
    let willing = follow_ups::store::list_willing(&mut tx, &who).await?;
    drop(tx);
    let today = today(state().clock.now());
    let free: i64 = all.iter().filter(|mentor| !is_away(mentor.away_until, today)).map(|mentor| mentor.offer().free()).sum();
    let lede = match (all.len(), free) {
        (0, _) => "There is no mentor yet. Invite the first one; you can also be one yourself.".to_owned(),
        (1, free) => format!("One mentor. Free places: {free}."),
        (count, free) => format!("{count} mentors. Free places among those who are not away: {free}."),
    };
    let body = view! {
        <div class="page-head">
            <div><h1>"Mentors"</h1><p class="lede">{lede}</p></div>
            <div class="actions">
                <a href="/coordinator/import">"Import from a spreadsheet"</a>
                <a class="button" href="/coordinator/mentors/new">"Invite a mentor"</a>
            </div>
        </div>
        {(!all.is_empty()).then(|| ledger(all, today))}
        {follow_ups::pages::willing(willing)}
    };
    Ok(Page::wide("Mentors", body))
}

fn ledger(all: Vec<MentorRow>, today: NaiveDate) -> impl IntoView {
    let rows = all.into_iter().map(|mentor| row(mentor, today)).collect_view();
    view! {
        <div class="table-wrap"><table class="ledger">
            <thead><tr>
                <th scope="col" class="grow">"Mentor"</th>
                <th scope="col">"County"</th>
                <th scope="col">"Options"</th>
                <th scope="col" class="num">"Mentees"</th>
                <th scope="col">"Credential valid to"</th>
                <th scope="col">"Away"</th>
            </tr></thead>
            <tbody>{rows}</tbody>
        </table></div>
    }
}

fn row(mentor: MentorRow, today: NaiveDate) -> impl IntoView {
    let away = mentor.away_until.filter(|_| is_away(mentor.away_until, today));
    view! {
        <tr>
            <th scope="row">
                <a href=format!("/coordinator/mentors/{}", mentor.id)>{mentor.name}</a>
                <small>{mentor.discipline.name()}{(!mentor.has_password).then_some(", invited, not signed in yet")}</small>
            </th>
            <td data-label="County">{counties::name(&mentor.county).to_owned()}</td>
            <td data-label="Options">{numbers(&mentor.options.0)}</td>
            <td class="num" data-label="Mentees">{format!("{} of {}", mentor.current, mentor.capacity)}</td>
            <td data-label="Credential valid to">{standing(credential(mentor.valid_to, today))}</td>
            <td data-label="Away">{match away {
                Some(date) => view! { <span>"until "<Day date /></span> }.into_any(),
                None => view! { <span class="muted">"no"</span> }.into_any(),
            }}</td>
        </tr>
    }
}

/// "1, 3".
fn numbers(options: &[OptionNumber]) -> String {
    options.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// `/coordinator/mentors/new`: who is to be a mentor, and what they offer.
pub async fn new_mentor() -> Result<Page, AppError> {
    let who = viewer().await?;
    let coordinator = who.coordinator()?;
    let form = Form::open("invite-mentor").await?;
    let mut tx = state().db.read().await?;
    let settings = settings::store::current(&mut tx).await?;
    // Somebody who completed and would like to mentor: what is known of them is filled in.
    let from = query("from").and_then(|id| id.parse::<EnrollmentId>().ok());
    let former = match from {
        Some(id) => store::find_former_mentee(&mut tx, &coordinator, id).await?,
        None => None,
    };
    drop(tx);
    let before = former
        .as_ref()
        .map_or_else(|| profile::Before::fresh(settings.capacity), |one| profile::Before::of_former(one, settings.capacity));
    let (name, email, phone) = former.map(|one| (one.name, one.email, one.phone)).unwrap_or_default();
    let body = view! {
        <p class="eyebrow"><a href="/coordinator/mentors">"Mentors"</a></p>
        <h1>"Invite a mentor"</h1>
        <p class="lede">"They get a link to choose a password and can change everything below themselves. Without a checked credential nobody is proposed to a mentee, so record that next."</p>
        <p class="muted">"To be a mentor yourself, enter your own e-mail: "{who.email}</p>
        <FormFor form>
            <fieldset>
                <legend>"Person"</legend>
                <TextField form name="name" label="Name" value=name autocomplete="off" />
                <div class="field-row">
                    <TextField form name="email" label="E-mail" kind="email" value=email autocomplete="off" />
                    <TextField form name="phone" label="Phone" kind="tel" value=phone autocomplete="off" optional=true />
                </div>
            </fieldset>
            <fieldset>
                <legend>"What they offer"</legend>
                {profile::fields(form, before)}
            </fieldset>
            <div class="actions"><button class="button">"Invite"</button></div>
        </FormFor>
    };
    Ok(Page::narrow("Invite a mentor", body))
}

/// `/coordinator/mentors/{account}`: one mentor in full.
pub async fn mentor() -> Result<Page, AppError> {
    let who = viewer().await?.coordinator()?;
    let id: AccountId = param("account")?;
    let target = [("mentor", id.to_string())];
    let check = Form::open_for("check-credential", &target).await?;
    let change = Form::open_for("change-mentor", &target).await?;
    let again = Form::open_for("invite-mentor-again", &target).await?;
    let gone = Form::open_for("mentor-gone", &target).await?;
    let mut tx = state().db.read().await?;
    let mentor = store::find_mentor(&mut tx, &who, id).await?.ok_or(AppError::NotFound)?;
    let checks = store::list_checks(&mut tx, &who, id).await?;
    let matches = store::list_of_mentor(&mut tx, &who, id).await?;
    let live = store::list_live_of_mentor(&mut tx, &who, id).await?;
    drop(tx);
    let (name, title) = (mentor.name.clone(), mentor.name.clone());
    let body = view! {
        <p class="eyebrow"><a href="/coordinator/mentors">"Mentors"</a></p>
        <h1>{name.clone()}</h1>
        {(!mentor.has_password).then(|| view! {
            <div class="notice warn">
                <p>"The invitation is not used yet. A new one replaces the one before."</p>
                {button(again, &target, "button quiet small", "Send the invitation again", format!("to {name}"))}
            </div>
        })}
        {facts(&mentor)}
        {credential_section(check, id, checks)}
        {mentees(matches)}
        {life::pages::mentor_gone(gone, id, &live)}
        <h2>"Profile"</h2>
        <details open=!change.is_fresh()>
            <summary>"Change what this mentor offers"</summary>
            <FormFor form=change>
                <Hidden name="mentor" value=id.to_string() />
                {profile::fields(change, profile::Before::of(&mentor))}
                <div class="actions"><button class="button quiet">"Save the profile"</button></div>
            </FormFor>
        </details>
    };
    Ok(Page::usual(title, body))
}

fn facts(mentor: &MentorRow) -> impl IntoView + use<> {
    let today = today(state().clock.now());
    let email = mentor.email.clone();
    let away = mentor.away_until.filter(|_| is_away(mentor.away_until, today));
    let phone = (!mentor.phone.is_empty()).then(|| mentor.phone.clone());
    let about = (!mentor.about.is_empty()).then(|| paragraphs(&mentor.about));
    view! {
        <dl class="facts">
            <div><dt>"E-mail"</dt><dd><a href=format!("mailto:{email}")>{email.clone()}</a></dd></div>
            {phone.map(|phone| view! { <div><dt>"Phone"</dt><dd>{phone}</dd></div> })}
            <div><dt>"Discipline"</dt><dd>{mentor.discipline.name()}</dd></div>
            <div><dt>"County"</dt><dd>{counties::name(&mentor.county).to_owned()}</dd></div>
            <div><dt>"Options"</dt><dd>{numbers(&mentor.options.0)}</dd></div>
            <div><dt>"Ways to talk"</dt><dd>{names(&mentor.ways.0, Way::name)}</dd></div>
            <div><dt>"Interests"</dt><dd>{names(&mentor.interests.0, Interest::name)}</dd></div>
            <div><dt>"Mentees now"</dt><dd>{format!("{} of {}", mentor.current, mentor.capacity)}</dd></div>
            <div><dt>"Credential valid to"</dt><dd>{standing(credential(mentor.valid_to, today))}</dd></div>
            {away.map(|date| view! { <div><dt>"Away until"</dt><dd><Day date /></dd></div> })}
        </dl>
        {about}
    }
}

fn credential_section(form: Form, id: AccountId, checks: Vec<Check>) -> impl IntoView {
    let none = checks.is_empty();
    let rows = checks
        .into_iter()
        .map(|check| {
            view! {
                <li>
                    <span class="line-main">"Valid to "<Day date=check.valid_to /></span>
                    <span class="line-meta">"Checked "<DayOf at=check.checked_at />" by "{check.checked_by}
                        {(!check.note.is_empty()).then(|| format!(". {}", check.note))}</span>
                </li>
            }
        })
        .collect_view();
    view! {
        <h2>"Credential"</h2>
        {none.then(|| view! { <p>"Nobody has checked this mentor's credential yet, so no mentee can be proposed."</p> })}
        <ul class="lines" role="list">{rows}</ul>
        <FormFor form>
            <Hidden name="mentor" value=id.to_string() />
            <SubmissionKeyField form />
            <TextField form name="valid_to" label="Valid to" kind="date" size="medium" hint="As the certifying board's register says it." />
            <TextArea form name="note" label="Note" optional=true rows=2 hint="How you checked it. No license or certificate number." />
            <div class="actions"><button class="button quiet">"Record this check"</button></div>
        </FormFor>
    }
}

fn mentees(matches: Vec<Match>) -> impl IntoView {
    let none = matches.is_empty();
    let rows = matches
        .into_iter()
        .map(|one| view! {
            <li>
                <span class="line-main"><a href=format!("/coordinator/enrollments/{}", one.enrollment_id)>{one.mentee.clone()}</a></span>
                <span class="line-meta">{one.option_number.name()}". "{became(&one)}</span>
            </li>
        })
        .collect_view();
    view! {
        <h2>"Mentees"</h2>
        {none.then(|| view! { <p class="muted">"Nobody was proposed to this mentor yet."</p> })}
        <ul class="lines" role="list">{rows}</ul>
    }
}

/// What became of a match, with its day and the reason given.
pub(super) fn became(one: &Match) -> impl IntoView + use<> {
    let at = match one.state {
        State::Proposed => one.proposed_at,
        State::Accepted | State::Declined => one.answered_at.unwrap_or(one.proposed_at),
        State::Withdrawn | State::Ended => one.ended_at.unwrap_or(one.proposed_at),
    };
    let reason = one.end_reason.clone().or_else(|| one.answer_reason.clone());
    let mark = one.mark().map(|mark| format!(", {mark}"));
    view! { {one.state.name()}" "<DayOf at />{mark}{reason.map(|reason| format!(": {reason}"))} }
}

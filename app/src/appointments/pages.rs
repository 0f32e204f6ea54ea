//! Where the two agree on a time, what their homes say of it, and the account's section on calendars.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use leptos::prelude::*;

use super::api::TIME_FIELDS;
use super::{Appointment, Proposal, USUAL_LENGTH, link, say_in, store, time_path};
use crate::app::param;
use crate::discussion::{pages::crumbs, talk_path};
use crate::error::AppError;
use crate::form::Form;
use crate::id::EnrollmentId;
use crate::people::{PairMember, Viewer, Way, viewer};
use crate::state::state;
use crate::study::{self, Pair};
use crate::ui::{
    Choice, ChoiceField, DayOf, FormFor, Hidden, Page, SelectField, SubmissionKeyField, TextArea, TextField, choices,
};

/// A moment as this reader says it, exact on hover and in print.
pub fn moment_in(zone: Tz, at: DateTime<Utc>) -> impl IntoView + use<> {
    let exact = at.with_timezone(&zone).format("%A, %B %-d, %Y, %-I:%M %P %Z").to_string();
    view! { <time datetime=at.to_rfc3339() title=exact>{say_in(zone, at, state().clock.now())}</time> }
}

/// The forms of this page.
struct Forms {
    propose: Form,
    accept: Form,
    decline: Form,
    withdraw: Form,
    cancel: Form,
}

impl Forms {
    async fn open() -> Result<Self, AppError> {
        Ok(Self {
            propose: Form::open("propose-times").await?,
            accept: Form::open("accept-time").await?,
            decline: Form::open("decline-times").await?,
            withdraw: Form::open("withdraw-times").await?,
            cancel: Form::open("cancel-talk").await?,
        })
    }
}

pub async fn time() -> Result<Page, AppError> {
    let viewer = viewer().await?;
    let enrollment: EnrollmentId = param("enrollment")?;
    let mut tx = state().db.read().await?;
    let who = viewer.pair(&mut tx, enrollment).await?;
    let pair = study::store::find_pair(&mut tx, who).await?;
    let zone = store::find_zone(&mut tx, viewer.id).await?;
    let agreed = store::find_agreed(&mut tx, who).await?;
    let open = store::find_open(&mut tx, who).await?;
    let no = store::find_no(&mut tx, who).await?;
    drop(tx);
    let forms = Forms::open().await?;
    let now = state().clock.now();
    let other = pair.other(who.side()).unwrap_or("your mentor").to_owned();
    let refusal = pair.allow_talking().err();
    let form = match refusal {
        Some(refusal) => view! { <p class="muted">{refusal.to_string()}</p> }.into_any(),
        None => propose_section(&forms, &pair, zone, agreed.as_ref(), open.as_ref(), who).into_any(),
    };
    let no = no.map(|(at, word)| no_block(&other, at, word));
    let agreed_block = agreed.as_ref().map(|one| match one.is_ahead(now) {
        true => agreed_block(&forms, &pair, one, zone, &other).into_any(),
        false => over_block(&pair, one, zone, &other).into_any(),
    });
    let open_block = open.as_ref().map(|one| open_block(&forms, &pair, one, who, zone, &other));
    let body = view! {
        {crumbs(&pair, who.side(), "Time of the talk")}
        <p class="eyebrow">"Talk with "{other.clone()}</p>
        <h1>"When you talk"</h1>
        {agreed_block}
        {open_block}
        {no}
        {form}
        <p><a href=talk_path(enrollment)>"What you talk about"</a></p>
    };
    Ok(Page::narrow("When you talk", body))
}

fn agreed_block(forms: &Forms, pair: &Pair, one: &Appointment, zone: Tz, other: &str) -> impl IntoView + use<> {
    let (form, enrollment) = (forms.cancel, pair.id.to_string());
    let other = other.to_owned();
    view! {
        <section class="turn done" aria-labelledby="agreed">
            <p class="turn-label">"Agreed"</p>
            <h2 class="turn-title" id="agreed">{moment_in(zone, one.starts_at)}</h2>
            <p class="turn-meta">{format!("{} minutes, {}, with {other}", one.minutes, way_in_words(one.way))}{place(&one.place)}</p>
            <div class="turn-actions"><a class="button" href=invitation_path(one)>"Put it in my calendar"</a></div>
        </section>
        <details class="no-print">
            <summary>"Cancel this talk"</summary>
            <p>{format!("{other} reads of it in the next daily summary. If the talk is before that, call as well.")}</p>
            <FormFor form>
                <Hidden name="enrollment" value=enrollment />
                <div class="actions"><button class="button quiet">"Cancel the talk"</button></div>
            </FormFor>
        </details>
    }
}

/// An agreed talk whose time is over and that nobody logged yet.
fn over_block(pair: &Pair, one: &Appointment, zone: Tz, other: &str) -> impl IntoView + use<> {
    view! {
        <section class="turn waiting" aria-labelledby="agreed">
            <p class="turn-label">"It was agreed"</p>
            <h2 class="turn-title" id="agreed">{moment_in(zone, one.starts_at)}</h2>
            <p class="turn-meta">{format!("If you and {other} talked then, log it. If not, agree on another time.")}</p>
            <div class="turn-actions"><a class="button" href=format!("{}#log", talk_path(pair.id))>"Log the talk"</a></div>
        </section>
    }
}

fn invitation_path(one: &Appointment) -> String {
    format!("/appointments/{}/talk.ics", one.id)
}

/// Where, after a comma: a link when it is one.
fn place(words: &str) -> Option<AnyView> {
    let words = words.to_owned();
    let is_link = words.starts_with("https://") && !words.contains(char::is_whitespace);
    match (words.is_empty(), is_link) {
        (true, _) => None,
        (false, true) => Some(view! { ", "<a href=words.clone() rel="noreferrer">{words.clone()}</a> }.into_any()),
        (false, false) => Some(format!(", {words}").into_any()),
    }
}

/// How, within a sentence.
pub fn way_in_words(way: Way) -> &'static str {
    match way {
        Way::Phone => "by phone",
        Way::Video => "by video",
        Way::InPerson => "in person",
        Way::Email => "by e-mail",
    }
}

fn open_block(forms: &Forms, pair: &Pair, one: &Proposal, who: PairMember, zone: Tz, other: &str) -> AnyView {
    if one.proposed_by == who.account() {
        own_block(forms, pair, one, zone, other).into_any()
    } else {
        asked_block(forms, pair, one, zone, other).into_any()
    }
}

/// What this reader proposed, and that it waits.
fn own_block(forms: &Forms, pair: &Pair, one: &Proposal, zone: Tz, other: &str) -> impl IntoView + use<> {
    let (form, enrollment, id) = (forms.withdraw, pair.id.to_string(), one.id.to_string());
    let times = one.times.iter().map(|at| view! { <li>{moment_in(zone, *at)}</li> }).collect_view();
    view! {
        <section class="turn waiting" aria-labelledby="proposed">
            <p class="turn-label">"Proposed"</p>
            <h2 class="turn-title" id="proposed">{format!("Waiting for {other} to choose, since ")}<DayOf at=one.proposed_at /></h2>
            <ul class="turn-meta">{times}</ul>
            <p class="turn-meta">{format!("{} minutes, {}", one.minutes, way_in_words(one.way))}{place(&one.place)}</p>
            <FormFor form>
                <Hidden name="enrollment" value=enrollment />
                <Hidden name="times" value=id />
                <div class="actions"><button class="button quiet">"Take it back"</button></div>
            </FormFor>
        </section>
    }
}

/// What the other proposed: the reader's turn.
fn asked_block(forms: &Forms, pair: &Pair, one: &Proposal, zone: Tz, other: &str) -> impl IntoView + use<> {
    let (accept, decline) = (forms.accept, forms.decline);
    let (enrollment, id) = (pair.id, one.id);
    let now = state().clock.now();
    let ahead: Vec<DateTime<Utc>> = one.times.iter().copied().filter(|at| *at > now).collect();
    let offered: Vec<Choice> = ahead.iter().map(|at| (at.timestamp_micros().to_string(), say_in(zone, *at, now))).collect();
    // One time needs no choosing.
    let chosen: Vec<String> = offered.iter().filter(|_| offered.len() == 1).map(|(value, _)| value.clone()).collect();
    let all_past = offered.is_empty();
    let choose = view! {
        <FormFor form=accept>
            <Hidden name="enrollment" value=enrollment.to_string() />
            <Hidden name="times" value=id.to_string() />
            <ChoiceField form=accept name="at" legend="Which suits you?" choices=offered value=chosen />
            <div class="actions"><button class="button">"Take this time"</button></div>
        </FormFor>
    };
    view! {
        <section class="turn" aria-labelledby="asked">
            <p class="turn-label">"Your turn"</p>
            <h2 class="turn-title" id="asked">{format!("{other} proposes to talk")}</h2>
            <p class="turn-meta">{format!("{} minutes, {}", one.minutes, way_in_words(one.way))}{place(&one.place)}</p>
            {if all_past {
                view! { <p>"All of these times are past by now. Propose others below."</p> }.into_any()
            } else {
                choose.into_any()
            }}
        </section>
        <details>
            <summary>"None of these suits me"</summary>
            <FormFor form=decline>
                <Hidden name="enrollment" value=enrollment.to_string() />
                <Hidden name="times" value=id.to_string() />
                <TextArea form=decline name="word" label="A word with it" optional=true rows=2 />
                <div class="actions"><button class="button quiet">"Decline these times"</button></div>
            </FormFor>
            <p class="small muted">"Or propose others below: they take the place of these."</p>
        </details>
    }
}

fn no_block(other: &str, at: DateTime<Utc>, word: String) -> impl IntoView + use<> {
    let other = other.to_owned();
    view! {
        <div class="notice">
            <p>{other}" cannot take the times you proposed, "<DayOf at />"."</p>
            {crate::ui::paragraphs(&word)}
        </div>
    }
}

fn propose_section(
    forms: &Forms,
    pair: &Pair,
    zone: Tz,
    agreed: Option<&Appointment>,
    open: Option<&Proposal>,
    who: PairMember,
) -> impl IntoView + use<> {
    let (form, enrollment) = (forms.propose, pair.id.to_string());
    let now = state().clock.now();
    let ahead = agreed.is_some_and(|one| one.is_ahead(now));
    let heading = match (ahead, open) {
        (true, _) => "Move it to another time",
        (false, Some(open)) if open.proposed_by != who.account() => "Propose other times",
        (false, Some(_)) => "Change what you proposed",
        (false, None) => "Propose a time",
    };
    let minutes = agreed.map_or(USUAL_LENGTH, |one| one.minutes).to_string();
    let way = agreed.map(|one| one.way).or(pair.way).map(|way| way.to_string()).unwrap_or_default();
    let place = agreed.map(|one| one.place.clone()).unwrap_or_default();
    let rows = TIME_FIELDS
        .into_iter()
        .zip([("Day", "Time"), ("Another day", "Time on it"), ("A third day", "Time on that")])
        .enumerate()
        .map(|(index, ((day, time), (day_label, time_label)))| {
            let optional = index > 0;
            view! {
                <div class="field-row">
                    <TextField form name=day label=day_label kind="date" optional />
                    <TextField form name=time label=time_label kind="time" optional />
                </div>
            }
        })
        .collect_view();
    let fields = view! {
        <FormFor form>
            <Hidden name="enrollment" value=enrollment />
            <SubmissionKeyField form />
            <p class="hint">
                {format!("Times are in your own time zone, {}. ", zone.name().replace('_', " "))}
                <a href="/account#mail">"Change it"</a>
            </p>
            {rows}
            <div class="field-row">
                <TextField form name="minutes" label="Minutes" kind="number" value=minutes size="short" />
                <SelectField form name="way" label="How" choices=choices(Way::ALL, Way::name) value=way />
            </div>
            <TextField form name="place" label="Where" value=place optional=true
                hint="A phone number, a link for video, or a place. Only the two of you see it. No patient details, please keep it about your learning." />
            <div class="actions"><button class="button">{if ahead { "Propose to move it" } else { "Propose" }}</button></div>
        </FormFor>
    };
    let folded = (ahead || open.is_some()) && form.is_fresh();
    if folded {
        let note = ahead.then(|| view! { <p>"The time that is agreed holds until the other takes a new one."</p> });
        return view! { <details class="no-print" id="propose"><summary>{heading}</summary>{note}{fields}</details> }
            .into_any();
    }
    view! { <section class="hang no-print" id="propose"><h2>{heading}</h2>{fields}</section> }.into_any()
}

/// The account's section on the link for calendars.
pub async fn calendar(who: &Viewer) -> Result<AnyView, AppError> {
    let (make, revoke) = (Form::open("make-calendar-link").await?, Form::open("revoke-calendar-link").await?);
    let found = link::find(&mut state().db.read().await?, who).await?;
    let there = found.is_some();
    let address = found.map(|link| {
        let address = state().link(&link.path(&state().audit_key));
        view! {
            <div class="field">
                <label for="calendar-link">"Your secret address"</label>
                <p class="hint" id="calendar-hint">
                    "Made "<DayOf at=link.made_at />". Give it to your calendar under “add by address” or “subscribe”. Whoever has it can read when you talk and with whom, so show it to nobody."
                </p>
                <input id="calendar-link" type="text" readonly aria-describedby="calendar-hint" value=address />
            </div>
            <FormFor form=revoke><div class="actions"><button class="button quiet">"Take the address away"</button></div></FormFor>
        }
    });
    Ok(view! {
        <section class="hang" id="calendar">
            <h2>"Your calendar"</h2>
            <p>"Your calendar can follow the talks you agreed on, the days of your plan, and when your book is due. It reads no word of what you write to each other."</p>
            {address}
            <FormFor form=make>
                {there.then(|| view! { <p class="hint">"If somebody else may have seen the address, make it anew: the old one stops working at once."</p> })}
                <div class="actions"><button class="button quiet">{if there { "Make a new address" } else { "Make an address" }}</button></div>
            </FormFor>
        </section>
    }
    .into_any())
}

/// What a home says of the next talk, in one line with one action.
pub fn next_line(enrollment: EnrollmentId, standing: Option<&super::Standing>, zone: Tz, other: &str) -> AnyView {
    let (now, path) = (state().clock.now(), time_path(enrollment));
    let Some(standing) = standing else { return ().into_any() };
    let line = |words: AnyView, meta: String, label: &'static str, path: String| {
        view! {
            <li>
                <span class="line-main">{words}</span>
                <span class="line-meta">{meta}</span>
                <span class="line-action"><a class="button quiet small" href=path>{label}</a></span>
            </li>
        }
        .into_any()
    };
    if standing.asked_at.is_some() {
        return line(format!("{other} proposes a time for your next talk").into_any(), "Waits for you".into(), "Choose", path);
    }
    match (standing.next(now), standing.unlogged(now), standing.proposed_at) {
        (Some(at), ..) => {
            let way = standing.way.map(way_in_words).unwrap_or_default();
            let length = standing.minutes.map(|minutes| format!("{minutes} minutes, {way}")).unwrap_or_default();
            line(view! { "Next talk: "{moment_in(zone, at)} }.into_any(), length, "Change", path)
        }
        (None, Some(at), _) => {
            let words = view! { "You agreed to talk "{moment_in(zone, at)} }.into_any();
            line(words, "If you talked, log it".into(), "Log the talk", format!("{}#log", talk_path(enrollment)))
        }
        (None, None, Some(_)) => line(format!("You proposed a time; {other} answers").into_any(), String::new(), "Look", path),
        (None, None, None) => line("No time is set for your next talk".into_any(), String::new(), "Propose a time", path),
    }
}

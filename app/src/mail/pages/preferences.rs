//! A person's own choice: when the digest leaves, and which news it holds. A section of the account's page.

use leptos::prelude::*;

use super::super::Group;
use super::super::digest::{Rhythm, Weekday};
use super::super::store::{self, Bounce, Reader};
use crate::error::AppError;
use crate::form::Form;
use crate::people::Viewer;
use crate::settings;
use crate::state::state;
use crate::ui::{Choice, ChoiceField, DayOf, FormFor, SelectField, choices};

/// The zones of the country, as people call them.
const ZONES: [(&str, &str); 7] = [
    ("America/Denver", "Mountain"),
    ("America/Los_Angeles", "Pacific"),
    ("America/Phoenix", "Arizona"),
    ("America/Chicago", "Central"),
    ("America/New_York", "Eastern"),
    ("America/Anchorage", "Alaska"),
    ("Pacific/Honolulu", "Hawaii"),
];

pub async fn preferences(who: &Viewer) -> Result<AnyView, AppError> {
    let form = Form::open("save-mail-preferences").await?;
    let mut tx = state().db.read().await?;
    let settings = settings::store::current(&mut tx).await?;
    let reader = store::find_reader(&mut tx, Some(who.id), &settings).await?;
    let bounce = store::find_bounce(&mut tx, &who.email).await?;
    drop(tx);
    let hours: Vec<Choice> = reader.schedule.quiet.allowed().map(|hour| (hour.to_string(), say_hour(hour))).collect();
    let (schedule, preference) = (reader.schedule, reader.preference.clone());
    let news = Group::ALL.iter().filter(|group| !preference.left_out.contains(group)).map(ToString::to_string).collect();
    let groups = Group::ALL.iter().map(|group| (group.to_string(), format!("{}: {}", group.name(), group.about()))).collect();
    Ok(view! {
        <section class="hang" id="mail">
            <h2>"Mail"</h2>
            {bounce.map(comes_back)}
            <p>"Answers to what you do yourself, such as a link for a new password, come at once. Everything else comes together in one message a day, never in the night. It says that there is something new; what it is, you read here."</p>
            <FormFor form>
                <ChoiceField form name="rhythm" legend="News comes" choices=choices(Rhythm::ALL, Rhythm::name) value=vec![preference.rhythm.to_string()]
                    hint="What waits for you, such as a letter to sign, comes the next morning either way." />
                <div class="field-row">
                    <SelectField form name="weekday" label="If once a week, on" choices=choices(Weekday::ALL, Weekday::name) value=preference.weekday.to_string() />
                    <SelectField form name="hour" label="At" choices=hours value=schedule.leaves_at().to_string() />
                    <SelectField form name="zone" label="Time zone" choices=zones(&reader) value=schedule.zone.name() />
                </div>
                <ChoiceField form name="news" legend="News I want" many=true choices=groups value=news
                    hint="Letters, proposals, your book, your certificate and reminders of what waits for you always come." />
                <div class="actions"><button class="button">"Save my choice"</button></div>
            </FormFor>
        </section>
    }
    .into_any())
}

fn comes_back(bounce: Bounce) -> impl IntoView {
    view! {
        <div class="notice late"><p>"Mail to your address comes back since "<DayOf at=bounce.since />". Tell the coordinator your right address."</p></div>
    }
}

/// "7 am".
fn say_hour(hour: u32) -> String {
    match hour {
        0 => "midnight".to_owned(),
        12 => "noon".to_owned(),
        1..12 => format!("{hour} am"),
        _ => format!("{} pm", hour - 12),
    }
}

/// The zones of the country, and the reader's own if it is another.
fn zones(reader: &Reader) -> Vec<Choice> {
    let own = reader.schedule.zone.name();
    let mut zones: Vec<Choice> = ZONES.map(|(zone, name)| (zone.to_owned(), name.to_owned())).into();
    if !ZONES.iter().any(|(zone, _)| *zone == own) {
        zones.push((own.to_owned(), own.replace('_', " ")));
    }
    zones
}

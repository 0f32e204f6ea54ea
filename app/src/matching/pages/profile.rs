//! A mentor's profile as a form, for the mentor and for the coordinator.

use leptos::prelude::*;

use crate::clock::today;
use crate::counties;
use crate::enrollments::OptionNumber;
use crate::error::AppError;
use crate::form::Form;
use crate::matching::store::{self, Former, MentorRow};
use crate::matching::{credential, is_away};
use crate::people::{Discipline, Interest, Way, viewer};
use crate::state;
use crate::ui::{ChoiceField, FormFor, Page, SelectField, TextArea, TextField, choices};

/// What stands in the form before anything is typed.
#[derive(Default)]
pub(super) struct Before {
    discipline: String,
    county: String,
    options: Vec<String>,
    ways: Vec<String>,
    interests: Vec<String>,
    capacity: String,
    about: String,
    away_until: String,
}

impl Before {
    pub(super) fn fresh(capacity: i32) -> Self {
        Self { capacity: capacity.to_string(), ..Self::default() }
    }

    /// Of somebody who completed an option, from their application; the rest is for them to say.
    pub(super) fn of_former(former: &Former, capacity: i32) -> Self {
        Self {
            discipline: former.discipline.to_string(),
            county: former.county.clone(),
            options: vec![former.option_number.to_string()],
            ways: words(&former.ways.0),
            interests: words(&former.interests.0),
            ..Self::fresh(capacity)
        }
    }

    pub(super) fn of(mentor: &MentorRow) -> Self {
        // A day back that has passed is not shown again: it would have to be emptied by hand.
        let away = mentor.away_until.filter(|_| is_away(mentor.away_until, today(state().clock.now())));
        Self {
            discipline: mentor.discipline.to_string(),
            county: mentor.county.clone(),
            options: words(&mentor.options.0),
            ways: words(&mentor.ways.0),
            interests: words(&mentor.interests.0),
            capacity: mentor.capacity.to_string(),
            about: mentor.about.clone(),
            away_until: away.map(|date| date.to_string()).unwrap_or_default(),
        }
    }
}

fn words<T: ToString>(all: &[T]) -> Vec<String> {
    all.iter().map(ToString::to_string).collect()
}

/// The fields of a profile.
pub(super) fn fields(form: Form, before: Before) -> impl IntoView {
    view! {
        <div class="field-row">
            <SelectField form name="discipline" label="Discipline" choices=choices(Discipline::ALL, Discipline::name) value=before.discipline />
            <SelectField form name="county" label="County of home or work" choices=counties::choices() value=before.county />
        </div>
        <ChoiceField form name="options" legend="Options" many=true choices=choices(&OptionNumber::ALL, OptionNumber::name) value=before.options
            hint="Which options to mentor." />
        <ChoiceField form name="ways" legend="Ways to talk" many=true choices=choices(Way::ALL, Way::name) value=before.ways />
        <ChoiceField form name="interests" legend="Interests" many=true choices=choices(Interest::ALL, Interest::name) value=before.interests
            hint="What this mentor knows best; it helps to find mentees who want to learn it." />
        <div class="field-row">
            <TextField form name="capacity" label="Mentees at a time" kind="number" size="short" value=before.capacity
                hint="Zero means: nobody new for now." />
            <TextField form name="away_until" label="Away until" kind="date" size="medium" optional=true value=before.away_until
                hint="The first day back. Nobody is proposed before it." />
        </div>
        <TextArea form name="about" label="About this mentor" optional=true value=before.about
            hint="Work, experience, what a mentee can learn. At most 1,000 characters." />
    }
}

/// `/mentor/profile`: what the mentor offers, to be changed at any time.
pub async fn own_profile() -> Result<Page, AppError> {
    let who = viewer().await?.mentor()?;
    let form = Form::open("save-mentor-profile").await?;
    let mentor = store::find_own(&mut state().db.read().await?, who).await?.ok_or(AppError::NotFound)?;
    let standing = super::standing(credential(mentor.valid_to, today(state().clock.now())));
    let body = view! {
        <h1>"My profile"</h1>
        <p class="lede">"The coordinator looks here before proposing a mentee to you. You are always asked first."</p>
        <dl class="facts">
            <div><dt>"Mentees now"</dt><dd>{format!("{} of {}", mentor.current, mentor.capacity)}</dd></div>
            <div><dt>"Credential valid to"</dt><dd>{standing}</dd></div>
        </dl>
        <FormFor form>
            {fields(form, Before::of(&mentor))}
            <div class="actions"><button class="button">"Save the profile"</button></div>
        </FormFor>
        <p class="muted">"Name and phone are part of "<a href="/account">"your account"</a>". The coordinator records when your credential was checked."</p>
    };
    Ok(Page::narrow("My profile", body))
}

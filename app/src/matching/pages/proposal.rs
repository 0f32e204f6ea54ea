//! A proposal as the mentor answers it.

use leptos::prelude::*;

use super::{button, names};
use crate::app::param;
use crate::counties;
use crate::error::AppError;
use crate::form::Form;
use crate::id::MatchId;
use crate::matching::State;
use crate::matching::score::Rule;
use crate::matching::store::{self, Match, Seeker};
use crate::people::{Interest, Way, viewer};
use crate::state;
use crate::ui::{DayOf, ErrorSummary, FormFor, Hidden, Page, TextArea, paragraphs};

/// `/mentor/proposals/{match}`: whom it is about, and the two answers. Another mentor's proposal is not found.
pub async fn proposal() -> Result<Page, AppError> {
    let who = viewer().await?.mentor()?;
    let id: MatchId = param("match")?;
    let target = [("proposal", id.to_string())];
    let accept = Form::open_for("accept-proposal", &target).await?;
    let decline = Form::open_for("decline-proposal", &target).await?;
    let mut tx = state().db.read().await?;
    let found = store::find_of_mentor(&mut tx, who, id).await?.ok_or(AppError::NotFound)?;
    let seeker = store::find_seeker_for(&mut tx, who, &found).await?.ok_or(AppError::NotFound)?;
    drop(tx);
    let title = format!("{} as your mentee", found.mentee);
    let open = found.state == State::Proposed && seeker.state.is_live();
    // What a mentee wrote is for the one who is asked now, or goes with them.
    let shown = (open || found.state == State::Accepted).then(|| about(&seeker, &found));
    let body = view! {
        <p class="eyebrow">{found.option_number.name()}</p>
        <h1>{title.clone()}</h1>
        <ErrorSummary form=accept />
        {standing(&found, &seeker)}
        {shown}
        {open.then(|| answers(accept, decline, &found))}
    };
    Ok(Page::narrow(title, body))
}

fn standing(found: &Match, seeker: &Seeker) -> AnyView {
    let answered = found.answered_at.unwrap_or(found.proposed_at);
    let late = found.answer_by < state().clock.now();
    match found.state {
        State::Proposed if !seeker.state.is_live() => {
            view! { <p class="lede">"This enrollment has ended meanwhile. There is nothing for you to do."</p> }.into_any()
        }
        State::Proposed => view! {
            <p class="lede">"The coordinator asks whether you can be the mentor. "
                {if late { "The answer was due " } else { "Answer by " }}<DayOf at=found.answer_by />
                {if late { "; you can still answer." } else { ". Either answer is fine." }}</p>
        }
        .into_any(),
        State::Accepted => view! {
            <p class="lede">"You accepted "<DayOf at=answered />". Both of you have an introduction by mail."</p>
            <div class="actions"><a class="button" href=format!("/enrollments/{}/plan", found.enrollment_id)>"Plan how to go on"</a></div>
        }
        .into_any(),
        State::Declined => view! {
            <p class="lede">"You declined "<DayOf at=answered />". There is nothing more for you to do."</p>
        }
        .into_any(),
        State::Withdrawn => view! {
            <p class="lede">"The coordinator has withdrawn this proposal. There is nothing for you to do."</p>
        }
        .into_any(),
        State::Ended => view! { <p class="lede">"You are no longer mentor and mentee. Thank you for the time you gave."</p> }.into_any(),
    }
}

fn about(seeker: &Seeker, found: &Match) -> impl IntoView + use<> {
    let works = if seeker.workplace.is_empty() { String::new() } else { format!(", {}", seeker.workplace) };
    // Room and credential are the coordinator's concern.
    let told = [Rule::County, Rule::Ways, Rule::Interests, Rule::Discipline];
    let reasons: Vec<_> = found.reasons.0.iter().filter(|reason| told.contains(&reason.rule)).collect();
    let why = (!reasons.is_empty()).then(|| {
        let lines = reasons.into_iter().map(|reason| view! { <li>{reason.text.clone()}</li> }).collect_view();
        view! { <section class="hang"><h2>"Why you"</h2><ul>{lines}</ul></section> }
    });
    let wish = (!seeker.reason.is_empty()).then(|| {
        let words = paragraphs(&seeker.reason);
        view! { <section class="hang"><h2>"In their own words"</h2>{words}</section> }
    });
    view! {
        <dl class="facts">
            <div><dt>"Studies"</dt><dd>{seeker.option_number.name()}", "{seeker.option_number.aim()}</dd></div>
            <div><dt>"Book"</dt><dd>{seeker.book.clone()}</dd></div>
            <div><dt>"Works as"</dt><dd>{seeker.discipline.name()}{works}</dd></div>
            <div><dt>"County"</dt><dd>{counties::name(&seeker.county).to_owned()}</dd></div>
            <div><dt>"Counties served"</dt><dd>{counties::names(&seeker.counties_served.0)}</dd></div>
            <div><dt>"Ways to talk"</dt><dd>{names(&seeker.ways.0, Way::name)}</dd></div>
            <div><dt>"Interests"</dt><dd>{names(&seeker.interests.0, Interest::name)}</dd></div>
        </dl>
        {wish}
        {why}
    }
}

fn answers(accept: Form, decline: Form, found: &Match) -> impl IntoView + use<> {
    let id = found.id.to_string();
    view! {
        <section class="hang">
            <h2>"Your answer"</h2>
            <p>"If you accept, both of you get each other's e-mail at once and plan the first talk."</p>
            {button(accept, &[("proposal", id.clone())], "button", "Accept", format!("{} as your mentee", found.mentee))}
        </section>
        <section class="hang">
            <h2>"Or not this time"</h2>
            <FormFor form=decline>
                <Hidden name="proposal" value=id />
                <TextArea form=decline name="reason" label="Why not" rows=3
                    hint="The coordinator reads it, the mentee does not. A few words are enough: no time now, too far, another field." />
                <div class="actions"><button class="button quiet">"Decline"</button></div>
            </FormFor>
        </section>
    }
}

//! The pages of Option 3: the mentee's overview, eligibility, hours, coverage and calendar; and the facts as the coordinators
//! keep them up.

mod calendar;
mod coverage;
mod eligibility;
mod facts;
mod hours;
mod overview;
mod result;

use leptos::prelude::*;

use super::facts::{Facts, Rule};
use super::store::{self, InForce};
use crate::clock;
use crate::db::ReadTx;
use crate::enrollments::{self, OptionNumber, Story};
use crate::error::AppError;
use crate::people::{Mentee, viewer};
use crate::state;

pub use calendar::calendar;
pub use coverage::coverage;
pub use eligibility::eligibility;
pub use facts::facts;
pub use hours::hours;
pub use overview::exam;
pub use result::of_enrollment;

/// What every page of the mentee begins with. Of another option there is no exam to speak of.
struct Begun {
    tx: ReadTx,
    mentee: Mentee,
    story: Story,
    in_force: InForce,
}

async fn begin() -> Result<Begun, AppError> {
    let mentee = viewer().await?.mentee()?;
    let mut tx = state().db.read().await?;
    let story = enrollments::store::find_of_mentee(&mut tx, mentee.account()).await?.ok_or(AppError::NotFound)?;
    if story.option_number != OptionNumber::Three {
        return Err(AppError::NotFound);
    }
    let in_force = store::facts(&mut tx).await?;
    Ok(Begun { tx, mentee, story, in_force })
}

/// Where the mentee is, below the overview.
fn crumbs(here: &'static str) -> impl IntoView {
    view! {
        <nav aria-label="Where you are">
            <ol class="crumbs" role="list">
                <li><a href="/mentee">"My study"</a></li>
                <li><a href="/mentee/exam">"Exam plan"</a></li>
                <li>{here}</li>
            </ol>
        </nav>
    }
}

/// That study is no practice: on top of every page that speaks of hours or of eligibility.
fn apart(facts: &Facts) -> impl IntoView + use<> {
    facts.apart().map(|rule| {
        let words = rule.text.clone();
        view! { <div class="notice warn"><p>{words}</p></div> }
    })
}

/// Whose rule it is, and when it was last looked at.
fn source(source: &str, link: &str, checked_on: chrono::NaiveDate) -> impl IntoView + use<> {
    let (source, link) = (source.to_owned(), link.to_owned());
    let source = match link.is_empty() {
        true => source.into_any(),
        false => view! { <a href=link rel="noreferrer">{source}</a> }.into_any(),
    };
    view! { "Source: "{source}{format!(". Checked on {}.", clock::say_full_date(checked_on))} }
}

fn source_of(rule: &Rule) -> impl IntoView + use<> {
    source(&rule.source, &rule.link, rule.checked_on)
}

/// Where the official word stands.
fn links(facts: &Facts) -> impl IntoView + use<> {
    let lines = facts
        .links
        .iter()
        .map(|link| view! { <li><a href=link.url.clone() rel="noreferrer">{link.name.clone()}</a></li> })
        .collect_view();
    view! { <h3>"The official word"</h3><ul>{lines}</ul> }
}

//! The self-evaluation: the form, and afterwards strengths, gaps and what changed as a chart with its numbers; the goals
//! chosen from it; and the instrument as the coordinators edit it. The mentor sees what is shared, and the goals.

mod fill;
mod goals;
mod instrument;
mod results;

use leptos::prelude::*;

use super::store::{self, Evaluation, Goal, Published};
use super::{Moment, State, open};
use crate::app::{param, query};
use crate::enrollments::{self, Story};
use crate::error::AppError;
use crate::form::Form;
use crate::id::EnrollmentId;
use crate::people::{Side, viewer};
use crate::state;
use crate::ui::{Page, Trail};

pub use goals::{goals, goals_in_plan, goals_on_agenda};
pub use instrument::{draft, instrument};

/// What the page of one enrolment is made from.
struct Shown {
    story: Story,
    /// The newest first.
    instruments: Vec<Published>,
    evaluations: Vec<Evaluation>,
    goals: Vec<Goal>,
}

impl Shown {
    fn of(&self, moment: Moment) -> Option<&Evaluation> {
        self.evaluations.iter().find(|one| one.moment == moment)
    }

    fn done(&self, moment: Moment) -> Option<&Evaluation> {
        self.of(moment).filter(|one| one.state == State::Done)
    }

    fn can(&self, moment: Moment) -> bool {
        open(moment, &self.story, self.done(moment).is_some()).is_ok()
    }

    fn instrument_of(&self, evaluation: &Evaluation) -> Option<&Published> {
        self.instruments.iter().find(|one| one.id == evaluation.instrument_id)
    }

    /// What a form of this moment asks: what it asked before, else the newest version.
    fn instrument_for(&self, moment: Moment) -> Option<&Published> {
        self.done(moment).and_then(|before| self.instrument_of(before)).or_else(|| self.instruments.first())
    }
}

pub async fn self_evaluation() -> Result<Page, AppError> {
    let enrollment: EnrollmentId = param("enrollment")?;
    let viewer = viewer().await?;
    let mut tx = state().db.read().await?;
    let who = viewer.pair(&mut tx, enrollment).await?;
    let story = enrollments::store::find(&mut tx, enrollment).await?.ok_or(AppError::NotFound)?;
    let instruments = store::list_for(&mut tx, enrollment).await?;
    let mut evaluations = store::list(&mut tx, enrollment).await?;
    let goals = store::list_goals(&mut tx, enrollment).await?;
    drop(tx);
    if who.side() == Side::Mentor {
        evaluations.retain(|one| one.shared && one.state == State::Done);
        return Ok(results::mentors(&Shown { story, instruments, evaluations, goals }));
    }
    let shown = Shown { story, instruments, evaluations, goals };
    let asked = query("form").and_then(|word| word.parse().ok());
    let first = shown.of(Moment::Start).is_none().then_some(Moment::Start);
    match asked.or(first).filter(|moment| shown.can(*moment)) {
        Some(moment) => {
            let of = [("enrollment", enrollment.to_string()), ("moment", moment.to_string())];
            let form = Form::open_drafted("save-self-evaluation", &of).await?;
            fill::fill_in(&shown, moment, form)
        }
        None => Ok(results::results(&shown)),
    }
}

/// The head of the page, with the trail.
fn head(story: &Story, title: &'static str) -> impl IntoView + use<> {
    let signs = enrollments::signs(story);
    view! {
        <div class="page-head">
            <div><p class="eyebrow">"Step 5 of 8, if you like"</p><h1>{title}</h1></div>
            <Trail signs compact=true />
        </div>
    }
}

//! What the forms of the self-evaluation, its goals and its instrument send to.

use leptos::prelude::*;

use super::draft::{self, Way};
use super::store::{self, Answers};
use super::{Instrument, Moment, Ratings, State, open};
use crate::error::{AppError, FieldError, Refusal};
use crate::form::{Fields, answer, to};
use crate::id::{EnrollmentId, GoalId, InstrumentId};
use crate::people::viewer;
use crate::{clock, enrollments, random_code, state};

/// Where the evaluations of an enrolment are made and read.
pub fn page(enrollment: EnrollmentId) -> String {
    format!("/enrollments/{enrollment}/self-evaluation")
}

/// Keeps the mentee's answers; every statement may be left out, but not all.
#[server(endpoint = "save-self-evaluation")]
pub async fn save_self_evaluation(enrollment: EnrollmentId, instrument: InstrumentId, moment: Moment) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?;
        let mut tx = state().write(&who).await?;
        let who = who.own(&mut tx, enrollment).await?;
        let published = store::find(&mut tx, instrument).await?.ok_or(AppError::NotFound)?;
        let mut fields = Fields::typed();
        let ratings = ratings(&mut fields, &published.instrument);
        let shared = fields.ticked("shared");
        fields.check()?;
        let story = enrollments::store::find(&mut tx, enrollment).await?.ok_or(AppError::NotFound)?;
        let made = store::list(&mut tx, enrollment).await?;
        open(moment, &story, made.iter().any(|one| one.moment == moment && one.state == State::Done))?;
        store::save(&mut tx, &who, &Answers { instrument, moment, ratings, shared }).await?;
        tx.commit().await?;
        Ok(to(page(enrollment)).done("self-evaluation-saved"))
    })
    .await
}

/// The field in which a statement is rated.
pub fn field(code: &str) -> String {
    format!("rate[{code}]")
}

/// Reads the ratings; what is left out is left out, what is not on the scale is a complaint.
pub fn ratings(fields: &mut Fields, instrument: &Instrument) -> Ratings {
    let mut ratings = Ratings::new();
    let mut wrong = Vec::new();
    for statement in instrument.statements() {
        let name = field(&statement.code);
        let typed = fields.raw(&name);
        match typed.parse::<i32>() {
            _ if typed.is_empty() => {}
            Ok(value) if instrument.has_value(value) => {
                ratings.insert(statement.code.clone(), value);
            }
            _ => wrong.push(name),
        }
    }
    if wrong.is_empty()
        && ratings.is_empty()
        && let Some(first) = instrument.statements().next()
    {
        fields.wrong(&field(&first.code), "Rate at least one statement.");
    }
    for name in wrong {
        fields.wrong(&name, "Choose one of the numbers on the scale, or leave it out.");
    }
    ratings
}

/// Passes the evaluation over; it can still be made later.
#[server(endpoint = "skip-self-evaluation")]
pub async fn skip_self_evaluation(enrollment: EnrollmentId, moment: Moment) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?;
        let mut tx = state().write(&who).await?;
        let who = who.own(&mut tx, enrollment).await?;
        let story = enrollments::store::find(&mut tx, enrollment).await?.ok_or(AppError::NotFound)?;
        open(moment, &story, false)?;
        store::skip(&mut tx, &who, moment).await?;
        tx.commit().await?;
        Ok(to("/mentee").done("self-evaluation-skipped"))
    })
    .await
}

/// Opens an evaluation to the mentor or closes it again.
#[server(endpoint = "share-self-evaluation")]
pub async fn share_self_evaluation(enrollment: EnrollmentId, moment: Moment) -> Result<(), AppError> {
    answer(async {
        let shared = Fields::typed().raw("shared") == "yes";
        let who = viewer().await?;
        let mut tx = state().write(&who).await?;
        let who = who.own(&mut tx, enrollment).await?;
        if !store::share(&mut tx, &who, moment, shared).await? {
            return Err(AppError::NotFound);
        }
        tx.commit().await?;
        let word = if shared { "self-evaluation-shared" } else { "self-evaluation-unshared" };
        Ok(to(page(enrollment)).done(word))
    })
    .await
}

/// Makes a goal of a statement.
#[server(endpoint = "choose-goal")]
pub async fn choose_goal(enrollment: EnrollmentId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?;
        let mut tx = state().write(&who).await?;
        let own = who.own(&mut tx, enrollment).await?;
        live(&mut tx, enrollment).await?;
        let instruments = store::list_for(&mut tx, enrollment).await?;
        let mut fields = Fields::typed();
        let code = fields.raw("statement");
        let statement = instruments.iter().find_map(|one| one.instrument.statement(&code)).cloned();
        if statement.is_none() {
            fields.wrong("statement", "Choose a statement from the list.");
        }
        let word = fields.optional_text("word", WORD);
        let (statement, word) = fields.take((statement, word))?;
        store::choose_goal(&mut tx, &own, &statement, &word).await?;
        tx.commit().await?;
        Ok(to(goals_of(enrollment)).done("goal-chosen"))
    })
    .await
}

/// The longest word of one's own beside a goal.
const WORD: usize = 500;

fn goals_of(enrollment: EnrollmentId) -> String {
    format!("/enrollments/{enrollment}/goals")
}

/// Goals belong to a study that goes on.
async fn live(tx: &mut impl crate::db::Queryable, enrollment: EnrollmentId) -> Result<(), AppError> {
    let story = enrollments::store::find(tx, enrollment).await?.ok_or(AppError::NotFound)?;
    match story.state.is_live() {
        true => Ok(()),
        false => Err(Refusal::new("This study has ended; its goals stay as they were.").into()),
    }
}

/// Changes the word beside a goal, and marks it reached or not.
#[server(endpoint = "change-goal")]
pub async fn change_goal(enrollment: EnrollmentId, goal: GoalId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?;
        let mut tx = state().write(&who).await?;
        let own = who.own(&mut tx, enrollment).await?;
        live(&mut tx, enrollment).await?;
        let mut fields = Fields::typed();
        let word = fields.optional_text("word", WORD);
        let reached_on = fields.optional_date("reached-on");
        if reached_on.flatten().is_some_and(|day| day > clock::today(tx.now())) {
            fields.wrong("reached-on", "This day is still to come. Enter the day on which you reached it.");
        }
        let (word, reached_on) = fields.take((word, reached_on))?;
        if !store::change_goal(&mut tx, &own, goal, &word, reached_on).await? {
            return Err(AppError::NotFound);
        }
        tx.commit().await?;
        Ok(to(goals_of(enrollment)).done(if reached_on.is_some() { "goal-reached" } else { "goal-changed" }))
    })
    .await
}

/// Takes a goal off.
#[server(endpoint = "drop-goal")]
pub async fn drop_goal(enrollment: EnrollmentId, goal: GoalId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?;
        let mut tx = state().write(&who).await?;
        let own = who.own(&mut tx, enrollment).await?;
        live(&mut tx, enrollment).await?;
        if !store::drop_goal(&mut tx, &own, goal).await? {
            return Err(AppError::NotFound);
        }
        tx.commit().await?;
        Ok(to(goals_of(enrollment)).done("goal-dropped"))
    })
    .await
}

/// Where the coordinators read and edit the instrument.
const INSTRUMENT: &str = "/coordinator/self-evaluation";
const DRAFT: &str = "/coordinator/self-evaluation/draft";

/// Begins a draft from the newest version.
#[server(endpoint = "begin-instrument-draft")]
pub async fn begin_instrument_draft() -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut tx = state().write(&who).await?;
        let newest = store::newest(&mut tx).await?.ok_or(AppError::NotFound)?;
        store::begin_draft(&mut tx, &who, &newest.instrument).await?;
        tx.commit().await?;
        Ok(to(DRAFT))
    })
    .await
}

/// The draft's name, note and scale.
#[server(endpoint = "save-instrument-frame")]
pub async fn save_instrument_frame() -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut fields = Fields::typed();
        let name = fields.text("title", 200, "Give it a name.");
        let note = fields.optional_text("note", 1000);
        let lines = fields.text("scale", 2000, "Write the steps of the scale, one a line, the least first.");
        let scale = lines.and_then(|lines| match draft::scale(&lines) {
            Ok(scale) => Some(scale),
            Err(refusal) => {
                fields.wrong("scale", refusal.to_string());
                None
            }
        });
        let (name, note, scale) = fields.take((name, note, scale))?;
        let mut tx = state().write(&who).await?;
        store::edit_draft(&mut tx, &who, |draft| {
            *draft = Instrument { name, note, scale, domains: std::mem::take(&mut draft.domains) };
            Ok(())
        })
        .await?;
        tx.commit().await?;
        Ok(to(DRAFT).done("instrument-changed"))
    })
    .await
}

/// An area of the draft: a new one, or other words for one (`code`).
#[server(endpoint = "save-instrument-area")]
pub async fn save_instrument_area() -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut fields = Fields::typed();
        let code = fields.raw("code");
        let name = fields.text("name", 200, "Give the area a name.");
        let summary = fields.optional_text("summary", 500);
        let confirmed = fields.ticked("confirmed");
        let (name, summary) = fields.take((name, summary))?;
        let new = random_code::<16>()?;
        let mut tx = state().write(&who).await?;
        store::edit_draft(&mut tx, &who, |draft| match code.as_str() {
            "" => draft::add_domain(draft, new, &name, &summary, confirmed),
            code => draft::reword_domain(draft, code, &name, &summary, confirmed),
        })
        .await?;
        tx.commit().await?;
        Ok(to(DRAFT).done("instrument-changed"))
    })
    .await
}

/// A statement of the draft: a new one in an area (`area`), or other words for one (`code`).
#[server(endpoint = "save-instrument-statement")]
pub async fn save_instrument_statement() -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut fields = Fields::typed();
        let (code, area) = (fields.raw("code"), fields.raw("area"));
        let text = fields.text("text", 500, "Write the statement.");
        let (text,) = fields.take((text,))?;
        let new = random_code::<16>()?;
        let mut tx = state().write(&who).await?;
        store::edit_draft(&mut tx, &who, |draft| match code.as_str() {
            "" => draft::add_statement(draft, new, &area, &text),
            code => draft::reword_statement(draft, code, &text),
        })
        .await?;
        tx.commit().await?;
        Ok(to(DRAFT).done("instrument-changed"))
    })
    .await
}

/// Moves an area or a statement by one place.
#[server(endpoint = "move-instrument-item")]
pub async fn move_instrument_item(item: String, way: String) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let way: Way = way.parse().map_err(|_| AppError::NotFound)?;
        let mut tx = state().write(&who).await?;
        store::edit_draft(&mut tx, &who, |draft| draft::shift(draft, &item, way)).await?;
        tx.commit().await?;
        Ok(to(DRAFT))
    })
    .await
}

/// Takes an area or a statement out of the draft.
#[server(endpoint = "drop-instrument-item")]
pub async fn drop_instrument_item(item: String) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut tx = state().write(&who).await?;
        store::edit_draft(&mut tx, &who, |draft| draft::drop_item(draft, &item)).await?;
        tx.commit().await?;
        Ok(to(DRAFT).done("instrument-item-dropped"))
    })
    .await
}

/// Publishes the draft as the next version.
#[server(endpoint = "publish-instrument")]
pub async fn publish_instrument() -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut tx = state().write(&who).await?;
        let gone = || Refusal::new("There is no draft any more. Somebody may have published or discarded it.");
        let draft = store::find_draft(&mut tx, &who).await?.ok_or_else(gone)?;
        let newest = store::newest(&mut tx).await?;
        if let Some(objection) = draft::objection(&draft.body, newest.as_ref().map(|one| &one.instrument)) {
            return Err(AppError::Invalid(vec![FieldError { field: String::new(), message: objection.to_string() }]));
        }
        store::publish(&mut tx, &who, &draft).await?;
        tx.commit().await?;
        Ok(to(INSTRUMENT).done("instrument-published"))
    })
    .await
}

/// Throws the draft away; what is published stays.
#[server(endpoint = "discard-instrument-draft")]
pub async fn discard_instrument_draft() -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut tx = state().write(&who).await?;
        store::discard_draft(&mut tx, &who).await?;
        tx.commit().await?;
        Ok(to(INSTRUMENT).done("instrument-draft-discarded"))
    })
    .await
}

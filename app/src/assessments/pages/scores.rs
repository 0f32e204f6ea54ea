//! The scores of one mentee, for the coordinator: when, how many, passed or not, and one attempt more where all are used
//! up. What was asked and answered is not here.

use leptos::prelude::*;

use super::test::scores;
use crate::app::param;
use crate::assessments::attempt::{Attempt, Next, next};
use crate::assessments::rules::PostTests;
use crate::assessments::store;
use crate::enrollments::{self, Story};
use crate::error::AppError;
use crate::form::Form;
use crate::id::{ChapterId, EnrollmentId};
use crate::people::viewer;
use crate::settings;
use crate::state;
use crate::study::{self, Chapter};
use crate::ui::{FormFor, Hidden, Page};

pub async fn of_enrollment() -> Result<Page, AppError> {
    let who = viewer().await?.coordinator()?;
    let enrollment: EnrollmentId = param("enrollment")?;
    let now = state().clock.now();
    let mut tx = state().db.read().await?;
    let story = enrollments::store::find(&mut tx, enrollment).await?.ok_or(AppError::NotFound)?;
    let settings = settings::store::current(&mut tx).await?;
    let rules = store::rules_of(&mut tx, &story, &settings).await?;
    let attempts = store::list_scores(&mut tx, &who, enrollment).await?;
    let allowed = store::list_allowed(&mut tx, &who, enrollment).await?;
    let chapters = study::store::list_chapters(&mut tx, story.outline_id).await?;
    drop(tx);
    let allowed_at = |chapter: ChapterId| {
        allowed.iter().find(|(one, _)| *one == chapter).map_or(0, |(_, count)| i32::try_from(*count).unwrap_or(0))
    };
    let mut sections = Vec::new();
    for chapter in &chapters {
        let own: Vec<Attempt> = attempts.iter().filter(|one| one.chapter_id == chapter.id).cloned().collect();
        let used_up = matches!(next(&own, &rules, allowed_at(chapter.id), now), Next::UsedUp(_));
        if !own.is_empty() {
            sections.push(section(&story, chapter, &own, used_up).await?);
        }
    }
    let lede = match story.post_tests {
        PostTests::Off => "There are no post-tests in this enrollment.".to_owned(),
        PostTests::Offered => format!(
            "Post-tests are offered here; the certificate does not ask for them. {} percent is a pass.",
            rules.pass_mark
        ),
        PostTests::Required => {
            format!("{} of {} passed. {} percent is a pass.", story.tests_passed, story.tests, rules.pass_mark)
        }
    };
    let none = sections.is_empty();
    let title = format!("Post-tests of {}", story.mentee);
    let body = view! {
        <p class="eyebrow"><a href=format!("/coordinator/enrollments/{enrollment}")>{story.mentee.clone()}</a></p>
        <h1>{title.clone()}</h1>
        <p class="lede">{lede}</p>
        <p class="muted">"You see scores. What was missed is between mentee and mentor; what all answered together stands under "<a href="/coordinator/questions/statistics">"what answers say"</a>"."</p>
        {none.then(|| view! { <p>"None was taken yet."</p> })}
        {sections}
    };
    Ok(Page::narrow(title, body))
}

async fn section(story: &Story, chapter: &Chapter, own: &[Attempt], used_up: bool) -> Result<AnyView, AppError> {
    let form = Form::open_for("allow-attempt", &[("chapter", chapter.id.to_string())]).await?;
    let (enrollment, id) = (story.id.to_string(), chapter.id.to_string());
    let allow = used_up.then(|| {
        view! {
            <FormFor form>
                <Hidden name="enrollment" value=enrollment.clone() />
                <Hidden name="chapter" value=id.clone() />
                <p>"All attempts are used up."</p>
                <div class="actions"><button class="button quiet">"Allow one more"</button></div>
            </FormFor>
        }
    });
    Ok(view! { <section class="hang"><h2>{chapter.name()}</h2>{scores(own)}{allow}</section> }.into_any())
}

//! The mentee's page for a break or more time, the coordinator's for a change of option, and the form for a mentor who is
//! gone.

use chrono::{Days, NaiveDate};
use leptos::prelude::*;

use super::store::{self, OptionChange, Preview, Touched, desk_path};
use super::{Afterwards, BREAK_DAYS};
use crate::app::{param, query};
use crate::applications::{self, Study};
use crate::clock;
use crate::enrollments::{self, Action, State, Story};
use crate::error::AppError;
use crate::form::Form;
use crate::id::{AccountId, EnrollmentId};
use crate::matching::store::Match;
use crate::people::viewer;
use crate::state;
use crate::ui::{ChoiceField, Day, DayOf, FormFor, Hidden, Page, SubmissionKeyField, TextArea, TextField, TickField, choices};

/// `/mentee/time`: a break at once, or a wish for a later time limit.
pub async fn time() -> Result<Page, AppError> {
    let who = viewer().await?.mentee()?;
    let (pause, ask) = (Form::open("take-break").await?, Form::open("ask-for-time").await?);
    let resume = Form::open("end-break").await?;
    let mut tx = state().db.read().await?;
    let story = enrollments::store::find_of_mentee(&mut tx, who.account()).await?.ok_or(AppError::NotFound)?;
    let request = store::find_request(&mut tx, story.id).await?;
    drop(tx);
    if !story.state.is_live() {
        return Ok(Page::lead_to("/mentee"));
    }
    let today = clock::today(state().clock.now());
    let (id, plan) = (story.id.to_string(), format!("/enrollments/{}/plan#targets", story.id));
    let waiting = request.map(|request| {
        view! {
            <div class="notice">
                <p>"You asked for time until "<Day date=request.until_on />", "<DayOf at=request.asked_at />". The coordinator answers you; asking again below takes the place of it."</p>
            </div>
        }
    });
    let body = view! {
        <ol class="crumbs" role="list"><li><a href="/mentee">"My study"</a></li><li aria-current="page">"More time"</li></ol>
        <h1>"More time"</h1>
        <p class="lede">"Life comes between. Nothing you have done is lost, whatever you choose here."</p>
        {break_section(&story, pause, resume, today)}
        <section class="hang">
            <h2>"A later day to finish"</h2>
            <p>"Your option should be finished by "<Day date=story.due_on />". If that is too soon, ask for another day."</p>
            {waiting}
            <FormFor form=ask>
                <Hidden name="enrollment" value=id />
                <SubmissionKeyField form=ask />
                <TextField form=ask name="limit" label="I can finish by" kind="date" size="medium" value=later(&story, today).to_string() />
                <TextArea form=ask name="reason" label="Why" rows=3 />
                <div class="actions"><button class="button quiet">"Ask the coordinator"</button></div>
            </FormFor>
        </section>
        <section class="hang">
            <h2>"Other days in your plan"</h2>
            <p><a href=plan>"Move the dates of chapters"</a>" whenever you like; nobody has to agree."</p>
        </section>
    };
    Ok(Page::narrow("More time", body))
}

/// Three months after the present limit, or after today when that has passed.
fn later(story: &Story, today: NaiveDate) -> NaiveDate {
    story.due_on.max(today) + Days::new(BREAK_DAYS)
}

fn break_section(story: &Story, pause: Form, resume: Form, today: NaiveDate) -> AnyView {
    let id = story.id.to_string();
    if story.state == State::Paused {
        return view! {
            <section class="hang">
                <h2>"Your break"</h2>
                <p>"You are on a break"{story.paused_until.map(|date| view! { " until "<Day date /> })}". It ends by itself; nothing waits for you."</p>
                <FormFor form=resume>
                    <Hidden name="enrollment" value=id />
                    <div class="actions"><button class="button">"Go on now"</button></div>
                </FormFor>
            </section>
        }
        .into_any();
    }
    view! {
        <section class="hang">
            <h2>"A break"</h2>
            <p>{format!("For up to {BREAK_DAYS} days, from now on. Nobody reminds you of anything until it is over; your mentor and the coordinator see that you are on a break.")}</p>
            <FormFor form=pause>
                <Hidden name="enrollment" value=id />
                <TextField form=pause name="until" label="Until" kind="date" size="medium" value=(today + Days::new(30)).to_string() hint="The day you go on." />
                <div class="actions"><button class="button">"Take a break"</button></div>
            </FormFor>
        </section>
    }
    .into_any()
}

/// `/coordinator/enrollments/{enrollment}/option`: choose, look at what stays, confirm.
pub async fn option() -> Result<Page, AppError> {
    let who = viewer().await?.coordinator()?;
    let id: EnrollmentId = param("enrollment")?;
    let form = Form::open("change-option").await?;
    let chosen: Option<Study> = form.typed("study").or_else(|| query("study")).and_then(|text| text.parse().ok());
    let mut tx = state().db.read().await?;
    let story = enrollments::store::find(&mut tx, id).await?.ok_or(AppError::NotFound)?;
    let outlines = applications::store::list_outlines(&mut tx).await?;
    let present = Study { option: story.option_number, outline: story.outline_id };
    let chosen =
        chosen.filter(|study| *study != present && outlines.iter().any(|one| one.studies().any(|known| known == *study)));
    let preview = match chosen {
        Some(study) => {
            let offers = store::offers(&mut tx, &who, &story, study.option).await?;
            Some((study, store::preview(&mut tx, &story, study.outline).await?, offers))
        }
        None => None,
    };
    drop(tx);
    let title = format!("Another option for {}", story.mentee);
    let inner = match (story.state.after(Action::ChangeOption), preview) {
        (Err(refusal), _) => view! { <p class="lede">{refusal.to_string()}</p> }.into_any(),
        (Ok(_), None) => choose(id, &outlines, present).into_any(),
        (Ok(_), Some((study, preview, offers))) => confirm(form, &story, &outlines, study, &preview, offers).into_any(),
    };
    let body = view! {
        <p class="eyebrow"><a href=desk_path(id)>{story.mentee.clone()}</a></p>
        <h1>{title.clone()}</h1>
        <p class="lede">"Now in "{story.option_number.name()}", “"{story.book.clone()}"”: "{story.read}" of "{story.chapters}" chapters read, "{story.discussed}" discussed."</p>
        {inner}
    };
    Ok(Page::usual(title, body))
}

/// A plain GET form: the preview changes nothing.
fn choose(id: EnrollmentId, outlines: &[applications::store::Outline], present: Study) -> impl IntoView + use<> {
    let rows = applications::pages::study_choices(outlines)
        .into_iter()
        .filter(|(value, _)| *value != present.to_string())
        .map(|(value, words)| {
            view! { <label class="choice"><input type="radio" name="study" value=value /><span>{words}</span></label> }
        })
        .collect_view();
    view! {
        <form class="form" method="get" action=format!("/coordinator/enrollments/{id}/option")>
            <fieldset class="choices"><legend>"Change to"</legend>{rows}</fieldset>
            <div class="actions"><button class="button">"See what stays"</button><a href=desk_path(id)>"Leave it as it is"</a></div>
        </form>
    }
}

fn confirm(
    form: Form,
    story: &Story,
    outlines: &[applications::store::Outline],
    study: Study,
    preview: &Preview,
    offers: bool,
) -> impl IntoView + use<> {
    let id = story.id;
    let name = applications::pages::study_choices(outlines)
        .into_iter()
        .find(|(value, _)| *value == study.to_string())
        .map(|(_, words)| words)
        .unwrap_or_default();
    let was = Study { option: story.option_number, outline: story.outline_id };
    let mentor = story.mentor.clone().filter(|_| !offers).map(|mentor| {
        let label = format!("{mentor} does not offer {}; the two go on all the same", study.option.name());
        view! { <TickField form name="go_on" label=label /> }
    });
    let book = outlines.iter().find(|one| one.id == study.outline).map(|one| one.title.clone());
    let other_book = book.filter(|book| *book != story.book).map(|_| {
        let lent = story.book_lent_at.map(|_| " The book that is lent now stays lent until it is back.");
        view! { <p>"It is another book, so the mentee is asked again how to get it."{lent}</p> }
    });
    view! {
        <section>
            <h2>"What stays"</h2>
            <p><strong>{name}</strong></p>
            <p>{format!("{} required chapters, {} of them still ahead.", preview.required, preview.ahead)}</p>
            {kept_table(&preview.touched)}
            {other_book}
        </section>
        <section>
        <h2>"Change it"</h2>
        <FormFor form>
            <Hidden name="enrollment" value=id.to_string() />
            <Hidden name="study" value=study.to_string() />
            <Hidden name="was" value=was.to_string() />
            {mentor}
            <TextField form name="reason" label="Why" hint="Kept with the enrollment. Both are told of the change, not why." />
            <div class="actions">
                <button class="button">"Change the option"</button>
                <a href=format!("/coordinator/enrollments/{id}/option")>"Choose another"</a>
            </div>
        </FormFor>
        </section>
    }
}

fn kept_table(touched: &[Touched]) -> AnyView {
    if touched.is_empty() {
        return view! { <p class="muted">"No chapter is begun yet, so there is nothing to keep."</p> }.into_any();
    }
    let rows = touched
        .iter()
        .map(|one| {
            let done = [
                one.before.is_read().then_some("read"),
                one.before.is_discussed().then_some("discussed"),
                one.before.test_passed.then_some("post-test passed"),
            ];
            let done: Vec<&str> = done.into_iter().flatten().collect();
            let becomes = match &one.after {
                Some(name) => view! { <span class="tag" data-tone="done">"kept"</span>" "{name.clone()} }.into_any(),
                None => view! { <span class="tag" data-tone="turn">"does not count"</span>", stays on record" }.into_any(),
            };
            view! {
                <tr>
                    <th scope="row">{one.before.chapter.name()}</th>
                    <td data-label="Done">{done.join(", ")}</td>
                    <td data-label="In the new option"><span>{becomes}</span></td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="table-wrap"><table class="ledger">
            <thead><tr><th scope="col" class="grow">"Chapter"</th><th scope="col">"Done"</th><th scope="col">"In the new option"</th></tr></thead>
            <tbody>{rows}</tbody>
        </table></div>
    }
    .into_any()
}

/// Every change of option, as the coordinator's page shows it; nothing while there was none.
pub fn changes(changes: &[OptionChange]) -> impl IntoView + use<> {
    let rows: Vec<_> = changes
        .iter()
        .map(|one| {
            let moved = format!("To version {} of the outline of “{}”", one.version_after, one.book_after);
            let changed = format!(
                "From {}, “{}”, to {}, “{}”",
                one.option_before.name(),
                one.book_before,
                one.option_after.name(),
                one.book_after
            );
            let words = if one.only_version { moved } else { changed };
            view! { <li><span class="line-main">{words}</span><span class="line-meta"><DayOf at=one.changed_at /></span></li> }
        })
        .collect();
    (!rows.is_empty()).then(|| view! { <h3>"Changes of option"</h3><ul class="lines" role="list">{rows}</ul> })
}

/// The form for a mentor who is gone, on the mentor's own page.
pub fn mentor_gone(form: Form, mentor: AccountId, live: &[Match]) -> impl IntoView + use<> {
    let pairs: Vec<_> = live
        .iter()
        .map(|one| {
            (one.id.to_string(), format!("{}, {}, {}", one.mentee, one.option_number.name(), one.state.name().to_lowercase()))
        })
        .collect();
    let all = pairs.iter().map(|(id, _)| id.clone()).collect();
    view! {
        <details id="gone" open=!form.is_fresh()>
            <summary>"This mentor is gone"</summary>
            <p>"Those you tick wait for another mentor: they are told kindly, and keep everything. The mentor is thanked."</p>
            <FormFor form>
                <Hidden name="mentor" value=mentor.to_string() />
                {(!pairs.is_empty()).then(|| view! { <ChoiceField form name="pairs" legend="Ends with" many=true choices=pairs value=all /> })}
                <TextArea form name="reason" label="Why" rows=2 privacy=false hint="Only coordinators read it." />
                <ChoiceField form name="afterwards" legend="And then" choices=choices(Afterwards::ALL, Afterwards::name)
                    value=vec![Afterwards::NoMore.to_string()] />
                <TextField form name="gone_until" label="First day back" kind="date" size="medium" optional=true />
                <div class="actions"><button class="button danger quiet">"Save"</button></div>
            </FormFor>
        </details>
    }
}

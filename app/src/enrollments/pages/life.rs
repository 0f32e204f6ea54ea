//! What the coordinator can change in an enrolment's life, beside its page: break, time, option, end, new beginning; and
//! what was entered and asked.

use chrono::Days;
use leptos::prelude::*;

use crate::clock;
use crate::closings;
use crate::db::ReadTx;
use crate::enrollments::{EndKind, OptionNumber, State, Story};
use crate::error::AppError;
use crate::exam;
use crate::follow_ups;
use crate::form::Form;
use crate::life;
use crate::life::store::{Ended, TimeRequest};
use crate::matching::store::Match;
use crate::people::Coordinator;
use crate::settings::Settings;
use crate::state;
use crate::ui::{Day, DayOf, FormFor, Hidden, TextField, TickField, paragraphs};

/// The forms of one enrolment's life; each opens again where it was refused.
struct Forms {
    pause: Form,
    resume: Form,
    extend: Form,
    answer: Form,
    withdraw: Form,
    close: Form,
    reopen: Form,
    exam: Form,
}

impl Forms {
    async fn open() -> Result<Self, AppError> {
        Ok(Self {
            pause: Form::open("pause-enrollment").await?,
            resume: Form::open("resume-enrollment").await?,
            extend: Form::open("extend-enrollment").await?,
            answer: Form::open("answer-time-request").await?,
            withdraw: Form::open("withdraw-enrollment").await?,
            close: Form::open("close-enrollment").await?,
            reopen: Form::open("reopen-enrollment").await?,
            exam: Form::open("enter-exam-result").await?,
        })
    }
}

/// Everything that stands under "Change" on the coordinator's page of an enrolment.
pub async fn life(who: &Coordinator, story: &Story, settings: &Settings) -> Result<AnyView, AppError> {
    let forms = Forms::open().await?;
    let mut tx = state().db.read().await?;
    let asked = closings::store::list(&mut tx, who, story.id).await?;
    let changes = life::store::list_changes(&mut tx, story.id).await?;
    let view = match story.state {
        State::Active | State::Paused => {
            let request = life::store::find_request(&mut tx, story.id).await?;
            live(story, settings, &forms, request).into_any()
        }
        State::Withdrawn => {
            let end = life::store::find_end(&mut tx, who, story.id).await?;
            let former = life::store::find_former(&mut tx, who, story.id, clock::today(state().clock.now())).await?;
            ended(story, settings, &forms, end, former).into_any()
        }
        State::Completed => {
            let answers = follow_ups::store::list_of_enrollment(&mut tx, who, story.id).await?;
            follow_ups::pages::of_enrollment(&answers).into_any()
        }
    };
    let exam = exam_of(&mut tx, story, forms.exam).await?;
    Ok(view! { {view}{exam}{life::pages::changes(&changes)}{closings::pages::of_enrollment(&asked)} }.into_any())
}

/// What came of the exam; it belongs to Option 3, before and after the certificate.
async fn exam_of(tx: &mut ReadTx, story: &Story, form: Form) -> Result<Option<AnyView>, AppError> {
    if story.option_number != OptionNumber::Three {
        return Ok(None);
    }
    let results = exam::store::list_results(tx, story.id).await?;
    Ok(Some(exam::pages::of_enrollment(form, story.id, &results).into_any()))
}

fn live(story: &Story, settings: &Settings, forms: &Forms, request: Option<TimeRequest>) -> impl IntoView + use<> {
    let id = story.id.to_string();
    view! {
        <h2 id="change">"Change"</h2>
        <p><a href=format!("/coordinator/enrollments/{id}/enter")>"Enter what came by phone, fax or paper"</a></p>
        {request.map(|request| asked_for_time(story, forms.answer, request))}
        {pausing(story, forms)}
        {more_time(story, settings, forms.extend)}
        <p><a href=format!("/coordinator/enrollments/{id}/option")>"Change the option or the book"</a></p>
        {ending(story, forms.withdraw, EndKind::Withdrawn)}
        {ending(story, forms.close, EndKind::Closed)}
    }
}

fn asked_for_time(story: &Story, form: Form, request: TimeRequest) -> impl IntoView + use<> {
    let id = story.id.to_string();
    view! {
        <div class="notice">
            <p>{story.mentee.clone()}" asked "<DayOf at=request.asked_at />" for time until "<strong><Day date=request.until_on /></strong>"."</p>
            {paragraphs(&request.reason)}
            <FormFor form>
                <Hidden name="enrollment" value=id />
                <p class="small">"Extend below, or write to the mentee and "<button class="link-button">"take this off the list"</button>"."</p>
            </FormFor>
        </div>
    }
}

fn pausing(story: &Story, forms: &Forms) -> AnyView {
    let (id, pause, resume) = (story.id.to_string(), forms.pause, forms.resume);
    let until = story.paused_until;
    if story.state == State::Paused {
        return view! {
            <FormFor form=resume>
                <Hidden name="enrollment" value=id />
                <p>"On a break"{until.map(|date| view! { " until "<Day date /> })}"."</p>
                <div class="actions"><button class="button quiet">"Resume now"</button></div>
            </FormFor>
        }
        .into_any();
    }
    view! {
        <details open=!pause.is_fresh()>
            <summary>"Pause"</summary>
            <FormFor form=pause>
                <Hidden name="enrollment" value=id />
                <TextField form=pause name="until" label="Until" kind="date" hint="The clock stands still until this day." />
                <div class="actions"><button class="button quiet">"Pause"</button></div>
            </FormFor>
        </details>
    }
    .into_any()
}

fn more_time(story: &Story, settings: &Settings, form: Form) -> impl IntoView + use<> {
    let id = story.id.to_string();
    // A quarter of the option's time, as most ask for.
    let days = u64::from(settings.option_months) * 30 / 4;
    let value = story.due_on.max(clock::today(state().clock.now())) + Days::new(days);
    view! {
        <details open=!form.is_fresh()>
            <summary>"Extend"</summary>
            <FormFor form>
                <Hidden name="enrollment" value=id />
                <TextField form name="limit" label="New time limit" kind="date" value=value.to_string() />
                <TextField form name="why" label="Why it is extended" hint="Kept with the enrollment. Both are told the new date." />
                <div class="actions"><button class="button quiet">"Extend"</button></div>
            </FormFor>
        </details>
    }
}

fn ending(story: &Story, form: Form, kind: EndKind) -> impl IntoView + use<> {
    let id = story.id.to_string();
    // Two forms of one page: each has a field of its own name.
    let (summary, words, field) = match kind {
        EndKind::Withdrawn => {
            ("Withdraw", "The mentee leaves. Both are told and thanked, and asked three short questions.", "reason")
        }
        EndKind::Closed => (
            "Close",
            "Nobody answers any more. Both are told kindly that it can be reopened, and asked three short questions.",
            "silence",
        ),
    };
    view! {
        <details open=!form.is_fresh()>
            <summary>{summary}</summary>
            <p class="small">{words}</p>
            <FormFor form>
                <Hidden name="enrollment" value=id />
                <TextField form name=field label="Why" hint="Kept with the enrollment; neither of the two reads it." />
                <div class="actions"><button class="button danger quiet">{summary}</button></div>
            </FormFor>
        </details>
    }
}

fn ended(
    story: &Story,
    settings: &Settings,
    forms: &Forms,
    end: Option<Ended>,
    former: Option<Match>,
) -> impl IntoView + use<> {
    let (id, form) = (story.id.to_string(), forms.reopen);
    let limit = clock::today(state().clock.now()).checked_add_months(chrono::Months::new(settings.option_months));
    let same = former.map(|former| {
        let label = format!("With {} as mentor again", former.mentor);
        view! { <TickField form name="same_mentor" label=label checked=true /> }
    });
    let how = end.map(|end| {
        let name = end.end_kind.map_or("Ended", EndKind::name);
        view! {
            <p>{name}{story.ended_at.map(|at| view! { " "<DayOf at /> })}{end.ended_by.map(|name| format!(" by {name}"))}
                {end.end_reason.map(|reason| format!(": {reason}"))}</p>
        }
    });
    view! {
        <h2 id="change">"How it ended"</h2>
        {how}
        <details open=!form.is_fresh()>
            <summary>"Reopen"</summary>
            <FormFor form>
                <Hidden name="enrollment" value=id />
                <TextField form name="limit" label="New time limit" kind="date" value=limit.map(|day| day.to_string()).unwrap_or_default() />
                {same}
                <p class="small muted">"Without a mentor it goes back to “Propose a mentor”."</p>
                <div class="actions"><button class="button quiet">"Reopen"</button></div>
            </FormFor>
        </details>
    }
}

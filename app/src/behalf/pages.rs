//! One page for everything that came past the site: each form folds away but the one that is wanted.

use leptos::prelude::*;

use super::{Said, What};
use crate::app::{param, query};
use crate::assessments;
use crate::assessments::rules::{PostTests, Rules};
use crate::clock;
use crate::contacts::Medium;
use crate::enrollments;
use crate::error::AppError;
use crate::form::Form;
use crate::id::EnrollmentId;
use crate::matching::store::{self as matching, Match};
use crate::people::{Way, viewer};
use crate::settings;
use crate::state;
use crate::study::{self, ChapterProgress, Pair};
use crate::ui::{Choice, ChoiceField, FormFor, Hidden, Page, SelectField, SubmissionKeyField, TextField, choices};

/// What the forms are made from.
struct Loaded {
    pair: Pair,
    progress: Vec<ChapterProgress>,
    proposal: Option<Match>,
    /// Where there are post-tests.
    rules: Option<Rules>,
    today: String,
}

/// `/coordinator/enrollments/{enrollment}/enter`.
pub async fn enter() -> Result<Page, AppError> {
    let who = viewer().await?.coordinator()?;
    let id: EnrollmentId = param("enrollment")?;
    let (study, talk) = (open("enter-study", What::Study).await?, open("enter-talk", What::Talk).await?);
    let (sign_off, test) = (open("enter-sign-off", What::SignOff).await?, open("enter-test", What::Test).await?);
    let answer = open("enter-answer", What::Answer).await?;
    let mut tx = state().db.read().await?;
    let pair = study::store::find_pair_for(&mut tx, &who, id).await?;
    let story = enrollments::store::find(&mut tx, id).await?.ok_or(AppError::NotFound)?;
    let settings = settings::store::current(&mut tx).await?;
    let loaded = Loaded {
        progress: study::store::list_progress(&mut tx, id).await?,
        proposal: matching::current_of(&mut tx, id).await?.filter(|one| one.state == crate::matching::State::Proposed),
        rules: Some(assessments::store::rules_of(&mut tx, &story, &settings).await?)
            .filter(|rules| rules.post_tests != PostTests::Off),
        today: clock::today(state().clock.now()).to_string(),
        pair,
    };
    drop(tx);
    let title = format!("Enter for {}", loaded.pair.mentee);
    let forms = match loaded.pair.allow_writing() {
        Err(refusal) => view! { <p class="notice">{refusal.to_string()}</p> }.into_any(),
        Ok(()) => view! {
            {loaded.proposal.as_ref().map(|proposal| answer_form(answer, &loaded, proposal))}
            {study_form(study, &loaded)}
            {loaded.pair.mentor_id.map(|_| view! { {talk_form(talk, &loaded)}{sign_off_form(sign_off, &loaded)} })}
            {loaded.rules.map(|rules| test_form(test, &loaded, &rules))}
        }
        .into_any(),
    };
    let body = view! {
        <p class="eyebrow"><a href=format!("/coordinator/enrollments/{id}")>{loaded.pair.mentee.clone()}</a></p>
        <h1>{title.clone()}</h1>
        <p class="lede">"What came by phone, fax or paper. It counts like what is done here, is marked with your name and how it came, and shows that they are still with us."</p>
        {forms}
    };
    Ok(Page::narrow(title, body))
}

/// A form that says what it enters, so that fields of one name can be told apart.
async fn open(name: &'static str, what: What) -> Result<Form, AppError> {
    Form::open_for(name, &[("what", what.to_string())]).await
}

/// Whether a form stands open: it was refused, or the address asks for it.
fn is_open(form: Form, what: What) -> bool {
    !form.is_fresh() || query("what").is_some_and(|asked| asked == what.as_str())
}

/// How it came, and when: the end of every form.
fn came(form: Form, today: &str) -> impl IntoView + use<> {
    view! {
        <div class="field-row">
            <SelectField form name="came_by" label="How it came" choices=choices(Medium::ALL, Medium::name) />
            <TextField form name="came_on" label="When it came" kind="date" value=today.to_owned() />
        </div>
    }
}

/// What a form begins with: what it enters for whom, and what makes sending it twice harmless.
fn start(form: Form, what: What, pair: &Pair) -> impl IntoView + use<> {
    let id = pair.id.to_string();
    view! {
        <Hidden name="what" value=what.to_string() />
        <Hidden name="enrollment" value=id />
        <SubmissionKeyField form />
    }
}

fn named(progress: &[ChapterProgress], fits: fn(&ChapterProgress) -> bool) -> Vec<Choice> {
    progress.iter().filter(|one| fits(one)).map(|one| (one.chapter.id.to_string(), one.chapter.name())).collect()
}

fn study_form(form: Form, loaded: &Loaded) -> impl IntoView + use<> {
    let unread = named(&loaded.progress, |one| !one.is_read());
    let read = named(&loaded.progress, ChapterProgress::is_read);
    let (open, start, end) = (is_open(form, What::Study), start(form, What::Study, &loaded.pair), came(form, &loaded.today));
    let today = loaded.today.clone();
    view! {
        <details id="study" open=open>
            <summary>"Chapters that were read"</summary>
            <FormFor form>
                {start}
                {(!unread.is_empty()).then(|| view! { <ChoiceField form name="chapters" legend="Chapters" many=true choices=unread /> })}
                {(!read.is_empty()).then(|| view! {
                    <details>
                        <summary>"More reading of chapters that are logged already"</summary>
                        <ChoiceField form name="again" legend="Read again" many=true choices=read />
                    </details>
                })}
                <div class="field-row">
                    <TextField form name="studied_on" label="Read on" kind="date" value=today />
                    <TextField form name="minutes" label="Minutes of each" kind="number" size="short" />
                </div>
                {end}
                <p class="small muted">"What they thought of it is not asked: a reflection is the mentee's own."</p>
                <div class="actions"><button class="button">"Enter the reading"</button></div>
            </FormFor>
        </details>
    }
}

fn talk_form(form: Form, loaded: &Loaded) -> impl IntoView + use<> {
    let (open, start, end) = (is_open(form, What::Talk), start(form, What::Talk, &loaded.pair), came(form, &loaded.today));
    let (today, all) = (loaded.today.clone(), named(&loaded.progress, |_| true));
    let way = loaded.pair.way.map(|way| way.to_string()).unwrap_or_default();
    view! {
        <details id="talk" open=open>
            <summary>"A talk of the two"</summary>
            <FormFor form>
                {start}
                <div class="field-row">
                    <TextField form name="held_on" label="Date" kind="date" value=today />
                    <TextField form name="minutes" label="Minutes" kind="number" size="short" />
                    <SelectField form name="way" label="How they talked" choices=choices(Way::ALL, Way::name) value=way />
                </div>
                <details>
                    <summary>"Chapters they talked about"</summary>
                    <ChoiceField form name="chapters" legend="Chapters" many=true choices=all />
                </details>
                {end}
                <p class="small muted">"What was said stays between the two."</p>
                <div class="actions"><button class="button">"Enter the talk"</button></div>
            </FormFor>
        </details>
    }
}

fn sign_off_form(form: Form, loaded: &Loaded) -> impl IntoView + use<> {
    let undiscussed = named(&loaded.progress, |one| !one.is_discussed());
    let (open, start, end) =
        (is_open(form, What::SignOff), start(form, What::SignOff, &loaded.pair), came(form, &loaded.today));
    let mentor = loaded.pair.mentor.clone().unwrap_or_default();
    view! {
        <details id="sign_off" open=open>
            <summary>"The mentor's sign-off"</summary>
            {if undiscussed.is_empty() {
                view! { <p>"Every chapter is signed off."</p> }.into_any()
            } else {
                view! {
                    <FormFor form>
                        {start}
                        <ChoiceField form name="chapters" legend=format!("Chapters that {mentor} signed off") many=true choices=undiscussed />
                        {end}
                        <div class="actions"><button class="button">"Enter the sign-off"</button></div>
                    </FormFor>
                }.into_any()
            }}
        </details>
    }
}

fn test_form(form: Form, loaded: &Loaded, rules: &Rules) -> impl IntoView + use<> {
    let open_tests = named(&loaded.progress, |one| !one.test_passed);
    let (open, start, end) = (is_open(form, What::Test), start(form, What::Test, &loaded.pair), came(form, &loaded.today));
    let today = loaded.today.clone();
    let (of, mark) = (rules.questions, rules.pass_mark);
    let needed = assessments::needed(usize::try_from(of).unwrap_or(0), mark);
    view! {
        <details id="test" open=open>
            <summary>"A post-test on paper"</summary>
            <p class="small muted">{format!("{mark} percent is a pass: {needed} of {of}. The answers are not kept; the paper stays with you.")}</p>
            <FormFor form>
                {start}
                <SelectField form name="chapter" label="Chapter" choices=open_tests />
                <div class="field-row">
                    <TextField form name="right" label="Right answers" kind="number" size="short" />
                    <TextField form name="of" label="Of" kind="number" size="short" value=of.to_string() />
                    <TextField form name="taken_on" label="Taken on" kind="date" value=today />
                </div>
                {end}
                <div class="actions"><button class="button">"Enter the post-test"</button></div>
            </FormFor>
        </details>
    }
}

fn answer_form(form: Form, loaded: &Loaded, proposal: &Match) -> impl IntoView + use<> {
    let (mentor, id) = (proposal.mentor.clone(), proposal.id.to_string());
    let (start, end) = (start(form, What::Answer, &loaded.pair), came(form, &loaded.today));
    view! {
        <details id="answer" open=true>
            <summary>{format!("What {mentor} answered to the proposal")}</summary>
            <FormFor form>
                <Hidden name="proposal" value=id />
                {start}
                <ChoiceField form name="said" legend="Answer" choices=choices(Said::ALL, Said::name) />
                <TextField form name="reason" label="Reason, if it was no" />
                {end}
                <div class="actions"><button class="button">"Enter the answer"</button></div>
            </FormFor>
        </details>
    }
}

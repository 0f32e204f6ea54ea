//! What can be done about one enrolment: the forms that stand in an open row of the desk and beside a person's thread.

use chrono::{Months, NaiveDate};
use leptos::prelude::*;

use crate::clock::today;
use crate::contacts::Medium;
use crate::desk::Doing;
use crate::desk::api::Heard;
use crate::enrollments::{Owner, State, Story};
use crate::error::AppError;
use crate::form::Form;
use crate::id::{AccountId, EnrollmentId, MatchId};
use crate::state;
use crate::ui::{
    Choice, ChoiceField, ErrorSummary, FormFor, Hidden, SelectField, SubmissionKeyField, TextArea, TextField, choices,
};

/// The forms of one enrolment, with what a refused one left behind.
#[derive(Clone, Copy)]
pub struct Forms {
    pub called: Form,
    pub write: Form,
    pub remind: Form,
    pub next: Form,
    pub extend: Form,
    pub pause: Form,
}

impl Forms {
    pub async fn open(enrollment: EnrollmentId) -> Result<Self, AppError> {
        let open = async |name, doing: Doing| {
            Form::open_for(name, &[("enrollment", enrollment.to_string()), ("act", doing.to_string())]).await
        };
        Ok(Self {
            called: open("enter-contact", Doing::Called).await?,
            write: open("write-to-person", Doing::Write).await?,
            remind: open("remind-person", Doing::Remind).await?,
            next: open("propose-next", Doing::Next).await?,
            extend: open("extend-in-place", Doing::Extend).await?,
            pause: open("pause-in-place", Doing::Pause).await?,
        })
    }
}

/// Whom a panel is about.
pub struct About {
    pub enrollment: EnrollmentId,
    pub mentee: String,
    pub mentor: Option<String>,
    pub state: State,
    pub due_on: NaiveDate,
    /// Whom an action is meant for at first.
    pub owner: Owner,
    /// What stands open at first.
    pub doing: Doing,
    /// The unanswered proposal, and who could be asked instead.
    pub next: Option<Next>,
}

/// The mentor who could be asked instead of one who does not answer.
#[derive(Debug, Clone)]
pub struct Next {
    pub proposal: MatchId,
    pub mentor: AccountId,
    pub name: String,
}

impl About {
    pub fn of(story: &Story, owner: Owner, doing: Doing) -> Self {
        Self {
            enrollment: story.id,
            mentee: story.mentee.clone(),
            mentor: story.mentor.clone(),
            state: story.state,
            due_on: story.due_on,
            owner: if story.mentor.is_some() && owner == Owner::Mentor { Owner::Mentor } else { Owner::Mentee },
            doing,
            next: None,
        }
    }

    fn people(&self) -> Vec<Choice> {
        let mentee = (Owner::Mentee.to_string(), self.mentee.clone());
        let mentor = self.mentor.as_ref().map(|name| (Owner::Mentor.to_string(), format!("{name}, the mentor")));
        [mentee].into_iter().chain(mentor).collect()
    }
}

/// Everything that can be done, each folded but the one asked for.
pub fn all(forms: Forms, about: &About) -> impl IntoView + use<> {
    let fold = |doing: Doing, form: Form, title: String, body: AnyView| {
        let open = about.doing == doing || !form.is_fresh();
        view! { <details open=open><summary>{title}</summary>{body}</details> }
    };
    let live = about.state.is_live();
    let active = about.state == State::Active;
    let close = format!("/coordinator/enrollments/{}#change", about.enrollment);
    let next = about.next.as_ref().map(|next| {
        let title = format!("Propose {} instead", next.name);
        fold(Doing::Next, forms.next, title, next_form(forms.next, about, next).into_any())
    });
    // What was refused because it can no longer be done has no form of its own to say so.
    let refused = [(forms.next, about.next.is_none()), (forms.remind, !active), (forms.extend, !live), (forms.pause, !active)];
    let refused = refused.into_iter().filter(|(_, gone)| *gone).map(|(form, _)| view! { <ErrorSummary form /> }).collect_view();
    view! {
        {refused}
        {next}
        {fold(Doing::Called, forms.called, "Called".into(), called(forms.called, about).into_any())}
        {fold(Doing::Write, forms.write, "Write".into(), write(forms.write, about).into_any())}
        {active.then(|| fold(Doing::Remind, forms.remind, "Remind".into(), remind(forms.remind, about).into_any()))}
        {live.then(|| fold(Doing::Extend, forms.extend, "Extend".into(), extend(forms.extend, about).into_any()))}
        {active.then(|| fold(Doing::Pause, forms.pause, "Pause".into(), pause(forms.pause, about).into_any()))}
        {live.then(|| view! { <p class="flush"><a href=close>"Close the enrollment"</a></p> })}
    }
}

/// Which enrolment a form is about, and which of several forms on the page it is.
fn about_fields(about: &About, doing: Doing) -> impl IntoView + use<> {
    view! {
        <Hidden name="enrollment" value=about.enrollment.to_string() />
        <Hidden name="act" value=doing.to_string() />
    }
}

/// Whom it is about; nothing to choose while there is no mentor.
fn whom(form: Form, about: &About, label: &'static str) -> AnyView {
    if about.mentor.is_none() {
        return view! { <Hidden name="person" value=Owner::Mentee.to_string() /> }.into_any();
    }
    view! { <SelectField form name="person" label=label choices=about.people() value=about.owner.to_string() /> }.into_any()
}

/// A call, or anything else that came past the site.
pub fn called(form: Form, about: &About) -> impl IntoView + use<> {
    let day = today(state().clock.now());
    let (fields, whom, medium) = (about_fields(about, Doing::Called), whom(form, about, "With"), Medium::Phone.to_string());
    view! {
        <FormFor form>
            {fields}
            <SubmissionKeyField form />
            <ChoiceField form name="heard" legend="What came of it?" choices=choices(Heard::ALL, Heard::name) />
            <div class="field-row">
                {whom}
                <SelectField form name="medium" label="How" choices=choices(Medium::ALL, Medium::name) value=medium />
                <TextField form name="held_on" label="When" kind="date" value=day.to_string() />
            </div>
            <TextArea form name="note" label="What to remember" rows=2 optional=true privacy=false hint="Only coordinators read it." />
            <div class="actions"><button class="button">"Save the call"</button></div>
        </FormFor>
    }
}

/// A letter by mail.
pub fn write(form: Form, about: &About) -> impl IntoView + use<> {
    let (fields, whom) = (about_fields(about, Doing::Write), whom(form, about, "To"));
    view! {
        <FormFor form>
            {fields}
            <SubmissionKeyField form />
            {whom}
            <TextField form name="subject" label="Subject" />
            <TextArea form name="text" label="Message" rows=5
                hint="It leaves after the minutes in which you can undo it, outside of quiet hours. A copy stays with the enrollment." />
            <div class="actions"><button class="button">"Send"</button></div>
        </FormFor>
    }
}

/// A line in the next daily summary.
pub fn remind(form: Form, about: &About) -> impl IntoView + use<> {
    let (fields, whom) = (about_fields(about, Doing::Remind), whom(form, about, "Whom"));
    view! {
        <FormFor form>
            {fields}
            <SubmissionKeyField form />
            {whom}
            <p class="hint">"What waits on them longest stands in their next daily summary."</p>
            <div class="actions"><button class="button">"Remind"</button></div>
        </FormFor>
    }
}

fn next_form(form: Form, about: &About, next: &Next) -> impl IntoView + use<> {
    let (fields, words) = (about_fields(about, Doing::Next), format!("Propose {}", next.name));
    let (proposal, mentor) = (next.proposal.to_string(), next.mentor.to_string());
    view! {
        <FormFor form>
            {fields}
            <Hidden name="proposal" value=proposal />
            <Hidden name="mentor" value=mentor />
            <p class="hint">"The proposal that is not answered is withdrawn."</p>
            <div class="actions"><button class="button">{words}</button></div>
        </FormFor>
    }
}

fn extend(form: Form, about: &About) -> impl IntoView + use<> {
    let from = about.due_on.max(today(state().clock.now()));
    let until = from.checked_add_months(Months::new(3)).unwrap_or(from);
    let fields = about_fields(about, Doing::Extend);
    view! {
        <FormFor form>
            {fields}
            <TextField form name="until" label="Until" kind="date" value=until.to_string() size="medium" />
            <TextField form name="reason" label="Why" hint="Kept with the enrollment." />
            <div class="actions"><button class="button">"Extend"</button></div>
        </FormFor>
    }
}

fn pause(form: Form, about: &About) -> impl IntoView + use<> {
    let fields = about_fields(about, Doing::Pause);
    view! {
        <FormFor form>
            {fields}
            <TextField form name="until" label="Until" kind="date" size="medium" hint="Every clock stands still until then." />
            <div class="actions"><button class="button">"Pause"</button></div>
        </FormFor>
    }
}

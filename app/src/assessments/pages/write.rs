//! The form in which the coordinator writes a question, or writes one anew in place of an old one.

use leptos::prelude::*;

use crate::app::param;
use crate::assessments::store::{self, BankChapter, Question};
use crate::assessments::{Choice, QuestionKind};

/// The most choices the form has room for.
const MOST_CHOICES: usize = 6;
use crate::error::AppError;
use crate::form::Form;
use crate::id::{ChapterId, QuestionId};
use crate::people::viewer;
use crate::state;
use crate::ui::{ChoiceField, FormFor, Hidden, Page, SubmissionKeyField, TextArea, TextField, TickField};

/// The names of the fields of each choice: its text, and why it is right or wrong.
const ROWS: [(&str, &str); MOST_CHOICES] = [
    ("choice-1", "why-1"),
    ("choice-2", "why-2"),
    ("choice-3", "why-3"),
    ("choice-4", "why-4"),
    ("choice-5", "why-5"),
    ("choice-6", "why-6"),
];

pub async fn write() -> Result<Page, AppError> {
    let who = viewer().await?.coordinator()?;
    let (id, kind): (ChapterId, QuestionKind) = (param("chapter")?, param("kind")?);
    let form = Form::open_for("write-question", &[("chapter", id.to_string()), ("kind", kind.to_string())]).await?;
    let chapter = store::find_bank_chapter(&mut state().db.read().await?, &who, id).await?.ok_or(AppError::NotFound)?;
    let hidden = view! { <Hidden name="chapter" value=id.to_string() /> };
    Ok(page("Write a question", None, &chapter, fields(form, kind, None, hidden.into_any())))
}

pub async fn edit() -> Result<Page, AppError> {
    let who = viewer().await?.coordinator()?;
    let (chapter, id): (ChapterId, QuestionId) = (param("chapter")?, param("question")?);
    let form = Form::open_for("edit-question", &[("question", id.to_string())]).await?;
    let mut tx = state().db.read().await?;
    // A retired one opens only to give back what was typed when somebody else was quicker.
    let question = store::find_question(&mut tx, &who, id)
        .await?
        .filter(|question| question.chapter_id == chapter && (question.retired_at.is_none() || !form.is_fresh()))
        .ok_or(AppError::NotFound)?;
    let chapter = store::find_bank_chapter(&mut tx, &who, chapter).await?.ok_or(AppError::NotFound)?;
    let hidden = view! { <Hidden name="question" value=id.to_string() /> };
    let form = fields(form, question.kind(), Some(&question), hidden.into_any());
    let lede = "What you save is a new question in place of this one. Tests that asked the old one keep it as it was.";
    Ok(page("Edit a question", Some(lede), &chapter, form))
}

fn page(title: &'static str, lede: Option<&'static str>, chapter: &BankChapter, form: AnyView) -> Page {
    let back = format!("/coordinator/questions/{}", chapter.id);
    let body = view! {
        <nav aria-label="Where you are">
            <ol class="crumbs" role="list">
                <li><a href="/coordinator/questions">"Questions"</a></li>
                <li><a href=back>{format!("Chapter {}, {}", chapter.number, chapter.title)}</a></li>
                <li>{title}</li>
            </ol>
        </nav>
        <h1>{title}</h1>
        {lede.map(|lede| view! { <p class="lede">{lede}</p> })}
        {form}
    };
    Page::narrow(title, body)
}

fn fields(form: Form, kind: QuestionKind, old: Option<&Question>, hidden: AnyView) -> AnyView {
    let (text, explanation, source) =
        old.map(|old| (old.draft.text.clone(), old.draft.explanation.clone(), old.draft.source.clone())).unwrap_or_default();
    let choices = old.map(|old| old.draft.body.choices()).unwrap_or_default();
    let answers = match kind {
        QuestionKind::TrueFalse => statement(form, &choices),
        _ => rows(form, kind, &choices),
    };
    view! {
        <FormFor form>
            {hidden}
            <Hidden name="kind" value=kind.as_str() />
            <SubmissionKeyField form />
            <TextArea form name="text" label=label_of(kind) value=text rows=3 />
            {answers}
            <TextArea form name="explanation" label="Why this is so" value=explanation rows=3
                hint="The mentee reads it after handing in." />
            <TextField form name="source" label="Source" value=source
                hint="For example: ADA Standards of Care, Section 6: Glycemic Goals and Hypoglycemia" />
            <TickField form name="approved"
                label="I have reviewed it as a CDCES (Certified Diabetes Care and Education Specialist): approve it now" />
            <div class="actions"><button class="button">"Save the question"</button></div>
        </FormFor>
    }
    .into_any()
}

fn label_of(kind: QuestionKind) -> &'static str {
    match kind {
        QuestionKind::Single => "The question, with one right answer",
        QuestionKind::Multiple => "The question, with several right answers",
        QuestionKind::TrueFalse => "The statement",
        _ => "The question",
    }
}

fn right_ones(choices: &[Choice]) -> Vec<String> {
    choices.iter().enumerate().filter(|(_, choice)| choice.credit.0 > 0).map(|(index, _)| (index + 1).to_string()).collect()
}

fn rows(form: Form, kind: QuestionKind, choices: &[Choice]) -> AnyView {
    let parts = ROWS
        .iter()
        .enumerate()
        .map(|(index, (text, why))| {
            let old = choices.get(index);
            let (value, reason) = old.map(|old| (old.text.clone(), old.explanation.clone())).unwrap_or_default();
            let number = index + 1;
            view! {
                <TextField form name=*text label=format!("Choice {number}") value optional={index >= 2} />
                <TextField form name=*why label=format!("Why choice {number} is right or wrong") value=reason optional=true />
            }
        })
        .collect_view();
    let numbers = (1..=MOST_CHOICES).map(|number| (number.to_string(), format!("Choice {number}"))).collect::<Vec<_>>();
    let legend = if kind.takes_many() { "Which choices are right?" } else { "Which choice is right?" };
    view! {
        <fieldset>
            <legend>"Choices"</legend>
            {parts}
            <ChoiceField form name="right" legend choices=numbers many={kind.takes_many()} value={right_ones(choices)} />
        </fieldset>
    }
    .into_any()
}

fn statement(form: Form, choices: &[Choice]) -> AnyView {
    let why = |index: usize| choices.get(index).map(|choice| choice.explanation.clone()).unwrap_or_default();
    let answers = vec![("1".to_owned(), "True".to_owned()), ("2".to_owned(), "False".to_owned())];
    view! {
        <Hidden name="choice-1" value="True" />
        <Hidden name="choice-2" value="False" />
        <ChoiceField form name="right" legend="The statement is" choices=answers value={right_ones(choices)} />
        <TextField form name="why-1" label="To those who chose True" value=why(0) optional=true />
        <TextField form name="why-2" label="To those who chose False" value=why(1) optional=true />
    }
    .into_any()
}

//! One version of a question: as the mentee will see it, with its key, its picture, and the versions before and after it.

use leptos::prelude::*;

use super::bank::{actions, standing};
use super::question::{asked, picture};
use super::write::how_it_counts;
use crate::app::param;
use crate::assessments::api::PICTURE_FORM;
use crate::assessments::attempt::Order;
use crate::assessments::store::{self, Question};
use crate::assessments::{Answer, Body, Credit, Draft, Item, NumericalAnswer};
use crate::error::AppError;
use crate::form::Form;
use crate::id::{ChapterId, QuestionId};
use crate::people::viewer;
use crate::state;
use crate::ui::{DayOf, FileField, Hidden, Page, SubmissionKeyField, TextField, UploadFormFor, paragraphs};

/// `/coordinator/questions/{chapter}/question/{question}`
pub async fn version() -> Result<Page, AppError> {
    let who = viewer().await?.coordinator()?;
    let (chapter, id): (ChapterId, QuestionId) = (param("chapter")?, param("question")?);
    let form = Form::open_for(PICTURE_FORM, &[("question", id.to_string())]).await?;
    let try_out = Form::open("try-question").await?;
    let mut tx = state().db.read().await?;
    let question = store::find_question(&mut tx, &who, id)
        .await?
        .filter(|question| question.chapter_id == chapter)
        .ok_or(AppError::NotFound)?;
    let versions = store::list_versions(&mut tx, &who, question.lineage_id).await?;
    let chapter = store::find_bank_chapter(&mut tx, &who, chapter).await?.ok_or(AppError::NotFound)?;
    drop(tx);
    let item = item(&question);
    let order = Order::of(id.0.as_bytes(), &item, true);
    let title = if question.draft.name.is_empty() { "A question".to_owned() } else { question.draft.name.clone() };
    let body = view! {
        <nav aria-label="Where you are">
            <ol class="crumbs" role="list">
                <li><a href="/coordinator/questions">"Questions"</a></li>
                <li><a href=format!("/coordinator/questions/{}", chapter.id)>{format!("Chapter {}, {}", chapter.number, chapter.title)}</a></li>
                <li>{format!("Version {}", question.version)}</li>
            </ol>
        </nav>
        <h1>{title.clone()}</h1>
        <p class="lede">{question.kind().name()}", "{standing(&question)}</p>
        {question.retired_at.is_none().then(|| actions(&question))}
        <section>
            <h2>"As the mentee sees it"</h2>
            {asked(try_out, 1, &item, &order)}
        </section>
        <section>
            <h2>"With its key"</h2>
            {with_key(&question.draft)}
        </section>
        {question.retired_at.is_none().then(|| picture_form(form, &question))}
        <section>
            <h2>"Versions"</h2>
            <ol class="lines" role="list">{versions.iter().map(|one| line(one, question.id)).collect_view()}</ol>
        </section>
    };
    Ok(Page::narrow(title, body))
}

/// The question as a test would ask it.
fn item(question: &Question) -> Item {
    let draft = &question.draft;
    Item {
        question: question.id,
        text: draft.text.clone(),
        explanation: draft.explanation.clone(),
        body: draft.body.clone(),
        picture: draft.picture.clone(),
        answer: Answer::None,
        credit: None,
        saved_at: None,
        saved_from: None,
        marked_by: None,
        word: String::new(),
    }
}

fn line(version: &Question, here: QuestionId) -> impl IntoView + use<> {
    let name = format!("Version {}", version.version);
    let path = crate::assessments::api::question_path(version.chapter_id, version.id);
    let by = match (&version.created_by, version.imported) {
        (Some(name), true) => format!(", imported by {name}"),
        (Some(name), false) => format!(", written by {name}"),
        (None, _) => ", from the program's own questions".to_owned(),
    };
    view! {
        <li>
            <span class="line-main">{if version.id == here {
                view! { <strong>{name}</strong> }.into_any()
            } else {
                view! { <a href=path>{name}</a> }.into_any()
            }}</span>
            <span class="line-meta"><DayOf at=version.created_at />{by}</span>
            <span class="line-action">{standing(version)}</span>
        </li>
    }
}

fn picture_form(form: Form, question: &Question) -> impl IntoView + use<> {
    let alt = question.draft.picture.as_ref().map(|picture| picture.alt.clone()).unwrap_or_default();
    let words = if alt.is_empty() { "Add a picture" } else { "Replace the picture" };
    let open = !form.is_fresh();
    let id = question.id.to_string();
    view! {
        <details open=open>
            <summary>{words}</summary>
            <UploadFormFor form>
                <Hidden name="question" value=id />
                <SubmissionKeyField form />
                <FileField form name="file" label="Picture" accept="image/png,image/jpeg"
                    hint="PNG or JPEG, up to 512 kB. One that you may use: nothing from a book." />
                <TextField form name="alt" label="What it shows" value=alt
                    hint="In words, for those who cannot see it, so that they can answer as well." />
                <p class="privacy-note">"No patient details, please keep it about your learning."</p>
                <p class="hint">"It becomes a new version, to be reviewed."</p>
                <div class="actions"><button class="button quiet">"Save the picture"</button></div>
            </UploadFormFor>
        </details>
    }
}

/// Everything a CDCES reviews: what is right, what each answer is worth, and what is said to who gave it.
pub(super) fn with_key(draft: &Draft) -> AnyView {
    let source = (!draft.source.is_empty()).then(|| view! { <p class="small muted">{draft.source.clone()}</p> });
    let explanation = (!draft.explanation.is_empty()).then(|| paragraphs(&draft.explanation));
    let none = explanation.is_none().then(|| view! { <p class="muted">"No explanation yet."</p> });
    view! {
        {draft.picture.as_ref().map(picture)}
        {how_it_counts(&draft.body).map(|words| view! { <p class="hint">{words}"."</p> })}
        {key_lines(&draft.body)}
        <div class="explanation">{explanation}{none}{source}</div>
    }
    .into_any()
}

fn key_lines(body: &Body) -> AnyView {
    match body {
        Body::Single(_) | Body::Multiple(_) | Body::TrueFalse { .. } => {
            let all = matches!(body, Body::Multiple(choices) if crate::assessments::question::is_all_or_nothing(choices));
            let lines = body.choices().into_iter().map(|choice| {
                let worth = if all && choice.credit.0 <= 0 { Credit::NONE } else { choice.credit };
                key_line(choice.text, worth, choice.explanation)
            });
            lines.collect_view().into_any()
        }
        Body::Matching { pairs, distractors } => {
            let none = (!distractors.is_empty())
                .then(|| view! { <p class="hint">{format!("Belongs to none: {}", distractors.join("; "))}</p> });
            let lines =
                pairs.iter().map(|pair| key_line(format!("{} → {}", pair.left, pair.right), Credit::WHOLE, String::new()));
            view! { {lines.collect_view()}{none} }.into_any()
        }
        Body::Numerical(answers) => answers
            .iter()
            .map(|answer| key_line(number_words(answer), answer.credit, answer.explanation.clone()))
            .collect_view()
            .into_any(),
        Body::ShortAnswer { answers, .. } => answers
            .iter()
            .map(|answer| key_line(answer.text.clone(), answer.credit, answer.explanation.clone()))
            .collect_view()
            .into_any(),
        Body::Essay { marker_note } => {
            let note = if marker_note.is_empty() { "No note for the mentor." } else { marker_note }.to_owned();
            view! { <p class="hint">"For the mentor who marks it:"</p>{paragraphs(&note)} }.into_any()
        }
    }
}

/// "5.4, give or take 0.1"
fn number_words(answer: &NumericalAnswer) -> String {
    match answer.value {
        None => "Any other number".to_owned(),
        Some(value) if answer.tolerance.0 == 0 => value.to_string(),
        Some(value) => format!("{value}, give or take {}", answer.tolerance),
    }
}

fn key_line(text: String, credit: Credit, explanation: String) -> impl IntoView {
    let word = match credit {
        Credit::WHOLE => "Right. ".to_owned(),
        Credit::NONE => String::new(),
        credit if credit.0 > 0 => format!("Counts {} percent. ", credit.percent()),
        credit => format!("Takes {} percent away. ", Credit(-credit.0).percent()),
    };
    let state = (credit.0 > 0).then_some("right");
    view! { <div class="choice" data-answer=state><span>{text}<small>{word}{explanation}</small></span></div> }
}

//! The form in which the coordinator writes a question, or writes a new version in place of an old one.

use leptos::prelude::*;

use crate::app::{param, query};
use crate::assessments::question::{MOST, is_all_or_nothing};
use crate::assessments::store::{self, BankChapter, Question};
use crate::assessments::written::{ROWS, Row, Scoring};
use crate::assessments::{Accepted, Body, Choice, Credit, Draft, NumericalAnswer, Pair, QuestionKind};
use crate::error::AppError;
use crate::form::Form;
use crate::id::{ChapterId, QuestionId};
use crate::people::viewer;
use crate::state;
use crate::ui::{ChoiceField, FormFor, Hidden, Page, SubmissionKeyField, TextArea, TextField, TickField, choices};

/// Rows that a new form shows.
const ROOM: usize = 6;

pub async fn write() -> Result<Page, AppError> {
    let who = viewer().await?.coordinator()?;
    let (id, kind): (ChapterId, QuestionKind) = (param("chapter")?, param("kind")?);
    let form = Form::open_for("write-question", &[("chapter", id.to_string()), ("kind", kind.to_string())]).await?;
    let chapter = store::find_bank_chapter(&mut state().db.read().await?, &who, id).await?.ok_or(AppError::NotFound)?;
    let hidden = view! { <Hidden name="chapter" value=id.to_string() /> };
    let more = more_room(&format!("/coordinator/questions/{id}/write/{kind}"), kind);
    let lede = view! { <p class="lede">{kind.name()}". In your own words: nothing is copied from the book."</p>{more} };
    Ok(page("Write a question", lede.into_any(), &chapter, fields(form, kind, None, hidden.into_any())))
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
    let more = more_room(&format!("/coordinator/questions/{}/edit/{id}", chapter.id), question.kind());
    let form = fields(form, question.kind(), Some(&question), hidden.into_any());
    let lede = view! {
        <p class="lede">"What you save is a new version in place of this one. Tests that asked the old one keep it as it was."</p>
        {more}
    };
    Ok(page("Edit a question", lede.into_any(), &chapter, form))
}

/// A link to the same form with more rows, before anything is typed.
fn more_room(path: &str, kind: QuestionKind) -> Option<impl IntoView + use<>> {
    let has_rows = !matches!(kind, QuestionKind::TrueFalse | QuestionKind::Essay);
    (has_rows && room() < MOST).then(|| view! { <p><a href=format!("{path}?rows={MOST}")>"More rows"</a></p> })
}

fn room() -> usize {
    query("rows").and_then(|rows| rows.parse().ok()).unwrap_or(ROOM).clamp(ROOM, MOST)
}

/// The rows of the form: those with something in them, and room for more.
fn rows(filled: usize) -> impl Iterator<Item = (usize, Row)> {
    ROWS.into_iter().enumerate().take(room().max(filled + 2).min(MOST))
}

fn page(title: &'static str, lede: AnyView, chapter: &BankChapter, form: AnyView) -> Page {
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
        {lede}
        {form}
    };
    Page::narrow(title, body)
}

fn fields(form: Form, kind: QuestionKind, old: Option<&Question>, hidden: AnyView) -> AnyView {
    let draft = old.map(|old| old.draft.clone());
    let value = |read: fn(&Draft) -> &String| draft.as_ref().map(|draft| read(draft).clone()).unwrap_or_default();
    let (text, explanation) = (value(|draft| &draft.text), value(|draft| &draft.explanation));
    let (source, topic, name) = (value(|draft| &draft.source), value(|draft| &draft.topic), value(|draft| &draft.name));
    let picture = draft.as_ref().and_then(|draft| draft.picture.clone());
    let body = draft.as_ref().map(|draft| draft.body.clone());
    view! {
        <FormFor form>
            {hidden}
            <Hidden name="kind" value=kind.as_str() />
            <SubmissionKeyField form />
            <TextArea form name="text" label=label_of(kind) value=text rows=3 />
            {picture.map(|picture| view! {
                {super::question::picture(&picture)}
                <TickField form name="without-picture" label="Take the picture away" />
            })}
            {answers(form, kind, body)}
            <TextArea form name="explanation" label="Why this is so" value=explanation rows=3
                hint="The mentee reads it after handing in." />
            <TextField form name="source" label="Source" value=source
                hint="For example: ADA Standards of Care, Section 6: Glycemic Goals and Hypoglycemia" />
            <TextField form name="topic" label="Topic" value=topic optional=true size="medium"
                hint="A short word, such as insulin. The rules of a test can draw from each topic." />
            <TextField form name="name" label="Name" value=name optional=true
                hint="For you, to find it by. Mentees do not see it." />
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
        QuestionKind::Matching => "What is to be matched",
        QuestionKind::Numerical => "The question, answered with a number",
        QuestionKind::ShortAnswer => "The question, answered in a few words",
        QuestionKind::Essay => "The question, answered with a text",
    }
}

fn answers(form: Form, kind: QuestionKind, old: Option<Body>) -> AnyView {
    match (kind, old) {
        (QuestionKind::Single, Some(Body::Single(choices))) => choice_rows(form, kind, &choices),
        (QuestionKind::Multiple, Some(Body::Multiple(choices))) => choice_rows(form, kind, &choices),
        (QuestionKind::Single | QuestionKind::Multiple, _) => choice_rows(form, kind, &[]),
        (QuestionKind::TrueFalse, Some(Body::TrueFalse { is_true, when_true, when_false })) => {
            statement(form, Some(is_true), when_true, when_false)
        }
        (QuestionKind::TrueFalse, _) => statement(form, None, String::new(), String::new()),
        (QuestionKind::Matching, Some(Body::Matching { pairs, distractors })) => pair_rows(form, &pairs, &distractors),
        (QuestionKind::Matching, _) => pair_rows(form, &[], &[]),
        (QuestionKind::Numerical, Some(Body::Numerical(answers))) => number_rows(form, &answers),
        (QuestionKind::Numerical, _) => number_rows(form, &[]),
        (QuestionKind::ShortAnswer, Some(Body::ShortAnswer { answers, match_case })) => answer_rows(form, &answers, match_case),
        (QuestionKind::ShortAnswer, _) => answer_rows(form, &[], false),
        (QuestionKind::Essay, old) => {
            let note = if let Some(Body::Essay { marker_note }) = old { marker_note } else { String::new() };
            view! {
                <TextArea form name="marker" label="A note for the mentor who marks it" value=note rows=3 optional=true
                    hint="What a good answer names. The mentee does not see it." />
            }
            .into_any()
        }
    }
}

/// The percent of a credit, where it says more than right or wrong.
fn partial(credit: Credit) -> String {
    if matches!(credit, Credit::NONE | Credit::WHOLE) { String::new() } else { credit.percent() }
}

fn choice_rows(form: Form, kind: QuestionKind, old: &[Choice]) -> AnyView {
    let many = kind.takes_many();
    let scoring = Scoring::of(old);
    let is_right = |choice: &Choice| if many { choice.credit.0 > 0 } else { choice.credit.is_whole() };
    let right: Vec<String> =
        old.iter().enumerate().filter(|(_, choice)| is_right(choice)).map(|(place, _)| (place + 1).to_string()).collect();
    let parts = rows(old.len())
        .map(|(place, row)| {
            let choice = old.get(place);
            let (value, reason) = choice.map(|one| (one.text.clone(), one.explanation.clone())).unwrap_or_default();
            let number = place + 1;
            view! {
                <TextField form name=row.choice label=format!("Choice {number}") value optional={place >= 2} />
                <TextField form name=row.why label=format!("Why choice {number} is right or wrong") value=reason optional=true />
            }
        })
        .collect_view();
    let shows_percent = if many { scoring == Scoring::Percents && !old.is_empty() } else { true };
    let percents = rows(old.len())
        .map(|(place, row)| {
            let credit = old
                .get(place)
                .filter(|_| shows_percent)
                .map(|one| if many { one.credit.percent() } else { partial(one.credit) });
            view! {
                <TextField form name=row.percent label=format!("Choice {}, percent", place + 1) value=credit.unwrap_or_default()
                    optional=true size="short" kind="number" />
            }
        })
        .collect_view();
    let numbers =
        rows(old.len()).map(|(place, _)| ((place + 1).to_string(), format!("Choice {}", place + 1))).collect::<Vec<_>>();
    let legend = if many { "Which choices are right?" } else { "Which choice is right?" };
    let hint = if many {
        "From -100 to 100; those above zero are the right ones and give 100 together."
    } else {
        "From -100 to 100, for a choice that is partly right. Empty is 0."
    };
    let open = old.iter().any(|choice| shows_percent && !partial(choice.credit).is_empty());
    view! {
        <fieldset>
            <legend>"Choices"</legend>
            {parts}
            <ChoiceField form name="right" legend choices=numbers many value=right />
            {many.then(|| view! {
                <ChoiceField form name="scoring" legend="How do they count?" choices=choices(Scoring::ALL, Scoring::name)
                    value=vec![scoring.to_string()] />
            })}
            <details open=open || !form.is_fresh()>
                <summary>"Percent for each choice"</summary>
                <p class="hint">{hint}</p>
                {percents}
            </details>
        </fieldset>
    }
    .into_any()
}

fn statement(form: Form, is_true: Option<bool>, when_true: String, when_false: String) -> AnyView {
    let answers = vec![("1".to_owned(), "True".to_owned()), ("2".to_owned(), "False".to_owned())];
    let value: Vec<String> = is_true.map(|is_true| if is_true { "1" } else { "2" }.to_owned()).into_iter().collect();
    view! {
        <ChoiceField form name="right" legend="The statement is" choices=answers value />
        <TextField form name="why-1" label="To those who chose True" value=when_true optional=true />
        <TextField form name="why-2" label="To those who chose False" value=when_false optional=true />
    }
    .into_any()
}

fn pair_rows(form: Form, pairs: &[Pair], distractors: &[String]) -> AnyView {
    let parts = rows(pairs.len())
        .map(|(place, row)| {
            let (left, right) = pairs.get(place).map(|pair| (pair.left.clone(), pair.right.clone())).unwrap_or_default();
            let number = place + 1;
            view! {
                <TextField form name=row.left label=format!("{number}: this") value=left optional={place >= 2} />
                <TextField form name=row.right label=format!("{number}: belongs to") value=right optional={place >= 2} />
            }
        })
        .collect_view();
    let extra = ROWS
        .into_iter()
        .enumerate()
        .take((distractors.len() + 1).clamp(3, MOST))
        .map(|(place, row)| {
            let value = distractors.get(place).cloned().unwrap_or_default();
            view! { <TextField form name=row.none label=format!("Belongs to none, {}", place + 1) value optional=true /> }
        })
        .collect_view();
    view! {
        <fieldset><legend>"Pairs"</legend>{parts}</fieldset>
        <fieldset><legend>"Answers that belong to none"</legend>{extra}</fieldset>
    }
    .into_any()
}

fn number_rows(form: Form, old: &[NumericalAnswer]) -> AnyView {
    let numbers: Vec<&NumericalAnswer> = old.iter().filter(|answer| answer.value.is_some()).collect();
    let other = old.iter().find(|answer| answer.value.is_none()).map(|answer| answer.explanation.clone()).unwrap_or_default();
    let parts = ROWS
        .into_iter()
        .enumerate()
        .take((numbers.len() + 2).max(if room() > ROOM { room() } else { 3 }).min(MOST))
        .map(|(place, row)| {
            let answer = numbers.get(place);
            let value = answer.and_then(|answer| answer.value).map(|value| value.to_string()).unwrap_or_default();
            let tolerance = answer.map(|answer| answer.tolerance.to_string()).filter(|text| text != "0").unwrap_or_default();
            let credit = answer.map(|answer| partial(answer.credit)).unwrap_or_default();
            let why = answer.map(|answer| answer.explanation.clone()).unwrap_or_default();
            let number = place + 1;
            view! {
                <TextField form name=row.value label=format!("Number {number}") value optional={place >= 1} size="short" />
                <TextField form name=row.tolerance label=format!("Number {number}, give or take") value=tolerance optional=true size="short" />
                <TextField form name=row.percent label=format!("Number {number}, percent") value=credit optional=true size="short" hint="Empty is 100." />
                <TextField form name=row.why label=format!("Why number {number} counts") value=why optional=true />
            }
        })
        .collect_view();
    view! {
        <fieldset><legend>"Numbers that count; the first that fits decides"</legend>{parts}</fieldset>
        <TextField form name="other" label="To those who wrote any other number" value=other optional=true />
    }
    .into_any()
}

fn answer_rows(form: Form, old: &[Accepted], match_case: bool) -> AnyView {
    let parts = rows(old.len())
        .map(|(place, row)| {
            let answer = old.get(place);
            let (value, why) = answer.map(|one| (one.text.clone(), one.explanation.clone())).unwrap_or_default();
            let credit = answer.map(|answer| partial(answer.credit)).unwrap_or_default();
            let number = place + 1;
            view! {
                <TextField form name=row.choice label=format!("Answer {number}") value optional={place >= 1} />
                <TextField form name=row.percent label=format!("Answer {number}, percent") value=credit optional=true size="short" hint="Empty is 100." />
                <TextField form name=row.why label=format!("Why answer {number} counts") value=why optional=true />
            }
        })
        .collect_view();
    view! {
        <fieldset>
            <legend>"Answers that are accepted; the first that fits decides"</legend>
            <p class="hint">"A star stands for anything: *glucose monitor* also takes “continuous glucose monitoring”. \\* is the sign itself."</p>
            {parts}
            <TickField form name="match-case" label="Capital and small letters matter" checked=match_case />
        </fieldset>
    }
    .into_any()
}

/// "Only exactly the right choices count", for a question that is read.
pub(super) fn how_it_counts(body: &Body) -> Option<&'static str> {
    match body {
        Body::Multiple(choices) if is_all_or_nothing(choices) => Some(Scoring::All.name()),
        Body::Multiple(_) => Some("Each right choice counts its share"),
        Body::ShortAnswer { match_case: true, .. } => Some("Capital and small letters matter"),
        _ => None,
    }
}

//! The question bank as the coordinator reads it: what counts, what waits for review, each question with its key.

use leptos::prelude::*;

use super::version::with_key;
use crate::app::param;
use crate::assessments::QuestionKind;
use crate::assessments::api::question_path;
use crate::assessments::question::Action;
use crate::assessments::store::{self, BankChapter, Question};
use crate::enrollments::OptionNumber;
use crate::error::AppError;
use crate::form::Form;
use crate::id::{ChapterId, OutlineId, QuestionId};
use crate::people::viewer;
use crate::state;
use crate::ui::{Choice, DayOf, FormFor, Hidden, Page, SelectField};

/// "Complete Guide to Diabetes, Edition on the shelf, version 1".
pub(super) fn outline_name(chapter: &BankChapter) -> String {
    format!("{}, {}, version {}", chapter.book, chapter.edition, chapter.version)
}

/// "Chapter 3, Food"
pub(super) fn chapter_label(chapter: &BankChapter) -> String {
    format!("Chapter {}, {}", chapter.number, chapter.title)
}

fn outline_path(id: OutlineId) -> String {
    format!("/coordinator/outlines/{id}")
}

fn options_of(chapter: &BankChapter) -> String {
    chapter.options.iter().copied().map(OptionNumber::name).collect::<Vec<_>>().join(", ")
}

fn has_tests(chapter: &BankChapter) -> bool {
    chapter.options.iter().any(|option| option.has_post_tests())
}

pub async fn index() -> Result<Page, AppError> {
    let who = viewer().await?.coordinator()?;
    let chapters = store::list_bank(&mut state().db.read().await?, &who).await?;
    let unreviewed: i64 = chapters.iter().filter(|chapter| has_tests(chapter)).map(|chapter| chapter.unreviewed).sum();
    let (tested, others): (Vec<&[BankChapter]>, Vec<&[BankChapter]>) = chapters
        .chunk_by(|one, other| one.outline_id == other.outline_id)
        .partition(|outline| outline.first().is_some_and(has_tests));
    let lede = match unreviewed {
        0 => "Every question has been reviewed.".to_owned(),
        1 => "1 question is unreviewed. It counts once you have approved it.".to_owned(),
        count => format!("{count} questions are unreviewed. A question counts once you have approved it."),
    };
    let body = view! {
        <h1>"Questions and outlines"</h1>
        <p class="lede">{lede}</p>
        <ul class="tabs">
            <li><a href="/coordinator/questions/rules">"Rules of post-tests"</a></li>
            <li><a href="/coordinator/questions/statistics">"What answers say"</a></li>
            <li><a href="/coordinator/questions/import">"Import"</a></li>
        </ul>
        {tested.into_iter().map(outline_ledger).collect_view()}
        <section>
            <h2>"Outlines without post-tests"</h2>
            <p class="muted">"Post-tests belong to Option 1. "<a href="/coordinator/questions/rules">"The rules"</a>" can switch them on for others."</p>
            <ul class="lines" role="list">{others.into_iter().map(outline_line).collect_view()}</ul>
        </section>
        <section>
            <h2>"Beside the books"</h2>
            <ul class="lines" role="list">
                <li><span class="line-main"><a href="/coordinator/self-evaluation">"Self-evaluation"</a></span><span class="line-meta">"The statements mentees rate themselves by"</span></li>
                <li><span class="line-main"><a href="/coordinator/exam">"Facts about the exam"</a></span><span class="line-meta">"CBDCE's rules and what the exam covers, for Option 3"</span></li>
            </ul>
        </section>
    };
    Ok(Page::wide("Questions and outlines", body))
}

fn outline_line(chapters: &[BankChapter]) -> Option<impl IntoView + use<>> {
    let first = chapters.first()?;
    let retired = if first.retired_at.is_some() { ", for those who began with it" } else { "" };
    Some(view! {
        <li>
            <span class="line-main"><a href=outline_path(first.outline_id)>{outline_name(first)}</a></span>
            <span class="line-meta">{format!("{}, {} chapters{retired}", options_of(first), chapters.len())}</span>
        </li>
    })
}

fn outline_ledger(chapters: &[BankChapter]) -> Option<impl IntoView + use<>> {
    let first = chapters.first()?;
    let note = if first.retired_at.is_some() { "for those who began with it" } else { "for new enrollments" };
    let rows = chapters.iter().map(chapter_row).collect_view();
    Some(view! {
        <div class="table-wrap">
            <table class="ledger">
                <caption>
                    <a href=outline_path(first.outline_id)>{outline_name(first)}</a>
                    <small>{format!("{}, {note}", options_of(first))}</small>
                    <small class="no-print">"All questions as "<FileLinks path=format!("/coordinator/questions/outline/{}", first.outline_id) /></small>
                </caption>
                <thead>
                    <tr>
                        <th scope="col" class="num">"Chapter"</th>
                        <th scope="col" class="grow">"Title"</th>
                        <th scope="col" class="num">"Approved"</th>
                        <th scope="col" class="num">"Unreviewed"</th>
                        <th scope="col">"State"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    })
}

fn chapter_row(chapter: &BankChapter) -> impl IntoView + use<> {
    let (tone, words) = match (chapter.approved, chapter.unreviewed) {
        (0, 0) => ("quiet", "no questions"),
        (_, 0) => ("done", "reviewed"),
        (0, _) => ("late", "closed until reviewed"),
        _ => ("turn", "some to review"),
    };
    view! {
        <tr>
            <td class="num" data-label="Chapter">{chapter.number}</td>
            <th scope="row"><a href=format!("/coordinator/questions/{}", chapter.id)>{chapter.title.clone()}</a></th>
            <td class="num" data-label="Approved">{chapter.approved}</td>
            <td class="num" data-label="Unreviewed">{chapter.unreviewed}</td>
            <td data-label="State"><span class="tag" data-tone=tone>{words}</span></td>
        </tr>
    }
}

pub async fn chapter() -> Result<Page, AppError> {
    let who = viewer().await?.coordinator()?;
    let id: ChapterId = param("chapter")?;
    let copy = Form::open_for("copy-questions", &[("chapter", id.to_string())]).await?;
    let mut tx = state().db.read().await?;
    let chapter = store::find_bank_chapter(&mut tx, &who, id).await?.ok_or(AppError::NotFound)?;
    let (retired, live): (Vec<Question>, Vec<Question>) =
        store::list_questions(&mut tx, &who, id).await?.into_iter().partition(|question| question.retired_at.is_some());
    let bank = store::list_bank(&mut tx, &who).await?;
    let title = format!("Questions of chapter {}", chapter.number);
    let body = view! {
        <nav aria-label="Where you are">
            <ol class="crumbs" role="list">
                <li><a href="/coordinator/questions">"Questions"</a></li>
                <li><a href=outline_path(chapter.outline_id)>{outline_name(&chapter)}</a></li>
                <li>{format!("Chapter {}", chapter.number)}</li>
            </ol>
        </nav>
        <p class="eyebrow">{title.clone()}</p>
        <h1>{chapter.title.clone()}</h1>
        <p class="lede">{format!("{} approved, {} unreviewed.", chapter.approved, chapter.unreviewed)}{topics(&live)}</p>
        {(!has_tests(&chapter)).then(|| view! {
            <p class="muted">"This outline belongs to no option with post-tests, so its questions are asked of nobody."</p>
        })}
        {live.iter().enumerate().map(|(index, question)| question_view(question, Some(index + 1))).collect_view()}
        {several(id, &live)}
        {approve_all(id, &live)}
        {ways_to_write(id)}
        <section>
            <h2>"Files"</h2>
            <p><a href=format!("/coordinator/questions/import?chapter={id}")>"Import questions"</a>" from GIFT or Moodle XML."</p>
            {(!live.is_empty()).then(|| view! {
                <p>"Save these questions as "<FileLinks path=format!("/coordinator/questions/{id}") />"."</p>
            })}
        </section>
        {copy_form(copy, id, &bank)}
        {(!retired.is_empty()).then(|| view! {
            <details>
                <summary>{format!("Retired questions ({})", retired.len())}</summary>
                {retired.iter().map(|question| question_view(question, None)).collect_view()}
            </details>
        })}
    };
    Ok(Page::usual(title, body))
}

/// Approves every question that stands on the page unreviewed, and no other that was added meanwhile. It comes after
/// the questions, because they are to be read first.
fn approve_all(chapter: ChapterId, live: &[Question]) -> Option<impl IntoView + use<>> {
    let waiting: Vec<QuestionId> =
        live.iter().filter(|question| question.approved_at.is_none()).map(|question| question.id).collect();
    (waiting.len() > 1).then(|| {
        view! {
            <form method="post" action="/api/approve-questions">
                <input type="hidden" name="chapter" value=chapter.to_string() />
                {waiting.iter().map(|one| view! { <input type="hidden" name="question" value=one.to_string() /> }).collect_view()}
                <p class="hint">"By approving you say that you have read each one as a CDCES (Certified Diabetes Care and Education Specialist)."</p>
                <div class="actions"><button class="button">{format!("Approve all {}", waiting.len())}</button></div>
            </form>
        }
    })
}

fn ways_to_write(chapter: ChapterId) -> impl IntoView {
    let links = QuestionKind::ALL
        .iter()
        .map(|kind| {
            let path = format!("/coordinator/questions/{chapter}/write/{kind}");
            view! { <a class="button quiet" href=path>{kind.name()}</a> }
        })
        .collect_view();
    view! {
        <section>
            <h2>"Write a question"</h2>
            <p class="muted">"In your own words: nothing is copied from the book."</p>
            <div class="actions">{links}</div>
        </section>
    }
}

fn copy_form(form: Form, here: ChapterId, bank: &[BankChapter]) -> Option<impl IntoView + use<>> {
    let choices: Vec<Choice> = bank
        .iter()
        .filter(|chapter| chapter.id != here && chapter.approved + chapter.unreviewed > 0)
        .map(|chapter| (chapter.id.to_string(), format!("{}: {}. {}", outline_name(chapter), chapter.number, chapter.title)))
        .collect();
    let open = !form.is_fresh();
    (!choices.is_empty()).then(|| {
        view! {
            <details open=open>
                <summary>"Copy questions from another chapter"</summary>
                <FormFor form>
                    <Hidden name="chapter" value=here.to_string() />
                    <SelectField form name="from" label="Copy from" choices
                        hint="They arrive unreviewed; what is here already is left out." />
                    <div class="actions"><button class="button quiet">"Copy"</button></div>
                </FormFor>
            </details>
        }
    })
}

/// A question with its key. Without a number it is retired, and nothing can be done to it.
fn question_view(question: &Question, number: Option<usize>) -> impl IntoView + use<> {
    let draft = &question.draft;
    let legend = number.map_or_else(|| draft.text.clone(), |number| format!("{number}. {}", draft.text));
    let topic = (!draft.topic.is_empty()).then(|| format!(", {}", draft.topic));
    let version = (question.version > 1).then(|| format!(", version {}", question.version));
    let path = question_path(question.chapter_id, question.id);
    let (id, label) = (question.id.to_string(), number.map(|number| format!("Choose question {number}")));
    view! {
        <fieldset class="question">
            <legend>{legend}</legend>
            <p class="hint">{question.kind().name()}{topic}{version}", "{standing(question)}</p>
            {with_key(draft)}
            <p class="small"><a href=path>"As the mentee sees it, picture and versions"</a></p>
            {label.map(|label| view! {
                <label class="choice no-print"><input type="checkbox" name="question" value=id form="several" /><span>{label}</span></label>
                {actions(question)}
            })}
        </fieldset>
    }
}

/// ", on insulin (3) and food (2)"
fn topics(live: &[Question]) -> String {
    let mut counts: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
    for question in live.iter().filter(|question| !question.draft.topic.is_empty()) {
        *counts.entry(&question.draft.topic).or_default() += 1;
    }
    if counts.is_empty() {
        return String::new();
    }
    let words: Vec<String> = counts.into_iter().map(|(topic, count)| format!("{topic} ({count})")).collect();
    format!(" Topics: {}.", words.join(", "))
}

/// What is done to the questions that are chosen above.
fn several(chapter: ChapterId, live: &[Question]) -> Option<impl IntoView + use<>> {
    (live.len() > 1).then(|| {
        view! {
            <form id="several" method="post" action="/api/approve-questions">
                <input type="hidden" name="chapter" value=chapter.to_string() />
                <p class="hint">"For those you have chosen above:"</p>
                <div class="actions">
                    <button class="button quiet">"Approve the chosen"</button>
                    <button class="button danger quiet" formaction="/api/retire-questions">"Retire the chosen"</button>
                </div>
            </form>
        }
    })
}

/// Links to both file formats under a path.
#[component]
fn FileLinks(path: String) -> impl IntoView {
    view! {
        <a href=format!("{path}/questions.gift.txt") download="">"GIFT"</a>" or "
        <a href=format!("{path}/questions.xml") download="">"Moodle XML"</a>
    }
}

pub(super) fn standing(question: &Question) -> AnyView {
    match (question.retired_at, question.approved_at) {
        (Some(at), _) => view! { <span class="tag" data-tone="quiet">"retired "<DayOf at=at /></span> }.into_any(),
        (None, None) => view! { <span class="tag" data-tone="turn">"unreviewed"</span> }.into_any(),
        (None, Some(at)) => {
            let by = question.approved_by.clone().map(|name| format!(" by {name}"));
            view! { <span class="tag" data-tone="done">"approved "<DayOf at=at />{by}</span> }.into_any()
        }
    }
}

/// What a CDCES can do with a version that is not retired.
pub(super) fn actions(question: &Question) -> impl IntoView + use<> {
    let (id, chapter) = (question.id.to_string(), question.chapter_id.to_string());
    let edit = format!("/coordinator/questions/{chapter}/edit/{id}");
    let retired = id.clone();
    let may = |action| question.status().after(action).is_ok();
    view! {
        <div class="actions">
            {may(Action::Approve).then(|| view! {
                <form method="post" action="/api/approve-questions">
                    <input type="hidden" name="chapter" value=chapter />
                    <input type="hidden" name="question" value=id />
                    <button class="button quiet small">"Approve"</button>
                </form>
            })}
            <a class="button quiet small" href=edit>"Edit"</a>
            <form method="post" action="/api/retire-question">
                <input type="hidden" name="question" value=retired />
                <button class="button danger quiet small">"Retire"</button>
            </form>
        </div>
    }
}

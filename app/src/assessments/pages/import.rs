//! Files of questions: one to choose, what is in it and what cannot be taken, where its questions go, and what became of it.

use std::collections::BTreeMap;

use leptos::prelude::*;

use super::bank::{chapter_label, outline_name};
use crate::app::{param, query};
use crate::assessments::api::{QUESTIONS_FORM, categories};
use crate::assessments::formats::Refused;
use crate::assessments::store::{self, Asked, BankChapter, File, FileState, Known};
use crate::enrollments::carry::normal;
use crate::error::AppError;
use crate::form::Form;
use crate::id::{ChapterId, OutlineId, QuestionImportId};
use crate::imports::progress;
use crate::people::viewer;
use crate::state;
use crate::ui::{Choice, FileField, FormFor, Hidden, Moment, Page, SelectField, TickField, UploadFormFor};

/// Lines of each list that are shown.
const SHOWN: usize = 50;
/// Categories that are asked about one by one.
const MOST_CATEGORIES: usize = 60;

fn crumbs(here: &str) -> impl IntoView + use<> {
    let here = here.to_owned();
    view! {
        <nav aria-label="Where you are">
            <ol class="crumbs" role="list"><li><a href="/coordinator/questions">"Questions"</a></li><li>{here}</li></ol>
        </nav>
    }
}

/// `/coordinator/questions/import`
pub async fn files() -> Result<Page, AppError> {
    let who = viewer().await?.coordinator()?;
    let form = Form::open(QUESTIONS_FORM).await?;
    let mut tx = state().db.read().await?;
    let bank = store::list_bank(&mut tx, &who).await?;
    let before = store::list_files(&mut tx, &who).await?;
    drop(tx);
    let chapter = query("chapter").and_then(|id| id.parse::<ChapterId>().ok());
    let chapter = chapter.and_then(|id| bank.iter().find(|one| one.id == id)).cloned();
    let outlines: Vec<Choice> = bank
        .chunk_by(|one, other| one.outline_id == other.outline_id)
        .filter_map(|chapters| chapters.first())
        .map(|first| (first.outline_id.to_string(), outline_name(first)))
        .collect();
    let asked = query("outline").and_then(|id| id.parse::<OutlineId>().ok());
    let outline = chapter.as_ref().map(|chapter| chapter.outline_id).or(asked).map(|id| id.to_string()).unwrap_or_default();
    let body = view! {
        {crumbs("Import")}
        <h1>"Import questions"</h1>
        <p class="lede">"From Moodle or any program that writes GIFT or Moodle XML. You see what can be taken before anything is done. Imported questions are unreviewed: none counts before you approve it."</p>
        <UploadFormFor form>
            {match chapter {
                Some(chapter) => view! {
                    <Hidden name="outline" value=outline />
                    <Hidden name="chapter" value=chapter.id.to_string() />
                    <p>"For "{chapter_label(&chapter)}" of "{outline_name(&chapter)}"."</p>
                }.into_any(),
                None => view! { <SelectField form name="outline" label="For the chapters of" choices=outlines value=outline /> }.into_any(),
            }}
            <FileField form name="file" label="File of questions" accept=".txt,.gift,.xml,text/plain,text/xml"
                hint="GIFT or Moodle XML, up to 20 MB and 20,000 questions. Nothing copied from a book." />
            <p class="privacy-note">"No patient details, please keep it about your learning."</p>
            <div class="actions"><button class="button">"Look at the file"</button></div>
        </UploadFormFor>
        {what_is_taken()}
        {(!before.is_empty()).then(|| view! {
            <section><h2>"Files before"</h2><ul class="lines" role="list">{before.into_iter().map(file_line).collect_view()}</ul></section>
        })}
    };
    Ok(Page::usual("Import questions", body))
}

fn what_is_taken() -> impl IntoView {
    view! {
        <details>
            <summary>"What is taken"</summary>
            <ul>
                <li>"Multiple choice with one or several right answers and partial credit, true or false, matching, numbers with a tolerance or a range, short answers, essays, and a missing word."</li>
                <li>"Names, categories, explanations for the question and for each answer, tags (the first becomes the topic), and a note for who marks an essay."</li>
                <li>"A picture in the question, PNG or JPEG, if it has alternative text. Markup becomes plain text."</li>
                <li>"Everything else is named with its line and why it cannot be taken."</li>
            </ul>
        </details>
    }
}

fn file_line(file: File) -> impl IntoView {
    let (tone, words) = match file.state {
        FileState::Read => ("turn", "read, not imported".to_owned()),
        FileState::Done if file.added_count == 1 => ("done", "1 question imported".to_owned()),
        FileState::Done => ("done", format!("{} questions imported", file.added_count)),
    };
    view! {
        <li>
            <span class="line-main"><a href=format!("/coordinator/questions/import/{}", file.id)>{file.file_name}</a></span>
            <span class="line-meta">{file.format.name()}", "<Moment at=file.done_at.unwrap_or(file.read_at) /></span>
            <span class="line-action"><span class="tag" data-tone=tone>{words}</span></span>
        </li>
    }
}

/// `/coordinator/questions/import/{questions}`: what is in a file, how far it is, or what it brought.
pub async fn file() -> Result<Page, AppError> {
    let who = viewer().await?.coordinator()?;
    let id: QuestionImportId = param("questions")?;
    let start = Form::open_for("import-questions", &[("questions", id.to_string())]).await?;
    let discard = Form::open("discard-questions").await?;
    let mut tx = state().db.read().await?;
    let file = store::find_file(&mut tx, &who, id).await?.ok_or(AppError::NotFound)?;
    if let (FileState::Read, Some(now)) = (file.state, progress::of(id.0)) {
        return Ok(under_way(&file, now));
    }
    let chapters = store::list_outline_chapters(&mut tx, &who, file.outline_id).await?;
    if file.state == FileState::Done {
        return Ok(done(&file, &chapters));
    }
    let (asked, refused) = store::read_file(&mut tx, &who, id).await?;
    let known = store::list_known(&mut tx, &who, file.outline_id).await?;
    drop(tx);
    Ok(preview(&file, &chapters, &asked, &refused, &known, (start, discard)))
}

fn head(file: &File, title: &str) -> impl IntoView + use<> {
    let title = title.to_owned();
    view! {
        <nav aria-label="Where you are">
            <ol class="crumbs" role="list">
                <li><a href="/coordinator/questions">"Questions"</a></li>
                <li><a href="/coordinator/questions/import">"Import"</a></li>
                <li>{file.file_name.clone()}</li>
            </ol>
        </nav>
        <h1>{title}</h1>
    }
}

fn under_way(file: &File, (done, of): (usize, usize)) -> Page {
    let words = if of == 0 { "Looking at the questions…".to_owned() } else { format!("{done} of {of} questions") };
    let body = view! {
        {head(file, "Importing questions")}
        <p role="status">{words.clone()}</p>
        <p><meter min="0" max=of.max(1).to_string() value=done.to_string() aria-label="Questions imported">{words}</meter></p>
        <p class="muted">"This page comes again by itself. All questions are imported or none. "
            <a href=format!("/coordinator/questions/import/{}", file.id)>"Look again"</a></p>
    };
    Page::usual("Importing questions", body).coming_again()
}

fn done(file: &File, chapters: &[BankChapter]) -> Page {
    let by = file.done_by.clone().unwrap_or_default();
    let waiting = chapters.iter().filter(|chapter| chapter.unreviewed > 0).map(|chapter| view! {
        <li>
            <span class="line-main"><a href=format!("/coordinator/questions/{}", chapter.id)>{chapter_label(chapter)}</a></span>
            <span class="line-meta">{format!("{} unreviewed", chapter.unreviewed)}</span>
        </li>
    });
    let words = if file.added_count == 1 {
        "1 question is imported.".to_owned()
    } else {
        format!("{} questions are imported.", file.added_count)
    };
    let body = view! {
        {head(file, "Questions imported")}
        <p class="lede">{words}" They count once you have approved them."</p>
        <p class="muted">{file.format.name()}", by "{by}", "{file.done_at.map(|at| view! { <Moment at /> })}</p>
        <h2>"To review"</h2>
        <ul class="lines" role="list">{waiting.collect_view()}</ul>
    };
    Page::usual("Questions imported", body)
}

fn preview(
    file: &File,
    chapters: &[BankChapter],
    asked: &[Asked],
    refused: &[Refused],
    known: &Known,
    (start, discard): (Form, Form),
) -> Page {
    let there = asked.iter().filter(|one| known.contains_key(&one.fingerprint)).count();
    let id = file.id.to_string();
    let body = view! {
        {head(file, "Import questions")}
        <p class="lede">{file.format.name()}", for "{chapters.first().map(outline_name)}</p>
        {file.problem.clone().map(|problem| view! { <div class="notice warn" role="alert"><p>{problem}</p></div> })}
        <dl class="facts">
            <div><dt>"Can be taken"</dt><dd class="num">{asked.len()}</dd></div>
            <div><dt>"Of them in the bank already"</dt><dd class="num">{there}</dd></div>
            <div><dt>"Cannot be taken"</dt><dd class="num">{refused.len()}</dd></div>
        </dl>
        {refusals(refused)}
        {(!asked.is_empty()).then(|| start_form(start, file, chapters, asked, !refused.is_empty()))}
        {questions(asked, chapters, known)}
        <form method="post" action=discard.action() class="no-print">
            <input type="hidden" name="_for" value=discard.whose() />
            <Hidden name="questions" value=id />
            <div class="actions"><button class="button quiet">"Choose another file"</button></div>
        </form>
    };
    Page::usual("Import questions", body)
}

fn more(count: usize) -> Option<impl IntoView> {
    (count > SHOWN).then(|| view! { <p class="muted">{format!("and {} more", count - SHOWN)}</p> })
}

fn refusals(refused: &[Refused]) -> Option<impl IntoView + use<>> {
    let rows = refused
        .iter()
        .take(SHOWN)
        .map(|one| view! { <tr><th scope="row">{format!("Line {}", one.line)}</th><td data-label="Why">{one.reason.clone()}</td></tr> })
        .collect_view();
    let count = refused.len();
    (count > 0).then(|| {
        view! {
            <section aria-labelledby="refused">
                <h2 id="refused">"What cannot be taken"</h2>
                <div class="table-wrap"><table class="ledger">
                    <thead><tr><th scope="col">"Where"</th><th scope="col" class="grow">"Why"</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table></div>
                {more(count)}
            </section>
        }
    })
}

fn start_form(form: Form, file: &File, chapters: &[BankChapter], asked: &[Asked], has_refused: bool) -> impl IntoView + use<> {
    let choices: Vec<Choice> = chapters.iter().map(|chapter| (chapter.id.to_string(), chapter_label(chapter))).collect();
    let found = categories(asked);
    let by_category = found.len() > 1 && found.len() <= MOST_CATEGORIES;
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for one in asked {
        *counts.entry(&one.category).or_default() += 1;
    }
    let selects = by_category.then(|| {
        let rows = found
            .iter()
            .enumerate()
            .map(|(place, category)| category_row(form, place, category, counts.get(category).copied().unwrap_or(0), chapters))
            .collect_view();
        view! { <fieldset><legend>"By category"</legend><p class="hint">"A category without a chapter is left out."</p>{rows}</fieldset> }
    });
    let guess = match found.as_slice() {
        [only] if file.chapter_id.is_none() => guess(only, chapters),
        _ => file.chapter_id,
    };
    let all = guess.map(|id| id.to_string()).unwrap_or_default();
    let id = file.id.to_string();
    let label = if by_category { "Or all into one chapter" } else { "Into the chapter" };
    view! {
        <section aria-labelledby="where">
            <h2 id="where">"Where they go"</h2>
            <FormFor form>
                <Hidden name="questions" value=id />
                {selects}
                <SelectField form name="all" label choices value=all optional=by_category
                    hint="What is in the chapter already stays out, and so does what comes twice." />
                {has_refused.then(|| view! { <TickField form name="leave-out" label="Leave out what cannot be taken" /> })}
                <div class="actions"><button class="button">"Import, unreviewed"</button></div>
            </FormFor>
        </section>
    }
}

fn category_row(form: Form, place: usize, category: &str, count: usize, chapters: &[BankChapter]) -> impl IntoView + use<> {
    let name = format!("into[{place}]");
    let chosen = form.value(&name, guess(category, chapters).map(|id| id.to_string()).unwrap_or_default());
    let id = form.id(&name);
    let options = chapters
        .iter()
        .map(|chapter| {
            let value = chapter.id.to_string();
            let selected = value == chosen;
            view! { <option value=value selected=selected>{chapter_label(chapter)}</option> }
        })
        .collect_view();
    let words = if category.is_empty() { "Without a category".to_owned() } else { category.to_owned() };
    let error = form.error(&name).map(|message| view! { <p class="field-error">{message}</p> });
    view! {
        <div class="field">
            <label for=id.clone()>{format!("{words} ({count})")}</label>
            {error}
            <select id=id name=name><option value="">"Left out"</option>{options}</select>
        </div>
    }
}

/// The chapter that a category is for: its number or its title, in the last part of the path that names one.
fn guess(category: &str, chapters: &[BankChapter]) -> Option<ChapterId> {
    category.split('/').rev().find_map(|part| {
        let part = normal(part);
        let number = part.split(' ').find_map(|word| word.parse::<i32>().ok());
        let by_title = chapters.iter().find(|chapter| {
            let title = normal(&chapter.title);
            !title.is_empty()
                && (part == title || part == format!("{} {title}", chapter.number) || part.ends_with(&format!(" {title}")))
        });
        let numbered = part.starts_with("chapter ") || part.starts_with(|sign: char| sign.is_ascii_digit());
        by_title
            .or_else(|| chapters.iter().find(|chapter| numbered && Some(chapter.number) == number))
            .map(|chapter| chapter.id)
    })
}

fn questions(asked: &[Asked], chapters: &[BankChapter], known: &Known) -> Option<impl IntoView + use<>> {
    let rows = asked
        .iter()
        .take(SHOWN)
        .map(|one| {
            let there = known.get(&one.fingerprint).and_then(|ids| chapters.iter().find(|chapter| ids.contains(&chapter.id)));
            let text: String = one.draft.text.chars().take(200).collect();
            view! {
                <tr>
                    <td class="num" data-label="Line">{one.line}</td>
                    <th scope="row">{text}</th>
                    <td data-label="Kind">{one.draft.body.kind().name()}</td>
                    <td data-label="Category">{one.category.clone()}</td>
                    <td data-label="Standing">{match there {
                        Some(chapter) => view! { <span class="tag" data-tone="quiet">{format!("in chapter {} already", chapter.number)}</span> }.into_any(),
                        None => "new".into_any(),
                    }}</td>
                </tr>
            }
        })
        .collect_view();
    let count = asked.len();
    (count > 0).then(|| {
        view! {
            <section aria-labelledby="taken">
                <h2 id="taken">"What can be taken"</h2>
                <div class="table-wrap"><table class="ledger">
                    <thead><tr>
                        <th scope="col" class="num">"Line"</th><th scope="col" class="grow">"Question"</th><th scope="col">"Kind"</th>
                        <th scope="col">"Category"</th><th scope="col">"Standing"</th>
                    </tr></thead>
                    <tbody>{rows}</tbody>
                </table></div>
                {more(count)}
            </section>
        }
    })
}

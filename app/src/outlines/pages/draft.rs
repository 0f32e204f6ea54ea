//! The draft of a version: the pasted table of contents line by line, the chapters as they will be, what stays of the
//! version before, what becomes of the questions, and the button that publishes it.

use leptos::prelude::*;

use super::super::api::name;
use super::super::compare::{self, Row};
use super::super::store::draft::{self, Draft};
use super::super::store::{self, Chapter, Questions, options};
use super::super::{Line, MOST_CHAPTERS, ReadLine, Understood, contents, edition_path, outline_path, read};
use super::{compared::table, compared_fields, copies, crumbs, sum};
use crate::app::{param, query};
use crate::error::AppError;
use crate::form::Form;
use crate::id::{ChapterId, OutlineDraftId};
use crate::people::viewer;
use crate::state;
use crate::ui::{Choice, DayOf, ErrorSummary, FormFor, Hidden, Page, TextArea, TextField, TickField};

/// The most lines of a pasted text that are shown as they were read.
const MOST_SHOWN: usize = 300;

/// The forms of this page, of which one may have been refused.
struct Forms {
    read: Form,
    save: Form,
    publish: Form,
    discard: Form,
}

impl Forms {
    async fn open(id: OutlineDraftId) -> Result<Self, AppError> {
        let target = [("outline_draft", id.to_string())];
        Ok(Self {
            read: Form::open_for("read-contents", &target).await?,
            save: Form::open_for("save-outline-draft", &target).await?,
            publish: Form::open_for("publish-outline", &target).await?,
            discard: Form::open_for("discard-outline-draft", &target).await?,
        })
    }
}

/// The version that a draft follows, with what its chapters have.
#[derive(Default)]
struct Before {
    chapters: Vec<Chapter>,
    questions: Vec<Questions>,
}

pub async fn draft() -> Result<Page, AppError> {
    let who = viewer().await?.coordinator()?;
    let id: OutlineDraftId = param("outline_draft")?;
    let forms = Forms::open(id).await?;
    let mut tx = state().db.read().await?;
    let draft = draft::find(&mut tx, &who, id).await?.ok_or(AppError::NotFound)?;
    let before = match draft.outline_id {
        Some(outline) => Before {
            chapters: store::list_chapters(&mut tx, outline).await?,
            questions: store::list_questions(&mut tx, outline).await?,
        },
        None => Before::default(),
    };
    let copies = copies(&mut tx, &who, draft.edition_id).await?;
    drop(tx);
    let title = match draft.follows {
        Some(version) => format!("Draft after version {version}"),
        None => "Draft of the first version".to_owned(),
    };
    let inner = match draft.allow_changes() {
        Ok(()) => open(forms, &draft, &before, copies).into_any(),
        Err(refusal) => ended(&forms, &draft, refusal.to_string()).into_any(),
    };
    let body = view! {
        {crumbs(&draft.book, draft.edition_id, Vec::new(), &title)}
        <p class="eyebrow">{format!("{}, {}", draft.book, draft.edition)}</p>
        <h1>{title.clone()}</h1>
        <p class="muted">{format!("For {}. Last changed ", options(&draft.options.0))}<DayOf at=draft.changed_at />{format!(" by {}. ", draft.changed_by)}"Nobody studies by it before it is published."</p>
        {inner}
    };
    Ok(Page::wide(title, body))
}

/// A draft that was published or thrown away. What was typed for it when somebody else was quicker is given back.
fn ended(forms: &Forms, draft: &Draft, words: String) -> impl IntoView + use<> {
    let path = draft.published_id.map_or_else(|| edition_path(draft.edition_id), outline_path);
    let typed = forms.read.typed("contents").unwrap_or_else(|| contents(&draft.lines.0));
    view! {
        <ErrorSummary form=forms.publish />
        <ErrorSummary form=forms.save />
        <ErrorSummary form=forms.read />
        <p class="lede">{words}" "<a href=path>"Go on from there"</a></p>
        <h2>"Its chapters"</h2>
        <pre dir="auto">{typed}</pre>
    }
}

fn open(forms: Forms, draft: &Draft, before: &Before, copies: Vec<Choice>) -> impl IntoView + use<> {
    let empty = draft.lines.is_empty();
    let published: Vec<Line> = before.chapters.iter().map(Line::from).collect();
    let keys: Vec<ChapterId> = before.chapters.iter().map(|chapter| chapter.id).collect();
    let follows: Vec<Option<ChapterId>> = draft.lines.iter().map(|line| line.follows).collect();
    let lines: Vec<Line> =
        draft.lines.iter().map(|line| Line { minutes: Some(draft.minutes_of(line)), ..line.clone() }).collect();
    let rows = compare::compare(&published, &keys, &lines, &follows);
    view! {
        {paste(forms.read, draft, empty).into_any()}
        {(!empty || !forms.save.is_fresh()).then(|| chapters(forms.save, draft, &before.chapters).into_any())}
        {(!before.chapters.is_empty() && !empty).then(|| comparison(draft, &rows))}
        {(!before.chapters.is_empty() && !empty).then(|| questions(draft, before))}
        {(!empty).then(|| publish(forms.publish, draft, copies))}
        {discard(forms.discard, draft)}
    }
}

/// What every form of the draft says: which one, and which of its changes was shown.
fn shown(draft: &Draft) -> impl IntoView + use<> {
    view! {
        <Hidden name="outline_draft" value=draft.id.to_string() />
        <Hidden name="revision" value=draft.revision.to_string() />
    }
}

fn paste(form: Form, draft: &Draft, empty: bool) -> impl IntoView + use<> {
    let text = form.value("contents", draft.contents.clone());
    let reading = read(&text).lines;
    let refused = !form.is_fresh();
    let hint = format!(
        "One line a chapter, as it stands in the book or on a web page. Numbers (also roman), parts, pages and bullets are understood; a line like \"3. Glucose goals, pp. 45–78, 45 min (optional)\" says everything. Up to {MOST_CHAPTERS} chapters."
    );
    let (shown, minutes) = (shown(draft), draft.minutes.to_string());
    let as_read = (!reading.is_empty()).then(|| as_read(&reading, refused));
    view! {
        <details id="paste" open=empty || refused>
            <summary>{if empty { "Paste the table of contents" } else { "Paste another table of contents" }}</summary>
            <FormFor form>
                {shown}
                <TextArea form name="contents" label="Table of contents" value=text rows=14 hint=hint privacy=false />
                <TextField form name="minutes" label="Minutes of a chapter whose line names none" kind="number" value=minutes size="short" />
                <div class="actions"><button class="button">"Read it"</button></div>
                {(!empty).then(|| view! { <p class="hint">"The chapters below are replaced by what is read. Chapters that keep their title stay what they are."</p> })}
            </FormFor>
            {as_read}
        </details>
    }
}

/// Every line, and what it was taken for.
fn as_read(lines: &[ReadLine], refused: bool) -> impl IntoView + use<> {
    let rows = lines.iter().take(MOST_SHOWN).map(read_row).collect_view();
    let more = lines.len().saturating_sub(MOST_SHOWN);
    let count = |fits: fn(&Understood) -> bool| lines.iter().filter(|line| fits(&line.understood)).count();
    let chapters = count(|one| matches!(one, Understood::Chapter(_)));
    let problems = count(|one| matches!(one, Understood::Problem(_)));
    let summary = match problems {
        0 => format!("How it was read: {chapters} chapters"),
        1 => format!("How it was read: {chapters} chapters, 1 problem"),
        problems => format!("How it was read: {chapters} chapters, {problems} problems"),
    };
    view! {
        <details open=refused>
            <summary>{summary}</summary>
            <div class="table-wrap">
                <table class="ledger">
                    <thead><tr><th scope="col" class="num">"Line"</th><th scope="col" class="grow">"As it was pasted"</th><th scope="col">"Taken for"</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            {(more > 0).then(|| view! { <p class="muted">{format!("And {more} more lines.")}</p> })}
        </details>
    }
}

fn read_row(line: &ReadLine) -> impl IntoView + use<> {
    let text: String = line.text.chars().take(super::super::LONGEST_TITLE).collect();
    let remark = (!line.remark.is_empty()).then(|| view! { " "<small>{line.remark.clone()}</small> });
    let taken = match &line.understood {
        Understood::Chapter(chapter) => view! { <span dir="auto">{chapter.to_string()}</span> }.into_any(),
        Understood::Part(name) if name.is_empty() => view! { <span class="muted">"the end of a part"</span> }.into_any(),
        Understood::Part(name) => view! { "the part “"<span dir="auto">{name.clone()}</span>"”" }.into_any(),
        Understood::LeftOut(why) => view! { <span class="muted">{format!("left out: {why}")}</span> }.into_any(),
        Understood::Problem(words) => {
            view! { <span class="tag" data-tone="late">"problem"</span>{format!(" {words}")} }.into_any()
        }
    };
    view! {
        <tr>
            <td class="num" data-label="Line">{line.at}</td>
            <td data-label="Pasted" dir="auto"><span>{text}</span></td>
            <td data-label="Taken for"><span>{taken}{remark}</span></td>
        </tr>
    }
}

/// A field of a chapter as it is typed into a row.
struct Cell {
    field: &'static str,
    label: &'static str,
    value: String,
    numeric: bool,
}

fn chapters(form: Form, draft: &Draft, before: &[Chapter]) -> impl IntoView + use<> {
    let minutes = draft.lines.iter().map(|line| draft.minutes_of(line)).sum();
    // A refused form comes back with as many rows as it had.
    let typed = (0..=MOST_CHAPTERS).take_while(|at| form.typed(&name("title", *at)).is_some()).count();
    let saved = draft.lines.len() + usize::from(query("add").is_some());
    let count = if form.is_fresh() { saved } else { typed };
    let pairs = draft::pairs(before, &draft.lines.0);
    let rows = (0..count).map(|at| row(form, draft, at, count, &follow_choices(before, &pairs, draft, at))).collect_view();
    let shown = shown(draft);
    view! {
        <section id="chapters">
            <h2>"Chapters"</h2>
            <p class="muted">{sum(draft.lines.len(), minutes)}</p>
            <FormFor form class="form wide">
                {shown}
                <div class="actions"><button class="button">"Save the chapters"</button></div>
                <ol class="chapter-rows" role="list">{rows}</ol>
                <div class="actions">
                    <button class="button">"Save the chapters"</button>
                    {(count < MOST_CHAPTERS).then(|| view! { <button class="button quiet" name="step" value="add">"Save and add a chapter"</button> })}
                </div>
            </FormFor>
        </section>
    }
}

/// Which chapters of the version before a chapter can be under another title: those that nothing else continues.
fn follow_choices(before: &[Chapter], pairs: &[Option<usize>], draft: &Draft, at: usize) -> Vec<Choice> {
    let own = pairs.get(at).copied().flatten();
    let by_title = own.is_some() && draft.lines.get(at).is_some_and(|line| line.follows.is_none());
    if by_title {
        return Vec::new();
    }
    before
        .iter()
        .enumerate()
        .filter(|(place, _)| own == Some(*place) || !pairs.contains(&Some(*place)))
        .map(|(_, chapter)| (chapter.id.to_string(), format!("{}. {}", chapter.number, chapter.title)))
        .collect()
}

fn row(form: Form, draft: &Draft, at: usize, count: usize, follows: &[Choice]) -> impl IntoView + use<> {
    let line = draft.lines.get(at);
    let last = draft.lines.last().map_or(0, |line| line.number);
    let text = |value: Option<String>| value.unwrap_or_default();
    let number = line.map_or(last + 1, |line| line.number).to_string();
    let cells = [
        Cell { field: "number", label: "Number", value: number, numeric: true },
        Cell { field: "title", label: "Title", value: text(line.map(|line| line.title.clone())), numeric: false },
        Cell {
            field: "part",
            label: "Part",
            value: text(line.map_or_else(|| draft.lines.last().map(|line| line.part.clone()), |line| Some(line.part.clone()))),
            numeric: false,
        },
        Cell {
            field: "pages",
            label: "Pages",
            value: text(line.and_then(|line| line.pages).map(|pages| pages.to_string())),
            numeric: false,
        },
        Cell {
            field: "minutes",
            label: "Minutes",
            value: text(line.and_then(|line| line.minutes).map(|minutes| minutes.to_string())),
            numeric: true,
        },
    ];
    let fields = cells.into_iter().map(|one| cell(form, at, one)).collect_view();
    let optional = form.chosen(&name("optional", at), "yes", line.is_some_and(|line| !line.required));
    let follows = (!follows.is_empty()).then(|| follows_field(form, at, line.and_then(|line| line.follows), follows));
    let steps = [("up", "Up", at > 0), ("down", "Down", at + 1 < count), ("drop", "Leave out", true)]
        .into_iter()
        .filter(|(.., there)| *there)
        .map(|(step, words, _)| {
            let spoken = format!("{words}: row {}", at + 1);
            view! { <button class="button quiet small" name="step" value=format!("{step}.{at}") aria-label=spoken>{words}</button> }
        })
        .collect_view();
    view! {
        <li id=format!("row-{at}")>
            {fields}
            {follows}
            <label class="choice">
                <input type="checkbox" name=name("optional", at) value="yes" checked=optional />
                <span>"Optional"</span>
            </label>
            <div class="actions">{steps}</div>
        </li>
    }
}

fn cell(form: Form, at: usize, cell: Cell) -> impl IntoView {
    let field = name(cell.field, at);
    let (id, error) = (form.id(&field), form.error(&field));
    let described = error.as_ref().map(|_| format!("{id}-error"));
    view! {
        <div class="field" data-cell=cell.field data-invalid=error.is_some().then_some("")>
            <label for=id.clone()>{cell.label}<span class="visually-hidden">{format!(", row {}", at + 1)}</span></label>
            {error.clone().map(|message| view! { <p class="field-error" id=format!("{id}-error")>{message}</p> })}
            <input
                id=id
                name=field.clone()
                type="text"
                dir="auto"
                value=form.value(&field, cell.value)
                inputmode=cell.numeric.then_some("numeric")
                aria-describedby=described
                aria-invalid=error.is_some().then_some("true")
            />
        </div>
    }
}

fn follows_field(form: Form, at: usize, follows: Option<ChapterId>, choices: &[Choice]) -> impl IntoView + use<> {
    let field = name("follows", at);
    let (id, chosen) = (form.id(&field), form.value(&field, follows.map(|id| id.to_string()).unwrap_or_default()));
    let options = choices
        .iter()
        .map(|(value, words)| {
            let selected = *value == chosen;
            view! { <option value=value.clone() selected=selected>{words.clone()}</option> }
        })
        .collect_view();
    view! {
        <div class="field" data-cell="follows">
            <label for=id.clone()>"Was before"<span class="visually-hidden">{format!(", row {}", at + 1)}</span></label>
            <select id=id name=field><option value="">"A new chapter"</option>{options}</select>
        </div>
    }
}

fn comparison(draft: &Draft, rows: &[Row]) -> impl IntoView + use<> {
    let version = draft.follows.unwrap_or_default();
    view! {
        <section id="comparison">
            <h2>{format!("Compared with version {version}")}</h2>
            <p>{compare::summary(rows)}" A chapter is the same when its title is, or when you say above what it was before."</p>
            <details><summary>"Chapter by chapter"</summary>{table(rows, "the draft")}</details>
        </section>
    }
}

/// What becomes of the questions, in sentences.
fn questions(draft: &Draft, before: &Before) -> impl IntoView + use<> {
    let asked = before.questions.iter().any(|one| one.approved + one.unreviewed > 0);
    let tested = asked || draft.options.iter().any(|option| option.has_post_tests());
    let pairs = draft::pairs(&before.chapters, &draft.lines.0);
    let of = |at: &usize| before.questions.get(*at).copied().unwrap_or_default();
    let (mut kept, mut left) = (Questions::default(), 0);
    for at in 0..before.chapters.len() {
        match pairs.contains(&Some(at)) {
            true => {
                kept.approved += of(&at).approved;
                kept.unreviewed += of(&at).unreviewed;
            }
            false => left += of(&at).approved + of(&at).unreviewed,
        }
    }
    let without = draft
        .lines
        .iter()
        .zip(&pairs)
        .filter(|(line, pair)| line.required && pair.is_none_or(|at| of(&at).approved == 0))
        .count();
    let words = [
        (kept.approved > 0).then(|| {
            format!("{} approved questions go along with their chapters and count for the new version too.", kept.approved)
        }),
        (kept.unreviewed > 0).then(|| format!("{} more go along and still wait for review.", kept.unreviewed)),
        (left > 0).then(|| {
            format!("{left} questions of chapters that are dropped stay with the version before, for those who study by it.")
        }),
        (without > 0).then(|| {
            format!(
                "{without} required chapters begin without an approved question: they have no post-test until one is approved."
            )
        }),
    ];
    let lines = words.into_iter().flatten().map(|words| view! { <li>{words}</li> }).collect::<Vec<_>>();
    tested.then(|| view! { <section><h2>"What becomes of the questions"</h2><ul>{lines}</ul></section> })
}

fn publish(form: Form, draft: &Draft, copies: Vec<Choice>) -> impl IntoView + use<> {
    let waiting = match draft.follows {
        Some(version) => format!(
            "New enrollments begin with it, and so do applicants who still wait. Whoever studies by version {version} stays with it, and nothing they did is taken back; you can move them afterwards, each by your choice."
        ),
        None => "From then on it is offered to applicants, and mentees study by it.".to_owned(),
    };
    let shown = shown(draft);
    view! {
        <section id="publish">
            <h2>"Publish"</h2>
            <p class="measure">{waiting}" A published version never changes."</p>
            <FormFor form>
                {shown}
                <TextField form name="note" label="Note" optional=true hint="What is different, or which printing it follows." />
                <TickField form name="confirmed" label="I have compared it with the copy on the shelf" />
                {compared_fields(form, copies)}
                <div class="actions"><button class="button">"Publish"</button></div>
            </FormFor>
        </section>
    }
}

fn discard(form: Form, draft: &Draft) -> impl IntoView + use<> {
    let shown = shown(draft);
    view! {
        <details open=!form.is_fresh()>
            <summary>"Throw the draft away"</summary>
            <FormFor form>
                {shown}
                <p>"What is published stays as it is."</p>
                <div class="actions"><button class="button danger quiet">"Throw it away"</button></div>
            </FormFor>
        </details>
    }
}

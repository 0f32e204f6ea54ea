//! Choosing a file, looking at what it would do, and what became of each.

use leptos::prelude::*;

use super::api::FORM;
use super::columns::{Column, Field};
use super::rows::{Judged, Judgement, Standing};
use super::store::{self, Import};
use super::{Kind, Problem, Row, State, progress};
use crate::app::{param, query};
use crate::error::AppError;
use crate::form::Form;
use crate::id::ImportId;
use crate::people::viewer;
use crate::state;
use crate::ui::{ErrorSummary, FormFor, Hidden, Moment, Page, TickField};

/// Problems of a page, and rows shown as they will be.
const PROBLEMS: usize = 50;
const SHOWN: usize = 10;

/// `/coordinator/import`: a file to choose, the templates, and the imports before.
pub async fn imports() -> Result<Page, AppError> {
    let who = viewer().await?.coordinator()?;
    let form = Form::open(FORM).await?;
    let before = store::list(&mut state().db.read().await?, &who).await?;
    let body = view! {
        <div class="page-head">
            <div>
                <h1>"Import"</h1>
                <p class="lede">"Bring in your lists of mentors, of mentees with their history, or of books. You see what a file would do before anything is done, and can take it back afterwards."</p>
            </div>
            <a href="/coordinator/export">"Export"</a>
        </div>
        {file_form(form)}
        <h2>"Templates"</h2>
        <p>"Your own columns are recognized by their headings. To begin from nothing, take one of these:"</p>
        <ul>
            {Kind::ALL.iter().map(|kind| view! {
                <li><a href=format!("/coordinator/import/{}", kind.file_name()) download="">{kind.name()}" (CSV)"</a></li>
            }).collect_view()}
        </ul>
        {becomes()}
        <h2>"Imports before"</h2>
        {before_list(before)}
    };
    Ok(Page::usual("Import", body))
}

/// The form for a file. It goes to a route of its own, because files do not travel as other forms do.
fn file_form(form: Form) -> impl IntoView {
    let error = form.error("file");
    let described = if error.is_some() { "file-hint file-error" } else { "file-hint" };
    view! {
        <form class="form" method="post" action="/uploads/import-file" enctype="multipart/form-data" novalidate=true>
            <ErrorSummary form />
            <input type="hidden" name="_for" value=form.whose() />
            <input type="hidden" name="_from" value="/coordinator/import" />
            <div class="field" data-invalid=error.is_some().then_some("")>
                <label for="file">"Spreadsheet"</label>
                <p class="hint" id="file-hint">"CSV or XLSX, up to 50 MB and 20,000 rows. The first sheet with headings is read. No patient details."</p>
                {error.clone().map(|message| view! { <p class="field-error" id="file-error">{message}</p> })}
                <input type="file" id="file" name="file" accept=".csv,.tsv,.txt,.xlsx,text/csv"
                    aria-describedby=described aria-invalid=error.is_some().then_some("true") />
            </div>
            <div class="actions"><button class="button">"Look at the file"</button></div>
        </form>
    }
}

/// What exactly becomes what.
fn becomes() -> impl IntoView {
    view! {
        <details>
            <summary>"What becomes of each row"</summary>
            <p><strong>"A mentor"</strong>" becomes an account with a mentor's profile and, with a day in Credential valid to, a check of the credential with the note imported. A mentor who is here already keeps the profile; a new phone and a later credential are taken over. Without Options, all three are meant; without Ways to talk, the phone."</p>
            <p><strong>"A mentee"</strong>" becomes an account and an enrollment from the day in Started on, marked as imported, with an application that came on paper. Mentor's e-mail becomes an accepted match from that day. Letter received on becomes a letter that says it was signed on paper. Chapters read and discussed are a number (the first so many), a list such as 1-4, 7, or a list with days such as 1: 7/1/2026; 2: 7/20/2026. Their minutes count as none, because nobody knows them, and a chapter without a day takes the day the enrollment ended, or today while it goes on. Nobody is reminded of what lies before the import: every open step has its full time from that day."</p>
            <p><strong>"Completed on"</strong>" completes the enrollment as completed before the program had this software: the certificate is on paper, and no number is given out here."</p>
            <p><strong>"A book"</strong>" becomes a title, an edition and its copies, as far as they are not here. Without labels, as many labels are made as there are copies."</p>
            <p>"Nobody gets mail from an import, unless you tick that they are invited. Formulas are never run: the value they last came to is read."</p>
        </details>
    }
}

fn before_list(before: Vec<Import>) -> impl IntoView {
    if before.is_empty() {
        return view! { <p class="muted">"Nothing was imported yet."</p> }.into_any();
    }
    let rows = before
        .into_iter()
        .map(|import| {
            let (at, by) = match (import.undone_at, import.done_at) {
                (Some(at), _) => (at, import.undone_by),
                (None, Some(at)) => (at, import.done_by),
                (None, None) => (import.read_at, Some(import.read_by)),
            };
            let tone = match import.state {
                State::Read => "turn",
                State::Done => "done",
                State::Undone => "quiet",
            };
            view! {
                <tr>
                    <th scope="row"><a href=format!("/coordinator/import/{}", import.id)>{import.file_name}</a></th>
                    <td data-label="What">{import.kind.name()}</td>
                    <td data-label="Rows" class="num">{import.row_count}</td>
                    <td data-label="State"><span class="tag" data-tone=tone>{import.state.name()}</span></td>
                    <td data-label="When"><span><Moment at /></span></td>
                    <td data-label="By">{by.unwrap_or_default()}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="table-wrap"><table class="ledger">
            <thead><tr>
                <th scope="col" class="grow">"File"</th><th scope="col">"What"</th><th scope="col" class="num">"Rows"</th>
                <th scope="col">"State"</th><th scope="col">"When"</th><th scope="col">"By"</th>
            </tr></thead>
            <tbody>{rows}</tbody>
        </table></div>
    }
    .into_any()
}

/// `/coordinator/import/{import}`: what a file would do, how far it is, or what it did.
pub async fn import() -> Result<Page, AppError> {
    let who = viewer().await?.coordinator()?;
    let id: ImportId = param("import")?;
    let mut tx = state().db.read().await?;
    let import = store::find(&mut tx, &who, id).await?.ok_or(AppError::NotFound)?;
    if let (State::Read, Some(now)) = (import.state, progress::of(id.0)) {
        return Ok(under_way(&import, now));
    }
    match import.state {
        State::Read => {
            let forms = Forms::open().await?;
            let (rows, judgement) = store::look(&mut tx, &who, &import, state().clock.now()).await?;
            Ok(preview(import, &rows, &judgement, forms))
        }
        State::Done => {
            let in_the_way = store::in_the_way(&mut tx, &who, &import).await?;
            Ok(done(import, in_the_way, Form::open("undo-import").await?))
        }
        State::Undone => Ok(undone(import)),
    }
}

fn head(import: &Import, title: String) -> impl IntoView + use<> {
    let sheet = (!import.sheet.is_empty()).then(|| format!(", sheet “{}”", import.sheet));
    view! {
        <p class="eyebrow"><a href="/coordinator/import">"Import"</a></p>
        <h1>{title}</h1>
        <p class="lede">{import.file_name.clone()}{sheet}</p>
    }
}

fn under_way(import: &Import, (done, of): (usize, usize)) -> Page {
    let title = format!("Importing {}", import.kind.name().to_lowercase());
    let words = match of {
        0 => "Looking at the rows…".to_owned(),
        of => format!("{done} of {of} rows"),
    };
    let body = view! {
        {head(import, title.clone())}
        <p role="status">{words.clone()}</p>
        <p><meter min="0" max=of.max(1).to_string() value=done.to_string() aria-label="Rows imported">{words}</meter></p>
        <p class="muted">"This page comes again by itself. All rows are imported or none. "
            <a href=format!("/coordinator/import/{}", import.id)>"Look again"</a></p>
    };
    Page::usual(title, body).coming_again()
}

struct Forms {
    map: Form,
    start: Form,
    discard: Form,
}

impl Forms {
    async fn open() -> Result<Self, AppError> {
        Ok(Self {
            map: Form::open("map-import").await?,
            start: Form::open("start-import").await?,
            discard: Form::open("discard-import").await?,
        })
    }
}

fn preview(import: Import, rows: &[Row], judgement: &Judgement, forms: Forms) -> Page {
    let title = format!("Import {}", import.kind.name().to_lowercase());
    let id = import.id.to_string();
    let body = view! {
        {head(&import, title.clone())}
        {import.problem.clone().map(|problem| view! { <div class="notice warn" role="alert"><p>{problem}</p></div> })}
        {maybe_elsewhere(&import)}
        <ErrorSummary form=forms.start />
        {counts(&import, judgement)}
        {problems(&import, judgement)}
        {as_they_will_be(judgement)}
        {start(&import, judgement, forms.start)}
        {columns(&import, rows, judgement, forms.map)}
        <form method="post" action=forms.discard.action() class="no-print">
            <input type="hidden" name="_for" value=forms.discard.whose() />
            <Hidden name="import" value=id />
            <div class="actions"><button class="button quiet">"Choose another file"</button></div>
        </form>
    };
    Page::wide(title, body)
}

/// Where several copies of the program run, another one may be at it.
fn maybe_elsewhere(import: &Import) -> impl IntoView + use<> {
    let now = state().clock.now();
    import.started_at.filter(|at| now - *at < chrono::Duration::minutes(2)).map(|at| view! {
        <div class="notice" role="status">
            <p>"It was set going "<Moment at />" and is not done. If the program was restarted since, nothing was imported: set it going again. If it is still at work, that changes nothing."</p>
        </div>
    })
}

fn counts(import: &Import, judgement: &Judgement) -> impl IntoView + use<> {
    let new = judgement.count(|standing| *standing == Standing::New);
    let changed = judgement.count(|standing| matches!(standing, Standing::Changed(_)));
    let same = judgement.count(|standing| *standing == Standing::Same);
    let bad = judgement.bad_rows();
    view! {
        <dl class="facts">
            <div><dt>"Rows"</dt><dd class="num">{import.row_count}</dd></div>
            <div><dt>"New"</dt><dd class="num">{new}</dd></div>
            <div><dt>"Already here, changed"</dt><dd class="num">{changed}</dd></div>
            <div><dt>"Already here, unchanged"</dt><dd class="num">{same}</dd></div>
            <div><dt>"With a problem"</dt><dd class="num">{if bad > 0 {
                view! { <span class="late">{bad}</span> }.into_any()
            } else {
                "0".into_any()
            }}</dd></div>
        </dl>
    }
}

fn problems(import: &Import, judgement: &Judgement) -> impl IntoView + use<> {
    let count = judgement.problems.len();
    if count == 0 {
        return ().into_any();
    }
    let pages = count.div_ceil(PROBLEMS);
    let page = query("page").and_then(|page| page.parse::<usize>().ok()).unwrap_or(0).min(pages - 1);
    let rows = judgement.problems.iter().skip(page * PROBLEMS).take(PROBLEMS).map(problem).collect_view();
    let path = format!("/coordinator/import/{}", import.id);
    let heading = if count == 1 { "One problem".to_owned() } else { format!("{count} problems") };
    view! {
        <section aria-labelledby="problems">
            <h2 id="problems">{heading}</h2>
            <p>"Mend them in the file and choose it again, or leave those rows out below. "
                <a href=format!("{path}/problems.csv") download="">"All problems as CSV"</a></p>
            <div class="table-wrap"><table class="ledger">
                <thead><tr>
                    <th scope="col">"Row"</th><th scope="col">"Column"</th><th scope="col">"It says"</th>
                    <th scope="col" class="grow">"What is wrong, and how to mend it"</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table></div>
            {(pages > 1).then(|| view! {
                <div class="pager">
                    {(page > 0).then(|| view! { <a rel="prev" href=format!("{path}?page={}#problems", page - 1)>"Before"</a> })}
                    <span>{format!("Page {} of {pages}", page + 1)}</span>
                    {(page + 1 < pages).then(|| view! { <a rel="next" href=format!("{path}?page={}#problems", page + 1)>"After"</a> })}
                </div>
            })}
        </section>
    }
    .into_any()
}

fn problem(problem: &Problem) -> impl IntoView + use<> {
    let row = if problem.row == 0 { "All rows".to_owned() } else { format!("Row {}", problem.row) };
    view! {
        <tr>
            <th scope="row">{row}</th>
            <td data-label="Column">{problem.column.clone()}</td>
            <td data-label="It says">{if problem.value.is_empty() {
                view! { <span class="muted">"nothing"</span> }.into_any()
            } else {
                problem.value.clone().into_any()
            }}</td>
            <td data-label="Wrong"><span>{problem.what.clone()}" "{problem.mend.clone()}</span></td>
        </tr>
    }
}

fn as_they_will_be(judgement: &Judgement) -> impl IntoView + use<> {
    let rows: Vec<_> = judgement.rows.iter().take(SHOWN).map(as_it_will_be).collect();
    let more = judgement.rows.len().saturating_sub(SHOWN);
    (!rows.is_empty()).then(|| {
        view! {
            <section>
                <h2>"As they will be"</h2>
                <div class="table-wrap"><table class="ledger">
                    <thead><tr>
                        <th scope="col">"Row"</th><th scope="col">"Who or what"</th><th scope="col">"Standing"</th>
                        <th scope="col" class="grow">"What is read"</th>
                    </tr></thead>
                    <tbody>{rows}</tbody>
                </table></div>
                {(more > 0).then(|| view! { <p class="muted">{format!("and {more} more")}</p> })}
            </section>
        }
    })
}

fn as_it_will_be(judged: &Judged) -> impl IntoView + use<> {
    view! {
        <tr>
            <td data-label="Row">{judged.row}</td>
            <th scope="row">{judged.record.title()}</th>
            <td data-label="Standing">{judged.standing.told()}</td>
            <td data-label="Read">{judged.record.told()}</td>
        </tr>
    }
}

fn start(import: &Import, judgement: &Judgement, form: Form) -> impl IntoView + use<> {
    let count = judgement.count(|standing| *standing != Standing::Same);
    let bad = judgement.bad_rows();
    if judgement.is_blocked() || count == 0 {
        let words = if judgement.is_blocked() || bad > 0 {
            "Nothing can be imported from this file as it is."
        } else {
            "Everything in this file is here already, so there is nothing to import."
        };
        return view! { <p>{words}</p> }.into_any();
    }
    let label = if count == 1 { "Import 1 row".to_owned() } else { format!("Import {count} rows") };
    let leave_out = match bad {
        1 => "Leave out the row with a problem".to_owned(),
        bad => format!("Leave out the {bad} rows with problems"),
    };
    let id = import.id.to_string();
    let invites = import.kind != Kind::Books;
    let whom = if import.kind == Kind::Mentors { "the new mentors" } else { "the new mentees who are still studying" };
    view! {
        <section class="no-print">
            <h2>"Import"</h2>
            <FormFor form>
                <Hidden name="import" value=id />
                {(bad > 0).then(|| view! { <TickField form name="leave-out" label=leave_out /> })}
                {invites.then(|| view! { <TickField form name="invite" label=format!("Invite {whom} by mail: each gets a link to choose a password") /> })}
                <div class="actions"><button class="button">{label}</button></div>
            </FormFor>
        </section>
    }
    .into_any()
}

fn columns(import: &Import, rows: &[Row], judgement: &Judgement, form: Form) -> impl IntoView + use<> {
    let kind = import.kind;
    let lines = import.columns.iter().enumerate().map(|(place, column)| column_row(kind, place, column, rows)).collect_view();
    let kinds = Kind::ALL
        .iter()
        .map(|one| view! { <option value=one.as_str() selected=*one == kind>{one.name()}</option> })
        .collect_view();
    let open = judgement.is_blocked() || !form.is_fresh();
    let id = import.id.to_string();
    let unread = import.columns.iter().filter(|column| column.field.is_none() && !column.heading.is_empty()).count();
    let summary = match unread {
        0 => "Columns: all are read".to_owned(),
        1 => "Columns: one is not read".to_owned(),
        unread => format!("Columns: {unread} are not read"),
    };
    view! {
        <details open=open class="no-print">
            <summary>{summary}</summary>
            <FormFor form>
                <Hidden name="import" value=id />
                <div class="field">
                    <label for="kind">"This is a list of"</label>
                    {form.error("kind").map(|message| view! { <p class="field-error" id="kind-error">{message}</p> })}
                    <select id="kind" name="kind" aria-describedby=form.error("kind").map(|_| "kind-error")>{kinds}</select>
                </div>
                <div class="table-wrap"><table class="ledger">
                    <thead><tr>
                        <th scope="col">"Heading in the file"</th><th scope="col" class="grow">"Holds"</th><th scope="col">"Read as"</th>
                    </tr></thead>
                    <tbody>{lines}</tbody>
                </table></div>
                <div class="actions"><button class="button quiet">"Read the columns like this"</button></div>
            </FormFor>
        </details>
    }
}

fn column_row(kind: Kind, place: usize, column: &Column, rows: &[Row]) -> impl IntoView + use<> {
    let held: Vec<String> = rows
        .iter()
        .map(|row| row.cell(place))
        .filter(|cell| !cell.is_empty())
        .take(3)
        .map(|cell| cell.chars().take(40).collect())
        .collect();
    let heading = if column.heading.is_empty() { format!("Column {}", place + 1) } else { column.heading.clone() };
    let fields = kind
        .fields()
        .iter()
        .map(|field: &Field| view! { <option value=field.as_str() selected=column.field == Some(*field)>{field.name()}</option> })
        .collect_view();
    view! {
        <tr>
            <th scope="row"><label for=format!("column-{place}")>{heading}</label></th>
            <td data-label="Holds">{held.join(", ")}</td>
            <td data-label="Read as">
                <select id=format!("column-{place}") name=format!("column[{place}]")>
                    <option value="">"not read"</option>
                    {fields}
                </select>
            </td>
        </tr>
    }
}

fn done(import: Import, in_the_way: Vec<String>, form: Form) -> Page {
    let title = format!("{} imported", import.kind.name());
    let id = import.id.to_string();
    let (place, label) = match import.kind {
        Kind::Mentors => ("/coordinator/mentors", "Go to the mentors"),
        Kind::Mentees => ("/coordinator/enrollments", "Go to the enrollments"),
        Kind::Books => ("/coordinator/library", "Go to the library"),
    };
    let mails = import.invite && import.kind != Kind::Books;
    let body = view! {
        {head(&import, title.clone())}
        <dl class="facts">
            <div><dt>"Imported"</dt><dd>{import.done_at.map(|at| view! { <Moment at /> })}{import.done_by.clone().map(|by| format!(", by {by}"))}</dd></div>
            <div><dt>"New"</dt><dd class="num">{import.new_count}</dd></div>
            <div><dt>"Changed"</dt><dd class="num">{import.changed_count}</dd></div>
            <div><dt>"Already here"</dt><dd class="num">{import.same_count}</dd></div>
            <div><dt>"Left out"</dt><dd class="num">{import.left_count}</dd></div>
            <div><dt>"Invitations"</dt><dd>{if mails { "sent by mail" } else { "none sent" }}</dd></div>
        </dl>
        <div class="actions"><a class="button" href=place>{label}</a></div>
        <h2>"Take it back"</h2>
        <ErrorSummary form />
        {if in_the_way.is_empty() {
            view! {
                <p>"Nothing has been done with what it made, so all of it can be taken back: what was made is removed, and what was changed is as before."
                    {mails.then_some(" Invitations that have left already stop working.")}</p>
                <form method="post" action=form.action()>
                    <input type="hidden" name="_for" value=form.whose() />
                    <Hidden name="import" value=id />
                    <div class="actions"><button class="button quiet danger">"Take the import back"</button></div>
                </form>
            }
            .into_any()
        } else {
            let lines = in_the_way.into_iter().map(|line| view! { <li>{line}</li> }).collect_view();
            view! {
                <p>"It can no longer be taken back, because something was done with it since:"</p>
                <ul>{lines}</ul>
            }
            .into_any()
        }}
    };
    Page::usual(title, body)
}

fn undone(import: Import) -> Page {
    let title = "Import taken back";
    let body = view! {
        {head(&import, title.to_owned())}
        <p>"Taken back "{import.undone_at.map(|at| view! { <Moment at /> })}{import.undone_by.clone().map(|by| format!(", by {by}"))}
            ". What it made is gone, and what it changed is as it was before. The record of what happened keeps both."</p>
        <div class="actions"><a class="button" href="/coordinator/import">"Import another file"</a></div>
    };
    Page::usual(title, body)
}

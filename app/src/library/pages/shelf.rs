//! The shelf: every title, edition and copy, where each is now, and who waits.

use leptos::prelude::*;

use super::super::store::shelf::{self, CopyRow, EditionRow, HoldRow};
use super::super::{Condition, CopyAction, CopyState, Stage, is_overdue};
use super::press;
use crate::clock;
use crate::error::AppError;
use crate::form::Form;
use crate::id::EditionId;
use crate::outlines;
use crate::people::viewer;
use crate::state::state;
use crate::ui::{Age, Choice, Day, ErrorSummary, FormFor, Page, SelectField, SubmissionKeyField, TextArea, TextField, choices};

/// The forms of this page, of which one may have been refused.
struct Forms {
    title: Form,
    edition: Form,
    copies: Form,
    change: Form,
    receive: Form,
}

pub async fn library() -> Result<Page, AppError> {
    let who = viewer().await?.coordinator()?;
    let forms = Forms {
        title: Form::open("add-title").await?,
        edition: Form::open("add-edition").await?,
        copies: Form::open("add-copies").await?,
        change: Form::open("change-copy").await?,
        receive: Form::open("receive-book").await?,
    };
    let mut tx = state().db.read().await?;
    let editions = shelf::list_editions(&mut tx, who).await?;
    let copies = shelf::list_copies(&mut tx, who).await?;
    let holds = shelf::list_holds(&mut tx, who).await?;
    let body = view! {
        <div class="page-head">
            <h1>"Lending library"</h1>
            <div class="actions"><a href="#add">"Add to it"</a></div>
        </div>
        <p class="lede">{summary(&copies, &holds)}</p>
        <ErrorSummary form=forms.change />
        <ErrorSummary form=forms.receive />
        {editions.iter().map(|edition| section(&forms, edition, &copies, &holds)).collect_view()}
        <div id="add" class="no-print">
            <h2>"Add to the library"</h2>
            {add_copies(&forms, &editions)}
            {add_edition(&forms, &editions)}
            {add_title(&forms)}
        </div>
    };
    Ok(Page::wide("Lending library", body))
}

fn summary(copies: &[CopyRow], holds: &[HoldRow]) -> String {
    let today = clock::today(state().clock.now());
    let lent = copies.iter().filter(|copy| copy.loan_id.is_some()).count();
    let late = copies.iter().filter(|copy| overdue(copy, today)).count();
    let shelf = copies.iter().filter(|copy| copy.loan_id.is_none() && copy.state == CopyState::InUse).count();
    format!("{shelf} on the shelf, {lent} lent, {late} overdue, {} waiting.", holds.len())
}

fn overdue(copy: &CopyRow, today: chrono::NaiveDate) -> bool {
    matches!((copy.stage(), copy.due_on), (Some(stage), Some(due)) if is_overdue(stage, due, today))
}

fn section(forms: &Forms, edition: &EditionRow, copies: &[CopyRow], holds: &[HoldRow]) -> impl IntoView + use<> {
    let Some(id) = edition.edition_id else {
        return view! {
            <div>
                <h2>{edition.title.clone()}</h2>
                <p class="muted">{edition.publisher.clone()}". No edition yet."</p>
            </div>
        }
        .into_any();
    };
    let rows: Vec<_> = copies.iter().filter(|copy| copy.edition_id == id).map(|copy| row(forms, copy)).collect();
    let none = rows.is_empty();
    let about: Vec<String> = [
        Some(edition.publisher.clone()),
        edition.year.map(|year| year.to_string()),
        edition.isbn.as_ref().map(|isbn| format!("ISBN {isbn}")),
    ]
    .into_iter()
    .flatten()
    .collect();
    view! {
        <div>
            <h2>{edition.title.clone()}", "{edition.edition.clone()}</h2>
            <p class="muted">{about.join(", ")}". "<a href=outlines::edition_path(id)>"Outline of its chapters"</a></p>
            {queue(holds, id)}
            {if none {
                view! { <p>"No copy yet. "<a href="#add">"Add copies"</a></p> }.into_any()
            } else {
                view! {
                    <div class="table-wrap">
                        <table class="ledger">
                            <thead><tr>
                                <th scope="col">"Copy"</th>
                                <th scope="col" class="grow">"With"</th>
                                <th scope="col">"Due"</th>
                                <th scope="col">"Now"</th>
                                <th scope="col"><span class="visually-hidden">"Action"</span></th>
                            </tr></thead>
                            <tbody>{rows}</tbody>
                        </table>
                    </div>
                }
                .into_any()
            }}
        </div>
    }
    .into_any()
}

fn queue(holds: &[HoldRow], edition: EditionId) -> impl IntoView + use<> {
    let lines: Vec<_> = holds
        .iter()
        .filter(|hold| hold.edition_id == edition)
        .map(|hold| {
            let way = hold.way.name().to_lowercase();
            let path = format!("/coordinator/enrollments/{}/book", hold.enrollment_id);
            view! {
                <li>
                    <span class="line-main">{hold.mentee.clone()}" waits for a copy"</span>
                    <span class="line-meta"><Age since=hold.placed_at />" "{way}</span>
                    <span class="line-action"><a class="button quiet small" href=path>"Lend"</a></span>
                </li>
            }
        })
        .collect();
    (!lines.is_empty()).then(|| view! { <ul class="lines" role="list">{lines}</ul> })
}

fn row(forms: &Forms, copy: &CopyRow) -> impl IntoView + use<> {
    let late = overdue(copy, clock::today(state().clock.now()));
    let with = match (&copy.borrower, copy.enrollment_id) {
        (Some(name), Some(enrollment)) => {
            view! { <a href=format!("/coordinator/enrollments/{enrollment}/book")>{name.clone()}</a> }.into_any()
        }
        _ => view! { <span class="muted">"nobody"</span> }.into_any(),
    };
    view! {
        <tr>
            <th scope="row" data-label="Copy"><span>{copy.label.clone()}" "<small>{copy.condition.name().to_lowercase()}</small></span></th>
            <td data-label="With">{with}</td>
            <td data-label="Due">{match copy.due_on {
                Some(date) => view! { <Day date /> }.into_any(),
                None => view! { <span class="muted">"not lent"</span> }.into_any(),
            }}</td>
            <td data-label="Now">{tag(copy, late)}</td>
            <td><div class="actions">{buttons(forms, copy)}</div></td>
        </tr>
    }
}

fn tag(copy: &CopyRow, late: bool) -> impl IntoView + use<> {
    let (tone, words) = match (copy.state, copy.stage(), late) {
        (CopyState::Lost, ..) => ("late", "lost"),
        (CopyState::Withdrawn, ..) => ("quiet", "withdrawn"),
        (CopyState::InUse, Some(_), true) => ("late", "overdue"),
        (CopyState::InUse, Some(stage @ (Stage::OnTheWay | Stage::ComingBack)), false) => ("turn", stage.name()),
        (CopyState::InUse, Some(stage), false) => ("done", stage.name()),
        (CopyState::InUse, None, _) => ("quiet", "on the shelf"),
    };
    view! { <span class="tag" data-tone=tone>{words}</span> }
}

fn buttons(forms: &Forms, copy: &CopyRow) -> impl IntoView + use<> {
    const SMALL: &str = "button quiet small";
    let change = |action: CopyAction, words| {
        let hidden = vec![("copy", copy.id.to_string()), ("change", action.to_string())];
        press(forms.change, "link-button small", words, hidden).into_any()
    };
    match (copy.state, copy.loan_id) {
        (CopyState::InUse, Some(loan)) => vec![
            press(forms.receive, SMALL, "It is back", vec![("loan", loan.to_string())]).into_any(),
            change(CopyAction::Lose, "Lost"),
        ],
        (CopyState::InUse, None) => vec![change(CopyAction::Withdraw, "Withdraw"), change(CopyAction::Lose, "Lost")],
        (CopyState::Lost, _) => vec![change(CopyAction::Restore, "Found"), change(CopyAction::Withdraw, "Withdraw")],
        (CopyState::Withdrawn, _) => vec![change(CopyAction::Restore, "In use again")],
    }
}

fn edition_choices(editions: &[EditionRow]) -> Vec<Choice> {
    editions
        .iter()
        .filter_map(|row| Some((row.edition_id?.to_string(), format!("{}, {}", row.title, row.edition.as_deref()?))))
        .collect()
}

/// The one choice when there is only one.
fn only(choices: &[Choice]) -> String {
    if let [(value, _)] = choices { value.clone() } else { String::new() }
}

fn add_copies(forms: &Forms, editions: &[EditionRow]) -> impl IntoView + use<> {
    let form = forms.copies;
    let editions = edition_choices(editions);
    let one = only(&editions);
    view! {
        <details open=!form.is_fresh()>
            <summary>"Copies"</summary>
            <FormFor form>
                <SubmissionKeyField form />
                <SelectField form name="edition" label="Edition" choices=editions value=one />
                <TextArea form name="labels" label="Labels" rows=4
                    hint="What you write on each copy, such as CG-1. One a line, or with commas between them: one label, one copy." />
                <SelectField form name="condition" label="They look" choices=choices(Condition::ALL, Condition::name) value=Condition::Good.as_str() />
                <div class="actions"><button class="button">"Add the copies"</button></div>
            </FormFor>
        </details>
    }
}

fn add_edition(forms: &Forms, editions: &[EditionRow]) -> impl IntoView + use<> {
    let form = forms.edition;
    let mut titles: Vec<Choice> = editions.iter().map(|row| (row.title_id.to_string(), row.title.clone())).collect();
    titles.dedup();
    view! {
        <details open=!form.is_fresh()>
            <summary>"An edition of a title"</summary>
            <FormFor form>
                <SelectField form name="title" label="Title" choices=titles />
                <TextField form name="edition-label" label="Edition" hint="As people name it, such as 5th edition." size="medium" />
                <div class="field-row">
                    <TextField form name="year" label="Year" kind="number" optional=true size="short" />
                    <TextField form name="isbn" label="ISBN" optional=true size="medium" />
                </div>
                <div class="actions"><button class="button">"Add the edition"</button></div>
            </FormFor>
        </details>
    }
}

fn add_title(forms: &Forms) -> impl IntoView + use<> {
    let form = forms.title;
    view! {
        <details open=!form.is_fresh()>
            <summary>"A title"</summary>
            <FormFor form>
                <TextField form name="name" label="Title" />
                <TextField form name="publisher" label="Publisher" />
                <div class="actions"><button class="button">"Add the title"</button></div>
            </FormFor>
        </details>
    }
}

//! The book of one enrolment at the coordinator's desk: lend a copy, print the slip, receive it back.

use leptos::prelude::*;

use super::super::store::{
    self, Book, Hold, Loan,
    shelf::{self, FreeCopy},
};
use super::super::{Condition, LoanWay, Stage, due_on, due_reason, is_overdue};
use super::{address_lines, press};
use crate::app::param;
use crate::clock;
use crate::error::AppError;
use crate::form::Form;
use crate::id::EnrollmentId;
use crate::people::viewer;
use crate::settings::{self, Settings};
use crate::state::state;
use crate::ui::{
    Choice, ChoiceField, Day, DayOf, ErrorSummary, FormFor, Hidden, Page, SelectField, TextArea, TextField, choices,
};

pub async fn lend() -> Result<Page, AppError> {
    let who = viewer().await?.coordinator()?;
    let enrollment: EnrollmentId = param("enrollment")?;
    let lend = Form::open("lend-book").await?;
    let receive = Form::open("receive-book").await?;
    let mut tx = state().db.read().await?;
    let book = store::find_for_desk(&mut tx, who, enrollment).await?;
    let free = shelf::list_free(&mut tx, book.edition_id).await?;
    let settings = settings::store::current(&mut tx).await?;
    let part = match book.loan() {
        Some(loan) => on_loan(receive, &book, &loan, &settings).into_any(),
        None if !book.state.is_live() => view! { <p>"This enrollment has ended, and no book is out for it."</p> }.into_any(),
        None => to_lend(lend, &book, free, &settings).into_any(),
    };
    let title = format!("Book for {}", book.mentee);
    let body = view! {
        <ol class="crumbs" role="list">
            <li><a href="/coordinator/library">"Library"</a></li>
            <li><a href=format!("/coordinator/enrollments/{enrollment}")>{book.mentee.clone()}</a></li>
        </ol>
        <h1>{title.clone()}</h1>
        <p class="lede"><cite>{book.title.clone()}</cite>", "{book.edition.clone()}</p>
        <ErrorSummary form=receive />
        {part}
    };
    Ok(Page::usual(title, body))
}

fn on_loan(receive: Form, book: &Book, loan: &Loan, settings: &Settings) -> impl IntoView + use<> {
    let stage = loan.dates.stage();
    let late = is_overdue(stage, loan.due_on, clock::today(state().clock.now()));
    let told = match (loan.dates.arrived_at, loan.dates.sent_back_at) {
        (_, Some(at)) => view! { "On its way back since "<DayOf at /> }.into_any(),
        (Some(at), None) => view! { "With the mentee since "<DayOf at /> }.into_any(),
        (None, None) => view! { "On the way to the mentee" }.into_any(),
    };
    view! {
        <div>
            <h2>"On loan"</h2>
            <dl class="facts">
                <div><dt>"Copy"</dt><dd>{loan.copy.clone()}</dd></div>
                <div><dt>"For"</dt><dd>{book.mentee.clone()}</dd></div>
                <div><dt>"Lent"</dt><dd><DayOf at=loan.lent_at />", "{loan.way.name().to_lowercase()}</dd></div>
                <div><dt>"Now"</dt><dd>{told}</dd></div>
                <div>
                    <dt>"Due"</dt>
                    <dd>
                        <span class=late.then_some("late")><Day date=loan.due_on />{late.then_some(", overdue")}</span>
                        " "<span class="small no-print">{due_reason(loan.due_on, book.planned_end(), settings)}</span>
                    </dd>
                </div>
                {loan.address.as_deref().map(|address| view! { <div><dt>"Send to"</dt><dd>{address_lines(address)}</dd></div> })}
                {(!settings.coordinator_address.is_empty()).then(|| view! {
                    <div><dt>"Return to"</dt><dd>{address_lines(&settings.coordinator_address)}</dd></div>
                })}
            </dl>
            {(loan.way == LoanWay::Post && stage == Stage::OnTheWay).then(|| view! {
                <p class="muted no-print">"Print this page as the slip in the parcel."</p>
            })}
            <div class="actions">
                {press(receive, "button", "The book is back", vec![("loan", loan.id.to_string())])}
                <a href="/coordinator/library">"Mark it lost in the library"</a>
            </div>
            <p class="small muted no-print">"When it is back, the address is erased."</p>
        </div>
    }
}

fn to_lend(form: Form, book: &Book, free: Vec<FreeCopy>, settings: &Settings) -> impl IntoView + use<> {
    view! {
        {asked(book)}
        {if free.is_empty() {
            view! {
                <div class="notice warn" role="status">
                    <p>"No copy of this edition is on the shelf. "<a href="/coordinator/library">"See who has them, or add copies"</a>"."</p>
                </div>
            }
            .into_any()
        } else {
            lend_form(form, book, free, settings).into_any()
        }}
    }
}

fn asked(book: &Book) -> impl IntoView + use<> {
    let line = match (book.hold(), book.own_book_at) {
        (_, Some(at)) => view! { {book.mentee.clone()}" studies with their own copy since "<DayOf at />"." }.into_any(),
        (Some(hold), None) => {
            let others = match book.ahead {
                0 => String::new(),
                1 => " One person asked earlier.".to_owned(),
                ahead => format!(" {ahead} people asked earlier."),
            };
            view! { {book.mentee.clone()}" asked for it on "<DayOf at=hold.placed_at />", "{hold.way.name().to_lowercase()}"."{others} }.into_any()
        }
        (None, None) => {
            view! { {book.mentee.clone()}" has not asked for the book yet. You can lend one all the same." }.into_any()
        }
    };
    view! { <p>{line}</p> }
}

fn lend_form(form: Form, book: &Book, free: Vec<FreeCopy>, settings: &Settings) -> impl IntoView + use<> {
    let today = clock::today(state().clock.now());
    let due = due_on(today, book.planned_end(), settings);
    let first = free.first().map(|copy| copy.id.to_string()).unwrap_or_default();
    let copies: Vec<Choice> =
        free.into_iter().map(|copy| (copy.id.to_string(), copy_words(&copy.label, copy.condition))).collect();
    let hold: Option<Hold> = book.hold();
    let way = hold.as_ref().map(|hold| vec![hold.way.to_string()]).unwrap_or_default();
    let address = hold.and_then(|hold| hold.address).unwrap_or_default();
    let (enrollment, why) = (book.enrollment.to_string(), due_reason(due, book.planned_end(), settings));
    view! {
        <FormFor form>
            <Hidden name="enrollment" value=enrollment />
            <SelectField form name="copy" label="Copy" choices=copies value=first />
            <ChoiceField form name="way" legend="How it gets there" choices=choices(LoanWay::ALL, LoanWay::name) value=way />
            <TextArea form name="address" label="Address, for a book by post" value=address rows=4
                hint="As the mentee gave it, or as you have it from them. Not kept for a book handed over; erased when the loan ends." />
            <TextField form name="due" label="Due" kind="date" value=due.to_string() size="medium" />
            <p class="hint">{why}</p>
            <div class="actions"><button class="button">"Lend this copy"</button></div>
        </FormFor>
    }
}

fn copy_words(label: &str, condition: Condition) -> String {
    format!("{label}, {}", condition.name().to_lowercase())
}

//! The mentee's book: ask for it, say that it is there, send it back, or study with a copy of one's own.

use leptos::prelude::*;

use super::super::store::{self, Book, Hold, Loan};
use super::super::{LoanWay, Stage, Standing, due_reason, is_overdue};
use super::{address_lines, press};
use crate::clock;
use crate::error::AppError;
use crate::form::Form;
use crate::people::viewer;
use crate::settings::{self, Settings};
use crate::state::state;
use crate::ui::{ChoiceField, Day, DayOf, ErrorSummary, FormFor, Hidden, Page, TextField, choices};

/// The forms of this page, of which one may have been refused.
struct Forms {
    request: Form,
    cancel: Form,
    own: Form,
    confirm: Form,
    send_back: Form,
    renew: Form,
}

impl Forms {
    async fn open() -> Result<Self, AppError> {
        Ok(Self {
            request: Form::open("request-book").await?,
            cancel: Form::open("cancel-book-request").await?,
            own: Form::open("own-book").await?,
            confirm: Form::open("confirm-book").await?,
            send_back: Form::open("send-book-back").await?,
            renew: Form::open("renew-book").await?,
        })
    }

    /// What stood in the way of a form that is one button.
    fn refusals(&self) -> impl IntoView + use<> {
        [self.cancel, self.own, self.confirm, self.send_back, self.renew]
            .into_iter()
            .map(|form| view! { <ErrorSummary form /> })
            .collect_view()
    }
}

pub async fn my_book() -> Result<Page, AppError> {
    let who = viewer().await?.mentee()?;
    let forms = Forms::open().await?;
    let mut tx = state().db.read().await?;
    let book = store::find_of_mentee(&mut tx, who).await?.ok_or(AppError::NotFound)?;
    let settings = settings::store::current(&mut tx).await?;
    let refusals = forms.refusals();
    let part = match (book.loan(), book.hold()) {
        (Some(loan), _) => on_loan(&forms, &book, &loan, &settings).into_any(),
        (None, _) if !book.state.is_live() => ended(&book).into_any(),
        (None, _) if book.standing() == Standing::Own => own_copy(&forms, &book).into_any(),
        (None, Some(hold)) => waiting(&forms, &book, &hold).into_any(),
        (None, None) => open(&forms, &book).into_any(),
    };
    let body = view! {
        <ol class="crumbs" role="list"><li><a href="/mentee">"My study"</a></li></ol>
        <h1>"Your book"</h1>
        <p class="lede"><cite>{book.title.clone()}</cite>", "{book.edition.clone()}</p>
        {refusals}
        {part}
    };
    Ok(Page::narrow("Your book", body))
}

fn enrollment(book: &Book) -> Vec<(&'static str, String)> {
    vec![("enrollment", book.enrollment.to_string())]
}

fn on_loan(forms: &Forms, book: &Book, loan: &Loan, settings: &Settings) -> impl IntoView + use<> {
    let stage = loan.dates.stage();
    let late = is_overdue(stage, loan.due_on, clock::today(state().clock.now()));
    let why = due_reason(loan.due_on, book.planned_end(), settings);
    view! {
        {stage_part(forms, book, stage)}
        <section class="hang">
            <h2>"The loan"</h2>
            <dl class="facts">
                <div><dt>"Copy"</dt><dd>{loan.copy.clone()}", "{lent_words(loan.way)}" "<DayOf at=loan.lent_at /></dd></div>
                <div>
                    <dt>"Due back"</dt>
                    <dd>
                        <span class=late.then_some("late")><Day date=loan.due_on />{late.then_some(", overdue")}</span>
                        <br />
                        <span class="small">{why}</span>
                    </dd>
                </div>
                {loan.address.as_deref().map(|address| view! {
                    <div><dt>"Sent to"</dt><dd>{address_lines(address)}<span class="small">"Erased when the loan ends."</span></dd></div>
                })}
            </dl>
            {(stage == Stage::Here && book.state.is_live()).then(|| {
                let button = press(forms.renew, "button quiet", "I need it longer", enrollment(book));
                view! { <div class="actions">{button}</div> }
            })}
        </section>
        {(stage != Stage::ComingBack).then(|| way_back(forms, book, stage, settings))}
        <p class="muted small">{reach(settings)}</p>
    }
}

/// Whom to tell of a book that is lost, by the ways there are.
fn reach(settings: &Settings) -> String {
    let ways: Vec<&str> = [&settings.coordinator_phone, &settings.coordinator_email]
        .into_iter()
        .map(String::as_str)
        .filter(|way| !way.is_empty())
        .collect();
    let ways = if ways.is_empty() { String::new() } else { format!(": {}", ways.join(", ")) };
    format!("Lost or damaged? It happens. Tell the coordinator{ways}.")
}

fn lent_words(way: LoanWay) -> &'static str {
    match way {
        LoanWay::Post => "sent by post",
        LoanWay::InPerson => "handed over",
    }
}

fn stage_part(forms: &Forms, book: &Book, stage: Stage) -> impl IntoView + use<> {
    match stage {
        Stage::OnTheWay => view! {
            <section class="turn" aria-labelledby="turn">
                <p class="turn-label">"Your turn"</p>
                <h2 class="turn-title" id="turn">"Tell us when the book is there"</h2>
                <p class="turn-meta">"It is on its way to you."</p>
                <div class="turn-actions">{press(forms.confirm, "button", "The book is here", enrollment(book))}</div>
            </section>
        }
        .into_any(),
        Stage::Here if !book.state.is_live() => view! {
            <section class="turn" aria-labelledby="turn">
                <p class="turn-label">"Your turn"</p>
                <h2 class="turn-title" id="turn">"Send the book back"</h2>
                <p class="turn-meta">"Your study has ended, and the next person will be glad of it."</p>
            </section>
        }
        .into_any(),
        Stage::ComingBack => view! {
            <section class="turn waiting" aria-labelledby="turn">
                <p class="turn-label">"Nothing to do"</p>
                <h2 class="turn-title" id="turn">"The book is on its way back"</h2>
                <p class="turn-meta">"The coordinator records it when it arrives. Thank you."</p>
            </section>
        }
        .into_any(),
        Stage::Here | Stage::Ended => ().into_any(),
    }
}

fn way_back(forms: &Forms, book: &Book, stage: Stage, settings: &Settings) -> impl IntoView + use<> {
    let words = match stage {
        Stage::OnTheWay => "Sent back without using it? Say so here.",
        _ => "When you no longer need it, send it to the library, or hand it over, and say so here.",
    };
    view! {
        <section class="hang">
            <h2>"Sending it back"</h2>
            <p>{words}</p>
            {(!settings.coordinator_address.is_empty()).then(|| address_lines(&settings.coordinator_address))}
            <div class="actions">{press(forms.send_back, "button quiet", "It is on its way back", enrollment(book))}</div>
        </section>
    }
}

fn waiting(forms: &Forms, book: &Book, hold: &Hold) -> impl IntoView + use<> {
    let place = match (book.ahead, book.free) {
        (ahead, free) if free > ahead => "A copy is on the shelf. The coordinator sends it or hands it over.".to_owned(),
        (0, _) => "Every copy is lent just now. You are next.".to_owned(),
        (1, _) => "Every copy is lent just now. One person is before you.".to_owned(),
        (ahead, _) => format!("Every copy is lent just now. {ahead} people are before you."),
    };
    let fixed = hold.clone();
    view! {
        <section class="turn waiting" aria-labelledby="turn">
            <p class="turn-label">"Waiting for the coordinator"</p>
            <h2 class="turn-title" id="turn">"You asked for the book on "<DayOf at=hold.placed_at /></h2>
            <p class="turn-meta">{place}</p>
        </section>
        <section class="hang">
            <h2>"How you get it"</h2>
            <p>{fixed.way.name()}</p>
            {fixed.address.as_deref().map(|address| view! {
                {address_lines(address)}
                <p class="small">"Kept until the loan ends, then erased."</p>
            })}
            <details open=!forms.request.is_fresh()>
                <summary>"Change it"</summary>
                {request_form(forms, book, Some(fixed.way))}
            </details>
            <div class="actions">
                {press(forms.own, "button quiet", "I have my own copy now", enrollment(book))}
                {press(forms.cancel, "link-button", "I no longer need it", enrollment(book))}
            </div>
        </section>
    }
}

fn own_copy(forms: &Forms, book: &Book) -> impl IntoView + use<> {
    view! {
        <section class="turn done" aria-labelledby="turn">
            <p class="turn-label">"Done"</p>
            <h2 class="turn-title" id="turn">"You study with your own copy"</h2>
            <p class="turn-meta">{book.own_book_at.map(|at| view! { "Since "<DayOf at /> })}</p>
        </section>
        <details open=!forms.request.is_fresh()>
            <summary>"Borrow one after all"</summary>
            {request_form(forms, book, None)}
        </details>
    }
}

fn open(forms: &Forms, book: &Book) -> impl IntoView + use<> {
    let shelf = match book.free > book.waiting {
        true => "A copy is on the shelf for you.",
        false => "Every copy is lent or promised just now. Ask for one and you have a place in line.",
    };
    view! {
        {book.returned_at.map(|at| view! { <p>"Your last loan ended on "<DayOf at />"."</p> })}
        <section class="hang">
            <h2>"Borrow it"</h2>
            <p>"The loan is free. "{shelf}</p>
            {request_form(forms, book, None)}
        </section>
        <section class="hang">
            <h2>"Or use your own"</h2>
            <p>"Bought it, or have it at work? Then nothing needs to be sent."</p>
            <div class="actions">{press(forms.own, "button quiet", "I have my own copy", enrollment(book))}</div>
        </section>
    }
}

fn ended(book: &Book) -> impl IntoView + use<> {
    let back = book.returned_at;
    view! {
        <p>"This study has ended, and no book is on loan to you."</p>
        {back.map(|at| view! { <p>"The loan ended on "<DayOf at />". Thank you."</p> })}
    }
}

fn request_form(forms: &Forms, book: &Book, way: Option<LoanWay>) -> impl IntoView + use<> {
    let form = forms.request;
    let enrollment = book.enrollment.to_string();
    let chosen = way.map(|way| vec![way.to_string()]).unwrap_or_default();
    view! {
        <FormFor form>
            <Hidden name="enrollment" value=enrollment />
            <ChoiceField form name="way" legend="How do you want to get it?" choices=choices(LoanWay::ALL, LoanWay::name) value=chosen />
            <fieldset>
                <legend>"Where the post should bring it"</legend>
                <p class="hint">"Only for a book by post. The address is seen by you and the coordinator, and erased when the loan ends."</p>
                <TextField form name="street" label="Street or PO box" autocomplete="address-line1" />
                <TextField form name="more" label="Apartment, clinic, care of" autocomplete="address-line2" optional=true />
                <div class="field-row">
                    <TextField form name="town" label="Town and state" autocomplete="address-level2" size="medium" />
                    <TextField form name="zip" label="ZIP code" autocomplete="postal-code" size="short" />
                </div>
            </fieldset>
            <div class="actions"><button class="button">"Ask for the book"</button></div>
        </FormFor>
    }
}

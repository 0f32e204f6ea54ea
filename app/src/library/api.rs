//! What the forms of the lending library send to.

use leptos::prelude::*;

use super::store::{self, Terms, shelf};
use super::{Condition, CopyAction, LoanAction, LoanWay, due_on, is_zip, isbn, labels};
use crate::clock;
use crate::error::AppError;
use crate::form::{Fields, answer, back, to};
use crate::id::{CopyId, EditionId, EnrollmentId, LoanId};
use crate::mail::{self, Mail};
use crate::people::{OwnEnrollment, viewer};
use crate::settings;
use crate::state::state;

/// The longest an address is, in characters.
const ADDRESS: usize = 400;

async fn own(enrollment: EnrollmentId) -> Result<OwnEnrollment, AppError> {
    viewer().await?.own(&mut state().db.read().await?, enrollment).await
}

fn way(fields: &mut Fields) -> Option<LoanWay> {
    fields.one("way", "Choose how the book gets there.")
}

/// The mentee asks for the book. An address is read only when it goes by post.
#[server(endpoint = "request-book")]
pub async fn request_book(enrollment: EnrollmentId) -> Result<(), AppError> {
    answer(async {
        let who = own(enrollment).await?;
        let mut fields = Fields::typed();
        let way = way(&mut fields);
        let address = if way == Some(LoanWay::Post) { typed_address(&mut fields).map(Some) } else { Some(None) };
        let (way, address) = fields.take((way, address))?;
        let mut tx = state().write(&who).await?;
        store::request(&mut tx, who, way, address.as_deref()).await?;
        tx.commit().await?;
        Ok(to("/mentee/book").done("book-requested"))
    })
    .await
}

fn typed_address(fields: &mut Fields) -> Option<String> {
    let street = fields.text("street", 120, "Enter the street or the PO box.");
    let more = fields.optional_text("more", 120);
    let town = fields.text("town", 120, "Enter the town and state, such as Havre, MT.");
    let zip = fields.text("zip", 10, "Enter the ZIP code.");
    if zip.as_deref().is_some_and(|zip| !is_zip(zip)) {
        fields.wrong("zip", "A ZIP code has five digits, such as 59501, or nine, such as 59501-1234.");
    }
    let (street, more, town, zip) = (street?, more?, town?, zip?);
    let more = if more.is_empty() { String::new() } else { format!("{more}\n") };
    Some(format!("{street}\n{more}{town} {zip}"))
}

#[server(endpoint = "cancel-book-request")]
pub async fn cancel_book_request(enrollment: EnrollmentId) -> Result<(), AppError> {
    answer(async {
        let who = own(enrollment).await?;
        let mut tx = state().write(&who).await?;
        store::cancel(&mut tx, who).await?;
        tx.commit().await?;
        Ok(to("/mentee/book").done("book-request-cancelled"))
    })
    .await
}

#[server(endpoint = "own-book")]
pub async fn own_book(enrollment: EnrollmentId) -> Result<(), AppError> {
    answer(async {
        let who = own(enrollment).await?;
        let mut tx = state().write(&who).await?;
        store::own(&mut tx, who).await?;
        tx.commit().await?;
        Ok(to("/mentee/book").done("book-own"))
    })
    .await
}

#[server(endpoint = "confirm-book")]
pub async fn confirm_book(enrollment: EnrollmentId) -> Result<(), AppError> {
    answer(async {
        let who = own(enrollment).await?;
        let mut tx = state().write(&who).await?;
        store::tell(&mut tx, who, LoanAction::Arrive).await?;
        tx.commit().await?;
        Ok(to("/mentee/book").done("book-arrived"))
    })
    .await
}

#[server(endpoint = "send-book-back")]
pub async fn send_book_back(enrollment: EnrollmentId) -> Result<(), AppError> {
    answer(async {
        let who = own(enrollment).await?;
        let mut tx = state().write(&who).await?;
        store::tell(&mut tx, who, LoanAction::SendBack).await?;
        tx.commit().await?;
        Ok(to("/mentee/book").done("book-sent-back"))
    })
    .await
}

#[server(endpoint = "renew-book")]
pub async fn renew_book(enrollment: EnrollmentId) -> Result<(), AppError> {
    answer(async {
        let who = own(enrollment).await?;
        let mut tx = state().write(&who).await?;
        let settings = settings::store::current(&mut tx).await?;
        store::renew(&mut tx, who, &settings).await?;
        tx.commit().await?;
        Ok(to("/mentee/book").done("book-renewed"))
    })
    .await
}

/// The coordinator lends a copy, and the mentee reads of it in the next digest.
#[server(endpoint = "lend-book")]
pub async fn lend_book(enrollment: EnrollmentId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut fields = Fields::typed();
        let copy = fields.one::<CopyId>("copy", "Choose a copy.");
        let way = way(&mut fields);
        let address = posted_to(&mut fields, way);
        let due = fields.optional_date("due");
        let (copy, way, address, due) = fields.take((copy, way, address, due))?;
        let mut tx = state().write(&who).await?;
        let book = store::find_for_desk(&mut tx, who, enrollment).await?;
        let settings = settings::store::current(&mut tx).await?;
        let today = clock::today(tx.now());
        let due = due.unwrap_or_else(|| due_on(today, book.planned_end(), &settings));
        fits(due, today, settings.loan_max_days)?;
        let terms = Terms { copy, way, address, due_on: due };
        if store::lend(&mut tx, who, enrollment, &terms).await? {
            let to = mail::store::recipient(&mut tx, book.mentee_id).await?;
            let mail = Mail::new(mail::Kind::BookLent, to)
                .with("title", &book.title)
                .with("due", clock::say_full_date(due))
                .with("link", state().link("/mentee/book"));
            mail::store::enqueue(&mut tx, mail).await?;
        }
        tx.commit().await?;
        Ok(to(format!("/coordinator/enrollments/{enrollment}/book")).done("book-lent"))
    })
    .await
}

fn posted_to(fields: &mut Fields, way: Option<LoanWay>) -> Option<Option<String>> {
    if way != Some(LoanWay::Post) {
        return Some(None);
    }
    fields.text("address", ADDRESS, "Enter the address the book goes to, or choose to hand it over in person.").map(Some)
}

fn fits(due: chrono::NaiveDate, today: chrono::NaiveDate, most: i64) -> Result<(), AppError> {
    let mut fields = Fields::default();
    if due < today {
        fields.wrong("due", "This day is past. Choose today or a later day.");
    } else if due > today + chrono::Duration::days(most) {
        fields.wrong("due", format!("A loan runs {most} days at most at a time. Choose an earlier day; it can be renewed."));
    }
    fields.check()
}

#[server(endpoint = "receive-book")]
pub async fn receive_book(loan: LoanId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut tx = state().write(&who).await?;
        store::receive(&mut tx, who, loan).await?;
        tx.commit().await?;
        Ok(back().done("book-back"))
    })
    .await
}

#[server(endpoint = "add-title")]
pub async fn add_title() -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut fields = Fields::typed();
        let name = fields.text("name", 200, "Enter the title as it stands on the book.");
        let publisher = fields.text("publisher", 200, "Enter the publisher.");
        let (name, publisher) = fields.take((name, publisher))?;
        let mut tx = state().write(&who).await?;
        shelf::insert_title(&mut tx, who, &name, &publisher).await?;
        tx.commit().await?;
        Ok(to("/coordinator/library").done("title-added"))
    })
    .await
}

#[server(endpoint = "add-edition")]
pub async fn add_edition() -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut fields = Fields::typed();
        let title_id = fields.one("title", "Choose the title it is an edition of.");
        let label = fields.text("edition-label", 80, "Name the edition, such as 5th edition.");
        let year = if fields.raw("year").is_empty() { Some(None) } else { fields.whole("year", 1900..=2100).map(Some) };
        let isbn = typed_isbn(&mut fields);
        let (title_id, label, year, isbn) = fields.take((title_id, label, year, isbn))?;
        let mut tx = state().write(&who).await?;
        shelf::insert_edition(&mut tx, who, &shelf::NewEdition { title_id, label, year, isbn }).await?;
        tx.commit().await?;
        Ok(to("/coordinator/library").done("edition-added"))
    })
    .await
}

fn typed_isbn(fields: &mut Fields) -> Option<Option<String>> {
    let text = fields.optional_text("isbn", 20)?;
    if text.is_empty() {
        return Some(None);
    }
    let found = isbn(&text);
    if found.is_none() {
        fields.wrong(
            "isbn",
            "This is not an ISBN: it has 10 or 13 digits, and the last one must fit the others. Compare it with the book.",
        );
    }
    found.map(Some)
}

#[server(endpoint = "add-copies")]
pub async fn add_copies() -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut fields = Fields::typed();
        let edition = fields.one::<EditionId>("edition", "Choose the edition these are copies of.");
        let condition = fields.one::<Condition>("condition", "Choose how they look.");
        let labels = match labels(&fields.raw("labels")) {
            Ok(labels) => Some(labels),
            Err(message) => {
                fields.wrong("labels", message);
                None
            }
        };
        let key = fields.submission_key();
        let (edition, condition, labels) = fields.take((edition, condition, labels))?;
        let mut tx = state().write(&who).await?;
        shelf::insert_copies(&mut tx, who, &shelf::NewCopies { key, edition, condition, labels }).await?;
        tx.commit().await?;
        Ok(to("/coordinator/library").done("copies-added"))
    })
    .await
}

/// Marks a copy lost, withdrawn, or in use again: `change` is the button that was pressed.
#[server(endpoint = "change-copy")]
pub async fn change_copy(copy: CopyId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut fields = Fields::typed();
        let change = fields.one::<CopyAction>("change", "Choose what happened to the copy.");
        let (change,) = fields.take((change,))?;
        let mut tx = state().write(&who).await?;
        shelf::change_copy(&mut tx, who, copy, change).await?;
        tx.commit().await?;
        Ok(back().done("copy-changed"))
    })
    .await
}

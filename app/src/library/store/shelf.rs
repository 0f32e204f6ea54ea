//! The shelf in the database: titles, their editions and copies, and where each copy is now.

use chrono::{DateTime, NaiveDate, Utc};

use super::super::{Condition, CopyAction, CopyState, Dates, LoanAction, LoanWay, Stage};
use crate::audit::{Event, Kind};
use crate::db::{Queryable, WriteTx, execute, fetch_all, fetch_optional};
use crate::enrollments::State;
use crate::error::{AppError, FieldError, Refusal};
use crate::id::{CopyId, EditionId, EnrollmentId, HoldId, LoanId, SubmissionKey, TitleId};
use crate::people::Coordinator;

/// An edition under its title; a title that has none yet comes once, without.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct EditionRow {
    pub title_id: TitleId,
    pub title: String,
    pub publisher: String,
    pub edition_id: Option<EditionId>,
    pub edition: Option<String>,
    pub year: Option<i32>,
    pub isbn: Option<String>,
}

pub async fn list_editions(tx: &mut impl Queryable, _who: Coordinator) -> Result<Vec<EditionRow>, sqlx::Error> {
    fetch_all!(
        tx,
        EditionRow,
        "SELECT ti.id AS title_id, ti.name AS title, ti.publisher, ed.id AS edition_id, ed.label AS edition, ed.year, ed.isbn
         FROM title ti LEFT JOIN edition ed ON ed.title_id = ti.id ORDER BY ti.name, ed.created_at, ed.label"
    )
}

/// A copy and, when it is lent, to whom.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct CopyRow {
    pub id: CopyId,
    pub edition_id: EditionId,
    pub label: String,
    pub condition: Condition,
    pub state: CopyState,
    pub loan_id: Option<LoanId>,
    pub enrollment_id: Option<EnrollmentId>,
    pub borrower: Option<String>,
    pub lent_at: Option<DateTime<Utc>>,
    pub due_on: Option<NaiveDate>,
    pub arrived_at: Option<DateTime<Utc>>,
    pub sent_back_at: Option<DateTime<Utc>>,
}

impl CopyRow {
    /// The stage of its live loan.
    pub fn stage(&self) -> Option<Stage> {
        let dates = Dates { arrived_at: self.arrived_at, sent_back_at: self.sent_back_at, returned_at: None };
        self.loan_id.map(|_| dates.stage())
    }
}

/// Every copy, in the order of labels as people count them: CG-2 before CG-10.
pub async fn list_copies(tx: &mut impl Queryable, _who: Coordinator) -> Result<Vec<CopyRow>, sqlx::Error> {
    fetch_all!(
        tx,
        CopyRow,
        "SELECT c.id, c.edition_id, c.label, c.condition, c.state, lo.id AS loan_id, lo.enrollment_id, p.name AS borrower,
            lo.lent_at, lo.due_on, lo.arrived_at, lo.sent_back_at
         FROM copy c
         LEFT JOIN loan lo ON lo.copy_id = c.id AND lo.returned_at IS NULL
         LEFT JOIN enrollment e ON e.id = lo.enrollment_id
         LEFT JOIN account p ON p.id = e.mentee_id
         ORDER BY c.edition_id, length(c.label), c.label"
    )
}

/// Somebody who waits for an edition. Where it should be sent stands on the page that lends it, not here.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct HoldRow {
    pub id: HoldId,
    pub edition_id: EditionId,
    pub enrollment_id: EnrollmentId,
    pub mentee: String,
    pub way: LoanWay,
    pub placed_at: DateTime<Utc>,
}

/// Everyone who waits, who asked first first.
pub async fn list_holds(tx: &mut impl Queryable, _who: Coordinator) -> Result<Vec<HoldRow>, sqlx::Error> {
    fetch_all!(
        tx,
        HoldRow,
        "SELECT h.id, h.edition_id, h.enrollment_id, p.name AS mentee, h.way, h.placed_at
         FROM hold h JOIN enrollment e ON e.id = h.enrollment_id JOIN account p ON p.id = e.mentee_id
         WHERE h.ended_at IS NULL ORDER BY h.placed_at, h.id"
    )
}

/// A copy that stands on the shelf.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct FreeCopy {
    pub id: CopyId,
    pub label: String,
    pub condition: Condition,
}

pub async fn list_free(tx: &mut impl Queryable, edition: EditionId) -> Result<Vec<FreeCopy>, sqlx::Error> {
    fetch_all!(
        tx,
        FreeCopy,
        "SELECT c.id, c.label, c.condition FROM copy c WHERE c.edition_id = $1 AND c.state = 'in_use'
            AND NOT EXISTS (SELECT 1 FROM loan lo WHERE lo.copy_id = c.id AND lo.returned_at IS NULL)
         ORDER BY length(c.label), c.label",
        edition
    )
}

fn wrong(field: &str, message: impl Into<String>) -> AppError {
    AppError::Invalid(vec![FieldError { field: field.to_owned(), message: message.into() }])
}

/// Adds a title. The same title by the same publisher again changes nothing.
pub async fn insert_title(tx: &mut WriteTx, _who: Coordinator, name: &str, publisher: &str) -> Result<(), AppError> {
    let (id, now) = (TitleId::new(), tx.now());
    let added = execute!(
        tx,
        "INSERT INTO title (id, name, publisher, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        id,
        name,
        publisher,
        now
    )?;
    if added == 1 {
        tx.note(Event::new(Kind::TitleAdded).about(id.0));
        return Ok(());
    }
    match fetch_optional!(tx, (String,), "SELECT publisher FROM title WHERE name = $1", name)? {
        Some((there,)) if there == publisher => Ok(()),
        _ => Err(wrong("name", "This title is in the library already. Add an edition to it instead.")),
    }
}

/// What an edition is known by.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct NewEdition {
    pub title_id: TitleId,
    pub label: String,
    pub year: Option<i32>,
    pub isbn: Option<String>,
}

/// Adds an edition. The very same one again changes nothing.
pub async fn insert_edition(tx: &mut WriteTx, _who: Coordinator, new: &NewEdition) -> Result<(), AppError> {
    let known = fetch_optional!(tx, (i32,), "SELECT 1 FROM title WHERE id = $1", new.title_id)?;
    if known.is_none() {
        return Err(wrong("title", "Choose a title from the list."));
    }
    let (id, now) = (EditionId::new(), tx.now());
    let added = execute!(
        tx,
        "INSERT INTO edition (id, title_id, label, year, isbn, created_at) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT DO NOTHING",
        id,
        new.title_id,
        &new.label,
        new.year,
        new.isbn.as_deref(),
        now
    )?;
    if added == 1 {
        tx.note(Event::new(Kind::EditionAdded).about(id.0));
        return Ok(());
    }
    let there = fetch_optional!(
        tx,
        NewEdition,
        "SELECT title_id, label, year, isbn FROM edition WHERE title_id = $1 AND label = $2",
        new.title_id,
        &new.label
    )?;
    if there.as_ref() == Some(new) {
        return Ok(());
    }
    Err(wrong("edition-label", "This title has an edition of this name already. Name the new one differently."))
}

/// Several copies of one edition, as one form adds them.
#[derive(Debug, Clone)]
pub struct NewCopies {
    pub key: SubmissionKey,
    pub edition: EditionId,
    pub condition: Condition,
    pub labels: Vec<String>,
}

/// Adds copies: all of them, or none when a label is taken. The form sent again changes nothing.
pub async fn insert_copies(tx: &mut WriteTx, _who: Coordinator, new: &NewCopies) -> Result<(), AppError> {
    let known = fetch_optional!(tx, (i32,), "SELECT 1 FROM edition WHERE id = $1", new.edition)?;
    if known.is_none() {
        return Err(wrong("edition", "Choose an edition from the list."));
    }
    let (mut taken, mut again) = (Vec::new(), 0);
    for label in &new.labels {
        match insert_copy(tx, new, label).await? {
            Added::New => {}
            Added::Before => again += 1,
            Added::Taken => taken.push(label.as_str()),
        }
    }
    match (taken.as_slice(), again) {
        ([], _) => Ok(()),
        ([one], _) => Err(wrong("labels", format!("{one} is the label of another copy. Give this one another label."))),
        (several, _) => {
            Err(wrong("labels", format!("These are labels of other copies: {}. Choose others.", several.join(", "))))
        }
    }
}

enum Added {
    New,
    /// By the same form, sent before.
    Before,
    Taken,
}

async fn insert_copy(tx: &mut WriteTx, new: &NewCopies, label: &str) -> Result<Added, sqlx::Error> {
    let (id, now) = (CopyId::new(), tx.now());
    let added = execute!(
        tx,
        "INSERT INTO copy (id, submission_key, edition_id, label, condition, state, added_at)
         VALUES ($1, $2, $3, $4, $5, 'in_use', $6) ON CONFLICT DO NOTHING",
        id,
        new.key,
        new.edition,
        label,
        new.condition,
        now
    )?;
    if added == 1 {
        tx.note(Event::new(Kind::CopyAdded).about(id.0));
        return Ok(Added::New);
    }
    let same = fetch_optional!(tx, (i32,), "SELECT 1 FROM copy WHERE label = $1 AND submission_key = $2", label, new.key)?;
    Ok(if same.is_some() { Added::Before } else { Added::Taken })
}

/// Marks a copy lost, withdrawn, or in use again. A copy that is lost while lent ends its loan; whoever it never reached
/// is back in the queue, with the way and the address it should have gone to.
pub async fn change_copy(tx: &mut WriteTx, _who: Coordinator, copy: CopyId, action: CopyAction) -> Result<(), AppError> {
    // Held first, so that nobody lends it meanwhile.
    execute!(tx, "UPDATE copy SET state = state WHERE id = $1", copy)?;
    let (state,) =
        fetch_optional!(tx, (CopyState,), "SELECT state FROM copy WHERE id = $1", copy)?.ok_or(AppError::NotFound)?;
    let lent = find_lent(tx, copy).await?;
    let next = state.after(action, lent.is_some())?;
    if let Some(lent) = lent {
        lose(tx, &lent).await?;
    }
    let changed = execute!(tx, "UPDATE copy SET state = $3 WHERE id = $1 AND state = $2", copy, state, next)?;
    if changed == 0 {
        return Err(Refusal::new("Somebody else changed this copy just now. Look at it again.").into());
    }
    tx.note(Event::new(Kind::CopyChanged).about(copy.0).words(next.as_str()));
    Ok(())
}

#[derive(sqlx::FromRow)]
struct Lent {
    id: LoanId,
    enrollment_id: EnrollmentId,
    edition_id: EditionId,
    way: LoanWay,
    address: Option<String>,
    lent_at: DateTime<Utc>,
    arrived_at: Option<DateTime<Utc>>,
    sent_back_at: Option<DateTime<Utc>>,
    state: State,
}

async fn find_lent(tx: &mut WriteTx, copy: CopyId) -> Result<Option<Lent>, sqlx::Error> {
    fetch_optional!(
        tx,
        Lent,
        "SELECT lo.id, lo.enrollment_id, c.edition_id, lo.way, lo.address, lo.lent_at, lo.arrived_at,
            lo.sent_back_at, e.state
         FROM loan lo JOIN copy c ON c.id = lo.copy_id JOIN enrollment e ON e.id = lo.enrollment_id
         WHERE lo.copy_id = $1 AND lo.returned_at IS NULL",
        copy
    )
}

async fn lose(tx: &mut WriteTx, lent: &Lent) -> Result<(), AppError> {
    let dates = Dates { arrived_at: lent.arrived_at, sent_back_at: lent.sent_back_at, returned_at: None };
    super::advance(tx, lent.enrollment_id, lent.id, dates, LoanAction::Lose).await?;
    // Their turn came once, so they stand before everyone who asked after that.
    if dates.stage() == Stage::OnTheWay && lent.state.is_live() {
        super::place(tx, lent.enrollment_id, lent.edition_id, lent.way, lent.address.as_deref(), lent.lent_at).await?;
    }
    Ok(())
}

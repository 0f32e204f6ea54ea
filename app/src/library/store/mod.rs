//! Loans and holds in the database: who asked for a book, who has it, and what came of it.
//!
//! A postal address is here only: read by its owner and by the coordinator, emptied when the loan or the hold ends.

pub mod shelf;

use chrono::{DateTime, NaiveDate, Utc};

use super::{Dates, LoanAction, LoanWay, Renewal, Stage, Standing, Step};
use crate::audit::{Event, Kind};
use crate::db::{Queryable, WriteTx, execute, fetch_optional};
use crate::enrollments::State;
use crate::error::{AppError, Refusal};
use crate::id::{AccountId, CopyId, EditionId, EnrollmentId, HoldId, LoanId};
use crate::people::{Coordinator, Mentee, OwnEnrollment};

/// How an enrolment stands to its book, as one query brings it.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Book {
    pub enrollment: EnrollmentId,
    pub mentee_id: AccountId,
    pub mentee: String,
    pub state: State,
    pub title: String,
    pub edition_id: EditionId,
    pub edition: String,
    time_limit: NaiveDate,
    last_target: Option<NaiveDate>,
    pub own_book_at: Option<DateTime<Utc>>,
    /// When the last loan of this enrolment ended.
    pub returned_at: Option<DateTime<Utc>>,

    loan_id: Option<LoanId>,
    copy_id: Option<CopyId>,
    copy_label: Option<String>,
    loan_way: Option<LoanWay>,
    loan_address: Option<String>,
    lent_at: Option<DateTime<Utc>>,
    due_on: Option<NaiveDate>,
    arrived_at: Option<DateTime<Utc>>,
    sent_back_at: Option<DateTime<Utc>>,

    hold_id: Option<HoldId>,
    hold_way: Option<LoanWay>,
    hold_address: Option<String>,
    placed_at: Option<DateTime<Utc>>,

    /// Copies of the edition that stand on the shelf.
    pub free: i64,
    /// Others who wait for one; of them, those who asked earlier.
    pub waiting: i64,
    pub ahead: i64,
}

/// A live loan.
#[derive(Debug, Clone)]
pub struct Loan {
    pub id: LoanId,
    pub copy_id: CopyId,
    pub copy: String,
    pub way: LoanWay,
    pub address: Option<String>,
    pub lent_at: DateTime<Utc>,
    pub due_on: NaiveDate,
    pub dates: Dates,
}

/// A live request for a book.
#[derive(Debug, Clone)]
pub struct Hold {
    pub id: HoldId,
    pub way: LoanWay,
    pub address: Option<String>,
    pub placed_at: DateTime<Utc>,
}

impl Book {
    pub fn loan(&self) -> Option<Loan> {
        Some(Loan {
            id: self.loan_id?,
            copy_id: self.copy_id?,
            copy: self.copy_label.clone()?,
            way: self.loan_way?,
            address: self.loan_address.clone(),
            lent_at: self.lent_at?,
            due_on: self.due_on?,
            dates: Dates { arrived_at: self.arrived_at, sent_back_at: self.sent_back_at, returned_at: None },
        })
    }

    pub fn hold(&self) -> Option<Hold> {
        Some(Hold { id: self.hold_id?, way: self.hold_way?, address: self.hold_address.clone(), placed_at: self.placed_at? })
    }

    pub fn standing(&self) -> Standing {
        if self.loan_id.is_some() {
            Standing::Lent
        } else if self.own_book_at.is_some() {
            Standing::Own
        } else if self.hold_id.is_some() {
            Standing::Waiting
        } else {
            Standing::Open
        }
    }

    /// When the study should be finished: the plan's last date, or else the time limit of the option.
    pub fn planned_end(&self) -> NaiveDate {
        self.last_target.unwrap_or(self.time_limit)
    }

    /// What decides whether the loan can run on.
    pub fn renewal(&self, loan: &Loan) -> Renewal {
        Renewal {
            stage: loan.dates.stage(),
            due_on: loan.due_on,
            planned_end: self.planned_end(),
            live: self.state.is_live(),
            waiting: self.waiting,
            free: self.free,
        }
    }
}

macro_rules! book {
    ($rest:literal) => {
        concat!(
            "SELECT e.id AS enrollment, e.mentee_id, p.name AS mentee, e.state, e.due_on AS time_limit, e.own_book_at,
                ti.name AS title, ed.id AS edition_id, ed.label AS edition,
                (SELECT max(t.target_on) FROM plan_target t WHERE t.enrollment_id = e.id) AS last_target,
                (SELECT max(x.returned_at) FROM loan x WHERE x.enrollment_id = e.id) AS returned_at,
                lo.id AS loan_id, lo.copy_id, co.label AS copy_label, lo.way AS loan_way, lo.address AS loan_address,
                lo.lent_at, lo.due_on, lo.arrived_at, lo.sent_back_at,
                ho.id AS hold_id, ho.way AS hold_way, ho.address AS hold_address, ho.placed_at,
                (SELECT COUNT(*) FROM copy c WHERE c.edition_id = ed.id AND c.state = 'in_use'
                    AND NOT EXISTS (SELECT 1 FROM loan x WHERE x.copy_id = c.id AND x.returned_at IS NULL)) AS free,
                (SELECT COUNT(*) FROM hold h WHERE h.edition_id = ed.id AND h.ended_at IS NULL
                    AND h.enrollment_id <> e.id) AS waiting,
                (SELECT COUNT(*) FROM hold h WHERE h.edition_id = ed.id AND h.ended_at IS NULL
                    AND h.placed_at < ho.placed_at) AS ahead
             FROM enrollment e
             JOIN account p ON p.id = e.mentee_id
             JOIN outline ou ON ou.id = e.outline_id
             JOIN edition ed ON ed.id = ou.edition_id
             JOIN title ti ON ti.id = ed.title_id
             LEFT JOIN loan lo ON lo.enrollment_id = e.id AND lo.returned_at IS NULL
             LEFT JOIN copy co ON co.id = lo.copy_id
             LEFT JOIN hold ho ON ho.enrollment_id = e.id AND ho.edition_id = ed.id AND ho.ended_at IS NULL ",
            $rest
        )
    };
}

async fn find(tx: &mut impl Queryable, enrollment: EnrollmentId) -> Result<Book, AppError> {
    fetch_optional!(tx, Book, book!("WHERE e.id = $1"), enrollment)?.ok_or(AppError::NotFound)
}

/// The book of the mentee's own enrolment.
pub async fn find_own(tx: &mut impl Queryable, who: OwnEnrollment) -> Result<Book, AppError> {
    find(tx, who.enrollment()).await
}

/// The book of any enrolment, for the coordinator.
pub async fn find_for_desk(tx: &mut impl Queryable, _who: Coordinator, enrollment: EnrollmentId) -> Result<Book, AppError> {
    find(tx, enrollment).await
}

/// The book of the mentee's live enrolment, or else of the latest one.
pub async fn find_of_mentee(tx: &mut impl Queryable, who: Mentee) -> Result<Option<Book>, sqlx::Error> {
    fetch_optional!(
        tx,
        Book,
        book!(
            "WHERE e.id = (SELECT x.id FROM enrollment x WHERE x.mentee_id = $1
             ORDER BY CASE WHEN x.state IN ('active', 'paused') THEN 0 ELSE 1 END, x.started_at DESC LIMIT 1)"
        ),
        who.account()
    )
}

/// Holds the enrolment's row, so that what is decided about its book is decided by one at a time.
async fn lock(tx: &mut WriteTx, enrollment: EnrollmentId) -> Result<(), AppError> {
    let held = execute!(tx, "UPDATE enrollment SET state = state WHERE id = $1 AND state IN ('active', 'paused')", enrollment)?;
    if held == 0 {
        return Err(Refusal::new("This enrollment has ended, so no book is lent for it.").into());
    }
    Ok(())
}

/// Takes a place in the queue for the book, or changes way and address of the place there is.
pub async fn request(tx: &mut WriteTx, who: OwnEnrollment, way: LoanWay, address: Option<&str>) -> Result<(), AppError> {
    lock(tx, who.enrollment()).await?;
    let book = find_own(tx, who).await?;
    book.standing().after(Step::Request)?;
    let now = tx.now();
    place(tx, book.enrollment, book.edition_id, way, address, now).await?;
    execute!(tx, "UPDATE enrollment SET own_book_at = NULL WHERE id = $1", book.enrollment)?;
    Ok(())
}

async fn place(
    tx: &mut WriteTx,
    enrollment: EnrollmentId,
    edition: EditionId,
    way: LoanWay,
    address: Option<&str>,
    placed_at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let id = HoldId::new();
    execute!(
        tx,
        "INSERT INTO hold (id, edition_id, enrollment_id, way, address, placed_at) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (enrollment_id, edition_id) WHERE ended_at IS NULL
         DO UPDATE SET way = excluded.way, address = excluded.address",
        id,
        edition,
        enrollment,
        way,
        address,
        placed_at
    )?;
    tx.note(Event::new(Kind::BookRequested).of(enrollment));
    Ok(())
}

/// Gives the place in the queue up.
pub async fn cancel(tx: &mut WriteTx, who: OwnEnrollment) -> Result<(), AppError> {
    let book = find_own(tx, who).await?;
    book.standing().after(Step::Cancel)?;
    end_holds(tx, who.enrollment()).await?;
    Ok(())
}

/// Ends what an enrolment still waits for, and erases its address: when it is lent, given up, or when the study ends.
pub async fn end_holds(tx: &mut WriteTx, enrollment: EnrollmentId) -> Result<(), sqlx::Error> {
    let now = tx.now();
    let ended = execute!(
        tx,
        "UPDATE hold SET ended_at = $2, address = NULL WHERE enrollment_id = $1 AND ended_at IS NULL",
        enrollment,
        now
    )?;
    if ended > 0 {
        tx.note(Event::new(Kind::BookRequestEnded).of(enrollment));
    }
    Ok(())
}

/// Notes that the mentee studies with a copy of their own. Saying it twice changes nothing.
pub async fn own(tx: &mut WriteTx, who: OwnEnrollment) -> Result<(), AppError> {
    lock(tx, who.enrollment()).await?;
    let book = find_own(tx, who).await?;
    book.standing().after(Step::Own)?;
    end_holds(tx, book.enrollment).await?;
    let now = tx.now();
    let said =
        execute!(tx, "UPDATE enrollment SET own_book_at = $2 WHERE id = $1 AND own_book_at IS NULL", book.enrollment, now)?;
    if said == 1 {
        tx.note(Event::new(Kind::BookOwned).of(book.enrollment));
    }
    Ok(())
}

/// What the coordinator decides about a loan.
#[derive(Debug, Clone)]
pub struct Terms {
    pub copy: CopyId,
    pub way: LoanWay,
    pub address: Option<String>,
    pub due_on: NaiveDate,
}

/// Lends a copy. `false` when this enrolment has this very copy already: a form sent twice.
///
/// Of two who lend the last copy at once, the row count lets one win; the other is told.
pub async fn lend(tx: &mut WriteTx, who: Coordinator, enrollment: EnrollmentId, terms: &Terms) -> Result<bool, AppError> {
    lock(tx, enrollment).await?;
    let book = find(tx, enrollment).await?;
    if book.loan().is_some_and(|loan| loan.copy_id == terms.copy) {
        return Ok(false);
    }
    book.standing().after(Step::Lend)?;
    let held = execute!(
        tx,
        "UPDATE copy SET state = state WHERE id = $1 AND edition_id = $2 AND state = 'in_use'",
        terms.copy,
        book.edition_id
    )?;
    if held == 0 {
        return Err(Refusal::new("This copy can no longer be lent. Choose another one.").into());
    }
    let (id, now) = (LoanId::new(), tx.now());
    // What is handed over is there at once.
    let arrived_at = (terms.way == LoanWay::InPerson).then_some(now);
    let lent = execute!(
        tx,
        "INSERT INTO loan (id, copy_id, enrollment_id, way, address, lent_at, lent_by, due_on, arrived_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
        id,
        terms.copy,
        enrollment,
        terms.way,
        terms.address.as_deref(),
        now,
        who.account(),
        terms.due_on,
        arrived_at
    )?;
    if lent == 0 {
        return Err(Refusal::new("This copy was lent to somebody else a moment ago. Choose another one.").into());
    }
    end_holds(tx, enrollment).await?;
    execute!(tx, "UPDATE enrollment SET own_book_at = NULL WHERE id = $1", enrollment)?;
    tx.note(Event::new(Kind::LoanStarted).of(enrollment).about(id.0));
    Ok(true)
}

/// A mentee's word about the lent book: it arrived, or it is on its way back.
pub async fn tell(tx: &mut WriteTx, who: OwnEnrollment, action: LoanAction) -> Result<(), AppError> {
    let loan = find_own(tx, who).await?.loan().ok_or_else(nothing_lent)?;
    advance(tx, who.enrollment(), loan.id, loan.dates, action).await
}

fn nothing_lent() -> AppError {
    Refusal::new("No book is on loan to you now.").into()
}

/// Records that a book is back on the shelf, and erases the address it was sent to.
pub async fn receive(tx: &mut WriteTx, _who: Coordinator, loan: LoanId) -> Result<(), AppError> {
    #[derive(sqlx::FromRow)]
    struct Row {
        enrollment_id: EnrollmentId,
        arrived_at: Option<DateTime<Utc>>,
        sent_back_at: Option<DateTime<Utc>>,
        returned_at: Option<DateTime<Utc>>,
    }
    let row =
        fetch_optional!(tx, Row, "SELECT enrollment_id, arrived_at, sent_back_at, returned_at FROM loan WHERE id = $1", loan)?
            .ok_or(AppError::NotFound)?;
    if row.returned_at.is_some() {
        return Err(Refusal::new("This book is back on the shelf already.").into());
    }
    let dates = Dates { arrived_at: row.arrived_at, sent_back_at: row.sent_back_at, returned_at: None };
    advance(tx, row.enrollment_id, loan, dates, LoanAction::Receive).await
}

/// Moves a live loan on. The address goes with the end of the loan.
async fn advance(
    tx: &mut WriteTx,
    enrollment: EnrollmentId,
    loan: LoanId,
    dates: Dates,
    action: LoanAction,
) -> Result<(), AppError> {
    let next = dates.after(action, tx.now())?;
    let changed = execute!(
        tx,
        "UPDATE loan SET arrived_at = $2, sent_back_at = $3, returned_at = $4,
            address = CASE WHEN $5 = TRUE THEN NULL ELSE address END
         WHERE id = $1 AND returned_at IS NULL AND (arrived_at IS NULL) = $6 AND (sent_back_at IS NULL) = $7",
        loan,
        next.arrived_at,
        next.sent_back_at,
        next.returned_at,
        next.stage() == Stage::Ended,
        dates.arrived_at.is_none(),
        dates.sent_back_at.is_none()
    )?;
    if changed == 0 {
        return Err(Refusal::new("Somebody else changed this loan just now. Look at it again.").into());
    }
    let kind = match action {
        LoanAction::Arrive => Kind::LoanArrived,
        LoanAction::Renew => Kind::LoanRenewed,
        LoanAction::SendBack => Kind::LoanSentBack,
        LoanAction::Receive | LoanAction::Lose => Kind::LoanEnded,
    };
    let event = Event::new(kind).of(enrollment).about(loan.0);
    tx.note(if action == LoanAction::Lose { event.words("lost") } else { event });
    Ok(())
}

/// Lets the loan run on to a later day.
pub async fn renew(tx: &mut WriteTx, who: OwnEnrollment, settings: &crate::settings::Settings) -> Result<(), AppError> {
    lock(tx, who.enrollment()).await?;
    let book = find_own(tx, who).await?;
    let loan = book.loan().ok_or_else(nothing_lent)?;
    let next = book.renewal(&loan).after(crate::clock::today(tx.now()), settings)?;
    let changed = execute!(
        tx,
        "UPDATE loan SET due_on = $2 WHERE id = $1 AND returned_at IS NULL AND sent_back_at IS NULL",
        loan.id,
        next
    )?;
    if changed == 0 {
        return Err(nothing_lent());
    }
    tx.note(Event::new(Kind::LoanRenewed).of(book.enrollment).about(loan.id.0));
    Ok(())
}

//! The queries of a search: one for each group, whatever is looked for. Each gives the first candidates in their order;
//! [`Query::fits`] has the last word.

use chrono::NaiveDate;

use super::{MOST, Query};
use crate::agreements;
use crate::applications;
use crate::certificates::Standing;
use crate::db::{Queryable, fetch_all, fetch_optional};
use crate::enrollments::{self, OptionNumber};
use crate::id::{AccountId, ApplicationId, EnrollmentId};
use crate::library::CopyState;
use crate::people::Coordinator;

/// How many rows the database gives for a group: more than are shown, because some only may fit.
const CANDIDATES: i64 = 500;

/// The results of one group: those shown, and whether there are more.
#[derive(Debug, Clone)]
pub struct Found<T> {
    pub rows: Vec<T>,
    pub more: bool,
}

impl<T> Found<T> {
    fn of(candidates: Vec<T>, fits: impl Fn(&T) -> bool) -> Self {
        let mut rows: Vec<T> = candidates.into_iter().filter(fits).take(MOST + 1).collect();
        let more = rows.len() > MOST;
        rows.truncate(MOST);
        Self { rows, more }
    }
}

/// Everything that was found.
#[derive(Debug, Clone)]
pub struct Results {
    pub people: Found<Person>,
    pub applications: Found<Applicant>,
    pub enrollments: Found<Enrolled>,
    pub books: Found<Book>,
    pub certificates: Found<Certified>,
    pub letters: Found<Letter>,
}

/// Whether a text fits the four patterns, or holds letters that the engines fold differently.
macro_rules! fits {
    ($text:literal) => {
        concat!(
            "((lower(",
            $text,
            ") LIKE $1 ESCAPE '\\' AND lower(",
            $text,
            ") LIKE $2 ESCAPE '\\' AND lower(",
            $text,
            ") LIKE $3 ESCAPE '\\' AND lower(",
            $text,
            ") LIKE $4 ESCAPE '\\') OR octet_length(",
            $text,
            ") > length(",
            $text,
            "))"
        )
    };
}

/// Whether the digits of a number, as people write it, fit the pattern; looked at only where digits were typed.
macro_rules! digits_fit {
    ($number:literal) => {
        concat!(
            "($5 <> '' AND replace(replace(replace(replace(replace(replace(",
            $number,
            ", '-', ''), ' ', ''), '.', ''), '(', ''), ')', ''), '+', '') LIKE $5)"
        )
    };
}

/// The first candidates of a group: `$1` to `$4` are the words, then what else is bound, then how many.
macro_rules! candidates {
    ($tx:expr, $query:expr, $row:ty, $sql:expr $(, $bind:expr)*) => {{
        let [one, two, three, four] = $query.patterns();
        fetch_all!($tx, $row, $sql, &one, &two, &three, &four $(, $bind)*, CANDIDATES)
    }};
}

/// Looks through everything.
pub async fn search(tx: &mut impl Queryable, _who: &Coordinator, query: &Query) -> Result<Results, sqlx::Error> {
    Ok(Results {
        people: people(tx, query).await?,
        applications: applications(tx, query).await?,
        enrollments: enrollments(tx, query).await?,
        books: books(tx, query).await?,
        certificates: certificates(tx, query).await?,
        letters: letters(tx, query).await?,
    })
}

/// Somebody with an account, and what they are.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Person {
    pub id: AccountId,
    pub name: String,
    pub email: String,
    pub phone: String,
    pub workplace: String,
    /// Has a profile as a mentor.
    pub mentor: bool,
    pub coordinator: bool,
    /// Their live enrolment, or else the latest.
    pub enrollment_id: Option<EnrollmentId>,
    pub option_number: Option<OptionNumber>,
    pub state: Option<enrollments::State>,
}

macro_rules! people {
    ($rest:expr) => {
        concat!(
            "SELECT a.id, a.name, a.email, a.phone, coalesce(ap.workplace, '') AS workplace,
                EXISTS (SELECT 1 FROM mentor x WHERE x.account_id = a.id) AS mentor,
                EXISTS (SELECT 1 FROM account_role x WHERE x.account_id = a.id AND x.role = 'coordinator') AS coordinator,
                e.id AS enrollment_id, e.option_number, e.state
             FROM account a
             LEFT JOIN enrollment e ON e.id = (SELECT x.id FROM enrollment x WHERE x.mentee_id = a.id
                ORDER BY CASE WHEN x.state IN ('active', 'paused') THEN 0 ELSE 1 END, x.started_at DESC LIMIT 1)
             LEFT JOIN application ap ON ap.id = e.application_id
             WHERE a.closed_at IS NULL AND ",
            $rest
        )
    };
}

async fn people(tx: &mut impl Queryable, query: &Query) -> Result<Found<Person>, sqlx::Error> {
    let rows = candidates!(
        tx,
        query,
        Person,
        people!(concat!(
            "(",
            fits!("(a.name || ' ' || a.email || ' ' || coalesce(ap.workplace, ''))"),
            " OR ",
            digits_fit!("a.phone"),
            ") ORDER BY lower(a.name), a.id LIMIT $6"
        )),
        query.digits_pattern()
    )?;
    Ok(Found::of(rows, |row| {
        query.fits(&format!("{} {} {}", row.name, row.email, row.workplace)) || query.fits_number(&row.phone)
    }))
}

/// Whose e-mail address this is.
pub async fn find_person(tx: &mut impl Queryable, _who: &Coordinator, email: &str) -> Result<Option<Person>, sqlx::Error> {
    fetch_optional!(tx, Person, people!("a.email = $1"), email)
}

/// Somebody who applied and has not been accepted.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Applicant {
    pub id: ApplicationId,
    pub name: String,
    pub email: String,
    pub phone: String,
    pub workplace: String,
    pub option_number: OptionNumber,
    pub state: applications::State,
}

async fn applications(tx: &mut impl Queryable, query: &Query) -> Result<Found<Applicant>, sqlx::Error> {
    let rows = candidates!(
        tx,
        query,
        Applicant,
        concat!(
            "SELECT id, name, email, phone, workplace, option_number, state FROM application
             WHERE state <> 'accepted' AND (",
            fits!("(name || ' ' || email || ' ' || workplace)"),
            " OR ",
            digits_fit!("phone"),
            ") ORDER BY created_at DESC, id LIMIT $6"
        ),
        query.digits_pattern()
    )?;
    Ok(Found::of(rows, |row| {
        query.fits(&format!("{} {} {}", row.name, row.email, row.workplace)) || query.fits_number(&row.phone)
    }))
}

/// The latest application from an address that was not accepted.
pub async fn find_applicant(
    tx: &mut impl Queryable,
    _who: &Coordinator,
    email: &str,
) -> Result<Option<ApplicationId>, sqlx::Error> {
    let row = fetch_optional!(
        tx,
        (ApplicationId,),
        "SELECT id FROM application WHERE email = $1 AND state <> 'accepted' ORDER BY created_at DESC LIMIT 1",
        email
    )?;
    Ok(row.map(|(id,)| id))
}

/// An enrolment, by its mentee or its mentor.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Enrolled {
    pub id: EnrollmentId,
    pub mentee: String,
    pub mentor: String,
    pub option_number: OptionNumber,
    pub state: enrollments::State,
    pub due_on: NaiveDate,
}

async fn enrollments(tx: &mut impl Queryable, query: &Query) -> Result<Found<Enrolled>, sqlx::Error> {
    let rows = candidates!(
        tx,
        query,
        Enrolled,
        concat!(
            "SELECT e.id, p.name AS mentee, coalesce(q.name, '') AS mentor, e.option_number, e.state, e.due_on
             FROM enrollment e JOIN account p ON p.id = e.mentee_id
             LEFT JOIN mentor_match m ON m.enrollment_id = e.id AND m.state IN ('proposed', 'accepted')
             LEFT JOIN account q ON q.id = m.mentor_id
             WHERE ",
            fits!("(p.name || ' ' || coalesce(q.name, ''))"),
            " ORDER BY CASE WHEN e.state IN ('active', 'paused') THEN 0 ELSE 1 END, e.started_at DESC, e.id LIMIT $5"
        )
    )?;
    Ok(Found::of(rows, |row| query.fits(&format!("{} {}", row.mentee, row.mentor))))
}

/// A copy of a book and who has it; a title or edition without copies comes once, without.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Book {
    pub title: String,
    pub edition: String,
    pub isbn: String,
    pub label: String,
    pub state: Option<CopyState>,
    pub enrollment_id: Option<EnrollmentId>,
    pub borrower: String,
    pub due_on: Option<NaiveDate>,
}

async fn books(tx: &mut impl Queryable, query: &Query) -> Result<Found<Book>, sqlx::Error> {
    let rows = candidates!(
        tx,
        query,
        Book,
        concat!(
            "SELECT ti.name AS title, coalesce(ed.label, '') AS edition, coalesce(ed.isbn, '') AS isbn,
                coalesce(c.label, '') AS label, c.state, lo.enrollment_id, coalesce(p.name, '') AS borrower, lo.due_on
             FROM title ti
             LEFT JOIN edition ed ON ed.title_id = ti.id
             LEFT JOIN copy c ON c.edition_id = ed.id
             LEFT JOIN loan lo ON lo.copy_id = c.id AND lo.returned_at IS NULL
             LEFT JOIN enrollment e ON e.id = lo.enrollment_id
             LEFT JOIN account p ON p.id = e.mentee_id
             WHERE ",
            fits!("(ti.name || ' ' || coalesce(ed.label, '') || ' ' || coalesce(c.label, '') || ' ' || coalesce(p.name, ''))"),
            " OR ",
            digits_fit!("ed.isbn"),
            " ORDER BY ti.name, ed.label, length(c.label), c.label LIMIT $6"
        ),
        query.digits_pattern()
    )?;
    Ok(Found::of(rows, |row| {
        query.fits(&format!("{} {} {} {}", row.title, row.edition, row.label, row.borrower)) || query.fits_number(&row.isbn)
    }))
}

/// A certificate, by its number or whose it is.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Certified {
    pub enrollment_id: EnrollmentId,
    pub number: String,
    pub year: i32,
    pub sequence: i32,
    pub mentee: String,
    pub state: Standing,
    pub issued_on: NaiveDate,
}

async fn certificates(tx: &mut impl Queryable, query: &Query) -> Result<Found<Certified>, sqlx::Error> {
    let rows = candidates!(
        tx,
        query,
        Certified,
        concat!(
            "SELECT c.enrollment_id, c.number, c.year, c.sequence, p.name AS mentee, c.state, c.issued_on
             FROM certificate c JOIN enrollment e ON e.id = c.enrollment_id JOIN account p ON p.id = e.mentee_id
             WHERE ",
            fits!("(c.number || ' ' || p.name)"),
            " ORDER BY c.year DESC, c.sequence DESC LIMIT $5"
        )
    )?;
    Ok(Found::of(rows, |row| query.fits(&format!("{} {}", row.number, row.mentee))))
}

/// The enrolment of the certificate whose number was typed.
pub async fn find_certificate(
    tx: &mut impl Queryable,
    _who: &Coordinator,
    number: super::CertificateNumber,
) -> Result<Option<EnrollmentId>, sqlx::Error> {
    let row = fetch_optional!(
        tx,
        (EnrollmentId,),
        "SELECT enrollment_id FROM certificate WHERE year = $1 AND sequence = $2",
        number.year,
        number.sequence
    )?;
    Ok(row.map(|(id,)| id))
}

/// A letter of agreement in force, by the two who sign it. Its text is not searched.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Letter {
    pub enrollment_id: EnrollmentId,
    pub mentee: String,
    pub mentor: String,
    pub state: agreements::State,
}

async fn letters(tx: &mut impl Queryable, query: &Query) -> Result<Found<Letter>, sqlx::Error> {
    let rows = candidates!(
        tx,
        query,
        Letter,
        concat!(
            "SELECT l.enrollment_id, p.name AS mentee, q.name AS mentor, l.state
             FROM letter l JOIN enrollment e ON e.id = l.enrollment_id JOIN account p ON p.id = e.mentee_id
             JOIN mentor_match m ON m.id = l.match_id JOIN account q ON q.id = m.mentor_id
             WHERE l.state <> 'replaced' AND ",
            fits!("(p.name || ' ' || q.name)"),
            " ORDER BY l.made_at DESC, l.id LIMIT $5"
        )
    )?;
    Ok(Found::of(rows, |row| query.fits(&format!("{} {}", row.mentee, row.mentor))))
}

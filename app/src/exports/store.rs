//! The lists out of the database; each is one query, whatever its length.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value, json};
use sqlx::types::Json;

use super::{List, Table};
use crate::clock::today;
use crate::counties;
use crate::db::{Queryable, fetch_all};
use crate::enrollments::{self, OptionNumber};
use crate::library::LoanWay;
use crate::matching::store::list_mentors;
use crate::people::{Coordinator, Discipline, Role, Way};

/// A list as it is now.
pub async fn load(tx: &mut impl Queryable, who: &Coordinator, list: List) -> Result<Table, sqlx::Error> {
    match list {
        List::People => people(tx).await,
        List::Mentors => mentors(tx, who).await,
        List::Enrollments => enrollments(tx).await,
        List::Loans => loans(tx).await,
        List::Certificates => certificates(tx).await,
    }
}

/// The day of a moment, in Montana.
fn day(at: Option<DateTime<Utc>>) -> Value {
    json!(at.map(today))
}

async fn people(tx: &mut impl Queryable) -> Result<Table, sqlx::Error> {
    let rows = fetch_all!(
        tx,
        (String, String, String, DateTime<Utc>, Option<DateTime<Utc>>, bool, bool, bool, bool),
        "SELECT a.name, a.email, a.phone, a.created_at, a.closed_at, a.password_hash IS NOT NULL,
            EXISTS (SELECT 1 FROM account_role r WHERE r.account_id = a.id AND r.role = 'mentee'),
            EXISTS (SELECT 1 FROM account_role r WHERE r.account_id = a.id AND r.role = 'mentor'),
            EXISTS (SELECT 1 FROM account_role r WHERE r.account_id = a.id AND r.role = 'coordinator')
         FROM account a ORDER BY a.name, a.id"
    )?;
    let row = |(name, email, phone, made, closed, signed_in, mentee, mentor, coordinator)| {
        let roles: Vec<&str> = [(mentee, Role::Mentee), (mentor, Role::Mentor), (coordinator, Role::Coordinator)]
            .into_iter()
            .filter_map(|(held, role): (bool, Role)| held.then_some(role.as_str()))
            .collect();
        vec![json!(name), json!(email), json!(phone), json!(roles), day(Some(made)), day(closed), Value::Bool(signed_in)]
    };
    Ok(Table {
        columns: vec!["name", "email", "phone", "roles", "account_made_on", "account_closed_on", "has_password"],
        rows: rows.into_iter().map(row).collect::<Vec<Vec<Value>>>(),
    })
}

async fn mentors(tx: &mut impl Queryable, who: &Coordinator) -> Result<Table, sqlx::Error> {
    let rows = list_mentors(tx, who).await?;
    let rows = rows.into_iter().map(|one| {
        vec![
            json!(one.name),
            json!(one.email),
            json!(one.phone),
            json!(one.discipline),
            json!(counties::name(&one.county)),
            json!(one.options.0),
            json!(one.ways.0),
            json!(one.interests.0),
            json!(one.capacity),
            json!(one.current),
            json!(one.valid_to),
            json!(one.away_until),
            json!(one.about),
        ]
    });
    Ok(Table {
        columns: vec![
            "name",
            "email",
            "phone",
            "discipline",
            "county",
            "options",
            "ways",
            "interests",
            "capacity",
            "mentees_now",
            "credential_valid_to",
            "away_until",
            "about",
        ],
        rows: rows.collect(),
    })
}

#[derive(sqlx::FromRow)]
struct Enrolled {
    name: String,
    email: String,
    discipline: Discipline,
    workplace: String,
    county: String,
    counties_served: Json<Vec<String>>,
    ways: Json<Vec<Way>>,
    option_number: OptionNumber,
    book: String,
    state: enrollments::State,
    started_at: DateTime<Utc>,
    due_on: NaiveDate,
    paused_until: Option<NaiveDate>,
    ended_at: Option<DateTime<Utc>>,
    end_reason: Option<String>,
    mentor: Option<String>,
    mentor_email: Option<String>,
    matched_at: Option<DateTime<Utc>>,
    letter_received_at: Option<DateTime<Utc>>,
    chapters: i64,
    read: i64,
    discussed: i64,
    tests_passed: i64,
    certificate: Option<String>,
    completed_before: bool,
    imported: bool,
}

async fn enrollments(tx: &mut impl Queryable) -> Result<Table, sqlx::Error> {
    let rows = fetch_all!(
        tx,
        Enrolled,
        "SELECT p.name, p.email, ap.discipline, ap.workplace, ap.county, ap.counties_served, ap.ways, e.option_number,
            ti.name AS book, e.state, e.started_at, e.due_on, e.paused_until, e.ended_at, e.end_reason,
            mp.name AS mentor, mp.email AS mentor_email, m.answered_at AS matched_at, le.received_at AS letter_received_at,
            (SELECT COUNT(*) FROM chapter c WHERE c.outline_id = e.outline_id AND c.required = TRUE) AS chapters,
            (SELECT COUNT(DISTINCT s.chapter_id) FROM study_entry s JOIN chapter c ON c.id = s.chapter_id
                WHERE s.enrollment_id = e.id AND c.outline_id = e.outline_id AND c.required = TRUE) AS read,
            (SELECT COUNT(*) FROM sign_off o JOIN chapter c ON c.id = o.chapter_id
                WHERE o.enrollment_id = e.id AND c.outline_id = e.outline_id AND c.required = TRUE) AS discussed,
            (SELECT COUNT(DISTINCT a.chapter_id) FROM attempt a JOIN chapter c ON c.id = a.chapter_id
                WHERE a.enrollment_id = e.id AND c.outline_id = e.outline_id AND a.passed = TRUE) AS tests_passed,
            (SELECT x.number FROM certificate x WHERE x.enrollment_id = e.id AND x.state = 'valid') AS certificate,
            e.completed_before, e.imported_id IS NOT NULL AS imported
         FROM enrollment e
         JOIN account p ON p.id = e.mentee_id
         JOIN application ap ON ap.id = e.application_id
         JOIN outline ou ON ou.id = e.outline_id JOIN edition ed ON ed.id = ou.edition_id JOIN title ti ON ti.id = ed.title_id
         LEFT JOIN mentor_match m ON m.enrollment_id = e.id AND m.state = 'accepted'
         LEFT JOIN account mp ON mp.id = m.mentor_id
         LEFT JOIN letter le ON le.enrollment_id = e.id AND le.state IN ('open', 'signed', 'received')
         ORDER BY e.started_at, e.id"
    )?;
    Ok(Table {
        columns: vec![
            "name",
            "email",
            "discipline",
            "workplace",
            "county",
            "counties_served",
            "ways",
            "option",
            "book",
            "state",
            "started_on",
            "due_on",
            "paused_until",
            "ended_on",
            "end_reason",
            "mentor",
            "mentor_email",
            "matched_on",
            "letter_received_on",
            "chapters",
            "chapters_read",
            "chapters_discussed",
            "tests_passed",
            "certificate",
            "certificate_on_paper",
            "imported",
        ],
        rows: rows.into_iter().map(enrolled).collect(),
    })
}

fn enrolled(one: Enrolled) -> Vec<Value> {
    let served: Vec<&str> = one.counties_served.iter().map(|fips| counties::name(fips)).collect();
    vec![
        json!(one.name),
        json!(one.email),
        json!(one.discipline),
        json!(one.workplace),
        json!(counties::name(&one.county)),
        json!(served),
        json!(one.ways.0),
        json!(one.option_number),
        json!(one.book),
        json!(one.state),
        day(Some(one.started_at)),
        json!(one.due_on),
        json!(one.paused_until),
        day(one.ended_at),
        json!(one.end_reason),
        json!(one.mentor),
        json!(one.mentor_email),
        day(one.matched_at),
        day(one.letter_received_at),
        json!(one.chapters),
        json!(one.read),
        json!(one.discussed),
        json!(one.tests_passed),
        json!(one.certificate),
        json!(one.completed_before),
        json!(one.imported),
    ]
}

async fn loans(tx: &mut impl Queryable) -> Result<Table, sqlx::Error> {
    #[derive(sqlx::FromRow)]
    struct Lent {
        label: String,
        title: String,
        edition: String,
        name: String,
        way: LoanWay,
        lent_at: DateTime<Utc>,
        due_on: NaiveDate,
        arrived_at: Option<DateTime<Utc>>,
        sent_back_at: Option<DateTime<Utc>>,
        returned_at: Option<DateTime<Utc>>,
    }
    let rows = fetch_all!(
        tx,
        Lent,
        "SELECT c.label, ti.name AS title, ed.label AS edition, p.name, lo.way, lo.lent_at, lo.due_on, lo.arrived_at,
            lo.sent_back_at, lo.returned_at
         FROM loan lo JOIN copy c ON c.id = lo.copy_id JOIN edition ed ON ed.id = c.edition_id JOIN title ti ON ti.id = ed.title_id
         JOIN enrollment e ON e.id = lo.enrollment_id JOIN account p ON p.id = e.mentee_id ORDER BY lo.lent_at, lo.id"
    )?;
    let row = |one: Lent| {
        vec![
            json!(one.label),
            json!(one.title),
            json!(one.edition),
            json!(one.name),
            json!(one.way),
            day(Some(one.lent_at)),
            json!(one.due_on),
            day(one.arrived_at),
            day(one.sent_back_at),
            day(one.returned_at),
        ]
    };
    Ok(Table {
        columns: vec![
            "copy",
            "title",
            "edition",
            "mentee",
            "way",
            "lent_on",
            "due_on",
            "arrived_on",
            "sent_back_on",
            "returned_on",
        ],
        rows: rows.into_iter().map(row).collect(),
    })
}

async fn certificates(tx: &mut impl Queryable) -> Result<Table, sqlx::Error> {
    let rows = fetch_all!(
        tx,
        (
            String,
            Json<crate::certificates::Facts>,
            NaiveDate,
            crate::certificates::Standing,
            Option<DateTime<Utc>>,
            Option<String>
        ),
        "SELECT number, facts, issued_on, state, ended_at, end_reason FROM certificate ORDER BY year, sequence"
    )?;
    let row = |(number, facts, issued_on, state, ended_at, reason): (
        String,
        Json<crate::certificates::Facts>,
        NaiveDate,
        crate::certificates::Standing,
        Option<DateTime<Utc>>,
        Option<String>,
    )| {
        let facts = facts.0;
        vec![
            json!(number),
            json!(facts.name),
            json!(facts.option),
            json!(facts.book),
            json!(facts.mentor),
            json!(issued_on),
            json!(state),
            day(ended_at),
            json!(reason),
        ]
    };
    Ok(Table {
        columns: vec!["number", "name", "option", "book", "mentor", "issued_on", "state", "ended_on", "end_reason"],
        rows: rows.into_iter().map(row).collect(),
    })
}

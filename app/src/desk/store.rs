//! The desk in the database. Everything is read from the copy of what waits ([`crate::enrollments::standing`]), with the
//! names of those rows only that are shown.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::types::Json;

use crate::counties::County;
use crate::db::{Queryable, fetch_all, fetch_one};
use crate::enrollments::{OptionNumber, Owner, What};
use crate::id::{AccountId, EnrollmentId, MatchId};
use crate::matching;
use crate::matching::score::{self, Request};
use crate::people::{Coordinator, Discipline, Interest, Way};

/// A line of "Needs you": the most urgent move of one owner in one enrolment.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Row {
    pub enrollment_id: EnrollmentId,
    pub what: What,
    pub owner: Owner,
    pub since: DateTime<Utc>,
    pub due: DateTime<Utc>,
    pub clock_at: DateTime<Utc>,
    pub silent_at: DateTime<Utc>,
    pub decide_at: DateTime<Utc>,
    /// How many moves of this owner here stand on the list.
    pub together: i64,
    pub mentee: String,
    pub mentor: Option<String>,
    pub option_number: OptionNumber,
    /// The proposal that waits for an answer, or the match.
    pub match_id: Option<MatchId>,
}

/// The most lines of "Needs you" that are shown at once.
pub const MOST: i64 = 50;

/// What stands on the coordinator's list now: to be decided first, then what has stood there longest. Both halves walk an
/// index in their order and end when a page is full, however long the list.
pub async fn list_needs(tx: &mut impl Queryable, _who: &Coordinator, now: DateTime<Utc>) -> Result<Vec<Row>, sqlx::Error> {
    fetch_all!(
        tx,
        Row,
        "SELECT o.enrollment_id, o.what, o.owner, o.since, o.due, o.clock_at, o.silent_at, o.decide_at,
                (SELECT COUNT(*) FROM open_move t WHERE t.enrollment_id = o.enrollment_id AND t.owner = o.owner
                    AND t.optional = FALSE AND t.list_at <= $1) AS together,
                p.name AS mentee, q.name AS mentor, e.option_number, m.id AS match_id
         FROM (SELECT * FROM (SELECT 0 AS place, u.* FROM open_move u
                WHERE u.optional = FALSE AND u.list_at <= $1 AND u.decide_at <= $1 AND u.owner <> 'coordinator'
                AND NOT EXISTS (SELECT 1 FROM open_move v WHERE v.enrollment_id = u.enrollment_id AND v.owner = u.owner
                    AND v.optional = FALSE AND v.list_at <= $1 AND v.decide_at <= $1
                    AND (v.list_at < u.list_at OR v.list_at = u.list_at AND v.id < u.id))
                ORDER BY u.list_at, u.id LIMIT $2) a
            UNION ALL SELECT * FROM (SELECT 1 AS place, u.* FROM open_move u
                WHERE u.optional = FALSE AND u.list_at <= $1 AND (u.decide_at > $1 OR u.owner = 'coordinator')
                AND NOT EXISTS (SELECT 1 FROM open_move v WHERE v.enrollment_id = u.enrollment_id AND v.owner = u.owner
                    AND v.optional = FALSE AND v.list_at <= $1 AND (v.list_at < u.list_at OR v.list_at = u.list_at AND v.id < u.id
                        OR v.decide_at <= $1 AND v.owner <> 'coordinator'))
                ORDER BY u.list_at, u.id LIMIT $2) b
            ORDER BY place, list_at, id LIMIT $2) o
         JOIN enrollment e ON e.id = o.enrollment_id
         JOIN account p ON p.id = e.mentee_id
         LEFT JOIN mentor_match m ON m.enrollment_id = e.id AND m.state IN ('proposed', 'accepted')
         LEFT JOIN account q ON q.id = m.mentor_id
         ORDER BY o.place, o.list_at, o.id",
        now,
        MOST
    )
}

/// How many lines "Needs you" has in all.
pub async fn count_needs(tx: &mut impl Queryable, _who: &Coordinator, now: DateTime<Utc>) -> Result<i64, sqlx::Error> {
    let (count,) = fetch_one!(
        tx,
        (i64,),
        "SELECT COUNT(*) FROM (SELECT DISTINCT enrollment_id, owner FROM open_move WHERE list_at <= $1 AND optional = FALSE) d",
        now
    )?;
    Ok(count)
}

/// An active enrolment as a line of "All active pairs".
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Pair {
    pub enrollment_id: EnrollmentId,
    pub mentee: String,
    pub mentor: Option<String>,
    pub matched: bool,
    pub option_number: OptionNumber,
    pub chapters: i32,
    pub chapters_read: i32,
    pub discussed: i32,
    pub mentee_heard_at: DateTime<Utc>,
    pub mentor_heard_at: Option<DateTime<Utc>>,
    pub next_talk_at: Option<DateTime<Utc>>,
    pub turn_what: Option<What>,
    pub turn_owner: Option<Owner>,
    pub turn_since: Option<DateTime<Utc>>,
    pub turn_due: Option<DateTime<Utc>>,
    /// Whether it stands on the list above.
    pub listed: bool,
}

/// How many pairs stand on a page.
pub const PAGE: i64 = 50;

/// Every active enrolment, whose pair was unheard of longest first. `page` counts from 0.
pub async fn list_pairs(
    tx: &mut impl Queryable,
    _who: &Coordinator,
    now: DateTime<Utc>,
    page: i64,
) -> Result<Vec<Pair>, sqlx::Error> {
    fetch_all!(
        tx,
        Pair,
        "SELECT s.enrollment_id, p.name AS mentee, q.name AS mentor, s.matched, e.option_number, s.chapters, s.chapters_read,
                s.discussed, s.mentee_heard_at, s.mentor_heard_at, s.next_talk_at, s.turn_what, s.turn_owner, s.turn_since,
                s.turn_due, EXISTS (SELECT 1 FROM open_move o WHERE o.enrollment_id = s.enrollment_id AND o.list_at <= $1
                    AND o.optional = FALSE) AS listed
         FROM (SELECT * FROM standing WHERE state = 'active' ORDER BY unheard_since, enrollment_id LIMIT $2 OFFSET $3) s
         JOIN enrollment e ON e.id = s.enrollment_id
         JOIN account p ON p.id = s.mentee_id
         LEFT JOIN account q ON q.id = s.mentor_id
         ORDER BY s.unheard_since, s.enrollment_id",
        now,
        PAGE,
        page.max(0).saturating_mul(PAGE)
    )
}

/// A book that should be back.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Overdue {
    pub enrollment_id: EnrollmentId,
    pub mentee: String,
    pub book: String,
    pub due_on: NaiveDate,
}

/// The most overdue books that are shown at once.
pub const MOST_BOOKS: i64 = 20;

/// Books whose day has passed and that are not on their way back, the longest overdue first; one more than is shown when
/// there are more.
pub async fn list_overdue(tx: &mut impl Queryable, _who: &Coordinator, today: NaiveDate) -> Result<Vec<Overdue>, sqlx::Error> {
    fetch_all!(
        tx,
        Overdue,
        "SELECT l.enrollment_id, p.name AS mentee, t.name AS book, l.due_on
         FROM loan l
         JOIN copy c ON c.id = l.copy_id JOIN edition d ON d.id = c.edition_id JOIN title t ON t.id = d.title_id
         JOIN enrollment e ON e.id = l.enrollment_id JOIN account p ON p.id = e.mentee_id
         WHERE l.returned_at IS NULL AND l.sent_back_at IS NULL AND l.due_on < $1 ORDER BY l.due_on, l.id LIMIT $2",
        today,
        MOST_BOOKS + 1
    )
}

/// Certificates issued since a day.
pub async fn count_issued(tx: &mut impl Queryable, _who: &Coordinator, since: NaiveDate) -> Result<i64, sqlx::Error> {
    let (count,) = fetch_one!(tx, (i64,), "SELECT COUNT(*) FROM certificate WHERE issued_on >= $1 AND state = 'valid'", since)?;
    Ok(count)
}

/// Who looks for another mentor because theirs does not answer.
#[derive(sqlx::FromRow)]
struct Seeker {
    enrollment_id: EnrollmentId,
    mentee_id: AccountId,
    option_number: OptionNumber,
    discipline: Discipline,
    county: String,
    ways: Json<Vec<Way>>,
    interests: Json<Vec<Interest>>,
}

/// For each proposal on the list that is not answered, the mentor who suits next best. Who was asked before is not asked
/// again in place; the coordinator still can on the page of the match.
pub async fn next_mentors(
    tx: &mut impl Queryable,
    who: &Coordinator,
    now: DateTime<Utc>,
    today: NaiveDate,
) -> Result<HashMap<EnrollmentId, (AccountId, String)>, sqlx::Error> {
    let seekers = fetch_all!(
        tx,
        Seeker,
        "SELECT e.id AS enrollment_id, e.mentee_id, e.option_number, a.discipline, a.county, a.ways, a.interests
         FROM open_move o JOIN enrollment e ON e.id = o.enrollment_id JOIN application a ON a.id = e.application_id
         WHERE o.what = 'answer_proposal' AND o.list_at <= $1 ORDER BY o.list_at, o.id LIMIT $2",
        now,
        MOST
    )?;
    if seekers.is_empty() {
        return Ok(HashMap::new());
    }
    let asked = fetch_all!(
        tx,
        (EnrollmentId, AccountId),
        "SELECT m.enrollment_id, m.mentor_id FROM open_move o JOIN mentor_match m ON m.enrollment_id = o.enrollment_id
         WHERE o.what = 'answer_proposal' AND o.list_at <= $1",
        now
    )?;
    let mentors = matching::store::list_mentors(tx, who).await?;
    let offers: Vec<_> = mentors.iter().map(matching::store::MentorRow::offer).collect();
    let mut next = HashMap::new();
    for seeker in seekers {
        let id = seeker.enrollment_id;
        let request = Request {
            option: seeker.option_number,
            county: County::by_fips(&seeker.county),
            ways: seeker.ways.0,
            discipline: seeker.discipline,
            interests: seeker.interests.0,
            not_mentors: asked.iter().filter(|(of, _)| *of == id).map(|(_, mentor)| *mentor).collect(),
            oneself: Some(seeker.mentee_id),
        };
        let ranking = score::rank(&request, &offers, today);
        let best = ranking.fits.first().and_then(|(best, _)| mentors.iter().find(|mentor| mentor.id == *best));
        if let Some(mentor) = best {
            next.insert(id, (mentor.id, mentor.name.clone()));
        }
    }
    Ok(next)
}

//! The rows of a report from the database: a fixed number of queries, whatever their number of rows. Separate because the
//! figures are reckoned without one.
//!
//! What an enrollment is told by stands in indexed rows of its own, so each is looked up for the enrollments of the span
//! alone; no query reads a whole table of study.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::types::Json;

use super::{
    BeforeRow, CertificateRow, EducatorsRow, EnrollmentRow, EvaluationRow, FollowUpRow, HoldRow, LoanRow, Report, Rows, Span,
    StallRow, TalkRow, outside, sections, short, threshold,
};
use crate::clock;
use crate::competencies::Instrument;
use crate::db::{Queryable, fetch_all, fetch_one};
use crate::id::{AccountId, InstrumentId};
use crate::people::Coordinator;
use crate::settings::{self, Settings};

/// The report as the coordinator sees it, names and small groups and all.
pub async fn inside(tx: &mut impl Queryable, who: &Coordinator, span: Span, now: DateTime<Utc>) -> Result<Report, sqlx::Error> {
    let settings = settings::store::current(tx).await?;
    let rows = rows(tx, who, span, now).await?;
    let body = sections(&rows, span, clock::today(now));
    Ok(whole(&settings, span, now, None, short(&body, rows.before.as_ref(), None), body))
}

/// The report as it may leave the house.
pub async fn for_outside(
    tx: &mut impl Queryable,
    who: &Coordinator,
    span: Span,
    now: DateTime<Utc>,
) -> Result<Report, sqlx::Error> {
    let settings = settings::store::current(tx).await?;
    let rows = rows(tx, who, span, now).await?;
    let under = threshold(settings.suppress_under);
    let body = outside(sections(&rows, span, clock::today(now)), under);
    Ok(whole(&settings, span, now, Some(under), short(&body, rows.before.as_ref(), Some(under)), body))
}

fn whole(
    settings: &Settings,
    span: Span,
    now: DateTime<Utc>,
    under: Option<u32>,
    short: super::Section,
    body: Vec<super::Section>,
) -> Report {
    let sections = std::iter::once(short).chain(body).collect();
    let running = span.is_running(clock::today(now));
    Report { program: settings.program.clone(), span, made_at: now, running, under, sections }
}

/// Everything the report of a span is reckoned from.
pub async fn rows(tx: &mut impl Queryable, _who: &Coordinator, span: Span, now: DateTime<Utc>) -> Result<Rows, sqlx::Error> {
    let (from, to) = (span.begins_at(), span.ends_at());
    let applications = fetch_one!(
        tx,
        (i64, Option<DateTime<Utc>>),
        "SELECT CAST(coalesce(sum(CASE WHEN created_at >= $1 AND created_at < $2 AND state IN ('received', 'declined') THEN 1
            ELSE 0 END), 0) AS BIGINT), min(created_at) FROM application",
        from,
        to
    )?;
    let earlier = span.so_far(clock::today(now)).year_before();
    let began = applications.1.is_some_and(|began| clock::today(began) <= earlier.to);
    Ok(Rows {
        enrollments: enrollments(tx, from, to).await?,
        not_accepted: applications.0,
        certificates: certificates(tx, span).await?,
        follow_ups: follow_ups(tx, span).await?,
        evaluations: evaluations(tx, from, to).await?,
        instruments: instruments(tx).await?,
        educators: educators(tx, span, now).await?,
        talks: talks(tx, span).await?,
        stalls: stalls(tx, from, to).await?,
        loans: loans(tx, from, to).await?,
        holds: holds(tx, from, to).await?,
        before: if began { Some(before(tx, earlier).await?) } else { None },
    })
}

/// The days on which chapters were read come as one text, because there may be fifty of each of thousands.
async fn enrollments(
    tx: &mut impl Queryable,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Vec<EnrollmentRow>, sqlx::Error> {
    fetch_all!(
        tx,
        EnrollmentRow,
        "SELECT ap.created_at AS applied_at, e.started_at, e.option_number, ap.discipline, ap.county, ap.counties_served,
            e.state, e.ended_at, e.own_book_at, coalesce(ch.chapters, 0) AS chapters,
            (SELECT min(m.answered_at) FROM mentor_match m WHERE m.enrollment_id = e.id AND m.state IN ('accepted', 'ended'))
                AS matched_at,
            (SELECT min(lo.arrived_at) FROM loan lo WHERE lo.enrollment_id = e.id) AS book_arrived_at,
            (SELECT min(le.received_at) FROM letter le WHERE le.enrollment_id = e.id) AS letter_at,
            CASE WHEN EXISTS (SELECT 1 FROM study_entry s WHERE s.enrollment_id = e.id)
                THEN (SELECT string_agg(CAST((SELECT s.studied_on FROM study_entry s
                        WHERE s.enrollment_id = e.id AND s.chapter_id = c.id
                        AND NOT EXISTS (SELECT 1 FROM study_entry n WHERE n.replaces_id = s.id)
                        ORDER BY s.studied_on LIMIT 1) AS TEXT), ',')
                    FROM chapter c WHERE c.outline_id = e.outline_id AND c.required = TRUE) END AS read_on,
            CASE WHEN (SELECT COUNT(*) FROM sign_off o JOIN chapter c ON c.id = o.chapter_id
                    WHERE o.enrollment_id = e.id AND c.outline_id = e.outline_id AND c.required = TRUE) >= ch.chapters
                THEN (SELECT max(o.signed_off_at) FROM sign_off o JOIN chapter c ON c.id = o.chapter_id
                    WHERE o.enrollment_id = e.id AND c.outline_id = e.outline_id AND c.required = TRUE) END AS discussed_at
         FROM enrollment e
         JOIN application ap ON ap.id = e.application_id
         LEFT JOIN (SELECT outline_id, COUNT(*) AS chapters FROM chapter WHERE required = TRUE GROUP BY outline_id) ch
            ON ch.outline_id = e.outline_id
         WHERE (e.started_at >= $1 AND e.started_at < $2) OR (ap.created_at >= $1 AND ap.created_at < $2)",
        from,
        to
    )
}

/// A certificate that was replaced was issued all the same; its successor is not counted again.
async fn certificates(tx: &mut impl Queryable, span: Span) -> Result<Vec<CertificateRow>, sqlx::Error> {
    fetch_all!(
        tx,
        CertificateRow,
        "SELECT e.option_number, e.started_at, x.issued_on
         FROM (SELECT enrollment_id, min(issued_on) AS issued_on FROM certificate WHERE state <> 'revoked'
            GROUP BY enrollment_id) x
         JOIN enrollment e ON e.id = x.enrollment_id
         WHERE x.issued_on >= $1 AND x.issued_on <= $2",
        span.from,
        span.to
    )
}

async fn follow_ups(tx: &mut impl Queryable, span: Span) -> Result<Vec<FollowUpRow>, sqlx::Error> {
    let (from, to) = (span.begins_at(), span.ends_at());
    let mut rows = fetch_all!(
        tx,
        FollowUpRow,
        "SELECT e.mentee_id, f.months, f.answered_at, f.became_cdces, f.teaching_dsmes, f.willing_to_mentor
         FROM follow_up f JOIN enrollment e ON e.id = f.enrollment_id
         WHERE f.asked_at >= $1 AND f.asked_at < $2 ORDER BY f.asked_at, f.id",
        from,
        to
    )?;
    let results = fetch_all!(
        tx,
        (AccountId, DateTime<Utc>, bool),
        "SELECT e.mentee_id, r.recorded_at, r.outcome = 'passed' FROM exam_result r JOIN enrollment e ON e.id = r.enrollment_id
         WHERE r.taken_on >= $1 AND r.taken_on <= $2 AND r.outcome <> 'not_said' ORDER BY r.taken_on, r.id",
        span.from,
        span.to
    )?;
    rows.extend(results.into_iter().map(|(mentee_id, recorded_at, passed)| FollowUpRow {
        mentee_id,
        months: None,
        answered_at: Some(recorded_at),
        became_cdces: Some(passed),
        teaching_dsmes: None,
        willing_to_mentor: None,
    }));
    Ok(rows)
}

async fn evaluations(
    tx: &mut impl Queryable,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Vec<EvaluationRow>, sqlx::Error> {
    fetch_all!(
        tx,
        EvaluationRow,
        "SELECT s.enrollment_id, s.instrument_id, s.moment, s.ratings FROM enrollment e
         JOIN self_evaluation s ON s.enrollment_id = e.id
         WHERE e.started_at >= $1 AND e.started_at < $2 AND s.state = 'done'",
        from,
        to
    )
}

async fn instruments(tx: &mut impl Queryable) -> Result<Vec<(InstrumentId, Instrument)>, sqlx::Error> {
    let rows = fetch_all!(tx, (InstrumentId, Json<Instrument>), "SELECT id, body FROM instrument ORDER BY version DESC")?;
    Ok(rows.into_iter().map(|(id, Json(instrument))| (id, instrument)).collect())
}

/// Counted at the end of the span, or now while it runs.
async fn educators(tx: &mut impl Queryable, span: Span, now: DateTime<Utc>) -> Result<EducatorsRow, sqlx::Error> {
    let end = span.ends_at().min(now);
    let last_day: NaiveDate = span.so_far(clock::today(now)).to;
    fetch_one!(
        tx,
        EducatorsRow,
        "WITH valid AS (
            SELECT m.account_id FROM mentor m JOIN account a ON a.id = m.account_id
            WHERE (a.closed_at IS NULL OR a.closed_at >= $1)
                AND (SELECT c.valid_to FROM credential_check c WHERE c.mentor_id = m.account_id AND c.checked_at < $1
                    ORDER BY c.checked_at DESC, c.id DESC LIMIT 1) >= $2)
         SELECT (SELECT COUNT(*) FROM valid) AS mentors,
            (SELECT COUNT(*) FROM (
                SELECT e.mentee_id FROM follow_up f JOIN enrollment e ON e.id = f.enrollment_id
                    WHERE f.became_cdces = TRUE AND f.answered_at < $1
                UNION SELECT e.mentee_id FROM exam_result r JOIN enrollment e ON e.id = r.enrollment_id
                    WHERE r.outcome = 'passed' AND r.taken_on <= $2) x
                WHERE NOT EXISTS (SELECT 1 FROM valid v WHERE v.account_id = x.mentee_id)) AS became,
            (SELECT COUNT(DISTINCT m.mentor_id) FROM mentor_match m JOIN enrollment e ON e.id = m.enrollment_id
                WHERE m.state IN ('accepted', 'ended') AND m.answered_at < $1
                AND (m.ended_at IS NULL OR m.ended_at >= $3) AND (e.ended_at IS NULL OR e.ended_at >= $3)) AS mentoring",
        end,
        last_day,
        span.begins_at()
    )
}

/// A talk belongs to the mentor whom the enrollment had when it was logged.
async fn talks(tx: &mut impl Queryable, span: Span) -> Result<Vec<TalkRow>, sqlx::Error> {
    fetch_all!(
        tx,
        TalkRow,
        "SELECT m.mentor_id, a.name AS mentor, t.way, COUNT(*) AS talks, CAST(coalesce(sum(t.minutes), 0) AS BIGINT) AS minutes,
            COUNT(t.confirmed_at) AS confirmed,
            CAST(coalesce(sum(CASE WHEN t.confirmed_at IS NOT NULL THEN t.minutes END), 0) AS BIGINT) AS confirmed_minutes
         FROM talk t
         LEFT JOIN mentor_match m ON m.enrollment_id = t.enrollment_id AND m.state IN ('accepted', 'ended')
            AND m.answered_at <= t.created_at AND (m.ended_at IS NULL OR m.ended_at > t.created_at)
         LEFT JOIN account a ON a.id = m.mentor_id
         WHERE t.held_on >= $1 AND t.held_on <= $2
         GROUP BY m.mentor_id, a.name, t.way",
        span.from,
        span.to
    )
}

async fn stalls(tx: &mut impl Queryable, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Vec<StallRow>, sqlx::Error> {
    fetch_all!(
        tx,
        StallRow,
        "SELECT what, owner, opened_at, ended_at, ending FROM stall WHERE opened_at >= $1 AND opened_at < $2",
        from,
        to
    )
}

/// A loan is known as lost by its copy: it was the last that the copy had before it was marked lost.
async fn loans(tx: &mut impl Queryable, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Vec<LoanRow>, sqlx::Error> {
    fetch_all!(
        tx,
        LoanRow,
        "SELECT lo.lent_at, lo.due_on, lo.sent_back_at, lo.returned_at,
            (lo.returned_at IS NOT NULL AND co.state = 'lost' AND NOT EXISTS
                (SELECT 1 FROM loan x WHERE x.copy_id = lo.copy_id AND x.lent_at > lo.lent_at)) AS lost
         FROM loan lo JOIN copy co ON co.id = lo.copy_id
         WHERE lo.lent_at < $2 AND (lo.returned_at IS NULL OR lo.returned_at >= $1)",
        from,
        to
    )
}

/// Lending ends a request in the same moment, which is how it is told from taking it back.
async fn holds(tx: &mut impl Queryable, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Vec<HoldRow>, sqlx::Error> {
    fetch_all!(
        tx,
        HoldRow,
        "SELECT h.placed_at, h.ended_at, EXISTS (SELECT 1 FROM loan lo WHERE lo.enrollment_id = h.enrollment_id
            AND lo.lent_at = h.ended_at) AS lent
         FROM hold h WHERE h.placed_at < $2 AND (h.ended_at IS NULL OR h.ended_at >= $1)",
        from,
        to
    )
}

async fn before(tx: &mut impl Queryable, span: Span) -> Result<BeforeRow, sqlx::Error> {
    let (from, to) = (span.begins_at(), span.ends_at());
    fetch_one!(
        tx,
        BeforeRow,
        "SELECT (SELECT COUNT(*) FROM enrollment WHERE started_at >= $1 AND started_at < $2) AS participants,
            (SELECT COUNT(*) FROM (SELECT min(issued_on) AS issued_on FROM certificate WHERE state <> 'revoked'
                GROUP BY enrollment_id) x WHERE x.issued_on >= $3 AND x.issued_on <= $4) AS certificates,
            (SELECT COUNT(*) FROM talk WHERE held_on >= $3 AND held_on <= $4) AS talks,
            (SELECT CAST(coalesce(sum(minutes), 0) AS BIGINT) FROM talk WHERE held_on >= $3 AND held_on <= $4) AS minutes",
        from,
        to,
        span.from,
        span.to
    )
}

/// The program years in which something was asked of the program, the newest first.
pub async fn years(
    tx: &mut impl Queryable,
    _who: &Coordinator,
    settings: &Settings,
    now: DateTime<Utc>,
) -> Result<Vec<Span>, sqlx::Error> {
    let (first,) = fetch_one!(
        tx,
        (Option<DateTime<Utc>>,),
        "SELECT min(at) FROM (SELECT min(created_at) AS at FROM application UNION ALL SELECT min(started_at) FROM enrollment) x"
    )?;
    let year = |at| Span::around(clock::today(at), settings).year.unwrap_or_default();
    Ok((year(first.unwrap_or(now))..=year(now)).rev().map(|year| Span::of_year(year, settings)).collect())
}

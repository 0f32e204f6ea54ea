//! The coordinator's list of enrolments: what it can be narrowed to, and its rows. Separate from the story of one, because
//! it reads the copy of what waits and stays quick with thousands.

use chrono::{DateTime, NaiveDate, Utc};

use super::{OptionNumber, Owner, State, What};
use crate::counties;
use crate::db::{Queryable, WriteTx, execute, fetch_all, fetch_one};
use crate::id::{BulkId, EnrollmentId};
use crate::people::Coordinator;
use crate::words;

words! {
    /// Counties by how many people live there.
    pub enum Counties {
        Frontier = "frontier",
        Others = "others",
    }
}

impl Counties {
    pub fn name(self) -> &'static str {
        match self {
            Self::Frontier => "Frontier counties",
            Self::Others => "Other counties",
        }
    }

    /// The codes of its counties in one text. No code is part of another, so a code found in it is one of them.
    fn codes(self) -> String {
        let belongs = |county: &&counties::County| county.frontier == (self == Self::Frontier);
        counties::ALL.iter().filter(belongs).map(|county| county.fips).collect::<Vec<_>>().join(" ")
    }
}

/// What the list is narrowed to, as its address has it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Filter {
    pub ended: bool,
    /// The step it stands at, from 2 to 8; enrolments on leave stand at none.
    pub step: Option<i32>,
    pub option: Option<OptionNumber>,
    pub turn: Option<Owner>,
    pub stalled: bool,
    pub counties: Option<Counties>,
}

impl Filter {
    /// Reads it from the parts of an address after the question mark.
    pub fn read(field: impl Fn(&str) -> Option<String>) -> Self {
        Self {
            ended: field("ended").is_some_and(|value| !value.is_empty()),
            step: field("step").and_then(|step| step.parse().ok()).filter(|step| (1..=8).contains(step)),
            option: field("option").and_then(|option| option.parse().ok()),
            turn: field("turn").and_then(|owner| owner.parse().ok()),
            stalled: field("stalled").is_some_and(|value| !value.is_empty()),
            counties: field("counties").and_then(|counties| counties.parse().ok()),
        }
    }

    /// As fields of a form or an address.
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        [
            self.ended.then(|| ("ended", "1".to_owned())),
            self.step.map(|step| ("step", step.to_string())),
            self.option.map(|option| ("option", option.to_string())),
            self.turn.map(|owner| ("turn", owner.to_string())),
            self.stalled.then(|| ("stalled", "1".to_owned())),
            self.counties.map(|counties| ("counties", counties.to_string())),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// The place of the step as the copy counts it.
    fn place(&self) -> Option<i32> {
        self.step.map(|step| step - 1)
    }

    fn codes(&self) -> Option<String> {
        self.counties.map(Counties::codes)
    }
}

/// An enrolment as a line of the list.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Line {
    pub enrollment_id: EnrollmentId,
    pub mentee: String,
    pub mentor: Option<String>,
    pub matched: bool,
    pub state: State,
    pub option_number: OptionNumber,
    pub county: String,
    pub chapters: i32,
    pub chapters_read: i32,
    pub discussed: i32,
    pub turn_what: Option<What>,
    pub turn_owner: Option<Owner>,
    pub turn_since: Option<DateTime<Utc>>,
    pub turn_due: Option<DateTime<Utc>>,
    pub paused_until: Option<NaiveDate>,
    pub ended_at: Option<DateTime<Utc>>,
    pub stalled: bool,
}

/// The condition of a filter, after the state. $1 the step's place, $2 the option, $3 whose turn, $4 only stalled ones,
/// $5 codes of counties, $6 now.
macro_rules! matching {
    ($before:literal, $states:literal, $after:literal) => {
        concat!(
            $before,
            " FROM standing s JOIN enrollment e ON e.id = s.enrollment_id JOIN application a ON a.id = e.application_id
              JOIN account p ON p.id = s.mentee_id LEFT JOIN account q ON q.id = s.mentor_id
              WHERE s.state IN ",
            $states,
            " AND (CAST($1 AS INTEGER) IS NULL OR s.step = $1 AND s.state = 'active')
              AND (CAST($2 AS INTEGER) IS NULL OR e.option_number = $2)
              AND (CAST($3 AS TEXT) IS NULL OR s.turn_owner = $3)
              AND ($4 = FALSE OR EXISTS (SELECT 1 FROM open_move o WHERE o.enrollment_id = s.enrollment_id
                AND o.owner <> 'coordinator' AND o.optional = FALSE AND (o.due < $6 OR o.silent_at < $6)) AND s.state = 'active')
              AND (CAST($5 AS TEXT) IS NULL OR $5 LIKE '%' || a.county || '%') ",
            $after
        )
    };
}

macro_rules! lines {
    ($states:literal, $order:literal) => {
        matching!(
            "SELECT s.enrollment_id, p.name AS mentee, q.name AS mentor, s.matched, s.state, e.option_number, a.county, s.chapters,
                s.chapters_read, s.discussed, s.turn_what, s.turn_owner, s.turn_since, s.turn_due, e.paused_until, e.ended_at,
                (s.state = 'active' AND EXISTS (SELECT 1 FROM open_move o WHERE o.enrollment_id = s.enrollment_id
                    AND o.owner <> 'coordinator' AND o.optional = FALSE AND (o.due < $6 OR o.silent_at < $6))) AS stalled",
            $states,
            $order
        )
    };
}

/// How many stand on a page.
pub const PAGE: i64 = 50;

/// A page of the list, from 0: live ones the longest unheard first, ended ones the latest first.
pub async fn list(
    tx: &mut impl Queryable,
    _who: &Coordinator,
    filter: &Filter,
    now: DateTime<Utc>,
    page: i64,
) -> Result<Vec<Line>, sqlx::Error> {
    let (place, option, turn, stalled, codes) = (filter.place(), filter.option, filter.turn, filter.stalled, filter.codes());
    let from = page.max(0).saturating_mul(PAGE);
    if filter.ended {
        return fetch_all!(
            tx,
            Line,
            lines!("('withdrawn', 'completed')", "ORDER BY e.ended_at DESC, e.id DESC LIMIT $7 OFFSET $8"),
            place,
            option,
            turn,
            stalled,
            codes,
            now,
            PAGE,
            from
        );
    }
    fetch_all!(
        tx,
        Line,
        lines!("('active', 'paused')", "ORDER BY s.unheard_since, s.enrollment_id LIMIT $7 OFFSET $8"),
        place,
        option,
        turn,
        stalled,
        codes,
        now,
        PAGE,
        from
    )
}

/// How many the filter finds.
pub async fn count(
    tx: &mut impl Queryable,
    _who: &Coordinator,
    filter: &Filter,
    now: DateTime<Utc>,
) -> Result<i64, sqlx::Error> {
    let (place, option, turn, stalled, codes) = (filter.place(), filter.option, filter.turn, filter.stalled, filter.codes());
    let (count,) = match filter {
        Filter { ended: true, .. } => fetch_one!(
            tx,
            (i64,),
            matching!("SELECT COUNT(*)", "('withdrawn', 'completed')", ""),
            place,
            option,
            turn,
            stalled,
            codes,
            now
        )?,
        filter if *filter == Filter::default() => {
            fetch_one!(tx, (i64,), "SELECT COUNT(*) FROM standing WHERE state IN ('active', 'paused')")?
        }
        _ => fetch_one!(
            tx,
            (i64,),
            matching!("SELECT COUNT(*)", "('active', 'paused')", ""),
            place,
            option,
            turn,
            stalled,
            codes,
            now
        )?,
    };
    Ok(count)
}

/// Chooses all that the filter finds, at most so many.
pub async fn choose(
    tx: &mut WriteTx,
    _who: &Coordinator,
    filter: &Filter,
    bulk: BulkId,
    most: i64,
) -> Result<u64, sqlx::Error> {
    let (place, option, turn, stalled, codes) = (filter.place(), filter.option, filter.turn, filter.stalled, filter.codes());
    let now = tx.now();
    if filter.ended {
        return execute!(
            tx,
            matching!(
                "INSERT INTO bulk_item (bulk_id, subject_id) SELECT $7, s.enrollment_id",
                "('withdrawn', 'completed')",
                "ORDER BY e.ended_at DESC, e.id DESC LIMIT $8"
            ),
            place,
            option,
            turn,
            stalled,
            codes,
            now,
            bulk,
            most
        );
    }
    execute!(
        tx,
        matching!(
            "INSERT INTO bulk_item (bulk_id, subject_id) SELECT $7, s.enrollment_id",
            "('active', 'paused')",
            "ORDER BY s.unheard_since, s.enrollment_id LIMIT $8"
        ),
        place,
        option,
        turn,
        stalled,
        codes,
        now,
        bulk,
        most
    )
}

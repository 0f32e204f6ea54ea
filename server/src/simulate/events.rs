//! What a simulated year leaves behind: one JSON object a line, raw, so that others can count for themselves. Separate,
//! because it only watches.

use std::collections::{HashMap, HashSet};

use app::db::{Queryable, WriteTx, fetch_all};
use app::enrollments::{What, standing};
use app::id::{AccountId, EnrollmentId};
use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use uuid::Uuid;

/// One line of the file.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum Line {
    Move {
        id: Uuid,
        enrollment: EnrollmentId,
        owner: String,
        what: What,
        opened: String,
        limit_days: i64,
        closed: Option<String>,
    },
    Mail {
        person: String,
        kind: &'static str,
        at: String,
        local: String,
        about: Vec<Uuid>,
    },
    Listed {
        #[serde(rename = "move")]
        one: Uuid,
        at: String,
    },
    Paused {
        enrollment: EnrollmentId,
        owner: Option<&'static str>,
        from: String,
        to: String,
    },
}

pub fn utc(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[derive(Debug, sqlx::FromRow)]
struct Row {
    id: Uuid,
    enrollment_id: EnrollmentId,
    what: What,
    owner_id: Option<AccountId>,
    optional: bool,
    since: DateTime<Utc>,
    limit_days: i64,
    list_at: DateTime<Utc>,
}

struct Known {
    enrollment: EnrollmentId,
    owner: String,
    what: What,
    opened: DateTime<Utc>,
    limit_days: i64,
    listed: bool,
}

/// The open moves as they were seen last, and the lines so far.
pub struct Watcher {
    coordinator: AccountId,
    open: HashMap<Uuid, Known>,
    pub lines: Vec<Line>,
}

impl Watcher {
    pub fn new(coordinator: AccountId) -> Self {
        Self { coordinator, open: HashMap::new(), lines: Vec::new() }
    }

    /// Looks at every move: which are open now, which no longer, which stand on the coordinator's list.
    pub async fn look(&mut self, tx: &mut WriteTx) -> anyhow::Result<()> {
        standing::catch_up_within(tx).await?;
        let now = tx.now();
        let mut rows = HashMap::new();
        for row in list(tx, now).await? {
            rows.insert(row.id, row);
        }
        // A leave stops a move; it is open again afterwards.
        let paused = paused(tx).await?;
        let is_over = |(id, known): &(&Uuid, &Known)| !rows.contains_key(id) && !paused.contains(&known.enrollment);
        let closed: Vec<Uuid> = self.open.iter().filter(is_over).map(|(id, _)| *id).collect();
        for id in closed {
            if let Some(known) = self.open.remove(&id) {
                self.lines.push(line(id, &known, Some(now)));
            }
        }
        for (id, row) in rows {
            self.see(id, &row, now);
        }
        Ok(())
    }

    fn see(&mut self, id: Uuid, row: &Row, now: DateTime<Utc>) {
        let owner = row.owner_id.unwrap_or(self.coordinator).to_string();
        let known = self.open.entry(id).or_insert_with(|| Known {
            enrollment: row.enrollment_id,
            owner,
            what: row.what,
            opened: row.since,
            limit_days: row.limit_days,
            listed: false,
        });
        // A plan that is changed gives another day to the same move.
        known.limit_days = row.limit_days;
        if row.list_at > now {
            known.listed = false;
        } else if !known.listed {
            known.listed = true;
            self.lines.push(Line::Listed { one: id, at: utc(now) });
        }
    }

    /// The moves that are still open when the year is over.
    pub fn end(&mut self) {
        for (id, known) in self.open.drain() {
            self.lines.push(line(id, &known, None));
        }
    }
}

fn line(id: Uuid, known: &Known, closed: Option<DateTime<Utc>>) -> Line {
    Line::Move {
        id,
        enrollment: known.enrollment,
        owner: known.owner.clone(),
        what: known.what,
        opened: utc(known.opened),
        limit_days: known.limit_days,
        closed: closed.map(utc),
    }
}

async fn paused(tx: &mut impl Queryable) -> anyhow::Result<HashSet<EnrollmentId>> {
    let rows = fetch_all!(tx, (EnrollmentId,), "SELECT id FROM enrollment WHERE state = 'paused'")?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

async fn list(tx: &mut impl Queryable, now: DateTime<Utc>) -> anyhow::Result<Vec<Row>> {
    let rows = fetch_all!(
        tx,
        Row,
        "SELECT id, enrollment_id, what, owner_id, optional, since, limit_days, list_at FROM open_move WHERE since <= $1",
        now
    )?;
    Ok(rows.into_iter().filter(|row| !row.optional).collect())
}

//! Imports in the database: what was read, bringing it in, taking it back.

mod known;
mod undo;
mod write;

use chrono::{DateTime, Duration, Utc};
use sqlx::types::Json;

pub use known::load as known;
pub use undo::{in_the_way, undo};

use super::progress::Progress;
use super::{Column, Found, Judgement, Kind, Row, State, judge};
use crate::audit::{self, Event};
use crate::db::{Queryable, WriteTx, execute, fetch_all, fetch_optional};
use crate::error::{AppError, Refusal};
use crate::id::ImportId;
use crate::imports::rows::Standing;
use crate::people::Coordinator;
use crate::state::State as Program;

/// How long a file that was read and not imported is kept: it holds people's addresses.
const KEPT: Duration = Duration::days(7);

/// An import without its rows.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Import {
    pub id: ImportId,
    pub kind: Kind,
    pub state: State,
    pub file_name: String,
    pub sheet: String,
    pub columns: Json<Vec<Column>>,
    /// Whether invitations are sent with it.
    pub invite: bool,
    /// Whether rows with problems are left out.
    pub leave_out: bool,
    pub row_count: i32,
    pub new_count: i32,
    pub changed_count: i32,
    pub same_count: i32,
    pub left_count: i32,
    pub read_at: DateTime<Utc>,
    pub read_by: String,
    /// When it was last set going.
    pub started_at: Option<DateTime<Utc>>,
    /// Why it came to nothing the last time.
    pub problem: Option<String>,
    pub done_at: Option<DateTime<Utc>>,
    pub done_by: Option<String>,
    pub audit_seq: Option<i64>,
    pub undone_at: Option<DateTime<Utc>>,
    pub undone_by: Option<String>,
}

macro_rules! imports {
    ($rest:literal) => {
        concat!(
            "SELECT i.id, i.kind, i.state, i.file_name, i.sheet, i.columns, i.invite, i.leave_out, i.row_count, i.new_count,
                i.changed_count, i.same_count, i.left_count, i.read_at, r.name AS read_by, i.started_at, i.problem, i.done_at,
                d.name AS done_by, i.audit_seq, i.undone_at, u.name AS undone_by
             FROM import i
             JOIN account r ON r.id = i.read_by
             LEFT JOIN account d ON d.id = i.done_by
             LEFT JOIN account u ON u.id = i.undone_by ",
            $rest
        )
    };
}

/// The imports of the program, the latest first.
pub async fn list(tx: &mut impl Queryable, _who: &Coordinator) -> Result<Vec<Import>, sqlx::Error> {
    fetch_all!(tx, Import, imports!("ORDER BY i.read_at DESC, i.id DESC LIMIT 50"))
}

pub async fn find(tx: &mut impl Queryable, _who: &Coordinator, id: ImportId) -> Result<Option<Import>, sqlx::Error> {
    fetch_optional!(tx, Import, imports!("WHERE i.id = $1"), id)
}

/// The rows of an import that is not done.
pub async fn rows(tx: &mut impl Queryable, _who: &Coordinator, id: ImportId) -> Result<Vec<Row>, AppError> {
    let found = fetch_optional!(tx, (Json<Vec<Row>>,), "SELECT body FROM import_sheet WHERE import_id = $1", id)?;
    Ok(found.ok_or(AppError::NotFound)?.0.0)
}

/// Keeps a file that was read, and forgets those that nobody imported.
pub async fn insert(tx: &mut WriteTx, who: &Coordinator, file_name: &str, found: &Found) -> Result<ImportId, sqlx::Error> {
    forget(tx).await?;
    let (id, now) = (ImportId::new(), tx.now());
    execute!(
        tx,
        "INSERT INTO import (id, kind, state, file_name, sheet, columns, row_count, read_at, read_by)
         VALUES ($1, $2, 'read', $3, $4, $5, $6, $7, $8)",
        id,
        found.kind,
        file_name,
        &found.sheet,
        Json(&found.columns),
        count(found.rows.len()),
        now,
        who.account()
    )?;
    execute!(tx, "INSERT INTO import_sheet (import_id, body) VALUES ($1, $2)", id, Json(&found.rows))?;
    Ok(id)
}

async fn forget(tx: &mut WriteTx) -> Result<(), sqlx::Error> {
    let before = tx.now() - KEPT;
    execute!(
        tx,
        "DELETE FROM import_sheet WHERE import_id IN (SELECT id FROM import WHERE state = 'read' AND read_at < $1)",
        before
    )?;
    execute!(tx, "DELETE FROM import WHERE state = 'read' AND read_at < $1", before)?;
    Ok(())
}

/// Takes the list for another kind, or its columns for other fields.
pub async fn change(
    tx: &mut WriteTx,
    _who: &Coordinator,
    id: ImportId,
    kind: Kind,
    columns: &[Column],
) -> Result<(), AppError> {
    let changed = execute!(
        tx,
        "UPDATE import SET kind = $2, columns = $3, problem = NULL WHERE id = $1 AND state = 'read'",
        id,
        kind,
        Json(columns)
    )?;
    if changed == 0 { Err(done_already()) } else { Ok(()) }
}

/// Gives up a file that was read.
pub async fn discard(tx: &mut WriteTx, _who: &Coordinator, id: ImportId) -> Result<(), AppError> {
    execute!(tx, "UPDATE import SET state = state WHERE id = $1", id)?;
    execute!(
        tx,
        "DELETE FROM import_sheet WHERE import_id = $1 AND EXISTS (SELECT 1 FROM import WHERE id = $1 AND state = 'read')",
        id
    )?;
    match execute!(tx, "DELETE FROM import WHERE id = $1 AND state = 'read'", id)? {
        0 => Err(done_already()),
        _ => Ok(()),
    }
}

fn done_already() -> AppError {
    Refusal::new("This file was imported already.").into()
}

/// Notes with which answers an import is set going. It is not done by that.
pub async fn prepare(
    tx: &mut WriteTx,
    _who: &Coordinator,
    id: ImportId,
    invite: bool,
    leave_out: bool,
) -> Result<(), AppError> {
    let now = tx.now();
    execute!(
        tx,
        "UPDATE import SET invite = $2, leave_out = $3, started_at = $4, problem = NULL WHERE id = $1 AND state = 'read'",
        id,
        invite,
        leave_out,
        now
    )?;
    Ok(())
}

/// Says why an import came to nothing.
pub async fn note_problem(tx: &mut WriteTx, _who: &Coordinator, id: ImportId, problem: &str) -> Result<(), sqlx::Error> {
    execute!(tx, "UPDATE import SET started_at = NULL, problem = $2 WHERE id = $1 AND state = 'read'", id, problem)?;
    Ok(())
}

/// Holds the rows of an import against what is in the program now. Twenty thousand rows keep a processor busy for a
/// while, so it is done where it holds nobody up.
pub async fn look(
    tx: &mut impl Queryable,
    who: &Coordinator,
    import: &Import,
    now: DateTime<Utc>,
) -> Result<(Vec<Row>, Judgement), AppError> {
    let rows = rows(tx, who, import.id).await?;
    let known = known(tx, who, import.kind, now).await?;
    let (kind, columns) = (import.kind, import.columns.0.clone());
    let judged = tokio::task::spawn_blocking(move || {
        let judgement = judge(kind, &columns, &rows, &known);
        (rows, judgement)
    });
    judged.await.map_err(|_| AppError::Internal)
}

/// Brings the rows in, all or none. Of two who do it at once, the second finds it done: `false`.
pub async fn bring_in(
    tx: &mut WriteTx,
    program: &Program,
    who: &Coordinator,
    id: ImportId,
    progress: &Progress,
) -> Result<bool, AppError> {
    let now = tx.now();
    let first = execute!(
        tx,
        "UPDATE import SET state = 'done', done_at = $2, done_by = $3, problem = NULL WHERE id = $1 AND state = 'read'",
        id,
        now,
        who.account()
    )?;
    if first == 0 {
        return Ok(false);
    }
    let import = find(tx, who, id).await?.ok_or(AppError::NotFound)?;
    let (_, judgement) = look(tx, who, &import, now).await?;
    check(&import, &judgement)?;
    progress.expect(judgement.rows.len());
    let event = Event::new(audit::Kind::ImportDone).about(id.0).words(&import.file_name);
    let counts = counts(&judgement);
    write::write(tx, program, who, &import, judgement.rows, progress).await?;
    tx.note(event);
    finish(tx, id, counts).await?;
    Ok(true)
}

/// Whether the import may go on with its problems.
pub fn check(import: &Import, judgement: &Judgement) -> Result<(), Refusal> {
    let bad = judgement.bad_rows();
    if judgement.is_blocked() {
        Err(Refusal::new("A column that is needed is missing. Nothing was imported."))
    } else if bad > 0 && !import.leave_out {
        Err(Refusal::new(format!(
            "{bad} {} a problem, so nothing was imported. Mend them, or tick that they are left out.",
            if bad == 1 { "row has" } else { "rows have" }
        )))
    } else if judgement.count(|standing| *standing != Standing::Same) == 0 {
        Err(Refusal::new("Everything in this file is here already, so there is nothing to import."))
    } else {
        Ok(())
    }
}

/// New, changed, already here, left out.
fn counts(judgement: &Judgement) -> [i32; 4] {
    [
        judgement.count(|standing| *standing == Standing::New),
        judgement.count(|standing| matches!(standing, Standing::Changed(_))),
        judgement.count(|standing| *standing == Standing::Same),
        judgement.bad_rows(),
    ]
    .map(count)
}

fn count(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// Keeps the counts, lets go of the rows, and marks where the record of events stands: what follows there about any of it
/// stands in the way of taking it back.
async fn finish(tx: &mut WriteTx, id: ImportId, [new, changed, same, left]: [i32; 4]) -> Result<(), sqlx::Error> {
    execute!(tx, "DELETE FROM import_sheet WHERE import_id = $1", id)?;
    let (actor, now) = (tx.actor(), tx.now());
    tx.go_on(actor, now).await?;
    let head = audit::store::head(tx).await?;
    execute!(
        tx,
        "UPDATE import SET new_count = $2, changed_count = $3, same_count = $4, left_count = $5, audit_seq = $6 WHERE id = $1",
        id,
        new,
        changed,
        same,
        left,
        head.seq
    )?;
    Ok(())
}

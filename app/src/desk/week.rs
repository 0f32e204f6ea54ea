//! What the coordinators are told on Mondays: how the week stands, and where the record of events does. Separate because
//! the clock tells it, and nobody has to open a page for it.
//!
//! The head of the record leaves the house with it, so that `qdei check --head` finds later whether the end of the record
//! was cut off.

use chrono::{Datelike, Duration};

use crate::audit;
use crate::clock;
use crate::db::{WriteTx, execute, fetch_one};
use crate::error::AppError;
use crate::mail::{self, Kind, Mail};
use crate::{State, Stranger};

/// Puts the week into the coordinators' next summary, unless it was told already.
pub async fn tell(program: &State) -> Result<(), AppError> {
    let mut tx = program.write(&Stranger).await?;
    if !begin(&mut tx).await? {
        return Ok(());
    }
    let now = tx.now();
    let (listed, applications, overdue) = fetch_one!(
        &mut tx,
        (i64, i64, i64),
        "SELECT (SELECT COUNT(*) FROM (SELECT DISTINCT enrollment_id, owner FROM open_move WHERE list_at <= $1 AND optional = FALSE) d),
                (SELECT COUNT(*) FROM application WHERE state = 'received'),
                (SELECT COUNT(*) FROM loan WHERE returned_at IS NULL AND sent_back_at IS NULL AND due_on < $2)",
        now,
        clock::today(now)
    )?;
    let head = audit::store::head(&mut tx).await?;
    for to in mail::store::coordinators(&mut tx).await? {
        let mail = Mail::new(Kind::Week, to)
            .with("listed", listed.to_string())
            .with("applications", applications.to_string())
            .with("overdue", overdue.to_string())
            .with("head", format!("{}:{}", head.seq, head.mac))
            .with("link", program.link("/coordinator"));
        mail::store::enqueue(&mut tx, mail).await?;
    }
    Ok(tx.commit().await?)
}

/// Writes down that this week is told; `false` when it was.
async fn begin(tx: &mut WriteTx) -> Result<bool, sqlx::Error> {
    let now = tx.now();
    let today = clock::today(now);
    let monday = today - Duration::days(i64::from(today.weekday().num_days_from_monday()));
    let begun = execute!(tx, "INSERT INTO week_told (monday, told_at) VALUES ($1, $2) ON CONFLICT DO NOTHING", monday, now)?;
    Ok(begun == 1)
}

//! Settings in the database: the newest version is in force, the earlier ones stay.

use chrono::{DateTime, Utc};
use sqlx::types::Json;

use super::Settings;
use crate::audit::{Event, Kind};
use crate::db::{Queryable, WriteTx, execute, fetch_optional};

/// The settings in force.
pub async fn current(tx: &mut impl Queryable) -> Result<Settings, sqlx::Error> {
    let row = fetch_optional!(tx, (Json<Settings>,), "SELECT body FROM settings ORDER BY version DESC LIMIT 1")?;
    Ok(row.map(|(Json(settings),)| settings).unwrap_or_default())
}

/// When the settings were last changed, and by whom.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Change {
    pub version: i64,
    pub changed_at: DateTime<Utc>,
    pub changed_by: Option<String>,
}

pub async fn latest_change(tx: &mut impl Queryable) -> Result<Option<Change>, sqlx::Error> {
    fetch_optional!(
        tx,
        Change,
        "SELECT s.version, s.changed_at, a.name AS changed_by FROM settings s LEFT JOIN account a ON a.id = s.changed_by
         ORDER BY s.version DESC LIMIT 1"
    )
}

/// Puts new settings into force as the next version.
pub async fn change(tx: &mut WriteTx, settings: &Settings) -> Result<(), sqlx::Error> {
    let (now, actor) = (tx.now(), tx.actor());
    execute!(
        tx,
        "INSERT INTO settings (version, body, changed_at, changed_by)
         SELECT coalesce(max(version), 0) + 1, $1, $2, $3 FROM settings",
        Json(settings),
        now,
        actor
    )?;
    tx.note(Event::new(Kind::SettingsChanged));
    Ok(())
}

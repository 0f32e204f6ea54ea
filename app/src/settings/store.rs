//! Settings in the database: the newest version is in force, the earlier ones stay.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use sqlx::types::Json;

use super::logo::PictureKind;
use super::{Settings, known};
use crate::audit::{Event, Kind};
use crate::db::{Queryable, WriteTx, execute, fetch_all, fetch_optional, is_duplicate};
use crate::error::{AppError, Refusal};

/// The settings in force.
pub async fn current(tx: &mut impl Queryable) -> Result<Settings, sqlx::Error> {
    let row = fetch_optional!(tx, (Json<Settings>,), "SELECT body FROM settings ORDER BY version DESC LIMIT 1")?;
    let settings = row.map(|(Json(settings),)| settings).unwrap_or_default();
    known::learn(&settings);
    Ok(settings)
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

/// A version as it was put into force. Version 0, the defaults, is in no row.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Version {
    pub version: i64,
    pub body: Json<Settings>,
    pub changed_at: DateTime<Utc>,
    pub changed_by: Option<String>,
}

/// The latest versions up to `newest`, newest first.
pub async fn list_versions(tx: &mut impl Queryable, newest: i64, most: i64) -> Result<Vec<Version>, sqlx::Error> {
    fetch_all!(
        tx,
        Version,
        "SELECT s.version, s.body, s.changed_at, a.name AS changed_by FROM settings s LEFT JOIN account a ON a.id = s.changed_by
         WHERE s.version <= $1 ORDER BY s.version DESC LIMIT $2",
        newest,
        most
    )
}

/// The settings as they were in a version; 0 are the defaults.
pub async fn find_version(tx: &mut impl Queryable, version: i64) -> Result<Option<Settings>, sqlx::Error> {
    if version == 0 {
        return Ok(Some(Settings::default()));
    }
    let row = fetch_optional!(tx, (Json<Settings>,), "SELECT body FROM settings WHERE version = $1", version)?;
    Ok(row.map(|(Json(settings),)| settings))
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

/// The same for somebody who has looked at version `seen`; `false` when these settings are in force already.
///
/// # Errors
/// A [`Refusal`] when somebody else has changed the settings since.
pub async fn replace(tx: &mut WriteTx, seen: Option<i64>, settings: &Settings) -> Result<bool, AppError> {
    let latest = latest_change(tx).await?.map_or(0, |change| change.version);
    if seen.is_some_and(|seen| seen != latest) {
        return Err(changed_meanwhile().into());
    }
    if current(tx).await? == *settings {
        return Ok(false);
    }
    match change(tx, settings).await {
        Err(error) if is_duplicate(&error) => Err(changed_meanwhile().into()),
        changed => Ok(changed.map(|()| true)?),
    }
}

fn changed_meanwhile() -> Refusal {
    Refusal::new("Somebody else changed the settings meanwhile. Yours are still in the form: look them over and save again.")
}

/// Keeps a picture and gives its hash. The same picture again is there already.
pub async fn insert_logo(tx: &mut WriteTx, kind: PictureKind, bytes: &[u8]) -> Result<String, sqlx::Error> {
    let hash = crate::hex(&Sha256::digest(bytes)[..16]);
    let (now, actor) = (tx.now(), tx.actor());
    execute!(
        tx,
        "INSERT INTO logo (hash, kind, bytes, uploaded_at, uploaded_by) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
        &hash,
        kind,
        bytes,
        now,
        actor
    )?;
    Ok(hash)
}

/// A picture as it was sent.
pub async fn find_logo(tx: &mut impl Queryable, hash: &str) -> Result<Option<(PictureKind, Vec<u8>)>, sqlx::Error> {
    fetch_optional!(tx, (PictureKind, Vec<u8>), "SELECT kind, bytes FROM logo WHERE hash = $1", hash)
}

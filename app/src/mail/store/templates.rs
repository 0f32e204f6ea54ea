//! The coordinator's versions of the texts: the newest is in force, the earlier ones stay.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::audit;
use crate::db::{Queryable, WriteTx, execute, fetch_all, fetch_one};
use crate::mail::compose::Edited;
use crate::mail::texts::{Name, Text};
use crate::people::Coordinator;

/// The edited texts in force.
pub async fn edited(tx: &mut impl Queryable) -> Result<Edited, sqlx::Error> {
    let rows = fetch_all!(
        tx,
        (String, Option<String>),
        "SELECT t.name, t.body FROM mail_template t
         WHERE t.version = (SELECT max(n.version) FROM mail_template n WHERE n.name = t.name)"
    )?;
    Ok(rows.into_iter().filter_map(|(name, body)| Some((name, Text::parse(&body?)))).collect())
}

/// One version of a text; without a body, the return to the program's own.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Version {
    pub version: i64,
    pub body: Option<String>,
    pub changed_at: DateTime<Utc>,
    pub changed_by: Option<String>,
}

/// The versions of a text, the newest first, at most 50.
pub async fn list_versions(tx: &mut impl Queryable, _who: &Coordinator, name: Name) -> Result<Vec<Version>, sqlx::Error> {
    fetch_all!(
        tx,
        Version,
        "SELECT t.version, t.body, t.changed_at, a.name AS changed_by FROM mail_template t
         LEFT JOIN account a ON a.id = t.changed_by WHERE t.name = $1 ORDER BY t.version DESC LIMIT 50",
        name.as_str()
    )
}

/// The number of the newest version of each text; a text that is not in it was never changed.
pub async fn newest_version(tx: &mut impl Queryable, name: Name) -> Result<i64, sqlx::Error> {
    let (version,) =
        fetch_one!(tx, (i64,), "SELECT coalesce(max(version), 0) FROM mail_template WHERE name = $1", name.as_str())?;
    Ok(version)
}

/// When each text was last changed.
pub async fn list_changes(tx: &mut impl Queryable, _who: &Coordinator) -> Result<BTreeMap<String, DateTime<Utc>>, sqlx::Error> {
    let rows = fetch_all!(tx, (String, DateTime<Utc>), "SELECT name, max(changed_at) FROM mail_template GROUP BY name")?;
    Ok(rows.into_iter().collect())
}

/// Puts a text into force as the version after `seen`. A duplicate means that somebody else was quicker.
pub async fn change_template(
    tx: &mut WriteTx,
    _who: &Coordinator,
    name: Name,
    seen: i64,
    text: Option<&Text>,
) -> Result<(), sqlx::Error> {
    let (now, actor) = (tx.now(), tx.actor());
    execute!(
        tx,
        "INSERT INTO mail_template (name, version, body, changed_at, changed_by) VALUES ($1, $2, $3, $4, $5)",
        name.as_str(),
        seen + 1,
        text.map(Text::whole),
        now,
        actor
    )?;
    tx.note(audit::Event::new(audit::Kind::MailTemplateChanged).words(name.as_str()));
    Ok(())
}

//! Drafts in the database: one for each form of a person.

use chrono::Duration;
use sqlx::types::Json;

use super::LARGEST;
use crate::db::{Queryable, WriteTx, execute, fetch_optional};
use crate::error::{AppError, Refusal};
use crate::id::AccountId;

/// A draft nobody touched for this long is not offered again.
const KEPT: Duration = Duration::days(60);

pub async fn keep(tx: &mut WriteTx, who: AccountId, form: &str, fields: &[(String, String)]) -> Result<(), AppError> {
    let size: usize = fields.iter().map(|(name, value)| name.chars().count() + value.chars().count()).sum();
    if size > LARGEST || form.len() > 200 {
        return Err(Refusal::new("This is too long to keep as a draft.").into());
    }
    let fields: Vec<&(String, String)> = fields.iter().filter(|(name, _)| !name.contains("password")).collect();
    execute!(
        tx,
        "INSERT INTO draft (account_id, form, fields, saved_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (account_id, form) DO UPDATE SET fields = excluded.fields, saved_at = excluded.saved_at",
        who,
        form,
        Json(&fields),
        tx.now()
    )?;
    Ok(())
}

pub async fn find(tx: &mut impl Queryable, who: AccountId, form: &str) -> Result<Option<Vec<(String, String)>>, sqlx::Error> {
    let since = crate::state().clock.now() - KEPT;
    let row = fetch_optional!(
        tx,
        (Json<Vec<(String, String)>>,),
        "SELECT fields FROM draft WHERE account_id = $1 AND form = $2 AND saved_at > $3",
        who,
        form,
        since
    )?;
    Ok(row.map(|(Json(fields),)| fields))
}

/// Forgets a draft once the form was taken.
pub async fn forget(tx: &mut WriteTx, who: AccountId, form: &str) -> Result<(), sqlx::Error> {
    execute!(tx, "DELETE FROM draft WHERE account_id = $1 AND form = $2", who, form).map(|_| ())
}

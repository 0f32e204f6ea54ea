//! Drafts in the database: one for each form of a person.

use chrono::{DateTime, Duration, Utc};
use sqlx::types::Json;

use super::{Draft, Kept, LARGEST, Mark};
use crate::db::{Queryable, WriteTx, execute, fetch_one, fetch_optional};
use crate::error::{AppError, Refusal};
use crate::id::AccountId;

/// A draft nobody touched for this long is not offered again.
const KEPT: Duration = Duration::days(60);

type Fields = Vec<(String, String)>;

#[derive(sqlx::FromRow)]
struct Row {
    version: i64,
    fields: Json<Fields>,
    saved_at: DateTime<Utc>,
    page: String,
    sent: bool,
}

impl Row {
    /// Whether `mark` may write here: it was built on this version, or the same page wrote it, or there are no words.
    fn gives_way_to(&self, mark: &Mark) -> bool {
        self.version == mark.version || self.page == mark.page || self.sent
    }

    fn draft(self) -> Draft {
        Draft { version: self.version, fields: self.fields.0, saved_at: self.saved_at }
    }
}

/// Keeps what a page typed, unless something else was typed elsewhere since.
pub async fn keep(tx: &mut WriteTx, who: AccountId, mark: &Mark, fields: &[(String, String)]) -> Result<Kept, AppError> {
    let fields = fitting(mark, fields)?;
    let row = hold(tx, who, &mark.form).await?;
    // What a page typed just before it sent its form may arrive after the form.
    if row.version > 0 && (row.fields.0 == fields || row.sent && row.page == mark.page) {
        return Ok(Kept::Saved(row.version));
    }
    if !row.gives_way_to(mark) {
        return Ok(Kept::Changed(row.draft()));
    }
    Ok(Kept::Saved(write(tx, who, mark, &fields).await?))
}

/// The same for a form that was looked at and not sent: what stands in it is what the person means now.
pub async fn put(tx: &mut WriteTx, who: AccountId, mark: &Mark, fields: &[(String, String)]) -> Result<(), AppError> {
    let fields = fitting(mark, fields)?;
    write(tx, who, mark, &fields).await?;
    Ok(())
}

fn fitting(mark: &Mark, fields: &[(String, String)]) -> Result<Fields, AppError> {
    let size: usize = fields.iter().map(|(name, value)| name.chars().count() + value.chars().count()).sum();
    if size > LARGEST || mark.form.len() > 200 || mark.page.len() > 40 {
        return Err(Refusal::new("This is too long to keep as a draft.").into());
    }
    Ok(fields.iter().filter(|(name, _)| !name.contains("password")).cloned().collect())
}

/// The draft's row, made if there is none: of two pages that type at the same moment, the second waits for the first.
async fn hold(tx: &mut WriteTx, who: AccountId, form: &str) -> Result<Row, sqlx::Error> {
    let now = tx.now();
    fetch_one!(
        tx,
        Row,
        "INSERT INTO draft (account_id, form, fields, saved_at, version, page, sent_at) VALUES ($1, $2, $3, $4, 0, '', $4)
         ON CONFLICT (account_id, form) DO UPDATE SET version = draft.version
         RETURNING version, fields, saved_at, page, (sent_at IS NOT NULL) AS sent",
        who,
        form,
        Json(Fields::new()),
        now
    )
}

async fn write(tx: &mut WriteTx, who: AccountId, mark: &Mark, fields: &Fields) -> Result<i64, sqlx::Error> {
    let now = tx.now();
    let row = fetch_one!(
        tx,
        (i64,),
        "INSERT INTO draft (account_id, form, fields, saved_at, version, page) VALUES ($1, $2, $3, $4, 1, $5)
         ON CONFLICT (account_id, form) DO UPDATE SET fields = excluded.fields, saved_at = excluded.saved_at,
            version = draft.version + 1, page = excluded.page, sent_at = NULL
         RETURNING version",
        who,
        &mark.form,
        Json(fields),
        now,
        &mark.page
    )?;
    Ok(row.0)
}

/// The draft of a form as its page shows it; one that is old shows no words any more.
pub async fn find(tx: &mut impl Queryable, who: AccountId, form: &str) -> Result<Option<Draft>, sqlx::Error> {
    let row = fetch_optional!(
        tx,
        Row,
        "SELECT version, fields, saved_at, page, (sent_at IS NOT NULL) AS sent FROM draft WHERE account_id = $1 AND form = $2",
        who,
        form
    )?;
    let since = crate::state().clock.now() - KEPT;
    Ok(row.map(Row::draft).map(|draft| if draft.saved_at < since { Draft { fields: Vec::new(), ..draft } } else { draft }))
}

/// Forgets the words of a draft once its form was taken. What was typed elsewhere meanwhile was not sent, and stays.
pub async fn forget(tx: &mut WriteTx, who: AccountId, mark: &Mark) -> Result<(), sqlx::Error> {
    let now = tx.now();
    execute!(
        tx,
        "INSERT INTO draft (account_id, form, fields, saved_at, version, page, sent_at) VALUES ($1, $2, $3, $4, 1, $5, $4)
         ON CONFLICT (account_id, form) DO UPDATE SET fields = excluded.fields, saved_at = excluded.saved_at,
            version = draft.version + 1, page = excluded.page, sent_at = excluded.sent_at
            WHERE draft.version = $6 OR (excluded.page <> '' AND draft.page = excluded.page)",
        who,
        &mark.form,
        Json(Fields::new()),
        now,
        &mark.page,
        mark.version
    )
    .map(|_| ())
}

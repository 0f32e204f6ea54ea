//! What the rows of a list are held against: the people, outlines and books that are there. A fixed number of queries,
//! whatever the list.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};

use crate::applications;
use crate::clock::today;
use crate::db::{Queryable, fetch_all};
use crate::enrollments::{OptionNumber, State};
use crate::id::{AccountId, ChapterId, EditionId, OutlineId};
use crate::imports::Kind;
use crate::imports::rows::{Known, KnownAccount, KnownEnrollment, KnownOutline, KnownTitle};
use crate::library::store::shelf;
use crate::people::Coordinator;
use crate::settings;

/// What a list of this kind needs to know.
pub async fn load(tx: &mut impl Queryable, who: &Coordinator, kind: Kind, now: DateTime<Utc>) -> Result<Known, sqlx::Error> {
    let capacity = settings::store::current(tx).await?.capacity;
    let mut known = Known { today: today(now), capacity, ..Known::default() };
    match kind {
        Kind::Mentors => known.accounts = accounts(tx).await?,
        Kind::Mentees => {
            known.accounts = accounts(tx).await?;
            known.enrollments = enrollments(tx).await?;
            known.outlines = outlines(tx).await?;
        }
        Kind::Books => {
            known.titles = titles(tx, who).await?;
            let copies = fetch_all!(tx, (String, EditionId), "SELECT label, edition_id FROM copy")?;
            known.copies = copies.into_iter().collect();
        }
    }
    Ok(known)
}

async fn accounts(tx: &mut impl Queryable) -> Result<HashMap<String, KnownAccount>, sqlx::Error> {
    #[derive(sqlx::FromRow)]
    struct Account {
        id: AccountId,
        email: String,
        name: String,
        phone: String,
        closed: bool,
        mentor: bool,
        valid_to: Option<NaiveDate>,
    }
    let rows = fetch_all!(
        tx,
        Account,
        "SELECT a.id, a.email, a.name, a.phone, a.closed_at IS NOT NULL AS closed, m.account_id IS NOT NULL AS mentor,
            (SELECT c.valid_to FROM credential_check c WHERE c.mentor_id = m.account_id
                ORDER BY c.checked_at DESC, c.id DESC LIMIT 1) AS valid_to
         FROM account a LEFT JOIN mentor m ON m.account_id = a.id"
    )?;
    let known = |row: Account| {
        let Account { id, email, name, phone, closed, mentor, valid_to } = row;
        (email, KnownAccount { id, name, phone, closed, mentor, valid_to })
    };
    Ok(rows.into_iter().map(known).collect())
}

async fn enrollments(tx: &mut impl Queryable) -> Result<HashMap<AccountId, Vec<KnownEnrollment>>, sqlx::Error> {
    let rows = fetch_all!(
        tx,
        (AccountId, OptionNumber, DateTime<Utc>, State),
        "SELECT mentee_id, option_number, started_at, state FROM enrollment"
    )?;
    let mut found: HashMap<AccountId, Vec<KnownEnrollment>> = HashMap::new();
    for (mentee, option, started_at, state) in rows {
        found.entry(mentee).or_default().push(KnownEnrollment { option, started_on: today(started_at), state });
    }
    Ok(found)
}

async fn outlines(tx: &mut impl Queryable) -> Result<Vec<KnownOutline>, sqlx::Error> {
    let chapters = fetch_all!(
        tx,
        (OutlineId, i32, ChapterId),
        "SELECT c.outline_id, c.number, c.id FROM chapter c JOIN outline o ON o.id = c.outline_id
         WHERE o.retired_at IS NULL ORDER BY c.outline_id, c.number"
    )?;
    let of = |id: OutlineId| {
        chapters.iter().filter(|(outline, ..)| *outline == id).map(|(_, number, chapter)| (*number, *chapter)).collect()
    };
    let outlines = applications::store::list_outlines(tx).await?;
    let known = |outline: applications::store::Outline| KnownOutline {
        id: outline.id,
        options: outline.studies().map(|study| study.option).collect(),
        chapters: of(outline.id),
        title: outline.title,
    };
    Ok(outlines.into_iter().map(known).collect())
}

async fn titles(tx: &mut impl Queryable, who: &Coordinator) -> Result<Vec<KnownTitle>, sqlx::Error> {
    let mut titles: Vec<KnownTitle> = Vec::new();
    for row in shelf::list_editions(tx, *who).await? {
        let edition = row.edition_id.zip(row.edition);
        match titles.last_mut().filter(|title| title.id == row.title_id) {
            Some(title) => title.editions.extend(edition),
            None => titles.push(KnownTitle { id: row.title_id, name: row.title, editions: edition.into_iter().collect() }),
        }
    }
    Ok(titles)
}

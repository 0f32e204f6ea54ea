//! The demo program: believable people at every stage, dated relative to today. Separate because it is never part of a
//! real program.
//!
//! Who there is stands in [`people`], what they write in [`words`], when what happens in [`story`]; [`act`] plays it
//! through the store functions of the site, so that audit, letters, signatures and certificates are real. All of it is one
//! transaction: a program that is stopped while it fills is found empty the next time.

mod act;
pub mod people;
mod story;
mod words;

use anyhow::Context;
use app::people::password;
use app::{State, Stranger};

use act::{Books, Play};

/// Every demo account's password (public: the accounts work on this machine alone).
pub const PASSWORD: &str = "montana-demo-2026";

/// Fills an empty program; `false` when there is anybody in it already.
pub async fn fill(state: &State) -> anyhow::Result<bool> {
    let mut tx = state.write(&Stranger).await?;
    if act::has_people(&mut tx).await? {
        return Ok(false);
    }
    let now = tx.now();
    let hash = password::hash(PASSWORD.to_owned()).await?;
    let books = Books::find(&mut tx).await?;
    let (scenes, began) = story::scenes(now, &mut words::Texts::default(), |book| books.count(book));
    let play = Play::begin(state, tx, books, &hash, began).await.context("the demo could not begin")?;
    let tx = play.run(scenes, now).await?;
    tx.commit().await?;
    Ok(true)
}

//! Handing the program over: who coordinates, inviting another, stepping down, and everything that is open on one page.
//! Separate because it must work on the day somebody leaves, for somebody who has never seen the program.

pub mod api;
pub mod pages;
pub mod store;

use crate::error::Refusal;

/// What keeps the last coordinator from leaving.
pub fn last_one() -> Refusal {
    Refusal::new("The program cannot be without a coordinator. Invite another; once they have signed in, you can step down.")
}

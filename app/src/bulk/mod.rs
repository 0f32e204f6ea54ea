//! Doing one thing for many at once: choose from a list, see exactly who and what, do it, take it back. Separate, because
//! the lists belong to their steps and the acts to the desk.
//!
//! What was chosen is kept under an id of its own, so that what is done is what was shown, however long the list is.

pub mod api;
pub mod file;
pub mod pages;
pub mod store;

use crate::applications;
use crate::enrollments::State;
use crate::words;

words! {
    /// What is done for many at once.
    pub enum Act {
        Accept = "accept",
        Remind = "remind",
        Extend = "extend",
        Export = "export",
    }
}

impl Act {
    pub fn verb(self) -> &'static str {
        match self {
            Self::Accept => "Accept",
            Self::Remind => "Remind",
            Self::Extend => "Extend",
            Self::Export => "Export",
        }
    }

    /// The list that it is chosen from.
    pub fn list(self) -> &'static str {
        match self {
            Self::Accept => "/coordinator/applications",
            Self::Remind | Self::Extend | Self::Export => "/coordinator/enrollments",
        }
    }
}

/// The most that are done at once: more would keep everybody else waiting.
pub const MOST: i64 = 200;

/// The months by which a time limit can be moved, together.
pub const MONTHS: [u32; 4] = [1, 3, 6, 12];

/// Why an application cannot be accepted together with others.
pub fn why_not_accept(one: &store::Application) -> Option<&'static str> {
    match one.state {
        applications::State::Accepted => Some("was accepted already"),
        applications::State::Declined => Some("was declined already"),
        applications::State::Repeated => Some("was set aside when it came"),
        applications::State::Received if one.closed => Some("the account with this address was closed"),
        applications::State::Received if one.enrolled => Some("has an enrollment that is still open"),
        applications::State::Received if !one.offered => Some("the book is not offered any more"),
        applications::State::Received => None,
    }
}

/// Why nobody can be reminded.
pub fn why_not_remind(one: &store::Enrollment) -> Option<&'static str> {
    match (one.state, one.what) {
        (State::Paused, _) => Some("is paused"),
        (State::Withdrawn | State::Completed, None) => Some("has ended"),
        (State::Active, None) => Some("waits on you, not on the pair"),
        (_, Some(_)) if one.reminded => Some("a reminder is on its way already"),
        (_, Some(_)) => None,
    }
}

/// Why the time limit cannot be moved.
pub fn why_not_extend(one: &store::Enrollment) -> Option<&'static str> {
    if one.state.is_live() { None } else { Some("has ended") }
}

//! What is done when a move waits too long: a nudge to whose it is, then the coordinator's list, then a decision
//! (PROGRAM section 6, "stalled"). Separate from the moves, because it looks at silence and they at what is done.
//!
//! Two things count. A move past its own limit is nudged, whoever is lively. And who is silent while a move waits on them
//! is nudged after the days of the setting, listed and decided on after more. A sign of life by any way starts the days
//! of silence again; a leave stops every clock, and a mentor's being away those of the mentor.

use chrono::{DateTime, Duration, NaiveDate, NaiveTime, Utc};

use super::{Move, Owner, State, Story, What};
use crate::clock;
use crate::settings::Settings;

/// A time in which clocks stand still.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stop {
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    /// Whose clock; `None` for everybody's.
    pub owner: Option<Owner>,
}

impl Stop {
    /// A leave as it is stored: until a day, unless it ended before.
    pub fn new(from: DateTime<Utc>, until: NaiveDate, ended: Option<DateTime<Utc>>, owner: Option<Owner>) -> Self {
        let planned = clock::at_local(clock::zone(), until, NaiveTime::MIN);
        let to = ended.map_or(planned, |ended| ended.min(planned));
        Self { from, to: to.max(from), owner }
    }
}

/// `limit` after `since`, by the clock of `owner`: the time of every stop is added. `stops` may overlap.
pub fn stretch(since: DateTime<Utc>, limit: Duration, owner: Owner, stops: &[Stop]) -> DateTime<Utc> {
    let mut own: Vec<&Stop> =
        stops.iter().filter(|stop| stop.owner.is_none_or(|whose| whose == owner) && stop.to > since).collect();
    own.sort_by_key(|stop| stop.from);
    let (mut end, mut stood_until) = (since + limit, since);
    for stop in own {
        if stop.from >= end {
            break;
        }
        let from = stop.from.max(stood_until);
        if stop.to > from {
            end += stop.to - from;
            stood_until = stop.to;
        }
    }
    end
}

/// When each step of the ladder is reached, if nothing happens before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rungs {
    /// From when on the owner's silence counts.
    pub clock: DateTime<Utc>,
    /// The silence has lasted for the days of the nudge.
    pub silent: DateTime<Utc>,
    /// It stands on the coordinator's list.
    pub list: DateTime<Utc>,
    /// The coordinator decides how it goes on.
    pub decide: DateTime<Utc>,
}

/// The ladder of one move.
///
/// With the limit of the settings' nudge (30 days) it is 30, 45 and 90 days of silence. A shorter limit, of the steps
/// before study, brings the list and the decision forward by as much. However lively its owner, a move that is open for
/// as long as a decision takes is listed. What the coordinator did about it just now takes it off the list for the days
/// between nudge and list.
pub fn rungs(one: &Move, story: &Story, settings: &Settings) -> Rungs {
    let days = Duration::days;
    let after = |from, limit| stretch(from, limit, one.owner, &story.stops);
    let clock = story.heard_at(one.owner).map_or(one.since, |heard| heard.max(one.since));
    let silent = after(clock, days(settings.stalled_days));
    if one.owner == Owner::Coordinator {
        return Rungs { clock: one.since, silent, list: one.since, decide: one.due };
    }
    let rest = story.tried_at(one.owner).map(|tried| tried + days(settings.listed_days - settings.stalled_days));
    let step = |total: i64| {
        let more = days(total - settings.stalled_days);
        let quiet = after(clock, one.limit.min(days(settings.stalled_days)) + more);
        let open = after(one.since, one.limit + days(settings.decide_days - settings.stalled_days) + more);
        quiet.max(one.due).min(open.max(one.due))
    };
    // A proposal that is not answered in time goes back to the coordinator at once.
    let list = if one.what == What::AnswerProposal { one.due } else { step(settings.listed_days) };
    let list = rest.map_or(list, |rest| list.max(rest));
    Rungs { clock, silent, list, decide: step(settings.decide_days).max(list) }
}

/// Whether an enrolment is stalled (PROGRAM section 10): a required move of the pair past its limit, or its owner silent
/// for the days of the nudge.
pub fn is_stalled(story: &Story, moves: &[Move], settings: &Settings, now: DateTime<Utc>) -> bool {
    story.state == State::Active
        && moves.iter().any(|one| {
            !one.optional && one.owner != Owner::Coordinator && (one.is_late(now) || rungs(one, story, settings).silent < now)
        })
}

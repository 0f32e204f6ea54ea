//! Matches: what a mentee looks for, who was proposed, and what became of it.

use chrono::{DateTime, Duration, Utc};
use sqlx::types::Json;

use super::{MentorRow, find_mentor};
use crate::agreements;
use crate::audit::{Event, Kind};
use crate::clock;
use crate::contacts::{self, Medium};
use crate::counties::County;
use crate::db::{Queryable, WriteTx, execute, fetch_all, fetch_optional, is_duplicate};
use crate::enrollments::{self, OptionNumber};
use crate::error::{AppError, Refusal};
use crate::id::{AccountId, EnrollmentId, MatchId};
use crate::matching::score::{self, Fit, Points, Reason, Request};
use crate::matching::{Action, State};
use crate::people::{Coordinator, Discipline, Interest, Mentor, Way};
use crate::settings::Settings;

/// A match with the names of the two.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Match {
    pub id: MatchId,
    pub enrollment_id: EnrollmentId,
    pub mentor_id: AccountId,
    pub mentor: String,
    pub mentee_id: AccountId,
    pub mentee: String,
    pub option_number: OptionNumber,
    pub state: State,
    pub points: i32,
    pub reasons: Json<Vec<Reason>>,
    pub proposed_at: DateTime<Utc>,
    pub answer_by: DateTime<Utc>,
    pub answered_at: Option<DateTime<Utc>>,
    pub answer_reason: Option<String>,
    pub ended_at: Option<DateTime<Utc>>,
    pub end_reason: Option<String>,
    /// Who entered the mentor's answer, and how it had come; not set where the mentor gave it here.
    pub entered_by: Option<String>,
    pub came_by: Option<Medium>,
}

impl Match {
    /// "entered by Ruth Ellingson, by phone", when the answer was.
    pub fn mark(&self) -> Option<String> {
        contacts::mark(self.entered_by.as_deref(), self.came_by)
    }
}

macro_rules! found {
    ($rest:literal) => {
        concat!(
            "SELECT m.id, m.enrollment_id, m.mentor_id, o.name AS mentor, e.mentee_id, p.name AS mentee, e.option_number,
                m.state, m.points, m.reasons, m.proposed_at, m.answer_by, m.answered_at, m.answer_reason, m.ended_at, m.end_reason,
                b.name AS entered_by, m.came_by
             FROM mentor_match m
             JOIN enrollment e ON e.id = m.enrollment_id
             JOIN account p ON p.id = e.mentee_id
             JOIN account o ON o.id = m.mentor_id
             LEFT JOIN account b ON b.id = m.entered_by ",
            $rest
        )
    };
}

pub async fn find(tx: &mut impl Queryable, _who: &Coordinator, id: MatchId) -> Result<Option<Match>, sqlx::Error> {
    fetch_optional!(tx, Match, found!("WHERE m.id = $1"), id)
}

/// A match that was proposed to the asking mentor; another's is not found.
pub async fn find_of_mentor(tx: &mut impl Queryable, who: Mentor, id: MatchId) -> Result<Option<Match>, sqlx::Error> {
    fetch_optional!(tx, Match, found!("WHERE m.id = $1 AND m.mentor_id = $2"), id, who.account())
}

/// The proposal that waits for an answer, or the match that was accepted; at most one.
pub async fn current_of(tx: &mut impl Queryable, enrollment: EnrollmentId) -> Result<Option<Match>, sqlx::Error> {
    fetch_optional!(tx, Match, found!("WHERE m.enrollment_id = $1 AND m.state IN ('proposed', 'accepted')"), enrollment)
}

/// Every match an enrolment had, newest first.
pub async fn list_of_enrollment(
    tx: &mut impl Queryable,
    _who: &Coordinator,
    id: EnrollmentId,
) -> Result<Vec<Match>, sqlx::Error> {
    fetch_all!(tx, Match, found!("WHERE m.enrollment_id = $1 ORDER BY m.proposed_at DESC, m.id DESC"), id)
}

/// Every match a mentor had, newest first.
pub async fn list_of_mentor(tx: &mut impl Queryable, _who: &Coordinator, id: AccountId) -> Result<Vec<Match>, sqlx::Error> {
    fetch_all!(tx, Match, found!("WHERE m.mentor_id = $1 ORDER BY m.proposed_at DESC, m.id DESC"), id)
}

/// The matches that go with a mentor now or wait for their answer, by the mentee's name.
pub async fn list_live_of_mentor(
    tx: &mut impl Queryable,
    _who: &Coordinator,
    id: AccountId,
) -> Result<Vec<Match>, sqlx::Error> {
    fetch_all!(
        tx,
        Match,
        found!(
            "WHERE m.mentor_id = $1 AND m.state IN ('proposed', 'accepted') AND e.state IN ('active', 'paused')
             ORDER BY p.name, m.id"
        ),
        id
    )
}

/// A mentee as somebody must know them who finds or becomes their mentor: no address, no phone, no e-mail.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Seeker {
    pub enrollment_id: EnrollmentId,
    pub mentee_id: AccountId,
    pub name: String,
    pub option_number: OptionNumber,
    pub state: enrollments::State,
    pub started_at: DateTime<Utc>,
    pub book: String,
    pub discipline: Discipline,
    pub workplace: String,
    pub county: String,
    pub counties_served: Json<Vec<String>>,
    pub ways: Json<Vec<Way>>,
    pub interests: Json<Vec<Interest>>,
    pub reason: String,
}

impl Seeker {
    /// What they look for; `not_mentors` is who is not to be proposed again.
    pub fn request(&self, not_mentors: Vec<AccountId>) -> Request<AccountId> {
        Request {
            option: self.option_number,
            county: County::by_fips(&self.county),
            ways: self.ways.0.clone(),
            discipline: self.discipline,
            interests: self.interests.0.clone(),
            not_mentors,
            oneself: Some(self.mentee_id),
        }
    }
}

/// The mentee of an enrolment, for the coordinator.
pub async fn find_seeker(tx: &mut impl Queryable, _who: &Coordinator, id: EnrollmentId) -> Result<Option<Seeker>, sqlx::Error> {
    seeker(tx, id).await
}

/// The mentee of a match that was proposed to the asking mentor.
pub async fn find_seeker_for(tx: &mut impl Queryable, who: Mentor, found: &Match) -> Result<Option<Seeker>, sqlx::Error> {
    if found.mentor_id == who.account() { seeker(tx, found.enrollment_id).await } else { Ok(None) }
}

async fn seeker(tx: &mut impl Queryable, id: EnrollmentId) -> Result<Option<Seeker>, sqlx::Error> {
    fetch_optional!(
        tx,
        Seeker,
        "SELECT e.id AS enrollment_id, e.mentee_id, p.name, e.option_number, e.state, e.started_at, ti.name AS book,
            ap.discipline, ap.workplace, ap.county, ap.counties_served, ap.ways, ap.interests, ap.reason
         FROM enrollment e
         JOIN account p ON p.id = e.mentee_id
         JOIN application ap ON ap.id = e.application_id
         JOIN outline ou ON ou.id = e.outline_id
         JOIN edition ed ON ed.id = ou.edition_id
         JOIN title ti ON ti.id = ed.title_id
         WHERE e.id = $1",
        id
    )
}

/// The ways in which the two can talk, as an introduction says them; the mentee's own where they share none.
pub async fn shared_ways(tx: &mut impl Queryable, found: &Match) -> Result<String, sqlx::Error> {
    let (Json(wanted), Json(offered)) = crate::db::fetch_one!(
        tx,
        (Json<Vec<Way>>, Json<Vec<Way>>),
        "SELECT ap.ways, m.ways FROM enrollment e JOIN application ap ON ap.id = e.application_id, mentor m
         WHERE e.id = $1 AND m.account_id = $2",
        found.enrollment_id,
        found.mentor_id
    )?;
    let shared: Vec<Way> = wanted.iter().copied().filter(|way| offered.contains(way)).collect();
    let ways = if shared.is_empty() { wanted } else { shared };
    Ok(ways.into_iter().map(|way| way.name().to_lowercase()).collect::<Vec<_>>().join(", "))
}

/// Who is not to be proposed again: mentors who declined this enrolment or whose pair with it ended.
pub fn not_again(matches: &[Match]) -> Vec<AccountId> {
    matches.iter().filter(|one| matches!(one.state, State::Declined | State::Ended)).map(|one| one.mentor_id).collect()
}

/// Proposes a mentor. Gives the match and whether it is new: proposing the same mentor twice changes nothing.
///
/// The rows of the enrolment and the mentor are held first, so that two coordinators who propose at once come one after
/// the other: the second sees what the first did, and the place is counted again as the match is written.
pub async fn propose(
    tx: &mut WriteTx,
    who: &Coordinator,
    enrollment: EnrollmentId,
    mentor: AccountId,
    settings: &Settings,
) -> Result<(Match, bool), AppError> {
    enrollments::store::hold(tx, enrollment).await?;
    execute!(tx, "UPDATE mentor SET capacity = capacity WHERE account_id = $1", mentor)?;
    let seeker = find_seeker(tx, who, enrollment).await?.ok_or(AppError::NotFound)?;
    let offered = find_mentor(tx, who, mentor).await?.ok_or(AppError::NotFound)?;
    if !seeker.state.is_live() {
        return Err(Refusal::new("This enrollment has ended, so it needs no mentor.").into());
    }
    if let Some(current) = current_of(tx, enrollment).await? {
        return if current.mentor_id == mentor { Ok((current, false)) } else { Err(taken(&current).into()) };
    }
    let points = fit(tx, who, &seeker, &offered).await?;
    let id = insert(tx, who, enrollment, mentor, &points, settings).await?;
    tx.note(Event::new(Kind::MatchProposed).of(enrollment).about(id.0));
    Ok((find(tx, who, id).await?.ok_or(AppError::Internal)?, true))
}

fn taken(current: &Match) -> Refusal {
    Refusal::new(match current.state {
        State::Accepted => format!("{} has a mentor already: {}.", current.mentee, current.mentor),
        _ => format!("{} is already proposed for {}. Withdraw that proposal first.", current.mentor, current.mentee),
    })
}

async fn fit(tx: &mut WriteTx, who: &Coordinator, seeker: &Seeker, mentor: &MentorRow) -> Result<Points, AppError> {
    let earlier = list_of_enrollment(tx, who, seeker.enrollment_id).await?;
    match score::score(&seeker.request(not_again(&earlier)), &mentor.offer(), clock::today(tx.now())) {
        Fit::Fits(points) => Ok(points),
        Fit::Excluded(rules) => {
            let words: Vec<&str> = rules.into_iter().map(score::Exclusion::words).collect();
            Err(Refusal::new(format!("{} cannot be proposed: {}.", mentor.name, words.join("; "))).into())
        }
    }
}

async fn insert(
    tx: &mut WriteTx,
    who: &Coordinator,
    enrollment: EnrollmentId,
    mentor: AccountId,
    points: &Points,
    settings: &Settings,
) -> Result<MatchId, AppError> {
    let (id, now) = (MatchId::new(), tx.now());
    let made = execute!(
        tx,
        "INSERT INTO mentor_match (id, enrollment_id, mentor_id, state, points, reasons, proposed_by, proposed_at, answer_by)
         SELECT $1, $2, m.account_id, 'proposed', $4, $5, $6, $7, $8 FROM mentor m
         WHERE m.account_id = $3 AND m.capacity >
            (SELECT COUNT(*) FROM mentor_match x JOIN enrollment e ON e.id = x.enrollment_id
             WHERE x.mentor_id = m.account_id AND x.state IN ('proposed', 'accepted') AND e.state IN ('active', 'paused'))",
        id,
        enrollment,
        mentor,
        points.points,
        Json(&points.reasons),
        who.account(),
        now,
        now + Duration::days(settings.answer_days)
    );
    match made {
        Ok(1) => Ok(id),
        Ok(_) => Err(Refusal::new("The last free place of this mentor was taken just now. Choose another mentor.").into()),
        Err(error) if is_duplicate(&error) => {
            Err(Refusal::new("Somebody else proposed a mentor for this mentee just now. Look at the proposal first.").into())
        }
        Err(error) => Err(error.into()),
    }
}

/// The mentor accepts; `false` when that had happened already.
pub async fn accept(tx: &mut WriteTx, _who: Mentor, found: &Match) -> Result<bool, AppError> {
    say_yes(tx, found).await
}

async fn say_yes(tx: &mut WriteTx, found: &Match) -> Result<bool, AppError> {
    if found.state == State::Proposed {
        enrollments::store::hold(tx, found.enrollment_id).await?;
        let live = seeker(tx, found.enrollment_id).await?.is_some_and(|seeker| seeker.state.is_live());
        if !live {
            return Err(Refusal::new("This enrollment has ended meanwhile, so it needs no mentor.").into());
        }
    }
    let accepted = change(tx, found, Action::Accept, None).await?;
    if accepted {
        // A pair that takes over a plan has its letter to sign at once.
        agreements::store::make_letter(tx, found.enrollment_id).await?;
    }
    Ok(accepted)
}

/// The mentor declines, with a reason; `false` when that had happened already.
pub async fn decline(tx: &mut WriteTx, _who: Mentor, found: &Match, reason: &str) -> Result<bool, AppError> {
    change(tx, found, Action::Decline, Some(reason)).await
}

/// The coordinator enters what the mentor answered past the site: yes, or no with a reason. `false` when it stood already.
pub async fn enter_answer(
    tx: &mut WriteTx,
    who: &Coordinator,
    found: &Match,
    refusal: Option<&str>,
    came_by: Medium,
) -> Result<bool, AppError> {
    let changed = match refusal {
        None => say_yes(tx, found).await?,
        Some(reason) => change(tx, found, Action::Decline, Some(reason)).await?,
    };
    if changed {
        execute!(tx, "UPDATE mentor_match SET entered_by = $2, came_by = $3 WHERE id = $1", found.id, who.account(), came_by)?;
    }
    Ok(changed)
}

/// Gives an enrolment that was reopened the mentor back whom it had, without asking again.
///
/// # Errors
/// A [`Refusal`] when the mentor's last place was taken meanwhile, or another mentor was proposed.
pub async fn restore(tx: &mut WriteTx, who: &Coordinator, former: &Match) -> Result<(), AppError> {
    execute!(tx, "UPDATE mentor SET capacity = capacity WHERE account_id = $1", former.mentor_id)?;
    let (id, now) = (MatchId::new(), tx.now());
    let made = execute!(
        tx,
        "INSERT INTO mentor_match (id, enrollment_id, mentor_id, state, points, reasons, proposed_by, proposed_at, answer_by, answered_at)
         SELECT $1, $2, m.account_id, 'accepted', $4, $5, $6, $7, $7, $7 FROM mentor m
         WHERE m.account_id = $3 AND m.capacity >
            (SELECT COUNT(*) FROM mentor_match x JOIN enrollment e ON e.id = x.enrollment_id
             WHERE x.mentor_id = m.account_id AND x.state IN ('proposed', 'accepted') AND e.state IN ('active', 'paused'))",
        id,
        former.enrollment_id,
        former.mentor_id,
        former.points,
        Json(&former.reasons.0),
        who.account(),
        now
    );
    match made {
        Ok(1) => {}
        Ok(_) => return Err(Refusal::new(format!("{} has no free place now. Leave the box empty.", former.mentor)).into()),
        Err(error) if is_duplicate(&error) => {
            return Err(Refusal::new("Another mentor was proposed just now. Look at the proposal first.").into());
        }
        Err(error) => return Err(error.into()),
    }
    tx.note(Event::new(Kind::MatchAccepted).of(former.enrollment_id).about(id.0));
    agreements::store::make_letter(tx, former.enrollment_id).await
}

/// Ends what the end of an enrolment ends with it: a proposal nobody answered, and a pair, unless it reached the certificate
/// together.
pub async fn end_of_enrollment(tx: &mut WriteTx, id: EnrollmentId, ended: enrollments::State) -> Result<(), AppError> {
    let Some(found) = current_of(tx, id).await? else { return Ok(()) };
    match (found.state, ended) {
        (State::Proposed, _) => change(tx, &found, Action::Withdraw, None).await.map(|_| ()),
        (State::Accepted, enrollments::State::Withdrawn) => {
            change(tx, &found, Action::End, Some("The enrollment ended.")).await.map(|_| ())
        }
        (State::Accepted | State::Declined | State::Withdrawn | State::Ended, _) => Ok(()),
    }
}

/// The coordinator takes a proposal back; `false` when that had happened already.
pub async fn withdraw(tx: &mut WriteTx, _who: &Coordinator, found: &Match) -> Result<bool, AppError> {
    change(tx, found, Action::Withdraw, None).await
}

/// The coordinator ends a pair, with a reason; `false` when that had happened already.
pub async fn end(tx: &mut WriteTx, _who: &Coordinator, found: &Match, reason: &str) -> Result<bool, AppError> {
    change(tx, found, Action::End, Some(reason)).await
}

/// The rule of [`State::after`] decides; the row count settles a race. An action sent twice finds its aim reached.
async fn change(tx: &mut WriteTx, found: &Match, action: Action, reason: Option<&str>) -> Result<bool, AppError> {
    if found.state == action.aim() {
        return Ok(false);
    }
    let next = found.state.after(action)?;
    let now = tx.now();
    let answers = matches!(action, Action::Accept | Action::Decline);
    let changed = execute!(
        tx,
        "UPDATE mentor_match SET state = $3,
            answered_at = coalesce($4, answered_at), answer_reason = coalesce($5, answer_reason),
            ended_at = coalesce($6, ended_at), end_reason = coalesce($7, end_reason)
         WHERE id = $1 AND state = $2",
        found.id,
        found.state,
        next,
        answers.then_some(now),
        reason.filter(|_| answers),
        (!answers).then_some(now),
        reason.filter(|_| !answers)
    )?;
    if changed == 0 {
        return Err(Refusal::new("Somebody else was quicker just now. Look at the match again.").into());
    }
    let kind = match action {
        Action::Accept => Kind::MatchAccepted,
        Action::Decline => Kind::MatchDeclined,
        Action::Withdraw => Kind::MatchWithdrawn,
        Action::End => Kind::MatchEnded,
    };
    let event = Event::new(kind).of(found.enrollment_id).about(found.id.0);
    tx.note(match reason {
        Some(reason) => event.words(reason),
        None => event,
    });
    Ok(true)
}

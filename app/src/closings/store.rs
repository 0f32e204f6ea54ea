//! Who was asked at an end, and what they answered, in the database.

use chrono::{DateTime, Utc};

use super::{Given, Occasion, Worked};
use crate::State;
use crate::audit::{Event, Kind};
use crate::db::{Queryable, WriteTx, execute, fetch_all, fetch_one, fetch_optional};
use crate::enrollments::Story;
use crate::error::{AppError, Refusal};
use crate::id::{AccountId, ClosingId, EnrollmentId, MatchId};
use crate::mail::{self, Mail};
use crate::matching;
use crate::people::{Coordinator, Side, Viewer};

/// What ends, and between whom.
#[derive(Debug, Clone)]
pub struct End {
    pub enrollment: EnrollmentId,
    pub occasion: Occasion,
    pub mentee: AccountId,
    pub mentee_name: String,
    /// The match and its mentor, if it was accepted.
    pub pair: Option<(MatchId, AccountId, String)>,
}

impl End {
    /// An enrolment as it stood before it ended.
    pub fn of_enrollment(story: &Story, occasion: Occasion) -> Self {
        let pair = story.matched_at.and(story.match_id.zip(story.mentor_id).zip(story.mentor.clone()));
        Self {
            enrollment: story.id,
            occasion,
            mentee: story.mentee_id,
            mentee_name: story.mentee.clone(),
            pair: pair.map(|((id, account), name)| (id, account, name)),
        }
    }

    /// A pair whose enrolment goes on.
    pub fn of_pair(found: &matching::store::Match) -> Self {
        Self {
            enrollment: found.enrollment_id,
            occasion: Occasion::Ended,
            mentee: found.mentee_id,
            mentee_name: found.mentee.clone(),
            pair: Some((found.id, found.mentor_id, found.mentor.clone())),
        }
    }
}

/// Asks both, once for each match, and tells each in their digest what has ended; the mentor is thanked with what they gave.
pub async fn ask(tx: &mut WriteTx, program: &State, end: &End) -> Result<(), sqlx::Error> {
    insert(tx, end, end.mentee, "mentee").await?;
    let mentor_name = end.pair.as_ref().map(|(_, _, name)| name.as_str()).unwrap_or_default();
    tell(tx, program, end, end.mentee, "mentee", mentor_name, "").await?;
    if let Some((id, mentor, _)) = &end.pair {
        insert(tx, end, *mentor, "mentor").await?;
        let given = given(tx, *id).await?.words();
        tell(tx, program, end, *mentor, "mentor", &end.mentee_name, &given).await?;
    }
    Ok(())
}

async fn insert(tx: &mut WriteTx, end: &End, person: AccountId, side: &'static str) -> Result<(), sqlx::Error> {
    let now = tx.now();
    execute!(
        tx,
        "INSERT INTO closing_answer (id, enrollment_id, match_id, person_id, side, occasion, asked_at, helped, better)
         VALUES ($1, $2, $3, $4, $5, $6, $7, '', '') ON CONFLICT DO NOTHING",
        ClosingId::new(),
        end.enrollment,
        end.pair.as_ref().map(|(id, ..)| *id),
        person,
        side,
        end.occasion,
        now
    )
    .map(|_| ())
}

async fn tell(
    tx: &mut WriteTx,
    program: &State,
    end: &End,
    person: AccountId,
    side: &str,
    other: &str,
    given: &str,
) -> Result<(), sqlx::Error> {
    let kind = if end.occasion == Occasion::Ended { mail::Kind::MatchEnded } else { mail::Kind::EnrollmentEnded };
    let to = mail::store::recipient(tx, person).await?;
    let mail = Mail::new(kind, to)
        .with("side", side)
        .with("occasion", end.occasion.as_str())
        .with("other", other)
        .with("given", given)
        .with("link", program.link(&closing_path(end.enrollment)))
        .about(end.enrollment.0);
    mail::store::enqueue(tx, mail).await
}

/// Where the questions are answered.
pub fn closing_path(enrollment: EnrollmentId) -> String {
    format!("/enrollments/{enrollment}/closing")
}

/// Talks and sign-offs of one match.
pub async fn given(tx: &mut impl Queryable, id: MatchId) -> Result<Given, sqlx::Error> {
    fetch_one!(
        tx,
        Given,
        "SELECT COUNT(t.id) AS talks, CAST(coalesce(sum(t.minutes), 0) AS BIGINT) AS minutes,
            (SELECT COUNT(*) FROM sign_off o WHERE o.enrollment_id = m.enrollment_id AND o.mentor_id = m.mentor_id
                AND o.carried_from IS NULL AND o.signed_off_at >= m.answered_at
                AND (m.ended_at IS NULL OR o.signed_off_at <= m.ended_at)) AS chapters
         FROM mentor_match m LEFT JOIN talk t ON t.enrollment_id = m.enrollment_id AND t.created_at >= m.answered_at
            AND (m.ended_at IS NULL OR t.created_at <= m.ended_at)
         WHERE m.id = $1 GROUP BY m.id, m.enrollment_id, m.mentor_id, m.answered_at, m.ended_at",
        id
    )
}

/// One who was asked, with their answers.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Closing {
    pub id: ClosingId,
    pub enrollment_id: EnrollmentId,
    pub match_id: Option<MatchId>,
    pub person: String,
    pub side: Side,
    /// The other of the two.
    pub other: Option<String>,
    pub occasion: Occasion,
    pub asked_at: DateTime<Utc>,
    pub answered_at: Option<DateTime<Utc>>,
    pub worked: Option<Worked>,
    pub helped: String,
    pub better: String,
}

macro_rules! closings {
    ($rest:literal) => {
        concat!(
            "SELECT x.id, x.enrollment_id, x.match_id, p.name AS person, x.side,
                CASE WHEN x.side = 'mentor' THEN me.name ELSE mo.name END AS other,
                x.occasion, x.asked_at, x.answered_at, x.worked, x.helped, x.better
             FROM closing_answer x
             JOIN account p ON p.id = x.person_id
             JOIN enrollment e ON e.id = x.enrollment_id
             JOIN account me ON me.id = e.mentee_id
             LEFT JOIN mentor_match m ON m.id = x.match_id
             LEFT JOIN account mo ON mo.id = m.mentor_id ",
            $rest
        )
    };
}

/// What this person was asked about an enrolment, the latest first; another's answers are not among them.
pub async fn list_own(tx: &mut impl Queryable, viewer: &Viewer, enrollment: EnrollmentId) -> Result<Vec<Closing>, sqlx::Error> {
    fetch_all!(
        tx,
        Closing,
        closings!("WHERE x.enrollment_id = $1 AND x.person_id = $2 ORDER BY x.asked_at DESC, x.id DESC"),
        enrollment,
        viewer.id
    )
}

/// Everyone who was asked about an enrolment, for the coordinator.
pub async fn list(tx: &mut impl Queryable, _who: &Coordinator, enrollment: EnrollmentId) -> Result<Vec<Closing>, sqlx::Error> {
    fetch_all!(tx, Closing, closings!("WHERE x.enrollment_id = $1 ORDER BY x.asked_at DESC, x.side, x.id"), enrollment)
}

/// One that this person was asked.
pub async fn find_own(tx: &mut impl Queryable, viewer: &Viewer, id: ClosingId) -> Result<Option<Closing>, sqlx::Error> {
    fetch_optional!(tx, Closing, closings!("WHERE x.id = $1 AND x.person_id = $2"), id, viewer.id)
}

/// Keeps what somebody answered. Answering again within the same form changes nothing; a later change of mind does.
pub async fn answer(
    tx: &mut WriteTx,
    viewer: &Viewer,
    closing: &Closing,
    worked: Worked,
    helped: &str,
    better: &str,
) -> Result<(), AppError> {
    let now = tx.now();
    let changed = execute!(
        tx,
        "UPDATE closing_answer SET worked = $3, helped = $4, better = $5, answered_at = $6 WHERE id = $1 AND person_id = $2",
        closing.id,
        viewer.id,
        worked,
        helped,
        better,
        now
    )?;
    if changed == 0 {
        return Err(Refusal::new("These questions are not yours to answer.").into());
    }
    tx.note(Event::new(Kind::ClosingAnswered).of(closing.enrollment_id).about(closing.id.0));
    Ok(())
}

//! What came since a mentor's last visit, by mentee, told from the record of events: that it happened, never what was
//! written. Separate because it looks at every step and belongs to none.

use chrono::{DateTime, Duration, Utc};

use crate::audit;
use crate::db::{Queryable, WriteTx, execute, fetch_all, fetch_optional};
use crate::id::EnrollmentId;
use crate::people::Mentor;

/// A visit ends when nobody looked for this long: what was new a moment ago is still new after a second look.
const VISIT: Duration = Duration::minutes(30);

/// What one mentee did, how often, and when last.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct News {
    pub enrollment_id: EnrollmentId,
    pub mentee: String,
    pub kind: String,
    pub times: i64,
    pub last_at: DateTime<Utc>,
}

impl News {
    /// As the mentor reads it: "logged reading 3 times"; `None` for what is nothing to a mentor.
    pub fn words(&self) -> Option<String> {
        let times = |once: &str, often: &str| match self.times {
            1 => once.to_owned(),
            times => format!("{often} {times} times"),
        };
        let several = |one: &str, many: &str| match self.times {
            1 => one.to_owned(),
            count => many.replace("{}", &count.to_string()),
        };
        let kind = audit::Kind::ALL.iter().copied().find(|kind| kind.as_str() == self.kind)?;
        Some(match kind {
            audit::Kind::StudyEntryLogged => times("logged reading", "logged reading"),
            audit::Kind::AttemptHandedIn => several("handed in a post-test", "handed in {} post-tests"),
            audit::Kind::MessageWritten => several("wrote a message", "wrote {} messages"),
            audit::Kind::MessageFlagged => several("put a message on the agenda", "put {} messages on the agenda"),
            audit::Kind::TalkLogged => several("logged a talk", "logged {} talks"),
            audit::Kind::TalkCorrected => several("put a talk right", "put {} talks right"),
            audit::Kind::TalkConfirmed => several("confirmed a talk", "confirmed {} talks"),
            audit::Kind::TalkFollowedUp => several("finished a follow-up", "finished {} follow-ups"),
            audit::Kind::TalkTimeProposed => "proposed a time to talk".to_owned(),
            audit::Kind::TalkTimeAgreed => "agreed to a time to talk".to_owned(),
            audit::Kind::TalkTimeDeclined => "could not take the times you proposed".to_owned(),
            audit::Kind::TalkTimeCancelled => "cancelled a talk".to_owned(),
            audit::Kind::LetterSigned => "signed the letter of agreement".to_owned(),
            audit::Kind::SelfEvaluationShared => "shared the self-evaluation".to_owned(),
            audit::Kind::PlanChanged => times("changed the plan", "changed the plan"),
            audit::Kind::LoanArrived => "has the book".to_owned(),
            audit::Kind::EnrollmentPaused => "takes a break".to_owned(),
            audit::Kind::EnrollmentResumed => "is back from a break".to_owned(),
            audit::Kind::ExamPlanned => "filled in the exam plan".to_owned(),
            _ => return None,
        })
    }
}

/// Since when things are new to this mentor; `None` on the first visit, when everything is.
pub async fn find_before(tx: &mut impl Queryable, who: Mentor, now: DateTime<Utc>) -> Result<Visit, sqlx::Error> {
    let row = fetch_optional!(
        tx,
        (DateTime<Utc>, DateTime<Utc>),
        "SELECT visited_at, before_at FROM home_visit WHERE account_id = $1",
        who.account()
    )?;
    Ok(match row {
        None => Visit { since: None, note: true },
        Some((visited_at, before_at)) if now - visited_at < VISIT => Visit { since: Some(before_at), note: false },
        Some((visited_at, _)) => Visit { since: Some(visited_at), note: true },
    })
}

/// A look at the home: what is new since when, and whether a visit begins with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Visit {
    pub since: Option<DateTime<Utc>>,
    pub note: bool,
}

/// Notes that a visit begins; what the last one showed is not new any more.
pub async fn note_visit(tx: &mut WriteTx, who: Mentor, since: Option<DateTime<Utc>>) -> Result<(), sqlx::Error> {
    let now = tx.now();
    execute!(
        tx,
        "INSERT INTO home_visit (account_id, visited_at, before_at) VALUES ($1, $2, $3)
         ON CONFLICT (account_id) DO UPDATE SET visited_at = excluded.visited_at, before_at = excluded.before_at",
        who.account(),
        now,
        since.unwrap_or(now)
    )
    .map(|_| ())
}

/// What the mentees of this mentor did since then, within their time together: one query, whatever there is. The newest
/// first.
pub async fn list(tx: &mut impl Queryable, who: Mentor, since: DateTime<Utc>) -> Result<Vec<News>, sqlx::Error> {
    fetch_all!(
        tx,
        News,
        "SELECT m.enrollment_id, p.name AS mentee, a.kind, COUNT(*) AS times, max(a.at) AS last_at
         FROM mentor_match m JOIN enrollment e ON e.id = m.enrollment_id JOIN account p ON p.id = e.mentee_id
         JOIN audit a ON a.enrollment_id = m.enrollment_id AND a.actor_id = e.mentee_id AND a.at > $2 AND a.at >= m.answered_at
         WHERE m.mentor_id = $1 AND m.state = 'accepted'
         GROUP BY m.enrollment_id, p.name, a.kind ORDER BY max(a.at) DESC, a.kind LIMIT 200",
        who.account(),
        since
    )
}

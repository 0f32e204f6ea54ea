//! Enrolments in the database: starting one, ending one, and the one query that tells the whole story.

use chrono::{DateTime, Duration, Months, NaiveDate, Utc};

use super::ladder::Stop;
use super::{Action, EndKind, OptionNumber, Owner, State, Story};
use crate::assessments;
use crate::audit::{Event, Kind};
use crate::clock;
use crate::db::{Queryable, WriteTx, execute, fetch_all, fetch_optional};
use crate::error::{AppError, Refusal};
use crate::id::{AccountId, ApplicationId, EnrollmentId, OutlineId, PauseId};
use crate::people::{Coordinator, Mentor};
use crate::settings::Settings;

/// The story of enrolments, up to its WHERE. Each chapter is asked of an index once, however many entries there are. A
/// post-test that was passed counts for good, also when its questions are retired later.
macro_rules! story {
    ($rest:literal) => {
        concat!(
            "SELECT e.id, e.application_id, e.mentee_id, p.name AS mentee, e.option_number, e.outline_id, ti.name AS book,
                ap.county, e.state, e.started_at, e.due_on,
                (SELECT r.asked_at FROM time_request r WHERE r.enrollment_id = e.id AND r.answered_at IS NULL) AS time_asked_at, e.paused_until, e.ended_at, e.completed_before,
                e.imported_id IS NOT NULL AS imported,
                m.id AS match_id, m.mentor_id, mp.name AS mentor, m.proposed_at, m.answer_by,
                CASE WHEN m.state = 'accepted' THEN m.answered_at END AS matched_at,
                (SELECT max(coalesce(x.ended_at, x.answered_at)) FROM mentor_match x
                    WHERE x.enrollment_id = e.id AND x.state IN ('declined', 'withdrawn', 'ended')) AS unmatched_at,
                e.own_book_at,
                (SELECT min(h.placed_at) FROM hold h WHERE h.enrollment_id = e.id AND h.ended_at IS NULL) AS book_requested_at,
                lo.lent_at AS book_lent_at, lo.arrived_at AS book_arrived_at, lo.due_on AS book_due_on,
                lo.sent_back_at AS book_sent_back_at,
                (SELECT max(h.ended_at) FROM hold h WHERE h.enrollment_id = e.id) AS book_unrequested_at,
                (SELECT max(x.returned_at) FROM loan x JOIN copy co ON co.id = x.copy_id JOIN edition ce ON ce.id = co.edition_id
                    WHERE x.enrollment_id = e.id AND ce.title_id = ed.title_id) AS book_returned_at,
                pl.updated_at AS planned_at,
                (SELECT x.starts_at FROM appointment x WHERE x.match_id = m.id AND x.state = 'agreed') AS next_talk_at,
                (SELECT max(s.made_at) FROM self_evaluation s WHERE s.enrollment_id = e.id AND s.moment = 'start') AS self_evaluated_at,
                le.id AS letter_id, le.made_at AS letter_made_at, le.received_at AS letter_received_at,
                (SELECT s.signed_at FROM signature s WHERE s.letter_id = le.id AND s.role = 'mentee') AS mentee_signed_at,
                (SELECT s.signed_at FROM signature s WHERE s.letter_id = le.id AND s.role = 'mentor') AS mentor_signed_at,
                (SELECT COUNT(*) FROM chapter c WHERE c.outline_id = e.outline_id AND c.required = TRUE) AS chapters,
                (SELECT COUNT(*) FROM chapter c WHERE c.outline_id = e.outline_id AND c.required = TRUE AND EXISTS
                    (SELECT 1 FROM study_entry s WHERE s.enrollment_id = e.id AND s.chapter_id = c.id)) AS read,
                (SELECT COUNT(*) FROM sign_off o JOIN chapter c ON c.id = o.chapter_id
                    WHERE o.enrollment_id = e.id AND c.outline_id = e.outline_id AND c.required = TRUE) AS discussed,
                (SELECT max(s.created_at) FROM study_entry s WHERE s.enrollment_id = e.id) AS last_read_at,
                (SELECT min(s.created_at) FROM chapter c CROSS JOIN study_entry s
                    WHERE c.outline_id = e.outline_id AND c.required = TRUE AND s.enrollment_id = e.id AND s.chapter_id = c.id AND NOT EXISTS
                    (SELECT 1 FROM sign_off o WHERE o.enrollment_id = e.id AND o.chapter_id = c.id)) AS undiscussed_since,
                (SELECT max(o.signed_off_at) FROM sign_off o WHERE o.enrollment_id = e.id) AS last_signed_off_at,
                (SELECT max(coalesce(a.marked_at, a.handed_in_at)) FROM attempt a WHERE a.enrollment_id = e.id) AS last_tested_at,
                nx.number AS next_number, nx.title AS next_title, nx.minutes AS next_minutes,
                (SELECT t.target_on FROM plan_target t WHERE t.enrollment_id = e.id AND t.chapter_id = nx.id) AS next_target,
                coalesce(e.post_tests, CASE WHEN e.option_number = 1 THEN 'required' ELSE 'off' END) AS post_tests,
                CASE WHEN coalesce(e.post_tests, CASE WHEN e.option_number = 1 THEN 'required' ELSE 'off' END) = 'required'
                    THEN (SELECT COUNT(*) FROM chapter c WHERE c.outline_id = e.outline_id
                    AND c.required = TRUE AND (EXISTS (SELECT 1 FROM question q WHERE q.chapter_id = c.id AND q.retired_at IS NULL)
                    OR EXISTS (SELECT 1 FROM attempt a WHERE a.enrollment_id = e.id AND a.chapter_id = c.id AND a.passed = TRUE)))
                    ELSE 0 END AS tests,
                CASE WHEN coalesce(e.post_tests, CASE WHEN e.option_number = 1 THEN 'required' ELSE 'off' END) = 'required'
                    THEN (SELECT COUNT(*) FROM chapter c WHERE c.outline_id = e.outline_id
                    AND c.required = TRUE AND (EXISTS (SELECT 1 FROM question q WHERE q.chapter_id = c.id AND q.retired_at IS NULL
                    AND q.approved_at IS NOT NULL) OR EXISTS (SELECT 1 FROM attempt a WHERE a.enrollment_id = e.id AND a.chapter_id = c.id AND a.passed = TRUE))) ELSE 0 END AS tests_open,
                (SELECT COUNT(DISTINCT a.chapter_id) FROM attempt a JOIN chapter c ON c.id = a.chapter_id
                    WHERE a.enrollment_id = e.id AND a.passed = TRUE AND c.outline_id = e.outline_id AND c.required = TRUE) AS tests_passed,
                CASE WHEN coalesce(e.post_tests, CASE WHEN e.option_number = 1 THEN 'required' ELSE 'off' END) = 'required'
                    THEN (SELECT min(s.created_at) FROM chapter c CROSS JOIN study_entry s
                    WHERE c.outline_id = e.outline_id AND c.required = TRUE AND s.enrollment_id = e.id AND s.chapter_id = c.id
                    AND NOT EXISTS (SELECT 1 FROM attempt a WHERE a.enrollment_id = e.id AND a.chapter_id = c.id
                        AND (a.passed = TRUE OR (a.passed IS NULL AND a.handed_in_at IS NOT NULL)))
                    AND EXISTS (SELECT 1 FROM question q WHERE q.chapter_id = c.id AND q.retired_at IS NULL
                    AND q.approved_at IS NOT NULL)) END AS untested_since,
                un.handed_in_at AS unmarked_since, un.chapter_id AS unmarked_chapter,
                CASE WHEN un.id IS NULL THEN 0 ELSE (SELECT COUNT(*) FROM attempt a JOIN attempt_item i ON i.attempt_id = a.id
                    WHERE a.enrollment_id = e.id AND a.handed_in_at IS NOT NULL AND a.passed IS NULL AND i.credit IS NULL) END AS unmarked,
                (SELECT x.updated_at FROM exam_plan x WHERE x.enrollment_id = e.id) AS exam_planned_at,
                (SELECT x.number FROM certificate x WHERE x.enrollment_id = e.id AND x.state = 'valid') AS certificate,
                (SELECT max(a.at) FROM audit a WHERE a.enrollment_id = e.id AND a.actor_id = e.mentee_id) AS mentee_acted_at,
                (SELECT max(a.at) FROM audit a WHERE a.enrollment_id = e.id AND a.actor_id = m.mentor_id) AS mentor_acted_at,
                (SELECT max(x.heard_at) FROM contact x WHERE x.enrollment_id = e.id AND x.person_id = e.mentee_id
                    AND x.heard = TRUE AND x.undone_at IS NULL) AS mentee_spoke_at,
                (SELECT max(x.heard_at) FROM contact x WHERE x.enrollment_id = e.id AND x.person_id = m.mentor_id
                    AND x.heard = TRUE AND x.undone_at IS NULL) AS mentor_spoke_at,
                (SELECT max(x.created_at) FROM contact x WHERE x.enrollment_id = e.id AND x.person_id = e.mentee_id
                    AND x.undone_at IS NULL) AS mentee_tried_at,
                (SELECT max(x.created_at) FROM contact x WHERE x.enrollment_id = e.id AND x.person_id = m.mentor_id
                    AND x.undone_at IS NULL) AS mentor_tried_at,
                (SELECT min(x.created_at) FROM message x LEFT JOIN seen s ON s.account_id = e.mentee_id AND s.enrollment_id = e.id
                    AND s.thread_id = coalesce(x.chapter_id, e.id) WHERE x.enrollment_id = e.id AND x.author_id <> e.mentee_id
                    AND x.taken_back_at IS NULL AND (s.seen_at IS NULL OR s.seen_at < x.created_at)) AS mentee_unread_since,
                (SELECT min(x.created_at) FROM message x LEFT JOIN seen s ON s.account_id = m.mentor_id AND s.enrollment_id = e.id
                    AND s.thread_id = coalesce(x.chapter_id, e.id) WHERE x.enrollment_id = e.id AND x.author_id <> m.mentor_id
                    AND x.created_at >= m.answered_at AND x.taken_back_at IS NULL AND (s.seen_at IS NULL OR s.seen_at < x.created_at)) AS mentor_unread_since,
                (SELECT max(a.at) FROM audit a WHERE a.enrollment_id = e.id AND a.actor_id = e.mentee_id
                    AND a.kind = 'message.seen') AS mentee_saw_at,
                (SELECT max(a.at) FROM audit a WHERE a.enrollment_id = e.id AND a.actor_id = m.mentor_id
                    AND a.kind = 'message.seen') AS mentor_saw_at,
                (EXISTS (SELECT 1 FROM pause x WHERE x.enrollment_id = e.id)
                    OR EXISTS (SELECT 1 FROM away x WHERE x.mentor_id = m.mentor_id)) AS stopped
             FROM enrollment e
             JOIN account p ON p.id = e.mentee_id
             JOIN application ap ON ap.id = e.application_id
             JOIN outline ou ON ou.id = e.outline_id
             JOIN edition ed ON ed.id = ou.edition_id
             JOIN title ti ON ti.id = ed.title_id
             LEFT JOIN mentor_match m ON m.enrollment_id = e.id AND m.state IN ('proposed', 'accepted')
             LEFT JOIN account mp ON mp.id = m.mentor_id
             LEFT JOIN loan lo ON lo.enrollment_id = e.id AND lo.returned_at IS NULL
             LEFT JOIN plan pl ON pl.enrollment_id = e.id
             LEFT JOIN letter le ON le.enrollment_id = e.id AND le.state IN ('open', 'signed', 'received')
             LEFT JOIN attempt un ON un.id = (SELECT a.id FROM attempt a WHERE a.enrollment_id = e.id
                AND a.handed_in_at IS NOT NULL AND a.passed IS NULL ORDER BY a.handed_in_at LIMIT 1)
             LEFT JOIN chapter nx ON nx.id = (SELECT c.id FROM chapter c WHERE c.outline_id = e.outline_id AND c.required = TRUE
                AND NOT EXISTS (SELECT 1 FROM study_entry s WHERE s.enrollment_id = e.id AND s.chapter_id = c.id)
                ORDER BY c.number LIMIT 1) ",
            $rest
        )
    };
}

/// One enrolment's story.
pub async fn find(tx: &mut impl Queryable, id: EnrollmentId) -> Result<Option<Story>, sqlx::Error> {
    let story = fetch_optional!(tx, Story, story!("WHERE e.id = $1"), id)?;
    with_own_stops(tx, story).await
}

/// The mentee's live enrolment, or else the latest one.
pub async fn find_of_mentee(tx: &mut impl Queryable, mentee: AccountId) -> Result<Option<Story>, sqlx::Error> {
    let story = fetch_optional!(
        tx,
        Story,
        story!(
            "WHERE e.id = (SELECT x.id FROM enrollment x WHERE x.mentee_id = $1
             ORDER BY CASE WHEN x.state IN ('active', 'paused') THEN 0 ELSE 1 END, x.started_at DESC LIMIT 1)"
        ),
        mentee
    )?;
    with_own_stops(tx, story).await
}

/// Every enrolment that is proposed to this mentor or goes with them now, oldest first.
pub async fn list_of_mentor(tx: &mut impl Queryable, who: Mentor) -> Result<Vec<Story>, sqlx::Error> {
    let stories = fetch_all!(
        tx,
        Story,
        story!("WHERE m.mentor_id = $1 AND e.state IN ('active', 'paused') ORDER BY e.started_at"),
        who.account()
    )?;
    with_stops(tx, stories).await
}

/// Every live enrolment, oldest first.
pub async fn list_live(tx: &mut impl Queryable, _who: &Coordinator) -> Result<Vec<Story>, sqlx::Error> {
    let stories = fetch_all!(tx, Story, story!("WHERE e.state IN ('active', 'paused') ORDER BY e.started_at"))?;
    with_stops(tx, stories).await
}

/// Enrolments that have ended, newest first, a page of 50 at a time. The page is chosen before any story is told:
/// sorting would tell them all.
pub async fn list_ended(tx: &mut impl Queryable, _who: &Coordinator, page: i64) -> Result<Vec<Story>, sqlx::Error> {
    fetch_all!(
        tx,
        Story,
        story!(
            "WHERE e.id IN (SELECT x.id FROM enrollment x WHERE x.state IN ('withdrawn', 'completed')
                ORDER BY x.ended_at DESC, x.id LIMIT 50 OFFSET $1) ORDER BY e.ended_at DESC, e.id"
        ),
        page.max(0).saturating_mul(50)
    )
}

#[derive(sqlx::FromRow)]
struct StopRow {
    owner: Option<Owner>,
    began_at: DateTime<Utc>,
    until_on: NaiveDate,
    ended_at: Option<DateTime<Utc>>,
}

/// Adds the leaves that stop a clock, one query for each story that has any: most have none.
async fn with_stops(tx: &mut impl Queryable, mut stories: Vec<Story>) -> Result<Vec<Story>, sqlx::Error> {
    for story in stories.iter_mut().filter(|story| story.stopped) {
        story.stops = stops(tx, story).await?;
    }
    Ok(stories)
}

async fn with_own_stops(tx: &mut impl Queryable, mut story: Option<Story>) -> Result<Option<Story>, sqlx::Error> {
    if let Some(story) = story.as_mut().filter(|story| story.stopped) {
        story.stops = stops(tx, story).await?;
    }
    Ok(story)
}

async fn stops(tx: &mut impl Queryable, story: &Story) -> Result<Vec<Stop>, sqlx::Error> {
    let rows = fetch_all!(
        tx,
        StopRow,
        "SELECT CAST(NULL AS TEXT) AS owner, began_at, until_on, ended_at FROM pause WHERE enrollment_id = $1
         UNION ALL SELECT 'mentor', began_at, until_on, ended_at FROM away WHERE mentor_id = $2",
        story.id,
        story.mentor_id
    )?;
    Ok(rows.into_iter().map(|row| Stop::new(row.began_at, row.until_on, row.ended_at, row.owner)).collect())
}

/// Starts the enrolment that follows from an accepted application.
///
/// # Errors
/// A [`Refusal`] when the person has a live enrolment already.
pub async fn insert(
    tx: &mut WriteTx,
    application: ApplicationId,
    mentee: AccountId,
    option: OptionNumber,
    outline: OutlineId,
    settings: &Settings,
) -> Result<EnrollmentId, AppError> {
    let (id, now) = (EnrollmentId::new(), tx.now());
    let done = execute!(
        tx,
        "INSERT INTO enrollment (id, application_id, mentee_id, option_number, outline_id, state, started_at, due_on)
         VALUES ($1, $2, $3, $4, $5, 'active', $6, $7)",
        id,
        application,
        mentee,
        option,
        outline,
        now,
        time_limit(clock::today(now), settings)
    );
    match done {
        Ok(_) => {}
        Err(error) if crate::db::is_duplicate(&error) => {
            return Err(Refusal::new("This person has an enrollment already that is still open.").into());
        }
        Err(error) => return Err(error.into()),
    }
    assessments::store::pin(tx, id, option, outline).await?;
    tx.note(Event::new(Kind::EnrollmentStarted).of(id).about(application.0));
    Ok(id)
}

/// The day by which an option that starts today should be finished.
pub(crate) fn time_limit(today: NaiveDate, settings: &Settings) -> NaiveDate {
    today.checked_add_months(Months::new(settings.option_months)).unwrap_or(today)
}

/// Moves an enrolment on; the rule of [`State::after`] decides, and the row count settles a race. An enrolment that ends
/// ends its pair with it, so that the mentor's place is free.
///
/// # Errors
/// A [`Refusal`] by the rule, when somebody else was quicker, or when the person has another live enrolment.
pub async fn change(
    tx: &mut WriteTx,
    story: &Story,
    action: Action,
    until: Option<NaiveDate>,
    reason: &str,
) -> Result<(), AppError> {
    let next = story.state.after(action)?;
    let now = tx.now();
    let end_kind = match action {
        Action::Withdraw => Some(EndKind::Withdrawn),
        Action::Close => Some(EndKind::Closed),
        Action::Pause | Action::Resume | Action::Extend | Action::ChangeOption | Action::Reopen | Action::Complete => None,
    };
    let changed = execute!(
        tx,
        "UPDATE enrollment SET state = $3, paused_until = $4, ended_at = $5, end_reason = $6, end_kind = $7, ended_by = $8
         WHERE id = $1 AND state = $2",
        story.id,
        story.state,
        next,
        until.or(story.paused_until).filter(|_| next == State::Paused),
        (!next.is_live()).then_some(now),
        (!next.is_live() && !reason.is_empty()).then_some(reason),
        end_kind,
        tx.actor().filter(|_| !next.is_live())
    );
    match changed {
        Ok(0) => return Err(Refusal::new("Somebody else changed this enrollment just now. Look at it again.").into()),
        Ok(_) => {}
        Err(error) if crate::db::is_duplicate(&error) => {
            return Err(Refusal::new("This person has another enrollment that is open. Close that one first.").into());
        }
        Err(error) => return Err(error.into()),
    }
    if next != story.state {
        keep_pause(tx, story, next, until).await?;
    }
    if !next.is_live() {
        // The postal address of an open request is kept only while the study needs it.
        crate::library::store::end_holds(tx, story.id).await?;
        crate::matching::store::end_of_enrollment(tx, story.id, next).await?;
    }
    let event = Event::new(kind_of(action)).of(story.id);
    tx.note(if reason.is_empty() { event } else { event.words(reason) });
    Ok(())
}

fn kind_of(action: Action) -> Kind {
    match action {
        Action::Pause => Kind::EnrollmentPaused,
        Action::Resume => Kind::EnrollmentResumed,
        Action::Extend => Kind::EnrollmentExtended,
        Action::ChangeOption => Kind::OptionChanged,
        Action::Withdraw => Kind::EnrollmentWithdrawn,
        Action::Close => Kind::EnrollmentClosed,
        Action::Reopen => Kind::EnrollmentReopened,
        Action::Complete => Kind::EnrollmentCompleted,
    }
}

/// Holds the enrolment's row: another change of it waits until this one is done.
pub async fn hold(tx: &mut WriteTx, id: EnrollmentId) -> Result<(), AppError> {
    match execute!(tx, "UPDATE enrollment SET state = state WHERE id = $1", id)? {
        0 => Err(AppError::NotFound),
        _ => Ok(()),
    }
}

/// A leave begins with a pause, and ends when the enrolment goes on or ends. The time for which one that is reopened had
/// ended counts as a leave: nobody was to do anything.
async fn keep_pause(tx: &mut WriteTx, story: &Story, next: State, until: Option<NaiveDate>) -> Result<(), sqlx::Error> {
    let now = tx.now();
    if let (State::Paused, Some(until)) = (next, until) {
        execute!(
            tx,
            "INSERT INTO pause (id, enrollment_id, began_at, until_on) VALUES ($1, $2, $3, $4)",
            PauseId::new(),
            story.id,
            now,
            until
        )?;
        return Ok(());
    }
    if let (State::Withdrawn, Some(ended_at)) = (story.state, story.ended_at) {
        execute!(
            tx,
            "INSERT INTO pause (id, enrollment_id, began_at, until_on, ended_at) VALUES ($1, $2, $3, $4, $5)",
            PauseId::new(),
            story.id,
            ended_at,
            clock::today(now) + Duration::days(1),
            now
        )?;
        return Ok(());
    }
    execute!(tx, "UPDATE pause SET ended_at = $2 WHERE enrollment_id = $1 AND ended_at IS NULL", story.id, now).map(|_| ())
}

/// Gives an enrolment more time, with a reason.
///
/// # Errors
/// A [`Refusal`] when it has ended, or somebody else changed its time limit just now.
pub async fn extend(
    tx: &mut WriteTx,
    _who: &Coordinator,
    story: &Story,
    until: NaiveDate,
    reason: &str,
) -> Result<(), AppError> {
    story.state.after(Action::Extend)?;
    if until <= story.due_on {
        return Err(Refusal::new("The new time limit must be later than the present one.").into());
    }
    let changed =
        execute!(tx, "UPDATE enrollment SET due_on = $3 WHERE id = $1 AND due_on = $2", story.id, story.due_on, until)?;
    if changed == 0 {
        return Err(Refusal::new("Somebody else changed the time limit just now. Look at it again.").into());
    }
    tx.note(Event::new(Kind::EnrollmentExtended).of(story.id).words(reason));
    Ok(())
}

/// Enrolments whose leave is over on `today`, to go on by themselves.
pub async fn list_pause_over(tx: &mut impl Queryable, today: NaiveDate) -> Result<Vec<EnrollmentId>, sqlx::Error> {
    let rows = fetch_all!(
        tx,
        (EnrollmentId,),
        "SELECT id FROM enrollment WHERE state = 'paused' AND paused_until <= $1 ORDER BY id",
        today
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

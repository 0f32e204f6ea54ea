//! Proposed times and agreed talks in the database.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use chrono_tz::Tz;

use super::{
    Appointment, AppointmentState, Entry, EntryKind, EntryTime, Invitation, NewProposal, Proposal, ProposalAction, Standing,
    say_in, time_path,
};
use crate::State;
use crate::audit::{Event, Kind};
use crate::db::{Queryable, WriteTx, execute, fetch_all, fetch_optional};
use crate::error::{AppError, Refusal};
use crate::id::{AccountId, AppointmentId, EnrollmentId, MatchId, ProposalId};
use crate::mail::{self, Mail};
use crate::people::{PairMember, Viewer, Way};
use crate::settings;

/// In which zone a person reads and writes times.
pub async fn find_zone(tx: &mut impl Queryable, account: AccountId) -> Result<Tz, sqlx::Error> {
    let settings = settings::store::current(tx).await?;
    Ok(mail::store::find_reader(tx, Some(account), &settings).await?.schedule.zone)
}

/// The proposal that waits for an answer, with its times.
pub async fn find_open(tx: &mut impl Queryable, who: PairMember) -> Result<Option<Proposal>, sqlx::Error> {
    let found = fetch_optional!(
        tx,
        Proposal,
        "SELECT id, proposed_by, proposed_at, minutes, way, place, state FROM time_proposal
         WHERE match_id = $1 AND state = 'open'",
        who.current_match()
    )?;
    with_times(tx, found).await
}

/// A proposal of the present pair, whatever became of it.
async fn find_proposal(tx: &mut impl Queryable, who: PairMember, id: ProposalId) -> Result<Proposal, AppError> {
    let found = fetch_optional!(
        tx,
        Proposal,
        "SELECT id, proposed_by, proposed_at, minutes, way, place, state FROM time_proposal WHERE id = $1 AND match_id = $2",
        id,
        who.current_match()
    )?;
    with_times(tx, found).await?.ok_or(AppError::NotFound)
}

async fn with_times(tx: &mut impl Queryable, proposal: Option<Proposal>) -> Result<Option<Proposal>, sqlx::Error> {
    let Some(mut proposal) = proposal else { return Ok(None) };
    let times = fetch_all!(
        tx,
        (DateTime<Utc>,),
        "SELECT starts_at FROM proposed_time WHERE proposal_id = $1 ORDER BY starts_at",
        proposal.id
    )?;
    proposal.times = times.into_iter().map(|(at,)| at).collect();
    Ok(Some(proposal))
}

/// The agreed talk of the present pair, also when it is over and nobody logged it.
pub async fn find_agreed(tx: &mut impl Queryable, who: PairMember) -> Result<Option<Appointment>, sqlx::Error> {
    fetch_optional!(
        tx,
        Appointment,
        "SELECT id, starts_at, minutes, way, place, sequence, state, agreed_at, changed_at FROM appointment
         WHERE match_id = $1 AND state = 'agreed'",
        who.current_match()
    )
}

/// Proposes times in place of what was proposed before, and tells the other; `false` when this form was taken before.
///
/// # Errors
/// [`AppError::NotFound`] while there is no mentor.
pub async fn propose(tx: &mut WriteTx, program: &State, who: PairMember, new: &NewProposal) -> Result<bool, AppError> {
    let (Some(current), Some(other)) = (who.current_match(), who.other()) else { return Err(AppError::NotFound) };
    let taken = fetch_optional!(tx, (i32,), "SELECT 1 FROM time_proposal WHERE submission_key = $1", new.key)?;
    if taken.is_some() {
        return Ok(false);
    }
    if let Some(before) = find_open(tx, who).await? {
        end_proposal(tx, who, &before, ProposalAction::Replace, "").await?;
    }
    let (id, now) = (ProposalId::new(), tx.now());
    execute!(
        tx,
        "INSERT INTO time_proposal (id, submission_key, match_id, proposed_by, proposed_at, minutes, way, place, state)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'open')",
        id,
        new.key,
        current,
        who.account(),
        now,
        new.minutes,
        new.way,
        &new.place
    )?;
    for (place, at) in (0_i32..).zip(&new.times) {
        execute!(tx, "INSERT INTO proposed_time (proposal_id, place_in_list, starts_at) VALUES ($1, $2, $3)", id, place, *at)?;
    }
    tx.note(Event::new(Kind::TalkTimeProposed).of(who.enrollment()).about(id.0));
    let from = mail::store::recipient(tx, who.account()).await?.name;
    let to = mail::store::recipient(tx, other).await?;
    let link = program.link(&time_path(who.enrollment()));
    let mail = Mail::new(mail::Kind::TalkProposed, to).with("from", from).with("link", link).about(id.0);
    mail::store::enqueue(tx, mail).await?;
    Ok(true)
}

/// Ends an open proposal by one of the pair. Of two answers at once, one finds it answered.
async fn end_proposal(
    tx: &mut WriteTx,
    who: PairMember,
    proposal: &Proposal,
    action: ProposalAction,
    word: &str,
) -> Result<(), AppError> {
    let state = proposal.state.after(action, proposal.proposed_by == who.account())?;
    let now = tx.now();
    let done = execute!(
        tx,
        "UPDATE time_proposal SET state = $2, answered_at = $3, word = $4 WHERE id = $1 AND state = 'open'",
        proposal.id,
        state,
        now,
        word
    )?;
    if done == 0 {
        return Err(Refusal::new("These times were answered meanwhile. Look at what stands here now.").into());
    }
    // Nobody is told of times that are no longer to be answered.
    mail::store::take_back(tx, proposal.id.0, mail::Kind::TalkProposed).await?;
    Ok(())
}

/// Takes one of the proposed times: it is agreed, in place of what was agreed before, and both are told at once.
pub async fn accept(
    tx: &mut WriteTx,
    program: &State,
    who: PairMember,
    id: ProposalId,
    at: DateTime<Utc>,
) -> Result<AppointmentId, AppError> {
    let current = who.current_match().ok_or(AppError::NotFound)?;
    let proposal = find_proposal(tx, who, id).await?;
    if !proposal.times.contains(&at) {
        return Err(AppError::NotFound);
    }
    if at <= tx.now() {
        return Err(Refusal::new("This time is past. Choose another, or propose others.").into());
    }
    end_proposal(tx, who, &proposal, ProposalAction::Accept, "").await?;
    let appointment = agree(tx, who, current, &proposal, at).await?;
    tx.note(Event::new(Kind::TalkTimeAgreed).of(who.enrollment()).about(appointment.0));
    tell_both(tx, program, who, appointment, mail::Kind::TalkAgreed).await?;
    Ok(appointment)
}

/// Keeps what was agreed: the talk that was still ahead is moved, one that is over has had its time.
async fn agree(
    tx: &mut WriteTx,
    who: PairMember,
    current: MatchId,
    proposal: &Proposal,
    at: DateTime<Utc>,
) -> Result<AppointmentId, AppError> {
    let now = tx.now();
    if let Some(before) = find_agreed(tx, who).await? {
        if before.is_ahead(now) {
            execute!(
                tx,
                "UPDATE appointment SET starts_at = $2, minutes = $3, way = $4, place = $5, proposed_by = $6,
                    sequence = sequence + 1, agreed_at = $7, changed_at = $7 WHERE id = $1 AND state = 'agreed'",
                before.id,
                at,
                proposal.minutes,
                proposal.way,
                &proposal.place,
                proposal.proposed_by,
                now
            )?;
            return Ok(before.id);
        }
        set_held(tx, who.enrollment()).await?;
    }
    let id = AppointmentId::new();
    execute!(
        tx,
        "INSERT INTO appointment (id, match_id, starts_at, minutes, way, place, proposed_by, sequence, state, agreed_at, changed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 'agreed', $8, $8)",
        id,
        current,
        at,
        proposal.minutes,
        proposal.way,
        &proposal.place,
        proposal.proposed_by,
        now
    )?;
    Ok(id)
}

/// Says no to the proposed times; the proposer is told that it was said, not with which word.
pub async fn decline(tx: &mut WriteTx, program: &State, who: PairMember, id: ProposalId, word: &str) -> Result<(), AppError> {
    let proposal = find_proposal(tx, who, id).await?;
    end_proposal(tx, who, &proposal, ProposalAction::Decline, word).await?;
    tx.note(Event::new(Kind::TalkTimeDeclined).of(who.enrollment()).about(id.0));
    let from = mail::store::recipient(tx, who.account()).await?.name;
    let to = mail::store::recipient(tx, proposal.proposed_by).await?;
    let link = program.link(&time_path(who.enrollment()));
    let mail = Mail::new(mail::Kind::TalkDeclined, to).with("from", from).with("link", link).about(id.0);
    Ok(mail::store::enqueue(tx, mail).await?)
}

/// Takes one's own proposal back.
pub async fn withdraw(tx: &mut WriteTx, who: PairMember, id: ProposalId) -> Result<(), AppError> {
    let proposal = find_proposal(tx, who, id).await?;
    end_proposal(tx, who, &proposal, ProposalAction::Withdraw, "").await?;
    tx.note(Event::new(Kind::TalkTimeWithdrawn).of(who.enrollment()).about(id.0));
    Ok(())
}

/// The latest no to times that this person proposed, as long as nothing was proposed or agreed after it.
pub async fn find_no(tx: &mut impl Queryable, who: PairMember) -> Result<Option<(DateTime<Utc>, String)>, sqlx::Error> {
    fetch_optional!(
        tx,
        (DateTime<Utc>, String),
        "SELECT p.answered_at, p.word FROM time_proposal p
         WHERE p.match_id = $1 AND p.state = 'declined' AND p.proposed_by = $2
            AND NOT EXISTS (SELECT 1 FROM time_proposal n WHERE n.match_id = p.match_id AND n.proposed_at > p.proposed_at)
         ORDER BY p.answered_at DESC LIMIT 1",
        who.current_match(),
        who.account()
    )
}

/// Cancels the agreed talk, and tells both with what their calendars need to take it out.
///
/// # Errors
/// A [`Refusal`] when nothing is agreed any more.
pub async fn cancel(tx: &mut WriteTx, program: &State, who: PairMember) -> Result<(), AppError> {
    let now = tx.now();
    let agreed = find_agreed(tx, who).await?.filter(|one| one.is_ahead(now));
    let gone = || Refusal::new("There is no agreed talk to cancel any more.");
    let agreed = agreed.ok_or_else(gone)?;
    let done = execute!(
        tx,
        "UPDATE appointment SET state = 'cancelled', sequence = sequence + 1, changed_at = $2 WHERE id = $1 AND state = 'agreed'",
        agreed.id,
        now
    )?;
    if done == 0 {
        return Err(gone().into());
    }
    tx.note(Event::new(Kind::TalkTimeCancelled).of(who.enrollment()).about(agreed.id.0));
    tell_both(tx, program, who, agreed.id, mail::Kind::TalkCancelled).await
}

/// An agreed talk that has begun has had its time: a talk is logged, or another agreed.
pub async fn set_held(tx: &mut WriteTx, enrollment: EnrollmentId) -> Result<(), sqlx::Error> {
    let now = tx.now();
    execute!(
        tx,
        "UPDATE appointment SET state = 'held' WHERE state = 'agreed' AND starts_at <= $2
            AND match_id IN (SELECT m.id FROM mentor_match m WHERE m.enrollment_id = $1 AND m.state = 'accepted')",
        enrollment,
        now
    )
    .map(|_| ())
}

async fn tell_both(
    tx: &mut WriteTx,
    program: &State,
    who: PairMember,
    id: AppointmentId,
    kind: mail::Kind,
) -> Result<(), AppError> {
    let Some(other) = who.other() else { return Ok(()) };
    for (reader, other) in [(who.account(), other), (other, who.account())] {
        tell(tx, program, who.enrollment(), id, kind, reader, other).await?;
    }
    Ok(())
}

/// Tells one reader of an agreed or cancelled talk, in their own zone.
async fn tell(
    tx: &mut WriteTx,
    program: &State,
    enrollment: EnrollmentId,
    id: AppointmentId,
    kind: mail::Kind,
    reader: AccountId,
    other: AccountId,
) -> Result<(), AppError> {
    let (at, way) = crate::fetch_one!(tx, (DateTime<Utc>, Way), "SELECT starts_at, way FROM appointment WHERE id = $1", id)?;
    let zone = find_zone(tx, reader).await?;
    let other = mail::store::recipient(tx, other).await?.name;
    let to = mail::store::recipient(tx, reader).await?;
    let mail = Mail::new(kind, to)
        .with("other", other)
        .with("when", say_in(zone, at, tx.now()))
        .with("way", way.name())
        .with("link", program.link(&time_path(enrollment)))
        .about(id.0);
    Ok(mail::store::enqueue(tx, mail).await?)
}

/// What stands between this person and each they are a pair with: one query, whatever their number.
pub async fn list_standing(tx: &mut impl Queryable, viewer: &Viewer, now: DateTime<Utc>) -> Result<Vec<Standing>, sqlx::Error> {
    fetch_all!(
        tx,
        Standing,
        "SELECT m.enrollment_id, CASE WHEN p.proposed_by <> $1 THEN p.proposed_at END AS asked_at,
            CASE WHEN p.proposed_by = $1 THEN p.proposed_at END AS proposed_at, a.starts_at, a.minutes, a.way,
            (SELECT COUNT(*) FROM talk t WHERE t.enrollment_id = m.enrollment_id AND t.confirmed_at IS NULL
                AND coalesce(t.stated_by, t.logged_by) <> $1 AND t.created_at >= m.answered_at AND t.created_at >= $2) AS unconfirmed
         FROM (SELECT id FROM mentor_match WHERE mentor_id = $1 AND state = 'accepted'
            UNION SELECT x.id FROM enrollment e JOIN mentor_match x ON x.enrollment_id = e.id AND x.state = 'accepted'
                WHERE e.mentee_id = $1) own
         JOIN mentor_match m ON m.id = own.id
         LEFT JOIN time_proposal p ON p.match_id = m.id AND p.state = 'open'
         LEFT JOIN appointment a ON a.match_id = m.id AND a.state = 'agreed'",
        viewer.id,
        crate::discussion::asked_since(now)
    )
}

/// The invitation to an agreed, or cancelled, talk; for the two it is between. Of a pair that is none any more nothing is
/// agreed, and should the end of the pair be undone, it is agreed again.
pub async fn find_invitation(
    tx: &mut impl Queryable,
    reader: AccountId,
    id: AppointmentId,
) -> Result<Option<Invitation>, sqlx::Error> {
    fetch_optional!(
        tx,
        Invitation,
        "SELECT a.id, m.enrollment_id, a.starts_at, a.minutes, a.way, a.place,
            CASE WHEN a.state = 'agreed' AND m.state <> 'accepted' THEN a.sequence + 1 ELSE a.sequence END AS sequence,
            CASE WHEN a.state = 'agreed' AND m.state <> 'accepted' THEN 'cancelled' ELSE a.state END AS state, a.changed_at,
            p.name AS mentee, p.email AS mentee_email, q.name AS mentor, q.email AS mentor_email,
            (a.proposed_by = e.mentee_id) AS by_mentee, (e.mentee_id = $2) AS for_mentee
         FROM appointment a JOIN mentor_match m ON m.id = a.match_id JOIN enrollment e ON e.id = m.enrollment_id
         JOIN account p ON p.id = e.mentee_id JOIN account q ON q.id = m.mentor_id
         WHERE a.id = $1 AND (e.mentee_id = $2 OR m.mentor_id = $2)",
        id,
        reader
    )
}

/// How far back a calendar shows talks.
const KEPT: Duration = Duration::days(90);

#[derive(sqlx::FromRow)]
struct TalkRow {
    id: AppointmentId,
    enrollment_id: EnrollmentId,
    starts_at: DateTime<Utc>,
    minutes: i32,
    way: Way,
    sequence: i32,
    changed_at: DateTime<Utc>,
    other: String,
}

/// Everything of a person's calendar, the earliest first of each kind: three queries, whatever there is.
pub async fn list_entries(tx: &mut impl Queryable, account: AccountId, now: DateTime<Utc>) -> Result<Vec<Entry>, sqlx::Error> {
    let talks = fetch_all!(
        tx,
        TalkRow,
        "SELECT a.id, m.enrollment_id, a.starts_at, a.minutes, a.way, a.sequence, a.changed_at,
            CASE WHEN e.mentee_id = $1 THEN q.name ELSE p.name END AS other
         FROM (SELECT id FROM mentor_match WHERE mentor_id = $1 AND state = 'accepted'
            UNION SELECT x.id FROM enrollment e JOIN mentor_match x ON x.enrollment_id = e.id AND x.state = 'accepted'
                WHERE e.mentee_id = $1) own
         JOIN mentor_match m ON m.id = own.id JOIN enrollment e ON e.id = m.enrollment_id
         JOIN account p ON p.id = e.mentee_id JOIN account q ON q.id = m.mentor_id
         JOIN appointment a ON a.match_id = m.id AND a.state <> $3 AND a.starts_at >= $2
         ORDER BY a.starts_at LIMIT 500",
        account,
        now - KEPT,
        AppointmentState::Cancelled
    )?;
    let mut entries: Vec<Entry> = talks.into_iter().map(talk_entry).collect();
    let targets = fetch_all!(
        tx,
        (crate::id::ChapterId, EnrollmentId, i32, String, NaiveDate, DateTime<Utc>),
        "SELECT c.id, e.id, c.number, c.title, t.target_on, pl.updated_at
         FROM enrollment e JOIN chapter c ON c.outline_id = e.outline_id
         JOIN plan_target t ON t.enrollment_id = e.id AND t.chapter_id = c.id JOIN plan pl ON pl.enrollment_id = e.id
         WHERE e.mentee_id = $1 AND e.state IN ('active', 'paused')
            AND NOT EXISTS (SELECT 1 FROM study_entry s WHERE s.enrollment_id = e.id AND s.chapter_id = c.id)
         ORDER BY t.target_on",
        account
    )?;
    entries.extend(targets.into_iter().map(|(chapter, enrollment, number, title, on, changed_at)| {
        let kind = EntryKind::Chapter { number, title };
        Entry { uid: chapter.0, kind, enrollment, at: EntryTime::Day(on), changed_at, sequence: 0 }
    }));
    let loans = fetch_all!(
        tx,
        (crate::id::LoanId, EnrollmentId, NaiveDate, DateTime<Utc>, String),
        "SELECT l.id, e.id, l.due_on, l.lent_at, ti.name FROM enrollment e
         JOIN loan l ON l.enrollment_id = e.id AND l.returned_at IS NULL AND l.sent_back_at IS NULL
         JOIN copy c ON c.id = l.copy_id JOIN edition ed ON ed.id = c.edition_id JOIN title ti ON ti.id = ed.title_id
         WHERE e.mentee_id = $1",
        account
    )?;
    entries.extend(loans.into_iter().map(|(loan, enrollment, due_on, changed_at, book)| {
        let kind = EntryKind::BookDue { book };
        Entry { uid: loan.0, kind, enrollment, at: EntryTime::Day(due_on), changed_at, sequence: 0 }
    }));
    Ok(entries)
}

fn talk_entry(row: TalkRow) -> Entry {
    Entry {
        uid: row.id.0,
        kind: EntryKind::Talk { other: row.other, way: row.way },
        enrollment: row.enrollment_id,
        at: EntryTime::From { starts_at: row.starts_at, minutes: row.minutes },
        changed_at: row.changed_at,
        sequence: row.sequence,
    }
}

//! Messages, the marks of having seen them, and talks in the database.

use chrono::{DateTime, Utc};

use super::{
    Agenda, Contact, Correction, FollowUpDone, FollowUpItem, Message, NewCorrection, NewMessage, NewTalk, Reflection, Talk,
    Thread, ThreadLine, asked_since, facts, follow_ups, lines, talk_path,
};
use crate::State;
use crate::appointments;
use crate::assessments;
use crate::audit::{Event, Kind};
use crate::clock;
use crate::contacts::Medium;
use crate::db::{Queryable, WriteTx, execute, fetch_all, fetch_optional};
use crate::error::{AppError, Refusal};
use crate::id::{AccountId, EnrollmentId, MessageId, TalkCorrectionId, TalkId};
use crate::mail::{self, Mail};
use crate::people::{Coordinator, PairMember, Viewer};
use crate::study::{ChapterProgress, Pair};

/// The newest messages of a thread that this reader may see, oldest first; at most [`PAGE`], before another message if
/// one is named.
pub async fn list_messages(
    tx: &mut impl Queryable,
    who: PairMember,
    pair: &Pair,
    thread: Thread,
    before: Option<MessageId>,
) -> Result<Vec<Message>, sqlx::Error> {
    let mut messages = fetch_all!(
        tx,
        Message,
        "SELECT m.id, m.chapter_id, CAST(NULL AS INTEGER) AS number, m.author_id, a.name AS author, m.body, m.for_talk, m.created_at,
            m.corrected_at, m.taken_back_at, (m.taken_back_at IS NULL AND m.author_id <> $2 AND (s.seen_at IS NULL OR s.seen_at < m.created_at)) AS unseen
         FROM message m JOIN account a ON a.id = m.author_id
         LEFT JOIN seen s ON s.account_id = $2 AND s.enrollment_id = m.enrollment_id AND s.thread_id = $3
         WHERE m.enrollment_id = $1 AND coalesce(m.chapter_id, m.enrollment_id) = $3 AND m.created_at >= $4
            AND ($5 IS NULL OR m.created_at < (SELECT b.created_at FROM message b WHERE b.id = $5))
         ORDER BY m.created_at DESC, m.id DESC LIMIT $6",
        pair.id,
        who.account(),
        thread.id(pair.id),
        pair.visible_from(who.side()),
        before,
        PAGE
    )?;
    messages.reverse();
    Ok(messages)
}

/// How many messages stand on one page.
pub const PAGE: i64 = 100;

/// Every thread with messages this reader may see, the latest first.
pub async fn list_threads(tx: &mut impl Queryable, who: PairMember, pair: &Pair) -> Result<Vec<ThreadLine>, sqlx::Error> {
    fetch_all!(
        tx,
        ThreadLine,
        "SELECT m.chapter_id, c.number, c.title, COUNT(*) AS messages,
            CAST(sum(CASE WHEN m.author_id <> $2 AND (s.seen_at IS NULL OR s.seen_at < m.created_at) THEN 1 ELSE 0 END) AS BIGINT)
                AS unseen,
            max(m.created_at) AS last_at
         FROM message m
         LEFT JOIN chapter c ON c.id = m.chapter_id
         LEFT JOIN seen s ON s.account_id = $2 AND s.enrollment_id = m.enrollment_id
            AND s.thread_id = coalesce(m.chapter_id, m.enrollment_id)
         WHERE m.enrollment_id = $1 AND m.created_at >= $3 AND m.taken_back_at IS NULL
         GROUP BY m.chapter_id, c.number, c.title ORDER BY max(m.created_at) DESC",
        pair.id,
        who.account(),
        pair.visible_from(who.side())
    )
}

/// How many messages this person has not seen, by enrolment, in all they are one of the pair of. Without any: no row.
pub async fn count_unseen(tx: &mut impl Queryable, viewer: &Viewer) -> Result<Vec<(EnrollmentId, i64)>, sqlx::Error> {
    fetch_all!(
        tx,
        (EnrollmentId, i64),
        "SELECT m.enrollment_id, COUNT(*)
         FROM (SELECT id, started_at AS since FROM enrollment WHERE mentee_id = $1
            UNION ALL SELECT enrollment_id, answered_at FROM mentor_match WHERE mentor_id = $1 AND state = 'accepted') e
         JOIN message m ON m.enrollment_id = e.id AND m.created_at >= e.since AND m.author_id <> $1 AND m.taken_back_at IS NULL
         LEFT JOIN seen s ON s.account_id = $1 AND s.enrollment_id = m.enrollment_id
            AND s.thread_id = coalesce(m.chapter_id, m.enrollment_id)
         WHERE s.seen_at IS NULL OR s.seen_at < m.created_at
         GROUP BY m.enrollment_id",
        viewer.id
    )
}

/// Marks a thread as seen up to a message. Never back: another tab may have seen more.
pub async fn mark_seen(tx: &mut WriteTx, who: PairMember, thread: Thread, up_to: DateTime<Utc>) -> Result<(), sqlx::Error> {
    let seen = execute!(
        tx,
        "INSERT INTO seen (account_id, enrollment_id, thread_id, seen_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (account_id, enrollment_id, thread_id) DO UPDATE SET seen_at = excluded.seen_at
         WHERE seen.seen_at < excluded.seen_at",
        who.account(),
        who.enrollment(),
        thread.id(who.enrollment()),
        up_to
    )?;
    if seen == 1 {
        // Reading is a sign of life, and the end of a move.
        tx.note(Event::new(Kind::MessageSeen).of(who.enrollment()).about(thread.id(who.enrollment())));
    }
    Ok(())
}

/// Writes a message and tells the other that there is one; `false` when this form was taken before.
pub async fn insert_message(
    tx: &mut WriteTx,
    program: &State,
    who: PairMember,
    message: &NewMessage,
) -> Result<bool, AppError> {
    let (id, now) = (MessageId::new(), tx.now());
    let done = execute!(
        tx,
        "INSERT INTO message (id, submission_key, enrollment_id, chapter_id, author_id, body, for_talk, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (submission_key) DO NOTHING",
        id,
        message.key,
        who.enrollment(),
        message.thread.chapter(),
        who.account(),
        &message.body,
        message.for_talk,
        now
    )?;
    if done == 0 {
        return Ok(false);
    }
    tx.note(Event::new(Kind::MessageWritten).of(who.enrollment()).about(id.0));
    if let Some(other) = who.other() {
        tell_of_message(tx, program, who, other, message.thread).await?;
    }
    Ok(true)
}

/// A message of the pair that this reader may see.
pub async fn find_message(tx: &mut impl Queryable, who: PairMember, pair: &Pair, id: MessageId) -> Result<Message, AppError> {
    fetch_optional!(
        tx,
        Message,
        "SELECT m.id, m.chapter_id, CAST(NULL AS INTEGER) AS number, m.author_id, a.name AS author, m.body, m.for_talk, m.created_at,
            m.corrected_at, m.taken_back_at, FALSE AS unseen
         FROM message m JOIN account a ON a.id = m.author_id WHERE m.id = $1 AND m.enrollment_id = $2 AND m.created_at >= $3",
        id,
        pair.id,
        pair.visible_from(who.side())
    )?
    .ok_or(AppError::NotFound)
}

/// Puts the words of a message right, as long as its author may. What it said before is not kept.
pub async fn correct_message(
    tx: &mut WriteTx,
    who: PairMember,
    message: &Message,
    body: &str,
    minutes: i64,
) -> Result<(), AppError> {
    message.may_change(who.account(), tx.now(), minutes)?;
    let now = tx.now();
    execute!(
        tx,
        "UPDATE message SET body = $2, corrected_at = $3 WHERE id = $1 AND taken_back_at IS NULL",
        message.id,
        body,
        now
    )?;
    tx.note(Event::new(Kind::MessageCorrected).of(who.enrollment()).about(message.id.0));
    Ok(())
}

/// Takes a message back, as long as its author may: its words are gone, and the place says so.
pub async fn take_message_back(tx: &mut WriteTx, who: PairMember, message: &Message, minutes: i64) -> Result<(), AppError> {
    message.may_change(who.account(), tx.now(), minutes)?;
    let now = tx.now();
    execute!(
        tx,
        "UPDATE message SET body = '', for_talk = FALSE, taken_back_at = $2 WHERE id = $1 AND taken_back_at IS NULL",
        message.id,
        now
    )?;
    tx.note(Event::new(Kind::MessageTakenBack).of(who.enrollment()).about(message.id.0));
    Ok(())
}

/// Puts a message on the agenda of the next talk, or takes it off: either of the two may, at any time.
pub async fn flag_message(tx: &mut WriteTx, who: PairMember, message: &Message, on: bool) -> Result<(), sqlx::Error> {
    let now = tx.now();
    let done = execute!(
        tx,
        "UPDATE message SET for_talk = $2, flagged_at = $3 WHERE id = $1 AND taken_back_at IS NULL",
        message.id,
        on,
        on.then_some(now)
    )?;
    if done == 1 {
        let kind = if on { Kind::MessageFlagged } else { Kind::MessageUnflagged };
        tx.note(Event::new(kind).of(who.enrollment()).about(message.id.0));
    }
    Ok(())
}

/// One line in the other's next digest, however many messages there are by then.
async fn tell_of_message(
    tx: &mut WriteTx,
    program: &State,
    who: PairMember,
    other: AccountId,
    thread: Thread,
) -> Result<(), sqlx::Error> {
    // One that a worker holds already may be gone before this change is there to be seen.
    let told = fetch_optional!(
        tx,
        (i32,),
        "SELECT 1 FROM mail WHERE account_id = $1 AND state = 'waiting' AND kind = 'message_new' AND about_id = $2 AND attempts = 0
         LIMIT 1",
        other,
        who.enrollment()
    )?;
    if told.is_some() {
        return Ok(());
    }
    let from = mail::store::recipient(tx, who.account()).await?.name;
    let to = mail::store::recipient(tx, other).await?;
    let link = program.link(&thread.path(who.enrollment()));
    mail::store::enqueue(
        tx,
        Mail::new(mail::Kind::MessageNew, to).with("from", from).with("link", link).about(who.enrollment().0),
    )
    .await
}

/// Logs a talk and tells the other; `false` when this form was taken before.
pub async fn insert_talk(tx: &mut WriteTx, program: &State, who: PairMember, talk: &NewTalk) -> Result<bool, AppError> {
    let others: Vec<AccountId> = who.other().into_iter().collect();
    write_talk(tx, program, who.enrollment(), talk, who.account(), None, &others).await
}

/// The same by the coordinator, for a pair that told of it past the site; both hear of it.
pub async fn enter_talk(
    tx: &mut WriteTx,
    program: &State,
    who: &Coordinator,
    pair: &Pair,
    talk: &NewTalk,
    came_by: Medium,
) -> Result<bool, AppError> {
    let both: Vec<AccountId> = [Some(pair.mentee_id), pair.mentor_id].into_iter().flatten().collect();
    write_talk(tx, program, pair.id, talk, who.account(), Some(came_by), &both).await
}

async fn write_talk(
    tx: &mut WriteTx,
    program: &State,
    enrollment: EnrollmentId,
    talk: &NewTalk,
    logged_by: AccountId,
    came_by: Option<Medium>,
    told: &[AccountId],
) -> Result<bool, AppError> {
    let (id, now) = (TalkId::new(), tx.now());
    let done = execute!(
        tx,
        "INSERT INTO talk (id, submission_key, enrollment_id, held_on, minutes, way, notes, follow_ups, logged_by, created_at,
            entered_by, came_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (submission_key) DO NOTHING",
        id,
        talk.key,
        enrollment,
        talk.held_on,
        talk.minutes,
        talk.way,
        &talk.notes,
        &talk.follow_ups,
        logged_by,
        now,
        came_by.map(|_| logged_by),
        came_by
    )?;
    if done == 0 {
        return Ok(false);
    }
    for chapter in &talk.chapters {
        execute!(tx, "INSERT INTO talk_chapter (talk_id, chapter_id) VALUES ($1, $2) ON CONFLICT DO NOTHING", id, *chapter)?;
    }
    appointments::store::set_held(tx, enrollment).await?;
    tx.note(Event::new(Kind::TalkLogged).of(enrollment).about(id.0));
    for other in told {
        let by = mail::store::recipient(tx, logged_by).await?.name;
        let to = mail::store::recipient(tx, *other).await?;
        let link = program.link(&talk_path(enrollment));
        let date = clock::say_date(talk.held_on, clock::today(now));
        let mail = Mail::new(mail::Kind::TalkLogged, to).with("by", by).with("date", date).with("link", link).about(id.0);
        mail::store::enqueue(tx, mail).await?;
    }
    Ok(true)
}

/// A talk as confirming and correcting look at it.
#[derive(sqlx::FromRow)]
struct Stated {
    held_on: chrono::NaiveDate,
    minutes: i32,
    way: crate::people::Way,
    confirmed_at: Option<DateTime<Utc>>,
    stated_by: AccountId,
}

async fn find_stated(tx: &mut WriteTx, who: PairMember, pair: &Pair, talk: TalkId) -> Result<Stated, AppError> {
    fetch_optional!(
        tx,
        Stated,
        "SELECT held_on, minutes, way, confirmed_at, coalesce(stated_by, logged_by) AS stated_by FROM talk
         WHERE id = $1 AND enrollment_id = $2 AND created_at >= $3",
        talk,
        pair.id,
        pair.visible_from(who.side())
    )?
    .ok_or(AppError::NotFound)
}

/// Says that a talk was as the other has it. Saying so twice changes nothing.
///
/// # Errors
/// A [`Refusal`] when it is the reader's own word that waits for the other's, or when `said`, the facts that the page
/// showed, are not those of now.
pub async fn confirm_talk(
    tx: &mut WriteTx,
    who: PairMember,
    pair: &Pair,
    talk: TalkId,
    said: Option<&str>,
) -> Result<(), AppError> {
    let stated = find_stated(tx, who, pair, talk).await?;
    if stated.confirmed_at.is_some() {
        return Ok(());
    }
    if said.is_some_and(|said| said != facts(stated.held_on, stated.minutes, stated.way)) {
        return Err(Refusal::new("This talk was put right meanwhile. Look at what is said of it now, then confirm it.").into());
    }
    if stated.stated_by == who.account() {
        return Err(Refusal::new("You said yourself how this talk was. The other of you confirms it.").into());
    }
    let now = tx.now();
    let done = execute!(
        tx,
        "UPDATE talk SET confirmed_at = $2, confirmed_by = $3 WHERE id = $1 AND confirmed_at IS NULL",
        talk,
        now,
        who.account()
    )?;
    if done == 1 {
        tx.note(Event::new(Kind::TalkConfirmed).of(pair.id).about(talk.0));
    }
    Ok(())
}

/// Puts a talk right that the other has not confirmed yet, or that the other logged: what is said now counts, and waits
/// for the other's yes. `false` when this form was taken before.
///
/// # Errors
/// A [`Refusal`] when both have said how it was.
pub async fn correct_talk(
    tx: &mut WriteTx,
    program: &State,
    who: PairMember,
    pair: &Pair,
    talk: TalkId,
    new: &NewCorrection,
) -> Result<bool, AppError> {
    let stated = find_stated(tx, who, pair, talk).await?;
    let now = tx.now();
    let taken = fetch_optional!(tx, (i32,), "SELECT 1 FROM talk_correction WHERE submission_key = $1", new.key)?;
    if taken.is_some() {
        return Ok(false);
    }
    if stated.confirmed_at.is_some() {
        return Err(Refusal::new("Both of you have said how this talk was, so it stays as it is.").into());
    }
    execute!(
        tx,
        "INSERT INTO talk_correction (id, submission_key, talk_id, corrected_by, corrected_at, held_on_before, minutes_before,
            way_before, word)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        TalkCorrectionId::new(),
        new.key,
        talk,
        who.account(),
        now,
        stated.held_on,
        stated.minutes,
        stated.way,
        &new.word
    )?;
    execute!(
        tx,
        "UPDATE talk SET held_on = $2, minutes = $3, way = $4, stated_by = $5 WHERE id = $1 AND confirmed_at IS NULL",
        talk,
        new.held_on,
        new.minutes,
        new.way,
        who.account()
    )?;
    tx.note(Event::new(Kind::TalkCorrected).of(pair.id).about(talk.0));
    if let Some(other) = who.other() {
        let by = mail::store::recipient(tx, who.account()).await?.name;
        let to = mail::store::recipient(tx, other).await?;
        let date = clock::say_date(new.held_on, clock::today(now));
        let mail = Mail::new(mail::Kind::TalkCorrected, to).with("by", by).with("date", date);
        mail::store::enqueue(tx, mail.with("link", program.link(&talk_path(pair.id))).about(talk.0)).await?;
    }
    Ok(true)
}

/// How talks of an enrolment were put right, the latest first.
pub async fn list_corrections(tx: &mut impl Queryable, who: PairMember, pair: &Pair) -> Result<Vec<Correction>, sqlx::Error> {
    fetch_all!(
        tx,
        Correction,
        "SELECT x.talk_id, a.name AS by, x.held_on_before, x.minutes_before, x.way_before, x.word
         FROM talk t JOIN talk_correction x ON x.talk_id = t.id JOIN account a ON a.id = x.corrected_by
         WHERE t.enrollment_id = $1 AND x.corrected_at >= $2 ORDER BY x.corrected_at DESC",
        pair.id,
        pair.visible_from(who.side())
    )
}

/// Says that a follow-up is done; nothing happens when it was said before.
pub async fn finish_follow_up(tx: &mut WriteTx, who: PairMember, pair: &Pair, item: FollowUpItem) -> Result<(), AppError> {
    let found = fetch_optional!(
        tx,
        (String,),
        "SELECT follow_ups FROM talk WHERE id = $1 AND enrollment_id = $2 AND created_at >= $3",
        item.talk,
        pair.id,
        pair.visible_from(who.side())
    )?;
    let (text,) = found.ok_or(AppError::NotFound)?;
    let there = usize::try_from(item.line).is_ok_and(|line| line < lines(&text).len());
    if !there {
        return Err(AppError::NotFound);
    }
    let now = tx.now();
    let done = execute!(
        tx,
        "INSERT INTO talk_follow_up_done (talk_id, line, done_at, done_by) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        item.talk,
        item.line,
        now,
        who.account()
    )?;
    if done == 1 {
        tx.note(Event::new(Kind::TalkFollowedUp).of(pair.id).about(item.talk.0));
    }
    Ok(())
}

/// Which follow-ups of an enrolment's talks are done.
pub async fn list_done(tx: &mut impl Queryable, pair: &Pair) -> Result<Vec<FollowUpDone>, sqlx::Error> {
    fetch_all!(
        tx,
        FollowUpDone,
        "SELECT d.talk_id, d.line, a.name AS by FROM talk t JOIN talk_follow_up_done d ON d.talk_id = t.id
         JOIN account a ON a.id = d.done_by WHERE t.enrollment_id = $1",
        pair.id
    )
}

/// The talks of an enrolment, the latest first. Those before a new mentor's time come without their words, and are there
/// only so that what was talked over then is not put on the agenda again.
pub async fn list_talks(
    tx: &mut impl Queryable,
    who: PairMember,
    pair: &Pair,
    now: DateTime<Utc>,
) -> Result<Vec<Talk>, sqlx::Error> {
    fetch_all!(
        tx,
        Talk,
        "SELECT t.id, t.held_on, t.minutes, t.way, CASE WHEN t.created_at >= $2 THEN t.notes ELSE '' END AS notes,
            CASE WHEN t.created_at >= $2 THEN t.follow_ups ELSE '' END AS follow_ups, a.name AS logged_by, t.created_at,
            t.confirmed_at, b.name AS confirmed_by,
            (t.created_at >= $2 AND t.created_at >= $4 AND t.confirmed_at IS NULL AND coalesce(t.stated_by, t.logged_by) <> $3) AS asks_me,
            (t.created_at >= $2) AS visible, t.came_by
         FROM talk t JOIN account a ON a.id = t.logged_by LEFT JOIN account b ON b.id = t.confirmed_by
         WHERE t.enrollment_id = $1 ORDER BY t.held_on DESC, t.created_at DESC LIMIT 60",
        pair.id,
        pair.visible_from(who.side()),
        who.account(),
        asked_since(now)
    )
}

/// The numbers of the chapters each talk was about, in order.
pub async fn list_talk_chapters(tx: &mut impl Queryable, pair: &Pair) -> Result<Vec<(TalkId, i32)>, sqlx::Error> {
    fetch_all!(
        tx,
        (TalkId, i32),
        "SELECT x.talk_id, c.number FROM talk t JOIN talk_chapter x ON x.talk_id = t.id JOIN chapter c ON c.id = x.chapter_id
         WHERE t.enrollment_id = $1 ORDER BY c.number",
        pair.id
    )
}

/// What there is to talk about, for either of the two: four queries, whatever is on it. `done`: the follow-ups that are.
pub async fn agenda(
    tx: &mut impl Queryable,
    who: PairMember,
    pair: &Pair,
    talks: &[Talk],
    done: &[FollowUpDone],
    progress: &[ChapterProgress],
) -> Result<Agenda, sqlx::Error> {
    let talked = talks.first().map_or(DateTime::UNIX_EPOCH, Talk::covered_until);
    let since = talked.max(pair.visible_from(who.side()));
    Ok(Agenda {
        follow_ups: follow_ups(talks, done).into_iter().filter(|one| one.done_by.is_none()).collect(),
        flagged: list_flagged(tx, who, pair, since).await?,
        missed: assessments::store::list_all_missed(tx, pair.id).await?,
        reflections: list_reflections(tx, pair, since).await?,
        ready: progress.iter().filter(|one| one.is_ready()).cloned().collect(),
    })
}

async fn list_flagged(
    tx: &mut impl Queryable,
    who: PairMember,
    pair: &Pair,
    since: DateTime<Utc>,
) -> Result<Vec<Message>, sqlx::Error> {
    fetch_all!(
        tx,
        Message,
        "SELECT m.id, m.chapter_id, c.number, m.author_id, a.name AS author, m.body, m.for_talk, m.created_at,
            m.corrected_at, m.taken_back_at, (m.taken_back_at IS NULL AND m.author_id <> $2 AND (s.seen_at IS NULL OR s.seen_at < m.created_at)) AS unseen
         FROM message m JOIN account a ON a.id = m.author_id
         LEFT JOIN chapter c ON c.id = m.chapter_id
         LEFT JOIN seen s ON s.account_id = $2 AND s.enrollment_id = m.enrollment_id
            AND s.thread_id = coalesce(m.chapter_id, m.enrollment_id)
         WHERE m.enrollment_id = $1 AND m.for_talk = TRUE AND coalesce(m.flagged_at, m.created_at) > $3 AND m.created_at >= $4
         ORDER BY m.created_at LIMIT 100",
        pair.id,
        who.account(),
        since,
        pair.visible_from(who.side())
    )
}

async fn list_reflections(tx: &mut impl Queryable, pair: &Pair, since: DateTime<Utc>) -> Result<Vec<Reflection>, sqlx::Error> {
    fetch_all!(
        tx,
        Reflection,
        "SELECT s.chapter_id, c.number, c.title, s.reflection, s.studied_on
         FROM study_entry s JOIN chapter c ON c.id = s.chapter_id
         WHERE s.enrollment_id = $1 AND s.shared = TRUE AND s.reflection <> '' AND s.created_at > $2
            AND NOT EXISTS (SELECT 1 FROM study_entry n WHERE n.replaces_id = s.id)
         ORDER BY c.number, s.created_at LIMIT 100",
        pair.id,
        since
    )
}

/// That and when the two of a pair were in touch, the latest first; never what they said.
pub async fn list_contacts(
    tx: &mut impl Queryable,
    _who: &Coordinator,
    enrollment: EnrollmentId,
) -> Result<Vec<Contact>, sqlx::Error> {
    fetch_all!(
        tx,
        Contact,
        "SELECT t.created_at AS at, a.name AS author, t.held_on, t.minutes, t.way, t.came_by
         FROM talk t JOIN account a ON a.id = t.logged_by WHERE t.enrollment_id = $1
         UNION ALL
         SELECT m.created_at, a.name, NULL, NULL, NULL, NULL
         FROM message m JOIN account a ON a.id = m.author_id WHERE m.enrollment_id = $1
         ORDER BY 1 DESC LIMIT 100",
        enrollment
    )
}

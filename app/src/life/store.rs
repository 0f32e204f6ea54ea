//! Life events in the database: each one change, with its event and its mail.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::applications::Study;
use crate::audit::{Event, Kind};
use crate::closings::{self, Occasion};
use crate::db::{Queryable, WriteTx, execute, fetch_all, fetch_one, fetch_optional};
use crate::enrollments::{Action, EndKind, OptionNumber, Story, carry, ready, store as enrollments};
use crate::error::{AppError, Refusal};
use crate::id::{AccountId, EnrollmentId, OptionChangeId, OutlineId, SubmissionKey, TimeRequestId};
use crate::mail::{self, Mail};
use crate::matching::is_away;
use crate::matching::store::{self as matching, Match};
use crate::people::{Coordinator, OwnEnrollment};
use crate::study::{self, ChapterProgress};
use crate::{State as Program, agreements, assessments, clock, library};

/// The mentee takes a break at once; the coordinator reads of it in the digest.
pub async fn take_break(
    tx: &mut WriteTx,
    program: &Program,
    _who: OwnEnrollment,
    story: &Story,
    until: NaiveDate,
) -> Result<(), AppError> {
    enrollments::change(tx, story, Action::Pause, Some(until), "").await?;
    let said = clock::say_date(until, clock::today(tx.now()));
    for to in mail::store::coordinators(tx).await? {
        let mail = Mail::new(mail::Kind::BreakTaken, to)
            .with("mentee", &story.mentee)
            .with("until", &said)
            .with("link", program.link(&desk_path(story.id)))
            .about(story.id.0);
        mail::store::enqueue(tx, mail).await?;
    }
    Ok(())
}

/// The coordinator's page of an enrolment.
pub fn desk_path(id: EnrollmentId) -> String {
    format!("/coordinator/enrollments/{id}")
}

/// A mentee's wish for a later time limit.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct TimeRequest {
    pub id: TimeRequestId,
    pub until_on: NaiveDate,
    pub reason: String,
    pub asked_at: DateTime<Utc>,
}

/// The wish that nobody has answered yet; at most one.
pub async fn find_request(tx: &mut impl Queryable, id: EnrollmentId) -> Result<Option<TimeRequest>, sqlx::Error> {
    fetch_optional!(
        tx,
        TimeRequest,
        "SELECT id, until_on, reason, asked_at FROM time_request WHERE enrollment_id = $1 AND answered_at IS NULL",
        id
    )
}

/// The mentee asks the coordinator for a later time limit; a wish that is open already is taken back for this one. `false`
/// when this form was taken before.
pub async fn ask_for_time(
    tx: &mut WriteTx,
    program: &Program,
    _who: OwnEnrollment,
    story: &Story,
    key: SubmissionKey,
    until: NaiveDate,
    reason: &str,
) -> Result<bool, AppError> {
    story.state.after(Action::Extend)?;
    enrollments::hold(tx, story.id).await?;
    let known = fetch_optional!(tx, (i32,), "SELECT 1 FROM time_request WHERE submission_key = $1", key)?;
    if known.is_some() {
        return Ok(false);
    }
    answer_request(tx, story.id).await?;
    let (id, now) = (TimeRequestId::new(), tx.now());
    execute!(
        tx,
        "INSERT INTO time_request (id, submission_key, enrollment_id, until_on, reason, asked_at) VALUES ($1, $2, $3, $4, $5, $6)",
        id,
        key,
        story.id,
        until,
        reason,
        now
    )?;
    tx.note(Event::new(Kind::TimeAsked).of(story.id).about(id.0).words(reason));
    let said = clock::say_date(until, clock::today(now));
    for to in mail::store::coordinators(tx).await? {
        let mail = Mail::new(mail::Kind::TimeAsked, to)
            .with("mentee", &story.mentee)
            .with("until", &said)
            .with("reason", reason)
            .with("link", program.link(&format!("{}#change", desk_path(story.id))))
            .about(id.0);
        mail::store::enqueue(tx, mail).await?;
    }
    Ok(true)
}

/// Notes that the open wish was answered, by more time or by a word. `false` when there was none.
pub async fn answer_request(tx: &mut WriteTx, id: EnrollmentId) -> Result<bool, sqlx::Error> {
    let now = tx.now();
    let answered =
        execute!(tx, "UPDATE time_request SET answered_at = $2 WHERE enrollment_id = $1 AND answered_at IS NULL", id, now)?;
    Ok(answered == 1)
}

/// The coordinator answers the open wish with a word of their own instead of more time.
pub async fn refuse_time(tx: &mut WriteTx, _who: &Coordinator, id: EnrollmentId) -> Result<(), AppError> {
    if answer_request(tx, id).await? {
        tx.note(Event::new(Kind::TimeRefused).of(id));
    }
    Ok(())
}

/// Gives more time, with a reason, and tells both.
pub async fn extend(
    tx: &mut WriteTx,
    program: &Program,
    who: &Coordinator,
    story: &Story,
    until: NaiveDate,
    reason: &str,
) -> Result<(), AppError> {
    enrollments::extend(tx, who, story, until, reason).await?;
    answer_request(tx, story.id).await?;
    let said = clock::say_full_date(until);
    for (account, side, path) in both(story) {
        let to = mail::store::recipient(tx, account).await?;
        let mail = Mail::new(mail::Kind::TimeExtended, to)
            .with("side", side)
            .with("mentee", &story.mentee)
            .with("until", &said)
            .with("link", program.link(&path))
            .about(story.id.0);
        mail::store::enqueue(tx, mail).await?;
    }
    Ok(())
}

/// The mentee and, once matched, the mentor, each with where they go on.
fn both(story: &Story) -> Vec<(AccountId, &'static str, String)> {
    let mentor = story.matched_at.and(story.mentor_id);
    let chapters = format!("/enrollments/{}/chapters", story.id);
    let mut both = vec![(story.mentee_id, "mentee", "/mentee".to_owned())];
    both.extend(mentor.map(|mentor| (mentor, "mentor", chapters)));
    both
}

/// Ends an enrolment, and its pair with it: both are told, thanked and asked.
pub async fn end(
    tx: &mut WriteTx,
    program: &Program,
    _who: &Coordinator,
    story: &Story,
    kind: EndKind,
    reason: &str,
) -> Result<(), AppError> {
    enrollments::change(tx, story, kind.action(), None, reason).await?;
    answer_request(tx, story.id).await?;
    let occasion = match kind {
        EndKind::Withdrawn => Occasion::Withdrawn,
        EndKind::Closed => Occasion::Closed,
    };
    Ok(closings::store::ask(tx, program, &closings::store::End::of_enrollment(story, occasion)).await?)
}

/// How an enrolment ended, for the coordinator.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Ended {
    pub end_kind: Option<EndKind>,
    pub end_reason: Option<String>,
    pub ended_by: Option<String>,
}

pub async fn find_end(tx: &mut impl Queryable, _who: &Coordinator, id: EnrollmentId) -> Result<Option<Ended>, sqlx::Error> {
    fetch_optional!(
        tx,
        Ended,
        "SELECT e.end_kind, e.end_reason, a.name AS ended_by FROM enrollment e LEFT JOIN account a ON a.id = e.ended_by
         WHERE e.id = $1 AND e.ended_at IS NOT NULL",
        id
    )
}

/// The match with the mentor an ended enrolment had last, if they have a free place and are not away.
pub async fn find_former(
    tx: &mut impl Queryable,
    who: &Coordinator,
    id: EnrollmentId,
    today: NaiveDate,
) -> Result<Option<Match>, sqlx::Error> {
    let matches = matching::list_of_enrollment(tx, who, id).await?;
    let Some(last) = matches.into_iter().find(|one| one.state == crate::matching::State::Ended) else { return Ok(None) };
    let mentor = matching::find_mentor(tx, who, last.mentor_id).await?;
    Ok(mentor.filter(|mentor| mentor.offer().free() > 0 && !is_away(mentor.away_until, today)).map(|_| last))
}

/// Opens an ended enrolment again with a new time limit, with its last mentor if one is given back.
pub async fn reopen(
    tx: &mut WriteTx,
    program: &Program,
    who: &Coordinator,
    story: &Story,
    due_on: NaiveDate,
    former: Option<&Match>,
) -> Result<(), AppError> {
    enrollments::change(tx, story, Action::Reopen, None, "").await?;
    execute!(tx, "UPDATE enrollment SET due_on = $2 WHERE id = $1", story.id, due_on)?;
    if let Some(former) = former {
        matching::restore(tx, who, former).await?;
    }
    let mentor = former.map(|former| (former.mentor_id, former.mentor.as_str()));
    let until = clock::say_full_date(due_on);
    let told = [
        Some((story.mentee_id, "mentee", mentor.map(|(_, name)| name).unwrap_or_default(), "/mentee")),
        mentor.map(|(account, _)| (account, "mentor", story.mentee.as_str(), "/mentor")),
    ];
    for (account, side, other, path) in told.into_iter().flatten() {
        let to = mail::store::recipient(tx, account).await?;
        let mail = Mail::new(mail::Kind::EnrollmentReopened, to)
            .with("side", side)
            .with("other", other)
            .with("until", &until)
            .with("link", program.link(path))
            .about(story.id.0);
        mail::store::enqueue(tx, mail).await?;
    }
    Ok(())
}

/// A chapter of the present outline that a change of option would touch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touched {
    pub before: ChapterProgress,
    /// The name of the chapter it becomes; `None`: it stays on record and no longer counts.
    pub after: Option<String>,
}

/// What a change of option would do: every chapter in which something was done, and how many new ones there are in all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    pub touched: Vec<Touched>,
    pub required: usize,
    /// Required chapters of the new outline that nothing is kept of.
    pub ahead: usize,
}

impl Preview {
    pub fn kept(&self) -> usize {
        self.touched.iter().filter(|one| one.after.is_some()).count()
    }
}

/// Looks at what a change to this outline would keep.
pub async fn preview(tx: &mut impl Queryable, story: &Story, outline: OutlineId) -> Result<Preview, AppError> {
    let progress = study::store::list_progress(tx, story.id).await?;
    let before: Vec<study::Chapter> = progress.iter().map(|one| one.chapter.clone()).collect();
    let after = study::store::list_chapters(tx, outline).await?;
    let same = if outline == story.outline_id { before.iter().zip(&after).collect() } else { carry::same(&before, &after) };
    let begun = |one: &ChapterProgress| one.is_read() || one.is_discussed() || one.test_passed;
    let kept: Vec<&study::Chapter> = same
        .iter()
        .filter(|(from, _)| progress.iter().any(|one| one.chapter.id == from.id && begun(one)))
        .map(|(_, to)| *to)
        .collect();
    let required = after.iter().filter(|chapter| chapter.required).count();
    let ahead = after.iter().filter(|chapter| chapter.required && !kept.iter().any(|one| one.id == chapter.id)).count();
    let touched = progress
        .iter()
        .filter(|one| begun(one))
        .map(|one| Touched {
            before: one.clone(),
            after: same.iter().find(|(from, _)| from.id == one.chapter.id).map(|(_, to)| to.name()),
        })
        .collect();
    Ok(Preview { touched, required, ahead })
}

/// The name of the book of an outline, and its title's id.
async fn book_of(tx: &mut impl Queryable, outline: OutlineId) -> Result<(String, Uuid), sqlx::Error> {
    fetch_one!(
        tx,
        (String, Uuid),
        "SELECT t.name, t.id FROM outline o JOIN edition e ON e.id = o.edition_id JOIN title t ON t.id = e.title_id WHERE o.id = $1",
        outline
    )
}

/// The options a mentor offers.
pub async fn offers(
    tx: &mut impl Queryable,
    who: &Coordinator,
    story: &Story,
    option: OptionNumber,
) -> Result<bool, sqlx::Error> {
    let Some(mentor) = story.mentor_id else { return Ok(true) };
    Ok(matching::find_mentor(tx, who, mentor).await?.is_none_or(|mentor| mentor.options.0.contains(&option)))
}

/// Changes the option and the book of an enrolment. What was done in chapters that both have is kept, everything else stays
/// on record; a book on loan stays lent until it is back.
pub async fn change_option(
    tx: &mut WriteTx,
    program: &Program,
    who: &Coordinator,
    story: &Story,
    study: Study,
    reason: &str,
) -> Result<(), AppError> {
    let preview = preview(tx, story, study.outline).await?;
    let next = story.state.after(Action::ChangeOption)?;
    if (study.option, study.outline) == (story.option_number, story.outline_id) {
        return Err(Refusal::new("This is the option and the book already.").into());
    }
    let now = tx.now();
    let changed = execute!(
        tx,
        "UPDATE enrollment SET option_number = $2, outline_id = $3
         WHERE id = $1 AND option_number = $4 AND outline_id = $5 AND state = $6",
        story.id,
        study.option,
        study.outline,
        story.option_number,
        story.outline_id,
        next
    )?;
    if changed == 0 {
        return Err(Refusal::new("Somebody else changed this enrollment just now. Look at it again.").into());
    }
    execute!(
        tx,
        "INSERT INTO option_change (id, enrollment_id, option_before, outline_before, option_after, outline_after, reason,
            changed_at, changed_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        OptionChangeId::new(),
        story.id,
        story.option_number,
        story.outline_id,
        study.option,
        study.outline,
        reason,
        now,
        who.account()
    )?;
    assessments::store::pin(tx, story.id, study.option, study.outline).await?;
    tx.note(Event::new(Kind::OptionChanged).of(story.id).about(study.outline.0).words(reason));
    carry::over(tx, story.id).await?;
    let new_book = change_book(tx, story, study.outline).await?;
    agreements::store::make_letter(tx, story.id).await?;
    let (book, _) = book_of(tx, study.outline).await?;
    let version = version_of(tx, story, study).await?;
    let told = Told { option: study.option, book, kept: preview.kept(), new_book, version };
    tell_changed(tx, program, story, &told).await?;
    ready::tell(tx, program, story.id).await
}

/// Another book: a request for the old one is over, and having a copy of it says nothing about the new one.
async fn change_book(tx: &mut WriteTx, story: &Story, outline: OutlineId) -> Result<bool, AppError> {
    let ((_, before), (_, after)) = (book_of(tx, story.outline_id).await?, book_of(tx, outline).await?);
    if before == after {
        return Ok(false);
    }
    library::store::end_holds(tx, story.id).await?;
    execute!(tx, "UPDATE enrollment SET own_book_at = NULL WHERE id = $1", story.id)?;
    Ok(true)
}

/// The version of the new outline, when the option and the edition stay what they were.
async fn version_of(tx: &mut WriteTx, story: &Story, study: Study) -> Result<Option<i32>, sqlx::Error> {
    if study.option != story.option_number {
        return Ok(None);
    }
    let found = fetch_optional!(
        tx,
        (i32,),
        "SELECT a.version FROM outline a JOIN outline b ON b.edition_id = a.edition_id WHERE a.id = $1 AND b.id = $2",
        study.outline,
        story.outline_id
    )?;
    Ok(found.map(|(version,)| version))
}

/// What the pair reads of a change.
struct Told {
    option: OptionNumber,
    book: String,
    kept: usize,
    new_book: bool,
    /// Set when only another version of the outline took the place of the one before.
    version: Option<i32>,
}

async fn tell_changed(tx: &mut WriteTx, program: &Program, story: &Story, told: &Told) -> Result<(), AppError> {
    let kept = match told.kept {
        0 => "none so far".to_owned(),
        1 => "one chapter".to_owned(),
        count => format!("{count} chapters"),
    };
    for (account, side, path) in both(story) {
        let to = mail::store::recipient(tx, account).await?;
        let mail = Mail::new(mail::Kind::OptionChanged, to)
            .with("side", side)
            .with("mentee", &story.mentee)
            .with("option_name", told.option.name())
            .with("book", &told.book)
            .with("kept", &kept)
            .with("new_book", if told.new_book { "yes" } else { "" })
            .with("version", told.version.map(|version| version.to_string()).unwrap_or_default())
            .with("link", program.link(&path))
            .about(story.id.0);
        mail::store::enqueue(tx, mail).await?;
    }
    Ok(())
}

/// What an enrolment changed from, and when.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct OptionChange {
    pub option_before: OptionNumber,
    pub option_after: OptionNumber,
    pub book_before: String,
    pub book_after: String,
    pub version_after: i32,
    /// Whether only another version of the same outline took the place of one.
    pub only_version: bool,
    pub changed_at: DateTime<Utc>,
}

/// Every change of option of an enrolment, the latest first.
pub async fn list_changes(tx: &mut impl Queryable, id: EnrollmentId) -> Result<Vec<OptionChange>, sqlx::Error> {
    fetch_all!(
        tx,
        OptionChange,
        "SELECT x.option_before, x.option_after, tb.name AS book_before, ta.name AS book_after, a.version AS version_after,
            (x.option_before = x.option_after AND b.edition_id = a.edition_id) AS only_version, x.changed_at
         FROM option_change x
         JOIN outline b ON b.id = x.outline_before JOIN edition eb ON eb.id = b.edition_id JOIN title tb ON tb.id = eb.title_id
         JOIN outline a ON a.id = x.outline_after JOIN edition ea ON ea.id = a.edition_id JOIN title ta ON ta.id = ea.title_id
         WHERE x.enrollment_id = $1 ORDER BY x.changed_at DESC, x.id DESC",
        id
    )
}

/// Ends a pair, or takes back a proposal, of a mentor who is gone.
pub async fn let_go(
    tx: &mut WriteTx,
    program: &Program,
    who: &Coordinator,
    found: &Match,
    reason: &str,
) -> Result<(), AppError> {
    if found.state == crate::matching::State::Proposed {
        return matching::withdraw(tx, who, found).await.map(|_| ());
    }
    if matching::end(tx, who, found, reason).await? {
        closings::store::ask(tx, program, &closings::store::End::of_pair(found)).await?;
    }
    Ok(())
}

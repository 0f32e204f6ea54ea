//! Option 3 in the database: the facts and their versions, and of each mentee the plan, the answers, the hours and the results.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::types::Json;

use super::facts::{Facts, shipped};
use super::hours::{self, Log, When};
use super::sheet::New;
use super::{Answer, Outcome};
use crate::audit::{Event, Kind};
use crate::contacts::Medium;
use crate::db::{Queryable, WriteTx, execute, fetch_all, fetch_optional, insert_all};
use crate::error::{AppError, Refusal};
use crate::id::{AccountId, EnrollmentId, ExamFactsId, ExamResultId, PracticeHoursId, SubmissionKey};
use crate::imports::read::Row;
use crate::people::{Coordinator, OwnEnrollment};

/// The facts in force, with their version. The first version is the one the program ships with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InForce {
    pub version: i32,
    pub facts: Facts,
}

pub async fn facts(tx: &mut impl Queryable) -> Result<InForce, AppError> {
    let newest = fetch_optional!(tx, (i32, Json<Facts>), "SELECT version, body FROM exam_facts ORDER BY version DESC LIMIT 1")?;
    Ok(match newest {
        Some((version, Json(facts))) => InForce { version, facts },
        None => InForce { version: 1, facts: shipped()?.clone() },
    })
}

/// A version that a coordinator saved.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Version {
    pub version: i32,
    pub published_at: DateTime<Utc>,
    pub published_by: String,
}

/// The versions after the first, the newest first.
pub async fn list_versions(tx: &mut impl Queryable, _who: &Coordinator) -> Result<Vec<Version>, sqlx::Error> {
    fetch_all!(
        tx,
        Version,
        "SELECT f.version, f.published_at, a.name AS published_by FROM exam_facts f JOIN account a ON a.id = f.published_by
         ORDER BY f.version DESC"
    )
}

/// The facts as a version said them, for who asks what held then.
pub async fn find_version(tx: &mut impl Queryable, _who: &Coordinator, version: i32) -> Result<Option<Facts>, AppError> {
    if version == 1 {
        return Ok(Some(shipped()?.clone()));
    }
    let row = fetch_optional!(tx, (Json<Facts>,), "SELECT body FROM exam_facts WHERE version = $1", version)?;
    Ok(row.map(|(Json(facts),)| facts))
}

/// Changes the facts by a rule, as a new version. Of two coordinators at once the second is told, and looks again.
pub async fn change_facts(
    tx: &mut WriteTx,
    who: &Coordinator,
    change: impl FnOnce(&mut Facts) -> Result<(), Refusal>,
) -> Result<(), AppError> {
    let InForce { version, mut facts } = self::facts(tx).await?;
    let before = facts.clone();
    change(&mut facts)?;
    if facts == before {
        return Ok(());
    }
    let (id, now) = (ExamFactsId::new(), tx.now());
    let saved = execute!(
        tx,
        "INSERT INTO exam_facts (id, version, body, published_at, published_by) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (version) DO NOTHING",
        id,
        version + 1,
        Json(&facts),
        now,
        who.account()
    )?;
    if saved == 0 {
        return Err(Refusal::new("Another coordinator changed this at the same moment. Look at it and try again.").into());
    }
    tx.note(Event::new(Kind::ExamFactsChanged).about(id.0));
    Ok(())
}

#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ExamPlan {
    pub eligibility_checked_on: NaiveDate,
    pub target_on: NaiveDate,
    pub note: String,
    pub minutes_a_week: Option<i32>,
    pub review_weeks: Option<i32>,
    pub updated_at: DateTime<Utc>,
}

pub async fn find(tx: &mut impl Queryable, enrollment: EnrollmentId) -> Result<Option<ExamPlan>, sqlx::Error> {
    fetch_optional!(
        tx,
        ExamPlan,
        "SELECT eligibility_checked_on, target_on, note, minutes_a_week, review_weeks, updated_at
         FROM exam_plan WHERE enrollment_id = $1",
        enrollment
    )
}

/// What a mentee writes into the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPlan {
    pub checked_on: NaiveDate,
    pub target_on: NaiveDate,
    pub note: String,
    pub minutes_a_week: Option<i32>,
    pub review_weeks: Option<i32>,
}

/// Keeps the plan, in place of an earlier one.
pub async fn save(tx: &mut WriteTx, own: &OwnEnrollment, plan: &NewPlan) -> Result<(), sqlx::Error> {
    let now = tx.now();
    execute!(
        tx,
        "INSERT INTO exam_plan (enrollment_id, eligibility_checked_on, target_on, note, minutes_a_week, review_weeks, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (enrollment_id) DO UPDATE SET eligibility_checked_on = $2, target_on = $3, note = $4,
            minutes_a_week = $5, review_weeks = $6, updated_at = $7",
        own.enrollment(),
        plan.checked_on,
        plan.target_on,
        &plan.note,
        plan.minutes_a_week,
        plan.review_weeks,
        now
    )?;
    tx.note(Event::new(Kind::ExamPlanned).of(own.enrollment()));
    Ok(())
}

/// What a mentee said of a rule.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Answered {
    pub rule: String,
    pub answer: Answer,
    /// The version of the rules that was read.
    pub facts_version: i32,
    pub answered_at: DateTime<Utc>,
}

pub async fn list_answers(tx: &mut impl Queryable, enrollment: EnrollmentId) -> Result<Vec<Answered>, sqlx::Error> {
    fetch_all!(
        tx,
        Answered,
        "SELECT rule, answer, facts_version, answered_at FROM exam_answer WHERE enrollment_id = $1 ORDER BY rule",
        enrollment
    )
}

/// Keeps the answers; a rule without one has none any more.
pub async fn save_answers(
    tx: &mut WriteTx,
    own: &OwnEnrollment,
    version: i32,
    answers: &[(String, Option<Answer>)],
) -> Result<(), sqlx::Error> {
    let now = tx.now();
    for (rule, answer) in answers {
        match answer {
            Some(answer) => execute!(
                tx,
                "INSERT INTO exam_answer (enrollment_id, rule, answer, facts_version, answered_at) VALUES ($1, $2, $3, $4, $5)
                 ON CONFLICT (enrollment_id, rule) DO UPDATE SET answer = $3, facts_version = $4, answered_at = $5",
                own.enrollment(),
                rule,
                *answer,
                version,
                now
            )?,
            None => execute!(tx, "DELETE FROM exam_answer WHERE enrollment_id = $1 AND rule = $2", own.enrollment(), rule)?,
        };
    }
    tx.note(Event::new(Kind::EligibilityAnswered).of(own.enrollment()));
    Ok(())
}

/// An entry of the log.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Hours {
    pub id: PracticeHoursId,
    pub day: NaiveDate,
    pub whole_month: bool,
    pub minutes: i32,
    pub activity: String,
}

impl Hours {
    pub fn when(&self) -> When {
        When { day: self.day, whole_month: self.whole_month }
    }

    pub fn new(&self) -> New {
        New { when: self.when(), minutes: self.minutes, activity: self.activity.clone() }
    }
}

/// A person's whole log, the newest first.
pub async fn list_hours(tx: &mut impl Queryable, account: AccountId) -> Result<Vec<Hours>, sqlx::Error> {
    fetch_all!(
        tx,
        Hours,
        "SELECT id, day, whole_month, minutes, activity FROM practice_hours WHERE account_id = $1
         ORDER BY day DESC, logged_at DESC, id DESC",
        account
    )
}

/// The log as it is reckoned with.
pub fn log(entries: &[Hours]) -> Log {
    Log::of(entries.iter().map(|one| (one.day, i64::from(one.minutes))))
}

/// Entries a person may have, at most.
const MOST_ENTRIES: usize = 20_000;

/// Keeps an entry: a new one, or in the place of `corrects`. What does not fit beside the others is refused.
pub async fn log_hours(
    tx: &mut WriteTx,
    own: &OwnEnrollment,
    key: SubmissionKey,
    corrects: Option<PracticeHoursId>,
    new: &New,
    today: NaiveDate,
) -> Result<(), AppError> {
    crate::enrollments::store::hold(tx, own.enrollment()).await?;
    // Sending one form twice keeps it once.
    if corrects.is_none() && is_logged(tx, key).await? {
        return Ok(());
    }
    let log = list_hours(tx, own.account()).await?;
    if corrects.is_some_and(|id| log.iter().all(|one| one.id != id)) {
        return Err(AppError::NotFound);
    }
    let others: Vec<(When, i64)> =
        log.iter().filter(|one| Some(one.id) != corrects).map(|one| (one.when(), i64::from(one.minutes))).collect();
    if let Some(objection) = hours::objection(new.when, i64::from(new.minutes), &others, today) {
        return Err(AppError::Invalid(vec![crate::error::FieldError { field: "hours".into(), message: objection }]));
    }
    match corrects {
        Some(id) => {
            execute!(
                tx,
                "UPDATE practice_hours SET day = $3, whole_month = $4, minutes = $5, activity = $6
                 WHERE id = $1 AND account_id = $2",
                id,
                own.account(),
                new.when.day,
                new.when.whole_month,
                new.minutes,
                &new.activity
            )?;
            tx.note(Event::new(Kind::HoursCorrected).of(own.enrollment()).about(id.0));
        }
        None => insert_hours(tx, own, &[(key, new.clone())], log.len()).await?,
    }
    Ok(())
}

/// Keeps entries that were judged against the log, which has so many already.
async fn insert_hours(
    tx: &mut WriteTx,
    own: &OwnEnrollment,
    all: &[(SubmissionKey, New)],
    there: usize,
) -> Result<(), AppError> {
    if there + all.len() > MOST_ENTRIES {
        return Err(
            Refusal::new("The log is full. Remove entries that no longer count, or put days together as months.").into()
        );
    }
    let (now, account) = (tx.now(), own.account());
    let rows: Vec<(PracticeHoursId, SubmissionKey, &New)> =
        all.iter().map(|(key, new)| (PracticeHoursId::new(), *key, new)).collect();
    insert_all!(
        tx,
        "INSERT INTO practice_hours (id, submission_key, account_id, day, whole_month, minutes, activity, logged_at)",
        &rows,
        one => [one.0, one.1, account, one.2.when.day, one.2.when.whole_month, one.2.minutes, one.2.activity.as_str(), now]
    )?;
    if !rows.is_empty() {
        tx.note(Event::new(Kind::HoursLogged).of(own.enrollment()));
    }
    Ok(())
}

async fn is_logged(tx: &mut impl Queryable, key: SubmissionKey) -> Result<bool, sqlx::Error> {
    Ok(fetch_optional!(tx, (i32,), "SELECT 1 FROM practice_hours WHERE submission_key = $1", key)?.is_some())
}

/// Removes an entry; `false` when it is not theirs or is gone.
pub async fn remove_hours(tx: &mut WriteTx, own: &OwnEnrollment, id: PracticeHoursId) -> Result<bool, sqlx::Error> {
    let removed = execute!(tx, "DELETE FROM practice_hours WHERE id = $1 AND account_id = $2", id, own.account())?;
    if removed == 1 {
        tx.note(Event::new(Kind::HoursRemoved).of(own.enrollment()).about(id.0));
    }
    Ok(removed == 1)
}

/// A list that was read and is looked at.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Sheet {
    pub file_name: String,
    pub rows: Json<Vec<Row>>,
}

/// Keeps a list until it is taken or put away; another takes its place.
pub async fn keep_sheet(tx: &mut WriteTx, account: AccountId, file_name: &str, rows: &[Row]) -> Result<(), sqlx::Error> {
    let now = tx.now();
    execute!(
        tx,
        "INSERT INTO hours_sheet (account_id, file_name, rows, read_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (account_id) DO UPDATE SET file_name = $2, rows = $3, read_at = $4",
        account,
        file_name,
        Json(rows),
        now
    )
    .map(|_| ())
}

pub async fn find_sheet(tx: &mut impl Queryable, account: AccountId) -> Result<Option<Sheet>, sqlx::Error> {
    fetch_optional!(tx, Sheet, "SELECT file_name, rows FROM hours_sheet WHERE account_id = $1", account)
}

/// Puts a list away; `false` when there was none.
pub async fn forget_sheet(tx: &mut WriteTx, account: AccountId) -> Result<bool, sqlx::Error> {
    execute!(tx, "DELETE FROM hours_sheet WHERE account_id = $1", account).map(|gone| gone == 1)
}

/// Takes the list into the log, all of it or nothing. Gives how many entries it made.
pub async fn take_sheet(tx: &mut WriteTx, own: &OwnEnrollment, today: NaiveDate) -> Result<usize, AppError> {
    crate::enrollments::store::hold(tx, own.enrollment()).await?;
    let gone = || Refusal::new("There is no list to take any more. It may have been taken already.");
    let sheet = find_sheet(tx, own.account()).await?.ok_or_else(gone)?;
    let log: Vec<New> = list_hours(tx, own.account()).await?.iter().map(Hours::new).collect();
    let judged = super::sheet::judge(&sheet.rows, &log, today);
    if !judged.problems.is_empty() {
        return Err(
            Refusal::new("Some rows do not fit, so nothing was taken. Mend them in the file and choose it again.").into()
        );
    }
    let all: Vec<(SubmissionKey, New)> = judged.new.into_iter().map(|new| (SubmissionKey::new(), new)).collect();
    insert_hours(tx, own, &all, log.len()).await?;
    forget_sheet(tx, own.account()).await?;
    Ok(all.len())
}

/// What came of a try at the exam.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ExamResult {
    pub id: ExamResultId,
    pub taken_on: NaiveDate,
    pub outcome: Outcome,
    pub recorded_at: DateTime<Utc>,
    /// Who entered it, if it was not the mentee.
    pub entered_by: Option<String>,
    pub came_by: Option<Medium>,
}

/// The results of an enrolment, the latest first.
pub async fn list_results(tx: &mut impl Queryable, enrollment: EnrollmentId) -> Result<Vec<ExamResult>, sqlx::Error> {
    fetch_all!(
        tx,
        ExamResult,
        "SELECT r.id, r.taken_on, r.outcome, r.recorded_at, a.name AS entered_by, r.came_by
         FROM exam_result r LEFT JOIN account a ON a.id = r.entered_by WHERE r.enrollment_id = $1 ORDER BY r.taken_on DESC",
        enrollment
    )
}

/// Keeps what the mentee says of a try; of the same day, the later word counts.
///
/// # Errors
/// A [`Refusal`] where a coordinator has entered what came of that day.
pub async fn record_result(
    tx: &mut WriteTx,
    own: &OwnEnrollment,
    taken_on: NaiveDate,
    outcome: Outcome,
) -> Result<(), AppError> {
    let entered = fetch_optional!(
        tx,
        (i32,),
        "SELECT 1 FROM exam_result WHERE enrollment_id = $1 AND taken_on = $2 AND entered_by IS NOT NULL",
        own.enrollment(),
        taken_on
    )?;
    if entered.is_some() {
        let words = "The coordinator has entered what came of the exam on that day. Tell the coordinator if it was different.";
        return Err(Refusal::new(words).into());
    }
    Ok(keep_result(tx, own.enrollment(), taken_on, outcome, None).await?)
}

/// Keeps what a coordinator heard of it.
pub async fn enter_result(
    tx: &mut WriteTx,
    who: &Coordinator,
    enrollment: EnrollmentId,
    taken_on: NaiveDate,
    outcome: Outcome,
    came_by: Medium,
) -> Result<(), sqlx::Error> {
    keep_result(tx, enrollment, taken_on, outcome, Some((who.account(), came_by))).await
}

async fn keep_result(
    tx: &mut WriteTx,
    enrollment: EnrollmentId,
    taken_on: NaiveDate,
    outcome: Outcome,
    entered: Option<(AccountId, Medium)>,
) -> Result<(), sqlx::Error> {
    let (id, now, (entered_by, came_by)) = (ExamResultId::new(), tx.now(), entered.unzip());
    execute!(
        tx,
        "INSERT INTO exam_result (id, enrollment_id, taken_on, outcome, recorded_at, entered_by, came_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (enrollment_id, taken_on) DO UPDATE SET outcome = $4, recorded_at = $5, entered_by = $6, came_by = $7",
        id,
        enrollment,
        taken_on,
        outcome,
        now,
        entered_by,
        came_by
    )?;
    tx.note(Event::new(Kind::ExamResultRecorded).of(enrollment));
    Ok(())
}

/// The mentee removes a result of their own; `false` when there is none, or a coordinator entered it.
pub async fn remove_own_result(tx: &mut WriteTx, own: &OwnEnrollment, id: ExamResultId) -> Result<bool, sqlx::Error> {
    let sql = "DELETE FROM exam_result WHERE id = $1 AND enrollment_id = $2 AND entered_by IS NULL";
    let removed = execute!(tx, sql, id, own.enrollment())?;
    Ok(note_removed(tx, own.enrollment(), id, removed))
}

/// A coordinator removes a result that was entered by mistake; `false` when there is none.
pub async fn remove_result(
    tx: &mut WriteTx,
    _who: &Coordinator,
    enrollment: EnrollmentId,
    id: ExamResultId,
) -> Result<bool, sqlx::Error> {
    let removed = execute!(tx, "DELETE FROM exam_result WHERE id = $1 AND enrollment_id = $2", id, enrollment)?;
    Ok(note_removed(tx, enrollment, id, removed))
}

fn note_removed(tx: &mut WriteTx, enrollment: EnrollmentId, id: ExamResultId, removed: u64) -> bool {
    if removed == 1 {
        tx.note(Event::new(Kind::ExamResultRemoved).of(enrollment).about(id.0));
    }
    removed == 1
}

/// The break that an enrolment is in, as its first day and the day on which study goes on.
pub async fn list_breaks(
    tx: &mut impl Queryable,
    enrollment: EnrollmentId,
) -> Result<Vec<(NaiveDate, NaiveDate)>, sqlx::Error> {
    let rows = fetch_all!(
        tx,
        (DateTime<Utc>, NaiveDate),
        "SELECT began_at, until_on FROM pause WHERE enrollment_id = $1 AND ended_at IS NULL",
        enrollment
    )?;
    Ok(rows.into_iter().map(|(began_at, until_on)| (crate::clock::today(began_at), until_on)).collect())
}

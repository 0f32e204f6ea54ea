//! Applications in the database: arriving, being listed, being decided once.

use chrono::{DateTime, Utc};
use sqlx::types::Json;

use super::{Action, Answers, Arrival, CameBy, Open, State, Study, answer_by};
use crate::audit::{Event, Kind};
use crate::clock;
use crate::db::{Queryable, WriteTx, execute, fetch_all, fetch_one, fetch_optional};
use crate::enrollments::{self, OptionNumber};
use crate::error::{AppError, Refusal};
use crate::id::{AccountId, ApplicationId, EnrollmentId, OutlineId, SubmissionKey};
use crate::mail::{self, Mail, Recipient};
use crate::people::{self, Coordinator, Discipline, Interest, LinkKind, Role, Way};
use crate::settings;
use crate::state::State as Program;

/// An outline that can be studied now.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Outline {
    pub id: OutlineId,
    pub title: String,
    pub publisher: String,
    pub edition: String,
    pub options: Json<Vec<i32>>,
}

impl Outline {
    /// What can be studied with it: itself, under each of its options.
    pub fn studies(&self) -> impl Iterator<Item = Study> {
        self.options.iter().filter_map(|number| Some(Study { option: (*number).try_into().ok()?, outline: self.id }))
    }
}

/// Every outline that is published and not retired.
pub async fn list_outlines(tx: &mut impl Queryable) -> Result<Vec<Outline>, sqlx::Error> {
    fetch_all!(
        tx,
        Outline,
        "SELECT o.id, t.name AS title, t.publisher, e.label AS edition, o.options FROM outline o
         JOIN edition e ON e.id = o.edition_id JOIN title t ON t.id = e.title_id
         WHERE o.retired_at IS NULL ORDER BY t.name, e.label, o.version"
    )
}

/// The outlines of one option.
pub async fn list_outlines_for(tx: &mut impl Queryable, option: OptionNumber) -> Result<Vec<Outline>, sqlx::Error> {
    let mut outlines = list_outlines(tx).await?;
    outlines.retain(|outline| outline.options.contains(&option.into()));
    Ok(outlines)
}

/// An application as the coordinator reads it.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Application {
    pub id: ApplicationId,
    pub name: String,
    pub email: String,
    pub phone: String,
    pub discipline: Discipline,
    pub workplace: String,
    pub county: String,
    pub counties_served: Json<Vec<String>>,
    pub option_number: OptionNumber,
    pub outline_id: OutlineId,
    pub book: String,
    pub ways: Json<Vec<Way>>,
    pub interests: Json<Vec<Interest>>,
    pub reason: String,
    pub came_by: CameBy,
    pub entered_by: Option<String>,
    pub created_at: DateTime<Utc>,
    pub state: State,
    pub decided_at: Option<DateTime<Utc>>,
    pub decided_by: Option<AccountId>,
    pub decider: Option<String>,
    pub decline_reason: Option<String>,
    pub enrollment_id: Option<EnrollmentId>,
    /// What it was accepted for, which may differ from what was asked for.
    pub accepted_option: Option<OptionNumber>,
    pub accepted_book: Option<String>,
}

impl Application {
    /// What was asked for.
    pub fn study(&self) -> Study {
        Study { option: self.option_number, outline: self.outline_id }
    }
}

pub async fn find(tx: &mut impl Queryable, _who: &Coordinator, id: ApplicationId) -> Result<Option<Application>, sqlx::Error> {
    fetch_optional!(
        tx,
        Application,
        "SELECT a.id, a.name, a.email, a.phone, a.discipline, a.workplace, a.county, a.counties_served, a.option_number,
                a.outline_id, t.name AS book, a.ways, a.interests, a.reason, a.came_by, eb.name AS entered_by, a.created_at,
                a.state, a.decided_at, a.decided_by, db.name AS decider, a.decline_reason, en.id AS enrollment_id,
                en.option_number AS accepted_option, ent.name AS accepted_book
         FROM application a
         JOIN outline o ON o.id = a.outline_id JOIN edition e ON e.id = o.edition_id JOIN title t ON t.id = e.title_id
         LEFT JOIN account eb ON eb.id = a.entered_by
         LEFT JOIN account db ON db.id = a.decided_by
         LEFT JOIN enrollment en ON en.application_id = a.id
         LEFT JOIN outline eno ON eno.id = en.outline_id
         LEFT JOIN edition ene ON ene.id = eno.edition_id
         LEFT JOIN title ent ON ent.id = ene.title_id
         WHERE a.id = $1",
        id
    )
}

/// An application as a line of a list.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Line {
    pub id: ApplicationId,
    pub name: String,
    pub discipline: Discipline,
    pub county: String,
    pub option_number: OptionNumber,
    pub came_by: CameBy,
    pub created_at: DateTime<Utc>,
    pub state: State,
    pub decided_at: Option<DateTime<Utc>>,
}

/// The open ones, the longest waiting first. A list longer than this is shown as it gets shorter.
pub const MOST_OPEN: i64 = 100;

/// How many decided ones stand on a page.
pub const PAGE: i64 = 50;

pub async fn list_open(tx: &mut impl Queryable, _who: &Coordinator) -> Result<Vec<Line>, sqlx::Error> {
    fetch_all!(
        tx,
        Line,
        "SELECT id, name, discipline, county, option_number, came_by, created_at, state, decided_at FROM application
         WHERE state = 'received' ORDER BY created_at, id LIMIT $1",
        MOST_OPEN
    )
}

pub async fn count_open(tx: &mut impl Queryable, _who: &Coordinator) -> Result<i64, sqlx::Error> {
    Ok(fetch_one!(tx, (i64,), "SELECT COUNT(*) FROM application WHERE state = 'received'")?.0)
}

/// The decided ones, the latest first. One more than a page comes back when there is a next page.
pub async fn list_decided(tx: &mut impl Queryable, _who: &Coordinator, page: i64) -> Result<Vec<Line>, sqlx::Error> {
    fetch_all!(
        tx,
        Line,
        "SELECT id, name, discipline, county, option_number, came_by, created_at, state, decided_at FROM application
         WHERE decided_at IS NOT NULL ORDER BY decided_at DESC, id DESC LIMIT $1 OFFSET $2",
        PAGE + 1,
        page.max(0).saturating_mul(PAGE)
    )
}

/// The other applications from an address, the latest first.
pub async fn list_others(tx: &mut impl Queryable, _who: &Coordinator, one: &Application) -> Result<Vec<Line>, sqlx::Error> {
    fetch_all!(
        tx,
        Line,
        "SELECT id, name, discipline, county, option_number, came_by, created_at, state, decided_at FROM application
         WHERE email = $1 AND id <> $2 ORDER BY created_at DESC LIMIT 20",
        &one.email,
        one.id
    )
}

/// Takes an application in: stored once per key, one open per address, and answered by mail at once.
pub async fn receive(
    tx: &mut WriteTx,
    program: &Program,
    answers: &Answers,
    key: SubmissionKey,
    came_by: CameBy,
) -> Result<Arrival, AppError> {
    let arrival = insert(tx, answers, key, came_by).await?;
    match arrival {
        Arrival::New(id) => tell_new(tx, program, answers, id).await?,
        Arrival::Repeated(_, open) => tell_repeated(tx, program, answers, open).await?,
        Arrival::SentBefore => {}
    }
    Ok(arrival)
}

/// Stores an application. Two at once are told apart by the unique indexes, not by looking first.
async fn insert(tx: &mut WriteTx, answers: &Answers, key: SubmissionKey, came_by: CameBy) -> Result<Arrival, sqlx::Error> {
    let id = ApplicationId::new();
    let enrolled = is_enrolled(tx, &answers.email).await?;
    if !enrolled && insert_as(tx, id, answers, key, came_by, State::Received).await? {
        return Ok(Arrival::New(id));
    }
    if !insert_as(tx, id, answers, key, came_by, State::Repeated).await? {
        return Ok(Arrival::SentBefore);
    }
    Ok(Arrival::Repeated(id, if enrolled { Open::Enrollment } else { Open::Application }))
}

/// Whether the person with this address is on the way through an option.
async fn is_enrolled(tx: &mut WriteTx, email: &str) -> Result<bool, sqlx::Error> {
    let found = fetch_optional!(
        tx,
        (i32,),
        "SELECT 1 FROM enrollment e JOIN account a ON a.id = e.mentee_id
         WHERE a.email = $1 AND e.state IN ('active', 'paused') LIMIT 1",
        people::store::canonical_email(email)
    )?;
    Ok(found.is_some())
}

/// Whether it was stored; not, when its key was there already, or (if `state` is open) another open one of the address.
async fn insert_as(
    tx: &mut WriteTx,
    id: ApplicationId,
    answers: &Answers,
    key: SubmissionKey,
    came_by: CameBy,
    state: State,
) -> Result<bool, sqlx::Error> {
    let (now, actor) = (tx.now(), tx.actor());
    let codes: Vec<&str> = answers.serves.iter().map(|county| county.fips).collect();
    let stored = execute!(
        tx,
        "INSERT INTO application (id, submission_key, name, email, phone, discipline, workplace, county, counties_served,
            option_number, outline_id, ways, interests, reason, came_by, entered_by, created_at, state, decided_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
         ON CONFLICT DO NOTHING",
        id,
        key,
        &answers.name,
        people::store::canonical_email(&answers.email),
        &answers.phone,
        answers.discipline,
        &answers.workplace,
        answers.county.fips,
        Json(&codes),
        answers.study.option,
        answers.study.outline,
        Json(&answers.ways),
        Json(&answers.interests),
        &answers.reason,
        came_by,
        actor.filter(|_| came_by != CameBy::Form),
        now,
        state,
        (state == State::Repeated).then_some(now)
    )?;
    if stored == 1 {
        tx.note(Event::new(Kind::ApplicationReceived).about(id.0).words(format!("{} <{}>", answers.name, answers.email)));
    }
    Ok(stored == 1)
}

/// Tells the applicant that it arrived, and the coordinators that it waits.
async fn tell_new(tx: &mut WriteTx, program: &Program, answers: &Answers, id: ApplicationId) -> Result<(), AppError> {
    let settings = settings::store::current(tx).await?;
    let by = clock::say_date(answer_by(tx.now(), &settings), clock::today(tx.now()));
    let address = people::store::canonical_email(&answers.email);
    let applicant = Recipient { account: None, address, name: answers.name.clone() };
    let option = answers.study.option.name();
    let received = Mail::new(mail::Kind::ApplicationReceived, applicant).with("option_name", option).with("answer_by", by);
    mail::store::enqueue(tx, received.about(id.0)).await?;
    let actor = tx.actor();
    for coordinator in mail::store::coordinators(tx).await? {
        // Who entered it knows of it.
        if actor.is_some() && coordinator.account == actor {
            continue;
        }
        let new = Mail::new(mail::Kind::ApplicationNew, coordinator)
            .with("applicant", &answers.name)
            .with("option_name", option)
            .with("link", program.link(&format!("/coordinator/applications/{id}")));
        mail::store::enqueue(tx, new.about(id.0)).await?;
    }
    Ok(())
}

/// Tells the owner of the address what is open, under the name they gave themselves: a stranger's words do not travel.
async fn tell_repeated(tx: &mut WriteTx, program: &Program, answers: &Answers, open: Open) -> Result<(), AppError> {
    let settings = settings::store::current(tx).await?;
    let email = people::store::canonical_email(&answers.email);
    let today = clock::today(tx.now());
    let (to, sent, by) = match open {
        Open::Application => {
            let (name, sent) = fetch_one!(
                tx,
                (String, DateTime<Utc>),
                "SELECT name, created_at FROM application WHERE email = $1 AND state <> 'repeated' ORDER BY created_at DESC LIMIT 1",
                &email
            )?;
            let by = answer_by(sent, &settings).max(today);
            let to = Recipient { account: None, address: email, name };
            (to, clock::say_date(clock::today(sent), today), clock::say_date(by, today))
        }
        Open::Enrollment => {
            let (id, name) = fetch_one!(tx, (AccountId, String), "SELECT id, name FROM account WHERE email = $1", &email)?;
            (Recipient { account: Some(id), address: email, name }, String::new(), String::new())
        }
    };
    let known = Mail::new(mail::Kind::ApplicationKnown, to)
        .with("open", open.as_str())
        .with("sent", sent)
        .with("answer_by", by)
        .with("link", program.link("/mentee"));
    mail::store::enqueue(tx, known).await?;
    Ok(())
}

/// Accepts: the account, its role, the enrolment and the invitation, all or nothing.
pub async fn accept(
    tx: &mut WriteTx,
    program: &Program,
    who: &Coordinator,
    application: &Application,
    study: Study,
) -> Result<EnrollmentId, AppError> {
    decide(tx, who, application, Action::Accept, None).await?;
    tx.note(Event::new(Kind::ApplicationAccepted).about(application.id.0));
    let account = people::store::find_or_insert(tx, &application.email, &application.name, &application.phone).await?;
    let credentials = people::store::find_credentials(tx, &application.email).await?.ok_or_else(|| {
        Refusal::new("The account with this address was closed. Ask for another address and enter the application with it.")
    })?;
    people::store::grant(tx, account, Role::Mentee).await?;
    let settings = settings::store::current(tx).await?;
    let enrollment = enrollments::store::insert(tx, application.id, account, study.option, study.outline, &settings).await?;
    if credentials.password_hash.is_none() {
        people::store::send_link(tx, program, account, LinkKind::Invitation, "mentee", &settings).await?;
    } else {
        let to = mail::store::recipient(tx, account).await?;
        let accepted = Mail::new(mail::Kind::ApplicationAccepted, to)
            .with("option_name", study.option.name())
            .with("link", program.link("/mentee"));
        mail::store::enqueue(tx, accepted.about(enrollment.0)).await?;
    }
    Ok(enrollment)
}

/// Declines, and tells the applicant why.
pub async fn decline(tx: &mut WriteTx, who: &Coordinator, application: &Application, reason: &str) -> Result<(), AppError> {
    decide(tx, who, application, Action::Decline, Some(reason)).await?;
    tx.note(Event::new(Kind::ApplicationDeclined).about(application.id.0).words(reason));
    let to = Recipient { account: None, address: application.email.clone(), name: application.name.clone() };
    let mail = Mail::new(mail::Kind::ApplicationDeclined, to).with("reason", reason).about(application.id.0);
    mail::store::enqueue(tx, mail).await?;
    Ok(())
}

/// Writes the decision; the row count settles a race of two coordinators.
async fn decide(
    tx: &mut WriteTx,
    who: &Coordinator,
    application: &Application,
    action: Action,
    reason: Option<&str>,
) -> Result<(), AppError> {
    let next = application.state.after(action)?;
    let now = tx.now();
    let decided = execute!(
        tx,
        "UPDATE application SET state = $3, decided_at = $4, decided_by = $5, decline_reason = $6 WHERE id = $1 AND state = $2",
        application.id,
        application.state,
        next,
        now,
        who.account(),
        reason
    )?;
    if decided == 0 {
        return Err(Refusal::new("Somebody else decided on this application just now. Look at it again.").into());
    }
    Ok(())
}

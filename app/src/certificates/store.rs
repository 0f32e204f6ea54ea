//! Certificates in the database: issued once, looked up by number, verified by hash.

use chrono::{Datelike, NaiveDate};
use sha2::{Digest, Sha256};
use sqlx::types::Json;

use super::{Facts, Standing, number};
use crate::audit::{self, Event, Kind};
use crate::clock;
use crate::closings;
use crate::db::{Queryable, WriteTx, execute, fetch_all, fetch_one, fetch_optional, is_duplicate};
use crate::enrollments::{self, Action, Story, missing};
use crate::error::{AppError, Refusal};
use crate::id::{AccountId, CertificateId, EnrollmentId};
use crate::mail::{self, Mail};
use crate::people::Coordinator;
use crate::settings::Settings;
use crate::{State, hex};

/// A certificate without its PDF.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Certificate {
    pub id: CertificateId,
    pub enrollment_id: EnrollmentId,
    pub mentee_id: AccountId,
    pub number: String,
    pub code: String,
    pub facts: Json<Facts>,
    pub state: Standing,
    pub issued_on: NaiveDate,
}

macro_rules! certificate {
    ($rest:literal) => {
        concat!(
            "SELECT c.id, c.enrollment_id, e.mentee_id, c.number, c.code, c.facts, c.state, c.issued_on
             FROM certificate c JOIN enrollment e ON e.id = c.enrollment_id ",
            $rest
        )
    };
}

pub async fn find_by_number(tx: &mut impl Queryable, number: &str) -> Result<Option<Certificate>, sqlx::Error> {
    fetch_optional!(tx, Certificate, certificate!("WHERE c.number = $1"), number)
}

/// The valid certificate of an enrolment.
pub async fn find_of_enrollment(tx: &mut impl Queryable, id: EnrollmentId) -> Result<Option<Certificate>, sqlx::Error> {
    fetch_optional!(tx, Certificate, certificate!("WHERE c.enrollment_id = $1 AND c.state = 'valid'"), id)
}

pub async fn find(tx: &mut impl Queryable, id: CertificateId) -> Result<Option<Certificate>, sqlx::Error> {
    fetch_optional!(tx, Certificate, certificate!("WHERE c.id = $1"), id)
}

/// The PDF as it was sealed.
pub async fn pdf(tx: &mut impl Queryable, id: CertificateId) -> Result<Option<Vec<u8>>, sqlx::Error> {
    Ok(fetch_optional!(tx, (Vec<u8>,), "SELECT pdf FROM certificate WHERE id = $1", id)?.map(|(pdf,)| pdf))
}

/// What would be printed if the certificate were issued today with this number.
pub fn facts(story: &Story, settings: &Settings, name: &str, number: String, verify_url: String, on: NaiveDate) -> Facts {
    Facts {
        number,
        name: name.to_owned(),
        option: format!("{}: {}", story.option_number.name(), story.option_number.aim()),
        book: story.book.clone(),
        mentor: story.mentor.clone().unwrap_or_default(),
        issuer: settings.coordinator_name.clone(),
        program: settings.program.clone(),
        wording: settings.certificate_wording.clone(),
        issued_on: on,
        verify_url,
    }
}

/// Issues the certificate of an enrolment and completes it, in one transaction with its PDF.
///
/// # Errors
/// A [`Refusal`] that names what is missing, or says that somebody else was quicker.
pub async fn issue(
    tx: &mut WriteTx,
    who: &Coordinator,
    program: &State,
    enrollment: EnrollmentId,
    name: &str,
) -> Result<CertificateId, AppError> {
    let story = enrollments::store::find(tx, enrollment).await?.ok_or(AppError::NotFound)?;
    if story.certificate.is_some() {
        return Err(Refusal::new("The certificate was issued already.").into());
    }
    if let Some(first) = missing(&story).first() {
        return Err(Refusal::new(format!("Not everything is there yet: {}.", first.words())).into());
    }
    // One of two who issue at once finds the enrolment completed.
    enrollments::store::change(tx, &story, Action::Complete, None, "").await?;
    closings::store::ask(tx, program, &closings::store::End::of_enrollment(&story, closings::Occasion::Completed)).await?;
    let settings = crate::settings::store::current(tx).await?;
    let on = clock::today(tx.now());
    let sequence = next_sequence(tx, on).await?;
    let (number, code) = (number(on, sequence), crate::random_code::<8>()?);
    let verify_url = program.link(&format!("/verify/{number}/{code}"));
    let facts = facts(&story, &settings, name, number.clone(), verify_url, on);
    let pdf = program.press.certificate(&facts)?;
    let id = insert(tx, who, &story, sequence, &code, &facts, pdf).await?;
    tx.note(Event::new(Kind::CertificateIssued).of(enrollment).about(id.0).words(format!("{number}: {name}")));
    let to = mail::store::recipient(tx, story.mentee_id).await?;
    let mail = Mail::new(mail::Kind::CertificateIssued, to)
        .with("number", number)
        .with("link", program.link(&format!("/certificates/{id}/certificate.pdf")))
        .with("verify_link", facts.verify_url)
        .about(id.0);
    mail::store::enqueue(tx, mail).await?;
    Ok(id)
}

/// The next number of the year. Those who issue at once queue here, so that no number is left out or given twice.
async fn next_sequence(tx: &mut WriteTx, on: NaiveDate) -> Result<i32, sqlx::Error> {
    audit::store::queue(tx).await?;
    let (last,) = fetch_one!(tx, (i32,), "SELECT coalesce(max(sequence), 0) FROM certificate WHERE year = $1", on.year())?;
    Ok(last + 1)
}

async fn insert(
    tx: &mut WriteTx,
    who: &Coordinator,
    story: &Story,
    sequence: i32,
    code: &str,
    facts: &Facts,
    pdf: Vec<u8>,
) -> Result<CertificateId, AppError> {
    let (id, now) = (CertificateId::new(), tx.now());
    let hash = hex(&Sha256::digest(&pdf));
    let done = execute!(
        tx,
        "INSERT INTO certificate (id, enrollment_id, number, year, sequence, code, facts, issued_on, issued_at, issued_by,
            state, pdf, pdf_sha256)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'valid', $11, $12)",
        id,
        story.id,
        &facts.number,
        facts.issued_on.year(),
        sequence,
        code,
        Json(facts),
        facts.issued_on,
        now,
        who.account(),
        pdf,
        hash
    );
    match done {
        Ok(_) => Ok(id),
        Err(error) if is_duplicate(&error) => Err(Refusal::new("The certificate was issued already.").into()),
        Err(error) => Err(error.into()),
    }
}

/// Names every certificate whose PDF or facts are not those that were sealed.
pub async fn verify_hashes(tx: &mut impl Queryable) -> Result<Vec<String>, sqlx::Error> {
    let mut problems = Vec::new();
    let mut after = String::new();
    loop {
        let rows = fetch_all!(
            tx,
            (String, Json<Facts>, Vec<u8>, String, NaiveDate),
            "SELECT number, facts, pdf, pdf_sha256, issued_on FROM certificate WHERE number > $1 ORDER BY number LIMIT 50",
            &after
        )?;
        let Some(last) = rows.last() else { return Ok(problems) };
        after = last.0.clone();
        for (number, Json(facts), pdf, hash, issued_on) in rows {
            if hex(&Sha256::digest(&pdf)) != hash {
                problems.push(format!("certificate {number}: its PDF is not the one that was sealed"));
            }
            if facts.number != number || facts.issued_on != issued_on {
                problems.push(format!("certificate {number}: its facts were changed"));
            }
        }
    }
}

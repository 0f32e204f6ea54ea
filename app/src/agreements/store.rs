//! Letters and signatures in the database: making, signing, receiving.
//!
//! Whoever changes a letter first locks its row by an UPDATE that names the state it must be in; the row count says who
//! was first. Making one locks the enrolment's row, so that two changes of plan cannot both make a letter.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use super::text::{Facts, fill, fingerprint};
use super::{Action, CONSENT, MOVED, ON_PAPER, Signer, State, Way};
use crate::audit::{Event, Kind};
use crate::clock;
use crate::db::{Queryable, WriteTx, execute, fetch_all, fetch_one, fetch_optional};
use crate::enrollments::OptionNumber;
use crate::error::{AppError, FieldError, Refusal};
use crate::form::Client;
use crate::id::{AccountId, EnrollmentId, LetterId, LetterTemplateId, MatchId, SignatureId};
use crate::mail::{self, Mail};
use crate::people::{Coordinator, PairMember, Way as TalkWay};
use crate::plans::Rhythm;
use crate::settings;
use crate::state::State as Program;

pub use super::evidence::{paper, verify_hashes, who_may_read};

/// A letter with the names of the pair it belongs to.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Letter {
    pub id: LetterId,
    pub enrollment_id: EnrollmentId,
    pub match_id: MatchId,
    pub mentee_id: AccountId,
    pub mentor_id: AccountId,
    pub mentee: String,
    pub mentor: String,
    pub text: String,
    pub text_sha256: String,
    pub state: State,
    pub made_at: DateTime<Utc>,
    pub received_at: Option<DateTime<Utc>>,
    pub received_by: Option<String>,
}

impl Letter {
    /// The account and the name of one of the two.
    pub fn person(&self, signer: Signer) -> (AccountId, &str) {
        match signer {
            Signer::Mentee => (self.mentee_id, &self.mentee),
            Signer::Mentor => (self.mentor_id, &self.mentor),
        }
    }
}

#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Signature {
    pub letter_id: LetterId,
    pub account_id: AccountId,
    /// The name of the account today.
    pub account: String,
    pub role: Signer,
    pub typed_name: String,
    pub consent: String,
    pub text_sha256: String,
    pub way: Way,
    pub entered_by: Option<String>,
    pub signed_at: DateTime<Utc>,
    pub address: Option<String>,
    pub browser: Option<String>,
}

impl Signature {
    /// When it was made, exactly, in words: on paper a day, on the page a moment in UTC.
    pub fn when(&self) -> String {
        match self.way {
            Way::Electronic => self.signed_at.format("%B %-d, %Y, %H:%M:%S UTC").to_string(),
            Way::Paper => format!("{}, by hand on paper", clock::say_full_date(clock::today(self.signed_at))),
        }
    }
}

macro_rules! letters {
    ($rest:literal) => {
        concat!(
            "SELECT l.id, l.enrollment_id, l.match_id, e.mentee_id, m.mentor_id, a.name AS mentee, b.name AS mentor,
                l.text, l.text_sha256, l.state, l.made_at, l.received_at, c.name AS received_by
             FROM letter l
             JOIN enrollment e ON e.id = l.enrollment_id
             JOIN mentor_match m ON m.id = l.match_id
             JOIN account a ON a.id = e.mentee_id
             JOIN account b ON b.id = m.mentor_id
             LEFT JOIN account c ON c.id = l.received_by ",
            $rest
        )
    };
}

pub async fn find(tx: &mut impl Queryable, id: LetterId) -> Result<Option<Letter>, sqlx::Error> {
    fetch_optional!(tx, Letter, letters!("WHERE l.id = $1"), id)
}

/// Every letter of an enrolment, the newest first; those with a text still in force come before replaced ones.
pub async fn list(tx: &mut impl Queryable, enrollment: EnrollmentId) -> Result<Vec<Letter>, sqlx::Error> {
    fetch_all!(
        tx,
        Letter,
        letters!("WHERE l.enrollment_id = $1 ORDER BY CASE WHEN l.state = 'replaced' THEN 1 ELSE 0 END, l.made_at DESC"),
        enrollment
    )
}

/// The signatures under every letter of an enrolment.
pub async fn list_signatures(tx: &mut impl Queryable, enrollment: EnrollmentId) -> Result<Vec<Signature>, sqlx::Error> {
    fetch_all!(
        tx,
        Signature,
        "SELECT s.letter_id, s.account_id, a.name AS account, s.role, s.typed_name, s.consent, s.text_sha256, s.way,
            b.name AS entered_by, s.signed_at, s.address, s.browser
         FROM signature s
         JOIN letter l ON l.id = s.letter_id
         JOIN account a ON a.id = s.account_id
         LEFT JOIN account b ON b.id = s.entered_by
         WHERE l.enrollment_id = $1 ORDER BY s.signed_at, s.id",
        enrollment
    )
}

#[derive(sqlx::FromRow)]
struct Ground {
    match_id: MatchId,
    mentee_id: AccountId,
    mentor_id: AccountId,
    mentee: String,
    mentor: String,
    option_number: OptionNumber,
    book: String,
    started_at: DateTime<Utc>,
    due_on: NaiveDate,
    rhythm: Rhythm,
    way: TalkWay,
    template_id: LetterTemplateId,
    markdown: String,
}

/// Makes the letter of an enrolment whose mentor accepted and whose plan is made; does nothing before.
///
/// A letter that is still open is replaced when its text would differ now: both sign the new text. One that both have
/// signed stays. To be called in every change that a letter's text follows from.
pub async fn make_letter(tx: &mut WriteTx, enrollment: EnrollmentId) -> Result<(), AppError> {
    execute!(tx, "UPDATE enrollment SET state = state WHERE id = $1", enrollment)?;
    let ground = fetch_optional!(
        tx,
        Ground,
        "SELECT m.id AS match_id, e.mentee_id, m.mentor_id, a.name AS mentee, b.name AS mentor, e.option_number,
            ti.name AS book, e.started_at, e.due_on, p.rhythm, p.way, t.id AS template_id, t.markdown
         FROM enrollment e
         JOIN mentor_match m ON m.enrollment_id = e.id AND m.state = 'accepted'
         JOIN plan p ON p.enrollment_id = e.id
         JOIN account a ON a.id = e.mentee_id
         JOIN account b ON b.id = m.mentor_id
         JOIN outline o ON o.id = e.outline_id
         JOIN edition d ON d.id = o.edition_id
         JOIN title ti ON ti.id = d.title_id
         JOIN letter_template t ON t.version = (SELECT max(x.version) FROM letter_template x)
         WHERE e.id = $1 AND e.state IN ('active', 'paused')",
        enrollment
    )?;
    let Some(ground) = ground else { return Ok(()) };
    let live = fetch_optional!(
        tx,
        Letter,
        letters!("WHERE l.enrollment_id = $1 AND l.state IN ('open', 'signed', 'received')"),
        enrollment
    )?;
    if let Some(live) = live {
        // The letter's own date is no difference: without another, it stays.
        let unchanged = live.match_id == ground.match_id && live.text == text_of(tx, &ground, live.made_at).await?;
        if unchanged || live.state.after(Action::Replace).is_err() || !replace(tx, &live).await? {
            return Ok(());
        }
    }
    insert(tx, enrollment, &ground).await
}

/// Takes an open letter out of force; `false` when both had signed it just before.
async fn replace(tx: &mut WriteTx, letter: &Letter) -> Result<bool, sqlx::Error> {
    let replaced = execute!(tx, "UPDATE letter SET state = 'replaced' WHERE id = $1 AND state = 'open'", letter.id)?;
    if replaced == 1 {
        tx.note(Event::new(Kind::LetterReplaced).of(letter.enrollment_id).about(letter.id.0));
    }
    Ok(replaced == 1)
}

async fn insert(tx: &mut WriteTx, enrollment: EnrollmentId, ground: &Ground) -> Result<(), AppError> {
    let (id, now) = (LetterId::new(), tx.now());
    let text = text_of(tx, ground, now).await?;
    let hash = fingerprint(&text);
    execute!(
        tx,
        "INSERT INTO letter (id, enrollment_id, match_id, template_id, text, text_sha256, state, made_at)
         VALUES ($1, $2, $3, $4, $5, $6, 'open', $7)",
        id,
        enrollment,
        ground.match_id,
        ground.template_id,
        &text,
        &hash,
        now
    )?;
    tx.note(Event::new(Kind::LetterMade).of(enrollment).about(id.0).words(format!("SHA-256 {hash}")));
    for (account, other) in [(ground.mentee_id, &ground.mentor), (ground.mentor_id, &ground.mentee)] {
        let to = mail::store::recipient(tx, account).await?;
        let mail =
            Mail::new(mail::Kind::LetterReady, to).with("other", other).with("link", link(&pair_page(enrollment))).about(id.0);
        mail::store::enqueue(tx, mail).await?;
    }
    Ok(())
}

async fn text_of(tx: &mut WriteTx, ground: &Ground, made_at: DateTime<Utc>) -> Result<String, AppError> {
    let settings = settings::store::current(tx).await?;
    let facts = Facts {
        mentee: ground.mentee.clone(),
        mentor: ground.mentor.clone(),
        coordinator: settings.coordinator_name,
        program: settings.program,
        option_name: format!("{}, {},", ground.option_number.name(), ground.option_number.aim()),
        book: ground.book.clone(),
        date: clock::say_full_date(clock::today(made_at)),
        start_date: clock::say_full_date(clock::today(ground.started_at)),
        end_date: clock::say_full_date(ground.due_on),
        rhythm: rhythm(ground.rhythm).to_owned(),
        way: way(ground.way).to_owned(),
    };
    fill(&ground.markdown, &facts).map_err(|error| {
        tracing::error!(?error, template = %ground.template_id, "letter template");
        AppError::Internal
    })
}

/// A plan's rhythm within a sentence.
fn rhythm(rhythm: Rhythm) -> &'static str {
    match rhythm {
        Rhythm::Weekly => "once a week",
        Rhythm::EveryTwoWeeks => "every two weeks",
        Rhythm::Monthly => "once a month",
    }
}

/// A plan's way to talk within a sentence.
fn way(way: TalkWay) -> &'static str {
    match way {
        TalkWay::Phone => "by phone",
        TalkWay::Video => "by video",
        TalkWay::InPerson => "in person",
        TalkWay::Email => "by e-mail",
    }
}

/// Where the two of the pair read and sign.
pub fn pair_page(enrollment: EnrollmentId) -> String {
    format!("/enrollments/{enrollment}/letter")
}

/// Where the coordinator reads and receives.
pub fn desk_page(enrollment: EnrollmentId) -> String {
    format!("/coordinator/enrollments/{enrollment}/letter")
}

/// The full address where the site's is known; letters are also made by the command line, which has no site.
fn link(path: &str) -> String {
    leptos::prelude::use_context::<Program>().map_or_else(|| path.to_owned(), |program| program.link(path))
}

/// What a person sends along when signing on the page.
#[derive(Debug, Clone)]
pub struct Signing {
    pub letter: LetterId,
    /// The fingerprint of the text the person saw.
    pub text_sha256: String,
    pub typed_name: String,
    pub client: Client,
}

/// What a signature changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The other's signature is still missing.
    First,
    /// Both have signed now.
    Complete,
    /// This signature was there already; nothing changed.
    Already,
}

/// Signs a letter on the page. The text must be the one the person saw, still in force, at this very moment.
pub async fn sign(tx: &mut WriteTx, who: &PairMember, signing: &Signing) -> Result<Outcome, AppError> {
    let role = Signer::from(who.side());
    let locked = execute!(
        tx,
        "UPDATE letter SET state = state WHERE id = $1 AND enrollment_id = $2 AND match_id = $3 AND text_sha256 = $4 AND state = 'open'",
        signing.letter,
        who.enrollment(),
        who.current_match(),
        &signing.text_sha256
    )?;
    let letter =
        find(tx, signing.letter).await?.filter(|letter| letter.enrollment_id == who.enrollment()).ok_or(AppError::NotFound)?;
    if locked == 0 {
        return unsignable(tx, &letter, role, &signing.text_sha256).await;
    }
    refuse_ended(tx, letter.enrollment_id).await?;
    if fingerprint(&letter.text) != letter.text_sha256 {
        tracing::error!(letter = %letter.id, "the text does not match its hash");
        return Err(AppError::Internal);
    }
    let now = tx.now();
    let added = execute!(
        tx,
        "INSERT INTO signature (id, letter_id, account_id, role, typed_name, consent, text_sha256, way, signed_at, address, browser)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 'electronic', $8, $9, $10) ON CONFLICT (letter_id, role) DO NOTHING",
        SignatureId::new(),
        letter.id,
        who.account(),
        role,
        &signing.typed_name,
        CONSENT,
        &letter.text_sha256,
        now,
        &signing.client.address,
        shortened(&signing.client.browser)
    )?;
    if added == 0 {
        return Ok(Outcome::Already);
    }
    let to = mail::store::recipient(tx, who.account()).await?;
    let mail = Mail::new(mail::Kind::LetterSigned, to).with("link", link(&pair_page(letter.enrollment_id)));
    mail::store::enqueue(tx, mail).await?;
    settle(tx, &letter, &signing.typed_name).await
}

/// Why a letter could not be locked for signing; fine when this person's signature is under it already.
async fn unsignable(tx: &mut WriteTx, letter: &Letter, role: Signer, seen: &str) -> Result<Outcome, AppError> {
    let signed = fetch_optional!(tx, (i32,), "SELECT 1 FROM signature WHERE letter_id = $1 AND role = $2", letter.id, role)?;
    if signed.is_some() && letter.state != State::Replaced {
        return Ok(Outcome::Already);
    }
    letter.state.after(Action::SignLast)?;
    let same = seen == letter.text_sha256;
    Err(Refusal::new(if same { "This letter is not open to sign: the pairing it is between has ended." } else { MOVED }).into())
}

async fn refuse_ended(tx: &mut WriteTx, enrollment: EnrollmentId) -> Result<(), AppError> {
    let live =
        fetch_optional!(tx, (i32,), "SELECT 1 FROM enrollment WHERE id = $1 AND state IN ('active', 'paused')", enrollment)?;
    if live.is_some() {
        Ok(())
    } else {
        Err(Refusal::new("This enrollment has ended, so its letter is no longer signed.").into())
    }
}

/// A browser's own description, which it may make as long as it likes.
fn shortened(browser: &str) -> String {
    browser.chars().take(400).collect()
}

/// Moves a letter on after a signature was added to it, and tells who must know. Its row is locked.
async fn settle(tx: &mut WriteTx, letter: &Letter, typed_name: &str) -> Result<Outcome, AppError> {
    let words = format!("{typed_name}, SHA-256 {}", letter.text_sha256);
    tx.note(Event::new(Kind::LetterSigned).of(letter.enrollment_id).about(letter.id.0).words(words));
    let (count,) = fetch_one!(tx, (i64,), "SELECT COUNT(*) FROM signature WHERE letter_id = $1", letter.id)?;
    let action = if count < 2 { Action::SignFirst } else { Action::SignLast };
    let next = letter.state.after(action)?;
    execute!(tx, "UPDATE letter SET state = $2 WHERE id = $1", letter.id, next)?;
    if next != State::Signed {
        return Ok(Outcome::First);
    }
    for to in mail::store::coordinators(tx).await? {
        let mail = Mail::new(mail::Kind::LetterComplete, to)
            .with("mentee", &letter.mentee)
            .with("mentor", &letter.mentor)
            .with("link", link(&desk_page(letter.enrollment_id)))
            .about(letter.id.0);
        mail::store::enqueue(tx, mail).await?;
    }
    Ok(Outcome::Complete)
}

/// A signature made by hand, as the coordinator enters it.
#[derive(Debug, Clone)]
pub struct OnPaper {
    pub letter: LetterId,
    /// The fingerprint of the text that was compared with the paper.
    pub text_sha256: String,
    pub role: Signer,
    pub name: String,
    pub signed_on: NaiveDate,
}

/// Enters a signature that was made on paper.
pub async fn enter_paper(
    tx: &mut WriteTx,
    who: &Coordinator,
    enrollment: EnrollmentId,
    entry: &OnPaper,
) -> Result<Outcome, AppError> {
    let locked = execute!(
        tx,
        "UPDATE letter SET state = state WHERE id = $1 AND enrollment_id = $2 AND text_sha256 = $3 AND state = 'open'",
        entry.letter,
        enrollment,
        &entry.text_sha256
    )?;
    let letter = find(tx, entry.letter).await?.filter(|letter| letter.enrollment_id == enrollment).ok_or(AppError::NotFound)?;
    if locked == 0 {
        return unsignable(tx, &letter, entry.role, &entry.text_sha256).await;
    }
    refuse_ended(tx, enrollment).await?;
    let made_on = clock::today(letter.made_at);
    if entry.signed_on < made_on {
        let message = format!("This text was made on {}. A signature under it cannot be older.", clock::say_full_date(made_on));
        return Err(AppError::Invalid(vec![FieldError { field: "signed_on".into(), message }]));
    }
    let added = execute!(
        tx,
        "INSERT INTO signature (id, letter_id, account_id, role, typed_name, consent, text_sha256, way, entered_by, signed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 'paper', $8, $9) ON CONFLICT (letter_id, role) DO NOTHING",
        SignatureId::new(),
        letter.id,
        letter.person(entry.role).0,
        entry.role,
        &entry.name,
        ON_PAPER,
        &letter.text_sha256,
        who.account(),
        // Paper knows a day, not a moment: noon is the same day wherever it is read.
        clock::at_local(clock::zone(), entry.signed_on, NaiveTime::from_hms_opt(12, 0, 0).unwrap_or_default())
    )?;
    if added == 0 {
        return Ok(Outcome::Already);
    }
    settle(tx, &letter, &entry.name).await
}

/// The coordinator receives a letter that both have signed. `false` when it was received already.
pub async fn receive(tx: &mut WriteTx, who: &Coordinator, enrollment: EnrollmentId, id: LetterId) -> Result<bool, AppError> {
    let now = tx.now();
    let received = execute!(
        tx,
        "UPDATE letter SET state = 'received', received_at = $3, received_by = $4
         WHERE id = $1 AND enrollment_id = $2 AND state = 'signed'",
        id,
        enrollment,
        now,
        who.account()
    )?;
    let letter = find(tx, id).await?.filter(|letter| letter.enrollment_id == enrollment).ok_or(AppError::NotFound)?;
    if received == 0 {
        if letter.state == State::Received {
            return Ok(false);
        }
        letter.state.after(Action::Receive)?;
        return Err(AppError::Busy);
    }
    tx.note(Event::new(Kind::LetterReceived).of(enrollment).about(id.0));
    for account in [letter.mentee_id, letter.mentor_id] {
        let to = mail::store::recipient(tx, account).await?;
        let mail = Mail::new(mail::Kind::LetterReceived, to).with("link", link(&pair_page(enrollment))).about(id.0);
        mail::store::enqueue(tx, mail).await?;
    }
    Ok(true)
}

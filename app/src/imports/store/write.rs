//! Writing the records of an import. Some hundred records go together, one statement for each table: ten thousand mentees
//! with their chapters are half a million rows.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use sqlx::types::Json;
use uuid::Uuid;

use super::{Import, Progress};
use crate::agreements::{self, Signer};
use crate::audit::{Event, Kind};
use crate::clock;
use crate::db::{WriteTx, execute, fetch_one, fetch_optional, insert_all};
use crate::enrollments::store::time_limit;
use crate::enrollments::{self, EndKind};
use crate::error::{AppError, Refusal};
use crate::id::{
    AccountId, ApplicationId, AwayId, ChapterId, CopyId, CredentialCheckId, EditionId, EnrollmentId, LetterId,
    LetterTemplateId, MatchId, PauseId, SignatureId, StudyEntryId, SubmissionKey, TitleId,
};
use crate::imports::rows::{BookRecord, Judged, MenteeRecord, MentorRecord, Person, Place, Record, Standing};
use crate::matching;
use crate::people::{self, Coordinator, LinkKind, Role};
use crate::settings::{self, Settings};
use crate::state::State as Program;

/// Records that are written together.
const TOGETHER: usize = 250;

/// Writes what is new or changed; what is here already is passed over.
pub async fn write(
    tx: &mut WriteTx,
    program: &Program,
    who: &Coordinator,
    import: &Import,
    rows: Vec<Judged>,
    progress: &Progress,
) -> Result<(), AppError> {
    let settings = settings::store::current(tx).await?;
    let mut writer = Writer { who, import, settings, made: HashMap::new(), titles: HashMap::new(), editions: HashMap::new() };
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let part: Vec<Judged> = rows.by_ref().take(TOGETHER).collect();
        let count = part.len();
        let (mut mentors, mut mentees, mut books) = (Vec::new(), Vec::new(), Vec::new());
        for judged in part.into_iter().filter(|judged| judged.standing != Standing::Same) {
            match judged.record {
                Record::Mentor(record) => mentors.push(record),
                Record::Mentee(record) => mentees.push(*record),
                Record::Book(record) => books.push(record),
            }
        }
        writer.mentors(tx, program, &mentors).await?;
        writer.mentees(tx, program, &mentees).await?;
        writer.books(tx, &books).await?;
        // The events of these are chained before the next come, so that none wait in memory for the end.
        let (actor, now) = (tx.actor(), tx.now());
        tx.go_on(actor, now).await?;
        progress.add(count);
    }
    Ok(())
}

struct Writer<'a> {
    who: &'a Coordinator,
    import: &'a Import,
    settings: Settings,
    /// Accounts this import made, by address: one person may stand in several rows.
    made: HashMap<String, AccountId>,
    titles: HashMap<String, TitleId>,
    editions: HashMap<(TitleId, String), EditionId>,
}

/// A row of `import_made`: kind, id, and what stood there before.
type Made = (&'static str, Uuid, Option<String>);

impl Writer<'_> {
    async fn keep(&self, tx: &mut WriteTx, made: &[Made]) -> Result<(), sqlx::Error> {
        let id = self.import.id;
        insert_all!(
            tx,
            "INSERT INTO import_made (import_id, kind, made_id, before)",
            made,
            one => [id, one.0, one.1, one.2.as_deref()]
        )
    }

    /// The accounts of these people with a role, made where there are none. One id for each, in their order.
    async fn accounts(&mut self, tx: &mut WriteTx, people: &[&Person], role: Role) -> Result<Vec<AccountId>, AppError> {
        let (mut ids, mut new, mut made) = (Vec::new(), Vec::new(), Vec::new());
        for person in people {
            let known = person.account.or_else(|| self.made.get(&person.email).copied());
            let id = known.unwrap_or_else(AccountId::new);
            ids.push(id);
            match (known, person.account) {
                (Some(_), Some(_)) => made.extend(grant(tx, id, role).await?.then_some((made_role(role), id.0, None))),
                (Some(_), None) => {}
                (None, _) => {
                    self.made.insert(person.email.clone(), id);
                    new.push((id, *person));
                    made.extend([("account", id.0, None), (made_role(role), id.0, None)]);
                }
            }
        }
        let now = tx.now();
        insert_all!(
            tx,
            "INSERT INTO account (id, email, name, phone, created_at)",
            new,
            one => [one.0, &one.1.email, &one.1.name, &one.1.phone, now]
        )
        .map_err(|error| if crate::db::is_duplicate(&error) { moved() } else { error.into() })?;
        insert_all!(tx, "INSERT INTO account_role (account_id, role, granted_at)", new, one => [one.0, role, now])?;
        for (id, person) in &new {
            tx.note(Event::new(Kind::AccountMade).about(id.0).words(format!("{} <{}>", person.name, person.email)));
            tx.note(Event::new(Kind::RoleGranted).about(id.0).words(role.as_str()));
        }
        self.keep(tx, &made).await?;
        Ok(ids)
    }

    /// Sends an invitation to each who has no password yet, if the coordinator wanted it.
    async fn invite(
        &self,
        tx: &mut WriteTx,
        program: &Program,
        people: &[(AccountId, &str)],
        role: &str,
    ) -> Result<(), AppError> {
        if !self.import.invite {
            return Ok(());
        }
        for (account, email) in people {
            let known = people::store::find_credentials(tx, email).await?;
            if known.is_some_and(|known| known.password_hash.is_none()) {
                people::store::send_link(tx, program, *account, LinkKind::Invitation, role, &self.settings).await?;
            }
        }
        Ok(())
    }

    async fn mentors(&mut self, tx: &mut WriteTx, program: &Program, records: &[MentorRecord]) -> Result<(), AppError> {
        let people: Vec<&Person> = records.iter().map(|record| &record.person).collect();
        let ids = self.accounts(tx, &people, Role::Mentor).await?;
        let now = tx.now();
        let with_ids: Vec<(AccountId, &MentorRecord)> = ids.into_iter().zip(records).collect();
        let profiles: Vec<_> =
            with_ids.iter().filter_map(|(id, record)| record.profile.as_ref().map(|profile| (*id, profile))).collect();
        insert_all!(
            tx,
            "INSERT INTO mentor (account_id, discipline, county, options, ways, interests, capacity, about, away_until, updated_at)",
            profiles,
            one => [
                one.0, one.1.discipline, one.1.county.fips, Json(&one.1.options), Json(&one.1.ways), Json(&one.1.interests),
                one.1.capacity, &one.1.about, one.1.away_until, now
            ]
        )?;
        let away: Vec<_> =
            profiles.iter().filter_map(|(id, profile)| profile.away_until.map(|until| (AwayId::new(), *id, until))).collect();
        insert_all!(
            tx,
            "INSERT INTO away (id, mentor_id, began_at, until_on)",
            away,
            one => [one.0, one.1, now, one.2]
        )?;
        let checks: Vec<_> = with_ids
            .iter()
            .filter_map(|(id, record)| record.valid_to.map(|day| (CredentialCheckId::new(), *id, day)))
            .collect();
        let by = self.who.account();
        insert_all!(
            tx,
            "INSERT INTO credential_check (id, mentor_id, checked_by, checked_at, valid_to, note)",
            checks,
            one => [one.0, one.1, by, now, one.2, "imported"]
        )?;
        let mut made: Vec<Made> = profiles.iter().map(|(id, _)| ("mentor", id.0, None)).collect();
        made.extend(checks.iter().map(|(check, ..)| ("credential_check", check.0, None)));
        for (id, _) in &profiles {
            tx.note(Event::new(Kind::MentorImported).about(id.0));
        }
        for (_, id, day) in &checks {
            tx.note(Event::new(Kind::CredentialChecked).about(id.0).words(day.to_string()));
        }
        for (id, record) in &with_ids {
            if let Some(before) = &record.phone_before {
                let name = self.name(tx, *id).await?;
                people::store::update_name(tx, *id, &name, &record.person.phone).await?;
                made.push(("phone", id.0, Some(before.clone())));
            }
        }
        self.keep(tx, &made).await?;
        let invited: Vec<(AccountId, &str)> = with_ids
            .iter()
            .filter(|(_, record)| record.profile.is_some())
            .map(|(id, record)| (*id, record.person.email.as_str()))
            .collect();
        self.invite(tx, program, &invited, "mentor").await
    }

    async fn name(&self, tx: &mut WriteTx, id: AccountId) -> Result<String, AppError> {
        Ok(people::store::find(tx, id).await?.ok_or(AppError::NotFound)?.name)
    }

    async fn mentees(&mut self, tx: &mut WriteTx, program: &Program, records: &[MenteeRecord]) -> Result<(), AppError> {
        let people: Vec<&Person> = records.iter().map(|record| &record.person).collect();
        let ids = self.accounts(tx, &people, Role::Mentee).await?;
        let ways: Vec<Way<'_>> = ids.into_iter().zip(records).map(|(mentee, record)| Way::new(mentee, record)).collect();
        self.enrollments(tx, &ways).await?;
        self.matches(tx, &ways).await?;
        self.letters(tx, &ways).await?;
        self.chapters(tx, &ways).await?;
        let made: Vec<Made> = ways.iter().map(|way| ("enrollment", way.enrollment.0, None)).collect();
        self.keep(tx, &made).await?;
        for way in &ways {
            tx.note(Event::new(Kind::EnrollmentImported).of(way.enrollment).about(self.import.id.0));
        }
        let invited: Vec<(AccountId, &str)> = ways
            .iter()
            .filter(|way| way.record.state.is_live())
            .map(|way| (way.mentee, way.record.person.email.as_str()))
            .collect();
        self.invite(tx, program, &invited, "mentee").await
    }

    async fn enrollments(&self, tx: &mut WriteTx, ways: &[Way<'_>]) -> Result<(), AppError> {
        let (now, by, import) = (tx.now(), self.who.account(), self.import.id);
        insert_all!(
            tx,
            "INSERT INTO application (id, submission_key, name, email, phone, discipline, workplace, county, counties_served,
                option_number, outline_id, ways, interests, reason, came_by, entered_by, created_at, state, decided_at, decided_by)",
            ways,
            way => [
                way.application, SubmissionKey::new(), &way.record.person.name, &way.record.person.email,
                &way.record.person.phone, way.record.discipline, &way.record.workplace, way.record.county.fips,
                Json(way.record.serves.iter().map(|county| county.fips).collect::<Vec<_>>()), way.record.option,
                way.record.outline, Json(&way.record.ways), Json(&way.record.interests), "", "paper", by,
                noon(way.record.started_on, now), "accepted", noon(way.record.started_on, now), by
            ]
        )?;
        insert_all!(
            tx,
            "INSERT INTO enrollment (id, application_id, mentee_id, option_number, outline_id, state, started_at, due_on,
                paused_until, ended_at, end_reason, imported_id, completed_before, end_kind)",
            ways,
            way => [
                way.enrollment, way.application, way.mentee, way.record.option, way.record.outline, way.record.state,
                noon(way.record.started_on, now), time_limit(way.record.started_on, &self.settings), way.record.paused_until,
                way.record.ended_on.map(|day| noon(day, now)),
                (!way.record.reason.is_empty()).then_some(way.record.reason.as_str()), import,
                way.record.state == enrollments::State::Completed,
                (way.record.state == enrollments::State::Withdrawn).then_some(EndKind::Withdrawn)
            ]
        )
        .map_err(|error| if crate::db::is_duplicate(&error) { moved() } else { error.into() })?;
        Ok(self.leaves(tx, ways).await?)
    }

    /// The clocks of those who are still studying stood still up to now: nobody is reminded of what lies before the import,
    /// and every step has its full time from here.
    async fn leaves(&self, tx: &mut WriteTx, ways: &[Way<'_>]) -> Result<(), sqlx::Error> {
        let now = tx.now();
        let tomorrow = clock::today(now) + chrono::Duration::days(1);
        let live = || ways.iter().filter(|way| way.record.state.is_live());
        let mut leaves: Vec<(PauseId, EnrollmentId, DateTime<Utc>, NaiveDate, Option<DateTime<Utc>>)> =
            live().map(|way| (PauseId::new(), way.enrollment, noon(way.record.started_on, now), tomorrow, Some(now))).collect();
        leaves.extend(
            live().filter_map(|way| way.record.paused_until.map(|until| (PauseId::new(), way.enrollment, now, until, None))),
        );
        insert_all!(
            tx,
            "INSERT INTO pause (id, enrollment_id, began_at, until_on, ended_at)",
            leaves,
            one => [one.0, one.1, one.2, one.3, one.4]
        )
    }

    async fn matches(&self, tx: &mut WriteTx, ways: &[Way<'_>]) -> Result<(), sqlx::Error> {
        let (now, by) = (tx.now(), self.who.account());
        let matched: Vec<_> = ways
            .iter()
            .filter_map(|way| way.record.mentor.map(|mentor| (way, mentor, noon(way.record.started_on, now))))
            .collect();
        insert_all!(
            tx,
            "INSERT INTO mentor_match (id, enrollment_id, mentor_id, state, points, reasons, proposed_by, proposed_at, answer_by,
                answered_at, ended_at)",
            matched,
            one => [
                one.0.pair, one.0.enrollment, one.1, pair_state(one.0.record.state), 0_i32, Json(Vec::<String>::new()), by,
                one.2, one.2, one.2, pair_end(one.0.record, now)
            ]
        )
    }

    /// Letters that were signed on paper: what is known of them is the day, and that both signed.
    async fn letters(&self, tx: &mut WriteTx, ways: &[Way<'_>]) -> Result<(), sqlx::Error> {
        let (now, by) = (tx.now(), self.who.account());
        let mut letters = Vec::new();
        for way in ways {
            if let (Some(day), Some(mentor)) = (way.record.letter_on, way.record.mentor) {
                let text = letter_text(way.record, day);
                let hash = agreements::text::fingerprint(&text);
                letters.push(Letter { id: LetterId::new(), way, mentor, text, hash, at: noon(day, now) });
            }
        }
        if letters.is_empty() {
            return Ok(());
        }
        let (template,) = fetch_one!(tx, (LetterTemplateId,), "SELECT id FROM letter_template ORDER BY version DESC LIMIT 1")?;
        insert_all!(
            tx,
            "INSERT INTO letter (id, enrollment_id, match_id, template_id, text, text_sha256, state, made_at, received_at, received_by)",
            letters,
            one => [
                one.id, one.way.enrollment, one.way.pair, template, &one.text, &one.hash, agreements::State::Received, one.at,
                one.at, by
            ]
        )?;
        let both = |letter: &Letter<'_>| {
            let record = letter.way.record;
            [
                (letter.id, letter.way.mentee, Signer::Mentee, record.person.name.clone(), letter.hash.clone(), letter.at),
                (letter.id, letter.mentor, Signer::Mentor, record.mentor_name.clone(), letter.hash.clone(), letter.at),
            ]
        };
        let signatures: Vec<_> = letters.iter().flat_map(both).collect();
        insert_all!(
            tx,
            "INSERT INTO signature (id, letter_id, account_id, role, typed_name, consent, text_sha256, way, entered_by, signed_at)",
            signatures,
            one => [
                SignatureId::new(), one.0, one.1, one.2, &one.3, agreements::ON_PAPER, &one.4, agreements::Way::Paper, by, one.5
            ]
        )
    }

    /// Chapters that were read and discussed. Nobody knows how long they took, so the minutes are none.
    async fn chapters(&self, tx: &mut WriteTx, ways: &[Way<'_>]) -> Result<(), sqlx::Error> {
        let (now, by) = (tx.now(), self.who.account());
        let read: Vec<(EnrollmentId, ChapterId, NaiveDate)> =
            ways.iter().flat_map(|way| way.record.read.iter().map(|(chapter, day)| (way.enrollment, *chapter, *day))).collect();
        insert_all!(
            tx,
            "INSERT INTO study_entry (id, submission_key, enrollment_id, chapter_id, studied_on, minutes, reflection, shared,
                entered_by, created_at)",
            read,
            one => [
                StudyEntryId::new(), SubmissionKey::new(), one.0, one.1, one.2, 0_i32, "", false, by, noon(one.2, now)
            ]
        )?;
        let discussed: Vec<(EnrollmentId, ChapterId, AccountId, NaiveDate)> = ways
            .iter()
            .filter_map(|way| way.record.mentor.map(|mentor| (way, mentor)))
            .flat_map(|(way, mentor)| {
                way.record.discussed.iter().map(move |(chapter, day)| (way.enrollment, *chapter, mentor, *day))
            })
            .collect();
        insert_all!(
            tx,
            "INSERT INTO sign_off (enrollment_id, chapter_id, mentor_id, signed_off_at, word)",
            discussed,
            one => [one.0, one.1, one.2, noon(one.3, now), ""]
        )
    }

    async fn books(&mut self, tx: &mut WriteTx, records: &[BookRecord]) -> Result<(), AppError> {
        let mut copies = Vec::new();
        for record in records {
            let title = self.title(tx, record).await?;
            let edition = self.edition(tx, title, record).await?;
            copies.extend(record.labels.iter().map(|label| (CopyId::new(), edition, label, record.condition)));
        }
        let now = tx.now();
        insert_all!(
            tx,
            "INSERT INTO copy (id, edition_id, label, condition, state, added_at)",
            copies,
            one => [one.0, one.1, one.2, one.3, crate::library::CopyState::InUse, now]
        )
        .map_err(|error| if crate::db::is_duplicate(&error) { moved() } else { error.into() })?;
        let made: Vec<Made> = copies.iter().map(|(copy, ..)| ("copy", copy.0, None)).collect();
        for (copy, ..) in &copies {
            tx.note(Event::new(Kind::CopyAdded).about(copy.0));
        }
        Ok(self.keep(tx, &made).await?)
    }

    async fn title(&mut self, tx: &mut WriteTx, record: &BookRecord) -> Result<TitleId, AppError> {
        let name = match &record.title {
            Place::There(id) => return Ok(*id),
            Place::New(name) => name,
        };
        let known = crate::imports::columns::plain(name);
        if let Some(id) = self.titles.get(&known) {
            return Ok(*id);
        }
        let (id, now) = (TitleId::new(), tx.now());
        execute!(
            tx,
            "INSERT INTO title (id, name, publisher, created_at) VALUES ($1, $2, $3, $4)",
            id,
            name,
            &record.publisher,
            now
        )
        .map_err(|error| if crate::db::is_duplicate(&error) { moved() } else { error.into() })?;
        tx.note(Event::new(Kind::TitleAdded).about(id.0));
        self.keep(tx, &[("title", id.0, None)]).await?;
        self.titles.insert(known, id);
        Ok(id)
    }

    async fn edition(&mut self, tx: &mut WriteTx, title: TitleId, record: &BookRecord) -> Result<EditionId, AppError> {
        let label = match &record.edition {
            Place::There(id) => return Ok(*id),
            Place::New(label) => label,
        };
        let key = (title, crate::imports::columns::plain(label));
        if let Some(id) = self.editions.get(&key) {
            return Ok(*id);
        }
        let (id, now) = (EditionId::new(), tx.now());
        execute!(
            tx,
            "INSERT INTO edition (id, title_id, label, year, isbn, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
            id,
            title,
            label,
            record.year,
            record.isbn.as_deref(),
            now
        )
        .map_err(|error| if crate::db::is_duplicate(&error) { moved() } else { error.into() })?;
        tx.note(Event::new(Kind::EditionAdded).about(id.0));
        self.keep(tx, &[("edition", id.0, None)]).await?;
        self.editions.insert(key, id);
        Ok(id)
    }
}

/// One mentee's way with the ids of its rows.
struct Way<'a> {
    mentee: AccountId,
    application: ApplicationId,
    enrollment: EnrollmentId,
    pair: MatchId,
    record: &'a MenteeRecord,
}

impl<'a> Way<'a> {
    fn new(mentee: AccountId, record: &'a MenteeRecord) -> Self {
        let (application, enrollment, pair) = (ApplicationId::new(), EnrollmentId::new(), MatchId::new());
        Self { mentee, application, enrollment, pair, record }
    }
}

struct Letter<'a> {
    id: LetterId,
    way: &'a Way<'a>,
    mentor: AccountId,
    text: String,
    hash: String,
    at: DateTime<Utc>,
}

/// What stands here for a letter whose text is on paper.
fn letter_text(record: &MenteeRecord, day: NaiveDate) -> String {
    let plain = agreements::text::escape;
    format!(
        "# Letter of agreement\n\nThe mentee {} and the mentor {} signed this letter on paper for {} with the book {}. The program \
         received it on {}, before its letters were kept here. Its text stands on the paper.\n",
        plain(&record.person.name),
        plain(&record.mentor_name),
        record.option.name(),
        plain(&record.book),
        clock::say_full_date(day)
    )
}

/// A list knows a day, not a moment: noon is the same day wherever it is read. Today's noon may not have come yet.
/// A pair ends with an enrolment that did not reach the certificate.
fn pair_state(state: enrollments::State) -> matching::State {
    match state {
        enrollments::State::Withdrawn => matching::State::Ended,
        enrollments::State::Active | enrollments::State::Paused | enrollments::State::Completed => matching::State::Accepted,
    }
}

fn pair_end(record: &MenteeRecord, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let ended = record.state == enrollments::State::Withdrawn;
    ended.then(|| record.ended_on.map_or(now, |day| noon(day, now)))
}

fn noon(day: NaiveDate, now: DateTime<Utc>) -> DateTime<Utc> {
    clock::at_local(clock::MONTANA, day, NaiveTime::from_hms_opt(12, 0, 0).unwrap_or_default()).min(now)
}

fn made_role(role: Role) -> &'static str {
    if role == Role::Mentor { "mentor_role" } else { "mentee_role" }
}

/// Gives a role to somebody who is there; `false` when they had it.
async fn grant(tx: &mut WriteTx, account: AccountId, role: Role) -> Result<bool, AppError> {
    let has = fetch_optional!(tx, (i32,), "SELECT 1 FROM account_role WHERE account_id = $1 AND role = $2", account, role)?;
    if has.is_none() {
        people::store::grant(tx, account, role).await?;
    }
    Ok(has.is_none())
}

/// Somebody added the same at this very moment.
fn moved() -> AppError {
    Refusal::new("Something in this file was added by somebody else just now. Look at the list again.").into()
}

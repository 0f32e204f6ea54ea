//! What the coordinator does, and how people come in: applications, mentors, matches, the shelf, letters received, and
//! certificates. Separate from what the pairs do only because there is much of both.

use anyhow::{Context, bail};
use app::applications::{self, Answers, Arrival, CameBy};
use app::counties::{self, County};
use app::db::{execute, fetch_one};
use app::enrollments::{self, OptionNumber, ready};
use app::id::{CredentialCheckId, EditionId, LetterId, LoanId, SubmissionKey};
use app::imports::progress::Progress;
use app::library::store::{self as library, Terms, shelf};
use app::library::{Condition, CopyAction, LoanWay, due_on};
use app::mail::Kind;
use app::matching::{self, Profile};
use app::outlines::store as outlines;
use app::people::{LinkKind, Role, Way, store as people};
use app::{agreements, assessments, certificates, clock};
use chrono::NaiveDate;

use super::{Play, email, phone};
use crate::demo::people::{Book, Case, Copy, MENTORS, Mentor, Stage};

const QUESTIONS: &str = include_str!("../questions.gift.txt");

fn county(name: &str) -> anyhow::Result<&'static County> {
    counties::ALL.iter().find(|county| county.name == name).with_context(|| format!("{name} is no county"))
}

/// Copies on the shelf: book, label, how many, and their condition.
const SHELF: [(Book, &str, usize, Condition); 4] = [
    (Book::Guide, "CG", 14, Condition::Good),
    (Book::Panther, "UD", 2, Condition::New),
    (Book::Handbook, "AS", 9, Condition::Good),
    (Book::Handbook, "AS-OLD", 2, Condition::Worn),
];

impl Play<'_> {
    /// Puts the library's copies on the shelf; one is lost, one is too worn to lend.
    pub(super) async fn fill_shelf(&mut self) -> anyhow::Result<()> {
        for (book, label, count, condition) in SHELF {
            let edition = self.edition(book).await?;
            let labels = (1..=count).map(|number| format!("{label}-{number}")).collect();
            let new = shelf::NewCopies { key: SubmissionKey::new(), edition, condition, labels };
            shelf::insert_copies(&mut self.tx, self.desk, &new).await?;
        }
        for (label, action) in [("CG-14", CopyAction::Lose), ("AS-OLD-2", CopyAction::Withdraw)] {
            let (copy,) = fetch_one!(&mut self.tx, (app::id::CopyId,), "SELECT id FROM copy WHERE label = $1", label)?;
            shelf::change_copy(&mut self.tx, self.desk, copy, action).await?;
        }
        Ok(())
    }

    async fn edition(&mut self, book: Book) -> anyhow::Result<EditionId> {
        let outline = self.books.outline(book);
        let found = app::outlines::store::find(&mut self.tx, &self.desk, outline).await?;
        Ok(found.context("the outline")?.edition_id)
    }

    pub(super) async fn invite_mentor(&mut self, number: usize) -> anyhow::Result<()> {
        let mentor = &MENTORS[number];
        let email = if number == 0 { "mentor@demo.qdei.example".to_owned() } else { crate::demo::people::email(mentor.name) };
        let account = people::find_or_insert(&mut self.tx, &email, mentor.name, &phone(number + 60)).await?;
        matching::store::insert_mentor(&mut self.tx, &self.desk, account, &profile(mentor, None)?).await?;
        people::grant(&mut self.tx, account, Role::Mentor).await?;
        people::send_link(&mut self.tx, self.state, account, LinkKind::Invitation, "mentor", &self.settings).await?;
        self.mentors[number] = account;
        Ok(())
    }

    pub(super) async fn check_credential(&mut self, number: usize, until: NaiveDate) -> anyhow::Result<()> {
        let note = "Compared with the board's public register.";
        let (id, mentor) = (CredentialCheckId::new(), self.mentors[number]);
        Ok(matching::store::insert_check(&mut self.tx, &self.desk, id, mentor, until, note).await?)
    }

    /// The mentor says until when.
    pub(super) async fn go_away(&mut self, number: usize, until: NaiveDate) -> anyhow::Result<()> {
        let who = self.viewer(self.mentors[number]).await?.mentor()?;
        Ok(matching::store::update_own(&mut self.tx, who, &profile(&MENTORS[number], Some(until))?).await?)
    }

    pub(super) async fn approve_questions(&mut self) -> anyhow::Result<()> {
        for chapter in self.books.chapters(Book::Guide) {
            for question in assessments::store::list_questions(&mut self.tx, &self.desk, chapter).await? {
                assessments::store::approve(&mut self.tx, &self.desk, chapter, question.id).await?;
            }
        }
        self.import_questions().await
    }

    /// A file from another program, for the last chapter; what is in it waits for review.
    async fn import_questions(&mut self) -> anyhow::Result<()> {
        use assessments::store::{Placing, bring_file_in, insert_file};
        let outline = self.books.outline(Book::Guide);
        let chapters = self.books.chapters(Book::Guide);
        let chapter = *chapters.last().context("a chapter")?;
        let read = assessments::formats::read(QUESTIONS.as_bytes())?;
        let id = insert_file(&mut self.tx, &self.desk, outline, Some(chapter), "earlier-questions.gift.txt", read).await?;
        bring_file_in(&mut self.tx, &self.desk, id, &Placing::All(chapter), &Progress::default()).await?;
        Ok(())
    }

    /// One outline is confirmed against a copy; for another a newer printing is prepared and not yet published.
    pub(super) async fn prepare_outlines(&mut self) -> anyhow::Result<()> {
        let (copy,) = fetch_one!(&mut self.tx, (app::id::CopyId,), "SELECT id FROM copy WHERE label = 'CG-1'")?;
        let with = outlines::Compared { copy: Some(copy), note: "Fifth printing".into() };
        outlines::confirm(&mut self.tx, &self.desk, self.books.outline(Book::Guide), &with).await?;
        let outline = self.books.outline(Book::Panther);
        let found = outlines::find(&mut self.tx, &self.desk, outline).await?.context("the outline")?;
        let id = outlines::draft::start(&mut self.tx, &self.desk, &found).await?;
        let draft = outlines::draft::find(&mut self.tx, &self.desk, id).await?.context("the draft")?;
        let mut lines = draft.lines.0.clone();
        let last = lines.last_mut().context("a chapter")?;
        (last.required, last.minutes) = (false, Some(30));
        let new = outlines::draft::NewLines { contents: None, lines: &lines, minutes: draft.minutes };
        Ok(outlines::draft::save(&mut self.tx, &self.desk, &draft, draft.revision, &new).await?)
    }

    pub(super) async fn apply(&mut self, case: usize, whole: &Case) -> anyhow::Result<()> {
        let option = OptionNumber::try_from(whole.book.option())?;
        let home = county(whole.county)?;
        let mut serves = vec![home];
        if case % 4 == 1 {
            serves.extend(nearest(home));
        }
        let answers = Answers {
            name: whole.name.into(),
            email: email(case),
            phone: phone(case),
            discipline: whole.discipline,
            workplace: whole.workplace.into(),
            county: home,
            serves,
            study: applications::Study { option, outline: self.books.outline(whole.book) },
            ways: if case % 5 < 3 { vec![Way::Phone, Way::Email] } else { vec![Way::Video, Way::Phone] },
            interests: interests(case, whole),
            reason: whole.reason.into(),
        };
        let came_by = if let Stage::Applied(way) = whole.stage { way } else { CameBy::Form };
        match applications::store::receive(&mut self.tx, self.state, &answers, SubmissionKey::new(), came_by).await? {
            Arrival::New(id) => self.lives[case].application = Some(id),
            Arrival::Repeated(..) | Arrival::SentBefore => bail!("the application is not new"),
        }
        Ok(())
    }

    async fn application(&mut self, case: usize) -> anyhow::Result<applications::store::Application> {
        let id = self.lives[case].application.context("there is no application yet")?;
        applications::store::find(&mut self.tx, &self.desk, id).await?.context("there is no application")
    }

    pub(super) async fn accept(&mut self, case: usize, whole: &Case) -> anyhow::Result<()> {
        let found = self.application(case).await?;
        let study = found.study();
        let enrollment = applications::store::accept(&mut self.tx, self.state, &self.desk, &found, study).await?;
        let account = people::find_credentials(&mut self.tx, &email(case)).await?.context(whole.name)?;
        self.lives[case].enrollment = Some(enrollment);
        self.lives[case].mentee = Some(account.id);
        Ok(())
    }

    pub(super) async fn decline(&mut self, case: usize, reason: &str) -> anyhow::Result<()> {
        let found = self.application(case).await?;
        Ok(applications::store::decline(&mut self.tx, &self.desk, &found, reason).await?)
    }

    pub(super) async fn propose(&mut self, case: usize, whole: &Case) -> anyhow::Result<()> {
        let (enrollment, mentor) = (self.enrollment(case)?, self.mentors[whole.mentor]);
        let (found, _) = matching::store::propose(&mut self.tx, &self.desk, enrollment, mentor, &self.settings).await?;
        self.lives[case].proposal = Some(found.id);
        self.told(Kind::MentorProposed, mentor, found.id.0).await
    }

    /// The mentor answers: yes, or no with a reason.
    pub(super) async fn answer(&mut self, case: usize, reason: Option<&str>) -> anyhow::Result<()> {
        let actor = self.tx.actor().context("nobody answers")?;
        let who = self.viewer(actor).await?.mentor()?;
        let id = self.lives[case].proposal.context("nobody was proposed")?;
        let found = matching::store::find_of_mentor(&mut self.tx, who, id).await?.context("the proposal")?;
        match reason {
            Some(reason) => matching::store::decline(&mut self.tx, who, &found, reason).await?,
            None => matching::store::accept(&mut self.tx, who, &found).await?,
        };
        if reason.is_none() {
            for account in [found.mentee_id, found.mentor_id] {
                self.told(Kind::Introduction, account, found.enrollment_id.0).await?;
            }
        }
        self.told(Kind::MentorAnswered, self.coordinator, found.id.0).await
    }

    pub(super) async fn lend(&mut self, case: usize, whole: &Case) -> anyhow::Result<()> {
        let enrollment = self.enrollment(case)?;
        let book = library::find_for_desk(&mut self.tx, self.desk, enrollment).await?;
        let free = shelf::list_free(&mut self.tx, book.edition_id).await?;
        let copy = free.first().context("no copy is free")?.id;
        let way = if whole.copy == Copy::Hand { LoanWay::InPerson } else { LoanWay::Post };
        let address = (way == LoanWay::Post).then(|| address(case, whole));
        let due_on = due_on(clock::today(self.tx.now()), book.planned_end(), &self.settings);
        library::lend(&mut self.tx, self.desk, enrollment, &Terms { copy, way, address, due_on }).await?;
        self.told(Kind::BookLent, book.mentee_id, enrollment.0).await
    }

    pub(super) async fn shelve(&mut self, case: usize) -> anyhow::Result<()> {
        let enrollment = self.enrollment(case)?;
        let (loan,) = fetch_one!(
            &mut self.tx,
            (LoanId,),
            "SELECT id FROM loan WHERE enrollment_id = $1 AND returned_at IS NULL",
            enrollment
        )?;
        Ok(library::receive(&mut self.tx, self.desk, loan).await?)
    }

    pub(super) async fn receive(&mut self, case: usize) -> anyhow::Result<()> {
        let enrollment = self.enrollment(case)?;
        let letter = self.letter(case).await?;
        agreements::store::receive(&mut self.tx, &self.desk, enrollment, letter).await?;
        Ok(ready::tell(&mut self.tx, self.state, enrollment).await?)
    }

    pub(super) async fn letter(&mut self, case: usize) -> anyhow::Result<LetterId> {
        let enrollment = self.enrollment(case)?;
        let story = enrollments::store::find(&mut self.tx, enrollment).await?;
        story.and_then(|story| story.letter_id).context("there is no letter")
    }

    pub(super) async fn pause(&mut self, case: usize, until: NaiveDate) -> anyhow::Result<()> {
        self.change(case, enrollments::Action::Pause, Some(until), "").await
    }

    pub(super) async fn withdraw(&mut self, case: usize, reason: &str) -> anyhow::Result<()> {
        self.change(case, enrollments::Action::Withdraw, None, reason).await
    }

    async fn change(
        &mut self,
        case: usize,
        action: enrollments::Action,
        until: Option<NaiveDate>,
        reason: &str,
    ) -> anyhow::Result<()> {
        let enrollment = self.enrollment(case)?;
        let story = enrollments::store::find(&mut self.tx, enrollment).await?.context("the enrollment")?;
        Ok(enrollments::store::change(&mut self.tx, &story, action, until, reason).await?)
    }

    pub(super) async fn issue(&mut self, case: usize, whole: &Case) -> anyhow::Result<()> {
        let enrollment = self.enrollment(case)?;
        certificates::store::issue(&mut self.tx, &self.desk, self.state, enrollment, whole.name).await?;
        Ok(())
    }

    /// The starting material is as old as the program, not as its demo.
    pub(super) async fn date_starter(&mut self) -> anyhow::Result<()> {
        let began = self.tx.now();
        execute!(&mut self.tx, "UPDATE title SET created_at = $1", began)?;
        execute!(&mut self.tx, "UPDATE edition SET created_at = $1", began)?;
        execute!(&mut self.tx, "UPDATE outline SET published_at = $1", began)?;
        execute!(&mut self.tx, "UPDATE question SET created_at = $1", began)?;
        execute!(&mut self.tx, "UPDATE instrument SET published_at = $1", began)?;
        execute!(&mut self.tx, "UPDATE letter_template SET created_at = $1", began)?;
        Ok(())
    }
}

fn profile(mentor: &Mentor, away_until: Option<NaiveDate>) -> anyhow::Result<Profile> {
    let options = mentor.options.iter().map(|number| OptionNumber::try_from(*number)).collect::<Result<_, _>>()?;
    let mut ways = vec![Way::Phone, Way::Video];
    if mentor.capacity > 3 {
        ways.extend([Way::InPerson, Way::Email]);
    }
    Ok(Profile {
        discipline: mentor.discipline,
        county: county(mentor.county)?,
        options,
        ways,
        interests: mentor.interests.to_vec(),
        capacity: mentor.capacity,
        about: mentor.about.into(),
        away_until,
    })
}

/// The county next to one, as the crow flies.
fn nearest(home: &'static County) -> Option<&'static County> {
    let distance = |county: &&County| counties::distance_miles(home, county);
    counties::ALL.iter().filter(|county| county.fips != home.fips).min_by(|a, b| distance(a).total_cmp(&distance(b)))
}

fn interests(case: usize, whole: &Case) -> Vec<app::people::Interest> {
    use app::people::Interest as I;
    let first = match whole.book {
        Book::Panther => I::Type1,
        Book::Exam => I::ExamPreparation,
        Book::Guide | Book::Handbook if whole.workplace.starts_with("Tribal") => I::TribalHealth,
        Book::Guide | Book::Handbook => I::RuralPractice,
    };
    let second = [I::OlderAdults, I::Technology, I::Pregnancy, I::OlderAdults][case % 4];
    if case.is_multiple_of(3) { vec![first] } else { vec![first, second] }
}

/// Where a book goes by post.
pub(super) fn address(case: usize, whole: &Case) -> String {
    format!("PO Box {}\n{}, MT {}", 110 + case * 7, whole.town, whole.zip)
}

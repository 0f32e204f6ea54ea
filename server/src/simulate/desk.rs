//! What the coordinator does on the days the desk is open: applications, and the list, line by line, as far as the day
//! goes. Separate from the pairs, because here one person looks at all of them.

use anyhow::Context;
use app::applications::{self, Answers, Arrival, CameBy, Study};
use app::contacts::{self, Medium, NewContact};
use app::counties;
use app::db::{WriteTx, fetch_all, fetch_one};
use app::enrollments::{self, Action, Owner, Story, What, ready};
use app::error::{AppError, Refusal};
use app::id::{AccountId, EditionId, EnrollmentId, LoanId, MatchId, SubmissionKey};
use app::library::store::{self as library, Terms, shelf};
use app::library::{Condition, LoanWay, due_on};
use app::matching::{self, score};
use app::people::{Coordinator, Discipline, Way, store as accounts};
use app::{agreements, assessments, certificates, clock, life};
use chrono::{DateTime, Duration, NaiveDate, NaiveTime, Utc};

use super::events::{Line, utc};
use super::people::{Temper, name};
use super::{Person, Year, lived_with};

/// Lines of the list that one day is long enough for.
const LINES_A_DAY: usize = 30;

/// One line of the list.
#[derive(Debug, Clone, sqlx::FromRow)]
struct Listed {
    enrollment_id: EnrollmentId,
    what: What,
    owner: Owner,
    owner_id: Option<AccountId>,
    decide_at: DateTime<Utc>,
}

impl Year {
    pub(super) async fn approve_questions(&self) -> anyhow::Result<()> {
        let desk = self.desk().await?;
        let mut tx = self.state.write(&desk).await?;
        for (_, outline) in &self.outlines {
            for chapter in app::study::store::list_chapters(&mut tx, *outline).await? {
                for question in assessments::store::list_questions(&mut tx, &desk, chapter.id).await? {
                    assessments::store::approve(&mut tx, &desk, chapter.id, question.id).await?;
                }
            }
        }
        Ok(tx.commit().await?)
    }

    pub(super) async fn fill_shelf(&self, mentees: usize) -> anyhow::Result<()> {
        let desk = self.desk().await?;
        let mut tx = self.state.write(&desk).await?;
        let editions = fetch_all!(&mut tx, (EditionId,), "SELECT id FROM edition ORDER BY id")?;
        for (place, (edition,)) in editions.into_iter().enumerate() {
            let labels = (0..mentees.div_ceil(3)).map(|copy| format!("B{place}-{copy}")).collect();
            let new = shelf::NewCopies { key: SubmissionKey::new(), edition, condition: Condition::Good, labels };
            shelf::insert_copies(&mut tx, desk, &new).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Somebody applies on the page.
    pub(super) async fn apply(&mut self) -> anyhow::Result<()> {
        let number = self.mentees.len();
        let temper = Temper::of_chance(&mut self.rng);
        let (option, outline) = self.outlines[self.rng.usize(0..self.outlines.len())];
        let county = &counties::ALL[self.rng.usize(0..counties::ALL.len())];
        let answers = Answers {
            name: name("Mentee", number),
            email: format!("mentee{number}@year.example"),
            phone: String::new(),
            discipline: Discipline::Nurse,
            workplace: "Clinic".into(),
            county,
            serves: vec![county],
            study: Study { option, outline },
            ways: vec![Way::Phone],
            interests: Vec::new(),
            reason: String::new(),
        };
        let mut tx = self.state.write(&app::Stranger).await?;
        let arrival = applications::store::receive(&mut tx, &self.state, &answers, SubmissionKey::new(), CameBy::Form).await?;
        anyhow::ensure!(matches!(arrival, Arrival::New(_)), "the application is not new");
        let id = accounts::find_or_insert(&mut tx, &answers.email, &answers.name, "").await?;
        self.set_zone(&mut tx, id, temper.zone).await?;
        tx.commit().await?;
        self.mentees.push(Person { id, temper, stirred: false });
        Ok(())
    }

    pub(super) async fn desk_day(&mut self, day: i64) -> anyhow::Result<()> {
        let desk = self.desk().await?;
        self.accept_all(&desk).await?;
        let now = self.state.clock.now();
        let mut lines = fetch_all!(
            &mut self.state.db.read().await?,
            Listed,
            "SELECT enrollment_id, what, owner, owner_id, decide_at FROM open_move
             WHERE list_at <= $1 AND optional = FALSE ORDER BY list_at, id",
            now
        )?;
        lines.truncate(LINES_A_DAY);
        for line in lines {
            let found = enrollments::store::find(&mut self.state.db.read().await?, line.enrollment_id).await?;
            let story = found.context("the enrollment")?;
            // An earlier line may have settled it.
            if enrollments::moves(&story, &self.settings).iter().any(|one| one.what == line.what && one.owner == line.owner) {
                self.act(&desk, &story, &line, day).await?;
            }
        }
        Ok(())
    }

    async fn accept_all(&mut self, desk: &Coordinator) -> anyhow::Result<()> {
        let open = applications::store::list_open(&mut self.state.db.read().await?, desk).await?;
        for line in open {
            let mut tx = self.state.write(desk).await?;
            let found = applications::store::find(&mut tx, desk, line.id).await?.context("the application")?;
            let study = found.study();
            if lived_with(applications::store::accept(&mut tx, &self.state, desk, &found, study).await)?.is_some() {
                tx.commit().await?;
            }
        }
        Ok(())
    }

    async fn act(&mut self, desk: &Coordinator, story: &Story, line: &Listed, day: i64) -> anyhow::Result<()> {
        let chance = self.rng.f64();
        let mut tx = self.state.write(desk).await?;
        let mut leave = None;
        let done = match line.what {
            What::ProposeMentor => self.propose(&mut tx, desk, story, None).await,
            What::AnswerProposal => self.propose(&mut tx, desk, story, story.match_id).await,
            What::LendBook => self.lend(&mut tx, desk, story).await,
            What::ReceiveLetter => self.receive_letter(&mut tx, desk, story).await,
            What::IssueCertificate => self.issue(&mut tx, desk, story).await,
            What::ShelveBook => shelve(&mut tx, desk, story).await,
            What::AnswerTime => life::store::refuse_time(&mut tx, desk, story.id).await,
            What::DecideLimit if chance < 0.7 => {
                let until = clock::today(tx.now()) + Duration::days(90);
                enrollments::store::extend(&mut tx, desk, story, until, "Still at it").await
            }
            What::DecideLimit => close(&mut tx, story).await,
            _ if line.decide_at > tx.now() || !story.state.is_live() => {
                self.call(&mut tx, desk, story, line, day, chance).await
            }
            _ if line.owner == Owner::Mentor => end_pair(&mut tx, desk, story).await,
            _ if chance < 0.4 => {
                let until = clock::today(tx.now()) + Duration::days(45);
                leave = Some(until);
                enrollments::store::change(&mut tx, story, Action::Pause, Some(until), "").await
            }
            _ => close(&mut tx, story).await,
        };
        if lived_with(done)?.is_some() {
            tx.commit().await?;
            if let Some(until) = leave {
                self.note_leave(story.id, None, until);
            }
        }
        Ok(())
    }

    pub(super) fn note_leave(&mut self, enrollment: EnrollmentId, owner: Option<&'static str>, until: NaiveDate) {
        let to = clock::at_local(clock::zone(), until, NaiveTime::MIN);
        self.watcher.lines.push(Line::Paused { enrollment, owner, from: utc(self.state.clock.now()), to: utc(to) });
    }

    /// The best mentor who has room and is not the one who did not answer.
    async fn propose(
        &self,
        tx: &mut WriteTx,
        desk: &Coordinator,
        story: &Story,
        unanswered: Option<MatchId>,
    ) -> Result<(), AppError> {
        let mut silent = None;
        if let Some(id) = unanswered {
            let found = matching::store::find(tx, desk, id).await?.ok_or(AppError::NotFound)?;
            silent = Some(found.mentor_id);
            matching::store::withdraw(tx, desk, &found).await?;
        }
        let seeker = matching::store::find_seeker(tx, desk, story.id).await?.ok_or(AppError::NotFound)?;
        let earlier = matching::store::list_of_enrollment(tx, desk, story.id).await?;
        let mut not_again = matching::store::not_again(&earlier);
        not_again.extend(silent);
        let offers: Vec<_> = matching::store::list_mentors(tx, desk).await?.iter().map(|mentor| mentor.offer()).collect();
        let ranking = score::rank(&seeker.request(not_again), &offers, clock::today(tx.now()));
        let Some((best, _)) = ranking.fits.first() else { return Err(Refusal::new("no mentor has room").into()) };
        matching::store::propose(tx, desk, story.id, *best, &self.settings).await?;
        Ok(())
    }

    async fn lend(&self, tx: &mut WriteTx, desk: &Coordinator, story: &Story) -> Result<(), AppError> {
        let book = library::find_for_desk(tx, *desk, story.id).await?;
        let free = shelf::list_free(tx, book.edition_id).await?;
        let Some(copy) = free.first() else { return Err(Refusal::new("no copy is free").into()) };
        let due_on = due_on(clock::today(tx.now()), book.planned_end(), &self.settings);
        let terms = Terms { copy: copy.id, way: LoanWay::InPerson, address: None, due_on };
        library::lend(tx, *desk, story.id, &terms).await?;
        Ok(())
    }

    async fn receive_letter(&self, tx: &mut WriteTx, desk: &Coordinator, story: &Story) -> Result<(), AppError> {
        let letter = story.letter_id.ok_or(AppError::NotFound)?;
        agreements::store::receive(tx, desk, story.id, letter).await?;
        ready::tell(tx, &self.state, story.id).await
    }

    async fn issue(&self, tx: &mut WriteTx, desk: &Coordinator, story: &Story) -> Result<(), AppError> {
        certificates::store::issue(tx, desk, &self.state, story.id, &story.mentee).await?;
        Ok(())
    }

    /// A call: those who are gone are hardly ever reached.
    async fn call(
        &mut self,
        tx: &mut WriteTx,
        desk: &Coordinator,
        story: &Story,
        line: &Listed,
        day: i64,
        chance: f64,
    ) -> Result<(), AppError> {
        let Some(person) = line.owner_id else { return Ok(()) };
        let known = self.mentees.iter_mut().chain(&mut self.mentors).find(|one| one.id == person);
        let reached = known.as_ref().is_none_or(|one| !one.temper.is_gone(day) && !one.temper.is_away(day));
        let heard = chance < if reached { 0.6 } else { 0.05 };
        if let Some(known) = known.filter(|_| heard) {
            known.stirred = true;
        }
        let contact = NewContact {
            key: SubmissionKey::new(),
            enrollment: story.id,
            person,
            medium: Medium::Phone,
            heard,
            held_on: clock::today(tx.now()),
            note: String::new(),
        };
        contacts::store::insert(tx, desk, &contact).await?;
        Ok(())
    }
}

async fn shelve(tx: &mut WriteTx, desk: &Coordinator, story: &Story) -> Result<(), AppError> {
    let (loan,) = fetch_one!(tx, (LoanId,), "SELECT id FROM loan WHERE enrollment_id = $1 AND returned_at IS NULL", story.id)?;
    library::receive(tx, *desk, loan).await
}

async fn close(tx: &mut WriteTx, story: &Story) -> Result<(), AppError> {
    enrollments::store::change(tx, story, Action::Close, None, "Nothing was heard for a long time").await
}

async fn end_pair(tx: &mut WriteTx, desk: &Coordinator, story: &Story) -> Result<(), AppError> {
    let id = story.match_id.ok_or(AppError::NotFound)?;
    let found = matching::store::find(tx, desk, id).await?.ok_or(AppError::NotFound)?;
    matching::store::end(tx, desk, &found, "Nothing was heard for a long time").await?;
    Ok(())
}

//! Plays the scenes: each is one change by the person whose it is, at its time, through the same store functions that the
//! forms use. Separate because nothing here decides anything.

mod desk;
mod pair;

use std::collections::HashMap;

use anyhow::{Context, bail};
use app::State;
use app::db::{WriteTx, execute, fetch_all, fetch_one, fetch_optional};
use app::id::{AccountId, ApplicationId, ChapterId, EnrollmentId, MatchId, OutlineId};
use app::mail::{self, Mail};
use app::people::store::Link;
use app::people::{Coordinator, PairMember, Role, Side, Viewer, store as people, viewer::of_account};
use app::settings::Settings;
use chrono::{DateTime, Duration, Utc};

use super::people::{Book, CASES, COORDINATOR, COORDINATOR_ADDRESS, COORDINATOR_PHONE, Case, KNOWN, MENTORS};
use super::story::{Act, Chance, Scene};

/// What came of a case so far.
#[derive(Default)]
struct Life {
    application: Option<ApplicationId>,
    mentee: Option<AccountId>,
    enrollment: Option<EnrollmentId>,
    proposal: Option<MatchId>,
}

/// The outlines of the starter content and their chapters.
pub struct Books {
    outlines: HashMap<i32, OutlineId>,
    chapters: HashMap<(OutlineId, i32), ChapterId>,
}

impl Books {
    pub async fn find(tx: &mut WriteTx) -> anyhow::Result<Self> {
        let rows = fetch_all!(
            tx,
            (OutlineId, String, sqlx::types::Json<Vec<i32>>),
            "SELECT o.id, t.name, o.options FROM outline o JOIN edition e ON e.id = o.edition_id JOIN title t ON t.id = e.title_id"
        )?;
        let (mut outlines, mut chapters) = (HashMap::new(), HashMap::new());
        for book in [Book::Guide, Book::Panther, Book::Handbook, Book::Exam] {
            let (id, ..) = rows
                .iter()
                .find(|(_, title, options)| title == book.title() && options.contains(&book.option()))
                .with_context(|| format!("no outline of {} for Option {}", book.title(), book.option()))?;
            outlines.insert(key(book), *id);
            for chapter in app::outlines::store::list_chapters(tx, *id).await? {
                chapters.insert((*id, chapter.number), chapter.id);
            }
        }
        Ok(Self { outlines, chapters })
    }

    fn outline(&self, book: Book) -> OutlineId {
        self.outlines[&key(book)]
    }

    /// Every chapter of a book, in order.
    fn chapters(&self, book: Book) -> Vec<ChapterId> {
        let outline = self.outline(book);
        let mut found: Vec<_> = self.chapters.iter().filter(|((id, _), _)| *id == outline).collect();
        found.sort_by_key(|((_, number), _)| *number);
        found.into_iter().map(|(_, id)| *id).collect()
    }

    /// How many chapters a book's outline has.
    pub fn count(&self, book: Book) -> i32 {
        i32::try_from(self.chapters(book).len()).unwrap_or(0)
    }
}

pub struct Play<'a> {
    state: &'a State,
    tx: WriteTx,
    books: Books,
    settings: Settings,
    /// One hash serves all: hashing is slow on purpose, and the password is public.
    hash: &'a str,
    coordinator: AccountId,
    desk: Coordinator,
    mentors: Vec<AccountId>,
    lives: Vec<Life>,
    viewers: HashMap<AccountId, Viewer>,
    chance: Chance,
}

impl<'a> Play<'a> {
    /// The program as it begins: its coordinator, settings, starting material and shelf.
    pub async fn begin(
        state: &'a State,
        mut tx: WriteTx,
        books: Books,
        hash: &'a str,
        began: DateTime<Utc>,
    ) -> anyhow::Result<Self> {
        tx.go_on(None, began).await?;
        let email = "coordinator@demo.qdei.example";
        let coordinator = people::find_or_insert(&mut tx, email, COORDINATOR, COORDINATOR_PHONE).await?;
        people::grant(&mut tx, coordinator, Role::Coordinator).await?;
        people::update_password(&mut tx, coordinator, hash).await?;
        tx.go_on(Some(coordinator), began + Duration::minutes(20)).await?;
        let settings = Settings {
            coordinator_name: COORDINATOR.into(),
            coordinator_email: email.into(),
            coordinator_phone: COORDINATOR_PHONE.into(),
            coordinator_address: COORDINATOR_ADDRESS.into(),
            ..Settings::default()
        };
        app::settings::store::change(&mut tx, &settings).await?;
        let viewer = of_account(&mut tx, coordinator).await?.context("the coordinator")?;
        let mut play = Self {
            state,
            tx,
            books,
            settings,
            hash,
            coordinator,
            desk: viewer.coordinator()?,
            // Each takes their place with the invitation, which comes before any match.
            mentors: vec![coordinator; MENTORS.len()],
            lives: CASES.iter().map(|_| Life::default()).collect(),
            viewers: HashMap::new(),
            chance: Chance::new(406),
        };
        play.date_starter().await?;
        play.fill_shelf().await?;
        Ok(play)
    }

    /// Plays everything and gives the transaction back, at the time it is now.
    pub async fn run(mut self, scenes: Vec<Scene>, now: DateTime<Utc>) -> anyhow::Result<WriteTx> {
        for scene in scenes {
            let Scene { at, case, act } = scene;
            let told = format!("{act:?} of {} at {at}", CASES[case].name);
            self.play(at, case, act).await.context(told)?;
        }
        self.tx.go_on(None, now).await?;
        self.settle_mail(now).await?;
        execute!(&mut self.tx, "UPDATE account SET demo = TRUE")?;
        Ok(self.tx)
    }

    async fn play(&mut self, at: DateTime<Utc>, case: usize, act: Act) -> anyhow::Result<()> {
        let actor = self.actor(case, &act)?;
        self.tx.go_on(actor, at).await?;
        self.settle_mail(at).await?;
        let whole = &CASES[case];
        match act {
            Act::InviteMentor(number) => self.invite_mentor(number).await,
            Act::WelcomeMentor(number) => self.welcome(self.mentors[number]).await,
            Act::CheckCredential(number, until) => self.check_credential(number, until).await,
            Act::GoAway(number, until) => self.go_away(number, until).await,
            Act::ApproveQuestions => {
                self.approve_questions().await?;
                self.prepare_outlines().await
            }
            Act::Apply => self.apply(case, whole).await,
            Act::Accept => self.accept(case, whole).await,
            Act::DeclineApplication(reason) => self.decline(case, reason).await,
            Act::Welcome => self.welcome(self.mentee(case)?).await,
            Act::Propose => self.propose(case, whole).await,
            Act::TakeOn => self.answer(case, None).await,
            Act::TurnDown(reason) => self.answer(case, Some(reason)).await,
            Act::LendBook => self.lend(case, whole).await,
            Act::ShelveBook => self.shelve(case).await,
            Act::Receive => self.receive(case).await,
            Act::Pause(until) => self.pause(case, until).await,
            Act::Withdraw(reason) => self.withdraw(case, reason).await,
            Act::Issue => self.issue(case, whole).await,
            act => self.play_pair(case, whole, act).await,
        }
    }

    /// Whose change it is; nobody's that has an account, for an application on the page.
    fn actor(&self, case: usize, act: &Act) -> anyhow::Result<Option<AccountId>> {
        use app::applications::CameBy;
        let side = match act {
            Act::Apply => {
                let by_form = !matches!(CASES[case].stage, super::people::Stage::Applied(way) if way != CameBy::Form);
                return Ok((!by_form).then_some(self.coordinator));
            }
            // A link is used before there is anybody signed in.
            Act::Welcome | Act::WelcomeMentor(_) => return Ok(None),
            Act::GoAway(number, _) => return Ok(Some(self.mentors[*number])),
            Act::InviteMentor(_) | Act::CheckCredential(..) | Act::ApproveQuestions | Act::Accept | Act::Propose => None,
            Act::DeclineApplication(_) | Act::LendBook | Act::ShelveBook | Act::Receive => None,
            Act::Pause(_) | Act::Withdraw(_) | Act::Issue => None,
            Act::Confirm => Some(Side::Mentee),
            Act::TakeOn
            | Act::TurnDown(_)
            | Act::NextTalk(_)
            | Act::ProposeTimes(_)
            | Act::Talk { .. }
            | Act::SignOff { .. } => Some(Side::Mentor),
            Act::Sign(side) | Act::Write { side, .. } | Act::See { side, .. } => Some(*side),
            Act::OwnBook | Act::AskForBook | Act::BookArrives | Act::RenewBook | Act::SendBook => Some(Side::Mentee),
            Act::Plan { .. } | Act::Evaluate(_) | Act::SkipEvaluation => Some(Side::Mentee),
            Act::Read { .. } | Act::Test { .. } | Act::PlanExam | Act::Practice { .. } => Some(Side::Mentee),
        };
        Ok(Some(match side {
            None => self.coordinator,
            Some(Side::Mentee) => self.mentee(case)?,
            Some(Side::Mentor) => self.mentors[CASES[case].mentor],
        }))
    }

    fn mentee(&self, case: usize) -> anyhow::Result<AccountId> {
        self.lives[case].mentee.context("there is no account yet")
    }

    fn enrollment(&self, case: usize) -> anyhow::Result<EnrollmentId> {
        self.lives[case].enrollment.context("there is no enrollment yet")
    }

    fn chapter(&self, case: &Case, number: i32) -> anyhow::Result<ChapterId> {
        let outline = self.books.outline(case.book);
        self.books.chapters.get(&(outline, number)).copied().with_context(|| format!("there is no chapter {number}"))
    }

    async fn viewer(&mut self, account: AccountId) -> anyhow::Result<Viewer> {
        if let Some(found) = self.viewers.get(&account) {
            return Ok(found.clone());
        }
        let found = of_account(&mut self.tx, account).await?.context("there is no such account")?;
        self.viewers.insert(account, found.clone());
        Ok(found)
    }

    /// The one of the pair whose change it is.
    async fn member(&mut self, case: usize) -> anyhow::Result<PairMember> {
        let Some(actor) = self.tx.actor() else { bail!("nobody acts") };
        let enrollment = self.enrollment(case)?;
        let viewer = self.viewer(actor).await?;
        Ok(viewer.pair(&mut self.tx, enrollment).await?)
    }

    /// Uses the invitation that was sent.
    async fn welcome(&mut self, account: AccountId) -> anyhow::Result<()> {
        let link = fetch_one!(
            &mut self.tx,
            Link,
            "SELECT i.id, i.account_id, i.kind, a.name, a.email, i.expires_at, i.used_at, a.password_hash IS NOT NULL AS has_password
             FROM invitation i JOIN account a ON a.id = i.account_id WHERE i.account_id = $1 AND i.used_at IS NULL",
            account
        )?;
        if !people::use_link(&mut self.tx, &link).await? {
            bail!("the invitation could not be used");
        }
        Ok(people::update_password(&mut self.tx, account, self.hash).await?)
    }

    /// What should have left by now has left. What is due later today or tomorrow stays in the outbox.
    async fn settle_mail(&mut self, now: DateTime<Utc>) -> anyhow::Result<()> {
        execute!(
            &mut self.tx,
            "UPDATE mail SET state = 'sent', attempts = 1, ended_at = next_attempt_at, fields = $2
             WHERE state = 'waiting' AND next_attempt_at <= $1",
            now,
            sqlx::types::Json(HashMap::<String, String>::new())
        )?;
        Ok(())
    }

    /// A message that a form sends beside its change. All of them lie days back and have left: only that they were sent
    /// is kept of them.
    async fn told(&mut self, kind: mail::Kind, to: AccountId, about: uuid::Uuid) -> anyhow::Result<()> {
        let to = mail::store::recipient(&mut self.tx, to).await?;
        Ok(mail::store::enqueue(&mut self.tx, Mail::new(kind, to).about(about)).await?)
    }
}

fn key(book: Book) -> i32 {
    match book {
        Book::Guide => 1,
        Book::Panther => 2,
        Book::Handbook => 3,
        Book::Exam => 4,
    }
}

/// Telephone numbers that belong to nobody: 406-555-0100 to 0199. The coordinator's is left out.
fn phone(number: usize) -> String {
    let last = if number < 42 { number } else { number + 1 };
    format!("406-555-{:04}", 100 + last)
}

/// The address of a case's account.
fn email(case: usize) -> String {
    if case < KNOWN { format!("mentee{}@demo.qdei.example", case + 1) } else { super::people::email(CASES[case].name) }
}

/// Whether there is anybody in the program.
pub async fn has_people(tx: &mut WriteTx) -> Result<bool, sqlx::Error> {
    Ok(fetch_optional!(tx, (AccountId,), "SELECT id FROM account LIMIT 1")?.is_some())
}

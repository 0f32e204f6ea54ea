//! What mentees and mentors do when they look at their page: each of their open moves is made or put off. Separate from
//! the coordinator, who looks at a list.

use app::agreements::store::{self as letters, Signing};
use app::assessments::{self, Answer, Credit};
use app::clock;
use app::competencies::{self, Moment};
use app::db::WriteTx;
use app::discussion::{self, NewMessage, NewTalk, Thread};
use app::enrollments::{self, Move, Owner, Story, What, moves, moves_of, ready};
use app::error::AppError;
use app::form::Client;
use app::id::SubmissionKey;
use app::library::{LoanAction, LoanWay, store as library};
use app::matching;
use app::people::{PairMember, Viewer, Way};
use app::plans::{self, Rhythm, store::NewPlan};
use app::study::{self, ChapterProgress, NewEntry};
use chrono::Duration;

use super::{Year, lived_with};

impl Year {
    pub(super) async fn mentee_looks(&mut self, number: usize) -> anyhow::Result<()> {
        let viewer = self.viewer(self.mentees[number].id).await?;
        let found = enrollments::store::find_of_mentee(&mut self.state.db.read().await?, viewer.id).await?;
        let Some(story) = found else { return Ok(()) };
        for one in moves_of(&moves(&story, &self.settings), Owner::Mentee) {
            if self.rng.f64() >= self.mentees[number].temper.puts_off {
                self.make(&viewer, &story, one).await?;
            }
        }
        if story.matched_at.is_some() && story.state.is_live() && self.rng.f64() < 0.1 {
            self.write(&viewer, &story).await?;
        }
        Ok(())
    }

    pub(super) async fn mentor_looks(&mut self, number: usize, day: i64) -> anyhow::Result<()> {
        let viewer = self.viewer(self.mentors[number].id).await?;
        let who = viewer.mentor()?;
        let stories = enrollments::store::list_of_mentor(&mut self.state.db.read().await?, who).await?;
        for story in &stories {
            for one in moves_of(&moves(story, &self.settings), Owner::Mentor) {
                if self.rng.f64() >= self.mentors[number].temper.puts_off {
                    self.make(&viewer, story, one).await?;
                }
            }
        }
        if let Some(away) = self.mentors[number].temper.says_today(day) {
            self.go_away(&viewer, away.to - day + 1).await?;
        }
        Ok(())
    }

    /// The mentor says until when.
    async fn go_away(&mut self, viewer: &Viewer, days: i64) -> anyhow::Result<()> {
        let until = self.in_days(days);
        let profile = self.profile(Some(until));
        let who = viewer.mentor()?;
        let mut tx = self.state.write(viewer).await?;
        matching::store::update_own(&mut tx, who, &profile).await?;
        tx.commit().await?;
        let stories = enrollments::store::list_of_mentor(&mut self.state.db.read().await?, who).await?;
        for story in stories {
            self.note_leave(story.id, Some("mentor"), until);
        }
        Ok(())
    }

    async fn make(&mut self, viewer: &Viewer, story: &Story, one: Move) -> anyhow::Result<()> {
        let chance = self.rng.f64();
        let mut tx = self.state.write(viewer).await?;
        let done = if one.what == What::AnswerProposal {
            answer(&mut tx, viewer, story, chance).await
        } else {
            match viewer.pair(&mut tx, story.id).await {
                Ok(who) => self.make_as(&mut tx, who, story, one.what, chance).await,
                Err(error) => Err(error),
            }
        };
        if lived_with(done)?.is_some() {
            tx.commit().await?;
        }
        Ok(())
    }

    async fn make_as(&self, tx: &mut WriteTx, who: PairMember, story: &Story, what: What, chance: f64) -> Result<(), AppError> {
        match what {
            What::ChooseBook if chance < 0.5 => library::own(tx, who.mentee()?).await,
            What::ChooseBook => library::request(tx, who.mentee()?, LoanWay::InPerson, None).await,
            What::ConfirmBook => library::tell(tx, who.mentee()?, LoanAction::Arrive).await,
            What::ReturnBook => library::tell(tx, who.mentee()?, LoanAction::SendBack).await,
            What::MakePlan => self.plan(tx, who, story).await,
            What::EvaluateSelf => Ok(competencies::store::skip(tx, &who.mentee()?, Moment::Start).await?),
            What::SignLetter => sign(tx, who, story).await,
            What::ReadMessage => Ok(discussion::store::mark_seen(tx, who, Thread::Rest, tx.now()).await?),
            What::ReadChapter => read(tx, who, story).await,
            What::TakeTest => self.test(tx, who, story, chance < 0.7).await,
            What::SignOff => self.sign_off(tx, who).await,
            What::MarkAnswers => self.mark_answers(tx, who, story).await,
            What::PlanExam => plan_exam(tx, who).await,
            What::AnswerProposal
            | What::ProposeMentor
            | What::LendBook
            | What::ReceiveLetter
            | What::ApproveQuestions
            | What::IssueCertificate
            | What::DecideLimit
            | What::AnswerTime
            | What::ShelveBook => Ok(()),
        }
    }

    async fn plan(&self, tx: &mut WriteTx, who: PairMember, story: &Story) -> Result<(), AppError> {
        let chapters = plans::store::list_targets(tx, story.id).await?;
        let dates = plans::suggest(chapters.len(), clock::today(tx.now()), story.due_on, Rhythm::Monthly);
        let targets = chapters.iter().zip(dates).map(|(chapter, date)| (chapter.chapter_id, Some(date))).collect();
        let new = NewPlan { rhythm: Rhythm::Monthly, way: Way::Phone, note: String::new(), targets };
        let before = plans::store::find(tx, story.id).await?;
        plans::store::save(tx, who, &new).await?;
        if plans::api::asks_for_letter(story, before.as_ref(), &new) {
            app::agreements::store::make_letter(tx, story.id).await?;
        }
        Ok(())
    }

    async fn test(&self, tx: &mut WriteTx, who: PairMember, story: &Story, right: bool) -> Result<(), AppError> {
        let progress = study::store::list_progress(tx, story.id).await?;
        let Some(chapter) = progress.iter().find(|one| one.is_read() && one.test_open && !one.test_passed) else {
            return Ok(());
        };
        let (own, chapter) = (who.mentee()?, chapter.chapter.id);
        let attempts = assessments::store::list_attempts(tx, story.id, chapter).await?;
        let rules = assessments::store::rules_of(tx, story, &self.settings).await?;
        assessments::next(&attempts, &rules, 0, tx.now()).may_start(tx.now())?;
        let approved = assessments::store::list_approved(tx, chapter).await?;
        let seed = [7; 32];
        let drawn = assessments::draw(&approved, &rules, &seed);
        let new =
            assessments::store::Beginning { chapter, questions: &drawn, rules: &rules, seed: &seed, seen: attempts.len() };
        let Some(attempt) = assessments::store::start(tx, &own, &new).await? else { return Ok(()) };
        let mut items = assessments::store::list_items(tx, attempt).await?;
        for item in &mut items {
            item.answer = if right { assessments::key(&item.body).unwrap_or_default() } else { Answer::None };
        }
        let marked = assessments::mark(&items, rules.pass_mark);
        assessments::store::hand_in(tx, &own, attempt, &items, &marked).await?;
        ready::tell(tx, &self.state, story.id).await
    }

    /// Every answer of the chapter that waits longest counts in full.
    async fn mark_answers(&self, tx: &mut WriteTx, who: PairMember, story: &Story) -> Result<(), AppError> {
        let Some(chapter) = story.unmarked_chapter else { return Ok(()) };
        for one in assessments::store::list_unmarked(tx, who, chapter).await? {
            let mark = assessments::store::Mark {
                attempt: one.attempt,
                question: one.item.question,
                credit: Credit::WHOLE,
                word: String::new(),
            };
            assessments::store::mark_answer(tx, who, &mark).await?;
            if let Some(attempt) = assessments::store::find_attempt(tx, one.attempt).await? {
                assessments::api::settle(tx, &self.state, who, &attempt).await?;
            }
        }
        Ok(())
    }

    /// A talk about everything that is read, and its sign-offs.
    async fn sign_off(&self, tx: &mut WriteTx, who: PairMember) -> Result<(), AppError> {
        let pair = study::store::find_pair(tx, who).await?;
        let ready: Vec<ChapterProgress> =
            study::store::list_progress(tx, pair.id).await?.into_iter().filter(ChapterProgress::is_ready).collect();
        let talk = NewTalk {
            key: SubmissionKey::new(),
            held_on: clock::today(tx.now()),
            minutes: 40,
            way: Way::Phone,
            notes: String::new(),
            follow_ups: String::new(),
            chapters: ready.iter().map(|one| one.chapter.id).collect(),
        };
        discussion::store::insert_talk(tx, &self.state, who, &talk).await?;
        for one in &ready {
            study::store::sign_off(tx, &self.state, who, &pair, &one.chapter, "").await?;
        }
        ready::tell(tx, &self.state, pair.id).await
    }

    async fn write(&mut self, viewer: &Viewer, story: &Story) -> anyhow::Result<()> {
        let mut tx = self.state.write(viewer).await?;
        let who = viewer.pair(&mut tx, story.id).await?;
        let message = NewMessage {
            key: SubmissionKey::new(),
            thread: Thread::Rest,
            body: "A question about last time.".into(),
            for_talk: false,
        };
        discussion::store::insert_message(&mut tx, &self.state, who, &message).await?;
        Ok(tx.commit().await?)
    }
}

async fn answer(tx: &mut WriteTx, viewer: &Viewer, story: &Story, chance: f64) -> Result<(), AppError> {
    let who = viewer.mentor()?;
    let id = story.match_id.ok_or(AppError::NotFound)?;
    let found = matching::store::find_of_mentor(tx, who, id).await?.ok_or(AppError::NotFound)?;
    if chance < 0.75 {
        matching::store::accept(tx, who, &found).await?;
    } else {
        matching::store::decline(tx, who, &found, "No time this season").await?;
    }
    Ok(())
}

async fn sign(tx: &mut WriteTx, who: PairMember, story: &Story) -> Result<(), AppError> {
    let letter = story.letter_id.ok_or(AppError::NotFound)?;
    let found = letters::find(tx, letter).await?.ok_or(AppError::NotFound)?;
    let name = app::people::store::find(tx, who.account()).await?.ok_or(AppError::NotFound)?.name;
    let client = Client { address: "192.0.2.7".into(), browser: "A browser".into() };
    letters::sign(tx, &who, &Signing { letter, text_sha256: found.text_sha256, typed_name: name, client }).await?;
    Ok(())
}

async fn read(tx: &mut WriteTx, who: PairMember, story: &Story) -> Result<(), AppError> {
    let chapters = study::store::list_chapters(tx, story.outline_id).await?;
    let Some(next) = chapters.iter().find(|chapter| Some(chapter.number) == story.next_number) else { return Ok(()) };
    let entry = NewEntry {
        key: SubmissionKey::new(),
        chapter: next.id,
        studied_on: clock::today(tx.now()),
        minutes: next.minutes,
        reflection: String::new(),
        shared: false,
        replaces: None,
    };
    study::store::insert_entry(tx, who.mentee()?, &entry).await?;
    Ok(())
}

async fn plan_exam(tx: &mut WriteTx, who: PairMember) -> Result<(), AppError> {
    let today = clock::today(tx.now());
    let target_on = today + Duration::days(150);
    let plan = app::exam::store::NewPlan {
        checked_on: today,
        target_on,
        note: String::new(),
        minutes_a_week: None,
        review_weeks: None,
    };
    Ok(app::exam::store::save(tx, &who.mentee()?, &plan).await?)
}

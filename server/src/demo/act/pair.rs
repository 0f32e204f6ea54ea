//! What the two of a pair do: book, plan, letter, reading, post-tests, messages, talks, exam plan. Separate from the
//! coordinator's desk only because there is much of both.

use anyhow::{Context, bail};
use app::appointments::{self, NewProposal};
use app::assessments::rules::Rules;
use app::assessments::{self, Answer, Item};
use app::clock;
use app::competencies::{self, Moment};
use app::discussion::{self, NewMessage, NewTalk, Thread};
use app::enrollments::{self, OptionNumber, ready};
use app::form::Client;
use app::id::{ProposalId, SubmissionKey};
use app::library::{LoanAction, LoanWay, store as library};
use app::mail::Kind;
use app::people::{PairMember, Side, Way};
use app::plans::{self, store::NewPlan};
use app::study::{self, NewEntry};
use app::{agreements, exam, practice};
use chrono::{DateTime, Duration, Utc};

use super::Play;
use crate::demo::people::{Case, Copy};
use crate::demo::story::Act;

/// What a browser says of itself; kept beside a signature as evidence.
const BROWSERS: [&str; 3] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
];

impl Play<'_> {
    pub(super) async fn play_pair(&mut self, case: usize, whole: &Case, act: Act) -> anyhow::Result<()> {
        let who = self.member(case).await?;
        match act {
            Act::OwnBook => Ok(library::own(&mut self.tx, who.mentee()?).await?),
            Act::AskForBook => self.ask_for_book(case, whole, who).await,
            Act::BookArrives => Ok(library::tell(&mut self.tx, who.mentee()?, LoanAction::Arrive).await?),
            Act::RenewBook => Ok(library::renew(&mut self.tx, who.mentee()?, &self.settings).await?),
            Act::SendBook => Ok(library::tell(&mut self.tx, who.mentee()?, LoanAction::SendBack).await?),
            Act::Plan { rhythm, way, note } => {
                let targets = self.targets(who, rhythm).await?;
                self.plan(who, NewPlan { rhythm, way, note: note.into(), targets }).await
            }
            Act::NextTalk(at) => self.next_talk(case, who, at).await,
            Act::ProposeTimes(times) => self.propose_times(who, times).await.map(|_| ()),
            Act::Confirm => self.confirm(who).await,
            Act::Evaluate(moment) => self.evaluate(case, whole, who, moment).await,
            Act::SkipEvaluation => Ok(competencies::store::skip(&mut self.tx, &who.mentee()?, Moment::Start).await?),
            Act::Sign(side) => self.sign(case, whole, who, side).await,
            Act::Read { chapter, minutes, words, shared } => {
                let key = SubmissionKey::new();
                let studied_on = clock::today(self.tx.now());
                let (chapter, reflection) = (self.chapter(whole, chapter)?, words.to_owned());
                let entry = NewEntry { key, chapter, studied_on, minutes, reflection, shared, replaces: None };
                study::store::insert_entry(&mut self.tx, who.mentee()?, &entry).await?;
                if whole.book.option() == 3 {
                    self.log_month(who, 1).await?;
                }
                Ok(())
            }
            Act::Test { chapter, missed } => self.test(whole, who, chapter, missed).await,
            Act::Write { chapter, words, for_talk, .. } => {
                let thread = self.thread(whole, chapter)?;
                let message = NewMessage { key: SubmissionKey::new(), thread, body: words.into(), for_talk };
                discussion::store::insert_message(&mut self.tx, self.state, who, &message).await?;
                Ok(())
            }
            Act::See { chapter, .. } => {
                let (thread, now) = (self.thread(whole, chapter)?, self.tx.now());
                Ok(discussion::store::mark_seen(&mut self.tx, who, thread, now).await?)
            }
            Act::Talk { .. } => self.talk(whole, who, act).await,
            Act::SignOff { chapter, word } => self.sign_off(whole, who, &[chapter], word).await,
            Act::PlanExam => self.plan_exam(who).await,
            Act::Practice { questions, missed, minutes } => self.practice(who, questions, missed, minutes).await,
            other => bail!("{other:?} is not a pair's to do"),
        }
    }

    fn thread(&self, whole: &Case, chapter: Option<i32>) -> anyhow::Result<Thread> {
        Ok(Thread::of(chapter.map(|number| self.chapter(whole, number)).transpose()?))
    }

    async fn ask_for_book(&mut self, case: usize, whole: &Case, who: PairMember) -> anyhow::Result<()> {
        let by_post = whole.copy != Copy::Hand;
        let way = if by_post { LoanWay::Post } else { LoanWay::InPerson };
        let address = by_post.then(|| super::desk::address(case, whole));
        Ok(library::request(&mut self.tx, who.mentee()?, way, address.as_deref()).await?)
    }

    async fn targets(
        &mut self,
        who: PairMember,
        rhythm: plans::Rhythm,
    ) -> anyhow::Result<Vec<(app::id::ChapterId, Option<chrono::NaiveDate>)>> {
        let story = enrollments::store::find(&mut self.tx, who.enrollment()).await?.context("the enrollment")?;
        let chapters = plans::store::list_targets(&mut self.tx, who.enrollment()).await?;
        let dates = plans::suggest(chapters.len(), clock::today(self.tx.now()), story.due_on, rhythm);
        Ok(chapters.iter().zip(dates).map(|(chapter, date)| (chapter.chapter_id, Some(date))).collect())
    }

    /// Keeps the plan, and makes the letter when it is the first.
    async fn plan(&mut self, who: PairMember, new: NewPlan) -> anyhow::Result<()> {
        let story = enrollments::store::find(&mut self.tx, who.enrollment()).await?.context("the enrollment")?;
        let before = plans::store::find(&mut self.tx, who.enrollment()).await?;
        plans::store::save(&mut self.tx, who, &new).await?;
        if plans::api::asks_for_letter(&story, before.as_ref(), &new) {
            agreements::store::make_letter(&mut self.tx, who.enrollment()).await?;
        }
        Ok(())
    }

    async fn propose_times(&mut self, who: PairMember, times: Vec<DateTime<Utc>>) -> anyhow::Result<ProposalId> {
        let plan = plans::store::find(&mut self.tx, who.enrollment()).await?.context("the plan")?;
        let place = match plan.way {
            Way::Phone => "I call you at work",
            Way::Video => "https://video.qdei.example/talk",
            Way::InPerson | Way::Email => "",
        };
        let (key, minutes) = (SubmissionKey::new(), 45);
        let new = NewProposal { key, minutes, way: plan.way, place: place.into(), times };
        appointments::store::propose(&mut self.tx, self.state, who, &new).await?;
        let open = appointments::store::find_open(&mut self.tx, who).await?.context("the proposal")?;
        Ok(open.id)
    }

    /// The mentor proposes a time, and the mentee takes it within the half hour.
    async fn next_talk(&mut self, case: usize, who: PairMember, at: DateTime<Utc>) -> anyhow::Result<()> {
        let proposal = self.propose_times(who, vec![at]).await?;
        let later = self.tx.now() + Duration::minutes(25);
        let mentee = self.mentee(case)?;
        self.tx.go_on(Some(mentee), later).await?;
        let who = self.member(case).await?;
        appointments::store::accept(&mut self.tx, self.state, who, proposal, at).await?;
        Ok(())
    }

    /// The mentee confirms every talk that waits for their yes.
    async fn confirm(&mut self, who: PairMember) -> anyhow::Result<()> {
        let pair = study::store::find_pair(&mut self.tx, who).await?;
        let now = self.tx.now();
        let talks = discussion::store::list_talks(&mut self.tx, who, &pair, now).await?;
        for talk in talks.into_iter().filter(|talk| talk.asks_me) {
            discussion::store::confirm_talk(&mut self.tx, who, &pair, talk.id, None).await?;
        }
        Ok(())
    }

    /// What was to be done since the talks before is done by now.
    async fn follow_up(&mut self, who: PairMember) -> anyhow::Result<()> {
        let pair = study::store::find_pair(&mut self.tx, who).await?;
        let now = self.tx.now();
        let talks = discussion::store::list_talks(&mut self.tx, who, &pair, now).await?;
        let done = discussion::store::list_done(&mut self.tx, &pair).await?;
        for one in discussion::follow_ups(&talks, &done).into_iter().filter(|one| one.done_by.is_none()) {
            discussion::store::finish_follow_up(&mut self.tx, who, &pair, one.item).await?;
        }
        Ok(())
    }

    /// Rates every statement around what a person of this much experience would say; more at the end than at the start.
    async fn evaluate(&mut self, case: usize, whole: &Case, who: PairMember, moment: Moment) -> anyhow::Result<()> {
        let published = competencies::store::newest(&mut self.tx).await?.context("the instrument")?;
        let gained = if moment == Moment::End { 1 } else { 0 };
        let mut ratings = competencies::Ratings::new();
        for (place, domain) in published.instrument.domains.iter().enumerate() {
            // Everyone is stronger here and weaker there.
            let usual = 2 + i64::from((case + place).is_multiple_of(3)) + gained;
            for statement in &domain.statements {
                let value = i32::try_from(self.chance.between(usual - 1, usual + 1))?.clamp(1, published.instrument.top());
                ratings.insert(statement.code.clone(), value);
            }
        }
        let shared = case % 3 != 1;
        let lowest = |least: i32| ratings.iter().find(|(_, value)| **value == least).map(|(code, _)| code.clone());
        let first = (1..=2).find_map(lowest).and_then(|code| published.instrument.statement(&code).cloned());
        let answers = competencies::store::Answers { instrument: published.id, moment, ratings, shared };
        competencies::store::save(&mut self.tx, &who.mentee()?, &answers).await?;
        if let (Moment::Start, Some(statement)) = (moment, first) {
            let word = "This first: it comes up every week where I work.";
            competencies::store::choose_goal(&mut self.tx, &who.mentee()?, &statement, word).await?;
        }
        if moment == Moment::Start && whole.book.option() == 3 {
            self.prepare(who).await?;
        }
        Ok(())
    }

    async fn sign(&mut self, case: usize, whole: &Case, who: PairMember, side: Side) -> anyhow::Result<()> {
        let letter = self.letter(case).await?;
        let found = agreements::store::find(&mut self.tx, letter).await?.context("the letter")?;
        let typed_name = match side {
            Side::Mentee => whole.name,
            Side::Mentor => crate::demo::people::MENTORS[whole.mentor].name,
        };
        // Addresses kept for examples (RFC 5737).
        let client = Client { address: format!("192.0.2.{}", 10 + case), browser: BROWSERS[case % 3].into() };
        let signing =
            agreements::store::Signing { letter, text_sha256: found.text_sha256, typed_name: typed_name.into(), client };
        agreements::store::sign(&mut self.tx, &who, &signing).await?;
        Ok(())
    }

    /// Takes a post-test as the page does it: questions drawn, answered but for so many, marked.
    async fn test(&mut self, whole: &Case, who: PairMember, chapter: i32, missed: usize) -> anyhow::Result<()> {
        let (own, chapter) = (who.mentee()?, self.chapter(whole, chapter)?);
        let attempts = assessments::store::list_attempts(&mut self.tx, who.enrollment(), chapter).await?;
        let story = enrollments::store::find(&mut self.tx, who.enrollment()).await?.context("the story")?;
        let rules = assessments::store::rules_of(&mut self.tx, &story, &self.settings).await?;
        assessments::next(&attempts, &rules, 0, self.tx.now()).may_start(self.tx.now())?;
        let approved = assessments::store::list_approved(&mut self.tx, chapter).await?;
        let seed = self.chance.seed();
        let drawn = assessments::draw(&approved, &rules, &seed);
        let new =
            assessments::store::Beginning { chapter, questions: &drawn, rules: &rules, seed: &seed, seen: attempts.len() };
        let attempt = assessments::store::start(&mut self.tx, &own, &new).await?.context("the attempt")?;
        let started = self.tx.now();
        let minutes = self.chance.between(6, 14);
        self.tx.go_on(self.tx.actor(), started + Duration::minutes(minutes)).await?;
        let mut items = assessments::store::list_items(&mut self.tx, attempt).await?;
        let count = items.len();
        for (place, item) in items.iter_mut().enumerate() {
            item.answer = answer(item, place + missed >= count);
        }
        let marked = assessments::mark(&items, rules.pass_mark);
        assessments::store::hand_in(&mut self.tx, &own, attempt, &items, &marked).await?;
        if let Some(mentor) = who.other().filter(|_| marked.score.is_some_and(|score| !score.is_whole())) {
            self.told(Kind::TestMissed, mentor, who.enrollment().0).await?;
        }
        Ok(ready::tell(&mut self.tx, self.state, who.enrollment()).await?)
    }

    /// Practices as the page does it; where no questions are approved yet, there is nothing to practice with.
    async fn practice(&mut self, who: PairMember, questions: i32, missed: usize, minutes: i64) -> anyhow::Result<()> {
        let own = who.mentee()?;
        let rules = Rules { questions, ..Rules::usual(OptionNumber::Three, &self.settings) };
        let seed = self.chance.seed();
        let all = practice::store::list_practicable(&mut self.tx, who.enrollment(), None).await?;
        let drawn = assessments::draw(&all, &rules, &seed);
        if drawn.is_empty() {
            return Ok(());
        }
        let started = self.tx.now();
        let new = practice::store::Beginning { questions: &drawn, ends_at: started + Duration::minutes(15), seed: &seed };
        let id = practice::store::start(&mut self.tx, &own, &new).await?.context("the practice")?;
        self.tx.go_on(self.tx.actor(), started + Duration::minutes(minutes)).await?;
        let items = practice::store::list_items(&mut self.tx, id).await?;
        let answers: Vec<(&Item, Answer)> =
            items.iter().enumerate().map(|(place, (_, item))| (item, answer(item, place < missed))).collect();
        practice::store::keep(&mut self.tx, &own, id, &answers, None).await?;
        practice::store::end(&mut self.tx, &own, id).await?;
        Ok(())
    }

    async fn talk(&mut self, whole: &Case, who: PairMember, act: Act) -> anyhow::Result<()> {
        let Act::Talk { chapters: numbers, minutes, way, notes, follow_ups } = act else { bail!("not a talk") };
        let chapters = numbers.iter().map(|number| self.chapter(whole, *number)).collect::<anyhow::Result<_>>()?;
        let talk = NewTalk {
            key: SubmissionKey::new(),
            held_on: clock::today(self.tx.now()),
            minutes,
            way,
            notes: notes.into(),
            follow_ups: follow_ups.into(),
            chapters,
        };
        self.follow_up(who).await?;
        discussion::store::insert_talk(&mut self.tx, self.state, who, &talk).await?;
        self.sign_off(whole, who, &numbers, "").await
    }

    async fn sign_off(&mut self, whole: &Case, who: PairMember, numbers: &[i32], word: &str) -> anyhow::Result<()> {
        let pair = study::store::find_pair(&mut self.tx, who).await?;
        for number in numbers {
            let chapter = self.chapter(whole, *number)?;
            let chapter = study::store::find_chapter(&mut self.tx, &pair, chapter).await?;
            study::store::sign_off(&mut self.tx, self.state, who, &pair, &chapter, word).await?;
        }
        Ok(ready::tell(&mut self.tx, self.state, who.enrollment()).await?)
    }

    async fn plan_exam(&mut self, who: PairMember) -> anyhow::Result<()> {
        let today = clock::today(self.tx.now());
        let note = "Hours are recorded month by month. Two evenings a week for practice questions, Saturdays off.";
        let plan = exam::store::NewPlan {
            checked_on: today - Duration::days(6),
            target_on: today + Duration::days(150),
            note: note.into(),
            minutes_a_week: Some(150),
            review_weeks: Some(3),
        };
        Ok(exam::store::save(&mut self.tx, &who.mentee()?, &plan).await?)
    }

    /// What a mentee of Option 3 begins with: answers to the rules, and the hours of the months before.
    async fn prepare(&mut self, who: PairMember) -> anyhow::Result<()> {
        let own = who.mentee()?;
        let in_force = exam::store::facts(&mut self.tx).await?;
        let answer = |rule: &exam::facts::Rule| {
            let met = if rule.need().is_some() { exam::Answer::NotYet } else { exam::Answer::Yes };
            (rule.code.clone(), Some(met))
        };
        let answers: Vec<_> = in_force.facts.asked().map(answer).collect();
        exam::store::save_answers(&mut self.tx, &own, in_force.version, &answers).await?;
        for back in 1..=20 {
            self.log_month(who, back).await?;
        }
        Ok(())
    }

    /// Logs the hours of a month, so many months back, unless they are logged.
    async fn log_month(&mut self, who: PairMember, back: u32) -> anyhow::Result<()> {
        let (own, today) = (who.mentee()?, clock::today(self.tx.now()));
        let when = exam::hours::When::month(today.checked_sub_months(chrono::Months::new(back)).context("a month")?);
        let log = exam::store::list_hours(&mut self.tx, own.account()).await?;
        if log.iter().any(|one| one.when() == when) {
            return Ok(());
        }
        let new = exam::sheet::New {
            when,
            minutes: i32::try_from(self.chance.between(26, 44))? * 60,
            activity: HOURS[log.len() % HOURS.len()].into(),
        };
        Ok(exam::store::log_hours(&mut self.tx, &own, SubmissionKey::new(), None, &new, today).await?)
    }
}

/// What a month of practice was spent on.
const HOURS: [&str; 3] = [
    "Visits one to one, and the follow-up calls",
    "Two evening classes and the visits around them",
    "Visits, and the support group",
];

/// The right answer to a question, or one that is not.
fn answer(item: &Item, miss: bool) -> Answer {
    let right = assessments::key(&item.body).unwrap_or_default();
    if !miss {
        return right;
    }
    // Where every choice is right, leaving one out is wrong.
    let wrong = (0..item.body.offered().len()).find(|place| !right.chosen().contains(place));
    Answer::Chosen(wrong.map_or_else(|| right.chosen().iter().skip(1).copied().collect(), |wrong| vec![wrong]))
}

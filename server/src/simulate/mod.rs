//! `qdei simulate`: a year of people who forget, go away, answer late and vanish, through the real rules, stores, outbox
//! and mail worker, with the clock moved by hand and everything in memory. Separate from the demo, because nothing here is
//! told beforehand: people act by chance, and what they do is read from their own pages' moves.

mod desk;
pub mod events;
mod pair;
mod people;

use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};

use anyhow::Context;
use app::clock::{self, Clock};
use app::counties;
use app::db::{Db, WriteTx, execute, fetch_all};
use app::enrollments::{OptionNumber, watch};
use app::error::AppError;
use app::id::{AccountId, OutlineId};
use app::mail::Timing;
use app::people::{Coordinator, Discipline, Role, Viewer, Way, store as accounts, viewer::of_account};
use app::settings::Settings;
use app::{State, Stranger};
use chrono::{Duration, NaiveDate, NaiveTime};
use fastrand::Rng;

use crate::mail::{Departure, Post, Transport};
use crate::press::TypstPress;
use events::{Line, Watcher, utc};
use people::{Temper, date, name};

/// Days of a simulated year.
const DAYS: i64 = 365;
/// The last day on which somebody applies, so that every life has time to go wrong.
const LAST_APPLICATION: i64 = 250;

/// One person of the year.
struct Person {
    id: AccountId,
    temper: Temper,
    /// Whether a mail came yesterday.
    stirred: bool,
}

/// The year as it goes.
pub struct Year {
    state: State,
    post: Post,
    settings: Settings,
    rng: Rng,
    first: NaiveDate,
    coordinator: AccountId,
    mentees: Vec<Person>,
    mentors: Vec<Person>,
    outlines: Vec<(OptionNumber, OutlineId)>,
    applications: Vec<i64>,
    watcher: Watcher,
}

/// Simulates a year and writes its events, one JSON object a line.
pub async fn run(mentees: usize, seed: u64, file: &Path) -> anyhow::Result<()> {
    let lines = year(mentees, seed).await?;
    let mut out = std::io::BufWriter::new(
        std::fs::File::create(file).with_context(|| format!("{} could not be written", file.display()))?,
    );
    for line in &lines {
        serde_json::to_writer(&mut out, line)?;
        out.write_all(b"\n")?;
    }
    out.flush()?;
    println!("{} events of {mentees} mentees, seed {seed}, in {}", lines.len(), file.display());
    Ok(())
}

/// The events of a year.
pub async fn year(mentees: usize, seed: u64) -> anyhow::Result<Vec<Line>> {
    let mut year = Year::begin(mentees, seed).await?;
    for day in 0..DAYS {
        year.live(day).await.with_context(|| format!("day {day}"))?;
    }
    year.watcher.end();
    Ok(year.watcher.lines)
}

/// Who has a turn at some minute of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Turn {
    Clock,
    Apply,
    Mentee(usize),
    Mentor(usize),
    Desk,
}

impl Year {
    async fn begin(mentees: usize, seed: u64) -> anyhow::Result<Self> {
        let first = NaiveDate::from_ymd_opt(2026, 7, 1).context("a date")?;
        let began = clock::at_local(clock::zone(), first, NaiveTime::MIN);
        let db = Db::open("sqlite::memory:").await?;
        db.migrate().await?;
        let state = State {
            db,
            clock: Clock::by_hand(began),
            audit_key: app::audit::Key::derive(b"a simulated year"),
            base_url: "http://127.0.0.1:3000".into(),
            demo: false,
            press: Arc::new(TypstPress::default()),
        };
        let mut tx = state.write(&Stranger).await?;
        app::starter::fill(&mut tx).await?;
        let coordinator = accounts::find_or_insert(&mut tx, "coordinator@year.example", "Cora Desk", "").await?;
        accounts::grant(&mut tx, coordinator, Role::Coordinator).await?;
        tx.commit().await?;
        let transport = Transport::Memory(Arc::new(Mutex::new(Vec::new())));
        let post = Post { state: state.clone(), transport, from: "QDEI <qdei@year.example>".parse()? };
        let mut rng = Rng::with_seed(seed);
        let mut applications: Vec<i64> = (0..mentees).map(|_| rng.i64(0..LAST_APPLICATION)).collect();
        applications.sort_unstable();
        let mut year = Self {
            post,
            settings: Settings::default(),
            rng,
            first,
            coordinator,
            mentees: Vec::new(),
            mentors: Vec::new(),
            outlines: Vec::new(),
            applications,
            watcher: Watcher::new(coordinator),
            state,
        };
        year.outlines = year.find_outlines().await?;
        year.approve_questions().await?;
        for number in 0..(mentees / 4).max(2) {
            year.add_mentor(number).await?;
        }
        year.fill_shelf(mentees).await?;
        Ok(year)
    }

    async fn find_outlines(&self) -> anyhow::Result<Vec<(OptionNumber, OutlineId)>> {
        let rows = fetch_all!(
            &mut self.state.db.read().await?,
            (OutlineId, sqlx::types::Json<Vec<OptionNumber>>),
            "SELECT id, options FROM outline ORDER BY id"
        )?;
        Ok(rows.into_iter().flat_map(|(id, options)| options.0.into_iter().map(move |option| (option, id))).collect())
    }

    async fn add_mentor(&mut self, number: usize) -> anyhow::Result<()> {
        let temper = Temper::of_chance(&mut self.rng);
        let desk = self.desk().await?;
        let mut tx = self.state.write(&desk).await?;
        let email = format!("mentor{number}@year.example");
        let id = accounts::find_or_insert(&mut tx, &email, &name("Mentor", number), "").await?;
        accounts::grant(&mut tx, id, Role::Mentor).await?;
        self.set_zone(&mut tx, id, temper.zone).await?;
        let profile = self.profile(None);
        app::matching::store::insert_mentor(&mut tx, &desk, id, &profile).await?;
        let valid_to = date(self.first, 3 * DAYS);
        app::matching::store::insert_check(&mut tx, &desk, app::id::CredentialCheckId::new(), id, valid_to, "").await?;
        tx.commit().await?;
        self.mentors.push(Person { id, temper, stirred: false });
        Ok(())
    }

    fn profile(&mut self, away_until: Option<NaiveDate>) -> app::matching::Profile {
        app::matching::Profile {
            discipline: Discipline::Nurse,
            county: &counties::ALL[self.rng.usize(0..counties::ALL.len())],
            options: OptionNumber::ALL.to_vec(),
            ways: vec![Way::Phone, Way::Video],
            interests: Vec::new(),
            capacity: 5,
            about: String::new(),
            away_until,
        }
    }

    async fn set_zone(&self, tx: &mut WriteTx, id: AccountId, zone: &str) -> anyhow::Result<()> {
        execute!(tx, "UPDATE account SET time_zone = $2 WHERE id = $1", id, zone)?;
        Ok(())
    }

    /// One day: everybody's turns at their minutes, and the clock's every twenty.
    async fn live(&mut self, day: i64) -> anyhow::Result<()> {
        for (minute, turn) in self.turns(day) {
            self.move_clock(day, minute)?;
            match turn {
                Turn::Clock => self.tick().await?,
                Turn::Apply => self.apply().await?,
                Turn::Mentee(number) => self.mentee_looks(number).await?,
                Turn::Mentor(number) => self.mentor_looks(number, day).await?,
                Turn::Desk => self.desk_day(day).await?,
            }
            if turn != Turn::Clock {
                self.watch().await?;
            }
        }
        Ok(())
    }

    fn turns(&mut self, day: i64) -> Vec<(i64, Turn)> {
        let mut turns: Vec<(i64, Turn)> = (0..24 * 3).map(|third| (third * 20, Turn::Clock)).collect();
        for _ in self.applications.iter().filter(|on| **on == day) {
            turns.push((self.rng.i64(0..1440), Turn::Apply));
        }
        for number in 0..self.mentees.len() {
            let person = &mut self.mentees[number];
            if person.temper.looks(day, std::mem::take(&mut person.stirred), &mut self.rng) {
                turns.push((self.rng.i64(300..1430), Turn::Mentee(number)));
            }
        }
        for number in 0..self.mentors.len() {
            let person = &mut self.mentors[number];
            let looks = person.temper.looks(day, std::mem::take(&mut person.stirred), &mut self.rng);
            if looks || person.temper.says_today(day).is_some() {
                turns.push((self.rng.i64(300..1430), Turn::Mentor(number)));
            }
        }
        // The desk is open on Mondays, and now and then on a Thursday; two weeks in the year nobody is there.
        let open = day % 7 == 5 && self.rng.f64() < 0.95 || day % 7 == 1 && self.rng.f64() < 0.5;
        if open && !(170..184).contains(&day) {
            turns.push((self.rng.i64(480..960), Turn::Desk));
        }
        turns.sort();
        turns
    }

    fn move_clock(&self, day: i64, minute: i64) -> anyhow::Result<()> {
        let time = NaiveTime::from_num_seconds_from_midnight_opt(u32::try_from(minute * 60)?, 0).context("a minute")?;
        let to = clock::at_local(clock::zone(), date(self.first, day), time);
        let now = self.state.clock.now();
        // In the hour that comes twice the clock does not go back.
        if to > now {
            self.state.clock.advance(to - now);
        }
        Ok(())
    }

    /// What the server does by itself: the clock's watch and the mail worker.
    async fn tick(&mut self) -> anyhow::Result<()> {
        watch::run(&self.state).await?;
        self.watch().await?;
        for mail in self.post.drain().await? {
            self.note_mail(&mail);
        }
        Ok(())
    }

    async fn watch(&mut self) -> anyhow::Result<()> {
        let mut tx = self.state.write(&Stranger).await?;
        self.watcher.look(&mut tx).await?;
        Ok(tx.commit().await?)
    }

    /// Puts down a message that left, and whom it stirs.
    fn note_mail(&mut self, mail: &Departure) {
        let kind = if mail.timing == Timing::Digest { "digest" } else { "answer" };
        self.watcher.lines.push(Line::Mail {
            person: mail.account.map_or_else(|| mail.address.clone(), |id| id.to_string()),
            kind,
            at: utc(mail.at),
            local: mail.at.with_timezone(&mail.zone).to_rfc3339(),
            about: mail.moves.clone(),
        });
        for person in self.mentees.iter_mut().chain(&mut self.mentors).filter(|person| Some(person.id) == mail.account) {
            person.stirred = true;
        }
    }

    async fn desk(&self) -> anyhow::Result<Coordinator> {
        Ok(self.viewer(self.coordinator).await?.coordinator()?)
    }

    async fn viewer(&self, id: AccountId) -> anyhow::Result<Viewer> {
        of_account(&mut self.state.db.read().await?, id).await?.context("there is no such account")
    }

    fn today(&self) -> NaiveDate {
        clock::today(self.state.clock.now())
    }

    fn in_days(&self, days: i64) -> NaiveDate {
        self.today() + Duration::days(days)
    }
}

/// A rule's "no" is an answer people live with; anything else ends the year.
fn lived_with<T>(done: Result<T, AppError>) -> anyhow::Result<Option<T>> {
    match done {
        Ok(done) => Ok(Some(done)),
        Err(AppError::Refused(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

//! The real binary over TCP: from start to first answer, eight people at once, memory. Separate because it is the only
//! measure that a person at the other end of the line would take.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::ensure;
use uuid::Uuid;

use crate::measure::percentile;
use crate::people::{Of, PASSWORD, STUDYING, id};
use crate::program::{Connection, Program};
use crate::site::entry;
use crate::table::{Amount, Row};

/// People at once.
pub const CONNECTIONS: u64 = 8;
/// How often each goes through the ten requests of [`Visit::requests`].
const ROUNDS: usize = 60;

/// `chapters`: one that each of the eight mentees logs.
pub fn rows(people: &Path, chapters: &[Uuid]) -> anyhow::Result<Vec<Row>> {
    let bare = Program::bare()?;
    let fresh = crate::folder()?;
    let mut rows = Vec::new();
    for (what, folder) in
        [("Start to first answer, fresh database, wall", fresh.path()), ("Start to first answer, with people, wall", people)]
    {
        let started = Program::serve(folder)?.started_in;
        let row = Row::new(what, Amount::Time(started)).against(Amount::Time(bare.started_in));
        rows.push(row.within(Amount::Time(Duration::from_millis(200))));
    }
    let program = Program::serve(people)?;
    let visits = visits(&program, chapters)?;
    let greet = |_: &Visit, connection: &mut Connection| (0..10).map(|_| timed(|| connection.get("/", ""))).collect();
    let (memory, bare_memory) = (memory_after(&program, &visits, Visit::go)?, memory_after(&bare, &visits, greet)?);
    let (times, bare_times) = (at_once(&program, &visits, Visit::go)?, at_once(&bare, &visits, greet)?);
    for (percent, budget) in [(50, None), (99, Some(Amount::Time(Duration::from_millis(10))))] {
        let what = format!("p{percent} at {CONNECTIONS} connections, mixed work, wall");
        let row =
            Row::new(what, Amount::Time(percentile(&times, percent))).against(Amount::Time(percentile(&bare_times, percent)));
        rows.push(Row { budget, ..row });
    }
    if let (Some(memory), Some(bare), Some(all)) = (memory, bare_memory, program.resident()) {
        let row = Row::new("Memory after 200 requests", Amount::Bytes(memory)).against(Amount::Bytes(bare));
        rows.push(row.within(Amount::Bytes(80_000_000)));
        rows.push(Row::new("Memory after all of it", Amount::Bytes(all)));
    }
    Ok(rows)
}

/// A mentee at work, while their mentor and the coordinator look on.
struct Visit {
    /// Address and cookie.
    pages: Vec<(String, String)>,
    mentee: String,
    enrollment: Uuid,
    chapter: Uuid,
}

fn visits(program: &Program, chapters: &[Uuid]) -> anyhow::Result<Vec<Visit>> {
    let mut connection = Connection::open(program.address)?;
    let mut sign_in = |name: String| {
        let answer = connection.send("sign-in", &[("email", &format!("{name}@budget.test")), ("password", PASSWORD)], "")?;
        ensure!(!answer.cookie.is_empty(), "{name} could not sign in: {}", answer.status);
        Ok(answer.cookie)
    };
    let coordinator = sign_in("coordinator0".to_owned())?;
    (0..CONNECTIONS)
        .zip(chapters)
        .map(|(tens, chapter)| {
            let number = tens * 10 + STUDYING;
            let (mentee, mentor) = (sign_in(format!("mentee{number}"))?, sign_in(format!("mentor{tens}"))?);
            let enrollment = id(Of::Enrollment, number);
            let of_pair = format!("/enrollments/{enrollment}/chapters");
            let pages = [
                ("/mentee", &mentee),
                (&of_pair, &mentee),
                (&format!("{of_pair}/{chapter}"), &mentee),
                ("/mentee", &mentee),
                ("/mentor", &mentor),
                (&of_pair, &mentor),
                ("/coordinator", &coordinator),
                ("/mentee", &mentee),
            ];
            let pages = pages.map(|(path, cookie)| (path.to_owned(), cookie.clone())).to_vec();
            Ok(Visit { pages, mentee, enrollment, chapter: *chapter })
        })
        .collect()
}

impl Visit {
    /// Eight pages and two forms, and how long each took.
    fn go(&self, connection: &mut Connection) -> anyhow::Result<Vec<Duration>> {
        let mut times = Vec::new();
        for (path, cookie) in &self.pages {
            times.push(timed(|| {
                let answer = connection.get(path, cookie)?;
                ensure!(answer.status == 200, "{path}: {}", answer.status);
                Ok(())
            })?);
        }
        let entry = entry(self.enrollment, self.chapter);
        let message = [
            ("enrollment", self.enrollment.to_string()),
            ("chapter", self.chapter.to_string()),
            ("key", Uuid::now_v7().to_string()),
            ("body", "How do you explain this in plain words?".to_owned()),
        ];
        for (function, fields, done) in
            [("log-chapter", &entry[..], "chapter-logged"), ("write-message", &message[..], "message-sent")]
        {
            let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            times.push(timed(|| {
                let answer = connection.send(function, &fields, &self.mentee)?;
                ensure!(answer.location.contains(done), "{function}: {} {}", answer.status, answer.location);
                Ok(())
            })?);
        }
        Ok(times)
    }
}

fn timed<T>(work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<Duration> {
    let start = Instant::now();
    work()?;
    Ok(start.elapsed())
}

/// The memory of a program after 200 requests.
fn memory_after(
    program: &Program,
    visits: &[Visit],
    go: impl Fn(&Visit, &mut Connection) -> anyhow::Result<Vec<Duration>>,
) -> anyhow::Result<Option<u64>> {
    let mut connection = Connection::open(program.address)?;
    for visit in visits.iter().cycle().take(20) {
        go(visit, &mut connection)?;
    }
    Ok(program.resident())
}

/// All times of all people, sorted, each on a connection of their own.
fn at_once(
    program: &Program,
    visits: &[Visit],
    go: impl Fn(&Visit, &mut Connection) -> anyhow::Result<Vec<Duration>> + Sync,
) -> anyhow::Result<Vec<Duration>> {
    let go = &go;
    let mut all = std::thread::scope(|scope| {
        let people: Vec<_> = visits
            .iter()
            .map(|visit| {
                scope.spawn(move || {
                    let mut connection = Connection::open(program.address)?;
                    let mut times = Vec::new();
                    for _ in 0..ROUNDS {
                        times.extend(go(visit, &mut connection)?);
                    }
                    anyhow::Ok(times)
                })
            })
            .collect();
        let mut all = Vec::new();
        for person in people {
            all.extend(person.join().map_err(|_| anyhow::anyhow!("a connection stopped"))??);
        }
        anyhow::Ok(all)
    })?;
    all.sort();
    Ok(all)
}

//! Every page with a hundred enrollments and with five thousand: what it costs must not follow how many there are.
//! Separate because it takes a minute, and is asked for by `make bench-scale`.

use std::time::Duration;

use anyhow::Context;
use app::State;
use app::app::{Access, ROUTES};
use app::db::fetch_one;
use app::people::Role;
use uuid::Uuid;

use crate::measure::{cpu_each_in_time, wall};
use crate::people::{self, COMPLETED, ENTRIES, NEW, Of, PROPOSED, STUDYING, id};
use crate::site::{Site, Visitor, log_chapter};
use crate::table::{Amount, Row, print};

/// The size that every budget is measured at.
pub const SMALL: u64 = 100;
/// The size that costs are compared with, and the year report is measured at.
pub const LARGE: u64 = 5_000;

/// A chapter of the book that an enrollment is pinned to.
pub async fn chapter(state: &State, enrollment: u64, number: i32) -> anyhow::Result<Uuid> {
    let mut tx = state.db.read().await?;
    let sql = "SELECT c.id FROM chapter c JOIN enrollment e ON e.outline_id = c.outline_id WHERE e.id = $1 AND c.number = $2";
    let (chapter,) = fetch_one!(&mut tx, (Uuid,), sql, id(Of::Enrollment, enrollment), number)?;
    Ok(chapter)
}

pub async fn run() -> anyhow::Result<()> {
    let small = measure(SMALL).await?;
    let large = measure(LARGE).await?;
    let rows: Vec<Row> = small
        .into_iter()
        .zip(large)
        .map(|((what, small), (_, large))| {
            let ratio = large.as_secs_f64() / small.as_secs_f64().max(1e-9);
            let times = format!("{} → {}", Amount::Time(small).words(), Amount::Time(large).words());
            Row::new(format!("{what}  {times}"), Amount::Times(ratio)).within(Amount::Times(2.0))
        })
        .collect();
    print(["processor time, 100 → 5,000 enrollments", "ratio", "", "budget", ""], &rows);
    println!("Of ten enrollments six are live at either size; those that study or did have {ENTRIES} study entries each.");
    println!("100,000 enrollments and 5 million entries are not measured yet.");
    Ok(())
}

/// What every page costs in a program of this size, in the order of the routes.
async fn measure(count: u64) -> anyhow::Result<Vec<(String, Duration)>> {
    let folder = crate::folder()?;
    let site = Site::open(folder.path()).await?;
    let (took, ()) = wall(people::fill(&site.state, count)).await?;
    let size = std::fs::metadata(folder.path().join("site.db"))?.len();
    println!("{count} enrollments: made in {}, {}", Amount::Time(took).words(), Amount::Bytes(size).words());
    let visitors = Visitors::of(&site).await?;
    let ids = Ids::of(&site.state).await?;
    let mut times = Vec::new();
    for route in ROUTES {
        let path = ids.address(route.path)?;
        let visitor = visitors.who(route.access);
        let status = visitor.open(&path).await?.status;
        let what = if status.is_success() { route.path.to_owned() } else { format!("{} ({})", route.path, status.as_u16()) };
        let time = cpu_each_in_time(async || visitor.open(&path).await.map(|_| ())).await?;
        times.push((what, time));
    }
    let (mentee, number) = (site.signed_in(&format!("mentee{STUDYING}")).await?, STUDYING);
    let chapter = chapter(&site.state, number, 9).await?;
    let time = cpu_each_in_time(async || log_chapter(&mentee, id(Of::Enrollment, number), chapter).await).await?;
    times.push(("log a chapter".to_owned(), time));
    site.state.db.close().await;
    Ok(times)
}

/// One person of each kind.
struct Visitors {
    stranger: Visitor,
    mentee: Visitor,
    mentor: Visitor,
    coordinator: Visitor,
}

impl Visitors {
    async fn of(site: &Site) -> anyhow::Result<Self> {
        Ok(Self {
            stranger: site.stranger(),
            mentee: site.signed_in(&format!("mentee{STUDYING}")).await?,
            mentor: site.signed_in("mentor0").await?,
            coordinator: site.signed_in("coordinator0").await?,
        })
    }

    fn who(&self, access: Access) -> &Visitor {
        match access {
            Access::Anyone => &self.stranger,
            Access::SignedIn | Access::Pair | Access::Only(Role::Mentee) => &self.mentee,
            Access::Only(Role::Mentor) => &self.mentor,
            Access::Only(Role::Coordinator) => &self.coordinator,
        }
    }
}

/// What stands in addresses.
struct Ids {
    chapter: Uuid,
    question: Uuid,
    outline: Uuid,
    edition: Uuid,
}

impl Ids {
    async fn of(state: &State) -> anyhow::Result<Self> {
        let chapter = chapter(state, STUDYING, 2).await?;
        let mut tx = state.db.read().await?;
        let sql =
            "SELECT q.id, c.outline_id, o.edition_id FROM question q JOIN chapter c ON c.id = q.chapter_id JOIN outline o ON o.id = c.outline_id
             WHERE q.chapter_id = $1 LIMIT 1";
        let found = fetch_one!(&mut tx, (Uuid, Uuid, Uuid), sql, chapter);
        let (question, outline, edition) = found.context("the chapter has no question")?;
        Ok(Self { chapter, question, outline, edition })
    }

    /// The address of a page about the enrollment it is made for: one that waits where the page is about waiting.
    fn address(&self, path: &str) -> anyhow::Result<String> {
        let enrollment = if path.ends_with("/match") || path.ends_with("/book") { NEW } else { STUDYING };
        let parts = path.split('/').map(|part| {
            Ok(match part {
                "{enrollment}" => id(Of::Enrollment, enrollment).to_string(),
                "{chapter}" => self.chapter.to_string(),
                "{question}" => self.question.to_string(),
                "{outline}" => self.outline.to_string(),
                "{outline_draft}" => id(Of::OutlineDraft, 0).to_string(),
                "{edition}" => self.edition.to_string(),
                "{match}" => id(Of::Match, PROPOSED).to_string(),
                "{account}" => id(Of::Mentor, 0).to_string(),
                "{application}" => id(Of::OpenApplication, 0).to_string(),
                "{kind}" => "single".to_owned(),
                "{bulk}" => id(Of::Bulk, 0).to_string(),
                "{token}" => "0123456789abcdef".to_owned(),
                "{code}" => format!("{COMPLETED:016x}"),
                "{number}" if path.starts_with("/verify") => format!("QDEI-2024-{COMPLETED:04}"),
                "{number}" => "1".to_owned(),
                part if part.starts_with('{') => anyhow::bail!("{path}: nothing is known for {part}"),
                part => part.to_owned(),
            })
        });
        Ok(parts.collect::<anyhow::Result<Vec<_>>>()?.join("/"))
    }
}

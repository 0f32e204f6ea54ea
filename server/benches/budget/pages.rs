//! What pages and a form cost the processor, and how many bytes they send. Separate because these are the rows a person
//! on a slow line feels.

use std::time::Duration;

use anyhow::{Context, ensure};
use axum::http::StatusCode;

use crate::measure::{cpu_each, cpu_each_in_time};
use crate::people::{COMPLETED, Of, STUDYING, id, long_outline};
use crate::scale::chapter;
use crate::site::{Site, Visitor, log_chapter};
use crate::table::{Amount, Row};

/// Requests of one round.
const ROUND: u32 = 300;

pub async fn rows(site: &Site) -> anyhow::Result<Vec<Row>> {
    let bare = open_each(&Visitor::of_bare(), "/").await?;
    let mut rows = vec![Row::new("A bare answer", Amount::Time(bare))];
    let limit = Duration::from_micros(500);
    for (what, who, path) in [
        ("Home page of a mentee", format!("mentee{STUDYING}"), "/mentee"),
        ("Home page of a mentor with ten mentees", "mentor0".to_owned(), "/mentor"),
    ] {
        let visitor = site.signed_in(&who).await?;
        let time = open_each(&visitor, path).await?;
        rows.push(Row::new(what, Amount::Time(time)).against(Amount::Time(bare)).within(Amount::Time(limit)));
    }
    rows.push(monday(site, "Monday page, 60 active enrollments").await?.against(Amount::Time(bare)));
    let mentee = site.signed_in(&format!("mentee{STUDYING}")).await?;
    let shown = chapter(&site.state, STUDYING, 2).await?;
    let with_island = format!("/enrollments/{}/chapters/{shown}", id(Of::Enrollment, STUDYING));
    for (what, path) in
        [("Page of a chapter", with_island.as_str()), ("Check of a certificate", &format!("/verify/QDEI-2024-{COMPLETED:04}"))]
    {
        rows.push(Row::new(what, Amount::Time(open_each(&mentee, path).await?)).against(Amount::Time(bare)));
    }
    let time = log_each(site).await?;
    rows.push(
        Row::new("Log a chapter, durable commit", Amount::Time(time))
            .against(Amount::Time(bare))
            .within(Amount::Time(Duration::from_micros(300))),
    );
    rows.extend(bytes(&mentee, &with_island).await?);
    rows.push(outline(site).await?.against(Amount::Time(bare)).within(Amount::Time(limit)));
    Ok(rows)
}

/// Every chapter of a long book with how far each is, as the mentee reads it.
async fn outline(site: &Site) -> anyhow::Result<Row> {
    let number = STUDYING + 1;
    long_outline(&site.state, number, 30).await?;
    let mentee = site.signed_in(&format!("mentee{number}")).await?;
    let time = open_each(&mentee, &format!("/enrollments/{}/chapters", id(Of::Enrollment, number))).await?;
    Ok(Row::new("Outline page of 30 chapters", Amount::Time(time)))
}

/// The coordinator's week, of which nothing but the rows shown may cost.
pub async fn monday(site: &Site, what: &str) -> anyhow::Result<Row> {
    let coordinator = site.signed_in("coordinator0").await?;
    // The first view tells everything that happened before.
    coordinator.open("/coordinator").await?;
    let time = cpu_each_in_time(async || coordinator.open("/coordinator").await.map(|_| ())).await?;
    Ok(Row::new(what, Amount::Time(time)).within(Amount::Time(Duration::from_millis(5))))
}

async fn open_each(visitor: &Visitor, path: &str) -> anyhow::Result<Duration> {
    cpu_each(ROUND, async || {
        let answer = visitor.open(path).await?;
        ensure!(answer.status == StatusCode::OK, "{path}: {}", answer.status);
        Ok(())
    })
    .await
}

/// Twenty people who study log a chapter each in turn.
async fn log_each(site: &Site) -> anyhow::Result<Duration> {
    let mut people = Vec::new();
    for tens in 0..10 {
        for number in [tens * 10 + STUDYING, tens * 10 + STUDYING + 1] {
            people.push((
                site.signed_in(&format!("mentee{number}")).await?,
                id(Of::Enrollment, number),
                chapter(&site.state, number, 9).await?,
            ));
        }
    }
    let mut turns = people.iter().cycle();
    cpu_each(ROUND, async || {
        let (visitor, enrollment, chapter) = turns.next().context("nobody studies")?;
        log_chapter(visitor, *enrollment, *chapter).await
    })
    .await
}

async fn bytes(mentee: &Visitor, with_island: &str) -> anyhow::Result<Vec<Row>> {
    let home = mentee.open_plain("/mentee").await?;
    let html = String::from_utf8(home.body)?;
    let style = html.split('"').find(|text| text.contains(".css")).context("the page names no stylesheet")?;
    let island = String::from_utf8(mentee.open_plain(with_island).await?.body)?;
    let kilobytes = |count: u64| Amount::Bytes(count * 1000);
    let size = async |path: &str| anyhow::Ok(mentee.open(path).await?.body.len() as u64);
    let mut scripts = 0;
    for path in scripts_of(&island) {
        scripts += size(path).await?;
    }
    ensure!(scripts > 0, "the page of a chapter has no island");
    Ok(vec![
        Row::new("HTML of a mentee's home page", Amount::Bytes(html.len() as u64)).within(kilobytes(30)),
        Row::new("The same, compressed", Amount::Bytes(size("/mentee").await?)),
        Row::new("Stylesheet, brotli", Amount::Bytes(size(style).await?)).within(kilobytes(12)),
        Row::new("Scripts and wasm of a page with an island, brotli", Amount::Bytes(scripts)).within(kilobytes(75)),
        Row::new("Scripts of a page without one", Amount::Count(html.matches("<script").count() as u64))
            .within(Amount::Count(0)),
    ])
}

/// The addresses of the scripts and the wasm that a page asks for.
fn scripts_of(html: &str) -> impl Iterator<Item = &str> {
    html.split('"').filter(|text| text.starts_with("/pkg/") && (text.contains(".js") || text.contains(".wasm")))
}

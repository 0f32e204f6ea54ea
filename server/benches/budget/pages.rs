//! What pages and a form cost the processor, and how many bytes they send. Separate because these are the rows a person
//! on a slow line feels.

use std::time::Duration;

use anyhow::{Context, ensure};
use app::assessments::{Body, Choice, Credit};
use app::db::{execute, fetch_one};
use axum::http::StatusCode;
use sqlx::types::Json;
use uuid::Uuid;

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
    let time = hand_in_each(site).await?;
    rows.push(
        Row::new("Hand in a post-test of 30 questions, durable commit", Amount::Time(time))
            .against(Amount::Time(bare))
            .within(Amount::Time(Duration::from_millis(3))),
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

/// One person hands the same attempt in again and again; opening it again is measured with it.
async fn hand_in_each(site: &Site) -> anyhow::Result<Duration> {
    let mentee = site.signed_in(&format!("mentee{STUDYING}")).await?;
    let (attempt, questions) = attempt_of_30(site).await?;
    // The page that gave the answers before may give others.
    let page = Uuid::now_v7().to_string();
    let mut fields = vec![("attempt".to_owned(), attempt.to_string()), ("page".to_owned(), page)];
    for question in &questions {
        fields.push(("asked".to_owned(), question.to_string()));
        fields.push((format!("given[{question}]"), "1".to_owned()));
    }
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    cpu_each(ROUND / 10, async || {
        let mut tx = site.state.write(&app::Stranger).await?;
        execute!(&mut tx, "UPDATE attempt SET handed_in_at = NULL, passed = NULL, credit = NULL WHERE id = $1", attempt)?;
        execute!(&mut tx, "UPDATE attempt_item SET answer = 'null', credit = NULL WHERE attempt_id = $1", attempt)?;
        tx.commit().await?;
        mentee.send("hand-in-test", &fields).await?;
        let mut tx = site.state.db.read().await?;
        let (passed,): (Option<bool>,) =
            fetch_one!(&mut tx, (Option<bool>,), "SELECT passed FROM attempt WHERE id = $1", attempt)?;
        ensure!(passed.is_some(), "the post-test was not handed in");
        Ok(())
    })
    .await
}

/// An open attempt at a chapter that has no other, with thirty questions of five choices.
async fn attempt_of_30(site: &Site) -> anyhow::Result<(Uuid, Vec<Uuid>)> {
    let chapter = chapter(&site.state, STUDYING, 8).await?;
    let choice = |number: i32| Choice {
        text: format!("What somebody may think, number {number}"),
        credit: if number == 1 { Credit::WHOLE } else { Credit::NONE },
        explanation: "Why this is right, or not, in a sentence of the usual length.".to_owned(),
    };
    let body = Body::Single((1..=5).map(choice).collect()).stored()?;
    let (attempt, questions): (Uuid, Vec<Uuid>) = (Uuid::now_v7(), (0..30).map(|_| Uuid::now_v7()).collect());
    let mut tx = site.state.write(&app::Stranger).await?;
    let now = tx.now();
    execute!(
        &mut tx,
        "INSERT INTO attempt (id, enrollment_id, chapter_id, started_at, item_count, ordinal) VALUES ($1, $2, $3, $4, 30, 1)",
        attempt,
        id(Of::Enrollment, STUDYING),
        chapter,
        now
    )?;
    for (place, question) in (1_i32..).zip(&questions) {
        execute!(
            &mut tx,
            "INSERT INTO question (id, chapter_id, lineage_id, version, kind, name, text, explanation, source, topic, picture_alt,
                body, created_at, approved_at)
             VALUES ($1, $2, $1, 1, 'single', '', $3, 'Because of what the chapter says.', 'A book', '', '', $4, $5, $5)",
            question,
            chapter,
            format!("Which of these is so, number {place}?"),
            Json(&body),
            now
        )?;
        execute!(
            &mut tx,
            "INSERT INTO attempt_item (attempt_id, question_id, position, answer) VALUES ($1, $2, $3, 'null')",
            attempt,
            question,
            place
        )?;
    }
    tx.commit().await?;
    Ok((attempt, questions))
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
    ensure!(island.contains(".wasm"), "the page of a chapter has no island");
    // What a mentee's page carries to work without a line, and no wasm.
    ensure!(!html.contains(".wasm"), "the home page of a mentee has an island");
    let mut plain = 0;
    for path in scripts_of(&html) {
        plain += size(path).await?;
    }
    Ok(vec![
        Row::new("HTML of a mentee's home page", Amount::Bytes(html.len() as u64)).within(kilobytes(30)),
        Row::new("The same, compressed", Amount::Bytes(size("/mentee").await?)),
        Row::new("Stylesheet, brotli", Amount::Bytes(size(style).await?)).within(kilobytes(12)),
        Row::new("Scripts and wasm of a page with an island, brotli", Amount::Bytes(scripts)).within(kilobytes(75)),
        Row::new("Scripts of a page without one, brotli", Amount::Bytes(plain)).within(kilobytes(4)),
    ])
}

/// The addresses of the scripts and the wasm that a page asks for.
fn scripts_of(html: &str) -> impl Iterator<Item = &str> {
    html.split('"').filter(|text| text.starts_with('/') && (text.contains(".js") || text.contains(".wasm")))
}

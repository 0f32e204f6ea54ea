//! Measures the program against its budgets (`make bench`), and with very many people (`make bench-scale`).
//!
//! It is no test: a number over its budget is said in the table, and the exit is the same. Each number stands beside
//! what a bare server takes for the word "hello", measured the same way in the same run, so that a slow machine is not
//! taken for a slow program.

mod exchange;
mod load;
mod mail;
mod measure;
mod pages;
mod papers;
mod people;
mod program;
mod report;
mod scale;
mod site;
mod table;

use std::path::PathBuf;

use anyhow::Context;
use axum::serve::ListenerExt;
use tempfile::TempDir;

const HEADINGS: [&str; 5] = ["", "measured", "to bare", "budget", ""];

fn main() -> anyhow::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["bare", address] => serve_bare(address),
        ["scale"] => on_one_thread(scale::run()),
        _ => on_one_thread(budgets()),
    }
}

/// One thread for the site, so that processor time is what the work takes and not what threads lose to each other.
fn on_one_thread(work: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work)
}

fn serve_bare(address: &str) -> anyhow::Result<()> {
    tokio::runtime::Runtime::new()?.block_on(async {
        let listener = tokio::net::TcpListener::bind(address).await?.tap_io(|stream| {
            stream.set_nodelay(true).ok();
        });
        Ok(axum::serve(listener, site::bare()).await?)
    })
}

/// A folder on the disk that the program is built on: one in memory would flatter every commit.
fn folder() -> anyhow::Result<TempDir> {
    let place = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    std::fs::create_dir_all(&place)?;
    tempfile::tempdir_in(&place).with_context(|| format!("no folder in {}", place.display()))
}

/// The Monday page of a program ten times the size: of ten enrollments six are active.
async fn thousand() -> anyhow::Result<table::Row> {
    let folder = folder()?;
    let site = site::Site::open(folder.path()).await?;
    people::fill(&site.state, 1_670).await?;
    let row = pages::monday(&site, "Monday page, 1,000 active enrollments").await?;
    site.state.db.close().await;
    Ok(row)
}

async fn budgets() -> anyhow::Result<()> {
    let people = folder()?;
    let site = site::Site::open(people.path()).await?;
    people::fill(&site.state, scale::SMALL).await?;
    let mut rows = pages::rows(&site).await?;
    rows.extend(papers::rows(&site).await?);
    let mut chapters = Vec::new();
    for tens in 0..load::CONNECTIONS {
        chapters.push(scale::chapter(&site.state, tens * 10 + people::STUDYING, 9).await?);
    }
    site.state.db.close().await;
    rows.extend(load::rows(people.path(), &chapters)?);
    rows.push(papers::demo().await?);
    rows.push(thousand().await?);
    rows.push(mail::row().await?);
    rows.extend(exchange::rows().await?);
    rows.extend(report::rows().await?);
    table::print(HEADINGS, &rows);
    println!("Time without \"wall\" is processor time, all threads together, the median of five rounds after one to warm up;");
    println!(
        "{} enrollments, {} study entries each; SQLite, every commit on the disk (synchronous=FULL).",
        scale::SMALL,
        people::ENTRIES
    );
    println!("\"to bare\": against a bare axum server that answers \"hello\", measured the same way in this run.");
    Ok(())
}

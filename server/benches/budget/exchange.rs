//! Importing a long list, and a long file of questions. Separate because it is a database of its own: an import this large is no part of the others.

use std::fmt::Write;
use std::time::{Duration, Instant};

use anyhow::Context;
use app::Stranger;
use app::assessments::{formats, store as bank};
use app::imports::progress::Progress;
use app::imports::{Kind, open, store};
use app::people::{Coordinator, Role, store as people, viewer::of_account};

use crate::site::Site;
use crate::table::{Amount, Row};

/// Mentees of the list, each with a mentor, a letter, five chapters read and three discussed.
const ROWS: usize = 10_000;

/// Questions of the file, of several kinds.
const QUESTIONS: usize = 5000;

pub async fn rows() -> anyhow::Result<Vec<Row>> {
    let folder = crate::folder()?;
    let site = Site::open(folder.path()).await?;
    let who = coordinator(&site).await?;
    bring_in(&site, &who, Kind::Mentors, "Name,Email,Discipline,County\nAnn Able,ann@qdei.test,RN,Hill\n").await?;
    let start = Instant::now();
    bring_in(&site, &who, Kind::Mentees, &mentees()?).await?;
    let whole = start.elapsed();
    let start = Instant::now();
    bring_questions_in(&site, &who).await?;
    let questions = start.elapsed();
    site.state.db.close().await;
    Ok(vec![
        Row::new(format!("Import of {QUESTIONS} questions, from file to commit, wall"), Amount::Time(questions))
            .within(Amount::Time(Duration::from_secs(2))),
        Row::new(format!("Import of {ROWS} rows with their history, from file to commit, wall"), Amount::Time(whole))
            .within(Amount::Time(Duration::from_secs(5))),
    ])
}

async fn coordinator(site: &Site) -> anyhow::Result<Coordinator> {
    let mut tx = site.state.write(&Stranger).await?;
    let account = people::find_or_insert(&mut tx, "imports@qdei.test", "Cora Dinator", "").await?;
    people::grant(&mut tx, account, Role::Coordinator).await?;
    tx.commit().await?;
    let viewer = of_account(&mut site.state.db.read().await?, account).await?;
    Ok(viewer.context("the coordinator")?.coordinator()?)
}

fn mentees() -> anyhow::Result<String> {
    let mut text = "Name,Email,Discipline,Workplace,County,Option,Started on,Mentor,Completed on,Letter,Chapters read,Chapters discussed\n".to_owned();
    for number in 0..ROWS {
        writeln!(
            text,
            "Mentee Number{number},m{number}@qdei.test,RN,Clinic,Hill,2,2024-02-01,ann@qdei.test,2025-02-01,2024-03-01,5,3"
        )?;
    }
    Ok(text)
}

async fn bring_in(site: &Site, who: &Coordinator, kind: Kind, text: &str) -> anyhow::Result<()> {
    let found = open("list.csv", text.as_bytes(), Some(kind))?;
    let mut tx = site.state.write(who).await?;
    let id = store::insert(&mut tx, who, "list.csv", &found).await?;
    store::bring_in(&mut tx, &site.state, who, id, &Progress::default()).await?;
    Ok(tx.commit().await?)
}

async fn bring_questions_in(site: &Site, who: &Coordinator) -> anyhow::Result<()> {
    let mut text = String::new();
    for number in 0..QUESTIONS {
        let answers = [
            "=right#yes ~wrong#no ~%50%half",
            "~%50%one ~%50%two ~%-100%three",
            "#5.4:0.1",
            "=Lispro -> rapid =Glargine -> long",
        ];
        writeln!(
            text,
            "::Q{number}::Question {number}, with a sentence before what is asked? {{{}####Because of {number}.}}\n",
            answers[number % 4]
        )?;
    }
    let mut tx = site.state.write(who).await?;
    let chapters = bank::list_bank(&mut tx, who).await?;
    let chapter = chapters.first().context("a chapter")?;
    let read = formats::read(text.as_bytes())?;
    anyhow::ensure!(read.taken.len() == QUESTIONS, "every question is taken");
    let id = bank::insert_file(&mut tx, who, chapter.outline_id, None, "questions.txt", read).await?;
    bank::bring_file_in(&mut tx, who, id, &bank::Placing::All(chapter.id), &Progress::default()).await?;
    Ok(tx.commit().await?)
}

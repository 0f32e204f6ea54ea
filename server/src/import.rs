//! `qdei import`: a spreadsheet brought in from the command line. Separate because it prints what the page shows; the rows
//! are read, judged and written by the same functions.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use app::State;
use app::imports::progress::Progress;
use app::imports::rows::Standing;
use app::imports::{self, Found, Judgement, Kind, Unreadable, store};
use app::people::{Coordinator, Role, store as people, viewer::of_account};
use clap::{Args, ValueEnum};

/// What is imported, and how.
#[derive(Args, Debug)]
pub struct Options {
    /// The spreadsheet: CSV or XLSX
    pub file: PathBuf,
    /// Say what the file would do, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// What the list is of; without it, its columns tell
    #[arg(long)]
    pub kind: Option<Of>,
    /// Which coordinator imports it, by e-mail; without it, the first
    #[arg(long)]
    pub by: Option<String>,
}

/// The kinds of lists, as they are typed.
#[derive(ValueEnum, Clone, Copy, Debug)]
pub enum Of {
    Mentors,
    Mentees,
    Books,
}

impl From<Of> for Kind {
    fn from(of: Of) -> Self {
        match of {
            Of::Mentors => Self::Mentors,
            Of::Mentees => Self::Mentees,
            Of::Books => Self::Books,
        }
    }
}

/// The file cannot be read, or rows of it have problems: nothing was changed.
pub const REFUSED: u8 = 2;

/// Imports all rows or none, and says which problems each row has.
pub async fn run(state: &State, options: &Options) -> anyhow::Result<ExitCode> {
    let found = match read(&options.file, options.kind.map(Kind::from)) {
        Ok(found) => found,
        Err(why) => {
            eprintln!("qdei: {}: {why}", options.file.display());
            return Ok(ExitCode::from(REFUSED));
        }
    };
    let who = coordinator(state, options.by.as_deref()).await?;
    let name = options.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    // Nothing of this is kept unless it commits: the same transaction that imports also judges.
    let mut tx = state.write(&who).await?;
    let id = store::insert(&mut tx, &who, &name, &found).await?;
    let import = store::find(&mut tx, &who, id).await?.context("the import")?;
    let (_, judgement) = store::look(&mut tx, &who, &import, state.clock.now()).await?;
    tell(&found, &judgement);
    if !judgement.problems.is_empty() {
        println!("Nothing was imported.");
        return Ok(ExitCode::from(REFUSED));
    }
    if options.dry_run {
        println!("Nothing was imported: this was a dry run.");
        return Ok(ExitCode::SUCCESS);
    }
    if judgement.count(|standing| *standing != Standing::Same) == 0 {
        println!("Everything in this file is here already, so there is nothing to import.");
        return Ok(ExitCode::SUCCESS);
    }
    store::bring_in(&mut tx, state, &who, id, &Progress::default()).await?;
    tx.commit().await?;
    println!("Imported. It can be taken back at {}", state.link(&format!("/coordinator/import/{id}")));
    Ok(ExitCode::SUCCESS)
}

/// The table in a file, or why there is none.
fn read(path: &Path, kind: Option<Kind>) -> Result<Found, String> {
    let unreachable = |error: std::io::Error| format!("it cannot be read: {error}");
    let length = std::fs::metadata(path).map_err(unreachable)?.len();
    if usize::try_from(length).map_or(true, |length| length > imports::read::LARGEST) {
        return Err(Unreadable::TooLarge.to_string());
    }
    let bytes = std::fs::read(path).map_err(unreachable)?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    imports::open(&name, &bytes, kind).map_err(|why| why.to_string())
}

/// Somebody answers for what is entered.
async fn coordinator(state: &State, email: Option<&str>) -> anyhow::Result<Coordinator> {
    let mut tx = state.db.read().await?;
    let all = people::list_with_role(&mut tx, Role::Coordinator).await?;
    let wanted = email.map(people::canonical_email);
    let Some(account) = all.into_iter().find(|one| wanted.as_ref().is_none_or(|email| one.email == *email)) else {
        bail!("there is no such coordinator: run qdei invite-coordinator EMAIL first");
    };
    Ok(of_account(&mut tx, account.id).await?.context("the coordinator")?.coordinator()?)
}

fn tell(found: &Found, judgement: &Judgement) {
    let sheet = if found.sheet.is_empty() { String::new() } else { format!(", sheet “{}”", found.sheet) };
    println!("{}{sheet}: {} rows", found.kind.name(), found.rows.len());
    for column in found.columns.iter().filter(|column| !column.heading.is_empty()) {
        println!("  {} → {}", column.heading, column.field.map_or("not read", |field| field.name()));
    }
    println!(
        "{} new, {} already here and changed, {} already here and unchanged, {} with a problem",
        judgement.count(|standing| *standing == Standing::New),
        judgement.count(|standing| matches!(standing, Standing::Changed(_))),
        judgement.count(|standing| *standing == Standing::Same),
        judgement.bad_rows()
    );
    for problem in &judgement.problems {
        let row = if problem.row == 0 { "all rows".to_owned() } else { format!("row {}", problem.row) };
        let value =
            if problem.value.is_empty() { String::new() } else { format!(" “{}”", problem.value.replace('\n', " ")) };
        println!("! {row}, {}{value}: {} {}", problem.column, problem.what, problem.mend);
    }
}

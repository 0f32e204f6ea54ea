//! `qdei export`: everything in the database as CSV and JSON, so that the program's data never depends on this program.
//! Separate because only the server's operator may do it: the files hold what people wrote in private.
//!
//! One reading transaction sees one state. The folder appears under its name only once it is whole.

pub mod tables;

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use app::State;
use app::db::{Queryable, ReadTx, execute, fetch_all, fetch_one, fetch_optional};
use app::spreadsheet::neutral;
use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use serde_json::{Map, Value};
use sqlx::types::Json;
use sqlx::{AssertSqlSafe, Row};
use uuid::Uuid;

use tables::{LEFT_OUT, TABLES, Table, Type};

/// Rows that are read together.
const TOGETHER: i64 = 5_000;

/// Exports everything into a folder that is not there yet, or is empty. Gives the number of rows.
pub async fn run(state: &State, folder: &Path) -> anyhow::Result<usize> {
    if folder.exists() && fs::read_dir(folder).map_or(true, |mut entries| entries.next().is_some()) {
        bail!("{} is there already and not empty: name a new folder", folder.display());
    }
    let parts = partial(folder)?;
    make_folder(&parts).with_context(|| format!("{} cannot be made", parts.display()))?;
    let done = write_all(state, &parts).await;
    match done {
        Ok(rows) => {
            fs::rename(&parts, folder).with_context(|| format!("{} cannot be written", folder.display()))?;
            Ok(rows)
        }
        Err(error) => {
            fs::remove_dir_all(&parts).ok();
            Err(error)
        }
    }
}

/// Beside the folder, so that it can take its name in one step.
fn partial(folder: &Path) -> anyhow::Result<PathBuf> {
    let name = folder.file_name().context("the folder needs a name")?.to_string_lossy().into_owned();
    Ok(folder.with_file_name(format!("{name}.part")))
}

/// A folder that only its owner opens.
fn make_folder(folder: &Path) -> std::io::Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

async fn write_all(state: &State, folder: &Path) -> anyhow::Result<usize> {
    let mut tx = state.db.read().await?;
    if !tx.is_sqlite() {
        // SQLite's transactions see one state anyway.
        execute!(&mut tx, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")?;
    }
    let mut counts = Vec::new();
    for table in TABLES {
        counts.push(write_table(&mut tx, table, folder).await.with_context(|| format!("table {}", table.name))?);
    }
    write_certificates(&mut tx, folder).await?;
    let schema = schema(&mut tx).await?;
    fs::write(folder.join("README.txt"), readme(&counts, &schema, state.clock.now()))?;
    Ok(counts.iter().sum())
}

/// The last change of the schema that this database has seen.
async fn schema(tx: &mut ReadTx) -> anyhow::Result<String> {
    let (version, name) =
        fetch_one!(tx, (i64, String), "SELECT version, description FROM _sqlx_migrations ORDER BY version DESC LIMIT 1")?;
    Ok(format!("{version} ({name})"))
}

/// Writes both files of a table, some thousand rows at a time.
async fn write_table(tx: &mut ReadTx, table: &Table, folder: &Path) -> anyhow::Result<usize> {
    let mut csv = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(BufWriter::new(File::create(folder.join(format!("{}.csv", table.name)))?));
    let mut json = BufWriter::new(File::create(folder.join(format!("{}.json", table.name)))?);
    csv.write_record(table.columns.iter().map(|column| column.name))?;
    json.write_all(b"[")?;
    let mut count = 0_usize;
    loop {
        let rows = rows(tx, table, i64::try_from(count)?).await?;
        for row in &rows {
            csv.write_record(row.iter().map(cell))?;
            json.write_all(if count == 0 { b"\n" } else { b",\n" })?;
            let pairs = table.columns.iter().map(|column| column.name.to_owned()).zip(row.iter().cloned());
            serde_json::to_writer(&mut json, &pairs.collect::<Map<_, _>>())?;
            count += 1;
        }
        if rows.len() < usize::try_from(TOGETHER)? {
            break;
        }
    }
    json.write_all(b"\n]\n")?;
    json.flush()?;
    csv.flush()?;
    Ok(count)
}

/// A value as a cell: numbers as they are, everything else so that no spreadsheet program takes it for a formula.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Value::String(text) => neutral(text).into_owned(),
        other => other.to_string(),
    }
}

/// A column's value, by the type it is stored in.
macro_rules! value {
    ($row:expr, $at:expr, $kind:expr) => {
        match $kind {
            Type::Id => $row.try_get::<Option<Uuid>, _>($at).map(|id| text(id.map(|id| id.to_string()))),
            Type::Text => $row.try_get::<Option<String>, _>($at).map(text),
            Type::Whole => $row.try_get::<Option<i32>, _>($at).map(Value::from),
            Type::Big => $row.try_get::<Option<i64>, _>($at).map(Value::from),
            Type::Yes => $row.try_get::<Option<bool>, _>($at).map(Value::from),
            Type::Day => $row.try_get::<Option<NaiveDate>, _>($at).map(|day| text(day.map(|day| day.to_string()))),
            Type::Moment => $row.try_get::<Option<DateTime<Utc>>, _>($at).map(|at| text(at.map(moment))),
            Type::Json => $row.try_get::<Option<Json<Value>>, _>($at).map(|json| json.map_or(Value::Null, |json| json.0)),
            Type::Bytes => $row.try_get::<Option<Vec<u8>>, _>($at).map(|bytes| text(bytes.map(|bytes| app::hex(&bytes)))),
        }
    };
}
/// The rows of a table from `from` on. The statement is made of this program's own words alone.
async fn rows(tx: &mut ReadTx, table: &Table, from: i64) -> anyhow::Result<Vec<Vec<Value>>> {
    let names: Vec<String> = table.columns.iter().map(|column| format!("\"{}\"", column.name)).collect();
    let sql = format!("SELECT {} FROM \"{}\" ORDER BY {} LIMIT $1 OFFSET $2", names.join(", "), table.name, table.order);
    macro_rules! read {
        ($database:ty, $connection:expr) => {{
            let found = sqlx::query::<$database>(AssertSqlSafe(sql)).bind(TOGETHER).bind(from).fetch_all($connection).await?;
            found
                .iter()
                .map(|row| table.columns.iter().enumerate().map(|(at, column)| value!(row, at, column.kind)).collect())
                .collect::<Result<Vec<Vec<Value>>, sqlx::Error>>()?
        }};
    }
    Ok(if tx.is_sqlite() { read!(sqlx::Sqlite, tx.sqlite()) } else { read!(sqlx::Postgres, tx.postgres()) })
}

fn text(text: Option<String>) -> Value {
    text.map_or(Value::Null, Value::String)
}

fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// Each certificate's PDF, as it was sealed.
async fn write_certificates(tx: &mut ReadTx, folder: &Path) -> anyhow::Result<()> {
    let folder = folder.join("certificates");
    fs::create_dir(&folder)?;
    for (id, number) in fetch_all!(tx, (Uuid, String), "SELECT id, number FROM certificate ORDER BY year, sequence")? {
        let pdf = fetch_optional!(tx, (Vec<u8>,), "SELECT pdf FROM certificate WHERE id = $1", id)?;
        if let Some((pdf,)) = pdf {
            fs::write(folder.join(format!("{number}.pdf")), pdf)?;
        }
    }
    Ok(())
}

/// What is in the folder, for somebody who knows nothing of the program.
fn readme(counts: &[usize], schema: &str, now: DateTime<Utc>) -> String {
    let private: Vec<&str> = TABLES.iter().filter(|table| table.private).map(|table| table.name).collect();
    let mut text = format!(
        "QDEI: everything in the database\n\
         ================================\n\n\
         Exported {} by qdei {}. Schema {schema}.\n\n\
         THESE FILES HOLD PRIVATE WORDS. Mentees and mentors wrote them for themselves or for each other: reflections, messages,\n\
         notes of talks, answers to tests and self-evaluations. They are in: {}.\n\
         The coordinator's own pages do not show them. Keep this folder where only the server's operator can read it, hand\n\
         nothing of it on without need, and delete it when it is no longer needed.\n\n\
         Every table is there twice, as CSV and as JSON, in UTF-8. CSV begins with the columns' names; a cell that a spreadsheet\n\
         program could take for a formula has an apostrophe before it. JSON is a list of objects with every value in its type.\n\
         Days are written 2026-07-01, moments in UTC, bytes as hexadecimal digits, ids as UUIDs.\n\n",
        moment(now),
        env!("CARGO_PKG_VERSION"),
        private.join(", ")
    );
    for (table, count) in TABLES.iter().zip(counts) {
        let private = if table.private { " Private words." } else { "" };
        text.push_str(&format!("{} ({count} rows)\n  {}{private}\n", table.name, table.about));
        for column in table.columns {
            text.push_str(&format!("    {:<24}{}\n", column.name, column.about));
        }
        for (name, why) in table.left_out {
            text.push_str(&format!("    {name:<24}not exported: {why}\n"));
        }
        text.push('\n');
    }
    text.push_str("Not exported\n");
    for (name, why) in LEFT_OUT {
        text.push_str(&format!("    {name:<24}{why}\n"));
    }
    text
}

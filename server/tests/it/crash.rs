//! The program is killed in the middle of writing; whatever it acknowledged is still there afterwards.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use app::db::{Db, fetch_all};

use crate::support::{PASSWORD, postgres};

struct Running {
    process: Child,
    // Held open: a program that cannot say what it says at the start would stop.
    _said: BufReader<ChildStdout>,
    address: String,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

fn qdei(folder: &std::path::Path, database: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_qdei"));
    command
        .env("QDEI_DATA", folder)
        .env("QDEI_DATABASE_URL", database)
        .env("QDEI_SECRET_KEY", "a secret of more than thirty-two characters")
        .env("QDEI_RATE_LIMIT", "100000")
        .env("RUST_LOG", "warn")
        .stderr(Stdio::null());
    command
}

fn serve(folder: &std::path::Path, database: &str) -> Running {
    let mut process =
        qdei(folder, database).args(["serve", "--address", "127.0.0.1:0"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    let mut said = BufReader::new(process.stdout.take().unwrap());
    said.read_line(&mut line).unwrap();
    let address = line.trim().rsplit("http://").next().unwrap().to_owned();
    Running { process, _said: said, address }
}

/// One request over a connection of its own; `None` when the answer did not come whole.
fn request(address: &str, method: &str, path: &str, cookie: &str, body: &str) -> Option<String> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(20))).ok()?;
    let text = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nAccept: text/html\r\nSec-Fetch-Site: same-origin\r\n\
         Cookie: {cookie}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(text.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    answer.starts_with("HTTP/1.1").then_some(answer)
}

fn sign_in(folder: &std::path::Path, database: &str, address: &str) -> String {
    let out = qdei(folder, database).args(["invite-coordinator", "ann@qdei.test"]).output().unwrap();
    let text = String::from_utf8(out.stdout).unwrap();
    let token = text.trim().rsplit('/').next().unwrap().to_owned();
    let body = format!("token={token}&password={0}&password-again={0}", PASSWORD.replace(' ', "+"));
    let answer = request(address, "POST", "/api/welcome", "", &body).unwrap();
    let cookie = answer.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap_or_else(|| panic!("{answer}"));
    cookie.split(';').next().unwrap().to_owned()
}

/// Sends titles from several writers until the program is gone, and gives those that were acknowledged.
fn write_until_killed(running: &mut Running, cookie: &str) -> Vec<String> {
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let (address, cookie) = (running.address.clone(), cookie.to_owned());
            std::thread::spawn(move || {
                let mut acknowledged = Vec::new();
                for number in 0.. {
                    let name = format!("Title {writer}-{number}");
                    let body = format!("name={}&publisher=Somebody", name.replace(' ', "+"));
                    match request(&address, "POST", "/api/add-title", &cookie, &body) {
                        Some(answer) if answer.starts_with("HTTP/1.1 303") && answer.contains("done=") => {
                            acknowledged.push(name)
                        }
                        Some(answer) => panic!("{answer}"),
                        None => break,
                    }
                }
                acknowledged
            })
        })
        .collect();
    let deadline = Instant::now() + Duration::from_secs(20);
    // Killed while writers write, not before: wait until the pages say that some titles are there.
    while Instant::now() < deadline {
        let library = request(&running.address, "GET", "/coordinator/library", cookie, "").unwrap_or_default();
        if library.matches("Title ").count() > 40 {
            break;
        }
    }
    running.process.kill().unwrap();
    running.process.wait().unwrap();
    writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect()
}

async fn crash(folder: &std::path::Path, database: &str) {
    let mut running = serve(folder, database);
    let cookie = sign_in(folder, database, &running.address);
    let acknowledged = write_until_killed(&mut running, &cookie);
    assert!(acknowledged.len() > 20, "only {} were written before the kill", acknowledged.len());

    let again = serve(folder, database);
    assert!(request(&again.address, "GET", "/readyz", "", "").unwrap().starts_with("HTTP/1.1 200"));
    drop(again);
    let check = qdei(folder, database).arg("check").output().unwrap();
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stdout));
    let db = Db::open(database).await.unwrap();
    let mut tx = db.read().await.unwrap();
    let there: Vec<String> =
        fetch_all!(&mut tx, (String,), "SELECT name FROM title").unwrap().into_iter().map(|(name,)| name).collect();
    let lost: Vec<&String> = acknowledged.iter().filter(|name| !there.contains(name)).collect();
    assert!(lost.is_empty(), "acknowledged and gone: {lost:?}");
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_by_a_kill_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite:{}", folder.path().join("crash.db").display());
    crash(folder.path(), &database).await;
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_by_a_kill_on_postgresql() {
    match std::env::var("QDEI_TEST_POSTGRES_URL") {
        Ok(server) => {
            let folder = tempfile::tempdir().unwrap();
            crash(folder.path(), &postgres(&server).await).await;
        }
        Err(_) => assert!(std::env::var("CI").is_err(), "CI must name a PostgreSQL server in QDEI_TEST_POSTGRES_URL"),
    }
}

#[test]
fn a_database_that_is_not_there_is_told_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    for database in ["postgres://nobody@127.0.0.1:9/none", "sqlite:/nowhere/at/all.db", "mysql://x"] {
        let out =
            qdei(folder.path(), database).args(["serve", "--address", "127.0.0.1:0"]).stderr(Stdio::piped()).output().unwrap();
        let said = String::from_utf8(out.stderr).unwrap();
        assert_eq!(out.status.code(), Some(1), "{database}");
        assert_eq!(said.lines().filter(|line| line.starts_with("qdei: ")).count(), 1, "{said}");
    }
}

//! Programs of their own, the real binary and the bare server, and a plain client over TCP. Separate because only here
//! does anything leave this process.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

/// How long a program may take until it answers.
const PATIENCE: Duration = Duration::from_secs(60);

/// A program that serves, until it is dropped.
pub struct Program {
    child: Child,
    pub address: SocketAddr,
    /// From the start of the process to its first answer.
    pub started_in: Duration,
}

impl Program {
    /// `qdei serve` over the database in this folder.
    pub fn serve(folder: &Path) -> anyhow::Result<Self> {
        let address = free_address()?;
        let data = crate::site::data(folder);
        let mut command = Command::new(env!("CARGO_BIN_EXE_qdei"));
        command
            .args(["serve", "--address", &address.to_string(), "--rate-limit", "100000", "--data"])
            .arg(&data.data)
            .env("QDEI_DATABASE_URL", format!("sqlite:{}", folder.join("site.db").display()))
            .env_remove("QDEI_SECRET_KEY")
            .env_remove("QDEI_BASE_URL");
        Self::start(command, address, "/healthz")
    }

    /// This program again, as the bare server.
    pub fn bare() -> anyhow::Result<Self> {
        let address = free_address()?;
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["bare", &address.to_string()]);
        Self::start(command, address, "/")
    }

    fn start(mut command: Command, address: SocketAddr, path: &str) -> anyhow::Result<Self> {
        let start = Instant::now();
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let mut program = Self { child, address, started_in: Duration::ZERO };
        loop {
            if let Ok(mut connection) = Connection::open(address)
                && connection.get(path, "").is_ok_and(|answer| answer.status == 200)
            {
                program.started_in = start.elapsed();
                return Ok(program);
            }
            if start.elapsed() > PATIENCE || program.child.try_wait()?.is_some() {
                bail!("{command:?} did not answer");
            }
            std::thread::sleep(Duration::from_micros(500));
        }
    }

    pub fn resident(&self) -> Option<u64> {
        crate::measure::resident(self.child.id())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// One connection that stays open, as a browser's does.
pub struct Connection {
    stream: BufReader<TcpStream>,
}

/// What came back, without the body: nobody reads it.
pub struct Answer {
    pub status: u16,
    pub location: String,
    pub cookie: String,
}

impl Connection {
    pub fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self { stream: BufReader::new(stream) })
    }

    pub fn get(&mut self, path: &str, cookie: &str) -> anyhow::Result<Answer> {
        self.ask(&format!("GET {path} HTTP/1.1\r\n{}\r\n", headers(cookie)))
    }

    pub fn send(&mut self, function: &str, fields: &[(&str, &str)], cookie: &str) -> anyhow::Result<Answer> {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.ask(&format!(
            "POST /api/{function} HTTP/1.1\r\n{}sec-fetch-site: same-origin\r\ncontent-type: application/x-www-form-urlencoded\r\n\
             content-length: {}\r\n\r\n{body}",
            headers(cookie),
            body.len()
        ))
    }

    fn ask(&mut self, request: &str) -> anyhow::Result<Answer> {
        self.stream.get_mut().write_all(request.as_bytes())?;
        let line = self.line()?;
        let status =
            line.split(' ').nth(1).and_then(|word| word.parse().ok()).with_context(|| format!("no status in {line:?}"))?;
        let mut answer = Answer { status, location: String::new(), cookie: String::new() };
        let (mut length, mut chunked) = (0, false);
        loop {
            let line = self.line()?;
            let Some((name, value)) = line.split_once(": ") else { break };
            match name {
                "content-length" => length = value.parse()?,
                "transfer-encoding" => chunked = value == "chunked",
                "location" => answer.location = value.to_owned(),
                "set-cookie" => answer.cookie = value.split(';').next().unwrap_or_default().to_owned(),
                _ => {}
            }
        }
        if chunked {
            self.skip_chunks()?
        } else {
            self.skip(length)?
        }
        Ok(answer)
    }

    fn line(&mut self) -> anyhow::Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line)? == 0 {
            bail!("the connection was closed");
        }
        Ok(line.trim_end().to_owned())
    }

    fn skip(&mut self, length: u64) -> anyhow::Result<()> {
        std::io::copy(&mut self.stream.by_ref().take(length), &mut std::io::sink())?;
        Ok(())
    }

    fn skip_chunks(&mut self) -> anyhow::Result<()> {
        loop {
            let length = u64::from_str_radix(&self.line()?, 16)?;
            self.skip(length + 2)?;
            if length == 0 {
                return Ok(());
            }
        }
    }
}

fn headers(cookie: &str) -> String {
    let cookie = if cookie.is_empty() { String::new() } else { format!("cookie: {cookie}\r\n") };
    format!("host: budget.test\r\naccept: text/html\r\naccept-encoding: gzip, deflate, br\r\n{cookie}")
}

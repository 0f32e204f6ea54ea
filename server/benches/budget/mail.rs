//! How fast the outbox empties into a mail server on the same machine. Separate because it is the only row that talks to
//! another server.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use anyhow::{Context, ensure};
use app::Stranger;
use app::mail::{Kind, Mail, Recipient, store};
use server::mail::{Post, Transport, WORKERS};

use crate::measure::wall;
use crate::site::Site;
use crate::table::{Amount, Row};

/// Messages in one go.
const MANY: u32 = 300;

pub async fn row() -> anyhow::Result<Row> {
    let folder = crate::folder()?;
    let site = Site::open(folder.path()).await?;
    let mut tx = site.state.write(&Stranger).await?;
    for number in 0..MANY {
        let to = Recipient { account: None, address: format!("{number}@budget.test"), name: format!("Person {number}") };
        store::enqueue(&mut tx, Mail::new(Kind::TestMail, to)).await?;
    }
    tx.commit().await?;
    let arrived = Arc::new(Mutex::new(Vec::new()));
    let url = format!("smtp://127.0.0.1:{}", receive(arrived.clone())?).into();
    let transport = Transport::open(Some(&url), folder.path())?;
    let post = Post { state: site.state.clone(), transport, from: "QDEI <qdei@budget.test>".parse()? };
    let (time, ()) = wall(async {
        let workers: Vec<_> = (0..WORKERS)
            .map(|_| {
                let post = post.clone();
                tokio::spawn(async move { post.drain().await })
            })
            .collect();
        for worker in workers {
            worker.await??;
        }
        Ok(())
    })
    .await?;
    site.state.db.close().await;
    let arrived = arrived.lock().map_err(|_| anyhow::anyhow!("the mail server stopped"))?;
    let different: HashSet<&String> = arrived.iter().collect();
    ensure!(arrived.len() == MANY as usize && different.len() == MANY as usize, "{} of {MANY} mails arrived", arrived.len());
    let rate = (f64::from(MANY) / time.as_secs_f64()) as u64;
    Ok(Row::new("Mails a second, local SMTP server", Amount::Count(rate)).at_least(Amount::Count(50)))
}

/// A mail server that takes everything and notes for whom; gives its port.
fn receive(arrived: Arc<Mutex<Vec<String>>>) -> anyhow::Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let arrived = arrived.clone();
            // A client that hangs up ends the talk.
            std::thread::spawn(move || talk(stream, &arrived).ok());
        }
    });
    Ok(port)
}

fn talk(mut stream: TcpStream, arrived: &Mutex<Vec<String>>) -> anyhow::Result<()> {
    stream.set_nodelay(true)?;
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    stream.write_all(b"220 budget.test\r\n")?;
    while let Some(line) = lines.next() {
        let line = line?;
        let answer: &[u8] = match line.get(..4).unwrap_or_default() {
            "DATA" => {
                stream.write_all(b"354 go on\r\n")?;
                lines.find(|line| line.as_ref().map_or(true, |line| line == ".")).context("no end")??;
                b"250 kept\r\n"
            }
            "RCPT" => {
                arrived.lock().map_err(|_| anyhow::anyhow!("stopped"))?.push(line);
                b"250 ok\r\n"
            }
            "QUIT" => return Ok(()),
            _ => b"250 ok\r\n",
        };
        stream.write_all(answer)?;
    }
    Ok(())
}

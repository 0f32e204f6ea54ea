//! A mail server of a few lines that can misbehave at every step. Separate because it knows nothing of the program.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// How it behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Well,
    SilentAtStart,
    SlowAtRecipient,
    ClosesAtStart,
    ClosesAtRecipient,
    ClosesAtData,
    BusyAtRecipient,
    /// Keeps the message and says nothing.
    ClosesAfterMessage,
    RefusesAnn,
    RefusesSender,
}

/// What arrived.
#[derive(Debug, Clone)]
pub struct Arrived {
    pub to: String,
    pub message: String,
}

#[derive(Clone)]
pub struct Server {
    address: std::net::SocketAddr,
    way: Arc<Mutex<Way>>,
    arrived: Arc<Mutex<Vec<Arrived>>>,
    connections: Arc<Mutex<usize>>,
}

impl Server {
    pub async fn start(way: Way) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            way: Arc::new(Mutex::new(way)),
            arrived: Arc::default(),
            connections: Arc::default(),
        };
        let here = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                *here.connections.lock().unwrap() += 1;
                let here = here.clone();
                // A client that hangs up ends the talk; that is no fault of the server's.
                tokio::spawn(async move { here.talk(stream).await.ok() });
            }
        });
        server
    }

    pub fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    pub fn behave(&self, way: Way) {
        *self.way.lock().unwrap() = way;
    }

    pub fn arrived(&self) -> Vec<Arrived> {
        self.arrived.lock().unwrap().clone()
    }

    pub fn connections(&self) -> usize {
        *self.connections.lock().unwrap()
    }

    fn way(&self) -> Way {
        *self.way.lock().unwrap()
    }

    async fn talk(&self, stream: TcpStream) -> std::io::Result<()> {
        let mut stream = BufReader::new(stream);
        match self.way() {
            Way::ClosesAtStart => return Ok(()),
            Way::SilentAtStart => tokio::time::sleep(Duration::from_secs(2)).await,
            _ => {}
        }
        stream.write_all(b"220 mail.test\r\n").await?;
        let (mut line, mut to) = (String::new(), String::new());
        loop {
            line.clear();
            if stream.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            let word = line.split([' ', ':', '\r']).next().unwrap_or_default().to_uppercase();
            let answer = match (word.as_str(), self.way()) {
                ("EHLO", _) => "250-mail.test\r\n250 AUTH PLAIN",
                ("AUTH", _) => "535 5.7.8 Who are you",
                ("MAIL", Way::RefusesSender) => "553 5.7.1 Not from here",
                ("RCPT", Way::ClosesAtRecipient) | ("DATA", Way::ClosesAtData) => return Ok(()),
                ("RCPT", Way::BusyAtRecipient) => "451 4.7.1 Come back later",
                ("RCPT", Way::RefusesAnn) if line.contains("ann@") => "550 5.1.1 No such user here",
                ("RCPT", way) => {
                    if way == Way::SlowAtRecipient {
                        tokio::time::sleep(Duration::from_secs(2)).await;
                    }
                    to = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                    "250 ok"
                }
                ("DATA", _) => {
                    stream.write_all(b"354 go on\r\n").await?;
                    let message = read_message(&mut stream).await?;
                    self.arrived.lock().unwrap().push(Arrived { to: to.clone(), message });
                    if self.way() == Way::ClosesAfterMessage {
                        return Ok(());
                    }
                    "250 kept"
                }
                ("QUIT", _) => return Ok(()),
                _ => "250 ok",
            };
            stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
        }
    }
}

async fn read_message(stream: &mut BufReader<TcpStream>) -> std::io::Result<String> {
    let (mut message, mut line) = (String::new(), String::new());
    while stream.read_line(&mut line).await? > 0 && line != ".\r\n" {
        message.push_str(line.strip_prefix('.').unwrap_or(&line));
        line.clear();
    }
    Ok(message)
}

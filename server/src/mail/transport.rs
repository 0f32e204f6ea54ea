//! The ways a message leaves, and what it means when it cannot. Separate because the outbox must not care which it is.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use lettre::Message;
use secrecy::{ExposeSecret, SecretString};

use super::smtp::Smtp;

/// How a message leaves.
#[derive(Clone)]
pub enum Transport {
    Smtp(Smtp),
    /// Each message as a file, for those who have no mail server yet.
    Folder(PathBuf),
    /// Kept, for tests.
    Memory(Arc<Mutex<Vec<String>>>),
}

/// Why a message did not leave, or may not have.
#[derive(Debug, Clone)]
pub struct Failure {
    /// Trying again would not help.
    pub for_good: bool,
    /// The server said that there is no such mailbox, or that it takes nothing for it.
    pub refused_address: bool,
    /// The message was handed over and the answer never came.
    pub may_have_left: bool,
    /// In plain words, for the outbox.
    pub why: String,
}

impl Failure {
    /// Worth another try, and certainly not sent.
    pub fn later(why: impl Into<String>) -> Self {
        Self { for_good: false, refused_address: false, may_have_left: false, why: why.into() }
    }

    /// It can never be sent as it is.
    pub fn for_good(why: impl Into<String>) -> Self {
        Self { for_good: true, ..Self::later(why) }
    }

    /// It could not even be written.
    pub fn unwritable(error: &anyhow::Error) -> Self {
        Self::for_good(format!("the message could not be written: {error:#}"))
    }
}

impl Transport {
    /// From the operator's setting; without one, files under `data`.
    pub fn open(setting: Option<&SecretString>, data: &Path) -> anyhow::Result<Self> {
        let url = setting.map(ExposeSecret::expose_secret).unwrap_or_default();
        if url.is_empty() {
            return Ok(Self::Folder(data.join("mail")));
        }
        if let Some(path) = url.strip_prefix("dir:") {
            return Ok(Self::Folder(path.into()));
        }
        Ok(Self::Smtp(Smtp::open(url)?))
    }

    pub(super) async fn send(&self, message: Message) -> Result<(), Failure> {
        match self {
            Self::Smtp(smtp) => smtp.send(&message).await,
            Self::Folder(folder) => write(folder, &message.formatted())
                .await
                .map_err(|error| Failure::later(format!("the file could not be written: {error}"))),
            Self::Memory(kept) => {
                if let Ok(mut kept) = kept.lock() {
                    kept.push(String::from_utf8_lossy(&message.formatted()).into_owned());
                }
                Ok(())
            }
        }
    }
}

async fn write(folder: &Path, message: &[u8]) -> std::io::Result<()> {
    tokio::fs::create_dir_all(folder).await?;
    let name = format!("{}.eml", app::id::MailId::new());
    tokio::fs::write(folder.join(name), message).await
}

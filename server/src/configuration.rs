//! What the operator sets, each as a flag and as an environment variable; separate from the program's own settings,
//! which the coordinator changes on a page.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use secrecy::{ExposeSecret, SecretString};

/// Where the data is and with which key it is sealed: what every command needs.
#[derive(Args, Clone, Debug)]
pub struct Data {
    /// The database: sqlite:PATH, or postgres://USER@HOST/NAME
    #[arg(long, env = "QDEI_DATABASE_URL", default_value = "sqlite:data/qdei.db", hide_env_values = true)]
    pub database_url: SecretString,

    /// The server's secret, 32 characters or more. Without it, the file data/secret.key is made and used
    #[arg(long, env = "QDEI_SECRET_KEY", hide_env_values = true)]
    pub secret_key: Option<SecretString>,

    /// The folder for what the program keeps in files
    #[arg(long, env = "QDEI_DATA", default_value = "data")]
    pub data: PathBuf,

    /// Where people reach the site, without a slash at the end; https makes cookies secure
    #[arg(long, env = "QDEI_BASE_URL")]
    pub base_url: Option<String>,
}

/// How the site is served.
#[derive(Args, Clone, Debug)]
pub struct Serving {
    /// The address to listen on
    #[arg(long, env = "QDEI_ADDRESS", default_value = "127.0.0.1:3000")]
    pub address: SocketAddr,

    /// The mail server: smtp://USER:PASSWORD@HOST:PORT?tls=required, smtps://…, or dir:PATH to write each message into a file
    #[arg(long, env = "QDEI_SMTP_URL", hide_env_values = true)]
    pub smtp_url: Option<SecretString>,

    /// The sender of every message
    #[arg(long, env = "QDEI_MAIL_FROM", default_value = "QDEI <qdei@localhost>")]
    pub mail_from: String,

    /// The addresses of proxies whose X-Forwarded-For is believed, separated by commas
    #[arg(long, env = "QDEI_TRUSTED_PROXIES", value_delimiter = ',')]
    pub trusted_proxies: Vec<std::net::IpAddr>,

    /// The bearer token that opens /metrics; without it there are none
    #[arg(long, env = "QDEI_METRICS_TOKEN", hide_env_values = true)]
    pub metrics_token: Option<SecretString>,

    /// How many sign-ins, links and applications one address may send at once; one more every two seconds
    #[arg(long, env = "QDEI_RATE_LIMIT", default_value_t = 30)]
    pub rate_limit: u32,

    /// Log lines as text or json
    #[arg(long, env = "QDEI_LOG_FORMAT", default_value = "text")]
    pub log_format: crate::log::Format,

    /// Fill an empty database with the demo program first
    #[arg(long, env = "QDEI_DEMO_IF_EMPTY")]
    pub demo_if_empty: bool,
}

const SHORTEST_KEY: usize = 32;

impl Data {
    /// The server's secret: the setting, or the file in the data folder, made at the first start.
    pub fn secret(&self) -> anyhow::Result<Vec<u8>> {
        if let Some(key) = &self.secret_key {
            if key.expose_secret().len() < SHORTEST_KEY {
                bail!("QDEI_SECRET_KEY is too short: it needs {SHORTEST_KEY} characters or more");
            }
            return Ok(key.expose_secret().as_bytes().to_vec());
        }
        if !self.database_url.expose_secret().starts_with("sqlite:") {
            bail!("with a database server, QDEI_SECRET_KEY must be set, the same for every copy of the program");
        }
        read_or_make(&self.data.join("secret.key"))
    }

    /// Where people reach the site.
    pub fn base_url(&self, address: Option<SocketAddr>) -> String {
        match &self.base_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => address.map_or_else(|| "http://127.0.0.1:3000".to_owned(), |address| format!("http://{address}")),
        }
    }
}

fn read_or_make(path: &Path) -> anyhow::Result<Vec<u8>> {
    match std::fs::read(path) {
        Ok(key) if key.len() >= SHORTEST_KEY => Ok(key),
        Ok(_) => bail!("{} is too short to be the server's secret", path.display()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let key = app::random_code::<32>()?;
            write_private(path, key.as_bytes()).with_context(|| format!("{} could not be written", path.display()))?;
            Ok(key.into_bytes())
        }
        Err(error) => Err(error).with_context(|| format!("{} could not be read", path.display())),
    }
}

/// Writes a file that only its owner can read.
fn write_private(path: &Path, content: &[u8]) -> std::io::Result<()> {
    use std::io::Write;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(content)
}

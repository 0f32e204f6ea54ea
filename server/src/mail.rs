//! The mail worker: takes messages out of the outbox, writes them from their templates and hands them to a transport.
//! Separate because it runs beside the pages and may fail without them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use anyhow::Context;
use app::mail::State as MailState;
use app::mail::store::{self, Waiting};
use app::{State, Stranger};
use lettre::message::{Mailbox, header::ContentType};
use lettre::transport::smtp::AsyncSmtpTransport;
use lettre::{AsyncTransport, Message, Tokio1Executor};
use minijinja::{Environment, Value, context};
use rust_embed::Embed;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::watch;

#[derive(Embed)]
#[folder = "templates/mail"]
struct Templates;

static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
    for name in Templates::iter() {
        let text = Templates::get(&name).map(|file| String::from_utf8_lossy(&file.data).into_owned()).unwrap_or_default();
        if let Err(error) = environment.add_template_owned(name.to_string(), text) {
            tracing::error!(%error, %name, "mail template");
        }
    }
    environment
});

/// How a message leaves.
#[derive(Clone)]
pub enum Transport {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    /// Each message as a file, for those who have no mail server yet.
    Folder(PathBuf),
    /// Kept, for tests.
    Memory(Arc<Mutex<Vec<String>>>),
}

impl Transport {
    /// From the operator's setting; without one, files under `data`.
    pub fn open(setting: Option<&SecretString>, data: &std::path::Path) -> anyhow::Result<Self> {
        let url = setting.map(ExposeSecret::expose_secret).unwrap_or_default();
        if url.is_empty() {
            return Ok(Self::Folder(data.join("mail")));
        }
        if let Some(path) = url.strip_prefix("dir:") {
            return Ok(Self::Folder(path.into()));
        }
        // The address may hold a password: it is not repeated in the error.
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
            .map_err(|_| anyhow::anyhow!("QDEI_SMTP_URL must read smtp://USER:PASSWORD@HOST:PORT, smtps://… or dir:PATH"))?;
        Ok(Self::Smtp(builder.timeout(Some(Duration::from_secs(20))).build()))
    }

    async fn send(&self, message: Message) -> Result<(), Failure> {
        match self {
            Self::Smtp(smtp) => smtp
                .send(message)
                .await
                .map(|_| ())
                .map_err(|error| Failure { for_good: error.is_permanent(), why: error.to_string() }),
            Self::Folder(folder) => {
                write(folder, &message.formatted()).await.map_err(|error| Failure { for_good: false, why: error.to_string() })
            }
            Self::Memory(kept) => {
                if let Ok(mut kept) = kept.lock() {
                    kept.push(String::from_utf8_lossy(&message.formatted()).into_owned());
                }
                Ok(())
            }
        }
    }
}

struct Failure {
    for_good: bool,
    why: String,
}

async fn write(folder: &std::path::Path, message: &[u8]) -> std::io::Result<()> {
    tokio::fs::create_dir_all(folder).await?;
    let name = format!("{}.eml", app::id::MailId::new());
    tokio::fs::write(folder.join(name), message).await
}

/// What the worker sends with.
#[derive(Clone)]
pub struct Post {
    pub state: State,
    pub transport: Transport,
    pub from: Mailbox,
}

/// Tries before a message counts as failed: over about a day.
const MOST_TRIES: i32 = 10;

/// Sends what is due until told to stop.
pub async fn work(post: Post, mut stop: watch::Receiver<bool>) {
    loop {
        let pause = match post.send_next().await {
            Ok(true) => continue,
            Ok(false) => Duration::from_secs(1),
            Err(error) => {
                tracing::error!(error = format!("{error:#}"), "outbox");
                Duration::from_secs(10)
            }
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = stop.changed() => return,
        }
    }
}

impl Post {
    /// Takes one due message through to its end; `false` when nothing is due. A test drains the outbox with it.
    pub async fn send_next(&self) -> anyhow::Result<bool> {
        let mut tx = self.state.write(&Stranger).await?;
        let Some(first) = store::claim(&mut tx).await? else { return Ok(false) };
        let mut claimed = vec![first];
        if claimed[0].timing == app::mail::Timing::Digest {
            let rest = store::claim_rest_of_digest(&mut tx, &claimed[0]).await?;
            claimed.extend(rest);
        }
        if claimed.iter().any(|mail| matches!(mail.kind, app::mail::Kind::Nudge | app::mail::Kind::Listed)) {
            app::enrollments::standing::catch_up_within(&mut tx).await?;
        }
        let mut still = Vec::new();
        for mail in claimed {
            if store::still_true(&mut tx, &mail).await? {
                still.push(mail);
            } else {
                store::settle(&mut tx, mail.id, MailState::Dropped, None).await?;
            }
        }
        let settings = app::settings::store::current(&mut tx).await?;
        tx.commit().await?;
        if let Some(first) = still.first() {
            let outcome = match self.write(&still, &settings) {
                Ok(message) => self.transport.send(message).await,
                Err(error) => Err(Failure { for_good: true, why: format!("{error:#}") }),
            };
            tracing::info!(kind = %first.kind, count = still.len(), sent = outcome.is_ok(), "mail");
            self.settle(&still, outcome).await?;
        }
        Ok(true)
    }

    async fn settle(&self, mails: &[Waiting], outcome: Result<(), Failure>) -> anyhow::Result<()> {
        let mut tx = self.state.write(&Stranger).await?;
        for mail in mails {
            match &outcome {
                Ok(()) => store::settle(&mut tx, mail.id, MailState::Sent, None).await?,
                Err(failure) if failure.for_good || mail.attempts >= MOST_TRIES => {
                    store::settle(&mut tx, mail.id, MailState::Failed, Some(&failure.why)).await?;
                }
                Err(failure) => {
                    let wait = chrono::Duration::minutes(1) * 2_i32.pow(u32::try_from(mail.attempts.clamp(0, 8)).unwrap_or(0));
                    let until = tx.now() + wait;
                    store::postpone(&mut tx, mail.id, until, &failure.why).await?;
                }
            }
        }
        Ok(tx.commit().await?)
    }

    fn write(&self, mails: &[Waiting], settings: &app::settings::Settings) -> anyhow::Result<Message> {
        let first = mails.first().context("nothing to write")?;
        let text = match first.timing {
            app::mail::Timing::Now => render(first.kind.as_str(), &first.name, &first.fields, Value::UNDEFINED, settings)?,
            app::mail::Timing::Digest => {
                let items = mails.iter().map(|mail| item(mail, settings)).collect::<anyhow::Result<Vec<Value>>>()?;
                render("digest", &first.name, &BTreeMap::new(), Value::from(items), settings)?
            }
        };
        let (subject, body) = text.split_once("\n\n").context("a template without a subject")?;
        let subject = subject.strip_prefix("Subject:").unwrap_or(subject).trim();
        let to = Mailbox::new(Some(one_line(&first.name)), first.address.parse().context("the address")?);
        let mut builder = Message::builder().from(self.from.clone()).to(to).subject(one_line(subject));
        if let Ok(reply_to) = settings.coordinator_email.parse() {
            builder = builder.reply_to(Mailbox::new(Some(one_line(&settings.coordinator_name)), reply_to));
        }
        Ok(builder.header(ContentType::TEXT_PLAIN).body(body.to_owned())?)
    }
}

/// A message's line in a digest: its subject, and where it leads.
fn item(mail: &Waiting, settings: &app::settings::Settings) -> anyhow::Result<Value> {
    let text = render(mail.kind.as_str(), &mail.name, &mail.fields, Value::UNDEFINED, settings)?;
    let subject = text.lines().next().unwrap_or_default().trim_start_matches("Subject:").trim().to_owned();
    let link = mail.fields.get("link").cloned().unwrap_or_default();
    Ok(context! { text => subject, link => link })
}

fn render(
    template: &str,
    name: &str,
    fields: &BTreeMap<String, String>,
    items: Value,
    settings: &app::settings::Settings,
) -> anyhow::Result<String> {
    let count = items.len().unwrap_or(0);
    // What a person typed may not begin a new header line or a new field of the mail.
    let fields: BTreeMap<&str, Value> =
        fields.iter().map(|(name, value)| (name.as_str(), Value::from(value.as_str()))).collect();
    let own = context! {
        name => one_line(name),
        program => settings.program.as_str(),
        coordinator_name => settings.coordinator_name.as_str(),
        coordinator_email => settings.coordinator_email.as_str(),
        coordinator_phone => settings.coordinator_phone.as_str(),
        items => items,
        count => count,
    };
    let all = context! { ..Value::from(fields), ..own };
    Ok(ENVIRONMENT.get_template(&format!("{template}.txt"))?.render(all)?)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

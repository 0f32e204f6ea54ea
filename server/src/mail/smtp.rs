//! Talking SMTP step by step over a few connections that are kept open. lettre speaks the protocol; the steps are taken
//! here, because it matters which of them failed: a refused recipient is a wrong address, a refused sign-in is not, and
//! only after the last step may a message have left that nobody acknowledged.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use axum::http::Uri;
use lettre::Message;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};

use super::transport::Failure;

/// How long one step may take. The last one, in which the server stores the message, gets six times as long: giving up
/// there is what makes duplicates. All of it together is less than a claim's lease.
const PATIENCE: Duration = Duration::from_secs(15);

/// A connection that nobody used for this long may have been closed at the other end.
const FRESH: Duration = Duration::from_secs(20);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Tls {
    None,
    /// From the first byte.
    Wrapped,
    Required,
    IfOffered,
}

/// A mail server and the connections to it.
#[derive(Clone)]
pub struct Smtp(Arc<Inner>);

struct Inner {
    host: String,
    port: u16,
    tls: Tls,
    credentials: Option<Credentials>,
    hello: ClientId,
    patience: Duration,
    idle: Mutex<Vec<(AsyncSmtpConnection, Instant)>>,
}

impl Smtp {
    /// From `smtp://USER:PASSWORD@HOST:PORT`, with `?tls=required` or `?tls=opportunistic`, or `smtps://…`.
    pub fn open(url: &str) -> anyhow::Result<Self> {
        // The address may hold a password: it is not repeated in the error.
        read(url, PATIENCE).context("QDEI_SMTP_URL must read smtp://USER:PASSWORD@HOST:PORT, smtps://… or dir:PATH")
    }

    /// With less patience than a real server deserves, for tests.
    pub fn impatient(url: &str, patience: Duration) -> anyhow::Result<Self> {
        read(url, patience)
    }

    /// Hands one message over.
    pub(super) async fn send(&self, message: &Message) -> Result<(), Failure> {
        let (mut connection, kept) = match self.take_idle() {
            Some(connection) => (connection, true),
            None => (self.connect().await?, false),
        };
        let begun = match self.begin(&mut connection, message).await {
            // A connection that was kept may have been closed meanwhile. Nothing was said yet: a new one begins again.
            Err(Refused::Broken(_)) if kept => {
                connection = self.connect().await?;
                self.begin(&mut connection, message).await
            }
            begun => begun,
        };
        if let Err(refused) = begun {
            self.hang_up(connection).await;
            return Err(refused.into_failure());
        }
        let sent = within(self.0.patience * 6, connection.message(&message.formatted())).await;
        match sent {
            Ok(()) => {
                self.keep(connection);
                Ok(())
            }
            Err(step) => {
                let failure = after_the_message(step);
                self.hang_up(connection).await;
                Err(failure)
            }
        }
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Failure> {
        let inner = &*self.0;
        let tls =
            || TlsParameters::new(inner.host.clone()).map_err(|error| Failure::later(format!("no secure connection: {error}")));
        let wrapped = if inner.tls == Tls::Wrapped { Some(tls()?) } else { None };
        let server = (inner.host.as_str(), inner.port);
        let opening = AsyncSmtpConnection::connect_tokio1(server, Some(inner.patience), &inner.hello, wrapped, None);
        let mut connection = match tokio::time::timeout(inner.patience, opening).await {
            Ok(Ok(connection)) => connection,
            Ok(Err(error)) => return Err(Failure::later(format!("the mail server could not be reached ({error})"))),
            Err(_) => return Err(Failure::later("the mail server could not be reached in time")),
        };
        if inner.tls == Tls::Required || inner.tls == Tls::IfOffered && connection.can_starttls() {
            let (tls, hello) = (tls()?, inner.hello.clone());
            let secured = tokio::time::timeout(inner.patience, connection.starttls(tls, &hello)).await;
            if let Some(why) = problem(secured) {
                return Err(Failure::later(format!("no secure connection to the mail server: {why}")));
            }
        }
        if let Some(credentials) = &inner.credentials {
            let signed_in = tokio::time::timeout(inner.patience, connection.auth(DEFAULT_MECHANISMS, credentials)).await;
            // A wrong password is the operator's to mend; the messages wait.
            if let Some(why) = problem(signed_in) {
                return Err(Failure::later(format!("the mail server did not let the program sign in: {why}")));
            }
        }
        Ok(connection)
    }

    /// Everything before the message itself. Until here it has certainly not left.
    async fn begin(&self, connection: &mut AsyncSmtpConnection, message: &Message) -> Result<(), Refused> {
        let (patience, envelope) = (self.0.patience, message.envelope());
        let mut options = Vec::new();
        let plain = |address: &lettre::Address| AsRef::<str>::as_ref(address).is_ascii();
        if !envelope.from().into_iter().chain(envelope.to()).all(plain) {
            if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
                return Err(Refused::Recipient("the mail server takes no address with letters like these".to_owned()));
            }
            options.push(MailParameter::SmtpUtfEight);
        }
        within(patience, connection.command(Mail::new(envelope.from().cloned(), options)))
            .await
            .map_err(|step| step.refused("the sender"))?;
        for to in envelope.to() {
            within(patience, connection.command(Rcpt::new(to.clone(), Vec::new()))).await.map_err(|step| match step {
                Step::Permanent(why) => Refused::Recipient(format!("the mail server refused this address: {why}")),
                step => step.refused("this address"),
            })?;
        }
        within(patience, connection.command(Data)).await.map_err(|step| step.refused("the message"))
    }

    fn take_idle(&self) -> Option<AsyncSmtpConnection> {
        let mut idle = self.0.idle.lock().ok()?;
        idle.retain(|(_, since)| since.elapsed() < FRESH);
        idle.pop().map(|(connection, _)| connection)
    }

    fn keep(&self, connection: AsyncSmtpConnection) {
        if let Ok(mut idle) = self.0.idle.lock() {
            idle.push((connection, Instant::now()));
        }
    }

    async fn hang_up(&self, mut connection: AsyncSmtpConnection) {
        tokio::time::timeout(Duration::from_secs(1), connection.abort()).await.ok();
    }
}

/// How one step failed.
enum Step {
    /// 4xx
    Transient(String),
    /// 5xx
    Permanent(String),
    /// Too slow, closed, or not SMTP.
    Broken(String),
}

/// Why a message could not be begun.
enum Refused {
    Recipient(String),
    ForGood(String),
    Later(String),
    Broken(String),
}

impl Step {
    fn refused(self, what: &str) -> Refused {
        match self {
            Self::Transient(why) => Refused::Later(format!("the mail server did not take {what} now: {why}")),
            Self::Permanent(why) => Refused::ForGood(format!("the mail server refused {what}: {why}")),
            Self::Broken(why) => Refused::Broken(why),
        }
    }
}

impl Refused {
    fn into_failure(self) -> Failure {
        match self {
            Self::Recipient(why) => Failure { refused_address: true, ..Failure::for_good(why) },
            Self::ForGood(why) => Failure::for_good(why),
            Self::Later(why) | Self::Broken(why) => Failure::later(why),
        }
    }
}

fn after_the_message(step: Step) -> Failure {
    match step {
        Step::Transient(why) => Failure::later(format!("the mail server did not take the message now: {why}")),
        Step::Permanent(why) => Failure::for_good(format!("the mail server refused the message: {why}")),
        Step::Broken(why) => Failure {
            may_have_left: true,
            ..Failure::later(format!("{why}, after the message was handed over; it may have arrived"))
        },
    }
}

/// One step within its time.
async fn within<T>(patience: Duration, step: impl Future<Output = Result<T, Error>>) -> Result<(), Step> {
    match tokio::time::timeout(patience, step).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) if error.is_transient() => Err(Step::Transient(said(&error))),
        Ok(Err(error)) if error.is_permanent() => Err(Step::Permanent(said(&error))),
        Ok(Err(error)) => Err(Step::Broken(format!("the mail server closed the connection ({error})"))),
        Err(_) => Err(Step::Broken("the mail server took too long to answer".to_owned())),
    }
}

fn problem<T>(step: Result<Result<T, Error>, tokio::time::error::Elapsed>) -> Option<String> {
    match step {
        Ok(Ok(_)) => None,
        Ok(Err(error)) => Some(said(&error)),
        Err(_) => Some("it took too long".to_owned()),
    }
}

/// What the server said, with its code; not more than fits a line.
fn said(error: &Error) -> String {
    let code = error.status().map(|code| format!("{code} ")).unwrap_or_default();
    let words = std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string);
    format!("{code}{}", app::mail::texts::one_line(&words)).chars().take(300).collect()
}

fn read(url: &str, patience: Duration) -> anyhow::Result<Smtp> {
    let uri: Uri = url.parse()?;
    let query = uri.query().unwrap_or_default();
    let (tls, usual) = match (uri.scheme_str(), query) {
        (Some("smtp"), "") => (Tls::None, 25),
        (Some("smtp"), "tls=required") => (Tls::Required, 587),
        (Some("smtp"), "tls=opportunistic") => (Tls::IfOffered, 587),
        (Some("smtps"), _) => (Tls::Wrapped, 465),
        _ => bail!("the scheme is neither smtp nor smtps"),
    };
    let authority = uri.authority().context("there is no host")?;
    let credentials = authority.as_str().rsplit_once('@').and_then(|(user, _)| {
        let (user, password) = user.split_once(':')?;
        Some(Credentials::new(percent_decoded(user), percent_decoded(password)))
    });
    let named = uri.path().trim_matches('/');
    let hello = if named.is_empty() { ClientId::default() } else { ClientId::Domain(named.to_owned()) };
    Ok(Smtp(Arc::new(Inner {
        host: authority.host().trim_matches(['[', ']']).to_owned(),
        port: authority.port_u16().unwrap_or(usual),
        tls,
        credentials,
        hello,
        patience,
        idle: Mutex::default(),
    })))
}

/// A part of an address in which signs stand as `%40`.
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let sign = |at: usize| rest.get(at).and_then(|digit| char::from(*digit).to_digit(16));
        match (first, sign(1), sign(2)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
                rest = &rest[3..];
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

//! A composed message as it travels: headers, plain text and HTML. Separate because the headers are a matter between
//! mail programs, not between people.

use anyhow::Context;
use app::mail::Timing;
use app::mail::compose::Composed;
use app::mail::store::Waiting;
use app::mail::texts::one_line;
use app::settings::Settings;
use chrono::{DateTime, Utc};
use lettre::Message;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, MultiPart};

/// Headers that lettre has no type for.
macro_rules! headers {
    ($($type:ident = $name:literal),* $(,)?) => {$(
        #[derive(Clone)]
        struct $type(String);

        impl Header for $type {
            fn name() -> HeaderName {
                HeaderName::new_from_ascii_str($name)
            }

            fn parse(text: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
                Ok(Self(text.to_owned()))
            }

            fn display(&self) -> HeaderValue {
                HeaderValue::new(Self::name(), self.0.clone())
            }
        }
    )*};
}

headers! {
    AutoSubmitted = "Auto-Submitted",
    ListUnsubscribe = "List-Unsubscribe",
    ListUnsubscribePost = "List-Unsubscribe-Post",
}

/// An invitation to a talk, or what takes it out of a calendar, as it goes along with a message.
#[derive(Debug, Clone)]
pub struct Invite {
    pub method: &'static str,
    pub text: String,
}

/// Writes the message of what leaves together; `first` gives it its name for good.
pub fn write(
    from: &Mailbox,
    first: &Waiting,
    settings: &Settings,
    composed: &Composed,
    invitations: &[Invite],
    at: DateTime<Utc>,
) -> anyhow::Result<Message> {
    // A display name may not begin a new header line; an address that cannot be one is told as such.
    let to = Mailbox::new(Some(one_line(&first.name)), first.address.parse().context("this is no e-mail address")?);
    let mut builder = Message::builder()
        .message_id(Some(format!("<{}@{}>", first.id, from.email.domain())))
        .date(at.into())
        .from(from.clone())
        .to(to)
        .subject(composed.subject.clone())
        .header(AutoSubmitted("auto-generated".to_owned()));
    if let Ok(reply_to) = settings.coordinator_email.parse() {
        builder = builder.reply_to(Mailbox::new(Some(one_line(&settings.coordinator_name)), reply_to));
    }
    if let (Some(link), Timing::Digest) = (&composed.unsubscribe, first.timing) {
        builder = builder
            .header(ListUnsubscribe(format!("<{link}>")))
            .header(ListUnsubscribePost("List-Unsubscribe=One-Click".to_owned()));
    }
    let words = MultiPart::alternative_plain_html(composed.text.clone(), composed.html());
    if invitations.is_empty() {
        return Ok(builder.multipart(words)?);
    }
    let mut parts = MultiPart::mixed().multipart(words);
    for one in invitations {
        let kind = ContentType::parse(&format!("text/calendar; charset=utf-8; method={}", one.method))?;
        parts = parts.singlepart(Attachment::new("talk.ics".to_owned()).body(one.text.clone(), kind));
    }
    Ok(builder.multipart(parts)?)
}

//! From what waits in the outbox to one message in words: an answer alone, or a digest of all that is new. Separate from
//! the worker, because the pages preview with it.

use std::collections::BTreeMap;

use minijinja::{Value, context};

use super::look::{self, Block};
use super::store::Waiting;
use super::texts::{self, Name, Text, one_line};
use super::unsubscribe::Ticket;
use super::{Group, Kind, Timing};
use crate::audit::Key;
use crate::settings::Settings;

/// The newest edited texts, by name. What is not in it has the program's own.
pub type Edited = BTreeMap<String, Text>;

/// What messages are written with.
#[derive(Debug, Clone, Copy)]
pub struct Writer<'a> {
    pub settings: &'a Settings,
    pub edited: &'a Edited,
    /// Where the site is reached, without a slash at the end.
    pub base_url: &'a str,
    pub key: &'a Key,
}

/// A message in words.
#[derive(Debug, Clone)]
pub struct Composed {
    pub subject: String,
    pub text: String,
    pub blocks: Vec<Block>,
    /// Where one click leaves out the news it holds, if any of it can be left out.
    pub unsubscribe: Option<String>,
}

impl Composed {
    pub fn html(&self) -> String {
        look::html(&self.subject, &self.blocks)
    }
}

impl Writer<'_> {
    /// Writes one message of what leaves together. A digest of one thing is that thing's own text; of several, it names
    /// each by its subject, and only announcements, which are for everybody, are told in full.
    pub fn write(&self, mails: &[Waiting]) -> Result<Composed, minijinja::Error> {
        let written = match mails {
            [only] => self.fill(Name::Of(only.kind), &self.fields(only))?,
            _ => self.fill(Name::Digest, &self.digest(mails)?)?,
        };
        let first = mails.first();
        let summary = first.filter(|mail| mail.timing == Timing::Digest).and_then(|mail| mail.account_id);
        let Some(account) = summary else { return Ok(self.compose(written, &[], None)) };
        let groups: Vec<Group> =
            Group::ALL.iter().copied().filter(|group| mails.iter().any(|mail| mail.kind.group() == Some(*group))).collect();
        let mut last = vec![format!("Choose when you get these messages, and which: {}/account#mail", self.base_url)];
        let ticket = Ticket { account, groups };
        let unsubscribe =
            (!ticket.groups.is_empty()).then(|| format!("{}/unsubscribe/{}", self.base_url, ticket.token(self.key)));
        if let Some(link) = &unsubscribe {
            last.push(format!("Stop {} with one click: {link}", ticket.names()));
        }
        Ok(self.compose(written, &last, unsubscribe))
    }

    /// A text as it would look, with sample values.
    pub fn sample(&self, name: Name, text: &Text) -> Result<Composed, minijinja::Error> {
        Ok(self.compose(text.fill(&texts::samples(name, self.settings, 0))?, &[], None))
    }

    /// An edited text that cannot be filled in does not keep the message back: the program's own takes its place.
    fn fill(&self, name: Name, fields: &BTreeMap<String, Value>) -> Result<Text, minijinja::Error> {
        match self.edited.get(name.as_str()).map(|text| text.fill(fields)) {
            Some(Ok(written)) => Ok(written),
            Some(Err(error)) => {
                tracing::warn!(%error, name = name.as_str(), "an edited text could not be filled in");
                name.own().fill(fields)
            }
            None => name.own().fill(fields),
        }
    }

    fn fields(&self, mail: &Waiting) -> BTreeMap<String, Value> {
        let mut fields: BTreeMap<String, Value> =
            mail.fields.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect();
        fields.extend(texts::everywhere(&mail.name, self.settings));
        fields
    }

    fn digest(&self, mails: &[Waiting]) -> Result<BTreeMap<String, Value>, minijinja::Error> {
        let (mut items, mut notes) = (Vec::new(), Vec::new());
        for mail in mails {
            let field = |name: &str| mail.fields.get(name).cloned().unwrap_or_default();
            if mail.kind == Kind::Announcement {
                notes.push(context! { title => one_line(&field("title")), text => field("text") });
            } else {
                let subject = self.fill(Name::Of(mail.kind), &self.fields(mail))?.subject;
                // Where the record stands must leave the house whole, whatever else is new.
                let text = match mail.kind {
                    Kind::Week => format!("{subject}. The record stands at {}", field("head")),
                    _ => subject,
                };
                items.push(context! { text, link => field("link") });
            }
        }
        let name = mails.first().map(|mail| mail.name.as_str()).unwrap_or_default();
        let mut fields = texts::everywhere(name, self.settings);
        fields.insert("count".to_owned(), Value::from(mails.len()));
        fields.insert("items".to_owned(), Value::from(items));
        fields.insert("announcements".to_owned(), Value::from(notes));
        Ok(fields)
    }

    fn compose(&self, written: Text, last: &[String], unsubscribe: Option<String>) -> Composed {
        let mut blocks = look::blocks(&written.body, &self.settings.program);
        let mut text = written.body;
        if !last.is_empty() {
            blocks.push(Block::Small(last.to_vec()));
            text = format!("{text}\n\n{}", last.join("\n"));
        }
        Composed { subject: written.subject, text: format!("{text}\n"), blocks, unsubscribe }
    }
}

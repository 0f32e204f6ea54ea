//! What the device keeps of a form: a stranger's words in the tab alone, a signed-in person's also beyond it. Separate
//! because it is the one place that knows how and for whom.
//!
//! Two tabs with one form each have a copy of their own; only a new tab takes up what another left.

use leptos::prelude::window;
use web_sys::{Storage, UrlSearchParams};

const PREFIX: &str = "qdei:";
/// Beside the fields: the version of the draft they were built on.
const VERSION: &str = "_version";
/// Whether the server has them as that version.
const SAVED: &str = "_saved";
/// Whether the form was sent with them.
const SENT: &str = "_sent";

/// How far the words of a copy got.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Got {
    Typed,
    Saved,
    Sent,
}

/// The places for one form's copy: the tab, and for a signed-in person the device.
pub struct Place {
    key: String,
    storages: Vec<Storage>,
}

/// A copy as it was left.
pub struct Copied {
    pub fields: UrlSearchParams,
    pub version: u32,
    pub got: Got,
}

impl Place {
    /// Of the form with this name, on a page that was made for `whose`.
    pub fn of(name: &str, whose: &str) -> Self {
        let tab = window().session_storage().ok().flatten();
        if whose.is_empty() {
            return Self { key: format!("{PREFIX}{name}"), storages: tab.into_iter().collect() };
        }
        let storages: Vec<Storage> = tab.into_iter().chain(window().local_storage().ok().flatten()).collect();
        let own = format!("{PREFIX}{whose}:");
        for storage in &storages {
            forget(storage, |key| !key.starts_with(&own));
        }
        Self { key: format!("{own}{name}"), storages }
    }

    /// Keeps a copy; `false` when the browser does not let us.
    pub fn keep(&self, fields: &UrlSearchParams, version: u32, got: Got) -> bool {
        let Ok(copy) = UrlSearchParams::new_with_str(&String::from(fields.to_string())) else { return false };
        copy.set(VERSION, &version.to_string());
        match got {
            Got::Typed => {}
            Got::Saved => copy.set(SAVED, "1"),
            Got::Sent => copy.set(SENT, "1"),
        }
        let copy = String::from(copy.to_string());
        let kept = self.storages.iter().filter(|storage| storage.set_item(&self.key, &copy).is_ok());
        kept.count() == self.storages.len() && !self.storages.is_empty()
    }

    pub fn read(&self) -> Option<Copied> {
        let text = self.storages.iter().find_map(|storage| storage.get_item(&self.key).ok().flatten())?;
        let fields = UrlSearchParams::new_with_str(&text).ok()?;
        let got = match (fields.has(SENT), fields.has(SAVED)) {
            (true, _) => Got::Sent,
            (_, true) => Got::Saved,
            _ => Got::Typed,
        };
        Some(Copied { version: fields.get(VERSION)?.parse().ok()?, got, fields })
    }

    pub fn forget(&self) {
        for storage in &self.storages {
            drop(storage.remove_item(&self.key));
        }
    }
}

/// Forgets every copy that this tab kept.
pub fn forget_tab() {
    if let Ok(Some(storage)) = window().session_storage() {
        forget(&storage, |_| true);
    }
}

fn forget(storage: &Storage, which: impl Fn(&str) -> bool) {
    let keys = (0..storage.length().unwrap_or(0)).filter_map(|index| storage.key(index).ok().flatten());
    for key in keys.collect::<Vec<_>>() {
        if key.starts_with(PREFIX) && which(&key) {
            drop(storage.remove_item(&key));
        }
    }
}

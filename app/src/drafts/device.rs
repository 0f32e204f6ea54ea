//! What the device keeps of a form: a signed-in person's words until the server has them, a stranger's in the tab alone.
//! Separate because it is the one place that knows how and for whom.

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

/// The place for one form's copy.
pub struct Place {
    key: String,
    storage: Option<Storage>,
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
        if whose.is_empty() {
            return Self { key: format!("{PREFIX}{name}"), storage: window().session_storage().ok().flatten() };
        }
        let storage = window().local_storage().ok().flatten();
        if let Some(storage) = &storage {
            forget(storage, |key| !key.starts_with(&format!("{PREFIX}{whose}:")));
        }
        Self { key: format!("{PREFIX}{whose}:{name}"), storage }
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
        self.storage.as_ref().is_some_and(|storage| storage.set_item(&self.key, &String::from(copy.to_string())).is_ok())
    }

    pub fn read(&self) -> Option<Copied> {
        let text = self.storage.as_ref()?.get_item(&self.key).ok().flatten()?;
        let fields = UrlSearchParams::new_with_str(&text).ok()?;
        let got = match (fields.has(SENT), fields.has(SAVED)) {
            (true, _) => Got::Sent,
            (_, true) => Got::Saved,
            _ => Got::Typed,
        };
        Some(Copied { version: fields.get(VERSION)?.parse().ok()?, got, fields })
    }

    pub fn forget(&self) {
        if let Some(storage) = &self.storage {
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

//! What the running program knows of its settings without asking: the time zone and the program year (kept by
//! [`crate::clock`]) and the logo. Separate because it is the one place where settings leave their transaction.
//!
//! A day, a time or the frame of a page is needed in hundreds of places, in pure rules as in drawings; asking the database
//! in each, or handing the settings to each, would cost more than it is worth. So [`learn`] runs whenever the settings in
//! force are read ([`super::store::current`]): when the program starts, on nearly every page, and for every mail. A change
//! made by one copy of the program reaches each other copy with the next page that reads settings there. One process runs
//! one program, so one value for the process is right. Tests run many programs in one process: those that change time zone
//! or program year run in a process of their own (`tests/alone`). The logo of a page comes from the settings which that
//! page has read itself, where it has.

use std::sync::{PoisonError, RwLock};

use leptos::prelude::{Owner, provide_context, use_context};

use super::{Logo, Settings};
use crate::clock::{self, Calendar};

static LOGO: RwLock<Option<Logo>> = RwLock::new(None);

/// The logo that this request has read.
#[derive(Clone)]
struct Read(Option<Logo>);

/// Takes note of the settings in force.
pub(super) fn learn(settings: &Settings) {
    if let Some(zone) = settings.zone() {
        clock::keep(Calendar { zone, year_month: settings.year_month, year_day: settings.year_day });
    }
    if Owner::current().is_some() {
        provide_context(Read(settings.logo.clone()));
    }
    let changed = *LOGO.read().unwrap_or_else(PoisonError::into_inner) != settings.logo;
    if changed {
        *LOGO.write().unwrap_or_else(PoisonError::into_inner) = settings.logo.clone();
    }
}

/// The logo for the frame of a page.
pub fn logo() -> Option<Logo> {
    match use_context::<Read>() {
        Some(Read(logo)) => logo,
        None => LOGO.read().unwrap_or_else(PoisonError::into_inner).clone(),
    }
}

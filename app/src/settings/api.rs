//! What the forms of the settings send to.

use leptos::prelude::*;

use super::{Logo, Settings, fields, logo, store};
use crate::db::WriteTx;
use crate::error::{AppError, Refusal};
use crate::form::{Fields, To, Upload, answer, back, to};
use crate::mail::{self, Mail};
use crate::people::viewer;
use crate::state::state;

#[server(endpoint = "change-settings")]
pub async fn change_settings() -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut fields = Fields::typed();
        let seen = fields.raw("version").parse::<i64>().ok();
        let typed = fields::read(&mut fields);
        let (typed,) = fields.take((typed,))?;
        let tx = state().write(&who).await?;
        put(tx, seen, back(), "settings-saved", |now| now.with(&typed).map_err(|_| AppError::Internal)).await
    })
    .await
}

/// Puts an earlier version into force again, as a version of its own.
#[server(endpoint = "restore-settings")]
pub async fn restore_settings() -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut fields = Fields::typed();
        let version = fields.one::<i64>("version", "Choose a version.");
        let seen = fields.raw("seen").parse::<i64>().ok();
        let (version,) = fields.take((version,))?;
        let earlier = store::find_version(&mut state().db.read().await?, version).await?;
        let earlier = earlier.ok_or(Refusal::new("There is no such version."))?;
        if let Some((_, words)) = earlier.objections().into_iter().next() {
            return Err(Refusal::new(format!("That version does not fit any more. {words}")).into());
        }
        let tx = state().write(&who).await?;
        put(tx, seen, to("/coordinator/settings/versions"), "settings-restored", |_| Ok(earlier)).await
    })
    .await
}

/// Shows a picture beside the program's name from now on. Called with the file by the route that takes uploads.
pub async fn change_logo(upload: Upload) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut fields = Fields::typed();
        let alt = fields.text("alt", 150, "Say what the picture shows, for those who do not see it.");
        let picture = match logo::examine(&upload.bytes) {
            Ok(picture) => Some(picture),
            Err(refusal) => {
                fields.wrong("file", refusal.0);
                None
            }
        };
        let (alt, picture) = fields.take((alt, picture))?;
        let mut tx = state().write(&who).await?;
        let hash = store::insert_logo(&mut tx, picture.kind, &upload.bytes).await?;
        let logo = Some(Logo { hash, alt, width: picture.width, height: picture.height });
        put(tx, None, back(), "logo-saved", |now| Ok(Settings { logo, ..now.clone() })).await
    })
    .await
}

#[server(endpoint = "remove-logo")]
pub async fn remove_logo() -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let tx = state().write(&who).await?;
        put(tx, None, back(), "logo-removed", |now| Ok(Settings { logo: None, ..now.clone() })).await
    })
    .await
}

/// Puts into force what `make` makes of the settings as they are, and says where to go.
async fn put(
    mut tx: WriteTx,
    seen: Option<i64>,
    next: To,
    done: &'static str,
    make: impl FnOnce(&Settings) -> Result<Settings, AppError>,
) -> Result<To, AppError> {
    let settings = make(&store::current(&mut tx).await?)?;
    let changed = store::replace(&mut tx, seen, &settings).await?;
    tx.commit().await?;
    Ok(next.done(if changed { done } else { "settings-same" }))
}

/// A message to oneself, which shows that mail leaves and arrives.
#[server(endpoint = "send-test-mail")]
pub async fn send_test_mail() -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut tx = state().write(&who).await?;
        let to = mail::store::recipient(&mut tx, who.account()).await?;
        mail::store::enqueue(&mut tx, Mail::new(mail::Kind::TestMail, to)).await?;
        tx.commit().await?;
        Ok(back().done("test-mail-sent"))
    })
    .await
}

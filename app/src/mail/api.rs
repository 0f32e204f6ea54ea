//! What the forms of mail send to.

use chrono_tz::Tz;
use leptos::prelude::*;

use super::announcements::{Audience, TEXT, TITLE};
use super::digest::{Quiet, Rhythm, Weekday};
use super::store::{self, NewAnnouncement, Preference};
use super::texts::{self, Name, Text, one_line};
use super::{Group, pages};
use crate::error::{AppError, Refusal};
use crate::form::{Fields, answer, back, to};
use crate::id::{AnnouncementId, MailId};
use crate::people::viewer;
use crate::settings;
use crate::state::state;

/// When a person's digest leaves, and which news it holds.
#[server(endpoint = "save-mail-preferences")]
pub async fn save_mail_preferences() -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?;
        let mut tx = state().write(&who).await?;
        let settings = settings::store::current(&mut tx).await?;
        let mut fields = Fields::typed();
        let rhythm = fields.one::<Rhythm>("rhythm", "Choose how often.");
        let weekday = fields.one::<Weekday>("weekday", "Choose a day of the week.");
        let hour = read_hour(&mut fields, Quiet { from: settings.quiet_from, to: settings.quiet_to });
        let zone = fields.one::<Tz>("zone", "Choose your time zone.");
        let news = fields.several::<Group>("news", "");
        let (rhythm, weekday, hour, zone, news) = fields.take((rhythm, weekday, hour, zone, news))?;
        let preference = Preference {
            rhythm,
            weekday,
            // Whoever takes the program's hour goes with it when it changes.
            hour: Some(hour).filter(|hour| *hour != settings.digest_hour),
            left_out: Group::ALL.iter().copied().filter(|group| !news.contains(group)).collect(),
        };
        store::change_preference(&mut tx, who.id, &preference, Some(zone.name())).await?;
        tx.commit().await?;
        Ok(back().done("mail-preferences-saved"))
    })
    .await
}

fn read_hour(fields: &mut Fields, quiet: Quiet) -> Option<u32> {
    let hour = fields.one::<u32>("hour", "Choose an hour.")?;
    if !quiet.allowed().any(|allowed| allowed == hour) {
        fields.wrong("hour", "Nothing leaves at this hour. Choose another.");
        return None;
    }
    Some(hour)
}

/// A new version of a text, or a look at it: `do` is the button that was pressed.
#[server(endpoint = "save-mail-text")]
pub async fn save_mail_text(template: String) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let name: Name = template.parse().map_err(|_| AppError::NotFound)?;
        let mut fields = Fields::typed();
        let seen = fields.raw("version").parse::<i64>().unwrap_or(0);
        let look = fields.raw("do") == "look";
        let subject = fields.text("subject", texts::SUBJECT, "Enter a subject.").map(|subject| one_line(&subject));
        let body = fields.text("text", texts::BODY, "Enter the text.");
        let mut tx = state().write(&who).await?;
        let settings = settings::store::current(&mut tx).await?;
        let text = subject.zip(body).map(|(subject, body)| Text { subject, body });
        for error in text.iter().flat_map(|text| texts::check(name, text, &settings)) {
            fields.wrong(&error.field, error.message);
        }
        let (text,) = fields.take((text,))?;
        let page = pages::text_page(name);
        if look {
            return Ok(to(format!("{page}?look=1#look")).kept());
        }
        if store::edited(&mut tx).await?.get(name.as_str()).cloned().unwrap_or_else(|| name.own()) == text {
            return Ok(to(page).done("mail-text-same"));
        }
        change(&mut tx, &who, name, seen, Some(&text)).await?;
        tx.commit().await?;
        Ok(to(page).done("mail-text-saved"))
    })
    .await
}

/// Puts an earlier version into force again; version 0 is the program's own text.
#[server(endpoint = "restore-mail-text")]
pub async fn restore_mail_text(template: String) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let name: Name = template.parse().map_err(|_| AppError::NotFound)?;
        let mut fields = Fields::typed();
        let version = fields.one::<i64>("version", "Choose a version.");
        let seen = fields.one::<i64>("newest", "Choose a version.");
        let (version, seen) = fields.take((version, seen))?;
        let mut tx = state().write(&who).await?;
        let versions = store::list_versions(&mut tx, &who, name).await?;
        let text = versions.iter().find(|one| one.version == version).and_then(|one| one.body.as_deref()).map(Text::parse);
        change(&mut tx, &who, name, seen, text.as_ref()).await?;
        tx.commit().await?;
        Ok(to(pages::text_page(name)).done("mail-text-restored"))
    })
    .await
}

async fn change(
    tx: &mut crate::db::WriteTx,
    who: &crate::people::Coordinator,
    name: Name,
    seen: i64,
    text: Option<&Text>,
) -> Result<(), AppError> {
    let meanwhile =
        "Somebody else changed this text meanwhile. Yours is still in the form: look at theirs below, and save again.";
    if store::newest_version(tx, name).await? != seen {
        return Err(Refusal::new(meanwhile).into());
    }
    match store::change_template(tx, who, name, seen, text).await {
        Err(error) if crate::db::is_duplicate(&error) => Err(Refusal::new(meanwhile).into()),
        changed => Ok(changed?),
    }
}

/// Tells a group of people something, or shows first who they are and how it looks. What was changed since the look is
/// looked at again before it is sent.
#[server(endpoint = "announce")]
pub async fn announce() -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut fields = Fields::typed();
        let (key, send, looked) = (fields.submission_key(), fields.raw("do") == "send", fields.raw("looked"));
        let audience = fields.one::<Audience>("audience", "Choose whom to tell.");
        let title = fields.text("title", TITLE, "Enter a title.").map(|title| one_line(&title));
        let body = fields.text("text", TEXT, "Enter the text.");
        let (audience, title, body) = fields.take((audience, title, body))?;
        let new = NewAnnouncement { key, audience, title, body };
        if !send || looked != new.seal() {
            return Ok(to(format!("{}?look=1#look", pages::ANNOUNCE)).kept());
        }
        let mut tx = state().write(&who).await?;
        let settings = settings::store::current(&mut tx).await?;
        if store::list_listeners(&mut tx, &who, audience, &settings).await?.iter().all(|listener| !listener.gets_it()) {
            return Err(Refusal::new("There is nobody in this group who can get it.").into());
        }
        store::announce(&mut tx, &who, &new, &settings).await?;
        tx.commit().await?;
        Ok(to(pages::ANNOUNCE).done("announcement-sent"))
    })
    .await
}

#[server(endpoint = "take-announcement-back")]
pub async fn take_announcement_back(announcement: AnnouncementId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut tx = state().write(&who).await?;
        let back = store::take_announcement_back(&mut tx, &who, announcement).await?;
        if back.dropped == 0 {
            return Err(Refusal::new("It has left already: there is nothing to take back.").into());
        }
        tx.commit().await?;
        Ok(to(pages::ANNOUNCE).done(if back.left == 0 { "announcement-back" } else { "announcement-partly-back" }))
    })
    .await
}

#[server(endpoint = "try-mail-again")]
pub async fn try_mail_again(mail: MailId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut tx = state().write(&who).await?;
        store::try_again(&mut tx, &who, mail).await?;
        tx.commit().await?;
        Ok(back().done("mail-again"))
    })
    .await
}

#[server(endpoint = "try-all-mail-again")]
pub async fn try_all_mail_again() -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut tx = state().write(&who).await?;
        let again = store::try_all_again(&mut tx, &who).await?;
        tx.commit().await?;
        Ok(back().done(if again == 0 { "mail-none-again" } else { "mail-all-again" }))
    })
    .await
}

#[server(endpoint = "drop-mail")]
pub async fn drop_mail(mail: MailId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut tx = state().write(&who).await?;
        store::drop_mail(&mut tx, &who, mail).await?;
        tx.commit().await?;
        Ok(back().done("mail-dropped"))
    })
    .await
}

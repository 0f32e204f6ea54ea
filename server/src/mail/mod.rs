//! The mail worker: takes what is due out of the outbox, has it written and hands it to a transport. Separate because it
//! runs beside the pages and may fail without them.
//!
//! What it promises: nothing is lost, and nothing is sent twice as far as SMTP allows. SMTP leaves one gap: when a
//! connection breaks after the whole message was handed over and before the server said that it took it, nobody can know
//! whether it did. An answer is then sent again, under the same Message-ID, by which many servers and mail programs know
//! it; a digest waits for the next day instead, because nobody gets two on one day.

mod message;
mod smtp;
mod transport;

use app::appointments;
use app::id::AppointmentId;
use app::mail::compose::{Composed, Writer};
use app::mail::store::{self, Claim, Unwanted, Waiting};
use app::mail::{Kind, State as MailState, Timing};
use app::{State, Stranger};
use chrono::{DateTime, Duration, Utc};
use chrono_tz::Tz;
use lettre::message::Mailbox;
use tokio::sync::watch;
use uuid::Uuid;

pub use smtp::Smtp;
pub use transport::Transport;

use crate::calendar;
use message::Invite;
use transport::Failure;

/// What the worker sends with.
#[derive(Clone)]
pub struct Post {
    pub state: State,
    pub transport: Transport,
    pub from: Mailbox,
}

/// Tries before a message counts as failed: over about half a day.
const MOST_TRIES: i32 = 10;

/// How many are sent at a time: a mail server takes a moment for each, and most of it is waiting.
pub const WORKERS: usize = 4;

/// Sends what is due, several at a time, until told to stop.
pub async fn work(post: Post, stop: watch::Receiver<bool>) {
    let workers: Vec<_> = (0..WORKERS).map(|_| tokio::spawn(work_alone(post.clone(), stop.clone()))).collect();
    for worker in workers {
        worker.await.ok();
    }
}

async fn work_alone(post: Post, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        let pause = match post.send_if_due().await {
            Ok(Some(_)) => continue,
            Ok(None) => std::time::Duration::from_secs(1),
            Err(error) => {
                tracing::error!(error = format!("{error:#}"), "outbox");
                std::time::Duration::from_secs(10)
            }
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = stop.changed() => return,
        }
    }
}

/// What came of one step through the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A message left.
    Left(Departure),
    /// What was due was no longer wanted, or could not leave; the outbox says why.
    Stayed,
}

/// A message that left: whose, what it was, when, and which open moves it was about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Departure {
    pub account: Option<app::id::AccountId>,
    pub address: String,
    /// An answer, or a digest.
    pub timing: Timing,
    pub at: DateTime<Utc>,
    /// The reader's zone.
    pub zone: Tz,
    /// The open moves that it reminded of.
    pub moves: Vec<Uuid>,
}

impl Post {
    /// The same as [`Post::send_next`] for a worker that comes by every second: it only looks while nothing is due, so that
    /// an idle outbox never holds the lock that writers queue for.
    async fn send_if_due(&self) -> anyhow::Result<Option<Step>> {
        let due = store::next_due(&mut self.state.db.read_once().await?).await?;
        if due.is_some_and(|due| due <= self.state.clock.now()) { self.send_next().await } else { Ok(None) }
    }

    /// Takes what is due first through to its end; `None` when nothing is due. Whoever moves the clock by hand drains the
    /// outbox with it.
    pub async fn send_next(&self) -> anyhow::Result<Option<Step>> {
        let mut tx = self.state.write(&Stranger).await?;
        let Some(mut claim) = store::claim(&mut tx).await? else {
            tx.commit().await?;
            return Ok(None);
        };
        claim.mails = keep_wanted(&mut tx, &claim).await?;
        let Some(first) = claim.mails.first().cloned() else {
            // Nothing of the digest was left to send: its day may still have one.
            if let Some(day) = claim.day {
                store::give_day_back(&mut tx, &claim.address, day).await?;
            }
            tx.commit().await?;
            return Ok(Some(Step::Stayed));
        };
        let edited = store::edited(&mut tx).await?;
        let invitations = self.invitations(&mut tx, &claim).await?;
        tx.commit().await?;
        let outcome = match self.compose(&claim, &edited) {
            Ok(composed) => self.hand_over(&first, &claim, &composed, &invitations).await,
            Err(error) => Err(Failure::unwritable(&error)),
        };
        tracing::info!(kind = %first.kind, count = claim.mails.len(), sent = outcome.is_ok(), "mail");
        let at = self.state.clock.now();
        self.settle(&claim, &outcome).await?;
        if outcome.is_err() {
            return Ok(Some(Step::Stayed));
        }
        let moves = claim.mails.iter().filter(|mail| is_about_move(mail.kind)).filter_map(|mail| mail.about_id).collect();
        let zone = claim.reader.schedule.zone;
        let (account, address) = (first.account_id, first.address);
        Ok(Some(Step::Left(Departure { account, address, timing: first.timing, at, zone, moves })))
    }

    /// Sends everything that is due now, and tells of each message that left.
    pub async fn drain(&self) -> anyhow::Result<Vec<Departure>> {
        let mut left = Vec::new();
        while let Some(step) = self.send_next().await? {
            if let Step::Left(departure) = step {
                left.push(departure);
            }
        }
        Ok(left)
    }

    fn compose(&self, claim: &Claim, edited: &app::mail::compose::Edited) -> anyhow::Result<Composed> {
        let State { base_url, audit_key, .. } = &self.state;
        Ok(Writer { settings: &claim.settings, edited, base_url, key: audit_key }.write(&claim.mails)?)
    }

    /// What goes along for the reader's calendar, as it stands now.
    async fn invitations(&self, tx: &mut app::db::WriteTx, claim: &Claim) -> anyhow::Result<Vec<Invite>> {
        let mut found = Vec::new();
        for mail in claim.mails.iter().filter(|mail| matches!(mail.kind, Kind::TalkAgreed | Kind::TalkCancelled)) {
            let (Some(reader), Some(about)) = (mail.account_id, mail.about_id) else { continue };
            let invitation = appointments::store::find_invitation(tx, reader, AppointmentId(about)).await?;
            found.extend(
                invitation.map(|one| Invite { method: calendar::method(&one), text: calendar::invitation(&self.state, &one) }),
            );
        }
        Ok(found)
    }

    async fn hand_over(
        &self,
        first: &Waiting,
        claim: &Claim,
        composed: &Composed,
        invitations: &[Invite],
    ) -> Result<(), Failure> {
        let at = self.state.clock.now();
        let message = message::write(&self.from, first, &claim.settings, composed, invitations, at)
            .map_err(|error| Failure::unwritable(&error))?;
        self.transport.send(message).await
    }

    async fn settle(&self, claim: &Claim, outcome: &Result<(), Failure>) -> anyhow::Result<()> {
        let mut tx = self.state.write(&Stranger).await?;
        let address = claim.address.as_str();
        match outcome {
            Ok(()) => {
                store::clear_bounce(&mut tx, address).await?;
                if let Some(day) = claim.day {
                    store::end_day(&mut tx, address, day).await?;
                }
            }
            Err(failure) => {
                if failure.refused_address {
                    store::mark_bounce(&mut tx, address, &failure.why).await?;
                }
                if let (Some(day), false) = (claim.day, failure.may_have_left) {
                    store::give_day_back(&mut tx, address, day).await?;
                }
            }
        }
        for mail in &claim.mails {
            match outcome {
                Ok(()) => store::settle(&mut tx, mail.id, MailState::Sent, None).await?,
                Err(failure) if failure.for_good || mail.attempts >= MOST_TRIES => {
                    store::settle(&mut tx, mail.id, MailState::Failed, Some(&failure.why)).await?;
                }
                Err(failure) => {
                    let until = tx.now() + pause_after(mail.attempts);
                    store::postpone(&mut tx, mail.id, until, &failure.why).await?;
                }
            }
        }
        Ok(tx.commit().await?)
    }
}

/// Growing waits: two minutes after the first try, about four hours after the last ones. A wait that ends in the quiet
/// hours, or on a day that had its digest, is prolonged when it ends.
fn pause_after(attempts: i32) -> Duration {
    Duration::minutes(1) * 2_i32.pow(u32::try_from(attempts.clamp(0, 8)).unwrap_or(0))
}

/// Whether a message reminds of an open move, which may be made by the time it would leave.
fn is_about_move(kind: Kind) -> bool {
    matches!(kind, Kind::Nudge | Kind::Listed)
}

/// Settles what is no longer true or not wanted, and gives the rest.
async fn keep_wanted(tx: &mut app::db::WriteTx, claim: &Claim) -> anyhow::Result<Vec<Waiting>> {
    let bounce = store::find_bounce(tx, &claim.address).await?;
    if claim.mails.iter().any(|mail| is_about_move(mail.kind)) {
        app::enrollments::standing::catch_up_within(tx).await?;
    }
    let mut wanted = Vec::new();
    for mail in &claim.mails {
        if !store::still_true(tx, mail).await? {
            store::settle(tx, mail.id, MailState::Dropped, Some("no longer so when its time came")).await?;
            continue;
        }
        match store::unwanted(mail, &claim.reader, bounce.as_ref()) {
            None => wanted.push(mail.clone()),
            Some(Unwanted::LeftOut(_)) => {
                store::settle(tx, mail.id, MailState::Dropped, Some("the reader leaves this news out")).await?;
            }
            Some(Unwanted::Bounces(bounce)) => {
                let why = format!("mail to this address comes back: {}", bounce.why);
                store::settle(tx, mail.id, MailState::Failed, Some(&why)).await?;
            }
        }
    }
    Ok(wanted)
}

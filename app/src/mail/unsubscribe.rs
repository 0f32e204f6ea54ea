//! Links that leave out news by one click (RFC 8058): they work without signing in and never expire. Separate because a
//! link stands for a right, and what it proves is decided here alone.

use uuid::Uuid;

use super::{Group, store};
use crate::audit::Key;
use crate::error::AppError;
use crate::id::AccountId;
use crate::state::{State, Stranger};

/// Whose news, and which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    pub account: AccountId,
    pub groups: Vec<Group>,
}

/// Bytes of the seal that are sent: enough that nobody guesses one.
const SEAL: usize = 16;

impl Ticket {
    /// The ticket as the last part of an address.
    pub fn token(&self, key: &Key) -> String {
        let mask =
            Group::ALL.iter().zip(0..).filter(|(group, _)| self.groups.contains(group)).map(|(_, bit)| 1_u8 << bit).sum();
        let mut bytes = self.account.0.as_bytes().to_vec();
        bytes.push(mask);
        bytes.extend_from_slice(&key.seal_unsubscribe(&bytes)[..SEAL]);
        crate::hex(&bytes)
    }

    /// Reads a token; `None` when it was not made here.
    pub fn read(token: &str, key: &Key) -> Option<Self> {
        let bytes = unhex(token)?;
        let (said, seal) = bytes.split_at_checked(17)?;
        let right = key.seal_unsubscribe(said);
        // Every byte is looked at, so that the time taken says nothing.
        let differs = seal.iter().zip(right).fold(0, |differs, (one, other)| differs | (one ^ other));
        if seal.len() != SEAL || differs != 0 {
            return None;
        }
        let (account, mask) = (Uuid::from_slice(&said[..16]).ok()?, said[16]);
        let groups = Group::ALL.iter().zip(0..).filter(|(_, bit)| mask & (1_u8 << bit) != 0).map(|(group, _)| *group).collect();
        Some(Self { account: AccountId(account), groups })
    }

    /// Its news in words: "study news and announcements".
    pub fn names(&self) -> String {
        let names: Vec<String> = self.groups.iter().map(|group| group.name().to_lowercase()).collect();
        match names.split_last() {
            Some((last, [])) => last.clone(),
            Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
            None => String::new(),
        }
    }
}

/// Leaves out what a token names, or takes it in again. Whoever holds the link may: no session, no question.
pub async fn follow(program: &State, token: &str, undo: bool) -> Result<(), AppError> {
    let ticket = Ticket::read(token, &program.audit_key).ok_or(AppError::NotFound)?;
    let mut tx = program.write(&Stranger).await?;
    store::change_groups(&mut tx, ticket.account, &ticket.groups, !undo).await?;
    Ok(tx.commit().await?)
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> =
        text.chars().map(|sign| sign.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect::<Option<_>>()?;
    (digits.len() == 2 * (17 + SEAL)).then(|| digits.chunks(2).map(|pair| pair[0] * 16 + pair[1]).collect())
}

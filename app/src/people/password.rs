//! Hashing and checking passwords; separate because it is slow on purpose and must never run on the async threads.

use std::sync::LazyLock;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

use crate::error::{AppError, Refusal};

/// The shortest password taken (OWASP ASVS 5.0, 6.2.1 asks for 8; a phrase is easier to keep and to type).
pub const SHORTEST: usize = 12;
/// The longest: room for any phrase, none for an attack by size.
pub const LONGEST: usize = 200;

/// Each hash takes 19 MiB and a core; two at once leave the other people their pages.
static AT_ONCE: Semaphore = Semaphore::const_new(2);

/// What is verified when there is no such account, so that its absence takes the same time.
static DUMMY: LazyLock<String> = LazyLock::new(|| hash_now("no account has this password").unwrap_or_default());

/// What stands against a password, in words; `None` when it will do.
pub fn objection(password: &str) -> Option<&'static str> {
    let length = password.chars().count();
    if length < SHORTEST {
        Some("Use at least 12 characters. A short sentence is easy to keep.")
    } else if length > LONGEST {
        Some("Use at most 200 characters.")
    } else if common(password) {
        Some("This password is on the lists that attackers try first. Choose another one.")
    } else {
        None
    }
}

/// Passwords of twelve characters or more that stand high on published lists, or are one sign repeated.
fn common(password: &str) -> bool {
    const LIST: [&str; 10] = [
        "123456789012",
        "1234567890123",
        "password1234",
        "passwordpassword",
        "qwertyuiop12",
        "qwerty123456",
        "administrator",
        "letmeinletmein",
        "iloveyou1234",
        "1q2w3e4r5t6y",
    ];
    let lower = password.to_lowercase();
    LIST.contains(&lower.as_str()) || lower.chars().collect::<std::collections::BTreeSet<_>>().len() < 3
}

fn hash_now(password: &str) -> Result<String, AppError> {
    Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string()).map_err(super::session::internal)
}

/// Hashes with Argon2id at OWASP's parameters (19 MiB, 2 passes), off the async threads.
pub async fn hash(password: String) -> Result<String, AppError> {
    off_thread(move || hash_now(&password)).await?
}

/// Whether the password is the stored one. Without a stored one it takes the same time and says no.
pub async fn verify(password: String, stored: Option<String>) -> Result<bool, AppError> {
    off_thread(move || {
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| DUMMY.clone());
        let matches =
            PasswordHash::new(&stored).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok());
        known && matches
    })
    .await
}

async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, AppError> {
    let _turn = AT_ONCE.acquire().await.map_err(super::session::internal)?;
    tokio::task::spawn_blocking(work).await.map_err(super::session::internal)
}

/// A [`Refusal`] for a wrong pair of e-mail and password, which does not say which of the two is wrong.
pub fn wrong() -> Refusal {
    Refusal::new("The e-mail or the password is not right. Check both, or set a new password below.")
}

//! Accounts, roles and single-use links in the database.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::{LinkKind, Role};
use crate::State;
use crate::audit::{Event, Kind};
use crate::db::{Queryable, WriteTx, execute, fetch_all, fetch_one, fetch_optional};
use crate::error::{AppError, Refusal};
use crate::id::{AccountId, InvitationId};
use crate::mail::{self, Mail, Recipient};
use crate::settings::Settings;

/// What sign-in needs of an account.
#[derive(Debug, sqlx::FromRow)]
pub struct Credentials {
    pub id: AccountId,
    pub password_hash: Option<String>,
}

/// Addresses are compared as typed in lower case: "Ann@X.org" and "ann@x.org" are one mailbox in practice.
pub fn canonical_email(email: &str) -> String {
    email.trim().to_lowercase()
}

pub async fn find_credentials(tx: &mut impl Queryable, email: &str) -> Result<Option<Credentials>, sqlx::Error> {
    fetch_optional!(
        tx,
        Credentials,
        "SELECT id, password_hash FROM account WHERE email = $1 AND closed_at IS NULL",
        canonical_email(email)
    )
}

#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Account {
    pub id: AccountId,
    pub email: String,
    pub name: String,
    pub phone: String,
}

pub async fn find(tx: &mut impl Queryable, id: AccountId) -> Result<Option<Account>, sqlx::Error> {
    fetch_optional!(tx, Account, "SELECT id, email, name, phone FROM account WHERE id = $1", id)
}

/// The account with this address, made if there is none. A name already there stays.
pub async fn find_or_insert(tx: &mut WriteTx, email: &str, name: &str, phone: &str) -> Result<AccountId, sqlx::Error> {
    let (email, now) = (canonical_email(email), tx.now());
    let id = AccountId::new();
    let made = execute!(
        tx,
        "INSERT INTO account (id, email, name, phone, created_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (email) DO NOTHING",
        id,
        &email,
        name,
        phone,
        now
    )?;
    if made == 1 {
        tx.note(Event::new(Kind::AccountMade).about(id.0).words(format!("{name} <{email}>")));
        return Ok(id);
    }
    Ok(fetch_one!(tx, (AccountId,), "SELECT id FROM account WHERE email = $1", &email)?.0)
}

/// Gives a role; giving it twice changes nothing.
pub async fn grant(tx: &mut WriteTx, account: AccountId, role: Role) -> Result<(), sqlx::Error> {
    let now = tx.now();
    let given = execute!(
        tx,
        "INSERT INTO account_role (account_id, role, granted_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        account,
        role,
        now
    )?;
    if given == 1 {
        tx.note(Event::new(Kind::RoleGranted).about(account.0).words(role.as_str()));
    }
    Ok(())
}

pub async fn update_password(tx: &mut WriteTx, account: AccountId, hash: &str) -> Result<(), sqlx::Error> {
    execute!(tx, "UPDATE account SET password_hash = $2 WHERE id = $1", account, hash)?;
    tx.note(Event::new(Kind::PasswordSet).about(account.0));
    Ok(())
}

fn hash_token(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

/// Makes a link that is good once, mails it and gives it. Earlier unused links of the account stop working.
pub async fn send_link(
    tx: &mut WriteTx,
    program: &State,
    account: AccountId,
    kind: LinkKind,
    role: &str,
    settings: &Settings,
) -> Result<String, AppError> {
    let now = tx.now();
    let expires = match kind {
        LinkKind::Invitation => now + chrono::Duration::days(settings.invitation_days),
        LinkKind::PasswordReset => now + chrono::Duration::minutes(settings.reset_minutes),
    };
    let token = crate::random_code::<32>()?;
    let id = InvitationId::new();
    execute!(tx, "UPDATE invitation SET used_at = $2 WHERE account_id = $1 AND used_at IS NULL", account, now)?;
    execute!(
        tx,
        "INSERT INTO invitation (id, token_hash, account_id, kind, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)",
        id,
        hash_token(&token),
        account,
        kind,
        now,
        expires
    )?;
    let link = program.link(&format!("/welcome/{token}"));
    let to: Recipient = mail::store::recipient(tx, account).await?;
    let (mail_kind, event) = match kind {
        LinkKind::Invitation => (mail::Kind::Invitation, Kind::InvitationSent),
        LinkKind::PasswordReset => (mail::Kind::PasswordReset, Kind::PasswordReset),
    };
    let mail =
        Mail::new(mail_kind, to).with("role", role).with("link", &link).with("expires", crate::clock::say_time(expires, now));
    mail::store::enqueue(tx, mail).await?;
    tx.note(Event::new(event).about(account.0));
    Ok(link)
}

/// Tells an account of a new role: with a link to choose a password or, where it has one, by the message `known`, which
/// leads to `path`.
pub async fn welcome(
    tx: &mut WriteTx,
    program: &State,
    account: AccountId,
    role: Role,
    known: mail::Kind,
    path: &str,
) -> Result<(), AppError> {
    let row = fetch_optional!(
        tx,
        (bool,),
        "SELECT password_hash IS NOT NULL FROM account WHERE id = $1 AND closed_at IS NULL",
        account
    )?;
    let Some((has_password,)) = row else {
        return Err(Refusal::new("The account with this address is closed. Invite the person under another.").into());
    };
    if has_password {
        let to = mail::store::recipient(tx, account).await?;
        return Ok(mail::store::enqueue(tx, Mail::new(known, to).with("link", program.link(path))).await?);
    }
    let settings = crate::settings::store::current(tx).await?;
    send_link(tx, program, account, LinkKind::Invitation, role.as_str(), &settings).await.map(|_| ())
}

/// A link as somebody opens it.
#[derive(Debug, sqlx::FromRow)]
pub struct Link {
    pub id: InvitationId,
    pub account_id: AccountId,
    pub kind: LinkKind,
    pub name: String,
    pub email: String,
    pub expires_at: DateTime<Utc>,
    pub used_at: Option<DateTime<Utc>>,
    pub has_password: bool,
}

impl Link {
    /// Whether it can be used now, or why not.
    pub fn usable(&self, now: DateTime<Utc>) -> Result<(), Refusal> {
        if self.used_at.is_some() {
            Err(Refusal::new("This link was used already, or a newer one was sent."))
        } else if self.expires_at <= now {
            Err(Refusal::new("This link has expired."))
        } else {
            Ok(())
        }
    }
}

pub async fn find_link(tx: &mut impl Queryable, token: &str) -> Result<Option<Link>, sqlx::Error> {
    fetch_optional!(
        tx,
        Link,
        "SELECT i.id, i.account_id, i.kind, a.name, a.email, i.expires_at, i.used_at, a.password_hash IS NOT NULL AS has_password
         FROM invitation i JOIN account a ON a.id = i.account_id WHERE i.token_hash = $1 AND a.closed_at IS NULL",
        hash_token(token)
    )
}

/// Uses a link up; `false` when somebody was quicker.
pub async fn use_link(tx: &mut WriteTx, link: &Link) -> Result<bool, sqlx::Error> {
    let now = tx.now();
    let used =
        execute!(tx, "UPDATE invitation SET used_at = $2 WHERE id = $1 AND used_at IS NULL AND expires_at > $2", link.id, now)?;
    if used == 1 {
        tx.note(Event::new(Kind::InvitationUsed).about(link.account_id.0));
    }
    Ok(used == 1)
}

/// Whether there is any coordinator: a fresh installation has none.
pub async fn has_coordinator(tx: &mut impl Queryable) -> Result<bool, sqlx::Error> {
    Ok(fetch_optional!(tx, (i32,), "SELECT 1 FROM account_role WHERE role = 'coordinator' LIMIT 1")?.is_some())
}

/// Whether demo accounts are in this database.
pub async fn has_demo(tx: &mut impl Queryable) -> Result<bool, sqlx::Error> {
    Ok(fetch_optional!(tx, (i32,), "SELECT 1 FROM account WHERE demo = TRUE LIMIT 1")?.is_some())
}

/// Who holds a role, by name.
pub async fn list_with_role(tx: &mut impl Queryable, role: Role) -> Result<Vec<Account>, sqlx::Error> {
    fetch_all!(
        tx,
        Account,
        "SELECT a.id, a.email, a.name, a.phone FROM account a JOIN account_role r ON r.account_id = a.id
         WHERE r.role = $1 AND a.closed_at IS NULL ORDER BY a.name",
        role
    )
}

pub async fn update_name(tx: &mut WriteTx, id: AccountId, name: &str, phone: &str) -> Result<(), sqlx::Error> {
    execute!(tx, "UPDATE account SET name = $2, phone = $3 WHERE id = $1", id, name, phone)?;
    tx.note(Event::new(Kind::AccountChanged).about(id.0).words(format!("{name}, {phone}")));
    Ok(())
}

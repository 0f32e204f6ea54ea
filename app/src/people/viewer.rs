//! Who is asking, and the proofs that follow from it; separate so that no other module can make one.

use leptos::prelude::use_context;
use sqlx::FromRow;

use super::Role;
use crate::db::{Queryable, fetch_optional};
use crate::error::AppError;
use crate::id::{AccountId, EnrollmentId, MatchId};
use crate::state;

/// A person who is signed in, with the roles they hold now.
#[derive(Debug, Clone)]
pub struct Viewer {
    pub id: AccountId,
    pub name: String,
    pub email: String,
    mentee: bool,
    mentor: bool,
    coordinator: bool,
}

/// Proof that the person who asks is a coordinator.
#[derive(Debug, Clone, Copy)]
pub struct Coordinator(AccountId);

/// Proof that the person who asks is a mentor.
#[derive(Debug, Clone, Copy)]
pub struct Mentor(AccountId);

/// Proof that the person who asks is a mentee.
#[derive(Debug, Clone, Copy)]
pub struct Mentee(AccountId);

/// Proof that the enrolment is the asking mentee's own.
#[derive(Debug, Clone, Copy)]
pub struct OwnEnrollment {
    account: AccountId,
    enrollment: EnrollmentId,
}

crate::words! {
    /// Which of the two a member of the pair is.
    pub enum Side {
        Mentee = "mentee",
        Mentor = "mentor",
    }
}

/// Proof that the person who asks is the mentee of the enrolment or its present mentor.
#[derive(Debug, Clone, Copy)]
pub struct PairMember {
    account: AccountId,
    enrollment: EnrollmentId,
    side: Side,
    other: Option<AccountId>,
    current_match: Option<MatchId>,
}

impl Coordinator {
    pub fn account(self) -> AccountId {
        self.0
    }
}

impl Mentor {
    pub fn account(self) -> AccountId {
        self.0
    }
}

impl Mentee {
    pub fn account(self) -> AccountId {
        self.0
    }
}

impl OwnEnrollment {
    pub fn account(self) -> AccountId {
        self.account
    }

    pub fn enrollment(self) -> EnrollmentId {
        self.enrollment
    }
}

impl PairMember {
    pub fn account(self) -> AccountId {
        self.account
    }

    pub fn enrollment(self) -> EnrollmentId {
        self.enrollment
    }

    pub fn side(self) -> Side {
        self.side
    }

    /// The other of the two; `None` while the mentee has no mentor yet.
    pub fn other(self) -> Option<AccountId> {
        self.other
    }

    /// The accepted match that makes them a pair.
    pub fn current_match(self) -> Option<MatchId> {
        self.current_match
    }

    /// The mentee's proof, if it is the mentee who asks.
    pub fn mentee(self) -> Result<OwnEnrollment, AppError> {
        match self.side {
            Side::Mentee => Ok(OwnEnrollment { account: self.account, enrollment: self.enrollment }),
            Side::Mentor => Err(AppError::NotFound),
        }
    }

    /// The mentor's proof, if it is the mentor who asks.
    pub fn mentor(self) -> Result<Mentor, AppError> {
        match self.side {
            Side::Mentor => Ok(Mentor(self.account)),
            Side::Mentee => Err(AppError::NotFound),
        }
    }
}

impl Viewer {
    pub fn holds(&self, role: Role) -> bool {
        match role {
            Role::Mentee => self.mentee,
            Role::Mentor => self.mentor,
            Role::Coordinator => self.coordinator,
        }
    }

    pub fn roles(&self) -> impl Iterator<Item = Role> {
        Role::ALL.iter().copied().filter(|role| self.holds(*role))
    }

    /// Where this person begins: the role that most needs them comes first.
    pub fn home(&self) -> &'static str {
        [Role::Coordinator, Role::Mentor, Role::Mentee].into_iter().find(|role| self.holds(*role)).map_or("/", Role::home)
    }

    pub fn coordinator(&self) -> Result<Coordinator, AppError> {
        if self.coordinator { Ok(Coordinator(self.id)) } else { Err(AppError::NotAllowed) }
    }

    pub fn mentor(&self) -> Result<Mentor, AppError> {
        if self.mentor { Ok(Mentor(self.id)) } else { Err(AppError::NotAllowed) }
    }

    pub fn mentee(&self) -> Result<Mentee, AppError> {
        if self.mentee { Ok(Mentee(self.id)) } else { Err(AppError::NotAllowed) }
    }

    /// Proves that the enrolment is the viewer's own. Another's gives [`AppError::NotFound`] and no hint.
    pub async fn own(&self, tx: &mut impl Queryable, enrollment: EnrollmentId) -> Result<OwnEnrollment, AppError> {
        self.pair(tx, enrollment).await?.mentee()
    }

    /// Proves that the viewer is one of the pair. Another's gives [`AppError::NotFound`] and no hint.
    pub async fn pair(&self, tx: &mut impl Queryable, enrollment: EnrollmentId) -> Result<PairMember, AppError> {
        #[derive(FromRow)]
        struct Row {
            mentee_id: AccountId,
            mentor_id: Option<AccountId>,
            match_id: Option<MatchId>,
        }
        let row = fetch_optional!(
            tx,
            Row,
            "SELECT e.mentee_id, m.mentor_id, m.id AS match_id FROM enrollment e
             LEFT JOIN mentor_match m ON m.enrollment_id = e.id AND m.state = 'accepted' WHERE e.id = $1",
            enrollment
        )?
        .ok_or(AppError::NotFound)?;
        let (side, other) = if row.mentee_id == self.id {
            (Side::Mentee, row.mentor_id)
        } else if row.mentor_id == Some(self.id) {
            (Side::Mentor, Some(row.mentee_id))
        } else {
            return Err(AppError::NotFound);
        };
        Ok(PairMember { account: self.id, enrollment, side, other, current_match: row.match_id })
    }
}

#[derive(FromRow)]
struct AccountRow {
    name: String,
    email: String,
    mentee: bool,
    mentor: bool,
    coordinator: bool,
}

/// The viewer of this request, looked up once per request.
#[derive(Clone, Default)]
pub struct ViewerOfRequest(std::sync::Arc<tokio::sync::OnceCell<Option<Viewer>>>);

/// Who is signed in, or `None`.
pub async fn maybe_viewer() -> Result<Option<Viewer>, AppError> {
    match use_context::<ViewerOfRequest>() {
        Some(cell) => cell.0.get_or_try_init(load).await.cloned(),
        None => load().await,
    }
}

async fn load() -> Result<Option<Viewer>, AppError> {
    match super::session::account().await? {
        Some(id) => Ok(of_account(&mut state().db.read_once().await?, id).await?),
        None => Ok(None),
    }
}

/// An account as a viewer, with the roles it holds now; `None` when there is none or it is closed.
pub async fn of_account(tx: &mut impl Queryable, id: AccountId) -> Result<Option<Viewer>, sqlx::Error> {
    let row = fetch_optional!(
        tx,
        AccountRow,
        "SELECT a.name, a.email,
                EXISTS (SELECT 1 FROM account_role r WHERE r.account_id = a.id AND r.role = 'mentee') AS mentee,
                EXISTS (SELECT 1 FROM account_role r WHERE r.account_id = a.id AND r.role = 'mentor') AS mentor,
                EXISTS (SELECT 1 FROM account_role r WHERE r.account_id = a.id AND r.role = 'coordinator') AS coordinator
         FROM account a WHERE a.id = $1 AND a.closed_at IS NULL",
        id
    )?;
    Ok(row.map(|row| Viewer {
        id,
        name: row.name,
        email: row.email,
        mentee: row.mentee,
        mentor: row.mentor,
        coordinator: row.coordinator,
    }))
}

/// Who is signed in; [`AppError::NotSignedIn`] otherwise.
pub async fn viewer() -> Result<Viewer, AppError> {
    maybe_viewer().await?.ok_or(AppError::NotSignedIn)
}

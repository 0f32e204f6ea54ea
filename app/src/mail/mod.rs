//! What leaves by mail: kinds of message, their timing, and the outbox they wait in.
//! Separate because every step sends mail and none knows how it travels.

pub mod store;

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::id::AccountId;
use crate::words;

words! {
    /// The messages of the program; each has a template of the same name.
    pub enum Kind {
        ApplicationReceived = "application_received",
        ApplicationNew = "application_new",
        ApplicationDeclined = "application_declined",
        /// An application from an address that has one, or an enrolment, open.
        ApplicationKnown = "application_known",
        /// For somebody who has an account already; others get the invitation.
        ApplicationAccepted = "application_accepted",
        Invitation = "invitation",
        PasswordReset = "password_reset",
        PasswordChanged = "password_changed",
        MentorProposed = "mentor_proposed",
        MentorAnswered = "mentor_answered",
        Introduction = "introduction",
        MatchEnded = "match_ended",
        MentorWelcome = "mentor_welcome",
        LetterReady = "letter_ready",
        LetterSigned = "letter_signed",
        LetterComplete = "letter_complete",
        LetterReceived = "letter_received",
        BookLent = "book_lent",
        ChapterSignedOff = "chapter_signed_off",
        MessageNew = "message_new",
        TalkLogged = "talk_logged",
        TestMissed = "test_missed",
        ReadyForCertificate = "ready_for_certificate",
        CertificateIssued = "certificate_issued",
        /// Something waits on this person past its limit.
        Nudge = "nudge",
        /// Something stands on the coordinator's list.
        Listed = "listed",
        /// A letter of the coordinator to one person.
        CoordinatorWrote = "coordinator_wrote",
        TestMail = "test_mail",
    }

    /// `Now` answers a person's own action; everything else waits for that person's one digest a day.
    pub enum Timing {
        Now = "now",
        Digest = "digest",
    }

    /// Waiting; sent; dropped because it was no longer true when its time came; failed for good.
    pub enum State {
        Waiting = "waiting",
        Sent = "sent",
        Dropped = "dropped",
        Failed = "failed",
    }
}

impl Kind {
    /// When this kind leaves (PROGRAM section 6, "mail").
    pub fn timing(self) -> Timing {
        match self {
            Self::ApplicationReceived
            | Self::ApplicationDeclined
            | Self::ApplicationKnown
            | Self::ApplicationAccepted
            | Self::Invitation
            | Self::PasswordReset
            | Self::PasswordChanged
            | Self::LetterSigned
            | Self::Introduction
            | Self::MentorWelcome
            | Self::CertificateIssued
            | Self::CoordinatorWrote
            | Self::TestMail => Timing::Now,
            Self::ApplicationNew
            | Self::MentorProposed
            | Self::MentorAnswered
            | Self::MatchEnded
            | Self::LetterReady
            | Self::LetterComplete
            | Self::LetterReceived
            | Self::BookLent
            | Self::ChapterSignedOff
            | Self::MessageNew
            | Self::TalkLogged
            | Self::TestMissed
            | Self::ReadyForCertificate
            | Self::Nudge
            | Self::Listed => Timing::Digest,
        }
    }
}

/// To whom: an account, or an applicant who has none yet.
#[derive(Debug, Clone)]
pub struct Recipient {
    pub account: Option<AccountId>,
    pub address: String,
    pub name: String,
}

/// One message for the outbox. `fields` are the template's own; the program's name and contact are added when it is sent.
#[derive(Debug, Clone)]
pub struct Mail {
    pub to: Recipient,
    pub kind: Kind,
    pub fields: BTreeMap<&'static str, String>,
    /// What the message is about, looked at again before sending.
    pub about: Option<Uuid>,
}

impl Mail {
    pub fn new(kind: Kind, to: Recipient) -> Self {
        Self { to, kind, fields: BTreeMap::new(), about: None }
    }

    pub fn with(mut self, field: &'static str, value: impl Into<String>) -> Self {
        self.fields.insert(field, value.into());
        self
    }

    pub fn about(mut self, id: Uuid) -> Self {
        self.about = Some(id);
        self
    }
}

//! What leaves by mail: kinds of message, when each leaves and who may leave it out, their texts, and the outbox they
//! wait in. Separate because every step sends mail and none knows how it travels.

pub mod announcements;
pub mod api;
pub mod compose;
pub mod digest;
pub mod look;
pub mod pages;
pub mod store;
pub mod texts;
pub mod unsubscribe;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::id::AccountId;
use crate::words;

/// The kinds with the text of each, which is compiled in: a kind without a text does not compile.
macro_rules! kinds {
    ($(#[$doc:meta])* pub enum $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),* $(,)? }) => {
        words! {
            $(#[$doc])*
            pub enum $name { $($(#[$vdoc])* $variant = $word),* }
        }

        impl $name {
            /// The program's own text, as `content/mail` has it.
            pub const fn own_text(self) -> &'static str {
                match self {
                    $(Self::$variant => include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/content/mail/", $word, ".txt"))),*
                }
            }
        }
    };
}

kinds! {
    /// The messages of the program; each has a text of the same name.
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
        /// The other says that a logged talk was different.
        TalkCorrected = "talk_corrected",
        /// Times for a talk, which the reader answers.
        TalkProposed = "talk_proposed",
        TalkDeclined = "talk_declined",
        /// The time of a talk is agreed or moved; it carries the invitation.
        TalkAgreed = "talk_agreed",
        TalkCancelled = "talk_cancelled",
        TestMissed = "test_missed",
        /// To the mentor: answers that only a person can mark.
        TestToMark = "test_to_mark",
        TestMarked = "test_marked",
        ReadyForCertificate = "ready_for_certificate",
        CertificateIssued = "certificate_issued",
        /// An enrolment is completed, withdrawn or closed: what that means, thanks, and three questions.
        EnrollmentEnded = "enrollment_ended",
        EnrollmentReopened = "enrollment_reopened",
        TimeExtended = "time_extended",
        OptionChanged = "option_changed",
        /// To the coordinator: a mentee took a break.
        BreakTaken = "break_taken",
        /// To the coordinator: a mentee asks for a later time limit.
        TimeAsked = "time_asked",
        /// Some months after the certificate: what became of it.
        FollowUp = "follow_up",
        /// To the coordinator: somebody would like to mentor.
        WillingToMentor = "willing_to_mentor",
        /// For somebody who has an account already; others get the invitation.
        CoordinatorWelcome = "coordinator_welcome",
        CoordinatorLeft = "coordinator_left",
        /// Something waits on this person past its limit.
        /// A move that waits on the reader past its limit; `about` is the open move's id.
        Nudge = "nudge",
        /// A move that stands on the coordinator's list; `about` is the open move's id.
        Listed = "listed",
        /// To the coordinator, on Mondays: how the week stands, and the record.
        Week = "week",
        /// A letter of the coordinator to one person.
        CoordinatorWrote = "coordinator_wrote",
        /// What the coordinator writes to many.
        Announcement = "announcement",
        TestMail = "test_mail",
    }
}

words! {
    /// `Now` answers a person's own action; everything else waits for that person's one digest a day.
    pub enum Timing {
        Now = "now",
        Digest = "digest",
    }

    /// Waiting; sent; dropped because it was no longer true when its time came, or was taken back; failed for good.
    pub enum State {
        Waiting = "waiting",
        Sent = "sent",
        Dropped = "dropped",
        Failed = "failed",
    }

    /// News that a person may leave out. The order is part of the links in mails already sent: new ones come last.
    pub enum Group {
        Messages = "messages",
        Study = "study",
        Announcements = "announcements",
        FollowUps = "follow_ups",
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
            // Both asked for it: one by proposing, the other by accepting.
            | Self::TalkAgreed
            | Self::CoordinatorWrote
            | Self::CoordinatorWelcome
            | Self::TestMail => Timing::Now,
            Self::ApplicationNew
            | Self::CoordinatorLeft
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
            | Self::TalkCorrected
            | Self::TalkProposed
            | Self::TalkDeclined
            | Self::TalkCancelled
            | Self::TestMissed
            | Self::TestToMark
            | Self::TestMarked
            | Self::EnrollmentEnded
            | Self::EnrollmentReopened
            | Self::TimeExtended
            | Self::OptionChanged
            | Self::BreakTaken
            | Self::TimeAsked
            | Self::FollowUp
            | Self::WillingToMentor
            | Self::ReadyForCertificate
            | Self::Nudge
            | Self::Listed
            | Self::Week
            | Self::Announcement => Timing::Digest,
        }
    }

    /// The news it belongs to. What is not listed here is required: it answers the reader or waits on them.
    pub fn group(self) -> Option<Group> {
        match self {
            Self::MessageNew | Self::TalkLogged | Self::TalkCorrected => Some(Group::Messages),
            Self::ChapterSignedOff | Self::TestMissed | Self::TestMarked | Self::LetterReceived => Some(Group::Study),
            Self::Announcement => Some(Group::Announcements),
            Self::FollowUp => Some(Group::FollowUps),
            _ => None,
        }
    }

    /// Whether nobody can leave it out.
    pub fn required(self) -> bool {
        self.group().is_none()
    }

    /// The kind in words, as they stand in a list.
    pub fn name(self) -> String {
        match self {
            Self::ApplicationNew => "new application",
            Self::ApplicationKnown => "application from a known address",
            Self::PasswordReset => "link for a new password",
            Self::MentorProposed => "proposal to a mentor",
            Self::MentorAnswered => "answer of a mentor",
            Self::MatchEnded => "pair ended",
            Self::MentorWelcome => "welcome as a mentor",
            Self::LetterReady => "letter ready to sign",
            Self::LetterComplete => "letter signed by both",
            Self::MessageNew => "that there is a message",
            Self::TalkCorrected => "talk put right by the other",
            Self::TalkProposed => "times proposed for a talk",
            Self::TalkDeclined => "times declined",
            Self::TalkAgreed => "time of a talk agreed",
            Self::TestMissed => "missed test questions",
            Self::TestToMark => "answers of a post-test to mark",
            Self::TestMarked => "post-test marked",
            Self::ReadyForCertificate => "ready for the certificate",
            Self::Nudge => "reminder of an open move",
            Self::Listed => "new on the coordinator’s list",
            Self::Week => "how the week stands",
            Self::TestMail => "test message",
            kind => return kind.as_str().replace('_', " "),
        }
        .to_owned()
    }
}

impl Group {
    pub fn name(self) -> &'static str {
        match self {
            Self::Messages => "Messages and talks",
            Self::Study => "Study news",
            Self::Announcements => "Announcements",
            Self::FollowUps => "Questions afterwards",
        }
    }

    /// What belongs to it, for the one who chooses.
    pub fn about(self) -> &'static str {
        match self {
            Self::Messages => "that somebody wrote to you, or logged a talk with you",
            Self::Study => "chapters signed off, post-test questions for your next talk, your letter received",
            Self::Announcements => "what the coordinator tells many people at once",
            Self::FollowUps => "what has come of it, some months after your certificate",
        }
    }
}

impl State {
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "Waiting",
            Self::Sent => "Sent",
            Self::Dropped => "Not sent",
            Self::Failed => "Failed",
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

/// One message for the outbox. `fields` are the text's own; the program's name and contact are added when it is sent.
#[derive(Debug, Clone)]
pub struct Mail {
    pub to: Recipient,
    pub kind: Kind,
    pub fields: BTreeMap<&'static str, String>,
    /// What the message is about, looked at again before sending.
    pub about: Option<Uuid>,
    /// Held until then, so that what caused it can be undone.
    pub held_until: Option<DateTime<Utc>>,
}

impl Mail {
    pub fn new(kind: Kind, to: Recipient) -> Self {
        Self { to, kind, fields: BTreeMap::new(), about: None, held_until: None }
    }

    pub fn with(mut self, field: &'static str, value: impl Into<String>) -> Self {
        self.fields.insert(field, value.into());
        self
    }

    pub fn about(mut self, id: Uuid) -> Self {
        self.about = Some(id);
        self
    }

    /// Does not leave before `at`: until then [`store::take_back`] can drop it.
    pub fn not_before(mut self, at: DateTime<Utc>) -> Self {
        self.held_until = Some(at);
        self
    }
}

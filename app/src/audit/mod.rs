//! The record of what happened: append-only events, each chained to the one before, so that a change to the past
//! shows. Separate because every step writes to it and none may touch what is written.
//!
//! An event holds ids, a kind and a time. Its personal words live beside it, under a salted hash: they can be erased
//! and the chain still verifies.

pub mod store;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::id::EnrollmentId;
use crate::words;

words! {
    /// What kind of event; the stored word is `subject.participle`.
    pub enum Kind {
        AccountMade = "account.made",
        AccountChanged = "account.changed",
        AccountClosed = "account.closed",
        AnnouncementSent = "announcement.sent",
        AnnouncementTakenBack = "announcement.taken_back",
        AnswerMarked = "answer.marked",
        ApplicationAccepted = "application.accepted",
        ApplicationDeclined = "application.declined",
        ApplicationReceived = "application.received",
        AttemptAllowed = "attempt.allowed",
        AttemptHandedIn = "attempt.handed_in",
        AttemptStarted = "attempt.started",
        BookOwned = "book.owned",
        BookRequested = "book.requested",
        BookRequestEnded = "book.request_ended",
        CalendarLinkMade = "calendar_link.made",
        CalendarLinkRevoked = "calendar_link.revoked",
        CertificateIssued = "certificate.issued",
        ChapterSignedOff = "chapter.signed_off",
        ChangeUndone = "change.undone",
        ClosingAnswered = "closing.answered",
        ContactEntered = "contact.entered",
        CopyAdded = "copy.added",
        CopyChanged = "copy.changed",
        CredentialChecked = "credential.checked",
        EditionAdded = "edition.added",
        EligibilityAnswered = "eligibility.answered",
        EnrollmentClosed = "enrollment.closed",
        EnrollmentCompleted = "enrollment.completed",
        EnrollmentExtended = "enrollment.extended",
        EnrollmentImported = "enrollment.imported",
        EnrollmentPaused = "enrollment.paused",
        EnrollmentReopened = "enrollment.reopened",
        EnrollmentResumed = "enrollment.resumed",
        EnrollmentStarted = "enrollment.started",
        EnrollmentWithdrawn = "enrollment.withdrawn",
        ExamFactsChanged = "exam_facts.changed",
        ExamPlanned = "exam.planned",
        ExamResultRecorded = "exam_result.recorded",
        ExamResultRemoved = "exam_result.removed",
        FollowUpAnswered = "follow_up.answered",
        FollowUpAsked = "follow_up.asked",
        GoalChanged = "goal.changed",
        GoalChosen = "goal.chosen",
        GoalDropped = "goal.dropped",
        HoursCorrected = "hours.corrected",
        HoursLogged = "hours.logged",
        HoursRemoved = "hours.removed",
        ImportDone = "import.done",
        ImportUndone = "import.undone",
        InstrumentPublished = "instrument.published",
        InvitationSent = "invitation.sent",
        InvitationUsed = "invitation.used",
        LetterMade = "letter.made",
        LetterReceived = "letter.received",
        LetterReplaced = "letter.replaced",
        LetterSigned = "letter.signed",
        LoanArrived = "loan.arrived",
        LoanEnded = "loan.ended",
        LoanRenewed = "loan.renewed",
        LoanSentBack = "loan.sent_back",
        LoanStarted = "loan.started",
        MailDropped = "mail.dropped",
        MailPreferenceChanged = "mail_preference.changed",
        MailTemplateChanged = "mail_template.changed",
        MailTriedAgain = "mail.tried_again",
        MatchAccepted = "match.accepted",
        MatchDeclined = "match.declined",
        MatchEnded = "match.ended",
        MatchProposed = "match.proposed",
        MatchWithdrawn = "match.withdrawn",
        MentorImported = "mentor.imported",
        MentorInvited = "mentor.invited",
        MentorProfileChanged = "mentor.profile_changed",
        MessageCorrected = "message.corrected",
        MessageFlagged = "message.flagged",
        MessageSeen = "message.seen",
        MessageTakenBack = "message.taken_back",
        MessageUnflagged = "message.unflagged",
        MessageWritten = "message.written",
        NoteWritten = "note.written",
        Nudged = "move.nudged",
        OptionChanged = "enrollment.option_changed",
        OutlineConfirmed = "outline.confirmed",
        OutlinePublished = "outline.published",
        PasswordReset = "password.reset",
        PasswordSet = "password.set",
        PlanChanged = "plan.changed",
        PracticeEnded = "practice.ended",
        PracticeStarted = "practice.started",
        ProgramFilled = "program.filled",
        QuestionApproved = "question.approved",
        QuestionRetired = "question.retired",
        QuestionWritten = "question.written",
        QuestionsImported = "questions.imported",
        RoleGranted = "role.granted",
        RoleRevoked = "role.revoked",
        SelfEvaluationMade = "self_evaluation.made",
        SelfEvaluationShared = "self_evaluation.shared",
        SelfEvaluationSkipped = "self_evaluation.skipped",
        SelfEvaluationUnshared = "self_evaluation.unshared",
        SettingsChanged = "settings.changed",
        SignedIn = "session.started",
        SignedOut = "session.ended",
        StudyEntryLogged = "study_entry.logged",
        TalkConfirmed = "talk.confirmed",
        TalkCorrected = "talk.corrected",
        TalkFollowedUp = "talk.followed_up",
        TalkLogged = "talk.logged",
        TalkTimeAgreed = "talk_time.agreed",
        TalkTimeCancelled = "talk_time.cancelled",
        TalkTimeDeclined = "talk_time.declined",
        TalkTimeProposed = "talk_time.proposed",
        TalkTimeWithdrawn = "talk_time.withdrawn",
        TemplateChanged = "template.changed",
        TestRulesChanged = "test_rules.changed",
        TimeAsked = "time.asked",
        TimeRefused = "time.refused",
        TitleAdded = "title.added",
    }
}

/// Something that happened, as a change notes it. The time and the actor come from the transaction.
#[derive(Debug, Clone)]
pub struct Event {
    pub kind: Kind,
    pub enrollment: Option<EnrollmentId>,
    /// The id of what the event is about: the letter signed, the copy lent.
    pub subject: Option<Uuid>,
    /// Personal words (a reason, a name): erasable.
    pub words: Option<String>,
}

impl Event {
    pub fn new(kind: Kind) -> Self {
        Self { kind, enrollment: None, subject: None, words: None }
    }

    pub fn of(mut self, enrollment: EnrollmentId) -> Self {
        self.enrollment = Some(enrollment);
        self
    }

    pub fn about(mut self, subject: Uuid) -> Self {
        self.subject = Some(subject);
        self
    }

    pub fn words(mut self, words: impl Into<String>) -> Self {
        self.words = Some(words.into());
        self
    }
}

/// The server's key, from which the key of each use is derived. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Key {
    audit: [u8; 32],
    unsubscribe: [u8; 32],
    calendar: [u8; 32],
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

impl Key {
    /// Derives the key of each use from the server's secret, whatever its length.
    pub fn derive(secret: &[u8]) -> Self {
        Self {
            audit: mac(secret, &[b"qdei audit 1"]),
            unsubscribe: mac(secret, &[b"qdei unsubscribe 1"]),
            calendar: mac(secret, &[b"qdei calendar 1"]),
        }
    }

    /// Seals a link that leaves out news, with a key that serves nothing else.
    pub(crate) fn seal_unsubscribe(&self, said: &[u8]) -> [u8; 32] {
        mac(&self.unsubscribe, &[said])
    }

    /// The secret of a link to a calendar, by a key that serves nothing else.
    pub(crate) fn seal_calendar(&self, said: &[u8]) -> [u8; 32] {
        mac(&self.calendar, &[said])
    }
}

fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("any length is a key");
    for part in parts {
        mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// The hash that stands in an event for its words.
pub(crate) fn hash_words(salt: &[u8], words: &str) -> Vec<u8> {
    Sha256::new().chain_update(salt).chain_update(words.as_bytes()).finalize().to_vec()
}

/// The head of a chain without events.
pub const GENESIS: [u8; 32] = [0; 32];

/// What is chained of one event, in a form that leaves no room for two readings.
pub(crate) fn link(key: &Key, previous: &[u8], row: &store::Row) -> Vec<u8> {
    let id = |id: &Option<Uuid>| id.map(|id| id.as_bytes().to_vec()).unwrap_or_default();
    mac(
        &key.audit,
        &[
            previous,
            &row.seq.to_be_bytes(),
            &row.at.timestamp_micros().to_be_bytes(),
            row.kind.as_bytes(),
            &id(&row.actor_id),
            &id(&row.enrollment_id),
            &id(&row.subject_id),
            row.words_hash.as_deref().unwrap_or_default(),
        ],
    )
    .to_vec()
}

/// A stored kind as a person reads it: "letter signed".
pub fn told(kind: &str) -> String {
    kind.replace(['.', '_'], " ")
}

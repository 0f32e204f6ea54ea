//! Identifiers as types of their own, so that an enrolment's id is never taken for a mentor's.
//! Separate because both the browser and the database speak of them.

/// Writes a newtype over a version 7 UUID, which sorts by the time it was made.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "ssr", derive(sqlx::Type), sqlx(transparent))]
        #[serde(transparent)]
        pub struct $name(pub uuid::Uuid);

        impl $name {
            #[cfg(feature = "ssr")]
            #[expect(clippy::new_without_default, reason = "a fresh id is not a default value")]
            pub fn new() -> Self {
                Self(uuid::Uuid::now_v7())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                uuid::Uuid::parse_str(text).map(Self)
            }
        }
    )*};
}

ids! {
    /// A person's account.
    AccountId,
    AnnouncementId,
    ApplicationId,
    /// An agreed talk: it names the talk in calendars too.
    AppointmentId,
    /// A mentor's time away.
    AwayId,
    AttemptId,
    /// Many things chosen together.
    BulkId,
    CalendarLinkId,
    CertificateId,
    ChapterId,
    ClosingId,
    ContactId,
    CopyId,
    CredentialCheckId,
    EditionId,
    EnrollmentId,
    ExamFactsId,
    ExamResultId,
    FollowUpId,
    GoalId,
    HoldId,
    ImportId,
    InstrumentId,
    InvitationId,
    LetterId,
    LetterTemplateId,
    LoanId,
    MailId,
    MatchId,
    MessageId,
    NoteId,
    OptionChangeId,
    /// What will be the next version of an outline.
    OutlineDraftId,
    OutlineId,
    PauseId,
    PracticeId,
    /// Times for a talk that one of a pair proposes.
    ProposalId,
    PracticeHoursId,
    QuestionId,
    /// A file of questions.
    QuestionImportId,
    SelfEvaluationId,
    SignatureId,
    StallId,
    StudyEntryId,
    /// What makes sending a form twice harmless: the page writes it into the form, the table keeps it unique.
    SubmissionKey,
    TalkCorrectionId,
    TalkId,
    TimeRequestId,
    TitleId,
    UndoId,
}

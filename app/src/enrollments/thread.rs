//! The thread of one enrolment: everything that happened to it, in the order of time, as far as the coordinator may see
//! it (PROGRAM section 11). Separate from the record of what happened, because that holds ids, and this tells.
//!
//! What the two of a pair write to each other is not here, only that they wrote and when; a reflection is, once shared.

use chrono::{DateTime, NaiveDate, Utc};

use super::OptionNumber;
use crate::db::{Queryable, fetch_all};
use crate::id::{AccountId, EnrollmentId};
use crate::people::Coordinator;
use crate::words;

words! {
    /// What the thread can be narrowed to.
    pub enum Group {
        Study = "study",
        Contact = "contact",
        Papers = "papers",
        Notes = "notes",
    }
}

impl Group {
    pub fn name(self) -> &'static str {
        match self {
            Self::Study => "Study",
            Self::Contact => "Contact",
            Self::Papers => "Steps and papers",
            Self::Notes => "Notes",
        }
    }
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Entry {
    pub at: DateTime<Utc>,
    /// `subject.participle`, as in the record, or a word of its own for what the record does not tell.
    pub kind: String,
    /// Who did it, or whom it reached.
    pub who: Option<String>,
    /// The chapter it is about, or the kind of a mail.
    pub about: Option<String>,
    pub words: Option<String>,
    /// Minutes, or right answers, of so many.
    pub number: Option<i32>,
    pub number_of: Option<i32>,
    /// The day it is told for, where that may differ from when it was entered.
    pub day: Option<NaiveDate>,
    /// Who entered it for somebody else, and how it had come.
    pub entered_by: Option<String>,
    pub medium: Option<String>,
}

/// How many entries stand on a page.
pub const PAGE: i64 = 50;

/// A page of the thread, from 0, the latest first. One more than a page comes back when there is a next page.
pub async fn list(
    tx: &mut impl Queryable,
    _who: &Coordinator,
    id: EnrollmentId,
    group: Option<Group>,
    page: i64,
) -> Result<Vec<Entry>, sqlx::Error> {
    fetch_all!(
        tx,
        Entry,
        "SELECT t.at, t.kind, t.who, t.about, t.words, t.number, t.number_of, t.day, t.entered_by, t.medium FROM (
            SELECT a.created_at AS at, 'papers' AS part, 'application.received' AS kind, a.name AS who, CAST(NULL AS TEXT) AS about,
                CAST(NULL AS TEXT) AS words, CAST(NULL AS INTEGER) AS number, CAST(NULL AS INTEGER) AS number_of,
                CAST(NULL AS DATE) AS day, b.name AS entered_by, a.came_by AS medium
            FROM enrollment e JOIN application a ON a.id = e.application_id LEFT JOIN account b ON b.id = a.entered_by
            WHERE e.id = $1
            UNION ALL
            SELECT a.decided_at, 'papers', 'application.accepted', b.name, NULL, NULL, NULL, NULL, NULL, NULL, NULL
            FROM enrollment e JOIN application a ON a.id = e.application_id LEFT JOIN account b ON b.id = a.decided_by
            WHERE e.id = $1 AND a.decided_at IS NOT NULL
            UNION ALL
            SELECT a.at, CASE WHEN a.kind = 'move.nudged' THEN 'contact' ELSE 'papers' END, a.kind, p.name, NULL, w.words,
                NULL, NULL, NULL, NULL, NULL
            FROM audit a LEFT JOIN account p ON p.id = a.actor_id LEFT JOIN audit_words w ON w.seq = a.seq
            WHERE a.enrollment_id = $1 AND a.kind NOT IN ('study_entry.logged', 'attempt.started', 'attempt.handed_in',
                'answer.marked', 'practice.started', 'practice.ended', 'chapter.signed_off', 'talk.logged', 'message.written', 'message.seen', 'contact.entered', 'note.written')
            UNION ALL
            SELECT s.created_at, 'study', 'study_entry.logged', p.name, c.title, CASE WHEN s.shared = TRUE THEN s.reflection END,
                s.minutes, c.number, s.studied_on, CASE WHEN s.entered_by <> e.mentee_id THEN b.name END, s.came_by
            FROM study_entry s JOIN enrollment e ON e.id = s.enrollment_id JOIN account p ON p.id = e.mentee_id
            JOIN chapter c ON c.id = s.chapter_id JOIN account b ON b.id = s.entered_by
            WHERE s.enrollment_id = $1 AND NOT EXISTS (SELECT 1 FROM study_entry x WHERE x.replaces_id = s.id)
            UNION ALL
            SELECT t.handed_in_at, 'study', CASE WHEN t.passed = TRUE THEN 'test.passed' WHEN t.passed = FALSE THEN 'test.missed' ELSE 'test.handed_in' END, p.name, c.title, NULL,
                t.right_count, t.item_count, NULL, b.name, t.came_by
            FROM attempt t JOIN enrollment e ON e.id = t.enrollment_id JOIN account p ON p.id = e.mentee_id
            JOIN chapter c ON c.id = t.chapter_id LEFT JOIN account b ON b.id = t.entered_by WHERE t.enrollment_id = $1 AND t.handed_in_at IS NOT NULL
            UNION ALL
            SELECT o.signed_off_at, 'study', 'chapter.signed_off', p.name, c.title, NULL, NULL, c.number, NULL, b.name, o.came_by
            FROM sign_off o JOIN account p ON p.id = o.mentor_id JOIN chapter c ON c.id = o.chapter_id
            LEFT JOIN account b ON b.id = o.entered_by WHERE o.enrollment_id = $1
            UNION ALL
            SELECT t.created_at, 'study', 'talk.logged', p.name, NULL, NULL, t.minutes, NULL, t.held_on, b.name, t.came_by
            FROM talk t JOIN account p ON p.id = t.logged_by LEFT JOIN account b ON b.id = t.entered_by WHERE t.enrollment_id = $1
            UNION ALL
            SELECT m.created_at, 'study', 'message.written', p.name, NULL, NULL, NULL, NULL, NULL, NULL, NULL
            FROM message m JOIN account p ON p.id = m.author_id WHERE m.enrollment_id = $1
            UNION ALL
            SELECT x.created_at, 'contact', CASE WHEN x.heard = TRUE THEN 'contact.heard' ELSE 'contact.tried' END, p.name, NULL, x.note,
                NULL, NULL, x.held_on, b.name, x.medium
            FROM contact x JOIN account p ON p.id = x.person_id JOIN account b ON b.id = x.entered_by
            WHERE x.enrollment_id = $1 AND x.undone_at IS NULL
            UNION ALL
            SELECT n.created_at, 'notes', 'note.written', p.name, NULL, n.body, NULL, NULL, NULL, NULL, NULL
            FROM note n JOIN account p ON p.id = n.written_by WHERE n.enrollment_id = $1
            UNION ALL
            SELECT m.ended_at, 'contact', 'mail.sent', m.name, m.kind, NULL, NULL, NULL, NULL, NULL, NULL
            FROM enrollment e JOIN mail m ON m.account_id = e.mentee_id
            WHERE e.id = $1 AND m.state = 'sent' AND m.created_at >= e.started_at
                AND (e.ended_at IS NULL OR m.created_at <= e.ended_at)
            UNION ALL
            SELECT m.ended_at, 'contact', 'mail.sent', m.name, m.kind, NULL, NULL, NULL, NULL, NULL, NULL
            FROM mentor_match k JOIN mail m ON m.account_id = k.mentor_id AND m.about_id IN (k.id, k.enrollment_id)
            WHERE k.enrollment_id = $1 AND m.state = 'sent' AND m.kind IN ('mentor_proposed', 'introduction', 'match_ended')
         ) t WHERE CAST($2 AS TEXT) IS NULL OR t.part = $2 ORDER BY t.at DESC, t.kind DESC LIMIT $3 OFFSET $4",
        id,
        group,
        PAGE + 1,
        page.max(0).saturating_mul(PAGE)
    )
}

/// Another enrolment of the same person.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Other {
    pub id: EnrollmentId,
    pub option_number: OptionNumber,
    pub state: super::State,
    pub started_at: DateTime<Utc>,
}

/// The person's earlier and later enrolments.
pub async fn list_others(
    tx: &mut impl Queryable,
    _who: &Coordinator,
    mentee: AccountId,
    id: EnrollmentId,
) -> Result<Vec<Other>, sqlx::Error> {
    fetch_all!(
        tx,
        Other,
        "SELECT id, option_number, state, started_at FROM enrollment WHERE mentee_id = $1 AND id <> $2 ORDER BY started_at DESC LIMIT 20",
        mentee,
        id
    )
}

//! Taking an import back, as long as nothing has been done with what it made. Separate because it is the one place that
//! deletes: nobody has relied on these rows yet.

use chrono::{DateTime, Utc};

use super::{Import, find};
use crate::audit::{self, Event};
use crate::db::{Queryable, WriteTx, execute, fetch_all, fetch_one};
use crate::error::{AppError, Refusal};
use crate::id::ImportId;
use crate::imports::State;
use crate::people::Coordinator;

/// How much of what stands in the way is named.
const NAMED: i64 = 20;

/// What has happened since with anything the import made, a sentence each; empty when it can be taken back.
///
/// Nearly everything that anybody does is an event about a person, an enrolment or a book, so the events after the import
/// tell it. The rest are rows that others have built on what was made.
pub async fn in_the_way(tx: &mut impl Queryable, _who: &Coordinator, import: &Import) -> Result<Vec<String>, sqlx::Error> {
    let mut found = Vec::new();
    let passwords = fetch_all!(
        tx,
        (String,),
        "SELECT a.name FROM import_made m JOIN account a ON a.id = m.made_id
         WHERE m.import_id = $1 AND m.kind = 'account' AND a.password_hash IS NOT NULL ORDER BY a.name LIMIT $2",
        import.id,
        NAMED
    )?;
    found.extend(passwords.into_iter().map(|(name,)| format!("{name} has set a password.")));
    let seq = import.audit_seq.unwrap_or(0);
    let events = fetch_all!(
        tx,
        (String, DateTime<Utc>, Option<String>, Option<String>),
        "SELECT a.kind, a.at, p.name, s.name FROM audit a
         JOIN import_made m ON m.import_id = $1 AND m.kind = 'enrollment' AND m.made_id = a.enrollment_id
         JOIN enrollment e ON e.id = a.enrollment_id JOIN account p ON p.id = e.mentee_id
         LEFT JOIN account s ON s.id = a.actor_id
         WHERE a.seq > $2 ORDER BY a.seq LIMIT $3",
        import.id,
        seq,
        NAMED
    )?;
    found.extend(events.into_iter().map(|(kind, at, mentee, by)| event(&kind, at, mentee.as_deref(), by.as_deref())));
    let subjects = fetch_all!(
        tx,
        (String, DateTime<Utc>, Option<String>, Option<String>),
        "SELECT a.kind, a.at, coalesce(p.name, c.label, t.name, d.label), s.name FROM audit a
         JOIN import_made m ON m.import_id = $1 AND m.kind IN ('account', 'mentor', 'phone', 'copy', 'title', 'edition')
            AND m.made_id = a.subject_id
         LEFT JOIN account p ON p.id = a.subject_id LEFT JOIN copy c ON c.id = a.subject_id
         LEFT JOIN title t ON t.id = a.subject_id LEFT JOIN edition d ON d.id = a.subject_id
         LEFT JOIN account s ON s.id = a.actor_id
         WHERE a.seq > $2 AND a.enrollment_id IS NULL ORDER BY a.seq LIMIT $3",
        import.id,
        seq,
        NAMED
    )?;
    found.extend(subjects.into_iter().map(|(kind, at, what, by)| event(&kind, at, what.as_deref(), by.as_deref())));
    found.extend(built_on(tx, import.id).await?);
    Ok(found)
}

fn event(kind: &str, at: DateTime<Utc>, about: Option<&str>, by: Option<&str>) -> String {
    let day = crate::clock::say_full_date(crate::clock::today(at));
    let by = by.map(|name| format!(", by {name}")).unwrap_or_default();
    format!("{}: {} on {day}{by}.", about.unwrap_or("Something here"), audit::told(kind))
}

/// Rows of others that refer to what was made.
async fn built_on(tx: &mut impl Queryable, import: ImportId) -> Result<Vec<String>, sqlx::Error> {
    let (matches, ways, loans, copies) = fetch_one!(
        tx,
        (i64, i64, i64, i64),
        "SELECT
            (SELECT COUNT(*) FROM mentor_match x JOIN import_made m ON m.import_id = $1 AND m.kind = 'mentor'
                AND m.made_id = x.mentor_id
                WHERE NOT EXISTS (SELECT 1 FROM import_made o WHERE o.import_id = $1 AND o.kind = 'enrollment'
                    AND o.made_id = x.enrollment_id)),
            (SELECT COUNT(*) FROM enrollment x JOIN import_made m ON m.import_id = $1 AND m.kind = 'account'
                AND m.made_id = x.mentee_id
                WHERE NOT EXISTS (SELECT 1 FROM import_made o WHERE o.import_id = $1 AND o.kind = 'enrollment'
                    AND o.made_id = x.id)),
            (SELECT COUNT(*) FROM loan x JOIN import_made m ON m.import_id = $1 AND m.kind = 'copy' AND m.made_id = x.copy_id),
            (SELECT COUNT(*) FROM copy x JOIN import_made m ON m.import_id = $1 AND m.kind = 'edition'
                AND m.made_id = x.edition_id
                WHERE NOT EXISTS (SELECT 1 FROM import_made o WHERE o.import_id = $1 AND o.kind = 'copy'
                    AND o.made_id = x.id))",
        import
    )?;
    let say = |count: i64, one: &str, many: &str| match count {
        0 => None,
        1 => Some(one.to_owned()),
        count => Some(format!("{count} {many}")),
    };
    Ok([
        say(matches, "One mentee goes with a mentor of this import.", "mentees go with mentors of this import."),
        say(ways, "One person of this import has another enrollment.", "other enrollments belong to people of this import."),
        say(loans, "One book of this import was lent.", "books of this import were lent."),
        say(copies, "A copy was added to an edition of this import.", "copies were added to editions of this import."),
    ]
    .into_iter()
    .flatten()
    .collect())
}

/// Takes back everything the import made and changed. The record of events keeps what it says, and says this too.
pub async fn undo(tx: &mut WriteTx, who: &Coordinator, id: ImportId) -> Result<(), AppError> {
    let now = tx.now();
    let first = execute!(
        tx,
        "UPDATE import SET state = 'undone', undone_at = $2, undone_by = $3 WHERE id = $1 AND state = 'done'",
        id,
        now,
        who.account()
    )?;
    let import = find(tx, who, id).await?.ok_or(AppError::NotFound)?;
    if first == 0 {
        return match import.state {
            State::Undone => Ok(()),
            State::Read | State::Done => {
                Err(Refusal::new("This file was not imported, so there is nothing to take back.").into())
            }
        };
    }
    let in_the_way = in_the_way(tx, who, &import).await?;
    if let Some(first) = in_the_way.first() {
        return Err(Refusal::new(format!("Something was done with it since. {first}")).into());
    }
    delete(tx, id).await.map_err(|error| match &error {
        sqlx::Error::Database(cause) if cause.is_foreign_key_violation() => {
            Refusal::new("Something that was made since belongs to it, so it can no longer be taken back.").into()
        }
        _ => AppError::from(error),
    })?;
    tx.note(Event::new(audit::Kind::ImportUndone).about(id.0).words(&import.file_name));
    Ok(())
}

/// In the order in which rows refer to each other, the last made first.
async fn delete(tx: &mut WriteTx, id: ImportId) -> Result<(), sqlx::Error> {
    macro_rules! each {
        ($($sql:literal),* $(,)?) => {{ $(execute!(tx, $sql, id)?;)* }};
    }
    each!(
        "DELETE FROM open_move WHERE enrollment_id IN (SELECT made_id FROM import_made WHERE import_id = $1 AND kind = 'enrollment')",
        "DELETE FROM standing WHERE enrollment_id IN (SELECT made_id FROM import_made WHERE import_id = $1 AND kind = 'enrollment')",
        "DELETE FROM stall WHERE enrollment_id IN (SELECT made_id FROM import_made WHERE import_id = $1 AND kind = 'enrollment')",
        "DELETE FROM pause WHERE enrollment_id IN (SELECT made_id FROM import_made WHERE import_id = $1 AND kind = 'enrollment')",
        "DELETE FROM signature WHERE letter_id IN (SELECT l.id FROM letter l JOIN import_made m ON m.made_id = l.enrollment_id
            WHERE m.import_id = $1 AND m.kind = 'enrollment')",
        "DELETE FROM letter WHERE enrollment_id IN (SELECT made_id FROM import_made WHERE import_id = $1 AND kind = 'enrollment')",
        "DELETE FROM sign_off WHERE enrollment_id IN (SELECT made_id FROM import_made WHERE import_id = $1 AND kind = 'enrollment')",
        "DELETE FROM study_entry WHERE enrollment_id IN (SELECT made_id FROM import_made WHERE import_id = $1 AND kind = 'enrollment')",
        "DELETE FROM mentor_match WHERE enrollment_id IN (SELECT made_id FROM import_made WHERE import_id = $1 AND kind = 'enrollment')",
    );
    let applications = fetch_all!(
        tx,
        (uuid::Uuid,),
        "DELETE FROM enrollment WHERE id IN (SELECT made_id FROM import_made WHERE import_id = $1 AND kind = 'enrollment')
         RETURNING application_id",
        id
    )?;
    for (application,) in applications {
        execute!(tx, "DELETE FROM application WHERE id = $1", application)?;
    }
    each!(
        "DELETE FROM credential_check WHERE id IN (SELECT made_id FROM import_made WHERE import_id = $1 AND kind = 'credential_check')",
        "DELETE FROM away WHERE mentor_id IN (SELECT made_id FROM import_made WHERE import_id = $1 AND kind = 'mentor')",
        "DELETE FROM mentor WHERE account_id IN (SELECT made_id FROM import_made WHERE import_id = $1 AND kind = 'mentor')",
        "DELETE FROM account_role WHERE role = 'mentor' AND account_id IN
            (SELECT made_id FROM import_made WHERE import_id = $1 AND kind = 'mentor_role')",
        "DELETE FROM account_role WHERE role = 'mentee' AND account_id IN
            (SELECT made_id FROM import_made WHERE import_id = $1 AND kind = 'mentee_role')",
        "UPDATE account SET phone = (SELECT coalesce(m.before, '') FROM import_made m
            WHERE m.import_id = $1 AND m.kind = 'phone' AND m.made_id = account.id)
         WHERE id IN (SELECT made_id FROM import_made WHERE import_id = $1 AND kind = 'phone')",
        // What has not left the house does not leave any more; what has keeps no account.
        "DELETE FROM mail WHERE state = 'waiting' AND account_id IN
            (SELECT made_id FROM import_made WHERE import_id = $1 AND kind = 'account')",
        "UPDATE mail SET account_id = NULL WHERE account_id IN
            (SELECT made_id FROM import_made WHERE import_id = $1 AND kind = 'account')",
        "DELETE FROM invitation WHERE account_id IN (SELECT made_id FROM import_made WHERE import_id = $1 AND kind = 'account')",
        "DELETE FROM account WHERE id IN (SELECT made_id FROM import_made WHERE import_id = $1 AND kind = 'account')",
        "DELETE FROM copy WHERE id IN (SELECT made_id FROM import_made WHERE import_id = $1 AND kind = 'copy')",
        "DELETE FROM edition WHERE id IN (SELECT made_id FROM import_made WHERE import_id = $1 AND kind = 'edition')",
        "DELETE FROM title WHERE id IN (SELECT made_id FROM import_made WHERE import_id = $1 AND kind = 'title')",
        "DELETE FROM import_made WHERE import_id = $1",
    );
    Ok(())
}

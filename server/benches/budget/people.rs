//! A program with as many enrollments as wanted, at every stage, written straight into SQLite. Separate because it goes
//! around every rule on purpose: it must be quick, and only its size and shape matter.
//!
//! Of ten enrollments one waits for a mentor, one is proposed, three study, one has a letter to sign and four are
//! completed; each that studies or did has 72 study entries. Ids are counted, so that a row can be named by its number.

use anyhow::{Context, bail};
use app::State;
use app::db::Db;
use app::people::password;
use sqlx::{AssertSqlSafe, Sqlite, Transaction};
use uuid::Uuid;

/// Everybody's password.
pub const PASSWORD: &str = "a long enough password";
/// Enrollments of one mentor.
pub const PER_MENTOR: u64 = 10;
/// Study entries of an enrollment that studies or did.
pub const ENTRIES: u64 = 72;

/// What an id is counted in.
#[derive(Clone, Copy)]
pub enum Of {
    Mentee = 1,
    Coordinator,
    Mentor,
    Application,
    OpenApplication,
    Enrollment,
    Match,
    Letter,
    Certificate,
    Copy,
    Loan,
    Entry,
    Message,
    Talk,
    Attempt,
    Mail,
    Other,
    Bulk,
    OutlineDraft,
}

/// The id of a row by its number.
pub fn id(of: Of, number: u64) -> Uuid {
    Uuid::from_u128(((of as u128) << 96) | (0x7000_8000 << 48) | u128::from(number))
}

/// The same in SQL, of a number that is an expression.
fn sql_id(of: Of, number: &str) -> String {
    format!("unhex(printf('{:08x}000070008000%012x', {number}))", of as u32)
}

/// The moment so many days ago, in SQL, as the program writes moments.
fn ago(days: &str) -> String {
    format!("strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now', '-' || ({days}) || ' days')")
}

fn day_ago(days: &str) -> String {
    format!("date('now', '-' || ({days}) || ' days')")
}

/// The enrollment with this number waits for a mentor.
pub const NEW: u64 = 0;
/// Proposed to a mentor.
pub const PROPOSED: u64 = 1;
/// Studies.
pub const STUDYING: u64 = 3;
/// Completed, with a certificate.
pub const COMPLETED: u64 = 6;

/// Fills an empty program with `count` enrollments, a hundred or more.
pub async fn fill(state: &State, count: u64) -> anyhow::Result<()> {
    let Db::Sqlite { write, .. } = &state.db else { bail!("people are made in SQLite only") };
    let hash = password::hash(PASSWORD.to_owned()).await?;
    let mut tx = write.begin_with("BEGIN IMMEDIATE").await?;
    let numbers = [
        "CREATE TEMP TABLE number (i INTEGER PRIMARY KEY)".to_owned(),
        format!(
            "INSERT INTO number WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {}) SELECT i FROM n",
            count
        ),
        "CREATE TEMP TABLE book (option_number INTEGER PRIMARY KEY, outline_id BLOB, chapters INTEGER)".to_owned(),
        "INSERT INTO book SELECT v.value, o.id, (SELECT COUNT(*) FROM chapter c WHERE c.outline_id = o.id)
         FROM outline o, json_each(o.options) v GROUP BY v.value"
            .to_owned(),
        "UPDATE question SET approved_at = created_at".to_owned(),
    ];
    let steps =
        [&numbers[..], &people(count, &hash), &pairs(count), &papers(), &study(), &talks(), &silence(), &record()].concat();
    for sql in steps {
        run(&mut tx, sql).await?;
    }
    for table in ["number", "book"] {
        run(&mut tx, format!("DROP TABLE temp.{table}")).await?;
    }
    tx.commit().await?;
    Ok(())
}

async fn run(tx: &mut Transaction<'_, Sqlite>, sql: String) -> anyhow::Result<()> {
    sqlx::raw_sql(AssertSqlSafe(sql.clone())).execute(&mut **tx).await.with_context(|| sql)?;
    Ok(())
}

fn people(count: u64, hash: &str) -> Vec<String> {
    let mentors = count.div_ceil(PER_MENTOR);
    let account = |of, kind: &str, many: u64| {
        format!(
            "INSERT INTO account (id, email, name, phone, password_hash, created_at)
             SELECT {}, '{kind}' || i || '@budget.test', 'Pat ' || char(65 + i % 26) || '. {kind} ' || i, '406-555-0100', '{hash}', {}
             FROM number WHERE i < {many};
             INSERT INTO account_role (account_id, role, granted_at) SELECT {}, '{kind}', {} FROM number WHERE i < {many}",
            sql_id(of, "i"),
            ago("700"),
            sql_id(of, "i"),
            ago("700"),
        )
    };
    vec![
        account(Of::Coordinator, "coordinator", 1),
        account(Of::Mentor, "mentor", mentors),
        account(Of::Mentee, "mentee", count),
        format!(
            "INSERT INTO mentor (account_id, discipline, county, options, ways, interests, capacity, about, updated_at)
             SELECT {}, 'nurse', printf('30%03d', 1 + 2 * (i % 56)), '[1,2,3]', '[\"phone\",\"video\"]', '[\"technology\"]', 12,
                'Twenty years of diabetes education in a small hospital.', {} FROM number WHERE i < {mentors};
             INSERT INTO credential_check (id, mentor_id, checked_by, checked_at, valid_to)
             SELECT {}, {}, {}, {}, date('now', '+400 days') FROM number WHERE i < {mentors}",
            sql_id(Of::Mentor, "i"),
            ago("600"),
            sql_id(Of::Other, "i"),
            sql_id(Of::Mentor, "i"),
            sql_id(Of::Coordinator, "0"),
            ago("600"),
        ),
        applications(Of::Application, count, "accepted"),
        applications(Of::OpenApplication, (count / 50).max(1), "received"),
    ]
}

fn applications(of: Of, many: u64, state: &str) -> String {
    let (decided, by) = if state == "received" {
        ("NULL".to_owned(), "NULL".to_owned())
    } else {
        (ago("500 - i % 400"), sql_id(Of::Coordinator, "0"))
    };
    format!(
        "INSERT INTO application (id, submission_key, name, email, phone, discipline, workplace, county, counties_served,
            option_number, outline_id, ways, interests, reason, came_by, created_at, state, decided_at, decided_by)
         SELECT {0}, {0}, 'Pat ' || char(65 + i % 26) || '. mentee ' || i, '{state}' || i || '@budget.test', '406-555-0100',
            'dietitian', 'A clinic', printf('30%03d', 1 + 2 * (i % 56)), '[]', 1 + i % 3, b.outline_id, '[\"phone\"]',
            '[\"technology\"]', 'To help the people of my county better.', 'form', {1}, '{state}', {decided}, {by}
         FROM number JOIN book b ON b.option_number = 1 + i % 3 WHERE i < {many}",
        sql_id(of, "i"),
        ago("510 - i % 400"),
    )
}

/// Enrollments, matches, books and plans.
fn pairs(count: u64) -> Vec<String> {
    let id = |of| sql_id(of, "i");
    vec![
        format!(
            "INSERT INTO enrollment (id, application_id, mentee_id, option_number, outline_id, state, started_at, due_on, own_book_at, ended_at)
             SELECT {}, {}, {}, 1 + i % 3, b.outline_id, CASE WHEN i % 10 < 6 THEN 'active' ELSE 'completed' END, {started},
                date('now', '+100 days'), CASE WHEN i % 10 > 1 AND i % 2 = 0 THEN {started} END, CASE WHEN i % 10 > 5 THEN {} END
             FROM number JOIN book b ON b.option_number = 1 + i % 3 WHERE i < {count}",
            id(Of::Enrollment),
            id(Of::Application),
            id(Of::Mentee),
            ago("i % 60"),
            started = ago("500 - i % 400"),
        ),
        format!(
            "INSERT INTO mentor_match (id, enrollment_id, mentor_id, state, points, reasons, proposed_by, proposed_at, answer_by, answered_at)
             SELECT {}, {}, {}, CASE WHEN i % 10 = 1 THEN 'proposed' ELSE 'accepted' END, 70, '[]', {}, {}, date('now', '+3 days') || 'T10:00:00+00:00',
                CASE WHEN i % 10 > 1 THEN {} END FROM number WHERE i % 10 > 0",
            id(Of::Match),
            id(Of::Enrollment),
            sql_id(Of::Mentor, &format!("i / {PER_MENTOR}")),
            sql_id(Of::Coordinator, "0"),
            ago("490 - i % 400"),
            ago("480 - i % 400"),
        ),
        format!(
            "INSERT INTO copy (id, edition_id, label, condition, state, added_at)
             SELECT {}, o.edition_id, 'B-' || i, 'good', 'in_use', {} FROM number
             JOIN book b ON b.option_number = 1 + i % 3 JOIN outline o ON o.id = b.outline_id WHERE i % 10 > 1 AND i % 2 = 1",
            id(Of::Copy),
            ago("700"),
        ),
        format!(
            "INSERT INTO loan (id, copy_id, enrollment_id, way, lent_at, lent_by, due_on, arrived_at, returned_at)
             SELECT {}, {}, {}, 'post', {}, {}, date('now', '+30 days'), {}, CASE WHEN i % 10 > 5 THEN {} END
             FROM number WHERE i % 10 > 1 AND i % 2 = 1",
            id(Of::Loan),
            id(Of::Copy),
            id(Of::Enrollment),
            ago("470 - i % 400"),
            sql_id(Of::Coordinator, "0"),
            ago("460 - i % 400"),
            ago("i % 60"),
        ),
        format!(
            "INSERT INTO plan (enrollment_id, rhythm, way, next_talk_at, updated_at, updated_by)
             SELECT {}, 'weekly', 'phone', date('now', '+' || (i % 14) || ' days') || 'T18:00:00+00:00', {}, {} FROM number WHERE i % 10 > 1;
             INSERT INTO plan_target (enrollment_id, chapter_id, target_on)
             SELECT {}, c.id, date('now', printf('%+d days', (c.number - 6) * 7)) FROM number
             JOIN book b ON b.option_number = 1 + i % 3 JOIN chapter c ON c.outline_id = b.outline_id WHERE i % 10 > 1",
            id(Of::Enrollment),
            ago("450 - i % 400"),
            id(Of::Mentee),
            id(Of::Enrollment),
        ),
    ]
}

/// Letters with their signatures, self-evaluations, exam plans and certificates.
fn papers() -> Vec<String> {
    let id = |of| sql_id(of, "i");
    let signature = |role: &str, who: String| {
        format!(
            "INSERT INTO signature (id, letter_id, account_id, role, typed_name, consent, text_sha256, way, signed_at)
             SELECT {}, {}, {who}, '{role}', 'Pat', 'I agree.', 'of a text', 'electronic', {} FROM number WHERE i % 10 IN (2, 3, 4, 6, 7, 8, 9)",
            sql_id(Of::Letter, if role == "mentee" { "1000000000 + i" } else { "2000000000 + i" }),
            id(Of::Letter),
            ago("440 - i % 400"),
        )
    };
    vec![
        format!(
            "INSERT INTO letter (id, enrollment_id, match_id, template_id, text, text_sha256, state, made_at, received_at, received_by)
             SELECT {}, {}, {}, t.id, t.markdown, 'of a text', CASE WHEN i % 10 = 5 THEN 'open' ELSE 'received' END, {},
                CASE WHEN i % 10 <> 5 THEN {} END, CASE WHEN i % 10 <> 5 THEN {} END
             FROM number, letter_template t WHERE i % 10 > 1",
            id(Of::Letter),
            id(Of::Enrollment),
            id(Of::Match),
            ago("445 - i % 400"),
            ago("430 - i % 400"),
            sql_id(Of::Coordinator, "0"),
        ),
        signature("mentee", id(Of::Mentee)),
        signature("mentor", sql_id(Of::Mentor, &format!("i / {PER_MENTOR}"))),
        format!(
            "INSERT INTO self_evaluation (id, enrollment_id, instrument_id, moment, state, ratings, shared, made_at)
             SELECT {}, {}, n.id, 'start', 'skipped', '{{}}', 0, {} FROM number, instrument n WHERE i % 10 > 1;
             INSERT INTO exam_plan (enrollment_id, eligibility_checked_on, target_on, updated_at)
             SELECT {}, {}, date('now', '+200 days'), {} FROM number WHERE i % 10 > 1 AND i % 3 = 2",
            id(Of::Letter),
            id(Of::Enrollment),
            ago("450 - i % 400"),
            id(Of::Enrollment),
            day_ago("100"),
            ago("100"),
        ),
        format!(
            "INSERT INTO certificate (id, enrollment_id, number, year, sequence, code, facts, issued_on, issued_at, issued_by, state, pdf, pdf_sha256)
             SELECT {}, {}, printf('QDEI-2024-%04d', i), 2024, i, printf('%016x', i),
                json_object('number', printf('QDEI-2024-%04d', i), 'name', 'Pat', 'option', 'Option 1', 'book', 'A book', 'mentor', 'Pat',
                    'issuer', 'Pat', 'program', 'QDEI', 'wording', 'has completed it', 'issued_on', {on}, 'verify_url', 'http://budget.test'),
                {on}, {}, {}, 'valid', zeroblob(20000), 'of a paper' FROM number WHERE i % 10 > 5",
            id(Of::Certificate),
            id(Of::Enrollment),
            ago("i % 60"),
            sql_id(Of::Coordinator, "0"),
            on = day_ago("i % 60"),
        ),
    ]
}

/// Chapters read, discussed and tested. What is written over months lies mixed in the tables, not person by person.
fn study() -> Vec<String> {
    // Who studies has read eight chapters and talked over five; who is done, all.
    let read = "JOIN book b ON b.option_number = 1 + e.i % 3 JOIN chapter c ON c.outline_id = b.outline_id
        AND c.number = 1 + k.i % CASE WHEN e.i % 10 < 6 THEN 8 ELSE b.chapters END";
    let enrollment = sql_id(Of::Enrollment, "e.i");
    vec![
        format!(
            "INSERT INTO study_entry (id, submission_key, enrollment_id, chapter_id, studied_on, minutes, reflection, shared, entered_by, created_at)
             SELECT {0}, {0}, {enrollment}, c.id, {1}, 45, 'What I read helps me to explain insulin in plain words.', 1, {2}, {3}
             FROM number k CROSS JOIN number e {read} WHERE k.i < {ENTRIES} AND e.i % 10 IN (2, 3, 4, 6, 7, 8, 9) ORDER BY k.i, e.i",
            sql_id(Of::Entry, "k.i * 1000000 + e.i"),
            day_ago("80 - k.i"),
            sql_id(Of::Mentee, "e.i"),
            ago("80 - k.i"),
        ),
        format!(
            "INSERT INTO sign_off (enrollment_id, chapter_id, mentor_id, signed_off_at, word)
             SELECT {enrollment}, c.id, {}, {}, 'Well done.' FROM number e JOIN book b ON b.option_number = 1 + e.i % 3
             JOIN chapter c ON c.outline_id = b.outline_id
             WHERE e.i % 10 IN (2, 3, 4, 6, 7, 8, 9) AND (e.i % 10 > 5 OR c.number <= 5)",
            sql_id(Of::Mentor, &format!("e.i / {PER_MENTOR}")),
            ago("40"),
        ),
        format!(
            "INSERT INTO attempt (id, enrollment_id, chapter_id, started_at, handed_in_at, right_count, item_count, passed, ordinal)
             SELECT {}, {enrollment}, c.id, {day}, {day}, 4, 5, 1, 1 FROM number e JOIN book b ON b.option_number = 1
             JOIN chapter c ON c.outline_id = b.outline_id
             WHERE e.i % 3 = 0 AND e.i % 10 IN (2, 3, 4, 6, 7, 8, 9) AND (e.i % 10 > 5 OR c.number <= 6)",
            sql_id(Of::Attempt, "e.i * 100 + c.number"),
            day = ago("40"),
        ),
        "INSERT INTO attempt_item (attempt_id, question_id, position, answer, is_right, credit)
         SELECT a.id, q.id, row_number() OVER (PARTITION BY a.id), '[0]', 1, 1000 FROM attempt a JOIN question q ON q.chapter_id = a.chapter_id"
            .to_owned(),
    ]
}

/// Gives one enrolment an outline of `count` chapters of its own, on which it stands as far as on its own before.
pub async fn long_outline(state: &State, enrollment: u64, count: u32) -> anyhow::Result<()> {
    let Db::Sqlite { write, .. } = &state.db else { bail!("people are made in SQLite only") };
    let (outline, whose) = (sql_id(Of::Other, "900000"), sql_id(Of::Enrollment, &enrollment.to_string()));
    let chapter = sql_id(Of::Other, "900000 + n.i");
    let now = |table: &str| {
        format!(
            "UPDATE {table} SET chapter_id = (SELECT l.id FROM chapter l JOIN chapter c ON c.number = l.number
             WHERE l.outline_id = {outline} AND c.id = {table}.chapter_id) WHERE enrollment_id = {whose}"
        )
    };
    let mut tx = write.begin_with("BEGIN IMMEDIATE").await?;
    for sql in [
        format!(
            "INSERT INTO outline (id, edition_id, version, options, published_at)
             SELECT {outline}, o.edition_id, 90, o.options, o.published_at FROM outline o JOIN enrollment e ON e.outline_id = o.id
             WHERE e.id = {whose}"
        ),
        format!(
            "INSERT INTO chapter (id, outline_id, number, title, required, minutes, part, first_page, last_page)
             WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
             SELECT {chapter}, {outline}, n.i, 'A chapter of a long book, its number ' || n.i, 1, 40, 'Part ' || (1 + n.i / 10),
                n.i * 20, n.i * 20 + 18 FROM n"
        ),
        now("study_entry"),
        now("sign_off"),
        now("attempt"),
        now("message"),
        format!("UPDATE enrollment SET outline_id = {outline} WHERE id = {whose}"),
    ] {
        run(&mut tx, sql).await?;
    }
    Ok(tx.commit().await?)
}

/// Ten messages and four talks of each pair.
fn talks() -> Vec<String> {
    let enrollment = sql_id(Of::Enrollment, "e.i");
    let chapter =
        "JOIN book b ON b.option_number = 1 + e.i % 3 JOIN chapter c ON c.outline_id = b.outline_id AND c.number = 1 + k.i";
    vec![
        format!(
            "INSERT INTO message (id, submission_key, enrollment_id, chapter_id, author_id, body, for_talk, created_at)
             SELECT {0}, {0}, {enrollment}, c.id, CASE WHEN k.i % 2 = 0 THEN {1} ELSE {2} END,
                'How do you explain this to a person who has just been told?', k.i % 2 = 0, {3}
             FROM number k CROSS JOIN number e {chapter} WHERE k.i < 10 AND e.i % 10 > 1 ORDER BY k.i, e.i",
            sql_id(Of::Message, "k.i * 1000000 + e.i"),
            sql_id(Of::Mentee, "e.i"),
            sql_id(Of::Mentor, &format!("e.i / {PER_MENTOR}")),
            ago("60 - k.i * 5"),
        ),
        format!(
            "INSERT INTO talk (id, submission_key, enrollment_id, held_on, minutes, way, notes, follow_ups, logged_by, created_at)
             SELECT {0}, {0}, {enrollment}, {1}, 30, 'phone', 'We talked about the chapter.', '', {2}, {3}
             FROM number k CROSS JOIN number e WHERE k.i < 4 AND e.i % 10 > 1 ORDER BY k.i, e.i",
            sql_id(Of::Talk, "k.i * 1000000 + e.i"),
            day_ago("50 - k.i * 10"),
            sql_id(Of::Mentor, &format!("e.i / {PER_MENTOR}")),
            ago("50 - k.i * 10"),
        ),
        format!(
            "INSERT INTO talk_chapter (talk_id, chapter_id)
             SELECT {}, c.id FROM number k CROSS JOIN number e {chapter} WHERE k.i < 4 AND e.i % 10 > 1",
            sql_id(Of::Talk, "k.i * 1000000 + e.i"),
        ),
    ]
}

/// Two waits of each pair that were too long, one of which goes on.
fn silence() -> Vec<String> {
    vec![format!(
        "INSERT INTO stall (id, enrollment_id, move_id, what, owner, opened_at, limit_at, clock_at, ended_at, ending)
         SELECT {0}, {1}, {0}, 'read_chapter', 'mentee', {2}, {2}, {2}, CASE WHEN k.i = 0 THEN {3} END,
            CASE WHEN k.i = 0 THEN 'heard' END FROM number k CROSS JOIN number e WHERE k.i < 2 AND e.i % 10 > 1",
        sql_id(Of::Other, "k.i * 1000000 + e.i"),
        sql_id(Of::Enrollment, "e.i"),
        ago("60 - k.i * 20"),
        ago("50"),
    )]
}

/// Sent mail, and the audit: an event for each entry and message. It is no chain; nobody verifies it here.
fn record() -> Vec<String> {
    let of_table = |table: &str, kind: &str, actor: &str| {
        format!(
            "INSERT INTO audit (seq, at, kind, actor_id, enrollment_id, subject_id, mac)
             SELECT (SELECT max(seq) FROM audit) + row_number() OVER (ORDER BY created_at), created_at, '{kind}', {actor}, enrollment_id, id, zeroblob(32)
             FROM {table} ORDER BY created_at"
        )
    };
    vec![
        format!(
            "INSERT INTO mail (id, account_id, address, name, kind, timing, fields, about_id, created_at, next_attempt_at, state, ended_at)
             SELECT {}, {}, 'mentee' || e.i || '@budget.test', 'Pat', 'message_new', 'digest', '{{}}', {}, {day}, {day}, 'sent', {day}
             FROM number k CROSS JOIN number e WHERE k.i < 5 ORDER BY k.i, e.i",
            sql_id(Of::Mail, "k.i * 1000000 + e.i"),
            sql_id(Of::Mentee, "e.i"),
            sql_id(Of::Message, "k.i * 1000000 + e.i"),
            day = ago("50"),
        ),
        of_table("study_entry", "study_entry.logged", "entered_by"),
        of_table("message", "message.written", "author_id"),
        format!(
            "INSERT INTO audit (seq, at, kind, enrollment_id, mac)
             SELECT (SELECT max(seq) FROM audit) + row_number() OVER (ORDER BY started_at, id), started_at, 'enrollment.started', id, zeroblob(32)
             FROM enrollment ORDER BY started_at;
             INSERT INTO bulk (id, account_id, act, made_at) VALUES ({0}, {1}, 'extend', {2});
             INSERT INTO bulk_item (bulk_id, subject_id) SELECT {0}, {3} FROM number WHERE i < 50;
             INSERT INTO outline_draft (id, edition_id, outline_id, options, contents, lines, minutes, revision, made_at, changed_at, changed_by)
             SELECT {4}, edition_id, id, options, '', '[]', 40, 1, {2}, {2}, {1} FROM outline LIMIT 1",
            sql_id(Of::Bulk, "0"),
            sql_id(Of::Coordinator, "0"),
            ago("0"),
            sql_id(Of::Enrollment, "i"),
            sql_id(Of::OutlineDraft, "0"),
        ),
        "UPDATE audit_head SET seq = (SELECT max(seq) FROM audit)".to_owned(),
    ]
}

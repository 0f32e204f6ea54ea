//! The coordinator's search: what it finds, in which words, and what it never reads.

use app::db::execute;
use app::enrollments::OptionNumber;
use app::id::{CertificateId, EnrollmentId, LoanId, MessageId, SubmissionKey};
use app::people::Role;
use app::search::{CertificateNumber, MOST, Query, fold};
use proptest::prelude::*;
use sqlx::types::Json;

use crate::library_store::Shelf;
use crate::support::{Program, each_db};
use crate::visit::Browser;

fn address(query: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("q", query).finish();
    format!("/coordinator/search?{query}")
}

/// What the page of a search says, or where it leads.
async fn look(program: &Program, query: &str) -> String {
    let page = Browser::of(program, &program.coordinator).await.open(&address(query)).await;
    page.location.unwrap_or(page.html)
}

async fn certificate(program: &Program, enrollment: EnrollmentId, sequence: i32) {
    let mut tx = program.state.write(&program.coordinator).await.unwrap();
    let now = tx.now();
    execute!(
        &mut tx,
        "INSERT INTO certificate (id, enrollment_id, number, year, sequence, code, facts, issued_on, issued_at, issued_by, state, pdf, pdf_sha256)
         VALUES ($1, $2, $3, 2026, $4, $3, $5, $6, $7, $8, 'valid', $9, '')",
        CertificateId::new(),
        enrollment,
        format!("QDEI-2026-{sequence:04}"),
        sequence,
        Json(serde_json::json!({})),
        app::clock::today(now),
        now,
        program.coordinator.id,
        Vec::<u8>::new()
    )
    .unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn people_are_found_by_what_is_known_of_them() {
    each_db(async |program| {
        let (mentee, enrollment) = program.enrollment("José Peña", OptionNumber::Two).await;
        let mentor = program.mentor("Ruth Ellingson", "30049").await;
        let page = format!("/coordinator/enrollments/{enrollment}");
        // By name in any order, case and accent, in part; by workplace; by the digits of the telephone number.
        for query in ["jose", "JOSÉ", "peña jos", "pena josé", "José Clinic"] {
            let html = look(&program, query).await;
            assert!(html.contains(&page) && html.contains("José Peña"), "{query}: {html}");
            assert!(html.contains("mentee, Option 2, active"), "{query}");
        }
        let mut tx = program.state.write(&program.coordinator).await.unwrap();
        app::people::store::update_name(&mut tx, mentor.id, "Ruth Ellingson", "(406) 555-0177").await.unwrap();
        tx.commit().await.unwrap();
        for query in ["406-555-0177", "5550177", "555 0177", "ellingson"] {
            let html = look(&program, query).await;
            assert!(html.contains(&format!("/coordinator/mentors/{}", mentor.id)), "{query}");
            assert!(!html.contains("José"), "{query}");
        }
        // A whole address leads straight to the page; in part it finds.
        assert_eq!(look(&program, &mentee.email.to_uppercase()).await, page);
        assert_eq!(look(&program, &mentor.email).await, format!("/coordinator/mentors/{}", mentor.id));
        assert!(look(&program, "ruth.elling").await.contains("Ruth Ellingson"));
        // Who is two things is shown with both.
        let mut tx = program.state.write(&program.coordinator).await.unwrap();
        app::people::store::grant(&mut tx, mentor.id, Role::Coordinator).await.unwrap();
        tx.commit().await.unwrap();
        let html = look(&program, &mentor.email).await;
        assert!(html.contains("mentor") && html.contains("/coordinator/settings/people"));
    })
    .await;
}

#[tokio::test]
async fn applicants_are_found_until_they_are_people() {
    each_db(async |program| {
        let (mentee, enrollment) = program.enrollment("Anna Lund", OptionNumber::One).await;
        let mut tx = program.state.write(&program.coordinator).await.unwrap();
        execute!(
            &mut tx,
            "INSERT INTO application (id, submission_key, name, email, phone, discipline, workplace, county, counties_served,
                option_number, outline_id, ways, interests, reason, came_by, created_at, state)
             SELECT $1, $2, 'Berit Aas', 'berit@qdei.test', '(406) 555-0199', discipline, 'Havre Hospital', county, counties_served,
                option_number, outline_id, ways, interests, 'A secret reason', came_by, created_at, 'received' FROM application",
            app::id::ApplicationId::new(),
            SubmissionKey::new()
        )
        .unwrap();
        tx.commit().await.unwrap();
        let applicants = ["berit", "Havre hospital", "5550199"];
        for query in applicants {
            let html = look(&program, query).await;
            assert!(html.contains("Berit Aas") && html.contains("waits for your answer"), "{query}");
        }
        assert!(look(&program, "BERIT@qdei.test").await.starts_with("/coordinator/applications/"));
        assert!(look(&program, "secret reason").await.contains("Nothing was found"));
        // An accepted application is its enrolment.
        let html = look(&program, "anna lund").await;
        assert!(html.contains(&format!("/coordinator/enrollments/{enrollment}")) && !html.contains("/coordinator/applications/"));
        assert_eq!(look(&program, &mentee.email).await, format!("/coordinator/enrollments/{enrollment}"));
    })
    .await;
}

#[tokio::test]
async fn certificates_and_letters_are_found_by_number_and_name() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::Three).await;
        certificate(&program, pair.enrollment, 12).await;
        let page = format!("/coordinator/enrollments/{}/certificate", pair.enrollment);
        for query in ["QDEI-2026-0012", "qdei-2026-12", " 2026-12 ", "2026-0012"] {
            assert_eq!(look(&program, query).await, page, "{query}");
        }
        for query in ["0012", "QDEI-2026", &pair.mentee.name] {
            let html = look(&program, query).await;
            assert!(html.contains(&page) && html.contains("QDEI-2026-0012"), "{query}");
        }
        assert!(look(&program, "QDEI-2026-0013").await.contains("Nothing was found"));
    })
    .await;
}

#[tokio::test]
async fn books_are_found_by_title_label_isbn_and_borrower() {
    each_db(async |program| {
        let shelf = Shelf::new(program, 2).await;
        let (_, own) = shelf.mentee("Bo Borrower").await;
        let program = &shelf.program;
        let mut tx = program.state.write(&program.coordinator).await.unwrap();
        let now = tx.now();
        execute!(
            &mut tx,
            "UPDATE edition SET isbn = '978-1-881876-53-6' WHERE id = (SELECT edition_id FROM copy WHERE label = 'AS-1')"
        )
        .unwrap();
        execute!(
            &mut tx,
            "INSERT INTO loan (id, copy_id, enrollment_id, way, lent_at, lent_by, due_on) VALUES ($1, $2, $3, 'in_person', $4, $5, $6)",
            LoanId::new(),
            shelf.copies[1],
            own.enrollment(),
            now,
            program.coordinator.id,
            app::clock::today(now)
        )
        .unwrap();
        tx.commit().await.unwrap();
        let html = look(program, "as-1").await;
        assert!(html.contains("AS-1: ") && html.contains("on the shelf") && !html.contains("AS-2"));
        for query in ["AS-2", "bo borrower", "978-1-881876-53-6", "9781881876536", "188187653"] {
            let html = look(program, query).await;
            assert!(html.contains("AS-2: ") && html.contains(&format!("/coordinator/enrollments/{}/book", own.enrollment())), "{query}");
        }
        assert!(look(program, "art and science").await.contains("AS-1: "));
    })
    .await;
}

#[tokio::test]
async fn signs_with_a_meaning_for_the_database_stand_for_themselves() {
    each_db(async |program| {
        program.enrollment("Percy Hundred% O'Hara_x \\ Back", OptionNumber::One).await;
        program.enrollment("Plain Person", OptionNumber::One).await;
        for query in ["hundred%", "o'hara", "o’hara", "hara_x", "%", "__", "\\ back", "'; DROP TABLE account; --", "\"", "%%"]
        {
            let html = look(&program, query).await;
            assert!(!html.contains("Plain Person"), "{query}");
            let there = !matches!(query, "%" | "__" | "'; DROP TABLE account; --" | "\"" | "%%");
            assert_eq!(html.contains("/coordinator/enrollments/0"), there, "{query}: {html}");
        }
        let html = look(&program, "<script>alert(1)</script>").await;
        assert!(html.contains("&lt;script>alert(1)") || html.contains("&lt;script&gt;alert(1)"), "{html}");
        assert!(!html.contains("<script>alert"));
    })
    .await;
}

#[tokio::test]
async fn what_people_write_to_each_other_is_never_searched() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::One).await;
        let mut tx = program.state.write(&pair.mentee).await.unwrap();
        let now = tx.now();
        execute!(
            &mut tx,
            "INSERT INTO message (id, submission_key, enrollment_id, author_id, body, for_talk, created_at)
             VALUES ($1, $2, $3, $4, 'Zebrafish and more', FALSE, $5)",
            MessageId::new(),
            SubmissionKey::new(),
            pair.enrollment,
            pair.mentee.id,
            now
        )
        .unwrap();
        execute!(
            &mut tx,
            "INSERT INTO study_entry (id, submission_key, enrollment_id, chapter_id, studied_on, minutes, reflection, shared, entered_by, created_at)
             SELECT $1, $2, $3, c.id, $4, 30, 'Zebrafish in my reflection', TRUE, $5, $6 FROM chapter c JOIN enrollment e ON e.outline_id = c.outline_id
             WHERE e.id = $3 AND c.number = 1",
            app::id::StudyEntryId::new(),
            SubmissionKey::new(),
            pair.enrollment,
            app::clock::today(now),
            pair.mentee.id,
            now
        )
        .unwrap();
        tx.commit().await.unwrap();
        assert!(look(&program, "zebrafish").await.contains("Nothing was found"));
    })
    .await;
}

#[tokio::test]
async fn a_long_group_is_cut_and_says_so() {
    each_db(async |program| {
        for number in 0..=MOST {
            program.person(&format!("Many Namesake {number:02}"), Role::Mentee).await;
        }
        let html = look(&program, "namesake").await;
        assert!(html.contains("Namesake 19") && !html.contains("Namesake 20"));
        assert!(html.contains("These are the first 20."));
        let html = look(&program, "namesake 20").await;
        assert!(html.contains("Namesake 20") && !html.contains("These are the first"));
    })
    .await;
}

#[tokio::test]
async fn short_queries_are_answered_and_only_the_coordinator_searches() {
    each_db(async |program| {
        assert!(look(&program, "").await.contains("Type in the field above"));
        assert!(look(&program, " x ").await.contains("Type at least two letters"));
        let page = Browser::stranger(&program).open(&address("any")).await;
        assert!(page.location.unwrap().starts_with("/sign-in?next="));
        let mentor = program.person("Men Tor", Role::Mentor).await;
        let browser = Browser::of(&program, &mentor).await;
        assert_eq!(browser.open(&address("men")).await.status, 403);
        // The field is on every page of a coordinator and on none of others.
        assert!(!browser.open("/account").await.html.contains("role=\"search\""));
        let html = Browser::of(&program, &program.coordinator).await.open("/account").await.html;
        assert!(html.contains("role=\"search\"") && html.contains("<script src=\"/search.js\" defer>"));
    })
    .await;
}

#[test]
fn numbers_are_read_as_people_shorten_them() {
    let number = |text: &str| Query::parse(text).unwrap().number();
    let first = Some(CertificateNumber { year: 2026, sequence: 1 });
    for text in ["QDEI-2026-0001", "qdei 2026-1", "2026-001", " QDEI-2026-0001 "] {
        assert_eq!(number(text), first, "{text}");
    }
    for text in ["2026", "2026-", "26-1", "406-555-0100", "QDEI-2026-x", "AS-12"] {
        assert_eq!(number(text), None, "{text}");
    }
}

#[test]
fn accents_and_case_fall_away() {
    assert_eq!(fold("JOSÉ Peña, Łukasz Straße Ångström"), "jose pena, lukasz straße angstrom");
    assert_eq!(fold("e\u{301}"), "e");
    assert!(Query::parse("a").is_none() && Query::parse("  ").is_none() && Query::parse("ab").is_some());
}

proptest! {
    /// Every part of a name of at least two letters finds the name, however it is written.
    #[test]
    fn a_part_finds_the_whole(name in "[A-Za-zÀ-ÖØ-öø-ÿ%_'-]{3,12}", from in 0..2_usize, upper in any::<bool>()) {
        let part: String = name.chars().skip(from).collect();
        let part = if upper { part.to_uppercase() } else { part };
        // One small letter may have two capitals (ß, SS); they are told apart.
        prop_assume!(part.to_lowercase().chars().count() == name.chars().skip(from).count() && !name.contains('ß'));
        let query = Query::parse(&part).unwrap();
        prop_assert!(query.fits(&name), "{} in {}", part, name);
    }

    /// Whatever is typed is read, and nothing fails.
    #[test]
    fn anything_can_be_typed(text in any::<String>()) {
        if let Some(query) = Query::parse(&text) {
            prop_assert!(query.text.chars().count() <= 100);
        }
    }
}

/// How long a search takes among 5,000 people; run by hand with `--ignored --nocapture`.
#[tokio::test]
#[ignore = "takes long to fill"]
async fn five_thousand_people_are_searched_at_once() {
    each_db(async |program| {
        let (_, first) = program.enrollment("First Person", OptionNumber::Two).await;
        let mut tx = program.state.write(&program.coordinator).await.unwrap();
        for number in 0..5000 {
            let account = app::people::store::find_or_insert(&mut tx, &format!("p{number}@qdei.test"), &format!("Person Number{number}"), "406 555 0100")
                .await
                .unwrap();
            app::people::store::grant(&mut tx, account, Role::Mentee).await.unwrap();
            let application = app::id::ApplicationId::new();
            execute!(
                &mut tx,
                "INSERT INTO application (id, submission_key, name, email, phone, discipline, workplace, county, counties_served,
                    option_number, outline_id, ways, interests, reason, came_by, created_at, state)
                 SELECT $1, $2, 'Person', $3, phone, discipline, workplace, county, counties_served,
                    option_number, outline_id, ways, interests, reason, came_by, created_at, 'accepted' FROM application
                 WHERE id = (SELECT application_id FROM enrollment WHERE id = $4)",
                application,
                SubmissionKey::new(),
                format!("p{number}@qdei.test"),
                first
            )
            .unwrap();
            execute!(
                &mut tx,
                "INSERT INTO enrollment (id, application_id, mentee_id, option_number, outline_id, state, started_at, due_on)
                 SELECT $1, $2, $3, option_number, outline_id, state, started_at, due_on FROM enrollment WHERE id = $4",
                EnrollmentId::new(),
                application,
                account,
                first
            )
            .unwrap();
        }
        tx.commit().await.unwrap();
        for query in ["number4999", "person", "clinic", "nobody of that name", "5550100"] {
            let started = std::time::Instant::now();
            let html = look(&program, query).await;
            println!("{query}: {:?}, {} bytes", started.elapsed(), html.len());
            assert!(started.elapsed() < std::time::Duration::from_secs(1));
        }
    })
    .await;
}

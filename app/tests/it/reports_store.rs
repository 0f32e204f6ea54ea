//! The year report from the database: a small program whose figures are known by hand, its page, and a year before it.

use app::clock::today;
use app::db::{WriteTx, execute, fetch_all, fetch_one};
use app::enrollments::OptionNumber;
use app::id::{
    AccountId, CertificateId, ChapterId, EnrollmentId, LetterId, LoanId, MatchId, StudyEntryId, SubmissionKey, TalkId,
};
use app::people::{Role, Viewer};
use app::reports::{Report, Span, Table, store};
use app::{competencies, exam};
use chrono::{DateTime, Days, NaiveDate, Utc};
use sqlx::types::Json;
use uuid::Uuid;

use crate::support::{Pair, Program, each_db};
use crate::visit::Browser;

/// A program in which time is told in days since it began.
struct Told {
    program: Program,
    began: DateTime<Utc>,
}

impl Told {
    fn new(program: Program) -> Self {
        Self { began: program.state.clock.now(), program }
    }

    fn at(&self, day: u64) -> DateTime<Utc> {
        self.began + Days::new(day)
    }

    fn on(&self, day: u64) -> NaiveDate {
        today(self.at(day))
    }

    fn span(&self) -> Span {
        Span { from: self.on(0), to: self.on(300), year: None }
    }

    async fn write(&self) -> WriteTx {
        self.program.state.write(&self.program.coordinator).await.unwrap()
    }

    async fn report(&self, span: Span) -> Report {
        let who = self.program.coordinator.coordinator().unwrap();
        let mut tx = self.program.state.db.read().await.unwrap();
        store::inside(&mut tx, &who, span, self.at(400)).await.unwrap()
    }

    async fn chapters(&self, enrollment: EnrollmentId) -> Vec<ChapterId> {
        let mut tx = self.program.state.db.read().await.unwrap();
        let sql = "SELECT c.id FROM chapter c JOIN enrollment e ON e.outline_id = c.outline_id
            WHERE e.id = $1 AND c.required = TRUE ORDER BY c.number";
        fetch_all!(&mut tx, (ChapterId,), sql, enrollment).unwrap().into_iter().map(|(id,)| id).collect()
    }

    /// Everything from the letter to the certificate: a chapter a day, each read twice, the first day corrected.
    async fn complete(&self, pair: &Pair, day: u64) {
        let chapters = self.chapters(pair.enrollment).await;
        let mut tx = self.write().await;
        self.letter(&mut tx, pair, 10).await;
        execute!(&mut tx, "UPDATE enrollment SET own_book_at = $2 WHERE id = $1", pair.enrollment, self.at(5)).unwrap();
        let wrong = self.entry(&mut tx, pair, chapters[0], 1, None).await;
        self.entry(&mut tx, pair, chapters[0], 20, Some(wrong)).await;
        for (number, chapter) in (21u64..).zip(chapters.iter().skip(1)) {
            self.entry(&mut tx, pair, *chapter, number, None).await;
            self.entry(&mut tx, pair, *chapter, number + 50, None).await;
        }
        for chapter in &chapters {
            execute!(
                &mut tx,
                "INSERT INTO sign_off (enrollment_id, chapter_id, mentor_id, signed_off_at, word) VALUES ($1, $2, $3, $4, '')",
                pair.enrollment,
                chapter,
                pair.mentor.id,
                self.at(90)
            )
            .unwrap();
        }
        self.certify(&mut tx, pair, day).await;
        tx.commit().await.unwrap();
    }

    async fn entry(
        &self,
        tx: &mut WriteTx,
        pair: &Pair,
        chapter: ChapterId,
        day: u64,
        replaces: Option<StudyEntryId>,
    ) -> StudyEntryId {
        let id = StudyEntryId::new();
        execute!(
            tx,
            "INSERT INTO study_entry (id, submission_key, enrollment_id, chapter_id, studied_on, minutes, reflection, shared,
                replaces_id, entered_by, created_at) VALUES ($1, $2, $3, $4, $5, 30, '', FALSE, $6, $7, $8)",
            id,
            SubmissionKey::new(),
            pair.enrollment,
            chapter,
            self.on(day),
            replaces,
            pair.mentee.id,
            self.at(day)
        )
        .unwrap();
        id
    }

    async fn letter(&self, tx: &mut WriteTx, pair: &Pair, day: u64) {
        execute!(
            tx,
            "INSERT INTO letter (id, enrollment_id, match_id, template_id, text, text_sha256, state, made_at, received_at)
             SELECT $1, $2, $3, t.id, '', '', 'received', $4, $4 FROM letter_template t LIMIT 1",
            LetterId::new(),
            pair.enrollment,
            pair.current,
            self.at(day)
        )
        .unwrap();
    }

    async fn certify(&self, tx: &mut WriteTx, pair: &Pair, day: u64) {
        let sql = "UPDATE enrollment SET state = 'completed', ended_at = $2 WHERE id = $1";
        execute!(tx, sql, pair.enrollment, self.at(day)).unwrap();
        let id = CertificateId::new();
        execute!(
            tx,
            "INSERT INTO certificate (id, enrollment_id, number, year, sequence, code, facts, issued_on, issued_at, issued_by,
                state, pdf, pdf_sha256) VALUES ($1, $2, $3, 2026, 1, $3, $4, $5, $6, $7, 'valid', $8, '')",
            id,
            pair.enrollment,
            id.to_string(),
            Json(serde_json::Value::Null),
            self.on(day),
            self.at(day),
            self.program.coordinator.id,
            Vec::<u8>::new()
        )
        .unwrap();
    }

    async fn talk(&self, tx: &mut WriteTx, pair: &Pair, day: u64, way: &str, minutes: i32) {
        execute!(
            tx,
            "INSERT INTO talk (id, submission_key, enrollment_id, held_on, minutes, way, notes, follow_ups, logged_by, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, '', '', $7, $8)",
            TalkId::new(),
            SubmissionKey::new(),
            pair.enrollment,
            self.on(day),
            minutes,
            way,
            pair.mentee.id,
            self.at(day)
        )
        .unwrap();
    }

    /// Another mentor takes over on a day.
    async fn take_over(&self, tx: &mut WriteTx, pair: &Pair, mentor: &Viewer, day: u64) {
        let sql = "UPDATE mentor_match SET state = 'ended', ended_at = $2 WHERE id = $1";
        execute!(tx, sql, pair.current, self.at(day)).unwrap();
        execute!(
            tx,
            "INSERT INTO mentor_match (id, enrollment_id, mentor_id, state, points, reasons, proposed_by, proposed_at, answer_by, answered_at)
             VALUES ($1, $2, $3, 'accepted', 0, $4, $5, $6, $6, $6)",
            MatchId::new(),
            pair.enrollment,
            mentor.id,
            Json(Vec::<String>::new()),
            self.program.coordinator.id,
            self.at(day)
        )
        .unwrap();
    }

    async fn follow_up(&self, tx: &mut WriteTx, pair: &Pair, months: i32, became: Option<bool>) {
        execute!(
            tx,
            "INSERT INTO follow_up (id, enrollment_id, months, token_hash, asked_at, answered_at, became_cdces)
             VALUES ($1, $2, $3, $7, $4, $5, $6)",
            Uuid::now_v7(),
            pair.enrollment,
            months,
            self.at(250),
            became.map(|_| self.at(260)),
            became,
            Uuid::now_v7().as_bytes().to_vec()
        )
        .unwrap();
    }

    async fn stall(&self, tx: &mut WriteTx, pair: &Pair, day: u64, ended: Option<(u64, &str)>) {
        execute!(
            tx,
            "INSERT INTO stall (id, enrollment_id, move_id, what, owner, owner_id, opened_at, limit_at, clock_at, ended_at, ending)
             VALUES ($1, $2, $1, 'read_chapter', 'mentee', $3, $4, $4, $4, $5, $6)",
            Uuid::now_v7(),
            pair.enrollment,
            pair.mentee.id,
            self.at(day),
            ended.map(|(day, _)| self.at(day)),
            ended.map(|(_, how)| how)
        )
        .unwrap();
    }

    async fn lend(&self, tx: &mut WriteTx, pair: &Pair, (asked, lent): (u64, u64), back: Option<u64>) {
        let (edition,) = fetch_one!(
            tx,
            (app::id::EditionId,),
            "SELECT o.edition_id FROM outline o JOIN enrollment e ON e.outline_id = o.id WHERE e.id = $1",
            pair.enrollment
        )
        .unwrap();
        let copy = app::id::CopyId::new();
        let sql =
            "INSERT INTO copy (id, edition_id, label, condition, state, added_at) VALUES ($1, $2, $3, 'good', 'in_use', $4)";
        execute!(tx, sql, copy, edition, copy.to_string(), self.at(0)).unwrap();
        execute!(
            tx,
            "INSERT INTO hold (id, edition_id, enrollment_id, way, placed_at, ended_at) VALUES ($1, $2, $3, 'post', $4, $5)",
            app::id::HoldId::new(),
            edition,
            pair.enrollment,
            self.at(asked),
            self.at(lent)
        )
        .unwrap();
        execute!(
            tx,
            "INSERT INTO loan (id, copy_id, enrollment_id, way, lent_at, lent_by, due_on, arrived_at, returned_at)
             VALUES ($1, $2, $3, 'post', $4, $5, $6, $7, $8)",
            LoanId::new(),
            copy,
            pair.enrollment,
            self.at(lent),
            self.program.coordinator.id,
            self.on(200),
            self.at(lent + 2),
            back.map(|day| self.at(day))
        )
        .unwrap();
    }
}

fn read(report: &Report, title: &str) -> Vec<String> {
    let tables = report.sections.iter().flat_map(|section| &section.tables);
    let table: &Table = tables.into_iter().find(|table| table.title == title).unwrap();
    table
        .rows
        .iter()
        .chain(&table.total)
        .map(|row| {
            let days = row.days.map(|days| format!(", {}", days.words())).unwrap_or_default();
            format!("{}: {}{days}", row.group, row.value.words())
        })
        .collect()
}

#[tokio::test]
async fn a_year_whose_figures_are_known_by_hand() {
    each_db(async |program| {
        let told = Told::new(program);
        let program = &told.program;
        let first = program.pair(OptionNumber::One).await;
        let second = program.pair(OptionNumber::Two).await;
        let third = program.pair(OptionNumber::Two).await;
        program.enrollment("Solo Mentee", OptionNumber::Three).await;
        let another = program.mentor("Ano Ther", "30111").await;
        told.complete(&first, 100).await;
        let mut tx = told.write().await;
        told.talk(&mut tx, &first, 30, "phone", 45).await;
        told.talk(&mut tx, &second, 30, "video", 30).await;
        told.talk(&mut tx, &second, 80, "video", 60).await;
        told.talk(&mut tx, &second, 301, "video", 600).await;
        told.take_over(&mut tx, &second, &another, 50).await;
        told.follow_up(&mut tx, &first, 6, Some(true)).await;
        told.follow_up(&mut tx, &second, 6, None).await;
        told.stall(&mut tx, &second, 40, Some((44, "heard"))).await;
        told.stall(&mut tx, &second, 60, Some((66, "done"))).await;
        told.stall(&mut tx, &third, 310, None).await;
        told.stall(&mut tx, &third, 300, None).await;
        told.lend(&mut tx, &second, (3, 7), Some(150)).await;
        told.lend(&mut tx, &third, (3, 9), None).await;
        execute!(
            &mut tx,
            "UPDATE enrollment SET state = 'withdrawn', ended_at = $2 WHERE id = $1",
            third.enrollment,
            told.at(20)
        )
        .unwrap();
        tx.commit().await.unwrap();

        let report = told.report(told.span()).await;
        assert_eq!(read(&report, "Where they stand"), ["Completed: 1", "Active: 2", "Paused: 0", "Withdrawn: 1", "All: 4"]);
        assert_eq!(
            read(&report, "Completed, by option"),
            ["Option 1: 1 of 1", "Option 2: 0 of 2", "Option 3: 0 of 1", "All: 1 of 4"]
        );
        let required = u64::try_from(told.chapters(first.enrollment).await.len()).unwrap();
        // The first chapter was read on day 20, as corrected, and one more each day.
        let half = required.div_ceil(2) - 1;
        assert_eq!(
            read(&report, "Steps"),
            [
                "Applied: 4".to_owned(),
                "Accepted: 4 of 4, 0 days, of 4".to_owned(),
                "Matched: 3 of 4, 0 days, of 3".to_owned(),
                // On day 5 of their own, on days 9 and 11 by post.
                "Book there: 3 of 4, 9 days, of 3".to_owned(),
                "Letter received: 1 of 4, 5 days, of 1".to_owned(),
                "First chapter read: 1 of 4, 10 days, of 1".to_owned(),
                format!("Half read: 1 of 4, {half} days, of 1"),
                format!("All discussed: 1 of 4, {} days, of 1", 70 - half),
                "Certificate: 1 of 4, 10 days, of 1".to_owned(),
            ]
        );
        assert_eq!(
            read(&report, "Certificates issued in these days"),
            ["Option 1: 1, 100 days, of 1", "Option 2: 0, no figure", "Option 3: 0, no figure", "All: 1, 100 days, of 1"]
        );
        assert_eq!(read(&report, "All who were asked")[..2], ["Answered: 1 of 2", "Became certified (CDCES): 1 of 1"]);
        // The mentors of three pairs and the one who took over.
        assert_eq!(
            read(&report, "Certified educators"),
            ["Checked credential of a mentor: 4", "Own word of a former mentee: 1", "All: 5"]
        );
        assert_eq!(
            read(&report, "What they gave"),
            [
                "Mentors with a mentee: 4",
                "Mentors who talked: 3",
                "Talks: 3",
                "Hours: 2.2 hours",
                "Of these, confirmed by both: 0.0 hours"
            ]
        );
        let mut expected = [
            format!("{}: 0.8 hours", first.mentor.name),
            format!("{}: 0.5 hours", second.mentor.name),
            "Ano Ther: 1.0 hours".into(),
        ];
        expected.sort_unstable();
        assert_eq!(read(&report, "Hours by mentor")[..3], expected);
        assert_eq!(
            read(&report, "What ended it"),
            [
                "What was waited for was done: 1, 6 days, of 1",
                "The person was heard from: 1, 4 days, of 1",
                "Still waiting: 1, no figure",
                "All: 3, 5 days, of 2"
            ]
        );
        assert_eq!(
            read(&report, "Loans"),
            ["Lent: 2", "Came back: 1, 143 days, of 1", "Lost: 0", "Out at the end: 1", "Overdue at the end: 1"]
        );
        assert_eq!(
            read(&report, "Requests for a book"),
            ["Asked: 2", "Lent: 2, 5 days, of 2", "Taken back: 0", "Waiting at the end: 0"]
        );
        next_year(&told).await;
    })
    .await;
}

/// A year later nothing happened, but something had before.
async fn next_year(told: &Told) {
    let later = Span { from: told.on(365), to: told.on(399), year: None };
    let report = told.report(later).await;
    assert_eq!(read(&report, "Where they stand")[4], "All: 0");
    let short = &report.sections[0].tables[0];
    let before = |name: &str| short.rows.iter().find(|row| row.group == name).unwrap().before.unwrap().words();
    assert_eq!((before("Participants"), before("Mentors’ hours")), ("4".into(), "1.2 hours".into()));
}

#[tokio::test]
async fn an_empty_program_has_a_report_that_says_so() {
    each_db(async |program| {
        let told = Told::new(program);
        let report = told.report(told.span()).await;
        assert_eq!(read(&report, "Where they stand")[4], "All: 0");
        let browser = Browser::of(&told.program, &told.program.coordinator).await;
        let html = browser.open("/coordinator/reports").await.html;
        assert!(html.contains("No figure: there is nobody to count in these days."));
        assert!(html.contains("Program year") && html.contains("so far"));
    })
    .await;
}

#[tokio::test]
async fn the_page_shows_the_days_that_are_asked_for() {
    each_db(async |program| {
        let told = Told::new(program);
        told.program.pair(OptionNumber::One).await;
        let browser = Browser::of(&told.program, &told.program.coordinator).await;
        let (from, to) = (told.on(0), told.on(30));
        let page = browser.open(&format!("/coordinator/reports?from={from}&to={to}")).await;
        assert_eq!(page.status, 200);
        for words in [
            "In short",
            "How far they came",
            "The coordinator accepted: the enrollment started.",
            &format!("/coordinator/reports/report.xlsx?from={from}&amp;to={to}"),
            &format!("value=\"{to}\""),
        ] {
            assert!(page.html.contains(words), "{words}");
        }
        let wrong = browser.open("/coordinator/reports?from=2026-02-02&to=2026-02-01").await.html;
        assert!(wrong.contains("The first day lies after the last."));
        let mentor = told.program.person("Men Tor", Role::Mentor).await;
        assert_eq!(Browser::of(&told.program, &mentor).await.open("/coordinator/reports").await.status, 403);
    })
    .await;
}

#[tokio::test]
async fn a_former_mentee_who_mentors_is_counted_once() {
    each_db(async |program| {
        let told = Told::new(program);
        let pair = told.program.pair(OptionNumber::One).await;
        let mut tx = told.write().await;
        told.follow_up(&mut tx, &pair, 6, Some(true)).await;
        told.follow_up(&mut tx, &pair, 12, Some(true)).await;
        tx.commit().await.unwrap();
        assert_eq!(
            read(&told.report(told.span()).await, "Certified educators")[1..],
            ["Own word of a former mentee: 1", "All: 2"]
        );
        make_mentor(&told, pair.mentee.id).await;
        assert_eq!(
            read(&told.report(told.span()).await, "Certified educators")[1..],
            ["Own word of a former mentee: 0", "All: 2"]
        );
    })
    .await;
}

#[tokio::test]
async fn a_passed_exam_counts_as_certified_and_evaluations_come_with_their_statements() {
    each_db(async |program| {
        let told = Told::new(program);
        let pair = told.program.pair(OptionNumber::Three).await;
        let day = told.span().to;
        let mut tx = told.program.state.write(&pair.mentee).await.unwrap();
        let own = pair.mentee.own(&mut tx, pair.enrollment).await.unwrap();
        let newest = competencies::store::newest(&mut tx).await.unwrap().unwrap();
        let ratings = newest.instrument.statements().map(|one| (one.code.clone(), 3)).collect();
        let answers =
            competencies::store::Answers { instrument: newest.id, moment: competencies::Moment::Start, ratings, shared: false };
        competencies::store::save(&mut tx, &own, &answers).await.unwrap();
        exam::store::record_result(&mut tx, &own, day - Days::new(3), exam::Outcome::NotPassed).await.unwrap();
        exam::store::record_result(&mut tx, &own, day - Days::new(2), exam::Outcome::NotSaid).await.unwrap();
        tx.commit().await.unwrap();
        let before = told.report(told.span()).await;
        assert_eq!(read(&before, "All who were asked")[1], "Became certified (CDCES): 0 of 1");
        let mut tx = told.program.state.write(&pair.mentee).await.unwrap();
        exam::store::record_result(&mut tx, &own, day - Days::new(1), exam::Outcome::Passed).await.unwrap();
        told.follow_up(&mut tx, &pair, 6, Some(true)).await;
        tx.commit().await.unwrap();
        let report = told.report(told.span()).await;
        assert_eq!(read(&report, "Certified educators")[1..], ["Own word of a former mentee: 1", "All: 2"], "once, not twice");
        assert_eq!(read(&report, "All who were asked")[1], "Became certified (CDCES): 1 of 1");
        assert!(read(&report, "At the start, by area").iter().all(|line| line.ends_with("3.0, of 1")));
    })
    .await;
}

async fn make_mentor(told: &Told, account: AccountId) {
    let mut tx = told.write().await;
    execute!(
        &mut tx,
        "INSERT INTO mentor (account_id, discipline, county, options, ways, interests, capacity, updated_at)
         VALUES ($1, 'nurse', '30049', $2, $2, $2, 3, $3)",
        account,
        Json(Vec::<String>::new()),
        told.at(270)
    )
    .unwrap();
    execute!(
        &mut tx,
        "INSERT INTO credential_check (id, mentor_id, checked_by, checked_at, valid_to) VALUES ($1, $2, $3, $4, $5)",
        app::id::CredentialCheckId::new(),
        account,
        told.program.coordinator.id,
        told.at(270),
        told.on(700)
    )
    .unwrap();
    tx.commit().await.unwrap();
}

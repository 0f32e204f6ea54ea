//! Who may do what: every page, download and server function × anonymous, each role, owner and stranger. What is missing
//! from the tables here fails the test.

use std::collections::BTreeSet;

use app::app::{Access, ROUTES};
use app::people::Role;
use axum::http::StatusCode;
use server::demo;

use crate::support::{PASSWORD, Site, Visitor};

/// Whose it is to call a server function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum May {
    Anyone,
    SignedIn,
    Coordinator,
    /// Any mentor, about themselves.
    Mentor,
    /// The mentee of the enrolment.
    Owner,
    /// The mentee and the present mentor.
    Pair,
    /// The present mentor.
    PairMentor,
    /// The mentor who was asked.
    Asked,
}

use May::{Anyone, Asked, Coordinator, Mentor, Owner, Pair, PairMentor, SignedIn};

const FUNCTIONS: &[(&str, May)] = &[
    ("accept-application", Coordinator),
    ("accept-in-place", Coordinator),
    ("accept-proposal", Asked),
    ("accept-time", Pair),
    ("account", SignedIn),
    ("add-copies", Coordinator),
    ("answer-closing", Asked),
    ("answer-follow-up", Anyone),
    ("answer-time-request", Coordinator),
    ("ask-for-time", Owner),
    ("add-edition", Coordinator),
    ("add-title", Coordinator),
    ("allow-attempt", Coordinator),
    ("announce", Coordinator),
    ("apply", Anyone),
    ("approve-questions", Coordinator),
    ("begin-instrument-draft", Coordinator),
    ("cancel-book-request", Owner),
    ("cancel-talk", Pair),
    ("change-copy", Coordinator),
    ("change-option", Coordinator),
    ("change-mentor", Coordinator),
    ("change-settings", Coordinator),
    ("change-test-rules", Coordinator),
    ("change-goal", Owner),
    ("check-credential", Coordinator),
    ("check-exam-rules", Coordinator),
    ("choose-goal", Owner),
    ("close-enrollment", Coordinator),
    ("choose-many", Coordinator),
    ("confirm-book", Owner),
    ("confirm-outline", Coordinator),
    ("start-outline", Coordinator),
    ("start-outline-draft", Coordinator),
    ("read-contents", Coordinator),
    ("save-outline-draft", Coordinator),
    ("discard-outline-draft", Coordinator),
    ("move-to-outline", Coordinator),
    ("confirm-talk", Pair),
    ("correct-message", Pair),
    ("correct-talk", Pair),
    ("copy-questions", Coordinator),
    ("decline-application", Coordinator),
    ("decline-proposal", Asked),
    ("decline-times", Pair),
    ("do-many", Coordinator),
    ("drop-exam-area", Coordinator),
    ("drop-exam-result", Coordinator),
    ("drop-exam-rule", Coordinator),
    ("drop-goal", Owner),
    ("drop-hours-list", Owner),
    ("drop-instrument-item", Coordinator),
    ("drop-mail", Coordinator),
    ("edit-question", Coordinator),
    ("end-break", Owner),
    ("end-match", Coordinator),
    ("enter-answer", Coordinator),
    ("enter-application", Coordinator),
    ("enter-contact", Coordinator),
    ("enter-exam-result", Coordinator),
    ("enter-paper-signature", Coordinator),
    ("enter-sign-off", Coordinator),
    ("enter-study", Coordinator),
    ("enter-talk", Coordinator),
    ("enter-test", Coordinator),
    ("extend-enrollment", Coordinator),
    ("extend-in-place", Coordinator),
    ("finish-follow-up", Pair),
    ("flag-message", Pair),
    ("forgotten-password", Anyone),
    ("hand-in-practice", Owner),
    ("import-questions", Coordinator),
    ("hand-in-test", Owner),
    ("invite-coordinator", Coordinator),
    ("invite-mentor", Coordinator),
    ("invite-mentor-again", Coordinator),
    ("issue-certificate", Coordinator),
    ("keep-answers", SignedIn),
    ("keep-draft", SignedIn),
    ("lend-book", Coordinator),
    ("log-chapter", Owner),
    ("log-hours", Owner),
    ("log-talk", Pair),
    ("mark-answer", PairMentor),
    ("make-calendar-link", SignedIn),
    ("mentor-gone", Coordinator),
    ("map-import", Coordinator),
    ("move-instrument-item", Coordinator),
    ("own-book", Owner),
    ("pause-enrollment", Coordinator),
    ("pause-in-place", Coordinator),
    ("propose-mentor", Coordinator),
    ("propose-next", Coordinator),
    ("propose-times", Pair),
    ("publish-instrument", Coordinator),
    ("publish-outline", Coordinator),
    ("record-exam-result", Owner),
    ("remove-exam-result", Owner),
    ("remove-hours", Owner),
    ("receive-book", Coordinator),
    ("receive-letter", Coordinator),
    ("remind-person", Coordinator),
    ("remove-coordinator", Coordinator),
    ("remove-logo", Coordinator),
    ("renew-book", Owner),
    ("reopen-enrollment", Coordinator),
    ("request-book", Owner),
    ("restore-settings", Coordinator),
    ("restore-mail-text", Coordinator),
    ("resume-enrollment", Coordinator),
    ("retire-question", Coordinator),
    ("retire-questions", Coordinator),
    ("revoke-calendar-link", SignedIn),
    ("save-eligibility", Owner),
    ("save-exam-area", Coordinator),
    ("save-exam-plan", Owner),
    ("save-exam-rule", Coordinator),
    ("save-instrument-area", Coordinator),
    ("save-instrument-frame", Coordinator),
    ("save-instrument-statement", Coordinator),
    ("save-mail-preferences", SignedIn),
    ("save-mail-text", Coordinator),
    ("save-mentor-profile", Mentor),
    ("save-plan", Pair),
    ("save-self-evaluation", Owner),
    ("send-book-back", Owner),
    ("send-test-mail", Coordinator),
    ("share-self-evaluation", Owner),
    ("sign-in", Anyone),
    ("sign-letter", Pair),
    ("sign-off-chapter", PairMentor),
    ("sign-off-chapters", PairMentor),
    ("sign-out", Anyone),
    ("skip-self-evaluation", Owner),
    ("start-import", Coordinator),
    ("start-practice", Owner),
    ("start-test", Owner),
    ("take-break", Owner),
    ("take-message-back", Pair),
    ("take-hours-list", Owner),
    ("undo-change", Coordinator),
    ("take-announcement-back", Coordinator),
    ("try-all-mail-again", Coordinator),
    ("try-mail-again", Coordinator),
    ("undo-import", Coordinator),
    ("welcome", Anyone),
    ("withdraw-proposal", Coordinator),
    ("withdraw-times", Pair),
    ("write-message", Pair),
    ("write-note", Coordinator),
    ("write-question", Coordinator),
    // The last: with the enrolment its pair ends, and the mentor is none of it any more.
    ("withdraw-enrollment", Coordinator),
    // Takes away what the others are tried on.
    ("discard-import", Coordinator),
    ("discard-questions", Coordinator),
    ("discard-instrument-draft", Coordinator),
    ("write-to-person", Coordinator),
];

/// What belongs to Option 3 alone.
const OPTION_THREE: [&str; 8] = [
    "save-exam-plan",
    "save-eligibility",
    "log-hours",
    "remove-hours",
    "take-hours-list",
    "drop-hours-list",
    "record-exam-result",
    "remove-exam-result",
];

/// Who tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    Nobody,
    /// The mentee of the enrolment.
    Mentee,
    /// The mentor of the enrolment.
    TheirMentor,
    /// A mentee and a mentor who have nothing to do with it.
    OtherMentee,
    OtherMentor,
    Coordinator,
}

const TRIES: [Who; 6] = [Who::Nobody, Who::Mentee, Who::TheirMentor, Who::OtherMentee, Who::OtherMentor, Who::Coordinator];

fn allowed(may: May, who: Who) -> bool {
    match may {
        Anyone => true,
        SignedIn => who != Who::Nobody,
        Coordinator => who == Who::Coordinator,
        Mentor => matches!(who, Who::TheirMentor | Who::OtherMentor),
        Owner => who == Who::Mentee,
        Pair => matches!(who, Who::Mentee | Who::TheirMentor),
        PairMentor => who == Who::TheirMentor,
        // Nobody here was asked about the proposal that is tried.
        Asked => false,
    }
}

async fn demo_site() -> Site {
    let site = Site::new().await;
    assert!(demo::fill(&site.state).await.unwrap());
    site.person("other-mentee@qdei.test", Role::Mentee).await;
    site.person("other-mentor@qdei.test", Role::Mentor).await;
    a_proposal(&site).await;
    // A choice of the coordinator's, to be done together.
    let mut tx = site.state.write(&app::Stranger).await.unwrap();
    app::db::execute!(
        &mut tx,
        "INSERT INTO bulk (id, account_id, act, made_at) SELECT $1, id, 'accept', $2 FROM account WHERE email = 'coordinator@demo.qdei.example'",
        app::id::BulkId::new(),
        site.state.clock.now()
    )
    .unwrap();
    tx.commit().await.unwrap();
    site
}

/// A time that the first demo mentee proposed.
async fn a_proposal(site: &Site) {
    let id = |id: String| id.parse().unwrap();
    let mentee = id(site.look_up("SELECT id FROM account WHERE email = 'mentee1@demo.qdei.example'").await);
    let enrollment = site
        .look_up(
            "SELECT e.id FROM enrollment e JOIN account a ON a.id = e.mentee_id WHERE a.email = 'mentee1@demo.qdei.example'",
        )
        .await;
    let mut tx = site.state.db.read().await.unwrap();
    let viewer = app::people::viewer::of_account(&mut tx, app::id::AccountId(mentee)).await.unwrap().unwrap();
    drop(tx);
    let mut tx = site.state.write(&viewer).await.unwrap();
    let who = viewer.pair(&mut tx, app::id::EnrollmentId(id(enrollment))).await.unwrap();
    let new = app::appointments::NewProposal {
        key: app::id::SubmissionKey::new(),
        minutes: 30,
        way: app::people::Way::Phone,
        place: String::new(),
        times: vec![tx.now() + chrono::Duration::days(5)],
    };
    app::appointments::store::propose(&mut tx, &site.state, who, &new).await.unwrap();
    tx.commit().await.unwrap();
}

async fn visitor(site: &Site, who: Who) -> Visitor<'_> {
    match who {
        Who::Nobody => site.stranger(),
        Who::Mentee => site.signed_in("mentee1@demo.qdei.example", demo::PASSWORD).await,
        Who::TheirMentor => site.signed_in("mentor@demo.qdei.example", demo::PASSWORD).await,
        Who::OtherMentee => site.signed_in("other-mentee@qdei.test", PASSWORD).await,
        Who::OtherMentor => site.signed_in("other-mentor@qdei.test", PASSWORD).await,
        Who::Coordinator => site.signed_in("coordinator@demo.qdei.example", demo::PASSWORD).await,
    }
}

/// Every id that a form or an address may hold, taken from the first demo mentee's enrolment.
async fn ids(site: &Site) -> Vec<(&'static str, String)> {
    let of = |sql| site.look_up(sql);
    vec![
        ("enrollment", of("SELECT e.id FROM enrollment e JOIN account a ON a.id = e.mentee_id WHERE a.email = 'mentee1@demo.qdei.example'").await),
        ("chapter", of("SELECT c.id FROM chapter c JOIN enrollment e ON e.outline_id = c.outline_id JOIN account a ON a.id = e.mentee_id
            WHERE a.email = 'mentee1@demo.qdei.example' AND c.number = 1").await),
        ("letter", of("SELECT l.id FROM letter l JOIN enrollment e ON e.id = l.enrollment_id JOIN account a ON a.id = e.mentee_id
            WHERE a.email = 'mentee1@demo.qdei.example' AND l.state <> 'replaced'").await),
        ("attempt", of("SELECT t.id FROM attempt t JOIN enrollment e ON e.id = t.enrollment_id JOIN account a ON a.id = e.mentee_id
            WHERE a.email = 'mentee1@demo.qdei.example' LIMIT 1").await),
        ("times", of("SELECT p.id FROM time_proposal p JOIN mentor_match m ON m.id = p.match_id JOIN enrollment e ON e.id = m.enrollment_id
            JOIN account a ON a.id = e.mentee_id WHERE a.email = 'mentee1@demo.qdei.example' LIMIT 1").await),
        ("appointment", of("SELECT p.id FROM appointment p JOIN mentor_match m ON m.id = p.match_id JOIN enrollment e ON e.id = m.enrollment_id
            JOIN account a ON a.id = e.mentee_id WHERE a.email = 'mentee1@demo.qdei.example' LIMIT 1").await),
        ("message", of("SELECT m.id FROM message m JOIN enrollment e ON e.id = m.enrollment_id JOIN account a ON a.id = e.mentee_id
            WHERE a.email = 'mentee1@demo.qdei.example' LIMIT 1").await),
        ("talk", of("SELECT t.id FROM talk t JOIN enrollment e ON e.id = t.enrollment_id JOIN account a ON a.id = e.mentee_id
            WHERE a.email = 'mentee1@demo.qdei.example' AND t.follow_ups <> '' LIMIT 1").await),
        ("item", format!("{}.0", of("SELECT t.id FROM talk t JOIN enrollment e ON e.id = t.enrollment_id JOIN account a ON a.id = e.mentee_id
            WHERE a.email = 'mentee1@demo.qdei.example' AND t.follow_ups <> '' LIMIT 1").await)),
        ("proposal", of("SELECT m.id FROM mentor_match m JOIN account a ON a.id = m.mentor_id
            WHERE m.state = 'proposed' AND a.email <> 'mentor@demo.qdei.example' LIMIT 1").await),
        ("match", of("SELECT m.id FROM mentor_match m JOIN account a ON a.id = m.mentor_id
            WHERE m.state = 'proposed' AND a.email <> 'mentor@demo.qdei.example' LIMIT 1").await),
        ("pair", of("SELECT m.id FROM mentor_match m JOIN account a ON a.id = m.mentor_id
            WHERE m.state = 'accepted' AND a.email <> 'mentor@demo.qdei.example' LIMIT 1").await),
        ("closing", of("SELECT c.id FROM closing_answer c JOIN account a ON a.id = c.person_id
            WHERE a.email NOT IN ('mentee1@demo.qdei.example', 'mentor@demo.qdei.example') LIMIT 1").await),
        ("application", of("SELECT id FROM application WHERE state = 'received' LIMIT 1").await),
        ("mentor", of("SELECT account_id FROM mentor ORDER BY account_id LIMIT 1").await),
        ("account", of("SELECT account_id FROM mentor ORDER BY account_id LIMIT 1").await),
        ("copy", of("SELECT id FROM copy LIMIT 1").await),
        ("bulk", of("SELECT id FROM bulk LIMIT 1").await),
        ("loan", of("SELECT id FROM loan WHERE returned_at IS NULL LIMIT 1").await),
        ("question", of("SELECT q.id FROM question q JOIN chapter c ON c.id = q.chapter_id JOIN enrollment e ON e.outline_id = c.outline_id
            JOIN account a ON a.id = e.mentee_id WHERE a.email = 'mentee1@demo.qdei.example' AND c.number = 1 AND q.retired_at IS NULL LIMIT 1").await),
        ("outline", of("SELECT id FROM outline LIMIT 1").await),
        ("outline_draft", of("SELECT id FROM outline_draft WHERE ended_at IS NULL LIMIT 1").await),
        ("edition", of("SELECT id FROM edition LIMIT 1").await),
        ("instrument", of("SELECT id FROM instrument LIMIT 1").await),
        ("certificate", of("SELECT id FROM certificate WHERE number = 'QDEI-2026-0001'").await),
        ("mail", of("SELECT id FROM mail LIMIT 1").await),
        ("announcement", of("SELECT id FROM mail LIMIT 1").await),
        ("template", "nudge".to_owned()),
        ("import", an_import(site).await),
        ("questions", a_question_file(site).await),
        ("picture", a_picture(site).await),
        ("file", "people.csv".to_owned()),
        ("moment", "start".to_owned()),
        ("goal", of("SELECT g.id FROM goal g JOIN enrollment e ON e.id = g.enrollment_id JOIN account a ON a.id = e.mentee_id
            WHERE a.email = 'mentee1@demo.qdei.example' LIMIT 1").await),
        ("entry", of("SELECT id FROM practice_hours LIMIT 1").await),
        ("result", app::id::ExamResultId::new().to_string()),
        ("item", "clinical_management_1".to_owned()),
        ("way", "up".to_owned()),
        ("person", "mentee".to_owned()),
        ("practice", app::id::PracticeId::new().to_string()),
        ("scope", "option-1".to_owned()),
        ("undo", app::id::UndoId::new().to_string()),
        ("kind", "single".to_owned()),
        // A form that is otherwise complete: what is refused is refused for who asks.
        ("reason", "A reason".to_owned()),
        ("number", "1".to_owned()),
        ("token", "unknown".to_owned()),
        ("code", "unknown".to_owned()),
    ]
}

/// A list that was read, and not imported.
async fn an_import(site: &Site) -> String {
    let file = b"Name,Email,Discipline,County\nAnn Able,ann@qdei.test,RN,Hill\n";
    let found = app::imports::open("mentors.csv", file, None).unwrap();
    let coordinator = site.look_up("SELECT account_id FROM account_role WHERE role = 'coordinator' LIMIT 1").await;
    let coordinator = app::id::AccountId(coordinator.parse().unwrap());
    let who = app::people::viewer::of_account(&mut site.state.db.read().await.unwrap(), coordinator).await.unwrap().unwrap();
    let mut tx = site.state.write(&who).await.unwrap();
    let id = app::imports::store::insert(&mut tx, &who.coordinator().unwrap(), "mentors.csv", &found).await.unwrap();
    tx.commit().await.unwrap();
    id.to_string()
}

/// A file of questions that was read, and not imported.
async fn a_question_file(site: &Site) -> String {
    let read = app::assessments::formats::read(b"Is it? {T}").unwrap();
    let outline = site.look_up("SELECT id FROM outline LIMIT 1").await;
    let coordinator = site.look_up("SELECT account_id FROM account_role WHERE role = 'coordinator' LIMIT 1").await;
    let coordinator = app::id::AccountId(coordinator.parse().unwrap());
    let who = app::people::viewer::of_account(&mut site.state.db.read().await.unwrap(), coordinator).await.unwrap().unwrap();
    let mut tx = site.state.write(&who).await.unwrap();
    let outline = app::id::OutlineId(outline.parse().unwrap());
    let who = who.coordinator().unwrap();
    let id = app::assessments::store::insert_file(&mut tx, &who, outline, None, "a.txt", read).await.unwrap();
    tx.commit().await.unwrap();
    id.to_string()
}

/// A picture that a question could show.
async fn a_picture(site: &Site) -> String {
    let mut tx = site.state.write(&app::Stranger).await.unwrap();
    let kind = app::settings::logo::PictureKind::Png;
    app::assessments::store::insert_picture(&mut tx, "abc", kind, b"a picture").await.unwrap();
    tx.commit().await.unwrap();
    "abc".to_owned()
}

#[test]
fn every_server_function_is_in_the_table() {
    let known: BTreeSet<String> = FUNCTIONS.iter().map(|(name, _)| format!("/api/{name}")).collect();
    let there: BTreeSet<String> = leptos::server_fn::axum::server_fn_paths().map(|(path, _)| path.to_owned()).collect();
    assert_eq!(known, there);
}

#[tokio::test]
async fn server_functions_are_open_to_whom_the_table_says() {
    let site = demo_site().await;
    let ids = ids(&site).await;
    let fields: Vec<(&str, &str)> = ids.iter().map(|(name, id)| (*name, id.as_str())).collect();
    // Those who may not try first, so that nothing has changed when those who may do.
    for open in [false, true] {
        for (function, may) in FUNCTIONS {
            for who in TRIES.into_iter().filter(|who| allowed(*may, *who) == open) {
                let mut visitor = visitor_without_hash(&site, who).await;
                let answer = visitor.send(function, &fields).await;
                let sign_in = answer.location().starts_with("/sign-in?next=");
                let refused = matches!(answer.status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND);
                let at = format!("{function} by {who:?}: {} {}", answer.status, answer.location());
                match (open, who) {
                    // The draft's own format is the island's; a form that calls it has nothing to find.
                    (true, _) if matches!(*function, "keep-draft" | "keep-answers") => {}
                    // The exam plan belongs to Option 3; the mentee who tries is in Option 1.
                    (true, _) if *function == "save-exam-plan" => assert_eq!(answer.status, StatusCode::NOT_FOUND, "{at}"),
                    // Practice belongs to Option 3 as well.
                    (true, _) if matches!(*function, "start-practice" | "hand-in-practice") => {
                        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{at}")
                    }
                    (true, _) if OPTION_THREE.contains(function) => assert_eq!(answer.status, StatusCode::NOT_FOUND, "{at}"),
                    // Nobody holds the link that is tried.
                    (true, _) if *function == "answer-follow-up" => assert_eq!(answer.status, StatusCode::NOT_FOUND, "{at}"),
                    (true, _) => assert!(!refused && !sign_in || *function == "welcome" || *function == "sign-out", "{at}"),
                    (false, Who::Nobody) => assert!(sign_in || refused, "{at}"),
                    (false, _) => assert!(refused, "{at}"),
                }
            }
        }
    }
}

#[tokio::test]
async fn the_exam_plan_is_open_to_its_own_mentee() {
    let site = demo_site().await;
    let mut mentee = site.signed_in("mentee3@demo.qdei.example", demo::PASSWORD).await;
    let own = site
        .look_up(
            "SELECT e.id FROM enrollment e JOIN account a ON a.id = e.mentee_id WHERE a.email = 'mentee3@demo.qdei.example'",
        )
        .await;
    let answer = mentee.send("save-exam-plan", &[("enrollment", &own)]).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/from"), "sent back with what is missing");
    let mut other = site.signed_in("mentee1@demo.qdei.example", demo::PASSWORD).await;
    let fields = [("enrollment", own.as_str()), ("entry", &site.look_up("SELECT id FROM practice_hours LIMIT 1").await)];
    for function in OPTION_THREE {
        assert_eq!(other.send(function, &fields).await.status, StatusCode::NOT_FOUND, "{function}");
    }
    for path in
        ["/mentee/exam", "/mentee/exam/calendar", "/mentee/exam/coverage", "/mentee/exam/eligibility", "/mentee/exam/hours"]
    {
        assert_eq!(mentee.open(path).await.status, StatusCode::OK, "{path}");
    }
    let file = mentee.open("/mentee/exam/hours.csv").await;
    assert!(file.status == StatusCode::OK && String::from_utf8_lossy(&file.body).contains("Date,Hours,Activity"));
}

#[tokio::test]
async fn practice_is_open_to_its_own_mentee() {
    let site = demo_site().await;
    let mut mentee = site.signed_in("mentee3@demo.qdei.example", demo::PASSWORD).await;
    let own = site
        .look_up(
            "SELECT e.id FROM enrollment e JOIN account a ON a.id = e.mentee_id WHERE a.email = 'mentee3@demo.qdei.example'",
        )
        .await;
    assert_eq!(mentee.open("/mentee/practice").await.status, StatusCode::OK);
    let wished = [("enrollment", own.as_str()), ("questions", "3"), ("minutes", "10")];
    let page = mentee.send("start-practice", &wished).await.location().to_owned();
    let practice = page.rsplit('/').next().unwrap().to_owned();
    assert_eq!(mentee.open(&page).await.status, StatusCode::OK);
    for other in ["mentee1@demo.qdei.example", "mentor@demo.qdei.example", "coordinator@demo.qdei.example"] {
        let mut other = site.signed_in(other, demo::PASSWORD).await;
        assert!(matches!(other.open(&page).await.status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND));
        assert_eq!(other.send("hand-in-practice", &[("practice", &practice)]).await.status, StatusCode::NOT_FOUND);
    }
    assert_eq!(mentee.send("hand-in-practice", &[("practice", &practice)]).await.status, StatusCode::SEE_OTHER);
}

/// A session for each try without hashing a password each time: one sign-in per person, its session copied in the table.
async fn visitor_without_hash(site: &Site, who: Who) -> Visitor<'_> {
    use std::collections::HashMap;
    use std::sync::{LazyLock, Mutex};
    static COOKIES: LazyLock<Mutex<HashMap<(usize, String), String>>> = LazyLock::new(Mutex::default);
    let key = (std::ptr::from_ref(site).addr(), format!("{who:?}"));
    let known = COOKIES.lock().unwrap().get(&key).cloned();
    if let (Some(cookie), true) = (known, who != Who::Nobody) {
        let mut visitor = site.stranger();
        visitor.cookie = Some(cookie);
        // Signing out is one of the functions tried.
        if visitor.open("/account").await.status == StatusCode::OK {
            return visitor;
        }
    }
    let visitor = visitor(site, who).await;
    if let Some(cookie) = &visitor.cookie {
        COOKIES.lock().unwrap().insert(key, cookie.clone());
    }
    visitor
}

#[tokio::test]
async fn pages_and_downloads_are_open_to_whom_the_site_map_says() {
    let site = demo_site().await;
    let ids = ids(&site).await;
    let fill = |path: &str| ids.iter().fold(path.to_owned(), |path, (name, id)| path.replace(&format!("{{{name}}}"), id));
    for who in TRIES {
        let mut visitor = visitor(&site, who).await;
        for route in ROUTES {
            let path = fill(route.path);
            assert!(!path.contains('{'), "{path} needs an id");
            let answer = visitor.open(&path).await;
            let at = format!("{path} by {who:?}: {}", answer.status);
            let ok = answer.status == StatusCode::OK || answer.status == StatusCode::SEE_OTHER;
            let away = answer.location().starts_with("/sign-in?next=");
            let pair_page = path.starts_with("/enrollments/");
            match (route.access, who) {
                (Access::Anyone, _) => assert!(ok && !away || answer.status == StatusCode::NOT_FOUND, "{at}"),
                (_, Who::Nobody) => assert!(away, "{at}"),
                (Access::SignedIn, _) => assert!(ok && !away, "{at}"),
                (Access::Pair, Who::Mentee | Who::TheirMentor) if pair_page && !path.ends_with("/test") => {
                    assert_eq!(answer.status, StatusCode::OK, "{at}")
                }
                (Access::Pair, Who::Mentee | Who::TheirMentor) => assert!(ok || answer.status == StatusCode::NOT_FOUND, "{at}"),
                // Another person's page is not even said to exist.
                (Access::Pair, Who::OtherMentee | Who::OtherMentor) => assert_eq!(answer.status, StatusCode::NOT_FOUND, "{at}"),
                (Access::Pair, _) => assert!(matches!(answer.status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND), "{at}"),
                (Access::Only(role), who) if holds(who, role) => {
                    // What belongs to one person among those of the role is checked by the page.
                    let personal = route.path.contains("{match}");
                    assert!(
                        ok && !away
                            || personal && answer.status == StatusCode::NOT_FOUND
                            || path == "/mentee/exam"
                            || path.starts_with("/mentee/practice")
                            || path.starts_with("/mentee/exam")
                            || who == Who::OtherMentee
                            || who == Who::OtherMentor,
                        "{at}"
                    );
                    assert_ne!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{at}");
                }
                (Access::Only(_), _) => assert_eq!(answer.status, StatusCode::FORBIDDEN, "{at}"),
            }
        }
        for path in server::downloads::PATHS {
            let answer = visitor.open(&fill(path)).await;
            if path.starts_with("/coordinator/") {
                let at = format!("{path} by {who:?}: {}", answer.status);
                match who {
                    Who::Coordinator => assert!(answer.status == StatusCode::OK && !answer.body.is_empty(), "{at}"),
                    Who::Nobody => assert!(answer.location().starts_with("/sign-in?next="), "{at}"),
                    _ => assert_eq!(answer.status, StatusCode::FORBIDDEN, "{at}"),
                }
                continue;
            }
            if path.starts_with("/mentee/") {
                let at = format!("{path} by {who:?}: {}", answer.status);
                match who {
                    Who::Nobody => assert!(answer.location().starts_with("/sign-in?next="), "{at}"),
                    // The mentee who tries is in Option 1.
                    Who::Mentee | Who::OtherMentee => assert_eq!(answer.status, StatusCode::NOT_FOUND, "{at}"),
                    _ => assert_eq!(answer.status, StatusCode::FORBIDDEN, "{at}"),
                }
                continue;
            }
            if path.starts_with("/questions/pictures/") {
                let at = format!("{path} by {who:?}: {}", answer.status);
                match who {
                    Who::Nobody => assert!(answer.location().starts_with("/sign-in?next="), "{at}"),
                    _ => assert_eq!(answer.status, StatusCode::OK, "{at}"),
                }
                continue;
            }
            let may = match who {
                Who::Nobody | Who::OtherMentee | Who::OtherMentor => false,
                // An agreed talk is between the two alone.
                Who::Coordinator => !path.starts_with("/appointments/"),
                // The certificate tried is another mentee's.
                Who::Mentee | Who::TheirMentor => !path.starts_with("/certificates/"),
            };
            let at = format!("{path} by {who:?}: {}", answer.status);
            match (may, who) {
                (true, _) if path.ends_with(".ics") => {
                    assert!(answer.status == StatusCode::OK && answer.body.starts_with(b"BEGIN:VCALENDAR"), "{at}");
                }
                (true, _) => assert!(answer.status == StatusCode::OK && answer.body.starts_with(b"%PDF"), "{at}"),
                (false, Who::Nobody) => assert!(answer.location().starts_with("/sign-in?next="), "{at}"),
                (false, _) => assert_eq!(answer.status, StatusCode::NOT_FOUND, "{at}"),
            }
        }
    }
}

fn holds(who: Who, role: Role) -> bool {
    match role {
        Role::Mentee => matches!(who, Who::Mentee | Who::OtherMentee),
        Role::Mentor => matches!(who, Who::TheirMentor | Who::OtherMentor),
        Role::Coordinator => who == Who::Coordinator,
    }
}

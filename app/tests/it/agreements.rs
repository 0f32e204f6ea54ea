//! Step 6: the letter's text, its life cycle, and signing it, by two at once and while its text changes.

use app::agreements::store::{self, Letter, OnPaper, Outcome, Signing};
use app::agreements::text::{Facts, escape, fill, fingerprint, title, to_html};
use app::agreements::{Action, MOVED, ON_PAPER, Signer, State, Way};
use app::app::{Params, ROUTES, render};
use app::db::{execute, fetch_all, fetch_one};
use app::enrollments::OptionNumber;
use app::error::AppError;
use app::form::Client;
use app::id::{EnrollmentId, LetterId};
use app::people::Viewer;
use app::people::session::{ACCOUNT, Store};
use app::ui::Assets;
use axum::http::{Request, StatusCode};
use proptest::prelude::*;
use tower_sessions::Session;

use crate::support::{Pair, Program, each_db};

#[test]
fn a_letter_lives_as_its_table_says() {
    use {Action as A, State as S};
    let table = [
        (S::Open, [Some(S::Open), Some(S::Signed), None, Some(S::Replaced)]),
        (S::Signed, [None, None, Some(S::Received), None]),
        (S::Received, [None, None, None, None]),
        (S::Replaced, [None, None, None, None]),
    ];
    assert_eq!(S::ALL, table.map(|(state, _)| state));
    for (state, row) in table {
        for (action, expected) in A::ALL.iter().zip(row) {
            assert_eq!(state.after(*action).ok(), expected, "{state} {action}");
        }
    }
}

fn facts(name: &str) -> Facts {
    Facts {
        mentee: name.into(),
        mentor: "Ruth O'Hara, R.N.".into(),
        coordinator: "Carol".into(),
        program: "Program".into(),
        option_name: "Option 1".into(),
        book: "Complete Guide".into(),
        date: "December 1, 2026".into(),
        start_date: "December 1, 2026".into(),
        end_date: "December 1, 2027".into(),
        rhythm: "once a month".into(),
        way: "by phone".into(),
    }
}

const HOSTILE: &[&str] = &[
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "# Heading\n\n- list\n\n1. one",
    "- item",
    "+ item",
    "1. item",
    "12) item",
    "> quote",
    "=====",
    "-----",
    "```\ncode\n```",
    "    indented code",
    "**bold** _it_ ~~gone~~ `code`",
    "[link](javascript:alert(1)) ![picture](http://x.test/y.png)",
    "[ref]: http://x.test",
    "<http://x.test>",
    "&lt;b&gt; &amp; &#x41; &copy;",
    "{{ mentor }} {% raw %} {# note #}",
    "back\\slash\\*",
    "| a | b |\n|---|---|",
    "a\u{202e}txt.exe\u{2066}",
    "عبد الله",
    "Zoë 'Bo' O’Neil-Smith (RN), B.Sc.",
];

/// The words a reader sees of a paragraph of HTML.
fn seen(html: &str) -> String {
    let inside = html.trim().strip_prefix("<p>").and_then(|rest| rest.strip_suffix("</p>")).unwrap_or(html);
    inside.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

/// What is left of a name that stands on one line.
fn plain(name: &str) -> String {
    let line = name.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars()
        .filter(|sign| !sign.is_control() && !matches!(sign, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
        .collect()
}

#[test]
fn a_name_is_never_markup() {
    for name in HOSTILE {
        let text = fill("{{ mentee }}\n", &facts(name)).unwrap();
        assert_eq!(seen(&to_html(&text)), plain(name), "{name:?} became {text:?}");
        let within = fill("# Letter\n\nBetween {{ mentee }} and {{ mentor }}.", &facts(name)).unwrap();
        let html = to_html(&within);
        assert_eq!(html.matches('<').count(), 4, "{html}");
        assert!(!html.contains("href") && !html.contains("src=x\""), "{html}");
    }
    assert_eq!(escape("Ruth O'Hara-Lee, R.N."), "Ruth O'Hara-Lee, R.N.");
}

proptest! {
    #[test]
    fn any_name_reads_as_it_was_typed(name in any::<String>()) {
        let text = fill("{{ mentee }}", &facts(&name)).unwrap();
        let (read, typed) = (seen(&to_html(&text)), plain(&name));
        prop_assert_eq!(read.trim(), typed.trim());
    }
}

#[test]
fn a_template_cannot_bring_html_or_addresses() {
    let html = to_html("# T\n\n<b onclick=x>hi</b> [go](javascript:x) ![alt](http://x.test/p.png)\n\n<div>\nblock\n</div>\n");
    assert!(!html.contains("<b") && !html.contains("<div") && !html.contains("<a") && !html.contains("<img"), "{html}");
    assert!(html.contains("go") && html.contains("alt") && html.contains("&lt;div&gt;"), "{html}");
    assert!(html.starts_with("<h2>T</h2>"), "{html}");
    assert_eq!(title("# A *letter* `x`\n\ntext"), "A letter x");
    assert_eq!(title("no heading"), "Letter of agreement");
    assert!(fill("{{ nobody }}", &facts("A")).is_err());
    assert!(fill("{% if %}", &facts("A")).is_err());
}

#[test]
fn the_shipped_template_fills_every_field() {
    let text = fill(include_str!("../../content/letter.md"), &facts("Mena Tee")).unwrap();
    assert!(!text.contains("{{") && text.contains("Mena Tee") && text.contains("once a month"));
    assert_eq!(title(&text), "Letter of agreement");
}

async fn plan(program: &Program, pair: &Pair, rhythm: &str) {
    let mut tx = program.state.write(&pair.mentee).await.unwrap();
    write_plan(&mut tx, pair, rhythm).await;
    tx.commit().await.unwrap();
}

async fn write_plan(tx: &mut app::db::WriteTx, pair: &Pair, rhythm: &str) {
    let now = tx.now();
    execute!(
        tx,
        "INSERT INTO plan (enrollment_id, rhythm, way, updated_at, updated_by) VALUES ($1, $2, 'phone', $3, $4)
         ON CONFLICT (enrollment_id) DO UPDATE SET rhythm = excluded.rhythm",
        pair.enrollment,
        rhythm,
        now,
        pair.mentee.id
    )
    .unwrap();
    store::make_letter(tx, pair.enrollment).await.unwrap();
}

async fn letters(program: &Program, enrollment: EnrollmentId) -> Vec<Letter> {
    store::list(&mut program.state.db.read().await.unwrap(), enrollment).await.unwrap()
}

async fn live(program: &Program, pair: &Pair) -> Letter {
    letters(program, pair.enrollment).await.into_iter().find(|letter| letter.state != State::Replaced).unwrap()
}

fn signing(letter: &Letter, name: &str) -> Signing {
    Signing {
        letter: letter.id,
        text_sha256: letter.text_sha256.clone(),
        typed_name: name.into(),
        client: Client { address: "192.0.2.7".into(), browser: "Browser ".repeat(100) },
    }
}

async fn sign(program: &Program, viewer: &Viewer, letter: &Letter) -> Result<Outcome, AppError> {
    let mut tx = program.state.write(viewer).await.unwrap();
    let who = viewer.pair(&mut tx, letter.enrollment_id).await?;
    let outcome = store::sign(&mut tx, &who, &signing(letter, &viewer.name)).await?;
    tx.commit().await?;
    Ok(outcome)
}

async fn mails(program: &Program, kind: &str) -> i64 {
    fetch_one!(&mut program.state.db.read().await.unwrap(), (i64,), "SELECT COUNT(*) FROM mail WHERE kind = $1", kind)
        .unwrap()
        .0
}

async fn holds(program: &Program) -> Vec<String> {
    let mut tx = program.state.db.read().await.unwrap();
    app::audit::store::verify(&mut tx, &program.state.audit_key).await.unwrap().unwrap();
    store::verify_hashes(&mut tx).await.unwrap()
}

#[tokio::test]
async fn a_letter_is_made_once_there_are_mentor_and_plan() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::One).await;
        let mut tx = program.state.write(&pair.mentee).await.unwrap();
        store::make_letter(&mut tx, pair.enrollment).await.unwrap();
        store::make_letter(&mut tx, EnrollmentId::new()).await.unwrap();
        tx.commit().await.unwrap();
        assert!(letters(&program, pair.enrollment).await.is_empty());

        plan(&program, &pair, "monthly").await;
        let letter = live(&program, &pair).await;
        assert_eq!(letter.state, State::Open);
        assert_eq!(fingerprint(&letter.text), letter.text_sha256);
        assert!(letter.text.contains("once a month") && letter.text.contains("by phone"), "{}", letter.text);
        assert_eq!(mails(&program, "letter_ready").await, 2);

        program.state.clock.advance(chrono::Duration::days(3));
        plan(&program, &pair, "monthly").await;
        assert_eq!(live(&program, &pair).await.id, letter.id, "another day alone is no new text");
        assert_eq!(mails(&program, "letter_ready").await, 2);
        assert!(holds(&program).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn both_sign_and_the_coordinator_receives() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::One).await;
        plan(&program, &pair, "weekly").await;
        let letter = live(&program, &pair).await;
        assert_eq!(sign(&program, &pair.mentee, &letter).await, Ok(Outcome::First));
        assert_eq!(sign(&program, &pair.mentee, &letter).await, Ok(Outcome::Already));
        assert_eq!(mails(&program, "letter_signed").await, 1);
        assert!(receive(&program, &letter).await.is_err());
        assert_eq!(sign(&program, &pair.mentor, &letter).await, Ok(Outcome::Complete));
        assert_eq!(sign(&program, &pair.mentor, &letter).await, Ok(Outcome::Already));
        assert_eq!(mails(&program, "letter_complete").await, 1);
        assert_eq!(live(&program, &pair).await.state, State::Signed);

        plan(&program, &pair, "monthly").await;
        assert_eq!(live(&program, &pair).await.text, letter.text, "what both signed stays");

        assert_eq!(receive(&program, &letter).await, Ok(true));
        assert_eq!(receive(&program, &letter).await, Ok(false));
        assert_eq!(mails(&program, "letter_received").await, 2);
        let paper = store::paper(&mut program.state.db.read().await.unwrap(), letter.id).await.unwrap().unwrap();
        assert_eq!(paper.text, letter.text);
        assert_eq!(paper.signatures.len(), 2);
        assert!(paper.signatures.iter().all(|one| one.text_sha256 == letter.text_sha256 && one.signed_at.ends_with("UTC")));
        assert!(paper.received.unwrap().contains("Cora Dinator"));
        let signatures = store::list_signatures(&mut program.state.db.read().await.unwrap(), pair.enrollment).await.unwrap();
        assert!(signatures.iter().all(|one| one.address.as_deref() == Some("192.0.2.7")));
        assert!(signatures.iter().all(|one| one.browser.as_ref().unwrap().chars().count() == 400));
        assert!(holds(&program).await.is_empty());
    })
    .await;
}

async fn receive(program: &Program, letter: &Letter) -> Result<bool, AppError> {
    let who = program.coordinator.coordinator()?;
    let mut tx = program.state.write(&who).await?;
    let received = store::receive(&mut tx, &who, letter.enrollment_id, letter.id).await?;
    tx.commit().await?;
    Ok(received)
}

#[tokio::test]
async fn a_text_that_moved_is_not_signed() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::Two).await;
        plan(&program, &pair, "weekly").await;
        let old = live(&program, &pair).await;
        sign(&program, &pair.mentee, &old).await.unwrap();
        plan(&program, &pair, "monthly").await;
        let new = live(&program, &pair).await;
        assert_ne!(old.id, new.id);
        let refused = sign(&program, &pair.mentor, &old).await;
        assert_eq!(refused.unwrap_err().to_string(), MOVED);
        // The right letter, with the fingerprint of another text.
        let mixed = Letter { text_sha256: old.text_sha256.clone(), ..new.clone() };
        assert_eq!(sign(&program, &pair.mentor, &mixed).await.unwrap_err().to_string(), MOVED);
        // The earlier signature counts for nothing now.
        assert_eq!(sign(&program, &pair.mentee, &old).await.unwrap_err().to_string(), MOVED);
        assert_eq!(sign(&program, &pair.mentor, &new).await, Ok(Outcome::First));
        assert_eq!(sign(&program, &pair.mentee, &new).await, Ok(Outcome::Complete));
        assert!(holds(&program).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn only_the_two_sign_and_only_they_and_the_coordinator_read() {
    each_db(async |program| {
        let (pair, strangers) = (program.pair(OptionNumber::One).await, program.pair(OptionNumber::One).await);
        plan(&program, &pair, "weekly").await;
        plan(&program, &strangers, "weekly").await;
        let (letter, other) = (live(&program, &pair).await, live(&program, &strangers).await);
        for viewer in [&strangers.mentee, &strangers.mentor, &program.coordinator] {
            assert_eq!(sign(&program, viewer, &letter).await, Err(AppError::NotFound));
        }
        // One's own enrolment with another's letter.
        let crossed = Letter { enrollment_id: pair.enrollment, ..other };
        assert_eq!(sign(&program, &pair.mentee, &crossed).await, Err(AppError::NotFound));
        sign(&program, &pair.mentor, &letter).await.unwrap();
        let mut tx = program.state.write(&program.coordinator).await.unwrap();
        execute!(&mut tx, "UPDATE mentor_match SET state = 'ended' WHERE id = $1", pair.current).unwrap();
        tx.commit().await.unwrap();
        let mut tx = program.state.db.read().await.unwrap();
        for viewer in [&pair.mentee, &pair.mentor, &program.coordinator] {
            assert_eq!(store::who_may_read(&mut tx, viewer, letter.id).await, Ok(()));
        }
        for viewer in [&strangers.mentee, &strangers.mentor] {
            assert_eq!(store::who_may_read(&mut tx, viewer, letter.id).await, Err(AppError::NotFound));
        }
        assert!(store::paper(&mut tx, LetterId::new()).await.unwrap().is_none());
        drop(tx);
        let refused = sign(&program, &pair.mentee, &letter).await.unwrap_err().to_string();
        assert!(refused.contains("pairing"), "{refused}");
    })
    .await;
}

#[tokio::test]
async fn signatures_on_paper_are_entered_and_marked() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::One).await;
        plan(&program, &pair, "weekly").await;
        let letter = live(&program, &pair).await;
        let today = app::clock::today(program.state.clock.now());
        sign(&program, &pair.mentee, &letter).await.unwrap();
        assert!(matches!(enter(&program, &letter, today.pred_opt().unwrap()).await, Err(AppError::Invalid(_))));
        assert_eq!(enter(&program, &letter, today).await, Ok(Outcome::Complete));
        assert_eq!(enter(&program, &letter, today).await, Ok(Outcome::Already));
        let signatures = store::list_signatures(&mut program.state.db.read().await.unwrap(), pair.enrollment).await.unwrap();
        let entered = signatures.iter().find(|one| one.role == Signer::Mentor).unwrap();
        assert_eq!((entered.way, entered.consent.as_str()), (Way::Paper, ON_PAPER));
        assert_eq!((entered.entered_by.as_deref(), &entered.address), (Some("Cora Dinator"), &None));
        assert_eq!(entered.account_id, pair.mentor.id);
        assert!(entered.when().ends_with("by hand on paper"));
        assert!(holds(&program).await.is_empty());
    })
    .await;
}

async fn enter(program: &Program, letter: &Letter, signed_on: chrono::NaiveDate) -> Result<Outcome, AppError> {
    let who = program.coordinator.coordinator()?;
    let mut tx = program.state.write(&who).await?;
    let entry = OnPaper {
        letter: letter.id,
        text_sha256: letter.text_sha256.clone(),
        role: Signer::Mentor,
        name: "M. Tor".into(),
        signed_on,
    };
    let outcome = store::enter_paper(&mut tx, &who, letter.enrollment_id, &entry).await?;
    tx.commit().await?;
    Ok(outcome)
}

#[tokio::test]
async fn two_who_sign_at_once_end_in_a_signed_letter() {
    each_db(async |program| {
        for _ in 0..8 {
            let pair = program.pair(OptionNumber::One).await;
            plan(&program, &pair, "weekly").await;
            let letter = live(&program, &pair).await;
            let (one, other, again) = tokio::join!(
                sign(&program, &pair.mentee, &letter),
                sign(&program, &pair.mentor, &letter),
                sign(&program, &pair.mentee, &letter)
            );
            let outcomes = [one.unwrap(), other.unwrap(), again.unwrap()];
            for expected in [Outcome::First, Outcome::Complete, Outcome::Already] {
                assert_eq!(outcomes.iter().filter(|outcome| **outcome == expected).count(), 1, "{outcomes:?}");
            }
            assert_eq!(live(&program, &pair).await.state, State::Signed);
        }
        assert_eq!(mails(&program, "letter_complete").await, 8);
        assert!(holds(&program).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn signing_while_the_plan_changes_never_signs_another_text() {
    each_db(async |program| {
        for _ in 0..8 {
            let pair = program.pair(OptionNumber::One).await;
            plan(&program, &pair, "weekly").await;
            let letter = live(&program, &pair).await;
            sign(&program, &pair.mentee, &letter).await.unwrap();
            let (signed, ()) = tokio::join!(sign(&program, &pair.mentor, &letter), plan(&program, &pair, "monthly"));
            let now = live(&program, &pair).await;
            match signed {
                Ok(outcome) => {
                    assert_eq!(outcome, Outcome::Complete);
                    assert_eq!((now.id, now.state), (letter.id, State::Signed));
                }
                Err(error) => {
                    assert_eq!(error.to_string(), MOVED);
                    assert_eq!(now.state, State::Open);
                    assert!(now.text.contains("once a month"));
                }
            }
            let rows = letters(&program, pair.enrollment).await;
            assert_eq!(rows.iter().filter(|letter| letter.state != State::Replaced).count(), 1);
        }
        assert!(holds(&program).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn plans_saved_at_once_leave_one_letter_of_the_last_text() {
    each_db(async |program| {
        for _ in 0..5 {
            let pair = program.pair(OptionNumber::One).await;
            tokio::join!(
                plan(&program, &pair, "weekly"),
                plan(&program, &pair, "monthly"),
                plan(&program, &pair, "every_two_weeks")
            );
            let letter = live(&program, &pair).await;
            let (rhythm,) = fetch_one!(
                &mut program.state.db.read().await.unwrap(),
                (String,),
                "SELECT rhythm FROM plan WHERE enrollment_id = $1",
                pair.enrollment
            )
            .unwrap();
            let words = match rhythm.as_str() {
                "weekly" => "once a week",
                "monthly" => "once a month",
                _ => "every two weeks",
            };
            assert!(letter.text.contains(words), "{rhythm}: {}", letter.text);
        }
    })
    .await;
}

#[tokio::test]
async fn every_tampering_with_text_or_hash_is_named() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::One).await;
        plan(&program, &pair, "weekly").await;
        let letter = live(&program, &pair).await;
        sign(&program, &pair.mentee, &letter).await.unwrap();
        sign(&program, &pair.mentor, &letter).await.unwrap();
        assert!(holds(&program).await.is_empty());
        for (number, words) in [(1, "does not match its hash"), (2, "is for another text"), (3, "lacks a signature")] {
            let mut tx = program.state.write(&program.coordinator).await.unwrap();
            match number {
                1 => execute!(&mut tx, "UPDATE letter SET text = $1", format!("{} ", letter.text)),
                2 => execute!(&mut tx, "UPDATE signature SET text_sha256 = 'f' WHERE role = 'mentor'"),
                _ => execute!(&mut tx, "DELETE FROM signature WHERE role = 'mentor'"),
            }
            .unwrap();
            let found = store::verify_hashes(&mut tx).await.unwrap();
            assert!(found.len() == 1 && found[0].contains(words), "{found:?}");
        }
        // A changed text is not signed either, even with the hash the page showed.
        let fresh = program.pair(OptionNumber::One).await;
        plan(&program, &fresh, "weekly").await;
        let letter = live(&program, &fresh).await;
        let mut tx = program.state.write(&program.coordinator).await.unwrap();
        execute!(&mut tx, "UPDATE letter SET text = 'Another' WHERE id = $1", letter.id).unwrap();
        tx.commit().await.unwrap();
        assert_eq!(sign(&program, &fresh.mentee, &letter).await, Err(AppError::Internal));
    })
    .await;
}

/// A page as a person sees it.
pub async fn open_page(
    program: &Program,
    viewer: &Viewer,
    path: &'static str,
    enrollment: EnrollmentId,
    query: &str,
) -> (StatusCode, String) {
    let route = ROUTES.iter().find(|route| route.path == path);
    assert!(route.is_some(), "{path} is not in the site map");
    let session = Session::new(None, std::sync::Arc::new(Store(program.state.clone())), None);
    session.insert(ACCOUNT, viewer.id).await.unwrap();
    let address = path.replace("{enrollment}", &enrollment.to_string());
    let (mut parts, ()) = Request::get(format!("{address}{query}")).body(()).unwrap().into_parts();
    parts.extensions.insert(session);
    let params = Params(vec![("enrollment".into(), enrollment.to_string())]);
    let rendered = render(route, program.state.clone(), parts, params, "", Assets(str::to_owned)).await;
    // The renderer's marks between texts are none of a reader's business.
    (rendered.status, rendered.html.replace("<!>", ""))
}

#[tokio::test]
async fn the_pages_show_each_what_is_theirs() {
    each_db(async |program| {
        let (pair, stranger) = (program.pair(OptionNumber::One).await, program.pair(OptionNumber::One).await);
        let mut tx = program.state.write(&pair.mentee).await.unwrap();
        app::people::store::update_name(&mut tx, pair.mentee.id, "<b>Mena</b> *Tee*", "").await.unwrap();
        tx.commit().await.unwrap();
        let (pages, desk) = ("/enrollments/{enrollment}/letter", "/coordinator/enrollments/{enrollment}/letter");
        let (status, html) = open_page(&program, &pair.mentor, pages, pair.enrollment, "").await;
        assert_eq!(status, StatusCode::OK);
        assert!(html.contains("Make the plan"), "{html}");

        plan(&program, &pair, "weekly").await;
        let letter = live(&program, &pair).await;
        let (_, html) = open_page(&program, &pair.mentee, pages, pair.enrollment, "").await;
        assert!(
            html.contains("Read, then sign")
                && html.contains(&letter.text_sha256)
                && html.contains("&lt;b&gt;Mena&lt;/b&gt; *Tee*"),
            "{html}"
        );
        assert!(!html.contains("<b>Mena"), "{html}");
        sign(&program, &pair.mentee, &letter).await.unwrap();
        let (_, html) = open_page(&program, &pair.mentee, pages, pair.enrollment, "?done=letter-signed").await;
        assert!(
            html.contains("You have signed") && html.contains("192.0.2.7") && html.contains("Your signature is kept"),
            "{html}"
        );
        let (_, html) = open_page(&program, &pair.mentor, pages, pair.enrollment, "").await;
        assert!(html.contains("Read, then sign") && !html.contains("192.0.2.7"), "{html}");
        let (_, html) = open_page(&program, &program.coordinator, desk, pair.enrollment, "").await;
        assert!(
            html.contains("192.0.2.7")
                && html.contains("Enter a signature made on paper")
                && !html.contains("Receive the letter"),
            "{html}"
        );

        sign(&program, &pair.mentor, &letter).await.unwrap();
        let (_, html) = open_page(&program, &program.coordinator, desk, pair.enrollment, "").await;
        assert!(html.contains("Receive the letter"), "{html}");
        receive(&program, &letter).await.unwrap();
        let (_, html) = open_page(&program, &pair.mentor, pages, pair.enrollment, "").await;
        assert!(html.contains("Cora Dinator received it"), "{html}");

        for viewer in [&stranger.mentee, &stranger.mentor] {
            assert_eq!(open_page(&program, viewer, pages, pair.enrollment, "").await.0, StatusCode::NOT_FOUND);
            assert_eq!(open_page(&program, viewer, desk, pair.enrollment, "").await.0, StatusCode::FORBIDDEN);
        }
        assert_eq!(open_page(&program, &program.coordinator, desk, EnrollmentId::new(), "").await.0, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn who_signed_an_earlier_text_is_told_why_they_sign_again() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::One).await;
        plan(&program, &pair, "weekly").await;
        sign(&program, &pair.mentee, &live(&program, &pair).await).await.unwrap();
        plan(&program, &pair, "monthly").await;
        let (_, html) = open_page(&program, &pair.mentee, "/enrollments/{enrollment}/letter", pair.enrollment, "").await;
        assert!(html.contains("You signed an earlier text") && html.contains("Earlier texts"), "{html}");
        let kinds = fetch_all!(
            &mut program.state.db.read().await.unwrap(),
            (String,),
            "SELECT kind FROM audit WHERE enrollment_id = $1 AND kind LIKE 'letter.%' ORDER BY seq",
            pair.enrollment
        )
        .unwrap();
        let kinds: Vec<&str> = kinds.iter().map(|(kind,)| kind.as_str()).collect();
        assert_eq!(kinds, ["letter.made", "letter.signed", "letter.replaced", "letter.made"]);
    })
    .await;
}

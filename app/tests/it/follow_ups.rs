//! What became of those who completed: who is asked when, by a link that only its holder knows, and what is kept.

use app::db::{execute, fetch_all, fetch_one};
use app::enrollments::OptionNumber;
use app::error::AppError;
use app::follow_ups::{api, due_on, is_due, store};
use app::id::{CertificateId, EnrollmentId};
use app::people::{Role, Viewer};
use chrono::{Days, Duration, Months, NaiveDate};
use proptest::prelude::*;
use sqlx::types::Json;

use crate::support::{Program, each_db};
use crate::visit::Browser;

proptest! {
    /// Looked at every day, everybody's day comes, and stays for a month.
    #[test]
    fn everybody_is_asked_on_a_day_of_their_own(days in 0_u64..4000, months in 1_u32..37) {
        let issued = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + Days::new(days);
        let due = due_on(issued, months).unwrap();
        prop_assert!(due > issued);
        for (day, asked) in [(due - Days::new(1), false), (due, true), (due + Days::new(30), true), (due + Days::new(31), false)] {
            prop_assert_eq!(is_due(issued, months, day), asked);
        }
    }
}

/// Somebody whose certificate was issued this many months ago.
async fn completed(program: &Program, name: &str, months: u32) -> (Viewer, EnrollmentId) {
    let (who, id) = program.enrollment(name, OptionNumber::One).await;
    let mut tx = program.state.write(&program.coordinator).await.unwrap();
    let now = tx.now();
    let issued_on = app::clock::today(now).checked_sub_months(Months::new(months)).unwrap();
    execute!(&mut tx, "UPDATE enrollment SET state = 'completed', ended_at = $2 WHERE id = $1", id, now).unwrap();
    execute!(
        &mut tx,
        "INSERT INTO certificate (id, enrollment_id, number, year, sequence, code, facts, issued_on, issued_at, issued_by,
            state, pdf, pdf_sha256)
         SELECT $1, $2, $3, 2026, COUNT(*) + 1, $3, $4, $5, $6, $7, 'valid', $8, '' FROM certificate",
        CertificateId::new(),
        id,
        name,
        Json(Vec::<String>::new()),
        issued_on,
        now,
        program.coordinator.id,
        Vec::<u8>::new()
    )
    .unwrap();
    tx.commit().await.unwrap();
    (who, id)
}

/// The links of a message, from its fields: they are nowhere else.
async fn links(program: &Program, address: &str) -> Vec<std::collections::BTreeMap<String, String>> {
    let mut tx = program.state.db.read().await.unwrap();
    let rows = fetch_all!(
        &mut tx,
        (Json<std::collections::BTreeMap<String, String>>,),
        "SELECT fields FROM mail WHERE kind = 'follow_up' AND address = $1 ORDER BY id",
        address
    )
    .unwrap();
    rows.into_iter().map(|(Json(fields),)| fields).collect()
}

fn token(link: &str) -> String {
    link.rsplit('/').next().unwrap().split('?').next().unwrap().to_owned()
}

#[tokio::test]
async fn each_is_asked_once_at_six_and_at_twelve_months() {
    each_db(async |program| {
        let (six, _) = completed(&program, "Six Months", 6).await;
        let (five, _) = completed(&program, "Five Months", 5).await;
        let (long_ago, _) = completed(&program, "Long Ago", 14).await;
        let (gone, _) = completed(&program, "Gone Away", 12).await;
        let mut tx = program.state.write(&program.coordinator).await.unwrap();
        let now = tx.now();
        execute!(&mut tx, "UPDATE account SET closed_at = $2 WHERE id = $1", gone.id, now).unwrap();
        tx.commit().await.unwrap();
        // Several copies of the program at once.
        let runs: Vec<_> = (0..3)
            .map(|_| {
                let state = program.state.clone();
                tokio::spawn(async move { store::ask_all(&state).await.unwrap() })
            })
            .collect();
        let mut asked = 0;
        for run in runs {
            asked += run.await.unwrap();
        }
        assert_eq!(asked, 1);
        for (who, count) in [(&six, 1), (&five, 0), (&long_ago, 0), (&gone, 0)] {
            assert_eq!(links(&program, &who.email).await.len(), count, "{}", who.name);
        }
        program.state.clock.advance(Duration::days(31));
        assert_eq!(store::ask_all(&program.state).await.unwrap(), 1, "five months were six meanwhile");
        program.state.clock.advance(Duration::days(155));
        assert_eq!(store::ask_all(&program.state).await.unwrap(), 1);
        let twice = links(&program, &six.email).await;
        assert_eq!((twice.len(), twice[1]["months"].as_str()), (2, "12"));
        assert_ne!(token(&twice[0]["link"]), token(&twice[1]["link"]));
        assert_eq!(token(&twice[0]["link"]).len(), 64, "256 bits");
    })
    .await;
}

#[tokio::test]
async fn a_link_answers_with_a_button_and_can_be_used_again() {
    each_db(async |program| {
        let (who, id) = completed(&program, "Dana Whitcomb", 6).await;
        store::ask_all(&program.state).await.unwrap();
        let sent = links(&program, &who.email).await.remove(0);
        let token = token(&sent["link"]);
        let stranger = Browser::stranger(&program);
        let path = format!("/follow-up/{token}");
        assert!(sent["yes_link"].ends_with(&format!("{path}?became=yes")) && sent["no_link"].ends_with("?became=no"));
        let page = stranger.open(&format!("{path}?became=yes")).await;
        assert_eq!(page.status, 200);
        assert_eq!(page.html.matches("checked").count(), 1, "the link's answer is chosen: {}", page.html);
        let read = async || store::find(&mut program.state.db.read().await.unwrap(), &token).await.unwrap().unwrap();
        assert_eq!(read().await.answered_at, None, "opening it keeps nothing");

        let send = async |fields: &[(&str, &str)]| {
            stranger.send(&path, "answer-follow-up", fields, api::answer_follow_up(token.clone())).await.unwrap()
        };
        assert_eq!(send(&[]).await, path, "nothing is answered");
        assert!(stranger.open(&path).await.html.contains("Answer at least one"));
        let yes = [("became", "yes"), ("teaching", "no"), ("willing", "yes")];
        for _ in 0..2 {
            assert_eq!(send(&yes).await, format!("{path}?done=follow-up-answered"));
        }
        let kept = read().await;
        assert_eq!(kept.answers.became_cdces, Some(true));
        assert_eq!((kept.answers.teaching_dsmes, kept.answers.willing_to_mentor), (Some(false), Some(true)));
        let told = async || {
            let mut tx = program.state.db.read().await.unwrap();
            fetch_one!(&mut tx, (i64,), "SELECT COUNT(*) FROM mail WHERE kind = 'willing_to_mentor'").unwrap().0
        };
        assert_eq!(told().await, 1);

        // The coordinator sees it, and invites with what is known.
        let boss = Browser::of(&program, &program.coordinator).await;
        let mentors = boss.open("/coordinator/mentors").await.html;
        assert!(mentors.contains("Would like to mentor") && mentors.contains(&format!("new?from={id}")));
        let form = boss.open(&format!("/coordinator/mentors/new?from={id}")).await.html;
        for known in [
            "value=\"Dana Whitcomb\"",
            &format!("value=\"{}\"", who.email),
            "value=\"30049\" selected",
            "value=\"phone\" checked",
        ] {
            assert!(form.contains(known), "{known}: {form}");
        }
        assert!(boss.open(&format!("/coordinator/enrollments/{id}")).await.html.contains("After 6 months"));

        // A change of mind by the same link; said again, the coordinator is not told a second time.
        send(&[("became", "yes"), ("willing", "no")]).await;
        assert_eq!(read().await.answers.willing_to_mentor, Some(false));
        assert!(!boss.open("/coordinator/mentors").await.html.contains("Would like to mentor"));
        send(&yes).await;
        assert_eq!(told().await, 1);

        // Only the hash of a token is kept, and a guess opens nothing.
        let mut tx = program.state.db.read().await.unwrap();
        let (hash,) = fetch_one!(&mut tx, (Vec<u8>,), "SELECT token_hash FROM follow_up").unwrap();
        assert_ne!(app::hex(&hash), token);
        drop(tx);
        assert_eq!(stranger.open("/follow-up/unknown").await.status, 404);
        let guessed = stranger.send(&path, "answer-follow-up", &yes, api::answer_follow_up("unknown".into())).await;
        assert_eq!(guessed, Err(AppError::NotFound));
    })
    .await;
}

#[tokio::test]
async fn the_page_of_a_new_mentor_tells_nothing_of_who_did_not_complete() {
    each_db(async |program| {
        let (_, id) = program.enrollment("Still Studying", OptionNumber::One).await;
        let boss = Browser::of(&program, &program.coordinator).await;
        let page = boss.open(&format!("/coordinator/mentors/new?from={id}")).await;
        assert!(page.status == 200 && !page.html.contains("Still Studying"));
        let mentor = program.person("Men Tor", Role::Mentor).await;
        assert_eq!(Browser::of(&program, &mentor).await.open("/coordinator/mentors/new").await.status, 403);
    })
    .await;
}

//! The pages of step 2 as people open them, signed in.

use app::db::fetch_all;
use app::enrollments::OptionNumber;
use app::error::AppError;
use app::id::AccountId;
use app::matching::{api, store};
use app::people::Role;
use app::people::viewer::of_account;
use app::settings::Settings;
use axum::http::StatusCode;

use crate::support::{Program, each_db};
use crate::visit::Browser;

#[tokio::test]
async fn each_sees_what_is_theirs_to_decide() {
    each_db(async |program| {
        let near = program.mentor("Near Mentor", "30049").await;
        let far = program.mentor("Far Mentor", "30011").await;
        let unchecked = program.mentor("Unchecked Mentor", "30049").await;
        let mut tx = program.state.write(&program.coordinator).await.unwrap();
        app::db::execute!(&mut tx, "DELETE FROM credential_check WHERE mentor_id = $1", unchecked.id).unwrap();
        tx.commit().await.unwrap();
        let (mentee, enrollment) = program.enrollment("Dana Whitcomb", OptionNumber::One).await;
        let (boss, mentor) = (Browser::of(&program, &program.coordinator).await, Browser::of(&program, &near).await);
        let here = format!("/coordinator/enrollments/{enrollment}/match");

        let page = boss.open(&here).await;
        assert_eq!(page.status, StatusCode::OK);
        let at = |name: &str| page.html.find(name).unwrap();
        assert!(at("Near Mentor") < at("Far Mentor") && at("Cannot be proposed") < at("Unchecked Mentor"));
        assert!(
            page.html.contains("Both in Lewis and Clark County") && page.html.contains("has no valid credential on record")
        );
        assert_eq!(page.html.matches("/api/propose-mentor").count(), 2);

        let who = program.coordinator.coordinator().unwrap();
        let mut tx = program.state.write(&who).await.unwrap();
        let (proposed, _) = store::propose(&mut tx, &who, enrollment, near.id, &Settings::default()).await.unwrap();
        tx.commit().await.unwrap();
        let page = boss.open(&here).await;
        assert!(page.html.contains("/api/withdraw-proposal") && !page.html.contains("/api/propose-mentor"));

        let there = format!("/mentor/proposals/{}", proposed.id);
        let page = mentor.open(&there).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.html.contains("/api/accept-proposal") && page.html.contains("/api/decline-proposal"));
        assert!(!page.html.contains(&mentee.email) && !page.html.contains("406-555-0100"), "that comes with the introduction");
        assert_eq!(Browser::of(&program, &far).await.open(&there).await.status, StatusCode::NOT_FOUND);
        assert_eq!(Browser::of(&program, &mentee).await.open(&there).await.status, StatusCode::FORBIDDEN);

        let own = mentor.open("/mentor/profile").await;
        assert!(own.html.contains("1 of 3") && own.html.contains("value=\"phone\" checked"));
        let all = boss.open("/coordinator/mentors").await;
        assert!(
            all.html.contains("3 mentors. Free places among those who are not away: 8.")
                && all.html.contains("Not checked yet")
        );
        let one = boss.open(&format!("/coordinator/mentors/{}", near.id)).await;
        assert!(one.html.contains("Dana Whitcomb") && one.html.contains("/api/check-credential"));

        let nobody = program.person("No Profile", Role::Mentor).await;
        assert_eq!(Browser::of(&program, &nobody).await.open("/mentor/profile").await.status, StatusCode::NOT_FOUND);
    })
    .await;
}

/// The kinds of mail that wait, with to whom, in order.
async fn mails(program: &Program) -> Vec<(String, String)> {
    let mut tx = program.state.db.read().await.unwrap();
    fetch_all!(&mut tx, (String, String), "SELECT kind, address FROM mail ORDER BY id").unwrap()
}

async fn account(program: &Program, email: &str) -> AccountId {
    let found = app::people::store::find_credentials(&mut program.state.db.read().await.unwrap(), email).await.unwrap();
    found.unwrap().id
}

const NEW: &str = "/coordinator/mentors/new";

const OFFERED: [(&str, &str); 9] = [
    ("name", "Ruth Ellingson"),
    ("email", "Ruth@qdei.test"),
    ("discipline", "dietitian"),
    ("county", "30049"),
    ("options", "1"),
    ("options", "2"),
    ("ways", "phone"),
    ("interests", "type_1"),
    ("capacity", "2"),
];

#[tokio::test]
async fn from_the_invitation_of_a_mentor_to_the_end_of_a_pair() {
    each_db(async |program| {
        let boss = Browser::of(&program, &program.coordinator).await;
        let wrong = [("name", "Ruth <b>Ellingson"), ("email", "ruth"), ("capacity", "21"), ("about", "Kept")];
        assert_eq!(boss.send(NEW, "invite-mentor", &wrong, api::invite_mentor()).await.unwrap(), NEW);
        let page = boss.open(NEW).await.html;
        assert!(page.contains("6 things to mend") && page.contains("Kept") && page.contains("value=\"21\""));
        assert!(!page.contains("<b>Ellingson"));

        let there = boss.send(NEW, "invite-mentor", &OFFERED, api::invite_mentor()).await.unwrap();
        let ruth = account(&program, "ruth@qdei.test").await;
        assert_eq!(there, format!("/coordinator/mentors/{ruth}?done=mentor-invited"));
        assert_eq!(boss.send(NEW, "invite-mentor", &OFFERED, api::invite_mentor()).await.unwrap(), there);
        let other = OFFERED.map(|(name, value)| if name == "capacity" { (name, "3") } else { (name, value) });
        assert_eq!(boss.send(NEW, "invite-mentor", &other, api::invite_mentor()).await.unwrap(), NEW);
        assert!(boss.open(NEW).await.html.contains("Ruth Ellingson is a mentor already"));
        assert_eq!(mails(&program).await, [("invitation".to_owned(), "ruth@qdei.test".to_owned())]);

        let (mentee, enrollment) = program.enrollment("Dana Whitcomb", OptionNumber::One).await;
        let here = format!("/coordinator/enrollments/{enrollment}/match");
        let choice = [("enrollment", enrollment.to_string()), ("mentor", ruth.to_string())];
        let choice = choice.each_ref().map(|(name, value)| (*name, value.as_str()));
        assert_eq!(boss.send(&here, "propose-mentor", &choice, api::propose_mentor(enrollment, ruth)).await.unwrap(), here);
        assert!(boss.open(&here).await.html.contains("Ruth Ellingson cannot be proposed: has no valid credential on record."));
        let page = format!("/coordinator/mentors/{ruth}");
        for (date, taken) in
            [("2020-01-01", false), ("2149-01-01", false), ("2030-13-01", false), ("", false), ("2030-12-31", true)]
        {
            let typed = [("mentor", choice[1].1), ("valid_to", date)];
            let led = boss.send(&page, "check-credential", &typed, api::check_credential(ruth)).await.unwrap();
            assert_eq!(led.ends_with("?done=credential-checked"), taken, "{date}");
        }
        for _ in 0..2 {
            let led = boss.send(&here, "propose-mentor", &choice, api::propose_mentor(enrollment, ruth)).await.unwrap();
            assert_eq!(led, format!("{here}?done=mentor-proposed"));
        }

        let current = store::current_of(&mut program.state.db.read().await.unwrap(), enrollment).await.unwrap().unwrap().id;
        let mentor = of_account(&mut program.state.db.read().await.unwrap(), ruth).await.unwrap().unwrap();
        let mentor = Browser::of(&program, &mentor).await;
        let proposal = format!("/mentor/proposals/{current}");
        assert_eq!(boss.send(&here, "accept-proposal", &[], api::accept_proposal(current)).await, Err(AppError::NotAllowed));
        assert_eq!(
            mentor.send(&proposal, "withdraw-proposal", &[], api::withdraw_proposal(current)).await,
            Err(AppError::NotAllowed)
        );
        for _ in 0..2 {
            let led = mentor.send(&proposal, "accept-proposal", &[], api::accept_proposal(current)).await.unwrap();
            assert_eq!(led, format!("{proposal}?done=proposal-accepted"));
        }
        assert!(mentor.open(&proposal).await.html.contains("You accepted"));
        assert_eq!(boss.send(&here, "end-match", &[], api::end_match(current)).await.unwrap(), here, "no reason given");
        let led = boss.send(&here, "end-match", &[("reason", "Moved away")], api::end_match(current)).await.unwrap();
        assert_eq!(led, format!("{here}?done=match-ended"));
        assert!(boss.open(&here).await.html.contains("Moved away"));
        assert!(!mentor.open(&proposal).await.html.contains("Moved away"), "only coordinators read why");

        let sent: Vec<(String, String)> = mails(&program).await.into_iter().skip(1).collect();
        let expected = [
            ("mentor_proposed", "ruth@qdei.test"),
            ("introduction", mentee.email.as_str()),
            ("introduction", "ruth@qdei.test"),
            ("mentor_answered", program.coordinator.email.as_str()),
            ("match_ended", mentee.email.as_str()),
            ("match_ended", "ruth@qdei.test"),
        ];
        assert_eq!(sent, expected.map(|(kind, address)| (kind.to_owned(), address.to_owned())));
    })
    .await;
}

//! Coordinators come and go; one always stays.

use app::Stranger;
use app::db::{execute, fetch_one};
use app::enrollments::OptionNumber;
use app::error::AppError;
use app::handover::api::{invite_coordinator, remove_coordinator};
use app::handover::store::leave;
use app::id::AccountId;
use app::people::{Role, Viewer, password, store as people};

use crate::support::{Program, each_db};
use crate::visit::Browser;

const PAGE: &str = "/coordinator/settings/people";

/// Another coordinator who has signed in before.
async fn second(program: &Program, name: &str) -> Viewer {
    let who = program.person(name, Role::Coordinator).await;
    let mut tx = program.state.write(&Stranger).await.unwrap();
    people::update_password(&mut tx, who.id, "set").await.unwrap();
    people::update_password(&mut tx, program.coordinator.id, "set").await.unwrap();
    tx.commit().await.unwrap();
    who
}

async fn count(program: &Program, what: &'static str) -> i64 {
    fetch_one!(&mut program.state.db.read().await.unwrap(), (i64,), what).unwrap().0
}

const COORDINATORS: &str = "SELECT COUNT(*) FROM account_role WHERE role = 'coordinator'";

async fn remove(browser: &Browser<'_>, id: AccountId) -> Result<String, AppError> {
    let id_text = id.to_string();
    let page = format!("/coordinator/settings/leave?who={id}");
    browser.send(&page, "remove-coordinator", &[("account", &id_text)], remove_coordinator(id)).await
}

#[tokio::test]
async fn another_is_invited_by_mail() {
    each_db(async |program| {
        let browser = Browser::of(&program, &program.coordinator).await;
        let invite = |name: &'static str, email: &'static str| {
            let browser = &browser;
            async move {
                let fields = [("name", name), ("email", email)];
                browser.send(PAGE, "invite-coordinator", &fields, invite_coordinator()).await.unwrap()
            }
        };
        assert_eq!(invite("", "nobody").await, PAGE);
        let html = browser.open(PAGE).await.html;
        assert!(html.contains("2 things to mend") && html.contains("value=\"nobody\""));
        assert_eq!(invite("Nova Next", "Nova@QDEI.test").await, format!("{PAGE}?done=coordinator-invited"));
        let html = browser.open(PAGE).await.html;
        assert!(html.contains("Nova Next") && html.contains("invited, not yet here") && html.contains("Invite again"));
        // Again, for somebody who has not come: one role, another link, and the earlier one no longer works.
        invite("Nova Next", "nova@qdei.test").await;
        assert_eq!(count(&program, COORDINATORS).await, 2);
        assert_eq!(
            count(&program, "SELECT COUNT(*) FROM mail WHERE kind = 'invitation' AND address = 'nova@qdei.test'").await,
            2
        );
        assert_eq!(count(&program, "SELECT COUNT(*) FROM invitation WHERE used_at IS NULL").await, 1);

        // Somebody with an account gets the role and is told; no new password.
        let mentor = program.mentor("Men Tor", "30049").await;
        let mut tx = program.state.write(&Stranger).await.unwrap();
        people::update_password(&mut tx, mentor.id, &password::hash("a long enough password".into()).await.unwrap())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        invite("Men Tor", "men.tor@qdei.test").await;
        assert_eq!(count(&program, "SELECT COUNT(*) FROM mail WHERE kind = 'coordinator_welcome'").await, 1);
        assert!(browser.open(PAGE).await.html.contains("also mentor"));
        // Twice is once.
        assert_eq!(invite("Men Tor", "men.tor@qdei.test").await, PAGE);
        assert!(browser.open(PAGE).await.html.contains("Men Tor is a coordinator already."));
        // A closed account is not opened by an invitation.
        let mut tx = program.state.write(&Stranger).await.unwrap();
        execute!(&mut tx, "UPDATE account SET closed_at = $1 WHERE email = 'nova@qdei.test'", program.state.clock.now())
            .unwrap();
        tx.commit().await.unwrap();
        assert_eq!(invite("Nova Next", "nova@qdei.test").await, PAGE);
        assert!(browser.open(PAGE).await.html.contains("is closed"));
    })
    .await;
}

#[tokio::test]
async fn the_last_one_stays() {
    each_db(async |program| {
        let browser = Browser::of(&program, &program.coordinator).await;
        let own = program.coordinator.id;
        let html = browser.open("/coordinator/settings/leave").await.html;
        assert!(html.contains("cannot be without a coordinator") && !html.contains("/api/remove-coordinator"));
        remove(&browser, own).await.unwrap();
        assert_eq!(count(&program, COORDINATORS).await, 1);
        // Somebody who was invited and never came is no successor.
        let invited = program.person("Nova Next", Role::Coordinator).await;
        remove(&browser, own).await.unwrap();
        assert_eq!(count(&program, COORDINATORS).await, 2);
        assert!(browser.open("/coordinator/settings/leave").await.html.contains("cannot be without a coordinator"));
        // The invitation itself can be taken back only while a coordinator with a password stays.
        remove(&browser, invited.id).await.unwrap();
        assert_eq!(count(&program, COORDINATORS).await, 2, "the only other one has no password in this story");
    })
    .await;
}

#[tokio::test]
async fn who_leaves_keeps_the_rest_and_every_session_ends() {
    each_db(async |program| {
        let other = second(&program, "Nova Next").await;
        let mut tx = program.state.write(&Stranger).await.unwrap();
        people::grant(&mut tx, other.id, Role::Mentor).await.unwrap();
        tx.commit().await.unwrap();
        let theirs = Browser::of(&program, &other).await;
        let browser = Browser::of(&program, &program.coordinator).await;
        let html = browser.open(&format!("/coordinator/settings/leave?who={}", other.id)).await.html;
        assert!(html.contains("Remove Nova Next as coordinator") && html.contains("The account stays, as mentor."));
        assert_eq!(remove(&browser, other.id).await.unwrap(), format!("{PAGE}?done=coordinator-removed"));
        assert_eq!(theirs.open("/coordinator").await.status, 403);
        assert_eq!(count(&program, COORDINATORS).await, 1);
        assert_eq!(count(&program, "SELECT COUNT(*) FROM account_role WHERE role = 'mentor'").await, 1);
        assert_eq!(count(&program, "SELECT COUNT(*) FROM mail WHERE kind = 'coordinator_left'").await, 1);
        // Removed twice: said in words. Somebody who never was one: there is no such page.
        remove(&browser, other.id).await.unwrap();
        assert_eq!(browser.open(&format!("/coordinator/settings/leave?who={}", other.id)).await.status, 404);
        assert_eq!(browser.open("/coordinator/settings/leave?who=x").await.status, 404);
    })
    .await;
}

#[tokio::test]
async fn who_steps_down_goes_on_in_their_other_roles() {
    each_db(async |program| {
        second(&program, "Nova Next").await;
        let own = &program.coordinator;
        let mut tx = program.state.write(&Stranger).await.unwrap();
        people::grant(&mut tx, own.id, Role::Mentor).await.unwrap();
        tx.commit().await.unwrap();
        let here = Browser::of(&program, own).await;
        assert!(here.open("/coordinator/settings/leave").await.html.contains("Step down as coordinator"));
        assert_eq!(remove(&here, own.id).await.unwrap(), "/home?done=coordinator-stepped-down");
        assert_eq!(
            here.open("/home?done=coordinator-stepped-down").await.location.unwrap(),
            "/mentor?done=coordinator-stepped-down"
        );
        assert_eq!(here.open("/coordinator").await.status, 403);
    })
    .await;
}

#[tokio::test]
async fn of_two_who_leave_at_once_one_is_refused() {
    each_db(async |program| {
        for round in 0..5 {
            let other = second(&program, &format!("Nova Next {round}")).await;
            let mut tx = program.state.write(&Stranger).await.unwrap();
            people::grant(&mut tx, program.coordinator.id, Role::Coordinator).await.unwrap();
            execute!(
                &mut tx,
                "DELETE FROM account_role WHERE role = 'coordinator' AND account_id NOT IN ($1, $2)",
                other.id,
                program.coordinator.id
            )
            .unwrap();
            tx.commit().await.unwrap();
            let go = async |who: &Viewer| {
                let witness = other.coordinator().unwrap();
                let mut tx = program.state.write(who).await.unwrap();
                leave(&mut tx, &witness, who.id).await?;
                tx.commit().await.unwrap();
                Ok::<(), AppError>(())
            };
            let (one, two) = tokio::join!(go(&program.coordinator), go(&other));
            assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
            assert_eq!(count(&program, COORDINATORS).await, 1);
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_open_stands_on_one_page() {
    each_db(async |program| {
        let browser = Browser::of(&program, &program.coordinator).await;
        let html = browser.open("/coordinator/handover").await.html;
        for words in ["Every book is on the shelf.", "Nobody is enrolled.", "Settings in force"] {
            assert!(html.contains(words), "{words}");
        }
        let (_, waiting) = program.enrollment("Wanda Waiting", OptionNumber::One).await;
        let pair = program.pair(OptionNumber::Two).await;
        let mut tx = program.state.write(&program.coordinator).await.unwrap();
        let mail = app::mail::Mail::new(
            app::mail::Kind::TestMail,
            app::mail::store::recipient(&mut tx, pair.mentor.id).await.unwrap(),
        );
        app::mail::store::enqueue(&mut tx, mail).await.unwrap();
        let now = tx.now();
        execute!(&mut tx, "UPDATE mail SET state = 'failed', ended_at = $1", now).unwrap();
        execute!(&mut tx, "UPDATE credential_check SET valid_to = $1", app::clock::today(now) + chrono::Duration::days(30))
            .unwrap();
        let settings = app::settings::Settings { sign_days: 21, ..Default::default() };
        app::settings::store::change(&mut tx, &settings).await.unwrap();
        tx.commit().await.unwrap();
        let html = browser.open("/coordinator/handover").await.html;
        let propose = format!("/coordinator/enrollments/{waiting}/match");
        for words in [&propose, "Propose a mentor", "Wanda Waiting", "test message", &pair.mentor.email, "21 days", "1 of 3"] {
            assert!(html.contains(words), "{words}");
        }
        let mentee = Browser::of(&program, &pair.mentee).await;
        assert_eq!(mentee.open("/coordinator/handover").await.status, 403);
    })
    .await;
}

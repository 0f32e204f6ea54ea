//! The pages of step 2 as people open them, signed in.

use std::sync::Arc;

use app::app::{Params, ROUTES, render, within};
use app::enrollments::OptionNumber;
use app::error::AppError;
use app::form::Typed;
use app::id::AccountId;
use app::matching::{api, store};
use app::people::session::{ACCOUNT, Store};
use app::people::{Role, Viewer};
use app::settings::Settings;
use app::ui::Assets;
use axum::http::request::Parts;
use axum::http::{Request, StatusCode};
use leptos::prelude::provide_context;
use tower_sessions::Session;

use crate::support::{Program, each_db};

/// A request of somebody who is signed in.
async fn request(program: &Program, who: &Viewer, path: &str) -> Parts {
    let session = Session::new(None, Arc::new(Store(program.state.clone())), None);
    session.insert(ACCOUNT, who.id).await.unwrap();
    let (mut parts, ()) = Request::builder().uri(path).body(()).unwrap().into_parts();
    parts.extensions.insert(session);
    parts
}

fn files() -> Assets {
    Assets(|path| path.to_owned())
}

/// Opens a page as somebody; `parameter` is what its address names.
async fn visit(program: &Program, who: &Viewer, path: &'static str, parameter: Option<(&str, String)>) -> (StatusCode, String) {
    let parts = request(program, who, &path.replace(['{', '}'], "")).await;
    let route = ROUTES.iter().find(|route| route.path == path).unwrap();
    let params = Params(parameter.map(|(name, value)| (name.to_owned(), value)).into_iter().collect());
    let page = render(Some(route), program.state.clone(), parts, params, "", files()).await;
    (page.status, page.html)
}

const MATCH: &str = "/coordinator/enrollments/{enrollment}/match";
const PROPOSAL: &str = "/mentor/proposals/{match}";

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
        let here = Some(("enrollment", enrollment.to_string()));

        let (status, html) = visit(&program, &program.coordinator, MATCH, here.clone()).await;
        assert_eq!(status, StatusCode::OK);
        let at = |name: &str| html.find(name).unwrap();
        assert!(at("Near Mentor") < at("Far Mentor") && at("Cannot be proposed") < at("Unchecked Mentor"));
        assert!(html.contains("Both in Lewis and Clark County") && html.contains("has no valid credential on record"));
        assert_eq!(html.matches("/api/propose-mentor").count(), 2);

        let who = program.coordinator.coordinator().unwrap();
        let mut tx = program.state.write(&who).await.unwrap();
        let (proposed, _) = store::propose(&mut tx, &who, enrollment, near.id, &Settings::default()).await.unwrap();
        tx.commit().await.unwrap();
        let (_, html) = visit(&program, &program.coordinator, MATCH, here).await;
        assert!(html.contains("/api/withdraw-proposal") && !html.contains("/api/propose-mentor"));

        let there = Some(("match", proposed.id.to_string()));
        let (status, html) = visit(&program, &near, PROPOSAL, there.clone()).await;
        assert_eq!(status, StatusCode::OK);
        assert!(html.contains("/api/accept-proposal") && html.contains("/api/decline-proposal"));
        assert!(!html.contains(&mentee.email) && !html.contains("406-555-0100"), "how to reach the mentee comes with the introduction");
        assert_eq!(visit(&program, &far, PROPOSAL, there.clone()).await.0, StatusCode::NOT_FOUND);
        assert_eq!(visit(&program, &mentee, PROPOSAL, there).await.0, StatusCode::FORBIDDEN);

        let (status, html) = visit(&program, &near, "/mentor/profile", None).await;
        assert_eq!(status, StatusCode::OK);
        assert!(html.contains("1 of 3") && html.contains("value=\"phone\" checked"));
        let (status, html) = visit(&program, &program.coordinator, "/coordinator/mentors", None).await;
        assert_eq!(status, StatusCode::OK);
        assert!(html.contains("3 mentors. Free places among those who are not away: 8.") && html.contains("Not checked yet"));
        let (status, html) =
            visit(&program, &program.coordinator, "/coordinator/mentors/{account}", Some(("account", near.id.to_string()))).await;
        assert_eq!(status, StatusCode::OK);
        assert!(html.contains("Dana Whitcomb") && html.contains("/api/check-credential"));
        let (status, html) = visit(&program, &program.coordinator, "/coordinator/mentors/new", None).await;
        assert_eq!(status, StatusCode::OK);
        assert!(html.contains("/api/invite-mentor") && html.contains("coordinator@qdei.test"));

        let nobody = program.person("No Profile", Role::Mentor).await;
        assert_eq!(visit(&program, &nobody, "/mentor/profile", None).await.0, StatusCode::NOT_FOUND);
    })
    .await;
}


/// Sends a form as somebody.
async fn send(program: &Program, who: &Viewer, typed: &[(&str, &str)], change: impl Future<Output = Result<(), AppError>>) -> Result<(), AppError> {
    let typed = typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let work = async move {
        provide_context(Typed(Arc::new(typed)));
        change.await
    };
    // Boxed: a story of many forms would not fit on a test thread's stack.
    Box::pin(within(program.state.clone(), request(program, who, "/").await, files(), work)).await
}

/// The kinds of mail that wait, with to whom, in order.
async fn mails(program: &Program) -> Vec<(String, String)> {
    let mut tx = program.state.db.read().await.unwrap();
    app::db::fetch_all!(&mut tx, (String, String), "SELECT kind, address FROM mail ORDER BY id").unwrap()
}

async fn account(program: &Program, email: &str) -> AccountId {
    let found = app::people::store::find_credentials(&mut program.state.db.read().await.unwrap(), email).await.unwrap();
    found.unwrap().id
}

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
        let boss = program.coordinator.clone();
        let wrong = send(&program, &boss, &[("email", "ruth"), ("capacity", "21")], api::invite_mentor()).await;
        let Err(AppError::Invalid(errors)) = wrong else { panic!("taken: {wrong:?}") };
        let fields: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["name", "email", "discipline", "county", "options", "ways", "capacity"]);

        send(&program, &boss, &OFFERED, api::invite_mentor()).await.unwrap();
        send(&program, &boss, &OFFERED, api::invite_mentor()).await.unwrap();
        let ruth = account(&program, "ruth@qdei.test").await;
        let other = OFFERED.map(|(name, value)| if name == "capacity" { (name, "3") } else { (name, value) });
        assert!(matches!(send(&program, &boss, &other, api::invite_mentor()).await, Err(AppError::Invalid(_))));
        assert_eq!(mails(&program).await, [("invitation".to_owned(), "ruth@qdei.test".to_owned())]);

        let (mentee, enrollment) = program.enrollment("Dana Whitcomb", OptionNumber::One).await;
        let refused = send(&program, &boss, &[], api::propose_mentor(enrollment, ruth)).await;
        assert!(matches!(refused, Err(AppError::Refused(_))), "no credential yet");
        for (date, taken) in [("2020-01-01", false), ("2199-01-01", false), ("2035-13-01", false), ("", false), ("2030-12-31", true)] {
            let sent = send(&program, &boss, &[("valid_to", date)], api::check_credential(ruth)).await;
            assert_eq!(sent.is_ok(), taken, "{date}");
        }
        send(&program, &boss, &[], api::propose_mentor(enrollment, ruth)).await.unwrap();
        send(&program, &boss, &[], api::propose_mentor(enrollment, ruth)).await.unwrap();
        let proposed = store::current_of(&mut program.state.db.read().await.unwrap(), enrollment).await.unwrap().unwrap();

        let mentor = app::people::viewer::of_account(&mut program.state.db.read().await.unwrap(), ruth).await.unwrap().unwrap();
        assert_eq!(send(&program, &boss, &[], api::accept_proposal(proposed.id)).await, Err(AppError::NotAllowed));
        assert_eq!(send(&program, &mentor, &[], api::withdraw_proposal(proposed.id)).await, Err(AppError::NotAllowed));
        send(&program, &mentor, &[], api::accept_proposal(proposed.id)).await.unwrap();
        send(&program, &mentor, &[], api::accept_proposal(proposed.id)).await.unwrap();
        assert!(matches!(send(&program, &boss, &[], api::end_match(proposed.id)).await, Err(AppError::Invalid(_))), "no reason given");
        send(&program, &boss, &[("reason", "Moved away")], api::end_match(proposed.id)).await.unwrap();

        let sent: Vec<(String, String)> = mails(&program).await.into_iter().skip(1).collect();
        let expected = [
            ("mentor_proposed", "ruth@qdei.test"),
            ("introduction", mentee.email.as_str()),
            ("introduction", "ruth@qdei.test"),
            ("mentor_answered", boss.email.as_str()),
            ("match_ended", mentee.email.as_str()),
            ("match_ended", "ruth@qdei.test"),
        ];
        assert_eq!(sent, expected.map(|(kind, address)| (kind.to_owned(), address.to_owned())));
    })
    .await;
}

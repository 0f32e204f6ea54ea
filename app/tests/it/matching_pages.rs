//! The pages of step 2 as people open them, signed in.

use std::sync::Arc;

use app::app::{Params, ROUTES, render};
use app::enrollments::OptionNumber;
use app::matching::store;
use app::people::session::{ACCOUNT, Store};
use app::people::{Role, Viewer};
use app::settings::Settings;
use app::ui::Assets;
use axum::http::{Request, StatusCode};
use tower_sessions::Session;

use crate::support::{Program, each_db};

/// Opens a page as somebody; `parameter` is what its address names.
async fn visit(program: &Program, who: &Viewer, path: &'static str, parameter: Option<(&str, String)>) -> (StatusCode, String) {
    let session = Session::new(None, Arc::new(Store(program.state.clone())), None);
    session.insert(ACCOUNT, who.id).await.unwrap();
    let (mut parts, ()) = Request::builder().uri(path.replace(['{', '}'], "")).body(()).unwrap().into_parts();
    parts.extensions.insert(session);
    let route = ROUTES.iter().find(|route| route.path == path).unwrap();
    let params = Params(parameter.map(|(name, value)| (name.to_owned(), value)).into_iter().collect());
    let page = render(Some(route), program.state.clone(), parts, params, "", Assets(|path| path.to_owned())).await;
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

//! The coordinator over HTTP: leaving the role, and what a search's address may hold.

use app::people::Role;
use axum::http::StatusCode;

use crate::support::{PASSWORD, Site, each_db};

async fn id_of(site: &Site) -> String {
    site.look_up("SELECT id FROM account WHERE email = 'second@qdei.test'").await
}

#[tokio::test]
async fn who_is_no_longer_a_coordinator_is_so_on_every_device() {
    each_db(async |site| {
        site.person("first@qdei.test", Role::Coordinator).await;
        site.person("second@qdei.test", Role::Coordinator).await;
        site.person("second@qdei.test", Role::Mentor).await;
        let mut first = site.signed_in("first@qdei.test", PASSWORD).await;
        let mut here = site.signed_in("second@qdei.test", PASSWORD).await;
        let mut elsewhere = site.signed_in("second@qdei.test", PASSWORD).await;
        assert_eq!(elsewhere.open("/coordinator").await.status, StatusCode::OK);
        let id = id_of(&site).await;

        // Who steps down stays signed in here, under a new id, and nowhere else.
        let before = here.cookie.clone();
        assert_eq!(
            here.send("remove-coordinator", &[("account", &id)]).await.location(),
            "/home?done=coordinator-stepped-down"
        );
        assert_ne!(here.cookie, before);
        assert_eq!(here.open("/coordinator").await.status, StatusCode::FORBIDDEN);
        assert_eq!(here.open("/mentor").await.status, StatusCode::OK);
        assert!(elsewhere.open("/mentor").await.location().starts_with("/sign-in"));

        // Who is removed is signed out everywhere.
        assert!(
            first
                .send("invite-coordinator", &[("name", "Second"), ("email", "second@qdei.test")])
                .await
                .location()
                .ends_with("invited")
        );
        assert_eq!(here.open("/coordinator").await.status, StatusCode::OK);
        assert!(first.send("remove-coordinator", &[("account", &id)]).await.location().ends_with("coordinator-removed"));
        assert!(here.open("/mentor").await.location().starts_with("/sign-in"));

        // And the last one stays.
        let own = site.look_up("SELECT id FROM account WHERE email = 'first@qdei.test'").await;
        first.send("remove-coordinator", &[("account", &own)]).await;
        assert_eq!(first.open("/coordinator").await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn a_search_takes_whatever_its_address_holds() {
    each_db(async |site| {
        site.person("first@qdei.test", Role::Coordinator).await;
        let mut visitor = site.signed_in("first@qdei.test", PASSWORD).await;
        let hostile = [
            "%25",
            "%25%25",
            "%5C",
            "%27%20OR%201%3D1%20--",
            "%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
            "%00%00a",
            "%FF%FE",
            "a%20b%20c%20d%20e%20f",
            "QDEI-9999-999999",
            "99999-99999999999",
            "%F0%9F%8C%B2%F0%9F%8C%B2",
        ];
        for query in hostile {
            let answer = visitor.open(&format!("/coordinator/search?q={query}")).await;
            assert_eq!(answer.status, StatusCode::OK, "{query}");
            assert!(!answer.html().contains("<script>alert"), "{query}");
        }
        let long = "long".repeat(5000);
        assert_eq!(visitor.open(&format!("/coordinator/search?q={long}")).await.status, StatusCode::OK);
        assert_eq!(visitor.open("/coordinator/search").await.status, StatusCode::OK);
        // What was looked for stands in the field again, as text.
        let html = visitor.open("/coordinator/search?q=%22quoted%22").await.html();
        assert!(html.contains("value=\"&quot;quoted&quot;\""), "{html}");
        // The script by which "/" leads to the field comes from here, and is small.
        let script = html.split("src=\"").find(|part| part.starts_with("/search.js")).unwrap().split('"').next().unwrap();
        let answer = site.stranger().open(script).await;
        assert_eq!(answer.header("content-type"), "text/javascript; charset=utf-8");
        assert!(answer.body.len() < 1000 && answer.header("cache-control").contains("immutable"));
    })
    .await;
}

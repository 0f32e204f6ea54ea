//! Pages and forms as a browser without scripts meets them.

use app::people::Role;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use scraper::{Html, Selector};

use crate::support::{BASE, PASSWORD, Site, each_db};

fn select(html: &str, css: &str) -> Vec<String> {
    Html::parse_document(html).select(&Selector::parse(css).unwrap()).map(|element| element.inner_html()).collect()
}

fn attribute(html: &str, css: &str, name: &str) -> Option<String> {
    Html::parse_document(html).select(&Selector::parse(css).unwrap()).next()?.attr(name).map(str::to_owned)
}

#[tokio::test]
async fn public_pages_are_complete_without_scripts() {
    let site = Site::new().await;
    let mut stranger = site.stranger();
    for path in ["/", "/options/1", "/options/2", "/options/3", "/sign-in", "/forgotten-password", "/verify", "/who-sees-what"]
    {
        let answer = stranger.open(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        let html = answer.html();
        assert_eq!(select(&html, "h1").len(), 1, "{path}");
        assert!(!html.contains("<script") && !html.contains("style="), "{path}");
        assert!(stranger.cookie.is_none(), "{path}: a page that is only read starts no session");
    }
    let apply = stranger.open("/apply").await.html();
    assert!(apply.contains("<leptos-island") && select(&apply, "script[nonce]").len() == 1);
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let site = Site::new().await;
    for path in ["/", "/nowhere", "/healthz", "/mentee"] {
        let answer = site.stranger().open(path).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert!(!policy.contains("unsafe-inline"));
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "same-origin");
        assert!(!answer.header("x-request-id").is_empty());
    }
}

#[tokio::test]
async fn unknown_addresses_offer_a_way_on() {
    let site = Site::new().await;
    for path in ["/nowhere", "/options/4", "/options/x", "/verify/QDEI-2020-0001", "/welcome/unknown", "/verify/%3Cscript%3E"] {
        let answer = site.stranger().open(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        let html = answer.html();
        assert!(html.contains("class=\"button\""), "{path}");
        assert!(!html.contains("<script>"));
    }
}

#[tokio::test]
async fn signing_in_and_out() {
    each_db(async |site| {
        site.person("ann@qdei.test", Role::Coordinator).await;
        let mut ann = site.signed_in("Ann@QDEI.test", PASSWORD).await;
        assert_eq!(ann.open("/home").await.location(), "/coordinator");
        assert_eq!(ann.open("/coordinator").await.status, StatusCode::OK);
        let mut copied = ann.clone();
        ann.send("sign-out", &[]).await;
        assert!(ann.cookie.is_none());
        // The cookie itself is worth nothing once its session has ended.
        assert!(copied.open("/coordinator").await.location().starts_with("/sign-in?next="));
    })
    .await;
}

#[tokio::test]
async fn a_session_gets_a_new_id_when_somebody_signs_in() {
    let site = Site::new().await;
    site.person("ann@qdei.test", Role::Mentor).await;
    let mut visitor = site.stranger();
    visitor.send("sign-in", &[("email", "ann@qdei.test"), ("password", "wrong wrong wrong")]).await;
    let before = visitor.cookie.clone().unwrap();
    visitor.send("sign-in", &[("email", "ann@qdei.test"), ("password", PASSWORD)]).await;
    assert_ne!(visitor.cookie.unwrap(), before);
}

#[tokio::test]
async fn a_wrong_password_keeps_the_address_and_says_nothing_about_the_account() {
    let site = Site::new().await;
    site.person("ann@qdei.test", Role::Mentor).await;
    let mut said = Vec::new();
    for email in ["ann@qdei.test", "nobody@qdei.test"] {
        let mut visitor = site.stranger();
        let answer = visitor
            .send("sign-in", &[("email", email), ("password", "wrong wrong wrong"), ("_from", "/sign-in?next=/mentor")])
            .await;
        assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/sign-in?next=/mentor"));
        let html = visitor.open("/sign-in?next=/mentor").await.html();
        assert_eq!(attribute(&html, "#email", "value").unwrap(), email);
        assert_eq!(attribute(&html, "#password", "value").unwrap_or_default(), "");
        assert!(!html.contains("wrong wrong wrong"));
        said.push(select(&html, ".error-summary li"));
        assert!(select(&visitor.open("/sign-in").await.html(), ".error-summary").is_empty(), "shown once");
    }
    assert_eq!(said[0].len(), 1);
    assert_eq!(said[0], said[1]);
}

#[tokio::test]
async fn too_many_tries_for_one_account_are_refused() {
    let site = Site::new().await;
    site.person("often@qdei.test", Role::Mentor).await;
    for _ in 0..10 {
        site.stranger().send("sign-in", &[("email", "often@qdei.test"), ("password", "wrong wrong wrong")]).await;
    }
    let mut visitor = site.stranger();
    visitor.send("sign-in", &[("email", "often@qdei.test"), ("password", PASSWORD), ("_from", "/sign-in")]).await;
    assert!(visitor.open("/sign-in").await.html().contains("too many tries"));
}

#[tokio::test]
async fn too_many_calls_from_one_address_are_refused() {
    let site = Site::new().await.limited(3);
    let mut statuses = Vec::new();
    for _ in 0..5 {
        statuses.push(site.stranger().send("forgotten-password", &[("email", "x@qdei.test")]).await.status);
    }
    assert_eq!(statuses[..3], [StatusCode::SEE_OTHER; 3]);
    assert_eq!(statuses[4], StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(site.stranger().open("/sign-in").await.status, StatusCode::OK, "pages stay open");
}

#[tokio::test]
async fn what_another_site_sends_is_not_carried_out() {
    let site = Site::new().await;
    let request = |name: &'static str, value: &'static str| {
        Request::post("/api/sign-out")
            .header(header::HOST, "qdei.test")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(name, value)
            .body(Body::empty())
            .unwrap()
    };
    assert_eq!(site.answer(request("origin", "https://evil.example")).await.status, StatusCode::FORBIDDEN);
    assert_eq!(site.answer(request("sec-fetch-site", "cross-site")).await.status, StatusCode::FORBIDDEN);
    assert_eq!(site.answer(request("sec-fetch-site", "same-origin")).await.status, StatusCode::SEE_OTHER);
    assert_eq!(site.answer(request("origin", BASE)).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_form_beyond_the_limit_is_too_large() {
    let site = Site::new().await;
    let long = "x".repeat(600 * 1024);
    let answer = site.stranger().send("sign-in", &[("email", &long)]).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn what_was_typed_survives_a_mistake_and_a_session_that_ended() {
    each_db(async |site| {
        site.person("ann@qdei.test", Role::Coordinator).await;
        let mut ann = site.signed_in("ann@qdei.test", PASSWORD).await;
        let html = ann.open("/account").await.html();
        let whose = attribute(&html, "input[name=_for]", "value").unwrap();
        let name = format!("{}</textarea><script>alert(1)</script>\"'&", "Ann ".repeat(2000));
        let fields = [("name", name.as_str()), ("phone", "406-555-0100"), ("_for", &whose), ("_from", "/account")];
        assert_eq!(ann.send("account", &fields).await.location(), "/account");
        let html = ann.open("/account").await.html();
        assert_eq!(attribute(&html, "#name", "value").unwrap(), name.trim());
        assert_eq!(attribute(&html, "#name", "aria-invalid").unwrap(), "true");
        assert_eq!(select(&html, "#name-error").len(), 1);
        assert_eq!(attribute(&html, ".error-summary a", "href").unwrap(), "#name");
        assert_eq!(attribute(&html, "#phone", "value").unwrap(), "406-555-0100");

        // The session ends elsewhere; what is sent then is still there after signing in again.
        let mut tx = site.state.write(&app::Stranger).await.unwrap();
        app::db::execute!(&mut tx, "DELETE FROM session").unwrap();
        tx.commit().await.unwrap();
        let fields = [("name", "Ann Arbor"), ("phone", "406-555-0199"), ("_for", &whose), ("_from", "/account")];
        assert_eq!(ann.send("account", &fields).await.location(), "/sign-in?next=/account");
        let fields = [("email", "ann@qdei.test"), ("password", PASSWORD), ("next", "/account")];
        assert_eq!(ann.send("sign-in", &fields).await.location(), "/account");
        let html = ann.open("/account").await.html();
        assert_eq!(attribute(&html, "#phone", "value").unwrap(), "406-555-0199");
    })
    .await;
}

#[tokio::test]
async fn on_a_shared_computer_nobody_sees_what_another_typed() {
    let site = Site::new().await;
    site.person("ann@qdei.test", Role::Coordinator).await;
    site.person("bob@qdei.test", Role::Coordinator).await;
    let mut ann = site.signed_in("ann@qdei.test", PASSWORD).await;
    let whose = attribute(&ann.open("/account").await.html(), "input[name=_for]", "value").unwrap();
    let mut tx = site.state.write(&app::Stranger).await.unwrap();
    app::db::execute!(&mut tx, "DELETE FROM session").unwrap();
    tx.commit().await.unwrap();
    ann.send("account", &[("name", "Private"), ("_for", &whose), ("_from", "/account")]).await;
    ann.send("sign-in", &[("email", "bob@qdei.test"), ("password", PASSWORD)]).await;
    assert!(!ann.open("/account").await.html().contains("Private"));
}

#[tokio::test]
async fn a_link_sets_the_password_once() {
    each_db(async |site| {
        let mut tx = site.state.write(&app::Stranger).await.unwrap();
        let id = app::people::store::find_or_insert(&mut tx, "new@qdei.test", "New", "").await.unwrap();
        app::people::store::grant(&mut tx, id, Role::Mentor).await.unwrap();
        let settings = app::settings::Settings::default();
        let kind = app::people::LinkKind::Invitation;
        let link = app::people::store::send_link(&mut tx, &site.state, id, kind, "mentor", &settings).await.unwrap();
        tx.commit().await.unwrap();
        let path = link.strip_prefix(BASE).unwrap();
        let token = path.rsplit('/').next().unwrap();

        let mut new = site.stranger();
        assert_eq!(new.open(path).await.status, StatusCode::OK);
        let short = [("token", token), ("password", "short"), ("password-again", "short"), ("_from", path)];
        assert_eq!(new.send("welcome", &short).await.location(), path);
        assert_eq!(select(&new.open(path).await.html(), "#password-error").len(), 1);
        let good = [("token", token), ("password", PASSWORD), ("password-again", PASSWORD), ("_from", path)];
        assert_eq!(new.send("welcome", &good).await.location(), "/home?done=password-set");
        assert_eq!(new.open("/mentor").await.status, StatusCode::OK);
        assert_eq!(site.stranger().open(path).await.status, StatusCode::GONE);
        assert!(site.stranger().send("welcome", &good).await.location().starts_with("/welcome/"));
    })
    .await;
}

#[tokio::test]
async fn a_forged_notice_says_nothing() {
    let site = Site::new().await;
    assert!(select(&site.stranger().open("/sign-in?done=signed-out").await.html(), ".notice").len() == 1);
    assert!(select(&site.stranger().open("/sign-in?done=You+won").await.html(), ".notice").is_empty());
    for next in ["//evil.example", "https://evil.example", "/\\evil.example"] {
        site.person("next@qdei.test", Role::Mentor).await;
        let fields = [("email", "next@qdei.test"), ("password", PASSWORD), ("next", next)];
        assert_eq!(site.stranger().send("sign-in", &fields).await.location(), "/home", "{next}");
    }
}

#[tokio::test]
async fn files_of_the_site_are_compressed_and_kept() {
    let site = Site::new().await;
    let html = site.stranger().open("/").await.html();
    let css = attribute(&html, "link[rel=stylesheet]", "href").unwrap();
    let request = Request::get(&css).header(header::ACCEPT_ENCODING, "br").body(Body::empty()).unwrap();
    let answer = site.answer(request).await;
    assert_eq!((answer.status, answer.header("content-encoding")), (StatusCode::OK, "br"));
    assert!(answer.header("cache-control").contains("immutable"));
    assert!(answer.body.len() <= 12 * 1024, "the stylesheet has {} bytes", answer.body.len());
    let again = Request::get("/pkg/qdei.css").header(header::IF_NONE_MATCH, answer.header("etag")).body(Body::empty()).unwrap();
    assert_eq!(site.answer(again).await.status, StatusCode::NOT_MODIFIED);
}

#[tokio::test]
async fn probes_answer_and_metrics_need_the_token() {
    let site = Site::new().await;
    assert_eq!(site.stranger().open("/healthz").await.status, StatusCode::OK);
    assert_eq!(site.stranger().open("/readyz").await.status, StatusCode::OK);
    assert_eq!(site.stranger().open("/metrics").await.status, StatusCode::NOT_FOUND);
    let request = Request::get("/metrics").header(header::AUTHORIZATION, "Bearer token").body(Body::empty()).unwrap();
    assert!(site.answer(request).await.html().contains("qdei_requests_total"));
    site.state.db.close().await;
    assert_eq!(site.stranger().open("/readyz").await.status, StatusCode::SERVICE_UNAVAILABLE);
    let busy = site.stranger().open("/").await;
    assert_eq!((busy.status, busy.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "5"));
}

/// A request of a script: what it sends is a form's fields, what it gets is JSON.
fn scripted(function: &str, fields: &[(&str, &str)], cookie: Option<&str>) -> Request<Body> {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let request = Request::post(format!("/api/{function}"))
        .header(header::HOST, "qdei.test")
        .header(header::ACCEPT, "application/json")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded;charset=UTF-8")
        .header("sec-fetch-site", "same-origin");
    let request = cookie.iter().fold(request, |request, cookie| request.header(header::COOKIE, *cookie));
    request.body(Body::from(body)).unwrap()
}

#[tokio::test]
async fn a_script_is_told_by_the_status_and_in_words() {
    let site = Site::new().await;
    let draft = [("_draft", "x"), ("_page", "one"), ("reflection", "Half a thought")];
    assert_eq!(site.answer(scripted("keep-draft", &draft, None)).await.status, StatusCode::UNAUTHORIZED);

    site.person("ann@qdei.test", Role::Mentee).await;
    let ann = site.signed_in("ann@qdei.test", PASSWORD).await;
    let kept = site.answer(scripted("keep-draft", &draft, ann.cookie.as_deref())).await;
    let told: serde_json::Value = serde_json::from_slice(&kept.body).unwrap();
    assert_eq!((kept.status, &told["version"], &told["other"]), (StatusCode::OK, &"1".into(), &serde_json::Value::Null));
    let elsewhere = [("_draft", "x"), ("_page", "two"), ("_version", "0"), ("reflection", "Another")];
    let told = site.answer(scripted("keep-draft", &elsewhere, ann.cookie.as_deref())).await;
    let told: serde_json::Value = serde_json::from_slice(&told.body).unwrap();
    assert_eq!(told["other"], serde_json::json!([["reflection", "Half a thought"]]));
    assert!(told["at"].as_str().unwrap().starts_with("at "));

    let refused = site.answer(scripted("account", &[("name", "")], ann.cookie.as_deref())).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.html(), r#"{"reasons":["Enter your name as others should read it."]}"#);
    // What waited for another person is not sent in this one's name.
    let other = app::id::AccountId::new().to_string();
    let another = [("name", "Bob"), ("_for", other.as_str())];
    assert_eq!(site.answer(scripted("account", &another, ann.cookie.as_deref())).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn pages_say_whose_they_are_and_signing_out_clears_the_device() {
    let site = Site::new().await;
    site.person("ann@qdei.test", Role::Mentee).await;
    site.person("bob@qdei.test", Role::Coordinator).await;
    assert_eq!(site.stranger().open("/sign-in").await.headers.get("x-qdei-whose").unwrap(), "");
    let mut ann = site.signed_in("ann@qdei.test", PASSWORD).await;
    let page = ann.open("/mentee").await;
    let whose = page.header("x-qdei-whose").to_owned();
    assert!(whose.parse::<app::id::AccountId>().is_ok());
    assert_eq!(attribute(&page.html(), "script[data-whose]", "data-whose"), Some(whose));
    assert!(!page.html().contains(".wasm"));
    let mut bob = site.signed_in("bob@qdei.test", PASSWORD).await;
    assert!(attribute(&bob.open("/coordinator").await.html(), "script[data-whose]", "data-whose").is_none());
    assert_eq!(ann.send("sign-out", &[]).await.header("clear-site-data"), "\"storage\"");
}

#[tokio::test]
async fn the_service_worker_names_what_it_keeps() {
    let site = Site::new().await;
    let answer = site.stranger().open("/service-worker.js").await;
    assert!(
        answer.header("content-type").starts_with("text/javascript") && answer.header("cache-control").contains("no-cache")
    );
    let head = answer.html().lines().next().unwrap().to_owned();
    assert!(head.starts_with("const VERSION = \""), "{head}");
    for name in ["/pkg/qdei.css", "/offline.js", "/kept.js"] {
        let address = head.split('"').find(|text| text.starts_with(name)).unwrap();
        assert!(site.stranger().open(address).await.header("cache-control").contains("immutable"), "{address}");
    }
    let page = site.stranger().open("/offline").await;
    assert!(page.html().contains("There is no line just now") && page.headers.get("x-qdei-whose").is_none());
}

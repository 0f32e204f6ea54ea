//! Files that are sent: the logo, by whom, of what kind, how large, and how it is served.

use app::people::Role;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};

use crate::support::{Answer, BASE, PASSWORD, Site, Visitor, each_db};

const SETTINGS: &str = "/coordinator/settings";

/// The smallest picture that says how large it is.
fn png(width: u8) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\0\0\0\0\x20\x08\x06\0\0\0".to_vec();
    bytes[19] = width;
    bytes
}

/// Sends a file as a browser does, with a description beside it.
async fn send(visitor: &mut Visitor<'_>, file_name: &str, bytes: &[u8], alt: &str) -> Answer {
    let mut body = Vec::new();
    for (name, value) in [("_from", SETTINGS), ("alt", alt)] {
        body.extend(format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes());
    }
    body.extend(
        format!(
            "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{file_name}\"\r\nContent-Type: image/png\r\n\r\n"
        )
        .bytes(),
    );
    body.extend(bytes);
    body.extend(b"\r\n--edge--\r\n");
    visitor.ask(request("same-origin"), Body::from(body)).await
}

/// Sends a list of hours as a browser does.
async fn send_hours(visitor: &mut Visitor<'_>, bytes: &[u8]) -> Answer {
    let mut body = b"--edge\r\nContent-Disposition: form-data; name=\"_from\"\r\n\r\n/mentee/exam/hours\r\n".to_vec();
    body.extend(b"--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"../hours.csv\"\r\n\r\n");
    body.extend(bytes);
    body.extend(b"\r\n--edge--\r\n");
    let request = Request::post("/uploads/exam-hours")
        .header(header::ACCEPT, "text/html")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=edge")
        .header("sec-fetch-site", "same-origin")
        .header(header::REFERER, format!("{BASE}/mentee/exam/hours"));
    visitor.ask(request, Body::from(body)).await
}

#[tokio::test]
async fn a_list_of_hours_is_looked_at_first_and_taken_whole() {
    let site = Site::new().await;
    assert!(server::demo::fill(&site.state).await.unwrap());
    let password = server::demo::PASSWORD;
    let own = site
        .look_up(
            "SELECT e.id FROM enrollment e JOIN account a ON a.id = e.mentee_id WHERE a.email = 'mentee3@demo.qdei.example'",
        )
        .await;
    let mut mentee = site.signed_in("mentee3@demo.qdei.example", password).await;
    let page = "/mentee/exam/hours";
    for (file, says) in [
        (&vec![b'x'; 50 * 1024 * 1024][..], "far too large"),
        (&vec![b'x'; 6 * 1024 * 1024][..], "larger than 5 MB"),
        (b"\0\x01\x02 no table \0", "not a spreadsheet"),
        (b"a,b\n1,2\n", "Write them above the columns"),
        (b"", "The file is empty"),
    ] {
        let answer = send_hours(&mut mentee, file).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, page));
        let html = mentee.open(page).await.html();
        assert!(html.contains(says), "{says}: {html}");
    }
    let wrong = b"Date,Hours,Activity\n2020-02-30,5,Class\n2149-01-01,5,Class\n1/5/2020,-5,<script>alert(1)</script>\n";
    assert_eq!(send_hours(&mut mentee, wrong).await.location(), "/mentee/exam/hours?list=1");
    let html = mentee.open(page).await.html();
    assert!(
        html.contains("3 things do not fit") && !html.contains("<script>alert") && !html.contains("Take it into the log"),
        "{html}"
    );
    let sent = [("enrollment", own.as_str())];
    assert_eq!(mentee.send("take-hours-list", &sent).await.location(), "/from", "nothing is taken of it");
    assert!(!mentee.open(page).await.html().contains("hours-list-taken"));

    let fine = b"Date,Hours,Activity\n1/5/2010,5,<script>alert(1)</script>\n2010-02,60.5,Visits\n";
    send_hours(&mut mentee, fine).await;
    let html = mentee.open(page).await.html();
    assert!(html.contains("2 rows with 65.5 hours would be added") && html.contains("Take it into the log"), "{html}");
    assert!(mentee.send("take-hours-list", &sent).await.location().ends_with("?done=hours-list-taken"));
    let file = mentee.open("/mentee/exam/hours.csv").await;
    assert!(String::from_utf8_lossy(&file.body).contains("2010-02,60.5,Visits"));

    let mut coordinator = site.signed_in("coordinator@demo.qdei.example", password).await;
    assert_eq!(send_hours(&mut coordinator, fine).await.status, StatusCode::FORBIDDEN);
    // Of Option 1 there is no log.
    let mut other = site.signed_in("mentee1@demo.qdei.example", password).await;
    assert_eq!(send_hours(&mut other, fine).await.status, StatusCode::NOT_FOUND);
}

fn request(site: &str) -> axum::http::request::Builder {
    Request::post("/uploads/logo")
        .header(header::ACCEPT, "text/html")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=edge")
        .header("sec-fetch-site", site)
        .header(header::REFERER, format!("{BASE}{SETTINGS}"))
}

#[tokio::test]
async fn a_logo_is_sent_shown_served_and_removed() {
    each_db(async |site| {
        site.person("coordinator@qdei.test", Role::Coordinator).await;
        let mut visitor = site.signed_in("coordinator@qdei.test", PASSWORD).await;
        assert_eq!(visitor.open("/logo").await.status, StatusCode::NOT_FOUND);
        let answer = send(&mut visitor, "seal.png", &png(64), "State \"seal\" <b>").await;
        assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/coordinator/settings?done=logo-saved"));

        // On every page, with its words, for everyone; each of these pages reads the settings.
        let home = site.stranger().open("/").await.html();
        let start = home.find("<img src=\"/logo?v=").unwrap();
        assert!(home[start..].contains("alt=\"State &quot;seal&quot; "), "{home}");
        assert!(home[start..].contains("width=\"64\" height=\"32\""));
        let address = home[start..].split('"').nth(1).unwrap().to_owned();

        // Under its hash for good; without it asked about.
        let served = site.stranger().open(&address).await;
        assert_eq!((served.status, served.header("content-type")), (StatusCode::OK, "image/png"));
        assert_eq!(served.body, png(64));
        assert!(served.header("cache-control").contains("immutable") && served.header("x-content-type-options") == "nosniff");
        let bare = site.stranger().open("/logo").await;
        assert_eq!((bare.status, bare.header("cache-control")), (StatusCode::OK, "public, no-cache"));
        let asked = Request::get("/logo").header(header::IF_NONE_MATCH, bare.header("etag"));
        assert_eq!(site.stranger().ask(asked, Body::empty()).await.status, StatusCode::NOT_MODIFIED);

        // The same again changes nothing; another takes its place; the words of a change are in the versions.
        assert!(send(&mut visitor, "seal.png", &png(64), "State \"seal\" <b>").await.location().ends_with("settings-same"));
        send(&mut visitor, "other.png", &png(65), "Another").await;
        assert_eq!(site.stranger().open("/logo").await.body, png(65));
        assert!(visitor.open("/coordinator/settings/versions").await.html().contains("“Another”"));

        assert!(visitor.send("remove-logo", &[]).await.location().ends_with("?done=logo-removed"));
        assert_eq!(site.stranger().open(&address).await.status, StatusCode::NOT_FOUND);
        assert!(!site.stranger().open("/").await.html().contains("class=\"logo\""));
        // Back to the version with the first picture, whose bytes are still there.
        let back = visitor.send("restore-settings", &[("version", "1"), ("seen", "3")]).await;
        assert!(back.location().ends_with("?done=settings-restored"), "{}", back.location());
        assert_eq!(site.stranger().open(&address).await.body, png(64));
    })
    .await;
}

#[tokio::test]
async fn what_is_no_logo_is_refused_beside_its_field() {
    each_db(async |site| {
        site.person("coordinator@qdei.test", Role::Coordinator).await;
        let mut visitor = site.signed_in("coordinator@qdei.test", PASSWORD).await;
        let large = [png(64), vec![0; 3 << 20]].concat();
        let just = [png(64), vec![0; 200 * 1024]].concat();
        let tries: [(&str, &[u8], &str, &str); 6] = [
            ("seal.png", b"<svg onload='alert(1)'/>", "Seal", "neither a PNG nor a JPEG"),
            ("seal.png", b"", "Seal", "Choose a file."),
            ("seal.png", &large, "Seal", "larger than 200 kB"),
            ("seal.png", &just, "Seal", "larger than 200 kB"),
            ("seal.png", &png(8), "Seal", "16 to 4,000 dots"),
            ("../../etc/seal.png", &png(64), "", "Say what the picture shows"),
        ];
        for (file_name, bytes, alt, words) in tries {
            let answer = send(&mut visitor, file_name, bytes, alt).await;
            assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, SETTINGS), "{words}");
            let html = visitor.open(SETTINGS).await.html();
            assert!(html.contains(words), "{words}");
            assert!(alt.is_empty() || html.contains("value=\"Seal\""), "what was typed is still there");
        }
        assert_eq!(visitor.open("/logo").await.status, StatusCode::NOT_FOUND);

        // A form that breaks off, and one that is none.
        let answer = visitor.ask(request("same-origin"), Body::from("--edge\r\nContent-Disposition: form-data; na")).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, SETTINGS));
        assert!(visitor.open(SETTINGS).await.html().contains("did not arrive whole"));
    })
    .await;
}

#[tokio::test]
async fn only_a_coordinator_sends_a_logo_and_only_from_here() {
    let site = Site::new().await;
    site.person("mentor@qdei.test", Role::Mentor).await;
    site.person("coordinator@qdei.test", Role::Coordinator).await;
    let answer = send(&mut site.stranger(), "seal.png", &png(64), "Seal").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert!(answer.location().starts_with("/sign-in?next="), "{}", answer.location());
    let mut mentor = site.signed_in("mentor@qdei.test", PASSWORD).await;
    assert_eq!(send(&mut mentor, "seal.png", &png(64), "Seal").await.status, StatusCode::FORBIDDEN);
    let mut coordinator = site.signed_in("coordinator@qdei.test", PASSWORD).await;
    let answer = coordinator.ask(request("cross-site"), Body::from("--edge--\r\n")).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    for path in server::uploads::PATHS {
        assert_eq!(coordinator.open(path).await.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
    }
    assert_eq!(site.stranger().open("/logo").await.status, StatusCode::NOT_FOUND);
}

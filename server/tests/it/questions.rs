//! Files of questions over HTTP and on the command line, and pictures of questions.

use std::process::Command;

use app::people::Role;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};

use crate::support::{Answer, BASE, PASSWORD, Site, Visitor, wait};

const EDGE: &str = "----an-edge-that-no-file-holds";

/// Sends a form with a file, as the page at `from` does.
async fn send(visitor: &mut Visitor<'_>, to: &str, from: &str, fields: &[(&str, &str)], file: (&str, &[u8])) -> Answer {
    let html = visitor.open(from).await.html();
    let whose =
        html.split("name=\"_for\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned();
    let mut body = Vec::new();
    for (name, value) in fields.iter().copied().chain([("_for", whose.as_str()), ("_from", from)]) {
        let part = format!("--{EDGE}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend_from_slice(part.as_bytes());
    }
    let head = format!("--{EDGE}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{}\"\r\n\r\n", file.0);
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(file.1);
    body.extend_from_slice(format!("\r\n--{EDGE}--\r\n").as_bytes());
    let request = Request::post(to)
        .header(header::ACCEPT, "text/html")
        .header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={EDGE}"))
        .header("sec-fetch-site", "same-origin")
        .header(header::REFERER, format!("{BASE}{from}"));
    visitor.ask(request, Body::from(body)).await
}

async fn coordinator(site: &Site) -> Visitor<'_> {
    site.person("cora@qdei.test", Role::Coordinator).await;
    site.signed_in("cora@qdei.test", PASSWORD).await
}

#[tokio::test]
async fn a_file_is_looked_at_imported_and_taken_out_again() {
    let site = Site::new().await;
    let mut cora = coordinator(&site).await;
    let outline = site
        .look_up(
            "SELECT o.id FROM outline o JOIN edition e ON e.id = o.edition_id JOIN title t ON t.id = e.title_id
             WHERE t.name = 'Complete Guide to Diabetes'",
        )
        .await;
    let chapter = site
        .look_up(
            "SELECT c.id FROM chapter c JOIN outline o ON o.id = c.outline_id JOIN edition e ON e.id = o.edition_id
             JOIN title t ON t.id = e.title_id WHERE t.name = 'Complete Guide to Diabetes' AND c.number = 1",
        )
        .await;
    let (from, to) = ("/coordinator/questions/import", "/uploads/questions-file");
    let fields = [("outline", outline.as_str())];

    let answer = send(&mut cora, to, from, &fields, ("a.xml", b"<quiz><question>")).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, from));
    assert!(cora.open(from).await.html().contains("ends in the middle"));
    send(&mut cora, to, from, &[], ("a.txt", b"Is it? {T}")).await;
    assert!(cora.open(from).await.html().contains("Choose the outline"));
    let large = vec![b'a'; 50 * 1024 * 1024];
    send(&mut cora, to, from, &fields, ("a.txt", &large)).await;
    assert!(cora.open(from).await.html().contains("larger than 20 MB"));

    let file = "Is <script>alert(1)</script>it so? {T}\n\nHow many? {#5:1}\n\nJust words.\n";
    let page = send(&mut cora, to, from, &fields, ("a.txt", file.as_bytes())).await.location().to_owned();
    assert!(page.starts_with("/coordinator/questions/import/"), "{page}");
    let html = cora.open(&page).await.html();
    assert!(html.contains("Is it so?") && html.contains("Line 5") && !html.contains("<script>alert"), "{html}");
    let id = page.rsplit('/').next().unwrap();
    let fields = [("questions", id), ("all", chapter.as_str()), ("leave-out", "yes")];
    assert_eq!(cora.send("import-questions", &fields).await.location(), page);
    assert!(wait(&mut cora, &page).await.contains("2 questions are imported."));
    assert!(cora.open(&format!("/coordinator/questions/{chapter}")).await.html().contains("How many?"));

    for (ending, begins) in [("gift.txt", "$CATEGORY: 1. "), ("xml", "<?xml")] {
        for path in [format!("/coordinator/questions/{chapter}"), format!("/coordinator/questions/outline/{outline}")] {
            let answer = cora.open(&format!("{path}/questions.{ending}")).await;
            assert!(answer.header("content-disposition").starts_with("attachment"));
            let text = answer.html();
            assert!(text.starts_with(begins) && text.contains("How many?"), "{text}");
        }
    }
}

#[tokio::test]
async fn a_picture_needs_words_and_makes_a_new_version() {
    let site = Site::new().await;
    let mut cora = coordinator(&site).await;
    let question = site.look_up("SELECT id FROM question LIMIT 1").await;
    let chapter = site.look_up("SELECT chapter_id FROM question LIMIT 1").await;
    let from = format!("/coordinator/questions/{chapter}/question/{question}");
    let to = "/uploads/question-picture";
    let png = [b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".as_slice(), &[0, 0, 1, 0, 0, 0, 1, 0, 8, 6, 0, 0, 0]].concat();
    for (alt, file, message) in [
        ("", png.as_slice(), "Say in words what the picture shows"),
        ("A plate", b"GIF89a".as_slice(), "neither a PNG nor a JPEG"),
        ("A plate", b"".as_slice(), "Choose a file."),
    ] {
        let fields = [("question", question.as_str()), ("alt", alt)];
        assert_eq!(send(&mut cora, to, &from, &fields, ("p.png", file)).await.location(), from);
        assert!(cora.open(&from).await.html().contains(message), "{message}");
    }
    let fields = [("question", question.as_str()), ("alt", "A <b>plate</b>")];
    let page = send(&mut cora, to, &from, &fields, ("p.png", &png)).await.location().to_owned();
    assert!(page.ends_with("?done=question-pictured"), "{page}");
    let html = cora.open(page.split('?').next().unwrap()).await.html();
    assert!(html.contains("Version 2") && html.contains("alt=\"A &lt;b&gt;plate&lt;/b&gt;\""), "{html}");
    let address = html.split("src=\"/questions/pictures/").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let address = format!("/questions/pictures/{address}");
    assert_eq!(cora.open(&address).await.header("content-type"), "image/png");
    assert_ne!(site.stranger().open(&address).await.status, StatusCode::OK);
    assert_eq!(cora.open("/questions/pictures/unknown").await.status, StatusCode::NOT_FOUND);
}

#[test]
fn the_command_line_says_what_can_be_taken() {
    let folder = tempfile::tempdir().unwrap();
    let check = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let done = Command::new(env!("CARGO_BIN_EXE_qdei")).args(["questions", "--check"]).arg(&path).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (done.status.code(), text(done.stdout), text(done.stderr))
    };
    let (code, out, _) = check("a.gift", b"One? {T}\n\nTwo\n\nThree? {=a ~b}\n");
    assert_eq!(code, Some(0));
    let found: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (&found["taken"], found["refused"].as_array().unwrap().len(), &found["refused"][0]["line"]),
        (&2.into(), 1, &3.into())
    );
    assert!(found["refused"][0]["reason"].as_str().unwrap().contains("description"));
    let bomb = b"<!DOCTYPE quiz [<!ENTITY a \"b\">]><quiz>&a;</quiz>";
    for (name, bytes, words) in
        [("bomb.xml", bomb.as_slice(), "entities"), ("none.txt", b"", "empty"), ("not.bin", b"\0\x01\x02", "not a text file")]
    {
        let (code, out, error) = check(name, bytes);
        assert_eq!((code, out.as_str()), (Some(2), ""));
        assert!(error.contains(words), "{error}");
    }
    let gone = Command::new(env!("CARGO_BIN_EXE_qdei"))
        .args(["questions", "--check"])
        .arg(folder.path().join("gone"))
        .output()
        .unwrap();
    assert_eq!(gone.status.code(), Some(2));
}

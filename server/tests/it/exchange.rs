//! Files in and out: a spreadsheet sent by a browser without scripts, looked at, imported and taken back; the lists that a
//! coordinator takes along; the commands of the operator.

use app::db::{Queryable, fetch_all};
use app::people::Role;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use scraper::{Html, Selector};
use server::export::{self, tables};
use server::import::{self, Of, Options};

use crate::support::{Answer, BASE, PASSWORD, Site, Visitor, each_db, wait};

const MENTORS: &str =
    "Name,Email,Discipline,County,Phone\nAnn Able,ann@qdei.test,RN,Hill,406-555-0101\nBen Best,ben@qdei.test,RD,Carter,\n";

fn select(html: &str, css: &str) -> Vec<String> {
    let text =
        |element: scraper::ElementRef<'_>| element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ");
    Html::parse_document(html).select(&Selector::parse(css).unwrap()).map(text).collect()
}

/// For whom the forms of a page are made.
async fn whose(visitor: &mut Visitor<'_>) -> String {
    let html = visitor.open("/coordinator/import").await.html();
    let page = Html::parse_document(&html);
    let field = page.select(&Selector::parse("input[name=_for]").unwrap()).next();
    field.map(|field| field.attr("value").unwrap().to_owned()).unwrap_or_default()
}

/// Sends a file as the form of the page does.
async fn send_file(visitor: &mut Visitor<'_>, name: &str, bytes: &[u8]) -> Answer {
    const EDGE: &str = "----an-edge-that-no-file-holds";
    let whose = whose(visitor).await;
    let head = format!(
        "--{EDGE}\r\nContent-Disposition: form-data; name=\"_for\"\r\n\r\n{whose}\r\n\
         --{EDGE}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: application/octet-stream\r\n\r\n"
    );
    let body = [head.as_bytes(), bytes, format!("\r\n--{EDGE}--\r\n").as_bytes()].concat();
    let request = Request::post("/uploads/import-file")
        .header(header::ACCEPT, "text/html")
        .header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={EDGE}"))
        .header("sec-fetch-site", "same-origin")
        .header(header::REFERER, format!("{BASE}/coordinator/import"));
    visitor.ask(request, Body::from(body)).await
}

async fn coordinator(site: &Site) -> Visitor<'_> {
    site.person("cora@qdei.test", Role::Coordinator).await;
    site.signed_in("cora@qdei.test", PASSWORD).await
}

#[tokio::test]
async fn a_spreadsheet_is_sent_looked_at_imported_and_taken_back() {
    each_db(async |site| {
        let mut cora = coordinator(&site).await;
        let answer = send_file(&mut cora, "C:\\lists\\mentors.csv", MENTORS.as_bytes()).await;
        let page = answer.location().to_owned();
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        let id = page.strip_prefix("/coordinator/import/").unwrap().to_owned();
        let html = cora.open(&page).await.html();
        assert_eq!(select(&html, "h1"), ["Import mentors"]);
        assert!(html.contains("mentors.csv") && !html.contains("lists\\"));
        assert_eq!(select(&html, ".facts dd"), ["2", "2", "0", "0", "0"]);
        assert!(select(&html, "button").contains(&"Import 2 rows".to_owned()));
        assert_eq!(cora.send("start-import", &[("import", &id)]).await.location(), page);
        // Pressed again while it is at work, or just after: the same page.
        assert_eq!(cora.send("start-import", &[("import", &id)]).await.location(), page);
        let html = wait(&mut cora, &page).await;
        assert_eq!(select(&html, "h1"), ["Mentors imported"]);
        let mentors = cora.open("/coordinator/mentors").await.html();
        assert!(mentors.contains("Ann Able") && mentors.contains("Ben Best"));
        server::check::run(&site.state, None).await.unwrap();
        let answer = cora.send("undo-import", &[("import", &id)]).await;
        assert_eq!(answer.location(), format!("{page}?done=import-undone"));
        assert_eq!(select(&cora.open(&page).await.html(), "h1"), ["Import taken back"]);
        assert!(!cora.open("/coordinator/mentors").await.html().contains("Ann Able"));
        assert!(cora.open("/coordinator/import").await.html().contains("Taken back"));
        server::check::run(&site.state, None).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn problems_are_shown_by_row_and_columns_can_be_chosen() {
    let site = Site::new().await;
    let mut cora = coordinator(&site).await;
    let file = "Who,Mailbox,Discipline,County\n=1+1,nobody,RN,Hill\nAnn Able,ann@qdei.test,RN,Hill\n";
    let page = send_file(&mut cora, "people.csv", file.as_bytes()).await.location().to_owned();
    let id = page.rsplit('/').next().unwrap().to_owned();
    let html = cora.open(&page).await.html();
    assert_eq!(select(&html, "#problems"), ["2 problems"], "two columns that are needed");
    let columns = [("column[0]", "name"), ("column[1]", "email"), ("column[2]", "discipline"), ("column[3]", "county")];
    let fields: Vec<(&str, &str)> = [("import", id.as_str()), ("kind", "mentors")].into_iter().chain(columns).collect();
    assert_eq!(cora.send("map-import", &fields).await.location(), format!("{page}?done=import-mapped"));
    let html = cora.open(&page).await.html();
    assert_eq!(select(&html, "#problems + p ~ .table-wrap tbody th"), ["Row 2", "Row 2"]);
    let csv = cora.open(&format!("{page}/problems.csv")).await.html();
    assert!(csv.contains("2,Who,'=1+1,This is not a name."), "{csv}");
    // Not without saying what becomes of the row with problems.
    let cora_id = whose(&mut cora).await;
    let refused = cora.send("start-import", &[("import", &id), ("_from", &page), ("_for", &cora_id)]).await;
    assert_eq!(refused.location(), page);
    let html = cora.open(&page).await.html();
    assert!(select(&html, ".error-summary li")[0].starts_with("1 row has a problem"));
    cora.send("start-import", &[("import", &id), ("leave-out", "yes")]).await;
    assert_eq!(select(&wait(&mut cora, &page).await, ".facts dd")[1..5], ["1", "0", "0", "1"]);
    // The same column twice is said.
    let page = send_file(&mut cora, "people.csv", file.as_bytes()).await.location().to_owned();
    let id = page.rsplit('/').next().unwrap().to_owned();
    let fields = [
        ("import", id.as_str()),
        ("kind", "mentors"),
        ("column[0]", "name"),
        ("column[1]", "name"),
        ("_from", &page),
        ("_for", &cora_id),
    ];
    cora.send("map-import", &fields).await;
    assert!(cora.open(&page).await.html().contains("Two columns are taken for “Name”."));
    assert_eq!(cora.send("discard-import", &[("import", &id)]).await.location(), "/coordinator/import");
    assert_eq!(cora.open(&page).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn files_that_cannot_be_read_are_refused_beside_the_field() {
    let site = Site::new().await;
    let mut cora = coordinator(&site).await;
    let large = vec![b'a'; 51 * 1024 * 1024];
    let larger = vec![b'a'; 210 * 1024 * 1024];
    let cases: [(&[u8], &str); 6] = [
        (b"", "The file is empty."),
        (b"%PDF-1.7\x00\x01\x02\x03\x04\x05", "This is not a spreadsheet."),
        (b"PK\x03\x04 broken", "The file is damaged"),
        (b"one,two\nthree,four\n", "No row has headings"),
        (&large, "The file is larger than 50 MB."),
        (&larger, "The file is larger than 50 MB."),
    ];
    for (bytes, words) in cases {
        let answer = send_file(&mut cora, "x", bytes).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/coordinator/import"), "{words}");
        let html = cora.open("/coordinator/import").await.html();
        let said = select(&html, "#file-error");
        assert!(said.first().is_some_and(|said| said.starts_with(words)), "{words} {said:?}");
        assert!(select(&cora.open("/coordinator/import").await.html(), "#file-error").is_empty(), "shown once");
    }
}

#[tokio::test]
async fn only_a_coordinator_sends_files() {
    let site = Site::new().await;
    site.person("mentor@qdei.test", Role::Mentor).await;
    let answer = send_file(&mut site.stranger(), "m.csv", MENTORS.as_bytes()).await;
    assert!(answer.location().starts_with("/sign-in"), "{}", answer.location());
    let mut mentor = site.signed_in("mentor@qdei.test", PASSWORD).await;
    assert_eq!(send_file(&mut mentor, "m.csv", MENTORS.as_bytes()).await.status, StatusCode::FORBIDDEN);
    let mut cora = coordinator(&site).await;
    let request = Request::post("/uploads/import-file")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=x")
        .header(header::ORIGIN, "https://elsewhere.test")
        .header("sec-fetch-site", "cross-site");
    assert_eq!(cora.ask(request, Body::from("--x--\r\n")).await.status, StatusCode::FORBIDDEN, "from another site");
}

#[tokio::test]
async fn a_history_is_checked_and_shown_as_what_it_is() {
    each_db(async |site| {
        let mut cora = coordinator(&site).await;
        let file = "Name,Email,Discipline,County,Option,Started on,Completed on\nCom Plete,com@qdei.test,RN,Hill,2,2015-02-01,2016-01-31\n";
        let page = send_file(&mut cora, "history.csv", file.as_bytes()).await.location().to_owned();
        let id = page.rsplit('/').next().unwrap().to_owned();
        cora.send("start-import", &[("import", &id)]).await;
        wait(&mut cora, &page).await;
        server::check::run(&site.state, None).await.unwrap();
        let enrollment = site.look_up("SELECT id FROM enrollment").await;
        for path in ["", "/certificate"] {
            let html = cora.open(&format!("/coordinator/enrollments/{enrollment}{path}")).await.html();
            assert!(html.contains("Completed before this program, certificate on paper"), "{path}");
        }
        let issued = cora.send("issue-certificate", &[("enrollment", &enrollment), ("name", "Com Plete")]).await;
        assert_eq!(issued.location(), "/from");
        server::check::run(&site.state, None).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn lists_and_templates_are_saved_as_files() {
    let site = Site::new().await;
    let mut cora = coordinator(&site).await;
    let page = cora.open("/coordinator/export").await.html();
    let links: Vec<String> = Html::parse_document(&page)
        .select(&Selector::parse(".line-action a").unwrap())
        .map(|link| link.attr("href").unwrap().to_owned())
        .collect();
    assert_eq!(links.len(), 10);
    for link in links.iter().map(String::as_str).chain(["/coordinator/import/mentors.csv", "/coordinator/import/books.csv"]) {
        let answer = cora.open(link).await;
        assert_eq!(answer.status, StatusCode::OK, "{link}");
        assert!(answer.header("content-disposition").starts_with("attachment; filename="), "{link}");
        assert!(answer.body.starts_with(if link.ends_with("json") { b"[" } else { "\u{feff}".as_bytes() }), "{link}");
    }
    for link in ["/coordinator/export/people.exe", "/coordinator/export/secrets.csv", "/coordinator/export/people"] {
        assert_eq!(cora.open(link).await.status, StatusCode::NOT_FOUND, "{link}");
    }
}

#[tokio::test]
async fn the_command_imports_all_or_nothing() {
    each_db(async |site| {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("list.csv");
        let run = async |text: &str, dry_run: bool, kind: Option<Of>| {
            std::fs::write(&file, text).unwrap();
            let options = Options { file: file.clone(), dry_run, kind, by: None };
            import::run(&site.state, &options).await.map(|code| format!("{code:?}"))
        };
        let (fine, refused) =
            (format!("{:?}", std::process::ExitCode::SUCCESS), format!("{:?}", std::process::ExitCode::from(2)));
        let mentors = async || {
            let mut tx = site.state.db.read().await.unwrap();
            fetch_all!(&mut tx, (uuid::Uuid,), "SELECT account_id FROM mentor").unwrap().len()
        };
        assert!(run(MENTORS, false, None).await.is_err(), "there is nobody to answer for it");
        site.person("cora@qdei.test", Role::Coordinator).await;
        assert_eq!(run(MENTORS, true, None).await.unwrap(), fine);
        assert_eq!(mentors().await, 0, "a dry run changes nothing");
        assert_eq!(run(&format!("{MENTORS}Bad,nobody,RN,Hill,\n"), false, None).await.unwrap(), refused);
        assert_eq!(run("\x00\x01", false, None).await.unwrap(), refused);
        assert_eq!(run(MENTORS, false, Some(Of::Books)).await.unwrap(), refused);
        assert_eq!(mentors().await, 0);
        assert_eq!(run(MENTORS, false, Some(Of::Mentors)).await.unwrap(), fine);
        assert_eq!(mentors().await, 2);
        assert_eq!(run(MENTORS, false, None).await.unwrap(), fine, "again: nothing to do");
        assert_eq!(mentors().await, 2);
        let nowhere = Options { file: folder.path().join("nowhere.csv"), dry_run: false, kind: None, by: None };
        assert_eq!(format!("{:?}", import::run(&site.state, &nowhere).await.unwrap()), refused);
    })
    .await;
}

#[tokio::test]
async fn everything_is_exported_and_nothing_that_opens_an_account() {
    each_db(async |site| {
        assert!(server::demo::fill(&site.state).await.unwrap());
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("export");
        let rows = export::run(&site.state, &folder).await.unwrap();
        assert!(rows > 500);
        let readme = std::fs::read_to_string(folder.join("README.txt")).unwrap();
        assert!(readme.contains("THESE FILES HOLD PRIVATE WORDS") && readme.contains("\ncertificate ("), "{readme}");
        for table in tables::TABLES {
            let csv = std::fs::read_to_string(folder.join(format!("{}.csv", table.name))).unwrap();
            let json = std::fs::read_to_string(folder.join(format!("{}.json", table.name))).unwrap();
            let json: Vec<serde_json::Map<String, serde_json::Value>> = serde_json::from_str(&json).unwrap();
            let mut reader = csv::Reader::from_reader(csv.as_bytes());
            let names: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
            let written = reader.records().map(Result::unwrap).collect::<Vec<_>>();
            assert_eq!(written.len(), json.len(), "{}", table.name);
            assert_eq!(names, table.columns.iter().map(|column| column.name).collect::<Vec<_>>());
            for record in &written {
                assert!(
                    record.iter().all(|cell| cell.parse::<f64>().is_ok() || !cell.starts_with(['=', '+', '-', '@'])),
                    "{record:?}"
                );
            }
            for hash in ["$argon2", "/welcome/"] {
                assert!(!csv.contains(hash), "{} holds {hash}", table.name);
            }
        }
        let reflections = std::fs::read_to_string(folder.join("study_entry.json")).unwrap();
        assert!(reflections.contains("\"shared\":false"), "types are kept");
        let pdf = std::fs::read(folder.join("certificates/QDEI-2026-0001.pdf")).unwrap();
        assert!(pdf.starts_with(b"%PDF"));
        let again = export::run(&site.state, &folder).await.unwrap_err();
        assert!(again.to_string().contains("not empty"));
        assert_eq!(std::fs::read_dir(parent.path()).unwrap().count(), 1, "nothing half-written is left beside it");
    })
    .await;
}

#[tokio::test]
async fn every_table_and_column_is_exported_or_left_out_with_a_reason() {
    let site = Site::new().await;
    let mut tx = site.state.db.read().await.unwrap();
    let there = fetch_all!(
        &mut tx,
        (String, String),
        "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'"
    )
    .unwrap();
    assert!(tx.is_sqlite());
    let mut missing = Vec::new();
    for (table, column) in &there {
        if tables::LEFT_OUT.iter().any(|(name, why)| name == table && !why.is_empty()) {
            continue;
        }
        let known = tables::TABLES.iter().find(|one| one.name == table).is_some_and(|one| {
            one.columns.iter().any(|known| known.name == column)
                || one.left_out.iter().any(|(name, why)| name == column && !why.is_empty())
        });
        if !known {
            missing.push(format!("{table}.{column}"));
        }
    }
    assert_eq!(missing, Vec::<String>::new(), "add these to server/src/export/tables.rs");
}

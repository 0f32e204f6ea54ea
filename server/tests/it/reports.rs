//! The year report as files: what they are, what is in them, and what must not be.

use app::db::execute;
use app::people::Role;
use axum::http::StatusCode;
use calamine::{Data, Reader, Xlsx};
use server::demo;
use sqlx::types::Json;

use crate::support::{Answer, PASSWORD, Site, Visitor, each_db};

const ALL: &str = "from=2000-01-01&to=2199-12-31";

async fn file(visitor: &mut Visitor<'_>, kind: &str) -> Answer {
    visitor.open(&format!("/coordinator/reports/report.{kind}?{ALL}")).await
}

/// A site with the demo program, whose program's name begins like a formula.
async fn demo_site() -> Site {
    let site = Site::new().await;
    demo::fill(&site.state).await.unwrap();
    let mut tx = site.state.write(&app::Stranger).await.unwrap();
    let settings = app::settings::Settings { program: "=HYPERLINK(\"http://evil.test\")".into(), ..Default::default() };
    execute!(
        &mut tx,
        "INSERT INTO settings (version, body, changed_at) SELECT coalesce(max(version), 0) + 1, $1, $2 FROM settings",
        Json(settings),
        site.state.clock.now()
    )
    .unwrap();
    tx.commit().await.unwrap();
    site
}

/// Names of everybody in the program.
async fn names(site: &Site) -> Vec<String> {
    let mut tx = site.state.db.read().await.unwrap();
    let rows = app::db::fetch_all!(&mut tx, (String,), "SELECT name FROM account UNION SELECT name FROM application").unwrap();
    rows.into_iter().map(|(name,)| name).collect()
}

#[tokio::test]
async fn the_csv_is_one_long_table() {
    let site = demo_site().await;
    let mut coordinator = site.signed_in("coordinator@demo.qdei.example", demo::PASSWORD).await;
    let answer = file(&mut coordinator, "csv").await;
    assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, "text/csv; charset=utf-8"));
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"qdei-report-2000-01-01-to-2199-12-31.csv\"");
    let text = answer.html();
    assert!(text.starts_with("\u{feff}section,figure,group,value,of,low,high,note\r\n"));
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
    assert!(text.contains("\"'=HYPERLINK(\"\"http://evil.test\"\"), January 1, 2000 to December 31, 2199, so far\""), "{text}");
    for name in names(&site).await {
        assert!(!text.contains(&name), "{name} is in the file");
    }
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let records: Vec<Vec<String>> =
        reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect();
    let of = |figure: &str| records.iter().filter(|record| record[1] == figure).cloned().collect::<Vec<_>>();
    // The demo's counties have one or two participants each: not one of them is told.
    let counties = of("In frontier counties");
    let told =
        counties.iter().filter(|record| record[0] == "Participants" && record[2] != "All" && record[3].parse::<f64>().is_ok());
    assert_eq!(told.count(), 0, "{counties:?}");
    assert!(of("Where they stand").iter().any(|record| record[2] == "Withdrawn" && record[3] == "fewer than 5"));
    let mut small = records.iter().filter(|record| record[0] != "Mentors" && record[0] != "Definitions");
    let no_people = |note: &str| note.contains("days") || note.contains("mean");
    assert!(small.all(|record| no_people(&record[7]) || !["1", "2", "3", "4"].contains(&record[3].as_str())));
    assert!(of("Small groups")[0][7].starts_with("Groups of fewer than 5 people are not told"));
    assert!(records.iter().any(|record| record[0] == "Definitions" && record[1] == "Steps: Half read"));
}

#[tokio::test]
async fn the_spreadsheet_has_a_sheet_for_each_section() {
    let site = demo_site().await;
    let mut coordinator = site.signed_in("coordinator@demo.qdei.example", demo::PASSWORD).await;
    let answer = file(&mut coordinator, "xlsx").await;
    assert_eq!(answer.header("content-type"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
    let mut book: Xlsx<_> = Xlsx::new(std::io::Cursor::new(answer.body)).unwrap();
    assert_eq!(
        book.sheet_names(),
        [
            "About",
            "In short",
            "Participants",
            "How far they came",
            "Completion",
            "Self-evaluation",
            "Afterwards",
            "Mentors",
            "When nothing was heard",
            "Library",
            "Definitions"
        ]
    );
    let about = book.worksheet_range("About").unwrap();
    assert!(matches!(about.get_value((1, 1)), Some(Data::DateTime(_))), "days are days");
    assert_eq!(about.get_value((0, 0)), Some(&Data::String("What".into())));
    let program = about.get_value((4, 1)).unwrap().to_string();
    assert!(program.starts_with("'=HYPERLINK"), "{program}");
    for name in book.sheet_names() {
        assert!(book.worksheet_formula(&name).unwrap().is_empty(), "a formula in {name}");
    }
    let steps = book.worksheet_range("How far they came").unwrap();
    assert!(matches!(steps.get_value((1, 2)), Some(Data::Float(applied)) if *applied > 40.0), "numbers are numbers");
    let stand = book.worksheet_range("Participants").unwrap();
    let words: Vec<String> = stand.rows().map(|row| row[2].to_string()).collect();
    assert!(words.contains(&"fewer than 5".to_owned()) && !words.contains(&"1".to_owned()), "{words:?}");
}

#[tokio::test]
async fn the_paper_is_made_for_readers_of_every_kind() {
    let site = demo_site().await;
    let mut coordinator = site.signed_in("coordinator@demo.qdei.example", demo::PASSWORD).await;
    let answer = file(&mut coordinator, "pdf").await;
    assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, "application/pdf"));
    crate::pdf::whole(&answer.body);
    let Some(text) = crate::pdf::text(&answer.body) else { return };
    for words in
        ["Small groups.", "fewer than 5", "How far they came", "Page 1 of", "Letter received", "95% interval by Wilson"]
    {
        assert!(text.contains(words), "{words}: {text}");
    }
    for name in names(&site).await {
        assert!(!text.contains(&name), "{name} is on the paper");
    }
}

#[tokio::test]
async fn an_empty_program_has_files_too_and_only_for_the_coordinator() {
    each_db(async |site| {
        site.person("cora@qdei.test", Role::Coordinator).await;
        site.person("men@qdei.test", Role::Mentor).await;
        let mut coordinator = site.signed_in("cora@qdei.test", PASSWORD).await;
        let mut mentor = site.signed_in("men@qdei.test", PASSWORD).await;
        for kind in ["csv", "xlsx", "pdf"] {
            assert_eq!(file(&mut coordinator, kind).await.status, StatusCode::OK, "{kind}");
            assert_eq!(file(&mut mentor, kind).await.status, StatusCode::FORBIDDEN, "{kind}");
            assert!(file(&mut site.stranger(), kind).await.location().starts_with("/sign-in?next="), "{kind}");
            let wrong = coordinator.open(&format!("/coordinator/reports/report.{kind}?year=soon")).await;
            assert_eq!(wrong.status, StatusCode::NOT_FOUND, "{kind}");
        }
    })
    .await;
}

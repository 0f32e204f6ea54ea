//! The coordinator's week as a browser without scripts meets it, in the demo program: sixty people at every stage.

use app::db::{fetch_all, fetch_one};
use app::enrollments::ladder::rungs;
use app::enrollments::{Owner, What, moves, standing, store};
use app::id::EnrollmentId;
use app::settings::Settings;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use scraper::{Html, Selector};
use server::demo;

use crate::support::{Site, Visitor};

async fn demo_site() -> Site {
    let site = Site::new().await;
    assert!(demo::fill(&site.state).await.unwrap());
    site
}

async fn coordinator(site: &Site) -> Visitor<'_> {
    site.signed_in("coordinator@demo.qdei.example", demo::PASSWORD).await
}

fn count(html: &str, css: &str) -> usize {
    Html::parse_document(html).select(&Selector::parse(css).unwrap()).count()
}

/// What a form holds: its hidden fields.
fn hidden(html: &str, action: &str) -> Vec<(String, String)> {
    let css = Selector::parse(&format!("form[action='{action}']")).unwrap();
    let page = Html::parse_document(html);
    let form = page.select(&css).next().unwrap_or_else(|| panic!("no form sends to {action}"));
    let inputs = Selector::parse("input[type=hidden]").unwrap();
    let fields = form
        .select(&inputs)
        .map(|field| (field.attr("name").unwrap().to_owned(), field.attr("value").unwrap_or_default().to_owned()));
    fields.collect()
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, sqlx::FromRow)]
struct Kept {
    what: What,
    owner: Owner,
    optional: bool,
    since: DateTime<Utc>,
    due: DateTime<Utc>,
    list_at: DateTime<Utc>,
    decide_at: DateTime<Utc>,
}

#[tokio::test]
async fn the_copy_of_what_waits_says_what_the_rules_say_of_every_enrollment() {
    let site = demo_site().await;
    standing::catch_up(&site.state).await.unwrap();
    let mut tx = site.state.db.read().await.unwrap();
    let all = fetch_all!(&mut tx, (EnrollmentId,), "SELECT id FROM enrollment").unwrap();
    assert!(all.len() > 30);
    let (settings, mut open) = (Settings::default(), 0);
    for (id,) in all {
        let story = store::find(&mut tx, id).await.unwrap().unwrap();
        let mut told: Vec<Kept> = moves(&story, &settings)
            .iter()
            .map(|one| {
                let rungs = rungs(one, &story, &settings);
                Kept {
                    what: one.what,
                    owner: one.owner,
                    optional: one.optional,
                    since: one.since,
                    due: one.due,
                    list_at: rungs.list,
                    decide_at: rungs.decide,
                }
            })
            .collect();
        let mut kept = fetch_all!(
            &mut tx,
            Kept,
            "SELECT what, owner, optional, since, due, list_at, decide_at FROM open_move WHERE enrollment_id = $1",
            id
        )
        .unwrap();
        told.sort();
        kept.sort();
        assert_eq!(kept, told, "{}", story.mentee);
        open += kept.len();
    }
    assert!(open > 30);
}

#[tokio::test]
async fn one_row_after_the_other_is_done_without_leaving_the_page() {
    let site = demo_site().await;
    let mut boss = coordinator(&site).await;
    let page = boss.open("/coordinator").await.html();
    assert!(!page.contains("<leptos-island"), "nothing here needs one");
    let (needs, pairs) = (count(&page, "table.desk tbody tr"), count(&page, "table.pairs tbody tr"));
    assert!(needs > 5 && pairs > 30 && page.len() < 250_000, "{needs} and {pairs} in {} bytes", page.len());
    assert_eq!(count(&page, "h1"), 1);

    // A reminder at once.
    let fields = hidden(&page, "/api/remind-person");
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let answer = boss.send("remind-person", &fields).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/coordinator"));
    let page = boss.open("/coordinator").await.html();
    assert_eq!(count(&page, "table.desk tbody tr"), needs - 1);
    assert!(page.contains("is reminded with the next daily summary."));

    // And taken back.
    let fields = hidden(&page, "/api/undo-change");
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let answer = boss.send("undo-change", &fields).await;
    assert_eq!(answer.location(), "/coordinator?done=change-undone");
    let page = boss.open(answer.location()).await.html();
    assert_eq!(count(&page, "table.desk tbody tr"), needs);
    assert!(page.contains("Everything is as it was before."));

    // A row among all pairs is opened, a call entered, and the eye stays where it was.
    let link = Selector::parse("table.pairs a[href*='open=pairs']").unwrap();
    let open = Html::parse_document(&page).select(&link).next().unwrap().attr("href").unwrap().to_owned();
    let page = boss.open(open.split('#').next().unwrap()).await.html();
    assert_eq!(count(&page, "section.panel"), 1);
    let fields = hidden(&page, "/api/enter-contact");
    let typed = [("person", "mentee"), ("heard", "yes"), ("medium", "phone"), ("held_on", "2026-01-02")];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).chain(typed).collect();
    let answer = boss.send("enter-contact", &fields).await;
    assert!(answer.location().starts_with("/coordinator#pair-"), "{}", answer.location());
    assert!(boss.open("/coordinator").await.html().contains("done-here"));
}

#[tokio::test]
async fn what_is_chosen_together_is_shown_and_carried_off() {
    let site = demo_site().await;
    let mut boss = coordinator(&site).await;
    let answer = boss.send("choose-many", &[("act", "export"), ("all", "yes"), ("option", "1")]).await;
    let page = boss.open(answer.location()).await.html();
    assert!(page.contains("Download ") && count(&page, "tbody tr") > 5, "{}", answer.location());
    let file = boss.open(&format!("{}/enrollments.csv", answer.location())).await;
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
    assert!(file.header("content-disposition").starts_with("attachment"));
    assert_eq!(file.html().lines().count(), count(&page, "tbody tr") + 1);

    let answer = boss.send("choose-many", &[("act", "accept"), ("all", "yes")]).await;
    let here = answer.location().to_owned();
    let page = boss.open(&here).await.html();
    let chosen = count(&page, "tbody tr");
    let bulk = here.rsplit('/').next().unwrap();
    assert_eq!(boss.send("do-many", &[("bulk", bulk)]).await.location(), here);
    let mut tx = site.state.db.read().await.unwrap();
    let (left,): (i64,) = fetch_one!(&mut tx, (i64,), "SELECT COUNT(*) FROM application WHERE state = 'received'").unwrap();
    drop(tx);
    assert!(chosen > 1 && left == 0);
    let page = boss.open(&here).await.html();
    let fields = hidden(&page, "/api/undo-change");
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    boss.send("undo-change", &fields).await;
    let mut tx = site.state.db.read().await.unwrap();
    let (left,): (i64,) = fetch_one!(&mut tx, (i64,), "SELECT COUNT(*) FROM application WHERE state = 'received'").unwrap();
    assert_eq!(usize::try_from(left).unwrap(), chosen);
}

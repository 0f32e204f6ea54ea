//! The mail worker: what it writes, when, and what it does when a message cannot leave.

use std::sync::{Arc, Mutex};

use app::mail::{Kind, Mail, Recipient, store};
use app::{Stranger, db::fetch_all};
use server::mail::{Post, Transport};

use crate::support::{Site, each_db};

fn post(site: &Site) -> (Post, Arc<Mutex<Vec<String>>>) {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let transport = Transport::Memory(kept.clone());
    (Post { state: site.state.clone(), transport, from: "QDEI <qdei@qdei.test>".parse().unwrap() }, kept)
}

fn to(name: &str) -> Recipient {
    Recipient { account: None, address: "ann@qdei.test".into(), name: name.into() }
}

async fn enqueue(site: &Site, mail: Mail) {
    let mut tx = site.state.write(&Stranger).await.unwrap();
    store::enqueue(&mut tx, mail).await.unwrap();
    tx.commit().await.unwrap();
}

async fn drain(post: &Post) {
    while post.send_next().await.unwrap() {}
}

async fn states(site: &Site) -> Vec<(String, Option<String>)> {
    let mut tx = site.state.db.read().await.unwrap();
    fetch_all!(&mut tx, (String, Option<String>), "SELECT state, problem FROM mail ORDER BY id").unwrap()
}

#[tokio::test]
async fn an_answer_leaves_at_once_and_a_digest_in_the_morning_as_one() {
    each_db(async |site| {
        let (post, kept) = post(&site);
        enqueue(&site, Mail::new(Kind::TestMail, to("Ann"))).await;
        for chapter in ["Chapter 1", "Chapter 2"] {
            enqueue(
                &site,
                Mail::new(Kind::ChapterSignedOff, to("Ann")).with("chapter", chapter).with("link", "http://qdei.test/x"),
            )
            .await;
        }
        drain(&post).await;
        assert_eq!(kept.lock().unwrap().len(), 1);
        site.state.clock.advance(chrono::Duration::hours(25));
        drain(&post).await;
        let sent = kept.lock().unwrap().clone();
        assert_eq!(sent.len(), 2, "both in one digest");
        assert!(states(&site).await.iter().all(|(state, _)| state == "sent"));
    })
    .await;
}

#[tokio::test]
async fn names_cannot_write_headers() {
    let site = Site::new().await;
    let (post, kept) = post(&site);
    enqueue(&site, Mail::new(Kind::TestMail, to("Ann\r\nBcc: all@qdei.test\r\n\r\nBody"))).await;
    drain(&post).await;
    let sent = kept.lock().unwrap().remove(0);
    assert!(!sent.lines().any(|line| line.starts_with("Bcc:")), "{sent}");
}

#[tokio::test]
async fn a_message_about_what_is_done_is_dropped() {
    let site = Site::new().await;
    let (post, kept) = post(&site);
    let gone = Mail::new(Kind::MentorProposed, to("Ann")).about(uuid::Uuid::nil());
    enqueue(&site, gone).await;
    site.state.clock.advance(chrono::Duration::hours(25));
    drain(&post).await;
    assert!(kept.lock().unwrap().is_empty());
    assert_eq!(states(&site).await[0].0, "dropped");
}

#[tokio::test]
async fn a_server_that_is_down_is_tried_again_and_nothing_is_lost() {
    let site = Site::new().await;
    // Nobody listens on the discard port of this machine.
    let url = "smtp://127.0.0.1:9".to_owned().into();
    let down = Transport::open(Some(&url), std::path::Path::new("unused")).unwrap();
    let (mut post, kept) = post(&site);
    let up = std::mem::replace(&mut post.transport, down);
    enqueue(&site, Mail::new(Kind::TestMail, to("Ann"))).await;
    drain(&post).await;
    let (state, problem) = states(&site).await.remove(0);
    assert_eq!(state, "waiting");
    assert!(problem.is_some());
    site.state.clock.advance(chrono::Duration::minutes(10));
    post.transport = up;
    drain(&post).await;
    assert_eq!(kept.lock().unwrap().len(), 1);
}

#[test]
fn every_kind_of_message_has_a_template() {
    for kind in Kind::ALL {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("templates/mail/{kind}.txt"));
        let text = std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("{kind} has no template"));
        assert!(text.starts_with("Subject: ") && text.contains("\n\n"), "{kind}");
    }
}

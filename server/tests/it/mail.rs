//! The mail worker: what it writes, when, and what it does when a message cannot leave. The mail servers that misbehave
//! here do so over a real connection.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use app::mail::digest::Rhythm;
use app::mail::store::{Preference, take_back};
use app::mail::unsubscribe::Ticket;
use app::mail::{Group, Kind, Mail, Recipient, Timing, store};
use app::people::Role;
use app::{Stranger, db::fetch_all, db::fetch_one};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use server::mail::{Post, Smtp, Step, Transport};

use crate::smtp::{Server, Way};
use crate::support::{PASSWORD, Site, each_db};

fn post(site: &Site) -> (Post, Arc<Mutex<Vec<String>>>) {
    let kept = Arc::new(Mutex::new(Vec::new()));
    (with(site, Transport::Memory(kept.clone())), kept)
}

fn with(site: &Site, transport: Transport) -> Post {
    Post { state: site.state.clone(), transport, from: "QDEI <qdei@qdei.test>".parse().unwrap() }
}

fn over_smtp(site: &Site, server: &Server) -> Post {
    with(site, Transport::Smtp(Smtp::impatient(&server.url(), Duration::from_millis(300)).unwrap()))
}

fn to(name: &str) -> Recipient {
    to_address(name, "ann@qdei.test")
}

fn to_address(name: &str, address: &str) -> Recipient {
    Recipient { account: None, address: address.into(), name: name.into() }
}

/// A person with an account, as a recipient.
async fn person(site: &Site, email: &str) -> Recipient {
    site.person(email, Role::Mentee).await;
    let mut tx = site.state.db.read().await.unwrap();
    let (id,) = fetch_one!(&mut tx, (app::id::AccountId,), "SELECT id FROM account WHERE email = $1", email).unwrap();
    Recipient { account: Some(id), address: email.into(), name: "A Person".into() }
}

async fn enqueue(site: &Site, mail: Mail) {
    let mut tx = site.state.write(&Stranger).await.unwrap();
    store::enqueue(&mut tx, mail).await.unwrap();
    tx.commit().await.unwrap();
}

fn signed_off(to: Recipient, chapter: &str) -> Mail {
    Mail::new(Kind::ChapterSignedOff, to).with("chapter", chapter).with("link", "http://qdei.test/x")
}

/// Moves the clock to the next moment at which something is due.
async fn wait_for_next(site: &Site) {
    let due = store::next_due(&mut site.state.db.read().await.unwrap()).await.unwrap().unwrap();
    let now = site.state.clock.now();
    if due > now {
        site.state.clock.advance(due - now + chrono::Duration::milliseconds(1));
    }
}

async fn states(site: &Site) -> Vec<(String, Option<String>)> {
    let mut tx = site.state.db.read().await.unwrap();
    fetch_all!(&mut tx, (String, Option<String>), "SELECT state, problem FROM mail ORDER BY id").unwrap()
}

async fn bounces(site: &Site) -> Vec<String> {
    let mut tx = site.state.db.read().await.unwrap();
    fetch_all!(&mut tx, (String,), "SELECT address FROM bounce ORDER BY address")
        .unwrap()
        .into_iter()
        .map(|row| row.0)
        .collect()
}

/// A header of a message, unfolded.
fn header(message: &str, name: &str) -> Option<String> {
    let head = message.split("\r\n\r\n").next().unwrap().replace("\r\n ", " ");
    head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")).map(str::to_owned))
}

#[tokio::test]
async fn an_answer_leaves_at_once_and_a_digest_in_the_morning_as_one() {
    each_db(async |site| {
        let (post, kept) = post(&site);
        enqueue(&site, Mail::new(Kind::TestMail, to("Ann"))).await;
        for chapter in ["Chapter 1", "Chapter 2"] {
            enqueue(&site, signed_off(to("Ann"), chapter)).await;
        }
        let left = post.drain().await.unwrap();
        assert_eq!(left.iter().map(|one| one.timing).collect::<Vec<_>>(), [Timing::Now]);
        wait_for_next(&site).await;
        let left = post.drain().await.unwrap();
        assert_eq!(left.iter().map(|one| one.timing).collect::<Vec<_>>(), [Timing::Digest]);
        let sent = kept.lock().unwrap().clone();
        assert_eq!(sent.len(), 2, "both in one digest");
        assert_eq!(header(&sent[1], "Subject").unwrap(), "2 things are new");
        assert!(sent[1].contains("Signed off: Chapter 1") && sent[1].contains("Signed off: Chapter 2"));
        assert!(states(&site).await.iter().all(|(state, _)| state == "sent"));
    })
    .await;
}

#[tokio::test]
async fn every_message_has_text_html_a_name_of_its_own_and_its_date() {
    let site = Site::new().await;
    let (post, kept) = post(&site);
    enqueue(&site, Mail::new(Kind::ApplicationDeclined, to("Ann")).with("reason", "<b>Full</b> until spring")).await;
    post.drain().await.unwrap();
    let sent = kept.lock().unwrap().remove(0);
    let (id,) = fetch_one!(&mut site.state.db.read().await.unwrap(), (uuid::Uuid,), "SELECT id FROM mail").unwrap();
    assert_eq!(header(&sent, "Message-ID").unwrap(), format!("<{id}@qdei.test>"));
    assert!(header(&sent, "Date").is_some() && header(&sent, "Auto-Submitted").unwrap() == "auto-generated");
    assert!(header(&sent, "Content-Type").unwrap().starts_with("multipart/alternative"), "{sent}");
    assert!(sent.contains("Content-Type: text/plain") && sent.contains("Content-Type: text/html"));
    assert!(sent.contains("The reason: <b>Full</b> until spring") && sent.contains("&lt;b&gt;Full&lt;/b&gt;"), "{sent}");
    assert!(header(&sent, "List-Unsubscribe").is_none(), "an answer cannot be left out");
    // Settings that name no phone leave no line without one.
    assert!(!sent.contains("Phone:"), "{sent}");
}

#[tokio::test]
async fn names_cannot_write_headers() {
    let site = Site::new().await;
    let (post, kept) = post(&site);
    enqueue(&site, Mail::new(Kind::TestMail, to("Ann\r\nBcc: all@qdei.test\r\n\r\nBody"))).await;
    let title = "Hello\r\nBcc: all@qdei.test\r\n\r\nBody";
    enqueue(&site, Mail::new(Kind::Announcement, to_address("Bob", "bob@qdei.test")).with("title", title).with("text", "x"))
        .await;
    post.drain().await.unwrap();
    wait_for_next(&site).await;
    post.drain().await.unwrap();
    for sent in kept.lock().unwrap().iter() {
        assert!(!sent.lines().any(|line| line.starts_with("Bcc:")), "{sent}");
    }
    assert_eq!(kept.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn a_message_about_what_is_done_is_dropped_and_its_day_is_free() {
    each_db(async |site| {
        let (post, kept) = post(&site);
        enqueue(&site, Mail::new(Kind::MentorProposed, to("Ann")).about(uuid::Uuid::nil())).await;
        wait_for_next(&site).await;
        assert_eq!(post.send_next().await.unwrap(), Some(Step::Stayed));
        assert!(kept.lock().unwrap().is_empty());
        assert_eq!(states(&site).await[0].0, "dropped");
        let (days,) = fetch_one!(&mut site.state.db.read().await.unwrap(), (i64,), "SELECT COUNT(*) FROM digest").unwrap();
        assert_eq!(days, 0);
    })
    .await;
}

#[tokio::test]
async fn a_server_that_is_down_is_tried_again_and_nothing_is_lost() {
    each_db(async |site| {
        // Nobody listens on the discard port of this machine.
        let url = "smtp://127.0.0.1:9".to_owned().into();
        let down = Transport::open(Some(&url), std::path::Path::new("unused")).unwrap();
        let (mut post, kept) = post(&site);
        let up = std::mem::replace(&mut post.transport, down);
        enqueue(&site, Mail::new(Kind::TestMail, to("Ann"))).await;
        post.drain().await.unwrap();
        let (state, problem) = states(&site).await.remove(0);
        assert_eq!(state, "waiting");
        assert!(problem.unwrap().starts_with("the mail server could not be reached"));
        // The waits grow, and after ten tries it has failed.
        let mut waits = Vec::new();
        while states(&site).await[0].0 == "waiting" {
            let before = site.state.clock.now();
            wait_for_next(&site).await;
            // To the nearest minute: a wait is read a moment after it began, and 255.99 minutes are 256.
            waits.push(((site.state.clock.now() - before).num_seconds() + 30) / 60);
            post.drain().await.unwrap();
        }
        assert_eq!(waits.len(), 9);
        assert!(waits.windows(2).all(|pair| pair[0] <= pair[1]) && waits[0] <= 2 && *waits.last().unwrap() >= 255, "{waits:?}");
        // Tried again by the coordinator, it leaves: what it says was kept.
        site.person("cora@qdei.test", Role::Coordinator).await;
        let mut cora = site.signed_in("cora@qdei.test", PASSWORD).await;
        let (id,) = fetch_one!(&mut site.state.db.read().await.unwrap(), (uuid::Uuid,), "SELECT id FROM mail").unwrap();
        let answer = cora.send("try-mail-again", &[("mail", &id.to_string())]).await;
        assert!(answer.location().ends_with("done=mail-again"), "{}", answer.location());
        post.transport = up;
        post.drain().await.unwrap();
        assert_eq!(kept.lock().unwrap().len(), 1);
        assert_eq!(states(&site).await[0].0, "sent");
    })
    .await;
}

#[tokio::test]
async fn a_server_that_is_slow_or_breaks_off_gets_the_message_later_and_an_answer_once() {
    // At each step before the message was handed over: certainly not sent.
    for way in [
        Way::SilentAtStart,
        Way::SlowAtRecipient,
        Way::ClosesAtStart,
        Way::ClosesAtRecipient,
        Way::ClosesAtData,
        Way::BusyAtRecipient,
    ] {
        let site = Site::new().await;
        let server = Server::start(way).await;
        let post = over_smtp(&site, &server);
        enqueue(&site, Mail::new(Kind::TestMail, to("Ann"))).await;
        enqueue(&site, signed_off(to_address("Bob", "bob@qdei.test"), "1")).await;
        assert!(post.drain().await.unwrap().is_empty(), "{way:?}");
        let (state, problem) = states(&site).await.remove(0);
        assert!(state == "waiting" && problem.is_some(), "{way:?}: {state} {problem:?}");
        server.behave(Way::Well);
        // The answer two minutes later; the digest on the same morning, since it had not left.
        let mut left = Vec::new();
        while states(&site).await.iter().any(|(state, _)| state == "waiting") {
            wait_for_next(&site).await;
            left.extend(post.drain().await.unwrap());
        }
        assert_eq!(left.len(), 2, "{way:?}");
        assert_eq!(server.arrived().len(), 2, "{way:?}");
        assert!(bounces(&site).await.is_empty(), "{way:?}");
    }
}

#[tokio::test]
async fn a_digest_that_may_have_left_is_not_sent_again_on_the_same_day() {
    each_db(async |site| {
        let server = Server::start(Way::ClosesAfterMessage).await;
        let post = over_smtp(&site, &server);
        enqueue(&site, signed_off(to("Ann"), "1")).await;
        wait_for_next(&site).await;
        let first = site.state.clock.now();
        assert!(post.drain().await.unwrap().is_empty());
        assert!(states(&site).await[0].1.clone().unwrap().contains("it may have arrived"));
        server.behave(Way::Well);
        wait_for_next(&site).await;
        assert!(post.drain().await.unwrap().is_empty(), "two minutes later it is the same day");
        wait_for_next(&site).await;
        assert!(site.state.clock.now() - first > chrono::Duration::hours(22));
        assert_eq!(post.drain().await.unwrap().len(), 1);
        // The server knows both by one name.
        let names: Vec<_> = server.arrived().iter().map(|mail| header(&mail.message, "Message-ID").unwrap()).collect();
        assert!(names.len() == 2 && names[0] == names[1], "{names:?}");
    })
    .await;
}

#[tokio::test]
async fn a_refused_recipient_is_marked_and_cleared_when_mail_gets_through() {
    each_db(async |site| {
        let server = Server::start(Way::RefusesAnn).await;
        let post = over_smtp(&site, &server);
        let ann = person(&site, "ann@qdei.test").await;
        enqueue(&site, Mail::new(Kind::TestMail, ann.clone())).await;
        enqueue(&site, Mail::new(Kind::TestMail, to_address("Bob", "bob@qdei.test"))).await;
        assert_eq!(post.drain().await.unwrap().len(), 1, "Bob's leaves all the same");
        let (state, problem) = states(&site).await.remove(0);
        assert_eq!(state, "failed");
        assert!(problem.clone().unwrap().contains("550 5.1.1 No such user here"), "{problem:?}");
        assert_eq!(bounces(&site).await, ["ann@qdei.test"]);
        // News is not sent there; what is required is tried, and clears the mark once it gets through.
        server.behave(Way::Well);
        enqueue(&site, signed_off(ann.clone(), "1")).await;
        wait_for_next(&site).await;
        assert!(post.drain().await.unwrap().is_empty());
        let (state, problem) = states(&site).await.pop().unwrap();
        assert!(state == "failed" && problem.unwrap().starts_with("mail to this address comes back"));
        enqueue(&site, Mail::new(Kind::PasswordChanged, ann)).await;
        assert_eq!(post.drain().await.unwrap().len(), 1);
        assert!(bounces(&site).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_refused_sign_in_or_sender_is_not_the_recipients_fault() {
    let site = Site::new().await;
    let server = Server::start(Way::RefusesSender).await;
    let post = over_smtp(&site, &server);
    enqueue(&site, Mail::new(Kind::TestMail, to("Ann"))).await;
    post.drain().await.unwrap();
    assert!(states(&site).await[0].1.clone().unwrap().contains("refused the sender"));
    assert!(bounces(&site).await.is_empty());
    // An account the server does not know: the operator mends it, and the messages wait.
    let url = server.url().replace("smtp://", "smtp://user:wr%40ng@");
    let post = with(&site, Transport::Smtp(Smtp::impatient(&url, Duration::from_millis(300)).unwrap()));
    enqueue(&site, Mail::new(Kind::TestMail, to("Ann"))).await;
    post.drain().await.unwrap();
    let (state, problem) = states(&site).await.pop().unwrap();
    assert!(state == "waiting" && problem.clone().unwrap().contains("did not let the program sign in"), "{problem:?}");
    assert!(!problem.unwrap().contains("wr@ng"));
}

#[tokio::test]
async fn three_hundred_mails_by_several_workers_arrive_once() {
    each_db(async |site| {
        let server = Server::start(Way::Well).await;
        let post = over_smtp(&site, &server);
        let mut tx = site.state.write(&Stranger).await.unwrap();
        for number in 0..300 {
            let to = to_address("N", &format!("{number}@qdei.test"));
            store::enqueue(&mut tx, Mail::new(Kind::TestMail, to)).await.unwrap();
        }
        tx.commit().await.unwrap();
        let start = std::time::Instant::now();
        let workers: Vec<_> = (0..server::mail::WORKERS)
            .map(|_| {
                let post = post.clone();
                tokio::spawn(async move { post.drain().await.unwrap().len() })
            })
            .collect();
        let mut left = 0;
        for worker in workers {
            left += worker.await.unwrap();
        }
        println!("{:.0} mails a second", 300.0 / start.elapsed().as_secs_f64());
        assert_eq!(left, 300);
        let mut arrived: Vec<String> = server.arrived().into_iter().map(|mail| mail.to).collect();
        assert_eq!(arrived.len(), 300);
        arrived.sort();
        arrived.dedup();
        assert_eq!(arrived.len(), 300);
        assert!(server.connections() <= server::mail::WORKERS, "they are kept open");
    })
    .await;
}

#[tokio::test]
async fn news_that_is_left_out_is_not_sent_and_one_click_does_it() {
    each_db(async |site| {
        let (post, kept) = post(&site);
        let ann = person(&site, "ann@qdei.test").await;
        let account = ann.account.unwrap();
        enqueue(&site, signed_off(ann.clone(), "1")).await;
        enqueue(&site, Mail::new(Kind::Announcement, ann.clone()).with("title", "Meeting").with("text", "At **noon**.")).await;
        wait_for_next(&site).await;
        post.drain().await.unwrap();
        let sent = kept.lock().unwrap().remove(0);
        assert!(sent.contains("At **noon**."), "{sent}");
        assert_eq!(header(&sent, "List-Unsubscribe-Post").unwrap(), "List-Unsubscribe=One-Click");
        let link = header(&sent, "List-Unsubscribe").unwrap();
        let path = link.strip_prefix("<http://qdei.test").unwrap().strip_suffix('>').unwrap().to_owned();
        let token = path.rsplit('/').next().unwrap();
        let ticket = Ticket::read(token, &site.state.audit_key).unwrap();
        assert_eq!(ticket, Ticket { account, groups: vec![Group::Study, Group::Announcements] });

        // Opening the link, as mail filters do, changes nothing.
        let page = site.stranger().open(&path).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.html().contains("Stop it"), "{}", page.html());
        assert!(left_out(&site, account).await.is_empty());
        // One click from a mail program: no cookie, no origin, another site.
        let request = Request::post(path.as_str())
            .header("content-type", "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "cross-site")
            .header("origin", "https://mail.example");
        let answer = site.stranger().ask(request, Body::from("List-Unsubscribe=One-Click")).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert!(answer.html().contains("You no longer get study news and announcements by mail."), "{}", answer.html());
        assert_eq!(left_out(&site, account).await, [Group::Study, Group::Announcements]);

        enqueue(&site, signed_off(ann.clone(), "2")).await;
        enqueue(&site, Mail::new(Kind::BookLent, ann).with("title", "A book").with("due", "x").with("link", "x")).await;
        wait_for_next(&site).await;
        post.drain().await.unwrap();
        let sent = kept.lock().unwrap().remove(0);
        assert_eq!(header(&sent, "Subject").unwrap(), "Your book: A book");
        assert!(header(&sent, "List-Unsubscribe").is_none(), "it holds nothing that can be left out");
        // And back again.
        site.stranger().ask(Request::post(path.as_str()), Body::from("undo=yes")).await;
        assert!(left_out(&site, account).await.is_empty());
        // A forged link is no link.
        let forged = format!("{}0", &path[..path.len() - 1]);
        let forged = if forged == path { format!("{}1", &path[..path.len() - 1]) } else { forged };
        assert_eq!(site.stranger().ask(Request::post(forged.as_str()), Body::empty()).await.status, StatusCode::NOT_FOUND);
    })
    .await;
}

async fn left_out(site: &Site, account: app::id::AccountId) -> Vec<Group> {
    let mut tx = site.state.db.read().await.unwrap();
    let settings = app::settings::store::current(&mut tx).await.unwrap();
    store::find_reader(&mut tx, Some(account), &settings).await.unwrap().preference.left_out
}

#[tokio::test]
async fn an_edited_text_is_sent_and_one_that_fails_gives_way_to_the_programs_own() {
    each_db(async |site| {
        let (post, kept) = post(&site);
        for (version, body) in
            [(1_i64, "Subject: A sign of life\n\nIt works, {{ name }}.\n"), (2, "Subject: {{ gone }}\n\nText\n")]
        {
            let mut tx = site.state.write(&Stranger).await.unwrap();
            app::db::execute!(
                &mut tx,
                "INSERT INTO mail_template (name, version, body, changed_at) VALUES ('test_mail', $1, $2, $3)",
                version,
                body,
                tx.now()
            )
            .unwrap();
            store::enqueue(&mut tx, Mail::new(Kind::TestMail, to("Ann"))).await.unwrap();
            tx.commit().await.unwrap();
            post.drain().await.unwrap();
        }
        let subjects: Vec<_> = kept.lock().unwrap().iter().map(|sent| header(sent, "Subject").unwrap()).collect();
        assert_eq!(subjects, ["A sign of life", "Test message"]);
    })
    .await;
}

#[tokio::test]
async fn an_announcement_can_be_taken_back_until_it_leaves() {
    each_db(async |site| {
        let (post, kept) = post(&site);
        let about = uuid::Uuid::now_v7();
        let news = Mail::new(Kind::Announcement, to("Ann")).with("title", "Meeting").with("text", "x").about(about);
        enqueue(&site, news.clone()).await;
        let mut tx = site.state.write(&Stranger).await.unwrap();
        assert_eq!(take_back(&mut tx, about, Kind::Announcement).await.unwrap().dropped, 1);
        tx.commit().await.unwrap();
        site.state.clock.advance(chrono::Duration::days(2));
        post.drain().await.unwrap();
        assert!(kept.lock().unwrap().is_empty());
        enqueue(&site, news).await;
        wait_for_next(&site).await;
        post.drain().await.unwrap();
        let mut tx = site.state.write(&Stranger).await.unwrap();
        let back = take_back(&mut tx, about, Kind::Announcement).await.unwrap();
        assert_eq!((back.dropped, back.left), (0, 1));
    })
    .await;
}

#[tokio::test]
async fn a_year_of_news_never_makes_two_digests_a_day_or_one_at_night() {
    let site = Site::new().await;
    let (post, _) = post(&site);
    let mut readers = Vec::new();
    for (number, zone) in ["America/Denver", "America/Anchorage", "Pacific/Auckland"].into_iter().enumerate() {
        let who = person(&site, &format!("reader{number}@qdei.test")).await;
        let mut tx = site.state.write(&Stranger).await.unwrap();
        let weekly = Preference { rhythm: if number == 1 { Rhythm::Weekly } else { Rhythm::Daily }, ..Preference::default() };
        store::change_preference(&mut tx, who.account.unwrap(), &weekly, Some(zone)).await.unwrap();
        tx.commit().await.unwrap();
        readers.push(who);
    }
    let mut days: BTreeMap<(String, chrono::NaiveDate), u32> = BTreeMap::new();
    for step in 0..400 {
        let who = &readers[step % 3];
        let mail = if step % 2 == 0 {
            signed_off(who.clone(), "1")
        } else {
            Mail::new(Kind::BookLent, who.clone()).with("title", "t").with("due", "d").with("link", "l")
        };
        enqueue(&site, mail).await;
        site.state.clock.advance(chrono::Duration::minutes(1000 + 37 * i64::try_from(step % 40).unwrap()));
        for left in post.drain().await.unwrap() {
            let local = left.at.with_timezone(&left.zone);
            assert!((7..20).contains(&chrono::Timelike::hour(&local)), "{local}");
            *days.entry((left.address, local.date_naive())).or_default() += 1;
        }
    }
    assert!(days.len() > 200 && days.values().all(|count| *count == 1), "{days:?}");
}

#[test]
fn a_mail_server_is_named_by_an_address_and_its_password_is_never_told() {
    for good in
        ["smtp://127.0.0.1:2525", "smtp://u:p%40ss@mail.test?tls=required", "smtps://mail.test", "smtp://[::1]:25/our.name"]
    {
        assert!(Smtp::open(good).is_ok(), "{good}");
    }
    for bad in ["http://u:secret@mail.test", "smtp://u:secret@mail.test?tls=perhaps", "smtp:u:secret", "mail.test"] {
        let error = Smtp::open(bad).err().map(|error| format!("{error:#}")).unwrap_or_default();
        assert!(error.contains("QDEI_SMTP_URL must read") && !error.contains("secret"), "{bad}: {error}");
    }
}

#[test]
fn every_kind_of_message_has_a_text() {
    for kind in Kind::ALL {
        assert!(kind.own_text().starts_with("Subject: ") && kind.own_text().contains("\n\n"), "{kind}");
    }
}

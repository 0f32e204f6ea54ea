//! Timed practice: what is drawn, whose clock decides, what it comes to, and that it counts toward nothing.

use app::answers::api::{Told, keep_answers};
use app::assessments::attempt::{Item, Order, field};
use app::assessments::{Answer, Credit, key};
use app::enrollments::{self, OptionNumber};
use app::error::AppError;
use app::id::PracticeId;
use app::practice::api::{hand_in_practice, start_practice};
use app::practice::{Practice, by_topic, store};
use chrono::{DateTime, Duration, Utc};
use proptest::prelude::*;

use crate::assessments::{chapters, item};
use crate::attempts::approve_all;
use crate::support::{Pair, Program, each_db};
use crate::visit::Browser;

fn a_practice(started_at: DateTime<Utc>, minutes: i64) -> Practice {
    Practice {
        id: PracticeId::new(),
        enrollment_id: app::id::EnrollmentId::new(),
        started_at,
        ends_at: started_at + Duration::minutes(minutes),
        ended_at: None,
        item_count: 4,
        seed: Vec::new(),
        credit: Credit(2500),
    }
}

#[test]
fn the_servers_clock_decides() {
    let now = Utc::now();
    let one = a_practice(now, 10);
    let end = one.ends_at;
    for (at, open, taken) in [
        (now, true, true),
        (end - Duration::seconds(1), true, true),
        (end, false, true),
        (end + Duration::seconds(15), false, true),
        (end + Duration::seconds(16), false, false),
    ] {
        assert_eq!((one.is_open(at), one.allow_answering(at).is_ok()), (open, taken), "{}", at - end);
    }
    assert_eq!((one.seconds_left(now), one.seconds_left(end + Duration::days(1))), (600, 0));
    assert_eq!((one.percent(), one.minutes()), (62, 10));
    let early = Practice { ended_at: Some(now + Duration::seconds(61)), ..one };
    assert_eq!((early.minutes(), early.is_open(now)), (2, false));
    assert!(early.allow_answering(now).is_err());
}

proptest! {
    #[test]
    fn topics_add_up_and_the_weakest_stands_first(credits in prop::collection::vec((0_usize..4, 0_i32..=1000), 1..40)) {
        let items: Vec<(String, Item)> = credits.iter().map(|(topic, credit)| {
            (format!("topic {topic}"), Item { credit: Some(Credit(*credit)), ..item(&[true, false]) })
        }).collect();
        let found = by_topic(&items);
        prop_assert_eq!(found.iter().map(|one| one.credit.0).sum::<i32>(), credits.iter().map(|(_, credit)| credit).sum::<i32>());
        prop_assert_eq!(found.iter().map(|one| one.of).sum::<i32>(), i32::try_from(credits.len()).unwrap());
        prop_assert!(found.windows(2).all(|two| two[0].credit.0 / two[0].of <= two[1].credit.0 / two[1].of));
    }
}

async fn start(browser: &Browser<'_>, pair: &Pair, questions: &str) -> Result<String, AppError> {
    let wished = [("questions", questions), ("minutes", "10")];
    browser.send("/mentee/practice", "start-practice", &wished, start_practice(pair.enrollment)).await
}

fn id_of(path: &str) -> PracticeId {
    path.rsplit('/').next().unwrap().split('?').next().unwrap().parse().unwrap()
}

/// What a page sends for the first `right` questions, rightly answered.
async fn answers(program: &Program, id: PracticeId, right: usize) -> Vec<(String, String)> {
    let mut tx = program.state.db.read().await.unwrap();
    let practice = store::find(&mut tx, id).await.unwrap().unwrap();
    let items = store::list_items(&mut tx, id).await.unwrap();
    let mut sent = Vec::new();
    for (_, item) in items.iter().take(right) {
        sent.push(("asked".to_owned(), item.question.to_string()));
        match key(&item.body).unwrap() {
            Answer::Chosen(chosen) => {
                let order = Order::of(&practice.seed, item, true);
                sent.extend(chosen.iter().map(|index| (field(item.question), order.place_of(*index).unwrap().to_string())));
            }
            Answer::Text(text) => sent.push((field(item.question), text)),
            Answer::None | Answer::Matched(_) => panic!("the starter has none"),
        }
    }
    sent
}

#[tokio::test]
async fn a_practice_from_the_clock_to_the_result() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::Three).await;
        let mentee = Browser::of(&program, &pair.mentee).await;
        assert!(mentee.open("/mentee/practice").await.html.contains("no approved questions to practice with yet"));
        start(&mentee, &pair, "3").await.unwrap();
        for chapter in chapters(&program).await.into_iter().take(2) {
            approve_all(&program, chapter).await;
        }
        assert_eq!(start(&mentee, &pair, "0").await.unwrap(), "/mentee/practice");
        assert!(mentee.open("/mentee/practice").await.html.contains("Enter a whole number from 1 to 175."));

        let before =
            enrollments::store::find(&mut program.state.db.read().await.unwrap(), pair.enrollment).await.unwrap().unwrap();
        let path = start(&mentee, &pair, "4").await.unwrap();
        assert_eq!(start(&mentee, &pair, "4").await.unwrap(), path, "one runs at a time");
        let id = id_of(&path);
        let items = store::list_items(&mut program.state.db.read().await.unwrap(), id).await.unwrap();
        assert_eq!(items.len(), 4);
        let html = mentee.open(&path).await.html;
        assert!(html.contains("Ends at") && html.contains("counts toward nothing") && html.contains("data-seconds=\"59"));
        assert!(items.iter().all(|(_, item)| !html.contains(&item.explanation)), "no key while it runs");

        // The island keeps two answers, then the time runs out; what comes later is not counted.
        let sent = answers(&program, id, 2).await;
        let keep = async |sent: &[(String, String)]| {
            let (id, mut told) = (id.to_string(), None);
            let mut fields: Vec<(&str, &str)> = sent.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            fields.push(("practice", &id));
            let change = async {
                told = Some(keep_answers().await?);
                app::form::see_other("/");
                Ok(())
            };
            mentee.send(&path, "keep-answers", &fields, change).await?;
            Ok::<Told, AppError>(told.unwrap())
        };
        assert!(keep(&sent).await.unwrap().refused.is_empty());
        program.state.clock.advance(Duration::minutes(11));
        let late = answers(&program, id, 4).await;
        assert!(keep(&late).await.unwrap().refused.starts_with("The time is over."));
        let html = mentee.open(&path).await.html;
        assert!(html.contains("50 percent, in 10 minutes.") && html.contains("By topic"), "over, whoever presses what: {html}");
        let fields: Vec<(&str, &str)> = late.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let sent = mentee.send(&path, "hand-in-practice", &fields, hand_in_practice(id)).await.unwrap();
        assert_eq!(sent, format!("{path}?done=practice-late"));
        assert_eq!(store::find(&mut program.state.db.read().await.unwrap(), id).await.unwrap().unwrap().credit, Credit(2000));

        // The next one is handed in in time.
        let second = start(&mentee, &pair, "2").await.unwrap();
        let sent = answers(&program, id_of(&second), 2).await;
        let fields: Vec<(&str, &str)> = sent.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        for _ in 0..2 {
            let to = mentee.send(&second, "hand-in-practice", &fields, hand_in_practice(id_of(&second))).await.unwrap();
            assert_eq!(to, second);
        }
        assert!(mentee.open(&second).await.html.contains("100 percent"));
        let html = mentee.open("/mentee/practice").await.html;
        assert!(html.contains("2 of 4, in 10 minutes") && html.contains("2 of 2, in 1 minutes"), "{html}");

        let after =
            enrollments::store::find(&mut program.state.db.read().await.unwrap(), pair.enrollment).await.unwrap().unwrap();
        assert_eq!(
            (after.tests_passed, after.read, after.last_tested_at),
            (before.tests_passed, before.read, before.last_tested_at)
        );
    })
    .await;
}

#[tokio::test]
async fn practice_belongs_to_option_three_and_to_its_own_mentee() {
    each_db(async |program| {
        let (three, one) = (program.pair(OptionNumber::Three).await, program.pair(OptionNumber::One).await);
        approve_all(&program, chapters(&program).await[0]).await;
        let other = Browser::of(&program, &one.mentee).await;
        assert_eq!(other.open("/mentee/practice").await.status, 404, "its questions are the post-tests of Option 1");
        assert_eq!(start(&other, &one, "2").await, Err(AppError::NotFound));
        assert_eq!(start(&other, &three, "2").await, Err(AppError::NotFound));
        let mentee = Browser::of(&program, &three.mentee).await;
        let path = start(&mentee, &three, "2").await.unwrap();
        assert_eq!(other.open(&path).await.status, 404);
        let sent = other.send(&path, "hand-in-practice", &[], hand_in_practice(id_of(&path))).await;
        assert_eq!(sent, Err(AppError::NotFound));
    })
    .await;
}

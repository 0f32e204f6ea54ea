//! What answers say about questions: the reckoning against plain counting, what is not told yet, and the database's sums.

use app::assessments::statistics::{FEWEST, Sums, concerns, distribution, taken, too_early, written};
use app::assessments::{Answer, Body, Choice, Credit, figures_file, store};
use app::enrollments::OptionNumber;
use proptest::prelude::*;

use crate::assessments::chapters;
use crate::attempts::{approve_all, hand_in, start};
use crate::support::{Program, each_db};
use crate::visit::Browser;

/// Adds up (credit of the question, mean credit of the rest), as the database does.
fn sums(pairs: &[(i64, i64)]) -> Sums {
    let mut sums = Sums::default();
    for (x, y) in pairs {
        sums.takers += 1;
        sums.right += i64::from(*x >= 1000);
        sums.credit += x;
        sums.n += 1;
        sums.x += x;
        sums.y += y;
        sums.xx += x * x;
        sums.yy += y * y;
        sums.xy += x * y;
    }
    sums
}

/// Pearson's correlation by its definition.
fn pearson(pairs: &[(i64, i64)]) -> f64 {
    let of = |pick: fn(&(i64, i64)) -> i64| {
        pairs.iter().map(|pair| f64::from(i32::try_from(pick(pair)).unwrap())).collect::<Vec<_>>()
    };
    let (xs, ys) = (of(|pair| pair.0), of(|pair| pair.1));
    let count = f64::from(u32::try_from(pairs.len()).unwrap());
    let (x, y) = (xs.iter().sum::<f64>() / count, ys.iter().sum::<f64>() / count);
    let top: f64 = xs.iter().zip(&ys).map(|(a, b)| (a - x) * (b - y)).sum();
    let of_x: f64 = xs.iter().map(|a| (a - x) * (a - x)).sum();
    let of_y: f64 = ys.iter().map(|b| (b - y) * (b - y)).sum();
    top / (of_x * of_y).sqrt()
}

proptest! {
    #[test]
    fn the_correlation_is_pearsons_and_lies_within_its_interval(pairs in prop::collection::vec((prop_oneof![Just(0_i64), Just(500), Just(1000)], 0_i64..=1000), 30..200)) {
        let found = sums(&pairs).discrimination();
        let differ = |pick: fn(&(i64, i64)) -> i64| pairs.iter().map(pick).any(|one| one != pick(&pairs[0]));
        prop_assert_eq!(found.is_some(), differ(|pair| pair.0) && differ(|pair| pair.1));
        if let Some(found) = found {
            prop_assert!((found.r - pearson(&pairs)).abs() < 1e-6, "{} {}", found.r, pearson(&pairs));
            prop_assert!(found.within.low <= found.r && found.r <= found.within.high);
            prop_assert!((-1.0..=1.0).contains(&found.within.low) && (-1.0..=1.0).contains(&found.within.high));
        }
    }

    #[test]
    fn nothing_is_told_of_few(pairs in prop::collection::vec((0_i64..=1000, 0_i64..=1000), 0..40)) {
        let (count, found) = (pairs.len(), sums(&pairs));
        prop_assert_eq!(found.facility().is_some(), count >= 5);
        prop_assert_eq!(found.mean().is_some(), count >= 5);
        prop_assert!(found.discrimination().is_none() || count >= 30);
        prop_assert_eq!(too_early(&found).is_some(), count < 30);
        if count < 5 {
            prop_assert!(concerns(&found, &[]).is_empty());
        }
    }
}

#[test]
fn reasons_for_a_second_look_are_beyond_chance_and_in_order() {
    let many = |count: usize, pair: (i64, i64)| vec![pair; count];
    let turned = [many(40, (1000, 100)), many(40, (0, 900))].concat();
    let found = concerns(&sums(&turned), &[]);
    assert!(found[0].words.contains("Look at the key first"), "{found:?}");
    let easy = concerns(&sums(&many(60, (1000, 700))), &[]);
    assert_eq!((easy.len(), easy[0].rank), (1, 4));
    let hard = concerns(&sums(&many(30, (0, 700))), &[]);
    assert!(hard[0].words.starts_with("Few know it"));
    assert!(concerns(&sums(&[many(3, (0, 700)), many(3, (1000, 700))].concat()), &[]).is_empty(), "as well chance");
    let choices = [("Right".to_owned(), true), ("Draws".to_owned(), false), ("Never".to_owned(), false)];
    let taken = distribution(&choices, &[3, 27, 0], 30);
    let found: Vec<String> = concerns(&sums(&many(30, (500, 500))), &taken).into_iter().map(|one| one.words).collect();
    assert!(found.iter().any(|words| words.contains("More chose “Draws”")), "{found:?}");
    assert!(found.iter().any(|words| words.contains("Nobody chose “Never”")), "{found:?}");
    assert!(distribution(&choices, &[1, 2, 1], 4).is_empty(), "four answers would point at persons");
}

#[test]
fn rare_texts_are_told_together() {
    let text = |text: &str, count| (Answer::Text(text.into()), count);
    let answers = [text("Insulin", 2), text(" insulin ", 2), text("glucagon", 1), text("my neighbor's", 1)];
    assert_eq!(written(&answers), [(Some("insulin".into()), 4), (None, 2)]);
    assert!(written(&answers[..1]).is_empty());
    let body = Body::Single(vec![
        Choice { text: "a".into(), credit: Credit::WHOLE, explanation: String::new() },
        Choice { text: "b".into(), credit: Credit::NONE, explanation: String::new() },
    ]);
    let (takers, found) = taken(&body, &[(Answer::Chosen(vec![0]), 4), (Answer::Chosen(vec![1]), 2), (Answer::None, 1)]);
    assert_eq!((takers, found[0].count, found[1].count), (7, 4, 2));
}

/// Six mentees take the same test for the first time, and one of them again.
async fn six_takers(program: &Program) {
    let chapter = chapters(program).await[0];
    approve_all(program, chapter).await;
    for number in 0..6 {
        let pair = program.pair(OptionNumber::One).await;
        let attempt = start(program, &pair, chapter, 0).await.unwrap();
        assert!(hand_in(program, &pair, attempt, number).await);
        if number == 0 {
            program.state.clock.advance(chrono::Duration::days(1));
            let again = start(program, &pair, chapter, 1).await.unwrap();
            assert!(hand_in(program, &pair, again, 99).await);
        }
    }
}

#[tokio::test]
async fn the_database_adds_up_first_attempts_alone() {
    each_db(async |program| {
        six_takers(&program).await;
        let who = program.coordinator.coordinator().unwrap();
        let outline = program.outline(OptionNumber::One).await;
        let mut tx = program.state.db.read().await.unwrap();
        let figures = store::list_figures(&mut tx, &who, outline).await.unwrap();
        let asked: Vec<_> = figures.iter().filter(|one| one.sums.takers > 0).collect();
        assert!(asked.len() >= 5 && asked.iter().all(|one| one.sums.takers == 6 && one.sums.n == 6));
        // Questions in the order of their ids: the first is right for five of six, the second for four, and so on.
        let mut by_id = asked.clone();
        by_id.sort_by_key(|one| one.newest);
        assert_eq!(by_id.iter().take(5).map(|one| one.sums.right).collect::<Vec<_>>(), [5, 4, 3, 2, 1]);
        let (share, within) = by_id[0].sums.facility().unwrap();
        assert!((share - 5.0 / 6.0).abs() < 1e-9 && within.low < share && share < within.high);
        assert_eq!(by_id[0].answers.iter().map(|(_, count)| count).sum::<i64>(), 6);
        // The rest of the same test, of each, by hand.
        let of = i64::try_from(asked.len()).unwrap();
        let rest: i64 = (0..6).map(|right: i64| (right * 1000 - if right > 0 { 1000 } else { 0 }) / (of - 1)).sum();
        assert_eq!(by_id[0].sums.y, rest);
        assert!(figures.windows(2).all(|two| two[0].number <= two[1].number));
        let csv = String::from_utf8(figures_file::table(&figures).csv()).unwrap();
        assert_eq!(csv.lines().next().unwrap().trim_start_matches('\u{feff}').split(',').next(), Some("chapter"));
        assert!(csv.lines().count() > figures.len());

        let found = store::find_outline_of_question(&mut tx, &who, by_id[0].newest).await.unwrap();
        assert_eq!(found, Some(outline));
        drop(tx);
        let browser = Browser::of(&program, &program.coordinator).await;
        let html = browser.open(&format!("/coordinator/questions/statistics?outline={outline}")).await.html;
        assert!(html.contains("83% (") && html.contains("Only first attempts"), "{html}");
        let html = browser.open(&format!("/coordinator/questions/statistics/{}", by_id[0].newest)).await.html;
        assert!(html.contains("6 so far: the limits are wide") && html.contains("What 6 answered to version 1"), "{html}");
        let mentor = Browser::of(&program, &program.pair(OptionNumber::One).await.mentor).await;
        assert_eq!(mentor.open("/coordinator/questions/statistics").await.status, 403);
    })
    .await;
}

#[tokio::test]
async fn with_few_takers_only_their_number_is_told() {
    each_db(async |program| {
        let chapter = chapters(&program).await[0];
        approve_all(&program, chapter).await;
        for _ in 0..(FEWEST - 1) {
            let pair = program.pair(OptionNumber::One).await;
            let attempt = start(&program, &pair, chapter, 0).await.unwrap();
            assert!(hand_in(&program, &pair, attempt, 1).await);
        }
        let who = program.coordinator.coordinator().unwrap();
        let outline = program.outline(OptionNumber::One).await;
        let mut tx = program.state.db.read().await.unwrap();
        let figures = store::list_figures(&mut tx, &who, outline).await.unwrap();
        let one = figures.iter().find(|one| one.sums.takers > 0).unwrap();
        assert_eq!(one.sums.takers(), FEWEST - 1);
        assert!(one.sums.facility().is_none() && taken(&one.body, &one.answers).1.is_empty());
        drop(tx);
        let browser = Browser::of(&program, &program.coordinator).await;
        let html = browser.open(&format!("/coordinator/questions/statistics/{}", one.newest)).await.html;
        assert!(html.contains("answers would point at persons") && !html.contains("% ("), "{html}");
    })
    .await;
}

//! Step 5: scoring, what may be done when, and who sees an evaluation.

use std::collections::BTreeMap;
use std::sync::Arc;

use app::competencies::store::{self, Answers, Published};
use app::competencies::{Instrument, Moment, Ratings, State, api, missing, most_grown, open, outlook, score};
use app::db::execute;
use app::enrollments::{OptionNumber, store as enrollments};
use app::form::{Fields, Typed};
use proptest::prelude::*;

use crate::agreements::open_page;
use crate::support::{Pair, Program, each_db};

fn shipped() -> Instrument {
    toml::from_str(include_str!("../../content/competencies.toml")).unwrap()
}

#[test]
fn the_shipped_instrument_has_six_domains_of_five_statements_or_more() {
    let instrument = shipped();
    assert_eq!(instrument.domains.len(), 6);
    assert!(instrument.domains.iter().all(|domain| domain.statements.len() >= 5));
    let codes: std::collections::BTreeSet<_> = instrument.statements().map(|statement| &statement.code).collect();
    assert_eq!(codes.len(), instrument.statements().count(), "every code is there once");
    assert_eq!(instrument.scale.iter().map(|step| step.value).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    assert_eq!(instrument.top(), 5);
}

#[test]
fn strengths_and_gaps_follow_the_means() {
    let instrument = shipped();
    let rate = |values: &[(&str, i32)]| values.iter().map(|(code, value)| ((*code).to_owned(), *value)).collect::<Ratings>();
    let scores =
        score(&instrument, &rate(&[("clinical_management_1", 5), ("clinical_management_2", 4), ("research_quality_1", 2)]));
    assert_eq!(scores[0].mean(), Some(4.5));
    assert_eq!(scores[0].lowest.len(), 1);
    assert_eq!(scores[1].mean(), None);
    let found = outlook(&scores);
    assert_eq!((found.strengths, found.gaps), (vec![scores[0].name.clone()], vec![scores[3].name.clone()]));
    for same in
        [rate(&[]), rate(&[("clinical_management_1", 3)]), instrument.statements().map(|one| (one.code.clone(), 4)).collect()]
    {
        assert_eq!(outlook(&score(&instrument, &same)), Default::default());
    }
    let top: Ratings = instrument.statements().map(|one| (one.code.clone(), 5)).collect();
    assert!(score(&instrument, &top).iter().all(|score| score.lowest.is_empty()));
}

fn any_ratings() -> impl Strategy<Value = Ratings> {
    let codes: Vec<String> = shipped().statements().map(|one| one.code.clone()).collect();
    proptest::collection::vec(proptest::option::of(1..=5_i32), codes.len())
        .prop_map(move |values| codes.iter().cloned().zip(values).filter_map(|(code, value)| Some((code, value?))).collect())
}

proptest! {
    #[test]
    fn scores_stay_within_the_scale_and_count_everything_once(ratings in any_ratings(), extra in 1..=5_i32) {
        let instrument = shipped();
        let scores = score(&instrument, &ratings);
        prop_assert_eq!(scores.len(), instrument.domains.len());
        prop_assert_eq!(scores.iter().map(|score| score.rated).sum::<usize>(), ratings.len());
        prop_assert_eq!(scores.iter().map(|score| score.of).sum::<usize>() - ratings.len(), missing(&instrument, &ratings));
        for (score, domain) in scores.iter().zip(&instrument.domains) {
            prop_assert_eq!(score.mean().is_some(), score.rated > 0);
            let values: Vec<i32> = domain.statements.iter().filter_map(|one| ratings.get(&one.code).copied()).collect();
            if let (Some(mean), Some(least), Some(most)) = (score.mean(), values.iter().min(), values.iter().max()) {
                prop_assert!(f64::from(*least) <= mean && mean <= f64::from(*most));
                prop_assert_eq!(score.lowest.is_empty(), *least == 5);
            }
            prop_assert!(score.lowest.len() <= 2);
        }
        // What no statement asks counts for nothing.
        let mut more = ratings.clone();
        more.insert("nothing".into(), extra);
        prop_assert_eq!(score(&instrument, &more), scores);
    }

    #[test]
    fn a_strength_is_never_below_a_gap_and_a_better_rating_never_lowers_a_mean(ratings in any_ratings()) {
        let instrument = shipped();
        let scores = score(&instrument, &ratings);
        let means: BTreeMap<&str, f64> = scores.iter().filter_map(|score| Some((score.name.as_str(), score.mean()?))).collect();
        let found = outlook(&scores);
        prop_assert_eq!(found.strengths.is_empty(), found.gaps.is_empty());
        for strength in &found.strengths {
            for gap in &found.gaps {
                prop_assert!(means[strength.as_str()] > means[gap.as_str()]);
            }
            prop_assert!(means.values().all(|mean| *mean <= means[strength.as_str()]));
        }
        let better: Ratings = ratings.iter().map(|(code, value)| (code.clone(), (value + 1).min(5))).collect();
        let after = score(&instrument, &better);
        prop_assert_eq!(most_grown(&after, &scores), None);
        prop_assert_eq!(most_grown(&scores, &after).is_some(), ratings.values().any(|value| *value < 5));
        for (before, after) in scores.iter().zip(&after) {
            prop_assert!(before.mean() <= after.mean());
        }
    }

    #[test]
    fn whatever_is_sent_only_the_scale_gets_through(values in proptest::collection::vec((any::<String>(), any::<String>()), 0..20)) {
        let instrument = shipped();
        let typed: Vec<(String, String)> =
            values.iter().zip(instrument.statements()).map(|((_, value), one)| (api::field(&one.code), value.clone())).collect();
        let mut fields = Fields::of(Typed(Arc::new(typed)));
        let ratings = api::ratings(&mut fields, &instrument);
        prop_assert!(ratings.values().all(|value| instrument.has_value(*value)));
    }
}

fn typed(values: &[(&str, &str)]) -> Fields {
    Fields::of(Typed(Arc::new(values.iter().map(|(code, value)| (api::field(code), (*value).to_owned())).collect())))
}

#[test]
fn statements_may_be_left_out_but_not_all_of_them() {
    let instrument = shipped();
    let mut some = typed(&[("clinical_management_1", "4"), ("clinical_management_2", "")]);
    assert_eq!(api::ratings(&mut some, &instrument).len(), 1);
    assert!(some.check().is_ok());
    for wrong in
        [vec![], vec![("clinical_management_1", "6")], vec![("clinical_management_1", "x"), ("clinical_management_2", "3")]]
    {
        let mut fields = typed(&wrong);
        api::ratings(&mut fields, &instrument);
        assert!(fields.check().is_err(), "{wrong:?}");
    }
}

async fn newest(program: &Program) -> Published {
    store::newest(&mut program.state.db.read().await.unwrap()).await.unwrap().unwrap()
}

async fn save(program: &Program, pair: &Pair, moment: Moment, value: i32, shared: bool) {
    let published = newest(program).await;
    let ratings: Ratings = published.instrument.statements().skip(2).map(|one| (one.code.clone(), value)).collect();
    let mut tx = program.state.write(&pair.mentee).await.unwrap();
    let who = pair.mentee.own(&mut tx, pair.enrollment).await.unwrap();
    store::save(&mut tx, &who, &Answers { instrument: published.id, moment, ratings, shared }).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn an_evaluation_is_one_per_moment_and_a_skip_never_takes_it_away() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::One).await;
        for _ in 0..2 {
            let mut tx = program.state.write(&pair.mentee).await.unwrap();
            let who = pair.mentee.own(&mut tx, pair.enrollment).await.unwrap();
            store::skip(&mut tx, &who, Moment::Start).await.unwrap();
            assert!(!store::share(&mut tx, &who, Moment::Start, true).await.unwrap(), "nothing to share");
            tx.commit().await.unwrap();
        }
        let made = store::list(&mut program.state.db.read().await.unwrap(), pair.enrollment).await.unwrap();
        assert_eq!((made.len(), made[0].state), (1, State::Skipped));
        save(&program, &pair, Moment::Start, 2, false).await;
        save(&program, &pair, Moment::Start, 3, true).await;
        save(&program, &pair, Moment::End, 5, false).await;
        let mut tx = program.state.write(&pair.mentee).await.unwrap();
        let who = pair.mentee.own(&mut tx, pair.enrollment).await.unwrap();
        store::skip(&mut tx, &who, Moment::Start).await.unwrap();
        assert!(store::share(&mut tx, &who, Moment::Start, true).await.unwrap());
        tx.commit().await.unwrap();
        let made = store::list(&mut program.state.db.read().await.unwrap(), pair.enrollment).await.unwrap();
        assert_eq!(
            made.iter().map(|one| (one.moment, one.state)).collect::<Vec<_>>(),
            [(Moment::Start, State::Done), (Moment::End, State::Done)]
        );
        assert!(made[0].shared && made[0].ratings.0.values().all(|value| *value == 3));
        let mut tx = program.state.db.read().await.unwrap();
        assert!(pair.mentor.own(&mut tx, pair.enrollment).await.is_err(), "the mentor does not evaluate");
    })
    .await;
}

#[tokio::test]
async fn it_may_be_corrected_until_the_letter_is_received() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::One).await;
        let mut story = enrollments::find(&mut program.state.db.read().await.unwrap(), pair.enrollment).await.unwrap().unwrap();
        assert!(open(Moment::Start, &story, false).is_ok() && open(Moment::Start, &story, true).is_ok());
        assert!(open(Moment::End, &story, false).is_err());
        story.letter_received_at = Some(program.state.clock.now());
        assert!(open(Moment::Start, &story, false).is_ok(), "encouraged, and never too late");
        assert!(open(Moment::Start, &story, true).is_err());
        story.discussed = story.chapters;
        assert!(open(Moment::End, &story, true).is_ok());
        story.state = app::enrollments::State::Completed;
        assert!(open(Moment::End, &story, false).is_ok() && open(Moment::End, &story, true).is_err());
        assert!(open(Moment::Start, &story, false).is_err());
        story.state = app::enrollments::State::Withdrawn;
        assert!(open(Moment::End, &story, false).is_err());
    })
    .await;
}

const PAGE: &str = "/enrollments/{enrollment}/self-evaluation";

#[tokio::test]
async fn the_mentor_sees_what_is_shared_and_nothing_else() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::One).await;
        let (_, html) = open_page(&program, &pair.mentee, PAGE, pair.enrollment, "").await;
        assert!(html.contains("Not now") && html.contains("rate[clinical_management_1]"), "{html}");
        let (_, html) = open_page(&program, &pair.mentor, PAGE, pair.enrollment, "").await;
        assert!(html.contains("Nothing is shared with you") && !html.contains("<form class"), "{html}");

        save(&program, &pair, Moment::Start, 2, false).await;
        let (_, html) = open_page(&program, &pair.mentor, PAGE, pair.enrollment, "?form=start").await;
        assert!(html.contains("Nothing is shared with you") && !html.contains("<svg viewBox=\"0 0 100"), "{html}");
        let left = format!("2 of {} statements are not rated", shipped().statements().count());
        let (_, own) = open_page(&program, &pair.mentee, PAGE, pair.enrollment, "").await;
        assert!(own.contains(&left) && own.contains("Only you see it"), "{own}");
        let (_, again) = open_page(&program, &pair.mentee, PAGE, pair.enrollment, "?form=start").await;
        assert!(again.contains("checked") && !again.contains("Not now"), "{again}");

        save(&program, &pair, Moment::Start, 2, true).await;
        let (_, html) = open_page(&program, &pair.mentor, PAGE, pair.enrollment, "").await;
        assert!(html.contains("bar-chart") && html.contains("2.0") && !html.contains("Stop sharing"), "{html}");

        save(&program, &pair, Moment::End, 4, false).await;
        let (_, html) = open_page(&program, &pair.mentor, PAGE, pair.enrollment, "").await;
        assert!(!html.contains("bar-after") && !html.contains("4.0"), "{html}");
        let (_, own) = open_page(&program, &pair.mentee, PAGE, pair.enrollment, "").await;
        assert!(own.contains("bar-before") && own.contains("bar-after") && own.contains("Your second look"), "{own}");

        let mut tx = program.state.write(&program.coordinator).await.unwrap();
        execute!(&mut tx, "UPDATE mentor_match SET state = 'ended' WHERE id = $1", pair.current).unwrap();
        tx.commit().await.unwrap();
        let (status, _) = open_page(&program, &pair.mentor, PAGE, pair.enrollment, "").await;
        assert_eq!(status, axum::http::StatusCode::NOT_FOUND, "a former mentor sees none of it");
    })
    .await;
}

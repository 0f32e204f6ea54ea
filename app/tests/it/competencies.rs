//! Step 5: scoring, what may be done when, and who sees an evaluation.

use std::collections::BTreeMap;
use std::sync::Arc;

use app::competencies::store::{self, Answers, Published};
use app::competencies::{
    Instrument, MOST_GOALS, Moment, Ratings, State, api, compare, draft, missing, offers_end, open, outlook, score,
};
use app::db::execute;
use app::enrollments::{OptionNumber, store as enrollments};
use app::form::{Fields, Typed};
use proptest::prelude::*;

use crate::agreements::open_page;
use crate::support::{Pair, Program, each_db};
use crate::visit::Browser;

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
        let grown = compare((&instrument, &ratings), (&instrument, &better)).unwrap();
        prop_assert_eq!(grown.most_grown().is_some(), ratings.values().any(|value| *value < 5));
        let back = compare((&instrument, &better), (&instrument, &ratings)).unwrap();
        prop_assert_eq!(back.most_grown(), None);
        prop_assert_eq!(grown.domains.iter().map(|one| one.both).sum::<usize>(), ratings.len());
        prop_assert_eq!((grown.asked_once, grown.reworded), (0, 0));
        for (there, back) in grown.domains.iter().zip(&back.domains) {
            let sum = there.grown().zip(back.grown()).map(|(there, back)| there + back);
            prop_assert!(sum.is_none_or(|sum| sum.abs() < 1e-9), "there and back is no change");
        }
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
        assert!(open(Moment::End, &story, false).is_ok() && !offers_end(&story), "open to who wants it, not offered yet");
        story.letter_received_at = Some(program.state.clock.now());
        assert!(open(Moment::Start, &story, false).is_ok(), "encouraged, and never too late");
        assert!(open(Moment::Start, &story, true).is_err());
        story.discussed = story.chapters;
        assert!(offers_end(&story));
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

#[test]
fn versions_are_compared_over_the_statements_they_share() {
    let old = shipped();
    let mut new = old.clone();
    draft::drop_item(&mut new, "clinical_management_1").unwrap();
    draft::add_statement(&mut new, "fresh".into(), "clinical_management", "I can do something new.").unwrap();
    draft::reword_statement(&mut new, "clinical_management_2", "The same in other words.").unwrap();
    let rate = |values: &[(&str, i32)]| values.iter().map(|(code, value)| ((*code).to_owned(), *value)).collect::<Ratings>();
    let before = rate(&[("clinical_management_1", 1), ("clinical_management_2", 2), ("clinical_management_3", 2)]);
    let after = rate(&[("fresh", 5), ("clinical_management_2", 4), ("clinical_management_4", 5)]);
    let compared = compare((&old, &before), (&new, &after)).unwrap();
    assert_eq!((compared.asked_once, compared.reworded), (2, 1));
    let first = &compared.domains[0];
    assert_eq!((first.both, first.means, first.grown()), (1, Some((2.0, 4.0)), Some(2.0)), "only what was rated both times");
    assert!(compared.domains[1..].iter().all(|one| one.means.is_none()));
    assert_eq!(compared.most_grown().map(|one| one.code.as_str()), Some("clinical_management"));
    let mut other = new.clone();
    other.scale = draft::scale("Not yet\nWell").unwrap();
    assert!(compare((&old, &before), (&other, &after)).is_none(), "on another scale a number means something else");
}

#[test]
fn a_draft_is_edited_and_says_what_it_lacks() {
    let published = shipped();
    let mut draft = published.clone();
    assert!(draft::objection(&draft, Some(&published)).is_some(), "the same is no new version");
    let first = draft.domains[0].code.clone();
    draft::shift(&mut draft, &first, draft::Way::Up).unwrap();
    assert_eq!(draft, published, "at the end of its list it stays");
    draft::shift(&mut draft, &first, draft::Way::Down).unwrap();
    assert_eq!(draft.domains[1].code, first);
    draft::shift(&mut draft, "clinical_management_1", draft::Way::Down).unwrap();
    assert_eq!(draft.domains[1].statements[1].code, "clinical_management_1");
    assert!(draft::objection(&draft, Some(&published)).is_none());
    draft::add_domain(&mut draft, "new".into(), "A <b>new</b> area", "", false).unwrap();
    assert!(draft::objection(&draft, Some(&published)).unwrap().to_string().contains("no statement yet"));
    draft::drop_item(&mut draft, "new").unwrap();
    assert!(draft::drop_item(&mut draft, "new").is_err() && draft::shift(&mut draft, "new", draft::Way::Up).is_err());
    for lines in ["", "only one", "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11"] {
        assert!(draft::scale(lines).is_err(), "{lines:?}");
    }
    assert_eq!(draft::scale(" No \n\nYes\n").unwrap().iter().map(|step| step.value).collect::<Vec<_>>(), [1, 2]);
}

#[tokio::test]
async fn a_new_version_is_for_new_evaluations_and_those_made_stay_with_theirs() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::One).await;
        save(&program, &pair, Moment::Start, 2, true).await;
        let boss = Browser::of(&program, &program.coordinator).await;
        let page = "/coordinator/self-evaluation/draft";
        assert_eq!(
            boss.send("/coordinator/self-evaluation", "begin-instrument-draft", &[], api::begin_instrument_draft())
                .await
                .unwrap(),
            page
        );
        let early = boss.send(page, "publish-instrument", &[], api::publish_instrument()).await.unwrap();
        assert_eq!(early, page);
        assert!(boss.open(page).await.html.contains("says the same as the published version"));
        let word = [("code", "clinical_management_1"), ("area", ""), ("text", "I can <i>explain</i> it.")];
        boss.send(page, "save-instrument-statement", &word, api::save_instrument_statement()).await.unwrap();
        let new = [("code", ""), ("area", "clinical_management"), ("text", "I can do one more thing.")];
        boss.send(page, "save-instrument-statement", &new, api::save_instrument_statement()).await.unwrap();
        boss.send(page, "drop-instrument-item", &[], api::drop_instrument_item("clinical_management_3".into())).await.unwrap();
        let empty = [("code", ""), ("area", "clinical_management"), ("text", "")];
        let add = format!("{page}?add=clinical_management");
        assert_eq!(boss.send(&add, "save-instrument-statement", &empty, api::save_instrument_statement()).await.unwrap(), add);
        assert!(boss.open(&add).await.html.contains("Write the statement."));
        let html = boss.open(&format!("{page}?edit=clinical_management_1")).await.html;
        assert!(html.contains("&lt;i&gt;explain") && !html.contains("<i>explain"), "{html}");
        assert_eq!(newest(&program).await.version, 1, "nobody sees a draft");
        let led = boss.send(page, "publish-instrument", &[], api::publish_instrument()).await.unwrap();
        assert_eq!(led, "/coordinator/self-evaluation?done=instrument-published");
        assert_eq!(newest(&program).await.version, 2);
        let coordinator = program.coordinator.coordinator().unwrap();
        let mut tx = program.state.db.read().await.unwrap();
        let versions = store::list_versions(&mut tx, &coordinator).await.unwrap();
        assert_eq!(versions.iter().map(|one| (one.version, one.used)).collect::<Vec<_>>(), [(2, 0), (1, 1)]);
        assert!(store::find_draft(&mut tx, &coordinator).await.unwrap().is_none());
        drop(tx);

        let mentee = Browser::of(&program, &pair.mentee).await;
        let path = PAGE.replace("{enrollment}", &pair.enrollment.to_string());
        let again = mentee.open(&format!("{path}?form=start")).await.html;
        assert!(!again.contains("one more thing"), "the first look stays with its version");
        assert!(mentee.open(&format!("{path}?form=end")).await.html.contains("one more thing"));
        save(&program, &pair, Moment::End, 4, true).await;
        let html = mentee.open(&path).await.html;
        assert!(html.contains("from version 1 to version 2") && html.contains("+2.0"), "{html}");
    })
    .await;
}

#[tokio::test]
async fn two_coordinators_at_one_draft_do_not_overwrite_each_other() {
    each_db(async |program| {
        let coordinator = program.coordinator.coordinator().unwrap();
        let mut tx = program.state.write(&program.coordinator).await.unwrap();
        store::begin_draft(&mut tx, &coordinator, &shipped()).await.unwrap();
        let before = store::find_draft(&mut tx, &coordinator).await.unwrap().unwrap();
        store::edit_draft(&mut tx, &coordinator, |draft| draft::drop_item(draft, "clinical_management_1")).await.unwrap();
        assert!(store::publish(&mut tx, &coordinator, &before).await.is_err(), "what was read is no longer the draft");
        store::begin_draft(&mut tx, &coordinator, &shipped()).await.unwrap();
        let after = store::find_draft(&mut tx, &coordinator).await.unwrap().unwrap();
        assert_eq!(after.revision, 2, "a draft that is there stays");
        store::discard_draft(&mut tx, &coordinator).await.unwrap();
        assert!(store::edit_draft(&mut tx, &coordinator, |_| Ok(())).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn five_goals_stand_in_the_plan_and_only_their_mentee_changes_them() {
    each_db(async |program| {
        let (pair, other) = (program.pair(OptionNumber::One).await, program.pair(OptionNumber::One).await);
        let instrument = newest(&program).await.instrument;
        let codes: Vec<String> = instrument.statements().map(|one| one.code.clone()).collect();
        let mentee = Browser::of(&program, &pair.mentee).await;
        let path = format!("/enrollments/{}/goals", pair.enrollment);
        let choose = async |code: &str, word: &str| {
            let fields = [("statement", code), ("word", word)];
            mentee.send(&path, "choose-goal", &fields, api::choose_goal(pair.enrollment)).await.unwrap()
        };
        for code in codes.iter().take(usize::try_from(MOST_GOALS).unwrap()) {
            assert!(choose(code, "My <b>own</b> word").await.ends_with("?done=goal-chosen"));
        }
        for refused in [codes[0].as_str(), codes[9].as_str(), "unknown"] {
            assert_eq!(choose(refused, "kept").await, path, "{refused}");
            let html = mentee.open(&path).await.html;
            assert!(html.contains("kept"), "what was typed comes back: {html}");
        }
        let goals = store::list_goals(&mut program.state.db.read().await.unwrap(), pair.enrollment).await.unwrap();
        assert_eq!(goals.len(), 5);
        for (who, place) in [
            (&pair.mentee, "plan"),
            (&pair.mentor, "plan"),
            (&pair.mentor, "talk"),
            (&pair.mentor, "goals"),
            (&pair.mentor, "self-evaluation"),
        ] {
            let html = Browser::of(&program, who).await.open(&format!("/enrollments/{}/{place}", pair.enrollment)).await.html;
            assert!(html.contains("My &lt;b&gt;own") && !html.contains("<b>own"), "{place}: {html}");
        }
        let today = app::clock::today(program.state.clock.now()).to_string();
        let goal = goals[4].id;
        let reached = [("word", "Done"), ("reached-on", today.as_str())];
        mentee.send(&path, "change-goal", &reached, api::change_goal(pair.enrollment, goal)).await.unwrap();
        mentee.send(&path, "drop-goal", &[], api::drop_goal(pair.enrollment, goals[0].id)).await.unwrap();
        let left = store::list_goals(&mut program.state.db.read().await.unwrap(), pair.enrollment).await.unwrap();
        assert_eq!((left.len(), left[3].id, left[3].word.as_str()), (4, goal, "Done"), "what is reached comes last");
        assert!(choose(&codes[0], "again").await.ends_with("?done=goal-chosen"), "a place is free again");
        let future = [("word", ""), ("reached-on", "2149-01-01")];
        assert_eq!(mentee.send(&path, "change-goal", &future, api::change_goal(pair.enrollment, goal)).await.unwrap(), path);

        for stranger in [&pair.mentor, &other.mentee] {
            let visitor = Browser::of(&program, stranger).await;
            let tried = visitor.send(&path, "drop-goal", &[], api::drop_goal(pair.enrollment, goal)).await;
            assert_eq!(tried, Err(app::error::AppError::NotFound));
        }
        let theirs = Browser::of(&program, &other.mentee).await;
        let own = format!("/enrollments/{}/goals", other.enrollment);
        assert_eq!(
            theirs.send(&own, "drop-goal", &[], api::drop_goal(other.enrollment, goal)).await,
            Err(app::error::AppError::NotFound)
        );
    })
    .await;
}

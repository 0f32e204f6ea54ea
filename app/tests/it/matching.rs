//! Step 2: the life of a match, and proposals on both engines, also at once.

use app::clock::today;
use app::counties::County;
use app::db::{execute, fetch_all, fetch_one};
use app::enrollments::{self, OptionNumber};
use app::error::{AppError, Refusal};
use app::id::{AccountId, CredentialCheckId, EnrollmentId, MatchId};
use app::matching::store::{self, Match};
use app::matching::{Action, Credential, Profile, State, credential};
use app::people::{Discipline, Interest, Role, Viewer, Way};
use app::settings::Settings;
use chrono::{Days, NaiveDate};

use crate::support::{Program, each_db};

#[test]
fn the_life_of_a_match() {
    let mut table = String::new();
    for state in State::ALL {
        for action in Action::ALL {
            let after = state.after(*action).map_or("-", State::as_str);
            table.push_str(&format!("{state} {action} {after}\n"));
            if let Ok(next) = state.after(*action) {
                assert_eq!(next, action.aim());
            }
        }
    }
    let expected = "\
proposed accept accepted
proposed decline declined
proposed withdraw withdrawn
proposed end -
accepted accept -
accepted decline -
accepted withdraw -
accepted end ended
declined accept -
declined decline -
declined withdraw -
declined end -
withdrawn accept -
withdrawn decline -
withdrawn withdraw -
withdrawn end -
ended accept -
ended decline -
ended withdraw -
ended end -
";
    assert_eq!(table, expected);
}

#[test]
fn a_credential_is_good_on_its_last_day() {
    let today = day("2026-11-22");
    assert_eq!(credential(None, today), Credential::Unchecked);
    assert_eq!(credential(Some(day("2026-11-21")), today), Credential::Expired(day("2026-11-21")));
    assert_eq!(credential(Some(today), today), Credential::Ending { on: today, days: 0 });
    assert_eq!(credential(Some(today + Days::new(120)), today), Credential::Ending { on: today + Days::new(120), days: 120 });
    assert_eq!(credential(Some(today + Days::new(121)), today), Credential::Valid(today + Days::new(121)));
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

async fn propose(program: &Program, enrollment: EnrollmentId, mentor: AccountId) -> Result<(Match, bool), AppError> {
    let who = program.coordinator.coordinator().unwrap();
    let mut tx = program.state.write(&who).await?;
    let proposed = store::propose(&mut tx, &who, enrollment, mentor, &Settings::default()).await?;
    tx.commit().await?;
    Ok(proposed)
}

/// What the mentor does with a proposal.
async fn reply(program: &Program, mentor: &Viewer, id: MatchId, action: Action) -> Result<bool, AppError> {
    let who = mentor.mentor().unwrap();
    let mut tx = program.state.write(&who).await?;
    let found = store::find_of_mentor(&mut tx, who, id).await?.ok_or(AppError::NotFound)?;
    let done = match action {
        Action::Accept => store::accept(&mut tx, who, &found).await?,
        _ => store::decline(&mut tx, who, &found, "No time before spring").await?,
    };
    tx.commit().await?;
    Ok(done)
}

/// What the coordinator does with a match.
async fn settle(program: &Program, id: MatchId, action: Action) -> Result<bool, AppError> {
    let who = program.coordinator.coordinator().unwrap();
    let mut tx = program.state.write(&who).await?;
    let found = store::find(&mut tx, &who, id).await?.ok_or(AppError::NotFound)?;
    let done = match action {
        Action::Withdraw => store::withdraw(&mut tx, &who, &found).await?,
        _ => store::end(&mut tx, &who, &found, "Moved to another state").await?,
    };
    tx.commit().await?;
    Ok(done)
}

async fn current(program: &Program, enrollment: EnrollmentId) -> Option<Match> {
    store::current_of(&mut program.state.db.read().await.unwrap(), enrollment).await.unwrap()
}

async fn limit(program: &Program, mentor: &Viewer, capacity: i32) {
    let mut tx = program.state.write(&program.coordinator).await.unwrap();
    execute!(&mut tx, "UPDATE mentor SET capacity = $2 WHERE account_id = $1", mentor.id, capacity).unwrap();
    tx.commit().await.unwrap();
}

fn refused<T: std::fmt::Debug>(result: Result<T, AppError>) -> String {
    match result {
        Err(AppError::Refused(Refusal(words))) => words.into_owned(),
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn a_mentor_accepts_and_sending_it_twice_changes_nothing() {
    each_db(async |program| {
        let mentor = program.mentor("Ann Sather", "30049").await;
        let (_, enrollment) = program.enrollment("Dana Whitcomb", OptionNumber::One).await;
        let (proposed, new) = propose(&program, enrollment, mentor.id).await.unwrap();
        assert!(new);
        assert_eq!(
            (proposed.state, proposed.mentee.as_str(), proposed.mentor.as_str()),
            (State::Proposed, "Dana Whitcomb", "Ann Sather")
        );
        assert_eq!(proposed.points, proposed.reasons.iter().map(|reason| reason.points).sum::<i32>());
        assert_eq!(proposed.answer_by - proposed.proposed_at, chrono::Duration::days(7));

        let (again, new) = propose(&program, enrollment, mentor.id).await.unwrap();
        assert_eq!((again.id, new), (proposed.id, false));

        assert!(reply(&program, &mentor, proposed.id, Action::Accept).await.unwrap());
        assert!(!reply(&program, &mentor, proposed.id, Action::Accept).await.unwrap());
        let accepted = current(&program, enrollment).await.unwrap();
        assert_eq!((accepted.state, accepted.answered_at.is_some()), (State::Accepted, true));
        assert!(refused(reply(&program, &mentor, proposed.id, Action::Decline).await).contains("accepted already"));
        assert!(refused(settle(&program, proposed.id, Action::Withdraw).await).contains("accepted meanwhile"));
        assert_eq!(events(&program, enrollment).await, ["match.proposed", "match.accepted"]);
    })
    .await;
}

async fn events(program: &Program, enrollment: EnrollmentId) -> Vec<String> {
    let mut tx = program.state.db.read().await.unwrap();
    fetch_all!(
        &mut tx,
        (String,),
        "SELECT kind FROM audit WHERE enrollment_id = $1 AND kind LIKE 'match.%' ORDER BY seq",
        enrollment
    )
    .unwrap()
    .into_iter()
    .map(|(kind,)| kind)
    .collect()
}

#[tokio::test]
async fn who_declined_or_was_ended_is_not_proposed_again_but_who_was_withdrawn_is() {
    each_db(async |program| {
        let (first, second, third) =
            (program.mentor("Ann", "30049").await, program.mentor("Ben", "30049").await, program.mentor("Cleo", "30049").await);
        let (_, enrollment) = program.enrollment("Dana", OptionNumber::Two).await;

        let (proposed, _) = propose(&program, enrollment, first.id).await.unwrap();
        assert!(reply(&program, &first, proposed.id, Action::Decline).await.unwrap());
        assert!(refused(propose(&program, enrollment, first.id).await).contains("declined"));

        let (proposed, _) = propose(&program, enrollment, second.id).await.unwrap();
        assert!(settle(&program, proposed.id, Action::Withdraw).await.unwrap());
        assert!(refused(reply(&program, &second, proposed.id, Action::Accept).await).contains("withdrawn"));

        let (proposed, new) = propose(&program, enrollment, second.id).await.unwrap();
        assert!(new);
        assert!(reply(&program, &second, proposed.id, Action::Accept).await.unwrap());
        assert!(settle(&program, proposed.id, Action::End).await.unwrap());
        assert!(!settle(&program, proposed.id, Action::End).await.unwrap());
        assert!(current(&program, enrollment).await.is_none());
        assert!(refused(propose(&program, enrollment, second.id).await).contains("mentor before"));

        let (proposed, _) = propose(&program, enrollment, third.id).await.unwrap();
        assert!(reply(&program, &third, proposed.id, Action::Accept).await.unwrap());
        let who = program.coordinator.coordinator().unwrap();
        let all = store::list_of_enrollment(&mut program.state.db.read().await.unwrap(), &who, enrollment).await.unwrap();
        let states: Vec<State> = all.iter().map(|one| one.state).collect();
        assert_eq!(states, [State::Accepted, State::Ended, State::Withdrawn, State::Declined]);
        assert_eq!(all[1].end_reason.as_deref(), Some("Moved to another state"));
        assert_eq!(all[3].answer_reason.as_deref(), Some("No time before spring"));
    })
    .await;
}

#[tokio::test]
async fn an_answer_that_comes_late_still_counts() {
    each_db(async |program| {
        let mentor = program.mentor("Ann", "30049").await;
        let (_, enrollment) = program.enrollment("Dana", OptionNumber::Two).await;
        let (proposed, _) = propose(&program, enrollment, mentor.id).await.unwrap();
        program.state.clock.advance(chrono::Duration::days(9));
        assert!(program.state.clock.now() > proposed.answer_by);
        assert!(reply(&program, &mentor, proposed.id, Action::Accept).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn hard_rules_hold_when_a_proposal_is_sent() {
    each_db(async |program| {
        let mentor = program.mentor("Ann", "30049").await;
        let (_, enrollment) = program.enrollment("Dana", OptionNumber::One).await;
        let today = today(program.state.clock.now());
        let who = program.coordinator.coordinator().unwrap();
        let fine = profile(&[OptionNumber::One]);
        for (offered, words) in [
            (profile(&[OptionNumber::Two]), "option"),
            (Profile { capacity: 0, ..fine.clone() }, "place"),
            (Profile { away_until: Some(today + Days::new(5)), ..fine.clone() }, "away"),
        ] {
            let mut tx = program.state.write(&who).await.unwrap();
            store::update_mentor(&mut tx, &who, mentor.id, &offered).await.unwrap();
            tx.commit().await.unwrap();
            assert!(refused(propose(&program, enrollment, mentor.id).await).contains(words), "{words}");
        }
        let mut tx = program.state.write(&who).await.unwrap();
        store::update_mentor(&mut tx, &who, mentor.id, &fine).await.unwrap();
        tx.commit().await.unwrap();
        // The newest check counts, though an older one reached further.
        program.state.clock.advance(chrono::Duration::seconds(1));
        check(&program, mentor.id, CredentialCheckId::new(), today).await;
        program.state.clock.advance(chrono::Duration::days(1));
        assert!(refused(propose(&program, enrollment, mentor.id).await).contains("credential"));
        check(&program, mentor.id, CredentialCheckId::new(), today + Days::new(400)).await;
        propose(&program, enrollment, mentor.id).await.unwrap();
        assert_eq!(propose(&program, EnrollmentId::new(), mentor.id).await.unwrap_err(), AppError::NotFound);
        let (_, other) = program.enrollment("Eve", OptionNumber::One).await;
        assert_eq!(propose(&program, other, AccountId::new()).await.unwrap_err(), AppError::NotFound);
    })
    .await;
}

fn profile(options: &[OptionNumber]) -> Profile {
    Profile {
        discipline: Discipline::Dietitian,
        county: County::by_fips("30111").unwrap(),
        options: options.to_vec(),
        ways: vec![Way::Phone],
        interests: vec![Interest::Pregnancy],
        capacity: 2,
        about: "Twenty years in a clinic".into(),
        away_until: None,
    }
}

async fn check(program: &Program, mentor: AccountId, id: CredentialCheckId, valid_to: NaiveDate) {
    let who = program.coordinator.coordinator().unwrap();
    let mut tx = program.state.write(&who).await.unwrap();
    store::insert_check(&mut tx, &who, id, mentor, valid_to, "Looked up").await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn an_ended_enrollment_needs_no_mentor_and_takes_no_place() {
    each_db(async |program| {
        let mentor = program.mentor("Ann", "30049").await;
        limit(&program, &mentor, 1).await;
        let (_, enrollment) = program.enrollment("Dana", OptionNumber::Two).await;
        let (_, other) = program.enrollment("Eve", OptionNumber::Two).await;
        let (proposed, _) = propose(&program, enrollment, mentor.id).await.unwrap();
        assert!(refused(propose(&program, other, mentor.id).await).contains("free place"));

        let mut tx = program.state.write(&program.coordinator).await.unwrap();
        let story = enrollments::store::find(&mut tx, enrollment).await.unwrap().unwrap();
        enrollments::store::change(&mut tx, &story, enrollments::Action::Withdraw, None, "Moved").await.unwrap();
        tx.commit().await.unwrap();
        // The proposal went with the enrolment.
        assert!(refused(reply(&program, &mentor, proposed.id, Action::Accept).await).contains("withdrawn"));
        propose(&program, other, mentor.id).await.unwrap();
        assert!(refused(propose(&program, enrollment, mentor.id).await).contains("ended"));
    })
    .await;
}

#[tokio::test]
async fn the_last_place_goes_to_one_of_two_who_propose_at_once() {
    each_db(async |program| {
        let other = program.person("Second Coordinator", Role::Coordinator).await;
        for round in 0..10 {
            let mentor = program.mentor(&format!("Mentor {round}"), "30049").await;
            limit(&program, &mentor, 1).await;
            let (_, first) = program.enrollment(&format!("First {round}"), OptionNumber::One).await;
            let (_, second) = program.enrollment(&format!("Second {round}"), OptionNumber::One).await;
            let results = both(&program, (&program.coordinator, first, mentor.id), (&other, second, mentor.id)).await;
            let lost: Vec<AppError> = results.into_iter().filter_map(Result::err).collect();
            assert_eq!(lost.len(), 1, "one is told");
            assert!(refused::<()>(Err(lost[0].clone())).contains("place"));
            let live =
                i64::from(current(&program, first).await.is_some()) + i64::from(current(&program, second).await.is_some());
            assert_eq!(live, 1);
        }
    })
    .await;
}

#[tokio::test]
async fn a_mentee_gets_one_proposal_of_two_made_at_once() {
    each_db(async |program| {
        let other = program.person("Second Coordinator", Role::Coordinator).await;
        for round in 0..10 {
            let (a, b) =
                (program.mentor(&format!("A {round}"), "30049").await, program.mentor(&format!("B {round}"), "30049").await);
            let (_, enrollment) = program.enrollment(&format!("Mentee {round}"), OptionNumber::Three).await;
            let results = both(&program, (&program.coordinator, enrollment, a.id), (&other, enrollment, b.id)).await;
            let lost: Vec<AppError> = results.into_iter().filter_map(Result::err).collect();
            assert_eq!(lost.len(), 1, "one is told");
            assert!(refused::<()>(Err(lost[0].clone())).contains("propos"));
            let mut tx = program.state.db.read().await.unwrap();
            let (rows,) =
                fetch_one!(&mut tx, (i64,), "SELECT COUNT(*) FROM mentor_match WHERE enrollment_id = $1", enrollment).unwrap();
            assert_eq!(rows, 1);
        }
    })
    .await;
}

type Wish<'a> = (&'a Viewer, EnrollmentId, AccountId);

/// Two coordinators propose at the same time.
async fn both(program: &Program, one: Wish<'_>, two: Wish<'_>) -> Vec<Result<(Match, bool), AppError>> {
    let tasks = [one, two].map(|(who, enrollment, mentor)| {
        let (state, who) = (program.state.clone(), who.coordinator().unwrap());
        tokio::spawn(async move {
            let mut tx = state.write(&who).await?;
            let proposed = store::propose(&mut tx, &who, enrollment, mentor, &Settings::default()).await?;
            tx.commit().await?;
            Ok(proposed)
        })
    });
    let mut results = Vec::new();
    for task in tasks {
        results.push(task.await.unwrap());
    }
    results
}

#[tokio::test]
async fn accepting_and_withdrawing_at_once_leaves_one_of_the_two() {
    each_db(async |program| {
        for round in 0..10 {
            let mentor = program.mentor(&format!("Mentor {round}"), "30049").await;
            let (_, enrollment) = program.enrollment(&format!("Mentee {round}"), OptionNumber::Two).await;
            let (proposed, _) = propose(&program, enrollment, mentor.id).await.unwrap();
            let (accepted, withdrawn) = tokio::join!(
                reply(&program, &mentor, proposed.id, Action::Accept),
                settle(&program, proposed.id, Action::Withdraw)
            );
            assert!(accepted.is_ok() != withdrawn.is_ok(), "{accepted:?} {withdrawn:?}");
            assert_eq!(current(&program, enrollment).await.is_some(), accepted.is_ok());
        }
    })
    .await;
}

#[tokio::test]
async fn another_mentors_proposal_is_not_found() {
    each_db(async |program| {
        let (mentor, stranger) = (program.mentor("Ann", "30049").await, program.mentor("Ben", "30049").await);
        let (_, enrollment) = program.enrollment("Dana", OptionNumber::One).await;
        let (proposed, _) = propose(&program, enrollment, mentor.id).await.unwrap();
        assert_eq!(reply(&program, &stranger, proposed.id, Action::Accept).await.unwrap_err(), AppError::NotFound);
        let mut tx = program.state.db.read().await.unwrap();
        assert!(store::find_seeker_for(&mut tx, stranger.mentor().unwrap(), &proposed).await.unwrap().is_none());
        let seeker = store::find_seeker_for(&mut tx, mentor.mentor().unwrap(), &proposed).await.unwrap().unwrap();
        assert_eq!((seeker.name.as_str(), seeker.option_number), ("Dana", OptionNumber::One));
    })
    .await;
}

#[tokio::test]
async fn a_person_becomes_a_mentor_once_and_may_be_the_coordinator() {
    each_db(async |program| {
        let who = program.coordinator.coordinator().unwrap();
        let offered = profile(&[OptionNumber::One, OptionNumber::Three]);
        let mut tx = program.state.write(&who).await.unwrap();
        assert!(store::insert_mentor(&mut tx, &who, who.account(), &offered).await.unwrap());
        assert!(!store::insert_mentor(&mut tx, &who, who.account(), &profile(&[OptionNumber::Two])).await.unwrap());
        tx.commit().await.unwrap();

        let key = CredentialCheckId::new();
        let valid_to = today(program.state.clock.now()) + Days::new(200);
        check(&program, who.account(), key, valid_to).await;
        check(&program, who.account(), key, valid_to).await;
        let mut tx = program.state.db.read().await.unwrap();
        let checks = store::list_checks(&mut tx, &who, who.account()).await.unwrap();
        assert_eq!((checks.len(), checks[0].checked_by.as_str(), checks[0].valid_to), (1, "Cora Dinator", valid_to));
        let found = store::find_mentor(&mut tx, &who, who.account()).await.unwrap().unwrap();
        assert_eq!(found.options.0, [OptionNumber::One, OptionNumber::Three]);
        assert_eq!((found.interests.0.as_slice(), found.ways.0.as_slice()), (&[Interest::Pregnancy][..], &[Way::Phone][..]));
        assert_eq!((found.valid_to, found.current, found.capacity), (Some(valid_to), 0, 2));
        assert_eq!(store::list_mentors(&mut tx, &who).await.unwrap().len(), 1);
    })
    .await;
}

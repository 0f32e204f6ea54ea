//! Times for talks: what a typed time means, whose it is to answer, what calendars get, and who sees it.

use std::sync::Arc;

use app::appointments::{
    self, AppointmentState, EntryKind, ProposalAction, ProposalState, link, say_in, starts_at, store, time_of_day, time_path,
};
use app::clock::{MONTANA, at_local};
use app::enrollments::OptionNumber;
use app::error::AppError;
use app::form::{Fields, Typed};
use app::id::ProposalId;
use app::mail::Kind;
use app::people::Viewer;
use chrono::{DateTime, Days, Duration, NaiveDate, NaiveTime, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use proptest::prelude::*;

use crate::study::{change_mentor, member};
use crate::support::{Pair, Program, each_db};
use crate::visit::Browser;

type Answer = Result<String, AppError>;

#[test]
fn a_time_is_read_as_people_write_it() {
    let half_past_five = NaiveTime::from_hms_opt(17, 30, 0);
    for text in ["17:30", "17:30:00", "5:30 pm", "5:30 PM", "05:30 p.m.", "5:30pm"] {
        assert_eq!(time_of_day(text), half_past_five, "{text}");
    }
    for text in ["", "25:00", "5", "evening"] {
        assert_eq!(time_of_day(text), None, "{text}");
    }
}

#[test]
fn an_hour_that_is_skipped_does_not_exist_and_one_that_comes_twice_is_its_first() {
    let day = |month, day| NaiveDate::from_ymd_opt(2027, month, day).unwrap();
    let time = |hour, minute| NaiveTime::from_hms_opt(hour, minute, 0).unwrap();
    assert_eq!(
        starts_at(MONTANA, day(3, 14), time(2, 30)).unwrap_err(),
        "Clocks go forward that night, and 2:30 am does not exist. Choose 3:30 am or another time."
    );
    let first = starts_at(MONTANA, day(11, 7), time(1, 30)).unwrap();
    assert_eq!(say_in(MONTANA, first, first - Duration::days(1)), "Sunday, Nov 7, 1:30 am MDT");
    // The same wall time elsewhere is another moment, and may exist there.
    assert!(starts_at(chrono_tz::America::Phoenix, day(3, 14), time(2, 30)).is_ok());
}

fn zone() -> impl Strategy<Value = Tz> {
    prop::sample::select(vec![
        MONTANA,
        chrono_tz::America::Phoenix,
        chrono_tz::America::St_Johns,
        chrono_tz::America::New_York,
        chrono_tz::Pacific::Honolulu,
        chrono_tz::Australia::Lord_Howe,
    ])
}

proptest! {
    /// Whatever the zone and the day: a time that is taken reads the same on the wall, and one that is refused is on no
    /// wall at all.
    #[test]
    fn a_time_that_is_taken_is_the_one_on_the_wall(zone in zone(), day in 0_u64..4000, minute in 0_u32..1440) {
        let date = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap() + Days::new(day);
        let time = NaiveTime::from_num_seconds_from_midnight_opt(minute * 60, 0).unwrap();
        match starts_at(zone, date, time) {
            Ok(at) => {
                let local = at.with_timezone(&zone);
                prop_assert_eq!((local.date_naive(), local.time()), (date, time));
                // No earlier moment reads the same.
                let sooner = (at - Duration::hours(1)).with_timezone(&zone);
                prop_assert!((sooner.date_naive(), sooner.time()) != (date, time));
            }
            Err(_) => {
                let noon = at_local(zone, date, NaiveTime::from_hms_opt(12, 0, 0).unwrap());
                for minutes in -1440..1440 {
                    let local = (noon + Duration::minutes(minutes)).with_timezone(&zone);
                    prop_assert!((local.date_naive(), local.hour() * 60 + local.minute()) != (date, minute));
                }
            }
        }
    }
}

#[test]
fn whose_it_is_to_answer() {
    use ProposalAction::{Accept, Decline, Replace, Withdraw};
    let told: Vec<String> = [Accept, Decline, Replace, Withdraw]
        .into_iter()
        .flat_map(|action| {
            [false, true].map(|own| {
                let after = ProposalState::Open.after(action, own).map_or("refused", ProposalState::as_str);
                format!("{action:?} {}: {after}", if own { "own" } else { "other's" })
            })
        })
        .collect();
    assert_eq!(
        told,
        [
            "Accept other's: accepted",
            "Accept own: refused",
            "Decline other's: declined",
            "Decline own: refused",
            "Replace other's: replaced",
            "Replace own: replaced",
            "Withdraw other's: refused",
            "Withdraw own: withdrawn"
        ]
    );
    for state in ProposalState::ALL.iter().filter(|state| **state != ProposalState::Open) {
        for action in [Accept, Decline, Replace, Withdraw] {
            assert!(state.after(action, false).is_err() && state.after(action, true).is_err());
        }
    }
}

fn typed(fields: &[(&str, &str)]) -> Fields {
    Fields::of(Typed(Arc::new(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())))
}

#[test]
fn the_form_says_all_that_is_wrong_at_once() {
    let now = MONTANA.with_ymd_and_hms(2027, 3, 1, 12, 0, 0).unwrap().with_timezone(&Utc);
    let mut fields = typed(&[
        ("date-1", "2027-03-14"),
        ("time-1", "2:30"),
        ("date-2", "2027-02-14"),
        ("time-2", "17:30"),
        ("time-3", "soon"),
    ]);
    assert_eq!(appointments::api::typed_times(&mut fields, MONTANA, now), None);
    let Err(AppError::Invalid(errors)) = fields.check() else { panic!("nothing wrong?") };
    let named: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(named, ["time-1", "date-2", "date-3"]);

    let twice = [("date-1", "2027-03-20"), ("time-1", "5:30 pm"), ("date-2", "3/20/2027"), ("time-2", "17:30")];
    assert_eq!(appointments::api::typed_times(&mut typed(&twice), MONTANA, now), None);
    assert_eq!(appointments::api::typed_times(&mut typed(&[]), MONTANA, now), None);
    let times = [("date-1", "2027-03-20"), ("time-1", "5:30 pm"), ("date-3", "2027-03-19"), ("time-3", "12:00")];
    let found = appointments::api::typed_times(&mut typed(&times), MONTANA, now).unwrap();
    assert_eq!(
        found.iter().map(DateTime::to_rfc3339).collect::<Vec<_>>(),
        ["2027-03-19T18:00:00+00:00", "2027-03-20T23:30:00+00:00"]
    );
}

/// A day so far ahead, as a form has it.
fn day(program: &Program, days: i64) -> String {
    app::clock::today(program.state.clock.now() + Duration::days(days)).to_string()
}

async fn send(
    program: &Program,
    who: &Viewer,
    pair: &Pair,
    form: &str,
    fields: &[(&str, &str)],
    call: impl Future<Output = Result<(), AppError>>,
) -> Answer {
    program.state.clock.advance(Duration::seconds(1));
    Browser::of(program, who).await.send(&time_path(pair.enrollment), form, fields, call).await
}

/// Proposes noon on these days ahead.
async fn propose(program: &Program, who: &Viewer, pair: &Pair, days: &[i64]) -> Answer {
    let days: Vec<String> = days.iter().map(|days| day(program, *days)).collect();
    let mut fields = vec![("minutes", "45"), ("way", "video"), ("place", "https://video.qdei.test/room")];
    for (day, (date, time)) in days.iter().zip([("date-1", "time-1"), ("date-2", "time-2"), ("date-3", "time-3")]) {
        fields.extend([(date, day.as_str()), (time, "12:00")]);
    }
    send(program, who, pair, "propose-times", &fields, appointments::api::propose_times(pair.enrollment)).await
}

async fn open(program: &Program, who: &Viewer, pair: &Pair) -> Option<appointments::Proposal> {
    let (who, _) = member(program, who, pair).await;
    store::find_open(&mut program.state.db.read().await.unwrap(), who).await.unwrap()
}

async fn accept(program: &Program, who: &Viewer, pair: &Pair, id: ProposalId, at: DateTime<Utc>) -> Answer {
    let at = at.timestamp_micros().to_string();
    send(program, who, pair, "accept-time", &[("at", &at)], appointments::api::accept_time(pair.enrollment, id)).await
}

/// A talk in two days that both agreed on.
pub async fn agree_on_a_time(program: &Program, pair: &Pair) {
    propose(program, &pair.mentor, pair, &[2]).await.unwrap();
    let proposal = open(program, &pair.mentee, pair).await.unwrap();
    accept(program, &pair.mentee, pair, proposal.id, proposal.times[0]).await.unwrap();
}

/// How many messages of a kind wait or were sent.
async fn mails(program: &Program, kind: Kind) -> i64 {
    let mut tx = program.state.db.read().await.unwrap();
    let count = app::db::fetch_one!(&mut tx, (i64,), "SELECT COUNT(*) FROM mail WHERE kind = $1 AND state = 'waiting'", kind);
    count.unwrap().0
}

#[tokio::test]
async fn one_proposes_the_other_takes_a_time_and_both_see_it() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::Two).await;
        let path = time_path(pair.enrollment);
        assert_eq!(propose(&program, &pair.mentee, &pair, &[3, 5]).await.unwrap(), format!("{path}?done=times-proposed"));
        assert_eq!(mails(&program, Kind::TalkProposed).await, 1);
        let (mentee, mentor) = (Browser::of(&program, &pair.mentee).await, Browser::of(&program, &pair.mentor).await);
        assert!(mentor.open("/mentor").await.html.contains("Choose a time"));
        assert!(mentor.open(&path).await.html.contains("Take this time"));
        assert!(mentee.open(&path).await.html.contains("Take it back"));

        let proposal = open(&program, &pair.mentor, &pair).await.unwrap();
        // The proposer cannot answer, nobody else can, and no other time can be taken.
        assert_eq!(accept(&program, &pair.mentee, &pair, proposal.id, proposal.times[1]).await.unwrap(), path);
        let wrong = proposal.times[1] + Duration::hours(1);
        assert_eq!(accept(&program, &pair.mentor, &pair, proposal.id, wrong).await, Err(AppError::NotFound));
        let others = program.pair(OptionNumber::Two).await;
        assert_eq!(accept(&program, &others.mentor, &others, proposal.id, proposal.times[1]).await, Err(AppError::NotFound));
        let answer = accept(&program, &pair.mentor, &pair, proposal.id, proposal.times[1]).await;
        assert_eq!(answer.unwrap(), format!("{path}?done=time-agreed"));
        assert_eq!((mails(&program, Kind::TalkProposed).await, mails(&program, Kind::TalkAgreed).await), (0, 2));

        let (who, two) = member(&program, &pair.mentee, &pair).await;
        assert_eq!(two.next_talk_at, Some(proposal.times[1]));
        let said = say_in(MONTANA, proposal.times[1], program.state.clock.now());
        for page in [mentee.open("/mentee").await.html, mentor.open("/mentor").await.html, mentee.open(&path).await.html] {
            assert!(page.contains(&said), "{said}");
        }
        // Answered is answered.
        assert_eq!(accept(&program, &pair.mentor, &pair, proposal.id, proposal.times[0]).await.unwrap(), path);
        let agreed = store::find_agreed(&mut program.state.db.read().await.unwrap(), who).await.unwrap().unwrap();
        assert_eq!((agreed.starts_at, agreed.sequence), (proposal.times[1], 0));

        // Moved: the same talk, a change later.
        propose(&program, &pair.mentor, &pair, &[8]).await.unwrap();
        let moved = open(&program, &pair.mentee, &pair).await.unwrap();
        accept(&program, &pair.mentee, &pair, moved.id, moved.times[0]).await.unwrap();
        let now = store::find_agreed(&mut program.state.db.read().await.unwrap(), who).await.unwrap().unwrap();
        assert_eq!((now.id, now.starts_at, now.sequence), (agreed.id, moved.times[0], 1));

        let cancel = || appointments::api::cancel_talk(pair.enrollment);
        let answer = send(&program, &pair.mentee, &pair, "cancel-talk", &[], cancel()).await;
        assert_eq!(answer.unwrap(), format!("{path}?done=talk-cancelled"));
        assert_eq!(mails(&program, Kind::TalkCancelled).await, 2);
        let mut tx = program.state.db.read().await.unwrap();
        let invitation = store::find_invitation(&mut tx, pair.mentor.id, agreed.id).await.unwrap().unwrap();
        assert_eq!((invitation.state, invitation.sequence, invitation.for_mentee), (AppointmentState::Cancelled, 2, false));
        assert_eq!(store::find_invitation(&mut tx, program.coordinator.id, agreed.id).await.unwrap(), None);
        drop(tx);
        assert_eq!(send(&program, &pair.mentor, &pair, "cancel-talk", &[], cancel()).await.unwrap(), path);
        assert_eq!(member(&program, &pair.mentee, &pair).await.1.next_talk_at, None);
        // Where they meet and what they wrote is in no mail and in no record.
        let mut tx = program.state.db.read().await.unwrap();
        let fields = app::db::fetch_all!(&mut tx, (sqlx::types::Json<serde_json::Value>,), "SELECT fields FROM mail").unwrap();
        let words = app::db::fetch_all!(&mut tx, (String,), "SELECT words FROM audit_words").unwrap();
        assert!(!format!("{fields:?}{words:?}").contains("video.qdei.test"));
    })
    .await;
}

#[tokio::test]
async fn times_are_declined_replaced_and_taken_back() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::Two).await;
        let path = time_path(pair.enrollment);
        propose(&program, &pair.mentee, &pair, &[3]).await.unwrap();
        let first = open(&program, &pair.mentee, &pair).await.unwrap();
        let call = appointments::api::decline_times(pair.enrollment, first.id);
        let answer = send(&program, &pair.mentor, &pair, "decline-times", &[("word", "I am <away> then")], call).await;
        assert_eq!(answer.unwrap(), format!("{path}?done=times-declined"));
        let page = Browser::of(&program, &pair.mentee).await.open(&path).await.html;
        assert!(page.contains("I am &lt;away&gt; then"), "{page}");

        // A counter-proposal takes the place of what was open.
        propose(&program, &pair.mentee, &pair, &[4]).await.unwrap();
        propose(&program, &pair.mentor, &pair, &[6]).await.unwrap();
        let now = open(&program, &pair.mentee, &pair).await.unwrap();
        assert_eq!(now.proposed_by, pair.mentor.id);
        let withdraw = || appointments::api::withdraw_times(pair.enrollment, now.id);
        assert_eq!(send(&program, &pair.mentee, &pair, "withdraw-times", &[], withdraw()).await.unwrap(), path);
        send(&program, &pair.mentor, &pair, "withdraw-times", &[], withdraw()).await.unwrap();
        assert_eq!(open(&program, &pair.mentee, &pair).await, None);

        // What was typed comes back with what is wrong with it.
        let spring = "2027-03-14";
        let acting = Browser::of(&program, &pair.mentee).await;
        let fields = [("date-1", spring), ("time-1", "2:30 am"), ("minutes", "900"), ("way", "phone"), ("place", "My kitchen")];
        let call = appointments::api::propose_times(pair.enrollment);
        assert_eq!(acting.send(&path, "propose-times", &fields, call).await.unwrap(), path);
        let page = acting.open(&path).await.html;
        for words in ["2 things to mend", "does not exist", "from 5 to 240", "My kitchen"] {
            assert!(page.contains(words), "{words}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_agreed_talk_asks_to_be_logged_and_a_new_mentor_inherits_none() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::Two).await;
        propose(&program, &pair.mentor, &pair, &[2]).await.unwrap();
        let proposal = open(&program, &pair.mentee, &pair).await.unwrap();
        accept(&program, &pair.mentee, &pair, proposal.id, proposal.times[0]).await.unwrap();
        program.state.clock.advance(Duration::days(3));
        assert!(Browser::of(&program, &pair.mentee).await.open("/mentee").await.html.contains("Log the talk"));
        let talk = app::discussion::NewTalk {
            key: app::id::SubmissionKey::new(),
            held_on: app::clock::today(proposal.times[0]),
            minutes: 40,
            way: app::people::Way::Phone,
            notes: String::new(),
            follow_ups: String::new(),
            chapters: Vec::new(),
        };
        let (who, _) = member(&program, &pair.mentee, &pair).await;
        let mut tx = program.state.write(&pair.mentee).await.unwrap();
        app::discussion::store::insert_talk(&mut tx, &program.state, who, &talk).await.unwrap();
        tx.commit().await.unwrap();
        assert!(!Browser::of(&program, &pair.mentee).await.open("/mentee").await.html.contains("Log the talk"));

        propose(&program, &pair.mentor, &pair, &[2]).await.unwrap();
        let proposal = open(&program, &pair.mentee, &pair).await.unwrap();
        accept(&program, &pair.mentee, &pair, proposal.id, proposal.times[0]).await.unwrap();
        propose(&program, &pair.mentee, &pair, &[4]).await.unwrap();
        let next = change_mentor(&program, &pair).await;
        assert_eq!(open(&program, &next, &pair).await, None);
        assert_eq!(member(&program, &next, &pair).await.1.next_talk_at, None);
        let mut tx = program.state.db.read().await.unwrap();
        assert_eq!(store::list_entries(&mut tx, pair.mentor.id, program.state.clock.now()).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn a_calendar_is_read_by_its_secret_link_alone() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::Two).await;
        let key = &program.state.audit_key;
        let make = async || {
            let acting = Browser::of(&program, &pair.mentee).await;
            acting.send("/account", "make-calendar-link", &[], appointments::api::make_calendar_link()).await.unwrap();
            let mut tx = program.state.db.read().await.unwrap();
            link::find(&mut tx, &pair.mentee).await.unwrap().unwrap()
        };
        let first = make().await;
        let secret = |path: &str| path.split('/').nth(3).unwrap().to_owned();
        let whose = async |id, secret: &str| link::open(&mut program.state.db.read().await.unwrap(), id, secret).await.unwrap();
        let right = secret(&first.path(key));
        assert_eq!(whose(first.id, &right).await, Some(pair.mentee.id));
        for wrong in ["", "0", &right[1..], &right.to_uppercase(), &format!("{right}0")] {
            assert_eq!(whose(first.id, wrong).await, None, "{wrong}");
        }
        // Only a hash of the secret is kept.
        let mut tx = program.state.db.read().await.unwrap();
        let kept = app::db::fetch_one!(&mut tx, (Vec<u8>,), "SELECT secret_hash FROM calendar_link").unwrap().0;
        assert!(kept != right.as_bytes() && app::hex(&kept) != right);
        drop(tx);
        let second = make().await;
        assert_eq!(whose(first.id, &right).await, None, "made anew");
        assert_eq!(whose(second.id, &right).await, None, "another secret");
        let page = Browser::of(&program, &pair.mentee).await.open("/account").await.html;
        assert!(page.contains(&second.path(key)) && !page.contains(&first.path(key)));
        let acting = Browser::of(&program, &pair.mentee).await;
        acting.send("/account", "revoke-calendar-link", &[], appointments::api::revoke_calendar_link()).await.unwrap();
        assert_eq!(whose(second.id, &secret(&second.path(key))).await, None, "taken away");

        // What stands in it: the agreed talk for both, the plan's days for the mentee alone.
        propose(&program, &pair.mentor, &pair, &[2]).await.unwrap();
        let proposal = open(&program, &pair.mentee, &pair).await.unwrap();
        accept(&program, &pair.mentee, &pair, proposal.id, proposal.times[0]).await.unwrap();
        let chapter = crate::study::progress(&program, &pair).await[0].chapter.id;
        let (field, on) = (format!("target[{chapter}]"), day(&program, 9));
        let plan = [("rhythm", "monthly"), ("way", "video"), ("note", "private"), (field.as_str(), on.as_str())];
        let call = app::plans::api::save_plan(pair.enrollment);
        Browser::of(&program, &pair.mentee).await.send("/", "save-plan", &plan, call).await.unwrap();
        let mut tx = program.state.db.read().await.unwrap();
        let now = program.state.clock.now();
        let own = store::list_entries(&mut tx, pair.mentee.id, now).await.unwrap();
        let kinds: Vec<bool> = own.iter().map(|one| matches!(one.kind, EntryKind::Talk { .. })).collect();
        assert_eq!(kinds, [true, false]);
        let mentors = store::list_entries(&mut tx, pair.mentor.id, now).await.unwrap();
        assert_eq!(mentors.len(), 1);
        assert_eq!(mentors[0].uid, own[0].uid);
        assert!(!format!("{own:?}{mentors:?}").contains("private") && !format!("{own:?}").contains("video.qdei.test"));
    })
    .await;
}

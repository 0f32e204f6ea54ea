//! When digests leave, what a text may hold, how a message looks, and the outbox on both engines.

use app::mail::digest::{Quiet, Rhythm, Schedule, Weekday};
use app::mail::look::{self, Block};
use app::mail::store::{self, Preference, Reader};
use app::mail::texts::{Name, Text, check};
use app::mail::unsubscribe::Ticket;
use app::mail::{Group, Kind, Mail, Recipient, State as MailState};
use app::people::{Role, Viewer};
use app::settings::Settings;
use app::{Stranger, db::fetch_all, db::fetch_one};
use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveTime, TimeZone, Timelike, Utc};
use proptest::prelude::*;

use crate::support::{Program, each_db};

fn schedules() -> impl Strategy<Value = Schedule> {
    let zone = (0..chrono_tz::TZ_VARIANTS.len()).prop_map(|index| chrono_tz::TZ_VARIANTS[index]);
    let rhythm = prop_oneof![Just(Rhythm::Daily), Just(Rhythm::Weekly)];
    let weekday = (0..7_usize).prop_map(|index| Weekday::ALL[index]);
    (zone, rhythm, weekday, 0..24_u32, 0..24_u32, 0..24_u32).prop_map(|(zone, rhythm, weekday, hour, from, to)| Schedule {
        zone,
        rhythm,
        weekday,
        hour,
        quiet: Quiet { from, to },
    })
}

fn moments() -> impl Strategy<Value = DateTime<Utc>> {
    // From 1980 to 2037, where every zone has changed its rules at least once.
    (315_532_800_i64..2_145_916_800).prop_map(|seconds| DateTime::from_timestamp(seconds, 0).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_digest_comes_later_outside_the_quiet_hours_and_on_its_day(schedule in schedules(), now in moments(), required: bool) {
        let due = schedule.next(now, required);
        let local = due.with_timezone(&schedule.zone);
        prop_assert!(due > now);
        prop_assert!(!schedule.quiet.covers(local.hour()), "{local}");
        prop_assert!(schedule.allows(due));
        if schedule.rhythm == Rhythm::Weekly && !required {
            prop_assert_eq!(Weekday::ALL[local.weekday().num_days_from_monday() as usize], schedule.weekday);
        } else {
            prop_assert!(due - now <= Duration::hours(51), "{now} to {due}");
        }
        // At the hour that was chosen, unless the clock skips it that day.
        let at = NaiveTime::from_hms_opt(schedule.leaves_at(), 0, 0).unwrap();
        let skipped = schedule.zone.from_local_datetime(&local.date_naive().and_time(at)).earliest().is_none();
        prop_assert!(skipped || local.time() == at, "{local}");
    }

    #[test]
    fn no_two_digests_share_a_day(schedule in schedules(), now in moments()) {
        let mut at = now;
        let mut days = Vec::new();
        for _ in 0..10 {
            at = schedule.next(at, true);
            days.push(schedule.day(at));
        }
        prop_assert!(days.windows(2).all(|pair| pair[0] < pair[1]), "{days:?}");
    }

    #[test]
    fn quiet_hours_and_the_others_fill_the_day(from in 0..24_u32, to in 0..24_u32) {
        let quiet = Quiet { from, to };
        let allowed: Vec<u32> = quiet.allowed().collect();
        prop_assert_eq!(allowed.len(), 24 - ((24 + to as usize - from as usize) % 24));
        prop_assert!(from == to || !allowed.contains(&from) && allowed.contains(&to));
    }

    #[test]
    fn a_ticket_is_read_as_it_was_made_and_no_other_is_taken(account: [u8; 16], mask in 0..8_u8, turned in 0..66_usize) {
        let key = app::audit::Key::derive(b"one");
        let groups = Group::ALL.iter().zip(0..).filter(|(_, bit)| mask & (1 << bit) != 0).map(|(group, _)| *group).collect();
        let ticket = Ticket { account: app::id::AccountId(uuid::Uuid::from_bytes(account)), groups };
        let token = ticket.token(&key);
        prop_assert_eq!(Ticket::read(&token, &key), Some(ticket));
        prop_assert_eq!(Ticket::read(&token, &app::audit::Key::derive(b"two")), None);
        let mut forged: Vec<char> = token.chars().collect();
        forged[turned] = if forged[turned] == '0' { '1' } else { '0' };
        prop_assert_eq!(Ticket::read(&forged.into_iter().collect::<String>(), &key), None);
    }

    #[test]
    fn whatever_is_written_reads_as_text(text in "[ -~\n]{0,400}") {
        let html = look::html(&text, &look::blocks(&text, "QDEI"));
        let body = html.split("<body").nth(1).unwrap();
        // Every tag is one of the layout's own.
        for tag in body.split('<').skip(1) {
            let name: String = tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
            prop_assert!(["p", "a", "ul", "li", "br", "div", "span", "body", "html"].contains(&name.as_str()), "{tag}");
        }
        prop_assert!(!body.contains(" onload") || text.contains("onload"));
    }
}

#[test]
fn a_day_in_montana() {
    let schedule = Schedule {
        zone: app::clock::MONTANA,
        rhythm: Rhythm::Weekly,
        weekday: Weekday::Friday,
        hour: 7,
        quiet: Quiet { from: 20, to: 7 },
    };
    let at = |day, hour, minute| {
        let date = NaiveDate::from_ymd_opt(2026, 11, day).unwrap();
        app::clock::at_local(app::clock::MONTANA, date, NaiveTime::from_hms_opt(hour, minute, 0).unwrap())
    };
    // Tuesday at 6:59 leaves at seven; at 7:31 it waits for Wednesday, and news for Friday.
    assert_eq!(schedule.next(at(24, 6, 59), true), at(24, 7, 0));
    assert_eq!(schedule.next(at(24, 7, 31), true), at(25, 7, 0));
    assert_eq!(schedule.next(at(24, 7, 31), false), at(27, 7, 0));
    assert!(!schedule.allows(at(24, 20, 0)) && !schedule.allows(at(24, 6, 59)) && schedule.allows(at(24, 19, 59)));
    // Quiet hours that were widened over the hour that was chosen move it to their end.
    assert_eq!(Schedule { quiet: Quiet { from: 20, to: 9 }, ..schedule }.next(at(24, 6, 59), true), at(24, 9, 0));
}

#[test]
fn every_text_of_the_program_passes_its_own_check() {
    let settings = Settings::default();
    for name in Name::all() {
        let text = name.own();
        assert!(!text.subject.is_empty() && !text.body.is_empty(), "{name:?}");
        assert_eq!(check(name, &text, &settings), [], "{name:?}");
        assert_eq!(Text::parse(&text.whole()), text);
        for field in name.fields() {
            assert_ne!(field.meaning, field.name.replace('_', " "), "{} of {name:?} has no meaning given", field.name);
        }
    }
}

#[test]
fn a_text_that_cannot_work_is_refused_with_its_line() {
    let settings = Settings::default();
    let complaint = |name: Name, body: &str| {
        let text = Text { subject: "Hello".into(), body: body.into() };
        check(name, &text, &settings).first().map(|error| error.message.clone()).unwrap_or_default()
    };
    let signed = Name::Of(Kind::LetterSigned);
    assert_eq!(complaint(signed, "Hello {{ name }}"), "");
    assert!(complaint(signed, "Hello\n\n{{ password }}").starts_with("Line 3: there is no field “password” here"));
    assert!(complaint(signed, "Hello\n{% if name %}").starts_with("Line 2: "));
    assert!(complaint(signed, "{{ name|upper }}").starts_with("Line 1: "));
    assert!(complaint(signed, "{{ range(9) }}").starts_with("Line 1: "));
    assert!(complaint(signed, "{% include 'invitation.txt' %}").starts_with("Line 1: "));
    // What runs for too long is stopped: loops within loops over a text.
    let endless = "{% for a in program %}".repeat(6) + &"{% endfor %}".repeat(6);
    assert!(!complaint(signed, &endless).is_empty());
    // A branch that only some messages take is looked at as well.
    assert!(
        !complaint(Name::Of(Kind::MentorAnswered), "{% if answer == 'decline' %}{{ reason.because }}{% endif %}").is_empty()
    );
    assert!(complaint(Name::Of(Kind::Invitation), "Welcome").contains("{{ link }}"));
}

#[test]
fn text_becomes_paragraphs_lists_and_one_button() {
    let text = "Hello Ann,\n\nTwo things:\n\n- One\n  https://x.org/1\n\n- Two <b>\n\nOpen it:\n\nhttps://x.org/a?b=1&c=2\n\n\
                Or see https://x.org/2, there.\n\nQDEI\nPhone: 1";
    let blocks = look::blocks(text, "QDEI");
    assert_eq!(blocks[2], Block::List(vec![("One".into(), Some("https://x.org/1".into())), ("Two <b>".into(), None)]));
    assert_eq!(blocks[4], Block::Button("https://x.org/a?b=1&c=2".into()));
    assert_eq!(blocks.last(), Some(&Block::Small(vec!["QDEI".into(), "Phone: 1".into()])));
    let html = look::html("Hello", &blocks);
    assert!(html.contains("href=\"https://x.org/a?b=1&amp;c=2\"") && html.contains("Two &lt;b&gt;"), "{html}");
    assert!(html.contains(">https://x.org/2</a>, there."), "{html}");
    assert!(!html.contains("<img") && !html.contains("src="), "{html}");
}

fn to(who: &Viewer) -> Recipient {
    Recipient { account: Some(who.id), address: who.email.clone(), name: who.name.clone() }
}

async fn enqueue(program: &Program, mail: Mail) {
    let mut tx = program.state.write(&Stranger).await.unwrap();
    store::enqueue(&mut tx, mail).await.unwrap();
    tx.commit().await.unwrap();
}

async fn due(program: &Program, kind: Kind) -> DateTime<Utc> {
    let mut tx = program.state.db.read().await.unwrap();
    fetch_one!(&mut tx, (DateTime<Utc>,), "SELECT next_attempt_at FROM mail WHERE kind = $1", kind).unwrap().0
}

async fn reader(program: &Program, who: &Viewer) -> Reader {
    let mut tx = program.state.db.read().await.unwrap();
    store::find_reader(&mut tx, Some(who.id), &Settings::default()).await.unwrap()
}

async fn prefer(program: &Program, who: &Viewer, preference: &Preference, zone: &str) {
    let mut tx = program.state.write(who).await.unwrap();
    store::change_preference(&mut tx, who.id, preference, Some(zone)).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn each_reader_has_their_own_morning() {
    each_db(async |program| {
        let ann = program.person("Ann Reader", Role::Mentee).await;
        assert_eq!(reader(&program, &ann).await.preference, Preference::default());
        enqueue(&program, Mail::new(Kind::ChapterSignedOff, to(&ann)).with("chapter", "1").with("link", "x")).await;
        enqueue(&program, Mail::new(Kind::BookLent, to(&ann)).with("title", "1").with("due", "x").with("link", "x")).await;
        let montana = due(&program, Kind::ChapterSignedOff).await.with_timezone(&app::clock::MONTANA);
        assert_eq!((montana.hour(), montana.minute()), (7, 0));
        // What waits moves with what she chooses; what is required does not wait for the week.
        let weekly =
            Preference { rhythm: Rhythm::Weekly, weekday: Weekday::Sunday, hour: Some(18), left_out: vec![Group::Study] };
        prefer(&program, &ann, &weekly, "America/Anchorage").await;
        assert_eq!(reader(&program, &ann).await.preference, weekly);
        let anchorage = |at: DateTime<Utc>| at.with_timezone(&chrono_tz::America::Anchorage);
        let (news, required) = (due(&program, Kind::ChapterSignedOff).await, due(&program, Kind::BookLent).await);
        assert_eq!((anchorage(news).weekday(), anchorage(news).hour()), (chrono::Weekday::Sun, 18));
        assert_eq!(anchorage(required).hour(), 18);
        assert!(required <= news && required - program.state.clock.now() <= Duration::hours(25));
        // A held message counts from when it may leave.
        let held = program.state.clock.now() + Duration::days(30);
        enqueue(&program, Mail::new(Kind::LetterReceived, to(&ann)).with("link", "x").not_before(held)).await;
        assert!(due(&program, Kind::LetterReceived).await > held);
        prefer(&program, &ann, &Preference::default(), "America/Denver").await;
        assert!(due(&program, Kind::LetterReceived).await > held);
    })
    .await;
}

#[tokio::test]
async fn one_digest_a_day_whatever_becomes_due() {
    each_db(async |program| {
        let ann = program.person("Ann Reader", Role::Mentee).await;
        let news = |chapter: &str| Mail::new(Kind::ChapterSignedOff, to(&ann)).with("chapter", chapter).with("link", "x");
        enqueue(&program, news("1")).await;
        enqueue(&program, news("2")).await;
        let first = due_at(&program).await;
        let mut tx = write_at(&program, first + Duration::minutes(31)).await;
        let claim = store::claim(&mut tx).await.unwrap().unwrap();
        assert_eq!((claim.mails.len(), claim.address.as_str()), (2, ann.email.as_str()));
        for mail in &claim.mails {
            store::settle(&mut tx, mail.id, MailState::Sent, None).await.unwrap();
        }
        store::end_day(&mut tx, &claim.address, claim.day.unwrap()).await.unwrap();
        // A third at 7:31 waits for tomorrow, even when something makes it due today.
        store::enqueue(&mut tx, news("3")).await.unwrap();
        app::db::execute!(&mut tx, "UPDATE mail SET next_attempt_at = $1 WHERE state = 'waiting'", first).unwrap();
        assert!(store::claim(&mut tx).await.unwrap().is_none());
        tx.commit().await.unwrap();
        let next = due_at(&program).await;
        assert_eq!(claim.reader.schedule.day(next), claim.day.unwrap().succ_opt().unwrap());
    })
    .await;
}

async fn due_at(program: &Program) -> DateTime<Utc> {
    store::next_due(&mut program.state.db.read().await.unwrap()).await.unwrap().unwrap()
}

async fn write_at(program: &Program, at: DateTime<Utc>) -> app::db::WriteTx {
    program.state.db.write(None, at, &program.state.audit_key).await.unwrap()
}

#[tokio::test]
async fn a_try_in_the_quiet_hours_waits_for_the_morning_and_a_crash_makes_no_second_digest() {
    each_db(async |program| {
        let ann = program.person("Ann Reader", Role::Mentee).await;
        enqueue(&program, Mail::new(Kind::ChapterSignedOff, to(&ann)).with("chapter", "1").with("link", "x")).await;
        let first = due_at(&program).await;
        let mut tx = write_at(&program, first + Duration::hours(14)).await;
        assert!(store::claim(&mut tx).await.unwrap().is_none(), "nine in the evening");
        tx.commit().await.unwrap();
        let morning = due_at(&program).await;
        assert!(morning > first + Duration::hours(22), "the next morning");
        // The worker claims it and is never seen again: the message may have left, so the next try is a day later.
        let mut tx = write_at(&program, morning).await;
        assert!(store::claim(&mut tx).await.unwrap().is_some());
        tx.commit().await.unwrap();
        let mut tx = write_at(&program, morning + Duration::minutes(6)).await;
        assert!(store::claim(&mut tx).await.unwrap().is_none());
        tx.commit().await.unwrap();
        assert!(due_at(&program).await > morning + Duration::hours(22));
    })
    .await;
}

#[tokio::test]
async fn what_has_not_left_is_taken_back_and_what_has_is_counted() {
    each_db(async |program| {
        let ann = program.person("Ann Reader", Role::Mentee).await;
        let about = uuid::Uuid::now_v7();
        let held = program.state.clock.now() + Duration::minutes(10);
        for kind in [Kind::Introduction, Kind::Introduction, Kind::MatchEnded] {
            enqueue(&program, Mail::new(kind, to(&ann)).about(about).not_before(held)).await;
        }
        let mut tx = program.state.write(&Stranger).await.unwrap();
        assert!(store::claim(&mut tx).await.unwrap().is_none(), "they are held");
        tx.commit().await.unwrap();
        // One is on its way when the undo comes.
        let mut tx = write_at(&program, held).await;
        assert_eq!(store::claim(&mut tx).await.unwrap().unwrap().mails.len(), 1);
        let back = store::take_back(&mut tx, about, Kind::Introduction).await.unwrap();
        assert_eq!(back, store::TakenBack { dropped: 1, left: 1 });
        tx.commit().await.unwrap();
        let mut tx = program.state.db.read().await.unwrap();
        let rows =
            fetch_all!(&mut tx, (String, i64), "SELECT state, COUNT(*) FROM mail GROUP BY state ORDER BY state").unwrap();
        assert_eq!(rows, [("dropped".to_owned(), 1), ("waiting".to_owned(), 2)]);
    })
    .await;
}

#[tokio::test]
async fn workers_share_out_the_digests_without_a_second_one() {
    each_db(async |program| {
        let mut people = Vec::new();
        for number in 0..12 {
            people.push(program.person(&format!("Reader {number}"), Role::Mentee).await);
        }
        for _ in 0..5 {
            for who in &people {
                enqueue(&program, Mail::new(Kind::ChapterSignedOff, to(who)).with("chapter", "1").with("link", "x")).await;
            }
        }
        let morning = due_at(&program).await;
        let workers: Vec<_> = (0..6)
            .map(|_| {
                let state = program.state.clone();
                tokio::spawn(async move {
                    let mut claimed = Vec::new();
                    loop {
                        let mut tx = state.db.write(None, morning, &state.audit_key).await.unwrap();
                        let claim = store::claim(&mut tx).await.unwrap();
                        tx.commit().await.unwrap();
                        match claim {
                            Some(claim) => claimed.push((claim.address, claim.mails.len())),
                            None => return claimed,
                        }
                    }
                })
            })
            .collect();
        let mut claimed = Vec::new();
        for worker in workers {
            claimed.extend(worker.await.unwrap());
        }
        claimed.sort();
        assert_eq!(claimed.len(), 12);
        assert!(claimed.iter().all(|(_, count)| *count == 5), "{claimed:?}");
    })
    .await;
}

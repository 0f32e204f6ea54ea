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

mod pages {
    //! The coordinator's pages and a person's own choice, as a browser without scripts meets them.

    use app::mail::announcements::Audience;
    use app::mail::api::{
        announce, drop_mail, restore_mail_text, save_mail_preferences, save_mail_text, take_announcement_back,
        try_all_mail_again, try_mail_again,
    };
    use app::mail::store::{self, Preference};
    use app::mail::{Group, Kind, Mail, Recipient, State as MailState};
    use app::people::Role;
    use app::settings::Settings;
    use app::{Stranger, db::fetch_one};

    use super::{enqueue, prefer, reader, to};
    use crate::support::{Program, each_db};
    use crate::visit::Browser;

    const TEXT: &str = "/coordinator/mail/templates/letter_signed";
    const ANNOUNCE: &str = "/coordinator/mail/announce";

    async fn send_text(browser: &Browser<'_>, fields: &[(&str, &str)]) -> String {
        let mut all = vec![("template", "letter_signed"), ("_draft", "save-mail-text:letter_signed-")];
        all.extend_from_slice(fields);
        browser.send(TEXT, "save-mail-text", &all, save_mail_text("letter_signed".into())).await.unwrap()
    }

    async fn in_force(program: &Program) -> Option<String> {
        let edited = store::edited(&mut program.state.db.read().await.unwrap()).await.unwrap();
        edited.get("letter_signed").map(|text| text.subject.clone())
    }

    #[tokio::test]
    async fn a_text_is_looked_at_saved_by_versions_and_taken_back() {
        each_db(async |program| {
            let browser = Browser::of(&program, &program.coordinator).await;
            let page = browser.open(TEXT).await.html;
            assert!(page.contains("{{ link }}") && page.contains("You have signed the letter of agreement"), "{page}");
            // A mistake is refused with its line, and what was typed stays.
            let typed =
                [("version", "0"), ("subject", "Thanks"), ("text", "Hello {{ name }},\n\n{{ nickname }}"), ("do", "save")];
            assert_eq!(send_text(&browser, &typed).await, TEXT);
            let page = browser.open(TEXT).await.html;
            assert!(page.contains("Line 3: there is no field “nickname” here") && page.contains("value=\"Thanks\""), "{page}");
            // A look changes nothing, and survives being loaded again.
            let good = [("version", "0"), ("subject", "Thanks, {{ name }}"), ("text", "Hello <b>you</b>.\n\n{{ link }}")];
            let look = send_text(&browser, &[&good[..], &[("do", "look")]].concat()).await;
            assert_eq!(look, format!("{TEXT}?look=1#look"));
            for _ in 0..2 {
                let page = browser.open(&format!("{TEXT}?look=1")).await.html;
                assert!(page.contains("Thanks, Dana Whitehorse") && page.contains("Hello &lt;b&gt;you&lt;/b&gt;."), "{page}");
                assert!(page.contains("not saved yet"));
            }
            assert_eq!(in_force(&program).await, None);
            assert_eq!(
                send_text(&browser, &[&good[..], &[("do", "save")]].concat()).await,
                format!("{TEXT}?done=mail-text-saved")
            );
            assert_eq!(in_force(&program).await.unwrap(), "Thanks, {{ name }}");
            // Somebody with the page from before does not write over it unseen.
            assert_eq!(
                send_text(&browser, &[("version", "0"), ("subject", "Mine"), ("text", "x"), ("do", "save")]).await,
                TEXT
            );
            assert!(browser.open(TEXT).await.html.contains("Somebody else changed this text meanwhile"));
            let second = [("version", "1"), ("subject", "Second"), ("text", "x"), ("do", "save")];
            send_text(&browser, &second).await;
            let restore = async |version: &str, newest: &str| {
                let fields = [("template", "letter_signed"), ("version", version), ("newest", newest)];
                browser.send(TEXT, "restore-mail-text", &fields, restore_mail_text("letter_signed".into())).await.unwrap()
            };
            assert_eq!(restore("1", "2").await, format!("{TEXT}?done=mail-text-restored"));
            assert_eq!(in_force(&program).await.unwrap(), "Thanks, {{ name }}");
            restore("0", "3").await;
            assert_eq!(in_force(&program).await, None);
            let page = browser.open(&format!("{TEXT}?version=2")).await.html;
            assert!(
                page.contains("Version 4") && page.contains("back to the program’s own text") && page.contains("Second"),
                "{page}"
            );
            assert!(browser.open("/coordinator/mail/templates").await.html.contains("the program’s own"));
        })
        .await;
    }

    #[tokio::test]
    async fn a_person_chooses_when_and_what() {
        each_db(async |program| {
            let ann = program.person("Ann Reader", Role::Mentor).await;
            let browser = Browser::of(&program, &ann).await;
            let page = browser.open("/account").await.html;
            assert!(page.contains("Mountain") && page.contains("7 am") && !page.contains("8 pm"), "{page}");
            let send = async |fields: &[(&str, &str)]| {
                browser.send("/account", "save-mail-preferences", fields, save_mail_preferences()).await.unwrap()
            };
            let zone = ("zone", "America/Chicago");
            let chosen = [("rhythm", "weekly"), ("weekday", "friday"), ("hour", "12"), zone, ("news", "study")];
            assert_eq!(send(&chosen).await, "/account?done=mail-preferences-saved");
            let now = reader(&program, &ann).await;
            assert_eq!(now.preference.left_out, [Group::Messages, Group::Announcements, Group::FollowUps]);
            assert_eq!((now.preference.hour, now.time_zone.as_deref()), (Some(12), Some("America/Chicago")));
            // At night nothing leaves, and there is no such zone.
            assert_eq!(
                send(&[("rhythm", "daily"), ("weekday", "friday"), ("hour", "3"), ("zone", "Mars/Base")]).await,
                "/account"
            );
            let page = browser.open("/account").await.html;
            assert!(page.contains("Nothing leaves at this hour") && page.contains("Choose your time zone"), "{page}");
            assert_eq!(reader(&program, &ann).await.preference.hour, Some(12));
        })
        .await;
    }

    #[tokio::test]
    async fn the_outbox_shows_what_waits_and_why_and_never_what_it_says() {
        each_db(async |program| {
            let ann = program.person("Ann Reader", Role::Mentee).await;
            let browser = Browser::of(&program, &program.coordinator).await;
            enqueue(
                &program,
                Mail::new(Kind::Invitation, to(&ann)).with("link", "http://secret/welcome/1").with("role", "mentee"),
            )
            .await;
            let page = browser.open("/coordinator/mail").await.html;
            assert!(page.contains("Ann Reader") && page.contains("invitation") && page.contains("Waiting (1)"), "{page}");
            assert!(!page.contains("secret"));
            let mut tx = program.state.write(&Stranger).await.unwrap();
            let claim = store::claim(&mut tx).await.unwrap().unwrap();
            let id = claim.mails[0].id;
            store::settle(&mut tx, id, MailState::Failed, Some("the mail server refused this address: 550")).await.unwrap();
            store::mark_bounce(&mut tx, &ann.email, "550 no such user").await.unwrap();
            tx.commit().await.unwrap();
            let page = browser.open("/coordinator/mail?state=failed&search=ann.READER%40").await.html;
            for words in
                ["Try again", "refused this address", "mail comes back", "Addresses that take no mail", "550 no such user"]
            {
                assert!(page.contains(words), "{words}: {page}");
            }
            assert!(!page.contains("secret"));
            assert!(browser.open("/coordinator/mail?state=failed&search=%25").await.html.contains("No message here fits"));
            assert!(Browser::of(&program, &ann).await.open("/account").await.html.contains("Mail to your address comes back"));
            // Trying all again passes over an address that takes no mail.
            let none = browser.send("/coordinator/mail", "try-all-mail-again", &[], try_all_mail_again()).await.unwrap();
            assert!(none.ends_with("done=mail-none-again"));
            let mail = id.to_string();
            let again =
                browser.send("/coordinator/mail", "try-mail-again", &[("mail", &mail)], try_mail_again(id)).await.unwrap();
            assert!(again.ends_with("done=mail-again"));
            assert!(store::find_bounce(&mut program.state.db.read().await.unwrap(), &ann.email).await.unwrap().is_none());
            let mut tx = program.state.write(&Stranger).await.unwrap();
            store::settle(&mut tx, id, MailState::Failed, Some("the mail server could not be reached")).await.unwrap();
            tx.commit().await.unwrap();
            let all = browser.send("/coordinator/mail", "try-all-mail-again", &[], try_all_mail_again()).await.unwrap();
            assert!(all.ends_with("done=mail-all-again"));
            let none = browser.send("/coordinator/mail", "try-all-mail-again", &[], try_all_mail_again()).await.unwrap();
            assert!(none.ends_with("done=mail-none-again"));
            let drop = browser.send("/coordinator/mail", "drop-mail", &[("mail", &mail)], drop_mail(id)).await.unwrap();
            assert!(drop.ends_with("done=mail-dropped"));
            // It is settled: neither button does anything more.
            for answer in [
                browser.send("/coordinator/mail", "drop-mail", &[("mail", &mail)], drop_mail(id)).await,
                browser.send("/coordinator/mail", "try-mail-again", &[("mail", &mail)], try_mail_again(id)).await,
            ] {
                assert_eq!(answer.unwrap(), "/coordinator/mail");
            }
            let page = browser.open("/coordinator/mail?state=dropped").await.html;
            assert!(page.contains("stopped by the coordinator"), "{page}");
        })
        .await;
    }

    #[tokio::test]
    async fn the_outbox_goes_page_by_page() {
        each_db(async |program| {
            for number in 0..60 {
                let to =
                    Recipient { account: None, address: format!("{number}@qdei.test"), name: format!("Person {number:02}.") };
                enqueue(&program, Mail::new(Kind::TestMail, to)).await;
            }
            let browser = Browser::of(&program, &program.coordinator).await;
            let page = browser.open("/coordinator/mail").await.html;
            assert!(page.contains("Person 59.") && page.contains("Person 10.") && !page.contains("Person 09."), "{page}");
            let older = page.split("rel=\"next\" href=\"").nth(1).or_else(|| page.split("before=").nth(1)).unwrap();
            let before: String = page.split("before=").nth(1).unwrap().chars().take(36).collect();
            let next = browser.open(&format!("/coordinator/mail?state=waiting&before={before}")).await.html;
            assert!(next.contains("Person 09.") && next.contains("Person 00.") && !next.contains("Person 10."), "{older}");
        })
        .await;
    }

    async fn send_announcement(browser: &Browser<'_>, fields: &[(&str, &str)]) -> String {
        let mut all = vec![("_draft", "announce:"), ("key", "0190f5a2-0000-7000-8000-000000000001")];
        all.extend_from_slice(fields);
        browser.send(ANNOUNCE, "announce", &all, announce()).await.unwrap()
    }

    fn looked(page: &str) -> String {
        let at = page.find("name=\"looked\"").unwrap();
        page[at..].split("value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    }

    #[tokio::test]
    async fn an_announcement_is_looked_at_sent_once_and_taken_back() {
        each_db(async |program| {
            let pair = program.pair(app::enrollments::OptionNumber::One).await;
            let quiet = program.mentor("Quiet Mentor", "30049").await;
            prefer(
                &program,
                &quiet,
                &Preference { left_out: vec![Group::Announcements], ..Preference::default() },
                "America/Denver",
            )
            .await;
            let browser = Browser::of(&program, &program.coordinator).await;
            let typed = [("audience", "mentors"), ("title", "Meeting"), ("text", "We meet at **noon**.\n\nCome.")];
            // Without a look nothing is sent, and what was typed stays.
            let look = send_announcement(&browser, &[&typed[..], &[("do", "send")]].concat()).await;
            assert_eq!(look, format!("{ANNOUNCE}?look=1#look"));
            let page = browser.open(&look).await.html;
            for words in [
                "1 person gets it",
                &pair.mentor.name,
                "Quiet Mentor",
                "leaves announcements out",
                "Send to 1 person",
                "**noon**",
            ] {
                assert!(page.contains(words), "{words}: {page}");
            }
            let seal = looked(&page);
            // What was changed since is looked at again.
            let changed =
                [("audience", "everyone"), ("title", "Meeting"), ("text", "x"), ("looked", seal.as_str()), ("do", "send")];
            assert_eq!(send_announcement(&browser, &changed).await, look);
            let send = [&typed[..], &[("looked", seal.as_str()), ("do", "send")]].concat();
            for _ in 0..2 {
                assert_eq!(send_announcement(&browser, &send).await, format!("{ANNOUNCE}?done=announcement-sent"));
            }
            let mut tx = program.state.db.read().await.unwrap();
            let (id,) = fetch_one!(&mut tx, (app::id::AnnouncementId,), "SELECT id FROM announcement").unwrap();
            let (waiting,) = fetch_one!(&mut tx, (i64,), "SELECT COUNT(*) FROM mail WHERE kind = 'announcement'").unwrap();
            assert_eq!(waiting, 1);
            drop(tx);
            let page = browser.open(ANNOUNCE).await.html;
            assert!(page.contains("1 waiting") && page.contains("Take it back") && !page.contains("Send to"), "{page}");
            let announcement = id.to_string();
            let back = async || {
                let fields = [("announcement", announcement.as_str())];
                browser.send(ANNOUNCE, "take-announcement-back", &fields, take_announcement_back(id)).await.unwrap()
            };
            assert_eq!(back().await, format!("{ANNOUNCE}?done=announcement-back"));
            assert_eq!(back().await, ANNOUNCE);
            let page = browser.open(ANNOUNCE).await.html;
            assert!(page.contains("taken back") && page.contains("nothing to take back"), "{page}");
        })
        .await;
    }

    #[tokio::test]
    async fn each_group_is_who_it_says() {
        each_db(async |program| {
            let one = program.pair(app::enrollments::OptionNumber::One).await;
            let (three, _) = program.enrollment("Thea Three", app::enrollments::OptionNumber::Three).await;
            let idle = program.mentor("Ida Le", "30049").await;
            let (done, enrollment) = program.enrollment("Dora Ne", app::enrollments::OptionNumber::Two).await;
            let mut tx = program.state.write(&Stranger).await.unwrap();
            let ended = chrono::TimeZone::with_ymd_and_hms(&chrono::Utc, 2025, 7, 1, 12, 0, 0).unwrap();
            app::db::execute!(
                &mut tx,
                "UPDATE enrollment SET state = 'completed', ended_at = $2 WHERE id = $1",
                enrollment,
                ended
            )
            .unwrap();
            tx.commit().await.unwrap();
            let settings = Settings::default();
            let coordinator = program.coordinator.coordinator().unwrap();
            let mut tx = program.state.db.read().await.unwrap();
            for (word, who) in [
                ("everyone", vec![&one.mentee, &one.mentor, &three, &idle]),
                ("mentees-1", vec![&one.mentee]),
                ("mentees-2", vec![]),
                ("mentees-3", vec![&three]),
                ("mentors", vec![&one.mentor, &idle]),
                ("pair-mentors", vec![&one.mentor]),
                ("completed-2025", vec![]),
                ("completed-2026", vec![&done]),
            ] {
                let audience: Audience = word.parse().unwrap();
                assert_eq!(audience.to_string(), word);
                let found = store::list_listeners(&mut tx, &coordinator, audience, &settings).await.unwrap();
                let mut found: Vec<&str> = found.iter().map(|one| one.name.as_str()).collect();
                let mut expected: Vec<&str> = who.iter().map(|one| one.name.as_str()).collect();
                found.sort_unstable();
                expected.sort_unstable();
                assert_eq!(found, expected, "{word}");
            }
            assert_eq!(store::first_completion(&mut tx, &coordinator).await.unwrap(), Some(ended));
            for word in ["", "mentees-4", "completed-9", "everyone-1", "nobody"] {
                assert!(word.parse::<Audience>().is_err(), "{word}");
            }
        })
        .await;
    }
}

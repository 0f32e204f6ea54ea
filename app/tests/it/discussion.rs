//! Threads, talks and what is on the agenda: who sees it, from when on, and what sending twice does.

use app::clock;
use app::discussion::{self, Agenda, Message, Talk, Thread, lines, opening, store, talk_path};
use app::enrollments::{OptionNumber, State};
use app::error::AppError;
use app::id::{SubmissionKey, TalkId};
use app::mail::store::{claim, next_due, still_true};
use app::people::{Viewer, Way};
use chrono::{DateTime, Days, Duration, Utc};
use proptest::prelude::*;

use crate::study::{change_mentor, count, end, member, miss_a_question, progress};
use crate::support::{Pair, Program, each_db};
use crate::visit::Browser;

type Answer = Result<String, AppError>;

async fn write(program: &Program, who: &Viewer, pair: &Pair, thread: Thread, more: &[(&str, &str)]) -> Answer {
    let chapter = thread.chapter().map(|id| id.to_string()).unwrap_or_default();
    let mut typed = vec![("chapter", chapter.as_str())];
    typed.extend_from_slice(more);
    let acting = Browser::of(program, who).await;
    program.state.clock.advance(Duration::seconds(1));
    acting.send(&thread.path(pair.enrollment), "write-message", &typed, discussion::api::write_message(pair.enrollment)).await
}

async fn log_talk(program: &Program, who: &Viewer, pair: &Pair, more: &[(&str, &str)]) -> Answer {
    let today = clock::today(program.state.clock.now()).to_string();
    let mut typed = vec![("held_on", today.as_str()), ("minutes", "30"), ("way", "video")];
    typed.extend_from_slice(more);
    let acting = Browser::of(program, who).await;
    program.state.clock.advance(Duration::seconds(1));
    acting.send(&talk_path(pair.enrollment), "log-talk", &typed, discussion::api::log_talk(pair.enrollment)).await
}

async fn read(program: &Program, who: &Viewer, pair: &Pair, thread: Thread) -> Vec<Message> {
    let (who, two) = member(program, who, pair).await;
    store::list_messages(&mut program.state.db.read().await.unwrap(), who, &two, thread, None).await.unwrap()
}

async fn unseen(program: &Program, who: &Viewer) -> i64 {
    let rows = store::count_unseen(&mut program.state.db.read().await.unwrap(), who).await.unwrap();
    rows.into_iter().map(|(_, count)| count).sum()
}

async fn agenda(program: &Program, who: &Viewer, pair: &Pair) -> Agenda {
    let (who, two) = member(program, who, pair).await;
    let progress = progress(program, pair).await;
    let mut tx = program.state.db.read().await.unwrap();
    let talks = store::list_talks(&mut tx, who, &two, program.state.clock.now()).await.unwrap();
    let done = store::list_done(&mut tx, &two).await.unwrap();
    store::agenda(&mut tx, who, &two, &talks, &done, &progress).await.unwrap()
}

fn words(follow_ups: &[discussion::FollowUp]) -> Vec<&str> {
    follow_ups.iter().map(|one| one.words.as_str()).collect()
}

#[tokio::test]
async fn a_message_reaches_the_other_and_is_new_until_it_is_seen() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::One).await;
        let chapter = Thread::Chapter(progress(&program, &pair).await[0].chapter.id);
        for thread in [chapter, Thread::Rest] {
            let answer = write(&program, &pair.mentee, &pair, thread, &[("body", "How <b>low</b> is low?")]).await;
            assert_eq!(answer.unwrap(), format!("{}?done=message-sent", thread.path(pair.enrollment)));
        }
        assert_eq!((unseen(&program, &pair.mentor).await, unseen(&program, &pair.mentee).await), (2, 0));
        // However many messages: one line in the digest, as long as one is unseen.
        assert_eq!(count(&program, "message_mails").await, 1);

        let mentor = Browser::of(&program, &pair.mentor).await;
        let index = mentor.open(&Thread::Rest.path(pair.enrollment)).await.html;
        assert!(index.contains("data-new") && index.contains("1 new") && index.contains("How &lt;b&gt;low&lt;/b&gt; is low?"));
        assert_eq!(unseen(&program, &pair.mentor).await, 1);
        assert!(still_waiting(&program).await);
        let page = mentor.open(&chapter.path(pair.enrollment)).await.html;
        assert!(page.contains("data-new"));
        assert!(!mentor.open(&chapter.path(pair.enrollment)).await.html.contains("data-new"));
        assert_eq!(unseen(&program, &pair.mentor).await, 0);
        assert!(!still_waiting(&program).await);
    })
    .await;
}

/// Whether the mail about messages would still be sent; nothing is changed by asking.
async fn still_waiting(program: &Program) -> bool {
    let morning = next_due(&mut program.state.db.read().await.unwrap()).await.unwrap().unwrap();
    let mut tx = program.state.db.write(None, morning, &program.state.audit_key).await.unwrap();
    loop {
        let claim = claim(&mut tx).await.unwrap().unwrap();
        if let Some(mail) = claim.mails.iter().find(|mail| mail.kind == app::mail::Kind::MessageNew) {
            return still_true(&mut tx, mail).await.unwrap();
        }
    }
}

#[tokio::test]
async fn sending_twice_writes_once() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::Two).await;
        let (first, second) = (SubmissionKey::new().to_string(), SubmissionKey::new().to_string());
        for _ in 0..2 {
            write(&program, &pair.mentor, &pair, Thread::Rest, &[("body", "Hello"), ("key", &first)]).await.unwrap();
            let answer = log_talk(&program, &pair.mentor, &pair, &[("key", &second)]).await;
            assert_eq!(answer.unwrap(), format!("{}?done=talk-logged", talk_path(pair.enrollment)));
        }
        for (what, times) in [("messages", 1), ("message_mails", 1), ("talks", 1), ("talk_mails", 1)] {
            assert_eq!(count(&program, what).await, times, "{what}");
        }
        // Other words from a page that the browser had kept are not the words taken before.
        write(&program, &pair.mentor, &pair, Thread::Rest, &[("body", "Hello again"), ("key", &first)]).await.unwrap();
        assert_eq!(count(&program, "messages").await, 2);
    })
    .await;
}

#[tokio::test]
async fn a_new_mentor_reads_from_their_own_time_on() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::One).await;
        let chapter = progress(&program, &pair).await[0].chapter.id;
        write(&program, &pair.mentee, &pair, Thread::Rest, &[("body", "old words"), ("for_talk", "yes")]).await.unwrap();
        log_talk(&program, &pair.mentor, &pair, &[("notes", "old notes"), ("follow_ups", "old follow-up")]).await.unwrap();
        let next = change_mentor(&program, &pair).await;
        write(&program, &pair.mentee, &pair, Thread::Rest, &[("body", "new words"), ("for_talk", "yes")]).await.unwrap();
        miss_a_question(&program, &pair, chapter).await;

        let bodies = |messages: Vec<Message>| messages.into_iter().map(|message| message.body).collect::<Vec<_>>();
        assert_eq!(bodies(read(&program, &pair.mentee, &pair, Thread::Rest).await), ["old words", "new words"]);
        assert_eq!(bodies(read(&program, &next, &pair, Thread::Rest).await), ["new words"]);
        assert_eq!((unseen(&program, &next).await, unseen(&program, &pair.mentor).await), (1, 0));

        let screen = Browser::of(&program, &next).await.open(&talk_path(pair.enrollment)).await.html;
        for hidden in ["old words", "old notes", "old follow-up"] {
            assert!(!screen.contains(hidden), "{hidden}");
        }
        assert!(screen.contains("new words") && screen.contains("Missed in the post-test"));
        let own = Browser::of(&program, &pair.mentee).await.open(&talk_path(pair.enrollment)).await.html;
        assert!(own.contains("old notes") && own.contains("old follow-up") && own.contains("new words"));

        let former = Browser::of(&program, &pair.mentor).await;
        for path in [Thread::Rest.path(pair.enrollment), talk_path(pair.enrollment)] {
            assert_eq!(former.open(&path).await.status, 404);
        }
        assert_eq!(write(&program, &pair.mentor, &pair, Thread::Rest, &[("body", "x")]).await, Err(AppError::NotFound));
        assert_eq!(log_talk(&program, &pair.mentor, &pair, &[]).await, Err(AppError::NotFound));
    })
    .await;
}

#[tokio::test]
async fn the_agenda_holds_what_came_up_since_the_last_talk() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::One).await;
        let all = progress(&program, &pair).await;
        let (first, second) = (all[0].chapter.id, all[1].chapter.id);
        write(&program, &pair.mentee, &pair, Thread::Chapter(first), &[("body", "not for the talk")]).await.unwrap();
        write(&program, &pair.mentor, &pair, Thread::Chapter(first), &[("body", "for the talk"), ("for_talk", "yes")])
            .await
            .unwrap();
        let acting = Browser::of(&program, &pair.mentee).await;
        let today = clock::today(program.state.clock.now()).to_string();
        for (chapter, shared) in [(first, "shared"), (second, "kept")] {
            let typed = [("minutes", "20"), ("studied_on", &today), ("reflection", "thought"), (shared, "yes")];
            let call = app::study::api::log_chapter(pair.enrollment, chapter);
            acting.send("/", "log-chapter", &typed, call).await.unwrap();
        }
        miss_a_question(&program, &pair, first).await;
        for who in [&pair.mentee, &pair.mentor] {
            let found = agenda(&program, who, &pair).await;
            assert_eq!((found.flagged.len(), found.missed.len(), found.reflections.len(), found.ready.len()), (1, 1, 1, 2));
            assert_eq!(found.flagged[0].body, "for the talk");
            assert_eq!(found.missed[0].item.answer.chosen(), [1]);
        }
        let (one, two) = (first.to_string(), second.to_string());
        let typed =
            [("follow_ups", "Bring the kit\n\n  Ask the clinic "), ("chapters", two.as_str()), ("sign_off", one.as_str())];
        log_talk(&program, &pair.mentor, &pair, &typed).await.unwrap();
        let after = agenda(&program, &pair.mentee, &pair).await;
        assert_eq!(words(&after.follow_ups), ["Bring the kit", "Ask the clinic"]);
        assert_eq!((after.count(), after.ready.len()), (2, 1));
        assert_eq!(count(&program, "signed_off").await, 1);

        let (_, shared) = member(&program, &pair.mentee, &pair).await;
        let covered = store::list_talk_chapters(&mut program.state.db.read().await.unwrap(), &shared).await.unwrap();
        assert_eq!(
            covered.into_iter().map(|(_, number)| number).collect::<Vec<_>>(),
            [all[0].chapter.number, all[1].chapter.number]
        );
    })
    .await;
}

#[tokio::test]
async fn both_log_talks_and_only_the_mentor_signs_off_with_one() {
    each_db(async |program| {
        let (pair, others) = (program.pair(OptionNumber::Two).await, program.pair(OptionNumber::One).await);
        let (own, foreign) = (progress(&program, &pair).await[0].chapter.id, progress(&program, &others).await[0].chapter.id);
        let (own, foreign) = (own.to_string(), foreign.to_string());
        log_talk(&program, &pair.mentee, &pair, &[]).await.unwrap();
        assert_eq!(log_talk(&program, &pair.mentee, &pair, &[("sign_off", &own)]).await, Err(AppError::NotFound));
        // A page from before a change of outline names chapters of another: it comes back, and nothing is lost.
        let refused = log_talk(&program, &pair.mentor, &pair, &[("sign_off", &foreign)]).await;
        assert_eq!(refused.as_deref(), Ok(talk_path(pair.enrollment).as_str()));
        assert_eq!(log_talk(&program, &others.mentor, &pair, &[]).await, Err(AppError::NotFound));
        assert_eq!((count(&program, "talks").await, count(&program, "signed_off").await), (1, 0));

        let tomorrow = (clock::today(program.state.clock.now()) + Days::new(1)).to_string();
        let wrong = [("held_on", tomorrow.as_str()), ("minutes", "601"), ("way", "smoke"), ("notes", "kept notes")];
        let acting = Browser::of(&program, &pair.mentor).await;
        let path = talk_path(pair.enrollment);
        let (whose, enrollment) = (pair.mentor.id.to_string(), pair.enrollment.to_string());
        let typed = [&wrong[..], &[("_for", whose.as_str()), ("enrollment", enrollment.as_str())]].concat();
        acting.send(&path, "log-talk", &typed, discussion::api::log_talk(pair.enrollment)).await.unwrap();
        let page = acting.open(&path).await.html;
        for words in ["3 things to mend", "still to come", "from 1 to 600", "Choose how you talked", "kept notes"] {
            assert!(page.contains(words), "{words}");
        }
        assert_eq!(count(&program, "talks").await, 1);
    })
    .await;
}

#[tokio::test]
async fn nothing_is_written_without_a_mentor_or_after_the_end() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::Two).await;
        let (mentee, enrollment) = program.enrollment("Lone Mentee", OptionNumber::Two).await;
        let lone = Pair { mentee: mentee.clone(), mentor: mentee.clone(), enrollment, current: pair.current };
        end(&program, &pair, State::Completed).await;
        for (pair, words) in [(&pair, "is completed"), (&lone, "There is no mentor yet")] {
            write(&program, &pair.mentee, pair, Thread::Rest, &[("body", "x")]).await.unwrap();
            log_talk(&program, &pair.mentee, pair, &[]).await.unwrap();
            let acting = Browser::of(&program, &pair.mentee).await;
            for path in [Thread::Rest.path(pair.enrollment), talk_path(pair.enrollment)] {
                let page = acting.open(&path).await;
                assert_eq!(page.status, 200);
                assert!(page.html.contains(words) && !page.html.contains("<textarea"), "{path}");
            }
        }
        assert_eq!((count(&program, "messages").await, count(&program, "talks").await), (0, 0));
    })
    .await;
}

#[tokio::test]
async fn the_coordinator_learns_that_and_when_and_never_what() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::Two).await;
        write(&program, &pair.mentee, &pair, Thread::Rest, &[("body", "private")]).await.unwrap();
        log_talk(&program, &pair.mentor, &pair, &[("notes", "private")]).await.unwrap();
        let who = program.coordinator.coordinator().unwrap();
        let contacts = store::list_contacts(&mut program.state.db.read().await.unwrap(), &who, pair.enrollment).await.unwrap();
        let facts: Vec<_> = contacts.iter().map(|one| (one.author.clone(), one.minutes, one.way)).collect();
        assert_eq!(facts, [(pair.mentor.name.clone(), Some(30), Some(Way::Video)), (pair.mentee.name.clone(), None, None)]);
        assert!(!format!("{contacts:?}").contains("private"));
        let acting = Browser::of(&program, &program.coordinator).await;
        for path in [Thread::Rest.path(pair.enrollment), talk_path(pair.enrollment)] {
            assert_eq!(acting.open(&path).await.status, 403);
        }
        // Nor do the mail and the record of events hold a word of it.
        let mut tx = program.state.db.read().await.unwrap();
        let mails = app::db::fetch_all!(&mut tx, (sqlx::types::Json<serde_json::Value>,), "SELECT fields FROM mail").unwrap();
        let words = app::db::fetch_all!(&mut tx, (String,), "SELECT words FROM audit_words").unwrap();
        assert!(!format!("{mails:?}{words:?}").contains("private"));
    })
    .await;
}

#[tokio::test]
async fn a_long_thread_comes_in_pages() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::Two).await;
        let (who, two) = member(&program, &pair.mentee, &pair).await;
        for number in 0..105 {
            program.state.clock.advance(Duration::seconds(1));
            let mut tx = program.state.write(&pair.mentee).await.unwrap();
            let message = discussion::NewMessage {
                key: SubmissionKey::new(),
                thread: Thread::Rest,
                body: format!("m{number}."),
                for_talk: false,
            };
            assert!(store::insert_message(&mut tx, &program.state, who, &message).await.unwrap());
            tx.commit().await.unwrap();
        }
        let mut tx = program.state.db.read().await.unwrap();
        let newest = store::list_messages(&mut tx, who, &two, Thread::Rest, None).await.unwrap();
        assert_eq!((newest.len(), newest[0].body.as_str(), newest[99].body.as_str()), (100, "m5.", "m104."));
        let older = store::list_messages(&mut tx, who, &two, Thread::Rest, Some(newest[0].id)).await.unwrap();
        assert_eq!((older.len(), older[4].body.as_str()), (5, "m4."));
        drop(tx);
        let page = Browser::of(&program, &pair.mentor).await.open(&Thread::Rest.path(pair.enrollment)).await.html;
        assert!(page.contains("Earlier messages") && page.contains("m104.") && !page.contains("m4."));
    })
    .await;
}

#[test]
fn follow_ups_are_the_lines_that_say_something() {
    assert_eq!(lines(" one \n\n\t\n two"), ["one", "two"]);
    assert!(lines(" \n ").is_empty());
}

#[test]
fn the_agenda_shows_how_a_message_begins() {
    assert_eq!(opening(" short \n and sweet "), "short and sweet");
    assert_eq!(opening(&"word ".repeat(60)), format!("{}…", "word ".repeat(32).trim_end()));
    assert_eq!(opening(&"é".repeat(200)), format!("{}…", "é".repeat(160)));
}

proptest! {
    #[test]
    fn a_talk_covers_nothing_after_its_day_or_its_log(held in 0_u64..3000, later in 0_i64..5_000_000) {
        let held_on = chrono::NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + Days::new(held);
        let noon = clock::at_local(clock::MONTANA, held_on, chrono::NaiveTime::from_hms_opt(12, 0, 0).unwrap());
        let created_at: DateTime<Utc> = noon + Duration::seconds(later);
        let talk = Talk {
            came_by: None, confirmed_at: None, confirmed_by: None, asks_me: false,
            id: TalkId::new(), held_on, minutes: 30, way: Way::Phone, notes: String::new(), follow_ups: String::new(),
            logged_by: String::new(), created_at, visible: true,
        };
        let covered = talk.covered_until();
        prop_assert!(covered <= created_at && covered >= noon);
        prop_assert!(clock::today(covered - Duration::microseconds(1)) == held_on);
        prop_assert!((clock::today(created_at) == held_on) == (covered == created_at) || covered == created_at);
    }
}

/// What the two did with a message or a talk, by its form.
async fn act(
    program: &Program,
    who: &Viewer,
    from: &str,
    form: &str,
    typed: &[(&str, &str)],
    call: impl Future<Output = Result<(), AppError>>,
) -> Answer {
    let acting = Browser::of(program, who).await;
    program.state.clock.advance(Duration::seconds(1));
    acting.send(from, form, typed, call).await
}

#[tokio::test]
async fn a_message_is_put_right_or_taken_back_by_its_author_for_a_short_time() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::Two).await;
        let path = Thread::Rest.path(pair.enrollment);
        write(&program, &pair.mentee, &pair, Thread::Rest, &[("body", "frist"), ("for_talk", "yes")]).await.unwrap();
        let id = read(&program, &pair.mentee, &pair, Thread::Rest).await[0].id;
        let correct = || discussion::api::correct_message(pair.enrollment, id);
        let take_back = || discussion::api::take_message_back(pair.enrollment, id);
        // Not by the other, who is told so on the page.
        assert_eq!(act(&program, &pair.mentor, &path, "correct-message", &[("body", "x")], correct()).await.unwrap(), path);
        let answer = act(&program, &pair.mentee, &path, "correct-message", &[("body", "first")], correct()).await;
        assert_eq!(answer.unwrap(), format!("{path}?done=message-corrected"));
        let found = read(&program, &pair.mentor, &pair, Thread::Rest).await;
        assert!(found[0].body == "first" && found[0].corrected_at.is_some() && found[0].unseen);

        let answer = act(&program, &pair.mentee, &path, "take-message-back", &[], take_back()).await;
        assert_eq!(answer.unwrap(), format!("{path}?done=message-taken-back"));
        let found = read(&program, &pair.mentor, &pair, Thread::Rest).await;
        assert!(found[0].body.is_empty() && !found[0].unseen && !found[0].for_talk);
        // Nothing is left to tell of, count or talk about.
        assert_eq!(unseen(&program, &pair.mentor).await, 0);
        assert!(!still_waiting(&program).await);
        assert!(agenda(&program, &pair.mentor, &pair).await.is_empty());
        let page = Browser::of(&program, &pair.mentor).await.open(&path).await.html;
        assert!(page.contains("Taken back") && !page.contains("first<"));

        write(&program, &pair.mentee, &pair, Thread::Rest, &[("body", "stays")]).await.unwrap();
        let late = read(&program, &pair.mentee, &pair, Thread::Rest).await[1].id;
        program.state.clock.advance(Duration::minutes(15));
        let call = discussion::api::correct_message(pair.enrollment, late);
        assert_eq!(act(&program, &pair.mentee, &path, "correct-message", &[("body", "x")], call).await.unwrap(), path);
        assert_eq!(read(&program, &pair.mentee, &pair, Thread::Rest).await[1].body, "stays");
        let others = program.pair(OptionNumber::Two).await;
        let call = discussion::api::take_message_back(others.enrollment, late);
        assert_eq!(act(&program, &others.mentee, &path, "take-message-back", &[], call).await, Err(AppError::NotFound));
    })
    .await;
}

#[tokio::test]
async fn either_puts_a_message_on_the_agenda_later_and_takes_it_off() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::Two).await;
        let path = Thread::Rest.path(pair.enrollment);
        write(&program, &pair.mentee, &pair, Thread::Rest, &[("body", "an old question")]).await.unwrap();
        log_talk(&program, &pair.mentor, &pair, &[]).await.unwrap();
        let id = read(&program, &pair.mentee, &pair, Thread::Rest).await[0].id;
        for (who, on, count) in [(&pair.mentor, true, 1), (&pair.mentee, false, 0)] {
            let typed: &[(&str, &str)] = if on { &[("on", "yes")] } else { &[] };
            act(&program, who, &path, "flag-message", typed, discussion::api::flag_message(pair.enrollment, id)).await.unwrap();
            assert_eq!(agenda(&program, &pair.mentee, &pair).await.flagged.len(), count, "{on}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_talk_is_confirmed_by_the_other_or_put_right() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::Two).await;
        let path = talk_path(pair.enrollment);
        log_talk(&program, &pair.mentor, &pair, &[]).await.unwrap();
        let talks = async |who: &Viewer| {
            let (who, two) = member(&program, who, &pair).await;
            store::list_talks(&mut program.state.db.read().await.unwrap(), who, &two, program.state.clock.now()).await.unwrap()
        };
        let id = talks(&pair.mentor).await[0].id;
        let chosen = id.to_string();
        let confirm = || discussion::api::confirm_talk(pair.enrollment);
        assert!(talks(&pair.mentee).await[0].asks_me && !talks(&pair.mentor).await[0].asks_me);
        // The one who logged it cannot say yes for the other.
        assert_eq!(act(&program, &pair.mentor, &path, "confirm-talk", &[("talk", &chosen)], confirm()).await.unwrap(), path);
        assert_eq!(talks(&pair.mentor).await[0].confirmed_at, None);

        let day = clock::today(program.state.clock.now()).to_string();
        let typed =
            [("held_on", day.as_str()), ("minutes", "40"), ("way", "phone"), ("word", "it was 40 minutes, on the phone")];
        let call = discussion::api::correct_talk(pair.enrollment, id);
        let answer = act(&program, &pair.mentee, &path, "correct-talk", &typed, call).await;
        assert_eq!(answer.unwrap(), format!("{path}?done=talk-corrected"));
        let now = &talks(&pair.mentor).await[0];
        assert_eq!((now.minutes, now.way, now.asks_me), (40, Way::Phone, true));
        let page = Browser::of(&program, &pair.mentor).await.open(&path).await.html;
        assert!(page.contains("it was 40 minutes, on the phone") && page.contains("Was it so?"), "{page}");

        // A page that still shows what was said before confirms nothing.
        let old = [("talk", chosen.as_str()), ("said", "2026-01-05 50 video")];
        assert_eq!(act(&program, &pair.mentor, &path, "confirm-talk", &old, confirm()).await.unwrap(), path);
        assert_eq!(talks(&pair.mentor).await[0].confirmed_at, None);
        let seen = discussion::facts(now.held_on, now.minutes, now.way);
        let answer = act(&program, &pair.mentor, &path, "confirm-talk", &[("talk", &chosen), ("said", &seen)], confirm()).await;
        assert_eq!(answer.unwrap(), format!("{path}?done=talk-confirmed"));
        assert_eq!(talks(&pair.mentee).await[0].confirmed_by.as_deref(), Some(pair.mentor.name.as_str()));
        // What both have said stays.
        let call = discussion::api::correct_talk(pair.enrollment, id);
        assert_eq!(act(&program, &pair.mentee, &path, "correct-talk", &typed, call).await.unwrap(), path);
        assert_eq!(talks(&pair.mentee).await[0].minutes, 40);
        let others = program.pair(OptionNumber::Two).await;
        let call = discussion::api::confirm_talk(others.enrollment);
        let answer = act(&program, &others.mentee, &path, "confirm-talk", &[("talk", &chosen)], call).await;
        assert_eq!(answer, Err(AppError::NotFound));
        // Neither the record nor the mail holds what was said.
        let mut tx = program.state.db.read().await.unwrap();
        let mails = app::db::fetch_all!(&mut tx, (sqlx::types::Json<serde_json::Value>,), "SELECT fields FROM mail").unwrap();
        assert!(!format!("{mails:?}").contains("on the phone"));
    })
    .await;
}

#[tokio::test]
async fn a_follow_up_is_carried_along_until_it_is_done() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::Two).await;
        let path = talk_path(pair.enrollment);
        log_talk(&program, &pair.mentor, &pair, &[("follow_ups", "Bring the kit\nAsk the clinic")]).await.unwrap();
        let first = agenda(&program, &pair.mentee, &pair).await.follow_ups;
        let done = first[0].item.to_string();
        log_talk(&program, &pair.mentee, &pair, &[("done", &done), ("follow_ups", "Write the summary")]).await.unwrap();
        let carried = agenda(&program, &pair.mentor, &pair).await.follow_ups;
        assert_eq!(words(&carried), ["Write the summary", "Ask the clinic"]);
        let item = carried[1].item.to_string();
        let call = discussion::api::finish_follow_up(pair.enrollment, item.clone());
        act(&program, &pair.mentor, &path, "finish-follow-up", &[], call).await.unwrap();
        assert_eq!(words(&agenda(&program, &pair.mentee, &pair).await.follow_ups), ["Write the summary"]);
        let page = Browser::of(&program, &pair.mentee).await.open(&path).await.html;
        assert!(page.contains(&format!("done, says {}", pair.mentor.name)));
        for nothing in [format!("{}.9", carried[1].item.talk), "nonsense".to_owned()] {
            let call = discussion::api::finish_follow_up(pair.enrollment, nothing);
            assert_eq!(act(&program, &pair.mentor, &path, "finish-follow-up", &[], call).await, Err(AppError::NotFound));
        }
        let others = program.pair(OptionNumber::Two).await;
        let call = discussion::api::finish_follow_up(others.enrollment, item);
        assert_eq!(act(&program, &others.mentor, &path, "finish-follow-up", &[], call).await, Err(AppError::NotFound));
    })
    .await;
}

#[tokio::test]
async fn several_chapters_are_signed_off_at_once_each_with_a_word() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::Two).await;
        let all = progress(&program, &pair).await;
        let (one, two, three) = (all[0].chapter.id.to_string(), all[1].chapter.id.to_string(), all[2].chapter.id.to_string());
        let own = format!("word[{two}]");
        let typed = [
            ("sign_off", one.as_str()),
            ("sign_off", two.as_str()),
            ("word", "Well done."),
            (own.as_str(), "The best so far."),
        ];
        let path = talk_path(pair.enrollment);
        let call = || discussion::api::sign_off_chapters(pair.enrollment);
        assert_eq!(act(&program, &pair.mentee, &path, "sign-off-chapters", &typed, call()).await, Err(AppError::NotFound));
        let answer = act(&program, &pair.mentor, &path, "sign-off-chapters", &typed, call()).await;
        assert_eq!(answer.unwrap(), format!("{path}?done=chapters-signed-off"));
        // With a talk as well.
        log_talk(&program, &pair.mentor, &pair, &[("sign_off", &three), ("word", "On we go.")]).await.unwrap();
        let mut tx = program.state.db.read().await.unwrap();
        let words = app::db::fetch_all!(
            &mut tx,
            (String,),
            "SELECT o.word FROM sign_off o JOIN chapter c ON c.id = o.chapter_id ORDER BY c.number"
        );
        assert_eq!(
            words.unwrap().into_iter().map(|(word,)| word).collect::<Vec<_>>(),
            ["Well done.", "The best so far.", "On we go."]
        );
        drop(tx);
        // Without a tick it says what to do.
        assert_eq!(act(&program, &pair.mentor, &path, "sign-off-chapters", &[], call()).await.unwrap(), path);
    })
    .await;
}

#[tokio::test]
async fn a_former_mentor_keeps_their_own_words_and_what_was_answered_to_them() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::One).await;
        let chapter = progress(&program, &pair).await[0].chapter.id;
        write(&program, &pair.mentee, &pair, Thread::Rest, &[("body", "asked before any word of yours")]).await.unwrap();
        write(&program, &pair.mentor, &pair, Thread::Rest, &[("body", "own words")]).await.unwrap();
        write(&program, &pair.mentee, &pair, Thread::Rest, &[("body", "answered to you")]).await.unwrap();
        write(&program, &pair.mentee, &pair, Thread::Chapter(chapter), &[("body", "in another thread")]).await.unwrap();
        log_talk(&program, &pair.mentor, &pair, &[("notes", "own notes")]).await.unwrap();
        log_talk(&program, &pair.mentee, &pair, &[("notes", "notes of the mentee")]).await.unwrap();
        let acting = Browser::of(&program, &pair.mentee).await;
        let day = clock::today(program.state.clock.now()).to_string();
        for (reflection, shared) in [("shared thought", "shared"), ("kept thought", "kept")] {
            let typed = [("minutes", "20"), ("studied_on", &day), ("reflection", reflection), (shared, "yes")];
            acting.send("/", "log-chapter", &typed, app::study::api::log_chapter(pair.enrollment, chapter)).await.unwrap();
        }
        let next = change_mentor(&program, &pair).await;
        write(&program, &pair.mentee, &pair, Thread::Rest, &[("body", "after you left")]).await.unwrap();
        log_talk(&program, &next, &pair, &[("notes", "notes of the next")]).await.unwrap();

        let path = format!("/mentor/former/{}", pair.current);
        let former = Browser::of(&program, &pair.mentor).await;
        assert!(former.open("/mentor").await.html.contains(&path));
        let page = former.open(&path).await.html;
        for seen in ["own words", "answered to you", "own notes", "shared thought"] {
            assert!(page.contains(seen), "{seen}");
        }
        for hidden in [
            "asked before any word",
            "in another thread",
            "notes of the mentee",
            "kept thought",
            "after you left",
            "notes of the next",
        ] {
            assert!(!page.contains(hidden), "{hidden}");
        }
        assert!(!page.contains("<textarea") && !page.contains("action=\"/api/write-message"));
        for (who, status) in [(&next, 404), (&pair.mentee, 403), (&program.coordinator, 403)] {
            assert_eq!(Browser::of(&program, who).await.open(&path).await.status, status);
        }
    })
    .await;
}

#[tokio::test]
async fn a_mentor_sees_what_is_new_since_the_last_visit_and_never_what_was_written() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::Two).await;
        let mentor = Browser::of(&program, &pair.mentor).await;
        assert!(!mentor.open("/mentor").await.html.contains("Since your last visit"));
        program.state.clock.advance(Duration::hours(2));
        for body in ["private one", "private two"] {
            write(&program, &pair.mentee, &pair, Thread::Rest, &[("body", body)]).await.unwrap();
        }
        log_talk(&program, &pair.mentee, &pair, &[]).await.unwrap();
        // A second look a moment later shows the same; the next visit does not.
        for _ in 0..2 {
            let page = mentor.open("/mentor").await.html;
            assert!(page.contains("logged a talk, wrote 2 messages. ") && !page.contains("private"), "{page}");
            program.state.clock.advance(Duration::minutes(5));
        }
        program.state.clock.advance(Duration::hours(2));
        let page = mentor.open("/mentor").await.html;
        assert!(page.contains("Nothing new since") && page.contains("Answer"), "{page}");
    })
    .await;
}

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
    let talks = store::list_talks(&mut tx, who, &two).await.unwrap();
    store::agenda(&mut tx, who, &two, &talks, &progress).await.unwrap()
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
        assert_eq!(after.follow_ups, ["Bring the kit", "Ask the clinic"]);
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
        assert_eq!(log_talk(&program, &pair.mentor, &pair, &[("sign_off", &foreign)]).await, Err(AppError::NotFound));
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
            came_by: None,
            id: TalkId::new(), held_on, minutes: 30, way: Way::Phone, notes: String::new(), follow_ups: String::new(),
            logged_by: String::new(), created_at, visible: true,
        };
        let covered = talk.covered_until();
        prop_assert!(covered <= created_at && covered >= noon);
        prop_assert!(clock::today(covered - Duration::microseconds(1)) == held_on);
        prop_assert!((clock::today(created_at) == held_on) == (covered == created_at) || covered == created_at);
    }
}

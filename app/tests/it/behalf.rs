//! What the coordinator enters for others: marked, counted, a sign of life, and once however often the form is sent.

use app::behalf::{self, api};
use app::contacts::Medium;
use app::db::fetch_one;
use app::enrollments::{OptionNumber, Owner, thread};
use app::error::AppError;
use app::id::{ChapterId, SubmissionKey};
use app::study::{self, chapter_path};
use app::{assessments, clock, discussion};
use chrono::Days;

use crate::appointments::agree_on_a_time;
use crate::study::{member, progress};
use crate::support::{Pair, Program, each_db};
use crate::visit::Browser;

/// The coordinator at the page of one pair.
struct Desk<'a> {
    program: &'a Program,
    browser: Browser<'a>,
    pair: &'a Pair,
    today: String,
}

impl<'a> Desk<'a> {
    async fn at(program: &'a Program, pair: &'a Pair) -> Self {
        let browser = Browser::of(program, &program.coordinator).await;
        Self { program, browser, pair, today: clock::today(program.state.clock.now()).to_string() }
    }

    fn page(&self) -> String {
        format!("/coordinator/enrollments/{}/enter", self.pair.enrollment)
    }

    async fn send(
        &self,
        form: &str,
        fields: &[(&str, &str)],
        change: impl Future<Output = Result<(), AppError>>,
    ) -> Result<String, AppError> {
        let mut typed = fields.to_vec();
        let what = form.trim_start_matches("enter-").replace('-', "_");
        for (name, usual) in [("came_by", "fax"), ("came_on", self.today.as_str()), ("what", what.as_str())] {
            if !typed.iter().any(|(known, _)| *known == name) {
                typed.push((name, usual));
            }
        }
        self.browser.send(&self.page(), form, &typed, change).await
    }

    fn done(&self) -> String {
        format!("{}?done=entered-on-behalf", self.page())
    }

    async fn count(&self, sql: &'static str) -> i64 {
        fetch_one!(&mut self.program.state.db.read().await.unwrap(), (i64,), sql).unwrap().0
    }
}

#[tokio::test]
async fn reading_on_paper_counts_and_is_marked() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::One).await;
        let desk = Desk::at(&program, &pair).await;
        let chapters: Vec<ChapterId> = progress(&program, &pair).await.iter().map(|one| one.chapter.id).collect();
        let (one, two) = (chapters[0].to_string(), chapters[2].to_string());
        let page = desk.browser.open(&desk.page()).await;
        for form in ["enter-study", "enter-talk", "enter-sign-off", "enter-test"] {
            assert!(page.html.contains(&format!("/api/{form}")), "{form}");
        }
        assert!(!page.html.contains("/api/enter-answer"), "nothing was proposed");
        program.state.clock.advance(chrono::Duration::days(20));
        let desk = Desk::at(&program, &pair).await;
        let story = app::enrollments::store::find(&mut program.state.db.read().await.unwrap(), pair.enrollment).await;
        let before = story.unwrap().unwrap().heard_at(Owner::Mentee).unwrap();
        let key = SubmissionKey::new().to_string();
        let fields = [
            ("key", key.as_str()),
            ("chapters", one.as_str()),
            ("chapters", two.as_str()),
            ("studied_on", desk.today.as_str()),
            ("minutes", "35"),
        ];
        for _ in 0..2 {
            assert_eq!(desk.send("enter-study", &fields, api::enter_study(pair.enrollment)).await.unwrap(), desk.done());
        }
        assert_eq!(desk.count("SELECT COUNT(*) FROM study_entry WHERE came_by = 'fax'").await, 2, "sent twice, entered once");
        let now = progress(&program, &pair).await;
        assert!(now[0].is_read() && !now[1].is_read() && now[2].is_read());
        let known = app::enrollments::store::find(&mut program.state.db.read().await.unwrap(), pair.enrollment).await;
        let known = known.unwrap().unwrap();
        assert!(known.heard_at(Owner::Mentee).unwrap() > before, "a sign of life");
        assert_eq!(known.heard_at(Owner::Mentor), known.matched_at, "of the mentee alone");
        for who in [&pair.mentee, &pair.mentor] {
            let page = Browser::of(&program, who).await.open(&chapter_path(pair.enrollment, chapters[0])).await;
            assert!(page.html.contains("entered by Cora Dinator, by fax"), "{}", page.html);
        }
        // Refused with everything typed: a day to come, no chapter, no way.
        let tomorrow = (clock::today(program.state.clock.now()) + Days::new(1)).to_string();
        let wrong = [("studied_on", tomorrow.as_str()), ("minutes", "35"), ("came_by", "")];
        assert_eq!(desk.send("enter-study", &wrong, api::enter_study(pair.enrollment)).await.unwrap(), desk.page());
        assert!(desk.browser.open(&desk.page()).await.html.contains("3 things to mend"));
        let stranger =
            [("chapters", "018f0000-0000-7000-8000-000000000000"), ("studied_on", desk.today.as_str()), ("minutes", "5")];
        assert_eq!(
            desk.send("enter-study", &stranger, api::enter_study(pair.enrollment)).await,
            Err(AppError::NotFound),
            "a chapter of another book"
        );
    })
    .await;
}

#[tokio::test]
async fn talks_and_sign_offs_show_that_both_are_there() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::Two).await;
        agree_on_a_time(&program, &pair).await;
        program.state.clock.advance(chrono::Duration::days(20));
        let desk = Desk::at(&program, &pair).await;
        let chapter = progress(&program, &pair).await[0].chapter.clone();
        let (id, key) = (chapter.id.to_string(), SubmissionKey::new().to_string());
        let fields = [
            ("key", key.as_str()),
            ("held_on", desk.today.as_str()),
            ("minutes", "50"),
            ("way", "phone"),
            ("chapters", id.as_str()),
            ("came_by", "phone"),
        ];
        for _ in 0..2 {
            assert_eq!(desk.send("enter-talk", &fields, api::enter_talk(pair.enrollment)).await.unwrap(), desk.done());
        }
        assert_eq!(desk.count("SELECT COUNT(*) FROM talk WHERE came_by = 'phone' AND entered_by IS NOT NULL").await, 1);
        assert_eq!(desk.count("SELECT COUNT(*) FROM appointment WHERE state = 'held'").await, 1, "its time has been had");
        let coordinator = program.coordinator.coordinator().unwrap();
        let mut tx = program.state.db.read().await.unwrap();
        let told = thread::list(&mut tx, &coordinator, pair.enrollment, None, 0).await.unwrap();
        drop(tx);
        let talk = told.iter().find(|entry| entry.kind == "talk.logged").unwrap();
        assert_eq!((talk.entered_by.as_deref(), talk.medium.as_deref()), (Some("Cora Dinator"), Some("phone")));
        assert_eq!(desk.count("SELECT COUNT(*) FROM contact WHERE heard = TRUE").await, 2, "one of each");
        assert_eq!(desk.count("SELECT COUNT(*) FROM mail WHERE kind = 'talk_logged'").await, 2);
        for who in [&pair.mentee, &pair.mentor] {
            let page = Browser::of(&program, who).await.open(&discussion::talk_path(pair.enrollment)).await;
            assert!(page.html.contains("entered by Cora Dinator, by phone"));
        }
        let key = SubmissionKey::new().to_string();
        let fields = [("key", key.as_str()), ("chapters", id.as_str()), ("came_by", "paper")];
        for _ in 0..2 {
            assert_eq!(desk.send("enter-sign-off", &fields, api::enter_sign_off(pair.enrollment)).await.unwrap(), desk.done());
        }
        let (member, two) = member(&program, &pair.mentee, &pair).await;
        let mut tx = program.state.db.read().await.unwrap();
        let sign_off = study::store::find_sign_off(&mut tx, member, &two, chapter.id).await.unwrap().unwrap();
        assert_eq!(sign_off.mentor, pair.mentor.name);
        assert_eq!(sign_off.mark().unwrap(), "entered by Cora Dinator, on paper");
        drop(tx);
        assert_eq!(desk.count("SELECT COUNT(*) FROM mail WHERE kind = 'chapter_signed_off'").await, 1);
        assert_eq!(desk.count("SELECT COUNT(*) FROM contact WHERE heard = TRUE").await, 3);
        // Without a mentor there is nothing of theirs to enter.
        let (_, alone) = program.enrollment("Alone", OptionNumber::Two).await;
        let here = format!("/coordinator/enrollments/{alone}/enter");
        let page = desk.browser.open(&here).await.html;
        assert!(page.contains("/api/enter-study") && !page.contains("/api/enter-talk") && !page.contains("/api/enter-test"));
        let sent = desk.browser.send(&here, "enter-sign-off", &fields, api::enter_sign_off(alone)).await;
        assert_eq!(sent.unwrap(), here);
        assert!(!desk.browser.open(&here).await.html.contains("entered-on-behalf"));
    })
    .await;
}

#[tokio::test]
async fn a_test_on_paper_keeps_the_rule_of_attempts() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::One).await;
        program.state.clock.advance(chrono::Duration::days(20));
        let desk = Desk::at(&program, &pair).await;
        let chapter = progress(&program, &pair).await[0].chapter.id;
        let (id, yesterday) = (chapter.to_string(), (clock::today(program.state.clock.now()) - Days::new(1)).to_string());
        let attempts = async || {
            let mut tx = program.state.db.read().await.unwrap();
            assessments::store::list_attempts(&mut tx, pair.enrollment, chapter).await.unwrap()
        };
        let key = SubmissionKey::new().to_string();
        let mut fields = vec![
            ("key", key.as_str()),
            ("chapter", id.as_str()),
            ("right", "3"),
            ("of", "5"),
            ("taken_on", yesterday.as_str()),
            ("came_by", "paper"),
        ];
        for _ in 0..2 {
            assert_eq!(desk.send("enter-test", &fields, api::enter_test(pair.enrollment)).await.unwrap(), desk.done());
        }
        let found = attempts().await;
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].mark().unwrap(), "entered by Cora Dinator, on paper");
        assert_eq!(found[0].score().unwrap(), assessments::score(app::assessments::Credit(3000), 5, 80));
        assert!(!found[0].score().unwrap().passed);
        // A second one on that day, more right answers than questions; then today.
        let key = SubmissionKey::new().to_string();
        fields[0] = ("key", key.as_str());
        assert_eq!(desk.send("enter-test", &fields, api::enter_test(pair.enrollment)).await.unwrap(), desk.page());
        assert!(desk.browser.open(&desk.page()).await.html.contains("used up already"));
        (fields[2], fields[4]) = (("right", "6"), ("taken_on", desk.today.as_str()));
        assert_eq!(desk.send("enter-test", &fields, api::enter_test(pair.enrollment)).await.unwrap(), desk.page());
        assert!(desk.browser.open(&desk.page()).await.html.contains("from 0 to 5"));
        fields[2] = ("right", "4");
        assert_eq!(desk.send("enter-test", &fields, api::enter_test(pair.enrollment)).await.unwrap(), desk.done());
        assert!(progress(&program, &pair).await[0].test_passed);
        let page = Browser::of(&program, &pair.mentee).await.open(&assessments::api::test_path(pair.enrollment, chapter)).await;
        assert!(page.html.contains("Passed, with 80 percent") && page.html.contains("entered by Cora Dinator, on paper"));
        // Passed is passed.
        let key = SubmissionKey::new().to_string();
        fields[0] = ("key", key.as_str());
        assert_eq!(desk.send("enter-test", &fields, api::enter_test(pair.enrollment)).await.unwrap(), desk.page());
        assert_eq!(attempts().await.len(), 2);
        let contacts = desk.count("SELECT COUNT(*) FROM contact").await;
        assert_eq!(contacts, 2, "what was refused left no sign of life");
    })
    .await;
}

#[tokio::test]
async fn a_mentors_answer_by_phone_is_an_answer() {
    each_db(async |program| {
        let who = program.coordinator.coordinator().unwrap();
        let settings = app::settings::Settings::default();
        for (name, said, reason) in [("First", "no", "Too many already"), ("Second", "yes", "")] {
            let (mentee, enrollment) = program.enrollment(name, OptionNumber::One).await;
            let mentor = program.mentor(&format!("Mentor {name}"), "30049").await;
            let mut tx = program.state.write(&who).await.unwrap();
            let (found, _) = app::matching::store::propose(&mut tx, &who, enrollment, mentor.id, &settings).await.unwrap();
            tx.commit().await.unwrap();
            let browser = Browser::of(&program, &program.coordinator).await;
            let here = format!("/coordinator/enrollments/{enrollment}/enter");
            assert!(browser.open(&here).await.html.contains("/api/enter-answer"));
            let (today, key) = (clock::today(program.state.clock.now()).to_string(), SubmissionKey::new().to_string());
            if said == "no" {
                let typed = [("what", "answer"), ("said", "no"), ("came_by", "phone"), ("came_on", today.as_str())];
                let sent = browser.send(&here, "enter-answer", &typed, api::enter_answer(found.id)).await;
                assert_eq!(sent.unwrap(), here, "a no has a reason");
                assert!(browser.open(&here).await.html.contains("reason in a few words"));
            }
            let typed =
                [("key", key.as_str()), ("said", said), ("reason", reason), ("came_by", "phone"), ("came_on", today.as_str())];
            for _ in 0..2 {
                let sent = browser.send(&here, "enter-answer", &typed, api::enter_answer(found.id)).await;
                assert_eq!(sent.unwrap(), format!("{here}?done=entered-on-behalf"));
            }
            let mut tx = program.state.db.read().await.unwrap();
            let found = app::matching::store::find(&mut tx, &who, found.id).await.unwrap().unwrap();
            let (state, mark) = (found.state.as_str(), found.mark().unwrap());
            assert_eq!(
                (state, mark.as_str()),
                (if said == "yes" { "accepted" } else { "declined" }, "entered by Cora Dinator, by phone")
            );
            let kind = "introduction";
            let (told,) = fetch_one!(
                &mut tx,
                (i64,),
                "SELECT COUNT(*) FROM mail WHERE kind = $1 AND (address = $2 OR address = $3)",
                kind,
                &mentee.email,
                &mentor.email
            )
            .unwrap();
            assert_eq!(told, if said == "yes" { 2 } else { 0 });
            drop(tx);
            let page = browser.open(&format!("/coordinator/mentors/{}", mentor.id)).await;
            assert!(page.html.contains("entered by Cora Dinator, by phone"));
        }
    })
    .await;
}

#[test]
fn numbers_of_chapters_are_said_in_words() {
    assert_eq!(behalf::chapters(&[3]), "chapter 3");
    assert_eq!(behalf::chapters(&[3, 4, 9]), "chapters 3, 4, 9");
    assert_eq!(Medium::ALL.len(), 5);
}

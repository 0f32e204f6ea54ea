//! What is kept while somebody types: a text open in two places, a form that was sent, a page of another person.

use app::db::{execute, fetch_one};
use app::drafts::store::{find, forget, keep, put};
use app::drafts::{Draft, Kept, Mark};
use app::enrollments::OptionNumber;
use app::error::AppError;
use app::people::Viewer;
use app::study::{chapter_path, store as study};
use chrono::Duration;

use crate::support::{Program, each_db};
use crate::visit::Browser;

const FORM: &str = "log-chapter:x-";

/// What a page says that shows this version.
fn page(name: &str, version: i64) -> Mark {
    Mark { form: FORM.to_owned(), version, page: name.to_owned() }
}

fn words(text: &str) -> Vec<(String, String)> {
    vec![("minutes".to_owned(), "40".to_owned()), ("reflection".to_owned(), text.to_owned())]
}

async fn typed(program: &Program, who: &Viewer, mark: &Mark, text: &str) -> Kept {
    let mut tx = program.state.write(who).await.unwrap();
    let kept = keep(&mut tx, who.id, mark, &words(text)).await.unwrap();
    tx.commit().await.unwrap();
    kept
}

async fn sent(program: &Program, who: &Viewer, mark: &Mark) {
    let mut tx = program.state.write(who).await.unwrap();
    forget(&mut tx, who.id, mark).await.unwrap();
    tx.commit().await.unwrap();
}

/// What stands in the draft now: its version and its reflection.
async fn stands(program: &Program, who: &Viewer) -> (i64, Option<String>) {
    let mut tx = program.state.db.read().await.unwrap();
    let draft = within(program, find(&mut tx, who.id, FORM)).await.unwrap().unwrap();
    (draft.version, draft.fields.into_iter().find(|(name, _)| name == "reflection").map(|(_, text)| text))
}

/// Within the context that pages have.
async fn within<T>(program: &Program, work: impl Future<Output = T>) -> T {
    let parts = axum::http::Request::new(()).into_parts().0;
    app::app::within(program.state.clone(), parts, app::ui::Assets(|path| path.to_owned()), work).await
}

#[tokio::test]
async fn a_text_open_in_two_places_is_shown_and_not_lost() {
    each_db(async |program| {
        let who = &program.coordinator;
        assert_eq!(typed(&program, who, &page("one", 0), "Half a thought").await, Kept::Saved(1));
        // Both pages show version 1; the first goes on.
        assert_eq!(typed(&program, who, &page("one", 1), "A whole thought").await, Kept::Saved(2));
        program.state.clock.advance(Duration::minutes(3));
        let Kept::Changed(Draft { version, fields, saved_at }) = typed(&program, who, &page("two", 1), "Another thought").await
        else {
            panic!("overwritten")
        };
        assert_eq!((version, &fields), (2, &words("A whole thought")));
        assert!(program.state.clock.now() - saved_at >= Duration::minutes(3));
        assert_eq!(stands(&program, who).await, (2, Some("A whole thought".to_owned())));
        // The second chooses its own, and now the first is told.
        assert_eq!(typed(&program, who, &page("two", 2), "Another thought").await, Kept::Saved(3));
        assert!(matches!(typed(&program, who, &page("one", 2), "More").await, Kept::Changed(_)));
        // The same words are no change to anybody.
        assert_eq!(typed(&program, who, &page("one", 2), "Another thought").await, Kept::Saved(3));
    })
    .await;
}

#[tokio::test]
async fn a_page_never_stands_in_its_own_way() {
    each_db(async |program| {
        let who = &program.coordinator;
        typed(&program, who, &page("one", 0), "A").await;
        // The answer to the first was lost: the page still says 0.
        assert_eq!(typed(&program, who, &page("one", 0), "A and B").await, Kept::Saved(2));
        assert_eq!(typed(&program, who, &page("one", 0), "A and B and C").await, Kept::Saved(3));
    })
    .await;
}

#[tokio::test]
async fn two_first_words_at_the_same_moment_do_not_overwrite_each_other() {
    each_db(async |program| {
        let who = &program.coordinator;
        let (one_page, other_page) = (page("one", 0), page("two", 0));
        let (one, two) = tokio::join!(typed(&program, who, &one_page, "Mine"), typed(&program, who, &other_page, "Yours"));
        let saved = [&one, &two].into_iter().filter(|kept| **kept == Kept::Saved(1)).count();
        let changed = [&one, &two].into_iter().filter(|kept| matches!(kept, Kept::Changed(_))).count();
        assert_eq!((saved, changed), (1, 1), "{one:?} {two:?}");
    })
    .await;
}

#[tokio::test]
async fn a_form_that_was_sent_takes_its_own_draft_and_no_other() {
    each_db(async |program| {
        let who = &program.coordinator;
        typed(&program, who, &page("one", 0), "Sent").await;
        sent(&program, who, &page("one", 1)).await;
        assert_eq!(stands(&program, who).await, (2, None));
        // What the page typed just before it was sent arrives late.
        assert_eq!(typed(&program, who, &page("one", 1), "Sent, and late").await, Kept::Saved(2));
        assert_eq!(stands(&program, who).await, (2, None));
        // A page from before may begin anew: nothing of anybody's is overwritten.
        assert_eq!(typed(&program, who, &page("two", 1), "A new one").await, Kept::Saved(3));
        // A form that was filled in elsewhere, with the draft as it was before, leaves the new words alone.
        sent(&program, who, &page("three", 1)).await;
        assert_eq!(stands(&program, who).await, (3, Some("A new one".to_owned())));
        sent(&program, who, &page("three", 3)).await;
        assert_eq!(stands(&program, who).await, (4, None));
    })
    .await;
}

#[tokio::test]
async fn a_form_sent_before_anything_was_kept_is_known_as_sent() {
    each_db(async |program| {
        let who = &program.coordinator;
        sent(&program, who, &page("one", 0)).await;
        assert_eq!(stands(&program, who).await, (1, None));
        assert_eq!(typed(&program, who, &page("one", 0), "On its way when it was sent").await, Kept::Saved(1));
        assert_eq!(stands(&program, who).await, (1, None));
    })
    .await;
}

#[tokio::test]
async fn what_was_looked_at_stands_whatever_was_there() {
    each_db(async |program| {
        let who = &program.coordinator;
        typed(&program, who, &page("one", 0), "Typed along").await;
        let mut tx = program.state.write(who).await.unwrap();
        put(&mut tx, who.id, &page("", 0), &words("Looked at")).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(stands(&program, who).await, (2, Some("Looked at".to_owned())));
    })
    .await;
}

#[tokio::test]
async fn an_old_draft_is_not_offered_and_its_version_still_counts() {
    each_db(async |program| {
        let who = &program.coordinator;
        typed(&program, who, &page("one", 0), "Of last spring").await;
        program.state.clock.advance(Duration::days(61));
        assert_eq!(stands(&program, who).await, (1, None));
    })
    .await;
}

#[tokio::test]
async fn what_is_too_long_or_a_password_is_not_kept() {
    each_db(async |program| {
        let who = &program.coordinator;
        let mut tx = program.state.write(who).await.unwrap();
        let long = keep(&mut tx, who.id, &page("one", 0), &words(&"x".repeat(60_001))).await;
        assert!(matches!(long, Err(AppError::Refused(_))));
        let secret = [("password".to_owned(), "larch".to_owned()), ("name".to_owned(), "Ann".to_owned())];
        keep(&mut tx, who.id, &page("one", 0), &secret).await.unwrap();
        let draft = within(&program, find(&mut tx, who.id, FORM)).await.unwrap().unwrap();
        assert_eq!(draft.fields, [("name".to_owned(), "Ann".to_owned())]);
    })
    .await;
}

#[tokio::test]
async fn a_chapter_logged_takes_its_draft_in_the_same_change() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::Two).await;
        let mentee = Browser::of(&program, &pair.mentee).await;
        let outline = program.outline(OptionNumber::Two).await;
        let chapter = study::list_chapters(&mut program.state.db.read().await.unwrap(), outline).await.unwrap()[0].id;
        let path = chapter_path(pair.enrollment, chapter);
        let draft = format!("log-chapter:{}-{chapter}-", pair.enrollment);
        let today = app::clock::today(program.state.clock.now()).to_string();
        let mark = Mark { form: draft.clone(), version: 0, page: "one".to_owned() };
        typed(&program, &pair.mentee, &mark, "Kept <b>while</b> typing").await;

        let page = mentee.open(&path).await.html;
        assert!(page.contains("Kept &lt;b&gt;while&lt;/b&gt; typing</textarea>") && page.contains("Saved at "), "{page}");
        assert!(page.contains(&format!("name=\"_draft\" value=\"{draft}\"")) && page.contains("name=\"_version\" value=\"1\""));
        let (enrollment, id) = (pair.enrollment.to_string(), chapter.to_string());
        let send = async |version: &str, day: &str| {
            let fields = [
                ("enrollment", enrollment.as_str()),
                ("chapter", id.as_str()),
                ("minutes", "40"),
                ("studied_on", day),
                ("reflection", "Sent"),
                ("_draft", draft.as_str()),
                ("_version", version),
            ];
            mentee.send(&path, "log-chapter", &fields, app::study::api::log_chapter(pair.enrollment, chapter)).await.unwrap()
        };
        // Refused: the draft stays, and the page still says which version it was built on.
        assert_eq!(send("1", "2099-01-01").await, path);
        let page = mentee.open(&path).await.html;
        assert!(page.contains("still to come") && page.contains("name=\"_version\" value=\"1\""));
        assert!(send("1", &today).await.ends_with("done=chapter-logged"));
        let page = mentee.open(&path).await.html;
        assert!(!page.contains("while&lt;/b&gt; typing") && page.contains("name=\"_version\" value=\"2\""), "{page}");
    })
    .await;
}

#[tokio::test]
async fn a_page_of_another_person_does_nothing_in_ones_own_name() {
    each_db(async |program| {
        let (pair, other) = (program.pair(OptionNumber::Two).await, program.pair(OptionNumber::Two).await);
        let outline = program.outline(OptionNumber::Two).await;
        let chapter = study::list_chapters(&mut program.state.db.read().await.unwrap(), outline).await.unwrap()[0].id;
        let path = chapter_path(pair.enrollment, chapter);
        let mut shared = Browser::of(&program, &pair.mentee).await;
        // Somebody else has signed in on the same computer; the page of before is still open.
        shared.sign_in_only(&other.mentee).await;
        let today = app::clock::today(program.state.clock.now()).to_string();
        let (enrollment, id) = (pair.enrollment.to_string(), chapter.to_string());
        let fields = [
            ("enrollment", enrollment.as_str()),
            ("chapter", id.as_str()),
            ("minutes", "40"),
            ("studied_on", today.as_str()),
            ("reflection", "Mine alone"),
            ("_draft", "f"),
            ("_version", "0"),
        ];
        let answer = shared.send(&path, "log-chapter", &fields, app::study::api::log_chapter(pair.enrollment, chapter)).await;
        assert_eq!(answer.unwrap(), format!("/sign-in?next={path}"));
        let kept = shared.send(&path, "keep-draft", &fields, async { app::drafts::api::keep_draft().await.map(|_| ()) }).await;
        assert_eq!(kept, Err(AppError::NotSignedIn));
        let mut tx = program.state.db.read().await.unwrap();
        assert_eq!(fetch_one!(&mut tx, (i64,), "SELECT COUNT(*) FROM study_entry").unwrap().0, 0);
        assert_eq!(fetch_one!(&mut tx, (i64,), "SELECT COUNT(*) FROM draft").unwrap().0, 0);
        drop(tx);
        // Whose words they are signs in again, and finds them.
        shared.sign_in_only(&pair.mentee).await;
        assert!(shared.open(&path).await.html.contains("Mine alone</textarea>"));
    })
    .await;
}

#[tokio::test]
async fn a_draft_of_before_versions_were_counted_is_still_offered() {
    each_db(async |program| {
        let who = &program.coordinator;
        let mut tx = program.state.write(who).await.unwrap();
        let now = tx.now();
        execute!(
            &mut tx,
            "INSERT INTO draft (account_id, form, fields, saved_at) VALUES ($1, $2, $3, $4)",
            who.id,
            FORM,
            sqlx::types::Json(words("Of before")),
            now
        )
        .unwrap();
        tx.commit().await.unwrap();
        assert_eq!(stands(&program, who).await, (1, Some("Of before".to_owned())));
    })
    .await;
}

//! The lending library's pages: a loan from both sides, what is another's, filling the shelf.

use app::db::fetch_one;
use app::error::AppError;
use app::id::EditionId;
use app::library::Standing;
use app::library::api;
use axum::http::StatusCode;

use crate::library_store::Shelf;
use crate::support::each_db;
use crate::visit::Browser;

#[tokio::test]
async fn the_mentees_page_leads_through_the_loan() {
    each_db(async |program| {
        let shelf = Shelf::new(program, 1).await;
        let (ada, own) = shelf.mentee("Ada Reader").await;
        let state = &shelf.program.state;
        let (mentee, desk) =
            (Browser::of(&shelf.program, &ada).await, Browser::of(&shelf.program, &shelf.program.coordinator).await);
        let (path, id) = ("/mentee/book", own.enrollment());
        let enrollment = id.to_string();

        assert!(mentee.open(path).await.html.contains("I have my own copy"));
        // A refused form keeps what was typed, and says what is missing.
        let typed =
            [("enrollment", enrollment.as_str()), ("way", "post"), ("street", "PO Box 12"), ("town", ""), ("zip", "5950")];
        assert_eq!(mentee.send(path, "request-book", &typed, api::request_book(id)).await.unwrap(), path);
        let page = mentee.open(path).await.html;
        assert!(page.contains("PO Box 12") && page.contains("2 things to mend") && page.contains("five digits"), "{page}");
        let typed = [("way", "post"), ("street", "PO Box 12"), ("more", ""), ("town", "Havre, MT"), ("zip", "59501")];
        let led = mentee.send(path, "request-book", &typed, api::request_book(id)).await.unwrap();
        assert_eq!(led, "/mentee/book?done=book-requested");
        assert!(mentee.open(path).await.html.contains("PO Box 12"));

        let lend = format!("/coordinator/enrollments/{id}/book");
        let page = desk.open(&lend).await.html;
        assert!(page.contains("PO Box 12") && page.contains("AS-1, good"), "{page}");
        assert!(desk.open("/coordinator/library").await.html.contains("waits for a copy"));
        let copy = shelf.copies[0].to_string();
        let typed = [("copy", copy.as_str()), ("way", "post"), ("address", ""), ("due", "")];
        assert_eq!(desk.send(&lend, "lend-book", &typed, api::lend_book(id)).await.unwrap(), lend);
        assert!(desk.open(&lend).await.html.contains("Enter the address"));
        let typed = [("copy", copy.as_str()), ("way", "post"), ("address", "PO Box 12\nHavre, MT 59501"), ("due", "")];
        assert!(desk.send(&lend, "lend-book", &typed, api::lend_book(id)).await.unwrap().ends_with("done=book-lent"));
        let (mails,) =
            fetch_one!(&mut state.db.read().await.unwrap(), (i64,), "SELECT COUNT(*) FROM mail WHERE kind = 'book_lent'")
                .unwrap();
        assert_eq!(mails, 1);
        assert!(desk.open("/coordinator/library").await.html.contains("on the way"));

        assert!(mentee.open(path).await.html.contains("The book is here"));
        mentee.send(path, "confirm-book", &[], api::confirm_book(id)).await.unwrap();
        let page = mentee.open(path).await.html;
        assert!(page.contains("Due back") && page.contains("180 days at most"), "{page}");
        // Said twice: the page tells why not, and nothing changes.
        mentee.send(path, "confirm-book", &[], api::confirm_book(id)).await.unwrap();
        assert!(mentee.open(path).await.html.contains("The book is there already."));
        mentee.send(path, "send-book-back", &[], api::send_book_back(id)).await.unwrap();
        assert!(mentee.open(path).await.html.contains("on its way back"));
        let loan = shelf.book(id).await.loan().unwrap().id;
        desk.send(&lend, "receive-book", &[], api::receive_book(loan)).await.unwrap();
        assert_eq!(shelf.forgotten_addresses().await, 0);
        mentee.send(path, "own-book", &[], api::own_book(id)).await.unwrap();
        assert!(mentee.open(path).await.html.contains("You study with your own copy"));
    })
    .await;
}

#[tokio::test]
async fn what_belongs_to_another_is_not_there() {
    each_db(async |program| {
        let shelf = Shelf::new(program, 1).await;
        let (ada, own) = shelf.mentee("Ada Reader").await;
        let (ben, _) = shelf.mentee("Ben Reader").await;
        let (stranger, mentee) = (Browser::of(&shelf.program, &ben).await, Browser::of(&shelf.program, &ada).await);
        let id = own.enrollment();
        let not_found = stranger.send("/mentee/book", "own-book", &[], api::own_book(id)).await;
        assert_eq!(not_found, Err(AppError::NotFound));
        assert_eq!(
            stranger.send("/", "request-book", &[("way", "in_person")], api::request_book(id)).await,
            Err(AppError::NotFound)
        );
        assert_eq!(mentee.send("/", "lend-book", &[], api::lend_book(id)).await, Err(AppError::NotAllowed));
        assert_eq!(mentee.open("/coordinator/library").await.status, StatusCode::FORBIDDEN);
        assert_eq!(shelf.book(id).await.standing(), Standing::Open);
    })
    .await;
}

#[tokio::test]
async fn the_coordinator_fills_the_shelf() {
    each_db(async |program| {
        let desk = Browser::of(&program, &program.coordinator).await;
        let path = "/coordinator/library";
        let title = [("name", "A Field Guide"), ("publisher", "North Press")];
        for _ in 0..2 {
            assert!(desk.send(path, "add-title", &title, api::add_title()).await.unwrap().ends_with("title-added"));
        }
        let other = [("name", "A Field Guide"), ("publisher", "South Press")];
        desk.send(path, "add-title", &other, api::add_title()).await.unwrap();
        assert!(desk.open(path).await.html.contains("in the library already"));
        let (title,) = fetch_one!(
            &mut program.state.db.read().await.unwrap(),
            (app::id::TitleId,),
            "SELECT id FROM title WHERE name = 'A Field Guide'"
        )
        .unwrap();
        let title = title.to_string();
        let edition =
            [("title", title.as_str()), ("edition-label", "2nd edition"), ("year", "2024"), ("isbn", "9780306406158")];
        desk.send(path, "add-edition", &edition, api::add_edition()).await.unwrap();
        let page = desk.open(path).await.html;
        assert!(page.contains("not an ISBN") && page.contains("2nd edition"), "{page}");
        let edition =
            [("title", title.as_str()), ("edition-label", "2nd edition"), ("year", "2024"), ("isbn", "978-0-306-40615-7")];
        for _ in 0..2 {
            assert!(desk.send(path, "add-edition", &edition, api::add_edition()).await.unwrap().ends_with("edition-added"));
        }
        let (edition,) = fetch_one!(
            &mut program.state.db.read().await.unwrap(),
            (EditionId,),
            "SELECT id FROM edition WHERE label = '2nd edition'"
        )
        .unwrap();
        let edition = edition.to_string();
        let copies = [("edition", edition.as_str()), ("labels", "fg-1, fg-2"), ("condition", "new")];
        assert!(desk.send(path, "add-copies", &copies, api::add_copies()).await.unwrap().ends_with("copies-added"));
        let page = desk.open(path).await.html;
        assert!(page.contains("FG-2") && page.contains("2 on the shelf"), "{page}");
        // A key of its own makes it a new form: the labels are taken now.
        desk.send(path, "add-copies", &copies, api::add_copies()).await.unwrap();
        assert!(desk.open(path).await.html.contains("labels of other copies: FG-1, FG-2"));
    })
    .await;
}

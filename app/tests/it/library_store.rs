//! The lending library's store: a book's way there and back, two at once, and random sequences against the rules.

use app::clock::today;
use app::db::{WriteTx, execute, fetch_one, fetch_optional};
use app::enrollments::OptionNumber;
use app::error::AppError;
use app::id::{CopyId, EditionId, EnrollmentId, LoanId, SubmissionKey};
use app::library::store::shelf::{self, NewCopies};
use app::library::store::{self, Book, Terms};
use app::library::{Condition, CopyAction, CopyState, LoanAction, LoanWay, Stage, Standing, Step};
use app::people::{Coordinator, OwnEnrollment, Viewer};
use app::settings::Settings;
use chrono::Duration;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::support::{Program, each_db};

/// The library of a test: one edition, its copies, and who studies with it.
pub struct Shelf {
    pub program: Program,
    desk: Coordinator,
    edition: EditionId,
    pub copies: Vec<CopyId>,
}

impl Shelf {
    pub async fn new(program: Program, count: usize) -> Self {
        let outline = program.outline(OptionNumber::Two).await;
        let desk = program.coordinator.coordinator().unwrap();
        let mut tx = program.state.write(&desk).await.unwrap();
        let (edition,) = fetch_one!(&mut tx, (EditionId,), "SELECT edition_id FROM outline WHERE id = $1", outline).unwrap();
        let labels = (1..=count).map(|number| format!("AS-{number}")).collect();
        let new = NewCopies { key: SubmissionKey::new(), edition, condition: Condition::Good, labels };
        shelf::insert_copies(&mut tx, desk, &new).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = program.state.db.read().await.unwrap();
        let copies = shelf::list_free(&mut tx, edition).await.unwrap().into_iter().map(|copy| copy.id).collect();
        Self { program, desk, edition, copies }
    }

    async fn write(&self) -> WriteTx {
        self.program.state.write(&self.desk).await.unwrap()
    }

    pub async fn mentee(&self, name: &str) -> (Viewer, OwnEnrollment) {
        let (who, enrollment) = self.program.enrollment(name, OptionNumber::Two).await;
        let own = who.own(&mut self.program.state.db.read().await.unwrap(), enrollment).await.unwrap();
        (who, own)
    }

    pub async fn book(&self, enrollment: EnrollmentId) -> Book {
        store::find_for_desk(&mut self.program.state.db.read().await.unwrap(), self.desk, enrollment).await.unwrap()
    }

    async fn lend(&self, enrollment: EnrollmentId, copy: CopyId, way: LoanWay) -> Result<bool, AppError> {
        let mut tx = self.write().await;
        let address = (way == LoanWay::Post).then(|| "1 Main St\nHavre, MT 59501".to_owned());
        let due_on = today(tx.now()) + Duration::days(90);
        let lent = store::lend(&mut tx, self.desk, enrollment, &Terms { copy, way, address, due_on }).await?;
        tx.commit().await?;
        Ok(lent)
    }

    /// Rows that must not be there: an address of what has ended.
    pub async fn forgotten_addresses(&self) -> i64 {
        let mut tx = self.program.state.db.read().await.unwrap();
        fetch_one!(
            &mut tx,
            (i64,),
            "SELECT (SELECT COUNT(*) FROM loan WHERE returned_at IS NOT NULL AND address IS NOT NULL)
                  + (SELECT COUNT(*) FROM hold WHERE ended_at IS NOT NULL AND address IS NOT NULL)"
        )
        .unwrap()
        .0
    }
}

async fn step(shelf: &Shelf, who: OwnEnrollment, action: LoanAction) -> Result<(), AppError> {
    let mut tx = shelf.program.state.write(&who).await?;
    store::tell(&mut tx, who, action).await?;
    Ok(tx.commit().await?)
}

async fn request(shelf: &Shelf, who: OwnEnrollment, way: LoanWay) -> Result<(), AppError> {
    let mut tx = shelf.program.state.write(&who).await?;
    let address = (way == LoanWay::Post).then_some("1 Main St\nHavre, MT 59501");
    store::request(&mut tx, who, way, address).await?;
    Ok(tx.commit().await?)
}

async fn receive(shelf: &Shelf, loan: LoanId) -> Result<(), AppError> {
    let mut tx = shelf.write().await;
    store::receive(&mut tx, shelf.desk, loan).await?;
    Ok(tx.commit().await?)
}

async fn change(shelf: &Shelf, copy: CopyId, action: CopyAction) -> Result<(), AppError> {
    let mut tx = shelf.write().await;
    shelf::change_copy(&mut tx, shelf.desk, copy, action).await?;
    Ok(tx.commit().await?)
}

#[tokio::test]
async fn a_book_goes_out_and_comes_back_and_the_address_is_gone() {
    each_db(async |program| {
        let shelf = Shelf::new(program, 1).await;
        let (_, who) = shelf.mentee("Ada Reader").await;
        let id = who.enrollment();
        assert_eq!(shelf.book(id).await.standing(), Standing::Open);
        request(&shelf, who, LoanWay::Post).await.unwrap();
        request(&shelf, who, LoanWay::Post).await.unwrap();
        let book = shelf.book(id).await;
        assert_eq!((book.standing(), book.free, book.ahead, book.waiting), (Standing::Waiting, 1, 0, 0));
        assert!(book.hold().unwrap().address.unwrap().contains("Havre"));

        assert!(shelf.lend(id, shelf.copies[0], LoanWay::Post).await.unwrap());
        assert!(!shelf.lend(id, shelf.copies[0], LoanWay::Post).await.unwrap(), "the same form again changes nothing");
        let book = shelf.book(id).await;
        let loan = book.loan().unwrap();
        assert_eq!((book.standing(), loan.dates.stage(), book.free), (Standing::Lent, Stage::OnTheWay, 0));
        assert!(book.hold().is_none());

        step(&shelf, who, LoanAction::Arrive).await.unwrap();
        assert!(step(&shelf, who, LoanAction::Arrive).await.is_err());
        step(&shelf, who, LoanAction::SendBack).await.unwrap();
        assert_eq!(shelf.book(id).await.loan().unwrap().dates.stage(), Stage::ComingBack);
        receive(&shelf, loan.id).await.unwrap();
        assert!(matches!(receive(&shelf, loan.id).await, Err(AppError::Refused(_))), "return of what is not lent");
        assert_eq!(receive(&shelf, LoanId::new()).await, Err(AppError::NotFound));
        let book = shelf.book(id).await;
        assert_eq!((book.standing(), book.free), (Standing::Open, 1));
        assert!(book.returned_at.is_some());
        assert_eq!(shelf.forgotten_addresses().await, 0);
        let seen = app::enrollments::store::find(&mut shelf.program.state.db.read().await.unwrap(), id).await.unwrap().unwrap();
        assert!(seen.book_returned_at.is_some() && seen.book_lent_at.is_none());
    })
    .await;
}

#[tokio::test]
async fn what_is_in_the_way_of_a_loan_is_said() {
    each_db(async |program| {
        let shelf = Shelf::new(program, 2).await;
        let (_, ada) = shelf.mentee("Ada Reader").await;
        let (_, ben) = shelf.mentee("Ben Reader").await;
        shelf.lend(ada.enrollment(), shelf.copies[0], LoanWay::InPerson).await.unwrap();
        assert_eq!(shelf.book(ada.enrollment()).await.loan().unwrap().dates.stage(), Stage::Here, "handed over is there");
        for (enrollment, copy, said) in [
            (ada.enrollment(), shelf.copies[1], "on loan for this enrollment already"),
            (ben.enrollment(), shelf.copies[0], "lent to somebody else"),
            (ben.enrollment(), CopyId::new(), "can no longer be lent"),
        ] {
            match shelf.lend(enrollment, copy, LoanWay::InPerson).await {
                Err(AppError::Refused(refusal)) => assert!(refusal.to_string().contains(said), "{refusal}"),
                other => panic!("{other:?}"),
            }
        }
        assert!(change(&shelf, shelf.copies[0], CopyAction::Withdraw).await.is_err(), "withdrawn while lent");
        change(&shelf, shelf.copies[1], CopyAction::Withdraw).await.unwrap();
        assert!(shelf.lend(ben.enrollment(), shelf.copies[1], LoanWay::InPerson).await.is_err());
        assert!(request(&shelf, ada, LoanWay::InPerson).await.is_err());
        let mut tx = shelf.program.state.write(&ada).await.unwrap();
        assert!(store::own(&mut tx, ada).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn two_lend_the_last_copy_at_once_and_one_is_told() {
    each_db(async |program| {
        let shelf = Shelf::new(program, 1).await;
        let (_, ada) = shelf.mentee("Ada Reader").await;
        let (_, ben) = shelf.mentee("Ben Reader").await;
        for way in [LoanWay::InPerson, LoanWay::Post] {
            let (one, other) = tokio::join!(
                shelf.lend(ada.enrollment(), shelf.copies[0], way),
                shelf.lend(ben.enrollment(), shelf.copies[0], way)
            );
            let (won, lost) = if one.is_ok() { (one, other) } else { (other, one) };
            assert_eq!(won, Ok(true));
            assert!(matches!(lost, Err(AppError::Refused(_))), "{lost:?}");
            let mut tx = shelf.program.state.db.read().await.unwrap();
            let (live, id) = fetch_one!(
                &mut tx,
                (i64, LoanId),
                "SELECT (SELECT COUNT(*) FROM loan WHERE returned_at IS NULL), id FROM loan WHERE returned_at IS NULL"
            )
            .unwrap();
            drop(tx);
            assert_eq!(live, 1);
            receive(&shelf, id).await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn one_enrollment_gets_two_copies_at_once_and_keeps_one() {
    each_db(async |program| {
        let shelf = Shelf::new(program, 2).await;
        let (_, ada) = shelf.mentee("Ada Reader").await;
        let (one, other) = tokio::join!(
            shelf.lend(ada.enrollment(), shelf.copies[0], LoanWay::Post),
            shelf.lend(ada.enrollment(), shelf.copies[1], LoanWay::Post)
        );
        assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
    })
    .await;
}

#[tokio::test]
async fn the_database_itself_allows_one_live_loan() {
    each_db(async |program| {
        let shelf = Shelf::new(program, 2).await;
        let (_, ada) = shelf.mentee("Ada Reader").await;
        let (_, ben) = shelf.mentee("Ben Reader").await;
        shelf.lend(ada.enrollment(), shelf.copies[0], LoanWay::InPerson).await.unwrap();
        for (copy, enrollment) in [(shelf.copies[0], ben.enrollment()), (shelf.copies[1], ada.enrollment())] {
            let mut tx = shelf.write().await;
            let now = tx.now();
            let again = execute!(
                &mut tx,
                "INSERT INTO loan (id, copy_id, enrollment_id, way, lent_at, lent_by, due_on)
                 VALUES ($1, $2, $3, 'in_person', $4, $5, $6)",
                LoanId::new(),
                copy,
                enrollment,
                now,
                shelf.desk.account(),
                today(now)
            );
            assert!(app::db::is_duplicate(&again.unwrap_err()));
        }
    })
    .await;
}

#[tokio::test]
async fn a_copy_lost_in_the_post_puts_its_mentee_back_in_front() {
    each_db(async |program| {
        let shelf = Shelf::new(program, 1).await;
        let (_, ada) = shelf.mentee("Ada Reader").await;
        let (_, ben) = shelf.mentee("Ben Reader").await;
        shelf.lend(ada.enrollment(), shelf.copies[0], LoanWay::Post).await.unwrap();
        request(&shelf, ben, LoanWay::InPerson).await.unwrap();
        change(&shelf, shelf.copies[0], CopyAction::Lose).await.unwrap();
        let (first, second) = (shelf.book(ada.enrollment()).await, shelf.book(ben.enrollment()).await);
        assert_eq!((first.standing(), first.ahead, second.ahead, first.free), (Standing::Waiting, 0, 1, 0));
        assert!(first.hold().unwrap().address.unwrap().contains("Havre"));
        assert_eq!(shelf.forgotten_addresses().await, 0);
        change(&shelf, shelf.copies[0], CopyAction::Restore).await.unwrap();
        assert_eq!(shelf.book(ben.enrollment()).await.free, 1);
    })
    .await;
}

#[tokio::test]
async fn a_loan_is_renewed_unless_somebody_waits() {
    each_db(async |program| {
        let shelf = Shelf::new(program, 1).await;
        let (_, ada) = shelf.mentee("Ada Reader").await;
        let (_, ben) = shelf.mentee("Ben Reader").await;
        shelf.lend(ada.enrollment(), shelf.copies[0], LoanWay::InPerson).await.unwrap();
        let before = shelf.book(ada.enrollment()).await.loan().unwrap().due_on;
        let settings = Settings::default();
        let mut tx = shelf.program.state.write(&ada).await.unwrap();
        store::renew(&mut tx, ada, &settings).await.unwrap();
        tx.commit().await.unwrap();
        let after = shelf.book(ada.enrollment()).await.loan().unwrap().due_on;
        assert_eq!(after - before, Duration::days(90), "180 days from today instead of 90");
        request(&shelf, ben, LoanWay::InPerson).await.unwrap();
        shelf.program.state.clock.advance(Duration::days(30));
        let mut tx = shelf.program.state.write(&ada).await.unwrap();
        assert!(matches!(store::renew(&mut tx, ada, &settings).await, Err(AppError::Refused(_))));
    })
    .await;
}

#[tokio::test]
async fn labels_are_unique_and_a_form_sent_twice_adds_once() {
    each_db(async |program| {
        let shelf = Shelf::new(program, 2).await;
        let mut new = NewCopies {
            key: SubmissionKey::new(),
            edition: shelf.edition,
            condition: Condition::New,
            labels: vec!["AS-3".into(), "AS-4".into()],
        };
        for _ in 0..2 {
            let mut tx = shelf.write().await;
            shelf::insert_copies(&mut tx, shelf.desk, &new).await.unwrap();
            tx.commit().await.unwrap();
        }
        new = NewCopies { key: SubmissionKey::new(), labels: vec!["AS-5".into(), "AS-2".into()], ..new };
        let mut tx = shelf.write().await;
        let refused = shelf::insert_copies(&mut tx, shelf.desk, &new).await;
        drop(tx);
        assert!(matches!(refused, Err(AppError::Invalid(errors)) if errors[0].field == "labels" && errors[0].message.contains("AS-2")));
        let free = shelf::list_free(&mut shelf.program.state.db.read().await.unwrap(), shelf.edition).await.unwrap();
        let labels: Vec<_> = free.into_iter().map(|copy| copy.label).collect();
        assert_eq!(labels, ["AS-1", "AS-2", "AS-3", "AS-4"], "nothing half done");
    })
    .await;
}

/// What happens at random to three mentees and two copies.
#[derive(Debug, Clone, Copy)]
enum Deed {
    Request(usize),
    Cancel(usize),
    Own(usize),
    Lend(usize, usize),
    Tell(usize, LoanAction),
    Receive(usize),
    Change(usize, CopyAction),
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let (who, copy) = (0usize..3, 0usize..2);
    let deed = prop_oneof![
        2 => who.clone().prop_map(Deed::Request),
        1 => who.clone().prop_map(Deed::Cancel),
        1 => who.clone().prop_map(Deed::Own),
        4 => (who.clone(), copy.clone()).prop_map(|(who, copy)| Deed::Lend(who, copy)),
        2 => (who.clone(), prop::sample::select(&[LoanAction::Arrive, LoanAction::SendBack][..]))
            .prop_map(|(who, action)| Deed::Tell(who, action)),
        2 => who.prop_map(Deed::Receive),
        2 => (copy, prop::sample::select(CopyAction::ALL)).prop_map(|(copy, action)| Deed::Change(copy, action)),
    ];
    prop::collection::vec(deed, 40)
}

/// What the rules say the library looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Model {
    standing: [Standing; 3],
    loan: [Option<(usize, Stage)>; 3],
    copies: [CopyState; 2],
}

impl Model {
    fn holder(&self, copy: usize) -> Option<usize> {
        self.loan.iter().position(|loan| loan.is_some_and(|(lent, _)| lent == copy))
    }

    fn step(&mut self, who: usize, step: Step) -> Option<()> {
        self.standing[who] = self.standing[who].after(step).ok()?;
        Some(())
    }

    /// Applies a deed; `None` when a rule says no.
    fn apply(&mut self, deed: Deed) -> Option<()> {
        match deed {
            Deed::Request(who) => self.step(who, Step::Request),
            Deed::Cancel(who) => self.step(who, Step::Cancel),
            Deed::Own(who) => self.step(who, Step::Own),
            Deed::Lend(who, copy) if self.loan[who].is_some_and(|(lent, _)| lent == copy) => Some(()),
            Deed::Lend(who, copy) => {
                if self.copies[copy] != CopyState::InUse || self.holder(copy).is_some() {
                    return None;
                }
                self.step(who, Step::Lend)?;
                self.loan[who] = Some((copy, Stage::OnTheWay));
                Some(())
            }
            Deed::Tell(who, action) => {
                let (copy, stage) = self.loan[who]?;
                self.loan[who] = Some((copy, stage.after(action).ok()?));
                Some(())
            }
            Deed::Receive(who) => {
                self.loan[who].take()?;
                self.standing[who] = Standing::Open;
                Some(())
            }
            Deed::Change(copy, action) => {
                let holder = self.holder(copy);
                self.copies[copy] = self.copies[copy].after(action, holder.is_some()).ok()?;
                if let Some(who) = holder {
                    let (_, stage) = self.loan[who].take()?;
                    self.standing[who] = if stage == Stage::OnTheWay { Standing::Waiting } else { Standing::Open };
                }
                Some(())
            }
        }
    }
}

async fn really(shelf: &Shelf, people: &[OwnEnrollment], deed: Deed) -> Result<(), AppError> {
    match deed {
        Deed::Request(who) => request(shelf, people[who], LoanWay::Post).await,
        Deed::Lend(who, copy) => shelf.lend(people[who].enrollment(), shelf.copies[copy], LoanWay::Post).await.map(|_| ()),
        Deed::Tell(who, action) => step(shelf, people[who], action).await,
        Deed::Change(copy, action) => change(shelf, shelf.copies[copy], action).await,
        Deed::Cancel(who) | Deed::Own(who) => {
            let mut tx = shelf.program.state.write(&people[who]).await?;
            match deed {
                Deed::Cancel(_) => store::cancel(&mut tx, people[who]).await?,
                _ => store::own(&mut tx, people[who]).await?,
            }
            Ok(tx.commit().await?)
        }
        Deed::Receive(who) => match shelf.book(people[who].enrollment()).await.loan() {
            Some(loan) => receive(shelf, loan.id).await,
            None => Err(AppError::NotFound),
        },
    }
}

async fn looks_like(shelf: &Shelf, people: &[OwnEnrollment]) -> Model {
    let mut model = Model { standing: [Standing::Open; 3], loan: [None; 3], copies: [CopyState::InUse; 2] };
    let mut places = Vec::new();
    for (index, who) in people.iter().enumerate() {
        let book = shelf.book(who.enrollment()).await;
        model.standing[index] = book.standing();
        model.loan[index] =
            book.loan().map(|loan| (shelf.copies.iter().position(|copy| *copy == loan.copy_id).unwrap(), loan.dates.stage()));
        if book.standing() == Standing::Waiting {
            places.push(book.ahead);
        }
    }
    places.sort_unstable();
    assert!(places.iter().zip(0..).all(|(place, expected)| *place == expected), "a gap in the queue: {places:?}");
    let mut tx = shelf.program.state.db.read().await.unwrap();
    for (index, copy) in shelf.copies.iter().enumerate() {
        let (state,) = fetch_one!(&mut tx, (CopyState,), "SELECT state FROM copy WHERE id = $1", *copy).unwrap();
        model.copies[index] = state;
    }
    let twice = fetch_optional!(
        &mut tx,
        (CopyId,),
        "SELECT copy_id FROM loan WHERE returned_at IS NULL GROUP BY copy_id HAVING COUNT(*) > 1"
    );
    assert!(twice.unwrap().is_none());
    model
}

#[tokio::test]
async fn random_sequences_follow_the_rules() {
    each_db(async |program| {
        let shelf = Shelf::new(program, 2).await;
        let mut people = Vec::new();
        for name in ["Ada Reader", "Ben Reader", "Cleo Reader"] {
            people.push(shelf.mentee(name).await.1);
        }
        let mut runner = TestRunner::deterministic();
        let mut model = looks_like(&shelf, &people).await;
        for _ in 0..6 {
            for deed in deeds().new_tree(&mut runner).unwrap().current() {
                let mut next = model.clone();
                let expected = next.apply(deed);
                let done = really(&shelf, &people, deed).await;
                assert_eq!(expected.is_some(), done.is_ok(), "{deed:?} on {model:?}: {done:?}");
                if expected.is_some() {
                    model = next;
                }
                assert_eq!(looks_like(&shelf, &people).await, model, "after {deed:?}");
            }
        }
        assert_eq!(shelf.forgotten_addresses().await, 0);
    })
    .await;
}

//! Step 1: what an application asks for, how it arrives, and that it is decided once.

use app::Stranger;
use app::applications::api::{accept_application, apply, decline_application, enter_application};
use app::applications::store::{self, Outline};
use app::applications::{Action, Answers, Arrival, CameBy, Open, State, Study, is_name};
use app::counties::County;
use app::db::{execute, fetch_all, fetch_one};
use app::enrollments::OptionNumber;
use app::error::AppError;
use app::id::{ApplicationId, SubmissionKey};
use app::people::{Coordinator, Discipline, Interest, Role, Way};
use sqlx::types::Json;

use crate::support::{Program, each_db};
use crate::visit::Browser;

fn coordinator(program: &Program) -> Coordinator {
    program.coordinator.coordinator().unwrap()
}

async fn study(program: &Program, option: OptionNumber) -> Study {
    let outlines = store::list_outlines_for(&mut program.state.db.read().await.unwrap(), option).await.unwrap();
    outlines.iter().flat_map(Outline::studies).find(|study| study.option == option).unwrap()
}

async fn answers(program: &Program, email: &str) -> Answers {
    let county = County::by_fips("30011").unwrap();
    Answers {
        name: "Hannah Voss".into(),
        email: email.into(),
        phone: String::new(),
        discipline: Discipline::Dietitian,
        workplace: "Ekalaka clinic".into(),
        county,
        serves: vec![county, County::by_fips("30025").unwrap()],
        study: study(program, OptionNumber::Two).await,
        ways: vec![Way::Video],
        interests: vec![Interest::RuralPractice],
        reason: "I teach alone.".into(),
    }
}

async fn receive(program: &Program, email: &str, key: SubmissionKey) -> Arrival {
    let answers = answers(program, email).await;
    let mut tx = program.state.write(&Stranger).await.unwrap();
    let arrival = store::receive(&mut tx, &program.state, &answers, key, CameBy::Form).await.unwrap();
    tx.commit().await.unwrap();
    arrival
}

async fn new(program: &Program, email: &str) -> ApplicationId {
    match receive(program, email, SubmissionKey::new()).await {
        Arrival::New(id) => id,
        other => panic!("{other:?}"),
    }
}

async fn accept(program: &Program, id: ApplicationId) -> Result<(), AppError> {
    let who = coordinator(program);
    let mut tx = program.state.write(&who).await?;
    let found = store::find(&mut tx, &who, id).await?.unwrap();
    store::accept(&mut tx, &program.state, &who, &found, found.study()).await?;
    Ok(tx.commit().await?)
}

/// What waits in the outbox for an address, by kind.
async fn mails(program: &Program, address: &str) -> Vec<String> {
    let mut tx = program.state.db.read().await.unwrap();
    let rows = fetch_all!(&mut tx, (String,), "SELECT kind FROM mail WHERE address = $1 ORDER BY id", address).unwrap();
    rows.into_iter().map(|(kind,)| kind).collect()
}

#[test]
fn an_application_is_decided_once() {
    let mut table = String::new();
    for state in State::ALL {
        for action in Action::ALL {
            let next = state.after(*action).map_or_else(|_| "no".into(), |next| next.to_string());
            table.push_str(&format!("{state} {action} {next}\n"));
        }
    }
    let expected = "received accept accepted\nreceived decline declined\naccepted accept no\naccepted decline no\n\
        declined accept no\ndeclined decline no\nrepeated accept no\nrepeated decline no\n";
    assert_eq!(table, expected);
}

#[test]
fn a_name_carries_no_link() {
    for name in ["Ann O’Neil-Smith", "José Ramírez, RN", "Mary Two Bulls", "Dr. Orgeron"] {
        assert!(is_name(name), "{name}");
    }
    for name in ["http://x.example", "win at www.x.example", "a@b.example", "123", "cheap pills at pills.com", "<b>Ann</b>"] {
        assert!(!is_name(name), "{name}");
    }
}

#[tokio::test]
async fn every_option_has_its_books() {
    each_db(async |program| {
        let mut tx = program.state.db.read().await.unwrap();
        for (option, titles) in [(OptionNumber::One, 2), (OptionNumber::Two, 1), (OptionNumber::Three, 1)] {
            let outlines = store::list_outlines_for(&mut tx, option).await.unwrap();
            assert_eq!(outlines.len(), titles, "{option}");
        }
        drop(tx);
        let mut tx = program.state.write(&program.coordinator).await.unwrap();
        let now = tx.now();
        execute!(&mut tx, "UPDATE outline SET retired_at = $1", now).unwrap();
        assert!(store::list_outlines(&mut tx).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn it_is_answered_at_once_and_sent_twice_changes_nothing_twice() {
    each_db(async |program| {
        let key = SubmissionKey::new();
        assert!(matches!(receive(&program, "Hannah@qdei.test", key).await, Arrival::New(_)));
        assert_eq!(receive(&program, "hannah@qdei.test", key).await, Arrival::SentBefore);
        assert_eq!(mails(&program, "hannah@qdei.test").await, ["application_received"]);
        assert_eq!(mails(&program, "coordinator@qdei.test").await, ["application_new"]);
        let mut tx = program.state.db.read().await.unwrap();
        let who = coordinator(&program);
        assert_eq!(store::count_open(&mut tx, &who).await.unwrap(), 1);
        let line = &store::list_open(&mut tx, &who).await.unwrap()[0];
        let found = store::find(&mut tx, &who, line.id).await.unwrap().unwrap();
        assert_eq!(
            (found.counties_served.0, found.state, found.came_by),
            (vec!["30011".into(), "30025".into()], State::Received, CameBy::Form)
        );
        assert_eq!(
            (found.ways.0, found.interests.0, found.entered_by),
            (vec![Way::Video], vec![Interest::RuralPractice], None)
        );
    })
    .await;
}

#[tokio::test]
async fn a_second_one_is_set_aside_and_the_owner_of_the_address_is_told() {
    each_db(async |program| {
        let first = new(&program, "hannah@qdei.test").await;
        let again = receive(&program, "hannah@qdei.test", SubmissionKey::new()).await;
        let Arrival::Repeated(second, Open::Application) = again else { panic!("{again:?}") };
        assert_eq!(mails(&program, "hannah@qdei.test").await, ["application_received", "application_known"]);
        // It cannot be decided, and the coordinator finds it beside the first.
        let who = coordinator(&program);
        assert!(matches!(accept(&program, second).await, Err(AppError::Refused(_))));
        let mut tx = program.state.db.read().await.unwrap();
        let found = store::find(&mut tx, &who, first).await.unwrap().unwrap();
        assert_eq!(store::list_others(&mut tx, &who, &found).await.unwrap()[0].id, second);
        assert_eq!(store::list_decided(&mut tx, &who, 0).await.unwrap()[0].state, State::Repeated);
        drop(tx);

        accept(&program, first).await.unwrap();
        let key = SubmissionKey::new();
        let later = receive(&program, "hannah@qdei.test", key).await;
        assert!(matches!(later, Arrival::Repeated(_, Open::Enrollment)), "{later:?}");
        assert_eq!(receive(&program, "hannah@qdei.test", key).await, Arrival::SentBefore);
        assert_eq!(
            mails(&program, "hannah@qdei.test").await,
            ["application_received", "application_known", "invitation", "application_known"]
        );
    })
    .await;
}

#[tokio::test]
async fn eight_at_once_from_one_address_leave_one_open() {
    each_db(async |program| {
        let mut tasks = Vec::new();
        for _ in 0..8 {
            let state = program.state.clone();
            let answers = answers(&program, "hannah@qdei.test").await;
            tasks.push(tokio::spawn(async move {
                let mut tx = state.write(&Stranger).await.unwrap();
                let done = store::receive(&mut tx, &state, &answers, SubmissionKey::new(), CameBy::Form).await.unwrap();
                tx.commit().await.unwrap();
                done
            }));
        }
        let mut new = 0;
        for task in tasks {
            new += u32::from(matches!(task.await.unwrap(), Arrival::New(_)));
        }
        assert_eq!(new, 1);
    })
    .await;
}

#[tokio::test]
async fn acceptance_makes_the_account_the_enrolment_and_the_invitation() {
    each_db(async |program| {
        let id = new(&program, "hannah@qdei.test").await;
        accept(&program, id).await.unwrap();
        let mut tx = program.state.db.read().await.unwrap();
        let found = store::find(&mut tx, &coordinator(&program), id).await.unwrap().unwrap();
        assert_eq!((found.state, found.decided_by), (State::Accepted, Some(program.coordinator.id)));
        assert_eq!(found.accepted_option, Some(OptionNumber::Two));
        let story = app::enrollments::store::find(&mut tx, found.enrollment_id.unwrap()).await.unwrap().unwrap();
        assert_eq!(
            (story.mentee.as_str(), story.option_number, story.county.as_str()),
            ("Hannah Voss", OptionNumber::Two, "30011")
        );
        let viewer = app::people::viewer::of_account(&mut tx, story.mentee_id).await.unwrap().unwrap();
        assert!(viewer.holds(Role::Mentee));
        drop(tx);
        assert_eq!(mails(&program, "hannah@qdei.test").await, ["application_received", "invitation"]);
    })
    .await;
}

#[tokio::test]
async fn who_has_a_password_is_told_instead_of_invited() {
    each_db(async |program| {
        let who = program.person("Hannah Voss", Role::Mentor).await;
        let mut tx = program.state.write(&who).await.unwrap();
        app::people::store::update_password(&mut tx, who.id, "a hash").await.unwrap();
        tx.commit().await.unwrap();
        let id = new(&program, &who.email).await;
        accept(&program, id).await.unwrap();
        assert_eq!(mails(&program, &who.email).await, ["application_received", "application_accepted"]);
        let mut tx = program.state.db.read().await.unwrap();
        let viewer = app::people::viewer::of_account(&mut tx, who.id).await.unwrap().unwrap();
        assert!(viewer.holds(Role::Mentee) && viewer.holds(Role::Mentor));
    })
    .await;
}

#[tokio::test]
async fn a_closed_account_is_not_invited_and_nothing_is_half_done() {
    each_db(async |program| {
        let who = program.person("Hannah Voss", Role::Mentor).await;
        let mut tx = program.state.write(&who).await.unwrap();
        let now = tx.now();
        execute!(&mut tx, "UPDATE account SET closed_at = $2 WHERE id = $1", who.id, now).unwrap();
        tx.commit().await.unwrap();
        let id = new(&program, &who.email).await;
        assert!(matches!(accept(&program, id).await, Err(AppError::Refused(_))));
        let found =
            store::find(&mut program.state.db.read().await.unwrap(), &coordinator(&program), id).await.unwrap().unwrap();
        assert_eq!((found.state, found.enrollment_id), (State::Received, None));
    })
    .await;
}

#[tokio::test]
async fn two_who_decide_at_once_one_wins_and_the_other_is_told() {
    each_db(async |program| {
        for round in 0..5 {
            let id = new(&program, &format!("h{round}@qdei.test")).await;
            let (first, second) = (accept(&program, id), decline(&program, id));
            let (first, second) = tokio::join!(first, second);
            assert!(first.is_ok() != second.is_ok(), "{first:?} {second:?}");
            let lost = first.err().or(second.err()).unwrap();
            assert!(matches!(lost, AppError::Refused(_)), "{lost:?}");
            let mut tx = program.state.db.read().await.unwrap();
            let (enrolled, state): (i64, State) = fetch_one!(
                &mut tx,
                (i64, State),
                "SELECT (SELECT COUNT(*) FROM enrollment e WHERE e.application_id = a.id), a.state FROM application a WHERE a.id = $1",
                id
            )
            .unwrap();
            assert_eq!(enrolled, i64::from(state == State::Accepted));
        }
    })
    .await;
}

async fn decline(program: &Program, id: ApplicationId) -> Result<(), AppError> {
    let who = coordinator(program);
    let mut tx = program.state.write(&who).await?;
    let found = store::find(&mut tx, &who, id).await?.unwrap();
    store::decline(&mut tx, &who, &found, "No book until spring.").await?;
    Ok(tx.commit().await?)
}

#[tokio::test]
async fn a_declined_applicant_reads_why_and_may_apply_again() {
    each_db(async |program| {
        let id = new(&program, "hannah@qdei.test").await;
        decline(&program, id).await.unwrap();
        let mut tx = program.state.db.read().await.unwrap();
        let (Json(fields),) = fetch_one!(
            &mut tx,
            (Json<std::collections::BTreeMap<String, String>>,),
            "SELECT fields FROM mail WHERE kind = 'application_declined'"
        )
        .unwrap();
        assert_eq!(fields["reason"], "No book until spring.");
        drop(tx);
        new(&program, "hannah@qdei.test").await;
    })
    .await;
}

/// The fields of the public form, well filled in.
fn form<'a>(study: &'a str, key: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("key", key),
        ("name", "Hannah Voss"),
        ("email", "hannah@qdei.test"),
        ("phone", ""),
        ("discipline", "dietitian"),
        ("workplace", "Ekalaka clinic"),
        ("county", "30011"),
        ("serves", ""),
        ("option", study),
        ("ways", "video"),
        ("ways", "phone"),
        ("reason", "I teach alone."),
    ]
}

#[tokio::test]
async fn the_form_is_filled_in_sent_and_answered() {
    each_db(async |program| {
        let study = study(&program, OptionNumber::Three).await.to_string();
        let browser = Browser::stranger(&program);
        let page = browser.open("/apply?option=3").await;
        assert_eq!(page.status, 200);
        assert!(page.html.contains(&format!("value=\"{study}\" checked")), "{}", page.html);
        let key = SubmissionKey::new().to_string();
        for _ in 0..2 {
            assert_eq!(browser.send("/apply", "apply", &form(&study, &key), apply()).await.unwrap(), "/apply/thanks");
        }
        let thanks = browser.open("/apply/thanks").await;
        assert!(thanks.html.contains("What happens next") && !thanks.html.contains("Hannah"));

        // The second from the same address leads to the same page.
        let again = browser.send("/apply", "apply", &form(&study, &SubmissionKey::new().to_string()), apply()).await;
        assert_eq!(again.unwrap(), "/apply/thanks");
        let mut tx = program.state.db.read().await.unwrap();
        let open = store::list_open(&mut tx, &coordinator(&program)).await.unwrap();
        assert_eq!((open.len(), open[0].option_number), (1, OptionNumber::Three));
        let found = store::find(&mut tx, &coordinator(&program), open[0].id).await.unwrap().unwrap();
        assert_eq!(found.counties_served.0, ["30011"], "left empty, it is the county of work");
    })
    .await;
}

#[tokio::test]
async fn a_mistake_keeps_everything_typed_and_says_how_to_mend() {
    each_db(async |program| {
        let browser = Browser::stranger(&program);
        let long = "x".repeat(2001);
        let typed = [
            ("name", "see www.x.example"),
            ("email", "no-address"),
            ("serves", "Hill, Billings"),
            ("county", "30000"),
            ("option", "1/nonsense"),
            ("interests", "type_1"),
            ("reason", &long),
            ("workplace", "<b>\"quoted\"</b> & co"),
        ];
        assert_eq!(browser.send("/apply", "apply", &typed, apply()).await.unwrap(), "/apply");
        let html = browser.open("/apply").await.html;
        for words in [
            "8 things to mend",
            "without an address",
            "no-address",
            "Billings is a town. Write the county it lies in: Yellowstone.",
            "Hill, Billings",
            "This is 2001 characters long. Shorten it to 2000 or fewer.",
            "&lt;b&gt;",
            "Choose at least one way to talk.",
            "value=\"type_1\" checked",
            &long,
        ] {
            assert!(html.contains(words), "{words}");
        }
        // Shown once; then the form is fresh.
        assert!(!browser.open("/apply").await.html.contains("things to mend"));
        assert_eq!(mails(&program, "coordinator@qdei.test").await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn a_book_that_is_no_longer_offered_is_refused() {
    each_db(async |program| {
        let chosen = study(&program, OptionNumber::Two).await;
        let other = Study { option: OptionNumber::One, ..chosen }.to_string();
        let browser = Browser::stranger(&program);
        assert_eq!(browser.send("/apply", "apply", &form(&other, ""), apply()).await.unwrap(), "/apply");
        assert!(browser.open("/apply").await.html.contains("not offered for the option any more"));
    })
    .await;
}

#[tokio::test]
async fn the_coordinator_reads_decides_and_enters() {
    each_db(async |program| {
        let id = new(&program, "hannah@qdei.test").await;
        let (page, browser) = (format!("/coordinator/applications/{id}"), Browser::of(&program, &program.coordinator).await);
        let list = browser.open("/coordinator/applications").await.html;
        assert!(list.contains("Hannah Voss") && list.contains("Open (1)") && list.contains("frontier"));
        let html = browser.open(&page).await.html;
        for words in ["I teach alone.", "Carter, Fallon", "Accept", "Decline", "Rural practice", "hannah@qdei.test"] {
            assert!(html.contains(words), "{words}");
        }

        // Without a reason it is not declined.
        let back = browser
            .send(&page, "decline-application", &[("application", &id.to_string()), ("reason", " ")], decline_application(id))
            .await;
        assert_eq!(back.unwrap(), page);
        assert!(browser.open(&page).await.html.contains("Enter the reason. The applicant reads it in the mail."));

        // Accepted for another option than was asked for; a second press changes nothing.
        let one = study(&program, OptionNumber::One).await.to_string();
        for _ in 0..2 {
            let to = browser
                .send(
                    &page,
                    "accept-application",
                    &[("application", &id.to_string()), ("option", &one)],
                    accept_application(id),
                )
                .await;
            assert_eq!(to.unwrap(), format!("{page}?done=application-accepted"));
        }
        let html = browser.open(&page).await.html;
        assert!(html.contains("Find a mentor") && html.contains("Option 1"));
        assert_eq!(mails(&program, "hannah@qdei.test").await, ["application_received", "invitation"]);

        // Who comes too late is told.
        let late = [("application", id.to_string()), ("reason", "Late.".to_owned())];
        let late: Vec<(&str, &str)> = late.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(browser.send(&page, "decline-application", &late, decline_application(id)).await.unwrap(), page);
        assert!(browser.open(&page).await.html.contains("This application was accepted already."));

        enter(&program, &browser).await;
    })
    .await;
}

async fn enter(program: &Program, browser: &Browser<'_>) {
    let (study, key) = (study(program, OptionNumber::Two).await.to_string(), SubmissionKey::new().to_string());
    let mut fields = form(&study, &key);
    fields.retain(|(name, _)| *name != "email");
    fields.extend([("email", "called@qdei.test"), ("came-by", "phone")]);
    let page = "/coordinator/applications/new";
    assert_eq!(browser.open(page).await.status, 200);
    for _ in 0..2 {
        let to = browser.send(page, "enter-application", &fields, enter_application()).await.unwrap();
        assert_eq!(to, "/coordinator/applications?done=application-entered");
    }
    assert_eq!(mails(program, "called@qdei.test").await, ["application_received"]);
    let list = browser.open("/coordinator/applications").await.html;
    assert!(list.contains("Phone call") && list.contains("Accepted"));

    // The same address again: the coordinator is told plainly, and nothing is kept.
    let other = SubmissionKey::new().to_string();
    fields.iter_mut().filter(|(name, _)| *name == "key").for_each(|(_, key)| *key = &other);
    assert_eq!(browser.send(page, "enter-application", &fields, enter_application()).await.unwrap(), page);
    assert!(browser.open(page).await.html.contains("There is an open application with this e-mail address."));
    assert_eq!(mails(program, "called@qdei.test").await, ["application_received"]);
}

#[tokio::test]
async fn nobody_else_reads_or_decides() {
    each_db(async |program| {
        let id = new(&program, "hannah@qdei.test").await;
        let mentee = program.person("Mena Tee", Role::Mentee).await;
        let (stranger, mentee) = (Browser::stranger(&program), Browser::of(&program, &mentee).await);
        let fields = [("application", id.to_string())];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        for path in ["/coordinator/applications", &format!("/coordinator/applications/{id}"), "/coordinator/applications/new"] {
            assert_eq!(stranger.open(path).await.status, 303, "{path}");
            assert_eq!(mentee.open(path).await.status, 403, "{path}");
        }
        assert_eq!(mentee.send("/", "accept-application", &fields, accept_application(id)).await, Err(AppError::NotAllowed));
        assert_eq!(mentee.send("/", "decline-application", &fields, decline_application(id)).await, Err(AppError::NotAllowed));
        let sent = stranger.send("/", "accept-application", &fields, accept_application(id)).await.unwrap();
        assert!(sent.starts_with("/sign-in"));
        assert_eq!(mentee.send("/", "enter-application", &[], enter_application()).await, Err(AppError::NotAllowed));
        assert_eq!(Browser::of(&program, &program.coordinator).await.open("/coordinator/applications/x").await.status, 404);
        let none = format!("/coordinator/applications/{}", ApplicationId::new());
        assert_eq!(Browser::of(&program, &program.coordinator).await.open(&none).await.status, 404);
    })
    .await;
}

//! The ground: the chain of events, the outbox, links that are good once.

use app::Stranger;
use app::audit::{Event, Kind, store as audit};
use app::db::{execute, fetch_all, fetch_one};
use app::mail::{self, Mail, Recipient};
use app::people::{LinkKind, store as people};
use app::settings::Settings;

use crate::support::{Program, each_db};

async fn verify(program: &Program) -> Result<i64, audit::Broken> {
    audit::verify(&mut program.state.db.read().await.unwrap(), &program.state.audit_key).await.unwrap()
}

async fn note(program: &Program, words: &str) {
    let mut tx = program.state.write(&program.coordinator).await.unwrap();
    tx.note(Event::new(Kind::SettingsChanged).words(words));
    tx.note(Event::new(Kind::PlanChanged));
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn the_chain_verifies_and_erased_words_leave_it_whole() {
    each_db(async |program| {
        note(&program, "a reason").await;
        let before = verify(&program).await.unwrap();
        assert!(before > 2);
        let mut tx = program.state.write(&Stranger).await.unwrap();
        assert!(execute!(&mut tx, "DELETE FROM audit_words").unwrap() > 0);
        tx.commit().await.unwrap();
        assert_eq!(verify(&program).await, Ok(before));
    })
    .await;
}

#[tokio::test]
async fn every_change_to_the_past_shows() {
    each_db(async |program| {
        note(&program, "one").await;
        note(&program, "two").await;
        let last = verify(&program).await.unwrap();
        // The event with words before the last, and the first, which has a subject.
        for (statement, seq) in [
            ("UPDATE audit SET kind = 'letter.made' WHERE seq = $1", last - 1),
            ("UPDATE audit SET at = (SELECT created_at FROM title LIMIT 1) WHERE seq = $1", last - 1),
            ("UPDATE audit SET actor_id = NULL WHERE seq = $1", last - 1),
            ("UPDATE audit SET enrollment_id = actor_id WHERE seq = $1", last - 1),
            ("UPDATE audit SET subject_id = NULL WHERE seq = $1", 1),
            ("UPDATE audit SET words_hash = NULL WHERE seq = $1", last - 1),
            ("UPDATE audit SET mac = (SELECT x.mac FROM audit x WHERE x.seq = 2) WHERE seq = $1", last - 1),
            ("UPDATE audit_words SET words = 'three' WHERE seq = $1", last - 1),
            (
                "UPDATE audit_words SET salt = words_hash FROM audit WHERE audit.seq = audit_words.seq AND audit.seq = $1",
                last - 1,
            ),
        ] {
            let mut tx = program.state.write(&Stranger).await.unwrap();
            assert_eq!(execute!(&mut tx, statement, seq).unwrap(), 1, "{statement}");
            assert_eq!(audit_in(&mut tx, &program).await.unwrap_err().seq, seq, "{statement}");
        }
        assert_eq!(verify(&program).await, Ok(last));
    })
    .await;
}

async fn audit_in(tx: &mut app::db::WriteTx, program: &Program) -> Result<i64, audit::Broken> {
    audit::verify(tx, &program.state.audit_key).await.unwrap()
}

#[tokio::test]
async fn a_missing_row_shows_in_the_middle_and_at_the_end() {
    each_db(async |program| {
        note(&program, "one").await;
        let last = verify(&program).await.unwrap();
        for seq in [2, last] {
            let mut tx = program.state.write(&Stranger).await.unwrap();
            execute!(&mut tx, "DELETE FROM audit_words WHERE seq = $1", seq).unwrap();
            assert_eq!(execute!(&mut tx, "DELETE FROM audit WHERE seq = $1", seq).unwrap(), 1);
            assert_eq!(audit_in(&mut tx, &program).await.unwrap_err().seq, seq);
        }
    })
    .await;
}

#[tokio::test]
async fn many_writers_at_once_leave_one_chain() {
    each_db(async |program| {
        let before = verify(&program).await.unwrap();
        let writers = (0..8).map(|_| {
            let state = program.state.clone();
            let who = program.coordinator.clone();
            tokio::spawn(async move {
                for _ in 0..10 {
                    let mut tx = state.write(&who).await.unwrap();
                    tx.note(Event::new(Kind::PlanChanged));
                    tx.commit().await.unwrap();
                }
            })
        });
        for writer in writers.collect::<Vec<_>>() {
            writer.await.unwrap();
        }
        assert_eq!(verify(&program).await, Ok(before + 80));
    })
    .await;
}

#[tokio::test]
async fn eight_workers_claim_every_message_once() {
    each_db(async |program| {
        let mut tx = program.state.write(&Stranger).await.unwrap();
        for number in 0..100 {
            let to = Recipient { account: None, address: format!("{number}@qdei.test"), name: "N".into() };
            mail::store::enqueue(&mut tx, Mail::new(mail::Kind::TestMail, to)).await.unwrap();
        }
        tx.commit().await.unwrap();
        let workers = (0..8).map(|_| {
            let state = program.state.clone();
            tokio::spawn(async move {
                let mut taken = Vec::new();
                loop {
                    let mut tx = state.write(&Stranger).await.unwrap();
                    let claimed = mail::store::claim(&mut tx).await.unwrap();
                    tx.commit().await.unwrap();
                    match claimed {
                        Some(claim) => taken.extend(claim.mails.into_iter().map(|mail| mail.id)),
                        // Another worker may have been quicker with the one this one saw.
                        None if waiting(&state).await == 0 => return taken,
                        None => {}
                    }
                }
            })
        });
        let mut all = Vec::new();
        for worker in workers.collect::<Vec<_>>() {
            all.extend(worker.await.unwrap());
        }
        let claimed = all.len();
        all.sort();
        all.dedup();
        assert_eq!((claimed, all.len()), (100, 100));
    })
    .await;
}

async fn waiting(state: &app::State) -> i64 {
    let now = state.clock.now();
    let mut tx = state.db.read().await.unwrap();
    fetch_one!(&mut tx, (i64,), "SELECT COUNT(*) FROM mail WHERE state = 'waiting' AND next_attempt_at <= $1", now).unwrap().0
}

#[tokio::test]
async fn a_link_is_good_once_and_a_newer_one_ends_it() {
    each_db(async |program| {
        let settings = Settings::default();
        let mut tx = program.state.write(&Stranger).await.unwrap();
        let id = people::find_or_insert(&mut tx, "Ann@QDEI.test", "Ann", "").await.unwrap();
        assert_eq!(people::find_or_insert(&mut tx, "ann@qdei.test ", "Ann again", "").await.unwrap(), id);
        // The link itself is only in the mail, so it is taken from there.
        let owner = app::people::viewer::of_account(&mut tx, id).await.unwrap().unwrap();
        assert_eq!(owner.name, "Ann");
        tx.commit().await.unwrap();

        let first = link(&program, id, &settings).await;
        let second = link(&program, id, &settings).await;
        let now = program.state.clock.now();
        let mut tx = program.state.write(&Stranger).await.unwrap();
        assert!(people::find_link(&mut tx, &first).await.unwrap().unwrap().usable(now).is_err());
        let found = people::find_link(&mut tx, &second).await.unwrap().unwrap();
        assert!(found.usable(now).is_ok());
        assert!(found.usable(now + chrono::Duration::days(15)).is_err());
        assert!(people::use_link(&mut tx, &found).await.unwrap());
        assert!(!people::use_link(&mut tx, &found).await.unwrap());
        assert!(people::find_link(&mut tx, "unknown").await.unwrap().is_none());
    })
    .await;
}

async fn link(program: &Program, account: app::id::AccountId, settings: &Settings) -> String {
    let mut tx = program.state.write(&Stranger).await.unwrap();
    people::send_link(&mut tx, &program.state, account, LinkKind::Invitation, "mentee", settings).await.unwrap();
    let rows = fetch_all!(
        &mut tx,
        (sqlx::types::Json<std::collections::BTreeMap<String, String>>,),
        "SELECT fields FROM mail WHERE account_id = $1 ORDER BY id DESC",
        account
    )
    .unwrap();
    tx.commit().await.unwrap();
    rows[0].0["link"].rsplit('/').next().unwrap().to_owned()
}

//! Post-tests: how they are marked, when one can be taken, and what a question bank and a test keep.

use app::assessments::attempt::Drawable;
use app::assessments::{Answer, Body, Choice, Credit, Draft, Item, QuestionKind, credit, key, store};
use app::enrollments::OptionNumber;
use app::id::{ChapterId, QuestionId};
use proptest::prelude::*;

use crate::attempts::{approve_all, hand_in, start};
use crate::support::{Program, each_db};

pub fn item(key: &[bool]) -> Item {
    let single = key.iter().filter(|right| **right).count() == 1;
    let wrong = if single { Credit::NONE } else { Credit::LOST };
    let choices = key
        .iter()
        .enumerate()
        .map(|(index, right)| Choice {
            text: format!("choice {index}"),
            credit: if *right { Credit::WHOLE } else { wrong },
            explanation: String::new(),
        })
        .collect();
    Item {
        question: QuestionId::new(),
        text: "Which?".into(),
        explanation: String::new(),
        picture: None,
        body: if single { Body::Single(choices) } else { Body::Multiple(choices) },
        answer: Answer::None,
        credit: None,
        saved_at: None,
        saved_from: None,
        marked_by: None,
        word: String::new(),
    }
}

pub fn key_of(item: &Item) -> Vec<usize> {
    key(&item.body).unwrap().chosen().to_vec()
}

prop_compose! {
    pub fn an_item()(mut key in prop::collection::vec(any::<bool>(), 2..6), sure in any::<prop::sample::Index>()) -> Item {
        let sure = sure.index(key.len());
        key[sure] = true;
        item(&key)
    }
}

proptest! {
    #[test]
    fn the_whole_key_gets_everything_and_one_choice_more_or_less_nothing(item in an_item()) {
        let key = key_of(&item);
        prop_assert_eq!(credit(&item.body, &Answer::Chosen(key.clone())), Some(Credit::WHOLE));
        for index in 0..item.body.offered().len() {
            let other: Vec<usize> = if key.contains(&index) {
                key.iter().copied().filter(|one| *one != index).collect()
            } else {
                key.iter().copied().chain([index]).collect()
            };
            prop_assert_eq!(credit(&item.body, &Answer::Chosen(other)), Some(Credit::NONE));
        }
    }
}

#[test]
fn choices_must_make_a_question() {
    use QuestionKind::{Multiple, Single};
    let choices = |some: &[(&str, i32)]| -> Vec<Choice> {
        some.iter()
            .map(|(text, credit)| Choice { text: (*text).into(), credit: Credit(*credit), explanation: String::new() })
            .collect()
    };
    for (kind, some, fits) in [
        (Single, choices(&[("a", 1000), ("b", 0)]), true),
        (Single, choices(&[("a", 1000), ("b", 500), ("c", -1000)]), true),
        (Single, choices(&[("a", 1000), ("b", 1000)]), false),
        (Single, choices(&[("a", 0), ("b", 0)]), false),
        (Single, choices(&[("a", 1000)]), false),
        (Single, choices(&[("a", 1000), ("A", 0)]), false),
        (Single, choices(&[("a", 1000), ("", 0)]), false),
        (Multiple, choices(&[("a", 1000), ("b", 1000)]), true),
        (Multiple, choices(&[("a", 333), ("b", 333), ("c", 333), ("d", -1000)]), true),
        (Multiple, choices(&[("a", 1000), ("b", 1000), ("c", 500)]), false),
        (Multiple, choices(&[("a", 500), ("b", 400)]), false),
        (Multiple, choices(&[("a", 0), ("b", 0)]), false),
    ] {
        let body = if kind == Single { Body::Single(some) } else { Body::Multiple(some) };
        assert_eq!(body.objection().is_none(), fits, "{body:?}");
    }
}

/// The chapters of a pair's outline that have questions.
pub async fn chapters(program: &Program) -> Vec<ChapterId> {
    let who = program.coordinator.coordinator().unwrap();
    let bank = store::list_bank(&mut program.state.db.read().await.unwrap(), &who).await.unwrap();
    bank.into_iter().filter(|chapter| chapter.approved + chapter.unreviewed > 0).map(|chapter| chapter.id).collect()
}

fn a_draft(text: &str) -> Draft {
    Draft {
        name: String::new(),
        text: text.into(),
        explanation: "Because.".into(),
        source: "ADA Standards of Care".into(),
        topic: "Insulin".into(),
        picture: None,
        body: Body::Single(vec![
            Choice { text: "Yes".into(), credit: Credit::WHOLE, explanation: String::new() },
            Choice { text: "No <b>&</b>".into(), credit: Credit::NONE, explanation: "\u{1F331} 'quoted'".into() },
        ]),
    }
}

#[tokio::test]
async fn a_question_counts_once_approved_and_its_tests_outlive_it() {
    each_db(async |program| {
        let pair = program.pair(OptionNumber::One).await;
        let who = program.coordinator.coordinator().unwrap();
        let all = chapters(&program).await;
        let (chapter, other) = (all[0], all[1]);
        let mut tx = program.state.write(&who).await.unwrap();
        let id = QuestionId::new();
        assert!(store::insert_question(&mut tx, &who, id, chapter, &a_draft("Is it?")).await.unwrap());
        assert!(!store::insert_question(&mut tx, &who, id, chapter, &a_draft("Is it?")).await.unwrap(), "sent twice");
        assert!(!store::approve(&mut tx, &who, other, id).await.unwrap(), "it is not that chapter's");
        assert!(store::list_approved(&mut tx, chapter).await.unwrap().is_empty());
        assert!(store::approve(&mut tx, &who, chapter, id).await.unwrap());
        assert!(!store::approve(&mut tx, &who, chapter, id).await.unwrap());
        let approved = store::list_approved(&mut tx, chapter).await.unwrap();
        assert_eq!(approved, [Drawable { id, topic: "Insulin".into() }]);
        let found = store::find_question(&mut tx, &who, id).await.unwrap().unwrap();
        assert_eq!((found.draft, found.approved_by.as_deref()), (a_draft("Is it?"), Some("Cora Dinator")));
        tx.commit().await.unwrap();

        let attempt = start(&program, &pair, chapter, 0).await.unwrap();
        let mut tx = program.state.write(&who).await.unwrap();
        assert!(store::retire(&mut tx, &who, id).await.unwrap());
        assert!(!store::retire(&mut tx, &who, id).await.unwrap());
        assert!(!store::approve(&mut tx, &who, chapter, id).await.unwrap());
        tx.commit().await.unwrap();
        assert!(hand_in(&program, &pair, attempt, 1).await, "a test that began goes on with the questions it has");
        let mut tx = program.state.db.read().await.unwrap();
        assert!(store::list_approved(&mut tx, chapter).await.unwrap().is_empty());
        assert_eq!(store::list_items(&mut tx, attempt).await.unwrap()[0].text, "Is it?");
    })
    .await;
}

#[tokio::test]
async fn questions_are_copied_once_and_unreviewed() {
    each_db(async |program| {
        let who = program.coordinator.coordinator().unwrap();
        let all = chapters(&program).await;
        approve_all(&program, all[0]).await;
        let mut tx = program.state.write(&who).await.unwrap();
        let before = store::list_questions(&mut tx, &who, all[1]).await.unwrap().len();
        let count = store::copy_questions(&mut tx, &who, all[0], all[1], false).await.unwrap();
        assert!(count >= 5);
        assert_eq!(store::copy_questions(&mut tx, &who, all[0], all[1], false).await.unwrap(), 0);
        let after = store::list_questions(&mut tx, &who, all[1]).await.unwrap();
        assert_eq!(u64::try_from(after.len() - before).unwrap(), count);
        assert!(after.iter().all(|question| question.approved_at.is_none()));
    })
    .await;
}

#[tokio::test]
async fn a_chapter_of_another_book_is_not_the_enrolments() {
    each_db(async |program| {
        let (_, enrollment) = program.enrollment("Ann Other", OptionNumber::Two).await;
        let chapter = chapters(&program).await[0];
        let mut tx = program.state.db.read().await.unwrap();
        assert!(store::find_chapter_of(&mut tx, enrollment, chapter).await.unwrap().is_none());
    })
    .await;
}

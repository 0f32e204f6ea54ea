//! What the form of the rules of post-tests sends to.

use leptos::prelude::*;

use crate::assessments::rules::{PostTests, Rules, Scope, Shows};
use crate::assessments::store;
use crate::error::AppError;
use crate::form::{Fields, answer, to};
use crate::people::viewer;
use crate::state;

/// Where the rules of a scope stand.
pub fn rules_path(scope: Scope) -> String {
    format!("/coordinator/questions/rules/{}", scope.path())
}

/// Puts rules into force for an option or an outline, or gives the word back to what stands above it.
#[server(endpoint = "change-test-rules")]
pub async fn change_test_rules(scope: String) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let scope: Scope = scope.parse().map_err(|_| AppError::NotFound)?;
        let mut fields = Fields::typed();
        let seen = fields.raw("version").parse().unwrap_or(0);
        let rules = if fields.ticked("usual") { None } else { Some(read(&mut fields)) };
        let rules = match rules {
            Some(rules) => {
                let (rules,) = fields.take((rules,))?;
                Some(rules)
            }
            None => None,
        };
        let mut tx = state().write(&who).await?;
        if let Scope::Outline(outline) = scope {
            let all = store::list_ruled_outlines(&mut tx, &who).await?;
            all.iter().find(|one| one.id == outline).ok_or(AppError::NotFound)?;
        }
        store::change_rules(&mut tx, &who, scope, seen, rules.as_ref()).await?;
        tx.commit().await?;
        Ok(to(rules_path(scope)).done("test-rules-changed"))
    })
    .await
}

fn read(fields: &mut Fields) -> Option<Rules> {
    let post_tests = fields.one::<PostTests>("post_tests", "Choose whether there are post-tests.");
    let questions = fields.whole("questions", 1..=100);
    let per_topic = fields.whole("per_topic", 0..=100);
    let pass_mark = fields.whole("pass_mark", 1..=100);
    let attempts = if fields.raw("attempts").is_empty() { Some(None) } else { fields.whole("attempts", 1..=100).map(Some) };
    let a_day = fields.whole("a_day", 1..=20);
    let wait_days = fields.whole("wait_days", 0..=60);
    let shows = fields.one::<Shows>("shows", "Choose what the mentee reads after handing in.");
    Some(Rules {
        post_tests: post_tests?,
        questions: questions?,
        per_topic: per_topic?,
        shuffle_questions: fields.ticked("shuffle_questions"),
        shuffle_choices: fields.ticked("shuffle_choices"),
        pass_mark: pass_mark?,
        attempts: attempts?,
        a_day: a_day?,
        wait_days: wait_days?,
        shows: shows?,
    })
}

//! The rules of post-tests in the database: the newest version for an outline, else for its option, else the settings'.

use chrono::{DateTime, Utc};
use sqlx::types::Json;
use uuid::Uuid;

use crate::assessments::rules::{PostTests, Rules, Scope};
use crate::audit::{Event, Kind};
use crate::db::{Queryable, WriteTx, execute, fetch_all, fetch_optional, is_duplicate};
use crate::enrollments::{OptionNumber, Story};
use crate::error::{AppError, Refusal};
use crate::id::{EnrollmentId, OutlineId};
use crate::people::Coordinator;
use crate::settings::{self, Settings};

/// The rules by which a new attempt of this option and outline begins.
pub async fn rules_in_force(
    tx: &mut impl Queryable,
    option: OptionNumber,
    outline: OutlineId,
    settings: &Settings,
) -> Result<Rules, sqlx::Error> {
    let rows = fetch_all!(
        tx,
        (bool, Option<Json<Rules>>),
        "SELECT r.outline_id IS NOT NULL, r.body FROM test_rules r
         WHERE (r.outline_id = $1 AND r.version = (SELECT max(x.version) FROM test_rules x WHERE x.outline_id = $1))
            OR (r.option_number = $2 AND r.version = (SELECT max(x.version) FROM test_rules x WHERE x.option_number = $2))",
        outline,
        option
    )?;
    let said = |of_outline: bool| rows.iter().find(|(one, _)| *one == of_outline).and_then(|(_, body)| body.as_ref());
    let found = said(true).or(said(false)).map(|Json(rules)| *rules);
    Ok(found.unwrap_or_else(|| Rules::usual(option, settings)))
}

/// The rules for an enrolment's next attempt: those in force, and whether there are post-tests as its story has it.
pub async fn rules_of(tx: &mut impl Queryable, story: &Story, settings: &Settings) -> Result<Rules, sqlx::Error> {
    let rules = rules_in_force(tx, story.option_number, story.outline_id, settings).await?;
    Ok(Rules { post_tests: story.post_tests, ..rules })
}

/// Keeps with an enrolment what the rules say of post-tests now: when it begins, and when it changes its option.
pub async fn pin(
    tx: &mut WriteTx,
    enrollment: EnrollmentId,
    option: OptionNumber,
    outline: OutlineId,
) -> Result<(), sqlx::Error> {
    let settings = settings::store::current(tx).await?;
    let rules = rules_in_force(tx, option, outline, &settings).await?;
    execute!(tx, "UPDATE enrollment SET post_tests = $2 WHERE id = $1", enrollment, rules.post_tests).map(|_| ())
}

/// One version of the rules for a scope; `body` is `None` where the word was given back.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct RulesVersion {
    pub version: i32,
    pub body: Option<Json<Rules>>,
    pub changed_at: DateTime<Utc>,
    pub changed_by: String,
}

impl RulesVersion {
    pub fn rules(&self) -> Option<&Rules> {
        self.body.as_ref().map(|Json(rules)| rules)
    }
}

fn parts(scope: Scope) -> (Option<OptionNumber>, Option<OutlineId>) {
    match scope {
        Scope::Option(option) => (Some(option), None),
        Scope::Outline(outline) => (None, Some(outline)),
    }
}

/// The versions of a scope, the newest first.
pub async fn list_rules(tx: &mut impl Queryable, _who: &Coordinator, scope: Scope) -> Result<Vec<RulesVersion>, sqlx::Error> {
    let (option, outline) = parts(scope);
    fetch_all!(
        tx,
        RulesVersion,
        "SELECT r.version, r.body, r.changed_at, a.name AS changed_by FROM test_rules r JOIN account a ON a.id = r.changed_by
         WHERE r.option_number = $1 OR r.outline_id = $2 ORDER BY r.version DESC",
        option,
        outline
    )
}

/// A book's outline that rules can be said for.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct RuledOutline {
    pub id: OutlineId,
    pub book: String,
    pub edition: String,
    pub version: i32,
    pub options: Json<Vec<OptionNumber>>,
    /// Whether it has a word of its own now.
    pub own: bool,
}

/// The outlines in use, and those that somebody studies by.
pub async fn list_ruled_outlines(tx: &mut impl Queryable, _who: &Coordinator) -> Result<Vec<RuledOutline>, sqlx::Error> {
    fetch_all!(
        tx,
        RuledOutline,
        "SELECT o.id, t.name AS book, ed.label AS edition, o.version, o.options,
            EXISTS (SELECT 1 FROM test_rules r WHERE r.outline_id = o.id AND r.body IS NOT NULL
                AND r.version = (SELECT max(x.version) FROM test_rules x WHERE x.outline_id = o.id)) AS own
         FROM outline o JOIN edition ed ON ed.id = o.edition_id JOIN title t ON t.id = ed.title_id
         WHERE o.retired_at IS NULL
            OR EXISTS (SELECT 1 FROM enrollment e WHERE e.outline_id = o.id AND e.state IN ('active', 'paused'))
         ORDER BY t.name, ed.label, o.version DESC, o.id"
    )
}

/// Puts rules into force for a scope as its next version, for somebody who has looked at version `seen`. Those who are on
/// their way are never asked more than before.
///
/// # Errors
/// A [`Refusal`] when somebody else has changed them since.
pub async fn change_rules(
    tx: &mut WriteTx,
    who: &Coordinator,
    scope: Scope,
    seen: i32,
    rules: Option<&Rules>,
) -> Result<(), AppError> {
    let (option, outline) = parts(scope);
    let latest = fetch_optional!(
        tx,
        (i32,),
        "SELECT version FROM test_rules WHERE option_number = $1 OR outline_id = $2 ORDER BY version DESC LIMIT 1",
        option,
        outline
    )?;
    if latest.map_or(0, |(version,)| version) != seen {
        return Err(changed_meanwhile().into());
    }
    let (id, now) = (Uuid::now_v7(), tx.now());
    let written = execute!(
        tx,
        "INSERT INTO test_rules (id, option_number, outline_id, version, body, changed_at, changed_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        id,
        option,
        outline,
        seen + 1,
        rules.map(Json),
        now,
        who.account()
    );
    match written {
        Err(error) if is_duplicate(&error) => return Err(changed_meanwhile().into()),
        written => written?,
    };
    tx.note(Event::new(Kind::TestRulesChanged).about(id));
    Ok(loosen(tx).await?)
}

fn changed_meanwhile() -> Refusal {
    Refusal::new("Somebody else changed these rules meanwhile. Yours are still in the form: look them over and save again.")
}

#[derive(sqlx::FromRow)]
struct Group {
    option_number: OptionNumber,
    outline_id: OutlineId,
    post_tests: PostTests,
}

/// Brings what live enrolments have of post-tests to the rules in force, as far as that asks no more of them.
async fn loosen(tx: &mut WriteTx) -> Result<(), sqlx::Error> {
    let settings = settings::store::current(tx).await?;
    let groups = fetch_all!(
        tx,
        Group,
        "SELECT DISTINCT e.option_number, e.outline_id,
            coalesce(e.post_tests, CASE WHEN e.option_number = 1 THEN 'required' ELSE 'off' END) AS post_tests
         FROM enrollment e WHERE e.state IN ('active', 'paused')"
    )?;
    for group in groups {
        let rules = rules_in_force(tx, group.option_number, group.outline_id, &settings).await?;
        let next = rules.post_tests.for_those_on_their_way(group.post_tests);
        if next != group.post_tests {
            execute!(
                tx,
                "UPDATE enrollment SET post_tests = $4 WHERE option_number = $1 AND outline_id = $2 AND state IN ('active', 'paused')
                 AND coalesce(post_tests, CASE WHEN option_number = 1 THEN 'required' ELSE 'off' END) = $3",
                group.option_number,
                group.outline_id,
                group.post_tests,
                next
            )?;
        }
    }
    Ok(())
}

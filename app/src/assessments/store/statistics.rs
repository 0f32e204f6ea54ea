//! What many answers add up to, in the database. Nothing here says whose answer it was.

use sqlx::types::Json;

use super::questions::body_of;
use crate::assessments::statistics::Sums;
use crate::assessments::{Answer, Body, QuestionKind};
use crate::db::{Queryable, fetch_all, fetch_optional};
use crate::id::{ChapterId, OutlineId, QuestionId};
use crate::people::Coordinator;

/// A question of an outline with what its first answers add up to, over all its versions.
#[derive(Debug, Clone, sqlx::FromRow)]
struct SumsRow {
    lineage_id: QuestionId,
    #[sqlx(flatten)]
    sums: Sums,
}

#[derive(sqlx::FromRow)]
struct CountRow {
    question_id: QuestionId,
    answer: Json<Answer>,
    count: i64,
}

#[derive(sqlx::FromRow)]
struct VersionRow {
    id: QuestionId,
    lineage_id: QuestionId,
    version: i32,
    chapter_id: ChapterId,
    number: i32,
    chapter: String,
    kind: QuestionKind,
    text: String,
    body: Json<serde_json::Value>,
    retired: bool,
}

/// A question as the coordinator looks at its figures: the newest version, the sums of all of them, and what was answered
/// to the newest one.
#[derive(Debug, Clone)]
pub struct Figures {
    pub lineage: QuestionId,
    pub newest: QuestionId,
    pub version: i32,
    pub chapter: ChapterId,
    pub number: i32,
    pub chapter_title: String,
    pub text: String,
    pub body: Body,
    pub retired: bool,
    pub sums: Sums,
    /// How often each answer was given to the newest version.
    pub answers: Vec<(Answer, i64)>,
}

/// Every question of an outline that was ever asked or can be, in the order of the chapters.
pub async fn list_figures(
    tx: &mut impl Queryable,
    _who: &Coordinator,
    outline: OutlineId,
) -> Result<Vec<Figures>, sqlx::Error> {
    let sums = fetch_all!(
        tx,
        SumsRow,
        "SELECT t.lineage_id, COUNT(*) AS takers, CAST(coalesce(sum(t.is_right), 0) AS BIGINT) AS right,
            CAST(coalesce(sum(t.x), 0) AS BIGINT) AS credit, CAST(coalesce(sum(t.of_more), 0) AS BIGINT) AS n,
            CAST(coalesce(sum(t.x * t.of_more), 0) AS BIGINT) AS x, CAST(coalesce(sum(t.y), 0) AS BIGINT) AS y,
            CAST(coalesce(sum(t.x * t.x * t.of_more), 0) AS BIGINT) AS xx, CAST(coalesce(sum(t.y * t.y), 0) AS BIGINT) AS yy,
            CAST(coalesce(sum(t.x * t.y), 0) AS BIGINT) AS xy
         FROM (SELECT q.lineage_id, CASE WHEN i.is_right = TRUE THEN 1 ELSE 0 END AS is_right, i.credit AS x,
                CASE WHEN a.item_count > 1 THEN 1 ELSE 0 END AS of_more,
                CASE WHEN a.item_count > 1
                    THEN (coalesce(a.credit, a.right_count * 1000) - i.credit) / (a.item_count - 1) ELSE 0 END AS y
            FROM chapter c JOIN attempt a ON a.chapter_id = c.id JOIN attempt_item i ON i.attempt_id = a.id
            JOIN question q ON q.id = i.question_id
            WHERE c.outline_id = $1 AND a.ordinal = 1 AND a.passed IS NOT NULL AND i.credit IS NOT NULL) t
         GROUP BY t.lineage_id",
        outline
    )?;
    let counts = fetch_all!(
        tx,
        CountRow,
        "SELECT i.question_id, i.answer, COUNT(*) AS count
         FROM chapter c JOIN attempt a ON a.chapter_id = c.id JOIN attempt_item i ON i.attempt_id = a.id
         JOIN question q ON q.id = i.question_id
         WHERE c.outline_id = $1 AND a.ordinal = 1 AND a.passed IS NOT NULL AND q.kind <> 'essay'
         GROUP BY i.question_id, i.answer",
        outline
    )?;
    let versions = fetch_all!(
        tx,
        VersionRow,
        "SELECT q.id, q.lineage_id, q.version, q.chapter_id, c.number, c.title AS chapter, q.kind, q.text, q.body,
            q.retired_at IS NOT NULL AS retired
         FROM chapter c JOIN question q ON q.chapter_id = c.id
         WHERE c.outline_id = $1 AND NOT EXISTS (SELECT 1 FROM question n WHERE n.replaces_id = q.id)
         ORDER BY c.number, q.created_at, q.id",
        outline
    )?;
    let mut by_lineage: std::collections::HashMap<QuestionId, Sums> =
        sums.into_iter().map(|row| (row.lineage_id, row.sums)).collect();
    let mut by_version: std::collections::HashMap<QuestionId, Vec<(Answer, i64)>> = std::collections::HashMap::new();
    for row in counts {
        by_version.entry(row.question_id).or_default().push((row.answer.0, row.count));
    }
    let figures = |row: VersionRow| {
        Ok(Figures {
            lineage: row.lineage_id,
            newest: row.id,
            version: row.version,
            chapter: row.chapter_id,
            number: row.number,
            chapter_title: row.chapter,
            text: row.text,
            body: body_of(row.kind, row.body.0)?,
            retired: row.retired,
            sums: by_lineage.remove(&row.lineage_id).unwrap_or_default(),
            answers: by_version.remove(&row.id).unwrap_or_default(),
        })
    };
    let all: Result<Vec<Figures>, sqlx::Error> = versions.into_iter().map(figures).collect();
    // One that was retired and never asked has nothing to tell.
    Ok(all?.into_iter().filter(|one| !one.retired || one.sums.takers > 0).collect())
}

/// The outline that a question's chapter belongs to.
pub async fn find_outline_of_question(
    tx: &mut impl Queryable,
    _who: &Coordinator,
    question: QuestionId,
) -> Result<Option<OutlineId>, sqlx::Error> {
    let found = fetch_optional!(
        tx,
        (OutlineId,),
        "SELECT c.outline_id FROM question q JOIN chapter c ON c.id = q.chapter_id WHERE q.id = $1",
        question
    )?;
    Ok(found.map(|(outline,)| outline))
}

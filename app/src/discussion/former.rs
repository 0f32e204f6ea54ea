//! What a mentor keeps of a mentee they no longer go with, to be read: their own words and what was answered to them, the
//! talks of their time, and what was read and signed off to the day they left (PROGRAM section 11). Separate because
//! nothing can be written here any more, and because it asks another question than the pages of a pair: not from when on,
//! but from when to when.

use chrono::{DateTime, NaiveDate, Utc};
use leptos::prelude::*;

use crate::app::param;
use crate::db::{Queryable, fetch_all, fetch_optional};
use crate::enrollments::OptionNumber;
use crate::error::AppError;
use crate::id::{AccountId, MatchId};
use crate::people::{Mentor, Way, viewer};
use crate::state::state;
use crate::ui::{Day, DayOf, Moment, Page, paragraphs};

/// A pair that has ended, as its mentor looks back on it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Former {
    pub match_id: MatchId,
    pub mentee: String,
    pub option_number: OptionNumber,
    pub since: DateTime<Utc>,
    pub until: DateTime<Utc>,
}

/// Something that one of the two wrote.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Word {
    pub number: Option<i32>,
    pub author_id: AccountId,
    pub author: String,
    pub body: String,
    pub created_at: DateTime<Utc>,
    pub taken_back_at: Option<DateTime<Utc>>,
}

/// A talk of that time; the notes only where they are this mentor's own.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct FormerTalk {
    pub held_on: NaiveDate,
    pub minutes: i32,
    pub way: Way,
    pub notes: String,
    pub follow_ups: String,
}

/// A chapter that was read in that time: when and for how long, what was shared of it, the best post-test, and this
/// mentor's own word with the sign-off.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct FormerChapter {
    pub number: i32,
    pub title: String,
    pub studied_on: NaiveDate,
    pub minutes: i32,
    pub reflection: String,
    pub best: Option<i64>,
    pub signed_off_at: Option<DateTime<Utc>>,
    pub word: Option<String>,
}

/// The pairs of this mentor that have ended, the latest first.
pub async fn list(tx: &mut impl Queryable, who: Mentor) -> Result<Vec<Former>, sqlx::Error> {
    fetch_all!(
        tx,
        Former,
        "SELECT m.id AS match_id, p.name AS mentee, e.option_number, m.answered_at AS since, m.ended_at AS until
         FROM mentor_match m JOIN enrollment e ON e.id = m.enrollment_id JOIN account p ON p.id = e.mentee_id
         WHERE m.mentor_id = $1 AND m.state = 'ended' AND m.answered_at IS NOT NULL AND m.ended_at IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM mentor_match n WHERE n.enrollment_id = m.enrollment_id AND n.mentor_id = m.mentor_id
                AND (n.state = 'accepted' OR n.state = 'ended' AND n.answered_at > m.answered_at))
         ORDER BY m.ended_at DESC LIMIT 100",
        who.account()
    )
}

/// One of them; another mentor's gives [`AppError::NotFound`] and no hint.
pub async fn find(tx: &mut impl Queryable, who: Mentor, id: MatchId) -> Result<Former, AppError> {
    fetch_optional!(
        tx,
        Former,
        "SELECT m.id AS match_id, p.name AS mentee, e.option_number, m.answered_at AS since, m.ended_at AS until
         FROM mentor_match m JOIN enrollment e ON e.id = m.enrollment_id JOIN account p ON p.id = e.mentee_id
         WHERE m.id = $2 AND m.mentor_id = $1 AND m.state = 'ended' AND m.answered_at IS NOT NULL AND m.ended_at IS NOT NULL",
        who.account(),
        id
    )?
    .ok_or(AppError::NotFound)
}

/// This mentor's own messages, and those of the mentee that came after one of them in the same thread and within the time:
/// what was answered to them.
pub async fn list_words(tx: &mut impl Queryable, who: Mentor, former: &Former) -> Result<Vec<Word>, sqlx::Error> {
    fetch_all!(
        tx,
        Word,
        "SELECT c.number, m.author_id, a.name AS author, m.body, m.created_at, m.taken_back_at
         FROM mentor_match x JOIN enrollment e ON e.id = x.enrollment_id JOIN message m ON m.enrollment_id = x.enrollment_id
         JOIN account a ON a.id = m.author_id LEFT JOIN chapter c ON c.id = m.chapter_id
         WHERE x.id = $2 AND m.created_at >= $3 AND m.created_at <= $4
            AND (m.author_id = $1 OR m.author_id = e.mentee_id AND EXISTS (SELECT 1 FROM message o
                WHERE o.enrollment_id = m.enrollment_id AND o.author_id = $1 AND o.created_at >= $3 AND o.created_at < m.created_at
                AND coalesce(o.chapter_id, o.enrollment_id) = coalesce(m.chapter_id, m.enrollment_id)))
         ORDER BY CASE WHEN c.number IS NULL THEN 0 ELSE c.number END, m.created_at LIMIT 1000",
        who.account(),
        former.match_id,
        former.since,
        former.until
    )
}

/// The talks of that time.
pub async fn list_talks(tx: &mut impl Queryable, who: Mentor, former: &Former) -> Result<Vec<FormerTalk>, sqlx::Error> {
    fetch_all!(
        tx,
        FormerTalk,
        "SELECT t.held_on, t.minutes, t.way, CASE WHEN t.logged_by = $1 THEN t.notes ELSE '' END AS notes,
            CASE WHEN t.logged_by = $1 THEN t.follow_ups ELSE '' END AS follow_ups
         FROM mentor_match x JOIN talk t ON t.enrollment_id = x.enrollment_id
         WHERE x.id = $2 AND t.created_at >= $3 AND t.created_at <= $4 ORDER BY t.held_on DESC LIMIT 200",
        who.account(),
        former.match_id,
        former.since,
        former.until
    )
}

/// What was read in that time, with what was shared of it then.
pub async fn list_chapters(tx: &mut impl Queryable, who: Mentor, former: &Former) -> Result<Vec<FormerChapter>, sqlx::Error> {
    fetch_all!(
        tx,
        FormerChapter,
        "SELECT c.number, c.title, s.studied_on, s.minutes, CASE WHEN s.shared = TRUE THEN s.reflection ELSE '' END AS reflection,
            (SELECT CAST(max(coalesce(a.credit, a.right_count * 1000) / (10 * NULLIF(a.item_count, 0))) AS BIGINT) FROM attempt a
                WHERE a.enrollment_id = s.enrollment_id AND a.chapter_id = s.chapter_id AND a.handed_in_at >= $3
                AND a.handed_in_at <= $4) AS best,
            o.signed_off_at, o.word
         FROM mentor_match x JOIN study_entry s ON s.enrollment_id = x.enrollment_id JOIN chapter c ON c.id = s.chapter_id
         LEFT JOIN sign_off o ON o.enrollment_id = s.enrollment_id AND o.chapter_id = s.chapter_id AND o.mentor_id = $1
            AND o.signed_off_at <= $4
         WHERE x.id = $2 AND s.created_at >= $3 AND s.created_at <= $4 AND s.carried_from IS NULL
            AND NOT EXISTS (SELECT 1 FROM study_entry n WHERE n.replaces_id = s.id AND n.created_at <= $4)
         ORDER BY c.number, s.created_at LIMIT 500",
        who.account(),
        former.match_id,
        former.since,
        former.until
    )
}

pub async fn former() -> Result<Page, AppError> {
    let who = viewer().await?.mentor()?;
    let id: MatchId = param("match")?;
    let mut tx = state().db.read().await?;
    let former = find(&mut tx, who, id).await?;
    let words = list_words(&mut tx, who, &former).await?;
    let talks = list_talks(&mut tx, who, &former).await?;
    let chapters = list_chapters(&mut tx, who, &former).await?;
    drop(tx);
    let title = format!("Looking back: {}", former.mentee);
    let body = view! {
        <nav aria-label="Where you are">
            <ol class="crumbs" role="list"><li><a href="/mentor">"My mentees"</a></li><li aria-current="page">{former.mentee.clone()}</li></ol>
        </nav>
        <p class="eyebrow">{former.option_number.name()}", from "<DayOf at=former.since />" to "<DayOf at=former.until /></p>
        <h1>{title.clone()}</h1>
        <p class="lede">"You went with them for this time. Your own words stay here for you to read, with what was answered to you and what was done then. Nothing after the day you left is shown."</p>
        <section class="hang"><h2>"Words"</h2>{word_list(words, who)}</section>
        <section class="hang"><h2>"Talks"</h2>{talk_list(talks)}</section>
        <section class="hang"><h2>"Chapters"</h2>{chapter_list(chapters)}</section>
    };
    Ok(Page::narrow(title, body))
}

fn word_list(words: Vec<Word>, who: Mentor) -> AnyView {
    if words.is_empty() {
        return view! { <p class="muted">"You wrote no messages then."</p> }.into_any();
    }
    let rows = words
        .into_iter()
        .map(|word| {
            let mine = word.author_id == who.account();
            let name = if mine { "You".to_owned() } else { word.author };
            let place = word.number.map(|number| format!(", chapter {number}"));
            view! {
                <li class=if mine { "message mine" } else { "message" }>
                    <p class="message-meta"><strong>{name}</strong>" "<Moment at=word.created_at />{place}</p>
                    {match word.taken_back_at {
                        Some(_) => view! { <p class="muted">"Taken back"</p> }.into_any(),
                        None => view! { <div>{paragraphs(&word.body)}</div> }.into_any(),
                    }}
                </li>
            }
        })
        .collect_view();
    view! { <ol class="thread" role="list">{rows}</ol> }.into_any()
}

fn talk_list(talks: Vec<FormerTalk>) -> AnyView {
    if talks.is_empty() {
        return view! { <p class="muted">"No talk was logged then."</p> }.into_any();
    }
    let rows = talks
        .into_iter()
        .map(|talk| {
            view! {
                <li data-state="done">
                    <Day date=talk.held_on />{format!("{}, {} minutes", talk.way.name(), talk.minutes)}
                    {paragraphs(&talk.notes)}{paragraphs(&talk.follow_ups)}
                </li>
            }
        })
        .collect_view();
    view! { <ol class="timeline" role="list">{rows}</ol> }.into_any()
}

fn chapter_list(chapters: Vec<FormerChapter>) -> AnyView {
    if chapters.is_empty() {
        return view! { <p class="muted">"No reading was logged then."</p> }.into_any();
    }
    let rows = chapters
        .into_iter()
        .map(|one| {
            let test = one.best.map(|best| format!(", post-test {best}%"));
            let signed_off = one.signed_off_at.map(|at| view! { ", signed off by you "<DayOf at /> });
            view! {
                <li>
                    <span class="line-main">{format!("Chapter {}, {}", one.number, one.title)}</span>
                    <span class="line-meta">"Read "<Day date=one.studied_on />{format!(", {} minutes", one.minutes)}{test}{signed_off}</span>
                    <div class="line-meta">{paragraphs(&one.reflection)}{one.word.map(|word| paragraphs(&word))}</div>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="lines" role="list">{rows}</ul> }.into_any()
}

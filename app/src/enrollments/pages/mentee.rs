//! The mentee's home: the one next step, then everything else in the order it matters.

use chrono_tz::Tz;
use leptos::prelude::*;

use super::{due, verb, waiting, way};
use crate::appointments::{self, Standing};
use crate::clock;
use crate::discussion;
use crate::enrollments::{Move, Owner, State, Story, What, missing, moves, moves_of, signs, store, turn};
use crate::error::AppError;
use crate::mail;
use crate::people::{Side, Viewer, viewer};
use crate::settings;
use crate::study::{self, ChapterProgress, Frame, Pace, TestState, pages::chapter_row, progress};
use crate::ui::{Day, DayOf, Page, Trail};
use crate::{certificates, state};

pub async fn home() -> Result<Page, AppError> {
    let viewer = viewer().await?;
    let who = viewer.mentee()?;
    let mut tx = state().db.read().await?;
    let now = state().clock.now();
    let Some(story) = store::find_of_mentee(&mut tx, who.account()).await? else { return Ok(nothing(&viewer)) };
    let settings = settings::store::current(&mut tx).await?;
    let member = viewer.pair(&mut tx, story.id).await?;
    let pair = study::store::find_pair(&mut tx, member).await?;
    let chapters = study::store::list_progress(&mut tx, story.id).await?;
    let unseen = discussion::store::count_unseen(&mut tx, &viewer).await?;
    let standings = appointments::store::list_standing(&mut tx, &viewer, now).await?;
    let standing = standings.iter().find(|one| one.enrollment_id == story.id);
    let zone = mail::store::find_reader(&mut tx, Some(viewer.id), &settings).await?.schedule.zone;
    let unseen = unseen.iter().find(|(id, _)| *id == story.id).map_or(0, |(_, count)| *count);
    let certificate = certificates::store::find_of_enrollment(&mut tx, story.id).await?;
    drop(tx);

    let today = clock::today(now);
    let open = moves(&story, &settings);
    let next = chapters.iter().find(|one| one.chapter.required && !one.is_read()).map(|one| one.chapter.id);
    let pace = Pace::of(&chapters, &Frame::from(&story), today);
    let block = turn_block(&story, &open, &chapters, certificate.as_ref());
    let others = other_moves(&story, &open, &chapters);
    let rows = chapters
        .into_iter()
        .map(|one| {
            let present = Some(one.chapter.id) == next;
            chapter_row(one, &pair, Side::Mentee, present, today)
        })
        .collect_view();
    let body = view! {
        <div class="page-head">
            <div>
                <p class="eyebrow">{story.option_number.name()}", since "<DayOf at=story.started_at /></p>
                <h1>{greeting(&viewer)}</h1>
            </div>
            <Trail signs=signs(&story) compact=true />
        </div>
        {block}
        {others}
        {with_mentor(&story, unseen, standing, zone)}
        <section class="hang">
            <h2>"Chapters"</h2>
            {progress::in_short(&pace, story.id, Side::Mentee, today)}
            <ol class="chapters" role="list">{rows}</ol>
        </section>
        {everything_else(&story)}
        <section class="hang">
            <h2>"The whole trail"</h2>
            <Trail signs=signs(&story) />
        </section>
    };
    Ok(Page::narrow("My study", body))
}

fn greeting(viewer: &Viewer) -> String {
    use chrono::Timelike;
    let hour = state().clock.now().with_timezone(&clock::zone()).hour();
    let words = match hour {
        4..12 => "Good morning",
        12..18 => "Good afternoon",
        _ => "Good evening",
    };
    format!("{words}, {}.", viewer.name.split_whitespace().next().unwrap_or(&viewer.name))
}

fn nothing(viewer: &Viewer) -> Page {
    let body = view! {
        <h1>{greeting(viewer)}</h1>
        <p class="lede">"There is no enrollment in your name. If you wish to begin, apply; it takes four minutes."</p>
        <p><a class="button" href="/apply">"Apply"</a></p>
    };
    Page::narrow("My study", body)
}

fn turn_block(
    story: &Story,
    open: &[Move],
    chapters: &[ChapterProgress],
    certificate: Option<&certificates::store::Certificate>,
) -> AnyView {
    match (story.state, certificate) {
        (State::Completed, Some(certificate)) => done_block(certificate).into_any(),
        (State::Paused, _) => paused_block(story).into_any(),
        (State::Completed, None) if story.completed_before => completed_before_block(story).into_any(),
        (State::Withdrawn | State::Completed, _) => ended_block(story).into_any(),
        (State::Active, _) => match (moves_of(open, Owner::Mentee).first(), turn(open)) {
            (Some(own), _) => own_block(*own, story, chapters).into_any(),
            (None, Some(other)) => waiting_block(other, story).into_any(),
            (None, None) => view! {
                <section class="turn waiting">
                    <p class="turn-label">"Nothing to do"</p>
                    <h2 class="turn-title">"Everything is in order"</h2>
                </section>
            }
            .into_any(),
        },
    }
}

/// The chapter that a move of the mentee is about.
fn chapter_of(own: Move, chapters: &[ChapterProgress]) -> Option<&ChapterProgress> {
    match own.what {
        What::ReadChapter => chapters.iter().find(|one| one.chapter.required && !one.is_read()),
        What::TakeTest => chapters.iter().find(|one| one.chapter.required && one.is_read() && one.test() == TestState::Open),
        _ => None,
    }
}

/// A move of the mentee in words, and where it is made: at the chapter, if it is about one.
fn told(own: Move, story: &Story, chapters: &[ChapterProgress]) -> (String, String) {
    let Some(one) = chapter_of(own, chapters) else { return (own.what.told().to_owned(), way(own.what, story)) };
    let (number, title) = (one.chapter.number, &one.chapter.title);
    let path = study::chapter_path(story.id, one.chapter.id);
    match own.what {
        What::TakeTest => (format!("Take the post-test of chapter {number}, “{title}”"), format!("{path}/test")),
        _ => (format!("Read chapter {number}, “{title}”"), path),
    }
}

fn own_block(own: Move, story: &Story, chapters: &[ChapterProgress]) -> impl IntoView + use<> {
    let (chapter, (title, href)) = (chapter_of(own, chapters), told(own, story, chapters));
    let minutes =
        chapter.filter(|_| own.what == What::ReadChapter).map(|one| format!("About {} minutes, ", one.chapter.minutes));
    view! {
        <section class="turn" aria-labelledby="turn">
            <p class="turn-label">"Your turn"</p>
            <h2 class="turn-title" id="turn">{title}</h2>
            <p class="turn-meta">{minutes}{if own.optional { "if you like".into_any() } else { due(own).into_any() }}</p>
            <div class="turn-actions">
                <a class="button" href=href>{verb(own.what)}</a>
                " "<a class="button quiet" href="/mentee/time">"I need more time"</a>
            </div>
        </section>
    }
}

fn waiting_block(other: Move, story: &Story) -> impl IntoView + use<> {
    view! {
        <section class="turn waiting" aria-labelledby="turn">
            <p class="turn-label">"Waiting"</p>
            <h2 class="turn-title" id="turn">{waiting(other, story)}</h2>
            <p class="turn-meta">"Nothing to do for you now. We write to you when it is your turn."</p>
        </section>
    }
}

fn done_block(certificate: &certificates::store::Certificate) -> impl IntoView + use<> {
    let path = format!("/certificates/{}/certificate.pdf", certificate.id);
    view! {
        <section class="turn done" aria-labelledby="turn">
            <p class="turn-label">"Done"</p>
            <h2 class="turn-title" id="turn">"You have your certificate"</h2>
            <p class="turn-meta">"Number "{certificate.number.clone()}", issued "<Day date=certificate.issued_on /></p>
            <div class="turn-actions">
                <a class="button" href=path>"Open the certificate"</a>
                <a href=format!("/verify/{}/{}", certificate.number, certificate.code)>"How others check it"</a>
                <a href=format!("/enrollments/{}/closing", certificate.enrollment_id)>"Three short questions"</a>
            </div>
        </section>
    }
}

fn paused_block(story: &Story) -> impl IntoView + use<> {
    view! {
        <section class="turn waiting" aria-labelledby="turn">
            <p class="turn-label">"Paused"</p>
            <h2 class="turn-title" id="turn">
                "Your enrollment is paused"{story.paused_until.map(|date| view! { " until "<Day date /> })}
            </h2>
            <p class="turn-meta">"Nothing waits for you until then."</p>
            <div class="turn-actions"><a class="button quiet" href="/mentee/time">"Go on earlier"</a></div>
        </section>
    }
}

fn ended_block(story: &Story) -> impl IntoView + use<> {
    view! {
        <section class="turn waiting" aria-labelledby="turn">
            <p class="turn-label">"Ended"</p>
            <h2 class="turn-title" id="turn">"Your enrollment has ended"{story.ended_at.map(|at| view! { ", "<DayOf at /> })}</h2>
            <p class="turn-meta">"You are welcome to "<a href="/apply">"apply again"</a>" at any time. If you have two minutes, "
                <a href=format!("/enrollments/{}/closing", story.id)>"three short questions"</a>" help those who come after you."</p>
        </section>
    }
}

/// Completed before the program kept its certificates here.
fn completed_before_block(story: &Story) -> impl IntoView + use<> {
    view! {
        <section class="turn done" aria-labelledby="turn">
            <p class="turn-label">"Done"</p>
            <h2 class="turn-title" id="turn">"You have completed "{story.option_number.name()}</h2>
            <p class="turn-meta">{story.ended_at.map(|at| view! { "Completed "<DayOf at />". " })}"Your certificate is the one you have on paper."</p>
        </section>
    }
}

/// What else waits for the mentee, beside the first.
fn other_moves(story: &Story, open: &[Move], chapters: &[ChapterProgress]) -> impl IntoView + use<> {
    let rows = moves_of(open, Owner::Mentee)
        .into_iter()
        .skip(1)
        .map(|one| {
            let (words, href) = told(one, story, chapters);
            view! {
                <li>
                    <span class="line-main"><a href=href.clone()>{words}</a></span>
                    <span class="line-meta">{if one.optional { "if you like".into_any() } else { due(one).into_any() }}</span>
                    <span class="line-action"><a class="button quiet small" href=href>{verb(one.what)}</a></span>
                </li>
            }
        })
        .collect::<Vec<_>>();
    (!rows.is_empty()).then(|| view! { <section class="hang"><h2>"Also open"</h2><ul class="lines">{rows}</ul></section> })
}

fn with_mentor(story: &Story, unseen: i64, standing: Option<&Standing>, zone: Tz) -> impl IntoView + use<> {
    let id = story.id;
    let body = match (&story.mentor, story.matched_at) {
        (Some(mentor), Some(_)) => view! {
            <p>"Your mentor is "{mentor.clone()}"."</p>
            <ul class="lines">
                {appointments::pages::next_line(id, standing, zone, mentor)}
                {standing.filter(|one| one.unconfirmed > 0).map(|_| view! {
                    <li>
                        <span class="line-main"><a href=format!("/enrollments/{id}/talk")>"A talk was logged"</a></span>
                        <span class="line-meta">"Say whether it was so, when you have a moment"</span>
                        <span class="line-action"><a class="button quiet small" href=format!("/enrollments/{id}/talk")>"Confirm"</a></span>
                    </li>
                })}
                <li>
                    <span class="line-main"><a href=format!("/enrollments/{id}/talk")>"For the next talk"</a></span>
                    <span class="line-meta">"Questions you marked, and missed test questions"</span>
                    <span class="line-action"><a class="button quiet small" href=format!("/enrollments/{id}/talk")>"Open"</a></span>
                </li>
                <li>
                    <span class="line-main"><a href=format!("/enrollments/{id}/messages")>"Messages"</a></span>
                    <span class="line-meta">{match unseen { 0 => "None new".to_owned(), count => format!("{count} new") }}</span>
                    <span class="line-action"><a class="button quiet small" href=format!("/enrollments/{id}/messages")>"Read or ask"</a></span>
                </li>
            </ul>
        }
        .into_any(),
        (Some(_), None) => view! { <p>"A mentor was asked and will answer soon."</p> }.into_any(),
        (None, _) => view! { <p>"The coordinator is looking for a mentor for you."</p> }.into_any(),
    };
    view! { <section class="hang"><h2>"With your mentor"</h2>{body}</section> }
}

fn everything_else(story: &Story) -> impl IntoView + use<> {
    let id = story.id;
    let book = match (story.own_book_at, story.book_arrived_at, story.book_lent_at, story.book_requested_at) {
        (Some(_), ..) => "Your own copy".into_any(),
        (_, Some(_), ..) => view! { "On loan"{story.book_due_on.map(|date| view! { ", due "<Day date /> })} }.into_any(),
        (_, _, Some(at), _) => view! { "On its way since "<DayOf at /> }.into_any(),
        (_, _, _, Some(at)) => view! { "Asked for "<DayOf at /> }.into_any(),
        _ if story.book_returned_at.is_some() => "Returned".into_any(),
        _ => "Not chosen yet".into_any(),
    };
    let letter = match (story.letter_received_at, story.letter_made_at) {
        (Some(at), _) => view! { <a href=format!("/enrollments/{id}/letter")>"Received "<DayOf at /></a> }.into_any(),
        (None, Some(_)) => view! { <a href=format!("/enrollments/{id}/letter")>"Ready to read"</a> }.into_any(),
        (None, None) => "Follows from the plan".into_any(),
    };
    let still: Vec<String> = missing(story).into_iter().map(|one| one.words()).collect();
    let certificate = match (&story.certificate, still.is_empty()) {
        (Some(number), _) => number.clone(),
        (None, true) => "Everything is there; the coordinator issues it".to_owned(),
        (None, false) => still.join("; "),
    };
    view! {
        <section class="hang">
            <h2>"Everything else"</h2>
            <dl class="facts">
                <div><dt>"Book"</dt><dd><a href="/mentee/book">{story.book.clone()}</a>". "{book}</dd></div>
                <div><dt>"Plan"</dt><dd>{match story.planned_at {
                    Some(at) => view! { <a href=format!("/enrollments/{id}/plan")>"Made "<DayOf at /></a> }.into_any(),
                    None => view! { <a href=format!("/enrollments/{id}/plan")>"Not made yet"</a> }.into_any(),
                }}</dd></div>
                <div><dt>"Letter"</dt><dd>{letter}</dd></div>
                <div><dt>"Self-evaluation"</dt><dd><a href=format!("/enrollments/{id}/self-evaluation")>
                    {if story.self_evaluated_at.is_some() { "Your answers" } else { "Not done; encouraged, never required" }}
                </a>", "<a href=format!("/enrollments/{id}/goals")>"your goals"</a>{crate::competencies::offers_end(story).then_some(". You can look again at where you stand now")}</dd></div>
                {(story.option_number == crate::enrollments::OptionNumber::Three)
                    .then(|| view! { <div><dt>"Exam plan"</dt><dd><a href="/mentee/exam">{if story.exam_planned_at.is_some() { "Filled in" } else { "Not filled in yet" }}</a></dd></div> })}
                <div><dt>"Certificate"</dt><dd>{certificate}</dd></div>
                <div><dt>"Time limit"</dt><dd><Day date=story.due_on />{story.state.is_live().then(|| view! { ". "<a href="/mentee/time">"I need more time"</a> })}</dd></div>
            </dl>
        </section>
    }
}

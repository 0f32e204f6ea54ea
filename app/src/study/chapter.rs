//! The page of one chapter: its log, its thread and its sign-off. Separate from the outline, because it is the page on
//! which a mentee writes most.

use chrono::NaiveDate;
use leptos::prelude::*;

use super::{ChapterProgress, Entry, Pair, SignOff, TestState, chapter_path, store};
use crate::app::{is_ahead, param, query};
use crate::assessments::attempt::{Order, Reading};
use crate::assessments::pages::{Whose, answered};
use crate::assessments::{self, Missed};
use crate::clock;
use crate::db::ReadTx;
use crate::discussion::{self, Thread};
use crate::error::AppError;
use crate::form::Form;
use crate::id::{ChapterId, EnrollmentId, StudyEntryId};
use crate::people::{PairMember, Side, viewer};
use crate::state::state;
use crate::ui::{Day, DayOf, Drafted, FormFor, Hidden, Page, SubmissionKeyField, TextArea, TextField, TickField, paragraphs};

pub async fn chapter() -> Result<Page, AppError> {
    let viewer = viewer().await?;
    let (enrollment, id): (EnrollmentId, ChapterId) = (param("enrollment")?, param("chapter")?);
    let thread = Thread::Chapter(id);
    let mut tx = state().db.read().await?;
    let who = viewer.pair(&mut tx, enrollment).await?;
    let pair = store::find_pair(&mut tx, who).await?;
    let progress = store::list_progress(&mut tx, enrollment).await?;
    let total = progress.len();
    let Some(one) = progress.into_iter().find(|one| one.chapter.id == id) else {
        return earlier_chapter(tx, who, &pair, id).await;
    };
    let one = one.seen_from(pair.visible_from(who.side()));
    let entries = store::list_entries(&mut tx, who, &pair, id).await?;
    let sign_off = store::find_sign_off(&mut tx, who, &pair, id).await?;
    let missed = assessments::store::list_missed(&mut tx, enrollment, id).await?;
    let messages = discussion::store::list_messages(&mut tx, who, &pair, thread, discussion::pages::before()).await?;
    drop(tx);
    let message_form = discussion::pages::open_form(pair.id, thread).await?;
    if !is_ahead() {
        discussion::pages::note_seen(who, thread, &messages).await;
    }

    let side_of_reader = match who.side() {
        Side::Mentee => mentee_side(&pair, &one, entries, missed).await?,
        Side::Mentor => mentor_side(&pair, &one, entries, missed, sign_off.is_some()).await?,
    };
    let name = one.chapter.name();
    let body = view! {
        {discussion::pages::crumbs(&pair, who.side(), &format!("Chapter {}", one.chapter.number))}
        <p class="eyebrow">{format!("Chapter {} of {total}", one.chapter.number)}</p>
        <h1>{one.chapter.title.clone()}</h1>
        {standing(&one, sign_off)}
        {side_of_reader}
        <section class="hang"><h2>"Questions and thoughts"</h2>{discussion::pages::thread(&pair, who, thread, messages, message_form)}</section>
        <p><a href=format!("/enrollments/{enrollment}/chapters")>"All chapters"</a></p>
    };
    Ok(Page::narrow(name, body))
}

/// A chapter of an outline before a change of option: everything that was written there, to be read.
async fn earlier_chapter(mut tx: ReadTx, who: PairMember, pair: &Pair, id: ChapterId) -> Result<Page, AppError> {
    let thread = Thread::Chapter(id);
    let chapter = store::find_earlier_chapter(&mut tx, pair, id).await?;
    let entries = store::list_entries(&mut tx, who, pair, id).await?;
    let sign_off = store::find_sign_off(&mut tx, who, pair, id).await?;
    let messages = discussion::store::list_messages(&mut tx, who, pair, thread, discussion::pages::before()).await?;
    drop(tx);
    discussion::pages::note_seen(who, thread, &messages).await;
    let signed_off = sign_off.map(|one| {
        view! { <p>{format!("Signed off by {}, ", one.mentor)}<DayOf at=one.signed_off_at />"."</p>{paragraphs(&one.word)} }
    });
    let path = chapter_path(pair.id, id);
    let own = |entry: Entry| match who.side() {
        Side::Mentee => own_entry(entry, &path, false).into_any(),
        Side::Mentor => seen_entry(entry).into_any(),
    };
    let rows = entries.into_iter().map(own).collect_view();
    let body = view! {
        {discussion::pages::crumbs(pair, who.side(), &format!("Chapter {}", chapter.number))}
        <p class="eyebrow">"Of an earlier outline"</p>
        <h1>{chapter.title.clone()}</h1>
        <p class="lede">"This chapter belongs to the book before. What was done here stays on record; where the book now has a chapter of the same title, it counts there."</p>
        {signed_off}
        <ol class="thread" role="list">{rows}</ol>
        <section class="hang"><h2>"Questions and thoughts"</h2>{discussion::pages::read_only(messages, who)}</section>
        <p><a href=format!("/enrollments/{}/chapters", pair.id)>"All chapters"</a></p>
    };
    Ok(Page::narrow(chapter.name(), body))
}

/// Where the chapter stands, in one line each: read, discussed, tested.
fn standing(one: &ChapterProgress, sign_off: Option<SignOff>) -> impl IntoView + use<> {
    let signed_off = sign_off.map(|sign_off| {
        view! {
            <div>
                <dt>"Discussed"</dt>
                <dd>
                    {format!("Signed off by {}, ", sign_off.mentor)}<DayOf at=sign_off.signed_off_at />
                    {sign_off.mark().map(|mark| format!(", {mark}"))}
                    {paragraphs(&sign_off.word)}
                </dd>
            </div>
        }
    });
    let read = one.is_read().then(|| match one.read_on {
        Some(date) => {
            let spent = one.spent;
            view! { <div><dt>"Read"</dt><dd><Day date />{format!(", {spent} minutes in all")}</dd></div> }.into_any()
        }
        None => view! { <div><dt>"Read"</dt><dd>"Before your time as mentor"</dd></div> }.into_any(),
    });
    let planned =
        one.target_on.filter(|_| !one.is_read()).map(|date| view! { <div><dt>"Planned for"</dt><dd><Day date /></dd></div> });
    let test = match (one.test(), one.best) {
        (TestState::Passed, Some(best)) => Some(format!("Passed with {best}%")),
        (TestState::Passed, None) => Some("Passed".to_owned()),
        (TestState::Open, Some(best)) => Some(format!("Best so far {best}%")),
        (TestState::Open, None) | (TestState::None, _) => None,
    };
    view! {
        <dl class="facts plain">
            {planned}{read}
            {test.map(|words| view! { <div><dt>"Post-test"</dt><dd>{words}</dd></div> })}
            {signed_off}
        </dl>
    }
}

async fn mentee_side(
    pair: &Pair,
    one: &ChapterProgress,
    entries: Vec<Entry>,
    missed: Vec<Missed>,
) -> Result<AnyView, AppError> {
    let corrected = query("correct").and_then(|id| id.parse::<StudyEntryId>().ok());
    let corrected = entries.iter().find(|entry| Some(entry.id) == corrected && entry.replaced_at.is_none()).cloned();
    let mut target = vec![("enrollment", pair.id.to_string()), ("chapter", one.chapter.id.to_string())];
    // A correction is a form of its own: a draft of new reading does not stand in it.
    target.extend(corrected.as_ref().map(|entry| ("replaces", entry.id.to_string())));
    let form = Form::open_drafted("log-chapter", &target).await?;
    let today = clock::today(state().clock.now());
    let log = match pair.allow_writing() {
        Err(refusal) => view! { <p class="muted">{refusal.to_string()}</p> }.into_any(),
        Ok(()) => log_section(form, pair, one, corrected, today).into_any(),
    };
    let test = match one.test() {
        TestState::None => None,
        TestState::Open => Some(("Take the post-test", "button quiet")),
        TestState::Passed => Some(("See your post-test", "")),
    };
    let test = test.map(|(words, class)| {
        let path = format!("{}/test", chapter_path(pair.id, one.chapter.id));
        view! { <p><a class=class href=path>{words}</a></p> }
    });
    let entries = (!entries.is_empty()).then(|| {
        let path = chapter_path(pair.id, one.chapter.id);
        let open = pair.allow_writing().is_ok();
        let rows = entries.into_iter().map(|entry| own_entry(entry, &path, open)).collect_view();
        view! { <section class="hang"><h2>"Your entries"</h2><ol class="thread" role="list">{rows}</ol></section> }
    });
    let missed = (!missed.is_empty()).then(|| {
        let rows = missed.iter().map(|one| missed_question(one, Whose::Own)).collect_view();
        view! { <section class="hang"><h2>"To talk over with your mentor"</h2>{rows}</section> }
    });
    Ok(view! { {log}{test}{missed}{entries} }.into_any())
}

/// The form stands open until the chapter is read; afterwards it folds away, because the next step is another.
fn log_section(form: Form, pair: &Pair, one: &ChapterProgress, corrected: Option<Entry>, today: NaiveDate) -> AnyView {
    let open = !one.is_read() || corrected.is_some() || !form.is_fresh();
    let heading = corrected.as_ref().map(|entry| {
        let day = entry.studied_on;
        view! { <h2>"Correct your entry of "<Day date=day /></h2> }
    });
    let fields = log_form(form, pair, one, corrected, today);
    if open {
        return view! { {heading}{fields} }.into_any();
    }
    view! { <details><summary>"Log more reading of this chapter"</summary>{fields}</details> }.into_any()
}

fn log_form(
    form: Form,
    pair: &Pair,
    one: &ChapterProgress,
    corrected: Option<Entry>,
    today: NaiveDate,
) -> impl IntoView + use<> {
    let (enrollment, chapter, title) = (pair.id, one.chapter.id, one.chapter.name());
    let replaces = corrected.as_ref().map(|entry| entry.id.to_string());
    let (minutes, day, words, shared) = corrected.map_or((one.chapter.minutes, today, String::new(), false), |entry| {
        (entry.minutes, entry.studied_on, entry.reflection, entry.shared)
    });
    let share = pair
        .mentor_id
        .is_some()
        .then(|| view! { <TickField form name="shared" label="Share with my mentor" checked=shared /> });
    let again = replaces.as_ref().map(|_| view! { <a href=chapter_path(enrollment, chapter)>"Leave it as it is"</a> });
    view! {
        <FormFor form>
            <Hidden name="enrollment" value=enrollment.to_string() />
            <Hidden name="chapter" value=chapter.to_string() />
            {replaces.map(|id| view! { <Hidden name="replaces" value=id /> })}
            // Without a line the entry waits on the device, under this name.
            <Hidden name="_title" value=title />
            <SubmissionKeyField form />
            <Drafted form>
                <div class="field-row">
                    <TextField form name="minutes" label="Minutes" kind="number" value=minutes.to_string() size="short" autofocus=true />
                    <TextField form name="studied_on" label="When did you read it?" kind="date" value=day.to_string() />
                </div>
                <TextArea form name="reflection" label="What stayed with you?" optional=true value=words.clone() rows=4 />
                {share}
            </Drafted>
            <div class="actions"><button class="button">"Save"</button>{again}</div>
        </FormFor>
        <p class="small muted">
            "A reflection is yours alone unless you share it; the coordinator never sees it. Whoever runs the server, or the law, could reach it."
        </p>
    }
}

fn own_entry(entry: Entry, path: &str, open: bool) -> impl IntoView + use<> {
    let correct = (open && entry.replaced_at.is_none()).then(|| {
        let path = format!("{path}?correct={}", entry.id);
        view! { ". "<a href=path>"Correct this entry"</a> }
    });
    let kept =
        (!entry.reflection.is_empty()).then_some(if entry.shared { ", shared with your mentor" } else { ", for you alone" });
    let mark = entry.mark().map(|mark| format!(", {mark}"));
    let replaced = entry.replaced_at.map(|at| view! { ". Corrected "<DayOf at />", so it no longer counts" });
    view! {
        <li class="message">
            <p class="message-meta"><strong>{format!("{} minutes", entry.minutes)}</strong>" "<Day date=entry.studied_on /></p>
            <div>
                {paragraphs(&entry.reflection)}
                <p class="small muted">"Logged "<DayOf at=entry.created_at />{mark}{kept}{replaced}{correct}</p>
            </div>
        </li>
    }
}

async fn mentor_side(
    pair: &Pair,
    one: &ChapterProgress,
    entries: Vec<Entry>,
    missed: Vec<Missed>,
    signed_off: bool,
) -> Result<AnyView, AppError> {
    let form = Form::open_for("sign-off-chapter", &[("chapter", one.chapter.id.to_string())]).await?;
    let sign_off = (!signed_off && pair.allow_writing().is_ok()).then(|| sign_off_section(form, pair, one));
    let read = (!entries.is_empty()).then(|| {
        let rows = entries.into_iter().map(seen_entry).collect_view();
        view! { <section class="hang"><h2>"Entries"</h2><ol class="thread" role="list">{rows}</ol></section> }
    });
    let missed = (!missed.is_empty()).then(|| {
        let rows = missed.iter().map(|one| missed_question(one, Whose::Theirs)).collect_view();
        view! { <section class="hang"><h2>"Missed in the post-test"</h2>{rows}</section> }
    });
    Ok(view! { {read}{missed}{sign_off} }.into_any())
}

fn seen_entry(entry: Entry) -> impl IntoView {
    view! {
        <li class="message">
            <p class="message-meta"><strong>{format!("{} minutes", entry.minutes)}</strong>" "<Day date=entry.studied_on /></p>
            <div>
                {paragraphs(&entry.reflection)}
                {entry.mark().map(|mark| view! { <p class="small muted">{mark}</p> })}
            </div>
        </li>
    }
}

fn missed_question(missed: &Missed, whose: Whose) -> AnyView {
    let reading = match whose {
        Whose::Own => missed.reading,
        Whose::Theirs => Reading::ALL,
    };
    answered(&missed.item, None, &Order::as_written(&missed.item), whose, reading)
}

fn sign_off_section(form: Form, pair: &Pair, one: &ChapterProgress) -> AnyView {
    let (enrollment, chapter) = (pair.id, one.chapter.id);
    let fields = view! {
        <FormFor form>
            <Hidden name="enrollment" value=enrollment.to_string() />
            <Hidden name="chapter" value=chapter.to_string() />
            <TextArea form name="word" label="A word back" optional=true rows=3 />
            <div class="actions"><button class="button">"Sign off as discussed"</button></div>
        </FormFor>
    };
    if one.is_read() || !form.is_fresh() {
        return view! { <section class="hang"><h2>"Sign off"</h2>{fields}</section> }.into_any();
    }
    view! {
        <section class="hang">
            <h2>"Sign off"</h2>
            <p>{format!("{} has not logged this chapter yet.", pair.mentee)}</p>
            <details><summary>"You talked it over already"</summary>{fields}</details>
        </section>
    }
    .into_any()
}

//! The talk, prepared and logged on one screen. Separate from the other pages because it gathers from all of them.

use chrono::NaiveDate;
use chrono_tz::Tz;
use leptos::prelude::*;

use super::pages::{button_form, crumbs, privacy};
use super::{Agenda, Correction, FollowUp, FollowUpDone, Message, Reflection, Talk, Thread, facts, follow_ups, opening, store};
use crate::app::param;
use crate::appointments::{self, pages::moment_in, time_path};
use crate::assessments::Missed;
use crate::clock;
use crate::competencies;
use crate::error::AppError;
use crate::form::Form;
use crate::id::{EnrollmentId, TalkId};
use crate::people::{PairMember, Side, Way, viewer};
use crate::state::state;
use crate::study::{self, ChapterProgress, Pace, Pair, chapter_path};
use crate::ui::{
    Choice, ChoiceField, Day, DayOf, Drafted, ErrorSummary, FormFor, Hidden, Page, SelectField, SubmissionKeyField, TextArea,
    TextField, choices, paragraphs,
};

/// Open chapters offered beside those that were read.
const NEAR: usize = 2;

/// The forms of this page that stand beside things.
#[derive(Clone, Copy)]
struct Buttons {
    finish: Form,
    flag: Form,
    confirm: Form,
}

/// The talks that were logged, with what became of them.
struct Logged {
    talks: Vec<Talk>,
    chapters: Vec<(TalkId, i32)>,
    corrections: Vec<Correction>,
    follow_ups: Vec<FollowUp>,
}

impl Logged {
    fn of(talks: &[Talk], chapters: Vec<(TalkId, i32)>, corrections: Vec<Correction>, done: &[FollowUpDone]) -> Self {
        let talks: Vec<Talk> = talks.iter().filter(|talk| talk.visible).cloned().collect();
        Self { follow_ups: follow_ups(&talks, done), talks, chapters, corrections }
    }
}

pub async fn talk() -> Result<Page, AppError> {
    let viewer = viewer().await?;
    let enrollment: EnrollmentId = param("enrollment")?;
    let mut tx = state().db.read().await?;
    let who = viewer.pair(&mut tx, enrollment).await?;
    let pair = study::store::find_pair(&mut tx, who).await?;
    let (side, today) = (who.side(), clock::today(state().clock.now()));
    let progress = study::store::list_progress(&mut tx, enrollment).await?;
    let frame = study::store::find_frame(&mut tx, &pair).await?;
    let pace = Pace::of(&progress, &frame, today);
    let progress: Vec<ChapterProgress> = progress.into_iter().map(|one| one.seen_from(pair.visible_from(side))).collect();
    let talks = store::list_talks(&mut tx, who, &pair, state().clock.now()).await?;
    let chapters = store::list_talk_chapters(&mut tx, &pair).await?;
    let corrections = store::list_corrections(&mut tx, who, &pair).await?;
    let done = store::list_done(&mut tx, &pair).await?;
    let agenda = store::agenda(&mut tx, who, &pair, &talks, &done, &progress).await?;
    let zone = appointments::store::find_zone(&mut tx, viewer.id).await?;
    let goals = competencies::store::list_goals(&mut tx, enrollment).await?;
    drop(tx);
    let buttons = Buttons {
        finish: Form::open("finish-follow-up").await?,
        flag: Form::open("flag-message").await?,
        confirm: Form::open("confirm-talk").await?,
    };
    let logged = Logged::of(&talks, chapters, corrections, &done);
    let open = pair.allow_talking().is_ok();
    let to_confirm = confirm_section(&pair, &logged, buttons, open).await?;
    let log = log_section(&pair, who, &progress, &agenda.follow_ups, logged.talks.first(), today).await?;
    let sign_off = sign_off_section(&pair, side, &progress, today).await?;
    let title = pair.other(side).map_or_else(|| "Talk".to_owned(), |other| format!("Talk with {other}"));
    let body = view! {
        {crumbs(&pair, side, "Talk")}
        <p class="eyebrow">{title.clone()}", "{pair.option_number.name()}</p>
        {heading(&pair, zone)}
        {to_confirm}
        <div class="columns">
            <div>
                <h2>"Agenda"</h2>
                <ErrorSummary form=buttons.finish />
                <ErrorSummary form=buttons.flag />
                {agenda_list(&pair, side, agenda, buttons, open)}
                {competencies::pages::goals_on_agenda(&goals)}
                {log}
                {sign_off}
            </div>
            <aside>
                <h2>"So far"</h2>
                <p>{pace.words(side, today)}</p>
                <p><a href=format!("/enrollments/{enrollment}/chapters")>"All chapters"</a></p>
                {talk_list(logged)}
            </aside>
        </div>
    };
    Ok(Page::usual(title, body))
}

fn heading(pair: &Pair, zone: Tz) -> impl IntoView + use<> {
    let path = time_path(pair.id);
    let open = pair.allow_talking().is_ok();
    match pair.next_talk_at.filter(|at| *at > state().clock.now()) {
        Some(at) => view! {
            <h1>{moment_in(zone, at)}</h1>
            {open.then(|| view! { <p class="no-print"><a href=path>"Move it, cancel it, or put it in your calendar"</a></p> })}
        }
        .into_any(),
        None => view! {
            <h1>"Your next talk"</h1>
            {open.then(|| view! { <p class="no-print"><a href=path>"Propose a time"</a>", or see what the other proposed."</p> })}
        }
        .into_any(),
    }
}

/// Talks that wait for this reader's yes, on top: one click each.
async fn confirm_section(pair: &Pair, logged: &Logged, buttons: Buttons, open: bool) -> Result<Option<AnyView>, AppError> {
    let mut rows = Vec::new();
    for talk in logged.talks.iter().filter(|talk| talk.asks_me && open) {
        let correct =
            Form::open_for("correct-talk", &[("enrollment", pair.id.to_string()), ("talk", talk.id.to_string())]).await?;
        let correction = logged.corrections.iter().find(|one| one.talk_id == talk.id);
        rows.push(confirm_item(pair, talk, correction, buttons.confirm, correct));
    }
    if rows.is_empty() {
        return Ok(None);
    }
    let all = (rows.len() > 1).then(|| {
        let talks = logged.talks.iter().filter(|talk| talk.asks_me).map(|talk| ("talk", talk.id.to_string()));
        button_form(
            buttons.confirm,
            [("enrollment", pair.id.to_string())].into_iter().chain(talks).collect(),
            "Confirm all of them",
        )
    });
    let body = view! {
        <section class="no-print" aria-labelledby="confirm">
            <h2 id="confirm">"Was it so?"</h2>
            <ErrorSummary form=buttons.confirm />
            <ul class="lines" role="list">{rows}</ul>
            {all}
        </section>
    };
    Ok(Some(body.into_any()))
}

fn confirm_item(pair: &Pair, talk: &Talk, correction: Option<&Correction>, confirm: Form, correct: Form) -> AnyView {
    let by = correction.map_or(&talk.logged_by, |one| &one.by).clone();
    let said = match correction {
        Some(one) => format!("{by}: “{}”", one.word),
        None => format!("Logged by {by}"),
    };
    let seen = facts(talk.held_on, talk.minutes, talk.way);
    let hidden = vec![("enrollment", pair.id.to_string()), ("talk", talk.id.to_string()), ("said", seen)];
    let open = !correct.is_fresh();
    let (enrollment, id) = (pair.id.to_string(), talk.id.to_string());
    let (held_on, minutes, way) = (talk.held_on.to_string(), talk.minutes.to_string(), talk.way.to_string());
    view! {
        <li>
            <span class="line-main"><Day date=talk.held_on />{format!(", {}, {} minutes", talk.way.name(), talk.minutes)}</span>
            <span class="line-meta">{said}</span>
            <span class="line-action">{button_form(confirm, hidden, "Yes, it was so")}</span>
            <details class="line-meta" open=open>
                <summary>"It was different"</summary>
                <FormFor form=correct>
                    <Hidden name="enrollment" value=enrollment />
                    <Hidden name="talk" value=id />
                    <SubmissionKeyField form=correct />
                    <div class="field-row">
                        <TextField form=correct name="held_on" label="Date" kind="date" value=held_on />
                        <TextField form=correct name="minutes" label="Minutes" kind="number" value=minutes size="short" />
                        <SelectField form=correct name="way" label="How" choices=choices(Way::ALL, Way::name) value=way />
                    </div>
                    <TextField form=correct name="word" label="In a word" hint="Such as: it was 40 minutes. No patient details." />
                    <div class="actions"><button class="button quiet">"Put it right"</button></div>
                </FormFor>
            </details>
        </li>
    }
    .into_any()
}

fn agenda_list(pair: &Pair, side: Side, agenda: Agenda, buttons: Buttons, open: bool) -> AnyView {
    if agenda.is_empty() && agenda.ready.is_empty() {
        return view! {
            <p class="muted">"Nothing is on it yet. Messages marked for the talk, missed test questions and shared reflections come here by themselves."</p>
        }
        .into_any();
    }
    let Agenda { follow_ups, flagged, missed, reflections, ready } = agenda;
    let follow_ups = follow_ups.into_iter().map(|one| follow_up(pair, one, open.then_some(buttons.finish))).collect_view();
    let flagged = flagged.iter().map(|message| flagged_item(pair, message, open.then_some(buttons.flag))).collect_view();
    let missed = missed.iter().map(|missed| missed_item(pair, side, missed)).collect_view();
    let (with_ready, alone): (Vec<_>, Vec<_>) =
        reflections.into_iter().partition(|one| ready.iter().any(|chapter| chapter.chapter.id == one.chapter_id));
    let alone = alone.iter().map(|one| reflection_item(pair, one)).collect_view();
    let ready = ready.iter().map(|one| ready_item(pair, one, &with_ready)).collect_view();
    view! { <ul class="lines" role="list">{follow_ups}{flagged}{missed}{alone}{ready}</ul> }.into_any()
}

fn follow_up(pair: &Pair, one: FollowUp, finish: Option<Form>) -> impl IntoView + use<> {
    let hidden = vec![("enrollment", pair.id.to_string()), ("item", one.item.to_string())];
    let act = finish.map(|form| button_form(form, hidden, "Done"));
    view! {
        <li>
            <span class="line-main">{one.words}</span>
            <span class="line-meta">"To follow up, from "<Day date=one.from /></span>
            <span class="line-action">{act}</span>
        </li>
    }
}

fn flagged_item(pair: &Pair, message: &Message, flag: Option<Form>) -> impl IntoView + use<> {
    let hidden = vec![("enrollment", pair.id.to_string()), ("message", message.id.to_string())];
    let act = flag.map(|form| button_form(form, hidden, "Take off"));
    let path = format!("{}#thread", Thread::of(message.chapter_id).path(pair.id));
    let place = message.number.map(|number| format!(", chapter {number}"));
    view! {
        <li>
            <span class="line-main">{opening(&message.body)}</span>
            <span class="line-meta">{message.author.clone()}", "<DayOf at=message.created_at />{place}</span>
            <span class="line-action"><a href=path>"Open the thread"</a>{act}</span>
        </li>
    }
}

fn ready_item(pair: &Pair, one: &ChapterProgress, reflections: &[Reflection]) -> impl IntoView + use<> {
    let path = chapter_path(pair.id, one.chapter.id);
    let read = one.read_on.map(|date| view! { ", read "<Day date /> });
    let test = one.best.map(|best| format!(", post-test {best}%"));
    let shared =
        reflections.iter().filter(|shared| shared.chapter_id == one.chapter.id).map(|shared| paragraphs(&shared.reflection));
    view! {
        <li>
            <span class="line-main"><a href=path>{one.chapter.name()}</a></span>
            <span class="line-meta">"Ready to be talked over and signed off"{read}{test}</span>
            <div class="line-meta">{shared.collect_view()}</div>
        </li>
    }
}

fn reflection_item(pair: &Pair, one: &Reflection) -> impl IntoView + use<> {
    let path = chapter_path(pair.id, one.chapter_id);
    view! {
        <li>
            <span class="line-main"><a href=path>{format!("Chapter {}, {}", one.number, one.title)}</a></span>
            <span class="line-meta">"A reflection that was shared, "<Day date=one.studied_on /></span>
            <div class="line-meta">{paragraphs(&one.reflection)}</div>
        </li>
    }
}

fn missed_item(pair: &Pair, side: Side, missed: &Missed) -> impl IntoView + use<> {
    let path = chapter_path(pair.id, missed.chapter);
    let item = &missed.item;
    let explanation = if side == Side::Mentor || missed.reading.key { item.explanation.clone() } else { String::new() };
    view! {
        <li>
            <span class="line-main">{item.text.clone()}</span>
            <span class="line-meta">"Missed in the post-test of "<a href=path>"chapter "{missed.number}</a></span>
            <details class="line-meta">
                <summary>"The answer"</summary>
                <p>{item.answer_in_words()}</p>
                {paragraphs(&explanation)}
            </details>
        </li>
    }
}

async fn log_section(
    pair: &Pair,
    who: PairMember,
    progress: &[ChapterProgress],
    follow_ups: &[FollowUp],
    last: Option<&Talk>,
    today: NaiveDate,
) -> Result<AnyView, AppError> {
    let inner = match pair.allow_talking() {
        Err(refusal) => view! { <p class="muted">{refusal.to_string()}</p> }.into_any(),
        Ok(()) => {
            let form = Form::open_drafted("log-talk", &[("enrollment", pair.id.to_string())]).await?;
            let choices = sign_off_choices(form, who.side(), progress, today);
            log_form(form, pair, progress, follow_ups, last, today, choices).into_any()
        }
    };
    Ok(view! { <section class="no-print" id="log"><h2>"Log this talk"</h2>{inner}</section> }.into_any())
}

fn log_form(
    form: Form,
    pair: &Pair,
    progress: &[ChapterProgress],
    follow_ups: &[FollowUp],
    last: Option<&Talk>,
    today: NaiveDate,
    sign_off: Option<AnyView>,
) -> impl IntoView + use<> {
    // A talk that was agreed and has begun is most likely the one that is logged.
    let agreed = pair.next_talk_at.filter(|at| *at <= state().clock.now()).map(clock::today);
    let day = agreed.unwrap_or(today);
    let minutes = last.map(|talk| talk.minutes.to_string()).unwrap_or_default();
    let way = pair.way.or(last.map(|talk| talk.way)).map(|way| way.to_string()).unwrap_or_default();
    let (near, others) = split(progress);
    let open: Vec<Choice> = follow_ups.iter().map(|one| (one.item.to_string(), one.words.clone())).collect();
    let id = pair.id;
    view! {
        <FormFor form>
            <Hidden name="enrollment" value=id.to_string() />
            <SubmissionKeyField form />
            <div class="field-row">
                <TextField form name="held_on" label="Date" kind="date" value=day.to_string() />
                <TextField form name="minutes" label="Minutes" kind="number" value=minutes size="short" />
                <SelectField form name="way" label="How" choices=choices(Way::ALL, Way::name) value=way />
            </div>
            {(!near.is_empty()).then(|| view! { <ChoiceField form name="chapters" legend="Chapters you talked about" choices=near many=true /> })}
            {(!others.is_empty()).then(|| view! {
                <details>
                    <summary>"Other chapters"</summary>
                    <ChoiceField form name="others" legend="Other chapters you talked about" choices=others many=true />
                </details>
            })}
            {(!open.is_empty()).then(|| view! {
                <ChoiceField form name="done" legend="Done since" choices=open many=true hint="What you leave open stands on the next agenda again." />
            })}
            {sign_off}
            <Drafted form>
                <TextArea form name="notes" label="Notes" optional=true rows=4 />
                <TextArea form name="follow_ups" label="To follow up" optional=true rows=3 hint="A line each. They stand on the agenda until they are done." />
            </Drafted>
            <div class="actions"><button class="button">"Save the talk"</button></div>
        </FormFor>
        <p class="small muted">"The other of you is asked to confirm it, and can say how they remember it. It counts at once."</p>
        {privacy()}
    }
}

/// The chapters the mentor can sign off, each with room for a word back, and one word for all.
fn sign_off_choices(form: Form, side: Side, progress: &[ChapterProgress], today: NaiveDate) -> Option<AnyView> {
    let ready: Vec<&ChapterProgress> = progress.iter().filter(|one| one.is_ready()).collect();
    if side != Side::Mentor || ready.is_empty() {
        return None;
    }
    let rows = ready.iter().enumerate().map(|(place, one)| sign_off_row(form, one, place, today)).collect_view();
    let (error, error_id) = (form.error("sign_off"), format!("{}-error", form.id("sign_off")));
    let described = error.as_ref().map(|_| error_id.clone());
    let invalid = error.is_some().then_some("");
    let message = error.map(|message| view! { <p class="field-error" id=error_id>{message}</p> });
    let body = view! {
        <fieldset class="choices" data-invalid=invalid aria-describedby=described>
            <legend>"Sign off these chapters as discussed"</legend>
            {message}
            {rows}
        </fieldset>
        <TextArea form name="word" label="A word back, for all you sign off" optional=true rows=2 />
    };
    Some(body.into_any())
}

/// One chapter to sign off. Its name is made from the chapter, so its fields are written here.
fn sign_off_row(form: Form, one: &ChapterProgress, place: usize, today: NaiveDate) -> impl IntoView + use<> {
    let (chapter, words) = ready_choice(one, today);
    let checked = form.chosen("sign_off", &chapter, false);
    let field = format!("word[{chapter}]");
    let id = form.id(&field);
    let (value, error) = (form.value(&field, ""), form.error(&field));
    let open = !value.is_empty() || error.is_some();
    // The first box carries the field's id, so that the error summary leads to it.
    let box_id = if place == 0 { form.id("sign_off") } else { form.id(&format!("sign_off-{place}")) };
    let label = format!("A word on {}", one.chapter.name());
    view! {
        <label class="choice">
            <input type="checkbox" id=box_id name="sign_off" value=chapter checked=checked />
            <span>{words}</span>
        </label>
        <details class="choice-more" open=open>
            <summary>"A word on this one"</summary>
            <label class="visually-hidden" for=id.clone()>{label}</label>
            {error.map(|message| view! { <p class="field-error">{message}</p> })}
            <input id=id name=field type="text" value=value autocomplete="off" />
        </details>
    }
}

/// The same without a talk: what was discussed by messages, or in a talk that stands in the log already.
async fn sign_off_section(
    pair: &Pair,
    side: Side,
    progress: &[ChapterProgress],
    today: NaiveDate,
) -> Result<Option<AnyView>, AppError> {
    if pair.allow_writing().is_err() {
        return Ok(None);
    }
    let form = Form::open_for("sign-off-chapters", &[("enrollment", pair.id.to_string())]).await?;
    let Some(choices) = sign_off_choices(form, side, progress, today) else { return Ok(None) };
    let (open, enrollment) = (!form.is_fresh(), pair.id.to_string());
    let body = view! {
        <details class="no-print" open=open>
            <summary>"Sign off without logging a talk"</summary>
            <FormFor form>
                <Hidden name="enrollment" value=enrollment />
                {choices}
                <div class="actions"><button class="button quiet">"Sign off"</button></div>
            </FormFor>
        </details>
    };
    Ok(Some(body.into_any()))
}

/// The chapters a talk is likely about, those read and not signed off and the next few, and all others.
fn split(progress: &[ChapterProgress]) -> (Vec<Choice>, Vec<Choice>) {
    let mut open = 0;
    let (near, others): (Vec<&ChapterProgress>, Vec<&ChapterProgress>) = progress.iter().partition(|one| {
        open += usize::from(!one.is_read());
        one.is_ready() || (!one.is_read() && open <= NEAR)
    });
    let choice = |one: &ChapterProgress| (one.chapter.id.to_string(), one.chapter.name());
    (near.into_iter().map(choice).collect(), others.into_iter().map(choice).collect())
}

fn ready_choice(one: &ChapterProgress, today: NaiveDate) -> Choice {
    let read = one.read_on.map(|date| format!("read {}", clock::say_date(date, today)));
    let test = one.best.map(|best| format!("post-test {best}%"));
    let facts: Vec<String> = [read, test].into_iter().flatten().collect();
    let name = one.chapter.name();
    (one.chapter.id.to_string(), if facts.is_empty() { name } else { format!("{name} ({})", facts.join(", ")) })
}

fn talk_list(logged: Logged) -> AnyView {
    if logged.talks.is_empty() {
        return view! { <p class="muted">"No talk is logged yet."</p> }.into_any();
    }
    let rows = logged.talks.iter().map(|talk| talk_row(talk, &logged)).collect_view();
    view! { <h3>"Talks"</h3><ol class="timeline" role="list">{rows}</ol> }.into_any()
}

fn talk_row(talk: &Talk, logged: &Logged) -> AnyView {
    let numbers: Vec<String> =
        logged.chapters.iter().filter(|(id, _)| *id == talk.id).map(|(_, number)| number.to_string()).collect();
    let about = (!numbers.is_empty()).then(|| format!(", chapters {}", numbers.join(", ")));
    let items: Vec<&FollowUp> = logged.follow_ups.iter().filter(|one| one.item.talk == talk.id).collect();
    let words = !talk.notes.is_empty() || !items.is_empty();
    let follow_ups = (!items.is_empty()).then(|| {
        let rows = items.into_iter().map(follow_up_line).collect_view();
        view! { <p>"To follow up:"</p><ul>{rows}</ul> }
    });
    let corrections = logged.corrections.iter().filter(|one| one.talk_id == talk.id).map(correction_line).collect_view();
    let logged_by = match talk.came_by {
        Some(came_by) => format!(" entered by {}, {}", talk.logged_by, came_by.told()),
        None => format!(" logged by {}", talk.logged_by),
    };
    let confirmed = match (&talk.confirmed_by, talk.confirmed_at) {
        (Some(by), Some(_)) => view! { <span class="small muted">{format!(", confirmed by {by}")}</span> }.into_any(),
        _ => view! { " "<span class="tag" data-tone="quiet">"not confirmed yet"</span> }.into_any(),
    };
    view! {
        <li data-state="done">
            <Day date=talk.held_on />
            {format!("{}, {} minutes", talk.way.name(), talk.minutes)}{about}
            <span class="small muted">{logged_by}</span>{confirmed}
            {corrections}
            {words.then(|| view! {
                <details>
                    <summary>"Notes"</summary>
                    {paragraphs(&talk.notes)}
                    {follow_ups}
                </details>
            })}
        </li>
    }
    .into_any()
}

fn follow_up_line(one: &FollowUp) -> impl IntoView + use<> {
    let done = one.done_by.as_ref().map(|by| format!(" (done, says {by})"));
    view! { <li>{one.words.clone()}{done}</li> }
}

/// What the talk had been said to be, and the word with which it was put right.
fn correction_line(one: &Correction) -> impl IntoView + use<> {
    let before = format!(
        "{}: “{}” Before, it said {} minutes, {}, ",
        one.by,
        one.word,
        one.minutes_before,
        appointments::pages::way_in_words(one.way_before)
    );
    view! { <p class="small muted">{before}<Day date=one.held_on_before />"."</p> }
}

//! The talk, prepared and logged on one screen. Separate from the other pages because it gathers from all of them.

use chrono::NaiveDate;
use leptos::prelude::*;

use super::pages::{crumbs, privacy};
use super::{Agenda, Message, Reflection, Talk, Thread, lines, opening, store};
use crate::app::param;
use crate::assessments::Missed;
use crate::clock;
use crate::error::AppError;
use crate::form::Form;
use crate::id::{EnrollmentId, TalkId};
use crate::people::{Side, Way, viewer};
use crate::state::state;
use crate::study::{self, ChapterProgress, Pace, Pair, chapter_path};
use crate::ui::{
    Choice, ChoiceField, Day, DayOf, Drafted, FormFor, Hidden, Moment, Page, SelectField, SubmissionKeyField, TextArea,
    TextField, choices, paragraphs,
};

/// Open chapters offered beside those that were read.
const NEAR: usize = 2;

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
    let talks = store::list_talks(&mut tx, who, &pair).await?;
    let chapters = store::list_talk_chapters(&mut tx, &pair).await?;
    let agenda = store::agenda(&mut tx, who, &pair, &talks, &progress).await?;
    drop(tx);
    let form = Form::open_drafted("log-talk", &[("enrollment", enrollment.to_string())]).await?;
    let visible: Vec<Talk> = talks.into_iter().filter(|talk| talk.visible).collect();
    let log = log_section(form, &pair, side, &progress, visible.first(), today);
    let title = pair.other(side).map_or_else(|| "Talk".to_owned(), |other| format!("Talk with {other}"));
    let body = view! {
        {crumbs(&pair, side, "Talk")}
        <p class="eyebrow">{title.clone()}", "{pair.option_number.name()}</p>
        {heading(&pair)}
        <div class="columns">
            <div>
                <h2>"Agenda"</h2>
                {agenda_list(&pair, agenda)}
                {log}
            </div>
            <aside>
                <h2>"So far"</h2>
                <p>{pace.words(side, today)}</p>
                <p><a href=format!("/enrollments/{enrollment}/chapters")>"All chapters"</a></p>
                {talk_list(visible, &chapters)}
            </aside>
        </div>
    };
    Ok(Page::usual(title, body))
}

fn heading(pair: &Pair) -> impl IntoView + use<> {
    let plan = format!("/enrollments/{}/plan", pair.id);
    let open = pair.allow_talking().is_ok();
    match pair.next_talk_at.filter(|at| *at > state().clock.now()) {
        Some(at) => view! {
            <h1><Moment at /></h1>
            {open.then(|| view! { <p><a href=plan>"Move it to another day"</a></p> })}
        }
        .into_any(),
        None => view! {
            <h1>"Your next talk"</h1>
            {open.then(|| view! { <p>"No day is set for it. "<a href=plan>"Set one in the plan"</a>"."</p> })}
        }
        .into_any(),
    }
}

fn agenda_list(pair: &Pair, agenda: Agenda) -> AnyView {
    if agenda.is_empty() && agenda.ready.is_empty() {
        return view! {
            <p class="muted">"Nothing is on it yet. Messages marked for the talk, missed test questions and shared reflections come here by themselves."</p>
        }
        .into_any();
    }
    let Agenda { follow_ups, flagged, missed, reflections, ready } = agenda;
    let follow_ups = follow_ups.into_iter().map(follow_up).collect_view();
    let flagged = flagged.iter().map(|message| flagged_item(pair, message)).collect_view();
    let missed = missed.iter().map(|missed| missed_item(pair, missed)).collect_view();
    let (with_ready, alone): (Vec<_>, Vec<_>) =
        reflections.into_iter().partition(|one| ready.iter().any(|chapter| chapter.chapter.id == one.chapter_id));
    let alone = alone.iter().map(|one| reflection_item(pair, one)).collect_view();
    let ready = ready.iter().map(|one| ready_item(pair, one, &with_ready)).collect_view();
    view! { <ul class="lines" role="list">{follow_ups}{flagged}{missed}{alone}{ready}</ul> }.into_any()
}

fn follow_up(line: String) -> impl IntoView {
    view! { <li><span class="line-main">{line}</span><span class="line-meta">"Follow-up from your last talk"</span></li> }
}

fn flagged_item(pair: &Pair, message: &Message) -> impl IntoView + use<> {
    let path = format!("{}#thread", Thread::of(message.chapter_id).path(pair.id));
    let place = message.number.map(|number| format!(", chapter {number}"));
    view! {
        <li>
            <span class="line-main">{opening(&message.body)}</span>
            <span class="line-meta">{message.author.clone()}", "<DayOf at=message.created_at />{place}</span>
            <span class="line-action"><a href=path>"Open the thread"</a></span>
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

fn missed_item(pair: &Pair, missed: &Missed) -> impl IntoView + use<> {
    let path = chapter_path(pair.id, missed.chapter);
    let item = &missed.item;
    let offered = item.body.offered();
    let chosen: Vec<&str> = item.answer.chosen().iter().filter_map(|place| offered.get(*place).copied()).collect();
    let chosen = if chosen.is_empty() { "Left open.".to_owned() } else { format!("Chosen: {}", chosen.join("; ")) };
    view! {
        <li>
            <span class="line-main">{item.text.clone()}</span>
            <span class="line-meta">"Missed in the post-test of "<a href=path>"chapter "{missed.number}</a></span>
            <details class="line-meta">
                <summary>"The answer"</summary>
                <p>{chosen}</p>
                {paragraphs(&item.explanation)}
            </details>
        </li>
    }
}

fn log_section(
    form: Form,
    pair: &Pair,
    side: Side,
    progress: &[ChapterProgress],
    last: Option<&Talk>,
    today: NaiveDate,
) -> impl IntoView + use<> {
    let inner = match pair.allow_talking() {
        Err(refusal) => view! { <p class="muted">{refusal.to_string()}</p> }.into_any(),
        Ok(()) => log_form(form, pair, side, progress, last, today).into_any(),
    };
    view! { <h2>"Log this talk"</h2>{inner} }
}

fn log_form(
    form: Form,
    pair: &Pair,
    side: Side,
    progress: &[ChapterProgress],
    last: Option<&Talk>,
    today: NaiveDate,
) -> impl IntoView + use<> {
    let minutes = last.map(|talk| talk.minutes.to_string()).unwrap_or_default();
    let way = pair.way.or(last.map(|talk| talk.way)).map(|way| way.to_string()).unwrap_or_default();
    let (near, others) = split(progress);
    let ready: Vec<Choice> = progress.iter().filter(|one| one.is_ready()).map(|one| ready_choice(one, today)).collect();
    let sign_off = (side == Side::Mentor && !ready.is_empty()).then(|| {
        view! {
            <ChoiceField form name="sign_off" legend="Sign off these chapters as discussed" choices=ready many=true />
        }
    });
    let id = pair.id;
    view! {
        <FormFor form>
            <Hidden name="enrollment" value=id.to_string() />
            <SubmissionKeyField form />
            <div class="field-row">
                <TextField form name="held_on" label="Date" kind="date" value=today.to_string() />
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
            {sign_off}
            <Drafted form>
                <TextArea form name="notes" label="Notes" optional=true rows=4 />
                <TextArea form name="follow_ups" label="To follow up" optional=true rows=3 hint="A line each. They stand on the agenda of your next talk." />
            </Drafted>
            <div class="actions"><button class="button">"Save the talk"</button></div>
        </FormFor>
        {privacy()}
    }
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

fn talk_list(talks: Vec<Talk>, chapters: &[(TalkId, i32)]) -> AnyView {
    if talks.is_empty() {
        return view! { <p class="muted">"No talk is logged yet."</p> }.into_any();
    }
    let rows = talks
        .into_iter()
        .map(|talk| {
            let numbers: Vec<String> =
                chapters.iter().filter(|(id, _)| *id == talk.id).map(|(_, number)| number.to_string()).collect();
            let about = (!numbers.is_empty()).then(|| format!(", chapters {}", numbers.join(", ")));
            let follow_ups = lines(&talk.follow_ups);
            let words = !talk.notes.is_empty() || !follow_ups.is_empty();
            view! {
                <li data-state="done">
                    <Day date=talk.held_on />
                    {format!("{}, {} minutes", talk.way.name(), talk.minutes)}{about}
                    <span class="small muted">{match talk.came_by {
                        Some(came_by) => format!(" entered by {}, {}", talk.logged_by, came_by.told()),
                        None => format!(" logged by {}", talk.logged_by),
                    }}</span>
                    {words.then(|| view! {
                        <details>
                            <summary>"Notes"</summary>
                            {paragraphs(&talk.notes)}
                            {(!follow_ups.is_empty()).then(|| view! {
                                <p>"To follow up:"</p>
                                <ul>{follow_ups.into_iter().map(|line| view! { <li>{line}</li> }).collect_view()}</ul>
                            })}
                        </details>
                    })}
                </li>
            }
        })
        .collect_view();
    view! { <h3>"Talks"</h3><ol class="timeline" role="list">{rows}</ol> }.into_any()
}

//! The thread about the rest with the index of all threads, and the thread as a chapter's page shows it.

use leptos::prelude::*;

use super::{Message, Thread, ThreadLine, store};
use crate::app::{param, query};
use crate::error::AppError;
use crate::form::Form;
use crate::id::EnrollmentId;
use crate::people::{PairMember, Side, viewer};
use crate::settings;
use crate::state::state;
use crate::study::{self, Pair};
use crate::ui::{
    DayOf, Drafted, ErrorSummary, FormFor, Hidden, Moment, Page, SubmissionKeyField, TextArea, TickField, paragraphs,
};

pub use super::talk::talk;

/// The forms of a thread: to write, to put a message right, and the buttons beside each.
#[derive(Clone, Copy)]
pub struct ThreadForms {
    write: Form,
    correct: Form,
    take_back: Form,
    flag: Form,
    /// How long after writing a message its author can change it.
    minutes: i64,
}

/// Opens the forms of a thread, told apart from those of other threads by what they hide.
pub async fn open_form(enrollment: EnrollmentId, thread: Thread) -> Result<ThreadForms, AppError> {
    let target = [("enrollment", enrollment.to_string()), ("chapter", hidden(thread))];
    let settings = settings::store::current(&mut state().db.read().await?).await?;
    Ok(ThreadForms {
        write: Form::open_drafted("write-message", &target).await?,
        correct: Form::open("correct-message").await?,
        take_back: Form::open("take-message-back").await?,
        flag: Form::open("flag-message").await?,
        minutes: settings.correct_minutes,
    })
}

fn hidden(thread: Thread) -> String {
    thread.chapter().map(|chapter| chapter.to_string()).unwrap_or_default()
}

/// The message before which an older page of the thread begins.
pub fn before() -> Option<crate::id::MessageId> {
    query("before").and_then(|id| id.parse().ok())
}

/// Marks what was shown as seen, if something was not. A page that cannot keep the mark is still a page.
pub async fn note_seen(who: PairMember, thread: Thread, messages: &[Message]) {
    let Some(newest) = messages.iter().filter(|message| message.unseen).map(|message| message.created_at).max() else { return };
    let marked = async {
        let mut tx = state().write(&who).await?;
        store::mark_seen(&mut tx, who, thread, newest).await?;
        tx.commit().await?;
        Ok::<(), AppError>(())
    };
    // The cause is logged where it became an error of the site.
    marked.await.ok();
}

pub async fn messages() -> Result<Page, AppError> {
    let viewer = viewer().await?;
    let enrollment: EnrollmentId = param("enrollment")?;
    let mut tx = state().db.read().await?;
    let who = viewer.pair(&mut tx, enrollment).await?;
    let pair = study::store::find_pair(&mut tx, who).await?;
    let threads = store::list_threads(&mut tx, who, &pair).await?;
    let messages = store::list_messages(&mut tx, who, &pair, Thread::Rest, before()).await?;
    drop(tx);
    let form = open_form(pair.id, Thread::Rest).await?;
    note_seen(who, Thread::Rest, &messages).await;
    let title = pair.other(who.side()).map_or_else(|| "Messages".to_owned(), |other| format!("Messages with {other}"));
    let body = view! {
        {crumbs(&pair, who.side(), "Messages")}
        <h1>{title.clone()}</h1>
        <p class="lede">"What belongs to a chapter is best asked on that chapter's page. Everything else goes here."</p>
        {thread(&pair, who, Thread::Rest, messages, form)}
        <section>
            <h2>"In the chapters"</h2>
            {index(&pair, threads)}
            <p><a href=format!("/enrollments/{enrollment}/chapters")>"All chapters"</a></p>
        </section>
    };
    Ok(Page::narrow(title, body))
}

/// The way back, for either of the two.
pub fn crumbs(pair: &Pair, side: Side, here: &str) -> impl IntoView + use<> {
    let (home, name) = match side {
        Side::Mentee => ("/mentee", "My study"),
        Side::Mentor => ("/mentor", "My mentees"),
    };
    let here = here.to_owned();
    let whose = (side == Side::Mentor).then(|| {
        let mentee = pair.mentee.clone();
        view! { <li><a href=format!("/enrollments/{}/chapters", pair.id)>{mentee}</a></li> }
    });
    view! {
        <nav aria-label="Where you are">
            <ol class="crumbs" role="list"><li><a href=home>{name}</a></li>{whose}<li aria-current="page">{here}</li></ol>
        </nav>
    }
}

fn index(pair: &Pair, threads: Vec<ThreadLine>) -> AnyView {
    let id = pair.id;
    let lines = threads
        .into_iter()
        .filter_map(|line| {
            let path = Thread::of(Some(line.chapter_id?)).path(id);
            let name = format!("Chapter {}, {}", line.number?, line.title?);
            let count = if line.messages == 1 { "1 message".to_owned() } else { format!("{} messages", line.messages) };
            let unseen =
                (line.unseen > 0).then(|| view! { <span class="tag" data-tone="turn">{format!("{} new", line.unseen)}</span> });
            Some(view! {
                <li>
                    <span class="line-main"><a href=format!("{path}#thread")>{name}</a></span>
                    <span class="line-meta">{count}", the last "<Moment at=line.last_at /></span>
                    <span class="line-action">{unseen}</span>
                </li>
            })
        })
        .collect::<Vec<_>>();
    if lines.is_empty() {
        return view! { <p class="muted">"No chapter has messages yet."</p> }.into_any();
    }
    view! { <ul class="lines" role="list">{lines}</ul> }.into_any()
}

/// A thread with the form to write in it, as the pages of both show it.
pub fn thread(
    pair: &Pair,
    who: PairMember,
    thread: Thread,
    messages: Vec<Message>,
    forms: ThreadForms,
) -> impl IntoView + use<> {
    let older = (messages.len() >= usize::try_from(store::PAGE).unwrap_or(usize::MAX))
        .then(|| messages.first().map(|first| format!("{}?before={}#thread", thread.path(pair.id), first.id)))
        .flatten();
    let empty = messages.is_empty();
    let open = pair.allow_writing().is_ok();
    let rows = messages
        .into_iter()
        .map(|message| {
            let acts = (open && message.taken_back_at.is_none()).then(|| message_acts(&message, who, pair.id, thread, forms));
            message_row(message, who.account(), acts)
        })
        .collect_view();
    view! {
        <div id="thread">
            {older.map(|path| view! { <p><a href=path>"Earlier messages"</a></p> })}
            {if empty {
                view! { <p class="muted">"No messages here yet."</p> }.into_any()
            } else {
                view! { <ol class="thread" role="list">{rows}</ol> }.into_any()
            }}
            <ErrorSummary form=forms.flag />
            <ErrorSummary form=forms.take_back />
            {write_form(pair, who, thread, forms.write)}
        </div>
    }
}

/// The messages of a thread that nobody writes in any more.
pub fn read_only(messages: Vec<Message>, who: PairMember) -> AnyView {
    if messages.is_empty() {
        return view! { <p class="muted">"No messages here."</p> }.into_any();
    }
    let rows = messages.into_iter().map(|message| message_row(message, who.account(), None)).collect_view();
    view! { <ol class="thread" id="thread" role="list">{rows}</ol> }.into_any()
}

/// What can be done with a message: either marks it for the next talk, its author changes it for a short time.
fn message_acts(message: &Message, who: PairMember, enrollment: EnrollmentId, thread: Thread, forms: ThreadForms) -> AnyView {
    let hidden = vec![("enrollment", enrollment.to_string()), ("message", message.id.to_string())];
    let (mark, label) =
        if message.for_talk { (None, "Take off the agenda") } else { (Some(("on", "yes".to_owned())), "Put on the agenda") };
    let flag = button_form(forms.flag, hidden.iter().cloned().chain(mark).collect(), label);
    let own = message.may_change(who.account(), state().clock.now(), forms.minutes).is_ok();
    let correcting = query("correct").is_some_and(|id| id == message.id.to_string());
    let body = message.body.clone();
    let change = own.then(|| match correcting {
        false => {
            let path = format!("{}?correct={}#thread", thread.path(enrollment), message.id);
            view! { <a href=path>"Correct"</a>{button_form(forms.take_back, hidden.clone(), "Take back")} }.into_any()
        }
        true => {
            let (form, id) = (forms.correct, message.id.to_string());
            let cancel = format!("{}#thread", thread.path(enrollment));
            view! {
                <FormFor form>
                    <Hidden name="enrollment" value=enrollment.to_string() />
                    <Hidden name="message" value=id />
                    <TextArea form name="body" label="What it should say" value=body rows=4 />
                    <div class="actions"><button class="button quiet">"Correct it"</button><a href=cancel>"Leave it as it is"</a></div>
                </FormFor>
            }
            .into_any()
        }
    });
    view! { <div class="message-acts small no-print">{flag}{change}</div> }.into_any()
}

/// A form that is one button, for a place where many stand: what was wrong with it is said once for all of them.
pub(super) fn button_form(form: Form, hidden: Vec<(&'static str, String)>, label: &'static str) -> impl IntoView + use<> {
    let from =
        use_context::<axum::http::request::Parts>().and_then(|parts| parts.uri.path_and_query().map(ToString::to_string));
    let fields = hidden.into_iter().map(|(name, value)| view! { <Hidden name value /> }).collect_view();
    view! {
        <form method="post" action=form.action()>
            <input type="hidden" name="_for" value=form.whose() />
            <input type="hidden" name="_from" value=from />
            {fields}
            <button class="link-button">{label}</button>
        </form>
    }
}

fn message_row(message: Message, me: crate::id::AccountId, acts: Option<AnyView>) -> impl IntoView {
    let mine = message.author_id == me;
    let class = if mine { "message mine" } else { "message" };
    let name = if mine { "You".to_owned() } else { message.author };
    view! {
        <li class=class data-new=message.unseen.then_some("")>
            <p class="message-meta"><strong>{name}</strong>" "<Moment at=message.created_at /></p>
            <div>
                {match message.taken_back_at {
                    Some(at) => view! { <p class="muted">"Taken back "<DayOf at /></p> }.into_any(),
                    None => paragraphs(&message.body).into_any(),
                }}
                {message.corrected_at.filter(|_| message.taken_back_at.is_none()).map(|at| view! { <p class="small muted">"Corrected "<DayOf at /></p> })}
                {message.for_talk.then(|| view! { <p><span class="tag" data-tone="quiet">"for our next talk"</span></p> })}
                {acts}
            </div>
        </li>
    }
}

fn write_form(pair: &Pair, who: PairMember, thread: Thread, form: Form) -> AnyView {
    if let Err(refusal) = pair.allow_talking() {
        return view! { <p class="muted">{refusal.to_string()}</p> }.into_any();
    }
    let label = format!("Write to {}", pair.other(who.side()).unwrap_or("the other"));
    let id = pair.id;
    view! {
        <FormFor form>
            <Hidden name="enrollment" value=id.to_string() />
            <Hidden name="chapter" value=hidden(thread) />
            <SubmissionKeyField form />
            <Drafted form>
                <TextArea form name="body" label=label.clone() rows=4 />
                <TickField form name="for_talk" label="Put it on the agenda of our next talk" />
            </Drafted>
            <div class="actions"><button class="button quiet">"Send"</button></div>
        </FormFor>
        {privacy()}
    }
    .into_any()
}

/// Who can read what is written between the two, said where they write it.
pub fn privacy() -> impl IntoView {
    view! {
        <p class="small muted">
            "Only the two of you read this. The coordinator sees that you were in touch and when, not what you said. "
            "Whoever runs the server, or the law, could reach it."
        </p>
    }
}

//! The application form, the page after it, and the coordinator's list and single view.

use chrono::{DateTime, Utc};
use leptos::prelude::*;

use super::store::{self, Application, Line, Outline};
use super::{CameBy, State, Study, answer_by};
use crate::app::{param, query};
use crate::bulk::{self, Act};
use crate::clock;
use crate::counties::{self, County};
use crate::drafts::islands::ForgetTyped;
use crate::enrollments::OptionNumber;
use crate::error::AppError;
use crate::form::Form;
use crate::id::ApplicationId;
use crate::options::{StudyOption, who_to_call};
use crate::people::viewer::maybe_viewer;
use crate::people::{Discipline, Interest, Way, viewer};
use crate::settings::{self, Settings};
use crate::state::state;
use crate::ui::{
    Age, Choice, ChoiceField, Day, DayOf, Drafted, ErrorSummary, FormFor, Hidden, Moment, Page, SelectField, Sign,
    SubmissionKeyField, TextArea, TextField, Trail, choices, paragraphs,
};
use crate::undo;

/// The form anyone can fill in.
pub async fn apply() -> Result<Page, AppError> {
    let form = Form::open_drafted("apply", &[]).await?;
    let viewer = maybe_viewer().await?;
    let mut tx = state().db.read().await?;
    let settings = settings::store::current(&mut tx).await?;
    let outlines = store::list_outlines(&mut tx).await?;
    let (name, email) = viewer.map(|viewer| (viewer.name, viewer.email)).unwrap_or_default();
    let lede =
        format!("{} reads every application and answers within {} days.", settings.coordinator_name, settings.application_days);
    let body = view! {
        <p class="eyebrow">"Step 1 of 8, about 4 minutes"</p>
        <h1>"Apply"</h1>
        <p class="lede">{lede}</p>
        <FormFor form>
            <SubmissionKeyField form />
            <Drafted form>
                {about_person(form, name, email)}
                {about_place(form)}
                {about_study(form, &outlines)}
            </Drafted>
            <div class="actions"><button class="button">"Send the application"</button></div>
        </FormFor>
        {who_to_call(&settings)}
    };
    Ok(Page::narrow("Apply", body))
}

/// The book choices as answers of a form: every option with each of its books.
pub fn study_choices(outlines: &[Outline]) -> Vec<Choice> {
    let mut offered: Vec<(Study, &Outline)> =
        outlines.iter().flat_map(|outline| outline.studies().map(move |study| (study, outline))).collect();
    offered.sort_by_key(|(study, outline)| (study.option, outline.title.clone(), outline.edition.clone()));
    let same_title = |study: Study, title: &str| {
        offered.iter().filter(|(other, outline)| other.option == study.option && outline.title == title).count() > 1
    };
    offered
        .iter()
        .map(|(study, outline)| {
            let edition = if same_title(*study, &outline.title) { format!(", {}", outline.edition) } else { String::new() };
            let option = StudyOption::of(study.option);
            let focus = option.focus(&outline.title).map(|focus| format!(", {focus}")).unwrap_or_default();
            let book = format!("“{}” ({}){edition}{focus}", outline.title, outline.publisher);
            let words = format!("{}, {}: {book}", study.option.name(), option.short());
            (study.to_string(), words)
        })
        .collect()
}

/// The answer to start with: of the option in the address, if it has one book only.
fn study_asked_for(outlines: &[Outline]) -> Vec<String> {
    let Some(option) = query("option").and_then(|number| number.parse::<OptionNumber>().ok()) else { return Vec::new() };
    let fitting: Vec<Study> = outlines.iter().flat_map(Outline::studies).filter(|study| study.option == option).collect();
    match fitting[..] {
        [only] => vec![only.to_string()],
        _ => Vec::new(),
    }
}

fn about_person(form: Form, name: String, email: String) -> impl IntoView {
    view! {
        <fieldset>
            <legend>"About you"</legend>
            <TextField form name="name" label="Your name" value=name autocomplete="name" hint="As it should stand on your certificate." />
            <TextField form name="email" label="Email" value=email kind="email" autocomplete="email" hint="The answer goes here." />
            <TextField form name="phone" label="Phone" kind="tel" autocomplete="tel" optional=true size="medium" />
            <SelectField form name="discipline" label="Your discipline" choices=choices(Discipline::ALL, Discipline::name) />
            <TextField form name="workplace" label="Where you work" autocomplete="organization" hint="The clinic, hospital, pharmacy or office." />
        </fieldset>
    }
}

fn about_place(form: Form) -> impl IntoView {
    view! {
        <fieldset>
            <legend>"Where you are"</legend>
            <SelectField form name="county" label="County where you live or work" choices=counties::choices()
                hint="It helps to find a mentor nearby. The county seat stands beside each." />
            <TextField form name="serves" label="Counties you serve" optional=true
                hint="With commas, as in: Powder River, Carter. Leave it empty if it is only the one above." />
            <ChoiceField form name="ways" legend="Ways you can talk with a mentor" choices=choices(Way::ALL, Way::name) many=true />
        </fieldset>
    }
}

fn about_study(form: Form, outlines: &[Outline]) -> impl IntoView + use<> {
    let value = study_asked_for(outlines);
    view! {
        <fieldset>
            <legend>"What you would like"</legend>
            <ChoiceField form name="option" legend="Which option and book?" choices=study_choices(outlines) value
                hint="You borrow the book free of charge, or use your own copy." />
            <ChoiceField form name="interests" legend="What interests you most (if you like)" choices=choices(Interest::ALL, Interest::name) many=true />
            <TextArea form name="reason" label="What do you hope to learn?" optional=true hint="A few sentences, at most 2,000 characters." />
        </fieldset>
    }
}

/// The page after sending. It says the same to everyone, and nothing of who is known here.
pub async fn thanks() -> Result<Page, AppError> {
    let settings = settings::store::current(&mut state().db.read().await?).await?;
    let by = answer_by(state().clock.now(), &settings);
    let body = view! {
        <p class="eyebrow">"Step 1 of 8"</p>
        <h1>"Your application is on its way."</h1>
        <div class="lede">{paragraphs(&settings.application_thanks)}</div>
        <section class="hang">
            <h2>"What happens next"</h2>
            <p>{settings.coordinator_name.clone()}" reads it and answers you by e-mail by "<Day date=by />". \
                If you are accepted, the mail holds a link with which you choose a password. Until then there is nothing for you to do."</p>
        </section>
        {who_to_call(&settings)}
        <ForgetTyped />
    };
    Ok(Page::narrow("Your application is on its way", body))
}

/// The coordinator's list: open ones first, then the decided ones by pages.
pub async fn list() -> Result<Page, AppError> {
    let who = viewer().await?.coordinator()?;
    let page: i64 = query("page").and_then(|page| page.parse().ok()).unwrap_or(1).clamp(1, 1_000_000);
    let (choose, undo) = (bulk::pages::form().await?, undo::pages::form().await?);
    let mut tx = state().db.read().await?;
    let settings = settings::store::current(&mut tx).await?;
    let open = store::list_open(&mut tx, &who).await?;
    let count = store::count_open(&mut tx, &who).await?;
    let decided = store::list_decided(&mut tx, &who, page - 1).await?;
    let recent = undo::store::list(&mut tx, &who, state().clock.now()).await?;
    let body = view! {
        <div class="page-head">
            <h1>"Applications"</h1>
            <div class="actions">
                <a href="/coordinator/import">"Import from a spreadsheet"</a>
                <a class="button quiet" href="/coordinator/applications/new">"Enter an application"</a>
            </div>
        </div>
        {undo::pages::just_done(&recent, undo)}
        {(page == 1).then(|| open_table(open, count, &settings, choose))}
        {decided_table(decided, page)}
    };
    Ok(Page::wide("Applications", body))
}

fn open_table(open: Vec<Line>, count: i64, settings: &Settings, choose: Form) -> AnyView {
    if open.is_empty() {
        return view! { <p class="lede">"No application is waiting for you."</p> }.into_any();
    }
    let now = state().clock.now();
    let rest = count - i64::try_from(open.len()).unwrap_or(0);
    let rows = open
        .into_iter()
        .map(|line| {
            let late = clock::today(now) > answer_by(line.created_at, settings);
            let href = format!("/coordinator/applications/{}", line.id);
            view! {
                <tr>
                    <td>{bulk::pages::tick(line.id.0, &line.name)}</td>
                    <td data-label="Waits"><Age since=line.created_at late /></td>
                    <th scope="row"><a href=href.clone()>{line.name}</a></th>
                    <td data-label="Discipline">{line.discipline.name()}</td>
                    <td data-label="County"><span>{county_words(&line.county)}</span></td>
                    <td data-label="Option">{line.option_number.name()}</td>
                    <td data-label="Came by">{line.came_by.name()}</td>
                    <td><div class="actions"><a class="button quiet small" href=href>"Read and answer"</a></div></td>
                </tr>
            }
        })
        .collect_view();
    let table = view! {
        <div class="table-wrap">
            <table class="ledger">
                <caption>{format!("Open ({count}) ")}<small>"longest waiting first"</small></caption>
                <thead><tr>
                    <th scope="col"><span class="visually-hidden">"Choose"</span></th>
                    <th scope="col">"Waits"</th><th scope="col" class="grow">"Name"</th><th scope="col">"Discipline"</th>
                    <th scope="col">"County"</th><th scope="col">"Option"</th><th scope="col">"Came by"</th>
                    <th scope="col"><span class="visually-hidden">"Action"</span></th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    };
    let all = if count == 1 { "The one that is open".to_owned() } else { format!("All {count} that are open") };
    view! {
        {bulk::pages::around(choose, Vec::new(), &[Act::Accept], all, table.into_any())}
        {(rest > 0).then(|| view! { <p class="muted">{format!("{rest} more follow when these are decided.")}</p> })}
    }
    .into_any()
}

fn decided_table(mut decided: Vec<Line>, page: i64) -> AnyView {
    if decided.is_empty() && page == 1 {
        return ().into_any();
    }
    let size = usize::try_from(store::PAGE).unwrap_or(usize::MAX);
    let more = decided.len() > size;
    decided.truncate(size);
    let rows = decided
        .into_iter()
        .map(|line| {
            view! {
                <tr>
                    <td data-label="Decided">{line.decided_at.map(|at| view! { <DayOf at /> })}</td>
                    <th scope="row"><a href=format!("/coordinator/applications/{}", line.id)>{line.name}</a></th>
                    <td data-label="Discipline">{line.discipline.name()}</td>
                    <td data-label="County"><span>{county_words(&line.county)}</span></td>
                    <td data-label="Option">{line.option_number.name()}</td>
                    <td data-label="Answer">{state_tag(line.state)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="table-wrap">
            <table class="ledger">
                <caption>"Decided "<small>"latest first"</small></caption>
                <thead><tr>
                    <th scope="col">"Decided"</th><th scope="col" class="grow">"Name"</th><th scope="col">"Discipline"</th>
                    <th scope="col">"County"</th><th scope="col">"Option"</th><th scope="col">"Answer"</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {(page > 1 || more).then(|| view! { <div class="pager">
            {(page > 1).then(|| view! { <a rel="prev" href=format!("/coordinator/applications?page={}", page - 1)>"Later ones"</a> })}
            <span>{format!("Page {page}")}</span>
            {more.then(|| view! { <a rel="next" href=format!("/coordinator/applications?page={}", page + 1)>"Earlier ones"</a> })}
        </div> })}
    }
    .into_any()
}

fn state_tag(state: State) -> impl IntoView {
    let tone = match state {
        State::Received => "turn",
        State::Accepted => "done",
        State::Declined | State::Repeated => "quiet",
    };
    view! { <span class="tag" data-tone=tone>{state.name()}</span> }
}

/// A county by its name, with the word that decides the frontier report.
fn county_words(fips: &str) -> AnyView {
    let frontier = County::by_fips(fips).is_some_and(|county| county.frontier);
    let name = counties::name(fips).to_owned();
    view! { {name}{frontier.then(|| view! { " "<span class="tag" data-tone="quiet">"frontier"</span> })} }.into_any()
}

/// One application with everything on it, and the answer to give.
pub async fn one() -> Result<Page, AppError> {
    let who = viewer().await?.coordinator()?;
    let id: ApplicationId = param("application")?;
    let (accept, decline) = (Form::open("accept-application").await?, Form::open("decline-application").await?);
    let mut tx = state().db.read().await?;
    let found = store::find(&mut tx, &who, id).await?.ok_or(AppError::NotFound)?;
    let settings = settings::store::current(&mut tx).await?;
    let outlines = store::list_outlines(&mut tx).await?;
    let others = store::list_others(&mut tx, &who, &found).await?;
    let title = found.name.clone();
    let first = if found.state == State::Accepted { Sign::Done } else { Sign::Present };
    let signs: [Sign; 8] = std::array::from_fn(|index| if index == 0 { first } else { Sign::Ahead });
    let answer = match found.state {
        State::Received => decision(&found, accept, decline, &outlines, &settings).into_any(),
        _ => decided(&found, accept, decline).into_any(),
    };
    let body = view! {
        <ol class="crumbs" role="list">
            <li><a href="/coordinator">"Desk"</a></li>
            <li><a href="/coordinator/applications">"Applications"</a></li>
            <li>{title.clone()}</li>
        </ol>
        <p class="eyebrow">"Application, received "<Moment at=found.created_at /></p>
        <div class="page-head"><h1>{title.clone()}</h1><Trail signs compact=true /></div>
        <div class="columns">
            <div>{answer}{reason(&found)}{other_applications(others)}</div>
            <aside>{facts(&found)}{history(&found)}</aside>
        </div>
    };
    Ok(Page::wide(format!("Application: {title}"), body))
}

fn decision(
    found: &Application,
    accept: Form,
    decline: Form,
    outlines: &[Outline],
    settings: &Settings,
) -> impl IntoView + use<> {
    let by = answer_by(found.created_at, settings);
    let (id, same_id) = (found.id.to_string(), found.id.to_string());
    let (value, offered) = (vec![found.study().to_string()], study_choices(outlines));
    let refused = !decline.errors().is_empty();
    view! {
        <section class="turn" aria-labelledby="turn">
            <p class="turn-label">"Your turn"</p>
            <h2 class="turn-title" id="turn">"Accept or decline"</h2>
            <p class="turn-meta">"An answer was promised by "<Day date=by />". Accepting sends the invitation at once."</p>
            <FormFor form=accept>
                <Hidden name="application" value=id />
                <ChoiceField form=accept name="option" legend="Option and book" choices=offered value
                    hint="As asked for in the application. Choose another if you agreed on one." />
                <div class="actions"><button class="button">"Accept"</button></div>
            </FormFor>
        </section>
        <details open=refused>
            <summary>"Decline"</summary>
            <FormFor form=decline>
                <Hidden name="application" value=same_id />
                <TextArea form=decline name="reason" label="Reason" hint="The applicant reads it in the mail. At most 1,000 characters." />
                <div class="actions"><button class="button danger quiet">"Decline and send the reason"</button></div>
            </FormFor>
        </details>
    }
}

/// What was decided. Whoever came too late is told so here.
fn decided(found: &Application, accept: Form, decline: Form) -> impl IntoView + use<> {
    let decider = found.decider.clone().map(|name| format!(" by {name}")).unwrap_or_default();
    let at = found.decided_at.map(|at| view! { ", "<DayOf at /> });
    let label = match found.state {
        State::Received | State::Accepted | State::Declined => format!("{}{decider}", found.state.name()),
        State::Repeated => "Set aside when it came".to_owned(),
    };
    let words = match found.state {
        State::Received => "",
        State::Accepted => "The applicant is told. A mentor comes next.",
        State::Declined => "The applicant was told why.",
        State::Repeated => "The person had another application or an enrollment open. The mail to them says so.",
    };
    let study = found.accepted_option.zip(found.accepted_book.clone()).map(|(option, book)| {
        view! { <p class="turn-meta">{format!("{}, “{book}”", option.name())}</p> }
    });
    let next = found.enrollment_id.map(|enrollment| {
        view! {
            <div class="turn-actions">
                <a class="button" href=format!("/coordinator/enrollments/{enrollment}/match")>"Find a mentor"</a>
                <a class="button quiet" href=format!("/coordinator/enrollments/{enrollment}")>"Open the enrollment"</a>
            </div>
        }
    });
    let class = if found.state == State::Accepted { "turn done" } else { "turn waiting" };
    let reason = found.decline_reason.clone().map(|reason| view! { <blockquote>{paragraphs(&reason)}</blockquote> });
    view! {
        <ErrorSummary form=accept />
        <ErrorSummary form=decline />
        <section class=class aria-labelledby="turn">
            <p class="turn-label">{label}{at}</p>
            <h2 class="turn-title" id="turn">{words}</h2>
            {study}
            {reason}
            {next}
        </section>
    }
}

fn reason(found: &Application) -> impl IntoView + use<> {
    (!found.reason.is_empty()).then(|| {
        view! {
            <h2>"What they hope to learn"</h2>
            <blockquote>{paragraphs(&found.reason)}</blockquote>
        }
    })
}

fn other_applications(others: Vec<Line>) -> impl IntoView {
    (!others.is_empty()).then(|| {
        let lines = others
            .into_iter()
            .map(|line| {
                view! {
                    <li>
                        <span class="line-main"><a href=format!("/coordinator/applications/{}", line.id)>{line.name}", "{line.option_number.name()}</a></span>
                        <span class="line-meta"><DayOf at=line.created_at /></span>
                        <span class="line-action">{state_tag(line.state)}</span>
                    </li>
                }
            })
            .collect_view();
        view! {
            <h2>"Other applications from this address"</h2>
            <ul class="lines" role="list">{lines}</ul>
        }
    })
}

fn fact(term: &'static str, words: impl IntoAny) -> impl IntoView {
    view! { <div><dt>{term}</dt><dd>{words.into_any()}</dd></div> }
}

fn facts(found: &Application) -> impl IntoView + use<> {
    let ways: Vec<_> = found.ways.iter().map(|way| way.name()).collect();
    let interests: Vec<_> = found.interests.iter().map(|interest| interest.name()).collect();
    let mail = found.email.clone();
    view! {
        <h2>"Facts"</h2>
        <dl class="facts">
            {fact("Discipline", found.discipline.name())}
            {fact("Works at", found.workplace.clone())}
            {fact("County", county_words(&found.county))}
            {fact("Serves", counties::names(&found.counties_served))}
            {fact("Asked for", format!("{}, “{}”", found.option_number.name(), found.book))}
            {fact("Talks by", ways.join(", "))}
            {(!interests.is_empty()).then(|| fact("Interests", interests.join(", ")))}
            {fact("Email", view! { <a href=format!("mailto:{mail}")>{mail.clone()}</a> })}
            {(!found.phone.is_empty()).then(|| fact("Phone", found.phone.clone()))}
        </dl>
    }
}

fn history(found: &Application) -> impl IntoView + use<> {
    let arrived = match (found.came_by, &found.entered_by) {
        (CameBy::Form, _) | (_, None) => format!("Arrived: {}", found.came_by.name().to_lowercase()),
        (way, Some(name)) => format!("Arrived: {}, entered by {name}", way.name().to_lowercase()),
    };
    let line = |at: DateTime<Utc>, words: String| view! { <li data-state="done"><Moment at />" "{words}</li> };
    let decided = found.decided_at.map(|at| line(at, found.state.name().to_owned()));
    let waits = found.decided_at.is_none().then(|| view! { <li data-state="present">"Waits for you"</li> });
    view! {
        <h2>"History"</h2>
        <ol class="timeline" role="list">{line(found.created_at, arrived)}{decided}{waits}</ol>
    }
}

/// The same questions, for somebody who called, wrote or sent paper.
pub async fn enter() -> Result<Page, AppError> {
    viewer().await?.coordinator()?;
    let form = Form::open("enter-application").await?;
    let outlines = store::list_outlines(&mut state().db.read().await?).await?;
    let body = view! {
        <ol class="crumbs" role="list">
            <li><a href="/coordinator/applications">"Applications"</a></li>
            <li>"Enter an application"</li>
        </ol>
        <h1>"Enter an application"</h1>
        <p class="lede">"For somebody who called, wrote or sent paper. It is marked so, and the person gets the same mail as if they had used the form."</p>
        <FormFor form>
            <SubmissionKeyField form />
            <ChoiceField form name="came-by" legend="How did it reach you?" choices=choices(CameBy::ENTERED, CameBy::name) />
            {about_person(form, String::new(), String::new())}
            {about_place(form)}
            {about_study(form, &outlines)}
            <div class="actions"><button class="button">"Save the application"</button><a href="/coordinator/applications">"Back to the list"</a></div>
        </FormFor>
    };
    Ok(Page::narrow("Enter an application", body))
}

//! The instrument as the coordinators see it: what is published, in which versions, and the draft of the next.

use leptos::prelude::*;

use crate::app::query;
use crate::competencies::store::{self, Draft, Version};
use crate::competencies::{Domain, Instrument, Statement};
use crate::error::AppError;
use crate::form::Form;
use crate::people::viewer;
use crate::state;
use crate::ui::{DayOf, ErrorSummary, FormFor, Hidden, Moment, Page, TextArea, TextField, TickField};

/// `/coordinator/self-evaluation`.
pub async fn instrument() -> Result<Page, AppError> {
    let who = viewer().await?.coordinator()?;
    let mut tx = state().db.read().await?;
    let newest = store::newest(&mut tx).await?.ok_or(AppError::NotFound)?;
    let versions = store::list_versions(&mut tx, &who).await?;
    let draft = store::find_draft(&mut tx, &who).await?;
    drop(tx);
    let body = view! {
        <nav aria-label="Where you are">
            <ol class="crumbs" role="list"><li><a href="/coordinator/questions">"Questions and outlines"</a></li><li>"Self-evaluation"</li></ol>
        </nav>
        <p class="eyebrow">{format!("Version {}, in use for new evaluations", newest.version)}</p>
        <h1>"Self-evaluation"</h1>
        <p class="lede">"The statements that mentees rate themselves by. Whoever has made an evaluation stays with the version they used."</p>
        {draft_line(draft.as_ref())}
        {sheet(&newest.instrument)}
        {version_list(&versions)}
    };
    Ok(Page::usual("Self-evaluation", body))
}

fn draft_line(draft: Option<&Draft>) -> AnyView {
    match draft {
        Some(draft) => view! {
            <div class="notice">
                <p>"There is a draft, changed last by "{draft.changed_by.clone()}", "<Moment at=draft.changed_at />". "
                    <a href="/coordinator/self-evaluation/draft">"Go on with the draft"</a>
                </p>
            </div>
        }
        .into_any(),
        None => view! {
            <form method="post" action="/api/begin-instrument-draft">
                <div class="actions"><button class="button">"Change it in a draft"</button><span class="muted">"Nobody sees it until you publish."</span></div>
            </form>
        }
        .into_any(),
    }
}

/// The whole instrument to read.
fn sheet(instrument: &Instrument) -> impl IntoView + use<> {
    let steps = instrument
        .scale
        .iter()
        .map(|step| view! { <div><dt>{step.value}</dt><dd>{step.anchor.clone()}</dd></div> })
        .collect_view();
    let domains = instrument
        .domains
        .iter()
        .map(|domain| {
            let statements = domain.statements.iter().map(|one| view! { <li>{one.text.clone()}</li> }).collect_view();
            view! {
                <section>
                    <h3>{domain.name.clone()}" "{confirmation(domain)}</h3>
                    <p class="muted">{domain.summary.clone()}</p>
                    <ol>{statements}</ol>
                </section>
            }
        })
        .collect_view();
    view! {
        <section>
            <h2>{instrument.name.clone()}</h2>
            <p class="measure">{instrument.note.clone()}</p>
            <dl class="facts plain">{steps}</dl>
            {domains}
        </section>
    }
}

fn confirmation(domain: &Domain) -> impl IntoView + use<> {
    let (tone, words) = if domain.confirmed { ("done", "Name confirmed") } else { ("turn", "Name unconfirmed") };
    view! { <span class="tag" data-tone=tone>{words}</span> }
}

fn version_list(versions: &[Version]) -> impl IntoView + use<> {
    let lines = versions
        .iter()
        .map(|version| {
            let by = version.published_by.clone().map(|name| format!(", by {name}")).unwrap_or_default();
            let used = match version.used {
                0 => "no evaluation yet".to_owned(),
                1 => "1 evaluation".to_owned(),
                count => format!("{count} evaluations"),
            };
            view! {
                <li>
                    <span class="line-main">{format!("Version {}", version.version)}</span>
                    <span class="line-meta">"Published "<DayOf at=version.published_at />{by}</span>
                    <span class="line-action">{used}</span>
                </li>
            }
        })
        .collect_view();
    view! { <section><h2>"Versions"</h2><ul class="lines" role="list">{lines}</ul></section> }
}

/// The forms of the draft's page, each opened again where it was refused.
struct Forms {
    frame: Form,
    area: Form,
    statement: Form,
    publish: Form,
    shift: Form,
    drop: Form,
    /// What is open for editing: the code of an area or statement, or the area that gets a new statement.
    edit: String,
    add: String,
}

/// `/coordinator/self-evaluation/draft`: `?edit=CODE` opens an area or a statement, `?add=CODE` a new statement of an area.
pub async fn draft() -> Result<Page, AppError> {
    let who = viewer().await?.coordinator()?;
    let forms = Forms {
        frame: Form::open("save-instrument-frame").await?,
        area: Form::open("save-instrument-area").await?,
        statement: Form::open("save-instrument-statement").await?,
        publish: Form::open("publish-instrument").await?,
        shift: Form::open("move-instrument-item").await?,
        drop: Form::open("drop-instrument-item").await?,
        edit: query("edit").unwrap_or_default(),
        add: query("add").unwrap_or_default(),
    };
    let draft = store::find_draft(&mut state().db.read().await?, &who).await?;
    let Some(draft) = draft else { return Ok(Page::lead_to("/coordinator/self-evaluation")) };
    let instrument = &draft.body.0;
    let areas = instrument.domains.iter().map(|domain| area(domain, &forms)).collect_view();
    let new_area = forms.add == "area";
    let body = view! {
        <nav aria-label="Where you are">
            <ol class="crumbs" role="list">
                <li><a href="/coordinator/questions">"Questions and outlines"</a></li>
                <li><a href="/coordinator/self-evaluation">"Self-evaluation"</a></li>
                <li>"Draft"</li>
            </ol>
        </nav>
        <h1>"Draft of the self-evaluation"</h1>
        <p class="lede">"A statement in other words stays the same statement, and the start is compared with the end by it. For another meaning, drop it and add a new one."</p>
        <p class="muted">"Changed last by "{draft.changed_by.clone()}", "<Moment at=draft.changed_at />"."</p>
        <ErrorSummary form=forms.shift />
        <ErrorSummary form=forms.drop />
        {frame(instrument, forms.frame)}
        {areas}
        <section id="new-area">
            {if new_area {
                area_form(None, forms.area).into_any()
            } else {
                view! { <p><a class="button quiet" href="?add=area#new-area">"Add an area"</a></p> }.into_any()
            }}
        </section>
        <section>
            <h2>"Publish"</h2>
            <p>"New evaluations begin with it. Those that were made stay with their version."</p>
            <FormFor form=forms.publish><div class="actions"><button class="button">"Publish this version"</button></div></FormFor>
            <form method="post" action="/api/discard-instrument-draft">
                <div class="actions"><button class="link-button">"Discard the draft"</button></div>
            </form>
        </section>
    };
    Ok(Page::usual("Draft of the self-evaluation", body))
}

fn frame(instrument: &Instrument, form: Form) -> impl IntoView + use<> {
    let scale = instrument.scale.iter().map(|step| step.anchor.clone()).collect::<Vec<_>>().join("\n");
    let (name, note) = (instrument.name.clone(), instrument.note.clone());
    view! {
        <details open=!form.is_fresh()>
            <summary>"Name, note and scale"</summary>
            <FormFor form>
                <TextField form name="title" label="Name" value=name />
                <TextArea form name="note" label="Note under the scale" value=note rows=3 optional=true privacy=false />
                <TextArea form name="scale" label="Scale" value=scale rows=6 privacy=false
                    hint="One step a line, the least first. With another number of steps, earlier evaluations are no longer compared with new ones." />
                <div class="actions"><button class="button quiet">"Save"</button></div>
            </FormFor>
        </details>
    }
}

fn area(domain: &Domain, forms: &Forms) -> impl IntoView + use<> {
    let code = domain.code.clone();
    let statements = domain.statements.iter().map(|statement| statement_line(statement, forms)).collect_view();
    let head = if forms.edit == code {
        area_form(Some(domain), forms.area).into_any()
    } else {
        view! {
            <h2>{domain.name.clone()}" "{confirmation(domain)}</h2>
            <p class="muted">{domain.summary.clone()}</p>
            <div class="actions">
                <a class="button quiet small" href=format!("?edit={code}#{code}")>"Edit the area"</a>
                {buttons(&code, &domain.name)}
            </div>
        }
        .into_any()
    };
    let add = if forms.add == code {
        view! { <li id=format!("add-{code}")>{statement_form(None, &code, forms.statement)}</li> }.into_any()
    } else {
        view! { <li><a href=format!("?add={code}#add-{code}")>"Add a statement"<span class="visually-hidden">{format!(" to {}", domain.name)}</span></a></li> }
            .into_any()
    };
    view! { <section id=code.clone()>{head}<ol class="lines" role="list">{statements}{add}</ol></section> }
}

fn statement_line(statement: &Statement, forms: &Forms) -> impl IntoView + use<> {
    let code = statement.code.clone();
    if forms.edit == code {
        return view! { <li id=code.clone()>{statement_form(Some(statement), "", forms.statement)}</li> }.into_any();
    }
    view! {
        <li id=code.clone()>
            <span class="line-main">{statement.text.clone()}</span>
            <span class="line-action">
                <a class="button quiet small" href=format!("?edit={code}#{code}")>
                    "Edit"<span class="visually-hidden">{format!(": {}", statement.text)}</span>
                </a>
                {buttons(&code, &statement.text)}
            </span>
        </li>
    }
    .into_any()
}

/// Up, down, drop.
fn buttons(code: &str, name: &str) -> impl IntoView + use<> {
    let shift = |way: &'static str, words: &'static str| {
        let (code, name) = (code.to_owned(), name.to_owned());
        view! {
            <form method="post" action="/api/move-instrument-item">
                <Hidden name="item" value=code />
                <Hidden name="way" value=way />
                <button class="button quiet small">{words}<span class="visually-hidden">{format!(": {name}")}</span></button>
            </form>
        }
    };
    let (item, name) = (code.to_owned(), name.to_owned());
    view! {
        {shift("up", "Up")}
        {shift("down", "Down")}
        <form method="post" action="/api/drop-instrument-item">
            <Hidden name="item" value=item />
            <button class="button quiet small">"Drop"<span class="visually-hidden">{format!(": {name}")}</span></button>
        </form>
    }
}

fn area_form(domain: Option<&Domain>, form: Form) -> impl IntoView + use<> {
    let domain = domain.cloned();
    let (code, name, summary, confirmed) =
        domain.map(|domain| (domain.code, domain.name, domain.summary, domain.confirmed)).unwrap_or_default();
    view! {
        <FormFor form>
            <Hidden name="code" value=code />
            <TextField form name="name" label="Name of the area" value=name />
            <TextField form name="summary" label="What it is about" value=summary optional=true />
            <TickField form name="confirmed" label="I have seen this name in the source it follows" checked=confirmed />
            <div class="actions"><button class="button quiet">"Save the area"</button><a href="/coordinator/self-evaluation/draft">"Leave it"</a></div>
        </FormFor>
    }
}

fn statement_form(statement: Option<&Statement>, area: &str, form: Form) -> impl IntoView + use<> {
    let (code, text) = statement.map(|one| (one.code.clone(), one.text.clone())).unwrap_or_default();
    let area = area.to_owned();
    view! {
        <FormFor form>
            <Hidden name="code" value=code />
            <Hidden name="area" value=area />
            <TextArea form name="text" label="Statement" value=text rows=2 privacy=false hint="In plain words, beginning with “I can”." />
            <div class="actions"><button class="button quiet">"Save the statement"</button><a href="/coordinator/self-evaluation/draft">"Leave it"</a></div>
        </FormFor>
    }
}

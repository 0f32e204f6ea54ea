//! The dated facts about the exam as the coordinators keep them up: rules, content areas, and the versions they leave behind.

use leptos::prelude::*;

use super::{source, source_of};
use crate::app::query;
use crate::clock;
use crate::error::AppError;
use crate::exam::facts::{Area, Facts, KEPT_APART, Kind, Rule};
use crate::exam::store::{self, InForce, Version};
use crate::form::Form;
use crate::people::viewer;
use crate::state;
use crate::ui::{Choice, DayOf, ErrorSummary, FormFor, Hidden, Page, SelectField, TextArea, TextField, TickField};

struct Forms {
    rule: Form,
    area: Form,
    drop_rule: Form,
    /// What is open for editing: a code, or "rule" or "area" for a new one.
    edit: String,
}

/// `/coordinator/exam`: `?edit=CODE` opens a rule or an area, `?version=2` shows an earlier version.
pub async fn facts() -> Result<Page, AppError> {
    let who = viewer().await?.coordinator()?;
    let forms = Forms {
        rule: Form::open("save-exam-rule").await?,
        area: Form::open("save-exam-area").await?,
        drop_rule: Form::open("drop-exam-rule").await?,
        edit: query("edit").unwrap_or_default(),
    };
    let mut tx = state().db.read().await?;
    let InForce { version, facts } = store::facts(&mut tx).await?;
    let versions = store::list_versions(&mut tx, &who).await?;
    let asked = query("version").and_then(|number| number.parse::<i32>().ok()).filter(|number| *number != version);
    let earlier = match asked {
        Some(number) => store::find_version(&mut tx, &who, number).await?.map(|facts| (number, facts)),
        None => None,
    };
    drop(tx);
    let body = match earlier {
        Some((number, facts)) => view! {
            <div class="notice"><p>{format!("This is version {number}. ")}<a href="/coordinator/exam">{format!("Version {version} is in force")}</a></p></div>
            {read_only(&facts)}
        }
        .into_any(),
        None => in_force(&facts, &forms).into_any(),
    };
    let body = view! {
        <nav aria-label="Where you are">
            <ol class="crumbs" role="list"><li><a href="/coordinator/questions">"Questions and outlines"</a></li><li>"Exam facts"</li></ol>
        </nav>
        <p class="eyebrow">{format!("Version {version} is in force")}</p>
        <h1>"Facts about the exam"</h1>
        <p class="lede">"The rules of CBDCE (Certification Board for Diabetes Care and Education) and what its exam covers, as mentees of Option 3 read them. Each says where it comes from and when you last looked."</p>
        {body}
        {version_list(&versions, version)}
    };
    Ok(Page::usual("Facts about the exam", body))
}

fn in_force(facts: &Facts, forms: &Forms) -> impl IntoView + use<> {
    let rules = facts.rules.iter().map(|rule| rule_line(rule, forms)).collect_view();
    let areas = facts.areas.iter().map(|area| area_line(area, forms)).collect_view();
    let today = clock::today(state().clock.now());
    let oldest = facts.rules.iter().map(|rule| rule.checked_on).min();
    view! {
        <ErrorSummary form=forms.drop_rule />
        <section>
            <h2>"Rules"</h2>
            {oldest.map(|day| view! { <p>{format!("The oldest check is {} days old.", (today - day).num_days().max(0))}</p> })}
            <form method="post" action="/api/check-exam-rules">
                <div class="actions"><button class="button quiet">"All of them still hold: checked today"</button></div>
            </form>
            <ul class="lines" role="list">{rules}
                <li id="rule">{if forms.edit == "rule" {
                    rule_form(None, forms.rule).into_any()
                } else {
                    view! { <a href="?edit=rule#rule">"Add a rule"</a> }.into_any()
                }}</li>
            </ul>
        </section>
        <section>
            <h2>"What the exam covers"</h2>
            <ul class="lines" role="list">{areas}
                <li id="area">{if forms.edit == "area" {
                    area_form(None, forms.area).into_any()
                } else {
                    view! { <a href="?edit=area#area">"Add an area"</a> }.into_any()
                }}</li>
            </ul>
        </section>
    }
}

fn read_only(facts: &Facts) -> impl IntoView + use<> {
    let rules = facts
        .rules
        .iter()
        .map(|rule| view! { <li><span class="line-main">{rule.text.clone()}</span><span class="line-meta">{source_of(rule)}</span></li> })
        .collect_view();
    let areas = facts
        .areas
        .iter()
        .map(|area| {
            view! {
                <li>
                    <span class="line-main">{area.name.clone()}</span>
                    <span class="line-meta">{area.chapters.join("; ")}</span>
                    <span class="line-meta">{source(&area.source, &area.link, area.checked_on)}</span>
                </li>
            }
        })
        .collect_view();
    view! {
        <section><h2>"Rules"</h2><ul class="lines" role="list">{rules}</ul></section>
        <section><h2>"What the exam covers"</h2><ul class="lines" role="list">{areas}</ul></section>
    }
}

fn rule_line(rule: &Rule, forms: &Forms) -> impl IntoView + use<> {
    let code = rule.code.clone();
    if forms.edit == code {
        return view! { <li id=code>{rule_form(Some(rule), forms.rule)}</li> }.into_any();
    }
    let stays = code == KEPT_APART;
    let item = code.clone();
    let name = rule.text.clone();
    view! {
        <li id=code.clone()>
            <span class="line-main">{rule.text.clone()}</span>
            <span class="line-meta">{kind_name(rule.kind)}". "{source_of(rule)}</span>
            <span class="line-action">
                <a class="button quiet small" href=format!("?edit={code}#{code}")>"Edit"<span class="visually-hidden">{format!(": {name}")}</span></a>
                {(!stays).then(|| drop_button(forms.drop_rule.action(), item, &name))}
            </span>
        </li>
    }
    .into_any()
}

fn drop_button(action: String, item: String, name: &str) -> impl IntoView + use<> {
    let name = name.to_owned();
    view! {
        <form method="post" action=action>
            <Hidden name="item" value=item />
            <button class="button quiet small">"Drop"<span class="visually-hidden">{format!(": {name}")}</span></button>
        </form>
    }
}

fn area_line(area: &Area, forms: &Forms) -> impl IntoView + use<> {
    let code = area.code.clone();
    if forms.edit == code {
        return view! { <li id=code>{area_form(Some(area), forms.area)}</li> }.into_any();
    }
    let (tone, words) = if area.confirmed { ("done", "Confirmed") } else { ("turn", "Unconfirmed") };
    let chapters = match area.chapters.len() {
        1 => "1 chapter".to_owned(),
        count => format!("{count} chapters"),
    };
    let (item, name) = (code.clone(), area.name.clone());
    view! {
        <li id=code.clone()>
            <span class="line-main">{area.name.clone()}" "<span class="tag" data-tone=tone>{words}</span></span>
            <span class="line-meta">{chapters}". "{source(&area.source, &area.link, area.checked_on)}</span>
            <span class="line-action">
                <a class="button quiet small" href=format!("?edit={code}#{code}")>"Edit"<span class="visually-hidden">{format!(": {name}")}</span></a>
                {drop_button("/api/drop-exam-area".to_owned(), item, &name)}
            </span>
        </li>
    }
    .into_any()
}

fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Asked => "The mentee answers it",
        Kind::Hours => "The mentee answers it, and the log of hours is held against it",
        Kind::Told => "It is only told",
    }
}

fn rule_form(rule: Option<&Rule>, form: Form) -> impl IntoView + use<> {
    let rule = rule.cloned();
    let kinds: Vec<Choice> = Kind::ALL.iter().map(|kind| (kind.to_string(), kind_name(*kind).to_owned())).collect();
    let number = |number: Option<i32>| number.map(|number| number.to_string()).unwrap_or_default();
    let (hours, years) = rule.as_ref().map(|rule| (number(rule.hours), number(rule.years))).unwrap_or_default();
    let (code, kind, text) =
        rule.as_ref().map(|rule| (rule.code.clone(), rule.kind.to_string(), rule.text.clone())).unwrap_or_default();
    let fixed = code == KEPT_APART;
    let (from, link, checked) = rule.map(|rule| (rule.source, rule.link, rule.checked_on.to_string())).unwrap_or_default();
    view! {
        <FormFor form>
            <Hidden name="code" value=code />
            <TextArea form name="text" label="Rule" value=text rows=3 privacy=false />
            {(!fixed).then(|| view! {
                <SelectField form name="rule-kind" label="What is done with it" choices=kinds value=kind />
                <div class="field-row">
                    <TextField form name="hours" label="Hours" kind="number" value=hours size="short" optional=true hint="Of a rule about hours." />
                    <TextField form name="years" label="Within years" kind="number" value=years size="short" optional=true />
                </div>
            })}
            {dated(form, from, link, checked)}
            <div class="actions"><button class="button quiet">"Save as a new version"</button><a href="/coordinator/exam">"Leave it"</a></div>
        </FormFor>
    }
}

fn dated(form: Form, source: String, link: String, checked: String) -> impl IntoView {
    view! {
        <TextField form name="source" label="Source" value=source />
        <TextField form name="link" label="Official page" kind="url" value=link optional=true />
        <TextField form name="checked-on" label="Checked on" kind="date" value=checked size="medium" />
    }
}

fn area_form(area: Option<&Area>, form: Form) -> impl IntoView + use<> {
    let area = area.cloned();
    let chapters = area.as_ref().map(|area| area.chapters.join("\n")).unwrap_or_default();
    let confirmed = area.as_ref().is_some_and(|area| area.confirmed);
    let (code, name, about) =
        area.as_ref().map(|area| (area.code.clone(), area.name.clone(), area.about.clone())).unwrap_or_default();
    let (from, link, checked) = area.map(|area| (area.source, area.link, area.checked_on.to_string())).unwrap_or_default();
    view! {
        <FormFor form>
            <Hidden name="code" value=code />
            <TextField form name="name" label="Name of the area" value=name />
            <TextArea form name="about" label="What belongs to it" value=about rows=3 optional=true privacy=false />
            <TextArea form name="chapters" label="Chapters" value=chapters rows=8 optional=true privacy=false
                hint="One title a line, as it stands in the outline." />
            {dated(form, from, link, checked)}
            <TickField form name="confirmed" label="I have compared it with CBDCE's content outline" checked=confirmed />
            <div class="actions"><button class="button quiet">"Save as a new version"</button><a href="/coordinator/exam">"Leave it"</a></div>
        </FormFor>
    }
}

fn version_list(versions: &[Version], in_force: i32) -> impl IntoView + use<> {
    let lines = versions
        .iter()
        .map(|version| {
            let number = version.version;
            view! {
                <li>
                    <span class="line-main"><a href=format!("?version={number}")>{format!("Version {number}")}</a></span>
                    <span class="line-meta">"Saved "<DayOf at=version.published_at />{format!(", by {}", version.published_by)}</span>
                    <span class="line-action">{(number == in_force).then_some("in force")}</span>
                </li>
            }
        })
        .collect_view();
    view! {
        <section>
            <h2>"Versions"</h2>
            <ul class="lines" role="list">
                {lines}
                <li>
                    <span class="line-main"><a href="?version=1">"Version 1"</a></span>
                    <span class="line-meta">"Came with the program"</span>
                    <span class="line-action">{(in_force == 1).then_some("in force")}</span>
                </li>
            </ul>
        </section>
    }
}

//! The rules of post-tests: what each option and book asks, who changed what, and the form to change it.

use leptos::prelude::*;

use crate::app::param;
use crate::assessments::rules::{PostTests, Rules, Scope, Shows, differences};
use crate::assessments::store::{self, RuledOutline, RulesVersion};
use crate::db::Queryable;
use crate::enrollments::OptionNumber;
use crate::error::AppError;
use crate::form::Form;
use crate::people::{Coordinator, viewer};
use crate::settings::{self, Settings};
use crate::state;
use crate::ui::{ChoiceField, FormFor, Hidden, Moment, Page, TextField, TickField, choices};

pub async fn all_rules() -> Result<Page, AppError> {
    let who = viewer().await?.coordinator()?;
    let mut tx = state().db.read().await?;
    let settings = settings::store::current(&mut tx).await?;
    let mut options = Vec::new();
    for option in OptionNumber::ALL {
        let versions = store::list_rules(&mut tx, &who, Scope::Option(option)).await?;
        options.push((option, of_option(option, &versions, &settings), newest(&versions).is_some()));
    }
    let outlines = store::list_ruled_outlines(&mut tx, &who).await?;
    drop(tx);
    let options = options
        .into_iter()
        .map(|(option, rules, own)| {
            let path = Scope::Option(option).path();
            line(&path, option.name().to_owned(), String::new(), own, Some(&rules))
        })
        .collect_view();
    let outlines =
        outlines.iter().map(|one| line(&Scope::Outline(one.id).path(), name(one), whose(one), one.own, None)).collect_view();
    let body = view! {
        {crumbs(None)}
        <h1>"Rules of post-tests"</h1>
        <p class="lede">"What an option asks holds for all its books, unless a book has rules of its own. A test that is open goes on by the rules it began under, and nobody who is on their way is asked more than before."</p>
        <section class="hang"><h2>"By option"</h2><ul class="lines" role="list">{options}</ul></section>
        <section class="hang"><h2>"By book"</h2><ul class="lines" role="list">{outlines}</ul></section>
    };
    Ok(Page::usual("Rules of post-tests", body))
}

fn newest(versions: &[RulesVersion]) -> Option<&Rules> {
    versions.first().and_then(RulesVersion::rules)
}

fn of_option(option: OptionNumber, versions: &[RulesVersion], settings: &Settings) -> Rules {
    newest(versions).copied().unwrap_or_else(|| Rules::usual(option, settings))
}

fn name(outline: &RuledOutline) -> String {
    format!("{}, {}, version {}", outline.book, outline.edition, outline.version)
}

fn whose(outline: &RuledOutline) -> String {
    outline.options.iter().map(|option| option.name()).collect::<Vec<_>>().join(", ")
}

fn line(path: &str, name: String, about: String, own: bool, rules: Option<&Rules>) -> impl IntoView + use<> {
    let path = format!("/coordinator/questions/rules/{path}");
    let tag = if own { "rules of its own" } else { "as usual" };
    let sum = rules.map(|rules| match rules.post_tests {
        PostTests::Off => "no post-tests".to_owned(),
        PostTests::Offered => format!("offered, {} questions, {} percent", rules.questions, rules.pass_mark),
        PostTests::Required => format!("required, {} questions, {} percent", rules.questions, rules.pass_mark),
    });
    view! {
        <li>
            <span class="line-main"><a href=path.clone()>{name}</a></span>
            <span class="line-meta">{sum.unwrap_or(about)}</span>
            <span class="line-action"><span class="tag" data-tone="quiet">{tag}</span></span>
        </li>
    }
}

fn crumbs(here: Option<String>) -> impl IntoView {
    view! {
        <nav aria-label="Where you are">
            <ol class="crumbs" role="list">
                <li><a href="/coordinator/questions">"Questions"</a></li>
                {match here {
                    None => view! { <li>"Rules of post-tests"</li> }.into_any(),
                    Some(here) => view! { <li><a href="/coordinator/questions/rules">"Rules of post-tests"</a></li><li>{here}</li> }.into_any(),
                }}
            </ol>
        </nav>
    }
}

pub async fn rules() -> Result<Page, AppError> {
    let who = viewer().await?.coordinator()?;
    let scope: Scope = param("scope")?;
    let form = Form::open("change-test-rules").await?;
    let mut tx = state().db.read().await?;
    let (title, above) = above(&mut tx, &who, scope).await?;
    let versions = store::list_rules(&mut tx, &who, scope).await?;
    drop(tx);
    let own = newest(&versions).copied();
    let rules = own.unwrap_or(above);
    let version = versions.first().map_or(0, |version| version.version);
    let usual = match scope {
        Scope::Option(_) => "Go by the settings again",
        Scope::Outline(_) => "Go by the option again",
    };
    let lede = match own {
        Some(_) => "Rules of its own are in force. What you save holds for attempts that begin from now on.",
        None => "Nothing of its own is said yet: this is what holds as usual. Change it and save, and it holds here only.",
    };
    let body = view! {
        {crumbs(Some(title.clone()))}
        <p class="eyebrow">"Rules of post-tests"</p>
        <h1>{title.clone()}</h1>
        <p class="lede">{lede}</p>
        <FormFor form>
            <Hidden name="scope" value=scope.path() />
            <Hidden name="version" value=version.to_string() />
            {fields(form, &rules)}
            <div class="actions">
                <button class="button">"Save the rules"</button>
                {own.is_some().then(|| view! { <button class="button quiet" name="usual" value="yes">{usual}</button> })}
            </div>
        </FormFor>
        {(!versions.is_empty()).then(|| view! {
            <section class="hang"><h2>"Who changed what"</h2><ol class="timeline" role="list">{history(&versions, &above)}</ol></section>
        })}
    };
    Ok(Page::narrow(title, body))
}

/// What a scope is called, and the rules that hold where it says nothing.
async fn above(tx: &mut impl Queryable, who: &Coordinator, scope: Scope) -> Result<(String, Rules), AppError> {
    let settings = settings::store::current(tx).await?;
    match scope {
        Scope::Option(option) => Ok((option.name().to_owned(), Rules::usual(option, &settings))),
        Scope::Outline(outline) => {
            let all = store::list_ruled_outlines(tx, who).await?;
            let found = all.into_iter().find(|one| one.id == outline).ok_or(AppError::NotFound)?;
            let option = found.options.first().copied().unwrap_or(OptionNumber::One);
            let versions = store::list_rules(tx, who, Scope::Option(option)).await?;
            Ok((name(&found), of_option(option, &versions, &settings)))
        }
    }
}

fn fields(form: Form, rules: &Rules) -> impl IntoView + use<> {
    let attempts = rules.attempts.map(|attempts| attempts.to_string()).unwrap_or_default();
    view! {
        <ChoiceField form name="post_tests" legend="Post-tests" choices=choices(PostTests::ALL, PostTests::name)
            value=vec![rules.post_tests.to_string()]
            hint="Whoever is on their way already is never asked more than before: for them required means offered." />
        <div class="field-row">
            <TextField form name="questions" label="Questions in one" kind="number" size="short" value=rules.questions.to_string() />
            <TextField form name="per_topic" label="At least from each topic" kind="number" size="short" value=rules.per_topic.to_string()
                hint="0: topics do not matter." />
            <TextField form name="pass_mark" label="Pass mark, percent" kind="number" size="short" value=rules.pass_mark.to_string() />
        </div>
        <TickField form name="shuffle_questions" label="Shuffle the questions" checked=rules.shuffle_questions />
        <TickField form name="shuffle_choices" label="Shuffle the choices" checked=rules.shuffle_choices />
        <div class="field-row">
            <TextField form name="attempts" label="Attempts at a chapter" kind="number" size="short" value=attempts optional=true
                hint="Empty: no end to them." />
            <TextField form name="a_day" label="Attempts on one day" kind="number" size="short" value=rules.a_day.to_string() />
            <TextField form name="wait_days" label="Days until the next" kind="number" size="short" value=rules.wait_days.to_string()
                hint="Once those of a day are used up; 1 is the next day." />
        </div>
        <ChoiceField form name="shows" legend="What the mentee reads" choices=choices(Shows::ALL, Shows::name)
            value=vec![rules.shows.to_string()] />
    }
}

fn history(versions: &[RulesVersion], above: &Rules) -> impl IntoView + use<> {
    versions
        .iter()
        .enumerate()
        .map(|(at, version)| {
            let before = versions.get(at + 1).and_then(RulesVersion::rules);
            let words = if version.body.is_none() {
                vec!["Goes as usual again.".to_owned()]
            } else {
                differences(Some(before.unwrap_or(above)), version.rules())
                    .into_iter()
                    .map(|(rule, before, after)| format!("{rule}: {before} → {after}"))
                    .collect()
            };
            let lines = words.into_iter().map(|words| view! { <p>{words}</p> }).collect_view();
            view! {
                <li>
                    <h3>{format!("Version {}", version.version)}</h3>
                    <p class="muted">{version.changed_by.clone()}", "<Moment at=version.changed_at /></p>
                    {lines}
                </li>
            }
        })
        .collect_view()
}

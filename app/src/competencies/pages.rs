//! The self-evaluation: the form, and afterwards strengths and gaps as a chart with its numbers. The mentor sees what is
//! shared, and nothing else.

use leptos::prelude::*;

use super::api::field;
use super::store::{self, Evaluation, Published};
use super::{
    Domain, DomainScore, Instrument, Moment, Ratings, State, Statement, Step, missing, most_grown, open, outlook, score,
};
use crate::app::{param, query};
use crate::clock;
use crate::enrollments::{self, Story};
use crate::error::AppError;
use crate::form::Form;
use crate::id::EnrollmentId;
use crate::people::{Side, viewer};
use crate::state;
use crate::ui::{FormFor, Hidden, Page, TickField, Trail};

/// What the page of one enrolment is made from.
struct Shown {
    story: Story,
    /// The newest first.
    instruments: Vec<Published>,
    evaluations: Vec<Evaluation>,
}

impl Shown {
    fn of(&self, moment: Moment) -> Option<&Evaluation> {
        self.evaluations.iter().find(|one| one.moment == moment)
    }

    fn done(&self, moment: Moment) -> Option<&Evaluation> {
        self.of(moment).filter(|one| one.state == State::Done)
    }

    fn can(&self, moment: Moment) -> bool {
        open(moment, &self.story, self.done(moment).is_some()).is_ok()
    }

    fn instrument_of(&self, evaluation: &Evaluation) -> Option<&Published> {
        self.instruments.iter().find(|one| one.id == evaluation.instrument_id)
    }

    /// What a form of this moment asks: the same as before, so that both looks can be compared; else the newest.
    fn instrument_for(&self, moment: Moment) -> Option<&Published> {
        self.done(moment)
            .or_else(|| self.done(Moment::Start))
            .and_then(|before| self.instrument_of(before))
            .or_else(|| self.instruments.first())
    }
}

pub async fn self_evaluation() -> Result<Page, AppError> {
    let enrollment: EnrollmentId = param("enrollment")?;
    let viewer = viewer().await?;
    let form = Form::open("save-self-evaluation").await?;
    let mut tx = state().db.read().await?;
    let who = viewer.pair(&mut tx, enrollment).await?;
    let story = enrollments::store::find(&mut tx, enrollment).await?.ok_or(AppError::NotFound)?;
    let instruments = store::list_for(&mut tx, enrollment).await?;
    let mut evaluations = store::list(&mut tx, enrollment).await?;
    if who.side() == Side::Mentor {
        evaluations.retain(|one| one.shared && one.state == State::Done);
        return Ok(mentors(&Shown { story, instruments, evaluations }));
    }
    let shown = Shown { story, instruments, evaluations };
    let asked = query("form").and_then(|word| word.parse().ok());
    let first = shown.of(Moment::Start).is_none().then_some(Moment::Start);
    match asked.or(first).filter(|moment| shown.can(*moment)) {
        Some(moment) => fill_in(&shown, moment, form),
        None => Ok(results(&shown)),
    }
}

/// The head of the page, with the trail.
fn head(story: &Story, title: &'static str) -> impl IntoView + use<> {
    let signs = enrollments::signs(story);
    view! {
        <div class="page-head">
            <div><p class="eyebrow">"Step 5 of 8, if you like"</p><h1>{title}</h1></div>
            <Trail signs compact=true />
        </div>
    }
}

fn fill_in(shown: &Shown, moment: Moment, form: Form) -> Result<Page, AppError> {
    let published = shown.instrument_for(moment).ok_or(AppError::NotFound)?;
    let before = shown.done(moment);
    let ratings = before.map(|one| one.ratings.0.clone()).unwrap_or_default();
    let title = match moment {
        Moment::Start => "Look at where you stand",
        Moment::End => "Look at where you stand now",
    };
    let mentor = shown.story.mentor.clone().filter(|_| shown.story.matched_at.is_some());
    let share = mentor.map_or_else(|| "Share it with my mentor".to_owned(), |name| format!("Share it with my mentor, {name}"));
    let parts = published
        .instrument
        .domains
        .iter()
        .map(|domain| part(domain, &published.instrument.scale, &ratings, form))
        .collect_view();
    let (enrollment, instrument) = (shown.story.id.to_string(), published.id.to_string());
    let shared = before.is_some_and(|one| one.shared);
    let skip = shown.of(moment).is_none().then(|| not_now(enrollment.clone(), moment));
    let body = view! {
        {head(&shown.story, title)}
        <p class="lede">"About ten minutes. There is no passing score: it shows you what to bring to your mentor first. Leave out what does not fit."</p>
        {scale_key(&published.instrument.scale)}
        <p class="muted small">{published.instrument.note.clone()}</p>
        <FormFor form>
            <Hidden name="enrollment" value=enrollment />
            <Hidden name="instrument" value=instrument />
            <Hidden name="moment" value=moment.as_str() />
            {parts}
            <fieldset>
                <legend>"Who sees it"</legend>
                <p class="hint">"Only you see your answers, unless you share them. The coordinator sees whether you did it, and totals by area in reports. The server's operator or the law could reach what is kept here."</p>
                <TickField form name="shared" label=share checked=shared />
            </fieldset>
            <div class="actions"><button class="button">"Save"</button></div>
        </FormFor>
        {skip}
    };
    Ok(Page::narrow(title, body))
}

fn scale_key(scale: &[Step]) -> impl IntoView + use<> {
    let steps =
        scale.iter().map(|step| view! { <div><dt>{step.value}</dt><dd>{step.anchor.clone()}</dd></div> }).collect_view();
    view! { <dl class="facts plain">{steps}</dl> }
}

/// One domain of the form.
fn part(domain: &Domain, scale: &[Step], ratings: &Ratings, form: Form) -> impl IntoView + use<> {
    let questions = domain
        .statements
        .iter()
        .map(|statement| question(statement, scale, ratings.get(&statement.code).copied(), form))
        .collect_view();
    view! {
        <fieldset>
            <legend>{domain.name.clone()}</legend>
            <p class="hint">{domain.summary.clone()}</p>
            {questions}
        </fieldset>
    }
}

fn question(statement: &Statement, scale: &[Step], before: Option<i32>, form: Form) -> impl IntoView + use<> {
    let name = field(&statement.code);
    let error = form.error(&name);
    let id = form.id(&name);
    let invalid = error.is_some();
    let answers = scale
        .iter()
        .enumerate()
        .map(|(index, step)| {
            let value = step.value.to_string();
            let checked = form.chosen(&name, &value, before == Some(step.value));
            // The first answer carries the field's id, so that the error summary leads to it.
            let id = if index == 0 { id.clone() } else { format!("{id}-{index}") };
            choice(id, name.clone(), value.clone(), checked, value, step.anchor.clone())
        })
        .collect_view();
    // Without scripts a radio button cannot be let go again; this one takes an answer back.
    let none = choice(format!("{id}-none"), name.clone(), String::new(), false, "–".to_owned(), "Leave it out".to_owned());
    view! {
        <fieldset class="choices scale" data-invalid=invalid.then_some("")>
            <legend>{statement.text.clone()}</legend>
            {error.map(|message| view! { <p class="field-error" id=format!("{id}-error")>{message}</p> })}
            <div>{answers}{none}</div>
        </fieldset>
    }
}

fn choice(id: String, name: String, value: String, checked: bool, sign: String, words: String) -> impl IntoView {
    let title = words.clone();
    view! {
        <label class="choice" title=title>
            <input type="radio" id=id name=name value=value checked=checked />
            <span>{sign}<span class="visually-hidden">": "{words}</span></span>
        </label>
    }
}

fn not_now(enrollment: String, moment: Moment) -> impl IntoView {
    view! {
        <form method="post" action="/api/skip-self-evaluation">
            <Hidden name="enrollment" value=enrollment />
            <Hidden name="moment" value=moment.as_str() />
            <div class="actions"><button class="button quiet">"Not now"</button><span class="muted">"Nothing waits for it."</span></div>
        </form>
    }
}

/// The mentee's own results.
fn results(shown: &Shown) -> Page {
    let title = "Your self-evaluation";
    let body = view! {
        {head(&shown.story, title)}
        {nothing_made(shown)}
        {pictures(shown, "You feel")}
        {[Moment::Start, Moment::End].map(|moment| after(shown, moment)).collect_view()}
        {offer_end(shown)}
    };
    Page::narrow(title, body)
}

fn nothing_made(shown: &Shown) -> impl IntoView + use<> {
    let nothing = shown.done(Moment::Start).is_none() && shown.done(Moment::End).is_none();
    let enrollment = shown.story.id;
    nothing.then(|| {
        if !shown.can(Moment::Start) {
            return view! { <p class="lede">"No self-evaluation was made in this enrollment."</p> }.into_any();
        }
        view! {
            <p class="lede">"You passed this over, and nothing waits for it. It can still show you what to bring to your mentor first."</p>
            <p><a class="button" href=format!("{}?form=start", super::api::page(enrollment))>"Fill it in"</a></p>
        }
        .into_any()
    })
}

/// The second look, once it is open.
fn offer_end(shown: &Shown) -> impl IntoView + use<> {
    let href = format!("{}?form=end", super::api::page(shown.story.id));
    (shown.done(Moment::End).is_none() && shown.can(Moment::End)).then(|| {
        view! {
            <p>"You have discussed every chapter. "<a href=href>"Look again at where you stand"</a>" and see what changed."</p>
        }
    })
}

/// What the mentor sees.
fn mentors(shown: &Shown) -> Page {
    let title = "Self-evaluation";
    let name = shown.story.mentee.clone();
    let lead = if shown.evaluations.is_empty() {
        view! { <p class="lede">"Nothing is shared with you. "{name.clone()}" decides whether to share a self-evaluation."</p> }
            .into_any()
    } else {
        view! { <p>{name.clone()}" shares this with you. It is a starting point for talks, not a test."</p> }.into_any()
    };
    let feels = format!("{name} feels");
    let body = view! {
        {head(&shown.story, title)}
        {lead}
        {pictures(shown, &feels)}
    };
    Page::narrow(title, body)
}

/// One look, or both side by side where they asked the same.
fn pictures(shown: &Shown, feels: &str) -> impl IntoView + use<> {
    let (start, end) = (shown.done(Moment::Start), shown.done(Moment::End));
    let groups: Vec<Vec<&Evaluation>> = match (start, end) {
        (Some(start), Some(end)) if start.instrument_id == end.instrument_id => vec![vec![start, end]],
        (start, end) => start.into_iter().chain(end).map(|one| vec![one]).collect(),
    };
    groups
        .into_iter()
        .filter_map(|group| {
            let instrument = &shown.instrument_of(group.first()?)?.instrument;
            Some(picture(instrument, &group, feels).into_any())
        })
        .collect_view()
}

/// A look as the chart shows it: its date in words, and its scores.
type Look = (String, Vec<DomainScore>);

fn picture(instrument: &Instrument, group: &[&Evaluation], feels: &str) -> impl IntoView + use<> {
    let looks: Vec<Look> = group
        .iter()
        .map(|one| {
            let look = if one.moment == Moment::Start { "First look" } else { "Second look" };
            (format!("{look}, {}", clock::today(one.made_at).format("%b %Y")), score(instrument, &one.ratings.0))
        })
        .collect();
    let latest = looks.last().map(|(_, scores)| scores.clone()).unwrap_or_default();
    let grew = match looks.as_slice() {
        [(_, before), (_, after)] => most_grown(before, after).map(|name| format!("{name} grew most since the first look. ")),
        _ => None,
    };
    view! {
        <p class="lede">{grew}{told(&latest, feels)}</p>
        {chart(instrument, &looks)}
        {lowest(&latest)}
    }
}

/// Strengths and gaps as a sentence.
fn told(scores: &[DomainScore], feels: &str) -> String {
    let outlook = outlook(scores);
    if scores.iter().filter(|score| score.rated > 0).count() < 2 {
        return "Too few areas are rated yet to compare them.".to_owned();
    }
    if outlook.strengths.is_empty() {
        return "Every area is rated the same.".to_owned();
    }
    let verb = if outlook.gaps.len() == 1 { "has" } else { "have" };
    format!("{feels} most at home in {}. {} {verb} the most room to grow.", joined(&outlook.strengths), joined(&outlook.gaps))
}

/// With semicolons, because the names of areas hold "and" themselves.
fn joined(names: &[String]) -> String {
    names.join("; ")
}

fn chart(instrument: &Instrument, looks: &[Look]) -> impl IntoView + use<> {
    let (low, high) = (instrument.scale.first(), instrument.scale.last());
    let ends = low.zip(high).map(|(low, high)| format!("{} ({}) to {} ({})", low.value, low.anchor, high.value, high.anchor));
    let two = looks.len() > 1;
    let heads = looks.iter().map(|(when, _)| view! { <th scope="col" class="num">{when.clone()}</th> }).collect_view();
    let top = instrument.top();
    let rows = (0..instrument.domains.len()).map(|index| row(index, looks, top)).collect_view();
    view! {
        <figure class="bar-chart">
            <figcaption>"How sure, by area"</figcaption>
            <p class="muted small">"The mean of the ratings, from "{ends}"."</p>
            {two.then(|| key(looks))}
            <div class="table-wrap">
                <table class="ledger">
                    <thead><tr><th scope="col">"Area"</th>{heads}<th scope="col"><span class="visually-hidden">"Drawn"</span></th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </figure>
    }
}

fn key(looks: &[Look]) -> impl IntoView + use<> {
    let items = looks
        .iter()
        .zip(["bar-before", "bar-after"])
        .map(|((when, _), class)| {
            view! { <li><svg viewBox="0 0 14 7" aria-hidden="true"><rect class=class width="14" height="7"></rect></svg>{when.clone()}</li> }
        })
        .collect_view();
    view! { <ul class="key">{items}</ul> }
}

fn row(index: usize, looks: &[Look], top: i32) -> impl IntoView + use<> {
    let scores: Vec<(&str, &DomainScore)> =
        looks.iter().filter_map(|(when, scores)| scores.get(index).map(|score| (when.as_str(), score))).collect();
    let name = scores.first().map(|(_, score)| score.name.clone()).unwrap_or_default();
    let cells = scores
        .iter()
        .map(|(when, score)| {
            let mean = score.mean().map_or_else(|| "–".to_owned(), |mean| format!("{mean:.1}"));
            let when = (*when).to_owned();
            view! { <td class="num" data-label=when>{mean}</td> }
        })
        .collect_view();
    let bars = match scores.as_slice() {
        [(_, only)] => bar("", "0", "10", only, top).into_any(),
        [(_, before), (_, after)] => {
            view! { {bar("bar-before", "0", "4", before, top)}{bar("bar-after", "5", "5", after, top)} }.into_any()
        }
        _ => ().into_any(),
    };
    view! {
        <tr>
            <th scope="row">{name}</th>
            {cells}
            <td class="bar">
                <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
                    <rect class="bar-track" width="100" height="10"></rect>
                    {bars}
                </svg>
            </td>
        </tr>
    }
}

fn bar(class: &'static str, y: &'static str, height: &'static str, score: &DomainScore, top: i32) -> impl IntoView + use<> {
    let width = format!("{:.1}", score.mean().unwrap_or(0.0) * 100.0 / f64::from(top.max(1)));
    view! { <rect class=class y=y width=width height=height></rect> }
}

/// The table beside the chart: how much of each area was rated, and what was rated lowest.
fn lowest(scores: &[DomainScore]) -> impl IntoView + use<> {
    let rows = scores
        .iter()
        .map(|score| {
            let (name, rated, words) = (score.name.clone(), format!("{} of {}", score.rated, score.of), lowest_words(score));
            view! {
                <tr>
                    <th scope="row">{name}</th>
                    <td class="num" data-label="Rated">{rated}</td>
                    <td data-label="Lowest">{words}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="table-wrap">
            <table class="ledger">
                <caption>"Where there is most room, area by area"</caption>
                <thead><tr><th scope="col">"Area"</th><th scope="col" class="num">"Rated"</th><th scope="col" class="grow">"Lowest statements"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

fn lowest_words(score: &DomainScore) -> AnyView {
    match (score.rated, score.lowest.as_slice()) {
        (0, _) => "Not rated".into_any(),
        (_, []) => "All at the top of the scale".into_any(),
        (_, [only]) => only.clone().into_any(),
        (_, some) => {
            let items = some.iter().map(|words| view! { <li>{words.clone()}</li> }).collect_view();
            view! { <ul>{items}</ul> }.into_any()
        }
    }
}

/// What can be done with a look that was made: fill in what is missing, correct it, share it.
fn after(shown: &Shown, moment: Moment) -> Option<impl IntoView + use<>> {
    let one = shown.done(moment)?;
    let instrument = &shown.instrument_of(one)?.instrument;
    let (left, of) = (missing(instrument, &one.ratings.0), instrument.statements().count());
    let which = match (moment, shown.done(Moment::End).is_some()) {
        (Moment::Start, true) => "Your first look",
        (Moment::End, _) => "Your second look",
        (Moment::Start, false) => "Your answers",
    };
    let left = match left {
        0 => format!("All {of} statements are rated."),
        left => format!("{left} of {of} statements are not rated."),
    };
    let href = format!("{}?form={moment}", super::api::page(shown.story.id));
    let enrollment = shown.story.id.to_string();
    let (state, words, button, value) = if one.shared {
        ("Your mentor can see it. ", "They see what stands above.", "Stop sharing", "no")
    } else {
        ("Only you see it. ", "Sharing it helps your mentor to know where to begin.", "Share with my mentor", "yes")
    };
    Some(view! {
        <section class="hang">
            <h2>{which}</h2>
            <p>{left}{shown.can(moment).then(|| view! { " "<a href=href>"Change your answers"</a> })}</p>
            <form method="post" action="/api/share-self-evaluation">
                <Hidden name="enrollment" value=enrollment />
                <Hidden name="moment" value=moment.as_str() />
                <Hidden name="shared" value=value />
                <p>{state}<span class="muted">{words}</span></p>
                <div class="actions"><button class="button quiet small">{button}</button></div>
            </form>
        </section>
    })
}

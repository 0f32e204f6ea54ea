//! What came of it: one look, or both with the change between them, as a chart that is a table; and what the mentor sees
//! of that.

use leptos::prelude::*;

use super::{Shown, head};
use crate::clock;
use crate::competencies::store::{Evaluation, Published};
use crate::competencies::{
    Change, Comparison, DomainScore, Instrument, Moment, api, compare, missing, offers_end, outlook, score,
};
use crate::ui::{BarRow, BarTable, Hidden, Page};

/// The mentee's own results.
pub fn results(shown: &Shown) -> Page {
    let title = "Your self-evaluation";
    let body = view! {
        {head(&shown.story, title)}
        {nothing_made(shown)}
        {offer_end(shown)}
        {pictures(shown, "You feel")}
        {goals(shown, "Your goals")}
        {[Moment::Start, Moment::End].map(|moment| after(shown, moment)).collect_view()}
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
            <p><a class="button" href=format!("{}?form=start", api::page(enrollment))>"Fill it in"</a></p>
        }
        .into_any()
    })
}

/// The second look: offered once everything is discussed, and there before for who wants it.
fn offer_end(shown: &Shown) -> impl IntoView + use<> {
    let href = format!("{}?form=end", api::page(shown.story.id));
    let may = shown.done(Moment::End).is_none() && shown.can(Moment::End);
    if may && offers_end(&shown.story) {
        return view! {
            <p class="lede">"You have discussed every chapter. Look again at where you stand, and see what changed."</p>
            <p class="no-print"><a class="button" href=href>"Look again"</a></p>
        }
        .into_any();
    }
    (may && shown.done(Moment::Start).is_some())
        .then(|| {
            view! {
                <p class="no-print muted">
                    "At the end you are asked whether you want to look again and see what changed. You can also "
                    <a href=href>"do that now"</a>"."
                </p>
            }
        })
        .into_any()
}

/// What the mentor sees.
pub fn mentors(shown: &Shown) -> Page {
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
        {goals(shown, "Goals")}
    };
    Page::narrow(title, body)
}

/// The goals in short, with the way to them.
fn goals(shown: &Shown, title: &'static str) -> impl IntoView + use<> {
    let lines = shown.goals.iter().map(super::goals::line).collect_view();
    let href = format!("/enrollments/{}/goals", shown.story.id);
    let way = if shown.goals.is_empty() { "Choose statements as goals" } else { "The goals" };
    view! {
        <section class="hang">
            <h2>{title}</h2>
            {shown.goals.is_empty().then(|| view! { <p>"Up to five statements can become goals. They stand in the plan and on the agenda of the talks."</p> })}
            {(!shown.goals.is_empty()).then(|| view! { <ul class="lines" role="list">{lines}</ul> })}
            <p class="no-print"><a href=href>{way}</a></p>
        </section>
    }
}

/// One look; or both side by side where they can be compared, one after the other where they cannot.
fn pictures(shown: &Shown, feels: &str) -> AnyView {
    let look = |moment| {
        let evaluation = shown.done(moment)?;
        Some((evaluation, shown.instrument_of(evaluation)?))
    };
    match (look(Moment::Start), look(Moment::End)) {
        (Some(start), Some(end)) => {
            let said = |look: (&Evaluation, &Published)| (look.1.instrument.clone(), look.0.ratings.0.clone());
            let (before, after) = (said(start), said(end));
            match compare((&before.0, &before.1), (&after.0, &after.1)) {
                Some(compared) => both(&compared, start, end, feels).into_any(),
                None => view! {
                    <p>"The scale changed between the two looks, so they stand one after the other and are not compared."</p>
                    {one(start, feels)}
                    {one(end, feels)}
                }
                .into_any(),
            }
        }
        (start, end) => start.or(end).map(|look| one(look, feels)).into_any(),
    }
}

fn when(look: (&Evaluation, &Published)) -> String {
    clock::say_full_date(clock::today(look.0.made_at))
}

fn one(look: (&Evaluation, &Published), feels: &str) -> impl IntoView + use<> {
    let (evaluation, Published { instrument, .. }) = look;
    let scores = score(instrument, &evaluation.ratings.0);
    let top = f64::from(instrument.top().max(1));
    let rows = scores
        .iter()
        .map(|score| BarRow {
            label: score.name.clone(),
            cells: vec![mean_words(score.mean()), format!("{} of {}", score.rated, score.of)],
            length: score.mean().map(|mean| mean / top),
            ..BarRow::default()
        })
        .collect();
    view! {
        <p class="lede">{told(&scores, feels)}</p>
        <BarTable caption="How sure, by area" heads=vec!["Area", "Mean", "Rated"] rows />
        <p class="muted small">{format!("Made on {}. {}", when(look), scale_words(instrument))}</p>
        {lowest(&scores)}
    }
}

fn both(
    compared: &Comparison,
    start: (&Evaluation, &Published),
    end: (&Evaluation, &Published),
    feels: &str,
) -> impl IntoView + use<> {
    let instrument = &end.1.instrument;
    let scores = score(instrument, &end.0.ratings.0);
    let top = f64::from(instrument.top().max(1));
    let grew = compared.most_grown().map(|change| format!("{} grew most since the start. ", change.name));
    let rows = compared.domains.iter().map(|change| change_row(change, top)).collect();
    view! {
        <p class="lede">{grew}{told(&scores, feels)}</p>
        <BarTable caption="How sure, at the start and at the end, by area" heads=vec!["Area", "Start", "End", "Change"] rows />
        <p class="muted small">
            {format!("Start: {}, the upper bar. End: {}, the lower bar. {}", when(start), when(end), scale_words(instrument))}
        </p>
        <p class="muted small">{compared_words(compared, start.1.version, end.1.version)}</p>
        {lowest(&scores)}
    }
}

fn change_row(change: &Change, top: f64) -> BarRow {
    let (before, after) = change.means.unzip();
    let statements = if change.both == 1 { "statement" } else { "statements" };
    BarRow {
        label: change.name.clone(),
        small: format!("{} {statements} rated both times", change.both),
        cells: vec![mean_words(before), mean_words(after), change_words(change.grown())],
        length: after.map(|mean| mean / top),
        before: before.map(|mean| mean / top),
        ..BarRow::default()
    }
}

fn mean_words(mean: Option<f64>) -> String {
    mean.map_or_else(|| "–".to_owned(), |mean| format!("{mean:.1}"))
}

/// "+0.8", "−0.2", "0.0".
pub fn change_words(change: Option<f64>) -> String {
    match change.map(|change| (change, format!("{:.1}", change.abs()))) {
        None => "–".to_owned(),
        Some((_, zero)) if zero == "0.0" => zero,
        Some((change, words)) if change > 0.0 => format!("+{words}"),
        Some((_, words)) => format!("−{words}"),
    }
}

/// What the comparison rests on.
fn compared_words(compared: &Comparison, old: i32, new: i32) -> String {
    let mut words = "Compared over the statements that were rated both times.".to_owned();
    if compared.asked_once > 0 {
        let (are, many) = if compared.asked_once == 1 { ("is", "statement") } else { ("are", "statements") };
        words.push_str(&format!(
            " The list of statements changed in between, from version {old} to version {new}: {} {many} that only one of them \
             has {are} left out.",
            compared.asked_once
        ));
    }
    if compared.reworded > 0 {
        words.push_str(&format!(" {} were worded differently at the start.", compared.reworded));
    }
    words
}

fn scale_words(instrument: &Instrument) -> String {
    let ends = instrument.scale.first().zip(instrument.scale.last());
    ends.map(|(low, high)| format!("The scale goes from {} ({}) to {} ({}).", low.value, low.anchor, high.value, high.anchor))
        .unwrap_or_default()
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
    let href = format!("{}?form={moment}", api::page(shown.story.id));
    let enrollment = shown.story.id.to_string();
    let (state, words, button, value) = if one.shared {
        ("Your mentor can see it. ", "They see what stands above.", "Stop sharing", "no")
    } else {
        ("Only you see it. ", "Sharing it helps your mentor to know where to begin.", "Share with my mentor", "yes")
    };
    Some(view! {
        <section class="hang no-print">
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

//! One question, before and after it is handed in; for post-tests, practice and the talk. Separate because what stands
//! here decides whether a key reaches a browser.

use leptos::prelude::*;

use crate::assessments::attempt::{Item, Order, Reading, field, row_field};
use crate::assessments::marking::{fitting_number, fitting_text, number};
use crate::assessments::{Answer, Body, Credit, Picture, key};
use crate::form::Form;
use crate::ui::{TextArea, paragraphs};

/// A question before handing in: its text, its picture, what is offered in this order, and nothing else of it.
pub fn asked(form: Form, place: usize, item: &Item, order: &Order) -> AnyView {
    let name = crate::assessments::attempt::first_field(item);
    let error = form.error(&name);
    let (invalid, described) = (error.as_ref().map(|_| ""), error.as_ref().map(|_| format!("{}-error", form.id(&name))));
    let error = error.map(|message| view! { <p class="field-error" id=described.clone()>{message}</p> });
    let fields = match &item.body {
        Body::Single(_) | Body::TrueFalse { .. } | Body::Multiple(_) => choices(form, item, order),
        Body::Matching { .. } => matching(form, item, order),
        Body::Numerical(_) => line(form, item, "The number", "decimal"),
        Body::ShortAnswer { .. } => line(form, item, "Your answer", "text"),
        Body::Essay { .. } => {
            let text = text_of(&item.answer).to_owned();
            view! { <TextArea form name=field(item.question) label="Your answer" value=text rows=6
            hint="Your mentor reads and marks it." /> }
            .into_any()
        }
    };
    view! {
        <fieldset class="question" data-question=item.question.to_string() data-invalid=invalid aria-describedby=described>
            <legend>{format!("{place}. {}", item.text)}</legend>
            <input type="hidden" name="asked" value=item.question.to_string() />
            {item.picture.as_ref().map(picture)}
            {item.kind().takes_many().then(|| view! { <p class="hint">"More than one answer may be right."</p> })}
            {error}
            {fields}
        </fieldset>
    }
    .into_any()
}

/// A question's picture, with its words for those who do not see it.
pub fn picture(picture: &Picture) -> AnyView {
    view! { <img class="question-picture" src=format!("/questions/pictures/{}", picture.hash) alt=picture.alt.clone() loading="lazy" /> }
        .into_any()
}

fn text_of(answer: &Answer) -> &str {
    match answer {
        Answer::Text(text) => text,
        Answer::None | Answer::Chosen(_) | Answer::Matched(_) => "",
    }
}

fn choices(form: Form, item: &Item, order: &Order) -> AnyView {
    let (name, offered) = (field(item.question), item.body.offered());
    let kind = if item.kind().takes_many() { "checkbox" } else { "radio" };
    let id = form.id(&name);
    order
        .written()
        .iter()
        .enumerate()
        .map(|(place, index)| {
            let text = offered.get(*index).copied().unwrap_or_default().to_owned();
            let checked = form.chosen(&name, &place.to_string(), item.answer.chosen().contains(index));
            // The first choice carries the field's id, so that the error summary leads to it.
            let id = if place == 0 { id.clone() } else { format!("{id}-{place}") };
            view! {
                <label class="choice">
                    <input type=kind id=id name=name.clone() value=place.to_string() checked=checked />
                    <span>{text}</span>
                </label>
            }
        })
        .collect_view()
        .into_any()
}

fn matching(form: Form, item: &Item, order: &Order) -> AnyView {
    let Body::Matching { pairs, .. } = &item.body else { return ().into_any() };
    let offered = item.body.offered();
    let given: &[Option<usize>] = match &item.answer {
        Answer::Matched(matched) => matched,
        Answer::None | Answer::Chosen(_) | Answer::Text(_) => &[],
    };
    pairs
        .iter()
        .enumerate()
        .map(|(row, pair)| {
            let name = row_field(item.question, row);
            let place = given.get(row).copied().flatten().and_then(|index| order.place_of(index));
            let chosen = form.value(&name, place.map(|place| place.to_string()).unwrap_or_default());
            let options = order
                .written()
                .iter()
                .enumerate()
                .map(|(place, index)| {
                    let text = offered.get(*index).copied().unwrap_or_default().to_owned();
                    let selected = place.to_string() == chosen;
                    view! { <option value=place.to_string() selected=selected>{text}</option> }
                })
                .collect_view();
            let id = form.id(&name);
            view! {
                <div class="field match-row">
                    <label for=id.clone()>{pair.left.clone()}</label>
                    <select id=id name=name><option value="">"Choose…"</option>{options}</select>
                </div>
            }
        })
        .collect_view()
        .into_any()
}

fn line(form: Form, item: &Item, label: &'static str, inputmode: &'static str) -> AnyView {
    let name = field(item.question);
    let (id, value) = (form.id(&name), form.value(&name, text_of(&item.answer)));
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <input id=id name=name type="text" inputmode=inputmode value=value class="medium" autocomplete="off" />
        </div>
    }
    .into_any()
}

/// Whose answer a question shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    Own,
    Theirs,
}

impl Whose {
    fn answer(self) -> &'static str {
        match self {
            Self::Own => "Your answer",
            Self::Theirs => "Their answer",
        }
    }
}

/// A question after handing in, as far as it may be read. `place`: its number in the test.
pub fn answered(item: &Item, place: Option<usize>, order: &Order, whose: Whose, reading: Reading) -> AnyView {
    let legend = place.map_or_else(|| item.text.clone(), |place| format!("{place}. {}", item.text));
    let body = match &item.body {
        Body::Single(_) | Body::TrueFalse { .. } | Body::Multiple(_) => chosen(item, order, whose, reading),
        Body::Matching { .. } => matched(item, whose, reading),
        Body::Numerical(_) | Body::ShortAnswer { .. } => written(item, whose, reading),
        Body::Essay { .. } => essay(item, whose),
    };
    let explanation = (reading.key && !item.explanation.is_empty()).then(|| paragraphs(&item.explanation));
    view! {
        <fieldset class="question">
            <legend>{legend}</legend>
            {item.picture.as_ref().map(picture)}
            {(!item.answer.is_given()).then(|| view! { <p class="hint">"Not answered."</p> })}
            {body}
            {part(item).map(|words| view! { <p class="hint">{words}</p> })}
            {explanation.map(|words| view! { <div class="explanation">{words}</div> })}
        </fieldset>
    }
    .into_any()
}

/// "Half of it counts", where an answer got a part.
fn part(item: &Item) -> Option<String> {
    let credit = item.credit.filter(|credit| credit.0 > 0 && !credit.is_whole())?;
    Some(format!("This answer counts {} percent.", credit.percent()))
}

fn chosen(item: &Item, order: &Order, whose: Whose, reading: Reading) -> AnyView {
    let (all, chosen) = (item.body.choices(), item.answer.chosen());
    order
        .written()
        .iter()
        .filter_map(|index| all.get(*index).map(|choice| (chosen.contains(index), choice.clone())))
        .map(|(own, choice)| {
            let right = choice.credit.0 > 0;
            let (state, word) = match (reading.key, right, own) {
                (true, true, true) => (Some("right"), format!("{}, and right. ", whose.answer())),
                (true, true, false) => (Some("right"), "Right. ".to_owned()),
                (true, false, true) => (Some("wrong"), format!("{}, but not right. ", whose.answer())),
                (false, _, true) => (Some("own"), format!("{}. ", whose.answer())),
                (_, _, false) => (None, String::new()),
            };
            let why = if reading.key || (reading.own && own) { choice.explanation } else { String::new() };
            view! { <div class="choice" data-answer=state><span>{choice.text}<small>{word}{why}</small></span></div> }
        })
        .collect_view()
        .into_any()
}

fn matched(item: &Item, whose: Whose, reading: Reading) -> AnyView {
    let Body::Matching { pairs, .. } = &item.body else { return ().into_any() };
    let offered = item.body.offered();
    let given: &[Option<usize>] = match &item.answer {
        Answer::Matched(matched) => matched,
        Answer::None | Answer::Chosen(_) | Answer::Text(_) => &[],
    };
    pairs
        .iter()
        .enumerate()
        .map(|(row, pair)| {
            let own = given.get(row).copied().flatten().and_then(|index| offered.get(index)).copied();
            let right = own == Some(pair.right.as_str());
            let state = if reading.key { Some(if right { "right" } else { "wrong" }) } else { own.map(|_| "own") };
            let words = match (own, reading.key) {
                (Some(own), true) if right => format!("{}, and right: {own}", whose.answer()),
                (Some(own), true) => format!("{}: {own}. Right: {}", whose.answer(), pair.right),
                (None, true) => format!("No answer. Right: {}", pair.right),
                (Some(own), false) => format!("{}: {own}", whose.answer()),
                (None, false) => "No answer.".to_owned(),
            };
            view! { <div class="choice" data-answer=state><span>{pair.left.clone()}<small>{words}</small></span></div> }
        })
        .collect_view()
        .into_any()
}

/// A number or a short answer, with why it counts or not where that was written.
fn written(item: &Item, whose: Whose, reading: Reading) -> AnyView {
    let own = text_of(&item.answer).to_owned();
    let why = match &item.body {
        Body::Numerical(answers) => {
            number(&own).and_then(|number| fitting_number(answers, number)).map(|answer| answer.explanation.clone())
        }
        Body::ShortAnswer { answers, match_case } => {
            fitting_text(answers, *match_case, &own).map(|answer| answer.explanation.clone())
        }
        _ => None,
    };
    let why = why.filter(|_| reading.own || reading.key).unwrap_or_default();
    let state = match (reading.key, item.credit) {
        (true, Some(credit)) if credit > Credit::NONE => "right",
        (true, _) => "wrong",
        (false, _) => "own",
    };
    let right = (reading.key && !item.is_right()).then(|| key(&item.body)).flatten();
    let right = right.map(|right| text_of(&right).to_owned()).filter(|right| !right.is_empty());
    view! {
        {(!own.is_empty()).then(|| view! {
            <div class="choice" data-answer=state><span>{own}<small>{whose.answer()}". "{why}</small></span></div>
        })}
        {right.map(|right| view! {
            <div class="choice" data-answer="right"><span>{right}<small>"Right."</small></span></div>
        })}
    }
    .into_any()
}

fn essay(item: &Item, whose: Whose) -> AnyView {
    let text = text_of(&item.answer).to_owned();
    let mark = item.credit.filter(|_| item.answer.is_given()).map(|credit| {
        let by = item.marked_by.clone().map(|name| format!(" by {name}")).unwrap_or_default();
        view! { <p class="hint">{format!("Marked{by}: {} percent.", credit.percent())}</p>{paragraphs(&item.word)} }
    });
    let waits = item.credit.is_none();
    view! {
        {(!text.is_empty()).then(|| view! { <p class="label">{whose.answer()}</p><div class="explanation">{paragraphs(&text)}</div> })}
        {mark}
        {waits.then(|| view! { <p class="hint">"The mentor marks this answer."</p> })}
    }
    .into_any()
}

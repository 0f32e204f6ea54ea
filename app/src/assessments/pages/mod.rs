//! The pages of post-tests, for the pair, and of the question bank, for the coordinator.

mod bank;
mod test;
mod write;

use leptos::prelude::*;

use super::Item;

pub use bank::{chapter, index};
pub use test::test;
pub use write::{edit, write};

/// A question after handing in: every choice in this order, what was chosen, what is right and why. `number` is its
/// place in the test; `whose` says whose answer it was.
pub fn answered(item: &Item, number: Option<usize>, order: &[usize], whose: &'static str) -> impl IntoView + use<> {
    let (all, chosen) = (item.body.choices(), item.answer.chosen());
    let choices = order
        .iter()
        .filter_map(|index| all.get(*index).map(|choice| (*index, choice.clone())))
        .map(|(index, choice)| {
            let (state, word) = match (choice.credit.0 > 0, chosen.contains(&index)) {
                (true, true) => (Some("right"), format!("{whose}, and right. ")),
                (true, false) => (Some("right"), "Right. ".to_owned()),
                (false, true) => (Some("wrong"), format!("{whose}, but not right. ")),
                (false, false) => (None, String::new()),
            };
            view! {
                <div class="choice" data-answer=state>
                    <span>{choice.text}<small>{word}{choice.explanation}</small></span>
                </div>
            }
        })
        .collect_view();
    let legend = number.map_or_else(|| item.text.clone(), |number| format!("{number}. {}", item.text));
    view! {
        <fieldset class="question">
            <legend>{legend}</legend>
            {(!item.answer.is_given()).then(|| view! { <p class="hint">"Not answered."</p> })}
            {choices}
            <div class="explanation"><p>{item.explanation.clone()}</p></div>
        </fieldset>
    }
}

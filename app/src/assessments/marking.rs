//! What an answer is worth. Separate because it is the heart of a test: pure, exact, and nowhere else.
//!
//! Choices are marked as Moodle marks them, shares added up, with one rule beside it that the program had before: where
//! several choices carry the whole each, only exactly the right ones count.

use std::collections::BTreeSet;

use super::question::{Accepted, Answer, Body, Choice, Credit, Number, NumericalAnswer, is_all_or_nothing};

/// The credit for an answer as a whole, from nothing to everything, whatever the order of what was chosen. `None`: a person
/// must mark it. What was not offered is worth nothing.
pub fn credit(body: &Body, answer: &Answer) -> Option<Credit> {
    if !answer.is_given() {
        return Some(Credit::NONE);
    }
    let credit = match (body, answer) {
        (Body::Essay { .. }, _) => return None,
        (Body::Single(_) | Body::TrueFalse { .. }, Answer::Chosen(chosen)) => of_one(&body.choices(), chosen),
        (Body::Multiple(choices), Answer::Chosen(chosen)) => of_several(choices, chosen),
        (Body::Matching { pairs, .. }, Answer::Matched(matched)) => {
            let offered = body.offered();
            let fits = |(place, right): (usize, &str)| {
                let chosen = matched.get(place).copied().flatten();
                chosen.and_then(|chosen| offered.get(chosen)).is_some_and(|text| *text == right)
            };
            let right = pairs.iter().map(|pair| pair.right.as_str()).enumerate().filter(|pair| fits(*pair)).count();
            part(right, pairs.len())
        }
        (Body::Numerical(answers), Answer::Text(text)) => {
            number(text).and_then(|number| fitting_number(answers, number)).map_or(Credit::NONE, |answer| answer.credit)
        }
        (Body::ShortAnswer { answers, match_case }, Answer::Text(text)) => {
            fitting_text(answers, *match_case, text).map_or(Credit::NONE, |answer| answer.credit)
        }
        _ => Credit::NONE,
    };
    Some(credit.within())
}

/// An answer that gets the whole credit; `None` where a person decides.
pub fn key(body: &Body) -> Option<Answer> {
    Some(match body {
        Body::Single(_) | Body::TrueFalse { .. } => {
            Answer::Chosen(body.choices().iter().position(|choice| choice.credit.is_whole()).into_iter().collect())
        }
        Body::Multiple(choices) => Answer::Chosen(right_places(choices).into_iter().collect()),
        Body::Matching { pairs, .. } => {
            let offered = body.offered();
            Answer::Matched(pairs.iter().map(|pair| offered.iter().position(|text| *text == pair.right)).collect())
        }
        Body::Numerical(answers) => {
            let right = answers.iter().filter(|answer| answer.credit.is_whole()).find_map(|answer| answer.value);
            Answer::Text(right.map(|number| number.to_string()).unwrap_or_default())
        }
        Body::ShortAnswer { answers, .. } => {
            let right = answers.iter().find(|answer| answer.credit.is_whole());
            Answer::Text(right.map(|answer| answer.text.replace("\\*", "*")).unwrap_or_default())
        }
        Body::Essay { .. } => return None,
    })
}

fn of_one(choices: &[Choice], chosen: &[usize]) -> Credit {
    let chosen: BTreeSet<usize> = chosen.iter().copied().collect();
    let mut places = chosen.into_iter();
    match (places.next(), places.next()) {
        (Some(place), None) => choices.get(place).map_or(Credit::NONE, |choice| choice.credit),
        _ => Credit::NONE,
    }
}

fn right_places(choices: &[Choice]) -> BTreeSet<usize> {
    choices.iter().enumerate().filter(|(_, choice)| choice.credit.0 > 0).map(|(place, _)| place).collect()
}

fn of_several(choices: &[Choice], chosen: &[usize]) -> Credit {
    let (right, chosen) = (right_places(choices), chosen.iter().copied().collect::<BTreeSet<_>>());
    if is_all_or_nothing(choices) {
        return if chosen == right { Credit::WHOLE } else { Credit::NONE };
    }
    if chosen.iter().any(|place| *place >= choices.len()) {
        return Credit::NONE;
    }
    let sum =
        |places: &BTreeSet<usize>| places.iter().filter_map(|place| choices.get(*place)).map(|one| one.credit.0).sum::<i32>();
    // Thirds do not add up to the whole; all of the right ones do.
    let rounded = if right.is_subset(&chosen) { Credit::WHOLE.0 - sum(&right) } else { 0 };
    let count = i32::try_from(right.len()).unwrap_or(i32::MAX);
    Credit(sum(&chosen) + if rounded.abs() <= count { rounded } else { 0 })
}

fn part(right: usize, of: usize) -> Credit {
    let thousandths = right * 1000 / of.max(1);
    Credit(i32::try_from(thousandths).unwrap_or(0))
}

/// The number somebody typed: with a comma for the point or between thousands, with a minus of any kind, and with a unit
/// after it, which is not looked at.
pub fn number(typed: &str) -> Option<Number> {
    let typed: String = typed.trim().chars().map(|sign| if matches!(sign, '−' | '–') { '-' } else { sign }).collect();
    let end = typed.find(|sign: char| !(sign.is_ascii_digit() || matches!(sign, '+' | '-' | '.' | ',' | ' ' | '\u{a0}')));
    let (digits, rest) = typed.split_at(end.unwrap_or(typed.len()));
    if let Some(number) = exponent(&typed) {
        return Some(number);
    }
    if rest.chars().any(|sign| sign.is_numeric()) {
        return None;
    }
    let digits: String = digits.chars().filter(|sign| !matches!(sign, ' ' | '\u{a0}')).collect();
    without_commas(&digits)?.parse().ok()
}

/// `1.2e3`.
fn exponent(typed: &str) -> Option<Number> {
    typed.contains(['e', 'E']).then(|| typed.parse().ok()).flatten()
}

/// Commas stand between thousands, or one stands for the point.
fn without_commas(digits: &str) -> Option<String> {
    let parts: Vec<&str> = digits.split(',').collect();
    let [first, rest @ ..] = parts.as_slice() else { return None };
    let whole = first.trim_start_matches(['-', '+']);
    let (inner, last) = match rest {
        [] => return Some(digits.to_owned()),
        [inner @ .., last] => (inner, last.split('.').next().unwrap_or_default()),
    };
    let thousands =
        (1..=3).contains(&whole.len()) && inner.iter().all(|part| part.len() == 3) && last.len() == 3 && whole != "0";
    match (thousands, rest) {
        (true, _) => Some(digits.replace(',', "")),
        (false, [part]) if !part.contains('.') && !first.contains('.') => Some(digits.replace(',', ".")),
        _ => None,
    }
}

/// The first of the numbers that this one is close enough to.
pub fn fitting_number(answers: &[NumericalAnswer], number: Number) -> Option<&NumericalAnswer> {
    answers.iter().find(|answer| answer.value.is_none_or(|value| (number.0 - value.0).abs() <= answer.tolerance.0))
}

/// The first of the accepted answers that a text fits.
pub fn fitting_text<'a>(answers: &'a [Accepted], match_case: bool, text: &str) -> Option<&'a Accepted> {
    let text = folded(text, match_case);
    answers.iter().find(|answer| fits(&pattern(&folded(&answer.text, match_case)), &text))
}

/// One space between words, and small letters unless they matter.
fn folded(text: &str, match_case: bool) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if match_case { text } else { text.to_lowercase() }
}

/// A sign of a pattern; `None` is any number of signs.
fn pattern(text: &str) -> Vec<Option<char>> {
    let (mut signs, mut rest) = (Vec::new(), text.chars().peekable());
    while let Some(sign) = rest.next() {
        match sign {
            '\\' if rest.peek() == Some(&'*') => {
                rest.next();
                signs.push(Some('*'));
            }
            '*' => signs.push(None),
            sign => signs.push(Some(sign)),
        }
    }
    signs
}

/// Whether a text fits a pattern: a star that turns out to have taken too little takes one sign more.
fn fits(pattern: &[Option<char>], text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let (mut at, mut place) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while place < text.len() {
        match pattern.get(at) {
            Some(None) => {
                star = Some((at, place));
                at += 1;
            }
            Some(Some(sign)) if *sign == text[place] => (at, place) = (at + 1, place + 1),
            _ => match &mut star {
                Some((from, taken)) => {
                    *taken += 1;
                    (at, place) = (*from + 1, *taken);
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(Option::is_none)
}

//! Editing the instrument: what a coordinator does to a draft, and what keeps it from being published. Separate because it
//! is pure, and because a statement's code must outlive every change of its words and its place.

use super::{Domain, Instrument, Statement, Step};
use crate::error::Refusal;
use crate::words;

words! {
    /// Which way something moves within its list.
    pub enum Way {
        Up = "up",
        Down = "down",
    }
}

/// Domains of an instrument, and statements of a domain, at most.
const MOST: usize = 30;
/// Steps of a scale, from the least to the most.
pub const STEPS: std::ops::RangeInclusive<usize> = 2..=10;

/// Adds a domain at the end. `code` was never used before, in no version: a code that is dropped is not given again.
pub fn add_domain(
    instrument: &mut Instrument,
    code: String,
    name: &str,
    summary: &str,
    confirmed: bool,
) -> Result<(), Refusal> {
    if instrument.domains.len() >= MOST {
        return Err(Refusal::new(format!("There are {MOST} areas already. Drop one first.")));
    }
    let (name, summary) = (name.to_owned(), summary.to_owned());
    instrument.domains.push(Domain { code, name, summary, confirmed, statements: Vec::new() });
    Ok(())
}

/// Adds a statement at the end of a domain, under a code that was never used before.
pub fn add_statement(instrument: &mut Instrument, code: String, domain: &str, text: &str) -> Result<(), Refusal> {
    let domain = find_domain(instrument, domain)?;
    if domain.statements.len() >= MOST {
        return Err(Refusal::new(format!("This area has {MOST} statements already. Drop one first.")));
    }
    domain.statements.push(Statement { code, text: text.to_owned() });
    Ok(())
}

/// Says a domain in other words.
pub fn reword_domain(
    instrument: &mut Instrument,
    code: &str,
    name: &str,
    summary: &str,
    confirmed: bool,
) -> Result<(), Refusal> {
    let domain = find_domain(instrument, code)?;
    (domain.name, domain.summary, domain.confirmed) = (name.to_owned(), summary.to_owned(), confirmed);
    Ok(())
}

/// Says a statement in other words; it stays the same statement.
pub fn reword_statement(instrument: &mut Instrument, code: &str, text: &str) -> Result<(), Refusal> {
    let mut statements = instrument.domains.iter_mut().flat_map(|domain| &mut domain.statements);
    let statement = statements.find(|statement| statement.code == code).ok_or_else(gone)?;
    text.clone_into(&mut statement.text);
    Ok(())
}

/// Moves a domain, or a statement within its domain, by one place; at the end of its list it stays.
pub fn shift(instrument: &mut Instrument, code: &str, way: Way) -> Result<(), Refusal> {
    if let Some(at) = instrument.domains.iter().position(|domain| domain.code == code) {
        swap(&mut instrument.domains, at, way);
        return Ok(());
    }
    for domain in &mut instrument.domains {
        if let Some(at) = domain.statements.iter().position(|statement| statement.code == code) {
            swap(&mut domain.statements, at, way);
            return Ok(());
        }
    }
    Err(gone())
}

fn swap<T>(list: &mut [T], at: usize, way: Way) {
    let other = match way {
        Way::Up => at.checked_sub(1),
        Way::Down => Some(at + 1).filter(|other| *other < list.len()),
    };
    if let Some(other) = other {
        list.swap(at, other);
    }
}

/// Takes a statement, or a domain with all its statements, out of the draft.
pub fn drop_item(instrument: &mut Instrument, code: &str) -> Result<(), Refusal> {
    let count = |instrument: &Instrument| instrument.domains.len() + instrument.statements().count();
    let before = count(instrument);
    instrument.domains.retain(|domain| domain.code != code);
    for domain in &mut instrument.domains {
        domain.statements.retain(|statement| statement.code != code);
    }
    if count(instrument) == before { Err(gone()) } else { Ok(()) }
}

fn find_domain<'a>(instrument: &'a mut Instrument, code: &str) -> Result<&'a mut Domain, Refusal> {
    instrument.domains.iter_mut().find(|domain| domain.code == code).ok_or_else(gone)
}

fn gone() -> Refusal {
    Refusal::new("This is no longer in the draft. Somebody may have dropped it.")
}

/// The scale from one line a step, the least first.
pub fn scale(lines: &str) -> Result<Vec<Step>, Refusal> {
    let anchors: Vec<&str> = lines.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    if !STEPS.contains(&anchors.len()) {
        let (least, most) = (STEPS.start(), STEPS.end());
        return Err(Refusal::new(format!("A scale has {least} to {most} steps, one a line; these are {}.", anchors.len())));
    }
    Ok((1..).zip(anchors).map(|(value, anchor)| Step { value, anchor: anchor.to_owned() }).collect())
}

/// What keeps a draft from being published, if anything does.
pub fn objection(draft: &Instrument, published: Option<&Instrument>) -> Option<Refusal> {
    if let Some(empty) = draft.domains.iter().find(|domain| domain.statements.is_empty()) {
        return Some(Refusal::new(format!("“{}” has no statement yet. Add one, or drop the area.", empty.name)));
    }
    if draft.domains.is_empty() {
        return Some(Refusal::new("There is no area yet. Add one with its statements."));
    }
    (published == Some(draft)).then(|| Refusal::new("The draft says the same as the published version."))
}

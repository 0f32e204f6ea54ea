//! The form in which a question is written: its fields, and from what was typed in them to a question. Separate because the
//! page and what it sends to must name the same fields.

use super::question::{
    Accepted, Body, Choice, Credit, Draft, LONGEST_CHOICE, LONGEST_NAME, LONGEST_SOURCE, LONGEST_TEXT, LONGEST_TOPIC, MOST,
    Number, NumericalAnswer, Pair, QuestionKind, is_all_or_nothing, one_line, tidy,
};
use crate::form::Fields;
use crate::words;

words! {
    /// How several right choices count.
    pub enum Scoring {
        All = "all",
        Shares = "shares",
        Percents = "percents",
    }
}

impl Scoring {
    pub fn name(self) -> &'static str {
        match self {
            Self::All => "Only exactly the right choices count",
            Self::Shares => "Each right choice counts its share, and each wrong one takes a share away",
            Self::Percents => "As the percents below say",
        }
    }

    /// How these choices count.
    pub fn of(choices: &[Choice]) -> Self {
        let right = choices.iter().filter(|choice| choice.credit.0 > 0).count();
        let share = Credit::share(right);
        let is_share = |choice: &Choice| choice.credit == share || choice.credit == Credit(-share.0);
        if choices.is_empty() || is_all_or_nothing(choices) {
            Self::All
        } else if right == 1 && choices.iter().all(|choice| choice.credit.is_whole() || choice.credit == Credit::LOST) {
            Self::All
        } else if choices.iter().all(is_share) {
            Self::Shares
        } else {
            Self::Percents
        }
    }
}

/// The names of the fields of one row.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    pub choice: &'static str,
    pub why: &'static str,
    pub percent: &'static str,
    pub left: &'static str,
    pub right: &'static str,
    pub none: &'static str,
    pub value: &'static str,
    pub tolerance: &'static str,
}

macro_rules! rows {
    ($($number:literal)*) => {
        [$(Row {
            choice: concat!("choice-", $number),
            why: concat!("why-", $number),
            percent: concat!("percent-", $number),
            left: concat!("left-", $number),
            right: concat!("right-", $number),
            none: concat!("none-", $number),
            value: concat!("value-", $number),
            tolerance: concat!("tolerance-", $number),
        }),*]
    };
}

/// The rows of the form, the first of them shown.
pub const ROWS: [Row; MOST] = rows!(1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20);

/// The question that a form holds, but for its picture; every complaint is noted beside its field.
pub fn read(fields: &mut Fields) -> Option<Draft> {
    let kind = fields.one::<QuestionKind>("kind", "Choose the kind of question.");
    let name = fields.optional_text("name", LONGEST_NAME);
    let topic = fields.optional_text("topic", LONGEST_TOPIC);
    let text = fields.text("text", LONGEST_TEXT, "Write the question.");
    let missing = "Write why the answer is right; the mentee reads it afterwards.";
    let explanation = fields.text("explanation", LONGEST_TEXT, missing);
    let missing = "Name the source, such as a section of the ADA Standards of Care.";
    let source = fields.text("source", LONGEST_SOURCE, missing);
    let body = kind.and_then(|kind| body(fields, kind));
    Some(Draft {
        name: one_line(&name?),
        text: tidy(&text?),
        explanation: tidy(&explanation?),
        source: one_line(&source?),
        topic: one_line(&topic?),
        picture: None,
        body: body?,
    })
}

fn body(fields: &mut Fields, kind: QuestionKind) -> Option<Body> {
    let (body, first) = match kind {
        QuestionKind::Single => (Body::Single(choices(fields, kind)?), ROWS[0].choice),
        QuestionKind::Multiple => (Body::Multiple(choices(fields, kind)?), ROWS[0].choice),
        QuestionKind::TrueFalse => (statement(fields)?, "right"),
        QuestionKind::Matching => (matching(fields)?, ROWS[0].left),
        QuestionKind::Numerical => (numerical(fields)?, ROWS[0].value),
        QuestionKind::ShortAnswer => (short_answer(fields)?, ROWS[0].choice),
        QuestionKind::Essay => {
            (Body::Essay { marker_note: fields.optional_text("marker", LONGEST_TEXT).map(|note| tidy(&note))? }, "marker")
        }
    };
    if let Some(objection) = body.objection() {
        fields.wrong(if objection.part == "right" { "right" } else { first }, objection.message);
        return None;
    }
    Some(body)
}

fn line(fields: &mut Fields, name: &str) -> Option<String> {
    fields.optional_text(name, LONGEST_CHOICE).map(|text| one_line(&text))
}

/// Percent from −100 to 100; nothing typed is `Some(None)`.
fn percent(fields: &mut Fields, name: &str) -> Option<Option<Credit>> {
    let text = fields.raw(name);
    if text.is_empty() {
        return Some(None);
    }
    let credit = Credit::of_percent(&text);
    if credit.is_none() {
        fields.wrong(name, "Write percent from -100 to 100, such as 50.");
    }
    credit.map(Some)
}

/// The rows that have something in them; `None` when any of them is wrong. All are read, so that all is told at once.
fn filled<T>(fields: &mut Fields, mut read: impl FnMut(&mut Fields, usize, Row) -> Option<Option<T>>) -> Option<Vec<T>> {
    let read: Vec<Option<Option<T>>> = ROWS.into_iter().enumerate().map(|(place, row)| read(fields, place, row)).collect();
    read.into_iter().collect::<Option<Vec<_>>>().map(|rows| rows.into_iter().flatten().collect())
}

fn choices(fields: &mut Fields, kind: QuestionKind) -> Option<Vec<Choice>> {
    let right: Vec<String> = fields.all("right").map(str::to_owned).collect();
    let scoring = fields.raw("scoring").parse().unwrap_or(Scoring::All);
    let mut rows = filled(fields, |fields, place, row| {
        let (text, explanation, percent) = (line(fields, row.choice), line(fields, row.why), percent(fields, row.percent));
        let (text, explanation, percent) = (text?, explanation?, percent?);
        let right = right.contains(&(place + 1).to_string());
        if text.is_empty() {
            if right || percent.is_some() || !explanation.is_empty() {
                fields.wrong(row.choice, format!("Write the text of choice {}.", place + 1));
                return None;
            }
            return Some(None);
        }
        Some(Some((right, percent, Choice { text, credit: Credit::NONE, explanation })))
    })?;
    let share = Credit::share(rows.iter().filter(|(right, ..)| *right).count());
    for (right, percent, choice) in &mut rows {
        choice.credit = match (kind, scoring, *right) {
            (QuestionKind::Multiple, Scoring::All, true) => Credit::WHOLE,
            (QuestionKind::Multiple, Scoring::All, false) => Credit::LOST,
            (QuestionKind::Multiple, Scoring::Shares, true) => share,
            (QuestionKind::Multiple, Scoring::Shares, false) => Credit(-share.0),
            (QuestionKind::Multiple, Scoring::Percents, _) => percent.unwrap_or_default(),
            (_, _, true) => Credit::WHOLE,
            (_, _, false) => percent.unwrap_or_default(),
        };
    }
    Some(rows.into_iter().map(|(_, _, choice)| choice).collect())
}

fn statement(fields: &mut Fields) -> Option<Body> {
    let (when_true, when_false) = (line(fields, ROWS[0].why), line(fields, ROWS[1].why));
    let is_true = match fields.raw("right").as_str() {
        "1" => Some(true),
        "2" => Some(false),
        _ => {
            fields.wrong("right", "Say whether the statement is true or false.");
            None
        }
    };
    Some(Body::TrueFalse { is_true: is_true?, when_true: when_true?, when_false: when_false? })
}

fn matching(fields: &mut Fields) -> Option<Body> {
    let pairs = filled(fields, |fields, place, row| {
        let (left, right) = (line(fields, row.left), line(fields, row.right));
        let (left, right) = (left?, right?);
        if left.is_empty() && right.is_empty() {
            return Some(None);
        }
        let empty = if left.is_empty() { row.left } else { row.right };
        if left.is_empty() || right.is_empty() {
            fields.wrong(empty, format!("Write both sides of pair {}.", place + 1));
            return None;
        }
        Some(Some(Pair { left, right }))
    });
    let distractors = filled(fields, |fields, _, row| Some(Some(line(fields, row.none)?).filter(|text| !text.is_empty())));
    Some(Body::Matching { pairs: pairs?, distractors: distractors? })
}

fn number(fields: &mut Fields, name: &str) -> Option<Number> {
    let number = super::marking::number(&fields.raw(name));
    if number.is_none() {
        fields.wrong(name, "Write a number with up to six decimals, such as 5.4.");
    }
    number
}

fn numerical(fields: &mut Fields) -> Option<Body> {
    let answers = filled(fields, |fields, _, row| {
        let (explanation, percent) = (line(fields, row.why), percent(fields, row.percent));
        let (explanation, percent) = (explanation?, percent?);
        if fields.raw(row.value).is_empty()
            && fields.raw(row.tolerance).is_empty()
            && explanation.is_empty()
            && percent.is_none()
        {
            return Some(None);
        }
        let value = number(fields, row.value);
        let tolerance =
            if fields.raw(row.tolerance).is_empty() { Some(Number::default()) } else { number(fields, row.tolerance) };
        let credit = percent.unwrap_or(Credit::WHOLE);
        Some(Some(NumericalAnswer { value: Some(value?), tolerance: tolerance?, credit, explanation }))
    });
    let other = line(fields, "other");
    let (mut answers, explanation) = (answers?, other?);
    if !explanation.is_empty() {
        answers.push(NumericalAnswer { value: None, tolerance: Number::default(), credit: Credit::NONE, explanation });
    }
    Some(Body::Numerical(answers))
}

fn short_answer(fields: &mut Fields) -> Option<Body> {
    let match_case = fields.ticked("match-case");
    let answers = filled(fields, |fields, place, row| {
        let (text, explanation, percent) = (line(fields, row.choice), line(fields, row.why), percent(fields, row.percent));
        let (text, explanation, percent) = (text?, explanation?, percent?);
        if text.is_empty() {
            if percent.is_some() || !explanation.is_empty() {
                fields.wrong(row.choice, format!("Write the text of answer {}.", place + 1));
                return None;
            }
            return Some(None);
        }
        Some(Some(Accepted { text, credit: percent.unwrap_or(Credit::WHOLE), explanation }))
    })?;
    Some(Body::ShortAnswer { answers, match_case })
}

//! What answers say about questions, as a list to take along: one row a question. Separate from the page, because a
//! spreadsheet wants numbers where a reader wants words.

use serde_json::{Value, json};

use super::statistics::{concerns, taken, too_early, written};
use super::store::Figures;
use crate::exports::Table;
use crate::reports::share::Interval;

/// The rows in the order of the chapters. What may not be told yet is empty.
pub fn table(figures: &[Figures]) -> Table {
    let columns = vec![
        "chapter",
        "chapter_title",
        "question",
        "kind",
        "version",
        "retired",
        "takers",
        "knew_it",
        "knew_it_low",
        "knew_it_high",
        "mean_credit",
        "tells_apart",
        "tells_apart_low",
        "tells_apart_high",
        "answers",
        "second_look",
        "too_early",
    ];
    Table { columns, rows: figures.iter().map(row).collect() }
}

fn row(one: &Figures) -> Vec<Value> {
    let (_, taken) = taken(&one.body, &one.answers);
    let facility = one.sums.facility();
    let apart = one.sums.discrimination();
    let [knew_low, knew_high] = limits(facility.map(|(_, within)| within));
    let [apart_low, apart_high] = limits(apart.map(|found| found.within));
    let concerns: Vec<String> = concerns(&one.sums, &taken).into_iter().map(|concern| concern.words).collect();
    let mut answers: Vec<String> = taken.iter().map(|one| format!("{}: {}", one.text, one.count)).collect();
    answers.extend(
        written(&one.answers)
            .into_iter()
            .map(|(text, count)| format!("{}: {count}", text.unwrap_or_else(|| "others".to_owned()))),
    );
    vec![
        json!(one.number),
        json!(one.chapter_title),
        json!(one.text),
        json!(one.body.kind().as_str()),
        json!(one.version),
        json!(one.retired),
        json!(one.sums.takers),
        rounded(facility.map(|(share, _)| share)),
        knew_low,
        knew_high,
        rounded(one.sums.mean()),
        rounded(apart.map(|found| found.r)),
        apart_low,
        apart_high,
        json!(answers.join("; ")),
        json!(concerns.join(" ")),
        json!(too_early(&one.sums).unwrap_or_default()),
    ]
}

fn limits(within: Option<Interval>) -> [Value; 2] {
    [rounded(within.map(|within| within.low)), rounded(within.map(|within| within.high))]
}

/// To three places: more would claim what is not known.
fn rounded(number: Option<f64>) -> Value {
    number.map_or(Value::Null, |number| json!((number * 1000.0).round() / 1000.0))
}

//! The year report: sections of tables that draw their own bars. Separate because it is figures, where the other papers
//! are words.

use chrono::{Datelike, NaiveDate};
use typst::foundations::{Dict, IntoValue, Value};

use super::{Setter, values};

/// Everything that is printed of a report.
#[derive(Debug, Clone)]
pub struct Report {
    pub title: String,
    pub program: String,
    pub made_on: NaiveDate,
    /// That day as shown.
    pub made: String,
    /// What the report says about itself: what, and the words.
    pub about: Vec<(String, String)>,
    pub sections: Vec<Section>,
    /// What tells this paper from every other.
    pub ident: String,
}

#[derive(Debug, Clone)]
pub struct Section {
    pub title: String,
    pub about: String,
    pub tables: Vec<Table>,
}

/// A table; its first heading is that of the labels.
#[derive(Debug, Clone)]
pub struct Table {
    pub title: String,
    pub definition: String,
    pub heads: Vec<String>,
    pub rows: Vec<Row>,
    pub total: Option<Row>,
}

#[derive(Debug, Clone)]
pub struct Row {
    pub label: String,
    /// More about the label, in small.
    pub small: String,
    pub cells: Vec<String>,
    /// The bar, from 0 to 1, and the range in which its end may lie.
    pub length: Option<f64>,
    pub within: Option<(f64, f64)>,
}

impl Report {
    pub(super) fn inputs(&self, setter: &Setter) -> Dict {
        let about = self.about.iter().map(|(what, words)| values([setter.text(what), setter.text(words)]));
        let mut inputs = Dict::new();
        let mut put = |key: &str, value| inputs.insert(key.into(), value);
        put("title", format!("QDEI report, {}", setter.text(&self.title)).into_value());
        put("heading", setter.text(&self.title).into_value());
        put("program", setter.line(&self.program));
        put("made", setter.text(&self.made).into_value());
        put("year", self.made_on.year().into_value());
        put("month", self.made_on.month().into_value());
        put("day", self.made_on.day().into_value());
        put("about", values(about));
        put("sections", values(self.sections.iter().map(|section| section.inputs(setter))));
        inputs
    }
}

impl Section {
    fn inputs(&self, setter: &Setter) -> Dict {
        let mut inputs = Dict::new();
        inputs.insert("title".into(), setter.text(&self.title).into_value());
        inputs.insert("about".into(), setter.text(&self.about).into_value());
        inputs.insert("tables".into(), values(self.tables.iter().map(|table| table.inputs(setter))));
        inputs
    }
}

impl Table {
    fn inputs(&self, setter: &Setter) -> Dict {
        let total = self.total.as_ref().map_or(Value::None, |row| row.inputs(setter).into_value());
        let mut inputs = Dict::new();
        inputs.insert("title".into(), setter.text(&self.title).into_value());
        inputs.insert("definition".into(), setter.text(&self.definition).into_value());
        inputs.insert("heads".into(), values(self.heads.iter().map(|head| setter.text(head))));
        inputs.insert("rows".into(), values(self.rows.iter().map(|row| row.inputs(setter))));
        inputs.insert("total".into(), total);
        inputs
    }
}

impl Row {
    fn inputs(&self, setter: &Setter) -> Dict {
        let real = |number: Option<f64>| number.map_or(Value::None, IntoValue::into_value);
        let mut inputs = Dict::new();
        inputs.insert("label".into(), setter.text(&self.label).into_value());
        inputs.insert("small".into(), setter.text(&self.small).into_value());
        inputs.insert("cells".into(), values(self.cells.iter().map(|cell| setter.text(cell))));
        inputs.insert("length".into(), real(self.length));
        inputs.insert("low".into(), real(self.within.map(|(low, _)| low)));
        inputs.insert("high".into(), real(self.within.map(|(_, high)| high)));
        inputs
    }
}

//! Step 7: the question bank and the post-test of a chapter, marked here and nowhere else. Separate because the key of a
//! question must not leave the server before its test is handed in.
//!
//! A version of a question never changes: an edit is a new version that retires the old one, so that a test handed in long
//! ago still shows what was asked.

pub mod api;
pub mod attempt;
pub mod figures_file;
pub mod formats;
pub mod marking;
pub mod pages;
pub mod question;
pub mod rules;
pub mod statistics;
pub mod store;
pub mod written;

pub use attempt::{Attempt, Item, Marked, Missed, Next, Objection, Score, draw, mark, needed, next, paper_objection, score};
pub use marking::{credit, key};
pub use question::{
    Accepted, Answer, Body, Choice, Credit, Draft, Number, NumericalAnswer, Pair, Picture, QuestionKind, Status,
};

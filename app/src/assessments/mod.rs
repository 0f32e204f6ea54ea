//! Step 7 of Option 1: the question bank and the post-test of a chapter, marked here and nowhere else. Separate because
//! the key of a question must not leave the server before its test is handed in.
//!
//! A version of a question never changes: an edit is a new version that retires the old one, so that a test handed in long
//! ago still shows what was asked.

pub mod api;
pub mod attempt;
pub mod marking;
pub mod pages;
pub mod question;
pub mod store;

pub use attempt::{
    Attempt, Item, Marked, Missed, Next, Score, draw, field, mark, needed, next, order_of_choices, paper_objection,
    read_answers, score,
};
pub use marking::{credit, key};
pub use question::{
    Accepted, Answer, Body, Choice, Credit, Draft, Number, NumericalAnswer, Pair, Picture, QuestionKind, Status,
};

//! The coordinator's week: who needs the program, most urgent first. Separate because it gathers from every step and
//! adds nothing of its own.

pub mod pages;

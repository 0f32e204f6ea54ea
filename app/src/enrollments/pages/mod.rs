//! Where each person begins, and the enrolment's own pages.

pub mod coordinator;
pub mod life;
pub mod list;
pub mod mentee;
pub mod mentor;
mod thread;

use leptos::prelude::*;

pub use super::way;
use super::{Move, Owner, Story, What};
use crate::clock;
use crate::state;
use crate::ui::Day;

/// The word on the button of a move.
pub fn verb(what: What) -> &'static str {
    match what {
        What::ProposeMentor => "Propose a mentor",
        What::AnswerProposal => "Answer",
        What::ChooseBook => "Choose",
        What::LendBook => "Lend",
        What::ConfirmBook => "Tell us",
        What::MakePlan => "Make the plan",
        What::EvaluateSelf => "Begin",
        What::SignLetter => "Read and sign",
        What::ReceiveLetter => "Receive",
        What::ReadMessage => "Read",
        What::DecideLimit | What::AnswerTime => "Decide",
        What::ReadChapter => "Log this chapter",
        What::TakeTest => "Take the test",
        What::ApproveQuestions => "Review",
        What::SignOff => "Prepare the talk",
        What::MarkAnswers => "Mark",
        What::PlanExam => "Fill in",
        What::IssueCertificate => "Preview and issue",
        What::ReturnBook => "Tell us",
        What::ShelveBook => "Shelve",
    }
}

/// Who a move waits for, as everyone may read it.
pub fn owner_name(owner: Owner, story: &Story) -> String {
    match owner {
        Owner::Mentee => story.mentee.clone(),
        Owner::Mentor => story.mentor.clone().unwrap_or_else(|| "the mentor".to_owned()),
        Owner::Coordinator => "the coordinator".to_owned(),
    }
}

/// "Waiting for Ruth Ellingson to sign the letter, since Tuesday, Dec 1".
pub fn waiting(one: Move, story: &Story) -> impl IntoView + use<> {
    view! {
        "Waiting for "{owner_name(one.owner, story)}" "{one.what.awaited()}", since "<Day date=clock::today(one.since) />
    }
}

/// The day by which a move is due; late ones say so.
pub fn due(one: Move) -> impl IntoView {
    let late = one.is_late(state().clock.now());
    let words = if late { "was due " } else { "by " };
    view! { <span class=late.then_some("late")>{words}<Day date=clock::today(one.due) /></span> }
}

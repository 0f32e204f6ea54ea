//! The open moves of an enrolment: what it waits for, whose it is, since when and by when. Separate, because these are
//! the rules that the coordinator sets limits for, and every page and the clock read them.

use chrono::{DateTime, Duration, NaiveDate, NaiveTime, Utc};

use super::ladder::stretch;
use super::{OptionNumber, State, Story, missing};
use crate::clock;
use crate::settings::Settings;
use crate::words;

words! {
    /// Who a move waits for.
    pub enum Owner {
        Mentee = "mentee",
        Mentor = "mentor",
        Coordinator = "coordinator",
    }

    /// What an enrolment waits for.
    pub enum What {
        ProposeMentor = "propose_mentor",
        AnswerProposal = "answer_proposal",
        ChooseBook = "choose_book",
        LendBook = "lend_book",
        ConfirmBook = "confirm_book",
        MakePlan = "make_plan",
        EvaluateSelf = "evaluate_self",
        SignLetter = "sign_letter",
        ReceiveLetter = "receive_letter",
        ReadMessage = "read_message",
        ReadChapter = "read_chapter",
        TakeTest = "take_test",
        ApproveQuestions = "approve_questions",
        SignOff = "sign_off",
        MarkAnswers = "mark_answers",
        PlanExam = "plan_exam",
        IssueCertificate = "issue_certificate",
        DecideLimit = "decide_limit",
        AnswerTime = "answer_time",
        ReturnBook = "return_book",
        ShelveBook = "shelve_book",
    }
}

/// One open move: what, whose, since when, and by when it should be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Move {
    pub what: What,
    pub owner: Owner,
    pub since: DateTime<Utc>,
    /// The time it has, by its owner's clock.
    pub limit: Duration,
    /// `since` and `limit`, with every leave in between added.
    pub due: DateTime<Utc>,
    /// Encouraged, never a gate: does not make an enrolment stall.
    pub optional: bool,
}

impl Move {
    pub fn is_late(&self, now: DateTime<Utc>) -> bool {
        !self.optional && self.due < now
    }

    /// The limit in whole days, rounded up.
    pub fn limit_days(&self) -> i64 {
        (self.limit + Duration::days(1) - Duration::microseconds(1)).num_days()
    }
}

/// Every open move of an enrolment, the one due first first. Empty while it is paused and once it has ended, except for
/// a book that is still out.
///
/// What begins by a date (the time limit) is among them from before that date on: look at [`Move::since`].
pub fn moves(story: &Story, settings: &Settings) -> Vec<Move> {
    let mut open = Open { story, moves: Vec::new() };
    if story.state == State::Active {
        pair_moves(&mut open, settings);
        book_moves(&mut open, settings);
        paper_moves(&mut open, settings);
        message_moves(&mut open, settings);
        study_moves(&mut open, settings);
        end_moves(&mut open, settings);
    }
    if !story.state.is_live() {
        return_move(&mut open);
    }
    shelve_move(&mut open, settings);
    open.moves.sort_by_key(|one| (one.optional, one.due, one.what));
    open.moves
}

/// The open move that is due first.
pub fn turn(moves: &[Move]) -> Option<Move> {
    moves.first().copied()
}

/// The moves of one person, the one due first first.
pub fn moves_of(moves: &[Move], owner: Owner) -> Vec<Move> {
    moves.iter().copied().filter(|one| one.owner == owner).collect()
}

/// The moves found so far.
struct Open<'a> {
    story: &'a Story,
    moves: Vec<Move>,
}

impl Open<'_> {
    fn add(&mut self, what: What, owner: Owner, since: DateTime<Utc>, days: i64) {
        self.push(what, owner, since, Duration::days(days), false);
    }

    /// A move with a date of its own instead of a number of days.
    fn add_until(&mut self, what: What, owner: Owner, since: DateTime<Utc>, until: DateTime<Utc>) {
        self.push(what, owner, since, until - since, false);
    }

    fn push(&mut self, what: What, owner: Owner, since: DateTime<Utc>, limit: Duration, optional: bool) {
        let due = stretch(since, limit, owner, &self.story.stops);
        self.moves.push(Move { what, owner, since, limit, due, optional });
    }
}

/// When a day is over in Montana.
fn end_of(day: NaiveDate) -> DateTime<Utc> {
    clock::at_local(clock::zone(), day + Duration::days(1), NaiveTime::MIN)
}

fn pair_moves(open: &mut Open, settings: &Settings) {
    let story = open.story;
    match (story.proposed_at, story.matched_at) {
        (_, Some(_)) => {}
        (Some(since), None) => match story.answer_by {
            Some(until) => open.add_until(What::AnswerProposal, Owner::Mentor, since, until),
            None => open.add(What::AnswerProposal, Owner::Mentor, since, settings.answer_days),
        },
        (None, None) => {
            let since = story.unmatched_at.unwrap_or(story.started_at);
            open.add(What::ProposeMentor, Owner::Coordinator, since, settings.desk_days);
        }
    }
}

fn book_moves(open: &mut Open, settings: &Settings) {
    let story = open.story;
    match (story.own_book_at.or(story.book_arrived_at), story.book_lent_at, story.book_requested_at) {
        (Some(_), _, _) => {}
        (None, Some(since), _) => open.add(What::ConfirmBook, Owner::Mentee, since, settings.post_days),
        (None, None, Some(since)) => open.add(What::LendBook, Owner::Coordinator, since, settings.desk_days),
        (None, None, None) if story.book_returned_at.is_some() => {}
        (None, None, None) => {
            let since = story.book_unrequested_at.unwrap_or(story.started_at);
            open.add(What::ChooseBook, Owner::Mentee, since, settings.book_days);
        }
    }
}

fn paper_moves(open: &mut Open, settings: &Settings) {
    let story = open.story;
    let Some(matched_at) = story.matched_at else { return };
    if story.self_evaluated_at.is_none() {
        open.push(What::EvaluateSelf, Owner::Mentee, matched_at, Duration::days(settings.first_contact_days), true);
    }
    if story.planned_at.is_none() {
        open.add(What::MakePlan, Owner::Mentee, matched_at, settings.first_contact_days);
    }
    let Some(made_at) = story.letter_made_at else { return };
    if story.letter_received_at.is_some() {
        return;
    }
    match (story.mentee_signed_at, story.mentor_signed_at) {
        (Some(mentee), Some(mentor)) => {
            open.add(What::ReceiveLetter, Owner::Coordinator, mentee.max(mentor), settings.desk_days);
        }
        (mentee, mentor) => {
            if mentee.is_none() {
                open.add(What::SignLetter, Owner::Mentee, mentor.unwrap_or(made_at), settings.sign_days);
            }
            if mentor.is_none() {
                open.add(What::SignLetter, Owner::Mentor, mentee.unwrap_or(made_at), settings.sign_days);
            }
        }
    }
}

fn message_moves(open: &mut Open, settings: &Settings) {
    let story = open.story;
    let Some(matched_at) = story.matched_at else { return };
    let unread = [
        (Owner::Mentee, story.mentee_unread_since, story.mentee_saw_at),
        (Owner::Mentor, story.mentor_unread_since, story.mentor_saw_at),
    ];
    for (owner, since, saw_at) in unread {
        if let Some(since) = since {
            let since = since.max(matched_at).max(saw_at.unwrap_or(since));
            open.add(What::ReadMessage, owner, since, settings.message_days);
        }
    }
}

fn study_moves(open: &mut Open, settings: &Settings) {
    let story = open.story;
    let Some(matched_at) = story.matched_at else { return };
    let latest = story.last_read_at.unwrap_or(matched_at).max(matched_at);
    if story.read < story.chapters {
        match story.next_target.map(end_of).filter(|target| *target > latest) {
            Some(target) => open.add_until(What::ReadChapter, Owner::Mentee, latest, target),
            None => open.add(What::ReadChapter, Owner::Mentee, latest, settings.stalled_days),
        }
    }
    // Of several that wait, the next has its time from when the one before was done.
    if let Some(since) = story.undiscussed_since {
        let since = since.max(matched_at).max(story.last_signed_off_at.unwrap_or(since));
        open.add(What::SignOff, Owner::Mentor, since, settings.stalled_days);
    }
    if let Some(since) = story.untested_since {
        let since = since.max(matched_at).max(story.last_tested_at.unwrap_or(since));
        open.add(What::TakeTest, Owner::Mentee, since, settings.stalled_days);
    }
    if let Some(since) = story.unmarked_since {
        open.add(What::MarkAnswers, Owner::Mentor, since.max(matched_at), settings.mark_days);
    }
    if story.tests_open < story.tests && story.read > story.tests_open {
        open.add(What::ApproveQuestions, Owner::Coordinator, latest, settings.desk_days);
    }
    if story.option_number == OptionNumber::Three && story.exam_planned_at.is_none() && story.read == story.chapters {
        open.add(What::PlanExam, Owner::Mentee, latest, settings.stalled_days);
    }
}

fn end_moves(open: &mut Open, settings: &Settings) {
    let story = open.story;
    if missing(story).is_empty() {
        // Ready since the last thing that was missing.
        let last = [
            story.letter_received_at,
            story.last_read_at,
            story.last_signed_off_at,
            story.last_tested_at,
            story.exam_planned_at,
        ];
        let since = last.into_iter().flatten().max().unwrap_or(story.started_at);
        open.add(What::IssueCertificate, Owner::Coordinator, since, settings.desk_days);
    } else {
        open.add(What::DecideLimit, Owner::Coordinator, end_of(story.due_on), settings.desk_days);
    }
    if let Some(since) = story.time_asked_at {
        open.add(What::AnswerTime, Owner::Coordinator, since, settings.desk_days);
    }
}

fn return_move(open: &mut Open) {
    let story = open.story;
    if let (Some(_), Some(due_on)) = (story.book_lent_at, story.book_due_on)
        && story.book_sent_back_at.is_none()
    {
        let since = story.ended_at.unwrap_or(story.started_at);
        open.add_until(What::ReturnBook, Owner::Mentee, since, end_of(due_on).max(since));
    }
}

/// A book on its way back, which the coordinator puts on the shelf when it comes.
fn shelve_move(open: &mut Open, settings: &Settings) {
    if let Some(since) = open.story.book_sent_back_at {
        open.add(What::ShelveBook, Owner::Coordinator, since, settings.post_days);
    }
}

/// Where the owner of a move goes to make it.
pub fn way(what: What, story: &Story) -> String {
    let id = story.id;
    match what {
        What::ProposeMentor => format!("/coordinator/enrollments/{id}/match"),
        What::AnswerProposal => match story.match_id {
            Some(proposal) => format!("/mentor/proposals/{proposal}"),
            None => "/mentor".to_owned(),
        },
        What::ChooseBook | What::ConfirmBook | What::ReturnBook => "/mentee/book".to_owned(),
        What::LendBook | What::ShelveBook => format!("/coordinator/enrollments/{id}/book"),
        What::MakePlan => format!("/enrollments/{id}/plan"),
        What::EvaluateSelf => format!("/enrollments/{id}/self-evaluation"),
        What::SignLetter => format!("/enrollments/{id}/letter"),
        What::ReceiveLetter => format!("/coordinator/enrollments/{id}/letter"),
        What::ReadMessage => format!("/enrollments/{id}/messages"),
        What::DecideLimit | What::AnswerTime => format!("/coordinator/enrollments/{id}#change"),
        What::ReadChapter | What::TakeTest => format!("/enrollments/{id}/chapters"),
        What::ApproveQuestions => "/coordinator/questions".to_owned(),
        What::SignOff => format!("/enrollments/{id}/talk"),
        What::MarkAnswers => match story.unmarked_chapter {
            Some(chapter) => format!("/enrollments/{id}/chapters/{chapter}/test"),
            None => format!("/enrollments/{id}/chapters"),
        },
        What::PlanExam => "/mentee/exam".to_owned(),
        What::IssueCertificate => format!("/coordinator/enrollments/{id}/certificate"),
    }
}

impl What {
    /// As the owner reads it: "Sign the letter of agreement".
    pub fn told(self) -> &'static str {
        match self {
            Self::ProposeMentor => "Propose a mentor",
            Self::AnswerProposal => "Say whether you can mentor",
            Self::ChooseBook => "Say how you get the book",
            Self::LendBook => "Lend the book",
            Self::ConfirmBook => "Tell us when the book is there",
            Self::MakePlan => "Make a plan with your mentor",
            Self::EvaluateSelf => "Look at where you stand",
            Self::SignLetter => "Sign the letter of agreement",
            Self::ReceiveLetter => "Receive the letter of agreement",
            Self::ReadMessage => "Read a message",
            Self::ReadChapter => "Read the next chapter",
            Self::TakeTest => "Take a post-test",
            Self::ApproveQuestions => "Approve post-test questions",
            Self::SignOff => "Talk over and sign off chapters",
            Self::MarkAnswers => "Mark answers of a post-test",
            Self::PlanExam => "Fill in the exam plan",
            Self::IssueCertificate => "Issue the certificate",
            Self::DecideLimit => "Time limit reached",
            Self::AnswerTime => "Asks for more time",
            Self::ReturnBook => "Send the book back",
            Self::ShelveBook => "Put the book back on the shelf",
        }
    }

    /// As the coordinator reads it when it has waited too long: "Letter not signed".
    pub fn lacking(self) -> &'static str {
        match self {
            Self::ProposeMentor => "No mentor proposed",
            Self::AnswerProposal => "Proposal not answered",
            Self::ChooseBook => "Book not chosen",
            Self::LendBook => "Book not lent",
            Self::ConfirmBook => "Book not arrived, as far as we know",
            Self::MakePlan => "No plan yet",
            Self::EvaluateSelf => "No self-evaluation",
            Self::SignLetter => "Letter not signed",
            Self::ReceiveLetter => "Letter not received",
            Self::ReadMessage => "Message not read",
            Self::ReadChapter => "Next chapter not read",
            Self::TakeTest => "Post-test not passed",
            Self::ApproveQuestions => "Questions not approved",
            Self::SignOff => "Chapters not signed off",
            Self::MarkAnswers => "Answers not marked",
            Self::PlanExam => "Exam plan not filled in",
            Self::IssueCertificate => "Certificate not issued",
            Self::DecideLimit => "Time limit reached",
            Self::AnswerTime => "Wish for more time not answered",
            Self::ReturnBook => "Book not sent back",
            Self::ShelveBook => "Book not back on the shelf",
        }
    }

    /// As others read it: "to sign the letter".
    pub fn awaited(self) -> &'static str {
        match self {
            Self::ProposeMentor => "to propose a mentor",
            Self::AnswerProposal => "to answer the proposal",
            Self::ChooseBook => "to say how to get the book",
            Self::LendBook => "to lend the book",
            Self::ConfirmBook => "to say that the book is there",
            Self::MakePlan => "to make the plan",
            Self::EvaluateSelf => "to look at where they stand",
            Self::SignLetter => "to sign the letter",
            Self::ReceiveLetter => "to receive the letter",
            Self::ReadMessage => "to read a message",
            Self::ReadChapter => "to read the next chapter",
            Self::TakeTest => "to take a post-test",
            Self::ApproveQuestions => "to approve questions",
            Self::SignOff => "to talk over chapters and sign them off",
            Self::MarkAnswers => "to mark answers of a post-test",
            Self::PlanExam => "to fill in the exam plan",
            Self::IssueCertificate => "to issue the certificate",
            Self::DecideLimit => "to extend the time or close",
            Self::AnswerTime => "to answer the wish for more time",
            Self::ReturnBook => "to send the book back",
            Self::ShelveBook => "to put the book back on the shelf",
        }
    }
}

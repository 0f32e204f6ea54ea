//! The chosen enrolments as a file for a spreadsheet. Separate from the pages, because it is one line for each and no view.

use super::store::Exported;
use crate::clock::today;
use crate::counties;
use crate::enrollments::Owner;
use crate::error::AppError;
use crate::spreadsheet::neutral;

const HEADINGS: [&str; 18] = [
    "Name",
    "E-mail",
    "Phone",
    "Option",
    "Book",
    "County",
    "Mentor",
    "State",
    "Started",
    "Time limit",
    "Ended",
    "Chapters",
    "Read",
    "Discussed",
    "Heard from mentee",
    "Heard from mentor",
    "Waiting for",
    "Waiting since",
];

/// The file as CSV. Dates are written as year, month, day, which every spreadsheet reads alike.
pub fn csv(lines: &[Exported]) -> Result<Vec<u8>, AppError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let failed = |_| AppError::Internal;
    writer.write_record(HEADINGS).map_err(failed)?;
    for line in lines {
        let cells = cells(line);
        writer.write_record(cells.iter().map(|cell| neutral(cell).into_owned())).map_err(failed)?;
    }
    writer.into_inner().map_err(|_| AppError::Internal)
}

fn cells(line: &Exported) -> [String; 18] {
    let day = |at| today(at).to_string();
    let waits = line.turn_owner.zip(line.turn_what).map(|(owner, what)| {
        let whom = match owner {
            Owner::Mentee => "mentee",
            Owner::Mentor => "mentor",
            Owner::Coordinator => "coordinator",
        };
        format!("{whom} {}", what.awaited())
    });
    [
        line.mentee.clone(),
        line.email.clone(),
        line.phone.clone(),
        line.option_number.to_string(),
        line.book.clone(),
        counties::name(&line.county).to_owned(),
        line.mentor.clone().unwrap_or_default(),
        line.state.name().to_owned(),
        day(line.started_at),
        line.due_on.to_string(),
        line.ended_at.map(day).unwrap_or_default(),
        line.chapters.to_string(),
        line.chapters_read.to_string(),
        line.discussed.to_string(),
        day(line.mentee_heard_at),
        line.mentor_heard_at.map(day).unwrap_or_default(),
        waits.unwrap_or_default(),
        line.turn_since.map(day).unwrap_or_default(),
    ]
}

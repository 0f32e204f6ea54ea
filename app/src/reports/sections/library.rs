//! What the lending library did.

use chrono::NaiveDate;

use super::{Kind, Row, Rows, Section, Span, Table, Value, Words, days, defined, told};
use crate::clock;
use crate::reports::{HoldRow, LoanRow, Median};

pub fn section(rows: &Rows, span: Span, end: NaiveDate) -> Section {
    Section {
        title: "Library",
        about: "Books lent to mentees, and what came of the loans.",
        tables: vec![loans(&rows.loans, span, end), requests(&rows.holds, span, end)],
    }
}

fn count(number: usize) -> Value {
    Value::Count(told(number))
}

fn loans(loans: &[LoanRow], span: Span, end: NaiveDate) -> Table {
    let words = Words {
        title: "Loans",
        definition: "\"The end\" is the last of these days, or today while they run.",
        group: "What",
        counted: "Loans",
    };
    let lent = loans.iter().filter(|loan| span.contains(clock::today(loan.lent_at))).count();
    let ended = |loan: &&LoanRow| loan.returned_at.is_some_and(|at| span.contains(clock::today(at)));
    let (lost, back): (Vec<&LoanRow>, Vec<&LoanRow>) = loans.iter().filter(ended).partition(|loan| loan.lost);
    let out: Vec<&LoanRow> = loans.iter().filter(|loan| is_out(loan, end)).collect();
    let overdue = out.iter().filter(|loan| is_overdue(loan, end)).count();
    let took = back.iter().filter_map(|loan| days(loan.lent_at, loan.returned_at?)).collect();
    let rows: Vec<Row> = vec![
        defined("Lent", "Loans that began in these days.", count(lent)),
        Row {
            days: Some(Median::of(took)),
            ..defined(
                "Came back",
                "Books that were back on the shelf in these days; the days since they were lent.",
                count(back.len()),
            )
        },
        defined("Lost", "Loans that ended in these days without the book.", count(lost.len())),
        defined("Out at the end", "Lent and not back yet.", count(out.len())),
        defined(
            "Overdue at the end",
            "Of those that are out: past the day they were due, and not on the way back.",
            Value::Part { count: told(overdue), of: told(out.len()) },
        ),
    ];
    let mut table = words.table(Kind::Each, rows, None);
    table.days = "Median days out";
    table
}

fn is_out(loan: &LoanRow, end: NaiveDate) -> bool {
    clock::today(loan.lent_at) <= end && loan.returned_at.is_none_or(|at| clock::today(at) > end)
}

fn is_overdue(loan: &LoanRow, end: NaiveDate) -> bool {
    loan.due_on < end && loan.sent_back_at.is_none_or(|at| clock::today(at) > end)
}

fn requests(holds: &[HoldRow], span: Span, end: NaiveDate) -> Table {
    let words = Words {
        title: "Requests for a book",
        definition: "Every request waits until a book is lent or the request is taken back.",
        group: "What",
        counted: "Requests",
    };
    let asked = holds.iter().filter(|hold| span.contains(clock::today(hold.placed_at))).count();
    let ended = |hold: &&HoldRow| hold.ended_at.is_some_and(|at| span.contains(clock::today(at)));
    let (lent, given_up): (Vec<&HoldRow>, Vec<&HoldRow>) = holds.iter().filter(ended).partition(|hold| hold.lent);
    let waits = |hold: &&HoldRow| clock::today(hold.placed_at) <= end && hold.ended_at.is_none_or(|at| clock::today(at) > end);
    let took = lent.iter().filter_map(|hold| days(hold.placed_at, hold.ended_at?)).collect();
    let rows: Vec<Row> = vec![
        defined("Asked", "Requests that came in these days.", count(asked)),
        Row {
            days: Some(Median::of(took)),
            ..defined("Lent", "Requests that ended in these days with a book; the days they waited.", count(lent.len()))
        },
        defined("Taken back", "Requests that ended in these days without a book.", count(given_up.len())),
        defined("Waiting at the end", "Not lent and not taken back yet.", count(holds.iter().filter(waits).count())),
    ];
    let mut table = words.table(Kind::Each, rows, None);
    table.days = "Median days waited";
    table
}

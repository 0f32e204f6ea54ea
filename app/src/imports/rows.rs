//! From rows to records: everything that is wrong with each row, or what will be written for it. Separate because it is
//! pure: what is in the program already is handed in as [`Known`].

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::columns::{Column, Field, lacking, plain};
use super::read::Row;
use super::values::{self, Wrong};
use super::{Field as F, Kind};
use crate::counties::County;
use crate::enrollments::{OptionNumber, State};
use crate::id::{AccountId, ChapterId, EditionId, OutlineId, TitleId};
use crate::library::{self, Condition};
use crate::matching::{MOST_MENTEES, Profile};
use crate::people::{Discipline, Interest, Way};

/// An account that is there.
#[derive(Debug, Clone)]
pub struct KnownAccount {
    pub id: AccountId,
    pub name: String,
    pub phone: String,
    pub closed: bool,
    pub mentor: bool,
    /// The day to which a mentor's credential was last found valid.
    pub valid_to: Option<NaiveDate>,
}

/// An enrolment that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownEnrollment {
    pub option: OptionNumber,
    pub started_on: NaiveDate,
    pub state: State,
}

/// An outline that can be studied.
#[derive(Debug, Clone)]
pub struct KnownOutline {
    pub id: OutlineId,
    pub title: String,
    pub options: Vec<OptionNumber>,
    pub chapters: Vec<(i32, ChapterId)>,
}

/// A title of the library with its editions.
#[derive(Debug, Clone)]
pub struct KnownTitle {
    pub id: TitleId,
    pub name: String,
    pub editions: Vec<(EditionId, String)>,
}

/// What the rows are held against.
#[derive(Debug, Clone, Default)]
pub struct Known {
    pub today: NaiveDate,
    /// Mentees a mentor takes unless they say otherwise.
    pub capacity: i32,
    /// By address.
    pub accounts: HashMap<String, KnownAccount>,
    pub enrollments: HashMap<AccountId, Vec<KnownEnrollment>>,
    pub outlines: Vec<KnownOutline>,
    pub titles: Vec<KnownTitle>,
    /// The edition of each copy, by label.
    pub copies: HashMap<String, EditionId>,
}

/// What is wrong with a cell, or with a row where `column` is empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    pub row: u32,
    pub column: String,
    pub value: String,
    pub what: String,
    pub mend: String,
}

/// What a row will do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    New,
    /// Somebody, or a book, that is there and is changed in these respects.
    Changed(Vec<&'static str>),
    /// Already here.
    Same,
}

/// A person's account: there, or to be made.
#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    pub account: Option<AccountId>,
    pub name: String,
    pub email: String,
    pub phone: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct MentorRecord {
    pub person: Person,
    /// `None` for one who is a mentor already.
    pub profile: Option<Profile>,
    /// A phone to take over for somebody who is there, and the one before.
    pub phone_before: Option<String>,
    pub valid_to: Option<NaiveDate>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct MenteeRecord {
    pub person: Person,
    pub discipline: Discipline,
    pub workplace: String,
    pub county: &'static County,
    pub serves: Vec<&'static County>,
    pub ways: Vec<Way>,
    pub interests: Vec<Interest>,
    pub option: OptionNumber,
    pub outline: OutlineId,
    pub started_on: NaiveDate,
    pub mentor: Option<AccountId>,
    /// The mentor's name, for the letter.
    pub mentor_name: String,
    pub book: String,
    pub state: State,
    pub paused_until: Option<NaiveDate>,
    pub ended_on: Option<NaiveDate>,
    pub reason: String,
    pub letter_on: Option<NaiveDate>,
    pub read: Vec<(ChapterId, NaiveDate)>,
    pub discussed: Vec<(ChapterId, NaiveDate)>,
}

/// A title or edition: there, or to be made under this name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place<T> {
    There(T),
    New(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookRecord {
    /// The title as the file writes it.
    pub name: String,
    pub title: Place<TitleId>,
    pub publisher: String,
    pub edition: Place<EditionId>,
    pub year: Option<i32>,
    pub isbn: Option<String>,
    /// Labels of the copies that are not there yet.
    pub labels: Vec<String>,
    pub condition: Condition,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Record {
    Mentor(MentorRecord),
    Mentee(Box<MenteeRecord>),
    Book(BookRecord),
}

/// A row that can be imported.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    pub row: u32,
    pub standing: Standing,
    pub record: Record,
}

/// What became of all rows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Judgement {
    pub rows: Vec<Judged>,
    /// In the order of rows. Those about the whole file have row 0.
    pub problems: Vec<Problem>,
}

impl Judgement {
    /// The rows with a problem.
    pub fn bad_rows(&self) -> usize {
        self.problems.iter().map(|problem| problem.row).filter(|row| *row > 0).collect::<BTreeSet<_>>().len()
    }

    /// Whether a problem concerns the whole file, so that no row can be imported.
    pub fn is_blocked(&self) -> bool {
        self.problems.iter().any(|problem| problem.row == 0)
    }

    pub fn count(&self, of: impl Fn(&Standing) -> bool) -> usize {
        self.rows.iter().filter(|row| of(&row.standing)).count()
    }
}

/// Holds every row against what is known.
pub fn judge(kind: Kind, columns: &[Column], rows: &[Row], known: &Known) -> Judgement {
    let mut judge = Judge { columns, known, unsure: unsure(columns, rows), seen: Seen::default(), problems: Vec::new() };
    for field in lacking(kind, columns) {
        judge.problems.push(Problem {
            row: 0,
            column: field.name().to_owned(),
            value: String::new(),
            what: format!("No column was taken for “{}”.", field.name()),
            mend: "Choose the column that holds it, or add one to the file.".to_owned(),
        });
    }
    let mut judged = Vec::new();
    if judge.problems.is_empty() {
        for row in rows.iter().filter(|row| row.cells.iter().any(|cell| !cell.is_empty())) {
            let made = match kind {
                Kind::Mentors => judge.mentor(row).map(|(standing, record)| (standing, Record::Mentor(record))),
                Kind::Mentees => judge.mentee(row).map(|(standing, record)| (standing, Record::Mentee(Box::new(record)))),
                Kind::Books => judge.book(row).map(|(standing, record)| (standing, Record::Book(record))),
            };
            judged.extend(made.map(|(standing, record)| Judged { row: row.number, standing, record }));
        }
    }
    Judgement { rows: judged, problems: judge.problems }
}

/// The columns of dates of which some have the day first.
fn unsure(columns: &[Column], rows: &[Row]) -> HashSet<usize> {
    let dates = |place: &usize| columns[*place].field.is_some_and(is_date);
    (0..columns.len()).filter(dates).filter(|place| rows.iter().any(|row| values::is_day_first(row.cell(*place)))).collect()
}

fn is_date(field: Field) -> bool {
    matches!(field, F::CredentialTo | F::AwayUntil | F::StartedOn | F::PausedUntil | F::EndedOn | F::CompletedOn | F::LetterOn)
}

/// What stood in the rows before.
#[derive(Default)]
struct Seen {
    /// The row of each mentor's address.
    mentors: HashMap<String, u32>,
    /// The enrolments of each mentee's address, with their rows.
    mentees: HashMap<String, Vec<(u32, OptionNumber, NaiveDate, State)>>,
    labels: HashMap<String, u32>,
    /// How many copies of a title got a label made for them.
    numbered: HashMap<String, usize>,
}

struct Judge<'a> {
    columns: &'a [Column],
    known: &'a Known,
    unsure: HashSet<usize>,
    seen: Seen,
    problems: Vec<Problem>,
}

impl<'a> Judge<'a> {
    fn place(&self, field: Field) -> Option<usize> {
        self.columns.iter().position(|column| column.field == Some(field))
    }

    fn cell<'r>(&self, row: &'r Row, field: Field) -> &'r str {
        self.place(field).map_or("", |place| row.cell(place))
    }

    fn wrong(&mut self, row: &Row, field: Field, wrong: Wrong) {
        let column = self.place(field).map_or(field.name(), |place| &self.columns[place].heading).to_owned();
        let value = self.cell(row, field).chars().take(80).collect();
        self.problems.push(Problem { row: row.number, column, value, what: wrong.what, mend: wrong.mend });
    }

    /// A cell that may be empty; `None` after a problem.
    fn maybe<T>(&mut self, row: &Row, field: Field, read: impl Fn(&str) -> Result<T, Wrong>) -> Option<Option<T>> {
        let cell = self.cell(row, field);
        if cell.is_empty() {
            return Some(None);
        }
        match read(cell) {
            Ok(value) => Some(Some(value)),
            Err(wrong) => {
                self.wrong(row, field, wrong);
                None
            }
        }
    }

    /// A cell that must hold something.
    fn must<T>(&mut self, row: &Row, field: Field, read: impl Fn(&str) -> Result<T, Wrong>) -> Option<T> {
        let value = self.maybe(row, field, read)?;
        if value.is_none() {
            let name = field.name().to_lowercase();
            self.wrong(row, field, Wrong::new("This cell is empty.", format!("Fill in the {name}, or remove the row.")));
        }
        value
    }

    fn date(&mut self, row: &Row, field: Field) -> Option<Option<NaiveDate>> {
        let unsure = self.place(field).is_some_and(|place| self.unsure.contains(&place));
        self.maybe(row, field, |cell| values::date(cell, unsure))
    }

    /// A day that lies in the past, or today.
    fn past(&mut self, row: &Row, field: Field) -> Option<Option<NaiveDate>> {
        let date = self.date(row, field)?;
        if date.is_some_and(|date| date > self.known.today) {
            self.wrong(row, field, Wrong::new("This day has not come yet.", "Look at the year again."));
            return None;
        }
        Some(date)
    }

    fn person(&mut self, row: &Row) -> Option<Person> {
        let name = if self.cell(row, F::Name).is_empty() && self.place(F::LastName).is_some() {
            let whole = [F::FirstName, F::LastName].map(|field| self.cell(row, field)).join(" ").trim().to_owned();
            match values::name(&whole) {
                Ok(name) => Some(name),
                Err(wrong) => {
                    self.wrong(row, F::LastName, wrong);
                    None
                }
            }
        } else {
            self.must(row, F::Name, values::name)
        };
        let email = self.must(row, F::Email, values::email);
        let phone = self.maybe(row, F::Phone, values::phone);
        let (name, email, phone) = (name?, email?, phone?.unwrap_or_default());
        let known = self.known.accounts.get(&email);
        if known.is_some_and(|account| account.closed) {
            let mend = "Write another address for this person, or remove the row.";
            self.wrong(row, F::Email, Wrong::new("The account with this address was closed.", mend));
            return None;
        }
        Some(Person { account: known.map(|account| account.id), name, email, phone })
    }

    fn mentor(&mut self, row: &Row) -> Option<(Standing, MentorRecord)> {
        let person = self.person(row);
        let profile = self.profile(row);
        let valid_to = self.date(row, F::CredentialTo);
        let (person, profile, valid_to) = (person?, profile?, valid_to?);
        if let Some(before) = self.seen.mentors.insert(person.email.clone(), row.number) {
            let what = format!("The same address stands in row {before}.");
            self.wrong(row, F::Email, Wrong::new(what, "Keep one row for each person."));
            return None;
        }
        Some(match self.known.accounts.get(&person.email) {
            Some(account) if account.mentor => known_mentor(account, person, valid_to),
            Some(account) => {
                let phone_before = taken_over(account, &person.phone);
                let mut changed = vec!["becomes a mentor"];
                changed.extend(phone_before.as_ref().map(|_| "phone"));
                (Standing::Changed(changed), MentorRecord { person, profile: Some(profile), phone_before, valid_to })
            }
            None => (Standing::New, MentorRecord { person, profile: Some(profile), phone_before: None, valid_to }),
        })
    }

    fn profile(&mut self, row: &Row) -> Option<Profile> {
        let discipline = self.must(row, F::Discipline, values::discipline);
        let county = self.must(row, F::County, values::county);
        let options = self.maybe(row, F::Options, values::options);
        let ways = self.maybe(row, F::Ways, values::ways);
        let interests = self.maybe(row, F::Interests, values::interests);
        let capacity = self.maybe(row, F::Capacity, |cell| values::whole(cell, 0, MOST_MENTEES));
        let about = self.maybe(row, F::About, |cell| values::text(cell, 1000));
        let away_until = self.date(row, F::AwayUntil);
        Some(Profile {
            discipline: discipline?,
            county: county?,
            options: options?.unwrap_or_else(|| OptionNumber::ALL.to_vec()),
            ways: ways?.filter(|ways| !ways.is_empty()).unwrap_or_else(|| vec![Way::Phone]),
            interests: interests?.unwrap_or_default(),
            capacity: capacity?.unwrap_or(self.known.capacity),
            about: about?.unwrap_or_default(),
            away_until: away_until?.filter(|day| *day > self.known.today),
        })
    }

    fn mentee(&mut self, row: &Row) -> Option<(Standing, MenteeRecord)> {
        let person = self.person(row);
        let discipline = self.must(row, F::Discipline, values::discipline);
        let workplace = self.maybe(row, F::Workplace, |cell| values::text(cell, 200));
        let county = self.must(row, F::County, values::county);
        let serves = self.maybe(row, F::Serves, values::several_counties);
        let ways = self.maybe(row, F::Ways, values::ways);
        let interests = self.maybe(row, F::Interests, values::interests);
        let outline = self.outline(row);
        let started_on = self.started_on(row);
        let mentor = self.mentor_of(row);
        let life = self.life(row);
        let letter_on = self.past(row, F::LetterOn);
        let (person, county, (option, outline), started_on) = (person?, county?, outline?, started_on?);
        let (mentor, life, letter_on) = (mentor?, life?, letter_on?);
        self.in_order(row, started_on, &life, letter_on)?;
        let as_of = life.ended_on.unwrap_or(self.known.today);
        let read = self.chapters(row, F::Read, outline, as_of);
        let discussed = self.chapters(row, F::Discussed, outline, as_of);
        let (mut read, discussed) = (read?, discussed?);
        read.extend(
            discussed
                .iter()
                .filter(|(chapter, _)| !read.iter().any(|(known, _)| known == chapter))
                .copied()
                .collect::<Vec<_>>(),
        );
        self.needs_mentor(row, mentor.is_some(), letter_on.is_some(), !discussed.is_empty())?;
        let (mentor, mentor_name) = mentor.map_or((None, String::new()), |(id, name)| (Some(id), name));
        if mentor.is_some() && mentor == person.account {
            self.wrong(row, F::Mentor, Wrong::new("Nobody is their own mentor.", "Write the mentor's address."));
            return None;
        }
        let standing = self.mentee_standing(row, &person, option, started_on, life.state)?;
        let book = outline.title.clone();
        let record = MenteeRecord {
            person,
            discipline: discipline?,
            workplace: workplace?.unwrap_or_default(),
            county,
            serves: serves?.unwrap_or_else(|| vec![county]),
            ways: ways?.filter(|ways| !ways.is_empty()).unwrap_or_else(|| vec![Way::Phone]),
            interests: interests?.unwrap_or_default(),
            option,
            outline: outline.id,
            started_on,
            mentor,
            mentor_name,
            book,
            state: life.state,
            paused_until: life.paused_until,
            ended_on: life.ended_on,
            reason: life.reason,
            letter_on,
            read,
            discussed,
        };
        Some((standing, record))
    }

    fn started_on(&mut self, row: &Row) -> Option<NaiveDate> {
        let started = self.past(row, F::StartedOn)?;
        if started.is_none() {
            self.wrong(row, F::StartedOn, Wrong::new("This cell is empty.", "Fill in the day this person started."));
        }
        started
    }

    /// The option and the outline of its book.
    fn outline(&mut self, row: &Row) -> Option<(OptionNumber, &'a KnownOutline)> {
        let option = self.must(row, F::Option, values::option)?;
        let offered: Vec<&KnownOutline> =
            self.known.outlines.iter().filter(|outline| outline.options.contains(&option)).collect();
        let cell = self.cell(row, F::Book);
        let fitting: Vec<&KnownOutline> =
            offered.iter().filter(|outline| cell.is_empty() || is_title(&outline.title, cell)).copied().collect();
        if let [outline] = fitting[..] {
            return Some((option, outline));
        }
        let names: Vec<&str> = offered.iter().map(|outline| outline.title.as_str()).collect();
        let what = match (cell.is_empty(), offered.is_empty()) {
            (_, true) => format!("There is no book for {} in the program.", option.name()),
            (true, _) => format!("{} has more than one book.", option.name()),
            (false, _) => format!("This is not a book of {}.", option.name()),
        };
        self.wrong(row, F::Book, Wrong::new(what, format!("Write one of: {}.", names.join("; "))));
        None
    }

    /// The mentor, by address or, where only one has it, by name.
    fn mentor_of(&mut self, row: &Row) -> Option<Option<(AccountId, String)>> {
        let known = self.known;
        self.maybe(row, F::Mentor, |cell| {
            let of = |account: &KnownAccount| (account.id, account.name.clone());
            if let Ok(email) = values::email(cell) {
                let found = known.accounts.get(&email).filter(|account| account.mentor && !account.closed);
                return found.map(of).ok_or_else(|| {
                    let mend = "Import the mentors first, or leave the cell empty: a mentor can be proposed later.";
                    Wrong::new("No mentor has this address.", mend)
                });
            }
            let name = values::name(cell).unwrap_or_default().to_lowercase();
            let named: Vec<&KnownAccount> =
                known.accounts.values().filter(|account| account.mentor && account.name.to_lowercase() == name).collect();
            match named[..] {
                [one] => Ok(of(one)),
                _ => Err(Wrong::new("This is not the address of a mentor.", "Write the mentor's e-mail address.")),
            }
        })
    }

    /// Where the enrolment stands, from the status and the days that say it.
    fn life(&mut self, row: &Row) -> Option<Life> {
        let said = self.maybe(row, F::State, values::state);
        let completed_on = self.past(row, F::CompletedOn);
        let ended_on = self.past(row, F::EndedOn);
        let paused_until = self.date(row, F::PausedUntil);
        let reason = self.maybe(row, F::Reason, |cell| values::text(cell, 1000));
        let (said, completed_on, ended_on) = (said?, completed_on?, ended_on?);
        let (paused_until, reason) = (paused_until?, reason?.unwrap_or_default());
        let state = said.unwrap_or(match (completed_on, ended_on, paused_until) {
            (Some(_), ..) => State::Completed,
            (None, Some(_), _) => State::Withdrawn,
            (None, None, Some(day)) if day > self.known.today => State::Paused,
            (None, None, _) => State::Active,
        });
        let lacks = |field: Field, state: &str| {
            (field, Wrong::new("This cell is empty.", format!("Fill in the day, because the status says {state}.")))
        };
        let against = |field: Field, state: &str| {
            let what = format!("This day does not go with the status {state}.");
            (field, Wrong::new(what, "Change the status, or empty this cell."))
        };
        let (ended_on, problem) = match (state, completed_on, ended_on) {
            (State::Completed, Some(day), _) => (Some(day), None),
            // A list with one column for the end has the day of completion there.
            (State::Completed, None, Some(day)) => (Some(day), None),
            (State::Completed, None, None) => (None, Some(lacks(F::CompletedOn, "completed"))),
            (State::Withdrawn, Some(_), _) => (None, Some(against(F::CompletedOn, "withdrawn"))),
            (State::Withdrawn, None, Some(day)) => (Some(day), None),
            (State::Withdrawn, None, None) => (None, Some(lacks(F::EndedOn, "withdrawn"))),
            (State::Active | State::Paused, Some(_), _) => (None, Some(against(F::CompletedOn, state.as_str()))),
            (State::Active | State::Paused, None, Some(_)) => (None, Some(against(F::EndedOn, state.as_str()))),
            (State::Active | State::Paused, None, None) => (None, None),
        };
        if let Some((field, wrong)) = problem {
            self.wrong(row, field, wrong);
            return None;
        }
        let paused_until = paused_until.filter(|_| state == State::Paused);
        Some(Life { state, paused_until, ended_on, reason })
    }

    /// Nothing lies before the start.
    fn in_order(&mut self, row: &Row, started_on: NaiveDate, life: &Life, letter_on: Option<NaiveDate>) -> Option<()> {
        let end =
            if life.state == State::Completed && self.place(F::CompletedOn).is_some() { F::CompletedOn } else { F::EndedOn };
        let mut fine = Some(());
        for (field, day) in [(end, life.ended_on), (F::LetterOn, letter_on)] {
            if day.is_some_and(|day| day < started_on) {
                self.wrong(row, field, Wrong::new("This day lies before the start.", "Look at both dates again."));
                fine = None;
            }
        }
        fine
    }

    fn chapters(
        &mut self,
        row: &Row,
        field: Field,
        outline: &KnownOutline,
        as_of: NaiveDate,
    ) -> Option<Vec<(ChapterId, NaiveDate)>> {
        let numbers: Vec<i32> = outline.chapters.iter().map(|(number, _)| *number).collect();
        let found = self.maybe(row, field, |cell| values::chapters(cell, &numbers))?.unwrap_or_default();
        if found.iter().any(|(_, day)| day.is_some_and(|day| day > self.known.today)) {
            self.wrong(row, field, Wrong::new("A day here has not come yet.", "Look at the years again."));
            return None;
        }
        let id = |number: i32| outline.chapters.iter().find(|(known, _)| *known == number).map(|(_, id)| *id);
        Some(found.into_iter().filter_map(|(number, day)| Some((id(number)?, day.unwrap_or(as_of)))).collect())
    }

    fn needs_mentor(&mut self, row: &Row, mentor: bool, letter: bool, discussed: bool) -> Option<()> {
        for (field, there, what) in [
            (F::LetterOn, letter, "A letter of agreement is between two, and no mentor is named."),
            (F::Discussed, discussed, "Chapters are discussed with a mentor, and none is named."),
        ] {
            if there && !mentor {
                self.wrong(row, field, Wrong::new(what, "Add the mentor's e-mail, or empty this cell."));
                return None;
            }
        }
        Some(())
    }

    /// Whether the enrolment is new; a person goes one way at a time.
    fn mentee_standing(
        &mut self,
        row: &Row,
        person: &Person,
        option: OptionNumber,
        started_on: NaiveDate,
        state: State,
    ) -> Option<Standing> {
        let there = person.account.and_then(|id| self.known.enrollments.get(&id)).map(Vec::as_slice).unwrap_or_default();
        if there.iter().any(|one| one.option == option && one.started_on == started_on) {
            return Some(Standing::Same);
        }
        let before = self.seen.mentees.entry(person.email.clone()).or_default();
        let same = before.iter().find(|(_, other, day, _)| *other == option && *day == started_on).map(|(row, ..)| *row);
        let live = before.iter().find(|(.., other)| other.is_live()).map(|(row, ..)| *row).filter(|_| state.is_live());
        before.push((row.number, option, started_on, state));
        let wrong = match (same, live, state.is_live() && there.iter().any(|one| one.state.is_live())) {
            (Some(row), ..) => Wrong::new(format!("Row {row} says the same of this person."), "Keep one of the two rows."),
            (None, Some(row), _) => Wrong::new(
                format!("This person is studying in row {row} already."),
                "A person takes one option at a time: end one of the two, or remove a row.",
            ),
            (None, None, true) => Wrong::new(
                "This person has an enrollment here that is still open.",
                "End that one first, or write how this one ended.",
            ),
            (None, None, false) => {
                return Some(if person.account.is_some() {
                    Standing::Changed(vec!["another enrollment"])
                } else {
                    Standing::New
                });
            }
        };
        self.wrong(row, F::Email, wrong);
        None
    }

    fn book(&mut self, row: &Row) -> Option<(Standing, BookRecord)> {
        let name = self.must(row, F::Title, |cell| values::text(cell, 200));
        let publisher = self.maybe(row, F::Publisher, |cell| values::text(cell, 200));
        let edition = self.maybe(row, F::Edition, |cell| values::text(cell, 80));
        let year = self.maybe(row, F::Year, |cell| values::whole(cell, 1900, 2100));
        let isbn = self.maybe(row, F::Isbn, |cell| {
            library::isbn(cell)
                .ok_or_else(|| Wrong::new("This is not an ISBN.", "Look at its digits again, or empty the cell."))
        });
        let condition = self.maybe(row, F::Condition, values::condition);
        let labels = self.maybe(row, F::Labels, |cell| {
            library::labels(cell).map_err(|what| Wrong::new(what, "Write one label for each copy."))
        });
        let most = i32::try_from(library::COPIES).unwrap_or(i32::MAX);
        let count = self.maybe(row, F::Count, |cell| values::whole(cell, 0, most));
        let (name, publisher, edition) = (name?, publisher?.unwrap_or_default(), edition?);
        let (labels, count) = (labels?, count?);
        let known = self.known.titles.iter().find(|title| is_title(&title.name, &name));
        if known.is_none() && publisher.is_empty() {
            let mend = "Add who published it, because the library does not know this title yet.";
            self.wrong(row, F::Publisher, Wrong::new("The publisher of a new title is missing.", mend));
            return None;
        }
        let edition = self.edition(row, known, edition)?;
        let labels = self.labels(row, &name, &edition, labels, count)?;
        let (title, new_edition) = match known {
            Some(title) => (Place::There(title.id), matches!(edition, Place::New(_))),
            None => (Place::New(name.clone()), true),
        };
        let standing = match (new_edition, labels.is_empty()) {
            (false, true) => Standing::Same,
            _ => Standing::New,
        };
        let record = BookRecord {
            name,
            title,
            publisher,
            edition,
            year: year?,
            isbn: isbn?,
            labels,
            condition: condition?.unwrap_or(Condition::Good),
        };
        Some((standing, record))
    }

    /// The edition that is meant; where none is named, the only one there is.
    fn edition(&mut self, row: &Row, title: Option<&KnownTitle>, named: Option<String>) -> Option<Place<EditionId>> {
        let there = title.map(|title| title.editions.as_slice()).unwrap_or_default();
        let Some(named) = named else {
            return match there {
                [] => Some(Place::New("Edition not named".to_owned())),
                [(only, _)] => Some(Place::There(*only)),
                several => {
                    let names: Vec<&str> = several.iter().map(|(_, label)| label.as_str()).collect();
                    let mend = format!("Write which: {}, or a new one.", names.join("; "));
                    self.wrong(row, F::Edition, Wrong::new("The library has several editions of this title.", mend));
                    None
                }
            };
        };
        let named = ordinal(&named);
        let same = there.iter().find(|(_, label)| plain(label) == plain(&named));
        Some(same.map_or(Place::New(named), |(id, _)| Place::There(*id)))
    }

    /// The labels of the copies to add: those that are written, or made from the title for so many copies.
    fn labels(
        &mut self,
        row: &Row,
        title: &str,
        edition: &Place<EditionId>,
        written: Option<Vec<String>>,
        count: Option<i32>,
    ) -> Option<Vec<String>> {
        let Some(written) = written else { return Some(self.made_labels(title, count.unwrap_or(1))) };
        if count.is_some_and(|count| usize::try_from(count).is_ok_and(|count| count != written.len())) {
            let what = format!("This says how many, and {} labels are written.", written.len());
            self.wrong(row, F::Count, Wrong::new(what, "Write one label for each copy, or empty one of the two cells."));
            return None;
        }
        let mut new = Vec::new();
        for label in written {
            if let Some(before) = self.seen.labels.insert(label.clone(), row.number) {
                let what = format!("{label} stands in row {before} already.");
                self.wrong(row, F::Labels, Wrong::new(what, "Each copy needs a label of its own."));
                return None;
            }
            match self.known.copies.get(&label) {
                None => new.push(label),
                Some(there) if *edition == Place::There(*there) => {}
                Some(_) => {
                    let what = format!("{label} is the label of a copy of another book here.");
                    self.wrong(row, F::Labels, Wrong::new(what, "Give this copy another label."));
                    return None;
                }
            }
        }
        Some(new)
    }

    /// "CGD-3": the title's first letters and the next numbers that are free.
    fn made_labels(&mut self, title: &str, count: i32) -> Vec<String> {
        let small = ["the", "and", "of", "to", "for", "a", "an", "in"];
        let letters: String = title
            .split(|sign: char| !sign.is_alphanumeric())
            .filter(|word| !word.is_empty() && !small.contains(&word.to_lowercase().as_str()))
            .filter_map(|word| word.chars().next())
            .take(4)
            .flat_map(char::to_uppercase)
            .collect();
        let next = self.seen.numbered.entry(letters.clone()).or_insert(1);
        let mut made = Vec::new();
        while made.len() < usize::try_from(count).unwrap_or(0) {
            let label = format!("{letters}-{next}");
            *next += 1;
            if !self.known.copies.contains_key(&label) && !self.seen.labels.contains_key(&label) {
                self.seen.labels.insert(label.clone(), 0);
                made.push(label);
            }
        }
        made
    }
}

struct Life {
    state: State,
    paused_until: Option<NaiveDate>,
    ended_on: Option<NaiveDate>,
    reason: String,
}

/// "5" and "5th" are editions as "5th edition" is.
fn ordinal(text: &str) -> String {
    let lower = text.to_lowercase();
    let number = lower.trim_end_matches("edition").trim_end_matches("ed.").trim_end_matches("ed").trim();
    let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
    let rest = &number[digits.len()..];
    if digits.is_empty() || digits.len() > 2 || !matches!(rest, "" | "st" | "nd" | "rd" | "th") {
        return text.to_owned();
    }
    let end = match (digits.as_str(), digits.chars().last()) {
        ("11" | "12" | "13", _) => "th",
        (_, Some('1')) => "st",
        (_, Some('2')) => "nd",
        (_, Some('3')) => "rd",
        _ => "th",
    };
    format!("{digits}{end} edition")
}

/// Whether a cell names a title: the whole of it, its beginning, or the name people call it by.
fn is_title(title: &str, cell: &str) -> bool {
    let (title, cell) = (plain(title), plain(cell));
    let short = title.strip_prefix("the").unwrap_or(&title);
    let said = cell.strip_prefix("the").unwrap_or(&cell);
    let called = title.starts_with("understandingdiabetes") && said.contains("pinkpanther");
    short == said || called || said.len() >= 8 && short.starts_with(said) || short.len() >= 8 && said.starts_with(short)
}

/// A mentor who is there keeps the profile; a new phone and a later credential are taken over.
fn known_mentor(account: &KnownAccount, person: Person, valid_to: Option<NaiveDate>) -> (Standing, MentorRecord) {
    let phone_before = taken_over(account, &person.phone);
    let valid_to = valid_to.filter(|day| account.valid_to.is_none_or(|known| *day > known));
    let mut changed = Vec::new();
    changed.extend(phone_before.as_ref().map(|_| "phone"));
    changed.extend(valid_to.map(|_| "credential"));
    let standing = if changed.is_empty() { Standing::Same } else { Standing::Changed(changed) };
    (standing, MentorRecord { person, profile: None, phone_before, valid_to })
}

/// The phone before, where the file has another.
fn taken_over(account: &KnownAccount, phone: &str) -> Option<String> {
    (!phone.is_empty() && phone != account.phone).then(|| account.phone.clone())
}

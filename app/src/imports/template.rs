//! The small files that show what a list looks like: the headings and one row. Separate because they are what most people
//! begin with.

use super::Kind;
use super::columns::Field;

impl Kind {
    /// The template's file name.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Mentors => "mentors.csv",
            Self::Mentees => "mentees.csv",
            Self::Books => "books.csv",
        }
    }
}

/// The fields of a template: a name is one column.
fn fields(kind: Kind) -> impl Iterator<Item = Field> {
    kind.fields().iter().copied().filter(|field| !matches!(field, Field::FirstName | Field::LastName))
}

/// What stands in the row that shows how.
fn example(field: Field) -> &'static str {
    match field {
        Field::Name => "Jordan Example",
        Field::FirstName | Field::LastName => "",
        Field::Email => "jordan@example.org",
        Field::Phone => "406-555-0100",
        Field::Discipline => "RN",
        Field::Workplace => "Example Clinic",
        Field::County => "Powder River",
        Field::Serves => "Powder River, Carter",
        Field::Options => "1, 3",
        Field::Ways => "phone, video",
        Field::Interests => "type 1, technology",
        Field::Capacity => "3",
        Field::CredentialTo => "2028-12-31",
        Field::AwayUntil => "",
        Field::About => "",
        Field::Option => "1",
        Field::Book => "Complete Guide to Diabetes",
        Field::StartedOn => "2025-09-15",
        Field::Mentor => "",
        Field::State => "active",
        Field::PausedUntil => "",
        Field::EndedOn => "",
        Field::Reason => "",
        Field::CompletedOn => "",
        Field::LetterOn => "",
        Field::Read => "1: 2025-10-01; 2: 2025-10-20",
        Field::Discussed => "",
        Field::Title => "Complete Guide to Diabetes",
        Field::Publisher => "American Diabetes Association",
        Field::Edition => "5th edition",
        Field::Year => "",
        Field::Isbn => "",
        Field::Labels => "CG-1, CG-2",
        Field::Count => "2",
        Field::Condition => "good",
    }
}

/// The file: UTF-8 with the mark that makes Excel read it so.
pub fn csv(kind: Kind) -> Vec<u8> {
    let line = |cells: Vec<&str>| {
        let quoted = |cell: &&str| {
            if cell.contains([',', '"']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { (*cell).to_owned() }
        };
        cells.iter().map(quoted).collect::<Vec<_>>().join(",")
    };
    let head = line(fields(kind).map(Field::name).collect());
    let row = line(fields(kind).map(example).collect());
    format!("\u{feff}{head}\r\n{row}\r\n").into_bytes()
}

//! What a spreadsheet's headings mean: the fields of each kind of list, the words people write for them, and which kind a
//! sheet is. Separate because it is a table that grows with every spreadsheet somebody brings.

use serde::{Deserialize, Serialize};

use super::Kind;
use super::read::{MOST_ROWS, Row, Sheet, TITLE_ROWS, Unreadable};
use crate::words;

words! {
    /// What a column holds.
    pub enum Field {
        Name = "name",
        FirstName = "first_name",
        LastName = "last_name",
        Email = "email",
        Phone = "phone",
        Discipline = "discipline",
        Workplace = "workplace",
        County = "county",
        Serves = "serves",
        Options = "options",
        Ways = "ways",
        Interests = "interests",
        Capacity = "capacity",
        CredentialTo = "credential_to",
        AwayUntil = "away_until",
        About = "about",
        Option = "option",
        Book = "book",
        StartedOn = "started_on",
        Mentor = "mentor",
        State = "state",
        PausedUntil = "paused_until",
        EndedOn = "ended_on",
        Reason = "reason",
        CompletedOn = "completed_on",
        LetterOn = "letter_on",
        Read = "read",
        Discussed = "discussed",
        Title = "title",
        Publisher = "publisher",
        Edition = "edition",
        Year = "year",
        Isbn = "isbn",
        Labels = "labels",
        Count = "count",
        Condition = "condition",
    }
}

use Field as F;

impl Field {
    /// The heading of the templates, which is also how pages name the column.
    pub fn name(self) -> &'static str {
        match self {
            F::Name => "Name",
            F::FirstName => "First name",
            F::LastName => "Last name",
            F::Email => "E-mail",
            F::Phone => "Phone",
            F::Discipline => "Discipline",
            F::Workplace => "Workplace",
            F::County => "County",
            F::Serves => "Counties served",
            F::Options => "Options",
            F::Ways => "Ways to talk",
            F::Interests => "Interests",
            F::Capacity => "Capacity",
            F::CredentialTo => "Credential valid to",
            F::AwayUntil => "Away until",
            F::About => "About",
            F::Option => "Option",
            F::Book => "Book",
            F::StartedOn => "Started on",
            F::Mentor => "Mentor's e-mail",
            F::State => "Status",
            F::PausedUntil => "Paused until",
            F::EndedOn => "Ended on",
            F::Reason => "Reason",
            F::CompletedOn => "Completed on",
            F::LetterOn => "Letter received on",
            F::Read => "Chapters read",
            F::Discussed => "Chapters discussed",
            F::Title => "Title",
            F::Publisher => "Publisher",
            F::Edition => "Edition",
            F::Year => "Year",
            F::Isbn => "ISBN",
            F::Labels => "Labels",
            F::Count => "Copies",
            F::Condition => "Condition",
        }
    }

    /// Other headings it is known by, as [`plain`] leaves them.
    fn synonyms(self) -> &'static [&'static str] {
        match self {
            F::Name => {
                &["fullname", "mentee", "menteename", "mentorname", "participant", "participantname", "person", "student"]
            }
            F::FirstName => &["first", "givenname", "forename", "fname"],
            F::LastName => &["last", "surname", "familyname", "lname"],
            F::Email => &["emailaddress", "mail", "emails", "mailaddress", "workemail", "menteeemail", "emailwork"],
            F::Phone => {
                &["telephone", "phonenumber", "tel", "cell", "cellphone", "mobile", "workphone", "phoneno", "contactnumber"]
            }
            F::Discipline => {
                &["profession", "credentials", "license", "licence", "title", "role", "degree", "healthdiscipline"]
            }
            F::Workplace => &[
                "employer",
                "organization",
                "organisation",
                "facility",
                "clinic",
                "worksite",
                "site",
                "agency",
                "hospital",
                "placeofwork",
            ],
            F::County => &["countyofresidence", "countyname", "homecounty", "residence", "workcounty", "fips", "countyfips"],
            F::Serves => &["countiesserved", "countyserved", "serves", "servicearea", "countiesofservice", "areaserved"],
            F::Options => &["option", "optionsmentored", "willmentor", "optionnumbers", "mentorsoptions", "levels"],
            F::Ways => &["way", "contactby", "preferredcontact", "talksby", "waystotalk", "contactmethod", "communication"],
            F::Interests => &["interest", "specialty", "specialties", "expertise", "focus", "areasofinterest"],
            F::Capacity => &["maxmentees", "mentees", "places", "numberofmentees", "maximum", "howmany", "max"],
            F::CredentialTo => &[
                "cdcesexpires",
                "credentialexpires",
                "cdcesexpiration",
                "expires",
                "expiration",
                "expirationdate",
                "certificationexpires",
                "cdesexpires",
                "cdeexpires",
                "validto",
                "validuntil",
                "credentialvaliduntil",
                "cdcesvalidto",
                "credentialexpiration",
            ],
            F::AwayUntil => &["away", "onleaveuntil", "leaveuntil", "unavailableuntil", "backon"],
            F::About => &["notes", "note", "comments", "comment", "bio", "remarks"],
            F::Option => &["qdeioption", "optionnumber", "level", "optionchosen", "studyoption", "program"],
            F::Book => &["text", "textbook", "bookused", "studybook", "booktitle"],
            F::StartedOn => &[
                "started",
                "start",
                "startdate",
                "datestarted",
                "enrolled",
                "enrolledon",
                "enrollmentdate",
                "dateenrolled",
                "enrolmentdate",
                "began",
                "begandate",
                "begun",
                "dateofenrollment",
            ],
            F::Mentor => &["mentor", "mentoremail", "mentorsemailaddress", "assignedmentor", "mentoremailaddress"],
            F::State => &["standing", "enrollmentstatus", "progress", "currentstatus", "menteestatus"],
            F::PausedUntil => &["onholduntil", "holduntil", "pauseuntil", "resumes"],
            F::EndedOn => &[
                "ended",
                "enddate",
                "withdrawn",
                "withdrawnon",
                "withdrew",
                "datewithdrawn",
                "left",
                "lefton",
                "dropped",
                "droppedon",
            ],
            F::Reason => &["withdrawalreason", "reasonforleaving", "whyended", "reasonwithdrawn", "reasonleft", "why"],
            F::CompletedOn => &[
                "completed",
                "completion",
                "completiondate",
                "datecompleted",
                "finished",
                "finishedon",
                "certificatedate",
                "certificateissued",
                "certificate",
                "graduated",
            ],
            F::LetterOn => &[
                "letter",
                "letterreceived",
                "agreement",
                "agreementreceived",
                "letterofagreement",
                "letterdate",
                "agreementdate",
                "agreementsigned",
                "lettersigned",
                "letterofagreementreceived",
            ],
            F::Read => &["read", "chapters", "chapterscompleted", "chaptersdone", "chaptersfinished"],
            F::Discussed => &["discussed", "signedoff", "chapterssignedoff", "reviewed", "chaptersreviewed"],
            F::Title => &["booktitle", "book", "booksname", "work", "bookname"],
            F::Publisher => &["publishedby", "press", "author", "authors", "organization"],
            F::Edition => &["ed", "editionnumber", "version"],
            F::Year => &["yearpublished", "published", "copyright", "publicationyear", "pubyear"],
            F::Isbn => &["isbn13", "isbn10", "isbnnumber"],
            F::Labels => &[
                "label",
                "copynumber",
                "copynumbers",
                "copyno",
                "copylabel",
                "barcode",
                "number",
                "copy",
                "inventorynumber",
                "copyid",
                "id",
            ],
            F::Count => &["count", "quantity", "qty", "numberofcopies", "ofcopies", "howmany", "total"],
            F::Condition => &["state", "shape", "quality", "wear"],
        }
    }
}

const MENTORS: &[Field] = &[
    F::Name,
    F::FirstName,
    F::LastName,
    F::Email,
    F::Phone,
    F::Discipline,
    F::County,
    F::Options,
    F::Ways,
    F::Interests,
    F::Capacity,
    F::CredentialTo,
    F::AwayUntil,
    F::About,
];

const MENTEES: &[Field] = &[
    F::Name,
    F::FirstName,
    F::LastName,
    F::Email,
    F::Phone,
    F::Discipline,
    F::Workplace,
    F::County,
    F::Serves,
    F::Ways,
    F::Interests,
    F::Option,
    F::Book,
    F::StartedOn,
    F::Mentor,
    F::State,
    F::PausedUntil,
    F::EndedOn,
    F::Reason,
    F::CompletedOn,
    F::LetterOn,
    F::Read,
    F::Discussed,
];

const BOOKS: &[Field] = &[F::Title, F::Publisher, F::Edition, F::Year, F::Isbn, F::Labels, F::Count, F::Condition];

impl Kind {
    /// The fields a list of this kind can have, in the order of its template.
    pub fn fields(self) -> &'static [Field] {
        match self {
            Self::Mentors => MENTORS,
            Self::Mentees => MENTEES,
            Self::Books => BOOKS,
        }
    }

    /// The fields it must have. A name may be two columns.
    pub fn required(self) -> &'static [Field] {
        match self {
            Self::Mentors => &[F::Name, F::Email, F::Discipline, F::County],
            Self::Mentees => &[F::Name, F::Email, F::Discipline, F::County, F::Option, F::StartedOn],
            Self::Books => &[F::Title],
        }
    }
}

/// A heading of the file and what its column was taken for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    pub heading: String,
    pub field: Option<Field>,
}

/// Letters and digits alone, in lower case, without what stands in brackets: "E-Mail (work)*" reads "email".
pub fn plain(heading: &str) -> String {
    let mut depth = 0_u32;
    let mut kept = String::new();
    for sign in heading.chars() {
        match sign {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            sign if depth == 0 && sign.is_alphanumeric() => kept.extend(sign.to_lowercase()),
            _ => {}
        }
    }
    kept
}

/// Takes each heading for a field of the kind; a second column for the same field is left alone.
pub fn recognise(kind: Kind, headings: &[String]) -> Vec<Column> {
    let plains: Vec<String> = headings.iter().map(|heading| plain(heading)).collect();
    let mut taken: Vec<Option<Field>> = vec![None; headings.len()];
    // A field's own name goes before the other words for it, whatever the order of the columns.
    for own in [true, false] {
        for (place, heading) in plains.iter().enumerate().filter(|(_, heading)| !heading.is_empty()) {
            let means = |field: &Field| {
                if own { plain(field.name()) == *heading } else { field.synonyms().contains(&heading.as_str()) }
            };
            let free = |field: &&Field| !taken.contains(&Some(**field));
            if taken[place].is_none() {
                taken[place] = kind.fields().iter().filter(free).find(|field| means(field)).copied();
            }
        }
    }
    headings.iter().cloned().zip(taken).map(|(heading, field)| Column { heading, field }).collect()
}

/// Where a table stands in a file, and what it was taken for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub kind: Kind,
    pub sheet: String,
    pub columns: Vec<Column>,
    pub rows: Vec<Row>,
}

/// How well a heading fits: required fields that are there, all fields that are there, whether the file says the kind.
type Fit = (bool, usize, bool);

fn fit(kind: Kind, columns: &[Column], named: &str) -> Fit {
    let count = columns.iter().filter(|column| column.field.is_some()).count();
    (lacking(kind, columns).is_empty(), count, named.to_lowercase().contains(kind.as_str().trim_end_matches('s')))
}

/// The required fields that no column was taken for.
pub fn lacking(kind: Kind, columns: &[Column]) -> Vec<Field> {
    let has = |field: Field| columns.iter().any(|column| column.field == Some(field));
    let there = |field: &&Field| has(**field) || **field == F::Name && has(F::FirstName) && has(F::LastName);
    kind.required().iter().filter(|field| !there(field)).copied().collect()
}

/// Finds the heading: the row among the first of each sheet that is recognised best, as `kind` or as any. The kind of a
/// list that could be two is the one whose required columns are all there and more of which are.
pub fn find(sheets: Vec<Sheet>, file_name: &str, kind: Option<Kind>) -> Result<Found, Unreadable> {
    let kinds = match &kind {
        Some(kind) => std::slice::from_ref(kind),
        None => Kind::ALL,
    };
    let mut best: Option<(Fit, usize, usize, Kind)> = None;
    for (at, sheet) in sheets.iter().enumerate() {
        for (place, row) in sheet.rows.iter().take(TITLE_ROWS).enumerate() {
            for kind in kinds.iter().copied() {
                let columns = recognise(kind, &row.cells);
                let fit = fit(kind, &columns, &format!("{} {file_name}", sheet.name));
                let enough = fit.1 >= 2 || fit.0;
                if enough && best.as_ref().is_none_or(|(most, ..)| fit > *most) {
                    best = Some((fit, at, place, kind));
                }
            }
        }
    }
    let (_, at, place, kind) = best.ok_or(Unreadable::NoHeading)?;
    let sheet = sheets.into_iter().nth(at).ok_or(Unreadable::NoHeading)?;
    if sheet.cut || sheet.rows.len() - place - 1 > MOST_ROWS {
        return Err(Unreadable::TooManyRows);
    }
    let mut rows = sheet.rows.into_iter().skip(place);
    let columns = recognise(kind, &rows.next().map(|row| row.cells).unwrap_or_default());
    let rows: Vec<Row> = rows.collect();
    if rows.is_empty() { Err(Unreadable::Empty) } else { Ok(Found { kind, sheet: sheet.name, columns, rows }) }
}

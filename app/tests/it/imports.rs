//! Reading spreadsheets: files, headings, cells and rows, without a database.

use std::collections::HashMap;

use app::counties;
use app::enrollments::{OptionNumber, State};
use app::id::{AccountId, ChapterId, EditionId, OutlineId, TitleId};
use app::imports::columns::{Column, plain};
use app::imports::read::{Row, read};
use app::imports::rows::{Known, KnownAccount, KnownEnrollment, KnownOutline, KnownTitle, Place, Record, Standing};
use app::imports::{Judgement, Kind, Unreadable, judge, open, template, values};
use app::people::{Discipline, Interest, Way};
use app::spreadsheet::neutral;
use chrono::NaiveDate;
use proptest::prelude::*;
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A program with one book of twelve chapters for each option but the first, which has two.
fn known() -> Known {
    let outline = |title: &str, option| KnownOutline {
        id: OutlineId::new(),
        title: title.into(),
        options: vec![option],
        chapters: (1..=12).map(|number| (number, ChapterId::new())).collect(),
    };
    Known {
        today: day("2026-11-24"),
        capacity: 3,
        outlines: vec![
            outline("Complete Guide to Diabetes", OptionNumber::One),
            outline("Understanding Diabetes", OptionNumber::One),
            outline("The Art and Science of Diabetes Self-Management Education and Support", OptionNumber::Two),
        ],
        ..Known::default()
    }
}

fn account(name: &str, mentor: bool) -> KnownAccount {
    KnownAccount { id: AccountId::new(), name: name.into(), phone: String::new(), closed: false, mentor, valid_to: None }
}

fn judged(kind: Kind, csv: &str, known: &Known) -> Judgement {
    let found = open("list.csv", csv.as_bytes(), Some(kind)).unwrap();
    judge(kind, &found.columns, &found.rows, known)
}

/// What is wrong, as `row column: what`.
fn wrong(judgement: &Judgement) -> Vec<String> {
    judgement.problems.iter().map(|one| format!("{} {}: {}", one.row, one.column, one.what)).collect()
}

#[test]
fn text_reads_the_same_in_every_encoding_and_with_every_delimiter() {
    let text = "Name,Email\nZoë Müller,zoe@example.org\n";
    let utf16 = |little: bool, mark: bool| -> Vec<u8> {
        let units = mark.then_some(0xfeff).into_iter().chain(text.encode_utf16());
        units.flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
    };
    let latin: Vec<u8> = text.chars().map(|sign| u8::try_from(u32::from(sign)).unwrap()).collect();
    let files = [
        text.as_bytes().to_vec(),
        format!("\u{feff}{text}").into_bytes(),
        utf16(true, true),
        utf16(false, true),
        utf16(true, false),
        latin,
        text.replace(',', ";").into_bytes(),
        text.replace(',', "\t").into_bytes(),
        text.replace('\n', "\r\n").into_bytes(),
        text.replace('\n', "\r").into_bytes(),
    ];
    for file in files {
        let rows = read(&file).unwrap().remove(0).rows;
        assert_eq!(rows[1], Row { number: 2, cells: vec!["Zoë Müller".into(), "zoe@example.org".into()] }, "{file:?}");
    }
}

#[test]
fn rows_keep_the_numbers_that_the_spreadsheet_shows() {
    let text = "Our books 2024\n\nTitle,Publisher\n\n\n\"Two\nlines\",Press\n,,\nLast,Press";
    let found = open("books.csv", text.as_bytes(), None).unwrap();
    assert_eq!(found.kind, Kind::Books);
    let numbers: Vec<u32> = found.rows.iter().map(|row| row.number).collect();
    assert_eq!(numbers, [6, 8]);
    assert_eq!(found.rows[0].cell(0), "Two\nlines");
}

/// A workbook as coordinators have them: a sheet of notes first, a merged title, empty rows, a county merged over three
/// people, dates of several kinds, a formula.
fn workbook() -> Vec<u8> {
    let mut book = Workbook::new();
    book.add_worksheet().set_name("Read me").unwrap().write(0, 0, "Ask me before you change this").unwrap();
    let sheet = book.add_worksheet().set_name("Mentors 2026").unwrap();
    let (plain, date) = (Format::new(), Format::new().set_num_format("m/d/yyyy"));
    sheet.merge_range(0, 0, 0, 4, "QDEI mentors", &plain).unwrap();
    for (column, heading) in
        ["Full Name", "E-mail address*", "Profession", "County", "CDCES expires", "Phone"].into_iter().enumerate()
    {
        sheet.write(2, u16::try_from(column).unwrap(), heading).unwrap();
    }
    let people = [("Ann Able", "RN"), ("Ben Best", "R.D."), ("Cy Clark", "PharmD")];
    for (row, (name, profession)) in (4..).zip(people) {
        sheet.write(row, 0, name).unwrap();
        sheet.write(row, 1, format!("{}@example.org", plain_name(name))).unwrap();
        sheet.write(row, 2, profession).unwrap();
    }
    sheet.merge_range(4, 3, 6, 3, "Powder River", &plain).unwrap();
    sheet.write_with_format(4, 4, &ExcelDateTime::from_ymd(2028, 12, 31).unwrap(), &date).unwrap();
    sheet.write(5, 4, 47118).unwrap();
    sheet.write(6, 4, "12/31/28").unwrap();
    sheet.write(4, 5, 4_065_550_101_i64).unwrap();
    sheet.write_formula(5, 5, Formula::new("=CONCAT(\"406\",\"5550102\")").set_result("4065550102")).unwrap();
    book.save_to_buffer().unwrap()
}

fn plain_name(name: &str) -> String {
    name.to_lowercase().replace(' ', ".")
}

#[test]
fn a_workbook_reads_past_notes_titles_empty_rows_and_merged_cells() {
    let found = open("people.xlsx", &workbook(), None).unwrap();
    assert_eq!((found.kind, found.sheet.as_str()), (Kind::Mentors, "Mentors 2026"));
    let judgement = judge(found.kind, &found.columns, &found.rows, &known());
    assert_eq!(wrong(&judgement), Vec::<String>::new());
    let numbers: Vec<u32> = judgement.rows.iter().map(|row| row.row).collect();
    assert_eq!(numbers, [5, 6, 7]);
    for row in &judgement.rows {
        let Record::Mentor(record) = &row.record else { panic!("{row:?}") };
        let profile = record.profile.as_ref().unwrap();
        assert_eq!(profile.county.name, "Powder River");
        assert_eq!(record.valid_to, Some(day("2028-12-31")), "{}", record.person.name);
        assert_eq!((profile.options.len(), profile.capacity, profile.ways.as_slice()), (3, 3, &[Way::Phone][..]));
    }
    let phones: Vec<&str> = judgement.rows.iter().map(|row| phone(&row.record)).collect();
    assert_eq!(phones, ["406-555-0101", "406-555-0102", ""]);
}

fn phone(record: &Record) -> &str {
    match record {
        Record::Mentor(record) => &record.person.phone,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_cell_at_the_end_of_the_world_makes_no_room_for_the_cells_before_it() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write(0, 0, "Title").unwrap().write(0, 1, "Publisher").unwrap();
    sheet.write(1, 0, "A book").unwrap().write(1, 1, "Press").unwrap();
    sheet.write(1_048_575, 16_383, "far away").unwrap();
    sheet.write(1_048_575, 0, "Another book").unwrap();
    let found = open("far.xlsx", &book.save_to_buffer().unwrap(), None).unwrap();
    assert_eq!(found.rows.iter().map(|row| row.number).collect::<Vec<_>>(), [2, 1_048_576]);
}

#[test]
fn a_file_that_unpacks_to_more_than_any_list_is_not_opened() {
    let mut bytes = workbook();
    // The directory at the end says what each part unpacks to; here the first says 4 GB.
    let entry = bytes.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    bytes[entry + 24..entry + 28].copy_from_slice(&[0xf0, 0xff, 0xff, 0xff]);
    assert_eq!(read(&bytes), Err(Unreadable::Bomb));
}

#[test]
fn files_of_other_kinds_are_refused_in_words() {
    let whole = workbook();
    let cases: [(&[u8], Unreadable); 8] = [
        (b"", Unreadable::Empty),
        (b" \n \n", Unreadable::Empty),
        (b"%PDF-1.7\n\x00\x01\x02\x03", Unreadable::NotATable),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00", Unreadable::NotATable),
        (&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1], Unreadable::OldExcel),
        (b"PK\x03\x04 and nothing else", Unreadable::Damaged),
        (&whole[..whole.len() / 2], Unreadable::Damaged),
        (&whole[whole.len() / 2..], Unreadable::NotATable),
    ];
    for (bytes, why) in cases {
        assert_eq!(read(bytes), Err(why), "{:?}", &bytes[..bytes.len().min(12)]);
    }
    assert_eq!(open("x.csv", b"one,two\nthree,four\n", None), Err(Unreadable::NoHeading));
    assert_eq!(open("x.csv", b"Title,Publisher\n", None), Err(Unreadable::Empty));
    let many = format!("Title,Publisher\n{}", "A book,Press\n".repeat(20_001));
    assert_eq!(open("x.csv", many.as_bytes(), None), Err(Unreadable::TooManyRows));
    assert_eq!(read(&vec![b'a'; 50 * 1024 * 1024 + 1]), Err(Unreadable::TooLarge));
}

#[test]
fn dates_are_read_as_people_write_them() {
    for text in [
        "2026-07-01",
        "2026-07-01T00:00:00",
        "2026-07-01 08:30",
        "2026/7/1",
        "20260701",
        "7/1/2026",
        "07/01/2026",
        "7/1/26",
        "7-1-2026",
        "7/1/2026 8:30 AM",
        "July 1 2026",
        "July 1, 2026",
        "Jul 1st, 2026",
        "1 July 2026",
        "1-Jul-2026",
        "1-Jul-26",
        "Wednesday, July 1, 2026",
        "46204",
        "46204.5",
    ] {
        assert_eq!(values::date(text, false), Ok(day("2026-07-01")), "{text}");
    }
    for text in ["", "soon", "2026", "13/32/2026", "2/30/2026", "July 2026", "7/1", "1900-01-01", "99999999"] {
        assert!(values::date(text, false).is_err(), "{text}");
    }
    assert!(values::date("31/7/2026", false).unwrap_err().what.contains("day first"));
    assert!(values::date("1.7.2026", false).unwrap_err().what.contains("either way"));
    assert_eq!(values::date("4/4/2026", true), Ok(day("2026-04-04")), "the same either way");
    assert!(values::date("3/4/2026", true).is_err());
}

#[test]
fn one_date_with_the_day_first_makes_the_column_unsure() {
    let csv = "Name,Email,Discipline,County,CDCES expires\n\
        Ann Able,a@example.org,RN,Hill,3/4/2027\nBen Best,b@example.org,RN,Hill,25/4/2027\nCy Clark,c@example.org,RN,Hill,2027-04-03\n";
    let said = wrong(&judged(Kind::Mentors, csv, &known()));
    assert_eq!(
        said,
        [
            "2 CDCES expires: Month and day could be either way round here.",
            "3 CDCES expires: 25 is no month: this seems to have the day first."
        ]
    );
}

#[test]
fn cells_are_understood_in_many_spellings() {
    use Discipline as D;
    for (text, discipline) in [
        ("RN", D::Nurse),
        ("R.N.", D::Nurse),
        ("nurse", D::Nurse),
        ("FNP-BC", D::Nurse),
        ("RN, CDCES", D::Nurse),
        ("Registered Dietician", D::Dietitian),
        ("MS, RDN, LDN", D::Dietitian),
        ("PharmD, BCPS", D::Pharmacist),
        ("PA-C", D::PhysicianAssistant),
        ("Physician", D::Physician),
        ("LCSW", D::SocialWorker),
        ("OTR/L", D::OccupationalTherapist),
        ("Health educator", D::HealthEducator),
        ("CHW", D::CommunityHealthWorker),
        ("Other", D::Other),
    ] {
        assert_eq!(values::discipline(text), Ok(discipline), "{text}");
    }
    assert!(values::discipline("wizard").unwrap_err().mend.contains("Dietitian"));
    for discipline in D::ALL {
        assert_eq!(values::discipline(discipline.name()), Ok(*discipline));
    }
    use OptionNumber::{One, Three, Two};
    for (text, options) in [
        ("1", vec![One]),
        ("Option 2", vec![Two]),
        ("1, 3", vec![One, Three]),
        ("1-3", vec![One, Two, Three]),
        ("Options 1 and 2", vec![One, Two]),
        ("III", vec![Three]),
        ("all", vec![One, Two, Three]),
        ("2.0", vec![Two]),
    ] {
        assert_eq!(values::options(text), Ok(options), "{text}");
    }
    assert!(values::options("4").is_err() && values::option("").is_err());
    for (text, phone) in [
        ("(406) 555-0100", "406-555-0100"),
        ("1-406-555-0100", "406-555-0100"),
        ("4065550100", "406-555-0100"),
        ("406-555-0100 x12", "406-555-0100 x12"),
    ] {
        assert_eq!(values::phone(text).unwrap(), phone);
    }
    assert!(values::phone("call me").is_err());
    for (text, name) in [("Smith, Ann", "Ann Smith"), ("  Ann   Smith ", "Ann Smith"), ("Ann Smith, RN", "Ann Smith, RN")] {
        assert_eq!(values::name(text).unwrap(), name);
    }
    assert_eq!(values::email("Ann <ANN@Example.org>").unwrap(), "ann@example.org");
    assert!(values::email("ann at example.org").is_err());
    for text in ["30049", "Lewis & Clark", "Lewis and Clark County", "lewis and clark, MT"] {
        assert_eq!(values::county(text).unwrap().name, "Lewis and Clark", "{text}");
    }
    assert!(values::county("Helena").unwrap_err().mend.contains("Lewis and Clark"));
    assert_eq!(values::ways("phone, Zoom or e-mail").unwrap(), [Way::Phone, Way::Video, Way::Email]);
    assert_eq!(values::interests("Type 1; insulin pumps").unwrap(), [Interest::Type1, Interest::Technology]);
    assert_eq!(values::state("On hold"), Ok(State::Paused));
}

#[test]
fn chapters_are_a_number_a_list_or_a_list_with_days() {
    let all: Vec<i32> = (1..=12).collect();
    let numbers = |text: &str| values::chapters(text, &all).unwrap().into_iter().map(|(number, _)| number).collect::<Vec<_>>();
    assert_eq!(numbers("3"), [1, 2, 3]);
    assert_eq!(numbers("1-3, 7"), [1, 2, 3, 7]);
    assert_eq!(numbers("Chapter 5"), [5]);
    assert_eq!(numbers("all").len(), 12);
    assert_eq!(numbers("none"), Vec::<i32>::new());
    let dated = values::chapters("1: July 1, 2026; 2 (7/20/2026)", &all).unwrap();
    assert_eq!(dated, [(1, Some(day("2026-07-01"))), (2, Some(day("2026-07-20")))]);
    for text in ["13", "1-20", "x", "3-1", "1: someday"] {
        assert!(values::chapters(text, &all).is_err(), "{text}");
    }
}

#[test]
fn every_problem_of_a_row_is_said_at_once() {
    let csv = "First name,Last name,Email,Profession,County,Capacity\n\
        ,,nobody,wizard,Atlantis,many\nAnn,Able,ann@example.org,RN,Hill,2\nAnn,Able,ANN@example.org,RN,Hill,2\n";
    let judgement = judged(Kind::Mentors, csv, &known());
    assert_eq!(
        wrong(&judgement),
        [
            "2 Last name: This is not a name.",
            "2 Email: This does not look like an e-mail address.",
            "2 Profession: This discipline is not known.",
            "2 County: This is not a county of Montana.",
            "2 Capacity: This number does not fit.",
            "4 Email: The same address stands in row 3.",
        ]
    );
    assert_eq!((judgement.rows.len(), judgement.bad_rows()), (1, 2));
    let lacking = judged(Kind::Mentees, csv, &known());
    assert!(lacking.is_blocked() && lacking.rows.is_empty() && lacking.problems.len() == 2, "{:?}", wrong(&lacking));
}

#[test]
fn mentors_already_here_keep_their_profile_and_get_what_is_new() {
    let mut known = known();
    known.accounts = HashMap::from([
        (
            "old@example.org".into(),
            KnownAccount { phone: "406-555-0100".into(), valid_to: Some(day("2027-12-31")), ..account("Old Hand", true) },
        ),
        ("mentee@example.org".into(), account("Men Tee", false)),
        ("gone@example.org".into(), KnownAccount { closed: true, ..account("Gone Away", false) }),
    ]);
    let csv = "Name,Email,Discipline,County,Phone,Credential valid to\n\
        Old Hand,OLD@example.org,RN,Hill,4065550100,2027-12-31\n\
        Men Tee,mentee@example.org,RN,Hill,,\nGone Away,gone@example.org,RN,Hill,,\nNew One,new@example.org,RN,Hill,,\n";
    let judgement = judged(Kind::Mentors, csv, &known);
    let standings: Vec<String> = judgement.rows.iter().map(|row| row.standing.told()).collect();
    assert_eq!(standings, ["already here: unchanged", "already here: becomes a mentor", "new"]);
    assert_eq!(wrong(&judgement), ["4 Email: The account with this address was closed."]);
    let csv =
        "Name,Email,Discipline,County,Phone,Credential valid to\nOld Hand,old@example.org,RN,Hill,4065550199,2028-12-31\n";
    assert_eq!(judged(Kind::Mentors, csv, &known).rows[0].standing, Standing::Changed(vec!["phone", "credential"]));
}

const MENTEES: &str = "Name,Email,Discipline,County,Option,Book,Started on,Mentor,Status,Ended on,Completed on,Letter,Chapters read,Chapters discussed,Reason\n";

#[test]
fn a_mentees_history_must_hold_together() {
    let mut known = known();
    known.accounts.insert("mentor@example.org".into(), account("Mia Mentor", true));
    let rows = |rows: &[&str]| format!("{MENTEES}{}", rows.join("\n"));
    let fine = rows(&[
        "A One,a@example.org,RN,Hill,1,Complete Guide,9/1/2025,Mia Mentor,,,,9/20/2025,5,1-3,",
        "B Two,b@example.org,RN,Hill,2,,9/1/2020,mentor@example.org,,,6/1/2021,,all,all,",
        "C Three,c@example.org,RN,Hill,1,the Pink Panther book,9/1/2020,,dropped out,1/5/2021,,,2,,No time",
        "D Four,d@example.org,RN,Hill,2,,9/1/2025,,on hold,,,,,,",
        "A One,a@example.org,RN,Hill,2,,9/1/2019,,Completed,3/1/2020,,,,,",
    ]);
    let judgement = judged(Kind::Mentees, &fine, &known);
    assert_eq!(wrong(&judgement), Vec::<String>::new());
    let states: Vec<State> = judgement
        .rows
        .iter()
        .map(|row| match &row.record {
            Record::Mentee(record) => record.state,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(states, [State::Active, State::Completed, State::Withdrawn, State::Paused, State::Completed]);
    let Record::Mentee(first) = &judgement.rows[0].record else { panic!() };
    assert_eq!((first.read.len(), first.discussed.len(), first.letter_on), (5, 3, Some(day("2025-09-20"))));
    assert!(first.read.iter().all(|(_, on)| *on == known.today), "known to be read by today");
    let bad = rows(&[
        "A One,a@example.org,RN,Hill,1,,9/1/2025,,,,,,,,",
        "B Two,b@example.org,RN,Hill,2,,9/1/2025,stranger@example.org,,,,,,,",
        "C Three,c@example.org,RN,Hill,2,,9/1/2025,,active,,6/1/2026,,,,",
        "D Four,d@example.org,RN,Hill,2,,9/1/2025,,withdrawn,,,,,,",
        "E Five,e@example.org,RN,Hill,2,,9/1/2025,,,,6/1/2024,,,,",
        "F Six,f@example.org,RN,Hill,2,,9/1/2027,,,,,,,,",
        "G Seven,g@example.org,RN,Hill,2,,9/1/2025,,,,,10/1/2025,,1,",
        "H Eight,h@example.org,RN,Hill,2,,9/1/2025,,,,,,40,,",
        "I Nine,i@example.org,RN,Hill,2,,9/1/2025,,,,,,,,",
        "I Nine,i@example.org,RN,Hill,1,Complete Guide,9/1/2024,,,,,,,,",
    ]);
    assert_eq!(
        wrong(&judged(Kind::Mentees, &bad, &known)),
        [
            "2 Book: Option 1 has more than one book.",
            "3 Mentor: No mentor has this address.",
            "4 Completed on: This day does not go with the status active.",
            "5 Ended on: This cell is empty.",
            "6 Completed on: This day lies before the start.",
            "7 Started on: This day has not come yet.",
            "8 Letter: A letter of agreement is between two, and no mentor is named.",
            "9 Chapters read: The outline of this book has no such chapter.",
            "11 Email: This person is studying in row 10 already.",
        ]
    );
}

#[test]
fn mentees_already_here_are_never_doubled() {
    let mut known = known();
    let there = account("A One", false);
    known.enrollments = HashMap::from([(
        there.id,
        vec![KnownEnrollment { option: OptionNumber::Two, started_on: day("2025-09-01"), state: State::Active }],
    )]);
    known.accounts.insert("a@example.org".into(), there);
    let csv = format!(
        "{MENTEES}A One,a@example.org,RN,Hill,2,,9/1/2025,,,,,,,,\nA One,a@example.org,RN,Hill,2,,9/1/2020,,,,6/1/2021,,,,\n\
         A One,a@example.org,RN,Hill,1,Complete Guide,9/1/2026,,,,,,,,\n"
    );
    let judgement = judged(Kind::Mentees, &csv, &known);
    let standings: Vec<String> = judgement.rows.iter().map(|row| row.standing.told()).collect();
    assert_eq!(standings, ["already here: unchanged", "already here: another enrollment"]);
    assert_eq!(wrong(&judgement), ["4 Email: This person has an enrollment here that is still open."]);
}

#[test]
fn books_find_their_title_edition_and_labels() {
    let mut known = known();
    let (guide, fifth) = (TitleId::new(), EditionId::new());
    known.titles = vec![KnownTitle {
        id: guide,
        name: "Complete Guide to Diabetes".into(),
        editions: vec![(fifth, "5th edition".into())],
    }];
    known.copies = HashMap::from([("CG-1".into(), fifth), ("NB-1".into(), EditionId::new())]);
    let csv = "Book title,Publisher,Edition,Copy numbers,Copies,Condition\n\
        complete guide to diabetes,,5,\"CG-1, CG-2\",,good\n\
        Complete Guide to Diabetes,,,CG-1,,\n\
        New Book,A Press,,,3,fair\n\
        Other Book,,,,,\n\
        New Book,A Press,,CG-2,,\n\
        Complete Guide to Diabetes,,5th ed.,NB-1,,\n";
    let judgement = judged(Kind::Books, csv, &known);
    let books: Vec<_> = judgement
        .rows
        .iter()
        .map(|row| match &row.record {
            Record::Book(book) => (row.standing.clone(), book.labels.clone(), book.edition.clone()),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        books,
        [
            (Standing::New, vec!["CG-2".to_owned()], Place::There(fifth)),
            (
                Standing::New,
                vec!["NB-2".to_owned(), "NB-3".to_owned(), "NB-4".to_owned()],
                Place::New("Edition not named".into())
            ),
        ]
    );
    assert_eq!(
        wrong(&judgement),
        [
            "3 Copy numbers: CG-1 stands in row 2 already.",
            "5 Publisher: The publisher of a new title is missing.",
            "6 Copy numbers: CG-2 stands in row 2 already.",
            "7 Copy numbers: NB-1 is the label of a copy of another book here.",
        ]
    );
}

#[test]
fn templates_are_recognised_and_have_no_problem() {
    let mut known = known();
    for kind in Kind::ALL {
        let found = open(kind.file_name(), &template::csv(*kind), None).unwrap();
        assert_eq!(found.kind, *kind);
        assert!(found.columns.iter().all(|column| column.field.is_some()), "{:?}", found.columns);
        let judgement = judge(*kind, &found.columns, &found.rows, &known);
        assert_eq!(wrong(&judgement), Vec::<String>::new(), "{kind}");
        assert_eq!(judgement.rows.len(), 1);
    }
    known.accounts.insert("mentor@example.org".into(), account("Mia", true));
}

#[test]
fn headings_are_recognised_whatever_their_dress() {
    assert_eq!(plain("  E-Mail (work)* "), "email");
    let csv = "PARTICIPANT;e-mail;credentials;COUNTY OF RESIDENCE;QDEI option;Date enrolled;Completion date;Unknown\nx;y;z;a;b;c;d;e\n";
    let found = open("2005.csv", csv.as_bytes(), None).unwrap();
    assert_eq!(found.kind, Kind::Mentees);
    let fields: Vec<Option<&str>> = found.columns.iter().map(|column| column.field.map(|field| field.name())).collect();
    let expected = ["Name", "E-mail", "Discipline", "County", "Option", "Started on", "Completed on"];
    assert_eq!(fields, expected.into_iter().map(Some).chain([None]).collect::<Vec<_>>());
}

#[test]
fn cells_that_could_be_formulas_are_made_text() {
    for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"] {
        assert_eq!(neutral(text), format!("'{text}"));
    }
    for text in ["", "plain", "1-2", "a=b", "'=1"] {
        assert_eq!(neutral(text), text);
    }
}

fn one_of<T: Copy + std::fmt::Debug + 'static>(all: &'static [T]) -> impl Strategy<Value = T> {
    (0..all.len()).prop_map(move |at| all[at])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_bytes_give_rows_or_a_reason(bytes in proptest::collection::vec(any::<u8>(), 0..600), packed in any::<bool>()) {
        let bytes = if packed { [b"PK\x03\x04".as_slice(), &bytes].concat() } else { bytes };
        match open("any", &bytes, None) {
            Ok(found) => prop_assert!(!found.rows.is_empty()),
            Err(why) => prop_assert!(why.to_string().ends_with('.')),
        }
    }

    #[test]
    fn a_damaged_workbook_gives_rows_or_a_reason(at in any::<proptest::sample::Index>(), with in any::<[u8; 3]>()) {
        let mut bytes = workbook();
        let at = at.index(bytes.len() - 3);
        bytes[at..at + 3].copy_from_slice(&with);
        if let Err(why) = open("damaged.xlsx", &bytes, None) {
            prop_assert!(why.to_string().ends_with('.'));
        }
    }

    #[test]
    fn a_mentor_that_was_written_reads_back_the_same(
        name in "[A-Z][a-zà-ü]{1,12} [A-Z]['-]?[a-z]{1,10}", local in "[a-z0-9.]{1,10}", number in 0_u32..10_000,
        discipline in one_of(Discipline::ALL), county in 0_usize..56, capacity in 0_i32..=20, delimiter in one_of(&[',', ';', '\t']),
    ) {
        let county = &counties::ALL[county];
        let cells = [name.clone(), format!("{local}@example.org"), format!("406-555-{number:04}"), discipline.name().to_owned(), county.full_name(), capacity.to_string()];
        let line = cells.join(&delimiter.to_string());
        let heads = ["Name", "Email", "Phone", "Discipline", "County", "Capacity"].join(&delimiter.to_string());
        let judgement = judged(Kind::Mentors, &format!("{heads}\n{line}\n"), &known());
        prop_assert_eq!(wrong(&judgement), Vec::<String>::new());
        let Record::Mentor(record) = &judgement.rows[0].record else { panic!() };
        let profile = record.profile.as_ref().unwrap();
        prop_assert_eq!(&record.person.name, &name);
        prop_assert_eq!(&record.person.email, &cells[1]);
        prop_assert_eq!(&record.person.phone, &cells[2]);
        prop_assert_eq!((profile.discipline, profile.county.fips, profile.capacity), (discipline, county.fips, capacity));
    }

    #[test]
    fn every_problem_names_its_row_and_how_to_mend_it(
        kind in one_of(Kind::ALL), rows in proptest::collection::vec(proptest::collection::vec(".{0,20}", 0..24), 1..8),
    ) {
        let columns: Vec<Column> =
            kind.fields().iter().map(|field| Column { heading: field.name().into(), field: Some(*field) }).collect();
        let rows: Vec<Row> = (2..).zip(rows).map(|(number, cells)| Row { number, cells }).collect();
        let judgement = judge(kind, &columns, &rows, &known());
        for problem in &judgement.problems {
            prop_assert!(rows.iter().any(|row| row.number == problem.row));
            prop_assert!(!problem.column.is_empty() && problem.what.ends_with('.') && problem.mend.ends_with('.'), "{problem:?}");
        }
        let filled = rows.iter().filter(|row| row.cells.iter().any(|cell| !cell.is_empty())).count();
        prop_assert!(judgement.rows.len() + judgement.bad_rows() == filled);
    }
}

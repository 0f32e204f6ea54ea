//! Who is in the demo program: the mentors, and everyone who applied, with how far each has come. Separate because it is
//! data. Everybody is invented; places are Montana's, workplaces are named by their kind alone.

use app::people::Discipline::{self, *};
use app::people::Interest::{self, *};
use app::people::Side;

/// The coordinator's account and what the program says of the person.
pub const COORDINATOR: &str = "Marian Ellingson";
pub const COORDINATOR_PHONE: &str = "406-555-0142";
pub const COORDINATOR_ADDRESS: &str =
    "Quality Diabetes Education Initiative\n1400 Prickly Pear Avenue, Room 12\nHelena, MT 59601";

/// Which book, and with it which option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Book {
    /// Option 1, with post-tests.
    Guide,
    /// Option 1, with a type 1 focus.
    Panther,
    /// Option 2.
    Handbook,
    /// Option 3.
    Exam,
}

impl Book {
    pub fn option(self) -> i32 {
        match self {
            Self::Guide | Self::Panther => 1,
            Self::Handbook => 2,
            Self::Exam => 3,
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            Self::Guide => "Complete Guide to Diabetes",
            Self::Panther => "Understanding Diabetes",
            Self::Handbook | Self::Exam => "The Art and Science of Diabetes Self-Management Education and Support",
        }
    }

    /// The book as it stands on the shelf: Options 2 and 3 read the same one.
    pub fn shelf(self) -> Self {
        if self == Self::Exam { Self::Handbook } else { self }
    }
}

/// How a mentee comes to the book, and how far that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Copy {
    Undecided,
    Own,
    Asked,
    Underway,
    /// Lent by post and there.
    Post,
    /// Handed over.
    Hand,
}

/// How far an enrolment has come. Days count back from today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Applied(app::applications::CameBy),
    Declined(&'static str),
    /// Accepted; whether the invitation was used.
    Accepted(bool),
    Proposed,
    TurnedDown(&'static str),
    Matched,
    /// The letter is made and waits for both.
    Planned,
    /// One has signed.
    Signed(Side),
    SignedByBoth,
    Studying(Study),
    /// Everything is there since so many days.
    Ready(i64),
    Completed(i64),
    Paused(Study, i64),
    Withdrawn(Study, &'static str),
}

/// How far the reading has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Study {
    pub read: i32,
    pub discussed: i32,
    /// Days since the last chapter was read.
    pub last: i64,
}

const fn study(read: i32, discussed: i32, last: i64) -> Study {
    Study { read, discussed, last }
}

pub struct Mentor {
    pub name: &'static str,
    pub discipline: Discipline,
    pub county: &'static str,
    pub options: &'static [i32],
    pub interests: &'static [Interest],
    pub capacity: i32,
    pub about: &'static str,
    /// Years for which the credential was found valid at the last check; none for one that ends soon.
    pub years: i32,
}

const fn mentor(
    (name, discipline, county): (&'static str, Discipline, &'static str),
    (options, capacity, years): (&'static [i32], i32, i32),
    interests: &'static [Interest],
    about: &'static str,
) -> Mentor {
    Mentor { name, discipline, county, options, interests, capacity, about, years }
}

/// The mentor who is away, the one who joined lately, and the one whose invitation still waits.
pub const AWAY: usize = 12;
pub const RECENT: usize = 13;
pub const INVITED: usize = 14;

/// The first is `mentor@`.
pub const MENTORS: &[Mentor] = &[
    mentor(
        ("Ruth Lindqvist", Nurse, "Lewis and Clark"),
        (&[1, 2, 3], 7, 3),
        &[RuralPractice, ExamPreparation, OlderAdults],
        "Twenty-two years of nursing, fourteen of them in diabetes education. I like the phone, early mornings and plain questions.",
    ),
    mentor(
        ("Anne Petrovich", Nurse, "Silver Bow"),
        (&[1, 2], 3, 2),
        &[OlderAdults],
        "I teach group classes in Butte and learned most of what I know from the people in them.",
    ),
    mentor(
        ("Harold Makela", Pharmacist, "Cascade"),
        (&[1, 2, 3], 3, 4),
        &[Technology, ExamPreparation],
        "A pharmacist who enjoys sorting medicines into words. Sensor reports are my hobby.",
    ),
    mentor(
        ("Denise Blackbird", Dietitian, "Glacier"),
        (&[1, 2, 3], 3, 1),
        &[TribalHealth, Pregnancy],
        "Dietitian, grandmother, gardener. I care about food that belongs to the people who eat it.",
    ),
    mentor(
        ("Karen Vander Molen", Dietitian, "Gallatin"),
        (&[1, 2, 3], 4, 3),
        &[ExamPreparation, Pregnancy],
        "I passed the exam as a working mother of three, so I know about studying in small pieces.",
    ),
    mentor(
        ("Mai Vang", Nurse, "Missoula"),
        (&[2, 3], 3, 2),
        &[Technology, Type1],
        "Pumps, sensors and the people who wear them. I am best on video, so that we can look at things together.",
    ),
    mentor(
        ("Luis Morales", Nurse, "Yellowstone"),
        (&[1, 2, 3], 4, 4),
        &[RuralPractice, OlderAdults],
        "I started in a two-bed hospital and still think that is the best school there is.",
    ),
    mentor(
        ("Sigrid Aasen", Nurse, "Valley"),
        (&[1, 2], 3, 0),
        &[RuralPractice],
        "The only educator for a long way around until we grew two more. I would like to grow another.",
    ),
    mentor(
        ("Colleen O'Rourke", Nurse, "Custer"),
        (&[1, 2], 3, 1),
        &[RuralPractice, OlderAdults],
        "Home health nurse and educator. I know every road between Miles City and the state line.",
    ),
    mentor(
        ("Peter Nygaard", Dietitian, "Richland"),
        (&[1, 2, 3], 2, 2),
        &[ExamPreparation],
        "Dietitian with a weakness for label reading. I answer messages on Sundays, with coffee.",
    ),
    mentor(
        ("Elaine Gunderson", Nurse, "Hill"),
        (&[1, 2, 3], 3, 3),
        &[RuralPractice, TribalHealth],
        "Public health nurse on the Hi-Line. Short talks, kept faithfully, have worked best for me.",
    ),
    mentor(
        ("Judith Kessler", Nurse, "Flathead"),
        (&[1, 2], 3, 2),
        &[Type1, Pediatrics, Technology],
        "Children, schools and summer camp. If it has to do with type 1 and growing up, ask me.",
    ),
    mentor(
        ("Thomas Desjarlais", PhysicianAssistant, "Roosevelt"),
        (&[1, 2], 2, 2),
        &[TribalHealth, RuralPractice],
        "I work between two clinics. Patience with my calendar is repaid in good stories.",
    ),
    mentor(
        ("Brenda Hofer", Nurse, "Fergus"),
        (&[1, 2, 3], 3, 4),
        &[OlderAdults],
        "New as a mentor, not as a nurse. I was a mentee of this program myself, many years ago.",
    ),
    mentor(("Grace Bautista", Nurse, "Lake"), (&[1, 2], 2, 0), &[Pregnancy], ""),
];

pub struct Case {
    pub name: &'static str,
    pub discipline: Discipline,
    pub workplace: &'static str,
    pub reason: &'static str,
    pub county: &'static str,
    pub town: &'static str,
    pub zip: &'static str,
    pub book: Book,
    /// Days since the application came.
    pub applied: i64,
    pub mentor: usize,
    pub copy: Copy,
    pub stage: Stage,
}

type Who = (&'static str, Discipline, &'static str, &'static str);

const fn case(
    (name, discipline, workplace, reason): Who,
    (county, town, zip): (&'static str, &'static str, &'static str),
    (book, applied, mentor): (Book, i64, usize),
    copy: Copy,
    stage: Stage,
) -> Case {
    Case { name, discipline, workplace, reason, county, town, zip, book, applied, mentor, copy, stage }
}

/// The mentees of the contract, whose addresses are `mentee1@` to `mentee3@`.
pub const KNOWN: usize = 3;

use Book::{Exam, Guide, Handbook, Panther};
use Stage::*;
use app::applications::CameBy;

#[rustfmt::skip]
pub const CASES: &[Case] = &[
    case(("Ingrid Halvorsen", Nurse, "Critical access hospital, Jordan", "I am the nurse people ask about diabetes, and I would like my answers to be better."),
        ("Garfield", "Jordan", "59337"), (Guide, 150, 0), Copy::Post, Studying(study(7, 5, 3))),
    case(("Tessa Red Elk", Dietitian, "Tribal health center, Lame Deer", "I teach cooking classes and want the diabetes side to stand on firm ground."),
        ("Rosebud", "Lame Deer", "59043"), (Handbook, 190, 0), Copy::Own, Studying(study(9, 8, 5))),
    case(("Owen Sullivan", Nurse, "Clinic and nursing home, Broadus", "I want to sit the exam next year. There is no certified educator in our county."),
        ("Powder River", "Broadus", "59317"), (Exam, 220, 0), Copy::Post, Studying(study(12, 11, 6))),

    case(("Kayla Bergstrom", Nurse, "County public health office, Winnett", "I do everything here, so I had better know this too."),
        ("Petroleum", "Winnett", "59087"), (Guide, 1, 0), Copy::Undecided, Applied(CameBy::Form)),
    case(("Marlene White Grass", Nurse, "Tribal health center, Harlem", "Our educator retires in spring and asked me to follow her."),
        ("Blaine", "Harlem", "59526"), (Handbook, 3, 0), Copy::Undecided, Applied(CameBy::Phone)),
    case(("Joel Tanaka", Pharmacist, "Pharmacy, Hysham", "People wait for their prescriptions and ask. I would like to use those ten minutes well."),
        ("Treasure", "Hysham", "59038"), (Exam, 5, 0), Copy::Undecided, Applied(CameBy::Form)),
    case(("Bridget Foley", Nurse, "Critical access hospital, Harlowton", "I have been meaning to do this for three years."),
        ("Wheatland", "Harlowton", "59036"), (Guide, 9, 0), Copy::Undecided, Applied(CameBy::Form)),
    case(("Lorraine Iron Cloud", CommunityHealthWorker, "Community health program, Crow Agency", "I visit people at home and want to say the right things about diabetes."),
        ("Big Horn", "Crow Agency", "59022"), (Guide, 2, 0), Copy::Undecided, Applied(CameBy::Email)),
    case(("Steven Hartley", Other, "Fitness studio, Bozeman", "I am interested in nutrition and would like to coach."),
        ("Gallatin", "Bozeman", "59715"), (Guide, 44, 0), Copy::Undecided,
        Declined("The program is for health professionals who teach people with diabetes. The prevention classes in Bozeman look for coaches, and I have sent you their address.")),
    case(("Paula Reinhardt", Nurse, "Hospital, Billings", "A friend told me about the program."),
        ("Yellowstone", "Billings", "59101"), (Exam, 75, 0), Copy::Undecided,
        Declined("You wrote that you move to another state next month, and our mentors and books are for people who work in Montana. You are welcome to apply again if you come back.")),

    case(("Hannah Christofferson", Nurse, "Clinic, Ekalaka", "I moved home last year and miss having someone to learn with."),
        ("Carter", "Ekalaka", "59324"), (Guide, 4, 0), Copy::Undecided, Accepted(false)),
    case(("Renee LaPlant", Nurse, "Critical access hospital, Malta", "We start a diabetes class in the new year, and I am to teach it."),
        ("Phillips", "Malta", "59538"), (Handbook, 15, 0), Copy::Own, Accepted(true)),
    case(("Dustin Amundson", Dietitian, "Hospital and clinic, Plentywood", "I cover two counties and would like a colleague on the phone."),
        ("Sheridan", "Plentywood", "59254"), (Exam, 8, 0), Copy::Undecided, Accepted(true)),
    case(("Carla Mendoza", Nurse, "Family clinic, Columbus", "Spanish is my first language, and I am often asked to explain diabetes in it."),
        ("Stillwater", "Columbus", "59019"), (Guide, 7, 0), Copy::Asked, Proposed),
    case(("Aaron Schmidt", Nurse, "Clinic, Circle", "School nurse two days, clinic three. Both need this."),
        ("McCone", "Circle", "59215"), (Guide, 14, 9), Copy::Own, Proposed),
    case(("Louise Bjornstad", Nurse, "Critical access hospital, Baker", "I would like to become the person our doctors send people to."),
        ("Fallon", "Baker", "59313"), (Handbook, 16, 8), Copy::Undecided,
        TurnedDown("I took on two new mentees last month and would not do this one justice. Ask me again in spring.")),
    case(("Shawna Long Tree", Nurse, "Tribal health center, Poplar", "Somebody at the store asked me what A1C means, and I gave a poor answer. Never again."),
        ("Roosevelt", "Poplar", "59255"), (Guide, 10, 10), Copy::Own, Matched),
    case(("Eric Thorvaldsen", Nurse, "Critical access hospital, Shelby", "Night shift leaves time to read, and I would like to use it."),
        ("Toole", "Shelby", "59474"), (Guide, 26, 2), Copy::Post, Matched),
    case(("Megan Dorsey", Nurse, "School district, Ryegate", "Teachers ask me about pumps and sensors, and I want to have the answers."),
        ("Golden Valley", "Ryegate", "59074"), (Guide, 13, 6), Copy::Asked, Planned),
    case(("Amy Lindgren", Nurse, "School and clinic, Choteau", "Type 1 in young children is what worries me most."),
        ("Teton", "Choteau", "59422"), (Panther, 18, 11), Copy::Asked, Signed(Side::Mentee)),
    case(("Jodi Kjelstrup", Nurse, "County public health office, Wibaux", "I am alone in the office and want a plan for learning."),
        ("Wibaux", "Wibaux", "59353"), (Guide, 12, 8), Copy::Underway, Planned),
    case(("Nathan Rask", Dietitian, "Hospital, Stanford", "I know food. I want to know the rest."),
        ("Judith Basin", "Stanford", "59479"), (Handbook, 17, 13), Copy::Own, Signed(Side::Mentor)),
    case(("Corrine Gray Hawk", Nurse, "Hospital, Hardin", "I teach at discharge in ten minutes. I want to make those minutes count."),
        ("Big Horn", "Hardin", "59034"), (Handbook, 19, 6), Copy::Hand, Signed(Side::Mentee)),
    case(("Gloria Hensley", Nurse, "Critical access hospital, White Sulphur Springs", "After thirty years I still like to learn."),
        ("Meagher", "White Sulphur Springs", "59645"), (Guide, 16, 0), Copy::Post, Signed(Side::Mentee)),
    case(("Wendy Castle", Nurse, "Clinic, Big Timber", "We want recognition for our program, and somebody has to know the standards."),
        ("Sweet Grass", "Big Timber", "59011"), (Handbook, 22, 4), Copy::Post, SignedByBoth),

    case(("Kristi Torgerson", Nurse, "Critical access hospital, Chester", "Half of my shifts have diabetes in them."),
        ("Liberty", "Chester", "59522"), (Guide, 120, 10), Copy::Post, Studying(study(6, 5, 4))),
    case(("Bill Prescott", Nurse, "Clinic, Roundup", "I am a late beginner in education and an early riser."),
        ("Musselshell", "Roundup", "59072"), (Handbook, 200, 6), Copy::Own, Studying(study(11, 10, 6))),
    case(("Danielle Running Elk", Dietitian, "Tribal health center, Browning", "I want to bring our own foods back into the teaching."),
        ("Glacier", "Browning", "59417"), (Handbook, 150, 3), Copy::Own, Studying(study(8, 8, 3))),
    case(("Maren Ostby", Nurse, "Hospital, Conrad", "The exam is my goal for my fiftieth year."),
        ("Pondera", "Conrad", "59425"), (Exam, 260, 2), Copy::Post, Studying(study(15, 13, 9))),
    case(("Stacy Popovich", Nurse, "Clinic, Philipsburg", "I would like to stop looking everything up."),
        ("Granite", "Philipsburg", "59858"), (Guide, 90, 1), Copy::Own, Studying(study(4, 3, 8))),
    case(("Yolanda Ruiz", Nurse, "Hospital, Glendive", "Our cardiac rehabilitation group keeps asking about glucose."),
        ("Dawson", "Glendive", "59330"), (Guide, 170, 8), Copy::Post, Studying(study(9, 8, 2))),
    case(("Laura Swenson", Dietitian, "Hospital, Libby", "I have the hours. Now I need the courage and a plan."),
        ("Lincoln", "Libby", "59923"), (Exam, 230, 5), Copy::Own, Studying(study(13, 12, 5))),
    case(("Patrick Doyle", Nurse, "School district, Thompson Falls", "Five schools and one nurse, and type 1 is what teachers are afraid of."),
        ("Sanders", "Thompson Falls", "59873"), (Panther, 140, 11), Copy::Post, Studying(study(8, 7, 7))),
    case(("Emily Zimmer", Nurse, "Critical access hospital, Fort Benton", "Families drive three hours to ask what I could answer here."),
        ("Chouteau", "Fort Benton", "59442"), (Panther, 80, 11), Copy::Post, Studying(study(4, 3, 5))),
    case(("Heather Coleman", SocialWorker, "Community health center, Great Falls", "Distress is the part of diabetes I meet every day."),
        ("Cascade", "Great Falls", "59401"), (Handbook, 110, 4), Copy::Hand, Studying(study(5, 5, 10))),

    case(("Sonja Fjeld", Nurse, "Hospital, Glasgow", "Sigrid keeps telling me to apply."),
        ("Valley", "Glasgow", "59230"), (Guide, 290, 7), Copy::Hand, Ready(4)),
    case(("Michelle Kessel", Nurse, "Hospital, Dillon", "I lead the class and want to lead it better."),
        ("Beaverhead", "Dillon", "59725"), (Handbook, 320, 1), Copy::Post, Ready(9)),
    case(("Ann Beaulieu", Dietitian, "Hospital and clinics, Havre", "I mean to be certified before I turn forty."),
        ("Hill", "Havre", "59501"), (Exam, 340, 10), Copy::Own, Ready(3)),

    case(("Tracy Wold", Nurse, "Critical access hospital, Terry", "A small place needs broad shoulders, and broad knowledge."),
        ("Prairie", "Terry", "59349"), (Guide, 180, 8), Copy::Post, Studying(study(3, 3, 62))),
    case(("Vernon Half Moon", Nurse, "Clinic, Ashland", "Men here talk about their horses before their health. I can work with that."),
        ("Rosebud", "Ashland", "59003"), (Handbook, 210, 12), Copy::Own, Studying(study(8, 4, 6))),
    case(("Chelsea Novak", Nurse, "Hospital, Anaconda", "I enjoy teaching and want more of it in my week."),
        ("Deer Lodge", "Anaconda", "59711"), (Guide, 64, 1), Copy::Own, Signed(Side::Mentee)),
    case(("Rick Hanley", Nurse, "Clinic, Red Lodge", "I would like to add the credential before our clinic grows."),
        ("Carbon", "Red Lodge", "59068"), (Exam, 250, 6), Copy::Post, Studying(study(5, 5, 104))),
    case(("Britta Engen", Nurse, "Hospital, Livingston", "I want to do this thoroughly, not quickly."),
        ("Park", "Livingston", "59047"), (Handbook, 160, 4), Copy::Own, Paused(study(6, 6, 35), 25)),
    case(("Alicia Desautel", Nurse, "Clinic, Polson", "I teach prenatal classes and see more diabetes in them each year."),
        ("Lake", "Polson", "59860"), (Guide, 200, 2), Copy::Post, Paused(study(7, 6, 60), 40)),
    case(("Ryan Cutler", Nurse, "Clinic, Boulder", "My supervisor suggested it."),
        ("Jefferson", "Boulder", "59632"), (Guide, 330, 1), Copy::Post,
        Withdrawn(study(4, 4, 220), "Took a position in Spokane. Leaves on good terms and may come back to it.")),
    case(("Nora Haugen", Nurse, "Hospital, Sidney", "I want to be of more use to the people I see."),
        ("Richland", "Sidney", "59270"), (Handbook, 380, 9), Copy::Own,
        Withdrawn(study(5, 3, 260), "Two jobs and a young family at the moment. Would like to begin again in a year or two.")),
    case(("Jasmine Whitford", Dietitian, "Hospital, Chinook", "I am new to Montana and to diabetes education."),
        ("Blaine", "Chinook", "59523"), (Guide, 300, 2), Copy::Post,
        Withdrawn(study(2, 1, 90), "Changed to a food service position and has no teaching any more. The book is still to come back.")),

    case(("Margit Sorlie", Nurse, "Critical access hospital, Scobey", "I asked for a book and was offered a mentor as well. Yes to both."),
        ("Daniels", "Scobey", "59263"), (Guide, 640, 7), Copy::Post, Completed(338)),
    case(("Donna Azure", Nurse, "Tribal health center, Box Elder", "I want our families to have an educator who stays."),
        ("Hill", "Box Elder", "59521"), (Handbook, 610, 10), Copy::Post, Completed(296)),
    case(("Kathleen Burke", Nurse, "Community clinic, Butte", "I know the people. I want to know the diabetes."),
        ("Silver Bow", "Butte", "59701"), (Guide, 520, 1), Copy::Hand, Completed(251)),
    case(("Rachel Vandenberg", Dietitian, "Hospital, Ennis", "The exam first, then a class of our own."),
        ("Madison", "Ennis", "59729"), (Exam, 560, 4), Copy::Own, Completed(203)),
    case(("Jolene Erickson", Nurse, "Hospital, Lewistown", "I like a clear path and a person to ask."),
        ("Fergus", "Lewistown", "59457"), (Guide, 450, 0), Copy::Post, Completed(158)),
    case(("Mark Iverson", Nurse, "Clinic, Townsend", "I would like our clinic to offer education that insurance pays for."),
        ("Broadwater", "Townsend", "59644"), (Handbook, 430, 0), Copy::Own, Completed(110)),
    case(("Teresa Whitebear", Nurse, "Tribal health center, Cut Bank", "My grandmother raised me on stories about healing. I add some numbers to them."),
        ("Glacier", "Cut Bank", "59427"), (Guide, 380, 3), Copy::Own, Completed(66)),
    case(("Linnea Dahl", Dietitian, "Hospital, Wolf Point", "I have been preparing alone for too long."),
        ("Roosevelt", "Wolf Point", "59201"), (Exam, 400, 9), Copy::Post, Completed(24)),
];

/// The address of an account: `mentor@`, `mentee1@`, or the person's name.
pub fn email(name: &str) -> String {
    let plain = |sign: char| match sign {
        ' ' => Some('.'),
        sign => sign.is_ascii_alphanumeric().then_some(sign),
    };
    format!("{}@demo.qdei.example", name.to_lowercase().chars().filter_map(plain).collect::<String>())
}

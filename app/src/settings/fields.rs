//! Every setting as the coordinator meets it: its words, and how it is asked for, read and told. Separate because the
//! page, the reading of its form and the list of versions must never know different settings; a test holds this table
//! against what is stored.

use serde_json::{Value, json};

use super::{Settings, Typed};
use crate::form::Fields;
use crate::plans::Rhythm;
use crate::ui::Choice;

/// One setting.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its name, in the form as in what is stored.
    pub name: &'static str,
    pub label: &'static str,
    pub hint: &'static str,
    pub kind: Kind,
}

/// How a setting is asked for and what fits.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// One line; `missing` says what to do when it is empty, or nothing where it may be.
    Line {
        most: usize,
        missing: &'static str,
    },
    /// An e-mail address or nothing.
    Email,
    /// Paragraphs; `missing` as above.
    Text {
        most: usize,
        missing: &'static str,
    },
    /// A whole number within a range, of what.
    Count {
        from: i32,
        to: i32,
        unit: &'static str,
    },
    Zone,
    Month,
    /// A full hour of the day.
    Hour,
    Rhythm,
    /// Numbers of months, with commas between them; none is fine.
    Months,
    /// The picture, which has a form of its own.
    Logo,
}

/// Settings that belong together.
#[derive(Debug, Clone, Copy)]
pub struct Group {
    pub id: &'static str,
    pub title: &'static str,
    pub words: &'static str,
    pub fields: &'static [Field],
}

const fn field(name: &'static str, label: &'static str, hint: &'static str, kind: Kind) -> Field {
    Field { name, label, hint, kind }
}

const fn days(from: i32, to: i32) -> Kind {
    Kind::Count { from, to, unit: "days" }
}

const fn line(most: usize, missing: &'static str) -> Kind {
    Kind::Line { most, missing }
}

const fn text(most: usize, missing: &'static str) -> Kind {
    Kind::Text { most, missing }
}

/// Every setting, in the order of the page.
pub const GROUPS: &[Group] = &[
    Group {
        id: "contact",
        title: "Name and contact",
        words: "What stands in mail, letters and certificates, and whom people ask for.",
        fields: &[
            field("program", "Name of the program", "", line(120, "Enter the program's name.")),
            field("coordinator_name", "Coordinator", "", line(120, "Enter the name that people should ask for.")),
            field("coordinator_email", "Coordinator’s e-mail", "Shown on public pages and in mail.", Kind::Email),
            field("coordinator_phone", "Coordinator’s phone", "Shown on public pages and in mail.", line(40, "")),
            field("coordinator_address", "Postal address", "Where books and letters on paper are sent to.", text(500, "")),
            field(
                "certificate_wording",
                "Sentence on the certificate",
                "It stands after the person’s name.",
                line(300, "Enter the sentence that stands after the name."),
            ),
        ],
    },
    Group {
        id: "texts",
        title: "Texts",
        words: "What the public and your mentors read. An empty line begins a new paragraph.",
        fields: &[
            field("home_heading", "Heading of the start page", "", line(120, "Enter the heading of the start page.")),
            field("home_opening", "Opening of the start page", "", text(800, "Enter the sentences under the heading.")),
            field(
                "application_thanks",
                "Thanks for an application",
                "Read once it is sent, above when an answer comes.",
                text(800, "Enter what an applicant reads."),
            ),
            field(
                "mentor_thanks",
                "Closing thanks to a mentor",
                "Read when a pair has come to its end.",
                text(800, "Enter what a mentor reads."),
            ),
            field("logo", "Logo", "", Kind::Logo),
        ],
    },
    Group {
        id: "year",
        title: "Program year and time zone",
        words: "What “this year” means in counts and reports, and when a day begins.",
        fields: &[
            field("year_month", "The program year begins in", "", Kind::Month),
            field("year_day", "on day", "", Kind::Count { from: 1, to: 31, unit: "" }),
            field("time_zone", "Time zone", "For everyone who has chosen no other.", Kind::Zone),
        ],
    },
    Group {
        id: "beginning",
        title: "Beginning",
        words: "From the application to the first talk.",
        fields: &[
            field("application_days", "Answer an application", "Applicants are told this.", days(1, 60)),
            field("answer_days", "Answer a proposal", "The mentor. After that it goes back to you.", days(1, 60)),
            field("first_contact_days", "Make the plan", "The pair, counted from their introduction.", days(1, 90)),
            field(
                "capacity",
                "Mentees a mentor takes",
                "Unless the mentor says otherwise.",
                Kind::Count { from: 0, to: 30, unit: "mentees" },
            ),
            field("rhythm", "Rhythm of talks", "What a new plan begins with.", Kind::Rhythm),
        ],
    },
    Group {
        id: "waiting",
        title: "What waits how long",
        words: "How long each step may take before it counts as late.",
        fields: &[
            field(
                "desk_days",
                "Propose a mentor, lend a book, receive a letter, approve questions, issue a certificate",
                "Whatever waits on your desk.",
                days(1, 60),
            ),
            field("book_days", "Say how the book comes", "The mentee.", days(1, 90)),
            field("post_days", "Say that the book has arrived", "The mentee.", days(1, 90)),
            field("sign_days", "Sign the letter", "Each of the pair.", days(1, 90)),
            field("mark_days", "Mark answers of a post-test that only a person can", "The mentor.", days(1, 90)),
            field("message_days", "Read a message of the other", "Each of the pair.", days(1, 90)),
            field(
                "undo_minutes",
                "Undo what has not left the house",
                "You, after acting on the desk.",
                Kind::Count { from: 0, to: 120, unit: "minutes" },
            ),
            field(
                "correct_minutes",
                "Put a message right, or take it back",
                "Who wrote it, each of the pair.",
                Kind::Count { from: 0, to: 1440, unit: "minutes" },
            ),
        ],
    },
    Group {
        id: "library",
        title: "Lending library",
        words: "A loan renews by itself while the study goes on and nobody waits for the book.",
        fields: &[
            field("loan_grace_days", "A book is due after the planned end of study", "", days(0, 180)),
            field("loan_max_days", "Longest loan at a time", "", days(7, 730)),
        ],
    },
    Group {
        id: "study",
        title: "Study and post-tests",
        words: "What counts for those who start from now on.",
        fields: &[
            field(
                "option_months",
                "An option may take",
                "You can give a person more, with a reason.",
                Kind::Count { from: 1, to: 60, unit: "months" },
            ),
            field("pass_mark", "Pass mark of a post-test", "", Kind::Count { from: 1, to: 100, unit: "percent" }),
            field(
                "attempts_a_day",
                "Attempts at a chapter’s post-test in one day",
                "",
                Kind::Count { from: 1, to: 20, unit: "attempts" },
            ),
            field("questions_a_test", "Questions in a post-test", "", Kind::Count { from: 1, to: 50, unit: "questions" }),
        ],
    },
    Group {
        id: "silence",
        title: "When nothing is heard",
        words: "Counted while a step waits for somebody. A pause or an absence stops the clock; any sign of life, also one \
            that you enter, starts it anew.",
        fields: &[
            field("stalled_days", "A gentle nudge", "To the person the step waits for.", days(7, 365)),
            field("listed_days", "It stands on your list", "Later than the nudge.", days(7, 365)),
            field("decide_days", "You decide how it goes on", "Later than your list.", days(7, 730)),
        ],
    },
    Group {
        id: "mail",
        title: "Mail hours",
        words: "Answers to what a person has just done leave at once. Everything else waits for that person’s one digest a \
            day, in their own time zone.",
        fields: &[
            field("digest_hour", "The digest leaves at", "Unless a person has chosen another hour.", Kind::Hour),
            field("quiet_from", "Quiet from", "No digest and no nudge leaves from this hour on.", Kind::Hour),
            field("quiet_to", "Quiet until", "From this hour on mail leaves again.", Kind::Hour),
        ],
    },
    Group {
        id: "afterwards",
        title: "After completion",
        words: "What came of it: certified, teaching, willing to mentor? One click answers.",
        fields: &[field(
            "follow_up_months",
            "Ask after so many months",
            "With commas between them; empty for never.",
            Kind::Months,
        )],
    },
    Group {
        id: "reports",
        title: "Reports",
        words: "What leaves the house must not point at one person.",
        fields: &[field(
            "suppress_under",
            "Leave out groups smaller than",
            "In files for others; 0 tells all. Your own pages always tell all.",
            Kind::Count { from: 0, to: 50, unit: "people" },
        )],
    },
    Group {
        id: "links",
        title: "Links by mail",
        words: "Each works once.",
        fields: &[
            field("invitation_days", "An invitation is good for", "", days(1, 60)),
            field(
                "reset_minutes",
                "A link for a new password is good for",
                "",
                Kind::Count { from: 10, to: 1440, unit: "minutes" },
            ),
        ],
    },
];

/// Every setting.
pub fn all() -> impl Iterator<Item = &'static Field> {
    GROUPS.iter().flat_map(|group| group.fields)
}

/// Reads every setting of the form, with the rules between them. `None` when one cannot be so; then `fields` says why.
pub fn read(fields: &mut Fields) -> Option<Typed> {
    let mut typed = Typed::new();
    let mut complete = true;
    for field in all().filter(|field| field.is_typed()) {
        match field.read(fields) {
            Some(value) => drop(typed.insert(field.name.to_owned(), value)),
            None => complete = false,
        }
    }
    // A field that could not be read stands at its default here: the others are still held against the rules.
    let objections = Settings::default().with(&typed).ok()?.objections();
    complete &= objections.is_empty();
    for (field, words) in objections {
        fields.wrong(field, words);
    }
    complete.then_some(typed)
}

impl Field {
    /// Whether the form of the settings asks for it.
    pub fn is_typed(&self) -> bool {
        !matches!(self.kind, Kind::Logo)
    }

    fn read(&self, fields: &mut Fields) -> Option<Value> {
        let name = self.name;
        Some(match self.kind {
            Kind::Line { most, missing: "" } | Kind::Text { most, missing: "" } => fields.optional_text(name, most)?.into(),
            Kind::Line { most, missing } | Kind::Text { most, missing } => fields.text(name, most, missing)?.into(),
            Kind::Email if fields.raw(name).is_empty() => "".into(),
            Kind::Email => fields.email(name)?.into(),
            Kind::Count { from, to, .. } => fields.whole(name, from..=to)?.into(),
            Kind::Zone => fields.text(name, 60, "Choose a time zone.")?.into(),
            Kind::Month => fields.whole(name, 1..=12)?.into(),
            Kind::Hour => fields.whole(name, 0..=23)?.into(),
            Kind::Rhythm => json!(fields.one::<Rhythm>(name, "Choose one of the answers.")?),
            Kind::Months => json!(read_months(fields, name)?),
            Kind::Logo => return None,
        })
    }

    /// What the field of the form holds for a value.
    pub fn typed(&self, value: &Value) -> String {
        match value {
            Value::String(text) => text.clone(),
            Value::Array(months) => months.iter().map(Value::to_string).collect::<Vec<_>>().join(", "),
            Value::Null => String::new(),
            other => other.to_string(),
        }
    }

    /// A value in words: "14 days", "8 pm".
    pub fn told(&self, value: &Value) -> String {
        let number = value.as_u64().unwrap_or_default();
        match self.kind {
            Kind::Line { .. } | Kind::Text { .. } | Kind::Email => match value.as_str() {
                None | Some("") => "nothing".to_owned(),
                Some(text) => format!("“{text}”"),
            },
            Kind::Count { unit, .. } => counted(number, unit),
            Kind::Zone => zone_name(value.as_str().unwrap_or_default()),
            Kind::Month => month_name(number),
            Kind::Hour => hour_name(number),
            Kind::Rhythm => {
                value.as_str().and_then(|word| word.parse::<Rhythm>().ok()).map_or("nothing", Rhythm::name).to_lowercase()
            }
            Kind::Months => match value.as_array().map(Vec::as_slice) {
                None | Some([]) => "never".to_owned(),
                Some(_) => format!("{} months", self.typed(value).replace(", ", " and ")),
            },
            Kind::Logo => match value.get("alt").and_then(Value::as_str) {
                Some(alt) => format!("“{alt}”"),
                None => "none".to_owned(),
            },
        }
    }

    /// The answers of a closed list; empty where the answer is typed. `now` is always among them.
    pub fn choices(&self, now: &str) -> Vec<Choice> {
        match self.kind {
            Kind::Zone => {
                let other = (!ZONES.iter().any(|(zone, _)| *zone == now)).then_some(now);
                ZONES.iter().map(|(zone, _)| *zone).chain(other).map(|zone| (zone.to_owned(), zone_name(zone))).collect()
            }
            Kind::Month => (1..=12).map(|month| (month.to_string(), month_name(month))).collect(),
            Kind::Hour => (0..24).map(|hour| (hour.to_string(), hour_name(hour))).collect(),
            Kind::Rhythm => crate::ui::choices(Rhythm::ALL, Rhythm::name),
            _ => Vec::new(),
        }
    }
}

/// One version's change of a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    pub label: &'static str,
    pub before: String,
    pub after: String,
}

/// What differs between two versions, in the order of the page.
pub fn differences(before: &Settings, after: &Settings) -> Vec<Changed> {
    let (before, after) = (before.by_name(), after.by_name());
    all()
        .filter_map(|field| {
            let (old, new) = (before.get(field.name)?, after.get(field.name)?);
            (old != new).then(|| Changed { label: field.label, before: field.told(old), after: field.told(new) })
        })
        .collect()
}

/// At most so many times a person is asked what came of it, and never later than this many months after.
const MOST_FOLLOW_UPS: usize = 6;
const LATEST_FOLLOW_UP: u32 = 60;

fn read_months(fields: &mut Fields, name: &'static str) -> Option<Vec<u32>> {
    let text = fields.raw(name);
    let parts = text.split([',', ' ', ';']).filter(|part| !part.is_empty() && *part != "and");
    let months: Option<Vec<u32>> =
        parts.map(|part| part.parse().ok().filter(|month| (1..=LATEST_FOLLOW_UP).contains(month))).collect();
    match months {
        Some(mut months) if months.len() <= MOST_FOLLOW_UPS => {
            months.sort_unstable();
            months.dedup();
            Some(months)
        }
        _ => {
            fields.wrong(
                name,
                format!(
                    "Write up to {MOST_FOLLOW_UPS} whole numbers from 1 to {LATEST_FOLLOW_UP} with commas between them, such as 6, 12."
                ),
            );
            None
        }
    }
}

/// Time zones of the states and territories; any other that is known by its IANA name is kept when it is set.
const ZONES: [(&str, &str); 9] = [
    ("America/Denver", "Mountain time"),
    ("America/Phoenix", "Mountain time, without daylight saving"),
    ("America/Los_Angeles", "Pacific time"),
    ("America/Chicago", "Central time"),
    ("America/New_York", "Eastern time"),
    ("America/Anchorage", "Alaska time"),
    ("Pacific/Honolulu", "Hawaii time"),
    ("America/Puerto_Rico", "Atlantic time"),
    ("Pacific/Guam", "Chamorro time"),
];

fn zone_name(zone: &str) -> String {
    match ZONES.iter().find(|(known, _)| *known == zone) {
        Some((_, name)) => format!("{name} ({zone})"),
        None => zone.to_owned(),
    }
}

fn month_name(month: u64) -> String {
    u8::try_from(month).ok().and_then(|month| chrono::Month::try_from(month).ok()).map_or("", |month| month.name()).to_owned()
}

/// "7 am", "noon", "8 pm", "midnight".
pub fn hour_name(hour: u64) -> String {
    match hour {
        0 => "midnight".to_owned(),
        12 => "noon".to_owned(),
        1..12 => format!("{hour} am"),
        _ => format!("{} pm", hour - 12),
    }
}

/// "14 days", "1 day".
fn counted(number: u64, unit: &str) -> String {
    match (number, unit) {
        (_, "") => number.to_string(),
        (1, "people") => "1 person".to_owned(),
        (1, _) => format!("1 {}", unit.strip_suffix('s').unwrap_or(unit)),
        _ => format!("{number} {unit}"),
    }
}

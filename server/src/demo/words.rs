//! What the demo's people write: reflections, questions and answers, notes. Separate because it is text to be read, not
//! logic, and because no patient may ever be recognized in it.

use super::people::Book;

/// Reflections by book and chapter. Options 2 and 3 read the same book.
const REFLECTIONS: &[(Book, i32, &str)] = &[
    (
        Book::Guide,
        1,
        "I had been saying \"juvenile\" and \"adult-onset\" out of habit. Naming the type by what happens in the body is clearer, and I am changing our handout.",
    ),
    (
        Book::Guide,
        1,
        "Gestational diabetes as a window on later type 2 is the part I will use first. I had not known how seldom anyone follows up.",
    ),
    (
        Book::Guide,
        2,
        "Two minutes with the risk test at the county fair table would be enough to start a talk. I want to try it with our public health nurse.",
    ),
    (
        Book::Guide,
        2,
        "Modest weight loss and regular activity do more than I had assumed. Our nearest prevention class is by video, so distance is no excuse.",
    ),
    (
        Book::Guide,
        3,
        "An A1C is an average and can hide highs and lows that cancel out. I drew it on paper until I could explain it in three sentences.",
    ),
    (
        Book::Guide,
        3,
        "Time in range finally makes sense to me. I would like to practice reading a sample report at our next talk.",
    ),
    (
        Book::Guide,
        4,
        "The plate method beats every diet sheet in our drawer. I tried it on my own supper for a week before I teach it.",
    ),
    (
        Book::Guide,
        4,
        "I noticed how often I say \"should\" when I talk about food. This chapter gave me better questions to ask.",
    ),
    (
        Book::Guide,
        5,
        "Ranch work is activity, and lots of it, but it comes in seasons. I will ask about January, not only about calving.",
    ),
    (Book::Guide, 5, "Breaking up sitting every half hour is advice I can give to anyone, and take myself at the desk."),
    (
        Book::Guide,
        6,
        "The chapter is careful with words about weight, and I will be too. Asking permission before bringing it up was new to me.",
    ),
    (Book::Guide, 6, "Small losses count. I used to talk about goals that were too far away to help anybody."),
    (
        Book::Guide,
        7,
        "I made a one-page table of the medicine groups: what each does, what to watch for, which protect heart and kidney. Could we look at it together?",
    ),
    (Book::Guide, 7, "Knowing which of these can cause low glucose by themselves cleared up a muddle I had carried for years."),
    (
        Book::Guide,
        8,
        "Rotating sites and feeling for lumps takes a minute, and I had stopped teaching it. That changes on Monday.",
    ),
    (
        Book::Guide,
        8,
        "Background and mealtime insulin as two different jobs: that picture helps me explain why one dose cannot do both.",
    ),
    (
        Book::Guide,
        9,
        "Fifteen grams, fifteen minutes, check again. I knew it, but now I also know when not to wait and to call for help.",
    ),
    (
        Book::Guide,
        9,
        "The sick-day pages are the ones I will copy for our winter file. With an unplowed road ahead, the plan has to be at home already.",
    ),
    (Book::Guide, 10, "Blood pressure belongs in every diabetes talk. I used to leave it for the next visit."),
    (Book::Guide, 10, "I can now say in plain words why a statin may be offered even when the cholesterol numbers look fine."),
    (
        Book::Guide,
        11,
        "I practiced the monofilament on my own feet and on two colleagues. It is quicker than finding the form for it.",
    ),
    (
        Book::Guide,
        11,
        "The yearly list of eyes, kidneys, feet and teeth fits on a card. An eye exam is a two-hour drive from here, so the reminder has to come early.",
    ),
    (
        Book::Guide,
        12,
        "Diabetes distress is not the same as depression, and one plain question opens the door. I am looking for my own words for that question.",
    ),
    (Book::Guide, 12, "Burnout has a name, and hearing it named helps. This chapter was worth reading twice."),
    (
        Book::Guide,
        13,
        "Glucose goals for older adults surprised me: sometimes looser is safer. I will look at our standing goals with that in mind.",
    ),
    (
        Book::Guide,
        13,
        "School plans are where our clinic can help: one letter in August instead of ten phone calls in October.",
    ),
    (
        Book::Guide,
        14,
        "Ten hours of education in the first year, and so few are used. I want to know what keeps people from the second visit.",
    ),
    (
        Book::Guide,
        14,
        "Looking back at my notes on chapter 1, I can hear how differently I talk now. Less telling, more asking.",
    ),
    (Book::Panther, 1, "The first days are about safety and calm, not about everything at once. Three skills, then rest."),
    (Book::Panther, 2, "Autoimmune, and nobody's fault: that is the sentence I will say first from now on."),
    (Book::Panther, 4, "Two insulins in one syringe is rare now, but school staff still ask. I can show it again."),
    (Book::Panther, 6, "Trend arrows tell more than the number. I practiced with the sample screens until I stopped guessing."),
    (Book::Panther, 7, "When to check ketones was fuzzy to me. Now it is a short list that fits inside a cupboard door."),
    (Book::Panther, 8, "Glucagon comes as a nose spray as well. Teachers feel braver about that one."),
    (Book::Panther, 10, "I counted carbohydrate for my own family for three days. Pie night taught me the most."),
    (Book::Panther, 13, "Pump or pens is a choice about a life, not about a machine."),
    (
        Book::Panther,
        15,
        "Growing up means handing over a little more each year. The chapter gave me words for parents who find that hard.",
    ),
    (
        Book::Handbook,
        1,
        "Self-management is most of the care, and it happens where we never see it. I wrote that on the first page of my notebook.",
    ),
    (Book::Handbook, 1, "Education and support are two things. We do a fair job of the first and stop before the second."),
    (Book::Handbook, 2, "Six standards now, and our binder still lists ten. I have started a new divider."),
    (
        Book::Handbook,
        2,
        "I mapped who does what here: one nurse, a dietitian by video, a pharmacist on Thursdays. It is a team, only spread over ninety miles.",
    ),
    (Book::Handbook, 3, "Adults learn what they can use by Friday. I cut my class from twelve topics to four."),
    (Book::Handbook, 3, "Teach-back is not a quiz. Said kindly, it tests my teaching and nobody else."),
    (
        Book::Handbook,
        4,
        "I practiced open questions with a colleague and counted how often I interrupted. Humbling, and useful.",
    ),
    (Book::Handbook, 4, "Saying back what I heard feels slow and saves time. I will try it once a day."),
    (
        Book::Handbook,
        5,
        "Our handouts read like a college text. I rewrote one in everyday words, and it got better for everyone.",
    ),
    (Book::Handbook, 5, "Food, family and ceremony belong in the plan from the start, not as an exception at the end."),
    (
        Book::Handbook,
        6,
        "The chapter begins by asking what is hardest right now. I have started my classes that way, and the rest follows.",
    ),
    (
        Book::Handbook,
        7,
        "Slow autoimmune diabetes in adults was only a word to me before. Now I know when the first label deserves a second look.",
    ),
    (
        Book::Handbook,
        8,
        "Counting carbohydrate, the plate, reading labels: each has its moment. I used to teach them all at once.",
    ),
    (Book::Handbook, 8, "The one store in town decides the menu. The chapter helped me plan with what is on its shelves."),
    (
        Book::Handbook,
        9,
        "I walk the same gravel road each evening, and now I count it. Thirty minutes on five days is closer than it sounds.",
    ),
    (Book::Handbook, 10, "Pattern first, number second. I stopped reacting to single readings."),
    (Book::Handbook, 11, "Heart and kidney benefits now lead the choice, not A1C alone. I needed that order spelled out."),
    (
        Book::Handbook,
        12,
        "Keeping insulin from freezing in a truck at twenty below is a Montana chapter of its own. I wrote half a page on it for our newsletter.",
    ),
    (
        Book::Handbook,
        13,
        "Automated delivery still needs a person who understands it. What to do when a site fails is what I will teach first.",
    ),
    (
        Book::Handbook,
        14,
        "Ketones, fluids, when to call: I can say it in under a minute now, which is all that a phone call at night leaves.",
    ),
    (Book::Handbook, 15, "I listed our yearly screenings by who reminds whom. Half of them had nobody."),
    (Book::Handbook, 16, "Goals in pregnancy are tighter and the time is short. I know now whom to phone the same day."),
    (Book::Handbook, 17, "Writing the goal down in the person's own words makes the follow-up easier, and the notes better."),
    (
        Book::Handbook,
        18,
        "One measure looked at four times a year is enough to begin with quality improvement. We chose foot exams.",
    ),
    (
        Book::Handbook,
        19,
        "I went through the eligibility list line by line. My hours need a better record, so I began one today.",
    ),
    (Book::Handbook, 20, "A date on the calendar changes how I read. I set two evenings a week aside until then."),
];

/// A question in a chapter's thread, and the mentor's answer.
const QUESTIONS: &[(Book, i32, &str, &str)] = &[
    (
        Book::Guide,
        3,
        "When somebody checks only in the morning, which second check would you suggest first?",
        "Two hours after the largest meal, a few days in a row. It shows the most for the fewest strips. Bring it to our talk; there are good exceptions.",
    ),
    (
        Book::Guide,
        4,
        "How do you teach the plate method when supper is a one-pot stew?",
        "Take the stew apart in your mind: what share is potato, what share is vegetable, what share is meat? People get it at once, and the next pot looks different.",
    ),
    (
        Book::Guide,
        7,
        "I cannot keep the medicine groups apart. How did you learn them?",
        "By what they do, not by their names: less sugar from the liver, more out through the kidney, a slower stomach. Then one example each. Send me your table and we go through it.",
    ),
    (
        Book::Guide,
        8,
        "Is there a simple way to say why insulin in use may stay at room temperature but the spare should not?",
        "In use it lasts about four weeks; unopened and cold it keeps until its date. Never frozen, never on the dashboard. Each insulin's own leaflet has the exact days.",
    ),
    (
        Book::Guide,
        9,
        "What do you teach about driving and low glucose out here, where the next house is ten miles away?",
        "Check before the key turns, keep fast sugar within reach, pull over at the first sign, and go on only once it is back up. I say it in that order.",
    ),
    (
        Book::Guide,
        12,
        "I hesitate to ask about distress, because there is nobody nearby to refer to.",
        "Listening is already something. And there is more by video than a year ago; I will send you the list our clinic uses.",
    ),
    (
        Book::Handbook,
        3,
        "How long is your first class? Mine runs over each time.",
        "Fifty minutes, three points, and ten minutes of it are questions. What falls off the end goes into the second class.",
    ),
    (
        Book::Handbook,
        5,
        "Our materials are all about wheat bread and city parks. Where would you begin?",
        "With two good cooks and a pot of coffee. Ask them to mark what they would never say that way. It took us one afternoon and changed half the pages.",
    ),
    (
        Book::Handbook,
        8,
        "Do you still teach exchange lists to anyone?",
        "Hardly. If somebody learned them years ago and likes them, I build on that. Otherwise the plate first, then labels.",
    ),
    (
        Book::Handbook,
        10,
        "Which page of a sensor report do you open first?",
        "The daily overlay, then time below range. Safety first, fine points later.",
    ),
    (
        Book::Handbook,
        11,
        "How much of the pharmacology should I know by heart?",
        "Groups, actions and the main cautions by heart; for doses, where to look. I will ask you about ten of them at our next talk.",
    ),
    (
        Book::Handbook,
        13,
        "Could we look at a download together? I have only seen pictures.",
        "Yes. I have a practice report that belongs to nobody. Let us use half of the next talk for it.",
    ),
    (
        Book::Handbook,
        18,
        "We have no quality committee. Can two people be one?",
        "Two people and a calendar are a fine start. Choose one measure, write down how you count it, and look at it each quarter.",
    ),
    (
        Book::Handbook,
        19,
        "Do the hours I teach in the prevention program count toward the exam?",
        "That is for the certification board to say, not for us. Its handbook is the place to look; write to them and keep the answer with your record.",
    ),
    (
        Book::Panther,
        6,
        "What do you tell a school that wants the phone put away?",
        "That the phone is the meter. The care plan can say so in one line, signed before the year starts.",
    ),
    (
        Book::Panther,
        8,
        "Who should carry glucagon on a bus route of seventy minutes?",
        "Someone who is on the bus. It sounds simple, and it is what plans most often leave out.",
    ),
];

/// A mentor's first message after the introduction, and the mentee's answer.
const WELCOMES: &[(&str, &str)] = &[
    (
        "Welcome! Distance has never spoiled a good talk for me. Would an evening in the coming week suit you?",
        "Thank you for taking me on. Tuesday after seven works, once the barn chores are done.",
    ),
    (
        "I read your application with pleasure. Tell me what you already teach, and we begin there.",
        "Mostly the basics at the bedside, and never enough time for it. I would like to do it properly.",
    ),
    (
        "Glad to be your mentor. I was the only educator in my county for eleven years, so ask me anything.",
        "That is exactly where I am now. I have a list of questions already, and it is growing.",
    ),
    (
        "Hello and welcome. I suggest we keep to a rhythm, even if a talk is short. Short talks that happen beat long ones that do not.",
        "I like that. My shifts change every month, so I will send you the days as soon as I have them.",
    ),
    (
        "Looking forward to working with you. I can do the phone any day before eight or after five.",
        "Before eight is perfect. I am on the road by then, so I will pull over in town where the signal is good.",
    ),
    (
        "Welcome to the program. Start with whatever chapter you are most curious about; nothing is locked.",
        "Then I will start in the middle and work outward. See you on the screen on Thursday.",
    ),
];

/// What was talked over, and what each promised.
const TALKS: &[(&str, &str)] = &[
    (
        "Went through the open questions one by one. The examples from daily practice helped more than the book here.",
        "Try the new handout in one class\nBring two questions for next time",
    ),
    (
        "Practiced explaining glucose goals in everyday words, three times, shorter each time.",
        "Write the short version down and send it",
    ),
    (
        "Talked about reading in small pieces around night shifts. We moved two target dates.",
        "Read the next chapter by the new date",
    ),
    (
        "Role play: opening a talk without giving advice for the first five minutes. Harder than it sounds, and it went well.",
        "Count open questions in the next class\nRead the summary again",
    ),
    (
        "Looked at a practice report together and named the pattern before the cause.",
        "Find one more sample report\nNote what to ask first",
    ),
    (
        "Compared how our two clinics handle reminders. Both of us take an idea home.",
        "Draft the reminder card\nAsk the front desk what they need",
    ),
    ("Went over the missed questions. Two were slips, one was a real gap, and it is closed now.", "Take the post-test again"),
    ("A short one between chores. Everything is on track.", "Same time next month"),
    (
        "Talked about confidence in front of a group, and about leaving silence after a question.",
        "Wait five seconds before answering for them",
    ),
    ("Sorted the medicine groups on cards. The table is nearly finished.", "Finish the table\nShow it to the pharmacist"),
];

/// A mentor's word back with a sign-off.
const SIGN_OFFS: &[&str] = &[
    "Clear and well observed. Keep that way of asking.",
    "You have this. Teach it to a colleague and it stays.",
    "Thoughtful. We can build on it in the next chapter.",
    "Good eye for what works in a small clinic.",
    "Your summary is better than mine. I will borrow it, with your name on it.",
    "Nicely put. The sick-day point is one I had overlooked.",
    "Exactly the questions I would ask. Onward.",
    "Well done, and in a busy month too.",
];

/// What pairs write into their plan.
const PLAN_NOTES: &[&str] = &[
    "We begin with what each of us knows best, then go in order.",
    "If the road or the signal is bad, we move the talk by one day and say so.",
    "Harvest and calving come first; the dates leave room for both.",
    "Questions go into the chapter's thread as they come up, so that no talk starts empty.",
    "",
];

/// Hands each text out at most so often, so that nobody reads the same words from everyone.
#[derive(Default)]
pub struct Texts {
    used: std::collections::HashMap<(&'static str, usize), u32>,
    turn: usize,
}

impl Texts {
    /// A reflection on the chapter; nothing once those there are were used.
    pub fn reflection(&mut self, book: Book, chapter: i32) -> Option<&'static str> {
        let place = self.least_used("reflection", 2, REFLECTIONS, |one| one.0 == book.shelf() && one.1 == chapter)?;
        Some(REFLECTIONS[place].2)
    }

    /// A question on the chapter, with its answer.
    pub fn question(&mut self, book: Book, chapter: i32) -> Option<(&'static str, &'static str)> {
        let place = self.least_used("question", 2, QUESTIONS, |one| one.0 == book.shelf() && one.1 == chapter)?;
        Some((QUESTIONS[place].2, QUESTIONS[place].3))
    }

    pub fn welcome(&mut self) -> (&'static str, &'static str) {
        self.next(WELCOMES)
    }

    pub fn talk(&mut self) -> (&'static str, &'static str) {
        self.next(TALKS)
    }

    pub fn sign_off(&mut self) -> &'static str {
        self.next(SIGN_OFFS)
    }

    pub fn plan_note(&mut self) -> &'static str {
        self.next(PLAN_NOTES)
    }

    fn next<T: Copy>(&mut self, texts: &'static [T]) -> T {
        self.turn += 1;
        texts[self.turn % texts.len()]
    }

    fn least_used<T>(&mut self, kind: &'static str, most: u32, texts: &[T], fits: impl Fn(&T) -> bool) -> Option<usize> {
        let count = |place: &usize| self.used.get(&(kind, *place)).copied().unwrap_or(0);
        let place =
            (0..texts.len()).filter(|place| fits(&texts[*place])).min_by_key(count).filter(|place| count(place) < most)?;
        *self.used.entry((kind, place)).or_default() += 1;
        Some(place)
    }
}

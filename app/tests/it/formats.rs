//! Files of questions: what is taken by Moodle's rules, what is refused and where, that what is written is what is read, and
//! that no file makes the readers stumble.

use std::time::{Duration, Instant};

use app::assessments::formats::{Entry, Format, LARGEST, Read, Unreadable, gift, moodle_xml, read};
use app::assessments::question::{Draft, Picture};
use app::assessments::{Accepted, Body, Credit, Number, NumericalAnswer, Pair};
use proptest::prelude::*;

use crate::questions::{a_body, a_line, a_text, maybe_line, maybe_text};

/// The smallest PNG there is, with some bytes more to tell two apart.
fn png(mark: u8) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x20\0\0\0\x20\x08\x06\0\0\0".to_vec();
    bytes.push(mark);
    bytes
}

fn sha256(bytes: &[u8]) -> String {
    use std::fmt::Write;
    let mut text = String::new();
    for byte in <sha2::Sha256 as sha2::Digest>::digest(bytes) {
        write!(text, "{byte:02x}").unwrap();
    }
    text
}

prop_compose! {
    fn an_entry()(category in prop::sample::select(vec!["", "Chapter 3", "Chapter 3/Basics", "Food: what & why"]), name in maybe_line(8),
        text in a_text(20), explanation in maybe_text(12), source in maybe_line(8), topic in maybe_line(4), body in a_body(),
        picture in prop::option::of((any::<u8>(), a_line(8)))) -> Entry {
        let bytes = picture.as_ref().map(|(mark, _)| png(*mark));
        let picture = picture.zip(bytes.as_ref()).map(|((_, alt), bytes)| Picture { hash: sha256(bytes), alt });
        Entry { line: 0, category: category.into(), draft: Draft { name, text, explanation, source, topic, picture, body }, picture: bytes }
    }
}

fn without_lines(read: Read) -> Vec<Entry> {
    assert_eq!(read.refused, []);
    read.taken.into_iter().map(|entry| Entry { line: 0, ..entry }).collect()
}

fn one(text: &str) -> Entry {
    let read = read(text.as_bytes()).unwrap();
    assert_eq!((read.refused.as_slice(), read.taken.len()), ([].as_slice(), 1), "{text}");
    read.taken.into_iter().next().unwrap()
}

fn refusals(text: &str) -> Vec<(usize, String)> {
    read(text.as_bytes()).unwrap().refused.into_iter().map(|refused| (refused.line, refused.reason)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_as_gift_is_read_again(entries in prop::collection::vec(an_entry(), 1..4)) {
        let text = gift::write(&entries);
        prop_assert_eq!(without_lines(read(text.as_bytes()).unwrap()), entries, "{}", text);
    }

    #[test]
    fn what_is_written_as_moodle_xml_is_read_again(entries in prop::collection::vec(an_entry(), 1..4)) {
        let text = moodle_xml::write(&entries);
        prop_assert_eq!(without_lines(read(text.as_bytes()).unwrap()), entries, "{}", text);
    }

    #[test]
    fn no_bytes_make_the_readers_stumble(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        read_in_time(&bytes);
    }

    #[test]
    fn no_text_makes_the_readers_stumble(text in a_text(120), begin in prop::sample::select(vec!["", "<quiz>", "<?xml?><quiz><question type='essay'>"])) {
        read_in_time(format!("{begin}{text}").as_bytes());
    }

    #[test]
    fn no_change_to_a_good_file_makes_the_readers_stumble(entries in prop::collection::vec(an_entry(), 1..3), xml in any::<bool>(),
        changes in changes()) {
        read_in_time(&changed(&entries, xml, &changes));
    }
}

#[test]
fn a_name_that_is_the_text_again_is_still_a_name() {
    let Entry { draft, .. } = one("Which? {=This ~That}");
    for name in ["Which?", ""] {
        let draft = Draft { name: name.into(), ..draft.clone() };
        let entry = Entry { line: 0, category: String::new(), draft, picture: None };
        assert_eq!(one(&moodle_xml::write(&[entry])).draft.name, name);
    }
}

/// What is done to a file: where, how many bytes go, and what comes in their place.
type Change = (prop::sample::Index, usize, Vec<u8>);

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let harm = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..6),
        prop::sample::select(vec![
            "{",
            "}",
            "~",
            "=",
            "#",
            "\\",
            "%",
            "->",
            "<",
            ">",
            "&",
            "&x;",
            "<![CDATA[",
            "]]>",
            "<!--",
            "\n\n",
            "</text>",
            "<p",
            "\"",
            "&#0;"
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
    ];
    prop::collection::vec((any::<prop::sample::Index>(), 0usize..40, harm), 1..8)
}

fn changed(entries: &[Entry], xml: bool, changes: &[Change]) -> Vec<u8> {
    let mut bytes = if xml { moodle_xml::write(entries) } else { gift::write(entries) }.into_bytes();
    for (at, gone, new) in changes {
        let at = at.index(bytes.len() + 1);
        let end = (at + gone).min(bytes.len());
        bytes.splice(at..end, new.iter().copied());
    }
    bytes
}

/// Reads whatever it is; only the time is measured, because a panic fails by itself.
fn read_in_time(bytes: &[u8]) {
    let begun = Instant::now();
    if let Ok(read) = read(bytes) {
        assert!(read.taken.iter().all(|entry| entry.draft.objections().is_empty()));
        assert!(read.taken.iter().all(|entry| entry.line >= 1) && read.refused.iter().all(|refused| refused.line >= 1));
    }
    assert!(begun.elapsed() < Duration::from_secs(5), "{} bytes took {:?}", bytes.len(), begun.elapsed());
}

/// Files made to take ages: each repeats what a careless reader looks at again and again.
#[test]
fn files_made_to_take_ages_do_not() {
    for part in [
        "{", "}", "~", "=a", "#", "\\", "%1", "->", "<b ", "<b \"", "<b '", "&", "<a>", "</a>", "<!--", "<script>", "####",
        "::", "[html]", "*", "\n=", "{=a}\n\n", "//[tag:", "<p>", "&lt;",
    ] {
        let long = part.repeat(400_000 / part.len());
        for text in [
            long.clone(),
            format!("{{{long}}}"),
            format!("Q {{={long}}}"),
            format!("[html]{long} {{T}}"),
            format!(
                "<quiz><question type=\"essay\"><questiontext format=\"html\"><text><![CDATA[{long}]]></text></questiontext></question></quiz>"
            ),
            format!("<quiz {long}></quiz>"),
            format!("<quiz>{long}</quiz>"),
        ] {
            read_in_time(text.as_bytes());
        }
    }
}

/// The same as the fuzzing above, for longer: `make test-long`.
#[test]
#[ignore = "takes minutes"]
fn a_long_while_of_fuzzing() {
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig { cases: 40_000, ..ProptestConfig::default() });
    let cases = (prop::collection::vec(an_entry(), 1..3), any::<bool>(), changes());
    runner
        .run(&cases, |(entries, xml, changes)| {
            read_in_time(&changed(&entries, xml, &changes));
            Ok(())
        })
        .unwrap();
}

#[test]
fn gift_as_the_documentation_shows_it() {
    let choices =
        |body: &Body| -> Vec<(String, i32)> { body.choices().into_iter().map(|one| (one.text, one.credit.0)).collect() };
    let has = |some: &[(&str, i32)]| some.iter().map(|(text, credit)| ((*text).to_owned(), *credit)).collect::<Vec<_>>();

    let entry = one(
        "// a comment\n::Q1:: Which hormone lowers glucose? {\n  =insulin # yes\n  ~glucagon #it raises it\n  ~%50%amylin\n}\n",
    );
    assert_eq!((entry.line, entry.draft.name.as_str()), (2, "Q1"));
    assert_eq!(entry.draft.text, "Which hormone lowers glucose?");
    assert!(matches!(entry.draft.body, Body::Single(_)));
    assert_eq!(choices(&entry.draft.body), has(&[("insulin", 1000), ("glucagon", 0), ("amylin", 500)]));
    assert_eq!(entry.draft.body.choices()[1].explanation, "it raises it");

    let entry = one("Two of these are right. {~%50%one ~%-100%none ~%50%two #### because}");
    assert!(matches!(entry.draft.body, Body::Multiple(_)));
    assert_eq!(choices(&entry.draft.body), has(&[("one", 500), ("none", -1000), ("two", 500)]));
    assert_eq!(entry.draft.explanation, "because");

    let entry = one("Insulin is made in the {~liver =pancreas} of the body.");
    assert_eq!(entry.draft.text, "Insulin is made in the _____ of the body.");

    for (text, is_true) in [("T", true), ("TRUE", true), ("F", false), ("FALSE#no, it is#yes", false)] {
        let entry = one(&format!("It is. {{{text}}}"));
        assert!(matches!(&entry.draft.body, Body::TrueFalse { is_true: found, .. } if *found == is_true), "{text}");
    }
    let entry = one("It is. {T#you were wrong#you were right}");
    assert!(
        matches!(&entry.draft.body, Body::TrueFalse { when_true, when_false, .. } if when_true == "you were right" && when_false == "you were wrong")
    );

    let entry = one("What? {=four =%50%4 =\\=4}");
    let accepted = |text: &str, credit| Accepted { text: text.into(), credit: Credit(credit), explanation: String::new() };
    assert_eq!(
        entry.draft.body,
        Body::ShortAnswer {
            answers: vec![accepted("four", 1000), accepted("4", 500), accepted("=4", 1000)],
            match_case: false
        }
    );

    let entry = one("Match. {=Lispro -> rapid =Glargine -> long = -> inhaled}");
    let pair = |left: &str, right: &str| Pair { left: left.into(), right: right.into() };
    assert_eq!(
        entry.draft.body,
        Body::Matching { pairs: vec![pair("Lispro", "rapid"), pair("Glargine", "long")], distractors: vec!["inhaled".into()] }
    );

    let number = |value: i64, tolerance: i64, credit, explanation: &str| NumericalAnswer {
        value: Some(Number(value)),
        tolerance: Number(tolerance),
        credit: Credit(credit),
        explanation: explanation.into(),
    };
    assert_eq!(one("Below? {#70:2}").draft.body, Body::Numerical(vec![number(70_000_000, 2_000_000, 1000, "")]));
    assert_eq!(one("Range? {#70..180}").draft.body, Body::Numerical(vec![number(125_000_000, 55_000_000, 1000, "")]));
    let entry = one("Several? {#=5.4:0.1#yes =%50%5:1 ~#not near}");
    let Body::Numerical(answers) = &entry.draft.body else { panic!("{entry:?}") };
    assert_eq!(answers[..2], [number(5_400_000, 100_000, 1000, "yes"), number(5_000_000, 1_000_000, 500, "")]);
    assert_eq!((answers[2].value, answers[2].explanation.as_str()), (None, "not near"));

    assert_eq!(one("Write. {}").draft.body, Body::Essay { marker_note: String::new() });
}

#[test]
fn gift_categories_formats_and_escapes() {
    let text = "$CATEGORY: $course$/top/Chapter 3/Basics\n\n// [tag:insulin]\n[html]<p>Is <b>5 &lt; 7</b>?</p><ul><li>yes</li><li>no</li></ul> {T}\n\n\
                $CATEGORY: Other\n\n[markdown]Is *this* \\{plain\\}\\: a \\~ b \\# c \\\\ d\\ne? {F}\n\nIs a<b and c > d? {T}\n";
    let read = read(text.as_bytes()).unwrap();
    assert_eq!(read.refused, []);
    let seen: Vec<(&str, &str, &str, usize)> = read
        .taken
        .iter()
        .map(|one| (one.category.as_str(), one.draft.text.as_str(), one.draft.topic.as_str(), one.line))
        .collect();
    assert_eq!(
        seen,
        [
            ("Chapter 3/Basics", "Is 5 < 7?\n\n- yes\n- no", "insulin", 4),
            ("Other", "Is *this* {plain}: a ~ b # c \\ d\ne?", "", 8),
            ("Other", "Is a<b and c > d?", "", 10),
        ]
    );
}

#[test]
fn what_gift_cannot_be_taken_is_named_with_its_line() {
    let text = "// nothing\n\nJust a text.\n\nOpen {=a\n\nGood? {T}\n\nTwice {T} and {F}\n\nClosed }\n\nOnly one {=a ~a}\n\n{T}\n\nNumber {#seven}\n\nShares {~%50%a ~%20%b}\n\nPicture [html]x {~<img src\\=\"http\\://x.test/a.png\" alt\\=\"a\"> =b}\n";
    let said = refusals(text);
    let lines: Vec<usize> = said.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [3, 5, 9, 11, 13, 15, 17, 19, 21], "{said:?}");
    for (place, words) in [
        "This is a description",
        "not closed before the empty line",
        "braces twice",
        "that was not opened",
        "say the same",
        "Write the question",
        "“seven” is not a number",
        "70 percent together; it must be 100",
        "a picture; only the question itself can",
    ]
    .into_iter()
    .enumerate()
    {
        assert!(said[place].1.contains(words), "{}: {}", said[place].0, said[place].1);
    }
}

fn quiz(inner: &str) -> String {
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<quiz>\n{inner}\n</quiz>\n")
}

#[test]
fn moodle_xml_as_moodle_exports_it() {
    let packed = "iVBORw0KGgoAAAANSUhEUgAAACAAAAAgCAYAAAA=";
    let text = quiz(&format!(
        r#"<question type="category"><category><text>$course$/top/Food</text></category></question>
<question type="multichoice">
 <name><text>Carbs</text></name>
 <questiontext format="html"><text><![CDATA[<p>Which <em>two</em> raise glucose?<img src="@@PLUGINFILE@@/my%20plate.png" alt="A plate &amp; a cup"></p>]]></text>
  <file name="my plate.png" path="/" encoding="base64">{packed}</file></questiontext>
 <generalfeedback format="html"><text><![CDATA[<p>Both do.</p>]]></text></generalfeedback>
 <defaultgrade>1.0000000</defaultgrade><penalty>0.3333333</penalty><hidden>0</hidden>
 <single>false</single><shuffleanswers>true</shuffleanswers>
 <answer fraction="50" format="html"><text>Bread</text><feedback format="html"><text>Yes&#33;</text></feedback></answer>
 <answer fraction="50.00000"><text>Juice &amp; soda</text><feedback><text></text></feedback></answer>
 <answer fraction="-100"><text>Water</text><feedback><text></text></feedback></answer>
 <tags><tag><text>food</text></tag></tags>
</question>
<question type="shortanswer"><name><text>S</text></name><questiontext format="html"><text>Name it.</text></questiontext><usecase>1</usecase>
 <answer fraction="100"><text>HbA1c</text><feedback><text></text></feedback></answer></question>
<question type="numerical"><name><text>N</text></name><questiontext format="html"><text>How much?</text></questiontext>
 <answer fraction="100"><text>70</text><tolerance>0.5</tolerance><feedback><text></text></feedback></answer></question>
<question type="cloze"><name><text>Gaps</text></name><questiontext format="html"><text>No</text></questiontext></question>
<question type="truefalse"><name><text>Noted</text></name><questiontext format="html"><text>x&lt;img src="@@PLUGINFILE@@/gone.png" alt="a"&gt;</text></questiontext>
 <answer fraction="100"><text>true</text></answer><answer fraction="0"><text>false</text></answer></question>"#
    ));
    let read = read(text.as_bytes()).unwrap();
    assert_eq!(read.format, Format::MoodleXml);
    let first = &read.taken[0];
    assert_eq!((first.category.as_str(), first.line, first.draft.topic.as_str()), ("Food", 4, "food"));
    assert_eq!((first.draft.text.as_str(), first.draft.explanation.as_str()), ("Which two raise glucose?", "Both do."));
    assert_eq!(first.draft.picture.as_ref().unwrap().alt, "A plate & a cup");
    let choices: Vec<(String, i32, String)> =
        first.draft.body.choices().into_iter().map(|one| (one.text, one.credit.0, one.explanation)).collect();
    assert_eq!(choices[0], ("Bread".into(), 500, "Yes!".into()));
    assert_eq!(choices[1], ("Juice & soda".into(), 500, String::new()));
    assert!(matches!(&read.taken[1].draft.body, Body::ShortAnswer { match_case: true, .. }));
    assert!(matches!(&read.taken[2].draft.body, Body::Numerical(answers) if answers[0].tolerance == Number(500_000)));
    let said: Vec<String> = read.refused.iter().map(|refused| format!("{} {}", refused.line, refused.reason)).collect();
    assert_eq!(
        said,
        ["20 “Gaps”: Questions of the type “cloze” cannot be taken.", "21 “Noted”: The picture is not in the file."]
    );
}

#[test]
fn files_that_are_none_are_refused_in_words() {
    let bomb = "<?xml version=\"1.0\"?>\n<!DOCTYPE quiz [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]>\n<quiz>&b;</quiz>";
    let deep = format!("<quiz><question>{}", "<x>".repeat(100_000));
    for (bytes, words) in [
        (b"".to_vec(), "empty"),
        (b"  \n \n".to_vec(), "empty"),
        (vec![b'a'; LARGEST + 1], "larger than 20 MB"),
        (bomb.as_bytes().to_vec(), "entities of its own"),
        (deep.into_bytes(), "nested deeper"),
        (b"<html><body>No</body></html>".to_vec(), "not a Moodle quiz"),
        (b"<quiz><question type='essay'>".to_vec(), "ends in the middle"),
        (b"<quiz>\n<question></quiz>".to_vec(), "Line 2"),
        (quiz("<question type=\"essay\"><name><text>a&nbsp;b</text></name></question>").into_bytes(), "&nbsp; is no entity"),
        (b"<?xml version='1.0' encoding='klingon'?><quiz></quiz>".to_vec(), "klingon"),
        (b"<?xml version='1.0' encoding='utf-8'?><quiz>\xff</quiz>".to_vec(), "utf-8"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\0".to_vec(), "not a text file"),
        (b"PK\x03\x04\0\0\0\0\0\0\0\0".to_vec(), "not a text file"),
    ] {
        let why = read(&bytes).unwrap_err().to_string();
        assert!(why.contains(words), "{why}");
    }
    let begun = Instant::now();
    assert_eq!(read(&vec![b'<'; 50 * 1024 * 1024]), Err(Unreadable::TooLarge));
    assert!(begun.elapsed() < Duration::from_millis(200));
}

#[test]
fn the_usual_encodings_are_recognized() {
    let text = "Is 5 µg “much”? {T}";
    let utf16 = |big: bool| -> Vec<u8> {
        let mark = if big { vec![0xfe, 0xff] } else { vec![0xff, 0xfe] };
        let units = text.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() });
        mark.into_iter().chain(units).collect()
    };
    let windows = b"Is 5 \xb5g \x93much\x94? {T}".to_vec();
    let marked = [b"\xef\xbb\xbf", text.as_bytes()].concat();
    for bytes in [text.as_bytes().to_vec(), marked, utf16(false), utf16(true), windows] {
        let found = read(&bytes).unwrap();
        assert_eq!(found.taken.first().map(|entry| entry.draft.text.as_str()), Some("Is 5 µg “much”?"), "{bytes:?}");
    }
    let xml = b"<?xml version='1.0' encoding='windows-1252'?><quiz><question type='essay'><questiontext><text>5 \xb5g</text></questiontext></question></quiz>";
    assert_eq!(read(xml).unwrap().taken[0].draft.text, "5 µg");
}

#[test]
fn markup_and_scripts_are_never_kept() {
    for (html, shown) in [
        ("<script>alert(1)</script>Safe", "Safe"),
        ("<p onclick=\"alert(1)\">Safe</p>", "Safe"),
        ("<style>p {}</style>Sa<b>f</b>e", "Safe"),
        ("<a href=\"javascript:alert(1)\">Safe</a>", "Safe"),
        ("<a href=\"https://example.org/x\">Safe</a>", "Safe (https://example.org/x)"),
        ("10<sup>9</sup> cells<br>HbA<sub>1c</sub>", "10⁹ cells\nHbA1c"),
        ("<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>", "a | b\n1 | 2"),
        ("<!-- hidden -->a &lt;script&gt; b", "a <script> b"),
    ] {
        let escaped: String =
            html.chars().flat_map(|sign| if ":#={}~\\".contains(sign) { vec!['\\', sign] } else { vec![sign] }).collect();
        assert_eq!(one(&format!("[html]{escaped} {{T}}")).draft.text, shown);
    }
    let said = refusals("[html]<iframe src\\=\"https\\://x.test\"></iframe>What? {T}");
    assert!(said[0].1.contains("sound, film or another page"), "{said:?}");
}

#[test]
fn five_thousand_questions_are_read_and_written_in_time() {
    let entries: Vec<Entry> = (0..5000)
        .map(|number| {
            one(&format!(
                "::Q{number}::Question {number}\\: which? {{=right#yes ~wrong#no ~%50%half #### because of {number}}}"
            ))
        })
        .collect();
    let begun = Instant::now();
    for text in [gift::write(&entries), moodle_xml::write(&entries)] {
        assert_eq!(read(text.as_bytes()).unwrap().taken.len(), 5000);
    }
    // Without optimization; as it is run, it takes a tenth.
    assert!(begun.elapsed() < Duration::from_secs(6), "{:?}", begun.elapsed());
}

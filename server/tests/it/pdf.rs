//! Certificates and letters as paper: the same bytes each time, whole, readable by people and by machines.
//!
//! It is separate because it looks at PDF from outside, with poppler and qpdf.

use std::io::Write;
use std::process::Command;
use std::sync::OnceLock;

use chrono::NaiveDate;
use server::pdf::{Certificate, Letter, Press, Signature};

fn press() -> &'static Press {
    static PRESS: OnceLock<Press> = OnceLock::new();
    PRESS.get_or_init(Press::new)
}

fn certificate(name: &str) -> Certificate<'_> {
    Certificate {
        number: "QDEI-2026-0001",
        name,
        option: "Option 1: An easy-to-understand overview",
        book: "Complete Guide to Diabetes",
        mentor: "Ruth Halvorsen, RDN",
        issuer: "Ellen Marsh",
        issuer_title: "Coordinator, Quality Diabetes Education Initiative",
        program: "Quality Diabetes Education Initiative",
        issued_on: NaiveDate::from_ymd_opt(2026, 11, 20).expect("a date"),
        verify_url: "https://qdei.example/verify/QDEI-2026-0001/7h2kq9w4xv",
        wording: "for completing every step of the self-study and peer-mentoring program for health professionals.",
    }
}

const AGREEMENT: &str = "\
## Who we are

This letter is between **Dana Whitcomb** (mentee) and **Ruth Halvorsen** (mentor).

## What we agree

- We talk *every month*, by video.
- The mentee reads a chapter before each talk:
  1. reads it,
  2. writes down what was hard.
- Either of us may end this by writing to the coordinator.

What we say stays between us -- \"quoted\" words, #strong[markup], $x^2$, <b>HTML</b> and all.
";

const HASH: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

fn signatures() -> [Signature<'static>; 2] {
    let signature = |role, name| Signature { role, name, signed_at: "Friday, November 20, 2026, 5:31 pm", hash: HASH };
    [signature("Mentee", "Dana Whitcomb"), signature("Mentor", "Ruth Halvorsen")]
}

fn letter<'a>(markdown: &'a str, signatures: &'a [Signature<'a>]) -> Letter<'a> {
    let received = Some("By Ellen Marsh, coordinator, on Monday, November 23, 2026.");
    let made_on = NaiveDate::from_ymd_opt(2026, 11, 2).expect("a date");
    Letter { title: "Letter of agreement", markdown, version_hash: HASH, signatures, made_on, received }
}

/// What a tool says about a PDF, `None` (and a word about it) on a machine without the tool.
fn tool(pdf: &[u8], name: &str, before: &[&str], after: &[&str]) -> Option<String> {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(pdf).expect("written");
    let output = match Command::new(name).args(before).arg(file.path()).args(after).output() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            eprintln!("{name} is not installed, so its part of this test is left out");
            return None;
        }
        output => output.expect("the tool runs"),
    };
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{name}: {said}{}", String::from_utf8_lossy(&output.stderr));
    Some(said)
}

pub fn text(pdf: &[u8]) -> Option<String> {
    tool(pdf, "pdftotext", &["-enc", "UTF-8", "-raw"], &["-"])
}

/// Text without white space, in which a line break in the paper does not matter.
fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

fn contains(pdf: &[u8], needle: &str) -> bool {
    pdf.windows(needle.len()).any(|window| window == needle.as_bytes())
}

/// What must hold for every paper.
pub fn whole(pdf: &[u8]) {
    assert!(pdf.starts_with(b"%PDF-1.7"));
    for mark in ["pdfuaid:part", "pdfaid:part", "/MarkInfo", "/StructTreeRoot", "/Lang", "/DisplayDocTitle true"] {
        assert!(contains(pdf, mark), "{mark} is missing");
    }
    tool(pdf, "qpdf", &["--check"], &[]);
    if let Some(info) = tool(pdf, "pdfinfo", &[], &[]) {
        assert!(info.contains("Tagged:          yes"), "{info}");
    }
    if let Some(fonts) = tool(pdf, "pdffonts", &[], &[]) {
        for font in fonts.lines().skip(2) {
            let columns: Vec<_> = font.split_whitespace().rev().collect();
            assert_eq!(&columns[2..5], ["yes", "yes", "yes"], "not embedded, not a subset or not mapped: {font}");
        }
    }
}

/// Every word of a certificate lies within its frame, and there is one page.
fn within_frame(pdf: &[u8]) {
    let Some(boxes) = tool(pdf, "pdftotext", &["-bbox"], &["-"]) else {
        return;
    };
    assert_eq!(boxes.matches("<page ").count(), 1);
    let number = |line: &str, key: &str| -> f64 {
        let start = line.find(&format!("{key}=\"")).expect("a bound") + key.len() + 2;
        line[start..].split('"').next().expect("an end").parse().expect("a number")
    };
    for word in boxes.lines().filter(|line| line.contains("<word ")) {
        assert!(number(word, "xMin") >= 48.0 && number(word, "xMax") <= 744.0, "{word}");
        assert!(number(word, "yMin") >= 48.0 && number(word, "yMax") <= 564.0, "{word}");
    }
}

#[test]
fn a_certificate_says_what_it_is_in_reading_order() {
    let pdf = press().certificate(&certificate("Dana Whitcomb")).expect("a certificate");
    whole(&pdf);
    within_frame(&pdf);
    let Some(text) = text(&pdf) else { return };
    let text = squeezed(&text);
    let mut rest = text.as_str();
    for part in [
        "QUALITYDIABETESEDUCATIONINITIATIVE",
        "CertificateofAchievement",
        "DanaWhitcomb",
        "forcompletingeverystep",
        "Option1:Aneasy-to-understandoverview",
        "CompleteGuidetoDiabetes",
        "RuthHalvorsen,RDN",
        "EllenMarsh",
        "November20,2026",
        "Thisisacertificateofachievement.Itisnotacertificationandcarriesnocontinuing-educationcredit.",
        "QDEI-2026-0001",
        "qdei.example/verify/QDEI-2026-0001/7h2kq9w4xv",
    ] {
        let at = rest.find(part).unwrap_or_else(|| panic!("{part} is missing, or out of order, in {text}"));
        rest = &rest[at + part.len()..];
    }
    let lower = text.to_lowercase();
    for never in ["contacthours", "ceu", "certified"] {
        assert!(!lower.contains(never), "{never} in {text}");
    }
}

#[test]
fn the_same_words_make_the_same_bytes() {
    let first = press().certificate(&certificate("Dana Whitcomb")).expect("a certificate");
    let other = press().certificate(&certificate("Someone Else")).expect("a certificate");
    let again = press().certificate(&certificate("Dana Whitcomb")).expect("a certificate");
    let elsewhere = Press::new().certificate(&certificate("Dana Whitcomb")).expect("a certificate");
    assert!(first == again && first == elsewhere);
    assert!(first != other);

    let signatures = signatures();
    let first = press().letter(&letter(AGREEMENT, &signatures)).expect("a letter");
    let again = Press::new().letter(&letter(AGREEMENT, &signatures)).expect("a letter");
    assert!(first == again);
    assert!(first != press().letter(&letter(AGREEMENT, &signatures[..1])).expect("a letter"));
}

#[test]
fn many_threads_share_one_press() {
    let expected = press().certificate(&certificate("Dana Whitcomb")).expect("a certificate");
    std::thread::scope(|scope| {
        let work = || press().certificate(&certificate("Dana Whitcomb")).expect("a certificate");
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(work)).collect();
        for thread in threads {
            assert!(thread.join().expect("a thread") == expected);
        }
    });
}

#[test]
fn names_in_any_script_are_printed_as_they_are() {
    for name in [
        "Ольга Ковальчук",
        "Ελένη Παπαδοπούλου",
        "Nguyễn Thị Ánh Tuyết",
        "Łukasz Żółć-Şahin",
        "Séliš-Ql̓ispé ʔAmotqn",
        "Արմինե Հակոբյան",
        "ნინო ბერიძე",
        "אברהם כהן",
        "प्रिया शर्मा",
        "ᓂᑕᓇᐦ ᐊᒐᐦᑯᐢ",
        "ᏣᎳᎩ ᎠᏰᎵ",
        "ሰላም ተስፋዬ",
        "สมชาย ใจดี",
        "Mx. O’Brien–Smith",
    ] {
        assert_eq!(press().unprintable(name), Vec::<String>::new(), "{name}");
        let pdf = press().certificate(&certificate(name)).expect(name);
        whole(&pdf);
        within_frame(&pdf);
    }
    for name in ["Ольга Ковальчук", "Ελένη Παπαδοπούλου", "Nguyễn Thị Ánh Tuyết", "Արմինե Հակոբյան"]
    {
        let pdf = press().certificate(&certificate(name)).expect(name);
        if let Some(text) = text(&pdf) {
            assert!(squeezed(&text).contains(&squeezed(name)), "{text}");
        }
    }
}

#[test]
fn arabic_is_joined_and_read_from_right_to_left() {
    for name in ["فاطمة الزهراء بنت محمد", "علی‌رضا پژمان", "Fatima فاطمة Zahra"] {
        let pdf = press().certificate(&certificate(name)).expect(name);
        whole(&pdf);
        within_frame(&pdf);
        if let Some(fonts) = tool(&pdf, "pdffonts", &[], &[]) {
            assert!(fonts.contains("NotoNaskhArabic"), "{fonts}");
        }
    }
    let pdf = press().certificate(&certificate("فاطمة محمد")).expect("a certificate");
    if let Some(text) = text(&pdf) {
        assert!(text.contains("محمد"), "{text}");
    }
}

#[test]
fn markup_in_any_field_is_only_text() {
    let hostile = "#panic(\"x\") *b* _i_ $x$ `c` <b>&amp; @l [u](v) // \\ {{y}} %s ${z} <script>";
    let certificate = Certificate {
        option: hostile,
        book: hostile,
        mentor: hostile,
        issuer: hostile,
        issuer_title: hostile,
        program: hostile,
        wording: hostile,
        ..certificate(hostile)
    };
    let pdf = press().certificate(&certificate).expect("a certificate");
    whole(&pdf);
    within_frame(&pdf);
    if let Some(text) = text(&pdf) {
        assert!(squeezed(&text).matches(&squeezed(hostile)).count() >= 6, "{text}");
    }
}

#[test]
fn letters_that_no_font_holds_never_stop_a_certificate() {
    let cases = [
        ("李明 Li Ming", vec!["明", "李"]),
        ("김민준", vec!["김", "민", "준"]),
        ("Zo\u{e9} \u{1f600}", vec!["\u{1f600}"]),
        ("Pri\u{e000}vate", vec!["\u{e000}"]),
        ("\u{202e}drawkcaB\u{202c}\u{0}\u{7}\u{feff}\u{ad}\tA\nB", vec![]),
        ("\u{301}\u{302}\u{5b0}\u{64b}", vec!["\u{301}\u{302}\u{5b0}\u{64b}"]),
        ("a\u{0e31}\u{301}b", vec!["a\u{0e31}\u{301}"]),
        ("\u{200d}\u{200c}\u{2028}\u{ffff}", vec!["\u{ffff}"]),
        ("", vec![]),
        ("   ", vec![]),
    ];
    for (name, missing) in cases {
        assert_eq!(press().unprintable(name), missing, "{name:?}");
        let pdf = press().certificate(&certificate(name)).unwrap_or_else(|error| panic!("{name:?}: {error}"));
        whole(&pdf);
        within_frame(&pdf);
        if let Some(text) = text(&pdf) {
            assert_eq!(text.matches('\u{fffd}').count() > 0, !missing.is_empty(), "{text}");
        }
    }
    let pdf = press().certificate(&certificate("李明 Li Ming")).expect("a certificate");
    if let Some(text) = text(&pdf) {
        assert!(text.contains("\u{fffd}\u{fffd} Li Ming"), "{text}");
    }
}

#[test]
fn every_corner_of_unicode_makes_a_certificate() {
    // A walk over all planes, in names of 200 characters: no combination may break the press.
    let all: Vec<char> = (0..=0x1ffff_u32).chain(0xe0000..0xe0400).filter_map(char::from_u32).collect();
    for start in (0..all.len()).step_by(all.len() / 60) {
        let name: String = all[start..].iter().take(200).collect();
        let pdf = press().certificate(&certificate(&name));
        within_frame(&pdf.unwrap_or_else(|error| panic!("from {start:#x}: {error}")));
    }
    let mixed: String = all.iter().step_by(677).take(200).collect();
    within_frame(&press().certificate(&certificate(&mixed)).expect("a certificate"));
}

#[test]
fn two_hundred_characters_fit() {
    let words = "Maria del Carmen ".repeat(12);
    let names = ["W".repeat(200), "i".repeat(200), words[..200].trim().to_owned(), "محمد ".repeat(40), "Ё".repeat(200)];
    for name in &names {
        let certificate = Certificate { mentor: name, issuer: name, issuer_title: name, book: name, ..certificate(name) };
        let pdf = press().certificate(&certificate).expect("a certificate");
        whole(&pdf);
        within_frame(&pdf);
    }
    if let Some(text) = text(&press().certificate(&certificate(&names[0])).expect("a certificate")) {
        assert!(squeezed(&text).contains(&names[0]));
    }
}

#[test]
fn an_address_too_long_for_a_code_is_refused_in_words() {
    let url = format!("https://qdei.example/{}", "x".repeat(4000));
    let refused = press().certificate(&Certificate { verify_url: &url, ..certificate("Dana Whitcomb") });
    assert!(refused.expect_err("refused").to_string().contains("too long"));
}

#[test]
fn a_letter_holds_the_signed_text_and_who_signed() {
    let signatures = signatures();
    let pdf = press().letter(&letter(AGREEMENT, &signatures)).expect("a letter");
    whole(&pdf);
    let Some(text) = text(&pdf) else { return };
    for part in [
        "Who we are",
        "This letter is between Dana Whitcomb (mentee) and Ruth Halvorsen (mentor).",
        "writes down what was hard.",
        "-- \"quoted\" words, #strong[markup], $x^2$, <b>HTML</b> and all.",
        "Signatures",
        "Friday, November 20, 2026, 5:31 pm",
        "By Ellen Marsh, coordinator",
        "Page 1 of 1",
        HASH,
    ] {
        assert!(squeezed(&text).contains(&squeezed(part)), "{part} is missing in {text}");
    }
}

#[test]
fn a_long_or_strange_letter_is_printed_whole() {
    let long = format!("{AGREEMENT}\n{}", "A paragraph of the letter, said once more.\n\n".repeat(150));
    let pdf = press().letter(&letter(&long, &signatures())).expect("a letter");
    whole(&pdf);
    if let Some(text) = text(&pdf) {
        assert_eq!(text.matches("A paragraph of the letter").count(), 150);
        let pages = text.matches('\u{c}').count();
        assert!(pages > 2 && text.contains(&format!("Page {pages} of {pages}")), "{pages} pages");
    }
    let deep = format!("{}deep", "- ".repeat(500));
    let quotes = format!("{}quoted", "> ".repeat(500));
    let wide = "W".repeat(3000);
    for strange in [
        "",
        "#",
        "###### Six\n# One\n### Three",
        "- # Heading in a list\n- ",
        "0. zero\n1. one",
        "999999999. large",
        "<script>alert(1)</script>\n\n<!-- note -->",
        "[words](https://a.example) <https://b.example> ![picture](c.png)",
        "line\\\nbroken  \nagain",
        "***\n---",
        "    code\n\n```typ\n#panic()\n```",
        "مرحبا بكم\n\n李明",
        deep.as_str(),
        quotes.as_str(),
        wide.as_str(),
    ] {
        let letter = Letter { title: "", ..letter(strange, &[]) };
        let pdf = press().letter(&letter).unwrap_or_else(|error| panic!("{strange:.60}: {error}"));
        whole(&pdf);
    }
    let pdf = press().letter(&letter("<u>kept</u> [words](https://a.example)", &[])).expect("a letter");
    if let Some(text) = text(&pdf) {
        assert!(text.contains("<u>kept</u> words (https://a.example)"), "{text}");
    }
}

/// `cargo test --release --test it -- --ignored --nocapture speed`: how long a paper takes once warm.
#[test]
#[ignore = "a measurement"]
fn speed() {
    let start = std::time::Instant::now();
    let press = Press::new();
    eprintln!("ready after {:?}", start.elapsed());
    let start = std::time::Instant::now();
    let first = press.certificate(&certificate("Dana Whitcomb")).expect("a certificate");
    eprintln!("first certificate {:?}, {} bytes", start.elapsed(), first.len());
    let names: Vec<_> = (0..1000).map(|n| format!("Dana Whitcomb {n}")).collect();
    let mut times: Vec<_> = names
        .iter()
        .map(|name| {
            let start = std::time::Instant::now();
            press.certificate(&certificate(name)).expect("a certificate");
            start.elapsed()
        })
        .collect();
    times.sort();
    eprintln!("then {:?} at best, {:?} in the middle", times[0], times[times.len() / 2]);
    let resident = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    eprintln!("{}", resident.lines().find(|line| line.starts_with("VmRSS")).unwrap_or("memory unknown"));
    let start = std::time::Instant::now();
    std::thread::scope(|scope| {
        for half in names.chunks(500) {
            let press = &press;
            scope.spawn(move || {
                half.iter().for_each(|name| {
                    press.certificate(&certificate(name)).expect("a certificate");
                })
            });
        }
    });
    eprintln!("1,000 on two threads in {:?}", start.elapsed());
    let signatures = signatures();
    let start = std::time::Instant::now();
    for _ in 0..100 {
        press.letter(&letter(AGREEMENT, &signatures)).expect("a letter");
    }
    eprintln!("letter {:?} each", start.elapsed() / 100);
    if let Ok(folder) = std::env::var("PAPERS") {
        let keep = |name: &str, pdf: Vec<u8>| std::fs::write(format!("{folder}/{name}.pdf"), pdf).expect("written");
        keep("certificate", first);
        keep("letter", press.letter(&letter(AGREEMENT, &signatures)).expect("a letter"));
        keep("arabic", press.certificate(&certificate("فاطمة الزهراء بنت محمد")).expect("a certificate"));
        let long = "Maria del Carmen Esperanza ".repeat(8);
        let long = &long[..200];
        let book = "The Art and Science of Diabetes Self-Management Education and Support";
        let option = "Option 3: Preparing for the examination of diabetes care and education specialists";
        let full = Certificate { mentor: long, issuer: long, issuer_title: long, book, option, ..certificate(long) };
        let w = "W".repeat(200);
        keep("w", press.certificate(&certificate(&w)).expect("a certificate"));
        keep("long", press.certificate(&full).expect("a certificate"));
        let blank =
            [Signature { signed_at: "", hash: "", ..signatures[0] }, Signature { signed_at: "", hash: "", ..signatures[1] }];
        keep("by-hand", press.letter(&Letter { received: None, ..letter(AGREEMENT, &blank) }).expect("a letter"));
    }
}

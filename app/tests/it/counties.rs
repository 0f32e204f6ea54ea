//! The counties: the list, the miles between them, and how people write them.

use app::counties::{self, ALL, County, Unread, distance_miles, read_names};
use proptest::prelude::*;

#[test]
fn there_are_56_counties_and_none_is_read_wrongly() {
    assert_eq!(ALL.len(), 56);
    let list = include_str!("../../content/counties.csv");
    assert!(!list.contains('"'));
    for (line, county) in list.lines().skip(1).zip(ALL.iter()) {
        let cells: Vec<&str> = line.split(',').collect();
        assert_eq!((cells.len(), cells[0], cells[1]), (9, county.fips, county.name));
        assert_eq!(county.frontier, cells[5].parse::<f64>().unwrap() < 7.0, "{line}");
    }
    for county in ALL.iter() {
        assert_eq!(County::by_fips(county.fips), Some(county));
        assert!((44.0..49.1).contains(&county.latitude) && (-116.1..-104.0).contains(&county.longitude), "{}", county.name);
    }
    assert!(County::by_fips("30000").is_none());
    assert_eq!(counties::names(&["30011".into(), "30025".into(), "99999".into()]), "Carter, Fallon, 99999");
}

#[test]
fn distances_are_those_of_the_map() {
    let (helena, billings) = (County::by_fips("30049").unwrap(), County::by_fips("30111").unwrap());
    let miles = distance_miles(helena, billings);
    assert!((200.0..220.0).contains(&miles), "{miles}");
    assert!(distance_miles(helena, helena) < 0.001);
}

proptest! {
    #[test]
    fn distance_is_a_distance(a in 0_usize..56, b in 0_usize..56, c in 0_usize..56) {
        let (a, b, c) = (&ALL[a], &ALL[b], &ALL[c]);
        prop_assert!((distance_miles(a, b) - distance_miles(b, a)).abs() < 1e-9);
        prop_assert!(distance_miles(a, c) <= distance_miles(a, b) + distance_miles(b, c) + 1e-6);
        prop_assert!(distance_miles(a, b) < 600.0);
    }

    #[test]
    fn counties_are_read_as_people_write_them(picks in proptest::collection::vec(0_usize..56, 0..8), county in any::<bool>()) {
        let word = if county { " county" } else { "" };
        let text: Vec<String> = picks.iter().map(|pick| format!(" {}{word}", ALL[*pick].name.to_uppercase())).collect();
        let mut expected: Vec<&County> = Vec::new();
        for pick in &picks {
            if !expected.contains(&&ALL[*pick]) {
                expected.push(&ALL[*pick]);
            }
        }
        prop_assert_eq!(read_names(&text.join(",")), Ok(expected));
    }

    #[test]
    fn no_text_breaks_the_reading(text in ".{0,200}") {
        let _ = read_names(&text);
    }
}

#[test]
fn a_wrong_county_is_told_how_to_mend() {
    let name = |text: &str| read_names(text).map(|found| found[0].name);
    assert_eq!(name("Mc Cone"), Ok("McCone"));
    assert_eq!(name("Lewis & Clark County; Hill"), Ok("Lewis and Clark"));
    assert_eq!(name("Deer Lodge"), Ok("Deer Lodge"));
    assert_eq!(read_names("statewide").map(|found| found.len()), Ok(56));
    assert_eq!(read_names("Hill, Dane"), Err(Unread::Unknown(2)));
    assert_eq!(read_names("Billings"), Err(Unread::Seat { seat: "Billings", county: "Yellowstone" }));
}

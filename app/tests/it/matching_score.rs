//! Step 2: points are the sum of reasons, and a hard rule always excludes.

use app::counties::{self, County};
use app::enrollments::OptionNumber;
use app::matching::score::{Exclusion, Fit, Offer, Points, Request, rank, score};
use app::people::{Discipline, Interest, Way};
use chrono::NaiveDate;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn offer() -> impl Strategy<Value = Offer<u8>> {
    (
        any::<u8>(),
        subsequence(OptionNumber::ALL.to_vec(), 0..=3),
        (0..6i64, 0..7i64),
        county(),
        subsequence(Way::ALL.to_vec(), 0..=Way::ALL.len()),
        select(Discipline::ALL),
        subsequence(Interest::ALL.to_vec(), 0..=Interest::ALL.len()),
        proptest::option::weighted(0.9, -30..800i64),
        proptest::option::weighted(0.2, -30..60i64),
    )
        .prop_map(|(id, options, (capacity, current), county, ways, discipline, interests, expires, away)| Offer {
            id,
            options,
            capacity,
            current,
            county,
            ways,
            discipline,
            interests,
            credential_expires: expires.map(ahead),
            away_until: away.map(ahead),
        })
}

fn request() -> impl Strategy<Value = Request<u8>> {
    (
        select(OptionNumber::ALL.to_vec()),
        county(),
        subsequence(Way::ALL.to_vec(), 0..=Way::ALL.len()),
        select(Discipline::ALL),
        subsequence(Interest::ALL.to_vec(), 0..=Interest::ALL.len()),
        proptest::collection::vec(any::<u8>(), 0..20),
        proptest::option::of(any::<u8>()),
    )
        .prop_map(|(option, county, ways, discipline, interests, not_mentors, oneself)| Request {
            option,
            county,
            ways,
            discipline,
            interests,
            not_mentors,
            oneself,
        })
}

fn county() -> impl Strategy<Value = Option<&'static County>> {
    proptest::option::weighted(0.95, (0..counties::ALL.len()).prop_map(|index| &counties::ALL[index]))
}

const TODAY: &str = "2026-11-22";

fn ahead(days: i64) -> NaiveDate {
    day(TODAY) + chrono::Duration::days(days)
}

fn look(request: &Request<u8>, offer: &Offer<u8>) -> Fit {
    score(request, offer, day(TODAY))
}

/// The pair with every hard rule satisfied.
fn points(request: &Request<u8>, offer: &Offer<u8>) -> Points {
    let request = Request { not_mentors: Vec::new(), oneself: None, ..request.clone() };
    let offer = Offer {
        options: vec![request.option],
        current: 0,
        capacity: offer.capacity.max(1),
        credential_expires: Some(ahead(100)),
        away_until: None,
        ..offer.clone()
    };
    match look(&request, &offer) {
        Fit::Fits(points) => points,
        Fit::Excluded(rules) => panic!("excluded by {rules:?}"),
    }
}

proptest! {
    #[test]
    fn points_are_the_sum_of_their_reasons(request in request(), offer in offer()) {
        let points = points(&request, &offer);
        prop_assert_eq!(points.points, points.reasons.iter().map(|reason| reason.points).sum::<i32>());
        prop_assert!((0..=100).contains(&points.points));
        prop_assert!(points.reasons.iter().all(|reason| reason.points >= 0 && !reason.text.is_empty()));
    }

    #[test]
    fn a_hard_rule_always_excludes(request in request(), offer in offer()) {
        let broken = [
            (Exclusion::Option, !offer.options.contains(&request.option)),
            (Exclusion::Place, offer.current >= offer.capacity),
            (Exclusion::Credential, offer.credential_expires.is_none_or(|on| on < day(TODAY))),
            (Exclusion::Away, offer.away_until.is_some_and(|back| back > day(TODAY))),
            (Exclusion::NotAgain, request.not_mentors.contains(&offer.id)),
            (Exclusion::Oneself, request.oneself == Some(offer.id)),
        ];
        let expected: Vec<Exclusion> = broken.into_iter().filter(|(_, stands)| *stands).map(|(rule, _)| rule).collect();
        match look(&request, &offer) {
            Fit::Fits(_) => prop_assert!(expected.is_empty()),
            Fit::Excluded(rules) => prop_assert_eq!(rules, expected),
        }
    }

    #[test]
    fn the_same_county_counts_more_than_another(request in request(), offer in offer(), a in 0..56usize, b in 0..56usize) {
        prop_assume!(a != b);
        let home = Some(&counties::ALL[a]);
        let request = Request { county: home, ..request };
        let near = points(&request, &Offer { county: home, ..offer.clone() });
        let far = points(&request, &Offer { county: Some(&counties::ALL[b]), ..offer });
        prop_assert!(near.points > far.points);
    }

    #[test]
    fn a_shared_way_counts_more_than_none(request in request(), offer in offer(), way in select(Way::ALL)) {
        let request = Request { ways: vec![way], ..request };
        let others: Vec<Way> = offer.ways.iter().copied().filter(|one| *one != way).collect();
        let mut with = others.clone();
        with.push(way);
        let shared = points(&request, &Offer { ways: with, ..offer.clone() });
        let none = points(&request, &Offer { ways: others, ..offer });
        prop_assert!(shared.points > none.points);
    }

    #[test]
    fn the_order_of_what_is_listed_changes_nothing(request in request(), offer in offer()) {
        let mut turned = (request.clone(), offer.clone());
        for list in [&mut turned.0.ways, &mut turned.1.ways] {
            list.reverse();
        }
        for list in [&mut turned.0.interests, &mut turned.1.interests] {
            list.reverse();
        }
        turned.0.not_mentors.reverse();
        turned.1.options.reverse();
        prop_assert_eq!(look(&request, &offer), look(&turned.0, &turned.1));
    }

    #[test]
    fn the_ranking_does_not_depend_on_the_order_of_mentors(request in request(), mut offers in proptest::collection::vec(offer(), 0..12)) {
        // Ids tell mentors apart.
        for (id, offer) in (0u8..).zip(offers.iter_mut()) {
            offer.id = id;
        }
        let straight = rank(&request, &offers, day(TODAY));
        prop_assert_eq!(straight.fits.len() + straight.excluded.len(), offers.len());
        prop_assert!(straight.fits.windows(2).all(|two| two[0].1.points >= two[1].1.points));
        offers.reverse();
        let turned = rank(&request, &offers, day(TODAY));
        prop_assert_eq!(straight.fits, turned.fits);
        prop_assert_eq!(straight.excluded, turned.excluded);
    }
}

#[test]
fn reasons_say_what_they_count() {
    let carter = County::by_fips("30011");
    let request = Request {
        option: OptionNumber::One,
        county: carter,
        ways: vec![Way::Video, Way::Phone],
        discipline: Discipline::Nurse,
        interests: vec![Interest::Type1, Interest::RuralPractice],
        not_mentors: Vec::new(),
        oneself: None,
    };
    let offer = Offer {
        id: 1,
        options: vec![OptionNumber::One],
        capacity: 3,
        current: 1,
        county: carter,
        ways: vec![Way::Phone, Way::Video, Way::InPerson],
        discipline: Discipline::Nurse,
        interests: vec![Interest::RuralPractice, Interest::Type1],
        credential_expires: Some(day("2028-12-31")),
        away_until: None,
    };
    let Fit::Fits(points) = look(&request, &offer) else { panic!("fits") };
    let told: Vec<String> = points.reasons.iter().map(|reason| format!("+{} {}", reason.points, reason.text)).collect();
    assert_eq!(
        told,
        [
            "+30 Both in Carter County",
            "+23 Both can talk by phone and by video",
            "+12 Shared interests: type 1 diabetes, rural practice",
            "+8 Same discipline: nurse",
            "+6 2 of 3 places free",
            "+5 Credential valid to December 31, 2028",
        ]
    );
    assert_eq!(points.points, 84);
    let json = serde_json::to_string(&points.reasons[0]).unwrap();
    assert_eq!(json, r#"{"rule":"county","points":30,"text":"Both in Carter County"}"#);
}

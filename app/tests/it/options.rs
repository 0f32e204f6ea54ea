//! The public pages and who sees what.

use app::enrollments::OptionNumber;
use app::options::{SIGHT, StudyOption, how_long, phone_link, steps};
use app::settings::{Settings, store};
use app::ui::STEPS;

use crate::support::each_db;
use crate::visit::Browser;

#[test]
fn there_are_three_options_and_eight_steps() {
    for (option, number) in StudyOption::all().iter().zip(OptionNumber::ALL) {
        assert_eq!((option.number, option.post_tests), (number.into(), number.has_post_tests()));
        assert_eq!(StudyOption::of(number), option);
    }
    assert_eq!(StudyOption::all().len(), 3);
    let one = StudyOption::of(OptionNumber::One);
    assert_eq!(
        (one.focus("Understanding Diabetes"), one.focus("Complete Guide to Diabetes")),
        (Some("for a focus on type 1"), None)
    );
    assert_eq!(StudyOption::of(OptionNumber::Two).focus("The Art and Science"), None);
    assert_eq!(steps().iter().map(|step| step.name.as_str()).collect::<Vec<_>>(), STEPS);
    assert!(steps().iter().zip(1..).all(|(step, number)| step.number == number));
}

#[test]
fn every_row_of_who_sees_what_is_whole() {
    assert_eq!(SIGHT.columns.len(), 5);
    assert_eq!(SIGHT.row.len(), 11);
    assert!(SIGHT.row.iter().all(|row| row.cells.len() == 5));
}

#[test]
fn a_number_can_be_called() {
    assert_eq!(phone_link("406-555-0142"), "tel:+14065550142");
    assert_eq!(phone_link("+44 20 7946 0000"), "tel:+442079460000");
}

#[tokio::test]
async fn the_public_pages_say_the_limits_of_the_settings_and_whom_to_call() {
    each_db(async |program| {
        let browser = Browser::stranger(&program);
        let home = browser.open("/").await;
        assert_eq!(home.status, 200);
        assert!(home.html.contains("within 12 months") && !home.html.contains("Rather talk first?"));
        assert!(home.html.len() < 40_000, "{}", home.html.len());

        let settings = Settings {
            option_months: 9,
            coordinator_name: "Carol Bergstrom".into(),
            coordinator_phone: "406-555-0142".into(),
            ..Settings::default()
        };
        let mut tx = program.state.write(&program.coordinator).await.unwrap();
        store::change(&mut tx, &settings).await.unwrap();
        tx.commit().await.unwrap();
        for path in ["/", "/options/1", "/options/2", "/options/3"] {
            let html = browser.open(path).await.html;
            assert!(html.contains("within 9 months") && !html.contains("12 months"), "{path}");
            assert!(html.contains("tel:+14065550142") && html.contains("Carol Bergstrom"), "{path}");
            assert_eq!(html.matches("trail-name").count(), 8, "{path}");
        }
        assert_eq!(
            how_long(&Settings { option_months: 1, ..settings }),
            "At your own pace, within a month. You can ask for more time."
        );
        assert!(browser.open("/options/1").await.html.contains("/apply?option=1"));
        assert_eq!(browser.open("/options/4").await.status, 404);
        assert!(browser.open("/who-sees-what").await.html.contains("that you talked and when, not what"));
    })
    .await;
}

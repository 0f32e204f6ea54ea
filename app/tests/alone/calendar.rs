//! The program's time zone and year are settings: read once, they hold everywhere.

use app::clock::{self, program_year_start, say_time, today};
use app::settings::{Settings, store};
use chrono::{DateTime, NaiveDate, Utc};

use crate::alone;
use crate::support::{Program, each_db};
use crate::visit::Browser;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Puts settings into force and reads them, as the next page would.
async fn put(program: &Program, settings: &Settings) {
    let mut tx = program.state.write(&program.coordinator).await.unwrap();
    store::change(&mut tx, settings).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store::current(&mut program.state.db.read().await.unwrap()).await.unwrap(), *settings);
}

#[tokio::test]
async fn a_day_begins_in_the_zone_of_the_settings() {
    let _alone = alone().await;
    each_db(async |program| {
        put(&program, &Settings::default()).await;
        // Half past midnight in Denver is half past eleven the evening before in Los Angeles.
        let moment = at("2026-12-01T07:30:00Z");
        assert_eq!(today(moment), day("2026-12-01"));
        assert_eq!(say_time(moment, moment), "Tuesday, Dec 1, 12:30 am");

        put(&program, &Settings { time_zone: "America/Los_Angeles".into(), ..Settings::default() }).await;
        assert_eq!(today(moment), day("2026-11-30"));
        assert_eq!(say_time(moment, moment), "Monday, Nov 30, 11:30 pm");
        assert_eq!(clock::zone(), chrono_tz::America::Los_Angeles);
        // In summer, too, and over the change of the clocks.
        assert_eq!(today(at("2026-07-01T06:59:59Z")), day("2026-06-30"));
        assert_eq!(today(at("2026-07-01T07:00:00Z")), day("2026-07-01"));

        put(&program, &Settings::default()).await;
        assert_eq!(today(moment), day("2026-12-01"));
    })
    .await;
}

#[tokio::test]
async fn a_page_tells_times_in_the_zone_of_the_settings() {
    let _alone = alone().await;
    each_db(async |program| {
        put(&program, &Settings { time_zone: "America/New_York".into(), ..Settings::default() }).await;
        let browser = Browser::of(&program, &program.coordinator).await;
        let changed_at = {
            let mut tx = program.state.db.read().await.unwrap();
            store::latest_change(&mut tx).await.unwrap().unwrap().changed_at
        };
        let local = changed_at.with_timezone(&chrono_tz::America::New_York).format("%-I:%M %P").to_string();
        let html = browser.open("/coordinator/settings/versions").await.html;
        assert!(html.contains(&local), "{local}");
        put(&program, &Settings::default()).await;
    })
    .await;
}

#[tokio::test]
async fn the_program_year_begins_when_the_settings_say() {
    let _alone = alone().await;
    each_db(async |program| {
        put(&program, &Settings::default()).await;
        assert_eq!(program_year_start(day("2026-06-30")), day("2025-07-01"));
        assert_eq!(program_year_start(day("2026-07-01")), day("2026-07-01"));

        put(&program, &Settings { year_month: 10, year_day: 15, ..Settings::default() }).await;
        assert_eq!(program_year_start(day("2026-10-14")), day("2025-10-15"));
        assert_eq!(program_year_start(day("2026-10-15")), day("2026-10-15"));
        assert_eq!(program_year_start(day("2027-01-01")), day("2026-10-15"));
        put(&program, &Settings::default()).await;
    })
    .await;
}

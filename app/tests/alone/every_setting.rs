//! Every setting there is can be changed on the page, and what is not changed stays. A setting that the form forgets
//! fails here, because the list comes from what is stored.

use app::settings::api::change_settings;
use app::settings::fields::{self, Field, Kind, differences};
use app::settings::{Settings, Typed, store};
use serde_json::{Value, json};

use crate::alone;
use crate::support::each_db;
use crate::visit::Browser;

const PAGE: &str = "/coordinator/settings";

/// Another value than the default, and fitting.
fn another(field: &Field, usual: &Value) -> Value {
    match field.kind {
        Kind::Line { .. } | Kind::Text { .. } => json!(format!("Another {}", field.name)),
        Kind::Email => json!("someone@qdei.test"),
        // One more, but more than one more where an order must hold.
        Kind::Count { .. } if field.name == "year_day" => json!(15),
        Kind::Count { from, to, .. } => {
            let more = usual.as_i64().unwrap() + 1;
            json!(if more <= i64::from(to) { more } else { i64::from(from) })
        }
        Kind::Zone => json!("America/Los_Angeles"),
        Kind::Month => json!(10),
        Kind::Hour => json!(usual.as_u64().unwrap() + 1),
        Kind::Rhythm => json!("weekly"),
        Kind::Months => json!([3, 9, 24]),
        Kind::Logo => Value::Null,
    }
}

fn form(values: &Typed, version: i64) -> Vec<(String, String)> {
    let version = ("version".to_owned(), version.to_string());
    let typed = fields::all().filter(|field| field.is_typed());
    typed.map(|field| (field.name.to_owned(), field.typed(&values[field.name]))).chain([version]).collect()
}

async fn send(browser: &Browser<'_>, fields: &[(String, String)]) -> String {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    browser.send(PAGE, "change-settings", &fields, change_settings()).await.unwrap()
}

#[tokio::test]
async fn every_setting_is_saved_by_its_form() {
    let _alone = alone().await;
    each_db(async |program| {
        let browser = Browser::of(&program, &program.coordinator).await;
        let defaults = Settings::default().by_name();
        let known: Vec<&str> = fields::all().map(|field| field.name).collect();
        let stored: Vec<&str> = defaults.keys().map(String::as_str).collect();
        let mut sorted = known.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, stored, "the table of the fields and what is stored name the same settings");

        // All of them at once.
        let changed: Typed =
            fields::all().map(|field| (field.name.to_owned(), another(field, &defaults[field.name]))).collect();
        assert_eq!(send(&browser, &form(&changed, 0)).await, format!("{PAGE}?done=settings-saved"));
        let mut tx = program.state.db.read().await.unwrap();
        let now = store::current(&mut tx).await.unwrap();
        drop(tx);
        assert_eq!(now.by_name(), changed);
        assert_eq!(differences(&Settings::default(), &now).len(), known.len() - 1, "all but the logo differ");

        // The page shows what is stored: sent as it stands, nothing changes.
        let html = browser.open(PAGE).await.html;
        for (name, value) in form(&changed, 1) {
            assert!(html.contains(&format!("name=\"{name}\"")), "{name}");
            assert!(html.contains(&app::ui::escape(&value)), "{name}: {value}");
        }
        assert_eq!(send(&browser, &form(&changed, 1)).await, format!("{PAGE}?done=settings-same"));
        // And back to the defaults, for the stories that follow.
        assert_eq!(send(&browser, &form(&defaults, 1)).await, format!("{PAGE}?done=settings-saved"));
        assert_eq!(store::current(&mut program.state.db.read().await.unwrap()).await.unwrap(), Settings::default());
    })
    .await;
}

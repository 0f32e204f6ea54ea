//! The coordinator's settings: read whole, checked, and kept by versions.

use app::db::fetch_one;
use app::error::AppError;
use app::people::Role;
use app::settings::api::{change_settings, forbidden_word, send_test_mail};
use app::settings::{Settings, store};

use crate::support::{Program, each_db};
use crate::visit::Browser;

const PAGE: &str = "/coordinator/settings";

/// The settings as their form sends them, with some changed.
fn form(version: &str, changed: &[(&str, &str)]) -> Vec<(String, String)> {
    let serde_json::Value::Object(defaults) = serde_json::to_value(Settings::default()).unwrap() else { unreachable!() };
    let mut fields: Vec<(String, String)> = defaults
        .into_iter()
        .map(|(name, value)| (name, value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
        .collect();
    fields.push(("version".into(), version.into()));
    for (name, value) in changed {
        fields.iter_mut().filter(|(known, _)| known == name).for_each(|(_, old)| *old = (*value).to_owned());
    }
    fields
}

async fn send(browser: &Browser<'_>, version: &str, changed: &[(&str, &str)]) -> Result<String, AppError> {
    let fields = form(version, changed);
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    browser.send(PAGE, "change-settings", &fields, change_settings()).await
}

async fn current(program: &Program) -> Settings {
    store::current(&mut program.state.db.read().await.unwrap()).await.unwrap()
}

#[test]
fn the_certificate_claims_nothing_it_is_not() {
    assert_eq!(forbidden_word("is now a Certified educator"), Some("certified"));
    assert_eq!(forbidden_word("earned 10 CEUs"), Some("ceu"));
    assert_eq!(forbidden_word("earned 5 contact hours"), Some("contact hour"));
    assert_eq!(forbidden_word("has completed this program, pharmaceutically speaking"), None);
    assert_eq!(forbidden_word(&Settings::default().certificate_wording), None);
}

#[tokio::test]
async fn every_setting_stands_on_the_page_and_can_be_changed() {
    each_db(async |program| {
        let browser = Browser::of(&program, &program.coordinator).await;
        let html = browser.open(PAGE).await.html;
        for (name, value) in form("0", &[]) {
            assert!(html.contains(&format!("name=\"{name}\"")), "{name}");
            assert!(html.contains(&value), "{name}");
        }
        // Saved as they stand, nothing changes.
        assert_eq!(send(&browser, "0", &[]).await.unwrap(), format!("{PAGE}?done=settings-same"));
        let changed = [
            ("pass_mark", "75"),
            ("coordinator_name", "Carol Bergstrom"),
            ("coordinator_email", "Carol@QDEI.test"),
            ("decide_days", "120"),
        ];
        assert_eq!(send(&browser, "0", &changed).await.unwrap(), format!("{PAGE}?done=settings-saved"));
        let expected = Settings {
            pass_mark: 75,
            coordinator_name: "Carol Bergstrom".into(),
            coordinator_email: "carol@qdei.test".into(),
            decide_days: 120,
            ..Settings::default()
        };
        assert_eq!(current(&program).await, expected);
        assert!(browser.open(PAGE).await.html.contains("by Cora Dinator"));

        // A page from before the change does not undo it unseen.
        assert_eq!(send(&browser, "0", &[("pass_mark", "60")]).await.unwrap(), PAGE);
        let html = browser.open(PAGE).await.html;
        assert!(html.contains("Somebody else changed the settings meanwhile.") && html.contains("value=\"60\""));
        assert_eq!(current(&program).await, expected);
        assert!(send(&browser, "1", &[("pass_mark", "60")]).await.unwrap().contains("settings-saved"));
        let mut tx = program.state.db.read().await.unwrap();
        assert_eq!(fetch_one!(&mut tx, (i64,), "SELECT COUNT(*) FROM settings").unwrap().0, 2);
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_is_refused_and_kept_in_the_form() {
    each_db(async |program| {
        let browser = Browser::of(&program, &program.coordinator).await;
        let wrong = [
            ("pass_mark", "101"),
            ("capacity", "-1"),
            ("option_months", "many"),
            ("program", ""),
            ("coordinator_email", "nowhere"),
            ("certificate_wording", "is certified"),
            ("loan_max_days", "99999999999"),
        ];
        assert_eq!(send(&browser, "0", &wrong).await.unwrap(), PAGE);
        let html = browser.open(PAGE).await.html;
        assert!(html.contains("7 things to mend") && html.contains("value=\"101\"") && html.contains("99999999999"), "{html}");
        for (order, words) in
            [([("listed_days", "30")], "This comes after the nudge"), ([("decide_days", "45")], "This comes after your list")]
        {
            assert_eq!(send(&browser, "0", &order).await.unwrap(), PAGE);
            assert!(browser.open(PAGE).await.html.contains(words));
        }
        assert_eq!(current(&program).await, Settings::default());
    })
    .await;
}

#[tokio::test]
async fn a_test_message_goes_to_the_one_who_asks() {
    each_db(async |program| {
        let browser = Browser::of(&program, &program.coordinator).await;
        let to = browser.send(PAGE, "send-test-mail", &[], send_test_mail()).await.unwrap();
        assert_eq!(to, format!("{PAGE}?done=test-mail-sent"));
        let mut tx = program.state.db.read().await.unwrap();
        let sent = fetch_one!(&mut tx, (String,), "SELECT address FROM mail WHERE kind = 'test_mail'").unwrap();
        assert_eq!(sent.0, "coordinator@qdei.test");
    })
    .await;
}

#[tokio::test]
async fn only_the_coordinator_changes_them() {
    each_db(async |program| {
        let mentor = program.person("Men Tor", Role::Mentor).await;
        let browser = Browser::of(&program, &mentor).await;
        assert_eq!(browser.open(PAGE).await.status, 403);
        assert_eq!(send(&browser, "0", &[("pass_mark", "1")]).await, Err(AppError::NotAllowed));
        assert_eq!(browser.send(PAGE, "send-test-mail", &[], send_test_mail()).await, Err(AppError::NotAllowed));
        assert_eq!(current(&program).await, Settings::default());
    })
    .await;
}

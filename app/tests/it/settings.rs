//! The coordinator's settings: read whole, checked, and kept by versions.

use app::db::fetch_one;
use app::error::AppError;
use app::people::Role;
use app::settings::api::{change_settings, restore_settings, send_test_mail};
use app::settings::fields::{self, differences};
use app::settings::logo::{Picture, PictureKind, examine};
use app::settings::{Settings, forbidden_word, is_quiet, store};
use proptest::prelude::*;

use crate::support::{Program, each_db};
use crate::visit::Browser;

const PAGE: &str = "/coordinator/settings";

/// The settings as their form sends them, with some changed.
fn form(version: &str, changed: &[(&str, &str)]) -> Vec<(String, String)> {
    let defaults = Settings::default().by_name();
    let mut fields: Vec<(String, String)> = fields::all()
        .filter(|field| field.is_typed())
        .map(|field| (field.name.to_owned(), field.typed(&defaults[field.name])))
        .collect();
    fields.push(("version".into(), version.into()));
    for (name, value) in changed {
        let found = fields.iter_mut().find(|(known, _)| known == name).unwrap();
        found.1 = (*value).to_owned();
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
async fn settings_stand_on_the_page_and_can_be_changed() {
    each_db(async |program| {
        let browser = Browser::of(&program, &program.coordinator).await;
        let html = browser.open(PAGE).await.html;
        for (name, value) in form("0", &[]) {
            assert!(html.contains(&format!("name=\"{name}\"")), "{name}");
            assert!(html.contains(&app::ui::escape(&value)), "{name}: {value}");
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
        for (order, words) in [
            ([("listed_days", "30")], "Your list comes after the nudge"),
            ([("decide_days", "45")], "The decision comes after your list"),
        ] {
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

#[tokio::test]
async fn versions_tell_what_changed_and_lead_back() {
    const VERSIONS: &str = "/coordinator/settings/versions";
    each_db(async |program| {
        let browser = Browser::of(&program, &program.coordinator).await;
        assert!(browser.open(VERSIONS).await.html.contains("Nobody has changed the settings yet"));
        send(&browser, "0", &[("sign_days", "21"), ("coordinator_name", "Carol <b>")]).await.unwrap();
        send(&browser, "1", &[("sign_days", "21"), ("quiet_from", "21"), ("follow_up_months", "12; 6, 24 6")]).await.unwrap();
        let html = browser.open(VERSIONS).await.html;
        for words in ["14 days", "21 days", "8 pm", "9 pm", "6 and 12 months", "6 and 12 and 24 months", "Cora Dinator"] {
            assert!(html.contains(words), "{words}");
        }
        assert!(html.contains("“Carol &lt;b&gt;”") && !html.contains("Carol <b>"));

        // Back to the first version: a third one, equal to the first.
        let back = |version: &'static str, seen: &'static str| {
            let fields = [("version", version), ("seen", seen)];
            let browser = &browser;
            async move { browser.send(VERSIONS, "restore-settings", &fields, restore_settings()).await.unwrap() }
        };
        assert_eq!(back("1", "2").await, format!("{VERSIONS}?done=settings-restored"));
        assert_eq!(current(&program).await.coordinator_name, "Carol <b>");
        assert_eq!(current(&program).await.quiet_from, 20);
        // From a page that is not the newest: refused in words. To what is in force: nothing to do. To the defaults.
        assert_eq!(back("2", "2").await, VERSIONS);
        assert!(browser.open(VERSIONS).await.html.contains("Somebody else changed the settings meanwhile."));
        assert_eq!(back("1", "3").await, format!("{VERSIONS}?done=settings-same"));
        assert_eq!(back("0", "3").await, format!("{VERSIONS}?done=settings-restored"));
        assert_eq!(current(&program).await, Settings::default());
        assert_eq!(back("77", "4").await, VERSIONS);
        assert!(browser.open(VERSIONS).await.html.contains("There is no such version."));
    })
    .await;
}

#[test]
fn rules_between_fields_are_told_in_words() {
    let refused = |settings: Settings| settings.objections().into_iter().map(|(field, _)| field).collect::<Vec<_>>();
    assert!(refused(Settings::default()).is_empty());
    assert_eq!(refused(Settings { year_month: 2, year_day: 29, ..Settings::default() }), ["year_day"]);
    assert_eq!(refused(Settings { year_month: 4, year_day: 31, ..Settings::default() }), ["year_day"]);
    assert_eq!(refused(Settings { digest_hour: 23, ..Settings::default() }), ["digest_hour"]);
    assert_eq!(refused(Settings { digest_hour: 6, ..Settings::default() }), ["digest_hour"]);
    assert_eq!(refused(Settings { time_zone: "America/Montana".into(), ..Settings::default() }), ["time_zone"]);
    assert_eq!(refused(Settings { listed_days: 90, ..Settings::default() }), ["decide_days"]);
    assert_eq!(differences(&Settings::default(), &Settings::default()), []);
}

proptest! {
    /// Walking the clock from one end of the quiet hours to the other, each hour passed is quiet and no other.
    #[test]
    fn quiet_hours_run_from_their_beginning_to_their_end(from in 0..24_u32, to in 0..24_u32) {
        let length = (to + 24 - from) % 24;
        for step in 0..24 {
            prop_assert_eq!(is_quiet((from + step) % 24, from, to), step < length);
        }
    }

    /// Whatever bytes come, they are judged and nothing fails; what is cut off is no picture.
    #[test]
    fn any_bytes_are_judged(bytes in proptest::collection::vec(any::<u8>(), 0..300), jpeg in any::<bool>()) {
        let start: &[u8] = if jpeg { b"\xff\xd8\xff" } else { b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR" };
        let _ = examine(&bytes);
        let _ = examine(&[start, &bytes].concat());
    }
}

#[test]
fn a_picture_is_known_by_its_bytes() {
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x01\x40\0\0\0\x50\x08\x06\0\0\0";
    assert_eq!(examine(png), Ok(Picture { kind: PictureKind::Png, width: 320, height: 80 }));
    let jpeg = b"\xff\xd8\xff\xe0\0\x04ab\xff\xc0\0\x0b\x08\0\x50\x01\x40\x01\x01\x11\0";
    assert_eq!(examine(jpeg), Ok(Picture { kind: PictureKind::Jpeg, width: 320, height: 80 }));
    for wrong in [&b"<svg xmlns='http://www.w3.org/2000/svg'/>"[..], b"GIF89a", b"\xff\xd8\xff\xda\0\x04ab", &png[..20]] {
        assert!(examine(wrong).unwrap_err().to_string().contains("neither a PNG nor a JPEG"));
    }
    let mut tall = png.to_vec();
    tall[20..24].copy_from_slice(&[0, 1, 0, 0]);
    assert!(examine(&tall).unwrap_err().to_string().contains("4,000 dots"));
    let mut heavy = png.to_vec();
    heavy.resize(200 * 1024 + 1, 0);
    assert!(examine(&heavy).unwrap_err().to_string().contains("larger than 200 kB"));
}

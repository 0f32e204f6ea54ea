//! One test in the browser.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use leptos::prelude::{set_timeout, window};
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{
    Element, Event, HtmlFormElement, HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement, Storage, UrlSearchParams,
};

use super::{ATTEMPT, PRACTICE};
use crate::drafts::browser::{field, get, hidden, post, set_hidden};

/// How long after the last key or click an answer is sent.
const PAUSE: Duration = Duration::from_millis(700);
/// How long after a try that did not get through the next one is made.
const AGAIN: Duration = Duration::from_secs(8);
/// What says which page an answer was given on.
const OF_PAGE: [&str; 2] = ["page", "as_of"];

/// One test on a page.
struct Test {
    form: HtmlFormElement,
    /// Before the question's id: where the tab keeps its answer until it has arrived. Bound to the person, so that it goes
    /// when somebody else signs in.
    place: String,
    /// Counts what happened, so that only the last of several keys sends.
    typing: Cell<u32>,
    sending: Cell<bool>,
}

/// Listens to the form around `root`.
pub fn start(root: &Element) {
    let form = root.closest("form").ok().flatten().and_then(|form| form.dyn_into::<HtmlFormElement>().ok());
    let Some(form) = form else { return };
    let id = hidden(&form, ATTEMPT).or_else(|| hidden(&form, PRACTICE)).unwrap_or_default();
    let place = format!("qdei:{}:answers:{id}:", hidden(&form, "_for").unwrap_or_default());
    let test = Rc::new(Test { form, place, typing: Cell::new(0), sending: Cell::new(false) });
    test.restore();
    listen(&test);
    count_down(&test.form);
    test.send();
}

fn listen(test: &Rc<Test>) {
    let one = test.clone();
    let on_input = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        if let Some(question) = target.and_then(|target| target.closest("[data-question]").ok().flatten()) {
            one.keep_in_tab(&question);
            one.clone().send_after(PAUSE);
        }
    });
    drop(test.form.add_event_listener_with_callback("input", on_input.as_ref().unchecked_ref()));
    // The form lives as long as the page.
    on_input.forget();
    let one = test.clone();
    let on_line = Closure::<dyn FnMut()>::new(move || one.clone().send());
    drop(window().add_event_listener_with_callback("online", on_line.as_ref().unchecked_ref()));
    on_line.forget();
}

impl Test {
    fn send_after(self: Rc<Self>, pause: Duration) {
        self.typing.set(self.typing.get().wrapping_add(1));
        let mine = self.typing.get();
        set_timeout(
            move || {
                if self.typing.get() == mine {
                    self.send();
                }
            },
            pause,
        );
    }

    fn questions(&self) -> Vec<Element> {
        all(&self.form, "[data-question]")
    }

    fn key(&self, question: &Element) -> String {
        format!("{}{}", self.place, question.get_attribute("data-question").unwrap_or_default())
    }

    fn keep_in_tab(&self, question: &Element) {
        if let (Some(storage), Some(pairs)) = (storage(), empty()) {
            self.append(&pairs, question);
            drop(storage.set_item(&self.key(question), &text(&pairs)));
        }
    }

    fn kept(&self, question: &Element) -> Option<String> {
        storage()?.get_item(&self.key(question)).ok().flatten()
    }

    /// What stands in a question, with what says which page it stands on.
    fn append(&self, pairs: &UrlSearchParams, question: &Element) {
        for name in OF_PAGE {
            pairs.set(name, &hidden(&self.form, name).unwrap_or_default());
        }
        pairs.append("asked", &question.get_attribute("data-question").unwrap_or_default());
        for (name, value) in all(question, "input, select, textarea").iter().filter_map(field) {
            pairs.append(&name, &value);
        }
    }

    /// Sends what has not arrived yet, all of it at once; what is typed meanwhile goes afterwards.
    fn send(self: Rc<Self>) {
        let waiting: Vec<(Element, String)> =
            self.questions().into_iter().filter_map(|question| Some((question.clone(), self.kept(&question)?))).collect();
        let Some(body) = empty() else { return };
        if waiting.is_empty() || self.sending.replace(true) {
            return;
        }
        for name in [ATTEMPT, PRACTICE, "_for"] {
            if let Some(value) = hidden(&self.form, name) {
                body.set(name, &value);
            }
        }
        for (question, _) in &waiting {
            self.append(&body, question);
        }
        spawn_local(async move {
            let told = post("/api/keep-answers", &body).await;
            self.sending.set(false);
            self.take(told, &waiting);
        });
    }

    fn take(self: Rc<Self>, told: Result<JsValue, u16>, sent: &[(Element, String)]) {
        match told {
            Ok(told) => {
                let word = |name: &str| get(&told, name).as_string().unwrap_or_default();
                let unreadable = word("unreadable");
                let arrived = |question: &Element| {
                    let id = question.get_attribute("data-question").unwrap_or_default();
                    !unreadable.split(' ').any(|one| one == id)
                };
                self.forget(sent.iter().filter(|(question, _)| arrived(question)));
                match word("refused").as_str() {
                    "" => {
                        self.say(&format!("Saved {}", word("at")), false);
                        self.send();
                    }
                    // What cannot be read waits for the next key; who was told of another answer may overrule it.
                    refused => {
                        let as_of = word("as_of");
                        if !as_of.is_empty() {
                            set_hidden(&self.form, "as_of", &as_of);
                        }
                        self.say(refused, true);
                    }
                }
            }
            Err(401) => self.say("Kept in this tab until you sign in", true),
            Err(status @ 400..500) if status != 429 => {
                self.say(&format!("Kept in this tab; the server does not take it ({status}). Load the page again."), true);
            }
            Err(_) => {
                self.say("No line just now: kept in this tab, and sent as soon as it is back", true);
                self.send_after(AGAIN);
            }
        }
    }

    fn say(&self, words: &str, kept_here: bool) {
        let Some(line) = self.form.query_selector("[data-said]").ok().flatten() else { return };
        line.set_class_name("saved-at");
        drop(if kept_here { line.set_attribute("data-state", "kept") } else { line.remove_attribute("data-state") });
        line.set_text_content(Some(words));
    }

    /// Forgets what has arrived, unless it was changed meanwhile.
    fn forget<'a>(&self, sent: impl Iterator<Item = &'a (Element, String)>) {
        let Some(storage) = storage() else { return };
        for (question, value) in sent {
            if self.kept(question).as_ref() == Some(value) {
                drop(storage.remove_item(&self.key(question)));
            }
        }
    }

    /// Puts back what did not arrive before the page was left. It speaks as the page it was given on, so that the server
    /// sees whether something newer came from elsewhere.
    fn restore(&self) {
        for question in self.questions() {
            let kept = self.kept(&question).and_then(|kept| UrlSearchParams::new_with_str(&kept).ok());
            let Some(kept) = kept else { continue };
            for name in OF_PAGE {
                set_hidden(&self.form, name, &kept.get(name).unwrap_or_default());
            }
            all(&question, "input, select, textarea").iter().for_each(|element| put_back(element, &kept));
            self.keep_in_tab(&question);
        }
    }
}

/// Says how long is left, where there is an end, and hands in when it has come.
fn count_down(form: &HtmlFormElement) {
    let Some(clock) = form.query_selector("[data-seconds]").ok().flatten() else { return };
    let left = clock.get_attribute("data-seconds").and_then(|seconds| seconds.parse::<u32>().ok());
    if let Some(left) = left {
        tick(form.clone(), clock, js_sys::Date::now() + f64::from(left) * 1000.0);
    }
}

/// `end` by the device's clock, in milliseconds: a page in the background is not called every second.
fn tick(form: HtmlFormElement, clock: Element, end: f64) {
    let left = seconds_until(end);
    clock.set_text_content(Some(&words(left)));
    if left == 0 {
        return drop(form.submit());
    }
    set_timeout(move || tick(form, clock, end), Duration::from_secs(1));
}

/// In whole seconds, a part counted as one, so that no fraction is ever written out: the code for that alone would be a
/// tenth of what the browser loads.
fn seconds_until(end: f64) -> u64 {
    Duration::from_secs_f64(((end - js_sys::Date::now()) / 1000.0).ceil().max(0.0)).as_secs()
}

/// By the minute until the last ones: a clock that runs is no help in thinking.
fn words(left: u64) -> String {
    let (minutes, seconds) = (left / 60, left % 60);
    if left == 0 {
        "The time is over.".to_owned()
    } else if minutes < 1 {
        format!("{seconds} seconds left")
    } else if minutes < 3 {
        format!("{minutes} minutes {seconds} seconds left")
    } else {
        format!("{minutes} minutes left")
    }
}

fn storage() -> Option<Storage> {
    window().session_storage().ok().flatten()
}

fn empty() -> Option<UrlSearchParams> {
    UrlSearchParams::new().ok()
}

fn text(pairs: &UrlSearchParams) -> String {
    String::from(pairs.to_string())
}

fn all(element: &Element, selector: &str) -> Vec<Element> {
    let Ok(all) = element.query_selector_all(selector) else { return Vec::new() };
    (0..all.length()).filter_map(|index| all.item(index)?.dyn_into().ok()).collect()
}

fn put_back(element: &Element, kept: &UrlSearchParams) {
    if let Some(area) = element.dyn_ref::<HtmlTextAreaElement>() {
        area.set_value(&kept.get(&area.name()).unwrap_or_default());
    } else if let Some(select) = element.dyn_ref::<HtmlSelectElement>() {
        select.set_value(&kept.get(&select.name()).unwrap_or_default());
    } else if let Some(input) = element.dyn_ref::<HtmlInputElement>() {
        match input.type_().as_str() {
            "hidden" => {}
            "checkbox" | "radio" => {
                let chosen = kept.get_all(&input.name());
                input.set_checked(chosen.iter().any(|value| value.as_string().as_deref() == Some(&input.value())));
            }
            _ => input.set_value(&kept.get(&input.name()).unwrap_or_default()),
        }
    }
}

//! One form in the browser: what stands in it goes to the device at once and to the server after a pause, and what was
//! typed elsewhere meanwhile is shown beside it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use js_sys::{Array, JSON, Math, Number, Reflect};
use leptos::prelude::{document, set_timeout, window};
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Element, Headers, HtmlElement, HtmlFormElement, HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement, RequestInit,
    Response, UrlSearchParams,
};

use super::device::{Copied, Got, Place};
use super::{DRAFT, PAGE, VERSION};

/// How long after the last key a draft is kept.
const PAUSE: Duration = Duration::from_millis(1200);
/// How long after a try that did not get through the next one is made: a line may be back without saying so.
const AGAIN: Duration = Duration::from_secs(5);

struct Form {
    form: HtmlFormElement,
    /// Around the form's fields, with the line and the choice under them.
    root: HtmlElement,
    whose: String,
    place: Place,
    /// The version that the form shows.
    version: Cell<u32>,
    page: RefCell<String>,
    /// Counts what was typed, so that only the last of it starts a save.
    typed: Cell<u32>,
    /// Whether there is something that the server does not have.
    unsaved: Cell<bool>,
    sent: Cell<bool>,
    /// What was typed elsewhere, until the person has chosen.
    other: RefCell<Option<(UrlSearchParams, u32)>>,
}

/// Listens to the form around `root`.
pub fn start(root: &HtmlElement) {
    let Some(form) = root.closest("form").ok().flatten().and_then(|form| form.dyn_into::<HtmlFormElement>().ok()) else {
        return;
    };
    let whose = hidden(&form, "_for").unwrap_or_default();
    let place = Place::of(&hidden(&form, DRAFT).unwrap_or_else(|| form.action()), &whose);
    let version = hidden(&form, VERSION).and_then(|version| version.parse().ok()).unwrap_or_default();
    let draft = Rc::new(Form {
        form,
        root: root.clone(),
        whose,
        place,
        version: Cell::new(version),
        page: RefCell::default(),
        typed: Cell::default(),
        unsaved: Cell::default(),
        sent: Cell::default(),
        other: RefCell::default(),
    });
    draft.open_page();
    draft.clone().restore();
    on(&draft, &draft.form, "input", Form::on_input);
    on(&draft, &draft.form, "submit", Form::on_submit);
    on(&draft, &window(), "online", Form::send);
    on(&draft, &document(), "visibilitychange", Form::send);
    for choice in ["mine", "other", "both"] {
        if let Some(button) = draft.find(&format!("[data-choice={choice}]")) {
            on(&draft, &button, "click", move |draft| draft.choose(choice));
        }
    }
}

/// The form lives as long as the page, and so do its listeners.
fn on(draft: &Rc<Form>, target: &web_sys::EventTarget, event: &str, act: impl Fn(Rc<Form>) + 'static) {
    let draft = draft.clone();
    let listener = Closure::<dyn Fn()>::new(move || act(draft.clone()));
    drop(target.add_event_listener_with_callback(event, listener.as_ref().unchecked_ref()));
    listener.forget();
}

impl Form {
    /// Names the page anew, so that the server tells it from every other.
    fn open_page(&self) {
        let page = Number::from(Math::random()).to_string_with_radix(36).map(String::from).unwrap_or_default();
        set_hidden(&self.form, PAGE, &page);
        self.page.replace(page);
        self.sent.set(false);
    }

    fn find(&self, selector: &str) -> Option<HtmlElement> {
        self.root.query_selector(selector).ok().flatten()?.dyn_into().ok()
    }

    fn part(&self, name: &str) -> Option<HtmlElement> {
        self.find(&format!("[data-part={name}]"))
    }

    fn say(&self, words: &str, kept_here: bool) {
        if let Some(line) = self.part("said") {
            line.set_text_content(Some(words));
            drop(line.set_attribute("data-state", if kept_here { "kept" } else { "" }));
        }
    }

    fn show(&self, version: u32) {
        self.version.set(version);
        set_hidden(&self.form, VERSION, &version.to_string());
    }

    /// Puts back what the device kept, unless the page is newer than it.
    fn restore(self: Rc<Self>) {
        let Some(copy) = self.place.read() else { return };
        if self.whose.is_empty() {
            return fill(&self.form, &copy.fields, true);
        }
        let newer = self.version.get() > copy.version;
        match copy.got {
            // The service worker has it: it is sent when the line is back.
            Got::Sent if window().location().search().is_ok_and(|query| query.contains("kept=")) => self.place.forget(),
            Got::Sent | Got::Saved if newer => self.place.forget(),
            Got::Typed if newer && self.shows_draft() => self.differ(copy),
            got => {
                fill(&self.form, &copy.fields, false);
                self.show(copy.version.max(self.version.get()));
                self.unsaved.set(got != Got::Saved);
                self.send();
            }
        }
    }

    /// Whether the page came with words of a draft: then it says when they were kept.
    fn shows_draft(&self) -> bool {
        self.part("said").is_some_and(|said| said.text_content().is_some_and(|words| !words.is_empty()))
    }

    /// The device holds words that the server never had, and the page shows others.
    fn differ(&self, copy: Copied) {
        let said = self.part("said").and_then(|said| said.text_content()).unwrap_or_default();
        let there = fields(&self.form);
        fill(&self.form, &copy.fields, false);
        self.conflict(there, self.version.get(), said.trim_start_matches("Saved "));
    }

    fn on_input(self: Rc<Self>) {
        if self.sent.get() {
            // A form that was sent and is typed into again: the browser has kept the page.
            self.open_page();
        }
        let mine = self.note_typing();
        set_timeout(
            move || {
                if self.typed.get() == mine {
                    self.send();
                }
            },
            PAUSE,
        );
    }

    fn note_typing(&self) -> u32 {
        self.typed.set(self.typed.get().wrapping_add(1));
        self.unsaved.set(true);
        self.copy(Got::Typed);
        self.typed.get()
    }

    fn on_submit(self: Rc<Self>) {
        self.sent.set(true);
        if !self.whose.is_empty() {
            self.copy(Got::Sent);
        }
    }

    fn copy(&self, got: Got) -> bool {
        self.place.keep(&fields(&self.form), self.version.get(), got)
    }

    /// Sends what the server does not have yet.
    fn send(self: Rc<Self>) {
        if !self.unsaved.get() || self.sent.get() || self.other.borrow().is_some() {
            return;
        }
        if self.whose.is_empty() {
            return self.say("Kept in this tab until you send it", false);
        }
        let (mine, body) = (self.typed.get(), fields(&self.form));
        body.set("_for", &self.whose);
        body.set(DRAFT, &hidden(&self.form, DRAFT).unwrap_or_default());
        body.set(VERSION, &self.version.get().to_string());
        body.set(PAGE, &self.page.borrow());
        spawn_local(async move {
            let told = post("/api/keep-draft", &body).await;
            self.take(mine, told);
        });
    }

    fn take(self: Rc<Self>, mine: u32, told: Result<JsValue, u16>) {
        match told {
            Ok(told) => {
                let at = get(&told, "at").as_string().unwrap_or_default();
                let version = get(&told, "version").as_string().and_then(|version| version.parse().ok()).unwrap_or_default();
                match pairs(&get(&told, "other")) {
                    Some(there) => self.conflict(there, version, &at),
                    None => {
                        self.show(version);
                        self.unsaved.set(self.typed.get() != mine);
                        self.copy(if self.unsaved.get() { Got::Typed } else { Got::Saved });
                        self.say(&format!("Saved {at}"), false);
                    }
                }
            }
            Err(_) if !self.copy(Got::Typed) => self.say("Not saved yet", true),
            Err(401) => self.say("Kept on this device until you sign in", true),
            Err(400..500) => self.say("Kept on this device: the server does not take it just now", true),
            Err(_) => {
                self.say("No line just now: kept on this device", true);
                // What is typed meanwhile starts a save of its own.
                set_timeout(
                    move || {
                        if self.typed.get() == mine {
                            self.send();
                        }
                    },
                    AGAIN,
                );
            }
        }
    }

    /// Shows what was typed elsewhere; what was typed here stays in the form.
    fn conflict(&self, there: UrlSearchParams, version: u32, at: &str) {
        let (Some(panel), Some(list), Some(when)) = (self.part("conflict"), self.part("other"), self.part("when")) else {
            return;
        };
        list.set_text_content(None);
        for element in elements(&self.form) {
            let Some((name, value)) = field(&element) else { continue };
            let other = there.get(&name).unwrap_or_default();
            if other != value {
                let label = document().query_selector(&format!("label[for='{}']", element.id())).ok().flatten();
                add(&list, "dt", &label.and_then(|label| label.text_content()).unwrap_or(name));
                add(&list, "dd", &other);
            }
        }
        when.set_text_content(Some(at));
        panel.set_hidden(false);
        self.say("", false);
        self.other.replace(Some((there, version)));
    }

    fn choose(self: Rc<Self>, choice: &str) {
        let Some((there, version)) = self.other.take() else { return };
        if let Some(panel) = self.part("conflict") {
            panel.set_hidden(true);
        }
        match choice {
            "other" => fill(&self.form, &there, false),
            "both" => join(&self.form, &there),
            _ => {}
        }
        self.show(version);
        self.note_typing();
        self.send();
    }
}

fn add(list: &Element, tag: &str, words: &str) {
    if let Ok(element) = document().create_element(tag) {
        element.set_text_content(Some(words));
        drop(list.append_child(&element));
    }
}

/// Sends a body and gives the answer, or the status of a refusal; 0 without a line.
pub(crate) async fn post(path: &str, body: &UrlSearchParams) -> Result<JsValue, u16> {
    let nothing = |_| 0;
    let headers = Headers::new().map_err(nothing)?;
    headers.set("accept", "application/json").map_err(nothing)?;
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_headers(&headers);
    init.set_body(body);
    let answer = JsFuture::from(window().fetch_with_str_and_init(path, &init)).await.map_err(nothing)?;
    let answer: Response = answer.dyn_into().map_err(nothing)?;
    if !answer.ok() {
        return Err(answer.status());
    }
    let text = JsFuture::from(answer.text().map_err(nothing)?).await.map_err(nothing)?;
    JSON::parse(&text.as_string().unwrap_or_default()).map_err(nothing)
}

pub(crate) fn get(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or(JsValue::NULL)
}

/// The fields of an answer, if it has any.
fn pairs(list: &JsValue) -> Option<UrlSearchParams> {
    let list = list.dyn_ref::<Array>()?;
    UrlSearchParams::new_with_str_sequence_sequence(list).ok()
}

pub(crate) fn hidden(form: &HtmlFormElement, name: &str) -> Option<String> {
    Some(hidden_field(form, name)?.value())
}

fn hidden_field(form: &HtmlFormElement, name: &str) -> Option<HtmlInputElement> {
    form.query_selector(&format!("input[name='{name}']")).ok().flatten()?.dyn_into().ok()
}

pub(crate) fn set_hidden(form: &HtmlFormElement, name: &str, value: &str) {
    if let Some(field) = hidden_field(form, name) {
        field.set_value(value);
    }
}

fn elements(form: &HtmlFormElement) -> impl Iterator<Item = Element> {
    let all = form.elements();
    (0..all.length()).filter_map(move |index| all.item(index))
}

/// What a person typed or chose, by name; nothing hidden and no password.
fn fields(form: &HtmlFormElement) -> UrlSearchParams {
    let pairs = UrlSearchParams::new().unwrap_or_else(|_| unreachable!("an empty list can always be made"));
    for (name, value) in elements(form).filter_map(|element| field(&element)) {
        pairs.append(&name, &value);
    }
    pairs
}

pub(crate) fn field(element: &Element) -> Option<(String, String)> {
    if let Some(area) = element.dyn_ref::<HtmlTextAreaElement>() {
        return Some((area.name(), area.value()));
    }
    if let Some(select) = element.dyn_ref::<HtmlSelectElement>() {
        return Some((select.name(), select.value()));
    }
    let input = element.dyn_ref::<HtmlInputElement>()?;
    let counts = match input.type_().as_str() {
        "hidden" | "password" | "submit" => false,
        "checkbox" | "radio" => input.checked(),
        _ => true,
    };
    counts.then(|| (input.name(), input.value()))
}

/// Puts words into the form; into its empty fields only, if so asked.
fn fill(form: &HtmlFormElement, pairs: &UrlSearchParams, empty_only: bool) {
    let value =
        |name: String, now: String| if empty_only && !now.is_empty() { now } else { pairs.get(&name).unwrap_or_default() };
    for element in elements(form) {
        if let Some(area) = element.dyn_ref::<HtmlTextAreaElement>() {
            area.set_value(&value(area.name(), area.value()));
        } else if let Some(select) = element.dyn_ref::<HtmlSelectElement>() {
            select.set_value(&value(select.name(), select.value()));
        } else if let Some(input) = element.dyn_ref::<HtmlInputElement>() {
            match input.type_().as_str() {
                "hidden" | "password" | "submit" => {}
                "checkbox" | "radio" => {
                    let chosen =
                        pairs.get_all(&input.name()).iter().any(|value| value.as_string().as_deref() == Some(&input.value()));
                    input.set_checked(chosen || empty_only && input.checked());
                }
                _ => input.set_value(&value(input.name(), input.value())),
            }
        }
    }
}

/// Puts the other words under those that stand in the form, where both differ.
fn join(form: &HtmlFormElement, there: &UrlSearchParams) {
    for element in elements(form) {
        let Some(area) = element.dyn_ref::<HtmlTextAreaElement>() else { continue };
        let (here, other) = (area.value(), there.get(&area.name()).unwrap_or_default());
        if here.trim() != other.trim() && !other.is_empty() {
            area.set_value(&if here.is_empty() { other } else { format!("{here}\n\n{other}") });
        }
    }
}

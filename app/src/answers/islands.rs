//! The browser's part of a test: sends each answer as it is given, keeps it in the tab as long as it has not arrived, and
//! counts the minutes of a practice down.

use leptos::prelude::*;

/// Around the questions of one form. They stay the server's own HTML.
#[island]
pub fn KeepAnswers(children: Children) -> impl IntoView {
    let said = RwSignal::new(String::new());
    let kept_here = RwSignal::new(false);
    let root = NodeRef::<leptos::html::Div>::new();
    #[cfg(feature = "hydrate")]
    browser::start(root, said, kept_here);
    view! {
        <div node_ref=root>
            {children()}
            <p
                class=move || if said.get().is_empty() { "" } else { "saved-at" }
                role="status"
                data-state=move || kept_here.get().then_some("kept")
            >
                {move || said.get()}
            </p>
        </div>
    }
}

#[cfg(feature = "hydrate")]
mod browser {
    use std::cell::Cell;
    use std::rc::Rc;
    use std::time::Duration;

    use leptos::prelude::*;
    use leptos::task::spawn_local;
    use wasm_bindgen::{JsCast, closure::Closure};
    use web_sys::{
        Element, Event, HtmlDivElement, HtmlFormElement, HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement, Storage,
        UrlSearchParams,
    };

    use crate::answers::Taken;
    use crate::answers::api::keep_answers;
    use crate::error::AppError;

    /// How long after the last key or click an answer is sent.
    const PAUSE: Duration = Duration::from_millis(700);
    /// How long after a try that did not get through the next one is made.
    const AGAIN: Duration = Duration::from_secs(8);

    /// One test on a page.
    #[derive(Clone)]
    struct Test {
        form: HtmlFormElement,
        taken: Taken,
        id: String,
        said: RwSignal<String>,
        kept_here: RwSignal<bool>,
        /// Counts what happened, so that only the last of several keys sends.
        typing: Rc<Cell<u32>>,
        sending: Rc<Cell<bool>>,
    }

    pub fn start(root: NodeRef<leptos::html::Div>, said: RwSignal<String>, kept_here: RwSignal<bool>) {
        Effect::new(move |_| {
            let Some(div) = root.get() else { return };
            let Some(test) = Test::around(&div, said, kept_here) else { return };
            test.restore();
            test.listen();
            test.count_down();
            test.send();
        });
    }

    impl Test {
        fn around(div: &HtmlDivElement, said: RwSignal<String>, kept_here: RwSignal<bool>) -> Option<Self> {
            let form: HtmlFormElement = div.closest("form").ok().flatten()?.dyn_into().ok()?;
            let named = |taken: Taken| Some((taken, hidden(&form, taken.as_str())?.value()));
            let (taken, id) = named(Taken::PostTest).or_else(|| named(Taken::Practice))?;
            Some(Self { form, taken, id, said, kept_here, typing: Rc::default(), sending: Rc::default() })
        }

        fn listen(&self) {
            let test = self.clone();
            let on_input = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
                let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
                if let Some(question) = target.and_then(|target| target.closest("[data-question]").ok().flatten()) {
                    test.keep_in_tab(&question);
                    test.send_after(PAUSE);
                }
            });
            drop(self.form.add_event_listener_with_callback("input", on_input.as_ref().unchecked_ref()));
            // The form lives as long as the page.
            on_input.forget();
            let test = self.clone();
            let on_line = Closure::<dyn FnMut()>::new(move || test.send());
            drop(window().add_event_listener_with_callback("online", on_line.as_ref().unchecked_ref()));
            on_line.forget();
        }

        fn send_after(&self, pause: Duration) {
            self.typing.set(self.typing.get().wrapping_add(1));
            let (mine, test) = (self.typing.get(), self.clone());
            set_timeout(
                move || {
                    if test.typing.get() == mine {
                        test.send();
                    }
                },
                pause,
            );
        }

        fn questions(&self) -> Vec<Element> {
            let Ok(all) = self.form.query_selector_all("[data-question]") else { return Vec::new() };
            (0..all.length()).filter_map(|index| all.item(index)?.dyn_into().ok()).collect()
        }

        /// Where the tab keeps the answer to a question until it has arrived.
        fn place(&self, question: &Element) -> String {
            format!("qdei:answers:{}:{}", self.id, question.get_attribute("data-question").unwrap_or_default())
        }

        fn keep_in_tab(&self, question: &Element) {
            if let Some(storage) = storage() {
                drop(storage.set_item(&self.place(question), &encoded(&self.fields(question))));
            }
        }

        fn kept(&self, question: &Element) -> Option<String> {
            storage()?.get_item(&self.place(question)).ok().flatten()
        }

        /// What stands in a question, with what says which page it stands on.
        fn fields(&self, question: &Element) -> Vec<(String, String)> {
            let of_page =
                ["page", "as_of"].into_iter().filter_map(|name| Some((name.to_owned(), hidden(&self.form, name)?.value())));
            of_page.chain(inputs(question).iter().filter_map(field)).collect()
        }

        /// Sends what has not arrived yet, all of it at once; what is typed meanwhile goes afterwards.
        fn send(&self) {
            let waiting: Vec<(Element, String)> =
                self.questions().into_iter().filter_map(|question| Some((question.clone(), self.kept(&question)?))).collect();
            if waiting.is_empty() || self.sending.replace(true) {
                return;
            }
            let fields = waiting.iter().flat_map(|(question, _)| self.fields(question)).collect();
            let test = self.clone();
            spawn_local(async move {
                let done = keep_answers(test.taken, test.id.clone(), fields).await;
                test.sending.set(false);
                test.answered(done, &waiting);
            });
        }

        fn answered(&self, done: Result<String, AppError>, sent: &[(Element, String)]) {
            match done {
                Ok(at) => {
                    self.forget(sent);
                    self.tell(format!("Saved at {at}"), false);
                    self.send();
                }
                Err(AppError::NotSignedIn) => self.tell("Kept in this tab until you sign in".to_owned(), true),
                Err(AppError::Refused(refusal)) => {
                    self.forget(sent);
                    self.tell(refusal.to_string(), true);
                }
                Err(AppError::Invalid(errors)) => {
                    self.forget(sent);
                    self.tell(errors.into_iter().map(|error| error.message).next().unwrap_or_default(), true);
                }
                Err(_) => {
                    self.tell("No line just now: kept in this tab, and sent as soon as it is back".to_owned(), true);
                    self.send_after(AGAIN);
                }
            }
        }

        fn tell(&self, words: String, kept_here: bool) {
            self.kept_here.set(kept_here);
            self.said.set(words);
        }

        /// Forgets what has arrived, unless it was changed meanwhile.
        fn forget(&self, sent: &[(Element, String)]) {
            let Some(storage) = storage() else { return };
            for (question, value) in sent {
                if self.kept(question).as_deref() == Some(value) {
                    drop(storage.remove_item(&self.place(question)));
                }
            }
        }

        /// Puts back what did not arrive before the page was left. It speaks as the page it was given on, so that the
        /// server sees whether something newer came from elsewhere.
        fn restore(&self) {
            for question in self.questions() {
                let kept = self.kept(&question).and_then(|kept| UrlSearchParams::new_with_str(&kept).ok());
                let Some(kept) = kept else { continue };
                for name in ["page", "as_of"] {
                    if let (Some(input), Some(value)) = (hidden(&self.form, name), kept.get(name)) {
                        input.set_value(&value);
                    }
                }
                inputs(&question).iter().for_each(|element| put_back(element, &kept));
                self.keep_in_tab(&question);
            }
        }

        /// Says how long is left, where there is an end, and hands in when it has come.
        fn count_down(&self) {
            let Some(clock) = self.form.query_selector("[data-seconds]").ok().flatten() else { return };
            let Some(mut left) = clock.get_attribute("data-seconds").and_then(|seconds| seconds.parse::<u32>().ok()) else {
                return;
            };
            let form = self.form.clone();
            let tick = move || {
                clock.set_text_content(Some(&words(left)));
                if left == 0 {
                    drop(form.request_submit());
                }
                left = left.saturating_sub(1);
            };
            let tick = Rc::new(std::cell::RefCell::new(tick));
            let each = tick.clone();
            let every_second = set_interval_with_handle(move || (each.borrow_mut())(), Duration::from_secs(1));
            drop(every_second);
            (tick.borrow_mut())();
        }
    }

    /// By the minute until the last ones: a clock that runs is no help in thinking.
    fn words(left: u32) -> String {
        match (left / 60, left % 60) {
            (0, 0) => "The time is over.".to_owned(),
            (0, seconds) => format!("{seconds} seconds left"),
            (minutes @ 1..3, seconds) => format!("{minutes} min {seconds:02} s left"),
            (minutes, _) => format!("{minutes} minutes left"),
        }
    }

    fn storage() -> Option<Storage> {
        window().session_storage().ok().flatten()
    }

    fn hidden(form: &HtmlFormElement, name: &str) -> Option<HtmlInputElement> {
        form.query_selector(&format!("input[name='{name}']")).ok().flatten()?.dyn_into().ok()
    }

    fn inputs(question: &Element) -> Vec<Element> {
        let Ok(all) = question.query_selector_all("input, select, textarea") else { return Vec::new() };
        (0..all.length()).filter_map(|index| all.item(index)?.dyn_into().ok()).collect()
    }

    fn field(element: &Element) -> Option<(String, String)> {
        if let Some(area) = element.dyn_ref::<HtmlTextAreaElement>() {
            return Some((area.name(), area.value()));
        }
        if let Some(select) = element.dyn_ref::<HtmlSelectElement>() {
            return Some((select.name(), select.value()));
        }
        let input = element.dyn_ref::<HtmlInputElement>()?;
        let counts = !matches!(input.type_().as_str(), "checkbox" | "radio") || input.checked();
        counts.then(|| (input.name(), input.value()))
    }

    fn encoded(fields: &[(String, String)]) -> String {
        let Ok(pairs) = UrlSearchParams::new() else { return String::new() };
        for (name, value) in fields {
            pairs.append(name, value);
        }
        String::from(pairs.to_string())
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
}

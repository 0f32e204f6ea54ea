//! The browser's part of a draft: notices typing, keeps what stands in the form, and says so.

use leptos::prelude::*;

/// Around the fields of one form: keeps them while a person types. The fields stay the server's own HTML.
#[island]
pub fn KeepTyped(children: Children) -> impl IntoView {
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

/// On the page that follows a stranger's form: forgets what the tab kept of it.
#[island]
pub fn ForgetTyped() -> impl IntoView {
    #[cfg(feature = "hydrate")]
    browser::forget_all();
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
        Element, HtmlDivElement, HtmlFormElement, HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement, Storage,
        UrlSearchParams,
    };

    use crate::drafts::api::keep_draft;
    use crate::error::AppError;

    /// How long after the last key a draft is kept.
    const PAUSE: Duration = Duration::from_millis(1200);
    const PREFIX: &str = "qdei:";

    /// Listens to the form around `root`.
    pub fn start(root: NodeRef<leptos::html::Div>, said: RwSignal<String>, kept_here: RwSignal<bool>) {
        Effect::new(move |_| {
            let Some(div) = root.get() else { return };
            let Some(form) = form_around(&div) else { return };
            restore(&form);
            let typing = Rc::new(Cell::new(0_u32));
            let on_input = Closure::<dyn FnMut()>::new({
                let form = form.clone();
                move || {
                    typing.set(typing.get().wrapping_add(1));
                    let (mine, typing, form) = (typing.get(), typing.clone(), form.clone());
                    set_timeout(
                        move || {
                            if typing.get() == mine {
                                keep(form, said, kept_here);
                            }
                        },
                        PAUSE,
                    );
                }
            });
            let listener = on_input.as_ref().unchecked_ref();
            drop(form.add_event_listener_with_callback("input", listener));
            // The form lives as long as the page.
            on_input.forget();
        });
    }

    fn form_around(div: &HtmlDivElement) -> Option<HtmlFormElement> {
        div.closest("form").ok().flatten()?.dyn_into().ok()
    }

    fn keep(form: HtmlFormElement, said: RwSignal<String>, kept_here: RwSignal<bool>) {
        let fields = fields(&form);
        let key = key(&form);
        // A form that names nobody was made for a stranger, whose words stay in the tab.
        if hidden(&form, "_for").is_none() {
            if keep_in_tab(&key, &fields) {
                said.set("Kept in this tab until you send it".to_owned());
            }
            return;
        }
        spawn_local(async move {
            match keep_draft(key.clone(), fields.clone()).await {
                Ok(at) => {
                    kept_here.set(false);
                    said.set(format!("Saved at {at}"));
                }
                Err(AppError::NotSignedIn) if keep_in_tab(&key, &fields) => {
                    said.set("Kept in this tab until you sign in".to_owned())
                }
                Err(_) if keep_in_tab(&key, &fields) => {
                    kept_here.set(true);
                    said.set("No line just now: kept in this tab".to_owned());
                }
                Err(_) => said.set("Not saved yet".to_owned()),
            }
        });
    }

    /// The hidden field that names the draft, or else where the form sends to.
    fn key(form: &HtmlFormElement) -> String {
        hidden(form, "_draft").unwrap_or_else(|| form.action())
    }

    fn hidden(form: &HtmlFormElement, name: &str) -> Option<String> {
        let found = form.query_selector(&format!("input[name='{name}']")).ok().flatten()?;
        Some(found.dyn_into::<HtmlInputElement>().ok()?.value())
    }

    /// What a person typed or chose, by name; nothing hidden and no password.
    fn fields(form: &HtmlFormElement) -> Vec<(String, String)> {
        elements(form).filter_map(|element| field(&element)).collect()
    }

    fn elements(form: &HtmlFormElement) -> impl Iterator<Item = Element> {
        let all = form.elements();
        (0..all.length()).filter_map(move |index| all.item(index))
    }

    fn field(element: &Element) -> Option<(String, String)> {
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

    fn storage() -> Option<Storage> {
        window().session_storage().ok().flatten()
    }

    fn keep_in_tab(key: &str, fields: &[(String, String)]) -> bool {
        let Ok(pairs) = UrlSearchParams::new() else { return false };
        for (name, value) in fields {
            pairs.append(name, value);
        }
        storage().is_some_and(|storage| storage.set_item(&format!("{PREFIX}{key}"), &String::from(pairs.to_string())).is_ok())
    }

    /// Puts back what the tab kept, into fields that are still empty.
    fn restore(form: &HtmlFormElement) {
        let kept = storage().and_then(|storage| storage.get_item(&format!("{PREFIX}{}", key(form))).ok().flatten());
        let Some(pairs) = kept.and_then(|kept| UrlSearchParams::new_with_str(&kept).ok()) else { return };
        for element in elements(form) {
            put_back(&element, &pairs);
        }
    }

    fn put_back(element: &Element, pairs: &UrlSearchParams) {
        if let Some(area) = element.dyn_ref::<HtmlTextAreaElement>() {
            if area.value().is_empty() {
                area.set_value(&pairs.get(&area.name()).unwrap_or_default());
            }
        } else if let Some(select) = element.dyn_ref::<HtmlSelectElement>() {
            if select.value().is_empty() {
                select.set_value(&pairs.get(&select.name()).unwrap_or_default());
            }
        } else if let Some(input) = element.dyn_ref::<HtmlInputElement>() {
            match input.type_().as_str() {
                "hidden" | "password" | "submit" => {}
                "checkbox" | "radio" => {
                    let chosen =
                        pairs.get_all(&input.name()).iter().any(|value| value.as_string().as_deref() == Some(&input.value()));
                    input.set_checked(input.checked() || chosen);
                }
                _ if input.value().is_empty() => input.set_value(&pairs.get(&input.name()).unwrap_or_default()),
                _ => {}
            }
        }
    }

    /// Forgets every draft that this tab kept.
    pub fn forget_all() {
        let Some(storage) = storage() else { return };
        let keys: Vec<String> =
            (0..storage.length().unwrap_or(0)).filter_map(|index| storage.key(index).ok().flatten()).collect();
        for key in keys.iter().filter(|key| key.starts_with(PREFIX)) {
            drop(storage.remove_item(key));
        }
    }
}

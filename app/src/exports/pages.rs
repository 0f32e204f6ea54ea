//! The page that offers the lists.

use leptos::prelude::*;

use super::{Form, List};
use crate::error::AppError;
use crate::people::viewer;
use crate::ui::Page;

/// `/coordinator/export`: each list in both forms, and what is not in them.
pub async fn export() -> Result<Page, AppError> {
    viewer().await?.coordinator()?;
    let rows = List::ALL
        .iter()
        .map(|list| {
            let links = Form::ALL
                .iter()
                .map(|form| {
                    let words = form.as_str().to_uppercase();
                    view! {
                        <a class="button quiet small" href=format!("/coordinator/export/{list}.{form}") download="">
                            {words}<span class="visually-hidden">{format!(" of {}", list.name().to_lowercase())}</span>
                        </a>
                    }
                })
                .collect_view();
            view! {
                <li>
                    <span class="line-main">{list.name()}</span>
                    <span class="line-meta">{list.about()}</span>
                    <span class="line-action">{links}</span>
                </li>
            }
        })
        .collect_view();
    let body = view! {
        <div class="page-head">
            <div>
                <h1>"Export"</h1>
                <p class="lede">"Take the program's lists along, as they are now. CSV opens in any spreadsheet program; JSON keeps every value in its type."</p>
            </div>
            <a href="/coordinator/import">"Import"</a>
        </div>
        <ul class="lines" role="list">{rows}</ul>
        <h2>"What is not in them"</h2>
        <p>"Reflections, messages, notes of talks, follow-ups, answers to post-tests and self-evaluations are the mentees' and mentors' own words. They are in none of these files. The server's operator can export everything, with them, by "<code>"qdei export"</code>", and must keep those files accordingly. Passwords and sign-in links leave the database in no file."</p>
        <p>"These files name people: keep them as you keep your other records, and delete them when they are no longer needed. A cell that a spreadsheet program could take for a formula has an apostrophe before it."</p>
    };
    Ok(Page::usual("Export", body))
}

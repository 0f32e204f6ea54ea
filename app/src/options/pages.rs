//! The public pages: the program in two sentences, each option by itself, and who sees what.

use leptos::prelude::*;

use super::{SIGHT, StudyOption, how_long, steps, who_to_call};
use crate::app::param;
use crate::enrollments::OptionNumber;
use crate::error::AppError;
use crate::settings::{self, Settings};
use crate::state::state;
use crate::ui::{Page, paragraphs};

/// The drawing of the trail. It stands in the page itself, so that it takes the colors of the theme.
const PLATE: &str = include_str!("../../../style/public/plate.svg");

const NOT_CERTIFIED: &str = "CDCES means Certified Diabetes Care and Education Specialist. The certificate of this program is a \
    certificate of achievement: not certification, and not continuing-education credit.";

async fn settings_now() -> Result<Settings, AppError> {
    Ok(settings::store::current(&mut state().db.read().await?).await?)
}

/// The start page.
pub async fn home() -> Result<Page, AppError> {
    let settings = settings_now().await?;
    let options = StudyOption::all().iter().map(|option| side_by_side(option, &settings)).collect_view();
    let body = view! {
        <p class="eyebrow">"For nurses, dietitians, pharmacists and other health professionals in Montana"</p>
        <h1>{settings.home_heading.clone()}</h1>
        <div class="lede">{paragraphs(&settings.home_opening)}</div>
        <div class="actions"><a class="button" href="/apply">"Apply"</a><a href="#options">"See the three options"</a></div>
        <figure class="plate">
            <div inner_html=PLATE></div>
            <figcaption>"From the first call to the certificate."</figcaption>
        </figure>
        <h2 id="options">"Three options"</h2>
        <div class="options">{options}</div>
        <p class="muted">{NOT_CERTIFIED}</p>
        <h2>"The trail"</h2>
        {trail()}
        {who_to_call(&settings)}
    };
    Ok(Page::usual("Self-study with a mentor", body))
}

fn trail() -> impl IntoView {
    let steps = steps()
        .iter()
        .map(|step| view! { <li><span class="trail-name">{step.name.clone()}</span><p>{step.sentence.clone()}</p></li> })
        .collect_view();
    view! { <ol class="trail told" role="list" aria-label="The eight steps">{steps}</ol> }
}

fn title(option: &StudyOption) -> String {
    format!("Option {}", option.number)
}

fn side_by_side(option: &StudyOption, settings: &Settings) -> impl IntoView + use<> {
    let href = format!("/options/{}", option.number);
    view! {
        <section>
            <h3>{title(option)}</h3>
            <p class="serif">{option.aim.clone()}</p>
            {facts(option, settings)}
            <p class="more"><a href=href>{format!("More on {}", title(option))}</a></p>
        </section>
    }
}

fn facts(option: &StudyOption, settings: &Settings) -> impl IntoView + use<> {
    let last = option.books.len().saturating_sub(1);
    let books = option
        .books
        .iter()
        .enumerate()
        .map(|(index, book)| view! { {book.clone()}{(index < last).then(|| view! { ", or"<br /> })} })
        .collect_view();
    let tests = if option.post_tests { "A short one after each chapter" } else { "None" };
    view! {
        <dl class="facts">
            <div><dt>"For"</dt><dd>{option.for_whom.clone()}</dd></div>
            <div><dt>"Book"</dt><dd>{books}</dd></div>
            <div><dt>"Time"</dt><dd>{how_long(settings)}</dd></div>
            <div><dt>"Post-tests"</dt><dd>{tests}</dd></div>
        </dl>
    }
}

/// One option by itself.
pub async fn option() -> Result<Page, AppError> {
    let number: OptionNumber = param("number")?;
    let option = StudyOption::of(number);
    let settings = settings_now().await?;
    let others = StudyOption::all()
        .iter()
        .filter(|other| other.number != option.number)
        .map(|other| {
            let words = format!("{}: {}", title(other), other.short());
            view! { <li><span class="line-main"><a href=format!("/options/{}", other.number)>{words}</a></span><span class="line-meta">{other.aim.clone()}</span></li> }
        })
        .collect_view();
    let body = view! {
        <p class="eyebrow">{title(option)}</p>
        <h1>{option.name.clone()}</h1>
        <p class="lede">{option.sentence.clone()}</p>
        {facts(option, &settings)}
        <p>"The book is lent free of charge, or you use your own copy. "{complete_when(number)}</p>
        <div class="actions"><a class="button" href=format!("/apply?option={number}")>{format!("Apply for {}", title(option))}</a></div>
        <section class="hang">
            <h2>"The trail"</h2>
            {trail()}
        </section>
        <section class="hang">
            <h2>"The other options"</h2>
            <ul class="lines" role="list">{others}</ul>
        </section>
        {who_to_call(&settings)}
        <p class="muted">{NOT_CERTIFIED}</p>
    };
    Ok(Page::narrow(format!("{}: {}", title(option), option.name), body))
}

fn complete_when(option: OptionNumber) -> &'static str {
    match option {
        OptionNumber::One => {
            "You have completed it when the letter of agreement is received, every required chapter is read and talked over with your mentor, and every post-test is passed."
        }
        OptionNumber::Two => {
            "You have completed it when the letter of agreement is received and every required chapter is read and talked over with your mentor."
        }
        OptionNumber::Three => {
            "You have completed it when the letter of agreement is received, every required chapter is read and talked over with your mentor, and your exam plan is filled in."
        }
    }
}

/// Who sees what, as a table.
pub async fn who_sees_what() -> Result<Page, AppError> {
    let columns = SIGHT.columns.iter().map(|name| view! { <th scope="col">{name.clone()}</th> }).collect_view();
    let rows = SIGHT
        .row
        .iter()
        .map(|row| {
            let cells = row
                .cells
                .iter()
                .zip(&SIGHT.columns)
                .map(|(cell, column)| view! { <td data-label=column.clone()>{cell.clone()}</td> })
                .collect_view();
            view! { <tr><th scope="row">{row.what.clone()}</th>{cells}</tr> }
        })
        .collect_view();
    let body = view! {
        <h1>"Who sees what"</h1>
        <p class="lede">"No patient data is kept here: no patient, no diagnosis, no license number, no date of birth."</p>
        <div class="table-wrap">
            <table class="ledger">
                <caption>"What is kept, and who can read it"</caption>
                <thead><tr><th scope="col">"What"</th>{columns}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <ul class="measure">
            <li>"The coordinator’s pages do not show what a mentee and a mentor write to each other, only that they talked and when. Whoever operates the server, or the law, could reach it."</li>
            <li>"A postal address is asked for only when a book is sent, and kept only while the loan needs it."</li>
            <li>"Anyone can check a certificate by its number and learns its option and date. The name shows only to those who have the code printed on it."</li>
            <li>"Who has not joined yet has no account: an application is read by the coordinator alone."</li>
        </ul>
    };
    Ok(Page::wide("Who sees what", body))
}

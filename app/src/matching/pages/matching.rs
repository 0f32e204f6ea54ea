//! A mentor for one mentee: every mentor ranked, with the reasons; the proposal that is out; what came before.

use std::collections::HashMap;

use leptos::prelude::*;

use super::mentors::became;
use super::{button, names};
use crate::app::param;
use crate::clock::today;
use crate::counties::{self, County};
use crate::error::AppError;
use crate::form::Form;
use crate::id::{AccountId, EnrollmentId};
use crate::matching::State;
use crate::matching::score::{self, Exclusion, Points};
use crate::matching::store::{self, Match, MentorRow, Seeker};
use crate::people::{Coordinator, Interest, Way, viewer};
use crate::state;
use crate::ui::{DayOf, ErrorSummary, FormFor, Hidden, Page, TextArea};

/// What the page shows of one enrolment.
struct Loaded {
    seeker: Seeker,
    matches: Vec<Match>,
    mentors: Vec<MentorRow>,
}

async fn load(who: &Coordinator, id: EnrollmentId) -> Result<Loaded, AppError> {
    let mut tx = state().db.read().await?;
    let seeker = store::find_seeker(&mut tx, who, id).await?.ok_or(AppError::NotFound)?;
    let matches = store::list_of_enrollment(&mut tx, who, id).await?;
    let mentors = store::list_mentors(&mut tx, who).await?;
    Ok(Loaded { seeker, matches, mentors })
}

/// `/coordinator/enrollments/{enrollment}/match`.
pub async fn match_mentor() -> Result<Page, AppError> {
    let who = viewer().await?.coordinator()?;
    let id: EnrollmentId = param("enrollment")?;
    let propose = Form::open_for("propose-mentor", &[("enrollment", id.to_string())]).await?;
    let withdraw = Form::open("withdraw-proposal").await?;
    let end = Form::open("end-match").await?;
    let Loaded { seeker, matches, mentors } = load(&who, id).await?;
    let (mut live, earlier): (Vec<Match>, Vec<Match>) = matches.into_iter().partition(|one| one.state.is_live());
    let current = live.pop();
    let title = format!("A mentor for {}", seeker.name);
    let not_mentors = store::not_again(&earlier);
    let choosing = seeker.state.is_live() && current.is_none();
    let ranked = choosing.then(|| ranking(propose, &seeker, not_mentors, &mentors));
    let body = view! {
        <p class="eyebrow"><a href=format!("/coordinator/enrollments/{id}")>{seeker.name.clone()}</a></p>
        <h1>{title.clone()}</h1>
        <ErrorSummary form=propose />
        <ErrorSummary form=withdraw />
        {(!seeker.state.is_live()).then(|| view! { <p class="lede">"This enrollment has ended, so it needs no mentor."</p> })}
        {facts(&seeker)}
        {current.map(|current| present(current, withdraw, end))}
        {ranked}
        {(!earlier.is_empty()).then(|| before(earlier))}
    };
    Ok(Page::wide(title, body))
}

/// The mentee in two sentences: what the points below are about.
fn facts(seeker: &Seeker) -> impl IntoView + use<> {
    let interests = match seeker.interests.0.as_slice() {
        [] => String::new(),
        some => format!(" Interests: {}.", names(some, Interest::name).to_lowercase()),
    };
    view! {
        <p class="lede">{seeker.option_number.name()}", "{seeker.book.clone()}". In the program since "<DayOf at=seeker.started_at />"."</p>
        <p>{format!(
            "{} in {} County. Ways to talk: {}.{interests}",
            seeker.discipline.name(),
            counties::name(&seeker.county),
            names(&seeker.ways.0, Way::name).to_lowercase(),
        )}</p>
    }
}

fn present(current: Match, withdraw: Form, end: Form) -> AnyView {
    let late = current.answer_by < state().clock.now();
    let mentor = current.mentor.clone();
    let page = format!("/coordinator/mentors/{}", current.mentor_id);
    if current.state == State::Proposed {
        return view! {
            <section class="turn waiting" aria-labelledby="turn">
                <p class="turn-label">"Waiting for the mentor"</p>
                <h2 class="turn-title" id="turn"><a href=page>{mentor.clone()}</a>" is proposed"</h2>
                <p class="turn-meta">"Proposed "<DayOf at=current.proposed_at />", "{current.points}" points. "
                    {if late { "The answer was due " } else { "The answer is due " }}<DayOf at=current.answer_by />". "
                    {if late { "It can still come; withdraw the proposal to ask somebody else." } else { "Nothing to do until then." }}</p>
                {why(&current.reasons.0)}
                <div class="turn-actions">
                    {button(withdraw, &[("proposal", current.id.to_string())], "button quiet", "Withdraw the proposal", format!("to {mentor}"))}
                </div>
            </section>
        }
        .into_any();
    }
    let since = current.answered_at.unwrap_or(current.proposed_at);
    view! {
        <section class="turn done" aria-labelledby="turn">
            <p class="turn-label">"Matched"</p>
            <h2 class="turn-title" id="turn"><a href=page>{mentor.clone()}</a>" is the mentor"</h2>
            <p class="turn-meta">"Since "<DayOf at=since />", "{current.points}" points"{current.mark().map(|mark| format!(", {mark}"))}"."</p>
            {why(&current.reasons.0)}
        </section>
        <details open=!end.is_fresh()>
            <summary>{format!("{mentor} cannot go on")}</summary>
            <p>"Ending the pair keeps everything: chapters, sign-offs, the letter that was signed. Both are told that it has ended, not why. Then you propose another mentor here."</p>
            <FormFor form=end>
                <Hidden name="pair" value=current.id.to_string() />
                <TextArea form=end name="reason" label="Why the pair ends" rows=3 hint="Only coordinators read it." />
                <div class="actions"><button class="button danger quiet">"End this pair"</button></div>
            </FormFor>
        </details>
    }
    .into_any()
}

fn ranking(propose: Form, seeker: &Seeker, not_mentors: Vec<AccountId>, mentors: &[MentorRow]) -> impl IntoView + use<> {
    let offers: Vec<_> = mentors.iter().map(MentorRow::offer).collect();
    let ranking = score::rank(&seeker.request(not_mentors), &offers, today(state().clock.now()));
    let by_id: HashMap<AccountId, &MentorRow> = mentors.iter().map(|mentor| (mentor.id, mentor)).collect();
    let home = County::by_fips(&seeker.county);
    let count = ranking.fits.len();
    let rows = ranking
        .fits
        .iter()
        .enumerate()
        .filter_map(|(place, (id, points))| Some(row(propose, place == 0, seeker.enrollment_id, by_id.get(id)?, points, home)))
        .collect_view();
    let excluded = ranking.excluded.iter().filter_map(|(id, rules)| Some(left_out(by_id.get(id)?, rules))).collect_view();
    view! {
        {if count == 0 { nobody().into_any() } else { view! {
            <div class="table-wrap"><table class="ledger">
                <caption>"Mentors who can take this mentee "<small>"best first, at most 100 points"</small></caption>
                <thead><tr>
                    <th scope="col">"Mentor"</th>
                    <th scope="col" class="num">"Points"</th>
                    <th scope="col" class="num">"Miles"</th>
                    <th scope="col" class="grow">"Because"</th>
                    <th scope="col"><span class="visually-hidden">"Action"</span></th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table></div>
        }.into_any() }}
        {(!ranking.excluded.is_empty()).then(|| view! {
            <h2>"Cannot be proposed"</h2>
            <ul class="lines" role="list">{excluded}</ul>
        })}
    }
}

fn nobody() -> impl IntoView {
    view! {
        <div class="notice warn">
            <p>"No mentor can take this mentee now. The list below says what stands in the way of each; "
                <a href="/coordinator/mentors/new">"invite a mentor"</a>" if there is nobody."</p>
        </div>
    }
}

/// The best one's button stands out.
fn row(
    propose: Form,
    best: bool,
    enrollment: EnrollmentId,
    mentor: &MentorRow,
    points: &Points,
    home: Option<&'static County>,
) -> impl IntoView + use<> {
    let miles = score::miles(home, County::by_fips(&mentor.county));
    let fields = [("enrollment", enrollment.to_string()), ("mentor", mentor.id.to_string())];
    let class = if best { "button small" } else { "button quiet small" };
    view! {
        <tr>
            <th scope="row">
                <a href=format!("/coordinator/mentors/{}", mentor.id)>{mentor.name.clone()}</a>
                <small>{mentor.discipline.name()}", "{counties::name(&mentor.county).to_owned()}</small>
            </th>
            <td class="num" data-label="Points">{points.points}</td>
            <td class="num" data-label="Miles">{miles.map_or_else(|| "unknown".to_owned(), |miles| miles.to_string())}</td>
            <td data-label="Because">{why(&points.reasons)}</td>
            <td><div class="actions">{button(propose, &fields, class, "Propose", mentor.name.clone())}</div></td>
        </tr>
    }
}

fn why(reasons: &[score::Reason]) -> impl IntoView + use<> {
    let lines = reasons
        .iter()
        .map(|reason| view! { <li><span class="num">{format!("+{}", reason.points)}</span>" "{reason.text.clone()}</li> })
        .collect_view();
    view! { <ul class="reasons" role="list">{lines}</ul> }
}

fn left_out(mentor: &MentorRow, rules: &[Exclusion]) -> impl IntoView + use<> {
    let rules: Vec<&str> = rules.iter().map(|rule| rule.words()).collect();
    view! {
        <li>
            <span class="line-main"><a href=format!("/coordinator/mentors/{}", mentor.id)>{mentor.name.clone()}</a></span>
            <span class="line-meta">{rules.join("; ")}</span>
        </li>
    }
}

fn before(earlier: Vec<Match>) -> impl IntoView {
    let rows = earlier
        .into_iter()
        .map(|one| view! {
            <li>
                <span class="line-main"><a href=format!("/coordinator/mentors/{}", one.mentor_id)>{one.mentor.clone()}</a></span>
                <span class="line-meta">{became(&one)}</span>
            </li>
        })
        .collect_view();
    view! { <h2>"Before"</h2><ul class="lines" role="list">{rows}</ul> }
}

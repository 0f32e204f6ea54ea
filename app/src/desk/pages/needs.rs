//! "Needs you": one line for each owner of what waits, with the one useful action.

use std::collections::HashMap;

use leptos::prelude::*;

use super::Desk;
use crate::desk::store::Row;
use crate::desk::{Doing, Opened, Place, told, useful};
use crate::enrollments::pages::verb;
use crate::enrollments::{Owner, What};
use crate::id::{AccountId, EnrollmentId};
use crate::ui::{Age, DayOf};

type NextMentors = HashMap<EnrollmentId, (AccountId, String)>;

pub fn table(desk: &Desk, rows: &[Row], count: i64, next: &NextMentors) -> AnyView {
    if rows.is_empty() {
        return view! { <p class="lede">"Nothing needs you today."</p> }.into_any();
    }
    let rest = count - i64::try_from(rows.len()).unwrap_or(0);
    let rows = rows.iter().map(|one| row(desk, one, next)).collect_view();
    view! {
        <div class="table-wrap"><table class="ledger desk">
            <caption>{format!("Needs you ({count}) ")}<small>"what to decide first, then oldest first"</small></caption>
            <thead><tr>
                <th scope="col">"Waiting"</th><th scope="col" class="grow">"What"</th><th scope="col">"Who"</th>
                <th scope="col"><span class="visually-hidden">"Action"</span></th>
            </tr></thead>
            <tbody>{rows}</tbody>
        </table></div>
        {(rest > 0).then(|| view! { <p class="muted">{format!("{rest} more follow as these are done.")}</p> })}
    }
    .into_any()
}

fn row(desk: &Desk, one: &Row, next: &NextMentors) -> impl IntoView + use<> {
    let silent = one.owner != Owner::Coordinator && one.silent_at <= desk.now;
    let what = told(one.what, one.owner, silent);
    let page = format!("/coordinator/enrollments/{}", one.enrollment_id);
    // Silence is counted from the last sign of life, everything else from when it could have been done.
    let since = if what == "No sign of life" { one.clock_at } else { one.since };
    let decide = one.owner != Owner::Coordinator && one.decide_at <= desk.now;
    let late = one.due < desk.now || silent;
    let mentor = one.mentor.clone().map(|mentor| format!("→ {mentor}"));
    let panel = desk.panel(Place::Needs, one.enrollment_id, one.owner);
    view! {
        <tr data-open=panel.is_some().then_some("")>
            <td data-label="Waiting"><Age since late /></td>
            <td data-label="What"><span>
                {what}
                {decide.then(|| view! { " "<span class="tag" data-tone="late">"decide"</span> })}
                <small>{detail(one, silent)}</small>
            </span></td>
            <td data-label="Who"><span><a href=page>{one.mentee.clone()}</a><small>{mentor}</small></span></td>
            <td><div class="actions">{action(desk, one, next)}{more(desk, one)}</div></td>
        </tr>
        {panel.map(|panel| view! { <tr class="opened"><td colspan="4">{panel}</td></tr> })}
    }
}

/// Whom it waits for, since when they are silent, and how much else there is.
fn detail(one: &Row, silent: bool) -> impl IntoView + use<> {
    let name = match one.owner {
        Owner::Mentee => "mentee".to_owned(),
        Owner::Mentor => one.mentor.clone().unwrap_or_else(|| "mentor".to_owned()),
        Owner::Coordinator => one.option_number.name().to_owned(),
    };
    let chapter = (told(one.what, one.owner, silent) == "No sign of life").then(|| one.what.lacking().to_lowercase());
    let heard = silent.then(|| view! { ", last heard "<DayOf at=one.clock_at /> });
    let others = one.together - 1;
    view! {
        {name}{heard}
        {chapter.map(|chapter| format!(", {chapter}"))}
        {(others > 0).then(|| format!(", and {others} more"))}
    }
}

fn opened(one: &Row, doing: Doing) -> Opened {
    Opened { place: Place::Needs, enrollment: one.enrollment_id, owner: one.owner, doing }
}

/// The one useful action.
fn action(desk: &Desk, one: &Row, next: &NextMentors) -> AnyView {
    if let (Owner::Coordinator, Some(path)) = (one.owner, own_way(one)) {
        let label = format!("{}, {}", verb(one.what), one.mentee);
        return view! { <a class="button quiet small" href=path aria-label=label>{verb(one.what)}</a> }.into_any();
    }
    match (useful(one.what), next.get(&one.enrollment_id), one.match_id) {
        (Doing::Next, Some((mentor, name)), Some(proposal)) => {
            let fields = [("proposal", proposal.to_string()), ("mentor", mentor.to_string())];
            at_once(desk, one, Doing::Next, "/api/propose-next", format!("Propose next: {name}"), &fields)
        }
        (Doing::Next, ..) => {
            let path = format!("/coordinator/enrollments/{}/match", one.enrollment_id);
            let label = format!("Find another mentor, {}", one.mentee);
            view! { <a class="button quiet small" href=path aria-label=label>"Find another mentor"</a> }.into_any()
        }
        (Doing::Remind, ..) => {
            let fields = [("person", one.owner.to_string()), ("key", crate::id::SubmissionKey::new().to_string())];
            at_once(desk, one, Doing::Remind, "/api/remind-person", "Remind".into(), &fields)
        }
        (doing, ..) => desk.opener(opened(one, doing), doing.verb(), &one.mentee, false).into_any(),
    }
}

/// A button that does it at once. When it is refused, its row opens and says why.
fn at_once(
    desk: &Desk,
    one: &Row,
    doing: Doing,
    action: &'static str,
    words: String,
    fields: &[(&'static str, String)],
) -> AnyView {
    let from = desk.address(Some(opened(one, doing)));
    let fields =
        fields.iter().map(|(name, value)| view! { <input type="hidden" name=*name value=value.clone() /> }).collect_view();
    let label = format!("{words}, {}", one.mentee);
    view! {
        <form method="post" action=action>
            <input type="hidden" name="_for" value=desk.undo.whose() />
            <input type="hidden" name="_from" value=from.trim_end_matches("#open").to_owned() />
            <input type="hidden" name="enrollment" value=one.enrollment_id.to_string() />
            <input type="hidden" name="act" value=doing.to_string() />
            {fields}
            <button class="button quiet small" aria-label=label>{words}</button>
        </form>
    }
    .into_any()
}

/// Where the coordinator goes for what waits on the desk; nothing where it is done in place.
fn own_way(one: &Row) -> Option<String> {
    let id = one.enrollment_id;
    match one.what {
        What::ProposeMentor => Some(format!("/coordinator/enrollments/{id}/match")),
        What::LendBook | What::ShelveBook => Some(format!("/coordinator/enrollments/{id}/book")),
        What::ReceiveLetter => Some(format!("/coordinator/enrollments/{id}/letter")),
        What::ApproveQuestions => Some("/coordinator/questions".to_owned()),
        What::IssueCertificate => Some(format!("/coordinator/enrollments/{id}/certificate")),
        _ => None,
    }
}

fn more(desk: &Desk, one: &Row) -> impl IntoView + use<> {
    desk.opener(opened(one, Doing::More), "More", &one.mentee, true)
}

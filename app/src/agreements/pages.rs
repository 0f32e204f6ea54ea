//! The letter of agreement as the pair reads and signs it, and as the coordinator receives it.

use leptos::prelude::*;

use super::store::{self, Letter, Signature};
use super::text::to_html;
use super::{CONSENT, Signer, State, Way};
use crate::app::param;
use crate::clock;
use crate::enrollments::{self, Story};
use crate::error::AppError;
use crate::form::Form;
use crate::id::{AccountId, EnrollmentId};
use crate::people::{PairMember, viewer};
use crate::state;
use crate::ui::{Choice, ChoiceField, DayOf, FormFor, Hidden, Moment, Page, TextField, TickField, Trail};

/// Everything the pages of one enrolment's letter show.
struct Shown {
    story: Story,
    /// Not replaced; there is at most one.
    letter: Option<Letter>,
    earlier: Vec<Letter>,
    signatures: Vec<Signature>,
}

impl Shown {
    fn of(story: Story, letters: Vec<Letter>, signatures: Vec<Signature>) -> Self {
        let (mut live, earlier): (Vec<_>, Vec<_>) = letters.into_iter().partition(|letter| letter.state != State::Replaced);
        Self { story, letter: live.pop(), earlier, signatures }
    }

    fn signature(&self, letter: &Letter, signer: Signer) -> Option<&Signature> {
        self.signatures.iter().find(|signature| signature.letter_id == letter.id && signature.role == signer)
    }
}

/// The pair's page: read, sign, see what was signed.
pub async fn letter() -> Result<Page, AppError> {
    let enrollment: EnrollmentId = param("enrollment")?;
    let viewer = viewer().await?;
    let form = Form::open("sign-letter").await?;
    let mut tx = state().db.read().await?;
    let who = viewer.pair(&mut tx, enrollment).await?;
    let story = enrollments::store::find(&mut tx, enrollment).await?.ok_or(AppError::NotFound)?;
    let mut letters = store::list(&mut tx, enrollment).await?;
    let signatures = store::list_signatures(&mut tx, enrollment).await?;
    if who.mentor().is_ok() {
        // What an earlier mentor signed is theirs and the mentee's.
        letters.retain(|letter| Some(letter.match_id) == who.current_match());
    }
    let shown = Shown::of(story, letters, signatures);
    let (title, body) = match &shown.letter {
        Some(letter) => present(&shown, letter, &who, form),
        None => ("Letter of agreement", not_yet(&shown.story, &who).into_any()),
    };
    let signs = enrollments::signs(&shown.story);
    let body = view! {
        <div class="page-head">
            <div><p class="eyebrow">"Step 6 of 8"</p><h1>{title}</h1></div>
            <Trail signs compact=true />
        </div>
        {body}
    };
    Ok(Page::narrow(title, body))
}

fn not_yet(story: &Story, who: &PairMember) -> impl IntoView + use<> {
    let plan = format!("/enrollments/{}/plan", story.id);
    if story.letter_id.is_some() {
        return view! { <p class="lede">"The letter of this enrollment was signed with an earlier mentor. It stands, and there is nothing for you to sign."</p> }.into_any();
    }
    match (who.other(), story.planned_at) {
        (None, _) => view! { <p class="lede">"The letter comes once there are a mentor and a plan. Nothing to do until then."</p> }.into_any(),
        (Some(_), None) => view! {
            <p class="lede">"The letter is made from your plan: how often you meet, and how. Make the plan, and the letter is here to sign."</p>
            <p><a class="button" href=plan>"Make the plan"</a></p>
        }
        .into_any(),
        (Some(_), Some(_)) => view! {
            <p class="lede">"The letter is not made yet. Save the plan once more, and it is here to sign."</p>
            <p><a class="button" href=plan>"Open the plan"</a></p>
        }
        .into_any(),
    }
}

fn present(shown: &Shown, letter: &Letter, who: &PairMember, form: Form) -> (&'static str, AnyView) {
    let own = Signer::from(who.side());
    let other = if own == Signer::Mentee { Signer::Mentor } else { Signer::Mentee };
    let other_name = letter.person(other).1.to_owned();
    let (mine, theirs) = (shown.signature(letter, own), shown.signature(letter, other));
    let signable = letter.state == State::Open
        && mine.is_none()
        && Some(letter.match_id) == who.current_match()
        && shown.story.state.is_live();
    let title = match (letter.state, mine) {
        (State::Open, None) if signable => "Read, then sign",
        (State::Open, Some(_)) => "You have signed",
        (State::Signed, _) => "Both of you have signed",
        _ => "Letter of agreement",
    };
    let body = view! {
        {lede(letter, mine, theirs, other_name, signable)}
        {signed_before(shown, who.account(), signable)}
        {sheet(shown, letter)}
        {signable.then(|| sign_form(letter, form))}
        {ways_out(letter)}
        {evidence(shown, letter, Some(who.account()))}
        {earlier(&shown.earlier)}
    };
    (title, body.into_any())
}

fn lede(
    letter: &Letter,
    mine: Option<&Signature>,
    theirs: Option<&Signature>,
    other: String,
    signable: bool,
) -> impl IntoView + use<> {
    let day = |signature: &Signature| view! { <DayOf at=signature.signed_at /> };
    match (letter.state, mine, theirs) {
        (State::Received, _, _) => {
            let by = letter.received_by.clone().unwrap_or_else(|| "the coordinator".to_owned());
            view! { <p class="lede">{by}" received it"{letter.received_at.map(|at| view! { " on "<DayOf at /> })}". There is nothing more to do."</p> }.into_any()
        }
        (State::Signed, _, _) => {
            view! { <p class="lede">"The letter is with the coordinator, who receives it next. You are told when that is done."</p> }.into_any()
        }
        (_, Some(mine), _) => {
            view! { <p class="lede">"Waiting for "{other}" since "{day(mine)}". Once both have signed, the letter goes to the coordinator."</p> }.into_any()
        }
        (_, None, _) if !signable => view! { <p class="lede">"This letter is not open to sign: the pairing or the enrollment has ended."</p> }.into_any(),
        (_, None, Some(theirs)) => {
            view! { <p class="lede">{other}" signed on "{day(theirs)}". When you sign too, the letter goes to the coordinator."</p> }.into_any()
        }
        (_, None, None) => {
            view! { <p class="lede">"When both of you have signed, the letter goes to the coordinator. Studying need not wait for it."</p> }.into_any()
        }
    }
}

/// Why somebody who signed is asked again.
fn signed_before(shown: &Shown, account: AccountId, signable: bool) -> impl IntoView + use<> {
    let before = shown
        .signatures
        .iter()
        .rfind(|signature| {
            signature.account_id == account && shown.earlier.iter().any(|letter| letter.id == signature.letter_id)
        })
        .map(|signature| signature.signed_at);
    before.filter(|_| signable).map(|at| {
        view! { <div class="notice warn"><p>"You signed an earlier text on "<DayOf at />". It changed since, so both of you sign the new one."</p></div> }
    })
}

/// The text on its sheet, with the lines for the two signatures.
fn sheet(shown: &Shown, letter: &Letter) -> impl IntoView + use<> {
    view! {
        <article class="letter-text">
            <div class="letter-words" inner_html=to_html(&letter.text)></div>
            <div class="signatures">
                {line(letter, Signer::Mentee, shown.signature(letter, Signer::Mentee))}
                {line(letter, Signer::Mentor, shown.signature(letter, Signer::Mentor))}
            </div>
        </article>
    }
}

fn line(letter: &Letter, signer: Signer, signature: Option<&Signature>) -> impl IntoView + use<> {
    match signature {
        Some(signature) => {
            let (name, at) = (signature.typed_name.clone(), signature.signed_at);
            let when = match signature.way {
                Way::Electronic => view! { "signed "<Moment at /> }.into_any(),
                Way::Paper => view! { "signed by hand on "<DayOf at /> }.into_any(),
            };
            view! {
                <div class="signature" data-state="signed">
                    <span class="signature-name"><bdi>{name}</bdi></span>
                    <p>{signer.name()}", "{when}</p>
                </div>
            }
            .into_any()
        }
        None => view! {
            <div class="signature" data-state="open">
                <span class="signature-name"><span class="no-print">"not yet signed"</span></span>
                <p><bdi>{letter.person(signer).1.to_owned()}</bdi>", "{signer.word()}</p>
            </div>
        }
        .into_any(),
    }
}

fn sign_form(letter: &Letter, form: Form) -> impl IntoView + use<> {
    let plan = format!("/enrollments/{}/plan", letter.enrollment_id);
    let hidden = which(letter);
    view! {
        <div class="no-print">
            <FormFor form>
                {hidden}
                <fieldset>
                    <legend>"Your signature"</legend>
                    <TickField form name="consent" label=CONSENT />
                    <TextField form name="name" label="Type your full name" autocomplete="name" size="medium"
                        hint="It stands under the letter as you write it." />
                </fieldset>
                <div class="actions">
                    <button class="button">"Sign the letter"</button>
                    <a href=plan>"Change the plan first"</a>
                </div>
                <p class="hint">"If you would rather sign on paper: print the letter, both sign it, and send it to the coordinator."</p>
            </FormFor>
        </div>
    }
}

/// Which letter and which text a form is about.
fn which(letter: &Letter) -> impl IntoView + use<> {
    let (enrollment, id, hash) = (letter.enrollment_id.to_string(), letter.id.to_string(), letter.text_sha256.clone());
    view! {
        <Hidden name="enrollment" value=enrollment />
        <Hidden name="letter" value=id />
        <Hidden name="text_sha256" value=hash />
    }
}

fn pdf(letter: &Letter) -> String {
    format!("/letters/{}/letter.pdf", letter.id)
}

fn ways_out(letter: &Letter) -> impl IntoView + use<> {
    view! { <p class="no-print"><a href=pdf(letter)>"Letter as PDF"</a>", for printing or keeping."</p> }
}

/// What is kept of the letter and its signatures. Address and browser are shown to the signer, and to the coordinator
/// (`own` is `None`), who sees all.
fn evidence(shown: &Shown, letter: &Letter, own: Option<AccountId>) -> impl IntoView + use<> {
    let signatures: Vec<_> = shown.signatures.iter().filter(|signature| signature.letter_id == letter.id).cloned().collect();
    let rows = signatures
        .into_iter()
        .map(|signature| {
            let full = own.is_none_or(|account| account == signature.account_id);
            kept(signature, full)
        })
        .collect_view();
    let others = match own {
        Some(_) => {
            "You, the other of the pair and the coordinator see the letter, the names, times and fingerprints. Address and browser are seen by the signer and the coordinator. The server's operator or the law could reach all of it."
        }
        None => "The pair sees the letter, the names, times and fingerprints; each sees only their own address and browser.",
    };
    view! {
        <details open=own.is_none()>
            <summary>"What is kept"</summary>
            <p>"The exact text above, since "<Moment at=letter.made_at />", with its fingerprint (SHA-256). Any change of the text would give another one."</p>
            <p class="hash">{letter.text_sha256.clone()}</p>
            {rows}
            <p class="muted small">"This states what happened. It claims no legal effect."</p>
            <p class="muted small">{others}</p>
        </details>
    }
}

fn kept(signature: Signature, full: bool) -> impl IntoView {
    let when = signature.when();
    let row = |term: &'static str, value: Option<String>| {
        value.filter(|value| !value.is_empty()).map(|value| view! { <div><dt>{term}</dt><dd><bdi>{value}</bdi></dd></div> })
    };
    view! {
        <h3>{signature.role.name()}"’s signature"</h3>
        <dl class="facts">
            {row("Account", Some(signature.account))}
            {row("Name as typed", Some(signature.typed_name))}
            {row("Agreed to", Some(signature.consent))}
            {row("When", Some(when))}
            {row("Entered by", signature.entered_by)}
            {row("Address", signature.address.filter(|_| full))}
            {row("Browser", signature.browser.filter(|_| full))}
            <div><dt>"Text signed"</dt><dd class="hash">{signature.text_sha256}</dd></div>
        </dl>
    }
}

fn earlier(letters: &[Letter]) -> impl IntoView + use<> {
    let rows = letters
        .iter()
        .map(|letter| {
            let (href, at) = (pdf(letter), letter.made_at);
            view! { <li><span class="line-main"><a href=href>"Text of "<DayOf at /></a></span><span class="line-meta">"replaced before both had signed"</span></li> }
        })
        .collect_view();
    (!letters.is_empty()).then(|| view! { <details><summary>"Earlier texts"</summary><ul class="lines">{rows}</ul></details> })
}

/// The coordinator's page: the letter, its signatures with all evidence, receiving, and the paper path.
pub async fn coordinator_letter() -> Result<Page, AppError> {
    let enrollment: EnrollmentId = param("enrollment")?;
    viewer().await?.coordinator()?;
    let form = Form::open("enter-paper-signature").await?;
    let mut tx = state().db.read().await?;
    let story = enrollments::store::find(&mut tx, enrollment).await?.ok_or(AppError::NotFound)?;
    let letters = store::list(&mut tx, enrollment).await?;
    let signatures = store::list_signatures(&mut tx, enrollment).await?;
    let shown = Shown::of(story, letters, signatures);
    let title = format!("Letter of {}", shown.story.mentee);
    let back = format!("/coordinator/enrollments/{enrollment}");
    let mentee = shown.story.mentee.clone();
    let body = match &shown.letter {
        Some(letter) => desk(&shown, letter, form).into_any(),
        None => view! {
            <p class="lede">"There is no letter yet. It is made by itself once a mentor has accepted and the pair has a plan."</p>
            {earlier(&shown.earlier)}
        }
        .into_any(),
    };
    let body = view! {
        <ol class="crumbs"><li><a href="/coordinator/enrollments">"Enrollments"</a></li><li><a href=back>{mentee}</a></li></ol>
        <h1>{title.clone()}</h1>
        {body}
    };
    Ok(Page::narrow(title, body))
}

fn desk(shown: &Shown, letter: &Letter, form: Form) -> impl IntoView + use<> {
    let missing: Vec<Signer> =
        Signer::ALL.iter().copied().filter(|signer| shown.signature(letter, *signer).is_none()).collect();
    let paper = (letter.state == State::Open && shown.story.state.is_live()).then(|| paper_form(letter, &missing, form));
    view! {
        {standing(letter, &missing)}
        {sheet(shown, letter)}
        {paper}
        {ways_out(letter)}
        {evidence(shown, letter, None)}
        {earlier(&shown.earlier)}
    }
}

/// Where the letter stands, with the one thing to do.
fn standing(letter: &Letter, missing: &[Signer]) -> impl IntoView + use<> {
    match letter.state {
        State::Signed => {
            let (mentee, mentor, hidden) = (letter.mentee.clone(), letter.mentor.clone(), which(letter));
            view! {
                <section class="turn" aria-labelledby="turn">
                    <p class="turn-label">"Your turn"</p>
                    <h2 class="turn-title" id="turn">"Receive the letter"</h2>
                    <p class="turn-meta">{mentee}" and "{mentor}" have both signed. Both are told when you receive it."</p>
                    <form class="turn-actions" method="post" action="/api/receive-letter">
                        {hidden}
                        <button class="button">"Receive"</button>
                    </form>
                </section>
            }
            .into_any()
        }
        State::Received => {
            let by = letter.received_by.clone().unwrap_or_default();
            view! { <p class="lede">"Received"{letter.received_at.map(|at| view! { " on "<DayOf at /> })}" by "{by}"."</p> }
                .into_any()
        }
        State::Open | State::Replaced => {
            let names: Vec<String> = missing.iter().map(|signer| letter.person(*signer).1.to_owned()).collect();
            view! { <p class="lede">"Waiting for "{names.join(" and ")}" to sign, since "<DayOf at=letter.made_at />"."</p> }
                .into_any()
        }
    }
}

fn paper_form(letter: &Letter, missing: &[Signer], form: Form) -> impl IntoView + use<> {
    let hidden = which(letter);
    let choices: Vec<Choice> =
        missing.iter().map(|signer| (signer.to_string(), format!("{}, {}", letter.person(*signer).1, signer.word()))).collect();
    let chosen: Vec<String> = match missing {
        [only] => vec![only.to_string()],
        _ => Vec::new(),
    };
    let today = clock::today(state().clock.now()).to_string();
    // Open when it comes back with something to mend.
    view! {
        <details class="no-print" open=!form.is_fresh()>
            <summary>"Enter a signature made on paper"</summary>
            <FormFor form>
                {hidden}
                <ChoiceField form name="role" legend="Whose signature" choices value=chosen />
                <TextField form name="name" label="Name as it stands on the paper" size="medium" />
                <TextField form name="signed_on" label="Day of the signature" kind="date" size="short" value=today />
                <TickField form name="same_text" label="I have compared the paper with the text above: it is the same." />
                <div class="actions"><button class="button quiet">"Enter the signature"</button></div>
                <p class="hint">"It is marked as entered by you. Keep the paper."</p>
            </FormFor>
        </details>
    }
}

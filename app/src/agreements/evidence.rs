//! What a letter proves: who may read it, its printed form, and whether text and hashes still agree. Separate because it
//! only reads.

use super::store::{Signature, find, list_signatures};
use super::text::{fingerprint, title};
use super::{Paper, PaperSignature, Signer};
use crate::clock;
use crate::db::{Queryable, fetch_all, fetch_optional};
use crate::error::AppError;
use crate::id::{LetterId, SignatureId};
use crate::people::{Role, Viewer};

/// Whether somebody may read a letter and its PDF: its mentee, a mentor who signed it or is matched by it now, a
/// coordinator. Anyone else learns nothing, not even that there is one.
pub async fn who_may_read(tx: &mut impl Queryable, viewer: &Viewer, id: LetterId) -> Result<(), AppError> {
    let theirs = fetch_optional!(
        tx,
        (i32,),
        "SELECT 1 FROM letter l
         JOIN enrollment e ON e.id = l.enrollment_id
         JOIN mentor_match m ON m.id = l.match_id
         WHERE l.id = $1 AND (e.mentee_id = $2 OR (m.mentor_id = $2 AND m.state = 'accepted')
            OR EXISTS (SELECT 1 FROM signature s WHERE s.letter_id = l.id AND s.account_id = $2))",
        id,
        viewer.id
    )?;
    if theirs.is_some() || viewer.holds(Role::Coordinator) { Ok(()) } else { Err(AppError::NotFound) }
}

/// A letter as it is printed. Ask [`who_may_read`] first.
pub async fn paper(tx: &mut impl Queryable, id: LetterId) -> Result<Option<Paper>, sqlx::Error> {
    let Some(letter) = find(tx, id).await? else { return Ok(None) };
    let signatures = list_signatures(tx, letter.enrollment_id).await?;
    let line = |role: Signer| {
        let found = signatures.iter().find(|signature| signature.letter_id == id && signature.role == role);
        PaperSignature {
            role: role.name().to_owned(),
            name: found.map_or(letter.person(role).1, |signature| &signature.typed_name).to_owned(),
            signed_at: found.map(Signature::when).unwrap_or_default(),
            text_sha256: found.map(|signature| signature.text_sha256.clone()).unwrap_or_default(),
        }
    };
    Ok(Some(Paper {
        title: title(&letter.text),
        made_on: clock::today(letter.made_at),
        signatures: vec![line(Signer::Mentee), line(Signer::Mentor)],
        received: letter.received_at.map(|at| {
            let day = clock::say_full_date(clock::today(at));
            format!("{day}, by {}", letter.received_by.as_deref().unwrap_or("the coordinator"))
        }),
        text: letter.text,
        text_sha256: letter.text_sha256,
    }))
}

/// Every letter whose text does not match its hash, and every signature whose hash is not its letter's: one sentence
/// each, nothing when all is well.
pub async fn verify_hashes(tx: &mut impl Queryable) -> Result<Vec<String>, sqlx::Error> {
    let mut wrong = Vec::new();
    let mut last = LetterId(uuid::Uuid::nil());
    loop {
        let rows = fetch_all!(
            tx,
            (LetterId, String, String),
            "SELECT id, text, text_sha256 FROM letter WHERE id > $1 ORDER BY id LIMIT 1000",
            last
        )?;
        let Some((newest, _, _)) = rows.last() else { break };
        last = *newest;
        wrong.extend(
            rows.iter()
                .filter(|(_, text, hash)| fingerprint(text) != *hash)
                .map(|(id, _, _)| format!("letter {id} does not match its hash")),
        );
    }
    let signatures = fetch_all!(
        tx,
        (SignatureId, LetterId),
        "SELECT s.id, l.id FROM signature s JOIN letter l ON l.id = s.letter_id WHERE s.text_sha256 <> l.text_sha256 ORDER BY s.id"
    )?;
    wrong.extend(signatures.into_iter().map(|(id, letter)| format!("signature {id} is for another text than letter {letter}")));
    let short = fetch_all!(
        tx,
        (LetterId,),
        "SELECT l.id FROM letter l WHERE l.state IN ('signed', 'received')
         AND (SELECT COUNT(*) FROM signature s WHERE s.letter_id = l.id) < 2 ORDER BY l.id"
    )?;
    wrong.extend(short.into_iter().map(|(id,)| format!("letter {id} counts as signed but lacks a signature")));
    Ok(wrong)
}

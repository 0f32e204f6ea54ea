//! `qdei check`: whether the record still holds. Separate because it only reads, and because it is what an operator
//! runs after a restore or a crash.

use anyhow::bail;
use app::State;
use app::db::{ReadTx, fetch_all, fetch_one};
use app::id::EnrollmentId;

/// Walks everything that can be verified and names what does not hold.
pub async fn run(state: &State, head: Option<&str>) -> anyhow::Result<()> {
    let mut tx = state.db.read().await?;
    let mut problems = Vec::new();
    match app::audit::store::verify(&mut tx, &state.audit_key).await? {
        Ok(events) => println!("{events} events, each chained to the one before"),
        Err(broken) => problems.push(broken.to_string()),
    }
    problems.extend(head_problem(&mut tx, head).await?);
    problems.extend(app::agreements::store::verify_hashes(&mut tx).await?);
    problems.extend(app::certificates::store::verify_hashes(&mut tx).await?);
    problems.extend(invariants(&mut tx).await?);
    let now = app::audit::store::head(&mut tx).await?;
    println!("head: {}:{}", now.seq, now.mac);
    if problems.is_empty() {
        println!("Everything holds.");
        return Ok(());
    }
    for problem in &problems {
        println!("! {problem}");
    }
    bail!("{} found that do not hold", problems.len())
}

/// An earlier head must still stand in the chain.
async fn head_problem(tx: &mut ReadTx, head: Option<&str>) -> anyhow::Result<Option<String>> {
    let Some(head) = head else { return Ok(None) };
    let Some((seq, mac)) = head.split_once(':').and_then(|(seq, mac)| Some((seq.parse::<i64>().ok()?, mac))) else {
        bail!("--head must read NUMBER:HASH, as an earlier check printed it")
    };
    let rows = fetch_all!(tx, (Vec<u8>,), "SELECT mac FROM audit WHERE seq = $1", seq)?;
    let stands = seq == 0 || rows.first().is_some_and(|(found,)| app::hex(found) == mac);
    Ok((!stands).then(|| format!("the chain does not contain the head {seq}: its end was cut off or changed")))
}

/// What no page may ever leave behind.
async fn invariants(tx: &mut ReadTx) -> anyhow::Result<Vec<String>> {
    let mut problems = Vec::new();
    let rows = fetch_all!(
        tx,
        (EnrollmentId,),
        "SELECT e.id FROM enrollment e WHERE (e.state = 'completed' AND e.completed_before = FALSE) <>
            EXISTS (SELECT 1 FROM certificate c WHERE c.enrollment_id = e.id)"
    )?;
    problems.extend(rows.iter().map(|(id,)| format!("enrollment {id}: completed without a certificate, or the reverse")));
    let rows = fetch_all!(
        tx,
        (EnrollmentId,),
        "SELECT m.enrollment_id FROM mentor_match m JOIN enrollment e ON e.id = m.enrollment_id
         WHERE (e.state = 'withdrawn' AND m.state IN ('proposed', 'accepted')) OR (e.state = 'completed' AND m.state = 'proposed')"
    )?;
    problems
        .extend(rows.iter().map(|(id,)| format!("enrollment {id}: it has ended, and a mentor's place is still taken by it")));
    let rows = fetch_all!(
        tx,
        (EnrollmentId,),
        "SELECT e.id FROM enrollment e WHERE (e.state = 'paused' AND e.paused_until IS NOT NULL) <>
            EXISTS (SELECT 1 FROM pause p WHERE p.enrollment_id = e.id AND p.ended_at IS NULL)"
    )?;
    problems.extend(rows.iter().map(|(id,)| format!("enrollment {id}: paused without an open leave, or the reverse")));
    let rows = fetch_all!(
        tx,
        (EnrollmentId,),
        "SELECT e.id FROM enrollment e WHERE (e.state = 'withdrawn') <> (e.end_kind IS NOT NULL)"
    )?;
    problems.extend(rows.iter().map(|(id,)| format!("enrollment {id}: withdrawn without a word how, or the reverse")));
    // A certificate on paper belongs to what an import brought from before, and to nothing else.
    let rows = fetch_all!(
        tx,
        (EnrollmentId,),
        "SELECT e.id FROM enrollment e WHERE e.completed_before = TRUE AND (e.state <> 'completed' OR e.imported_id IS NULL)"
    )?;
    problems
        .extend(rows.iter().map(|(id,)| format!("enrollment {id}: completed before, and yet not completed or not imported")));
    let (kept,) = fetch_one!(tx, (i64,), "SELECT COUNT(*) FROM loan WHERE returned_at IS NOT NULL AND address IS NOT NULL")?;
    if kept > 0 {
        problems.push(format!("{kept} addresses kept after the book is back"));
    }
    Ok(problems)
}

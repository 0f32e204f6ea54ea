//! Printing certificates, and filling in the demo program: work that is not a page. Separate because nobody waits for it
//! in a browser.

use std::time::{Duration, Instant};

use app::Press;
use app::certificates::Facts;
use chrono::NaiveDate;
use server::press::TypstPress;

use crate::measure::{cpu_each, resident, wall};
use crate::site::Site;
use crate::table::{Amount, Row};

/// Certificates in one go.
const MANY: u64 = 100;

pub async fn rows(site: &Site) -> anyhow::Result<Vec<Row>> {
    let press = TypstPress::default();
    let start = Instant::now();
    press.certificate(&facts(&site.state.base_url, 0))?;
    let first = start.elapsed();
    let mut number = 0;
    let warm = cpu_each(20, async || {
        number += 1;
        press.certificate(&facts(&site.state.base_url, number))?;
        Ok(())
    })
    .await?;
    let before = resident(std::process::id());
    let many = print_many(&press, &site.state.base_url)?;
    let grown = resident(std::process::id()).zip(before).map(|(after, before)| after.saturating_sub(before));
    let mut rows = vec![
        Row::new("The first certificate, wall", Amount::Time(first)),
        Row::new("A certificate, warm", Amount::Time(warm)).within(Amount::Time(Duration::from_millis(5))),
        Row::new(format!("{MANY} certificates on all processors, wall"), Amount::Time(many))
            .within(Amount::Time(Duration::from_millis(500))),
    ];
    rows.extend(grown.map(|bytes| Row::new("Memory that they added", Amount::Bytes(bytes))));
    Ok(rows)
}

fn print_many(press: &TypstPress, base: &str) -> anyhow::Result<Duration> {
    let threads = std::thread::available_parallelism().map_or(1, |count| count.get() as u64);
    let start = Instant::now();
    std::thread::scope(|scope| {
        let printing: Vec<_> = (0..threads)
            .map(|thread| {
                scope.spawn(move || {
                    (1000..1000 + MANY)
                        .filter(|number| number % threads == thread)
                        .try_for_each(|number| press.certificate(&facts(base, number)).map(|_| ()))
                })
            })
            .collect();
        printing
            .into_iter()
            .try_for_each(|one| one.join().map_err(|_| anyhow::anyhow!("printing stopped"))?.map_err(anyhow::Error::from))
    })?;
    Ok(start.elapsed())
}

/// A certificate that nobody has had before: no two are the same, so that nothing is found printed already.
fn facts(base: &str, number: u64) -> Facts {
    Facts {
        number: format!("QDEI-2024-{number:04}"),
        name: format!("Pat {number} Person"),
        option: "Option 1: an overview of diabetes care and education".to_owned(),
        book: "Complete Guide to Diabetes".to_owned(),
        mentor: "Ruth Example".to_owned(),
        issuer: "A Coordinator".to_owned(),
        program: "Quality Diabetes Education Initiative".to_owned(),
        wording: app::settings::Settings::default().certificate_wording,
        issued_on: NaiveDate::default(),
        verify_url: format!("{base}/verify/QDEI-2024-{number:04}/0123456789abcdef"),
    }
}

/// How long the demo program takes to be filled in.
pub async fn demo() -> anyhow::Result<Row> {
    let folder = crate::folder()?;
    let site = Site::open(folder.path()).await?;
    let (time, filled) = wall(server::demo::fill(&site.state)).await?;
    site.state.db.close().await;
    let what = if filled { "Filling in the demo program, wall" } else { "Filling in the demo program (there is none)" };
    Ok(Row::new(what, Amount::Time(time)))
}

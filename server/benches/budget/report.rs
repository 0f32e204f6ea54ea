//! The year report over five thousand enrollments, as a page and as files. Separate because it is the one page that looks
//! at everybody.

use std::time::Duration;

use anyhow::ensure;
use axum::http::StatusCode;

use crate::measure::cpu_each_in_time;
use crate::people;
use crate::scale::LARGE;
use crate::site::{Site, Visitor};
use crate::table::{Amount, Row};

/// Days in which every enrollment of the bench started.
const ALL: &str = "from=2000-01-01&to=2199-12-31";

pub async fn rows() -> anyhow::Result<Vec<Row>> {
    let folder = crate::folder()?;
    let site = Site::open(folder.path()).await?;
    people::fill(&site.state, LARGE).await?;
    let coordinator = site.signed_in("coordinator0").await?;
    let page = measure(&coordinator, &format!("/coordinator/reports?{ALL}")).await?;
    let mut rows = vec![
        Row::new(format!("Year report, {LARGE} enrollments"), Amount::Time(page))
            .within(Amount::Time(Duration::from_millis(200))),
    ];
    for kind in ["csv", "xlsx", "pdf"] {
        let time = measure(&coordinator, &format!("/coordinator/reports/report.{kind}?{ALL}")).await?;
        rows.push(Row::new(format!("The same as {}", kind.to_uppercase()), Amount::Time(time)));
    }
    site.state.db.close().await;
    Ok(rows)
}

async fn measure(coordinator: &Visitor, path: &str) -> anyhow::Result<Duration> {
    cpu_each_in_time(async || {
        let answer = coordinator.open(path).await?;
        ensure!(answer.status == StatusCode::OK, "{path}: {}", answer.status);
        Ok(())
    })
    .await
}

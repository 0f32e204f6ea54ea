//! Counts for the operator in Prometheus' text form; separate because no page needs them. Each copy counts for itself.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;

use app::State;
use axum::body::Body;
use axum::extract::Request;
use axum::http::Response;
use axum::middleware::Next;

/// Upper ends of the histogram's buckets, in seconds.
const BUCKETS: [f64; 6] = [0.001, 0.005, 0.02, 0.1, 0.5, 2.0];

static BY_CLASS: [AtomicU64; 5] = [const { AtomicU64::new(0) }; 5];
static BY_TIME: [AtomicU64; BUCKETS.len() + 1] = [const { AtomicU64::new(0) }; BUCKETS.len() + 1];
static MICROSECONDS: AtomicU64 = AtomicU64::new(0);

/// Counts one request by its status and how long it took.
pub async fn count(request: Request, next: Next) -> Response<Body> {
    let start = Instant::now();
    let response = next.run(request).await;
    let took = start.elapsed();
    let class = usize::from(response.status().as_u16() / 100).saturating_sub(1).min(4);
    BY_CLASS[class].fetch_add(1, Relaxed);
    let bucket = BUCKETS.iter().position(|most| took.as_secs_f64() <= *most).unwrap_or(BUCKETS.len());
    BY_TIME[bucket].fetch_add(1, Relaxed);
    MICROSECONDS.fetch_add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), Relaxed);
    response
}

/// All counts, with the outbox as it stands now.
pub async fn text(state: &State) -> String {
    let mut lines = vec!["# TYPE qdei_requests_total counter".to_owned()];
    for (index, count) in BY_CLASS.iter().enumerate() {
        lines.push(format!("qdei_requests_total{{status=\"{}xx\"}} {}", index + 1, count.load(Relaxed)));
    }
    lines.push("# TYPE qdei_request_seconds histogram".to_owned());
    let mut sum = 0;
    for (index, count) in BY_TIME.iter().enumerate() {
        sum += count.load(Relaxed);
        let most = BUCKETS.get(index).map_or_else(|| "+Inf".to_owned(), ToString::to_string);
        lines.push(format!("qdei_request_seconds_bucket{{le=\"{most}\"}} {sum}"));
    }
    lines.push(format!(
        "qdei_request_seconds_sum {}.{:06}",
        MICROSECONDS.load(Relaxed) / 1_000_000,
        MICROSECONDS.load(Relaxed) % 1_000_000
    ));
    lines.push(format!("qdei_request_seconds_count {sum}"));
    lines.push("# TYPE qdei_mail gauge".to_owned());
    if let Ok(mut tx) = state.db.read().await {
        for (kind, count) in app::mail::store::counts(&mut tx).await.unwrap_or_default() {
            lines.push(format!("qdei_mail{{state=\"{kind}\"}} {count}"));
        }
    }
    lines.push(String::new());
    lines.join("\n")
}

//! Taking the measure: processor time, time on the wall, memory. Separate because every row must be measured the same
//! way as the bare answer it is compared with.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// Rounds of a measurement; the median counts, so that a disturbed one does not.
const ROUNDS: usize = 5;

/// The processor time of this process so far, all its threads together: the database's threads count too.
fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// The middle one.
pub fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// The time below which so many of a hundred lie.
pub fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    sorted.get((sorted.len() * percent / 100).min(sorted.len().saturating_sub(1))).copied().unwrap_or_default()
}

/// Processor time of one call: after as many to warm up, the median of five rounds of `count`.
pub async fn cpu_each(count: u32, mut call: impl AsyncFnMut() -> anyhow::Result<()>) -> anyhow::Result<Duration> {
    for _ in 0..count {
        call().await?;
    }
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let start = cpu();
        for _ in 0..count {
            call().await?;
        }
        times.push((cpu() - start) / count);
    }
    Ok(median(times))
}

/// The same with as many calls as fit into a tenth of a second, for what may be slow: at least three.
pub async fn cpu_each_in_time(mut call: impl AsyncFnMut() -> anyhow::Result<()>) -> anyhow::Result<Duration> {
    call().await?;
    let start = Instant::now();
    call().await?;
    let took = start.elapsed().max(Duration::from_micros(20));
    let count = (Duration::from_millis(100).as_nanos() / took.as_nanos()).clamp(3, 200);
    cpu_each(u32::try_from(count).unwrap_or(3), call).await
}

/// The time on the wall of one piece of work.
pub async fn wall<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<(Duration, T)> {
    let start = Instant::now();
    let done = work.await?;
    Ok((start.elapsed(), done))
}

/// The memory of a process that is really there, in bytes; `None` where the system does not say.
pub fn resident(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kilobytes * 1024)
}

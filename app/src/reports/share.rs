//! Shares with what they leave open, and medians. Separate because every section counts and none should reckon for itself.

/// Two-sided 95% of a normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// From where to where a share may truly lie.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    pub low: f64,
    pub high: f64,
}

/// The share of `part` in `of`; `None` when there is nothing to have a part in.
pub fn share(part: u32, of: u32) -> Option<f64> {
    (of > 0).then(|| f64::from(part.min(of)) / f64::from(of))
}

/// The 95% interval of a share by Wilson, which stays within 0 and 1 and holds for small groups and for shares of 0 and 1
/// (E. B. Wilson, J Am Stat Assoc 1927;22:209-12).
pub fn wilson(part: u32, of: u32) -> Option<Interval> {
    let p = share(part, of)?;
    let n = f64::from(of);
    let scale = 1.0 + Z * Z / n;
    let middle = (p + Z * Z / (2.0 * n)) / scale;
    let half = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt() / scale;
    // Rounding must not push the share itself out of its interval.
    Some(Interval { low: (middle - half).clamp(0.0, p), high: (middle + half).clamp(p, 1.0) })
}

/// The middle of some days: of an even number, halfway between the two in the middle.
pub fn median(mut days: Vec<i64>) -> Option<f64> {
    days.sort_unstable();
    let real = |at: usize| days.get(at).and_then(|day| i32::try_from(*day).ok()).map(f64::from);
    let half = days.len() / 2;
    match days.len() {
        0 => None,
        odd if odd % 2 == 1 => real(half),
        _ => Some(f64::midpoint(real(half - 1)?, real(half)?)),
    }
}

use std::fmt;
use std::time::{Duration, Instant};

use serde::Serialize;

/// Ours and the other take turns, so that whatever else the machine does meets both.
pub const RUNS: usize = 7;

/// One row of a table.
#[derive(Debug, Serialize)]
pub struct Case {
    pub case: String,
    pub ours: f64,
    pub beside: f64,
    pub beside_name: String,
    /// Ours by the other, in the unit.
    pub ratio: f64,
    pub unit: String,
    pub runs: usize,
}

impl Case {
    /// From the times of both, in turns; `work` is how many pieces of work each run did, and the unit is their rate.
    pub fn rates(case: &str, beside_name: &str, unit: &str, work: usize, times: &[(Duration, Duration)]) -> Self {
        let rate = |time: Duration| work as f64 / time.as_secs_f64();
        let both: Vec<_> = times.iter().map(|(ours, beside)| (rate(*ours), rate(*beside))).collect();
        Self::of(case, beside_name, unit, &both)
    }

    /// From the times of both, in turns, in microseconds for one piece of work.
    pub fn micros(case: &str, beside_name: &str, work: usize, times: &[(Duration, Duration)]) -> Self {
        let each = |time: Duration| time.as_secs_f64() * 1e6 / work as f64;
        let both: Vec<_> = times.iter().map(|(ours, beside)| (each(*ours), each(*beside))).collect();
        Self::of(case, beside_name, "microseconds", &both)
    }

    /// From what was measured of both, in turns.
    pub fn of(case: &str, beside_name: &str, unit: &str, both: &[(f64, f64)]) -> Self {
        let (ours, beside) = (median(both.iter().map(|b| b.0)), median(both.iter().map(|b| b.1)));
        let ratio = ours / beside;
        let (case, beside_name, unit) = (case.to_owned(), beside_name.to_owned(), unit.to_owned());
        Self { case, ours, beside, beside_name, ratio, unit, runs: both.len() }
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { case, ours, beside, beside_name, ratio, unit, runs } = self;
        write!(f, "{case:<24} {ours:>14.1} {unit}, {beside:.1} by {beside_name}: {ratio:.2} (median of {runs})")
    }
}

/// How long the processor works on a piece of work that waits for nothing: what other programs take of it does not count.
pub fn time<T>(work: impl FnOnce() -> T) -> Duration {
    let (start, before) = (Instant::now(), given());
    std::hint::black_box(work());
    let elapsed = start.elapsed();
    before.and_then(|before| given()?.checked_sub(before)).unwrap_or(elapsed)
}

/// What the processor gave this thread so far; nothing on systems that do not count it.
fn given() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(Duration::from_nanos(text.split(' ').next()?.parse().ok()?))
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_of_medians() {
        let times = [(1, 4), (100, 2), (2, 2)].map(|(a, b)| (Duration::from_secs(a), Duration::from_secs(b)));
        let case = Case::rates("x", "y", "a second", 8, &times);
        assert_eq!((case.ours, case.beside, case.ratio, case.runs), (4.0, 4.0, 1.0, 3));
        assert_eq!(Case::micros("x", "y", 2, &times).ours, 1e6);
    }
}

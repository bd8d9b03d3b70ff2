use std::fmt;

use serde::Serialize;

/// One row of a table, as `tests/bench` has them.
#[derive(Debug, Serialize)]
pub struct Case {
    case: String,
    ours: f64,
    beside: f64,
    beside_name: String,
    ratio: f64,
    unit: String,
    runs: usize,
}

impl Case {
    /// From what was measured of both, in turns: medians and their ratio.
    pub fn of(case: &str, beside_name: &str, unit: &str, both: &[(f64, f64)]) -> Self {
        let (ours, beside) = (median(both.iter().map(|b| b.0)), median(both.iter().map(|b| b.1)));
        let (case, beside_name, unit) = (case.to_owned(), beside_name.to_owned(), unit.to_owned());
        Self { case, ours, beside, beside_name, ratio: ours / beside, unit, runs: both.len() }
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { case, ours, beside, beside_name, ratio, unit, runs } = self;
        write!(f, "{case:<24} {ours:>10.1} {unit}, {beside:.1} by {beside_name}: {ratio:.2} (median of {runs})")
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

#[cfg(test)]
mod tests {
    use super::Case;

    #[test]
    fn a_ratio_is_of_medians() {
        let case = Case::of("start/empty", "y", "ms", &[(30.0, 2.0), (10.0, 100.0), (20.0, 5.0)]);
        assert_eq!(case.to_string(), "start/empty                    20.0 ms, 5.0 by y: 4.00 (median of 3)");
    }
}

//! What each application came to: a line on the terminal and a file of its own.

use serde::Deserialize;

/// So much of every picture has to look alike.
const GOAL: f64 = 98.0;
/// What the recorder may add to the time of a load.
const GOAL_LOAD: f64 = 5.0;

/// A moment of a Session of two hours is there within this, in milliseconds.
const GOAL_SEEK: f64 = 400.0;

/// Of one Session of two hours.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Seek {
    name: String,
    events: u64,
    median_ms: f64,
    slowest_ms: f64,
}

impl Seek {
    pub fn is_good(&self) -> bool {
        self.median_ms < GOAL_SEEK
    }

    pub fn print(&self) {
        let Self { name, events, median_ms, slowest_ms } = self;
        println!("seek in two hours, {name}: {events} events, median {median_ms:.0} ms, slowest {slowest_ms:.0} ms");
    }
}

/// As the browser's part left it in `target/replay/NAME.json`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    app: String,
    moments: Vec<Moment>,
    kib_a_minute: f64,
    kib_a_minute_zipped: f64,
    loads: Option<Loads>,
    /// What replay says that it could not see.
    unseen: Vec<String>,
    /// What reached out while it was replayed.
    asked: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Moment {
    name: String,
    /// Of what was not masked, in percent.
    same: f64,
    /// Of everything.
    same_with_masked: f64,
    masked: f64,
}

/// Medians in milliseconds.
#[derive(Debug, Deserialize)]
struct Loads {
    with: f64,
    without: f64,
}

impl Report {
    pub fn name(&self) -> &'static str {
        super::App::all().into_iter().map(super::App::name).find(|name| *name == self.app).unwrap_or("?")
    }

    pub fn unseen(&self) -> &[String] {
        &self.unseen
    }

    pub fn is_good(&self) -> bool {
        !self.moments.is_empty() && self.asked.is_empty() && self.moments.iter().all(|moment| moment.same >= GOAL)
    }
}

impl Loads {
    fn cost(&self) -> f64 {
        (self.with / self.without - 1.0) * 100.0
    }
}

/// Prints what was seen.
pub fn table(reports: &[Report]) {
    println!("\n{:<12} {:<28} {:>8} {:>8} {:>12}", "application", "moment", "alike", "masked", "with masked");
    for report in reports {
        for moment in &report.moments {
            let mark = if moment.same >= GOAL { "" } else { "  below the goal" };
            let Moment { name, same, same_with_masked, masked } = moment;
            println!("{:<12} {name:<28} {same:>7.2}% {masked:>7.2}% {same_with_masked:>11.2}%{mark}", report.app);
        }
    }
    println!("\n{:<12} {:>12} {:>12} {:>24}", "application", "KiB/minute", "zipped", "load with and without");
    for report in reports {
        let loads = report.loads.as_ref().map_or_else(String::new, |loads| {
            let mark = if loads.cost() <= GOAL_LOAD { "" } else { "  above the goal" };
            format!("{:>8.0} {:>6.0} ms {:>+6.1}%{mark}", loads.with, loads.without, loads.cost())
        });
        println!("{:<12} {:>12.0} {:>12.0} {loads}", report.app, report.kib_a_minute, report.kib_a_minute_zipped);
        for unseen in &report.unseen {
            println!("{:<12} not seen: {unseen}", "");
        }
        for asked in &report.asked {
            println!("{:<12} REACHED OUT: {asked}", "");
        }
    }
    println!();
}

#[cfg(test)]
mod tests {
    use super::{Report, Seek};

    fn report(same: f64, asked: &[&str]) -> Report {
        let report = serde_json::json!({
            "app": "payroll", "moments": [
                { "name": "a", "same": 99.9, "sameWithMasked": 90.0, "masked": 10.0 },
                { "name": "b", "same": same, "sameWithMasked": same, "masked": 0.0 },
            ],
            "kibAMinute": 1.0, "kibAMinuteZipped": 0.5, "loads": null, "unseen": [], "asked": asked,
        });
        serde_json::from_value(report).expect("a report")
    }

    #[test]
    fn a_slow_seek_is_none() {
        let seek = |median_ms| Seek { name: String::new(), events: 1, median_ms, slowest_ms: 1000.0 };
        assert!(seek(399.0).is_good() && !seek(400.0).is_good());
    }

    #[test]
    fn one_moment_that_does_not_look_alike_is_enough() {
        assert!(report(98.0, &[]).is_good());
        assert!(!report(97.99, &[]).is_good());
        assert!(!report(99.0, &["https://away.test/"]).is_good());
        assert!(!Report { moments: Vec::new(), ..report(99.0, &[]) }.is_good());
    }
}

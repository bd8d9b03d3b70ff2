//! What each application came to: a line on the terminal and a file of its own.

use serde::Deserialize;

/// So much of every picture has to look alike.
const GOAL: f64 = 98.0;
/// What the recorder may add to the time of a load.
const GOAL_LOAD: f64 = 5.0;

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
struct Moment {
    name: String,
    /// In percent.
    same: f64,
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
    println!("\n{:<12} {:<28} {:>8}", "application", "moment", "alike");
    for report in reports {
        for moment in &report.moments {
            let mark = if moment.same >= GOAL { "" } else { "  below the goal" };
            println!("{:<12} {:<28} {:>7.2}%{mark}", report.app, moment.name, moment.same);
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
    use super::Report;

    fn report(same: f64, asked: &[&str]) -> Report {
        let report = serde_json::json!({
            "app": "payroll", "moments": [{ "name": "a", "same": 99.9 }, { "name": "b", "same": same }],
            "kibAMinute": 1.0, "kibAMinuteZipped": 0.5, "loads": null, "unseen": [], "asked": asked,
        });
        serde_json::from_value(report).expect("a report")
    }

    #[test]
    fn one_moment_that_does_not_look_alike_is_enough() {
        assert!(report(98.0, &[]).is_good());
        assert!(!report(97.99, &[]).is_good());
        assert!(!report(99.0, &["https://away.test/"]).is_good());
        assert!(!Report { moments: Vec::new(), ..report(99.0, &[]) }.is_good());
    }
}

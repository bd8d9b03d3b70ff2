//! What the system says of a process and its children.

use std::time::Duration;

use anyhow::Context as _;

const KIB: f64 = 1024.0;
/// Linux counts a process's time in hundredths of a second, whatever the machine.
const TICK: Duration = Duration::from_millis(10);

/// What of it is in memory, in MiB; shared pages count by share.
pub fn resident(process: u32) -> anyhow::Result<f64> {
    let each = family(process)?.into_iter().map(|process| {
        let text = std::fs::read_to_string(format!("/proc/{process}/smaps_rollup"))?;
        let pss = text.lines().find_map(|line| line.strip_prefix("Pss:")).context("no Pss")?;
        anyhow::Ok(pss.trim().trim_end_matches(" kB").parse::<f64>()? / KIB)
    });
    each.sum()
}

/// The most of it that was ever in memory, in MiB; shared pages count for each.
pub fn peak(process: u32) -> anyhow::Result<f64> {
    let each = family(process)?.into_iter().map(|process| {
        let text = std::fs::read_to_string(format!("/proc/{process}/status"))?;
        let most = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no VmHWM")?;
        anyhow::Ok(most.trim().trim_end_matches(" kB").parse::<f64>()? / KIB)
    });
    each.sum()
}

/// How long the processor worked for it so far.
pub fn busy(process: u32) -> anyhow::Result<Duration> {
    let mut ticks = 0;
    for process in family(process)? {
        let text = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
        // The name may hold anything, and ends with the last bracket.
        let (_, fields) = text.rsplit_once(')').context("no name")?;
        let times = fields.split_whitespace().skip(11).take(2);
        ticks += times.map(str::parse::<u32>).sum::<Result<u32, _>>()?;
    }
    Ok(TICK * ticks)
}

fn family(process: u32) -> anyhow::Result<Vec<u32>> {
    let children = std::fs::read_to_string(format!("/proc/{process}/task/{process}/children"))?;
    let children = children.split_whitespace().map(str::parse).collect::<Result<Vec<u32>, _>>()?;
    Ok([vec![process], children].concat())
}

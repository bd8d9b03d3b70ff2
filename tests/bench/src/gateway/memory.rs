use anyhow::Context as _;

const KIB: f64 = 1024.0;

/// What of a process and its children is in memory, in MiB; shared pages count by share.
pub fn resident(process: u32) -> anyhow::Result<f64> {
    let mut sum = of(process)?;
    for child in std::fs::read_to_string(format!("/proc/{process}/task/{process}/children"))?.split_whitespace() {
        sum += of(child.parse()?)?;
    }
    Ok(sum)
}

fn of(process: u32) -> anyhow::Result<f64> {
    let text = std::fs::read_to_string(format!("/proc/{process}/smaps_rollup"))?;
    let pss = text.lines().find_map(|line| line.strip_prefix("Pss:")).context("no Pss")?;
    Ok(pss.trim().trim_end_matches(" kB").parse::<f64>()? / KIB)
}

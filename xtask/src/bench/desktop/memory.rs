//! What a program and everything that it started hold, each page that several share counted once.

use std::{collections::BTreeMap, fs};

/// Proportional set size in bytes, of this process and all below it.
pub fn of_all(process: u32) -> anyhow::Result<u64> {
    let mut parents = BTreeMap::new();
    for entry in fs::read_dir("/proc")? {
        let Some(id) = entry?.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        if let Some(parent) = fs::read_to_string(format!("/proc/{id}/stat")).ok().as_deref().and_then(parent) {
            parents.insert(id, parent);
        }
    }
    let all = below(process, &parents);
    Ok(all
        .into_iter()
        .filter_map(|id| proportional(&fs::read_to_string(format!("/proc/{id}/smaps_rollup")).ok()?))
        .sum())
}

/// The name before it stands in parentheses and may hold anything.
fn parent(stat: &str) -> Option<u32> {
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

fn below(process: u32, parents: &BTreeMap<u32, u32>) -> Vec<u32> {
    let mut all = vec![process];
    let mut next = 0;
    while let Some(&one) = all.get(next) {
        all.extend(parents.iter().filter(|(_, parent)| **parent == one).map(|(id, _)| *id));
        next += 1;
    }
    all
}

fn proportional(rollup: &str) -> Option<u64> {
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}

#[cfg(test)]
mod tests {
    use super::{below, of_all, parent, proportional};

    #[test]
    fn everything_that_was_started_counts() {
        let parents = [(2, 1), (3, 2), (4, 3), (5, 1), (6, 9)].into();
        assert_eq!(below(2, &parents), [2, 3, 4]);
        assert_eq!(parent("7 (a) b) S 5 7 7"), Some(5));
        assert_eq!(proportional("a\nRss:  9 kB\nPss:                 12 kB\nPss_Dirty: 3 kB\n"), Some(12 * 1024));
        assert!(of_all(std::process::id()).expect("our own") > 1 << 20);
    }
}

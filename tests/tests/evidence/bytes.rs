//! Every byte of every kind of file, changed: it is rejected, and the message names the part that the byte is of.
//!
//! A file about a Session, and one about a period without any that has cosigned heads, are changed in each byte. Of the others
//! every so many: most in what those two do not have. `COUNTERSIGN_EVERY_BYTE` tries each byte of all, for some minutes.

use super::kinds;
use super::map::Map;
use super::*;

/// Changes every so many of the bytes under these paths, each by itself.
fn sweep((bytes, trust): (&[u8], &TrustFile), every: usize, which: impl Fn(&str) -> bool) {
    let map = Map::of(bytes);
    let every = if std::env::var_os("COUNTERSIGN_EVERY_BYTE").is_some() { 1 } else { every };
    let chosen: Vec<usize> = (0..bytes.len()).filter(|&at| which(&map.places[at].path)).step_by(every).collect();
    assert!(chosen.len() > 100, "{} bytes", chosen.len());
    let workers = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for worker in 0..workers {
            let (map, chosen) = (&map, &chosen);
            scope.spawn(move || {
                let mut changed = bytes.to_vec();
                for &at in chosen.iter().skip(worker).step_by(workers) {
                    changed[at] ^= 1;
                    let said = rejected(&changed, trust);
                    assert!(map.tells(&said.part, at, &changed), "byte {at}, {:?}: {said}", map.places[at]);
                    changed[at] ^= 1;
                }
            });
        }
    });
}

#[test]
fn every_changed_byte_of_a_session_s_file_is_rejected_and_its_part_named() {
    let case = kinds::session();
    sweep((&case.bytes, &case.trust), 1, |_| true);
}

#[test]
fn every_changed_byte_of_heads_and_lines_that_nobody_pins_is_rejected_and_its_part_named() {
    let (bytes, trust) = kinds::cosigned_period();
    sweep((&bytes, &trust), 1, |_| true);
}

#[test]
fn changed_bytes_of_a_period_s_file_are_rejected_and_the_session_named() {
    let (bytes, trust) = kinds::period();
    sweep((&bytes, &trust), 197, |_| true);
}

#[test]
fn changed_bytes_of_more_time_are_rejected_and_their_part_named() {
    let (bytes, trust) = kinds::extended();
    sweep((&bytes, &trust), 7, |path| path.starts_with("extensions"));
    sweep((&bytes, &trust), 61, |_| true);
}

#[test]
fn changed_bytes_of_a_break_glass_permission_are_rejected_and_their_part_named() {
    let (bytes, trust) = kinds::by_break_glass();
    sweep((&bytes, &trust), 7, |path| path == "bundle_json");
    sweep((&bytes, &trust), 61, |_| true);
}

#[test]
fn changed_bytes_of_adopted_policies_are_rejected_and_their_part_named() {
    let (bytes, trust) = kinds::adopted();
    sweep((&bytes, &trust), 29, |path| path.starts_with("policies"));
    sweep((&bytes, &trust), 97, |_| true);
}

#[test]
fn changed_bytes_of_what_is_left_of_a_forgotten_session_are_rejected_and_their_part_named() {
    let (bytes, trust) = kinds::forgotten();
    sweep((&bytes, &trust), 3, |path| path.starts_with("forg"));
    sweep((&bytes, &trust), 17, |_| true);
}

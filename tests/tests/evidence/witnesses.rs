//! Heads that witnesses cosigned, in the file and against what its reader pins.

use checkpoint::{LogVerifier, WitnessSigner};
use wire::evidence::{Evidence, MOST_HEADS, ShownHead};

use super::*;

fn witness(n: u8) -> WitnessSigner {
    WitnessSigner::from_seed(&format!("witness.test/{n}"), &[n; 32]).expect("a name")
}

fn pin(trust: &TrustFile, witnesses: &[u8], quorum: u32) -> TrustFile {
    let witnesses = witnesses.iter().map(|n| witness(*n).verifier().verifier_key()).collect();
    TrustFile { witnesses, quorum, ..trust.clone() }
}

/// The head of this log as of `size`, cosigned.
fn seen(log: &tests::forge::Log, size: u64, by: &[u8]) -> String {
    let mut note = log.checkpoint_of(size);
    let head = LogVerifier::parse(&log.verifier_key()).expect("a key").open(&note).expect("signed");
    for n in by {
        note.push_str(&witness(*n).cosign(&head, 1_800_003_000).line);
    }
    note
}

/// What there is to be cosigned, and the size of its log.
fn made() -> (Case, u64) {
    let case = Case::new(OPEN);
    let size = case.company.log.size();
    (case, size)
}

#[test]
fn the_report_says_which_pinned_witnesses_saw_this_log_and_how_far() {
    let (mut case, size) = made();
    let log = &case.company.log;
    let notes = [seen(log, size, &[1, 3]), seen(log, size - 1, &[2]), seen(log, 3, &[4])];
    let bytes = case.cosigned(&notes);
    let said = accepted(&bytes, &pin(&case.trust, &[1, 2, 4], 0)).to_string();
    for (n, size, reach) in [(1, size, "everything"), (2, size - 1, "everything"), (4, 3, "some of what")] {
        let sentence = format!(
            "witness “witness.test/{n}” saw this very log with {size} entries at 2027-01-15T08:50:00Z: {reach}"
        );
        assert!(said.contains(&sentence), "{sentence}\n{said}");
    }
    assert!(!said.contains("witness.test/3"), "not pinned:\n{said}");
    assert!(said.contains("only these witnesses are known"));
    let unpinned = accepted(&bytes, &case.trust).to_string();
    assert!(unpinned.contains("no pinned witness signed its Checkpoint"), "{unpinned}");
}

#[test]
fn a_head_that_was_made_after_the_entry_that_names_it_is_rejected() {
    let (mut case, size) = made();
    let mut ahead = case.company.log.fork();
    for _ in 0..3 {
        ahead.append(Source::Audit, &Append::new(EventKind::SessionViewed), (OPEN + 3000) * 1000);
    }
    for size in [size + 1, size + 2, size + 3] {
        let bytes = case.cosigned(&[seen(&ahead, size, &[1])]);
        let said = rejected(&bytes, &case.trust).to_string();
        assert!(said.starts_with("heads: one is ahead of the entry"), "{said}");
        case.company.log = case.company.log.fork_at(case.company.log.size() - 1);
    }
}

#[test]
fn fewer_than_the_quorum_is_rejected() {
    let (mut case, size) = made();
    let trust = case.trust.clone();
    let asks = |quorum| pin(&trust, &[1, 2], quorum);
    let none = rejected(&case.bytes, &asks(1)).to_string();
    assert!(none.contains("witnesses") && none.contains("0 of the pinned ones"), "{none}");
    let mut file = |notes: &dyn Fn(&tests::forge::Log) -> Vec<String>| {
        let notes = notes(&case.company.log);
        case.cosigned(&notes)
    };
    accepted(&file(&|log| vec![seen(log, size, &[1, 2])]), &asks(2));
    let early = file(&|log| vec![seen(log, size, &[1]), seen(log, 3, &[2])]);
    accepted(&early, &asks(1));
    assert!(rejected(&early, &asks(2)).to_string().contains("1 of the pinned ones"));
    // Neither a key that nobody pinned nor one that is pinned twice makes up the number.
    let unpinned = file(&|log| vec![seen(log, size, &[1, 3])]);
    assert!(rejected(&unpinned, &asks(2)).to_string().contains("1 of the pinned ones"));
    let alias = WitnessSigner::from_seed("witness.test/alias", &[1; 32]).expect("a name");
    let mut twice = pin(&trust, &[1, 1], 2);
    twice.witnesses.push(alias.verifier().verifier_key());
    let one = file(&|log| {
        let mut one = seen(log, size, &[1, 1]);
        let head = LogVerifier::parse(&log.verifier_key()).expect("a key").open(&one).expect("signed");
        one.push_str(&alias.cosign(&head, 1_800_003_000).line);
        vec![one]
    });
    assert!(rejected(&one, &twice).to_string().contains("1 of the pinned ones"));
}

/// T13: the operator shows this file's reader one log and the witness another.
#[test]
fn l_02_a_head_that_a_witness_saw_of_another_log_is_proof_of_the_fork() {
    let (mut case, size) = made();
    let mut fork = case.company.log.fork_at(size - 3);
    for n in 0..6 {
        let other = Append::new(EventKind::LogStarted).fact("n", n.to_string());
        fork.append(Source::Audit, &other, (OPEN + 3000) * 1000);
    }
    for seen_size in [size - 2, size - 1, size] {
        let bytes = case.cosigned(&[seen(&fork, seen_size, &[1])]);
        for trust in [&case.trust, &pin(&case.trust, &[1], 0), &pin(&case.trust, &[1], 1)] {
            let said = rejected(&bytes, trust).to_string();
            assert!(said.contains("the log was forked"), "{seen_size}: {said}");
        }
        case.company.log = case.company.log.fork_at(size);
    }
}

/// Whoever made the file again around a line that is not the pinned witness's own.
#[test]
fn a_false_line_of_a_pinned_key_is_rejected() {
    let (mut case, size) = made();
    let mut other = case.company.log.fork_at(size - 1);
    other.append(Source::Audit, &Append::new(EventKind::LogStarted), (OPEN + 3000) * 1000);
    let of_another = seen(&other, size, &[1]);
    let line = of_another.lines().last().expect("the witness's line");
    let note = format!("{}{line}\n", seen(&case.company.log, size, &[]));
    let bytes = case.cosigned(&[note]);
    let said = rejected(&bytes, &pin(&case.trust, &[1], 0)).to_string();
    assert_eq!(said, "witnesses: witness.test/1: the signature does not match");
    accepted(&bytes, &case.trust);
    let bad = TrustFile { witnesses: vec![case.trust.trust.log_key.clone()], ..case.trust.clone() };
    assert!(rejected(&case.bytes, &bad).to_string().contains("trust file"), "a log's key is no witness's");
}

/// Takes the last line off a note.
fn drop_line(note: &mut String) -> String {
    let cut = note.trim_end().rfind('\n').expect("lines") + 1;
    note.split_off(cut)
}

/// What the log's entry names is there whole, whether or not the reader pins anybody: nothing is taken out, put in or moved.
#[test]
fn cosignatures_left_out_changed_or_added_are_rejected_by_whoever_pins_no_witness() {
    type Change = fn(&mut Vec<ShownHead>);
    let cases: [(&str, Change); 10] = [
        ("not those that the log's entry names", |heads| heads.clear()),
        ("not those that the log's entry names", |heads| drop(heads.pop())),
        ("not those that the log's entry names", |heads| drop(heads.remove(0))),
        ("not those that the log's entry names", |heads| drop(drop_line(&mut heads[0].checkpoint))),
        ("not those that the log's entry names", |heads| {
            let line = drop_line(&mut heads[0].checkpoint);
            let before = drop_line(&mut heads[0].checkpoint);
            heads[0].checkpoint.push_str(&(line + &before));
        }),
        ("not those that the log's entry names", |heads| {
            let line = drop_line(&mut heads[0].checkpoint);
            heads[0].checkpoint.push_str(&line.replace("witness.test/3", "witness.test/4"));
        }),
        ("not those that the log's entry names", |heads| {
            heads[2].checkpoint.push_str("\u{2014} witness.test/9 AAAAAAAAAAA=\n");
        }),
        ("not each once, the largest first", |heads| heads.swap(0, 1)),
        ("forked", |heads| heads[2].consistency.clear()),
        ("forked", |heads| heads[2].consistency.swap(0, 1)),
    ];
    let (mut case, size) = made();
    let log = &case.company.log;
    let notes = [seen(log, size, &[1, 3]), seen(log, size - 1, &[2]), seen(log, 5, &[4])];
    let bytes = case.cosigned(&notes);
    accepted(&bytes, &case.trust);
    for (n, (why, change)) in cases.into_iter().enumerate() {
        let mut file: Evidence = serde_json::from_slice(&bytes).expect("a file");
        change(&mut file.heads);
        let changed = serde_json::to_vec(&file).expect("plain structs");
        for trust in [&case.trust, &pin(&case.trust, &[1, 2], 0)] {
            let said = rejected(&changed, trust).to_string();
            assert!(said.starts_with("heads: ") && said.contains(why), "{n} {why}: {said}");
        }
    }
}

/// The receipt is in no digest: a line there would be nobody's.
#[test]
fn a_line_behind_the_checkpoint_of_a_receipt_is_rejected() {
    let (case, _) = made();
    let mut file: Evidence = serde_json::from_slice(&case.bytes).expect("a file");
    let head =
        LogVerifier::parse(&case.trust.trust.log_key).expect("a key").open(&file.made.checkpoint).expect("signed");
    file.made.checkpoint.push_str(&witness(1).cosign(&head, 1_800_003_000).line);
    let bytes = serde_json::to_vec(&file).expect("plain structs");
    for trust in [&case.trust, &pin(&case.trust, &[1], 0)] {
        let said = rejected(&bytes, trust).to_string();
        assert_eq!(said, "receipt: its Checkpoint has more than the log's own signature");
    }
}

#[test]
fn more_heads_than_a_file_shows_are_rejected() {
    let (case, _) = made();
    let mut file: Evidence = serde_json::from_slice(&case.bytes).expect("a file");
    file.heads = vec![file.heads[0].clone(); MOST_HEADS + 1];
    let bytes = serde_json::to_vec(&file).expect("a file");
    assert_eq!(rejected(&bytes, &case.trust).to_string(), "heads: more than a file shows");
}

#[test]
fn trust_files_without_witnesses_stay_as_they_were() {
    let (case, _) = made();
    let trust = serde_json::to_string(&case.trust).expect("plain structs");
    assert!(!trust.contains("witnesses") && !trust.contains("quorum"), "{trust}");
    assert_eq!(serde_json::from_str::<TrustFile>(&trust).expect("reads"), case.trust);
}

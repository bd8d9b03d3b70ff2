//! Heads that witnesses cosigned, in the file and against what its reader pins.

use checkpoint::{LogVerifier, WitnessSigner};
use merkle::Hash;
use statement::base64url;
use wire::evidence::Witnessed;

use super::*;

fn witness(n: u8) -> WitnessSigner {
    WitnessSigner::from_seed(&format!("witness.test/{n}"), &[n; 32]).expect("a name")
}

fn pin(trust: &TrustFile, witnesses: &[u8], quorum: u32) -> TrustFile {
    let witnesses = witnesses.iter().map(|n| witness(*n).verifier().verifier_key()).collect();
    TrustFile { witnesses, quorum, ..trust.clone() }
}

/// The head of this log as of `size`, cosigned, with the path between it and the file's own head.
fn seen(case: &Case, log: &tests::forge::Log, size: u64, by: &[u8], file_size: u64) -> Witnessed {
    let verifier = LogVerifier::parse(&case.trust.trust.log_key).expect("a key");
    let mut checkpoint = log.checkpoint_of(size);
    let head = verifier.open(&checkpoint).expect("signed");
    for n in by {
        checkpoint.push_str(&witness(*n).cosign(&head, 1_800_003_000).line);
    }
    let (from, to) = (size.min(file_size), size.max(file_size));
    let path: Vec<Hash> = if from == to { Vec::new() } else { log.consistency(from, to) };
    Witnessed { checkpoint, consistency: path.iter().map(|h| base64url(h).parse().expect("32 bytes")).collect() }
}

fn with(bytes: &[u8], witnessed: Vec<Witnessed>) -> Vec<u8> {
    let mut file: Evidence = serde_json::from_slice(bytes).expect("a file");
    file.witnessed = witnessed;
    serde_json::to_vec(&file).expect("plain structs")
}

/// The file, and its own size.
fn made() -> (Case, u64) {
    let case = Case::new(OPEN);
    let size = case.company.log.size();
    (case, size)
}

#[test]
fn the_report_says_which_pinned_witnesses_saw_this_log_and_how_far() {
    let (case, size) = made();
    let log = &case.company.log;
    let whole = seen(&case, log, size, &[1, 3], size);
    let before = seen(&case, log, size - 1, &[2], size);
    let early = seen(&case, log, 3, &[4], size);
    let bytes = with(&case.bytes, vec![whole, before, early]);
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
fn a_witness_may_have_seen_more_than_the_file_was_made_under() {
    let (mut case, size) = made();
    case.company.log.append(Source::Audit, &Append::new(EventKind::SessionViewed), (OPEN + 3000) * 1000);
    let later = seen(&case, &case.company.log, size + 1, &[1], size);
    let said = accepted(&with(&case.bytes, vec![later]), &pin(&case.trust, &[1], 1)).to_string();
    assert!(said.contains(&format!("with {} entries", size + 1)), "{said}");
}

#[test]
fn fewer_than_the_quorum_is_rejected() {
    let (case, size) = made();
    let log = &case.company.log;
    let asks = |quorum| pin(&case.trust, &[1, 2], quorum);
    let none = rejected(&case.bytes, &asks(1)).to_string();
    assert!(none.contains("witnesses") && none.contains("0 of the pinned ones"), "{none}");
    let both = with(&case.bytes, vec![seen(&case, log, size, &[1, 2], size)]);
    accepted(&both, &asks(2));
    let early = with(&case.bytes, vec![seen(&case, log, size, &[1], size), seen(&case, log, 3, &[2], size)]);
    accepted(&early, &asks(1));
    assert!(rejected(&early, &asks(2)).to_string().contains("1 of the pinned ones"));
    // Neither a key that nobody pinned nor one that is pinned twice makes up the number.
    let unpinned = with(&case.bytes, vec![seen(&case, log, size, &[1, 3], size)]);
    assert!(rejected(&unpinned, &asks(2)).to_string().contains("1 of the pinned ones"));
    let alias = WitnessSigner::from_seed("witness.test/alias", &[1; 32]).expect("a name");
    let mut twice = pin(&case.trust, &[1, 1], 2);
    twice.witnesses.push(alias.verifier().verifier_key());
    let verifier = LogVerifier::parse(&case.trust.trust.log_key).expect("a key");
    let mut one = seen(&case, log, size, &[1, 1], size);
    let head = verifier.open(&one.checkpoint).expect("signed");
    one.checkpoint.push_str(&alias.cosign(&head, 1_800_003_000).line);
    assert!(rejected(&with(&case.bytes, vec![one]), &twice).to_string().contains("1 of the pinned ones"));
}

/// T13: the operator shows this file's reader one log and the witness another.
#[test]
fn l_02_a_head_that_a_witness_saw_of_another_log_is_proof_of_the_fork() {
    let (case, size) = made();
    let mut fork = case.company.log.fork_at(size - 3);
    for n in 0..6 {
        let other = Append::new(EventKind::LogStarted).fact("n", n.to_string());
        fork.append(Source::Audit, &other, (OPEN + 3000) * 1000);
    }
    for seen_size in [size - 1, size, size + 2] {
        let bytes = with(&case.bytes, vec![seen(&case, &fork, seen_size, &[1], size)]);
        for trust in [&case.trust, &pin(&case.trust, &[1], 0), &pin(&case.trust, &[1], 1)] {
            let said = rejected(&bytes, trust).to_string();
            assert!(said.contains("the log was forked"), "{seen_size}: {said}");
        }
    }
}

#[test]
fn a_changed_line_head_or_path_is_rejected() {
    let (case, size) = made();
    let log = &case.company.log;
    let trust = pin(&case.trust, &[1], 0);
    let changed = |change: fn(&mut Witnessed)| {
        let mut one = seen(&case, log, 5, &[1], size);
        change(&mut one);
        rejected(&with(&case.bytes, vec![one]), &trust).to_string()
    };
    let line = |w: &mut Witnessed| {
        let flipped = if w.checkpoint.ends_with("A==\n") { "Q==\n" } else { "A==\n" };
        let cut = w.checkpoint.len() - 4;
        w.checkpoint.replace_range(cut.., flipped);
    };
    assert!(changed(line).contains("witnesses"));
    assert!(changed(|w| w.checkpoint = w.checkpoint.replacen("\n5\n", "\n6\n", 1)).contains("witnesses"));
    assert!(changed(|w| w.consistency.clear()).contains("forked"));
    assert!(changed(|w| w.consistency.push(sha256("more"))).contains("forked"));
    assert!(changed(|w| w.consistency.swap(0, 1)).contains("forked"));
    let many = vec![seen(&case, log, 5, &[1], size); 65];
    assert!(rejected(&with(&case.bytes, many), &trust).to_string().contains("more heads"));
    let bad = TrustFile { witnesses: vec![case.trust.trust.log_key.clone()], ..case.trust.clone() };
    assert!(rejected(&case.bytes, &bad).to_string().contains("trust file"), "a log's key is no witness's");
}

#[test]
fn files_and_trust_files_without_witnesses_stay_as_they_were() {
    let (case, _) = made();
    let file = String::from_utf8(case.bytes.clone()).expect("text");
    assert!(!file.contains("witnessed"));
    let trust = serde_json::to_string(&case.trust).expect("plain structs");
    assert!(!trust.contains("witnesses") && !trust.contains("quorum"), "{trust}");
    assert_eq!(serde_json::from_str::<TrustFile>(&trust).expect("reads"), case.trust);
}

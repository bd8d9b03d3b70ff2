//! The bundle, the adoption, the forgetting and the Evidence files that fuzzing begins with (`tests/fuzz/corpus`) are good
//! ones. Made again with
//! `COUNTERSIGN_BLESS=1`, when what they consist of has changed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use checkpoint::{LogSigner, LogVerifier, Submission, WitnessSigner};
use statement::{Bundle, ProviderKeys, sha256, verify_open};
use tests::forge::{Case, Company};
use wire::join::TrustFile;

const OPEN: i64 = 1_800_000_000;

fn corpus(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name)
}

/// One company, and a file of each kind that its Sessions have: all verify under one trust file.
fn make_again() {
    let mut case = Case::of(Company::with_a_small_policy(OPEN));
    let write = |name: &str, bytes: &[u8]| std::fs::write(corpus(name), bytes).expect("written");
    let json = |value: &Bundle| serde_json::to_string(value).expect("JSON");
    write("bundle/ordinary", json(&case.good.bundle).as_bytes());
    write("evidence/ordinary", &case.bytes);
    let witness = WitnessSigner::from_seed("fuzz.test/witness", &[6; 32]).expect("a signer");
    let note = case.company.log.checkpoint();
    let head = LogVerifier::parse(&case.trust.trust.log_key).expect("a key").open(&note).expect("its own note");
    write("evidence/cosigned", &case.cosigned(&[note + &witness.cosign(&head, 1_800_003_000).line]));
    let session = case.content.clone();
    write("evidence/period", &case.period(vec![session]).1);
    let left = case.forgotten();
    write("evidence/forgotten", &case.forgotten_file(&left));
    write("bundle/forgetting", serde_json::to_string(&left.forgetting).expect("JSON").as_bytes());
    let case = Case::extended(case.company, |company, good| company.more(good));
    write("evidence/extended", &case.bytes);
    let good = case.company.good_by_break_glass();
    let case = Case::of_grant(case.company, good);
    write("evidence/break-glass", &case.bytes);
    let mut company = case.company;
    company.adopt_with_a_third(&company.stricter_policy(3600));
    let case = Case::of(company);
    write("evidence/adopted", &case.bytes);
    let adoption = serde_json::to_string(&case.content.policies[0].adoption).expect("JSON");
    write("bundle/adoption", adoption.as_bytes());
    let trust = TrustFile { witnesses: vec![witness.verifier().verifier_key()], ..case.trust };
    let trust = serde_json::to_string_pretty(&trust).expect("JSON");
    write("trust.json", (trust + "\n").as_bytes());
}

/// Of the log and the witness whose keys the targets make themselves.
fn make_notes_again() {
    let log = LogSigner::from_seed("fuzz.test/log", &[5; 32]).expect("a signer");
    let witness = WitnessSigner::from_seed("fuzz.test/witness", &[6; 32]).expect("a signer");
    let note = log.sign(7, &[7; 32]);
    let head = log.verifier().open(&note).expect("its own note");
    let asked = |old_size, proof| Submission { old_size, proof, note: note.clone() }.text();
    let seeds = [
        ("own", note.clone()),
        ("cosigned", note.clone() + &witness.cosign(&head, 1_800_003_000).line),
        ("submission", asked(5, vec![[3; 32], [4; 32]])),
        ("first-submission", asked(0, Vec::new())),
        ("key", log.verifier_key()),
        ("witness-key", witness.verifier().verifier_key()),
    ];
    for (name, text) in seeds {
        std::fs::write(corpus("checkpoint").join(name), text).expect("written");
    }
}

#[test]
fn what_fuzzing_begins_with_is_good() {
    if std::env::var_os("COUNTERSIGN_BLESS").is_some() {
        make_again();
        make_notes_again();
    }
    let read = |name: &str| std::fs::read(corpus(name)).expect("a file of the corpus");
    let stale = "stale: run this test with COUNTERSIGN_BLESS=1";
    let trust: TrustFile = serde_json::from_slice(&read("trust.json")).expect(stale);
    let keys = ProviderKeys::from_jwks(trust.provider_keys.last().expect(stale).jwks.as_bytes()).expect(stale);
    let bundle: Bundle = serde_json::from_slice(&read("bundle/ordinary")).expect(stale);
    let tls_client = sha256("the DER of the Session's certificate");
    verify_open(&bundle, &trust.trust, &keys, &tls_client, OPEN + 1).expect(stale);
    let files = std::fs::read_dir(corpus("evidence")).expect("a folder");
    let names: BTreeSet<String> =
        files.map(|file| file.expect("a file").file_name().to_string_lossy().into_owned()).collect();
    let kinds = ["adopted", "break-glass", "cosigned", "extended", "forgotten", "ordinary", "period"];
    assert!(names.iter().eq(kinds), "one of each kind: {names:?}");
    for name in names {
        let said = verify::verify(&read(&format!("evidence/{name}")), &trust).expect(stale).to_string();
        assert_eq!(said.contains("The pinned witness"), name == "cosigned", "{name}: {said}");
    }
}

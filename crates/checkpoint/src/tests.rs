use super::*;

fn signer() -> LogSigner {
    LogSigner::from_seed("countersign.test/log", &[7; 32]).expect("a good name")
}

#[test]
fn a_checkpoint_opens_with_the_pinned_key() {
    let signer = signer();
    let note = signer.sign(12, &[3; 32]);
    assert!(note.starts_with(
        "countersign.test/log\n12\nAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM=\n\n\u{2014} countersign.test/log "
    ));
    let verifier = LogVerifier::parse(&signer.verifier_key()).expect("its own key");
    let expected = Checkpoint { origin: "countersign.test/log".into(), size: 12, root: [3; 32] };
    assert_eq!(verifier.open(&note), Ok(expected));
    assert_eq!(verifier, signer.verifier());
}

/// The example of the Go module `golang.org/x/mod/sumdb/note`: another implementation's key and signature.
#[test]
fn a_known_key_has_its_known_id_and_signature() {
    let key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    let verifier = LogVerifier::parse(key).expect("a known key");
    let note = "If you think cryptography is the answer to your problem,\n\
        then you don't know what your problem is.\n\n\
        \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
    assert_eq!(verifier.open(note), Err(NoteError::NotACheckpoint), "verified, and then not a checkpoint");
    assert_eq!(verifier.open(&note.replace("answer", "Answer")), Err(NoteError::BadSignature));
}

#[test]
fn any_changed_byte_is_refused() {
    let signer = signer();
    let note = signer.sign(1_000_000, &[0xc5; 32]);
    let verifier = signer.verifier();
    for place in 0..note.len() {
        for flip in [0x01, 0x20, 0x80] {
            let mut bytes = note.clone().into_bytes();
            bytes[place] ^= flip;
            if let Ok(text) = String::from_utf8(bytes) {
                assert!(verifier.open(&text).is_err(), "byte {place}");
            }
        }
    }
    for cut in 0..note.len() {
        assert!(note.get(..cut).is_none_or(|n| verifier.open(n).is_err()), "cut at {cut}");
    }
}

#[test]
fn l_11_another_key_of_the_same_name_is_not_believed() {
    let other = LogSigner::from_seed("countersign.test/log", &[8; 32]).expect("a good name");
    assert_eq!(signer().verifier().open(&other.sign(1, &[0; 32])), Err(NoteError::NotSigned));
    let elsewhere = LogSigner::from_seed("elsewhere.test/log", &[7; 32]).expect("a good name");
    assert_eq!(signer().verifier().open(&elsewhere.sign(1, &[0; 32])), Err(NoteError::NotSigned));
}

#[test]
fn unknown_signatures_are_passed_over_and_a_false_one_of_ours_is_not() {
    let signer = signer();
    let note = signer.sign(5, &[1; 32]);
    let other = LogSigner::from_seed("witness.test", &[9; 32]).expect("a good name").sign(5, &[1; 32]);
    let foreign = other.lines().last().expect("a signature line");
    assert!(signer.verifier().open(&format!("{note}{foreign}\n")).is_ok());
    assert_eq!(signer.verifier().open_cosigned(&format!("{note}{foreign}\n")).map(|(_, own)| own), Ok(note.clone()));
    let ours = signer.sign(6, &[1; 32]);
    let false_line = ours.lines().last().expect("a signature line");
    assert_eq!(signer.verifier().open(&format!("{note}{false_line}\n")), Err(NoteError::BadSignature));
}

#[test]
fn only_one_spelling_of_a_checkpoint_is_read() {
    let root = "AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM=";
    assert!(Checkpoint::read(&format!("log\n7\n{root}\n")).is_ok());
    for text in [
        format!("log\n07\n{root}\n"),
        format!("log\n+7\n{root}\n"),
        format!("log\n-7\n{root}\n"),
        format!("log\n18446744073709551616\n{root}\n"),
        format!("log\n7\n{root}\nextension\n"),
        format!("log\n7\n{root}"),
        "log\n7\nAwM=\n".to_owned(),
        "log\n7\n".to_owned(),
        String::new(),
    ] {
        assert_eq!(Checkpoint::read(&text), Err(NoteError::NotACheckpoint), "{text:?}");
    }
}

#[test]
fn a_verifier_key_is_checked_against_its_own_hash() {
    let key = signer().verifier_key();
    assert!(LogVerifier::parse(&key.replace("countersign.test", "countersign.tess")).is_err());
    for bad in
        ["", "name", "name+00000000", "+00000000+AQ==", "a b+00000000+AQ==", &key[..key.len() - 1], &format!("{key} ")]
    {
        assert_eq!(LogVerifier::parse(bad), Err(VerifierKeyError), "{bad:?}");
    }
    for name in ["", "with space", "with+plus", "line\nfeed"] {
        assert!(LogSigner::from_seed(name, &[7; 32]).is_err(), "{name:?}");
    }
}

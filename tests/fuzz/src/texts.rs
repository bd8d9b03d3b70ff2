//! Policies, Checkpoints, their cosignatures, what a witness is asked, and keys of logs and witnesses.

use std::sync::OnceLock;

use checkpoint::{LogSigner, LogVerifier, Submission, WitnessSigner, WitnessVerifier};
use policy::Policy;
use statement::sha256;

pub fn policy(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(policy) = Policy::read(&text) {
        assert_eq!(policy.text(), text, "the text that is signed for is the text that was read");
        assert_eq!(*policy.digest(), sha256(text.as_bytes()));
        let again = Policy::read(policy.text()).expect("reads again");
        assert_eq!(
            (again.digest(), again.heading(), again.rules()),
            (policy.digest(), policy.heading(), policy.rules())
        );
        let mut ids: Vec<_> = policy.rules().iter().map(|rule| &rule.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), policy.rules().len(), "two rules of one name");
    }
}

fn signer() -> &'static LogSigner {
    static SIGNER: OnceLock<LogSigner> = OnceLock::new();
    SIGNER.get_or_init(|| LogSigner::from_seed("fuzz.test/log", &[5; 32]).expect("a signer"))
}

fn witness() -> &'static WitnessSigner {
    static SIGNER: OnceLock<WitnessSigner> = OnceLock::new();
    SIGNER.get_or_init(|| WitnessSigner::from_seed("fuzz.test/witness", &[6; 32]).expect("a signer"))
}

/// As what a text is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Note {
    /// A Checkpoint of the log.
    Checkpoint,
    /// One that the witness cosigned.
    Cosigned,
    /// What a witness is asked to cosign.
    Submission,
    LogKey,
    WitnessKey,
}

/// A first line `+` signs what follows as size and 32 bytes of root; anything else is a note as it came, or a key.
pub fn checkpoint(bytes: &[u8]) {
    let verifier = signer().verifier();
    if let Some((size, root)) = signed_here(bytes) {
        let note = signer().sign(size, &root);
        let read = verifier.open(&note).expect("its own note");
        assert_eq!((read.size, read.root), (size, root));
        holds_of(&note, &read);
        let with_another = format!("{note}\u{2014} witness.test {}\n", "AAAAAAAA");
        assert_eq!(verifier.open(&with_another).as_ref().ok(), Some(&read), "a second signature changes nothing");
        let line = witness().cosign(&read, size).line;
        match witness().verifier().cosigned(&format!("{with_another}{line}")) {
            Ok(read) => assert_eq!((read.at, read.line), (size, line)),
            Err(_) => assert!(i64::try_from(size).is_err(), "a time that a clock shows"),
        }
        return;
    }
    let _ = self::note(&String::from_utf8_lossy(bytes));
}

/// What this text is, with what must hold of it then.
#[must_use]
pub fn note(text: &str) -> Option<Note> {
    if let Some(asked) = Submission::read(text) {
        assert_eq!(asked.text(), text, "written again it is another");
        let _ = signed_note(&asked.note);
        return Some(Note::Submission);
    }
    signed_note(text).or_else(|| key(text))
}

fn signed_note(text: &str) -> Option<Note> {
    let verifier = signer().verifier();
    let read = verifier.open(text).ok()?;
    holds_of(text, &read);
    let (again, own) = verifier.open_cosigned(text).expect("it was opened");
    assert_eq!((verifier.open(&own).as_ref(), &again), (Ok(&read), &read), "the log's own signature alone");
    let Ok(cosigned) = witness().verifier().cosigned(text) else { return Some(Note::Checkpoint) };
    // Ed25519 has one signature of one text by one key.
    assert_eq!(cosigned, witness().cosign(&read, cosigned.at), "a line that the witness never wrote");
    assert!(text.contains(&cosigned.line));
    Some(Note::Cosigned)
}

fn key(text: &str) -> Option<Note> {
    if let Ok(key) = WitnessVerifier::parse(text) {
        assert_eq!(key.verifier_key(), text, "two spellings of one key");
        return Some(Note::WitnessKey);
    }
    let key = LogVerifier::parse(text).ok()?;
    assert!(!key.name().is_empty() && text.starts_with(key.name()));
    Some(Note::LogKey)
}

/// What is read is what stands in the note's first lines, to the byte.
fn holds_of(note: &str, read: &checkpoint::Checkpoint) {
    let (signed, _) = note.rsplit_once("\n\n").expect("a note has an empty line");
    assert_eq!(format!("{signed}\n"), read.text(), "what was read is not what was signed");
    assert_eq!(read.origin, "fuzz.test/log");
}

fn signed_here(bytes: &[u8]) -> Option<(u64, merkle::Hash)> {
    let rest = bytes.strip_prefix(b"+")?;
    let (size, rest) = rest.split_first_chunk::<8>()?;
    Some((u64::from_le_bytes(*size), *rest.first_chunk::<32>()?))
}

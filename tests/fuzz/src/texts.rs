//! Policies, Checkpoints and keys of logs.

use std::sync::OnceLock;

use checkpoint::{LogSigner, LogVerifier};
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
        return;
    }
    let text = String::from_utf8_lossy(bytes);
    if let Ok(read) = verifier.open(&text) {
        holds_of(&text, &read);
    }
    if let Ok(key) = LogVerifier::parse(&text) {
        assert!(!key.name().is_empty() && text.starts_with(key.name()));
    }
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

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use merkle::Hash;

/// No proof in an `add-checkpoint` call is longer.
const MAX_PROOF: usize = 63;

/// The body of an `add-checkpoint` call of C2SP `tlog-witness`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// What the witness cosigned last.
    pub old_size: u64,
    /// From there to the Checkpoint.
    pub proof: Vec<Hash>,
    /// The log's signed note.
    pub note: String,
}

impl Submission {
    #[must_use]
    pub fn text(&self) -> String {
        let proof: String = self.proof.iter().map(|hash| STANDARD.encode(hash) + "\n").collect();
        format!("old {}\n{proof}\n{}", self.old_size, self.note)
    }

    /// Reads one spelling only; nothing of it is verified.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let (head, note) = text.split_once("\n\n")?;
        let mut lines = head.split('\n');
        let old_size = lines.next()?.strip_prefix("old ")?.parse().ok()?;
        let proof: Vec<Hash> =
            lines.map(|line| STANDARD.decode(line).ok()?.try_into().ok()).collect::<Option<Vec<_>>>()?;
        let read = Self { old_size, proof, note: note.to_owned() };
        (read.proof.len() <= MAX_PROOF && read.text() == text).then_some(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_what_the_specification_says() {
        let note = "origin\n20852163\nroot\n\n\u{2014} origin x\n".to_owned();
        let submission = Submission { old_size: 20_852_014, proof: vec![[3; 32], [4; 32]], note: note.clone() };
        let text = "old 20852014\nAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM=\nBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ=\n\n\
             origin\n20852163\nroot\n\n\u{2014} origin x\n";
        assert_eq!(submission.text(), text);
        assert_eq!(Submission::read(text), Some(submission));
        let first = Submission { old_size: 0, proof: Vec::new(), note };
        assert_eq!(Submission::read(&first.text()), Some(first));
    }

    #[test]
    fn only_one_spelling_is_read() {
        let hash = "AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM=\n";
        assert!(Submission::read(&format!("old 7\n{}\nnote\n", hash.repeat(63))).is_some());
        assert!(Submission::read(&format!("old 7\n{}\nnote\n", hash.repeat(64))).is_none());
        for bad in ["", "old 7\n", "old 07\n\nnote\n", "old -7\n\nnote\n", "old 7\nAwM=\n\nnote\n", "7\n\nnote\n"] {
            assert_eq!(Submission::read(bad), None, "{bad:?}");
        }
    }
}

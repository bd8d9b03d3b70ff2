use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use merkle::Hash;

/// No note is longer than this, in bytes: room for a head and many post-quantum cosignatures.
const MAX_NOTE: usize = 256 * 1024;
/// A note with more signatures is refused.
const MAX_SIGNATURES: usize = 64;

/// A head of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name.
    pub origin: String,
    /// Number of leaves.
    pub size: u64,
    pub root: Hash,
}

/// Why a note is not a Checkpoint of this log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    #[error("not a signed note")]
    Malformed,
    #[error("not signed by this log's key")]
    NotSigned,
    #[error("the signature does not match")]
    BadSignature,
    #[error("the text is not a checkpoint")]
    NotACheckpoint,
    #[error("the checkpoint is of another log")]
    OtherLog,
}

impl Checkpoint {
    /// The three lines that are signed.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root))
    }

    /// Reads the signed text. Extension lines are refused: this log never writes any.
    pub(crate) fn read(text: &str) -> Result<Self, NoteError> {
        let lines: Vec<&str> = text.split_terminator('\n').collect();
        let [origin, size, root] = lines[..] else { return Err(NoteError::NotACheckpoint) };
        let root = STANDARD.decode(root).map_err(|_| NoteError::NotACheckpoint)?;
        let checkpoint = Self {
            origin: origin.to_owned(),
            size: size.parse().map_err(|_| NoteError::NotACheckpoint)?,
            root: root.try_into().map_err(|_| NoteError::NotACheckpoint)?,
        };
        // One spelling only: leading zeroes, signs and a missing last line feed do not survive this.
        if checkpoint.text() == text { Ok(checkpoint) } else { Err(NoteError::NotACheckpoint) }
    }
}

/// A note taken apart; nothing of it is verified.
pub(crate) struct Parts<'a> {
    /// With its last line feed.
    pub text: &'a str,
    /// Key name, key id, signature.
    pub signatures: Vec<(&'a str, [u8; 4], Vec<u8>)>,
}

pub(crate) fn split(note: &str) -> Result<Parts<'_>, NoteError> {
    if note.len() > MAX_NOTE || note.bytes().any(|b| b < 0x20 && b != b'\n') {
        return Err(NoteError::Malformed);
    }
    let gap = note.rfind("\n\n").ok_or(NoteError::Malformed)?;
    let (text, block) = (&note[..=gap], &note[gap + 2..]);
    if !block.ends_with('\n') {
        return Err(NoteError::Malformed);
    }
    let lines: Vec<&str> = block.split_terminator('\n').collect();
    if lines.is_empty() || lines.len() > MAX_SIGNATURES {
        return Err(NoteError::Malformed);
    }
    let signatures = lines.into_iter().map(signature).collect::<Result<_, _>>()?;
    Ok(Parts { text, signatures })
}

fn signature(line: &str) -> Result<(&str, [u8; 4], Vec<u8>), NoteError> {
    let (name, encoded) = line.strip_prefix("\u{2014} ").and_then(|l| l.split_once(' ')).ok_or(NoteError::Malformed)?;
    let bytes = STANDARD.decode(encoded).map_err(|_| NoteError::Malformed)?;
    let (id, signature) = bytes.split_first_chunk::<4>().ok_or(NoteError::Malformed)?;
    if !is_name(name) || signature.is_empty() {
        return Err(NoteError::Malformed);
    }
    Ok((name, *id, signature.to_vec()))
}

/// Whether a key may be called so.
pub(crate) fn is_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= 255 && !name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+')
}

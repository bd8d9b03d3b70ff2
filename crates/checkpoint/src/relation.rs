use merkle::{Hash, verify_consistency};

use crate::Checkpoint;

/// How an older head of the log and a newer one relate. Whoever holds a Checkpoint that somebody saw to the log asks this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// The older one is a beginning of the newer one.
    Continues,
    /// The one that should be newer has fewer entries.
    Shorter,
    /// They are of one size, and two roots.
    Forked,
    /// No path leads from the older one to the newer one.
    Changed,
}

impl Relation {
    /// With the RFC 9162 consistency path between them; one of two equal sizes is empty.
    #[must_use]
    pub fn of(old: &Checkpoint, new: &Checkpoint, path: &[Hash]) -> Self {
        if new.size < old.size {
            return Self::Shorter;
        }
        if new.size == old.size {
            return if new.root == old.root { Self::Continues } else { Self::Forked };
        }
        match verify_consistency(old.size, new.size, path, &old.root, &new.root) {
            Ok(()) => Self::Continues,
            Err(_) => Self::Changed,
        }
    }

    /// The same for whoever has to ask for the path: nothing is asked where none is needed. An answer that is no path is `None`.
    ///
    /// # Errors
    /// What asking failed with; then nothing is known.
    pub async fn asking<E>(
        old: &Checkpoint,
        new: &Checkpoint,
        path: impl Future<Output = Result<Option<Vec<Hash>>, E>>,
    ) -> Result<Self, E> {
        if old.size == 0 || old.size >= new.size {
            return Ok(Self::of(old, new, &[]));
        }
        let path = path.await?;
        Ok(path.map_or(Self::Changed, |path| Self::of(old, new, &path)))
    }
}

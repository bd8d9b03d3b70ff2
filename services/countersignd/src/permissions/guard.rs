use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, bail};

use super::group::private_group;

/// Who may read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    Anybody,
    Owner,
}

/// Looks at files as the user that this process runs as: what is not that user's or root's is somebody else's.
pub struct Guard {
    user: u32,
    /// A group that only this user is in.
    private_group: Option<u32>,
}

const WRITTEN_BY_GROUP: u32 = 0o020;
const WRITTEN_BY_ALL: u32 = 0o002;
const TOUCHED_BY_OTHERS: u32 = 0o077;
/// In such a folder nobody takes away or renames what is another's.
const STICKY: u32 = 0o1000;
/// More links than that on one way lead nowhere.
const MOST_LINKS: usize = 16;

impl Guard {
    /// # Errors
    /// When the system does not tell who runs this process.
    pub fn of_this_process() -> anyhow::Result<Self> {
        let own = fs::metadata("/proc/self").context("/proc is needed to see which user runs this program")?;
        Ok(Self { user: own.uid(), private_group: private_group(own.uid()) })
    }

    #[cfg(test)]
    pub fn of(user: u32, private_group: Option<u32>) -> Self {
        Self { user, private_group }
    }

    /// A file that must be there.
    pub fn file(&self, path: &Path, readers: Readers) -> anyhow::Result<()> {
        let metadata = own_metadata(path).with_context(|| {
            format!("{} is not there; run `countersignd init`, or correct the path", path.display())
        })?;
        self.is_guarded(path, &metadata, readers)?;
        self.folders_above(path)
    }

    /// The same, where it may be missing.
    pub fn file_if_there(&self, path: &Path, readers: Readers) -> anyhow::Result<()> {
        match own_metadata(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            _ => self.file(path, readers),
        }
    }

    /// A file or folder that the role makes: missing, or nobody else's. The folders above it are there in any case.
    pub fn store(&self, path: &Path) -> anyhow::Result<()> {
        match own_metadata(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => self.folders_above(path),
            _ => self.file(path, Readers::Anybody),
        }
    }

    fn is_guarded(&self, path: &Path, metadata: &Metadata, readers: Readers) -> anyhow::Result<()> {
        let name = path.display();
        if metadata.file_type().is_symlink() {
            bail!("{name} is a symbolic link; put the file itself in its place, so that nobody can point it elsewhere");
        }
        self.belongs(path, metadata)?;
        if self.is_written_by_others(metadata) {
            bail!("{name} can be changed by other users; run: chmod go-w {name}");
        }
        if readers == Readers::Owner && metadata.mode() & TOUCHED_BY_OTHERS != 0 {
            bail!(
                "the secret file {name} can be read by other users; run: chmod 600 {name} (and, if others may have read \
                 it, make a new one)"
            );
        }
        Ok(())
    }

    /// Whoever can write in a folder can put another file under the same name.
    fn folders_above(&self, path: &Path) -> anyhow::Result<()> {
        let path = std::path::absolute(path).with_context(|| format!("{} has no place", path.display()))?;
        let mut links = 0;
        match path.parent() {
            Some(folder) => self.folders(folder, &mut links),
            None => Ok(()),
        }
    }

    /// From the root down to this folder, and along every link on the way.
    fn folders(&self, folder: &Path, links: &mut usize) -> anyhow::Result<()> {
        let mut way = PathBuf::new();
        for part in folder.components() {
            if part == Component::ParentDir {
                way = fs::canonicalize(&way).with_context(|| format!("{} is not there", way.display()))?;
            }
            way.push(part);
            let metadata = own_metadata(&way).with_context(|| format!("the folder {} is not there", way.display()))?;
            if metadata.file_type().is_symlink() {
                *links += 1;
                if *links > MOST_LINKS {
                    bail!("{} is a link without an end", way.display());
                }
                self.belongs(&way, &metadata)?;
                let beside = way.parent().unwrap_or(Path::new("/")).to_owned();
                let target = fs::read_link(&way).with_context(|| format!("{} cannot be read", way.display()))?;
                self.folders(&beside.join(target), links)?;
                continue;
            }
            self.is_own_folder(&way, &metadata)?;
        }
        Ok(())
    }

    fn is_own_folder(&self, folder: &Path, metadata: &Metadata) -> anyhow::Result<()> {
        let name = folder.display();
        self.belongs(folder, metadata)?;
        if self.is_written_by_others(metadata) && metadata.mode() & STICKY == 0 {
            bail!("other users can put files into the folder {name}; run: chmod go-w {name}");
        }
        Ok(())
    }

    fn is_written_by_others(&self, metadata: &Metadata) -> bool {
        let by_group = metadata.mode() & WRITTEN_BY_GROUP != 0 && self.private_group != Some(metadata.gid());
        by_group || metadata.mode() & WRITTEN_BY_ALL != 0
    }

    fn belongs(&self, path: &Path, metadata: &Metadata) -> anyhow::Result<()> {
        let owner = metadata.uid();
        if owner != self.user && owner != 0 {
            bail!("{} belongs to another user ({owner}); run: chown {} {}", path.display(), self.user, path.display());
        }
        Ok(())
    }
}

/// Of the name itself, not of what a link points to.
fn own_metadata(path: &Path) -> std::io::Result<Metadata> {
    fs::symlink_metadata(path)
}

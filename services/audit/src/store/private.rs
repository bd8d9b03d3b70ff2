//! Files and folders for their owner alone: what is sealed in them still says who worked when.

use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::{Error, ErrorKind, Result};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

const OWNER_ONLY: u32 = 0o600;
const OTHERS: u32 = 0o077;

/// A new, empty file, whatever stood there.
pub(crate) fn create(path: &Path) -> Result<File> {
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(OWNER_ONLY).open(path)?;
    file.set_permissions(Permissions::from_mode(OWNER_ONLY))?;
    Ok(file)
}

/// The database is there before SQLite opens it, and so are the files beside it that an earlier process left; those that
/// SQLite makes get the same permissions.
pub(crate) fn database(path: &Path) -> Result<()> {
    for beside in ["-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(beside);
        match std::fs::set_permissions(&name, Permissions::from_mode(OWNER_ONLY)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    let file = OpenOptions::new().create(true).append(true).mode(OWNER_ONLY).open(path)?;
    file.set_permissions(Permissions::from_mode(OWNER_ONLY))
}

/// Makes the folder if it is missing; one that others may enter is refused.
pub(crate) fn folder(path: &Path) -> Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    if std::fs::metadata(path)?.permissions().mode() & OTHERS == 0 {
        return Ok(());
    }
    let name = path.display();
    let what = format!("other users may enter the folder {name}; run: chmod go-rwx {name}");
    Err(Error::new(ErrorKind::PermissionDenied, what))
}

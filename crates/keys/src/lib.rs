//! What a desktop keeps secret, and where: the Device key, a witness key and a sealing key in the system's keyring ([`Keyring`]), and
//! files of the profile that are sealed by that key ([`Sealer`]) or at least private ([`write_private`]); and a
//! [`Lock`] for what only one process of a profile may do at a time. A process that holds any of it leaves no core file ([`leave_no_core_file`]).
//!
//! What it is not: there is no other place. Without a keyring that works nothing is kept and nothing is signed; no
//! secret ever goes to a plain file. Services keep their keys in files of their own and do not use this crate.

mod core_file;
mod error;
mod keyring;
mod lock;
mod private;
mod sealed;

pub use core_file::leave_no_core_file;
pub use error::{FileError, KeyringError};
pub use keyring::{Keyring, ProfileKeys};
pub use lock::Lock;
pub use private::{create_private_folder, read_private, remove, write_private};
pub use sealed::Sealer;

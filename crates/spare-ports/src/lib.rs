//! Ports of loopback for programs that tests and the demo start.
//!
//! A port that was found free by binding to port 0 may be given to an outgoing connection before the program listens
//! on it. So these lie below the kernel's range for outgoing connections, and a file lock, held until this process
//! ends, keeps other processes of the same user from the same ones. What it is not: a way to reserve ports against
//! other users' programs, which are only looked for.

use std::{
    fs::{self, File, TryLockError},
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    os::unix::fs::MetadataExt as _,
    path::PathBuf,
};

/// Ports that are reserved together: nobody may ask for more at once.
const HANDFUL: u16 = 8;
/// How far below the kernel's range they begin.
const REACH: u16 = 12_000;
const LOWEST: u16 = 10_240;
/// The kernel's own default, where it does not say.
const OUTGOING_FROM: u16 = 32_768;

/// Reserves `count` (at most 8) ports in a row on which nobody listens, until this process ends; the first of them.
///
/// # Errors
/// When the lock files cannot be written, or none is left.
pub fn reserve(count: u16) -> io::Result<u16> {
    assert!((1..=HANDFUL).contains(&count), "{count} ports at once");
    let (folder, first) = (locks()?, first_port());
    let handfuls = u32::from(REACH / HANDFUL);
    for n in 0..handfuls {
        let place = u16::try_from((std::process::id() + n) % handfuls).unwrap_or(0);
        let port = first + place * HANDFUL;
        let lock = File::create(folder.join(port.to_string()))?;
        match lock.try_lock() {
            Ok(()) if (port..port + count).all(nobody_listens) => {
                // The lock goes with the process.
                std::mem::forget(lock);
                return Ok(port);
            }
            Ok(()) | Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Err(io::Error::other("no port is spare"))
}

/// One reserved port, as an address to listen on.
///
/// # Errors
/// As [`reserve`].
pub fn address() -> io::Result<SocketAddr> {
    Ok((Ipv4Addr::LOCALHOST, reserve(1)?).into())
}

fn nobody_listens(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

fn locks() -> io::Result<PathBuf> {
    let user = fs::metadata("/proc/self")?.uid();
    let folder = std::env::temp_dir().join(format!("countersign-ports-{user}"));
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn first_port() -> u16 {
    let range = fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").unwrap_or_default();
    let from = range.split_whitespace().next().and_then(|from| from.parse().ok()).unwrap_or(OUTGOING_FROM);
    from.saturating_sub(REACH).max(LOWEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_reservations_share_a_port() {
        let mut taken = std::collections::BTreeSet::new();
        for count in [1, 3, 8, 5, 1] {
            let first = reserve(count).expect("ports");
            assert!((first..first + count).all(|port| taken.insert(port)), "{first} twice");
        }
    }

    #[test]
    fn a_port_that_somebody_listens_on_is_passed_over() {
        let first = reserve(1).expect("a port");
        let beside = first + HANDFUL;
        let Ok(_listener) = TcpListener::bind((Ipv4Addr::LOCALHOST, beside)) else { return };
        assert_ne!(reserve(1).expect("a port"), beside);
    }

    #[test]
    fn an_outgoing_connection_never_gets_one() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let reserved = first_port()..first_port() + REACH;
        for _ in 0..200 {
            let out = std::net::TcpStream::connect(listener.local_addr().expect("address")).expect("connected");
            assert!(!reserved.contains(&out.local_addr().expect("address").port()));
            drop(listener.accept());
        }
    }
}

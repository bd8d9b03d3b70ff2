use std::io;

/// From now on the system writes no core file of this process or of any that it starts, whatever crashes: one would hold the
/// Device key and what is on the screen. Nobody but root can take it back. Windows writes none by itself. On Linux a program that
/// `core_pattern` names is handed cores all the same, and decides.
///
/// # Errors
/// The system's.
pub fn leave_no_core_file() -> io::Result<()> {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    }
    Ok(())
}

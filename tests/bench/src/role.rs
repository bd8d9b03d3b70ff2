//! What a process of this program is when it was not started to measure: a service, so that each has memory and threads of
//! its own.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use domain::SystemClock;

const ROLE: &str = "COUNTERSIGN_BENCH_ROLE";
/// Its configuration's file.
const CONFIG: &str = "COUNTERSIGN_BENCH_CONFIG";

#[derive(Clone, Copy)]
pub enum Role {
    Audit,
    #[cfg(feature = "forge")]
    Gateway,
    /// What stands behind the gateway.
    #[cfg(feature = "forge")]
    Service,
}

impl Role {
    /// What `countersignd` starts it with.
    const fn memory(self) -> &'static [(&'static str, &'static str)] {
        match self {
            #[cfg(feature = "forge")]
            Self::Gateway => &gateway::MEMORY,
            _ => &[],
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Audit => "audit",
            #[cfg(feature = "forge")]
            Self::Gateway => "gateway",
            #[cfg(feature = "forge")]
            Self::Service => "service",
        }
    }
}

/// Serves until it is killed, when this process was started to be a service.
pub async fn be_it() -> anyhow::Result<bool> {
    let (Some(role), Some(config)) = (std::env::var_os(ROLE), std::env::var_os(CONFIG)) else { return Ok(false) };
    let (config, clock) = (Path::new(&config), Arc::new(SystemClock));
    match role.to_str() {
        Some("audit") => audit::run(audit::Config::read(config)?, clock, std::future::pending()).await?,
        #[cfg(feature = "forge")]
        Some("gateway") => gateway::run(gateway::Config::read(config)?, clock, std::future::pending()).await?,
        #[cfg(feature = "forge")]
        Some("service") => crate::gateway::service::serve(config).await?,
        _ => anyhow::bail!("no such role: {role:?}"),
    }
    Ok(true)
}

/// Ends with its owner.
pub struct Process(Child);

impl Process {
    pub fn start(role: Role, config: &Path) -> anyhow::Result<Self> {
        let mut program = Command::new(std::env::current_exe()?);
        program
            .env(ROLE, role.word())
            .env(CONFIG, config)
            .envs(role.memory().iter().copied().filter(|(name, _)| std::env::var_os(name).is_none()));
        Self::of(&mut program)
    }

    pub fn of(program: &mut Command) -> anyhow::Result<Self> {
        Ok(Self(program.stdin(Stdio::null()).stdout(Stdio::null()).spawn()?))
    }

    #[cfg(feature = "forge")]
    pub fn id(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

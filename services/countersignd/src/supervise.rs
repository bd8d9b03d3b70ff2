use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use crate::role::{Failure, hangups, told_to_stop};
use crate::{REFUSED_TO_START, permissions};

mod answers;

/// In the order of their start. They stop the other way round: what the gateway still has to say, the audit service
/// must be there to hear.
const ROLES: [&str; 3] = ["audit", "broker", "gateway"];
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// A role that ran this long begins again with the first pause.
const STEADY: Duration = Duration::from_secs(30);
/// A role that was told to stop is ended after this time.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Clone)]
struct Role {
    name: &'static str,
    config: PathBuf,
}

/// Runs the three roles of `dir` as processes until told to stop.
///
/// # Errors
/// [`Failure`] when a role refuses to start, or none can be.
pub async fn run(dir: &Path) -> Result<(), Failure> {
    let roles = ROLES.map(|name| Role { name, config: dir.join(name).join(format!("{name}.toml")) });
    for role in &roles {
        permissions::check(&role.config).map_err(Failure::Refused)?;
    }
    permissions::check_installation(dir).map_err(Failure::Refused)?;
    let told_to_stop = told_to_stop(false).map_err(Failure::Broke)?;
    // They are for the roles, each by itself: whoever closes a terminal ends no Session.
    let mut hangups = hangups().map_err(Failure::Broke)?;
    tokio::spawn(async move {
        while hangups.recv().await.is_some() {
            tracing::info!("SIGHUP: send it to the role whose certificates or keys have changed");
        }
    });
    let configs: Vec<PathBuf> = roles.iter().map(|r| r.config.clone()).collect();
    let announced = tokio::spawn(async move { announce(&configs).await });
    let mut kept = Kept::start(roles);
    let outcome = tokio::select! {
        () = told_to_stop => Ok(()),
        ended = kept.next() => ended,
    };
    announced.abort();
    kept.stop().await;
    outcome
}

/// The roles that run, each told to stop through its own channel.
struct Kept {
    tasks: JoinSet<(&'static str, Result<(), Failure>)>,
    running: BTreeMap<&'static str, watch::Sender<bool>>,
}

impl Kept {
    fn start(roles: [Role; 3]) -> Self {
        let (mut tasks, mut running) = (JoinSet::new(), BTreeMap::new());
        for role in roles {
            let (stop, stopped) = watch::channel(false);
            running.insert(role.name, stop);
            tasks.spawn(async move { (role.name, keep(role, stopped).await) });
        }
        Self { tasks, running }
    }

    /// Waits for a role to end.
    async fn next(&mut self) -> Result<(), Failure> {
        match self.tasks.join_next().await {
            Some(Ok((name, ended))) => {
                self.running.remove(name);
                ended
            }
            Some(Err(error)) => Err(Failure::Broke(error.into())),
            None => Ok(()),
        }
    }

    async fn stop(mut self) {
        for name in ROLES.iter().rev() {
            let Some(stop) = self.running.get(name) else { continue };
            let _ = stop.send(true);
            while self.running.contains_key(name) && !self.tasks.is_empty() {
                if let Err(error) = self.next().await {
                    tracing::warn!(?error, "a role did not stop cleanly");
                }
            }
        }
    }
}

async fn announce(configs: &[PathBuf]) {
    match answers::wait_for(configs).await {
        Ok(()) => println!("ready"),
        Err(error) => tracing::error!("the roles cannot be asked whether they are ready: {error:#}"),
    }
}

/// Starts a role again whenever it stops, with a growing pause, until told to stop.
async fn keep(role: Role, mut stopped: watch::Receiver<bool>) -> Result<(), Failure> {
    let mut pause = FIRST_PAUSE;
    loop {
        let started = Instant::now();
        let mut child = start(&role).map_err(Failure::Broke)?;
        // Waiting for a child closes its standard input, whose end tells it to stop.
        let held = child.stdin.take();
        tokio::select! {
            status = child.wait() => refuse_or_report(&role, &status.context("cannot wait for it").map_err(Failure::Broke)?)?,
            _ = stopped.changed() => return end(&role, child, held).await,
        }
        if started.elapsed() > STEADY {
            pause = FIRST_PAUSE;
        }
        tokio::select! {
            () = sleep(pause) => {}
            _ = stopped.changed() => return Ok(()),
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

fn start(role: &Role) -> anyhow::Result<Child> {
    let program = std::env::current_exe().context("this program's own file is not known")?;
    Command::new(program)
        .arg(role.name)
        .arg("--config")
        .arg(&role.config)
        .arg("--stop-with-stdin")
        .envs(memory(role.name))
        .stdin(Stdio::piped())
        // A Ctrl-C in the terminal is for the supervisor, which stops them in their order.
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("the {} cannot be started", role.name))
}

/// What the environment says already is left as it is.
fn memory(role: &str) -> Vec<(&'static str, &'static str)> {
    let of_the_role = if role == "gateway" { &gateway::MEMORY[..] } else { &[] };
    of_the_role.iter().copied().filter(|(name, _)| std::env::var_os(name).is_none()).collect()
}

fn refuse_or_report(role: &Role, status: &ExitStatus) -> Result<(), Failure> {
    if status.code() == Some(i32::from(REFUSED_TO_START)) {
        return Err(Failure::Refused(anyhow!("the {} refused to start; its reason stands above", role.name)));
    }
    tracing::warn!(role = role.name, %status, "stopped; it is started again");
    Ok(())
}

async fn end(role: &Role, mut child: Child, held: Option<ChildStdin>) -> Result<(), Failure> {
    drop(held);
    if timeout(PATIENCE, child.wait()).await.is_ok() {
        return Ok(());
    }
    let _ = child.kill().await;
    Err(Failure::Broke(anyhow!("the {} did not stop in {} s and was ended", role.name, PATIENCE.as_secs())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gateway_alone_is_told_how_to_keep_memory() {
        assert_eq!(memory("gateway"), gateway::MEMORY);
        assert!(memory("audit").is_empty() && memory("broker").is_empty());
    }
}

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use domain::{Clock, SystemClock};
use serve::tls::Renewals;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{oneshot, watch};

use crate::arguments::RoleArguments;
use crate::permissions;

/// Why a role is not running.
#[derive(Debug)]
pub enum Failure {
    /// Its configuration or its files are wrong; starting it again changes nothing.
    Refused(anyhow::Error),
    /// It could not go on.
    Broke(anyhow::Error),
}

macro_rules! role {
    ($name:ident) => {
        pub async fn $name(arguments: &RoleArguments) -> Result<(), Failure> {
            permissions::check(&arguments.config).map_err(Failure::Refused)?;
            let config = $name::Config::read(&arguments.config)
                .with_context(|| unusable(&arguments.config))
                .map_err(Failure::Refused)?;
            let shutdown = told_to_stop(arguments.stop_with_stdin).map_err(Failure::Broke)?;
            let renewals = told_to_renew(arguments.config.clone()).map_err(Failure::Broke)?;
            $name::run_renewing(config, clock(), shutdown, renewals)
                .await
                .with_context(|| format!("the {} stopped", stringify!($name)))
                .map_err(Failure::Broke)
        }
    };
}

role!(broker);
role!(gateway);
role!(audit);

fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock)
}

fn unusable(config: &Path) -> String {
    format!("{} cannot be used; correct what is named here and start again", config.display())
}

/// SIGHUP ends nothing, and there is no log file to open again: a role reads its certificates and keys again.
///
/// # Errors
/// When the system gives no signal handlers.
fn told_to_renew(config: PathBuf) -> anyhow::Result<Renewals> {
    let mut hangups = hangups()?;
    let (tell, told) = watch::channel(());
    tokio::spawn(async move {
        while hangups.recv().await.is_some() {
            // The files are held to what they are held to at the start.
            match permissions::check(&config) {
                Ok(()) => tell.send_replace(()),
                Err(error) => tracing::error!("certificates and keys stay as they were: {error:#}"),
            }
        }
    });
    Ok(told)
}

/// # Errors
/// When the system gives no signal handlers.
pub fn hangups() -> anyhow::Result<Signal> {
    signal(SignalKind::hangup()).context("no handler for SIGHUP")
}

/// Ends at SIGTERM, at SIGINT and, when asked, at the end of standard input.
///
/// # Errors
/// When the system gives no signal handlers.
pub fn told_to_stop(with_stdin: bool) -> anyhow::Result<impl Future<Output = ()> + Send + 'static> {
    let mut terminate = signal(SignalKind::terminate()).context("no handler for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("no handler for SIGINT")?;
    let (ended, stdin_ended) = oneshot::channel();
    if with_stdin {
        // A thread of its own: tokio's standard input would keep the runtime from ending.
        std::thread::spawn(move || {
            let _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
            let _ = ended.send(());
        });
    }
    Ok(async move {
        let stdin = async {
            if !with_stdin || stdin_ended.await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            () = stdin => {}
        }
    })
}

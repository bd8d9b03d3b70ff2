use std::fs;
use std::sync::Arc;

use anyhow::Context as _;
use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use domain::SystemClock;
use identity::ProviderSource;
use tokio::signal::unix::{SignalKind, signal};

use crate::admission::{Pinned, Source};
use crate::certificate::{self, HOST};
use crate::company::Companies;
use crate::flash::Flashes;
use crate::options::Options;
use crate::served::{self, Served};
use crate::tls::TlsListener;
use crate::{api, guard, live, pages};

/// Everything that the pages work on.
pub struct Service {
    pub source: Source,
    pub companies: Companies,
    pub flashes: Flashes,
    pub served: Arc<Served>,
}

/// Makes what is missing in the folder and says what is there.
///
/// # Errors
/// When the folder cannot be written.
pub fn prepare(options: &Options) -> anyhow::Result<()> {
    certificate::make_missing(&options.dir, options.listen)?;
    println!("{}", options.dir.join("target.toml").display());
    Ok(())
}

/// Serves until SIGTERM or SIGINT.
///
/// # Errors
/// When a file or an address cannot be used.
pub async fn run(options: Options) -> anyhow::Result<()> {
    certificate::make_missing(&options.dir, options.listen)?;
    let service = Arc::new(service(&options)?);
    let listener = TlsListener::bind(options.listen, &options.dir).await?;
    if let Some(address) = options.control {
        let served = Arc::clone(&service.served);
        tokio::spawn(async move {
            if let Err(error) = served::answer(address, served).await {
                tracing::error!("{error:#}");
            }
        });
    }
    println!("ready https://{HOST} at {}", options.listen);
    let mut terminate = signal(SignalKind::terminate())?;
    // No graceful end: a live feed would hold it up for ever.
    tokio::select! {
        served = async { axum::serve(listener, router(service)).await } => served.context("it stopped serving"),
        _ = terminate.recv() => Ok(()),
        _ = tokio::signal::ctrl_c() => Ok(()),
    }
}

fn service(options: &Options) -> anyhow::Result<Service> {
    let (Some(gateway), Some(gateway_ca), Some(trust)) = (&options.gateway, &options.gateway_ca, &options.trust) else {
        anyhow::bail!("--gateway, --gateway-ca and --trust are needed");
    };
    let read =
        |path: &std::path::Path| fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()));
    let pinned = Pinned::read(&read(trust)?).with_context(|| trust.display().to_string())?;
    let audience = format!("https://{HOST}");
    let provider_ca = options.provider_ca.as_deref().map(read).transpose()?;
    let http = identity::http_client(provider_ca.as_deref())?;
    let issuer = ProviderSource::new(&pinned.trust.issuer, http, Arc::new(SystemClock));
    let gateway_ca = read(gateway_ca)?;
    let source = Source::new(pinned, &audience, gateway, gateway_ca.as_bytes(), issuer, Arc::new(SystemClock))?;
    let companies = Companies::sample();
    let served = Arc::new(Served::of(&companies));
    Ok(Service { source, companies, flashes: Flashes::default(), served })
}

fn router(service: Arc<Service>) -> Router {
    Router::new()
        .route("/o/{organization}/", get(pages::overview::show))
        .route("/o/{organization}/overview", get(pages::overview::show))
        .route("/o/{organization}/people", get(pages::people::list))
        .route("/o/{organization}/people/{number}", get(pages::person::show))
        .route("/o/{organization}/people/{number}/bank", post(pages::person::change_bank))
        .route("/o/{organization}/payslips", get(pages::payslips::list))
        .route("/o/{organization}/payslips/generate", post(pages::payslips::generate))
        .route("/o/{organization}/payslips/{month}/{number}", get(pages::payslip::show))
        .route("/o/{organization}/exports/payslips.csv", get(pages::export::payslips))
        .route("/o/{organization}/settings", get(pages::settings::show).post(pages::settings::change))
        .route("/o/{organization}/settings/status", get(pages::status::show))
        .route("/o/{organization}/live", get(live::feed))
        .route("/o/{organization}/api/status", get(api::status))
        .route("/o/{organization}/api/people", get(api::people))
        .route("/o/{organization}/api/people/{number}", get(api::person))
        .route("/o/{organization}/api/payslips", get(api::payslips))
        .route("/o/{organization}/api/payslips/generate", post(api::generate))
        .route("/assets/{name}", get(pages::assets::show))
        .fallback(pages::nothing)
        .layer(from_fn_with_state(Arc::clone(&service), guard::guard))
        .with_state(service)
}

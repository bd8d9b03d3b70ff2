use std::sync::Arc;

use http::header::UPGRADE;
use http::{Method, Request, Response, StatusCode, Version};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::client::conn::http1::SendRequest;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::sync::{Mutex, OwnedSemaphorePermit};
use tokio_util::sync::CancellationToken;

use super::gateway::{Body, Unreachable};
use super::proxy::Proxy;
use super::{headers, page};

/// Carries the requests of one tunnel over one connection to the gateway, which it makes when first needed.
pub(super) struct Carrier {
    host: String,
    proxy: Arc<Proxy>,
    /// This tunnel's place among those that one door may have; an upgraded connection keeps it.
    room: Arc<OwnedSemaphorePermit>,
    /// HTTP/1.1 answers in order: whoever holds the lock waits for the head of the answer.
    sender: Mutex<Option<SendRequest<Body>>>,
}

impl Carrier {
    pub(super) fn new(host: String, proxy: Arc<Proxy>, room: OwnedSemaphorePermit) -> Self {
        Self { host, proxy, room: Arc::new(room), sender: Mutex::new(None) }
    }

    /// The gateway's answer to `request`, or a page of the door's own.
    pub(super) async fn carry(&self, mut request: Request<Incoming>) -> Response<Body> {
        if let Some(refusal) = self.refusal(&request) {
            return refusal;
        }
        headers::for_next_hop(request.headers_mut());
        *request.version_mut() = Version::HTTP_11;
        let asked = request.headers().contains_key(UPGRADE).then(|| hyper::upgrade::on(&mut request));
        match self.send(request.map(BodyExt::boxed)).await {
            Ok(response) => self.answer(response, asked),
            Err(error) => {
                tracing::info!(%error, "the gateway cannot be reached");
                page::unreachable()
            }
        }
    }

    fn refusal(&self, request: &Request<Incoming>) -> Option<Response<Body>> {
        if matches!(*request.method(), Method::CONNECT | Method::TRACE) {
            return Some(page::not_carried("This method is not available in a Session."));
        }
        if request.uri().authority().is_some() || !headers::is_for(request.headers(), &self.host) {
            return Some(page::not_carried("The request is for another host than this tunnel."));
        }
        request.headers().contains_key("service-worker").then(page::no_service_worker)
    }

    async fn send(&self, request: Request<Body>) -> Result<Response<Incoming>, Unreachable> {
        let mut slot = self.sender.lock().await;
        let mut sender = match slot.take() {
            Some(sender) if !sender.is_closed() => sender,
            _ => self.proxy.gateway.connect(&self.proxy.closing).await?,
        };
        if sender.ready().await.is_err() {
            sender = self.proxy.gateway.connect(&self.proxy.closing).await?;
            sender.ready().await?;
        }
        let response = sender.send_request(request).await?;
        *slot = Some(sender);
        Ok(response)
    }

    fn answer(&self, mut response: Response<Incoming>, asked: Option<OnUpgrade>) -> Response<Body> {
        let switching = response.status() == StatusCode::SWITCHING_PROTOCOLS;
        headers::for_next_hop(response.headers_mut());
        match (switching, asked) {
            (true, Some(window)) => {
                let gateway = hyper::upgrade::on(&mut response);
                tokio::spawn(splice(window, gateway, self.proxy.closing.clone(), Arc::clone(&self.room)));
                response.map(BodyExt::boxed)
            }
            (true, None) => page::unreachable(),
            (false, _) => response.map(BodyExt::boxed),
        }
    }
}

/// Bytes of an upgraded connection, both ways, until one side ends it or the door closes.
async fn splice(window: OnUpgrade, gateway: OnUpgrade, closing: CancellationToken, room: Arc<OwnedSemaphorePermit>) {
    let both = async {
        let (window, gateway) = tokio::try_join!(window, gateway)?;
        let copied = tokio::io::copy_bidirectional(&mut TokioIo::new(window), &mut TokioIo::new(gateway)).await;
        if let Err(error) = copied {
            tracing::debug!(%error, "an upgraded connection ended");
        }
        Ok::<_, hyper::Error>(())
    };
    tokio::select! {
        () = closing.cancelled() => {}
        _ = both => {}
    }
    drop(room);
}

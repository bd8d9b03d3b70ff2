//! One request and its answer, under the recording rule: a write is forwarded after the audit service has acknowledged
//! its record; a part of an answer is released after its record is on disk; nothing passes while the recording is behind.

pub(crate) mod answer;
mod coding;
pub(crate) mod progress;
mod refusing;

use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use http_body_util::Full;

use crate::api::KeptHealth;
use crate::assertion::Asserter;
use crate::authorise::{Asked, authorise};
use crate::connection::{Connection, ReadError, Stream};
use crate::forwarded;
use crate::head::RequestHead;
use crate::life::Life;
use crate::page;
use crate::path::CanonicalPath;
use crate::refused::Refused;
use crate::session::{Permit, Session};
use crate::socket::{self, Socket};
use crate::targets::Target;
use crate::upstream::{Upstream, Upstreams};
use progress::Progress;
pub use refusing::answer_refusal;

/// No larger body of a request is carried, in bytes.
const MAX_BODY: usize = 8 * 1024 * 1024;

/// What carries exchanges.
pub struct Carrier {
    pub life: Arc<Life>,
    pub upstreams: Upstreams,
    pub asserter: Asserter,
    pub health: KeptHealth,
}

/// What becomes of the connection.
pub enum Next {
    Again,
    Close,
    /// It is a WebSocket now.
    Socket(Box<Socket>),
}

/// Why an exchange stopped before its end.
pub(crate) enum Stop {
    Refused(Refused),
    /// The person's side.
    Person(ReadError),
    /// The service's side, in the middle of an answer.
    Service,
}

impl From<Refused> for Stop {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl From<ReadError> for Stop {
    fn from(error: ReadError) -> Self {
        Self::Person(error)
    }
}

/// A request as it was read, with its one meaning.
pub(crate) struct Asking<'a> {
    pub head: &'a RequestHead,
    pub path: &'a CanonicalPath,
    pub target: &'a Arc<Target>,
    pub body: Bytes,
}

impl Carrier {
    /// Carries one exchange to its end, or to the Session's.
    pub async fn carry<S: Stream>(
        &self,
        session: &Arc<Session>,
        connection: &mut Connection<S>,
        upstream: &mut Upstream,
        head: &RequestHead,
    ) -> Next {
        let _guard = session.exchange_guard();
        let mut progress = Progress::begin(session.tape());
        let carried = tokio::select! {
            carried = self.try_carry(session, connection, upstream, head, &mut progress) => Some(carried),
            () = session.over() => None,
        };
        let stop = match carried {
            Some(Ok(next)) => return next,
            Some(Err(stop)) => stop,
            None => Stop::Refused(crate::life::is_over(session)),
        };
        self.stopped(session, connection, upstream, head, progress, stop).await
    }

    async fn try_carry<S: Stream>(
        &self,
        session: &Arc<Session>,
        connection: &mut Connection<S>,
        upstream: &mut Upstream,
        head: &RequestHead,
        progress: &mut Progress,
    ) -> Result<Next, Stop> {
        session.alive()?;
        let target = session.target(&head.host).cloned().ok_or_else(|| unknown_host(session))?;
        let path = CanonicalPath::read(&head.target).map_err(|e| unclear_path(&e.to_string()))?;
        progress.sieve = session.sieve(&target, path.path());
        if head.values("service-worker").next().is_some() {
            return Err(no_service_worker().into());
        }
        let body = connection.body(head, MAX_BODY).await?;
        progress.body_was_read = true;
        session.tape().passable().await;
        let asking = Asking { head, path: &path, target: &target, body };
        if path.path().starts_with(page::RESERVED) {
            return page::serve(session, connection, &asking, &progress.sieve).await;
        }
        let wanted = socket::is_wanted(head, &target, connection.has_more())?;
        let asked = Asked { method: head.method, path: &path, headers: &head.headers, body: &asking.body };
        let authorised = authorise(session.grant(), &target, asked).inspect_err(|refused| {
            if refused.code == "unreadable-body" {
                let what = format!("A refused request's content: {}.", progress.sieve.not_kept(&asking.body));
                session.tape().record([crate::life::note("body-not-kept", &what)]);
            }
        })?;
        let permit = session.permit(authorised)?;
        self.forward(permit, connection, upstream, &asking, wanted, progress).await
    }

    /// Forwards what a [`Permit`] was given for, and nothing else is ever forwarded.
    async fn forward<S: Stream>(
        &self,
        permit: Permit<'_>,
        connection: &mut Connection<S>,
        upstream: &mut Upstream,
        asking: &Asking<'_>,
        socket: bool,
        progress: &mut Progress,
    ) -> Result<Next, Stop> {
        let (session, authorised) = (permit.session(), permit.authorised());
        let recorded = session.tape().record(progress.request(asking, authorised.is_write()));
        progress.is_recorded = true;
        if authorised.is_write() {
            session.tape().acknowledged(recorded).await;
        }
        session.tape().passable().await;
        session.alive()?;
        let request = self.request(session, asking, socket)?;
        let answer = upstream.send(&self.upstreams, asking.target, request).await?;
        if socket && answer.status() == http::StatusCode::SWITCHING_PROTOCOLS {
            let socket = socket::switch(session, connection, answer, asking, authorised.may_send(), progress).await?;
            upstream.cut();
            return Ok(Next::Socket(Box::new(socket)));
        }
        answer::release(session, connection, asking, answer, progress).await?;
        Ok(if asking.head.keep_alive { Next::Again } else { Next::Close })
    }

    fn request(&self, session: &Session, asking: &Asking<'_>, socket: bool) -> Result<Request<Full<Bytes>>, Refused> {
        let now = self.life.clock.now();
        let assertion = self.asserter.assert(session.facts(), &asking.target.audience, now).map_err(|error| {
            tracing::error!(%error, "no assertion");
            Refused::new(503, "no-assertion", "The gateway cannot vouch for you now.", "Tell your administrators.")
        })?;
        let mut request = Request::builder()
            .method(asking.head.method)
            .uri(asking.path.target())
            .header("host", &asking.head.host)
            .header("accept-encoding", "identity")
            .header(wire::ASSERTION_HEADER, assertion);
        for (name, value) in forwarded::to_service(asking.head) {
            request = request.header(name, value);
        }
        if socket {
            request = request.header("connection", "Upgrade").header("upgrade", "websocket");
        }
        request.body(Full::new(asking.body.clone())).map_err(|_| unclear_path("it cannot be forwarded"))
    }

    /// Answers and records what did not go to its end.
    async fn stopped<S: Stream>(
        &self,
        session: &Arc<Session>,
        connection: &mut Connection<S>,
        upstream: &mut Upstream,
        head: &RequestHead,
        mut progress: Progress,
        stop: Stop,
    ) -> Next {
        let cut = match &stop {
            Stop::Refused(refused) => refused.code,
            Stop::Person(_) => "person-left",
            Stop::Service => "service-stopped",
        };
        let answered = progress.is_answered;
        let may_go_on = progress.body_was_read && head.keep_alive && session.ended_by().is_none();
        if progress.is_recorded {
            upstream.cut();
            session.tape().record(progress.ended(Some(cut)));
        }
        if answered {
            return Next::Close;
        }
        let refused = match stop {
            Stop::Refused(refused) => Some(refused),
            Stop::Person(error) => error.refused(),
            Stop::Service => None,
        };
        let Some(refused) = refused else { return Next::Close };
        self.refuse(session, connection, head, &refused, may_go_on).await
    }
}

fn unknown_host(session: &Session) -> Refused {
    let title = "That address is not part of this session.";
    Refused::new(421, "unknown-host", title, format!("Your access is for {} only.", session.facts().organization.name))
}

fn unclear_path(why: &str) -> Refused {
    Refused::new(
        400,
        "unclear-path",
        format!("The address is not clear: {why}."),
        "Go back and follow the page's own links.",
    )
}

fn no_service_worker() -> Refused {
    Refused::new(
        403,
        "service-worker",
        "Service workers are not allowed in a session.",
        "The page works without it, or does not work here.",
    )
}

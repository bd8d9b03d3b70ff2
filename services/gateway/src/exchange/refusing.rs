//! What becomes of a request that is refused: a frame, an Event, and an answer.

use std::sync::Arc;
use std::time::Duration;

use recording::Captured;
use wire::event::EventKind;

use super::{Carrier, Next};
use crate::connection::{Connection, ReadError, Stream};
use crate::head::RequestHead;
use crate::life::about;
use crate::page;
use crate::refused::Refused;
use crate::session::Session;

impl Carrier {
    /// Records the refusal, writes its Event, and tells the person.
    pub async fn refuse<S: Stream>(
        &self,
        session: &Arc<Session>,
        connection: &mut Connection<S>,
        head: &RequestHead,
        refused: &Refused,
        may_go_on: bool,
    ) -> Next {
        if !self.note_refusal(session, head.method, &head.target, refused).await {
            return Next::Close;
        }
        let answered = answer_refusal(connection, head, refused, may_go_on).await;
        if may_go_on && answered.is_ok() { Next::Again } else { Next::Close }
    }

    /// One Event unless there were many, and one frame. False while the recording is behind: nothing more is put on it
    /// then, and the connection is to be closed without an answer. Once the Session is over its recording is too.
    pub async fn note_refusal(&self, session: &Session, method: &str, target: &str, refused: &Refused) -> bool {
        self.life.tell_left_out(session, false);
        if session.count_refusal() {
            let event = about(EventKind::ExchangeRefused, session.facts());
            self.life.events.later(event.fact("code", refused.code).fact("method", method));
        }
        if session.ended_by().is_some() {
            return true;
        }
        if session.tape().is_behind() {
            return false;
        }
        self.record_refusal(session, method, target, refused).await;
        true
    }

    async fn record_refusal(&self, session: &Session, method: &str, target: &str, refused: &Refused) {
        let path: String = session.sieved_target(target).chars().take(2048).collect();
        let frame = Captured::Refused {
            exchange: session.tape().exchange(),
            method: method.to_owned(),
            path,
            code: refused.code.to_owned(),
        };
        let recorded = session.tape().record([frame]);
        // A refusal shows nothing of the Organization: a slow disk may delay it, but not withhold it.
        let _ = tokio::time::timeout(Duration::from_secs(2), session.tape().durable(recorded)).await;
    }
}

/// A page for a navigation, a problem for everything else.
pub async fn answer_refusal<S: Stream>(
    connection: &mut Connection<S>,
    head: &RequestHead,
    refused: &Refused,
    keep_alive: bool,
) -> Result<(), ReadError> {
    let (kind, body) = if page::is_navigation(head) {
        ("text/html; charset=utf-8", refused.page())
    } else {
        ("application/problem+json", serde_json::to_string(&refused.problem()).unwrap_or_default())
    };
    let headers = [
        ("content-type", kind),
        ("cache-control", "no-store"),
        ("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"),
        ("x-content-type-options", "nosniff"),
    ];
    let headers = headers.map(|(n, v)| (n.to_owned(), v.as_bytes().to_vec()));
    connection.answer(refused.status, &headers, body.as_bytes(), keep_alive, head.method != "HEAD").await
}

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use domain::OrgId;
use serde_json::json;
use tokio::time::{MissedTickBehavior, interval};

use crate::admission::Admission;
use crate::router::Service;
use crate::sample::Sample;
use crate::served::Served;

const EVERY: Duration = Duration::from_secs(1);
const MAX_MESSAGE: usize = 4096;

/// What the payroll engine does, one line a second: no Relevant Data.
pub async fn feed(
    State(service): State<Arc<Service>>,
    Extension(admission): Extension<Admission>,
    upgrade: WebSocketUpgrade,
) -> Response {
    let served = Arc::clone(&service.served);
    upgrade.max_message_size(MAX_MESSAGE).on_upgrade(move |socket| push(socket, admission.organization, served))
}

async fn push(mut socket: WebSocket, organization: OrgId, served: Arc<Served>) {
    let mut sample = Sample::of(organization.as_str());
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut number: u64 = 0;
    loop {
        tokio::select! {
            _ = ticks.tick() => {
                number += 1;
                let line = json!({ "number": number, "organization": organization, "text": line(&mut sample) }).to_string();
                served.bytes(&organization, line.len());
                if socket.send(Message::text(line)).await.is_err() {
                    return;
                }
            }
            received = socket.recv() => match received {
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                Some(Ok(_)) => {}
            },
        }
    }
}

fn line(sample: &mut Sample) -> String {
    let milliseconds = sample.between(12, 240);
    let what = sample.one_of(&[
        "Payslip rendered",
        "Tax table loaded",
        "Payment file checked",
        "Queue swept",
        "Template compiled",
    ]);
    format!("{what} in {milliseconds} ms")
}

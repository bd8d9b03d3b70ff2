use serde::Deserialize;

use crate::b64;

#[derive(Deserialize)]
struct Payload {
    seen: String,
}

/// The Checkpoint that the signer of this statement had verified, as a signed note, whatever kind of statement it is. `None`
/// where it names none, and for a text that is no statement. Nothing is verified here and nothing has to be: what is
/// compared with the log is the log's own signature.
#[must_use]
pub fn seen_in(compact: &str) -> Option<String> {
    let mut parts = compact.split('.');
    let (Some(_), Some(payload), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return None;
    };
    let payload: Payload = serde_json::from_slice(&b64::decode(payload).ok()?).ok()?;
    Some(payload.seen).filter(|note| !note.is_empty())
}
